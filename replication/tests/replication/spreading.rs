//! Nodes that know each other, gossip, and share a feed, over a network in memory on virtual time.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::feed::{
    Feed, FeedKey, FeedObject, FeedOptions, FeedSink, FeedState, FeedStore, FeedVersion, FleetingObject,
};
use marquee_replication::gossip::{Gossip, GossipOptions};
use marquee_replication::membership::{Liveness, Membership, MembershipOptions};
use marquee_replication::transport::{MemoryNetwork, MemoryTransport, Switch};
use marquee_replication::{GroupId, NodeId};
use parking_lot::Mutex;
use tokio::time::Instant;

/// The group that the tests publish for.
pub(crate) const GROUP: GroupId = GroupId(1);

pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) switch: Arc<Switch>,
    pub(crate) transport: Arc<MemoryTransport>,
    pub(crate) membership: Membership,
    pub(crate) gossip: Gossip,
    pub(crate) feed: Feed,
    pub(crate) sink: Arc<Shelf>,
}

/// How nodes are started.
#[derive(Clone)]
pub(crate) struct Manner {
    pub(crate) wan: bool,
    pub(crate) incarnation: u64,
    pub(crate) cluster: String,
    pub(crate) feed: FeedOptions,
}

impl Default for Manner {
    fn default() -> Self {
        Self { wan: false, incarnation: 1, cluster: "test".to_owned(), feed: FeedOptions::default() }
    }
}

pub(crate) fn address(node: u64) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, u8::try_from(node).unwrap()], 4_433))
}

pub(crate) fn start(network: &MemoryNetwork, number: u64, manner: &Manner) -> Node {
    start_with(network, number, manner, FeedStore::in_memory().unwrap())
}

pub(crate) fn start_with(network: &MemoryNetwork, number: u64, manner: &Manner, store: FeedStore) -> Node {
    let id = NodeId(number);
    let switch = Switch::new();
    let transport = network.join(id, Arc::clone(&switch));
    let options = MembershipOptions {
        address: address(number),
        incarnation: manner.incarnation,
        seed: 7,
        wan: manner.wan,
    };
    let membership = Membership::start(transport.clone(), &switch, options);
    let options = GossipOptions {
        cluster: manner.cluster.clone(),
        node: id,
        generation: manner.incarnation,
        interval: Duration::from_millis(300),
        seed: 7,
    };
    let gossip = Gossip::start(transport.clone(), &switch, options, &membership);
    let feed = Feed::start(transport.clone(), &switch, store, gossip.clone(), manner.feed.clone());
    let sink = Arc::<Shelf>::default();
    feed.subscribe(sink.clone());
    Node { id, switch, transport, membership, gossip, feed, sink }
}

/// Nodes 1 to `count`, which know each other.
pub(crate) async fn cluster(network: &MemoryNetwork, count: u64, manner: &Manner) -> BTreeMap<u64, Node> {
    let nodes: BTreeMap<u64, Node> =
        (1..=count).map(|number| (number, start(network, number, manner))).collect();
    for node in nodes.values() {
        node.membership.announce(&[(NodeId(1), address(1))]);
    }
    let everybody = |node: &Node| states(node).len() == nodes.len() && all_alive(node);
    until("everybody knows everybody", 60, || nodes.values().all(everybody)).await;
    nodes
}

pub(crate) fn states(node: &Node) -> BTreeMap<u64, Liveness> {
    let members = node.membership.members();
    let members = members.borrow();
    members.values().map(|member| (member.id.0, member.state)).collect()
}

pub(crate) fn all_alive(node: &Node) -> bool {
    states(node).values().all(|state| *state == Liveness::Alive)
}

/// Lets virtual time pass until something is so, and says how long it took.
pub(crate) async fn until(what: &str, seconds_max: u64, is_so: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(seconds_max), "not within {seconds_max} s: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    start.elapsed()
}

/// A sink that keeps what it gets, and insists on the order.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) objects: Mutex<BTreeMap<FeedKey, FeedObject>>,
    pub(crate) taken: Mutex<Vec<FeedObject>>,
    pub(crate) fleeting: Mutex<BTreeMap<FeedKey, FleetingObject>>,
}

impl FeedSink for Shelf {
    fn take(&self, objects: &[FeedObject]) {
        let mut shelf = self.objects.lock();
        for object in objects {
            if let Some(before) = shelf.insert(object.key.clone(), object.clone()) {
                assert!(before.version < object.version, "{before:?} came before {object:?}");
            }
            self.taken.lock().push(object.clone());
        }
    }

    fn take_fleeting(&self, objects: &[FleetingObject]) {
        let mut shelf = self.fleeting.lock();
        shelf.extend(objects.iter().map(|object| (object.key.clone(), object.clone())));
    }
}

impl Shelf {
    /// What is there, by id; tombstones are not.
    pub(crate) fn bodies(&self) -> BTreeMap<String, String> {
        let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
        let objects = self.objects.lock();
        objects
            .values()
            .filter_map(|object| Some((text(&object.key.id), text(object.body.as_ref()?))))
            .collect()
    }
}

pub(crate) fn key(id: &str) -> FeedKey {
    FeedKey { kind: 1, id: Bytes::from(id.to_owned()) }
}

pub(crate) const fn version(epoch: u64, index: u64) -> FeedVersion {
    FeedVersion { epoch, index }
}

pub(crate) fn object(group: GroupId, at: FeedVersion, id: &str, body: Option<&str>) -> FeedObject {
    let body = body.map(|body| Bytes::from(body.to_owned()));
    FeedObject { key: key(id), group, version: at, body }
}

/// Publishes one object at its home.
pub(crate) fn publish(node: &Node, index: u64, id: &str, body: Option<&str>) {
    let at = version(0, index);
    node.feed.publish(GROUP, at, vec![object(GROUP, at, id, body)], true);
}

/// A state with these objects.
pub(crate) fn state_at(head: FeedVersion, objects: Vec<FeedObject>) -> FeedState {
    FeedState { head, objects, kept: Vec::new() }
}

/// Makes the node the home of the group, with nothing in it.
pub(crate) fn found(node: &Node) {
    node.feed.replace_all(GROUP, state_at(version(0, 1), Vec::new()), true);
}
