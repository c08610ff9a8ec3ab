//! What every gateway promises, as tests that each adapter passes with a server of its own behind it.

use axum::http::HeaderMap;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::{
    ChargeRequest, EventKind, Fate, GatewayError, Intent, IntentId, IntentStatus, Money, PaymentGateway,
    Refund, RefundId, RefundRequest, RefundStatus, WebhookError,
};

/// An adapter with a gateway behind it. The gateway knows no payment yet.
pub(super) trait Bench {
    const PAYING: &str;
    const DECLINED: &str;
    const TWO_STEP: &str;
    const UNKNOWN: &str;

    fn gateway(&self) -> &dyn PaymentGateway;

    /// The genuine webhook that says `intent` has succeeded, and when it was signed.
    async fn webhook(&self, intent: &Intent) -> (HeaderMap, Bytes, Timestamp);
}

pub(super) async fn holds<B: Bench>(bench: &B) {
    let gateway = bench.gateway();
    let paid = a_charge_succeeds_and_its_repeat_is_the_same_charge(gateway, B::PAYING).await;
    a_key_is_not_taken_for_another_body(gateway, B::PAYING).await;
    a_decline_is_an_answer(gateway, B::DECLINED).await;
    a_second_step_has_an_address(gateway, B::TWO_STEP).await;
    what_is_unknown_is_refused(gateway, B::UNKNOWN).await;
    a_payment_is_found_by_id_and_by_order(gateway, &paid).await;
    cancelling_what_is_paid_shows_that_it_is_paid(gateway, &paid).await;
    a_webhook_is_believed_only_if_genuine_and_fresh(bench, &paid).await;
    refunds_are_idempotent_and_never_above_the_payment(gateway, &paid).await;
}

pub(super) fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".into() }
}

pub(super) fn charge(order: &str, method: &str) -> ChargeRequest {
    ChargeRequest {
        key: order.into(),
        order: order.into(),
        amount: euros(2_500),
        method: method.into(),
        email: "ada@example.org".into(),
        return_url: "https://shop.example/orders/1".into(),
    }
}

pub(super) fn refund(key: &str, intent: &IntentId, minor: i64) -> RefundRequest {
    RefundRequest {
        key: key.into(),
        order: "ord_paid".into(),
        intent: intent.clone(),
        amount: euros(minor),
        reason: "The customer cancelled.".into(),
    }
}

async fn a_charge_succeeds_and_its_repeat_is_the_same_charge(
    gateway: &dyn PaymentGateway,
    method: &str,
) -> Intent {
    let first = gateway.charge(charge("ord_paid", method)).await.unwrap();
    assert_eq!(first.status, IntentStatus::Succeeded);
    assert_eq!((first.order.as_str(), &first.amount), ("ord_paid", &euros(2_500)));
    assert_eq!(gateway.charge(charge("ord_paid", method)).await, Ok(first.clone()));
    first
}

async fn a_key_is_not_taken_for_another_body(gateway: &dyn PaymentGateway, method: &str) {
    let other = ChargeRequest { amount: euros(9_900), ..charge("ord_paid", method) };
    let error = gateway.charge(other).await.unwrap_err();
    assert!(
        matches!(&error, GatewayError::Refused { code, .. } if code == "idempotency_key_reused"),
        "{error}"
    );
}

async fn a_decline_is_an_answer(gateway: &dyn PaymentGateway, method: &str) {
    for _ in 0..2 {
        let declined = gateway.charge(charge("ord_declined", method)).await.unwrap();
        let IntentStatus::Failed { code, message } = declined.status else { panic!("{declined:?}") };
        assert_eq!(code, "card_declined");
        assert!(message.contains("declined"), "{message}");
    }
}

async fn a_second_step_has_an_address(gateway: &dyn PaymentGateway, method: &str) {
    let waiting = gateway.charge(charge("ord_two_step", method)).await.unwrap();
    let IntentStatus::RequiresAction { url } = waiting.status else { panic!("{waiting:?}") };
    assert!(url.starts_with("http"), "{url}");
}

async fn what_is_unknown_is_refused(gateway: &dyn PaymentGateway, method: &str) {
    let charged = gateway.charge(charge("ord_unknown", method)).await.unwrap_err();
    assert_eq!(charged.fate(), Fate::Refused, "{charged}");
    let asked = gateway.intent(IntentId::new("pi_none")).await.unwrap_err();
    assert_eq!(asked.fate(), Fate::Refused, "{asked}");
    let strange = gateway.refund_status(RefundId::new("../intents")).await.unwrap_err();
    assert_eq!(strange.fate(), Fate::Refused, "{strange}");
}

async fn a_payment_is_found_by_id_and_by_order(gateway: &dyn PaymentGateway, paid: &Intent) {
    assert_eq!(gateway.intent(paid.id.clone()).await.as_ref(), Ok(paid));
    assert_eq!(gateway.find("ord_paid".into()).await, Ok(Some(paid.clone())));
    assert_eq!(gateway.find("ord_never'seen".into()).await, Ok(None));
}

async fn cancelling_what_is_paid_shows_that_it_is_paid(gateway: &dyn PaymentGateway, paid: &Intent) {
    assert_eq!(gateway.cancel_intent(paid.id.clone()).await.as_ref(), Ok(paid));
}

async fn a_webhook_is_believed_only_if_genuine_and_fresh<B: Bench>(bench: &B, paid: &Intent) {
    let gateway = bench.gateway();
    let (headers, body, now) = bench.webhook(paid).await;
    let events = gateway.webhook(&headers, &body, now).unwrap();
    let event =
        events.iter().find(|event| event.intent == paid.id).expect("the payment's event is among them");
    assert_eq!(event.order.as_deref(), Some("ord_paid"));
    assert_eq!(event.kind, EventKind::Intent(IntentStatus::Succeeded));

    let mut altered = body.to_vec();
    *altered.last_mut().unwrap() ^= 1;
    assert!(matches!(gateway.webhook(&headers, &altered, now), Err(WebhookError::Forged)));
    let late = now + SignedDuration::from_secs(310);
    assert!(matches!(gateway.webhook(&headers, &body, late), Err(WebhookError::Stale)));
    assert!(matches!(gateway.webhook(&HeaderMap::new(), &body, now), Err(WebhookError::Unsigned(_))));
}

async fn refunds_are_idempotent_and_never_above_the_payment(gateway: &dyn PaymentGateway, paid: &Intent) {
    let first: Refund = gateway.refund(refund("refund_1", &paid.id, 1_000)).await.unwrap();
    assert_eq!(first.status, RefundStatus::Succeeded);
    assert_eq!(
        (first.key.as_deref(), &first.amount, &first.intent),
        (Some("refund_1"), &euros(1_000), &paid.id)
    );
    assert_eq!(gateway.refund(refund("refund_1", &paid.id, 1_000)).await, Ok(first.clone()));
    assert_eq!(gateway.refund_status(first.id.clone()).await, Ok(first));
    let too_much = gateway.refund(refund("refund_2", &paid.id, 9_900)).await.unwrap_err();
    assert_eq!(too_much.fate(), Fate::Refused, "{too_much}");
}
