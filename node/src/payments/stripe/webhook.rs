//! Stripe's webhooks: who sent them, and what they say.

use axum::http::HeaderMap;
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::Mac;
use jiff::Timestamp;
use serde::{Deserialize, de::IgnoredAny};

use super::wire::{IntentObject, RefundObject};
use crate::payments::{
    EventId, EventKind, GatewayError, GatewayEvent, Intent, Refund, Secret, WebhookError,
    signature::{check_fresh, mac, text},
};

const SIGNATURE: &str = "stripe-signature";

/// Checks `Stripe-Signature: t=<Unix seconds>,v1=<hex>[,v1=…]`, an HMAC-SHA256 over `t.body`. Other schemes are ignored.
pub(super) fn verify(
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), WebhookError> {
    let parts =
        || text(headers, SIGNATURE).map(|header| header.split(',').filter_map(|part| part.split_once('=')));
    let timestamp = parts()?.find_map(|(name, value)| (name == "t").then_some(value));
    let timestamp = timestamp.ok_or(WebhookError::Unsigned(SIGNATURE))?;
    let signed_at_s = timestamp.parse().ok().ok_or(WebhookError::Unsigned(SIGNATURE))?;
    let genuine = parts()?
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, tag)| HEXLOWER_PERMISSIVE.decode(tag.as_bytes()).ok())
        .any(|tag| {
            let mac = mac(secret.expose().as_bytes(), &[timestamp.as_bytes(), b".", body]);
            mac.verify_slice(&tag).is_ok()
        });
    if !genuine {
        return Err(WebhookError::Forged);
    }
    check_fresh(signed_at_s, now)
}

#[derive(Deserialize)]
struct Event<T> {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data<T>,
}

#[derive(Deserialize)]
struct Data<T> {
    object: T,
}

/// Reads an event; `None` when it is of a kind we do not follow, or about something that is not ours.
pub(super) fn read(body: &[u8]) -> serde_json::Result<Option<GatewayEvent>> {
    let Event { id, kind, .. } = serde_json::from_slice::<Event<IgnoredAny>>(body)?;
    let id = EventId::new(id);
    Ok(match kind.as_str() {
        "payment_intent.succeeded"
        | "payment_intent.processing"
        | "payment_intent.payment_failed"
        | "payment_intent.canceled"
        | "payment_intent.requires_action" => {
            let object = serde_json::from_slice::<Event<IntentObject>>(body)?.data.object;
            followed(Intent::try_from(object)).map(|intent| GatewayEvent {
                id,
                intent: intent.id,
                order: Some(intent.order),
                kind: EventKind::Intent(intent.status),
            })
        }
        "refund.created" | "refund.updated" | "refund.failed" => {
            let object = serde_json::from_slice::<Event<RefundObject>>(body)?.data.object;
            let order = object.metadata.order.clone();
            followed(Refund::try_from(object)).map(|refund| GatewayEvent {
                id,
                intent: refund.intent.clone(),
                order,
                kind: EventKind::Refund(refund),
            })
        }
        _ => None,
    })
}

fn followed<T>(object: Result<T, GatewayError>) -> Option<T> {
    object.inspect_err(|error| tracing::debug!(%error, "Stripe's event is left out")).ok()
}
