//! Buyers who do not give up: they ask again with the same key, through another node if need be, until they know.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::load::answers::{Held, Order, problem_code};
use crate::load::connection::Connection;
use crate::load::customer::{Possession, has_valid_tickets};
use crate::load::request::Request;

/// How long a buyer waits between two purchases.
const THINKS: Duration = Duration::from_millis(20);
/// How long before the same is asked again.
const AGAIN: Duration = Duration::from_millis(5);
/// How long a buyer waits for one answer before they ask elsewhere.
const ANSWER_MAX: Duration = Duration::from_secs(15);

/// What a purchase was, and when.
#[derive(Debug)]
pub struct Bought {
    /// What the buyer has.
    pub possession: Possession,
    /// Index of the node that answered.
    pub through: usize,
    /// When the seats were asked for.
    pub asked_at: Instant,
    /// When they were held.
    pub held_at: Instant,
    /// When they were booked and paid.
    pub booked_at: Instant,
}

/// What all buyers were answered.
#[derive(Debug, Default)]
pub struct Book {
    /// Purchases, in the order in which they were acknowledged.
    pub bought: Vec<Bought>,
    /// Definite refusals, by their code: none of them should come.
    pub refused: Vec<String>,
    /// How many answers were lost, late, or said that the outcome is unknown; each was asked again.
    pub asked_again: u64,
}

/// Buyers at work.
#[derive(Debug)]
pub struct Buyers {
    book: Arc<Mutex<Book>>,
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Buyers {
    /// So many buyers at each of these nodes; they buy single seats of one performance. `run` tells their keys from those
    /// of any others.
    #[must_use]
    pub fn start(nodes: &[SocketAddr], each: usize, performance: &str, run: &str) -> Self {
        let (book, stop) = (Arc::<Mutex<Book>>::default(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        for buyer in 0..nodes.len() * each {
            let buyer = Buyer {
                nodes: nodes.to_vec(),
                at: buyer % nodes.len(),
                connection: None,
                performance: performance.to_owned(),
                name: format!("{run}-{buyer}"),
                book: Arc::clone(&book),
            };
            tasks.spawn(buyer.buy(stop.clone()));
        }
        Self { book, tasks, stop }
    }

    /// How many purchases there are.
    #[must_use]
    pub fn bought(&self) -> usize {
        lock(&self.book).bought.len()
    }

    /// Whether a purchase that began after an instant is through.
    #[must_use]
    pub fn has_bought_since(&self, instant: Instant) -> bool {
        lock(&self.book).bought.iter().rev().any(|bought| bought.asked_at > instant)
    }

    /// Lets every buyer finish what they began; returns what they were answered.
    pub async fn stop(mut self) -> Book {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
        std::mem::take(&mut *lock(&self.book))
    }
}

fn lock(book: &Mutex<Book>) -> std::sync::MutexGuard<'_, Book> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Buyer {
    nodes: Vec<SocketAddr>,
    at: usize,
    connection: Option<Connection>,
    performance: String,
    name: String,
    book: Arc<Mutex<Book>>,
}

impl Buyer {
    async fn buy(mut self, stop: CancellationToken) {
        for nth in 0_u64.. {
            if stop.is_cancelled() {
                return;
            }
            match self.purchase(nth).await {
                Ok(bought) => lock(&self.book).bought.push(bought),
                Err(code) => {
                    lock(&self.book).refused.push(code);
                    return;
                }
            }
            tokio::time::sleep(THINKS).await;
        }
    }

    async fn purchase(&mut self, nth: u64) -> Result<Bought, String> {
        let asked_at = Instant::now();
        let path = format!("/v1/performances/{}/holds", self.performance);
        let key = format!("{}-{nth}-hold", self.name);
        let request = Request {
            method: "POST",
            path: &path,
            key: Some(&key),
            body: b"{\"best_available\":{\"quantity\":1}}",
            ..Request::default()
        };
        let held = self.insist(&request, 201).await?;
        let held_at = Instant::now();
        let held: Held<'_> = serde_json::from_slice(&held).map_err(|error| error.to_string())?;
        let seats = held.seats.iter().map(|seat| seat.id.to_owned()).collect();

        let key = format!("{}-{nth}-order", self.name);
        let body = format!(
            "{{\"hold_id\":\"{}\",\"payment\":{{\"method\":\"card_ok\"}},\"email\":\"{}-{nth}@example.org\"}}",
            held.id, self.name
        );
        let request = Request {
            method: "POST",
            path: "/v1/bookings",
            key: Some(&key),
            header: Some(("x-hold-token", held.token)),
            body: body.as_bytes(),
            ..Request::default()
        };
        let ordered = self.insist(&request, 201).await?;
        let order: Order<'_> = serde_json::from_slice(&ordered).map_err(|error| error.to_string())?;
        let (id, token) = (order.id.to_owned(), order.token.unwrap_or_default().to_owned());
        self.await_payment(&id, &token, &order).await?;
        let possession = Possession { performance: 0, id, seats };
        Ok(Bought { possession, through: self.at, asked_at, held_at, booked_at: Instant::now() })
    }

    async fn await_payment(&mut self, id: &str, token: &str, order: &Order<'_>) -> Result<(), String> {
        let path = format!("/v1/bookings/{id}");
        let header = Some(("x-order-token", token));
        let request = Request { method: "GET", path: &path, header, ..Request::default() };
        let mut is_booked = is_booked(order)?;
        while !is_booked {
            tokio::time::sleep(AGAIN).await;
            let seen = self.insist(&request, 200).await?;
            let order: Order<'_> = serde_json::from_slice(&seen).map_err(|error| error.to_string())?;
            is_booked = self::is_booked(&order)?;
        }
        Ok(())
    }

    /// Asks until there is a definite answer; returns the body of one with the wanted status.
    async fn insist(&mut self, request: &Request<'_>, wanted: u16) -> Result<Vec<u8>, String> {
        loop {
            match self.ask(request).await {
                Some((status, body)) if status == wanted => return Ok(body),
                // Nothing was done, or nobody knows: the key makes it harmless to ask again.
                Some((202 | 429 | 500..=599, _)) | None => {
                    lock(&self.book).asked_again += 1;
                    tokio::time::sleep(AGAIN).await;
                }
                Some((status, body)) => {
                    return Err(format!("{status} {}", problem_code(status, &body)));
                }
            }
        }
    }

    /// Asks once; none if there is no answer, and the next time another node is asked.
    async fn ask(&mut self, request: &Request<'_>) -> Option<(u16, Vec<u8>)> {
        let address = self.nodes[self.at];
        let asked = async {
            let mut connection = match self.connection.take() {
                Some(connection) if connection.is_usable() => connection,
                _none => Connection::open(address).await.ok()?,
            };
            let answer = connection.exchange(request).await.ok()?;
            let answered = (answer.status, answer.body.to_vec());
            Some((connection, answered))
        };
        let answered = tokio::time::timeout(ANSWER_MAX, asked).await.ok().flatten();
        let Some((connection, answered)) = answered else {
            self.at = (self.at + 1) % self.nodes.len();
            return None;
        };
        self.connection = Some(connection);
        Some(answered)
    }
}

fn is_booked(order: &Order<'_>) -> Result<bool, String> {
    match order.status {
        "awaiting_payment" => Ok(false),
        "booked" if has_valid_tickets(order) => Ok(true),
        other => Err(format!("order-{other}")),
    }
}
