//! Who is there: found, missed, refuted, back again.

use std::time::Duration;

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::membership::Liveness;
use marquee_replication::transport::{Kind, Link, MemoryNetwork, Transport as _, Weather};
use tokio::time::{Instant, sleep};

use super::spreading::{Manner, Node, address, all_alive, cluster, start, states, until};

fn wan() -> Manner {
    Manner { wan: true, ..Manner::default() }
}

/// 300 ms there and back, up to 100 ms more by chance, one packet in fifty lost.
fn ocean() -> Weather {
    let link = Link {
        delay: Duration::from_millis(150),
        jitter: Duration::from_millis(50),
        loss_per_mille: 20,
        doubled_per_mille: 5,
        ..Link::default()
    };
    Weather::new(11, link)
}

fn state(node: &Node, of: u64) -> Liveness {
    states(node)[&of]
}

#[tokio::test(start_paused = true)]
async fn a_dead_node_is_suspected_and_then_down_within_the_documented_time() {
    let network = MemoryNetwork::new();
    let mut nodes = cluster(&network, 5, &Manner::default()).await;
    network.leave(NodeId(3));
    drop(nodes.remove(&3));
    let not_alive = |node: &Node| state(node, 3) != Liveness::Alive;
    let suspected = until("suspected", 10, || nodes.values().any(not_alive)).await;
    assert!(suspected <= Duration::from_millis(1_000 + 60), "suspected after {suspected:?}");
    let down = until("down", 10, || nodes.values().all(|node| state(node, 3) == Liveness::Down)).await;
    assert!(down <= Duration::from_millis(2_000 + 1_000), "down {down:?} later");
    let others_live =
        |node: &Node| states(node).iter().all(|(id, state)| *id == 3 || *state == Liveness::Alive);
    assert!(nodes.values().all(others_live));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_down_for_ten_minutes_of_a_bad_ocean() {
    let network = MemoryNetwork::with_weather(ocean());
    let nodes = cluster(&network, 5, &wan()).await;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(600) {
        sleep(Duration::from_millis(100)).await;
        for node in nodes.values() {
            assert!(states(node).values().all(|state| state.is_active()), "after {:?}", start.elapsed());
            assert_eq!(node.membership.metrics().rejoined, 0, "{} after {:?}", node.id, start.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_neighbour_is_suspected_soon_also_when_the_others_are_far() {
    let mut weather = ocean();
    let near = Link { delay: Duration::from_millis(1), ..Link::default() };
    weather.set(NodeId(1), NodeId(2), near);
    weather.set(NodeId(2), NodeId(1), near);
    let network = MemoryNetwork::with_weather(weather);
    let mut nodes = cluster(&network, 5, &wan()).await;
    // Until the neighbours have chosen each other.
    sleep(Duration::from_secs(2)).await;
    network.leave(NodeId(2));
    drop(nodes.remove(&2));
    let suspected = until("suspected", 10, || state(&nodes[&1], 2) != Liveness::Alive).await;
    assert!(suspected <= Duration::from_millis(1_000 + 60), "suspected after {suspected:?}");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_cut_off_comes_back_under_a_renewed_incarnation() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 4, &Manner::default()).await;
    let before = nodes[&1].membership.members().borrow()[&NodeId(4)].incarnation;
    for other in 1..4 {
        network.cut(NodeId(4), NodeId(other));
        network.cut(NodeId(other), NodeId(4));
    }
    until("down", 30, || (1..4).all(|other| state(&nodes[&other], 4) == Liveness::Down)).await;
    until("alone", 30, || (1..4).all(|other| state(&nodes[&4], other) == Liveness::Down)).await;
    network.heal();
    until("back", 60, || nodes.values().all(all_alive)).await;
    let after = nodes[&1].membership.members().borrow()[&NodeId(4)].incarnation;
    assert!(after > before);
    assert!(nodes[&4].membership.metrics().rejoined > 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_starts_again_is_the_same_node() {
    let network = MemoryNetwork::new();
    let mut nodes = cluster(&network, 3, &Manner::default()).await;
    network.leave(NodeId(2));
    drop(nodes.remove(&2));
    until("down", 30, || nodes.values().all(|node| state(node, 2) == Liveness::Down)).await;
    let node = start(&network, 2, &Manner { incarnation: 2, ..Manner::default() });
    node.membership.announce(&[(NodeId(1), address(1))]);
    nodes.insert(2, node);
    until("back", 10, || nodes.values().all(|node| states(node).len() == 3 && all_alive(node))).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_knocks_until_somebody_answers() {
    let network = MemoryNetwork::new();
    let first = start(&network, 1, &Manner::default());
    first.membership.announce(&[(NodeId(2), address(2))]);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(states(&first).len(), 1);
    let second = start(&network, 2, &Manner::default());
    until("found", 2, || states(&first).len() == 2 && states(&second).len() == 2).await;
}

#[tokio::test(start_paused = true)]
async fn who_says_goodbye_has_left() {
    let network = MemoryNetwork::new();
    let mut nodes = cluster(&network, 5, &Manner::default()).await;
    let leaving = nodes.remove(&5).unwrap();
    leaving.membership.leave().await;
    let left = until("left", 5, || nodes.values().all(|node| state(node, 5) == Liveness::Left)).await;
    assert!(left <= Duration::from_secs(2), "left after {left:?}");
    // Later suspicions change nothing.
    network.leave(NodeId(5));
    sleep(Duration::from_secs(30)).await;
    assert!(nodes.values().all(|node| state(node, 5) == Liveness::Left));
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_refused_and_counted() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 3, &Manner::default()).await;
    let stranger = start(&network, 9, &Manner::default());
    let before = nodes[&1].membership.metrics().refused;
    let nonsense: [&[u8]; 5] = [b"", b"\x01", b"\x02\x00abc", b"\x01\x07", b"\x01\x00\xff\xff\xff\xff\xff"];
    for payload in nonsense {
        let payload = Bytes::from_static(payload);
        stranger.transport.send_datagram(NodeId(1), Kind::Membership, payload);
    }
    until("counted", 1, || nodes[&1].membership.metrics().refused == before + 5).await;
    sleep(Duration::from_secs(5)).await;
    assert!(nodes.values().all(|node| states(node).len() == 3 && all_alive(node)));
}
