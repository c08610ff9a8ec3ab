//! The connection of two nodes, and when it breaks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::super::error::TransportError;
use super::IDLE_TIMEOUT;
use super::{Clock, Links, MemoryNetwork};
use crate::identity::NodeId;

/// A node, and which of its lives: a node that comes again knows no connection of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct End {
    pub(super) node: NodeId,
    pub(super) joined: u64,
}

/// Carries the streams and messages of two nodes, until it breaks.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) ends: (End, End),
    broken: watch::Sender<bool>,
    /// Since when, by the network's time, something does not pass. Noted by the first who waits.
    silent_since: parking_lot::Mutex<Option<Duration>>,
}

impl Connection {
    fn new(ends: (End, End)) -> Self {
        Self { ends, broken: watch::Sender::new(false), silent_since: parking_lot::Mutex::default() }
    }

    pub(super) fn is_broken(&self) -> bool {
        *self.broken.borrow()
    }

    /// The other end than this one.
    pub(super) fn other(&self, end: End) -> End {
        if self.ends.0 == end { self.ends.1 } else { self.ends.0 }
    }

    fn is_whole(&self, links: &Links) -> bool {
        links.passes(self.ends.0, self.ends.1) && links.passes(self.ends.1, self.ends.0)
    }

    /// Resolves when the connection breaks.
    pub(super) async fn breaks(&self, network: &MemoryNetwork, clock: Clock) {
        let mut broken = self.broken.subscribe();
        let mut changed = network.0.changed.subscribe();
        loop {
            changed.borrow_and_update();
            if *broken.borrow_and_update() {
                return;
            }
            let due = self.breaks_at(&network.0.links.lock(), clock.now());
            let sleep = async {
                match due {
                    Some(due) => tokio::time::sleep_until(clock.instant(due)).await,
                    None => std::future::pending().await,
                }
            };
            // The senders live as long as the network and the connection.
            tokio::select! {
                biased;
                _ = broken.changed() => {}
                _ = changed.changed() => {}
                () = sleep => {
                    if self.breaks_at(&network.0.links.lock(), clock.now()).is_some_and(|due| due <= clock.now()) {
                        self.broken.send_replace(true);
                    }
                }
            }
        }
    }

    /// When it will break if nothing changes; never while everything passes.
    fn breaks_at(&self, links: &Links, now: Duration) -> Option<Duration> {
        let mut since = self.silent_since.lock();
        if self.is_whole(links) {
            *since = None;
            return None;
        }
        let since = *since.get_or_insert(now);
        let reborn = |end: End| links.nodes.get(&end.node).is_some_and(|there| there.end != end);
        let is_reachable = !links.cut.contains(&(self.ends.0.node, self.ends.1.node))
            && !links.cut.contains(&(self.ends.1.node, self.ends.0.node));
        // A node that was started again answers what it does not know with a reset.
        if is_reachable && (reborn(self.ends.0) || reborn(self.ends.1)) {
            return Some(now);
        }
        Some(since + IDLE_TIMEOUT)
    }

    /// Resolves when something passes in this direction; an error when the connection broke.
    pub(super) async fn passes(&self, network: &MemoryNetwork, clock: Clock, from: End) -> Result<(), Broke> {
        let to = self.other(from);
        let mut changed = network.0.changed.subscribe();
        loop {
            changed.borrow_and_update();
            if self.is_broken() {
                return Err(Broke);
            }
            if network.0.links.lock().passes(from, to) {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = self.breaks(network, clock) => return Err(Broke),
                _ = changed.changed() => {}
            }
        }
    }
}

/// The connection broke.
#[derive(Debug)]
pub(super) struct Broke;

impl Broke {
    pub(super) fn with(self, peer: NodeId) -> TransportError {
        TransportError::Broken { peer, reason: "nothing was heard for too long".to_owned() }
    }
}

/// The connection from one node to another; makes one if there is none.
pub(super) async fn reach(
    network: &MemoryNetwork,
    from: End,
    to: NodeId,
    clock: Clock,
    deadline: Duration,
) -> Result<Arc<Connection>, TransportError> {
    if from.node == to {
        return Err(TransportError::Unreachable { peer: to, reason: "it is this node".to_owned() });
    }
    if let Some(connection) = standing(&network.0.links.lock(), from, to) {
        return Ok(connection);
    }
    let shake_hands = async {
        let mut changed = network.0.changed.subscribe();
        loop {
            changed.borrow_and_update();
            let found = {
                let mut links = network.0.links.lock();
                if !links.is_there(from) {
                    return Err(TransportError::Closed);
                }
                look(&mut links, from, to, clock.now())
            };
            match found {
                Found::Nobody => {
                    return Err(TransportError::Unreachable {
                        peer: to,
                        reason: "nobody listens".to_owned(),
                    });
                }
                Found::Silence => _ = changed.changed().await,
                Found::Reachable(round_trip) => {
                    if round_trip > Duration::ZERO {
                        tokio::time::sleep(round_trip).await;
                    }
                    if let Some(connection) = connect(&mut network.0.links.lock(), from, to) {
                        return Ok(connection);
                    }
                }
            }
        }
    };
    let silence = || TransportError::Unreachable { peer: to, reason: "no answer".to_owned() };
    tokio::time::timeout(deadline, shake_hands).await.unwrap_or_else(|_late| Err(silence()))
}

enum Found {
    Nobody,
    Silence,
    /// Answers after this long.
    Reachable(Duration),
}

fn look(links: &mut Links, from: End, to: NodeId, now: Duration) -> Found {
    if links.cut.contains(&(from.node, to)) || links.cut.contains(&(to, from.node)) {
        return Found::Silence;
    }
    if !links.nodes.contains_key(&to) {
        // A machine that is there says that nobody listens. With weather, machines are off.
        return if links.weather.is_some() { Found::Silence } else { Found::Nobody };
    }
    Found::Reachable(links.weather.as_mut().map_or(Duration::ZERO, |weather| {
        weather.frame(from.node, to, 1, now) + weather.frame(to, from.node, 1, now) - now - now
    }))
}

fn key(one: NodeId, other: NodeId) -> (NodeId, NodeId) {
    (one.min(other), one.max(other))
}

/// The connection that the node has and takes for whole. The other may be gone already.
fn standing(links: &Links, from: End, to: NodeId) -> Option<Arc<Connection>> {
    let connection = links.connections.get(&key(from.node, to))?;
    let knows_it = connection.ends.0 == from || connection.ends.1 == from;
    (knows_it && links.is_there(from) && !connection.is_broken()).then(|| Arc::clone(connection))
}

fn connect(links: &mut Links, from: End, to: NodeId) -> Option<Arc<Connection>> {
    let there = links.nodes.get(&to)?.end;
    if !links.passes(from, there) || !links.passes(there, from) {
        return None;
    }
    if let Some(standing) = standing(links, from, to)
        && standing.other(from) == there
    {
        return Some(standing);
    }
    let connection = Arc::new(Connection::new((from, there)));
    let before = links.connections.insert(key(from.node, to), Arc::clone(&connection));
    if let Some(before) = before {
        // Each knows now that the other does not know it.
        before.broken.send_replace(true);
    }
    Some(connection)
}

/// Breaks all connections of a node that closes in order.
pub(super) fn break_all(network: &MemoryNetwork, end: End) {
    let links = network.0.links.lock();
    for connection in links.connections.values() {
        if connection.ends.0 == end || connection.ends.1 == end {
            connection.broken.send_replace(true);
        }
    }
}
