//! Who is where, and which connection leads there.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use super::link::Link;
use crate::identity::NodeId;

/// How many datagrams wait for a connection that is being made.
const DATAGRAMS_WAITING_MAX: usize = 16;

/// The address book and the connections.
#[derive(Debug)]
pub(super) struct Peers {
    node: NodeId,
    backoff: (Duration, Duration),
    table: Mutex<BTreeMap<NodeId, Peer>>,
}

#[derive(Debug, Default)]
struct Peer {
    address: Option<SocketAddr>,
    is_forgotten: bool,
    links: Vec<Arc<Link>>,
    /// Dropped when the dial has ended.
    dialling: Option<watch::Sender<()>>,
    failures: u32,
    not_before: Option<Instant>,
    failure: String,
    datagrams: Vec<Bytes>,
}

/// How to get to a peer.
pub(super) enum Way {
    /// By this connection.
    Link(Arc<Link>),
    /// By one that is being made; the receiver hears of its end.
    Wait(watch::Receiver<()>),
    /// By one that the caller is to make.
    Dial(SocketAddr, watch::Receiver<()>),
    /// Not, and why.
    None(String),
}

impl Peer {
    fn link(&self) -> Option<&Arc<Link>> {
        self.links.iter().rev().find(|link| link.is_usable())
    }

    fn way(&mut self) -> Way {
        if self.is_forgotten {
            return Way::None("it has left the cluster".to_owned());
        }
        if let Some(link) = self.link() {
            return Way::Link(Arc::clone(link));
        }
        if let Some(dialling) = &self.dialling {
            return Way::Wait(dialling.subscribe());
        }
        let Some(address) = self.address else {
            return Way::None("its address is not known".to_owned());
        };
        if self.not_before.is_some_and(|instant| Instant::now() < instant) {
            return Way::None(format!("{}; it is tried again shortly", self.failure));
        }
        let (dialling, ended) = watch::channel(());
        self.dialling = Some(dialling);
        Way::Dial(address, ended)
    }

    fn fail(&mut self, reason: String, (first, last): (Duration, Duration)) {
        let wait = first.saturating_mul(1 << self.failures.min(10)).min(last);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(Instant::now() + wait);
        self.failure = reason;
        self.datagrams.clear();
    }

    fn forgive(&mut self) {
        (self.failures, self.not_before) = (0, None);
    }
}

impl Peers {
    pub(super) fn new(node: NodeId, backoff: (Duration, Duration)) -> Self {
        Self { node, backoff, table: Mutex::default() }
    }

    pub(super) fn set_address(&self, peer: NodeId, address: SocketAddr) {
        let mut table = self.table.lock();
        let peer = table.entry(peer).or_default();
        if !peer.is_forgotten && peer.address.replace(address) != Some(address) {
            peer.forgive();
            // What leads to the old address leads to nobody, or to somebody else.
            for link in peer.links.iter().filter(|link| link.is_dialled) {
                if link.connection.remote_address() != address {
                    link.retire();
                }
            }
        }
    }

    pub(super) fn address(&self, peer: NodeId) -> Option<SocketAddr> {
        self.table.lock().get(&peer)?.address
    }

    /// The connections that are to be closed.
    pub(super) fn forget(&self, peer: NodeId) -> Vec<Arc<Link>> {
        let mut table = self.table.lock();
        let peer = table.entry(peer).or_default();
        std::mem::replace(peer, Peer { is_forgotten: true, ..Peer::default() }).links
    }

    pub(super) fn is_forgotten(&self, peer: NodeId) -> bool {
        self.table.lock().get(&peer).is_some_and(|peer| peer.is_forgotten)
    }

    pub(super) fn link(&self, peer: NodeId) -> Option<Arc<Link>> {
        self.table.lock().get(&peer)?.link().cloned()
    }

    pub(super) fn way(&self, peer: NodeId) -> Way {
        if peer == self.node {
            return Way::None("it is this node".to_owned());
        }
        match self.table.lock().get_mut(&peer) {
            Some(peer) => peer.way(),
            None => Way::None("its address is not known".to_owned()),
        }
    }

    /// As [`way`](Self::way), for a datagram, which waits a while for a connection that is being made.
    pub(super) fn way_of_datagram(&self, peer: NodeId, datagram: &Bytes) -> Way {
        let mut table = self.table.lock();
        let Some(peer) = table.get_mut(&peer).filter(|_known| peer != self.node) else {
            return Way::None(String::new());
        };
        let way = peer.way();
        if matches!(way, Way::Wait(_) | Way::Dial(..)) {
            if peer.datagrams.len() >= DATAGRAMS_WAITING_MAX {
                return Way::None(String::new());
            }
            peer.datagrams.push(datagram.clone());
        }
        way
    }

    /// Takes a connection into use; gives back the datagrams that waited for it. None for a peer that was forgotten.
    pub(super) fn install(&self, link: &Arc<Link>) -> Option<Vec<Bytes>> {
        let mut table = self.table.lock();
        let peer = table.entry(link.peer).or_default();
        if peer.is_forgotten {
            return None;
        }
        for other in peer.links.iter().filter(|other| other.is_usable()) {
            if other.is_replaced_by(link, self.node) {
                other.retire();
            } else {
                link.retire();
            }
        }
        peer.links.push(Arc::clone(link));
        peer.dialling = None;
        if !link.is_dialled {
            peer.forgive();
        }
        Some(std::mem::take(&mut peer.datagrams))
    }

    /// A dial ended without a connection.
    pub(super) fn dial_failed(&self, peer: NodeId, address: SocketAddr, reason: String) {
        if let Some(peer) = self.table.lock().get_mut(&peer) {
            peer.dialling = None;
            // What was said of an address that is no longer the peer's does not count.
            if peer.address == Some(address) {
                peer.fail(reason, self.backoff);
            }
        }
    }

    /// A connection ended.
    pub(super) fn lost(&self, link: &Arc<Link>, reason: String) {
        if let Some(peer) = self.table.lock().get_mut(&link.peer) {
            peer.links.retain(|other| !Arc::ptr_eq(other, link));
            if link.was_turned_away() && !link.is_retired() {
                peer.fail(reason, self.backoff);
            } else if link.is_dialled {
                peer.forgive();
            }
        }
    }
}
