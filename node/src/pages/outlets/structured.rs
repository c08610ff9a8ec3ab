//! An event with its performances as JSON-LD, in the words of schema.org.

use marquee_ledger::terms::PerformanceStatus;
use serde_json::{Value, json};

use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, EventKind, Performance, Venue};
use crate::pages::words::{When, decimal};

/// The text of a script element of the type `application/ld+json`: an event for each performance.
pub(in crate::pages) fn event(
    catalog: &CatalogIndex,
    event: &Event,
    performances: &[std::sync::Arc<Performance>],
    now_ms: u64,
    front: &str,
) -> String {
    let shown = performances.iter().filter_map(|performance| {
        let venue = catalog.venue(performance.venue)?;
        Some(one(catalog, event, performance, venue, now_ms, front))
    });
    let document = json!({"@context": "https://schema.org", "@graph": shown.collect::<Vec<_>>()});
    // Nothing in it may end the element.
    document.to_string().replace('<', "\\u003c")
}

fn one(
    catalog: &CatalogIndex,
    event: &Event,
    performance: &Performance,
    venue: &Venue,
    now_ms: u64,
    front: &str,
) -> Value {
    let facts = &event.facts;
    let at = |ms| When::new(ms, &catalog.zone(venue.id), now_ms).iso;
    let starts_ms = performance.schedule.starts_at_ms;
    let mut told = json!({
        "@type": kind(facts.kind),
        "name": facts.title,
        "url": format!("{front}/events/{}", event.id),
        "startDate": at(starts_ms),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "eventStatus": match performance.status {
            PerformanceStatus::Scheduled => "https://schema.org/EventScheduled",
            PerformanceStatus::Cancelled => "https://schema.org/EventCancelled",
        },
        "location": place(venue),
    });
    let mut tell = |name: &str, value: Value| told[name] = value;
    if let Some(minutes) = facts.duration_min {
        tell("endDate", json!(at(starts_ms + u64::from(minutes) * 60_000)));
    }
    if !facts.description.is_empty() {
        tell("description", json!(facts.description));
    }
    if !facts.host.is_empty() {
        tell("organizer", json!({"@type": "Organization", "name": facts.host}));
    }
    if !facts.performers.is_empty() {
        let people = facts.performers.iter().map(|name| json!({"@type": "PerformingGroup", "name": name}));
        tell("performer", people.collect());
    }
    if !facts.language.is_empty() {
        tell("inLanguage", json!(facts.language));
    }
    if facts.kind == EventKind::Movie {
        tell("workPresented", json!({"@type": "Movie", "name": facts.title}));
    }
    let rating = catalog.rating(event.id);
    if let Some(mean) = rating.mean() {
        tell(
            "aggregateRating",
            json!({"@type": "AggregateRating", "ratingValue": mean, "ratingCount": rating.count()}),
        );
    }
    if let Some(offers) = offers(performance, now_ms, front) {
        tell("offers", offers);
    }
    told
}

const fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Movie => "ScreeningEvent",
        EventKind::Concert => "MusicEvent",
        EventKind::Theatre | EventKind::Musical | EventKind::Opera => "TheaterEvent",
        EventKind::Dance => "DanceEvent",
        EventKind::Sport => "SportsEvent",
        EventKind::Comedy => "ComedyEvent",
        EventKind::Family => "ChildrensEvent",
        EventKind::Festival => "Festival",
        EventKind::Talk => "EducationEvent",
        EventKind::Other => "Event",
    }
}

fn place(venue: &Venue) -> Value {
    let facts = &venue.facts;
    let mut place = json!({
        "@type": "Place",
        "name": facts.name,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": facts.address,
            "addressLocality": facts.city,
            "addressRegion": facts.region,
            "postalCode": facts.zip,
            "addressCountry": facts.country,
        },
    });
    if let Some(point) = facts.point {
        let degrees = |micro: i32| f64::from(micro) / 1e6;
        place["geo"] = json!({
            "@type": "GeoCoordinates",
            "latitude": degrees(point.lat_micro),
            "longitude": degrees(point.lon_micro),
        });
    }
    place
}

fn offers(performance: &Performance, now_ms: u64, front: &str) -> Option<Value> {
    let sale = &performance.sale;
    let amounts = sale.prices.iter().map(|price| price.amount);
    let (low, high) = (amounts.clone().min()?, amounts.max()?);
    let schedule = &performance.schedule;
    let availability = match performance.status {
        PerformanceStatus::Cancelled => "https://schema.org/Discontinued",
        PerformanceStatus::Scheduled if now_ms < schedule.on_sale_from_ms => "https://schema.org/PreSale",
        PerformanceStatus::Scheduled if now_ms >= schedule.on_sale_until_ms => "https://schema.org/SoldOut",
        PerformanceStatus::Scheduled => "https://schema.org/InStock",
    };
    Some(json!({
        "@type": "AggregateOffer",
        "url": format!("{front}/performances/{}", performance.id),
        "lowPrice": decimal(low, sale.currency),
        "highPrice": decimal(high, sale.currency),
        "priceCurrency": sale.currency.code(),
        "validFrom": crate::http::instant::instant(schedule.on_sale_from_ms),
        "availability": availability,
    }))
}
