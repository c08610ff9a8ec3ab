//! Nodes that joined a cluster: what they know, who is home, and what a node that lost its files is told.

use std::fs;

use marquee_ledger::{AccountId, PerformanceId, VenueId};
use marquee_node::catalog::{Action, Created};
use marquee_node::cluster::identity::BelongingError;
use marquee_node::directory::{Command, Outcome as Placed};
use marquee_node::http::App;
use marquee_node::node::{Node, OpenError};
use marquee_replication::GroupId;
use serde_json::{Value, json as value};

use crate::show::{Terms, Watch, event_facts, hall_map, offer, venue_facts};
use crate::town::{Town, guarded};

/// Makes a venue that a group owns, through a node.
async fn venue(town: &Town, node: u64, group: u64, name: &str) -> VenueId {
    let placed = town.app(node).home.directory(None, Command::PlaceVenue { group: GroupId(group) }).await;
    let Placed::Placed(number) = placed.unwrap().unwrap() else { panic!("it was not placed") };
    town.app(node).home.commons().await_placement(number).await.unwrap();
    let facts = venue_facts(name);
    let made = town.create(node, Action::CreateVenue { number: Some(number), key: None, facts }).await;
    let Created::Venue(venue) = made else { panic!("{made:?}") };
    venue
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_a_replica_knows_the_catalog_also_after_it_was_away() {
    let mut town = Town::of(3, 1).await;
    let kept = venue(&town, 2, 2, "Kept").await;
    let gone = venue(&town, 2, 2, "Gone").await;
    for node in [1, 3] {
        assert!(town.app(node).home.commons().replica(GroupId(2)).is_none(), "{node} holds no replica");
        let knows = |app: &App| {
            let index = app.home.catalog_copy().read();
            index.venue(kept).is_some() && index.venue(gone).is_some()
        };
        town.until("the venues are known", node, knows).await;
    }

    // While node 3 is away, no broadcast reaches it: what it learns later, it pulls.
    town.stop(3).await;
    let seat_map = Box::new(hall_map());
    let action = Action::CreateHall { venue: kept, key: None, name: "Main".to_owned(), seat_map };
    let made = town.create(2, action).await;
    let Created::Hall(hall) = made else { panic!("{made:?}") };
    town.change(2, Action::DeleteVenue { venue: gone, version: None }).await;
    // A home that starts again says anew what it has, without forgetting anything.
    town.stop(2).await;
    town.start(2).await;
    town.start(3).await;
    for node in [1, 3] {
        let knows = |app: &App| {
            let index = app.home.catalog_copy().read();
            index.hall(hall).is_some() && index.venue(kept).is_some() && index.venue(gone).is_none()
        };
        town.until("the news are known", node, knows).await;
        let has_map = |app: &App| app.home.seat_map(hall, 1).unwrap().as_ref() == Some(&hall_map());
        town.until("the seat map is there", node, has_map).await;
    }
    let later = venue(&town, 2, 2, "Later").await;
    let knows = |app: &App| app.home.catalog_copy().read().venue(later).is_some();
    town.until("what came after that is known", 3, knows).await;
    town.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_joins_is_drained_and_works_again() {
    let town = Town::of(3, 3).await;
    for group in 1..=3 {
        town.until_home(group, group).await;
        let is_whole = |app: &App| {
            app.home
                .commons()
                .replica(GroupId(group))
                .is_some_and(|at| at.group().members().voters.len() == 3)
        };
        town.until("three nodes vote", group, is_whole).await;
    }
    let drained = town.ask(3, "POST", "/v1/cluster/nodes/node-2/drain", &Value::Null).await;
    assert_eq!(drained.status, 200, "{drained:?}");
    let elsewhere = |app: &App| {
        let status = app.home.commons().replica(GroupId(2)).map(|replica| replica.status());
        status.is_some_and(|status| status.home.is_some_and(|home| home.0 != 2))
    };
    town.until("the drained node is home of nothing", 2, elsewhere).await;
    // Its group goes on, whoever is asked.
    let name = venue(&town, 2, 2, "Meanwhile").await;
    let knows = |app: &App| app.home.catalog_copy().read().venue(name).is_some();
    for node in 1..=3 {
        town.until("the venue is known", node, knows).await;
    }
    let again = town.ask(1, "POST", "/v1/cluster/nodes/n2/rejoin", &Value::Null).await;
    assert_eq!(again.status, 200, "{again:?}");
    town.until_home(2, 2).await;
    let cluster = town.ask(2, "GET", "/v1/cluster", &Value::Null).await.json();
    assert_eq!(cluster["nodes"].as_array().unwrap().len(), 3, "{cluster}");
    assert_eq!(cluster["answered_by"], value!("n2"));
    town.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_lost_its_files_is_told_to_join_anew() {
    let mut town = Town::of(2, 1).await;
    town.stop(2).await;
    let settings = town.settings(2);
    for file in ["log.redb", "state.redb"] {
        fs::remove_file(settings.storage.data_dir.join(file)).unwrap();
    }
    for _try in 0..2 {
        let refused = Node::open(settings.clone(), "127.0.0.1:0".parse().unwrap()).await.err().unwrap();
        let OpenError::Belonging(BelongingError::ForeignFiles { node, .. }) = &refused else {
            panic!("{refused}")
        };
        assert_eq!(node.0, 2);
        assert!(refused.to_string().contains("marquee cluster remove n2"), "{refused}");
    }
    town.stop_all().await;
}

/// Puts a performance of a venue on sale, through a node.
async fn performance(town: &Town, node: u64, venue: VenueId) -> PerformanceId {
    let seat_map = Box::new(hall_map());
    let action = Action::CreateHall { venue, key: None, name: "Main".to_owned(), seat_map };
    let made = town.create(node, action).await;
    let Created::Hall(hall) = made else { panic!("{made:?}") };
    let events = vec![(None, event_facts())];
    let made = town.create(node, Action::CreateEvents { events }).await;
    let Created::Event(event) = made else { panic!("{made:?}") };
    let offer = offer(&Terms { hold_ms: 600_000, ticket_limit: 0 }, town.app(node).now_ms());
    let event_owner = Some(AccountId(1));
    let made =
        town.create(node, Action::CreatePerformance { key: None, event, event_owner, hall, offer }).await;
    let Created::Performance(performance) = made else { panic!("{made:?}") };
    performance
}

/// Holds a seat, by its number, through a node.
async fn hold(town: &Town, node: u64, performance: PerformanceId, seat: usize) {
    let path = format!("/v1/performances/{performance}");
    let map = town.ask(node, "GET", &format!("{path}/seats"), &Value::Null).await.json();
    let body = value!({"seats": [map["seats"][seat]["id"]]});
    let held = town.ask(node, "POST", &format!("{path}/holds"), &body).await;
    assert_eq!(held.status, 201, "{held:?}");
    // Whoever asks a node sees what that node answered before.
    let map = town.ask(node, "GET", &format!("{path}/seats"), &Value::Null).await.json();
    assert_eq!(map["seats"][seat]["status"], "held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_watches_seats_far_away_sees_every_change_also_when_their_home_dies() {
    let mut town = Town::of(4, 3).await;
    town.until_home(2, 2).await;
    let is_whole = |app: &App| {
        app.home.commons().replica(GroupId(2)).is_some_and(|at| at.group().members().voters.len() == 3)
    };
    town.until("three nodes vote", 2, is_whole).await;
    let voters = town.app(2).home.commons().replica(GroupId(2)).unwrap().group().members().voters;
    let stranger = (1..=4).find(|node| !voters.iter().any(|voter| voter.0 == *node)).unwrap();
    let replica = voters.iter().map(|voter| voter.0).find(|node| *node != 2).unwrap();
    let venue = venue(&town, 2, 2, "Far away").await;
    let performance = performance(&town, 2, venue).await;
    // The event is another group's news than the performance, and may come later.
    let knows = |app: &App| {
        let index = app.home.catalog_copy().read();
        index.performance(performance).is_some_and(|shown| {
            let hall = index.hall(shown.hall).is_some() && index.venue(shown.venue).is_some();
            hall && index.event(shown.event).is_some()
        })
    };
    for node in [stranger, replica, 2] {
        town.until("the performance is known", node, knows).await;
    }

    let path = format!("/v1/performances/{performance}/seats/stream");
    let mut watches = Vec::new();
    for node in [stranger, stranger, replica] {
        watches.push(Watch::open(town.address(node), &path, None).await);
    }
    hold(&town, stranger, performance, 0).await;
    for watch in &mut watches {
        guarded("the first seat", watch.until(0, "h")).await;
    }
    assert_eq!(town.app(stranger).mirror.subscriptions(), 1, "once for all who watch there");
    assert_eq!(town.app(replica).mirror.subscriptions(), 0, "a replica knows by itself");

    town.stop(2).await;
    hold(&town, replica, performance, 3).await;
    for watch in &mut watches {
        guarded("a seat at the next home, on the same stream", watch.until(3, "h")).await;
    }
    // Who was cut off for a moment goes on where they were.
    let mut resumed = Watch::open(town.address(stranger), &path, Some(watches[0].seen)).await;
    hold(&town, stranger, performance, 7).await;
    let (_id, name, _data) = guarded("what came after", resumed.next()).await.unwrap();
    assert_eq!(name, "seats", "no snapshot");
    town.stop_all().await;
}
