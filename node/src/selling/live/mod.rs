//! What is live: seats for those who look at a map, orders for those who wait for their payment.
//!
//! The thread that commits tells of every change ([`Live::publish`]) and pays for those that somebody wants to hear of:
//! a look at a counter for all others. What it leaves, a task each for orders and seats picks up, so that neither the
//! fan-out to thousands of browsers nor their slowness is ever felt by a sale.
//!
//! Nothing here is kept: after a restart browsers come back and begin with a snapshot, and who waits for an order reads
//! it.

mod door;
mod orders;
mod seats;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Once};

use marquee_ledger::change::SeatChange;
use marquee_ledger::{Change, OrderId, PerformanceId};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::machine::Listener;
use orders::Orders;
use seats::Seats;

pub use orders::OrderWatch;
pub use seats::{Base, News, SeatEvent, SeatWatch};

/// What is live. Its two tasks begin with the first who watches, on the runtime that they are on, and end with it.
pub struct Live {
    orders: Arc<Orders>,
    seats: Arc<Seats>,
    tasks: Once,
    end: DropGuard,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            orders: Arc::new(Orders::new()),
            seats: Arc::new(Seats::new()),
            tasks: Once::new(),
            end: CancellationToken::new().drop_guard(),
        }
    }
}

impl Live {
    /// Tells what was committed, in order. Never waits.
    pub fn publish(&self, changes: &[Change]) {
        self.orders.publish(changes);
        self.seats.publish(changes);
    }

    /// Tells what was committed elsewhere: `change` has everything from `first_seq` on. Never waits.
    pub fn publish_seats(&self, first_seq: u64, change: SeatChange) {
        self.seats.publish_from(first_seq, change);
    }

    /// Lets everybody who watches a performance begin anew.
    pub fn begin_anew(&self, performance: PerformanceId) {
        self.seats.begin_anew(performance);
    }

    /// Whether somebody watches a performance's seats, or did a moment ago.
    #[must_use]
    pub fn is_watched(&self, performance: PerformanceId) -> bool {
        self.seats.has_channel(performance)
    }

    /// Watches an order. Watch first, then read the order, then wait: so no change is missed.
    pub fn watch_order(&self, order: OrderId) -> OrderWatch {
        self.begin();
        self.orders.watch(order)
    }

    /// Watches the seats of a performance. None if `max` watch seats already.
    pub fn watch_seats(&self, performance: PerformanceId, max: usize) -> Option<SeatWatch> {
        self.begin();
        self.seats.watch(performance, max)
    }

    fn begin(&self) {
        self.tasks.call_once(|| {
            let end = self.end.token().clone();
            let orders = Arc::clone(&self.orders);
            tokio::spawn(end.clone().run_until_cancelled_owned(async move { orders.dispatch().await }));
            let seats = Arc::clone(&self.seats);
            tokio::spawn(end.run_until_cancelled_owned(async move { seats.dispatch().await }));
        });
    }
}

impl Listener for Live {
    fn ledger_changed(&self, changes: &[Change]) {
        self.publish(changes);
    }
}
