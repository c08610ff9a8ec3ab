//! Moving venues between groups.

use axum::extract::State;
use marquee_ledger::VenueId;
use marquee_replication::GroupId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::document::{ChangeBody, VenueMoveBody};
use super::gather::HOME_MAX;
use super::{Named, Office, PlanQuery};
use crate::cluster::errand::{Found, Query as Errand};
use crate::directory::Command;
use crate::http::extract::{Caller, Idempotency, Json, Query};
use crate::http::problem::Problem;
use crate::http::{App, kinds, paths};

/// Where a venue is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MoveForm {
    /// The number or name of the node whose own group is to own it, or that group's number.
    #[schema(example = "london-1")]
    to: String,
}

/// Move a venue to another group
///
/// It goes on selling; buyers wait for less than a second while the last of it changes hands. Whatever is lost on the way,
/// the move goes on by itself.
#[utoipa::path(
    post, path = paths::VENUE_MOVE, tag = "cluster", request_body = MoveForm,
    params(("id" = String, Path, description = "The venue's number, id, or name if no other has it"), PlanQuery),
    responses((status = 200, description = "What comes of it", body = ChangeBody)),
)]
pub(super) async fn move_venue(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    key: Idempotency,
    Query(query): Query<PlanQuery>,
    Json(form): Json<MoveForm>,
) -> Result<axum::Json<ChangeBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let venue = number_of(&app, &name)?;
    let to = office.group(&form.to)?;
    let plan = office.plan(|situation| situation.move_venue(venue, to))?;
    if plan.steps.is_empty() {
        return Ok(axum::Json(ChangeBody::new(&plan, &office.view, !query.plan)));
    }
    let command = Command::BeginMove { venue, to };
    office.decide(&plan, query.plan, &key, command, "an operator moves a venue").await
}

/// Read how far a venue's move is
///
/// What is told of an attempt comes from the home that moves the venue, and is forgotten with it.
#[utoipa::path(
    get, path = paths::VENUE_MOVE, tag = "cluster",
    params(("id" = String, Path, description = "The venue's number, id, or name if no other has it")),
    responses((status = 200, description = "How far it is", body = VenueMoveBody)),
)]
pub(super) async fn read_move(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
) -> Result<axum::Json<VenueMoveBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let venue = number_of(&app, &name)?;
    let placement = office.view.placements().get(&venue);
    let placement = *placement.ok_or_else(|| Problem::new(kinds::UNKNOWN_VENUE))?;
    let commons = app.home.commons();
    // Which group it left last, the directory does not say: each is asked, unless it has not left yet.
    let groups: Vec<GroupId> = match placement.moving_to {
        // Who takes a venue over does so at the group that will have it.
        Some(to) if placement.under_seizure().is_some() => vec![to],
        Some(_) => vec![placement.group],
        None => office.view.groups().keys().copied().collect(),
    };
    let asked = groups.into_iter().map(|group| async move {
        let told = commons.query(group, Errand::VenueMove(venue));
        match tokio::time::timeout(HOME_MAX, told).await {
            Ok(Ok(Found::VenueMove(progress))) => progress,
            Ok(Ok(_) | Err(_)) | Err(_) => None,
        }
    });
    let told = futures_util::future::join_all(asked).await;
    let progress = told.into_iter().flatten().max_by_key(|progress| progress.epoch);
    Ok(axum::Json(VenueMoveBody::new(placement, progress)))
}

/// The number of the venue that somebody calls by it, by its id or by its name.
pub(super) fn number_of(app: &App, called: &str) -> Result<u32, Problem> {
    if let Ok(id) = called.parse::<VenueId>() {
        return Ok(id.owner());
    }
    if let Ok(number) = called.parse::<u32>() {
        return Ok(number);
    }
    let index = app.home.catalog_copy().read();
    let mut named = index.venues_all().filter(|venue| venue.facts.name == called);
    match (named.next(), named.next()) {
        (Some(venue), None) => Ok(venue.id.owner()),
        (Some(_), Some(_)) => Err(Problem::new(kinds::UNKNOWN_VENUE)
            .detail(format!("Several venues are called {called:?}. Say which by its number or id."))),
        (None, _) => Err(Problem::new(kinds::UNKNOWN_VENUE)),
    }
}

impl Office<'_> {
    /// The group that somebody calls `g2`, or by the number or name of the node that founded it.
    fn group(&self, called: &str) -> Result<GroupId, Problem> {
        if let Some(group) = called.strip_prefix('g').and_then(|number| number.parse().ok().map(GroupId))
            && self.view.groups().contains_key(&group)
        {
            return Ok(group);
        }
        let node = self
            .node(called)
            .map_err(|problem| problem.error("/to", format!("there is no node or group {called:?}")))?;
        Ok(GroupId(node.0))
    }
}
