//! The replica's side of a snapshot.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use openraft::Raft;
use openraft::storage::{Snapshot, SnapshotMeta};
use parking_lot::Mutex;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use super::super::consensus::{Consensus, ConsensusVote, decode_membership, log_id, point};
use super::super::members::Members;
use super::super::network::wire::{Garbage, Refusal, WireVote};
use super::super::state::{GroupState, Marks, Running};
use super::tables::{SnapshotTable, Tables, next_row};
use super::{END, GroupSnapshot, Head, PIECE_PATIENCE, ROWS, SnapshotAnswer};
use crate::identity::{GroupId, NodeId};
use crate::machine::{Machine, MachineError};
use crate::store::progress::Progress;
use crate::store::state::{GroupProgress, StateJob};
use crate::store::{Store, StoreError};
use crate::transport::{Duplex, FrameReceiver, TransportError};

/// Takes snapshots for a group, one at a time.
pub(in crate::group) struct Receiver<M: Machine> {
    pub(in crate::group) store: Store,
    pub(in crate::group) group: GroupId,
    pub(in crate::group) tables: Tables,
    pub(in crate::group) running: Arc<Mutex<Running<M>>>,
    /// Held from the first piece of a snapshot until it is installed, or given up.
    pub(in crate::group) busy: tokio::sync::Mutex<()>,
}

/// Why a snapshot was not taken. The group's state is as it was.
#[derive(Debug, thiserror::Error)]
enum ReceiveError {
    #[error(transparent)]
    Garbage(#[from] Garbage),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("table {0} is not one of this version's, or has other rows")]
    Table(String),
    #[error("{came} of {announced} rows came")]
    Incomplete { came: u64, announced: u64 },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("consensus has stopped")]
    Stopped,
}

impl<M: Machine> Receiver<M> {
    /// Takes a snapshot of which the head came, and installs it if it is newer than the state.
    pub(in crate::group) async fn receive(
        &self,
        raft: &Raft<Consensus, GroupState<M>>,
        from: NodeId,
        head: Head,
        stream: &mut Duplex,
    ) -> SnapshotAnswer {
        let _busy = self.busy.lock().await;
        let taken = self.take(raft, from, head, stream.receiver.as_mut()).await;
        match taken {
            Ok(vote) => SnapshotAnswer::Done(WireVote::new(&vote)),
            Err(error) => {
                tracing::warn!(group = %self.group, %from, %error, "a snapshot was not taken");
                SnapshotAnswer::Refused(match error {
                    ReceiveError::Store(_) | ReceiveError::Stopped => Refusal::Stopped,
                    ReceiveError::Garbage(_)
                    | ReceiveError::Transport(_)
                    | ReceiveError::Table(_)
                    | ReceiveError::Incomplete { .. } => Refusal::Unreadable,
                })
            }
        }
    }

    async fn take(
        &self,
        raft: &Raft<Consensus, GroupState<M>>,
        from: NodeId,
        head: Head,
        pieces: &mut dyn FrameReceiver,
    ) -> Result<ConsensusVote, ReceiveError> {
        let vote = head.vote.read_of(from)?;
        let (progress, meta) = read_head(&head, &vote)?;
        let known = raft.with_raft_state(|state| (*state.vote_ref(), state.local_committed().copied()));
        let (own_vote, committed) = known.await.map_err(|_stopped| ReceiveError::Stopped)?;
        if own_vote > vote {
            return Ok(own_vote);
        }
        if meta.last_log_id <= committed {
            return Ok(vote);
        }
        let tables = self.tables_of(&head)?;
        self.run(Import::Clear).await?;
        let result = self.take_pieces(&tables, pieces).await;
        if let Err(error) = result {
            self.run(Import::Clear).await?;
            return Err(error);
        }
        let snapshot = Snapshot { meta, snapshot: GroupSnapshot::Arrived(progress) };
        let installed = raft.install_full_snapshot(vote, snapshot).await;
        let response = installed.map_err(|_stopped| ReceiveError::Stopped)?;
        // Consensus may have got the entries otherwise meanwhile, and not have used it.
        self.run(Import::Clear).await?;
        Ok(response.vote)
    }

    /// This node's tables in the order of the sender's.
    fn tables_of(&self, head: &Head) -> Result<Vec<Arc<dyn SnapshotTable>>, ReceiveError> {
        let own: BTreeMap<String, _> = self.tables.iter().map(|table| (table.head().name, table)).collect();
        let tables = head.tables.iter().map(|wanted| {
            let table = own.get(&wanted.name).filter(|table| table.head() == *wanted);
            table.map(|table| Arc::clone(table)).ok_or_else(|| ReceiveError::Table(wanted.name.clone()))
        });
        tables.collect()
    }

    async fn take_pieces(
        &self,
        tables: &[Arc<dyn SnapshotTable>],
        pieces: &mut dyn FrameReceiver,
    ) -> Result<(), ReceiveError> {
        let mut came = 0;
        loop {
            let piece = tokio::time::timeout(PIECE_PATIENCE, pieces.receive()).await;
            let piece = piece.map_err(|_elapsed| Garbage::Short)??;
            let mut piece = piece.ok_or(Garbage::Short)?;
            match piece.first() {
                Some(&ROWS) if piece.len() >= 5 => {
                    piece.advance(1);
                    let table = tables.get(piece.get_u32_le() as usize).ok_or(Garbage::Contradiction)?;
                    came += check_rows(table.as_ref(), piece.clone())?;
                    self.run(Import::Rows { table: Arc::clone(table), rows: piece }).await?;
                }
                Some(&END) if piece.len() == 9 => {
                    piece.advance(1);
                    let announced = piece.get_u64_le();
                    let is_whole = came == announced;
                    return is_whole.then_some(()).ok_or(ReceiveError::Incomplete { came, announced });
                }
                Some(_) | None => return Err(Garbage::Unreadable.into()),
            }
        }
    }

    async fn run(&self, import: Import) -> Result<(), StoreError> {
        let (done, imported) = oneshot::channel();
        let running = Arc::clone(&self.running);
        let tables = Arc::clone(&self.tables);
        self.store.send_state(Box::new(ImportJob { group: self.group, running, tables, import, done }))?;
        let broken = |_dropped| self.store.failure().map_or(StoreError::Closed, StoreError::Broken);
        imported.await.map_err(broken)
    }
}

/// What consensus takes for granted of a snapshot is checked here.
fn read_head(head: &Head, vote: &ConsensusVote) -> Result<(Progress, Meta), Garbage> {
    let at = head.at.read();
    if at.leader_id.term > vote.leader_id.term || !vote.committed {
        return Err(Garbage::Contradiction);
    }
    let applied = Some(point(&at));
    let progress =
        Progress { applied, now_ms: head.now_ms, membership: head.membership.clone(), arrived: applied };
    let last_membership = decode_membership(&progress).map_err(|_damage| Garbage::Unreadable)?;
    if last_membership.log_id().is_some_and(|changed| changed > at) {
        return Err(Garbage::Contradiction);
    }
    Ok((progress, SnapshotMeta { last_log_id: Some(at), last_membership }))
}

type Meta = SnapshotMeta<super::super::consensus::CommittedLeader, NodeId, openraft::BasicNode>;

fn check_rows(table: &dyn SnapshotTable, mut rows: Bytes) -> Result<u64, Garbage> {
    let mut count = 0;
    while !rows.is_empty() {
        let (key, value) = next_row(&mut rows).ok_or(Garbage::Short)?;
        if !table.takes(&key, &value) {
            return Err(Garbage::Unreadable);
        }
        count += 1;
    }
    Ok(count)
}

enum Import {
    Clear,
    Rows { table: Arc<dyn SnapshotTable>, rows: Bytes },
}

/// Writes beside the group's tables, which stay as they are.
struct ImportJob<M> {
    group: GroupId,
    running: Arc<Mutex<Running<M>>>,
    tables: Tables,
    import: Import,
    done: oneshot::Sender<()>,
}

impl<M: Machine> StateJob for ImportJob<M> {
    fn apply(&mut self, state: &WriteTransaction) -> Result<GroupProgress, MachineError> {
        match &mut self.import {
            Import::Clear => {
                for table in self.tables.iter() {
                    table.clear_incoming(state)?;
                }
            }
            Import::Rows { table, rows } => table.insert_incoming(state, std::mem::take(rows))?,
        }
        let progress = self.running.lock().progress.clone();
        Ok(GroupProgress { group: self.group.0, progress })
    }

    fn committed(self: Box<Self>) {
        // Who received may have been torn down.
        let _ = self.done.send(());
    }
}

/// Puts what arrived in place of the group's state, and brings it to the disk.
pub(in crate::group) async fn install<M: Machine>(
    state: &GroupState<M>,
    progress: Progress,
) -> io::Result<()> {
    let (done, installed) = oneshot::channel();
    let job = InstallJob {
        group: state.group,
        running: Arc::clone(&state.running),
        tables: Arc::clone(&state.tables),
        marks: Arc::clone(&state.marks),
        members: Members::new(&decode_membership(&progress).map_err(io::Error::other)?),
        node: state.node,
        progress: progress.clone(),
        done,
    };
    state.store.send_state(Box::new(job)).map_err(|_closed| state.stopped())?;
    installed.await.map_err(|_dropped| state.stopped())?;
    // Consensus purges the log next: without the log, the state has to be on the disk.
    state.store.sync_state().await.map_err(|_closed| state.stopped())?;
    tracing::info!(group = %state.group, at = ?progress.applied.map(log_id), "the home's state was installed");
    Ok(())
}

struct InstallJob<M: Machine> {
    group: GroupId,
    running: Arc<Mutex<Running<M>>>,
    tables: Tables,
    marks: Arc<Marks>,
    members: Members,
    node: NodeId,
    progress: Progress,
    done: oneshot::Sender<()>,
}

impl<M: Machine> StateJob for InstallJob<M> {
    fn apply(&mut self, state: &WriteTransaction) -> Result<GroupProgress, MachineError> {
        for table in self.tables.iter() {
            table.replace(state)?;
        }
        self.progress.write(state, self.group.0)?;
        let mut running = self.running.lock();
        running.machine.open(state)?;
        running.progress = self.progress.clone();
        Ok(GroupProgress { group: self.group.0, progress: self.progress.clone() })
    }

    fn committed(self: Box<Self>) {
        self.running.lock().machine.committed();
        self.marks.now_ms.store(self.progress.now_ms, std::sync::atomic::Ordering::Release);
        self.marks.note_members(self.members, self.node);
        self.marks.applied.send_replace(self.progress.applied.map_or(0, |at| at.index));
        // Consensus may have stopped waiting, when it shuts down.
        let _ = self.done.send(());
    }
}
