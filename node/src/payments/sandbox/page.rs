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

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/pay/page.css", get(style)).route("/pay/{id}/{token}", get(show).post(decide))
}

async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("page.css")).into_response()
}

async fn show(State(shared): State<Arc<Shared>>, Path((id, token)): Path<(String, String)>) -> Response {
    let page = shared.with_book(|book, _| {
        let page = book.page(&id, &token)?;
        Ok::<_, Rejection>((page, book.page_secret("form", &id)?))
    });
    match page {
        Ok((page, form_token)) => render(&page, form_token),
        Err(_) => {
            notice(StatusCode::NOT_FOUND, "There is no such payment", "It may be too old. Ask the shop.")
        }
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
        Ok(None) => notice(
            StatusCode::FORBIDDEN,
            "This did not come from our page",
            "Nothing was paid. Go back to the shop and try again.",
        ),
        Err(_) => {
            notice(StatusCode::NOT_FOUND, "There is no such payment", "It may be too old. Ask the shop.")
        }
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
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title }} · Sandbox bank</title>
<link rel="stylesheet" href="/pay/page.css">
</head>
<body>
<main>
<p class="bank"><span aria-hidden="true">◈</span> Sandbox bank</p>
<h1>{{ title }}</h1>
{% match payment %}
{% when Some with (payment) %}
<dl>
<div><dt>Amount</dt><dd class="amount">{{ payment.amount }}</dd></div>
<div><dt>Order</dt><dd>{{ payment.order }}</dd></div>
<div><dt>Shop</dt><dd>{{ payment.shop }}</dd></div>
</dl>
{% if payment.open %}
<form method="post">
<input type="hidden" name="form_token" value="{{ payment.form_token }}">
<button name="decision" value="approve">Approve payment</button>
<button name="decision" value="decline" class="quiet">Decline</button>
</form>
{% else %}
<p>{{ text }}</p>
<p><a class="button" href="{{ payment.return_url }}">Back to the shop</a></p>
{% endif %}
{% when None %}
<p>{{ text }}</p>
{% endmatch %}
<p class="note">This is a test bank: no real money moves here.</p>
</main>
</body>
</html>
"#
)]
struct Page<'a> {
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

fn render(page: &PageView, form_token: String) -> Response {
    let intent = &page.intent;
    let (title, text, open) = match intent.status {
        Status::RequiresAction => ("Approve your payment", "", true),
        Status::Succeeded | Status::RequiresCapture => {
            ("Payment approved", "You have paid. Thank you.", false)
        }
        Status::Failed => ("Payment declined", "No money was taken.", false),
        Status::Canceled => ("Payment cancelled", "The shop called it off. No money was taken.", false),
        Status::Processing => ("Payment under way", "The bank is at work.", false),
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
    respond(StatusCode::OK, &shop, &Page { title, text, payment: Some(payment) })
}

fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    respond(status, "", &Page { title, text, payment: None })
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
