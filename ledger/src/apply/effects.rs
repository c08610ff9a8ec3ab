//! The writes that several commands share.

use redb::ReadableTable;

use super::{LedgerEntry, Stop};
use crate::broken::Broken;
use crate::change::{Change, SeatStatus, Task};
use crate::command::{Place, PricedPlace};
use crate::hold::{CustomerKey, Hold};
use crate::ids::{HoldId, OrderId, PerformanceId, pack};
use crate::inventory::{Inventory, NOBODY, Owner};
use crate::order::Order;
use crate::record;
use crate::refusal::Refusal;
use crate::tables::{self, Offer, customer_key, id_key};

/// A seat that nobody has.
pub(super) const FREE: (SeatStatus, Owner) = (SeatStatus::Free, NOBODY);

pub(super) const fn held(hold: HoldId) -> (SeatStatus, Owner) {
    (SeatStatus::Held, hold.0)
}

pub(super) const fn booked(order: OrderId) -> (SeatStatus, Owner) {
    (SeatStatus::Booked, order.0)
}

pub(super) fn places_of(priced: &[PricedPlace]) -> impl Iterator<Item = Place> + '_ {
    priced.iter().map(|priced| priced.place)
}

impl LedgerEntry<'_> {
    /// The places of a performance, to look at.
    pub(super) fn inventory(&mut self, performance: PerformanceId) -> Result<&mut Inventory, Stop> {
        let inventory = self.memory.inventory(&self.tables, performance, self.at.index)?;
        inventory.ok_or_else(|| Refusal::UnknownPerformance.into())
    }

    /// The places of a performance that is known to exist, to change.
    pub(super) fn inventory_mut(&mut self, performance: PerformanceId) -> Result<&mut Inventory, Broken> {
        self.memory.touch(performance);
        let inventory = self.memory.inventory(&self.tables, performance, self.at.index)?;
        inventory.ok_or_else(|| {
            Broken::contradiction(format!("{performance} is gone, but not all of its holds are"))
        })
    }

    pub(super) fn next_id(&mut self, performance: PerformanceId) -> u128 {
        self.numbers.id += 1;
        pack(self.at.now_ms, performance.owner(), self.numbers.id, 0)
    }

    pub(super) fn order(&self, id: OrderId) -> Result<Order, Stop> {
        tables::order_of(&*self.tables.orders, id)?.ok_or_else(|| Refusal::UnknownOrder.into())
    }

    pub(super) fn save_offer(&mut self, performance: PerformanceId, offer: &Offer) -> Result<(), Broken> {
        self.tables.offers.insert(&id_key(performance.0), record::encode(offer).as_slice())?;
        self.changes.push(Change::Performance(performance));
        Ok(())
    }

    pub(super) fn save_order(&mut self, order: &mut Order) -> Result<(), Broken> {
        order.changed_at_index = self.at.index;
        self.tables.orders.insert(&id_key(order.id.0), record::encode(order).as_slice())?;
        self.changes.push(Change::Order { order: order.id, status: order.status });
        Ok(())
    }

    pub(super) fn save_hold(&mut self, id: HoldId, hold: &Hold) -> Result<(), Broken> {
        self.tables.holds.insert(&id_key(id.0), record::encode(hold).as_slice())?;
        Ok(())
    }

    /// Ends a hold whose places went elsewhere.
    pub(super) fn remove_hold(&mut self, id: HoldId, hold: &Hold) -> Result<(), Broken> {
        self.memory.forget_hold(id, hold);
        self.tables.holds.remove(&id_key(id.0))?;
        Ok(())
    }

    /// Moves the instant at which a hold lapses. The hold is to be saved.
    pub(super) fn set_expiry(&mut self, id: HoldId, hold: &mut Hold, expires_at_ms: u64) {
        self.memory.expiries.remove(&(hold.expires_at_ms, id));
        self.memory.expiries.insert((expires_at_ms, id));
        hold.expires_at_ms = expires_at_ms;
    }

    pub(super) fn add_task(&mut self, task: Task) -> Result<u64, Broken> {
        self.numbers.task += 1;
        let number = self.numbers.task;
        self.tables.outbox.insert(number, &task)?;
        self.changes.push(Change::Task { number, task });
        Ok(number)
    }

    pub(super) fn remove_task(&mut self, number: Option<u64>) -> Result<(), Broken> {
        if let Some(number) = number {
            self.tables.outbox.remove(number)?;
        }
        Ok(())
    }

    /// How many live tickets of a performance a customer has, as far as they are counted.
    pub(super) fn live_tickets(
        &self,
        performance: PerformanceId,
        customer: CustomerKey,
    ) -> Result<u32, Broken> {
        let count = self.tables.customers.get(&customer_key(performance, customer))?;
        Ok(count.map(|bytes| record::decode(bytes.value())).transpose()?.unwrap_or(0))
    }

    pub(super) fn add_live_tickets(
        &mut self,
        performance: PerformanceId,
        customers: &[CustomerKey],
        tickets: usize,
    ) -> Result<(), Broken> {
        self.count_tickets(performance, customers, |live| live.checked_add(tickets as u32))
    }

    pub(super) fn take_live_tickets(
        &mut self,
        performance: PerformanceId,
        customers: &[CustomerKey],
        tickets: usize,
    ) -> Result<(), Broken> {
        self.count_tickets(performance, customers, |live| live.checked_sub(tickets as u32))
    }

    fn count_tickets(
        &mut self,
        performance: PerformanceId,
        customers: &[CustomerKey],
        change: impl Fn(u32) -> Option<u32>,
    ) -> Result<(), Broken> {
        for customer in customers {
            let live = self.live_tickets(performance, *customer)?;
            let live = change(live).ok_or_else(|| {
                Broken::contradiction(format!("a customer of {performance} would have less than no tickets"))
            })?;
            let key = customer_key(performance, *customer);
            if live == 0 {
                self.tables.customers.remove(&key)?;
            } else {
                self.tables.customers.insert(&key, record::encode(&live).as_slice())?;
            }
        }
        Ok(())
    }
}
