//! The directory in memory, on every node.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use marquee_replication::{GroupId, NodeId};
use marquee_search::places::Point;
use tokio::sync::watch;

use super::command::Change;
use super::entity::{GroupKind, GroupRecord, NodeRecord, NodeStatus, Placement, ShardMap};

/// The directory at one moment, as far as this node knows.
#[derive(Debug, Clone, Default)]
pub struct View {
    nodes: BTreeMap<NodeId, Arc<NodeRecord>>,
    groups: BTreeMap<GroupId, Arc<GroupRecord>>,
    placements: BTreeMap<u32, Placement>,
    /// The venues whose placement tells of a seizure.
    seized: BTreeSet<u32>,
    shards: Arc<ShardMap>,
}

impl View {
    /// The nodes, removed ones too.
    #[must_use]
    pub const fn nodes(&self) -> &BTreeMap<NodeId, Arc<NodeRecord>> {
        &self.nodes
    }

    /// The groups.
    #[must_use]
    pub const fn groups(&self) -> &BTreeMap<GroupId, Arc<GroupRecord>> {
        &self.groups
    }

    /// The placements that were made, by the venue's number.
    #[must_use]
    pub const fn placements(&self) -> &BTreeMap<u32, Placement> {
        &self.placements
    }

    /// The placements of venues that are taken over, or were, and are not settled: seldom more than a few.
    pub fn seizures(&self) -> impl Iterator<Item = &Placement> {
        self.seized.iter().filter_map(|venue| self.placements.get(venue))
    }

    /// The group that owns a venue, an event (owner 0), and what the ids of their things name.
    #[must_use]
    pub fn group_of_venue(&self, owner: u32) -> GroupId {
        self.placements.get(&owner).map_or(super::DIRECTORY, |placement| placement.group)
    }

    /// The epoch of a venue's placement.
    #[must_use]
    pub fn epoch_of_venue(&self, owner: u32) -> u64 {
        self.placements.get(&owner).map_or(0, |placement| placement.epoch)
    }

    /// The group that owns an account shard.
    #[must_use]
    pub fn group_of_shard(&self, shard: u32) -> GroupId {
        self.shards.group(shard)
    }

    /// Who is to hold a group's replicas.
    #[must_use]
    pub fn replicas(&self, group: GroupId) -> &[NodeId] {
        self.groups.get(&group).map_or(&[], |group| &group.replicas)
    }

    /// The nodes that were not removed.
    pub fn members(&self) -> impl Iterator<Item = &Arc<NodeRecord>> {
        self.nodes.values().filter(|node| node.status != NodeStatus::Removed)
    }

    /// Whether a node is a box office: its own group is one that nobody takes over by itself.
    #[must_use]
    pub fn is_box_office(&self, node: NodeId) -> bool {
        self.groups.get(&GroupId(node.0)).is_some_and(|group| group.kind == GroupKind::Solo)
    }

    /// The group that a venue is placed in which is made through a group's home: a box office's own, whose venues sell with the
    /// line cut; else the nearest that anybody may take over.
    #[must_use]
    pub fn group_for_venue(&self, here: GroupId, point: Option<crate::catalog::entity::Point>) -> GroupId {
        if self.groups.get(&here).is_some_and(|group| group.kind == GroupKind::Solo) {
            return here;
        }
        self.nearest_group(point).unwrap_or(here)
    }

    /// The group whose preferred node stands nearest to a place; none if nobody knows where anybody is.
    #[must_use]
    pub fn nearest_group(&self, point: Option<crate::catalog::entity::Point>) -> Option<GroupId> {
        let degrees = |micro: i32| f64::from(micro) / 1e6;
        let place = point.and_then(|at| Point::new(degrees(at.lat_micro), degrees(at.lon_micro)))?;
        let mut nearest: Option<(f64, GroupId)> = None;
        for group in self.groups.values().filter(|group| group.kind == GroupKind::Shared) {
            let node = self.nodes.get(&group.preferred).filter(|node| node.status == NodeStatus::Active);
            let location = node.and_then(|node| node.facts.location);
            let location = location.and_then(|at| Point::new(at.latitude, at.longitude));
            let Some(location) = location else { continue };
            let distance = place.distance_km(location);
            if nearest.is_none_or(|(least, _)| distance < least) {
                nearest = Some((distance, group.id));
            }
        }
        nearest.map(|(_distance, group)| group)
    }

    /// The directory as it would be with a change, to work out beforehand what comes of it.
    #[must_use]
    pub fn with(&self, change: &Change) -> Self {
        let mut changed = self.clone();
        changed.take(change);
        changed
    }

    fn take(&mut self, change: &Change) {
        match change {
            Change::Node(node) => _ = self.nodes.insert(node.id, Arc::clone(node)),
            Change::Group(group) => _ = self.groups.insert(group.id, Arc::clone(group)),
            Change::Placement(placement) => self.take_placement(*placement),
            Change::Shards(shards) => self.shards = Arc::clone(shards),
        }
    }

    /// Placements never go back to an older epoch, whatever order they come in.
    fn take_placement(&mut self, placement: Placement) {
        let known = self.placements.entry(placement.venue).or_insert(placement);
        if known.epoch <= placement.epoch {
            *known = placement;
            match placement.seizure {
                Some(_) => self.seized.insert(placement.venue),
                None => self.seized.remove(&placement.venue),
            };
        }
    }
}

/// The directory in memory, as it changes. Reading costs no lock.
pub struct Views {
    view: ArcSwap<View>,
    changed: watch::Sender<u64>,
}

impl Default for Views {
    fn default() -> Self {
        Self { view: ArcSwap::default(), changed: watch::Sender::new(0) }
    }
}

impl Views {
    /// The directory just now.
    #[must_use]
    pub fn now(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Hears of every change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Takes changed records in.
    pub fn take(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        // Changes are rare, and two at a time are rarer: the loser does it again.
        self.view.rcu(|view| {
            let mut next = View::clone(view);
            changes.iter().for_each(|change| next.take(change));
            next
        });
        self.changed.send_modify(|generation| *generation += 1);
    }
}
