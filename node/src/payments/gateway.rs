//! The trait that every gateway implements, and the words it speaks.

use std::{fmt, time::Duration};

use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The answer to a call: a boxed future, so that gateways can be held as `Arc<dyn PaymentGateway>`.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, GatewayError>>;

/// A service that moves money. Every call is bounded by the adapter's own deadline and may be repeated with the same key.
pub trait PaymentGateway: Send + Sync + 'static {
    /// The adapter's name in logs and metrics.
    fn name(&self) -> &'static str;

    /// Creates and confirms a payment intent. A repeat with the same key returns the same intent and takes no money
    /// twice; a repeat with the same key and another body is refused. A declined card is an answer
    /// ([`IntentStatus::Failed`]), not an error.
    fn charge(&self, request: ChargeRequest) -> Answer<'_, Intent>;

    /// The intent as it stands.
    fn intent(&self, intent: IntentId) -> Answer<'_, Intent>;

    /// The intent of an order, for when the answer to its charge was lost; a succeeded one wins if there are several.
    /// `None` means "not seen (yet)" and never proves that no charge is under way: a gateway's search may lag.
    /// Repeating [`charge`](Self::charge) with the same key is the sure way.
    fn find(&self, order: String) -> Answer<'_, Option<Intent>>;

    /// Gives back some or all of what an intent captured, never more.
    fn refund(&self, request: RefundRequest) -> Answer<'_, Refund>;

    /// The refund as it stands.
    fn refund_status(&self, refund: RefundId) -> Answer<'_, Refund>;

    /// Cancels an intent that has not settled. If it settled first, nothing changes and the answer shows how: the caller
    /// must look at the status, which may be [`IntentStatus::Succeeded`].
    fn cancel_intent(&self, intent: IntentId) -> Answer<'_, Intent>;

    /// Verifies a webhook's signature and freshness against `now`, then reads its events. Events that are not about
    /// payments of ours are left out. Duplicates are the caller's to drop, by [`GatewayEvent::id`].
    fn webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, WebhookError>;
}

/// Defines ids that a gateway issues and we only carry around.
macro_rules! gateway_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an id over from a gateway's answer or from storage.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as the gateway wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

gateway_ids! {
    /// A payment intent's id at its gateway.
    IntentId,
    /// A refund's id at its gateway.
    RefundId,
    /// An event's id at its gateway: the same in every delivery of it.
    EventId,
}

/// An amount in minor units of its currency, as ISO 4217 counts them (JPY 500 is ¥500, USD 500 is $5.00).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// ISO 4217 code in capitals, `EUR`.
    pub currency: String,
}

/// What [`PaymentGateway::charge`] is asked.
#[derive(Clone, PartialEq, Eq)]
pub struct ChargeRequest {
    /// The idempotency key: the order's id, or for a further attempt something derived from it. At most 255 characters.
    pub key: String,
    /// The order that is paid.
    pub order: String,
    /// How much.
    pub amount: Money,
    /// The gateway's token for the customer's means of payment: `card_ok` at the sandbox, `pm_…` at Stripe.
    pub method: String,
    /// Where the gateway sends its receipt.
    pub email: String,
    /// Where the gateway's page sends the customer back to; absolute, http or https.
    pub return_url: String,
}

impl fmt::Debug for ChargeRequest {
    /// Leaves out what is personal: the e-mail address and the means of payment.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChargeRequest")
            .field("key", &self.key)
            .field("order", &self.order)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// What [`PaymentGateway::refund`] is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// The idempotency key of this refund; also what its events name it by.
    pub key: String,
    /// The order the money belongs to, so that the refund's events find their way home.
    pub order: String,
    /// The intent that captured the money.
    pub intent: IntentId,
    /// How much of it goes back.
    pub amount: Money,
    /// Why, in our own words; kept by the gateway for the people who look there.
    pub reason: String,
}

/// A payment, as its gateway sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The gateway's id.
    pub id: IntentId,
    /// The order it pays.
    pub order: String,
    /// What was asked for.
    pub amount: Money,
    /// How far it has come.
    pub status: IntentStatus,
}

/// How far a payment has come. `Succeeded`, `Failed` and `Canceled` are final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntentStatus {
    /// The gateway is at work, or the money is authorised and not captured: ask later.
    Processing,
    /// The customer has to approve at this address.
    RequiresAction {
        /// A page of the gateway.
        url: String,
    },
    /// The money is ours.
    Succeeded,
    /// No money moved, and none will under this intent.
    Failed {
        /// The gateway's code, `card_declined`.
        code: String,
        /// The gateway's words for the customer.
        message: String,
    },
    /// Called off before any money moved.
    Canceled,
}

/// A refund, as its gateway sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The gateway's id.
    pub id: RefundId,
    /// The intent whose money goes back.
    pub intent: IntentId,
    /// The key it was asked under; `None` when it was made in the gateway's own dashboard.
    pub key: Option<String>,
    /// How much.
    pub amount: Money,
    /// How far it has come.
    pub status: RefundStatus,
}

/// How far a refund has come. `Succeeded` may still turn into `Failed`: a bank can send money back days later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// Under way.
    Pending,
    /// Sent to the customer.
    Succeeded,
    /// It did not work, and the money is still ours to give back.
    Failed {
        /// The gateway's code.
        code: String,
    },
}

/// Something that happened at the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayEvent {
    /// The same in every delivery of this event.
    pub id: EventId,
    /// The payment it is about.
    pub intent: IntentId,
    /// The order it is about; `None` when the gateway's event does not name it (a refund made in its dashboard): ask
    /// [`PaymentGateway::intent`].
    pub order: Option<String>,
    /// What happened.
    pub kind: EventKind,
}

/// What a [`GatewayEvent`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The intent had this status when the event was made; a later event may have overtaken it.
    Intent(IntentStatus),
    /// The refund stood like this when the event was made.
    Refund(Refund),
}

/// Why a call brought no answer. Each variant says what happened to the money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GatewayError {
    /// The request may have been carried out (time-out, connection lost, 5xx). Ask again with the same key.
    #[error("the gateway's answer was lost: {reason}")]
    Unknown {
        /// What was seen.
        reason: String,
    },
    /// No connection: nothing was sent. Ask again later.
    #[error("the gateway cannot be reached: {reason}")]
    Unreachable {
        /// What was seen.
        reason: String,
    },
    /// The gateway (429) or [`Guarded`](super::Guarded) asks for fewer calls: nothing was done. Ask again later.
    #[error("the gateway takes no more calls at the moment")]
    Busy {
        /// When to ask again, if that was said.
        retry_after: Option<Duration>,
    },
    /// The gateway does not accept our credentials: nothing was done. Ask again when an operator has mended them.
    #[error("the gateway does not accept our key: {message}")]
    Unauthorized {
        /// The gateway's words.
        message: String,
    },
    /// The gateway understood and said no: nothing was done, and asking again gets the same answer.
    #[error("the gateway refused ({code}): {message}")]
    Refused {
        /// A stable code, `idempotency_key_reused`.
        code: String,
        /// The gateway's words.
        message: String,
    },
}

/// What is known about the fate of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It may have been carried out: ask again with the same key until the answer comes.
    Unknown,
    /// It was not carried out, and may be later: ask again with the same key, or give up, safely.
    NotDone,
    /// It was not carried out, and never will be.
    Refused,
}

impl GatewayError {
    /// What is known about the call that failed with this error.
    pub fn fate(&self) -> Fate {
        match self {
            Self::Unknown { .. } => Fate::Unknown,
            Self::Unreachable { .. } | Self::Busy { .. } | Self::Unauthorized { .. } => Fate::NotDone,
            Self::Refused { .. } => Fate::Refused,
        }
    }

    pub(super) fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::Refused { code: code.to_owned(), message: message.into() }
    }

    pub(super) fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into() }
    }
}

/// Why a webhook was not believed. Nothing of its body may be used.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// A header that carries the signature is missing or unreadable.
    #[error("the header {0} is missing or malformed")]
    Unsigned(&'static str),
    /// The signature does not match the body: somebody else sent it, or it was altered on the way.
    #[error("the signature does not match")]
    Forged,
    /// Signed too long ago, or in the future: perhaps a replay.
    #[error("signed more than {tolerance_s} s away from the present", tolerance_s = super::signature::TOLERANCE.as_secs())]
    Stale,
    /// Signed by the gateway, and still not what it documents.
    #[error("the body is not what the gateway documents")]
    Malformed(#[source] serde_json::Error),
}

/// Takes an id into a URL's path; refuses what could change the path.
pub(super) fn path_segment(id: &str) -> Result<&str, GatewayError> {
    let clean =
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if clean {
        Ok(id)
    } else {
        Err(GatewayError::refused("invalid_id", format!("{id:?} is no id of a gateway")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_does_not_print_personal_data() {
        let request = ChargeRequest {
            key: "k".into(),
            order: "o".into(),
            amount: Money { minor: 1, currency: "EUR".into() },
            method: "pm_private".into(),
            email: "ada@example.org".into(),
            return_url: "https://example.org/".into(),
        };
        let printed = format!("{request:?}");
        assert!(!printed.contains("ada@") && !printed.contains("pm_private"), "{printed}");
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert!(path_segment("pi_3Mtw-0").is_ok());
        for id in ["", "../refunds", "a?b", "a b", "a/b", "%2e"] {
            assert_eq!(path_segment(id).unwrap_err().fate(), Fate::Refused, "{id}");
        }
    }
}
