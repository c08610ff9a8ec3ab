//! How customers and organizers sign in.

use std::time::Duration;

use serde::Deserialize;

use crate::mistake::{Rule, rule};
use crate::{ByteSize, DomainName};

/// How customers and organizers sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// How long an access token is good for; it is checked without asking anyone, so keep it short: 15 min by default.
    #[serde(with = "crate::duration")]
    pub access_token_lifetime: Duration,
    /// How long a customer stays signed in without a visit: 30 days by default.
    #[serde(with = "crate::duration")]
    pub refresh_token_lifetime: Duration,
    /// The domain that the nodes' public addresses have in common (`tickets.example.com` of `ny.tickets.example.com` and
    /// `london.tickets.example.com`). Browsers then show their session to every node, so that a customer whose node dies
    /// stays signed in, and keeps the seats they hold, at the next one. Without it, which is the default, a session is good at
    /// the host that began it.
    pub cookie_domain: Option<DomainName>,
    /// What it costs to check a password.
    pub password: PasswordCost,
}

/// What argon2id costs: more keeps a stolen table of passwords useless for longer, and makes each sign-in slower. The
/// defaults are the first recommendation of OWASP's Password Storage Cheat Sheet for 19 MiB.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordCost {
    /// Memory: 19 MiB by default.
    pub memory: ByteSize,
    /// Passes over it: 2 by default.
    pub iterations: u32,
    /// Lanes: 1 by default.
    pub parallelism: u32,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            access_token_lifetime: Duration::from_secs(15 * 60),
            refresh_token_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            cookie_domain: None,
            password: PasswordCost::default(),
        }
    }
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self { memory: ByteSize::mib(19), iterations: 2, parallelism: 1 }
    }
}

impl Accounts {
    pub(crate) fn rules(&self) -> [Rule; 5] {
        let minute = Duration::from_secs(60);
        let access = minute..=60 * minute;
        let refresh = self.access_token_lifetime..=Duration::from_secs(366 * 24 * 60 * 60);
        let password = &self.password;
        let memory = ByteSize::kib(64)..=ByteSize::mib(1_024);
        [
            rule(
                "cluster.accounts.access_token_lifetime",
                access.contains(&self.access_token_lifetime),
                "must be from 1m to 60m",
            ),
            rule(
                "cluster.accounts.refresh_token_lifetime",
                refresh.contains(&self.refresh_token_lifetime),
                "must be from access_token_lifetime to 366d",
            ),
            rule(
                "cluster.accounts.password.memory",
                memory.contains(&password.memory),
                "must be from 64KiB to 1GiB",
            ),
            rule(
                "cluster.accounts.password.iterations",
                (1..=100).contains(&password.iterations),
                "must be from 1 to 100",
            ),
            rule(
                "cluster.accounts.password.parallelism",
                (1..=8).contains(&password.parallelism),
                "must be from 1 to 8",
            ),
        ]
    }
}
