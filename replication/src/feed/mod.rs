//! The feed: what groups publish, on every node.
//!
//! Every object has one writer, its group, so no merge rule is needed: the higher [`FeedVersion`] wins, and whole objects
//! travel. A node's copy is in a [`FeedStore`]; it serves everything that a node can say when it is cut off.
//!
//! ```text
//! commit ─► publish ─► copy ─► sinks (search, lists, pages)
//!              │ at the home
//!              ▼
//!          broadcast ─► a few peers ─► each passes on what was news to it ─► copy ─► sinks
//!
//! every second, with one peer: compare summaries ─► whoever is behind pulls ─► copy ─► sinks
//! ```
//!
//! # What a head says
//!
//! A group's *head* on a node is a claim: every public change of the group up to there is in the copy. It moves only
//! * by a [`publish`](Feed::publish) of a replica on this node, after a [`replace_all`](Feed::replace_all);
//! * by a broadcast that begins where the head is, and has everything;
//! * by a pull, to where the answer says that it is complete.
//!
//! A broadcast that begins further ahead leaves a gap: its objects are taken (the higher version wins), the head stays, and
//! a pull fills it. Commits without public objects do not move heads, so a busy group does not make anybody pull.
//!
//! # Deletion
//!
//! A deleted object is a tombstone, kept for at least [`tombstone_steps`](FeedOptions::tombstone_steps) of its group's log
//! and [`tombstone_age`](FeedOptions::tombstone_age). The *watermark* says which may be gone: who asks for a range that
//! begins below it is told to take a snapshot instead, and afterwards buries what the snapshot did not have and the peer
//! does not know under any group.
//!
//! # Bounds
//!
//! Publishers never wait; of one object only the newest waits. Broadcasts that do not fit their queue are dropped and
//! counted; pulls heal it. Long bodies are not broadcast but pulled. A slow sink gets everything again instead of filling
//! memory, and holds nobody up. A node answers a few pulls at once and says that it is busy to others.
//!
//! **Architecture invariant**: the feed knows keys, versions and bytes. Randomness comes from the seed, time from tokio's
//! clock, and with an in-memory store everything happens on the caller's thread.

mod desk;
mod error;
mod fleeting;
mod object;
mod pull;
mod record;
mod sinks;
mod store;
mod summary;
mod tables;
mod task;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use self::desk::Desk;
use self::task::Task;
use crate::gossip::Gossip;
use crate::identity::{GroupId, NodeId};
use crate::transport::{Kind, Switch, Transport};

pub use self::error::FeedStoreError;
pub use self::object::{
    BODY_BYTES_MAX, FLEETING_BYTES_MAX, FeedKey, FeedObject, FeedSink, FeedState, FeedVersion,
    FleetingObject, ID_BYTES_MAX,
};
pub use self::store::{FeedStore, FeedStoreOptions};

/// How many messages of peers wait.
const MESSAGES_MAX: usize = 512;

/// How a node takes part in the feed.
#[derive(Clone, Debug)]
pub struct FeedOptions {
    /// All randomness comes from it.
    pub seed: u64,
    /// How often a node compares what it has with a peer.
    pub interval: Duration,
    /// To how many peers a change is told by each who hears of it.
    pub fanout: usize,
    /// For how many steps of its group's log a tombstone is kept, at least.
    pub tombstone_steps: u64,
    /// For how long a tombstone is kept while the node runs, at least.
    pub tombstone_age: Duration,
}

impl Default for FeedOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            interval: Duration::from_secs(1),
            fanout: 4,
            tombstone_steps: 100_000,
            tombstone_age: Duration::from_secs(3_600),
        }
    }
}

/// What the feed has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedMetrics {
    /// Messages, questions and objects that made no sense, were of another version, or too long.
    pub refused: u64,
    /// Messages dropped since too many waited, coming or going.
    pub dropped: u64,
    /// Broadcasts that were news.
    pub broadcasts: u64,
    /// Pulls that went to their end.
    pub pulls: u64,
    /// Pulls that did not.
    pub pulls_failed: u64,
    /// Snapshots taken in.
    pub snapshots: u64,
    /// How many times the copy was found damaged or failed, and is pulled again.
    pub rebuilds: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    refused: AtomicU64,
    dropped: AtomicU64,
    broadcasts: AtomicU64,
    pulls: AtomicU64,
    pulls_failed: AtomicU64,
    snapshots: AtomicU64,
    rebuilds: AtomicU64,
}

impl Counts {
    fn add(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// When the home of each group was last heard, and had nothing that this node lacks.
type Heard = Arc<Mutex<BTreeMap<GroupId, Instant>>>;

/// A running feed. Clones are handles on the same one; it stops with the last.
#[derive(Clone)]
pub struct Feed {
    node: NodeId,
    desk: Arc<Desk>,
    store: FeedStore,
    heard: Heard,
    counts: Arc<Counts>,
    rebuild: watch::Receiver<u64>,
    stop: CancellationToken,
    task: Arc<tokio::sync::Mutex<Option<AbortOnDropHandle<()>>>>,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Feed({})", self.node)
    }
}

impl Feed {
    /// Registers for [`Kind::FeedBroadcast`] and [`Kind::FeedPull`] and starts.
    #[must_use]
    pub fn start(
        transport: Arc<dyn Transport>,
        switch: &Switch,
        store: FeedStore,
        gossip: Gossip,
        options: FeedOptions,
    ) -> Self {
        let node = transport.node();
        let (messages, incoming) = mpsc::channel(MESSAGES_MAX);
        let counts = Arc::<Counts>::default();
        let desk = Arc::<Desk>::default();
        let heard = Heard::default();
        let stop = CancellationToken::new();
        let (rebuild_wanted, rebuild) = watch::channel(0);
        switch.on_message(Kind::FeedBroadcast, {
            let counts = Arc::clone(&counts);
            move |from, payload| {
                if messages.try_send((from, payload)).is_err() {
                    Counts::add(&counts.dropped);
                }
            }
        });
        serve_pulls(switch, &store, &counts, &stop);
        let task = Task::new(
            transport,
            store.clone(),
            gossip,
            options,
            Arc::clone(&desk),
            Arc::clone(&heard),
            Arc::clone(&counts),
            rebuild_wanted,
        );
        let task = AbortOnDropHandle::new(tokio::spawn(task.run(incoming, stop.clone())));
        let task = Arc::new(tokio::sync::Mutex::new(Some(task)));
        Self { node, desk, store, heard, counts, rebuild, stop, task }
    }

    /// Publishes what a commit changed. Every replica calls it, after every commit, in order; only the home broadcasts.
    /// Never waits.
    ///
    /// Until [`replace_all`](Self::replace_all) was called for the group, its objects are taken in but nothing is taken for
    /// complete.
    pub fn publish(&self, group: GroupId, head: FeedVersion, objects: Vec<FeedObject>, is_home: bool) {
        let objects = self.within_limits(objects);
        self.desk.publish(group, head, objects, is_home);
    }

    /// Publishes all that a replica's state has: after its start, whenever [`rebuild`](Self::rebuild) says so, and after
    /// [`reopen`](Self::reopen). Objects that are the same keep their version; the group's objects up to the head that are
    /// missing become tombstones. Nothing is broadcast: peers see a higher head and pull. What was published meanwhile and
    /// is newer than the head stays.
    pub fn replace_all(&self, group: GroupId, state: FeedState, is_home: bool) {
        let state = FeedState { objects: self.within_limits(state.objects), ..state };
        self.desk.replace_all(group, state, is_home);
    }

    /// Says that the group's state was replaced by another replica's, so that what is published next may not follow what
    /// was published last. Nothing is taken for complete until the next [`replace_all`](Self::replace_all).
    pub fn reopen(&self, group: GroupId) {
        self.desk.reopen(group);
    }

    /// Publishes a value that is not worth storing, under a number that rises. An empty body says that there is none.
    pub fn publish_fleeting(&self, group: GroupId, key: FeedKey, seq: (u64, u64), body: Bytes) {
        self.desk.publish_fleeting(group, key, seq, body);
    }

    /// Says whether this node is a group's home, when that changes without a commit.
    pub fn set_home(&self, group: GroupId, is_home: bool) {
        self.desk.set_home(group, is_home);
    }

    /// Adds a sink: it gets everything that is stored, and then every change.
    pub fn subscribe(&self, sink: Arc<dyn FeedSink>) {
        self.desk.subscribe(sink);
    }

    /// An object, or its tombstone, as stored.
    #[must_use]
    pub fn object(&self, key: &FeedKey) -> Option<FeedObject> {
        let object = self.store.reader().and_then(|reader| reader.object(key));
        object.unwrap_or_else(|error| {
            tracing::error!(%error, "the feed's copy cannot be read");
            None
        })
    }

    /// How far each group has come here.
    #[must_use]
    pub fn heads(&self) -> BTreeMap<GroupId, FeedVersion> {
        self.store.heads().into_iter().map(|(group, record)| (group, record.head)).collect()
    }

    /// How long ago the group's home was last heard, and this node had all that it had; none when that was never so
    /// since the start.
    #[must_use]
    pub fn staleness(&self, group: GroupId) -> Option<Duration> {
        self.heard.lock().get(&group).map(Instant::elapsed)
    }

    /// The number rises when the copy was lost while the node runs. Who replicates groups has to
    /// [`replace_all`](Self::replace_all) of them then; the others' come back by themselves.
    #[must_use]
    pub fn rebuild(&self) -> watch::Receiver<u64> {
        self.rebuild.clone()
    }

    /// What was counted so far.
    #[must_use]
    pub fn metrics(&self) -> FeedMetrics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.counts;
        FeedMetrics {
            refused: read(&counts.refused),
            dropped: read(&counts.dropped),
            broadcasts: read(&counts.broadcasts),
            pulls: read(&counts.pulls),
            pulls_failed: read(&counts.pulls_failed),
            snapshots: read(&counts.snapshots),
            rebuilds: read(&counts.rebuilds),
        }
    }

    /// Stops, and brings the copy to the disk.
    pub async fn close(&self) {
        self.stop.cancel();
        if let Some(task) = self.task.lock().await.take() {
            // A panic of the task was told by the runtime.
            let _ = task.await;
        }
        self.store.close().await;
    }

    fn within_limits(&self, mut objects: Vec<FeedObject>) -> Vec<FeedObject> {
        objects.retain(|object| {
            let is_within = object.is_within_limits();
            if !is_within {
                Counts::add(&self.counts.refused);
                tracing::error!(key = ?object.key, bytes = object.bytes(), "an object is too long for the feed");
            }
            is_within
        });
        objects
    }
}

fn serve_pulls(switch: &Switch, store: &FeedStore, counts: &Arc<Counts>, stop: &CancellationToken) {
    let answers = Arc::new(Semaphore::new(pull::ANSWERS_MAX));
    let (store, counts, stop) = (store.clone(), Arc::clone(counts), stop.clone());
    switch.on_stream(Kind::FeedPull, move |from, stream| {
        let served = pull::serve(stream, store.clone(), Arc::clone(&answers));
        let (counts, stop) = (Arc::clone(&counts), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                is_sense = served => if !is_sense {
                    Counts::add(&counts.refused);
                    tracing::debug!(%from, "a question about the feed was refused");
                }
            }
        });
    });
}
