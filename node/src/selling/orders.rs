//! Orders: bought, waited for, looked at, cancelled, refunded.

use std::time::Duration;

use marquee_ledger::command::{CancelGround, HoldRequest, OrderRequest, PaymentChoice};
use marquee_ledger::journal::ChainLink;
use marquee_ledger::order::{Buyer, OrderStatus, PaymentStatus};
use marquee_ledger::{AccountId, Command, Key, Order, OrderId, Outcome, TicketId};
use tokio::time::Instant;

use super::{NotDone, Selling, misplaced};
use crate::home::Failure;

/// An order with the proof of how it stands.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The order.
    pub order: Order,
    /// The journal's link of the entry that changed it last.
    pub receipt: Option<ChainLink>,
}

impl Selling {
    /// Orders what a hold keeps. The payment is under way when this returns.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn order(&self, key: Option<Key>, request: OrderRequest) -> Result<OrderId, NotDone> {
        self.ordered(key, Command::PlaceOrder(request)).await
    }

    /// Holds and orders in one step.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn buy(
        &self,
        key: Option<Key>,
        hold: HoldRequest,
        buyer: Buyer,
        payment: PaymentChoice,
    ) -> Result<OrderId, NotDone> {
        self.ordered(key, Command::Buy { hold, buyer, payment }).await
    }

    async fn ordered(&self, key: Option<Key>, command: Command) -> Result<OrderId, NotDone> {
        let outcome = self.ask(key, command).await?;
        let Outcome::Ordered { order, .. } = outcome else { return Err(misplaced(&outcome)) };
        Ok(order)
    }

    /// The order, once nothing more is to be waited for: it is paid, it will not be, or its buyer must do something
    /// first; or as it is when `wait` is over.
    ///
    /// # Errors
    /// When the storage failed, or the order's venue moves.
    pub async fn settled(&self, id: OrderId, wait: Duration) -> Result<Option<Proved>, Failure> {
        let deadline = Instant::now() + wait;
        loop {
            // Watched before it is read: a change after the reading is not missed.
            let watch = self.0.live.watch_order(id);
            match self.read(id, |order| !is_under_way(order))? {
                Some((_order, false)) => {}
                Some((proved, true)) => return Ok(Some(proved)),
                None => return Ok(None),
            }
            if tokio::time::timeout_at(deadline, watch.changed()).await.is_err() {
                return self.proved(id);
            }
        }
    }

    /// An order as it is, with its proof, read at one moment.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn proved(&self, id: OrderId) -> Result<Option<Proved>, Failure> {
        Ok(self.read(id, |_order| true)?.map(|(proved, _proof)| proved))
    }

    /// An order, and whether its proof was wanted and read too.
    fn read(&self, id: OrderId, wants: impl Fn(&Order) -> bool) -> Result<Option<(Proved, bool)>, Failure> {
        let snapshot = self.0.home.snapshot()?;
        let ledger = snapshot.ledger()?;
        // An order of a venue on the move may have changed elsewhere already.
        if !ledger.standing(id.owner())?.sells() {
            return Err(Failure::Moved { group: self.0.home.id() });
        }
        let Some(order) = ledger.order(id)? else { return Ok(None) };
        let wanted = wants(&order);
        let receipt = if wanted { ledger.receipt(order.changed_at_index)? } else { None };
        Ok(Some((Proved { order, receipt }, wanted)))
    }

    /// At most `limit` orders of an account, the latest first; those before `before`, if that is given. Each comes from
    /// its own home.
    ///
    /// # Errors
    /// When a home does not answer.
    pub async fn orders_of(
        &self,
        account: AccountId,
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Proved>, Failure> {
        let home = &self.0.home;
        let orders = home.commons().orders_of(home.id(), account, before, limit).await?;
        Ok(orders.into_iter().map(|(order, receipt)| Proved { order, receipt }).collect())
    }

    /// Who buys for an account that says no other address: the account's own, under its person's name unless another is
    /// said.
    ///
    /// # Errors
    /// When the account's home does not answer.
    pub async fn buyer_of(&self, account: AccountId, name: Option<String>) -> Result<Buyer, Failure> {
        let home = &self.0.home;
        let known = home.commons().account(home.id(), account).await?;
        let (email, own_name) = known.map_or_else(Default::default, |known| {
            (known.email.as_str().to_owned(), known.name.as_str().to_owned())
        });
        Ok(Buyer { account: Some(account), email, name: name.unwrap_or(own_name) })
    }

    /// Cancels tickets of an order; all that are valid if none is named.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn cancel(
        &self,
        key: Option<Key>,
        order: OrderId,
        tickets: Vec<TicketId>,
        ground: CancelGround,
        reason: String,
    ) -> Result<(), NotDone> {
        let outcome = self.ask(key, Command::CancelTickets { order, tickets, ground, reason }).await?;
        let Outcome::Refunding { .. } = outcome else { return Err(misplaced(&outcome)) };
        Ok(())
    }

    /// Pays money back while the tickets stay valid; everything that can be if no amount is named.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn refund(
        &self,
        key: Option<Key>,
        order: OrderId,
        amount: Option<i64>,
        reason: String,
    ) -> Result<(), NotDone> {
        let outcome = self.ask(key, Command::RefundOrder { order, amount, reason }).await?;
        let Outcome::Refunding { .. } = outcome else { return Err(misplaced(&outcome)) };
        Ok(())
    }
}

/// Whether it is worth waiting for the order's payment.
fn is_under_way(order: &Order) -> bool {
    match order.status {
        OrderStatus::AwaitingPayment => match order.payment {
            PaymentStatus::Pending => true,
            PaymentStatus::Free
            | PaymentStatus::ActionRequired { .. }
            | PaymentStatus::Captured { .. }
            | PaymentStatus::Declined { .. } => false,
        },
        OrderStatus::Lapsed
        | OrderStatus::Booked
        | OrderStatus::Declined
        | OrderStatus::Unfulfilled
        | OrderStatus::Cancelled => false,
    }
}

/// What the buyer would get back for cancelling every valid ticket at `now_ms`, in minor units.
#[must_use]
pub fn refund_if_cancelled(order: &Order, now_ms: u64) -> i64 {
    if order.status != OrderStatus::Booked || now_ms >= order.cancel_until_ms {
        return 0;
    }
    let shares =
        order.valid_tickets().map(|(_index, ticket)| order.refund_policy.share_of(ticket.place.price));
    shares.sum::<i64>().min(order.refundable()).max(0)
}
