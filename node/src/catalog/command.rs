//! What can be asked of the catalog, and what it answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use marquee_ledger::terms::RefundPolicy;
use marquee_ledger::{AccountId, Currency, EventId, HallId, PerformanceId, VenueId};
use serde::{Deserialize, Serialize};

use super::entity::{Aid, Event, EventFacts, Hall, Pace, Performance, Schedule, Venue, VenueFacts};
use super::seat_map::SeatMap;
use super::transfer::Step;
use crate::reviews::Summary;

/// Who asks for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Who asks.
    pub by: By,
    /// What they ask.
    pub action: Action,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Their account; what they make is theirs.
    pub account: AccountId,
    /// Whether they may also write what others own.
    pub operator: bool,
}

/// What is asked. Where an action names a `version`, it is refused as [`Refusal::Stale`] when the entity has another;
/// without one it changes whatever is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Makes a venue.
    CreateVenue {
        /// Its number, given out by the directory; without one the catalog counts by itself, as a lone one may.
        number: Option<u32>,
        /// Its owner's name for it.
        key: Option<String>,
        /// What is told of it.
        facts: VenueFacts,
    },
    /// Writes a venue anew.
    UpdateVenue {
        /// Which.
        venue: VenueId,
        /// Which version is changed.
        version: Option<u64>,
        /// What is told of it.
        facts: VenueFacts,
    },
    /// Removes a venue and its halls; refused while performances take place there.
    DeleteVenue {
        /// Which.
        venue: VenueId,
        /// Which version is removed.
        version: Option<u64>,
    },
    /// Makes a hall.
    CreateHall {
        /// In which venue.
        venue: VenueId,
        /// Its owner's name for it.
        key: Option<String>,
        /// Its name.
        name: String,
        /// Version 1 of its seat map.
        seat_map: Box<SeatMap>,
    },
    /// Gives a hall another name.
    RenameHall {
        /// Which.
        hall: HallId,
        /// Which version is changed.
        version: Option<u64>,
        /// Its name from then on.
        name: String,
    },
    /// Gives a hall another version of its seat map. Performances keep the version that they are sold by.
    PutSeatMap {
        /// Which.
        hall: HallId,
        /// Which version of the hall is changed.
        version: Option<u64>,
        /// The seat map.
        seat_map: Box<SeatMap>,
    },
    /// Removes a hall; refused while performances take place there.
    DeleteHall {
        /// Which.
        hall: HallId,
        /// Which version is removed.
        version: Option<u64>,
    },
    /// Makes events: all or none.
    CreateEvents {
        /// At most [`EVENTS_MAX`], each with its owner's name for it.
        events: Vec<(Option<String>, EventFacts)>,
    },
    /// Writes an event anew.
    UpdateEvent {
        /// Which.
        event: EventId,
        /// Which version is changed.
        version: Option<u64>,
        /// What is told of it.
        facts: EventFacts,
    },
    /// Removes an event; refused while it has performances.
    DeleteEvent {
        /// Which.
        event: EventId,
        /// Which version is removed.
        version: Option<u64>,
    },
    /// Makes a performance and puts it on sale. Who asks must own the event and the venue.
    CreatePerformance {
        /// Its owner's name for it.
        key: Option<String>,
        /// What is shown.
        event: EventId,
        /// Who owns the event, if another group has it: the catalog does not see it then.
        event_owner: Option<AccountId>,
        /// Where.
        hall: HallId,
        /// When and on which terms.
        offer: Offer,
    },
    /// Writes a performance's times and terms anew.
    UpdatePerformance {
        /// Which.
        performance: PerformanceId,
        /// Which version is changed.
        version: Option<u64>,
        /// When and on which terms.
        offer: Offer,
    },
    /// Gives a performance other times and leaves its terms as they are.
    Reschedule {
        /// Which.
        performance: PerformanceId,
        /// Which version is changed.
        version: Option<u64>,
        /// When.
        schedule: Schedule,
    },
    /// Calls a performance off; everyone is refunded.
    CancelPerformance {
        /// Which.
        performance: PerformanceId,
        /// Which version is changed.
        version: Option<u64>,
        /// Told to the buyers.
        reason: String,
    },
    /// Removes a performance that never had an order.
    DeletePerformance {
        /// Which.
        performance: PerformanceId,
        /// Which version is removed.
        version: Option<u64>,
    },
    /// A step of a venue's move to another group, for the ledger and for the catalog.
    Transfer(Box<Step>),
}

/// The most events that one command makes.
pub const EVENTS_MAX: usize = 500;

/// When and on which terms a performance is sold, by the names that people use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Which version of the hall's seat map; without one the latest, or the one that the performance has.
    pub seat_map_version: Option<u32>,
    /// When.
    pub schedule: Schedule,
    /// Of all prices.
    pub currency: Currency,
    /// Keys of the concessions; the first is the default.
    pub concessions: Vec<String>,
    /// What a ticket costs. A category without a price is not sold.
    pub prices: Vec<OfferedPrice>,
    /// When a buyer gets how much back.
    pub refund: RefundPolicy,
    /// The most live tickets of one customer; 0 for no limit.
    pub ticket_limit: u16,
    /// How long seats are kept.
    pub pace: Pace,
    /// What there is for those who need it.
    #[serde(default)]
    pub accessibility: BTreeSet<Aid>,
}

/// What a ticket costs, by the keys of its category and concession.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedPrice {
    /// Key of the seat map's category.
    pub category: String,
    /// Key of the concession.
    pub concession: String,
    /// Minor units, not negative.
    pub amount: i64,
}

/// What came of a command that was not refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// These were made, in the order in which they were asked for.
    Created(Vec<Created>),
    /// It was written and has this version.
    Updated {
        /// The version.
        version: u64,
    },
    /// It is gone.
    Deleted,
    /// A step of a move was done; this is what the ledger says.
    Transferred(marquee_ledger::Outcome),
}

/// What was made. All begin at version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Created {
    /// A venue.
    Venue(VenueId),
    /// A hall.
    Hall(HallId),
    /// An event.
    Event(EventId),
    /// A performance.
    Performance(PerformanceId),
}

/// Why a command was not carried out. A refusal touches nothing, neither here nor in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// No such venue.
    #[error("there is no such venue")]
    UnknownVenue,
    /// No such hall.
    #[error("there is no such hall")]
    UnknownHall,
    /// The hall has no such version of its seat map.
    #[error("the hall has no version {version} of its seat map")]
    UnknownSeatMap {
        /// The version that was asked for.
        version: u32,
    },
    /// No such event.
    #[error("there is no such event")]
    UnknownEvent,
    /// No such performance.
    #[error("there is no such performance")]
    UnknownPerformance,
    /// Who asks does not own it.
    #[error("this belongs to somebody else")]
    NotYours,
    /// It was changed meanwhile. Read it again; a retry is useful with what is there now.
    #[error("it has version {version} now")]
    Stale {
        /// The version that it has.
        version: u64,
    },
    /// Performances refer to it, so that it cannot be removed.
    #[error("it has performances")]
    HasPerformances,
    /// Who asks has another of its kind under this key.
    #[error("the key {key:?} is taken")]
    KeyTaken {
        /// The key.
        key: String,
        /// Which one has it.
        by: Created,
    },
    /// A price for a category that the seat map does not have.
    #[error("the seat map has no price category {category:?}")]
    UnknownCategory {
        /// The category's key.
        category: String,
        /// The price's place in the offer.
        price: u32,
    },
    /// A price for a concession that the offer does not name.
    #[error("the offer has no concession {concession:?}")]
    UnknownConcession {
        /// The concession's key.
        concession: String,
        /// The price's place in the offer.
        price: u32,
    },
    /// The seat map contradicts itself, or the hall has too many versions of it; the words say which.
    #[error("{0}")]
    Invalid(String),
    /// The ledger refuses: see its codes.
    #[error(transparent)]
    Sale(marquee_ledger::Refusal),
}

impl Refusal {
    /// The stable number. Those of the ledger begin at 1,000 here.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::UnknownVenue => 1,
            Self::UnknownHall => 2,
            Self::UnknownSeatMap { .. } => 3,
            Self::UnknownEvent => 4,
            Self::UnknownPerformance => 5,
            Self::NotYours => 10,
            Self::Stale { .. } => 11,
            Self::HasPerformances => 12,
            Self::KeyTaken { .. } => 13,
            Self::UnknownCategory { .. } => 20,
            Self::UnknownConcession { .. } => 21,
            Self::Invalid(_) => 22,
            Self::Sale(refusal) => 1_000 + refusal.code(),
        }
    }
}

impl Action {
    /// The number of the venue that it is about, 0 for what belongs to no venue; none for what the group at hand decides.
    #[must_use]
    pub fn owner(&self) -> Option<u32> {
        Some(match self {
            Self::CreateVenue { number: Some(number), .. } => *number,
            Self::CreateVenue { number: None, .. } => return None,
            Self::UpdateVenue { venue, .. } | Self::DeleteVenue { venue, .. } => venue.owner(),
            Self::CreateHall { venue, .. } => venue.owner(),
            Self::RenameHall { hall, .. }
            | Self::PutSeatMap { hall, .. }
            | Self::DeleteHall { hall, .. }
            | Self::CreatePerformance { hall, .. } => hall.owner(),
            // Events belong to no venue.
            Self::CreateEvents { .. } | Self::UpdateEvent { .. } | Self::DeleteEvent { .. } => 0,
            Self::UpdatePerformance { performance, .. }
            | Self::Reschedule { performance, .. }
            | Self::CancelPerformance { performance, .. }
            | Self::DeletePerformance { performance, .. } => performance.owner(),
            // The two groups of a move have steps of their own.
            Self::Transfer(_) => return None,
        })
    }
}

impl Refusal {
    /// Whether the same request may be answered otherwise a moment later, so that the refusal is no answer to keep.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Sale(refusal) if refusal.is_transient())
    }
}

/// What changed, for the copy in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A venue is so.
    Venue(Arc<Venue>),
    /// A venue is gone.
    VenueGone(VenueId),
    /// A hall is so.
    Hall(Arc<Hall>),
    /// A hall is gone.
    HallGone(HallId),
    /// A version of a hall's seat map was drawn. It never changes.
    SeatMap(HallId, u32, Arc<SeatMap>),
    /// A version of a hall's seat map is gone.
    SeatMapGone(HallId, u32),
    /// An event is so.
    Event(Arc<Event>),
    /// An event is gone.
    EventGone(EventId),
    /// A performance is so.
    Performance(Arc<Performance>),
    /// A performance is gone.
    PerformanceGone(PerformanceId),
    /// Reviews say this of an event.
    Rating(EventId, Summary),
}
