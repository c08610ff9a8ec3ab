//! What the sandbox can be told, and what it counts.

use std::time::Duration;

use serde::Serialize;

/// The API key of a sandbox and of its clients that were told none. No secret: a sandbox moves no money.
pub const USUAL_API_KEY: &str = "sk_sandbox";
/// The webhook secret of both, likewise.
pub const USUAL_WEBHOOK_SECRET: &str = "whsec_bWFycXVlZS1zYW5kYm94LXdlYmhvb2tzLXNlY3JldA==";

/// How long the test cards take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    /// `card_slow` succeeds after this.
    pub slow: Duration,
    /// `card_late` succeeds after this.
    pub late: Duration,
    /// The webhook of `card_twice` comes again after this.
    pub twice: Duration,
    /// A refund ends after this; zero: in its answer. `card_refund_fails` needs at least a moment in any case.
    pub refund: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            slow: Duration::from_secs(3),
            late: Duration::from_secs(20 * 60),
            twice: Duration::from_millis(500),
            refund: Duration::ZERO,
        }
    }
}

/// What the sandbox keeps and sends at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The latest intents, and as many refunds, are kept; around 400 bytes each.
    pub intents: usize,
    /// The latest events that `GET /v1/events` shows.
    pub events: usize,
    /// Events that wait for delivery; the oldest is dropped when there are more.
    pub undelivered_events: usize,
    /// Events in one delivery.
    pub batch_events: usize,
    /// Deliveries under way, including those that wait to be repeated.
    pub deliveries_in_flight: usize,
    /// How often a delivery is tried.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles with each further one, up to a minute.
    pub backoff: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            intents: 1_000_000,
            events: 10_000,
            undelivered_events: 200_000,
            batch_events: 512,
            deliveries_in_flight: 4,
            attempts: 12,
            backoff: Duration::from_millis(200),
        }
    }
}

/// Everything that stays the same while the server runs.
pub(super) struct Setup {
    /// Part of every id, so that ids of an earlier run, which a ledger may still hold, are not found in this one.
    pub(super) run: String,
    /// Where the hosted pages are: `http://127.0.0.1:8081/pay`.
    pub(super) pages: String,
    /// Makes the pages' addresses unguessable.
    pub(super) page_key: [u8; 32],
    pub(super) delays: Delays,
    pub(super) limits: Limits,
    /// Without webhooks, events are only listed.
    pub(super) webhooks: bool,
}

/// Counters for `GET /control/stats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Stats {
    pub(super) intents: u64,
    pub(super) succeeded: u64,
    pub(super) captured_minor: i64,
    pub(super) refunds: u64,
    pub(super) refunded_minor: i64,
    pub(super) events: u64,
    pub(super) events_dropped: u64,
    pub(super) deliveries: u64,
    pub(super) deliveries_given_up: u64,
}
