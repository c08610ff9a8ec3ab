//! The two directions of a stream between nodes.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::super::duplex::{Duplex, FrameReceiver, FrameSender};
use super::super::error::TransportError;
use super::connection::{Broke, Connection, End};
use super::{Clock, MemoryNetwork, check};

/// How many frames a stream holds before its sender waits.
const FRAMES_IN_FLIGHT_MAX: usize = 64;

/// What passes.
enum Passing {
    Frame(Bytes),
    Finish,
    /// The sender was dropped without finishing.
    Reset,
}

/// Something that passes, and when it arrives; at once when there is no weather.
type Sent = (Passing, Option<Duration>);

/// One end of a stream that is on its way to the node that will have it.
pub(super) struct Ends {
    sender: Sender,
    receiver: Receiver,
}

impl Ends {
    /// The ends, on the runtime of the node that has them.
    pub(super) fn into_duplex(self) -> Duplex {
        Duplex { sender: Box::new(self.sender), receiver: Box::new(self.receiver) }
    }
}

/// A stream that `from` opens: its own end, and the other's.
pub(super) fn pair(
    network: &MemoryNetwork,
    connection: &Arc<Connection>,
    from: End,
    clock: Clock,
) -> (Duplex, Ends) {
    let to = connection.other(from);
    let clock_there = network.0.links.lock().nodes.get(&to.node).map_or(clock, |there| there.clock);
    let way = |from: End, to: End, clock_from: Clock, clock_to: Clock| {
        let (sender, receiver) = mpsc::channel(FRAMES_IN_FLIGHT_MAX);
        let way = |here: End, clock: Clock| Way {
            network: network.clone(),
            connection: Arc::clone(connection),
            from,
            to,
            here,
            clock,
        };
        let sender = Sender { way: way(from, clock_from), frames: Some(sender), last_due: Duration::ZERO };
        let receiver = Receiver { way: way(to, clock_to), frames: receiver, next: None, ended: None };
        (sender, receiver)
    };
    let (to_there, at_there) = way(from, to, clock, clock_there);
    let (to_here, at_here) = way(to, from, clock_there, clock);
    let here = Duplex { sender: Box::new(to_there), receiver: Box::new(at_here) };
    (here, Ends { sender: to_here, receiver: at_there })
}

/// One direction of a stream, seen from one of its ends.
struct Way {
    network: MemoryNetwork,
    connection: Arc<Connection>,
    from: End,
    to: End,
    here: End,
    clock: Clock,
}

impl Way {
    fn peer(&self) -> crate::identity::NodeId {
        if self.here == self.from { self.to.node } else { self.from.node }
    }

    fn broken(&self, reason: &str) -> TransportError {
        TransportError::Broken { peer: self.peer(), reason: reason.to_owned() }
    }

    async fn breaks(&self) -> TransportError {
        self.connection.breaks(&self.network, self.clock).await;
        Broke.with(self.peer())
    }

    /// Whether the node that has this end is still the one that it was.
    fn is_alive(&self) -> bool {
        self.network.0.links.lock().is_there(self.here)
    }
}

struct Sender {
    way: Way,
    frames: Option<mpsc::Sender<Sent>>,
    /// Frames do not overtake each other.
    last_due: Duration,
}

impl Sender {
    fn due(&mut self, bytes: usize) -> Option<Duration> {
        let way = &self.way;
        let due = way.network.frame_arrives(way.from.node, way.to.node, bytes, way.clock.now())?;
        self.last_due = self.last_due.max(due);
        Some(self.last_due)
    }

    /// Sends the last word, without waiting for a place.
    fn end(&mut self, last: Passing) {
        let Some(frames) = self.frames.take() else { return };
        let due = self.due(0);
        match frames.try_send((last, due)) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
            Err(mpsc::error::TrySendError::Full(last)) => {
                // Only while a runtime is torn down there is none; then nobody waits either.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(async move {
                        // The receiver may have gone.
                        let _ = frames.send(last).await;
                    });
                }
            }
        }
    }
}

impl FrameSender for Sender {
    fn send(&mut self, frame: Bytes) -> BoxFuture<'_, Result<(), TransportError>> {
        async move {
            check(&frame)?;
            if self.way.connection.is_broken() {
                return Err(Broke.with(self.way.peer()));
            }
            let due = self.due(frame.len());
            let frames = self.frames.as_ref().ok_or_else(|| self.way.broken("it was finished"))?;
            let sent = tokio::select! {
                biased;
                sent = frames.send((Passing::Frame(frame), due)) => sent,
                broke = self.way.breaks() => return Err(broke),
            };
            if sent.is_ok() {
                return Ok(());
            }
            // The receiver was dropped: by a node that is there, which says so, or with its node.
            if self.way.network.0.links.lock().is_there(self.way.to) {
                return Err(self.way.broken("the peer is gone"));
            }
            Err(self.way.breaks().await)
        }
        .boxed()
    }

    fn finish(&mut self) -> Result<(), TransportError> {
        self.end(Passing::Finish);
        Ok(())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        // A node that crashes says nothing.
        if self.way.is_alive() {
            self.end(Passing::Reset);
        }
    }
}

struct Receiver {
    way: Way,
    frames: mpsc::Receiver<Sent>,
    /// What was taken and has not arrived: the wait for it may be given up and begun again.
    next: Option<Sent>,
    ended: Option<Ended>,
}

#[derive(Clone, Copy)]
enum Ended {
    Finished,
    Broken,
}

impl FrameReceiver for Receiver {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        async move {
            match self.ended {
                Some(Ended::Finished) => return Ok(None),
                Some(Ended::Broken) => return Err(self.way.broken("it broke")),
                None => {}
            }
            let received = self.arrived().await;
            match &received {
                Ok(Some(_frame)) => {}
                Ok(None) => self.ended = Some(Ended::Finished),
                Err(_broken) => self.ended = Some(Ended::Broken),
            }
            received
        }
        .boxed()
    }
}

impl Receiver {
    async fn arrived(&mut self) -> Result<Option<Bytes>, TransportError> {
        if self.next.is_none() {
            self.next = tokio::select! {
                biased;
                next = self.frames.recv() => next,
                broke = self.way.breaks() => return Err(broke),
            };
        }
        let Some((_passing, due)) = &self.next else {
            // Its sender went with its node, in silence; or its node is there and took it back.
            if self.way.network.0.links.lock().is_there(self.way.from) {
                return Err(self.way.broken("the peer is gone"));
            }
            return Err(self.way.breaks().await);
        };
        if let Some(due) = *due {
            tokio::select! {
                biased;
                () = tokio::time::sleep_until(self.way.clock.instant(due)) => {}
                broke = self.way.breaks() => return Err(broke),
            }
        }
        let (network, clock, from) = (&self.way.network, self.way.clock, self.way.from);
        if !network.0.links.lock().passes(from, self.way.to) {
            let passes = self.way.connection.passes(network, clock, from).await;
            passes.map_err(|broke| broke.with(self.way.peer()))?;
        }
        match self.next.take() {
            Some((Passing::Frame(frame), _due)) => Ok(Some(frame)),
            Some((Passing::Finish, _due)) => Ok(None),
            Some((Passing::Reset, _)) | None => Err(self.way.broken("the peer took it back")),
        }
    }
}
