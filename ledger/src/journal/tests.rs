use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase};

use super::*;

const TABLE: &str = "journal";
const OWNER: u32 = 7;

struct Book {
    state: Database,
    journal: Journal,
    index: u64,
}

impl Book {
    fn new(keys_max: usize) -> Self {
        let state = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let mut book = Self { state, journal: Journal::new(TABLE, keys_max), index: 0 };
        book.reopen(keys_max);
        book
    }

    fn reopen(&mut self, keys_max: usize) {
        self.journal = Journal::new(TABLE, keys_max);
        let state = self.state.begin_write().unwrap();
        self.journal.open(&state).unwrap();
        state.commit().unwrap();
    }

    /// One entry that answers each of these keys with its own number, `len` times over.
    fn entry(&mut self, keys: std::ops::Range<u128>, len: usize) {
        self.index += 1;
        let state = self.state.begin_write().unwrap();
        self.journal.begin(Position { index: self.index, now_ms: 1_000 - self.index }).unwrap();
        for id in keys {
            self.journal.record(Key { id, body: id }, OWNER, &vec![id as u8; len]);
        }
        self.journal.finish(&state, &self.index.to_le_bytes()).unwrap();
        state.commit().unwrap();
    }

    fn find(&self, id: u128) -> Found {
        let state = self.state.begin_write().unwrap();
        self.journal.find(&state, Key { id, body: id }).unwrap()
    }

    fn known(&self, keys: std::ops::Range<u128>) -> Vec<u128> {
        keys.filter(|id| self.find(*id) != Found::Nothing).collect()
    }
}

#[test]
fn a_repetition_gets_the_first_answer_and_another_body_none() {
    let mut book = Book::new(100);
    book.entry(1..4, 8);
    book.entry(4..5, 8);
    for _reopened in 0..2 {
        assert_eq!(book.find(2), Found::Answered { index: 1, answer: vec![2; 8] });
        assert_eq!(book.find(4), Found::Answered { index: 2, answer: vec![4; 8] });
        assert_eq!(book.find(5), Found::Nothing);
        let state = book.state.begin_write().unwrap();
        assert_eq!(book.journal.find(&state, Key { id: 2, body: 9 }).unwrap(), Found::Reused);
        drop(state);
        book.reopen(100);
    }
    assert_eq!(book.journal.memo(), 2u64.to_le_bytes());
}

#[test]
fn a_key_is_known_within_its_own_entry() {
    let mut book = Book::new(100);
    let state = book.state.begin_write().unwrap();
    book.journal.begin(Position { index: 1, now_ms: 1 }).unwrap();
    let key = Key { id: 7, body: 70 };
    book.journal.record(key, OWNER, b"first");
    assert_eq!(
        book.journal.find(&state, key).unwrap(),
        Found::Answered { index: 1, answer: b"first".to_vec() }
    );
}

#[test]
fn much_is_cut_into_chunks_and_found_again() {
    let mut book = Book::new(10_000);
    book.entry(0..200, 300);
    book.entry(200..201, 3 * CHUNK_LEN_MAX);
    book.reopen(10_000);
    for id in 0..200 {
        assert_eq!(book.find(id), Found::Answered { index: 1, answer: vec![id as u8; 300] });
    }
    assert_eq!(book.find(200), Found::Answered { index: 2, answer: vec![200; 3 * CHUNK_LEN_MAX] });
}

#[test]
fn which_keys_are_known_does_not_depend_on_when_the_process_started() {
    let mut book = Book::new(20);
    for entry in 0..60u128 {
        // Entries of one to four keys, so that generations end within entries and between them.
        let first = entry * 4;
        book.entry(first..first + 1 + entry % 4, 5);
        let known = book.known(0..first + 4);
        book.reopen(20);
        assert_eq!(book.known(0..first + 4), known, "after entry {entry}");
    }
    let known = book.known(0..240).len();
    assert!((10..=20).contains(&known), "{known} keys are known");
}

#[test]
fn time_does_not_run_backwards_and_entries_come_in_order() {
    let mut book = Book::new(10);
    book.entry(0..1, 1);
    assert_eq!(book.journal.head().now_ms, 999);
    assert_eq!(
        book.journal.begin(Position { index: 2, now_ms: 5 }).unwrap(),
        Position { index: 2, now_ms: 999 }
    );
    for index in [0, 1] {
        assert!(matches!(
            book.journal.begin(Position { index, now_ms: 5_000 }),
            Err(Broken::Contradiction { .. })
        ));
    }
}

#[test]
fn an_entry_without_rows_leaves_no_trace() {
    let mut book = Book::new(10);
    book.entry(0..1, 1);
    let head = book.journal.head();
    book.entry(0..0, 1);
    assert_eq!(book.journal.head(), head);
    book.entry(1..2, 1);
    assert_eq!(book.journal.head().index, 3);
    assert_ne!(book.journal.head().hash, head.hash);
    let snapshot = book.state.begin_read().unwrap();
    assert_eq!(link_at(&snapshot, TABLE, 1).unwrap(), Some(head));
    assert_eq!(link_at(&snapshot, TABLE, 2).unwrap(), None);
    assert_eq!(super::head(&snapshot, TABLE).unwrap(), Some(book.journal.head()));
}
