//! Ordering what is held, and the tasks that orders leave behind.

use redb::ReadableTable;

use super::effects::{booked, held, places_of};
use super::{Decided, LedgerEntry, Stop};
use crate::broken::Broken;
use crate::change::Task;
use crate::command::{HoldRequest, OrderRequest, Outcome, PaymentChoice};
use crate::hold::{CustomerKey, Hold};
use crate::ids::{HoldId, OrderId};
use crate::money::Money;
use crate::order::{Buyer, Order, OrderStatus, PaymentStatus, Ticket, TicketStatus};
use crate::record;
use crate::refusal::Refusal;
use crate::tables::order_key;
use crate::terms::{PerformanceStatus, Terms};

impl LedgerEntry<'_> {
    pub(super) fn place_order(&mut self, request: &OrderRequest) -> Decided {
        let hold = self.open_hold(request.hold, request.secret)?;
        if let Some(order) = hold.order {
            return Err(Refusal::HoldOrdered { order }.into());
        }
        check_buyer(&request.buyer)?;
        let offer = &self.inventory(hold.performance)?.offer;
        match offer.status {
            PerformanceStatus::Cancelled => return Err(Refusal::PerformanceCancelled.into()),
            PerformanceStatus::Scheduled => {}
        }
        let limit = offer.terms.ticket_limit;
        let more = self.more_customers(&hold, limit, &request.buyer)?;
        // Nothing is refused from here on.
        Ok(self.make_order(request.hold, hold, &more, &request.buyer, &request.payment)?)
    }

    pub(super) fn buy(&mut self, request: &HoldRequest, buyer: &Buyer, payment: &PaymentChoice) -> Decided {
        check_buyer(buyer)?;
        let granted = self.grant(request)?;
        let more = buyer_keys(buyer, granted.ticket_limit, &granted.customers);
        for customer in &more {
            self.check_limit(request.performance, granted.ticket_limit, *customer, granted.places.len())?;
        }
        // Nothing is refused from here on.
        let (id, hold) = self.make_hold(request, granted)?;
        Ok(self.make_order(id, hold, &more, buyer, payment)?)
    }

    /// The customers under which an order counts beside those of its hold; refused if one would have too many tickets.
    fn more_customers(&self, hold: &Hold, limit: u16, buyer: &Buyer) -> Result<Vec<CustomerKey>, Stop> {
        let more = buyer_keys(buyer, limit, &hold.customers);
        for customer in &more {
            self.check_limit(hold.performance, limit, *customer, hold.places.len())?;
        }
        Ok(more)
    }

    fn make_order(
        &mut self,
        hold_id: HoldId,
        mut hold: Hold,
        more_customers: &[CustomerKey],
        buyer: &Buyer,
        payment: &PaymentChoice,
    ) -> Result<Outcome, Broken> {
        let id = OrderId(self.next_id(hold.performance));
        let now_ms = self.at.now_ms;
        let terms = &self.inventory_mut(hold.performance)?.offer.terms;
        let payment_ms = terms.payment_ms;
        let mut order = new_order(id, hold_id, &hold, terms, buyer, payment, now_ms);
        let total = Money { amount: order.total, currency: order.currency };
        order.customers.extend_from_slice(more_customers);
        self.add_live_tickets(hold.performance, more_customers, order.tickets.len())?;
        if order.total == 0 {
            order.payment = PaymentStatus::Free;
            self.inventory_mut(hold.performance)?.pass(places_of(&hold.places), held(hold_id), booked(id))?;
            self.remove_hold(hold_id, &hold)?;
            set_booked(&mut order);
        } else {
            let (choice, email) = (payment.clone(), buyer.email.clone());
            order.charge_task = Some(self.add_task(Task::Charge { order: id, total, choice, email })?);
            let expires_at_ms = hold.expires_at_ms.max(now_ms.saturating_add(payment_ms));
            self.set_expiry(hold_id, &mut hold, expires_at_ms);
            hold.order = Some(id);
            self.save_hold(hold_id, &hold)?;
        }
        if let Some(account) = buyer.account {
            self.add_task(Task::IndexOrder { account, order: id })?;
        }
        self.tables.performance_orders.insert(&order_key(hold.performance, id), ())?;
        self.save_order(&mut order)?;
        Ok(Outcome::Ordered { order: id, status: order.status, total })
    }

    /// Tasks of a venue that is not sold here are passed over: they belong to whoever sells it.
    pub(super) fn finish_tasks(&mut self, tasks: &[u64]) -> Decided {
        let mut finished = Vec::with_capacity(tasks.len());
        for number in tasks {
            let Some(bytes) = self.tables.outbox.get(*number)? else { continue };
            match record::decode(bytes.value())? {
                Task::IndexOrder { order, .. } => {
                    if self.memory.sells(order.owner()) {
                        finished.push(*number);
                    }
                }
                Task::Charge { .. } | Task::Refund { .. } | Task::CancelOrders { .. } => {
                    return Err(Refusal::Invalid(format!("task {number} ends with its own command")).into());
                }
            }
        }
        // Nothing is refused from here on.
        for number in finished {
            self.remove_task(Some(number))?;
        }
        Ok(Outcome::Done)
    }
}

/// Makes an order's tickets valid.
pub(super) fn set_booked(order: &mut Order) {
    order.status = OrderStatus::Booked;
    order.tickets.iter_mut().for_each(|ticket| ticket.status = TicketStatus::Valid);
}

fn new_order(
    id: OrderId,
    hold_id: HoldId,
    hold: &Hold,
    terms: &Terms,
    buyer: &Buyer,
    payment: &PaymentChoice,
    now_ms: u64,
) -> Order {
    let ticket =
        |place| Ticket { place, status: TicketStatus::Pending, serial: 0, offered: None, gift: None };
    Order {
        id,
        performance: hold.performance,
        event: terms.event,
        hold: hold_id,
        buyer: buyer.clone(),
        secret: hold.secret,
        placed_at_ms: now_ms,
        status: OrderStatus::AwaitingPayment,
        choice: payment.clone(),
        payment: PaymentStatus::Pending,
        intent: None,
        currency: terms.currency,
        total: hold.total(),
        tickets: hold.places.iter().copied().map(ticket).collect(),
        refund_policy: terms.refund,
        cancel_until_ms: terms.cancel_until_ms(terms.refund),
        refunds: Vec::new(),
        postings: Vec::new(),
        customers: hold.customers.clone(),
        charge_task: None,
        changed_at_index: 0,
    }
}

/// The customers that a buyer is, beside those that are counted already; none without a ticket limit.
fn buyer_keys(buyer: &Buyer, limit: u16, counted: &[CustomerKey]) -> Vec<CustomerKey> {
    if limit == 0 {
        return Vec::new();
    }
    let account =
        buyer.account.map(|account| CustomerKey::of_holder(crate::command::Holder::Account(account)));
    let email = (!buyer.email.is_empty()).then(|| CustomerKey::of_email(&buyer.email));
    account.into_iter().chain(email).filter(|key| !counted.contains(key)).collect()
}

pub(super) fn check_buyer(buyer: &Buyer) -> Result<(), Refusal> {
    if buyer.account.is_none() && buyer.email.trim().is_empty() {
        return Err(Refusal::Invalid("a buyer has an account or an e-mail address".to_owned()));
    }
    Ok(())
}
