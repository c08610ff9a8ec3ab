//! The parts of Stripe's objects that we read, and what they mean to us.

use axum::http::StatusCode;
use serde::Deserialize;

use super::amount::from_stripe;
use crate::payments::{GatewayError, Intent, IntentId, IntentStatus, Refund, RefundId, RefundStatus};

/// A Payment Intent.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct IntentObject {
    id: String,
    amount: i64,
    currency: String,
    pub(super) created: i64,
    pub(super) status: String,
    #[serde(default)]
    metadata: Metadata,
    next_action: Option<NextAction>,
    last_payment_error: Option<ErrorObject>,
}

/// A Refund.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RefundObject {
    id: String,
    amount: i64,
    currency: String,
    payment_intent: Option<String>,
    status: Option<String>,
    failure_reason: Option<String>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

/// What we wrote into an object's metadata.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) order: Option<String>,
    key: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct NextAction {
    redirect_to_url: Option<RedirectToUrl>,
}

#[derive(Clone, Debug, Deserialize)]
struct RedirectToUrl {
    url: String,
}

/// The answer to a search.
#[derive(Debug, Deserialize)]
pub(super) struct SearchResult {
    pub(super) data: Vec<IntentObject>,
}

/// The body of every refusal.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: ErrorObject,
}

/// An error, also as an intent's `last_payment_error`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ErrorObject {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    message: Option<String>,
    pub(super) payment_intent: Option<Box<IntentObject>>,
}

impl ErrorObject {
    /// Stripe's code, or the type of error where it gives none.
    pub(super) fn code(&self) -> String {
        self.code.clone().unwrap_or_else(|| self.kind.clone())
    }

    /// Stripe's words; for card errors they may be shown to the customer.
    pub(super) fn message(&self) -> String {
        self.message.clone().unwrap_or_else(|| "Stripe gave no reason.".to_owned())
    }

    /// What a refusal (4xx) means.
    pub(super) fn into_gateway_error(self, status: StatusCode) -> GatewayError {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                GatewayError::Unauthorized { message: self.message() }
            }
            // Another call with the same key is under way: its answer is ours too.
            StatusCode::CONFLICT => GatewayError::unknown(self.message()),
            _ if self.kind == "idempotency_error" => {
                GatewayError::refused("idempotency_key_reused", self.message())
            }
            _ => GatewayError::Refused { code: self.code(), message: self.message() },
        }
    }
}

impl IntentObject {
    fn status(&self) -> Result<IntentStatus, GatewayError> {
        Ok(match (self.status.as_str(), &self.last_payment_error, &self.next_action) {
            ("succeeded", _, _) => IntentStatus::Succeeded,
            ("canceled", _, _) => IntentStatus::Canceled,
            ("requires_payment_method", Some(error), _) => {
                IntentStatus::Failed { code: error.code(), message: error.message() }
            }
            ("requires_action", _, Some(NextAction { redirect_to_url: Some(redirect) })) => {
                IntentStatus::RequiresAction { url: redirect.url.clone() }
            }
            // Without an address there is no way for our customer to act, so no money will move.
            ("requires_action", _, _) => IntentStatus::Failed {
                code: "action_not_supported".to_owned(),
                message: "This means of payment asks for a step that cannot be done here.".to_owned(),
            },
            (
                "processing" | "requires_confirmation" | "requires_capture" | "requires_payment_method",
                _,
                _,
            ) => IntentStatus::Processing,
            (other, _, _) => return Err(GatewayError::unknown(format!("an intent's status is {other:?}"))),
        })
    }
}

impl TryFrom<IntentObject> for Intent {
    type Error = GatewayError;

    /// Fails for an intent that is not ours, and for a status that Stripe did not have when this was written.
    fn try_from(object: IntentObject) -> Result<Self, GatewayError> {
        let status = object.status()?;
        let order = object.metadata.order.ok_or_else(|| {
            GatewayError::refused("not_ours", format!("{} carries no order of ours", object.id))
        })?;
        Ok(Self {
            id: IntentId::new(object.id),
            order,
            amount: from_stripe(object.amount, &object.currency),
            status,
        })
    }
}

impl TryFrom<RefundObject> for Refund {
    type Error = GatewayError;

    /// Fails for a refund of a charge without an intent, which cannot be ours, and for a status unknown to us.
    fn try_from(object: RefundObject) -> Result<Self, GatewayError> {
        let intent = object.payment_intent.ok_or_else(|| {
            GatewayError::refused("not_ours", format!("{} belongs to no payment intent", object.id))
        })?;
        let status = match object.status.as_deref() {
            Some("pending" | "requires_action") | None => RefundStatus::Pending,
            Some("succeeded") => RefundStatus::Succeeded,
            Some("failed") => {
                RefundStatus::Failed { code: object.failure_reason.unwrap_or_else(|| "unknown".to_owned()) }
            }
            Some("canceled") => RefundStatus::Failed { code: "canceled".to_owned() },
            Some(other) => return Err(GatewayError::unknown(format!("a refund's status is {other:?}"))),
        };
        Ok(Self {
            id: RefundId::new(object.id),
            intent: IntentId::new(intent),
            key: object.metadata.key,
            amount: from_stripe(object.amount, &object.currency),
            status,
        })
    }
}
