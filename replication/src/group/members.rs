//! Who is in a group, and how that changes.

use std::collections::{BTreeMap, BTreeSet};

use openraft::async_runtime::watch::WatchReceiver;
use openraft::errors::{ChangeMembershipError, ClientWriteError, Fatal, RaftError};
use openraft::{BasicNode, ChangeMembers, Raft, RaftMetrics};

use super::consensus::{Consensus, ConsensusMembership};
use super::options::GroupOptions;
use super::state::GroupState;
use crate::identity::NodeId;
use crate::machine::Machine;

/// A learner may vote when it lacks no more entries than this.
const NEAR: u64 = 64;

/// Who is in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// They elect the home, and a command is answered when more than half of them have it. While voters change, those
    /// from before and those from after.
    pub voters: BTreeSet<NodeId>,
    /// They have the state and never count.
    pub learners: BTreeSet<NodeId>,
}

impl Members {
    pub(super) fn new(membership: &ConsensusMembership) -> Self {
        let voters: BTreeSet<_> = membership.membership().voter_ids().collect();
        let nodes = membership.membership().nodes().map(|(id, _)| *id);
        let learners = nodes.filter(|node| !voters.contains(node)).collect();
        Self { voters, learners }
    }
}

/// Why the members did not change, or not all the way. What was done stays: learners that joined are learners.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembersError {
    /// A group needs a voter.
    #[error("a group needs at least one voter; nothing was done")]
    NoVoters,
    /// A node is named twice.
    #[error("{node} cannot be a voter and a learner; nothing was done")]
    VoterAndLearner {
        /// Which.
        node: NodeId,
    },
    /// The home would remove itself.
    #[error("this node is home and would not vote any more; hand the home over first; nothing was done")]
    HomeWouldLeave,
    /// Another change is on its way.
    #[error("the members are changing already; try again in a moment")]
    Busy,
    /// This node is not home, or not any more.
    #[error("this node is not the group's home; ask the home")]
    NotHome {
        /// Who is, if known.
        home: Option<NodeId>,
    },
    /// The group has stopped.
    #[error("the group has stopped")]
    Stopped,
    /// Consensus refused.
    #[error("consensus refused the change: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
}

/// Why a home was not handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandOverError {
    /// Only a voter can be home.
    #[error("{to} is not a voter of this group")]
    NotVoter {
        /// To whom.
        to: NodeId,
    },
    /// The voter lacks entries, or does not answer.
    #[error("{to} is {entries} entries behind or silent; try again when it has caught up")]
    Behind {
        /// To whom.
        to: NodeId,
        /// How far.
        entries: u64,
    },
    /// The voter did not take the home in time. Somebody is home, or will be soon.
    #[error("{to} did not take the home in time")]
    NotTaken {
        /// To whom.
        to: NodeId,
    },
    /// This node is not home, or not any more.
    #[error("this node is not the group's home; ask the home")]
    NotHome {
        /// Who is, if known.
        home: Option<NodeId>,
    },
    /// The group has stopped.
    #[error("the group has stopped")]
    Stopped,
}

type GroupRaft<M> = Raft<Consensus, GroupState<M>>;

/// See [`Group::set_members`](crate::Group::set_members).
pub(super) async fn set_members<M: Machine>(
    raft: &GroupRaft<M>,
    options: &GroupOptions,
    voters: BTreeSet<NodeId>,
    learners: BTreeSet<NodeId>,
) -> Result<(), MembersError> {
    if voters.is_empty() {
        return Err(MembersError::NoVoters);
    }
    if let Some(node) = voters.intersection(&learners).next() {
        return Err(MembersError::VoterAndLearner { node: *node });
    }
    if !voters.contains(&options.node) {
        return Err(MembersError::HomeWouldLeave);
    }
    let current = effective(raft);
    let known: BTreeSet<NodeId> = current.voters.union(&current.learners).copied().collect();
    for node in voters.union(&learners).filter(|node| !known.contains(node)) {
        let joined = raft.add_learner(*node, BasicNode::new(""), false).await;
        joined.map_err(change_error)?;
    }
    let joining: BTreeSet<NodeId> = voters.difference(&current.voters).copied().collect();
    wait_near(raft, &joining).await?;
    if effective(raft).voters != voters {
        let changed = raft.change_membership(ChangeMembers::ReplaceAllVoters(voters.clone()), true).await;
        changed.map_err(change_error)?;
    }
    let leaving: BTreeSet<NodeId> =
        effective(raft).learners.into_iter().filter(|node| !learners.contains(node)).collect();
    if !leaving.is_empty() {
        let changed = raft.change_membership(ChangeMembers::RemoveNodes(leaving), true).await;
        changed.map_err(change_error)?;
    }
    Ok(())
}

/// Who is in the group by the last entry of the log that says so.
fn effective<M: Machine>(raft: &GroupRaft<M>) -> Members {
    Members::new(&raft.server_metrics().borrow_watched().membership_config)
}

/// Waits until these replicas lack few entries.
async fn wait_near<M: Machine>(raft: &GroupRaft<M>, joining: &BTreeSet<NodeId>) -> Result<(), MembersError> {
    let mut metrics = raft.metrics();
    loop {
        {
            let metrics = metrics.borrow_and_update();
            let Some(lags) = lags(&metrics) else {
                let home = metrics.current_leader;
                return Err(MembersError::NotHome { home });
            };
            if joining.iter().all(|node| lags.get(node).is_some_and(|entries| *entries <= NEAR)) {
                return Ok(());
            }
        }
        metrics.changed().await.map_err(|_stopped| MembersError::Stopped)?;
    }
}

/// How many entries each replica lacks; none when this node is not home.
pub(super) fn lags(metrics: &RaftMetrics<Consensus>) -> Option<BTreeMap<NodeId, u64>> {
    let end = metrics.last_log_index.map_or(0, |last| last + 1);
    let replication = metrics.replication.as_ref()?;
    let lag = |matched: &Option<_>| end.saturating_sub(matched_end(matched.as_ref()));
    Some(replication.iter().map(|(node, matched)| (*node, lag(matched))).collect())
}

fn matched_end(matched: Option<&super::consensus::ConsensusLogId>) -> u64 {
    matched.map_or(0, |at| at.index + 1)
}

fn change_error(error: RaftError<Consensus, ClientWriteError<Consensus>>) -> MembersError {
    match error {
        RaftError::Fatal(Fatal::Stopped | Fatal::StorageError(_) | Fatal::Panicked) => MembersError::Stopped,
        RaftError::APIError(error) => match error {
            ClientWriteError::ForwardToLeader(to) | ClientWriteError::LogEntryDiscarded(to) => {
                MembersError::NotHome { home: to.leader_id }
            }
            ClientWriteError::ChangeMembershipError(
                ChangeMembershipError::InProgress(_) | ChangeMembershipError::UncommittedLeaderLog(_),
            ) => MembersError::Busy,
            other
            @ (ClientWriteError::ChangeMembershipError(_) | ClientWriteError::PreconditionFailed(_)) => {
                MembersError::Refused { reason: other.to_string() }
            }
        },
    }
}
