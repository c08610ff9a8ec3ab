//! The directory: which nodes and groups there are, and which group owns which venue and which accounts.
//!
//! It is a part of every group's machine, and filled in group 1 only. Its records spread to all nodes by the feed, where
//! a [`View`] in memory answers "whose is this?" without asking anybody. A directory without records is a lone node's:
//! everything belongs to group 1.
//!
//! A *solo* group has one home, the node that founded it, and nobody takes over from that by itself. An operator can have
//! its venues taken over ([`Command::Seize`]): the placement names the copy that is taken for the venue, and keeps the
//! [`Seizure`] until what was sold after that copy is settled.
//!
//! Placements carry an epoch. Who acts on an old one is refused by the group that was the owner, and looks again.
//!
//! **Architecture invariant**: nothing here knows addresses from anywhere but the records, and nothing here waits.

pub mod command;
pub mod entity;
mod part;
mod tables;
#[cfg(test)]
mod tests;
mod view;

pub use command::{Change, Command, Outcome, Refusal};
pub use entity::{
    GroupKind, GroupRecord, NodeFacts, NodeRecord, NodeStatus, Placement, Point, SHARDS, Seizure, ShardMap,
    TokenHash,
};
pub use part::{Directory, Residents};
pub use tables::Snapshot;
pub use view::{View, Views};

use marquee_replication::GroupId;

/// The group whose directory is filled, which is also the first node's own.
pub const DIRECTORY: GroupId = GroupId(1);
