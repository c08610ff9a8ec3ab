//! Who looks at a page.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::caller::{Caller, Signed};
use crate::http::App;
use crate::http::kinds;
use crate::http::problem::Problem;

/// Who looks at a page: the account that its cookies prove, or a guest, who always has a visitor's cookie. Only behind
/// the layer [`page_session::keep`](crate::http::page_session::keep).
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageCaller(Caller);

impl PageCaller {
    pub(crate) const fn new(caller: Caller) -> Self {
        Self(caller)
    }

    /// Who it is, as services know it.
    pub(crate) const fn caller(&self) -> &Caller {
        &self.0
    }

    /// The account; none for guests.
    pub(crate) fn signed(&self) -> Option<&Signed> {
        self.0.account().ok()
    }
}

impl FromRequestParts<App> for PageCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| {
            tracing::error!(
                path = parts.uri.path(),
                "a page does not stand behind the layer that reads cookies"
            );
            Problem::new(kinds::INTERNAL)
        })
    }
}
