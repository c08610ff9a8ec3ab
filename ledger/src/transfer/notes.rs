//! What changed since: the tables of a ledger, with a notebook.
//!
//! A venue's rows can be written through [`NotedRows`] and [`NotedTasks`] only, and these note the names of those that
//! belong to a venue that is being copied. An entry's notes are one record, under the venue and the entry's index.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::rc::Rc;

use redb::{ReadableTable, Table};

use super::rows::{RowName, Shelf};
use crate::broken::Broken;
use crate::change::Task;
use crate::record;

type Bytes = &'static [u8];

/// The rows of copied venues that the entry under way has written.
#[derive(Default)]
pub(crate) struct Notebook(RefCell<Notes>);

#[derive(Default)]
struct Notes {
    venues: BTreeSet<u32>,
    rows: BTreeMap<u32, BTreeSet<RowName>>,
}

impl Notebook {
    pub(crate) fn new(venues: BTreeSet<u32>) -> Rc<Self> {
        Rc::new(Self(RefCell::new(Notes { venues, rows: BTreeMap::new() })))
    }

    /// Begins or ends to note a venue's rows.
    pub(crate) fn set(&self, venue: u32, is_noted: bool) {
        let mut notes = self.0.borrow_mut();
        if is_noted {
            notes.venues.insert(venue);
        } else {
            notes.venues.remove(&venue);
            notes.rows.remove(&venue);
        }
    }

    /// What was noted, by venue; nothing is noted after it.
    pub(crate) fn take(&self) -> BTreeMap<u32, BTreeSet<RowName>> {
        std::mem::take(&mut self.0.borrow_mut().rows)
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().venues.is_empty()
    }

    fn note(&self, venue: u32, shelf: Shelf, key: &[u8]) {
        let mut notes = self.0.borrow_mut();
        if notes.venues.contains(&venue) {
            notes.rows.entry(venue).or_default().insert(RowName::new(shelf, key));
        }
    }
}

/// A table whose keys begin with an id, which names the venue.
pub(crate) struct NotedRows<'t, const N: usize> {
    rows: Table<'t, &'static [u8; N], Bytes>,
    shelf: Shelf,
    notebook: Rc<Notebook>,
}

impl<'t, const N: usize> NotedRows<'t, N> {
    pub(crate) const fn new(
        rows: Table<'t, &'static [u8; N], Bytes>,
        shelf: Shelf,
        notebook: Rc<Notebook>,
    ) -> Self {
        Self { rows, shelf, notebook }
    }

    pub(crate) fn insert(&mut self, key: &[u8; N], record: &[u8]) -> Result<(), Broken> {
        self.note(key);
        self.rows.insert(key, record)?;
        Ok(())
    }

    pub(crate) fn remove(&mut self, key: &[u8; N]) -> Result<(), Broken> {
        self.note(key);
        self.rows.remove(key)?;
        Ok(())
    }

    /// Removes the rows from one key to another, both included.
    pub(crate) fn remove_range(&mut self, first: &[u8; N], last: &[u8; N]) -> Result<(), Broken> {
        let (shelf, notebook) = (self.shelf, &self.notebook);
        self.rows.retain_in::<&[u8; N], _>(first..=last, |key, _record| {
            if !notebook.is_empty() {
                notebook.note(venue_in(key), shelf, key);
            }
            false
        })?;
        Ok(())
    }

    fn note(&self, key: &[u8; N]) {
        if !self.notebook.is_empty() {
            self.notebook.note(venue_in(key), self.shelf, key);
        }
    }
}

impl<'t, const N: usize> Deref for NotedRows<'t, N> {
    type Target = Table<'t, &'static [u8; N], Bytes>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

/// The outbox: its tasks name the venue.
pub(crate) struct NotedTasks<'t> {
    rows: Table<'t, u64, Bytes>,
    notebook: Rc<Notebook>,
}

impl<'t> NotedTasks<'t> {
    pub(crate) const fn new(rows: Table<'t, u64, Bytes>, notebook: Rc<Notebook>) -> Self {
        Self { rows, notebook }
    }

    pub(crate) fn insert(&mut self, number: u64, task: &Task) -> Result<(), Broken> {
        self.notebook.note(task.owner(), Shelf::Task, &number.to_be_bytes());
        self.rows.insert(number, record::encode(task).as_slice())?;
        Ok(())
    }

    /// A task that is gone already is passed over.
    pub(crate) fn remove(&mut self, number: u64) -> Result<(), Broken> {
        if !self.notebook.is_empty()
            && let Some(bytes) = self.rows.get(number)?
        {
            let task: Task = record::decode(bytes.value())?;
            self.notebook.note(task.owner(), Shelf::Task, &number.to_be_bytes());
        }
        self.rows.remove(number)?;
        Ok(())
    }
}

impl<'t> Deref for NotedTasks<'t> {
    type Target = Table<'t, u64, Bytes>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

/// The venue that the id at the beginning of a key names.
pub(crate) fn venue_in(key: &[u8]) -> u32 {
    let mut venue = [0; 4];
    if let Some(bytes) = key.get(6..10) {
        venue.copy_from_slice(bytes);
    }
    u32::from_be_bytes(venue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OrderId;

    #[test]
    fn a_key_names_its_venue() {
        let order = OrderId::from_parts(1_764_000_000_000, 0x0102_0304, 41);
        assert_eq!(venue_in(&order.0.to_be_bytes()), 0x0102_0304);
        assert_eq!(venue_in(&[0; 4]), 0);
    }
}
