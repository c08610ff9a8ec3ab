//! Encrypted files: who may open them, and what can be seen in them.

use std::fs;

use bytes::Bytes;
use marquee_replication::{
    FileRefusal, Group, GroupId, GroupNetwork, StorageKey, Store, StoreError, StoreOptions, inspect,
};

use crate::journal::{Journal, read_lines};
use crate::{Clock, group_options, store_options};

const SECRET: &str = "row 7, seat 12, for ada@example.org";

fn key(first: u8) -> StorageKey {
    StorageKey::new(std::array::from_fn(|place| first.wrapping_add(place as u8))).unwrap()
}

async fn run(options: StoreOptions) -> u64 {
    let store = Store::open(options).unwrap();
    let group = Group::found(
        &store,
        &GroupNetwork::alone(),
        group_options(&Clock::default()),
        Journal::new(GroupId(1)),
    )
    .await
    .unwrap();
    let line = group.propose(Bytes::from_static(SECRET.as_bytes())).await.unwrap().line;
    group.close().await;
    store.close().await.unwrap();
    line
}

fn refusal(result: Result<Store, StoreError>) -> FileRefusal {
    let error = result.unwrap_err();
    let StoreError::Refused { refusal, .. } = error else { panic!("{error}") };
    refusal
}

fn contains(file: &[u8], text: &str) -> bool {
    file.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn encrypted_files_show_nothing_and_open_again_with_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { key: Some(key(1)), ..store_options(folder.path()) };
    assert_eq!(run(options.clone()).await, 0);
    assert_eq!(run(options.clone()).await, 1);
    for name in ["log.redb", "state.redb"] {
        assert!(!contains(&fs::read(folder.path().join(name)).unwrap(), SECRET), "{name}");
    }
    let inspection = inspect(&options).unwrap();
    let lines = read_lines(&inspection.begin_read().unwrap(), GroupId(1));
    assert!(lines.iter().all(|line| line.command == SECRET));
    drop(inspection);

    let plain = tempfile::tempdir().unwrap();
    run(store_options(plain.path())).await;
    assert!(contains(&fs::read(plain.path().join("log.redb")).unwrap(), SECRET), "the look finds plain text");
}

#[tokio::test]
async fn a_wrong_key_no_key_and_a_needless_key_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let plain = store_options(folder.path());
    let encrypted = StoreOptions { key: Some(key(1)), ..plain.clone() };
    run(encrypted.clone()).await;
    let before = fs::read(folder.path().join("log.redb")).unwrap();
    assert_eq!(refusal(Store::open(plain)), FileRefusal::KeyNeeded);
    let wrong = StoreOptions { key: Some(key(2)), ..encrypted.clone() };
    assert_eq!(refusal(Store::open(wrong)), FileRefusal::WrongKey);
    assert!(fs::read(folder.path().join("log.redb")).unwrap() == before, "a refusal changes nothing");
    assert_eq!(run(encrypted).await, 1);

    let folder = tempfile::tempdir().unwrap();
    let plain = store_options(folder.path());
    run(plain.clone()).await;
    let needless = StoreOptions { key: Some(key(1)), ..plain.clone() };
    assert_eq!(refusal(Store::open(needless)), FileRefusal::NotEncrypted);
    assert_eq!(run(plain).await, 1);
}

#[tokio::test]
async fn a_file_under_the_other_ones_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions { key: Some(key(1)), ..store_options(folder.path()) };
    run(options.clone()).await;
    fs::copy(folder.path().join("state.redb"), folder.path().join("log.redb")).unwrap();
    assert_eq!(refusal(Store::open(options)), FileRefusal::WrongKey);
}

#[test]
fn a_key_of_equal_halves_is_refused_and_no_key_is_printed() {
    assert!(StorageKey::new([7; 64]).is_err());
    assert_eq!(format!("{:?}", key(1)), "StorageKey(..)");
}
