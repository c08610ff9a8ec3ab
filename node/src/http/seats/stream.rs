//! Live seats: server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use marquee_ledger::PerformanceId;
use serde::Deserialize;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::json;
use crate::http::extract::{Id, Query};
use crate::http::problem::Problem;
use crate::http::{App, kinds, paths};
use crate::selling::live::{News, SeatWatch};

const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How soon a browser comes back after its stream ended.
const RETRY: &[u8] = b"retry: 1000\n\n";
const LAST_EVENT_ID: &str = "last-event-id";

#[derive(Debug, Deserialize)]
pub(crate) struct StreamQuery {
    after: Option<u64>,
}

/// Watch a performance's seats
///
/// Server-sent events; the id of each is its `seq`. First comes `snapshot` with `{"seq", "seats": "ffhb…", "areas":
/// [free, …]}`, one letter for each seat (the number in its id after the dash): `f`ree, `h`eld, `b`ooked, `k`illed. Then
/// `seats` with `{"seq", "seats": [[number, letter], …], "areas": [[number, free], …]}`. A client that comes back with
/// `Last-Event-ID` goes on where it was, if what happened since is still known. After `reset` the stream ends: load the
/// map again and come back.
#[utoipa::path(
    get, path = paths::PERFORMANCE_SEATS_STREAM, tag = "selling",
    params(
        ("id" = String, Path, description = "The performance"),
        ("last-event-id" = Option<u64>, Header, description = "The `seq` of the last event received"),
        ("after" = Option<u64>, Query, description = "As Last-Event-ID, for a client that has the map of that `seq`"),
    ),
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = String)),
)]
pub(crate) async fn stream(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    Query(query): Query<StreamQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let selling = &app.selling;
    let unknown = || Problem::not_found("performance");
    selling.performance(id).ok_or_else(unknown)?;
    let max = app.settings.limits.streams as usize;
    let mut watch = selling.watch_seats(id, max).ok_or_else(|| {
        Problem::new(kinds::OVERLOADED)
            .detail("too many people watch seats just now")
            .retry_after(Duration::from_secs(5))
    })?;
    let mut first = VecDeque::from([Bytes::from_static(RETRY)]);
    // Read after the watch began, so that nothing falls between.
    let current = selling.sold(id)?.ok_or_else(unknown)?.seq;
    let last = headers.get(LAST_EVENT_ID).and_then(|last| last.to_str().ok()?.trim().parse().ok());
    let is_resumed = last.or(query.after).is_some_and(|after| watch.resume(after, current));
    if !is_resumed {
        let base = selling.begin_watch(id, &mut watch).await?.ok_or_else(unknown)?;
        first.push_back(base.encoded(json::snapshot));
    }
    let mut keep_alive = tokio::time::interval(KEEP_ALIVE);
    keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    keep_alive.reset();
    let state = Events { first, watch, keep_alive, stopping: app.stopping.clone() };
    let events = futures_util::stream::unfold(state, |mut state| async {
        let event = state.next().await?;
        Some((Ok::<_, Infallible>(event), state))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies that collect answers before they pass them on are asked not to.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

struct Events {
    first: VecDeque<Bytes>,
    watch: SeatWatch,
    keep_alive: Interval,
    stopping: CancellationToken,
}

impl Events {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.pop_front() {
            return Some(first);
        }
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => None,
            news = self.watch.next() => match news? {
                News::Seats(event) => Some(event.encoded(json::changes)),
                News::Reset => Some(json::reset(self.watch.seen())),
            },
            _tick = self.keep_alive.tick() => Some(Bytes::from_static(b":\n\n")),
        }
    }
}
