//! What orders brought.

use std::collections::BTreeMap;

use marquee_ledger::order::{OrderStatus, RefundStatus};
use marquee_ledger::read::Reader;
use marquee_ledger::{Currency, Order, OrderId, PerformanceId};
use serde::{Deserialize, Serialize};

use super::CHUNK;
use crate::home::Failure;

/// What the orders of one or more performances brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Takings {
    /// Orders that are paid and have valid tickets.
    pub booked: u64,
    /// Their valid tickets.
    pub tickets: u64,
    /// Orders whose payment is under way.
    pub waiting: u64,
    /// Orders of which every ticket was cancelled.
    pub cancelled: u64,
    /// Refunds that the gateway has not carried out yet.
    pub refunds_under_way: u64,
    /// Refunds that the gateway refused.
    pub refunds_failed: u64,
    /// The money, by currency: a performance may have been sold in several.
    pub money: BTreeMap<Currency, Sums>,
    /// Valid tickets by the index of their price category, for one performance.
    pub categories: BTreeMap<u8, CategoryTakings>,
}

/// Amounts of one currency, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// What came and stays: what was captured, less what went back or is on its way.
    pub net: i64,
    /// What went back or is on its way.
    pub refunded: i64,
    /// What goes back if the seller cancels every valid ticket.
    pub at_stake: i64,
}

/// What the valid tickets of a price category were sold for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CategoryTakings {
    /// How many.
    pub tickets: u64,
    /// Their prices, in minor units of the order's currency.
    pub amount: i64,
}

impl Takings {
    /// Adds an order.
    pub fn add(&mut self, order: &Order) {
        match order.status {
            OrderStatus::AwaitingPayment | OrderStatus::Lapsed => self.waiting += 1,
            OrderStatus::Booked => self.booked += 1,
            OrderStatus::Cancelled => self.cancelled += 1,
            OrderStatus::Declined | OrderStatus::Unfulfilled => {}
        }
        let sums = self.money.entry(order.currency).or_default();
        sums.net += order.refundable();
        for refund in &order.refunds {
            match refund.status {
                RefundStatus::Requested => {
                    self.refunds_under_way += 1;
                    sums.refunded += refund.amount;
                }
                RefundStatus::Settled => sums.refunded += refund.amount,
                RefundStatus::Failed { .. } => self.refunds_failed += 1,
            }
        }
        let mut valid = 0;
        for (_index, ticket) in order.valid_tickets() {
            let category = self.categories.entry(ticket.place.category).or_default();
            category.tickets += 1;
            category.amount += ticket.place.price;
            self.tickets += 1;
            valid += ticket.place.price;
        }
        sums.at_stake += back_from_seller(order, valid);
    }

    /// Adds what others brought.
    pub fn merge(&mut self, other: &Self) {
        self.booked += other.booked;
        self.tickets += other.tickets;
        self.waiting += other.waiting;
        self.cancelled += other.cancelled;
        self.refunds_under_way += other.refunds_under_way;
        self.refunds_failed += other.refunds_failed;
        for (currency, sums) in &other.money {
            let known = self.money.entry(*currency).or_default();
            known.net += sums.net;
            known.refunded += sums.refunded;
            known.at_stake += sums.at_stake;
        }
        for (category, takings) in &other.categories {
            let known = self.categories.entry(*category).or_default();
            known.tickets += takings.tickets;
            known.amount += takings.amount;
        }
    }
}

/// What goes back of valid tickets of this price if the seller cancels them: all of it, but nothing twice.
#[must_use]
pub fn back_from_seller(order: &Order, price: i64) -> i64 {
    price.min(order.refundable()).max(0)
}

/// Counts what performances brought.
///
/// # Errors
/// When the storage failed.
pub fn count(ledger: &Reader<'_>, performances: &[PerformanceId]) -> Result<Takings, Failure> {
    let mut takings = Takings::default();
    for performance in performances {
        for_each_order(ledger, *performance, |order| takings.add(order))?;
    }
    Ok(takings)
}

/// Shows every order of a performance.
///
/// # Errors
/// When the storage failed.
pub fn for_each_order(
    ledger: &Reader<'_>,
    performance: PerformanceId,
    mut show: impl FnMut(&Order),
) -> Result<(), Failure> {
    let mut after = OrderId(0);
    loop {
        let orders = ledger.orders_of(performance, Some(after), CHUNK)?;
        orders.iter().for_each(&mut show);
        let Some(last) = orders.last().filter(|_last| orders.len() == CHUNK) else { return Ok(()) };
        after = last.id;
    }
}
