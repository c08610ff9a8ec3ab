//! Three nodes in one process: commands per second, and how long a group is without a home when its home dies.
//!
//! Run with `cargo bench -p marquee-replication --bench replicated`. The three share the machine's processors and its
//! disk with each other and with the callers.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use marquee_replication::transport::{MemoryNetwork, MemoryTransport, Switch};
use marquee_replication::{
    Group, GroupId, GroupNetwork, GroupOptions, Machine, MachineError, NodeId, Position, ProposeError, Store,
    StoreOptions, TableVisitor,
};
use redb::{ReadableTable, TableDefinition, WriteTransaction};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("g1.records");
const COMMAND: &[u8] = &[7; 64];
const DEATHS: u64 = 20;

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
    id: NodeId,
    store: Store,
    group: Group<Recorder>,
    _transport: Arc<MemoryTransport>,
    _switch: Arc<Switch>,
}

struct Cluster {
    links: MemoryNetwork,
    folder: PathBuf,
    nodes: Vec<Node>,
}

impl Cluster {
    async fn of_three() -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        let folder = target.join("bench-replicated").join(std::process::id().to_string());
        let mut cluster = Self { links: MemoryNetwork::new(), folder, nodes: Vec::new() };
        for id in 1..=3 {
            cluster.open(NodeId(id)).await;
        }
        let voters = (1..=3).map(NodeId).collect();
        cluster.nodes[0].group.set_members(voters, [].into()).await.unwrap();
        cluster
    }

    async fn open(&mut self, id: NodeId) {
        let store = Store::open(StoreOptions::new(self.folder.join(id.to_string()))).unwrap();
        let switch = Switch::new();
        let transport = self.links.join(id, Arc::clone(&switch));
        let network = GroupNetwork::new(Arc::clone(&transport) as _, &switch);
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let options = GroupOptions::new(GroupId(1), id, Arc::new(clock));
        let machine = Recorder { next: 0 };
        let group = if id == NodeId(1) {
            Group::found(&store, &network, options, machine).await.unwrap()
        } else {
            Group::open(&store, &network, options, machine).await.unwrap()
        };
        self.nodes.push(Node { id, store, group, _transport: transport, _switch: switch });
    }

    async fn home(&self) -> &Node {
        let waits = self.nodes.iter().map(|node| {
            let mut home = node.group.home();
            Box::pin(async move {
                home.wait_for(|view| view.is_home).await.unwrap();
                node
            })
        });
        futures_util::future::select_all(waits).await.0
    }

    /// Each caller proposes its share, one command after the other.
    async fn rush(&self, callers: u64, commands: u64) {
        let group = self.home().await.group.clone();
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
    }

    /// The home dies; gives the time until another one answers a command.
    async fn death(&mut self) -> Duration {
        let id = self.home().await.id;
        let place = self.nodes.iter().position(|node| node.id == id).unwrap();
        let dead = self.nodes.remove(place);
        let died = Instant::now();
        self.links.leave(id);
        loop {
            match self.home().await.group.propose(Bytes::from_static(COMMAND)).await {
                Ok(_) => break,
                Err(ProposeError::NotHome { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
        let took = died.elapsed();
        dead.group.close().await;
        dead.store.close().await.unwrap();
        self.open(id).await;
        took
    }
}

fn main() {
    // `cargo test --benches` only wants to know that it can be started.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut cluster = Cluster::of_three().await;
        for (callers, commands) in [(1, 2_000), (64, 64 * 1024), (1024, 512 * 1024)] {
            cluster.rush(callers, commands / 4).await;
            let mut rates: Vec<f64> = Vec::new();
            for _sample in 0..5 {
                let begin = Instant::now();
                cluster.rush(callers, commands).await;
                rates.push(commands as f64 / begin.elapsed().as_secs_f64());
            }
            rates.sort_by(f64::total_cmp);
            println!(
                "{callers:5} callers: {:8.0} commands/s (slowest {:.0}, fastest {:.0})",
                rates[2], rates[0], rates[4]
            );
        }
        let mut deaths = Vec::new();
        for _ in 0..DEATHS {
            deaths.push(cluster.death().await);
        }
        deaths.sort();
        println!(
            "home dies -> first command answered elsewhere: median {:?}, worst {:?} of {DEATHS}",
            deaths[deaths.len() / 2],
            deaths[deaths.len() - 1]
        );
        let folder = cluster.folder.clone();
        for node in cluster.nodes {
            node.group.close().await;
            node.store.close().await.unwrap();
        }
        std::fs::remove_dir_all(folder).unwrap();
    });
}
