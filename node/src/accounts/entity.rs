//! What is kept of an account and of a session.

use marquee_ledger::AccountId;
use serde::{Deserialize, Serialize};

use super::agent::UserAgent;
use super::email::EmailAddress;
use super::passwords::PasswordHash;
use super::person::{PersonName, ZipCode};
use super::refresh::RefreshHash;
use super::roles::Roles;
use super::tokens::SessionId;

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Grows with every change.
    pub version: u64,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it was changed last, in milliseconds since 1970.
    pub updated_ms: u64,
    /// The e-mail address, as it was written.
    pub email: EmailAddress,
    /// The person's name.
    pub name: PersonName,
    /// Where the person looks for events.
    pub zip: Option<ZipCode>,
    /// What the account may do.
    pub roles: Roles,
}

/// What proves that somebody is who has the account. Apart from it, so that whoever shows accounts has no hashes at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Grows with every change of the password. Who checked a password names the number that they checked, so that
    /// nothing comes of a password that was changed meanwhile.
    pub number: u64,
    /// The hash.
    pub password: PasswordHash,
}

/// A stay: begins with a sign-in, ends with a sign-out or some time after the last visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// The refresh token that continues it.
    pub refresh: RefreshHash,
    /// The refresh token that was exchanged last.
    pub exchanged: Option<RefreshHash>,
    /// When it began, in milliseconds since 1970.
    pub opened_ms: u64,
    /// When a refresh token was exchanged last, or else when it began.
    pub refreshed_ms: u64,
    /// When it ends unless it is continued.
    pub expires_ms: u64,
    /// When the last access token that was issued in it expires.
    pub access_until_ms: u64,
    /// What somebody signed in with.
    #[serde(default)]
    pub agent: UserAgent,
}
