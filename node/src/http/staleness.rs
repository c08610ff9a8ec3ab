//! How old what this node knows is, when it is cut off from where things are decided.
//!
//! Lists and details are answered from this node's copy, which the feed keeps current within a moment. When the homes of
//! others have not been heard for longer than that, the answers say so: programs read `Age` (RFC 9111) and `Warning`,
//! people a banner. A request that is answered from a replica since nobody is home says the same.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::{App, dispatch};
use crate::directory::DIRECTORY;

/// News that are no older are current.
const CURRENT: Duration = Duration::from_secs(5);
/// A request waits so long for a home before it is answered without.
const WAITED: Duration = Duration::from_secs(2);
/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The age of the oldest news, looked at now and then.
pub struct Staleness {
    since: Instant,
    seen: Mutex<Option<(Instant, Duration)>>,
}

impl Default for Staleness {
    fn default() -> Self {
        Self { since: Instant::now(), seen: Mutex::new(None) }
    }
}

impl Staleness {
    /// How long the node has run.
    #[must_use]
    pub fn since_start(&self) -> Duration {
        self.since.elapsed()
    }

    fn oldest(&self, look: impl FnOnce() -> Duration) -> Duration {
        let mut seen = self.seen.lock();
        match *seen {
            Some((at, age)) if at.elapsed() < LOOK => age,
            Some(_) | None => {
                let age = look();
                *seen = Some((Instant::now(), age));
                age
            }
        }
    }
}

/// For how long this node has known nothing newer; none when it is current.
pub(crate) fn behind(app: &App) -> Option<Duration> {
    let oldest = app.staleness.oldest(|| oldest_news(app));
    if dispatch::is_stale() {
        return Some(oldest.max(WAITED));
    }
    (oldest > CURRENT).then_some(oldest)
}

/// The age of the oldest news of those groups that have something to tell.
fn oldest_news(app: &App) -> Duration {
    let commons = app.home.commons();
    let Some(feed) = commons.spread.feed() else { return Duration::ZERO };
    let view = commons.views.now();
    let index = commons.copy.read();
    let telling: BTreeSet<_> = index
        .venues_all()
        .map(|venue| view.group_of_venue(venue.id.owner()))
        .chain(std::iter::once(DIRECTORY))
        .collect();
    drop(index);
    let others = telling.into_iter().filter(|group| !commons.courier.is_home(*group));
    let age = |group| feed.staleness(group).unwrap_or_else(|| app.staleness.since_start());
    others.map(age).max().unwrap_or_default()
}

/// Says in the answer how old it may be.
pub(crate) async fn mark(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_read = request.method().is_safe();
    let is_copy = is_read && is_answered_from_the_copy(request.uri().path());
    let mut response = next.run(request).await;
    if is_read
        && (is_copy || dispatch::is_stale())
        && let Some(age) = behind(&app)
    {
        let headers = response.headers_mut();
        headers.insert(header::AGE, HeaderValue::from(age.as_secs()));
        headers.insert(dispatch::WARNING, dispatch::STALE);
    }
    response
}

fn is_answered_from_the_copy(path: &str) -> bool {
    let resource = path.strip_prefix("/v1/").and_then(|rest| rest.split('/').next());
    resource.is_some_and(|resource| {
        matches!(resource, "events" | "movies" | "venues" | "theaters" | "halls" | "performances")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_details_are_answered_from_the_copy() {
        for path in ["/v1/events", "/v1/movies/evt_1/details", "/v1/performances/prf_1"] {
            assert!(is_answered_from_the_copy(path), "{path}");
        }
        for path in ["/v1/cluster", "/v1/bookings/ord_1", "/events/evt_1", "/v1", "/health"] {
            assert!(!is_answered_from_the_copy(path), "{path}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_age_is_looked_at_once_a_second() {
        let staleness = Staleness::default();
        assert_eq!(staleness.oldest(|| Duration::from_secs(7)), Duration::from_secs(7));
        assert_eq!(staleness.oldest(|| Duration::from_secs(9)), Duration::from_secs(7));
        tokio::time::advance(LOOK).await;
        assert_eq!(staleness.oldest(|| Duration::from_secs(9)), Duration::from_secs(9));
        assert_eq!(staleness.since_start(), LOOK);
    }
}
