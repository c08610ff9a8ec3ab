//! The JSON that the sandbox's server and client exchange.

use serde::{Deserialize, Serialize};

/// The body of `POST /v1/intents`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IntentBody {
    pub(super) order: String,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) method: String,
    pub(super) email: String,
    pub(super) return_url: String,
    #[serde(default)]
    pub(super) capture: Capture,
}

/// When the money of an approved intent is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Capture {
    #[default]
    Automatic,
    Manual,
}

/// The body of `POST /v1/intents/{id}/capture`: everything, unless it says less.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaptureBody {
    pub(super) amount_minor: Option<i64>,
}

/// The body of `POST /v1/refunds`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundBody {
    pub(super) intent: String,
    pub(super) order: String,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Processing,
    RequiresAction,
    RequiresCapture,
    Succeeded,
    Failed,
    Canceled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundState {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct IntentView {
    pub(super) id: String,
    pub(super) order: String,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) captured_minor: i64,
    pub(super) refunded_minor: i64,
    pub(super) status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) action_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Failure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefundView {
    pub(super) id: String,
    pub(super) intent: String,
    pub(super) order: String,
    pub(super) key: String,
    pub(super) amount_minor: i64,
    pub(super) currency: String,
    pub(super) status: RefundState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Failure>,
}

/// Also the inside of an error's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: Failure,
}

/// A list; `data` is in the order that its endpoint documents.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EventView {
    pub(super) id: String,
    pub(super) created_ms: i64,
    #[serde(flatten)]
    pub(super) subject: Subject,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "object")]
pub(super) enum Subject {
    #[serde(rename = "intent.updated")]
    Intent(IntentView),
    #[serde(rename = "refund.updated")]
    Refund(RefundView),
}

/// The body of a webhook, written and read. Events are written by reference.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delivery<E> {
    #[serde(rename = "type")]
    pub(super) kind: DeliveryKind,
    pub(super) timestamp: jiff::Timestamp,
    pub(super) data: Vec<E>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DeliveryKind {
    Events,
}
