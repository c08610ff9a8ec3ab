//! What a QUIC transport allows, and how its connections are tuned.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use quinn::congestion::CubicConfig;
use quinn::{AckFrequencyConfig, IdleTimeout, TransportConfig, VarInt};

/// How much of a stream may be on its way, or wait unread. With one round trip of 200 ms: 5 MB/s for each stream.
const STREAM_WINDOW_BYTES: u32 = 1 << 20;
/// How much of all streams of a member may wait unread. More than 64 streams that nobody reads are needed to fill it.
pub(super) const MEMBER_WINDOW_BYTES: u32 = 64 << 20;
/// How much a peer may have sent before it has shown who it is.
const STRANGER_WINDOW_BYTES: u32 = 1 << 20;
/// How many streams a peer may have opened before it has shown who it is, and a newcomer at all.
pub(super) const STRANGER_STREAMS_MAX: u32 = 4;

/// What a QUIC transport allows. Whatever is beyond is refused and counted.
#[derive(Clone, Debug)]
pub struct QuicOptions {
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// How long a peer may be silent before its connection is given up. Silence is noticed after this time and at
    /// most one `keep_alive` more.
    pub idle_timeout: Duration,
    /// How often an idle connection is shown to be alive.
    pub keep_alive: Duration,
    /// How long a handshake may take, dialled or answered.
    pub handshake_timeout: Duration,
    /// How many handshakes are answered at once. From half of it on, callers must first prove their address.
    pub handshakes_max: usize,
    /// How many connections there may be.
    pub connections_max: usize,
    /// How many newcomers, who have no certificate, may be connected.
    pub newcomers_max: usize,
    /// How many two-way streams a peer may have open.
    pub streams_per_peer_max: u32,
    /// How many messages of a peer may be on their way.
    pub messages_per_peer_max: u32,
    /// How long a stream may take to say its kind, and a message to arrive.
    pub arrival_timeout: Duration,
    /// How many bytes of frames above 64 KiB may be half received, of all peers together.
    pub assembly_bytes_max: usize,
    /// How long a peer that could not be reached is left alone: the first time, doubling to the second.
    pub backoff: (Duration, Duration),
}

impl QuicOptions {
    /// What suits a cluster, at this address.
    #[must_use]
    pub const fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            idle_timeout: Duration::from_millis(2_500),
            keep_alive: Duration::from_millis(500),
            handshake_timeout: Duration::from_secs(3),
            handshakes_max: 64,
            connections_max: 4_096,
            newcomers_max: 16,
            streams_per_peer_max: 1_024,
            messages_per_peer_max: 256,
            arrival_timeout: Duration::from_secs(10),
            assembly_bytes_max: 256 << 20,
            backoff: (Duration::from_millis(50), Duration::from_secs(1)),
        }
    }

    /// For connections that this node dials: the peer has proved itself before it may send anything.
    pub(super) fn dialled(&self) -> Arc<TransportConfig> {
        let mut config = self.transport();
        config
            .receive_window(VarInt::from_u32(MEMBER_WINDOW_BYTES))
            .max_concurrent_bidi_streams(VarInt::from_u32(self.streams_per_peer_max))
            .max_concurrent_uni_streams(VarInt::from_u32(self.messages_per_peer_max));
        Arc::new(config)
    }

    /// For connections that are answered: small until the peer has shown a certificate.
    pub(super) fn answered(&self) -> Arc<TransportConfig> {
        let mut config = self.transport();
        config
            .receive_window(VarInt::from_u32(STRANGER_WINDOW_BYTES))
            .max_concurrent_bidi_streams(VarInt::from_u32(STRANGER_STREAMS_MAX))
            .max_concurrent_uni_streams(VarInt::from_u32(0));
        Arc::new(config)
    }

    fn transport(&self) -> TransportConfig {
        // Above what QUIC can say, about 146 million years, there is no timeout.
        let idle = IdleTimeout::try_from(self.idle_timeout).ok();
        let mut cubic = CubicConfig::default();
        // A link between data centres takes more than the ten packets that the open Internet is asked for.
        cubic.initial_window(64 << 10);
        let mut acknowledgements = AckFrequencyConfig::default();
        acknowledgements.ack_eliciting_threshold(VarInt::from_u32(8));
        let mut config = TransportConfig::default();
        config
            .max_idle_timeout(idle)
            .keep_alive_interval(Some(self.keep_alive))
            .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
            // So much that bulk streams, at their windows, leave room for consensus.
            .send_window(u64::from(MEMBER_WINDOW_BYTES))
            // Streams of one priority go in the order in which they were written: small calls stay whole.
            .send_fairness(false)
            // A lost first packet is sent again after 300 ms, not after a second.
            .initial_rtt(Duration::from_millis(100))
            .ack_frequency_config(Some(acknowledgements))
            .congestion_controller_factory(Arc::new(cubic));
        config
    }
}
