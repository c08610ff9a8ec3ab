//! The sandbox's paths: extract, one call into the book, convert.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    Faults,
    book::constant_time_eq,
    faults::Fault,
    page,
    records::{KEY_BYTES_MAX, NewIntent, NewRefund, Rejection},
    server::Shared,
    wire::{CaptureBody, ErrorBody, Failure, IntentBody, List, RefundBody},
};

const BODY_BYTES_MAX: usize = 64 * 1024;
const EVENTS_LISTED_MAX: usize = 1_000;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/v1/intents", post(charge).get(intents_of))
        .route("/v1/intents/{id}", get(intent))
        .route("/v1/intents/{id}/capture", post(capture))
        .route("/v1/intents/{id}/cancel", post(cancel))
        .route("/v1/refunds", post(refund))
        .route("/v1/refunds/{id}", get(refund_status))
        .route("/v1/events", get(events))
        .layer(from_fn_with_state(Arc::clone(&shared), spoil));
    let control = Router::new()
        .route("/control/intents/{id}/complete", post(complete))
        .route("/control/faults", post(set_faults))
        .route("/control/stats", get(stats));
    api.merge(control)
        .layer(from_fn_with_state(Arc::clone(&shared), authorize))
        .merge(page::router())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(shared)
}

async fn charge(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: IntentBody = match parse(&body) {
        Ok(body) => body,
        Err(response) => return response,
    };
    let result = idempotency_key(&headers).and_then(|key| {
        let new = NewIntent::parse(body)?;
        shared.with_book(|book, now_ms| book.charge(now_ms, key, new))
    });
    answer(result)
}

#[derive(Deserialize)]
struct OfOrder {
    order: String,
}

async fn intents_of(State(shared): State<Arc<Shared>>, Query(of): Query<OfOrder>) -> Response {
    Json(List { data: shared.with_book(|book, _| book.intents_of(&of.order)) }).into_response()
}

async fn intent(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    answer(shared.with_book(|book, _| book.intent(&id)))
}

async fn capture(State(shared): State<Arc<Shared>>, Path(id): Path<String>, body: Bytes) -> Response {
    let body: CaptureBody = match if body.is_empty() { Ok(CaptureBody::default()) } else { parse(&body) } {
        Ok(body) => body,
        Err(response) => return response,
    };
    answer(shared.with_book(|book, now_ms| book.capture(now_ms, &id, body.amount_minor)))
}

async fn cancel(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    answer(shared.with_book(|book, now_ms| book.cancel(now_ms, &id)))
}

async fn refund(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: RefundBody = match parse(&body) {
        Ok(body) => body,
        Err(response) => return response,
    };
    let result = idempotency_key(&headers).and_then(|key| {
        let new = NewRefund::parse(body)?;
        shared.with_book(|book, now_ms| book.refund(now_ms, key, new))
    });
    answer(result)
}

async fn refund_status(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    answer(shared.with_book(|book, _| book.refund_status(&id)))
}

#[derive(Deserialize)]
struct EventsQuery {
    after: Option<String>,
    limit: Option<usize>,
}

async fn events(State(shared): State<Arc<Shared>>, Query(query): Query<EventsQuery>) -> Response {
    let limit = query.limit.unwrap_or(100).min(EVENTS_LISTED_MAX);
    let events = shared.with_book(|book, _| book.events_after(query.after.as_deref(), limit));
    Json(List { data: events.iter().map(AsRef::as_ref).collect::<Vec<_>>() }).into_response()
}

async fn complete(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    answer(shared.with_book(|book, now_ms| book.complete(now_ms, &id, true)))
}

async fn set_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    match parse::<Faults>(&body) {
        Ok(faults) => {
            *shared.faults.lock() = faults;
            StatusCode::NO_CONTENT.into_response()
        }
        Err(response) => response,
    }
}

async fn stats(State(shared): State<Arc<Shared>>) -> Response {
    Json(shared.with_book(|book, _| book.stats)).into_response()
}

/// Lets only those pass who present the API key.
async fn authorize(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let presented = request.headers().get(header::AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    if constant_time_eq(presented, shared.authorization.expose().as_bytes()) {
        next.run(request).await
    } else {
        error(StatusCode::UNAUTHORIZED, "unauthorized", "Present the API key as a bearer token.")
    }
}

/// Carries out the faults that were asked for.
async fn spoil(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (latency, fault) = {
        let mut faults = shared.faults.lock();
        (faults.latency(), faults.take())
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let unavailable = || error(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "A fault was asked for.");
    match fault {
        Fault::None => next.run(request).await,
        Fault::Unavailable => unavailable(),
        Fault::RateLimited => {
            let answer = error(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "A fault was asked for.");
            ([(header::RETRY_AFTER, "1")], answer).into_response()
        }
        Fault::AnswerLost => {
            next.run(request).await;
            unavailable()
        }
        Fault::Hang => {
            next.run(request).await;
            // The caller's deadline closes the connection and drops this; a stop of the server must not wait for it.
            shared.stopping.cancelled().await;
            unavailable()
        }
    }
}

pub(super) fn answer(result: Result<impl Serialize, Rejection>) -> Response {
    match result {
        Ok(view) => Json(view).into_response(),
        Err(rejection) => error(rejection.status(), rejection.code(), rejection.to_string()),
    }
}

fn error(status: StatusCode, code: &str, message: impl Into<String>) -> Response {
    let error = Failure { code: code.to_owned(), message: message.into() };
    (status, Json(ErrorBody { error })).into_response()
}

#[expect(clippy::result_large_err, reason = "the error is the response, on its way out")]
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    serde_json::from_slice(body)
        .map_err(|problem| error(StatusCode::BAD_REQUEST, "malformed", problem.to_string()))
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, Rejection> {
    headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok())
        .filter(|key| !key.is_empty() && key.len() <= KEY_BYTES_MAX)
        .ok_or(Rejection::InvalidKey)
}
