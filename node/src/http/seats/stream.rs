//! Live seats: server-sent events.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
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
use crate::cluster::owner::Owner;
use crate::http::extract::{Id, Query};
use crate::http::problem::Problem;
use crate::http::{App, kinds, paths};
use crate::selling::live::{Base, News, SeatWatch};

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
    let last = headers.get(LAST_EVENT_ID).and_then(|last| last.to_str().ok()?.trim().parse().ok());
    let (watch, base) = begin(&app, id, last.or(query.after)).await?;
    let mut first = VecDeque::from([Bytes::from_static(RETRY)]);
    first.extend(base.map(|base| base.encoded(json::snapshot)));
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

/// Begins to watch: after what the client has, or with all seats. They come from this node's replica of the venue's group;
/// without one, from its home, which tells this node once for all who watch here.
async fn begin(
    app: &App,
    id: PerformanceId,
    after: Option<u64>,
) -> Result<(SeatWatch, Option<Arc<Base>>), Problem> {
    let unknown = || Problem::not_found("performance");
    let busy = || {
        Problem::new(kinds::OVERLOADED)
            .detail("too many people watch seats just now")
            .retry_after(Duration::from_secs(5))
    };
    let (selling, mirror, max) = (&app.selling, &app.mirror, app.settings.limits.streams as usize);
    selling.performance(id).ok_or_else(unknown)?;
    let is_ours = app.home.commons().group(Owner::Venue(id.owner()), app.home.id()) == app.home.id();
    // The catalog may have heard of a performance before this replica's ledger has come so far: its home knows it.
    let is_here = is_ours && selling.sold(id)?.is_some();
    let watch = if is_here { selling.watch_seats(id, max) } else { mirror.watch_seats(id, max) };
    let mut watch = watch.ok_or_else(busy)?;
    // Read after the watch began, so that nothing falls between.
    let current = if is_here { selling.sold(id)?.map(|sold| sold.seq) } else { mirror.current(id).await? };
    let current = current.ok_or_else(unknown)?;
    if after.is_some_and(|after| watch.resume(after, current)) {
        return Ok((watch, None));
    }
    let base = if is_here {
        selling.begin_watch(id, &mut watch).await?
    } else {
        mirror.begin_watch(id, &mut watch).await?
    };
    Ok((watch, Some(base.ok_or_else(unknown)?)))
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
