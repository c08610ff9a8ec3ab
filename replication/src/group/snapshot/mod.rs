//! A group's state on its way to a replica that lacks more than the log has.
//!
//! The home reads the rows of the machine's tables in one read transaction of `state.redb`, which holds nobody up, piece by
//! piece, as fast as the peer takes them. The peer puts them into tables of their own beside the group's, piece by piece,
//! each in a small job of the state thread. When the last one is there, one small job puts these tables in place of the
//! group's, writes how far the state has come, and opens the machine again: a crash leaves the old state or the new one.
//! Then the state is brought to the disk before consensus purges the log below it.
//!
//! ```text
//! stream     version (1) | Head;  then pieces;  then the peer's SnapshotAnswer
//! piece      ROWS (1) | table (4) | (key length (4) | value length (4) | key | value) × n
//!            END  (1) | rows (8)
//! ```
//!
//! **Architecture invariants**: only what arrived whole is installed, and the end says how many rows that is. Nothing of a
//! snapshot is ever outside `state.redb`, which may be encrypted.

mod receiving;
mod sending;
mod tables;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

pub(super) use self::receiving::{Receiver, install};
pub(super) use self::sending::{Export, SendError, send};
pub(super) use self::tables::{Tables, tables_of};
use super::network::wire::{Refusal, WirePoint, WireVote};
use crate::store::progress::Progress;

const ROWS: u8 = 1;
const END: u8 = 2;

/// How long a peer may take for the next piece.
const PIECE_PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
/// How long a peer may take to install what it has.
const INSTALL_PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A snapshot, as consensus handles it.
pub(super) enum GroupSnapshot {
    /// The state on the disk, told to consensus so that it purges the log behind. It carries nothing.
    Durable,
    /// The state as of one moment, to be sent.
    Export(Export),
    /// What arrived from the home: the group's tables wait beside those that they will replace.
    Arrived(Progress),
}

/// What the sender says first.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) group: u64,
    vote: WireVote,
    at: WirePoint,
    now_ms: u64,
    membership: Bytes,
    tables: Vec<TableHead>,
}

/// A table, and what its rows are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TableHead {
    name: String,
    key: String,
    value: String,
}

/// What the receiver says last.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum SnapshotAnswer {
    /// It is done with the snapshot, or needed it not; this is its vote.
    Done(WireVote),
    Refused(Refusal),
}
