//! The latest records by number and by idempotency key, up to a bound.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

/// Records numbered in the order of their arrival. The oldest leaves when the shelf is full, and its key with it.
pub(super) struct Shelf<T> {
    /// The number of the oldest record that is still here.
    first: u64,
    records: VecDeque<(Arc<str>, T)>,
    by_key: HashMap<Arc<str>, u64>,
    capacity: usize,
}

impl<T> Shelf<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { first: 0, records: VecDeque::new(), by_key: HashMap::new(), capacity: capacity.max(1) }
    }

    /// The number that the next record gets.
    pub(super) fn next(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    pub(super) fn number_of(&self, key: &str) -> Option<u64> {
        self.by_key.get(key).copied()
    }

    pub(super) fn get(&self, number: u64) -> Option<&T> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.records.get(place).map(|(_, record)| record)
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.records.get_mut(place).map(|(_, record)| record)
    }

    /// The number of the record that has to leave before the next can come.
    pub(super) fn crowded_out(&self) -> Option<u64> {
        (self.records.len() == self.capacity).then_some(self.first)
    }

    /// Takes the oldest record off.
    pub(super) fn remove_oldest(&mut self) -> Option<T> {
        let (key, record) = self.records.pop_front()?;
        self.by_key.remove(&key);
        self.first += 1;
        Some(record)
    }

    /// Adds a record. The caller has looked the key up and made room.
    pub(super) fn push(&mut self, key: Arc<str>, record: T) -> u64 {
        assert!(self.crowded_out().is_none(), "no room was made");
        debug_assert!(!self.by_key.contains_key(&key), "the key is taken");
        let number = self.next();
        self.by_key.insert(Arc::clone(&key), number);
        self.records.push_back((key, record));
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_leaves_with_its_key_and_numbers_go_on() {
        let mut shelf = Shelf::new(2);
        for (number, key) in ["a", "b", "c"].into_iter().enumerate() {
            shelf.crowded_out().and_then(|_| shelf.remove_oldest());
            assert_eq!(shelf.push(key.into(), key), number as u64);
        }
        assert_eq!((shelf.number_of("a"), shelf.get(0)), (None, None));
        assert_eq!((shelf.number_of("b"), shelf.get(1)), (Some(1), Some(&"b")));
        assert_eq!((shelf.crowded_out(), shelf.next()), (Some(1), 3));
        assert_eq!(shelf.get(3), None);
        assert_eq!(shelf.remove_oldest(), Some("b"));
        assert_eq!(shelf.push("a".into(), "again"), 3);
        assert_eq!(shelf.number_of("a"), Some(3));
    }
}
