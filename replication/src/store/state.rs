//! `state.redb`: the state of all groups, by one thread.
//!
//! The thread takes every job that waits, whatever its group, into one write transaction that is
//! not synced (`Durability::None`): the log has the entries, so a crash replays them. Every sync
//! interval an empty transaction with `Durability::Immediate` and quick repair brings all of it to
//! the disk; the groups hear what is durable and may purge their logs up to there. Each
//! transaction holds the groups' progress beside their state, so that whatever survives a crash
//! knows which entries it has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use redb::{Database, Durability, WriteTransaction};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Volume;
use super::drive::{Drive, Jobs, Next, Step};
use super::error::StoreFailure;
use super::failure::FailureFlag;
use super::progress::Progress;
use crate::machine::MachineError;

/// How many jobs go into one transaction at most, to bound its answers' delay.
const JOBS_MAX: usize = 1024;

/// Work on a group's state. A job that is dropped without [`committed`](Self::committed) has
/// failed: whoever waits for it sees its channel close.
pub(crate) trait StateJob: Send {
    /// Writes into the transaction, the group's progress included, and says how far it has come.
    fn apply(&mut self, state: &WriteTransaction) -> Result<GroupProgress, MachineError>;

    /// The transaction is committed and visible to readers.
    fn committed(self: Box<Self>);
}

/// The progress of one group.
pub(crate) struct GroupProgress {
    pub(crate) group: u64,
    pub(crate) progress: Progress,
}

/// Where the groups hear what is durable.
pub(super) type DurableWatches = Arc<Mutex<BTreeMap<u64, watch::Sender<Progress>>>>;

/// Counts of the state's work.
#[derive(Debug, Default)]
pub(super) struct StateCounts {
    pub(super) commits: AtomicU64,
    pub(super) syncs: AtomicU64,
}

/// What is sent to the thread.
pub(crate) enum StateMessage {
    Job(Box<dyn StateJob>),
    /// Bring everything to the disk at once; the sender hears when it is there.
    Sync(tokio::sync::oneshot::Sender<()>),
}

/// The work on `state.redb`.
pub(super) struct StateWork {
    pub(super) database: Arc<Database>,
    pub(super) failure: FailureFlag,
    pub(super) durable: DurableWatches,
    pub(super) counts: Arc<StateCounts>,
    pub(super) sync_interval: Duration,
    pub(super) drive: Drive,
}

/// What is committed but not on the disk yet.
#[derive(Default)]
struct Unsynced {
    progress: BTreeMap<u64, Progress>,
    /// When it has to be on the disk.
    due: Option<Instant>,
}

impl StateWork {
    /// Works until every sender is gone, or a transaction fails; brings everything to the disk at
    /// the end.
    pub(super) async fn run(self, mut messages: Jobs<StateMessage>) {
        let mut unsynced = Unsynced::default();
        if let Err(failure) = self.work(&mut messages, &mut unsynced).await {
            self.failure.raise(failure);
        }
    }

    async fn work(
        &self,
        messages: &mut Jobs<StateMessage>,
        unsynced: &mut Unsynced,
    ) -> Result<(), StoreFailure> {
        loop {
            let next = match unsynced.due {
                None => messages.next().await.map_or(Next::End, Next::Job),
                Some(due) => messages.next_until(due).await,
            };
            match next {
                Next::Job(message) => self.take(message, messages, unsynced).await?,
                Next::Due => self.sync(unsynced).await?,
                Next::End => return self.sync(unsynced).await,
            }
            if unsynced.due.is_some_and(|due| due <= Instant::now()) {
                self.sync(unsynced).await?;
            }
        }
    }

    async fn take(
        &self,
        first: StateMessage,
        messages: &mut Jobs<StateMessage>,
        unsynced: &mut Unsynced,
    ) -> Result<(), StoreFailure> {
        let mut jobs = Vec::new();
        let mut waiting_for_sync = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                StateMessage::Job(job) => jobs.push(job),
                StateMessage::Sync(done) => waiting_for_sync.push(done),
            }
            next = if jobs.len() < JOBS_MAX { messages.waiting() } else { None };
        }
        if !jobs.is_empty() {
            self.drive.reached(Step::StateTaken).await;
            let jobs = self.commit(jobs, unsynced)?;
            self.drive.reached(Step::StateCommitted).await;
            for job in jobs {
                job.committed();
                self.drive.reached(Step::StateTold).await;
            }
        }
        if !waiting_for_sync.is_empty() {
            self.sync(unsynced).await?;
            for done in waiting_for_sync {
                // Who does not wait any more does not need to know.
                let _ = done.send(());
            }
        }
        Ok(())
    }

    fn commit(
        &self,
        mut jobs: Vec<Box<dyn StateJob>>,
        unsynced: &mut Unsynced,
    ) -> Result<Vec<Box<dyn StateJob>>, StoreFailure> {
        let mut state = self.database.begin_write().map_err(broken)?;
        state.set_durability(Durability::None).map_err(broken)?;
        let mut come = Vec::with_capacity(jobs.len());
        for job in &mut jobs {
            let progress =
                job.apply(&state).map_err(|error| StoreFailure::Machine { reason: error.chain() })?;
            come.push(progress);
        }
        state.commit().map_err(broken)?;
        self.counts.commits.fetch_add(1, Ordering::Relaxed);
        for GroupProgress { group, progress } in come {
            unsynced.progress.insert(group, progress);
        }
        unsynced.due.get_or_insert_with(|| Instant::now() + self.sync_interval);
        Ok(jobs)
    }

    /// Brings what is committed to the disk, and tells the groups.
    async fn sync(&self, unsynced: &mut Unsynced) -> Result<(), StoreFailure> {
        if unsynced.due.take().is_none() {
            return Ok(());
        }
        self.drive.reached(Step::StateSyncing).await;
        let mut state = self.database.begin_write().map_err(broken)?;
        state.set_durability(Durability::Immediate).map_err(broken)?;
        state.set_quick_repair(true);
        state.commit().map_err(broken)?;
        self.counts.syncs.fetch_add(1, Ordering::Relaxed);
        self.drive.reached(Step::StateSynced).await;
        let watches = self.durable.lock();
        for (group, progress) in std::mem::take(&mut unsynced.progress) {
            if let Some(watch) = watches.get(&group) {
                watch.send_replace(progress);
            }
        }
        Ok(())
    }
}

fn broken(error: impl Into<redb::Error>) -> StoreFailure {
    StoreFailure::Storage { volume: Volume::State, reason: error.into().to_string() }
}
