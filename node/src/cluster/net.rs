//! A node's connection to its cluster: transport, membership, gossip and feed.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use marquee_config::{ListenAddress, NodeNetwork, Settings};
use marquee_replication::feed::{Feed, FeedOptions, FeedStore, FeedStoreError, FeedStoreOptions};
use marquee_replication::gossip::{Gossip, GossipOptions};
use marquee_replication::membership::{Liveness, Membership, MembershipOptions};
use marquee_replication::transport::{BindError, QuicOptions, QuicTransport, Switch, Transport};
use marquee_replication::trust::{IdentityStore, RenewalOptions, TrustError, renew_when_due};
use marquee_replication::{GroupNetwork, NodeId, StorageKey};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::identity::{Belonging, BelongingError};
use super::pace::Pace;
use super::wan::Distant;
use crate::directory::{NodeStatus, Views};

/// The pause between two exchanges of gossip.
const GOSSIP_INTERVAL: Duration = Duration::from_millis(200);
/// How often a node compares its copy of the feed with a peer's; what changes is told at once.
const FEED_INTERVAL: Duration = Duration::from_millis(500);
/// How often a node tells how busy it is.
const LOAD_INTERVAL: Duration = Duration::from_secs(5);
/// An address that nobody has (RFC 5737): the way there is the way out.
const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
/// Memory for the feed's file.
const FEED_CACHE_BYTES: usize = 64 << 20;

/// See the module.
pub struct Net {
    /// What this node is in which cluster.
    pub belonging: Arc<Belonging>,
    /// The certificate in use.
    pub identity: Arc<IdentityStore>,
    /// The way to peers.
    pub transport: Arc<dyn Transport>,
    /// The same, for what only it can tell.
    pub quic: Arc<QuicTransport>,
    /// Who takes what arrives.
    pub switch: Arc<Switch>,
    /// Who is there.
    pub membership: Membership,
    /// What nodes say of themselves.
    pub gossip: Gossip,
    /// What all nodes know.
    pub feed: Feed,
    /// The way to other replicas of groups.
    pub network: Arc<GroupNetwork>,
    /// How long round trips to peers take.
    pub pace: Pace,
    /// Where peers reach this node.
    pub address: SocketAddr,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

/// Which nodes answer, as far as this node knows: a hint, that decides nothing by itself.
pub trait Presence: Send + Sync {
    /// This node.
    fn own(&self) -> NodeId;

    /// Whether a node answers; this one does.
    fn is_alive(&self, node: NodeId) -> bool;
}

/// Why a node does not connect to its cluster.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The data folder's certificate cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The data folder cannot be written.
    #[error(transparent)]
    Belonging(#[from] BelongingError),
    /// The port cannot be listened on.
    #[error("{0}; choose another network.listen")]
    Bind(#[from] BindError),
    /// It is not known where peers reach the node.
    #[error("this machine has no address that others could reach: {source}; say network.advertise")]
    Unreachable {
        /// Why.
        source: io::Error,
    },
    /// The feed's file cannot be opened.
    #[error(transparent)]
    Feed(#[from] FeedStoreError),
}

impl Net {
    /// Connects a node. Must be called within a runtime.
    ///
    /// # Errors
    /// When something of it cannot be opened; nothing is running then.
    pub fn start(
        settings: &Settings,
        network: &NodeNetwork,
        belonging: Arc<Belonging>,
        key: Option<StorageKey>,
        views: &Arc<Views>,
    ) -> Result<Self, NetError> {
        let node = belonging.node();
        let starts = belonging.count_start()?;
        let identity = IdentityStore::new(belonging.identity().clone())?;
        let switch = Switch::new();
        let options = QuicOptions::new(network.listen.socket_addr());
        let transport = QuicTransport::bind(options, Arc::clone(&switch), Arc::clone(&identity))?;
        let known = belonging.peers();
        let towards = known.first().map_or(ANYWHERE, |(_peer, at)| *at);
        let address = reached_at(network.advertise, transport.local_addr(), towards)
            .map_err(|source| NetError::Unreachable { source })?;
        let near: Arc<dyn Transport> = Arc::clone(&transport) as _;
        let delays: BTreeMap<_, _> =
            network.delay.iter().map(|(region, delay)| (region.to_string(), *delay)).collect();
        let shared: Arc<dyn Transport> = match delays.is_empty() {
            true => near,
            false => Arc::new(Distant::new(near, Arc::clone(views), delays)),
        };

        for (peer, at) in &known {
            shared.set_address(*peer, *at);
        }
        let seed = u64::from_be_bytes(crate::keys::random());
        let options =
            MembershipOptions { address, incarnation: starts, seed, wan: settings.cluster.replication.wan };
        let membership = Membership::start(Arc::clone(&shared), &switch, options);
        membership.announce(&known);
        let options = GossipOptions {
            cluster: belonging.cluster().to_owned(),
            node,
            generation: starts,
            interval: GOSSIP_INTERVAL,
            seed,
        };
        let gossip = Gossip::start(Arc::clone(&shared), &switch, options, &membership);
        gossip.set("region", settings.node.region.to_string());
        gossip.set("zone", settings.node.zone.to_string());
        gossip.set("version", env!("CARGO_PKG_VERSION").to_owned());
        if !settings.http.public_addresses.is_empty() {
            let addresses: Vec<_> = settings.http.public_addresses.iter().map(ToString::to_string).collect();
            gossip.set("addresses", addresses.join(","));
        }
        let data_dir = settings.storage.data_dir.clone();
        let store = FeedStore::open(&FeedStoreOptions { data_dir, cache_bytes: FEED_CACHE_BYTES, key })?;
        let options = FeedOptions { seed, interval: FEED_INTERVAL, ..FeedOptions::default() };
        let feed = Feed::start(Arc::clone(&shared), &switch, store, gossip.clone(), options);
        let network = GroupNetwork::new(Arc::clone(&shared), &switch);
        let pace = Pace::new(Arc::clone(&shared), belonging.round_trips(), settings.cluster.replication.wan);

        let net = Self {
            belonging,
            identity,
            transport: shared,
            quic: transport,
            switch,
            membership,
            gossip,
            feed,
            network,
            pace,
            address,
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        };
        net.keep_certificate(settings.cluster.trust.certificate_lifetime);
        net.keep_addresses(Arc::clone(views));
        net.tell_load();
        Ok(net)
    }

    /// Runs until the net is closed.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = stopping.cancelled() => {}
            }
        });
    }

    /// How a node does, as far as this node knows; none if it was never seen since the start.
    #[must_use]
    pub fn liveness(&self, node: NodeId) -> Option<Liveness> {
        if node == self.belonging.node() {
            return Some(Liveness::Alive);
        }
        self.membership.members().borrow().get(&node).map(|member| member.state)
    }

    /// The nodes that answer, as far as this node knows; itself is one of them.
    #[must_use]
    pub fn is_alive(&self, node: NodeId) -> bool {
        node == self.belonging.node() || answers(&self.membership, node)
    }

    fn keep_certificate(&self, lifetime: Duration) {
        let (belonging, identity) = (Arc::clone(&self.belonging), Arc::clone(&self.identity));
        let options = RenewalOptions { lifetime, ..RenewalOptions::default() };
        self.spawn(async move {
            let issue = |validity| {
                belonging.renew(validity).map_err(|error| match error {
                    BelongingError::Trust(error) => error,
                    other @ (BelongingError::Io { .. }
                    | BelongingError::Damaged { .. }
                    | BelongingError::ForeignFiles { .. }
                    | BelongingError::Taken { .. }) => TrustError::Unwritten(other.to_string()),
                })
            };
            match renew_when_due(identity, options, SystemTime::now, issue).await {}
        });
    }

    /// Tells the others how busy this machine is, now and then.
    fn tell_load(&self) {
        let gossip = self.gossip.clone();
        self.spawn(async move {
            let mut told = None;
            loop {
                let load = load_permille();
                if let Some(load) = load.filter(|_load| load != told) {
                    gossip.set("load", load.to_string());
                    told = Some(load);
                }
                tokio::time::sleep(LOAD_INTERVAL).await;
            }
        });
    }

    /// Tells the transport where the directory's nodes are, forgets those that were removed, and remembers all for the next
    /// start.
    fn keep_addresses(&self, views: Arc<Views>) {
        let (belonging, transport) = (Arc::clone(&self.belonging), Arc::clone(&self.transport));
        let membership = self.membership.clone();
        self.spawn(async move {
            let mut changes = views.changes();
            let mut told: BTreeMap<NodeId, SocketAddr> = BTreeMap::new();
            loop {
                let view = views.now();
                let own = belonging.node();
                let members = view.members().filter(|node| node.id != own);
                let peers: Vec<_> = members.map(|node| (node.id, node.facts.quic)).collect();
                for (peer, address) in &peers {
                    let is_news = told.insert(*peer, *address).is_none_or(|before| before != *address);
                    if is_news && transport.address(*peer) != Some(*address) {
                        transport.set_address(*peer, *address);
                        membership.announce(&[(*peer, *address)]);
                    }
                }
                let removed = view.nodes().values().filter(|node| node.status == NodeStatus::Removed);
                for gone in removed.filter(|node| node.id != own) {
                    if told.remove(&gone.id).is_some() || transport.address(gone.id).is_some() {
                        transport.forget(gone.id);
                    }
                }
                if !peers.is_empty()
                    && let Err(error) = belonging.remember(&peers)
                {
                    tracing::warn!(%error, "the addresses of peers are not remembered");
                }
                if changes.changed().await.is_err() {
                    return;
                }
            }
        });
    }

    /// Says goodbye and stops what works in the background. Groups still reach their replicas.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.membership.leave().await;
    }

    /// Closes the feed and the transport, after the groups.
    pub async fn close(&self) {
        self.feed.close().await;
        self.gossip.close().await;
        self.transport.close().await;
        // Who answers holds what it answers from, which holds the transport.
        self.switch.clear();
    }
}

impl Presence for Net {
    fn own(&self) -> NodeId {
        self.belonging.node()
    }

    fn is_alive(&self, node: NodeId) -> bool {
        Self::is_alive(self, node)
    }
}

/// Whether a peer answers, as far as the membership knows.
#[must_use]
pub fn answers(membership: &Membership, peer: NodeId) -> bool {
    membership.members().borrow().get(&peer).is_some_and(|member| match member.state {
        Liveness::Alive => true,
        Liveness::Suspect | Liveness::Down | Liveness::Left => false,
    })
}

/// The address of a host and port that an operator wrote.
///
/// # Errors
/// When nobody has the name.
pub fn resolve(address: &str) -> io::Result<SocketAddr> {
    address.to_socket_addrs()?.next().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

/// Where peers reach a node: what it says of itself; else where it listens, and if that is everywhere, the address that its
/// packets towards somebody come from.
///
/// # Errors
/// When there is no way there.
pub fn reached_at(
    advertise: Option<ListenAddress>,
    mut listen: SocketAddr,
    towards: SocketAddr,
) -> io::Result<SocketAddr> {
    if let Some(said) = advertise {
        return Ok(said.socket_addr());
    }
    if listen.ip().is_unspecified() {
        // Connecting a UDP socket sends nothing; the system only chooses the address.
        let any = if towards.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any)?;
        socket.connect(towards)?;
        listen.set_ip(socket.local_addr()?.ip());
    }
    Ok(listen)
}

/// How busy this machine is, in thousandths of all its processors, over the last minute; none where the system does not say.
fn load_permille() -> Option<u16> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    let waiting: f64 = text.split_whitespace().next()?.parse().ok()?;
    let processors = std::thread::available_parallelism().ok()?.get();
    Some((waiting * 1000.0 / processors as f64).clamp(0.0, 1000.0) as u16)
}
