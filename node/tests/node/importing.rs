//! The demo catalog, imported into a running node.

use std::sync::Mutex;

use marquee_config::Selling;
use marquee_ledger::AccountId;
use marquee_node::catalog::service::Writer;
use marquee_node::import::{Checked, Counts, Plan, Progress, Report, Source, check};

use crate::house::House;

const OWNER: AccountId = AccountId(77);

fn plan<'c>(house: &House, checked: &'c Checked, now_ms: u64, update: bool) -> Plan<'c> {
    Plan::new(checked, &house.app.home, OWNER, now_ms, &Selling::default(), update).unwrap()
}

async fn import(house: &House, checked: &Checked, now_ms: u64, update: bool) -> Report {
    let writer = Writer::new(house.app.home.clone(), OWNER, false);
    plan(house, checked, now_ms, update).carry_out(&writer, &|_progress| ()).await.unwrap()
}

#[tokio::test]
async fn the_demo_catalog_is_imported_once_however_often_it_is_imported() {
    let house = House::open().await;
    let checked = check(&Source::demo(), &Selling::default()).unwrap();
    let now_ms = house.app.now_ms();
    let all = Counts { venues: 12, halls: 14, events: 60, performances: 300 };

    let first = plan(&house, &checked, now_ms, false);
    assert_eq!(first.preview(), Report { created: all, ..Report::default() });
    // A plan that is not carried out is a dry run.
    assert_eq!(house.get("/v1/venues").await.json()["items"].as_array().unwrap().len(), 0);
    let told = Mutex::new(Vec::new());
    let writer = Writer::new(house.app.home.clone(), OWNER, false);
    let tell = |progress: Progress| told.lock().unwrap().push(progress.done);
    assert_eq!(first.carry_out(&writer, &tell).await.unwrap().created, all);
    let told = told.into_inner().unwrap();
    assert!(told.is_sorted() && told.last() == Some(&386), "{told:?}");

    let again = import(&house, &checked, now_ms, true).await;
    assert_eq!(again, Report { unchanged: all, ..Report::default() });
    let venues = house.get("/v1/venues?limit=200").await.json();
    assert_eq!(venues["items"].as_array().unwrap().len(), 12);
    let stadium =
        venues["items"].as_array().unwrap().iter().find(|venue| venue["key"] == "rice-eccles").unwrap();
    assert!(stadium["halls"][0]["capacity"].as_u64().unwrap() > 49_000, "{stadium}");
    let movies = house.get("/v1/theaters?q=grand%20lake").await.json();
    let path = format!("/v1/theaters/{}/movies?limit=200", movies["items"][0]["id"].as_str().unwrap());
    assert_eq!(house.get(&path).await.json()["items"].as_array().unwrap().len(), 9);
    // Who asks for theaters around a zip code sees at once what they show.
    let near = house.get("/v1/venues?zip=94610").await.json();
    let shown = near["items"].as_array().unwrap().iter().find(|venue| venue["key"] == "grand-lake").unwrap();
    assert_eq!(shown["movies"].as_array().unwrap().len(), 9, "{shown}");
    assert!(shown["movies"][0]["title"].is_string() && shown["movies"][0]["next_starts_at"].is_string());
    assert!(movies["items"][0].get("movies").is_none());
    house.close().await;
}

#[tokio::test]
async fn what_differs_is_left_or_written_anew_and_what_is_over_is_followed_by_another() {
    let text = |title: &str, amount: u32| {
        format!(
            r##"{{"marquee_catalog": 1,
            "venues": [{{"key": "v", "kind": "club", "name": "V", "city": "C", "country": "US", "time_zone": "UTC",
              "halls": [{{"key": "h", "name": "H", "seat_map": {{
                "price_categories": [{{"key": "a", "name": "A", "color": "#000000"}}],
                "sections": [{{"key": "s", "name": "S", "price_category": "a",
                               "blocks": [{{"rows": "A", "seats": 3, "at": [0, 0]}}]}}]}}}}]}}],
            "offers": [{{"key": "o", "currency": "USD", "prices": [{{"category": "a", "amount": {amount}}}]}}],
            "events": [{{"key": "e", "kind": "talk", "title": "{title}"}}],
            "performances": [{{"event": "e", "hall": "h", "offer": "o", "starts": ["+1d 20:00"]}}]}}"##
        )
    };
    let read = |title: &str, amount: u32| {
        let source = Source { name: "test.json".to_owned(), text: text(title, amount) };
        check(&[source], &Selling::default()).unwrap()
    };
    let house = House::open().await;
    let now_ms = house.app.now_ms();
    let one = Counts { events: 1, performances: 1, ..Counts::default() };
    import(&house, &read("First", 100), now_ms, false).await;

    let changed = read("Second", 200);
    assert_eq!(import(&house, &changed, now_ms, false).await.left, one);
    let title = async || house.get("/v1/events").await.json()["items"][0]["title"].clone();
    assert_eq!(title().await, "First");
    assert_eq!(import(&house, &changed, now_ms, true).await.updated, one);
    assert_eq!(title().await, "Second");

    // A week later tomorrow's performance is over, and another one takes its place: once.
    let later_ms = now_ms + 7 * 24 * 60 * 60 * 1_000;
    let created = Counts { performances: 1, ..Counts::default() };
    assert_eq!(import(&house, &changed, later_ms, false).await.created, created);
    assert_eq!(import(&house, &changed, later_ms, false).await.created, Counts::default());
    house.close().await;
}
