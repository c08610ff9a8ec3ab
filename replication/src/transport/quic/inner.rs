//! What the tasks of a transport share.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use quinn::{ConnectionError, Endpoint, RecvStream, SendStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::frames::{Assembly, Receiver, Sender};
use super::link::{Half, Link};
use super::options::QuicOptions;
use super::peers::{Peers, Way};
use super::refusal::{Counters, Refusal};
use crate::identity::NodeId;
use crate::transport::FRAME_BYTES_MAX;
use crate::transport::duplex::{Duplex, FrameSender};
use crate::transport::error::TransportError;
use crate::transport::kind::Kind;
use crate::transport::switch::Switch;
use crate::trust::IdentityStore;

pub(super) struct Inner {
    pub(super) node: NodeId,
    pub(super) options: QuicOptions,
    pub(super) identity: Arc<IdentityStore>,
    pub(super) switch: Arc<Switch>,
    pub(super) endpoint: Endpoint,
    pub(super) client: quinn::ClientConfig,
    pub(super) peers: Peers,
    pub(super) counters: Arc<Counters>,
    pub(super) assembly: Arc<Assembly>,
    pub(super) handshakes: Arc<Semaphore>,
    pub(super) newcomers: Arc<Semaphore>,
    pub(super) tasks: TaskTracker,
    pub(super) is_closed: AtomicBool,
}

impl Inner {
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self, refusal: Refusal, whom: &dyn std::fmt::Display) {
        self.counters.refuse(refusal);
        tracing::debug!(%whom, refusal = refusal.name(), "refused");
    }

    pub(super) fn sender(&self, stream: SendStream, link: &Arc<Link>, kind: Kind) -> Sender {
        Sender::new(stream, Half::of(link), kind)
    }

    pub(super) fn receiver(&self, stream: RecvStream, link: &Arc<Link>, frame_bytes_max: usize) -> Receiver {
        Receiver::new(stream, Half::of(link), &self.counters, &self.assembly, frame_bytes_max)
    }

    /// A connection with the peer, made if need be. Waits as long as making it takes.
    pub(super) async fn link(self: &Arc<Self>, peer: NodeId) -> Result<Arc<Link>, TransportError> {
        loop {
            if self.is_closed() {
                return Err(TransportError::Closed);
            }
            let mut ended = match self.peers.way(peer) {
                Way::Link(link) => return Ok(link),
                Way::None(reason) => return Err(TransportError::Unreachable { peer, reason }),
                Way::Wait(ended) => ended,
                Way::Dial(address, ended) => {
                    self.spawn(super::dial::dial(Arc::clone(self), peer, address));
                    ended
                }
            };
            // An error says that the sender is gone: the dial has ended.
            let _ = ended.changed().await;
        }
    }

    /// Opens a stream and says its kind, by the deadline.
    pub(super) async fn open(
        self: &Arc<Self>,
        to: NodeId,
        kind: Kind,
        ends_at: Instant,
    ) -> Result<Duplex, TransportError> {
        let (link, (send, receive)) =
            self.stream(to, ends_at, |link| async move { link.connection.open_bi().await }).await?;
        let mut sender = self.sender(send, &link, kind);
        let receiver = self.receiver(receive, &link, FRAME_BYTES_MAX);
        within(to, ends_at, sender.begin(kind)).await?;
        Ok(Duplex { sender: Box::new(sender), receiver: Box::new(receiver) })
    }

    /// Sends a frame on a stream of its own, by the deadline.
    pub(super) async fn message(
        self: &Arc<Self>,
        to: NodeId,
        kind: Kind,
        payload: Bytes,
        ends_at: Instant,
    ) -> Result<(), TransportError> {
        let (link, send) =
            self.stream(to, ends_at, |link| async move { link.connection.open_uni().await }).await?;
        let mut sender = self.sender(send, &link, kind);
        let sending = async {
            sender.begin(kind).await?;
            sender.send(payload).await?;
            sender.finish()
        };
        tokio::time::timeout_at(ends_at, sending).await.unwrap_or(Err(TransportError::Late { peer: to }))
    }

    /// A connection with the peer, and a stream on it, on which nothing was sent yet.
    async fn stream<S, F>(
        self: &Arc<Self>,
        to: NodeId,
        ends_at: Instant,
        open: impl Fn(Arc<Link>) -> F,
    ) -> Result<(Arc<Link>, S), TransportError>
    where
        F: Future<Output = Result<S, ConnectionError>>,
    {
        loop {
            let link = within(to, ends_at, self.link(to)).await?;
            // An error says that the connection broke just now.
            let opened = within(to, ends_at, async { Ok(open(Arc::clone(&link)).await.ok()) }).await?;
            if let Some(stream) = opened {
                return Ok((link, stream));
            }
        }
    }

    pub(super) fn send_datagram(&self, link: &Link, datagram: Bytes) {
        if link.connection.send_datagram(datagram).is_err() {
            Counters::add(&self.counters.datagrams_dropped);
        }
    }

    /// Begins to use a connection whose peer is known.
    pub(super) fn install(self: &Arc<Self>, link: &Arc<Link>) {
        let Some(waiting) = self.peers.install(link) else {
            self.refuse(Refusal::Forgotten, &link.peer);
            link.connection.close(Refusal::Forgotten.code(), b"left the cluster");
            return;
        };
        for datagram in waiting {
            self.send_datagram(link, datagram);
        }
        super::accept::serve(self, link);
        let (inner, link) = (Arc::clone(self), Arc::clone(link));
        self.spawn(async move {
            let error = link.connection.closed().await;
            Counters::add(&inner.counters.lost);
            tracing::debug!(peer = %link.peer, %error, "a connection ended");
            inner.peers.lost(&link, error.to_string());
        });
    }

    /// Tells refused handshakes from broken ones.
    pub(super) fn handshake_failed(&self, error: &ConnectionError, whom: &dyn std::fmt::Display) {
        match error {
            ConnectionError::TransportError(_)
            | ConnectionError::ConnectionClosed(_)
            | ConnectionError::VersionMismatch => {
                self.counters.refuse(Refusal::Handshake);
                tracing::debug!(%whom, %error, refusal = Refusal::Handshake.name(), "refused");
            }
            ConnectionError::ApplicationClosed(_)
            | ConnectionError::Reset
            | ConnectionError::TimedOut
            | ConnectionError::LocallyClosed
            | ConnectionError::CidsExhausted => tracing::debug!(%whom, %error, "a handshake broke"),
        }
    }
}

/// As long as nothing was sent, being late is not having reached the peer.
async fn within<T>(
    peer: NodeId,
    ends_at: Instant,
    step: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    let late = |_late| {
        let reason = "no connection, or no room for a stream, in time".to_owned();
        Err(TransportError::Unreachable { peer, reason })
    };
    tokio::time::timeout_at(ends_at, step).await.unwrap_or_else(late)
}
