//! A node's connection to its cluster: transport, membership, gossip and feed.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use marquee_config::{NodeNetwork, Settings};
use marquee_replication::feed::{Feed, FeedOptions, FeedStore, FeedStoreError, FeedStoreOptions};
use marquee_replication::gossip::{Gossip, GossipOptions};
use marquee_replication::membership::{Liveness, Membership, MembershipOptions};
use marquee_replication::transport::{BindError, QuicOptions, QuicTransport, Switch, Transport};
use marquee_replication::trust::{IdentityStore, RenewalOptions, TrustError, renew_when_due};
use marquee_replication::{GroupNetwork, NodeId, StorageKey};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::identity::{Belonging, BelongingError};
use super::wan::Distant;
use crate::directory::Views;

/// The pause between two exchanges of gossip.
const GOSSIP_INTERVAL: Duration = Duration::from_millis(200);
/// How often a node compares its copy of the feed with a peer's; what changes is told at once.
const FEED_INTERVAL: Duration = Duration::from_millis(500);
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
    /// A peer's address names nobody.
    #[error("network.peers: {peer} cannot be resolved: {source}")]
    Peer {
        /// Which.
        peer: String,
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
        let address = network.advertise.map_or_else(|| transport.local_addr(), |said| said.socket_addr());
        let near: Arc<dyn Transport> = Arc::clone(&transport) as _;
        let delays: BTreeMap<_, _> =
            network.delay.iter().map(|(region, delay)| (region.to_string(), *delay)).collect();
        let shared: Arc<dyn Transport> = match delays.is_empty() {
            true => near,
            false => Arc::new(Distant::new(near, Arc::clone(views), delays)),
        };

        let known = belonging.peers();
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
        let data_dir = settings.storage.data_dir.clone();
        let store = FeedStore::open(&FeedStoreOptions { data_dir, cache_bytes: FEED_CACHE_BYTES, key })?;
        let options = FeedOptions { seed, interval: FEED_INTERVAL, ..FeedOptions::default() };
        let feed = Feed::start(Arc::clone(&shared), &switch, store, gossip.clone(), options);
        let network = GroupNetwork::new(Arc::clone(&shared), &switch);

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
            address,
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        };
        net.keep_certificate(settings.cluster.trust.certificate_lifetime);
        net.keep_addresses(Arc::clone(views));
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

    /// Tells the transport where the directory's nodes are, and remembers it for the next start.
    fn keep_addresses(&self, views: Arc<Views>) {
        let (belonging, transport) = (Arc::clone(&self.belonging), Arc::clone(&self.transport));
        let membership = self.membership.clone();
        self.spawn(async move {
            let mut changes = views.changes();
            loop {
                let view = views.now();
                let own = belonging.node();
                let members = view.members().filter(|node| node.id != own);
                let peers: Vec<_> = members.map(|node| (node.id, node.facts.quic)).collect();
                for (peer, address) in &peers {
                    if transport.address(*peer).is_none() {
                        transport.set_address(*peer, *address);
                        membership.announce(&[(*peer, *address)]);
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

/// Resolves an address of the settings.
///
/// # Errors
/// When nobody has the name.
pub fn resolve(peer: &str) -> Result<SocketAddr, NetError> {
    let named = |source| NetError::Peer { peer: peer.to_owned(), source };
    let mut addresses = peer.to_socket_addrs().map_err(named)?;
    addresses.next().ok_or_else(|| named(io::Error::from(io::ErrorKind::NotFound)))
}
