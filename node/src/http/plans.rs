//! Halls as seating plans of pretix.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use marquee_ledger::{HallId, VenueId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, Idempotency, IfMatch, IfNoneMatch, Query, RawBody, Upload, parse};
use super::halls::{self, HallBody, SeatMapQuery, blocking};
use super::organizing::writer;
use super::problem::Problem;
use super::{App, kinds, paths};
use crate::catalog::checks::Fault;
use crate::catalog::command::Action;
use crate::drawing::Drawing;
use crate::formats::pretix::{self, Plan};
use crate::import::place_of;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(read, put)).routes(routes!(create)).layer(Extension(Upload))
}

/// Whether a plan is only looked at.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct DryRun {
    /// Checks the plan and answers what would become of it; nothing is written.
    #[serde(default)]
    dry_run: bool,
}

/// How the hall of a plan is called.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Called {
    /// The hall's name; the plan's unless it is said.
    name: Option<String>,
    /// Your own name for the hall, unique among your halls.
    key: Option<String>,
    /// Checks the plan and answers what would become of it; nothing is written.
    #[serde(default)]
    dry_run: bool,
}

/// What becomes of a plan.
#[derive(Debug, Serialize, ToSchema)]
struct PlanPreview {
    /// The plan's name.
    name: String,
    /// How many seats it has.
    seats: usize,
    /// What a hall does not have of it.
    left_out: Vec<LeftOut>,
    /// The hall as it would be.
    seat_map: Drawing,
}

/// Something of a plan that a hall does not have.
#[derive(Debug, Serialize, ToSchema)]
struct LeftOut {
    /// JSON pointer to it.
    #[schema(example = "/zones/0/areas/1")]
    pointer: String,
    /// What it is.
    detail: String,
}

/// Read a hall as a seating plan of pretix
///
/// By pretix's `seating-plan.schema.json`. Accessible seats are seats like others there, and general-admission areas are only
/// drawn.
#[utoipa::path(
    get, path = paths::HALL_PLAN, tag = "catalog",
    params(("id" = String, Path, description = "The hall's id"), SeatMapQuery),
    responses((status = 200, description = "The plan", body = Object)),
)]
async fn read(
    State(app): State<App>,
    Id(id): Id<HallId>,
    Query(query): Query<SeatMapQuery>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    halls::shown(app, id, query.version, has, |map, name| pretix::write(name, map)).await
}

/// Give a hall the seats of a seating plan of pretix
///
/// Every mistake of the plan is told with its JSON pointer and its line. Performances keep the version that they are sold
/// by.
#[utoipa::path(
    put, path = paths::HALL_PLAN, tag = "organizing", request_body = Object,
    params(
        ("id" = String, Path, description = "The hall's id"),
        ("If-Match" = String, Header, description = "The hall's ETag"),
        DryRun,
    ),
    responses((status = 200, description = "The hall; with `dry_run` a `PlanPreview`", body = HallBody)),
)]
async fn put(
    State(app): State<App>,
    Id(id): Id<HallId>,
    caller: Caller,
    if_match: IfMatch,
    key: Idempotency,
    Query(query): Query<DryRun>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let plan = plan(body).await?;
    if query.dry_run {
        return Ok(axum::Json(PlanPreview::from(plan)).into_response());
    }
    let action = Action::PutSeatMap { hall: id, version: if_match.version(), seat_map: Box::new(plan.map) };
    halls::change(&app, &writer, &key, id, action).await
}

/// Make a hall of a seating plan of pretix
///
/// Every mistake of the plan is told with its JSON pointer and its line.
#[utoipa::path(
    post, path = paths::VENUE_HALL_PLANS, tag = "organizing", request_body = Object,
    params(("id" = String, Path, description = "The venue's id"), Called),
    responses(
        (status = 201, description = "It is made", body = HallBody),
        (status = 200, description = "With `dry_run`", body = PlanPreview),
    ),
)]
async fn create(
    State(app): State<App>,
    Id(venue): Id<VenueId>,
    caller: Caller,
    key: Idempotency,
    Query(called): Query<Called>,
    RawBody(body): RawBody,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let plan = plan(body).await?;
    if called.dry_run {
        return Ok((StatusCode::OK, axum::Json(PlanPreview::from(plan))).into_response());
    }
    let name = called.name.unwrap_or(plan.name);
    let action = Action::CreateHall { venue, key: called.key, name, seat_map: Box::new(plan.map) };
    halls::make(&app, &writer, &key, action).await
}

/// Reads a plan. A stadium's takes a while.
async fn plan(body: Bytes) -> Result<Plan, Problem> {
    blocking(move || {
        let value: Value = parse(&body)?;
        pretix::read(&value).map_err(|faults| {
            let text = String::from_utf8_lossy(&body);
            let tell = |problem: Problem, fault: Fault| {
                let (line, _column) = place_of(&text, &fault.pointer);
                problem.error_at(line, fault.pointer, fault.detail)
            };
            faults.into_iter().fold(Problem::new(kinds::INVALID), tell)
        })
    })
    .await
}

impl From<Plan> for PlanPreview {
    fn from(plan: Plan) -> Self {
        let left_out = plan.left_out.into_iter();
        Self {
            name: plan.name,
            seats: plan.map.seats.len(),
            left_out: left_out
                .map(|fault| LeftOut { pointer: fault.pointer, detail: fault.detail })
                .collect(),
            seat_map: plan.drawing,
        }
    }
}
