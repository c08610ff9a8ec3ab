//! Every page that is worth finding, for search engines. A part is long, and written while it is sent.

use std::fmt::Write;

use axum::extract::{Path, State};
use axum::response::Response;
use marquee_ledger::EventId;

use super::document;
use crate::http::extract::Storefront;
use crate::http::instant::instant;
use crate::http::long::{self, Ends};
use crate::http::{App, Problem, kinds, paths};

/// How many pages a part has; the protocol allows 50,000.
const PART: usize = 20_000;
/// How many of them are written at a time.
const AT_A_TIME: usize = 250;

/// The parts.
pub(crate) async fn sitemap(State(app): State<App>, front: Storefront) -> Response {
    let count = app.home.catalog_copy().read().event_count().div_ceil(PART).max(1);
    let mut text = head("sitemapindex");
    for part in 0..count {
        _ = write!(text, "<sitemap><loc>{}/sitemap/{part}</loc></sitemap>", front.0);
    }
    text.push_str("</sitemapindex>");
    document("application/xml; charset=utf-8", text)
}

/// The pages of a part; the first has those that belong to no event.
pub(crate) async fn sitemap_part(
    State(app): State<App>,
    front: Storefront,
    Path(part): Path<String>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(kinds::NOT_FOUND);
    let part: usize = part.parse().map_err(|_no_number| nothing())?;
    let events: Vec<(EventId, u64)> = {
        let catalog = app.home.catalog_copy().read();
        let events = catalog.events_all().skip(part.saturating_mul(PART)).take(PART);
        events.map(|event| (event.id, event.stamp.updated_ms)).collect()
    };
    if events.is_empty() && part > 0 {
        return Err(nothing());
    }
    let mut text = head("urlset");
    if part == 0 {
        for page in ["/", "/help"] {
            _ = write!(text, "<url><loc>{}{page}</loc></url>", front.0);
        }
    }
    let write = move |events: Vec<(EventId, u64)>| {
        let mut piece = String::new();
        for (id, updated_ms) in events {
            let updated = instant(updated_ms);
            _ = write!(piece, "<url><loc>{}/events/{id}</loc><lastmod>{updated}</lastmod></url>", front.0);
        }
        Ok(piece)
    };
    let ends = Ends { head: text, foot: "</urlset>".to_owned() };
    let body = long::body(ends, long::known(events, AT_A_TIME), write);
    Ok(document("application/xml; charset=utf-8", body))
}

/// What search engines may look at: not what is somebody's own.
pub(crate) async fn robots(front: Storefront) -> Response {
    let mut text = String::from("User-agent: *\n");
    for path in paths::PAGES_PERSONAL.iter().chain(&paths::PAGES_UNLISTED) {
        _ = writeln!(text, "Disallow: {path}");
    }
    _ = writeln!(text, "Sitemap: {}/sitemap.xml", front.0);
    document("text/plain; charset=utf-8", text)
}

fn head(element: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{element} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
    )
}
