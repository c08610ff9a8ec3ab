//! The index on disk: following changes, opening again, healing, and being rebuilt while it serves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use marquee_search::document::{Class, Document, Key, Kind};
use marquee_search::index::{Emptied, Index, IndexError, Opened, Options};
use marquee_search::query::Query;

fn document(id: u128, title: &str) -> Document {
    Document::new(Key::single(Class::Event, id), Kind::Concert, title)
}

fn found(index: &Index, text: &str) -> BTreeSet<u128> {
    let results = index.search(&Query::new(text, Timestamp::UNIX_EPOCH), None).unwrap();
    results.hits.iter().map(|hit| hit.key.id).collect()
}

fn open(folder: &Path) -> (Index, Opened) {
    Index::open(folder, Options::default()).unwrap()
}

/// An index with one event, closed.
fn filled(folder: &Path) {
    let (index, opened) = open(folder);
    assert_eq!(opened, Opened::Empty { why: Emptied::Missing });
    let mut writer = index.writer().unwrap();
    writer.put(&document(1, "Aurora")).unwrap();
    writer.commit(b"\x00seven\xff").unwrap();
}

/// The files of the generation that serves.
fn files(folder: &Path) -> Vec<PathBuf> {
    let number = fs::read_to_string(folder.join("current")).unwrap();
    let generation = folder.join(format!("generation-{}", number.trim()));
    let mut files: Vec<PathBuf> =
        fs::read_dir(generation).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn changes_are_found_after_a_commit_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Whole { catalog: b"\x00seven\xff".to_vec() });
    assert_eq!(found(&index, "aurora"), BTreeSet::from([1]));

    let mut writer = index.writer().unwrap();
    assert!(matches!(index.writer(), Err(IndexError::Busy)));
    writer.put(&document(1, "Borealis")).unwrap();
    writer.put(&document(2, "Aurora")).unwrap();
    assert_eq!(found(&index, "aurora"), BTreeSet::from([1]), "nothing is found before it is committed");
    writer.commit(b"8").unwrap();
    assert_eq!(found(&index, "aurora"), BTreeSet::from([2]));
    assert_eq!(found(&index, "borealis"), BTreeSet::from([1]));

    let mut engagement = document(2, "Aurora");
    engagement.key = Key::engagement(2, 77);
    writer.put(&engagement).unwrap();
    writer.remove(Key::single(Class::Event, 1)).unwrap();
    writer.commit(b"9").unwrap();
    assert_eq!(found(&index, "borealis"), BTreeSet::new());
    assert_eq!((index.documents(), found(&index, "aurora")), (2, BTreeSet::from([2])));
    writer.remove_all_of(Class::Event, 2).unwrap();
    writer.commit(b"10").unwrap();
    assert_eq!(index.documents(), 0);
    // What is not committed is lost, and the caller knows from where to go on.
    writer.put(&document(3, "Lost")).unwrap();
    drop((writer, index));
    let (index, opened) = open(folder.path());
    assert_eq!(opened, Opened::Whole { catalog: b"10".to_vec() });
    assert_eq!(index.documents(), 0);
}

#[test]
fn a_damaged_index_heals() {
    let flip = |bytes: &mut Vec<u8>| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
    };
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2);
    let empty = |bytes: &mut Vec<u8>| bytes.clear();
    let healed: [usize; 3] = [heals(&flip), heals(&cut), heals(&empty)];
    assert!(healed.iter().all(|healed| *healed >= 5), "{healed:?} files were damaged");
}

/// Damages one file after the other, each of an index of its own, and tells how many were found damaged.
fn heals(damage: &dyn Fn(&mut Vec<u8>)) -> usize {
    let sample = tempfile::tempdir().unwrap();
    filled(sample.path());
    let mut healed = 0;
    for nth in 0..files(sample.path()).len() {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        let file = files(folder.path())[nth].clone();
        let mut bytes = fs::read(&file).unwrap();
        if bytes.is_empty() {
            // Locks are empty.
            continue;
        }
        damage(&mut bytes);
        fs::write(&file, bytes).unwrap();
        let (index, opened) = open(folder.path());
        let is_json = file.ends_with(".managed.json") || file.ends_with("meta.json");
        match opened {
            Opened::Empty { why: Emptied::Damaged(_) | Emptied::OtherVersion } => {
                assert_eq!(index.documents(), 0);
                healed += 1;
            }
            // One letter may be another and the file still be read.
            Opened::Whole { .. } if is_json => {}
            other @ (Opened::Whole { .. } | Opened::Empty { .. }) => {
                panic!("{} was damaged, but {other:?}", file.display())
            }
        }
        let mut writer = index.writer().unwrap();
        writer.put(&document(5, "Aurora")).unwrap();
        writer.commit(b"again").unwrap();
        assert!(found(&index, "aurora").contains(&5));
    }
    healed
}

#[test]
fn a_missing_or_foreign_index_is_made_anew() {
    let check = |harm: &dyn Fn(&Path), expected: fn(&Emptied) -> bool| {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        harm(folder.path());
        let (index, opened) = open(folder.path());
        assert!(matches!(&opened, Opened::Empty { why } if expected(why)), "{opened:?}");
        index.writer().unwrap().put(&document(1, "x")).unwrap();
        drop(index);
        // It stays as it was made, and old generations are gone.
        assert_eq!(open(folder.path()).1, Opened::Empty { why: Emptied::NeverFilled });
        let generations = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(generations, 2, "one generation and the file that names it");
    };
    check(&|folder| fs::remove_file(folder.join("current")).unwrap(), |why| *why == Emptied::Missing);
    check(&|folder| fs::write(folder.join("current"), "rubbish").unwrap(), |why| {
        matches!(why, Emptied::Damaged(_))
    });
    check(&|folder| fs::write(folder.join("current"), [0xff, 0xfe]).unwrap(), |why| {
        matches!(why, Emptied::Damaged(_))
    });
    check(&|folder| fs::write(folder.join("current"), "99").unwrap(), |why| {
        matches!(why, Emptied::Damaged(_))
    });
    check(&|folder| files(folder).iter().for_each(|file| fs::remove_file(file).unwrap()), |why| {
        matches!(why, Emptied::Damaged(_))
    });
    check(
        &|folder| {
            let meta = files(folder).into_iter().find(|file| file.ends_with("meta.json")).unwrap();
            let text = fs::read_to_string(&meta).unwrap();
            let other = text.replacen("\"payload\": \"1 ", "\"payload\": \"999 ", 1);
            assert_ne!(text, other);
            fs::write(&meta, other).unwrap();
        },
        |why| *why == Emptied::OtherVersion,
    );
}

#[test]
fn an_index_serves_while_it_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let (index, _) = open(folder.path());
    let mut writer = index.writer().unwrap();
    for id in 0..500 {
        writer.put(&document(id, "Old Song")).unwrap();
    }
    writer.commit(b"old").unwrap();

    // Searches see all of the old or all of the new, at every moment.
    let stop = Arc::new(AtomicBool::new(false));
    let (index_of_reader, stop_of_reader) = (index.clone(), Arc::clone(&stop));
    let searches = Arc::new(AtomicU64::new(0));
    let searches_of_reader = Arc::clone(&searches);
    let reader = std::thread::spawn(move || {
        while !stop_of_reader.load(Ordering::Relaxed) {
            let results = index_of_reader.search(&Query::new("song", Timestamp::UNIX_EPOCH), None).unwrap();
            let old = results.hits.iter().filter(|hit| hit.title.text == "Old Song").count();
            assert!(
                (results.total == 500 && old == results.hits.len()) || (results.total == 3_000 && old == 0),
                "{} of {}",
                old,
                results.total
            );
            searches_of_reader.fetch_add(1, Ordering::Relaxed);
        }
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let mut rebuild = index.rebuild(move |documents| telling.lock().unwrap().push(documents)).unwrap();
    for id in 0..3_000 {
        rebuild.put(&document(id, "Young Song")).unwrap();
    }
    // The old one can still be written, and changes of it are found.
    writer.put(&document(1_000, "Interlude")).unwrap();
    writer.commit(b"old and one").unwrap();
    assert_eq!(found(&index, "interlude"), BTreeSet::from([1_000]));
    writer.remove(Key::single(Class::Event, 1_000)).unwrap();
    writer.commit(b"old").unwrap();
    let mut young = rebuild.finish(b"new").unwrap();
    let until = searches.load(Ordering::Relaxed) + 3;
    while searches.load(Ordering::Relaxed) < until && !reader.is_finished() {
        std::thread::yield_now();
    }
    stop.store(true, Ordering::Relaxed);
    reader.join().unwrap();
    assert_eq!(*told.lock().unwrap(), [1_000, 2_000, 3_000, 3_000]);

    assert!(matches!(writer.put(&document(1, "x")), Err(IndexError::Superseded)));
    assert!(matches!(writer.commit(b"x"), Err(IndexError::Superseded)));
    young.put(&document(9_999, "Coda")).unwrap();
    young.commit(b"newer").unwrap();
    assert_eq!(found(&index, "coda"), BTreeSet::from([9_999]));
    drop((writer, young, index));
    let (index, opened) = open(folder.path());
    assert_eq!((opened, index.documents()), (Opened::Whole { catalog: b"newer".to_vec() }, 3_001));
}

#[test]
fn a_large_rebuild_keeps_where_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let (index, _) = open(folder.path());
    // More than a writer's memory takes, so that there are several segments to merge.
    let mut rebuild = index.rebuild(|_| {}).unwrap();
    for id in 0..40_000 {
        let mut document = document(id, &format!("Number {id} of many"));
        document.description = format!("{id} {} {}", id * 7_919, id * 104_729);
        rebuild.put(&document).unwrap();
    }
    drop(rebuild.finish(b"began here").unwrap());
    assert_eq!(found(&index, "39999"), BTreeSet::from([39_999]));
    drop(index);
    let (index, opened) = open(folder.path());
    assert_eq!((opened, index.documents()), (Opened::Whole { catalog: b"began here".to_vec() }, 40_000));
}

#[test]
fn a_rebuild_that_is_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let (index, _) = open(folder.path());
    let mut rebuild = index.rebuild(|_| {}).unwrap();
    rebuild.put(&document(2, "Half")).unwrap();
    drop(rebuild);
    assert_eq!(found(&index, "aurora"), BTreeSet::from([1]));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert!(index.writer().is_ok());
}
