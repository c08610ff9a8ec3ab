//! A running node: production code from the disks and the network up to the services below HTTP.
//!
//! A node has a runtime of its own, on one virtual clock with all others. To crash it is to drop the runtime with every
//! task that the node had, after its power was cut.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use marquee_node::accounts::Revocations;
use marquee_node::catalog::CatalogCopy;
use marquee_node::cluster::commons::Commons;
use marquee_node::cluster::courier::Courier;
use marquee_node::cluster::net::{Presence, answers};
use marquee_node::cluster::spread::Spread;
use marquee_node::cluster::{moving, serving, steward};
use marquee_node::directory::{NodeFacts, View, Views};
use marquee_node::estate::{Dirty, is_ours, keep_published, live_on, named, tell_free};
use marquee_node::home::{Clock, Home, HomeOptions};
use marquee_node::machine::Listener;
use marquee_node::node::{follow_hints, introduce};
use marquee_node::outbox::{Door, Gateways, Outbox};
use marquee_replication::feed::{Feed, FeedOptions, FeedStore};
use marquee_replication::gossip::{Gossip, GossipOptions};
use marquee_replication::membership::{Membership, MembershipOptions};
use marquee_replication::transport::{MemoryNetwork, Switch, Transport};
use marquee_replication::{
    GroupError, GroupId, GroupNetwork, GroupOptions, NodeId, Sabotage, Store, StoreOptions, Tasks, timeouts,
};
use parking_lot::Mutex;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::auditor::Auditor;
use super::disk::{Disk, Power};
use super::front::{Doors, Replicas};
use super::pace::NodePace;

/// Memory for the pages of a node's files. They are small here.
const CACHE_BYTES: usize = 4 << 20;
/// How long a node works at a time.
const TURN: Duration = Duration::from_millis(1);
/// As production nodes have it.
const GOSSIP_INTERVAL: Duration = Duration::from_millis(200);
/// As production nodes have it.
const FEED_INTERVAL: Duration = Duration::from_millis(500);
/// What production nodes assume between regions.
const WAN_ROUND_TRIP: Duration = Duration::from_millis(250);
/// How long to wait before a group that did not open is tried again, as production nodes do.
const OPEN_AGAIN: Duration = Duration::from_secs(2);

/// What a node is told when it is started.
#[derive(Clone)]
pub struct Settings {
    /// Its number.
    pub node: NodeId,
    /// How often it was started, this time included.
    pub starts: u64,
    /// All its randomness.
    pub seed: u64,
    /// Whether it makes the directory or is in it already.
    pub peers: Vec<NodeId>,
    /// How many replicas groups are to have.
    pub replicas: usize,
    /// Whether it waits as long as between continents.
    pub wan: bool,
    /// How long its state may stay off the disk.
    pub sync_interval: Duration,
    /// How many entries its logs keep for replicas that are behind.
    pub log_entries_kept: u64,
    /// What it does wrong.
    pub sabotage: Sabotage,
}

/// The world around a node.
#[derive(Clone)]
pub struct Surroundings {
    /// The network.
    pub network: MemoryNetwork,
    /// Where requests come in.
    pub doors: Doors,
    /// Who takes money.
    pub gateways: Gateways,
    /// Who watches.
    pub auditor: Auditor,
}

/// The disks of a node.
#[derive(Clone)]
pub struct Disks {
    /// Of `log.redb`.
    pub log: Disk,
    /// Of `state.redb`.
    pub state: Disk,
    /// Of `feed.redb`.
    pub feed: Disk,
}

/// A running node.
pub struct Life {
    runtime: Runtime,
    /// Its clock stood here when it was started.
    began: Instant,
    /// The world's time then.
    born_ms: u64,
    /// What the driver sees of it.
    pub seen: Arc<Seen>,
    /// What its disks hang on.
    pub power: Power,
    /// Its disks.
    pub disks: Disks,
    /// How fast its pipeline goes.
    pub pace: NodePace,
}

/// What the driver sees of a node.
#[derive(Default)]
pub struct Seen {
    commons: OnceLock<Arc<Commons>>,
    membership: OnceLock<Membership>,
    is_open: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl Seen {
    /// The replicas that the node holds.
    #[must_use]
    pub fn replicas(&self) -> Vec<Home> {
        self.commons.get().map(|commons| commons.replicas()).unwrap_or_default()
    }

    /// What its homes share, as soon as there is something.
    #[must_use]
    pub fn commons(&self) -> Option<&Arc<Commons>> {
        self.commons.get()
    }

    /// Whether the node has opened its own group.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Why the node does not open, or stopped.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.failure.lock().clone()
    }

    fn fail(&self, why: String) {
        self.failure.lock().get_or_insert(why);
    }
}

impl Life {
    /// Starts a node over these disks, at this moment.
    ///
    /// # Errors
    /// When there is no runtime to be had.
    pub fn start(
        settings: Settings,
        surroundings: Surroundings,
        disks: Disks,
        (power, pace): (Power, NodePace),
        (now_ms, clock): (u64, Clock),
    ) -> std::io::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let seen = Arc::<Seen>::default();
        let began = {
            let _inside = runtime.enter();
            Instant::now()
        };
        let parts = Parts {
            settings,
            surroundings,
            disks: disks.clone(),
            pace: pace.clone(),
            clock,
            at: Duration::from_millis(now_ms),
            seen: Arc::clone(&seen),
        };
        let seen_inside = Arc::clone(&seen);
        let living = runtime.spawn(parts.live());
        runtime.spawn(async move {
            match living.await {
                Ok(Ok(())) => {}
                Ok(Err(why)) => seen_inside.fail(why),
                Err(panicked) => seen_inside.fail(panicked.to_string()),
            }
        });
        Ok(Self { runtime, began, born_ms: now_ms, seen, power, disks, pace })
    }

    /// Lets the node work until the world's clock stands there. A node that did nothing for a while finds that its clock
    /// has jumped.
    pub fn run_until(&self, now_ms: u64) {
        let until = self.began + Duration::from_millis(now_ms.saturating_sub(self.born_ms));
        self.runtime.block_on(async {
            let missed = until.saturating_duration_since(Instant::now()).saturating_sub(TURN);
            if missed > Duration::ZERO {
                tokio::time::advance(missed).await;
            }
            tokio::time::sleep_until(until).await;
        });
    }

    /// Gives the node's replicas the timeouts for such a round trip, where another node is home.
    pub fn take_peers_for(&self, round_trip: Duration) {
        for home in self.seen.replicas() {
            let seen = Arc::clone(&self.seen);
            self.runtime.spawn(async move {
                match home.group().set_timeouts(timeouts(round_trip)).await {
                    Ok(()) | Err(GroupError::NotFollowing { .. }) => {}
                    Err(error) => seen.fail(error.to_string()),
                }
            });
        }
    }

    /// The node is gone in the middle of whatever it did; gives its disks.
    #[must_use]
    pub fn crash(self) -> Disks {
        self.power.cut();
        let Self { runtime, seen, disks, .. } = self;
        // Its tasks first. Then the replicas, which hold on to each other.
        drop(runtime);
        if let Some(commons) = seen.commons() {
            for replica in commons.replicas() {
                commons.remove(replica.id());
            }
        }
        drop(seen);
        disks
    }
}

/// Where a node's peers are: nowhere that matters.
#[must_use]
pub fn address(node: NodeId) -> SocketAddr {
    let [.., high, low] = node.0.to_be_bytes();
    SocketAddr::from(([10, 0, high, low], 4_433))
}

/// What a node says of itself.
#[must_use]
pub fn facts(node: NodeId, name: &str) -> NodeFacts {
    NodeFacts {
        name: name.to_owned(),
        region: format!("region-{}", node.0 % 3),
        zone: format!("zone-{}", node.0 % 2),
        location: None,
        http: format!("https://{name}.example"),
        quic: address(node),
    }
}

/// The name of a node.
#[must_use]
pub fn name(node: NodeId) -> String {
    format!("node-{}", node.0)
}

struct Parts {
    settings: Settings,
    surroundings: Surroundings,
    disks: Disks,
    pace: NodePace,
    clock: Clock,
    at: Duration,
    seen: Arc<Seen>,
}

/// What the groups of a node are opened with.
struct Ground {
    settings: Settings,
    auditor: Auditor,
    gateways: Gateways,
    store: Store,
    network: Arc<GroupNetwork>,
    commons: Arc<Commons>,
    gossip: Gossip,
    feed: Feed,
    membership: Membership,
    clock: Clock,
}

impl Parts {
    async fn live(self) -> Result<(), String> {
        let settings = &self.settings;
        let (node, seed) = (settings.node, settings.seed);
        let switch = Switch::new();
        let transport: Arc<dyn Transport> =
            self.surroundings.network.join_at(node, Arc::clone(&switch), self.at);
        let store = self.open_store()?;

        let (copy, views) = (Arc::<CatalogCopy>::default(), Arc::<Views>::default());
        let revocations = Arc::<Revocations>::default();
        let spread = Spread::new(
            Arc::clone(&copy),
            Arc::clone(&views),
            Arc::clone(&revocations),
            Arc::clone(&self.clock),
        );
        let options = MembershipOptions {
            address: address(node),
            incarnation: settings.starts,
            seed,
            wan: settings.wan,
        };
        let membership = Membership::start(Arc::clone(&transport), &switch, options);
        let peers: Vec<_> = settings.peers.iter().map(|peer| (*peer, address(*peer))).collect();
        membership.announce(&peers);
        let options = GossipOptions {
            cluster: "simulated".to_owned(),
            node,
            generation: settings.starts,
            interval: GOSSIP_INTERVAL,
            seed,
        };
        let gossip = Gossip::start(Arc::clone(&transport), &switch, options, &membership);
        let options = FeedOptions { seed, interval: FEED_INTERVAL, ..FeedOptions::default() };
        let feed = Feed::start(Arc::clone(&transport), &switch, self.open_feed()?, gossip.clone(), options);
        spread.connect(feed.clone());
        let network = GroupNetwork::new(Arc::clone(&transport), &switch);

        let courier = Courier::new(node, Some(transport), Arc::clone(&views));
        let commons = Commons::new(copy, views, revocations, spread, Arc::clone(&courier));
        let local = Arc::new(Replicas(Arc::downgrade(&commons)));
        courier.employ(Arc::clone(&local) as _);
        let seen = Arc::clone(&self.seen);
        // Just made, and not seen by anybody before.
        let _first = seen.commons.set(Arc::clone(&commons));
        let _first = seen.membership.set(membership.clone());
        let ground = Arc::new(Ground {
            settings: settings.clone(),
            auditor: self.surroundings.auditor.clone(),
            gateways: self.surroundings.gateways.clone(),
            store: store.clone(),
            network,
            commons,
            gossip: gossip.clone(),
            feed,
            membership,
            clock: Arc::clone(&self.clock),
        });
        let front = ground.build(GroupId(node.0), true).await?;
        serving::serve(&switch, local);
        tokio::spawn(follow_hints(gossip, courier));
        tokio::spawn(Arc::clone(&ground).follow());
        tokio::spawn(introduce(front.clone(), node, facts(node, &name(node))));
        tokio::spawn(self.surroundings.doors.clone().serve(node, front));
        seen.is_open.store(true, Ordering::Relaxed);
        // The switch has to stay, or nothing arrives any more.
        let failure = store.failed().await;
        drop(switch);
        Err(failure.to_string())
    }

    fn open_store(&self) -> Result<Store, String> {
        let options = StoreOptions {
            cache_bytes: CACHE_BYTES,
            sync_interval: self.settings.sync_interval,
            ..StoreOptions::new(name(self.settings.node))
        };
        let tasks = Tasks { pace: Arc::new(self.pace.clone()), sabotage: self.settings.sabotage };
        Store::simulate(self.disks.log.clone(), self.disks.state.clone(), options, tasks)
            .map_err(|error| error.to_string())
    }

    /// A copy that cannot be used is thrown away, as in the field.
    fn open_feed(&self) -> Result<FeedStore, String> {
        FeedStore::open_with(self.disks.feed.clone())
            .or_else(|_damaged| FeedStore::in_memory())
            .map_err(|error| error.to_string())
    }
}

impl Presence for Ground {
    fn own(&self) -> NodeId {
        self.settings.node
    }

    fn is_alive(&self, node: NodeId) -> bool {
        node == self.own() || answers(&self.membership, node)
    }
}

impl Ground {
    /// Opens a group's replica with what works on it: the outbox, who tells what is free, and the steward.
    async fn build(self: &Arc<Self>, group: GroupId, founds: bool) -> Result<Home, String> {
        let (door, dirty) = (Arc::<Door>::default(), Arc::<Dirty>::default());
        let mut options = GroupOptions::new(group, self.settings.node, Arc::clone(&self.clock));
        options.log_entries_kept = self.settings.log_entries_kept;
        if self.settings.wan {
            options.timeouts = timeouts(WAN_ROUND_TRIP);
        }
        let options = HomeOptions {
            group: options,
            network: Arc::clone(&self.network),
            founds,
            ledger: marquee_ledger::Options::default(),
            clock: Arc::clone(&self.clock),
            commons: Arc::clone(&self.commons),
        };
        let witness = self.auditor.witness(self.settings.node, group);
        let listeners: Vec<Arc<dyn Listener>> =
            vec![Arc::clone(&door) as _, Arc::clone(&dirty) as _, Arc::new(witness)];
        let home = Home::open(&self.store, options, listeners).await.map_err(|error| error.to_string())?;
        let outbox = Outbox::new(home.clone(), self.gateways.clone(), door);
        let stopping = CancellationToken::new();
        tokio::spawn(live_on(home.clone(), outbox, Some(self.gossip.clone()), stopping));
        tokio::spawn(tell_free(home.clone(), dirty));
        // Here, and not beside the runtime: on one thread nothing else could go on meanwhile anyway.
        let publish = async |home: Home| home.publish_all();
        tokio::spawn(keep_published(home.clone(), self.feed.clone(), publish));
        tokio::spawn(moving::look_after(home.clone()));
        let presence: Arc<dyn Presence> = Arc::clone(self) as _;
        tokio::spawn(steward::look_after(presence, home.clone(), self.settings.replicas));
        Ok(home)
    }

    /// Opens the groups that the directory names this node for, and those that peers speak of, as a node's estate does.
    async fn follow(self: Arc<Self>) {
        let (called, mut calls) = mpsc::channel::<GroupId>(64);
        self.network.on_unknown_group(move |group, _from| {
            // When many call, the next call comes soon.
            let _ = called.try_send(group);
        });
        let views = Arc::clone(&self.commons.views);
        let mut changes = views.changes();
        let mut called = BTreeSet::new();
        loop {
            let view = views.now();
            let mut failed = false;
            for group in self.wanted(&view, &called) {
                if self.build(group, false).await.is_err() {
                    failed = true;
                }
            }
            called.clear();
            let again = if failed { OPEN_AGAIN } else { Duration::from_secs(60) };
            tokio::select! {
                biased;
                changed = changes.changed() => if changed.is_err() { return },
                call = calls.recv() => match call {
                    Some(group) => _ = called.insert(group),
                    None => return,
                },
                () = tokio::time::sleep(again) => {}
            }
        }
    }

    fn wanted(&self, view: &View, called: &BTreeSet<GroupId>) -> BTreeSet<GroupId> {
        let node = self.settings.node;
        let mut wanted = named(view, node);
        wanted.extend(called.iter().filter(|group| is_ours(view, **group, node)));
        wanted.retain(|group| self.commons.replica(*group).is_none());
        wanted
    }
}

/// Runs a future of the world's own on a runtime without any node.
pub struct Outside {
    runtime: Runtime,
    began: Instant,
}

impl Outside {
    /// Those who are no nodes.
    ///
    /// # Errors
    /// When there is no runtime to be had.
    pub fn new() -> std::io::Result<Self> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let began = {
            let _inside = runtime.enter();
            Instant::now()
        };
        Ok(Self { runtime, began })
    }

    /// Begins something.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// Lets everything go on until the world's clock stands there.
    pub fn run_until(&self, now_ms: u64) {
        let until = self.began + Duration::from_millis(now_ms);
        self.runtime.block_on(async { tokio::time::sleep_until(until).await });
    }
}

/// Which node is which.
pub type Lives = BTreeMap<NodeId, Life>;
