//! What drives the commit pipeline: a thread for each file, or tasks for simulation.
//!
//! The work on a file is one async loop. On a thread of its own it never waits in a way that a
//! runtime would see: its receiver blocks, and there is no [`Pace`], so the loop is through at its
//! first poll. As a task, on one thread with everything else, the receiver yields, and the pace may
//! hold the loop up at each [`Step`], for as long as a disk would take, or for ever, as a crash
//! does.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc as tasks;
use tokio::time::Instant;

use super::Volume;
use super::failure::FailureFlag;

/// A point of the commit pipeline at which a simulation may hold it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Jobs for `log.redb` were taken; nothing is written.
    LogTaken,
    /// They are on the disk; nobody was told.
    LogWritten,
    /// One of their senders was told.
    LogTold,
    /// Jobs for `state.redb` were taken; nothing is applied.
    StateTaken,
    /// They are committed and not synced; nobody was told.
    StateCommitted,
    /// One of their senders was told.
    StateTold,
    /// The state is to be brought to the disk.
    StateSyncing,
    /// It is on the disk; no group was told.
    StateSynced,
}

impl Step {
    /// All steps.
    pub const ALL: [Self; 8] = [
        Self::LogTaken,
        Self::LogWritten,
        Self::LogTold,
        Self::StateTaken,
        Self::StateCommitted,
        Self::StateTold,
        Self::StateSyncing,
        Self::StateSynced,
    ];
}

/// How fast a simulated pipeline goes, and whether it goes on.
pub trait Pace: Send + Sync + 'static {
    /// The pipeline is at this step and goes on when the future is through.
    fn reached(&self, step: Step) -> BoxFuture<'static, ()>;
}

/// Mistakes that a simulation makes on purpose, to prove that its checks would see them. A store
/// on threads never makes any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sabotage {
    /// `log.redb` is committed without being synced.
    pub log_unsynced: bool,
    /// The groups' progress is left out of the state's transactions now and then, so that a
    /// restart applies entries again.
    pub progress_unwritten: bool,
    /// An entry's commands are applied two times.
    pub applied_twice: bool,
    /// A vote is granted whatever the term.
    pub term_ignored: bool,
    /// A node answers as the home without asking whether it still is.
    pub epoch_unchecked: bool,
}

/// A simulated drive: tasks of the current runtime.
#[derive(Clone)]
pub struct Tasks {
    /// How fast it goes.
    pub pace: Arc<dyn Pace>,
    /// What it does wrong.
    pub sabotage: Sabotage,
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tasks").field("sabotage", &self.sabotage).finish_non_exhaustive()
    }
}

/// What the two loops run on.
#[derive(Clone)]
pub(super) enum Drive {
    Threads,
    Tasks(Tasks),
}

impl Drive {
    pub(super) fn sabotage(&self) -> Sabotage {
        match self {
            Self::Threads => Sabotage::default(),
            Self::Tasks(tasks) => tasks.sabotage,
        }
    }

    /// A way for jobs to reach the loop.
    pub(super) fn channel<T>(&self) -> (JobSender<T>, Jobs<T>) {
        match self {
            Self::Threads => {
                let (sender, receiver) = mpsc::channel();
                (JobSender::Thread(sender), Jobs::Thread(receiver))
            }
            Self::Tasks(_) => {
                let (sender, receiver) = tasks::unbounded_channel();
                (JobSender::Task(sender), Jobs::Task(receiver))
            }
        }
    }

    /// Starts a loop. A panic in it, or its ending without being through, is raised as a failure.
    pub(super) fn start(
        &self,
        name: &str,
        volume: Volume,
        failure: &FailureFlag,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<Worker> {
        let failure = failure.clone();
        match self {
            Self::Threads => {
                let work = move || {
                    let _guard = failure.guard(volume);
                    let through = work.now_or_never();
                    // See the module: nothing that the loop awaits on a thread yields.
                    debug_assert!(through.is_some(), "a loop on a thread of its own yielded");
                };
                thread::Builder::new().name(name.to_owned()).spawn(work).map(Worker::Thread)
            }
            Self::Tasks(_) => Ok(Worker::Task(tokio::spawn(async move {
                let _guard = failure.guard(volume);
                work.await;
            }))),
        }
    }

    pub(super) async fn reached(&self, step: Step) {
        if let Self::Tasks(tasks) = self {
            tasks.pace.reached(step).await;
        }
    }
}

/// A loop that was started.
pub(super) enum Worker {
    Thread(JoinHandle<()>),
    Task(tokio::task::JoinHandle<()>),
}

impl Worker {
    /// Waits until the loops are through.
    pub(super) async fn join_all(workers: Vec<Self>) {
        let mut threads = Vec::new();
        for worker in workers {
            match worker {
                Self::Thread(thread) => threads.push(thread),
                // A panic of the task was raised as the store's failure.
                Self::Task(task) => _ = task.await,
            }
        }
        if threads.is_empty() {
            return;
        }
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                // A panic of the thread was raised as the store's failure.
                let _ = thread.join();
            }
        });
        // The closure does not panic, and a runtime that shuts down has no one waiting here.
        let _ = joined.await;
    }
}

/// Sends jobs to a loop. Unbounded, since what is sent is bounded elsewhere: a group has a few
/// entries in flight and waits for one application at a time.
pub(super) enum JobSender<T> {
    Thread(mpsc::Sender<T>),
    Task(tasks::UnboundedSender<T>),
}

impl<T> JobSender<T> {
    /// Whether the loop is there to take it.
    pub(super) fn send(&self, job: T) -> bool {
        match self {
            Self::Thread(sender) => sender.send(job).is_ok(),
            Self::Task(sender) => sender.send(job).is_ok(),
        }
    }
}

/// The jobs that a loop takes.
pub(super) enum Jobs<T> {
    Thread(mpsc::Receiver<T>),
    Task(tasks::UnboundedReceiver<T>),
}

/// What came of waiting for a job until an instant.
pub(super) enum Next<T> {
    Job(T),
    Due,
    /// Every sender is gone.
    End,
}

impl<T> Jobs<T> {
    /// The next job; none when every sender is gone.
    pub(super) async fn next(&mut self) -> Option<T> {
        match self {
            Self::Thread(receiver) => receiver.recv().ok(),
            Self::Task(receiver) => receiver.recv().await,
        }
    }

    /// The next job, if one comes before the instant.
    pub(super) async fn next_until(&mut self, due: Instant) -> Next<T> {
        match self {
            Self::Thread(receiver) => {
                match receiver.recv_timeout(due.saturating_duration_since(Instant::now())) {
                    Ok(job) => Next::Job(job),
                    Err(mpsc::RecvTimeoutError::Timeout) => Next::Due,
                    Err(mpsc::RecvTimeoutError::Disconnected) => Next::End,
                }
            }
            Self::Task(receiver) => match tokio::time::timeout_at(due, receiver.recv()).await {
                Ok(Some(job)) => Next::Job(job),
                Ok(None) => Next::End,
                Err(_due) => Next::Due,
            },
        }
    }

    /// A job that waits.
    pub(super) fn waiting(&mut self) -> Option<T> {
        match self {
            Self::Thread(receiver) => receiver.try_recv().ok(),
            Self::Task(receiver) => receiver.try_recv().ok(),
        }
    }
}
