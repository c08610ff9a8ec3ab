//! The product as it is delivered: the binary `marquee` in processes of its own, over real sockets, on a real disk.
//!
//! `tests/run` builds the binary first. Set `MARQUEE_BIN` to test another one, such as a release build.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod bad_input;
mod client;
mod cluster;
mod commands;
mod crash;
mod marquee;
mod purchase;
mod stage;
mod stopping;
