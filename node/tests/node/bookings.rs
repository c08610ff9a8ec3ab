//! Orders and tickets, paid through the sandbox gateway.

use marquee_config::Settings;
use marquee_node::accounts::Role;
use serde_json::{Value, json};

use crate::show::{ORGANIZER, STRANGER, Show, Terms};

const NOTHING: Value = Value::Null;

fn booking(order: &Value) -> String {
    format!("/v1/bookings/{}", order["id"].as_str().unwrap())
}

fn ticket(order: &Value, index: usize) -> String {
    format!("/v1/tickets/{}", order["tickets"][index]["id"].as_str().unwrap())
}

fn statuses(order: &Value) -> Vec<&str> {
    order["tickets"].as_array().unwrap().iter().map(|ticket| ticket["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_guest_holds_pays_and_has_tickets_with_a_code() {
    let show = Show::open().await;
    let hold = show.hold(&[0, 1]).await;
    let booked = show.book(&hold, "card_ok").await;
    assert_eq!(booked.status, 201);
    let order = booked.json();
    assert_eq!(booked.header("location"), booking(&order));
    assert_eq!((&order["status"], &order["payment"]["status"]), (&json!("booked"), &json!("captured")));
    assert_eq!(order["total"], json!({"amount": 9_000, "currency": "USD"}));
    assert_eq!(order["refund_if_cancelled_now"]["amount"], 4_500);
    assert_eq!(
        (&order["event_title"], &order["venue_name"]),
        (&json!("Harbour Lights"), &json!("Fox Theater"))
    );
    assert_eq!(order["refund_policy"], json!({"until_hours_before": 24, "share_percent": 50}));
    assert_eq!(order["receipt"]["chain"].as_str().unwrap().len(), 64);
    assert_eq!((statuses(&order), show.statuses().await.0), (vec!["valid"; 2], "bbffffffff".to_owned()));

    let code = order["tickets"][1]["code"].as_str().unwrap();
    let claims = show.house.app.selling.keys().verify(code, show.house.app.now_ms()).unwrap();
    assert_eq!(claims.ticket.to_string(), order["tickets"][1]["id"].as_str().unwrap());
    assert_eq!((claims.performance, claims.serial), (show.performance, 0));

    // Others do not even learn that the order is there.
    let token = [("x-order-token", order["token"].as_str().unwrap())];
    assert_eq!(show.get(&booking(&order), &token).await.json()["tickets"], order["tickets"]);
    show.get(&booking(&order), &[]).await.problem(404, "unknown-order");
    show.get(&ticket(&order, 0), &[]).await.problem(404, "unknown-ticket");
    let wrong = [("x-order-token", "AAAAAAAAAAAAAAAAAAAAAA")];
    show.get(&booking(&order), &wrong).await.problem(404, "unknown-order");
    show.post(&format!("{}/cancellation", booking(&order)), &wrong, &json!({}))
        .await
        .problem(404, "unknown-order");
    let lone = show.get(&ticket(&order, 0), &token).await.json();
    assert_eq!((&lone["code"], &lone["order_id"]), (&order["tickets"][0]["code"], &order["id"]));
    let picture = show.get(&format!("{}/qr.svg", ticket(&order, 0)), &token).await;
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.body.windows(4).any(|bytes| bytes == b"<svg"));
    let keys = show.get("/v1/tickets/keys", &[]).await.json();
    assert_eq!(keys["keys"][0]["public_key"].as_str().unwrap().len(), 43);
    show.close().await;
}

#[tokio::test]
async fn a_declined_payment_leaves_the_hold_and_a_slow_one_is_waited_for() {
    let show = Show::open().await;
    let hold = show.hold(&[0]).await;
    let declined = show.book(&hold, "card_declined").await;
    assert_eq!(declined.status, 201);
    let declined = declined.json();
    assert_eq!(
        (&declined["status"], &declined["payment"]["status"]),
        (&json!("declined"), &json!("declined"))
    );
    assert!(declined["payment"]["code"].is_string() && declined["tickets"][0]["code"].is_null());
    assert_eq!(show.statuses().await.0, "hfffffffff");
    let booked = show.book(&hold, "card_slow").await.json();
    assert_eq!((&booked["status"], &booked["payment"]["status"]), (&json!("booked"), &json!("captured")));
    show.book(&hold, "card_ok").await.problem(410, "hold-lapsed");
    let other = show.hold(&[1]).await;
    let stepping = show.book(&other, "card_two_step").await.json();
    assert_eq!(
        (&stepping["status"], &stepping["payment"]["status"]),
        (&json!("awaiting_payment"), &json!("action_required"))
    );
    assert!(stepping["payment"]["url"].as_str().unwrap().starts_with("http"));
    show.book(&other, "card_ok").await.problem(409, "hold-ordered");
    show.close().await;
}

#[tokio::test]
async fn an_account_books_without_tokens_and_lists_what_it_booked() {
    let show = Show::open().await;
    let person = json!({"email": "ada@example.com", "password": "a long enough one", "name": "Ada"});
    let account = show.post("/v1/accounts", &[], &person).await.json();
    let account = account["id"].as_str().unwrap().parse().unwrap();
    let (buyer, stranger) = (show.bearer(account, &[]), show.bearer(STRANGER, &[]));
    let headers = [("authorization", &*buyer), ("idempotency-key", "book")];
    let wish = json!({"best_available": {"quantity": 2}});
    let hold = show.post(&show.path("holds"), &headers[..1], &wish).await.json();
    let body = json!({"hold_id": hold["id"], "payment": {"method": "card_ok", "gateway": "sandbox"}});
    let others = [("authorization", &*stranger)];
    show.post("/v1/bookings", &others, &body).await.problem(410, "hold-lapsed");
    show.post("/v1/bookings", &[], &body).await.problem(422, "invalid");
    let order = show.post("/v1/bookings", &headers, &body).await.json();
    assert_eq!((&order["status"], &order["token"]), (&json!("booked"), &NOTHING));
    // The hold is gone, and yet a repetition is answered as the first was.
    let again = show.post("/v1/bookings", &headers, &body).await;
    assert_eq!((again.status.as_u16(), &again.json()["id"]), (201, &order["id"]));

    let bought = show
        .post(
            &format!("/v1/events/{}/bookings", show.event),
            &[("authorization", &buyer)],
            &json!({"performance_id": show.performance.to_string(), "best_available": {"quantity": 1},
                    "payment": {"method": "card_ok"}}),
        )
        .await;
    assert_eq!((bought.status.as_u16(), &bought.json()["status"]), (201, &json!("booked")));
    show.get(&booking(&order), &others).await.problem(404, "unknown-order");
    for roles in [&[Role::Support][..], &[Role::Operator]] {
        let helper = show.bearer(STRANGER, roles);
        assert_eq!(show.get(&booking(&order), &[("authorization", &helper)]).await.status, 200);
    }
    let other_organizer = show.bearer(STRANGER, &[Role::Organizer]);
    show.get(&booking(&order), &[("authorization", &other_organizer)]).await.problem(404, "unknown-order");
    // The account learns of its orders from the outbox, soon after.
    let list = "/v1/accounts/me/bookings";
    let mut page = show.get(&format!("{list}?limit=1"), &headers[..1]).await.json();
    while page["next"].is_null() {
        page = show.get(&format!("{list}?limit=1"), &headers[..1]).await.json();
    }
    assert_eq!(page["items"][0]["id"], bought.json()["id"]);
    let next = format!("{list}?limit=1&cursor={}", page["next"].as_str().unwrap());
    let rest = show.get(&next, &headers[..1]).await.json();
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&order["id"], &NOTHING));
    show.get(list, &[]).await.problem(401, "unauthenticated");
    assert_eq!(show.get(list, &others).await.json()["items"], json!([]));
    show.close().await;
}

#[tokio::test]
async fn some_tickets_are_cancelled_then_the_rest_under_the_policy_of_the_purchase() {
    let show = Show::open().await;
    let hold = show.hold(&[0, 1, 2]).await;
    let order = show.book(&hold, "card_ok").await.json();
    let token = [("x-order-token", order["token"].as_str().unwrap())];
    let path = format!("{}/cancellation", booking(&order));
    show.post(&path, &token, &json!({"tickets": []})).await.problem(422, "empty-selection");
    show.post(&path, &token, &json!({"tickets": ["tkt_x"]})).await.problem(422, "invalid-body");
    let foreign = format!("{}z", &order["id"].as_str().unwrap().replace("ord_", "tkt_")[..29]);
    show.post(&path, &token, &json!({"tickets": [foreign]})).await.problem(404, "unknown-ticket");
    assert_eq!(show.statuses().await.0, "bbbfffffff");

    let first = order["tickets"][0]["id"].clone();
    let some = show.post(&path, &token, &json!({"tickets": [first], "reason": "ill"})).await;
    assert_eq!(some.status, 200);
    let some = some.json();
    assert_eq!((&some["status"], statuses(&some)), (&json!("booked"), vec!["cancelled", "valid", "valid"]));
    assert_eq!(
        (&some["refunds"][0]["amount"]["amount"], &some["refunds"][0]["reason"]),
        (&json!(2_250), &json!("ill"))
    );
    assert_eq!((&some["tickets"][0]["code"], show.statuses().await.0), (&NOTHING, "fbbfffffff".to_owned()));
    show.get(&format!("{}/qr.svg", ticket(&order, 0)), &token).await.problem(404, "unknown-ticket");
    show.post(&path, &token, &json!({"tickets": [first]})).await.problem(404, "unknown-ticket");

    let all = show.post(&path, &token, &json!({})).await.json();
    assert_eq!((&all["status"], statuses(&all)), (&json!("cancelled"), vec!["cancelled"; 3]));
    assert_eq!(
        (&all["refunds"][1]["amount"]["amount"], show.statuses().await.0),
        (&json!(4_500), "ffffffffff".to_owned())
    );
    show.post(&path, &token, &json!({})).await.problem(409, "not-booked");
    show.close().await;
}

#[tokio::test]
async fn money_goes_back_when_the_seller_says_so() {
    let show = Show::open().await;
    let hold = show.hold(&[0, 1]).await;
    let order = show.book(&hold, "card_ok").await.json();
    let path = format!("{}/refunds", booking(&order));
    let wish = json!({"amount": 1_000, "reason": "a broken seat"});
    let token = [("x-order-token", order["token"].as_str().unwrap())];
    show.post(&path, &token, &wish).await.problem(403, "forbidden");
    show.post(&path, &[], &wish).await.problem(404, "unknown-order");
    let (organizer, other) =
        (show.bearer(ORGANIZER, &[Role::Organizer]), show.bearer(STRANGER, &[Role::Organizer]));
    show.post(&path, &[("authorization", &other)], &wish).await.problem(404, "unknown-order");
    let seller = [("authorization", &*organizer)];
    for (amount, status, code) in [(0, 422, "invalid"), (-1, 422, "invalid"), (9_001, 422, "refund-too-high")]
    {
        let wrong = json!({"amount": amount, "reason": "x"});
        show.post(&path, &seller, &wrong).await.problem(status, code);
    }
    show.post(&path, &seller, &json!({"amount": 1})).await.problem(422, "invalid-body");
    show.post(&path, &seller, &json!({"amount": 1.5, "reason": "x"})).await.problem(422, "invalid-body");
    let refunded = show.post(&path, &seller, &wish).await.json();
    assert_eq!((&refunded["status"], statuses(&refunded)), (&json!("booked"), vec!["valid"; 2]));
    assert_eq!(refunded["refunds"][0]["amount"], json!({"amount": 1_000, "currency": "USD"}));
    // The seller cancels at any time, and everything that is left comes back.
    let cancelled = show.post(&format!("{}/cancellation", booking(&order)), &seller, &json!({})).await.json();
    assert_eq!(
        (&cancelled["status"], &cancelled["refunds"][1]["amount"]["amount"]),
        (&json!("cancelled"), &json!(8_000))
    );
    show.close().await;
}

#[tokio::test]
async fn a_ticket_that_is_passed_on_has_another_code() {
    let show = Show::open().await;
    let hold = show.hold(&[0, 1]).await;
    let order = show.book(&hold, "card_ok").await.json();
    let path = format!("{}/transfer", ticket(&order, 1));
    let token = [("x-order-token", order["token"].as_str().unwrap())];
    let to = json!({"email": "grace@example.com", "name": "Grace"});
    show.post(&path, &[], &to).await.problem(404, "unknown-ticket");
    let organizer = show.bearer(ORGANIZER, &[Role::Organizer]);
    show.post(&path, &[("authorization", &organizer)], &to).await.problem(403, "forbidden");
    show.post(&path, &token, &json!({"email": "grace", "name": "G"})).await.problem(422, "invalid");
    let offered = show.post(&path, &token, &to).await.json();
    assert_eq!((&offered["code"], &offered["holder"]), (&NOTHING, &NOTHING));
    let wish = json!({"token": offered["offer"]["token"], "name": "Grace", "email": "grace@example.com"});
    let acceptance = format!("{}/acceptance", ticket(&order, 1));
    let passed_on = show.post(&acceptance, &[], &wish).await.json();
    assert_eq!(passed_on["holder"], to);
    let verify = |code: &Value| {
        let now_ms = show.house.app.now_ms();
        show.house.app.selling.keys().verify(code.as_str().unwrap(), now_ms).unwrap()
    };
    assert_ne!(passed_on["code"], order["tickets"][1]["code"]);
    assert_eq!((verify(&order["tickets"][1]["code"]).serial, verify(&passed_on["code"]).serial), (0, 2));
    let unknown = format!("{}/transfer", ticket(&order, 1).replace("tkt_0", "tkt_1"));
    show.post(&unknown, &token, &to).await.problem(404, "unknown-ticket");
    show.close().await;
}

#[tokio::test]
async fn what_cannot_be_booked_is_told_and_changes_nothing() {
    let show = Show::with(Terms { hold_ms: 600_000, ticket_limit: 3 }, Settings::default()).await;
    let hold = show.hold(&[0]).await;
    let with = |change: fn(&mut Value)| {
        let mut body = json!({
            "hold_id": hold["id"], "hold_token": hold["token"], "email": "ada@example.com",
            "payment": {"method": "card_ok"},
        });
        change(&mut body);
        body
    };
    let cases: [(Value, u16, &str); 10] = [
        (with(|body| body["hold_id"] = json!("hld_00000000000000000000000000")), 410, "hold-lapsed"),
        (with(|body| body["hold_id"] = json!("x")), 422, "invalid-body"),
        (with(|body| body["hold_token"] = json!("AAAAAAAAAAAAAAAAAAAAAA")), 410, "hold-lapsed"),
        (with(|body| body["hold_token"] = json!("short")), 410, "hold-lapsed"),
        (with(|body| body["hold_token"] = NOTHING), 401, "hold-token-needed"),
        (with(|body| body["email"] = NOTHING), 422, "invalid"),
        (with(|body| body["email"] = json!("ada@")), 422, "invalid"),
        (with(|body| body["payment"]["gateway"] = json!("cash")), 422, "payment-method-unknown"),
        (with(|body| body["payment"]["method"] = json!("x".repeat(201))), 422, "invalid"),
        (with(|body| body["payment"]["card"] = json!("4242424242424242")), 422, "invalid-body"),
    ];
    for (body, status, code) in cases {
        let refused = show.post("/v1/bookings", &[], &body).await;
        assert_eq!(refused.problem(status, code)["code"], code, "{body}");
    }
    for unknown in ["ord_00000000000000000000000000", "x"] {
        show.get(&format!("/v1/bookings/{unknown}"), &[]).await.problem(404, "unknown-order");
        let path = format!("/v1/bookings/{unknown}/cancellation");
        show.post(&path, &[], &json!({})).await.problem(404, "unknown-order");
    }
    show.get("/v1/tickets/tkt_00000000000000000000000000", &[]).await.problem(404, "unknown-ticket");

    // One call holds and orders, or does neither.
    let path = format!("/v1/events/{}/bookings", show.event);
    let purchase = |quantity: u64, email: &str| {
        json!({"performance_id": show.performance.to_string(), "best_available": {"quantity": quantity},
               "payment": {"method": "card_ok"}, "email": email})
    };
    show.post(&path, &[], &purchase(4, "ada@example.com")).await.problem(409, "ticket-limit");
    show.post("/v1/events/evt_00000000000000000000000000/bookings", &[], &purchase(1, "ada@example.com"))
        .await
        .problem(404, "unknown-performance");
    assert_eq!(show.statuses().await, ("hfffffffff".to_owned(), 100));
    show.close().await;
}
