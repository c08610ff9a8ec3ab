//! Holds and live seats.

use marquee_config::{Limits, Settings};
use serde_json::json;

use crate::house::{ask, json as with_json};
use crate::show::{BUYER, STRANGER, Show, Terms};

#[tokio::test]
async fn seats_are_held_by_name_by_quality_and_in_areas() {
    let show = Show::open().await;
    let (one, two) = (show.seat(3).await, show.seat(4).await);
    let wish = json!({"seats": [one, {"id": two, "concession": "child"}]});
    let held = show.post(&show.path("holds"), &[], &wish).await;
    assert_eq!((held.status.as_u16(), &held.header("location")[..14]), (201, "/v1/holds/hld_"));
    let held = held.json();
    assert_eq!(held["total"], json!({"amount": 6_500, "currency": "USD"}));
    let seat = &held["seats"][1];
    assert_eq!(
        (&seat["row"], &seat["number"], &seat["concession"], &seat["price_category"]),
        (&json!("A"), &json!("5"), &json!("child"), &json!("best"))
    );

    let best = json!({"best_available": {"quantity": 3, "section": "Stalls", "price_category": "best"}});
    let best = show.post(&show.path("holds"), &[], &best).await.json();
    let rows: Vec<_> = best["seats"].as_array().unwrap().iter().map(|seat| seat["row"].clone()).collect();
    assert_eq!(rows, ["A", "A", "A"]);

    let area = show.seats().await["areas"][0]["id"].clone();
    let floor = json!({"areas": [{"area": area, "quantity": 4}]});
    let floor = show.post(&show.path("holds"), &[], &floor).await.json();
    assert_eq!((floor["areas"].as_array().unwrap().len(), &floor["total"]["amount"]), (4, &json!(6_000)));
    assert_eq!(show.statuses().await, ("hhhhhfffff".to_owned(), 96));
    show.close().await;
}

#[tokio::test]
async fn of_two_buyers_of_a_seat_one_gets_it_and_the_other_is_told_which() {
    let show = Show::open().await;
    let seats = [show.seat(0).await, show.seat(1).await, show.seat(2).await];
    let (first, second) = (json!({"seats": seats[..2]}), json!({"seats": seats[1..]}));
    let path = show.path("holds");
    let (first, second) = tokio::join!(show.post(&path, &[], &first), show.post(&path, &[], &second));
    let (won, lost) = if first.status == 201 { (first, second) } else { (second, first) };
    assert_eq!(won.status, 201);
    assert_eq!(lost.problem(409, "seats-taken")["seats"], json!([seats[1]]));
    assert_eq!(show.statuses().await.0.matches('h').count(), 2);
    show.close().await;
}

#[tokio::test]
async fn a_hold_is_for_its_token_or_its_account_only() {
    let show = Show::open().await;
    let hold = show.hold(&[0]).await;
    let path = format!("/v1/holds/{}", hold["id"].as_str().unwrap());
    let token = hold["token"].as_str().unwrap();
    let stranger = show.bearer(STRANGER, &[]);
    show.get(&path, &[]).await.problem(401, "hold-token-needed");
    show.get(&path, &[("x-hold-token", "AAAAAAAAAAAAAAAAAAAAAA")]).await.problem(410, "hold-lapsed");
    show.get(&path, &[("authorization", &stranger)]).await.problem(410, "hold-lapsed");
    let delete =
        show.send("DELETE", &path, &[("x-hold-token", "AAAAAAAAAAAAAAAAAAAAAA")], &json!(null)).await;
    delete.problem(410, "hold-lapsed");
    assert_eq!(show.statuses().await.0, "hfffffffff");
    assert_eq!(show.get(&path, &[("x-hold-token", token)]).await.json()["seats"], hold["seats"]);
    let released = show.send("DELETE", &path, &[("x-hold-token", token)], &json!(null)).await;
    assert_eq!(released.status, 204);
    assert_eq!(show.statuses().await.0, "ffffffffff");

    // An account needs no token for what it holds.
    let buyer = show.bearer(BUYER, &[]);
    let wish = json!({"seats": [show.seat(1).await]});
    let own = show.post(&show.path("holds"), &[("authorization", &buyer)], &wish).await.json();
    let path = format!("/v1/holds/{}", own["id"].as_str().unwrap());
    assert_eq!(show.get(&path, &[("authorization", &buyer)]).await.status, 200);
    show.get(&path, &[("authorization", &stranger)]).await.problem(410, "hold-lapsed");
    assert_eq!(show.send("DELETE", &path, &[("authorization", &buyer)], &json!(null)).await.status, 204);
    show.close().await;
}

#[tokio::test]
async fn a_hold_is_prolonged_once() {
    let show = Show::open().await;
    let hold = show.hold(&[0]).await;
    let path = format!("/v1/holds/{}/extension", hold["id"].as_str().unwrap());
    let headers = [("x-hold-token", hold["token"].as_str().unwrap())];
    let longer = show.post(&path, &headers, &json!(null)).await;
    assert_eq!(longer.status, 200);
    assert!(longer.json()["expires_at"].as_str() > hold["expires_at"].as_str());
    show.post(&path, &headers, &json!(null)).await.problem(409, "not-extendable");
    show.close().await;
}

#[tokio::test]
async fn a_lapsed_hold_frees_its_seats_and_everyone_sees_it() {
    let show = Show::with(Terms { hold_ms: 500, ticket_limit: 0 }, Settings::default()).await;
    let mut watch = show.watch(None).await;
    let (seq, name, data) = watch.next().await.unwrap();
    assert_eq!(
        (name.as_str(), &data["seats"], &data["areas"]),
        ("snapshot", &json!("ffffffffff"), &json!([100]))
    );
    assert_eq!(data["seq"], seq);
    let hold = show.hold(&[7]).await;
    watch.until(7, "h").await;
    watch.until(7, "f").await;
    let headers = [("x-hold-token", hold["token"].as_str().unwrap())];
    show.get(&format!("/v1/holds/{}", hold["id"].as_str().unwrap()), &headers)
        .await
        .problem(410, "hold-lapsed");
    show.book(&hold, "card_ok").await.problem(410, "hold-lapsed");
    show.close().await;
}

#[tokio::test]
async fn a_watch_goes_on_where_it_was_and_ends_when_the_node_stops() {
    let show = Show::open().await;
    let mut watch = show.watch(None).await;
    let (start, _name, _data) = watch.next().await.unwrap();
    show.hold(&[0]).await;
    watch.until(0, "h").await;
    show.hold(&[1]).await;
    watch.until(1, "h").await;
    drop(watch);
    let mut back = show.watch(Some(start)).await;
    let (_id, name, data) = back.next().await.unwrap();
    assert_eq!((name.as_str(), &data["seats"]), ("seats", &json!([[0, "h"]])));
    back.until(1, "h").await;
    // What cannot be gone on from begins anew.
    let mut ahead = show.watch(Some(1_000_000)).await;
    let (_id, name, data) = ahead.next().await.unwrap();
    assert_eq!((name.as_str(), &data["seats"].as_str().unwrap()[..2]), ("snapshot", "ff"));
    ahead.until(1, "h").await;
    show.house.app.stopping.cancel();
    while back.next().await.is_some() {}
    show.close().await;
}

#[tokio::test]
async fn there_are_so_many_streams() {
    let limits = Limits { streams: 1, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let show = Show::with(Terms { hold_ms: 600_000, ticket_limit: 0 }, settings).await;
    let mut watch = show.watch(None).await;
    assert!(watch.next().await.is_some());
    show.get(&show.path("seats/stream"), &[]).await.problem(503, "overloaded");
    show.close().await;
}

#[tokio::test]
async fn a_repetition_gets_the_same_hold_and_token() {
    let show = Show::open().await;
    let wish = json!({"seats": [show.seat(0).await]});
    let key = [("idempotency-key", "one")];
    let first = show.post(&show.path("holds"), &key, &wish).await;
    let again = show.post(&show.path("holds"), &key, &wish).await;
    assert_eq!((again.status, again.json()), (first.status, first.json()));
    let other = json!({"seats": [show.seat(1).await]});
    show.post(&show.path("holds"), &key, &other).await.problem(422, "key-reused");
    assert_eq!(show.statuses().await.0, "hfffffffff");
    show.close().await;
}

#[tokio::test]
async fn what_cannot_be_held_is_told_and_changes_nothing() {
    let show = Show::open().await;
    let (seat, map) = (show.seat(0).await, show.seats().await);
    let area = map["areas"][0]["id"].as_str().unwrap().to_owned();
    let other = show.get(&format!("/v1/performances/{}/seats", show.other_performance), &[]).await.json();
    let (foreign_seat, foreign_area) = (&other["seats"][0]["id"], &other["areas"][0]["id"]);
    let best = |quantity: i64| json!({"best_available": {"quantity": quantity}});
    let cases = [
        (json!({}), 422, "invalid"),
        (json!({"seats": [seat], "areas": [{"area": area, "quantity": 1}]}), 422, "invalid"),
        (json!({"seats": "all"}), 422, "invalid-body"),
        (json!({"seats": [7]}), 422, "invalid-body"),
        (json!({"seats": [{"id": seat, "row": "A"}]}), 422, "invalid-body"),
        (json!({"seats": [seat], "quantity": 1}), 422, "invalid-body"),
        (json!({"seats": []}), 422, "empty-selection"),
        (json!({"seats": [seat, seat]}), 422, "empty-selection"),
        (json!({"seats": vec![&seat; 51]}), 422, "too-many-places"),
        (json!({"seats": [foreign_seat]}), 422, "unknown-seat"),
        (json!({"seats": [area]}), 422, "unknown-seat"),
        (json!({"seats": [format!("{seat}0000")]}), 422, "unknown-seat"),
        (json!({"seats": [{"id": seat, "concession": "dog"}]}), 422, "unknown-price"),
        (best(0), 422, "empty-selection"),
        (best(1_000_000_000), 422, "too-many-places"),
        (best(-1), 422, "invalid-body"),
        (best(6), 409, "none-side-by-side"),
        (json!({"best_available": {"quantity": 1, "section": "Roof"}}), 422, "unknown-section"),
        (json!({"best_available": {"quantity": 1, "price_category": "x"}}), 422, "unknown-price"),
        (json!({"best_available": {"quantity": 2, "concessions": ["adult"]}}), 422, "invalid"),
        (json!({"areas": [{"area": foreign_area, "quantity": 1}]}), 422, "unknown-area"),
        (json!({"areas": [{"area": area, "quantity": 0}]}), 422, "empty-selection"),
        (json!({"areas": [{"area": area, "quantity": 1_000_000_000u64}]}), 422, "too-many-places"),
        (
            json!({"areas": [{"area": area, "quantity": u64::MAX}, {"area": area, "quantity": 2}]}),
            422,
            "too-many-places",
        ),
        (json!({"areas": [{"area": area, "quantity": 1, "concession": "child"}]}), 422, "unknown-price"),
    ];
    for (wish, status, code) in cases {
        let refused = show.post(&show.path("holds"), &[], &wish).await;
        assert_eq!(refused.problem(status, code)["code"], code, "{wish}");
    }
    let path = show.path("holds");
    let malformed = show.house.send(with_json(ask("POST", &path), "{\"seats\": [")).await;
    malformed.problem(400, "malformed-json");
    let large = format!("{{\"seats\": [\"{}\"]}}", "x".repeat(10 << 20));
    show.house.send(with_json(ask("POST", &path), &large)).await.problem(413, "body-too-large");
    let form = ask("POST", &path).header("content-type", "text/plain");
    show.house.send(form.body("x".into()).unwrap()).await.problem(415, "unsupported-media-type");
    for unknown in ["prf_00000000000000000000000000", "prf_x", "1"] {
        let path = format!("/v1/performances/{unknown}");
        show.post(&format!("{path}/holds"), &[], &best(1)).await.problem(404, "unknown-performance");
        show.get(&format!("{path}/seats"), &[]).await.problem(404, "unknown-performance");
        show.get(&format!("{path}/seats/stream"), &[]).await.problem(404, "unknown-performance");
    }
    assert_eq!(show.seats().await["seq"], map["seq"], "nothing changed");
    show.close().await;
}

#[tokio::test]
async fn a_map_is_not_sent_again_while_nothing_changes() {
    let show = Show::open().await;
    let first = show.get(&show.path("seats"), &[]).await;
    let tag = first.header("etag").to_owned();
    let unchanged = show.get(&show.path("seats"), &[("if-none-match", &tag)]).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.body.len()), (304, 0));
    let packed = show.get(&show.path("seats"), &[("accept-encoding", "gzip")]).await;
    assert_eq!((packed.header("content-encoding"), packed.header("etag")), ("gzip", &*tag));
    assert!(packed.body.len() < first.body.len());
    show.hold(&[0]).await;
    let changed = show.get(&show.path("seats"), &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, 200);
    let summary = show.get(&format!("/v1/events/{}/seats", show.event), &[]).await.json();
    let free: Vec<_> = summary["items"].as_array().unwrap().iter().map(|item| item["free"].clone()).collect();
    assert_eq!(free, [109, 110]);
    assert_eq!(summary["items"][0]["from_price"]["amount"], 1_500);
    show.get(&format!("/v1/movies/{}/seats", show.event), &[]).await.problem(404, "unknown-event");
    show.close().await;
}
