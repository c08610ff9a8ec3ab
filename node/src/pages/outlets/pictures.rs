//! The pictures that stand beside links when they are shared: one for each event, and one for the site.
//!
//! Painting takes a processor for tens of milliseconds, so few are painted at a time, few wait, and what was painted is
//! kept for as long as it would look the same.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use marquee_ledger::EventId;
use moka::sync::Cache;
use tokio::sync::Semaphore;

use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::Event;
use crate::http::extract::{ETag, Id, IfNoneMatch};
use crate::http::{App, Problem, kinds};
use crate::pages::words::title;
use crate::print::picture::{Card, png};
use crate::texts::{Language, Texts};

/// How many are painted at a time, and how many wait.
const AT_ONCE: usize = 2;
const WAITING_MAX: usize = 64;
/// How many bytes of pictures are kept: some five hundred of them.
const KEPT_BYTES_MAX: u64 = 48 << 20;

static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);
static WAITING: AtomicUsize = AtomicUsize::new(0);
static KEPT: LazyLock<Cache<Card, Bytes>> = LazyLock::new(|| {
    let weigh =
        |card: &Card, bytes: &Bytes| u32::try_from(card.title.len() + bytes.len() + 256).unwrap_or(u32::MAX);
    Cache::builder().weigher(weigh).max_capacity(KEPT_BYTES_MAX).build()
});

/// The picture of an event.
pub(crate) async fn event_picture(
    State(app): State<App>,
    Id(id): Id<EventId>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    let card = {
        let catalog = app.home.catalog_copy().read();
        let event = catalog.event(id).ok_or_else(|| Problem::not_found("event"))?;
        card(&catalog, event, app.now_ms())
    };
    picture(card, &has).await
}

/// The picture of the site.
pub(crate) async fn site_picture(has: IfNoneMatch) -> Result<Response, Problem> {
    let card = Card {
        kicker: "Movies, concerts, plays and more".to_owned(),
        title: "Tickets for what’s on near you".to_owned(),
        notes: vec!["Every seat is sold once. Prices are what you pay.".to_owned()],
    };
    picture(card, &has).await
}

/// What stands on an event's picture: the next dates and where they are.
fn card(catalog: &CatalogIndex, event: &Event, now_ms: u64) -> Card {
    let mut ahead = catalog.ahead_of(event.id, now_ms);
    let first = ahead.next();
    let last = ahead.last().or(first);
    let mut venues: Vec<_> =
        catalog.ahead_of(event.id, now_ms).map(|performance| performance.venue).collect();
    venues.sort_unstable();
    venues.dedup();
    let place = match venues.as_slice() {
        [] => None,
        [venue] => catalog.venue(*venue).map(|venue| format!("{}, {}", venue.facts.name, venue.facts.city)),
        several => Some(format!("{} venues", several.len())),
    };
    let date = |performance: &crate::catalog::entity::Performance| {
        let zone = catalog.zone(performance.venue);
        Texts::of(Language::English).when(performance.schedule.starts_at_ms, &zone, 0)
    };
    let dates = first.zip(last).map(|(first, last)| {
        let (first, last) = (date(first), date(last));
        let year = last.iso.get(..4).unwrap_or_default();
        match first.iso.get(..10) == last.iso.get(..10) {
            true => format!("{} {}, {year}, {}", first.month, first.day, first.time),
            false => format!("{} {} – {} {}, {year}", first.month, first.day, last.month, last.day),
        }
    });
    Card {
        kicker: title(event.facts.kind.word()),
        title: event.facts.title.clone(),
        notes: [place, dates].into_iter().flatten().collect(),
    }
}

async fn picture(card: Card, has: &IfNoneMatch) -> Result<Response, Problem> {
    let words = format!("{card:?}");
    let tag = ETag::of(&[words.as_bytes()]);
    let bytes = if has.has(&tag) { Bytes::new() } else { painted(card).await? };
    let mut response = has.answer(&tag, || ([(header::CONTENT_TYPE, "image/png")], bytes).into_response());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Ok(response)
}

async fn painted(card: Card) -> Result<Bytes, Problem> {
    if let Some(kept) = KEPT.get(&card) {
        return Ok(kept);
    }
    let _place = Waiting::enter().ok_or_else(|| Problem::new(kinds::OVERLOADED))?;
    let _permit = PERMITS.acquire().await.map_err(|closed| Problem::internal(&closed))?;
    // Whoever was before may have painted the same.
    if let Some(kept) = KEPT.get(&card) {
        return Ok(kept);
    }
    let (card, painted) = tokio::task::spawn_blocking(move || {
        let painted = png(&card);
        (card, painted)
    })
    .await
    .map_err(|panicked| Problem::internal(&panicked))?;
    let bytes = Bytes::from(painted.map_err(|error| Problem::internal(&error))?);
    KEPT.insert(card, bytes.clone());
    Ok(bytes)
}

/// A place among those who wait.
struct Waiting;

impl Waiting {
    fn enter() -> Option<Self> {
        if WAITING.fetch_add(1, Ordering::Relaxed) < WAITING_MAX {
            return Some(Self);
        }
        WAITING.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}
