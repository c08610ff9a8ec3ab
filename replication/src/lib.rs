//! How a node keeps what it decided.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use redb::{Database, Durability, ReadTransaction, ReadableDatabase, WriteTransaction};
use tokio::sync::{mpsc, oneshot};

/// Where and when an entry is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Its log index.
    pub index: u64,
    /// When it was proposed, in milliseconds since 1970.
    pub now_ms: u64,
}

/// What a group runs; called on the state thread only.
pub trait Machine: Send + 'static {
    /// What a command is answered with.
    type Answer: Send + 'static;
    /// Creates missing tables and loads what is kept in memory.
    ///
    /// # Errors
    /// When the storage broke.
    fn open(&mut self, state: &WriteTransaction) -> Result<(), MachineError>;
    /// Applies an entry; pushes one answer per command.
    ///
    /// # Errors
    /// When the storage broke.
    fn apply(
        &mut self,
        state: &WriteTransaction,
        at: Position,
        commands: &[Bytes],
        answers: &mut Vec<Self::Answer>,
    ) -> Result<(), MachineError>;
    /// What was applied is committed.
    fn committed(&mut self);
}

/// What stops a machine.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct MachineError(Box<dyn std::error::Error + Send + Sync>);

impl MachineError {
    /// From its cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// A storage key.
#[derive(Clone)]
pub struct StorageKey(pub zeroize::Zeroizing<[u8; 64]>);

impl std::fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StorageKey")
    }
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// The folder.
    pub data_dir: PathBuf,
    /// Memory for caches.
    pub cache_bytes: usize,
    /// Key of encryption.
    pub key: Option<StorageKey>,
    /// How often the state is made durable.
    pub sync_interval: Duration,
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be opened: {0}")]
pub struct StoreError(String);

/// Why a store stopped.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store broke: {0}")]
pub struct StoreFailure(String);

/// A store.
#[derive(Clone)]
pub struct Store(Arc<Database>);

impl Store {
    /// Opens it.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        std::fs::create_dir_all(&options.data_dir).map_err(|error| StoreError(error.to_string()))?;
        let database = Database::create(options.data_dir.join("state.redb"));
        Ok(Self(Arc::new(database.map_err(|error| StoreError(error.to_string()))?)))
    }

    /// A snapshot.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn snapshot(&self) -> Result<ReadTransaction, redb::TransactionError> {
        self.0.begin_read()
    }

    /// Resolves when the store broke.
    pub async fn failed(&self) -> StoreFailure {
        std::future::pending().await
    }

    /// Closes it.
    ///
    /// # Errors
    /// When the storage broke.
    #[allow(clippy::unused_async, reason = "the pipeline will wait here")]
    pub async fn close(self) -> Result<(), StoreFailure> {
        Ok(())
    }
}

/// Names a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(pub u64);

impl GroupId {
    /// What its tables' names begin with.
    #[must_use]
    pub fn namespace(self) -> String {
        format!("g{}", self.0)
    }
}

/// Names a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub u64);

/// Tells the time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// How a group is opened.
#[derive(Clone)]
pub struct GroupOptions {
    /// Which group.
    pub id: GroupId,
    /// Which node this is.
    pub node: NodeId,
    /// How many commands may wait.
    pub commands_waiting_max: usize,
    /// The clock.
    pub clock: Clock,
}

/// Why a group does not open.
#[derive(Debug, thiserror::Error)]
#[error("the group cannot be opened: {0}")]
pub struct GroupError(String);

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// Too many wait; nothing was done.
    #[error("too many commands wait")]
    Overloaded,
    /// The group stops; nothing was done.
    #[error("the group has stopped")]
    Stopped,
    /// It may have been done.
    #[error("it is not known whether the command was carried out")]
    OutcomeUnknown,
    /// Another node is home; nothing was done.
    #[error("another node is the group's home")]
    NotHome,
}

struct Waiting<A>(Bytes, oneshot::Sender<A>);

/// A group.
pub struct Group<M: Machine> {
    store: Store,
    queue: mpsc::Sender<Waiting<M::Answer>>,
}

impl<M: Machine> Clone for Group<M> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), queue: self.queue.clone() }
    }
}

impl<M: Machine> Group<M> {
    /// Opens a group.
    ///
    /// # Errors
    /// When the storage broke.
    #[allow(clippy::unused_async, reason = "an election will be waited for here")]
    pub async fn open(store: &Store, options: GroupOptions, mut machine: M) -> Result<Self, GroupError> {
        let wrong = |error: &dyn std::error::Error| GroupError(error.to_string());
        let write = store.0.begin_write().map_err(|error| wrong(&error))?;
        machine.open(&write).map_err(|error| wrong(&error))?;
        write.commit().map_err(|error| wrong(&error))?;
        let (queue, mut waiting) = mpsc::channel::<Waiting<M::Answer>>(options.commands_waiting_max);
        let database = store.clone();
        let mut index = (options.clock)();
        std::thread::spawn(move || {
            while let Some(first) = waiting.blocking_recv() {
                let mut batch = vec![first];
                while let Ok(next) = waiting.try_recv() {
                    batch.push(next);
                }
                index = (index + 1).max((options.clock)());
                let (commands, senders): (Vec<_>, Vec<_>) = batch.into_iter().map(|w| (w.0, w.1)).unzip();
                let mut answers = Vec::new();
                let Ok(mut write) = database.0.begin_write() else { return };
                if write.set_durability(Durability::Immediate).is_err() {
                    return;
                }
                let at = Position { index, now_ms: (options.clock)() };
                if let Err(error) = machine.apply(&write, at, &commands, &mut answers) {
                    tracing::error!(%error, "the machine broke");
                    return;
                }
                if write.commit().is_err() {
                    return;
                }
                machine.committed();
                for (sender, answer) in senders.into_iter().zip(answers) {
                    _ = sender.send(answer);
                }
            }
        });
        Ok(Self { store: store.clone(), queue })
    }

    /// Proposes a command.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn propose(&self, command: Bytes) -> Result<M::Answer, ProposeError> {
        let (sender, answer) = oneshot::channel();
        match self.queue.try_send(Waiting(command, sender)) {
            Ok(()) => answer.await.map_err(|_gone| ProposeError::OutcomeUnknown),
            Err(mpsc::error::TrySendError::Full(_)) => Err(ProposeError::Overloaded),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(ProposeError::Stopped),
        }
    }

    /// A snapshot.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn snapshot(&self) -> Result<ReadTransaction, redb::TransactionError> {
        self.store.snapshot()
    }

    /// Stops it.
    #[allow(clippy::unused_async, reason = "what is in flight will be waited for here")]
    pub async fn close(self) {}
}
