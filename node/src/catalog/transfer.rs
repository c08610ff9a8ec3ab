//! How a venue's entities move to another group, with what its ledger has of it.
//!
//! The catalog's part of each step of [`marquee_ledger::transfer`] is in the same log entry as the ledger's. Entities are
//! whole objects, and few: they are copied before the venue is frozen; when it is, those that differ are sent again, and
//! the *manifest* names all that there is, each with its hash. The destination settles when it has just these.
//!
//! Nothing is told when a venue departs or is forgotten: every node goes on with what it knows. When the venue has
//! settled, all of it is told by its new group, with stamps above those of its former one.

use marquee_ledger::transfer::{Blob, KeptAnswer};
use serde::{Deserialize, Serialize};

/// A step of a venue's move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the ledger does.
    pub ledger: marquee_ledger::transfer::Step,
    /// Entities that go with an arriving piece.
    pub items: Vec<Item>,
    /// All that there is, when the venue settles.
    pub manifest: Option<Manifest>,
    /// Answers that keys were given for what was asked of the catalog.
    pub answers: Vec<KeptAnswer>,
}

/// A record of the catalog on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which.
    pub name: ItemName,
    /// As it stands in its table.
    pub record: Blob,
}

/// Which record of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemName {
    /// What it is.
    pub kind: ItemKind,
    /// Its id; that of its hall for a seat map.
    pub id: u128,
    /// A seat map's version; 0 for the others.
    pub version: u32,
}

/// Something that was written after an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedItem {
    /// What.
    pub name: ItemName,
    /// The hash of its record.
    pub hash: u128,
    /// What people call it; of a performance, what was done with it, if that is not all of it.
    pub label: String,
    /// When, in milliseconds since 1970.
    pub updated_ms: u64,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ItemKind {
    /// A venue.
    Venue,
    /// A hall.
    Hall,
    /// A version of a hall's seat map.
    Map,
    /// A performance.
    Performance,
}

/// All that there is of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Each with the hash of its record; that of a seat map, which never changes, is 0.
    pub items: Vec<(ItemName, u128)>,
    /// The last number that an id of the source has: whoever takes over counts on from there.
    pub counter: u64,
    /// No news of it that the source has told, or will tell, has a higher stamp.
    pub stamp: u64,
}

/// Where a venue stands with a group's catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Passage {
    /// The epoch of the group's placement of it.
    pub(super) epoch: u64,
    /// How far it is.
    pub(super) stage: PassageStage,
}

/// How far a venue is with a group's catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum PassageStage {
    /// It is written here.
    Owned,
    /// Nobody writes to it.
    Frozen,
    /// It is not here whole yet.
    Arriving,
    /// It is not here any more.
    Gone,
}

impl PassageStage {
    /// Whether the group has the last word on what the venue is.
    pub(super) const fn is_here(self) -> bool {
        match self {
            Self::Owned | Self::Frozen => true,
            Self::Arriving | Self::Gone => false,
        }
    }
}

/// The hash by which a manifest knows a record.
#[must_use]
pub fn hash_of(record: &[u8]) -> u128 {
    let mut hash = [0; 16];
    blake3::Hasher::new().update(record).finalize_xof().fill(&mut hash);
    u128::from_le_bytes(hash)
}

/// The venue that an id names.
pub(super) const fn owner_in(id: u128) -> u32 {
    (id >> 48) as u32
}
