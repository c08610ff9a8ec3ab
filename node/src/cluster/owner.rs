//! Whose something is: every command, id and request names its owner, and the directory knows the owner's group.

use marquee_replication::GroupId;

use crate::directory::{DIRECTORY, View};
use crate::machine::Command;

/// Who decides about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The group at hand, whichever it is.
    Here,
    /// The group that a venue is placed in; events and what else belongs to no venue have the number 0.
    Venue(u32),
    /// The group that has an account shard.
    Shard(u32),
    /// The directory's group.
    Directory,
}

impl Owner {
    /// The owner's group, as far as this node knows.
    #[must_use]
    pub fn group(self, view: &View, here: GroupId) -> GroupId {
        match self {
            Self::Here => here,
            Self::Venue(number) => view.group_of_venue(number),
            Self::Shard(shard) => view.group_of_shard(shard),
            Self::Directory => DIRECTORY,
        }
    }

    /// Who decides about a command.
    #[must_use]
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Ledger(request) => request.command.owner().map_or(Self::Here, Self::Venue),
            Command::Catalog { command, .. } => command.action.owner().map_or(Self::Here, Self::Venue),
            Command::Accounts { command, .. } => Self::Shard(command.shard()),
            Command::Directory { .. } => Self::Directory,
            // They are where the events are.
            Command::Reviews(_) => Self::Venue(0),
        }
    }
}
