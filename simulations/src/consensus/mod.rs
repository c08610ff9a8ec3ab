//! Three replicas as processes of their own, and how many commands a second they commit, beside etcd.
//!
//! Both sides have three members on this machine, over loopback, with an fsync before anything is answered. Ours run a
//! recorder, which writes each command under the next number, or the real ledger ([`Work`]). The callers are either in
//! the home's process, as the HTTP layer of a node is, or in the process of the measurement, and come over the network:
//! to etcd by gRPC, as its own clients do, to ours by a QUIC stream for each command.

pub mod etcd;
pub mod measure;
pub mod member;
mod recorder;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How long a command is, in bytes: as long as etcd's key and value together.
pub const COMMAND_BYTES: usize = 64;

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// A record is written under the next number.
    Record,
    /// The ledger holds a seat of a stadium.
    Hold,
}
