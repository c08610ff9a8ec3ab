//! The groups of a node and their peers: who is asked, and who answers.
//!
//! Appends of a group to a peer flow on a stream that is kept for as long as the group has something to send, many in
//! flight at a time. Votes and hand-overs are calls. Beats (heartbeats) are sent at one moment for all groups that beat
//! at the same interval, and one frame carries those of all groups to a peer: their number does not grow with the groups.
//!
//! **Architecture invariant**: nothing that a peer sends stops a group. What cannot be read, what contradicts itself and
//! what speaks in another node's name is refused, counted, and logged at debug.

mod appends;
mod beats;
mod client;
mod replica;
mod serving;
pub(super) mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use tokio::sync::{Notify, mpsc};

use self::beats::Beat;
pub(super) use self::client::Peers;
pub(super) use self::replica::{OpenReplica, Replica};
use crate::identity::{GroupId, NodeId};
use crate::transport::{Kind, Switch, Transport, TransportError, call};

type OnUnknown = Arc<dyn Fn(GroupId, NodeId) + Send + Sync>;

/// How the groups of a node reach their peers. A node has one.
pub struct GroupNetwork {
    transport: Option<Arc<dyn Transport>>,
    open: RwLock<BTreeMap<GroupId, Open>>,
    /// Told when `open` changes.
    changed: Arc<Notify>,
    on_unknown: RwLock<Option<OnUnknown>>,
    /// Where the beats to each peer wait.
    beats: Mutex<BTreeMap<NodeId, mpsc::Sender<Beat>>>,
    is_beating: Mutex<bool>,
    refused: AtomicU64,
    beat_count: AtomicU64,
    beat_frames: AtomicU64,
    append_streams: AtomicU64,
}

/// What the groups of a node have said and heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupNetworkMetrics {
    /// How much of what peers sent was refused: unreadable, contradictory, or of a group that is not open.
    pub refused: u64,
    /// How many beats went out, one for each group and peer.
    pub beats: u64,
    /// In how many frames.
    pub beat_frames: u64,
    /// How many streams of appends were opened, or tried to: few, as long as peers answer.
    pub append_streams: u64,
}

#[derive(Clone)]
struct Open {
    replica: Arc<dyn Replica>,
    heartbeat_interval: Duration,
}

/// Why a peer did not answer as asked.
#[derive(Clone, Debug, thiserror::Error)]
enum Unanswered {
    #[error("this node has no network")]
    Alone,
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("it answered with what cannot be used: {0}")]
    Garbage(#[from] wire::Garbage),
    #[error("it refused: {0}")]
    Refused(#[from] wire::Refusal),
    #[error(
        "a replica lost entries that it had, and is left alone; a node whose files were lost has to come back under a \
         new number"
    )]
    Reverted,
}

impl GroupNetwork {
    /// The network of a node: takes what arrives on the switch for consensus and as snapshots, hands it to the groups that are open, and
    /// lets them reach their peers.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, switch: &Switch) -> Arc<Self> {
        let network = Arc::new(Self::with(Some(transport)));
        // The switch outlives the node's parts: it must not keep them.
        let weak = Arc::downgrade(&network);
        switch.on_stream(Kind::Consensus, move |from, stream| {
            if let Some(network) = Weak::upgrade(&weak) {
                tokio::spawn(serving::serve(network, from, stream));
            }
        });
        let weak = Arc::downgrade(&network);
        switch.on_stream(Kind::Snapshot, move |from, stream| {
            if let Some(network) = Weak::upgrade(&weak) {
                tokio::spawn(serving::serve_snapshot(network, from, stream));
            }
        });
        network
    }

    /// The network of a node without peers.
    #[must_use]
    pub fn alone() -> Arc<Self> {
        Arc::new(Self::with(None))
    }

    fn with(transport: Option<Arc<dyn Transport>>) -> Self {
        Self {
            transport,
            open: RwLock::default(),
            changed: Arc::default(),
            on_unknown: RwLock::default(),
            beats: Mutex::default(),
            is_beating: Mutex::new(false),
            refused: AtomicU64::new(0),
            beat_count: AtomicU64::new(0),
            beat_frames: AtomicU64::new(0),
            append_streams: AtomicU64::new(0),
        }
    }

    /// Says what to do when a peer speaks of a group that this node has not open. It is called each time, which may be
    /// often, and must not wait.
    pub fn on_unknown_group(&self, tell: impl Fn(GroupId, NodeId) + Send + Sync + 'static) {
        *self.on_unknown.write() = Some(Arc::new(tell));
    }

    /// What the network has done so far.
    #[must_use]
    pub fn metrics(&self) -> GroupNetworkMetrics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        GroupNetworkMetrics {
            refused: read(&self.refused),
            beats: read(&self.beat_count),
            beat_frames: read(&self.beat_frames),
            append_streams: read(&self.append_streams),
        }
    }

    /// Lets a group's peers reach it.
    pub(super) fn enter(
        self: &Arc<Self>,
        group: GroupId,
        replica: Arc<dyn Replica>,
        heartbeat_interval: Duration,
    ) {
        self.open.write().insert(group, Open { replica, heartbeat_interval });
        let mut is_beating = self.is_beating.lock();
        if !*is_beating {
            *is_beating = true;
            tokio::spawn(beats::beat(Arc::downgrade(self), Arc::clone(&self.changed)));
        }
        self.changed.notify_one();
    }

    /// The group's peers reach it no more.
    pub(super) fn leave(&self, group: GroupId) {
        self.open.write().remove(&group);
        self.changed.notify_one();
    }

    fn replica(&self, group: GroupId, from: NodeId) -> Result<Arc<dyn Replica>, wire::Refusal> {
        let replica = self.open.read().get(&group).map(|open| Arc::clone(&open.replica));
        replica.ok_or_else(|| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let tell = self.on_unknown.read().clone();
            if let Some(tell) = tell {
                tell(group, from);
            }
            wire::Refusal::UnknownGroup
        })
    }

    fn count_append_stream(&self) {
        self.append_streams.fetch_add(1, Ordering::Relaxed);
    }

    fn count_garbage(&self, from: NodeId, garbage: wire::Garbage) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(%from, %garbage, "what a peer sent for a group was refused");
    }

    fn transport(&self) -> Result<&Arc<dyn Transport>, Unanswered> {
        self.transport.as_ref().ok_or(Unanswered::Alone)
    }

    async fn call(&self, peer: NodeId, question: Bytes, deadline: Duration) -> Result<Bytes, Unanswered> {
        let transport = self.transport()?;
        Ok(call(transport.as_ref(), peer, Kind::Consensus, question, deadline).await?)
    }
}

impl fmt::Debug for GroupNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupNetwork")
    }
}
