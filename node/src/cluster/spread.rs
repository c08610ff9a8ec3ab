//! What every node knows: the catalog and the directory in memory, filled by this node's own groups and by the feed.
//!
//! The same object may come both ways, and in any order. Each carries its version, and only what is higher is taken: so a
//! replica that lags behind does not bring back what the feed has overtaken. A group's own commits are taken in before
//! they are answered, so that whoever was answered reads what they wrote.
//!
//! The feed hears of every commit, and once after each opening of a replica of all that its state has: only then does it
//! know that what it was told is complete.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use marquee_ledger::{EventId, HallId, PerformanceId, VenueId};
use marquee_replication::GroupId;
use marquee_replication::feed::{
    Feed, FeedKey, FeedObject, FeedSink, FeedState, FeedVersion, FleetingObject,
};
use parking_lot::{Mutex, RwLock};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::accounts::{Revocations, SessionId};
use crate::catalog::{self, CatalogCopy, SeatMap};
use crate::directory::{self, Views};
use crate::machine::{Opened, Public, Publisher};
use crate::reviews::Summary;

/// The kinds of the feed's objects. Numbers stay for ever.
mod kind {
    pub(super) const VENUE: u8 = 1;
    pub(super) const HALL: u8 = 2;
    pub(super) const SEAT_MAP: u8 = 3;
    pub(super) const EVENT: u8 = 4;
    pub(super) const PERFORMANCE: u8 = 5;
    pub(super) const RATING: u8 = 6;
    pub(super) const NODE: u8 = 20;
    pub(super) const GROUP: u8 = 21;
    pub(super) const PLACEMENT: u8 = 22;
    pub(super) const SHARDS: u8 = 23;
    pub(super) const AVAILABILITY: u8 = 40;
    pub(super) const SESSION: u8 = 50;
}

/// How many places of a performance are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Free {
    /// Free places.
    pub free: u32,
    /// All places.
    pub capacity: u32,
    /// Whether the performance takes place.
    pub is_scheduled: bool,
}

/// See the module.
pub struct Spread {
    copy: Arc<CatalogCopy>,
    views: Arc<Views>,
    revocations: Arc<Revocations>,
    taken: Mutex<BTreeMap<FeedKey, Taken>>,
    free: RwLock<BTreeMap<PerformanceId, Free>>,
    feed: OnceLock<Feed>,
    /// Which groups this node is home of: their commits are broadcast.
    homes: RwLock<BTreeMap<GroupId, bool>>,
    changed: watch::Sender<u64>,
    openings: watch::Sender<BTreeMap<GroupId, Opening>>,
    now_ms: Arc<dyn Fn() -> u64 + Send + Sync>,
}

/// All that a replica's state has of what every node may know.
pub struct Told<'s> {
    /// The stamp of its last entry.
    pub stamp: u64,
    /// Everything but the seat maps.
    pub all: &'s [Public],
    /// Which seat maps there are.
    pub seat_maps: Vec<(HallId, u32)>,
    /// The venues of which there may be something here, and which are another group's.
    pub away: BTreeSet<u32>,
}

/// That a group's state was opened here, or replaced by another replica's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// How many times.
    pub count: u64,
    /// The last entry of the state.
    pub index: u64,
}

#[derive(Clone, Copy)]
struct Taken {
    version: FeedVersion,
    group: GroupId,
    is_gone: bool,
}

impl Spread {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(
        copy: Arc<CatalogCopy>,
        views: Arc<Views>,
        revocations: Arc<Revocations>,
        now_ms: Arc<dyn Fn() -> u64 + Send + Sync>,
    ) -> Arc<Self> {
        Arc::new(Self {
            copy,
            views,
            revocations,
            taken: Mutex::default(),
            free: RwLock::default(),
            feed: OnceLock::new(),
            homes: RwLock::default(),
            changed: watch::Sender::new(0),
            openings: watch::Sender::default(),
            now_ms,
        })
    }

    /// Connects to the feed. Once; a lone node has none.
    pub fn connect(self: &Arc<Self>, feed: Feed) {
        feed.subscribe(Arc::clone(self) as Arc<dyn FeedSink>);
        // A second feed would be a mistake of who composes the node, and harmless.
        let _ = self.feed.set(feed);
    }

    /// The feed, if there is one.
    #[must_use]
    pub fn feed(&self) -> Option<&Feed> {
        self.feed.get()
    }

    /// Says whether this node is home of a group.
    pub fn set_home(&self, group: GroupId, is_home: bool) {
        self.homes.write().insert(group, is_home);
        if let Some(feed) = self.feed.get() {
            feed.set_home(group, is_home);
        }
    }

    /// Hears of everything that is taken in.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// A version of a hall's seat map, if the feed has it.
    #[must_use]
    pub fn seat_map(&self, hall: HallId, version: u32) -> Option<SeatMap> {
        let object = self.feed.get()?.object(&map_key(hall, version))?;
        decode(object.body.as_ref()?)
    }

    /// Hears of every opening of a replica on this node.
    #[must_use]
    pub fn openings(&self) -> watch::Receiver<BTreeMap<GroupId, Opening>> {
        self.openings.subscribe()
    }

    /// Tells the feed all that a replica's state has as of an entry's stamp. Seat maps never change: those that the feed has are
    /// not read.
    ///
    /// # Errors
    /// What reading a seat map says.
    pub fn publish_all<E>(
        &self,
        group: GroupId,
        told: Told<'_>,
        read_map: impl Fn(HallId, u32) -> Result<Option<SeatMap>, E>,
    ) -> Result<(), E> {
        let Some(feed) = self.feed.get() else { return Ok(()) };
        let Told { stamp, all, seat_maps, away } = told;
        let head = version(stamp);
        let object = |key, body| FeedObject { key, group, version: head, body: Some(body) };
        let objects = all.iter().filter_map(|change| Some(object(key_of(change)?, body_of(change)?)));
        let mut state = FeedState { head, objects: objects.collect(), kept: Vec::new() };
        // What this node knows of a venue that left as this group's is not gone: its new group's news are on their way.
        let ours: Vec<FeedKey> = {
            let taken = self.taken.lock();
            let ours = taken.iter().filter(|(key, taken)| taken.group == group && is_of(key, &away));
            ours.map(|(key, _taken)| key.clone()).collect()
        };
        state.kept.extend(ours.into_iter().filter(|key| {
            feed.object(key).is_some_and(|object| object.group == group && object.body.is_some())
        }));
        for (hall, version) in seat_maps {
            let key = map_key(hall, version);
            if feed.object(&key).is_some_and(|object| object.body.is_some()) {
                state.kept.push(key);
            } else if let Some(map) = read_map(hall, version)? {
                state.objects.push(object(key, encode(&map)));
            }
        }
        feed.replace_all(group, state, self.is_home(group));
        Ok(())
    }

    /// What is free of a performance, as its home told last.
    #[must_use]
    pub fn free(&self, performance: PerformanceId) -> Option<Free> {
        self.free.read().get(&performance).copied()
    }

    /// Tells all nodes what is free of a performance; `term` and `seq` say how current that is.
    pub fn tell_free(&self, group: GroupId, performance: PerformanceId, term: u64, seq: u64, free: Free) {
        self.free.write().insert(performance, free);
        if let Some(feed) = self.feed.get() {
            let key = key(kind::AVAILABILITY, performance.0);
            feed.publish_fleeting(group, key, (term, seq), encode(&free));
        }
    }

    fn is_home(&self, group: GroupId) -> bool {
        self.homes.read().get(&group).copied().unwrap_or(false)
    }

    /// Takes objects in that are higher than what is known; tells which those are.
    fn take_higher(&self, group: GroupId, changes: Vec<(FeedKey, FeedVersion, Public)>, or_equal: bool) {
        let mut directory = Vec::new();
        let mut catalog = Vec::new();
        {
            let mut taken = self.taken.lock();
            for (key, version, change) in changes {
                let known = taken.get(&key).map(|known| known.version);
                if known.is_some_and(|known| known > version || (known == version && !or_equal)) {
                    continue;
                }
                taken.insert(key, Taken { version, group, is_gone: is_gone(&change) });
                match change {
                    Public::Catalog(change) => catalog.push(change),
                    Public::Directory(change) => directory.push(change),
                    Public::SessionEnded { .. } => {}
                }
            }
            // Published under the lock, so that what is higher is published last.
            self.copy.publish(catalog.into_iter().filter(|change| {
                !matches!(change, catalog::Change::SeatMap(..) | catalog::Change::SeatMapGone(..))
            }));
            self.views.take(&directory);
        }
        self.changed.send_modify(|generation| *generation += 1);
    }
}

impl Publisher for Spread {
    fn opened(&self, group: GroupId, opened: Opened) {
        let Opened { index, stamp, all, away } = opened;
        let versioned = |change: Public| Some((key_of(&change)?, version(stamp), change));
        let mut changes: Vec<_> = all.into_iter().filter_map(versioned).collect();
        // What the group had and has no more was removed while this node did not look.
        let gone: Vec<FeedKey> = {
            let here: BTreeSet<_> = changes.iter().map(|(key, ..)| key.clone()).collect();
            let taken = self.taken.lock();
            let ours = taken.iter().filter(|(_, taken)| taken.group == group && !taken.is_gone);
            let gone = ours.filter(|(key, taken)| {
                key.kind != kind::SEAT_MAP
                    && taken.version < version(stamp)
                    && !here.contains(*key)
                    // Another group tells of what left, by stamps that may be lower than what this one has by then.
                    && !is_of(key, &away)
            });
            gone.map(|(key, _)| key.clone()).collect()
        };
        changes.extend(gone.into_iter().filter_map(|key| {
            let change = read(&key, None)?;
            Some((key, version(stamp), change))
        }));
        self.take_higher(group, changes, true);
        if let Some(feed) = self.feed.get() {
            feed.reopen(group);
        }
        self.openings.send_modify(|openings| {
            let count = openings.get(&group).map_or(0, |opening| opening.count) + 1;
            openings.insert(group, Opening { count, index });
        });
    }

    fn committed(&self, group: GroupId, changes: Vec<(u64, Public)>) {
        let head = version(changes.last().map_or(0, |(index, _)| *index));
        for (_, change) in &changes {
            if let Public::SessionEnded { session, until_ms } = change
                && let Some(feed) = self.feed.get()
                && self.is_home(group)
            {
                feed.publish_fleeting(group, key(kind::SESSION, session.0), (*until_ms, 0), encode(until_ms));
            }
        }
        let versioned = |(index, change): (u64, Public)| Some((key_of(&change)?, version(index), change));
        let changes = last_of_each(changes.into_iter().filter_map(versioned).collect());
        if changes.is_empty() {
            return;
        }
        self.publish(group, head, &changes);
        self.take_higher(group, changes, false);
    }
}

impl Spread {
    fn publish(&self, group: GroupId, head: FeedVersion, changes: &[(FeedKey, FeedVersion, Public)]) {
        let Some(feed) = self.feed.get() else { return };
        let object = |(key, version, change): &(FeedKey, FeedVersion, Public)| FeedObject {
            key: key.clone(),
            group,
            version: *version,
            body: body_of(change),
        };
        feed.publish(group, head, changes.iter().map(object).collect(), self.is_home(group));
    }
}

impl FeedSink for Spread {
    fn take(&self, objects: &[FeedObject]) {
        let mut by_group: BTreeMap<GroupId, Vec<_>> = BTreeMap::new();
        for object in objects {
            match read(&object.key, object.body.as_ref()) {
                Some(change) => {
                    let changes = by_group.entry(object.group).or_default();
                    changes.push((object.key.clone(), object.version, change));
                }
                None => tracing::debug!(key = ?object.key, "an object of the feed cannot be read"),
            }
        }
        for (group, changes) in by_group {
            self.take_higher(group, changes, false);
        }
    }

    fn take_fleeting(&self, objects: &[FleetingObject]) {
        for FleetingObject { key, body, .. } in objects {
            match (key.kind, id(key)) {
                (kind::AVAILABILITY, Some(performance)) => {
                    if let Some(free) = decode(body) {
                        self.free.write().insert(PerformanceId(performance), free);
                    }
                }
                (kind::SESSION, Some(session)) => {
                    if let Some(until_ms) = decode(body) {
                        self.revocations.add(SessionId(session), until_ms, (self.now_ms)());
                    }
                }
                _ => {}
            }
        }
    }
}

/// The last change of each object, in their order. Several commands of one entry may change the same object, and all of an
/// entry's changes have its version.
fn last_of_each(mut changes: Vec<(FeedKey, FeedVersion, Public)>) -> Vec<(FeedKey, FeedVersion, Public)> {
    let mut seen = BTreeSet::new();
    changes.reverse();
    changes.retain(|(key, ..)| seen.insert(key.clone()));
    changes.reverse();
    changes
}

fn version(index: u64) -> FeedVersion {
    FeedVersion { epoch: 0, index }
}

/// Whether an object is one of a venue's, of these venues.
fn is_of(key: &FeedKey, venues: &BTreeSet<u32>) -> bool {
    let is_venues = matches!(key.kind, kind::VENUE | kind::HALL | kind::SEAT_MAP | kind::PERFORMANCE);
    let id = key.id.get(..16).and_then(|id| id.try_into().ok()).map(u128::from_be_bytes);
    is_venues && id.is_some_and(|id| venues.contains(&PerformanceId(id).owner()))
}

fn key(kind: u8, id: u128) -> FeedKey {
    FeedKey { kind, id: Bytes::copy_from_slice(&id.to_be_bytes()) }
}

fn map_key(hall: HallId, version: u32) -> FeedKey {
    let mut id = hall.0.to_be_bytes().to_vec();
    id.extend_from_slice(&version.to_be_bytes());
    FeedKey { kind: kind::SEAT_MAP, id: id.into() }
}

fn id(key: &FeedKey) -> Option<u128> {
    Some(u128::from_be_bytes(key.id.as_ref().try_into().ok()?))
}

fn key_of(change: &Public) -> Option<FeedKey> {
    use catalog::Change as Of;
    Some(match change {
        Public::Catalog(change) => match change {
            Of::Venue(venue) => key(kind::VENUE, venue.id.0),
            Of::VenueGone(id) => key(kind::VENUE, id.0),
            Of::Hall(hall) => key(kind::HALL, hall.id.0),
            Of::HallGone(id) => key(kind::HALL, id.0),
            Of::SeatMap(hall, version, _) | Of::SeatMapGone(hall, version) => map_key(*hall, *version),
            Of::Event(event) => key(kind::EVENT, event.id.0),
            Of::EventGone(id) => key(kind::EVENT, id.0),
            Of::Performance(performance) => key(kind::PERFORMANCE, performance.id.0),
            Of::PerformanceGone(id) => key(kind::PERFORMANCE, id.0),
            Of::Rating(event, _) => key(kind::RATING, event.0),
        },
        Public::Directory(change) => match change {
            directory::Change::Node(node) => key(kind::NODE, u128::from(node.id.0)),
            directory::Change::Group(group) => key(kind::GROUP, u128::from(group.id.0)),
            directory::Change::Placement(placement) => key(kind::PLACEMENT, u128::from(placement.venue)),
            directory::Change::Shards(_) => key(kind::SHARDS, 0),
        },
        Public::SessionEnded { .. } => return None,
    })
}

fn is_gone(change: &Public) -> bool {
    use catalog::Change as Of;
    match change {
        Public::Catalog(change) => match change {
            Of::VenueGone(_)
            | Of::HallGone(_)
            | Of::SeatMapGone(..)
            | Of::EventGone(_)
            | Of::PerformanceGone(_) => true,
            Of::Venue(_)
            | Of::Hall(_)
            | Of::SeatMap(..)
            | Of::Event(_)
            | Of::Performance(_)
            | Of::Rating(..) => false,
        },
        Public::Directory(_) | Public::SessionEnded { .. } => false,
    }
}

fn body_of(change: &Public) -> Option<Bytes> {
    use catalog::Change as Of;
    match change {
        Public::Catalog(change) => match change {
            Of::Venue(venue) => Some(encode(&**venue)),
            Of::Hall(hall) => Some(encode(&**hall)),
            Of::SeatMap(_, _, map) => Some(encode(&**map)),
            Of::Event(event) => Some(encode(&**event)),
            Of::Performance(performance) => Some(encode(&**performance)),
            Of::Rating(_, summary) => Some(encode(summary)),
            Of::VenueGone(_)
            | Of::HallGone(_)
            | Of::SeatMapGone(..)
            | Of::EventGone(_)
            | Of::PerformanceGone(_) => None,
        },
        Public::Directory(change) => Some(match change {
            directory::Change::Node(node) => encode(&**node),
            directory::Change::Group(group) => encode(&**group),
            directory::Change::Placement(placement) => encode(placement),
            directory::Change::Shards(shards) => encode(&**shards),
        }),
        Public::SessionEnded { .. } => None,
    }
}

/// The change that an object of the feed is; none if it cannot be read, or is of a kind that this version does not know.
fn read(key: &FeedKey, body: Option<&Bytes>) -> Option<Public> {
    use catalog::Change as Of;
    let catalog = |change| Some(Public::Catalog(change));
    let directory = |change| Some(Public::Directory(change));
    match (key.kind, body) {
        (kind::VENUE, Some(body)) => catalog(Of::Venue(Arc::new(decode(body)?))),
        (kind::VENUE, None) => catalog(Of::VenueGone(VenueId(id(key)?))),
        (kind::HALL, Some(body)) => catalog(Of::Hall(Arc::new(decode(body)?))),
        (kind::HALL, None) => catalog(Of::HallGone(HallId(id(key)?))),
        // Seat maps stay in the feed's store until somebody looks at them: they are not decoded here.
        (kind::SEAT_MAP, _) => {
            let (hall, version) = key.id.split_at_checked(16)?;
            let hall = HallId(u128::from_be_bytes(hall.try_into().ok()?));
            catalog(Of::SeatMapGone(hall, u32::from_be_bytes(version.try_into().ok()?)))
        }
        (kind::EVENT, Some(body)) => catalog(Of::Event(Arc::new(decode(body)?))),
        (kind::EVENT, None) => catalog(Of::EventGone(EventId(id(key)?))),
        (kind::PERFORMANCE, Some(body)) => catalog(Of::Performance(Arc::new(decode(body)?))),
        (kind::PERFORMANCE, None) => catalog(Of::PerformanceGone(PerformanceId(id(key)?))),
        (kind::RATING, Some(body)) => catalog(Of::Rating(EventId(id(key)?), decode(body)?)),
        (kind::RATING, None) => catalog(Of::Rating(EventId(id(key)?), Summary::default())),
        (kind::NODE, Some(body)) => directory(directory::Change::Node(Arc::new(decode(body)?))),
        (kind::GROUP, Some(body)) => directory(directory::Change::Group(Arc::new(decode(body)?))),
        (kind::PLACEMENT, Some(body)) => directory(directory::Change::Placement(decode(body)?)),
        (kind::SHARDS, Some(body)) => directory(directory::Change::Shards(Arc::new(decode(body)?))),
        (_, _) => None,
    }
}

/// Named fields, so that nodes of several versions read each other's objects.
#[expect(clippy::expect_used, reason = "memory takes every byte, and objects have no maps of unknown length")]
fn encode<T: Serialize>(object: &T) -> Bytes {
    rmp_serde::to_vec_named(object).expect("an object encodes").into()
}

fn decode<T: DeserializeOwned>(body: &Bytes) -> Option<T> {
    rmp_serde::from_slice(body).ok()
}
