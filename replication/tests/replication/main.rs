//! The commit pipeline and the groups, on files, on a disk that loses power, and encrypted.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]

mod at_rest;
mod cluster;
mod crash;
mod disk;
mod feed;
mod gossip;
mod groups;
mod groups_garbage;
mod groups_members;
mod groups_snapshot;
mod journal;
mod membership;
mod memory;
mod pipeline;
mod restart;
mod rot;
mod spreading;
mod transport_connections;
mod transport_intruders;
mod transport_networks;
mod transport_suite;
mod trust;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use marquee_replication::{GroupId, GroupOptions, NodeId, StoreOptions};

/// A clock that stands until it is set.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

fn group_options(clock: &Clock) -> GroupOptions {
    let clock = Arc::clone(&clock.0);
    GroupOptions::new(GroupId(1), NodeId(7), Arc::new(move || clock.load(Ordering::SeqCst)))
}

fn store_options(data_dir: &std::path::Path) -> StoreOptions {
    StoreOptions {
        cache_bytes: 16 << 20,
        sync_interval: Duration::from_millis(20),
        ..StoreOptions::new(data_dir)
    }
}
