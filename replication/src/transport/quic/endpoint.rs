//! The endpoint: a UDP socket that counts what belongs to nobody, and names of connections that outlive a restart.

use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use quinn::crypto::{CryptoError, HmacKey};
use quinn::udp::{RecvMeta, Transmit};
use quinn::{
    AsyncUdpSocket, ConnectionId, ConnectionIdGenerator, Endpoint, EndpointConfig, Runtime, ServerConfig,
    TokioRuntime, UdpPoller,
};
use zeroize::Zeroizing;

use super::refusal::{Counters, Refusal};
use crate::trust::NodeIdentity;

/// A name is a nonce of four bytes and as many bytes that follow from it.
const NONCE_BYTES: usize = 4;
const NAME_BYTES: usize = 8;
/// First byte, name, packet number and the seal of the shortest payload: nothing shorter is a packet.
const PACKET_BYTES_MIN: usize = 21;
const QUIC_1: [u8; 4] = [0, 0, 0, 1];

/// Opens the socket and the endpoint on it.
pub(super) fn open(
    listen: SocketAddr,
    identity: &NodeIdentity,
    server: ServerConfig,
    counters: &Arc<Counters>,
) -> io::Result<Endpoint> {
    let ids = ConnectionIds::of(identity);
    // With a key that is the node's own, a node that was started again can tell its peers that their connections with
    // it are over; they need not wait for silence.
    let mut config =
        EndpointConfig::new(Arc::new(ResetKey(identity.derived_key("marquee 2026 QUIC resets"))));
    config.cid_generator(move || Box::new(ids));
    let runtime = Arc::new(TokioRuntime);
    let socket = runtime.wrap_udp_socket(UdpSocket::bind(listen)?)?;
    let socket = Arc::new(CountingSocket { socket, ids, counters: Arc::clone(counters) });
    Endpoint::new_with_abstract_socket(config, Some(server), socket, runtime)
}

/// Names connections so that this node recognises what it named. That keeps nobody out, TLS does; it tells garbage
/// from packets at the cost of a checksum.
#[derive(Clone, Copy, Debug)]
struct ConnectionIds {
    key: u32,
}

impl ConnectionIds {
    fn of(identity: &NodeIdentity) -> Self {
        let key = identity.derived_key("marquee 2026 QUIC connection names");
        Self { key: u32::from_be_bytes([key[0], key[1], key[2], key[3]]) }
    }

    fn tail(self, nonce: &[u8]) -> [u8; NAME_BYTES - NONCE_BYTES] {
        crc32c::crc32c_append(self.key, nonce).to_be_bytes()
    }

    /// Whether a datagram may be a packet of QUIC for this node.
    fn know(self, datagram: &[u8]) -> bool {
        let Some((first, rest)) = datagram.split_first() else {
            return false;
        };
        if datagram.len() < PACKET_BYTES_MIN {
            return false;
        }
        if first & 0x80 != 0 {
            return rest[..QUIC_1.len()] == QUIC_1;
        }
        let (nonce, tail) = rest[..NAME_BYTES].split_at(NONCE_BYTES);
        self.tail(nonce) == tail
    }
}

impl ConnectionIdGenerator for ConnectionIds {
    fn generate_cid(&mut self) -> ConnectionId {
        let mut name = [0; NAME_BYTES];
        let (nonce, tail) = name.split_at_mut(NONCE_BYTES);
        // Names must differ, no more: without randomness quinn sees that one is taken and asks again.
        let _ = getrandom::fill(nonce);
        tail.copy_from_slice(&self.tail(nonce));
        ConnectionId::new(&name)
    }

    fn cid_len(&self) -> usize {
        NAME_BYTES
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

struct ResetKey(Zeroizing<[u8; 32]>);

impl HmacKey for ResetKey {
    fn sign(&self, data: &[u8], signature_out: &mut [u8]) {
        signature_out.copy_from_slice(blake3::keyed_hash(&self.0, data).as_bytes());
    }

    fn signature_len(&self) -> usize {
        blake3::OUT_LEN
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        // Compares in constant time.
        if blake3::keyed_hash(&self.0, data) == *signature { Ok(()) } else { Err(CryptoError) }
    }
}

/// The socket. What is no packet goes on to quinn all the same, which drops it.
#[derive(Debug)]
struct CountingSocket {
    socket: Arc<dyn AsyncUdpSocket>,
    ids: ConnectionIds,
    counters: Arc<Counters>,
}

impl AsyncUdpSocket for CountingSocket {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Arc::clone(&self.socket).create_io_poller()
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        self.socket.try_send(transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let received = self.socket.poll_recv(cx, bufs, meta);
        if let Poll::Ready(Ok(count)) = received {
            let stray = bufs.iter().zip(meta.iter()).take(count).map(|(buffer, meta)| {
                let datagrams = buffer[..meta.len].chunks(meta.stride.max(1));
                datagrams.filter(|datagram| !self.ids.know(datagram)).count()
            });
            let stray: usize = stray.sum();
            if stray > 0 {
                self.counters.refuse_many(Refusal::StrayDatagram, stray as u64);
                tracing::debug!(count = stray, from = %meta[0].addr, "datagrams belong to no connection");
            }
        }
        received
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn max_transmit_segments(&self) -> usize {
        self.socket.max_transmit_segments()
    }

    fn max_receive_segments(&self) -> usize {
        self.socket.max_receive_segments()
    }

    fn may_fragment(&self) -> bool {
        self.socket.may_fragment()
    }
}
