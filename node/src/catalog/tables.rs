//! The catalog's tables.
//!
//! | table | key | value |
//! |---|---|---|
//! | `catalog_venues` | venue id | [`Venue`](super::Venue) |
//! | `catalog_halls` | hall id | [`Hall`](super::Hall) |
//! | `catalog_maps` | hall id, version | [`SeatMap`] |
//! | `catalog_events` | event id | [`Event`](super::Event) |
//! | `catalog_performances` | performance id | [`Performance`](super::Performance) |
//! | `catalog_children` | id, id | – : a venue's halls; a hall's and an event's performances |
//! | `catalog_keys` | owner's account id, kind of entity, key | id |
//! | `catalog_meta` | `last_counter`, `last_venue` | the last one given |
//!
//! All names stand under the group's namespace. Values are records with a checksum. Since one counter serves the ids of
//! all kinds, no two entities share an id, and one table of children serves them all.

use std::sync::Arc;

use marquee_ledger::record::{decode, encode};
use marquee_ledger::{AccountId, Broken, HallId, TableVisitor};
use redb::{
    ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, TableError, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::command::Change;
use super::seat_map::SeatMap;

type Records = &'static [u8];
type Keys = (u128, u8, &'static str);

const LAST_COUNTER: &str = "last_counter";
const LAST_VENUE: &str = "last_venue";

/// A kind of entity that an owner can give a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum EntityKind {
    /// Venues.
    Venue = 1,
    /// Halls.
    Hall = 2,
    /// Events.
    Event = 3,
    /// Performances.
    Performance = 4,
}

/// The names of the tables of one group.
#[derive(Debug, Clone)]
pub(super) struct Names {
    venues: String,
    halls: String,
    maps: String,
    events: String,
    performances: String,
    children: String,
    keys: String,
    meta: String,
}

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        let name = |table: &str| format!("{namespace}/catalog_{table}");
        Self {
            venues: name("venues"),
            halls: name("halls"),
            maps: name("maps"),
            events: name("events"),
            performances: name("performances"),
            children: name("children"),
            keys: name("keys"),
            meta: name("meta"),
        }
    }
}

impl Names {
    /// Shows all tables.
    pub(super) fn visit<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        visitor.table::<u128, Records>(TableDefinition::new(&self.venues))?;
        visitor.table::<u128, Records>(TableDefinition::new(&self.halls))?;
        visitor.table::<u128, Records>(TableDefinition::new(&self.events))?;
        visitor.table::<u128, Records>(TableDefinition::new(&self.performances))?;
        visitor.table::<(u128, u32), Records>(TableDefinition::new(&self.maps))?;
        visitor.table::<(u128, u128), ()>(TableDefinition::new(&self.children))?;
        visitor.table::<Keys, u128>(TableDefinition::new(&self.keys))?;
        visitor.table::<&'static str, u64>(TableDefinition::new(&self.meta))
    }
}

/// The tables, open for writing.
pub(super) struct Tables<'t> {
    pub(super) venues: Entities<'t>,
    pub(super) halls: Entities<'t>,
    pub(super) events: Entities<'t>,
    pub(super) performances: Entities<'t>,
    maps: Table<'t, (u128, u32), Records>,
    children: Table<'t, (u128, u128), ()>,
    keys: Table<'t, Keys, u128>,
    meta: Table<'t, &'static str, u64>,
}

impl<'t> Tables<'t> {
    /// Opens the tables and creates those that are missing.
    pub(super) fn open(state: &'t WriteTransaction, names: &Names) -> Result<Self, Broken> {
        Ok(Self {
            venues: Entities(state.open_table(TableDefinition::new(&names.venues))?),
            halls: Entities(state.open_table(TableDefinition::new(&names.halls))?),
            events: Entities(state.open_table(TableDefinition::new(&names.events))?),
            performances: Entities(state.open_table(TableDefinition::new(&names.performances))?),
            maps: state.open_table(TableDefinition::new(&names.maps))?,
            children: state.open_table(TableDefinition::new(&names.children))?,
            keys: state.open_table(TableDefinition::new(&names.keys))?,
            meta: state.open_table(TableDefinition::new(&names.meta))?,
        })
    }

    /// The next number of an id.
    pub(super) fn next_counter(&mut self) -> Result<u64, Broken> {
        self.next(LAST_COUNTER)
    }

    /// The next venue's number.
    pub(super) fn next_venue(&mut self) -> Result<u32, Broken> {
        // Numbers have 32 bits: there is no room on earth for that many venues.
        Ok(self.next(LAST_VENUE)? as u32)
    }

    fn next(&mut self, name: &'static str) -> Result<u64, Broken> {
        let last = self.meta.get(name)?.map_or(0, |last| last.value());
        self.meta.insert(name, last + 1)?;
        Ok(last + 1)
    }

    pub(super) fn put_map(&mut self, hall: HallId, version: u32, map: &SeatMap) -> Result<(), Broken> {
        self.maps.insert((hall.0, version), encode(map).as_slice())?;
        Ok(())
    }

    pub(super) fn remove_maps(&mut self, hall: HallId) -> Result<(), Broken> {
        self.maps.retain_in((hall.0, 0)..=(hall.0, u32::MAX), |_version, _map| false)?;
        Ok(())
    }

    pub(super) fn link(&mut self, parent: u128, child: u128) -> Result<(), Broken> {
        self.children.insert((parent, child), ())?;
        Ok(())
    }

    pub(super) fn unlink(&mut self, parent: u128, child: u128) -> Result<(), Broken> {
        self.children.remove((parent, child))?;
        Ok(())
    }

    pub(super) fn has_children(&self, parent: u128) -> Result<bool, Broken> {
        Ok(self.children.range((parent, 0)..=(parent, u128::MAX))?.next().transpose()?.is_some())
    }

    pub(super) fn children(&self, parent: u128) -> Result<Vec<u128>, Broken> {
        let mut children = Vec::new();
        for row in self.children.range((parent, 0)..=(parent, u128::MAX))? {
            children.push(row?.0.value().1);
        }
        Ok(children)
    }

    pub(super) fn keyed(
        &self,
        owner: AccountId,
        kind: EntityKind,
        key: &str,
    ) -> Result<Option<u128>, Broken> {
        Ok(self.keys.get((owner.0, kind as u8, key))?.map(|id| id.value()))
    }

    pub(super) fn put_key(
        &mut self,
        owner: AccountId,
        kind: EntityKind,
        key: Option<&str>,
        id: u128,
    ) -> Result<(), Broken> {
        if let Some(key) = key {
            self.keys.insert((owner.0, kind as u8, key), id)?;
        }
        Ok(())
    }

    pub(super) fn remove_key(
        &mut self,
        owner: AccountId,
        kind: EntityKind,
        key: Option<&str>,
    ) -> Result<(), Broken> {
        if let Some(key) = key {
            self.keys.remove((owner.0, kind as u8, key))?;
        }
        Ok(())
    }
}

/// A table of entities by id.
pub(super) struct Entities<'t>(Table<'t, u128, Records>);

impl Entities<'_> {
    pub(super) fn get<T: DeserializeOwned>(&self, id: u128) -> Result<Option<T>, Broken> {
        self.0.get(id)?.map(|record| decode(record.value())).transpose()
    }

    pub(super) fn put<T: Serialize>(&mut self, id: u128, entity: &T) -> Result<(), Broken> {
        self.0.insert(id, encode(entity).as_slice())?;
        Ok(())
    }

    pub(super) fn remove(&mut self, id: u128) -> Result<(), Broken> {
        self.0.remove(id)?;
        Ok(())
    }

    pub(super) fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Broken> {
        entities(&self.0)
    }
}

fn entities<T: DeserializeOwned>(table: &impl ReadableTable<u128, Records>) -> Result<Vec<T>, Broken> {
    let mut entities = Vec::new();
    for row in table.range::<u128>(..)? {
        entities.push(decode(row?.1.value())?);
    }
    Ok(entities)
}

/// The tables as of one commit, for what the copy in memory does not have.
pub struct Snapshot<'t> {
    state: &'t ReadTransaction,
    names: Names,
}

impl<'t> Snapshot<'t> {
    /// The catalog of the group that has this namespace.
    #[must_use]
    pub fn new(state: &'t ReadTransaction, namespace: &str) -> Self {
        Self { state, names: Names::new(namespace) }
    }

    /// A version of a hall's seat map.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn seat_map(&self, hall: HallId, version: u32) -> Result<Option<SeatMap>, Broken> {
        let Some(maps) = self.table::<(u128, u32), Records>(&self.names.maps)? else { return Ok(None) };
        maps.get((hall.0, version))?.map(|record| decode(record.value())).transpose()
    }

    /// Everything but the seat maps, as changes that make it.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn all(&self) -> Result<Vec<Change>, Broken> {
        let mut all = Vec::new();
        self.each(&self.names.venues, |venue| all.push(Change::Venue(Arc::new(venue))))?;
        self.each(&self.names.halls, |hall| all.push(Change::Hall(Arc::new(hall))))?;
        self.each(&self.names.events, |event| all.push(Change::Event(Arc::new(event))))?;
        self.each(&self.names.performances, |shown| all.push(Change::Performance(Arc::new(shown))))?;
        Ok(all)
    }

    /// Which seat maps there are: their halls and versions.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn seat_maps(&self) -> Result<Vec<(HallId, u32)>, Broken> {
        let Some(maps) = self.table::<(u128, u32), Records>(&self.names.maps)? else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        for row in maps.range::<(u128, u32)>(..)? {
            let (hall, version) = row?.0.value();
            all.push((HallId(hall), version));
        }
        Ok(all)
    }

    fn each<T: DeserializeOwned>(&self, name: &str, take: impl FnMut(T)) -> Result<(), Broken> {
        let Some(table) = self.table::<u128, Records>(name)? else { return Ok(()) };
        entities(&table)?.into_iter().for_each(take);
        Ok(())
    }

    // A table that does not exist yet is an empty one: the group has not been opened for the first time.
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        name: &str,
    ) -> Result<Option<ReadOnlyTable<K, V>>, Broken> {
        match self.state.open_table(TableDefinition::<K, V>::new(name)) {
            Ok(table) => Ok(Some(table)),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
