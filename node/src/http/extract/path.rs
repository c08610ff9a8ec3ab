//! What stands in paths, and how long a client wants to wait.

use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::http::App;
use crate::http::problem::{Named, Problem};

/// The id in the path's `{id}`. Text that is no id names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: Named + FromStr> FromRequestParts<App> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let unknown = || Problem::not_found(T::WHAT);
        let Path(text) = Path::<String>::from_request_parts(parts, app).await.map_err(|_none| unknown())?;
        text.parse().map(Self).map_err(|_no_id| unknown())
    }
}

/// The `Prefer: wait=SECONDS` of RFC 7240. What is not understood is passed over, as that document wants it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prefer {
    /// How long the client wants to wait at the most.
    wait: Option<Duration>,
}

impl Prefer {
    /// How long to wait: what the client prefers, or else `usual`; never more than `longest`.
    pub(crate) fn wait(self, usual: Duration, longest: Duration) -> Duration {
        self.wait.unwrap_or(usual).min(longest)
    }
}

impl FromRequestParts<App> for Prefer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Infallible> {
        let headers = parts.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let mut preferences = headers.flat_map(|value| value.split([',', ';']));
        let wait = preferences.find_map(|preference| {
            let (name, value) = preference.split_once('=')?;
            name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().parse().ok())?
        });
        Ok(Self { wait: wait.map(Duration::from_secs) })
    }
}
