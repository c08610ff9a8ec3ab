//! The commit pipeline alone: callers that propose one small command after the other, a machine
//! that writes a record for each, real files.
//!
//! `cargo bench -p marquee-replication`; the files lie under the target folder, so that they are on
//! a disk. A row's items are commands.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a benchmark reports, and stops by a panic")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use marquee_replication::{
    Group, GroupId, GroupNetwork, GroupOptions, Machine, MachineError, NodeId, Position, StorageKey, Store,
    StoreOptions, TableVisitor,
};
use redb::{ReadableTable, TableDefinition, WriteTransaction};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("g1.records");
const COMMAND: &[u8] = &[7; 64];

fn main() {
    divan::main();
}

/// Writes each command under the next number.
struct Recorder {
    next: u64,
}

impl Machine for Recorder {
    type Answer = u64;

    fn open(&mut self, state: &WriteTransaction) -> Result<(), MachineError> {
        let records = state.open_table(RECORDS)?;
        self.next = records.last()?.map_or(0, |(number, _)| number.value() + 1);
        Ok(())
    }

    fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), MachineError> {
        visitor.table(RECORDS)
    }

    fn apply(
        &mut self,
        state: &WriteTransaction,
        _at: Position,
        commands: &[Bytes],
        answers: &mut Vec<u64>,
    ) -> Result<(), MachineError> {
        let mut records = state.open_table(RECORDS)?;
        for command in commands {
            records.insert(self.next, &command[..])?;
            answers.push(self.next);
            self.next += 1;
        }
        Ok(())
    }

    fn committed(&mut self) {}
}

struct Node {
    runtime: Runtime,
    store: Option<Store>,
    group: Option<Group<Recorder>>,
    folder: PathBuf,
}

impl Node {
    fn open(name: &str, key: Option<StorageKey>) -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        let folder = target.join("bench-pipeline").join(format!("{name}-{}", std::process::id()));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let store = Store::open(StoreOptions { key, ..StoreOptions::new(&folder) }).unwrap();
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let options = GroupOptions::new(GroupId(1), NodeId(1), Arc::new(clock));
        let group = runtime
            .block_on(Group::found(&store, &GroupNetwork::alone(), options, Recorder { next: 0 }))
            .unwrap();
        Self { runtime, store: Some(store), group: Some(group), folder }
    }

    /// Each caller proposes its share, one command after the other.
    fn rush(&self, callers: u64, commands: u64) {
        let group = self.group.as_ref().unwrap();
        self.runtime.block_on(async {
            let callers: Vec<_> = (0..callers)
                .map(|_| {
                    let group = group.clone();
                    tokio::spawn(async move {
                        for _ in 0..commands / callers {
                            group.propose(Bytes::from_static(COMMAND)).await.unwrap();
                        }
                    })
                })
                .collect();
            for caller in callers {
                caller.await.unwrap();
            }
        });
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let (group, store) = (self.group.take().unwrap(), self.store.take().unwrap());
        let metrics = (group.metrics(), store.metrics());
        self.runtime.block_on(async {
            group.close().await;
            store.close().await.unwrap();
        });
        std::fs::remove_dir_all(&self.folder).unwrap();
        if std::env::var_os("PIPELINE_METRICS").is_some() {
            eprintln!("{metrics:?}");
        }
    }
}

/// How many commands a sample has, so that it lasts a few tenths of a second.
fn commands(callers: u64) -> u64 {
    match callers {
        1 => 1_000,
        64 => 32 * 1024,
        _ => 256 * 1024,
    }
}

#[divan::bench(args = [1, 64, 1024, 4096], sample_count = 10, sample_size = 1)]
fn callers(bencher: Bencher<'_, '_>, callers: u64) {
    let node = Node::open("plain", None);
    node.rush(callers, commands(callers));
    bencher.counter(ItemsCount::new(commands(callers))).bench_local(|| node.rush(callers, commands(callers)));
}

#[divan::bench(args = [1, 64, 1024], sample_count = 10, sample_size = 1)]
fn callers_of_an_encrypted_store(bencher: Bencher<'_, '_>, callers: u64) {
    let key = StorageKey::new(std::array::from_fn(|place| place as u8)).unwrap();
    let node = Node::open("encrypted", Some(key));
    node.rush(callers, commands(callers));
    bencher.counter(ItemsCount::new(commands(callers))).bench_local(|| node.rush(callers, commands(callers)));
}
