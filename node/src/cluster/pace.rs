//! How long round trips to peers take, and when a group's replicas lose patience with a silent home by that.
//!
//! Each node goes by its own round trips: as home it waits for answers, as a replica for beats and as a candidate for votes,
//! and all of these are between itself and another member. They are looked at every second. A group's *reach* is the
//! longest round trip that its timeouts are made for, one of a few steps, so that it rarely changes: it grows when a
//! member was farther away than that for half a minute without a break, and shrinks when all were nearer than the next
//! lower step for as long. A peer that does not answer says nothing of either.
//!
//! The replicas of a group change one after the other, whoever is home last: it hands over first.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use marquee_replication::transport::Transport;
use marquee_replication::{GroupError, GroupId, NodeId, Timeouts, timeouts};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::net::Net;
use crate::home::Home;

/// How often round trips are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How many looks decide.
const LOOKS: usize = 30;
/// The steps of a group's reach, in milliseconds.
const STEPS_MS: [u64; 8] = [0, 25, 50, 100, 150, 250, 400, 700];
/// The timeouts have so much room by themselves: up to here nothing is added for the way.
const NEAR: Duration = Duration::from_millis(10);
/// What a round trip between regions takes at the most, where none has been measured yet.
const WAN_ROUND_TRIP: Duration = Duration::from_millis(250);
/// How long each replica has for its change before the next one begins.
const TURN: Duration = Duration::from_secs(10);
/// A replica that is no more entries behind is near enough to become home.
const LAG_MAX: u64 = 64;

/// Round trips to peers. See the module.
pub struct Pace {
    transport: Arc<dyn Transport>,
    /// What peers were taken for before they were measured.
    before: BTreeMap<NodeId, Duration>,
    /// What a peer is taken for that was never measured.
    unknown: Duration,
    seen: Mutex<BTreeMap<NodeId, VecDeque<Duration>>>,
}

impl Pace {
    /// Nothing is measured yet; `before` is what an earlier run remembers, `wan` whether peers are to be taken for far away.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, before: BTreeMap<NodeId, Duration>, wan: bool) -> Self {
        let unknown = if wan { WAN_ROUND_TRIP } else { Duration::ZERO };
        Self { transport, before, unknown, seen: Mutex::default() }
    }

    /// Looks how long round trips to these peers take just now.
    pub fn look(&self, peers: impl IntoIterator<Item = NodeId>) {
        let mut seen = self.seen.lock();
        let mut before = std::mem::take(&mut *seen);
        for peer in peers {
            let mut looks = before.remove(&peer).unwrap_or_default();
            match self.transport.round_trip(peer) {
                Some(round_trip) => {
                    if looks.len() == LOOKS {
                        looks.pop_front();
                    }
                    looks.push_back(round_trip);
                }
                // What comes after a break is another way, perhaps.
                None => looks.clear(),
            }
            seen.insert(peer, looks);
        }
    }

    /// The timeouts with which a group of these other members opens: none if it is not known who they are.
    #[must_use]
    pub fn at_first(&self, others: &[NodeId]) -> Timeouts {
        let seen = self.seen.lock();
        let of = |peer: &NodeId| {
            let measured = seen.get(peer).and_then(|looks| looks.iter().min().copied());
            measured.or_else(|| self.before.get(peer).copied()).unwrap_or(self.unknown)
        };
        let reach = match others {
            [] => self.before.values().copied().max(),
            others => others.iter().map(of).max(),
        };
        timeouts(step(reach.unwrap_or(self.unknown)))
    }

    /// The timeouts that fit better than these, if others do.
    #[must_use]
    pub fn better(&self, than: Timeouts, others: &[NodeId]) -> Option<Timeouts> {
        let seen = self.seen.lock();
        let reach = steps().find(|step| timeouts(*step) == than).unwrap_or_default();
        let whole = |peer: &NodeId| seen.get(peer).filter(|looks| looks.len() == LOOKS);
        let at_least = others.iter().filter_map(whole).filter_map(|looks| looks.iter().min().copied()).max();
        if let Some(far) = at_least.map(step).filter(|far| *far > reach) {
            return Some(timeouts(far));
        }
        let all: Option<Vec<_>> = others.iter().map(whole).collect();
        let at_most = all?.into_iter().filter_map(|looks| looks.iter().max().copied()).max()?;
        Some(step(at_most)).filter(|near| *near < reach).map(timeouts)
    }

    /// What is to be remembered: the shortest round trip to each peer lately, or before.
    #[must_use]
    pub fn remembered(&self) -> BTreeMap<NodeId, Duration> {
        let seen = self.seen.lock();
        let shortest = |(peer, looks): (&NodeId, &VecDeque<Duration>)| {
            let shortest = looks.iter().min().or_else(|| self.before.get(peer));
            shortest.map(|shortest| (*peer, *shortest))
        };
        seen.iter().filter_map(shortest).collect()
    }
}

fn steps() -> impl Iterator<Item = Duration> {
    STEPS_MS.into_iter().map(Duration::from_millis)
}

/// The lowest step that a round trip fits.
fn step(round_trip: Duration) -> Duration {
    let last = Duration::from_millis(STEPS_MS[STEPS_MS.len() - 1]);
    steps().find(|step| round_trip <= NEAR.max(*step)).unwrap_or(last)
}

/// Gives the node's groups better timeouts when there are any. Runs until it is dropped.
pub async fn keep(net: Arc<Net>, homes: impl Fn() -> Vec<Home>) {
    let own = net.belonging.node();
    // Since when which timeouts are better for a group.
    let mut due: BTreeMap<GroupId, (Timeouts, Instant)> = BTreeMap::new();
    loop {
        tokio::time::sleep(LOOK).await;
        let homes = homes();
        let peers: BTreeSet<_> = homes.iter().flat_map(|home| others(home, own)).collect();
        net.pace.look(peers);
        due.retain(|group, _since| homes.iter().any(|home| home.id() == *group));
        for home in homes {
            let group = home.group();
            let better = match others(&home, own) {
                others if others.is_empty() => None,
                others => net.pace.better(group.timeouts(), &others),
            };
            let Some(better) = better else {
                due.remove(&home.id());
                continue;
            };
            let (wanted, since) = *due.entry(home.id()).or_insert_with(|| (better, Instant::now()));
            if wanted != better {
                due.insert(home.id(), (better, Instant::now()));
            } else if since.elapsed() >= TURN * place(&home, own) {
                change(&net, &home, better).await;
            }
        }
    }
}

/// The other voters of a group in which this node votes; nobody, where timeouts do not matter.
fn others(home: &Home, own: NodeId) -> Vec<NodeId> {
    let members = home.group().members();
    let votes = members.voters.contains(&own);
    members.voters.into_iter().filter(|member| votes && *member != own).collect()
}

/// Which of a group's replicas this one is in the order in which they change.
fn place(home: &Home, own: NodeId) -> u32 {
    let is_home = |node: &NodeId| home.watch().borrow().home == Some(*node);
    let voters = home.group().members().voters;
    if is_home(&own) {
        return u32::try_from(voters.len()).unwrap_or(u32::MAX);
    }
    let before = voters.iter().take_while(|voter| **voter != own).filter(|voter| !is_home(voter));
    u32::try_from(before.count()).unwrap_or(u32::MAX)
}

async fn change(net: &Net, home: &Home, better: Timeouts) {
    let (id, group) = (home.id(), home.group());
    if home.watch().borrow().home == Some(net.belonging.node()) {
        // It is handed back when this node has changed: see the steward.
        let lags = group.lags();
        let fit = |node: &NodeId| net.is_alive(*node) && lags.get(node).is_some_and(|lag| *lag <= LAG_MAX);
        let voters = group.members().voters.into_iter().filter(|node| *node != net.belonging.node());
        let Some(to) = voters.filter(fit).min_by_key(|node| lags.get(node).copied()) else { return };
        if let Err(error) = group.hand_over(to).await {
            tracing::debug!(group = %id, %error, "a group is handed over later");
        }
        return;
    }
    match group.set_timeouts(better).await {
        Ok(()) => {
            tracing::info!(group = %id, ?better, "a group has timeouts for the round trips that were measured");
            if let Err(error) = net.belonging.remember_round_trips(&net.pace.remembered()) {
                tracing::warn!(%error, "round trips are not remembered");
            }
        }
        Err(GroupError::NotFollowing { .. }) => {}
        Err(error) => tracing::error!(group = %id, %error, "a replica has stopped"),
    }
}

#[cfg(test)]
mod tests {
    use marquee_replication::transport::{MemoryNetwork, Switch};

    use super::*;

    const FAR: NodeId = NodeId(2);
    const GONE: NodeId = NodeId(3);

    fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// Round trips as they were seen, the latest last.
    fn pace(seen: &[(NodeId, &[u64])], wan: bool) -> Pace {
        let transport = MemoryNetwork::new().join(NodeId(1), Switch::new());
        let pace = Pace::new(transport, BTreeMap::from([(GONE, milliseconds(40))]), wan);
        let looks = |looks: &&[u64]| looks.iter().copied().map(milliseconds).collect();
        *pace.seen.lock() = seen.iter().map(|(node, seen)| (*node, looks(seen))).collect();
        pace
    }

    #[test]
    fn a_round_trip_has_the_lowest_step_that_it_fits() {
        for (round_trip, reach) in [(0, 0), (10, 0), (11, 25), (25, 25), (26, 50), (160, 250), (9_000, 700)] {
            assert_eq!(step(milliseconds(round_trip)), milliseconds(reach), "{round_trip} ms");
        }
    }

    #[test]
    fn a_group_opens_with_what_is_known_of_its_members() {
        let measured = pace(&[(FAR, &[90, 120])], false);
        for (others, reach) in [(vec![], 50), (vec![FAR], 100), (vec![GONE], 50), (vec![NodeId(9)], 0)] {
            assert_eq!(measured.at_first(&others), timeouts(milliseconds(reach)), "{others:?}");
        }
        assert_eq!(pace(&[], true).at_first(&[NodeId(9)]), timeouts(milliseconds(250)));
    }

    #[test]
    fn timeouts_change_only_when_half_a_minute_says_so() {
        let steady = |round_trip| vec![round_trip; LOOKS];
        let mut spike = steady(2);
        spike[7] = 180;
        let mut lull = steady(80);
        lull[7] = 2;
        for (what, looks, reach, wanted) in [
            ("it fits", steady(80), 100, None),
            ("it is farther", steady(80), 0, Some(100)),
            ("it is nearer", steady(80), 250, Some(100)),
            ("it was farther for a moment", spike.clone(), 0, None),
            ("it was not near all the time", spike, 250, None),
            ("it was not far all the time", lull, 0, None),
            ("it was not seen for long", vec![80; LOOKS - 1], 0, None),
        ] {
            let better = pace(&[(FAR, &looks)], false).better(timeouts(milliseconds(reach)), &[FAR]);
            assert_eq!(better, wanted.map(milliseconds).map(timeouts), "{what}");
        }
    }

    #[test]
    fn a_member_that_is_not_there_keeps_a_group_from_less_patience_and_not_from_more() {
        let far = vec![80; LOOKS];
        let pace = pace(&[(FAR, &far), (GONE, &[])], false);
        assert_eq!(pace.better(timeouts(milliseconds(250)), &[FAR, GONE]), None);
        assert_eq!(pace.better(timeouts(milliseconds(25)), &[FAR, GONE]), Some(timeouts(milliseconds(100))));
    }

    #[test]
    fn a_break_begins_the_looks_anew() {
        let far = vec![80; LOOKS];
        let pace = pace(&[(FAR, &far)], false);
        // The network in memory has no such node.
        pace.look([FAR]);
        assert_eq!(pace.seen.lock()[&FAR].len(), 0);
        assert_eq!(pace.remembered(), BTreeMap::new());
    }
}
