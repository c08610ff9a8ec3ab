//! The names of groups and nodes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A replicated log with its state. Numbers are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupId(pub u64);

impl GroupId {
    /// What stands before the names of the group's tables in `state.redb`: `g1` for group 1.
    #[must_use]
    pub fn namespace(self) -> String {
        format!("g{}", self.0)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// A node that holds replicas. A number is never used again: a wiped or damaged node comes back
/// under another one, since an old number that replays an old configuration could elect itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u64);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}
