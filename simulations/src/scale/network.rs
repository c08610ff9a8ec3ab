//! A network that delays by distance, loses a little, and counts what is sent, by kind.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use marquee_replication::NodeId;
use marquee_replication::transport::{
    DATAGRAM_BYTES_MAX, Duplex, FrameReceiver, FrameSender, Kind, Switch, Transport, TransportError,
};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};

use super::world;

/// What every packet costs beside its payload: IP, UDP, QUIC's header, frame and tag.
const OVERHEAD_BYTES: usize = 60;
/// Of how many datagrams one is lost.
const LOST_ONE_IN: u64 = 500;
/// How many frames a stream holds before its sender waits.
const FRAMES_IN_FLIGHT_MAX: usize = 16;

/// The network that all nodes share. Clones are handles on the same one.
#[derive(Clone)]
pub struct WorldNetwork(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    woken: Notify,
}

struct State {
    nodes: BTreeMap<NodeId, Arc<Switch>>,
    under_way: BTreeMap<(Instant, u64), Parcel>,
    sent: u64,
    random: u64,
    bytes: BTreeMap<Kind, u64>,
}

enum Parcel {
    Datagram { from: NodeId, to: NodeId, kind: Kind, payload: Bytes },
    Message { from: NodeId, to: NodeId, kind: Kind, payload: Bytes },
    Stream { from: NodeId, to: NodeId, kind: Kind, stream: Duplex },
}

impl fmt::Debug for WorldNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorldNetwork")
    }
}

impl WorldNetwork {
    /// A network without nodes; chance by the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let state = State {
            nodes: BTreeMap::new(),
            under_way: BTreeMap::new(),
            sent: 0,
            random: seed,
            bytes: BTreeMap::new(),
        };
        Self(Arc::new(Inner { state: Mutex::new(state), woken: Notify::new() }))
    }

    /// Connects a node.
    #[must_use]
    pub fn join(&self, node: NodeId, switch: Arc<Switch>) -> Arc<WorldTransport> {
        self.state().nodes.insert(node, switch);
        Arc::new(WorldTransport { node, network: self.clone() })
    }

    /// Takes a node off: nothing reaches it any more.
    pub fn leave(&self, node: NodeId) {
        self.state().nodes.remove(&node);
    }

    /// What was sent since this was last asked, by kind.
    #[must_use]
    pub fn take_bytes(&self) -> BTreeMap<Kind, u64> {
        std::mem::take(&mut self.state().bytes)
    }

    /// Delivers for ever.
    pub async fn deliver(self) {
        loop {
            let next = self.state().under_way.first_key_value().map(|((due, _number), _parcel)| *due);
            let due = async {
                match next {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = self.0.woken.notified() => {}
                () = due => self.deliver_due(Instant::now()),
            }
        }
    }

    fn deliver_due(&self, now: Instant) {
        loop {
            let (parcel, switch) = {
                let mut state = self.state();
                let is_due = state.under_way.first_key_value().is_some_and(|((due, _), _)| *due <= now);
                let Some((_when, parcel)) = is_due.then(|| state.under_way.pop_first()).flatten() else {
                    return;
                };
                let to = match &parcel {
                    Parcel::Datagram { to, .. } | Parcel::Message { to, .. } | Parcel::Stream { to, .. } => {
                        *to
                    }
                };
                (parcel, state.nodes.get(&to).cloned())
            };
            let Some(switch) = switch else { continue };
            match parcel {
                Parcel::Datagram { from, kind, payload, .. } => switch.datagram(from, kind, payload),
                Parcel::Message { from, kind, payload, .. } => switch.message(from, kind, payload),
                Parcel::Stream { from, kind, stream, .. } => switch.stream(from, kind, stream),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, due: Instant, parcel: Parcel) {
        let mut state = self.state();
        state.sent += 1;
        let key = (due, state.sent);
        let is_first = state.under_way.first_key_value().is_none_or(|(first, _)| key < *first);
        state.under_way.insert(key, parcel);
        drop(state);
        if is_first {
            self.0.woken.notify_one();
        }
    }

    /// Counts what is sent, and says when it arrives.
    fn arrival(&self, from: NodeId, to: NodeId, kind: Kind, bytes: usize) -> Instant {
        let mut state = self.state();
        let packets = bytes.div_ceil(DATAGRAM_BYTES_MAX).max(1);
        *state.bytes.entry(kind).or_default() += (bytes + packets * OVERHEAD_BYTES) as u64;
        let delay = world::delay(from.0, to.0);
        // Up to a tenth more, and a millisecond, by chance.
        let jitter = delay.mul_f64(0.1).saturating_add(Duration::from_millis(1));
        let share = (state.random() % 1_000) as f64 / 1_000.0;
        Instant::now() + delay + jitter.mul_f64(share)
    }
}

impl State {
    /// `SplitMix64`.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// A node's end.
pub struct WorldTransport {
    node: NodeId,
    network: WorldNetwork,
}

impl fmt::Debug for WorldTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WorldTransport({})", self.node)
    }
}

impl Transport for WorldTransport {
    fn node(&self) -> NodeId {
        self.node
    }

    fn set_address(&self, _peer: NodeId, _address: SocketAddr) {}

    fn address(&self, _peer: NodeId) -> Option<SocketAddr> {
        None
    }

    fn forget(&self, _peer: NodeId) {}

    fn send_datagram(&self, to: NodeId, kind: Kind, payload: Bytes) {
        let due = self.network.arrival(self.node, to, kind, payload.len());
        let is_lost = self.network.state().random().is_multiple_of(LOST_ONE_IN);
        if !is_lost && payload.len() <= DATAGRAM_BYTES_MAX {
            self.network.send(due, Parcel::Datagram { from: self.node, to, kind, payload });
        }
    }

    fn send_message(
        &self,
        to: NodeId,
        kind: Kind,
        payload: Bytes,
        _deadline: Duration,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        let due = self.network.arrival(self.node, to, kind, payload.len());
        self.network.send(due, Parcel::Message { from: self.node, to, kind, payload });
        async { Ok(()) }.boxed()
    }

    fn open(
        &self,
        to: NodeId,
        kind: Kind,
        _deadline: Duration,
    ) -> BoxFuture<'static, Result<Duplex, TransportError>> {
        let half = |from: NodeId, to: NodeId| {
            let (frames, receiver) = mpsc::channel(FRAMES_IN_FLIGHT_MAX);
            let sender = WorldSender { network: self.network.clone(), from, to, kind, frames };
            (Box::new(sender), Box::new(WorldReceiver { from, frames: receiver }))
        };
        let ((to_there, from_here), (to_here, from_there)) = (half(self.node, to), half(to, self.node));
        let due = self.network.arrival(self.node, to, kind, 1);
        let stream = Duplex { sender: to_here, receiver: from_here };
        self.network.send(due, Parcel::Stream { from: self.node, to, kind, stream });
        async { Ok(Duplex { sender: to_there, receiver: from_there }) }.boxed()
    }

    fn round_trip(&self, peer: NodeId) -> Option<Duration> {
        let is_there = self.network.state().nodes.contains_key(&peer);
        is_there.then(|| world::delay(self.node.0, peer.0) * 2)
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.network.leave(self.node);
        async {}.boxed()
    }
}

/// A frame and when it arrives; none is the end.
type Passing = (Instant, Option<Bytes>);

struct WorldSender {
    network: WorldNetwork,
    from: NodeId,
    to: NodeId,
    kind: Kind,
    frames: mpsc::Sender<Passing>,
}

impl FrameSender for WorldSender {
    fn send(&mut self, frame: Bytes) -> BoxFuture<'_, Result<(), TransportError>> {
        async move {
            let due = self.network.arrival(self.from, self.to, self.kind, frame.len());
            let gone =
                |_gone| TransportError::Broken { peer: self.to, reason: "the peer is gone".to_owned() };
            self.frames.send((due, Some(frame))).await.map_err(gone)
        }
        .boxed()
    }

    fn finish(&mut self) -> Result<(), TransportError> {
        let due = self.network.arrival(self.from, self.to, self.kind, 0);
        let frames = self.frames.clone();
        tokio::spawn(async move {
            // The receiver may have gone.
            let _ = frames.send((due, None)).await;
        });
        Ok(())
    }
}

struct WorldReceiver {
    from: NodeId,
    frames: mpsc::Receiver<Passing>,
}

impl FrameReceiver for WorldReceiver {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        async move {
            match self.frames.recv().await {
                Some((due, frame)) => {
                    sleep_until(due).await;
                    Ok(frame)
                }
                None => {
                    Err(TransportError::Broken { peer: self.from, reason: "the peer is gone".to_owned() })
                }
            }
        }
        .boxed()
    }
}
