//! How seats are sold, unless a performance says otherwise.

use std::time::Duration;

use serde::Deserialize;

use crate::mistake::{Rule, rule};

/// How seats are sold, unless a performance says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selling {
    /// How long seats are kept for a customer who has chosen them: 10 min by default.
    #[serde(with = "crate::duration")]
    pub hold: Duration,
    /// By how much the customer can prolong that, once: 5 min by default, `0s` for not at all.
    #[serde(with = "crate::duration")]
    pub extension: Duration,
    /// The least time that is left for paying once an order is placed: 5 min by default.
    #[serde(with = "crate::duration")]
    pub payment: Duration,
    /// The most tickets one customer may have for one performance, held and bought: 10 by default, 0 for no limit.
    pub ticket_limit: u16,
    /// The most holds a buyer may have at a time, over all performances: 5 by default.
    pub holds_per_buyer: u16,
    /// The most places in one hold: 50 by default.
    pub places_per_hold: u16,
    /// How long before a performance's start its sale ends: `0s` by default.
    #[serde(with = "crate::duration")]
    pub sale_ends_before: Duration,
}

impl Default for Selling {
    fn default() -> Self {
        Self {
            hold: Duration::from_secs(10 * 60),
            extension: Duration::from_secs(5 * 60),
            payment: Duration::from_secs(5 * 60),
            ticket_limit: 10,
            holds_per_buyer: 5,
            places_per_hold: 50,
            sale_ends_before: Duration::ZERO,
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HALF_MINUTE: Duration = Duration::from_secs(30);

impl Selling {
    pub(crate) fn rules(&self) -> [Rule; 6] {
        let places = 1..=1_000;
        [
            rule("cluster.selling.hold", (HALF_MINUTE..=DAY).contains(&self.hold), "must be from 30s to 24h"),
            rule("cluster.selling.extension", self.extension <= DAY, "must be from 0s to 24h"),
            rule(
                "cluster.selling.payment",
                (HALF_MINUTE..=DAY).contains(&self.payment),
                "must be from 30s to 24h",
            ),
            rule("cluster.selling.holds_per_buyer", self.holds_per_buyer > 0, "must be at least 1"),
            rule(
                "cluster.selling.places_per_hold",
                places.contains(&self.places_per_hold),
                "must be from 1 to 1000",
            ),
            rule(
                "cluster.selling.sale_ends_before",
                self.sale_ends_before <= 30 * DAY,
                "must be from 0s to 30d",
            ),
        ]
    }
}
