//! The index itself, for operators.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::accounts::Role;
use crate::finding::Standing;
use crate::http::extract::Caller;
use crate::http::problem::Problem;
use crate::http::{App, paths};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(standing)).routes(routes!(rebuild))
}

/// Where a node's search index stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchIndex)]
struct IndexBody {
    /// The node that answers.
    node: String,
    /// How many documents it holds.
    documents: u64,
    /// How many bytes its files take.
    bytes: Option<u64>,
    /// How often it was committed since the node started.
    commits: u64,
    /// What is under way.
    progress: Option<ProgressBody>,
}

/// How far a rebuild or a comparison is.
#[derive(Debug, Serialize, ToSchema)]
struct ProgressBody {
    /// `rebuild` or `compare`.
    what: &'static str,
    /// How many events and venues were looked at.
    done: u64,
    /// Of how many.
    total: u64,
}

impl IndexBody {
    fn new(app: &App) -> Self {
        let Standing { documents, bytes, commits, progress } = app.finder.standing();
        let progress = progress.map(|progress| ProgressBody {
            what: if progress.is_rebuild { "rebuild" } else { "compare" },
            done: progress.done,
            total: progress.total,
        });
        Self { node: app.settings.node.name.to_string(), documents, bytes, commits, progress }
    }
}

/// Look at the search index
///
/// That of the node that answers. For operators.
#[utoipa::path(
    get, path = paths::SEARCH_INDEX, tag = "cluster",
    responses((status = 200, description = "Where it stands", body = IndexBody)),
)]
async fn standing(State(app): State<App>, caller: Caller) -> Result<axum::Json<IndexBody>, Problem> {
    caller.require(Role::Operator)?;
    Ok(axum::Json(IndexBody::new(&app)))
}

/// Make the search index anew
///
/// That of the node that answers, from its catalog; what there is goes on serving until it is done. For operators.
#[utoipa::path(
    post, path = paths::SEARCH_REBUILD, tag = "cluster",
    responses((status = 202, description = "It is under way", body = IndexBody)),
)]
async fn rebuild(
    State(app): State<App>,
    caller: Caller,
) -> Result<(StatusCode, axum::Json<IndexBody>), Problem> {
    caller.require(Role::Operator)?;
    app.finder.rebuild();
    Ok((StatusCode::ACCEPTED, axum::Json(IndexBody::new(&app))))
}
