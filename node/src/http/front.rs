//! What every request passes once, before the router and after it.
//!
//! These are plain steps in one future instead of a tower of layers: the hot path pays for one boxed future (the
//! router's), one map of extensions and one request id.

use std::any::Any;
use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tower::Service;
use tower_http::CompressionLevel;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{Compression, CompressionBody};
use tracing::Instrument;

use super::dispatch::dispatch;
use super::houses::{House, Houses};
use super::problem::Problem;
use super::{App, kinds, siblings};

/// Bodies below this many bytes fit a packet anyway.
const COMPRESS_BYTES_MIN: u64 = 1_024;
/// Pages have their style with them: at this level most of them fit into what a server sends before it waits for the
/// client, and it takes a few tenths of a millisecond.
const COMPRESSION: CompressionLevel = CompressionLevel::Precise(4);
/// A request id that a client sends is taken over up to this length.
const REQUEST_ID_BYTES_MAX: usize = 64;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// For everything but pages, should a browser show it as a page.
const DATA_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The address that a request counts for; found in its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The body of an answer.
pub(crate) type AnswerBody = CompressionBody<Body>;

/// What answers requests: the front with the router behind it.
pub(crate) trait Answers:
    Service<Request, Response = Response<AnswerBody>, Error = Infallible, Future: Send + 'static>
    + Clone
    + Send
    + 'static
{
}

impl<S> Answers for S where
    S: Service<Request, Response = Response<AnswerBody>, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + 'static
{
}

/// The houses behind the front. The request's [`Peer`] is the other end of its connection; the front corrects it if
/// that is a trusted proxy.
pub(crate) fn service(front: House, houses: Arc<Houses>) -> impl Answers {
    let worth_it =
        SizeAbove::new(COMPRESS_BYTES_MIN).and(NotForContentType::SSE).and(NotForContentType::IMAGES);
    let answer = tower::service_fn(move |request| {
        let (front, houses) = (front.clone(), Arc::clone(&houses));
        async move { Ok(answer(&front, &houses, request).await) }
    });
    Compression::new(answer).quality(COMPRESSION).compress_when(worth_it)
}

async fn answer(front: &House, houses: &Arc<Houses>, mut request: Request) -> Response {
    let app = &front.app;
    let id = request_id(request.headers());
    let forwarded = request.headers().get(X_FORWARDED_FOR);
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    let client = app.limits.client(peer, forwarded);
    if client != peer {
        request.extensions_mut().insert(Peer(client));
    }
    let origin = app.siblings.origin(&app.geo, request.headers());
    let started = Instant::now();
    let span = tracing::debug_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path(),
        %client,
    );
    let answered = async {
        let standing = match app.limits.request(client) {
            Ok(standing) => standing,
            Err(problem) => return problem.into_response(),
        };
        let preflight =
            origin.as_ref().and_then(|_origin| siblings::preflight(request.method(), request.headers()));
        let mut response = match preflight {
            Some(response) => response,
            None => handled(front, houses, request).await,
        };
        if let Some((policy, standing)) = standing.and_then(|standing| standing.headers()) {
            response.headers_mut().insert(RATE_LIMIT_POLICY, policy);
            response.headers_mut().insert(RATE_LIMIT, standing);
        }
        tracing::debug!(status = response.status().as_u16(), elapsed = ?started.elapsed(), "answered");
        response
    };
    let mut response = answered.instrument(span).await;
    let is_kept = response.status() == StatusCode::NOT_MODIFIED;
    finish(app, response.headers_mut(), is_kept, id);
    if app.siblings.exist(&app.geo) {
        // A cache in between must not hand one origin's answer to another.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = origin {
        siblings::allow(response.headers_mut(), origin);
    }
    response
}

/// The handler's answer; or the problem that it took too long, or broke.
async fn handled(front: &House, houses: &Arc<Houses>, request: Request) -> Response {
    // A handler that panics has neither locks of ours (they do not poison) nor half-done writes: those are commands.
    let handler = AssertUnwindSafe(dispatch(front, houses, request)).catch_unwind();
    match tokio::time::timeout(front.app.settings.limits.request_timeout, handler).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(panic = words(&*panic), "a handler panicked");
            Problem::new(kinds::INTERNAL).into_response()
        }
        Err(_elapsed) => Problem::new(kinds::TIMED_OUT).into_response(),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no words")
}

/// Says what browsers may do with an answer.
fn finish(app: &App, headers: &mut HeaderMap, is_kept: bool, id: HeaderValue) {
    headers.insert(X_REQUEST_ID, id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_kept {
        // Its headers replace those of the answer that the browser kept, which has the right policy.
        return;
    }
    let content = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    if content.starts_with(b"text/html") {
        let policy = app.siblings.page_policy(&app.geo).unwrap_or(DATA_POLICY);
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        headers.insert(
            "permissions-policy",
            HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
        );
    } else {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(DATA_POLICY);
    }
    // What does not say that it may be kept is somebody's own.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if app.settings.http.is_https() {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
}

/// The client's own id if it is fit for logs, else one of ours: random at the start of the process, then counted.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static START: std::sync::LazyLock<u64> =
        std::sync::LazyLock::new(|| u64::from_be_bytes(crate::keys::random()));
    if let Some(id) = headers.get(X_REQUEST_ID) {
        let fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        if (1..=REQUEST_ID_BYTES_MAX).contains(&id.len()) && id.as_bytes().iter().all(fit) {
            return id.clone();
        }
    }
    let number = START.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    // Hexadecimal digits are fit for a header.
    HeaderValue::try_from(format!("{number:016x}")).unwrap_or(HeaderValue::from_static("0"))
}
