//! What went wrong, for people: as a page, or within one.

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http_body_util::BodyExt;
use serde::Deserialize;

use super::visit::{Frame, Here, Visit};
use crate::http::problem::PROBLEM_JSON;
use crate::http::{App, Problem};

/// A problem within a page, beside the form that had it.
pub(super) struct ProblemView {
    /// How it looks.
    pub(super) kind: &'static str,
    pub(super) code: &'static str,
    pub(super) title: String,
    pub(super) words: String,
}

impl ProblemView {
    pub(super) fn new(problem: &Problem) -> Self {
        let (title, words) = plain(problem.code(), problem.title(), problem.words());
        Self { kind: "bad", code: problem.code(), title, words }
    }

    /// What is wrong with a search: without the parameter's name, which people have not seen.
    pub(super) fn of_search(problem: &Problem) -> Self {
        let shown = Self::new(problem);
        if shown.code != "invalid-query" {
            return shown;
        }
        let detail = problem.words();
        let (_parameter, detail) = detail.split_once(": ").unwrap_or(("", &detail));
        let detail = detail.split(". ").next().unwrap_or(detail).trim_end_matches('.');
        let mut letters = detail.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        Self {
            title: "This cannot be searched for".to_owned(),
            words: format!("{first}{}.", letters.as_str()),
            ..shown
        }
    }
}

/// The same in the words of who buys: the problem documents speak to programs.
fn plain(code: &str, title: &str, words: String) -> (String, String) {
    let (title, words) = match code {
        "no-ticket" => (
            "Only who was there can say how it was",
            "Come back after a performance that you had a ticket to.",
        ),
        "not-found" => ("There is no such page", "The address may be mistyped, or what was here is gone."),
        "unknown-event" | "unknown-performance" | "unknown-venue" => {
            ("This is not on any more", "It may have been taken off, or the address is mistyped.")
        }
        "unknown-order" | "unknown-ticket" => (
            "This booking is not yours to see",
            "Sign in with the account that bought it, or open the link that you were shown after paying.",
        ),
        "hold-lapsed" | "hold-token-needed" => (
            "Your seats are not kept any longer",
            "The time to pay was over, or they were given back. Nothing was charged. Choose seats again: they may still be free.",
        ),
        "hold-ordered" => ("This was ordered already", "Look at My bookings."),
        "not-extendable" => {
            ("The time was extended already", "It can be extended once. Pay within the time that is left.")
        }
        "seats-taken" => ("Somebody else was faster", "Some of these seats were just taken. Choose others."),
        "none-side-by-side" => (
            "Not that many seats side by side",
            "Ask for fewer tickets, or look anywhere instead of in one place. On the map you can also choose seats apart.",
        ),
        "area-full" => ("Not that many places are left", "Ask for fewer tickets, or choose another place."),
        "ticket-limit" => (
            "That would be more tickets than one customer may have",
            "The organizer limits the tickets of one customer, counting those that you have and hold.",
        ),
        "too-many-places" => ("That is too many tickets at once", "Buy them in several steps."),
        "empty-selection" => ("Nothing was chosen", "Choose at least one ticket."),
        "unknown-seat" | "unknown-section" | "unknown-area" | "unknown-price" => {
            ("The seat map was changed meanwhile", "Load the page again and choose anew.")
        }
        "not-on-sale-yet" => ("The sale has not begun", "Come back when it begins."),
        "sale-over" => ("The sale is over", "Choose another date."),
        "performance-cancelled" => {
            ("This performance was cancelled", "Who has tickets is refunded without asking.")
        }
        "too-late-to-cancel" => (
            "The time to cancel is over",
            "You can still give tickets to somebody else, or ask the organizer.",
        ),
        "csrf-token-wrong" => {
            ("This form is too old", "Load the page again and repeat what you did. Nothing was done.")
        }
        "payment-method-unknown" => ("There is no such way to pay", "Choose one of those shown."),
        "key-reused" => {
            ("This form was sent before", "Load the page again; what you did first has been done.")
        }
        "precondition-failed" => (
            "It was changed meanwhile",
            "Somebody, perhaps you on another device, was faster. Look at it and try again.",
        ),
        "password-wrong" => ("The current password is wrong", "Check it and try again."),
        "rate-limited" => ("That was too often", "Wait a minute and try again."),
        "overloaded" | "stopping" | "timed-out" => {
            ("Too much is going on just now", "Nothing is lost. Try again in a few seconds.")
        }
        "outcome-unknown" => {
            ("It is not clear whether that was done", "Load the page again and look before you repeat it.")
        }
        "internal" => (
            "Something broke on our side",
            "It has been noted. Try again; nothing was charged without a booking.",
        ),
        "unauthenticated" | "token-invalid" | "token-expired" | "session-ended" => {
            ("Please sign in again", "Your session has ended.")
        }
        _others => return (title.to_owned(), words),
    };
    (title.to_owned(), words.to_owned())
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    code: String,
    title: String,
    words: String,
    way_on: Link,
    /// The request's id, if it helps.
    request: String,
}

/// A link.
pub(super) struct Link {
    pub(super) href: &'static str,
    pub(super) name: &'static str,
}

/// The part of a problem document that a page shows.
#[derive(Deserialize)]
struct Told {
    title: String,
    status: u16,
    detail: String,
    code: String,
}

/// Answers problem documents as pages. Who must sign in first is brought there, and back.
pub(super) async fn as_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked =
        Asked { method: parts.method.clone(), path: path_of(&parts.uri), headers: parts.headers.clone() };
    let visit = Visit::from_request_parts(&mut parts, &app).await.ok();
    let response = next.run(Request::from_parts(parts, body)).await;
    page_of(asked, visit, response).await
}

struct Asked {
    method: Method,
    path: String,
    headers: HeaderMap,
}

fn path_of(uri: &axum::http::Uri) -> String {
    uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
}

async fn page_of(asked: Asked, visit: Option<Visit>, response: Response) -> Response {
    if response.headers().get(header::CONTENT_TYPE).is_none_or(|content| content != PROBLEM_JSON) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Some(told) = read(body).await else { return parts.status.into_response() };
    if parts.status == StatusCode::UNAUTHORIZED && told.code == "unauthenticated" {
        let back = if asked.method == Method::GET { asked.path.as_str() } else { "/" };
        let then: String = form_urlencoded::byte_serialize(back.as_bytes()).collect();
        return Redirect::to(&format!("/sign-in?then={then}")).into_response();
    }
    // A session that ended: the page says so, and how to begin another.
    let Some(visit) = visit else { return (parts.status, told.detail).into_response() };
    let (title, words) = plain(&told.code, &told.title, told.detail);
    let is_ours = parts.status.is_server_error();
    let request = asked.headers.get("x-request-id").and_then(|id| id.to_str().ok());
    let page = ErrorPage {
        frame: visit.frame(Here::Elsewhere),
        status: told.status,
        title,
        words,
        way_on: way_on(&told.code),
        code: told.code,
        request: request.filter(|_id| is_ours).unwrap_or_default().to_owned(),
    };
    let mut page = match visit.show_refused(parts.status, &page) {
        Ok(page) => page,
        Err(problem) => return problem.into_response(),
    };
    for name in [header::RETRY_AFTER, header::ALLOW] {
        page.headers_mut().extend(parts.headers.get(&name).map(|value| (name, value.clone())));
    }
    page
}

async fn read(body: Body) -> Option<Told> {
    let bytes = body.collect().await.ok()?.to_bytes();
    serde_json::from_slice(&bytes).ok()
}

fn way_on(code: &str) -> Link {
    match code {
        "unknown-order" | "unknown-ticket" | "hold-ordered" => {
            Link { href: "/bookings", name: "My bookings" }
        }
        "token-invalid" | "token-expired" | "session-ended" => Link { href: "/sign-in", name: "Sign in" },
        _others => Link { href: "/", name: "See what’s on" },
    }
}
