//! Search, suggestions and the feed. Any node answers from its own index.

pub(crate) mod asked;
pub(crate) mod body;
mod feed;
mod index;

use axum::Extension;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use jiff::Timestamp;
use marquee_search::query::{Refusal, SearchError};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use feed::{FeedRequest, feed_of};

use self::asked::{Asked, Asker, Sought, near_of};
use self::body::{SearchBody, SuggestBody};
use super::extract::{Caller, Client, IfNoneMatch, Query};
use super::problem::Problem;
use super::shared_cache::{Lists, encoded_private};
use super::{App, kinds, paths};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(suggest))
        .layer(Extension(Lists::new()))
        .merge(feed::router())
        .merge(index::router())
}

/// Search
///
/// Finds events, venues, performers and help by what people type: words in any order, with typing errors, beginnings of
/// words, phrases in quotes; and places, days and prices, as in `jazz near 60601 this weekend under $50`. What was
/// understood is told; a parameter wins over what the text says. Events are told once, with the performance that fits best.
#[utoipa::path(
    get, path = paths::SEARCH, tag = "catalog", params(Asked),
    responses((status = 200, description = "A page of results", body = SearchBody)),
)]
async fn search(
    State(app): State<App>,
    Extension(lists): Extension<Lists>,
    caller: Caller,
    Client(address): Client,
    uri: Uri,
    has: IfNoneMatch,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let asker = Asker::find(&app, caller.account_id(), address).await;
    let sought = Sought::read(&app, &asked, &asker)?;
    // Who says where they are, or does not need to, shares the answer with everybody who asks the same.
    match sought.is_shared {
        true => lists.answer_by(&app, app.finder.generation(), &uri, &has, answer(&app, sought)).await,
        false => encoded_private(&answer(&app, sought).await?),
    }
}

/// What is found, as it is told.
pub(crate) async fn answer(app: &App, sought: Sought) -> Result<SearchBody, Problem> {
    let (query, wants_free) = (sought.query, sought.wants_free);
    let zone = query.zone.clone();
    let availability = body::Availability::new(app);
    let found = app
        .finder
        .run(move |index| {
            let is_free = |key, start| availability.is_free(key, start);
            index.search(&query, wants_free.then_some(&is_free as marquee_search::IsAvailable<'_>))
        })
        .await
        .ok_or_else(stopping)?
        .map_err(refused)?;
    Ok(SearchBody::new(app, found, &zone))
}

/// What somebody has typed so far.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Typed {
    /// The beginning of a name.
    #[param(example = "ham")]
    q: Option<String>,
    /// Where somebody is, as `40.7,-74.0`: what is nearer comes first.
    near: Option<String>,
}

/// Suggest as one types
///
/// Names of events, performers, venues, cities and genres that begin like the text, or nearly; at most ten.
#[utoipa::path(
    get, path = paths::SUGGEST, tag = "catalog", params(Typed),
    responses((status = 200, description = "What may be meant", body = SuggestBody)),
)]
async fn suggest(
    State(app): State<App>,
    Extension(lists): Extension<Lists>,
    uri: Uri,
    has: IfNoneMatch,
    Query(typed): Query<Typed>,
) -> Result<Response, Problem> {
    let near = near_of(&typed.near)?;
    let text = typed.q.unwrap_or_default();
    let now = Timestamp::now();
    let make = async {
        let found = app.finder.run(move |index| index.suggest(&text, near, now)).await;
        Ok(SuggestBody::new(found.ok_or_else(stopping)?.map_err(refused)?))
    };
    lists.answer_by(&app, app.finder.generation(), &uri, &has, make).await
}

fn stopping() -> Problem {
    Problem::new(kinds::STOPPING)
}

/// What a search that has no results means to who asked.
pub(crate) fn refused(error: SearchError) -> Problem {
    let detail = error.to_string();
    let of = |parameter: &str| super::venues::strange(parameter, &detail);
    match error {
        SearchError::Index(failed) => Problem::internal(&failed),
        SearchError::Refused(refusal) => match refusal {
            Refusal::Text(_) => of("q"),
            Refusal::UnknownZip(unknown) => {
                let near: Vec<_> = unknown.near.iter().map(ToString::to_string).collect();
                Problem::new(kinds::UNKNOWN_ZIP).detail(detail).with("near", near)
            }
            Refusal::NowhereZip(_) => of("zip"),
            Refusal::Radius => of("radius_km"),
            Refusal::Dates => of("to"),
            Refusal::Cursor => Problem::new(kinds::INVALID_CURSOR),
            Refusal::SortWithoutPlace => of("sort"),
        },
    }
}
