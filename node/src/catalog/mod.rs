//! The catalog: venues with their halls and seat maps, events, and the performances that are sold.
//!
//! The catalog says what there is to sell, the ledger sells it. They are two parts of one state machine, and a
//! performance is in both: here with its event, its hall and its times for everyone to read, there with its terms and
//! its seats. Both are written by the same log entry, or neither is: the [part](Catalog) checks what it can check,
//! then asks the ledger, whose refusal (seats in use, orders exist) becomes the catalog's, and only then writes its own
//! tables. So no crash and no refusal leaves a performance in one of them alone.
//!
//! Every entity has one writer, its owner; updates name the version that they change, and lose against a newer one.
//! Lists and details are served from the [copy](CatalogCopy), an index in memory over all entities except the seat
//! maps, which are large: those are read from the tables and kept encoded while they are asked for.
//!
//! A venue's entities move with it from one group to another: see [`transfer`].
//!
//! Reading order: [`entity`], [`seat_map`], [`command`], [`checks`], `part` with its `tables`, [`copy`] with [`query`]; [`service`],
//! which writes.
//!
//! **Architecture invariant**: nothing here knows JSON or status codes, and nothing here knows how many seats are free.

pub mod checks;
pub mod command;
pub mod copy;
pub mod entity;
mod part;
pub mod query;
pub mod seat_map;
pub mod service;
mod tables;
#[cfg(test)]
mod tests;
pub mod transfer;

pub use command::{Action, By, Change, Command, Created, Outcome, Refusal};
pub use copy::CatalogCopy;
pub use entity::{Event, EventKind, Hall, Performance, Venue, VenueKind};
pub use part::{Catalog, Sales};
pub use seat_map::SeatMap;
pub use tables::{EntityKind, Snapshot};
