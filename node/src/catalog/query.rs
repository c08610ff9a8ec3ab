//! Lists from the copy in memory: what is shown where and when.
//!
//! Events are listed by their next fitting performance. A list is walked from its cursor, so that a page costs what it
//! shows and not what there is; a place narrows it to its venues' performances first. Only a rare word over a large
//! catalog walks all of it: real search is another index.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{EventId, PerformanceId, VenueId};
use marquee_search::fold::fold;
use marquee_search::matching::{Document, Query};
use marquee_search::places::Point;

use super::copy::{CatalogIndex, KnownVenue};
use super::entity::{Event, EventKind, Performance, Venue};

/// No zone on earth is further from UTC than this.
const ZONE_OFFSET_MAX_MS: u64 = 26 * 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only of this kind.
    pub kind: Option<EventKind>,
    /// Only those whose words, or whose venue's, begin with these.
    pub query: Query,
    /// Only what is shown there.
    pub place: PlaceFilter,
    /// Only what is shown in this venue.
    pub venue: Option<VenueId>,
    /// Only what is shown from then on.
    pub from: Option<Moment>,
    /// Only what is shown until then.
    pub to: Option<Moment>,
}

/// Where.
#[derive(Debug, Clone, Default)]
pub struct PlaceFilter {
    /// In this city.
    pub city: Option<CityName>,
    /// Under this postal code or near it.
    pub zip: Option<NearZip>,
}

/// A city by its name, whatever its case and accents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CityName {
    // Folded.
    name: String,
    // Of the state or region, if that was said.
    region: Option<String>,
}

/// At a postal code or near it.
#[derive(Debug, Clone)]
pub struct NearZip {
    /// The code; venues that have it always fit.
    pub zip: String,
    /// Its centre, if it is known.
    pub centre: Option<Point>,
    /// How far away a venue may be.
    pub radius_km: f64,
}

/// A bound in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// An instant, in milliseconds since 1970. As an upper bound it is not included.
    Instant(u64),
    /// A day by the calendar of each venue, included.
    Day(Date),
}

/// Where a list of events goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventCursor {
    /// What counted as the next performance when the list began.
    pub from_ms: u64,
    /// The last one shown.
    pub after: After,
}

/// The last entry of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// An event, by its next performance.
    Performance(u64, PerformanceId),
    /// An event without one.
    Event(EventId),
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T, C> {
    /// What it shows.
    pub items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub next: Option<C>,
}

/// An event in a list.
#[derive(Debug, Clone)]
pub struct ListedEvent {
    /// The event.
    pub event: Arc<Event>,
    /// Its next performance that fits.
    pub next: Option<Arc<Performance>>,
}

/// A venue in a list.
#[derive(Debug, Clone)]
pub struct ListedVenue {
    /// The venue.
    pub venue: Arc<Venue>,
    /// How far it is from the postal code that was asked for.
    pub distance_km: Option<f64>,
}

impl CatalogIndex {
    /// A page of events: those with a fitting performance by its start; then, unless a place or a time was asked for,
    /// those without one, the youngest first.
    #[must_use]
    pub fn events(
        &self,
        filter: &EventFilter,
        cursor: Option<EventCursor>,
        now_ms: u64,
        limit: usize,
    ) -> Page<ListedEvent, EventCursor> {
        let from_ms = cursor.map_or(now_ms, |cursor| cursor.from_ms);
        let mut search = Search::new(self, filter, from_ms);
        let mut items = Vec::with_capacity(limit);
        let mut last = None;
        let after = cursor.map(|cursor| cursor.after);
        if !matches!(after, Some(After::Event(_))) {
            for (start, id) in search.performances(after) {
                let Some(performance) = self.performances.get(&id) else { continue };
                if !search.fits(performance) || search.has_earlier(performance) {
                    continue;
                }
                let Some(known) = self.events.get(&performance.event) else { continue };
                if items.len() == limit {
                    return Page { items, next: last.map(|after| EventCursor { from_ms, after }) };
                }
                last = Some(After::Performance(start, id));
                items.push(ListedEvent {
                    event: Arc::clone(&known.event),
                    next: Some(Arc::clone(performance)),
                });
            }
        }
        if filter.asks_for_performances() {
            return Page { items, next: None };
        }
        let older = match after {
            Some(After::Event(id)) => Bound::Excluded(id),
            Some(After::Performance(..)) | None => Bound::Unbounded,
        };
        for (id, known) in self.events.range((Bound::Unbounded, older)).rev() {
            if !search.fits_alone(&known.event, &known.words) || search.first(*id).is_some() {
                continue;
            }
            if items.len() == limit {
                return Page { items, next: last.map(|after| EventCursor { from_ms, after }) };
            }
            last = Some(After::Event(*id));
            items.push(ListedEvent { event: Arc::clone(&known.event), next: None });
        }
        Page { items, next: None }
    }

    /// A page of an event's performances by their start, those that were called off included.
    #[must_use]
    pub fn performances(
        &self,
        event: EventId,
        from: Option<Moment>,
        to: Option<Moment>,
        after: Option<(u64, PerformanceId)>,
        limit: usize,
    ) -> Page<Arc<Performance>, (u64, PerformanceId)> {
        let begin = match after {
            Some((start, id)) => Bound::Excluded((event, start, id)),
            None => Bound::Included((event, 0, PerformanceId(0))),
        };
        let end = Bound::Included((event, u64::MAX, PerformanceId(u128::MAX)));
        let mut items: Vec<Arc<Performance>> = Vec::new();
        for (_, _, id) in self.by_event.range((begin, end)) {
            let Some(performance) = self.performances.get(id) else { continue };
            if !self.is_between(performance, from, to) {
                continue;
            }
            if items.len() == limit {
                let next = items.last().map(|last| (last.schedule.starts_at_ms, last.id));
                return Page { items, next };
            }
            items.push(Arc::clone(performance));
        }
        Page { items, next: None }
    }

    /// A page of venues: by distance when a known postal code is asked for, else in the order in which they were made.
    /// The cursor counts the venues shown, so a venue that is made meanwhile near the code may shift the page by one.
    #[must_use]
    pub fn venues(
        &self,
        place: &PlaceFilter,
        query: &Query,
        skip: usize,
        limit: usize,
    ) -> Page<ListedVenue, usize> {
        let mut fitting: Vec<ListedVenue> = self
            .venues
            .values()
            .filter(|known| query.matches(&known.words))
            .filter_map(|known| place.listed(known))
            .collect();
        fitting.sort_by(|a, b| {
            let distance = |listed: &ListedVenue| listed.distance_km.unwrap_or(0.0);
            distance(a).total_cmp(&distance(b)).then(a.venue.id.cmp(&b.venue.id))
        });
        let more = fitting.len() > skip.saturating_add(limit);
        let items: Vec<_> = fitting.into_iter().skip(skip).take(limit).collect();
        Page { items, next: more.then(|| skip + limit) }
    }

    /// The events of a kind that are still to be shown in a venue, by their next performance; at most `limit`.
    #[must_use]
    pub fn shown_in(&self, venue: VenueId, kind: EventKind, now_ms: u64, limit: usize) -> Vec<ListedEvent> {
        let filter = EventFilter { kind: Some(kind), venue: Some(venue), ..EventFilter::default() };
        self.events(&filter, None, now_ms, limit).items
    }

    fn is_between(&self, performance: &Performance, from: Option<Moment>, to: Option<Moment>) -> bool {
        let start = performance.schedule.starts_at_ms;
        let day = || {
            let zone = self.venues.get(&performance.venue).map(|known| known.zone.clone());
            let at = Timestamp::from_millisecond(i64::try_from(start).ok()?).ok()?;
            Some(zone?.to_datetime(at).date())
        };
        let late_enough = match from {
            None => true,
            Some(Moment::Instant(from)) => start >= from,
            Some(Moment::Day(from)) => day().is_some_and(|day| day >= from),
        };
        late_enough
            && match to {
                None => true,
                Some(Moment::Instant(to)) => start < to,
                Some(Moment::Day(to)) => day().is_some_and(|day| day <= to),
            }
    }
}

impl EventFilter {
    // Whether an event without a fitting performance cannot fit.
    fn asks_for_performances(&self) -> bool {
        self.from.is_some()
            || self.to.is_some()
            || self.venue.is_some()
            || self.place.city.is_some()
            || self.place.zip.is_some()
    }
}

impl PlaceFilter {
    fn is_any(&self) -> bool {
        self.city.is_none() && self.zip.is_none()
    }

    fn listed(&self, known: &KnownVenue) -> Option<ListedVenue> {
        let facts = &known.venue.facts;
        if let Some(city) = &self.city {
            let is_there = known.city == city.name
                && city.region.as_ref().is_none_or(|region| fold(&facts.region) == *region);
            if !is_there {
                return None;
            }
        }
        let Some(near) = &self.zip else {
            return Some(ListedVenue { venue: Arc::clone(&known.venue), distance_km: None });
        };
        let point = facts.point.and_then(|point| Point::new(point.lat(), point.lon()));
        let distance_km = near.centre.zip(point).map(|(centre, point)| centre.distance_km(point));
        let is_near = distance_km.is_some_and(|distance| distance <= near.radius_km);
        if !is_near && facts.zip != near.zip {
            return None;
        }
        Some(ListedVenue { venue: Arc::clone(&known.venue), distance_km })
    }
}

impl CityName {
    /// Reads `Portland` and `Portland, ME`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let (name, region) = match text.rsplit_once(',') {
            Some((name, region)) => (name, Some(fold(region))),
            None => (text, None),
        };
        Self { name: fold(name), region }
    }
}

impl Moment {
    // An instant that is certainly not after the bound, in any zone.
    fn earliest_ms(self) -> u64 {
        match self {
            Self::Instant(ms) => ms,
            Self::Day(day) => day_ms(day).saturating_sub(ZONE_OFFSET_MAX_MS),
        }
    }

    // An instant that is certainly not before the bound, in any zone.
    fn latest_ms(self) -> u64 {
        match self {
            Self::Instant(ms) => ms,
            Self::Day(day) => day_ms(day).saturating_add(DAY_MS + ZONE_OFFSET_MAX_MS),
        }
    }
}

fn day_ms(day: Date) -> u64 {
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
    midnight.ok().and_then(|at| u64::try_from(at.as_millisecond()).ok()).unwrap_or(0)
}

/// One list being walked.
struct Search<'a> {
    index: &'a CatalogIndex,
    filter: &'a EventFilter,
    // The window that certainly has every fitting start.
    from_ms: u64,
    to_ms: u64,
    // The venues that fit the place, if one was asked for.
    venues: Option<BTreeSet<VenueId>>,
    // The bits of the query's words that each venue and event has.
    venue_words: HashMap<VenueId, u32>,
    event_words: HashMap<EventId, u32>,
}

impl<'a> Search<'a> {
    fn new(index: &'a CatalogIndex, filter: &'a EventFilter, now_ms: u64) -> Self {
        let by_place = || {
            let near = index.venues(&filter.place, &Query::default(), 0, usize::MAX).items;
            near.into_iter().map(|listed| listed.venue.id).collect::<BTreeSet<_>>()
        };
        let venues = match filter.venue {
            Some(venue) if filter.place.is_any() => Some(BTreeSet::from([venue])),
            Some(venue) => Some(by_place().into_iter().filter(|near| *near == venue).collect()),
            None => (!filter.place.is_any()).then(by_place),
        };
        Self {
            index,
            filter,
            from_ms: filter.from.map_or(now_ms, Moment::earliest_ms),
            to_ms: filter.to.map_or(u64::MAX, Moment::latest_ms),
            venues,
            venue_words: HashMap::new(),
            event_words: HashMap::new(),
        }
    }

    /// The performances that may fit, by their start.
    fn performances(&self, after: Option<After>) -> Box<dyn Iterator<Item = (u64, PerformanceId)> + 'a> {
        let begin = match after {
            Some(After::Performance(start, id)) => (start, PerformanceId(id.0.saturating_add(1))),
            Some(After::Event(_)) | None => (self.from_ms, PerformanceId(0)),
        };
        let end = (self.to_ms, PerformanceId(u128::MAX));
        if begin > end {
            return Box::new(std::iter::empty());
        }
        let Some(venues) = &self.venues else {
            return Box::new(self.index.by_start.range(begin..=end).copied());
        };
        let mut shown: Vec<_> = venues
            .iter()
            .flat_map(|venue| self.index.by_venue.range((*venue, begin.0, begin.1)..=(*venue, end.0, end.1)))
            .map(|(_, start, id)| (*start, *id))
            .collect();
        shown.sort_unstable();
        Box::new(shown.into_iter())
    }

    /// The first fitting performance of an event.
    fn first(&mut self, event: EventId) -> Option<PerformanceId> {
        let index = self.index;
        if self.from_ms > self.to_ms {
            return None;
        }
        let shown = (event, self.from_ms, PerformanceId(0))..=(event, self.to_ms, PerformanceId(u128::MAX));
        let mut shown = index.by_event.range(shown).filter_map(|(_, _, id)| index.performances.get(id));
        shown.find(|performance| self.fits(performance)).map(|performance| performance.id)
    }

    fn has_earlier(&mut self, performance: &Performance) -> bool {
        self.first(performance.event) != Some(performance.id)
    }

    fn fits(&mut self, performance: &Performance) -> bool {
        performance.status == PerformanceStatus::Scheduled
            && self.venues.as_ref().is_none_or(|venues| venues.contains(&performance.venue))
            && self.has_kind(performance.event)
            && self.index.is_between(performance, self.filter.from, self.filter.to)
            && self.has_words(performance)
    }

    // Whether an event fits without a performance.
    fn fits_alone(&self, event: &Event, words: &Document) -> bool {
        self.filter.kind.is_none_or(|kind| event.facts.kind == kind) && self.filter.query.matches(words)
    }

    fn has_kind(&self, event: EventId) -> bool {
        let Some(kind) = self.filter.kind else { return true };
        self.index.event(event).is_some_and(|event| event.facts.kind == kind)
    }

    fn has_words(&mut self, performance: &Performance) -> bool {
        let query = &self.filter.query;
        if query.is_empty() {
            return true;
        }
        let index = self.index;
        let in_event = self.event_words.entry(performance.event).or_insert_with_key(|event| {
            index.events.get(event).map_or(0, |known| query.bits_in(&known.words))
        });
        if *in_event == query.all_bits() {
            return true;
        }
        let in_venue = self.venue_words.entry(performance.venue).or_insert_with_key(|venue| {
            index.venues.get(venue).map_or(0, |known| query.bits_in(&known.words))
        });
        *in_event | *in_venue == query.all_bits()
    }
}
