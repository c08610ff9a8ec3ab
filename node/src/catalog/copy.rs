//! The catalog in memory: what every list and detail is served from.
//!
//! The copy is filled when a group is opened, or by the feed, and follows the changes of every commit. The thread that
//! commits only leaves its changes at the door ([`CatalogCopy::publish`]); the next reader takes them in before it
//! reads, so that a long list never holds up a sale, and a reader sees everything that was answered before it came.
//!
//! A write costs a few look-ups in ordered trees, however large the catalog is. Performances of one event share their
//! terms in memory when those are equal, as they mostly are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastbloom::AtomicBloomFilter;
use jiff::tz::TimeZone;
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{AccountId, EventId, HallId, PerformanceId, VenueId};
use marquee_search::fold::fold;
use marquee_search::matching::Document;
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::command::Change;
use super::entity::{Event, Hall, Performance, Stamp, Venue};
use super::tables::EntityKind;
use crate::reviews::Summary;

/// For how many ids the filter is made. With more it turns fewer away, and lets none out that is there.
const IDS_EXPECTED: usize = 2_000_000;
/// The share of ids that do not exist and are looked up all the same.
const IDS_WRONG: f64 = 0.01;

/// The catalog in memory.
pub struct CatalogCopy {
    /// Turns away ids that never were, before anybody waits for the index. (A Bloom filter: it may err the other way.)
    ids: AtomicBloomFilter,
    index: RwLock<CatalogIndex>,
    door: Mutex<Vec<Change>>,
    waiting: AtomicBool,
}

impl Default for CatalogCopy {
    fn default() -> Self {
        Self {
            // Who makes ids that collide gains a look-up.
            ids: AtomicBloomFilter::with_false_pos(IDS_WRONG).seed(&0).expected_items(IDS_EXPECTED),
            index: RwLock::default(),
            door: Mutex::default(),
            waiting: AtomicBool::default(),
        }
    }
}

impl CatalogCopy {
    /// Whether there may be a venue, hall, event or performance of this id. "No" is certain.
    #[must_use]
    pub fn may_have(&self, id: u128) -> bool {
        self.ids.contains(&id)
    }

    /// Takes note of what a commit changed. Does not wait for readers.
    pub fn publish(&self, changes: impl IntoIterator<Item = Change>) {
        let mut door = self.door.lock();
        for change in changes {
            match &change {
                Change::Venue(venue) => _ = self.ids.insert(&venue.id.0),
                Change::Hall(hall) => _ = self.ids.insert(&hall.id.0),
                Change::Event(event) => _ = self.ids.insert(&event.id.0),
                Change::Performance(performance) => _ = self.ids.insert(&performance.id.0),
                Change::VenueGone(_)
                | Change::HallGone(_)
                | Change::EventGone(_)
                | Change::PerformanceGone(_)
                | Change::SeatMap(..)
                | Change::SeatMapGone(..)
                | Change::Rating(..) => {}
            }
            door.push(change);
        }
        self.waiting.store(!door.is_empty(), Ordering::Release);
    }

    /// The catalog with everything that was published before the call. Keep it for a moment only, never over an await.
    pub fn read(&self) -> RwLockReadGuard<'_, CatalogIndex> {
        if !self.waiting.load(Ordering::Acquire) {
            return self.index.read();
        }
        let mut index = self.index.write();
        let changes = {
            let mut door = self.door.lock();
            self.waiting.store(false, Ordering::Release);
            std::mem::take(&mut *door)
        };
        changes.into_iter().for_each(|change| index.take(change));
        RwLockWriteGuard::downgrade(index)
    }

    /// What changed since the last call.
    pub fn drain(&self) -> Dirty {
        drop(self.read());
        std::mem::take(&mut self.index.write().dirty)
    }
}

/// Everything but the seat maps, by id and in the orders in which it is listed.
#[derive(Default)]
pub struct CatalogIndex {
    pub(super) venues: BTreeMap<VenueId, KnownVenue>,
    pub(super) events: BTreeMap<EventId, KnownEvent>,
    pub(super) performances: BTreeMap<PerformanceId, Arc<Performance>>,
    pub(super) by_start: BTreeSet<(u64, PerformanceId)>,
    pub(super) by_event: BTreeSet<(EventId, u64, PerformanceId)>,
    pub(super) by_venue: BTreeSet<(VenueId, u64, PerformanceId)>,
    halls: BTreeMap<HallId, Arc<Hall>>,
    venue_halls: BTreeSet<(VenueId, HallId)>,
    /// What owners call their things.
    keys: BTreeMap<(AccountId, EntityKind, String), u128>,
    ratings: BTreeMap<EventId, Summary>,
    /// All of them.
    everybody: Summary,
    generation: u64,
    dirty: Dirty,
}

/// What changed since it was last asked: events with their performances, and venues.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Dirty {
    /// Events of which something changed: their words, their performances, a venue of theirs.
    pub events: BTreeSet<EventId>,
    /// Venues of which something changed.
    pub venues: BTreeSet<VenueId>,
}

pub(super) struct KnownVenue {
    pub(super) venue: Arc<Venue>,
    pub(super) zone: TimeZone,
    // Folded.
    pub(super) city: String,
    pub(super) words: Document,
}

pub(super) struct KnownEvent {
    pub(super) event: Arc<Event>,
    pub(super) words: Document,
}

impl CatalogIndex {
    /// Grows with every change: equal generations have equal content.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// A venue.
    #[must_use]
    pub fn venue(&self, id: VenueId) -> Option<&Arc<Venue>> {
        self.venues.get(&id).map(|known| &known.venue)
    }

    /// All venues, in the order in which they were made.
    pub fn venues_all(&self) -> impl Iterator<Item = &Arc<Venue>> {
        self.venues.values().map(|known| &known.venue)
    }

    /// How many events there are.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.events.len()
    }

    /// All events, in the order in which they were made.
    pub fn events_all(&self) -> impl Iterator<Item = &Arc<Event>> {
        self.events.values().map(|known| &known.event)
    }

    /// What reviews say of an event.
    #[must_use]
    pub fn rating(&self, id: EventId) -> Summary {
        self.ratings.get(&id).copied().unwrap_or_default()
    }

    /// What an event is ranked by, from 1 to 5; see [`Summary::score`].
    #[must_use]
    pub fn score(&self, id: EventId) -> f64 {
        self.rating(id).score(&self.everybody)
    }

    /// A venue's time zone; UTC if the venue is gone or names a zone that the node does not know.
    #[must_use]
    pub fn zone(&self, id: VenueId) -> TimeZone {
        self.venues.get(&id).map_or(TimeZone::UTC, |known| known.zone.clone())
    }

    /// A hall.
    #[must_use]
    pub fn hall(&self, id: HallId) -> Option<&Arc<Hall>> {
        self.halls.get(&id)
    }

    /// All halls.
    pub fn halls(&self) -> impl Iterator<Item = &Arc<Hall>> {
        self.halls.values()
    }

    /// The halls of a venue, in the order in which they were made.
    pub fn halls_of(&self, venue: VenueId) -> impl Iterator<Item = &Arc<Hall>> {
        let halls = self.venue_halls.range((venue, HallId(0))..=(venue, HallId(u128::MAX)));
        halls.filter_map(|(_, hall)| self.halls.get(hall))
    }

    /// An event.
    #[must_use]
    pub fn event(&self, id: EventId) -> Option<&Arc<Event>> {
        self.events.get(&id).map(|known| &known.event)
    }

    /// A performance.
    #[must_use]
    pub fn performance(&self, id: PerformanceId) -> Option<&Arc<Performance>> {
        self.performances.get(&id)
    }

    /// All performances of an event, by their start.
    pub fn performances_of(&self, event: EventId) -> impl Iterator<Item = &Arc<Performance>> {
        let shown =
            self.by_event.range((event, 0, PerformanceId(0))..=(event, u64::MAX, PerformanceId(u128::MAX)));
        shown.filter_map(|(_, _, performance)| self.performances.get(performance))
    }

    /// The performances of an event that start then or later, in their order. What is over is not walked over.
    pub fn ahead_of(&self, event: EventId, from_ms: u64) -> impl Iterator<Item = &Arc<Performance>> {
        let ahead = (event, from_ms, PerformanceId(0))..=(event, u64::MAX, PerformanceId(u128::MAX));
        self.by_event.range(ahead).filter_map(|(_, _, performance)| self.performances.get(performance))
    }

    /// How many performances a venue has from then on; a thousand are as good as more.
    #[must_use]
    pub fn count_ahead(&self, venue: VenueId, from_ms: u64) -> usize {
        let ahead = (venue, from_ms, PerformanceId(0))..=(venue, u64::MAX, PerformanceId(u128::MAX));
        self.by_venue.range(ahead).take(1_000).count()
    }

    /// Whether a performance that takes place starts in the hall within the window, its ends included.
    #[must_use]
    pub fn is_hall_taken(&self, hall: &Hall, from_ms: u64, to_ms: u64) -> bool {
        let window = (hall.venue, from_ms, PerformanceId(0))..=(hall.venue, to_ms, PerformanceId(u128::MAX));
        let mut shown = self.by_venue.range(window).filter_map(|(_, _, id)| self.performances.get(id));
        shown.any(|shown| shown.hall == hall.id && shown.status == PerformanceStatus::Scheduled)
    }

    /// The next performance of an event that takes place.
    #[must_use]
    pub fn next_of(&self, event: EventId, now_ms: u64) -> Option<&Arc<Performance>> {
        let coming = (event, now_ms, PerformanceId(0))..=(event, u64::MAX, PerformanceId(u128::MAX));
        let coming = self.by_event.range(coming).filter_map(|(_, _, id)| self.performances.get(id));
        coming.into_iter().find(|performance| performance.status == PerformanceStatus::Scheduled)
    }

    /// The id of what an owner knows by this key.
    #[must_use]
    pub fn keyed(&self, owner: AccountId, kind: EntityKind, key: &str) -> Option<u128> {
        self.keys.get(&(owner, kind, key.to_owned())).copied()
    }

    fn know_key(&mut self, kind: EntityKind, stamp: &Stamp, id: u128) {
        if let Some(key) = &stamp.key {
            self.keys.insert((stamp.owner, kind, key.clone()), id);
        }
    }

    fn forget_key(&mut self, kind: EntityKind, stamp: &Stamp) {
        if let Some(key) = &stamp.key {
            self.keys.remove(&(stamp.owner, kind, key.clone()));
        }
    }

    pub(super) fn take(&mut self, change: Change) {
        self.generation += 1;
        self.mark(&change);
        match change {
            Change::Venue(venue) => self.take_venue(&venue),
            Change::VenueGone(id) => {
                if let Some(known) = self.venues.remove(&id) {
                    self.forget_key(EntityKind::Venue, &known.venue.stamp);
                }
            }
            Change::Hall(hall) => {
                self.know_key(EntityKind::Hall, &hall.stamp, hall.id.0);
                self.venue_halls.insert((hall.venue, hall.id));
                self.halls.insert(hall.id, hall);
            }
            Change::HallGone(id) => {
                if let Some(hall) = self.halls.remove(&id) {
                    self.forget_key(EntityKind::Hall, &hall.stamp);
                    self.venue_halls.remove(&(hall.venue, id));
                }
            }
            // Seat maps are read when somebody looks at them.
            Change::SeatMap(..) | Change::SeatMapGone(..) => {}
            Change::Event(event) => self.take_event(event),
            Change::EventGone(id) => {
                if let Some(known) = self.events.remove(&id) {
                    self.forget_key(EntityKind::Event, &known.event.stamp);
                }
                self.take_rating(id, Summary::default());
            }
            Change::Performance(performance) => {
                self.forget_performance(performance.id);
                self.take_performance(performance);
            }
            Change::PerformanceGone(id) => self.forget_performance(id),
            Change::Rating(event, summary) => self.take_rating(event, summary),
        }
    }

    fn mark(&mut self, change: &Change) {
        match change {
            Change::Venue(venue) => {
                self.dirty.venues.insert(venue.id);
                self.mark_events_in(venue.id);
            }
            // Performances may be known before their hall.
            Change::Hall(hall) => self.mark_events_in(hall.venue),
            Change::VenueGone(id) => _ = self.dirty.venues.insert(*id),
            Change::Event(event) => _ = self.dirty.events.insert(event.id),
            Change::EventGone(id) | Change::Rating(id, _) => _ = self.dirty.events.insert(*id),
            Change::Performance(performance) => {
                self.dirty.events.insert(performance.event);
                self.dirty.venues.insert(performance.venue);
                // It may have been another event's.
                if let Some(before) = self.performances.get(&performance.id) {
                    self.dirty.events.insert(before.event);
                }
            }
            Change::PerformanceGone(id) => {
                if let Some(gone) = self.performances.get(id) {
                    self.dirty.events.insert(gone.event);
                    self.dirty.venues.insert(gone.venue);
                }
            }
            Change::HallGone(_) | Change::SeatMap(..) | Change::SeatMapGone(..) => {}
        }
    }

    fn mark_events_in(&mut self, venue: VenueId) {
        let shown = (venue, 0, PerformanceId(0))..=(venue, u64::MAX, PerformanceId(u128::MAX));
        let shown = self.by_venue.range(shown).filter_map(|(_, _, id)| self.performances.get(id));
        self.dirty.events.extend(shown.map(|shown| shown.event));
    }

    fn take_rating(&mut self, event: EventId, summary: Summary) {
        let before = match summary.count() {
            0 => self.ratings.remove(&event),
            _ => self.ratings.insert(event, summary),
        };
        self.everybody = self.everybody.without(&before.unwrap_or_default()).and(&summary);
    }

    fn take_venue(&mut self, venue: &Arc<Venue>) {
        let facts = &venue.facts;
        let known = KnownVenue {
            // Zones are checked where they enter; a database that lost one since is no reason to stop.
            zone: TimeZone::get(&facts.time_zone).unwrap_or(TimeZone::UTC),
            city: fold(&facts.city),
            words: Document::new([facts.name.as_str(), &facts.city]),
            venue: Arc::clone(venue),
        };
        self.know_key(EntityKind::Venue, &venue.stamp, venue.id.0);
        self.venues.insert(venue.id, known);
    }

    fn take_event(&mut self, event: Arc<Event>) {
        let facts = &event.facts;
        let people = facts.performers.iter().chain(&facts.genres).map(String::as_str);
        let words = Document::new([facts.title.as_str(), &facts.host].into_iter().chain(people));
        self.know_key(EntityKind::Event, &event.stamp, event.id.0);
        self.events.insert(event.id, KnownEvent { event, words });
    }

    fn take_performance(&mut self, mut performance: Arc<Performance>) {
        let like = self.performances_of(performance.event).next().map(|other| Arc::clone(&other.sale));
        if let Some(sale) = like
            && sale == performance.sale
        {
            Arc::make_mut(&mut performance).sale = sale;
        }
        let start = performance.schedule.starts_at_ms;
        self.know_key(EntityKind::Performance, &performance.stamp, performance.id.0);
        self.by_start.insert((start, performance.id));
        self.by_event.insert((performance.event, start, performance.id));
        self.by_venue.insert((performance.venue, start, performance.id));
        self.performances.insert(performance.id, performance);
    }

    fn forget_performance(&mut self, id: PerformanceId) {
        let Some(known) = self.performances.remove(&id) else { return };
        self.forget_key(EntityKind::Performance, &known.stamp);
        let start = known.schedule.starts_at_ms;
        self.by_start.remove(&(start, id));
        self.by_event.remove(&(known.event, start, id));
        self.by_venue.remove(&(known.venue, start, id));
    }
}
