//! Who is in a group changes while it works.

use std::collections::BTreeSet;
use std::time::Duration;

use marquee_replication::{HandOverError, Members, MembersError, NodeId, timeouts};

use crate::cluster::{Cluster, guarded};

fn nodes(ids: impl IntoIterator<Item = u64>) -> BTreeSet<NodeId> {
    ids.into_iter().map(NodeId).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_becomes_three_and_a_dead_one_is_replaced() {
    let mut cluster = Cluster::new();
    cluster.found(1).await;
    cluster.write("alone").await;
    cluster.open(2).await;
    cluster.open(3).await;
    cluster.set_voters(1, 1..=3).await;
    cluster.write("three").await;
    assert_eq!(cluster.node(1).group.members(), Members { voters: nodes(1..=3), learners: nodes([]) });

    cluster.kill(3).await;
    cluster.open(4).await;
    let home = cluster.home().await;
    cluster.set_voters(home, [1, 2, 4]).await;
    cluster.write("replaced").await;
    let lines = cluster.same_everywhere().await;
    assert_eq!(lines.len(), 3);
    for node in cluster.running() {
        assert_eq!(node.group.members(), Members { voters: nodes([1, 2, 4]), learners: nodes([]) });
    }
    // The new one counts: without one of the old ones the group goes on.
    cluster.kill(1).await;
    cluster.write("with the new one").await;
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_learner_has_the_state_and_never_counts() {
    let mut cluster = Cluster::of(1).await;
    for number in 0..30 {
        cluster.write(&number.to_string()).await;
    }
    cluster.open(2).await;
    guarded("a learner", cluster.node(1).group.set_members(nodes([1]), nodes([2]))).await.unwrap();
    cluster.write("with a learner").await;
    assert_eq!(cluster.same_everywhere().await.len(), 31);
    assert_eq!(cluster.node(1).group.members(), Members { voters: nodes([1]), learners: nodes([2]) });
    cluster.kill(2).await;
    cluster.write("without the learner").await;
    assert!(cluster.node(1).group.lags().contains_key(&NodeId(2)));
    cluster.node(1).group.read_barrier().await.unwrap();
    // Also after longer than a home waits that more than half of the voters do not answer: nobody else's answer counts.
    let lease = timeouts(Duration::ZERO).election_max;
    for nth in 0..10 {
        tokio::time::sleep(lease / 2).await;
        cluster.write(&format!("cut off {nth}")).await;
        cluster.node(1).group.read_barrier().await.unwrap();
        assert!(cluster.node(1).group.home().borrow().is_home);
    }
    cluster.open(2).await;
    assert_eq!(cluster.same_everywhere().await.len(), 42, "it has what it missed");
    // It leaves, and the group is as it was.
    guarded("a farewell", cluster.node(1).group.set_members(nodes([1]), nodes([]))).await.unwrap();
    assert!(cluster.node(1).group.lags().is_empty());
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_left_can_come_again() {
    let mut cluster = Cluster::of(3).await;
    cluster.write("one").await;
    cluster.set_voters(1, [1, 2]).await;
    cluster.write("two").await;
    cluster.stop(3).await;
    cluster.open(3).await;
    cluster.set_voters(1, 1..=3).await;
    cluster.write("three").await;
    assert_eq!(cluster.same_everywhere().await.len(), 3);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_home_goes_round_twenty_times_and_nothing_is_lost() {
    let cluster = Cluster::of(3).await;
    for round in 0..20 {
        cluster.write(&round.to_string()).await;
        let home = cluster.home().await;
        let next = home % 3 + 1;
        cluster.hand_over(home, next).await;
        cluster.node(next).home_when(|view| view.is_home).await;
    }
    assert_eq!(cluster.same_everywhere().await.len(), 20);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_is_refused_and_says_why() {
    let mut cluster = Cluster::of(3).await;
    let home = cluster.home().await;
    let group = &cluster.node(home).group;
    assert_eq!(group.set_members(nodes([]), nodes([])).await, Err(MembersError::NoVoters));
    let twice = group.set_members(nodes(1..=3), nodes([2])).await;
    assert_eq!(twice, Err(MembersError::VoterAndLearner { node: NodeId(2) }));
    let others: Vec<u64> = (1..=3).filter(|id| *id != home).collect();
    let leaves = group.set_members(nodes(others.clone()), nodes([])).await;
    assert_eq!(leaves, Err(MembersError::HomeWouldLeave));
    assert_eq!(group.hand_over(NodeId(9)).await, Err(HandOverError::NotVoter { to: NodeId(9) }));
    group.hand_over(NodeId(home)).await.unwrap();

    let replica = &cluster.node(others[0]).group;
    cluster.node(others[0]).home_when(|view| view.home == Some(NodeId(home))).await;
    let not_home = Some(NodeId(home));
    let refused = replica.hand_over(NodeId(others[0])).await;
    assert_eq!(refused, Err(HandOverError::NotHome { home: not_home }));
    let refused = replica.set_members(nodes(1..=3), nodes([4])).await;
    assert_eq!(refused, Err(MembersError::NotHome { home: not_home }));

    cluster.kill(others[1]).await;
    guarded("a hand-over to a dead node", async {
        // Until it has been silent for long enough to be noticed; the others may elect another home meanwhile.
        loop {
            let home = cluster.home().await;
            match cluster.node(home).group.hand_over(NodeId(others[1])).await.unwrap_err() {
                HandOverError::Behind { .. } => return,
                HandOverError::NotTaken { .. } | HandOverError::NotHome { .. } => {}
                other @ (HandOverError::NotVoter { .. } | HandOverError::Stopped) => panic!("{other}"),
            }
        }
    })
    .await;
    cluster.write("still there").await;
    cluster.stop_all().await;
}
