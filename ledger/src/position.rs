//! Where in the log, and when, a command is applied.

/// A log entry's place and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Its log index.
    pub index: u64,
    /// The instant at which the home proposed it, in milliseconds since 1970.
    pub now_ms: u64,
}
