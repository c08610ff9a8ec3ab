//! Tickets: their codes, and passing them on.

use marquee_ledger::command::Secret;
use marquee_ledger::order::Buyer;
use marquee_ledger::{AccountId, Command, Key, Order, OrderId, Outcome, TicketId};

use super::codes::TicketClaims;
use super::orders::Proved;
use super::rights::Asker;
use super::{NotDone, Selling, misplaced};
use crate::catalog::entity::Performance;
use crate::home::Failure;

/// How many orders of an account are read at a time.
const ORDERS: usize = 100;

impl Selling {
    /// The code of an order's ticket, for who may come with it; none for everyone else, and none if the ticket does not
    /// admit. This is the only way to a code.
    #[must_use]
    pub fn code(&self, order: &Order, index: u8, performance: &Performance, asker: &Asker) -> Option<String> {
        let ticket = order.tickets.get(usize::from(index))?;
        if !self.may_bear(order, ticket, asker) {
            return None;
        }
        Some(self.0.keys.code(&TicketClaims {
            ticket: order.id.ticket(index),
            performance: order.performance,
            serial: ticket.serial,
            starts_at_ms: performance.schedule.starts_at_ms,
        }))
    }

    /// Offers a ticket to somebody else: its code until then admits nobody any more.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn transfer(&self, key: Option<Key>, ticket: TicketId, to: Buyer) -> Result<(), NotDone> {
        self.passed(key, Command::TransferTicket { ticket, to }).await
    }

    /// Takes a ticket that was offered with this serial; `secret` proves a guest's right to it from then on.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn accept(
        &self,
        key: Option<Key>,
        (ticket, serial): (TicketId, u32),
        holder: Buyer,
        secret: Secret,
    ) -> Result<(), NotDone> {
        self.passed(key, Command::AcceptTicket { ticket, serial, holder, secret }).await
    }

    /// Takes an offer back.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn call_back(&self, key: Option<Key>, ticket: TicketId) -> Result<(), NotDone> {
        self.passed(key, Command::CallBackTicket { ticket }).await
    }

    async fn passed(&self, key: Option<Key>, command: Command) -> Result<(), NotDone> {
        let outcome = self.ask(key, command).await?;
        let Outcome::Transferred { .. } = outcome else { return Err(misplaced(&outcome)) };
        Ok(())
    }

    /// At most `limit` orders of which somebody else gave an account tickets, the latest first; those before `before`, if
    /// that is given.
    ///
    /// # Errors
    /// When a home does not answer.
    pub async fn given_to(
        &self,
        account: AccountId,
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Proved>, Failure> {
        self.orders_that(account, before, limit, |order| given(order, account).next().is_some()).await
    }

    /// At most `limit` orders that an account placed, the latest first; those before `before`, if that is given.
    ///
    /// # Errors
    /// When a home does not answer.
    pub async fn bought_by(
        &self,
        account: AccountId,
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Proved>, Failure> {
        self.orders_that(account, before, limit, |order| order.buyer.account == Some(account)).await
    }

    /// At most `limit` orders that an account placed, or of which it was given tickets, the latest first; those before
    /// `before`, if that is given.
    ///
    /// # Errors
    /// When a home does not answer.
    pub async fn concerning(
        &self,
        account: AccountId,
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Proved>, Failure> {
        let wanted =
            |order: &Order| order.buyer.account == Some(account) || given(order, account).next().is_some();
        self.orders_that(account, before, limit, wanted).await
    }

    /// Among an account's orders are those in which it only has, or had, a ticket.
    async fn orders_that(
        &self,
        account: AccountId,
        mut before: Option<OrderId>,
        limit: usize,
        wanted: impl Fn(&Order) -> bool,
    ) -> Result<Vec<Proved>, Failure> {
        let mut found = Vec::new();
        let at_once = limit.max(ORDERS);
        loop {
            let orders = self.orders_of(account, before, at_once).await?;
            before = orders.last().map(|proved| proved.order.id);
            let is_end = orders.len() < at_once;
            found.extend(orders.into_iter().filter(|proved| wanted(&proved.order)));
            if is_end || found.len() >= limit {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }
}

/// The tickets of an order that somebody else gave an account, by index.
pub fn given(order: &Order, account: AccountId) -> impl Iterator<Item = u8> {
    // An order has at most 200 tickets.
    order
        .tickets_of(account)
        .filter(|(_index, ticket)| ticket.gift.is_some())
        .map(|(index, _ticket)| index as u8)
}
