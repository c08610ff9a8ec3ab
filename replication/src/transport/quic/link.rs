//! One connection with one peer.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::refusal::code;
use crate::identity::NodeId;

/// A connection younger than this, when the peer dials too, was dialled at the same time; an older one the peer has
/// lost. Longer than a handshake, as long as one may take to be noticed as dead.
const SAME_TIME: Duration = Duration::from_secs(3);
/// How often a connection that is no longer wanted is looked at.
const RETIRED_INTERVAL: Duration = Duration::from_secs(1);

/// A connection with a peer that has proved who it is.
pub(super) struct Link {
    pub(super) peer: NodeId,
    pub(super) connection: quinn::Connection,
    /// Whether this node dialled.
    pub(super) is_dialled: bool,
    since: Instant,
    is_retired: AtomicBool,
    /// Halves of streams that are in use here.
    halves: AtomicUsize,
    /// Whether the peer ever sent a stream or answered one.
    is_proved: AtomicBool,
}

impl Link {
    pub(super) fn new(peer: NodeId, connection: quinn::Connection, is_dialled: bool) -> Arc<Self> {
        Arc::new(Self {
            peer,
            connection,
            is_dialled,
            since: Instant::now(),
            is_retired: AtomicBool::new(false),
            halves: AtomicUsize::new(0),
            is_proved: AtomicBool::new(false),
        })
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.is_retired.load(Ordering::Acquire) && self.connection.close_reason().is_none()
    }

    pub(super) fn is_retired(&self) -> bool {
        self.is_retired.load(Ordering::Acquire)
    }

    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    pub(super) fn prove(&self) {
        self.is_proved.store(true, Ordering::Relaxed);
    }

    /// Whether the peer took the connection only to drop it: a server that does not like our certificate says so only
    /// after the client believes to be connected.
    pub(super) fn was_turned_away(&self) -> bool {
        self.is_dialled && !self.is_proved.load(Ordering::Relaxed) && self.age() < RETIRED_INTERVAL
    }

    /// Which of two connections with the same peer is kept. Both sides come to the same end: of two that were dialled
    /// at the same time, the one that the lower node dialled.
    pub(super) fn is_replaced_by(&self, newer: &Self, node: NodeId) -> bool {
        if self.is_dialled == newer.is_dialled || self.age() > SAME_TIME {
            return true;
        }
        newer.is_dialled == (node < self.peer)
    }

    /// Opens nothing on this connection any more. Who dialled it closes it when its streams are done.
    pub(super) fn retire(self: &Arc<Self>) {
        if self.is_retired.swap(true, Ordering::AcqRel) || !self.is_dialled {
            return;
        }
        let link = Arc::clone(self);
        tokio::spawn(async move {
            let ended = link.connection.closed();
            tokio::pin!(ended);
            loop {
                // Longer than the peer takes to see the other connection and to open its streams there.
                if tokio::time::timeout(RETIRED_INTERVAL, &mut ended).await.is_ok() {
                    return;
                }
                if link.halves.load(Ordering::Acquire) == 0 {
                    link.connection.close(code::DOUBLE, b"another connection is kept");
                    return;
                }
            }
        });
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({}, {})", self.peer, if self.is_dialled { "dialled" } else { "answered" })
    }
}

/// Half a stream in use.
pub(super) struct Half(Arc<Link>);

impl Half {
    pub(super) fn of(link: &Arc<Link>) -> Self {
        link.halves.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(link))
    }

    pub(super) fn link(&self) -> &Link {
        &self.0
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        self.0.halves.fetch_sub(1, Ordering::AcqRel);
    }
}
