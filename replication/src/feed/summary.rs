//! What a node has of the feed, in [buckets](crate::buckets).

use super::object::{FeedKey, FeedVersion};
use super::tables::Heads;
use crate::buckets::{Buckets, Fnv, bucket};
use crate::identity::GroupId;

/// A node with no more groups than this tells its heads at once.
pub(super) const HEADS_PLAIN_MAX: usize = 16;

pub(super) fn group_bucket(group: GroupId) -> usize {
    bucket(Fnv::new().number(group.0).short())
}

pub(super) fn key_bucket(group: GroupId, key: &FeedKey) -> usize {
    bucket(Fnv::new().number(group.0).bytes(&[key.kind]).bytes(&key.id).short())
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
