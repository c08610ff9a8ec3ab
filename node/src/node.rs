//! One node's life: opened over its data folder, served, and stopped without losing anything.
//!
//! [`Node::open`] brings up everything below HTTP: keys, storage, the group with its state, the outbox. That is a whole
//! node, which commands of the CLI use as well. [`Node::serve`] answers HTTP until the node is told to stop, or its
//! storage breaks. [`Node::close`] then goes the other way: first what is in flight is answered, since buyers wait for
//! payments that the outbox carries out; then the outbox rests; then the log and the state are closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use marquee_config::{GatewayKind, Payments, SecretError, Settings};
use marquee_replication::{
    GroupError, NodeId, StorageKey, Store, StoreError, StoreFailure, StoreOptions, WeakKey,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::accounts::passwords::HashingFailed;
use crate::accounts::{Passwords, Revocations, Tokens};
use crate::dns;
use crate::geo::{Alone, Geo, Geography};
use crate::home::{Clock, Home, HomeOptions};
use crate::http::limits::Limits;
use crate::http::seats::SeatMaps;
use crate::http::siblings::Siblings;
use crate::http::tls::{self, TlsError};
use crate::http::{App, Parts, router, server};
use crate::keys::{KeyError, KeyFolder};
use crate::outbox::{Door, Gateways, Outbox};
use crate::payments::sandbox::{self, Client, ClientOptions};
use crate::payments::stripe::{Stripe, StripeOptions};
use crate::payments::{GuardOptions, Guarded, InvalidOptions, PaymentGateway, Secret};
use crate::selling::Selling;
use crate::selling::codes::TicketKeys;
use crate::selling::live::Live;

/// Where the sandbox gateway is unless the settings say so.
const SANDBOX_URL: &str = "http://127.0.0.1:8081";

/// A node that is open.
pub struct Node {
    app: App,
    store: Store,
    outbox: Outbox,
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
    Group(#[from] GroupError),
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
        let keys = KeyFolder::open(folder)?;
        let accounts = &settings.cluster.accounts;
        let revocations = Arc::new(Revocations::default());
        let tokens = Tokens::open(&keys, accounts.access_token_lifetime, Arc::clone(&revocations))?;
        let passwords = Passwords::new(&accounts.password, settings.limits.passwords_waiting)?;
        let request_secret = keys.secret("requests")?;
        let ticket_keys = TicketKeys::open(&keys)?;
        let gateways = gateways(&settings.cluster.payments)?;
        let store = Store::open(store_options(&settings)?)?;
        let (door, incoming) = Door::open();
        let options = HomeOptions {
            commands_waiting_max: settings.limits.commands_waiting as usize,
            ledger: marquee_ledger::Options {
                places_per_hold_max: settings.cluster.selling.places_per_hold.into(),
                holds_per_holder_max: settings.cluster.selling.holds_per_buyer.into(),
                ..marquee_ledger::Options::default()
            },
            clock: system_clock(),
            revocations,
        };
        let live = Arc::new(Live::default());
        let home = Home::open(&store, options, vec![door, Arc::clone(&live) as _]).await?;
        let return_url = format!("{}/bookings/", public_url(&settings, address));
        let outbox = Outbox::start(home.clone(), gateways, return_url, incoming);
        let alone = Alone::new(NodeId(1), &settings, address);
        let geo = Arc::new(Geo::new(Geography::new(&settings), Arc::new(alone)));
        let app = App::new(Parts {
            tokens,
            passwords,
            request_secret,
            stopping: CancellationToken::new(),
            limits: Limits::new(&settings.limits, &settings.http.trusted_proxies),
            outbox: outbox.clone(),
            selling: Selling::new(home.clone(), live, ticket_keys, &settings.cluster),
            seat_maps: SeatMaps::default(),
            geo,
            siblings: Siblings::default(),
            home,
            settings,
        });
        Ok(Self { app, store, outbox })
    }

    /// What its handlers reach.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Answers HTTP, and DNS if the settings name a zone, until the app's `stopping` is cancelled and what was in flight is answered.
    ///
    /// # Errors
    /// When the certificate cannot be used, DNS cannot be answered, or the storage breaks.
    pub async fn serve(&self, listener: TcpListener) -> Result<(), ServeError> {
        let http = &self.app.settings.http;
        let tls = http.tls.as_ref().map(|tls| tls::server_config(&tls.cert, &tls.key)).transpose()?;
        let router = router::router(self.app.clone())?;
        if let Some(zone) = dns::Zone::new(&self.app.settings)? {
            let responder =
                dns::Responder::bind(&self.app.settings.dns, zone, Arc::clone(&self.app.geo)).await?;
            // It holds nothing that must be put away: it ends with `stopping`.
            tokio::spawn(responder.serve(self.app.stopping.clone()));
        }
        let mut serving = std::pin::pin!(server::serve(listener, tls, self.app.clone(), router));
        tokio::select! {
            () = serving.as_mut() => Ok(()),
            failure = self.store.failed() => {
                // Whoever waits for an answer is told that the node stops.
                self.app.stopping.cancel();
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
        self.app.stopping.cancel();
        self.outbox.stop().await;
        self.app.home.clone().close().await;
        self.store.close().await
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
