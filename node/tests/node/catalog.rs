//! The catalog over real sockets: organizers write it, everyone reads it.

use axum::http::Request;
use bytes::Bytes;
use http_body_util::Full;
use marquee_ledger::command::{HoldRequest, Holder, PaymentChoice, Secret, Selection};
use marquee_ledger::order::Buyer;
use marquee_ledger::{AccountId, Command, Request as LedgerRequest};
use marquee_node::accounts::{Claims, Role, Roles, SessionId};
use serde_json::{Value, json};

use crate::house::{Answer, House, ask};

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// A house and somebody who asks it.
struct Desk<'h> {
    house: &'h House,
    token: Option<String>,
}

impl<'h> Desk<'h> {
    fn guest(house: &'h House) -> Self {
        Self { house, token: None }
    }

    fn of(house: &'h House, account: u64, roles: &[Role]) -> Self {
        let now_ms = house.app.now_ms();
        let claims = Claims {
            account: AccountId::from_parts(now_ms, 1, account),
            session: SessionId::random(now_ms),
            roles: roles.iter().copied().collect::<Roles>(),
            expires_ms: now_ms + HOUR_MS,
        };
        Self { house, token: Some(house.app.tokens.sign(&claims)) }
    }

    fn organizer(house: &'h House, account: u64) -> Self {
        Self::of(house, account, &[Role::Organizer])
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = ask(method, path);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request: Request<Full<Bytes>> = match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Full::from(body.to_string()))
            }
            None => request.body(Full::default()),
        }
        .unwrap();
        self.house.send(request).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, &[], Some(body)).await
    }

    async fn put(&self, path: &str, etag: &str, body: Value) -> Answer {
        self.ask("PUT", path, &[("if-match", etag)], Some(body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, &[], None).await
    }

    /// Makes something and tells its id.
    async fn make(&self, path: &str, body: Value) -> String {
        let made = self.post(path, body).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert!(made.header("location").ends_with(&id), "{made:?}");
        assert_eq!(made.header("etag"), "\"1\"");
        id
    }

    /// A hall in Oakland, an event, and a performance of it at 19:30 on a day far away.
    async fn opening(&self) -> Opening {
        let venue = self.make("/v1/venues", venue("Fox Theater", "Oakland", "94612")).await;
        let hall = self.make(&format!("/v1/venues/{venue}/halls"), hall()).await;
        let event = self.make("/v1/events", event("Hamlet", "theatre")).await;
        let performance = self.make("/v1/performances", performance(&event, &hall)).await;
        Opening { venue, hall, event, performance }
    }
}

struct Opening {
    venue: String,
    hall: String,
    event: String,
    performance: String,
}

fn venue(name: &str, city: &str, zip: &str) -> Value {
    json!({"kind": "theater", "name": name, "address": "1 Main Street", "city": city, "region": "CA", "country": "US",
           "zip": zip, "point": {"lat": 37.808, "lon": -122.27}, "time_zone": "America/Los_Angeles"})
}

fn hall() -> Value {
    json!({"name": "Main hall", "seat_map": seat_map("A-C")})
}

fn seat_map(rows: &str) -> Value {
    json!({"price_categories": [{"key": "stalls", "name": "Stalls", "color": "#aa0000"}],
           "sections": [{"key": "s", "name": "Stalls", "price_category": "stalls",
                         "blocks": [{"rows": rows, "seats": 5, "at": [0, 4]}],
                         "areas": [{"key": "pit", "name": "Pit", "capacity": 20,
                                    "outline": [[0, 0], [4, 0], [4, 2]]}]}]})
}

fn event(title: &str, kind: &str) -> Value {
    json!({"title": title, "kind": kind, "description": "To be or not.", "performers": ["Ida Quist"]})
}

fn performance(event: &str, hall: &str) -> Value {
    json!({"event_id": event, "hall_id": hall, "starts_at": "2099-06-05T19:30", "doors_at": "2099-06-05T18:30",
           "currency": "USD", "concessions": ["adult", "child"],
           "prices": [{"category": "stalls", "amount": 4500},
                      {"category": "stalls", "concession": "child", "amount": 2000}]})
}

#[tokio::test]
async fn what_an_organizer_lists_everyone_can_read() {
    let house = House::open().await;
    let (host, guest) = (Desk::organizer(&house, 1), Desk::guest(&house));
    let made = host.opening().await;

    let read = guest.get(&format!("/v1/performances/{}", made.performance)).await;
    assert_eq!(read.header("cache-control"), "public, max-age=5, stale-while-revalidate=30");
    let shown = read.json();
    assert_eq!(shown["starts_at"], "2099-06-06T02:30:00Z");
    assert_eq!(shown["local_starts_at"], "2099-06-05T19:30:00");
    assert_eq!(shown["availability"], json!({"capacity": 35, "free": 35}));
    assert_eq!((&shown["event"]["title"], &shown["venue"]["zip"]), (&json!("Hamlet"), &json!("94612")));
    assert_eq!(shown["prices"][1], json!({"category": "stalls", "concession": "child", "amount": 2000}));
    assert_eq!(shown["refund_policy"], json!({"until_hours_before": 24, "share_percent": 100}));
    assert_eq!(
        (&shown["status"], &shown["version"], &shown["hold_minutes"]),
        (&json!("scheduled"), &json!(1), &json!(10))
    );

    let unchanged = guest
        .ask(
            "GET",
            &format!("/v1/performances/{}", made.performance),
            &[("if-none-match", read.header("etag"))],
            None,
        )
        .await;
    assert_eq!((unchanged.status.as_u16(), unchanged.body.len()), (304, 0));

    let listed = guest
        .get("/v1/events?kind=theatre&q=ham%20oak&city=oakland&from=2099-06-05&to=2099-06-05")
        .await
        .json();
    assert_eq!(listed["items"][0]["id"], made.event);
    assert_eq!(
        listed["items"][0]["next_performance"]["from_price"],
        json!({"amount": 2000, "currency": "USD"})
    );
    assert_eq!(listed["next"], Value::Null);
    let near = guest.get("/v1/theaters?zip=94610").await.json();
    assert_eq!(near["items"][0]["id"], made.venue);
    assert!(near["items"][0]["distance_km"].as_f64().unwrap() < 10.0);
    assert_eq!(near["items"][0]["halls"][0]["capacity"], 35);
    let there = guest.get(&format!("/v1/venues/{}/events", made.venue)).await.json();
    assert_eq!(there["items"][0]["id"], made.event);
    let shown = guest.get(&format!("/v1/events/{}/performances", made.event)).await.json();
    assert_eq!(shown["items"][0]["id"], made.performance);
    assert_eq!(guest.get(&format!("/v1/events/{}/details", made.event)).await.json()["title"], "Hamlet");
    house.close().await;
}

#[tokio::test]
async fn a_movie_is_an_event_of_its_kind() {
    let house = House::open().await;
    let (host, guest) = (Desk::organizer(&house, 1), Desk::guest(&house));
    let play = host.make("/v1/events", event("Hamlet", "theatre")).await;
    let movie = host.make("/v1/movies", json!({"title": "The General"})).await;
    assert_eq!(guest.get(&format!("/v1/movies/{movie}")).await.json()["kind"], "movie");
    guest.get(&format!("/v1/movies/{play}")).await.problem(404, "unknown-event");
    let movies = guest.get("/v1/movies").await.json();
    assert_eq!(movies["items"].as_array().unwrap().len(), 1);
    host.post("/v1/movies", event("Hamlet", "theatre")).await.problem(422, "invalid");
    guest.get("/v1/movies?kind=concert").await.problem(400, "invalid-query");
    house.close().await;
}

#[tokio::test]
async fn only_the_owner_and_operators_write() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let made = host.opening().await;
    let path = format!("/v1/venues/{}", made.venue);
    Desk::guest(&house).post("/v1/venues", venue("X", "Y", "94612")).await.problem(401, "unauthenticated");
    Desk::of(&house, 3, &[]).post("/v1/venues", venue("X", "Y", "94612")).await.problem(403, "forbidden");
    let other = Desk::organizer(&house, 2);
    other.put(&path, "*", venue("Mine", "Oakland", "94612")).await.problem(403, "forbidden");
    other.delete(&format!("/v1/performances/{}", made.performance)).await.problem(403, "forbidden");
    let theirs = other.make("/v1/events", event("Macbeth", "theatre")).await;
    other.post("/v1/performances", performance(&theirs, &made.hall)).await.problem(403, "forbidden");
    let operator = Desk::of(&house, 4, &[Role::Operator]);
    let written = operator.put(&path, "\"1\"", venue("Fox", "Oakland", "94612")).await;
    assert_eq!((written.status.as_u16(), &written.json()["name"]), (200, &json!("Fox")));
    house.close().await;
}

#[tokio::test]
async fn a_change_names_the_version_that_it_changes() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let made = host.opening().await;
    for (path, body) in [
        (format!("/v1/venues/{}", made.venue), venue("Fox", "Oakland", "94612")),
        (format!("/v1/events/{}", made.event), event("Hamlet, Prince of Denmark", "theatre")),
        (format!("/v1/halls/{}", made.hall), json!({"name": "Great hall"})),
        (format!("/v1/performances/{}", made.performance), performance(&made.event, &made.hall)),
    ] {
        host.ask("PUT", &path, &[], Some(body.clone())).await.problem(428, "precondition-required");
        // The tag of what was read, whatever else stands in it.
        let etag = host.get(&path).await.header("etag").to_owned();
        let written = host.put(&path, &etag, body.clone()).await;
        assert_eq!((written.status.as_u16(), written.header("etag")), (200, "\"2\""), "{written:?}");
        let stale = host.put(&path, &etag, body.clone()).await.problem(412, "precondition-failed");
        assert_eq!(stale["version"], 2);
        host.ask("DELETE", &path, &[("if-match", "\"1\"")], None).await.problem(412, "precondition-failed");
        assert_eq!(host.put(&path, "*", body).await.header("etag"), "\"3\"");
    }
    house.close().await;
}

#[tokio::test]
async fn nothing_is_removed_from_under_a_performance() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let made = host.opening().await;
    let (venue, hall) = (format!("/v1/venues/{}", made.venue), format!("/v1/halls/{}", made.hall));
    let event = format!("/v1/events/{}", made.event);
    for path in [&venue, &hall, &event] {
        host.delete(path).await.problem(409, "has-performances");
    }
    assert_eq!(host.delete(&format!("/v1/performances/{}", made.performance)).await.status, 204);
    host.get(&format!("/v1/performances/{}", made.performance)).await.problem(404, "unknown-performance");
    assert_eq!(host.delete(&event).await.status, 204);
    assert_eq!(host.delete(&venue).await.status, 204);
    host.get(&hall).await.problem(404, "unknown-hall");
    house.close().await;
}

#[tokio::test]
async fn a_performance_is_moved_or_called_off() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let made = host.opening().await;
    let path = format!("/v1/performances/{}", made.performance);
    let moved =
        host.post(&format!("{path}/reschedule"), json!({"starts_at": "2099-06-06T20:00"})).await.json();
    assert_eq!(
        (&moved["local_starts_at"], &moved["doors_at"]),
        (&json!("2099-06-06T20:00:00"), &json!("2099-06-07T02:00:00Z"))
    );
    assert_eq!(moved["on_sale_until"], moved["starts_at"]);
    host.post(&format!("{path}/cancellation"), json!({"reason": " "})).await.problem(422, "invalid");
    let off = host.post(&format!("{path}/cancellation"), json!({"reason": "Snow."})).await.json();
    assert_eq!((&off["status"], &off["cancelled_because"]), (&json!("cancelled"), &json!("Snow.")));
    assert_eq!(off["availability"]["free"], 0);
    host.post(&format!("{path}/cancellation"), json!({"reason": "Rain."}))
        .await
        .problem(409, "performance-cancelled");
    house.close().await;
}

#[tokio::test]
async fn a_performance_with_orders_is_neither_removed_nor_robbed_of_its_seats() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let made = host.opening().await;
    let path = format!("/v1/performances/{}", made.performance);
    let buy = Command::Buy {
        hold: HoldRequest {
            performance: made.performance.parse().unwrap(),
            holder: Holder::Guest(9),
            // The last seat of the last row.
            selection: Selection::Seats(vec![(14, 0)]),
            secret: Secret(7),
        },
        buyer: Buyer { account: None, email: "ada@example.org".to_owned(), name: "Ada".to_owned() },
        payment: PaymentChoice {
            gateway: "sandbox".to_owned(),
            method: "card_ok".to_owned(),
            return_url: String::new(),
        },
    };
    let answer = house.app.home.ledger(LedgerRequest { key: None, command: buy }).await.unwrap();
    assert!(answer.result.is_ok(), "{answer:?}");
    assert_eq!(host.get(&path).await.json()["availability"]["free"], 34);

    host.delete(&path).await.problem(409, "has-orders");
    let hall = host.put(&format!("/v1/halls/{}/seat-map", made.hall), "*", seat_map("A-B")).await.json();
    assert_eq!(hall["seat_map_version"], 2);
    let mut smaller = performance(&made.event, &made.hall);
    smaller["seat_map_version"] = json!(2);
    host.put(&path, "*", smaller).await.problem(409, "seats-in-use");
    let kept = host.get(&path).await.json();
    assert_eq!((&kept["seat_map_version"], &kept["version"]), (&json!(1), &json!(1)));
    let off = host.post(&format!("{path}/cancellation"), json!({"reason": "Snow."})).await.json();
    assert_eq!(off["status"], "cancelled");
    house.close().await;
}

#[tokio::test]
async fn seats_are_taken_out_of_sale_and_put_back_by_their_organizer() {
    let house = House::open().await;
    let (host, other) = (Desk::organizer(&house, 1), Desk::organizer(&house, 2));
    let made = host.opening().await;
    let elsewhere = host.opening().await;
    let seats = async |performance: &str| -> Vec<String> {
        let map = host.get(&format!("/v1/performances/{performance}/seats")).await.json();
        let seats = map["seats"].as_array().unwrap().iter();
        seats.map(|seat| seat["id"].as_str().unwrap().to_owned()).collect()
    };
    let (here, there) = (seats(&made.performance).await, seats(&elsewhere.performance).await);
    let path = format!("/v1/performances/{}/kills", made.performance);
    let kill = json!({"seats": &here[..2], "reason": "Sound desk."});
    other.post(&path, kill.clone()).await.problem(403, "forbidden");
    Desk::guest(&house).get(&path).await.problem(401, "unauthenticated");
    let wrong = host.post(&path, json!({"seats": [here[0], there[0]], "reason": "X"})).await;
    assert_eq!(wrong.problem(422, "unknown-seat")["errors"][0]["pointer"], "/seats/1");
    host.post(&path, json!({"seats": [], "reason": "X"})).await.problem(422, "empty-selection");
    host.post(&path, json!({"seats": &here[..2], "reason": ""})).await.problem(422, "invalid");
    let killed = host.post(&path, kill.clone()).await;
    assert_eq!(killed.status, 204, "{killed:?}");
    host.post(&path, kill).await.problem(409, "seats-taken");
    let listed = host.get(&path).await.json();
    assert_eq!(
        (&listed["items"][0]["seats"], &listed["items"][0]["reason"]),
        (&json!(&here[..2]), &json!("Sound desk."))
    );
    let free = async || {
        host.get(&format!("/v1/performances/{}", made.performance)).await.json()["availability"]["free"]
            .clone()
    };
    assert_eq!(free().await, 33);
    let revived = host.ask("DELETE", &path, &[], Some(json!({"seats": [here[1]]}))).await;
    assert_eq!(revived.status, 204, "{revived:?}");
    assert_eq!(free().await, 34);
    house.close().await;
}

#[tokio::test]
async fn a_seat_map_that_is_read_can_be_sent_back() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let made = host.opening().await;
    let path = format!("/v1/halls/{}/seat-map", made.hall);
    let read = host.get(&path).await;
    let mut drawing = read.json();
    assert_eq!(drawing["sections"][0]["rows"].as_array().unwrap().len(), 3);
    let drawn = host.get(&format!("{path}?as_drawn=true")).await.json();
    assert_eq!(drawn["sections"][0]["blocks"].as_array().unwrap().len(), 1, "{drawn}");
    drawing["sections"][0]["rows"].as_array_mut().unwrap().pop();
    let hall = host.put(&path, read.header("etag"), drawing).await.json();
    assert_eq!((&hall["seat_map_version"], &hall["seats"]), (&json!(2), &json!(10)));
    let single = host.get(&format!("{path}?as_drawn=true")).await.json();
    assert_eq!(
        single["sections"][0]["rows"].as_array().unwrap().len(),
        2,
        "there is nothing shorter to show"
    );
    let earlier = host.get(&format!("{path}?version=1")).await.json();
    assert_eq!(earlier["sections"][0]["rows"].as_array().unwrap().len(), 3);
    host.get(&format!("{path}?version=3")).await.problem(404, "unknown-seat-map");
    let wrong = host.put(&path, "*", seat_map("A-9")).await.problem(422, "invalid");
    assert_eq!(wrong["errors"][0]["pointer"], "/sections/0/blocks/0/rows");
    house.close().await;
}

#[tokio::test]
async fn bad_input_is_told_field_by_field_and_changes_nothing() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let made = host.opening().await;
    let pointers = |problem: &Value| -> Vec<String> {
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
    };
    let wrong =
        json!({"kind": "circus", "name": "", "city": "O", "country": "usa", "time_zone": "America/Gotham"});
    let told = host.post("/v1/venues", wrong).await.problem(422, "invalid");
    assert_eq!(pointers(&told), ["/kind", "/name", "/country", "/time_zone"]);
    let told = host.post("/v1/events", json!({"title": "X", "kind": "talk", "rating": 5})).await;
    assert_eq!(pointers(&told.problem(422, "invalid-body")), ["/rating"]);

    let with = |field: &str, value: Value| {
        let mut body = performance(&made.event, &made.hall);
        body[field] = value;
        body
    };
    for (field, value, pointer) in [
        // The clocks of California go forward on 8 March 2099 and back on 1 November.
        ("starts_at", json!("2099-03-08T02:30"), "/starts_at"),
        ("starts_at", json!("2099-11-01T01:30"), "/starts_at"),
        ("starts_at", json!("soon"), "/starts_at"),
        ("doors_at", json!("2099-06-05T20:30"), "/doors_at"),
        ("on_sale_from", json!("2099-06-06T20:30"), "/on_sale_until"),
        ("currency", json!("ZZZ"), "/currency"),
        ("event_id", json!("evt_1"), "/event_id"),
        ("prices", json!([]), "/prices"),
        ("prices", json!([{"category": "stalls", "amount": -1}]), "/prices/0/amount"),
        ("prices", json!([{"category": "boxes", "amount": 1}]), "/prices/0/category"),
        ("prices", json!([{"category": "stalls", "concession": "dog", "amount": 1}]), "/prices/0/concession"),
        (
            "refund_policy",
            json!({"until_hours_before": 1, "share_percent": 101}),
            "/refund_policy/share_percent",
        ),
        ("hold_minutes", json!(0), "/hold_minutes"),
    ] {
        let told = host.post("/v1/performances", with(field, value.clone())).await.problem(422, "invalid");
        assert_eq!(pointers(&told), [pointer], "{field}: {value}");
    }
    host.post("/v1/performances", with("seat_map_version", json!(9))).await.problem(404, "unknown-seat-map");
    host.post("/v1/performances", with("hall_id", json!("hal_00000000000000000000000000")))
        .await
        .problem(404, "unknown-hall");
    let kept = host.get(&format!("/v1/events/{}/performances", made.event)).await.json();
    assert_eq!(kept["items"].as_array().unwrap().len(), 1);
    house.close().await;
}

#[tokio::test]
async fn a_batch_is_made_whole_or_not_at_all() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let titles = ["One", "Two", "Three"].map(|title| event(title, "talk"));
    let mut broken = titles.clone();
    broken[1]["title"] = json!("");
    broken[2]["kind"] = json!("circus");
    let told = host.post("/v1/events/batch", json!({"events": broken})).await.problem(422, "invalid");
    assert_eq!(
        (&told["errors"][0]["pointer"], &told["errors"][1]["pointer"]),
        (&json!("/events/1/title"), &json!("/events/2/kind"))
    );
    host.post("/v1/events/batch", json!({"events": []})).await.problem(422, "invalid");
    let mut taken = titles.clone();
    taken[0]["key"] = json!("same");
    taken[2]["key"] = json!("same");
    host.post("/v1/events/batch", json!({"events": taken})).await.problem(422, "invalid");
    assert_eq!(host.get("/v1/events").await.json()["items"], json!([]));
    let made = host.post("/v1/events/batch", json!({"events": titles})).await;
    assert_eq!((made.status.as_u16(), made.json()["items"].as_array().unwrap().len()), (201, 3));
    house.close().await;
}

#[tokio::test]
async fn a_repeated_request_makes_nothing_twice() {
    let house = House::open().await;
    let host = Desk::organizer(&house, 1);
    let make = async |title: &str| {
        host.ask("POST", "/v1/events", &[("idempotency-key", "k1")], Some(event(title, "talk"))).await
    };
    let (first, again) = (make("One").await.json(), make("One").await.json());
    assert_eq!(first["id"], again["id"]);
    make("Two").await.problem(422, "key-reused");
    let mut keyed = event("Three", "talk");
    keyed["key"] = json!("three");
    let three = host.make("/v1/events", keyed.clone()).await;
    assert_eq!(host.post("/v1/events", keyed).await.problem(409, "already-exists")["id"], three);
    assert_eq!(host.get("/v1/events").await.json()["items"].as_array().unwrap().len(), 2);
    house.close().await;
}

#[tokio::test]
async fn lists_come_in_pages_and_places_are_known() {
    let house = House::open().await;
    let (host, guest) = (Desk::organizer(&house, 1), Desk::guest(&house));
    let events: Vec<_> = (0..7).map(|nth| event(&format!("Talk {nth}"), "talk")).collect();
    host.post("/v1/events/batch", json!({"events": events})).await;
    let made = host.opening().await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = guest.get(&format!("/v1/events?limit=3{cursor}")).await.json();
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((seen.len(), &seen[0]), (8, &made.event));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 8);
    guest.get("/v1/events?cursor=xyz").await.problem(400, "invalid-cursor");
    guest.get("/v1/events?limit=0").await.problem(400, "invalid-query");
    guest.get("/v1/events?kind=circus").await.problem(400, "invalid-query");
    guest.get("/v1/events?from=soon").await.problem(400, "invalid-query");
    guest.get("/v1/venues?zip=94612&radius_km=-1").await.problem(400, "invalid-query");

    let unknown = guest.get("/v1/events?zip=94600").await.problem(422, "unknown-zip");
    assert!(unknown["near"].as_array().unwrap().contains(&json!("94601")), "{unknown}");
    guest.get("/v1/venues?zip=nowhere").await.problem(422, "unknown-zip");
    let abroad = host.make("/v1/venues", venue("Royal Albert Hall", "London", "SW7 2AP")).await;
    let found = guest.get("/v1/venues?zip=SW7%202AP").await.json();
    assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][0]["id"]), (1, &json!(abroad)));
    // A form sends what was left empty.
    assert_eq!(guest.get("/v1/venues?city=&zip=&q=").await.json()["items"].as_array().unwrap().len(), 2);
    house.close().await;
}
