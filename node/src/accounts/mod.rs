//! Accounts: who people are, how they prove it, and what they may do.
//!
//! An account is an e-mail address, a name and [`Roles`]. Who signs in gets two tokens: an *access token*, signed and
//! short-lived, that any node checks by itself ([`tokens`]); and a *refresh token*, good for one exchange against new
//! ones at the account's home.

pub mod revocations;
pub mod roles;
pub mod tokens;

pub use revocations::Revocations;
pub use roles::{Role, Roles};
pub use tokens::{Claims, SessionId, Tokens};
