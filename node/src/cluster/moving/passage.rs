//! One attempt to move a venue.

use std::time::Duration;

use marquee_ledger::transfer::{Act, Arrival, Piece, Settlement, Stage, Standing, Step};
use marquee_replication::GroupId;
use tokio::time::Instant;

use super::Halt;
use super::cargo::{self, Bill, Crate, Known, Origin};
use super::progress::Phase;
use crate::catalog::transfer::{Item, ItemKind, Manifest, hash_of};
use crate::catalog::{self, Action, By, Outcome, Refusal};
use crate::cluster::errand::{Found, Query};
use crate::directory;
use crate::home::{Failure, Home};
use crate::machine::{Answer, Command, encode_command};

/// A round that sent no more than this is short enough for the venue to be frozen for the next one.
const SHORT_ROUND: u64 = 200;
/// After so many rounds it is frozen whatever the last one sent: a rush that outruns the copying never ends by itself.
const ROUNDS_MAX: u32 = 12;
/// How often a venue that does not settle is copied anew before it stays where it is.
const COPIES_MAX: u32 = 3;
/// How many rows one step removes.
const CLEARED_AT_ONCE: u32 = 1_000;
/// How long to wait between two removals: those who sell have the log first.
const CLEARING_PAUSE: Duration = Duration::from_millis(5);
/// How long the directory may take to write down that a venue has moved, before it is told again.
const DIRECTORY_PAUSE: Duration = Duration::from_millis(20);

/// See the module.
pub(super) struct Passage<'h> {
    home: &'h Home,
    origin: Origin,
    venue: u32,
    epoch: u64,
    to: GroupId,
    attempt: u64,
    /// How many pieces the destination has of this attempt.
    pieces: u64,
    known: Known,
}

/// Where an attempt begins.
enum Begun {
    /// The venue sells here.
    Selling,
    /// It is frozen by an earlier attempt.
    Frozen,
    /// It has settled at the destination.
    Settled,
    /// The destination has shut it out: an earlier attempt was calling it off.
    ShutOut,
}

impl<'h> Passage<'h> {
    pub(super) fn new(home: &'h Home, venue: u32, epoch: u64, to: GroupId) -> Self {
        Self::from_copy(home, Origin::home(home), venue, (epoch, to))
    }

    /// One that takes what a copy has.
    pub(super) fn from_copy(home: &'h Home, origin: Origin, venue: u32, (epoch, to): (u64, GroupId)) -> Self {
        Self { home, origin, venue, epoch, to, attempt: 0, pieces: 0, known: Known::default() }
    }

    /// Moves the venue, from wherever an earlier attempt came to.
    pub(super) async fn run(mut self) -> Result<(), Halt> {
        let (venue, moves) = (self.venue, &self.home.commons().moves);
        match self.begin().await? {
            Begun::Settled => {}
            Begun::ShutOut => return self.call_off().await,
            begun @ (Begun::Selling | Begun::Frozen) => {
                if matches!(begun, Begun::Selling) {
                    self.copy().await?;
                }
                let frozen_at = Instant::now();
                moves.enter(venue, Phase::Frozen);
                let attempt = self.attempt;
                self.here(Act::Depart { attempt }).await?;
                if !self.settle().await? {
                    tracing::error!(
                        venue,
                        epoch = self.epoch,
                        "a venue does not settle, and stays where it is"
                    );
                    return self.call_off().await;
                }
                self.tell_directory().await?;
                let frozen = frozen_at.elapsed();
                moves.thawed(venue, frozen);
                tracing::info!(venue, to = %self.to, epoch = self.epoch, ?frozen, "a venue has moved");
                return self.forget().await;
            }
        }
        self.tell_directory().await?;
        self.forget().await
    }

    /// Begins an attempt here and there.
    async fn begin(&mut self) -> Result<Begun, Halt> {
        let stage = self.here(Act::Prepare).await?.stage;
        let (copying, begun) = match stage {
            Stage::Copied(copying) => (copying, Begun::Selling),
            Stage::Departed(copying) => (copying, Begun::Frozen),
            Stage::Owned | Stage::Arriving(_) | Stage::Leaving | Stage::Gone | Stage::Yielded(_) => {
                return Err(Halt::Overtaken);
            }
        };
        self.attempt = copying.attempt;
        self.home.commons().moves.begin(self.venue, self.epoch, self.attempt);
        let awaited = self.there(Act::Await { attempt: self.attempt }, Crate::default(), None).await;
        if let Err(Halt::Refused(Refusal::Sale(marquee_ledger::Refusal::StaleStep))) = awaited
            && self.is_shut_out().await?
        {
            return Ok(Begun::ShutOut);
        }
        match awaited?.stage {
            Stage::Owned => Ok(Begun::Settled),
            Stage::Arriving(arrival) => {
                self.known.through = arrival.through;
                self.learn(arrival).await?;
                Ok(begun)
            }
            Stage::Copied(_) | Stage::Departed(_) | Stage::Leaving | Stage::Gone | Stage::Yielded(_) => {
                Err(Halt::Overtaken)
            }
        }
    }

    /// Takes note of what is there.
    async fn learn(&mut self, arrival: Arrival) -> Result<(), Halt> {
        self.pieces = arrival.pieces;
        let query = Query::VenueItems(self.venue);
        if let Found::VenueItems(items) = self.home.commons().query(self.to, query).await? {
            self.known.items = items.into_iter().collect();
        }
        Ok(())
    }

    /// Begins an attempt that sends everything, to a destination that has nothing but of the same copy.
    pub(super) async fn begin_from_copy(&mut self, attempt: u64) -> Result<(), Halt> {
        self.attempt = attempt;
        self.home.commons().moves.begin(self.venue, self.epoch, attempt);
        match self.there(Act::Await { attempt }, Crate::default(), None).await?.stage {
            Stage::Arriving(arrival) => self.learn(arrival).await,
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => Err(Halt::Overtaken),
        }
    }

    async fn is_shut_out(&self) -> Result<bool, Halt> {
        let found = self.home.commons().query(self.to, Query::VenueStanding(self.venue)).await?;
        let Found::VenueStanding(standing) = found else { return Err(Halt::Overtaken) };
        Ok(standing.epoch >= self.epoch && matches!(standing.stage, Stage::Leaving | Stage::Gone))
    }

    /// Copies the venue while it sells, in ever shorter rounds.
    async fn copy(&mut self) -> Result<(), Halt> {
        for _round in 0..ROUNDS_MAX {
            let mut crates = cargo::read(&self.origin, self.venue, self.known.clone());
            let mut sent = 0;
            while let Some(next) = crates.recv().await {
                sent += self.send(next?).await?;
            }
            self.home.commons().moves.sent(self.venue, 0, true);
            if sent <= SHORT_ROUND {
                break;
            }
        }
        Ok(())
    }

    /// Sends the rest of the frozen venue and lets it settle; tells whether it did.
    async fn settle(&mut self) -> Result<bool, Halt> {
        for _copy in 0..COPIES_MAX {
            let origin = self.origin.clone();
            let bill = cargo::bill(&origin, self.venue);
            let rest = self.send_all_but_last();
            let (bill, last) = tokio::try_join!(bill, rest)?;
            match self.settle_with(bill, last).await {
                Ok(_owned) => return Ok(true),
                Err(Halt::Refused(Refusal::Sale(marquee_ledger::Refusal::Incomplete))) => {
                    tracing::warn!(
                        venue = self.venue,
                        "a venue is not whole where it goes, and is copied anew"
                    );
                    self.known = Known::default();
                }
                Err(halt) => return Err(halt),
            }
        }
        Ok(false)
    }

    pub(super) async fn send_all_but_last(&mut self) -> Result<Crate, Halt> {
        let mut crates = cargo::read(&self.origin, self.venue, self.known.clone());
        let mut last = crates.recv().await.ok_or(Halt::Overtaken)??;
        while let Some(next) = crates.recv().await {
            let full = std::mem::replace(&mut last, next?);
            self.send(full).await?;
        }
        Ok(last)
    }

    pub(super) async fn settle_with(&mut self, bill: Bill, mut last: Crate) -> Result<Standing, Halt> {
        let piece = self.piece(&mut last);
        let Bill { digest, departure, manifest } = bill;
        let act = Act::Settle(Settlement { last: piece, digest, departure });
        self.there(act, last, Some(manifest)).await
    }

    /// Sends a crate; tells how many rows and entities it had.
    async fn send(&mut self, mut full: Crate) -> Result<u64, Halt> {
        let count = full.count();
        let through = full.through;
        let hash = |item: &Item| match item.name.kind {
            ItemKind::Map => 0,
            ItemKind::Venue | ItemKind::Hall | ItemKind::Performance => hash_of(&item.record.0),
        };
        let hashes: Vec<_> = full.items.iter().map(|item| (item.name, hash(item))).collect();
        let piece = self.piece(&mut full);
        match self.there(Act::Arrive(piece), full, None).await?.stage {
            Stage::Arriving(arrival) => self.pieces = arrival.pieces,
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => {
                return Err(Halt::Overtaken);
            }
        }
        self.known.through = through.unwrap_or(self.known.through);
        self.known.items.extend(hashes);
        self.home.commons().moves.sent(self.venue, count, false);
        Ok(count)
    }

    fn piece(&self, of: &mut Crate) -> Piece {
        let (rows, answers) = (std::mem::take(&mut of.rows), std::mem::take(&mut of.answers));
        Piece::new(self.attempt, self.pieces, rows, answers, of.through)
    }

    /// Has the directory write down that the venue has moved.
    pub(super) async fn tell_directory(&self) -> Result<(), Halt> {
        let (venue, epoch, to) = (self.venue, self.epoch, self.to);
        loop {
            let finish = directory::Command::FinishMove { venue, epoch, to };
            match self.home.directory(None, finish).await {
                Ok(told) => {
                    told?;
                    return Ok(());
                }
                // Buyers wait for this: it is tried for as long as this node is home.
                Err(failure) if self.home.is_home() => {
                    tracing::debug!(venue, %failure, "the directory is told again");
                    tokio::time::sleep(DIRECTORY_PAUSE).await;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
    }

    /// Removes the venue's rows here.
    pub(super) async fn forget(self) -> Result<(), Halt> {
        self.home.commons().moves.enter(self.venue, Phase::Clearing);
        while self.treat_here(Act::Forget { limit: CLEARED_AT_ONCE }).await? == CLEARED_AT_ONCE {
            tokio::time::sleep(CLEARING_PAUSE).await;
        }
        self.home.commons().moves.enter(self.venue, Phase::Done);
        Ok(())
    }

    /// Has the destination shut the move out for ever, and rid of what came.
    pub(super) async fn discard_there(&self) -> Result<(), Halt> {
        while self.treat_there(Act::Discard { limit: CLEARED_AT_ONCE }).await? == CLEARED_AT_ONCE {
            tokio::time::sleep(CLEARING_PAUSE).await;
        }
        Ok(())
    }

    /// Ends the move where it began. First the destination, for ever; then the venue sells here again; and the directory
    /// gives the epoch to nobody else.
    pub(super) async fn call_off(self) -> Result<(), Halt> {
        self.discard_there().await?;
        self.here(Act::Stay).await?;
        let abort = directory::Command::AbortMove { venue: self.venue, epoch: self.epoch };
        self.home.directory(None, abort).await??;
        self.home.commons().moves.enter(self.venue, Phase::CalledOff);
        Ok(())
    }

    pub(super) async fn here(&self, act: Act) -> Result<Standing, Halt> {
        let command = self.command(act, Crate::default(), None);
        stands(self.home.propose_here(command).await?)
    }

    async fn there(&self, act: Act, with: Crate, manifest: Option<Manifest>) -> Result<Standing, Halt> {
        let command = self.command(act, with, manifest);
        stands(self.home.commons().command(self.to, command, true).await?)
    }

    async fn treat_here(&self, act: Act) -> Result<u32, Halt> {
        let command = self.command(act, Crate::default(), None);
        treated(self.home.propose_here(command).await?)
    }

    async fn treat_there(&self, act: Act) -> Result<u32, Halt> {
        let command = self.command(act, Crate::default(), None);
        treated(self.home.commons().command(self.to, command, true).await?)
    }

    fn command(&self, act: Act, with: Crate, manifest: Option<Manifest>) -> bytes::Bytes {
        let ledger = Step { venue: self.venue, epoch: self.epoch, act };
        let step =
            catalog::transfer::Step { ledger, items: with.items, manifest, answers: with.part_answers };
        // Nobody's account: the cluster itself.
        let by = By { account: marquee_ledger::AccountId(0), operator: true };
        let command = catalog::Command { by, action: Action::Transfer(Box::new(step)) };
        encode_command(&Command::Catalog { key: None, command })
    }
}

fn stands(answer: Answer) -> Result<Standing, Halt> {
    let outcome = ledger_outcome(answer)?;
    let marquee_ledger::Outcome::Stands(standing) = outcome else { return Err(misplaced(&outcome)) };
    Ok(standing)
}

fn treated(answer: Answer) -> Result<u32, Halt> {
    let outcome = ledger_outcome(answer)?;
    let marquee_ledger::Outcome::Treated { count } = outcome else { return Err(misplaced(&outcome)) };
    Ok(count)
}

fn ledger_outcome(answer: Answer) -> Result<marquee_ledger::Outcome, Halt> {
    let Answer::Catalog(result) = answer else { return Err(misplaced(&answer)) };
    let outcome = result?;
    let Outcome::Transferred(outcome) = outcome else { return Err(misplaced(&outcome)) };
    Ok(outcome)
}

pub(super) fn misplaced(answer: &impl std::fmt::Debug) -> Halt {
    let what = format!("a step of a move is answered with something else: {answer:?}");
    Halt::Failed(Failure::Broken(marquee_ledger::Broken::Contradiction { what }))
}
