//! Taking venues over from a box office that is lost or cut off.

use std::collections::BTreeMap;

use axum::extract::State;
use marquee_replication::{GroupId, NodeId};
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::document::ChangeBody;
use super::gather::HOME_MAX;
use super::moves::number_of;
use super::{Named, Office, PlanQuery};
use crate::cluster::errand::{Errand, Found, Query as Question, Reply};
use crate::cluster::planning::{Copies, CopyState, Plan, Succession, Warning};
use crate::directory::Command;
use crate::http::extract::{Caller, Json, Query};
use crate::http::problem::Problem;
use crate::http::{App, kinds, paths};

/// Who takes over.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PromotionForm {
    /// The number or name of a node that has a copy; without it, the one whose copy is the furthest.
    #[schema(example = "london-1")]
    to: Option<String>,
    /// That what the box office did since the copy was made may be lost.
    #[serde(default)]
    accept_loss: bool,
}

/// Take a venue over from a box office
///
/// For one whose home is lost, or cut off for too long: another node sells it from its copy. The box office sells it no more as
/// soon as it hears of that, and what it sold meanwhile is listed: `GET /v1/cluster/venues/{id}/conflicts`. While the box office
/// is there, the venue is moved instead.
#[utoipa::path(
    post, path = paths::VENUE_PROMOTION, tag = "cluster", request_body = PromotionForm,
    params(("id" = String, Path, description = "The venue's number, id, or name if no other has it"), PlanQuery),
    responses((status = 200, description = "What comes of it", body = ChangeBody)),
)]
pub(super) async fn promote_venue(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    Query(query): Query<PlanQuery>,
    Json(form): Json<PromotionForm>,
) -> Result<axum::Json<ChangeBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let venue = number_of(&app, &name)?;
    office.promote(&[venue], &form, query.plan).await
}

/// Take all venues of a box office over
///
/// As one of them, for all that its group has.
#[utoipa::path(
    post, path = paths::NODE_PROMOTION, tag = "cluster", request_body = PromotionForm,
    params(("id" = String, Path, description = "The box office's number or name"), PlanQuery),
    responses((status = 200, description = "What comes of it", body = ChangeBody)),
)]
pub(super) async fn promote_node(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    Query(query): Query<PlanQuery>,
    Json(form): Json<PromotionForm>,
) -> Result<axum::Json<ChangeBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let group = GroupId(office.node(&name)?.0);
    let placements = office.view.placements().values();
    let venues: Vec<_> =
        placements.filter(|placement| placement.group == group).map(|placement| placement.venue).collect();
    office.promote(&venues, &form, query.plan).await
}

impl Office<'_> {
    async fn promote(
        &self,
        venues: &[u32],
        form: &PromotionForm,
        is_plan: bool,
    ) -> Result<axum::Json<ChangeBody>, Problem> {
        let place =
            |problem: Problem| problem.error("/to", format!("there is no node {:?}", form.to.as_deref()));
        let wanted = form.to.as_deref().map(|called| self.node(called).map_err(place)).transpose()?;
        let mut copies = BTreeMap::<GroupId, Copies>::new();
        let mut plan = Plan::default();
        let mut decided: Vec<(u32, Succession)> = Vec::new();
        for venue in venues {
            let group = self.view.group_of_venue(*venue);
            if let std::collections::btree_map::Entry::Vacant(unknown) = copies.entry(group) {
                unknown.insert(self.copies(group).await);
            }
            let (of_venue, succession) =
                self.situated(|situation| situation.promote(*venue, wanted, &copies[&group]))?;
            plan.steps.extend(of_venue.steps);
            for warning in of_venue.warnings {
                if !plan.warnings.contains(&warning) {
                    plan.warnings.push(warning);
                }
            }
            decided.extend(succession.map(|succession| (*venue, succession)));
        }
        if venues.is_empty() {
            plan.warnings.push(Warning::AlreadySo);
        }
        if is_plan {
            return Ok(axum::Json(ChangeBody::new(&plan, &self.view, false)));
        }
        if !form.accept_loss && !decided.is_empty() {
            let losses = plan.warnings.iter().filter(|warning| matches!(warning, Warning::Loss { .. }));
            let words: Vec<_> = losses.map(|warning| warning.words(&self.view)).collect();
            return Err(Problem::new(kinds::LOSS_NOT_ACCEPTED).detail(words.join(" ")));
        }
        // Each may be repeated; whoever is interrupted asks again.
        for (venue, Succession { to, by }) in decided {
            self.app.home.directory(None, Command::Seize { venue, to, by }).await??;
            tracing::warn!(account = %self.by.account, venue, %to, %by, "an operator has a venue taken over");
        }
        Ok(axum::Json(ChangeBody::new(&plan, &self.view, true)))
    }

    /// How far the copies of a group are on the nodes that answer.
    async fn copies(&self, group: GroupId) -> Copies {
        let commons = self.app.home.commons();
        let asked = self.view.replicas(group).iter().map(|node| async move {
            let (errand, deadline) = (Errand::Query(Question::CopyStatus), Instant::now() + HOME_MAX);
            let asked = commons.courier.ask(*node, group, &errand, deadline);
            let reply = tokio::time::timeout(HOME_MAX, asked).await.ok().flatten()?;
            copy_state(*node, &reply)
        });
        futures_util::future::join_all(asked).await.into_iter().flatten().collect()
    }
}

fn copy_state(node: NodeId, reply: &Reply) -> Option<(NodeId, CopyState)> {
    let Reply::Found(Found::CopyStatus { index, at_ms }) = reply else { return None };
    Some((node, CopyState { index: *index, at_ms: *at_ms }))
}
