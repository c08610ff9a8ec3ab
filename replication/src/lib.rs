//! How a node keeps what it promised, and how nodes agree.
//!
//! # The story
//!
//! A [`Group`] is a replicated log with a [`Machine`] on top. Callers [`propose`](Group::propose)
//! commands; the group's proposer takes everything that waits while earlier entries are in
//! flight and proposes it as one entry holding many commands: the bigger the rush, the better the
//! batch, and no timer delays a lone command. Consensus is openraft; a lone node is a group with
//! one voter, on the same path.
//!
//! A [`Store`] is the node's one commit pipeline, shared by its groups:
//!
//! ```text
//! propose → queue → entry ──► log.redb thread ──► consensus ──► state.redb thread ──► answers
//!                             one fsync for what    commits      one transaction for what
//!                             waits, of all groups               waits, of all groups
//! ```
//!
//! * `log.redb` takes the appends and votes of all groups in one write transaction and one fsync.
//! * `state.redb` takes the committed entries of all groups in one unsynced write transaction, and
//!   is brought to the disk every [`sync_interval`](StoreOptions::sync_interval). Callers are
//!   answered after the state transaction, so they read what they wrote.
//! * A crash replays the log above the last state that is on the disk.
//!
//! Beside the groups, what every node may know spreads to all: who is there ([`membership`]), what nodes tell of themselves
//! ([`gossip`]), and what groups publish ([`feed`]). Nothing of it decides who is home; only the log does.
//!
//! # Invariants
//!
//! 1. A command that was answered is in the log, on the disk, on a quorum, and on this node's own.
//! 2. Every state transaction holds the group's last applied entry beside its state. So no entry
//!    is applied twice or left out, wherever a crash falls.
//! 3. The log is purged only below what is on the disk in the state.
//! 4. A machine sees entries in log order, with a stamped time that never runs backwards, and
//!    answers each command exactly once.
//! 5. A record of either file that rots is seen by its checksum, never applied.
//! 6. After a failure nothing is written any more: [`Store::failed`] resolves and the node stops.
//!
//! # Several nodes
//!
//! A [`GroupNetwork`] takes what peers say to the node's groups and lets the groups reach their peers,
//! over any [`transport`]. A group's home sends its entries to the other replicas, which answer when they
//! are on their disks; what more than half of the voters have is committed. A home that is silent for
//! longer than its lease is replaced ([`timeouts`]); who is home is a watch ([`Group::home`]). A replica
//! that lacks more than the log has gets the rows of the machine's tables out of a read transaction, which
//! take the place of its own in one small transaction. A new node is added as a learner, catches up, and
//! votes ([`Group::set_members`]).
//!
//! # What is deliberately absent
//!
//! The crate knows bytes, groups and indexes, not seats. There is no snapshot to build or to keep:
//! the state on the disk *is* the snapshot that consensus is told of, so that it may purge the
//! log.

mod buckets;
pub mod feed;
pub mod gossip;
mod group;
mod identity;
mod machine;
pub mod membership;
mod store;
pub mod transport;
pub mod trust;

pub use self::group::{
    Group, GroupError, GroupMetrics, GroupNetwork, GroupNetworkMetrics, GroupOptions, HandOverError,
    HomeView, Members, MembersError, ProposeError, Timeouts, timeouts,
};
pub use self::identity::{GroupId, NodeId};
pub use self::machine::{Machine, MachineError, Position, TableVisitor};
pub use self::store::{
    FileRefusal, Inspection, Pace, Sabotage, Step, StorageKey, Store, StoreError, StoreFailure, StoreMetrics,
    StoreOptions, Tasks, Volume, WeakKey, inspect,
};
