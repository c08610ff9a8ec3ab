//! One node's life: opened over its data folder, served, and stopped without losing anything.
//!
//! [`Node::open`] brings up everything below HTTP: keys, storage, the group with its state, the outbox. That is a whole
//! node, which commands of the CLI use as well. [`Node::serve`] answers HTTP until the node is told to stop, or its
//! storage breaks. [`Node::close`] then goes the other way: first what is in flight is answered, since buyers wait for
//! payments that the outbox carries out; then the outbox rests; then the log and the state are closed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use marquee_config::{GatewayKind, Payments, SecretError, Settings};
use marquee_replication::gossip::Gossip;
use marquee_replication::{
    GroupId, GroupNetwork, NodeId, StorageKey, Store, StoreError, StoreFailure, StoreOptions, WeakKey,
};
use marquee_search::index::IndexError;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::accounts::passwords::HashingFailed;
use crate::accounts::{Passwords, Revocations, Tokens};
use crate::catalog::CatalogCopy;
use crate::cluster::commons::Commons;
use crate::cluster::courier::Courier;
use crate::cluster::identity::{Belonging, BelongingError};
use crate::cluster::net::{Net, NetError};
use crate::cluster::peers::Peers;
use crate::cluster::spread::Spread;
use crate::cluster::{joining, serving};
use crate::directory::{Command, NodeFacts, Point, Views};
use crate::dns;
use crate::estate::{BuildError, Estate, Ground};
use crate::finding::{Finder, indexer};
use crate::geo::{Alone, Candidates, Geo, Geography, own_candidate};
use crate::home::{Clock, Home};
use crate::http::distant_maps::DistantMaps;
use crate::http::houses::House;
use crate::http::limits::Limits;
use crate::http::siblings::Siblings;
use crate::http::staleness::Staleness;
use crate::http::tls::{self, TlsError};
use crate::http::{App, Shared, server};
use crate::keys::{KeyError, KeyFolder};
use crate::outbox::Gateways;
use crate::payments::sandbox::{self, Client, ClientOptions};
use crate::payments::stripe::{Stripe, StripeOptions};
use crate::payments::{GuardOptions, Guarded, InvalidOptions, PaymentGateway, Secret};
use crate::selling::codes::TicketKeys;
use crate::selling::mirror::Mirror;

/// How long to wait before the directory is told again of this node; doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Where the sandbox gateway is unless the settings say so.
const SANDBOX_URL: &str = "http://127.0.0.1:8081";

/// A node that is open.
pub struct Node {
    front: House,
    estate: Arc<Estate>,
    net: Option<Arc<Net>>,
    /// Follows the catalog.
    indexing: JoinHandle<()>,
}

/// Why a node does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder's keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// Passwords cannot be hashed at the cost that the settings name.
    #[error("the settings under cluster.accounts.password cannot be used")]
    Passwords(#[from] HashingFailed),
    /// The storage's key cannot be used.
    #[error(transparent)]
    StorageKey(#[from] marquee_config::KeyError),
    /// The storage's key is of no use.
    #[error(transparent)]
    WeakKey(#[from] WeakKey),
    /// The storage does not open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state does not open.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The data folder's place in a cluster cannot be read.
    #[error(transparent)]
    Belonging(#[from] BelongingError),
    /// The node does not connect to its cluster.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The settings have a network, and the data folder belongs to no cluster.
    #[error(
        "the settings have a [network], and {} belongs to no cluster; begin one with `marquee cluster init`, or join \
         one with `marquee cluster join`",
        folder.display()
    )]
    NotJoined {
        /// The data folder.
        folder: PathBuf,
    },
    /// The data folder belongs to a cluster, and the settings have no network.
    #[error("{} belongs to a cluster, and the settings have no [network]; say where peers reach this node", folder.display())]
    NoNetwork {
        /// The data folder.
        folder: PathBuf,
    },
    /// The search index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A secret of the settings cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The gateway's settings cannot be used.
    #[error("the settings under cluster.payments cannot be used")]
    Gateway(#[from] InvalidOptions),
}

/// Why a node does not serve, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The API's documentation cannot be written.
    #[error("the documentation cannot be written")]
    Documentation(#[from] serde_json::Error),
    /// The cluster's name cannot be used.
    #[error(transparent)]
    Zone(#[from] dns::ZoneError),
    /// The cluster's name cannot be answered.
    #[error(transparent)]
    Dns(#[from] dns::BindError),
    /// The storage broke while the node was serving.
    #[error("the node stops, since its storage broke; what was answered is safe")]
    Storage(#[from] StoreFailure),
}

impl Node {
    /// Opens a node over the data folder of its settings. `address` is where it will be reached if the settings name no
    /// public address.
    ///
    /// # Errors
    /// When keys or storage cannot be used; nothing is running then.
    pub async fn open(settings: Settings, address: SocketAddr) -> Result<Self, OpenError> {
        let folder = &settings.storage.data_dir;
        let belonging = belonging(&settings)?;
        let node = belonging.as_ref().map_or(NodeId(1), |belonging| belonging.node());
        let keys = KeyFolder::open(folder)?;
        let accounts = &settings.cluster.accounts;
        let revocations = Arc::new(Revocations::default());
        let tokens = Tokens::open(&keys, accounts.access_token_lifetime, Arc::clone(&revocations))?;
        let passwords = Passwords::new(&accounts.password, settings.limits.passwords_waiting)?;
        let request_secret = keys.secret("requests")?;
        let ticket_keys = Arc::new(TicketKeys::open(&keys)?);
        let gateways = gateways(&settings.cluster.payments)?;
        let options = store_options(&settings)?;
        let key = options.key.clone();
        let store = Store::open(options)?;
        if let Some(belonging) = &belonging
            && let Err(error) = check_files(belonging, &store)
        {
            // Who asks again finds the files free. What the store says is no news then.
            let _ = store.close().await;
            return Err(error);
        }

        let clock = system_clock();
        let (copy, views) = (Arc::<CatalogCopy>::default(), Arc::<Views>::default());
        let spread =
            Spread::new(Arc::clone(&copy), Arc::clone(&views), Arc::clone(&revocations), Arc::clone(&clock));
        let finder =
            Finder::open(&settings.storage.data_dir.join("search"), Arc::clone(&copy), Arc::clone(&spread))?;
        let net = match belonging.zip(settings.network.as_ref()) {
            Some((belonging, network)) => {
                let net = Net::start(&settings, network, belonging, key, &views)?;
                spread.connect(net.feed.clone());
                Some(Arc::new(net))
            }
            None => None,
        };
        let transport = net.as_ref().map(|net| Arc::clone(&net.transport) as _);
        let courier = Courier::new(node, transport, Arc::clone(&views));
        let commons = Commons::new(copy, Arc::clone(&views), revocations, spread, Arc::clone(&courier));
        let candidates: Arc<dyn Candidates> = match &net {
            Some(net) => {
                Arc::new(Peers::new(Arc::clone(net), views, own_candidate(node, &settings, address)))
            }
            None => Arc::new(Alone::new(node, &settings, address)),
        };
        let stopping = CancellationToken::new();
        let shared = Arc::new(Shared {
            mirror: Mirror::new(Arc::clone(&commons), GroupId(node.0), stopping.clone()),
            distant_maps: DistantMaps::default(),
            finder: Arc::clone(&finder),
            tokens,
            passwords,
            request_secret,
            stopping,
            limits: Limits::new(&settings.limits, &settings.http.trusted_proxies),
            geo: Arc::new(Geo::new(Geography::new(&settings), candidates)),
            siblings: Siblings::default(),
            net: net.clone(),
            staleness: Staleness::default(),
            public_url: public_url(&settings, address),
            settings,
        });
        let estate = Estate::new(Ground {
            node,
            store,
            network: net.as_ref().map_or_else(GroupNetwork::alone, |net| Arc::clone(&net.network)),
            commons,
            clock: Arc::clone(&clock),
            gateways,
            ticket_keys,
            shared: Arc::clone(&shared),
        });
        courier.employ(Arc::clone(estate.houses()) as _);
        let front = estate.build(GroupId(node.0), true, net.as_ref()).await?;
        if let Some(net) = &net {
            serving::serve(&net.switch, Arc::clone(estate.houses()) as _);
            joining::welcome_newcomers(&net.switch, front.app.home.clone(), Arc::clone(&net.belonging), keys);
            net.spawn(follow_hints(net.gossip.clone(), courier));
            estate.follow(net);
            let facts = facts(&shared.settings, address, net.address);
            net.spawn(introduce(front.app.home.clone(), node, facts));
        }
        let indexing = tokio::spawn(indexer::follow(finder, clock, shared.stopping.clone()));
        Ok(Self { front, estate, net, indexing })
    }

    /// What its handlers reach.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.front.app
    }

    /// The node's connection to its cluster; none if it is alone.
    #[must_use]
    pub const fn net(&self) -> Option<&Arc<Net>> {
        self.net.as_ref()
    }

    /// Answers HTTP, and DNS if the settings name a zone, until the app's `stopping` is cancelled and what was in flight is answered.
    ///
    /// # Errors
    /// When the certificate cannot be used, DNS cannot be answered, or the storage breaks.
    pub async fn serve(&self, listener: TcpListener) -> Result<(), ServeError> {
        let app = self.app();
        let http = &app.settings.http;
        let tls = http.tls.as_ref().map(|tls| tls::server_config(&tls.cert, &tls.key)).transpose()?;
        if let Some(zone) = dns::Zone::new(&app.settings)? {
            let responder = dns::Responder::bind(&app.settings.dns, zone, Arc::clone(&app.geo)).await?;
            // It holds nothing that must be put away: it ends with `stopping`.
            tokio::spawn(responder.serve(app.stopping.clone()));
        }
        let houses = Arc::clone(self.estate.houses());
        let mut serving = std::pin::pin!(server::serve(listener, tls, self.front.clone(), houses));
        tokio::select! {
            () = serving.as_mut() => Ok(()),
            failure = self.estate.store().failed() => {
                // Whoever waits for an answer is told that the node stops.
                app.stopping.cancel();
                serving.await;
                Err(failure.into())
            }
        }
    }

    /// Stops what is below HTTP; what was answered is durable.
    ///
    /// # Errors
    /// When the storage broke; the log has what the state lacks then, and the next start finds it.
    pub async fn close(self) -> Result<(), StoreError> {
        self.app().stopping.cancel();
        if let Some(net) = &self.net {
            net.stop().await;
        }
        // Who opens the folder again finds the index free. What a worker that panicked held is healed then.
        let _ = self.indexing.await;
        self.estate.close().await;
        if let Some(net) = &self.net {
            net.close().await;
        }
        self.estate.store().clone().close().await
    }
}

/// What the data folder says of the node's cluster; it must fit the settings.
fn belonging(settings: &Settings) -> Result<Option<Arc<Belonging>>, OpenError> {
    let folder = settings.storage.data_dir.clone();
    match (Belonging::read(&folder)?, &settings.network) {
        (None, None) => Ok(None),
        (Some(belonging), Some(_network)) => Ok(Some(Arc::new(belonging))),
        (None, Some(_network)) => Err(OpenError::NotJoined { folder }),
        (Some(_belonging), None) => Err(OpenError::NoNetwork { folder }),
    }
}

/// Makes sure that a member's files are those that it has had since its first start.
fn check_files(belonging: &Belonging, store: &Store) -> Result<(), OpenError> {
    let files = store.files_id(u64::from_be_bytes(crate::keys::random()))?;
    Ok(belonging.check_files(files)?)
}

/// What a node says of itself.
#[must_use]
pub fn facts(settings: &Settings, http: SocketAddr, quic: SocketAddr) -> NodeFacts {
    let own = &settings.node;
    let region = settings.cluster.regions.get(&own.region);
    let location = own.location.or_else(|| region.map(|region| region.location));
    NodeFacts {
        name: own.name.to_string(),
        region: own.region.to_string(),
        zone: own.zone.to_string(),
        location: location.map(|at| Point { latitude: at.lat_deg(), longitude: at.lon_deg() }),
        http: public_url(settings, http),
        quic,
    }
}

/// Tells the directory of this node, until it knows: a founder makes it, and a member's addresses may have changed.
pub async fn introduce(home: Home, node: NodeId, facts: NodeFacts) {
    let mut pause = FIRST_PAUSE;
    loop {
        let command = match node {
            NodeId(1) if home.commons().views.now().nodes().is_empty() => Command::Found(facts.clone()),
            node => Command::Describe { node, facts: facts.clone() },
        };
        match home.directory(None, command).await {
            Ok(Ok(_known)) => return,
            Ok(Err(refusal)) => tracing::error!(%refusal, "the directory does not take this node's facts"),
            Err(failure) => tracing::debug!(%failure, "the directory is told later"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Turns what nodes say of being home into hints.
pub async fn follow_hints(gossip: Gossip, courier: Arc<Courier>) {
    let mut told = gossip.nodes();
    loop {
        let nodes = told.borrow_and_update().clone();
        for (node, said) in nodes.iter() {
            for (key, value) in said {
                let group = key.strip_prefix("home/g").and_then(|group| group.parse().ok());
                let term = value.split('.').next().and_then(|term| term.parse().ok());
                if let (Some(group), Some(term)) = (group, term) {
                    courier.hint(GroupId(group), *node, term);
                }
            }
        }
        if told.changed().await.is_err() {
            return;
        }
    }
}

/// Where and how the settings keep the store.
///
/// # Errors
/// When the storage's key cannot be used.
pub fn store_options(settings: &Settings) -> Result<StoreOptions, OpenError> {
    let storage = &settings.storage;
    let key = storage.encryption.read_key()?.map(|key| StorageKey::new(*key.bytes())).transpose()?;
    Ok(StoreOptions {
        data_dir: storage.data_dir.clone(),
        cache_bytes: storage.cache.as_usize(),
        key,
        sync_interval: storage.sync_interval,
    })
}

/// The address that customers know the node by, without a slash at its end.
#[must_use]
pub fn public_url(settings: &Settings, address: SocketAddr) -> String {
    let http = &settings.http;
    let scheme = if http.is_https() { "https" } else { "http" };
    http.public_url.as_ref().map_or_else(|| format!("{scheme}://{address}"), |url| url.as_str().to_owned())
}

fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// The configured gateway, guarded, under its name.
fn gateways(payments: &Payments) -> Result<Gateways, OpenError> {
    let read = |source: &Option<marquee_config::SecretSource>, usual: &str| -> Result<Secret, SecretError> {
        source
            .as_ref()
            .map_or_else(|| Ok(Secret::new(usual)), |source| Ok(Secret::new(source.read()?.expose())))
    };
    let url = payments.url.as_ref().map(|url| url.as_str().to_owned());
    let (name, gateway): (&str, Arc<dyn PaymentGateway>) = match payments.gateway {
        GatewayKind::Sandbox => {
            let client = Client::new(&ClientOptions {
                base_url: url.unwrap_or_else(|| SANDBOX_URL.to_owned()),
                api_key: read(&payments.api_key, sandbox::USUAL_API_KEY)?,
                webhook_secret: read(&payments.webhook_secret, sandbox::USUAL_WEBHOOK_SECRET)?,
                deadline: payments.timeout,
            })?;
            ("sandbox", Arc::new(client))
        }
        GatewayKind::Stripe => {
            // The settings' own rules ask for both secrets.
            let mut options =
                StripeOptions::new(read(&payments.api_key, "")?, read(&payments.webhook_secret, "")?);
            options.deadline = payments.timeout;
            options.base_url = url.unwrap_or(options.base_url);
            ("stripe", Arc::new(Stripe::new(&options)?))
        }
    };
    let guard = GuardOptions { in_flight_max: payments.calls_in_flight as usize, ..GuardOptions::default() };
    let guarded: Arc<dyn PaymentGateway> = Arc::new(Guarded::new(gateway, guard));
    Ok(Gateways::from([(name.to_owned(), guarded)]))
}
