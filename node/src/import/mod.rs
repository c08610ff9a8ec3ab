//! Catalog documents: JSON that people write, and what `marquee import` and `marquee demo` do with it.
//!
//! A document has a version and any of four lists; a catalog may be spread over the files of a folder, and refers to its
//! own things by key, whichever file they are in.
//!
//! ```json
//! {
//!   "marquee_catalog": 1,
//!   "venues": [{"key": "fox", "kind": "theater", "name": "Fox Theater", "city": "Oakland", "country": "US",
//!               "time_zone": "America/Los_Angeles",
//!               "halls": [{"key": "fox-hall", "name": "Main hall", "seat_map": {"price_categories": [], "sections": []}}]}],
//!   "offers": [{"key": "play", "currency": "USD", "prices": [{"category": "stalls", "amount": 4500}]}],
//!   "events": [{"key": "twelfth-night", "kind": "theatre", "title": "Twelfth Night"}],
//!   "performances": [{"event": "twelfth-night", "hall": "fox-hall", "offer": "play",
//!                     "starts": ["2026-12-05T19:30", "+12d 19:30", "+1w sat 20:00"],
//!                     "daily": {"from_day": 1, "days": 7, "times": ["14:00", "19:30"]}}]
//! }
//! ```
//!
//! Venues, events and offers are the [`forms`](crate::forms) of the API, seat maps its [`drawing`](crate::drawing)s.
//! Times stand by the clock of the venue: a date and time; `+12d 19:30`, so many days after the import; or
//! `+1w sat 20:00`, the first Saturday after the import and so many weeks. `doors_minutes` opens the doors before each
//! start, `on_sale_days` begins the sale so many days before it.
//!
//! What others write down ([`formats`](crate::formats)) comes in by the [`intake`], and goes on like a document.
//!
//! It goes in four steps, and only the last writes: [`source`] reads the files; [`check()`] says everything that is wrong,
//! with file, line and column ([`mistake`]); [`Plan::new`] compares with what there is; [`Plan::carry_out`] makes what is
//! missing. Things are recognised by their owner's keys, so importing twice makes nothing twice. What is there and
//! differs is left as it is, unless it is to be updated. A performance has the key `event/hall/start`; one with a
//! relative start is left alone while it is still to come, and followed by another when it is over.

pub mod check;
mod document;
pub mod intake;
mod locate;
pub mod mistake;
mod plan;
pub mod source;
mod starts;

pub use check::{Checked, check};
pub(crate) use locate::place_of;
pub use mistake::Mistake;
pub use plan::{Counts, Plan, Progress, Report, Step};
pub use source::{Source, SourceError};
