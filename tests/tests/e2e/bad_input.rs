//! Bad input gets the exact problem code, and nothing changes.

use hyper::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::Client;
use crate::marquee::{Demo, folder};
use crate::stage::{SEATS, Stage, order};

/// Posts bytes that may be anything.
async fn post_bytes(client: &Client, path: &str, bytes: Vec<u8>) -> (u16, Value) {
    let answer = client.try_send_bytes(Method::POST, path, &[], bytes.into()).await.unwrap();
    (answer.status, answer.body["code"].clone())
}

/// Announces a body of so many bytes and waits for the answer before sending any: one who sends at once may find the
/// connection closed before they have read why.
async fn announce(url: &str, path: &str, bytes: usize) -> (u16, Value) {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\
         connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
    (head[9..12].parse().unwrap(), problem["code"].clone())
}

#[tokio::test]
async fn bad_input_is_refused_by_its_code_and_changes_nothing() {
    let folder = folder();
    let demo = Demo::start(&folder.path().join("data")).await;
    let organizer = demo.signed_in("organizer").await;
    let stage = Stage::open(&organizer).await;
    let guest = demo.guest();
    let holds = format!("/v1/performances/{}/holds", stage.performance);

    assert_eq!(post_bytes(&guest, &holds, b"{\"seats\":".to_vec()).await, (400, json!("malformed-json")));
    assert_eq!(post_bytes(&guest, &holds, b"\xff\xfe".to_vec()).await, (400, json!("malformed-json")));
    assert_eq!(announce(demo.url(), &holds, 10 << 20).await, (413, json!("body-too-large")));

    let best = |quantity: i64| json!({"best_available": {"quantity": quantity}});
    let cases = [
        (json!({"seats": "front"}), 422, "invalid-body"),
        (json!({"seats": [7]}), 422, "invalid-body"),
        (json!({}), 422, "invalid"),
        (json!({"seats": []}), 422, "empty-selection"),
        (best(0), 422, "empty-selection"),
        (best(-1), 422, "invalid-body"),
        (best(1_000_000_000), 422, "too-many-places"),
        (json!({"seats": ["nonsense"]}), 422, "unknown-seat"),
        (json!({"best_available": {"quantity": 1, "section": "Moon"}}), 422, "unknown-section"),
        (json!({"areas": [{"area": "nonsense", "quantity": 1}]}), 422, "unknown-area"),
    ];
    for (body, status, code) in cases {
        guest.post(&holds, &body).await.expect_problem(status, code);
    }
    let elsewhere = Stage::open(&organizer).await;
    let foreign = elsewhere.free(&guest, 1).await;
    guest.post(&holds, &json!({"seats": foreign})).await.expect_problem(422, "unknown-seat");
    let [seat] = &stage.free(&guest, 1).await[..] else { panic!("one seat is free") };
    let twice = [seat, seat];
    guest.post(&holds, &json!({"seats": twice})).await.expect_problem(422, "empty-selection");

    let nobody = "/v1/performances/prf_00000000000000000000000000";
    guest.post(&format!("{nobody}/holds"), &best(1)).await.expect_problem(404, "unknown-performance");
    guest.get(nobody).await.expect_problem(404, "unknown-performance");
    guest.get("/v1/nowhere").await.expect_problem(404, "not-found");
    guest.send(Method::DELETE, "/v1/bookings", &[], None).await.expect_problem(405, "method-not-allowed");
    guest.get("/v1/accounts/me").await.expect_problem(401, "unauthenticated");
    let garbage = [("authorization", "Bearer garbage")];
    let answer = guest.send(Method::GET, "/v1/accounts/me", &garbage, None).await;
    answer.expect_problem(401, "token-invalid");

    assert_eq!(stage.count(&guest, "free").await, SEATS, "nothing has changed");
    demo.stop().await;
}

#[tokio::test]
async fn what_belongs_to_others_cannot_be_seen_or_changed() {
    let folder = folder();
    let demo = Demo::start(&folder.path().join("data")).await;
    let stage = Stage::open(&demo.signed_in("organizer").await).await;
    let (guest, customer) = (demo.guest(), demo.signed_in("customer").await);
    let hold = stage.hold(&guest, 2).await;
    let hold_path = format!("/v1/holds/{}", hold["id"].as_str().unwrap());
    // Whoever shows another proof is told no more than whoever shows a wrong one.
    let nobody = demo.guest().send(Method::DELETE, &hold_path, &[], None).await;
    nobody.expect_problem(401, "hold-token-needed");
    let another = customer.send(Method::DELETE, &hold_path, &[], None).await;
    another.expect_problem(410, "hold-lapsed");

    let bought = guest.post("/v1/bookings", &order(&hold, "card_ok")).await.expect(201);
    let path = format!("/v1/bookings/{}", bought["id"].as_str().unwrap());
    for (client, headers) in [(&customer, &[][..]), (&guest, &[("x-order-token", "wrong")][..])] {
        client.send(Method::GET, &path, headers, None).await.expect_problem(404, "unknown-order");
        let cancel = format!("{path}/cancellation");
        let answer = client.send(Method::POST, &cancel, headers, Some(&json!({}))).await;
        answer.expect_problem(404, "unknown-order");
    }
    let ticket = format!("/v1/tickets/{}", bought["tickets"][0]["id"].as_str().unwrap());
    customer.get(&ticket).await.expect_problem(404, "unknown-ticket");
    let event = json!({"kind": "concert", "title": "Mine"});
    customer.post("/v1/events", &event).await.expect_problem(403, "forbidden");
    assert_eq!(stage.count(&guest, "booked").await, 2, "nothing has changed");
    demo.stop().await;
}

#[tokio::test]
async fn a_key_cannot_be_used_for_another_request() {
    let folder = folder();
    let demo = Demo::start(&folder.path().join("data")).await;
    let stage = Stage::open(&demo.signed_in("organizer").await).await;
    let guest = demo.guest();
    let holds = format!("/v1/performances/{}/holds", stage.performance);
    let key = [("idempotency-key", "k")];
    let wish = |quantity: u32| json!({"best_available": {"quantity": quantity}});
    guest.send(Method::POST, &holds, &key, Some(&wish(1))).await.expect(201);
    let reused = guest.send(Method::POST, &holds, &key, Some(&wish(2))).await;
    reused.expect_problem(422, "key-reused");
    assert_eq!(stage.count(&guest, "held").await, 1);
    demo.stop().await;
}

#[tokio::test]
async fn a_seat_that_is_taken_is_named_and_the_others_stay_free() {
    let folder = folder();
    let demo = Demo::start(&folder.path().join("data")).await;
    let stage = Stage::open(&demo.signed_in("organizer").await).await;
    let guest = demo.guest();
    let holds = format!("/v1/performances/{}/holds", stage.performance);
    let seats = stage.free(&guest, 2).await;
    guest.post(&holds, &json!({"seats": [&seats[0]]})).await.expect(201);
    let refused = guest.post(&holds, &json!({"seats": seats})).await;
    refused.expect_problem(409, "seats-taken");
    assert!(refused.body["seats"].to_string().contains(&seats[0]), "{}", refused.body);
    assert_eq!(stage.count(&guest, "held").await, 1);
    demo.stop().await;
}
