//! A node that is asked to stop finishes what it has begun.

use hyper::Method;
use serde_json::json;

use crate::marquee::{Demo, folder, until};
use crate::stage::Stage;

#[tokio::test]
async fn a_purchase_in_flight_is_finished_before_the_process_ends() {
    let folder = folder();
    let data = folder.path().join("data");
    let demo = Demo::start(&data).await;
    let stage = Stage::open(&demo.signed_in("organizer").await).await;
    let customer = demo.signed_in("customer").await;
    let hold = stage.hold(&customer, 2).await;
    let body =
        json!({"hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": "card_slow"}});
    let path = format!("/v1/holds/{}", hold["id"].as_str().unwrap());
    let buyer = customer.clone();
    let purchase = tokio::spawn(async move {
        let headers = [("prefer", "wait=20")];
        buyer.send(Method::POST, "/v1/bookings", &headers, Some(&body)).await
    });
    let order = until("the order", async || {
        let seen = customer.get(&path).await.expect(200);
        seen["order_id"].as_str().map(str::to_owned)
    })
    .await;
    demo.terminate();
    let booked = purchase.await.unwrap().expect(201);
    assert_eq!((&booked["id"], &booked["status"]), (&json!(order), &json!("booked")), "{booked}");
    demo.ended().await;

    let demo = Demo::start(&data).await;
    let customer = demo.signed_in("customer").await;
    let seen = customer.get(&format!("/v1/bookings/{order}")).await.expect(200);
    assert_eq!(seen["status"], "booked", "{seen}");
    assert_eq!(stage.count(&customer, "booked").await, 2);
    demo.stop().await;
}
