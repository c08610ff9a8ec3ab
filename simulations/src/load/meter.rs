//! What a crowd experiences, counted, and over time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// How many slices of time a curve has at the most.
const SLICES_MAX: usize = 240;
const FIRST_SLICE: Duration = Duration::from_millis(50);

/// Counts for a crowd; shared by its customers.
#[derive(Debug)]
pub struct Meter {
    began: Instant,
    ended: AtomicU64,
    counts: Mutex<Counts>,
}

/// What was counted.
#[derive(Debug)]
pub struct Counts {
    /// How long what succeeded took, from the instant it was due, in microseconds.
    pub latency_us: Histogram<u64>,
    /// The same by when it ended.
    pub slices: Vec<Histogram<u64>>,
    /// How long a slice lasts.
    pub slice: Duration,
    /// How many succeeded.
    pub succeeded: u64,
    /// Refusals by their problem code.
    pub refusals: BTreeMap<String, u64>,
    /// Answers with a status of 500 and above.
    pub status_5xx: u64,
    /// Requests that got no answer, and orders that nothing became of.
    pub unanswered: u64,
    /// One cause of those, to look at.
    pub unanswered_because: Option<String>,
    /// From the beginning until the last success.
    pub span: Duration,
}

/// A histogram of microseconds up to two minutes, two digits exact.
fn histogram() -> Histogram<u64> {
    // The bounds are fit for a histogram.
    Histogram::new_with_bounds(1, 120_000_000, 2).expect("fit bounds")
}

impl Meter {
    /// A meter whose time begins.
    #[must_use]
    pub fn start(began: Instant) -> Self {
        let counts = Counts {
            latency_us: histogram(),
            slices: Vec::new(),
            slice: FIRST_SLICE,
            succeeded: 0,
            refusals: BTreeMap::new(),
            status_5xx: 0,
            unanswered: 0,
            unanswered_because: None,
            span: Duration::ZERO,
        };
        Self { began, ended: AtomicU64::new(0), counts: Mutex::new(counts) }
    }

    /// When it began.
    #[must_use]
    pub fn began(&self) -> Instant {
        self.began
    }

    /// How many customers are through, however it ended for them.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.ended.load(Ordering::Relaxed)
    }

    /// A customer got what they came for; it was due at `due`.
    pub fn succeed(&self, due: Instant) {
        let at = Instant::now();
        self.ended.fetch_add(1, Ordering::Relaxed);
        self.counts().succeed(at.duration_since(due), at.duration_since(self.began));
    }

    /// A customer was told no, with this problem code.
    pub fn refuse(&self, status: u16, code: String) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        let mut counts = self.counts();
        counts.status_5xx += u64::from(status >= 500);
        *counts.refusals.entry(code).or_default() += 1;
    }

    /// A customer was left without an answer.
    pub fn leave_unanswered(&self, because: impl FnOnce() -> String) {
        self.ended.fetch_add(1, Ordering::Relaxed);
        let mut counts = self.counts();
        counts.unanswered += 1;
        counts.unanswered_because.get_or_insert_with(because);
    }

    /// What was counted, at the end.
    #[must_use]
    pub fn finish(self) -> Counts {
        self.counts.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Counting does not panic half way.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn succeed(&mut self, latency: Duration, at: Duration) {
        // Saturates at two minutes; half a million years fit.
        let latency_us = latency.as_micros() as u64;
        self.succeeded += 1;
        self.span = self.span.max(at);
        self.latency_us.saturating_record(latency_us);
        let mut nth = self.slice_of(at);
        while nth >= SLICES_MAX {
            self.join_pairs();
            nth = self.slice_of(at);
        }
        if self.slices.len() <= nth {
            self.slices.resize_with(nth + 1, histogram);
        }
        self.slices[nth].saturating_record(latency_us);
    }

    fn slice_of(&self, at: Duration) -> usize {
        // Far fewer than 2^32 slices.
        (at.as_nanos() / self.slice.as_nanos()) as usize
    }

    /// Makes slices twice as long, so that a long run has no more of them than a short one.
    fn join_pairs(&mut self) {
        self.slice *= 2;
        let mut slices = std::mem::take(&mut self.slices).into_iter();
        while let Some(mut first) = slices.next() {
            if let Some(second) = slices.next() {
                // All histograms have the same bounds.
                first.add(second).expect("the same bounds");
            }
            self.slices.push(first);
        }
    }

    /// How many succeeded in a second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        let seconds = self.span.as_secs_f64();
        if seconds > 0.0 { self.succeeded as f64 / seconds } else { 0.0 }
    }

    /// The latency that this share of what succeeded did not exceed, in milliseconds.
    #[must_use]
    pub fn latency_ms(&self, share: f64) -> f64 {
        self.latency_us.value_at_quantile(share) as f64 / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_rates_come_from_what_succeeded() {
        let mut counts = Meter::start(Instant::now()).finish();
        for nth in 1..=1_000u64 {
            counts.succeed(Duration::from_micros(nth * 100), Duration::from_millis(nth * 2));
        }
        assert!((counts.per_second() - 500.0).abs() < 1e-9);
        assert!((counts.latency_ms(0.5) - 50.0).abs() < 1.0, "{}", counts.latency_ms(0.5));
        assert!((counts.latency_ms(0.999) - 99.9).abs() < 1.0, "{}", counts.latency_ms(0.999));
    }

    #[test]
    fn a_long_run_keeps_every_success_in_few_slices() {
        let mut counts = Meter::start(Instant::now()).finish();
        for second in 0..3_600 {
            counts.succeed(Duration::from_millis(1), Duration::from_secs(second));
        }
        assert!(counts.slices.len() <= SLICES_MAX, "{}", counts.slices.len());
        assert_eq!(counts.slices.iter().map(Histogram::len).sum::<u64>(), 3_600);
        assert_eq!(counts.slices[counts.slice_of(Duration::from_secs(3_599))].len(), {
            let in_last = counts.slice.as_secs_f64();
            (3_600.0 - (3_599.0 / in_last).floor() * in_last).round() as u64
        });
    }

    #[test]
    fn refusals_are_counted_by_code_and_5xx_apart() {
        let meter = Meter::start(Instant::now());
        meter.refuse(409, "seats-taken".to_owned());
        meter.refuse(409, "seats-taken".to_owned());
        meter.refuse(503, "overloaded".to_owned());
        meter.leave_unanswered(|| "closed".to_owned());
        assert_eq!(meter.ended(), 4);
        let counts = meter.finish();
        let expected = [("overloaded".to_owned(), 1), ("seats-taken".to_owned(), 2)];
        assert_eq!((counts.refusals, counts.status_5xx), (BTreeMap::from(expected), 1));
        assert_eq!((counts.unanswered, counts.unanswered_because.as_deref()), (1, Some("closed")));
    }
}
