//! Plans as operators read them.

use crate::directory::{NodeFacts, Placement, Seizure};

use super::*;

/// Nodes as `region` or `region:draining`, groups as their replicas' numbers, the preferred first.
fn view(nodes: &[&str], groups: &[&[u64]]) -> View {
    let mut view = View::default();
    for (id, text) in (1..).map(NodeId).zip(nodes) {
        let (region, status) = text.split_once(':').unwrap_or((text, "active"));
        let status = match status {
            "draining" => NodeStatus::Draining,
            "removed" => NodeStatus::Removed,
            _ => NodeStatus::Active,
        };
        let facts = NodeFacts {
            name: format!("{region}-{}", id.0),
            region: region.to_owned(),
            zone: "a".to_owned(),
            location: None,
            http: String::new(),
            quic: "127.0.0.1:7400".parse().unwrap(),
        };
        view = view.with(&Change::Node(Arc::new(NodeRecord { id, facts, status, joined_ms: 0 })));
    }
    for (id, replicas) in (1..).map(GroupId).zip(groups) {
        let replicas: Vec<_> = replicas.iter().copied().map(NodeId).collect();
        let group = GroupRecord { id, kind: GroupKind::Shared, preferred: replicas[0], replicas };
        view = view.with(&Change::Group(Arc::new(group)));
    }
    view
}

/// What is told of a decision: its steps, then its warnings behind a `!`.
fn told(
    view: &View,
    homes: &[u64],
    alive: &[u64],
    decide: impl FnOnce(&Situation<'_>) -> Result<Plan, Objection>,
) -> Vec<String> {
    let homes = (1..).map(GroupId).zip(homes.iter().copied().map(NodeId)).collect();
    let alive = alive.iter().copied().map(NodeId).collect();
    let situation = Situation { view, homes: &homes, alive: &alive, replicas_wanted: 3 };
    match decide(&situation) {
        Ok(plan) => {
            let steps = plan.steps.iter().map(|step| step.words(view));
            steps.chain(plan.warnings.iter().map(|warning| format!("! {}", warning.words(view)))).collect()
        }
        Err(objection) => vec![format!("refused: {objection}")],
    }
}

const WORLD: [&str; 4] = ["us", "eu", "ap", "us"];

#[test]
fn draining_sends_homes_to_the_next_replica_that_is_there() {
    let view = view(&WORLD, &[&[1, 2, 3], &[2, 3, 1], &[3], &[4, 2, 1]]);
    assert_eq!(
        told(&view, &[1, 2, 3, 4], &[1, 2, 3, 4], |now| now.drain(NodeId(2))),
        [
            "n2 (eu-2) gets no more homes and no more replicas.",
            "The home of g2 goes from n2 (eu-2) to n3 (ap-3)."
        ]
    );
    assert_eq!(
        told(&view, &[1, 2, 3, 4], &[1, 2, 4], |now| now.drain(NodeId(2)))[1],
        "The home of g2 goes from n2 (eu-2) to n1 (us-1).",
        "n3 is away"
    );
    assert_eq!(
        told(&view, &[1, 2, 3, 4], &[1, 2, 3, 4], |now| now.drain(NodeId(3)))[1],
        "! g3 stays on n3 (ap-3): no other replica of it can be home."
    );
}

#[test]
fn what_should_not_be_done_is_refused() {
    let two = view(&["us", "eu:draining", "ap:removed"], &[&[1, 2], &[2]]);
    let check = |node, expected: &str, force| {
        let decide = |now: &Situation<'_>| match force {
            None => now.drain(NodeId(node)),
            Some(force) => now.remove(NodeId(node), force),
        };
        assert_eq!(told(&two, &[1, 2], &[1, 2], decide), [format!("refused: {expected}")]);
    };
    check(
        1,
        "n1 is the only node that takes work; let another one join, or rejoin one that is drained",
        None,
    );
    check(3, "n3 was removed for good; it can only join anew, under another number", None);
    check(9, "there is no such node", None);
    check(2, "nobody but n2 has a replica of g2; give them other replicas first", Some(true));
    check(1, "n1 is alive; drain and stop it first, or ask with force=true", Some(false));
    let lone = view(&["us"], &[&[1]]);
    let last = told(&lone, &[1], &[1], |now| now.remove(NodeId(1), true));
    assert!(last[0].starts_with("refused: n1 is the only node"), "{last:?}");
}

#[test]
fn what_is_so_already_changes_nothing() {
    let view = view(&["us", "eu:draining"], &[&[1, 2]]);
    for decide in [
        (|now| now.drain(NodeId(2))) as fn(&Situation<'_>) -> Result<Plan, Objection>,
        |now| now.rejoin(NodeId(1)),
        |now| now.set_replicas(GroupId(1), &[NodeId(1), NodeId(2)]),
    ] {
        assert_eq!(told(&view, &[1], &[1, 2], decide), ["! It is so already; nothing changes."]);
    }
}

#[test]
fn a_node_that_rejoins_gets_its_homes_back() {
    let view = view(&["us", "eu:draining", "ap"], &[&[1, 2, 3], &[2, 3, 1]]);
    let expected = ["n2 (eu-2) takes work again.", "The home of g2 goes from n3 (ap-3) to n2 (eu-2)."];
    assert_eq!(told(&view, &[1, 3], &[1, 2, 3], |now| now.rejoin(NodeId(2))), expected);
    let away = told(&view, &[1, 3], &[1, 3], |now| now.rejoin(NodeId(2)));
    assert_eq!(away[2], "! g2 waits until n2 (eu-2) answers.");
}

#[test]
fn a_lost_node_is_replaced_where_the_fewest_replicas_are() {
    let view = view(&WORLD, &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2], &[4, 2, 3]]);
    assert_eq!(
        told(&view, &[1, 2, 1, 4], &[1, 2, 4], |now| now.remove(NodeId(3), false)),
        [
            "n3 (ap-3) is gone for good; its number is never used again.",
            "n4 (us-4) gets a replica of g1.",
            "The replica of g1 on n3 (ap-3) counts no more.",
            "n4 (us-4) gets a replica of g2.",
            "The replica of g2 on n3 (ap-3) counts no more.",
            "n4 (us-4) gets a replica of g3.",
            "The replica of g3 on n3 (ap-3) counts no more.",
            "n1 (us-1) gets a replica of g4.",
            "The replica of g4 on n3 (ap-3) counts no more.",
        ]
    );
    let three = self::view(&["us", "eu", "ap"], &[&[1, 2, 3]]);
    assert_eq!(
        told(&three, &[1], &[1, 2], |now| now.remove(NodeId(3), false))[2..],
        [
            "! g1 has 2 of 3 replicas then; the cluster adds what is missing as nodes are there.",
            "! g1 has 2 replicas then, which live through the loss of none, as 1 would.",
        ]
    );
    let silent = told(&three, &[1], &[1], |now| now.remove(NodeId(3), false));
    assert!(silent.iter().any(|words| words.starts_with("! g1 has lost its quorum (1 of 3")), "{silent:?}");
}

#[test]
fn a_venue_moves_between_groups_that_are_there() {
    let mut view = view(&["us", "eu"], &[&[1], &[2], &[2, 1]]);
    for (venue, moving_to) in [(7, None), (8, Some(GroupId(2)))] {
        let placement = Placement { moving_to, ..Placement::first(venue, GroupId(1)) };
        view = view.with(&Change::Placement(placement));
    }
    let (from, by) = (GroupId(2), NodeId(1));
    let seizure = Seizure { from, by, epoch: 1, base: None, is_overtaking: false };
    let taken = Placement { epoch: 1, seizure: Some(seizure), ..Placement::first(10, GroupId(1)) };
    view = view.with(&Change::Placement(taken));
    let told = |venue, to| told(&view, &[1, 2], &[1, 2], |now| now.move_venue(venue, GroupId(to)));
    let moves = |venue: u32, to: u64| {
        format!("Venue {venue} goes from g1 to g{to}: it sells all the while, but for less than a second.")
    };
    assert_eq!(told(7, 2), [moves(7, 2)]);
    assert_eq!(told(8, 2), [moves(8, 2)], "it goes on");
    assert_eq!(told(7, 1), ["! It is so already; nothing changes."]);
    assert_eq!(told(7, 3)[1], "! Nobody is home of g3: it begins when somebody is.");
    assert_eq!(told(8, 3), ["refused: the venue is moving to g2 already"]);
    assert_eq!(told(9, 2), ["refused: there is no such venue"]);
    let conflict = "refused: orders of venue 10 are in conflict still since it was taken over the last time";
    assert_eq!(told(10, 2), [conflict], "it was taken from there");
    assert_eq!(told(7, 9), ["refused: there is no such group"]);
}

#[test]
fn replicas_are_copied_before_others_are_dropped() {
    let view = view(&WORLD, &[&[1, 2, 3]]);
    let set = |nodes: &[u64], alive: &[u64]| {
        let nodes: Vec<_> = nodes.iter().copied().map(NodeId).collect();
        told(&view, &[1], alive, |now| now.set_replicas(GroupId(1), &nodes))
    };
    assert_eq!(
        set(&[2, 3, 4], &[1, 2, 3, 4]),
        [
            "n4 (us-4) gets a replica of g1.",
            "The home of g1 goes from n1 (us-1) to n2 (eu-2).",
            "The replica of g1 on n1 (us-1) counts no more.",
        ]
    );
    assert_eq!(set(&[1, 4, 2], &[1, 2, 3])[2], "! g1 waits until n4 (us-4) answers.");
    assert!(set(&[1, 4], &[1, 2, 3, 4]).iter().any(|words| words.contains("are in us then")));
    assert_eq!(set(&[], &[1]), ["refused: a group needs 1 to 7 replicas, each on another node"]);
    assert_eq!(set(&[1, 1], &[1]), ["refused: a group needs 1 to 7 replicas, each on another node"]);
    assert_eq!(set(&[9], &[1]), ["refused: there is no such node"]);
}

/// Node 3 is a box office that has venue 7, with copies on nodes 1 and 2.
fn counter() -> View {
    let mut view = view(&WORLD, &[&[1, 2, 4], &[2, 1, 4]]);
    let replicas = [3, 1, 2].map(NodeId).to_vec();
    let solo = GroupRecord { id: GroupId(3), kind: GroupKind::Solo, preferred: NodeId(3), replicas };
    view = view.with(&Change::Group(Arc::new(solo)));
    view.with(&Change::Placement(Placement::first(7, GroupId(3))))
}

#[test]
fn a_box_office_stays_where_it_is() {
    let view = counter();
    assert_eq!(
        told(&view, &[1, 2, 3], &[1, 2, 3, 4], |now| now.drain(NodeId(3)))[1],
        "! g3 is a solo group and stays on n3 (ap-3): move its venues first, or they are not sold while it is stopped."
    );
    let set =
        told(&view, &[1, 2, 3], &[1, 2, 3], |now| now.set_replicas(GroupId(3), &[NodeId(1), NodeId(3)]));
    assert_eq!(set, ["refused: g3 is a solo group: its home is n3, which must be named first"]);
    let removed = told(&view, &[1, 2], &[1, 2, 4], |now| now.remove(NodeId(3), false));
    assert!(removed[1].starts_with("! g3 is a solo group: nobody sells its venues until"), "{removed:?}");
}

#[test]
fn a_venue_is_taken_over_by_the_furthest_copy_while_its_home_is_away() {
    let view = counter();
    let promote = |view: &View, alive: &[u64], wanted: Option<u64>, copies: &[(u64, u64)]| {
        let copies = copies
            .iter()
            .map(|(node, index)| (NodeId(*node), CopyState { index: *index, at_ms: 1_764_000_000_000 }));
        let copies = copies.collect();
        told(view, &[1, 2], alive, |now| {
            now.promote(7, wanted.map(NodeId), &copies).map(|(plan, _succession)| plan)
        })
    };
    let seizes = |to: u64, by: &str| {
        format!(
            "Venue 7 is taken over from g3 by g{to}, from the copy on {by}. g3 sells it no more as soon as it hears."
        )
    };
    let loss = |index: u64| {
        format!(
            "! What g3 did after entry {index} of its ledger, of 2025-11-24T16:00:00Z, is not in the copy. It comes up as \
             conflicts when its home is back; if that is lost for good, it is lost."
        )
    };
    let away = [1, 2, 4];
    assert_eq!(promote(&view, &away, None, &[(1, 40), (2, 41)]), [seizes(2, "n2 (eu-2)"), loss(41)]);
    assert_eq!(promote(&view, &away, None, &[(1, 41), (2, 41)]), [seizes(1, "n1 (us-1)"), loss(41)]);
    assert_eq!(
        promote(&view, &away, Some(1), &[(1, 40), (2, 44)]),
        [seizes(1, "n1 (us-1)"), loss(40), "! The copy on n2 (eu-2) is 4 entries further.".to_owned()]
    );
    let refused = |told: Vec<String>| told[0].clone();
    assert_eq!(
        refused(promote(&view, &[1, 2, 3], None, &[(1, 40)])),
        "refused: n3, the home of g3, is there: move the venue instead"
    );
    assert_eq!(
        refused(promote(&view, &away, Some(2), &[(1, 40)])),
        "refused: n2 does not answer, has no copy of g3, or has no shared group of its own"
    );
    // The box office's own disk is no successor.
    assert_eq!(
        refused(promote(&view, &away, None, &[(3, 90)])),
        "refused: no node with a copy of g3 and a shared group of its own answers"
    );
    let shared = view.with(&Change::Placement(Placement::first(7, GroupId(1))));
    assert_eq!(
        refused(promote(&shared, &away, None, &[(1, 40)])),
        "refused: g1 is a shared group: another replica takes over by itself"
    );
}
