//! Documents that are right, and every kind of mistake with its line.

use super::*;

const HALL: &str = r##"{
  "marquee_catalog": 1,
  "venues": [
    {"key": "fox", "kind": "theater", "name": "Fox Theater", "city": "Oakland", "country": "US",
     "time_zone": "America/Los_Angeles",
     "halls": [
       {"key": "main", "name": "Main hall", "seat_map": {
         "price_categories": [{"key": "stalls", "name": "Stalls", "color": "#aa0000"}],
         "sections": [{"key": "s", "name": "Stalls", "price_category": "stalls",
                       "blocks": [{"rows": "A-C", "seats": 5, "at": [0, 4]}]}]}}
     ]}
  ],
  "offers": [{"key": "play", "currency": "USD", "prices": [{"category": "stalls", "amount": 4500}]}],
  "events": [{"key": "hamlet", "kind": "theatre", "title": "Hamlet"}],
  "performances": [
    {"event": "hamlet", "hall": "main", "offer": "play", "starts": ["+3d 19:30"]}
  ]
}"##;

fn sources(texts: &[&str]) -> Vec<Source> {
    let source =
        |(nth, text): (usize, &&str)| Source { name: format!("{nth}.json"), text: (*text).to_owned() };
    texts.iter().enumerate().map(source).collect()
}

fn mistakes(texts: &[&str]) -> Vec<String> {
    let told = check(&sources(texts), &Selling::default()).unwrap_err();
    told.iter().map(ToString::to_string).collect()
}

/// The mistakes of the document above with something replaced.
fn with(from: &str, to: &str) -> Vec<String> {
    assert!(HALL.contains(from), "{from}");
    mistakes(&[&HALL.replacen(from, to, 1)])
}

#[test]
fn a_catalog_may_be_spread_over_documents_in_any_order() {
    let whole = check(&sources(&[HALL]), &Selling::default()).unwrap();
    assert_eq!((whole.venues.len(), whole.halls.len(), whole.events.len()), (1, 1, 1));
    assert_eq!(whole.performances[0].key, "hamlet/main/+3d 19:30");
    assert_eq!(whole.halls[0].map.seats.len(), 15);
    let document: Map<String, Value> = serde_json::from_str(HALL).unwrap();
    let parts: Vec<String> = LISTS
        .iter()
        .rev()
        .map(|list| serde_json::json!({"marquee_catalog": 1, *list: document[*list]}).to_string())
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let spread = check(&sources(&parts), &Selling::default()).unwrap();
    assert_eq!(format!("{spread:?}"), format!("{whole:?}"));
}

#[test]
fn what_is_no_catalog_is_told() {
    assert_eq!(
        mistakes(&["{\n  \"marquee_catalog\": 1,\n  x}"]),
        ["0.json:3:3: this is no JSON: key must be a string"]
    );
    assert!(mistakes(&["[]"])[0].starts_with("0.json:1:1: a catalog document is an object"));
    assert!(mistakes(&["{\"venues\": []}"])[0].contains("it must have \"marquee_catalog\": 1"));
    assert!(
        mistakes(&["{\n\"marquee_catalog\": 2}"])[0]
            .starts_with("0.json:2:20: /marquee_catalog: this reads version 1")
    );
    let unknown = mistakes(&["{\"marquee_catalog\": 1,\n \"venue\": []}"]);
    assert!(unknown[0].starts_with("0.json:2:11: /venue: unknown field; there are: venues"), "{unknown:?}");
    assert!(mistakes(&["{\"marquee_catalog\": 1, \"events\": {}}"])[0].ends_with("/events: must be a list"));
}

#[test]
fn every_mistake_has_its_line_and_field() {
    // What is replaced by what; the line, the text that the column points to, the field and the words.
    let cases = [
        ("\"name\": \"Fox Theater\"", "\"name\": 7", 4, "7,", "/venues/0/name", "invalid type"),
        ("\"city\"", "\"town\"", 4, "\"Oakland\"", "/venues/0/town", "unknown field `town`"),
        ("\"US\"", "\"USA\"", 4, "\"USA\"", "/venues/0/country", "must be an ISO 3166 code"),
        ("Los_Angeles", "Gotham", 5, "\"America/G", "/venues/0/time_zone", "must be a zone"),
        (
            "A-C",
            "A-9",
            10,
            "\"A-9\"",
            "/venues/0/halls/0/seat_map/sections/0/blocks/0/rows",
            "A-9 is no range",
        ),
        (
            "\"seats\": 5",
            "\"seats\": -5",
            10,
            "-5",
            "/venues/0/halls/0/seat_map/sections/0/blocks/0/seats",
            "invalid value",
        ),
        ("USD", "ZZZ", 13, "\"ZZZ\"", "/offers/0/currency", "ZZZ is no currency"),
        ("4500", "-1", 13, "-1}", "/offers/0/prices/0/amount", "must be between 0"),
        (
            "{\"category\": \"stalls\"",
            "{\"category\": \"boxes\"",
            16,
            "\"play\"",
            "/performances/0/offer",
            "the offer \"play\" has a price for \"boxes\"",
        ),
        ("Hamlet", "", 14, "\"\"}", "/events/0/title", "must not be empty"),
        ("theatre", "circus", 14, "\"circus\"", "/events/0/kind", "write one of: movie"),
        ("\"key\": \"hamlet\", ", "", 14, "{\"kind\"", "/events/0/key", "must have a key"),
        ("+3d 19:30", "+3d 7:30", 16, "\"+3d", "/performances/0/starts/0", "7:30 is no time of day"),
        (
            "+3d 19:30",
            "2027-03-14T02:30",
            16,
            "[\"2027",
            "/performances/0/starts",
            "2027-03-14T02:30: there is no 2027-03-14T02:30",
        ),
        (", \"starts\": [\"+3d 19:30\"]", "", 16, "{\"event", "/performances/0", "must have \"starts\""),
        (
            "\"event\": \"hamlet\"",
            "\"event\": \"macbeth\"",
            16,
            "\"macbeth\"",
            "/performances/0/event",
            "there is no event with the key \"macbeth\"",
        ),
    ];
    for (from, to, line, place, field, words) in cases {
        assert!(HALL.contains(from), "{from}");
        let text = HALL.replacen(from, to, 1);
        let told = check(&sources(&[&text]), &Selling::default()).unwrap_err();
        let found = told.iter().any(|told| {
            let rest = &text.lines().nth(told.line - 1).unwrap()[told.column - 1..];
            told.line == line
                && rest.starts_with(place)
                && told.pointer == field
                && told.detail.starts_with(words)
        });
        assert!(found, "{line} {place} {field} {words}\n{told:#?}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_and_their_number_is_bounded() {
    let two = HALL.replace("\"US\"", "\"usa\"").replace("\"Hamlet\"", "\"\"");
    let told = mistakes(&[&two]);
    assert_eq!(told.len(), 2, "{told:#?}");
    let twice = mistakes(&[
        HALL,
        "{\"marquee_catalog\": 1, \"events\": [{\"key\": \"hamlet\", \"kind\": \"talk\", \"title\": \"H\"}]}",
    ]);
    assert_eq!(twice, ["1.json:1:43: /events/0/key: there is another event with the key \"hamlet\""]);
    let events = vec!["{}"; 1_000].join(",\n");
    let many = mistakes(&[&format!("{{\"marquee_catalog\": 1, \"events\": [{events}]}}")]);
    assert_eq!(many.len(), crate::import::mistake::MISTAKES_MAX);
}

#[test]
fn a_run_is_bounded_and_a_time_stands_once() {
    let daily = |days: u64| {
        format!("\"daily\": {{\"from_day\": 1, \"days\": {days}, \"times\": [\"14:00\", \"19:30\"]}}")
    };
    let runs = HALL.replace("\"starts\": [\"+3d 19:30\"]", &daily(30));
    assert_eq!(check(&sources(&[&runs]), &Selling::default()).unwrap().performances.len(), 60);
    let told = with("\"starts\": [\"+3d 19:30\"]", &daily(4_000_000_000));
    assert!(told[0].contains("/performances/0/daily/days: must be at most 2000 performances"), "{told:?}");
    let told = with("[\"+3d 19:30\"]", "[\"+3d 19:30\", \"+3d 19:30\"]");
    assert!(
        told[0].contains("there is another performance with the key \"hamlet/main/+3d 19:30\""),
        "{told:?}"
    );
}

#[test]
fn the_demo_catalog_is_whole_and_as_large_as_it_is_said_to_be() {
    let sources = Source::demo();
    let checked = check(&sources, &Selling::default());
    let checked = checked.unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    assert_eq!((checked.venues.len(), checked.events.len(), checked.performances.len()), (12, 60, 300));
    let seats = |key: &str| {
        let hall = checked.halls.iter().find(|hall| hall.key == key).unwrap();
        hall.map.summary().capacity()
    };
    assert!((49_000..52_000).contains(&seats("rice-eccles-bowl")), "{}", seats("rice-eccles-bowl"));
    assert!((1_400..1_800).contains(&seats("majestic-main")), "{}", seats("majestic-main"));
    assert_eq!(checked.halls.iter().filter(|hall| hall.key.starts_with("grand-lake")).count(), 3);
    assert!(sources.iter().map(|source| source.text.len()).sum::<usize>() < 400_000);
    // Every description is some sentences.
    assert!(checked.events.iter().all(|event| event.facts.description.matches(['.', '?']).count() >= 2));
}
