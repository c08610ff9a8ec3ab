//! Takings, counted on the side and kept for a while.
//!
//! Counting reads every order, which takes seconds when there are a million. So one count of a thing is under way at a
//! time, whoever asks; who asks waits a moment for it and is then told what was counted last, if anything was; and a
//! count is kept for a multiple of the time that it took, so that counting never takes more than a small share of a core.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use marquee_ledger::{EventId, PerformanceId};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use super::takings::Takings;
use crate::home::Failure;

/// How long a count is kept at least.
const KEPT_MIN: Duration = Duration::from_secs(1);
/// How long who has a count waits for a fresh one.
const FRESH_WAIT: Duration = Duration::from_millis(100);
/// How many times longer a count is kept than it took.
const KEPT_TIMES: u32 = 20;
/// How many counts are kept.
const COUNTS_MAX: usize = 2_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// A performance.
    Performance(PerformanceId),
    /// All performances of an event.
    Event(EventId),
}

/// Counts that were made.
#[derive(Default)]
pub struct Counts(Mutex<HashMap<Of, Count>>);

struct Count {
    told: watch::Receiver<Option<Arc<Takings>>>,
    /// None while it is under way.
    good_until: Arc<Mutex<Option<Instant>>>,
}

impl Counts {
    /// What something brought: counted within `wait`, or else before; none if neither.
    pub async fn get(
        &self,
        of: Of,
        wait: Duration,
        count: impl Future<Output = Result<Takings, Failure>> + Send + 'static,
    ) -> Option<Arc<Takings>> {
        let (mut told, is_under_way) = self.begin(of, count);
        if told.borrow().is_none() {
            _ = tokio::time::timeout(wait, told.wait_for(Option::is_some)).await;
        } else if is_under_way {
            // A fresh count is better, if it comes soon.
            _ = tokio::time::timeout(wait.min(FRESH_WAIT), told.changed()).await;
        }
        told.borrow().clone()
    }

    /// Begins to count, unless somebody does or did not long ago; tells whether a count is under way. Who gets the
    /// receiver sees as changed only what is counted from then on.
    fn begin(
        &self,
        of: Of,
        count: impl Future<Output = Result<Takings, Failure>> + Send + 'static,
    ) -> (watch::Receiver<Option<Arc<Takings>>>, bool) {
        let mut counts = self.0.lock();
        let now = Instant::now();
        let before = match counts.get(&of) {
            Some(known) => {
                let good_until = *known.good_until.lock();
                if good_until.is_none_or(|until| now < until) {
                    return (known.told.clone(), good_until.is_none());
                }
                known.told.borrow().clone()
            }
            None => None,
        };
        if counts.len() >= COUNTS_MAX {
            // What is under way stays: others wait for it.
            counts.retain(|_of, count| count.good_until.lock().is_none());
        }
        let (tell, mut told) = watch::channel(before);
        told.mark_unchanged();
        let good_until = Arc::new(Mutex::new(None));
        counts.insert(of, Count { told: told.clone(), good_until: Arc::clone(&good_until) });
        drop(counts);
        tokio::spawn(async move {
            let counted = count.await;
            let kept = (now.elapsed() * KEPT_TIMES).max(KEPT_MIN);
            match counted {
                Ok(takings) => _ = tell.send(Some(Arc::new(takings))),
                Err(error) => tracing::debug!(?of, %error, "takings were not counted"),
            }
            *good_until.lock() = Some(Instant::now() + kept);
        });
        (told, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tickets: u64) -> Takings {
        Takings { tickets, ..Takings::default() }
    }

    const EVENT: Of = Of::Event(EventId(1));

    #[tokio::test(start_paused = true)]
    async fn one_count_is_under_way_and_who_cannot_wait_is_told_the_one_before() {
        let counts = Counts::default();
        let slow = |tickets, ms| async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Ok(of(tickets))
        };
        let wait = Duration::from_millis(250);
        let none = counts.get(EVENT, wait, slow(1, 1_000)).await;
        assert_eq!(none, None, "it takes longer than anybody waits");
        let first = counts.get(EVENT, Duration::from_secs(2), async { panic!("one is under way") }).await;
        assert_eq!(first.as_deref(), Some(&of(1)));
        // It took a second, so it is kept for twenty.
        tokio::time::sleep(Duration::from_secs(19)).await;
        let kept = counts.get(EVENT, wait, async { panic!("it is good still") }).await;
        assert_eq!(kept.as_deref(), Some(&of(1)));
        tokio::time::sleep(Duration::from_secs(2)).await;
        let before = counts.get(EVENT, wait, slow(2, 1_000)).await;
        assert_eq!(before.as_deref(), Some(&of(1)), "the one before, while the next is counted");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(counts.get(EVENT, wait, slow(3, 0)).await.as_deref(), Some(&of(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_count_that_failed_is_made_again() {
        let counts = Counts::default();
        let wait = Duration::from_millis(250);
        assert_eq!(counts.get(EVENT, wait, async { Err(Failure::Stopping) }).await, None);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(counts.get(EVENT, wait, async { Ok(of(4)) }).await.as_deref(), Some(&of(4)));
    }
}
