//! The group's log, as consensus wants it, over the store's log thread.
//!
//! What is appended stays in memory until it is applied: consensus reads it back for the machine
//! before, or just after, it is on the disk.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use openraft::storage::{IOFlushed, LogState, RaftLogReader, RaftLogStorage};
use openraft::{OptionalSend, RaftTypeConfig};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::consensus::{
    Consensus, ConsensusEntry, ConsensusLogId, ConsensusVote, decode_vote, encode_vote, from_record, log_id,
    point, to_record,
};
use crate::identity::GroupId;
use crate::store::log::{LogChange, LogFound, LogJob};
use crate::store::record::{Damage, LogPoint};
use crate::store::{Store, StoreError};

/// A group's log; clones share it.
#[derive(Clone)]
pub(super) struct GroupLog {
    store: Store,
    group: GroupId,
    ends: Arc<Mutex<Ends>>,
}

/// What is known of the log without reading the file.
struct Ends {
    vote: Option<ConsensusVote>,
    purged: Option<LogPoint>,
    last: Option<LogPoint>,
    /// The last entries, without a gap up to `last`; what stands before them is in the file.
    unapplied: VecDeque<ConsensusEntry>,
}

impl GroupLog {
    pub(super) fn new(store: Store, group: GroupId, found: &LogFound) -> Result<Self, Damage> {
        let vote = found.vote.as_deref().map(decode_vote).transpose()?;
        let ends = Ends { vote, purged: found.purged, last: found.last, unapplied: VecDeque::new() };
        Ok(Self { store, group, ends: Arc::new(Mutex::new(ends)) })
    }

    /// Lets go of entries that are applied: they are on the disk, and nobody needs them soon.
    pub(super) fn forget_upto(&self, index: u64) {
        let mut ends = self.ends.lock();
        while ends.unapplied.front().is_some_and(|entry| entry.log_id.index <= index) {
            ends.unapplied.pop_front();
        }
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

    fn read(&self, first: u64, end: u64) -> io::Result<Vec<ConsensusEntry>> {
        // Bounds are taken under the lock, the file is read without it: what stands below
        // `unapplied` is in the file and stays there while consensus uses it.
        let (first, in_file_end, in_memory) = {
            let ends = self.ends.lock();
            let first = first.max(ends.purged.map_or(0, |purged| purged.index + 1));
            let end = end.min(ends.last.map_or(0, |last| last.index + 1));
            let memory_first = ends.unapplied.front().map_or(end, |entry| entry.log_id.index);
            let in_memory: Vec<_> = ends
                .unapplied
                .iter()
                .skip(usize::try_from(first.saturating_sub(memory_first)).unwrap_or(usize::MAX))
                .take_while(|entry| entry.log_id.index < end)
                .cloned()
                .collect();
            (first, end.min(memory_first), in_memory)
        };
        if first >= in_file_end {
            return Ok(in_memory);
        }
        let records = self.store.read_log(self.group.0, first, in_file_end).map_err(io::Error::other)?;
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
        entries.extend(in_memory);
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
        self.read(first, end)
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
                ends.unapplied.push_back(entry);
            }
        }
        self.send(LogChange::Append(records), Box::new(move |result| callback.io_completed(result)))
    }

    async fn truncate_after(&mut self, last_log_id: Option<ConsensusLogId>) -> Result<(), io::Error> {
        let last = last_log_id.as_ref().map(point);
        let from = last.map_or(0, |last| last.index + 1);
        {
            let mut ends = self.ends.lock();
            ends.last = last;
            while ends.unapplied.back().is_some_and(|entry| entry.log_id.index >= from) {
                ends.unapplied.pop_back();
            }
        }
        self.change(LogChange::Truncate { from }).await
    }

    async fn purge(&mut self, upto: ConsensusLogId) -> Result<(), io::Error> {
        let upto = point(&upto);
        {
            let mut ends = self.ends.lock();
            ends.purged = ends.purged.max(Some(upto));
            ends.last = ends.last.max(Some(upto));
        }
        self.forget_upto(upto.index);
        self.change(LogChange::Purge { upto }).await
    }
}
