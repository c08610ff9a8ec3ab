//! The catalog's part of the state machine: every write to its tables.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use marquee_ledger::terms::{PerformanceStatus, Price};
use marquee_ledger::{AccountId, Broken, EventId, HallId, PerformanceId, Position, TableVisitor, VenueId};
use redb::WriteTransaction;

mod moving;

use super::command::{Action, By, Change, Command, Created, EVENTS_MAX, Offer, Outcome, Refusal};
use super::entity::{
    Event, EventFacts, Hall, MapSummary, Performance, Sale, Schedule, Stamp, Venue, VenueFacts,
};
use super::seat_map::{SeatMap, layout_of};
use super::tables::{EntityKind, Names, Tables};
use super::transfer::{Passage, PassageStage};

/// How many versions of its seat map a hall can have.
const MAPS_MAX: usize = 500;

/// The ledger, as the catalog sees it: asked within the same log entry.
pub trait Sales {
    /// Applies a command. What is refused has changed nothing.
    ///
    /// # Errors
    /// When the storage broke.
    fn ask(
        &mut self,
        command: marquee_ledger::Command,
    ) -> Result<Result<marquee_ledger::Outcome, marquee_ledger::Refusal>, Broken>;
}

/// The catalog of one group.
pub struct Catalog {
    names: Names,
    /// Where the venues stand that move or have moved.
    passages: BTreeMap<u32, Passage>,
    news_lead: u64,
}

impl Catalog {
    /// A catalog whose tables have names under `namespace`.
    #[must_use]
    pub fn new(namespace: &str) -> Self {
        Self { names: Names::new(namespace), passages: BTreeMap::new(), news_lead: 0 }
    }

    /// Creates missing tables and tells everything that is in them but the seat maps, which are large: they are told when
    /// they are drawn. Venues that are not here whole are not told.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn open(&mut self, state: &WriteTransaction, all: &mut Vec<Change>) -> Result<(), Broken> {
        let tables = Tables::open(state, &self.names)?;
        self.passages = tables.passages()?;
        self.news_lead = tables.news_lead()?;
        let is_here = |owner: u32| self.passages.get(&owner).is_none_or(|passage| passage.stage.is_here());
        let venues = tables.venues.all::<Venue>()?.into_iter().filter(|venue| is_here(venue.id.owner()));
        all.extend(venues.map(|venue| Change::Venue(Arc::new(venue))));
        let halls = tables.halls.all::<Hall>()?.into_iter().filter(|hall| is_here(hall.id.owner()));
        all.extend(halls.map(|hall| Change::Hall(Arc::new(hall))));
        all.extend(tables.events.all()?.into_iter().map(|event| Change::Event(Arc::new(event))));
        let performances = tables.performances.all::<Performance>()?.into_iter();
        let performances = performances.filter(|performance| is_here(performance.id.owner()));
        all.extend(performances.map(|shown| Change::Performance(Arc::new(shown))));
        Ok(())
    }

    /// The epoch at which this group owns a venue; 0 for one that never moved, and for what belongs to no venue.
    #[must_use]
    pub fn epoch_of(&self, owner: u32) -> u64 {
        self.passages.get(&owner).map_or(0, |passage| passage.epoch)
    }

    /// The venues of which there may be something here, and which are another group's.
    #[must_use]
    pub fn away(&self) -> BTreeSet<u32> {
        let away = self.passages.iter().filter(|(_venue, passage)| !passage.stage.is_here());
        away.map(|(venue, _passage)| *venue).collect()
    }

    /// By how much the stamps of this group's news are ahead of its log.
    ///
    /// News of one object are told by one group after another; of two, the one with the higher stamp is right. A stamp is
    /// the index of the entry that made the news and this lead, which grows when a venue settles whose former group was
    /// further: so it orders the news of one group as its log does, and those of a venue over all groups.
    #[must_use]
    pub const fn news_lead(&self) -> u64 {
        self.news_lead
    }

    /// Shows all tables, in an order that does not change.
    ///
    /// # Errors
    /// What the visitor says.
    pub fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        self.names.visit(visitor)
    }

    /// Applies a command.
    ///
    /// # Errors
    /// When the storage broke. A refusal is an `Ok(Err(_))`.
    pub fn apply(
        &mut self,
        state: &WriteTransaction,
        at: Position,
        command: &Command,
        sales: &mut dyn Sales,
        changes: &mut Vec<Change>,
    ) -> Result<Result<Outcome, Refusal>, Broken> {
        let passage = command.action.owner().and_then(|owner| self.passages.get(&owner));
        if passage.is_some_and(|passage| passage.stage != PassageStage::Owned) {
            return Ok(Err(Refusal::Sale(marquee_ledger::Refusal::Moved)));
        }
        let tables = Tables::open(state, &self.names)?;
        let passages = &mut self.passages;
        let news_lead = &mut self.news_lead;
        let (now_ms, by) = (at.now_ms, command.by);
        let mut step = Step { tables, at_index: at.index, now_ms, by, sales, changes, passages, news_lead };
        match step.apply(&command.action) {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Broken(broken)) => Err(broken),
        }
    }
}

/// Why an action ends early.
enum Stop {
    Refused(Refusal),
    Broken(Broken),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// One command being applied. Every method checks first, asks the ledger next, and writes last: from the first write on
/// nothing is refused.
struct Step<'t, 's> {
    tables: Tables<'t>,
    at_index: u64,
    now_ms: u64,
    by: By,
    sales: &'s mut dyn Sales,
    changes: &'s mut Vec<Change>,
    passages: &'s mut BTreeMap<u32, Passage>,
    news_lead: &'s mut u64,
}

impl Step<'_, '_> {
    fn apply(&mut self, action: &Action) -> Result<Outcome, Stop> {
        match action {
            Action::CreateVenue { number, key, facts } => self.create_venue(*number, key.as_deref(), facts),
            Action::UpdateVenue { venue, version, facts } => self.update_venue(*venue, *version, facts),
            Action::DeleteVenue { venue, version } => self.delete_venue(*venue, *version),
            Action::CreateHall { venue, key, name, seat_map } => {
                self.create_hall(*venue, key.as_deref(), name, seat_map)
            }
            Action::RenameHall { hall, version, name } => self.rename_hall(*hall, *version, name),
            Action::PutSeatMap { hall, version, seat_map } => self.put_seat_map(*hall, *version, seat_map),
            Action::DeleteHall { hall, version } => self.delete_hall(*hall, *version),
            Action::CreateEvents { events } => self.create_events(events),
            Action::UpdateEvent { event, version, facts } => self.update_event(*event, *version, facts),
            Action::DeleteEvent { event, version } => self.delete_event(*event, *version),
            Action::CreatePerformance { key, event, event_owner, hall, offer } => {
                self.create_performance(key.as_deref(), *event, *event_owner, *hall, offer)
            }
            Action::UpdatePerformance { performance, version, offer } => {
                self.update_performance(*performance, *version, offer)
            }
            Action::Reschedule { performance, version, schedule } => {
                self.reschedule(*performance, *version, *schedule)
            }
            Action::CancelPerformance { performance, version, reason } => {
                self.cancel_performance(*performance, *version, reason)
            }
            Action::DeletePerformance { performance, version } => {
                self.delete_performance(*performance, *version)
            }
            Action::Transfer(step) => self.transfer(step),
        }
    }

    // Venues.

    fn create_venue(
        &mut self,
        number: Option<u32>,
        key: Option<&str>,
        facts: &VenueFacts,
    ) -> Result<Outcome, Stop> {
        self.key_is_free(EntityKind::Venue, key)?;
        let number = match number {
            Some(number) => number,
            None => self.tables.next_venue()?,
        };
        let id = VenueId::from_parts(self.now_ms, number, self.tables.next_counter()?);
        let venue = Venue { id, stamp: self.first_stamp(key), facts: facts.clone() };
        self.tables.put_key(self.by.account, EntityKind::Venue, key, id.0)?;
        self.tables.venues.put(id.0, &venue)?;
        self.changes.push(Change::Venue(Arc::new(venue)));
        Ok(Outcome::Created(vec![Created::Venue(id)]))
    }

    fn update_venue(
        &mut self,
        id: VenueId,
        version: Option<u64>,
        facts: &VenueFacts,
    ) -> Result<Outcome, Stop> {
        let mut venue = self.venue(id)?;
        self.may_write(&venue.stamp, version)?;
        venue.facts.clone_from(facts);
        let outcome = self.touch(&mut venue.stamp);
        self.tables.venues.put(id.0, &venue)?;
        self.changes.push(Change::Venue(Arc::new(venue)));
        Ok(outcome)
    }

    fn delete_venue(&mut self, id: VenueId, version: Option<u64>) -> Result<Outcome, Stop> {
        let venue = self.venue(id)?;
        self.may_write(&venue.stamp, version)?;
        let halls: Vec<HallId> = self.tables.children(id.0)?.into_iter().map(HallId).collect();
        for hall in &halls {
            if self.tables.has_children(hall.0)? {
                return Err(Refusal::HasPerformances.into());
            }
        }
        for hall in halls {
            let hall = self.hall(hall)?;
            self.remove_hall(&hall)?;
        }
        self.forget_key(EntityKind::Venue, &venue.stamp)?;
        self.tables.venues.remove(id.0)?;
        self.changes.push(Change::VenueGone(id));
        Ok(Outcome::Deleted)
    }

    // Halls. The ledger learns every seat map as a layout, under the same version, before the catalog shows it.

    fn create_hall(
        &mut self,
        venue: VenueId,
        key: Option<&str>,
        name: &str,
        map: &SeatMap,
    ) -> Result<Outcome, Stop> {
        let place = self.venue(venue)?;
        self.may_write(&place.stamp, None)?;
        self.key_is_free(EntityKind::Hall, key)?;
        // A number that is given and then refused is a gap, and no harm: numbers only have to differ.
        let id = HallId::from_parts(self.now_ms, venue.owner(), self.tables.next_counter()?);
        self.define_layout(id, 1, map)?;
        let stamp = self.first_stamp(key);
        let hall = Hall { id, stamp, venue, name: name.to_owned(), maps: vec![map.summary()] };
        self.put_map(id, 1, map)?;
        self.tables.put_key(self.by.account, EntityKind::Hall, key, id.0)?;
        self.tables.link(venue.0, id.0)?;
        self.tables.halls.put(id.0, &hall)?;
        self.changes.push(Change::Hall(Arc::new(hall)));
        Ok(Outcome::Created(vec![Created::Hall(id)]))
    }

    fn rename_hall(&mut self, id: HallId, version: Option<u64>, name: &str) -> Result<Outcome, Stop> {
        let mut hall = self.hall(id)?;
        self.may_write(&hall.stamp, version)?;
        name.clone_into(&mut hall.name);
        self.put_hall(hall)
    }

    fn put_seat_map(&mut self, id: HallId, version: Option<u64>, map: &SeatMap) -> Result<Outcome, Stop> {
        let mut hall = self.hall(id)?;
        self.may_write(&hall.stamp, version)?;
        if hall.maps.len() == MAPS_MAX {
            let words = format!("a hall can have {MAPS_MAX} versions of its seat map: make another hall");
            return Err(Refusal::Invalid(words).into());
        }
        let map_version = hall.latest_map() + 1;
        self.define_layout(id, map_version, map)?;
        self.put_map(id, map_version, map)?;
        hall.maps.push(map.summary());
        self.put_hall(hall)
    }

    fn delete_hall(&mut self, id: HallId, version: Option<u64>) -> Result<Outcome, Stop> {
        let hall = self.hall(id)?;
        self.may_write(&hall.stamp, version)?;
        if self.tables.has_children(id.0)? {
            return Err(Refusal::HasPerformances.into());
        }
        self.remove_hall(&hall)?;
        Ok(Outcome::Deleted)
    }

    fn define_layout(&mut self, hall: HallId, version: u32, map: &SeatMap) -> Result<(), Stop> {
        if !map.is_consistent() {
            return Err(Refusal::Invalid("the seat map contradicts itself".to_owned()).into());
        }
        self.ask(marquee_ledger::Command::DefineLayout { hall, version, layout: layout_of(map) })
    }

    fn put_map(&mut self, hall: HallId, version: u32, map: &SeatMap) -> Result<(), Broken> {
        self.tables.put_map(hall, version, map)?;
        self.changes.push(Change::SeatMap(hall, version, Arc::new(map.clone())));
        Ok(())
    }

    fn put_hall(&mut self, mut hall: Hall) -> Result<Outcome, Stop> {
        let outcome = self.touch(&mut hall.stamp);
        self.tables.halls.put(hall.id.0, &hall)?;
        self.changes.push(Change::Hall(Arc::new(hall)));
        Ok(outcome)
    }

    fn remove_hall(&mut self, hall: &Hall) -> Result<(), Stop> {
        self.forget_key(EntityKind::Hall, &hall.stamp)?;
        self.tables.unlink(hall.venue.0, hall.id.0)?;
        self.tables.remove_maps(hall.id)?;
        for version in 1..=hall.latest_map() {
            self.changes.push(Change::SeatMapGone(hall.id, version));
        }
        self.tables.halls.remove(hall.id.0)?;
        self.changes.push(Change::HallGone(hall.id));
        Ok(())
    }

    // Events.

    fn create_events(&mut self, events: &[(Option<String>, EventFacts)]) -> Result<Outcome, Stop> {
        if events.len() > EVENTS_MAX {
            return Err(Refusal::Invalid(format!("at most {EVENTS_MAX} events at once")).into());
        }
        for (nth, (key, _)) in events.iter().enumerate() {
            self.key_is_free(EntityKind::Event, key.as_deref())?;
            if let Some(key) = key
                && events[..nth].iter().any(|(other, _)| other.as_ref() == Some(key))
            {
                return Err(Refusal::Invalid(format!("the key {key:?} is given to two events")).into());
            }
        }
        let mut created = Vec::with_capacity(events.len());
        for (key, facts) in events {
            // Events belong to no venue: their ids name the owner 0.
            let id = EventId::from_parts(self.now_ms, 0, self.tables.next_counter()?);
            let event = Event { id, stamp: self.first_stamp(key.as_deref()), facts: facts.clone() };
            self.tables.put_key(self.by.account, EntityKind::Event, key.as_deref(), id.0)?;
            self.tables.events.put(id.0, &event)?;
            self.changes.push(Change::Event(Arc::new(event)));
            created.push(Created::Event(id));
        }
        Ok(Outcome::Created(created))
    }

    fn update_event(
        &mut self,
        id: EventId,
        version: Option<u64>,
        facts: &EventFacts,
    ) -> Result<Outcome, Stop> {
        let mut event = self.event(id)?;
        self.may_write(&event.stamp, version)?;
        event.facts.clone_from(facts);
        let outcome = self.touch(&mut event.stamp);
        self.tables.events.put(id.0, &event)?;
        self.changes.push(Change::Event(Arc::new(event)));
        Ok(outcome)
    }

    fn delete_event(&mut self, id: EventId, version: Option<u64>) -> Result<Outcome, Stop> {
        let event = self.event(id)?;
        self.may_write(&event.stamp, version)?;
        if self.tables.has_children(id.0)? {
            return Err(Refusal::HasPerformances.into());
        }
        self.forget_key(EntityKind::Event, &event.stamp)?;
        self.tables.events.remove(id.0)?;
        self.changes.push(Change::EventGone(id));
        Ok(Outcome::Deleted)
    }

    // Performances: the ledger decides, the catalog follows.

    fn create_performance(
        &mut self,
        key: Option<&str>,
        event: EventId,
        event_owner: Option<AccountId>,
        hall: HallId,
        offer: &Offer,
    ) -> Result<Outcome, Stop> {
        match (self.tables.events.get::<Event>(event.0)?, event_owner) {
            (Some(shown), _) => self.may_write(&shown.stamp, None)?,
            (None, Some(owner)) => self.is_own(owner)?,
            (None, None) => return Err(Refusal::UnknownEvent.into()),
        }
        let hall = self.hall(hall)?;
        self.may_write(&hall.stamp, None)?;
        self.key_is_free(EntityKind::Performance, key)?;
        let seat_map_version = offer.seat_map_version.unwrap_or_else(|| hall.latest_map());
        let sale = sale_of(offer, map_of(&hall, seat_map_version)?)?;
        let id = PerformanceId::from_parts(self.now_ms, hall.venue.owner(), self.tables.next_counter()?);
        let performance = Performance {
            id,
            stamp: self.first_stamp(key),
            event,
            venue: hall.venue,
            hall: hall.id,
            seat_map_version,
            schedule: offer.schedule,
            sale: Arc::new(sale),
            status: PerformanceStatus::Scheduled,
            cancelled_because: String::new(),
            moved_from_ms: None,
            accessibility: offer.accessibility.clone(),
        };
        let terms = performance.terms();
        self.ask(marquee_ledger::Command::OpenPerformance { performance: id, terms })?;
        self.tables.put_key(self.by.account, EntityKind::Performance, key, id.0)?;
        self.tables.link(event.0, id.0)?;
        self.tables.link(hall.id.0, id.0)?;
        self.tables.performances.put(id.0, &performance)?;
        self.changes.push(Change::Performance(Arc::new(performance)));
        Ok(Outcome::Created(vec![Created::Performance(id)]))
    }

    fn update_performance(
        &mut self,
        id: PerformanceId,
        version: Option<u64>,
        offer: &Offer,
    ) -> Result<Outcome, Stop> {
        let mut performance = self.performance(id)?;
        self.may_write(&performance.stamp, version)?;
        let hall = self.hall(performance.hall)?;
        performance.seat_map_version = offer.seat_map_version.unwrap_or(performance.seat_map_version);
        performance.sale = Arc::new(sale_of(offer, map_of(&hall, performance.seat_map_version)?)?);
        performance.accessibility.clone_from(&offer.accessibility);
        put_schedule(&mut performance, offer.schedule);
        self.amend(performance)
    }

    fn reschedule(
        &mut self,
        id: PerformanceId,
        version: Option<u64>,
        schedule: Schedule,
    ) -> Result<Outcome, Stop> {
        let mut performance = self.performance(id)?;
        self.may_write(&performance.stamp, version)?;
        put_schedule(&mut performance, schedule);
        self.amend(performance)
    }

    fn amend(&mut self, performance: Performance) -> Result<Outcome, Stop> {
        let terms = performance.terms();
        self.ask(marquee_ledger::Command::AmendPerformance { performance: performance.id, terms })?;
        self.put_performance(performance)
    }

    fn cancel_performance(
        &mut self,
        id: PerformanceId,
        version: Option<u64>,
        reason: &str,
    ) -> Result<Outcome, Stop> {
        let mut performance = self.performance(id)?;
        self.may_write(&performance.stamp, version)?;
        // The buyers were told a reason: it stays the one.
        match performance.status {
            PerformanceStatus::Cancelled => {
                return Err(Refusal::Sale(marquee_ledger::Refusal::PerformanceCancelled).into());
            }
            PerformanceStatus::Scheduled => {}
        }
        let reason = reason.to_owned();
        self.ask(marquee_ledger::Command::CancelPerformance { performance: id, reason: reason.clone() })?;
        performance.status = PerformanceStatus::Cancelled;
        performance.cancelled_because = reason;
        self.put_performance(performance)
    }

    fn delete_performance(&mut self, id: PerformanceId, version: Option<u64>) -> Result<Outcome, Stop> {
        let performance = self.performance(id)?;
        self.may_write(&performance.stamp, version)?;
        self.ask(marquee_ledger::Command::WithdrawPerformance { performance: id })?;
        self.forget_key(EntityKind::Performance, &performance.stamp)?;
        self.tables.unlink(performance.event.0, id.0)?;
        self.tables.unlink(performance.hall.0, id.0)?;
        self.tables.performances.remove(id.0)?;
        self.changes.push(Change::PerformanceGone(id));
        Ok(Outcome::Deleted)
    }

    fn put_performance(&mut self, mut performance: Performance) -> Result<Outcome, Stop> {
        let outcome = self.touch(&mut performance.stamp);
        self.tables.performances.put(performance.id.0, &performance)?;
        self.changes.push(Change::Performance(Arc::new(performance)));
        Ok(outcome)
    }

    // What all have in common.

    fn ask(&mut self, command: marquee_ledger::Command) -> Result<(), Stop> {
        self.sales.ask(command)?.map(drop).map_err(|refusal| Refusal::Sale(refusal).into())
    }

    fn is_own(&self, owner: AccountId) -> Result<(), Refusal> {
        if owner == self.by.account || self.by.operator { Ok(()) } else { Err(Refusal::NotYours) }
    }

    fn may_write(&self, stamp: &Stamp, version: Option<u64>) -> Result<(), Refusal> {
        self.is_own(stamp.owner)?;
        match version {
            Some(version) if version != stamp.version => Err(Refusal::Stale { version: stamp.version }),
            Some(_) | None => Ok(()),
        }
    }

    fn key_is_free(&self, kind: EntityKind, key: Option<&str>) -> Result<(), Stop> {
        let Some(key) = key else { return Ok(()) };
        let Some(id) = self.tables.keyed(self.by.account, kind, key)? else { return Ok(()) };
        let by = match kind {
            EntityKind::Venue => Created::Venue(VenueId(id)),
            EntityKind::Hall => Created::Hall(HallId(id)),
            EntityKind::Event => Created::Event(EventId(id)),
            EntityKind::Performance => Created::Performance(PerformanceId(id)),
        };
        Err(Refusal::KeyTaken { key: key.to_owned(), by }.into())
    }

    fn forget_key(&mut self, kind: EntityKind, stamp: &Stamp) -> Result<(), Broken> {
        self.tables.remove_key(stamp.owner, kind, stamp.key.as_deref())
    }

    fn first_stamp(&self, key: Option<&str>) -> Stamp {
        Stamp {
            version: 1,
            created_ms: self.now_ms,
            updated_ms: self.now_ms,
            owner: self.by.account,
            key: key.map(str::to_owned),
        }
    }

    fn touch(&self, stamp: &mut Stamp) -> Outcome {
        stamp.version += 1;
        stamp.updated_ms = self.now_ms;
        Outcome::Updated { version: stamp.version }
    }

    fn venue(&self, id: VenueId) -> Result<Venue, Stop> {
        self.tables.venues.get(id.0)?.ok_or_else(|| Refusal::UnknownVenue.into())
    }

    fn hall(&self, id: HallId) -> Result<Hall, Stop> {
        self.tables.halls.get(id.0)?.ok_or_else(|| Refusal::UnknownHall.into())
    }

    fn event(&self, id: EventId) -> Result<Event, Stop> {
        self.tables.events.get(id.0)?.ok_or_else(|| Refusal::UnknownEvent.into())
    }

    fn performance(&self, id: PerformanceId) -> Result<Performance, Stop> {
        self.tables.performances.get(id.0)?.ok_or_else(|| Refusal::UnknownPerformance.into())
    }
}

fn map_of(hall: &Hall, version: u32) -> Result<&MapSummary, Refusal> {
    hall.map(version).ok_or(Refusal::UnknownSeatMap { version })
}

/// The offer with its names turned into the indices of the seat map and of the concessions.
/// Gives a performance another schedule; when its start moves, it is kept from when.
fn put_schedule(performance: &mut Performance, schedule: Schedule) {
    let starts_at_ms = performance.schedule.starts_at_ms;
    if schedule.starts_at_ms != starts_at_ms {
        performance.moved_from_ms = Some(starts_at_ms);
    }
    performance.schedule = schedule;
}

fn sale_of(offer: &Offer, map: &MapSummary) -> Result<Sale, Refusal> {
    let mut prices = Vec::with_capacity(offer.prices.len());
    for (nth, price) in offer.prices.iter().enumerate() {
        // There are at most a few hundred prices: their number is bounded where offers enter.
        let nth = nth as u32;
        let category = map.categories.iter().position(|category| category.key == price.category);
        let category = category
            .and_then(|index| u8::try_from(index).ok())
            .ok_or_else(|| Refusal::UnknownCategory { category: price.category.clone(), price: nth })?;
        let concession = offer.concessions.iter().position(|concession| *concession == price.concession);
        let concession = concession
            .and_then(|index| u8::try_from(index).ok())
            .ok_or_else(|| Refusal::UnknownConcession { concession: price.concession.clone(), price: nth })?;
        prices.push(Price { category, concession, amount: price.amount });
    }
    Ok(Sale {
        currency: offer.currency,
        concessions: offer.concessions.clone(),
        prices,
        refund: offer.refund,
        ticket_limit: offer.ticket_limit,
        pace: offer.pace,
    })
}
