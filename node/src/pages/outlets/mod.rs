//! What is on, for programs of others: calendars, feed readers and search engines.
//!
//! | address | what | for |
//! |---|---|---|
//! | `/calendar.ics`, `/events/{id}/calendar.ics` | performances, as iCalendar (RFC 5545) | calendars |
//! | `/feed.atom` | events, the latest first, as Atom (RFC 4287) | feed readers |
//! | `/events/{id}/picture.png`, `/picture.png` | a picture of 1200×630 | whoever shows links |
//! | `/sitemap.xml`, `/sitemap/{part}`, `/robots.txt` | every page that is worth finding | search engines |
//!
//! Event pages carry the same as JSON-LD ([`structured`]). The lists take the filters of the page of events.

mod calendar;
mod feed;
mod pictures;
mod sitemap;
pub(super) mod structured;

pub(super) use calendar::{calendar, event_calendar};
pub(super) use feed::feed;
pub(super) use pictures::{event_picture, site_picture};
pub(super) use sitemap::{robots, sitemap, sitemap_part};

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// A document that caches may keep for some minutes.
fn document(content_type: &'static str, body: impl Into<Body>) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, body.into()).into_response()
}
