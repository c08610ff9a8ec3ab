//! The task that drives chitchat.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chitchat::{Chitchat, ChitchatConfig, ChitchatHandle, ChitchatId, FailureDetectorConfig, spawn_chitchat};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::socket::Post;
use super::{Counts, GossipOptions, Told, Wishes, addresses, pause};
use crate::identity::NodeId;
use crate::membership::Members;

/// The low bits of a generation count chitchat's restarts since the start.
const RESTARTS_BITS: u32 = 16;
/// How often chitchat's own round is, which only tidies up here.
const TIDY_INTERVAL: Duration = Duration::from_secs(30);
/// How long a removed key, and the state of a node that is gone, are remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 3_600);
/// How long changes are gathered before they are told, at least.
const TELL_AFTER: Duration = Duration::from_millis(100);
/// How long a broken chitchat rests before it is started again.
const RESTART_AFTER: Duration = Duration::from_secs(1);

pub(super) struct Task {
    pub(super) options: GossipOptions,
    pub(super) post: Post,
    pub(super) members: watch::Receiver<Arc<Members>>,
    pub(super) wishes: Arc<Wishes>,
    pub(super) told: watch::Sender<Arc<Told>>,
    pub(super) counts: Arc<Counts>,
    pub(super) stop: CancellationToken,
}

/// Why the task does not go on with this chitchat.
enum End {
    Stopped,
    Broken,
}

impl Task {
    pub(super) async fn run(mut self) {
        let mut random =
            Xoshiro256PlusPlus::seed_from_u64(self.options.seed ^ self.options.node.0.rotate_left(16));
        let mut restarts = 0;
        loop {
            let generation = (self.options.generation << RESTARTS_BITS) + restarts;
            match self.open(generation).await {
                Ok(chitchat) => {
                    let changed = Arc::new(Notify::new());
                    let end = self.drive(&chitchat, &changed, &mut random).await;
                    if let End::Stopped = end {
                        // What it says on its way out does not matter any more.
                        let _ = chitchat.shutdown().await;
                        return;
                    }
                    chitchat.abort();
                }
                Err(error) => tracing::warn!(%error, "gossip cannot start"),
            }
            tracing::error!("gossip broke; it is started again");
            restarts += 1;
            self.counts.restarts.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(RESTART_AFTER) => {}
            }
        }
    }

    async fn open(&self, generation: u64) -> anyhow::Result<ChitchatHandle> {
        let node = self.options.node;
        let address = addresses::advertised(node);
        let config = ChitchatConfig {
            chitchat_id: ChitchatId::new(node.0.to_string(), generation, address),
            cluster_id: self.options.cluster.clone(),
            gossip_interval: TIDY_INTERVAL,
            listen_addr: address,
            seed_nodes: Vec::new(),
            failure_detector_config: FailureDetectorConfig {
                dead_node_grace_period: REMEMBERED,
                max_interval: TIDY_INTERVAL * 10,
                initial_interval: TIDY_INTERVAL,
                ..FailureDetectorConfig::default()
            },
            marked_for_deletion_grace_period: REMEMBERED,
            catchup_callback: None,
            extra_liveness_predicate: None,
        };
        let own = self.wishes.own.lock().clone();
        self.wishes.pending.lock().clear();
        spawn_chitchat(config, own.into_iter().collect(), &self.post).await
    }

    async fn drive(
        &mut self,
        chitchat: &ChitchatHandle,
        changed: &Arc<Notify>,
        random: &mut Xoshiro256PlusPlus,
    ) -> End {
        let shared = chitchat.chitchat();
        let _listening = {
            let changed = Arc::clone(changed);
            shared.lock().await.subscribe_event("", move |_change| changed.notify_one())
        };
        let broken = chitchat.termination_watcher();
        tokio::pin!(broken);
        let first = random.random_range(0..=self.options.interval.as_millis() as u64);
        let mut exchange_at = Instant::now() + Duration::from_millis(first);
        let mut tell_at = Some(Instant::now());
        loop {
            let due = tell_at.map_or(exchange_at, |at| at.min(exchange_at));
            let mut is_news = false;
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return End::Stopped,
                _result = &mut broken => return End::Broken,
                () = self.wishes.woken.notified() => {
                    self.grant(&mut *shared.lock().await);
                    is_news = true;
                }
                result = self.members.changed() => {
                    if result.is_err() {
                        // Without a membership there is nobody to speak to.
                        self.stop.cancelled().await;
                        return End::Stopped;
                    }
                    is_news = true;
                }
                () = changed.notified() => is_news = true,
                () = sleep_until(due) => {}
            }
            let now = Instant::now();
            if is_news {
                let nodes = self.members.borrow().len();
                tell_at.get_or_insert(now + TELL_AFTER.max(pause(self.options.interval, nodes) / 10));
            }
            if tell_at.is_some_and(|at| at <= now) {
                tell_at = None;
                self.tell(&*shared.lock().await);
            }
            if exchange_at <= now {
                exchange_at = now + self.exchange(chitchat, random);
                // chitchat does not say when a key of another node is removed.
                tell_at.get_or_insert(now + TELL_AFTER);
            }
        }
    }

    fn grant(&self, chitchat: &mut Chitchat) {
        let own = chitchat.self_node_state();
        for (key, value) in std::mem::take(&mut *self.wishes.pending.lock()) {
            match value {
                Some(value) => own.set(key, value),
                None => own.delete(&key),
            }
        }
    }

    /// Begins an exchange with one active peer; and now and then with one that is down, in case that it is not.
    fn exchange(&self, chitchat: &ChitchatHandle, random: &mut Xoshiro256PlusPlus) -> Duration {
        let members = Arc::clone(&self.members.borrow());
        let peers: Vec<NodeId> = members
            .values()
            .filter(|member| member.state.is_active() && member.id != self.options.node)
            .map(|member| member.id)
            .collect();
        if !peers.is_empty() {
            let peer = peers[random.random_range(0..peers.len())];
            // It fails when chitchat broke, which is seen elsewhere.
            let _ = chitchat.gossip(addresses::chosen(peer));
        }
        let pause = pause(self.options.interval, peers.len());
        // Nodes that started together must not stay in step.
        pause.mul_f64(random.random_range(0.9..1.1))
    }

    fn tell(&self, chitchat: &Chitchat) {
        let members = Arc::clone(&self.members.borrow());
        let mut told = Told::new();
        // States come in the order of node and generation, so the latest start of a node wins.
        let mut generations: BTreeMap<NodeId, u64> = BTreeMap::new();
        for (id, state) in chitchat.node_states() {
            let (node, _chosen) = addresses::node(id.gossip_advertise_addr);
            let is_own = node == self.options.node;
            let is_active = members.get(&node).is_some_and(|member| member.state.is_active());
            let is_latest = generations.get(&node).is_none_or(|generation| *generation <= id.generation_id);
            if (is_own || is_active) && is_latest {
                generations.insert(node, id.generation_id);
                let values = state.key_values().map(|(key, value)| (key.to_owned(), value.to_owned()));
                told.insert(node, values.collect());
            }
        }
        self.told.send_if_modified(|before| {
            let is_changed = **before != told;
            if is_changed {
                *before = Arc::new(told);
            }
            is_changed
        });
    }
}
