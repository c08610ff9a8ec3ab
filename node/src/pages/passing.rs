//! Giving a ticket to somebody else, from the page of a booking or of the ticket itself: offered, shown as a link to be
//! sent on, taken back.

use marquee_ledger::order::{Ticket, TicketStatus};
use marquee_ledger::{Order, TicketId};
use serde::Deserialize;

use super::checkout::person;
use super::visit::{NoFields, Posted, Visit};
use crate::http::{Problem, bookings, tickets, tokens};
use crate::selling::rights::{Hand, invitation};
use crate::texts::Texts;

/// What who has a ticket can do with it.
pub(super) struct Passing {
    /// Where the form goes that offers it; none while it is on offer.
    pub(super) transfer: Option<String>,
    pub(super) offered: Option<Offered>,
}

/// An offer that waits to be accepted.
pub(super) struct Offered {
    pub(super) name: String,
    pub(super) email: String,
    /// The link that accepts it, to be sent on.
    pub(super) link: String,
    /// Where the form goes that takes it back.
    pub(super) call_back: String,
}

impl Passing {
    /// For who has the ticket; its forms go below `base`.
    pub(super) fn new(
        visit: &Visit,
        order: &Order,
        (index, ticket): (u8, &Ticket),
        base: &str,
    ) -> Option<Self> {
        let hand = visit.app.selling.hand(order, index, &visit.asker())?;
        if hand != Hand::Holder || ticket.status != TicketStatus::Valid {
            return None;
        }
        let offered = ticket.offered.as_ref().and_then(|to| {
            let token = tokens::text(invitation(order, index)?);
            Some(Offered {
                name: to.name.clone(),
                email: to.email.clone(),
                link: visit.absolute(&bookings::ticket_link(order.id.ticket(index), &token)),
                call_back: format!("{base}/call-back"),
            })
        });
        Some(Self { transfer: offered.is_none().then(|| format!("{base}/transfer")), offered })
    }
}

/// The form that offers a ticket to somebody.
#[derive(Debug, Deserialize)]
pub(super) struct TransferForm {
    email: String,
    name: String,
}

/// Offers a ticket to somebody else.
///
/// # Errors
/// As [`may_pass_on`](tickets::may_pass_on), and when the form or the ledger refuses.
pub(super) async fn offer(visit: &Visit, id: TicketId, posted: Posted<TransferForm>) -> Result<(), Problem> {
    tickets::may_pass_on(&visit.app, id, &visit.asker())?;
    let to = person(&posted.form.email, &posted.form.name)?;
    Ok(visit.app.selling.transfer(posted.key(), id, to).await?)
}

/// Takes an offer back.
///
/// # Errors
/// As [`may_pass_on`](tickets::may_pass_on), and when the ledger refuses: it was accepted a moment ago.
pub(super) async fn call_back(visit: &Visit, id: TicketId, posted: Posted<NoFields>) -> Result<(), Problem> {
    tickets::may_pass_on(&visit.app, id, &visit.asker())?;
    Ok(visit.app.selling.call_back(posted.key(), id).await?)
}

/// Who has a ticket that its buyer gave away, or is offered one; for who bought it, and who sells it.
pub(super) fn whose(texts: Texts, ticket: &Ticket, hand: Option<Hand>) -> Option<String> {
    let sees_addresses = hand.is_some_and(Hand::sees_addresses);
    let shown = |name: &str, email: &str| {
        if sees_addresses && !email.is_empty() { format!("{name} ({email})") } else { name.to_owned() }
    };
    match (&ticket.offered, &ticket.gift) {
        (Some(to), None) => Some(texts.with("offered-to", "name", shown(&to.name, &to.email))),
        (_, Some(gift)) => {
            Some(texts.with("given-to", "holder", shown(&gift.holder.name, &gift.holder.email)))
        }
        (None, None) => None,
    }
}
