//! Accounts that were deleted: what is left of the person in orders.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{Outbox, Pause};
use crate::accounts;

impl Outbox {
    /// Finishes deletions: those that an earlier life of the process left first, then whenever one is told.
    pub(super) async fn finish_deletions(&self, told: Arc<Notify>) {
        let mut pause = Pause::new();
        loop {
            match accounts::finish_deletions(&self.0.home).await {
                Ok(()) => {
                    pause = Pause::new();
                    tokio::select! {
                        () = told.notified() => {}
                        () = self.0.stopping.cancelled() => return,
                    }
                }
                Err(failure) => {
                    tracing::warn!(%failure, "deletions of accounts are not finished");
                    if self.pause(&mut pause).await.is_none() {
                        return;
                    }
                }
            }
        }
    }
}
