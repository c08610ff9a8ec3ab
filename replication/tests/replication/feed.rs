//! What is published reaches every node's copy and sinks, whatever is lost on the way.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::feed::{
    FeedObject, FeedOptions, FeedState, FeedStore, FeedStoreOptions, FeedVersion,
};
use marquee_replication::transport::{Kind, Link, MemoryNetwork, Transport as _, Weather, call};
use marquee_replication::{GroupId, NodeId, StorageKey};
use tokio::time::sleep;

use super::spreading::{
    GROUP, Manner, Node, Shelf, address, all_alive, cluster, found, key, object, publish, start, start_with,
    state_at, states, until, version,
};

const OTHER: GroupId = GroupId(2);

fn have_same(nodes: &BTreeMap<u64, Node>) -> bool {
    let first = nodes.values().next().unwrap();
    let same =
        |node: &Node| node.sink.bodies() == first.sink.bodies() && node.feed.heads() == first.feed.heads();
    nodes.values().all(same)
}

/// A network whose cuts hold up everything.
fn windy() -> MemoryNetwork {
    let link = Link { delay: Duration::from_millis(2), jitter: Duration::from_millis(1), ..Link::default() };
    MemoryNetwork::with_weather(Weather::new(5, link))
}

fn cut_off(network: &MemoryNetwork, node: u64, others: u64) {
    for other in (1..=others).filter(|other| *other != node) {
        network.cut(NodeId(node), NodeId(other));
        network.cut(NodeId(other), NodeId(node));
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_reaches_everybody_at_once_and_in_order() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 5, &Manner::default()).await;
    found(&nodes[&1]);
    for index in 2..100 {
        publish(&nodes[&1], index, &format!("hall {}", index % 7), Some(&index.to_string()));
        sleep(Duration::from_millis(5)).await;
    }
    publish(&nodes[&1], 100, "hall 3", None);
    until("everybody has it", 10, || {
        have_same(&nodes) && nodes[&5].feed.heads().get(&GROUP) == Some(&version(0, 100))
    })
    .await;
    assert_eq!(nodes[&5].sink.bodies().len(), 6);
    assert_eq!(nodes[&5].feed.object(&key("hall 3")).unwrap().body, None);
    assert_eq!(nodes[&5].feed.object(&key("hall 9")), None);
    assert!(nodes[&5].feed.staleness(GROUP).unwrap() < Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_cut_off_pulls_what_it_missed_and_says_how_stale_it_is() {
    let network = windy();
    let nodes = cluster(&network, 5, &Manner::default()).await;
    found(&nodes[&1]);
    publish(&nodes[&1], 2, "a", Some("old"));
    publish(&nodes[&1], 2, "b", Some("old"));
    until("everybody has it", 10, || have_same(&nodes) && nodes[&5].sink.bodies().len() == 2).await;
    until("the home is heard", 10, || nodes[&5].feed.staleness(GROUP).is_some()).await;

    cut_off(&network, 5, 5);
    for index in 3..50 {
        publish(&nodes[&1], index, "a", Some(&index.to_string()));
    }
    publish(&nodes[&1], 50, "b", None);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(nodes[&5].sink.bodies()["a"], "old");
    assert!(nodes[&5].feed.staleness(GROUP).unwrap() > Duration::from_secs(50));
    network.heal();
    until("it has pulled", 60, || have_same(&nodes)).await;
    assert_eq!(nodes[&5].sink.bodies(), BTreeMap::from([("a".to_owned(), "49".to_owned())]));
    assert!(nodes[&5].feed.metrics().pulls > 0);
    assert_eq!(nodes[&5].feed.metrics().snapshots, 0);
    until("it is fresh", 60, || nodes[&5].feed.staleness(GROUP).unwrap() < Duration::from_secs(3)).await;
}

#[tokio::test(start_paused = true)]
async fn lost_broadcasts_leave_a_gap_that_is_not_taken_for_complete_and_is_pulled() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 3, &Manner::default()).await;
    found(&nodes[&1]);
    publish(&nodes[&1], 2, "a", Some("first"));
    until("everybody has it", 10, || have_same(&nodes) && nodes[&3].sink.bodies().len() == 1).await;

    // Node 3 takes no broadcasts: they are lost, and so is every other message of the feed.
    nodes[&3].switch.on_message(Kind::FeedBroadcast, |_from, _payload| {});
    publish(&nodes[&1], 3, "b", Some("lost"));
    until("the home's head is told", 20, || nodes[&3].sink.bodies().contains_key("b")).await;
    assert!(nodes[&3].feed.metrics().pulls > 0, "only a pull can have brought it");
    until("the head is the home's", 10, || have_same(&nodes)).await;
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_ahead_of_the_head_is_taken_but_the_head_waits_for_the_pull() {
    let network = windy();
    let nodes = cluster(&network, 2, &Manner::default()).await;
    found(&nodes[&1]);
    publish(&nodes[&1], 2, "a", Some("first"));
    until("both have it", 10, || have_same(&nodes) && nodes[&2].sink.bodies().len() == 1).await;
    // While nobody can pull.
    nodes[&1].switch.on_stream(Kind::FeedPull, |_from, _stream| {});
    network.cut(NodeId(1), NodeId(2));
    publish(&nodes[&1], 3, "b", Some("waits"));
    sleep(Duration::from_millis(100)).await;
    network.heal();
    nodes[&1].feed.publish(GROUP, version(0, 4), vec![object(GROUP, version(0, 4), "c", Some("came"))], true);
    until("the later one is there", 10, || nodes[&2].sink.bodies().contains_key("c")).await;
    let has_both = nodes[&2].sink.bodies().contains_key("b");
    assert_eq!(nodes[&2].feed.heads()[&GROUP] == version(0, 4), has_both);
}

#[tokio::test(start_paused = true)]
async fn a_node_behind_the_watermark_takes_a_snapshot_and_loses_what_was_deleted() {
    let network = windy();
    let feed =
        FeedOptions { tombstone_steps: 10, tombstone_age: Duration::from_secs(60), ..FeedOptions::default() };
    let manner = Manner { feed, ..Manner::default() };
    let nodes = cluster(&network, 4, &manner).await;
    found(&nodes[&1]);
    for (index, id) in [(2, "kept"), (3, "deleted"), (4, "moved")] {
        publish(&nodes[&1], index, id, Some("x"));
    }
    until("everybody has it", 10, || have_same(&nodes) && nodes[&4].sink.bodies().len() == 3).await;

    cut_off(&network, 4, 4);
    publish(&nodes[&1], 5, "deleted", None);
    nodes[&2].feed.replace_all(OTHER, state_at(version(0, 1), Vec::new()), true);
    let moved = object(OTHER, version(1, 2), "moved", Some("elsewhere"));
    nodes[&2].feed.publish(OTHER, version(0, 2), vec![moved], true);
    publish(&nodes[&1], 200, "kept", Some("y"));
    // Longer than tombstones are kept.
    sleep(Duration::from_secs(180)).await;
    network.heal();
    until("it has pulled", 60, || have_same(&nodes)).await;
    let expected = [("kept", "y"), ("moved", "elsewhere")].map(|(id, body)| (id.to_owned(), body.to_owned()));
    assert_eq!(nodes[&4].sink.bodies(), BTreeMap::from(expected));
    assert_eq!(nodes[&4].feed.metrics().snapshots, 1);
    // It never vanished, though the group's snapshot did not have it.
    let taken = nodes[&4].sink.taken.lock();
    assert!(!taken.iter().any(|object| object.key == key("moved") && object.body.is_none()));
}

#[tokio::test(start_paused = true)]
async fn after_a_move_between_groups_the_higher_epoch_wins() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 3, &Manner::default()).await;
    found(&nodes[&1]);
    nodes[&2].feed.replace_all(OTHER, state_at(version(0, 1), Vec::new()), true);
    publish(&nodes[&1], 900, "venue", Some("before"));
    until("everybody has it", 10, || have_same(&nodes) && nodes[&3].sink.bodies().len() == 1).await;
    let moved = object(OTHER, version(1, 5), "venue", Some("after"));
    nodes[&2].feed.publish(OTHER, version(0, 5), vec![moved.clone()], true);
    // The old group forgets it later, at a higher index, and says so.
    publish(&nodes[&1], 1_000, "venue", None);
    until("everybody has the heads", 10, || {
        have_same(&nodes) && nodes[&3].feed.heads().get(&GROUP) == Some(&version(0, 1_000))
    })
    .await;
    for node in nodes.values() {
        assert_eq!(node.feed.object(&key("venue")), Some(moved.clone()));
        assert_eq!(node.sink.bodies()["venue"], "after");
    }
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_starts_again_says_what_it_has_and_buries_the_rest() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 3, &Manner::default()).await;
    found(&nodes[&1]);
    publish(&nodes[&1], 2, "same", Some("s"));
    publish(&nodes[&1], 3, "gone", Some("g"));
    publish(&nodes[&1], 4, "other", Some("o"));
    until("everybody has it", 10, || have_same(&nodes) && nodes[&3].sink.bodies().len() == 3).await;
    let at = version(0, 9);
    let state = vec![
        object(GROUP, at, "same", Some("s")),
        object(GROUP, at, "other", Some("p")),
        object(GROUP, at, "fresh", Some("f")),
    ];
    nodes[&1].feed.replace_all(GROUP, state_at(at, state), true);
    until("everybody has it", 10, || have_same(&nodes) && nodes[&3].sink.bodies().contains_key("fresh"))
        .await;
    let expected =
        [("fresh", "f"), ("other", "p"), ("same", "s")].map(|(id, body)| (id.to_owned(), body.to_owned()));
    assert_eq!(nodes[&3].sink.bodies(), BTreeMap::from(expected));
    assert_eq!(nodes[&3].feed.object(&key("same")).unwrap().version, version(0, 2));
    assert_eq!(nodes[&3].feed.object(&key("gone")).unwrap().version, version(0, 9));

    // Saying it again is no news.
    let pulls = nodes[&3].feed.metrics().pulls;
    let state = ["same", "other", "fresh"].map(|id| nodes[&1].feed.object(&key(id)).unwrap());
    nodes[&1].feed.replace_all(GROUP, state_at(version(0, 5_000), state.to_vec()), true);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(nodes[&3].feed.metrics().pulls, pulls);
    publish(&nodes[&1], 5_001, "fresh", Some("g"));
    until("the next change is no gap", 10, || nodes[&3].sink.bodies()["fresh"] == "g").await;
    assert_eq!(nodes[&3].feed.metrics().pulls, pulls);
}

#[tokio::test(start_paused = true)]
async fn what_a_state_only_names_stays_and_is_asked_for_when_it_is_not_there() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 2, &Manner::default()).await;
    found(&nodes[&1]);
    publish(&nodes[&1], 2, "map", Some("large"));
    publish(&nodes[&1], 3, "gone", Some("g"));
    until("both have it", 10, || have_same(&nodes) && nodes[&2].sink.bodies().len() == 2).await;
    let kept = FeedState { kept: vec![key("map")], ..state_at(version(0, 9), Vec::new()) };
    nodes[&1].feed.replace_all(GROUP, kept, true);
    until("the head is told", 10, || nodes[&2].feed.heads()[&GROUP] == version(0, 9)).await;
    until("the map stays", 10, || have_same(&nodes) && nodes[&2].sink.bodies().len() == 1).await;
    assert_eq!(nodes[&2].feed.object(&key("map")).unwrap().version, version(0, 2));

    let rebuild = nodes[&1].feed.rebuild();
    let asked = *rebuild.borrow();
    let lost = FeedState { kept: vec![key("map"), key("lost")], ..state_at(version(0, 20), Vec::new()) };
    nodes[&1].feed.replace_all(GROUP, lost, true);
    until("the lost one is asked for", 10, || *rebuild.borrow() > asked).await;
    assert_eq!(nodes[&1].feed.heads()[&GROUP], version(0, 9), "what lacks something is not complete");
    let again = vec![object(GROUP, version(0, 20), "lost", Some("l"))];
    let whole = FeedState { kept: vec![key("map")], ..state_at(version(0, 20), again) };
    nodes[&1].feed.replace_all(GROUP, whole, true);
    until("both have it", 10, || have_same(&nodes) && nodes[&2].sink.bodies().len() == 2).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_jump_of_the_state_nothing_is_complete_until_it_was_said_again() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 2, &Manner::default()).await;
    found(&nodes[&1]);
    publish(&nodes[&1], 2, "a", Some("first"));
    until("both have it", 10, || have_same(&nodes) && nodes[&2].sink.bodies().len() == 1).await;
    // Another replica's state came, with "b" at 5, of which this copy knows nothing yet.
    nodes[&1].feed.reopen(GROUP);
    publish(&nodes[&1], 7, "c", Some("later"));
    until("the change is taken in", 10, || nodes[&1].sink.bodies().contains_key("c")).await;
    assert_eq!(nodes[&1].feed.heads()[&GROUP], version(0, 2));
    // The state was read at 6; what came at 8 waits on the desk with it, and is not part of it.
    publish(&nodes[&1], 8, "d", Some("last"));
    let objects =
        [("a", "first"), ("b", "jumped")].map(|(id, body)| object(GROUP, version(0, 6), id, Some(body)));
    nodes[&1].feed.replace_all(GROUP, state_at(version(0, 6), objects.to_vec()), true);
    until("both have all", 10, || have_same(&nodes) && nodes[&2].sink.bodies().len() == 4).await;
    assert_eq!(nodes[&2].feed.heads()[&GROUP], version(0, 8));
}

#[tokio::test(start_paused = true)]
async fn long_bodies_are_pulled_in_pieces() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 5, &Manner::default()).await;
    found(&nodes[&1]);
    let body = Bytes::from(vec![b'm'; 2 << 20]);
    let maps: Vec<FeedObject> = (0..5)
        .map(|number| FeedObject {
            body: Some(body.clone()),
            ..object(GROUP, version(0, 2), &format!("map {number}"), None)
        })
        .collect();
    nodes[&1].feed.publish(GROUP, version(0, 2), maps, true);
    until("everybody has the maps", 30, || {
        nodes.values().all(|node| node.feed.heads().get(&GROUP) == Some(&version(0, 2)))
    })
    .await;
    assert_eq!(nodes[&5].feed.object(&key("map 4")).unwrap().body, Some(body));
    until("the sinks too", 5, || have_same(&nodes) && nodes[&5].sink.bodies().len() == 5).await;
}

#[tokio::test(start_paused = true)]
async fn fleeting_objects_spread_and_newcomers_get_them() {
    let network = MemoryNetwork::new();
    let mut nodes = cluster(&network, 4, &Manner::default()).await;
    let free = |node: &Node| node.sink.fleeting.lock().get(&key("free")).map(|object| object.body.clone());
    for number in 1..=50 {
        nodes[&1].feed.publish_fleeting(GROUP, key("free"), (1, number), Bytes::from(number.to_string()));
        sleep(Duration::from_millis(20)).await;
    }
    until("everybody has the last", 10, || {
        nodes.values().all(|node| free(node) == Some(Bytes::from_static(b"50")))
    })
    .await;
    nodes[&1].feed.publish_fleeting(GROUP, key("free"), (1, 49), Bytes::from_static(b"old"));
    let node = start(&network, 5, &Manner::default());
    node.membership.announce(&[(NodeId(1), address(1))]);
    nodes.insert(5, node);
    until("the newcomer has it", 60, || free(&nodes[&5]) == Some(Bytes::from_static(b"50"))).await;
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_comes_later_gets_everything_and_then_the_changes() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 2, &Manner::default()).await;
    found(&nodes[&1]);
    for index in 2..300 {
        publish(&nodes[&1], index, &format!("id {index}"), Some("x"));
    }
    let late = Arc::<Shelf>::default();
    nodes[&2].feed.subscribe(late.clone());
    publish(&nodes[&1], 300, "id 2", Some("y"));
    until("the late sink has all", 20, || {
        late.bodies().len() == 298 && late.bodies().get("id 2").is_some_and(|body| body == "y")
    })
    .await;
    // The shelf insists on rising versions by itself.
}

#[tokio::test(start_paused = true)]
async fn nonsense_is_refused_and_counted() {
    let network = MemoryNetwork::new();
    let nodes = cluster(&network, 2, &Manner::default()).await;
    for payload in [b"".as_slice(), b"\x02\x80", b"\x01\xc1", b"\x01abc"] {
        let payload = Bytes::copy_from_slice(payload);
        let deadline = Duration::from_secs(1);
        let sent =
            nodes[&2].transport.send_message(NodeId(1), Kind::FeedBroadcast, payload.clone(), deadline);
        sent.await.unwrap();
        let asked = call(nodes[&2].transport.as_ref(), NodeId(1), Kind::FeedPull, payload, deadline).await;
        assert!(asked.is_err());
    }
    until("counted", 1, || nodes[&1].feed.metrics().refused == 8).await;
    found(&nodes[&1]);
    publish(&nodes[&1], 2, "a", Some("x"));
    until("the feed goes on", 10, || nodes[&2].sink.bodies().len() == 1).await;
}

fn options(folder: &std::path::Path, key: Option<StorageKey>) -> FeedStoreOptions {
    FeedStoreOptions { data_dir: folder.to_owned(), cache_bytes: 4 << 20, key }
}

fn storage_key() -> StorageKey {
    let mut bytes = [7; StorageKey::LENGTH];
    bytes[0] = 8;
    StorageKey::new(bytes).unwrap()
}

/// On real files and threads, and so on real time.
#[tokio::test(flavor = "multi_thread")]
async fn the_copy_is_there_after_a_restart_and_begins_anew_when_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let open = || FeedStore::open(&options(folder.path(), Some(storage_key()))).unwrap();
    let network = MemoryNetwork::new();
    let home = start(&network, 1, &Manner::default());
    found(&home);
    publish(&home, 2, "a", Some("stays"));
    let follow = |incarnation, store| {
        let manner = Manner { incarnation, ..Manner::default() };
        let node = start_with(&network, 2, &manner, store);
        node.membership.announce(&[(NodeId(1), address(1))]);
        node
    };
    let node = follow(1, open());
    until("it has it", 20, || node.sink.bodies().len() == 1).await;
    until("complete", 20, || node.feed.heads().get(&GROUP) == Some(&version(0, 2))).await;
    node.feed.close().await;
    drop(node);

    // Cut off from everybody: only the file can say it.
    network.cut(NodeId(1), NodeId(2));
    network.cut(NodeId(2), NodeId(1));
    let node = follow(2, open());
    until("the sink has what is stored", 20, || node.sink.bodies().len() == 1).await;
    assert_eq!(node.feed.heads(), BTreeMap::from([(GROUP, FeedVersion { epoch: 0, index: 2 })]));
    assert_eq!(node.feed.staleness(GROUP), None);
    node.feed.close().await;
    drop(node);

    let file = folder.path().join("feed.redb");
    let mut content = Vec::new();
    let mut handle = OpenOptions::new().read(true).write(true).open(&file).unwrap();
    handle.read_to_end(&mut content).unwrap();
    assert!(!content.windows(5).any(|window| window == b"stays"), "the file is not encrypted");
    for at in (4_096..content.len()).step_by(512) {
        handle.seek(SeekFrom::Start(at as u64)).unwrap();
        handle.write_all(&[content[at] ^ 0x55]).unwrap();
    }
    drop(handle);
    network.heal();
    let node = follow(3, open());
    until("it has pulled it again", 30, || node.sink.bodies().len() == 1).await;
    node.feed.close().await;
    drop(node);

    // Another key, or none, is as good as damage.
    let node = follow(4, FeedStore::open(&options(folder.path(), None)).unwrap());
    until("it has pulled it again", 30, || node.sink.bodies().len() == 1).await;
    assert!(all_alive(&node) && states(&node).len() == 2);
    node.feed.close().await;
}
