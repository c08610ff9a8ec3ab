//! What comes of taking venues over from a solo group.

use std::collections::BTreeMap;

use marquee_replication::{GroupId, NodeId};

use super::{Objection, Plan, Situation, Step, Warning};
use crate::directory::{GroupKind, GroupRecord};

/// How far a node's copy of a group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyState {
    /// The last entry of the ledger in it.
    pub index: u64,
    /// When that was applied, in milliseconds since 1970.
    pub at_ms: u64,
}

/// The copies of a group, by node: of those that answer.
pub type Copies = BTreeMap<NodeId, CopyState>;

/// Who takes a venue over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Succession {
    /// The group that will own it.
    pub to: GroupId,
    /// The node whose copy is taken.
    pub by: NodeId,
}

impl Situation<'_> {
    /// What comes of taking a venue over from its solo group, by a node or by the one whose copy is the furthest; nobody takes
    /// it over if that is under way or done.
    ///
    /// # Errors
    /// When it should not be done.
    pub fn promote(
        &self,
        venue: u32,
        wanted: Option<NodeId>,
        copies: &Copies,
    ) -> Result<(Plan, Option<Succession>), Objection> {
        let placement = self.view.placements().get(&venue).ok_or(Objection::UnknownVenue)?;
        let group = self.view.groups().get(&placement.group).ok_or(Objection::UnknownGroup)?;
        let under_way = placement.under_seizure();
        let is_so = match (under_way, placement.seized()) {
            (Some(seizure), _) => wanted.is_none_or(|wanted| wanted == seizure.by),
            (None, Some(_)) => group.kind == GroupKind::Shared,
            (None, None) => false,
        };
        if is_so {
            return Ok((Plan { steps: Vec::new(), warnings: vec![Warning::AlreadySo] }, None));
        }
        if group.kind == GroupKind::Shared {
            return Err(Objection::NotSolo(group.id));
        }
        if placement.seized().is_some() {
            return Err(Objection::InConflict(venue));
        }
        if self.alive.contains(&group.preferred) {
            return Err(Objection::HomeAlive { group: group.id, home: group.preferred });
        }
        let (succession, copy) = self.successor(group, placement.moving_to, wanted, copies)?;
        let Succession { to, by } = succession;
        let steps = vec![Step::Seizes { venue, from: group.id, to, by }];
        let mut warnings = vec![Warning::Loss { group: group.id, copy }];
        let best = copies.iter().max_by_key(|(_node, copy)| copy.index);
        if let Some((best, state)) = best.filter(|(_node, best)| best.index > copy.index) {
            warnings.push(Warning::BetterCopy { on: *best, entries: state.index - copy.index });
        }
        if !self.homes.contains_key(&to) {
            warnings.push(Warning::NobodyHome { group: to });
        }
        Ok((Plan { steps, warnings }, Some(succession)))
    }

    /// Who takes over, and how far their copy is.
    fn successor(
        &self,
        group: &GroupRecord,
        moving_to: Option<GroupId>,
        wanted: Option<NodeId>,
        copies: &Copies,
    ) -> Result<(Succession, CopyState), Objection> {
        let is_copy = |node: &NodeId| group.replicas.contains(node) && *node != group.preferred;
        // What it was moving to may have it already, or some of it.
        let heir = |node: NodeId| moving_to.or_else(|| self.own_shared(node));
        let candidates = copies.iter().filter(|(node, _copy)| is_copy(node)).filter_map(|(node, copy)| {
            let to = heir(*node)?;
            wanted.is_none_or(|wanted| wanted == *node).then_some((Succession { to, by: *node }, *copy))
        });
        // Of those that are even, the first that the directory names.
        let order = |node: &NodeId| group.replicas.iter().position(|replica| replica == node);
        let best = candidates
            .max_by_key(|(succession, copy)| (copy.index, std::cmp::Reverse(order(&succession.by))));
        best.ok_or(match wanted {
            Some(node) => Objection::UnfitSuccessor { group: group.id, node },
            None => Objection::NoCopy(group.id),
        })
    }

    /// The group that a node founded, if others can take that over.
    fn own_shared(&self, node: NodeId) -> Option<GroupId> {
        let own = self.view.groups().get(&GroupId(node.0))?;
        (own.kind == GroupKind::Shared).then_some(own.id)
    }
}
