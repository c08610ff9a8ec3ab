//! Tickets: their codes, and passing them on.

use marquee_ledger::order::{Buyer, TicketStatus};
use marquee_ledger::{Command, Key, Order, Outcome, TicketId};

use super::codes::TicketClaims;
use super::{NotDone, Selling, misplaced};
use crate::catalog::entity::Performance;

impl Selling {
    /// The code of an order's ticket; none if the ticket does not admit.
    #[must_use]
    pub fn code(&self, order: &Order, index: u8, performance: &Performance) -> Option<String> {
        let ticket = order.tickets.get(usize::from(index))?;
        match ticket.status {
            TicketStatus::Valid => {}
            TicketStatus::Pending | TicketStatus::Cancelled => return None,
        }
        Some(self.0.keys.code(&TicketClaims {
            ticket: order.id.ticket(index),
            performance: order.performance,
            serial: ticket.serial,
            starts_at_ms: performance.schedule.starts_at_ms,
        }))
    }

    /// Gives a ticket to somebody else: its code until then admits nobody any more.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn transfer(&self, key: Option<Key>, ticket: TicketId, to: Buyer) -> Result<(), NotDone> {
        let outcome = self.ask(key, Command::TransferTicket { ticket, to }).await?;
        let Outcome::Transferred { .. } = outcome else { return Err(misplaced(&outcome)) };
        Ok(())
    }
}
