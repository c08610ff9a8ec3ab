//! Calls between two nodes over QUIC on loopback, each node on a runtime of its own with one thread.
//!
//! `cargo bench -p marquee-replication --bench transport`. A row's items are calls; the second bench's are bytes.

#![allow(clippy::unwrap_used, reason = "a benchmark stops by a panic")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use marquee_replication::NodeId;
use marquee_replication::transport::{
    Kind, QuicOptions, QuicTransport, Switch, Transport, answer_call, call,
};
use marquee_replication::trust::{ClusterAuthority, IdentityStore, Validity};
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DEADLINE: Duration = Duration::from_secs(30);

fn main() {
    divan::main();
}

struct Pair {
    caller: (Runtime, Arc<QuicTransport>),
    _answerer: (Runtime, Arc<QuicTransport>),
}

impl Pair {
    fn start() -> Self {
        let authority = ClusterAuthority::create("bench", SystemTime::now()).unwrap();
        let node = |node: u64, switch: Arc<Switch>| {
            let validity = Validity::starting(SystemTime::now(), Validity::NODE_LIFETIME);
            let identity = IdentityStore::new(authority.issue(NodeId(node), validity).unwrap()).unwrap();
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let transport = {
                let _runtime = runtime.enter();
                let loopback: SocketAddr = ([127, 0, 0, 1], 0).into();
                QuicTransport::bind(QuicOptions::new(loopback), switch, identity).unwrap()
            };
            (runtime, transport)
        };
        let switch = Switch::new();
        switch.on_stream(Kind::Consensus, |from, stream| {
            tokio::spawn(async move {
                answer_call(stream, from, |_question| async { Bytes::from_static(&[7; 40]) }).await.unwrap();
            });
        });
        let (caller, answerer) = (node(1, Switch::new()), node(2, switch));
        caller.1.set_address(NodeId(2), answerer.1.local_addr());
        let pair = Self { caller, _answerer: answerer };
        pair.rush(1, 10, 100);
        pair
    }

    /// Each caller asks its share, one question after the other.
    fn rush(&self, callers: u64, calls: u64, question_bytes: usize) {
        let (runtime, transport) = &self.caller;
        let question = Bytes::from(vec![7; question_bytes]);
        runtime.block_on(async {
            let callers: Vec<_> = (0..callers)
                .map(|_| {
                    let (transport, question) = (Arc::clone(transport), question.clone());
                    tokio::spawn(async move {
                        for _ in 0..calls / callers {
                            let question = question.clone();
                            call(&*transport, NodeId(2), Kind::Consensus, question, DEADLINE).await.unwrap();
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

#[divan::bench(args = [1, 4, 64, 512], sample_count = 10, sample_size = 1)]
fn small_calls(bencher: Bencher<'_, '_>, callers: u64) {
    let calls = if callers == 1 { 2_000 } else { 16 * 1024 };
    let pair = Pair::start();
    bencher.counter(ItemsCount::new(calls)).bench_local(|| pair.rush(callers, calls, 100));
}

/// As large as the entries of a rush: some thousand commands.
#[divan::bench(args = [1, 2, 8], sample_count = 10, sample_size = 1)]
fn large_calls(bencher: Bencher<'_, '_>, callers: u64) {
    const LENGTH: usize = 256 << 10;
    let calls = 256;
    let pair = Pair::start();
    bencher.counter(BytesCount::new(calls * LENGTH as u64)).bench_local(|| pair.rush(callers, calls, LENGTH));
}
