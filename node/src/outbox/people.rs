//! What orders and accounts must know of each other: an account's orders, and that a deleted account's have no name.

use marquee_ledger::{AccountId, Command, OrderId};

use super::{Outbox, Pause};
use crate::accounts;
use crate::cluster::owner::Owner;

impl Outbox {
    /// Tells the account's home of an order.
    pub(super) async fn index_order(&self, number: u64, account: AccountId, order: OrderId) {
        let mut pause = Pause::new();
        loop {
            let command = accounts::Command::IndexOrder { account, order };
            match self.0.home.accounts(None, command).await {
                Ok(Ok(_noted)) => break,
                Ok(Err(refusal)) => {
                    tracing::error!(%account, %order, %refusal, "an order is not among its account's");
                    break;
                }
                Err(failure) => tracing::debug!(%failure, "an order is told of again"),
            }
            if self.pause(&mut pause).await.is_none() {
                return;
            }
        }
        if let Err(refusal) = self.tell(Command::FinishTasks { tasks: vec![number] }).await {
            tracing::error!(%order, %refusal, "a finished task remains");
        }
        if self.is_gone(account) {
            self.anonymise_soon();
        }
    }

    /// Has the orders of deleted accounts made anonymous. What a crash interrupts goes on after the next start.
    pub fn anonymise_soon(&self) {
        self.0.deletions.notify_one();
    }

    pub(super) async fn anonymise(&self) {
        let stopping = self.stopping();
        let mut pause = Pause::new();
        loop {
            let done = accounts::finish_deletions(&self.0.home).await;
            if let Err(failure) = done {
                tracing::warn!(%failure, "orders of deleted accounts are made anonymous later");
                if self.pause(&mut pause).await.is_none() {
                    return;
                }
                continue;
            }
            pause = Pause::new();
            tokio::select! {
                () = self.0.deletions.notified() => {}
                () = stopping.cancelled() => return,
            }
        }
    }

    /// Whether an account of this group is gone. Other groups notice by themselves.
    fn is_gone(&self, account: AccountId) -> bool {
        if self.0.home.commons().group(Owner::Shard(account.owner()), self.0.home.id()) != self.0.home.id() {
            return false;
        }
        let read = self.0.home.snapshot().and_then(|state| Ok(state.accounts().account(account)?.is_none()));
        read.unwrap_or(true)
    }
}
