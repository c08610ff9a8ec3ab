//! What nodes tell of themselves: keys and values, spread by chitchat (Scuttlebutt).
//!
//! Each node sets its own keys, everybody reads everybody's. Two nodes compare digests and exchange what the other lacks,
//! over [`Kind::Gossip`](crate::transport::Kind::Gossip) messages.
//!
//! * **Who speaks to whom, and when, is decided here**, from the seed and the [`Membership`]: the pick of chitchat's own
//!   loop, which uses ambient randomness, is not sent. (One use of it remains inside chitchat: the order of the nodes
//!   whose changes do not all fit into one message.)
//! * **Liveness is the membership's**: chitchat's own detector only decides when the state of a node that is gone for a
//!   day is forgotten.
//! * chitchat knows peers by socket addresses. It gets synthetic ones, which name the node: `addresses`.
//! * A digest names every node, so an exchange grows with the cluster. The pause between exchanges therefore grows with
//!   it, from [`GossipOptions::interval`] up ([`pause`]): bytes per node and second stay flat, and values take longer in
//!   a big cluster. Nothing that has to be quick goes this way: deaths go by the membership, the catalog by the feed,
//!   homes by the groups; gossip is where the rest of the cluster learns of them in the end.
//! * A digest has to fit 65,507 bytes uncompressed, which is enough for about 1,400 nodes; they travel compressed.
//!
//! If chitchat's task ends (it should not), it is started again under the next generation.

mod addresses;
mod hint;
mod socket;
mod task;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use self::socket::Post;
use self::task::Task;
use crate::identity::NodeId;
use crate::membership::{Members, Membership};
use crate::transport::{Switch, Transport};

pub use self::hint::{HomeHint, home_hint, home_key, home_value};

/// What nodes tell: by node, its keys and values.
pub type Told = BTreeMap<NodeId, BTreeMap<String, String>>;

/// How a node takes part.
#[derive(Clone, Debug)]
pub struct GossipOptions {
    /// The cluster's name; nodes of another one are not listened to.
    pub cluster: String,
    /// This node.
    pub node: NodeId,
    /// Higher than at any start before; from a counter on the disk. At most 2⁴⁰.
    pub generation: u64,
    /// The pause between two exchanges with peers, in a cluster of up to 30 nodes. 300 ms is good.
    pub interval: Duration,
    /// All of this module's randomness comes from it.
    pub seed: u64,
}

/// The pause between two exchanges that a node begins: the interval, and 10 ms for each node if that is more.
#[must_use]
pub fn pause(interval: Duration, nodes: usize) -> Duration {
    interval.max(Duration::from_millis(10).saturating_mul(u32::try_from(nodes).unwrap_or(u32::MAX)))
}

/// What gossip has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GossipMetrics {
    /// Messages that made no sense: of another version, or damaged.
    pub refused: u64,
    /// Messages dropped, coming or going, since too many waited.
    pub dropped: u64,
    /// Messages that did not reach their peer.
    pub unsent: u64,
    /// How many times chitchat had to be started again.
    pub restarts: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    refused: AtomicU64,
    dropped: AtomicU64,
    unsent: AtomicU64,
    restarts: AtomicU64,
}

/// What this node wants to tell, as far as chitchat was not told of it yet: none removes a key.
#[derive(Default)]
struct Wishes {
    own: Mutex<BTreeMap<String, String>>,
    pending: Mutex<BTreeMap<String, Option<String>>>,
    woken: Notify,
}

/// Running gossip. Clones are handles on the same one; it stops with the last.
#[derive(Clone)]
pub struct Gossip {
    node: NodeId,
    wishes: Arc<Wishes>,
    members: watch::Receiver<Arc<Members>>,
    told: watch::Receiver<Arc<Told>>,
    counts: Arc<Counts>,
    stop: CancellationToken,
    task: Arc<tokio::sync::Mutex<Option<AbortOnDropHandle<()>>>>,
}

impl fmt::Debug for Gossip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gossip({})", self.node)
    }
}

impl Gossip {
    /// Registers for [`Kind::Gossip`](crate::transport::Kind::Gossip) and starts.
    #[must_use]
    pub fn start(
        transport: Arc<dyn Transport>,
        switch: &Switch,
        options: GossipOptions,
        membership: &Membership,
    ) -> Self {
        let node = options.node;
        let counts = Arc::<Counts>::default();
        let wishes = Arc::<Wishes>::default();
        let (sender, told) = watch::channel(Arc::new(Told::from([(node, BTreeMap::new())])));
        let stop = CancellationToken::new();
        let post = Post::new(transport, switch, Arc::clone(&counts));
        let task = Task {
            options,
            post,
            members: membership.members(),
            wishes: Arc::clone(&wishes),
            told: sender,
            counts: Arc::clone(&counts),
            stop: stop.clone(),
        };
        let task = AbortOnDropHandle::new(tokio::spawn(task.run()));
        let task = Arc::new(tokio::sync::Mutex::new(Some(task)));
        Self { node, wishes, members: membership.members(), told, counts, stop, task }
    }

    /// Tells a value under one of this node's keys.
    pub fn set(&self, key: &str, value: String) {
        let mut own = self.wishes.own.lock();
        if own.get(key) != Some(&value) {
            self.wishes.pending.lock().insert(key.to_owned(), Some(value.clone()));
            own.insert(key.to_owned(), value);
            self.wishes.woken.notify_one();
        }
    }

    /// Tells no value under the key any more.
    pub fn remove(&self, key: &str) {
        let mut own = self.wishes.own.lock();
        if own.remove(key).is_some() {
            self.wishes.pending.lock().insert(key.to_owned(), None);
            self.wishes.woken.notify_one();
        }
    }

    /// What the active members tell, as it changes; this node's own values included.
    #[must_use]
    pub fn nodes(&self) -> watch::Receiver<Arc<Told>> {
        self.told.clone()
    }

    /// Who is there.
    pub(crate) fn members(&self) -> Arc<Members> {
        Arc::clone(&self.members.borrow())
    }

    /// What was counted so far.
    #[must_use]
    pub fn metrics(&self) -> GossipMetrics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        GossipMetrics {
            refused: read(&self.counts.refused),
            dropped: read(&self.counts.dropped),
            unsent: read(&self.counts.unsent),
            restarts: read(&self.counts.restarts),
        }
    }

    /// Stops, and waits until it has.
    pub async fn close(&self) {
        self.stop.cancel();
        if let Some(task) = self.task.lock().await.take() {
            // A panic of the task was told by the runtime.
            let _ = task.await;
        }
    }
}
