//! What people who were there thought of an event.
//!
//! A *review* is one person's stars for an event, with words if they like, from somebody who had a ticket to a performance
//! that is over; a person has one for an event, and may write it anew or take it back. The organizer may answer it once,
//! and support may hide it, saying why. What is hidden does not count.
//!
//! Reviews are a [part](Reviews) of the group that has the events, so a review and the event's [`Summary`] change in one
//! entry of one log. Summaries travel to all nodes with the catalog; the words are asked for at the event's home. The
//! account's home notes which events an account has reviewed, before the review is written: when the account is deleted,
//! its reviews go as well.
//!
//! Few reviews say little: what events are ranked by is the mean of their stars *and of some stars like everybody's*
//! (a Bayesian mean, see [`Summary::score`]).
//!
//! Reading order: [`entity`], [`command`], `part` with its `tables`, [`service`].
//!
//! **Architecture invariant**: nothing here knows JSON or status codes. Who may write is the service's to decide; the part
//! only keeps what belongs together.

pub mod command;
pub mod entity;
mod part;
pub mod service;
mod tables;
#[cfg(test)]
mod tests;

pub use command::{Command, Outcome, Refusal};
pub use entity::{Review, Stars, Summary};
pub use part::Reviews;
pub use tables::Snapshot;
