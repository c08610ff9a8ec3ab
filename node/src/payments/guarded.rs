//! A gateway that cannot exhaust the node: bounded calls in flight, a bounded queue, and a circuit breaker.

use std::{sync::Arc, time::Duration};

use axum::http::HeaderMap;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::{sync::Semaphore, time::Instant};

use super::{
    Answer, BreakerState, ChargeRequest, GatewayError, GatewayEvent, Intent, IntentId, PaymentGateway,
    Refund, RefundId, RefundRequest, WebhookError,
    breaker::{Breaker, CallEnd, Pass},
};

/// How much a node spends on one gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardOptions {
    /// Calls under way at the same time.
    pub in_flight_max: usize,
    /// Calls that may wait for their turn; one more is answered [`GatewayError::Busy`] at once.
    pub waiting_max: usize,
    /// Failures in a row that open the breaker.
    pub failures_to_open: u32,
    /// How long it stays open before one call probes the gateway.
    pub open_for: Duration,
}

impl Default for GuardOptions {
    fn default() -> Self {
        Self {
            in_flight_max: 256,
            waiting_max: 8_192,
            failures_to_open: 16,
            open_for: Duration::from_secs(2),
        }
    }
}

/// Any gateway, guarded.
///
/// A call first needs a place (`in_flight_max + waiting_max` of them), then its turn, then the breaker's consent. A call
/// fails for the breaker when the gateway gave no answer; declines, refusals and 429 are answers. Webhooks are only
/// verified, without any call, and pass at all times.
pub struct Guarded {
    inner: Arc<dyn PaymentGateway>,
    places: Semaphore,
    turns: Semaphore,
    breaker: Mutex<Breaker>,
}

impl Guarded {
    /// Puts a guard around a gateway.
    pub fn new(inner: Arc<dyn PaymentGateway>, options: GuardOptions) -> Self {
        Self {
            inner,
            places: Semaphore::new(options.in_flight_max + options.waiting_max),
            turns: Semaphore::new(options.in_flight_max),
            breaker: Mutex::new(Breaker::new(options.failures_to_open, options.open_for)),
        }
    }

    /// Where the breaker stands, for metrics and operators.
    pub fn breaker(&self) -> BreakerState {
        self.breaker.lock().state()
    }

    /// Waits for a turn, asks the breaker, makes the call and tells the breaker how it ended.
    async fn call<T>(&self, call: Answer<'_, T>) -> Result<T, GatewayError> {
        let Ok(_place) = self.places.try_acquire() else {
            return Err(GatewayError::Busy { retry_after: None });
        };
        // Never closed, so a turn always comes; the calls before it end by their deadlines.
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        let attempt = Attempt::begin(&self.breaker)?;
        let result = call.await;
        attempt.end(match &result {
            Ok(_) => CallEnd::Answered,
            Err(error) => end_of(error),
        });
        result
    }
}

impl PaymentGateway for Guarded {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn charge(&self, request: ChargeRequest) -> Answer<'_, Intent> {
        Box::pin(self.call(self.inner.charge(request)))
    }

    fn intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        Box::pin(self.call(self.inner.intent(intent)))
    }

    fn find(&self, order: String) -> Answer<'_, Option<Intent>> {
        Box::pin(self.call(self.inner.find(order)))
    }

    fn refund(&self, request: RefundRequest) -> Answer<'_, Refund> {
        Box::pin(self.call(self.inner.refund(request)))
    }

    fn refund_status(&self, refund: RefundId) -> Answer<'_, Refund> {
        Box::pin(self.call(self.inner.refund_status(refund)))
    }

    fn cancel_intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        Box::pin(self.call(self.inner.cancel_intent(intent)))
    }

    fn webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, WebhookError> {
        self.inner.webhook(headers, body, now)
    }
}

/// A call that the breaker let through. Dropped without an end, because the caller went away, it counts as abandoned.
struct Attempt<'a> {
    breaker: &'a Mutex<Breaker>,
    pass: Option<Pass>,
}

impl<'a> Attempt<'a> {
    fn begin(breaker: &'a Mutex<Breaker>) -> Result<Self, GatewayError> {
        match breaker.lock().begin(Instant::now()) {
            Ok(pass) => Ok(Self { breaker, pass: Some(pass) }),
            Err(wait) => Err(GatewayError::Busy { retry_after: Some(wait) }),
        }
    }

    fn end(mut self, end: CallEnd) {
        self.report(end);
    }

    fn report(&mut self, end: CallEnd) {
        if let Some(pass) = self.pass.take() {
            self.breaker.lock().end(pass, end, Instant::now());
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.report(CallEnd::Abandoned);
    }
}

fn end_of(error: &GatewayError) -> CallEnd {
    match error {
        GatewayError::Busy { .. } | GatewayError::Refused { .. } => CallEnd::Answered,
        GatewayError::Unknown { .. }
        | GatewayError::Unreachable { .. }
        | GatewayError::Unauthorized { .. } => CallEnd::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::{Fate, IntentStatus, Money};
    use futures_util::FutureExt;
    use tokio::sync::mpsc;

    /// Answers `intent` when the test says how; nothing else is asked of it.
    struct Scripted(tokio::sync::Mutex<mpsc::Receiver<Result<Intent, GatewayError>>>);

    impl PaymentGateway for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }
        fn intent(&self, _: IntentId) -> Answer<'_, Intent> {
            Box::pin(async { self.0.lock().await.recv().await.expect("the test has answers left") })
        }
        fn charge(&self, _: ChargeRequest) -> Answer<'_, Intent> {
            unreachable!()
        }
        fn find(&self, _: String) -> Answer<'_, Option<Intent>> {
            unreachable!()
        }
        fn refund(&self, _: RefundRequest) -> Answer<'_, Refund> {
            unreachable!()
        }
        fn refund_status(&self, _: RefundId) -> Answer<'_, Refund> {
            unreachable!()
        }
        fn cancel_intent(&self, _: IntentId) -> Answer<'_, Intent> {
            unreachable!()
        }
        fn webhook(&self, _: &HeaderMap, _: &[u8], _: Timestamp) -> Result<Vec<GatewayEvent>, WebhookError> {
            unreachable!()
        }
    }

    const OPTIONS: GuardOptions = GuardOptions {
        in_flight_max: 1,
        waiting_max: 1,
        failures_to_open: 2,
        open_for: Duration::from_secs(2),
    };

    fn guarded() -> (Arc<Guarded>, mpsc::Sender<Result<Intent, GatewayError>>) {
        let (answers, script) = mpsc::channel(8);
        (Arc::new(Guarded::new(Arc::new(Scripted(tokio::sync::Mutex::new(script))), OPTIONS)), answers)
    }

    fn paid() -> Result<Intent, GatewayError> {
        Ok(Intent {
            id: IntentId::new("pi_1"),
            order: "o1".into(),
            amount: Money { minor: 1, currency: "EUR".into() },
            status: IntentStatus::Succeeded,
        })
    }

    fn ask(guarded: &Guarded) -> Answer<'_, Intent> {
        guarded.intent(IntentId::new("pi_1"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_gateway_is_left_alone_until_a_probe_succeeds() {
        let (guarded, answers) = guarded();
        for _ in 0..2 {
            answers.send(Err(GatewayError::unknown("503"))).await.unwrap();
            assert_eq!(ask(&guarded).await.unwrap_err().fate(), Fate::Unknown);
        }
        assert_eq!(guarded.breaker(), BreakerState::Open);
        let refused = ask(&guarded).await.unwrap_err();
        assert_eq!(refused, GatewayError::Busy { retry_after: Some(OPTIONS.open_for) });

        tokio::time::advance(OPTIONS.open_for).await;
        answers.send(paid()).await.unwrap();
        assert_eq!(ask(&guarded).await, paid());
        assert_eq!(guarded.breaker(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_and_rate_limits_are_signs_of_life() {
        let (guarded, answers) = guarded();
        for _ in 0..8 {
            answers.send(Err(GatewayError::Busy { retry_after: None })).await.unwrap();
            answers.send(Err(GatewayError::refused("no", "no"))).await.unwrap();
            assert_eq!(ask(&guarded).await.unwrap_err().fate(), Fate::NotDone);
            assert_eq!(ask(&guarded).await.unwrap_err().fate(), Fate::Refused);
        }
        assert_eq!(guarded.breaker(), BreakerState::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_runs_one_waits_and_the_third_is_told_so() {
        let (guarded, answers) = guarded();
        let (mut first, mut second) = (ask(&guarded), ask(&guarded));
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
        assert_eq!(ask(&guarded).await, Err(GatewayError::Busy { retry_after: None }));
        for _ in 0..2 {
            answers.send(paid()).await.unwrap();
        }
        assert_eq!(first.await, paid());
        assert_eq!(second.await, paid());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_dropped_lets_the_next_caller_probe() {
        let (guarded, answers) = guarded();
        for _ in 0..2 {
            answers.send(Err(GatewayError::unknown("503"))).await.unwrap();
            ask(&guarded).await.unwrap_err();
        }
        tokio::time::advance(OPTIONS.open_for).await;
        let mut probe = ask(&guarded);
        assert!((&mut probe).now_or_never().is_none());
        assert_eq!(guarded.breaker(), BreakerState::Probing);
        drop(probe);
        answers.send(paid()).await.unwrap();
        assert_eq!(ask(&guarded).await, paid());
    }
}
