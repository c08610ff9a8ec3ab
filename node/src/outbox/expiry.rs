//! Holds whose time is over: the home has them expired, so that all replicas agree on when.

use std::time::Duration;

use marquee_ledger::{Command, Outcome};
use tokio::sync::watch;

use super::Outbox;
use super::door::UNTOLD;

/// How many holds one command frees.
const EXPIRED_AT_ONCE: u32 = 1_000;
/// The longest sleep: a clock that was set forward is noticed by then.
const LONGEST: Duration = Duration::from_secs(5);
/// The shortest, so that nothing is asked over and over.
const SHORTEST: Duration = Duration::from_millis(20);

impl Outbox {
    /// Sleeps until the first hold lapses and frees what has lapsed.
    pub(super) async fn expire(&self, mut next: watch::Receiver<u64>) {
        let stopping = self.stopping();
        let read = self.0.home.snapshot().and_then(|state| Ok(state.ledger()?.next_expiry()?));
        // Until a change says otherwise. "At once" is always right: it costs a command that frees nothing.
        let mut at_start_ms = read.map_or(0, |at_ms| at_ms.unwrap_or(u64::MAX));
        loop {
            let told_ms = *next.borrow_and_update();
            let next_ms = if told_ms == UNTOLD { at_start_ms } else { told_ms };
            let now_ms = self.0.home.now_ms();
            if next_ms <= now_ms {
                self.free_lapsed().await;
                at_start_ms = u64::MAX;
            }
            // After freeing, what comes next was told before the answer came; if it was not, the log's time is behind.
            let wait = Duration::from_millis(next_ms.saturating_sub(now_ms)).clamp(SHORTEST, LONGEST);
            tokio::select! {
                changed = next.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(wait) => {}
                () = stopping.cancelled() => return,
            }
        }
    }

    async fn free_lapsed(&self) {
        loop {
            match self.tell(Command::ExpireHolds { limit: EXPIRED_AT_ONCE }).await {
                Ok(Outcome::Treated { count: EXPIRED_AT_ONCE }) => {}
                Ok(_none_left) => return,
                Err(refusal) => {
                    tracing::error!(%refusal, "lapsed holds remain");
                    return;
                }
            }
        }
    }
}
