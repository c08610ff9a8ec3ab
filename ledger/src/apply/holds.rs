//! Holding places, and letting go of them.

use super::effects::{FREE, held, places_of};
use super::{Decided, LedgerEntry, Stop, selection};
use crate::broken::Broken;
use crate::command::{Held, HoldRequest, Outcome, PricedPlace, Secret};
use crate::hold::{CustomerKey, Hold};
use crate::ids::{HoldId, PerformanceId};
use crate::money::{Currency, Money};
use crate::order::OrderStatus;
use crate::refusal::Refusal;
use crate::tables;

/// What a hold request comes to, when nothing speaks against it.
pub(super) struct Granted {
    pub(super) places: Vec<PricedPlace>,
    /// Under which customers the places will count; none without a ticket limit.
    pub(super) customers: Vec<CustomerKey>,
    pub(super) ticket_limit: u16,
    currency: Currency,
    expires_at_ms: u64,
}

impl LedgerEntry<'_> {
    pub(super) fn hold(&mut self, request: &HoldRequest) -> Decided {
        let granted = self.grant(request)?;
        // Nothing is refused from here on.
        let currency = granted.currency;
        let (id, hold) = self.make_hold(request, granted)?;
        self.save_hold(id, &hold)?;
        let total = Money { amount: hold.total(), currency };
        Ok(Outcome::Held(Held { hold: id, expires_at_ms: hold.expires_at_ms, places: hold.places, total }))
    }

    /// Checks a hold request and chooses its places.
    pub(super) fn grant(&mut self, request: &HoldRequest) -> Result<Granted, Stop> {
        let (now_ms, places_max) = (self.at.now_ms, self.places_max());
        let holds_max = self.options.holds_per_holder_max;
        if holds_max > 0 && self.memory.holds_of(request.holder) >= holds_max {
            return Err(Refusal::TooManyHolds { max: holds_max }.into());
        }
        let inventory = self.inventory(request.performance)?;
        selection::check_on_sale(&inventory.offer, now_ms)?;
        let places = selection::choose(inventory, &request.selection, places_max)?;
        let terms = &inventory.offer.terms;
        let mut granted = Granted {
            places,
            customers: Vec::new(),
            ticket_limit: terms.ticket_limit,
            currency: terms.currency,
            expires_at_ms: now_ms.saturating_add(terms.hold_ms),
        };
        if granted.ticket_limit > 0 {
            let customer = CustomerKey::of_holder(request.holder);
            self.check_limit(request.performance, granted.ticket_limit, customer, granted.places.len())?;
            granted.customers.push(customer);
        }
        Ok(granted)
    }

    /// Refuses tickets beyond the limit of a customer. A limit of 0 is none.
    pub(super) fn check_limit(
        &self,
        performance: PerformanceId,
        limit: u16,
        customer: CustomerKey,
        tickets: usize,
    ) -> Result<(), Stop> {
        let live = self.live_tickets(performance, customer)?;
        if limit > 0 && live as usize + tickets > usize::from(limit) {
            return Err(Refusal::TicketLimit { limit }.into());
        }
        Ok(())
    }

    /// Takes the places. The hold is to be saved.
    pub(super) fn make_hold(
        &mut self,
        request: &HoldRequest,
        granted: Granted,
    ) -> Result<(HoldId, Hold), Broken> {
        let id = HoldId(self.next_id(request.performance));
        let hold = Hold {
            performance: request.performance,
            holder: request.holder,
            secret: request.secret,
            places: granted.places,
            expires_at_ms: granted.expires_at_ms,
            extended: false,
            order: None,
            customers: granted.customers,
        };
        self.inventory_mut(hold.performance)?.pass(places_of(&hold.places), FREE, held(id))?;
        self.memory.know_hold(id, &hold);
        self.add_live_tickets(hold.performance, &hold.customers, hold.places.len())?;
        Ok((id, hold))
    }

    pub(super) fn release_hold(&mut self, id: HoldId, secret: Secret) -> Decided {
        let hold = self.hold_by(id, secret)?;
        if let Some(order) = hold.order {
            return Err(Refusal::HoldOrdered { order }.into());
        }
        // Nothing is refused from here on.
        self.let_go(id, &hold)?;
        Ok(Outcome::Done)
    }

    pub(super) fn extend_hold(&mut self, id: HoldId, secret: Secret) -> Decided {
        let mut hold = self.open_hold(id, secret)?;
        if let Some(order) = hold.order {
            return Err(Refusal::HoldOrdered { order }.into());
        }
        let extension_ms = self.inventory(hold.performance)?.offer.terms.extension_ms;
        if hold.extended || extension_ms == 0 {
            return Err(Refusal::NotExtendable.into());
        }
        // Nothing is refused from here on.
        let expires_at_ms = hold.expires_at_ms.saturating_add(extension_ms);
        self.set_expiry(id, &mut hold, expires_at_ms);
        hold.extended = true;
        self.save_hold(id, &hold)?;
        Ok(Outcome::Extended { expires_at_ms })
    }

    pub(super) fn expire_holds(&mut self, limit: u32) -> Decided {
        let mut count = 0;
        while count < limit {
            let Some(&(at_ms, id)) = self.memory.expiries.first() else { break };
            if at_ms > self.at.now_ms {
                break;
            }
            let hold = tables::hold_of(&*self.tables.holds, id.0)?
                .ok_or_else(|| Broken::contradiction(format!("{id} is to lapse but is gone")))?;
            self.let_go(id, &hold)?;
            count += 1;
        }
        Ok(Outcome::Treated { count })
    }

    /// An open hold that has not lapsed, for who knows its secret.
    pub(super) fn open_hold(&self, id: HoldId, secret: Secret) -> Result<Hold, Stop> {
        let hold = self.hold_by(id, secret)?;
        if hold.expires_at_ms <= self.at.now_ms { Err(Refusal::UnknownHold.into()) } else { Ok(hold) }
    }

    /// Frees a hold's places, and tells its order if it has one.
    pub(super) fn let_go(&mut self, id: HoldId, hold: &Hold) -> Result<(), Broken> {
        self.inventory_mut(hold.performance)?.pass(places_of(&hold.places), held(id), FREE)?;
        self.remove_hold(id, hold)?;
        let Some(order_id) = hold.order else {
            return self.take_live_tickets(hold.performance, &hold.customers, hold.places.len());
        };
        let mut order = tables::order_of(&*self.tables.orders, order_id)?
            .ok_or_else(|| Broken::contradiction(format!("{id} names {order_id}, which does not exist")))?;
        order.status = OrderStatus::Lapsed;
        self.take_live_tickets(order.performance, &order.customers, order.tickets.len())?;
        self.save_order(&mut order)
    }

    /// A hold that may have lapsed but whose places are not free yet.
    fn hold_by(&self, id: HoldId, secret: Secret) -> Result<Hold, Stop> {
        let hold = tables::hold_of(&*self.tables.holds, id.0)?;
        hold.filter(|hold| hold.secret == secret).ok_or_else(|| Refusal::UnknownHold.into())
    }
}
