//! Writing to the catalog, checked.
//!
//! The part trusts the facts that it is given; here is where they are checked, whatever way they come: by HTTP, from a
//! page, from a document.

use marquee_ledger::{AccountId, EventId, HallId, Key, PerformanceId, VenueId};

use super::checks::{self, Fault, Faults};
use super::command::{Action, By, Command, Created, Outcome, Refusal};
use super::entity::VenueFacts;
use crate::directory;
use crate::home::{Failure, Home};

/// The longest reason for cancelling, in characters.
pub const REASON_CHARS_MAX: usize = 1_000;

/// Writes to the catalog in somebody's name.
#[derive(Clone)]
pub struct Writer {
    home: Home,
    by: By,
}

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It has faults; pointers are relative to what the action is made of.
    #[error("{}", told(.0))]
    Invalid(Vec<Fault>),
    /// The catalog refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no answer.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Writer {
    /// Writes in the name of this account; an operator also writes what others own.
    #[must_use]
    pub const fn new(home: Home, account: AccountId, operator: bool) -> Self {
        Self { home, by: By { account, operator } }
    }

    /// In whose name.
    #[must_use]
    pub const fn by(&self) -> By {
        self.by
    }

    /// Where it is written.
    #[must_use]
    pub const fn home(&self) -> &Home {
        &self.home
    }

    /// Checks and carries out. The key makes a repetition harmless.
    ///
    /// # Errors
    /// When it has faults, is refused, or has no answer. Only without an answer may it have been carried out.
    pub async fn write(&self, key: Option<Key>, action: Action) -> Result<Outcome, WriteError> {
        let mut faults = Faults::default();
        check(&action, &mut faults);
        faults.finish().map_err(WriteError::Invalid)?;
        let action = self.addressed(key, action).await?;
        Ok(self.home.catalog(key, Command { by: self.by, action }).await??)
    }

    /// The action with what its group cannot know by itself: a venue's number, and who owns an event of another group.
    async fn addressed(&self, key: Option<Key>, mut action: Action) -> Result<Action, WriteError> {
        match &mut action {
            Action::CreateVenue { number: number @ None, facts, .. } => {
                *number = Some(self.place(key, facts).await?);
            }
            Action::CreatePerformance { event, event_owner, .. } => {
                let index = self.home.catalog_copy().read();
                *event_owner = index.event(*event).map(|event| event.stamp.owner);
            }
            // Its performances may be in other groups, where the catalog does not see them.
            Action::DeleteEvent { event, version } => {
                let index = self.home.catalog_copy().read();
                let known = index.event(*event).map(|event| event.stamp.version);
                // Whoever deletes another version than there is hears that first.
                let is_current = version.is_none() || *version == known;
                if is_current && index.performances_of(*event).next().is_some() {
                    return Err(Refusal::HasPerformances.into());
                }
            }
            Action::CreateVenue { number: Some(_), .. }
            | Action::UpdateVenue { .. }
            | Action::DeleteVenue { .. }
            | Action::CreateHall { .. }
            | Action::RenameHall { .. }
            | Action::PutSeatMap { .. }
            | Action::DeleteHall { .. }
            | Action::CreateEvents { .. }
            | Action::UpdateEvent { .. }
            | Action::UpdatePerformance { .. }
            | Action::Reschedule { .. }
            | Action::CancelPerformance { .. }
            | Action::DeletePerformance { .. }
            | Action::Transfer(_) => {}
        }
        Ok(action)
    }

    /// Has a venue placed; tells its number.
    async fn place(&self, key: Option<Key>, facts: &VenueFacts) -> Result<u32, Failure> {
        let commons = self.home.commons();
        let group = commons.views.now().group_for_venue(self.home.id(), facts.point);
        let placed = directory::Command::PlaceVenue { group };
        let venue = match self.home.directory(key.map(for_placement), placed).await? {
            Ok(directory::Outcome::Placed(venue)) => venue,
            other => {
                let what = format!("a venue was to be placed, and the answer was {other:?}");
                return Err(Failure::Broken(marquee_ledger::Broken::Contradiction { what }));
            }
        };
        // This node must know where the venue is before it writes to it.
        commons.await_placement(venue).await?;
        Ok(venue)
    }

    /// Makes one thing and tells its id.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn create(&self, key: Option<Key>, action: Action) -> Result<Created, WriteError> {
        match self.write(key, action).await? {
            Outcome::Created(made) if made.len() == 1 => Ok(made[0]),
            other @ (Outcome::Created(_)
            | Outcome::Updated { .. }
            | Outcome::Deleted
            | Outcome::Transferred(_)) => {
                let what = format!("one thing was to be made, and the answer was {other:?}");
                Err(Failure::Broken(marquee_ledger::Broken::Contradiction { what }).into())
            }
        }
    }
}

/// The key of the placement that belongs to a request's key: a repetition gets the same number.
const fn for_placement(key: Key) -> Key {
    Key { id: key.id ^ 0x706c_6163_656d_656e_7400, body: key.body }
}

impl Created {
    /// The venue, if it is one.
    #[must_use]
    pub const fn venue(self) -> Option<VenueId> {
        match self {
            Self::Venue(id) => Some(id),
            Self::Hall(_) | Self::Event(_) | Self::Performance(_) => None,
        }
    }

    /// The hall, if it is one.
    #[must_use]
    pub const fn hall(self) -> Option<HallId> {
        match self {
            Self::Hall(id) => Some(id),
            Self::Venue(_) | Self::Event(_) | Self::Performance(_) => None,
        }
    }

    /// The event, if it is one.
    #[must_use]
    pub const fn event(self) -> Option<EventId> {
        match self {
            Self::Event(id) => Some(id),
            Self::Venue(_) | Self::Hall(_) | Self::Performance(_) => None,
        }
    }

    /// The performance, if it is one.
    #[must_use]
    pub const fn performance(self) -> Option<PerformanceId> {
        match self {
            Self::Performance(id) => Some(id),
            Self::Venue(_) | Self::Hall(_) | Self::Event(_) => None,
        }
    }
}

fn check(action: &Action, faults: &mut Faults) {
    match action {
        Action::CreateVenue { key, facts, .. } => {
            faults.key(key.as_deref());
            checks::venue(facts, faults);
        }
        Action::UpdateVenue { facts, .. } => checks::venue(facts, faults),
        Action::CreateHall { key, name, .. } => {
            faults.key(key.as_deref());
            faults.line("/name", name);
        }
        Action::RenameHall { name, .. } => faults.line("/name", name),
        Action::CreateEvents { events } => {
            for (nth, (key, facts)) in events.iter().enumerate() {
                faults.within(&format!("/events/{nth}"), |faults| {
                    faults.key(key.as_deref());
                    checks::event(facts, faults);
                });
            }
        }
        Action::UpdateEvent { facts, .. } => checks::event(facts, faults),
        Action::CreatePerformance { key, offer, .. } => {
            faults.key(key.as_deref());
            checks::offer(offer, faults);
        }
        Action::UpdatePerformance { offer, .. } => checks::offer(offer, faults),
        Action::Reschedule { schedule, .. } => checks::schedule(schedule, faults),
        Action::CancelPerformance { reason, .. } => {
            if reason.trim().is_empty() {
                faults.add("/reason", "must say why: the buyers are told");
            }
            faults.text("/reason", reason, REASON_CHARS_MAX);
        }
        // The part checks the seat map itself; the others have no facts.
        Action::PutSeatMap { .. }
        | Action::DeleteVenue { .. }
        | Action::DeleteHall { .. }
        | Action::DeleteEvent { .. }
        | Action::DeletePerformance { .. }
        | Action::Transfer(_) => {}
    }
}

fn told(faults: &[Fault]) -> String {
    let told = faults.iter().map(|fault| format!("{}: {}", fault.pointer, fault.detail));
    told.collect::<Vec<_>>().join("; ")
}
