//! foca's settings: the presets, and what grows with the cluster.

use std::num::{NonZeroU8, NonZeroUsize};
use std::time::Duration;

use foca::{Config, PeriodicParams};

use crate::transport::DATAGRAM_BYTES_MAX;

/// What stands in front of foca's packets: the version and what it is.
pub(super) const HEAD_BYTES: usize = 2;

/// How long down members are remembered.
const REMEMBERED: Duration = Duration::from_secs(6 * 3_600);

const fn count(number: usize) -> NonZeroUsize {
    match NonZeroUsize::new(number) {
        Some(number) => number,
        None => NonZeroUsize::MIN,
    }
}

const fn periodic(frequency: Duration, members: usize) -> Option<PeriodicParams> {
    Some(PeriodicParams { frequency, num_members: count(members) })
}

/// How long a member may be suspected before it is down: by the preset, for each digit of the number of members, since it
/// takes as many rounds until everybody has heard of the suspicion, and of its refutation.
pub(super) fn patience(wan: bool, members: usize) -> Duration {
    let patience = if wan { Duration::from_secs(3) } else { Duration::from_secs(2) };
    patience.mul_f64((members.max(10) as f64).log10())
}

/// The settings for a cluster of this many members. Only what foca takes while it runs depends on the number.
pub(super) fn settings(wan: bool, members: usize) -> Config {
    Config {
        probe_period: Duration::from_millis(if wan { 1_000 } else { 350 }),
        probe_rtt: Duration::from_millis(if wan { 450 } else { 120 }),
        num_indirect_probes: count(3),
        max_transmissions: transmissions(members),
        suspect_to_down_after: patience(wan, members),
        remove_down_after: Some(REMEMBERED),
        max_packet_size: count(DATAGRAM_BYTES_MAX - HEAD_BYTES),
        notify_down_members: true,
        periodic_announce: periodic(Duration::from_secs(10), 1),
        periodic_announce_to_down_members: periodic(Duration::from_secs(if wan { 10 } else { 5 }), 2),
        periodic_gossip: periodic(Duration::from_millis(if wan { 500 } else { 200 }), 3),
    }
}

/// Four for each digit of the number of members, as memberlist does; never less than for ten members.
fn transmissions(members: usize) -> NonZeroU8 {
    let digits = (members.max(10) as f64 + 1.0).log10();
    NonZeroU8::new((4.0 * digits).ceil() as u8).unwrap_or(NonZeroU8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_has_time_for_the_indirect_way() {
        for wan in [false, true] {
            for members in [0, 3, 10, 1_000, 100_000] {
                let settings = settings(wan, members);
                assert!(settings.probe_rtt * 2 < settings.probe_period);
                assert!(settings.suspect_to_down_after >= settings.probe_period * 3);
            }
        }
    }

    #[test]
    fn patience_grows_with_the_digits_of_the_cluster() {
        assert_eq!(settings(false, 3).suspect_to_down_after, Duration::from_secs(2));
        assert_eq!(settings(false, 1_000).suspect_to_down_after, Duration::from_secs(6));
        assert_eq!(transmissions(1_000).get(), 13);
    }
}
