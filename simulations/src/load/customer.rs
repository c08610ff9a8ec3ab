//! What one customer does.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::answers::{Held, Order, problem_code};
use super::connection::{Connection, Unanswered};
use super::request::Request;

/// How long an order may await its payment before it counts as unanswered.
const PAYMENT_PATIENCE: Duration = Duration::from_secs(30);
/// How long a customer waits before they look at a payment again, if the node could not wait for it.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What the customers of a crowd come for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Seats that are kept.
    Hold,
    /// A hold, an order, a captured payment, and valid tickets.
    Purchase,
}

/// What is on sale, and how it is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Ids of the performances; customers spread over them in turn.
    pub performances: Vec<String>,
    /// How many seats side by side.
    pub tickets: u32,
    /// The means of payment, one of the gateway's test cards.
    pub card: String,
    /// Tells this run's customers and idempotency keys from those of any other.
    pub run: String,
}

/// What became of an errand.
#[derive(Debug)]
pub enum Ended {
    /// The customer has what they came for.
    Got(Possession),
    /// The node said no.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The problem's code.
        code: String,
    },
    /// There is no answer.
    Unanswered(String),
}

/// What a customer has got.
#[derive(Debug, PartialEq, Eq)]
pub struct Possession {
    /// Index into the wish's performances.
    pub performance: usize,
    /// The order, or the hold if that was all.
    pub id: String,
    /// Ids of the seats.
    pub seats: Vec<String>,
}

/// One connection and whoever uses it.
#[derive(Debug)]
pub struct Customer<'a> {
    wish: &'a Wish,
    connection: Connection,
    path: String,
    key: String,
    body: String,
    hold: String,
    token: String,
}

impl<'a> Customer<'a> {
    /// A customer on this connection.
    #[must_use]
    pub fn new(wish: &'a Wish, connection: Connection) -> Self {
        let [path, key, body, hold, token] = [const { String::new() }; 5];
        Self { wish, connection, path, key, body, hold, token }
    }

    /// Whether the connection can serve another customer.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.connection.is_usable()
    }

    /// Runs the errand of the `nth` customer of the run.
    pub async fn run(&mut self, nth: u64, errand: Errand) -> Ended {
        let held = match self.hold(nth).await {
            Ok(held) => held,
            Err(ended) => return ended,
        };
        match errand {
            Errand::Hold => Ended::Got(Possession { id: std::mem::take(&mut self.hold), ..held }),
            Errand::Purchase => match self.order(nth).await {
                Ok(id) => Ended::Got(Possession { id, ..held }),
                Err(ended) => ended,
            },
        }
    }

    /// Holds seats; hold and token stay in the customer.
    async fn hold(&mut self, nth: u64) -> Result<Possession, Ended> {
        let Wish { performances, tickets, run, .. } = self.wish;
        // There are at most as many performances as fit.
        let performance = (nth % performances.len() as u64) as usize;
        set(&mut self.path, format_args!("/v1/performances/{}/holds", performances[performance]));
        set(&mut self.key, format_args!("{run}-{nth}-hold"));
        set(&mut self.body, format_args!("{{\"best_available\":{{\"quantity\":{tickets}}}}}"));
        let request = Request {
            method: "POST",
            path: &self.path,
            key: Some(&self.key),
            body: self.body.as_bytes(),
            ..Request::default()
        };
        let answer = self.connection.exchange(&request).await.map_err(unanswered)?;
        if answer.status != 201 {
            return Err(refused(answer.status, answer.body));
        }
        let held: Held<'_> = read(answer.body)?;
        set(&mut self.hold, format_args!("{}", held.id));
        set(&mut self.token, format_args!("{}", held.token));
        let seats = held.seats.iter().map(|seat| seat.id.to_owned()).collect();
        Ok(Possession { performance, id: String::new(), seats })
    }

    /// Orders what is held; returns the order's id once it is booked.
    async fn order(&mut self, nth: u64) -> Result<String, Ended> {
        let Wish { card, run, .. } = self.wish;
        set(&mut self.key, format_args!("{run}-{nth}-order"));
        set(
            &mut self.body,
            format_args!(
                "{{\"hold_id\":\"{}\",\"payment\":{{\"method\":\"{card}\"}},\
                 \"email\":\"buyer-{run}-{nth}@example.org\",\"name\":\"Buyer {nth}\"}}",
                self.hold
            ),
        );
        let request = Request {
            method: "POST",
            path: "/v1/bookings",
            key: Some(&self.key),
            header: Some(("x-hold-token", &self.token)),
            body: self.body.as_bytes(),
            ..Request::default()
        };
        let answer = self.connection.exchange(&request).await.map_err(unanswered)?;
        if answer.status != 201 {
            return Err(refused(answer.status, answer.body));
        }
        let order: Order<'_> = read(answer.body)?;
        match Progress::of(&order) {
            Progress::Booked => Ok(order.id.to_owned()),
            Progress::Ended => Err(Ended::Refused { status: 201, code: format!("order-{}", order.status) }),
            Progress::Awaited => {
                let (id, token) = (order.id.to_owned(), order.token.unwrap_or_default().to_owned());
                self.await_payment(id, &token).await
            }
        }
    }

    async fn await_payment(&mut self, id: String, token: &str) -> Result<String, Ended> {
        set(&mut self.path, format_args!("/v1/bookings/{id}"));
        let until = Instant::now() + PAYMENT_PATIENCE;
        while Instant::now() < until {
            tokio::time::sleep(LOOK_AGAIN).await;
            let header = Some(("x-order-token", token));
            let request = Request { method: "GET", path: &self.path, header, ..Request::default() };
            let answer = self.connection.exchange(&request).await.map_err(unanswered)?;
            if answer.status != 200 {
                return Err(refused(answer.status, answer.body));
            }
            let order: Order<'_> = read(answer.body)?;
            match Progress::of(&order) {
                Progress::Booked => return Ok(id),
                Progress::Ended => {
                    return Err(Ended::Refused { status: 200, code: format!("order-{}", order.status) });
                }
                Progress::Awaited => {}
            }
        }
        Err(Ended::Unanswered(format!("order {id} awaited its payment for {} s", PAYMENT_PATIENCE.as_secs())))
    }
}

enum Progress {
    Awaited,
    Booked,
    Ended,
}

impl Progress {
    fn of(order: &Order<'_>) -> Self {
        match order.status {
            "awaiting_payment" => Self::Awaited,
            "booked" if has_valid_tickets(order) => Self::Booked,
            // Lapsed, declined, unfulfilled, cancelled; or booked without a ticket, which nobody should see.
            _ended => Self::Ended,
        }
    }
}

/// Whether every ticket of the order admits somebody.
#[must_use]
pub fn has_valid_tickets(order: &Order<'_>) -> bool {
    let valid = |ticket: &super::answers::Ticket<'_>| {
        ticket.status == "valid" && ticket.code.as_deref().is_some_and(|code| !code.is_empty())
    };
    !order.tickets.is_empty() && order.tickets.iter().all(valid)
}

fn read<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Result<T, Ended> {
    serde_json::from_slice(body)
        .map_err(|error| Ended::Unanswered(format!("an answer has an unexpected shape: {error}")))
}

fn refused(status: u16, body: &[u8]) -> Ended {
    Ended::Refused { status, code: problem_code(status, body) }
}

fn unanswered(why: Unanswered) -> Ended {
    // The whole chain of causes.
    Ended::Unanswered(format!("{:#}", anyhow::Error::new(why)))
}

/// Replaces a text without giving its memory back.
fn set(text: &mut String, with: std::fmt::Arguments<'_>) {
    text.clear();
    // Writing to a string does not fail.
    let _written = text.write_fmt(with);
}
