//! What comes of an operator's decision, worked out beforehand by the rules that the stewards follow.
//!
//! A plan is a forecast: it is right as long as nodes stay as they are. An [`Objection`] is why a decision is not taken.

mod promoting;
#[cfg(test)]
mod tests;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use marquee_replication::{GroupId, NodeId};

use super::steward::better_replicas;
use crate::directory::{Change, GroupKind, GroupRecord, NodeRecord, NodeStatus, View};

pub use promoting::{Copies, CopyState, Succession};
pub use words::called;

/// The most replicas of a group; the directory refuses more.
const REPLICAS_MAX: usize = 7;

/// The cluster as a node sees it.
pub struct Situation<'s> {
    /// The directory.
    pub view: &'s View,
    /// Who is home of which group.
    pub homes: &'s BTreeMap<GroupId, NodeId>,
    /// Which nodes answer.
    pub alive: &'s BTreeSet<NodeId>,
    /// How many replicas a group should have.
    pub replicas_wanted: usize,
}

/// Something that will happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A node gets no more work.
    Rests(NodeId),
    /// A node gets work again.
    Works(NodeId),
    /// A node is gone for good.
    Goes(NodeId),
    /// A node gets a replica of a group.
    Copies {
        /// Which group.
        group: GroupId,
        /// Which node.
        to: NodeId,
    },
    /// A node's replica of a group counts no more.
    Drops {
        /// Which group.
        group: GroupId,
        /// Which node.
        from: NodeId,
    },
    /// A group's home goes to another node.
    Moves {
        /// Which group.
        group: GroupId,
        /// From whom, if somebody is home.
        from: Option<NodeId>,
        /// To whom.
        to: NodeId,
    },
    /// A venue goes to another group.
    Transfers {
        /// Which venue.
        venue: u32,
        /// From which group.
        from: GroupId,
        /// To which group.
        to: GroupId,
    },
    /// A venue is taken over without its group.
    Seizes {
        /// Which venue.
        venue: u32,
        /// From which group.
        from: GroupId,
        /// To which group.
        to: GroupId,
        /// The node whose copy is taken.
        by: NodeId,
    },
}

/// Something that an operator should know before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Nothing changes.
    AlreadySo,
    /// A group's home cannot go elsewhere.
    HomeStays {
        /// Which group.
        group: GroupId,
        /// Where it is.
        on: NodeId,
    },
    /// A solo group stays where it is: its venues must be moved.
    SoloStays {
        /// Which group.
        group: GroupId,
        /// Where it is.
        on: NodeId,
    },
    /// A solo group has no home any more: its venues must be taken over.
    SoloLost {
        /// Which group.
        group: GroupId,
    },
    /// More than half of a group's replicas do not answer: its members cannot change.
    NoQuorum {
        /// Which group.
        group: GroupId,
        /// How many replicas answer.
        there: usize,
        /// How many it has.
        of: usize,
    },
    /// A group has fewer replicas than it should.
    TooFew {
        /// Which group.
        group: GroupId,
        /// How many it has then.
        replicas: usize,
        /// How many it should have.
        wanted: usize,
    },
    /// An even number of replicas lives through no more losses than one less.
    Even {
        /// Which group.
        group: GroupId,
        /// How many it has then.
        replicas: usize,
    },
    /// All of a group's replicas would be lost with one region.
    OneRegion {
        /// Which group.
        group: GroupId,
        /// Which region.
        region: String,
    },
    /// Nobody is home of a group.
    NobodyHome {
        /// Which group.
        group: GroupId,
    },
    /// What a group did after its copy was made is not in it.
    Loss {
        /// Which group.
        group: GroupId,
        /// How far the copy is.
        copy: CopyState,
    },
    /// Another node's copy is further.
    BetterCopy {
        /// Whose.
        on: NodeId,
        /// By so many entries.
        entries: u64,
    },
    /// A group waits for a node that does not answer.
    Waits {
        /// Which group.
        group: GroupId,
        /// For whom.
        node: NodeId,
    },
}

/// What will happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// In this order, more or less.
    pub steps: Vec<Step>,
    /// What to think of.
    pub warnings: Vec<Warning>,
}

/// Why a decision is not taken. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// No such node.
    #[error("there is no such node")]
    UnknownNode,
    /// No such group.
    #[error("there is no such group")]
    UnknownGroup,
    /// No such venue.
    #[error("there is no such venue")]
    UnknownVenue,
    /// The venue is on its way already.
    #[error("the venue is moving to {0} already")]
    AlreadyMoving(GroupId),
    /// It left for good.
    #[error("{0} was removed for good; it can only join anew, under another number")]
    Removed(NodeId),
    /// Nobody else would be left.
    #[error("{0} is the only node that takes work; let another one join, or rejoin one that is drained")]
    LastNode(NodeId),
    /// It answers.
    #[error("{0} is alive; drain and stop it first, or ask with force=true")]
    StillAlive(NodeId),
    /// What it has, nobody else has.
    #[error("nobody but {node} has a replica of {}; give them other replicas first", list(.groups))]
    OnlyReplica {
        /// Who.
        node: NodeId,
        /// Of which groups.
        groups: Vec<GroupId>,
    },
    /// The home of a solo group is for ever.
    #[error("{group} is a solo group: its home is {on}, which must be named first")]
    HomeStays {
        /// Which group.
        group: GroupId,
        /// Its home.
        on: NodeId,
    },
    /// Others take the group over by themselves.
    #[error("{0} is a shared group: another replica takes over by itself")]
    NotSolo(GroupId),
    /// Nothing needs to be lost.
    #[error("{home}, the home of {group}, is there: move the venue instead")]
    HomeAlive {
        /// Which group.
        group: GroupId,
        /// Its home.
        home: NodeId,
    },
    /// What was sold the last time is not settled.
    #[error("orders of venue {0} are in conflict still since it was taken over the last time")]
    InConflict(u32),
    /// Nobody has a copy who could take over.
    #[error("no node with a copy of {0} and a shared group of its own answers")]
    NoCopy(GroupId),
    /// The node cannot take over.
    #[error("{node} does not answer, has no copy of {group}, or has no shared group of its own")]
    UnfitSuccessor {
        /// Of which group.
        group: GroupId,
        /// Who.
        node: NodeId,
    },
    /// A group cannot have these replicas.
    #[error("a group needs 1 to {REPLICAS_MAX} replicas, each on another node")]
    Unfit,
}

fn list(groups: &[GroupId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Situation<'_> {
    /// What comes of draining a node.
    ///
    /// # Errors
    /// When it should not be done.
    pub fn drain(&self, node: NodeId) -> Result<Plan, Objection> {
        let mut plan = Plan::default();
        if self.member(node)?.status == NodeStatus::Draining {
            plan.warnings.push(Warning::AlreadySo);
            return Ok(plan);
        }
        let works = |other: &Arc<NodeRecord>| other.id != node && other.status == NodeStatus::Active;
        if !self.view.members().any(works) {
            return Err(Objection::LastNode(node));
        }
        plan.steps.push(Step::Rests(node));
        for group in self.view.groups().values() {
            if self.homes.get(&group.id) != Some(&node) {
                continue;
            }
            if group.kind == GroupKind::Solo {
                plan.warnings.push(Warning::SoloStays { group: group.id, on: node });
                continue;
            }
            let fit = |other: &NodeId| *other != node && self.is_fit(*other);
            match group.replicas.iter().copied().find(fit) {
                Some(to) => plan.steps.push(Step::Moves { group: group.id, from: Some(node), to }),
                None => plan.warnings.push(Warning::HomeStays { group: group.id, on: node }),
            }
        }
        Ok(plan)
    }

    /// What comes of letting a drained node work again.
    ///
    /// # Errors
    /// When it cannot be done.
    pub fn rejoin(&self, node: NodeId) -> Result<Plan, Objection> {
        let mut plan = Plan::default();
        if self.member(node)?.status == NodeStatus::Active {
            plan.warnings.push(Warning::AlreadySo);
            return Ok(plan);
        }
        plan.steps.push(Step::Works(node));
        for group in self.view.groups().values().filter(|group| group.preferred == node) {
            let from = self.homes.get(&group.id).copied();
            if from == Some(node) {
                continue;
            }
            plan.steps.push(Step::Moves { group: group.id, from, to: node });
            if !self.alive.contains(&node) {
                plan.warnings.push(Warning::Waits { group: group.id, node });
            }
        }
        Ok(plan)
    }

    /// What comes of removing a node for good. With `force`, one that answers is removed as well.
    ///
    /// # Errors
    /// When it should not be done.
    pub fn remove(&self, node: NodeId, force: bool) -> Result<Plan, Objection> {
        let record = self.member(node)?;
        if self.view.members().all(|other| other.id == node) {
            return Err(Objection::LastNode(node));
        }
        let alone = self.view.groups().values().filter(|group| group.replicas == [node]);
        let groups: Vec<_> = alone.map(|group| group.id).collect();
        if !groups.is_empty() {
            return Err(Objection::OnlyReplica { node, groups });
        }
        if self.alive.contains(&node) && !force {
            return Err(Objection::StillAlive(node));
        }
        let mut plan = Plan { steps: vec![Step::Goes(node)], warnings: Vec::new() };
        let gone = NodeRecord { status: NodeStatus::Removed, ..NodeRecord::clone(record) };
        let mut view = self.view.with(&Change::Node(Arc::new(gone)));
        for group in self.view.groups().values().filter(|group| group.replicas.contains(&node)) {
            if group.kind == GroupKind::Solo && group.preferred == node {
                plan.warnings.push(Warning::SoloLost { group: group.id });
            }
            let is_alive = |other: NodeId| other != node && self.alive.contains(&other);
            let Some(replicas) = better_replicas(group, &view, self.replicas_wanted, &is_alive) else {
                continue;
            };
            self.replace(group, &replicas, &mut plan);
            // The next group's replicas go where there are the fewest.
            let group = GroupRecord { preferred: replicas[0], replicas, ..GroupRecord::clone(group) };
            view = view.with(&Change::Group(Arc::new(group)));
        }
        Ok(plan)
    }

    /// What comes of giving a group these replicas, the first of which is to be home.
    ///
    /// # Errors
    /// When it cannot be done.
    pub fn set_replicas(&self, group: GroupId, replicas: &[NodeId]) -> Result<Plan, Objection> {
        let group = self.view.groups().get(&group).ok_or(Objection::UnknownGroup)?;
        let different: BTreeSet<_> = replicas.iter().collect();
        if replicas.is_empty() || replicas.len() > REPLICAS_MAX || different.len() != replicas.len() {
            return Err(Objection::Unfit);
        }
        for node in replicas {
            if group.kind == GroupKind::Shared || *node != group.preferred {
                self.member(*node)?;
            }
        }
        if group.kind == GroupKind::Solo && replicas[0] != group.preferred {
            return Err(Objection::HomeStays { group: group.id, on: group.preferred });
        }
        let mut plan = Plan::default();
        if group.replicas == replicas {
            plan.warnings.push(Warning::AlreadySo);
            return Ok(plan);
        }
        self.replace(group, replicas, &mut plan);
        let newcomers = replicas.iter().filter(|node| !group.replicas.contains(node));
        let away = newcomers.filter(|node| !self.alive.contains(node));
        plan.warnings.extend(away.map(|node| Warning::Waits { group: group.id, node: *node }));
        Ok(plan)
    }

    /// What comes of moving a venue to another group.
    ///
    /// # Errors
    /// When it cannot be done.
    pub fn move_venue(&self, venue: u32, to: GroupId) -> Result<Plan, Objection> {
        let placement = self.view.placements().get(&venue).ok_or(Objection::UnknownVenue)?;
        if !self.view.groups().contains_key(&to) {
            return Err(Objection::UnknownGroup);
        }
        if placement.seized().is_some_and(|seizure| seizure.from == to) {
            // Its rows of before are there until all is settled.
            return Err(Objection::InConflict(venue));
        }
        let mut plan = Plan::default();
        match placement.moving_to {
            Some(moving_to) if moving_to != to => return Err(Objection::AlreadyMoving(moving_to)),
            None if placement.group == to => {
                plan.warnings.push(Warning::AlreadySo);
                return Ok(plan);
            }
            Some(_) | None => {}
        }
        plan.steps.push(Step::Transfers { venue, from: placement.group, to });
        let away = [placement.group, to].into_iter().filter(|group| !self.homes.contains_key(group));
        plan.warnings.extend(away.map(|group| Warning::NobodyHome { group }));
        Ok(plan)
    }

    /// A group's replicas become others.
    fn replace(&self, group: &GroupRecord, replicas: &[NodeId], plan: &mut Plan) {
        let id = group.id;
        let copies = replicas.iter().filter(|node| !group.replicas.contains(node));
        plan.steps.extend(copies.map(|node| Step::Copies { group: id, to: *node }));
        let home = self.homes.get(&id).copied();
        let to = replicas[0];
        if home != Some(to) && (to != group.preferred || home.is_none_or(|home| !replicas.contains(&home))) {
            plan.steps.push(Step::Moves { group: id, from: home, to });
        }
        let drops = group.replicas.iter().filter(|node| !replicas.contains(node));
        plan.steps.extend(drops.map(|node| Step::Drops { group: id, from: *node }));

        if group.kind == GroupKind::Solo {
            // Copies do not vote.
            return;
        }
        let (there, of) =
            (group.replicas.iter().filter(|node| self.alive.contains(node)).count(), group.replicas.len());
        if there <= of / 2 {
            plan.warnings.push(Warning::NoQuorum { group: id, there, of });
        }
        if replicas.len() < self.replicas_wanted {
            let (replicas, wanted) = (replicas.len(), self.replicas_wanted);
            plan.warnings.push(Warning::TooFew { group: id, replicas, wanted });
        }
        if replicas.len().is_multiple_of(2) {
            plan.warnings.push(Warning::Even { group: id, replicas: replicas.len() });
        }
        let regions: BTreeSet<_> = replicas.iter().filter_map(|node| self.region(*node)).collect();
        let others = self.view.members().any(|node| !regions.contains(node.facts.region.as_str()));
        if let (Some(region), 1, true) = (regions.first(), regions.len(), others && replicas.len() > 1) {
            plan.warnings.push(Warning::OneRegion { group: id, region: (*region).to_owned() });
        }
    }

    fn region(&self, node: NodeId) -> Option<&str> {
        self.view.nodes().get(&node).map(|node| node.facts.region.as_str())
    }

    fn is_fit(&self, node: NodeId) -> bool {
        self.alive.contains(&node)
            && self.view.nodes().get(&node).is_some_and(|node| node.status == NodeStatus::Active)
    }

    fn member(&self, node: NodeId) -> Result<&NodeRecord, Objection> {
        let record = self.view.nodes().get(&node).ok_or(Objection::UnknownNode)?;
        if record.status == NodeStatus::Removed { Err(Objection::Removed(node)) } else { Ok(record) }
    }
}
