//! Search over a large made-up catalog: how fast it is built, how large it gets, and how fast it answers, beside
//! Postgres's full-text search over the same documents.
//!
//! [`catalog`] is made up by a seed: anyone who needs venues, events and performances by the hundred thousand can take
//! them from there. [`questions`] are what visitors would ask about it. [`measure`] asks the index, [`postgres`] a
//! database server that it starts for that,
//! [`over_http`] a whole node. [`report`] sets both beside each other.

pub mod catalog;
pub mod measure;
pub mod over_http;
pub mod postgres;
pub mod questions;
pub mod report;
mod words;
