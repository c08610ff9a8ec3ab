//! Money that goes back.

use marquee_ledger::order::RefundId;
use marquee_ledger::transfer::News;
use marquee_ledger::{Money, OrderId};

use super::charges::money_of;
use super::{Outbox, Pause};
use crate::payments::{Fate, GatewayError, IntentId, PaymentGateway, Refund, RefundRequest, RefundStatus};

/// What stands between an order's id and a refund's number in the refund's key.
const KEY_INFIX: &str = "-refund-";

/// The task.
pub(super) struct Payback {
    pub(super) order: OrderId,
    pub(super) refund: RefundId,
    pub(super) amount: Money,
    pub(super) gateway: String,
    pub(super) intent: String,
}

impl Outbox {
    /// Asks the gateway to pay money back until it has, or will not.
    pub(super) async fn refund(&self, task: Payback) {
        let Some(gateway) = self.0.gateways.get(&task.gateway).cloned() else {
            tracing::error!(order = %task.order, gateway = task.gateway, "a refund is due at a gateway that is not configured");
            let words = format!("the gateway {} is not configured", task.gateway);
            return self.refunded(task.order, task.refund, Err(words)).await;
        };
        let request = RefundRequest {
            key: key(task.order, task.refund),
            order: task.order.to_string(),
            intent: IntentId::new(task.intent),
            amount: money_of(task.amount),
            reason: "refund".to_owned(),
        };
        let mut pause = Pause::new();
        let mut known: Option<Refund> = None;
        loop {
            match ask(&*gateway, &request, known.as_ref()).await {
                Ok(refund) => {
                    if let Some(result) = result_of(&refund.status) {
                        return self.refunded(task.order, task.refund, result).await;
                    }
                    known = Some(refund);
                }
                Err(error) => match error.fate() {
                    Fate::Refused if known.is_some() => known = None,
                    Fate::Refused => {
                        return self.refunded(task.order, task.refund, Err(error.to_string())).await;
                    }
                    Fate::Unknown | Fate::NotDone => {
                        tracing::debug!(order = %task.order, %error, "a refund is repeated later");
                    }
                },
            }
            if self.pause(&mut pause).await.is_none() || self.is_refunded(task.order, task.refund) {
                return;
            }
        }
    }

    /// Whether a webhook was faster.
    fn is_refunded(&self, order: OrderId, refund: RefundId) -> bool {
        let read = self.0.home.snapshot().and_then(|state| Ok(state.ledger()?.order(order)?));
        match read {
            Ok(Some(order)) => {
                order.refunds.get(usize::from(refund.0)).is_none_or(|refund| refund.task.is_none())
            }
            Ok(None) => true,
            Err(error) => {
                tracing::error!(%order, %error, "an order cannot be read");
                false
            }
        }
    }

    /// Tells the ledger what became of a refund.
    pub(super) async fn refunded(&self, order: OrderId, refund: RefundId, result: Result<(), String>) {
        if let Err(refusal) = self.tell_of(order, News::Refund { refund, result }).await {
            tracing::error!(%order, %refusal, "the ledger refuses what the gateway says of a refund");
        }
    }
}

async fn ask(
    gateway: &dyn PaymentGateway,
    request: &RefundRequest,
    known: Option<&Refund>,
) -> Result<Refund, GatewayError> {
    match known {
        Some(refund) => gateway.refund_status(refund.id.clone()).await,
        None => gateway.refund(request.clone()).await,
    }
}

/// What a status means to the ledger; nothing while the refund is under way.
pub(super) fn result_of(status: &RefundStatus) -> Option<Result<(), String>> {
    match status {
        RefundStatus::Pending => None,
        RefundStatus::Succeeded => Some(Ok(())),
        RefundStatus::Failed { code } => Some(Err(code.clone())),
    }
}

/// The key that the gateway knows a refund by.
fn key(order: OrderId, refund: RefundId) -> String {
    format!("{order}{KEY_INFIX}{}", refund.0)
}

/// The refund that a key of ours names.
pub(super) fn read_key(key: &str) -> Option<(OrderId, RefundId)> {
    let (order, number) = key.rsplit_once(KEY_INFIX)?;
    Some((order.parse().ok()?, RefundId(number.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refunds_key_names_its_order_and_number() {
        let order = OrderId::from_parts(1_764_000_000_000, 7, 41);
        assert_eq!(read_key(&key(order, RefundId(3))), Some((order, RefundId(3))));
        assert_eq!(read_key("re_of_somebody_else"), None);
    }
}
