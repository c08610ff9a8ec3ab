//! `/language`: the visitor chooses the language of the pages.

use axum::http::header;
use axum::response::Response;
use serde::Deserialize;

use super::visit::{Posted, Visit, go_to, local};
use crate::http::{Problem, cookies};
use crate::texts::Language;

/// The form below every page.
#[derive(Debug, Deserialize)]
pub(super) struct LanguageForm {
    lang: String,
    /// The page to go back to.
    #[serde(default)]
    back: String,
}

/// Remembers the language, and shows the page again.
pub(super) async fn choose(visit: Visit, posted: Posted<LanguageForm>) -> Result<Response, Problem> {
    let language = Language::by_tag(&posted.form.lang)
        .ok_or_else(|| Problem::invalid("/lang", "choose one of the languages shown"))?;
    let mut response = go_to(local(&posted.form.back));
    let cookie = cookies::language(&visit.app, language.tag());
    response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok(response)
}
