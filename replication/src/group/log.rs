//! The group's log, as consensus wants it, over the store's log thread.
//!
//! What is appended stays in memory until it is on the disk and applied: consensus reads it back for
//! the machine and for the replicas. In a group with replicas, some of it stays for longer, so that
//! a replica that is a little behind does not cost a read of the file.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use openraft::storage::{IOFlushed, LogState, RaftLogReader, RaftLogStorage};
use openraft::{EntryPayload, OptionalSend, RaftTypeConfig};
use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

use super::consensus::{
    Consensus, ConsensusEntry, ConsensusLogId, ConsensusVote, decode_vote, encode_vote, from_record, log_id,
    point, to_record,
};
use crate::identity::GroupId;
use crate::store::log::{LogChange, LogFound, LogJob};
use crate::store::record::{Damage, LogPoint};
use crate::store::{Store, StoreError};

/// How many bytes of applied entries stay in memory for replicas that are behind.
const APPLIED_BYTES_MAX: usize = 16 << 20;
/// How many bytes of entries one read for a replica gives, if more than one entry.
const READ_BYTES_MAX: usize = 4 << 20;

/// A group's log; clones share it.
#[derive(Clone)]
pub(super) struct GroupLog {
    store: Store,
    group: GroupId,
    ends: Arc<Mutex<Ends>>,
    /// The entries below this index are on the disk; closed when the log cannot be written any more.
    flushed: watch::Receiver<u64>,
    flushed_sender: Arc<Mutex<Option<watch::Sender<u64>>>>,
}

/// What is known of the log without reading the file.
struct Ends {
    vote: Option<ConsensusVote>,
    purged: Option<LogPoint>,
    last: Option<LogPoint>,
    /// The last entries, without a gap up to `last`; what stands before them is in the file.
    recent: VecDeque<ConsensusEntry>,
    /// How many of the recent entries, from the first on, are applied, and their bytes.
    applied: (usize, usize),
}

impl Ends {
    /// Lets go of the applied entries that are more than this many bytes.
    fn shrink(&mut self, applied_bytes_max: usize) {
        while self.applied.1 > applied_bytes_max
            && let Some(entry) = self.recent.pop_front()
        {
            self.applied.0 -= 1;
            self.applied.1 -= weight(&entry);
        }
    }
}

/// About how much memory an entry takes.
fn weight(entry: &ConsensusEntry) -> usize {
    const FIXED: usize = 128;
    match &entry.payload {
        EntryPayload::Normal(batch) => FIXED + batch.stored().len(),
        EntryPayload::Blank | EntryPayload::Membership(_) => FIXED,
    }
}

impl GroupLog {
    pub(super) fn new(store: Store, group: GroupId, found: &LogFound) -> Result<Self, Damage> {
        let vote = found.vote.as_deref().map(decode_vote).transpose()?;
        let recent = VecDeque::new();
        let ends = Ends { vote, purged: found.purged, last: found.last, recent, applied: (0, 0) };
        let (flushed_sender, flushed) = watch::channel(found.last.map_or(0, |last| last.index + 1));
        Ok(Self {
            store,
            group,
            ends: Arc::new(Mutex::new(ends)),
            flushed,
            flushed_sender: Arc::new(Mutex::new(Some(flushed_sender))),
        })
    }

    /// Waits until the log is on the disk up to this index. What a quorum has may be committed before this node has it
    /// on its own disk; were it applied before, the state could outlive the log.
    pub(super) async fn flushed_upto(&self, index: u64) -> Result<(), StoreError> {
        if *self.flushed.borrow() > index {
            return Ok(());
        }
        let mut flushed = self.flushed.clone();
        let waited = flushed.wait_for(|flushed| *flushed > index).await;
        waited.map(|_flushed| ()).map_err(|_closed| StoreError::Closed)
    }

    /// The entries up to this one are applied, and on the disk. `has_replicas` says whether somebody may want to read
    /// them soon.
    pub(super) fn applied_upto(&self, index: u64, has_replicas: bool) {
        let mut ends = self.ends.lock();
        while let Some(entry) = ends.recent.get(ends.applied.0)
            && entry.log_id.index <= index
        {
            let weight = weight(entry);
            ends.applied.0 += 1;
            ends.applied.1 += weight;
        }
        ends.shrink(if has_replicas { APPLIED_BYTES_MAX } else { 0 });
    }

    pub(super) fn first_index(&self) -> u64 {
        self.ends.lock().purged.map_or(0, |purged| purged.index + 1)
    }

    pub(super) fn last_index(&self) -> u64 {
        self.ends.lock().last.map_or(0, |last| last.index)
    }

    async fn change(&self, change: LogChange) -> io::Result<()> {
        let (done, changed) = oneshot::channel();
        self.send(
            change,
            Box::new(move |result| {
                // Consensus may have stopped waiting, when it shuts down.
                let _ = done.send(result);
            }),
        )?;
        changed.await.map_err(|_dropped| io::Error::other(StoreError::Closed))?
    }

    fn send(&self, change: LogChange, done: Box<dyn FnOnce(io::Result<()>) + Send>) -> io::Result<()> {
        self.store.send_log(LogJob { group: self.group.0, change, done }).map_err(io::Error::other)
    }

    fn note_flushed(sender: &Mutex<Option<watch::Sender<u64>>>, end: Option<u64>) {
        let mut sender = sender.lock();
        match end {
            Some(end) => {
                if let Some(sender) = &*sender {
                    sender.send_if_modified(|flushed| {
                        let is_more = end > *flushed;
                        *flushed = end.max(*flushed);
                        is_more
                    });
                }
            }
            None => *sender = None,
        }
    }

    /// The entries from `first` to before `end`; fewer when they are more than `bytes_max` bytes, but at least one.
    fn read(&self, first: u64, end: u64, bytes_max: usize) -> io::Result<Vec<ConsensusEntry>> {
        // Bounds are taken under the lock, the file is read without it: what stands below
        // `recent` is in the file and stays there while consensus uses it.
        let (first, in_file_end, in_memory) = {
            let ends = self.ends.lock();
            let first = first.max(ends.purged.map_or(0, |purged| purged.index + 1));
            let end = end.min(ends.last.map_or(0, |last| last.index + 1));
            let memory_first = ends.recent.front().map_or(end, |entry| entry.log_id.index);
            let mut bytes = 0;
            let in_memory: Vec<_> = ends
                .recent
                .iter()
                .skip(usize::try_from(first.saturating_sub(memory_first)).unwrap_or(usize::MAX))
                .take_while(|entry| entry.log_id.index < end)
                .take_while(|entry| {
                    let is_first = bytes == 0;
                    bytes += weight(entry);
                    is_first || bytes <= bytes_max
                })
                .cloned()
                .collect();
            (first, end.min(memory_first), in_memory)
        };
        if first >= in_file_end {
            return Ok(in_memory);
        }
        let records =
            self.store.read_log(self.group.0, first, in_file_end, bytes_max).map_err(io::Error::other)?;
        let is_cut = records.last().is_some_and(|last| last.at.index + 1 < in_file_end);
        let mut entries = Vec::with_capacity(records.len() + in_memory.len());
        for record in records {
            let index = record.at.index;
            let entry = from_record(record).map_err(|damage| {
                let group = self.group;
                io::Error::other(format!(
                    "entry {index} of the log of group {group} cannot be read: {damage}"
                ))
            })?;
            entries.push(entry);
        }
        // A limited read ends at the file's end at the latest; the next one goes on in memory.
        if !is_cut && bytes_max == usize::MAX {
            entries.extend(in_memory);
        }
        Ok(entries)
    }
}

impl RaftLogReader<Consensus> for GroupLog {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<ConsensusEntry>, io::Error> {
        let first = match range.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.read(first, end, usize::MAX)
    }

    async fn limited_get_log_entries(
        &mut self,
        start: u64,
        end: u64,
    ) -> Result<Vec<ConsensusEntry>, io::Error> {
        self.read(start, end, READ_BYTES_MAX)
    }

    async fn read_vote(&mut self) -> Result<Option<ConsensusVote>, io::Error> {
        Ok(self.ends.lock().vote)
    }
}

impl RaftLogStorage<Consensus> for GroupLog {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Consensus>, io::Error> {
        let ends = self.ends.lock();
        Ok(LogState { last_purged_log_id: ends.purged.map(log_id), last_log_id: ends.last.map(log_id) })
    }

    async fn get_log_reader(&mut self) -> Self::LogReader {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &ConsensusVote) -> Result<(), io::Error> {
        self.change(LogChange::Vote(encode_vote(vote))).await?;
        self.ends.lock().vote = Some(*vote);
        Ok(())
    }

    async fn append<I>(&mut self, entries: I, callback: IOFlushed<Consensus>) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = <Consensus as RaftTypeConfig>::Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut records = Vec::new();
        {
            let mut ends = self.ends.lock();
            for entry in entries {
                records.push(to_record(&entry));
                ends.last = Some(point(&entry.log_id));
                ends.recent.push_back(entry);
            }
        }
        let flushed = Arc::clone(&self.flushed_sender);
        let end = records.last().map_or(0, |last| last.at.index + 1);
        self.send(
            LogChange::Append(records),
            Box::new(move |result| {
                Self::note_flushed(&flushed, result.is_ok().then_some(end));
                callback.io_completed(result);
            }),
        )
    }

    async fn truncate_after(&mut self, last_log_id: Option<ConsensusLogId>) -> Result<(), io::Error> {
        let last = last_log_id.as_ref().map(point);
        let from = last.map_or(0, |last| last.index + 1);
        {
            let mut ends = self.ends.lock();
            ends.last = last;
            // What is applied is committed, and never truncated.
            while ends.recent.back().is_some_and(|entry| entry.log_id.index >= from) {
                ends.recent.pop_back();
            }
        }
        self.change(LogChange::Truncate { from }).await?;
        // By now the appends that were sent before have told that they are on the disk.
        if let Some(sender) = &*self.flushed_sender.lock() {
            sender.send_if_modified(|flushed| {
                *flushed = (*flushed).min(from);
                false
            });
        }
        Ok(())
    }

    async fn purge(&mut self, upto: ConsensusLogId) -> Result<(), io::Error> {
        let upto = point(&upto);
        {
            let mut ends = self.ends.lock();
            ends.purged = ends.purged.max(Some(upto));
            ends.last = ends.last.max(Some(upto));
            while ends.recent.front().is_some_and(|entry| entry.log_id.index <= upto.index) {
                let Some(entry) = ends.recent.pop_front() else { break };
                if ends.applied.0 > 0 {
                    ends.applied.0 -= 1;
                    ends.applied.1 -= weight(&entry);
                }
            }
        }
        Self::note_flushed(&self.flushed_sender, Some(upto.index + 1));
        self.change(LogChange::Purge { upto }).await
    }
}
