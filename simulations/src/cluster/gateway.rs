//! The payment gateway outside: it takes money once for a key, sometimes slowly, and loses answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use marquee_node::payments::{
    Answer, ChargeRequest, GatewayError, GatewayEvent, Intent, IntentId, IntentStatus, PaymentGateway,
    Refund, RefundId, RefundRequest, RefundStatus, WebhookError,
};
use parking_lot::Mutex;

use super::dice::Dice;

/// The means of payment that is accepted.
pub const CARD_OK: &str = "card_ok";
/// The means of payment that is declined.
pub const CARD_DECLINED: &str = "card_declined";
/// The means of payment that takes its time.
pub const CARD_SLOW: &str = "card_slow";

/// How often a slow payment is asked for before it succeeds.
const SLOW_ASKS: u32 = 2;
/// The longest that an answer takes, in milliseconds.
const ANSWER_MS_MAX: u64 = 80;

/// The gateway; clones are the same one.
#[derive(Clone)]
pub struct SimulatedGateway(Arc<Mutex<Book>>);

struct Book {
    dice: Dice,
    /// How many answers of a thousand are lost, half of them after the work was done.
    lost_per_mille: u64,
    intents: BTreeMap<String, Charged>,
    refunds: BTreeMap<String, Paid>,
}

struct Charged {
    request: ChargeRequest,
    asks: u32,
    is_cancelled: bool,
}

struct Paid {
    request: RefundRequest,
}

/// What an order moved at the gateway, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// What was taken.
    pub captured: i64,
    /// What went back.
    pub refunded: i64,
}

impl SimulatedGateway {
    /// A gateway that loses so many answers of a thousand.
    #[must_use]
    pub fn new(dice: Dice, lost_per_mille: u64) -> Self {
        let (intents, refunds) = (BTreeMap::new(), BTreeMap::new());
        Self(Arc::new(Mutex::new(Book { dice, lost_per_mille, intents, refunds })))
    }

    /// From here on no answer is lost.
    pub fn heal(&self) {
        self.0.lock().lost_per_mille = 0;
    }

    /// What every order moved, by the order's id as text.
    #[must_use]
    pub fn moved(&self) -> BTreeMap<String, Moved> {
        let book = self.0.lock();
        let mut moved: BTreeMap<String, Moved> = BTreeMap::new();
        for charged in book.intents.values() {
            if charged.status() == IntentStatus::Succeeded {
                moved.entry(charged.request.order.clone()).or_default().captured +=
                    charged.request.amount.minor;
            }
        }
        for paid in book.refunds.values() {
            moved.entry(paid.request.order.clone()).or_default().refunded += paid.request.amount.minor;
        }
        moved
    }

    /// Answers after a while, unless the answer is lost on the way there or back.
    fn answer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Book) -> Result<T, GatewayError> + Send + 'static,
    ) -> Answer<'_, T> {
        async move {
            let (there_ms, back_ms, is_lost, is_done) = {
                let mut book = self.0.lock();
                let lost_per_mille = book.lost_per_mille;
                let is_lost = book.dice.chance(lost_per_mille);
                let mut way = || book.dice.roll(ANSWER_MS_MAX / 2 + 1);
                (way(), way(), is_lost, book.dice.chance(500))
            };
            tokio::time::sleep(Duration::from_millis(there_ms)).await;
            if is_lost && !is_done {
                return Err(GatewayError::Unreachable { reason: "no route".to_owned() });
            }
            let answer = work(&mut self.0.lock());
            tokio::time::sleep(Duration::from_millis(back_ms)).await;
            if is_lost {
                return Err(GatewayError::Unknown { reason: "the answer was lost".to_owned() });
            }
            answer
        }
        .boxed()
    }
}

impl Charged {
    fn status(&self) -> IntentStatus {
        match self.request.method.as_str() {
            CARD_DECLINED => IntentStatus::Failed {
                code: "card_declined".to_owned(),
                message: "The card was declined.".to_owned(),
            },
            _ if self.is_cancelled => IntentStatus::Canceled,
            CARD_SLOW if self.asks < SLOW_ASKS => IntentStatus::Processing,
            _ => IntentStatus::Succeeded,
        }
    }

    fn intent(&self) -> Intent {
        Intent {
            id: IntentId::new(self.request.key.clone()),
            order: self.request.order.clone(),
            amount: self.request.amount.clone(),
            status: self.status(),
        }
    }
}

impl Paid {
    fn refund(&self) -> Refund {
        Refund {
            id: RefundId::new(self.request.key.clone()),
            intent: self.request.intent.clone(),
            key: Some(self.request.key.clone()),
            amount: self.request.amount.clone(),
            status: RefundStatus::Succeeded,
        }
    }
}

fn unknown(what: &str) -> GatewayError {
    GatewayError::Refused { code: "unknown".to_owned(), message: what.to_owned() }
}

impl PaymentGateway for SimulatedGateway {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn charge(&self, request: ChargeRequest) -> Answer<'_, Intent> {
        self.answer(move |book| {
            let key = request.key.clone();
            let charged =
                book.intents.entry(key).or_insert_with(|| Charged { request, asks: 0, is_cancelled: false });
            charged.asks += 1;
            Ok(charged.intent())
        })
    }

    fn intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        self.answer(move |book| {
            let charged = book.intents.get_mut(intent.as_str()).ok_or_else(|| unknown("no such intent"))?;
            charged.asks += 1;
            Ok(charged.intent())
        })
    }

    fn find(&self, order: String) -> Answer<'_, Option<Intent>> {
        self.answer(move |book| {
            Ok(book.intents.values().find(|charged| charged.request.order == order).map(Charged::intent))
        })
    }

    fn refund(&self, request: RefundRequest) -> Answer<'_, Refund> {
        self.answer(move |book| {
            let key = request.key.clone();
            Ok(book.refunds.entry(key).or_insert(Paid { request }).refund())
        })
    }

    fn refund_status(&self, refund: RefundId) -> Answer<'_, Refund> {
        self.answer(move |book| {
            let paid = book.refunds.get(refund.as_str()).ok_or_else(|| unknown("no such refund"))?;
            Ok(paid.refund())
        })
    }

    fn cancel_intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        self.answer(move |book| {
            let charged = book.intents.get_mut(intent.as_str()).ok_or_else(|| unknown("no such intent"))?;
            if charged.status() != IntentStatus::Succeeded {
                charged.is_cancelled = true;
            }
            Ok(charged.intent())
        })
    }

    fn webhook(
        &self,
        _headers: &HeaderMap,
        _body: &[u8],
        _now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, WebhookError> {
        // Nobody delivers any here: webhooks come over HTTP.
        Err(WebhookError::Unsigned("signature"))
    }
}
