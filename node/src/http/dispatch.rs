//! Brings a request to where it can be answered: to a handler here, or to another node and back.
//!
//! A request that changes something travels with a key, its client's or one made here, so that it can be sent again to a
//! new home when the old one is lost on the way: it is carried out once. When nobody is home, what only reads is answered
//! from this node's own replica, if it has one, and says that it is stale.
//!
//! Whether a handler failed because its node is not home (any more) is noted beside the answer, since pages show problems
//! in many ways: such an answer is thrown away, and the request goes on to the next home.

use std::cell::Cell;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use marquee_replication::GroupId;
use tokio::time::Instant;
use tower::ServiceExt;

use super::distant_maps;
use super::front::Peer;
use super::houses::{House, Houses, answer_at_home, to_response};
use super::kinds;
use super::problem::Problem;
use super::routing::{self, Looked, Place};
use crate::cluster::courier::Lost;
use crate::cluster::errand::{Errand, HttpRequest, Reply};
use crate::cluster::owner::Owner;
use crate::home::Failure;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// RFC 9111 took the field away; its number is still the shortest way to say it.
pub(super) const WARNING: HeaderName = HeaderName::from_static("warning");
pub(super) const STALE: HeaderValue = HeaderValue::from_static("110 - \"Response is Stale\"");
/// What is left of the deadline for telling the client that there is no answer.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How long a request goes to one group before its owner's group is looked up again: it may have moved.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How long a read waits for a home before it is answered from a replica here.
const STALE_AFTER: Duration = Duration::from_secs(2);

/// What became of what a handler asked of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fate {
    /// What the answer says is so.
    #[default]
    Sealed,
    /// The group has its home elsewhere; nothing was done.
    NotHome(GroupId),
    /// It may have been done.
    Unknown,
}

tokio::task_local! {
    static FATE: Cell<Fate>;
    static IS_STALE: ();
}

/// Takes note of a failure while it becomes a problem.
pub(super) fn note(failure: &Failure) {
    let fate = match failure {
        Failure::NotHome { group, .. } => Fate::NotHome(*group),
        Failure::OutcomeUnknown => Fate::Unknown,
        Failure::Overloaded
        | Failure::Stopping
        | Failure::KeyReused
        | Failure::TooLarge
        | Failure::Broken(_)
        | Failure::Store(_) => return,
    };
    // Outside a request nobody wants to know.
    let _ = FATE.try_with(|noted| noted.set(fate));
}

/// Whether the request at hand is answered from a replica that may be behind.
pub(crate) fn is_stale() -> bool {
    IS_STALE.try_with(|&()| ()).is_ok()
}

/// Runs a handler and tells what became of what it asked.
pub(super) async fn watched<T>(handler: impl Future<Output = T>) -> (T, Fate) {
    FATE.scope(Cell::default(), async {
        let answer = handler.await;
        (answer, FATE.with(Cell::get))
    })
    .await
}

/// Answers a request that came to this node.
pub(super) async fn dispatch(front: &House, houses: &Arc<Houses>, request: Request) -> Response {
    if front.app.home.commons().courier.is_lone() {
        return here(front, request).await;
    }
    let (parts, body) = request.into_parts();
    let has_body = routing::reads_body(&parts.method, parts.uri.path());
    if has_body || place(front, &parts, &[]) != Place::Anyone {
        let body = match buffered(front, body).await {
            Ok(body) => body,
            Err(problem) => return problem.into_response(),
        };
        return match place(front, &parts, &body) {
            Place::Anyone => here(front, Request::from_parts(parts, Body::from(body))).await,
            Place::Home(owner) => at_home(front, houses, owner, parts, body).await,
        };
    }
    here(front, Request::from_parts(parts, body)).await
}

/// Answers what its owner's home decides about. Seats are watched here, whoever sells them; their maps are asked for once for
/// many.
async fn at_home(front: &House, houses: &Arc<Houses>, owner: Owner, parts: Parts, body: Bytes) -> Response {
    let commons = front.app.home.commons();
    let group = commons.group(owner, front.app.home.id());
    if parts.method == Method::GET && parts.uri.path().ends_with("/seats/stream") {
        let house = houses.house(group);
        return here(house.as_ref().unwrap_or(front), Request::from_parts(parts, Body::from(body))).await;
    }
    if let Some(performance) = distant_maps::asked_for(&parts)
        && !commons.courier.is_home(group)
    {
        let client = parts.headers.clone();
        let mut parts = parts;
        let ask = |headers| {
            parts.headers = headers;
            travel(front, houses, parts, body)
        };
        return front.app.distant_maps.get(performance, &client, ask).await;
    }
    travel(front, houses, parts, body).await
}

fn place(front: &House, parts: &Parts, body: &[u8]) -> Place {
    let tokens = &front.app.tokens;
    let looked =
        Looked { method: &parts.method, path: parts.uri.path(), headers: &parts.headers, body, tokens };
    routing::place(&looked)
}

async fn here(house: &House, request: Request) -> Response {
    match house.router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn buffered(front: &House, body: Body) -> Result<Bytes, Problem> {
    let bytes_max = front.app.settings.limits.upload.as_usize();
    let collected = Limited::new(body, bytes_max).collect().await;
    collected
        .map(http_body_util::Collected::to_bytes)
        .map_err(|_too_large| Problem::new(kinds::BODY_TOO_LARGE))
}

/// Brings a request to its owner's home, wherever that is and however often it moves meanwhile.
async fn travel(front: &House, houses: &Arc<Houses>, mut parts: Parts, body: Bytes) -> Response {
    let commons = front.app.home.commons();
    let reads = parts.method.is_safe();
    let again = may_repeat(&mut parts, reads);
    let started = Instant::now();
    let deadline = started + front.app.settings.limits.request_timeout.saturating_sub(LAST_WORDS);
    loop {
        let Place::Home(owner) = place(front, &parts, &body) else {
            return Problem::new(kinds::NOT_FOUND).into_response();
        };
        let group = commons.group(owner, front.app.home.id());
        if commons.courier.is_home(group)
            && let Some(house) = houses.house(group)
        {
            match answer_at_home(&house, rebuilt(&parts, &body)).await {
                Ok(response) => return response,
                Err(Fate::Unknown) if !again => return Problem::new(kinds::OUTCOME_UNKNOWN).into_response(),
                Err(_on_the_way) => {}
            }
        }
        let errand = Errand::Http(to_errand(&parts, &body));
        let until = deadline.min(Instant::now() + LOOK_AGAIN);
        match commons.courier.send(group, &errand, until, again).await {
            Ok(carried) => match carried.reply {
                Reply::Http(reply) => return to_response(reply, carried.rest),
                Reply::Overloaded => return Problem::from(Failure::Overloaded).into_response(),
                Reply::Failed(why) => {
                    tracing::error!(%group, why, "a request was not answered by its home");
                    return Problem::new(kinds::INTERNAL).into_response();
                }
                Reply::Answer(_)
                | Reply::Found(_)
                | Reply::NotHome { .. }
                | Reply::Unknown
                | Reply::TooLarge
                | Reply::Elsewhere
                | Reply::Seats
                | Reply::Nothing => return Problem::new(kinds::INTERNAL).into_response(),
            },
            Err(Lost::Unknown) if !again => return Problem::new(kinds::OUTCOME_UNKNOWN).into_response(),
            Err(lost) => {
                if reads
                    && started.elapsed() >= STALE_AFTER
                    && let Some(house) = houses.house(group)
                {
                    return stale(&house, rebuilt(&parts, &body)).await;
                }
                if Instant::now() >= deadline {
                    return match lost {
                        Lost::NobodyHome(_) => Problem::from(Failure::from(lost)).into_response(),
                        Lost::Unknown => Problem::new(kinds::OUTCOME_UNKNOWN).into_response(),
                    };
                }
            }
        }
    }
}

/// Whether the request may be sent more than once. One that changes something gets a key for it, unless it has one; but
/// those that name a version or replace something whole are not repeated: their second answer would be another.
fn may_repeat(parts: &mut Parts, reads: bool) -> bool {
    if reads {
        return true;
    }
    if !matches!(parts.method, Method::POST | Method::DELETE) {
        return false;
    }
    if !parts.headers.contains_key(&IDEMPOTENCY_KEY) {
        let key = u128::from_be_bytes(crate::keys::random());
        // Letters and digits are fit for a header.
        if let Ok(key) = HeaderValue::try_from(format!("node-{key:032x}")) {
            parts.headers.insert(IDEMPOTENCY_KEY, key);
        }
    }
    true
}

/// Answers a read from a replica that may be behind.
async fn stale(house: &House, request: Request) -> Response {
    let mut response = IS_STALE.scope((), here(house, request)).await;
    response.headers_mut().insert(WARNING, STALE);
    response
}

fn rebuilt(parts: &Parts, body: &Bytes) -> Request {
    let mut request = Request::new(Body::from(body.clone()));
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = parts.uri.clone();
    *request.headers_mut() = parts.headers.clone();
    if let Some(peer) = parts.extensions.get::<Peer>() {
        request.extensions_mut().insert(*peer);
    }
    request
}

fn to_errand(parts: &Parts, body: &Bytes) -> HttpRequest {
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), Bytes::copy_from_slice(value.as_bytes())));
    HttpRequest {
        method: parts.method.as_str().to_owned(),
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers.collect(),
        body: body.clone(),
        client: parts.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0),
    }
}
