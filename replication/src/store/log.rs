//! `log.redb`: the entries and votes of all groups, by one thread.
//!
//! ```text
//! table  log.entries   (group, index) → entry record      see `record`
//! table  log.votes     group → sealed vote                encoded by the group
//! table  log.purged    group → sealed point               the last entry that was purged
//! table  log.files     0 → sealed number                  tells these files from any others
//! ```
//!
//! The thread takes every job that waits, whatever its group, into one write transaction with one
//! fsync, and then tells the senders in the order of their jobs. So votes and appends stay in
//! order, and the disk is asked once for many.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use redb::{Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition, WriteTransaction};

use super::Volume;
use super::drive::{Drive, Jobs, Step};
use super::error::StoreFailure;
use super::failure::FailureFlag;
use super::record::{Damage, LogPoint, LogRecord, read_u64, seal, unseal};

const ENTRIES: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("log.entries");
const VOTES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log.votes");
const PURGED: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log.purged");
const FILES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("log.files");

/// How many jobs go into one transaction at most, to bound its memory and its answers' delay.
const JOBS_MAX: usize = 1024;

/// Called on the log thread when the job is on disk, or failed.
pub(crate) type Done = Box<dyn FnOnce(io::Result<()>) + Send>;

/// Something to write to a group's log.
pub(crate) struct LogJob {
    pub(crate) group: u64,
    pub(crate) change: LogChange,
    pub(crate) done: Done,
}

pub(crate) enum LogChange {
    Append(Vec<LogRecord<Bytes>>),
    Vote(Vec<u8>),
    /// Removes the entries from this index on.
    Truncate {
        from: u64,
    },
    /// Removes the entries up to this one.
    Purge {
        upto: LogPoint,
    },
}

/// What a group's log looked like when it was opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogFound {
    pub(crate) vote: Option<Vec<u8>>,
    pub(crate) purged: Option<LogPoint>,
    pub(crate) last: Option<LogPoint>,
}

/// Why entries cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogReadError {
    #[error(
        "entry {index} of the log of group g{group} is damaged: {damage}; restore this node's data from another copy"
    )]
    EntryDamaged { group: u64, index: u64, damage: Damage },
    #[error("the log of group g{group} lacks entry {index}; restore this node's data from another copy")]
    EntryMissing { group: u64, index: u64 },
    #[error("the {what} of group g{group} is damaged: {damage}; restore this node's data from another copy")]
    RowDamaged { group: u64, what: &'static str, damage: Damage },
    #[error("the number of the files is damaged: {damage}; restore this node's data from another copy")]
    NumberDamaged { damage: Damage },
    #[error("the log cannot be read: {0}")]
    Database(#[from] redb::Error),
}

/// Counts of the log's work.
#[derive(Debug, Default)]
pub(super) struct LogCounts {
    pub(super) commits: AtomicU64,
}

/// The work on `log.redb`.
pub(super) struct LogWork {
    pub(super) database: Arc<Database>,
    pub(super) failure: FailureFlag,
    pub(super) counts: Arc<LogCounts>,
    pub(super) drive: Drive,
}

impl LogWork {
    /// Works until every sender is gone, or a write fails.
    pub(super) async fn run(self, mut jobs: Jobs<LogJob>) {
        while let Some(first) = jobs.next().await {
            let batch = take_waiting(first, &mut jobs);
            let (changes, answers): (Vec<_>, Vec<_>) =
                batch.into_iter().map(|job| ((job.group, job.change), job.done)).unzip();
            self.drive.reached(Step::LogTaken).await;
            match self.write(&changes) {
                Ok(()) => {
                    self.counts.commits.fetch_add(1, Ordering::Relaxed);
                    self.drive.reached(Step::LogWritten).await;
                    for done in answers {
                        done(Ok(()));
                        self.drive.reached(Step::LogTold).await;
                    }
                }
                Err(error) => {
                    let reason = error.to_string();
                    self.failure.raise(StoreFailure::Storage { volume: Volume::Log, reason: reason.clone() });
                    for done in answers {
                        done(Err(io::Error::other(reason.clone())));
                    }
                    return;
                }
            }
        }
    }

    fn write(&self, changes: &[(u64, LogChange)]) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        if self.drive.sabotage().log_unsynced {
            transaction.set_durability(Durability::None)?;
        }
        write_changes(&transaction, changes)?;
        transaction.commit()?;
        Ok(())
    }
}

fn take_waiting(first: LogJob, jobs: &mut Jobs<LogJob>) -> Vec<LogJob> {
    let mut batch = vec![first];
    while batch.len() < JOBS_MAX {
        let Some(job) = jobs.waiting() else {
            break;
        };
        batch.push(job);
    }
    batch
}

fn write_changes(transaction: &WriteTransaction, changes: &[(u64, LogChange)]) -> Result<(), redb::Error> {
    let mut entries = transaction.open_table(ENTRIES)?;
    for (group, change) in changes {
        match change {
            LogChange::Append(records) => append(&mut entries, *group, records)?,
            LogChange::Vote(vote) => {
                transaction.open_table(VOTES)?.insert(group, seal(*group, 0, vote).as_slice())?;
            }
            LogChange::Truncate { from } => {
                entries.retain_in((*group, *from)..=(*group, u64::MAX), |_, _| false)?;
            }
            LogChange::Purge { upto } => {
                entries.retain_in((*group, 0)..=(*group, upto.index), |_, _| false)?;
                let sealed = seal(*group, 0, &upto.encode());
                transaction.open_table(PURGED)?.insert(group, sealed.as_slice())?;
            }
        }
    }
    Ok(())
}

fn append(
    entries: &mut Table<'_, (u64, u64), &'static [u8]>,
    group: u64,
    records: &[LogRecord<Bytes>],
) -> Result<(), redb::Error> {
    for record in records {
        let mut place = entries.insert_reserve((group, record.at.index), record.encoded_length())?;
        record.encode(group, place.as_mut());
    }
    Ok(())
}

/// Makes the tables, so that readers find them.
pub(super) fn create_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(VOTES)?;
    transaction.open_table(PURGED)?;
    transaction.commit()?;
    Ok(())
}

/// The number of these files; the one given, from here on, if they have none.
pub(super) fn files_id(database: &Database, fresh: u64) -> Result<u64, LogReadError> {
    let transaction = database.begin_write().map_err(redb::Error::from)?;
    let known = {
        let mut files = transaction.open_table(FILES).map_err(redb::Error::from)?;
        let known = files.get(0).map_err(redb::Error::from)?;
        let known = known.map(|row| unseal(0, 0, row.value()).and_then(read_u64));
        let known = known.transpose().map_err(|damage| LogReadError::NumberDamaged { damage })?;
        if known.is_none() {
            let sealed = seal(0, 0, &fresh.to_le_bytes());
            files.insert(0, sealed.as_slice()).map_err(redb::Error::from)?;
        }
        known
    };
    transaction.commit().map_err(redb::Error::from)?;
    Ok(known.unwrap_or(fresh))
}

/// Reads what there is of a group's log.
pub(super) fn find(database: &Database, group: u64) -> Result<LogFound, LogReadError> {
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let votes = transaction.open_table(VOTES).map_err(redb::Error::from)?;
    let purged = transaction.open_table(PURGED).map_err(redb::Error::from)?;
    let entries = transaction.open_table(ENTRIES).map_err(redb::Error::from)?;

    let vote = votes.get(group).map_err(redb::Error::from)?;
    let vote = vote
        .map(|row| unseal(group, 0, row.value()).map(<[u8]>::to_vec))
        .transpose()
        .map_err(|damage| LogReadError::RowDamaged { group, what: "vote", damage })?;

    let purged = purged.get(group).map_err(redb::Error::from)?;
    let purged = purged
        .map(|row| unseal(group, 0, row.value()).and_then(LogPoint::decode))
        .transpose()
        .map_err(|damage| LogReadError::RowDamaged { group, what: "purge mark", damage })?;

    let mut range = entries.range((group, 0)..=(group, u64::MAX)).map_err(redb::Error::from)?;
    let last = match range.next_back().transpose().map_err(redb::Error::from)? {
        Some((key, row)) => Some(decode(group, key.value().1, row.value())?.at),
        None => purged,
    };
    Ok(LogFound { vote, purged, last })
}

/// Reads the entries from `first` to before `end`: all of them, or fewer when they have more than
/// `bytes_max` bytes, but at least one.
pub(super) fn read(
    database: &Database,
    group: u64,
    first: u64,
    end: u64,
    bytes_max: usize,
) -> Result<Vec<LogRecord<Bytes>>, LogReadError> {
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let entries = transaction.open_table(ENTRIES).map_err(redb::Error::from)?;
    let mut records = Vec::new();
    let mut next = first;
    let mut bytes = 0;
    for row in entries.range((group, first)..(group, end)).map_err(redb::Error::from)? {
        let (key, row) = row.map_err(redb::Error::from)?;
        let (_, index) = key.value();
        if index != next {
            return Err(LogReadError::EntryMissing { group, index: next });
        }
        let record = decode(group, index, row.value())?;
        bytes += record.body.len();
        if bytes > bytes_max && !records.is_empty() {
            return Ok(records);
        }
        let body = Bytes::copy_from_slice(record.body);
        records.push(LogRecord { at: record.at, kind: record.kind, body });
        next += 1;
    }
    if next < end {
        return Err(LogReadError::EntryMissing { group, index: next });
    }
    Ok(records)
}

fn decode(group: u64, index: u64, stored: &[u8]) -> Result<LogRecord<&[u8]>, LogReadError> {
    LogRecord::decode(group, index, stored).map_err(|damage| LogReadError::EntryDamaged {
        group,
        index,
        damage,
    })
}
