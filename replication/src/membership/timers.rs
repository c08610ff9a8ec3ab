//! The timers that foca asked for: every one of them is delivered.

use std::collections::BTreeMap;

use foca::Timer;
use tokio::time::Instant;

use super::identity::Identity;

/// Timers in the order they are due; those due at once in the order they were asked for.
#[derive(Default)]
pub(super) struct Timers {
    waiting: BTreeMap<(Instant, u64), Timer<Identity>>,
    asked: u64,
}

impl Timers {
    pub(super) fn add(&mut self, due: Instant, timer: Timer<Identity>) {
        self.asked += 1;
        self.waiting.insert((due, self.asked), timer);
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|((due, _asked), _timer)| *due)
    }

    /// Takes one that is due.
    pub(super) fn take(&mut self, now: Instant) -> Option<Timer<Identity>> {
        let first = self.waiting.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}
