//! How far moves are, for operators. Kept by the home that moves, in memory: a later home counts anew.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// How many moves are remembered.
const REMEMBERED_MAX: usize = 1_000;

/// How far a move is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The epoch that the move leads to.
    pub epoch: u64,
    /// What happens.
    pub phase: Phase,
    /// The attempt.
    pub attempt: u64,
    /// How many rows and entities were sent, in all rounds of this attempt.
    pub sent: u64,
    /// How many rounds there were.
    pub rounds: u32,
    /// For how many milliseconds nobody could buy; known when it is over.
    pub frozen_ms: Option<u64>,
    /// Why it stopped last.
    pub halted: Option<String>,
}

/// What happens in a move.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// The venue is copied while it sells.
    #[default]
    Copying,
    /// It is frozen, and the rest is sent.
    Frozen,
    /// It sells at its new home, and its rows go at the old one.
    Clearing,
    /// It is over.
    Done,
    /// It stays.
    CalledOff,
}

impl Phase {
    /// As operators read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Copying => "copying",
            Self::Frozen => "frozen",
            Self::Clearing => "clearing",
            Self::Done => "done",
            Self::CalledOff => "called-off",
        }
    }
}

/// The moves that this node's homes carry out, or did.
#[derive(Default)]
pub struct Moves(Mutex<BTreeMap<u32, Progress>>);

impl Moves {
    /// How far the last move of a venue is.
    #[must_use]
    pub fn of(&self, venue: u32) -> Option<Progress> {
        self.0.lock().get(&venue).cloned()
    }

    pub(super) fn begin(&self, venue: u32, epoch: u64, attempt: u64) {
        let mut moves = self.0.lock();
        let earlier = moves.get(&venue).filter(|earlier| earlier.epoch == epoch);
        let halted = earlier.and_then(|earlier| earlier.halted.clone());
        // What was frozen in an earlier attempt is frozen still; how long it was is not known any more.
        moves.insert(venue, Progress { epoch, attempt, halted, ..Progress::default() });
        if moves.len() > REMEMBERED_MAX {
            let over = moves.iter().find(|(known, progress)| {
                **known != venue && matches!(progress.phase, Phase::Done | Phase::CalledOff)
            });
            if let Some(over) = over.map(|(venue, _progress)| *venue) {
                moves.remove(&over);
            }
        }
    }

    pub(super) fn enter(&self, venue: u32, phase: Phase) {
        self.change(venue, |progress| progress.phase = phase);
    }

    pub(super) fn sent(&self, venue: u32, count: u64, is_round: bool) {
        self.change(venue, |progress| {
            progress.sent += count;
            progress.rounds += u32::from(is_round);
        });
    }

    pub(super) fn thawed(&self, venue: u32, frozen: Duration) {
        let frozen_ms = u64::try_from(frozen.as_millis()).unwrap_or(u64::MAX);
        self.change(venue, |progress| progress.frozen_ms = Some(frozen_ms));
    }

    pub(super) fn halted(&self, venue: u32, why: &str) {
        self.change(venue, |progress| progress.halted = Some(why.to_owned()));
    }

    fn change(&self, venue: u32, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = self.0.lock().get_mut(&venue) {
            change(progress);
        }
    }
}
