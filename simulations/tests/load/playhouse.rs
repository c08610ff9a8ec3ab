//! A server that answers like a node, from memory.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How the house misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manners {
    /// Not at all.
    Good,
    /// It gives every second buyer the seat of the one before.
    SellsTwice,
    /// It forgets the order of seat 3.
    Forgets,
    /// It shows seat 3 as free although it is sold.
    ShowsFree,
    /// It closes the connection instead of answering the hold of seat 3.
    HangsUp,
    /// It needs to be asked three times until an order is booked.
    PaysLate,
}

pub(crate) struct Playhouse {
    pub(crate) address: SocketAddr,
}

#[derive(Debug)]
struct Books {
    manners: Manners,
    seats: u32,
    holds: u32,
    /// Seat and how often it was looked at, by order.
    orders: BTreeMap<u32, (u32, u32)>,
}

impl Playhouse {
    /// A house with so many seats.
    pub(crate) async fn open(seats: u32, manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let books = Arc::new(Mutex::new(Books { manners, seats, holds: 0, orders: BTreeMap::new() }));
        tokio::spawn(async move {
            loop {
                let (stream, _from) = listener.accept().await.unwrap();
                let books = books.clone();
                let service = service_fn(move |request| answer(books.clone(), request));
                // A test that ends closes its connections whenever it likes.
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { address }
    }
}

async fn answer(
    books: Arc<Mutex<Books>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, HungUp> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (status, body) =
        books.lock().unwrap().answer(&parts.method, parts.uri.path(), &body).ok_or(HungUp)?;
    let body = Full::new(Bytes::from(body.to_string()));
    Ok(Response::builder().status(status).body(body).unwrap())
}

/// Makes hyper close the connection.
#[derive(Debug)]
struct HungUp;

impl std::fmt::Display for HungUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hung up")
    }
}

impl std::error::Error for HungUp {}

impl From<Infallible> for HungUp {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Books {
    fn answer(&mut self, method: &Method, path: &str, body: &Value) -> Option<(u16, Value)> {
        let parts: Vec<_> = path.trim_start_matches("/v1/").split('/').collect();
        Some(match (method.as_str(), parts.as_slice()) {
            ("POST", ["sessions"]) => (201, json!({"access_token": "t"})),
            ("POST", ["performances", _id, "holds"]) => return self.hold(),
            ("POST", ["bookings"]) => {
                let seat: u32 = body["hold_id"].as_str().unwrap()[4..].parse().unwrap();
                let order = self.orders.len() as u32;
                self.orders.insert(order, (seat, 0));
                (201, self.order(order))
            }
            ("GET", ["bookings", id]) => {
                let order: u32 = id[4..].parse().unwrap();
                let forgotten = self.manners == Manners::Forgets && self.orders[&order].0 == 3;
                if forgotten { (404, json!({"code": "unknown-order"})) } else { (200, self.order(order)) }
            }
            ("GET", ["performances", _id, "seats"]) => (200, self.map()),
            other => panic!("nobody should ask for {other:?}"),
        })
    }

    fn hold(&mut self) -> Option<(u16, Value)> {
        let nth = self.holds;
        self.holds += 1;
        let seat = if self.manners == Manners::SellsTwice { nth / 2 } else { nth };
        if self.manners == Manners::HangsUp && seat == 3 {
            return None;
        }
        Some(if seat < self.seats {
            (
                201,
                json!({"id": format!("hld_{seat}"), "token": "secret", "seats": [{"id": format!("x-{seat}")}]}),
            )
        } else {
            (409, json!({"code": "none-side-by-side", "title": "full"}))
        })
    }

    fn order(&mut self, id: u32) -> Value {
        let late = self.manners == Manners::PaysLate;
        let (seat, looks) = self.orders.get_mut(&id).unwrap();
        *looks += 1;
        let (status, ticket, code) = if late && *looks <= 3 {
            ("awaiting_payment", "pending", None)
        } else {
            ("booked", "valid", Some("MQ1.c"))
        };
        let ticket =
            json!({"status": ticket, "section": "A", "row": "1", "number": seat.to_string(), "code": code});
        json!({"id": format!("ord_{id}"), "token": "secret", "status": status, "tickets": [ticket]})
    }

    fn map(&self) -> Value {
        let sold: Vec<u32> = self.orders.values().map(|(seat, _looks)| *seat).collect();
        let seat = |seat: u32| {
            let hidden = self.manners == Manners::ShowsFree && seat == 3;
            let status = if sold.contains(&seat) && !hidden {
                "booked"
            } else if seat < self.holds {
                "held"
            } else {
                "free"
            };
            json!({"id": format!("x-{seat}"), "section": "A", "row": "1", "number": seat.to_string(), "status": status})
        };
        json!({"seq": 1, "seats": (0..self.seats).map(seat).collect::<Vec<_>>()})
    }
}
