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
//! | | `news_lead` | by how much stamps of news are ahead of the log |
//! | `catalog_passages` | venue's number | [`Passage`]: where a venue stands that moves or has moved |
//!
//! All names stand under the group's namespace. Values are records with a checksum. Since one counter serves the ids of
//! all kinds, no two entities share an id, and one table of children serves them all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use marquee_ledger::record::{decode, encode};
use marquee_ledger::{AccountId, Broken, HallId, TableVisitor};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::command::Change;
use super::entity::{Hall, Performance, Venue};
use super::seat_map::SeatMap;
use super::transfer::{ChangedItem, ItemKind, ItemName, Passage, hash_of, owner_in};
use crate::tables::read_table;

type Records = &'static [u8];
type Keys = (u128, u8, &'static str);

const LAST_COUNTER: &str = "last_counter";
const LAST_VENUE: &str = "last_venue";
const NEWS_LEAD: &str = "news_lead";

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
    passages: String,
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
            passages: name("passages"),
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
        visitor.table::<&'static str, u64>(TableDefinition::new(&self.meta))?;
        visitor.table::<u32, Records>(TableDefinition::new(&self.passages))
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
    passages: Table<'t, u32, Records>,
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
            passages: state.open_table(TableDefinition::new(&names.passages))?,
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

    /// Counts on from a number that another group has reached.
    pub(super) fn raise_counter(&mut self, reached: u64) -> Result<(), Broken> {
        let last = self.meta.get(LAST_COUNTER)?.map_or(0, |last| last.value());
        self.meta.insert(LAST_COUNTER, last.max(reached))?;
        Ok(())
    }

    pub(super) fn news_lead(&self) -> Result<u64, Broken> {
        Ok(self.meta.get(NEWS_LEAD)?.map_or(0, |lead| lead.value()))
    }

    pub(super) fn put_news_lead(&mut self, lead: u64) -> Result<(), Broken> {
        self.meta.insert(NEWS_LEAD, lead)?;
        Ok(())
    }

    /// Where the venues stand that move or have moved.
    pub(super) fn passages(&self) -> Result<BTreeMap<u32, Passage>, Broken> {
        passages_in(&self.passages)
    }

    pub(super) fn put_passage(&mut self, venue: u32, passage: Passage) -> Result<(), Broken> {
        self.passages.insert(venue, encode(&passage).as_slice())?;
        Ok(())
    }

    /// An item's record, as it stands in its table.
    pub(super) fn item(&self, name: ItemName) -> Result<Option<Vec<u8>>, Broken> {
        match name.kind {
            ItemKind::Venue => self.venues.record(name.id),
            ItemKind::Hall => self.halls.record(name.id),
            ItemKind::Performance => self.performances.record(name.id),
            ItemKind::Map => {
                Ok(self.maps.get((name.id, name.version))?.map(|record| record.value().to_vec()))
            }
        }
    }

    /// Writes an item's record; without one it is gone.
    pub(super) fn put_item(&mut self, name: ItemName, record: Option<&[u8]>) -> Result<(), Broken> {
        match name.kind {
            ItemKind::Venue => self.venues.put_record(name.id, record),
            ItemKind::Hall => self.halls.put_record(name.id, record),
            ItemKind::Performance => self.performances.put_record(name.id, record),
            ItemKind::Map => {
                let key = (name.id, name.version);
                match record {
                    Some(record) => drop(self.maps.insert(key, record)?),
                    None => drop(self.maps.remove(key)?),
                }
                Ok(())
            }
        }
    }

    /// What there is of a venue.
    pub(super) fn items(&self, venue: u32) -> Result<Vec<ItemName>, Broken> {
        items_of(&self.venues.0, &self.halls.0, &self.performances.0, &self.maps, venue)
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

    fn record(&self, id: u128) -> Result<Option<Vec<u8>>, Broken> {
        Ok(self.0.get(id)?.map(|record| record.value().to_vec()))
    }

    fn put_record(&mut self, id: u128, record: Option<&[u8]>) -> Result<(), Broken> {
        match record {
            Some(record) => drop(self.0.insert(id, record)?),
            None => drop(self.0.remove(id)?),
        }
        Ok(())
    }

    pub(super) fn all<T: DeserializeOwned>(&self) -> Result<Vec<T>, Broken> {
        entities(&self.0)
    }
}

fn passages_in(table: &impl ReadableTable<u32, Records>) -> Result<BTreeMap<u32, Passage>, Broken> {
    let rows = table.range::<u32>(..)?.map(|row| {
        let (venue, record) = row?;
        Ok((venue.value(), decode(record.value())?))
    });
    rows.collect()
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

    /// What there is of a venue, each with the hash of its record; that of a seat map, which never changes, is 0.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn manifest(&self, venue: u32) -> Result<Vec<(ItemName, u128)>, Broken> {
        let tables = (
            self.table::<u128, Records>(&self.names.venues)?,
            self.table::<u128, Records>(&self.names.halls)?,
            self.table::<u128, Records>(&self.names.performances)?,
            self.table::<(u128, u32), Records>(&self.names.maps)?,
        );
        let (Some(venues), Some(halls), Some(performances), Some(maps)) = tables else {
            return Ok(Vec::new());
        };
        let mut manifest = Vec::new();
        for name in items_of(&venues, &halls, &performances, &maps, venue)? {
            let table = match name.kind {
                ItemKind::Venue => &venues,
                ItemKind::Hall => &halls,
                ItemKind::Performance => &performances,
                ItemKind::Map => {
                    manifest.push((name, 0));
                    continue;
                }
            };
            if let Some(record) = table.get(name.id)? {
                manifest.push((name, hash_of(record.value())));
            }
        }
        Ok(manifest)
    }

    /// What was written of a venue after an instant, apart from seat maps: a hall is written with each of its maps.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn changed_since(&self, venue: u32, after_ms: u64) -> Result<Vec<ChangedItem>, Broken> {
        let mut changed = Vec::new();
        for (name, hash) in self.manifest(venue)? {
            let Some(record) = self.item(name)? else { continue };
            let (label, updated_ms) = match name.kind {
                ItemKind::Map => continue,
                ItemKind::Venue => {
                    let venue: Venue = decode(&record)?;
                    (venue.facts.name, venue.stamp.updated_ms)
                }
                ItemKind::Hall => {
                    let hall: Hall = decode(&record)?;
                    (hall.name, hall.stamp.updated_ms)
                }
                ItemKind::Performance => {
                    let shown: Performance = decode(&record)?;
                    (String::new(), shown.stamp.updated_ms)
                }
            };
            if updated_ms > after_ms {
                changed.push(ChangedItem { name, hash, label, updated_ms });
            }
        }
        Ok(changed)
    }

    /// An item's record, as it stands in its table.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn item(&self, name: ItemName) -> Result<Option<Vec<u8>>, Broken> {
        let table = match name.kind {
            ItemKind::Venue => &self.names.venues,
            ItemKind::Hall => &self.names.halls,
            ItemKind::Performance => &self.names.performances,
            ItemKind::Map => {
                let Some(maps) = self.table::<(u128, u32), Records>(&self.names.maps)? else {
                    return Ok(None);
                };
                return Ok(maps.get((name.id, name.version))?.map(|record| record.value().to_vec()));
            }
        };
        let Some(table) = self.table::<u128, Records>(table)? else { return Ok(None) };
        Ok(table.get(name.id)?.map(|record| record.value().to_vec()))
    }

    /// By how much stamps of news are ahead of the log.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn news_lead(&self) -> Result<u64, Broken> {
        let Some(meta) = self.table::<&'static str, u64>(&self.names.meta)? else { return Ok(0) };
        Ok(meta.get(NEWS_LEAD)?.map_or(0, |lead| lead.value()))
    }

    /// The last number that an id of this group has.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn counter(&self) -> Result<u64, Broken> {
        let Some(meta) = self.table::<&'static str, u64>(&self.names.meta)? else { return Ok(0) };
        Ok(meta.get(LAST_COUNTER)?.map_or(0, |last| last.value()))
    }

    /// Everything but the seat maps and the venues that are not here whole, as changes that make it.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn all(&self) -> Result<Vec<Change>, Broken> {
        let away = self.away()?;
        let is_here = |owner: u32| !away.contains(&owner);
        let mut all = Vec::new();
        self.each(&self.names.venues, |venue: Venue| {
            if is_here(venue.id.owner()) {
                all.push(Change::Venue(Arc::new(venue)));
            }
        })?;
        self.each(&self.names.halls, |hall: Hall| {
            if is_here(hall.id.owner()) {
                all.push(Change::Hall(Arc::new(hall)));
            }
        })?;
        self.each(&self.names.events, |event| all.push(Change::Event(Arc::new(event))))?;
        self.each(&self.names.performances, |shown: Performance| {
            if is_here(shown.id.owner()) {
                all.push(Change::Performance(Arc::new(shown)));
            }
        })?;
        Ok(all)
    }

    /// The venues of which there may be something here, and which are another group's.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn away(&self) -> Result<BTreeSet<u32>, Broken> {
        let Some(table) = self.table::<u32, Records>(&self.names.passages)? else {
            return Ok(BTreeSet::new());
        };
        let passages = passages_in(&table)?.into_iter();
        Ok(passages.filter(|(_venue, passage)| !passage.stage.is_here()).map(|(venue, _)| venue).collect())
    }

    /// Which seat maps there are of venues that are here whole: their halls and versions.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn seat_maps(&self) -> Result<Vec<(HallId, u32)>, Broken> {
        let Some(maps) = self.table::<(u128, u32), Records>(&self.names.maps)? else { return Ok(Vec::new()) };
        let (away, mut all) = (self.away()?, Vec::new());
        for row in maps.range::<(u128, u32)>(..)? {
            let (hall, version) = row?.0.value();
            if !away.contains(&owner_in(hall)) {
                all.push((HallId(hall), version));
            }
        }
        Ok(all)
    }

    fn each<T: DeserializeOwned>(&self, name: &str, take: impl FnMut(T)) -> Result<(), Broken> {
        let Some(table) = self.table::<u128, Records>(name)? else { return Ok(()) };
        entities(&table)?.into_iter().for_each(take);
        Ok(())
    }

    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        name: &str,
    ) -> Result<Option<ReadOnlyTable<K, V>>, Broken> {
        read_table(self.state, name)
    }
}

/// What there is of a venue. Looks at the keys of all entities: they name their venue, but do not stand by it.
fn items_of(
    venues: &impl ReadableTable<u128, Records>,
    halls: &impl ReadableTable<u128, Records>,
    performances: &impl ReadableTable<u128, Records>,
    maps: &impl ReadableTable<(u128, u32), Records>,
    venue: u32,
) -> Result<Vec<ItemName>, Broken> {
    let mut names = Vec::new();
    of_venue(venues, ItemKind::Venue, venue, &mut names)?;
    of_venue(halls, ItemKind::Hall, venue, &mut names)?;
    for hall in names.clone().iter().filter(|name| name.kind == ItemKind::Hall) {
        for row in maps.range((hall.id, 0)..=(hall.id, u32::MAX))? {
            let (id, version) = row?.0.value();
            names.push(ItemName { kind: ItemKind::Map, id, version });
        }
    }
    of_venue(performances, ItemKind::Performance, venue, &mut names)?;
    Ok(names)
}

fn of_venue(
    table: &impl ReadableTable<u128, Records>,
    kind: ItemKind,
    venue: u32,
    names: &mut Vec<ItemName>,
) -> Result<(), Broken> {
    for row in table.range::<u128>(..)? {
        let id = row?.0.value();
        if owner_in(id) == venue {
            names.push(ItemName { kind, id, version: 0 });
        }
    }
    Ok(())
}
