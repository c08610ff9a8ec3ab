//! Seats that are taken out of sale, and put back.

use axum::extract::State;
use axum::http::StatusCode;
use marquee_ledger::layout::SeatIndex;
use marquee_ledger::{Command, PerformanceId, Request};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, Idempotency, Json, List};
use super::instant::instant;
use super::organizing::writer;
use super::problem::Problem;
use super::{App, kinds, paths};
use crate::catalog::entity::Performance;
use crate::catalog::service::REASON_CHARS_MAX;
use crate::home::Failure;
use crate::selling::hall::Tag;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, kill, revive))
}

/// Seats to be taken out of sale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KillForm {
    /// Ids from `GET /v1/performances/{id}/seats`.
    #[schema(example = json!(["k3v9-14"]))]
    seats: Vec<String>,
    /// Why, for your own people.
    #[schema(example = "Behind the sound desk.")]
    reason: String,
}

/// Seats to be put back on sale.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviveForm {
    /// Ids from `GET /v1/performances/{id}/seats`.
    seats: Vec<String>,
}

/// Seats that were taken out of sale together.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KilledSeats {
    /// Those that still are.
    seats: Vec<String>,
    /// Why.
    reason: String,
    /// Since when.
    at: String,
}

/// List the seats that are out of sale
///
/// For the performance's organizer.
#[utoipa::path(
    get, path = paths::PERFORMANCE_KILLS, tag = "organizing",
    params(("id" = String, Path, description = "The performance's id")),
    responses((status = 200, description = "All of them", body = List<KilledSeats>)),
)]
async fn list(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    caller: Caller,
) -> Result<axum::Json<List<KilledSeats>>, Problem> {
    let tag = own(&app, &caller, id)?;
    let snapshot = app.home.snapshot()?;
    let killed = snapshot.ledger()?.killed(id).map_err(Failure::from)?;
    let items = killed.into_iter().map(|killed| KilledSeats {
        seats: killed.seats.iter().map(|seat| tag.seat(*seat).to_string()).collect(),
        reason: killed.reason,
        at: instant(killed.at_ms),
    });
    Ok(axum::Json(List::new(items.collect(), None::<()>)))
}

/// Take seats out of sale
///
/// All of them or none: seats that somebody has are refused.
#[utoipa::path(
    post, path = paths::PERFORMANCE_KILLS, tag = "organizing", request_body = KillForm,
    params(("id" = String, Path, description = "The performance's id")),
    responses((status = 204, description = "They are out of sale")),
)]
async fn kill(
    State(app): State<App>,
    Id(performance): Id<PerformanceId>,
    caller: Caller,
    key: Idempotency,
    Json(form): Json<KillForm>,
) -> Result<StatusCode, Problem> {
    let tag = own(&app, &caller, performance)?;
    if form.reason.trim().is_empty() || form.reason.chars().count() > REASON_CHARS_MAX {
        return Err(Problem::invalid("/reason", &format!("must have 1 to {REASON_CHARS_MAX} characters")));
    }
    let command = Command::Kill { performance, seats: seats(tag, &form.seats)?, reason: form.reason };
    carry_out(&app, &key, command).await
}

/// Put seats back on sale
#[utoipa::path(
    delete, path = paths::PERFORMANCE_KILLS, tag = "organizing", request_body = ReviveForm,
    params(("id" = String, Path, description = "The performance's id")),
    responses((status = 204, description = "They are on sale")),
)]
async fn revive(
    State(app): State<App>,
    Id(performance): Id<PerformanceId>,
    caller: Caller,
    key: Idempotency,
    Json(form): Json<ReviveForm>,
) -> Result<StatusCode, Problem> {
    let tag = own(&app, &caller, performance)?;
    let command = Command::Revive { performance, seats: seats(tag, &form.seats)? };
    carry_out(&app, &key, command).await
}

async fn carry_out(app: &App, key: &Idempotency, command: Command) -> Result<StatusCode, Problem> {
    app.home.ledger(Request { key: key.key(), command }).await?.result?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the seats of a performance of one's own are called by.
fn own(app: &App, caller: &Caller, id: PerformanceId) -> Result<Tag, Problem> {
    let by = writer(app, caller)?.by();
    let index = app.home.catalog_copy().read();
    let performance: &Performance =
        index.performance(id).ok_or_else(|| Problem::new(kinds::UNKNOWN_PERFORMANCE))?;
    if performance.stamp.owner != by.account && !by.operator {
        return Err(crate::catalog::Refusal::NotYours.into());
    }
    Ok(Tag::new(performance.hall, performance.seat_map_version))
}

/// The seats with these ids. Whether the hall has so many, the ledger knows.
fn seats(tag: Tag, ids: &[String]) -> Result<Vec<SeatIndex>, Problem> {
    let seat = |(nth, id): (usize, &String)| {
        let index = id.rsplit_once('-').and_then(|(_tag, index)| index.parse().ok());
        // An id is what this tag would call the seat, letter by letter.
        index.filter(|index| tag.seat(*index).to_string() == *id).ok_or_else(|| {
            Problem::new(kinds::UNKNOWN_SEAT).error(format!("/seats/{nth}"), format!("there is no seat {id}"))
        })
    };
    ids.iter().enumerate().map(seat).collect()
}
