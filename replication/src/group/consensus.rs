//! The types that consensus is spoken with.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use openraft::vote::RaftLeaderId;
use openraft::{BasicNode, EntryPayload, LogId, Membership, StoredMembership, Vote};
use parking_lot::Mutex;

use super::batch::Batch;
use crate::identity::NodeId;
use crate::store::progress::Progress;
use crate::store::record::{Damage, LogPoint, LogRecord, read_u32, read_u64};

openraft::declare_raft_types!(
    /// One leader a term, as in the paper.
    pub(in crate::group) Consensus:
        D = Batch,
        R = Answers,
        NodeId = NodeId,
        Node = BasicNode,
        LeaderId = openraft::impls::leader_id_std::LeaderId<u64, NodeId>,
);

pub(in crate::group) type Leader = openraft::impls::leader_id_std::LeaderId<u64, NodeId>;
pub(in crate::group) type CommittedLeader = <Leader as RaftLeaderId>::Committed;
pub(in crate::group) type ConsensusLogId = LogId<CommittedLeader>;
pub(in crate::group) type ConsensusEntry =
    openraft::Entry<CommittedLeader, EntryPayload<Batch, NodeId, BasicNode>>;
pub(in crate::group) type ConsensusVote = Vote<Leader>;
pub(in crate::group) type ConsensusMembership = StoredMembership<CommittedLeader, NodeId, BasicNode>;

/// The answers to the commands of one entry: a `Vec` of what the machine answers with. Consensus
/// carries them without knowing the machine.
pub(in crate::group) struct Answers(Mutex<Option<Box<dyn Any + Send>>>);

impl Answers {
    pub(in crate::group) fn new<A: Send + 'static>(answers: Vec<A>) -> Self {
        Self(Mutex::new(Some(Box::new(answers))))
    }

    /// To an entry that consensus wrote for itself.
    pub(in crate::group) fn none() -> Self {
        Self(Mutex::new(None))
    }

    pub(in crate::group) fn take<A: 'static>(self) -> Vec<A> {
        let answers = self.0.into_inner().and_then(|answers| answers.downcast().ok());
        answers.map_or_else(Vec::new, |answers| *answers)
    }
}

pub(in crate::group) fn log_id(point: LogPoint) -> ConsensusLogId {
    LogId::new(CommittedLeader::new(point.term), point.index)
}

pub(in crate::group) fn point(log_id: &ConsensusLogId) -> LogPoint {
    LogPoint { term: log_id.leader_id.term, index: log_id.index }
}

/// What kinds of entries the log has. Numbers stay for ever.
const BLANK: u8 = 0;
const COMMANDS: u8 = 1;
const MEMBERSHIP: u8 = 2;

pub(in crate::group) fn to_record(entry: &ConsensusEntry) -> LogRecord<Bytes> {
    let (kind, body) = match &entry.payload {
        EntryPayload::Blank => (BLANK, Bytes::new()),
        EntryPayload::Normal(batch) => (COMMANDS, batch.stored().clone()),
        EntryPayload::Membership(members) => (MEMBERSHIP, encode_members(members).into()),
    };
    LogRecord { at: point(&entry.log_id), kind, body }
}

pub(in crate::group) fn from_record(record: LogRecord<Bytes>) -> Result<ConsensusEntry, Damage> {
    let payload = match record.kind {
        BLANK => EntryPayload::Blank,
        COMMANDS => EntryPayload::Normal(Batch::from_stored(record.body)),
        MEMBERSHIP => EntryPayload::Membership(decode_members(&mut Reader(&record.body))?),
        other => return Err(Damage::Format(other)),
    };
    Ok(ConsensusEntry { log_id: log_id(record.at), payload })
}

/// `term (8) | node (8) | committed (1)`
pub(in crate::group) fn encode_vote(vote: &ConsensusVote) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(17);
    bytes.extend_from_slice(&vote.leader_id.term.to_le_bytes());
    bytes.extend_from_slice(&vote.leader_id.voted_for.0.to_le_bytes());
    bytes.push(u8::from(vote.committed));
    bytes
}

pub(in crate::group) fn decode_vote(bytes: &[u8]) -> Result<ConsensusVote, Damage> {
    let mut reader = Reader(bytes);
    let leader_id = Leader::new(reader.number()?, NodeId(reader.number()?));
    let committed = match reader.0 {
        [0] => false,
        [1] => true,
        _ => return Err(Damage::Content),
    };
    Ok(Vote { leader_id, committed })
}

/// The membership that a group's progress keeps: `has point (1) | term (8) | index (8) | members`.
pub(in crate::group) fn encode_membership(membership: &ConsensusMembership) -> Bytes {
    let mut bytes = Vec::new();
    match membership.log_id() {
        None => bytes.push(0),
        Some(at) => {
            bytes.push(1);
            bytes.extend_from_slice(&at.leader_id.term.to_le_bytes());
            bytes.extend_from_slice(&at.index.to_le_bytes());
        }
    }
    bytes.extend_from_slice(&encode_members(membership.membership()));
    bytes.into()
}

pub(in crate::group) fn decode_membership(progress: &Progress) -> Result<ConsensusMembership, Damage> {
    let Some((has_point, members)) = progress.membership.split_first() else {
        return Ok(StoredMembership::default());
    };
    let mut reader = Reader(members);
    let at = match has_point {
        0 => None,
        1 => Some(log_id(LogPoint { term: reader.number()?, index: reader.number()? })),
        _ => return Err(Damage::Content),
    };
    Ok(StoredMembership::new(at, decode_members(&mut reader)?))
}

/// `configurations (4), each: voters (4), each: node (8) | nodes (4), each: node (8), address`.
fn encode_members(members: &Membership<NodeId, BasicNode>) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_count(&mut bytes, members.get_joint_config().len());
    for voters in members.get_joint_config() {
        put_count(&mut bytes, voters.len());
        for voter in voters {
            bytes.extend_from_slice(&voter.0.to_le_bytes());
        }
    }
    put_count(&mut bytes, members.nodes().count());
    for (id, node) in members.nodes() {
        bytes.extend_from_slice(&id.0.to_le_bytes());
        put_count(&mut bytes, node.addr.len());
        bytes.extend_from_slice(node.addr.as_bytes());
    }
    bytes
}

fn decode_members(reader: &mut Reader<'_>) -> Result<Membership<NodeId, BasicNode>, Damage> {
    let mut configurations = Vec::new();
    for _ in 0..reader.count()? {
        let mut voters = BTreeSet::new();
        for _ in 0..reader.count()? {
            voters.insert(NodeId(reader.number()?));
        }
        configurations.push(voters);
    }
    let mut nodes = BTreeMap::new();
    for _ in 0..reader.count()? {
        let id = NodeId(reader.number()?);
        let length = reader.count()?;
        let address = reader.take(length as usize)?;
        let address = std::str::from_utf8(address).map_err(|_not_text| Damage::Content)?;
        nodes.insert(id, BasicNode::new(address));
    }
    if !reader.0.is_empty() {
        return Err(Damage::Length);
    }
    if configurations.is_empty() && nodes.is_empty() {
        return Ok(Membership::default());
    }
    Membership::new(configurations, nodes).map_err(|_invalid| Damage::Content)
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    // Members and their addresses are few and short.
    let count = u32::try_from(count).expect("a membership is small");
    bytes.extend_from_slice(&count.to_le_bytes());
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damage::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, Damage> {
        read_u64(self.take(8)?)
    }

    fn count(&mut self) -> Result<u32, Damage> {
        read_u32(self.take(4)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_votes_and_memberships_read_back() {
        let nodes = BTreeMap::from([(NodeId(1), BasicNode::new("a")), (NodeId(9), BasicNode::new("b:1"))]);
        let voters = vec![BTreeSet::from([NodeId(1)]), BTreeSet::from([NodeId(1), NodeId(9)])];
        let members = Membership::new(voters, nodes).unwrap();
        let at = log_id(LogPoint { term: 4, index: 8 });

        let entry = ConsensusEntry { log_id: at, payload: EntryPayload::Membership(members.clone()) };
        assert_eq!(from_record(to_record(&entry)).unwrap(), entry);

        let membership = StoredMembership::new(Some(at), members);
        let progress = Progress { membership: encode_membership(&membership), ..Progress::default() };
        assert_eq!(decode_membership(&progress).unwrap(), membership);

        let vote = Vote { leader_id: Leader::new(3, NodeId(9)), committed: true };
        assert_eq!(decode_vote(&encode_vote(&vote)).unwrap(), vote);
    }
}
