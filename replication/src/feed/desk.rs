//! What callers leave for the feed's task. They never wait, and nothing is dropped: of one object only the newest stays,
//! so what waits is bounded by what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::object::{FeedKey, FeedObject, FeedSink, FeedState, FeedVersion, FleetingObject};
use crate::identity::GroupId;

/// What a replica published of a group and was not taken in yet.
#[derive(Debug, Default)]
pub(super) struct Publication {
    /// All that the state has; the objects came after it.
    pub(super) replace: Option<FeedState>,
    pub(super) objects: BTreeMap<FeedKey, FeedObject>,
    /// How far the replica had come with them.
    pub(super) head: FeedVersion,
}

#[derive(Default)]
pub(super) struct Papers {
    /// Groups whose states were replaced; what waits of them came later.
    pub(super) reopened: BTreeSet<GroupId>,
    pub(super) publications: BTreeMap<GroupId, Publication>,
    pub(super) fleeting: BTreeMap<(GroupId, FeedKey), FleetingObject>,
    /// Whether this node is the home of the groups it replicates.
    pub(super) homes: BTreeMap<GroupId, bool>,
    pub(super) sinks: Vec<Arc<dyn FeedSink>>,
}

#[derive(Default)]
pub(super) struct Desk {
    papers: Mutex<Papers>,
    pub(super) woken: Notify,
}

impl Desk {
    pub(super) fn publish(&self, group: GroupId, head: FeedVersion, objects: Vec<FeedObject>, is_home: bool) {
        self.leave(|papers| {
            papers.homes.insert(group, is_home);
            if objects.is_empty() {
                return;
            }
            let publication = papers.publications.entry(group).or_default();
            publication.head = publication.head.max(head);
            for object in objects {
                add(&mut publication.objects, object);
            }
        });
    }

    pub(super) fn replace_all(&self, group: GroupId, state: FeedState, is_home: bool) {
        self.leave(|papers| {
            papers.homes.insert(group, is_home);
            let publication = papers.publications.entry(group).or_default();
            publication.head = publication.head.max(state.head);
            // What else waited is part of the state.
            publication.objects.retain(|_key, object| object.version.index > state.head.index);
            publication.replace = Some(state);
        });
    }

    pub(super) fn reopen(&self, group: GroupId) {
        self.leave(|papers| {
            papers.reopened.insert(group);
            if let Some(publication) = papers.publications.get_mut(&group) {
                publication.replace = None;
            }
        });
    }

    pub(super) fn publish_fleeting(&self, group: GroupId, key: FeedKey, seq: (u64, u64), body: Bytes) {
        self.leave(|papers| {
            let object = FleetingObject { group, key: key.clone(), seq, body };
            let waiting = papers.fleeting.entry((group, key)).or_insert_with(|| object.clone());
            if object.seq > waiting.seq {
                *waiting = object;
            }
        });
    }

    pub(super) fn set_home(&self, group: GroupId, is_home: bool) {
        self.leave(|papers| {
            papers.homes.insert(group, is_home);
        });
    }

    pub(super) fn subscribe(&self, sink: Arc<dyn FeedSink>) {
        self.leave(|papers| papers.sinks.push(sink));
    }

    /// Puts back what could not be taken in; what was left meanwhile is newer.
    pub(super) fn put_back(&self, group: GroupId, publication: Publication) {
        let mut papers = self.papers.lock();
        match papers.publications.get_mut(&group) {
            None => {
                papers.publications.insert(group, publication);
            }
            Some(waiting) if waiting.replace.is_none() => {
                waiting.replace = publication.replace;
                waiting.head = waiting.head.max(publication.head);
                for object in publication.objects.into_values() {
                    add(&mut waiting.objects, object);
                }
            }
            // The whole state is newer than what came before it.
            Some(_) => {}
        }
    }

    pub(super) fn take(&self) -> Papers {
        std::mem::take(&mut *self.papers.lock())
    }

    fn leave(&self, leave: impl FnOnce(&mut Papers)) {
        leave(&mut self.papers.lock());
        self.woken.notify_one();
    }
}

fn add(objects: &mut BTreeMap<FeedKey, FeedObject>, object: FeedObject) {
    let is_newer = objects.get(&object.key).is_none_or(|waiting| object.version >= waiting.version);
    if is_newer {
        objects.insert(object.key.clone(), object);
    }
}
