//! Moves venues from one group to another while they sell.
//!
//! The directory's placement says that a venue is to move; the home of the group that it leaves does it. Whoever becomes
//! home next looks at the placement and at where the venue stands with its own ledger, and goes on from there: what is to
//! be done follows from these two (`duty`), and every step may be repeated. The steps themselves, and why no order of
//! them lets two groups sell, are told in [`marquee_ledger::transfer`].
//!
//! | module | what it does |
//! |---|---|
//! | `duty` | what a home owes a venue |
//! | `passage` | one attempt to move a venue |
//! | `cargo` | reads what is to be sent, cut into pieces |
//! | `progress` | how far moves are, for operators |
//! | `seizing` | takes a venue over from a copy, when its box office is lost or cut off |
//! | `reconciling` | settles what the box office sold meanwhile, once it is back |
//!
//! Buyers of a frozen venue wait: see [`Failure::Moved`]. They wait for one commit at the
//! source, one at the destination and one in the directory, and for the last rows to be read and compared.

mod cargo;
pub mod duty;
mod passage;
pub mod progress;
pub mod reconciling;
pub mod seizing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use marquee_ledger::transfer::{Act, Stage, Standing};

use crate::catalog::Refusal;
use crate::directory::Placement;
use crate::home::{Failure, Home};
use duty::{Duty, duty};
use passage::Passage;

/// How often everything is looked at, whatever happens in between.
const ROUND: Duration = Duration::from_millis(500);
/// How soon a move is tried again that stopped while its venue was frozen.
const FROZEN_ROUND: Duration = Duration::from_millis(25);

/// Why a move does not go on. Whoever is home looks again and goes on from what is there.
#[derive(Debug, thiserror::Error)]
enum Halt {
    /// A group did not answer.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// A step was refused.
    #[error("a step was refused: {0}")]
    Refused(#[from] Refusal),
    /// The directory refused.
    #[error("the directory refused: {0}")]
    Directory(#[from] crate::directory::Refusal),
    /// The replica has no copy of the venue.
    #[error("this node's copy of the group does not have the venue")]
    NoCopy,
    /// Another attempt, or another home, is at work.
    #[error("another attempt is under way")]
    Overtaken,
}

impl From<marquee_ledger::Broken> for Halt {
    fn from(broken: marquee_ledger::Broken) -> Self {
        Self::Failed(broken.into())
    }
}

/// Moves a group's venues whenever this node is its home. Runs until it is dropped.
pub async fn look_after(home: Home) {
    let commons = home.commons().clone();
    let mut changes = commons.views.changes();
    let mut homes = home.watch();
    loop {
        let mut pause = ROUND;
        if home.is_home() && tend(&home).await {
            pause = FROZEN_ROUND;
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            changed = homes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Does what is owed; tells whether a venue waits for it, frozen.
async fn tend(home: &Home) -> bool {
    let view = home.commons().views.now();
    let standings = match standings(home) {
        Ok(standings) => standings,
        Err(failure) => {
            tracing::warn!(group = %home.id(), %failure, "it is not known where venues stand");
            return false;
        }
    };
    let mut is_frozen = false;
    for placement in view.placements().values() {
        let standing = standings.get(&placement.venue).copied().unwrap_or(Standing::FIRST);
        let duty = duty(home.id(), *placement, standing);
        if let Err(halt) = fulfil(home, *placement, duty).await {
            let venue = placement.venue;
            home.commons().moves.halted(venue, &halt.to_string());
            tracing::info!(group = %home.id(), venue, %halt, ?duty, "a move goes on later");
            is_frozen |= standing_now(home, venue).is_some_and(|standing| {
                matches!(standing.stage, Stage::Departed(_)) && placement.group == home.id()
            });
        }
    }
    is_frozen
}

async fn fulfil(home: &Home, placement: Placement, duty: Duty) -> Result<(), Halt> {
    match duty {
        Duty::Nothing => Ok(()),
        Duty::Move { epoch, to } => Passage::new(home, placement.venue, epoch, to).run().await,
        Duty::CallOff { epoch, to } => Passage::new(home, placement.venue, epoch, to).call_off().await,
        Duty::Yield { epoch, base } => {
            let to = placement.group;
            Passage::new(home, placement.venue, epoch, to).here(Act::Yield { base }).await?;
            tracing::warn!(group = %home.id(), venue = placement.venue, %to, epoch, "a venue was taken over from here");
            Ok(())
        }
        Duty::Reconcile { epoch } => reconciling::reconcile(home, placement, epoch).await,
        Duty::Forget { epoch } => Passage::new(home, placement.venue, epoch, placement.group).forget().await,
    }
}

fn standings(home: &Home) -> Result<BTreeMap<u32, Standing>, Failure> {
    Ok(home.snapshot()?.ledger()?.standings()?)
}

fn standing_now(home: &Home, venue: u32) -> Option<Standing> {
    home.snapshot().ok()?.ledger().ok()?.standing(venue).ok()
}
