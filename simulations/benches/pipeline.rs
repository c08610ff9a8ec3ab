//! How many hold commands a second the commit pipeline takes, on disk and without HTTP.
//!
//! `cargo bench -p marquee-simulations --bench pipeline`. So many callers hold one seat after another, all over a stadium
//! of 50,000 seats; a caller asks for the next seat when it is answered. Every command carries an idempotency key.
//! `capacity` tells how the figures change with what is booked already.

use divan::Bencher;
use divan::counter::ItemsCount;
use marquee_simulations::pipeline::{KeySource, Pipeline, STADIUM_SEATS, Stadium, ask};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// A group on disk, and the stadiums that it sells.
struct Bench {
    runtime: Runtime,
    pipeline: Pipeline,
    keys: Arc<KeySource>,
    stadiums: AtomicU64,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        // By convention on disk, unlike /tmp.
        let folder = tempfile::tempdir_in("/var/tmp").expect("/var/tmp can be written");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let pipeline = runtime.block_on(Pipeline::open(folder.path())).expect("an empty folder opens");
        let keys = Arc::new(KeySource::new().expect("randomness"));
        Self { runtime, pipeline, keys, stadiums: AtomicU64::new(0), _folder: folder }
    }

    fn stadium(&self) -> Stadium {
        let nth = self.stadiums.fetch_add(1, Ordering::Relaxed);
        self.runtime.block_on(Stadium::open(&self.pipeline.home(), nth)).expect("a stadium opens")
    }

    /// Makes `count` holds with `callers` at a time.
    fn hold(&self, stadium: Stadium, callers: u32, count: u32, best: bool) {
        self.runtime.block_on(async {
            let next = Arc::new(AtomicU32::new(0));
            let mut lanes = tokio::task::JoinSet::new();
            for _caller in 0..callers {
                let (home, next, keys) = (self.pipeline.home(), next.clone(), self.keys.clone());
                lanes.spawn(async move {
                    loop {
                        let nth = next.fetch_add(1, Ordering::Relaxed);
                        if nth >= count {
                            return;
                        }
                        let command = if best { stadium.hold_best() } else { stadium.hold_chosen(nth) };
                        ask(&home, Some(keys.next()), command).await.expect("the seat is free");
                    }
                });
            }
            lanes.join_all().await;
        });
    }
}

/// Chosen seats. One caller waits for the disk each time; many share its writes.
#[divan::bench(args = [1, 64, 1_024], sample_count = 10, sample_size = 1)]
fn hold_one_chosen_seat(bencher: Bencher<'_, '_>, callers: u32) {
    let bench = Bench::new();
    let count = count(callers);
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| bench.stadium())
        .bench_local_values(|stadium| bench.hold(stadium, callers, count, false));
}

/// The best seat of a hot performance.
#[divan::bench(args = [1, 64, 1_024], sample_count = 10, sample_size = 1)]
fn hold_best_seat(bencher: Bencher<'_, '_>, callers: u32) {
    let bench = Bench::new();
    let count = count(callers);
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| bench.stadium())
        .bench_local_values(|stadium| bench.hold(stadium, callers, count, true));
}

/// Enough to take about a second.
fn count(callers: u32) -> u32 {
    STADIUM_SEATS.min(callers * 1_000)
}
