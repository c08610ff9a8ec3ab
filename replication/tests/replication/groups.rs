//! Groups of three nodes, whatever happens to one of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use marquee_replication::{GroupError, GroupId, NodeId, ProposeError, timeouts};

use crate::cluster::{Cluster, guarded};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_have_the_same_state() {
    let cluster = Cluster::of(3).await;
    let home = cluster.node(1);
    let callers = (0..32).map(|caller| async move {
        for number in 0..20 {
            home.propose(&format!("{caller}/{number}")).await.unwrap();
        }
    });
    join_all(callers).await;
    let lines = cluster.same_everywhere().await;
    assert_eq!(lines.len(), 32 * 20);
    let metrics = home.group.metrics();
    assert!(metrics.entries < metrics.commands, "a rush is proposed in batches");
    assert_eq!(metrics.home, Some(NodeId(1)));
    assert!(metrics.is_home);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_home_is_replaced_and_comes_back_as_a_replica() {
    let mut cluster = Cluster::of(3).await;
    for number in 0..20 {
        cluster.write(&format!("before {number}")).await;
    }
    cluster.kill(1).await;
    let home = cluster.home().await;
    assert_ne!(home, 1);
    for number in 0..20 {
        cluster.write(&format!("meanwhile {number}")).await;
    }
    cluster.open(1).await;
    cluster.write("after").await;
    let lines = cluster.same_everywhere().await;
    assert_eq!(lines.len(), 41);
    let view = cluster.node(1).home_when(|view| view.home.is_some()).await;
    assert!(view.term > 1);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_without_a_quorum_answers_nothing_and_goes_on_when_it_has_one_again() {
    let mut cluster = Cluster::of(3).await;
    cluster.write("first").await;
    cluster.kill(2).await;
    cluster.kill(3).await;
    let unanswered = guarded("a write without a quorum", cluster.node(1).propose("alone")).await.unwrap_err();
    assert!(
        matches!(unanswered, ProposeError::OutcomeUnknown | ProposeError::NotHome { .. }),
        "{unanswered}"
    );
    let barrier = guarded("a barrier without a quorum", cluster.node(1).group.read_barrier()).await;
    assert_eq!(barrier, Err(ProposeError::NotHome { home: None }));
    cluster.open(2).await;
    cluster.write("second").await;
    cluster.open(3).await;
    let lines = cluster.same_everywhere().await;
    assert!(lines.iter().any(|line| line.command == "second"));
    cluster.stop_all().await;
}

/// Cuts the home off, with a command in flight, and checks what it says and what the others do.
async fn cut_off(cut: impl Fn(&Cluster, u64, u64)) {
    let cluster = Cluster::of(3).await;
    cluster.write("before").await;
    let old = cluster.home().await;
    let others: Vec<u64> = [1, 2, 3].into_iter().filter(|id| *id != old).collect();
    for other in &others {
        cut(&cluster, old, *other);
    }
    let in_flight = cluster.node(old).propose("in flight");
    let go_on = async {
        let new = cluster.home_among(&others).await;
        cluster.node(new).propose("elsewhere").await.unwrap();
        cluster.node(new).group.read_barrier().await.unwrap();
    };
    let (in_flight, ()) = tokio::join!(guarded("a command in flight", in_flight), go_on);
    // Only a refusal that is certain may say that nothing was done.
    let barrier =
        guarded("a barrier of a home that is cut off", cluster.node(old).group.read_barrier()).await;
    assert!(matches!(barrier, Err(ProposeError::NotHome { .. })), "{barrier:?}");

    cluster.links.heal();
    cluster.write("after").await;
    let lines = cluster.same_everywhere().await;
    let is_there = |command: &str| lines.iter().filter(|line| line.command == command).count();
    match in_flight {
        Ok(_) => assert_eq!(is_there("in flight"), 1, "what was answered is there"),
        Err(ProposeError::NotHome { .. }) => assert_eq!(is_there("in flight"), 0, "what was refused is not"),
        Err(ProposeError::OutcomeUnknown) => assert!(is_there("in flight") <= 1),
        Err(other) => panic!("{other}"),
    }
    for command in ["before", "elsewhere", "after"] {
        assert_eq!(is_there(command), 1, "{command}");
    }
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_is_cut_off_is_replaced_and_says_nothing_untrue() {
    cut_off(|cluster, home, other| {
        cluster.links.cut(NodeId(home), NodeId(other));
        cluster.links.cut(NodeId(other), NodeId(home));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_nobody_hears_is_replaced() {
    cut_off(|cluster, home, other| cluster.links.cut(NodeId(home), NodeId(other))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_hears_nobody_is_replaced() {
    cut_off(|cluster, home, other| cluster.links.cut(NodeId(other), NodeId(home))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_cut_off_does_not_disturb_the_home() {
    let cluster = Cluster::of(3).await;
    let home = cluster.home().await;
    let term = cluster.node(home).group.metrics().term;
    let other = if home == 3 { 2 } else { 3 };
    for peer in (1..=3).filter(|peer| *peer != other) {
        cluster.links.cut(NodeId(peer), NodeId(other));
        cluster.links.cut(NodeId(other), NodeId(peer));
    }
    for number in 0..200 {
        cluster.node(home).propose(&number.to_string()).await.unwrap();
    }
    cluster.links.heal();
    assert_eq!(cluster.same_everywhere().await.len(), 200);
    assert_eq!(cluster.node(home).group.metrics().term, term, "nobody stood for election for nothing");
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_restart_one_by_one_and_all_together() {
    let mut cluster = Cluster::of(3).await;
    for id in 1..=3 {
        cluster.write(&format!("with {id}")).await;
        cluster.stop(id).await;
        cluster.write(&format!("without {id}")).await;
        cluster.open(id).await;
    }
    let before = cluster.same_everywhere().await;
    assert_eq!(before.len(), 6);
    for id in 1..=3 {
        cluster.stop(id).await;
    }
    for id in 1..=3 {
        cluster.open(id).await;
    }
    cluster.write("again").await;
    let after = cluster.same_everywhere().await;
    assert_eq!(after[..6], before);
    assert_eq!(after.len(), 7);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_barrier_makes_reads_at_the_home_complete_and_others_refuse_it() {
    let cluster = Cluster::of(3).await;
    for number in 0..50 {
        let home = cluster.home().await;
        let written = cluster.write(&number.to_string()).await;
        cluster.node(home).group.read_barrier().await.unwrap();
        assert!(cluster.node(home).lines().len() as u64 > written.line);
        if number % 10 == 9 {
            let next = home % 3 + 1;
            cluster.hand_over(home, next).await;
            let new = cluster.home().await;
            cluster.node(new).group.read_barrier().await.unwrap();
            assert!(cluster.node(new).lines().len() as u64 > written.line, "an earlier home's answers too");
        }
    }
    let home = cluster.home().await;
    for node in cluster.running().filter(|node| node.id != NodeId(home)) {
        node.home_when(|view| view.home == Some(NodeId(home))).await;
        let refused = Err(ProposeError::NotHome { home: Some(NodeId(home)) });
        assert_eq!(node.group.read_barrier().await, refused);
        assert_eq!(node.propose("there").await.map(|_| ()), refused);
    }
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_are_asked_again_after_every_failure_are_all_there() {
    let mut cluster = Cluster::of(3).await;
    let mut asked = BTreeMap::new();
    for round in 0..4 {
        for number in 0..5 {
            let command = format!("{round}/{number}");
            cluster.write(&command).await;
            asked.insert(command, ());
        }
        let home = cluster.home().await;
        cluster.kill(home).await;
        let command = format!("{round}/without {home}");
        cluster.write(&command).await;
        asked.insert(command, ());
        cluster.open(home).await;
    }
    let lines = cluster.same_everywhere().await;
    for command in asked.keys() {
        assert!(lines.iter().any(|line| line.command == *command), "{command} was answered");
    }
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_is_down_is_tried_again_with_a_pause() {
    let mut cluster = Cluster::of(3).await;
    cluster.write("before").await;
    let home = cluster.home().await;
    let down = home % 3 + 1;
    cluster.kill(down).await;
    let network = &cluster.node(home).network;
    let begin = network.metrics();
    let beats = 40;
    let writing = async {
        while network.metrics().beats < begin.beats + 2 * beats {
            cluster.write("meanwhile").await;
        }
    };
    guarded("beating", writing).await;
    let tried = network.metrics().append_streams - begin.append_streams;
    // One try for each beat's pause, to each of two peers; a loop without a pause tries thousands of times.
    assert!(tried <= 4 * beats, "{tried} streams in {beats} beats");
    cluster.stop_all().await;
}

#[tokio::test]
async fn beats_of_many_groups_travel_together() {
    const GROUPS: u64 = 16;
    let cluster = Cluster::of(2).await;
    let mut groups = Vec::new();
    for id in (2..2 + GROUPS).map(GroupId) {
        let home = cluster.node(1).found_group(id).await;
        let replica = cluster.node(2).open_group(id).await;
        home.set_members([NodeId(1), NodeId(2)].into(), [].into()).await.unwrap();
        groups.extend([home, replica]);
    }
    let begin = cluster.node(1).network.metrics();
    for _round in 0..20 {
        // A barrier is a beat that is asked for.
        let barriers = groups.iter().step_by(2).map(|home| home.read_barrier());
        for barrier in guarded("beating", join_all(barriers)).await {
            barrier.unwrap();
        }
    }
    let end = cluster.node(1).network.metrics();
    let (beats, frames) = (end.beats - begin.beats, end.beat_frames - begin.beat_frames);
    assert!(beats >= 20 * GROUPS);
    assert!(frames * 4 < beats, "{beats} beats in {frames} frames");
    for group in groups {
        group.close().await;
    }
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timeouts_change_on_one_replica_after_the_other_while_commands_come() {
    let mut cluster = Cluster::of(3).await;
    let home = cluster.node(1);
    let other = timeouts(Duration::from_millis(40));
    let refused = home.group.set_timeouts(other).await.unwrap_err();
    assert!(matches!(refused, GroupError::NotFollowing { .. }), "{refused}");

    let is_done = AtomicBool::new(false);
    let writing = async {
        let mut count = 0;
        while !is_done.load(Ordering::Relaxed) {
            home.propose(&format!("meanwhile {count}")).await.unwrap();
            count += 1;
        }
        count
    };
    let changing = async {
        for round in 0..10 {
            for id in [2, 3] {
                let timeouts = timeouts(Duration::from_millis(100 + round));
                guarded("other timeouts", cluster.node(id).group.set_timeouts(timeouts)).await.unwrap();
                cluster.node(id).home_when(|view| view.home == Some(NodeId(1))).await;
            }
        }
        is_done.store(true, Ordering::Relaxed);
    };
    let (count, ()) = tokio::join!(writing, changing);
    assert_eq!(cluster.same_everywhere().await.len(), count);

    // The home hands over before it is its turn.
    cluster.hand_over(1, 2).await;
    cluster.node(1).home_when(|view| view.home == Some(NodeId(2))).await;
    cluster.node(1).group.set_timeouts(other).await.unwrap();
    assert_eq!(cluster.node(1).group.timeouts(), other);
    cluster.write("after").await;
    assert_eq!(cluster.same_everywhere().await.len(), count + 1);

    // It votes and takes over as before.
    cluster.kill(3).await;
    cluster.hand_over(2, 1).await;
    cluster.write("home again").await;
    assert_eq!(cluster.same_everywhere().await.len(), count + 2);
    cluster.stop_all().await;
}
