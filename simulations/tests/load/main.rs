//! The load generator against a small server that plays a node, well and badly; and the simulator of clusters.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod clusters;
mod crowds;
mod playhouse;
mod wire;
