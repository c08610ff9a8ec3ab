//! How often what a venue sells is kept, and how nodes trust each other.

use std::time::Duration;

use serde::Deserialize;

use crate::mistake::{Rule, rule};

/// How often what a venue sells is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replication {
    /// How many nodes keep and vote on each group's log: 3 by default, which lives through the loss of one; 5 live through
    /// two. A smaller cluster uses the nodes that it has.
    pub replicas: u8,
    /// Whether the cluster spans continents, so that nodes suspect each other later, and groups are patient until round trips
    /// have been measured: off by default.
    pub wan: bool,
}

impl Default for Replication {
    fn default() -> Self {
        Self { replicas: 3, wan: false }
    }
}

impl Replication {
    pub(crate) fn rules(&self) -> [Rule; 1] {
        [rule(
            "cluster.replication.replicas",
            matches!(self.replicas, 1 | 3 | 5 | 7),
            "must be 1, 3, 5 or 7: an even number lives through no more losses than the odd one below it",
        )]
    }
}

/// How nodes trust each other.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trust {
    /// How long a node's certificate is good for: 30 days by default. Nodes renew theirs long before.
    #[serde(with = "crate::duration")]
    pub certificate_lifetime: Duration,
    /// How long a token to join can be used, once: 1 h by default.
    #[serde(with = "crate::duration")]
    pub token_lifetime: Duration,
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Trust {
    fn default() -> Self {
        Self { certificate_lifetime: 30 * DAY, token_lifetime: 60 * MINUTE }
    }
}

impl Trust {
    pub(crate) fn rules(&self) -> [Rule; 2] {
        [
            rule(
                "cluster.trust.certificate_lifetime",
                (60 * MINUTE..=825 * DAY).contains(&self.certificate_lifetime),
                "must be from 1h to 825d",
            ),
            rule(
                "cluster.trust.token_lifetime",
                (MINUTE..=30 * DAY).contains(&self.token_lifetime),
                "must be from 1m to 30d",
            ),
        ]
    }
}
