//! The parts of the API's answers that the crowd looks at, borrowed from the bytes that arrived.

use std::borrow::Cow;

use serde::Deserialize;

/// A hold that was made.
#[derive(Debug, Deserialize)]
pub struct Held<'a> {
    /// Its id.
    #[serde(borrow)]
    pub id: &'a str,
    /// The secret that the order takes.
    pub token: &'a str,
    /// Its numbered seats.
    #[serde(default)]
    pub seats: Vec<HeldSeat<'a>>,
}

/// A seat of a hold.
#[derive(Debug, Deserialize)]
pub struct HeldSeat<'a> {
    /// Its id.
    pub id: &'a str,
}

/// An order.
#[derive(Debug, Deserialize)]
pub struct Order<'a> {
    /// Its id.
    pub id: &'a str,
    /// `booked` when it is paid.
    pub status: &'a str,
    /// The secret of a guest, only for who has just ordered.
    #[serde(default)]
    pub token: Option<&'a str>,
    /// Its tickets.
    #[serde(borrow, default)]
    pub tickets: Vec<Ticket<'a>>,
}

/// A ticket of an order.
#[derive(Debug, Deserialize)]
pub struct Ticket<'a> {
    /// `valid` when it admits somebody.
    pub status: &'a str,
    /// Where: the section's name.
    #[serde(borrow, default)]
    pub section: Option<Cow<'a, str>>,
    /// What is written on the row.
    #[serde(borrow, default)]
    pub row: Option<Cow<'a, str>>,
    /// What is written on the seat.
    #[serde(borrow, default)]
    pub number: Option<Cow<'a, str>>,
    /// What a door reads, once it is paid.
    #[serde(borrow, default)]
    pub code: Option<Cow<'a, str>>,
}

/// A problem document.
#[derive(Debug, Deserialize)]
pub struct Problem<'a> {
    /// The stable word.
    #[serde(borrow)]
    pub code: Cow<'a, str>,
}

/// The live seat map of a performance.
#[derive(Debug, Deserialize)]
pub struct SeatMap<'a> {
    /// Its seats.
    #[serde(borrow)]
    pub seats: Vec<Seat<'a>>,
}

/// A seat of a performance.
#[derive(Debug, Deserialize)]
pub struct Seat<'a> {
    /// Its id.
    pub id: &'a str,
    /// The section's name.
    #[serde(borrow)]
    pub section: Cow<'a, str>,
    /// What is written on the row.
    #[serde(borrow)]
    pub row: Cow<'a, str>,
    /// What is written on the seat.
    #[serde(borrow)]
    pub number: Cow<'a, str>,
    /// `free`, `held`, `booked` or `killed`.
    pub status: &'a str,
}

/// The code of a problem document, or what stands for one that cannot be read.
#[must_use]
pub fn problem_code(status: u16, body: &[u8]) -> String {
    match serde_json::from_slice::<Problem<'_>>(body) {
        Ok(problem) => problem.code.into_owned(),
        Err(_unreadable) => format!("status-{status}"),
    }
}
