//! Halls and their seat maps.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use marquee_ledger::{HallId, VenueId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, Idempotency, IfMatch, IfNoneMatch, Json, List, Query, Upload};
use super::organizing::{changed, made, sound, version, writer};
use super::problem::Problem;
use super::shared_cache::{entity, plain};
use super::{App, kinds, paths};
use crate::catalog::SeatMap;
use crate::catalog::command::Action;
use crate::catalog::entity::Hall;
use crate::catalog::service::Writer;
use crate::drawing::form::CategoryForm;
use crate::drawing::{Drawing, draw, trace};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, put, delete))
        .routes(routes!(read_seat_map, put_seat_map))
        .layer(Extension(Upload))
}

/// A hall.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hall)]
pub(crate) struct HallBody {
    /// Its id.
    id: String,
    /// The venue that it is in.
    venue_id: String,
    /// Its name.
    name: String,
    /// How many numbered seats it has.
    seats: u32,
    /// How many people its general-admission areas admit.
    standing: u32,
    /// How many people it admits.
    capacity: u64,
    /// The latest version of its seat map: performances get it unless they say otherwise.
    pub(crate) seat_map_version: u32,
    /// The price categories of that version.
    price_categories: Vec<CategoryForm>,
    /// Its owner's name for it.
    key: Option<String>,
    /// Counts its changes.
    pub(crate) version: u64,
}

/// A hall, as it is written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HallForm {
    /// Your own name for it, unique among your halls.
    #[serde(default)]
    key: Option<String>,
    /// Its name.
    #[schema(example = "Main hall")]
    name: String,
    /// Its seats.
    seat_map: Drawing,
}

/// A hall's other name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HallName {
    /// Its name.
    #[schema(example = "Great hall")]
    name: String,
}

/// Which seat map.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeatMapQuery {
    /// Which version; the latest unless it is said.
    pub(crate) version: Option<u32>,
    /// As its author drew it, with blocks and tables, if that was kept; else seat by seat all the same.
    #[serde(default)]
    pub(crate) as_drawn: bool,
}

impl HallBody {
    fn new(hall: &Hall) -> Self {
        let map = hall.map(hall.latest_map());
        let categories = map.into_iter().flat_map(|map| &map.categories).map(|category| CategoryForm {
            key: category.key.clone(),
            name: category.name.clone(),
            color: category.color.clone(),
        });
        Self {
            id: hall.id.to_string(),
            venue_id: hall.venue.to_string(),
            name: hall.name.clone(),
            seats: map.map_or(0, |map| map.seats),
            standing: map.map_or(0, |map| map.standing),
            capacity: map.map_or(0, |map| map.capacity()),
            seat_map_version: hall.latest_map(),
            price_categories: categories.collect(),
            key: hall.stamp.key.clone(),
            version: hall.stamp.version,
        }
    }

    pub(crate) fn of(app: &App, id: HallId) -> Result<Self, Problem> {
        let index = app.home.catalog_copy().read();
        index.hall(id).map(|hall| Self::new(hall)).ok_or_else(|| Problem::new(kinds::UNKNOWN_HALL))
    }
}

/// List the halls of a venue
#[utoipa::path(
    get, path = paths::VENUE_HALLS, tag = "catalog", params(("id" = String, Path, description = "The venue's id")),
    responses((status = 200, description = "All its halls", body = List<HallBody>)),
)]
async fn list(State(app): State<App>, Id(id): Id<VenueId>, has: IfNoneMatch) -> Result<Response, Problem> {
    let list = {
        let index = app.home.catalog_copy().read();
        index.venue(id).ok_or_else(|| Problem::new(kinds::UNKNOWN_VENUE))?;
        List::new(index.halls_of(id).map(|hall| HallBody::new(hall)).collect(), None::<()>)
    };
    plain(&has, &list)
}

/// Make a hall
///
/// The seat map is a drawing: blocks of rows, tables, bowls around a field, areas, or every seat by itself.
#[utoipa::path(
    post, path = paths::VENUE_HALLS, tag = "organizing", request_body = HallForm,
    params(("id" = String, Path, description = "The venue's id")),
    responses((status = 201, description = "It is made", body = HallBody)),
)]
async fn create(
    State(app): State<App>,
    Id(venue): Id<VenueId>,
    caller: Caller,
    key: Idempotency,
    Json(form): Json<HallForm>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let seat_map = Box::new(drawn(form.seat_map, "/seat_map").await?);
    make(&app, &writer, &key, Action::CreateHall { venue, key: form.key, name: form.name, seat_map }).await
}

/// Makes a hall, and answers with it.
pub(crate) async fn make(
    app: &App,
    writer: &Writer,
    key: &Idempotency,
    action: Action,
) -> Result<Response, Problem> {
    let created = writer.create(key.key(), action).await?;
    let id = created.hall().ok_or_else(|| Problem::unexpected(&created))?;
    let body = HallBody::of(app, id)?;
    Ok(made(&paths::HALL.replace("{id}", &id.to_string()), body.version, body))
}

/// Read a hall
#[utoipa::path(
    get, path = paths::HALL, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The hall", body = HallBody)),
)]
async fn read(State(app): State<App>, Id(id): Id<HallId>, has: IfNoneMatch) -> Result<Response, Problem> {
    let body = HallBody::of(&app, id)?;
    entity(&has, body.version, &body)
}

/// Give a hall another name
#[utoipa::path(
    put, path = paths::HALL, tag = "organizing", request_body = HallName,
    params(("id" = String, Path, description = "Its id"), ("If-Match" = String, Header, description = "Its ETag")),
    responses((status = 200, description = "It has the name", body = HallBody)),
)]
async fn put(
    State(app): State<App>,
    Id(id): Id<HallId>,
    caller: Caller,
    if_match: IfMatch,
    key: Idempotency,
    Json(form): Json<HallName>,
) -> Result<Response, Problem> {
    let rename = Action::RenameHall { hall: id, version: if_match.version(), name: form.name };
    change(&app, &writer(&app, &caller)?, &key, id, rename).await
}

/// Changes a hall, and answers with it.
pub(crate) async fn change(
    app: &App,
    writer: &Writer,
    key: &Idempotency,
    id: HallId,
    action: Action,
) -> Result<Response, Problem> {
    writer.write(key.key(), action).await?;
    let body = HallBody::of(app, id)?;
    Ok(changed(body.version, body))
}

/// Remove a hall
///
/// Refused while it has performances.
#[utoipa::path(
    delete, path = paths::HALL, tag = "organizing", params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone")),
)]
async fn delete(
    State(app): State<App>,
    Id(id): Id<HallId>,
    caller: Caller,
    if_match: Option<IfMatch>,
    key: Idempotency,
) -> Result<StatusCode, Problem> {
    let delete = Action::DeleteHall { hall: id, version: version(if_match) };
    writer(&app, &caller)?.write(key.key(), delete).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read a hall's seat map
///
/// It is written down seat by seat, and can be changed and sent back. Its tag is that of the hall.
#[utoipa::path(
    get, path = paths::HALL_SEAT_MAP, tag = "catalog",
    params(("id" = String, Path, description = "The hall's id"), SeatMapQuery),
    responses((status = 200, description = "The seat map", body = Drawing)),
)]
async fn read_seat_map(
    State(app): State<App>,
    Id(id): Id<HallId>,
    Query(query): Query<SeatMapQuery>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    shown(app, id, query.version, has, move |map, _name| {
        let kept = map.drawing.as_deref().filter(|_json| query.as_drawn);
        let kept = kept.and_then(|json| serde_json::from_str::<Drawing>(json).ok());
        kept.unwrap_or_else(|| trace(map))
    })
    .await
}

/// The seat map of a hall as `write` makes it of the map and the hall's name; the latest unless a version is said. Its tag is
/// that of the hall.
pub(crate) async fn shown<T: Serialize>(
    app: App,
    id: HallId,
    version: Option<u32>,
    has: IfNoneMatch,
    write: impl FnOnce(&SeatMap, &str) -> T + Send + 'static,
) -> Result<Response, Problem> {
    let hall = HallBody::of(&app, id)?;
    // A large map takes a while to write: not on the threads that answer everyone.
    blocking(move || {
        let map = app.home.seat_map(id, version.unwrap_or(hall.seat_map_version))?;
        let map = map.ok_or_else(|| Problem::new(kinds::UNKNOWN_SEAT_MAP))?;
        entity(&has, hall.version, &write(&map, &hall.name))
    })
    .await
}

/// Give a hall another seat map
///
/// Performances keep the version that they are sold by; see `seat_map_version` of a performance.
#[utoipa::path(
    put, path = paths::HALL_SEAT_MAP, tag = "organizing", request_body = Drawing,
    params(("id" = String, Path, description = "The hall's id"), ("If-Match" = String, Header, description = "The hall's ETag")),
    responses((status = 200, description = "The hall with its seat map's version", body = HallBody)),
)]
async fn put_seat_map(
    State(app): State<App>,
    Id(id): Id<HallId>,
    caller: Caller,
    if_match: IfMatch,
    key: Idempotency,
    Json(drawing): Json<Drawing>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let seat_map = Box::new(drawn(drawing, "").await?);
    let action = Action::PutSeatMap { hall: id, version: if_match.version(), seat_map };
    change(&app, &writer, &key, id, action).await
}

async fn drawn(drawing: Drawing, pointer: &'static str) -> Result<SeatMap, Problem> {
    blocking(move || sound(|faults| draw(&drawing, pointer, faults))).await
}

/// Does what takes a while: not on the threads that answer everyone.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|panicked| Problem::internal(&panicked))?
}
