//! The ledger's tests, in one binary.
//!
//! [`transcripts`] are the rules in a tiny language: commands, the seats as text, and the answers. They are told on a
//! [`stage`], which audits the tables after every command. [`properties`] tells random stories to the ledger and to an
//! independent [`auditor`]. [`idempotency`] repeats requests; [`moving`] takes a venue from one ledger to another by a
//! [`mover`], and [`models`] of that are checked in every state; [`tampering`] checks that the audit itself can fail.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod auditor;
mod idempotency;
mod memory;
mod models;
mod mover;
mod moving;
mod properties;
mod stage;
mod tampering;
mod transcripts;
mod yielding;
