//! What nodes tell of themselves reaches the others.

use std::time::Duration;

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::gossip::{home_hint, home_key, home_value};
use marquee_replication::membership::Liveness;
use marquee_replication::transport::{Kind, MemoryNetwork, Transport as _};
use tokio::time::sleep;

use super::spreading::{GROUP, Manner, Node, address, cluster, start, states, until};

fn hears(node: &Node, of: u64, key: &str) -> Option<String> {
    let told = node.gossip.nodes();
    let told = told.borrow();
    told.get(&NodeId(of)).and_then(|values| values.get(key)).cloned()
}

#[tokio::test(start_paused = true)]
async fn values_spread_change_and_vanish() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 5, &Manner::default()).await;
    for node in nodes.values() {
        node.gossip.set("region", format!("r{}", node.id.0));
    }
    let spread = |key: &'static str, value: fn(u64) -> Option<String>| {
        let nodes = &nodes;
        move || nodes.values().all(|node| (1..=5).all(|of| hears(node, of, key) == value(of)))
    };
    until("all regions are everywhere", 20, spread("region", |of| Some(format!("r{of}")))).await;
    for node in nodes.values() {
        node.gossip.set("region", format!("s{}", node.id.0));
        node.gossip.set("load", "3".to_owned());
    }
    until("the change is everywhere", 20, spread("region", |of| Some(format!("s{of}")))).await;
    until("the load is everywhere", 20, spread("load", |_of| Some("3".to_owned()))).await;
    nodes.values().for_each(|node| node.gossip.remove("load"));
    until("the load is nowhere", 20, spread("load", |_of| None)).await;
    assert_eq!(hears(&nodes[&1], 5, "region"), Some("s5".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_hint_of_the_highest_term_is_followed() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 4, &Manner::default()).await;
    nodes[&1].gossip.set(&home_key(GROUP), home_value(3, 100));
    nodes[&2].gossip.set(&home_key(GROUP), home_value(4, 90));
    let follows = |node: &Node| home_hint(&node.gossip.nodes().borrow(), GROUP).map(|hint| hint.home);
    until("all follow", 20, || nodes.values().all(|node| follows(node) == Some(NodeId(2)))).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_dead_node_said_is_not_listened_to() {
    let network = MemoryNetwork::new();
    let mut nodes = cluster(&network, 3, &Manner::default()).await;
    nodes[&3].gossip.set("region", "eu".to_owned());
    until("heard", 20, || hears(&nodes[&1], 3, "region").is_some()).await;
    network.leave(NodeId(3));
    drop(nodes.remove(&3));
    until("down", 20, || states(&nodes[&1])[&3] == Liveness::Down).await;
    until("not heard", 5, || hears(&nodes[&1], 3, "region").is_none()).await;

    let node = start(&network, 3, &Manner { incarnation: 2, ..Manner::default() });
    node.membership.announce(&[(NodeId(1), address(1))]);
    node.gossip.set("region", "us".to_owned());
    until("heard anew", 20, || hears(&nodes[&1], 3, "region") == Some("us".to_owned())).await;
    assert_eq!(node.gossip.metrics().restarts, 0);
}

#[tokio::test(start_paused = true)]
async fn another_cluster_is_not_listened_to() {
    let network = MemoryNetwork::new();
    let here = start(&network, 1, &Manner::default());
    let there = start(&network, 2, &Manner { cluster: "other".to_owned(), ..Manner::default() });
    there.membership.announce(&[(NodeId(1), address(1))]);
    here.gossip.set("region", "eu".to_owned());
    until("they are members", 5, || states(&here).len() == 2).await;
    sleep(Duration::from_secs(30)).await;
    assert_eq!(hears(&there, 1, "region"), None);
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_refused_and_counted() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 2, &Manner::default()).await;
    for payload in [b"".as_slice(), b"\x02\x00abc", b"\x01\x00abc", b"\x01\x01abc", b"\x01\x05abc"] {
        let payload = Bytes::copy_from_slice(payload);
        let sent = nodes[&2].transport.send_message(NodeId(1), Kind::Gossip, payload, Duration::from_secs(1));
        sent.await.unwrap();
    }
    until("counted", 1, || nodes[&1].gossip.metrics().refused == 5).await;
    nodes[&2].gossip.set("region", "eu".to_owned());
    until("gossip goes on", 20, || hears(&nodes[&1], 2, "region").is_some()).await;
}
