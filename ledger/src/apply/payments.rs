//! What the gateway says of an order's payment.
//!
//! Webhooks, answers and polls say the same things early, late, twice or never, so every pair of an order's status and a
//! payment's result has an answer, and none is an error. One order is asked for with one key, so it is paid at most once;
//! a second capture is a repetition of the first.

use super::effects::{FREE, booked, held, places_of};
use super::orders::set_booked;
use super::{Decided, LedgerEntry, Stop};
use crate::broken::Broken;
use crate::command::{Outcome, PaymentResult, PricedPlace};
use crate::hold::{CustomerKey, Hold};
use crate::ids::OrderId;
use crate::inventory::Owner;
use crate::money::Account;
use crate::order::{Order, OrderStatus, PaymentStatus, TicketStatus};
use crate::refusal::Refusal;
use crate::tables;
use crate::terms::PerformanceStatus;

/// Where the places of an order that is being paid are.
enum Whereabouts {
    /// The order's hold has them still.
    Held(Hold),
    /// They are free.
    Free,
    /// They cannot be had; why.
    Gone(&'static str),
}

impl LedgerEntry<'_> {
    pub(super) fn settle_payment(&mut self, id: OrderId, result: &PaymentResult) -> Decided {
        use OrderStatus::{AwaitingPayment, Booked, Cancelled, Declined, Lapsed, Unfulfilled};
        let mut order = self.order(id)?;
        match (order.status, result) {
            (AwaitingPayment | Lapsed, PaymentResult::Processing { intent }) => {
                self.note_payment(&mut order, intent, PaymentStatus::Pending)?;
            }
            (AwaitingPayment | Lapsed, PaymentResult::ActionRequired { intent, url }) => {
                self.note_payment(&mut order, intent, PaymentStatus::ActionRequired { url: url.clone() })?;
            }
            (AwaitingPayment | Lapsed | Declined, PaymentResult::Captured { intent, amount }) => {
                self.capture(&mut order, intent, *amount)?;
            }
            (AwaitingPayment, PaymentResult::Declined { code, message }) => {
                let payment = PaymentStatus::Declined { code: code.clone(), message: message.clone() };
                self.decline(&mut order, payment)?;
            }
            (Lapsed, PaymentResult::Declined { code, message }) => {
                order.payment = PaymentStatus::Declined { code: code.clone(), message: message.clone() };
                self.remove_task(order.charge_task.take())?;
                self.save_order(&mut order)?;
            }
            (Booked | Unfulfilled | Cancelled, PaymentResult::Captured { .. }) => {
                if order.payment == PaymentStatus::Free {
                    return Err(Refusal::AmountMismatch.into());
                }
            }
            // News that is older than what is known.
            (
                Booked | Declined | Unfulfilled | Cancelled,
                PaymentResult::Processing { .. }
                | PaymentResult::ActionRequired { .. }
                | PaymentResult::Declined { .. },
            ) => {}
        }
        Ok(Outcome::Settled { status: order.status })
    }

    fn note_payment(
        &mut self,
        order: &mut Order,
        intent: &str,
        payment: PaymentStatus,
    ) -> Result<(), Broken> {
        if matches!(order.payment, PaymentStatus::Declined { .. })
            || (order.intent.as_deref() == Some(intent) && order.payment == payment)
        {
            return Ok(());
        }
        order.intent = Some(intent.to_owned());
        order.payment = payment;
        self.save_order(order)
    }

    /// The hold can be ordered again while it lasts.
    fn decline(&mut self, order: &mut Order, payment: PaymentStatus) -> Result<(), Broken> {
        let mut hold = tables::hold_of(&*self.tables.holds, order.hold.0)?
            .ok_or_else(|| Broken::contradiction(format!("{} awaits payment without a hold", order.id)))?;
        let more = beside(&order.customers, &hold.customers);
        self.take_live_tickets(order.performance, &more, order.tickets.len())?;
        hold.order = None;
        self.save_hold(order.hold, &hold)?;
        order.status = OrderStatus::Declined;
        order.payment = payment;
        self.remove_task(order.charge_task.take())?;
        self.save_order(order)
    }

    /// The money is here: the places are the order's if they can be, all or none; else the money goes back.
    fn capture(&mut self, order: &mut Order, intent: &str, amount: i64) -> Result<(), Stop> {
        if amount <= 0 {
            return Err(Refusal::AmountMismatch.into());
        }
        let places: Vec<PricedPlace> = order.tickets.iter().map(|ticket| ticket.place).collect();
        let whereabouts = self.whereabouts(order, &places)?;
        // Nothing is refused from here on.
        self.remove_task(order.charge_task.take())?;
        order.intent = Some(intent.to_owned());
        order.payment = PaymentStatus::Captured { at_ms: self.at.now_ms };
        let refund_reason = if amount == order.total {
            match whereabouts {
                Whereabouts::Held(hold) => {
                    // What a hold without an order counts passes to the order, which counts otherwise: more, for its
                    // buyer; or nothing, once it was anonymised.
                    let counted = if hold.order.is_some() { &order.customers } else { &hold.customers };
                    let (less, more) = (beside(counted, &order.customers), beside(&order.customers, counted));
                    self.take_live_tickets(order.performance, &less, places.len())?;
                    self.remove_hold(order.hold, &hold)?;
                    self.book(order, &places, held(order.hold), &more)?;
                    None
                }
                Whereabouts::Free => {
                    let customers = order.customers.clone();
                    self.book(order, &places, FREE, &customers)?;
                    None
                }
                Whereabouts::Gone(why) => Some(why),
            }
        } else {
            if let Whereabouts::Held(hold) = whereabouts
                && hold.order.is_some()
            {
                self.let_go(order.hold, &hold)?;
            }
            Some("another amount was paid than the order costs")
        };
        if let Some(reason) = refund_reason {
            order.status = OrderStatus::Unfulfilled;
            order.tickets.iter_mut().for_each(|ticket| ticket.status = TicketStatus::Cancelled);
            self.post(order, &[(Account::Gateway, amount), (Account::Owed, -amount)]);
            self.request_refund(order, amount, reason)?;
        }
        Ok(self.save_order(order)?)
    }

    fn book(
        &mut self,
        order: &mut Order,
        places: &[PricedPlace],
        from: (crate::change::SeatStatus, Owner),
        customers: &[CustomerKey],
    ) -> Result<(), Broken> {
        let to = booked(order.id);
        self.inventory_mut(order.performance)?.pass(places_of(places), from, to)?;
        self.add_live_tickets(order.performance, customers, places.len())?;
        set_booked(order);
        let total = order.total;
        self.post(order, &[(Account::Gateway, total), (Account::Sales, -total)]);
        Ok(())
    }

    fn whereabouts(&mut self, order: &Order, places: &[PricedPlace]) -> Result<Whereabouts, Stop> {
        let hold = tables::hold_of(&*self.tables.holds, order.hold.0)?;
        let inventory = self.inventory(order.performance)?;
        match inventory.offer.status {
            PerformanceStatus::Cancelled => return Ok(Whereabouts::Gone("the performance was cancelled")),
            PerformanceStatus::Scheduled => {}
        }
        Ok(match hold {
            // The hold is this order's, or was given back to the customer when the payment seemed declined.
            Some(hold) if hold.order.is_none_or(|by| by == order.id) => Whereabouts::Held(hold),
            Some(_) => Whereabouts::Gone("the places were ordered again"),
            None if inventory.are_free(places) => Whereabouts::Free,
            None => Whereabouts::Gone("the places were gone when the payment came"),
        })
    }
}

/// The customers that are not among the others.
fn beside(customers: &[CustomerKey], others: &[CustomerKey]) -> Vec<CustomerKey> {
    customers.iter().copied().filter(|key| !others.contains(key)).collect()
}
