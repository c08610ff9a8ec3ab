//! The ledger's tests, in one binary.
//!
//! [`transcripts`] are the rules in a tiny language: commands, the seats as text, and the answers. They are told on a
//! [`stage`], which audits the tables after every command.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod idempotency;
mod stage;
mod transcripts;
