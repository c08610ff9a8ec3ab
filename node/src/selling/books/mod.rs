//! The organizer's books: orders found, and what they brought.
//!
//! Both are read from the ledger's tables in key order, some at a time, at the home of whoever sells: nothing is written
//! for them, and however many orders there are, a reading ends after [`LOOKED_MAX`] of them and says where to go on. What
//! all orders brought is counted on the side, and kept for as long as counting it again would cost too much
//! ([`counted`]).

pub mod asking;
pub mod counted;
pub mod finding;
pub mod minutes;
pub mod takings;

/// How many orders one reading looks at.
pub const LOOKED_MAX: usize = 20_000;
/// How many orders are read at once.
const CHUNK: usize = 500;
