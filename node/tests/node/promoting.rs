//! A box office sells with the line cut, another node takes its venue over, and what both sold comes to light.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use marquee_node::catalog::Action;
use marquee_node::cluster::moving::seizing;
use marquee_node::home::Home;
use marquee_node::http::App;
use marquee_node::payments::sandbox::USUAL_API_KEY;
use marquee_replication::{GroupId, NodeId};
use serde_json::{Value, json};

use crate::house::{Answer, ask, send};
use crate::show;
use crate::town::guarded;
use crate::trio::{OnSale, Trio};

/// The box office.
const COUNTER: u64 = 3;
static KEYS: AtomicUsize = AtomicUsize::new(0);

/// A trio whose third node is a box office with a venue.
struct Fair {
    trio: Trio,
    on_sale: OnSale,
}

/// A guest's order.
struct Bought {
    id: String,
    token: String,
    /// Where the buyer approves the payment, if they must.
    pay_at: String,
}

impl Fair {
    async fn open() -> Self {
        let trio = Trio::with_box_office(Some(COUNTER)).await;
        let on_sale = trio.sell_in(COUNTER, 2).await;
        Self { trio, on_sale }
    }

    async fn post(&self, node: u64, path: &str, body: &Value) -> Answer {
        let key = format!("guest-{}", KEYS.fetch_add(1, Ordering::Relaxed));
        let request = ask("POST", path)
            .header("content-type", "application/json")
            .header("prefer", "wait=30")
            .header("idempotency-key", key)
            .body(Full::<Bytes>::from(body.to_string()))
            .unwrap();
        guarded("an answer", send(self.trio.town.address(node), request)).await
    }

    async fn hold(&self, node: u64, seat: usize) -> Answer {
        let path = format!("/v1/performances/{}/holds", self.on_sale.performance);
        self.post(node, &path, &json!({ "seats": [self.on_sale.seats[seat]] })).await
    }

    async fn buy(&self, node: u64, seat: usize) -> Bought {
        self.order(node, seat, "card_ok", "booked").await
    }

    /// Orders a seat, with a card that brings the order so far.
    async fn order(&self, node: u64, seat: usize, card: &str, status: &str) -> Bought {
        let hold = self.hold(node, seat).await;
        assert_eq!(hold.status, 201, "{hold:?}");
        let hold = hold.json();
        let body = json!({
            "hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": card},
            "email": format!("guest-{seat}@example.com"), "name": format!("Guest {seat}"),
        });
        let ordered = self.post(node, "/v1/bookings", &body).await;
        assert_eq!(
            (ordered.status.as_u16(), &ordered.json()["status"]),
            (201, &json!(status)),
            "{ordered:?}"
        );
        let ordered = ordered.json();
        let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
        let pay_at = text(&ordered["payment"]["url"]);
        Bought { id: text(&ordered["id"]), token: text(&ordered["token"]), pay_at }
    }

    /// The buyer approves the payment at the gateway.
    async fn approve(order: &Bought) {
        let url: axum::http::Uri = order.pay_at.parse().unwrap();
        let address = url.authority().unwrap().as_str().parse().unwrap();
        let intent = url.path().split('/').nth(2).unwrap();
        let request = ask("POST", &format!("/control/intents/{intent}/complete"));
        let request = request.header("authorization", format!("Bearer {USUAL_API_KEY}"));
        let approved = send(address, request.body(Full::default()).unwrap());
        let approved = guarded("the gateway's answer", approved).await;
        assert_eq!(approved.status, 200, "{approved:?}");
    }

    /// Waits until an order stands so.
    async fn until(&self, node: u64, order: &Bought, status: &str) {
        let stands = async {
            while self.read(node, order).await["status"] != status {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        guarded(&format!("an order is {status}"), stands).await;
    }

    /// The order as its buyer reads it.
    async fn read(&self, node: u64, order: &Bought) -> Value {
        let request = ask("GET", &format!("/v1/bookings/{}", order.id)).header("x-order-token", &order.token);
        let request = request.body(Full::default()).unwrap();
        let read = guarded("an answer", send(self.trio.town.address(node), request)).await;
        assert_eq!(read.status, 200, "{read:?}");
        read.json()
    }

    async fn operator(&self, node: u64, method: &str, path: &str, body: &Value) -> Answer {
        self.trio.ask(node, method, path, body).await
    }

    /// Runs a command as the operator, at a node.
    async fn command(&self, node: u64, words: &[&str]) -> ExitCode {
        let url = format!("http://{}", self.trio.town.address(node));
        let asking = ["--node", &url, "--access-token", self.trio.town.operator()];
        let line = ["marquee", "cluster"].iter().chain(words).chain(&asking);
        let line: Vec<OsString> = line.map(OsString::from).collect();
        // It has a runtime of its own.
        let ran = tokio::task::spawn_blocking(move || marquee_node::cli::run(line));
        guarded("a command", ran).await.unwrap()
    }

    async fn promote(&self, form: &Value, query: &str) -> Answer {
        let path = format!("/v1/cluster/venues/{}/promotion{query}", self.on_sale.venue.owner());
        self.operator(1, "POST", &path, form).await
    }

    /// What is in conflict, as a node tells, once it is as expected.
    async fn conflicts_when(&self, node: u64, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/v1/cluster/venues/{}/conflicts", self.on_sale.venue.owner());
        let look = async {
            loop {
                let told = self.operator(node, "GET", &path, &Value::Null).await.json();
                if is_so(&told) {
                    return told;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        guarded(what, look).await
    }

    async fn until_found(&self, node: u64, code: &str) {
        let found = async {
            while !self.findings(node).await.iter().any(|found| found == code) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        guarded(&format!("{code} is found"), found).await;
    }

    async fn until_not_found(&self, node: u64, codes: &[&str]) {
        let gone = async {
            while self.findings(node).await.iter().any(|found| codes.contains(&found.as_str())) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        guarded("nothing is left to look at", gone).await;
    }

    async fn findings(&self, node: u64) -> Vec<String> {
        let cluster = self.operator(node, "GET", "/v1/cluster", &Value::Null).await.json();
        let findings = cluster["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the other nodes have all that the box office has.
    async fn until_copied(&self) {
        let is_copied = |app: &App| {
            let counter = app.home.commons().replica(GroupId(COUNTER)).unwrap();
            let lags = counter.group().lags();
            lags.len() == 2 && lags.values().all(|lag| *lag == 0)
        };
        self.trio.town.until("the copies are even", COUNTER, is_copied).await;
        let index = self.applied(COUNTER);
        for node in [1, 2] {
            let has_all = |app: &App| applied(app) >= index;
            self.trio.town.until("the copy has it", node, has_all).await;
        }
    }

    fn applied(&self, node: u64) -> u64 {
        applied(self.trio.town.app(node))
    }
}

fn applied(app: &App) -> u64 {
    app.home.commons().replica(GroupId(COUNTER)).unwrap().status().applied_index
}

fn entry<'t>(told: &'t Value, order: &Bought) -> &'t Value {
    let entries = told["conflicts"].as_array().unwrap();
    entries.iter().find(|entry| entry["order"] == order.id.as_str()).unwrap_or_else(|| panic!("{told}"))
}

/// What the box office sells while the line is cut.
struct Late {
    /// Somebody else gets the seat.
    contested: Bought,
    kept: Bought,
    /// It is given back before anybody hears of it.
    cancelled: Bought,
    unpaid: Bought,
}

impl Fair {
    /// Nobody but the box office is there, and it sells; then it is away, and the others are there.
    async fn cut_off(&mut self) -> Late {
        self.trio.town.stop(1).await;
        self.trio.town.stop(2).await;
        let contested = self.buy(COUNTER, 1).await;
        // Also after it was switched off and on.
        self.trio.town.stop(COUNTER).await;
        self.trio.town.start(COUNTER).await;
        self.trio.town.until_home(COUNTER, COUNTER).await;
        let late = Late {
            contested,
            kept: self.buy(COUNTER, 2).await,
            cancelled: self.buy(COUNTER, 3).await,
            unpaid: self.order(COUNTER, 11, "card_two_step", "awaiting_payment").await,
        };
        let cancel = format!("/v1/bookings/{}/cancellation", late.cancelled.id);
        let cancelling = self.operator(COUNTER, "POST", &cancel, &json!({})).await;
        assert_eq!(cancelling.status, 200, "{cancelling:?}");
        let (venue, facts) = (self.on_sale.venue, show::venue_facts("Renamed Theater"));
        self.trio.change(COUNTER, Action::UpdateVenue { venue, version: None, facts }).await;

        self.trio.town.stop(COUNTER).await;
        self.trio.town.start(1).await;
        self.trio.town.start(2).await;
        let is_known = |app: &App| app.home.commons().courier.home_of(GroupId(1)).is_some();
        self.trio.town.until("the directory is at home", 1, is_known).await;
        late
    }

    /// Has node 2 take the venue over.
    async fn take_over(&self) {
        let refused = async {
            loop {
                let refused = self.promote(&json!({}), "").await;
                if refused.status != 409 || refused.json()["code"] != "home-alive" {
                    return refused;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let refused = guarded("the box office is missed", refused).await;
        let words = refused.problem(409, "loss-not-accepted")["detail"].to_string();
        assert!(words.contains("is not in the copy"), "{words}");
        let plan = self.promote(&json!({ "to": "node-2" }), "?plan=true").await.json();
        let step = &plan["steps"][0];
        assert_eq!((&plan["decided"], &step["kind"]), (&json!(false), &json!("venue-taken-over")), "{plan}");
        let by_box_office = self.promote(&json!({ "to": "node-3", "accept_loss": true }), "").await;
        by_box_office.problem(422, "unfit-successor");
        let taken = self.promote(&json!({ "to": "node-2", "accept_loss": true }), "").await;
        assert_eq!((taken.status.as_u16(), &taken.json()["decided"]), (200, &json!(true)), "{taken:?}");
        let number = self.on_sale.venue.owner();
        for node in [1, 2] {
            let is_taken = |app: &App| {
                let placement = app.home.commons().views.now().placements()[&number];
                placement.group == GroupId(2) && placement.seized().is_some()
            };
            self.trio.town.until("the venue is taken over", node, is_taken).await;
        }
        self.until_found(1, "loss-unknown").await;
    }

    /// What the box office, back again, tells of what it sold.
    async fn comes_to_light(&mut self) -> Value {
        self.trio.town.start(COUNTER).await;
        let is_told = |told: &Value| {
            // The box office may have heard of a payment as well before it yielded: then both have the same.
            let entries = told["conflicts"].as_array().unwrap();
            let end = |entry: &Value| entry["end"].as_str().unwrap_or("open").to_owned();
            let count = |wanted: &str| entries.iter().filter(|entry| end(entry) == wanted).count();
            let mut places = entries.iter().flat_map(|entry| entry["places"].as_array().unwrap());
            let is_known = places.all(|place| place["there"] != "unknown");
            (count("open"), count("void")) == (3, 1) && count("same") <= 1 && is_known
        };
        let told = self.conflicts_when(1, "what was sold comes to light", is_told).await;
        let takeover = &told["takeover"];
        assert_eq!((&takeover["state"], &takeover["open"]), (&json!("listed"), &json!(3)), "{told}");
        self.until_found(2, "conflicts").await;
        told
    }

    async fn judge(&self, order: &Bought, verdict: &str) -> Answer {
        let path = format!("/v1/cluster/conflicts/{}/verdict", order.id);
        self.operator(2, "POST", &path, &json!({ "verdict": verdict })).await
    }

    /// A person says what becomes of each order.
    async fn decide(&self, late: &Late, known: &Bought) {
        let settle = format!("/v1/cluster/venues/{}/conflicts/settlement", self.on_sale.venue.owner());
        self.operator(1, "POST", &settle, &json!({})).await.problem(409, "in-conflict");
        assert_eq!(self.judge(&late.contested, "keep").await.status, 204);
        let is_refused = |told: &Value| !entry(told, &late.contested)["objection"].is_null();
        let told = self.conflicts_when(2, "the seat is another's", is_refused).await;
        assert_eq!(entry(&told, &late.contested)["verdict"], Value::Null, "{told}");
        assert_eq!(self.judge(&late.contested, "refund").await.status, 204);
        self.judge(known, "refund").await.problem(404, "unknown-conflict");
        assert_eq!(self.judge(&late.kept, "keep").await.status, 204);
        assert_eq!(self.judge(&late.unpaid, "refund").await.status, 204);
        self.conflicts_when(1, "no order is in conflict", |told| told["takeover"]["open"] == 0).await;
        assert_eq!(
            self.operator(1, "POST", &settle, &json!({})).await.status,
            204,
            "the other name was seen"
        );
        self.conflicts_when(1, "all is settled", |told| told["takeover"].is_null()).await;
        self.operator(1, "POST", &settle, &json!({})).await.problem(404, "unknown-conflict");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_box_office_sold_with_the_line_cut_is_kept_or_paid_back() {
    let mut fair = Fair::open().await;
    let before = fair.buy(1, 0).await;
    let paying = fair.order(1, 10, "card_two_step", "awaiting_payment").await;
    fair.until_copied().await;
    let there = fair.promote(&json!({ "accept_loss": true }), "").await;
    there.problem(409, "home-alive");

    let late = fair.cut_off().await;
    fair.take_over().await;
    assert_eq!(fair.read(1, &before).await["status"], "booked", "what was sold before is here");
    // A payment that was under way goes on there: the gateway is asked for it by the order's name.
    Fair::approve(&paying).await;
    fair.until(1, &paying, "booked").await;
    // What the copy did not have is for sale.
    let there = fair.buy(1, 1).await;

    let told = fair.comes_to_light().await;
    let of = entry(&told, &late.contested);
    assert_eq!(
        (&of["origin"], &of["status"], &of["email"], &of["places"][0]["there"], &of["places"][0]["order"]),
        (&json!("late"), &json!("booked"), &json!("guest-1@example.com"), &json!("booked"), &json!(there.id)),
        "{of}"
    );
    assert_eq!(entry(&told, &late.kept)["places"][0]["there"], "free", "{told}");
    let renamed = &told["changes"][0];
    assert_eq!((&renamed["kind"], &renamed["name"]), (&json!("venue"), &json!("Renamed Theater")), "{told}");
    assert_eq!(fair.read(COUNTER, &late.cancelled).await["status"], "cancelled", "its page is there");
    // It sells no more itself: whoever asks it buys where the venue is.
    fair.hold(COUNTER, 1).await.problem(409, "seats-taken");
    fair.trio.audits().await;

    fair.decide(&late, &before).await;
    for node in 1..=3 {
        let index = fair.trio.town.app(node).home.catalog_copy().read();
        let venue = index.venue(fair.on_sale.venue).unwrap();
        assert_eq!(venue.facts.name, "Move Theater", "the owner's name counts");
    }
    let paid_back = fair.read(1, &late.contested).await;
    let refund = &paid_back["refunds"][0];
    assert_eq!((&paid_back["status"], &refund["status"]), (&json!("cancelled"), &json!("settled")));
    // What was given up was called off at the gateway.
    let unpaid = fair.read(1, &late.unpaid).await;
    assert_eq!((&unpaid["status"], &unpaid["payment"]["status"]), (&json!("lapsed"), &json!("declined")));
    let valid = fair.read(1, &late.kept).await;
    assert_eq!((&valid["status"], &valid["tickets"][0]["status"]), (&json!("booked"), &json!("valid")));
    assert_eq!(fair.read(COUNTER, &there).await["status"], "booked");
    fair.hold(1, 2).await.problem(409, "seats-taken");
    let audits = fair.trio.audits().await;
    let tickets: Vec<_> = audits.iter().map(|(_group, report)| report.tickets_valid).collect();
    assert_eq!(tickets, [0, 4, 0], "and nothing is left at the box office");
    fair.until_not_found(1, &["conflicts", "loss-unknown", "takeover"]).await;
    fair.trio.close().await;
}

/// Takes over whatever the directory says that node 2 is to, and dies in the middle, again and again.
async fn meddle(replica: Home, over: Arc<AtomicBool>) {
    for nth in 1.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let life = Duration::from_millis(nth * 7 % 40 + 1);
        _ = tokio::time::timeout(life, seizing::look_after(replica.clone(), NodeId(2))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coordinators_that_die_and_get_in_each_others_way_take_a_venue_over_once() {
    let mut fair = Fair::open().await;
    let mut sold = Vec::new();
    for seat in 0..4 {
        sold.push(fair.buy(1, seat).await);
    }
    fair.until_copied().await;
    fair.trio.town.stop(COUNTER).await;
    let over = Arc::<AtomicBool>::default();
    let replica = fair.trio.town.app(2).home.commons().replica(GroupId(COUNTER)).unwrap();
    let meddlers = [(); 2].map(|()| tokio::spawn(meddle(replica.clone(), Arc::clone(&over))));
    drop(replica);
    let taken = async {
        while fair.promote(&json!({ "to": "node-2", "accept_loss": true }), "").await.status != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    guarded("the box office is missed", taken).await;
    // Some of them come through, or none does while they are so many.
    tokio::time::sleep(Duration::from_secs(2)).await;
    over.store(true, Ordering::Relaxed);
    for meddler in meddlers {
        meddler.await.unwrap();
    }
    let number = fair.on_sale.venue.owner();
    let is_taken = |app: &App| app.home.commons().views.now().placements()[&number].group == GroupId(2);
    fair.trio.town.until("the venue is taken over", 1, is_taken).await;
    for (seat, order) in sold.iter().enumerate() {
        assert_eq!(fair.read(1, order).await["status"], "booked");
        fair.hold(1, seat).await.problem(409, "seats-taken");
    }
    fair.buy(1, 4).await;
    // The copy had everything: there is nothing to decide, and the box office is rid of the venue by itself.
    fair.trio.town.start(COUNTER).await;
    fair.conflicts_when(1, "all is settled", |told| told["takeover"].is_null()).await;
    let audits = fair.trio.audits().await;
    let tickets: Vec<_> = audits.iter().map(|(_group, report)| report.tickets_valid).collect();
    assert_eq!(tickets, [0, 5, 0]);
    fair.trio.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_office_that_is_lost_for_good_is_taken_over_whole_and_given_up() {
    let mut fair = Fair::open().await;
    let order = fair.buy(2, 0).await;
    let sent_to = fair.trio.town.app(1).geo.all();
    let sent_to: Vec<_> = sent_to.iter().map(|candidate| candidate.node.0).collect();
    assert_eq!(sent_to, [1, 2], "customers are not sent to a box office");
    fair.until_copied().await;
    fair.trio.town.stop(COUNTER).await;
    let number = fair.on_sale.venue.owner();
    fair.until_found(1, "solo-away").await;
    let refused = fair.command(1, &["promote", "node-3"]).await;
    assert_eq!(refused, ExitCode::FAILURE, "it must be said that something may be lost");
    assert_eq!(fair.command(1, &["promote", "node-3", "--plan"]).await, ExitCode::SUCCESS);
    let view = fair.trio.town.app(1).home.commons().views.now();
    assert_eq!(view.placements()[&number].seizure, None, "a plan does nothing");
    assert_eq!(fair.command(1, &["promote", "node-3", "--accept-loss"]).await, ExitCode::SUCCESS);
    let is_taken = |app: &App| app.home.commons().views.now().placements()[&number].group != GroupId(COUNTER);
    fair.trio.town.until("the venue is taken over", 1, is_taken).await;
    assert_eq!(fair.read(2, &order).await["status"], "booked");
    fair.buy(2, 1).await;

    // Nobody says that nothing is lost while it may come back.
    let venue = number.to_string();
    let settle = ["conflicts", venue.as_str(), "--settle"];
    assert_eq!(fair.command(1, &settle).await, ExitCode::FAILURE);
    assert_eq!(fair.command(2, &["conflicts"]).await, ExitCode::FAILURE, "there is something to look at");
    let removed = fair.operator(1, "POST", "/v1/cluster/nodes/n3/removal", &Value::Null).await;
    assert_eq!(removed.status, 200, "{removed:?}");
    let is_removed = |app: &App| app.home.commons().views.now().members().count() == 2;
    fair.trio.town.until("it is gone for good", 1, is_removed).await;
    fair.command(1, &settle).await;
    fair.conflicts_when(2, "it is given up", |told| told["takeover"].is_null()).await;
    assert_eq!(fair.command(2, &["conflicts"]).await, ExitCode::SUCCESS);
    fair.trio.close().await;
}
