//! The page on which the customer of a `card_two_step` payment approves or declines it.
//!
//! The page's address carries a token that only the shop and its customer learn. Its form carries a second one, is only
//! taken from the page's own origin, and the page cannot be framed: no other site can press the button.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::{
    book::{PageView, constant_time_eq},
    records::{Rejection, origin},
    server::Shared,
    wire::Status,
};
use crate::payments::currency;
use crate::texts::{Language, Texts};

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/pay/page.css", get(style)).route("/pay/{id}/{token}", get(show).post(decide))
}

async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("page.css")).into_response()
}

async fn show(
    State(shared): State<Arc<Shared>>,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let texts = texts_of(&headers);
    let page = shared.with_book(|book, _| {
        let page = book.page(&id, &token)?;
        Ok::<_, Rejection>((page, book.page_secret("form", &id)?))
    });
    match page {
        Ok((page, form_token)) => render(texts, &page, form_token),
        Err(_) => unknown(texts),
    }
}

#[derive(Deserialize)]
struct Decision {
    form_token: String,
    decision: Choice,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Approve,
    Decline,
}

async fn decide(
    State(shared): State<Arc<Shared>>,
    Path((id, token)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Decision>,
) -> Response {
    let outcome = shared.with_book(|book, now_ms| {
        let page = book.page(&id, &token)?;
        let genuine = constant_time_eq(form.form_token.as_bytes(), book.page_secret("form", &id)?.as_bytes());
        if !genuine || !is_same_origin(&headers) {
            return Ok(None);
        }
        // A second click, or a page that stayed open too long, finds the payment settled: nothing changes, and the
        // shop's page tells how it stands.
        match book.complete(now_ms, &id, form.decision == Choice::Approve) {
            Ok(_) | Err(Rejection::NotOpen) => Ok(Some(page.return_url)),
            Err(other) => Err(other),
        }
    });
    match outcome {
        Ok(Some(return_url)) => Redirect::to(&return_url).into_response(),
        Ok(None) => notice(texts_of(&headers), StatusCode::FORBIDDEN, "bank-foreign", "bank-foreign-words"),
        Err(_) => unknown(texts_of(&headers)),
    }
}

/// Browsers say where a form was sent from; what says nothing is no browser, and has shown the form's token.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match text("origin") {
        Some(origin) => {
            let uri: Option<Uri> = origin.parse().ok();
            uri.and_then(|uri| uri.authority().map(ToString::to_string)).as_deref() == text("host")
        }
        None => true,
    }
}

#[derive(Template)]
#[template(path = "bank.html")]
struct Page<'a> {
    texts: Texts,
    /// The keys of what it says.
    title: &'a str,
    text: &'a str,
    payment: Option<Payment<'a>>,
}

struct Payment<'a> {
    amount: String,
    order: &'a str,
    shop: &'a str,
    open: bool,
    form_token: String,
    return_url: &'a str,
}

fn render(texts: Texts, page: &PageView, form_token: String) -> Response {
    let intent = &page.intent;
    let (title, text, open) = match intent.status {
        Status::RequiresAction => ("bank-requires-action", "", true),
        Status::Succeeded | Status::RequiresCapture => ("bank-succeeded", "bank-succeeded-words", false),
        Status::Failed => ("bank-failed", "bank-failed-words", false),
        Status::Canceled => ("bank-cancelled", "bank-cancelled-words", false),
        Status::Processing => ("bank-under-way", "bank-under-way-words", false),
    };
    // Checked when the intent was made, so there is an origin; without one the browser would refuse the way back.
    let shop = origin(&page.return_url).unwrap_or_default();
    let payment = Payment {
        amount: currency::display(intent.amount_minor, &intent.currency),
        order: &intent.order,
        shop: shop.split_once("://").map_or("", |(_, host)| host),
        open,
        form_token,
        return_url: &page.return_url,
    };
    respond(StatusCode::OK, &shop, &Page { texts, title, text, payment: Some(payment) })
}

fn unknown(texts: Texts) -> Response {
    notice(texts, StatusCode::NOT_FOUND, "bank-unknown", "bank-unknown-words")
}

fn notice(texts: Texts, status: StatusCode, title: &str, text: &str) -> Response {
    respond(status, "", &Page { texts, title, text, payment: None })
}

/// The bank speaks the language of the browser: it does not know what its customer chose at the shop.
fn texts_of(headers: &HeaderMap) -> Texts {
    Texts::of(Language::of_visit(headers, None))
}

/// Chrome holds a form's *redirect* to `form-action` too, so the shop's origin stands there beside our own.
fn respond(status: StatusCode, shop_origin: &str, page: &Page<'_>) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {shop_origin}; base-uri 'none'; frame-ancestors 'none'"
    );
    let Ok(html) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        // Not `no-referrer`, which would make the form's own `Origin` null.
        (header::REFERRER_POLICY, "same-origin"),
        (header::VARY, "accept-language"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_from_its_own_origin_only() {
        let taken = |pairs: &[(&'static str, &str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap()));
            is_same_origin(&headers.collect())
        };
        assert!(taken(&[]));
        assert!(taken(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!taken(&[("sec-fetch-site", "cross-site")]));
        assert!(!taken(&[("sec-fetch-site", "same-site")]));
        assert!(taken(&[("origin", "http://127.0.0.1:8081"), ("host", "127.0.0.1:8081")]));
        assert!(!taken(&[("origin", "http://evil.example"), ("host", "127.0.0.1:8081")]));
        assert!(!taken(&[("origin", "null"), ("host", "127.0.0.1:8081")]));
    }
}
