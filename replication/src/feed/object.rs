//! What the feed carries.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::identity::GroupId;

/// The longest id of an object.
pub const ID_BYTES_MAX: usize = 64;
/// The longest body of an object.
pub const BODY_BYTES_MAX: usize = 16 << 20;
/// The longest body of a fleeting object.
pub const FLEETING_BYTES_MAX: usize = 64 << 10;

/// The name of an object in the whole cluster.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FeedKey {
    /// What sort of thing it is; the node's business.
    pub kind: u8,
    /// Which one; at most [`ID_BYTES_MAX`] bytes.
    pub id: Bytes,
}

impl fmt::Debug for FeedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id.escape_ascii())
    }
}

/// How new an object is, or how far a group has come. The higher wins, whatever group it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FeedVersion {
    /// Of an object: the epoch of its placement, which rises when it moves to another group. Of a group's head: the epoch
    /// of its log, which rises only when the log was replaced by another one.
    pub epoch: u64,
    /// The place in the group's log.
    pub index: u64,
}

impl fmt::Display for FeedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.index)
    }
}

/// A whole object, or its tombstone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedObject {
    /// Which.
    pub key: FeedKey,
    /// Who publishes it.
    pub group: GroupId,
    /// How new it is.
    pub version: FeedVersion,
    /// What it is; none when it is deleted. At most [`BODY_BYTES_MAX`] bytes.
    pub body: Option<Bytes>,
}

impl FeedObject {
    pub(super) fn is_within_limits(&self) -> bool {
        self.key.id.len() <= ID_BYTES_MAX && self.bytes() <= BODY_BYTES_MAX + ID_BYTES_MAX
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.key.id.len() + self.body.as_ref().map_or(0, Bytes::len)
    }
}

/// All that a replica's state has of its group, as of a place in the log.
#[derive(Clone, Debug, Default)]
pub struct FeedState {
    /// The place.
    pub head: FeedVersion,
    /// Its objects.
    pub objects: Vec<FeedObject>,
    /// Of objects that never change, and that [`Feed::object`](super::Feed::object) has: only which. When the copy has
    /// lost one of them by then, the state is not taken for complete, and [`Feed::rebuild`](super::Feed::rebuild) rises.
    pub kept: Vec<FeedKey>,
}

/// A value that is worth its spreading only while it is new, as the number of free seats is. Not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetingObject {
    /// Who publishes it.
    pub group: GroupId,
    /// Which.
    pub key: FeedKey,
    /// The home's term, and a number that rises in it. The higher wins.
    pub seq: (u64, u64),
    /// What it is; at most [`FLEETING_BYTES_MAX`] bytes. Empty when there is nothing to tell any more.
    pub body: Bytes,
}

impl FleetingObject {
    pub(super) fn is_within_limits(&self) -> bool {
        self.key.id.len() <= ID_BYTES_MAX && self.body.len() <= FLEETING_BYTES_MAX
    }

    pub(super) fn bytes(&self) -> usize {
        self.key.id.len() + self.body.len()
    }
}

/// Who takes what the feed brings.
///
/// First everything that is stored, in pieces; then every change that this node accepts, in order. A sink that falls far
/// behind gets everything again instead of what it missed. Its functions are called by one thread, or one task, that is
/// the sink's own, so they may take their time.
pub trait FeedSink: Send + Sync + 'static {
    /// Objects and tombstones; of one key always newer ones, except when everything comes again.
    fn take(&self, objects: &[FeedObject]);

    /// Fleeting objects; of one key always newer ones, except when everything comes again.
    fn take_fleeting(&self, objects: &[FleetingObject]);
}
