//! Performances as iCalendar.

use axum::extract::State;
use axum::response::Response;
use icalendar::Calendar;
use marquee_ledger::EventId;

use super::document;
use crate::catalog::query::Moment;
use crate::formats::calendar::{begin, entry};
use crate::http::extract::{Id, Query, Storefront};
use crate::http::{App, Problem};
use crate::pages::events::Filter;

/// How many events or performances a calendar has.
const EVENTS: usize = 200;
const PERFORMANCES: usize = 500;

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

fn finish(calendar: &Calendar) -> Response {
    document("text/calendar; charset=utf-8", calendar.to_string())
}
