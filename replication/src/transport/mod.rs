//! How nodes speak with each other: datagrams, one-way messages and two-way streams between nodes that know who the
//! other is.
//!
//! | what | promise | used for |
//! |---|---|---|
//! | datagram | may be lost, doubled, reordered; at most [`DATAGRAM_BYTES_MAX`] | membership |
//! | message | one frame on a stream of its own; whole or not at all, no order among them | gossip, broadcasts |
//! | stream | frames both ways, in order, with back-pressure | consensus, pulls, subscriptions, forwarded requests |
//!
//! Everything that travels says its [`Kind`], which also gives its priority. A node registers what it answers to in its
//! [`Switch`] before its transport starts. Two implementations pass one suite of tests: over
//! [QUIC](QuicTransport), and [in memory](MemoryNetwork) for simulation.
//!
//! **Architecture invariant**: nothing here knows what is in a frame, and no call waits longer than its deadline.

mod call;
mod duplex;
mod error;
mod kind;
mod memory;
mod quic;
mod switch;

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::identity::NodeId;

pub use self::call::{answer_call, call};
pub use self::duplex::{Duplex, FrameReceiver, FrameSender};
pub use self::error::TransportError;
pub use self::kind::Kind;
pub use self::memory::{IDLE_TIMEOUT, Link, MemoryNetwork, MemoryTransport, Weather};
pub use self::quic::{BindError, QuicMetrics, QuicOptions, QuicTransport, Refusal, join_call};
pub use self::switch::Switch;

/// The longest datagram, its kind not counted: what fits a QUIC datagram on every path.
pub const DATAGRAM_BYTES_MAX: usize = 1_150;
/// The longest frame of a message or a stream. A peer that announces more is cut off.
pub const FRAME_BYTES_MAX: usize = 32 << 20;

/// A node's way to its peers.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// This node.
    fn node(&self) -> NodeId;

    /// Says where a peer is. Connections are made when they are needed, and made again when they break.
    fn set_address(&self, peer: NodeId, address: SocketAddr);

    /// Where a peer is, as far as this node was told.
    fn address(&self, peer: NodeId) -> Option<SocketAddr>;

    /// Closes the connection to a peer that left for good, and takes none of it any more.
    fn forget(&self, peer: NodeId);

    /// Sends a datagram, perhaps. Never waits; what cannot be sent is dropped and counted.
    fn send_datagram(&self, to: NodeId, kind: Kind, payload: Bytes);

    /// Sends one frame on a stream of its own; resolves when the transport has taken it.
    fn send_message(
        &self,
        to: NodeId,
        kind: Kind,
        payload: Bytes,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<(), TransportError>>;

    /// Opens a two-way stream. The deadline is for the opening; what follows has deadlines of its own.
    fn open(
        &self,
        to: NodeId,
        kind: Kind,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<Duplex, TransportError>>;

    /// The measured round trip to a peer; none while there is no connection.
    fn round_trip(&self, peer: NodeId) -> Option<Duration>;

    /// Closes all connections in order; nothing arrives any more after it.
    fn close(&self) -> BoxFuture<'static, ()>;
}
