//! What a hall offers for sale: its rows of seats and its general-admission areas.
//!
//! A layout is immutable; a changed hall gets another version. Seats are numbered densely in the order of the rows, so
//! that a performance's seats fit an array, and neighbours in a row are neighbours in the array. Where seats stand and
//! how they look is the catalog's business.

use serde::{Deserialize, Serialize};

/// A seat's place in its layout: rows in order, seats from one end of the row to the other.
pub type SeatIndex = u32;

/// The most seats of a layout.
pub const SEATS_MAX: usize = 120_000;

/// The most seats of a row.
pub const ROW_SEATS_MAX: usize = 2_000;

/// One version of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Names of the sections; rows and areas refer to them by index.
    pub sections: Vec<String>,
    /// Keys of the price categories; seats and areas refer to them by index.
    pub categories: Vec<String>,
    /// The rows, each with its seats, in the order that numbers the seats.
    pub rows: Vec<Row>,
    /// The general-admission areas.
    pub areas: Vec<Area>,
}

/// A row: seats side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Index into [`Layout::sections`].
    pub section: u16,
    /// What is written on the row.
    pub label: String,
    /// Lower is better. Rows of equal rank are taken in order.
    pub rank: u32,
    /// The seats, from one end to the other.
    pub seats: Vec<Seat>,
}

/// A seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// What is written on the seat.
    pub label: String,
    /// Index into [`Layout::categories`].
    pub category: u8,
    /// What is particular about it.
    pub kind: SeatKind,
    /// Whether an aisle or a gap parts it from the seat before it in the row.
    pub apart: bool,
}

/// What is particular about a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeatKind {
    /// An ordinary seat.
    Standard,
    /// A place for a wheelchair; offered by best-available only to those who ask for it.
    Accessible,
    /// The seat beside an accessible place, kept for the companion of who takes that place.
    Companion,
}

/// A general-admission area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Index into [`Layout::sections`].
    pub section: u16,
    /// The name that is shown.
    pub name: String,
    /// Index into [`Layout::categories`].
    pub category: u8,
    /// How many people it admits.
    pub capacity: u32,
}

impl Layout {
    /// How many numbered seats there are.
    #[must_use]
    pub fn seat_count(&self) -> usize {
        self.rows.iter().map(|row| row.seats.len()).sum()
    }
}
