//! Who takes what arrives.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::RwLock;

use super::duplex::Duplex;
use super::kind::Kind;
use crate::identity::NodeId;

type OnFrame = Arc<dyn Fn(NodeId, Bytes) + Send + Sync>;
type OnStream = Arc<dyn Fn(NodeId, Duplex) + Send + Sync>;

/// What a node answers to, by kind. What nobody registered for is refused and counted.
///
/// The functions are called on the transport's tasks and must not wait: they hand over to a task or a queue of their own,
/// which bounds what it takes.
#[derive(Default)]
pub struct Switch {
    datagrams: RwLock<BTreeMap<Kind, OnFrame>>,
    messages: RwLock<BTreeMap<Kind, OnFrame>>,
    streams: RwLock<BTreeMap<Kind, OnStream>>,
    refused: AtomicU64,
}

impl Switch {
    /// A switch that refuses everything.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Registers for datagrams of a kind, in place of who was registered before.
    pub fn on_datagram(&self, kind: Kind, take: impl Fn(NodeId, Bytes) + Send + Sync + 'static) {
        self.datagrams.write().insert(kind, Arc::new(take));
    }

    /// Registers for messages of a kind, in place of who was registered before.
    pub fn on_message(&self, kind: Kind, take: impl Fn(NodeId, Bytes) + Send + Sync + 'static) {
        self.messages.write().insert(kind, Arc::new(take));
    }

    /// Registers for streams of a kind that a peer opens, in place of who was registered before.
    pub fn on_stream(&self, kind: Kind, take: impl Fn(NodeId, Duplex) + Send + Sync + 'static) {
        self.streams.write().insert(kind, Arc::new(take));
    }

    /// Forgets who was registered, and with it what they hold: from here on everything is refused.
    pub fn clear(&self) {
        self.datagrams.write().clear();
        self.messages.write().clear();
        self.streams.write().clear();
    }

    /// Hands over a datagram. Called by transports.
    pub fn datagram(&self, from: NodeId, kind: Kind, payload: Bytes) {
        let take = self.datagrams.read().get(&kind).cloned();
        self.counted(take, |take| take(from, payload));
    }

    /// Hands over a message. Called by transports.
    pub fn message(&self, from: NodeId, kind: Kind, payload: Bytes) {
        let take = self.messages.read().get(&kind).cloned();
        self.counted(take, |take| take(from, payload));
    }

    /// Hands over a stream; a refused one breaks for the peer. Called by transports.
    pub fn stream(&self, from: NodeId, kind: Kind, stream: Duplex) {
        let take = self.streams.read().get(&kind).cloned();
        self.counted(take, |take| take(from, stream));
    }

    /// How much arrived that nobody had registered for.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn counted<T>(&self, take: Option<T>, hand_over: impl FnOnce(T)) {
        match take {
            Some(take) => hand_over(take),
            None => _ = self.refused.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Switch")
    }
}
