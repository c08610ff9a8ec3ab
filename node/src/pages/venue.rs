//! `/venues/{id}`: a venue, and what is on there.

use askama::Template;
use axum::response::Response;
use marquee_ledger::VenueId;

use super::events::{Card, Position};
use super::visit::{Frame, Here, Visit};
use crate::catalog::query::{EventCursor, EventFilter};
use crate::http::Problem;
use crate::http::extract::{Id, Page, cursor_of};

/// How many events a page shows.
const EVENTS: usize = 24;

#[derive(Template)]
#[template(path = "venue.html")]
struct VenuePage {
    frame: Frame,
    kind: String,
    name: String,
    place: String,
    cards: Vec<Card>,
    next: Option<String>,
}

/// Shows a venue.
pub(super) async fn venue(visit: Visit, Id(id): Id<VenueId>, page: Page) -> Result<Response, Problem> {
    let now_ms = visit.app.now_ms();
    let texts = visit.texts();
    let cursor = page
        .position::<(u64, Position)>()?
        .map(|(from_ms, after)| EventCursor { from_ms, after: after.into() });
    let filter = EventFilter { venue: Some(id), ..EventFilter::default() };
    let page = {
        let catalog = visit.app.home.catalog_copy().read();
        let facts = &catalog.venue(id).ok_or_else(|| Problem::not_found("venue"))?.facts;
        let found = catalog.events(&filter, cursor, now_ms, EVENTS);
        let parts = [&facts.address, &facts.city, &facts.region, &facts.zip];
        let place: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let next = found.next.map(|next| (next.from_ms, Position::from(next.after)));
        let next = next.and_then(cursor_of);
        VenuePage {
            frame: visit.frame(Here::Elsewhere),
            kind: texts.word("venue", facts.kind.word()),
            name: facts.name.clone(),
            place: place.join(", "),
            cards: found.items.iter().map(|listed| Card::new(&catalog, texts, listed, now_ms)).collect(),
            next: next.map(|cursor| format!("/venues/{id}?cursor={cursor}")),
        }
    };
    visit.show(&page)
}
