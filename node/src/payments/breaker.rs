//! The circuit breaker, without its gateway: closed, open for a while, then one probe decides.

use std::time::Duration;

use tokio::time::Instant;

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls pass.
    Closed,
    /// Calls are refused until the pause is over.
    Open,
    /// One call is out to see whether the gateway is back; the others are refused.
    Probing,
}

/// How a call that was let through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallEnd {
    /// The gateway answered, whatever it said.
    Answered,
    /// It did not.
    Failed,
    /// The caller went away before anything was known.
    Abandoned,
}

/// The right to make one call. Hand it back with [`Breaker::end`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    generation: u64,
}

/// Opens after `failures_to_open` failures in a row.
#[derive(Debug)]
pub(super) struct Breaker {
    failures_to_open: u32,
    pause: Duration,
    inside: Inside,
    /// Counts the changes of state: the end of a call let through under an earlier state says nothing about this one.
    generation: u64,
}

#[derive(Debug)]
enum Inside {
    Closed { failures: u32 },
    Open { until: Instant },
    Probing,
}

impl Breaker {
    pub(super) fn new(failures_to_open: u32, pause: Duration) -> Self {
        Self { failures_to_open, pause, inside: Inside::Closed { failures: 0 }, generation: 0 }
    }

    pub(super) fn state(&self) -> BreakerState {
        match self.inside {
            Inside::Closed { .. } => BreakerState::Closed,
            Inside::Open { .. } => BreakerState::Open,
            Inside::Probing => BreakerState::Probing,
        }
    }

    /// Lets a call through, or says how long to wait.
    pub(super) fn begin(&mut self, now: Instant) -> Result<Pass, Duration> {
        match self.inside {
            Inside::Closed { .. } => {}
            Inside::Open { until } if now < until => return Err(until - now),
            Inside::Open { .. } => self.enter(Inside::Probing),
            Inside::Probing => return Err(self.pause),
        }
        Ok(Pass { generation: self.generation })
    }

    /// Learns from a call's end.
    pub(super) fn end(&mut self, pass: Pass, end: CallEnd, now: Instant) {
        if pass.generation != self.generation {
            return;
        }
        match (&mut self.inside, end) {
            (Inside::Closed { failures }, CallEnd::Answered) => *failures = 0,
            (Inside::Closed { failures }, CallEnd::Failed) => {
                *failures += 1;
                if *failures >= self.failures_to_open {
                    self.enter(Inside::Open { until: now + self.pause });
                }
            }
            (Inside::Closed { .. }, CallEnd::Abandoned) => {}
            (Inside::Probing, CallEnd::Answered) => self.enter(Inside::Closed { failures: 0 }),
            (Inside::Probing, CallEnd::Failed) => self.enter(Inside::Open { until: now + self.pause }),
            // The next caller probes.
            (Inside::Probing, CallEnd::Abandoned) => self.enter(Inside::Open { until: now }),
            (Inside::Open { .. }, CallEnd::Answered | CallEnd::Failed | CallEnd::Abandoned) => {
                unreachable!("no pass carries the generation of an open breaker")
            }
        }
    }

    fn enter(&mut self, inside: Inside) {
        self.inside = inside;
        self.generation += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(2);

    fn open_breaker(now: Instant) -> Breaker {
        let mut breaker = Breaker::new(3, PAUSE);
        for _ in 0..3 {
            let pass = breaker.begin(now).unwrap();
            breaker.end(pass, CallEnd::Failed, now);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let now = Instant::now();
        let mut breaker = Breaker::new(3, PAUSE);
        for end in [CallEnd::Failed, CallEnd::Failed, CallEnd::Answered, CallEnd::Failed, CallEnd::Failed] {
            let pass = breaker.begin(now).unwrap();
            breaker.end(pass, end, now);
            assert_eq!(breaker.state(), BreakerState::Closed);
        }
        let pass = breaker.begin(now).unwrap();
        breaker.end(pass, CallEnd::Failed, now);
        assert_eq!(breaker.state(), BreakerState::Open);
        assert_eq!(breaker.begin(now + PAUSE / 2).unwrap_err(), PAUSE / 2);
    }

    #[test]
    fn one_probe_decides() {
        let now = Instant::now();
        for (end, then) in [
            (CallEnd::Answered, BreakerState::Closed),
            (CallEnd::Failed, BreakerState::Open),
            (CallEnd::Abandoned, BreakerState::Open),
        ] {
            let mut breaker = open_breaker(now);
            let later = now + PAUSE;
            let probe = breaker.begin(later).unwrap();
            assert!(breaker.begin(later).is_err(), "a second call during the probe");
            breaker.end(probe, end, later);
            assert_eq!(breaker.state(), then);
            assert_eq!(breaker.begin(later).is_ok(), end != CallEnd::Failed, "{end:?}");
        }
    }

    #[test]
    fn calls_from_before_it_opened_do_not_count() {
        let now = Instant::now();
        let mut breaker = Breaker::new(1, PAUSE);
        let (first, second) = (breaker.begin(now).unwrap(), breaker.begin(now).unwrap());
        breaker.end(first, CallEnd::Failed, now);
        breaker.end(second, CallEnd::Answered, now);
        assert_eq!(breaker.state(), BreakerState::Open);
        let probe = breaker.begin(now + PAUSE).unwrap();
        breaker.end(second, CallEnd::Failed, now + PAUSE);
        assert_eq!(breaker.state(), BreakerState::Probing);
        breaker.end(probe, CallEnd::Answered, now + PAUSE);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }
}
