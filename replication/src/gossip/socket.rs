//! chitchat's transport, on ours.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{BufMut, Bytes, BytesMut};
use chitchat::transport::{Socket, Transport as ChitchatTransport};
use chitchat::{ChitchatMessage, Deserializable, Serializable};
use tokio::sync::{Mutex, OwnedMutexGuard, Semaphore, mpsc};

use super::{Counts, addresses};
use crate::identity::NodeId;
use crate::transport::{Kind, Switch, Transport};

/// The version of what travels.
const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const COMPRESSED: u8 = 1;
/// Shorter messages gain nothing.
const COMPRESS_FROM_BYTES: usize = 512;
const COMPRESSION_LEVEL: i32 = 1;
/// No message of chitchat's is longer.
const MESSAGE_BYTES_MAX: usize = 65_507;
/// How long a message may be on its way.
const DEADLINE: Duration = Duration::from_secs(5);
/// How many messages wait to be read.
const INCOMING_MAX: usize = 256;
/// How many messages are on their way.
const OUTGOING_MAX: usize = 32;

/// Sends and receives; opened again when chitchat is started again.
#[derive(Clone)]
pub(super) struct Post {
    transport: Arc<dyn Transport>,
    counts: Arc<Counts>,
    incoming: Arc<Mutex<mpsc::Receiver<(NodeId, Bytes)>>>,
    outgoing: Arc<Semaphore>,
}

impl Post {
    pub(super) fn new(transport: Arc<dyn Transport>, switch: &Switch, counts: Arc<Counts>) -> Self {
        let (sender, incoming) = mpsc::channel(INCOMING_MAX);
        switch.on_message(Kind::Gossip, {
            let counts = Arc::clone(&counts);
            move |from, payload| {
                if sender.try_send((from, payload)).is_err() {
                    counts.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let incoming = Arc::new(Mutex::new(incoming));
        Self { transport, counts, incoming, outgoing: Arc::new(Semaphore::new(OUTGOING_MAX)) }
    }

    fn send(&self, to: NodeId, message: &ChitchatMessage) {
        let Ok(permit) = Arc::clone(&self.outgoing).try_acquire_owned() else {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let sent = self.transport.send_message(to, Kind::Gossip, encode(message), DEADLINE);
        let counts = Arc::clone(&self.counts);
        tokio::spawn(async move {
            if let Err(error) = sent.await {
                counts.unsent.fetch_add(1, Ordering::Relaxed);
                tracing::debug!(%to, %error, "a gossip message was not sent");
            }
            drop(permit);
        });
    }
}

#[async_trait]
impl ChitchatTransport for Post {
    async fn open(&self, _listen: SocketAddr) -> anyhow::Result<Box<dyn Socket>> {
        let incoming = Arc::clone(&self.incoming).lock_owned().await;
        Ok(Box::new(PostSocket { post: self.clone(), incoming }))
    }
}

/// An error of a socket stops chitchat for good. So what one peer does wrong is counted here, and never an error.
struct PostSocket {
    post: Post,
    incoming: OwnedMutexGuard<mpsc::Receiver<(NodeId, Bytes)>>,
}

#[async_trait]
impl Socket for PostSocket {
    async fn send(&mut self, to: SocketAddr, message: ChitchatMessage) -> anyhow::Result<()> {
        let (to, is_chosen) = addresses::node(to);
        let is_first = match message {
            ChitchatMessage::Syn { .. } => true,
            ChitchatMessage::SynAck { .. } | ChitchatMessage::Ack { .. } | ChitchatMessage::BadCluster => {
                false
            }
        };
        if is_chosen || !is_first {
            self.post.send(to, &message);
        }
        Ok(())
    }

    async fn recv(&mut self) -> anyhow::Result<(SocketAddr, ChitchatMessage)> {
        loop {
            let Some((from, payload)) = self.incoming.recv().await else {
                // The switch is gone, so nothing comes any more.
                return std::future::pending().await;
            };
            match decode(&payload) {
                Some(message) => return Ok((addresses::advertised(from), message)),
                None => {
                    self.post.counts.refused.fetch_add(1, Ordering::Relaxed);
                    tracing::debug!(%from, "a gossip message was refused");
                }
            }
        }
    }
}

fn encode(message: &ChitchatMessage) -> Bytes {
    let plain = message.serialize_to_vec();
    let compressed = if plain.len() >= COMPRESS_FROM_BYTES {
        zstd::bulk::compress(&plain, COMPRESSION_LEVEL).ok()
    } else {
        None
    };
    let (sort, body) = match &compressed {
        Some(compressed) if compressed.len() < plain.len() => (COMPRESSED, compressed),
        Some(_) | None => (PLAIN, &plain),
    };
    let mut payload = BytesMut::with_capacity(2 + body.len());
    payload.put_u8(VERSION);
    payload.put_u8(sort);
    payload.put_slice(body);
    payload.freeze()
}

fn decode(payload: &[u8]) -> Option<ChitchatMessage> {
    let plain = match payload.split_first_chunk::<2>()? {
        ([VERSION, PLAIN], body) if body.len() <= MESSAGE_BYTES_MAX => body.to_vec(),
        // The announced length is not trusted: no more than this is unpacked.
        ([VERSION, COMPRESSED], body) => zstd::bulk::decompress(body, MESSAGE_BYTES_MAX).ok()?,
        (_, _) => return None,
    };
    let mut rest = plain.as_slice();
    let message = ChitchatMessage::deserialize(&mut rest).ok()?;
    rest.is_empty().then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_no_message() {
        let good = encode(&ChitchatMessage::BadCluster);
        assert_eq!(decode(&good), Some(ChitchatMessage::BadCluster));
        let mut other_version = good.to_vec();
        other_version[0] = 2;
        assert_eq!(decode(&other_version), None);
        for length in 0..good.len() {
            assert_eq!(decode(&good[..length]), None);
        }
        assert_eq!(decode(&[VERSION, COMPRESSED, 1, 2, 3]), None);
        let bomb = zstd::bulk::compress(&vec![0; 16 << 20], 1).unwrap();
        assert_eq!(decode(&[&[VERSION, COMPRESSED], bomb.as_slice()].concat()), None);
    }
}
