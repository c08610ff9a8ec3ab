//! Events, of which movies are one kind.

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use marquee_ledger::{EventId, PerformanceId, VenueId};
use marquee_search::matching;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, Idempotency, IfMatch, IfNoneMatch, Json, List, Page, Query, Upload};
use super::instant::instant;
use super::organizing::{changed, key_stays, made, sound, version, writer};
use super::performances::PerformanceBody;
use super::problem::Problem;
use super::references::{HallReference, MoneyBody, VenueReference, local_time};
use super::reviews::RatingBody;
use super::shared_cache::{Lists, entity, plain};
use super::venues::{Place, said, strange};
use super::{App, kinds, paths};
use crate::catalog::command::{Action, EVENTS_MAX, Outcome};
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, Performance};
use crate::catalog::query::{After, EventCursor, EventFilter, Moment};
use crate::catalog::{Created, EventKind};
use crate::forms::EventForm;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, put, delete))
        .routes(routes!(details))
        .routes(routes!(performances))
        .routes(routes!(list_movies, create_movie))
        .routes(routes!(read_movie, put_movie, delete_movie))
        .routes(routes!(movie_details))
        .routes(routes!(movie_performances))
        .layer(Extension(Lists::new()))
        .merge(OpenApiRouter::new().routes(routes!(create_batch)).layer(Extension(Upload)))
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventBody {
    /// Its id.
    id: String,
    /// What it is.
    #[schema(example = "concert")]
    kind: &'static str,
    /// Its title.
    title: String,
    /// Some sentences.
    description: String,
    /// Who presents it.
    host: String,
    /// Who performs.
    performers: Vec<String>,
    /// Its genres.
    genres: Vec<String>,
    /// The language that is spoken, as a BCP 47 tag.
    language: String,
    /// How long it lasts.
    duration_min: Option<u32>,
    /// For whom it is fit.
    age_rating: String,
    /// Its owner's name for it.
    key: Option<String>,
    /// Counts its changes.
    version: u64,
    /// The next performance; in a list, the next of those that fit.
    next_performance: Option<NextPerformance>,
    /// What reviews say of it; none without a review.
    rating: Option<RatingBody>,
}

/// When an event is shown next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextPerformance {
    /// Its id.
    id: String,
    /// When it starts.
    starts_at: String,
    /// The same by the clock of the venue.
    local_starts_at: String,
    /// The venue's time zone.
    time_zone: String,
    /// Where.
    venue: VenueReference,
    /// In which hall.
    hall: HallReference,
    /// The lowest price.
    from_price: Option<MoneyBody>,
}

/// Which events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Only of this kind, such as `concert`.
    kind: Option<String>,
    /// Only those that have these words, or words that begin with them, in title, performers, genres, host, venue or
    /// city.
    q: Option<String>,
    /// Only what is shown in this city: `Portland`, `Portland, ME`.
    city: Option<String>,
    /// Only what is shown under this zip code, or near it.
    zip: Option<String>,
    /// How far from the zip code, in kilometres; 50 unless it is said.
    radius_km: Option<String>,
    /// Only what is shown from then on: a day by the calendar of the venue, or an instant.
    #[param(example = "2026-12-01")]
    from: Option<String>,
    /// Only what is shown until then: a day, included, or an instant.
    to: Option<String>,
}

/// Which performances.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimeQuery {
    /// From then on: a day by the calendar of the venue, or an instant.
    from: Option<String>,
    /// Until then: a day, included, or an instant.
    to: Option<String>,
}

/// Several events.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventBatch {
    /// At most 500.
    events: Vec<EventForm>,
}

/// Where a list of events goes on.
#[derive(Debug, Serialize, Deserialize)]
enum Cursor {
    Performance { from_ms: u64, start_ms: u64, id: PerformanceId },
    Event { from_ms: u64, id: EventId },
}

impl EventBody {
    fn new(index: &CatalogIndex, event: &Event, next: Option<&Performance>) -> Self {
        let facts = &event.facts;
        Self {
            id: event.id.to_string(),
            kind: facts.kind.word(),
            title: facts.title.clone(),
            description: facts.description.clone(),
            host: facts.host.clone(),
            performers: facts.performers.clone(),
            genres: facts.genres.clone(),
            language: facts.language.clone(),
            duration_min: facts.duration_min,
            age_rating: facts.age_rating.clone(),
            key: event.stamp.key.clone(),
            version: event.stamp.version,
            next_performance: next.and_then(|next| NextPerformance::new(index, next)),
            rating: Some(RatingBody::of(index, event.id)).filter(|rating| rating.count > 0),
        }
    }

    /// An event with its next performance; none if it is of another kind than asked for.
    fn of(app: &App, id: EventId, kind: Option<EventKind>) -> Result<Self, Problem> {
        let index = app.home.catalog_copy().read();
        let event = index.event(id).filter(|event| kind.is_none_or(|kind| event.facts.kind == kind));
        let event = event.ok_or_else(|| Problem::new(kinds::UNKNOWN_EVENT))?;
        Ok(Self::new(&index, event, index.next_of(id, app.now_ms()).map(|next| &**next)))
    }
}

impl NextPerformance {
    fn new(index: &CatalogIndex, next: &Performance) -> Option<Self> {
        let (venue, hall) = (index.venue(next.venue)?, index.hall(next.hall)?);
        let starts_at_ms = next.schedule.starts_at_ms;
        Some(Self {
            id: next.id.to_string(),
            starts_at: instant(starts_at_ms),
            local_starts_at: local_time(starts_at_ms, &index.zone(next.venue)),
            time_zone: venue.facts.time_zone.clone(),
            venue: VenueReference::new(venue),
            hall: HallReference::new(hall),
            from_price: MoneyBody::lowest(next),
        })
    }
}

/// A page of events.
pub(crate) fn list_events(
    app: &App,
    query: &EventQuery,
    kind: Option<EventKind>,
    venue: Option<VenueId>,
    page: &Page,
) -> Result<List<EventBody>, Problem> {
    let asked = said(&query.kind).map(str::parse::<EventKind>).transpose();
    let asked = asked.map_err(|unknown| strange("kind", &unknown.to_string()))?;
    if let (Some(kind), Some(asked)) = (kind, asked)
        && kind != asked
    {
        return Err(strange("kind", &format!("here it can only be {kind}")));
    }
    let place = Place { city: &query.city, zip: &query.zip, radius_km: &query.radius_km };
    let filter = EventFilter {
        kind: kind.or(asked),
        query: matching::Query::new(said(&query.q).unwrap_or_default()),
        place: place.filter(app)?,
        venue,
        from: moment("from", &query.from)?,
        to: moment("to", &query.to)?,
    };
    let cursor = page.position::<Cursor>()?.map(EventCursor::from);
    let index = app.home.catalog_copy().read();
    let found = index.events(&filter, cursor, app.now_ms(), page.limit);
    let items =
        found.items.iter().map(|listed| EventBody::new(&index, &listed.event, listed.next.as_deref()));
    Ok(List::new(items.collect(), found.next.map(Cursor::from)))
}

impl From<Cursor> for EventCursor {
    fn from(cursor: Cursor) -> Self {
        match cursor {
            Cursor::Performance { from_ms, start_ms, id } => {
                Self { from_ms, after: After::Performance(start_ms, id) }
            }
            Cursor::Event { from_ms, id } => Self { from_ms, after: After::Event(id) },
        }
    }
}

impl From<EventCursor> for Cursor {
    fn from(EventCursor { from_ms, after }: EventCursor) -> Self {
        match after {
            After::Performance(start_ms, id) => Self::Performance { from_ms, start_ms, id },
            After::Event(id) => Self::Event { from_ms, id },
        }
    }
}

fn moment(parameter: &str, text: &Option<String>) -> Result<Option<Moment>, Problem> {
    let Some(text) = said(text) else { return Ok(None) };
    let wrong =
        || strange(parameter, "write a day such as 2026-12-01, or an instant such as 2026-12-01T19:30:00Z");
    if let Ok(at) = text.parse::<Timestamp>() {
        return u64::try_from(at.as_millisecond())
            .map(|ms| Some(Moment::Instant(ms)))
            .map_err(|_early| wrong());
    }
    // A date that has more to it is an instant that lacks its offset.
    let day = (text.len() == 10).then(|| text.parse::<Date>().ok()).flatten();
    day.map(|day| Some(Moment::Day(day))).ok_or_else(wrong)
}

/// List what is on
///
/// Events by their next performance that fits; then, unless a place or a time was asked for, those without one.
#[utoipa::path(
    get, path = paths::EVENTS, tag = "catalog", params(EventQuery, Page),
    responses((status = 200, description = "A page of events", body = List<EventBody>)),
)]
async fn list(
    State(app): State<App>,
    Extension(lists): Extension<Lists>,
    uri: Uri,
    has: IfNoneMatch,
    Query(query): Query<EventQuery>,
    page: Page,
) -> Result<Response, Problem> {
    lists.answer(&app, &uri, &has, || list_events(&app, &query, None, None, &page))
}

/// List the movies that are on
#[utoipa::path(
    get, path = paths::MOVIES, tag = "catalog", params(EventQuery, Page),
    responses((status = 200, description = "A page of movies", body = List<EventBody>)),
)]
async fn list_movies(
    State(app): State<App>,
    Extension(lists): Extension<Lists>,
    uri: Uri,
    has: IfNoneMatch,
    Query(query): Query<EventQuery>,
    page: Page,
) -> Result<Response, Problem> {
    lists.answer(&app, &uri, &has, || list_events(&app, &query, Some(EventKind::Movie), None, &page))
}

/// Read an event
#[utoipa::path(
    get, path = paths::EVENT, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The event", body = EventBody)),
)]
async fn read(State(app): State<App>, Id(id): Id<EventId>, has: IfNoneMatch) -> Result<Response, Problem> {
    let body = EventBody::of(&app, id, None)?;
    entity(&has, body.version, &body)
}

/// Read an event
///
/// The same as `GET /v1/events/{id}`.
#[utoipa::path(
    get, path = paths::EVENT_DETAILS, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The event", body = EventBody)),
)]
async fn details(app: State<App>, id: Id<EventId>, has: IfNoneMatch) -> Result<Response, Problem> {
    read(app, id, has).await
}

/// Read a movie
#[utoipa::path(
    get, path = paths::MOVIE, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The movie", body = EventBody)),
)]
async fn read_movie(
    State(app): State<App>,
    Id(id): Id<EventId>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    let body = EventBody::of(&app, id, Some(EventKind::Movie))?;
    entity(&has, body.version, &body)
}

/// Read a movie
///
/// The same as `GET /v1/movies/{id}`.
#[utoipa::path(
    get, path = paths::MOVIE_DETAILS, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The movie", body = EventBody)),
)]
async fn movie_details(app: State<App>, id: Id<EventId>, has: IfNoneMatch) -> Result<Response, Problem> {
    read_movie(app, id, has).await
}

/// List the performances of an event
///
/// By their start, those that were called off included.
#[utoipa::path(
    get, path = paths::EVENT_PERFORMANCES, tag = "catalog",
    params(("id" = String, Path, description = "The event's id"), TimeQuery, Page),
    responses((status = 200, description = "A page of performances", body = List<PerformanceBody>)),
)]
async fn performances(
    State(app): State<App>,
    Id(id): Id<EventId>,
    has: IfNoneMatch,
    Query(query): Query<TimeQuery>,
    page: Page,
) -> Result<Response, Problem> {
    EventBody::of(&app, id, None)?;
    let after = page.position::<(u64, PerformanceId)>()?;
    let (from, to) = (moment("from", &query.from)?, moment("to", &query.to)?);
    let found = app.home.catalog_copy().read().performances(id, from, to, after, page.limit);
    let items = PerformanceBody::all(&app, &found.items)?;
    plain(&has, &List::new(items, found.next))
}

/// List the performances of a movie
#[utoipa::path(
    get, path = paths::MOVIE_PERFORMANCES, tag = "catalog",
    params(("id" = String, Path, description = "The movie's id"), TimeQuery, Page),
    responses((status = 200, description = "A page of performances", body = List<PerformanceBody>)),
)]
async fn movie_performances(
    State(app): State<App>,
    Id(id): Id<EventId>,
    has: IfNoneMatch,
    query: Query<TimeQuery>,
    page: Page,
) -> Result<Response, Problem> {
    EventBody::of(&app, id, Some(EventKind::Movie))?;
    performances(State(app), Id(id), has, query, page).await
}

/// Make an event
///
/// For organizers; the event is yours.
#[utoipa::path(
    post, path = paths::EVENTS, tag = "organizing", request_body = EventForm,
    responses((status = 201, description = "It is made", body = EventBody)),
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Idempotency,
    Json(form): Json<EventForm>,
) -> Result<Response, Problem> {
    create_one(&app, &caller, &key, form, None).await
}

/// Make a movie
///
/// An event whose kind is `movie`.
#[utoipa::path(
    post, path = paths::MOVIES, tag = "organizing", request_body = EventForm,
    responses((status = 201, description = "It is made", body = EventBody)),
)]
async fn create_movie(
    State(app): State<App>,
    caller: Caller,
    key: Idempotency,
    Json(form): Json<EventForm>,
) -> Result<Response, Problem> {
    create_one(&app, &caller, &key, form, Some(EventKind::Movie)).await
}

async fn create_one(
    app: &App,
    caller: &Caller,
    key: &Idempotency,
    form: EventForm,
    kind: Option<EventKind>,
) -> Result<Response, Problem> {
    let writer = writer(app, caller)?;
    let facts = sound(|faults| form.facts(kind, faults))?;
    if let Some(kind) = kind
        && facts.kind != kind
    {
        return Err(Problem::invalid("/kind", &format!("here it can only be {kind}")));
    }
    let created = writer.create(key.key(), Action::CreateEvents { events: vec![(form.key, facts)] }).await?;
    let id = created.event().ok_or_else(|| Problem::unexpected(&created))?;
    let body = EventBody::of(app, id, None)?;
    let path = if kind.is_some() { paths::MOVIES } else { paths::EVENTS };
    Ok(made(&format!("{path}/{id}"), body.version, body))
}

/// Make several events
///
/// All or none; what is wrong is told for all of them.
#[utoipa::path(
    post, path = paths::EVENTS_BATCH, tag = "organizing", request_body = EventBatch,
    responses((status = 201, description = "All are made, in the order of the request", body = List<EventBody>)),
)]
async fn create_batch(
    State(app): State<App>,
    caller: Caller,
    key: Idempotency,
    Json(batch): Json<EventBatch>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    if !(1..=EVENTS_MAX).contains(&batch.events.len()) {
        return Err(Problem::invalid("/events", &format!("must be between 1 and {EVENTS_MAX}")));
    }
    let events = sound(|faults| {
        let forms = batch.events.into_iter().enumerate();
        let read = forms.map(|(nth, form)| {
            let facts = faults.within(&format!("/events/{nth}"), |faults| form.facts(None, faults));
            Some((form.key, facts?))
        });
        // Every form is read, so that all faults are told.
        read.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>()
    })?;
    let outcome = writer.write(key.key(), Action::CreateEvents { events }).await?;
    let Outcome::Created(created) = outcome else { return Err(Problem::unexpected(&outcome)) };
    let ids = created.into_iter().filter_map(Created::event);
    let items = ids.map(|id| EventBody::of(&app, id, None)).collect::<Result<Vec<_>, _>>()?;
    Ok((StatusCode::CREATED, axum::Json(List::new(items, None::<()>))).into_response())
}

/// Write an event anew
#[utoipa::path(
    put, path = paths::EVENT, tag = "organizing", request_body = EventForm,
    params(("id" = String, Path, description = "Its id"), ("If-Match" = String, Header, description = "Its ETag")),
    responses((status = 200, description = "It is written", body = EventBody)),
)]
async fn put(
    State(app): State<App>,
    Id(id): Id<EventId>,
    caller: Caller,
    if_match: IfMatch,
    key: Idempotency,
    Json(form): Json<EventForm>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let kind = app.home.catalog_copy().read().event(id).map(|event| event.facts.kind);
    let known = EventBody::of(&app, id, None)?;
    let facts = sound(|faults| {
        key_stays(form.key.as_deref(), known.key.as_deref(), faults);
        form.facts(kind, faults)
    })?;
    writer.write(key.key(), Action::UpdateEvent { event: id, version: if_match.version(), facts }).await?;
    let body = EventBody::of(&app, id, None)?;
    Ok(changed(body.version, body))
}

/// Write a movie anew
#[utoipa::path(
    put, path = paths::MOVIE, tag = "organizing", request_body = EventForm,
    params(("id" = String, Path, description = "Its id"), ("If-Match" = String, Header, description = "Its ETag")),
    responses((status = 200, description = "It is written", body = EventBody)),
)]
async fn put_movie(
    State(app): State<App>,
    Id(id): Id<EventId>,
    caller: Caller,
    if_match: IfMatch,
    key: Idempotency,
    form: Json<EventForm>,
) -> Result<Response, Problem> {
    EventBody::of(&app, id, Some(EventKind::Movie))?;
    put(State(app), Id(id), caller, if_match, key, form).await
}

/// Remove an event
///
/// Refused while it has performances.
#[utoipa::path(
    delete, path = paths::EVENT, tag = "organizing", params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone")),
)]
async fn delete(
    State(app): State<App>,
    Id(id): Id<EventId>,
    caller: Caller,
    if_match: Option<IfMatch>,
    key: Idempotency,
) -> Result<StatusCode, Problem> {
    let delete = Action::DeleteEvent { event: id, version: version(if_match) };
    writer(&app, &caller)?.write(key.key(), delete).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a movie
///
/// Refused while it has performances.
#[utoipa::path(
    delete, path = paths::MOVIE, tag = "organizing", params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone")),
)]
async fn delete_movie(
    State(app): State<App>,
    Id(id): Id<EventId>,
    caller: Caller,
    if_match: Option<IfMatch>,
    key: Idempotency,
) -> Result<StatusCode, Problem> {
    EventBody::of(&app, id, Some(EventKind::Movie))?;
    delete(State(app), Id(id), caller, if_match, key).await
}
