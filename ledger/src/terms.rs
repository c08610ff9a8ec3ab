//! The terms on which a performance is sold.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{EventId, HallId};
use crate::money::Currency;
use crate::refusal::Refusal;

/// What is fixed before a performance goes on sale. All instants are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What is shown.
    pub event: EventId,
    /// Where.
    pub hall: HallId,
    /// Which version of the hall's layout.
    pub layout_version: u32,
    /// When it starts.
    pub starts_at_ms: u64,
    /// No hold before this instant.
    pub on_sale_from_ms: u64,
    /// No hold from this instant on.
    pub on_sale_until_ms: u64,
    /// The currency of all prices.
    pub currency: Currency,
    /// Keys of the concessions, the first being the default: `adult`, `child`, ....
    pub concessions: Vec<String>,
    /// What a ticket costs, by category of the layout and concession. A pair that is not listed is not sold.
    pub prices: Vec<Price>,
    /// Under which conditions a buyer gets money back.
    pub refund: RefundPolicy,
    /// The most live tickets (held and booked) one customer may have; 0 for no limit.
    pub ticket_limit: u16,
    /// How long a hold lasts.
    pub hold_ms: u64,
    /// By how much a hold can be extended, once; 0 for not at all.
    pub extension_ms: u64,
    /// The least time that an order's hold still lasts from the moment it is placed, for the payment to be made.
    pub payment_ms: u64,
}

/// The price of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// Index into the layout's categories.
    pub category: u8,
    /// Index into [`Terms::concessions`].
    pub concession: u8,
    /// Minor units of [`Terms::currency`], not negative.
    pub amount: i64,
}

/// Until when a buyer may cancel, and what comes back. An order keeps the policy that it was bought under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// How long before the start a buyer can last cancel.
    pub until_ms_before: u64,
    /// The share of the price that comes back, in hundredths of a percent: 10,000 is everything.
    pub share_basis_points: u16,
}

/// The most that a ticket can cost, in minor units: sums of an order's tickets stay far from overflowing.
pub const PRICE_MAX: i64 = 1_000_000_000_000;

impl Terms {
    /// Until when a buyer can cancel under a policy, if the performance starts when these terms say.
    #[must_use]
    pub const fn cancel_until_ms(&self, policy: RefundPolicy) -> u64 {
        self.starts_at_ms.saturating_sub(policy.until_ms_before)
    }

    /// Refuses terms that cannot be sold under, for a layout of so many categories.
    pub(crate) fn check(&self, categories: u16) -> Result<(), Refusal> {
        let wrong = |what: &str| Err(Refusal::Invalid(what.to_owned()));
        if self.concessions.is_empty() || self.concessions.len() > 1 + usize::from(u8::MAX) {
            return wrong("there is at least one concession, and at most 256");
        }
        let mut sold = BTreeSet::new();
        for price in &self.prices {
            if u16::from(price.category) >= categories
                || usize::from(price.concession) >= self.concessions.len()
            {
                return wrong("a price is for a category or concession that does not exist");
            }
            if !(0..=PRICE_MAX).contains(&price.amount) {
                return wrong("a price is negative or too high");
            }
            if !sold.insert((price.category, price.concession)) {
                return wrong("there are two prices for one category and concession");
            }
        }
        if self.on_sale_from_ms > self.on_sale_until_ms {
            return wrong("the sale ends before it begins");
        }
        if self.hold_ms == 0 {
            return wrong("a hold lasts for some time");
        }
        if self.refund.share_basis_points > 10_000 {
            return wrong("more than the price cannot come back");
        }
        Ok(())
    }
}

impl RefundPolicy {
    /// What comes back of a price, rounded down to a whole minor unit.
    #[must_use]
    pub fn share_of(&self, amount: i64) -> i64 {
        // Widened, so that no amount overflows.
        (i128::from(amount) * i128::from(self.share_basis_points.min(10_000)) / 10_000) as i64
    }
}

/// Whether a performance is for sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PerformanceStatus {
    /// It will take place.
    Scheduled,
    /// It was called off; everyone is refunded.
    Cancelled,
}
