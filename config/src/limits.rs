//! What a node refuses to do too much of, so that one customer's excess is not another's outage.

use std::time::Duration;

use serde::Deserialize;

use crate::ByteSize;
use crate::mistake::{Rule, rule};

/// What a node refuses to do too much of. Who is over a limit gets 408, 413, 429 or 503, never silence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest body of a request: 1 MiB by default.
    pub body: ByteSize,
    /// The largest body of a seat map or a batch: 16 MiB by default.
    pub upload: ByteSize,
    /// How many connections may be open; more wait in the system's backlog: 20,000 by default.
    pub connections: u32,
    /// How many live seat maps (server-sent events) may be open: 10,000 by default.
    pub streams: u32,
    /// How many commands may wait for the log; more are answered 503: 65,536 by default.
    pub commands_waiting: u32,
    /// How many passwords may wait to be hashed; more are answered 503: 64 by default.
    pub passwords_waiting: u32,
    /// How long the head of a request may take to arrive: 10 s by default.
    #[serde(with = "crate::duration")]
    pub header_timeout: Duration,
    /// How long a request may take as a whole, live seat maps excepted: 60 s by default.
    #[serde(with = "crate::duration")]
    pub request_timeout: Duration,
    /// How long requests in flight may take to finish when the node stops: 30 s by default.
    #[serde(with = "crate::duration")]
    pub shutdown_timeout: Duration,
    /// Requests by one IP address (of IPv6: by one /64): 600 a minute and 200 at once by default.
    pub per_address: RateLimit,
    /// Requests by one account: 600 a minute and 200 at once by default.
    pub per_account: RateLimit,
    /// Attempts to sign in, by address and by e-mail address: 10 a minute and 10 at once by default.
    pub sign_in: RateLimit,
    /// Whether requests from this machine itself are exempt from the three rates: they are not by default.
    pub loopback_exempt: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: ByteSize::mib(1),
            upload: ByteSize::mib(16),
            connections: 20_000,
            streams: 10_000,
            commands_waiting: 65_536,
            passwords_waiting: 64,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            shutdown_timeout: Duration::from_secs(30),
            per_address: RateLimit { per_minute: 600, burst: 200 },
            per_account: RateLimit { per_minute: 600, burst: 200 },
            sign_in: RateLimit { per_minute: 10, burst: 10 },
            loopback_exempt: false,
        }
    }
}

/// A token bucket: `burst` requests at once, refilled by `per_minute`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many in a minute, in the long run.
    pub per_minute: u32,
    /// How many at once.
    pub burst: u32,
}

impl RateLimit {
    pub(crate) fn is_positive(self) -> bool {
        self.per_minute > 0 && self.burst > 0
    }
}

impl Limits {
    pub(crate) fn rules(&self) -> [Rule; 12] {
        let rate = "per_minute and burst must be at least 1";
        let timeout =
            |duration: Duration| (Duration::from_millis(100)..=Duration::from_secs(600)).contains(&duration);
        let timeouts = "must be from 100ms to 10m";
        [
            rule("limits.body", self.body >= ByteSize::kib(16), "must be at least 16KiB"),
            rule("limits.upload", self.upload >= self.body, "must not be below limits.body"),
            rule("limits.connections", self.connections > 0, "must be at least 1"),
            rule("limits.streams", self.streams <= self.connections, "must not be above limits.connections"),
            rule("limits.commands_waiting", self.commands_waiting > 0, "must be at least 1"),
            rule("limits.passwords_waiting", self.passwords_waiting > 0, "must be at least 1"),
            rule("limits.header_timeout", timeout(self.header_timeout), timeouts),
            rule("limits.request_timeout", timeout(self.request_timeout), timeouts),
            rule("limits.shutdown_timeout", timeout(self.shutdown_timeout), timeouts),
            rule("limits.per_address", self.per_address.is_positive(), rate),
            rule("limits.per_account", self.per_account.is_positive(), rate),
            rule("limits.sign_in", self.sign_in.is_positive(), rate),
        ]
    }
}
