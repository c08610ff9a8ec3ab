//! A purchase with every test card.

use hyper::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;
use crate::marquee::{Demo, folder, until};
use crate::stage::{Stage, id, order};

struct Shop {
    demo: Demo,
    stage: Stage,
    guest: Client,
    _folder: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let folder = folder();
        let demo = Demo::start(&folder.path().join("data")).await;
        let stage = Stage::open(&demo.signed_in("organizer").await).await;
        let guest = demo.guest();
        Self { demo, stage, guest, _folder: folder }
    }

    /// Holds two seats and orders them with a card.
    async fn buy(&self, card: &str) -> Value {
        let hold = self.stage.hold(&self.guest, 2).await;
        self.guest.post("/v1/bookings", &order(&hold, card)).await.expect(201)
    }

    /// The order as its buyer sees it.
    async fn look(&self, order: &Value) -> Value {
        let (id, token) = (order["id"].as_str().unwrap(), order["token"].as_str().unwrap());
        let headers = [("x-order-token", token)];
        self.guest.send(Method::GET, &format!("/v1/bookings/{id}"), &headers, None).await.expect(200)
    }

    /// The order once it is booked.
    async fn booked(&self, order: &Value) -> Value {
        until("the order's booking", async || {
            let seen = self.look(order).await;
            (seen["status"] == "booked").then_some(seen)
        })
        .await
    }
}

/// Both tickets admit somebody, and the seats are theirs.
#[track_caller]
fn assert_paid(order: &Value) {
    assert_eq!(order["status"], "booked", "{order}");
    assert_eq!(order["payment"]["status"], "captured", "{order}");
    assert_eq!(order["total"], json!({"amount": 9000, "currency": "USD"}), "{order}");
    let tickets = order["tickets"].as_array().unwrap();
    assert_eq!(tickets.len(), 2, "{order}");
    for ticket in tickets {
        assert_eq!(ticket["status"], "valid", "{order}");
        assert!(ticket["code"].as_str().unwrap().starts_with("MQ1."), "{order}");
    }
}

#[tokio::test]
async fn card_ok_books_in_the_answer_and_the_tickets_can_be_shown_and_cancelled() {
    let shop = Shop::open().await;
    let order = shop.buy("card_ok").await;
    assert_paid(&order);
    assert_eq!(shop.stage.count(&shop.guest, "booked").await, 2);

    let (id, token) = (order["id"].as_str().unwrap(), order["token"].as_str().unwrap());
    let mine = [("x-order-token", token)];
    let ticket = order["tickets"][0]["id"].as_str().unwrap();
    let qr = shop.guest.send(Method::GET, &format!("/v1/tickets/{ticket}/qr.svg"), &mine, None).await;
    assert_eq!((qr.status, qr.headers["content-type"].to_str().unwrap()), (200, "image/svg+xml"));
    assert!(qr.bytes.starts_with(b"<") && qr.bytes.windows(4).any(|bytes| bytes == b"<svg"));

    // Whoever has no token is not told that there is such an order.
    shop.guest.get(&format!("/v1/bookings/{id}")).await.expect_problem(404, "unknown-order");

    let cancel = format!("/v1/bookings/{id}/cancellation");
    let one = json!({"tickets": [ticket]});
    let after = shop.guest.send(Method::POST, &cancel, &mine, Some(&one)).await.expect(200);
    assert_eq!(after["refunds"][0]["amount"], json!({"amount": 4500, "currency": "USD"}), "{after}");
    assert_eq!(shop.stage.count(&shop.guest, "booked").await, 1);
    shop.guest.send(Method::POST, &cancel, &mine, Some(&json!({}))).await.expect(200);
    let refunded = until("both refunds", async || {
        let seen = shop.look(&order).await;
        let refunds = seen["refunds"].as_array().unwrap();
        let settled = refunds.iter().filter(|refund| refund["status"] == "settled").count();
        (settled == 2).then_some(seen)
    })
    .await;
    assert_eq!(refunded["status"], "cancelled");
    assert_eq!(shop.stage.count(&shop.guest, "free").await, crate::stage::SEATS);
    shop.demo.stop().await;
}

#[tokio::test]
async fn card_declined_sells_nothing_and_the_hold_can_be_paid_with_another() {
    let shop = Shop::open().await;
    let hold = shop.stage.hold(&shop.guest, 2).await;
    let declined = shop.guest.post("/v1/bookings", &order(&hold, "card_declined")).await.expect(201);
    assert_eq!(
        (&declined["status"], &declined["payment"]["status"]),
        (&json!("declined"), &json!("declined"))
    );
    assert!(declined["payment"]["message"].as_str().is_some_and(|words| !words.is_empty()), "{declined}");
    assert_eq!(shop.stage.count(&shop.guest, "booked").await, 0);
    let paid = shop.guest.post("/v1/bookings", &order(&hold, "card_ok")).await.expect(201);
    assert_paid(&paid);
    shop.demo.stop().await;
}

#[tokio::test]
async fn card_two_step_is_booked_once_the_customer_approves() {
    let shop = Shop::open().await;
    let placed = shop.buy("card_two_step").await;
    let waiting = until("the gateway's page", async || {
        let seen = shop.look(&placed).await;
        (seen["payment"]["status"] == "action_required").then_some(seen)
    })
    .await;
    assert_eq!(waiting["status"], "awaiting_payment");
    let url = waiting["payment"]["url"].as_str().unwrap();
    let (origin, path) = url.split_at(url.find("/pay/").unwrap());
    let bank = Client::new(origin);
    let page = String::from_utf8(bank.get(path).await.bytes.to_vec()).unwrap();
    let (_before, token) = page.split_once("name=\"form_token\" value=\"").unwrap();
    let (token, _after) = token.split_once('"').unwrap();
    let form = format!("form_token={token}&decision=approve");
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let request = bank.try_send_form(path, &headers, form).await.unwrap();
    assert_eq!(request.status, 303, "{request:?}");
    assert!(request.headers["location"].to_str().unwrap().starts_with(shop.demo.url()), "{request:?}");
    assert_paid(&shop.booked(&placed).await);
    shop.demo.stop().await;
}

#[tokio::test]
async fn cards_that_are_slow_or_lost_or_repeat_themselves_book_once() {
    let shop = Shop::open().await;
    for card in ["card_slow", "card_twice", "card_lost"] {
        let placed = shop.buy(card).await;
        assert_paid(&shop.booked(&placed).await);
    }
    assert_eq!(shop.stage.count(&shop.guest, "booked").await, 6);
    shop.demo.stop().await;
}

#[tokio::test]
async fn card_late_keeps_the_seats_while_it_is_waited_for() {
    let shop = Shop::open().await;
    let hold = shop.stage.hold(&shop.guest, 2).await;
    let path = "/v1/bookings";
    let late = order(&hold, "card_late");
    let placed = shop.guest.send(Method::POST, path, &[("prefer", "wait=1")], Some(&late)).await.expect(201);
    assert_eq!(placed["status"], "awaiting_payment", "{placed}");
    assert!(placed["tickets"].as_array().unwrap().iter().all(|ticket| ticket["code"].is_null()), "{placed}");
    assert_eq!(shop.stage.count(&shop.guest, "held").await, 2);
    shop.demo.stop().await;
}

#[tokio::test]
async fn a_repeated_request_gets_its_first_answer() {
    let shop = Shop::open().await;
    let key = [("idempotency-key", "hold-once")];
    let holds = format!("/v1/performances/{}/holds", shop.stage.performance);
    let wish = json!({"best_available": {"quantity": 2}});
    let first = shop.guest.send(Method::POST, &holds, &key, Some(&wish)).await.expect(201);
    let again = shop.guest.send(Method::POST, &holds, &key, Some(&wish)).await.expect(201);
    assert_eq!((&first["id"], &first["token"]), (&again["id"], &again["token"]));
    assert_eq!(shop.stage.count(&shop.guest, "held").await, 2);
    let key = [("idempotency-key", "order-once")];
    let body = order(&first, "card_ok");
    let bought = shop.guest.send(Method::POST, "/v1/bookings", &key, Some(&body)).await.expect(201);
    let again = shop.guest.send(Method::POST, "/v1/bookings", &key, Some(&body)).await.expect(201);
    assert_eq!(id(&bought), id(&again));
    assert_eq!(shop.stage.count(&shop.guest, "booked").await, 2);
    shop.demo.stop().await;
}
