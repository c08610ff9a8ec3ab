//! Captions, sign language and the like: said by the organizer, shown to everybody, and found.

use marquee_node::accounts::Role;
use marquee_node::catalog::entity::Aid;
use marquee_node::formats::table;
use marquee_node::forms::TermsForm;
use serde_json::{Value, json};

use crate::organizer::{filled, led_on, organizer};
use crate::pages::{field, text};
use crate::searching::{found, titles, until};
use crate::show::{ORGANIZER, Show};

/// The performance, written down as its organizer would.
fn form(known: &Value, accessibility: &[&str]) -> Value {
    json!({
        "starts_at": known["starts_at"], "currency": "USD", "concessions": known["concessions"],
        "prices": known["prices"], "accessibility": accessibility,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_performance_has_for_who_needs_it_is_told_everywhere() {
    let show = Show::open().await;
    let path = format!("/v1/performances/{}", show.performance);
    let bearer = show.bearer(ORGANIZER, &[Role::Organizer]);
    let known = show.get(&path, &[]).await.json();
    assert_eq!(known["accessibility"], json!([]));
    let headers = [("authorization", bearer.as_str()), ("if-match", "*")];
    let wrong = show.send("PUT", &path, &headers, &form(&known, &["captions", "smoke"])).await;
    let wrong = wrong.problem(422, "invalid");
    assert_eq!(wrong["errors"][0]["pointer"], "/accessibility/1");
    let wish = form(&known, &["sign_language", "captions", "hearing"]);
    let written = show.send("PUT", &path, &headers, &wish).await.json();
    assert_eq!(written["accessibility"], json!(["captions", "sign_language", "hearing"]), "{written}");

    // People read it, search engines too.
    let page = show.get(&format!("/events/{}", show.event), &[("accept", "text/html")]).await;
    for words in ["Captions", "Sign language", "Hearing loop or headsets"] {
        assert_eq!(text(&page).matches(&format!("data-testid=\"aid\">{words}<")).count(), 1, "{words}");
    }
    let told = r#""accessibilityFeature":["captions","signLanguage","assistiveListening"]"#;
    assert!(text(&page).contains(told), "{}", text(&page));

    // It is searched for, alone or together.
    let found_with = async |words: &str| {
        let found = found(&show, &format!("q=harbour&accessibility={words}")).await;
        titles(&found).len()
    };
    until(&show, async || found_with("captions").await == 1).await;
    assert_eq!((found_with("sign_language,hearing").await, found_with("captions,relaxed").await), (1, 0));
    let page = show.get("/search?q=harbour&accessibility=captions", &[("accept", "text/html")]).await;
    assert!(text(&page).contains("value=\"captions\" selected"), "{}", text(&page));
    assert!(text(&page).contains("data-testid=\"result\""), "{}", text(&page));

    // Other programs get it.
    tell_programs(&show);
    show.close().await;
}

fn tell_programs(show: &Show) {
    let catalog = show.house.app.home.catalog_copy().read();
    let performance = catalog.performance(show.performance).unwrap();
    let line = table::lines(&catalog, std::slice::from_ref(performance));
    assert!(line.trim_end().ends_with("captions; sign_language; hearing"), "{line}");
    let summary = catalog.hall(performance.hall).unwrap().map(performance.seat_map_version).unwrap();
    let terms = TermsForm::of_performance(performance, summary);
    assert_eq!(terms.accessibility, ["captions", "sign_language", "hearing"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organizer_ticks_it_for_one_date_and_not_for_those_that_follow() {
    let show = Show::open().await;
    let mut browser = organizer(&show.house);
    // New dates are like the last one.
    let last = {
        let catalog = show.house.app.home.catalog_copy().read();
        catalog.performances_of(show.event).last().unwrap().id
    };
    let path = format!("/organizer/performances/{last}/edit");
    let page = browser.get(&path).await;
    let (version, map, grid) =
        (field(&page, "version"), field(&page, "seat_map_version"), field(&page, "grid"));
    let start = field(&page, "starts_at");
    let base = [
        ("currency", "USD"),
        ("concessions", "adult, child"),
        ("price-0-0", "45"),
        ("version", version.as_str()),
        ("seat_map_version", &map),
        ("grid", &grid),
        ("starts_at", &start),
    ];
    let ticked = [("accessibility", "captions"), ("accessibility", "relaxed")];
    led_on(&browser.submit(&page, &path, &filled(&base, &ticked)).await);
    let has = show.house.app.home.catalog_copy().read().performance(last).cloned().unwrap();
    assert!(has.accessibility.iter().eq(&[Aid::Captions, Aid::Relaxed]), "{:?}", has.accessibility);
    let page = browser.get(&path).await;
    assert!(text(&page).contains("value=\"relaxed\" checked"), "{}", text(&page));
    assert!(!text(&page).contains("value=\"hearing\" checked"), "{}", text(&page));
    // Its terms are taken over for new ones, not its captions.
    let blank = browser.get(&format!("/organizer/events/{}/performances/new", show.event)).await;
    assert!(text(&blank).contains("name=\"accessibility\""), "{}", text(&blank));
    assert!(!text(&blank).contains("\" checked"), "{}", text(&blank));
    show.close().await;
}
