//! The word that the store broke, told once to everyone who waits for it.

use std::sync::Arc;
use std::thread;

use tokio::sync::watch;

use super::Volume;
use super::error::StoreFailure;

/// Whether, and why, the store broke. The first reason stays.
#[derive(Clone, Debug)]
pub(super) struct FailureFlag(Arc<watch::Sender<Option<StoreFailure>>>);

impl FailureFlag {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    pub(super) fn raise(&self, failure: StoreFailure) {
        tracing::error!(%failure, "the store broke; this node has to stop");
        self.0.send_if_modified(|first| {
            let fresh = first.is_none();
            if fresh {
                *first = Some(failure);
            }
            fresh
        });
    }

    pub(super) fn reason(&self) -> Option<StoreFailure> {
        self.0.borrow().clone()
    }

    pub(super) async fn raised(&self) -> StoreFailure {
        let mut flag = self.0.subscribe();
        // The sender lives as long as `self`, so the wait ends with a failure only.
        match flag.wait_for(Option::is_some).await.map(|failure| failure.clone()) {
            Ok(Some(failure)) => failure,
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// Raises a failure when the thread that holds the guard panics.
    pub(super) fn guard(&self, volume: Volume) -> PanicGuard {
        PanicGuard { flag: self.clone(), volume }
    }
}

/// See [`FailureFlag::guard`].
pub(super) struct PanicGuard {
    flag: FailureFlag,
    volume: Volume,
}

impl Drop for PanicGuard {
    fn drop(&mut self) {
        if thread::panicking() {
            self.flag.raise(StoreFailure::Panicked { volume: self.volume });
        }
    }
}
