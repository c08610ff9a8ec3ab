//! RFC 9457 problem documents: what every request that fails is answered with.
//!
//! A problem has a [`Kind`], which says what to do; words about this occurrence; the places in the body that are wrong;
//! and members of its own, such as the seats that are taken.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use marquee_ledger::ids;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::kinds::{self, Kind};
use crate::catalog::checks::Fault;

/// The media type of problem documents.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request failed.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: &'static Kind,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    members: Map<String, Value>,
    retry_after: Option<Duration>,
}

/// Something that is wrong in the request's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) to the place; empty for the whole body.
    #[schema(example = "/email")]
    pub pointer: String,
    /// What is wrong there.
    pub detail: String,
    /// On which line that is, from 1, in documents that people write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// The document, for the schema.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Where the kind of problem is described.
    #[schema(example = "/docs#problem-seats-taken")]
    r#type: String,
    /// What it is, the same for every occurrence.
    title: &'a str,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What happened, and what to do about it.
    detail: String,
    /// The stable word that programs look at.
    #[schema(example = "seats-taken")]
    code: &'a str,
    /// What is wrong in the body, place by place.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(flatten)]
    #[schema(ignore)]
    members: &'a Map<String, Value>,
}

impl Problem {
    /// A problem of this kind, of which there is no more to say.
    #[must_use]
    pub fn new(kind: &'static Kind) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: Cow::Borrowed(""),
            errors: Vec::new(),
            members: Map::new(),
            retry_after: None,
        }))
    }

    /// Says what happened this time, in a sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Names a place in the body that is wrong.
    #[must_use]
    pub fn error(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.0.errors.push(FieldError { pointer: pointer.into(), detail: detail.into(), line: None });
        self
    }

    /// Names a place in a document that is wrong, and its line.
    #[must_use]
    pub fn error_at(mut self, line: usize, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let line = Some(line);
        self.0.errors.push(FieldError { pointer: pointer.into(), detail: detail.into(), line });
        self
    }

    /// Adds a member of its own to the document.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(member.to_owned(), value.into());
        self
    }

    /// Tells when to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// A value in the body that has the right shape and cannot be used.
    #[must_use]
    pub fn invalid(pointer: &str, detail: &str) -> Self {
        Self::new(kinds::INVALID).error(pointer, detail)
    }

    /// Values in the body that have the right shape and cannot be used.
    #[must_use]
    pub fn faulty(faults: Vec<Fault>) -> Self {
        let problem = Self::new(kinds::INVALID);
        faults.into_iter().fold(problem, |problem, fault| problem.error(fault.pointer, fault.detail))
    }

    /// There is no such thing; `what` is the word in its `unknown-…` code.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(kinds::by_code(&format!("unknown-{what}")).unwrap_or(kinds::NOT_FOUND))
    }

    /// A hold that is not there any more.
    #[must_use]
    pub fn hold_lapsed() -> Self {
        Self::new(kinds::HOLD_LAPSED)
    }

    /// A request about a hold that does not prove its right to it.
    #[must_use]
    pub fn hold_token_needed() -> Self {
        Self::new(kinds::HOLD_TOKEN_NEEDED)
    }

    /// More places than one hold can have.
    #[must_use]
    pub fn too_many_places() -> Self {
        Self::new(kinds::TOO_MANY_PLACES)
    }

    /// Who asks may not do this; `why` is a sentence.
    #[must_use]
    pub fn forbidden(why: &'static str) -> Self {
        Self::new(kinds::FORBIDDEN).detail(why)
    }

    /// A failure of ours: logged here, with its causes, and told without them.
    #[must_use]
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let causes: Vec<_> =
            std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string).collect();
        tracing::error!(%error, causes = causes.join("; "), "a request failed");
        Self::new(kinds::INTERNAL)
    }

    /// An answer of a kind that the question cannot have: a mistake in the program.
    #[must_use]
    pub fn unexpected(answer: &dyn fmt::Debug) -> Self {
        tracing::error!(?answer, "an answer does not fit its question");
        Self::new(kinds::INTERNAL)
    }

    /// The kind's stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.kind.code
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        // A test checks that all of the list are statuses.
        StatusCode::from_u16(self.0.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What it is: a heading for pages.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.0.kind.title
    }

    /// What happened and what to do, in sentences.
    #[must_use]
    pub fn words(&self) -> String {
        let Inner { kind, detail, errors, .. } = &*self.0;
        let mut words = String::new();
        let said = (!detail.is_empty()).then_some(detail.as_ref());
        for sentence in said.into_iter().chain(errors.iter().map(|error| error.detail.as_str())) {
            let mut letters = sentence.chars();
            words.extend(letters.next().into_iter().flat_map(char::to_uppercase));
            words.push_str(letters.as_str());
            words.push_str(if sentence.ends_with(['.', '!', '?']) { " " } else { ". " });
        }
        words.push_str(kind.advice);
        words
    }

    /// What is wrong in the body, place by place.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// A member that was added with [`with`](Self::with).
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.0.members.get(name)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let Inner { kind, errors, members, retry_after, .. } = &*self.0;
        let body = ProblemBody {
            r#type: format!("/docs#problem-{}", kind.code),
            title: kind.title,
            status: kind.status,
            detail: self.words(),
            code: kind.code,
            errors,
            members,
        };
        // Maps with text keys and no numbers that JSON lacks: there is nothing that could fail.
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = retry_after {
            let seconds = wait.as_millis().div_ceil(1_000).max(1);
            headers
                .insert(header::RETRY_AFTER, HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX)));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, challenge(kind));
        }
        response
    }
}

/// RFC 6750: what the client must bring.
fn challenge(kind: &Kind) -> HeaderValue {
    HeaderValue::from_static(match kind.code {
        "token-expired" | "token-invalid" | "session-ended" => {
            r#"Bearer realm="marquee", error="invalid_token""#
        }
        _others => r#"Bearer realm="marquee""#,
    })
}

/// Ids as they stand in paths, and the word for what they name.
pub(crate) trait Named {
    /// The word in the code `unknown-…`.
    const WHAT: &'static str;
}

macro_rules! named {
    ($($id:ident $what:literal),* $(,)?) => {
        $(impl Named for ids::$id { const WHAT: &'static str = $what; })*
    };
}

named! {
    VenueId "venue", HallId "hall", EventId "event", PerformanceId "performance", HoldId "hold",
    OrderId "order", TicketId "ticket", AccountId "account",
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn the_document_says_what_happened_and_what_to_do() {
        let response = Problem::new(kinds::SEATS_TAKEN)
            .detail("2 of the seats are taken")
            .with("seats", vec![12, 13])
            .retry_after(Duration::from_millis(1_200))
            .into_response();
        assert_eq!(response.status(), 409);
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "/docs#problem-seats-taken",
                "title": "Somebody else has some of the seats",
                "status": 409,
                "detail": "2 of the seats are taken. Choose others than those in \"seats\"; a held seat may come \
                           back within minutes.",
                "code": "seats-taken",
                "seats": [12, 13],
            })
        );
    }

    #[test]
    fn what_is_unknown_has_a_code_of_its_own() {
        assert_eq!(Problem::not_found("performance").code(), "unknown-performance");
        assert_eq!(Problem::not_found("page").code(), "not-found");
    }
}
