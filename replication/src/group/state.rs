//! The group's state, as consensus wants it, over the store's state thread.
//!
//! There is no snapshot to build: the state that is on the disk is one. Consensus is told of it so
//! that it purges the log behind it. What a replica gets that is too far behind is the state as of
//! the moment when it is asked for; see [`snapshot`](super::snapshot).

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{Stream, TryStreamExt};
use openraft::storage::{
    ApplyResponder, EntryResponder, RaftSnapshotBuilder, RaftStateMachine, Snapshot, SnapshotMeta,
};
use openraft::{BasicNode, EntryPayload, OptionalSend, StoredMembership};
use parking_lot::Mutex;
use redb::WriteTransaction;
use tokio::sync::{oneshot, watch};

use super::consensus::{
    Answers, CommittedLeader, Consensus, ConsensusEntry, ConsensusLogId, ConsensusMembership,
    decode_membership, encode_membership, log_id, point,
};
use super::log::GroupLog;
use super::members::Members;
use super::snapshot::{Export, GroupSnapshot, Tables, install, tables_of};
use crate::identity::{GroupId, NodeId};
use crate::machine::{Machine, MachineError, Position};
use crate::store::progress::Progress;
use crate::store::state::{GroupProgress, StateJob};
use crate::store::{Sabotage, Store, StoreError};

/// The machine with what is around it. Only the state thread's jobs lock it for long, and one at
/// a time, so the lock is not waited for.
pub(super) struct Running<M> {
    pub(super) machine: M,
    pub(super) progress: Progress,
}

/// A group's state; what consensus applies to.
pub(super) struct GroupState<M: Machine> {
    pub(super) store: Store,
    pub(super) group: GroupId,
    pub(super) node: NodeId,
    pub(super) log: GroupLog,
    pub(super) running: Arc<Mutex<Running<M>>>,
    pub(super) tables: Tables,
    pub(super) durable: watch::Receiver<Progress>,
    pub(super) marks: Arc<Marks>,
    pub(super) gate: Arc<Gate>,
}

/// Through which all of one consensus' writes to the state go. When it is shut, none is under way, and none comes any
/// more: another consensus may begin.
#[derive(Debug, Default)]
pub(super) struct Gate {
    is_shut: tokio::sync::RwLock<bool>,
}

impl Gate {
    /// Lets a write through, which is under way as long as the guard is held.
    async fn pass(&self) -> Result<tokio::sync::RwLockReadGuard<'_, bool>, io::Error> {
        let is_shut = self.is_shut.read().await;
        if *is_shut { Err(io::Error::other("the group is closed")) } else { Ok(is_shut) }
    }

    /// Waits until nothing is under way, and lets nothing through from then on.
    pub(super) async fn shut(&self) {
        *self.is_shut.write().await = true;
    }
}

/// What the rest of the group reads of its state, without a lock.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The last entry in the state.
    pub(super) applied: watch::Sender<u64>,
    /// No later entry is stamped with less.
    pub(super) now_ms: AtomicU64,
    pub(super) commands: AtomicU64,
    pub(super) members: Mutex<Arc<Members>>,
    has_replicas: AtomicBool,
}

impl Marks {
    /// Whether the group has members beside this node.
    pub(super) fn has_replicas(&self) -> bool {
        self.has_replicas.load(Ordering::Acquire)
    }

    /// Notes who is in the group, as the state says.
    pub(super) fn note_members(&self, members: Members, node: NodeId) {
        let has_replicas = members.voters.iter().chain(&members.learners).any(|member| *member != node);
        self.has_replicas.store(has_replicas, Ordering::Release);
        *self.members.lock() = Arc::new(members);
    }
}

/// The machine broke its promise of one answer per command.
#[derive(Debug, thiserror::Error)]
#[error("the machine gave {answers} answers to the {commands} commands of entry {index}")]
struct AnswerCount {
    answers: usize,
    commands: usize,
    index: u64,
}

/// An entry's commands cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("entry {index} cannot be read: {reason}")]
struct EntryDamaged {
    index: u64,
    reason: String,
}

/// Opens the machine on the state thread.
pub(super) async fn open_machine<M: Machine>(
    store: &Store,
    group: GroupId,
    machine: M,
) -> Result<(Arc<Mutex<Running<M>>>, Progress, Tables), StoreError> {
    let running = Arc::new(Mutex::new(Running { machine, progress: Progress::default() }));
    let (done, opened) = oneshot::channel();
    let job = OpenJob { group, running: Arc::clone(&running), tables: None, done };
    store.send_state(Box::new(job))?;
    let failed = || store.failure().map_or(StoreError::Closed, StoreError::Broken);
    let (progress, tables) = opened.await.map_err(|_dropped| failed())?;
    // Only what is on the disk may count as such from here on.
    store.sync_state().await.map_err(|_closed| failed())?;
    Ok((running, progress, tables))
}

struct OpenJob<M> {
    group: GroupId,
    running: Arc<Mutex<Running<M>>>,
    tables: Option<Tables>,
    done: oneshot::Sender<(Progress, Tables)>,
}

impl<M: Machine> StateJob for OpenJob<M> {
    fn apply(&mut self, state: &WriteTransaction) -> Result<GroupProgress, MachineError> {
        let progress = Progress::read(state, self.group.0)?;
        let mut running = self.running.lock();
        running.machine.open(state)?;
        running.progress = progress.clone();
        let tables = tables_of(&running.machine)?;
        for table in tables.iter() {
            // What a crash left of a snapshot that had not arrived whole.
            table.clear_incoming(state)?;
        }
        self.tables = Some(tables);
        Ok(GroupProgress { group: self.group.0, progress })
    }

    fn committed(self: Box<Self>) {
        let progress = self.running.lock().progress.clone();
        if let Some(tables) = self.tables {
            // Who opens may have given up.
            let _ = self.done.send((progress, tables));
        }
    }
}

/// Applies committed entries on the state thread.
struct ApplyJob<M: Machine> {
    group: GroupId,
    node: NodeId,
    members: Option<Members>,
    running: Arc<Mutex<Running<M>>>,
    marks: Arc<Marks>,
    entries: Vec<EntryResponder<Consensus>>,
    answered: Vec<(ApplyResponder<Consensus>, Answers)>,
    sabotage: Sabotage,
    done: oneshot::Sender<()>,
}

impl<M: Machine> StateJob for ApplyJob<M> {
    fn apply(&mut self, state: &WriteTransaction) -> Result<GroupProgress, MachineError> {
        let mut running = self.running.lock();
        for (entry, responder) in self.entries.drain(..) {
            if let EntryPayload::Membership(members) = &entry.payload {
                self.members = Some(Members::new(&StoredMembership::new(None, members.clone())));
            }
            let answers = running.apply(state, &entry, &self.marks)?;
            if self.sabotage.applied_twice {
                running.apply(state, &entry, &self.marks)?;
            }
            if let Some(responder) = responder {
                self.answered.push((responder, answers));
            }
        }
        let applied = running.progress.applied.map_or(0, |at| at.index);
        // An index of three is now and then.
        if !(self.sabotage.progress_unwritten && applied.is_multiple_of(3)) {
            running.progress.write(state, self.group.0)?;
        }
        Ok(GroupProgress { group: self.group.0, progress: running.progress.clone() })
    }

    fn committed(self: Box<Self>) {
        let mut running = self.running.lock();
        running.machine.committed();
        self.marks.now_ms.store(running.progress.now_ms, Ordering::Release);
        let applied = running.progress.applied.map_or(0, |at| at.index);
        drop(running);
        if let Some(members) = self.members {
            self.marks.note_members(members, self.node);
        }
        self.marks.applied.send_replace(applied);
        for (responder, answers) in self.answered {
            responder.send(answers);
        }
        // Consensus may have stopped waiting, when it shuts down.
        let _ = self.done.send(());
    }
}

impl<M: Machine> Running<M> {
    fn apply(
        &mut self,
        state: &WriteTransaction,
        entry: &ConsensusEntry,
        marks: &Marks,
    ) -> Result<Answers, MachineError> {
        let at = point(&entry.log_id);
        let answers = match &entry.payload {
            EntryPayload::Blank => Answers::none(),
            EntryPayload::Membership(members) => {
                let membership = StoredMembership::new(Some(log_id(at)), members.clone());
                self.progress.membership = encode_membership(&membership);
                Answers::none()
            }
            EntryPayload::Normal(batch) => {
                let (now_ms, commands) = batch
                    .read()
                    .map_err(|damage| EntryDamaged { index: at.index, reason: damage.to_string() })?;
                // A home stamps no lower than its state; this holds on every replica whatever a
                // home did.
                self.progress.now_ms = self.progress.now_ms.max(now_ms);
                let position = Position { index: at.index, now_ms: self.progress.now_ms };
                let mut answers = Vec::with_capacity(commands.len());
                self.machine.apply(state, position, &commands, &mut answers)?;
                if answers.len() != commands.len() {
                    let (answers, commands) = (answers.len(), commands.len());
                    return Err(AnswerCount { answers, commands, index: at.index }.into());
                }
                marks.commands.fetch_add(commands.len() as u64, Ordering::Relaxed);
                Answers::new(answers)
            }
        };
        self.progress.applied = Some(at);
        Ok(answers)
    }
}

impl<M: Machine> GroupState<M> {
    pub(super) fn stopped(&self) -> io::Error {
        io::Error::other(self.store.failure().map_or(StoreError::Closed, StoreError::Broken))
    }
}

impl<M: Machine> RaftStateMachine<Consensus> for GroupState<M> {
    type SnapshotData = GroupSnapshot;
    type SnapshotBuilder = DurableTeller;

    async fn applied_state(&mut self) -> Result<(Option<ConsensusLogId>, ConsensusMembership), io::Error> {
        let running = self.running.lock();
        let membership = decode_membership(&running.progress).map_err(io::Error::other)?;
        Ok((running.progress.applied.map(log_id), membership))
    }

    async fn apply<Strm>(&mut self, mut entries: Strm) -> Result<(), io::Error>
    where
        Strm: Stream<Item = Result<EntryResponder<Consensus>, io::Error>> + Unpin + OptionalSend,
    {
        let mut waiting = Vec::new();
        while let Some(entry) = entries.try_next().await? {
            waiting.push(entry);
        }
        let Some(last) = waiting.last().map(|(entry, _)| entry.log_id.index) else {
            return Ok(());
        };
        let _passing = self.gate.pass().await?;
        // The state must not outlive the log; see there.
        self.log.flushed_upto(last).await.map_err(|_closed| self.stopped())?;
        let (done, applied) = oneshot::channel();
        let job = ApplyJob {
            group: self.group,
            node: self.node,
            members: None,
            running: Arc::clone(&self.running),
            marks: Arc::clone(&self.marks),
            answered: Vec::with_capacity(waiting.len()),
            entries: waiting,
            sabotage: self.store.sabotage(),
            done,
        };
        self.store.send_state(Box::new(job)).map_err(|_closed| self.stopped())?;
        applied.await.map_err(|_dropped| self.stopped())?;
        self.log.applied_upto(last, self.marks.has_replicas());
        Ok(())
    }

    async fn try_create_snapshot_builder(&mut self, force: bool) -> Option<Self::SnapshotBuilder> {
        let nothing = self.durable.borrow().applied.is_none();
        (force || !nothing).then(|| DurableTeller(self.durable.clone()))
    }

    async fn get_snapshot_builder(&mut self) -> Self::SnapshotBuilder {
        DurableTeller(self.durable.clone())
    }

    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta<CommittedLeader, NodeId, BasicNode>,
        snapshot: GroupSnapshot,
    ) -> Result<(), io::Error> {
        match snapshot {
            GroupSnapshot::Arrived(progress) => {
                let gate = Arc::clone(&self.gate);
                let _passing = gate.pass().await?;
                install(self, progress).await
            }
            GroupSnapshot::Durable | GroupSnapshot::Export(_) => Err(io::Error::other(format!(
                "the snapshot at {meta} is this replica's own, and cannot be installed"
            ))),
        }
    }

    async fn get_current_snapshot(
        &mut self,
    ) -> Result<Option<Snapshot<CommittedLeader, NodeId, BasicNode, GroupSnapshot>>, io::Error> {
        let state = self.store.snapshot().map_err(io::Error::other)?;
        let chain = |error: MachineError| io::Error::other(error.chain());
        let export = Export::new(state, self.group, Arc::clone(&self.tables)).map_err(chain)?;
        export
            .map(|export| {
                Ok(Snapshot { meta: export.meta().map_err(chain)?, snapshot: GroupSnapshot::Export(export) })
            })
            .transpose()
    }
}

/// Tells consensus what is on the disk.
pub(super) struct DurableTeller(watch::Receiver<Progress>);

impl RaftSnapshotBuilder<Consensus> for DurableTeller {
    type SnapshotData = GroupSnapshot;

    async fn build_snapshot(
        &mut self,
    ) -> Result<Snapshot<CommittedLeader, NodeId, BasicNode, GroupSnapshot>, io::Error> {
        let progress = self.0.borrow().clone();
        let Some(applied) = progress.applied else {
            return Err(io::Error::other("nothing of this group's state is on the disk yet"));
        };
        let last_membership = decode_membership(&progress).map_err(io::Error::other)?;
        let meta = SnapshotMeta { last_log_id: Some(log_id(applied)), last_membership };
        Ok(Snapshot { meta, snapshot: GroupSnapshot::Durable })
    }
}
