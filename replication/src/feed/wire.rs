//! What travels: one version byte, then a named `MessagePack` structure.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::object::{FeedKey, FeedObject, FeedVersion, FleetingObject};
use crate::identity::{GroupId, NodeId};

const VERSION: u8 = 1;
/// About how many bytes of objects go into one message or frame; one object may be longer.
pub(super) const PIECE_BYTES: usize = 1 << 20;

/// A message of [`Kind::FeedBroadcast`](crate::transport::Kind::FeedBroadcast).
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Message {
    Broadcast(Broadcast),
    Fleeting(Fleeting),
    Summary(Summary),
    Heads(HeadList),
}

/// A group's change, from its home to everybody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Broadcast {
    /// The home.
    pub(super) origin: NodeId,
    pub(super) group: GroupId,
    /// Everything of the group between these heads is among the objects, unless they are partial.
    pub(super) from: FeedVersion,
    pub(super) to: FeedVersion,
    /// None if they are too long for everybody to get them several times.
    pub(super) objects: Vec<FeedObject>,
    /// Whether something between the heads may be missing: it is pulled.
    pub(super) is_partial: bool,
    /// How far whoever passes this on has come.
    pub(super) head: FeedVersion,
    /// How many more times it may be passed on.
    pub(super) hops: u8,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fleeting {
    pub(super) objects: Vec<FleetingObject>,
    pub(super) hops: u8,
}

/// What a node has, in short.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    /// A hash of the heads of each bucket of groups.
    pub(super) heads: Bytes,
    /// A hash of each bucket of fleeting objects; left out of most summaries.
    #[serde(default)]
    pub(super) fleeting: Option<Bytes>,
}

/// Heads, of all groups in some buckets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct HeadList {
    /// Which buckets: a bit each.
    pub(super) buckets: u64,
    /// Group, epoch, index.
    pub(super) heads: Vec<(u64, u64, u64)>,
    /// Whether the sender would like to know where it is behind.
    pub(super) asks: bool,
}

/// The first frame of a stream of [`Kind::FeedPull`](crate::transport::Kind::FeedPull).
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    /// What came after this head.
    Range { group: GroupId, after: FeedVersion },
    /// Everything.
    Snapshot { group: GroupId },
    /// These, whatever group they are in.
    Lookup { keys: Vec<FeedKey> },
}

/// The frames that follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// Some objects, in the order of their indexes. Of a range, everything up to `complete_to` has come.
    Piece { objects: Vec<FeedObject>, complete_to: FeedVersion },
    /// That was all.
    End { complete_to: FeedVersion, watermark: u64 },
    /// The tombstones of that range are gone: ask for a snapshot.
    TakeSnapshot,
    /// This node is no further.
    NotAhead,
    /// Too many ask.
    Busy,
}

pub(super) fn encode(message: &impl Serialize) -> Bytes {
    let mut payload = vec![VERSION];
    // Vectors take everything, and the structures have nothing that MessagePack has not.
    let _ = rmp_serde::encode::write_named(&mut payload, message);
    Bytes::from(payload)
}

/// None when it is of another version, or damaged.
pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    match payload.split_first()? {
        (&VERSION, rest) => rmp_serde::from_slice(rest).ok(),
        (_other, _rest) => None,
    }
}

/// Objects in pieces of about [`PIECE_BYTES`].
pub(super) fn pieces<T>(objects: Vec<T>, bytes: impl Fn(&T) -> usize, bytes_max: usize) -> Vec<Vec<T>> {
    let mut pieces = Vec::new();
    let (mut piece, mut length) = (Vec::new(), 0);
    for object in objects {
        length += bytes(&object) + 64;
        if length > bytes_max && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
            length = bytes(&object) + 64;
        }
        piece.push(object);
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_and_damage_are_refused() {
        let good = encode(&Message::Heads(HeadList { buckets: 1, heads: vec![(1, 2, 3)], asks: true }));
        assert!(decode::<Message>(&good).is_some());
        let mut other = good.to_vec();
        other[0] = 2;
        assert!(decode::<Message>(&other).is_none());
        for length in 0..good.len() {
            assert!(decode::<Message>(&good[..length]).is_none());
        }
    }

    #[test]
    fn pieces_hold_everything_in_order() {
        let objects: Vec<usize> = vec![10, 500, 10, 10, 2_000, 10];
        let pieces = pieces(objects.clone(), |bytes| *bytes, 700);
        assert_eq!(pieces.concat(), objects);
        assert_eq!(pieces.len(), 4);
    }
}
