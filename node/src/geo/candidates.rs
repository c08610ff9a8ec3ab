//! The nodes that customers can be sent to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use marquee_config::Settings;
use marquee_replication::NodeId;
use marquee_search::places::Point;
use parking_lot::RwLock;

use super::geography::point;
use super::{Geography, Origin, Ranked, rank};
use crate::node::public_url;

/// A node that customers can be sent to, as the cluster knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its number.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its zone.
    pub zone: String,
    /// Where it stands, if it says so; else where its region is.
    pub location: Option<Point>,
    /// The address that customers know it by, without a slash at its end.
    pub url: String,
    /// The IP addresses that customers reach it at.
    pub addresses: Vec<IpAddr>,
    /// Whether it is up and takes customers.
    pub healthy: bool,
    /// How much it has to do, from 0 for nothing to 1,000 for all that it can.
    pub load_permille: u16,
}

/// Nodes, as they were at some moment. A change makes another list.
pub type Nodes = Arc<[Arc<Candidate>]>;

/// Knows the nodes of the cluster as they are.
pub trait Candidates: Send + Sync + 'static {
    /// The number of this node.
    fn own(&self) -> NodeId;

    /// All nodes, this one included, in any order.
    fn all(&self) -> Nodes;
}

/// A node without a cluster: it is the nearest, always.
#[derive(Debug, Clone)]
pub struct Alone(Nodes);

impl Alone {
    /// The node with these settings; `address` is where it listens for HTTP.
    #[must_use]
    pub fn new(node: NodeId, settings: &Settings, address: SocketAddr) -> Self {
        Self(Arc::from([Arc::new(own_candidate(node, settings, address))]))
    }
}

impl Candidates for Alone {
    fn own(&self) -> NodeId {
        self.0.first().map_or(NodeId(0), |candidate| candidate.node)
    }

    fn all(&self) -> Nodes {
        Arc::clone(&self.0)
    }
}

/// What a node says of itself; `address` is where it listens for HTTP.
#[must_use]
pub fn own_candidate(node: NodeId, settings: &Settings, address: SocketAddr) -> Candidate {
    let said = &settings.http.public_addresses;
    let listens = Some(address.ip()).filter(|address| !address.is_unspecified());
    Candidate {
        node,
        name: settings.node.name.to_string(),
        region: settings.node.region.to_string(),
        zone: settings.node.zone.to_string(),
        location: settings.node.location.and_then(point),
        url: public_url(settings, address),
        addresses: if said.is_empty() { listens.into_iter().collect() } else { said.clone() },
        healthy: true,
        load_permille: 0,
    }
}

/// Where customers are and which nodes there are, for whoever answers them.
pub struct Geo {
    geography: Geography,
    candidates: RwLock<Arc<dyn Candidates>>,
}

impl Geo {
    /// The geography of the settings, with these nodes.
    #[must_use]
    pub fn new(geography: Geography, candidates: Arc<dyn Candidates>) -> Self {
        Self { geography, candidates: RwLock::new(candidates) }
    }

    /// Takes the nodes from `candidates` from here on: a node that joins a cluster is not alone any more.
    pub fn follow(&self, candidates: Arc<dyn Candidates>) {
        *self.candidates.write() = candidates;
    }

    /// Where customers are.
    #[must_use]
    pub const fn geography(&self) -> &Geography {
        &self.geography
    }

    /// This node's number.
    #[must_use]
    pub fn own(&self) -> NodeId {
        self.candidates().own()
    }

    /// All nodes.
    #[must_use]
    pub fn all(&self) -> Nodes {
        self.candidates().all()
    }

    /// The healthy nodes, the nearest to `origin` first.
    #[must_use]
    pub fn nearest(&self, origin: &Origin) -> Vec<Ranked> {
        rank(&self.geography, &self.all(), origin)
    }

    fn candidates(&self) -> Arc<dyn Candidates> {
        Arc::clone(&self.candidates.read())
    }
}
