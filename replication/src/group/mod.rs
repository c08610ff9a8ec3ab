//! Groups: replicated logs with a machine on top, sharing the node's store.

mod batch;
mod consensus;
mod error;
mod log;
mod network;
mod proposer;
mod state;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use openraft::errors::{ClientWriteError, RaftError};
use openraft::{BasicNode, Config, Raft, SnapshotPolicy};
use redb::ReadTransaction;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use self::consensus::{Consensus, decode_membership};
use self::log::GroupLog;
use self::network::NoNetwork;
use self::proposer::{Answerer, Proposer, ProposerCounts, Waiting};
use self::state::{GroupState, Marks, open_machine};
use crate::identity::{GroupId, NodeId};
use crate::machine::Machine;
use crate::store::log::LogFound;
use crate::store::progress::Progress;
use crate::store::{Store, StoreError};

pub use self::error::{GroupError, ProposeError};

/// The longest command, in bytes: what any request may carry, and then some.
const COMMAND_BYTES_MAX: usize = 16 << 20;
/// How long to wait before consensus is asked again, while a group opens.
const OPENING_PAUSE: Duration = Duration::from_millis(1);

/// How a group runs on this node.
#[derive(Clone)]
pub struct GroupOptions {
    /// The group.
    pub id: GroupId,
    /// This node.
    pub node: NodeId,
    /// How many commands may wait; one more is refused with [`ProposeError::Overloaded`].
    pub commands_waiting_max: usize,
    /// Milliseconds since 1970. It may stand still or jump back; stamped times do not.
    pub clock: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// How many commands one entry holds at most.
    pub entry_commands_max: usize,
    /// How many bytes of commands one entry holds at most; a longer command has its own entry.
    pub entry_bytes_max: usize,
    /// How many entries may be proposed and not answered.
    pub entries_in_flight_max: usize,
    /// How many entries stay in the log behind what the state has on the disk, for replicas that
    /// are behind.
    pub log_entries_kept: u64,
    /// How often the home tells the others that it is there.
    pub heartbeat_interval: Duration,
    /// After this long without the home, at the earliest, another node stands for election.
    pub election_timeout_min: Duration,
    /// After this long, at the latest; also how long a home's lease lasts.
    pub election_timeout_max: Duration,
}

impl GroupOptions {
    /// The group on this node, with everything else at its default.
    #[must_use]
    pub fn new(id: GroupId, node: NodeId, clock: Arc<dyn Fn() -> u64 + Send + Sync>) -> Self {
        Self {
            id,
            node,
            commands_waiting_max: 16_384,
            clock,
            entry_commands_max: 4096,
            entry_bytes_max: 1 << 20,
            entries_in_flight_max: 2,
            log_entries_kept: 256,
            heartbeat_interval: Duration::from_millis(50),
            election_timeout_min: Duration::from_millis(150),
            election_timeout_max: Duration::from_millis(300),
        }
    }

    /// How long a command waits while nobody is home: an election and a lease.
    fn homeless_max(&self) -> Duration {
        self.election_timeout_max * 4
    }

    fn consensus(&self) -> Result<Config, GroupError> {
        let config = Config {
            cluster_name: self.id.to_string(),
            heartbeat_interval: milliseconds(self.heartbeat_interval),
            election_timeout_min: milliseconds(self.election_timeout_min),
            election_timeout_max: milliseconds(self.election_timeout_max),
            // The state on the disk is the snapshot; the group says when there is a later one.
            snapshot_policy: SnapshotPolicy::Never,
            max_in_snapshot_log_to_keep: self.log_entries_kept,
            enable_pre_vote: Some(true),
            enable_leader_restore: Some(false),
            ..Config::default()
        };
        config.validate().map_err(|error| GroupError::Timeouts { group: self.id, reason: error.to_string() })
    }
}

impl fmt::Debug for GroupOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupOptions").field("id", &self.id).field("node", &self.node).finish_non_exhaustive()
    }
}

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
}

/// A replicated log with the machine on top. Clones are handles on the same one.
pub struct Group<M: Machine> {
    inner: Arc<Inner<M>>,
}

struct Inner<M: Machine> {
    store: Store,
    options: GroupOptions,
    queue: mpsc::Sender<Waiting<M::Answer>>,
    closing: Arc<Notify>,
    finished: watch::Receiver<bool>,
    log: GroupLog,
    marks: Arc<Marks>,
    counts: Arc<ProposerCounts>,
    durable: watch::Receiver<Progress>,
}

impl<M: Machine> Clone for Group<M> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<M: Machine> fmt::Debug for Group<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({})", self.inner.options.id)
    }
}

impl<M: Machine> Group<M> {
    /// Opens the group, or founds it with this node as its one voter; applies what the log has
    /// above the state, and resolves when this node is home and takes commands.
    ///
    /// # Errors
    /// When the files are damaged, not this node's or not from the same moment, when the machine
    /// does not open, or when the store breaks.
    pub async fn open(store: &Store, options: GroupOptions, machine: M) -> Result<Self, GroupError> {
        let group = options.id;
        let store_error = |source| GroupError::Store { group, source };
        let config = options.consensus()?;
        let (running, progress) = open_machine(store, group, machine).await.map_err(store_error)?;
        let found = store.find_log(group.0).map_err(store_error)?;
        check_files(&options, &progress, &found)?;

        let stopped = |reason: String| GroupError::Stopped { group, reason };
        let log =
            GroupLog::new(store.clone(), group, &found).map_err(|damage| stopped(damage.to_string()))?;
        let marks = Arc::new(Marks::default());
        marks.now_ms.store(progress.now_ms, Ordering::Release);
        let durable = store.watch_durable(group.0, progress);
        let state = GroupState {
            store: store.clone(),
            group,
            log: log.clone(),
            running,
            durable: durable.clone(),
            marks: Arc::clone(&marks),
        };
        let raft = Raft::new(options.node, Arc::new(config), NoNetwork, log.clone(), state)
            .await
            .map_err(|error| stopped(error.to_string()))?;
        if let Err(reason) = come_home(&raft, options.node).await {
            // It stops anyway; the first reason is the one to tell.
            let _ = raft.shutdown().await;
            store.forget_durable(group.0);
            return Err(store.failure().map_or_else(|| stopped(reason), |broken| store_error(broken.into())));
        }
        Ok(Self::start(store, options, &raft, log, marks, durable))
    }

    fn start(
        store: &Store,
        options: GroupOptions,
        raft: &Raft<Consensus, GroupState<M>>,
        log: GroupLog,
        marks: Arc<Marks>,
        durable: watch::Receiver<Progress>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(options.commands_waiting_max.max(1));
        let (in_flight, answering) = mpsc::unbounded_channel();
        let (finished_sender, finished) = watch::channel(false);
        let closing = Arc::new(Notify::new());
        let counts = Arc::new(ProposerCounts::default());
        let proposer = Proposer {
            raft: raft.clone(),
            options: options.clone(),
            marks: Arc::clone(&marks),
            counts: Arc::clone(&counts),
            queue: waiting,
            closing: Arc::clone(&closing),
            in_flight,
        };
        let answerer = Answerer {
            raft: raft.clone(),
            store: store.clone(),
            options: options.clone(),
            in_flight: answering,
            finished: finished_sender,
        };
        tokio::spawn(proposer.run());
        tokio::spawn(answerer.run());
        tokio::spawn(purge_behind(raft.clone(), durable.clone()));
        let store = store.clone();
        Self {
            inner: Arc::new(Inner { store, options, queue, closing, finished, log, marks, counts, durable }),
        }
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
        let (answer, answered) = oneshot::channel();
        self.inner.queue.try_send(Waiting { command, answer }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => ProposeError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => ProposeError::Stopped,
        })?;
        // Whoever holds the other end answers, unless the runtime is torn down around it.
        answered.await.unwrap_or(Err(ProposeError::OutcomeUnknown))
    }

    /// The state as of now: it has every command that was answered.
    ///
    /// # Errors
    /// [`StoreError::Closed`] when the store is closed.
    pub fn snapshot(&self) -> Result<ReadTransaction, StoreError> {
        self.inner.store.snapshot()
    }

    /// Where the group stands.
    #[must_use]
    pub fn metrics(&self) -> GroupMetrics {
        let inner = &self.inner;
        GroupMetrics {
            first_index: inner.log.first_index(),
            last_index: inner.log.last_index(),
            applied_index: inner.marks.applied_index.load(Ordering::Acquire),
            durable_index: inner.durable.borrow().applied.map_or(0, |at| at.index),
            commands_waiting: inner.queue.max_capacity() - inner.queue.capacity(),
            commands: inner.marks.commands.load(Ordering::Relaxed),
            entries: inner.counts.entries.load(Ordering::Relaxed),
        }
    }

    /// Takes no more commands, answers those that wait, and stops. The group can be opened again.
    pub async fn close(self) {
        self.inner.closing.notify_one();
        let mut finished = self.inner.finished.clone();
        // An error means that the runtime tore the tasks down, which is finished too.
        let _ = finished.wait_for(|finished| *finished).await;
    }
}

/// Makes this node, the one voter, the home: founds the group or elects itself, and waits until an
/// entry of its own went through log and state. By then all earlier entries are applied.
async fn come_home<M: Machine>(raft: &Raft<Consensus, GroupState<M>>, node: NodeId) -> Result<(), String> {
    let is_founded = raft.is_initialized().await.map_err(|error| error.to_string())?;
    if is_founded {
        // Nobody else can be home, so there is no timeout to wait for.
        raft.trigger().elect(false).await.map_err(|error| error.to_string())?;
    } else {
        let founder = BTreeMap::from([(node, BasicNode::new(""))]);
        raft.initialize(founder).await.map_err(|error| error.to_string())?;
    }
    loop {
        match raft.write_blank().await {
            Ok(_) => return Ok(()),
            Err(RaftError::APIError(ClientWriteError::ForwardToLeader(_))) => {
                tokio::time::sleep(OPENING_PAUSE).await;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Tells consensus each time more of the state is on the disk, so that it purges the log behind.
async fn purge_behind<M: Machine>(
    raft: Raft<Consensus, GroupState<M>>,
    mut durable: watch::Receiver<Progress>,
) {
    while durable.changed().await.is_ok() {
        if raft.trigger().snapshot().await.is_err() {
            return;
        }
    }
}

/// The two files have to be from the same moment, and this node's.
fn check_files(options: &GroupOptions, progress: &Progress, found: &LogFound) -> Result<(), GroupError> {
    let group = options.id;
    let applied = progress.applied.map_or(0, |at| at.index);
    let disagree = |log: String| Err(GroupError::FilesDisagree { group, applied, log });
    if progress.applied > found.last {
        return disagree(
            found.last.map_or("is empty".to_owned(), |last| format!("ends at entry {}", last.index)),
        );
    }
    if let Some(purged) = found.purged.filter(|purged| Some(*purged) > progress.applied) {
        return disagree(format!("begins after entry {}", purged.index));
    }
    let membership = decode_membership(progress).map_err(|damage| GroupError::Stopped {
        group,
        reason: format!("its membership is damaged: {damage}"),
    })?;
    let members: Vec<_> = membership.nodes().map(|(id, _)| *id).collect();
    if !members.is_empty() && !members.contains(&options.node) {
        let members = members.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(GroupError::NotMember { group, node: options.node, members });
    }
    Ok(())
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
