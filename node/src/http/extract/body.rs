//! Bodies: read within limits, and refused with the exact place of what is wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::idempotency::Keyed;
use crate::forms::shape::pointer;
use crate::http::App;
use crate::http::kinds;
use crate::http::problem::Problem;

/// How long a body that is too large may go on arriving before it is refused.
const DRAIN_PATIENCE: Duration = Duration::from_secs(5);

/// As an [`Extension`](axum::Extension) layer of a route: its bodies may be as large as `limits.upload` says, not only
/// `limits.body`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upload;

/// The body as it is.
#[derive(Debug)]
pub(crate) struct RawBody(pub(crate) Bytes);

impl FromRequest<App> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let limits = &app.settings.limits;
        let limit = if request.extensions().get::<Upload>().is_some() { limits.upload } else { limits.body };
        let limit = limit.as_usize();
        let keyed = request.extensions().get::<Arc<Keyed>>().cloned();
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced: Option<usize> = announced.and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length| length > limit) {
            // A client that is still sending when the connection closes may never see the answer.
            let patience = DRAIN_PATIENCE.min(limits.request_timeout / 2);
            _ = tokio::time::timeout(patience, drain(request.into_body(), limits.upload.as_usize())).await;
            return Err(too_large(limit));
        }
        let bytes = tokio::time::timeout(limits.request_timeout / 2, collect(request.into_body(), limit));
        let bytes = bytes.await.map_err(|_elapsed| Problem::new(kinds::REQUEST_TIMEOUT))??;
        if let Some(keyed) = keyed {
            keyed.cover(&bytes);
        }
        Ok(Self(bytes))
    }
}

/// Reads a body that nobody wants, up to so many bytes.
async fn drain(mut body: Body, bytes_max: usize) {
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.data_ref().map_or(0, Bytes::len);
        if bytes > bytes_max {
            return;
        }
    }
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        // Nobody reads this answer: the client is gone.
        Err(_gone) => Err(Problem::new(kinds::REQUEST_TIMEOUT)),
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(kinds::BODY_TOO_LARGE).detail(format!("at most {limit} bytes")).with("max", limit)
}

/// A JSON body of this shape. Shapes refuse fields that they do not know.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !media_type(request.headers()).is_some_and(is_json) {
            return Err(Problem::new(kinds::UNSUPPORTED_MEDIA_TYPE)
                .detail("this takes application/json")
                .with("accepts", "application/json"));
        }
        let RawBody(bytes) = RawBody::from_request(request, app).await?;
        parse(&bytes).map(Self)
    }
}

/// Reads JSON; says line and column of what is no JSON, and the pointer to what has the wrong shape.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut source).map_err(|error| {
        let at = pointer(error.path());
        refused(error.inner(), at)
    })?;
    source.end().map_err(|error| refused(&error, String::new()))?;
    Ok(value)
}

fn refused(error: &serde_json::Error, pointer: String) -> Problem {
    let (line, column) = (error.line(), error.column());
    if error.is_data() {
        let words = error.to_string();
        // The place is told by the pointer; line and column stand beside it.
        let words = words.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&words);
        Problem::new(kinds::INVALID_BODY).error(pointer, words).with("line", line).with("column", column)
    } else {
        let words = error.to_string();
        Problem::new(kinds::MALFORMED_JSON).detail(words).with("line", line).with("column", column)
    }
}

fn media_type(headers: &HeaderMap) -> Option<&str> {
    let media = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(media.split(';').next().unwrap_or_default().trim())
}

fn is_json(media: &str) -> bool {
    let media = media.to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only what is refused is looked at")]
    struct Outer {
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only what is refused is looked at")]
    struct Inner {
        #[serde(rename = "a/b~c")]
        number: u8,
    }

    fn check(body: &str, code: &str, place: &str) {
        let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
        let place_of = |problem: &Problem| match problem.errors() {
            [error] => error.pointer.clone(),
            _none => {
                let number = |name| problem.member(name).and_then(serde_json::Value::as_u64).unwrap();
                format!("{}:{}", number("line"), number("column"))
            }
        };
        assert_eq!((problem.code(), place_of(&problem).as_str()), (code, place), "{body}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        check("", "malformed-json", "1:0");
        check("{\n  \"list\": [,]}", "malformed-json", "2:12");
        check("{\"list\": []} x", "malformed-json", "1:14");
        check("{\"list\": [", "malformed-json", "1:10");
        check("[]", "invalid-body", "");
        check("{}", "invalid-body", "");
        check("{\"list\": [{\"a/b~c\": 1}, {\"a/b~c\": 256}]}", "invalid-body", "/list/1/a~1b~0c");
        check("{\"list\": [{\"a/b~c\": \"1\"}]}", "invalid-body", "/list/0/a~1b~0c");
        check("{\"list\": [], \"other\": 1}", "invalid-body", "/other");
    }

    #[test]
    fn a_deep_body_does_not_exhaust_the_stack() {
        let deep = "[".repeat(100_000);
        let problem = parse::<serde_json::Value>(deep.as_bytes()).unwrap_err();
        assert_eq!(problem.code(), "malformed-json");
    }
}
