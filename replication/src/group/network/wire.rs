//! What nodes say to each other about a group, in bytes.
//!
//! Every stream of [`Kind::Consensus`](crate::transport::Kind::Consensus) begins with a frame whose first byte is the
//! version of this protocol and whose second says what the stream is for:
//!
//! ```text
//! version (1) | CALL    (1) | Question                one question, one Answer
//! version (1) | APPENDS (1) | group (8)               then append frames one way, AppendAnswers the other, in order
//! version (1) | BEATS   (1) | (group (8) | length (4) | append frame) × n       lists of BeatAnswers, as they are ready
//! append frame    head length (4) | AppendHead | the bodies of its entries, one after the other
//! ```
//!
//! Heads, questions and answers are MessagePack with named fields, so that a version may add fields. Bodies are the bytes
//! that the logs store: they are copied into the frame once, and sliced out of it without a copy. Numbers beside
//! MessagePack are little endian.
//!
//! What is read here comes from a peer, which may be broken. What consensus takes for granted is checked: entries follow
//! each other without a gap, and none is newer than the vote it comes with.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use openraft::raft::{
    AppendEntriesRequest, StreamAppendError, StreamAppendResult, VoteRequest, VoteResponse,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::consensus::{
    Consensus, ConsensusEntry, ConsensusLogId, ConsensusVote, Leader, from_record, log_id, point, to_record,
};
use crate::identity::{GroupId, NodeId};
use crate::store::record::{LogPoint, LogRecord, read_u32};

/// The protocol's version.
pub(in crate::group) const VERSION: u8 = 1;
pub(super) const CALL: u8 = 1;
pub(super) const APPENDS: u8 = 2;
pub(super) const BEATS: u8 = 3;

/// How many beats one frame may hold.
pub(super) const BEATS_MAX: usize = 4096;
/// Terms count elections: a number beyond this never came from one, and must not be counted on from.
const TERM_MAX: u64 = 1 << 62;

/// What a peer sent cannot be read, or cannot be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::group) enum Garbage {
    #[error("version {0} of the protocol is unknown")]
    Version(u8),
    #[error("it is cut short")]
    Short,
    #[error("it cannot be read")]
    Unreadable,
    #[error("it contradicts itself")]
    Contradiction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::group) struct WireVote {
    term: u64,
    node: u64,
    committed: bool,
}

impl WireVote {
    pub(in crate::group) fn new(vote: &ConsensusVote) -> Self {
        Self { term: vote.leader_id.term, node: vote.leader_id.voted_for.0, committed: vote.committed }
    }

    pub(in crate::group) fn read(self) -> Result<ConsensusVote, Garbage> {
        if self.term > TERM_MAX {
            return Err(Garbage::Contradiction);
        }
        let leader_id = Leader { term: self.term, voted_for: NodeId(self.node) };
        Ok(ConsensusVote { leader_id, committed: self.committed })
    }

    /// The vote, if it is the peer's own: nobody speaks for another.
    pub(in crate::group) fn read_of(self, peer: NodeId) -> Result<ConsensusVote, Garbage> {
        if NodeId(self.node) == peer { self.read() } else { Err(Garbage::Contradiction) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::group) struct WirePoint {
    term: u64,
    index: u64,
}

impl WirePoint {
    pub(in crate::group) fn new(at: &ConsensusLogId) -> Self {
        let LogPoint { term, index } = point(at);
        Self { term, index }
    }

    pub(in crate::group) fn read(self) -> ConsensusLogId {
        log_id(LogPoint { term: self.term, index: self.index })
    }
}

/// Something a peer wants to know or to be done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Question {
    pub(super) group: u64,
    pub(super) ask: Ask,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    Vote {
        vote: WireVote,
        last: Option<WirePoint>,
        #[serde(default)]
        hand_over: bool,
    },
    PreVote {
        vote: WireVote,
        last: Option<WirePoint>,
    },
    HandOver {
        from_leader: WireVote,
        to: u64,
        last: Option<WirePoint>,
    },
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Vote { vote: WireVote, last: Option<WirePoint>, granted: bool },
    HandOver { taken: bool },
    Refused(Refusal),
}

/// Why a node does not answer what it was asked. Nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub(in crate::group) enum Refusal {
    #[error("it has not this group")]
    UnknownGroup,
    #[error("its replica has stopped")]
    Stopped,
    #[error("it could not read the question")]
    Unreadable,
}

/// The answer to one append.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::group) enum AppendAnswer {
    Done,
    Conflict,
    HigherVote(WireVote),
    Refused(Refusal),
}

/// The answer to one beat of a frame.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct BeatAnswer {
    /// Which beat, counted from 0.
    pub(super) number: u32,
    pub(super) answer: AppendAnswer,
}

impl AppendAnswer {
    pub(super) fn new(result: &StreamAppendResult<Consensus>) -> Self {
        match result {
            Ok(_upto) => Self::Done,
            Err(StreamAppendError::Conflict(_)) => Self::Conflict,
            Err(StreamAppendError::HigherVote(vote)) => Self::HigherVote(WireVote::new(vote)),
        }
    }

    /// What the answer says about an append of the entries from after `asked.prev` up to `asked.last`.
    pub(super) fn read(
        self,
        asked: &Asked,
    ) -> Result<Result<StreamAppendResult<Consensus>, Refusal>, Garbage> {
        Ok(match self {
            Self::Done => Ok(Ok(asked.last)),
            // Nothing stands before the first entry, so nothing can contradict it.
            Self::Conflict => Ok(Err(StreamAppendError::Conflict(asked.prev.ok_or(Garbage::Contradiction)?))),
            Self::HigherVote(vote) => {
                let vote = vote.read()?;
                if vote <= asked.vote {
                    return Err(Garbage::Contradiction);
                }
                Ok(Err(StreamAppendError::HigherVote(vote)))
            }
            Self::Refused(refusal) => Err(refusal),
        })
    }
}

/// What an append asked for, to read its answer by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    vote: ConsensusVote,
    prev: Option<ConsensusLogId>,
    last: Option<ConsensusLogId>,
}

impl Asked {
    pub(super) fn new(request: &AppendEntriesRequest<Consensus>) -> Self {
        let last = request.entries.last().map(|entry| entry.log_id).or(request.prev_log_id);
        Self { vote: request.vote, prev: request.prev_log_id, last }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct AppendHead {
    vote: WireVote,
    prev: Option<WirePoint>,
    commit: Option<WirePoint>,
    entries: Vec<EntryHead>,
}

#[derive(Debug, Serialize, Deserialize)]
struct EntryHead {
    term: u64,
    index: u64,
    kind: u8,
    bytes: u32,
}

/// A frame with this version and purpose, and a message.
pub(super) fn opening(purpose: u8, message: &impl Serialize) -> Bytes {
    let mut frame = vec![VERSION, purpose];
    put(&mut frame, message);
    frame.into()
}

/// A frame with this version and purpose, to be filled.
pub(super) fn opening_raw(purpose: u8) -> BytesMut {
    BytesMut::from([VERSION, purpose].as_slice())
}

/// The purpose of a stream, and the rest of its first frame.
pub(super) fn read_opening(mut frame: Bytes) -> Result<(u8, Bytes), Garbage> {
    match frame.as_ref() {
        [VERSION, purpose, ..] => {
            let purpose = *purpose;
            frame.advance(2);
            Ok((purpose, frame))
        }
        [] | [VERSION] => Err(Garbage::Short),
        [version, ..] => Err(Garbage::Version(*version)),
    }
}

pub(in crate::group) fn message(message: &impl Serialize) -> Bytes {
    let mut frame = Vec::new();
    put(&mut frame, message);
    frame.into()
}

pub(in crate::group) fn read_message<T: DeserializeOwned>(frame: &[u8]) -> Result<T, Garbage> {
    rmp_serde::from_slice(frame).map_err(|_reason| Garbage::Unreadable)
}

fn put(frame: &mut Vec<u8>, message: &impl Serialize) {
    // Writing to memory does not fail, and the messages have no maps with keys that MessagePack refuses.
    rmp_serde::encode::write_named(frame, message).expect("a message can be written to memory");
}

/// An append as a frame.
pub(super) fn append_frame(request: &AppendEntriesRequest<Consensus>) -> Bytes {
    let records: Vec<LogRecord<Bytes>> = request.entries.iter().map(to_record).collect();
    let head = AppendHead {
        vote: WireVote::new(&request.vote),
        prev: request.prev_log_id.as_ref().map(WirePoint::new),
        commit: request.leader_commit.as_ref().map(WirePoint::new),
        entries: records.iter().map(EntryHead::new).collect(),
    };
    let head = message(&head);
    let bodies: usize = records.iter().map(|record| record.body.len()).sum();
    let mut frame = BytesMut::with_capacity(4 + head.len() + bodies);
    frame.put_u32_le(short(head.len()));
    frame.put_slice(&head);
    for record in records {
        frame.put_slice(&record.body);
    }
    frame.freeze()
}

impl EntryHead {
    fn new(record: &LogRecord<Bytes>) -> Self {
        let LogPoint { term, index } = record.at;
        Self { term, index, kind: record.kind, bytes: short(record.body.len()) }
    }
}

/// Reads an append of this peer's.
pub(super) fn read_append(
    mut frame: Bytes,
    peer: NodeId,
) -> Result<AppendEntriesRequest<Consensus>, Garbage> {
    let head_length = read_u32(&frame).map_err(|_short| Garbage::Short)? as usize;
    frame.advance(4);
    if frame.len() < head_length {
        return Err(Garbage::Short);
    }
    let head: AppendHead = read_message(&frame.split_to(head_length))?;
    let vote = head.vote.read_of(peer)?;
    let mut entries: Vec<ConsensusEntry> = Vec::with_capacity(head.entries.len());
    let mut before = head.prev;
    for entry in head.entries {
        let follows = before.map_or(entry.index == 0, |before| {
            before.index.checked_add(1) == Some(entry.index) && before.term <= entry.term
        });
        if !follows || entry.term > vote.leader_id.term {
            return Err(Garbage::Contradiction);
        }
        if frame.len() < entry.bytes as usize {
            return Err(Garbage::Short);
        }
        let at = LogPoint { term: entry.term, index: entry.index };
        let body = frame.split_to(entry.bytes as usize);
        let record = LogRecord { at, kind: entry.kind, body };
        entries.push(from_record(record).map_err(|_damage| Garbage::Unreadable)?);
        before = Some(WirePoint { term: entry.term, index: entry.index });
    }
    let is_ahead = |at: WirePoint| at.term > vote.leader_id.term;
    if !frame.is_empty() || head.prev.is_some_and(is_ahead) || head.commit.is_some_and(is_ahead) {
        return Err(Garbage::Contradiction);
    }
    Ok(AppendEntriesRequest {
        vote,
        prev_log_id: head.prev.map(WirePoint::read),
        entries,
        leader_commit: head.commit.map(WirePoint::read),
    })
}

/// Puts the append of a group into a frame of beats.
pub(super) fn put_beat(frame: &mut BytesMut, group: GroupId, append: &[u8]) {
    frame.put_u64_le(group.0);
    frame.put_u32_le(short(append.len()));
    frame.put_slice(append);
}

/// The beats of a frame, each with its group.
pub(super) fn read_beats(mut frame: Bytes) -> Result<Vec<(GroupId, Bytes)>, Garbage> {
    let mut beats = Vec::new();
    while !frame.is_empty() {
        if frame.len() < 12 || beats.len() == BEATS_MAX {
            return Err(Garbage::Short);
        }
        let group = GroupId(frame.get_u64_le());
        let length = frame.get_u32_le() as usize;
        if frame.len() < length {
            return Err(Garbage::Short);
        }
        beats.push((group, frame.split_to(length)));
    }
    Ok(beats)
}

pub(super) fn read_group(frame: &Bytes) -> Result<GroupId, Garbage> {
    let bytes = <[u8; 8]>::try_from(frame.as_ref()).map_err(|_length| Garbage::Short)?;
    Ok(GroupId(u64::from_le_bytes(bytes)))
}

impl Ask {
    pub(super) fn vote(request: &VoteRequest<Consensus>) -> Self {
        let last = request.last_log_id.as_ref().map(WirePoint::new);
        Self::Vote { vote: WireVote::new(&request.vote), last, hand_over: request.leadership_transfer }
    }

    pub(super) fn pre_vote(request: &VoteRequest<Consensus>) -> Self {
        let last = request.last_log_id.as_ref().map(WirePoint::new);
        Self::PreVote { vote: WireVote::new(&request.vote), last }
    }
}

impl Answer {
    pub(super) fn vote(response: &VoteResponse<Consensus>) -> Self {
        let last = response.last_log_id.as_ref().map(WirePoint::new);
        Self::Vote { vote: WireVote::new(&response.vote), last, granted: response.vote_granted }
    }
}

fn short(length: usize) -> u32 {
    // Entries and what frames hold of them are bounded far below.
    u32::try_from(length).expect("frames are shorter than 32 bits count")
}
