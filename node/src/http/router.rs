//! The router: every resource's own, the documentation, and what answers when nothing fits.

use axum::http::Method;
use axum::routing::get;
use axum::{Router, middleware};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::IfNoneMatch;
use super::openapi::Encoded;
use super::problem::Problem;
use super::{
    App, accounts, bookings, cluster, docs, events, export, follows, halls, holds, kills, kinds, nearest,
    openapi, paths, performances, plans, reviews, search, seats, sessions, staleness, tickets, venues,
    webhooks,
};
use crate::pages;

/// Everything that the node serves.
///
/// # Errors
/// When the documentation cannot be written, which a test would notice.
pub fn router(app: App) -> Result<Router, serde_json::Error> {
    let (api, document) = api().split_for_parts();
    let document = openapi::complete(&document)?;
    let page = Encoded::new(docs::page(&document), "text/html; charset=utf-8");
    let document = Encoded::new(serde_json::to_vec(&document)?, "application/json");
    let style = Encoded::new(docs::STYLE, "text/css; charset=utf-8");
    let serve = |encoded: Encoded| {
        get(move |has: IfNoneMatch| {
            let answer = encoded.answer(&has);
            async { answer }
        })
    };
    Ok(api
        .layer(middleware::from_fn_with_state(app.clone(), staleness::mark))
        .route(paths::OPENAPI, serve(document))
        .route(paths::DOCS, serve(page))
        .route(paths::DOCS_STYLE, serve(style))
        .merge(pages::router(&app))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(app))
}

/// The API with its documentation: one `router()` per resource.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(health))
        .merge(accounts::router())
        .merge(sessions::router())
        .merge(webhooks::router())
        .merge(events::router())
        .merge(search::router())
        .merge(reviews::router())
        .merge(follows::router())
        .merge(export::router())
        .merge(venues::router())
        .merge(halls::router())
        .merge(plans::router())
        .merge(performances::router())
        .merge(kills::router())
        .merge(seats::router())
        .merge(holds::router())
        .merge(bookings::router())
        .merge(tickets::router())
        .merge(nearest::router())
        .merge(cluster::router())
}

/// Whether the node answers
///
/// For load balancers and scripts that wait for the node.
#[utoipa::path(get, path = paths::HEALTH, tag = "node", responses((status = 204, description = "It does")))]
async fn health() -> axum::http::StatusCode {
    axum::http::StatusCode::NO_CONTENT
}

async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(kinds::METHOD_NOT_ALLOWED).detail(format!("{method} is not one of the resource's methods"))
}
