//! Performances as iCalendar.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, EventLike, EventStatus};
use marquee_ledger::EventId;
use marquee_ledger::terms::PerformanceStatus;

use super::document;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, Performance};
use crate::catalog::query::Moment;
use crate::http::extract::{Id, Query, Storefront};
use crate::http::{App, Problem};
use crate::pages::events::Filter;

/// How many events or performances a calendar has.
const EVENTS: usize = 200;
const PERFORMANCES: usize = 500;
/// How long an event lasts that does not say so, in minutes.
const DURATION_MIN: u32 = 120;

/// The next performances of what is on, by the filters of the page.
pub(crate) async fn calendar(
    State(app): State<App>,
    front: Storefront,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    let wanted = filter.read()?;
    let now_ms = app.now_ms();
    let catalog = app.home.catalog_copy().read();
    let found = catalog.events(&wanted, None, now_ms, EVENTS);
    let mut calendar = begin("What’s on · Marquee");
    for listed in &found.items {
        if let Some(next) = &listed.next {
            calendar.push(entry(&catalog, &listed.event, next, &front.0));
        }
    }
    Ok(finish(&calendar))
}

/// The performances of an event from now on.
pub(crate) async fn event_calendar(
    State(app): State<App>,
    front: Storefront,
    Id(id): Id<EventId>,
) -> Result<Response, Problem> {
    let now = Some(Moment::Instant(app.now_ms()));
    let catalog = app.home.catalog_copy().read();
    let event = catalog.event(id).ok_or_else(|| Problem::not_found("event"))?;
    let mut calendar = begin(&event.facts.title);
    for performance in catalog.performances(id, now, None, None, PERFORMANCES).items {
        calendar.push(entry(&catalog, event, &performance, &front.0));
    }
    Ok(finish(&calendar))
}

fn begin(name: &str) -> Calendar {
    let mut calendar = Calendar::new();
    calendar.name(name);
    calendar
}

fn finish(calendar: &Calendar) -> Response {
    document("text/calendar; charset=utf-8", calendar.to_string())
}

fn entry(catalog: &CatalogIndex, event: &Event, performance: &Performance, front: &str) -> icalendar::Event {
    let starts_ms = performance.schedule.starts_at_ms;
    let lasts_ms = u64::from(event.facts.duration_min.unwrap_or(DURATION_MIN)) * 60_000;
    let url = format!("{front}/performances/{}", performance.id);
    let mut entry = icalendar::Event::new();
    entry
        .uid(&performance.id.to_string())
        .timestamp(instant(performance.stamp.updated_ms))
        .summary(&event.facts.title)
        .starts(instant(starts_ms))
        .ends(instant(starts_ms + lasts_ms))
        .sequence(u32::try_from(performance.stamp.version).unwrap_or(u32::MAX))
        .url(&url)
        .status(match performance.status {
            PerformanceStatus::Scheduled => EventStatus::Confirmed,
            PerformanceStatus::Cancelled => EventStatus::Cancelled,
        });
    if !event.facts.description.is_empty() {
        entry.description(&event.facts.description);
    }
    if let Some(venue) = catalog.venue(performance.venue) {
        let facts = &venue.facts;
        let parts = [&facts.name, &facts.address, &facts.city, &facts.region, &facts.zip];
        let place: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        entry.location(&place.join(", "));
    }
    entry.done()
}

fn instant(ms: u64) -> DateTime<Utc> {
    let at = i64::try_from(ms).ok().and_then(DateTime::from_timestamp_millis);
    at.unwrap_or(DateTime::<Utc>::MAX_UTC)
}
