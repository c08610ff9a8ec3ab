//! Tickets that are given back, and money that goes back.
//!
//! **Postings** (debits are positive, each line below sums to zero):
//!
//! | what happens | Gateway | Sales | Fees | Goodwill | Owed |
//! |---|---|---|---|---|---|
//! | a payment is captured and books | +total | −total | | | |
//! | a payment is captured and cannot book | +amount | | | | −amount |
//! | tickets are cancelled | | +price | −(price − due) | −(due − back) | −back |
//! | goodwill is granted | | | | +amount | −amount |
//! | a refund is settled | −amount | | | | +amount |
//! | a refund failed | | | | −amount | +amount |
//! | a settled refund came back | +amount | | | −amount | |
//! | a failed refund went through after all | −amount | | | +amount | |
//!
//! `due` is what the policy (or the seller) grants of the price; `back` is what of it has not been given back before as
//! goodwill. So nobody gets more back than they paid.

use redb::ReadableTable;

use super::effects::{FREE, booked, places_of};
use super::{Decided, LedgerEntry};
use crate::broken::Broken;
use crate::change::Task;
use crate::command::{CancelGround, Outcome, PricedPlace};
use crate::ids::{OrderId, PerformanceId, TicketId};
use crate::money::{Account, Money};
use crate::order::{
    Order, OrderStatus, PaymentStatus, Posting, Refund, RefundId, RefundStatus, TicketStatus,
};
use crate::refusal::Refusal;
use crate::tables::{PairKey, order_key, split_pair};
use crate::{record, tables};

/// The most refunds of one order that a person can ask for.
const REFUNDS_MAX: usize = 1_000;

impl LedgerEntry<'_> {
    pub(super) fn cancel_tickets(
        &mut self,
        id: OrderId,
        tickets: &[TicketId],
        ground: CancelGround,
        reason: &str,
    ) -> Decided {
        let mut order = self.order(id)?;
        if order.status != OrderStatus::Booked {
            return Err(Refusal::NotBooked.into());
        }
        let chosen = chosen_tickets(&order, tickets)?;
        match ground {
            CancelGround::Seller => {}
            CancelGround::Buyer => {
                let terms = &self.inventory(order.performance)?.offer.terms;
                let until_ms = order.cancel_until_ms.max(terms.cancel_until_ms(order.refund_policy));
                if self.at.now_ms >= until_ms {
                    return Err(Refusal::TooLateToCancel { until_ms }.into());
                }
            }
        }
        // Nothing is refused from here on.
        let (refund, amount) = self.cancel(&mut order, &chosen, ground, reason)?;
        self.save_order(&mut order)?;
        Ok(Outcome::Refunding { refund, amount: Money { amount, currency: order.currency } })
    }

    pub(super) fn cancel_orders(&mut self, performance: PerformanceId, limit: u32) -> Decided {
        let mut offer = self.inventory(performance)?.offer.clone();
        let Some(mut called_off) = offer.called_off.take() else {
            return Err(Refusal::Invalid("the performance was not cancelled".to_owned()).into());
        };
        // Nothing is refused from here on.
        let after = order_key(performance, OrderId(called_off.through.0.saturating_add(1)));
        let end = order_key(performance, OrderId(u128::MAX));
        let rows = self.tables.performance_orders.range::<&PairKey>(&after..=&end)?.take(limit as usize);
        let ids: Result<Vec<OrderId>, Broken> =
            rows.map(|row| Ok(OrderId(split_pair(row?.0.value()).1))).collect();
        let ids = ids?;
        for id in &ids {
            let mut order = tables::order_of(&*self.tables.orders, *id)?
                .ok_or_else(|| Broken::contradiction(format!("{performance} has no order {id}")))?;
            let chosen: Vec<usize> = order.valid_tickets().map(|(index, _ticket)| index).collect();
            if !chosen.is_empty() {
                self.cancel(&mut order, &chosen, CancelGround::Seller, &called_off.reason)?;
                self.save_order(&mut order)?;
            }
        }
        called_off.through = ids.last().copied().unwrap_or(called_off.through);
        let count = ids.len() as u32;
        if count < limit {
            self.remove_task(called_off.task.take())?;
        }
        offer.called_off = Some(called_off);
        self.tables.offers.insert(&tables::id_key(performance.0), record::encode(&offer).as_slice())?;
        self.inventory_mut(performance)?.set_offer(offer);
        Ok(Outcome::Treated { count })
    }

    pub(super) fn refund_order(&mut self, id: OrderId, amount: Option<i64>, reason: &str) -> Decided {
        let mut order = self.order(id)?;
        if !matches!(order.payment, PaymentStatus::Captured { .. }) {
            return Err(Refusal::NotBooked.into());
        }
        let max = order.refundable();
        let amount = amount.unwrap_or(max);
        if amount > max || max <= 0 {
            return Err(Refusal::RefundTooHigh { max: max.max(0) }.into());
        }
        if amount <= 0 {
            return Err(Refusal::Invalid("the amount of a refund is positive".to_owned()).into());
        }
        if order.refunds.len() >= REFUNDS_MAX {
            return Err(Refusal::Invalid(format!("an order has at most {REFUNDS_MAX} refunds")).into());
        }
        // Nothing is refused from here on.
        self.post(&mut order, &[(Account::Goodwill, amount), (Account::Owed, -amount)]);
        let refund = self.request_refund(&mut order, amount, reason)?;
        self.save_order(&mut order)?;
        Ok(Outcome::Refunding { refund, amount: Money { amount, currency: order.currency } })
    }

    pub(super) fn settle_refund(
        &mut self,
        id: OrderId,
        refund: RefundId,
        result: &Result<(), String>,
    ) -> Decided {
        let mut order = self.order(id)?;
        let known = order.refunds.get_mut(usize::from(refund.0)).ok_or(Refusal::UnknownRefund)?;
        // Nothing is refused from here on.
        let amount = known.amount;
        let lines = match (&known.status, result) {
            (RefundStatus::Requested, Ok(())) => [(Account::Gateway, -amount), (Account::Owed, amount)],
            (RefundStatus::Requested, Err(_)) => [(Account::Goodwill, -amount), (Account::Owed, amount)],
            (RefundStatus::Settled, Err(_)) => [(Account::Gateway, amount), (Account::Goodwill, -amount)],
            (RefundStatus::Failed { .. }, Ok(())) => {
                [(Account::Gateway, -amount), (Account::Goodwill, amount)]
            }
            (RefundStatus::Settled, Ok(())) | (RefundStatus::Failed { .. }, Err(_)) => {
                return Ok(Outcome::Done);
            }
        };
        known.status = match result {
            Ok(()) => RefundStatus::Settled,
            Err(message) => RefundStatus::Failed { message: message.clone() },
        };
        let task = known.task.take();
        self.remove_task(task)?;
        self.post(&mut order, &lines);
        self.save_order(&mut order)?;
        Ok(Outcome::Done)
    }

    /// Cancels these tickets, which are valid, and asks for what comes back. The order is to be saved.
    pub(super) fn cancel(
        &mut self,
        order: &mut Order,
        tickets: &[usize],
        ground: CancelGround,
        reason: &str,
    ) -> Result<(Option<RefundId>, i64), Broken> {
        let mut places: Vec<PricedPlace> = Vec::with_capacity(tickets.len());
        for index in tickets {
            order.tickets[*index].status = TicketStatus::Cancelled;
            places.push(order.tickets[*index].place);
        }
        self.inventory_mut(order.performance)?.pass(places_of(&places), booked(order.id), FREE)?;
        self.take_live_tickets(order.performance, &order.customers, tickets.len())?;
        if order.valid_tickets().next().is_none() {
            order.status = OrderStatus::Cancelled;
        }
        let price: i64 = places.iter().map(|place| place.price).sum();
        let due = match ground {
            CancelGround::Seller => price,
            CancelGround::Buyer => places.iter().map(|place| order.refund_policy.share_of(place.price)).sum(),
        };
        let back = due.min(order.refundable()).max(0);
        self.post(
            order,
            &[
                (Account::Sales, price),
                (Account::Fees, due - price),
                (Account::Goodwill, back - due),
                (Account::Owed, -back),
            ],
        );
        Ok((self.request_refund(order, back, reason)?, back))
    }

    /// Adds a refund and the task that carries it out; none for nothing. The order is to be saved.
    pub(super) fn request_refund(
        &mut self,
        order: &mut Order,
        amount: i64,
        reason: &str,
    ) -> Result<Option<RefundId>, Broken> {
        if amount == 0 {
            return Ok(None);
        }
        // At most `REFUNDS_MAX` and one per ticket.
        let id = RefundId(order.refunds.len() as u16);
        let task = self.add_task(Task::Refund {
            order: order.id,
            refund: id,
            amount: Money { amount, currency: order.currency },
            gateway: order.choice.gateway.clone(),
            intent: order.intent.clone().unwrap_or_default(),
        })?;
        order.refunds.push(Refund {
            amount,
            reason: reason.to_owned(),
            requested_at_ms: self.at.now_ms,
            status: RefundStatus::Requested,
            task: Some(task),
        });
        Ok(Some(id))
    }

    /// Posts a movement of money, without the lines that move nothing.
    pub(super) fn post(&self, order: &mut Order, lines: &[(Account, i64)]) {
        debug_assert_eq!(lines.iter().map(|line| line.1).sum::<i64>(), 0);
        let lines: Vec<_> = lines.iter().copied().filter(|line| line.1 != 0).collect();
        if !lines.is_empty() {
            order.postings.push(Posting { at_ms: self.at.now_ms, lines });
        }
    }
}

/// The indices of the tickets to cancel, in order; all live ones if none is named.
fn chosen_tickets(order: &Order, tickets: &[TicketId]) -> Result<Vec<usize>, Refusal> {
    if tickets.is_empty() {
        return Ok(order.valid_tickets().map(|(index, _ticket)| index).collect());
    }
    let mut chosen = Vec::with_capacity(tickets.len());
    for id in tickets {
        let index = id.index().filter(|_index| id.order() == order.id).ok_or(Refusal::UnknownTicket)?;
        let ticket = order.tickets.get(usize::from(index)).ok_or(Refusal::UnknownTicket)?;
        if ticket.status != TicketStatus::Valid {
            return Err(Refusal::UnknownTicket);
        }
        chosen.push(usize::from(index));
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}
