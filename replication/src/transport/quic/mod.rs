//! Nodes over QUIC: one endpoint a node, one connection for each peer, mutual TLS.
//!
//! # On the wire
//! * A stream begins with a version byte (1) and the number of its [`Kind`]. Frames follow,
//!   each a length of four bytes, big-endian, and so many bytes. A message is a one-way stream with one frame.
//! * A datagram begins with the number of its kind.
//! * The handshake settles who is who: see [`trust`](crate::trust).
//!
//! # Connections
//! A connection is made when something is to be sent and none stands, whoever dials first; callers share the dial. If
//! both sides dial at once, the connection that the lower node dialled is kept, and the other ends when its streams
//! have. A peer that could not be reached is left alone for a moment, and who calls meanwhile is told so at once. A
//! silent peer is given up after [`idle_timeout`](QuicOptions::idle_timeout); one that was started again at the same
//! address says so itself.
//!
//! # Limits
//! Everything that a peer or a stranger may take is bounded by [`QuicOptions`]; whatever is beyond is refused, logged
//! at debug and counted as a [`Refusal`]. A stream that nobody reads stops its sender after 1 MiB.

mod accept;
mod dial;
mod endpoint;
mod frames;
mod inner;
mod join;
mod link;
mod options;
mod peers;
mod refusal;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

pub use self::join::join_call;
pub use self::options::QuicOptions;
pub use self::refusal::{QuicMetrics, Refusal};

use self::frames::{Assembly, check_length};
use self::inner::Inner;
use self::peers::{Peers, Way};
use self::refusal::{Counters, code};
use super::duplex::Duplex;
use super::error::TransportError;
use super::kind::Kind;
use super::switch::Switch;
use super::{DATAGRAM_BYTES_MAX, Transport};
use crate::identity::NodeId;
use crate::trust::{IdentityStore, TrustError, tls};

/// How long the end of the connections may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Why a transport could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address} (UDP); is it free, and this machine's?")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The node's certificate cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The cryptography at hand does not suffice for QUIC.
    #[error("the cryptography at hand does not suffice for QUIC")]
    Cipher(#[from] quinn::crypto::rustls::NoInitialCipherSuite),
}

/// A node's way to its peers over QUIC.
pub struct QuicTransport {
    inner: Arc<Inner>,
    address: SocketAddr,
}

impl QuicTransport {
    /// Listens, and answers as the switch says. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the address is taken or the identity cannot be used.
    pub fn bind(
        options: QuicOptions,
        switch: Arc<Switch>,
        identity: Arc<IdentityStore>,
    ) -> Result<Arc<Self>, BindError> {
        let mut server = quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(
            tls::server_config(&identity)?,
        )?));
        server.transport_config(options.answered());
        // What waits to be answered, and what it may have sent already.
        server.max_incoming(options.handshakes_max).incoming_buffer_size(64 << 10);
        let mut client =
            quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls::client_config(&identity)?)?));
        client.transport_config(options.dialled());

        let counters = Arc::new(Counters::default());
        let listen = |source| BindError::Listen { address: options.listen, source };
        let endpoint =
            endpoint::open(options.listen, &identity.identity(), server, &counters).map_err(listen)?;
        let address = endpoint.local_addr().map_err(listen)?;
        let inner = Arc::new(Inner {
            node: identity.node(),
            peers: Peers::new(identity.node(), options.backoff),
            assembly: Assembly::new(options.assembly_bytes_max),
            handshakes: Arc::new(Semaphore::new(options.handshakes_max)),
            newcomers: Arc::new(Semaphore::new(options.newcomers_max)),
            tasks: TaskTracker::new(),
            is_closed: AtomicBool::new(false),
            options,
            identity,
            switch,
            endpoint,
            client,
            counters,
        });
        inner.spawn(accept::accept(Arc::clone(&inner)));
        Ok(Arc::new(Self { inner, address }))
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// What it did since its start.
    #[must_use]
    pub fn metrics(&self) -> QuicMetrics {
        self.inner.counters.metrics(self.inner.endpoint.open_connections())
    }
}

impl Transport for QuicTransport {
    fn node(&self) -> NodeId {
        self.inner.node
    }

    fn set_address(&self, peer: NodeId, address: SocketAddr) {
        self.inner.peers.set_address(peer, address);
    }

    fn address(&self, peer: NodeId) -> Option<SocketAddr> {
        self.inner.peers.address(peer)
    }

    fn forget(&self, peer: NodeId) {
        for link in self.inner.peers.forget(peer) {
            link.connection.close(Refusal::Forgotten.code(), b"left the cluster");
        }
    }

    fn send_datagram(&self, to: NodeId, kind: Kind, payload: Bytes) {
        if payload.len() > DATAGRAM_BYTES_MAX || self.inner.is_closed() {
            return Counters::add(&self.inner.counters.datagrams_dropped);
        }
        let mut datagram = BytesMut::with_capacity(1 + payload.len());
        datagram.put_u8(kind.number());
        datagram.put_slice(&payload);
        let datagram = datagram.freeze();
        match self.inner.peers.way_of_datagram(to, &datagram) {
            Way::Link(link) => self.inner.send_datagram(&link, datagram),
            Way::Wait(_) => {}
            Way::Dial(address, _) => self.inner.spawn(dial::dial(Arc::clone(&self.inner), to, address)),
            Way::None(_) => Counters::add(&self.inner.counters.datagrams_dropped),
        }
    }

    fn send_message(
        &self,
        to: NodeId,
        kind: Kind,
        payload: Bytes,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        let inner = Arc::clone(&self.inner);
        let ends_at = Instant::now() + deadline;
        async move {
            check_length(&payload)?;
            inner.message(to, kind, payload, ends_at).await
        }
        .boxed()
    }

    fn open(
        &self,
        to: NodeId,
        kind: Kind,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<Duplex, TransportError>> {
        let inner = Arc::clone(&self.inner);
        let ends_at = Instant::now() + deadline;
        async move { inner.open(to, kind, ends_at).await }.boxed()
    }

    fn round_trip(&self, peer: NodeId) -> Option<Duration> {
        self.inner.peers.link(peer).map(|link| link.connection.rtt())
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        let inner = Arc::clone(&self.inner);
        async move {
            inner.is_closed.store(true, Ordering::Release);
            inner.endpoint.close(code::CLOSING, b"the node closes");
            inner.tasks.close();
            let ended = async {
                inner.tasks.wait().await;
                inner.endpoint.wait_idle().await;
            };
            if tokio::time::timeout(CLOSE_TIMEOUT, ended).await.is_err() {
                tracing::debug!("some connections did not end in time");
            }
        }
        .boxed()
    }
}

impl Drop for QuicTransport {
    fn drop(&mut self) {
        // Ends the tasks, which hold the rest.
        self.inner.is_closed.store(true, Ordering::Release);
        self.inner.endpoint.close(code::CLOSING, b"the node closes");
    }
}

impl fmt::Debug for QuicTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QuicTransport({}, {})", self.inner.node, self.address)
    }
}
