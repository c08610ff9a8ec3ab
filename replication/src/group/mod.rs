//! Groups: replicated logs with a machine on top, sharing the node's store.

mod barrier;
mod batch;
mod consensus;
mod error;
mod hand_over;
mod home;
mod log;
mod members;
mod network;
mod opening;
mod options;
mod proposer;
mod snapshot;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;
use bytes::Bytes;
use openraft::async_runtime::watch::WatchReceiver;
use openraft::{Instant, Raft};
use parking_lot::Mutex;
use redb::ReadTransaction;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use self::barrier::Reader;
use self::consensus::Consensus;
use self::home::Elsewhere;
use self::log::GroupLog;
use self::proposer::{ProposerCounts, Waiting};
use self::snapshot::Receiver;
use self::state::{GroupState, Marks};
use crate::identity::NodeId;
use crate::machine::Machine;
use crate::store::progress::Progress;
use crate::store::{Store, StoreError};

pub use self::error::{GroupError, ProposeError};
pub use self::home::HomeView;
pub use self::members::{HandOverError, Members, MembersError};
pub use self::network::{GroupNetwork, GroupNetworkMetrics};
pub use self::options::{GroupOptions, Timeouts, timeouts};

/// The longest command, in bytes: what any request may carry, and then some.
const COMMAND_BYTES_MAX: usize = 16 << 20;

/// What a group has done since it was opened, and where it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupMetrics {
    /// The first entry that the log may have; what came before is purged.
    pub first_index: u64,
    /// The last entry of the log.
    pub last_index: u64,
    /// The last entry in the state.
    pub applied_index: u64,
    /// The last entry in the state that is on the disk.
    pub durable_index: u64,
    /// How many commands wait.
    pub commands_waiting: usize,
    /// How many commands were applied.
    pub commands: u64,
    /// How many entries were proposed.
    pub entries: u64,
    /// How many elections there were.
    pub term: u64,
    /// Who is home, as far as this node knows.
    pub home: Option<NodeId>,
    /// Whether this node is.
    pub is_home: bool,
    /// At home: milliseconds since more than half of the voters were last known to follow; none elsewhere.
    pub quorum_silent_ms: Option<u64>,
}

/// A replicated log with the machine on top. Clones are handles on the same one.
pub struct Group<M: Machine> {
    inner: Arc<Inner<M>>,
}

struct Inner<M: Machine> {
    lasting: Lasting<M>,
    /// What runs just now.
    engine: ArcSwap<Engine<M>>,
    /// Held while another engine takes over.
    changing: tokio::sync::Mutex<()>,
}

/// What stays as long as the group is open.
struct Lasting<M: Machine> {
    store: Store,
    network: Arc<GroupNetwork>,
    /// Has the machine.
    receiver: Arc<Receiver<M>>,
    marks: Arc<Marks>,
    counts: Arc<ProposerCounts>,
    durable: watch::Receiver<Progress>,
    home: watch::Receiver<HomeView>,
    /// For who follows consensus; none when the group is closed.
    home_sender: Mutex<Option<watch::Sender<HomeView>>>,
    elsewhere: Arc<Elsewhere>,
}

/// Consensus with what works around it.
struct Engine<M: Machine> {
    options: GroupOptions,
    raft: Raft<Consensus, GroupState<M>>,
    queue: mpsc::Sender<Waiting<M::Answer>>,
    readers: mpsc::Sender<Reader>,
    closing: Arc<Notify>,
    finished: watch::Receiver<bool>,
    log: GroupLog,
}

impl<M: Machine> Engine<M> {
    /// Takes no more commands, answers those that wait, and stops.
    async fn close(&self) {
        self.closing.notify_one();
        let mut finished = self.finished.clone();
        // An error means that the runtime tore the tasks down, which is finished too.
        let _ = finished.wait_for(|finished| *finished).await;
    }
}

impl<M: Machine> Clone for Group<M> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<M: Machine> fmt::Debug for Group<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({})", self.inner.engine.load().options.id)
    }
}

impl<M: Machine> Group<M> {
    /// Opens what the files have, applies what the log has above the state, and takes part. A group that has no members
    /// yet waits for a home that adds this node. Only a lone voter is home when this resolves; else see
    /// [`home`](Self::home).
    ///
    /// # Errors
    /// When the files are damaged or not from the same moment, when the machine does not open, or when the store breaks.
    pub async fn open(
        store: &Store,
        network: &Arc<GroupNetwork>,
        options: GroupOptions,
        machine: M,
    ) -> Result<Self, GroupError> {
        opening::open(store, network, options, machine, opening::When::Empty).await
    }

    /// Opens the group; if the files have none, founds it with this node as its one voter.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when the files have a group that this node is no member of.
    pub async fn found(
        store: &Store,
        network: &Arc<GroupNetwork>,
        options: GroupOptions,
        machine: M,
    ) -> Result<Self, GroupError> {
        opening::open(store, network, options, machine, opening::When::Found).await
    }

    /// Proposes a command and waits for its answer. When the caller goes away meanwhile, the
    /// command is carried out all the same.
    ///
    /// # Errors
    /// See [`ProposeError`].
    pub async fn propose(&self, command: Bytes) -> Result<M::Answer, ProposeError> {
        let bytes = command.len();
        if bytes > COMMAND_BYTES_MAX {
            return Err(ProposeError::TooLarge { bytes, bytes_max: COMMAND_BYTES_MAX });
        }
        if let home @ Some(_) = self.inner.lasting.elsewhere.home() {
            return Err(ProposeError::NotHome { home });
        }
        let (answer, answered) = oneshot::channel();
        self.inner.engine.load().queue.try_send(Waiting { command, answer }).map_err(
            |refused| match refused {
                mpsc::error::TrySendError::Full(_) => ProposeError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => ProposeError::Stopped,
            },
        )?;
        // Whoever holds the other end answers, unless the runtime is torn down around it.
        answered.await.unwrap_or(Err(ProposeError::OutcomeUnknown))
    }

    /// Waits until this node is known to have been home after the call, and until its state has everything that was
    /// answered before it, by whatever home: a [`snapshot`](Self::snapshot) that is taken afterwards is linearizable. A
    /// lone voter does not wait.
    ///
    /// # Errors
    /// [`ProposeError::NotHome`] when another node is home, or too few voters answer; [`ProposeError::Overloaded`] when
    /// too many wait.
    pub async fn read_barrier(&self) -> Result<(), ProposeError> {
        if let home @ Some(_) = self.inner.lasting.elsewhere.home() {
            return Err(ProposeError::NotHome { home });
        }
        // Before another node can be home, this one adds it, and knows.
        let Lasting { marks, home, store, .. } = &self.inner.lasting;
        if !marks.has_replicas() && home.borrow().is_home {
            return Ok(());
        }
        if store.sabotage().epoch_unchecked && home.borrow().is_home {
            return Ok(());
        }
        let (reader, read) = oneshot::channel();
        self.inner.engine.load().readers.try_send(reader).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => ProposeError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => ProposeError::Stopped,
        })?;
        read.await.unwrap_or(Err(ProposeError::Stopped))
    }

    /// Who is home, and every change of it.
    #[must_use]
    pub fn home(&self) -> watch::Receiver<HomeView> {
        self.inner.lasting.home.clone()
    }

    /// The last entry in this node's state, and every later one.
    #[must_use]
    pub fn applied(&self) -> watch::Receiver<u64> {
        self.inner.lasting.marks.applied.subscribe()
    }

    /// Who is in the group, by this node's state.
    #[must_use]
    pub fn members(&self) -> Members {
        self.inner.lasting.marks.members.lock().as_ref().clone()
    }

    /// Changes who is in the group; at home only. Nodes that join are learners first, and voters when they have caught
    /// up, which this waits for; it goes on where it was left when it is called again. Whoever is named nowhere leaves.
    /// To be given up by dropping it.
    ///
    /// # Errors
    /// See [`MembersError`].
    pub async fn set_members(
        &self,
        voters: BTreeSet<NodeId>,
        learners: BTreeSet<NodeId>,
    ) -> Result<(), MembersError> {
        let engine = self.inner.engine.load_full();
        members::set_members(&engine.raft, &engine.options, voters, learners).await
    }

    /// Makes another voter the home; at home only. Commands that come meanwhile wait, and are then refused with the new
    /// home's name.
    ///
    /// # Errors
    /// See [`HandOverError`].
    pub async fn hand_over(&self, to: NodeId) -> Result<(), HandOverError> {
        let engine = self.inner.engine.load_full();
        hand_over::hand_over(&engine.raft, &engine.options, self.home(), to).await
    }

    /// When a home that is silent is replaced, by this node's reckoning.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        self.inner.engine.load().options.timeouts
    }

    /// Takes other timeouts. Consensus keeps those that it began with, so it stops and begins anew over the same machine,
    /// which takes some milliseconds. To be done while another node is home, and on one replica after the other; the
    /// timeouts of a group's replicas may differ.
    ///
    /// # Errors
    /// [`GroupError::NotFollowing`] when no other node is home, with nothing changed; else the group has stopped.
    pub async fn set_timeouts(&self, timeouts: Timeouts) -> Result<(), GroupError> {
        let inner = &self.inner;
        let _changing = inner.changing.lock().await;
        let engine = inner.engine.load_full();
        let group = engine.options.id;
        if engine.options.timeouts == timeouts {
            return Ok(());
        }
        if inner.lasting.home_sender.lock().is_none() {
            return Err(GroupError::Stopped { group, reason: "it is closed".to_owned() });
        }
        if inner.lasting.elsewhere.home().is_none() {
            return Err(GroupError::NotFollowing { group });
        }
        opening::restart(inner, timeouts).await
    }

    /// At home: how many entries each other replica lacks. Elsewhere: nothing.
    #[must_use]
    pub fn lags(&self) -> BTreeMap<NodeId, u64> {
        let engine = self.inner.engine.load();
        let mut lags = members::lags(&engine.raft.metrics().borrow_watched()).unwrap_or_default();
        lags.remove(&engine.options.node);
        lags
    }

    /// The state as of now: at home, it has every command that was answered here.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the store is closed.
    pub fn snapshot(&self) -> Result<ReadTransaction, StoreError> {
        self.inner.lasting.store.snapshot()
    }

    /// Where the group stands.
    #[must_use]
    pub fn metrics(&self) -> GroupMetrics {
        let (lasting, engine) = (&self.inner.lasting, self.inner.engine.load());
        let home = *lasting.home.borrow();
        let acked = engine.raft.data_metrics().borrow_watched().last_quorum_acked;
        let silent = acked.map(|acked| u64::try_from(acked.elapsed().as_millis()).unwrap_or(u64::MAX));
        GroupMetrics {
            first_index: engine.log.first_index(),
            last_index: engine.log.last_index(),
            applied_index: *lasting.marks.applied.borrow(),
            durable_index: lasting.durable.borrow().applied.map_or(0, |at| at.index),
            commands_waiting: engine.queue.max_capacity() - engine.queue.capacity(),
            commands: lasting.marks.commands.load(Ordering::Relaxed),
            entries: lasting.counts.entries.load(Ordering::Relaxed),
            term: home.term,
            home: home.home,
            is_home: home.is_home,
            quorum_silent_ms: silent,
        }
    }

    /// Takes no more commands, answers those that wait, and stops. The group can be opened again.
    pub async fn close(self) {
        let _changing = self.inner.changing.lock().await;
        let lasting = &self.inner.lasting;
        // Who waits for another home hears when the last follower of consensus has gone.
        let followed = lasting.home_sender.lock().take();
        drop(followed);
        let engine = self.inner.engine.load_full();
        engine.close().await;
        lasting.store.forget_durable(engine.options.id.0);
    }
}
