//! What others write down, and how we write for them.
//!
//! | format | read | written |
//! |---|---|---|
//! | seating plans of pretix ([`pretix`]) | halls | halls |
//! | JSON-LD in the words of schema.org ([`jsonld`]) | events and performances | events with their performances |
//! | CSV ([`table`]) | performances | performances |
//! | iCalendar ([`calendar`]) | performances of an event | performances |
//!
//! Reading gives what the catalog understands, or everything that is wrong, each with its place. Nothing here writes to the
//! catalog: that goes through [`import`](crate::import), for the command line, or [`http`](crate::http).

pub(crate) mod amount;
pub mod calendar;
pub mod jsonld;
mod node;
pub mod pretix;
pub mod reading;
pub mod table;
