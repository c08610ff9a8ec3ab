//! The power goes off at every write, sync and change of length of a workload, over both files.
//!
//! After each cut the node starts from what survived. Nothing that was answered may be lost, no
//! command may be there twice, and the state must be what the log says.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use marquee_replication::{
    Group, GroupId, GroupNetwork, GroupOptions, ProposeError, StorageKey, Store, StoreError, StoreOptions,
};
use redb::backends::InMemoryBackend;
use redb::{Builder, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};

use crate::disk::{Dice, Disk, Power};
use crate::journal::{Journal, Line, read_lines, read_seen};
use crate::{Clock, group_options};

const GROUP: GroupId = GroupId(1);
const CALLERS: u64 = 3;
const ROUNDS: u64 = 6;

/// Both files of a node, as bytes.
#[derive(Clone, Default)]
pub(crate) struct Files {
    pub(crate) log: Vec<u8>,
    pub(crate) state: Vec<u8>,
}

/// Both files of a node, on disks.
struct Disks {
    log: Disk,
    state: Disk,
}

impl Disks {
    fn new(files: Files, power: &Power) -> Self {
        Self { log: Disk::new(files.log, power), state: Disk::new(files.state, power) }
    }

    fn survivors(&self, dice: &mut Dice) -> Files {
        Files { log: self.log.survivors(dice), state: self.state.survivors(dice) }
    }

    fn content(&self) -> Files {
        Files { log: self.log.content(), state: self.state.content() }
    }

    fn open(&self, key: Option<&StorageKey>) -> Result<Store, StoreError> {
        let options = StoreOptions {
            cache_bytes: 8 << 20,
            key: key.cloned(),
            sync_interval: Duration::from_millis(2),
            ..StoreOptions::new("disks")
        };
        Store::open_with(self.log.clone(), self.state.clone(), options)
    }
}

/// What the callers know when the power is off.
#[derive(Default)]
struct Known {
    answered: BTreeMap<Bytes, u64>,
    asked: Vec<Bytes>,
}

/// How the log is kept.
#[derive(Clone, Copy, PartialEq)]
enum Keeping {
    /// All of it, so that the state can be compared with it.
    All,
    /// Purged as soon as may be.
    Little,
}

fn options(keeping: Keeping) -> GroupOptions {
    let log_entries_kept = match keeping {
        Keeping::All => u64::MAX,
        Keeping::Little => 1,
    };
    GroupOptions { log_entries_kept, ..group_options(&Clock::default()) }
}

/// Callers that propose one command after the other, until they are through or the power is off.
/// Closes everything.
async fn work(disks: &Disks, key: Option<&StorageKey>, keeping: Keeping, name: &str) -> Known {
    let mut known = Known::default();
    let Ok(store) = disks.open(key) else {
        return known;
    };
    if let Ok(group) =
        Group::found(&store, &GroupNetwork::alone(), options(keeping), Journal::new(GROUP)).await
    {
        let callers = (0..CALLERS).map(async |caller| {
            let mut answered = Vec::new();
            for round in 0..ROUNDS {
                let command = Bytes::from(format!("{name}/{caller}/{round}"));
                match group.propose(command.clone()).await {
                    Ok(written) => answered.push((command, Some(written.line))),
                    Err(ProposeError::OutcomeUnknown) => answered.push((command, None)),
                    Err(ProposeError::Stopped) => {}
                    Err(refusal) => panic!("{refusal}"),
                }
            }
            answered
        });
        for (command, line) in join_all(callers).await.concat() {
            known.asked.push(command.clone());
            known.answered.extend(line.map(|line| (command, line)));
        }
        group.close().await;
    }
    // The power may go off while it closes, too.
    let _ = store.close().await;
    known
}

/// Starts from the files and checks what is there; gives the files after an orderly stop.
async fn check(files: Files, key: Option<&StorageKey>, keeping: Keeping, known: &[Known]) -> Files {
    let disks = Disks::new(files, &Power::steady());
    let store = disks.open(key).unwrap();
    let group =
        Group::found(&store, &GroupNetwork::alone(), options(keeping), Journal::new(GROUP)).await.unwrap();
    let state = group.snapshot().unwrap();
    let lines = read_lines(&state, GROUP);
    let seen = read_seen(&state, GROUP);
    drop(state);

    for (command, line) in known.iter().flat_map(|known| &known.answered) {
        assert_eq!(&lines[*line as usize].command, command, "what was answered is there, where it was");
    }
    assert!(seen.values().all(|times| *times == 1), "no command is applied twice");
    assert_eq!(seen.len(), lines.len());
    let asked = known.iter().flat_map(|known| &known.asked);
    let asked: std::collections::BTreeSet<_> = asked.collect();
    assert!(seen.keys().all(|command| asked.contains(command)), "nothing is there that was not asked");
    assert!(lines.is_sorted_by_key(|line| (line.index, line.now_ms)));

    group.close().await;
    store.close().await.unwrap();
    let files = disks.content();
    if keeping == Keeping::All && key.is_none() {
        assert_eq!(lines, replay(&files.log), "the state is what the log says");
    }
    files
}

/// What a journal is according to the log alone, read by the documented format.
fn replay(log: &[u8]) -> Vec<Line> {
    const ENTRIES: TableDefinition<'_, (u64, u64), &[u8]> = TableDefinition::new("log.entries");
    const COMMANDS: u8 = 1;
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes[..8].try_into().unwrap());
    let short = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().unwrap()) as usize;

    let memory = InMemoryBackend::new();
    memory.set_len(log.len() as u64).unwrap();
    memory.write(0, log).unwrap();
    let database = Builder::new().create_with_backend(memory).unwrap();
    let entries = database.begin_read().unwrap().open_table(ENTRIES).unwrap();
    let mut lines = Vec::new();
    for entry in entries.iter().unwrap() {
        let (key, record) = entry.unwrap();
        let (head, batch) = record.value().split_at(4 + 1 + 1 + 8);
        if head[5] != COMMANDS {
            continue;
        }
        let now_ms = number(&batch[1..]);
        let count = short(&batch[9..]);
        let mut command = &batch[13 + 4 * count..];
        for length in batch[13..][..4 * count].chunks_exact(4) {
            let (this, rest) = command.split_at(short(length));
            lines.push(Line { index: key.value().1, now_ms, command: Bytes::copy_from_slice(this) });
            command = rest;
        }
    }
    lines
}

/// Cuts the power at every `step`th operation of the workload on the files, each cut followed by
/// another one while the node starts again, and by an undisturbed start.
async fn cut_everywhere(files: &Files, key: Option<&StorageKey>, keeping: Keeping, first: u64, step: u64) {
    let earlier = known_of(files, key).await;
    let power = Power::steady();
    work(&Disks::new(files.clone(), &power), key, keeping, "measure").await;
    let operations = power.operations();
    assert!(operations > 30, "the workload is {operations} operations long");
    let mut survived = 0;
    for cut in (first..operations).step_by(usize::try_from(step).unwrap()) {
        let mut dice = Dice::new(cut + 1);
        let disks = Disks::new(files.clone(), &Power::cut_at(cut));
        let known = work(&disks, key, keeping, "first").await;
        survived += known.answered.len();
        let files = disks.survivors(&mut dice);

        let disks = Disks::new(files, &Power::cut_at(dice.roll(60)));
        let known_again = work(&disks, key, keeping, "second").await;
        let files = disks.survivors(&mut dice);
        let known = [earlier.clone(), known, known_again];
        let files = check(files, key, keeping, &known).await;
        check(files, key, keeping, &known).await;
    }
    assert!(survived > 0, "some commands were answered before some cuts");
}

impl Clone for Known {
    fn clone(&self) -> Self {
        Self { answered: self.answered.clone(), asked: self.asked.clone() }
    }
}

/// What is in the files of a stopped node.
async fn known_of(files: &Files, key: Option<&StorageKey>) -> Known {
    if files.log.is_empty() {
        return Known::default();
    }
    let disks = Disks::new(files.clone(), &Power::steady());
    let store = disks.open(key).unwrap();
    let lines = read_lines(&store.snapshot().unwrap(), GROUP);
    store.close().await.unwrap();
    let asked = lines.iter().map(|line| line.command.clone()).collect();
    Known { answered: lines.into_iter().map(|line| line.command).zip(0..).collect(), asked }
}

/// The files after some orderly work.
async fn used(key: Option<&StorageKey>, keeping: Keeping) -> Files {
    let disks = Disks::new(Files::default(), &Power::steady());
    work(&disks, key, keeping, "before").await;
    disks.content()
}

fn key() -> StorageKey {
    StorageKey::new(std::array::from_fn(|place| place as u8)).unwrap()
}

#[tokio::test]
async fn a_node_survives_a_power_cut_at_any_operation() {
    let files = used(None, Keeping::All).await;
    cut_everywhere(&files, None, Keeping::All, 0, 1).await;
}

#[tokio::test]
async fn a_node_survives_a_power_cut_while_its_files_are_made() {
    cut_everywhere(&Files::default(), None, Keeping::All, 0, 2).await;
}

#[tokio::test]
async fn a_node_survives_a_power_cut_while_it_purges_its_log() {
    let files = used(None, Keeping::Little).await;
    cut_everywhere(&files, None, Keeping::Little, 0, 2).await;
}

#[tokio::test]
async fn an_encrypted_node_survives_a_power_cut() {
    let key = key();
    let files = used(Some(&key), Keeping::Little).await;
    cut_everywhere(&files, Some(&key), Keeping::Little, 0, 5).await;
}

#[tokio::test]
async fn an_encrypted_node_survives_a_power_cut_while_its_files_are_made() {
    cut_everywhere(&Files::default(), Some(&key()), Keeping::Little, 0, 5).await;
}

#[tokio::test]
async fn a_cut_stops_the_store_and_everyone_hears_of_it() {
    let power = Power::steady();
    let disks = Disks::new(Files::default(), &power);
    let store = disks.open(None).unwrap();
    let group = Group::found(&store, &GroupNetwork::alone(), options(Keeping::All), Journal::new(GROUP))
        .await
        .unwrap();
    group.propose(Bytes::from_static(b"before")).await.unwrap();
    power.cut();
    let unanswered = group.propose(Bytes::from_static(b"after")).await.unwrap_err();
    assert!(matches!(unanswered, ProposeError::OutcomeUnknown | ProposeError::Stopped), "{unanswered}");
    let failure = store.failed().await;
    assert!(failure.to_string().contains("the power is off"), "{failure}");
    group.close().await;
    assert!(matches!(store.close().await, Err(StoreError::Broken(_))));
}
