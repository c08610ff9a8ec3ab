//! Why a group does not open, or does not answer.

use crate::identity::{GroupId, NodeId};
use crate::store::StoreError;

/// Why a group cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// The store is closed, broken or damaged, or the machine does not open.
    #[error("group {group} cannot be opened: {source}")]
    Store {
        /// The group.
        group: GroupId,
        /// What the store says.
        source: StoreError,
    },
    /// The two files do not belong together.
    #[error(
        "group {group}: the state has come to entry {applied}, but the log {log}; log.redb and state.redb are not \
         from the same moment, restore both from one backup"
    )]
    FilesDisagree {
        /// The group.
        group: GroupId,
        /// The last entry in the state.
        applied: u64,
        /// What the log has.
        log: String,
    },
    /// The files are another node's.
    #[error(
        "the files have group {group} of other nodes ({members}), and this node is {node}; a node keeps its own \
         files, and joins under a new number when it lost them"
    )]
    NotMember {
        /// The group.
        group: GroupId,
        /// This node.
        node: NodeId,
        /// Who is in the group.
        members: String,
    },
    /// The options do not fit together.
    #[error("group {group}: the timeouts do not fit together: {reason}")]
    Timeouts {
        /// The group.
        group: GroupId,
        /// What is wrong.
        reason: String,
    },
    /// It can be done only while another node is known to be home. Nothing was changed.
    #[error("nobody else is home of group {group}; nothing was changed")]
    NotFollowing {
        /// The group.
        group: GroupId,
    },
    /// Consensus stopped while the group opened.
    #[error("group {group} stopped while it opened: {reason}")]
    Stopped {
        /// The group.
        group: GroupId,
        /// Why.
        reason: String,
    },
}

/// Why a command has no answer. Only [`OutcomeUnknown`](Self::OutcomeUnknown) leaves open whether
/// it was, or will be, carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// Too many commands wait. Nothing was done; try again later.
    #[error("too many commands are waiting; nothing was done, try again in a moment")]
    Overloaded,
    /// The group is closed or its store broke. Nothing was done.
    #[error("the group has stopped; nothing was done")]
    Stopped,
    /// The command is longer than an entry may be. Nothing was done; trying again is useless.
    #[error("the command has {bytes} bytes and may have {bytes_max}; nothing was done")]
    TooLarge {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        bytes_max: usize,
    },
    /// The command is in the log, perhaps, and may be carried out, perhaps after a restart. Ask
    /// again with the same idempotency key.
    #[error("it is unknown whether the command was carried out; ask again with the same key")]
    OutcomeUnknown,
    /// Another node is home, or none at the moment. Nothing was done.
    #[error("this node is not the group's home; nothing was done")]
    NotHome {
        /// Who is, if known.
        home: Option<NodeId>,
    },
}
