//! The nodes of the cluster as a customer can be sent to. Nobody is sent to a box office: it is there for who comes to it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use marquee_replication::NodeId;
use marquee_search::places::Point;
use parking_lot::Mutex;

use super::net::Net;
use crate::directory::{NodeStatus, Views};
use crate::geo::{Candidate, Candidates, Nodes};

/// How long a list is told without looking again.
const FRESH_FOR: Duration = Duration::from_millis(250);

/// See the module.
pub struct Peers {
    net: Arc<Net>,
    views: Arc<Views>,
    own: Arc<Candidate>,
    /// What was told last, and when: asked on every request, it may be a moment old.
    told: Mutex<(Instant, Nodes)>,
}

impl Peers {
    /// The nodes of a cluster; `own` is this one.
    #[must_use]
    pub fn new(net: Arc<Net>, views: Arc<Views>, own: Candidate) -> Self {
        let own = Arc::new(own);
        let told = Mutex::new((Instant::now(), Arc::from([Arc::clone(&own)])));
        Self { net, views, own, told }
    }
}

impl Candidates for Peers {
    fn own(&self) -> NodeId {
        self.own.node
    }

    /// The same list as long as nothing changed.
    fn all(&self) -> Nodes {
        let mut told = self.told.lock();
        if told.0.elapsed() >= FRESH_FOR || told.1.len() == 1 {
            let now = self.look();
            if told.1 != now {
                told.1 = now;
            }
            told.0 = Instant::now();
        }
        Arc::clone(&told.1)
    }
}

impl Peers {
    fn look(&self) -> Nodes {
        let view = self.views.now();
        let told = self.net.gossip.nodes();
        let told = told.borrow().clone();
        let others = view.members().filter(|node| node.id != self.own.node && !view.is_box_office(node.id));
        let others = others.map(|node| {
            let said = told.get(&node.id);
            let addresses = said.and_then(|said| said.get("addresses"));
            let addresses: Vec<IpAddr> = match addresses {
                Some(said) => said.split(',').filter_map(|address| address.parse().ok()).collect(),
                None => vec![node.facts.quic.ip()],
            };
            let load = said.and_then(|said| said.get("load")).and_then(|load| load.parse().ok());
            Arc::new(Candidate {
                node: node.id,
                name: node.facts.name.clone(),
                region: node.facts.region.clone(),
                zone: node.facts.zone.clone(),
                location: node.facts.location.and_then(|at| Point::new(at.latitude, at.longitude)),
                url: node.facts.http.clone(),
                addresses,
                healthy: self.net.is_alive(node.id) && node.status == NodeStatus::Active,
                load_permille: load.unwrap_or(0),
            })
        });
        std::iter::once(Arc::clone(&self.own)).chain(others).collect()
    }
}
