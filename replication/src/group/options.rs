//! How a group runs on a node.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use openraft::{Config, SnapshotPolicy};

use super::error::GroupError;
use crate::identity::{GroupId, NodeId};

/// How a group runs on this node.
#[derive(Clone)]
pub struct GroupOptions {
    /// The group.
    pub id: GroupId,
    /// This node.
    pub node: NodeId,
    /// How many commands may wait; one more is refused with
    /// [`ProposeError::Overloaded`](crate::ProposeError::Overloaded).
    pub commands_waiting_max: usize,
    /// Milliseconds since 1970. It may stand still or jump back; stamped times do not.
    pub clock: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// How many commands one entry holds at most.
    pub entry_commands_max: usize,
    /// How many bytes of commands one entry holds at most; a longer command has its own entry.
    pub entry_bytes_max: usize,
    /// How many entries may be proposed and not answered.
    pub entries_in_flight_max: usize,
    /// How many entries stay in the log behind what the state has on the disk, for replicas that
    /// are behind.
    pub log_entries_kept: u64,
    /// When a home that is silent is replaced; see [`timeouts`].
    pub timeouts: Timeouts,
}

/// When a home that is silent is replaced.
///
/// Consensus reads them when it begins and keeps them; see [`Group::set_timeouts`](crate::Group::set_timeouts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// How often the home tells the others that it is there.
    pub heartbeat: Duration,
    /// A replica whose home's lease ran out stands for election after a random time, at least this long...
    pub election_min: Duration,
    /// ...and at most this long. A home's lease lasts as long.
    pub election_max: Duration,
}

/// The timeouts of a group whose slowest round trip between two members is this long.
///
/// ```text
/// heartbeat      50 ms + 1.25 × round trip     a beat and its answer fit between two beats
/// election_min  125 ms + 2    × round trip     some beats may be lost or late before anybody doubts
/// election_max  250 ms + 2.5  × round trip     two that doubt at once are apart by more than a message needs
/// ```
///
/// A home that dies is replaced after its lease (`election_max`), a random time between the two, and two
/// round trips of voting: about 0.4 s within a region, 1.6 s between continents that are 200 ms apart.
#[must_use]
pub fn timeouts(round_trip_max: Duration) -> Timeouts {
    // A round trip of a minute is none.
    let round_trip = round_trip_max.min(Duration::from_secs(60));
    Timeouts {
        heartbeat: Duration::from_millis(50) + round_trip * 5 / 4,
        election_min: Duration::from_millis(125) + round_trip * 2,
        election_max: Duration::from_millis(250) + round_trip * 5 / 2,
    }
}

impl GroupOptions {
    /// The group on this node, with everything else at its default.
    #[must_use]
    pub fn new(id: GroupId, node: NodeId, clock: Arc<dyn Fn() -> u64 + Send + Sync>) -> Self {
        Self {
            id,
            node,
            commands_waiting_max: 16_384,
            clock,
            entry_commands_max: 4096,
            entry_bytes_max: 1 << 20,
            entries_in_flight_max: 2,
            log_entries_kept: 256,
            timeouts: timeouts(Duration::ZERO),
        }
    }

    /// How long a command waits while nobody is home, and how long a peer may be silent where it has to answer: an
    /// election and a lease, twice.
    pub(super) fn patience(&self) -> Duration {
        self.timeouts.election_max * 4
    }

    pub(super) fn consensus(&self) -> Result<Config, GroupError> {
        let config = Config {
            cluster_name: self.id.to_string(),
            heartbeat_interval: milliseconds(self.timeouts.heartbeat),
            election_timeout_min: milliseconds(self.timeouts.election_min),
            election_timeout_max: milliseconds(self.timeouts.election_max),
            // The network beats for all groups at one moment.
            enable_heartbeat: false,
            // The state on the disk is the snapshot; the group says when there is a later one.
            snapshot_policy: SnapshotPolicy::Never,
            max_in_snapshot_log_to_keep: self.log_entries_kept,
            enable_pre_vote: Some(true),
            enable_leader_restore: Some(false),
            ..Config::default()
        };
        config.validate().map_err(|error| GroupError::Timeouts { group: self.id, reason: error.to_string() })
    }
}

impl fmt::Debug for GroupOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupOptions").field("id", &self.id).field("node", &self.node).finish_non_exhaustive()
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{GroupId, NodeId};

    #[test]
    fn timeouts_fit_together_whatever_the_round_trip() {
        for round_trip_ms in [0, 1, 20, 80, 200, 500, 10_000_000] {
            let mut options = GroupOptions::new(GroupId(1), NodeId(1), Arc::new(|| 0));
            let round_trip = Duration::from_millis(round_trip_ms);
            options.timeouts = timeouts(round_trip);
            options.consensus().unwrap();
            assert!(options.timeouts.heartbeat > round_trip.min(Duration::from_secs(60)));
        }
    }
}
