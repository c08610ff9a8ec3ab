//! Search, suggestions and the feed over real sockets, from the node's own index.

use std::time::Duration;

use marquee_ledger::EventId;
use marquee_ledger::layout::SeatKind;
use marquee_node::accounts::Role;
use marquee_node::catalog::entity::EventFacts;
use marquee_node::catalog::seat_map::SeatFlags;
use marquee_node::catalog::{Action, By, Command, Created, EventKind, Outcome};
use serde_json::{Value, json};

use crate::house::House;
use crate::show::{ORGANIZER, STRANGER, Show, Terms, event_facts, hall_map, offer};

const TERMS: Terms = Terms { hold_ms: 600_000, ticket_limit: 0 };

/// A request for a page of results.
pub(crate) async fn found(show: &Show, query: &str) -> Value {
    let answer = show.get(&format!("/v1/search?{query}"), &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

pub(crate) fn titles(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|item| item["title"]["text"].as_str().unwrap()).collect()
}

/// Waits until something is so of what the index has committed.
pub(crate) async fn until(show: &Show, is_so: impl AsyncFn() -> bool) {
    let mut commits = show.house.app.finder.commits();
    let waiting = async {
        while !is_so().await {
            commits.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("the index follows the catalog");
}

async fn ask(house: &House, action: Action) -> Outcome {
    let by = By { account: ORGANIZER, operator: false };
    house.app.home.catalog(None, Command { by, action }).await.unwrap().unwrap()
}

/// An event in the show's first hall.
async fn put_on(show: &Show, facts: EventFacts) -> EventId {
    let house = &show.house;
    let events = vec![(None, facts)];
    let Outcome::Created(made) = ask(house, Action::CreateEvents { events }).await else { panic!() };
    let [Created::Event(event)] = made[..] else { panic!() };
    let hall = house.app.home.catalog_copy().read().performance(show.performance).unwrap().hall;
    let mut offer = offer(&TERMS, house.app.now_ms());
    // Another evening.
    offer.schedule.starts_at_ms += 24 * 3_600_000;
    let action = Action::CreatePerformance { key: None, event, event_owner: None, hall, offer };
    assert!(matches!(ask(house, action).await, Outcome::Created(_)));
    event
}

fn facts(title: &str, kind: EventKind, performers: &[&str], genres: &[&str]) -> EventFacts {
    let listed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    EventFacts {
        kind,
        title: title.to_owned(),
        performers: listed(performers),
        genres: listed(genres),
        ..event_facts()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_new_is_found_and_what_is_gone_is_not() {
    let show = Show::open().await;
    until(&show, async || titles(&found(&show, "q=harbour").await) == ["Harbour Lights"]).await;

    let jazz = put_on(&show, facts("Midnight Quartet", EventKind::Concert, &["Ana Björk"], &["jazz"])).await;
    until(&show, async || !titles(&found(&show, "q=midnight").await).is_empty()).await;
    for (query, wanted) in [
        ("q=midnite%20quartet", vec!["Midnight Quartet"]),
        ("q=bjork", vec!["Midnight Quartet", "Ana Björk"]),
        ("q=jazz%20near%2094612", vec!["Midnight Quartet"]),
        ("q=jazz&city=Oakland", vec!["Midnight Quartet"]),
        ("q=jazz&zip=10036", vec![]),
        ("q=jazz&price_max=10", vec![]),
        ("q=jazz&price_max=15.00", vec!["Midnight Quartet"]),
        ("q=fox%20theater&kind=venue", vec!["Fox Theater"]),
        ("q=how%20do%20I%20get%20a%20refund&kind=help", vec!["Cancelling and refunds"]),
        ("q=%22lights%20harbour%22", vec![]),
    ] {
        let found = found(&show, query).await;
        let mut got = titles(&found);
        got.sort_unstable();
        let mut wanted = wanted;
        wanted.sort_unstable();
        assert_eq!(got, wanted, "{query}: {found}");
    }

    let item = found(&show, "q=midnight&facets=true").await;
    assert_eq!(item["facets"]["kinds"]["concert"], 1);
    let item = &item["items"][0];
    assert_eq!((&item["class"], &item["kind"]), (&json!("event"), &json!("concert")));
    assert_eq!(item["venue"]["city"], "Oakland");
    assert_eq!(item["prices"], json!({"min": 1_500, "max": 4_500, "currency": "USD"}));
    assert_eq!(item["title"]["marks"], json!([[0, 8]]));
    assert!(item["performance"]["local_starts_at"].is_string());

    let renamed = facts("Noon Quartet", EventKind::Concert, &[], &["jazz"]);
    ask(&show.house, Action::UpdateEvent { event: jazz, version: None, facts: renamed }).await;
    until(&show, async || titles(&found(&show, "q=quartet").await) == ["Noon Quartet"]).await;
    assert!(titles(&found(&show, "q=bjork").await).is_empty(), "who performs nowhere is not found");
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_in_a_wheelchair_finds_where_there_are_places() {
    let show = Show::open().await;
    let event = put_on(&show, facts("Midnight Quartet", EventKind::Concert, &[], &["jazz"])).await;
    until(&show, async || !titles(&found(&show, "q=midnight").await).is_empty()).await;
    assert_eq!(titles(&found(&show, "q=midnight&accessibility=wheelchair").await), [""; 0]);

    let venue = show.house.app.home.catalog_copy().read().performance(show.performance).unwrap().venue;
    let mut seat_map = Box::new(hall_map());
    seat_map.seats.flags[4] = SeatFlags::new(SeatKind::Accessible, false);
    let action = Action::CreateHall { venue, key: None, name: "Studio".to_owned(), seat_map };
    let Outcome::Created(made) = ask(&show.house, action).await else { panic!() };
    let [Created::Hall(hall)] = made[..] else { panic!() };
    let offer = offer(&TERMS, show.house.app.now_ms());
    let action = Action::CreatePerformance { key: None, event, event_owner: None, hall, offer };
    assert!(matches!(ask(&show.house, action).await, Outcome::Created(_)));
    let wanted = "q=midnight&accessibility=wheelchair";
    until(&show, async || titles(&found(&show, wanted).await) == ["Midnight Quartet"]).await;
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sold_out_is_found_unless_only_free_places_are_wanted() {
    let show = Show::open().await;
    until(&show, async || !titles(&found(&show, "q=harbour").await).is_empty()).await;
    assert_eq!(titles(&found(&show, "q=harbour&available=true").await), ["Harbour Lights"]);
    let (spread, group) = (&show.house.app.home.commons().spread, show.house.app.home.id());
    for performance in [show.performance, show.other_performance] {
        let free = marquee_node::cluster::spread::Free { free: 0, capacity: 110, is_scheduled: true };
        spread.tell_free(group, performance, 9, 9, free);
    }
    assert_eq!(titles(&found(&show, "q=harbour&available=1").await), [""; 0]);
    let all = found(&show, "q=harbour&limit=1").await;
    assert_eq!((&all["items"][0]["performance"]["free"], all["total"].as_u64()), (&json!(0), Some(1)));
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_suggested_as_one_types() {
    let show = Show::open().await;
    put_on(&show, facts("Hamlet", EventKind::Theatre, &["Hanna Ham"], &["drama"])).await;
    let suggested = async |q: &str| {
        let answer = show.get(&format!("/v1/suggest?q={q}"), &[]).await.json();
        let items = answer["items"].as_array().unwrap().iter();
        items
            .map(|item| format!("{} {}", item["what"].as_str().unwrap(), item["text"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    until(&show, async || suggested("haml").await.contains(&"theatre Hamlet".to_owned())).await;
    assert!(suggested("ha").await.contains(&"concert Harbour Lights".to_owned()));
    assert!(suggested("hanna").await.contains(&"performer Hanna Ham".to_owned()));
    assert!(
        suggested("oakl").await.contains(&"city Oakland, CA".to_owned()),
        "{:?}",
        suggested("oakl").await
    );
    assert!(suggested("").await.is_empty());
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_understood_is_a_problem_that_says_what_to_do() {
    let show = Show::open().await;
    for (query, code) in [
        (format!("q={}", "x".repeat(10_000)), "invalid-query"),
        ("zip=94600".to_owned(), "unknown-zip"),
        ("zip=abcde".to_owned(), "invalid-query"),
        ("zip=94612&radius_km=-5".to_owned(), "invalid-query"),
        ("zip=94612&radius_km=far".to_owned(), "invalid-query"),
        ("zip=94612&radius_km=NaN".to_owned(), "invalid-query"),
        ("zip=94612&city=Oakland".to_owned(), "invalid-query"),
        ("near=91,0".to_owned(), "invalid-query"),
        ("from=2099-02-01&to=2099-01-01".to_owned(), "invalid-query"),
        ("from=2099-02-30".to_owned(), "invalid-query"),
        ("kind=circus".to_owned(), "invalid-query"),
        ("price_max=-1".to_owned(), "invalid-query"),
        ("price_max=1.234".to_owned(), "invalid-query"),
        ("price_max=99999999999999999999".to_owned(), "invalid-query"),
        ("currency=DOLLARS".to_owned(), "invalid-query"),
        ("sort=best".to_owned(), "invalid-query"),
        ("limit=0".to_owned(), "invalid-query"),
        ("limit=101".to_owned(), "invalid-query"),
        ("available=maybe".to_owned(), "invalid-query"),
        ("q=x&cursor=nonsense".to_owned(), "invalid-cursor"),
    ] {
        let status = if code == "unknown-zip" { 422 } else { 400 };
        let problem = show.get(&format!("/v1/search?{query}"), &[]).await.problem(status, code);
        if code == "unknown-zip" {
            assert!(!problem["near"].as_array().unwrap().is_empty(), "{problem}");
        }
    }
    for q in [
        "%22unbalanced",
        "a%22b%22c%22",
        "%28%5B%2A%3F%5C",
        "AND%20OR%20NOT%20title%3Ax",
        "%00%01",
        "%F0%9F%8E%AD",
        "%27%3B--",
    ] {
        assert_eq!(show.get(&format!("/v1/search?q={q}"), &[]).await.status, 200, "{q}");
        assert_eq!(show.get(&format!("/v1/suggest?q={q}"), &[]).await.status, 200, "{q}");
    }
    let page = show.get(&format!("/search?q={}", "x".repeat(400)), &[("accept", "text/html")]).await;
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    assert_eq!(page.status, 200);
    assert!(html.contains("The query has 400 letters; write at most 256."), "{html}");
    assert!(html.contains("<h1>Search</h1>"), "what was too long is not shown as a heading");
    show.get("/v1/suggest?q=x&near=here", &[]).await.problem(400, "invalid-query");
    show.get("/v1/feed?zip=94600", &[]).await.problem(422, "unknown-zip");
    show.get("/v1/search?q=jazz&accessibility=lift", &[]).await.problem(400, "invalid-query");
    show.get("/v1/feed?limit=1000", &[]).await.problem(400, "invalid-query");
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_has_first_what_somebody_follows() {
    let show = Show::open().await;
    put_on(&show, facts("Midnight Quartet", EventKind::Concert, &["Ana Björk"], &["jazz"])).await;
    let feed = async |headers: &[(&str, &str)]| show.get("/v1/feed?zip=94612", headers).await.json();
    let names = |feed: &Value| -> Vec<String> {
        feed["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["title"].as_str().unwrap().to_owned())
            .collect()
    };
    until(&show, async || names(&feed(&[]).await).len() == 2).await;
    let anonymous = feed(&[]).await;
    assert_eq!((&anonymous["personal"], &anonymous["near"]["by"]), (&json!(false), &json!("zip")));
    assert_eq!(anonymous["items"][0]["because"]["reason"], "near");

    let account =
        json!({"email": "ann@example.com", "password": "correct horse", "name": "Ann", "zip": "94612"});
    assert_eq!(show.post("/v1/accounts", &[], &account).await.status, 201);
    let session = json!({"email": "ann@example.com", "password": "correct horse"});
    let session = show.post("/v1/sessions", &[], &session).await.json();
    let bearer = format!("Bearer {}", session["access_token"].as_str().unwrap());
    let by = [("authorization", bearer.as_str())];
    let follow = "/v1/accounts/me/follows/performer/ana%20bjork";
    assert_eq!(show.send("PUT", follow, &by, &Value::Null).await.status, 204);
    let answer = show.get("/v1/feed", &by).await;
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    // Search knows as well where who is signed in lives.
    let answer = show.get("/v1/search?q=midnight", &by).await;
    assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    let found = answer.json();
    assert!(found["items"][0]["distance_km"].as_f64().unwrap() < 20.0, "{found}");
    assert_eq!(show.get("/v1/search?q=midnight", &[]).await.json()["items"][0]["distance_km"], Value::Null);
    let answer = show.get("/v1/feed", &by).await;
    let personal = answer.json();
    assert_eq!((&personal["personal"], &personal["near"]["by"]), (&json!(true), &json!("account")));
    assert_eq!(names(&personal)[0], "Midnight Quartet");
    assert_eq!(personal["items"][0]["because"], json!({"reason": "followed", "name": "Ana Björk"}));
    show.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_has_the_index_made_anew_while_it_serves() {
    let show = Show::open().await;
    until(&show, async || !titles(&found(&show, "q=harbour").await).is_empty()).await;
    let path = "/v1/search/index/rebuild";
    let support = show.bearer(STRANGER, &[Role::Support]);
    show.post(path, &[("authorization", &support)], &Value::Null).await.problem(403, "forbidden");
    let operator = show.bearer(ORGANIZER, &[Role::Operator]);
    let mut commits = show.house.app.finder.commits();
    let before = *commits.borrow_and_update();
    assert_eq!(show.post(path, &[("authorization", &operator)], &Value::Null).await.status, 202);
    assert!(!titles(&found(&show, "q=harbour").await).is_empty());
    tokio::time::timeout(Duration::from_secs(30), commits.wait_for(|now| *now > before))
        .await
        .unwrap()
        .unwrap();
    assert!(!titles(&found(&show, "q=harbour").await).is_empty());
    // It follows the catalog as before.
    put_on(&show, facts("Midnight Quartet", EventKind::Concert, &[], &[])).await;
    until(&show, async || !titles(&found(&show, "q=midnight").await).is_empty()).await;
    let standing = show.get("/v1/search/index", &[("authorization", &operator)]).await.json();
    assert!(standing["documents"].as_u64().unwrap() >= 8, "{standing}");
    show.close().await;
}
