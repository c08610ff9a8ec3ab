//! Venues, which are theaters too.

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use marquee_ledger::VenueId;
use marquee_search::matching;
use marquee_search::places::{self, Zip};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::events::{EventBody, EventQuery, list_events};
use super::extract::{Caller, Id, Idempotency, IfMatch, IfNoneMatch, Json, List, Page, Query};
use super::instant::instant;
use super::organizing::{changed, key_stays, made, sound, version, writer};
use super::problem::Problem;
use super::shared_cache::{Lists, entity};
use super::{App, kinds, paths};
use crate::catalog::EventKind;
use crate::catalog::command::Action;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::Venue;
use crate::catalog::query::{CityName, EventFilter, ListedEvent, ListedVenue, Moment, NearZip, PlaceFilter};
use crate::forms::VenueForm;
use crate::forms::venue::PointForm;

/// How far from a zip code things are, unless the request says.
const RADIUS_KM_USUAL: f64 = 50.0;
/// With how many movies a venue is listed.
const MOVIES_MAX: usize = 10;
/// Half the way around the earth.
const RADIUS_KM_MAX: f64 = 20_040.0;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, put, delete))
        .routes(routes!(events))
        .routes(routes!(list_theaters))
        .routes(routes!(read_theater))
        .routes(routes!(theater_movies))
        .layer(Extension(Lists::new()))
}

/// A venue.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Venue)]
pub(crate) struct VenueBody {
    /// Its id.
    id: String,
    /// What it is.
    #[schema(example = "theater")]
    kind: &'static str,
    /// Its name.
    name: String,
    /// Street and number.
    address: String,
    /// Its city.
    city: String,
    /// Its state or region.
    region: String,
    /// ISO 3166 code.
    country: String,
    /// Its postal code.
    zip: String,
    /// Where on earth.
    point: Option<PointForm>,
    /// Its time zone.
    time_zone: String,
    /// How far it is from the zip code that was asked for.
    distance_km: Option<f64>,
    /// Its halls.
    halls: Vec<VenueHall>,
    /// In lists around a zip code: the movies that are shown there next, at most ten. `GET /v1/theaters/{id}/movies` has all.
    #[serde(skip_serializing_if = "Option::is_none")]
    movies: Option<Vec<VenueMovie>>,
    /// Its owner's name for it.
    key: Option<String>,
    /// Counts its changes.
    version: u64,
}

/// A movie that is shown in a venue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VenueMovie {
    /// Its id.
    id: String,
    /// Its title.
    title: String,
    /// When it is shown there next.
    next_starts_at: String,
}

/// A hall of a venue.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VenueHall {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// How many people it admits.
    capacity: u64,
}

/// Which venues.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VenueQuery {
    /// Only those whose name or city has these words, or words that begin with them.
    q: Option<String>,
    /// In this city: `Portland`, `Portland, ME`.
    city: Option<String>,
    /// Under this zip code, or near it.
    zip: Option<String>,
    /// How far from the zip code, in kilometres; 50 unless it is said.
    radius_km: Option<String>,
}

/// Where, as a query says it.
pub(crate) struct Place<'q> {
    pub(crate) city: &'q Option<String>,
    pub(crate) zip: &'q Option<String>,
    pub(crate) radius_km: &'q Option<String>,
}

impl Place<'_> {
    /// The place that is meant.
    ///
    /// # Errors
    /// `unknown-zip` with near ones; `invalid-query` for a radius that is none.
    pub(crate) fn filter(&self, app: &App) -> Result<PlaceFilter, Problem> {
        let radius_km = match said(self.radius_km) {
            None => RADIUS_KM_USUAL,
            Some(text) => {
                text.parse().ok().filter(|radius| (0.0..=RADIUS_KM_MAX).contains(radius)).ok_or_else(
                    || strange("radius_km", &format!("write kilometres from 0 to {RADIUS_KM_MAX}")),
                )?
            }
        };
        let near = |zip: &str| {
            let centre = match zip.parse::<Zip>().map(places::by_zip) {
                Ok(Ok(place)) => place.point,
                // A postal code of another country, if some venue has it.
                Ok(Err(unknown)) if !has_venue(app, zip) => {
                    let near: Vec<_> = unknown.near.iter().map(ToString::to_string).collect();
                    return Err(Problem::new(kinds::UNKNOWN_ZIP)
                        .detail(unknown.to_string())
                        .with("near", near));
                }
                Err(no_zip) if !has_venue(app, zip) => {
                    let none: Vec<String> = Vec::new();
                    return Err(Problem::new(kinds::UNKNOWN_ZIP)
                        .detail(no_zip.to_string())
                        .with("near", none));
                }
                Ok(Err(_)) | Err(_) => None,
            };
            Ok(NearZip { zip: zip.to_owned(), centre, radius_km })
        };
        Ok(PlaceFilter {
            city: said(self.city).map(CityName::new),
            zip: said(self.zip).map(near).transpose()?,
        })
    }
}

/// What a parameter says; forms send empty ones.
pub(crate) fn said(parameter: &Option<String>) -> Option<&str> {
    parameter.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// A parameter that cannot be understood.
pub(crate) fn strange(parameter: &str, detail: &str) -> Problem {
    Problem::new(kinds::INVALID_QUERY).detail(format!("{parameter}: {detail}"))
}

fn has_venue(app: &App, zip: &str) -> bool {
    let place = NearZip { zip: zip.to_owned(), centre: None, radius_km: 0.0 };
    let place = PlaceFilter { zip: Some(place), city: None };
    !app.home.catalog_copy().read().venues(&place, &matching::Query::default(), 0, 1).items.is_empty()
}

impl VenueBody {
    pub(crate) fn new(index: &CatalogIndex, venue: &Venue, distance_km: Option<f64>) -> Self {
        let facts = &venue.facts;
        let halls = index.halls_of(venue.id).map(|hall| VenueHall {
            id: hall.id.to_string(),
            name: hall.name.clone(),
            capacity: hall.map(hall.latest_map()).map_or(0, |map| map.capacity()),
        });
        Self {
            id: venue.id.to_string(),
            kind: facts.kind.word(),
            name: facts.name.clone(),
            address: facts.address.clone(),
            city: facts.city.clone(),
            region: facts.region.clone(),
            country: facts.country.clone(),
            zip: facts.zip.clone(),
            point: facts.point.map(|point| PointForm { lat: point.lat(), lon: point.lon() }),
            time_zone: facts.time_zone.clone(),
            // To a hundred metres: the zip code's centre is no better known.
            distance_km: distance_km.map(|distance| (distance * 10.0).round() / 10.0),
            halls: halls.collect(),
            movies: None,
            key: venue.stamp.key.clone(),
            version: venue.stamp.version,
        }
    }

    /// With the movies that are shown there next.
    fn with_movies(mut self, index: &CatalogIndex, venue: VenueId, now_ms: u64) -> Self {
        let from = Some(Moment::Instant(now_ms));
        let filter =
            EventFilter { kind: Some(EventKind::Movie), venue: Some(venue), from, ..EventFilter::default() };
        let found = index.events(&filter, None, now_ms, MOVIES_MAX).items;
        let movie = |listed: ListedEvent| {
            Some(VenueMovie {
                id: listed.event.id.to_string(),
                title: listed.event.facts.title.clone(),
                next_starts_at: instant(listed.next?.schedule.starts_at_ms),
            })
        };
        self.movies = Some(found.into_iter().filter_map(movie).collect());
        self
    }

    fn of(app: &App, id: VenueId) -> Result<Self, Problem> {
        let copy = app.home.catalog_copy();
        if !copy.may_have(id.0) {
            return Err(Problem::new(kinds::UNKNOWN_VENUE));
        }
        let index = copy.read();
        let venue = index.venue(id).ok_or_else(|| Problem::new(kinds::UNKNOWN_VENUE))?;
        Ok(Self::new(&index, venue, None))
    }
}

/// List venues
///
/// With a zip code the nearest come first, with the movies that are shown there; else in the order in which they were made.
#[utoipa::path(
    get, path = paths::VENUES, tag = "catalog", params(VenueQuery, Page),
    responses((status = 200, description = "A page of venues", body = List<VenueBody>)),
)]
async fn list(
    State(app): State<App>,
    Extension(lists): Extension<Lists>,
    uri: Uri,
    has: IfNoneMatch,
    Query(query): Query<VenueQuery>,
    page: Page,
) -> Result<Response, Problem> {
    lists.answer(&app, &uri, &has, || {
        let place = Place { city: &query.city, zip: &query.zip, radius_km: &query.radius_km }.filter(&app)?;
        let words = matching::Query::new(said(&query.q).unwrap_or_default());
        let skip = page.position::<usize>()?.unwrap_or(0);
        let index = app.home.catalog_copy().read();
        let found = index.venues(&place, &words, skip, page.limit);
        let (now_ms, is_around) = (app.now_ms(), place.zip.is_some());
        let body = |listed: &ListedVenue| {
            let body = VenueBody::new(&index, &listed.venue, listed.distance_km);
            if is_around { body.with_movies(&index, listed.venue.id, now_ms) } else { body }
        };
        Ok(List::new(found.items.iter().map(body).collect(), found.next))
    })
}

/// List theaters
///
/// Theaters are venues: see `GET /v1/venues`.
#[utoipa::path(
    get, path = paths::THEATERS, tag = "catalog", params(VenueQuery, Page),
    responses((status = 200, description = "A page of venues", body = List<VenueBody>)),
)]
async fn list_theaters(
    app: State<App>,
    lists: Extension<Lists>,
    uri: Uri,
    has: IfNoneMatch,
    query: Query<VenueQuery>,
    page: Page,
) -> Result<Response, Problem> {
    list(app, lists, uri, has, query, page).await
}

/// Read a venue
#[utoipa::path(
    get, path = paths::VENUE, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The venue", body = VenueBody)),
)]
async fn read(State(app): State<App>, Id(id): Id<VenueId>, has: IfNoneMatch) -> Result<Response, Problem> {
    let body = VenueBody::of(&app, id)?;
    entity(&has, body.version, &body)
}

/// Read a theater
#[utoipa::path(
    get, path = paths::THEATER, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The venue", body = VenueBody)),
)]
async fn read_theater(app: State<App>, id: Id<VenueId>, has: IfNoneMatch) -> Result<Response, Problem> {
    read(app, id, has).await
}

/// List what is on in a venue
#[utoipa::path(
    get, path = paths::VENUE_EVENTS, tag = "catalog",
    params(("id" = String, Path, description = "Its id"), EventQuery, Page),
    responses((status = 200, description = "A page of events by their next performance there", body = List<EventBody>)),
)]
async fn events(
    State(app): State<App>,
    Extension(lists): Extension<Lists>,
    Id(id): Id<VenueId>,
    uri: Uri,
    has: IfNoneMatch,
    Query(query): Query<EventQuery>,
    page: Page,
) -> Result<Response, Problem> {
    lists.answer(&app, &uri, &has, || {
        VenueBody::of(&app, id)?;
        list_events(&app, &query, None, Some(id), &page)
    })
}

/// List the movies of a theater
#[utoipa::path(
    get, path = paths::THEATER_MOVIES, tag = "catalog",
    params(("id" = String, Path, description = "Its id"), EventQuery, Page),
    responses((status = 200, description = "A page of movies by their next performance there", body = List<EventBody>)),
)]
async fn theater_movies(
    State(app): State<App>,
    Extension(lists): Extension<Lists>,
    Id(id): Id<VenueId>,
    uri: Uri,
    has: IfNoneMatch,
    Query(query): Query<EventQuery>,
    page: Page,
) -> Result<Response, Problem> {
    lists.answer(&app, &uri, &has, || {
        VenueBody::of(&app, id)?;
        list_events(&app, &query, Some(EventKind::Movie), Some(id), &page)
    })
}

/// Make a venue
///
/// For organizers; the venue is yours.
#[utoipa::path(
    post, path = paths::VENUES, tag = "organizing", request_body = VenueForm,
    responses((status = 201, description = "It is made", body = VenueBody)),
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Idempotency,
    Json(form): Json<VenueForm>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let facts = sound(|faults| form.facts(faults))?;
    let created =
        writer.create(key.key(), Action::CreateVenue { number: None, key: form.key, facts }).await?;
    let id = created.venue().ok_or_else(|| Problem::unexpected(&created))?;
    let body = VenueBody::of(&app, id)?;
    Ok(made(&format!("{}/{id}", paths::VENUES), body.version, body))
}

/// Write a venue anew
#[utoipa::path(
    put, path = paths::VENUE, tag = "organizing", request_body = VenueForm,
    params(("id" = String, Path, description = "Its id"), ("If-Match" = String, Header, description = "Its ETag")),
    responses((status = 200, description = "It is written", body = VenueBody)),
)]
async fn put(
    State(app): State<App>,
    Id(id): Id<VenueId>,
    caller: Caller,
    if_match: IfMatch,
    key: Idempotency,
    Json(form): Json<VenueForm>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let known = VenueBody::of(&app, id)?;
    let facts = sound(|faults| {
        key_stays(form.key.as_deref(), known.key.as_deref(), faults);
        form.facts(faults)
    })?;
    writer.write(key.key(), Action::UpdateVenue { venue: id, version: if_match.version(), facts }).await?;
    let body = VenueBody::of(&app, id)?;
    Ok(changed(body.version, body))
}

/// Remove a venue and its halls
///
/// Refused while it has performances.
#[utoipa::path(
    delete, path = paths::VENUE, tag = "organizing", params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone")),
)]
async fn delete(
    State(app): State<App>,
    Id(id): Id<VenueId>,
    caller: Caller,
    if_match: Option<IfMatch>,
    key: Idempotency,
) -> Result<StatusCode, Problem> {
    let delete = Action::DeleteVenue { venue: id, version: version(if_match) };
    writer(&app, &caller)?.write(key.key(), delete).await?;
    Ok(StatusCode::NO_CONTENT)
}
