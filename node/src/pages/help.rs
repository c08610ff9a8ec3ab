//! `/help`.

use askama::Template;
use axum::response::Response;

use super::visit::{Frame, Here, Visit};
use crate::http::Problem;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
}

/// Answers what people ask.
pub(super) async fn help(visit: Visit) -> Result<Response, Problem> {
    visit.show(&HelpPage { frame: visit.frame(Here::Elsewhere) })
}
