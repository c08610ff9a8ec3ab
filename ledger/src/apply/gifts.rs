//! Tickets that go from one person to another: offered, accepted, called back.
//!
//! Each step gives the ticket another serial, and with it another code: the code of before the offer was seen by who
//! offers it, the one of the offer is shown to nobody, and the one of afterwards only to who has the ticket then.

use super::orders::check_buyer;
use super::{Decided, LedgerEntry, Stop};
use crate::change::Task;
use crate::command::{Outcome, Secret};
use crate::ids::TicketId;
use crate::order::{Buyer, Gift, Order, OrderStatus, TicketStatus};
use crate::refusal::Refusal;

impl LedgerEntry<'_> {
    pub(super) fn transfer_ticket(&mut self, id: TicketId, to: &Buyer) -> Decided {
        let (mut order, index) = self.valid_ticket(id)?;
        check_buyer(to)?;
        // Nothing is refused from here on.
        order.tickets[index].offered = Some(to.clone());
        self.next_code(order, index)
    }

    pub(super) fn accept_ticket(
        &mut self,
        id: TicketId,
        serial: u32,
        holder: &Buyer,
        secret: Secret,
    ) -> Decided {
        let (mut order, index) = self.valid_ticket(id)?;
        check_buyer(holder)?;
        let ticket = &order.tickets[index];
        if ticket.offered.is_none() || ticket.serial != serial {
            return Err(Refusal::NotOffered.into());
        }
        // Nothing is refused from here on.
        let giver = order.holder(ticket);
        let from = Buyer { account: giver.account, email: String::new(), name: giver.name.clone() };
        let buyer = order.buyer.account;
        let gift = if holder.account.is_some() && holder.account == buyer {
            None
        } else {
            if let Some(account) = holder.account {
                self.add_task(Task::IndexOrder { account, order: order.id })?;
            }
            Some(Gift { holder: holder.clone(), secret, from })
        };
        let ticket = &mut order.tickets[index];
        ticket.offered = None;
        ticket.gift = gift;
        self.next_code(order, index)
    }

    pub(super) fn call_back_ticket(&mut self, id: TicketId) -> Decided {
        let (mut order, index) = self.valid_ticket(id)?;
        if order.tickets[index].offered.is_none() {
            return Err(Refusal::NotOffered.into());
        }
        // Nothing is refused from here on.
        order.tickets[index].offered = None;
        self.next_code(order, index)
    }

    /// The order of a ticket that admits, and which of its tickets that is.
    fn valid_ticket(&self, id: TicketId) -> Result<(Order, usize), Stop> {
        let order = self.order(id.order())?;
        if order.status != OrderStatus::Booked {
            return Err(Refusal::NotBooked.into());
        }
        let index = id.index().map_or(usize::MAX, usize::from);
        match order.tickets.get(index).map(|ticket| ticket.status) {
            Some(TicketStatus::Valid) => Ok((order, index)),
            Some(TicketStatus::Pending | TicketStatus::Cancelled) | None => {
                Err(Refusal::UnknownTicket.into())
            }
        }
    }

    fn next_code(&mut self, mut order: Order, index: usize) -> Decided {
        let ticket = &mut order.tickets[index];
        ticket.serial += 1;
        let serial = ticket.serial;
        self.save_order(&mut order)?;
        Ok(Outcome::Transferred { serial })
    }
}
