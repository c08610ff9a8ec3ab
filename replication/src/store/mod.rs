//! The commit pipeline of a node: two files, a thread each, shared by all groups.
//!
//! `log.redb` takes what consensus has to remember, one fsync for whatever waits. `state.redb`
//! takes what the machines make of it, unsynced, and is brought to the disk every sync interval.
//! See [`log`] and [`state`] for how.

mod backend_created;
mod backend_encrypted;
mod drive;
mod error;
mod failure;
mod inspection;
mod key;
pub(crate) mod log;
pub(crate) mod progress;
pub(crate) mod record;
mod refusal;
pub(crate) mod state;
mod xts;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use redb::backends::FileBackend;
use redb::{Builder, Database, ReadTransaction, ReadableDatabase, StorageBackend};
use tokio::sync::{oneshot, watch};

use self::backend_created::CreatedBackend;
use self::backend_encrypted::EncryptedBackend;
use self::drive::{Drive, JobSender, Jobs, Worker};
use self::failure::FailureFlag;
use self::log::{LogCounts, LogFound, LogJob, LogReadError, LogWork};
use self::progress::Progress;
use self::record::LogRecord;
use self::state::{DurableWatches, StateCounts, StateJob, StateMessage, StateWork};

pub use self::drive::{Pace, Sabotage, Step, Tasks};
pub use self::error::{StoreError, StoreFailure};
pub use self::inspection::{Inspection, inspect};
pub use self::key::{StorageKey, WeakKey};
pub use self::refusal::FileRefusal;

/// The share of the cache that the log gets: it is read back only at a restart, or by replicas
/// that are behind.
const LOG_CACHE_SHARE: usize = 8;

/// Where a store lives, and how.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The folder of `log.redb` and `state.redb`; made when missing.
    pub data_dir: PathBuf,
    /// Memory for both files' pages, in bytes.
    pub cache_bytes: usize,
    /// The key that the files are encrypted with; `None` leaves them plain.
    pub key: Option<StorageKey>,
    /// How long the state may stay off the disk. The log has it; a crash replays this much.
    pub sync_interval: Duration,
}

impl StoreOptions {
    /// A plain store in this folder: 256 MiB of cache, the state on the disk every second.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            cache_bytes: 256 << 20,
            key: None,
            sync_interval: Duration::from_secs(1),
        }
    }

    fn file(&self, volume: Volume) -> PathBuf {
        self.data_dir.join(volume.file_name())
    }

    fn cache_bytes(&self, volume: Volume) -> usize {
        let log = self.cache_bytes / LOG_CACHE_SHARE;
        match volume {
            Volume::Log => log,
            Volume::State => self.cache_bytes - log,
            Volume::Feed => self.cache_bytes,
        }
    }
}

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volume {
    /// `log.redb`.
    Log,
    /// `state.redb`.
    State,
    /// `feed.redb`, which is not a store's: the copy of what the cluster published.
    Feed,
}

impl Volume {
    fn file_name(self) -> &'static str {
        match self {
            Self::Log => "log.redb",
            Self::State => "state.redb",
            Self::Feed => "feed.redb",
        }
    }

    /// Part of every tweak of the encryption; never changes.
    fn number(self) -> u64 {
        match self {
            Self::Log => 1,
            Self::State => 2,
            Self::Feed => 3,
        }
    }
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file_name())
    }
}

/// How much work a store has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreMetrics {
    /// Transactions of `log.redb`, with an fsync each.
    pub log_commits: u64,
    /// Transactions of `state.redb`.
    pub state_commits: u64,
    /// How many times the state was brought to the disk.
    pub state_syncs: u64,
}

/// An open store. Clones are handles on the same one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    options: StoreOptions,
    /// `None` when the store is closed.
    open: RwLock<Option<Open>>,
    drive: Drive,
    workers: Mutex<Vec<Worker>>,
    failure: FailureFlag,
    durable: DurableWatches,
    log_counts: Arc<LogCounts>,
    state_counts: Arc<StateCounts>,
}

struct Open {
    log: Arc<Database>,
    state: Arc<Database>,
    log_jobs: JobSender<LogJob>,
    state_messages: JobSender<StateMessage>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.inner.options.data_dir.display())
    }
}

impl Store {
    /// Opens the two files of a data folder, or makes them.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when a node has them open, [`StoreError::Refused`] when the key does
    /// not fit; else what the system or the database says.
    pub fn open(options: StoreOptions) -> Result<Self, StoreError> {
        let log = open_file(&options, Volume::Log)?;
        let state = open_file(&options, Volume::State)?;
        sync_folder(&options.data_dir)?;
        Self::open_with(log, state, options)
    }

    /// Opens a store over these backends instead of files, to inject faults or to simulate. The
    /// data folder of the options serves as a name only.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(
        log: impl StorageBackend,
        state: impl StorageBackend,
        options: StoreOptions,
    ) -> Result<Self, StoreError> {
        Self::start(log, state, options, Drive::Threads)
    }

    /// Opens a store over these backends whose pipeline is tasks of the current runtime, for a
    /// simulation on one thread. The runtime's clock is the store's.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn simulate(
        log: impl StorageBackend,
        state: impl StorageBackend,
        options: StoreOptions,
        tasks: Tasks,
    ) -> Result<Self, StoreError> {
        Self::start(log, state, options, Drive::Tasks(tasks))
    }

    fn start(
        log: impl StorageBackend,
        state: impl StorageBackend,
        options: StoreOptions,
        drive: Drive,
    ) -> Result<Self, StoreError> {
        let log = Arc::new(open_database(log, &options, Volume::Log)?);
        let state = Arc::new(open_database(state, &options, Volume::State)?);
        log::create_tables(&log).map_err(|error| StoreError::database(options.file(Volume::Log), error))?;

        let (log_jobs, log_receiver) = drive.channel();
        let (state_messages, state_receiver) = drive.channel();
        let inner = Inner {
            options,
            open: RwLock::new(Some(Open { log, state, log_jobs, state_messages })),
            drive,
            workers: Mutex::default(),
            failure: FailureFlag::new(),
            durable: DurableWatches::default(),
            log_counts: Arc::default(),
            state_counts: Arc::default(),
        };
        inner.start(log_receiver, state_receiver)?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The state as of now, of all groups: it has every commit that was answered.
    ///
    /// # Errors
    /// [`StoreError::Closed`] after [`close`](Self::close).
    pub fn snapshot(&self) -> Result<ReadTransaction, StoreError> {
        let state = self.with_open(|open| Arc::clone(&open.state))?;
        state.begin_read().map_err(|error| self.database_error(Volume::State, error))
    }

    /// The number that tells these files from any others; the one given, durably, if they have none. A member of a group
    /// that lost its files must not come back under its old number, since it has forgotten what it voted for: whoever
    /// keeps this number elsewhere finds out.
    ///
    /// # Errors
    /// When the log cannot be read or written, or is closed.
    pub fn files_id(&self, fresh: u64) -> Result<u64, StoreError> {
        let log = self.with_open(|open| Arc::clone(&open.log))?;
        log::files_id(&log, fresh).map_err(|error| self.log_error(error))
    }

    /// Resolves when storage or a machine broke. The node has to stop then; what was acknowledged
    /// is in the log and is replayed at the next start.
    pub async fn failed(&self) -> StoreFailure {
        self.inner.failure.raised().await
    }

    /// What the store has done so far.
    #[must_use]
    pub fn metrics(&self) -> StoreMetrics {
        let inner = &self.inner;
        StoreMetrics {
            log_commits: inner.log_counts.commits.load(Ordering::Relaxed),
            state_commits: inner.state_counts.commits.load(Ordering::Relaxed),
            state_syncs: inner.state_counts.syncs.load(Ordering::Relaxed),
        }
    }

    /// Finishes what was sent, brings the state to the disk and gives the files free. Close the
    /// groups first. Files stay locked while a [`snapshot`](Self::snapshot) is alive.
    ///
    /// # Errors
    /// When the store broke before or while it closed.
    pub async fn close(self) -> Result<(), StoreError> {
        drop(self.inner.open.write().take());
        let workers = std::mem::take(&mut *self.inner.workers.lock());
        Worker::join_all(workers).await;
        match self.inner.failure.reason() {
            None => Ok(()),
            Some(failure) => Err(failure.into()),
        }
    }

    pub(crate) fn find_log(&self, group: u64) -> Result<LogFound, StoreError> {
        let log = self.with_open(|open| Arc::clone(&open.log))?;
        log::find(&log, group).map_err(|error| self.log_error(error))
    }

    pub(crate) fn read_log(
        &self,
        group: u64,
        first: u64,
        end: u64,
        bytes_max: usize,
    ) -> Result<Vec<LogRecord<Bytes>>, StoreError> {
        let log = self.with_open(|open| Arc::clone(&open.log))?;
        log::read(&log, group, first, end, bytes_max).map_err(|error| self.log_error(error))
    }

    pub(crate) fn send_log(&self, job: LogJob) -> Result<(), StoreError> {
        self.sent(|open| open.log_jobs.send(job))
    }

    pub(crate) fn send_state(&self, job: Box<dyn StateJob>) -> Result<(), StoreError> {
        self.sent(|open| open.state_messages.send(StateMessage::Job(job)))
    }

    /// Brings the state to the disk at once.
    pub(crate) async fn sync_state(&self) -> Result<(), StoreError> {
        let (done, synced) = oneshot::channel();
        self.sent(|open| open.state_messages.send(StateMessage::Sync(done)))?;
        synced.await.map_err(|_dropped| StoreError::Closed)
    }

    /// Tells, from here on, what of the group's state is on the disk.
    pub(crate) fn watch_durable(&self, group: u64, from: Progress) -> watch::Receiver<Progress> {
        let (sender, receiver) = watch::channel(from);
        self.inner.durable.lock().insert(group, sender);
        receiver
    }

    /// Ends what [`watch_durable`](Self::watch_durable) began.
    pub(crate) fn forget_durable(&self, group: u64) {
        self.inner.durable.lock().remove(&group);
    }

    /// The mistakes that this store's groups make on purpose.
    pub(crate) fn sabotage(&self) -> Sabotage {
        self.inner.drive.sabotage()
    }

    pub(crate) fn failure(&self) -> Option<StoreFailure> {
        self.inner.failure.reason()
    }

    fn sent(&self, send: impl FnOnce(&Open) -> bool) -> Result<(), StoreError> {
        if self.with_open(send)? { Ok(()) } else { Err(StoreError::Closed) }
    }

    fn with_open<T>(&self, take: impl FnOnce(&Open) -> T) -> Result<T, StoreError> {
        self.inner.open.read().as_ref().map(take).ok_or(StoreError::Closed)
    }

    fn log_error(&self, error: LogReadError) -> StoreError {
        match error {
            LogReadError::Database(error) => self.database_error(Volume::Log, error),
            LogReadError::EntryDamaged { .. }
            | LogReadError::EntryMissing { .. }
            | LogReadError::NumberDamaged { .. }
            | LogReadError::RowDamaged { .. } => {
                StoreError::Damaged { file: self.inner.options.file(Volume::Log), damage: error.to_string() }
            }
        }
    }

    fn database_error(&self, volume: Volume, error: impl Into<redb::Error>) -> StoreError {
        StoreError::database(self.inner.options.file(volume), error)
    }
}

impl Inner {
    fn start(&self, log_jobs: Jobs<LogJob>, state_messages: Jobs<StateMessage>) -> Result<(), StoreError> {
        let open = self.open.read();
        // Just opened, and not shared with anyone yet.
        let Some(open) = open.as_ref() else {
            return Err(StoreError::Closed);
        };
        let log = LogWork {
            database: Arc::clone(&open.log),
            failure: self.failure.clone(),
            counts: Arc::clone(&self.log_counts),
            drive: self.drive.clone(),
        };
        let state = StateWork {
            database: Arc::clone(&open.state),
            failure: self.failure.clone(),
            durable: Arc::clone(&self.durable),
            counts: Arc::clone(&self.state_counts),
            sync_interval: self.options.sync_interval,
            drive: self.drive.clone(),
        };
        let mut workers = self.workers.lock();
        workers.push(self.spawn("marquee-log", Volume::Log, log.run(log_jobs))?);
        workers.push(self.spawn("marquee-state", Volume::State, state.run(state_messages))?);
        Ok(())
    }

    fn spawn(
        &self,
        name: &str,
        volume: Volume,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Worker, StoreError> {
        self.drive
            .start(name, volume, &self.failure, work)
            .map_err(|source| StoreError::Io { file: self.options.data_dir.clone(), source })
    }
}

pub(crate) fn open_file(options: &StoreOptions, volume: Volume) -> Result<FileBackend, StoreError> {
    let io_error = |file: &Path| {
        let file = file.to_owned();
        move |source| StoreError::Io { file, source }
    };
    fs::create_dir_all(&options.data_dir).map_err(io_error(&options.data_dir))?;
    let path = options.file(volume);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(io_error(&path))?;
    FileBackend::new(file).map_err(|error| StoreError::database(path, error))
}

/// A new file's name is on the disk only when its folder is.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StoreError::Io { file: folder.to_owned(), source })
}

pub(crate) fn open_database(
    backend: impl StorageBackend,
    options: &StoreOptions,
    volume: Volume,
) -> Result<Database, StoreError> {
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache_bytes(volume));
    let database = match &options.key {
        None => builder.create_with_backend(CreatedBackend::new(backend)),
        Some(key) => {
            builder.create_with_backend(CreatedBackend::new(EncryptedBackend::new(backend, key, volume)))
        }
    };
    database.map_err(|error| StoreError::database(options.file(volume), error))
}
