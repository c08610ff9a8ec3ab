//! What the sandbox keeps, and what it accepts: requests are parsed into these before the book is touched.

use std::sync::Arc;

use axum::http::{StatusCode, Uri};

use super::wire::{Capture, Failure, IntentBody, RefundBody, RefundState, Status};
use crate::payments::currency;

/// The test cards. Their story stands in the module's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    Ok,
    Declined,
    TwoStep,
    Slow,
    Late,
    Twice,
    Lost,
    RefundFails,
}

impl Card {
    fn parse(method: &str) -> Option<Self> {
        Some(match method {
            "card_ok" => Self::Ok,
            "card_declined" => Self::Declined,
            "card_two_step" => Self::TwoStep,
            "card_slow" => Self::Slow,
            "card_late" => Self::Late,
            "card_twice" => Self::Twice,
            "card_lost" => Self::Lost,
            "card_refund_fails" => Self::RefundFails,
            _ => return None,
        })
    }
}

/// An intent that may be created: its amount, currency, card and address are in order.
pub(super) struct NewIntent {
    pub(super) fingerprint: Fingerprint,
    pub(super) order: Arc<str>,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) card: Card,
    pub(super) capture: Capture,
    pub(super) return_url: String,
}

/// Tells a repeated request from another one under the same key.
pub(super) type Fingerprint = blake3::Hash;

impl NewIntent {
    pub(super) fn parse(body: IntentBody) -> Result<Self, Rejection> {
        let fingerprint = fingerprint(&body);
        let card = Card::parse(&body.method).ok_or(Rejection::UnknownMethod(body.method))?;
        if body.amount_minor <= 0 {
            return Err(Rejection::InvalidAmount);
        }
        if !currency::is_code(&body.currency) {
            return Err(Rejection::InvalidCurrency);
        }
        if body.order.is_empty() || body.order.len() > KEY_BYTES_MAX {
            return Err(Rejection::InvalidOrder);
        }
        if origin(&body.return_url).is_none() {
            return Err(Rejection::InvalidReturnUrl);
        }
        Ok(Self {
            fingerprint,
            order: body.order.into(),
            amount_minor: body.amount_minor,
            currency: body.currency,
            card,
            capture: body.capture,
            return_url: body.return_url,
        })
    }
}

/// A refund that may be created, if its intent agrees.
pub(super) struct NewRefund {
    pub(super) fingerprint: Fingerprint,
    pub(super) intent: String,
    pub(super) order: String,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
}

impl NewRefund {
    pub(super) fn parse(body: RefundBody) -> Result<Self, Rejection> {
        if body.amount_minor <= 0 {
            return Err(Rejection::InvalidAmount);
        }
        Ok(Self {
            fingerprint: fingerprint(&body),
            intent: body.intent,
            order: body.order,
            amount_minor: body.amount_minor,
            currency: body.currency,
        })
    }
}

/// Keys and order ids are at most this long.
pub(super) const KEY_BYTES_MAX: usize = 255;

/// When a timer is due, in Unix milliseconds, and its place in the order they were set.
pub(super) type TimerKey = (i64, u64);

/// An intent in the book.
pub(super) struct IntentRecord {
    pub(super) fingerprint: Fingerprint,
    pub(super) order: Arc<str>,
    /// The intent before this one for the same order.
    pub(super) previous_of_order: Option<u64>,
    pub(super) amount_minor: i64,
    pub(super) captured_minor: i64,
    /// Refunds that failed do not count.
    pub(super) refunded_minor: i64,
    pub(super) currency: String,
    pub(super) card: Card,
    pub(super) capture: Capture,
    pub(super) status: Status,
    pub(super) timer: Option<TimerKey>,
    /// Where the hosted page sends the customer; kept for `card_two_step` alone.
    pub(super) return_url: Option<Box<str>>,
}

impl IntentRecord {
    /// Nothing more will happen to it by itself.
    pub(super) fn is_settled(&self) -> bool {
        match self.status {
            Status::Succeeded | Status::Failed | Status::Canceled => true,
            Status::Processing | Status::RequiresAction | Status::RequiresCapture => false,
        }
    }

    /// The only way to fail is to be declined.
    pub(super) fn failure(&self) -> Option<Failure> {
        (self.status == Status::Failed).then(|| Failure {
            code: "card_declined".to_owned(),
            message: "The card was declined.".to_owned(),
        })
    }
}

/// A refund in the book.
pub(super) struct RefundRecord {
    pub(super) fingerprint: Fingerprint,
    pub(super) intent: u64,
    pub(super) intent_id: String,
    pub(super) order: String,
    pub(super) key: Arc<str>,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) status: RefundState,
    pub(super) timer: Option<TimerKey>,
}

/// Why the sandbox says no. Nothing has changed then.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Rejection {
    #[error(
        "there is no test card {0:?}; the sandbox knows card_ok, card_declined, card_two_step, card_slow, card_late, card_twice, card_lost and card_refund_fails"
    )]
    UnknownMethod(String),
    #[error("the header Idempotency-Key is missing, empty or longer than 255 characters")]
    InvalidKey,
    #[error("this idempotency key was used with another body")]
    KeyReused,
    #[error("amount_minor must be above zero")]
    InvalidAmount,
    #[error("currency must be an ISO 4217 code in capitals")]
    InvalidCurrency,
    #[error("order must have 1 to 255 characters")]
    InvalidOrder,
    #[error("return_url must be an absolute http or https address")]
    InvalidReturnUrl,
    #[error("there is no such intent, or it is too old to be kept")]
    NoSuchIntent,
    #[error("there is no such refund, or it is too old to be kept")]
    NoSuchRefund,
    #[error("the intent has no captured money")]
    NotCaptured,
    #[error("the intent does not wait for capture")]
    NotCapturable,
    #[error("the intent does not wait for anything")]
    NotOpen,
    #[error("only {left_minor} are left to give back or capture")]
    AmountTooLarge { left_minor: i64 },
    #[error("the intent is in another currency")]
    CurrencyMismatch,
}

impl Rejection {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::UnknownMethod(_) => "unknown_method",
            Self::InvalidKey => "invalid_idempotency_key",
            Self::KeyReused => "idempotency_key_reused",
            Self::InvalidAmount => "invalid_amount",
            Self::InvalidCurrency => "invalid_currency",
            Self::InvalidOrder => "invalid_order",
            Self::InvalidReturnUrl => "invalid_return_url",
            Self::NoSuchIntent => "no_such_intent",
            Self::NoSuchRefund => "no_such_refund",
            Self::NotCaptured => "not_captured",
            Self::NotCapturable => "not_capturable",
            Self::NotOpen => "not_open",
            Self::AmountTooLarge { .. } => "amount_too_large",
            Self::CurrencyMismatch => "currency_mismatch",
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoSuchIntent | Self::NoSuchRefund => StatusCode::NOT_FOUND,
            Self::KeyReused | Self::NotCaptured | Self::NotCapturable | Self::NotOpen => StatusCode::CONFLICT,
            Self::UnknownMethod(_)
            | Self::InvalidKey
            | Self::InvalidAmount
            | Self::InvalidCurrency
            | Self::InvalidOrder
            | Self::InvalidReturnUrl
            | Self::AmountTooLarge { .. }
            | Self::CurrencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// The scheme, host and port of an absolute web address, if they are plain enough to stand in a security header.
pub(super) fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority()?.as_str();
    let plain = authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
    plain.then(|| format!("{scheme}://{authority}"))
}

fn fingerprint(body: &impl serde::Serialize) -> Fingerprint {
    let mut hasher = blake3::Hasher::new();
    // Hashers take everything, and the bodies are plain structs of text and numbers.
    serde_json::to_writer(&mut hasher, body).expect("a struct of text and numbers is JSON");
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_have_an_origin() {
        for (url, expected) in [
            ("https://shop.example/orders/1?x=y", Some("https://shop.example")),
            ("http://127.0.0.1:8080/a", Some("http://127.0.0.1:8080")),
            ("http://[::1]:8080/a", Some("http://[::1]:8080")),
            ("/orders/1", None),
            ("javascript:alert(1)", None),
            ("https://a.example;script-src *", None),
            ("https://a.example;x/", None),
            ("https://user@a.example/", None),
            ("ftp://a.example/", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }
}
