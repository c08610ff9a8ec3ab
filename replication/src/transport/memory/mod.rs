//! A network in memory: nodes of one process, with links that can be cut, and weather.
//!
//! It behaves as the network over QUIC does, as far as a caller can see:
//!
//! * A cut is silence. What is on its way waits; when the cut is healed soon, it arrives late; when
//!   nothing passed for [`IDLE_TIMEOUT`], the connection of the two nodes breaks, and every stream
//!   with it. A cut of one direction is enough for that, since nothing is acknowledged any more.
//! * A node that [leaves](MemoryNetwork::leave) is silence too, until another one comes in its
//!   place: that one knows nothing of the connections, and says so.
//! * Frames of a stream stay in order; datagrams do not.
//!
//! Time is tokio's. Nodes that run on runtimes of their own, each with a clock that starts at its
//! own beginning, [say](MemoryNetwork::join_at) when they joined.

mod connection;
mod post;
mod stream;
mod weather;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use self::connection::{Connection, End};
use self::post::{Parcel, Post};
use super::duplex::Duplex;
use super::error::TransportError;
use super::kind::Kind;
use super::switch::Switch;
use super::{DATAGRAM_BYTES_MAX, FRAME_BYTES_MAX, Transport};
use crate::identity::NodeId;

pub use self::weather::{Link, Weather};

/// After so long without a sign of the other node, a connection breaks.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(3);

/// The network that all nodes of a process share. Clones are handles on the same one.
#[derive(Clone)]
pub struct MemoryNetwork(Arc<Network>);

struct Network {
    links: Mutex<Links>,
    /// Wakes whoever waits for a link; the number has no meaning.
    changed: watch::Sender<u64>,
    /// When the network was made, for nodes that share one clock.
    origin: Instant,
}

struct Links {
    nodes: BTreeMap<NodeId, Joined>,
    joined: u64,
    /// From whom to whom nothing passes.
    cut: BTreeSet<(NodeId, NodeId)>,
    connections: BTreeMap<(NodeId, NodeId), Arc<Connection>>,
    weather: Option<Weather>,
}

/// A node that is there.
struct Joined {
    end: End,
    clock: Clock,
    switch: Arc<Switch>,
    /// Delivers later, when there is weather.
    post: Option<Post>,
}

/// A node's clock, and the network's.
#[derive(Clone, Copy, Debug)]
struct Clock {
    began: Instant,
    /// The network's time when the node's clock said `began`.
    at: Duration,
}

impl Clock {
    fn now(self) -> Duration {
        self.at + self.began.elapsed()
    }

    fn instant(self, time: Duration) -> Instant {
        self.began + time.saturating_sub(self.at)
    }
}

impl Default for MemoryNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryNetwork")
    }
}

impl MemoryNetwork {
    /// A network without nodes, on which everything passes at once.
    #[must_use]
    pub fn new() -> Self {
        Self::make(None)
    }

    /// A network without nodes, with weather. Nodes join it on a runtime, which carries their post.
    #[must_use]
    pub fn with_weather(weather: Weather) -> Self {
        Self::make(Some(weather))
    }

    fn make(weather: Option<Weather>) -> Self {
        let links = Links {
            nodes: BTreeMap::new(),
            joined: 0,
            cut: BTreeSet::new(),
            connections: BTreeMap::new(),
            weather,
        };
        let changed = watch::Sender::new(0);
        Self(Arc::new(Network { links: Mutex::new(links), changed, origin: Instant::now() }))
    }

    /// Connects a node; a node of the same number that was there before is gone.
    #[must_use]
    pub fn join(&self, node: NodeId, switch: Arc<Switch>) -> Arc<MemoryTransport> {
        self.join_by(node, switch, Clock { began: self.0.origin, at: Duration::ZERO })
    }

    /// Connects a node whose runtime has a clock of its own: it is this much time since the
    /// network's beginning, by the one clock that all of them stand for.
    #[must_use]
    pub fn join_at(&self, node: NodeId, switch: Arc<Switch>, at: Duration) -> Arc<MemoryTransport> {
        self.join_by(node, switch, Clock { began: Instant::now(), at })
    }

    fn join_by(&self, node: NodeId, switch: Arc<Switch>, clock: Clock) -> Arc<MemoryTransport> {
        let mut links = self.0.links.lock();
        links.joined += 1;
        let end = End { node, joined: links.joined };
        let post =
            links.weather.is_some().then(|| Post::start(self.clone(), end, Arc::clone(&switch), clock));
        links.nodes.insert(node, Joined { end, clock, switch, post });
        drop(links);
        self.tell();
        Arc::new(MemoryTransport { end, clock, network: self.clone() })
    }

    /// Disconnects a node: from then on nothing of it is heard, and nothing reaches it.
    pub fn leave(&self, node: NodeId) {
        self.0.links.lock().nodes.remove(&node);
        self.tell();
    }

    /// Lets nothing pass from one node to another any more; the other way stays as it is.
    pub fn cut(&self, from: NodeId, to: NodeId) {
        self.0.links.lock().cut.insert((from, to));
        self.tell();
    }

    /// Lets everything pass from one node to another again.
    pub fn mend(&self, from: NodeId, to: NodeId) {
        self.0.links.lock().cut.remove(&(from, to));
        self.tell();
    }

    /// Lets everything pass between all nodes.
    pub fn heal(&self) {
        self.0.links.lock().cut.clear();
        self.tell();
    }

    /// Changes the weather, if there is any.
    pub fn change_weather(&self, change: impl FnOnce(&mut Weather)) {
        if let Some(weather) = &mut self.0.links.lock().weather {
            change(weather);
        }
    }

    fn tell(&self) {
        self.0.changed.send_modify(|turn| *turn = turn.wrapping_add(1));
    }

    /// When what is sent now arrives; nothing when there is no weather, and it arrives at once.
    fn frame_arrives(&self, from: NodeId, to: NodeId, bytes: usize, now: Duration) -> Option<Duration> {
        let weather = &mut self.0.links.lock().weather;
        weather.as_mut().map(|weather| weather.frame(from, to, bytes, now))
    }

    /// Gives a node what is for it: at once, or when it is due.
    fn deliver(&self, from: End, to: NodeId, parcel: Parcel, due: Option<Duration>) {
        let links = self.0.links.lock();
        let Some(joined) = links.nodes.get(&to) else { return };
        if let (Some(post), Some(due)) = (&joined.post, due) {
            post.take(from, parcel, due);
            return;
        }
        let switch = Arc::clone(&joined.switch);
        drop(links);
        parcel.hand_over(from.node, &switch);
    }
}

impl Links {
    fn is_there(&self, end: End) -> bool {
        self.nodes.get(&end.node).is_some_and(|joined| joined.end == end)
    }

    fn passes(&self, from: End, to: End) -> bool {
        self.is_there(from) && self.is_there(to) && !self.cut.contains(&(from.node, to.node))
    }
}

/// A node's end of a [`MemoryNetwork`].
pub struct MemoryTransport {
    end: End,
    clock: Clock,
    network: MemoryNetwork,
}

impl fmt::Debug for MemoryTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryTransport({})", self.end.node)
    }
}

impl Transport for MemoryTransport {
    fn node(&self) -> NodeId {
        self.end.node
    }

    fn set_address(&self, _peer: NodeId, _address: SocketAddr) {}

    fn address(&self, _peer: NodeId) -> Option<SocketAddr> {
        None
    }

    fn forget(&self, _peer: NodeId) {}

    fn send_datagram(&self, to: NodeId, kind: Kind, payload: Bytes) {
        if payload.len() > DATAGRAM_BYTES_MAX {
            return;
        }
        let now = self.clock.now();
        let (bytes, from) = (payload.len(), self.end);
        let copies = {
            let mut links = self.network.0.links.lock();
            if !links.is_there(from) || links.cut.contains(&(from.node, to)) {
                return;
            }
            links.weather.as_mut().map(|weather| weather.datagram(from.node, to, bytes, now))
        };
        let Some(copies) = copies else {
            self.network.deliver(from, to, Parcel::Datagram { kind, payload }, None);
            return;
        };
        for due in copies.into_iter().flatten() {
            let parcel = Parcel::Datagram { kind, payload: payload.clone() };
            self.network.deliver(from, to, parcel, Some(due));
        }
    }

    fn send_message(
        &self,
        to: NodeId,
        kind: Kind,
        payload: Bytes,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        let (network, from, clock) = (self.network.clone(), self.end, self.clock);
        async move {
            check(&payload)?;
            let connection = connection::reach(&network, from, to, clock, deadline).await?;
            let due = network.frame_arrives(from.node, to, payload.len(), clock.now());
            network.deliver(from, to, Parcel::Message { kind, payload, connection }, due);
            Ok(())
        }
        .boxed()
    }

    fn open(
        &self,
        to: NodeId,
        kind: Kind,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<Duplex, TransportError>> {
        let (network, from, clock) = (self.network.clone(), self.end, self.clock);
        async move {
            let connection = connection::reach(&network, from, to, clock, deadline).await?;
            let due = network.frame_arrives(from.node, to, 1, clock.now());
            let (here, there) = stream::pair(&network, &connection, from, clock);
            network.deliver(from, to, Parcel::Stream { kind, ends: Box::new(there), connection }, due);
            Ok(here)
        }
        .boxed()
    }

    fn round_trip(&self, peer: NodeId) -> Option<Duration> {
        let (here, links) = (self.end, self.network.0.links.lock());
        let there = links.nodes.get(&peer)?.end;
        if !links.passes(here, there) || !links.passes(there, here) {
            return None;
        }
        let typical = |from: NodeId, to: NodeId| {
            let link = links.weather.as_ref().map_or_else(Link::default, |weather| weather.link(from, to));
            link.delay + link.jitter / 2
        };
        Some(typical(here.node, peer) + typical(peer, here.node))
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        let is_there = self.network.0.links.lock().is_there(self.end);
        if is_there {
            connection::break_all(&self.network, self.end);
            self.network.leave(self.end.node);
        }
        async {}.boxed()
    }
}

fn check(frame: &Bytes) -> Result<(), TransportError> {
    let bytes = frame.len();
    if bytes <= FRAME_BYTES_MAX {
        Ok(())
    } else {
        Err(TransportError::TooLarge { bytes, bytes_max: FRAME_BYTES_MAX })
    }
}
