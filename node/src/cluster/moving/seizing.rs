//! Takes a venue over from a copy of its solo group, without that group's home.
//!
//! An operator has decided it, and the directory names the node whose replica is the copy. That node is the coordinator: it
//! looks at its copy once, has the directory write down what that is (the *base*), and sends it to the group that is to own
//! the venue, by the steps of an ordinary move. The base stands in the directory before anything settles, so whatever
//! settles at an epoch is the copy that is written there: the old home learns from it what is missing.
//!
//! A coordinator that starts again goes on if its copy is the same. If that has come further meanwhile, or another node was
//! named, or the venue was on an ordinary move, the destination first shuts the epoch out for ever; the directory then gives
//! the next one. If the venue has settled instead, it is only told to the directory.

use marquee_ledger::transfer::{Departure, Stage, Standing};
use marquee_replication::{GroupId, NodeId};

use super::cargo::{self, Bill, Origin};
use super::passage::Passage;
use super::progress::Phase;
use super::{Halt, ROUND};
use crate::catalog::transfer::Manifest;
use crate::cluster::errand::{Found, Query};
use crate::directory::{self, Placement, Seizure};
use crate::home::Home;

/// The source goes on giving out ids that nobody else knows of: whoever takes over leaves room for so many of them, of an id's
/// 2^40.
const COUNTER_GAP: u64 = 1 << 28;
/// And it goes on telling news; those of the new owner have higher stamps than any of these.
const STAMP_GAP: u64 = 1 << 32;

/// Takes venues of a replica's group over whenever the directory says that this node is to. Runs until it is dropped.
pub async fn look_after(replica: Home, own: NodeId) {
    let commons = replica.commons().clone();
    let mut changes = commons.views.changes();
    loop {
        let view = commons.views.now();
        for placement in view.seizures() {
            let seizure = placement.under_seizure();
            let ours = seizure.filter(|seizure| seizure.by == own && seizure.from == replica.id());
            let Some((seizure, to)) = ours.zip(placement.moving_to) else { continue };
            if let Err(halt) = (Taking { replica: &replica, placement, seizure, to }).run().await {
                let venue = placement.venue;
                commons.moves.halted(venue, &halt.to_string());
                tracing::info!(group = %replica.id(), venue, %halt, "a venue is taken over later");
            }
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// One attempt.
struct Taking<'t> {
    replica: &'t Home,
    placement: &'t Placement,
    seizure: Seizure,
    to: GroupId,
}

impl Taking<'_> {
    async fn run(&self) -> Result<(), Halt> {
        let epoch = self.seizure.epoch;
        let there = self.standing_there().await?;
        if there.owned_at() == Some(epoch) {
            return self.finish().await;
        }
        let is_shut_out = there.epoch >= epoch && matches!(there.stage, Stage::Leaving | Stage::Gone);
        if self.seizure.is_overtaking || is_shut_out {
            return self.begin_anew().await;
        }
        let origin = Origin::copy_of(self.replica)?;
        let base = self.base(&origin)?;
        if self.seizure.base.is_some_and(|known| known != base) {
            return self.begin_anew().await;
        }
        self.tell(directory::Command::SetBase { venue: self.placement.venue, epoch, base }).await?;
        let earlier = match there.stage {
            Stage::Arriving(arrival) if there.epoch == epoch => arrival.attempt,
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => 0,
        };
        // Chance keeps two coordinators apart that see the same: the later attempt shuts the other one out.
        let [chance] = crate::keys::random::<1>();
        self.send(origin, base, earlier + 1 + u64::from(chance)).await?;
        self.finish().await
    }

    async fn send(&self, origin: Origin, base: Departure, attempt: u64) -> Result<(), Halt> {
        let venue = self.placement.venue;
        let mut passage = self.passage(origin.clone());
        passage.begin_from_copy(attempt).await?;
        let (bill, last) = tokio::try_join!(cargo::bill(&origin, venue), passage.send_all_but_last())?;
        let Bill { digest, departure, manifest } = bill;
        if departure != base {
            return Err(Halt::Overtaken);
        }
        let departure = Departure { counter: departure.counter + COUNTER_GAP, ..departure };
        let (counter, stamp) = (manifest.counter + COUNTER_GAP, manifest.stamp + STAMP_GAP);
        let manifest = Manifest { counter, stamp, ..manifest };
        self.replica.commons().moves.enter(venue, Phase::Frozen);
        passage.settle_with(Bill { digest, departure, manifest }, last).await?;
        Ok(())
    }

    /// What the copy is. It must be one of a venue that its group has.
    fn base(&self, origin: &Origin) -> Result<Departure, Halt> {
        let copy = origin.look()?;
        let ledger = copy.ledger()?;
        if ledger.standing(self.placement.venue)?.owned_at().is_none() {
            return Err(Halt::NoCopy);
        }
        Ok(ledger.departure()?)
    }

    /// Has the directory write down that the venue is where it has settled.
    async fn finish(&self) -> Result<(), Halt> {
        let passage = self.passage(Origin::copy_of(self.replica)?);
        passage.tell_directory().await?;
        let Seizure { from, epoch, .. } = self.seizure;
        let venue = self.placement.venue;
        self.replica.commons().moves.enter(venue, Phase::Done);
        tracing::warn!(venue, %from, to = %self.to, epoch, "a venue was taken over");
        Ok(())
    }

    async fn begin_anew(&self) -> Result<(), Halt> {
        let (venue, epoch) = (self.placement.venue, self.seizure.epoch);
        self.passage(Origin::copy_of(self.replica)?).discard_there().await?;
        self.tell(directory::Command::SeizeAgain { venue, epoch }).await
    }

    async fn standing_there(&self) -> Result<Standing, Halt> {
        let query = Query::VenueStanding(self.placement.venue);
        let found = self.replica.commons().query(self.to, query).await?;
        let Found::VenueStanding(standing) = found else { return Err(super::passage::misplaced(&found)) };
        Ok(standing)
    }

    async fn tell(&self, command: directory::Command) -> Result<(), Halt> {
        self.replica.directory(None, command).await??;
        Ok(())
    }

    fn passage(&self, origin: Origin) -> Passage<'_> {
        Passage::from_copy(self.replica, origin, self.placement.venue, (self.seizure.epoch, self.to))
    }
}
