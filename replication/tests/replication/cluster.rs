//! Several nodes in one process, over a network in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::transport::{MemoryNetwork, MemoryTransport, Switch};
use marquee_replication::{
    Group, GroupId, GroupNetwork, GroupOptions, HandOverError, HomeView, NodeId, ProposeError, Store,
    StoreOptions, timeouts,
};
use tempfile::TempDir;

use crate::journal::{Journal, Line, Written, read_lines};

pub(crate) const GROUP: GroupId = GroupId(1);

/// Guards against waiting for ever; far longer than anything takes.
pub(crate) const GUARD: Duration = Duration::from_secs(60);

/// Fails the test instead of hanging.
pub(crate) async fn guarded<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(GUARD, wait).await {
        Ok(done) => done,
        Err(_elapsed) => panic!("{what} takes for ever"),
    }
}

/// A node with one group.
pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) store: Store,
    pub(crate) network: Arc<GroupNetwork>,
    pub(crate) group: Group<Journal>,
    transport: Arc<MemoryTransport>,
    _switch: Arc<Switch>,
}

/// Nodes, some of which run.
pub(crate) struct Cluster {
    pub(crate) links: MemoryNetwork,
    folder: TempDir,
    log_entries_kept: u64,
    nodes: BTreeMap<NodeId, Node>,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Self::keeping(256)
    }

    /// Nodes that keep no more than this many entries in their logs.
    pub(crate) fn keeping(log_entries_kept: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { links: MemoryNetwork::new(), folder, log_entries_kept, nodes: BTreeMap::new() }
    }

    /// Node 1 founds the group, the others join as voters.
    pub(crate) async fn of(count: u64) -> Self {
        let mut cluster = Self::new();
        cluster.grow(count).await;
        cluster
    }

    pub(crate) async fn grow(&mut self, count: u64) {
        self.found(1).await;
        for node in 2..=count {
            self.open(node).await;
        }
        self.set_voters(1, 1..=count).await;
    }

    fn store_options(&self, id: u64) -> StoreOptions {
        StoreOptions {
            cache_bytes: 8 << 20,
            sync_interval: Duration::from_millis(20),
            ..StoreOptions::new(self.folder.path().join(id.to_string()))
        }
    }

    pub(crate) fn options(&self, id: u64) -> GroupOptions {
        let clock = AtomicU64::new(0);
        GroupOptions {
            log_entries_kept: self.log_entries_kept,
            // A busy machine is as slow as a network.
            timeouts: timeouts(Duration::from_millis(100)),
            ..GroupOptions::new(GROUP, NodeId(id), Arc::new(move || clock.fetch_add(1, Ordering::SeqCst)))
        }
    }

    fn join(&self, id: u64) -> (Arc<MemoryTransport>, Arc<Switch>, Arc<GroupNetwork>) {
        let switch = Switch::new();
        let transport = self.links.join(NodeId(id), Arc::clone(&switch));
        let network = GroupNetwork::new(Arc::clone(&transport) as _, &switch);
        (transport, switch, network)
    }

    pub(crate) async fn found(&mut self, id: u64) {
        let store = Store::open(self.store_options(id)).unwrap();
        let (transport, switch, network) = self.join(id);
        let group = Group::found(&store, &network, self.options(id), Journal::new(GROUP)).await.unwrap();
        let id = NodeId(id);
        self.nodes.insert(id, Node { id, store, network, group, transport, _switch: switch });
    }

    /// Starts a node, with what its files have.
    pub(crate) async fn open(&mut self, id: u64) {
        let store = Store::open(self.store_options(id)).unwrap();
        let (transport, switch, network) = self.join(id);
        let group = Group::open(&store, &network, self.options(id), Journal::new(GROUP)).await.unwrap();
        let id = NodeId(id);
        self.nodes.insert(id, Node { id, store, network, group, transport, _switch: switch });
    }

    pub(crate) fn node(&self, id: u64) -> &Node {
        &self.nodes[&NodeId(id)]
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The node is gone from the network in the middle of everything; then its files are given free.
    pub(crate) async fn kill(&mut self, id: u64) {
        self.links.leave(NodeId(id));
        self.stop(id).await;
    }

    /// Stops a node in order.
    pub(crate) async fn stop(&mut self, id: u64) {
        let node = self.nodes.remove(&NodeId(id)).unwrap();
        guarded("closing a group", node.group.close()).await;
        self.links.leave(NodeId(id));
        drop(node.transport);
        node.store.close().await.unwrap();
    }

    pub(crate) async fn stop_all(mut self) {
        for id in self.nodes.keys().map(|id| id.0).collect::<Vec<_>>() {
            self.stop(id).await;
        }
    }

    pub(crate) async fn set_voters(&self, home: u64, voters: impl IntoIterator<Item = u64>) {
        let voters = voters.into_iter().map(NodeId).collect();
        let set = self.node(home).group.set_members(voters, BTreeSet::new());
        guarded("changing the members", set).await.unwrap();
    }

    /// Hands over, as soon as the other has caught up.
    pub(crate) async fn hand_over(&self, home: u64, to: u64) {
        let hand_over = async {
            while let Err(error) = self.node(home).group.hand_over(NodeId(to)).await {
                assert!(matches!(error, HandOverError::Behind { .. }), "{error}");
                tokio::task::yield_now().await;
            }
        };
        guarded("a hand-over", hand_over).await;
    }

    /// Waits until one of the nodes is home.
    pub(crate) async fn home(&self) -> u64 {
        let waits = self.running().map(|node| Box::pin(node.home_when(|view| view.is_home)));
        guarded("an election", futures_util::future::select_all(waits)).await.0.home.unwrap().0
    }

    /// Waits until one of these nodes is home.
    pub(crate) async fn home_among(&self, among: &[u64]) -> u64 {
        let waits = among.iter().map(|id| Box::pin(self.node(*id).home_when(|view| view.is_home)));
        guarded("an election", futures_util::future::select_all(waits)).await.0.home.unwrap().0
    }

    /// Proposes as a client does: at whoever is home, again with the same command while it is not known to be done.
    pub(crate) async fn write(&self, command: &str) -> Written {
        let write = async {
            loop {
                let home = self.home().await;
                match self.node(home).propose(command).await {
                    Ok(written) => return written,
                    Err(ProposeError::NotHome { .. } | ProposeError::OutcomeUnknown) => {
                        tokio::task::yield_now().await;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        };
        guarded("a write", write).await
    }

    /// Waits until all running nodes have applied what the home has, and compares what they have.
    pub(crate) async fn same_everywhere(&self) -> Vec<Line> {
        let home = self.home().await;
        let upto = self.node(home).group.metrics().last_index;
        for node in self.running() {
            node.applied(upto).await;
        }
        let lines = self.node(home).lines();
        for node in self.running() {
            assert_eq!(node.lines(), lines, "{} has what {home} has", node.id);
        }
        lines
    }
}

impl Node {
    fn other_options(&self, id: GroupId) -> GroupOptions {
        GroupOptions {
            timeouts: timeouts(Duration::from_millis(100)),
            ..GroupOptions::new(id, self.id, Arc::new(|| 0))
        }
    }

    /// Another group of this node's.
    pub(crate) async fn found_group(&self, id: GroupId) -> Group<Journal> {
        let options = self.other_options(id);
        Group::found(&self.store, &self.network, options, Journal::new(id)).await.unwrap()
    }

    /// Another group, which waits for its home.
    pub(crate) async fn open_group(&self, id: GroupId) -> Group<Journal> {
        let options = self.other_options(id);
        Group::open(&self.store, &self.network, options, Journal::new(id)).await.unwrap()
    }

    pub(crate) async fn propose(&self, command: &str) -> Result<Written, ProposeError> {
        self.group.propose(Bytes::copy_from_slice(command.as_bytes())).await
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        read_lines(&self.group.snapshot().unwrap(), GROUP)
    }

    pub(crate) async fn home_when(&self, is_it: impl Fn(&HomeView) -> bool) -> HomeView {
        let mut home = self.group.home();
        let view = guarded("waiting for a home", home.wait_for(is_it)).await.unwrap();
        *view
    }

    /// Waits until the state has this entry.
    pub(crate) async fn applied(&self, index: u64) {
        let mut applied = self.group.applied();
        guarded("a replica", applied.wait_for(|applied| *applied >= index)).await.unwrap();
    }
}
