//! Accounts: who people are, how they prove it, and what they may do.
//!
//! An account is an e-mail address, a name and [`Roles`]. Who signs in begins a session and gets two tokens: an *access
//! token*, signed and short-lived, that any node checks by itself ([`tokens`]); and a *refresh token* ([`refresh`]), good
//! for one exchange against new ones at the account's home. A refresh token that comes a second time has been copied:
//! its session ends. What ended while access tokens of it are within their time stands in [`Revocations`].
//!
//! Accounts are a [part](Accounts) of the group's state machine. Time, ids and hashes come with the commands; the
//! [`Service`] makes them and says who may do what. [`passwords`] are hashed beside, since that takes long on purpose.
//!
//! Deleting an account takes two steps, for the orders are the ledger's: the account, its sessions and the person's data
//! go at once, and its orders are listed as an unfinished [`Deletion`] by the same commit, until the ledger has made
//! them anonymous too ([`finish_deletions`]). A crash between the two leaves the list, never a name.
//!
//! Reading order: [`email`], [`person`], [`roles`], [`passwords`], [`tokens`], [`refresh`], [`agent`], [`entity`], [`command`],
//! `part` with its `tables`, [`follows`], [`revocations`], [`service`].
//!
//! **Architecture invariant**: nothing here knows JSON or status codes, and personal data is in no outcome, change or log
//! line.

pub mod agent;
pub mod command;
pub mod email;
pub mod entity;
pub mod follows;
mod part;
pub mod passwords;
pub mod person;
pub mod refresh;
pub mod revocations;
pub mod roles;
pub mod service;
mod tables;
#[cfg(test)]
mod tests;
pub mod tokens;

pub use agent::UserAgent;
pub use command::{Change, Command, Outcome, Refusal};
pub use email::EmailAddress;
pub use entity::{Account, Session};
pub use follows::{Follow, Followed, Performer};
pub use part::Accounts;
pub use passwords::{Password, Passwords};
pub use person::{PersonName, ZipCode};
pub use refresh::RefreshToken;
pub use revocations::Revocations;
pub use roles::{Role, Roles};
pub use service::{Service, create_account, finish_deletions, shard_of};
pub use tables::{Deletion, Snapshot};
pub use tokens::{Claims, SessionId, Tokens};
