//! The networks that the tests of transports run on.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::transport::{
    Duplex, Kind, MemoryNetwork, QuicOptions, QuicTransport, Switch, Transport,
};
use marquee_replication::trust::{ClusterAuthority, IdentityStore, Validity};
use parking_lot::Mutex;
use tokio::sync::mpsc;

/// Long enough for whatever should happen on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A network whose nodes know where the others are.
pub(crate) trait Network {
    /// Starts a node, under a number that was perhaps used before and left.
    fn join(&self, node: u64, switch: Arc<Switch>) -> Arc<dyn Transport>;

    /// A node that is said to be somewhere and never answers.
    fn join_silent(&self, node: u64);
}

#[derive(Default)]
pub(crate) struct Memory {
    network: MemoryNetwork,
    nodes: Mutex<Vec<NodeId>>,
}

impl Network for Memory {
    fn join(&self, node: u64, switch: Arc<Switch>) -> Arc<dyn Transport> {
        self.nodes.lock().push(NodeId(node));
        self.network.join(NodeId(node), switch)
    }

    fn join_silent(&self, node: u64) {
        drop(self.join(node, Switch::new()));
        for other in self.nodes.lock().iter() {
            self.network.cut(*other, NodeId(node));
        }
    }
}

pub(crate) struct Quic {
    pub(crate) authority: ClusterAuthority,
    nodes: Mutex<BTreeMap<NodeId, Arc<QuicTransport>>>,
    silent: Mutex<Vec<UdpSocket>>,
}

impl Default for Quic {
    fn default() -> Self {
        Self::of_cluster("box-office")
    }
}

impl Quic {
    pub(crate) fn of_cluster(name: &str) -> Self {
        let authority = ClusterAuthority::create(name, SystemTime::now()).unwrap();
        Self { authority, nodes: Mutex::default(), silent: Mutex::default() }
    }

    pub(crate) fn identity(&self, node: u64) -> Arc<IdentityStore> {
        let validity = Validity::starting(SystemTime::now(), Validity::NODE_LIFETIME);
        IdentityStore::new(self.authority.issue(NodeId(node), validity).unwrap()).unwrap()
    }

    pub(crate) fn start(&self, node: u64, switch: Arc<Switch>) -> Arc<QuicTransport> {
        self.start_with(options(), node, switch)
    }

    pub(crate) fn start_with(
        &self,
        options: QuicOptions,
        node: u64,
        switch: Arc<Switch>,
    ) -> Arc<QuicTransport> {
        let transport = QuicTransport::bind(options, switch, self.identity(node)).unwrap();
        let mut nodes = self.nodes.lock();
        nodes.remove(&NodeId(node));
        for (other, there) in &*nodes {
            there.set_address(NodeId(node), transport.local_addr());
            transport.set_address(*other, there.local_addr());
        }
        nodes.insert(NodeId(node), Arc::clone(&transport));
        transport
    }
}

impl Network for Quic {
    fn join(&self, node: u64, switch: Arc<Switch>) -> Arc<dyn Transport> {
        self.start(node, switch)
    }

    fn join_silent(&self, node: u64) {
        let socket = UdpSocket::bind(loopback()).unwrap();
        for there in self.nodes.lock().values() {
            there.set_address(NodeId(node), socket.local_addr().unwrap());
        }
        self.silent.lock().push(socket);
    }
}

pub(crate) fn loopback() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

pub(crate) fn options() -> QuicOptions {
    QuicOptions::new(loopback())
}

/// What a node received, in order.
pub(crate) type Arrivals<T> = mpsc::UnboundedReceiver<(NodeId, T)>;

/// A switch on which one kind of datagrams, messages and streams is taken.
pub(crate) fn switch(kind: Kind) -> (Arc<Switch>, Arrivals<Bytes>, Arrivals<Bytes>, Arrivals<Duplex>) {
    let switch = Switch::new();
    let (to_datagrams, datagrams) = mpsc::unbounded_channel();
    let (to_messages, messages) = mpsc::unbounded_channel();
    let (to_streams, streams) = mpsc::unbounded_channel();
    // The test may have seen enough.
    switch.on_datagram(kind, move |from, payload| _ = to_datagrams.send((from, payload)));
    switch.on_message(kind, move |from, payload| _ = to_messages.send((from, payload)));
    switch.on_stream(kind, move |from, stream| _ = to_streams.send((from, stream)));
    (switch, datagrams, messages, streams)
}

/// The next arrival.
pub(crate) async fn next<T>(arrivals: &mut Arrivals<T>) -> (NodeId, T) {
    tokio::time::timeout(PATIENCE, arrivals.recv()).await.expect("nothing arrived").unwrap()
}

/// A switch on which calls of one kind are answered with what was asked.
pub(crate) fn echo(kind: Kind) -> Arc<Switch> {
    let switch = Switch::new();
    switch.on_stream(kind, |from, stream| {
        tokio::spawn(async move {
            // The caller may have given up.
            let _ = marquee_replication::transport::answer_call(stream, from, |question| async { question })
                .await;
        });
    });
    switch
}
