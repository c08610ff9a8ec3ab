//! A closer look at the nodes near by.
//!
//! foca has one patience for all members, and it has to be that of the slowest link. A few peers with a short measured
//! round trip are therefore pinged apart from it, often; one that stays silent is reported to foca as suspect.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::identity::NodeId;

/// How many peers are watched.
pub const NEIGHBOURS_MAX: usize = 3;
/// Who is as near as this is a neighbour.
const ROUND_TRIP_MAX: Duration = Duration::from_millis(60);
/// How often neighbours are pinged.
pub(super) const PING_INTERVAL: Duration = Duration::from_millis(200);
/// How long a neighbour may be silent.
const SILENCE_MAX: Duration = Duration::from_millis(800);

/// The peers that are watched, and when each was last heard.
#[derive(Default)]
pub(super) struct Neighbours(BTreeMap<NodeId, Instant>);

impl Neighbours {
    /// Chooses among the active peers: the nearest, to ten milliseconds, and of those that are as near the next ones in
    /// the ring of numbers. So everybody is somebody's neighbour. Who is watched already stays while it is chosen.
    pub(super) fn choose(
        &mut self,
        now: Instant,
        own: NodeId,
        peers: impl Iterator<Item = (NodeId, Option<Duration>)>,
    ) {
        let mut near: Vec<(u128, u64, NodeId)> = Vec::new();
        for (peer, round_trip) in peers {
            // A connection that broke has no round trip; the peer is watched on, for it may just have died.
            let round_trip = round_trip.or_else(|| self.0.contains_key(&peer).then_some(Duration::ZERO));
            if let Some(round_trip) = round_trip.filter(|round_trip| *round_trip <= ROUND_TRIP_MAX) {
                near.push((round_trip.as_millis() / 10, peer.0.wrapping_sub(own.0), peer));
            }
        }
        near.sort_unstable();
        near.truncate(NEIGHBOURS_MAX);
        let before = std::mem::take(&mut self.0);
        self.0 = near
            .into_iter()
            .map(|(_round_trip, _place, peer)| (peer, before.get(&peer).copied().unwrap_or(now)))
            .collect();
    }

    pub(super) fn heard(&mut self, now: Instant, peer: NodeId) {
        if let Some(heard) = self.0.get_mut(&peer) {
            *heard = now;
        }
    }

    /// Who is watched.
    pub(super) fn all(&self) -> impl Iterator<Item = NodeId> {
        self.0.keys().copied()
    }

    /// Who has been silent for too long. Each is told once, and watched anew when it is heard again.
    pub(super) fn silent(&mut self, now: Instant) -> Vec<NodeId> {
        let silent: Vec<NodeId> = self
            .0
            .iter()
            .filter(|(_peer, heard)| now.saturating_duration_since(**heard) >= SILENCE_MAX)
            .map(|(peer, _heard)| *peer)
            .collect();
        for peer in &silent {
            self.0.remove(peer);
        }
        silent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_are_watched_and_the_silent_are_told_once() {
        let start = Instant::now();
        let mut neighbours = Neighbours::default();
        let peer = |number: u64, ms: u64| (NodeId(number), Some(Duration::from_millis(ms)));
        let peers = [peer(1, 90), peer(2, 5), peer(3, 1), peer(4, 20), peer(5, 30), peer(6, 8)];
        neighbours.choose(start, NodeId(4), peers.into_iter().chain([(NodeId(7), None)]));
        assert_eq!(neighbours.all().collect::<Vec<_>>(), [2, 3, 6].map(NodeId));

        let later = start + SILENCE_MAX;
        neighbours.heard(later, NodeId(2));
        assert_eq!(neighbours.silent(later), [3, 6].map(NodeId));
        assert_eq!(neighbours.silent(later), []);
    }
}
