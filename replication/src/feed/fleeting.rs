//! Fleeting objects: in memory, the last one wins, told at most once a second.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::object::{FeedKey, FleetingObject};
use super::summary::key_bucket;
use crate::buckets::{Buckets, Fnv, is_within};
use crate::identity::GroupId;

/// How often one object is told.
const INTERVAL: Duration = Duration::from_secs(1);
/// How many objects are kept.
const OBJECTS_MAX: usize = 200_000;

type Place = (GroupId, FeedKey);

struct Entry {
    object: FleetingObject,
    told_at: Option<Instant>,
}

/// The fleeting objects that a node knows.
#[derive(Default)]
pub(super) struct FleetingObjects {
    entries: BTreeMap<Place, Entry>,
    /// Own ones that are still to be told.
    untold: BTreeSet<Place>,
    buckets: Buckets,
}

impl FleetingObjects {
    /// Takes the newer ones, and says which they were.
    pub(super) fn accept(&mut self, objects: Vec<FleetingObject>) -> Vec<FleetingObject> {
        objects.into_iter().filter(|object| object.is_within_limits() && self.accept_one(object)).collect()
    }

    fn accept_one(&mut self, object: &FleetingObject) -> bool {
        let place = (object.group, object.key.clone());
        let bucket = key_bucket(object.group, &object.key);
        let told_at = match self.entries.get(&place) {
            Some(entry) if entry.object.seq >= object.seq => return false,
            Some(entry) => {
                self.buckets.turn(bucket, hash(&entry.object));
                entry.told_at
            }
            None if self.entries.len() >= OBJECTS_MAX => return false,
            None => None,
        };
        self.buckets.turn(bucket, hash(object));
        self.entries.insert(place, Entry { object: object.clone(), told_at });
        true
    }

    /// Takes this node's own, which are to be told.
    pub(super) fn publish(&mut self, objects: Vec<FleetingObject>) -> Vec<FleetingObject> {
        let accepted = self.accept(objects);
        self.untold.extend(accepted.iter().map(|object| (object.group, object.key.clone())));
        accepted
    }

    /// What is to be told now.
    pub(super) fn due(&mut self, now: Instant) -> Vec<FleetingObject> {
        let mut due = Vec::new();
        self.untold.retain(|place| {
            let Some(entry) = self.entries.get_mut(place) else { return false };
            let is_due = entry.told_at.is_none_or(|told_at| told_at + INTERVAL <= now);
            if is_due {
                entry.told_at = Some(now);
                due.push(entry.object.clone());
            }
            !is_due
        });
        due
    }

    /// When something is to be told.
    pub(super) fn due_at(&self) -> Option<Instant> {
        let told_at = |place: &Place| self.entries.get(place)?.told_at;
        self.untold.iter().map(|place| told_at(place).map_or_else(Instant::now, |at| at + INTERVAL)).min()
    }

    pub(super) fn all(&self) -> Vec<FleetingObject> {
        self.entries.values().map(|entry| entry.object.clone()).collect()
    }

    /// The objects in some buckets, a bit each.
    pub(super) fn within(&self, buckets: u64) -> Vec<FleetingObject> {
        let is_asked = |object: &&FleetingObject| is_within(buckets, key_bucket(object.group, &object.key));
        self.entries.values().map(|entry| &entry.object).filter(is_asked).cloned().collect()
    }

    pub(super) fn buckets(&self) -> &Buckets {
        &self.buckets
    }
}

fn hash(object: &FleetingObject) -> u32 {
    let (term, number) = object.seq;
    Fnv::new().number(object.group.0).bytes(&object.key.id).number(term).number(number).short()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn object(id: &'static str, number: u64) -> FleetingObject {
        FleetingObject {
            group: GroupId(1),
            key: FeedKey { kind: 9, id: Bytes::from_static(id.as_bytes()) },
            seq: (1, number),
            body: Bytes::from(number.to_string()),
        }
    }

    #[test]
    fn the_last_wins_and_is_told_once_a_second() {
        let start = Instant::now();
        let mut objects = FleetingObjects::default();
        assert_eq!(objects.publish(vec![object("a", 2)]).len(), 1);
        assert_eq!(objects.publish(vec![object("a", 1)]).len(), 0);
        assert_eq!(objects.due(start), [object("a", 2)]);
        objects.publish(vec![object("a", 3)]);
        objects.publish(vec![object("a", 4)]);
        assert_eq!(objects.due(start), []);
        assert_eq!(objects.due_at(), Some(start + INTERVAL));
        assert_eq!(objects.due(start + INTERVAL), [object("a", 4)]);
    }

    #[test]
    fn nodes_with_the_same_objects_have_the_same_buckets() {
        let mut here = FleetingObjects::default();
        here.accept(vec![object("a", 1), object("b", 1), object("a", 2)]);
        let mut there = FleetingObjects::default();
        there.accept(vec![object("b", 1), object("a", 2)]);
        assert_eq!(here.buckets(), there.buckets());
        there.accept(vec![object("b", 2)]);
        let differing = here.buckets().differing(&there.buckets().encode()).unwrap();
        assert_eq!(there.within(differing), [object("b", 2)]);
    }
}
