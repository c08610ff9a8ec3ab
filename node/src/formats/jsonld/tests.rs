//! What is written is schema.org's vocabulary.

use std::sync::Arc;

use marquee_ledger::terms::{PerformanceStatus, Price, RefundPolicy};
use marquee_ledger::{AccountId, EventId, HallId, PerformanceId, VenueId};
use serde_json::Value;

use super::{Told, graph};
use crate::catalog::EventKind;
use crate::catalog::copy::CatalogCopy;
use crate::catalog::{
    Change,
    entity::{Aid, Event, EventFacts, Pace, Performance, Point, Sale, Schedule, Stamp, Venue, VenueFacts},
};
use crate::reviews::Summary;

/// Classes with their parents and properties, and enumerations with their members.
fn vocabulary() -> Value {
    serde_json::from_str(include_str!("vocabulary.json")).unwrap()
}

/// A class and all above it.
fn line_of<'v>(vocabulary: &'v Value, class: &'v str) -> Vec<&'v str> {
    let known = &vocabulary["classes"][class];
    assert!(known.is_object(), "{class} is no class of schema.org that is known here");
    let parents = known["parents"].as_array().unwrap().iter().map(|parent| parent.as_str().unwrap());
    std::iter::once(class).chain(parents.flat_map(|parent| line_of(vocabulary, parent))).collect()
}

/// Checks a thing and everything in it: its class is known, and its properties are allowed there with such values.
fn check(vocabulary: &Value, thing: &Value, at: &str) {
    let class = thing["@type"].as_str().unwrap_or_else(|| panic!("{at} has no @type"));
    let line = line_of(vocabulary, class);
    for (property, value) in thing.as_object().unwrap().iter().filter(|(name, _value)| !name.starts_with('@'))
    {
        let at = format!("{at}/{property}");
        let ranges = line.iter().find_map(|class| vocabulary["classes"][class]["properties"].get(property));
        let ranges = ranges.unwrap_or_else(|| panic!("{at}: {class} has no such property"));
        let ranges: Vec<&str> =
            ranges.as_array().unwrap().iter().map(|range| range.as_str().unwrap()).collect();
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in &values {
            assert!(is_within(vocabulary, value, &ranges), "{at}: {value} is none of {ranges:?}");
            if value.is_object() {
                check(vocabulary, value, &at);
            }
        }
    }
}

fn is_within(vocabulary: &Value, value: &Value, ranges: &[&str]) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| ranges.contains(name));
    match value {
        Value::Object(_) => {
            let line = line_of(vocabulary, value["@type"].as_str().unwrap());
            line.iter().any(|class| ranges.contains(class))
        }
        Value::String(text) => {
            let member = text.strip_prefix("https://schema.org/");
            let is_member = |name: &&str| {
                let members = vocabulary["enumerations"][*name].as_array();
                members.is_some_and(|members| members.iter().any(|known| known.as_str() == member))
            };
            match member {
                Some(_word) => ranges.iter().any(is_member),
                None if has(&["Text", "URL"]) => true,
                None if has(&["Number"]) => text.parse::<f64>().is_ok(),
                None if has(&["DateTime", "Date", "Time"]) => text.parse::<jiff::Timestamp>().is_ok(),
                None if has(&["Duration"]) => text.parse::<jiff::Span>().is_ok(),
                None => false,
            }
        }
        Value::Number(_) => has(&["Number", "Integer", "Float"]),
        Value::Bool(_) => has(&["Boolean"]),
        Value::Null | Value::Array(_) => false,
    }
}

fn stamp() -> Stamp {
    Stamp { version: 1, created_ms: 1, updated_ms: 1, owner: AccountId(7), key: None }
}

fn venue() -> Venue {
    let facts = VenueFacts {
        name: "Fox Theater".to_owned(),
        kind: crate::catalog::VenueKind::Theater,
        address: "1807 Telegraph Ave".to_owned(),
        city: "Oakland".to_owned(),
        region: "CA".to_owned(),
        country: "US".to_owned(),
        zip: "94612".to_owned(),
        point: Point::from_degrees(37.8, -122.3),
        time_zone: "America/Los_Angeles".to_owned(),
    };
    Venue { id: VenueId(3), stamp: stamp(), facts }
}

fn event() -> Event {
    let facts = EventFacts {
        kind: EventKind::Other,
        title: "Harbour <Lights> 🎭".to_owned(),
        description: "A night.".to_owned(),
        host: "The Company".to_owned(),
        performers: vec!["Ada".to_owned(), "Grace".to_owned()],
        genres: vec!["jazz".to_owned()],
        language: "en".to_owned(),
        duration_min: Some(90),
        age_rating: "PG".to_owned(),
    };
    Event { id: EventId(4), stamp: stamp(), facts }
}

fn performance() -> Performance {
    let price = Price { category: 0, concession: 0, amount: 4_500 };
    Performance {
        id: PerformanceId(5),
        stamp: stamp(),
        event: EventId(4),
        venue: VenueId(3),
        hall: HallId(6),
        seat_map_version: 1,
        schedule: Schedule {
            starts_at_ms: 1_796_500_000_000,
            doors_at_ms: Some(1_796_496_400_000),
            on_sale_from_ms: 1,
            on_sale_until_ms: 1_796_500_000_000,
        },
        sale: Arc::new(Sale {
            currency: "USD".parse().unwrap(),
            concessions: vec!["adult".to_owned()],
            prices: vec![price],
            refund: RefundPolicy { until_ms_before: 0, share_basis_points: 0 },
            ticket_limit: 0,
            pace: Pace { hold_ms: 1, extension_ms: 1, payment_ms: 1 },
        }),
        status: PerformanceStatus::Scheduled,
        cancelled_because: String::new(),
        moved_from_ms: None,
        accessibility: Aid::ALL.iter().copied().collect(),
    }
}

#[test]
fn everything_that_is_written_is_schema_org_s() {
    let vocabulary = vocabulary();
    let (event, performance) = (event(), performance());
    let copy = CatalogCopy::default();
    let rating = Change::Rating(event.id, Summary { counts: [0, 0, 1, 2, 3] });
    copy.publish([Change::Venue(Arc::new(venue())), Change::Event(Arc::new(event.clone())), rating]);
    let catalog = copy.read();
    let mut statuses = Vec::new();
    for kind in EventKind::ALL {
        for told in [Told::Briefly, Told::Fully] {
            let mut event = event.clone();
            event.facts.kind = *kind;
            let change = |change: fn(&mut Performance)| {
                let mut performance = performance.clone();
                change(&mut performance);
                Arc::new(performance)
            };
            let performances = [
                change(|_same| ()),
                change(|moved| moved.moved_from_ms = Some(1_796_171_400_000)),
                change(|off| off.status = PerformanceStatus::Cancelled),
            ];
            let shown = performances.iter().map(|performance| (&event, performance));
            let written = graph(&catalog, shown, 1_790_000_000_000, "https://tickets.example", told);
            assert_eq!(written["@context"], "https://schema.org");
            let things = written["@graph"].as_array().unwrap();
            assert_eq!(things.len(), 3);
            for thing in things {
                check(&vocabulary, thing, kind.word());
                statuses.push(thing["eventStatus"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned());
            }
            assert_eq!(things[0].get("previousStartDate"), None);
            assert_eq!(things[1]["previousStartDate"], "2026-12-01T16:30:00-08:00");
            assert_eq!(things[2]["offers"]["availability"], "https://schema.org/Discontinued");
        }
    }
    assert_eq!(statuses[..3], ["EventScheduled", "EventRescheduled", "EventCancelled"]);
}

#[test]
#[should_panic(expected = "has no such property")]
fn a_property_of_another_class_is_seen() {
    let thing = serde_json::json!({"@type": "MusicEvent", "name": "x", "videoFormat": "3D"});
    check(&vocabulary(), &thing, "");
}
