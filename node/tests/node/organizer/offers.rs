//! Performances, one by one and in series.

use serde_json::json;

use super::{faulty, filled, led_on, organizer, told};
use crate::pages::{check_page, field, text};
use crate::show::Show;

/// A performance's form, with the hall of the show and a start of this text.
fn terms(starts_at: &str) -> Vec<(&str, &str)> {
    vec![
        ("starts_at", starts_at),
        ("doors_at", ""),
        ("on_sale_from", ""),
        ("on_sale_until", ""),
        ("currency", "USD"),
        ("concessions", "adult, child"),
        ("price-0-0", "45.50"),
        ("price-0-1", "20"),
        ("price-1-0", "15"),
        ("price-1-1", ""),
        ("refund_hours", "48"),
        ("fee_percent", "10"),
        ("ticket_limit", "6"),
        ("hold_minutes", "8"),
        ("extension_minutes", "4"),
        ("payment_minutes", "9"),
    ]
}

#[tokio::test]
async fn a_performance_is_offered_and_amounts_and_times_are_checked_at_their_fields() {
    let show = Show::open().await;
    let mut browser = organizer(&show.house);
    let path = format!("/organizer/events/{}/performances/new", show.event);
    let form = browser.get(&path).await;
    check_page(&form, 200, "New performance");
    let chosen =
        text(&form).split_once(" selected>").map(|(before, _)| before.rsplit("value=\"").next().unwrap());
    let hall = chosen.unwrap().split('"').next().unwrap().to_owned();
    let grid = field(&form, "grid");
    assert!(grid.ends_with("/adult,child"), "like the last performance: {grid}");
    let base = filled(&terms("2099-05-01T19:30"), &[("hall", &hall), ("grid", &grid)]);

    let wrong = [
        ("starts_at", "2021-05-01T19:30"),
        ("price-0-0", "-5"),
        ("price-0-1", "1.005"),
        ("price-1-0", "cheap"),
        ("fee_percent", "101"),
        ("refund_hours", "100000"),
        ("ticket_limit", "many"),
        ("hold_minutes", "0"),
    ];
    let refused = browser.submit(&form, &path, &filled(&base, &wrong)).await;
    check_page(&refused, 422, "New performance");
    let told = faulty(&refused);
    for name in [
        "starts_at",
        "price-0-0",
        "price-0-1",
        "price-1-0",
        "fee_percent",
        "refund_hours",
        "ticket_limit",
        "hold_minutes",
    ] {
        assert!(told.iter().any(|told| told == name), "{name}: {told:?}");
    }
    for (instead, field) in [
        (vec![("currency", "XXQ")], "currency"),
        (vec![("currency", "dollars")], "currency"),
        (vec![("currency", "JPY")], "price-0-0"),
        (vec![("starts_at", "2027-03-14T02:30")], "starts_at"),
        (vec![("starts_at", "soon")], "starts_at"),
        (vec![("doors_at", "2099-05-01T20:00")], "doors_at"),
        (vec![("on_sale_from", "2099-05-02T10:00")], "on_sale_until"),
        (vec![("on_sale_until", "2099-05-09T10:00")], "on_sale_until"),
        (vec![("price-0-0", ""), ("price-0-1", ""), ("price-1-0", "")], "prices"),
        (vec![("concessions", "adult, student")], "prices"),
    ] {
        let refused = browser.submit(&form, &path, &filled(&base, &instead)).await;
        assert_eq!(refused.status, 422, "{instead:?}: {}", text(&refused));
        assert!(faulty(&refused).contains(&field.to_owned()), "{instead:?}: {:?}", faulty(&refused));
    }
    let dates = show.get(&format!("/v1/events/{}/performances", show.event), &[]).await.json();
    assert_eq!(dates["items"].as_array().unwrap().len(), 2, "nothing is half saved");

    // Another concession: the table gets another column, and keeps what was typed.
    let three = filled(&base, &[("concessions", "adult, senior, child"), ("table", "yes")]);
    let table = browser.submit(&form, &path, &three).await;
    check_page(&table, 200, "New performance");
    assert!(text(&table).contains("name=\"price-0-0\" value=\"45.50\""));
    assert!(text(&table).contains("name=\"price-0-2\" value=\"20\""), "the child's price moved along");
    assert!(text(&table).contains("name=\"price-0-1\" value=\"\""));

    let made = browser.submit(&form, &path, &base).await;
    let page = browser.follow(&made).await;
    check_page(&page, 200, "Harbour Lights");
    let id = made.header("location").rsplit('/').next().unwrap().to_owned();
    let made = show.get(&format!("/v1/performances/{id}"), &[]).await.json();
    assert_eq!(made["local_starts_at"], "2099-05-01T19:30:00");
    assert_eq!(made["refund_policy"], json!({"until_hours_before": 48, "share_percent": 90}));
    assert_eq!((&made["ticket_limit"], &made["hold_minutes"]), (&json!(6), &json!(8)));
    assert_eq!(
        made["prices"],
        json!([
            {"category": "best", "concession": "adult", "amount": 4550},
            {"category": "best", "concession": "child", "amount": 2000},
            {"category": "floor", "concession": "adult", "amount": 1500},
        ])
    );

    // Later prices are another matter: what is written is shown, changed and saved.
    let at = format!("/organizer/performances/{id}/edit");
    let edit = browser.get(&at).await;
    check_page(&edit, 200, "Times, prices and terms");
    assert!(text(&edit).contains("name=\"price-0-0\" value=\"45.50\""), "{}", text(&edit));
    let (version, map) = (field(&edit, "version"), field(&edit, "seat_map_version"));
    let dearer = filled(
        &base,
        &[("price-0-0", "50"), ("version", &version), ("seat_map_version", &map), ("grid", &grid)],
    );
    led_on(&browser.submit(&edit, &at, &dearer).await);
    let changed = show.get(&format!("/v1/performances/{id}"), &[]).await.json();
    assert_eq!(changed["prices"][0]["amount"], 5_000);

    let edit = browser.get(&at).await;
    let gone = browser.submit(&edit, &format!("/organizer/performances/{id}/deletion"), &[]).await;
    assert_eq!(gone.header("location"), format!("/organizer/events/{}", show.event));
    show.close().await;
}

#[tokio::test]
async fn a_series_is_seen_before_it_is_made_and_made_once() {
    let show = Show::open().await;
    let mut browser = organizer(&show.house);
    let path = format!("/organizer/events/{}/series", show.event);
    let form = browser.get(&path).await;
    check_page(&form, 200, "New series");
    let hall = {
        let before = text(&form).split_once(" selected").unwrap().0;
        before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
    };
    let grid = field(&form, "grid");
    let mut base = filled(&terms(""), &[("hall", &hall), ("grid", &grid)]);
    base.retain(|(name, _)| !["starts_at", "doors_at", "on_sale_until"].contains(name));
    base.extend([
        ("from", "2099-03-01"),
        ("until", "2099-03-31"),
        ("weekdays", "fri"),
        ("weekdays", "sun"),
        ("times", "02:30, 19:30"),
        ("except", ""),
        ("doors_before", "45"),
        ("sale_ends_before", "30"),
    ]);
    // The clocks of Los Angeles go forward on Sunday, March 8, 2099.
    let gap = browser.submit(&form, &path, &base).await;
    check_page(&gap, 422, "New series");
    assert_eq!(faulty(&gap), ["times"]);
    assert!(text(&gap).contains("2099-03-08T02:30:00"), "{}", text(&gap));
    let backwards = browser.submit(&form, &path, &filled(&base, &[("until", "2099-02-01")])).await;
    assert_eq!(faulty(&backwards), ["until"]);
    let past = filled(&base, &[("from", "2020-03-01"), ("until", "2020-03-31"), ("times", "19:30")]);
    assert_eq!(faulty(&browser.submit(&form, &path, &past).await), ["from"]);

    let good = filled(&base, &[("except", "2099-03-08")]);
    let seen = browser.submit(&form, &path, &good).await;
    check_page(&seen, 200, "New series");
    assert_eq!(told(&seen, "preview-count"), "16 performances would be made");
    assert!(!text(&seen).contains("Mar 8, 2099"));
    let count = async || {
        let dates = show.get(&format!("/v1/events/{}/performances?limit=200", show.event), &[]).await.json();
        dates["items"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 2, "nothing is made yet");

    let create = {
        let rest = text(&seen).split_once("name=\"create\" value=\"").unwrap().1;
        rest.split('"').next().unwrap().to_owned()
    };
    // What was not seen is not made: it is shown first.
    let other = filled(&good, &[("times", "20:00"), ("create", &create)]);
    let shown = browser.submit(&seen, &path, &other).await;
    assert_eq!(told(&shown, "preview-count"), "8 performances would be made");
    assert_eq!(count().await, 2);

    let confirmed = filled(&good, &[("create", &create)]);
    let made = browser.submit(&seen, &path, &confirmed).await;
    assert_eq!(made.header("location"), format!("/organizer/events/{}?made=16", show.event));
    let again = browser.submit(&seen, &path, &confirmed).await;
    assert_eq!(again.header("location"), made.header("location"));
    assert_eq!(count().await, 18, "sent twice, made once");
    let page = browser.follow(&made).await;
    assert_eq!(told(&page, "made"), "16 performances were made.");
    let dates =
        show.get(&format!("/v1/events/{}/performances?from=2099-01-01", show.event), &[]).await.json();
    let first = &dates["items"][0];
    assert_eq!(first["local_starts_at"], "2099-03-01T02:30:00");
    assert_eq!(first["doors_at"], "2099-03-01T09:45:00Z");
    assert_eq!(first["on_sale_until"], "2099-03-01T10:00:00Z");
    show.close().await;
}
