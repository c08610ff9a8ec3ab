//! The directory's records.

use std::net::SocketAddr;

use marquee_ledger::transfer::Departure;
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupKind {
    /// Any replica.
    #[default]
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

    /// Whether it is what groups are unless somebody says otherwise: that is not written, so that nodes of an earlier
    /// version read what is.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::Shared)
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
    /// That it is, or was, taken over without its group. Known until nothing that was sold meanwhile is in conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seizure: Option<Seizure>,
}

/// That a venue is taken over without the solo group that has it, since that is lost or cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seizure {
    /// The group that loses it.
    pub from: GroupId,
    /// The node whose copy of that group's state is taken for it.
    pub by: NodeId,
    /// The epoch at which it is another group's.
    pub epoch: u64,
    /// What the copy is; nothing until it has been looked at.
    pub base: Option<Departure>,
    /// Whether it was on an ordinary move to that other group, whose pieces may be there.
    pub is_overtaking: bool,
}

impl Placement {
    /// A venue that was just placed in a group.
    #[must_use]
    pub const fn first(venue: u32, group: GroupId) -> Self {
        Self { venue, group, epoch: 0, moving_to: None, seizure: None }
    }

    /// Its seizure, if that is under way.
    #[must_use]
    pub fn under_seizure(&self) -> Option<Seizure> {
        self.seizure.filter(|seizure| seizure.epoch > self.epoch)
    }

    /// Its seizure, if it is over, and its former group owes an account of what it sold meanwhile.
    #[must_use]
    pub fn seized(&self) -> Option<Seizure> {
        self.seizure.filter(|seizure| seizure.epoch <= self.epoch)
    }
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
