//! What a node has, in 64 buckets: two nodes compare hashes, and tell each other more only of the buckets that differ.

use bytes::Bytes;

use super::object::{FeedKey, FeedVersion};
use super::tables::Heads;
use crate::identity::GroupId;

pub(super) const BUCKETS: usize = 64;
/// A node with no more groups than this tells its heads at once.
pub(super) const HEADS_PLAIN_MAX: usize = 16;

/// FNV-1a: the same on every machine and in every version.
#[derive(Clone, Copy)]
pub(super) struct Fnv(u64);

impl Fnv {
    pub(super) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(super) fn bytes(self, bytes: &[u8]) -> Self {
        bytes
            .iter()
            .fold(self, |Self(hash), byte| Self((hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    pub(super) fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    /// All bits of the hash, mixed into 32.
    pub(super) fn short(self) -> u32 {
        (self.0 ^ (self.0 >> 32)) as u32
    }
}

/// A hash for each bucket. What is in a bucket is added in any order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Buckets([u32; BUCKETS]);

impl Default for Buckets {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Buckets {
    /// Adds, or takes away, since it is the same.
    pub(super) fn turn(&mut self, bucket: usize, hash: u32) {
        self.0[bucket % BUCKETS] ^= hash;
    }

    pub(super) fn encode(&self) -> Bytes {
        self.0.iter().flat_map(|hash| hash.to_le_bytes()).collect()
    }

    /// The buckets in which the other one differs, a bit each; none when it makes no sense.
    pub(super) fn differing(&self, other: &[u8]) -> Option<u64> {
        if other.len() != BUCKETS * 4 {
            return None;
        }
        let mut differing = 0;
        for (bucket, (own, other)) in self.0.iter().zip(other.chunks_exact(4)).enumerate() {
            if own.to_le_bytes() != other {
                differing |= 1 << bucket;
            }
        }
        Some(differing)
    }
}

pub(super) fn group_bucket(group: GroupId) -> usize {
    Fnv::new().number(group.0).short() as usize % BUCKETS
}

pub(super) fn key_bucket(group: GroupId, key: &FeedKey) -> usize {
    Fnv::new().number(group.0).bytes(&[key.kind]).bytes(&key.id).short() as usize % BUCKETS
}

pub(super) fn of_heads(heads: &Heads) -> Buckets {
    let mut buckets = Buckets::default();
    for (group, record) in heads {
        if record.head != FeedVersion::default() {
            let hash = Fnv::new().number(group.0).number(record.head.epoch).number(record.head.index);
            buckets.turn(group_bucket(*group), hash.short());
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::record::HeadRecord;

    #[test]
    fn a_differing_head_is_found_in_its_bucket() {
        let head = |index| HeadRecord { head: FeedVersion { epoch: 0, index }, watermark: 0 };
        let mut here: Heads = (1..200).map(|group| (GroupId(group), head(group))).collect();
        let there = of_heads(&here).encode();
        assert_eq!(of_heads(&here).differing(&there), Some(0));
        here.insert(GroupId(7), head(8));
        assert_eq!(of_heads(&here).differing(&there), Some(1 << group_bucket(GroupId(7))));
        assert_eq!(of_heads(&here).differing(&there[1..]), None);
    }
}
