//! What an import would do, and doing it.

use std::fmt;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use marquee_config::Selling;
use marquee_ledger::{AccountId, EventId, HallId, PerformanceId, VenueId};

use super::check::{Checked, CheckedPerformance};
use crate::catalog::command::{Action, EVENTS_MAX, Offer, OfferedPrice};
use crate::catalog::entity::{Event, Hall, MapSummary, Performance, Schedule, Venue};
use crate::catalog::service::{WriteError, Writer};
use crate::catalog::{Created, EntityKind, Outcome, Refusal};
use crate::home::{Failure, Home};

/// How many commands are under way at a time.
const AT_ONCE: usize = 64;
/// A hall is taken when something starts so shortly before or after.
const HALL_TAKEN_MS: u64 = 2 * 60 * 60 * 1_000;
const MINUTE_MS: u64 = 60 * 1_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// What an import would do.
#[derive(Debug)]
pub struct Plan<'c> {
    checked: &'c Checked,
    update: bool,
    venues: Vec<Standing<VenueId>>,
    halls: Vec<Standing<HallId>>,
    events: Vec<Standing<EventId>>,
    performances: Vec<PlannedPerformance>,
}

/// Whether a thing is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing<Id> {
    Missing,
    Same(Id),
    Differs(Id),
}

#[derive(Debug)]
struct PlannedPerformance {
    standing: Standing<PerformanceId>,
    key: String,
    offer: Offer,
}

/// What becomes of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// It is made.
    Create,
    /// It is written anew.
    Update,
    /// It differs, and is left as it is.
    Leave,
    /// It is there as the document has it.
    Nothing,
}

/// How many venues, halls, events and performances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Venues.
    pub venues: usize,
    /// Halls.
    pub halls: usize,
    /// Events.
    pub events: usize,
    /// Performances.
    pub performances: usize,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many things are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// What was made.
    pub created: Counts,
    /// What was written anew.
    pub updated: Counts,
    /// What differs and was left as it is.
    pub left: Counts,
    /// What was there already.
    pub unchanged: Counts,
}

/// An import that stopped. What was done is kept: import again to go on.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {error}")]
pub struct ImportError {
    /// What could not be written.
    pub what: String,
    /// Why.
    #[source]
    pub error: Box<WriteError>,
}

impl<'c> Plan<'c> {
    /// Compares what documents say with what `owner` has. With `update`, what differs is to be written anew.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn new(
        checked: &'c Checked,
        home: &Home,
        owner: AccountId,
        now_ms: u64,
        house: &Selling,
        update: bool,
    ) -> Result<Self, Failure> {
        let known = Known { home, owner, now_ms, house };
        let mut plan = Self {
            checked,
            update,
            venues: Vec::with_capacity(checked.venues.len()),
            halls: Vec::with_capacity(checked.halls.len()),
            events: Vec::with_capacity(checked.events.len()),
            performances: Vec::with_capacity(checked.performances.len()),
        };
        for venue in &checked.venues {
            let found = venue.known.is_none().then(|| known.venue(&venue.key)).flatten();
            let compared = found.map(|found| (found.id, found.facts == venue.facts));
            plan.venues.push(standing_of(venue.known, compared));
        }
        for hall in &checked.halls {
            let found = hall.known.is_none().then(|| known.hall(&hall.key)).flatten();
            let compare = |found: Arc<Hall>| -> Result<_, Failure> {
                let map = home.seat_map(found.id, found.latest_map())?;
                Ok((found.id, found.name == hall.name && map.as_ref() == Some(&*hall.map)))
            };
            plan.halls.push(standing_of(hall.known, found.map(compare).transpose()?));
        }
        for event in &checked.events {
            let found = event.known.is_none().then(|| known.event(&event.key)).flatten();
            let compared = found.map(|found| (found.id, found.facts == event.facts));
            plan.events.push(standing_of(event.known, compared));
        }
        for performance in &checked.performances {
            plan.performances.push(known.performance(checked, performance)?);
        }
        Ok(plan)
    }

    /// What becomes of each thing: its kind and its key.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, &str, Step)> {
        let checked = self.checked;
        let venues = checked.venues.iter().zip(&self.venues);
        let venues = venues.map(|(venue, standing)| ("venue", venue.key.as_str(), self.step(*standing)));
        let halls = checked.halls.iter().zip(&self.halls);
        let halls = halls.map(|(hall, standing)| ("hall", hall.key.as_str(), self.step(*standing)));
        let events = checked.events.iter().zip(&self.events);
        let events = events.map(|(event, standing)| ("event", event.key.as_str(), self.step(*standing)));
        let performances = self.performances.iter();
        let performances =
            performances.map(|planned| ("performance", planned.key.as_str(), self.step(planned.standing)));
        venues.chain(halls).chain(events).chain(performances)
    }

    /// What [`carry_out`](Self::carry_out) would report.
    #[must_use]
    pub fn preview(&self) -> Report {
        let mut report = Report::default();
        for (kind, _key, step) in self.steps() {
            let counts = match step {
                Step::Create => &mut report.created,
                Step::Update => &mut report.updated,
                Step::Leave => &mut report.left,
                Step::Nothing => &mut report.unchanged,
            };
            match kind {
                "venue" => counts.venues += 1,
                "hall" => counts.halls += 1,
                "event" => counts.events += 1,
                _performance => counts.performances += 1,
            }
        }
        report
    }

    /// Makes what is missing, and writes anew what differs if that was asked for. `progress` is told of every step.
    ///
    /// # Errors
    /// At the first thing that cannot be written. What was made before it stays, and is recognised the next time.
    pub async fn carry_out(
        &self,
        writer: &Writer,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Report, ImportError> {
        let total = self.steps().count();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let tell = |count: usize| {
            let before = done.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
            progress(Progress { done: before + count, total });
        };
        let venues: Vec<VenueId> = stream::iter(0..self.venues.len())
            .map(|nth| async move { self.venue(writer, nth).await })
            .buffered(AT_ONCE)
            .inspect(|_venue| tell(1))
            .try_collect()
            .await?;
        let (venues, tell) = (&venues, &tell);
        let halls: Vec<HallId> = stream::iter(0..self.halls.len())
            .map(|nth| async move { self.hall(writer, nth, venues).await })
            .buffered(AT_ONCE)
            .inspect(|_hall| tell(1))
            .try_collect()
            .await?;
        let events = self.all_events(writer, tell).await?;
        let (halls, events) = (&halls, &events);
        stream::iter(0..self.performances.len())
            .map(|nth| async move { self.performance(writer, nth, halls, events).await })
            .buffered(AT_ONCE)
            .inspect(|_performance| tell(1))
            .try_for_each(|()| std::future::ready(Ok(())))
            .await?;
        Ok(self.preview())
    }

    fn step<Id: Copy>(&self, standing: Standing<Id>) -> Step {
        match standing {
            Standing::Missing => Step::Create,
            Standing::Same(_) => Step::Nothing,
            Standing::Differs(_) if self.update => Step::Update,
            Standing::Differs(_) => Step::Leave,
        }
    }

    async fn venue(&self, writer: &Writer, nth: usize) -> Result<VenueId, ImportError> {
        let venue = &self.checked.venues[nth];
        let facts = venue.facts.clone();
        let what = What("venue", &venue.key);
        match self.venues[nth] {
            Standing::Missing => {
                let action = Action::CreateVenue { number: None, key: Some(venue.key.clone()), facts };
                let made = what.create(writer, action).await?;
                made.venue().ok_or_else(|| what.misplaced(made))
            }
            Standing::Differs(id) if self.update => {
                what.update(writer, Action::UpdateVenue { venue: id, version: None, facts }).await?;
                Ok(id)
            }
            Standing::Same(id) | Standing::Differs(id) => Ok(id),
        }
    }

    async fn hall(&self, writer: &Writer, nth: usize, venues: &[VenueId]) -> Result<HallId, ImportError> {
        let hall = &self.checked.halls[nth];
        let seat_map = || Box::new((*hall.map).clone());
        let what = What("hall", &hall.key);
        match self.halls[nth] {
            Standing::Missing => {
                let (key, name) = (Some(hall.key.clone()), hall.name.clone());
                let venue = venues[hall.venue];
                let action = Action::CreateHall { venue, key, name, seat_map: seat_map() };
                let made = what.create(writer, action).await?;
                made.hall().ok_or_else(|| what.misplaced(made))
            }
            Standing::Differs(id) if self.update => {
                let known = writer.home().catalog_copy().read().hall(id).cloned();
                if known.is_none_or(|known| known.name != hall.name) {
                    let name = hall.name.clone();
                    what.update(writer, Action::RenameHall { hall: id, version: None, name }).await?;
                }
                if !has_map(writer.home(), id, &hall.map).map_err(|failure| what.failed(failure.into()))? {
                    let seat_map = seat_map();
                    what.update(writer, Action::PutSeatMap { hall: id, version: None, seat_map }).await?;
                }
                Ok(id)
            }
            Standing::Same(id) | Standing::Differs(id) => Ok(id),
        }
    }

    async fn all_events(
        &self,
        writer: &Writer,
        tell: &(dyn Fn(usize) + Send + Sync),
    ) -> Result<Vec<EventId>, ImportError> {
        let mut ids: Vec<Option<EventId>> = Vec::with_capacity(self.events.len());
        let mut missing = Vec::new();
        for (nth, (event, standing)) in self.checked.events.iter().zip(&self.events).enumerate() {
            ids.push(match *standing {
                Standing::Missing => {
                    missing.push(nth);
                    None
                }
                Standing::Differs(id) if self.update => {
                    let action = Action::UpdateEvent { event: id, version: None, facts: event.facts.clone() };
                    What("event", &event.key).update(writer, action).await?;
                    Some(id)
                }
                Standing::Same(id) | Standing::Differs(id) => Some(id),
            });
        }
        tell(self.events.len() - missing.len());
        for batch in missing.chunks(EVENTS_MAX) {
            let event = |nth: &usize| {
                let event = &self.checked.events[*nth];
                (Some(event.key.clone()), event.facts.clone())
            };
            let what = What("event", &self.checked.events[batch[0]].key);
            let action = Action::CreateEvents { events: batch.iter().map(event).collect() };
            let Outcome::Created(made) =
                writer.write(None, action).await.map_err(|error| what.failed(error))?
            else {
                continue;
            };
            for (nth, made) in batch.iter().zip(made) {
                ids[*nth] = made.event();
            }
            tell(batch.len());
        }
        let whole = |(nth, id): (usize, Option<EventId>)| {
            id.ok_or_else(|| What("event", &self.checked.events[nth].key).nothing())
        };
        ids.into_iter().enumerate().map(whole).collect()
    }

    async fn performance(
        &self,
        writer: &Writer,
        nth: usize,
        halls: &[HallId],
        events: &[EventId],
    ) -> Result<(), ImportError> {
        let planned = &self.performances[nth];
        let checked = &self.checked.performances[nth];
        let offer = planned.offer.clone();
        let what = What("performance", &planned.key);
        match planned.standing {
            Standing::Missing => {
                let (key, event, hall) =
                    (Some(planned.key.clone()), events[checked.event], halls[checked.hall]);
                what.create(writer, Action::CreatePerformance { key, event, event_owner: None, hall, offer })
                    .await
                    .map(|_made| ())
            }
            Standing::Differs(performance) if self.update => {
                let action = Action::UpdatePerformance { performance, version: None, offer };
                what.update(writer, action).await
            }
            Standing::Same(_) | Standing::Differs(_) => Ok(()),
        }
    }
}

/// What there is.
struct Known<'k> {
    home: &'k Home,
    owner: AccountId,
    now_ms: u64,
    house: &'k Selling,
}

impl Known<'_> {
    fn venue(&self, key: &str) -> Option<Arc<Venue>> {
        let index = self.home.catalog_copy().read();
        index.venue(VenueId(index.keyed(self.owner, EntityKind::Venue, key)?)).cloned()
    }

    fn hall(&self, key: &str) -> Option<Arc<Hall>> {
        let index = self.home.catalog_copy().read();
        index.hall(HallId(index.keyed(self.owner, EntityKind::Hall, key)?)).cloned()
    }

    fn event(&self, key: &str) -> Option<Arc<Event>> {
        let index = self.home.catalog_copy().read();
        index.event(EventId(index.keyed(self.owner, EntityKind::Event, key)?)).cloned()
    }

    fn by_id(&self, id: PerformanceId) -> Option<Arc<Performance>> {
        self.home.catalog_copy().read().performance(id).cloned()
    }

    fn found(&self, key: &str) -> Option<Arc<Performance>> {
        let index = self.home.catalog_copy().read();
        index.performance(PerformanceId(index.keyed(self.owner, EntityKind::Performance, key)?)).cloned()
    }

    fn performance(
        &self,
        checked: &Checked,
        performance: &CheckedPerformance,
    ) -> Result<PlannedPerformance, Failure> {
        let hall = &checked.halls[performance.hall];
        let zone = &checked.venues[hall.venue].zone;
        let now = i64::try_from(self.now_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let today = zone.to_datetime(now.unwrap_or(Timestamp::UNIX_EPOCH)).date();
        // The start was checked, and the terms with it.
        let starts_at_ms = performance.start.instant(today, zone).unwrap_or(self.now_ms);
        let mut offer = offer(performance, starts_at_ms, self.now_ms, self.house);
        let mut key = performance.key.clone();
        let mut found = performance.known.and_then(|id| self.by_id(id)).or_else(|| self.found(&key));
        if performance.start.is_relative() {
            if found.as_ref().is_some_and(|found| found.schedule.starts_at_ms <= self.now_ms) {
                key = format!("{key}@{today}");
                found = self
                    .found(&key)
                    .or_else(|| self.is_hall_taken(&hall.key, starts_at_ms).then_some(found).flatten());
            }
            if let Some(found) = &found {
                offer.schedule = found.schedule;
            }
        }
        let summary = hall.map.summary();
        let compared = found.map(|found| (found.id, self.is_same(&offer, &found, &summary)));
        Ok(PlannedPerformance { standing: standing(compared), key, offer })
    }

    /// Whether something else takes place in the hall at that time.
    fn is_hall_taken(&self, hall: &str, starts_at_ms: u64) -> bool {
        let Some(hall) = self.hall(hall) else { return false };
        let window = (starts_at_ms.saturating_sub(HALL_TAKEN_MS), starts_at_ms + HALL_TAKEN_MS);
        self.home.catalog_copy().read().is_hall_taken(&hall, window.0, window.1)
    }

    fn is_same(&self, offer: &Offer, found: &Performance, document: &MapSummary) -> bool {
        let hall = self.home.catalog_copy().read().hall(found.hall).cloned();
        // The prices are those of the map that the performance is sold by.
        let summary = hall.as_ref().and_then(|hall| hall.map(found.seat_map_version)).unwrap_or(document);
        let sale = &found.sale;
        let named = |price: &marquee_ledger::terms::Price| {
            let category = summary.categories.get(usize::from(price.category));
            let concession = sale.concessions.get(usize::from(price.concession));
            OfferedPrice {
                category: category.map(|category| category.key.clone()).unwrap_or_default(),
                concession: concession.cloned().unwrap_or_default(),
                amount: price.amount,
            }
        };
        let prices: Vec<_> = sale.prices.iter().map(named).collect();
        found.schedule.starts_at_ms == offer.schedule.starts_at_ms
            && sale.currency == offer.currency
            && sale.concessions == offer.concessions
            && sale.refund == offer.refund
            && sale.ticket_limit == offer.ticket_limit
            && prices == offer.prices
            && found.accessibility == offer.accessibility
    }
}

/// The offer of a performance that starts at this instant.
fn offer(performance: &CheckedPerformance, starts_at_ms: u64, now_ms: u64, house: &Selling) -> Offer {
    let before = |ms: u64| starts_at_ms.saturating_sub(ms);
    let until = before(u64::try_from(house.sale_ends_before.as_millis()).unwrap_or(0)).max(1);
    let from = performance.on_sale_days.map_or(now_ms, |days| before(u64::from(days) * DAY_MS));
    let schedule = Schedule {
        starts_at_ms,
        doors_at_ms: performance.doors_minutes.map(|minutes| before(u64::from(minutes) * MINUTE_MS)),
        // What is over was on sale until then.
        on_sale_from_ms: from.min(until - 1),
        on_sale_until_ms: until,
    };
    let mut faults = crate::catalog::checks::Faults::default();
    let offer = performance.terms.offer(schedule, None, house, &mut faults);
    // The terms were checked: only a currency that is none has no offer.
    offer.unwrap_or_else(|| unreachable!("checked terms have an offer"))
}

/// What the catalog is known to have is there as it is.
fn standing_of<Id>(known: Option<Id>, found: Option<(Id, bool)>) -> Standing<Id> {
    known.map_or_else(|| standing(found), Standing::Same)
}

fn standing<Id>(found: Option<(Id, bool)>) -> Standing<Id> {
    match found {
        None => Standing::Missing,
        Some((id, true)) => Standing::Same(id),
        Some((id, false)) => Standing::Differs(id),
    }
}

fn has_map(home: &Home, id: HallId, map: &crate::catalog::SeatMap) -> Result<bool, Failure> {
    let latest = home.catalog_copy().read().hall(id).map(|hall| hall.latest_map());
    let known = home.seat_map(id, latest.unwrap_or_default())?;
    Ok(known.as_ref() == Some(map))
}

/// A thing that is written, for errors.
#[derive(Clone, Copy)]
struct What<'k>(&'static str, &'k str);

impl What<'_> {
    /// Makes it. Another import that was faster has made the same.
    async fn create(self, writer: &Writer, action: Action) -> Result<Created, ImportError> {
        match writer.create(None, action).await {
            Err(WriteError::Refused(Refusal::KeyTaken { by, .. })) => Ok(by),
            made => made.map_err(|error| self.failed(error)),
        }
    }

    async fn update(self, writer: &Writer, action: Action) -> Result<(), ImportError> {
        writer.write(None, action).await.map(|_outcome| ()).map_err(|error| self.failed(error))
    }

    fn failed(self, error: WriteError) -> ImportError {
        ImportError { what: self.to_string(), error: Box::new(error) }
    }

    fn misplaced(self, made: Created) -> ImportError {
        self.failed(contradiction(format!("{self} was to be made, and the answer was {made:?}")))
    }

    fn nothing(self) -> ImportError {
        self.failed(contradiction(format!("{self} was to be made, and nothing was")))
    }
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} {:?}", self.0, self.1)
    }
}

fn contradiction(what: String) -> WriteError {
    WriteError::Failed(Failure::Broken(marquee_ledger::Broken::Contradiction { what }))
}
