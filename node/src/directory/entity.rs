//! The directory's records.

use std::net::SocketAddr;

use marquee_replication::{GroupId, NodeId};
use serde::{Deserialize, Serialize};

/// How many account shards there are. Never changes: an account's id names its shard.
pub const SHARDS: u32 = 64;

/// A place on earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// From -90 to 90.
    pub latitude: f64,
    /// From -180 to 180.
    pub longitude: f64,
}

/// What a node says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeFacts {
    /// Its name, unique in the cluster.
    pub name: String,
    /// The region that it serves.
    pub region: String,
    /// What fails together within a region.
    pub zone: String,
    /// Where it stands, if that is known.
    pub location: Option<Point>,
    /// The address that customers know it by, without a slash at its end.
    pub http: String,
    /// Where peers reach it.
    pub quic: SocketAddr,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeRecord {
    /// Its number, never used again.
    pub id: NodeId,
    /// What it says of itself.
    pub facts: NodeFacts,
    /// Whether it is to be given work.
    pub status: NodeStatus,
    /// When it joined, in milliseconds since 1970.
    pub joined_ms: u64,
}

/// Whether a node is to be given work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeStatus {
    /// Homes and replicas are placed on it.
    Active,
    /// What it is home of goes elsewhere; its replicas stay.
    Draining,
    /// It left for good, or is lost: nothing of it counts any more.
    Removed,
}

impl NodeStatus {
    /// As operators read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Draining => "draining",
            Self::Removed => "removed",
        }
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRecord {
    /// Its number, that of the node that founded it.
    pub id: GroupId,
    /// Who may take over.
    pub kind: GroupKind,
    /// Who is home when all is well.
    pub preferred: NodeId,
    /// Who is to hold replicas, `preferred` first.
    pub replicas: Vec<NodeId>,
}

/// Who may take over a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupKind {
    /// Any replica.
    Shared,
    /// Nobody by itself: one voter, and the others only learn.
    Solo,
}

impl GroupKind {
    /// As operators read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Solo => "solo",
        }
    }
}

/// Which group owns a venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// The venue's number.
    pub venue: u32,
    /// The group that owns it; while it moves, the group that it leaves.
    pub group: GroupId,
    /// Grows with every move.
    pub epoch: u64,
    /// The group that it moves to, which will own it at the next epoch.
    pub moving_to: Option<GroupId>,
}

/// Which group owns each account shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardMap {
    /// By shard: [`SHARDS`] of them.
    pub groups: Vec<GroupId>,
}

impl Default for ShardMap {
    fn default() -> Self {
        Self { groups: vec![super::DIRECTORY; SHARDS as usize] }
    }
}

impl ShardMap {
    /// The group that owns a shard. A number beyond the last belongs to the directory's group, which refuses it.
    #[must_use]
    pub fn group(&self, shard: u32) -> GroupId {
        self.groups.get(shard as usize).copied().unwrap_or(super::DIRECTORY)
    }
}

/// The hash of a join token's secret.
pub type TokenHash = [u8; 32];

/// A token that lets one node join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Token {
    /// Until when, in milliseconds since 1970.
    pub(super) expires_ms: u64,
    /// Who used it.
    pub(super) used_by: Option<NodeId>,
}
