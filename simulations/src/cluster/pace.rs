//! How fast a node's commit pipeline goes, and where it stops for ever.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use marquee_replication::{Pace, Step};
use parking_lot::Mutex;

use super::dice::Dice;

/// The pace of one node. Clones are handles on the same one.
#[derive(Clone)]
pub struct NodePace(Arc<Mutex<Inner>>);

struct Inner {
    dice: Dice,
    /// How long a step takes at most, in milliseconds.
    step_ms_max: u64,
    /// At which step the node is to crash, and how often that step is passed before.
    crash_at: Option<(Step, u64)>,
    has_crashed: bool,
}

impl NodePace {
    /// A pipeline whose steps take up to so long, by chance.
    #[must_use]
    pub fn new(dice: Dice, step_ms_max: u64) -> Self {
        Self(Arc::new(Mutex::new(Inner { dice, step_ms_max, crash_at: None, has_crashed: false })))
    }

    /// How long steps take at most from here on.
    pub fn set_step_ms_max(&self, step_ms_max: u64) {
        self.0.lock().step_ms_max = step_ms_max;
    }

    /// Lets the pipeline stop for ever at this step, when it was passed so many times.
    pub fn crash_at(&self, step: Step, passes: u64) {
        self.0.lock().crash_at = Some((step, passes));
    }

    /// Whether it has stopped for ever.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.0.lock().has_crashed
    }
}

impl Pace for NodePace {
    fn reached(&self, step: Step) -> BoxFuture<'static, ()> {
        let mut inner = self.0.lock();
        match &mut inner.crash_at {
            Some((at, 0)) if *at == step => inner.has_crashed = true,
            Some((at, passes)) if *at == step => *passes -= 1,
            Some(_) | None => {}
        }
        if inner.has_crashed {
            return std::future::pending().boxed();
        }
        // Most steps are instantaneous compared with a millisecond; writing takes time.
        let is_work = matches!(step, Step::LogTaken | Step::StateTaken | Step::StateSyncing);
        let wait_ms = match inner.step_ms_max {
            0 => 0,
            most if is_work => inner.dice.roll(most + 1),
            most => {
                if inner.dice.chance(50) {
                    inner.dice.roll(most + 1)
                } else {
                    0
                }
            }
        };
        drop(inner);
        if wait_ms == 0 {
            return std::future::ready(()).boxed();
        }
        tokio::time::sleep(Duration::from_millis(wait_ms)).boxed()
    }
}
