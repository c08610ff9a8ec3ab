//! What an account follows. It is answered at the account's home.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, List};
use super::instant::instant;
use super::problem::Problem;
use super::{App, kinds, paths};
use crate::accounts::{Command, Follow, Followed};
use crate::catalog::copy::CatalogIndex;
use crate::home::Failure;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(follow, unfollow))
}

/// Something that is followed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Follow)]
pub(crate) struct FollowBody {
    /// `event`, `venue` or `performer`.
    #[schema(example = "performer")]
    kind: &'static str,
    /// The event's or venue's id, or the performer's name.
    id: String,
    /// What people read; none of what is gone from the catalog.
    name: Option<String>,
    /// Since when.
    since: String,
}

impl FollowBody {
    pub(crate) fn new(index: &CatalogIndex, follow: Follow) -> Self {
        let since = instant(follow.since_ms);
        let (kind, id, name) = match follow.what {
            Followed::Event(id) => {
                let title = index.event(id).map(|event| event.facts.title.clone());
                ("event", id.to_string(), title)
            }
            Followed::Venue(id) => {
                ("venue", id.to_string(), index.venue(id).map(|venue| venue.facts.name.clone()))
            }
            Followed::Performer(name) => ("performer", name.to_string(), Some(name.to_string())),
        };
        Self { kind, id, name, since }
    }
}

/// List what you follow
#[utoipa::path(
    get, path = paths::FOLLOWS, tag = "accounts",
    responses((status = 200, description = "All of it", body = List<FollowBody>)),
)]
async fn list(State(app): State<App>, caller: Caller) -> Result<axum::Json<List<FollowBody>>, Problem> {
    let by = caller.account()?;
    let follows = app.home.snapshot()?.accounts().follows(by.account).map_err(Failure::from)?;
    let index = app.home.catalog_copy().read();
    let items = follows.into_iter().map(|follow| FollowBody::new(&index, follow)).collect();
    Ok(axum::Json(List::new(items, None::<()>)))
}

/// Follow an event, a venue or a performer
///
/// What you follow comes first in your feed. At most 500.
#[utoipa::path(
    put, path = paths::FOLLOW, tag = "accounts",
    params(
        ("kind" = String, Path, description = "`event`, `venue` or `performer`"),
        ("id" = String, Path, description = "An id, or a performer's name"),
    ),
    responses((status = 204, description = "You follow it")),
)]
async fn follow(
    State(app): State<App>,
    path: Path<(String, String)>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let by = caller.account()?;
    let what = named(&path)?;
    {
        let index = app.home.catalog_copy().read();
        match &what {
            Followed::Event(id) if index.event(*id).is_none() => {
                return Err(Problem::new(kinds::UNKNOWN_EVENT));
            }
            Followed::Venue(id) if index.venue(*id).is_none() => {
                return Err(Problem::new(kinds::UNKNOWN_VENUE));
            }
            Followed::Event(_) | Followed::Venue(_) | Followed::Performer(_) => {}
        }
    }
    app.home.accounts(None, Command::Follow { account: by.account, what }).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Follow something no more
#[utoipa::path(
    delete, path = paths::FOLLOW, tag = "accounts",
    params(
        ("kind" = String, Path, description = "`event`, `venue` or `performer`"),
        ("id" = String, Path, description = "An id, or a performer's name"),
    ),
    responses((status = 204, description = "You do not follow it")),
)]
async fn unfollow(
    State(app): State<App>,
    path: Path<(String, String)>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let by = caller.account()?;
    let what = named(&path)?;
    app.home.accounts(None, Command::Unfollow { account: by.account, what }).await??;
    Ok(StatusCode::NO_CONTENT)
}

fn named(Path((kind, id)): &Path<(String, String)>) -> Result<Followed, Problem> {
    match kind.as_str() {
        "event" => id.parse().map(Followed::Event).map_err(|_no_id| Problem::new(kinds::UNKNOWN_EVENT)),
        "venue" => id.parse().map(Followed::Venue).map_err(|_no_id| Problem::new(kinds::UNKNOWN_VENUE)),
        "performer" => id
            .parse()
            .map(Followed::Performer)
            .map_err(|wrong| Problem::new(kinds::INVALID).detail(format!("the performer {wrong}"))),
        _ => Err(Problem::new(kinds::NOT_FOUND).detail("events, venues and performers can be followed")),
    }
}
