//! What can be asked of the accounts, and what they answer.

use marquee_ledger::{AccountId, EventId, OrderId};
use serde::{Deserialize, Serialize};

use super::agent::UserAgent;
use super::email::EmailAddress;
use super::follows::{FOLLOWS_MAX, Followed};
use super::passwords::PasswordHash;
use super::person::{PersonName, ZipCode};
use super::refresh::RefreshHash;
use super::roles::Roles;
use super::tokens::SessionId;

/// The most sessions of an account: another one ends the one that was used least recently.
pub const SESSIONS_MAX: usize = 20;
/// The most orders that one [`Command::FinishDeletion`] names.
pub const ORDERS_MAX: usize = 200;
/// For how long a refresh token that was exchanged can be handed in again, in milliseconds: the answer may be lost, and
/// a browser's tabs may exchange the same token at the same time.
pub const REFRESH_GRACE_MS: u64 = 30_000;

/// What is asked. Where a `version` is named, the command is refused as [`Refusal::Stale`] when the account has another.
/// Where a `credential` is named, it is the number of the password that was checked, and the command is refused as
/// [`Refusal::CredentialChanged`] when the account has another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Makes an account.
    Create(Create),
    /// Changes what is told, or else nothing.
    Update(Update),
    /// Removes an account with everything that is known of the person, and ends its sessions. Its orders are listed as
    /// unfinished until they have been anonymised too.
    Delete {
        /// Which.
        account: AccountId,
        /// Which version is removed.
        version: Option<u64>,
        /// Which password was checked.
        credential: Option<u64>,
    },
    /// Gives an account these roles. Its sessions end if it loses one.
    SetRoles {
        /// Which.
        account: AccountId,
        /// Which version is changed.
        version: Option<u64>,
        /// What it may do from then on.
        roles: Roles,
    },
    /// Begins a session.
    OpenSession(OpenSession),
    /// Exchanges a refresh token. One that was exchanged longer than [`REFRESH_GRACE_MS`] ago, or never issued, ends the
    /// session: somebody else has a copy of it.
    RefreshSession(RefreshSession),
    /// Ends a session. Idempotent.
    EndSession {
        /// Whose.
        account: AccountId,
        /// Which.
        session: SessionId,
    },
    /// Ends the sessions of an account.
    EndSessions {
        /// Whose.
        account: AccountId,
        /// All but this one.
        except: Option<SessionId>,
    },
    /// Notes that an order is an account's. Idempotent. If the account is gone, the order waits to be anonymised.
    IndexOrder {
        /// Whose.
        account: AccountId,
        /// Which.
        order: OrderId,
    },
    /// Notes that these orders of a deleted account were anonymised, and its reviews of these events removed. Idempotent.
    FinishDeletion {
        /// Whose they were.
        account: AccountId,
        /// Which: at most [`ORDERS_MAX`].
        orders: Vec<OrderId>,
        /// Of which events: at most [`ORDERS_MAX`].
        #[serde(default)]
        reviews: Vec<EventId>,
    },
    /// Notes that an account has a review of an event, or is about to. Idempotent. If the account is gone, the review waits
    /// to be removed.
    NoteReview {
        /// Whose.
        account: AccountId,
        /// Of which event.
        event: EventId,
    },
    /// Follows something. Idempotent.
    Follow {
        /// Who.
        account: AccountId,
        /// What.
        what: Followed,
    },
    /// Follows something no more. Idempotent.
    Unfollow {
        /// Who.
        account: AccountId,
        /// What.
        what: Followed,
    },
}

impl Command {
    /// The account shard that the command is for.
    #[must_use]
    pub const fn shard(&self) -> u32 {
        match self {
            Self::Create(create) => create.shard,
            Self::Update(update) => update.account.owner(),
            Self::OpenSession(open) => open.account.owner(),
            Self::RefreshSession(refresh) => refresh.account.owner(),
            Self::Delete { account, .. }
            | Self::SetRoles { account, .. }
            | Self::EndSession { account, .. }
            | Self::EndSessions { account, .. }
            | Self::IndexOrder { account, .. }
            | Self::NoteReview { account, .. }
            | Self::Follow { account, .. }
            | Self::Unfollow { account, .. }
            | Self::FinishDeletion { account, .. } => account.owner(),
        }
    }
}

/// The command [`Command::Create`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Create {
    /// The number of the shard that its e-mail address belongs to; its id names it.
    pub shard: u32,
    /// No other account has it, whatever its case.
    pub email: EmailAddress,
    /// The person's name.
    pub name: PersonName,
    /// Where the person looks for events.
    pub zip: Option<ZipCode>,
    /// What it may do.
    pub roles: Roles,
    /// The password, hashed.
    pub password: PasswordHash,
}

/// The command [`Command::Update`]. What is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// Which account.
    pub account: AccountId,
    /// Which version is changed.
    pub version: Option<u64>,
    /// Which password was checked.
    pub credential: Option<u64>,
    /// Another e-mail address.
    pub email: Option<EmailAddress>,
    /// Another name.
    pub name: Option<PersonName>,
    /// Another postal code, or none.
    pub zip: Option<ZipChange>,
    /// Another password, hashed. All sessions end, except `keep`.
    pub password: Option<PasswordHash>,
    /// The session in which the password is changed.
    pub keep: Option<SessionId>,
}

/// What becomes of a postal code. (An option in an option would not survive the log: `MessagePack` has one nil.)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ZipChange {
    /// It is this one.
    To(ZipCode),
    /// There is none.
    Removed,
}

/// The command [`Command::OpenSession`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Whose.
    pub account: AccountId,
    /// Which password was checked.
    pub credential: u64,
    /// The session's id, made at random.
    pub session: SessionId,
    /// The hash of its first refresh token.
    pub refresh: RefreshHash,
    /// How long its tokens are good for.
    pub lifetimes: Lifetimes,
    /// The same password, hashed at another cost.
    pub rehash: Option<PasswordHash>,
    /// What it is begun with.
    #[serde(default)]
    pub agent: UserAgent,
}

/// The command [`Command::RefreshSession`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshSession {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub session: SessionId,
    /// The hash of the refresh token that was handed in.
    pub presented: RefreshHash,
    /// The hash of the one that it is exchanged against.
    pub next: RefreshHash,
    /// How long the tokens are good for.
    pub lifetimes: Lifetimes,
}

/// How long tokens are good for, in milliseconds. The settings say so; the command brings it along, since replicas must
/// agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetimes {
    /// An access token.
    pub access_ms: u64,
    /// A refresh token, and with it the session.
    pub refresh_ms: u64,
}

/// What came of a command that was not refused. There is nothing personal in it: it is kept with the command's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// An account was made, at version 1.
    Created(AccountId),
    /// The account was changed.
    Updated {
        /// The version that it has.
        version: u64,
    },
    /// The account is gone.
    Deleted,
    /// The session goes on: this is what its access token says.
    Session(Continued),
    /// A refresh token came a second time: the session was ended.
    Reused,
    /// So many sessions were ended.
    Ended {
        /// How many.
        count: u32,
    },
    /// It is noted.
    Noted,
}

/// A session that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continued {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub session: SessionId,
    /// What the account may do.
    pub roles: Roles,
    /// When its access token expires.
    pub access_until_ms: u64,
    /// When its refresh token expires.
    pub expires_ms: u64,
}

/// Why a command was not carried out. A refusal touches nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// No such account. A retry is of no use.
    #[error("there is no such account")]
    UnknownAccount,
    /// No such session, or it has ended. A retry is of no use.
    #[error("there is no such session, or it has ended")]
    UnknownSession,
    /// Another account has the e-mail address. A retry is of no use.
    #[error("there is an account with this e-mail address")]
    EmailTaken,
    /// The account was changed meanwhile. Read it again; a retry is useful with what is there then.
    #[error("the account has version {version}")]
    Stale {
        /// The version that it has.
        version: u64,
    },
    /// The password was changed since it was checked. Check it again.
    #[error("the password was changed meanwhile")]
    CredentialChanged,
    /// More orders or reviews than one command may name.
    #[error("at most {ORDERS_MAX} orders at once")]
    TooManyOrders,
    /// The account follows as much as it may.
    #[error("at most {FOLLOWS_MAX} things can be followed")]
    TooManyFollows,
}

impl Refusal {
    /// The stable number.
    #[must_use]
    pub const fn code(&self) -> u16 {
        match self {
            Self::UnknownAccount => 1,
            Self::UnknownSession => 2,
            Self::EmailTaken => 10,
            Self::Stale { .. } => 11,
            Self::CredentialChanged => 12,
            Self::TooManyOrders => 20,
            Self::TooManyFollows => 21,
        }
    }
}

/// What changed, for what is kept in memory and for who waits for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An account was made, changed or removed.
    Account(AccountId),
    /// A session ended while access tokens of it may be within their time.
    SessionEnded {
        /// Which.
        session: SessionId,
        /// Until when access tokens of it must be refused, in milliseconds since 1970.
        until_ms: u64,
    },
    /// A deleted account has orders that are to be anonymised.
    DeletionUnfinished(AccountId),
}
