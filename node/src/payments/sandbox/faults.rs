//! Faults on demand, for tests of whoever calls the sandbox. They come from the options or the control endpoint only.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What goes wrong with the next calls to `/v1`. Each counter goes down by one per call it spoils, top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// So many calls are answered 503 and not carried out.
    pub unavailable_next: u32,
    /// So many calls are answered 429 with `Retry-After: 1` and not carried out.
    pub rate_limited_next: u32,
    /// So many calls are carried out and answered 503: the caller cannot know.
    pub answer_lost_next: u32,
    /// So many calls are carried out and never answered; the caller's deadline ends them.
    pub hang_next: u32,
    /// Every call waits so long before it is carried out.
    pub latency_ms: u64,
}

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    Unavailable,
    RateLimited,
    AnswerLost,
    Hang,
}

impl Faults {
    pub(super) fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms)
    }

    /// Takes the next call's fault off the counters.
    pub(super) fn take(&mut self) -> Fault {
        for (counter, fault) in [
            (&mut self.unavailable_next, Fault::Unavailable),
            (&mut self.rate_limited_next, Fault::RateLimited),
            (&mut self.answer_lost_next, Fault::AnswerLost),
            (&mut self.hang_next, Fault::Hang),
        ] {
            if *counter > 0 {
                *counter -= 1;
                return fault;
            }
        }
        Fault::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_run_out_from_top_to_bottom() {
        let mut faults = Faults { unavailable_next: 1, answer_lost_next: 2, ..Faults::default() };
        let taken: Vec<_> = (0..4).map(|_| faults.take()).collect();
        assert_eq!(taken, [Fault::Unavailable, Fault::AnswerLost, Fault::AnswerLost, Fault::None]);
    }
}
