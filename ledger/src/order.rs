//! An order: what a customer buys, how it is paid, and every movement of its money.
//!
//! Order, payment, ticket and refund each have their own status: "cancelled" says nothing of the money, and "refunded"
//! says nothing of the seat.

use serde::{Deserialize, Serialize};

use crate::command::{PaymentChoice, PricedPlace, Secret};
use crate::hold::CustomerKey;
use crate::ids::{AccountId, EventId, HoldId, OrderId, PerformanceId};
use crate::money::{Account, Currency};
use crate::terms::RefundPolicy;

/// Who buys, or has a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// The account, if they have one.
    pub account: Option<AccountId>,
    /// Where they get their tickets. Empty once anonymised.
    pub email: String,
    /// Their name, as it stands on the ticket. May be empty.
    pub name: String,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The performance.
    pub performance: PerformanceId,
    /// The event, for lists.
    pub event: EventId,
    /// The hold it was made from.
    pub hold: HoldId,
    /// Who buys.
    pub buyer: Buyer,
    /// Proves a guest's right to the order.
    pub secret: Secret,
    /// When it was placed, in milliseconds since 1970.
    pub placed_at_ms: u64,
    /// Where it stands.
    pub status: OrderStatus,
    /// How it is paid.
    pub choice: PaymentChoice,
    /// Where its payment stands.
    pub payment: PaymentStatus,
    /// The gateway's name for the payment, once known.
    pub intent: Option<String>,
    /// The currency of all its amounts.
    pub currency: Currency,
    /// What it costs: the sum of its tickets' prices when it was placed.
    pub total: i64,
    /// Its tickets; the ticket at index i has the id `id.ticket(i)`.
    pub tickets: Vec<Ticket>,
    /// What was agreed about cancelling, with the start at the time of purchase.
    pub refund_policy: RefundPolicy,
    /// The instant until which the buyer can cancel; moves when the performance is rescheduled to a later time.
    pub cancel_until_ms: u64,
    /// Its refunds; the refund at index i has the id i.
    pub refunds: Vec<Refund>,
    /// Every movement of its money; each sums to zero.
    pub postings: Vec<Posting>,
    /// Under which customers its live tickets count towards the ticket limit. Empty if there was none, or once anonymised.
    pub customers: Vec<CustomerKey>,
    /// The outbox's task that asks for the payment, while it does.
    pub charge_task: Option<u64>,
    /// The log index of the entry that changed it last: with the journal's chain it proves what was so.
    pub changed_at_index: u64,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OrderStatus {
    /// The seats are held and the payment is under way.
    AwaitingPayment,
    /// The hold lapsed while the payment was under way. A payment that still comes books the same seats or is refunded.
    Lapsed,
    /// Paid; the tickets are valid.
    Booked,
    /// The payment was declined. The hold can be ordered again while it lasts.
    Declined,
    /// Paid too late, and the seats were gone: the money goes back.
    Unfulfilled,
    /// Every ticket was cancelled.
    Cancelled,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PaymentStatus {
    /// The order costs nothing.
    Free,
    /// The gateway has not said yet.
    Pending,
    /// The customer must do something at this address.
    ActionRequired {
        /// Where.
        url: String,
    },
    /// The money came.
    Captured {
        /// When, in milliseconds since 1970.
        at_ms: u64,
    },
    /// It will not come.
    Declined {
        /// A stable word for the cause.
        code: String,
        /// For the customer.
        message: String,
    },
}

/// One admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// What it admits to, and its price.
    pub place: PricedPlace,
    /// Where it stands.
    pub status: TicketStatus,
    /// Counts how often it was offered, accepted and called back; a code with another serial admits nobody.
    pub serial: u32,
    /// To whom it is offered. Until they accept, or it is called back, nobody has its code.
    pub offered: Option<Buyer>,
    /// How it came to who has it, if that is not the buyer.
    #[serde(default)]
    pub gift: Option<Gift>,
}

/// A ticket that somebody accepted from who had it before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gift {
    /// Who has it.
    pub holder: Buyer,
    /// Proves a guest's right to it.
    pub secret: Secret,
    /// Who gave it: account and name, no address.
    pub from: Buyer,
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketStatus {
    /// Not paid.
    Pending,
    /// It admits.
    Valid,
    /// It was given back, or its order was never fulfilled.
    Cancelled,
}

/// A refund's number within its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RefundId(pub u16);

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Minor units.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// When it was asked for, in milliseconds since 1970.
    pub requested_at_ms: u64,
    /// Where it stands.
    pub status: RefundStatus,
    /// The outbox's task that asks for it, while it does.
    pub task: Option<u64>,
}

/// Where a refund stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefundStatus {
    /// The gateway is to be asked, or has not said yet.
    Requested,
    /// The money is back.
    Settled,
    /// The gateway refused; a person must look at it.
    Failed {
        /// The gateway's words.
        message: String,
    },
}

/// A movement of money between accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// By how much each account changes, in minor units; the sum is zero.
    pub lines: Vec<(Account, i64)>,
}

impl Order {
    /// Who has a ticket, or offers it: who accepted it last, or else the buyer.
    #[must_use]
    pub fn holder<'t>(&'t self, ticket: &'t Ticket) -> &'t Buyer {
        ticket.gift.as_ref().map_or(&self.buyer, |gift| &gift.holder)
    }

    /// The tickets that an account has, with their indices: those that it bought and did not give away, and those that it
    /// was given. One that is on offer is still had by who offers it.
    pub fn tickets_of(&self, account: AccountId) -> impl Iterator<Item = (usize, &Ticket)> {
        let tickets = self.tickets.iter().enumerate();
        tickets.filter(move |(_index, ticket)| self.holder(ticket).account == Some(account))
    }

    /// The balance of an account over all postings, in minor units.
    #[must_use]
    pub fn balance(&self, account: Account) -> i64 {
        self.postings
            .iter()
            .flat_map(|posting| &posting.lines)
            .filter(|line| line.0 == account)
            .map(|line| line.1)
            .sum()
    }

    /// What can still be paid back: what came, less what went back or is on its way. In minor units.
    #[must_use]
    pub fn refundable(&self) -> i64 {
        self.balance(Account::Gateway) + self.balance(Account::Owed)
    }

    /// Its tickets that admit, with their indices.
    pub fn valid_tickets(&self) -> impl Iterator<Item = (usize, &Ticket)> {
        self.tickets.iter().enumerate().filter(|(_index, ticket)| ticket.status == TicketStatus::Valid)
    }

    /// Whether its places are taken, so that its tickets count towards the ticket limit.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        match self.status {
            OrderStatus::AwaitingPayment | OrderStatus::Booked => true,
            OrderStatus::Lapsed
            | OrderStatus::Declined
            | OrderStatus::Unfulfilled
            | OrderStatus::Cancelled => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Place;
    use crate::record;

    /// A ticket as it was kept when giving it away took no acceptance.
    #[derive(Serialize)]
    struct Before {
        place: PricedPlace,
        status: TicketStatus,
        serial: u32,
        holder: Option<Buyer>,
    }

    #[test]
    fn a_ticket_that_was_given_away_before_there_were_offers_waits_to_be_accepted() {
        let place = PricedPlace { place: Place::Area(0), category: 0, concession: 0, price: 100 };
        let bob = Buyer { account: None, email: "bob@example.org".to_owned(), name: "Bob".to_owned() };
        let kept = Before { place, status: TicketStatus::Valid, serial: 1, holder: Some(bob.clone()) };
        let read: Ticket = record::decode(&record::encode(&kept)).unwrap();
        let offered =
            Ticket { place, status: TicketStatus::Valid, serial: 1, offered: Some(bob), gift: None };
        assert_eq!(read, offered);
    }
}
