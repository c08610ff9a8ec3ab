//! Where in the journal each lately used key was answered.

use std::collections::HashMap;

/// Where a row of the journal begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) index: u64,
    pub(super) chunk: u32,
    pub(super) offset: u32,
}

/// The index of keys: two generations of a fixed number of rows each. When the younger is full, the elder goes.
///
/// Which keys are known depends only on how many keyed rows the journal has, not on when a process started: replicas
/// must agree whether a key is a repetition. The maps are looked up, never iterated.
pub(super) struct Keys {
    generation_len: u64,
    young: HashMap<Id, Location>,
    old: HashMap<Id, Location>,
    /// How many keyed rows there are in the whole journal.
    rows: u64,
}

// Halves of a u128: aligned to eight bytes, an entry takes 32 bytes instead of 48.
type Id = (u64, u64);

const fn halves(id: u128) -> Id {
    ((id >> 64) as u64, id as u64)
}

impl Keys {
    /// At least half of `keys_max` and at most all of it are known at any time.
    pub(super) fn new(keys_max: usize) -> Self {
        let generation_len = (keys_max as u64 / 2).max(1);
        Self { generation_len, young: HashMap::new(), old: HashMap::new(), rows: 0 }
    }

    pub(super) const fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn find(&self, id: u128) -> Option<Location> {
        let id = halves(id);
        self.young.get(&id).or_else(|| self.old.get(&id)).copied()
    }

    /// Adds the next keyed row.
    pub(super) fn push(&mut self, id: u128, at: Location) {
        self.young.insert(halves(id), at);
        self.rows += 1;
        if self.rows.is_multiple_of(self.generation_len) {
            std::mem::swap(&mut self.young, &mut self.old);
            // Cleared, not replaced: its memory serves the next generation.
            self.young.clear();
        }
    }

    /// Starts over, for a journal of so many keyed rows; the rows from the number returned on are to be restored.
    pub(super) fn restart(&mut self, rows: u64) -> u64 {
        self.young.clear();
        self.old.clear();
        self.rows = rows;
        (rows / self.generation_len).saturating_sub(1) * self.generation_len
    }

    /// Puts back the keyed row with this number, counted from 0.
    pub(super) fn restore(&mut self, number: u64, id: u128, at: Location) {
        let young = number / self.generation_len == self.rows / self.generation_len;
        let generation = if young { &mut self.young } else { &mut self.old };
        generation.insert(halves(id), at);
    }
}
