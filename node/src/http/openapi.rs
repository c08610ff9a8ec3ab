//! The OpenAPI 3.1 document, made from the handlers that are served.
//!
//! Handlers describe what is particular to them. What is the same for all of them is added here: that anything can be
//! answered with a problem document, how one signs in, and that changes take an `Idempotency-Key`.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::extract::{ETag, IfNoneMatch};
use super::problem::{FieldError, PROBLEM_JSON, ProblemBody};

const DESCRIPTION: &str = "\
Find what is on, pick seats, buy and give back tickets.\n\n\
**Errors** are problem documents (RFC 9457) with a stable `code`; their `detail` says what to do. \
**Changes** take an `Idempotency-Key`: a request that is sent again with the same key gets the first answer. \
**Lists** come in pages: send `next` back as `cursor`. \
**Reads** have an `ETag`; **updates** name it in `If-Match` and fail with 412 if somebody was faster. \
Instants are RFC 3339 in UTC, money is an integer of minor units (cents) with its ISO 4217 currency.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Marquee", description = DESCRIPTION),
    components(schemas(ProblemBody<'_>, FieldError)),
    tags(
        (name = "catalog", description = "Venues, events and performances: what there is to see."),
        (name = "selling", description = "Seats, holds, bookings and tickets."),
        (name = "accounts", description = "Sign up, sign in, and what is known of you."),
        (name = "organizing", description = "For organizers: list, price, cancel and watch."),
        (name = "cluster", description = "For operators: nodes, groups and where venues are decided."),
        (name = "node", description = "The node itself."),
    ),
)]
struct Base;

/// The document before any path was added.
pub(crate) fn base() -> utoipa::openapi::OpenApi {
    Base::openapi()
}

/// A document that is served as it is: encoded once, with its tag.
#[derive(Clone)]
pub(crate) struct Encoded {
    bytes: Bytes,
    tag: ETag,
    content_type: &'static str,
}

impl Encoded {
    pub(crate) fn new(bytes: impl Into<Bytes>, content_type: &'static str) -> Self {
        let bytes = bytes.into();
        let tag = ETag::of(&[&bytes]);
        Self { bytes, tag, content_type }
    }

    /// The document; or, if the client has it, that nothing changed.
    pub(crate) fn answer(&self, has: &IfNoneMatch) -> Response {
        let mut response = has.answer(&self.tag, || {
            ([(header::CONTENT_TYPE, self.content_type)], self.bytes.clone()).into_response()
        });
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        response
    }
}

/// Adds what is the same for all operations.
///
/// # Errors
/// When the document cannot be written as JSON, which a test would notice.
pub(crate) fn complete(document: &utoipa::openapi::OpenApi) -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(document)?;
    document["components"]["securitySchemes"] = json!({
        "access_token": {
            "type": "http", "scheme": "bearer",
            "description": "The access_token of POST /v1/sessions. Guests need none.",
        },
    });
    // Guests may ask; what takes signing in answers 401.
    document["security"] = json!([{}, {"access_token": []}]);
    document["components"]["parameters"]["IdempotencyKey"] = json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "1 to 255 visible characters, best a UUID. The request can be repeated with it.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    });
    let problem = json!({
        "description": "A problem document",
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    document["components"]["responses"]["Problem"] = problem;
    for (method, operation) in operations(&mut document) {
        operation["responses"]["default"] = json!({"$ref": "#/components/responses/Problem"});
        if method == "post" {
            let key = json!({"$ref": "#/components/parameters/IdempotencyKey"});
            match operation["parameters"].as_array_mut() {
                Some(parameters) => parameters.push(key),
                None => operation["parameters"] = json!([key]),
            }
        }
    }
    Ok(document)
}

fn operations(document: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut().filter_map(Value::as_object_mut));
    items.flatten().filter(|(method, _operation)| {
        matches!(method.as_str(), "get" | "put" | "post" | "patch" | "delete" | "head" | "options" | "trace")
    })
}
