//! What happens to a cluster, by seed: how large it is, what its links are like, and which faults come when.

use std::time::Duration;

use marquee_replication::Step;
use marquee_replication::transport::Link;

use super::dice::Dice;

/// Everything that a seed decides beforehand.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many nodes there are when customers come.
    pub nodes: u64,
    /// How many replicas groups are to have.
    pub replicas: usize,
    /// How many customers there are.
    pub customers: u64,
    /// Whether nodes wait as long as between continents.
    pub wan: bool,
    /// What links are like while nothing is wrong.
    pub link: Link,
    /// How long the state may stay off the disk.
    pub sync_interval: Duration,
    /// How long a step of the pipeline takes at most, in milliseconds.
    pub step_ms_max: u64,
    /// How many entries logs keep for replicas that are behind.
    pub log_entries_kept: u64,
    /// How many answers of a thousand the gateway loses.
    pub gateway_lost_per_mille: u64,
    /// For how long faults come, in milliseconds.
    pub storm_ms: u64,
    /// The faults, each with its time from the storm's beginning, in milliseconds.
    pub faults: Vec<(u64, Fault)>,
}

/// Something goes wrong, or an operator does something. Nodes are named by their place among those that are there, so
/// that a plan fits whatever became of the cluster. This is the list to add to when clusters learn something else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Nothing passes between two nodes in one direction, or both, for a while.
    Cut {
        /// From which.
        from: u64,
        /// To which.
        to: u64,
        /// Whether the other direction is cut as well.
        both: bool,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// A node hears nobody, is heard by nobody, or both, for a while.
    Isolate {
        /// Which.
        node: u64,
        /// Whether it is heard no more.
        out: bool,
        /// Whether it hears no more.
        inward: bool,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// The nodes fall into two parts, by the bits of a number, for a while.
    Split {
        /// A bit for each node.
        sides: u64,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// All links become like this, for a while.
    Weather {
        /// Like what.
        link: Link,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// A node crashes, and comes back.
    Crash {
        /// Which.
        node: u64,
        /// When exactly.
        how: Crash,
        /// After how long it comes back, in milliseconds.
        back_ms: u64,
    },
    /// The power fails everywhere at once.
    PowerCut {
        /// After how long it comes back, in milliseconds; each node a little later than the one before.
        back_ms: u64,
    },
    /// A node crashes, and some pages of its files rot before it comes back.
    Rot {
        /// Which.
        node: u64,
        /// How many pages.
        pages: u64,
        /// After how long it comes back, in milliseconds.
        back_ms: u64,
    },
    /// A node does nothing for a while, and does not notice.
    Pause {
        /// Which.
        node: u64,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// A node's clock is set, forward or back.
    Skew {
        /// Which.
        node: u64,
        /// By how much, in milliseconds.
        by_ms: i64,
    },
    /// A node's disks become slow, for a while.
    SlowDisk {
        /// Which.
        node: u64,
        /// How long a step of its pipeline takes at most, in milliseconds.
        step_ms_max: u64,
        /// For how long, in milliseconds.
        for_ms: u64,
    },
    /// An operator drains a node, and lets it work again after a while.
    Drain {
        /// Which.
        node: u64,
        /// After how long, in milliseconds.
        for_ms: u64,
    },
    /// An operator gives a group other replicas.
    Reshuffle {
        /// Which group, by its place.
        group: u64,
        /// Decides which replicas.
        dice: u64,
    },
    /// A group's home is handed over.
    HandOver {
        /// Which group, by its place.
        group: u64,
        /// To which of its voters, by its place.
        to: u64,
    },
    /// An operator moves a venue to another group.
    Move {
        /// Which venue, by its place.
        venue: u64,
        /// To which group, by its place.
        to: u64,
    },
    /// A node takes its peers for so far away, and gives its replicas other timeouts.
    Pace {
        /// Which.
        node: u64,
        /// How far, as a round trip in milliseconds.
        round_trip_ms: u64,
    },
    /// A node joins.
    Join,
    /// An operator removes a node for good, and another one joins in its place.
    Replace {
        /// Which.
        node: u64,
    },
}

/// How a node crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// At once.
    Now,
    /// At a step of its commit pipeline, when that was passed so many times.
    AtStep(Step, u64),
    /// In the middle of an operation of its disks, after so many.
    AtOperation(u64),
}

/// Bounds of a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// Exactly so many nodes.
    pub nodes: Option<u64>,
    /// No faults at all.
    pub calm: bool,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn new(seed: u64, wishes: Wishes) -> Self {
        let mut dice = Dice::new(seed);
        let nodes = wishes.nodes.unwrap_or(match dice.roll(10) {
            0..5 => 3,
            5..7 => 4,
            7..9 => 5,
            _ => dice.between(6, 9),
        });
        let replicas = if nodes >= 5 && dice.chance(400) { 5 } else { 3 };
        let wan = dice.chance(150);
        let link = link(&mut dice, wan);
        let storm_ms = dice.between(6_000, 16_000);
        let mut faults = Vec::new();
        if !wishes.calm {
            let mut at_ms = dice.between(50, 1_000);
            while at_ms < storm_ms {
                faults.push((at_ms, fault(&mut dice)));
                at_ms += dice.between(50, 2_200);
            }
            faults.extend(paces(seed, storm_ms, wan));
            faults.sort_by_key(|(at_ms, _fault)| *at_ms);
        }
        Self {
            nodes,
            replicas,
            customers: dice.between(4, 10),
            wan,
            link,
            sync_interval: Duration::from_millis(*dice.pick(&[20, 100, 300, 1_000]).unwrap_or(&1_000)),
            step_ms_max: dice.roll(4),
            log_entries_kept: *dice.pick(&[4, 16, 64, 256]).unwrap_or(&256),
            gateway_lost_per_mille: dice.roll(200),
            storm_ms,
            faults,
        }
    }
}

fn link(dice: &mut Dice, wan: bool) -> Link {
    let delay_ms = if wan { dice.between(20, 90) } else { dice.between(1, 4) };
    Link {
        delay: Duration::from_millis(delay_ms),
        jitter: Duration::from_millis(dice.between(0, delay_ms * 2)),
        loss_per_mille: dice.roll(10) as u16,
        doubled_per_mille: dice.roll(10) as u16,
        bytes_per_second: 0,
    }
}

fn fault(dice: &mut Dice) -> Fault {
    let node = dice.roll(1_000);
    let short = |dice: &mut Dice| dice.between(50, 2_500);
    match dice.roll(100) {
        0..6 => Fault::Move { venue: node, to: dice.roll(1_000) },
        6..14 => Fault::Cut { from: node, to: dice.roll(1_000), both: dice.chance(400), for_ms: long(dice) },
        14..26 => {
            let (out, inward) =
                *dice.pick(&[(true, true), (true, false), (false, true)]).unwrap_or(&(true, true));
            Fault::Isolate { node, out, inward, for_ms: long(dice) }
        }
        26..32 => Fault::Split { sides: dice.roll(1 << 16), for_ms: long(dice) },
        32..38 => {
            let link = Link {
                delay: Duration::from_millis(dice.between(1, 60)),
                jitter: Duration::from_millis(dice.between(0, 120)),
                loss_per_mille: dice.roll(150) as u16,
                doubled_per_mille: dice.roll(150) as u16,
                bytes_per_second: if dice.chance(200) { 200_000 } else { 0 },
            };
            Fault::Weather { link, for_ms: long(dice) }
        }
        38..60 => Fault::Crash { node, how: crash(dice), back_ms: short(dice) },
        60..64 => Fault::PowerCut { back_ms: short(dice) },
        64..67 => Fault::Rot { node, pages: dice.between(1, 6), back_ms: short(dice) },
        67..73 => Fault::Pause { node, for_ms: short(dice) },
        73..78 => Fault::Skew { node, by_ms: dice.between(0, 8_000) as i64 - 4_000 },
        78..83 => Fault::SlowDisk { node, step_ms_max: dice.between(5, 120), for_ms: long(dice) },
        83..88 => Fault::Drain { node, for_ms: long(dice) },
        88..92 => Fault::Reshuffle { group: node, dice: dice.roll(1 << 32) },
        92..97 => Fault::HandOver { group: node, to: dice.roll(1_000) },
        97..98 => Fault::Join,
        _ => Fault::Replace { node },
    }
}

/// Changes of timeouts, by dice of their own: what else comes over a seed's cluster does not depend on them.
fn paces(seed: u64, storm_ms: u64, wan: bool) -> Vec<(u64, Fault)> {
    let mut dice = Dice::new(seed ^ 0x50ac_e000);
    let count = dice.roll(12);
    let mut pace = |_nth| {
        let round_trip_ms = if wan { dice.between(100, 400) } else { dice.between(0, 60) };
        (dice.between(500, storm_ms), Fault::Pace { node: dice.roll(1_000), round_trip_ms })
    };
    (0..count).map(&mut pace).collect()
}

fn long(dice: &mut Dice) -> u64 {
    dice.between(100, 5_000)
}

fn crash(dice: &mut Dice) -> Crash {
    match dice.roll(10) {
        0..2 => Crash::Now,
        2..7 => {
            let step = dice.pick(&Step::ALL).copied().unwrap_or(Step::LogWritten);
            Crash::AtStep(step, dice.roll(6))
        }
        _ => Crash::AtOperation(dice.roll(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_differ_and_repeat() {
        let told = |seed| format!("{:?}", Plan::new(seed, Wishes::default()));
        assert_eq!(told(1), told(1));
        assert_ne!(told(1), told(2));
    }

    #[test]
    fn every_kind_of_fault_comes() {
        let plans = (0..200).map(|seed| Plan::new(seed, Wishes::default()));
        let faults: Vec<_> =
            plans.flat_map(|plan| plan.faults).map(|(_, fault)| format!("{fault:?}")).collect();
        for kind in [
            "Cut",
            "Isolate",
            "Split",
            "Weather",
            "Crash",
            "PowerCut",
            "Rot",
            "Pause",
            "Skew",
            "SlowDisk",
            "Drain",
            "Reshuffle",
            "HandOver",
            "Move",
            "Pace",
            "Join",
            "Replace",
        ] {
            assert!(faults.iter().any(|fault| fault.starts_with(kind)), "{kind} never comes");
        }
        for step in Step::ALL {
            assert!(
                faults.iter().any(|fault| fault.contains(&format!("{step:?}"))),
                "{step:?} is never crashed at"
            );
        }
    }
}
