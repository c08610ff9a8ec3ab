//! A network in memory: nodes of one process, with links that can be cut.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::duplex::{Duplex, FrameReceiver, FrameSender};
use super::error::TransportError;
use super::kind::Kind;
use super::switch::Switch;
use super::{DATAGRAM_BYTES_MAX, FRAME_BYTES_MAX, Transport};
use crate::identity::NodeId;

/// How many frames a stream holds before its sender waits.
const FRAMES_IN_FLIGHT_MAX: usize = 64;

/// The network that all nodes of a process share. Clones are handles on the same one.
#[derive(Clone, Debug, Default)]
pub struct MemoryNetwork(Arc<Mutex<Links>>);

#[derive(Debug, Default)]
struct Links {
    nodes: BTreeMap<NodeId, Arc<Switch>>,
    /// From whom to whom nothing passes.
    cut: BTreeSet<(NodeId, NodeId)>,
}

impl MemoryNetwork {
    /// A network without nodes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Connects a node; a node of the same number that was there before is gone.
    #[must_use]
    pub fn join(&self, node: NodeId, switch: Arc<Switch>) -> Arc<MemoryTransport> {
        self.0.lock().nodes.insert(node, switch);
        Arc::new(MemoryTransport { node, network: self.clone() })
    }

    /// Disconnects a node.
    pub fn leave(&self, node: NodeId) {
        self.0.lock().nodes.remove(&node);
    }

    /// Lets nothing pass from one node to another any more; the other way stays as it is.
    pub fn cut(&self, from: NodeId, to: NodeId) {
        self.0.lock().cut.insert((from, to));
    }

    /// Lets everything pass between all nodes.
    pub fn heal(&self) {
        self.0.lock().cut.clear();
    }

    fn passes(&self, from: NodeId, to: NodeId) -> bool {
        !self.0.lock().cut.contains(&(from, to))
    }

    fn switch(&self, from: NodeId, to: NodeId) -> Option<Arc<Switch>> {
        let links = self.0.lock();
        if links.cut.contains(&(from, to)) { None } else { links.nodes.get(&to).cloned() }
    }
}

/// A node's end of a [`MemoryNetwork`].
pub struct MemoryTransport {
    node: NodeId,
    network: MemoryNetwork,
}

impl fmt::Debug for MemoryTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemoryTransport({})", self.node)
    }
}

impl Transport for MemoryTransport {
    fn node(&self) -> NodeId {
        self.node
    }

    fn set_address(&self, _peer: NodeId, _address: SocketAddr) {}

    fn address(&self, _peer: NodeId) -> Option<SocketAddr> {
        None
    }

    fn forget(&self, _peer: NodeId) {}

    fn send_datagram(&self, to: NodeId, kind: Kind, payload: Bytes) {
        if payload.len() <= DATAGRAM_BYTES_MAX
            && let Some(switch) = self.network.switch(self.node, to)
        {
            switch.datagram(self.node, kind, payload);
        }
    }

    fn send_message(
        &self,
        to: NodeId,
        kind: Kind,
        payload: Bytes,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        let (network, from) = (self.network.clone(), self.node);
        async move {
            check(&payload)?;
            let switch = reach(&network, from, to, deadline).await?;
            switch.message(from, kind, payload);
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
        let (network, from) = (self.network.clone(), self.node);
        async move {
            let switch = reach(&network, from, to, deadline).await?;
            let (here, there) = pair(&network, from, to);
            switch.stream(from, kind, there);
            Ok(here)
        }
        .boxed()
    }

    fn round_trip(&self, peer: NodeId) -> Option<Duration> {
        self.network.switch(self.node, peer).map(|_there| Duration::ZERO)
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.network.leave(self.node);
        async {}.boxed()
    }
}

async fn reach(
    network: &MemoryNetwork,
    from: NodeId,
    to: NodeId,
    deadline: Duration,
) -> Result<Arc<Switch>, TransportError> {
    if let Some(switch) = network.switch(from, to) {
        return Ok(switch);
    }
    if !network.passes(from, to) {
        // As on a real network: silence.
        tokio::time::sleep(deadline).await;
        return Err(TransportError::Unreachable { peer: to, reason: "no answer".to_owned() });
    }
    Err(TransportError::Unreachable { peer: to, reason: "nobody listens".to_owned() })
}

fn check(frame: &Bytes) -> Result<(), TransportError> {
    let bytes = frame.len();
    if bytes <= FRAME_BYTES_MAX {
        Ok(())
    } else {
        Err(TransportError::TooLarge { bytes, bytes_max: FRAME_BYTES_MAX })
    }
}

/// A frame, or the end.
type Passing = Option<Bytes>;

fn pair(network: &MemoryNetwork, from: NodeId, to: NodeId) -> (Duplex, Duplex) {
    let half = |from: NodeId, to: NodeId| {
        let (sender, receiver) = mpsc::channel(FRAMES_IN_FLIGHT_MAX);
        let sender: Box<dyn FrameSender> =
            Box::new(Sender { network: network.clone(), from, to, frames: Some(sender) });
        let receiver: Box<dyn FrameReceiver> =
            Box::new(Receiver { from, frames: receiver, is_finished: false });
        (sender, receiver)
    };
    let ((to_there, from_here), (to_here, from_there)) = (half(from, to), half(to, from));
    (Duplex { sender: to_there, receiver: from_there }, Duplex { sender: to_here, receiver: from_here })
}

struct Sender {
    network: MemoryNetwork,
    from: NodeId,
    to: NodeId,
    frames: Option<mpsc::Sender<Passing>>,
}

impl FrameSender for Sender {
    fn send(&mut self, frame: Bytes) -> BoxFuture<'_, Result<(), TransportError>> {
        async move {
            check(&frame)?;
            let broken = |reason: &str| TransportError::Broken { peer: self.to, reason: reason.to_owned() };
            let frames = self.frames.as_ref().ok_or_else(|| broken("it was finished"))?;
            if !self.network.passes(self.from, self.to) {
                // Lost on the way, and with it the stream.
                return std::future::pending().await;
            }
            frames.send(Some(frame)).await.map_err(|_gone| broken("the peer is gone"))
        }
        .boxed()
    }

    fn finish(&mut self) -> Result<(), TransportError> {
        if let Some(frames) = self.frames.take() {
            tokio::spawn(async move {
                // The receiver may have gone.
                let _ = frames.send(None).await;
            });
        }
        Ok(())
    }
}

struct Receiver {
    from: NodeId,
    frames: mpsc::Receiver<Passing>,
    is_finished: bool,
}

impl FrameReceiver for Receiver {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        async move {
            if self.is_finished {
                return Ok(None);
            }
            match self.frames.recv().await {
                Some(Some(frame)) => Ok(Some(frame)),
                Some(None) => {
                    self.is_finished = true;
                    Ok(None)
                }
                None => {
                    Err(TransportError::Broken { peer: self.from, reason: "the peer is gone".to_owned() })
                }
            }
        }
        .boxed()
    }
}
