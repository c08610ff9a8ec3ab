//! What the links of a network in memory do to what travels, by a seed.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::identity::NodeId;

/// What a link does to what travels on it, in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// How long everything takes at least.
    pub delay: Duration,
    /// How much longer it takes at most, by chance: packets overtake each other.
    pub jitter: Duration,
    /// How many packets of a thousand are lost. Datagrams are gone; of streams they are sent again,
    /// which takes time.
    pub loss_per_mille: u16,
    /// How many datagrams of a thousand arrive two times.
    pub doubled_per_mille: u16,
    /// How many bytes pass in a second; 0 when there is no limit.
    pub bytes_per_second: u64,
}

impl Default for Link {
    /// Everything passes at once.
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss_per_mille: 0,
            doubled_per_mille: 0,
            bytes_per_second: 0,
        }
    }
}

/// A packet that is lost on a stream is sent again after so many delays: until its absence is noticed,
/// and once more the way.
const DELAYS_UNTIL_SENT_AGAIN: u32 = 3;
/// And not before this has passed.
const SENT_AGAIN_MIN: Duration = Duration::from_millis(10);
/// A link that loses everything is a cut, not weather.
const LOST_IN_A_ROW_MAX: u32 = 8;

/// The links of a network, and the chance that rules them.
#[derive(Debug)]
pub struct Weather {
    dice: Dice,
    link: Link,
    links: BTreeMap<(NodeId, NodeId), Link>,
    /// Until when a link is busy with what was sent before.
    busy_until: BTreeMap<(NodeId, NodeId), Duration>,
}

impl Weather {
    /// All links are like this one. The seed decides whatever is left to chance.
    #[must_use]
    pub fn new(seed: u64, link: Link) -> Self {
        Self { dice: Dice::new(seed), link, links: BTreeMap::new(), busy_until: BTreeMap::new() }
    }

    /// Changes all links.
    pub fn set_all(&mut self, link: Link) {
        self.link = link;
        self.links.clear();
    }

    /// Changes one link, in one direction.
    pub fn set(&mut self, from: NodeId, to: NodeId, link: Link) {
        self.links.insert((from, to), link);
    }

    /// What a link is like.
    #[must_use]
    pub fn link(&self, from: NodeId, to: NodeId) -> Link {
        self.links.get(&(from, to)).copied().unwrap_or(self.link)
    }

    /// When the copies of a datagram arrive that is sent now: none, one or two.
    pub(super) fn datagram(
        &mut self,
        from: NodeId,
        to: NodeId,
        bytes: usize,
        now: Duration,
    ) -> [Option<Duration>; 2] {
        let link = self.link(from, to);
        if self.dice.per_mille(link.loss_per_mille) {
            return [None; 2];
        }
        let sent = self.through(from, to, bytes, now, link);
        let first = sent + self.dice.delay(link);
        let second = self.dice.per_mille(link.doubled_per_mille).then(|| sent + self.dice.delay(link));
        [Some(first), second]
    }

    /// When a frame of a stream arrives that is sent now.
    pub(super) fn frame(&mut self, from: NodeId, to: NodeId, bytes: usize, now: Duration) -> Duration {
        let link = self.link(from, to);
        let mut arrives = self.through(from, to, bytes, now, link) + self.dice.delay(link);
        let mut pause = (link.delay * DELAYS_UNTIL_SENT_AGAIN).max(SENT_AGAIN_MIN);
        for _lost in 0..LOST_IN_A_ROW_MAX {
            if !self.dice.per_mille(link.loss_per_mille) {
                break;
            }
            arrives += pause;
            pause *= 2;
        }
        arrives
    }

    /// When the last byte is on the link: what was sent before goes first.
    fn through(&mut self, from: NodeId, to: NodeId, bytes: usize, now: Duration, link: Link) -> Duration {
        if link.bytes_per_second == 0 {
            return now;
        }
        let takes = Duration::from_nanos(bytes as u64 * 1_000_000_000 / link.bytes_per_second);
        let busy = self.busy_until.entry((from, to)).or_default();
        *busy = (*busy).max(now) + takes;
        *busy
    }
}

/// Small, fast and repeatable (xorshift64*).
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn per_mille(&mut self, of_thousand: u16) -> bool {
        of_thousand > 0 && self.roll(1000) < u64::from(of_thousand)
    }

    fn delay(&mut self, link: Link) -> Duration {
        // A jitter of more than a few minutes is none.
        let jitter_us = u64::try_from(link.jitter.as_micros()).unwrap_or(u64::MAX - 1);
        link.delay + Duration::from_micros(self.roll(jitter_us + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: NodeId = NodeId(1);
    const THERE: NodeId = NodeId(2);

    #[test]
    fn the_same_seed_gives_the_same_weather() {
        let link = Link {
            delay: Duration::from_millis(5),
            jitter: Duration::from_millis(3),
            loss_per_mille: 200,
            doubled_per_mille: 100,
            bytes_per_second: 0,
        };
        let story = |seed| {
            let mut weather = Weather::new(seed, link);
            (0..200).map(|_| weather.datagram(HERE, THERE, 100, Duration::ZERO)).collect::<Vec<_>>()
        };
        assert_eq!(story(7), story(7));
        assert_ne!(story(7), story(8));
        let arrivals: Vec<_> = story(7).into_iter().flatten().flatten().collect();
        assert!(arrivals.iter().all(|at| (5..=8).contains(&at.as_millis())));
        assert!(!arrivals.is_sorted(), "datagrams overtake each other");
        let lost = story(7).iter().filter(|copies| copies[0].is_none()).count();
        let doubled = story(7).iter().filter(|copies| copies[1].is_some()).count();
        assert!((20..60).contains(&lost) && (5..40).contains(&doubled), "{lost} lost, {doubled} doubled");
    }

    #[test]
    fn a_slow_link_sends_one_after_the_other() {
        let mut weather = Weather::new(1, Link { bytes_per_second: 1_000, ..Link::default() });
        let arrivals = [(); 3].map(|()| weather.frame(HERE, THERE, 500, Duration::ZERO).as_millis());
        assert_eq!(arrivals, [500, 1_000, 1_500]);
        assert_eq!(weather.frame(THERE, HERE, 500, Duration::ZERO).as_millis(), 500, "the way back is free");
    }
}
