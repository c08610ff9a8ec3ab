//! Replicas that lack more than the log has.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::transport::Switch;
use marquee_replication::{Group, GroupNetwork, NodeId, Store, StoreOptions};

use crate::cluster::{Cluster, GROUP, guarded};
use crate::disk::{Dice, Disk, Power};
use crate::journal::{Journal, Line, read_lines};

/// Writes until the log has lost its beginning, on every node that runs.
async fn write_until_purged(cluster: &Cluster, name: &str) {
    let home = cluster.home().await;
    let begin = cluster.node(home).group.metrics().last_index;
    let mut number = 0;
    guarded("purging", async {
        while cluster.node(home).group.metrics().first_index <= begin {
            cluster.write(&format!("{name} {number}")).await;
            number += 1;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_learner_joins_by_a_snapshot_while_commands_go_on() {
    let mut cluster = Cluster::keeping(2);
    cluster.found(1).await;
    // More than one piece, and more than one table.
    for number in 0..12_u8 {
        let long = vec![b'a' + number; 100 << 10];
        cluster.node(1).group.propose(Bytes::from(long)).await.unwrap();
    }
    write_until_purged(&cluster, "before").await;
    cluster.open(2).await;
    let joins = cluster.node(1).group.set_members([NodeId(1), NodeId(2)].into(), BTreeSet::new());
    let works = async {
        for number in 0..100 {
            cluster.node(1).propose(&format!("meanwhile {number}")).await.unwrap();
        }
    };
    let (joined, ()) = tokio::join!(guarded("joining by a snapshot", joins), works);
    joined.unwrap();
    cluster.write("after").await;
    let lines = cluster.same_everywhere().await;
    assert!(lines.len() > 113);
    assert!(cluster.node(2).group.metrics().first_index > 0, "what the snapshot has is not in the log");
    // The machine goes on where the snapshot ends, also after a restart, and as home.
    cluster.hand_over(1, 2).await;
    let written = cluster.write("at the new home").await;
    assert_eq!(written.line, lines.len() as u64);
    cluster.stop(2).await;
    cluster.open(2).await;
    cluster.write("after a restart").await;
    assert_eq!(cluster.same_everywhere().await.len(), lines.len() + 2);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_was_away_for_long_gets_a_snapshot_over_its_old_state() {
    let mut cluster = Cluster::keeping(2);
    cluster.grow(3).await;
    cluster.write("before").await;
    cluster.same_everywhere().await;
    cluster.stop(3).await;
    write_until_purged(&cluster, "meanwhile").await;
    cluster.open(3).await;
    let lines = cluster.same_everywhere().await;
    cluster.stop(3).await;
    cluster.open(3).await;
    cluster.write("after").await;
    assert_eq!(cluster.same_everywhere().await.len(), lines.len() + 1);
    cluster.stop_all().await;
}

/// A node on disks that lose power.
struct Fragile {
    log: Disk,
    state: Disk,
}

impl Fragile {
    fn new(log: Vec<u8>, state: Vec<u8>, power: &Power) -> Self {
        Self { log: Disk::new(log, power), state: Disk::new(state, power) }
    }

    fn open(&self) -> Option<Store> {
        let options = StoreOptions {
            cache_bytes: 8 << 20,
            sync_interval: Duration::from_millis(5),
            ..StoreOptions::new("disks")
        };
        Store::open_with(self.log.clone(), self.state.clone(), options).ok()
    }

    /// Runs as node 2 until it has what node 1 has, or the power is off.
    async fn catch_up(&self, cluster: &Cluster, upto: u64) -> Option<Vec<Line>> {
        let store = self.open()?;
        let switch = Switch::new();
        let transport = cluster.links.join(NodeId(2), Arc::clone(&switch));
        let network = GroupNetwork::new(transport, &switch);
        let opened = Group::open(&store, &network, cluster.options(2), Journal::new(GROUP)).await;
        let mut lines = None;
        if let Ok(group) = opened {
            let mut applied = group.applied();
            let wait = applied.wait_for(|applied| *applied >= upto);
            guarded("a replica on a fragile disk", async {
                tokio::select! {
                    _ = wait => lines = group.snapshot().ok().map(|state| read_lines(&state, GROUP)),
                    _ = store.failed() => {}
                }
            })
            .await;
            cluster.links.leave(NodeId(2));
            group.close().await;
        }
        cluster.links.leave(NodeId(2));
        // The power may go off while it closes, too.
        let _ = store.close().await;
        lines
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_while_a_snapshot_arrives_leaves_the_old_state_or_the_new_one() {
    let mut cluster = Cluster::keeping(2);
    cluster.found(1).await;
    cluster.write("first").await;
    // A replica that has the beginning.
    let power = Power::steady();
    let young = Fragile::new(Vec::new(), Vec::new(), &power);
    let learners = BTreeSet::from([NodeId(2)]);
    let set = cluster.node(1).group.set_members([NodeId(1)].into(), learners.clone());
    guarded("adding a learner", set).await.unwrap();
    let upto = cluster.node(1).group.metrics().last_index;
    let old = young.catch_up(&cluster, upto).await.unwrap();
    assert_eq!(old.len(), 1);
    let (log, state) = (young.log.content(), young.state.content());

    write_until_purged(&cluster, "meanwhile").await;
    let new = cluster.node(1).lines();
    let upto = cluster.node(1).group.metrics().last_index;
    cluster.stop(1).await;
    cluster.open(1).await;
    let measured = Power::steady();
    let whole = Fragile::new(log.clone(), state.clone(), &measured).catch_up(&cluster, upto).await;
    assert_eq!(whole.unwrap(), new);
    let operations = measured.operations();
    assert!(operations > 20, "{operations}");

    let mut was_new = 0;
    for cut in (0..operations).step_by(2) {
        let mut dice = Dice::new(cut + 1);
        // The replica's files are older than what an earlier turn told the home.
        cluster.stop(1).await;
        cluster.open(1).await;
        let fragile = Fragile::new(log.clone(), state.clone(), &Power::cut_at(cut));
        fragile.catch_up(&cluster, upto).await;
        let (log, state) = (fragile.log.survivors(&mut dice), fragile.state.survivors(&mut dice));

        // What survived, on its own: one state or the other, and it opens.
        let survived = Fragile::new(log.clone(), state.clone(), &Power::steady());
        let store = survived.open().unwrap();
        let network = GroupNetwork::alone();
        let group = Group::open(&store, &network, cluster.options(2), Journal::new(GROUP)).await.unwrap();
        let lines = read_lines(&group.snapshot().unwrap(), GROUP);
        assert!(lines == old || new.starts_with(&lines), "cut at {cut}: {} lines", lines.len());
        was_new += u64::from(lines == new);
        group.close().await;
        store.close().await.unwrap();

        let again = Fragile::new(log, state, &Power::steady()).catch_up(&cluster, upto).await;
        assert_eq!(again.unwrap(), new, "cut at {cut}");
    }
    assert!(was_new > 0, "some cuts came after the installation");
    cluster.stop_all().await;
}
