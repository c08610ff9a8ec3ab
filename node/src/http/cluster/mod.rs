//! The cluster, for operators: how it does, and what is to be done with its nodes.
//!
//! Every change can be asked for as a plan (`?plan=true`): what would happen, in words and as data. What is decided is a
//! command of the directory; the stewards of the groups carry it out.

mod conflicts;
pub(crate) mod document;
mod findings;
mod gather;
mod moves;
mod promoting;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use marquee_replication::trust::JoinToken;
use marquee_replication::{GroupId, NodeId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Idempotency, Json, Query, Signed};
use super::instant::instant;
use super::problem::Problem;
use super::{App, kinds, paths};
use crate::accounts::Role;
use crate::cluster::net::Net;
use crate::cluster::planning::{Objection, Plan, Situation};
use crate::directory::{Command, NodeStatus, View};
use document::{ChangeBody, ClusterBody, TokenBody};
pub(crate) use gather::gather;

/// How many venues the document lists unless it is said.
const VENUES_USUAL: usize = 200;
const VENUES_MAX: usize = 100_000;
/// The longest life of a token.
const TOKEN_LIFETIME_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read))
        .routes(routes!(issue_token))
        .routes(routes!(drain))
        .routes(routes!(rejoin))
        .routes(routes!(remove))
        .routes(routes!(set_replicas))
        .routes(routes!(moves::move_venue, moves::read_move))
        .routes(routes!(promoting::promote_venue))
        .routes(routes!(promoting::promote_node))
        .routes(routes!(conflicts::read_conflicts))
        .routes(routes!(conflicts::settle))
        .routes(routes!(conflicts::judge))
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ReadQuery {
    /// How many venues to list: 0 to 100,000, 200 unless it is said.
    venues: Option<usize>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct PlanQuery {
    /// Says what would happen, and does nothing.
    #[serde(default)]
    plan: bool,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct RemovalQuery {
    /// Says what would happen, and does nothing.
    #[serde(default)]
    plan: bool,
    /// Removes a node that is alive, too.
    #[serde(default)]
    force: bool,
}

/// A token that is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    /// For how long it can be used, in seconds: as long as the settings say, unless it is said.
    #[schema(example = 3600)]
    lifetime_seconds: Option<u64>,
}

/// Who is to hold a group's replicas.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplicasForm {
    /// Numbers or names of nodes; the first is home when all is well.
    #[schema(example = json!(["n2", "n1", "n3"]))]
    nodes: Vec<String>,
}

/// What the path calls a node or a group.
struct Named(String);

impl FromRequestParts<App> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let named = Path::<String>::from_request_parts(parts, app).await;
        named.map(|Path(name)| Self(name)).map_err(|_garbage| Problem::new(kinds::NOT_FOUND))
    }
}

/// Read how the cluster does
///
/// Its nodes, groups, venues and news, as the node that you ask sees them; the details of a group come from its home.
/// Takes the role `operator`, as everything here.
#[utoipa::path(
    get, path = paths::CLUSTER, tag = "cluster", params(ReadQuery),
    responses((status = 200, description = "The cluster", body = ClusterBody)),
)]
async fn read(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ReadQuery>,
) -> Result<axum::Json<ClusterBody>, Problem> {
    caller.require(Role::Operator)?;
    let venues = query.venues.unwrap_or(VENUES_USUAL);
    if venues > VENUES_MAX {
        return Err(Problem::new(kinds::INVALID_QUERY)
            .detail(format!("venues: {venues} is not a number from 0 to {VENUES_MAX}")));
    }
    Ok(axum::Json(gather(&app, venues).await))
}

/// Let a node join
///
/// Makes a token that one node can join with, once and for a while: `marquee cluster join ADDRESS --token TOKEN`. It is
/// told once; a repeated request makes another.
#[utoipa::path(
    post, path = paths::CLUSTER_TOKENS, tag = "cluster", params(PlanQuery), request_body = TokenForm,
    responses((status = 200, description = "The token", body = TokenBody)),
)]
async fn issue_token(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PlanQuery>,
    Json(form): Json<TokenForm>,
) -> Result<axum::Json<TokenBody>, Problem> {
    let by = *caller.require(Role::Operator)?;
    let net = net(&app)?;
    let usual = app.settings.cluster.trust.token_lifetime;
    let lifetime = form.lifetime_seconds.map_or(usual, Duration::from_secs);
    if lifetime.is_zero() || lifetime > TOKEN_LIFETIME_MAX {
        let days = TOKEN_LIFETIME_MAX.as_secs() / 86_400;
        return Err(Problem::invalid(
            "/lifetime_seconds",
            &format!("must be from 1 to those of {days} days"),
        ));
    }
    let expires_ms = app.home.now_ms() + u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
    let mut body =
        TokenBody { token: None, expires_at: instant(expires_ms), address: net.address.to_string() };
    if !query.plan {
        let fingerprint = net.belonging.authority().fingerprint();
        let token = JoinToken::generate(fingerprint).map_err(|error| Problem::internal(&error))?;
        let command = Command::IssueToken { hash: token.secret_hash(), expires_ms };
        app.home.directory(None, command).await??;
        tracing::info!(account = %by.account, until = body.expires_at, "an operator lets a node join");
        body.token = Some(token.to_string());
    }
    Ok(axum::Json(body))
}

/// Drain a node
///
/// It gets no more work, and what it is home of goes to other replicas. Its own replicas stay, so that it can be stopped
/// for a while.
#[utoipa::path(
    post, path = paths::NODE_DRAIN, tag = "cluster",
    params(("id" = String, Path, description = "The node's number or name"), PlanQuery),
    responses((status = 200, description = "What comes of it", body = ChangeBody)),
)]
async fn drain(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    key: Idempotency,
    Query(query): Query<PlanQuery>,
) -> Result<axum::Json<ChangeBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let node = office.node(&name)?;
    let plan = office.plan(|situation| situation.drain(node))?;
    let command = Command::SetStatus { node, status: NodeStatus::Draining };
    office.decide(&plan, query.plan, &key, command, "an operator drains a node").await
}

/// Let a drained node work again
///
/// Its homes come back to it once it has caught up.
#[utoipa::path(
    post, path = paths::NODE_REJOIN, tag = "cluster",
    params(("id" = String, Path, description = "The node's number or name"), PlanQuery),
    responses((status = 200, description = "What comes of it", body = ChangeBody)),
)]
async fn rejoin(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    key: Idempotency,
    Query(query): Query<PlanQuery>,
) -> Result<axum::Json<ChangeBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let node = office.node(&name)?;
    let plan = office.plan(|situation| situation.rejoin(node))?;
    let command = Command::SetStatus { node, status: NodeStatus::Active };
    office.decide(&plan, query.plan, &key, command, "an operator lets a node work again").await
}

/// Remove a node for good
///
/// For a node that is lost, or was drained and stopped. Its replicas are made anew elsewhere, and its number is never used
/// again.
#[utoipa::path(
    post, path = paths::NODE_REMOVAL, tag = "cluster",
    params(("id" = String, Path, description = "The node's number or name"), RemovalQuery),
    responses((status = 200, description = "What comes of it", body = ChangeBody)),
)]
async fn remove(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    key: Idempotency,
    Query(query): Query<RemovalQuery>,
) -> Result<axum::Json<ChangeBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let node = office.node(&name)?;
    let plan = office.plan(|situation| situation.remove(node, query.force))?;
    let command = Command::SetStatus { node, status: NodeStatus::Removed };
    office.decide(&plan, query.plan, &key, command, "an operator removes a node").await
}

/// Name a group's replicas
///
/// Those that are missing are copied from the home before others are dropped; the group goes on selling.
#[utoipa::path(
    put, path = paths::GROUP_REPLICAS, tag = "cluster", request_body = ReplicasForm,
    params(("id" = String, Path, description = "The group's number"), PlanQuery),
    responses((status = 200, description = "What comes of it", body = ChangeBody)),
)]
async fn set_replicas(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    key: Idempotency,
    Query(query): Query<PlanQuery>,
    Json(form): Json<ReplicasForm>,
) -> Result<axum::Json<ChangeBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let number = name.strip_prefix('g').unwrap_or(&name);
    let group = number.parse().map(GroupId).map_err(|_garbage| Problem::new(kinds::UNKNOWN_GROUP))?;
    let mut replicas = Vec::with_capacity(form.nodes.len());
    for (nth, node) in form.nodes.iter().enumerate() {
        let place =
            |problem: Problem| problem.error(format!("/nodes/{nth}"), format!("there is no node {node:?}"));
        replicas.push(office.node(node).map_err(place)?);
    }
    let plan = office.plan(|situation| situation.set_replicas(group, &replicas))?;
    let command = Command::SetReplicas { group, replicas };
    office.decide(&plan, query.plan, &key, command, "an operator names a group's replicas").await
}

fn net(app: &App) -> Result<&Arc<Net>, Problem> {
    app.net.as_ref().ok_or_else(|| Problem::new(kinds::NO_CLUSTER))
}

/// An operator's decision, as far as it has come.
struct Office<'a> {
    app: &'a App,
    by: Signed,
    net: &'a Arc<Net>,
    view: Arc<View>,
}

impl<'a> Office<'a> {
    fn open(app: &'a App, caller: &Caller) -> Result<Self, Problem> {
        let by = *caller.require(Role::Operator)?;
        Ok(Self { app, by, net: net(app)?, view: app.home.commons().views.now() })
    }

    /// The node that somebody calls `n2`, `2`, or by its name.
    fn node(&self, called: &str) -> Result<NodeId, Problem> {
        let number = called.strip_prefix('n').unwrap_or(called).parse().map(NodeId);
        if let Some(node) = number.ok().filter(|node| self.view.nodes().contains_key(node)) {
            return Ok(node);
        }
        let named = self.view.members().find(|node| node.facts.name == called);
        named.map(|node| node.id).ok_or_else(|| Problem::new(kinds::UNKNOWN_NODE))
    }

    fn plan(&self, of: impl FnOnce(&Situation<'_>) -> Result<Plan, Objection>) -> Result<Plan, Problem> {
        self.situated(of)
    }

    fn situated<T>(&self, of: impl FnOnce(&Situation<'_>) -> Result<T, Objection>) -> Result<T, Problem> {
        let courier = &self.app.home.commons().courier;
        let home = |group: &GroupId| Some((*group, courier.home_of(*group)?.0));
        let homes: BTreeMap<_, _> = self.view.groups().keys().filter_map(home).collect();
        let is_there = |node: &NodeId| self.net.liveness(*node).is_some_and(|state| state.is_active());
        let alive: BTreeSet<_> = self.view.nodes().keys().copied().filter(is_there).collect();
        let replicas_wanted = self.app.settings.cluster.replication.replicas.into();
        let situation = Situation { view: &self.view, homes: &homes, alive: &alive, replicas_wanted };
        Ok(of(&situation)?)
    }

    /// Has the directory write the decision down, unless only the plan was wanted.
    async fn decide(
        &self,
        plan: &Plan,
        is_plan: bool,
        key: &Idempotency,
        command: Command,
        what: &str,
    ) -> Result<axum::Json<ChangeBody>, Problem> {
        if !is_plan {
            let told = format!("{command:?}");
            self.app.home.directory(key.key(), command).await??;
            tracing::info!(account = %self.by.account, command = told, "{what}");
        }
        Ok(axum::Json(ChangeBody::new(plan, &self.view, !is_plan)))
    }
}
