//! An order's payment, from the first call until it is captured or declined.
//!
//! The gateway is asked with the order's id as the key, as often as needed: whatever was lost on the way, money is taken
//! once. What it says goes to the ledger, which decides what it means for the seats. The gateway may also tell by
//! webhook, and mostly does so first: then there is nothing left to do here, which the order itself says.
//!
//! When the order's hold has lapsed and nobody approved the payment, the intent is called off, so that no money comes for
//! seats that may be gone. Money that comes all the same is the ledger's to book or to pay back.

use marquee_ledger::command::{PaymentChoice, PaymentResult};
use marquee_ledger::order::OrderStatus;
use marquee_ledger::transfer::News;
use marquee_ledger::{Money, OrderId};

use super::{Asked, Outbox, Pause};
use crate::payments::{
    self, ChargeRequest, Fate, GatewayError, Intent, IntentId, IntentStatus, PaymentGateway,
};

/// The task.
pub(super) struct Charge {
    pub(super) order: OrderId,
    pub(super) total: Money,
    pub(super) choice: PaymentChoice,
    pub(super) email: String,
}

/// Where the order stands while the gateway is being asked.
enum Standing {
    /// The payment is wanted.
    Wanted,
    /// The hold lapsed.
    Lapsed,
    /// There is nothing left to ask for.
    Decided,
}

impl Outbox {
    /// Asks for an order's money until it is captured or declined.
    pub(super) async fn charge(&self, task: Charge, asked: Asked) {
        let Some(gateway) = self.0.gateways.get(&task.choice.gateway).cloned() else {
            let gateway = &task.choice.gateway;
            tracing::error!(order = %task.order, gateway, "an order is to be paid through a gateway that is not configured");
            return self
                .settle(task.order, declined("gateway_unknown", "This way to pay is not offered any more."))
                .await;
        };
        let request = self.charge_request(&task);
        let mut pause = Pause::new();
        let mut known: Option<Intent> = None;
        // Whether a charge may be under way of which we know nothing: one of ours, or of an earlier home.
        let mut in_doubt = asked == Asked::Perhaps;
        loop {
            let (answer, is_outdated) = {
                let call = self.0.asking.begin(task.order);
                (ask(&*gateway, &request, known.as_ref()).await, call.passed_over())
            };
            match answer {
                Ok(intent) => {
                    let is_news = known.as_ref().is_none_or(|before| before.status != intent.status);
                    let result = result_of(&intent);
                    let is_final = is_final(&result);
                    if is_news || is_final {
                        self.settle(task.order, result).await;
                    }
                    if is_final {
                        return;
                    }
                    known = Some(intent);
                }
                Err(error) => match error.fate() {
                    // The gateway forgot the intent: the same key gives the same or a fresh one.
                    Fate::Refused if known.is_some() => known = None,
                    // Another home may have asked before, in other words: what it was given counts.
                    Fate::Refused => match gateway.find(task.order.to_string()).await {
                        Ok(Some(intent)) => known = Some(intent),
                        Ok(None) => return self.settle(task.order, refused(&error)).await,
                        Err(error) => {
                            tracing::debug!(order = %task.order, %error, "a charge is looked for later")
                        }
                    },
                    Fate::Unknown => in_doubt = true,
                    Fate::NotDone => {
                        tracing::debug!(order = %task.order, %error, "a charge is repeated later")
                    }
                },
            }
            if is_outdated {
                continue;
            }
            if self.pause(&mut pause).await.is_none() {
                return;
            }
            match (self.standing(task.order), &known) {
                (Standing::Wanted, _) => {}
                (Standing::Decided, _) => return,
                (Standing::Lapsed, Some(intent)) => self.call_off(&*gateway, intent).await,
                (Standing::Lapsed, None) if in_doubt => {}
                (Standing::Lapsed, None) => {
                    let result = declined("gateway_unreachable", "The payment could not be made in time.");
                    return self.settle(task.order, result).await;
                }
            }
        }
    }

    fn charge_request(&self, task: &Charge) -> ChargeRequest {
        let order = task.order.to_string();
        ChargeRequest {
            return_url: format!("{}{order}", task.choice.return_url),
            key: order.clone(),
            order,
            amount: money_of(task.total),
            method: task.choice.method.clone(),
            email: task.email.clone(),
        }
    }

    /// Cancels an intent that waits for its customer. How that ended is seen with the next look at it.
    async fn call_off(&self, gateway: &dyn PaymentGateway, intent: &Intent) {
        if matches!(intent.status, IntentStatus::RequiresAction { .. })
            && let Err(error) = gateway.cancel_intent(intent.id.clone()).await
        {
            tracing::debug!(intent = %intent.id, %error, "an intent is called off later");
        }
    }

    fn standing(&self, order: OrderId) -> Standing {
        let read = self.0.home.snapshot().and_then(|state| Ok(state.ledger()?.order(order)?));
        match read {
            Ok(Some(order)) if order.charge_task.is_none() => Standing::Decided,
            Ok(Some(order)) if order.status == OrderStatus::Lapsed => Standing::Lapsed,
            Ok(Some(_waiting)) => Standing::Wanted,
            Ok(None) => Standing::Decided,
            Err(error) => {
                tracing::error!(%order, %error, "an order cannot be read");
                Standing::Wanted
            }
        }
    }

    /// Tells the ledger what became of a payment.
    pub(super) async fn settle(&self, order: OrderId, result: PaymentResult) {
        let is_final = is_final(&result);
        if is_final && self.0.settled.contains_key(&order) {
            return;
        }
        match self.tell_of(order, News::Payment(result)).await {
            Ok(_status) if is_final => self.0.settled.insert(order, ()),
            Ok(_status) => {}
            Err(refusal) => tracing::error!(%order, %refusal, "the ledger refuses what the gateway says"),
        }
    }
}

async fn ask(
    gateway: &dyn PaymentGateway,
    request: &ChargeRequest,
    known: Option<&Intent>,
) -> Result<Intent, GatewayError> {
    match known {
        Some(intent) => gateway.intent(IntentId::clone(&intent.id)).await,
        None => gateway.charge(request.clone()).await,
    }
}

/// What an intent's status means to the ledger.
pub(super) fn result_of(intent: &Intent) -> PaymentResult {
    let name = intent.id.to_string();
    match &intent.status {
        IntentStatus::Processing => PaymentResult::Processing { intent: name },
        IntentStatus::RequiresAction { url } => {
            PaymentResult::ActionRequired { intent: name, url: url.clone() }
        }
        IntentStatus::Succeeded => PaymentResult::Captured { intent: name, amount: intent.amount.minor },
        IntentStatus::Failed { code, message } => {
            PaymentResult::Declined { code: code.clone(), message: message.clone() }
        }
        IntentStatus::Canceled => declined("canceled", "The payment was called off."),
    }
}

const fn is_final(result: &PaymentResult) -> bool {
    match result {
        PaymentResult::Captured { .. } | PaymentResult::Declined { .. } => true,
        PaymentResult::Processing { .. } | PaymentResult::ActionRequired { .. } => false,
    }
}

fn refused(error: &GatewayError) -> PaymentResult {
    match error {
        GatewayError::Refused { code, message } => declined(code, message),
        other @ (GatewayError::Unknown { .. }
        | GatewayError::Unreachable { .. }
        | GatewayError::Busy { .. }
        | GatewayError::Unauthorized { .. }) => declined("refused", &other.to_string()),
    }
}

fn declined(code: &str, message: &str) -> PaymentResult {
    PaymentResult::Declined { code: code.to_owned(), message: message.to_owned() }
}

pub(super) fn money_of(money: Money) -> payments::Money {
    payments::Money { minor: money.amount, currency: money.currency.to_string() }
}
