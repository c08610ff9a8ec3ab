//! Seats: a performance's map, its changes, and what is free of an event.

mod json;
mod maps;
mod stream;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use marquee_ledger::{EventId, PerformanceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::codings::takes;
use super::extract::{Id, IfNoneMatch, List, Page};
use super::instant::instant;
use super::problem::Problem;
use super::references::{HallReference, MoneyBody, VenueReference, local_time};
use super::{App, paths};
use crate::catalog::EventKind;
use crate::catalog::query::Moment;

pub use maps::SeatMaps;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(stream::stream))
        .routes(routes!(of_event))
        .routes(routes!(of_movie))
}

/// A performance's seats, for the documentation: the answer itself is written byte by byte.
#[derive(ToSchema)]
#[schema(as = Seats)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct SeatsBody {
    /// The performance.
    performance_id: String,
    /// Grows with every change; the stream's events go on from here.
    seq: u64,
    /// The map that the seats stand on. Lengths are hundredths of the distance between two seats.
    seat_map: MapBody,
    /// The sections.
    sections: Vec<SectionBody>,
    /// The price categories.
    categories: Vec<CategoryBody>,
    /// The numbered seats.
    seats: Vec<SeatBody>,
    /// The general-admission areas.
    areas: Vec<AreaBody>,
    /// What is sold, and for how much. A pair that is not listed is not sold.
    prices: Vec<PriceBody>,
    /// The concessions; the first is the usual one.
    #[schema(example = json!(["adult", "child"]))]
    concessions: Vec<String>,
    /// Of all prices.
    #[schema(example = "USD")]
    currency: String,
}

#[derive(ToSchema)]
#[schema(as = SeatsMap)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct MapBody {
    width: u32,
    height: u32,
    stage: Option<StageBody>,
    version: u32,
}

#[derive(ToSchema)]
#[schema(as = SeatsStage)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct StageBody {
    #[schema(example = "stage")]
    shape: String,
    label: String,
    outline: Vec<[u32; 2]>,
}

#[derive(ToSchema)]
#[schema(as = SeatsSection)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct SectionBody {
    name: String,
    key: String,
    /// Tints it where its seats cannot be told apart. Left out if it has none.
    #[schema(example = "#3b6fd4")]
    color: Option<String>,
}

#[derive(ToSchema)]
#[schema(as = SeatsCategory)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct CategoryBody {
    key: String,
    name: String,
    #[schema(example = "#8a2be2")]
    color: String,
}

#[derive(ToSchema)]
#[schema(as = SeatsSeat)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct SeatBody {
    /// An id of this hall and map: others name nothing.
    #[schema(example = "k7m2-118")]
    id: String,
    /// The section's name.
    section: String,
    row: String,
    number: String,
    x: u32,
    y: u32,
    /// The category's key.
    price_category: String,
    /// A wheelchair place.
    accessible: bool,
    /// Beside a wheelchair place.
    companion: bool,
    /// Whether not all is seen from it. Left out where all is.
    restricted_view: Option<bool>,
    /// `free`, `held`, `booked` or `killed`.
    #[schema(example = "free")]
    status: String,
}

#[derive(ToSchema)]
#[schema(as = SeatsArea)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct AreaBody {
    #[schema(example = "k7m2-a0")]
    id: String,
    name: String,
    /// The section's name.
    section: String,
    /// The category's key.
    price_category: String,
    capacity: u32,
    free: u32,
    outline: Vec<[u32; 2]>,
}

#[derive(ToSchema)]
#[schema(as = SeatsPrice)]
#[allow(dead_code, reason = "describes what is written elsewhere")]
struct PriceBody {
    /// The category's key.
    category: String,
    concession: String,
    /// Minor units.
    amount: i64,
}

/// What is free of a performance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PerformanceSeats)]
struct SummaryBody {
    /// The performance.
    #[schema(value_type = String)]
    performance_id: PerformanceId,
    /// When it starts.
    starts_at: String,
    /// When it starts by the venue's clocks.
    local_starts_at: String,
    /// Where.
    venue: VenueReference,
    /// In which hall.
    hall: HallReference,
    /// How many places are free.
    free: u32,
    /// How many there are.
    capacity: u32,
    /// The lowest price.
    from_price: Option<MoneyBody>,
}

/// See a performance's seats
///
/// Every seat with its place, price category and status, and every area with its free places. `seq` says how current the
/// answer is: of a hall with 5,000 seats and more, it may be half a second old. The stream goes on from there.
#[utoipa::path(
    get, path = paths::PERFORMANCE_SEATS, tag = "selling",
    params(("id" = String, Path, description = "The performance")),
    responses((status = 200, description = "The seats", body = SeatsBody), (status = 304, description = "Nothing changed")),
)]
async fn read(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    has: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let map = app.seat_maps.get(&app.selling, id).await?;
    let map = map.ok_or_else(|| Problem::not_found("performance"))?;
    let is_gzip = takes(&headers, "gzip") && !has.has(&map.tag);
    let body = if is_gzip { map.gzip().await? } else { map.json.clone() };
    let mut response =
        has.answer(&map.tag, || ([(header::CONTENT_TYPE, "application/json")], body).into_response());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// See what is free of an event
///
/// Its coming performances by their start.
#[utoipa::path(
    get, path = paths::EVENT_SEATS, tag = "selling",
    params(
        ("id" = String, Path, description = "The event"),
        ("limit" = Option<usize>, Query, description = "1 to 200, usually 50"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "A page of performances", body = List<SummaryBody>)),
)]
async fn of_event(
    State(app): State<App>,
    Id(id): Id<EventId>,
    page: Page,
) -> Result<axum::Json<List<SummaryBody>>, Problem> {
    summary(&app, id, &page, None)
}

/// See what is free of a movie
///
/// Its coming performances by their start.
#[utoipa::path(
    get, path = paths::MOVIE_SEATS, tag = "selling",
    params(
        ("id" = String, Path, description = "The movie"),
        ("limit" = Option<usize>, Query, description = "1 to 200, usually 50"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "A page of performances", body = List<SummaryBody>)),
)]
async fn of_movie(
    State(app): State<App>,
    Id(id): Id<EventId>,
    page: Page,
) -> Result<axum::Json<List<SummaryBody>>, Problem> {
    summary(&app, id, &page, Some(EventKind::Movie))
}

fn summary(
    app: &App,
    event: EventId,
    page: &Page,
    kind: Option<EventKind>,
) -> Result<axum::Json<List<SummaryBody>>, Problem> {
    let after = page.position::<(u64, PerformanceId)>()?;
    let (shown, next) = {
        let catalog = app.home.catalog_copy().read();
        let known = catalog.event(event).filter(|known| kind.is_none_or(|kind| known.facts.kind == kind));
        known.ok_or_else(|| Problem::not_found("event"))?;
        let from = Some(Moment::Instant(app.now_ms()));
        let page = catalog.performances(event, from, None, after, page.limit);
        (page.items, page.next)
    };
    let ids: Vec<_> = shown.iter().map(|performance| performance.id).collect();
    let free = app.selling.free(&ids)?;
    let items = ids.iter().zip(free).filter_map(|(id, free)| {
        let free = free.filter(|free| free.is_scheduled)?;
        let showing = app.selling.showing(*id)?;
        let starts_at_ms = showing.performance.schedule.starts_at_ms;
        let sale = &showing.performance.sale;
        let lowest = sale.prices.iter().map(|price| price.amount).min();
        Some(SummaryBody {
            performance_id: *id,
            starts_at: instant(starts_at_ms),
            local_starts_at: local_time(starts_at_ms, &showing.zone),
            venue: VenueReference::new(&showing.venue),
            hall: HallReference::new(&showing.hall),
            free: free.free,
            capacity: free.capacity,
            from_price: lowest.map(|amount| MoneyBody::new(amount, sale.currency)),
        })
    });
    Ok(axum::Json(List::new(items.collect(), next)))
}
