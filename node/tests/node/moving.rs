//! A venue moves between groups while many buy.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use marquee_ledger::audit::Report;
use marquee_node::catalog::Action;
use marquee_node::cluster::moving;
use marquee_node::home::Home;
use marquee_node::http::App;
use marquee_replication::GroupId;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::house::{Answer, ask, send, try_send};
use crate::show;
use crate::town::guarded;
use crate::trio::{OnSale, Trio};

/// How many seats are fought for at a time.
const CROWD: usize = 8;
/// How long a client looks for a node that answers.
const GUARD: Duration = Duration::from_secs(60);
/// Each request of this process has a key of its own.
static KEYS: AtomicUsize = AtomicUsize::new(0);

/// What the crowd did.
#[derive(Default)]
struct Sold {
    /// Orders by seat.
    orders: BTreeMap<usize, Value>,
    /// How long the slowest request took.
    slowest: Duration,
}

/// Two buyers fight for every seat, at two nodes; the one who gets it books it. Ends when all seats are sold.
struct Crowd {
    on_sale: OnSale,
    addresses: Vec<SocketAddr>,
    next: AtomicUsize,
    sold: AtomicUsize,
    /// Whether nodes may be lost on the way: their clients go to another one then.
    is_patient: AtomicBool,
}

impl Crowd {
    fn new(on_sale: &OnSale, addresses: Vec<SocketAddr>) -> Arc<Self> {
        let on_sale = on_sale.clone();
        let (next, sold, is_patient) = Default::default();
        Arc::new(Self { on_sale, addresses, next, sold, is_patient })
    }

    fn rush(self: &Arc<Self>) -> JoinSet<Sold> {
        let mut buyers = JoinSet::new();
        for _pair in 0..CROWD {
            let crowd = Arc::clone(self);
            buyers.spawn(async move { crowd.buy_until_sold_out().await });
        }
        buyers
    }

    async fn buy_until_sold_out(&self) -> Sold {
        let mut sold = Sold::default();
        loop {
            let nth = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(seat) = self.on_sale.seats.get(nth) else { return sold };
            let wish = json!({ "seats": [seat] });
            let path = format!("/v1/performances/{}/holds", self.on_sale.performance);
            let (one, other) = tokio::join!(self.post(nth, &path, &wish), self.post(nth + 1, &path, &wish));
            let (held, lost) = if one.0.status == 201 { (one, other) } else { (other, one) };
            assert_eq!(held.0.status, 201, "{:?} {:?}", held.0, lost.0);
            lost.0.problem(409, "seats-taken");
            let hold = held.0.json();
            let body = json!({
                "hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": "card_ok"},
                "email": "ada@example.com", "name": "Ada",
            });
            let booked = self.post(nth + 2, "/v1/bookings", &body).await;
            assert_eq!(booked.0.status, 201, "{:?}", booked.0);
            sold.slowest = sold.slowest.max(held.1).max(lost.1).max(booked.1);
            sold.orders.insert(nth, booked.0.json());
            self.sold.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Sends a request with a key of its own; a client whose node is lost sends it to the next one.
    async fn post(&self, node: usize, path: &str, body: &Value) -> (Answer, Duration) {
        let key = format!("buyer-{}", KEYS.fetch_add(1, Ordering::Relaxed));
        let began = Instant::now();
        let mut node = node;
        loop {
            let request = ask("POST", path)
                .header("content-type", "application/json")
                .header("prefer", "wait=30")
                .header("idempotency-key", &key)
                .body(Full::<Bytes>::from(body.to_string()))
                .unwrap();
            let address = self.addresses[node % self.addresses.len()];
            if !self.is_patient.load(Ordering::Relaxed) {
                return (send(address, request).await, began.elapsed());
            }
            match try_send(address, request).await {
                Ok(answer) if answer.status.as_u16() < 500 => return (answer, began.elapsed()),
                Ok(_) | Err(_) => {
                    assert!(began.elapsed() < GUARD, "no node answers");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    node += 1;
                }
            }
        }
    }

    /// Waits until so many seats are sold.
    async fn until_sold(&self, count: usize) {
        while self.sold.load(Ordering::Relaxed) < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn gathered(mut buyers: JoinSet<Sold>) -> Sold {
    let mut all = Sold::default();
    while let Some(sold) = buyers.join_next().await {
        let sold = sold.unwrap();
        all.orders.extend(sold.orders);
        all.slowest = all.slowest.max(sold.slowest);
    }
    all
}

/// The audits once nothing is sold anywhere but at the owner's: the old home forgets a moment after the venue has moved.
async fn emptied(trio: &Trio, owner: u64) -> Vec<(u64, Report)> {
    loop {
        let audits = trio.audits().await;
        if audits.iter().all(|(group, report)| *group == owner || report.tickets_valid == 0) {
            return audits;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every seat is one buyer's, in the books and on the map, and every order is there, paid once.
async fn check_books(trio: &Trio, on_sale: &OnSale, sold: &Sold, owner: u64) {
    assert_eq!(sold.orders.len(), on_sale.seats.len());
    let mut seats = BTreeMap::new();
    for (nth, order) in &sold.orders {
        let seat = order["tickets"][0]["seat"]["id"].as_str().or(order["seats"][0]["id"].as_str());
        let seat = seat.map_or_else(|| on_sale.seats[*nth].clone(), str::to_owned);
        assert!(seats.insert(seat, order["id"].clone()).is_none(), "a seat is sold twice: {order}");
        assert_eq!(order["status"], "booked", "{order}");
    }
    let audits = guarded("the old home forgets what has left", emptied(trio, owner)).await;
    for (group, report) in &audits {
        let expected = if *group == owner { on_sale.seats.len() as u64 } else { 0 };
        assert_eq!((report.tickets_valid, report.holds), (expected, 0), "group {group}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_moves_twice_while_it_sells_out() {
    let mut trio = Trio::open().await;
    let on_sale = trio.sell(40).await;
    let crowd = Crowd::new(&on_sale, trio.addresses());
    let buyers = crowd.rush();
    let mut pauses = Vec::new();
    let mut meanwhile = 0;
    for (sold, to) in [(20, 2), (80, 3)] {
        crowd.until_sold(sold).await;
        let before = crowd.sold.load(Ordering::Relaxed);
        pauses.push(trio.move_venue(&on_sale, to).await);
        meanwhile += crowd.sold.load(Ordering::Relaxed) - before;
    }
    let sold = gathered(buyers).await;
    // Seen by who runs the test with --nocapture.
    #[allow(clippy::print_stderr, reason = "a figure for people")]
    {
        eprintln!("frozen for {pauses:?} ms; the slowest request took {:?}", sold.slowest);
    }
    assert!(meanwhile > 0, "the venue moved while it sold");
    assert!(pauses.iter().all(Option::is_some), "the coordinator tells how long it was: {pauses:?}");
    check_books(&trio, &on_sale, &sold, 3).await;

    // Its organizer goes on as well, through any node, and every node hears of it.
    let facts = show::venue_facts("Moved Theater");
    let renamed = Action::UpdateVenue { venue: on_sale.venue, version: None, facts };
    trio.change(2, renamed).await;
    let is_renamed = |app: &App| {
        let index = app.home.catalog_copy().read();
        index.venue(on_sale.venue).is_some_and(|venue| venue.facts.name == "Moved Theater")
    };
    trio.until("the venue has another name", is_renamed).await;
    // A node that starts again, home of the group that the venue left, takes nothing of it back.
    trio.town.stop(1).await;
    trio.town.start(1).await;
    trio.town.until_home(1, 1).await;
    trio.until("the venue is there still", is_renamed).await;
    let path = format!("/v1/performances/{}/seats", on_sale.performance);
    assert_eq!(trio.ask(1, "GET", &path, &Value::Null).await.status, 200);
    trio.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_whose_home_is_lost_goes_on() {
    let mut trio = Trio::open().await;
    let on_sale = trio.sell(30).await;
    // The home of the group that the venue leaves is a node that can be spared.
    trio.move_venue(&on_sale, 3).await;
    let crowd = Crowd::new(&on_sale, trio.addresses());
    crowd.is_patient.store(true, Ordering::Relaxed);
    let buyers = crowd.rush();
    crowd.until_sold(40).await;
    trio.begin_move(&on_sale, 1, 2).await;
    trio.town.stop(3).await;
    trio.has_moved(&on_sale, 2).await;
    let sold = gathered(buyers).await;
    check_books(&trio, &on_sale, &sold, 2).await;
    trio.close().await;
}

/// Begins to move whatever its group's placements ask for, and dies in the middle, again and again.
async fn meddle(home: Home, over: Arc<AtomicBool>) {
    for nth in 1.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        // It gets a little further each time, and begins anew.
        let life = Duration::from_millis(nth * 7 % 40 + 1);
        _ = tokio::time::timeout(life, moving::look_after(home.clone())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coordinators_that_die_and_get_in_each_others_way_move_a_venue_once() {
    let trio = Trio::open().await;
    let on_sale = trio.sell(20).await;
    let crowd = Crowd::new(&on_sale, trio.addresses());
    let buyers = crowd.rush();
    crowd.until_sold(20).await;
    let over = Arc::<AtomicBool>::default();
    let home = trio.town.app(1).home.clone();
    let meddlers = [(); 2].map(|()| tokio::spawn(meddle(home.clone(), Arc::clone(&over))));
    drop(home);
    trio.begin_move(&on_sale, 1, 2).await;
    // Some of them come through, or none does while they are so many.
    tokio::time::sleep(Duration::from_secs(2)).await;
    over.store(true, Ordering::Relaxed);
    for meddler in meddlers {
        meddler.await.unwrap();
    }
    trio.has_moved(&on_sale, 2).await;
    let sold = gathered(buyers).await;
    check_books(&trio, &on_sale, &sold, 2).await;
    trio.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_says_which_venue_goes_where() {
    let trio = Trio::open().await;
    let on_sale = trio.sell(1).await;
    let path = |venue: &str| format!("/v1/cluster/venues/{venue}/move");
    let number = on_sale.venue.owner().to_string();
    let to = |called: &str| json!({ "to": called });
    for called in [number.as_str(), &on_sale.venue.to_string(), "Move%20Theater"] {
        let plan = trio.ask(1, "POST", &format!("{}?plan=true", path(called)), &to("n2")).await.json();
        let step = &plan["steps"][0];
        assert_eq!((&plan["decided"], &step["kind"]), (&json!(false), &json!("venue-moves")), "{plan}");
        assert_eq!((&step["from"], &step["to"]), (&json!("g1"), &json!("g2")));
    }
    let view = trio.town.app(1).home.commons().views.now();
    assert_eq!(view.group_of_venue(on_sale.venue.owner()), GroupId(1), "a plan does nothing");
    trio.ask(1, "POST", &path("Nowhere"), &to("n2")).await.problem(404, "unknown-venue");
    trio.ask(1, "POST", &path("77"), &to("n2")).await.problem(404, "unknown-venue");
    trio.ask(1, "POST", &path(&number), &to("n9")).await.problem(404, "unknown-node");
    let there = trio.ask(1, "POST", &path(&number), &to("g1")).await.json();
    assert_eq!(there["warnings"][0]["kind"], "already-so", "{there}");
    let before = trio.ask(2, "GET", &path(&number), &Value::Null).await.json();
    assert_eq!((&before["group"], &before["phase"]), (&json!("g1"), &Value::Null), "{before}");
    trio.begin_move(&on_sale, 2, 2).await;
    trio.has_moved(&on_sale, 2).await;
    let after = trio.ask(3, "GET", &path(&number), &Value::Null).await.json();
    assert_eq!((&after["group"], &after["epoch"]), (&json!("g2"), &json!(1)), "{after}");
    trio.close().await;
}
