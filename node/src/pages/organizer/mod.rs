//! The organizer's pages.

mod halls;

use axum::Router;
use axum::routing::get;

use crate::http::{App, paths};

/// The organizer's pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(paths::ORGANIZER_HALL_NEW, get(halls::blank))
        .route(paths::ORGANIZER_HALL, get(halls::hall))
        .route(paths::ORGANIZER_KILLS, get(halls::kills))
}
