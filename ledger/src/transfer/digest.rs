//! A digest of a set of rows that can be kept up to date row by row.
//!
//! It is the sum of the rows' BLAKE3 hashes, so that the order in which rows come does not matter, and a row can be taken
//! out again. It tells rows that were lost or damaged on the way; against somebody who chooses rows to collide it is no
//! protection, and needs to be none: both groups are the cluster's own.

use serde::{Deserialize, Serialize};

use super::rows::RowName;

/// See the module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest([u64; 4]);

impl Digest {
    /// Adds a row, in the form in which it travels.
    pub fn add(&mut self, name: &RowName, value: &[u8]) {
        for (sum, part) in self.0.iter_mut().zip(hash(name, value)) {
            *sum = sum.wrapping_add(part);
        }
    }

    /// Takes a row out that was added.
    pub fn take(&mut self, name: &RowName, value: &[u8]) {
        for (sum, part) in self.0.iter_mut().zip(hash(name, value)) {
            *sum = sum.wrapping_sub(part);
        }
    }
}

fn hash(name: &RowName, value: &[u8]) -> [u64; 4] {
    let mut hasher = blake3::Hasher::new();
    // A shelf's keys have one length, so nothing needs to part key and value.
    hasher.update(&[name.shelf as u8]).update(&name.key.0).update(value);
    let hash = hasher.finalize();
    let (parts, _rest) = hash.as_bytes().as_chunks::<8>();
    let mut sums = [0; 4];
    sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum = u64::from_le_bytes(*part));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::Shelf;

    #[test]
    fn the_order_does_not_matter_and_a_row_can_be_taken_out() {
        let name = |n: u8| RowName::new(Shelf::Hold, &[n; 16]);
        let (mut one, mut other) = (Digest::default(), Digest::default());
        one.add(&name(1), b"a");
        one.add(&name(2), b"b");
        other.add(&name(2), b"b");
        other.add(&name(3), b"c");
        other.add(&name(1), b"a");
        assert_ne!(one, other);
        other.take(&name(3), b"c");
        assert_eq!(one, other);
        other.take(&name(1), b"a");
        other.add(&name(1), b"A");
        assert_ne!(one, other, "a value differs");
        let mut third = Digest::default();
        third.add(&name(1), b"b");
        third.add(&name(2), b"a");
        assert_ne!(one, third, "values are at each other's place");
    }
}
