//! Accounts and sessions over real sockets.

use std::time::Duration;

use axum::http::Request;
use bytes::Bytes;
use http_body_util::Full;
use marquee_config::{ByteSize, Limits, PasswordCost, RateLimit, Settings};
use marquee_ledger::command::{
    AreaWish, Command, HoldRequest, Holder, Outcome, PaymentChoice, Secret, Selection,
};
use marquee_ledger::layout::Area;
use marquee_ledger::order::Buyer;
use marquee_ledger::terms::{Price, RefundPolicy, Terms};
use marquee_ledger::{AccountId, EventId, HallId, Layout, Order, OrderId, PerformanceId};
use marquee_node::accounts::service::NewAccount;
use marquee_node::accounts::{Password, Role, Roles, create_account};
use serde_json::{Value, json as value};

use crate::house::{Answer, House, ask, json};

const PASSWORD: &str = "correct horse";

fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.limits.loopback_exempt = true;
    settings.cluster.accounts.password =
        PasswordCost { memory: ByteSize::kib(64), iterations: 1, parallelism: 1 };
    settings
}

async fn open() -> House {
    House::with(settings(), None, |_app, router| router).await
}

/// Somebody who is signed in.
struct Person {
    id: String,
    access: String,
    refresh: String,
}

impl Person {
    fn of(session: &Value) -> Self {
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        Self { id: text("account_id"), access: text("access_token"), refresh: text("refresh_token") }
    }

    fn ask(&self, method: &str, path: &str) -> axum::http::request::Builder {
        ask(method, path).header("authorization", format!("Bearer {}", self.access))
    }

    async fn get(&self, house: &House, path: &str) -> Answer {
        house.send(empty(self.ask("GET", path))).await
    }

    async fn patch(&self, house: &House, path: &str, version: &str, body: &Value) -> Answer {
        let request = self.ask("PATCH", path).header("if-match", version);
        house.send(json(request, &body.to_string())).await
    }

    async fn delete(&self, house: &House, path: &str, body: Option<Value>) -> Answer {
        let request = self.ask("DELETE", path);
        house
            .send(
                body.map_or_else(|| empty(self.ask("DELETE", path)), |body| json(request, &body.to_string())),
            )
            .await
    }
}

fn empty(request: axum::http::request::Builder) -> Request<Full<Bytes>> {
    request.body(Full::default()).unwrap()
}

fn sign_up_body(email: &str) -> String {
    value!({"email": email, "password": PASSWORD, "name": "Ann Archer", "zip": "94612"}).to_string()
}

async fn sign_up(house: &House, email: &str) -> Answer {
    house.post("/v1/accounts", &sign_up_body(email)).await
}

async fn try_sign_in(house: &House, email: &str, password: &str) -> Answer {
    house.post("/v1/sessions", &value!({"email": email, "password": password}).to_string()).await
}

async fn sign_in(house: &House, email: &str) -> Person {
    let answer = try_sign_in(house, email, PASSWORD).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    Person::of(&answer.json())
}

async fn newcomer(house: &House, email: &str) -> Person {
    assert_eq!(sign_up(house, email).await.status, 201);
    sign_in(house, email).await
}

async fn staff(house: &House, email: &str, role: Role) -> Person {
    let account = NewAccount {
        email: email.parse().unwrap(),
        name: "Staff".parse().unwrap(),
        zip: None,
        password: Password::new(PASSWORD),
    };
    let roles = Roles::default().with(role);
    create_account(&house.app.home, &house.app.passwords, None, account, roles).await.unwrap();
    sign_in(house, email).await
}

async fn refresh(house: &House, token: &str) -> Answer {
    house.post("/v1/sessions/refresh", &value!({"refresh_token": token}).to_string()).await
}

#[tokio::test]
async fn people_sign_up_in_and_out() {
    let house = open().await;
    let made = sign_up(&house, "Ann@Example.com").await;
    assert_eq!((made.status.as_u16(), made.header("etag")), (201, "\"1\""));
    let account = made.json();
    let id = account["id"].as_str().unwrap();
    assert_eq!(made.header("location"), format!("/v1/accounts/{id}"));
    assert_eq!(account["email"], "Ann@Example.com");
    assert_eq!((&account["name"], &account["zip"]), (&value!("Ann Archer"), &value!("94612")));
    assert_eq!(account["roles"], value!(["customer"]));
    assert!(account["created_at"].as_str().unwrap().ends_with('Z'));
    assert!(!account.to_string().contains("hash") && account.as_object().unwrap().len() == 6, "{account}");

    let ann = sign_in(&house, "ann@EXAMPLE.com").await;
    assert_eq!(ann.id, id);
    for path in ["/v1/accounts/me", &format!("/v1/accounts/{id}")] {
        let read = ann.get(&house, path).await;
        assert_eq!((read.status.as_u16(), read.json()), (200, account.clone()));
        let known =
            house.send(empty(ann.ask("GET", path).header("if-none-match", read.header("etag")))).await;
        assert_eq!(known.status, 304);
    }
    let other = sign_in(&house, "ann@example.com").await;
    assert_eq!(ann.delete(&house, "/v1/sessions/current", None).await.status, 204);
    ann.get(&house, "/v1/accounts/me").await.problem(401, "session-ended");
    refresh(&house, &ann.refresh).await.problem(401, "refresh-invalid");
    assert_eq!(other.get(&house, "/v1/accounts/me").await.status, 200, "another session goes on");
    assert_eq!(other.delete(&house, "/v1/sessions", None).await.status, 204);
    other.get(&house, "/v1/accounts/me").await.problem(401, "session-ended");
    house.close().await;
}

#[tokio::test]
async fn people_see_where_they_are_signed_in_and_sign_out_there() {
    let house = open().await;
    let ann = newcomer(&house, "ann@example.com").await;
    let body = value!({"email": "ann@example.com", "password": PASSWORD}).to_string();
    let request = ask("POST", "/v1/sessions").header("user-agent", "Mozilla/5.0 (iPhone) Safari/604.1");
    let phone = Person::of(&house.send(json(request, &body)).await.json());
    let bob = newcomer(&house, "bob@example.com").await;

    let items = ann.get(&house, "/v1/sessions").await.json()["items"].as_array().unwrap().clone();
    let current: Vec<_> = items.iter().map(|stay| stay["is_current"].as_bool().unwrap()).collect();
    assert_eq!(current.iter().filter(|is_current| **is_current).count(), 1, "{items:?}");
    let other = items.iter().find(|stay| stay["is_current"] == false).unwrap();
    assert_eq!(other["user_agent"], "Mozilla/5.0 (iPhone) Safari/604.1");
    let path = format!("/v1/sessions/{}", other["id"].as_str().unwrap());

    assert_eq!(bob.delete(&house, &path, None).await.status, 204, "whose it is not ends nothing");
    assert_eq!(phone.get(&house, "/v1/accounts/me").await.status, 200);
    assert_eq!(ann.delete(&house, &path, None).await.status, 204);
    phone.get(&house, "/v1/accounts/me").await.problem(401, "session-ended");
    assert_eq!(ann.delete(&house, &path, None).await.status, 204, "it has ended already");
    assert_eq!(ann.get(&house, "/v1/sessions").await.json()["items"].as_array().unwrap().len(), 1);
    for wrong in ["ses_1", "current1", "ses_+0000000000000000000000000000000"] {
        ann.delete(&house, &format!("/v1/sessions/{wrong}"), None).await.problem(404, "not-found");
    }
    house.get("/v1/sessions").await.problem(401, "unauthenticated");
    house.close().await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let house = open().await;
    sign_up(&house, "ann@example.com").await;
    let wrong = try_sign_in(&house, "ann@example.com", "wrong horse").await.problem(401, "credentials-wrong");
    let unknown = try_sign_in(&house, "bob@example.com", PASSWORD).await.problem(401, "credentials-wrong");
    assert_eq!(wrong, unknown);
    try_sign_in(&house, "not an address", PASSWORD).await.problem(401, "credentials-wrong");
    house.get("/v1/accounts/me").await.problem(401, "unauthenticated");
    let forged = ask("GET", "/v1/accounts/me").header("authorization", "Bearer v1.AAAA");
    house.send(empty(forged)).await.problem(401, "token-invalid");
    house.close().await;
}

#[tokio::test]
async fn a_refresh_token_rotates_and_its_copy_ends_the_session() {
    let house = open().await;
    let first = newcomer(&house, "ann@example.com").await;
    let answer = refresh(&house, &first.refresh).await;
    assert_eq!(answer.status, 200);
    let second = Person::of(&answer.json());
    assert_ne!(second.refresh, first.refresh);
    assert_eq!(second.get(&house, "/v1/accounts/me").await.status, 200);
    let repeated = Person::of(&refresh(&house, &first.refresh).await.json());
    assert_eq!(repeated.refresh, second.refresh, "the answer was lost");

    let third = Person::of(&refresh(&house, &second.refresh).await.json());
    refresh(&house, &first.refresh).await.problem(401, "refresh-invalid");
    refresh(&house, &third.refresh).await.problem(401, "refresh-invalid");
    third.get(&house, "/v1/accounts/me").await.problem(401, "session-ended");
    for garbage in ["", "r1.AAAA", &third.access] {
        refresh(&house, garbage).await.problem(401, "refresh-invalid");
    }
    house.close().await;
}

#[tokio::test]
async fn an_expired_access_token_is_told_as_such() {
    let mut settings = settings();
    settings.cluster.accounts.access_token_lifetime = Duration::ZERO;
    let house = House::with(settings, None, |_app, router| router).await;
    let ann = newcomer(&house, "ann@example.com").await;
    ann.get(&house, "/v1/accounts/me").await.problem(401, "token-expired");
    assert_eq!(refresh(&house, &ann.refresh).await.status, 200);
    house.close().await;
}

#[tokio::test]
async fn an_address_is_taken_whatever_its_case() {
    let house = open().await;
    let ann = newcomer(&house, "ann@example.com").await;
    sign_up(&house, "ANN@Example.COM").await.problem(409, "email-taken");
    newcomer(&house, "bob@example.com").await;
    let body = value!({"email": "Bob@example.com", "name": "Eve", "current_password": PASSWORD});
    ann.patch(&house, "/v1/accounts/me", "*", &body).await.problem(409, "email-taken");
    assert_eq!(ann.get(&house, "/v1/accounts/me").await.json()["name"], "Ann Archer", "all or nothing");
    house.close().await;
}

#[tokio::test]
async fn bad_bodies_are_told_place_by_place() {
    let house = open().await;
    let body = value!({"email": "ann", "password": PASSWORD, "name": " ", "zip": "???"}).to_string();
    let refused = house.post("/v1/accounts", &body).await.problem(422, "invalid");
    let places: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(places, ["/email", "/name", "/zip"]);
    for (body, place) in [
        (value!({"email": 1, "password": PASSWORD, "name": "Ann"}), "/email"),
        (value!({"email": "a@b.co", "password": ["x"], "name": "Ann"}), "/password"),
        (value!({"email": "a@b.co", "password": PASSWORD}), ""),
        (value!({"email": "a@b.co", "password": PASSWORD, "name": "Ann", "roles": ["operator"]}), "/roles"),
    ] {
        let refused = house.post("/v1/accounts", &body.to_string()).await.problem(422, "invalid-body");
        assert_eq!(refused["errors"][0]["pointer"], place, "{refused}");
    }
    house.post("/v1/accounts", "{").await.problem(400, "malformed-json");
    for password in ["short", "ann@example.com", &"x".repeat(257)] {
        let body = value!({"email": "Ann@example.com", "password": password, "name": "Ann"}).to_string();
        house.post("/v1/accounts", &body).await.problem(422, "password-unfit");
    }
    let large = value!({"email": "a@b.co", "password": "x".repeat(2 << 20), "name": "Ann"}).to_string();
    house.post("/v1/accounts", &large).await.problem(413, "body-too-large");
    try_sign_in(&house, "ann@example.com", PASSWORD).await.problem(401, "credentials-wrong");
    house.close().await;
}

#[tokio::test]
async fn a_change_names_its_version_and_proves_who_asks() {
    let house = open().await;
    let ann = newcomer(&house, "ann@example.com").await;
    let elsewhere = sign_in(&house, "ann@example.com").await;
    let me = "/v1/accounts/me";
    let no_version = json(ann.ask("PATCH", me), "{\"name\": \"Anne\"}");
    house.send(no_version).await.problem(428, "precondition-required");
    let changed = ann.patch(&house, me, "\"1\"", &value!({"name": "Anne", "zip": null})).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""));
    assert_eq!((&changed.json()["name"], &changed.json()["zip"]), (&value!("Anne"), &Value::Null));
    ann.patch(&house, me, "\"1\"", &value!({"name": "Anna"})).await.problem(412, "precondition-failed");

    let fresh = "battery staple";
    ann.patch(&house, me, "*", &value!({"password": fresh})).await.problem(403, "password-wrong");
    let wrong = value!({"password": fresh, "current_password": "wrong horse"});
    ann.patch(&house, me, "*", &wrong).await.problem(403, "password-wrong");
    let moved = value!({"email": "ann@other.example"});
    ann.patch(&house, me, "*", &moved).await.problem(403, "password-wrong");
    let right = value!({"password": fresh, "current_password": PASSWORD});
    assert_eq!(ann.patch(&house, me, "\"2\"", &right).await.status, 200);
    elsewhere.get(&house, me).await.problem(401, "session-ended");
    assert_eq!(ann.get(&house, me).await.status, 200, "the session that changed it goes on");
    try_sign_in(&house, "ann@example.com", PASSWORD).await.problem(401, "credentials-wrong");
    assert_eq!(try_sign_in(&house, "ann@example.com", fresh).await.status, 201);
    house.close().await;
}

#[tokio::test]
async fn other_peoples_accounts_are_out_of_reach() {
    let house = open().await;
    let (ann, bob) = (newcomer(&house, "ann@example.com").await, newcomer(&house, "bob@example.com").await);
    let support = staff(&house, "support@example.com", Role::Support).await;
    let operator = staff(&house, "operator@example.com", Role::Operator).await;
    let of = |person: &Person| format!("/v1/accounts/{}", person.id);
    let absent = format!("/v1/accounts/{}", AccountId::from_parts(1, 0, 1));
    for path in [of(&bob), absent.clone()] {
        ann.get(&house, &path).await.problem(403, "forbidden");
        ann.patch(&house, &path, "*", &value!({"name": "Eve"})).await.problem(403, "forbidden");
        ann.delete(&house, &path, Some(value!({"current_password": PASSWORD})))
            .await
            .problem(403, "forbidden");
    }
    ann.get(&house, "/v1/accounts/42").await.problem(404, "unknown-account");
    support.get(&house, &absent).await.problem(404, "unknown-account");

    assert_eq!(support.get(&house, &of(&bob)).await.status, 200);
    assert_eq!(support.patch(&house, &of(&bob), "*", &value!({"name": "Rob"})).await.status, 200);
    let taken_over = value!({"password": "battery staple", "current_password": PASSWORD});
    support.patch(&house, &of(&bob), "*", &taken_over).await.problem(403, "forbidden");
    support.patch(&house, &of(&operator), "*", &value!({"name": "Eve"})).await.problem(403, "forbidden");
    support.delete(&house, &of(&operator), None).await.problem(403, "forbidden");

    let put = |by: &Person, of: &Person, roles: Value| {
        let request = by.ask("PUT", &format!("/v1/accounts/{}/roles", of.id));
        json(request, &value!({"roles": roles}).to_string())
    };
    for by in [&ann, &support] {
        house.send(put(by, &ann, value!(["operator"]))).await.problem(403, "forbidden");
    }
    house.send(put(&operator, &operator, value!([]))).await.problem(403, "forbidden");
    house.send(put(&operator, &ann, value!(["king"]))).await.problem(422, "invalid-body");
    let given = house.send(put(&operator, &ann, value!(["organizer"]))).await;
    assert_eq!((given.status.as_u16(), &given.json()["roles"]), (200, &value!(["customer", "organizer"])));
    assert_eq!(ann.get(&house, "/v1/accounts/me").await.status, 200);
    assert_eq!(house.send(put(&operator, &ann, value!([]))).await.status, 200);
    ann.get(&house, "/v1/accounts/me").await.problem(401, "session-ended");
    assert_eq!(support.delete(&house, &of(&bob), None).await.status, 204);
    bob.get(&house, "/v1/accounts/me").await.problem(401, "session-ended");
    house.close().await;
}

#[tokio::test]
async fn a_repetition_with_the_same_key_gets_the_first_answer() {
    let house = open().await;
    let keyed =
        |path: &str, key: &str, body: &str| json(ask("POST", path).header("idempotency-key", key), body);
    let body = sign_up_body("ann@example.com");
    let first = house.send(keyed("/v1/accounts", "one", &body)).await;
    let again = house.send(keyed("/v1/accounts", "one", &body)).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!(first.json(), again.json());
    let other = sign_up_body("bob@example.com");
    house.send(keyed("/v1/accounts", "one", &other)).await.problem(422, "key-reused");
    try_sign_in(&house, "bob@example.com", PASSWORD).await.problem(401, "credentials-wrong");

    let body = value!({"email": "ann@example.com", "password": PASSWORD}).to_string();
    let first = house.send(keyed("/v1/sessions", "two", &body)).await.json();
    let again = house.send(keyed("/v1/sessions", "two", &body)).await.json();
    assert_eq!(first, again, "the same tokens");
    assert_ne!(
        first["refresh_token"],
        house.send(keyed("/v1/sessions", "three", &body)).await.json()["refresh_token"]
    );
    let ann = Person::of(&first);
    assert_eq!(ann.get(&house, "/v1/accounts/me").await.status, 200);
    house.close().await;
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let sign_in = RateLimit { per_minute: 1, burst: 3 };
    let limits = Limits { sign_in, ..Limits::default() };
    let house = House::with(Settings { limits, ..settings() }, None, |_app, router| router).await;
    let ann = newcomer(&house, "ann@example.com").await;
    try_sign_in(&house, "ann@example.com", "wrong horse").await.problem(401, "credentials-wrong");
    let refused = try_sign_in(&house, "ann@example.com", PASSWORD).await;
    refused.problem(429, "rate-limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    let guess = value!({"current_password": "wrong horse"});
    ann.delete(&house, "/v1/accounts/me", Some(guess)).await.problem(429, "rate-limited");
    assert_eq!(ann.get(&house, "/v1/accounts/me").await.status, 200, "who is in is not shut out");
    house.close().await;
}

#[tokio::test]
async fn a_deletion_leaves_no_trace_of_the_person() {
    let house = open().await;
    let ann = newcomer(&house, "ann@example.com").await;
    let id: AccountId = ann.id.parse().unwrap();
    let order = free_order(&house, id).await;
    let order_now = || house.app.home.snapshot().unwrap().ledger().unwrap().order(order).unwrap().unwrap();
    let listed = || house.app.home.snapshot().unwrap().accounts().orders(id, None, 9).unwrap();
    until(|| listed() == [order]).await;
    assert_eq!(order_now().buyer.email, "ann@example.com");

    let me = "/v1/accounts/me";
    ann.delete(&house, me, None).await.problem(403, "password-wrong");
    let wrong = value!({"current_password": "wrong horse"});
    ann.delete(&house, me, Some(wrong)).await.problem(403, "password-wrong");
    assert_eq!(ann.delete(&house, me, Some(value!({"current_password": PASSWORD}))).await.status, 204);
    ann.get(&house, me).await.problem(401, "session-ended");
    refresh(&house, &ann.refresh).await.problem(401, "refresh-invalid");
    try_sign_in(&house, "ann@example.com", PASSWORD).await.problem(401, "credentials-wrong");

    let is_anonymous = |order: &Order| order.buyer.email.is_empty() && order.buyer.account.is_none();
    until(|| is_anonymous(&order_now())).await;
    until(|| listed().is_empty()).await;
    assert_eq!(order_now().tickets.len(), 1, "what was sold stays");
    assert_ne!(newcomer(&house, "ann@example.com").await.id, ann.id, "the address is free again");
    house.close().await;
}

/// Waits until the outbox has done its work.
async fn until(mut so: impl FnMut() -> bool) {
    while !so() {
        tokio::task::yield_now().await;
    }
}

/// An order of a place that costs nothing.
async fn free_order(house: &House, account: AccountId) -> OrderId {
    let (hall, performance) = (HallId::from_parts(1, 1, 1), PerformanceId::from_parts(2, 1, 2));
    let area = Area { section: 0, name: "Floor".to_owned(), category: 0, capacity: 10 };
    let layout = Layout {
        sections: vec!["Floor".to_owned()],
        categories: vec!["A".to_owned()],
        rows: Vec::new(),
        areas: vec![area],
    };
    let always = 4_000_000_000_000;
    let terms = Terms {
        event: EventId::from_parts(3, 1, 3),
        hall,
        layout_version: 1,
        starts_at_ms: always,
        on_sale_from_ms: 0,
        on_sale_until_ms: always,
        currency: "USD".parse().unwrap(),
        concessions: vec!["adult".to_owned()],
        prices: vec![Price { category: 0, concession: 0, amount: 0 }],
        refund: RefundPolicy { until_ms_before: 0, share_basis_points: 10_000 },
        ticket_limit: 0,
        hold_ms: 600_000,
        extension_ms: 300_000,
        payment_ms: 600_000,
    };
    let hold = HoldRequest {
        performance,
        holder: Holder::Account(account),
        selection: Selection::Areas(vec![AreaWish { area: 0, concession: 0, quantity: 1 }]),
        secret: Secret(7),
    };
    let buyer =
        Buyer { account: Some(account), email: "ann@example.com".to_owned(), name: "Ann Archer".to_owned() };
    let payment = PaymentChoice {
        gateway: "sandbox".to_owned(),
        method: "card_ok".to_owned(),
        return_url: String::new(),
    };
    tell(house, Command::DefineLayout { hall, version: 1, layout }).await;
    tell(house, Command::OpenPerformance { performance, terms }).await;
    let bought = tell(house, Command::Buy { hold, buyer, payment }).await;
    let Outcome::Ordered { order, .. } = bought else { panic!("{bought:?}") };
    order
}

async fn tell(house: &House, command: Command) -> Outcome {
    let request = marquee_ledger::Request { key: None, command };
    house.app.home.ledger(request).await.unwrap().result.unwrap()
}
