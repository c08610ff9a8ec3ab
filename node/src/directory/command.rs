//! What can be asked of the directory, and what it answers.

use std::sync::Arc;

use marquee_ledger::transfer::Departure;
use marquee_replication::{GroupId, NodeId};
use serde::{Deserialize, Serialize};

use super::entity::{
    GroupKind, GroupRecord, NodeFacts, NodeRecord, NodeStatus, Placement, ShardMap, TokenHash,
};

/// What is asked. Every command is idempotent by what it names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Makes the directory of a cluster, with its first node.
    Found(NodeFacts),
    /// Lets whoever has the token's secret join, once.
    IssueToken {
        /// The hash of its secret.
        hash: TokenHash,
        /// Until when, in milliseconds since 1970.
        expires_ms: u64,
    },
    /// Lets a node join; founds its group and gives it account shards that nobody has used.
    Join {
        /// The hash of its token's secret.
        token: TokenHash,
        /// What it says of itself.
        facts: NodeFacts,
        /// Who may take over the group that it founds.
        #[serde(default, skip_serializing_if = "GroupKind::is_usual")]
        group: GroupKind,
    },
    /// Replaces what a node says of itself.
    Describe {
        /// Which.
        node: NodeId,
        /// What it says.
        facts: NodeFacts,
    },
    /// Says whether a node is to be given work. Removed is for ever.
    SetStatus {
        /// Which.
        node: NodeId,
        /// Whether.
        status: NodeStatus,
    },
    /// Says who is to hold a group's replicas, and who is home when all is well: the first.
    SetReplicas {
        /// Which.
        group: GroupId,
        /// Who.
        replicas: Vec<NodeId>,
    },
    /// Gives out a venue's number, and places the venue.
    PlaceVenue {
        /// The group that will own it.
        group: GroupId,
    },
    /// A venue begins to move.
    BeginMove {
        /// Which.
        venue: u32,
        /// To which group.
        to: GroupId,
    },
    /// A venue has moved: its new group has it whole.
    FinishMove {
        /// Which.
        venue: u32,
        /// The epoch that begins.
        epoch: u64,
        /// The group that has it.
        to: GroupId,
    },
    /// A venue stays where it was, and the epoch is given to no other move: its group has not let go of it, and the other
    /// one never takes it at that epoch.
    AbortMove {
        /// Which.
        venue: u32,
        /// The epoch that would have begun.
        epoch: u64,
    },
    /// A venue is to be taken over without its solo group.
    Seize {
        /// Which.
        venue: u32,
        /// The shared group that will own it.
        to: GroupId,
        /// The node whose copy is taken for it.
        by: NodeId,
    },
    /// Says which copy is taken for a venue, before any of it settles.
    SetBase {
        /// Which.
        venue: u32,
        /// The epoch that the seizure leads to.
        epoch: u64,
        /// The copy.
        base: Departure,
    },
    /// A seizure begins anew with the next epoch: at this one the venue settles nowhere.
    SeizeAgain {
        /// Which.
        venue: u32,
        /// The epoch that would have begun.
        epoch: u64,
    },
    /// Nothing is in conflict any more of what a venue's former group sold after the base.
    Reconcile {
        /// Which.
        venue: u32,
        /// The epoch of the seizure.
        epoch: u64,
    },
}

/// What came of a command that was not refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is so.
    Done,
    /// The node has this number, and a group of the same number.
    Joined(NodeId),
    /// The venue has this number.
    Placed(u32),
    /// The venue moves: this is how.
    Moving(Placement),
}

/// Why a command was not carried out. A refusal touches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// There is a directory already, of another cluster or node. A retry is of no use.
    #[error("the cluster has a first node already; join it with a token")]
    AlreadyFounded,
    /// No such token was issued. A retry is of no use.
    #[error("no such token was issued; ask for another one with `marquee cluster token`")]
    UnknownToken,
    /// Its time is over. A retry is of no use.
    #[error("the token has expired; ask for another one with `marquee cluster token`")]
    TokenExpired,
    /// Another node joined with it. A retry is of no use.
    #[error("the token was used by another node; ask for another one with `marquee cluster token`")]
    TokenUsed,
    /// Another node of the cluster has the name. A retry is of no use.
    #[error("node {node} has the name {name:?} already; choose another node.name")]
    NameTaken {
        /// Who.
        node: NodeId,
        /// The name.
        name: String,
    },
    /// No such node. A retry is of no use.
    #[error("there is no such node")]
    UnknownNode,
    /// The node was removed, for ever. A retry is of no use.
    #[error("the node was removed for good; it can only join anew, under another number")]
    NodeRemoved,
    /// No such group. A retry is of no use.
    #[error("there is no such group")]
    UnknownGroup,
    /// A group needs replicas on nodes that are there. A retry is of no use.
    #[error("a group needs one to seven replicas, each on another node that was not removed")]
    UnfitReplicas,
    /// No such venue. A retry is of no use.
    #[error("there is no such venue")]
    UnknownVenue,
    /// The venue moves already. Useful later.
    #[error("the venue is moving to group {to} already")]
    AlreadyMoving {
        /// Where to.
        to: GroupId,
    },
    /// The venue is there already. A retry is of no use.
    #[error("the venue is owned by that group already")]
    AlreadyThere,
    /// The venue does not move, or at another epoch. Look again.
    #[error("the venue does not move to epoch {epoch}")]
    NotMoving {
        /// Which epoch was named.
        epoch: u64,
    },
    /// The venue's group is one that others take over by themselves. A retry is of no use.
    #[error("the venue's group is shared: another replica takes over by itself")]
    NotSolo,
    /// A venue is taken over into a shared group, by a replica of its own that is not its home.
    #[error("a venue is taken over by a replica of its group that is not its home, into a shared group")]
    UnfitSuccessor,
    /// What was sold after an earlier seizure is in conflict still. Useful later.
    #[error("orders of the venue are in conflict still since it was taken over the last time")]
    InConflict,
    /// The venue is taken over from another copy. Begin again with the next epoch.
    #[error("the venue is taken over from another copy at epoch {epoch}")]
    OtherBase {
        /// The epoch.
        epoch: u64,
    },
    /// The home of a solo group never changes. A retry is of no use.
    #[error("a solo group has its home on the node that founded it")]
    HomeStays,
}

impl Refusal {
    /// The stable number.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::AlreadyFounded => 1,
            Self::UnknownToken => 10,
            Self::TokenExpired => 11,
            Self::TokenUsed => 12,
            Self::NameTaken { .. } => 13,
            Self::UnknownNode => 20,
            Self::NodeRemoved => 21,
            Self::UnknownGroup => 30,
            Self::UnfitReplicas => 31,
            Self::HomeStays => 32,
            Self::UnknownVenue => 40,
            Self::AlreadyMoving { .. } => 41,
            Self::AlreadyThere => 42,
            Self::NotMoving { .. } => 43,
            Self::NotSolo => 44,
            Self::UnfitSuccessor => 45,
            Self::InConflict => 46,
            Self::OtherBase { .. } => 47,
        }
    }
}

/// A record that changed, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// A node.
    Node(Arc<NodeRecord>),
    /// A group.
    Group(Arc<GroupRecord>),
    /// Where a venue is.
    Placement(Placement),
    /// Where accounts are.
    Shards(Arc<ShardMap>),
}
