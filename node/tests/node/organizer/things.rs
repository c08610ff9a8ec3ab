//! Venues and events: made, changed and removed, and what is wrong with their forms.

use serde_json::{Value, json};

use super::{faulty, filled, led_on, organizer};
use crate::house::House;
use crate::pages::{check_page, field, text};
use crate::show::Show;

const VENUE: [(&str, &str); 9] = [
    ("name", "Paramount"),
    ("kind", "theater"),
    ("address", "2025 Broadway"),
    ("city", "Oakland"),
    ("zip", "94612"),
    ("region", "CA"),
    ("country", "US"),
    ("time_zone", "America/Los_Angeles"),
    ("lat", ""),
];

#[tokio::test]
async fn a_venue_is_made_and_changed_and_what_is_wrong_stands_at_its_field() {
    let house = House::open().await;
    let mut browser = organizer(&house);
    let first = browser.get("/organizer").await;
    check_page(&first, 200, "Organize");
    assert!(text(&first).contains("data-testid=\"first-steps\""));

    let form = browser.get("/organizer/venues/new").await;
    check_page(&form, 200, "New venue");
    assert!(text(&form).contains("<option value=\"Europe/Berlin\">"), "zones to choose from");
    let evil = "<script>alert(1)</script> 🎭";
    let wrong = [
        ("name", ""),
        ("address", evil),
        ("country", "Usa"),
        ("time_zone", "America/Gotham"),
        ("lat", "91"),
        ("lon", "0"),
    ];
    let refused = browser.submit(&form, "/organizer/venues/new", &filled(&VENUE, &wrong)).await;
    check_page(&refused, 422, "New venue");
    assert_eq!(faulty(&refused), ["name", "country", "time_zone", "lat"]);
    assert!(text(&refused).contains("&#60;script&#62;alert(1)&#60;/script&#62; 🎭"), "what was typed stays");
    assert!(!text(&refused).contains("<script>alert"));
    let half = browser.submit(&form, "/organizer/venues/new", &filled(&VENUE, &[("lat", "37.8")])).await;
    assert_eq!(faulty(&half), ["lon"], "one degree alone is no point");
    assert_eq!(house.get("/v1/venues").await.json()["items"], json!([]), "nothing is half saved");

    let good = filled(&VENUE, &[("name", "Paramount 🎭"), ("lat", "37.8096"), ("lon", "-122,2686")]);
    let made = browser.submit(&form, "/organizer/venues/new", &good).await;
    let again = browser.submit(&form, "/organizer/venues/new", &good).await;
    assert_eq!(made.header("location"), again.header("location"), "a form that is sent twice makes it once");
    let page = browser.follow(&made).await;
    check_page(&page, 200, "Paramount 🎭");
    let here = made.header("location").to_owned();
    assert!(text(&page).contains(&format!("href=\"{here}/halls/new\"")));

    let version = field(&page, "version");
    let renamed = filled(&good, &[("name", "The Paramount"), ("version", &version)]);
    let other_tab = browser.get(&here).await;
    led_on(&browser.submit(&page, &here, &renamed).await);
    let stale = browser.submit(&other_tab, &here, &filled(&renamed, &[("name", "Old")])).await;
    check_page(&stale, 412, "The Paramount");
    assert!(
        text(&stale).contains("data-code=\"precondition-failed\"") && text(&stale).contains("value=\"Old\"")
    );
    let venues = house.get("/v1/venues").await.json();
    assert_eq!(venues["items"][0]["name"], "The Paramount");
    assert_eq!(venues["items"][0]["point"], json!({"lat": 37.8096, "lon": -122.2686}));

    let page = browser.get(&here).await;
    let deleted = browser.submit(&page, &format!("{here}/deletion"), &[]).await;
    assert_eq!(deleted.header("location"), "/organizer/venues");
    assert_eq!(house.get("/v1/venues").await.json()["items"], json!([]));
    house.close().await;
}

#[tokio::test]
async fn an_event_is_made_changed_and_removed_with_its_dates_while_nothing_is_sold() {
    let show = Show::open().await;
    let mut browser = organizer(&show.house);
    let form = browser.get("/organizer/events/new").await;
    check_page(&form, 200, "New event");
    let long = "x".repeat(301);
    let wrong = [("title", ""), ("kind", "circus"), ("host", long.as_str()), ("duration_min", "two hours")];
    let refused = browser.submit(&form, "/organizer/events/new", &wrong).await;
    check_page(&refused, 422, "New event");
    assert_eq!(faulty(&refused), ["title", "kind", "host", "duration_min"]);

    let good = [
        ("title", "Don Giovanni <b>🎶</b>"),
        ("kind", "opera"),
        ("genres", "Opera, Classical"),
        ("description", "In two acts.\r\nWith an interval."),
        ("performers", "Ann Adams\r\n\r\nBen Brown"),
        ("host", "City Opera"),
        ("language", "it"),
        ("duration_min", "170"),
        ("age_rating", "12+"),
    ];
    let made = browser.submit(&form, "/organizer/events/new", &good).await;
    let page = browser.follow(&made).await;
    check_page(&page, 200, "Don Giovanni &#60;b&#62;🎶&#60;/b&#62;");
    let here = made.header("location").to_owned();
    let event = show.get(&here.replace("/organizer", "/v1"), &[]).await.json();
    assert_eq!(event["description"], "In two acts.\nWith an interval.");
    assert_eq!(event["performers"], json!(["Ann Adams", "Ben Brown"]));
    assert_eq!((&event["genres"], &event["duration_min"]), (&json!(["Opera", "Classical"]), &json!(170)));

    let edit = browser.get(&format!("{here}/edit")).await;
    let version = field(&edit, "version");
    let shorter = filled(&good, &[("duration_min", ""), ("version", &version)]);
    led_on(&browser.submit(&edit, &format!("{here}/edit"), &shorter).await);
    let event = show.get(&here.replace("/organizer", "/v1"), &[]).await.json();
    assert_eq!(event["duration_min"], Value::Null);

    // The show's own event has two performances; one of them is sold, then neither event nor dates go.
    show.book(&show.hold(&[0]).await, "card_ok").await;
    let sold = format!("/organizer/events/{}", show.event);
    let edit = browser.get(&format!("{sold}/edit")).await;
    let refused = browser.submit(&edit, &format!("{sold}/deletion"), &[]).await;
    check_page(&refused, 409, "Edit event");
    assert!(text(&refused).contains("data-code=\"has-orders\""));
    let dates = show.get(&format!("/v1/events/{}/performances", show.event), &[]).await.json();
    assert_eq!(dates["items"].as_array().unwrap().len(), 2, "nothing is half removed");
    let gone = browser.submit(&edit, &format!("{here}/deletion"), &[]).await;
    assert_eq!(gone.header("location"), "/organizer");
    assert_eq!(show.get(&here.replace("/organizer", "/v1"), &[]).await.status, 404);
    show.close().await;
}
