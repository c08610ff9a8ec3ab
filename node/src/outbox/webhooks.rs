//! What a gateway tells by itself: early, late, twice or never. Every event is news, checked against the ledger there.

use axum::http::HeaderMap;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::{Outbox, charges, refunds};
use crate::payments::{EventKind, GatewayEvent, WebhookError};

/// How many events of one delivery are told to the ledger at the same time, so that they share log entries.
const AT_ONCE: usize = 512;

/// A delivery that is not believed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookRefused {
    /// No such gateway is configured.
    #[error("no gateway of this name is configured")]
    UnknownGateway,
    /// It is not signed by the gateway, or is no webhook of its kind.
    #[error(transparent)]
    NotBelieved(#[from] WebhookError),
}

impl Outbox {
    /// Takes a gateway's delivery: resolves when the ledger knows all of it.
    ///
    /// # Errors
    /// When it is not believed: then none of it was used.
    pub async fn webhook(
        &self,
        gateway: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), WebhookRefused> {
        let known = self.0.gateways.get(gateway).ok_or(WebhookRefused::UnknownGateway)?;
        let events = known.webhook(headers, body, Timestamp::now())?;
        stream::iter(events).for_each_concurrent(AT_ONCE, |event| self.event(gateway, event)).await;
        Ok(())
    }

    async fn event(&self, gateway: &str, event: GatewayEvent) {
        let order = event.order.as_deref().and_then(|order| order.parse().ok());
        match event.kind {
            EventKind::Intent(_as_it_was) => {
                let Some(order) = order else {
                    tracing::warn!(gateway, event = %event.id, "an event names no order of ours");
                    return;
                };
                // Whoever is being answered about this order's payment just now hears the same, and tells the ledger.
                if self.0.settled.contains_key(&order) || self.0.asking.passes_over(order) {
                    return;
                }
                // An event may be old and does not say the amount: the intent itself is what counts.
                let Some(known) = self.0.gateways.get(gateway) else { return };
                match known.intent(event.intent).await {
                    Ok(intent) => self.settle(order, charges::result_of(&intent)).await,
                    // The charge's own worker asks again.
                    Err(error) => tracing::debug!(%order, %error, "an event's intent cannot be read"),
                }
            }
            EventKind::Refund(refund) => {
                let named = refund.key.as_deref().and_then(refunds::read_key);
                let Some((order, number)) = named else {
                    tracing::warn!(gateway, event = %event.id, "a refund was not asked for by us");
                    return;
                };
                if let Some(result) = refunds::result_of(&refund.status) {
                    self.refunded(order, number, result).await;
                }
            }
        }
    }
}
