//! An order that was sold where the venue is sold no more becomes one of this group.

use std::collections::BTreeSet;

use crate::apply::effects::{FREE, booked, places_of};
use crate::apply::{Decided, LedgerEntry, Stop};
use crate::change::{SeatStatus, Task};
use crate::command::{Outcome, Place, PricedPlace};
use crate::order::{Order, OrderStatus};
use crate::refusal::Refusal;
use crate::tables::{self, order_key};
use crate::terms::PerformanceStatus;
use crate::transfer::Adoption;

impl LedgerEntry<'_> {
    /// One that is known is left as it is: it was adopted before.
    pub(super) fn adopt(&mut self, venue: u32, adoption: &Adoption) -> Decided {
        let mut order = adoption.order.clone();
        if order.id.owner() != venue || order.performance.owner() != venue {
            return Err(Refusal::Invalid("the order is another venue's".to_owned()).into());
        }
        if tables::order_of(&*self.tables.orders, order.id)?.is_some() {
            return Ok(Outcome::Done);
        }
        let places: Vec<PricedPlace> = order.valid_tickets().map(|(_index, ticket)| ticket.place).collect();
        self.check_places(adoption, &places)?;
        // Nothing is refused from here on.
        if !places.is_empty() {
            let to = booked(order.id);
            self.inventory_mut(order.performance)?.pass(places_of(&places), FREE, to)?;
            self.add_live_tickets(order.performance, &order.customers, places.len())?;
        }
        let holders = order.tickets.iter().filter_map(|ticket| ticket.gift.as_ref()?.holder.account);
        let accounts: BTreeSet<_> = order.buyer.account.into_iter().chain(holders).collect();
        for account in accounts {
            self.add_task(Task::IndexOrder { account, order: order.id })?;
        }
        self.tables.performance_orders.insert(&order_key(order.performance, order.id), ())?;
        self.save_order(&mut order)?;
        Ok(Outcome::Done)
    }

    /// Refuses an order whose places cannot be its own here.
    fn check_places(&mut self, adoption: &Adoption, places: &[PricedPlace]) -> Result<(), Stop> {
        let Adoption { order, layout_version } = adoption;
        let inventory = self.inventory(order.performance)?;
        if order.is_money_under_way() || (order.status == OrderStatus::Booked) == places.is_empty() {
            return Err(unsettled(order).into());
        }
        if places.is_empty() {
            return if order.is_live() { Err(unsettled(order).into()) } else { Ok(()) };
        }
        match inventory.offer.status {
            PerformanceStatus::Cancelled => return Err(Refusal::PerformanceCancelled.into()),
            PerformanceStatus::Scheduled => {}
        }
        if inventory.offer.terms.layout_version != *layout_version {
            let words = "the hall has another seat map than when the order was placed";
            return Err(Refusal::Invalid(words.to_owned()).into());
        }
        if inventory.are_free(places) {
            return Ok(());
        }
        let seats = places.iter().filter_map(|place| match place.place {
            Place::Seat(seat) => (inventory.status(seat) != Some(SeatStatus::Free)).then_some(seat),
            Place::Area(_) => None,
        });
        let seats: Vec<_> = seats.collect();
        let area = places.iter().find_map(|place| match place.place {
            Place::Area(area) => Some(area),
            Place::Seat(_) => None,
        });
        match area.filter(|_area| seats.is_empty()) {
            Some(area) => Err(Refusal::AreaFull { area, free: inventory.area_free(area) }.into()),
            None => Err(Refusal::SeatsTaken { seats }.into()),
        }
    }
}

fn unsettled(order: &Order) -> Refusal {
    Refusal::Invalid(format!("{} is not settled where it was sold", order.id))
}
