//! `feed.redb`: the node's copy of what all groups publish.
//!
//! A file of its own and a thread of its own, so that the catalog never waits for the sale, nor the sale for the catalog.
//! Transactions are not synced: what a crash takes is pulled again. Every now and then, and at the end, what is there is
//! brought to the disk, on that thread.
//!
//! A file that cannot be read, or has a damaged record, or was written under another key, is thrown away: the cluster has
//! it all. When the file fails while the node runs, the feed goes on in memory, from nothing, until the next start.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use parking_lot::{Mutex, RwLock};
use redb::backends::InMemoryBackend;
use redb::{Builder, Database, Durability, ReadTransaction, ReadableDatabase, ReadableTable, StorageBackend};
use tokio::sync::oneshot;

use super::error::FeedStoreError;
use super::object::{FeedKey, FeedObject, FeedState, FeedVersion};
use super::record::{HeadRecord, decode_object};
use super::tables::{CLOSED, HEADS, Heads, OBJECTS, ORDER, Tables};
use crate::identity::GroupId;
use crate::store::{StorageKey, StoreError, StoreOptions, Volume, open_database, open_file};

/// Where the feed's copy is kept, and how.
#[derive(Clone, Debug)]
pub struct FeedStoreOptions {
    /// The folder of `feed.redb`; made when missing.
    pub data_dir: PathBuf,
    /// Memory for its pages, in bytes.
    pub cache_bytes: usize,
    /// The key that it is encrypted with; `None` leaves it plain.
    pub key: Option<StorageKey>,
}

/// The copy. Clones are handles on the same one.
#[derive(Clone)]
pub struct FeedStore {
    keeper: Arc<Keeper>,
    driver: Arc<Driver>,
}

impl fmt::Debug for FeedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FeedStore")
    }
}

enum Driver {
    /// Jobs go to a thread.
    Thread { jobs: Mutex<Option<mpsc::Sender<Order>>>, thread: Mutex<Option<JoinHandle<()>>> },
    /// Jobs are done where they are asked for: everything on one thread.
    Inline,
}

struct Order {
    job: Job,
    done: oneshot::Sender<Result<Outcome, FeedStoreError>>,
}

/// That everything of a group between two heads is among the objects given, or came before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) group: GroupId,
    pub(super) from: FeedVersion,
    pub(super) to: FeedVersion,
}

/// Work on the copy.
#[derive(Debug)]
pub(super) enum Job {
    /// Take in what is newer.
    Accept { objects: Vec<FeedObject>, claim: Option<Claim> },
    /// Make a group's objects those of a replica's state.
    Replace { group: GroupId, state: FeedState },
    /// A snapshot was taken in; these keys were not in it, nor anywhere else at the peer.
    Settle { group: GroupId, forget: Vec<FeedKey>, complete_to: FeedVersion, watermark: u64 },
    /// Drop the tombstones below these indexes.
    Prune { below: Vec<(GroupId, u64)> },
    /// Nothing is complete any more.
    Distrust,
    /// Bring everything to the disk.
    Sync,
    /// The same, and nothing more follows.
    Close,
}

/// What came of a job.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What won, in order.
    pub(super) changes: Vec<FeedObject>,
    /// Whether the group's head rose.
    pub(super) is_advanced: bool,
    /// Whether the claim begins beyond what is complete here.
    pub(super) is_gap: bool,
}

struct Keeper {
    /// Whether the file was not closed in order: what it had last may be lost.
    is_in_doubt: bool,
    /// The groups whose whole states were told since.
    told: Mutex<BTreeSet<GroupId>>,
    /// None when the store is closed.
    database: RwLock<Option<Arc<Database>>>,
    heads: RwLock<Heads>,
    /// None without a file.
    file: Option<PathBuf>,
    is_dirty: AtomicBool,
    /// Set when a damaged record was met, or the file failed.
    is_rotten: AtomicBool,
}

impl FeedStore {
    /// Opens the copy, or begins with an empty one.
    ///
    /// # Errors
    /// When the file is in use, or the system does not let it be made.
    pub fn open(options: &FeedStoreOptions) -> Result<Self, FeedStoreError> {
        let store_options = StoreOptions {
            cache_bytes: options.cache_bytes,
            key: options.key.clone(),
            ..StoreOptions::new(&options.data_dir)
        };
        let file = options.data_dir.join(Volume::Feed.to_string());
        let open = || -> Result<Keeper, FeedStoreError> {
            let backend = open_file(&store_options, Volume::Feed)?;
            Keeper::open(open_database(backend, &store_options, Volume::Feed)?, Some(file.clone()))
        };
        let keeper = match open() {
            Err(FeedStoreError::Open(error)) if is_of_the_system(&error) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "the feed's file cannot be used; it is thrown away and filled again");
                fs::remove_file(&file).map_err(|source| StoreError::Io { file: file.clone(), source })?;
                open()?
            }
            Ok(keeper) => keeper,
        };
        let keeper = Arc::new(keeper);
        let (jobs, orders) = mpsc::channel();
        let thread = {
            let keeper = Arc::clone(&keeper);
            thread::Builder::new()
                .name("marquee-feed".to_owned())
                .spawn(move || keeper.work(&orders))
                .map_err(|source| StoreError::Io { file, source })?
        };
        let driver = Driver::Thread { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) };
        Ok(Self { keeper, driver: Arc::new(driver) })
    }

    /// An empty copy in memory that works where it is asked, for simulations on one thread.
    ///
    /// # Errors
    /// What the database says.
    pub fn in_memory() -> Result<Self, FeedStoreError> {
        Self::open_with(InMemoryBackend::new())
    }

    /// A copy over this backend that works where it is asked, for simulations on one thread. When it cannot be used, give
    /// an empty one.
    ///
    /// # Errors
    /// What the database says, or that a record is damaged.
    pub fn open_with(backend: impl StorageBackend) -> Result<Self, FeedStoreError> {
        let mut builder = Builder::new();
        builder.set_cache_size(1 << 20);
        let keeper = Keeper::open(builder.create_with_backend(backend)?, None)?;
        Ok(Self { keeper: Arc::new(keeper), driver: Arc::new(Driver::Inline) })
    }

    /// Whether there is a thread for it, so that sinks get one too.
    pub(super) fn has_thread(&self) -> bool {
        match *self.driver {
            Driver::Thread { .. } => true,
            Driver::Inline => false,
        }
    }

    pub(super) async fn run(&self, job: Job) -> Result<Outcome, FeedStoreError> {
        match &*self.driver {
            Driver::Inline => self.keeper.execute(job),
            Driver::Thread { jobs, .. } => {
                let (done, outcome) = oneshot::channel();
                let jobs = jobs.lock().clone().ok_or(FeedStoreError::Closed)?;
                jobs.send(Order { job, done }).map_err(|_gone| FeedStoreError::Closed)?;
                outcome.await.map_err(|_gone| FeedStoreError::Closed)?
            }
        }
    }

    /// Reads without holding up the runtime, if there are threads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, FeedStoreError> + Send + 'static,
    ) -> Result<T, FeedStoreError> {
        let reader = self.reader()?;
        match &*self.driver {
            Driver::Inline => read(&reader),
            Driver::Thread { .. } => tokio::task::spawn_blocking(move || read(&reader))
                .await
                .map_err(|_panicked| FeedStoreError::Closed)?,
        }
    }

    pub(super) fn reader(&self) -> Result<Reader, FeedStoreError> {
        let database = self.keeper.database()?;
        Ok(Reader { read: database.begin_read()?, keeper: Arc::clone(&self.keeper) })
    }

    pub(super) fn heads(&self) -> Heads {
        self.keeper.heads.read().clone()
    }

    pub(super) fn head(&self, group: GroupId) -> HeadRecord {
        self.keeper.heads.read().get(&group).copied().unwrap_or_default()
    }

    /// Whether damage was met since the last time this was asked.
    pub(super) fn take_rot(&self) -> bool {
        self.keeper.is_rotten.swap(false, Ordering::Relaxed)
    }

    /// Brings everything to the disk and gives the file free when the last reader is gone.
    pub async fn close(&self) {
        // It has been thrown away, or there is no file.
        let _ = self.run(Job::Close).await;
        if let Driver::Thread { jobs, thread } = &*self.driver {
            drop(jobs.lock().take());
            let thread = thread.lock().take();
            if let Some(thread) = thread {
                // A panic of the thread was told by the runtime.
                let _ = tokio::task::spawn_blocking(move || thread.join()).await;
            }
        }
        // Handles may live on, in a switch for one.
        drop(self.keeper.database.write().take());
    }
}

impl Keeper {
    fn open(database: Database, file: Option<PathBuf>) -> Result<Self, FeedStoreError> {
        let write = database.begin_write()?;
        drop(Tables::open(&write)?);
        let was_closed = write.open_table(CLOSED)?.remove(0)?.is_some();
        write.commit()?;
        let mut keeper = Self {
            is_in_doubt: false,
            told: Mutex::default(),
            database: RwLock::new(Some(Arc::new(database))),
            heads: RwLock::default(),
            file,
            is_dirty: AtomicBool::new(false),
            is_rotten: AtomicBool::new(false),
        };
        keeper.check()?;
        keeper.is_in_doubt = !was_closed && !keeper.heads.read().is_empty();
        Ok(keeper)
    }

    /// Reads all there is, once: what rotted while the node was off is not found out later.
    fn check(&self) -> Result<(), FeedStoreError> {
        let read = self.database()?.begin_read()?;
        for row in read.open_table(OBJECTS)?.iter()? {
            let (key, record) = row?;
            decode_object(key.value(), record.value())?;
        }
        let mut heads = self.heads.write();
        for row in read.open_table(HEADS)?.iter()? {
            let (group, record) = row?;
            heads.insert(GroupId(group.value()), HeadRecord::decode(group.value(), record.value())?);
        }
        Ok(())
    }

    fn database(&self) -> Result<Arc<Database>, FeedStoreError> {
        self.database.read().clone().ok_or(FeedStoreError::Closed)
    }

    fn work(&self, orders: &mpsc::Receiver<Order>) {
        while let Ok(Order { job, done }) = orders.recv() {
            // Who asked may have gone.
            let _ = done.send(self.execute(job));
        }
    }

    fn execute(&self, job: Job) -> Result<Outcome, FeedStoreError> {
        let result = match job {
            Job::Sync => self.sync().map(|()| Outcome::default()),
            Job::Close => self.sync_closed().map(|()| Outcome::default()),
            Job::Accept { .. }
            | Job::Replace { .. }
            | Job::Settle { .. }
            | Job::Prune { .. }
            | Job::Distrust => self.write(job),
        };
        if let Err(error) = &result {
            // A store that was closed stays so.
            self.database()?;
            tracing::error!(%error, "the feed's file failed; the feed goes on in memory until the next start");
            self.begin_anew()?;
        }
        result
    }

    fn write(&self, job: Job) -> Result<Outcome, FeedStoreError> {
        let database = self.database()?;
        let mut write = database.begin_write()?;
        write.set_durability(Durability::None)?;
        let mut tables = Tables::open(&write)?;
        let replaced = if let Job::Replace { group, .. } = &job { Some(*group) } else { None };
        let has_lost = replaced.is_some_and(|group| self.is_in_doubt && !self.told.lock().contains(&group));
        let outcome = apply(&mut tables, job, has_lost)?;
        if std::mem::take(&mut tables.is_rotten) {
            self.is_rotten.store(true, Ordering::Relaxed);
        }
        let come = std::mem::take(&mut tables.come);
        drop(tables);
        write.commit()?;
        self.is_dirty.store(true, Ordering::Relaxed);
        self.heads.write().extend(come);
        self.told.lock().extend(replaced);
        Ok(outcome)
    }

    fn sync(&self) -> Result<(), FeedStoreError> {
        if self.is_dirty.swap(false, Ordering::Relaxed) {
            let database = self.database()?;
            let mut write = database.begin_write()?;
            write.set_durability(Durability::Immediate)?;
            write.set_quick_repair(true);
            write.commit()?;
        }
        Ok(())
    }

    /// Brings everything to the disk for the last time.
    fn sync_closed(&self) -> Result<(), FeedStoreError> {
        let mut write = self.database()?.begin_write()?;
        write.set_durability(Durability::Immediate)?;
        write.set_quick_repair(true);
        write.open_table(CLOSED)?.insert(0, ())?;
        write.commit()?;
        Ok(())
    }

    /// Goes on with nothing, in memory.
    fn begin_anew(&self) -> Result<(), FeedStoreError> {
        if let Some(file) = &self.file {
            // It is thrown away at the next start otherwise.
            let _ = fs::remove_file(file);
        }
        let database = Builder::new().create_with_backend(InMemoryBackend::new())?;
        let write = database.begin_write()?;
        drop(Tables::open(&write)?);
        write.commit()?;
        *self.database.write() = Some(Arc::new(database));
        self.heads.write().clear();
        self.is_rotten.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Whether another file would fare no better.
fn is_of_the_system(error: &StoreError) -> bool {
    match error {
        StoreError::InUse { .. } => true,
        StoreError::Io { source, .. } => source.kind() != std::io::ErrorKind::InvalidData,
        StoreError::Missing { .. }
        | StoreError::Refused { .. }
        | StoreError::Damaged { .. }
        | StoreError::Closed
        | StoreError::Broken(_)
        | StoreError::Database { .. } => false,
    }
}

fn apply(tables: &mut Tables<'_>, job: Job, has_lost: bool) -> Result<Outcome, FeedStoreError> {
    let mut outcome = Outcome::default();
    match job {
        Job::Accept { objects, claim } => {
            for object in objects {
                outcome.changes.extend(tables.offer(object)?);
            }
            if let Some(Claim { group, from, to }) = claim {
                let head = tables.head(group)?;
                let is_contiguous = from.epoch == head.head.epoch && from.index <= head.head.index;
                outcome.is_gap = !is_contiguous && to > head.head;
                if is_contiguous && to > head.head {
                    tables.set_head(group, HeadRecord { head: to, ..head })?;
                    outcome.is_advanced = true;
                }
            }
        }
        Job::Replace { group, state } => {
            let to = state.head;
            outcome.is_gap = !tables.has_all(&state.kept)?;
            outcome.changes = tables.replace(group, state, has_lost)?;
            if outcome.is_gap {
                return Ok(outcome);
            }
            let head = tables.head(group)?;
            // When nothing changed in between, nobody has to hear of a higher head.
            let is_news = has_lost || !outcome.changes.is_empty() || head.head == FeedVersion::default();
            if to > head.head && (is_news || to.epoch > head.head.epoch) {
                tables.set_head(group, HeadRecord { head: to, ..head })?;
                outcome.is_advanced = true;
            }
        }
        Job::Settle { group, forget, complete_to, watermark } => {
            outcome.changes = tables.forget(group, &forget, complete_to)?;
            let head = tables.head(group)?;
            if complete_to > head.head {
                let watermark = watermark.max(head.watermark);
                tables.set_head(group, HeadRecord { head: complete_to, watermark })?;
                outcome.is_advanced = true;
            }
        }
        Job::Prune { below } => {
            for (group, below) in below {
                tables.prune(group, below)?;
            }
        }
        Job::Distrust => tables.reset_heads()?,
        Job::Sync | Job::Close => {}
    }
    Ok(outcome)
}

/// The copy as of one moment.
pub(super) struct Reader {
    read: ReadTransaction,
    keeper: Arc<Keeper>,
}

/// A piece of a group's objects, in the order of their indexes.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) objects: Vec<FeedObject>,
    /// Where the next piece begins; none after the last.
    pub(super) next: Option<(u64, Vec<u8>)>,
    pub(super) head: HeadRecord,
}

impl Reader {
    pub(super) fn object(&self, key: &FeedKey) -> Result<Option<FeedObject>, FeedStoreError> {
        let key = key.encode();
        let objects = self.read.open_table(OBJECTS)?;
        let record = objects.get(key.as_slice())?;
        Ok(record.and_then(|record| self.decoded(&key, record.value())))
    }

    /// The objects of a group from a place on, about as many bytes as asked for, or one object.
    pub(super) fn piece(
        &self,
        group: GroupId,
        from: &(u64, Vec<u8>),
        bytes_max: usize,
    ) -> Result<Piece, FeedStoreError> {
        let objects = self.read.open_table(OBJECTS)?;
        let order = self.read.open_table(ORDER)?;
        let head = self.read.open_table(HEADS)?.get(group.0)?;
        let head = head.map(|head| HeadRecord::decode(group.0, head.value())).transpose()?;
        let mut piece = Piece { objects: Vec::new(), next: None, head: head.unwrap_or_default() };
        let mut bytes = 0;
        for row in order.range((group.0, from.0, from.1.as_slice())..)? {
            let row = row?.0;
            let (row_group, index, key) = row.value();
            if row_group != group.0 {
                break;
            }
            let record = objects.get(key)?;
            let object = record.and_then(|record| self.decoded(key, record.value()));
            let Some(object) = object.filter(|object| object.group == group && object.version.index == index)
            else {
                continue;
            };
            bytes += object.bytes() + 64;
            if bytes > bytes_max && !piece.objects.is_empty() {
                piece.next = Some((index, key.to_vec()));
                break;
            }
            piece.objects.push(object);
        }
        Ok(piece)
    }

    /// The live objects of a group up to an index, except some: by key.
    pub(super) fn others(
        &self,
        group: GroupId,
        index_max: u64,
        seen: &BTreeSet<FeedKey>,
    ) -> Result<Vec<FeedKey>, FeedStoreError> {
        let mut others = Vec::new();
        let mut from = Some((0, Vec::new()));
        while let Some(place) = from {
            let piece = self.piece(group, &place, 1 << 20)?;
            let live = piece
                .objects
                .into_iter()
                .filter(|object| object.body.is_some() && object.version.index <= index_max);
            others.extend(live.map(|object| object.key).filter(|key| !seen.contains(key)));
            from = piece.next;
        }
        Ok(others)
    }

    /// Hands over everything, by key, in pieces of about so many bytes.
    pub(super) fn all(
        &self,
        bytes_max: usize,
        mut take: impl FnMut(&[FeedObject]),
    ) -> Result<(), FeedStoreError> {
        let (mut piece, mut bytes) = (Vec::new(), 0);
        for row in self.read.open_table(OBJECTS)?.iter()? {
            let (key, record) = row?;
            let Some(object) = self.decoded(key.value(), record.value()) else { continue };
            bytes += object.bytes() + 64;
            piece.push(object);
            if bytes >= bytes_max {
                take(&piece);
                piece.clear();
                bytes = 0;
            }
        }
        if !piece.is_empty() {
            take(&piece);
        }
        Ok(())
    }

    fn decoded(&self, key: &[u8], record: &[u8]) -> Option<FeedObject> {
        let object = decode_object(key, record).ok();
        if object.is_none() {
            self.keeper.is_rotten.store(true, Ordering::Relaxed);
        }
        object
    }
}
