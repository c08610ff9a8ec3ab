//! From commands that wait to entries, and from entries to answers.
//!
//! The *proposer* takes everything that waits into one entry, as soon as an entry may be in
//! flight: it takes the permit first and drains the queue then, so that the batch holds all that
//! came meanwhile. No timer delays a lone command. The *answerer* hands out the answers in the
//! order of the entries. When the queue is closed and empty, the proposer ends, then the answerer,
//! which shuts consensus down.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use openraft::async_runtime::watch::WatchReceiver;
use openraft::errors::ClientWriteError;
use openraft::impls::ProgressResponder;
use openraft::raft::ClientWriteResult;
use openraft::{Instant as _, Raft, ServerState};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tokio::time::Instant;

use super::GroupOptions;
use super::batch::Batch;
use super::consensus::Consensus;
use super::error::ProposeError;
use super::network::GroupNetwork;
use super::state::{Gate, GroupState, Marks};
use crate::identity::NodeId;
use crate::machine::Machine;

/// How long to wait before consensus is asked again, when there is no home for a moment.
const HOMELESS_PAUSE: Duration = Duration::from_millis(2);

/// A command and who waits for its answer.
pub(super) struct Waiting<A> {
    pub(super) command: Bytes,
    pub(super) answer: oneshot::Sender<Result<A, ProposeError>>,
}

/// An entry that was proposed and is not answered.
pub(super) struct InFlight<A> {
    batch: Batch,
    callers: Vec<oneshot::Sender<Result<A, ProposeError>>>,
    completion: Completion,
    permit: OwnedSemaphorePermit,
}

type Completion = oneshot::Receiver<ClientWriteResult<Consensus>>;

/// What the proposer has done.
#[derive(Debug, Default)]
pub(super) struct ProposerCounts {
    pub(super) entries: AtomicU64,
}

/// See the module.
pub(super) struct Proposer<M: Machine> {
    pub(super) raft: Raft<Consensus, GroupState<M>>,
    pub(super) options: GroupOptions,
    pub(super) marks: Arc<Marks>,
    pub(super) counts: Arc<ProposerCounts>,
    pub(super) queue: mpsc::Receiver<Waiting<M::Answer>>,
    pub(super) closing: Arc<Notify>,
    pub(super) in_flight: mpsc::UnboundedSender<InFlight<M::Answer>>,
}

impl<M: Machine> Proposer<M> {
    pub(super) async fn run(mut self) {
        let permits = Arc::new(Semaphore::new(self.options.entries_in_flight_max));
        // What was taken from the queue and does not fit the entry at hand. No more than one
        // entry's worth.
        let mut taken = VecDeque::new();
        let mut stamped_ms = 0;
        // The semaphore is never closed, so the permit always comes.
        while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
            if taken.is_empty() && !self.take_waiting(&mut taken).await {
                return;
            }
            let waiting = self.next_entry(&mut taken);
            stamped_ms = self.stamp(stamped_ms);
            self.propose(waiting, stamped_ms, permit).await;
        }
    }

    /// Waits for commands and takes all that are there. `false` when the queue is closed and empty.
    async fn take_waiting(&mut self, taken: &mut VecDeque<Waiting<M::Answer>>) -> bool {
        let mut commands = Vec::new();
        let count = tokio::select! {
            biased;
            () = self.closing.notified() => {
                self.queue.close();
                self.queue.recv_many(&mut commands, self.options.entry_commands_max).await
            }
            count = self.queue.recv_many(&mut commands, self.options.entry_commands_max) => count,
        };
        taken.extend(commands);
        count > 0
    }

    /// The commands of one entry: as many as its bounds allow, at least one.
    fn next_entry(&self, taken: &mut VecDeque<Waiting<M::Answer>>) -> Vec<Waiting<M::Answer>> {
        let mut bytes = 0;
        let mut count = 0;
        for waiting in taken.iter() {
            bytes += waiting.command.len();
            if count > 0 && bytes > self.options.entry_bytes_max {
                break;
            }
            count += 1;
        }
        taken.drain(..count).collect()
    }

    /// The time for the next entry: never lower than one before, in this node or in the state.
    fn stamp(&self, stamped_ms: u64) -> u64 {
        let state_ms = self.marks.now_ms.load(Ordering::Acquire);
        (self.options.clock)().max(stamped_ms).max(state_ms)
    }

    async fn propose(&self, waiting: Vec<Waiting<M::Answer>>, now_ms: u64, permit: OwnedSemaphorePermit) {
        let batch = Batch::new(now_ms, waiting.iter().map(|waiting| &waiting.command));
        let callers = waiting.into_iter().map(|waiting| waiting.answer).collect();
        self.counts.entries.fetch_add(1, Ordering::Relaxed);
        match submit(&self.raft, &batch).await {
            Some(completion) => {
                // The answerer ends after the proposer.
                let _ = self.in_flight.send(InFlight { batch, callers, completion, permit });
            }
            None => refuse(callers, ProposeError::Stopped),
        }
    }
}

/// Hands a batch to consensus; `None` when consensus has stopped, and has not taken it.
async fn submit<M: Machine>(raft: &Raft<Consensus, GroupState<M>>, batch: &Batch) -> Option<Completion> {
    let (responder, completion) = ProgressResponder::complete_only();
    raft.client_write_ff(batch.clone(), Some(responder)).await.ok()?;
    Some(completion)
}

fn refuse<A>(callers: Vec<oneshot::Sender<Result<A, ProposeError>>>, why: ProposeError) {
    for caller in callers {
        // A caller may have gone.
        let _ = caller.send(Err(why));
    }
}

/// See the module.
pub(super) struct Answerer<M: Machine> {
    pub(super) raft: Raft<Consensus, GroupState<M>>,
    pub(super) gate: Arc<Gate>,
    pub(super) marks: Arc<Marks>,
    pub(super) network: Arc<GroupNetwork>,
    pub(super) options: GroupOptions,
    pub(super) in_flight: mpsc::UnboundedReceiver<InFlight<M::Answer>>,
    pub(super) readers_closing: Arc<Notify>,
    pub(super) finished: watch::Sender<bool>,
}

impl<M: Machine> Answerer<M> {
    pub(super) async fn run(mut self) {
        while let Some(in_flight) = self.in_flight.recv().await {
            self.answer(in_flight).await;
        }
        self.network.leave(self.options.id);
        self.readers_closing.notify_one();
        if let Err(error) = self.raft.shutdown().await {
            tracing::warn!(group = %self.options.id, %error, "consensus did not stop in order");
        }
        // Consensus does not wait for what applies its entries.
        self.gate.shut().await;
        self.finished.send_replace(true);
    }

    async fn answer(&self, in_flight: InFlight<M::Answer>) {
        let InFlight { batch, callers, completion, permit } = in_flight;
        let outcome = self.outcome(&batch, completion).await;
        drop(permit);
        match outcome {
            Ok(answers) => {
                debug_assert_eq!(answers.len(), callers.len());
                for (caller, answer) in callers.into_iter().zip(answers) {
                    // A caller may have gone.
                    let _ = caller.send(Ok(answer));
                }
            }
            Err(why) => refuse(callers, why),
        }
    }

    /// Waits for the entry's answers. While nobody is home for a moment, consensus refuses before
    /// it appends, so the batch is handed in again; not for longer than an election takes.
    async fn outcome(
        &self,
        batch: &Batch,
        mut completion: Completion,
    ) -> Result<Vec<M::Answer>, ProposeError> {
        let mut homeless_since: Option<Instant> = None;
        loop {
            let refusal = match self.completed(&mut completion).await {
                Some(Ok(Ok(written))) => return Ok(written.data.take()),
                Some(Ok(Err(ClientWriteError::ForwardToLeader(refusal)))) => refusal,
                Some(Ok(Err(
                    ClientWriteError::LogEntryDiscarded(_)
                    | ClientWriteError::ChangeMembershipError(_)
                    | ClientWriteError::PreconditionFailed(_),
                )))
                | Some(Err(_))
                | None => return Err(ProposeError::OutcomeUnknown),
            };
            let elsewhere: Option<NodeId> = refusal.leader_id.filter(|home| *home != self.options.node);
            let since = *homeless_since.get_or_insert_with(Instant::now);
            if elsewhere.is_some() || since.elapsed() > self.options.patience() {
                return Err(ProposeError::NotHome { home: elsewhere });
            }
            tokio::time::sleep(HOMELESS_PAUSE).await;
            completion = submit(&self.raft, batch).await.ok_or(ProposeError::Stopped)?;
        }
    }
    /// What consensus says of an entry; none when it has been silent for long, and this node is no home that a quorum
    /// follows. The entry stays in the log then, and may be carried out when this node hears of the others again.
    async fn completed(
        &self,
        completion: &mut Completion,
    ) -> Option<Result<ClientWriteResult<Consensus>, oneshot::error::RecvError>> {
        loop {
            match tokio::time::timeout(self.options.patience(), &mut *completion).await {
                Ok(completed) => return Some(completed),
                Err(_elapsed) if self.is_followed() => {}
                Err(_elapsed) => return None,
            }
        }
    }

    /// Whether this node is home, and a quorum said so not long ago.
    fn is_followed(&self) -> bool {
        if !self.marks.has_replicas() {
            return true;
        }
        let is_home = self.raft.server_metrics().borrow_watched().state == ServerState::Leader;
        let acked = self.raft.data_metrics().borrow_watched().last_quorum_acked;
        is_home && acked.is_some_and(|acked| acked.elapsed() < self.options.patience())
    }
}
