//! Orders forget who bought them, and tickets who has them.

use super::{Decided, LedgerEntry};
use crate::broken::Broken;
use crate::change::Task;
use crate::command::Outcome;
use crate::ids::{AccountId, OrderId};
use crate::money::Money;
use crate::order::{Buyer, Order, OrderStatus, TicketStatus};
use crate::tables;

impl LedgerEntry<'_> {
    /// Orders that do not exist are passed over: the list comes from another group and may be older.
    pub(super) fn anonymise(&mut self, orders: &[OrderId], account: Option<AccountId>) -> Decided {
        let mut count = 0;
        for id in orders {
            let Some(mut order) = tables::order_of(&*self.tables.orders, *id)? else { continue };
            let is_theirs = |who: &Buyer| account.is_none() || who.account == account;
            forget_in_tickets(&mut order, is_theirs);
            if is_theirs(&order.buyer) {
                self.forget_buyer(&mut order)?;
            }
            self.save_order(&mut order)?;
            count += 1;
        }
        Ok(Outcome::Treated { count })
    }

    fn forget_buyer(&mut self, order: &mut Order) -> Result<(), Broken> {
        order.buyer = nobody();
        // The limit's keys name the person too, if only to who knows the address already.
        let customers = std::mem::take(&mut order.customers);
        if order.is_live() {
            let live = order.tickets.iter().filter(|ticket| ticket.status != TicketStatus::Cancelled).count();
            self.take_live_tickets(order.performance, &customers, live)?;
        }
        self.forget_hold_customers(order)?;
        self.forget_charge_email(order)
    }

    /// While the payment is under way, the hold must not count its places a second time.
    fn forget_hold_customers(&mut self, order: &Order) -> Result<(), Broken> {
        if order.status != OrderStatus::AwaitingPayment {
            return Ok(());
        }
        if let Some(mut hold) = tables::hold_of(&*self.tables.holds, order.hold.0)? {
            hold.customers.clear();
            self.save_hold(order.hold, &hold)?;
        }
        Ok(())
    }

    fn forget_charge_email(&mut self, order: &Order) -> Result<(), Broken> {
        let Some(number) = order.charge_task else { return Ok(()) };
        let (choice, email) = (order.choice.clone(), String::new());
        let total = Money { amount: order.total, currency: order.currency };
        let task = Task::Charge { order: order.id, total, choice, email };
        self.tables.outbox.insert(number, &task)?;
        Ok(())
    }
}

/// Removes a person from an order's tickets, with the addresses to which the person offered them. What others were given
/// they keep, and an offer can still be accepted by its link.
fn forget_in_tickets(order: &mut Order, is_theirs: impl Fn(&Buyer) -> bool) {
    for ticket in &mut order.tickets {
        let offers = is_theirs(ticket.gift.as_ref().map_or(&order.buyer, |gift| &gift.holder));
        if let Some(offered) = ticket.offered.as_mut().filter(|_to| offers) {
            *offered = nobody();
        }
        if let Some(gift) = &mut ticket.gift {
            [&mut gift.holder, &mut gift.from]
                .into_iter()
                .filter(|who| is_theirs(who))
                .for_each(|who| *who = nobody());
        }
    }
}

const fn nobody() -> Buyer {
    Buyer { account: None, email: String::new(), name: String::new() }
}
