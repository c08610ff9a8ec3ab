//! Every endpoint of the specification is served, under the name that the README gives it.

use crate::house::House;

/// The specification's name, and ours. What belongs to later work has none yet.
const ENDPOINTS: &[(&str, &[(&str, &str)])] = &[
    ("POST /SignUp", &[("post", "/v1/accounts")]),
    ("POST /Login", &[("post", "/v1/sessions")]),
    ("POST /SignOut", &[("delete", "/v1/sessions/current")]),
    ("GET /Account", &[("get", "/v1/accounts/{id}")]),
    ("DELETE /Account", &[("delete", "/v1/accounts/{id}")]),
    ("GET /Movies", &[("get", "/v1/movies")]),
    ("GET /Movies/ID/Details", &[("get", "/v1/movies/{id}/details")]),
    ("GET /Movies/ID/Seats", &[("get", "/v1/movies/{id}/seats")]),
    ("GET /Event", &[("get", "/v1/events")]),
    ("GET /Event/ID/Details", &[("get", "/v1/events/{id}/details")]),
    ("GET /Event/ID/Seats", &[("get", "/v1/events/{id}/seats"), ("get", "/v1/performances/{id}/seats")]),
    ("GET /Theater&Zipcode=", &[("get", "/v1/theaters"), ("get", "/v1/venues")]),
    ("GET /Theater/Movies", &[("get", "/v1/theaters/{id}/movies")]),
    ("POST /booking&Event_ID=", &[("post", "/v1/events/{id}/bookings"), ("post", "/v1/bookings")]),
    ("POST /cancel&Event_ID=", &[("post", "/v1/bookings/{id}/cancellation")]),
    ("POST /refund&booking_ID=", &[("post", "/v1/bookings/{id}/refunds")]),
    ("POST /new_movie", &[("post", "/v1/movies")]),
    ("POST /new_event", &[("post", "/v1/events")]),
    ("POST /Movies/List", &[("post", "/v1/events/batch")]),
    ("search", &[("get", "/v1/search"), ("get", "/v1/suggest"), ("get", "/v1/feed")]),
    ("ratings", &[("get", "/v1/events/{id}/reviews"), ("put", "/v1/events/{id}/reviews/mine")]),
    ("subscriptions", &[("get", "/v1/accounts/me/follows"), ("put", "/v1/accounts/me/follows/{kind}/{id}")]),
];

#[tokio::test]
async fn every_endpoint_of_the_specification_is_served() {
    let house = House::open().await;
    let document = house.get("/openapi.json").await.json();
    let readme = include_str!("../../../README.md");
    for (asked, ours) in ENDPOINTS {
        for (method, path) in *ours {
            let operation = &document["paths"][*path][*method];
            assert!(operation["summary"].is_string(), "{asked} is {method} {path}, which is not served");
        }
        if let Some((_method, name)) = asked.split_once(" /") {
            let name = name.split(['&', '/']).next().unwrap();
            assert!(readme.contains(name), "the README's table has no {asked}");
        }
    }
    house.close().await;
}
