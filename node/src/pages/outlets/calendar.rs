//! Performances as iCalendar.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use icalendar::Component;
use marquee_ledger::EventId;

use super::document;
use crate::catalog::entity::Performance;
use crate::formats::calendar::{begin, entry};
use crate::http::extract::{Id, Query, Storefront};
use crate::http::long::{self, Ends};
use crate::http::{App, Problem};
use crate::pages::events::Filter;

/// How many events the calendar of what is on has.
const EVENTS: usize = 200;
/// How many entries are written at a time.
const AT_A_TIME: usize = 50;
const CALENDAR: &str = "text/calendar; charset=utf-8";
/// The end of every calendar.
const END: &str = "END:VCALENDAR";

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
    Ok(document(CALENDAR, calendar.to_string()))
}

/// The performances of an event from now on: all of them, however many there are.
pub(crate) async fn event_calendar(
    State(app): State<App>,
    front: Storefront,
    Id(id): Id<EventId>,
) -> Result<Response, Problem> {
    let (event, performances) = {
        let catalog = app.home.catalog_copy().read();
        let event = catalog.event(id).cloned().ok_or_else(|| Problem::not_found("event"))?;
        let performances: Vec<_> = catalog.ahead_of(id, app.now_ms()).cloned().collect();
        (event, performances)
    };
    let empty = begin(&event.facts.title).to_string();
    let ends = Ends::around(END, &empty);
    let ends = Ends { foot: format!("{END}{}", ends.foot), ..ends };
    let write = move |performances: Vec<Arc<Performance>>| {
        let catalog = app.home.catalog_copy().read();
        let entries = performances.iter().map(|performance| entry(&catalog, &event, performance, &front.0));
        let entries: Result<String, _> = entries.map(|entry| entry.try_into_string()).collect();
        entries.map_err(|error| Problem::internal(&error))
    };
    Ok(document(CALENDAR, long::body(ends, long::known(performances, AT_A_TIME), write)))
}
