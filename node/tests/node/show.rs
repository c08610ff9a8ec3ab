//! A node with one performance on sale, a gateway that takes money, and a client that watches seats.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use marquee_config::{ByteSize, PasswordCost, Settings};
use marquee_ledger::terms::RefundPolicy;
use marquee_ledger::{AccountId, EventId, HallId, PerformanceId};
use marquee_node::accounts::{Role, Roles, SessionId};
use marquee_node::catalog::command::{Offer, OfferedPrice};
use marquee_node::catalog::entity::{Category, EventFacts, Pace, Schedule, VenueFacts};
use marquee_node::catalog::seat_map::{MapArea, MapRow, SeatColumns, SeatFlags, Section};
use marquee_node::catalog::{Action, By, Command, Created, EventKind, Outcome, SeatMap, VenueKind};
use marquee_node::payments::Secret;
use marquee_node::payments::sandbox::{SandboxOptions, Server, USUAL_API_KEY};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::house::{Answer, House, ask};

pub(crate) const ORGANIZER: AccountId = AccountId(1);
pub(crate) const STRANGER: AccountId = AccountId(2);
/// What people sign in with who signed up by [`Show::sign_up`].
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const BUYER: AccountId = AccountId(3);
const HOUR_MS: u64 = 60 * MINUTE_MS;
const MINUTE_MS: u64 = 60_000;

/// Two rows of five seats, and a floor for a hundred.
pub(crate) struct Show {
    pub(crate) house: House,
    pub(crate) event: EventId,
    pub(crate) performance: PerformanceId,
    pub(crate) other_performance: PerformanceId,
    sandbox: Server,
}

/// How long holds last, and how many tickets one customer may have.
pub(crate) struct Terms {
    pub(crate) hold_ms: u64,
    pub(crate) ticket_limit: u16,
}

impl Show {
    pub(crate) async fn open() -> Self {
        Self::with(Terms { hold_ms: 600_000, ticket_limit: 0 }, Settings::default()).await
    }

    /// With holds that last, and passwords that cost little, for tests in which people sign up.
    pub(crate) async fn for_people() -> Self {
        let mut settings = Settings::default();
        settings.cluster.accounts.password =
            PasswordCost { memory: ByteSize::kib(64), iterations: 1, parallelism: 1 };
        Self::with(Terms { hold_ms: 600_000, ticket_limit: 0 }, settings).await
    }

    /// Signs somebody up and in; gives the `Authorization` header.
    pub(crate) async fn sign_up(&self, email: &str, name: &str) -> String {
        let account = json!({"email": email, "password": PASSWORD, "name": name});
        assert_eq!(self.post("/v1/accounts", &[], &account).await.status, 201);
        let session = json!({"email": email, "password": PASSWORD});
        let session = self.post("/v1/sessions", &[], &session).await.json();
        format!("Bearer {}", session["access_token"].as_str().unwrap())
    }

    pub(crate) async fn with(terms: Terms, mut settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut options = SandboxOptions::new(Secret::new(USUAL_API_KEY));
        options.delays.slow = Duration::from_millis(200);
        let sandbox = Server::start(listener, options).unwrap();
        settings.cluster.payments.url = Some(sandbox.base_url().try_into().unwrap());
        settings.limits.loopback_exempt = true;
        let house = House::with(settings, None, |_app, router| router).await;
        let facts = venue_facts("Fox Theater");
        let Created::Venue(venue) =
            create(&house, Action::CreateVenue { number: None, key: None, facts }).await
        else {
            panic!()
        };
        let mut halls = Vec::<HallId>::new();
        for name in ["Main", "Studio"] {
            let seat_map = Box::new(hall_map());
            let action = Action::CreateHall { venue, key: None, name: name.to_owned(), seat_map };
            let Created::Hall(hall) = create(&house, action).await else { panic!() };
            halls.push(hall);
        }
        let events = vec![(None, event_facts())];
        let Created::Event(event) = create(&house, Action::CreateEvents { events }).await else { panic!() };
        let mut performances = Vec::new();
        for hall in halls {
            let offer = offer(&terms, house.app.now_ms());
            let action = Action::CreatePerformance { key: None, event, event_owner: None, hall, offer };
            let Created::Performance(id) = create(&house, action).await else { panic!() };
            performances.push(id);
        }
        let [performance, other_performance] = performances[..] else { panic!() };
        Self { house, event, performance, other_performance, sandbox }
    }

    pub(crate) async fn close(self) {
        self.house.close().await;
        self.sandbox.stop().await;
    }

    /// Sends JSON; headers are name and value.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut request = ask(method, path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.house.send(request.body(Full::from(body)).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.send("POST", path, headers, body).await
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, &Value::Null).await
    }

    /// The seat map.
    pub(crate) async fn seats(&self) -> Value {
        self.get(&self.path("seats"), &[]).await.json()
    }

    /// The id of a seat by its number among all.
    pub(crate) async fn seat(&self, index: usize) -> String {
        self.seats().await["seats"][index]["id"].as_str().unwrap().to_owned()
    }

    /// Every seat's status by its first letter, and the floor's free places.
    pub(crate) async fn statuses(&self) -> (String, u64) {
        let map = self.seats().await;
        let seats = map["seats"].as_array().unwrap();
        let letters = seats.iter().map(|seat| seat["status"].as_str().unwrap().chars().next().unwrap());
        (letters.collect(), map["areas"][0]["free"].as_u64().unwrap())
    }

    pub(crate) fn path(&self, of: &str) -> String {
        format!("/v1/performances/{}/{of}", self.performance)
    }

    /// Holds seats by their numbers as a guest.
    pub(crate) async fn hold(&self, indices: &[usize]) -> Value {
        let map = self.seats().await;
        let ids: Vec<_> = indices.iter().map(|index| map["seats"][*index]["id"].clone()).collect();
        let held = self.post(&self.path("holds"), &[], &json!({ "seats": ids })).await;
        assert_eq!(held.status, 201, "{held:?}");
        held.json()
    }

    /// Books a hold as a guest and with this card.
    pub(crate) async fn book(&self, hold: &Value, method: &str) -> Answer {
        let body = json!({
            "hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": method},
            "email": "ada@example.com", "name": "Ada",
        });
        self.post("/v1/bookings", &[("prefer", "wait=30")], &body).await
    }

    /// The access token of an account.
    pub(crate) fn bearer(&self, account: AccountId, roles: &[Role]) -> String {
        let now_ms = self.house.app.now_ms();
        let roles: Roles = roles.iter().copied().collect();
        let (token, _claims) = self.house.app.tokens.issue(account, SessionId::random(now_ms), roles, now_ms);
        format!("Bearer {token}")
    }

    /// Watches the seats.
    pub(crate) async fn watch(&self, last_event_id: Option<u64>) -> Watch {
        Watch::open(self.house.address, &self.path("seats/stream"), last_event_id).await
    }
}

/// A stream of server-sent events.
pub(crate) struct Watch {
    body: Body,
    text: String,
    events: VecDeque<(u64, String, Value)>,
    /// The id of the last event that was taken.
    pub(crate) seen: u64,
    _connection: JoinHandle<()>,
}

impl Watch {
    /// Opens the stream at a path.
    pub(crate) async fn open(address: SocketAddr, path: &str, last_event_id: Option<u64>) -> Self {
        let mut request = ask("GET", path);
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id.to_string());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(async move { _ = connection.await });
        let request: Request<Full<Bytes>> = request.body(Full::default()).unwrap();
        let response = sender.send_request(request).await.unwrap();
        let status = response.status();
        if status != 200 {
            let told = response.into_body().collect().await.unwrap().to_bytes();
            panic!("{path} at {address} is answered {status}: {}", String::from_utf8_lossy(&told));
        }
        Self {
            body: Body::new(response.into_body()),
            text: String::new(),
            events: VecDeque::new(),
            seen: 0,
            _connection: connection,
        }
    }

    /// The next event: id, name and data. None at the end.
    pub(crate) async fn next(&mut self) -> Option<(u64, String, Value)> {
        loop {
            if let Some(event) = self.events.pop_front() {
                self.seen = event.0;
                return Some(event);
            }
            let frame = self.body.frame().await?.ok()?;
            let Ok(data) = frame.into_data() else { continue };
            self.text.push_str(std::str::from_utf8(&data).unwrap());
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                if let (Some(id), Some(name), Some(data)) = (field("id: "), field("event: "), field("data: "))
                {
                    self.events.push_back((id.parse().unwrap(), name, serde_json::from_str(&data).unwrap()));
                }
                self.text = rest.to_owned();
            }
        }
    }

    /// Waits until a seat has this status by its letter.
    pub(crate) async fn until(&mut self, seat: u64, letter: &str) {
        loop {
            let (_id, name, data) = self.next().await.expect("the stream goes on");
            let is_so = match name.as_str() {
                "snapshot" => {
                    data["seats"].as_str().unwrap().chars().nth(seat as usize) == letter.chars().next()
                }
                _changes => data["seats"].as_array().unwrap().contains(&json!([seat, letter])),
            };
            if is_so {
                return;
            }
        }
    }
}

async fn create(house: &House, action: Action) -> Created {
    let by = By { account: ORGANIZER, operator: false };
    match house.app.home.catalog(None, Command { by, action }).await.unwrap() {
        Ok(Outcome::Created(created)) => created[0],
        other => panic!("{other:?}"),
    }
}

/// A theater in Oakland.
pub(crate) fn venue_facts(name: &str) -> VenueFacts {
    VenueFacts {
        name: name.to_owned(),
        kind: VenueKind::Theater,
        address: "1807 Telegraph Ave".to_owned(),
        city: "Oakland".to_owned(),
        region: "CA".to_owned(),
        country: "US".to_owned(),
        zip: "94612".to_owned(),
        point: None,
        time_zone: "America/Los_Angeles".to_owned(),
    }
}

/// So many rows of ten seats, without a floor to stand on.
pub(crate) fn rows_of_ten(rows: usize) -> SeatMap {
    let seats = 10 * rows as u32;
    let row = |nth: usize| MapRow { section: 0, label: (nth + 1).to_string(), rank: nth as u32, seats: 10 };
    SeatMap {
        rows: (0..rows).map(row).collect(),
        seats: SeatColumns {
            x: (0..seats).map(|seat| (seat % 10 * 100) as _).collect(),
            y: (0..seats).map(|seat| (seat / 10 * 10) as _).collect(),
            labels: (0..seats).map(|seat| (seat % 10 + 1).to_string()).collect(),
            categories: vec![0; seats as usize],
            flags: vec![SeatFlags::default(); seats as usize],
        },
        ..hall_map()
    }
}

pub(crate) fn hall_map() -> SeatMap {
    let category =
        |key: &str| Category { key: key.to_owned(), name: key.to_uppercase(), color: "#336699".to_owned() };
    let row = |label: &str, rank| MapRow { section: 0, label: label.to_owned(), rank, seats: 5 };
    SeatMap {
        width: 1_000,
        height: 800,
        stage: None,
        categories: vec![category("best"), category("floor")],
        sections: vec![Section { key: "stalls".to_owned(), name: "Stalls".to_owned(), rank: 0, color: None }],
        rows: vec![row("A", 0), row("B", 1)],
        seats: SeatColumns {
            x: (0..10).map(|seat| seat % 5 * 100).collect(),
            y: (0..10).map(|seat| seat / 5 * 100).collect(),
            labels: (0..10).map(|seat| (seat % 5 + 1).to_string()).collect(),
            categories: vec![0; 10],
            flags: vec![SeatFlags::default(); 10],
        },
        areas: vec![MapArea {
            key: "floor".to_owned(),
            name: "Floor".to_owned(),
            section: 0,
            category: 1,
            capacity: 100,
            outline: vec![(0, 500), (900, 500), (900, 700)],
        }],
        drawing: None,
    }
}

pub(crate) fn event_facts() -> EventFacts {
    EventFacts {
        kind: EventKind::Concert,
        title: "Harbour Lights".to_owned(),
        description: String::new(),
        host: String::new(),
        performers: Vec::new(),
        genres: Vec::new(),
        language: "en".to_owned(),
        duration_min: Some(90),
        age_rating: String::new(),
    }
}

pub(crate) fn offer(terms: &Terms, now_ms: u64) -> Offer {
    let price = |category: &str, concession: &str, amount| OfferedPrice {
        category: category.to_owned(),
        concession: concession.to_owned(),
        amount,
    };
    // Programs of others know minutes.
    let starts_at_ms = (now_ms + 48 * HOUR_MS) / MINUTE_MS * MINUTE_MS;
    Offer {
        seat_map_version: None,
        schedule: Schedule {
            starts_at_ms,
            doors_at_ms: None,
            on_sale_from_ms: 0,
            on_sale_until_ms: starts_at_ms,
        },
        currency: "USD".parse().unwrap(),
        concessions: vec!["adult".to_owned(), "child".to_owned()],
        prices: vec![
            price("best", "adult", 4_500),
            price("best", "child", 2_000),
            price("floor", "adult", 1_500),
        ],
        refund: RefundPolicy { until_ms_before: 24 * HOUR_MS, share_basis_points: 5_000 },
        ticket_limit: terms.ticket_limit,
        pace: Pace { hold_ms: terms.hold_ms, extension_ms: 300_000, payment_ms: 600_000 },
        accessibility: BTreeSet::new(),
    }
}
