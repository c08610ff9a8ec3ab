//! How the faults of a plan come over the world, and end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use marquee_node::directory::NodeStatus;
use marquee_replication::transport::Link;
use marquee_replication::{GroupId, NodeId};

use super::dice::Dice;
use super::director::Duty;
use super::plan::{Crash, Fault};
use super::trace::note;
use super::world::{REPLICAS_MIN, Site, World};

/// How long all must have been as it should before a node may be lost for good, in milliseconds.
const CALM_FOR_MS: u64 = 3_000;

/// How a fault ends.
pub(super) enum Ending {
    Mend(Vec<(NodeId, NodeId)>),
    FineWeather,
    FastDisk(NodeId),
}

impl World {
    /// The node at a place: half of the places are those of nodes where something is sold just then.
    fn node_at(&self, place: u64) -> Option<NodeId> {
        let mut nodes: Vec<NodeId> =
            self.sites.iter().filter(|(_, site)| !site.is_given_up).map(|(node, _)| *node).collect();
        if place.is_multiple_of(2) {
            let (homes, view) = (self.homesteads(), self.view());
            let sells = |group: GroupId| {
                let mut placements = view.iter().flat_map(|view| view.placements().values());
                placements.any(|placement| placement.group == group)
            };
            let selling: Vec<NodeId> =
                homes.iter().filter(|(group, _)| sells(**group)).map(|(_, at)| at.node).collect();
            if !selling.is_empty() {
                nodes = selling;
            }
        }
        let place = (place / 2) as usize;
        (!nodes.is_empty()).then(|| nodes[place % nodes.len()])
    }

    /// Lets a fault come over the world.
    pub(super) fn strike(&mut self, fault: Fault) {
        note!(self.trace, "fault: {fault:?}");
        match fault {
            Fault::Cut { from, to, both, for_ms } => {
                if let (Some(from), Some(to)) = (self.node_at(from), self.node_at(to)) {
                    let mut ways = vec![(from, to)];
                    ways.extend(both.then_some((to, from)));
                    self.cut(ways, for_ms);
                }
            }
            Fault::Isolate { node, out, inward, for_ms } => self.isolate(node, (out, inward), for_ms),
            Fault::Split { sides, for_ms } => self.split(sides, for_ms),
            Fault::Weather { link, for_ms } => {
                self.set_weather(link);
                self.end_later(for_ms, Ending::FineWeather);
            }
            Fault::Crash { node, how, back_ms } => self.let_crash(node, how, back_ms),
            Fault::PowerCut { back_ms } => self.cut_power(back_ms),
            Fault::Rot { node, pages, back_ms } => self.let_rot(node, pages, back_ms),
            Fault::Pause { node, for_ms } => {
                let until_ms = self.now_ms + for_ms;
                self.with_site(node, |site| site.paused_until_ms = until_ms);
            }
            Fault::Skew { node, by_ms } => {
                self.with_site(node, |site| _ = site.skew_ms.fetch_add(by_ms, Ordering::Relaxed));
            }
            Fault::SlowDisk { node, step_ms_max, for_ms } => {
                let Some(node) = self.node_at(node) else { return };
                self.set_pace(node, step_ms_max);
                self.end_later(for_ms, Ending::FastDisk(node));
            }
            Fault::Drain { node, for_ms } => {
                if let Some(node) = self.node_at(node) {
                    self.have_done(Duty::Drain { node, for_ms });
                }
            }
            Fault::Reshuffle { group, dice } => self.reshuffle(group, dice),
            Fault::HandOver { group, to } => self.hand_over(group, to),
            Fault::Move { venue, to } => self.move_venue(venue, to),
            Fault::Pace { node, round_trip_ms } => {
                let life = self.node_at(node).and_then(|node| self.sites.get(&node)?.life.as_ref());
                if let Some(life) = life {
                    life.take_peers_for(Duration::from_millis(round_trip_ms));
                }
            }
            Fault::Join => self.have_done(Duty::Join),
            Fault::Replace { node } => {
                if let Some(node) = self.node_at(node).filter(|_node| self.can_spare_one()) {
                    self.have_done(Duty::Replace { node });
                }
            }
        }
    }

    fn isolate(&mut self, node: u64, (out, inward): (bool, bool), for_ms: u64) {
        let Some(node) = self.node_at(node) else { return };
        let others = self.sites.keys().copied().filter(|other| *other != node);
        let ways = others.flat_map(|other| {
            [out.then_some((node, other)), inward.then_some((other, node))].into_iter().flatten()
        });
        self.cut(ways.collect(), for_ms);
    }

    fn split(&mut self, sides: u64, for_ms: u64) {
        let side = |node: &NodeId| sides >> (node.0 % 16) & 1;
        let nodes: Vec<NodeId> = self.sites.keys().copied().collect();
        let ways = nodes.iter().flat_map(|from| nodes.iter().map(move |to| (*from, *to)));
        self.cut(ways.filter(|(from, to)| side(from) != side(to)).collect(), for_ms);
    }

    fn cut_power(&mut self, back_ms: u64) {
        let nodes: Vec<NodeId> = self.sites.keys().copied().collect();
        for (nth, node) in (0..).zip(nodes) {
            self.come_back(node, back_ms + 40 * nth);
            self.crash(node, "the power fails everywhere");
        }
    }

    fn let_rot(&mut self, node: u64, pages: u64, back_ms: u64) {
        let Some(node) = self.node_at(node).filter(|_node| self.can_spare_one()) else { return };
        if let Some(site) = self.sites.get_mut(&node) {
            (site.is_rotten, site.rots) = (true, pages);
        }
        self.come_back(node, back_ms);
        self.crash(node, "its files are to rot");
    }

    fn with_site(&mut self, node: u64, change: impl FnOnce(&mut Site)) {
        if let Some(site) = self.node_at(node).and_then(|node| self.sites.get_mut(&node)) {
            change(site);
        }
    }

    /// Whether every group has enough sound replicas for one to be lost for good. A change of members that is under way
    /// cannot be seen; it is through when all has been as it should for a while.
    fn can_spare_one(&self) -> bool {
        let is_whole = |site: &Site| site.is_given_up || !site.is_rotten;
        let is_calm = self.settled_at_ms.is_some_and(|since_ms| since_ms + CALM_FOR_MS <= self.now_ms);
        is_calm && self.sites.values().all(is_whole)
    }

    fn let_crash(&mut self, node: u64, how: Crash, back_ms: u64) {
        let Some(node) = self.node_at(node) else { return };
        self.come_back(node, back_ms);
        match how {
            Crash::Now => self.crash(node, "it crashes at once"),
            Crash::AtStep(step, passes) => {
                if let Some(life) = self.sites.get(&node).and_then(|site| site.life.as_ref()) {
                    life.pace.crash_at(step, passes);
                }
            }
            Crash::AtOperation(operations) => {
                if let Some(life) = self.sites.get(&node).and_then(|site| site.life.as_ref()) {
                    life.power.cut_after(operations);
                }
            }
        }
    }

    /// Says when a node that is about to crash is started again.
    fn come_back(&mut self, node: NodeId, back_ms: u64) {
        let back_at_ms = self.now_ms + back_ms;
        if let Some(site) = self.sites.get_mut(&node).filter(|site| !site.is_given_up) {
            site.back_at_ms = Some(back_at_ms);
        }
    }

    fn cut(&mut self, ways: Vec<(NodeId, NodeId)>, for_ms: u64) {
        for (from, to) in &ways {
            self.network.cut(*from, *to);
        }
        self.end_later(for_ms, Ending::Mend(ways));
    }

    fn set_weather(&self, link: Link) {
        self.network.change_weather(|weather| weather.set_all(link));
    }

    fn end_later(&mut self, for_ms: u64, ending: Ending) {
        self.ended += 1;
        self.endings.insert((self.now_ms + for_ms, self.ended), ending);
    }

    pub(super) fn end_faults(&mut self) {
        while let Some(entry) = self.endings.first_entry().filter(|entry| entry.key().0 <= self.now_ms) {
            let ending = entry.remove();
            self.end(ending);
        }
    }

    fn end(&self, ending: Ending) {
        match ending {
            Ending::Mend(ways) => ways.iter().for_each(|(from, to)| self.network.mend(*from, *to)),
            Ending::FineWeather => self.set_weather(self.plan.link),
            Ending::FastDisk(node) => self.set_pace(node, self.plan.step_ms_max),
        }
    }

    fn set_pace(&self, node: NodeId, step_ms_max: u64) {
        if let Some(life) = self.sites.get(&node).and_then(|site| site.life.as_ref()) {
            life.pace.set_step_ms_max(step_ms_max);
        }
    }

    /// Nothing is wrong any more, and every node that is not lost is on.
    pub(super) fn heal(&mut self) {
        for ending in std::mem::take(&mut self.endings).into_values() {
            self.end(ending);
        }
        self.network.heal();
        self.gateway.heal();
        for site in self.sites.values_mut() {
            site.paused_until_ms = 0;
            if site.life.is_none() && !site.is_given_up {
                site.back_at_ms = Some(self.now_ms);
            }
        }
    }

    /// The nodes whose files rotted, and who did not notice so far.
    pub(super) fn rotten(&self) -> Vec<NodeId> {
        let rotten = self.sites.iter().filter(|(_, site)| site.is_rotten && !site.is_given_up);
        rotten.map(|(node, _)| *node).collect()
    }

    fn reshuffle(&mut self, group: u64, dice: u64) {
        let Some(view) = self.view() else { return };
        let groups: Vec<_> = view.groups().values().collect();
        let mut active: Vec<NodeId> = view
            .nodes()
            .values()
            .filter(|node| node.status == NodeStatus::Active)
            .map(|node| node.id)
            .collect();
        if groups.is_empty() || active.len() < REPLICAS_MIN {
            return;
        }
        let group = groups[group as usize % groups.len()];
        let mut dice = Dice::new(dice);
        let (mut replicas, wanted) = (Vec::new(), group.replicas.len().min(active.len()));
        while replicas.len() < wanted {
            replicas.push(active.remove(dice.roll(active.len() as u64) as usize));
        }
        self.have_done(Duty::Reshuffle { group: group.id, replicas });
    }

    fn move_venue(&mut self, venue: u64, to: u64) {
        let Some(view) = self.view() else { return };
        let venues: Vec<u32> = view.placements().keys().copied().collect();
        let groups: Vec<GroupId> = view.groups().keys().copied().collect();
        let venue = venues.get(venue as usize % venues.len().max(1));
        if let (Some(venue), Some(to)) = (venue, groups.get(to as usize % groups.len().max(1))) {
            self.have_done(Duty::Move { venue: *venue, to: *to });
        }
    }

    fn hand_over(&mut self, group: u64, to: u64) {
        let homes: Vec<_> = self.homesteads().into_iter().collect();
        let Some((group, at)) = homes.get(group as usize % homes.len().max(1)) else { return };
        let voters: Vec<NodeId> = at.home.group().members().voters.into_iter().collect();
        if let Some(to) = voters.get(to as usize % voters.len().max(1)) {
            self.have_done(Duty::HandOver { group: *group, to: *to });
        }
    }
}
