//! What happened, in order: told as lines, and as one hash over all of them, so that two runs can be compared.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// The virtual time, in milliseconds, for logs.
static NOW_MS: AtomicU64 = AtomicU64::new(0);

/// The virtual time of the run in this process, in milliseconds.
#[must_use]
pub fn now_ms() -> u64 {
    NOW_MS.load(Ordering::Relaxed)
}

/// The story of a run. Clones write the same one.
#[derive(Clone)]
pub struct Trace(Arc<Mutex<Inner>>);

struct Inner {
    hasher: blake3::Hasher,
    lines: u64,
    now_ms: u64,
    is_told: bool,
}

impl Trace {
    /// An empty story; with `is_told`, its lines go to the standard output as they come.
    #[must_use]
    pub fn new(is_told: bool) -> Self {
        let hasher = blake3::Hasher::new();
        Self(Arc::new(Mutex::new(Inner { hasher, lines: 0, now_ms: 0, is_told })))
    }

    /// Moves the time of the lines that follow.
    pub fn set_now(&self, now_ms: u64) {
        NOW_MS.store(now_ms, Ordering::Relaxed);
        self.0.lock().now_ms = now_ms;
    }

    /// Adds a line.
    pub fn note(&self, line: fmt::Arguments<'_>) {
        let mut inner = self.0.lock();
        let line = format!("{:>8} {line}\n", inner.now_ms);
        inner.hasher.update(line.as_bytes());
        inner.lines += 1;
        if inner.is_told {
            // Nobody may be reading any more.
            let _written = std::io::stdout().write_all(line.as_bytes());
        }
    }

    /// The hash of all lines, and how many they are.
    #[must_use]
    pub fn hash(&self) -> (String, u64) {
        let inner = self.0.lock();
        (inner.hasher.finalize().to_hex()[..32].to_owned(), inner.lines)
    }
}

/// Adds a line to a [`Trace`].
macro_rules! note {
    ($trace:expr, $($words:tt)*) => {
        $trace.note(format_args!($($words)*))
    };
}
pub(super) use note;
