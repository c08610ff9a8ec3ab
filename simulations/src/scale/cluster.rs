//! A cluster of some size: it forms, rests, changes its catalog, and loses a node.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use marquee_replication::feed::{
    Feed, FeedKey, FeedObject, FeedOptions, FeedSink, FeedState, FeedStore, FeedVersion, FleetingObject,
};
use marquee_replication::gossip::{Gossip, GossipOptions};
use marquee_replication::membership::{Liveness, Membership, MembershipOptions};
use marquee_replication::transport::{Kind, Switch};
use marquee_replication::{GroupId, NodeId};
use tokio::time::{Instant, sleep};

use super::network::WorldNetwork;

/// How often the measuring looks.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);
/// How long a cluster may take for anything before the measurement gives up.
const PATIENCE: Duration = Duration::from_secs(600);
/// For how long the cluster rests while its bytes are counted.
const REST: Duration = Duration::from_secs(30);
/// How many changes are published, and how long each has for itself.
const CHANGES: u64 = 10;
const CHANGE_INTERVAL: Duration = Duration::from_secs(6);
/// How long a body is: a performance with its prices.
const BODY_BYTES: usize = 1_024;
const GROUP: GroupId = GroupId(1);

/// What was measured with some number of nodes. Times are in seconds, bytes per node and second.
#[derive(Clone, Debug)]
pub struct Measured {
    /// How many nodes there were.
    pub nodes: u64,
    /// Until everybody knew everybody, when all had started at once.
    pub formed_s: f64,
    /// Until a value that one node told was known to all, by gossip.
    pub told_s: f64,
    /// From a change at its home until half, 99 % and all of the nodes had it: the median of all changes.
    pub half_s: f64,
    /// See [`half_s`](Self::half_s).
    pub most_s: f64,
    /// See [`half_s`](Self::half_s).
    pub all_s: f64,
    /// The slowest change, until all had it.
    pub slowest_s: f64,
    /// From the death of a node until somebody suspected it.
    pub suspected_s: f64,
    /// Until 99 % of the others called it down.
    pub down_s: f64,
    /// At rest, by kind.
    pub rest: BTreeMap<Kind, f64>,
    /// Bytes of the feed per node and change, above what it sends at rest.
    pub bytes_per_change: f64,
}

struct Node {
    membership: Membership,
    gossip: Gossip,
    feed: Feed,
}

/// When each node got each change.
#[derive(Default)]
struct Arrivals(Mutex<BTreeMap<FeedKey, Vec<Instant>>>);

impl FeedSink for Arrivals {
    fn take(&self, objects: &[FeedObject]) {
        let mut arrivals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for object in objects {
            arrivals.entry(object.key.clone()).or_default().push(Instant::now());
        }
    }

    fn take_fleeting(&self, _objects: &[FleetingObject]) {}
}

/// Measures a cluster of this many nodes.
///
/// # Errors
/// When the cluster does not get there, or its stores cannot be made.
pub fn measure(nodes: u64, seed: u64, tell: impl Fn(&str)) -> anyhow::Result<Measured> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build()?;
    runtime.block_on(measure_all(nodes, seed, tell))
}

async fn measure_all(count: u64, seed: u64, tell: impl Fn(&str)) -> anyhow::Result<Measured> {
    let network = WorldNetwork::new(seed);
    let delivery = tokio::spawn(network.clone().deliver());
    let arrivals = Arc::<Arrivals>::default();
    let mut nodes = start(&network, count, seed, &arrivals)?;

    let knows_all = |node: &Node| {
        let members = node.membership.members();
        let members = members.borrow();
        members.len() as u64 == count && members.values().all(|member| member.state.is_active())
    };
    let formed = until("everybody knows everybody", || nodes.values().all(knows_all)).await?;
    tell(&format!("{count} nodes know each other after {:.1} s", formed.as_secs_f64()));
    let told = measure_gossip(&nodes).await?;
    tell(&format!("a value is told to all after {:.1} s", told.as_secs_f64()));

    sleep(Duration::from_secs(10)).await;
    let _until_now = network.take_bytes();
    sleep(REST).await;
    let per_node = |bytes: u64, time: Duration| bytes as f64 / count as f64 / time.as_secs_f64();
    let rest: BTreeMap<Kind, f64> =
        network.take_bytes().into_iter().map(|(kind, bytes)| (kind, per_node(bytes, REST))).collect();
    tell(&format!("at rest {:.0} bytes per node and second", rest.values().sum::<f64>()));

    let spread = measure_changes(&nodes, &arrivals).await?;
    let busy = network.take_bytes();
    let time = CHANGE_INTERVAL * u32::try_from(CHANGES)?;
    let feed = |kind: Kind| {
        let at_rest = rest.get(&kind).copied().unwrap_or_default();
        per_node(busy.get(&kind).copied().unwrap_or_default(), time) - at_rest
    };
    let bytes_per_change =
        (feed(Kind::FeedBroadcast) + feed(Kind::FeedPull)) * time.as_secs_f64() / CHANGES as f64;
    tell(&format!("a change is everywhere after {:.2} s", spread.all_s));

    let (suspected, down) = measure_death(&network, &mut nodes, count).await?;
    tell(&format!("a death is suspected after {suspected:?}, and known after {down:?}"));
    delivery.abort();
    Ok(Measured {
        nodes: count,
        formed_s: formed.as_secs_f64(),
        told_s: told.as_secs_f64(),
        half_s: spread.half_s,
        most_s: spread.most_s,
        all_s: spread.all_s,
        slowest_s: spread.slowest_s,
        suspected_s: suspected.as_secs_f64(),
        down_s: down.as_secs_f64(),
        rest,
        bytes_per_change,
    })
}

fn start(
    network: &WorldNetwork,
    count: u64,
    seed: u64,
    arrivals: &Arc<Arrivals>,
) -> anyhow::Result<BTreeMap<u64, Node>> {
    let mut nodes = BTreeMap::new();
    for number in 1..=count {
        let id = NodeId(number);
        let switch = Switch::new();
        let transport = network.join(id, Arc::clone(&switch));
        let options = MembershipOptions { address: address(number), incarnation: 1, seed, wan: true };
        let membership = Membership::start(transport.clone(), &switch, options);
        let options = GossipOptions {
            cluster: "world".to_owned(),
            node: id,
            generation: 1,
            interval: Duration::from_millis(300),
            seed,
        };
        let gossip = Gossip::start(transport.clone(), &switch, options, &membership);
        let options = FeedOptions { seed, ..FeedOptions::default() };
        let feed = Feed::start(transport, &switch, FeedStore::in_memory()?, gossip.clone(), options);
        feed.subscribe(arrivals.clone());
        for (key, value) in [("region", "eu-west"), ("http", "192.0.2.17:443"), ("version", "0.1.0")] {
            gossip.set(key, value.to_owned());
        }
        let seeds: Vec<_> = (1..=3).map(|seed| (NodeId(seed), address(seed))).collect();
        membership.announce(&seeds);
        nodes.insert(number, Node { membership, gossip, feed });
    }
    Ok(nodes)
}

fn address(node: u64) -> SocketAddr {
    let [.., high, low] = node.to_be_bytes();
    SocketAddr::from(([10, 0, high, low], 4_433))
}

/// Lets virtual time pass until something is so.
async fn until(what: &str, is_so: impl Fn() -> bool) -> anyhow::Result<Duration> {
    let start = Instant::now();
    while !is_so() {
        anyhow::ensure!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        sleep(LOOK_INTERVAL).await;
    }
    Ok(start.elapsed())
}

async fn measure_gossip(nodes: &BTreeMap<u64, Node>) -> anyhow::Result<Duration> {
    let Some((number, teller)) = nodes.last_key_value() else { anyhow::bail!("there are no nodes") };
    teller.gossip.set("load", "42".to_owned());
    let hears = |node: &Node| {
        let told = node.gossip.nodes();
        let told = told.borrow();
        told.get(&NodeId(*number)).is_some_and(|values| values.contains_key("load"))
    };
    until("everybody heard of the load", || nodes.values().all(hears)).await
}

struct Spread {
    half_s: f64,
    most_s: f64,
    all_s: f64,
    slowest_s: f64,
}

async fn measure_changes(nodes: &BTreeMap<u64, Node>, arrivals: &Arrivals) -> anyhow::Result<Spread> {
    let Some(home) = nodes.get(&1) else { anyhow::bail!("there are no nodes") };
    home.feed.replace_all(
        GROUP,
        FeedState { head: FeedVersion { epoch: 0, index: 1 }, ..FeedState::default() },
        true,
    );
    let (mut halves, mut mosts, mut alls) = (Vec::new(), Vec::new(), Vec::new());
    for change in 0..CHANGES {
        let version = FeedVersion { epoch: 0, index: change + 2 };
        let key = FeedKey { kind: 1, id: Bytes::from(change.to_be_bytes().to_vec()) };
        let body = Some(Bytes::from(vec![b'x'; BODY_BYTES]));
        let published = Instant::now();
        home.feed.publish(
            GROUP,
            version,
            vec![FeedObject { key: key.clone(), group: GROUP, version, body }],
            true,
        );
        sleep(CHANGE_INTERVAL).await;
        let has_come = || {
            let arrivals = arrivals.0.lock().unwrap_or_else(PoisonError::into_inner);
            arrivals.get(&key).is_some_and(|arrivals| arrivals.len() == nodes.len())
        };
        until("everybody has the change", has_come).await?;
        let mut arrivals = arrivals.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = arrivals.entry(key).or_default();
        times.sort_unstable();
        let at = |share: f64| {
            let nth = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len());
            times[nth - 1].saturating_duration_since(published).as_secs_f64()
        };
        halves.push(at(0.5));
        mosts.push(at(0.99));
        alls.push(at(1.0));
    }
    let slowest_s = alls.iter().copied().fold(0.0, f64::max);
    Ok(Spread { half_s: median(halves), most_s: median(mosts), all_s: median(alls), slowest_s })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

async fn measure_death(
    network: &WorldNetwork,
    nodes: &mut BTreeMap<u64, Node>,
    count: u64,
) -> anyhow::Result<(Duration, Duration)> {
    let dead = NodeId(count / 2 + 1);
    network.leave(dead);
    drop(nodes.remove(&dead.0));
    let state = |node: &Node| node.membership.members().borrow().get(&dead).map(|member| member.state);
    let start = Instant::now();
    until("somebody suspects", || nodes.values().any(|node| state(node) != Some(Liveness::Alive))).await?;
    let suspected = start.elapsed();
    let enough = (nodes.len() as f64 * 0.99).ceil() as usize;
    let knowing = || nodes.values().filter(|node| state(node) == Some(Liveness::Down)).count();
    until("99 % know", || knowing() >= enough).await?;
    Ok((suspected, start.elapsed()))
}
