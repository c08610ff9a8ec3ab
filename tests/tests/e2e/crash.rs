//! The power goes while customers buy: what was acknowledged is there afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::Method;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::marquee::{Demo, folder, run, text, until};
use crate::stage::Stage;

const ROUNDS: usize = 4;
const BUYERS: usize = 8;

/// What a buyer was answered.
#[derive(Debug, Clone)]
struct Acknowledged {
    order: String,
    token: String,
    seat: String,
}

/// What a buyer had asked for when the power went.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    key: String,
    token: Option<String>,
    body: Value,
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed_again_and_again() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut demo = Demo::start(&data).await;
    let stage = Arc::new(Stage::open(&demo.signed_in("organizer").await).await);
    let (mut acknowledged, mut asked) = (Vec::<Acknowledged>::new(), Vec::<Asked>::new());
    for round in 0..ROUNDS {
        let crowd = Crowd::start(&demo, &stage, round);
        // At a moment that depends on how far the buyers are, and on nothing else.
        crowd.until_bought(5 + fastrand::usize(..15)).await;
        demo.kill().await;
        let (bought, unanswered) = crowd.ended().await;
        assert!(bought.len() >= 5, "they bought before the power went");
        acknowledged.extend(bought);
        asked.extend(unanswered);
        demo = Demo::start(&data).await;
        check(&demo.guest(), &stage, &acknowledged).await;
    }
    // Who had no answer asks again with the same key, and gets one.
    let guest = demo.guest();
    for Asked { path, key, token, body } in asked {
        let mut headers = vec![("idempotency-key", key.as_str())];
        headers.extend(token.as_deref().map(|token| ("x-hold-token", token)));
        let answer = guest.send(Method::POST, &path, &headers, Some(&body)).await;
        assert_eq!(answer.status, 201, "{path} {}", answer.body);
    }
    check(&guest, &stage, &acknowledged).await;
    let awaiting = async || {
        let map = guest.get(&format!("/v1/performances/{}/seats", stage.performance)).await.expect(200);
        let booked =
            map["seats"].as_array().unwrap().iter().filter(|seat| seat["status"] == "booked").count();
        (booked >= acknowledged.len()).then_some(booked)
    };
    until("every acknowledged seat being booked", awaiting).await;
    demo.stop().await;

    let verified = run(&["ledger", "verify", "--data", data.to_str().unwrap(), "--json"]).await;
    assert!(verified.status.success(), "{}{}", text(&verified.stdout), text(&verified.stderr));
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!((&report["whole"], &report["violations_count"]), (&json!(true), &json!(0)), "{report}");
    assert!(report["tickets_valid"].as_u64().unwrap() >= acknowledged.len() as u64, "{report}");
}

/// Every acknowledged order is booked, with its own seat.
async fn check(guest: &Client, stage: &Stage, acknowledged: &[Acknowledged]) {
    let map = guest.get(&format!("/v1/performances/{}/seats", stage.performance)).await.expect(200);
    let seats = map["seats"].as_array().unwrap();
    let mut taken = std::collections::BTreeSet::new();
    for Acknowledged { order, token, seat } in acknowledged {
        let headers = [("x-order-token", token.as_str())];
        let path = format!("/v1/bookings/{order}");
        let seen = guest.send(Method::GET, &path, &headers, None).await.expect(200);
        assert_eq!(
            (&seen["status"], &seen["tickets"][0]["status"]),
            (&json!("booked"), &json!("valid")),
            "{seen}"
        );
        assert!(taken.insert(seat), "{seat} was sold twice");
        let on_map = seats.iter().find(|on_map| on_map["id"] == seat.as_str()).unwrap();
        assert_eq!(on_map["status"], "booked", "{order} {on_map}");
    }
}

/// Buyers that buy one seat after another until nobody answers.
struct Crowd {
    buyers: JoinSet<(Vec<Acknowledged>, Option<Asked>)>,
    bought: Arc<AtomicUsize>,
    another: Arc<Notify>,
}

impl Crowd {
    fn start(demo: &Demo, stage: &Arc<Stage>, round: usize) -> Self {
        let (bought, another) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let mut buyers = JoinSet::new();
        for buyer in 0..BUYERS {
            let (guest, stage) = (demo.guest(), stage.clone());
            let (bought, another) = (bought.clone(), another.clone());
            let told = move || {
                bought.fetch_add(1, Ordering::SeqCst);
                another.notify_one();
            };
            buyers.spawn(buy(guest, stage, format!("{round}-{buyer}"), told));
        }
        Self { buyers, bought, another }
    }

    async fn until_bought(&self, count: usize) {
        while self.bought.load(Ordering::SeqCst) < count {
            self.another.notified().await;
        }
    }

    async fn ended(mut self) -> (Vec<Acknowledged>, Vec<Asked>) {
        let (mut acknowledged, mut asked) = (Vec::new(), Vec::new());
        while let Some(buyer) = self.buyers.join_next().await {
            let (bought, unanswered) = buyer.unwrap();
            acknowledged.extend(bought);
            asked.extend(unanswered);
        }
        (acknowledged, asked)
    }
}

async fn buy(
    guest: Client,
    stage: Arc<Stage>,
    name: String,
    told: impl Fn(),
) -> (Vec<Acknowledged>, Option<Asked>) {
    let mut acknowledged = Vec::new();
    for nth in 0.. {
        let hold = Asked {
            path: format!("/v1/performances/{}/holds", stage.performance),
            key: format!("{name}-{nth}-hold"),
            token: None,
            body: json!({"best_available": {"quantity": 1}}),
        };
        let Some(held) = ask(&guest, &hold).await else { return (acknowledged, Some(hold)) };
        let order = Asked {
            path: "/v1/bookings".to_owned(),
            key: format!("{name}-{nth}-order"),
            token: Some(held["token"].as_str().unwrap().to_owned()),
            body: json!({
                "hold_id": held["id"], "payment": {"method": "card_ok"},
                "email": format!("{name}-{nth}@example.org")
            }),
        };
        let Some(ordered) = ask(&guest, &order).await else { return (acknowledged, Some(order)) };
        // An order that is placed and not yet paid when the power goes is not a sale that was acknowledged.
        if ordered["status"] == "booked" {
            acknowledged.push(Acknowledged {
                order: ordered["id"].as_str().unwrap().to_owned(),
                token: ordered["token"].as_str().unwrap().to_owned(),
                seat: held["seats"][0]["id"].as_str().unwrap().to_owned(),
            });
            told();
        }
    }
    (acknowledged, None)
}

/// Asks once; none if there is no answer.
async fn ask(guest: &Client, asked: &Asked) -> Option<Value> {
    let mut headers = vec![("idempotency-key", asked.key.as_str())];
    headers.extend(asked.token.as_deref().map(|token| ("x-hold-token", token)));
    let answer = guest.try_send(Method::POST, &asked.path, &headers, Some(&asked.body)).await.ok()?;
    Some(answer.expect(201))
}
