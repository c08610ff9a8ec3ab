//! Who is there: SWIM by foca, over datagrams.
//!
//! Every node probes another one each period, asks others to probe who does not answer, and tells suspicions and deaths
//! along with its probes. What comes out is a list of [`Member`]s that nodes agree on within seconds. It is a hint, for
//! routing, alerts and gossip; who is home is for the log alone to say.
//!
//! Two presets, by [`MembershipOptions::wan`]:
//!
//! | | probe | direct answer within | of n peers one finds the dead after | down after more |
//! |---|---|---|---|---|
//! | region | every 350 ms | 120 ms | 0.9 s on average, n × 350 ms at worst | 2 s × log₁₀ of the members (at least 2 s) |
//! | WAN | every 1 s | 450 ms; an answer within the period counts | 2.6 s on average, n × 1 s at worst | 3 s × log₁₀ of the members (at least 3 s) |
//!
//! Beside foca, a node watches up to [`NEIGHBOURS_MAX`] peers that are near by the transport's measured round trips (at
//! most 60 ms): five pings a second, and foca hears of a suspicion after 800 ms of silence. So a dead neighbour is suspected
//! within a second, wherever the rest of the cluster is, and slow links keep the patience that they need. A suspicion is
//! only a question: who is alive refutes it, and is never down for it.
//!
//! A node that was declared down while it lives (cut off, paused) comes back by itself under a renewed incarnation. The
//! incarnation handed in has to be higher at every start, from a counter on the disk.
//!
//! Every few seconds a node compares its list with another one's, in short, and gets what differs: so a newcomer knows
//! everybody at once, and nothing that was missed stays so.
//!
//! **Architecture invariant**: one task owns foca; its queue is bounded, and what does not fit is dropped and counted,
//! as a network would. Randomness comes from the seed alone, time from tokio's clock.

mod compare;
mod identity;
mod neighbours;
mod settings;
mod task;
mod timers;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;

use self::identity::Identity;
use self::task::{Input, Task};
use crate::identity::NodeId;
use crate::transport::{Kind, Switch, Transport};

pub use self::neighbours::NEIGHBOURS_MAX;

/// How many inputs wait for the task at most.
const INPUTS_MAX: usize = 1_024;

/// All members that this node knows of, itself included.
pub type Members = BTreeMap<NodeId, Member>;

/// A node of the cluster, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which.
    pub id: NodeId,
    /// Where it listens.
    pub address: SocketAddr,
    /// How it does.
    pub state: Liveness,
    /// Rises with every start and every return of the node.
    pub incarnation: u64,
}

/// How a member does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Liveness {
    /// It answers.
    Alive,
    /// It did not answer somebody, and may still refute it. Treat it as alive.
    Suspect,
    /// It did not refute the suspicion in time.
    Down,
    /// It said goodbye.
    Left,
}

impl Liveness {
    /// Whether the member is worth speaking to.
    #[must_use]
    pub const fn is_active(self) -> bool {
        match self {
            Self::Alive | Self::Suspect => true,
            Self::Down | Self::Left => false,
        }
    }
}

/// What a node tells of itself when it becomes a member.
#[derive(Clone, Copy, Debug)]
pub struct MembershipOptions {
    /// Where peers reach it.
    pub address: SocketAddr,
    /// Higher than at any start before; from a counter on the disk. At most 2⁴⁰.
    pub incarnation: u64,
    /// All randomness comes from it.
    pub seed: u64,
    /// Whether the cluster spans regions: more patience.
    pub wan: bool,
}

/// What the membership has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MembershipMetrics {
    /// Datagrams that made no sense: of another version, damaged, or in another one's name.
    pub refused: u64,
    /// Datagrams dropped since the queue was full.
    pub dropped: u64,
    /// How many times this node came back after it had been declared down.
    pub rejoined: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counts {
    refused: AtomicU64,
    dropped: AtomicU64,
    rejoined: AtomicU64,
}

/// A running membership. Clones are handles on the same one; it stops, without a goodbye, with the last handle.
#[derive(Clone)]
pub struct Membership {
    node: NodeId,
    inputs: mpsc::Sender<Input>,
    members: watch::Receiver<Arc<Members>>,
    counts: Arc<Counts>,
    _task: Arc<AbortOnDropHandle<()>>,
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Membership({})", self.node)
    }
}

impl Membership {
    /// Registers for [`Kind::Membership`] and starts. A node is alone until it [`announce`](Self::announce)s itself, or
    /// somebody else does.
    #[must_use]
    pub fn start(transport: Arc<dyn Transport>, switch: &Switch, options: MembershipOptions) -> Self {
        let node = transport.node();
        let identity = Identity::first(node, &options);
        let (inputs, receiver) = mpsc::channel(INPUTS_MAX);
        let counts = Arc::<Counts>::default();
        let own = BTreeMap::from([(node, identity.member(Liveness::Alive))]);
        let (sender, members) = watch::channel(Arc::new(own));
        switch.on_datagram(Kind::Membership, {
            let (inputs, counts) = (inputs.clone(), Arc::clone(&counts));
            move |from: NodeId, payload: Bytes| {
                if inputs.try_send(Input::Datagram { from, payload }).is_err() {
                    counts.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let task = Task::new(transport, identity, &options, sender, Arc::clone(&counts));
        let task = AbortOnDropHandle::new(tokio::spawn(task.run(receiver)));
        Self { node, inputs, members, counts, _task: Arc::new(task) }
    }

    /// Seeks the cluster at these nodes, again and again until somebody answers; and again whenever everybody is gone.
    pub fn announce(&self, seeds: &[(NodeId, SocketAddr)]) {
        let seeds = seeds.iter().filter(|(id, _address)| *id != self.node).copied().collect();
        if self.inputs.try_send(Input::Announce { seeds }).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Who is there, as it changes.
    #[must_use]
    pub fn members(&self) -> watch::Receiver<Arc<Members>> {
        self.members.clone()
    }

    /// Says goodbye and stops. Peers see the node as [`Liveness::Left`].
    pub async fn leave(&self) {
        let (said, heard) = oneshot::channel();
        if self.inputs.send(Input::Leave { said }).await.is_ok() {
            // Stopped already otherwise.
            let _ = heard.await;
        }
    }

    /// What was counted so far.
    #[must_use]
    pub fn metrics(&self) -> MembershipMetrics {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        MembershipMetrics {
            refused: read(&self.counts.refused),
            dropped: read(&self.counts.dropped),
            rejoined: read(&self.counts.rejoined),
        }
    }
}
