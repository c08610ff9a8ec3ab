//! The tables of `feed.redb`, and which object wins.
//!
//! | table | key | value |
//! |---|---|---|
//! | objects | kind, id | the object, or its tombstone |
//! | order | group, index, key | – |
//! | graves | group, index, key of tombstones | – |
//! | heads | group | how far the group has come here |
//! | closed | 0 | –, if the file was closed in order, and so has everything that it had |
//!
//! A row of `order` or `graves` counts only when the object says the same, so that one that is left over does no harm.

use std::collections::{BTreeMap, BTreeSet};

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::error::FeedStoreError;
use super::object::{FeedKey, FeedObject, FeedState, FeedVersion};
use super::record::{HeadRecord, decode_object, encode_object};
use crate::identity::GroupId;

pub(super) type OrderKey = (u64, u64, &'static [u8]);

pub(super) const OBJECTS: TableDefinition<'static, &'static [u8], &'static [u8]> =
    TableDefinition::new("objects");
pub(super) const ORDER: TableDefinition<'static, OrderKey, ()> = TableDefinition::new("order");
const GRAVES: TableDefinition<'static, OrderKey, ()> = TableDefinition::new("graves");
pub(super) const CLOSED: TableDefinition<'static, u64, ()> = TableDefinition::new("closed");
pub(super) const HEADS: TableDefinition<'static, u64, &'static [u8]> = TableDefinition::new("heads");

pub(super) type Heads = BTreeMap<GroupId, HeadRecord>;

/// The tables, open for writing.
pub(super) struct Tables<'t> {
    objects: Table<'t, &'static [u8], &'static [u8]>,
    order: Table<'t, OrderKey, ()>,
    graves: Table<'t, OrderKey, ()>,
    heads: Table<'t, u64, &'static [u8]>,
    /// Heads that were written.
    pub(super) come: Heads,
    /// Whether a damaged record was met.
    pub(super) is_rotten: bool,
}

impl<'t> Tables<'t> {
    pub(super) fn open(write: &'t WriteTransaction) -> Result<Self, FeedStoreError> {
        Ok(Self {
            objects: write.open_table(OBJECTS)?,
            order: write.open_table(ORDER)?,
            graves: write.open_table(GRAVES)?,
            heads: write.open_table(HEADS)?,
            come: Heads::new(),
            is_rotten: false,
        })
    }

    fn find(&mut self, key: &[u8]) -> Result<Option<FeedObject>, FeedStoreError> {
        let Some(record) = self.objects.get(key)? else { return Ok(None) };
        match decode_object(key, record.value()) {
            Ok(object) => Ok(Some(object)),
            Err(_damaged) => {
                self.is_rotten = true;
                Ok(None)
            }
        }
    }

    pub(super) fn head(&self, group: GroupId) -> Result<HeadRecord, FeedStoreError> {
        let record = self.heads.get(group.0)?;
        Ok(record.map(|record| HeadRecord::decode(group.0, record.value())).transpose()?.unwrap_or_default())
    }

    pub(super) fn set_head(&mut self, group: GroupId, head: HeadRecord) -> Result<(), FeedStoreError> {
        self.heads.insert(group.0, head.encode(group.0).as_slice())?;
        self.come.insert(group, head);
        Ok(())
    }

    /// Stores an object when it is newer than what is there. What comes back is to be told.
    pub(super) fn offer(&mut self, object: FeedObject) -> Result<Option<FeedObject>, FeedStoreError> {
        let key = object.key.encode();
        let stored = self.find(&key)?;
        if stored.as_ref().is_some_and(|stored| object.version <= stored.version) {
            return Ok(None);
        }
        self.put(&key, stored, object)
    }

    fn put(
        &mut self,
        key: &[u8],
        stored: Option<FeedObject>,
        object: FeedObject,
    ) -> Result<Option<FeedObject>, FeedStoreError> {
        if let Some(stored) = &stored {
            let place = (stored.group.0, stored.version.index, key);
            self.order.remove(place)?;
            self.graves.remove(place)?;
        }
        let place = (object.group.0, object.version.index, key);
        self.order.insert(place, ())?;
        if object.body.is_none() {
            self.graves.insert(place, ())?;
        }
        self.objects.insert(key, encode_object(key, &object).as_slice())?;
        let is_same = stored.is_some_and(|stored| stored.group == object.group && stored.body == object.body);
        Ok((!is_same).then_some(object))
    }

    /// Makes the group's objects what a replica's state has, as of the head. What is newer than the head stays. An object
    /// that is the same keeps its version, unless the copy `has_lost` something: then it may have been another in between,
    /// which somebody else still has under a higher version.
    pub(super) fn replace(
        &mut self,
        group: GroupId,
        state: FeedState,
        has_lost: bool,
    ) -> Result<Vec<FeedObject>, FeedStoreError> {
        let FeedState { head, objects, kept } = state;
        let mut changes = Vec::new();
        let mut there: BTreeSet<_> = kept.iter().map(FeedKey::encode).collect();
        for object in objects {
            there.insert(object.key.encode());
            changes.extend(self.replace_one(head, object, has_lost)?);
        }
        let is_other_log = head.epoch > self.head(group)?.head.epoch;
        let index_max = if is_other_log { u64::MAX } else { head.index };
        let gone = self.live(group, index_max)?;
        for key in gone.into_iter().filter(|key| !there.contains(key)) {
            changes.extend(self.bury(group, &key, head.index)?);
        }
        Ok(changes)
    }

    /// Whether these objects are there, whoever published them.
    pub(super) fn has_all(&mut self, keys: &[FeedKey]) -> Result<bool, FeedStoreError> {
        for key in keys {
            if self.find(&key.encode())?.is_none_or(|object| object.body.is_none()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn replace_one(
        &mut self,
        head: FeedVersion,
        mut object: FeedObject,
        has_lost: bool,
    ) -> Result<Option<FeedObject>, FeedStoreError> {
        let key = object.key.encode();
        let stored = self.find(&key)?;
        if let Some(stored) = &stored {
            let is_elsewhere = stored.version.epoch > object.version.epoch
                || (stored.group != object.group && stored.version > object.version);
            let is_newer = stored.version.epoch == object.version.epoch
                && stored.version.index > head.index.max(object.version.index);
            let is_equal = stored.group == object.group
                && stored.version.epoch == object.version.epoch
                && stored.body == object.body;
            if is_elsewhere || is_newer || (is_equal && !has_lost) {
                return Ok(None);
            }
            if object.version <= stored.version {
                // The state is right about what it is; it did not say since when.
                object.version.index = head.index;
            }
        }
        self.put(&key, stored, object)
    }

    /// The keys of the group's live objects up to an index.
    fn live(&mut self, group: GroupId, index_max: u64) -> Result<Vec<Vec<u8>>, FeedStoreError> {
        let mut keys = Vec::new();
        for row in self.order.range((group.0, 0, [].as_slice())..)? {
            let row = row?.0;
            let (row_group, index, key) = row.value();
            if row_group != group.0 || index > index_max {
                break;
            }
            keys.push((index, key.to_vec()));
        }
        let mut live = Vec::new();
        for (index, key) in keys {
            let is_live = self.find(&key)?.is_some_and(|object| {
                object.group == group && object.version.index == index && object.body.is_some()
            });
            if is_live {
                live.push(key);
            }
        }
        Ok(live)
    }

    /// Puts a tombstone in place of a group's object.
    fn bury(&mut self, group: GroupId, key: &[u8], index: u64) -> Result<Option<FeedObject>, FeedStoreError> {
        let stored = self.find(key)?;
        let Some(object) = stored.clone().filter(|stored| stored.group == group && stored.body.is_some())
        else {
            return Ok(None);
        };
        let version = FeedVersion { epoch: object.version.epoch, index };
        self.put(key, stored, FeedObject { version, body: None, ..object })
    }

    /// Buries what a snapshot did not have.
    pub(super) fn forget(
        &mut self,
        group: GroupId,
        keys: &[FeedKey],
        complete_to: FeedVersion,
    ) -> Result<Vec<FeedObject>, FeedStoreError> {
        let is_other_log = complete_to.epoch > self.head(group)?.head.epoch;
        let mut changes = Vec::new();
        for key in keys {
            let key = key.encode();
            let is_old = self
                .find(&key)?
                .is_some_and(|stored| is_other_log || stored.version.index <= complete_to.index);
            if is_old {
                changes.extend(self.bury(group, &key, complete_to.index)?);
            }
        }
        Ok(changes)
    }

    /// Drops the tombstones below an index, and raises the watermark to the highest that was dropped.
    pub(super) fn prune(&mut self, group: GroupId, below: u64) -> Result<(), FeedStoreError> {
        let mut rows = Vec::new();
        for row in self.graves.range((group.0, 0, [].as_slice())..(group.0, below, [].as_slice()))? {
            let row = row?.0;
            let (_group, index, key) = row.value();
            rows.push((index, key.to_vec()));
        }
        let mut watermark = 0;
        for (index, key) in rows {
            let place = (group.0, index, key.as_slice());
            self.graves.remove(place)?;
            let is_tombstone = self.find(&key)?.is_some_and(|object| {
                object.group == group && object.version.index == index && object.body.is_none()
            });
            if is_tombstone {
                self.order.remove(place)?;
                self.objects.remove(key.as_slice())?;
                watermark = index;
            }
        }
        let head = self.head(group)?;
        if watermark > head.watermark {
            self.set_head(group, HeadRecord { watermark, ..head })?;
        }
        Ok(())
    }

    /// Says that nothing is complete, so that everything is pulled again.
    pub(super) fn reset_heads(&mut self) -> Result<(), FeedStoreError> {
        let mut groups = Vec::new();
        for row in self.heads.iter()? {
            groups.push(GroupId(row?.0.value()));
        }
        for group in groups {
            let watermark = self.head(group).map(|head| head.watermark).unwrap_or_default();
            self.set_head(group, HeadRecord { head: FeedVersion::default(), watermark })?;
        }
        Ok(())
    }
}
