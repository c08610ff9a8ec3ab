//! Server and client together, over real sockets.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    routing::post,
};
use http_body_util::Full;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc, task::AbortHandle};

use super::{Client, ClientOptions, Delays, Faults, Limits, SandboxOptions, Server, Webhooks};
use crate::payments::{
    EventKind, Fate, GatewayError, GatewayEvent, Intent, IntentStatus, PaymentGateway, RefundStatus, Secret,
    contract::{self, Bench, charge, refund},
    http::{HttpAnswer, HttpClient},
};

const API_KEY: &str = "sk_sandbox";
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Far longer than anything here takes; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

type Delivered = (HeaderMap, Bytes, Timestamp);

/// A sandbox, its client, and a receiver of its webhooks that answers as the test says.
struct Rig {
    server: Server,
    client: Client,
    http: HttpClient,
    delivered: tokio::sync::Mutex<mpsc::UnboundedReceiver<Delivered>>,
    answers: mpsc::UnboundedSender<StatusCode>,
    receiver: AbortHandle,
}

impl Rig {
    async fn start(change: impl FnOnce(&mut SandboxOptions)) -> Self {
        let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (deliver, delivered) = mpsc::unbounded_channel();
        let (answers, script) = mpsc::unbounded_channel();
        let mut options = SandboxOptions::new(Secret::new(API_KEY));
        options.webhooks = Some(Webhooks {
            url: format!("http://{}/hook", receiver.local_addr().unwrap()),
            secret: Secret::new(WEBHOOK_SECRET),
        });
        options.delays =
            Delays { slow: Duration::from_millis(40), twice: Duration::from_millis(10), ..Delays::default() };
        options.limits = Limits { backoff: Duration::from_millis(5), ..Limits::default() };
        change(&mut options);

        let script = std::sync::Arc::new(tokio::sync::Mutex::new(script));
        let app = Router::new().route("/hook", post(receive)).with_state((deliver, script));
        let receiver = tokio::spawn(async move { axum::serve(receiver, app).await.unwrap() }).abort_handle();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server::start(listener, options).unwrap();
        let client = Client::new(&ClientOptions {
            base_url: server.base_url(),
            api_key: Secret::new(API_KEY),
            webhook_secret: Secret::new(WEBHOOK_SECRET),
            deadline: Duration::from_millis(500),
        });
        let delivered = tokio::sync::Mutex::new(delivered);
        Self {
            server,
            client: client.unwrap(),
            http: HttpClient::new(PATIENCE),
            delivered,
            answers,
            receiver,
        }
    }

    async fn delivery(&self) -> Delivered {
        let wait = async { self.delivered.lock().await.recv().await.unwrap() };
        tokio::time::timeout(PATIENCE, wait).await.expect("a delivery comes")
    }

    async fn events(&self) -> Vec<GatewayEvent> {
        let (headers, body, now) = self.delivery().await;
        self.client.webhook(&headers, &body, now).unwrap()
    }

    /// However many deliveries they come in.
    async fn events_until(&self, count: usize) -> Vec<GatewayEvent> {
        let mut events = Vec::new();
        while events.len() < count {
            events.extend(self.events().await);
        }
        events
    }

    async fn post(&self, path: &str, body: Value) -> HttpAnswer {
        let request = Request::post(format!("{}{path}", self.server.base_url()))
            .header(header::AUTHORIZATION, format!("Bearer {API_KEY}"))
            .header("idempotency-key", "k")
            .body(Full::from(body.to_string()))
            .unwrap();
        self.http.send(request).await.unwrap()
    }

    async fn status(&self, intent: &Intent) -> IntentStatus {
        self.client.intent(intent.id.clone()).await.unwrap().status
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.receiver.abort();
    }
}

type Script = std::sync::Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<StatusCode>>>;

/// Hands a delivery to the test and answers by the script, or 204 when that is empty.
async fn receive(
    State((deliver, script)): State<(mpsc::UnboundedSender<Delivered>, Script)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let answer = script.lock().await.try_recv().unwrap_or(StatusCode::NO_CONTENT);
    // The test may have ended.
    let _ = deliver.send((headers, body, Timestamp::now()));
    answer
}

impl Bench for Rig {
    const PAYING: &str = "card_ok";
    const DECLINED: &str = "card_declined";
    const TWO_STEP: &str = "card_two_step";
    const UNKNOWN: &str = "card_of_nobody";

    fn gateway(&self) -> &dyn PaymentGateway {
        &self.client
    }

    async fn webhook(&self, intent: &Intent) -> Delivered {
        loop {
            let delivery = self.delivery().await;
            if String::from_utf8_lossy(&delivery.1).contains(intent.id.as_str()) {
                return delivery;
            }
        }
    }
}

#[tokio::test]
async fn the_contract_holds() {
    contract::holds(&Rig::start(|_| {}).await).await;
}

#[tokio::test]
async fn a_slow_card_succeeds_by_webhook() {
    let rig = Rig::start(|_| {}).await;
    let intent = rig.client.charge(charge("o", "card_slow")).await.unwrap();
    assert_eq!(intent.status, IntentStatus::Processing);
    let events = rig.events().await;
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0].intent, events[0].order.as_deref()), (&intent.id, Some("o")));
    assert_eq!(events[0].kind, EventKind::Intent(IntentStatus::Succeeded));
}

#[tokio::test]
async fn the_webhook_of_card_twice_comes_twice_under_one_id() {
    let rig = Rig::start(|_| {}).await;
    rig.client.charge(charge("o", "card_twice")).await.unwrap();
    let events = rig.events_until(2).await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0], events[1]);
}

#[tokio::test]
async fn a_lost_payment_is_found_by_asking() {
    let rig = Rig::start(|_| {}).await;
    let intent = rig.client.charge(charge("o", "card_lost")).await.unwrap();
    assert_eq!(intent.status, IntentStatus::Processing);
    assert_eq!(rig.status(&intent).await, IntentStatus::Succeeded);
    assert_eq!(rig.client.find("o".into()).await.unwrap().unwrap().status, IntentStatus::Succeeded);
}

#[tokio::test]
async fn a_late_card_waits_for_the_test_to_say_so() {
    let rig = Rig::start(|_| {}).await;
    let intent = rig.client.charge(charge("o", "card_late")).await.unwrap();
    let path = format!("/control/intents/{}/complete", intent.id);
    assert_eq!(rig.post(&path, json!({})).await.status, StatusCode::OK);
    assert_eq!(rig.events().await[0].kind, EventKind::Intent(IntentStatus::Succeeded));
    assert_eq!(rig.post(&path, json!({})).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_refund_that_fails_says_so_later_under_its_key() {
    let rig = Rig::start(|_| {}).await;
    let intent = rig.client.charge(charge("ord_paid", "card_refund_fails")).await.unwrap();
    rig.events().await;
    let pending = rig.client.refund(refund("r1", &intent.id, 700)).await.unwrap();
    assert_eq!(pending.status, RefundStatus::Pending);
    let ends = rig.events_until(2).await.into_iter().map(|event| match event.kind {
        EventKind::Refund(refund) => (refund.key.unwrap(), refund.status),
        EventKind::Intent(status) => panic!("{status:?}"),
    });
    let failed = RefundStatus::Failed { code: "declined_by_bank".into() };
    assert!(ends.eq([("r1".to_owned(), RefundStatus::Pending), ("r1".to_owned(), failed)]));
}

#[tokio::test]
async fn a_delivery_is_repeated_until_it_is_taken_and_what_waits_follows() {
    let rig = Rig::start(|options| options.limits.deliveries_in_flight = 1).await;
    for _ in 0..3 {
        rig.answers.send(StatusCode::SERVICE_UNAVAILABLE).unwrap();
    }
    rig.client.charge(charge("o0", "card_ok")).await.unwrap();
    let (first, body, _) = rig.delivery().await;
    // These wait, since the only delivery is being repeated; a repeat carries what it carried before.
    for number in 1..=5 {
        rig.client.charge(charge(&format!("o{number}"), "card_ok")).await.unwrap();
    }
    for _ in 0..3 {
        let (again, same_body, _) = rig.delivery().await;
        assert_eq!((&again["webhook-id"], &same_body), (&first["webhook-id"], &body));
    }
    let orders: Vec<_> = rig.events_until(5).await.into_iter().map(|event| event.order.unwrap()).collect();
    assert_eq!(orders, ["o1", "o2", "o3", "o4", "o5"]);
}

#[tokio::test]
async fn a_delivery_that_nobody_takes_is_given_up() {
    let rig = Rig::start(|options| options.limits.attempts = 2).await;
    for _ in 0..2 {
        rig.answers.send(StatusCode::INTERNAL_SERVER_ERROR).unwrap();
    }
    rig.client.charge(charge("o0", "card_ok")).await.unwrap();
    let (first, ..) = rig.delivery().await;
    let (second, ..) = rig.delivery().await;
    assert_eq!(first["webhook-id"], second["webhook-id"]);
    rig.client.charge(charge("o1", "card_ok")).await.unwrap();
    assert_eq!(rig.events().await[0].order.as_deref(), Some("o1"));
}

#[tokio::test]
async fn faults_leave_the_fate_that_they_should() {
    let rig =
        Rig::start(|options| options.faults = Faults { unavailable_next: 1, ..Faults::default() }).await;
    let charge_it = || rig.client.charge(charge("o", "card_ok"));
    assert_eq!(charge_it().await.unwrap_err().fate(), Fate::Unknown);
    assert_eq!(rig.client.find("o".into()).await, Ok(None), "503 before anything was done");

    for (fault, fate) in [
        (json!({"rate_limited_next": 1}), Fate::NotDone),
        (json!({"answer_lost_next": 1}), Fate::Unknown),
        (json!({"hang_next": 1}), Fate::Unknown),
    ] {
        assert_eq!(rig.post("/control/faults", fault.clone()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(charge_it().await.unwrap_err().fate(), fate, "{fault}");
    }
    let found = rig.client.find("o".into()).await.unwrap().unwrap();
    assert_eq!(charge_it().await, Ok(found), "the repeat finds the charge whose answer was lost");
    assert_eq!(rig.events().await.len(), 1, "and it was charged once");
    assert_eq!(rig.post("/control/faults", json!({"nonsense": 1})).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_wrong_key_opens_nothing() {
    let rig = Rig::start(|_| {}).await;
    let stranger = Client::new(&ClientOptions {
        base_url: rig.server.base_url(),
        api_key: Secret::new("guess"),
        webhook_secret: Secret::new(WEBHOOK_SECRET),
        deadline: PATIENCE,
    })
    .unwrap();
    let refused = stranger.charge(charge("o", "card_ok")).await;
    assert!(matches!(refused, Err(GatewayError::Unauthorized { .. })), "{refused:?}");
    for path in ["/v1/events", "/control/stats"] {
        let request = Request::get(format!("{}{path}", rig.server.base_url())).body(Full::default()).unwrap();
        assert_eq!(rig.http.send(request).await.unwrap().status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn bad_bodies_are_refused_by_name() {
    let rig = Rig::start(|_| {}).await;
    let good = json!({"order": "o", "amount_minor": 1, "currency": "EUR", "method": "card_ok",
        "email": "a@b.c", "return_url": "https://shop.example/"});
    for (field, value, code) in [
        ("amount_minor", json!(0), "invalid_amount"),
        ("amount_minor", json!(1.5), "malformed"),
        ("amount_minor", json!(i64::MIN), "invalid_amount"),
        ("currency", json!("eur"), "invalid_currency"),
        ("order", json!(""), "invalid_order"),
        ("order", json!("o".repeat(256)), "invalid_order"),
        ("method", json!("4242424242424242"), "unknown_method"),
        ("return_url", json!("javascript:alert(1)"), "invalid_return_url"),
        ("surprise", json!(1), "malformed"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let answer = rig.post("/v1/intents", body).await;
        let error: Value = answer.json().unwrap();
        assert_eq!(error["error"]["code"], code, "{field}");
        assert!(answer.status.is_client_error());
    }
    let huge = json!({"order": "o".repeat(70_000)});
    assert_eq!(rig.post("/v1/intents", huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(rig.post("/v1/intents", good).await.status, StatusCode::OK, "none of them used the key up");
}

/// The page of a `card_two_step` payment, as a browser meets it.
struct Visit<'a> {
    rig: &'a Rig,
    intent: Intent,
    url: String,
    headers: HeaderMap,
    html: String,
}

impl<'a> Visit<'a> {
    async fn open(rig: &'a Rig) -> Self {
        let intent = rig.client.charge(charge("o<1>", "card_two_step")).await.unwrap();
        let IntentStatus::RequiresAction { url } = intent.status.clone() else { panic!("{intent:?}") };
        let request = Request::get(&url).body(Full::default()).unwrap();
        let answer = rig.http.send(request).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        let html = String::from_utf8(answer.body.to_vec()).unwrap();
        Self { rig, intent, url, headers: answer.headers, html }
    }

    fn form_token(&self) -> &str {
        let rest = self.html.split("name=\"form_token\" value=\"").nth(1).unwrap();
        rest.split('"').next().unwrap()
    }

    async fn press(&self, decision: &str, form_token: &str, site: &str) -> HttpAnswer {
        let request = Request::post(&self.url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(Full::from(format!("form_token={form_token}&decision={decision}")))
            .unwrap();
        self.rig.http.send(request).await.unwrap()
    }
}

#[tokio::test]
async fn the_customer_approves_or_declines_on_the_page_and_goes_back() {
    for (decision, expected) in [
        ("approve", IntentStatus::Succeeded),
        (
            "decline",
            IntentStatus::Failed { code: "card_declined".into(), message: "The card was declined.".into() },
        ),
    ] {
        let rig = Rig::start(|_| {}).await;
        let visit = Visit::open(&rig).await;
        assert!(visit.html.contains("EUR 25.00") && visit.html.contains("shop.example"), "{}", visit.html);
        assert!(!visit.html.contains("o<1>"), "what others wrote is escaped");
        let policy = visit.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://shop.example;"), "{policy}");

        for _ in 0..2 {
            let answer = visit.press(decision, visit.form_token(), "same-origin").await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "a second click does no harm");
            assert_eq!(answer.headers[header::LOCATION], "https://shop.example/orders/1");
        }
        assert_eq!(rig.events().await[0].kind, EventKind::Intent(expected.clone()));
        assert_eq!(rig.status(&visit.intent).await, expected);
    }
}

#[tokio::test]
async fn the_page_takes_no_form_from_elsewhere() {
    let rig = Rig::start(|_| {}).await;
    let visit = Visit::open(&rig).await;
    let page_token = visit.url.rsplit('/').next().unwrap();
    for (token, site) in
        [(visit.form_token(), "cross-site"), (page_token, "same-origin"), ("", "same-origin")]
    {
        assert_eq!(visit.press("approve", token, site).await.status, StatusCode::FORBIDDEN);
    }
    assert!(matches!(rig.status(&visit.intent).await, IntentStatus::RequiresAction { .. }));
    let guessed = Request::get(format!("{}x", visit.url)).body(Full::default()).unwrap();
    assert_eq!(rig.http.send(guessed).await.unwrap().status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn stopping_ends_everything_even_what_hangs() {
    let mut rig = Rig::start(|options| options.faults = Faults { hang_next: 1, ..Faults::default() }).await;
    let address: SocketAddr = rig.server.address();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let spare = Server::start(listener, SandboxOptions::new(Secret::new("spare"))).unwrap();
    let server = std::mem::replace(&mut rig.server, spare);
    let patient = Client::new(&ClientOptions {
        base_url: server.base_url(),
        api_key: Secret::new(API_KEY),
        webhook_secret: Secret::new(WEBHOOK_SECRET),
        deadline: PATIENCE * 2,
    })
    .unwrap();
    let (hung, stopped) = tokio::join!(patient.charge(charge("o", "card_ok")), async {
        // The call was carried out, and hangs, when its event comes.
        rig.delivery().await;
        tokio::time::timeout(PATIENCE, server.stop()).await
    });
    assert!(stopped.is_ok(), "the server stops");
    assert_eq!(hung.unwrap_err().fate(), Fate::Unknown);
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "and listens no more");
}
