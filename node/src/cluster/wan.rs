//! A transport whose messages take their time: for trying out on one machine what a cluster does across the world.
//!
//! Every frame and datagram waits for the one-way delay to its peer's region before it is handed on, in the order in
//! which it was sent. Handing on a stream's frames is a task of its own, so that many may be on their way at once.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use marquee_replication::NodeId;
use marquee_replication::transport::{Duplex, FrameReceiver, FrameSender, Kind, Transport, TransportError};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::directory::Views;

/// How many frames of a stream are on their way before its sender waits.
const ON_THEIR_WAY_MAX: usize = 256;

/// See the module.
pub struct Distant {
    near: Arc<dyn Transport>,
    views: Arc<Views>,
    /// The one-way delay by region.
    delays: BTreeMap<String, Duration>,
}

impl Distant {
    /// A transport with these delays to the regions of peers; to all others there is none.
    #[must_use]
    pub const fn new(
        near: Arc<dyn Transport>,
        views: Arc<Views>,
        delays: BTreeMap<String, Duration>,
    ) -> Self {
        Self { near, views, delays }
    }

    fn delay(&self, peer: NodeId) -> Duration {
        let view = self.views.now();
        let region = view.nodes().get(&peer).map(|node| node.facts.region.as_str());
        region.and_then(|region| self.delays.get(region)).copied().unwrap_or_default()
    }
}

impl fmt::Debug for Distant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Distant({:?})", self.near)
    }
}

impl Transport for Distant {
    fn node(&self) -> NodeId {
        self.near.node()
    }

    fn set_address(&self, peer: NodeId, address: SocketAddr) {
        self.near.set_address(peer, address);
    }

    fn address(&self, peer: NodeId) -> Option<SocketAddr> {
        self.near.address(peer)
    }

    fn forget(&self, peer: NodeId) {
        self.near.forget(peer);
    }

    fn send_datagram(&self, to: NodeId, kind: Kind, payload: Bytes) {
        let (near, delay) = (Arc::clone(&self.near), self.delay(to));
        if delay.is_zero() {
            return near.send_datagram(to, kind, payload);
        }
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            near.send_datagram(to, kind, payload);
        });
    }

    fn send_message(
        &self,
        to: NodeId,
        kind: Kind,
        payload: Bytes,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<(), TransportError>> {
        let (near, delay) = (Arc::clone(&self.near), self.delay(to));
        async move {
            tokio::time::sleep(delay).await;
            near.send_message(to, kind, payload, deadline).await
        }
        .boxed()
    }

    fn open(
        &self,
        to: NodeId,
        kind: Kind,
        deadline: Duration,
    ) -> BoxFuture<'static, Result<Duplex, TransportError>> {
        let (opening, delay) = (self.near.open(to, kind, deadline), self.delay(to));
        async move {
            let Duplex { sender, receiver } = opening.await?;
            if delay.is_zero() {
                return Ok(Duplex { sender, receiver });
            }
            // This end delays both ways: the other end does not know that it should.
            Ok(Duplex {
                sender: Box::new(Slow::sender(to, sender, delay)),
                receiver: Box::new(Slow::receiver(receiver, delay)),
            })
        }
        .boxed()
    }

    fn round_trip(&self, peer: NodeId) -> Option<Duration> {
        self.near.round_trip(peer).map(|near| near + self.delay(peer) * 2)
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        self.near.close()
    }
}

/// What is on its way: a frame, the orderly end, or none when the stream broke.
type Passing = (Instant, Result<Option<Bytes>, TransportError>);

struct Slow;

impl Slow {
    fn sender(to: NodeId, mut far: Box<dyn FrameSender>, delay: Duration) -> SlowSender {
        let (frames, mut passing) = mpsc::channel::<Passing>(ON_THEIR_WAY_MAX);
        tokio::spawn(async move {
            while let Some((arrives, frame)) = passing.recv().await {
                tokio::time::sleep_until(arrives).await;
                let sent = match frame {
                    Ok(Some(frame)) => far.send(frame).await,
                    Ok(None) => far.finish(),
                    Err(error) => Err(error),
                };
                if sent.is_err() {
                    return;
                }
            }
        });
        SlowSender { to, delay, frames }
    }

    fn receiver(mut far: Box<dyn FrameReceiver>, delay: Duration) -> SlowReceiver {
        let (passing, frames) = mpsc::channel::<Passing>(ON_THEIR_WAY_MAX);
        tokio::spawn(async move {
            loop {
                let frame = far.receive().await;
                let is_end = !matches!(frame, Ok(Some(_)));
                if passing.send((Instant::now() + delay, frame)).await.is_err() || is_end {
                    return;
                }
            }
        });
        SlowReceiver { frames }
    }
}

struct SlowSender {
    to: NodeId,
    delay: Duration,
    frames: mpsc::Sender<Passing>,
}

impl FrameSender for SlowSender {
    fn send(&mut self, frame: Bytes) -> BoxFuture<'_, Result<(), TransportError>> {
        async move {
            let sent = self.frames.send((Instant::now() + self.delay, Ok(Some(frame)))).await;
            sent.map_err(|_gone| TransportError::Broken {
                peer: self.to,
                reason: "the stream ended".to_owned(),
            })
        }
        .boxed()
    }

    fn finish(&mut self) -> Result<(), TransportError> {
        let frames = self.frames.clone();
        let end = (Instant::now() + self.delay, Ok(None));
        match frames.try_send(end) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
            Err(mpsc::error::TrySendError::Full(end)) => {
                tokio::spawn(async move {
                    // Who would take it may have gone.
                    let _ = frames.send(end).await;
                });
            }
        }
        Ok(())
    }
}

struct SlowReceiver {
    frames: mpsc::Receiver<Passing>,
}

impl FrameReceiver for SlowReceiver {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        async move {
            let Some((arrives, frame)) = self.frames.recv().await else { return Ok(None) };
            tokio::time::sleep_until(arrives).await;
            frame
        }
        .boxed()
    }
}
