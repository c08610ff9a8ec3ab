//! The rim: HTTP, JSON, paths and status codes. Nothing below knows of them.
//!
//! A connection is accepted by the [`server`], which speaks HTTP/1.1 and HTTP/2, with TLS if it has a certificate. Each
//! request passes the `front` once: it gets an id, is counted against its address's [`limits`], has a deadline, and
//! a panic in its handler becomes an answer. `routing` tells whose it is, and `dispatch` brings it to that home, on this
//! node or another, where the [`router`] finds its handler. A handler *extracts* what it needs
//! (`extract`), asks one service, and converts the answer; whatever goes wrong is a [`Problem`] of one of the
//! [`kinds`], and says what to do.
//!
//! The router is built from one `router()` per resource, made of handlers with their documentation; `openapi` is
//! therefore exactly what is served, and `docs` is that document for people.
//!
//! **Architecture invariant**: nothing here decides anything about seats, money or rights on data; it asks.

pub(crate) mod accounts;
pub(crate) mod bookings;
pub(crate) mod cluster;
pub(crate) mod codings;
pub(crate) mod cookies;
pub(crate) mod csrf;
pub(crate) mod dispatch;
pub(crate) mod distant_maps;
pub(crate) mod docs;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod extract;
pub(crate) mod follows;
pub(crate) mod front;
pub(crate) mod halls;
mod holds;
pub mod houses;
pub(crate) mod instant;
pub(crate) mod kills;
pub mod kinds;
pub mod limits;
pub(crate) mod long;
mod nearest;
pub(crate) mod openapi;
pub(crate) mod organizing;
pub(crate) mod page_session;
pub(crate) mod paths;
pub(crate) mod performances;
mod plans;
pub mod problem;
pub(crate) mod references;
mod refusals;
pub(crate) mod reviews;
pub mod router;
pub(crate) mod routing;
pub(crate) mod search;
pub mod seats;
pub(crate) mod selection;
pub mod server;
pub(crate) mod sessions;
pub(crate) mod shared_cache;
pub mod siblings;
pub mod staleness;
pub(crate) mod tickets;
pub mod tls;
pub(crate) mod tokens;
pub(crate) mod venues;
mod webhooks;

use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use marquee_config::Settings;
use tokio_util::sync::CancellationToken;

use crate::accounts::{Passwords, Service, Tokens};
use crate::cluster::net::Net;
use crate::finding::Finder;
use crate::geo::Geo;
use crate::home::Home;
use crate::keys::SecretKey;
use crate::outbox::Outbox;
use crate::selling::Selling;
use crate::selling::mirror::Mirror;
use distant_maps::DistantMaps;
use limits::Limits;
use seats::SeatMaps;
use siblings::Siblings;
use staleness::Staleness;

pub use problem::Problem;

/// What every handler can reach: what the node has, and one of its groups. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    /// What all groups of the node share.
    pub shared: Arc<Shared>,
    /// The group that requests are answered from.
    pub home: Home,
    /// Carries out what the ledger decided.
    pub outbox: Outbox,
    /// Sells.
    pub selling: Selling,
    /// Seat maps as they are served.
    pub seat_maps: SeatMaps,
}

/// What all groups of a node share.
pub struct Shared {
    /// What the node was told.
    pub settings: Settings,
    /// Issues and checks access tokens.
    pub tokens: Tokens,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// The cluster's secret of hashes of requests, of form tokens and of the exchange of refresh tokens.
    pub request_secret: SecretKey,
    /// Cancelled when the node stops: streams that have no end of their own end then.
    pub stopping: CancellationToken,
    /// Who asks too much.
    pub limits: Limits,
    /// Which nodes are nearest to a customer.
    pub geo: Arc<Geo>,
    /// The other nodes' pages, which may ask this one.
    pub siblings: Siblings,
    /// The node's connection to its cluster; none if it is alone.
    pub net: Option<Arc<Net>>,
    /// How old this node's news are.
    pub staleness: Staleness,
    /// Seats that are sold where this node has no replica.
    pub mirror: Arc<Mirror>,
    /// Seat maps of homes elsewhere.
    pub distant_maps: DistantMaps,
    /// Search, and the feed.
    pub finder: Arc<Finder>,
    /// The address that customers know this node by, without a slash at its end.
    pub public_url: String,
}

impl Deref for Parts {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl App {
    /// Puts an app together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Accounts and sessions.
    #[must_use]
    pub fn accounts(&self) -> Service<'_> {
        let settings = &self.settings.cluster.accounts;
        Service::new(&self.home, &self.tokens, &self.passwords, &self.request_secret, settings)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// 128 random bits, for secrets.
    #[must_use]
    pub fn random(&self) -> u128 {
        u128::from_be_bytes(crate::keys::random())
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
