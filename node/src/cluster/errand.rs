//! What travels between nodes to be answered at a group's home.
//!
//! An errand is one frame on a stream of [`Kind::Forward`](marquee_replication::transport::Kind): a version byte and an
//! [`Envelope`] with named fields. The first frame that comes back is a version byte and a [`Reply`]; the body of a long
//! HTTP answer, and the news of a performance's seats, follow in frames of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use bytes::Bytes;
use marquee_ledger::journal::ChainLink;
use marquee_ledger::transfer::{Conflict, Standing};
use marquee_ledger::{AccountId, EventId, Order, OrderId, PerformanceId};
use marquee_replication::{GroupId, NodeId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::moving::progress::Progress;
use crate::accounts::{Account, Follow};
use crate::catalog::transfer::{ChangedItem, ItemName};
use crate::reviews::Review;
use crate::selling::books::finding::{OrderWish, OrdersFound};
use crate::selling::books::takings::Takings;

/// The version of the protocol.
const VERSION: u8 = 1;

/// An errand with its address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope {
    /// The group whose home is to answer.
    pub group: GroupId,
    /// How long who sent it waits, in milliseconds.
    pub wait_ms: u64,
    /// What is asked.
    pub errand: Errand,
}

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Errand {
    /// A command, encoded for the log.
    Command(Bytes),
    /// Something to read.
    Query(Query),
    /// A request of a client.
    Http(HttpRequest),
    /// Who is home? Any replica may answer.
    WhoIsHome,
    /// How the seats of a performance are, and every change of them, for as long as somebody looks.
    WatchSeats {
        /// Which performance.
        performance: PerformanceId,
        /// The sequence number up to which everything is known.
        after: Option<u64>,
    },
}

/// Something to read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Query {
    /// An account.
    Account(AccountId),
    /// The account that has an e-mail address, folded.
    AccountByEmail(String),
    /// At most `limit` ids of an account's orders, the latest first, before one of them.
    OrdersOf {
        /// Whose.
        account: AccountId,
        /// Before which.
        before: Option<OrderId>,
        /// How many.
        limit: usize,
    },
    /// What an account follows.
    Follows(AccountId),
    /// An account's reviews of some events; events that it has not reviewed are left out.
    ReviewsBy {
        /// Whose.
        account: AccountId,
        /// Of which events.
        events: Vec<EventId>,
    },
    /// Orders with their receipts; those that are unknown are left out.
    Orders(Vec<OrderId>),
    /// What the catalog has of a venue, each with the hash of its record.
    VenueItems(u32),
    /// Where a venue stands with the group's ledger.
    VenueStanding(u32),
    /// How far a move of a venue from this group is.
    VenueMove(u32),
    /// How far a replica's copy of the group is. Any replica answers for itself.
    CopyStatus,
    /// The orders of a venue that are in conflict with what its owner has.
    Conflicts {
        /// Which venue.
        venue: u32,
        /// After which order.
        after: Option<OrderId>,
        /// How many at the most.
        limit: usize,
    },
    /// Who has seats, performance by performance.
    SeatOwners(Vec<(PerformanceId, Vec<u32>)>),
    /// Orders of performances.
    PerformanceOrders(OrderWish),
    /// What performances brought.
    Takings(Vec<PerformanceId>),
    /// How the group does. It is answered by a home that has lost its quorum as well.
    GroupStatus,
}

/// What was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Found {
    /// To [`Query::Account`] and [`Query::AccountByEmail`].
    Account(Option<Box<Account>>),
    /// To [`Query::OrdersOf`].
    OrderIds(Vec<OrderId>),
    /// To [`Query::Follows`].
    Follows(Vec<Follow>),
    /// To [`Query::ReviewsBy`].
    Reviews(Vec<Review>),
    /// To [`Query::Orders`].
    Orders(Vec<(Order, Option<ChainLink>)>),
    /// To [`Query::VenueItems`].
    VenueItems(Vec<(ItemName, u128)>),
    /// To [`Query::VenueStanding`].
    VenueStanding(Standing),
    /// To [`Query::VenueMove`].
    VenueMove(Option<Progress>),
    /// To [`Query::CopyStatus`]: the last entry of its ledger, and when that was applied, in milliseconds since 1970.
    CopyStatus {
        /// The entry.
        index: u64,
        /// When.
        at_ms: u64,
    },
    /// To [`Query::Conflicts`]; nothing if the venue was not taken over from the group, or the group does not know it yet.
    Conflicts(Option<ConflictList>),
    /// To [`Query::SeatOwners`]: of each seat its status, as its byte, and the id of who has it. Nothing for a performance that
    /// does not exist.
    SeatOwners(Vec<Option<Vec<(u8, u128)>>>),
    /// To [`Query::PerformanceOrders`].
    PerformanceOrders(OrdersFound),
    /// To [`Query::Takings`].
    Takings(Box<Takings>),
    /// To [`Query::GroupStatus`].
    GroupStatus(GroupStatus),
}

/// What a group sold and changed of a venue after that was taken over from it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConflictList {
    /// Orders, each as it is here.
    pub conflicts: Vec<(Conflict, Order)>,
    /// Whether there are no more of them.
    pub is_end: bool,
    /// How many of all are in conflict still.
    pub open: u64,
    /// Entities of the catalog.
    pub changed: Vec<ChangedItem>,
}

/// How a group does, as one of its replicas sees it; only the home sees all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupStatus {
    /// Who is home.
    pub home: Option<NodeId>,
    /// How many elections there were.
    pub term: u64,
    /// Who votes.
    pub voters: BTreeSet<NodeId>,
    /// Who has the state and does not vote.
    pub learners: BTreeSet<NodeId>,
    /// How many entries each other replica lacks.
    pub lags: BTreeMap<NodeId, u64>,
    /// The last entry of the log.
    pub log_index: u64,
    /// The last entry in the state.
    pub applied_index: u64,
    /// The last entry in the state that is on the disk.
    pub durable_index: u64,
    /// How many commands wait.
    pub commands_waiting: u64,
    /// How many commands were applied since the replica was opened.
    pub commands: u64,
    /// Milliseconds since more than half of the voters were last known to follow.
    pub quorum_silent_ms: Option<u64>,
    /// How many orders are in conflict, of each venue that was taken over from the group.
    pub conflicts: BTreeMap<u32, u64>,
}

/// A request of a client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub target: String,
    /// Its headers.
    pub headers: Vec<(String, Bytes)>,
    /// Its body.
    pub body: Bytes,
    /// The client's address.
    pub client: IpAddr,
}

/// An answer to a client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HttpReply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, Bytes)>,
    /// Its body, or the beginning of it.
    pub body: Bytes,
    /// Whether the rest of the body follows, frame by frame.
    pub is_open: bool,
}

/// What comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Reply {
    /// What a command was answered with, encoded.
    Answer(Bytes),
    /// What was read.
    Found(Found),
    /// What a client is answered with.
    Http(HttpReply),
    /// This node is not the group's home, or was not to the end; nothing was done. Here is who might be.
    NotHome {
        /// Who is, as far as this node knows.
        home: Option<NodeId>,
        /// In which term.
        term: u64,
    },
    /// The venue is on its way to another group, or belongs to one. Nothing was done.
    Moved,
    /// The command was or will be carried out, or not: ask again with its key.
    Unknown,
    /// Too many commands wait. Nothing was done.
    Overloaded,
    /// The command is longer than commands may be. Nothing was done.
    TooLarge,
    /// It cannot be answered; the words are for the log.
    Failed(String),
    /// [`SeatNews`] follow, a frame each, until the home is another or what changed cannot be told any more.
    Seats,
    /// There is no such thing.
    Nothing,
}

impl Reply {
    /// Whether more frames follow.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self {
            Self::Http(answer) => answer.is_open,
            Self::Seats => true,
            Self::Answer(_)
            | Self::Found(_)
            | Self::NotHome { .. }
            | Self::Unknown
            | Self::Overloaded
            | Self::TooLarge
            | Self::Failed(_)
            | Self::Moved
            | Self::Nothing => false,
        }
    }
}

/// What follows [`Reply::Seats`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeatNews {
    /// All seats; first, unless what changed since the number that was named is known.
    All {
        /// The sequence number.
        seq: u64,
        /// The status of each seat, as its byte.
        statuses: Bytes,
        /// Free places by area.
        areas: Vec<u32>,
    },
    /// Seats that changed.
    Changed {
        /// The sequence number of the first change in it.
        first_seq: u64,
        /// The sequence number after it.
        seq: u64,
        /// Seats with their status, as its byte.
        seats: Vec<(u32, u8)>,
        /// Areas with their free places.
        areas: Vec<(u16, u32)>,
    },
}

/// Writes a message of this protocol.
///
/// # Panics
/// Never: memory takes every byte, and messages have no maps of unknown length.
#[must_use]
#[expect(clippy::expect_used, reason = "see above")]
pub fn write<T: Serialize>(message: &T) -> Bytes {
    let mut bytes = vec![VERSION];
    rmp_serde::encode::write_named(&mut bytes, message).expect("a message encodes");
    bytes.into()
}

/// Reads a message; none if it is of another version or no message.
#[must_use]
pub fn read<T: DeserializeOwned>(frame: &Bytes) -> Option<T> {
    let (version, message) = frame.split_first()?;
    if *version != VERSION {
        tracing::debug!(version, "a message of an unknown version");
        return None;
    }
    rmp_serde::from_slice(message).inspect_err(|error| tracing::debug!(%error, "not a message")).ok()
}
