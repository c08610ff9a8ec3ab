//! What a node has, in 64 buckets: two nodes compare hashes, and tell each other more only of the buckets that differ.

use bytes::Bytes;

pub(crate) const BUCKETS: usize = 64;
/// The length of encoded buckets.
pub(crate) const BUCKETS_BYTES: usize = BUCKETS * 4;

/// FNV-1a: the same on every machine and in every version.
#[derive(Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Fnv {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        bytes
            .iter()
            .fold(self, |Self(hash), byte| Self((hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    pub(crate) fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    /// All bits of the hash, mixed into 32.
    pub(crate) fn short(self) -> u32 {
        (self.0 ^ (self.0 >> 32)) as u32
    }
}

/// A hash for each bucket. What is in a bucket is added in any order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Buckets([u32; BUCKETS]);

impl Default for Buckets {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Buckets {
    /// Adds, or takes away, since it is the same.
    pub(crate) fn turn(&mut self, bucket: usize, hash: u32) {
        self.0[bucket % BUCKETS] ^= hash;
    }

    pub(crate) fn encode(&self) -> Bytes {
        self.0.iter().flat_map(|hash| hash.to_le_bytes()).collect()
    }

    /// The buckets in which the other one differs, a bit each; none when it makes no sense.
    pub(crate) fn differing(&self, other: &[u8]) -> Option<u64> {
        if other.len() != BUCKETS_BYTES {
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

/// In which bucket a hash is.
pub(crate) const fn bucket(hash: u32) -> usize {
    hash as usize % BUCKETS
}

/// Whether a bucket is among these.
pub(crate) const fn is_within(buckets: u64, bucket: usize) -> bool {
    buckets >> (bucket % BUCKETS) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_found_in_its_bucket() {
        let mut here = Buckets::default();
        here.turn(7, 1);
        here.turn(9, 2);
        let there = here.encode();
        assert_eq!(here.differing(&there), Some(0));
        here.turn(9, 3);
        assert_eq!(here.differing(&there), Some(1 << 9));
        assert!(is_within(1 << 9, 9) && !is_within(1 << 9, 8));
        here.turn(9, 3);
        assert_eq!(here.differing(&there), Some(0));
        assert_eq!(here.differing(&there[1..]), None);
    }
}
