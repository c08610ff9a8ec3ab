//! Selling: seats as they are just now, holds, orders and tickets.
//!
//! The ledger decides everything about seats and money. This room knows who may ask it for what, brings together what
//! the catalog and the ledger know, and tells those who wait: browsers that look at a seat map ([`live`]), and buyers
//! whose payment is under way ([`Selling::settled`]).
//!
//! Reading order: [`hall`] (ids and labels of seats), [`live`], [`rights`], then the services [`holds`], [`orders`] and
//! [`tickets`] with their [`codes`], and the organizer's [`books`].
//!
//! **Architecture invariant**: nothing here knows JSON or status codes, and nothing here says whether a seat is free.

pub mod books;
pub mod codes;
pub mod hall;
pub mod holds;
pub mod live;
pub mod mirror;
pub mod orders;
pub mod rights;
pub mod tickets;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use jiff::tz::TimeZone;
use marquee_config::GatewayKind;
use marquee_ledger::read::{self, Availability};
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{Command, Key, Outcome, PerformanceId, Refusal, Request};
use marquee_replication::GroupId;

use crate::catalog::entity::{Event, Hall, Performance, Venue};
use crate::cluster::owner::Owner;
use crate::cluster::spread::Free;
use crate::home::{Failure, Home, Snapshot};
use books::counted::Counts;
use codes::TicketKeys;
use hall::{HallMap, Halls};
use live::{Base, Live, SeatWatch};

/// Sells. Cheap to clone.
#[derive(Clone)]
pub struct Selling(Arc<Parts>);

struct Parts {
    home: Home,
    live: Arc<Live>,
    halls: Halls,
    keys: Arc<TicketKeys>,
    gateway: GatewayKind,
    places_max: u32,
    counts: Counts,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum NotDone {
    /// The ledger refused. Nothing changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no answer.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// A performance with what the catalog knows around it.
#[derive(Clone)]
pub struct Showing {
    /// The performance.
    pub performance: Arc<Performance>,
    /// What is shown.
    pub event: Arc<Event>,
    /// Where.
    pub venue: Arc<Venue>,
    /// In which of its halls.
    pub hall: Arc<Hall>,
    /// The venue's time zone.
    pub zone: TimeZone,
}

/// A performance's seats at one moment.
pub struct SeatsNow {
    /// Its terms and counts.
    pub performance: read::Performance,
    /// Its seats.
    pub availability: Availability,
    /// Where they stand and what is written on them.
    pub map: Arc<HallMap>,
}

impl Selling {
    /// Sells what `home` has. `live` must be one of the home's listeners.
    #[must_use]
    pub fn new(
        home: Home,
        live: Arc<Live>,
        keys: Arc<TicketKeys>,
        settings: &marquee_config::Cluster,
    ) -> Self {
        Self(Arc::new(Parts {
            home,
            live,
            halls: Halls::new(),
            keys,
            gateway: settings.payments.gateway,
            places_max: u32::from(settings.selling.places_per_hold),
            counts: Counts::default(),
        }))
    }

    /// The gateway that takes payments.
    #[must_use]
    pub fn gateway(&self) -> &'static str {
        match self.0.gateway {
            GatewayKind::Sandbox => "sandbox",
            GatewayKind::Stripe => "stripe",
        }
    }

    /// The most places that one hold can have.
    #[must_use]
    pub fn places_max(&self) -> u32 {
        self.0.places_max
    }

    /// The keys that sign tickets.
    #[must_use]
    pub fn keys(&self) -> &TicketKeys {
        &self.0.keys
    }

    /// A performance as the catalog has it.
    #[must_use]
    pub fn performance(&self, id: PerformanceId) -> Option<Arc<Performance>> {
        self.0.home.catalog_copy().read().performance(id).cloned()
    }

    /// A performance with what is around it.
    #[must_use]
    pub fn showing(&self, id: PerformanceId) -> Option<Showing> {
        let catalog = self.0.home.catalog_copy().read();
        let performance = Arc::clone(catalog.performance(id)?);
        Some(Showing {
            event: Arc::clone(catalog.event(performance.event)?),
            venue: Arc::clone(catalog.venue(performance.venue)?),
            hall: Arc::clone(catalog.hall(performance.hall)?),
            zone: catalog.zone(performance.venue),
            performance,
        })
    }

    /// The seat map that a performance is sold by.
    ///
    /// # Errors
    /// When the storage failed, or has no such map.
    pub fn map_of(&self, performance: &Performance) -> Result<Arc<HallMap>, Failure> {
        let (hall, version) = (performance.hall, performance.seat_map_version);
        self.0.halls.get(hall, version, || self.0.home.seat_map(hall, version))
    }

    /// A performance's seats, all read at one moment.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn seats_now(&self, id: PerformanceId) -> Result<Option<SeatsNow>, Failure> {
        let snapshot = self.0.home.snapshot()?;
        let ledger = snapshot.ledger()?;
        let Some(performance) = ledger.performance(id)? else { return Ok(None) };
        let Some(availability) = ledger.availability(id)? else { return Ok(None) };
        let (hall, version) = (performance.terms.hall, performance.terms.layout_version);
        let map = self.0.halls.get(hall, version, || Ok(snapshot.catalog().seat_map(hall, version)?))?;
        Ok(Some(SeatsNow { performance, availability, map }))
    }

    /// A performance as it is sold just now.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn sold(&self, id: PerformanceId) -> Result<Option<read::Performance>, Failure> {
        Ok(self.0.home.snapshot()?.ledger()?.performance(id)?)
    }

    /// What is free of performances, in the order asked for: from this node's replica of their group, or else as their
    /// home told last. The ledger's headers have the counts: no seat is read.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn free(&self, ids: &[PerformanceId]) -> Result<Vec<Option<Free>>, Failure> {
        let mut snapshots: BTreeMap<GroupId, Option<Snapshot>> = BTreeMap::new();
        let commons = self.0.home.commons();
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            let owner = Owner::Venue(id.owner());
            let snapshot = match snapshots.entry(commons.group(owner, self.0.home.id())) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let replica = self.0.home.replica_for(owner);
                    unknown.insert(replica.map(|replica| replica.snapshot()).transpose()?)
                }
            };
            all.push(match snapshot {
                Some(snapshot) => snapshot.ledger()?.performance(*id)?.map(|sold| free_of(&sold)),
                None => commons.spread.free(*id),
            });
        }
        Ok(all)
    }

    /// Watches a performance's seats; none if `max` watch seats already.
    pub fn watch_seats(&self, id: PerformanceId, max: usize) -> Option<SeatWatch> {
        self.0.live.watch_seats(id, max)
    }

    /// All seats for a watch to begin with; none if there is no such performance.
    ///
    /// # Errors
    /// When the storage failed.
    pub async fn begin_watch(
        &self,
        id: PerformanceId,
        watch: &mut SeatWatch,
    ) -> Result<Option<Arc<Base>>, Failure> {
        let home = self.0.home.clone();
        // A stadium takes milliseconds to read.
        let read = async || {
            let read = move || Ok::<_, Failure>(home.snapshot()?.ledger()?.availability(id)?);
            tokio::task::spawn_blocking(read).await.map_err(|_stopped| Failure::Stopping)?
        };
        watch.begin(read).await
    }

    /// Asks the ledger for something.
    async fn ask(&self, key: Option<Key>, command: Command) -> Result<Outcome, NotDone> {
        Ok(self.0.home.ledger(Request { key, command }).await?.result?)
    }
}

/// What is free of a performance, by its counts.
#[must_use]
pub fn free_of(sold: &read::Performance) -> Free {
    let sum = |count: fn(&read::AreaCounts) -> u32| {
        sold.areas.iter().fold(0u32, |sum, area| sum.saturating_add(count(area)))
    };
    let is_scheduled = sold.status == PerformanceStatus::Scheduled;
    let free = sold.seats.free.saturating_add(sum(|area| area.free));
    Free {
        free: if is_scheduled { free } else { 0 },
        capacity: sold.seats.capacity().saturating_add(sum(|area| area.free + area.held + area.booked)),
        is_scheduled,
    }
}

/// What an outcome means that does not fit its command: a mistake in the program.
fn misplaced(outcome: &Outcome) -> NotDone {
    let what = format!("an outcome of another command: {outcome:?}");
    Failure::Broken(marquee_ledger::Broken::Contradiction { what }).into()
}
