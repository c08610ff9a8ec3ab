//! Events with their performances as JSON-LD, in the words of schema.org.
//!
//! Every performance is an `Event` (a movie's a `ScreeningEvent`, a play's a `TheaterEvent`, …) with its place and its offers; one
//! whose start was moved says `EventRescheduled` and from when, one that was called off `EventCancelled`.
//!
//! Reading takes what others write: one event, a list of them, or a `@graph`. What has the same `identifier` (else the same
//! `@id` or `url`) is one event with several performances. A performance needs a hall of the catalog: the one that the
//! caller names, else the `identifier` of the `location`, else the only hall of the venue with the location's name.
//! Its prices are those of its offers: each with the key of a price category as its `category` (`stalls/child` for
//! another concession), or one price for everything. An event without a `startDate` is made without performances, and
//! one that the catalog knows by its identifier is left as it is. What we wrote ourselves says by its `@id` which performance it
//! is.

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Given, given_terms, read};
pub use write::{Told, graph};
