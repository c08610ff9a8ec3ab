//! The adapter against a local server that replays bodies in the shape of Stripe's reference.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use hmac::Mac;
use parking_lot::Mutex;
use tokio::{net::TcpListener, task::AbortHandle};

use super::*;
use crate::payments::{
    EventKind, Fate, Money, RefundStatus,
    contract::{self, Bench, charge, refund},
    signature::mac,
};

macro_rules! shape {
    ($name:literal) => {
        include_str!(concat!("shapes/", $name, ".json"))
    };
}

const SECRET: &str = "whsec_test";
const PAID: &str = "pi_3SpaidKwdIwHu7ix28a3tqPa";

/// One request as the reference describes it, and the answer.
struct Exchange {
    method: &'static str,
    /// A path, or the beginning of one with its query.
    path: &'static str,
    /// Fields that the form must have.
    form: &'static [(&'static str, &'static str)],
    status: u16,
    body: &'static str,
}

const fn exchange(
    method: &'static str,
    path: &'static str,
    form: &'static [(&'static str, &'static str)],
    status: u16,
    body: &'static str,
) -> Exchange {
    Exchange { method, path, form, status, body }
}

const INTENTS: &str = "/v1/payment_intents";
const EXCHANGES: &[Exchange] = &[
    exchange(
        "POST",
        INTENTS,
        &[
            ("amount", "2500"),
            ("currency", "eur"),
            ("payment_method", "pm_paying"),
            ("confirm", "true"),
            ("automatic_payment_methods[enabled]", "true"),
            ("return_url", "https://shop.example/orders/1"),
            ("receipt_email", "ada@example.org"),
            ("metadata[order]", "ord_paid"),
        ],
        200,
        shape!("intent_succeeded"),
    ),
    exchange("POST", INTENTS, &[("payment_method", "pm_declined")], 402, shape!("error_card_declined")),
    exchange("POST", INTENTS, &[("payment_method", "pm_two_step")], 200, shape!("intent_requires_action")),
    exchange("POST", INTENTS, &[("payment_method", "pm_none")], 400, shape!("error_no_such_method")),
    exchange("POST", INTENTS, &[("payment_method", "pm_sepa")], 200, shape!("intent_processing")),
    exchange("POST", INTENTS, &[("payment_method", "pm_sdk")], 200, shape!("intent_requires_sdk")),
    exchange("POST", INTENTS, &[("payment_method", "pm_rush")], 429, shape!("error_rate_limit")),
    exchange("POST", INTENTS, &[("payment_method", "pm_busy")], 409, shape!("error_key_in_use")),
    exchange("POST", INTENTS, &[("payment_method", "pm_500")], 500, shape!("error_api")),
    exchange("POST", INTENTS, &[("payment_method", "pm_401")], 401, shape!("error_invalid_key")),
    exchange("POST", INTENTS, &[("payment_method", "pm_html")], 200, "<html>a proxy's page</html>"),
    exchange("GET", "/v1/payment_intents/pi_3SpaidKwdIwHu7ix28a3tqPa", &[], 200, shape!("intent_succeeded")),
    exchange("GET", "/v1/payment_intents/pi_declined", &[], 200, shape!("intent_declined")),
    exchange("GET", "/v1/payment_intents/pi_none", &[], 404, shape!("error_no_such_intent")),
    exchange(
        "GET",
        "/v1/payment_intents/search?query=metadata%5B%27order%27%5D%3A%27ord_paid%27&",
        &[],
        200,
        shape!("search_one"),
    ),
    exchange(
        "GET",
        "/v1/payment_intents/search?query=metadata%5B%27order%27%5D%3A%27ord_never%5C%27seen%27&",
        &[],
        200,
        shape!("search_none"),
    ),
    exchange(
        "POST",
        "/v1/payment_intents/pi_3SpaidKwdIwHu7ix28a3tqPa/cancel",
        &[],
        400,
        shape!("error_unexpected_state"),
    ),
    exchange(
        "POST",
        "/v1/refunds",
        &[
            ("payment_intent", PAID),
            ("amount", "1000"),
            ("metadata[order]", "ord_paid"),
            ("metadata[key]", "refund_1"),
            ("metadata[reason]", "The customer cancelled."),
        ],
        200,
        shape!("refund_succeeded"),
    ),
    exchange("POST", "/v1/refunds", &[("amount", "9900")], 400, shape!("error_refund_too_large")),
    exchange("POST", "/v1/refunds", &[("metadata[key]", "refund_pending")], 200, shape!("refund_pending")),
    exchange("GET", "/v1/refunds/re_3SoneKwdIwHu7ix0", &[], 200, shape!("refund_succeeded")),
    exchange("GET", "/v1/refunds/re_3SpendKwdIwHu7ix0", &[], 200, shape!("refund_pending")),
    exchange("GET", "/v1/refunds/re_3SfailKwdIwHu7ix0", &[], 200, shape!("refund_failed")),
];

/// By idempotency key: the path and body that it came with, and the answer.
type Answered = Arc<Mutex<HashMap<String, (String, String, u16, &'static str)>>>;

struct Replay {
    stripe: Stripe,
    server: AbortHandle,
}

impl Replay {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/", listener.local_addr().unwrap());
        let app = Router::new().fallback(replay).with_state(Answered::default());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }).abort_handle();
        let options = StripeOptions {
            base_url,
            deadline: Duration::from_secs(5),
            ..StripeOptions::new(Secret::new("sk_test_1"), Secret::new(SECRET))
        };
        Self { stripe: Stripe::new(&options).unwrap(), server }
    }

    async fn charge(&self, method: &str) -> Result<Intent, GatewayError> {
        self.stripe.charge(charge(&format!("ord_{method}"), method)).await
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn replay(State(answered): State<Answered>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("authorization").as_deref(), Some("Bearer sk_test_1"));
    assert_eq!(header("stripe-version").as_deref(), Some("2025-03-31.basil"));
    let path = head.uri.path_and_query().unwrap().as_str().to_owned();

    let key = header("idempotency-key");
    if let Some((first_path, first_body, status, answer)) =
        key.as_ref().and_then(|key| answered.lock().get(key).cloned())
    {
        let same = (first_path.as_str(), first_body.as_str()) == (path.as_str(), body.as_str());
        return if same { respond(status, answer) } else { respond(400, shape!("error_idempotency")) };
    }
    let form: HashMap<_, _> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let found = EXCHANGES.iter().find(|exchange| {
        let is_path =
            if exchange.path.contains('?') { path.starts_with(exchange.path) } else { path == exchange.path };
        let has = |(name, value): &(&str, &str)| form.get(*name).is_some_and(|sent| sent == value);
        exchange.method == head.method.as_str() && is_path && exchange.form.iter().all(has)
    });
    let Some(exchange) = found else {
        return respond(418, "no such exchange");
    };
    if let Some(key) = key {
        answered.lock().insert(key, (path, body, exchange.status, exchange.body));
    }
    respond(exchange.status, exchange.body)
}

fn respond(status: u16, body: &'static str) -> Response {
    let retry = if status == 429 { "7" } else { "0" };
    (StatusCode::from_u16(status).unwrap(), [(header::RETRY_AFTER, retry)], body).into_response()
}

fn sign(body: &str, now: Timestamp) -> HeaderMap {
    let t = now.as_second();
    let tag = mac(SECRET.as_bytes(), &[format!("{t}.{body}").as_bytes()]).finalize().into_bytes();
    let header = format!("t={t},v1={},v0=00", HEXLOWER.encode(&tag));
    HeaderMap::from_iter([(axum::http::HeaderName::from_static("stripe-signature"), header.parse().unwrap())])
}

impl Bench for Replay {
    const PAYING: &str = "pm_paying";
    const DECLINED: &str = "pm_declined";
    const TWO_STEP: &str = "pm_two_step";
    const UNKNOWN: &str = "pm_none";

    fn gateway(&self) -> &dyn PaymentGateway {
        &self.stripe
    }

    async fn webhook(&self, _: &Intent) -> (HeaderMap, Bytes, Timestamp) {
        let (body, now) = (shape!("event_intent_succeeded"), Timestamp::now());
        (sign(body, now), Bytes::from_static(body.as_bytes()), now)
    }
}

#[tokio::test]
async fn the_contract_holds() {
    contract::holds(&Replay::start().await).await;
}

#[tokio::test]
async fn statuses_are_mapped_as_documented() {
    let replay = Replay::start().await;
    assert_eq!(replay.charge("pm_sepa").await.unwrap().status, IntentStatus::Processing);
    let sdk_only = replay.charge("pm_sdk").await.unwrap().status;
    assert!(matches!(sdk_only, IntentStatus::Failed { code, .. } if code == "action_not_supported"));
    let declined = replay.stripe.intent(IntentId::new("pi_declined")).await.unwrap().status;
    assert!(matches!(declined, IntentStatus::Failed { code, .. } if code == "card_declined"));
}

#[tokio::test]
async fn errors_tell_the_fate_of_the_charge() {
    let replay = Replay::start().await;
    let rush = replay.charge("pm_rush").await.unwrap_err();
    assert_eq!(rush, GatewayError::Busy { retry_after: Some(Duration::from_secs(7)) });
    for (method, fate) in [("pm_busy", Fate::Unknown), ("pm_500", Fate::Unknown), ("pm_html", Fate::Unknown)]
    {
        assert_eq!(replay.charge(method).await.unwrap_err().fate(), fate, "{method}");
    }
    assert!(matches!(replay.charge("pm_401").await, Err(GatewayError::Unauthorized { .. })));
    let inexpressible = ChargeRequest {
        amount: Money { minor: 5_124, currency: "KWD".into() },
        ..charge("ord_kwd", "pm_paying")
    };
    assert_eq!(replay.stripe.charge(inexpressible).await.unwrap_err().fate(), Fate::Refused);
}

#[tokio::test]
async fn refunds_go_from_pending_to_their_end() {
    let replay = Replay::start().await;
    let pending = replay.stripe.refund(refund("refund_pending", &IntentId::new(PAID), 1_000)).await.unwrap();
    assert_eq!(pending.status, RefundStatus::Pending);
    let failed = replay.stripe.refund_status(RefundId::new("re_3SfailKwdIwHu7ix0")).await.unwrap();
    assert_eq!(failed.status, RefundStatus::Failed { code: "expired_or_canceled_card".into() });
}

#[tokio::test]
async fn events_are_read_and_strangers_left_out() {
    let replay = Replay::start().await;
    let read = |body: &str| {
        let now = Timestamp::now();
        replay.stripe.webhook(&sign(body, now), body.as_bytes(), now)
    };
    let failed = read(shape!("event_intent_failed")).unwrap().remove(0);
    assert!(
        matches!(failed.kind, EventKind::Intent(IntentStatus::Failed { code, .. }) if code == "card_declined")
    );

    let refunded = read(shape!("event_refund_failed")).unwrap().remove(0);
    assert_eq!((refunded.order.as_deref(), refunded.intent.as_str()), (Some("ord_paid"), PAID));
    let EventKind::Refund(refund) = refunded.kind else { panic!("a refund's event") };
    assert_eq!(refund.key.as_deref(), Some("refund_failed"));
    assert_eq!(refund.status, RefundStatus::Failed { code: "expired_or_canceled_card".into() });

    let by_dashboard = read(shape!("event_refund_by_dashboard")).unwrap().remove(0);
    assert_eq!((by_dashboard.order, by_dashboard.intent.as_str()), (None, PAID));

    assert_eq!(read(shape!("event_intent_foreign")).unwrap(), []);
    assert_eq!(read(shape!("event_customer_created")).unwrap(), []);
    assert!(matches!(read("{}"), Err(WebhookError::Malformed(_))));
}

#[test]
fn keys_are_not_printed() {
    let options = StripeOptions::new(Secret::new("sk_live_x"), Secret::new("whsec_x"));
    let printed = format!("{options:?}");
    assert!(!printed.contains("sk_live") && !printed.contains("whsec"), "{printed}");
}
