//! The directory's tables.
//!
//! | table | key | value |
//! |---|---|---|
//! | `directory_nodes` | node | [`NodeRecord`] |
//! | `directory_groups` | group | [`GroupRecord`] |
//! | `directory_placements` | venue's number | [`Placement`] |
//! | `directory_tokens` | hash of the secret | [`Token`] |
//! | `directory_meta` | `last_node`, `last_venue` | the last number given |
//! | `directory_shards` | 0 | [`ShardMap`] |
//!
//! All names stand under the group's namespace. Values are records with a checksum.

use std::sync::Arc;

use marquee_ledger::Broken;
use marquee_ledger::record::{decode, encode};
use marquee_replication::{GroupId, NodeId};
use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, TableError, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::command::Change;
use super::entity::{GroupRecord, NodeRecord, Placement, ShardMap, Token, TokenHash};

type Records = &'static [u8];

const LAST_NODE: &str = "last_node";
const LAST_VENUE: &str = "last_venue";

/// The names of the tables of one group.
#[derive(Debug, Clone)]
pub(super) struct Names {
    nodes: String,
    groups: String,
    placements: String,
    tokens: String,
    meta: String,
    shards: String,
}

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        let name = |table: &str| format!("{namespace}/directory_{table}");
        Self {
            nodes: name("nodes"),
            groups: name("groups"),
            placements: name("placements"),
            tokens: name("tokens"),
            meta: name("meta"),
            shards: name("shards"),
        }
    }

    fn numbered(name: &str) -> TableDefinition<'_, u64, Records> {
        TableDefinition::new(name)
    }

    /// Every table, for who copies them whole.
    pub(super) fn numbered_tables(&self) -> [TableDefinition<'_, u64, Records>; 4] {
        [&self.nodes, &self.groups, &self.placements, &self.shards].map(|name| Self::numbered(name))
    }

    pub(super) fn tokens(&self) -> TableDefinition<'_, &'static [u8; 32], Records> {
        TableDefinition::new(&self.tokens)
    }

    pub(super) fn meta(&self) -> TableDefinition<'_, &'static str, u64> {
        TableDefinition::new(&self.meta)
    }
}

/// The tables, open for writing.
pub(super) struct Tables<'t> {
    pub(super) nodes: Numbered<'t>,
    pub(super) groups: Numbered<'t>,
    pub(super) placements: Numbered<'t>,
    shards: Numbered<'t>,
    tokens: Table<'t, &'static [u8; 32], Records>,
    meta: Table<'t, &'static str, u64>,
}

impl<'t> Tables<'t> {
    /// Opens the tables and creates those that are missing.
    pub(super) fn open(state: &'t WriteTransaction, names: &Names) -> Result<Self, Broken> {
        let numbered = |name| Ok::<_, Broken>(Numbered(state.open_table(Names::numbered(name))?));
        Ok(Self {
            nodes: numbered(&names.nodes)?,
            groups: numbered(&names.groups)?,
            placements: numbered(&names.placements)?,
            shards: numbered(&names.shards)?,
            tokens: state.open_table(names.tokens())?,
            meta: state.open_table(names.meta())?,
        })
    }

    pub(super) fn next_node(&mut self) -> Result<NodeId, Broken> {
        Ok(NodeId(self.next(LAST_NODE)?))
    }

    pub(super) fn next_venue(&mut self) -> Result<u32, Broken> {
        // Numbers have 32 bits: there is no room on earth for that many venues.
        Ok(self.next(LAST_VENUE)? as u32)
    }

    fn next(&mut self, name: &'static str) -> Result<u64, Broken> {
        let last = self.meta.get(name)?.map_or(0, |last| last.value());
        self.meta.insert(name, last + 1)?;
        Ok(last + 1)
    }

    pub(super) fn token(&self, hash: &TokenHash) -> Result<Option<Token>, Broken> {
        self.tokens.get(hash)?.map(|record| decode(record.value())).transpose()
    }

    pub(super) fn put_token(&mut self, hash: &TokenHash, token: &Token) -> Result<(), Broken> {
        self.tokens.insert(hash, encode(token).as_slice())?;
        Ok(())
    }

    /// Forgets tokens that expired before an instant.
    pub(super) fn forget_tokens(&mut self, before_ms: u64) -> Result<(), Broken> {
        let mut broken = None;
        self.tokens.retain(|_hash, record| match decode::<Token>(record) {
            Ok(token) => token.expires_ms >= before_ms,
            Err(error) => {
                broken = Some(error);
                true
            }
        })?;
        broken.map_or(Ok(()), Err)
    }

    pub(super) fn shards(&self) -> Result<ShardMap, Broken> {
        Ok(self.shards.get(0)?.unwrap_or_default())
    }

    pub(super) fn put_shards(&mut self, shards: &ShardMap) -> Result<(), Broken> {
        self.shards.put(0, shards)
    }
}

/// A table of records by number.
pub(super) struct Numbered<'t>(Table<'t, u64, Records>);

impl Numbered<'_> {
    pub(super) fn get<T: DeserializeOwned>(&self, id: u64) -> Result<Option<T>, Broken> {
        self.0.get(id)?.map(|record| decode(record.value())).transpose()
    }

    pub(super) fn put<T: Serialize>(&mut self, id: u64, record: &T) -> Result<(), Broken> {
        self.0.insert(id, encode(record).as_slice())?;
        Ok(())
    }

    pub(super) fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Broken> {
        records(&self.0)
    }
}

fn records<T: DeserializeOwned>(table: &impl ReadableTable<u64, Records>) -> Result<Vec<T>, Broken> {
    let mut records = Vec::new();
    for row in table.range::<u64>(..)? {
        records.push(decode(row?.1.value())?);
    }
    Ok(records)
}

/// The directory as of one commit.
pub struct Snapshot<'t> {
    state: &'t ReadTransaction,
    names: Names,
}

impl<'t> Snapshot<'t> {
    /// The directory of the group that has this namespace.
    #[must_use]
    pub fn new(state: &'t ReadTransaction, namespace: &str) -> Self {
        Self { state, names: Names::new(namespace) }
    }

    /// A node.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn node(&self, id: NodeId) -> Result<Option<NodeRecord>, Broken> {
        self.get(&self.names.nodes, id.0)
    }

    /// A group.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn group(&self, id: GroupId) -> Result<Option<GroupRecord>, Broken> {
        self.get(&self.names.groups, id.0)
    }

    /// Everything, as changes that make it.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn all(&self) -> Result<Vec<Change>, Broken> {
        let mut all = Vec::new();
        self.each(&self.names.nodes, |node| all.push(Change::Node(Arc::new(node))))?;
        self.each(&self.names.groups, |group| all.push(Change::Group(Arc::new(group))))?;
        self.each(&self.names.placements, |placement| all.push(Change::Placement(placement)))?;
        self.each(&self.names.shards, |shards| all.push(Change::Shards(Arc::new(shards))))?;
        Ok(all)
    }

    fn each<T: DeserializeOwned>(&self, table: &str, take: impl FnMut(T)) -> Result<(), Broken> {
        match self.state.open_table(Names::numbered(table)) {
            Ok(table) => records(&table)?.into_iter().for_each(take),
            Err(TableError::TableDoesNotExist(_)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Where a venue is.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn placement(&self, venue: u32) -> Result<Option<Placement>, Broken> {
        self.get(&self.names.placements, u64::from(venue))
    }

    // A table that does not exist yet is an empty one: the group has not been opened for the first time.
    fn get<T: DeserializeOwned>(&self, table: &str, id: u64) -> Result<Option<T>, Broken> {
        match self.state.open_table(Names::numbered(table)) {
            Ok(table) => table.get(id)?.map(|record| decode(record.value())).transpose(),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
