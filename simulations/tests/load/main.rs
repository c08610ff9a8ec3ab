//! The load generator against a small server that plays a node, well and badly.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod crowds;
mod playhouse;
mod wire;
