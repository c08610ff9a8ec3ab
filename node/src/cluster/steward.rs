//! Sees to it that groups have their replicas where they should be, and their homes.
//!
//! Each home looks after its own group: it makes the members those that the directory names, and hands over to the
//! preferred node when that is back and has caught up. The directory's home looks after all: it names more replicas while
//! there are too few, and others in place of nodes that were removed. Decisions are commands of the directory's log, so
//! two stewards that both think they are home do no harm.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use marquee_replication::NodeId;
use tokio::time::Instant;

use super::net::Presence;
use crate::directory::{Command, DIRECTORY, GroupKind, GroupRecord, NodeStatus, View};
use crate::home::Home;

/// How often everything is looked at, whatever happens in between.
const ROUND: Duration = Duration::from_millis(500);
/// How long the preferred node must have been there before it is handed its group back.
const BACK_FOR: Duration = Duration::from_secs(2);
/// How long a change of members may take.
const CHANGE_MAX: Duration = Duration::from_secs(60);
/// A replica that is no more entries behind is near enough to become home.
const LAG_MAX: u64 = 64;

/// Looks after a group whenever this node is its home. Runs until it is dropped.
pub async fn look_after(peers: Arc<dyn Presence>, home: Home, replicas_wanted: usize) {
    let commons = Arc::clone(home.commons());
    let mut changes = commons.views.changes();
    let mut steward = Steward { peers, home, replicas_wanted, back_since: None };
    loop {
        if steward.home.is_home() {
            steward.look(&commons.views.now()).await;
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

struct Steward {
    peers: Arc<dyn Presence>,
    home: Home,
    replicas_wanted: usize,
    /// Since when who should be home has been there without a break.
    back_since: Option<(NodeId, Instant)>,
}

impl Steward {
    async fn look(&mut self, view: &View) {
        if self.home.id() == DIRECTORY {
            self.name_replicas(view).await;
        }
        let Some(group) = view.groups().get(&self.home.id()) else { return };
        self.set_members(group).await;
        self.hand_over(group, view).await;
    }

    /// Names replicas for groups that have too few, or some on nodes that were removed.
    async fn name_replicas(&self, view: &View) {
        for group in view.groups().values() {
            let Some(replicas) =
                better_replicas(group, view, self.replicas_wanted, &|node| self.peers.is_alive(node))
            else {
                continue;
            };
            let command = Command::SetReplicas { group: group.id, replicas: replicas.clone() };
            match self.home.directory(None, command).await {
                Ok(Ok(_done)) => tracing::info!(group = %group.id, ?replicas, "a group gets other replicas"),
                Ok(Err(refusal)) => tracing::warn!(group = %group.id, %refusal, "replicas are not named"),
                Err(failure) => tracing::debug!(group = %group.id, %failure, "replicas are named later"),
            }
        }
    }

    /// Makes the group's members those that the directory names.
    async fn set_members(&self, record: &GroupRecord) {
        let id = self.home.id();
        let group = self.home.group();
        let (voters, learners) = members_of(record, self.peers.own());
        let members = group.members();
        if (members.voters == voters && members.learners == learners) || voters.is_empty() {
            return;
        }
        // A node that is not there yet would hold up the others.
        let is_there = |node: &NodeId| self.peers.is_alive(*node) || members.voters.contains(node);
        if !voters.iter().chain(&learners).all(is_there) {
            return;
        }
        tracing::info!(group = %id, ?voters, ?learners, "a group gets other members");
        let changed = tokio::time::timeout(CHANGE_MAX, group.set_members(voters, learners)).await;
        match changed {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(group = %id, %error, "members are changed later"),
            Err(_elapsed) => tracing::warn!(group = %id, "a change of members takes too long"),
        }
    }

    /// Hands the group over to who should be home.
    async fn hand_over(&mut self, record: &GroupRecord, view: &View) {
        let own = self.peers.own();
        let group = self.home.group();
        let target = self.rightful(record, view).filter(|target| *target != own);
        let is_near = |target: &NodeId| group.lags().get(target).is_some_and(|lag| *lag <= LAG_MAX);
        let target = target.filter(|target| group.members().voters.contains(target)).filter(is_near);
        let Some(target) = target else {
            self.back_since = None;
            return;
        };
        match self.back_since {
            Some((node, since)) if node == target && since.elapsed() >= BACK_FOR => {}
            Some((node, _since)) if node == target => return,
            Some(_) | None => {
                self.back_since = Some((target, Instant::now()));
                return;
            }
        }
        self.back_since = None;
        let id = self.home.id();
        match group.hand_over(target).await {
            Ok(()) => tracing::info!(group = %id, %target, "a group was handed over"),
            Err(error) => tracing::debug!(group = %id, %error, "a group is handed over later"),
        }
    }

    /// Who should be home: the preferred node, or while that is away or drained the next replica that is neither; of a solo
    /// group the preferred node whatever it does.
    fn rightful(&self, record: &GroupRecord, view: &View) -> Option<NodeId> {
        let fit = |node: &NodeId| {
            self.peers.is_alive(*node)
                && view.nodes().get(node).is_some_and(|node| node.status == NodeStatus::Active)
        };
        let own = self.peers.own();
        if record.kind == GroupKind::Solo || fit(&record.preferred) {
            return Some(record.preferred);
        }
        // Who is home stays it, unless it is to be drained.
        if fit(&own) {
            return None;
        }
        record.replicas.iter().copied().find(|node| *node != own && fit(node))
    }
}

/// The voters and the learners that a group's home makes the members, for it to have the replicas that the directory names.
fn members_of(record: &GroupRecord, home: NodeId) -> (BTreeSet<NodeId>, BTreeSet<NodeId>) {
    let mut wanted: BTreeSet<NodeId> = record.replicas.iter().copied().collect();
    match record.kind {
        GroupKind::Shared => {
            // A home that is to leave goes on until it has handed over, which it can to voters only.
            if !wanted.is_empty() {
                wanted.insert(home);
            }
            (wanted, BTreeSet::new())
        }
        GroupKind::Solo => {
            wanted.remove(&record.preferred);
            (BTreeSet::from([record.preferred]), wanted)
        }
    }
}

/// Better replicas for a group, if there are any: as many as wanted, none on removed nodes, in as many zones and regions
/// as there are, the preferred node first.
pub(super) fn better_replicas(
    group: &GroupRecord,
    view: &View,
    wanted: usize,
    is_alive: &dyn Fn(NodeId) -> bool,
) -> Option<Vec<NodeId>> {
    let status = |node: &NodeId| view.nodes().get(node).map(|node| node.status);
    let mut kept: Vec<NodeId> = group.replicas.clone();
    // Nobody else is ever home of a solo group: its replicas are copies of what that node had.
    let is_lasting = |node: &NodeId| group.kind == GroupKind::Solo && *node == group.preferred;
    kept.retain(|node| {
        is_lasting(node) || matches!(status(node), Some(NodeStatus::Active | NodeStatus::Draining))
    });
    let retained = kept.len();
    let place = |node: NodeId| {
        view.nodes().get(&node).map(|node| (node.facts.region.clone(), node.facts.zone.clone()))
    };
    while kept.len() < wanted {
        let regions: BTreeSet<_> =
            kept.iter().filter_map(|node| place(*node)).map(|(region, _)| region).collect();
        let places: BTreeSet<_> = kept.iter().filter_map(|node| place(*node)).collect();
        let load =
            |node: NodeId| view.groups().values().filter(|group| group.replicas.contains(&node)).count();
        let candidates = view.nodes().values().filter(|node| {
            node.status == NodeStatus::Active && !kept.contains(&node.id) && is_alive(node.id)
        });
        // A box office last, since its line may be cut; else another region first, then another zone, then whoever has the
        // fewest replicas.
        let best = candidates.min_by_key(|node| {
            let at = (node.facts.region.clone(), node.facts.zone.clone());
            (
                view.is_box_office(node.id),
                regions.contains(&at.0),
                places.contains(&at),
                load(node.id),
                node.id,
            )
        });
        match best {
            Some(node) => kept.push(node.id),
            None => break,
        }
    }
    // An even number of voters survives no more losses than one less: the last newcomer waits for another.
    let is_shared = group.kind == GroupKind::Shared;
    if is_shared && kept.len().is_multiple_of(2) && kept.len() > retained {
        kept.pop();
    }
    (kept != group.replicas && !kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use marquee_replication::GroupId;

    use super::*;

    fn record(kind: GroupKind, replicas: &[u64]) -> GroupRecord {
        let replicas: Vec<NodeId> = replicas.iter().copied().map(NodeId).collect();
        GroupRecord { id: GroupId(8), kind, preferred: replicas[0], replicas }
    }

    fn nodes(of: &[u64]) -> BTreeSet<NodeId> {
        of.iter().copied().map(NodeId).collect()
    }

    #[test]
    fn a_home_that_is_to_leave_lets_the_others_vote_before_it_goes() {
        let shared = record(GroupKind::Shared, &[9, 3, 10]);
        assert_eq!(members_of(&shared, NodeId(8)), (nodes(&[3, 8, 9, 10]), nodes(&[])));
        assert_eq!(members_of(&shared, NodeId(9)), (nodes(&[3, 9, 10]), nodes(&[])));
    }

    #[test]
    fn only_the_preferred_node_of_a_solo_group_votes() {
        let solo = record(GroupKind::Solo, &[2, 3]);
        assert_eq!(members_of(&solo, NodeId(2)), (nodes(&[2]), nodes(&[3])));
    }

    #[test]
    fn a_solo_group_keeps_its_home_and_gets_copies() {
        let mut view = View::default();
        for (id, status) in [(1, NodeStatus::Active), (2, NodeStatus::Active), (3, NodeStatus::Removed)] {
            let id = NodeId(id);
            let facts = crate::directory::NodeFacts {
                name: id.to_string(),
                region: id.to_string(),
                zone: "a".to_owned(),
                location: None,
                http: String::new(),
                quic: ([127, 0, 0, 1], 1).into(),
            };
            let node = crate::directory::NodeRecord { id, facts, status, joined_ms: 0 };
            view = view.with(&crate::directory::Change::Node(Arc::new(node)));
        }
        let better = |kind, replicas: &[u64], wanted| {
            better_replicas(&record(kind, replicas), &view, wanted, &|node| node != NodeId(3))
        };
        let named = |replicas: &[u64]| Some(replicas.iter().copied().map(NodeId).collect::<Vec<_>>());
        assert_eq!(better(GroupKind::Solo, &[3], 3), named(&[3, 1, 2]), "its home is lost, not replaced");
        assert_eq!(better(GroupKind::Solo, &[3, 1, 2], 3), None);
        assert_eq!(
            better(GroupKind::Solo, &[3], 2),
            named(&[3, 1]),
            "copies do not vote: two are no less than one"
        );
        assert_eq!(better(GroupKind::Shared, &[3, 1], 3), named(&[1]));

        // Node 1 is a box office: it gets a replica when nobody else can.
        let solo = GroupRecord { id: GroupId(1), ..record(GroupKind::Solo, &[1]) };
        let view = view.with(&crate::directory::Change::Group(Arc::new(solo)));
        let group = GroupRecord { id: GroupId(9), ..record(GroupKind::Solo, &[9]) };
        let first = |wanted| better_replicas(&group, &view, wanted, &|_node| true);
        assert_eq!((first(2), first(3)), (named(&[9, 2]), named(&[9, 2, 1])));
    }
}
