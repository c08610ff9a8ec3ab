//! What is refused, and how often it was.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use quinn::VarInt;

/// Why something that a peer, or a stranger, sent was refused. Numbers stay for ever: peers see them as error codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Refusal {
    /// A handshake failed: no common protocol, or a certificate of another cluster, of another node than was dialled,
    /// or one that has ended.
    Handshake = 1,
    /// A handshake took too long.
    HandshakeLate = 2,
    /// There are too many handshakes.
    Handshakes = 3,
    /// There are too many connections, or too many newcomers.
    Connections = 4,
    /// The peer has this node's own name.
    OwnName = 5,
    /// The peer has left the cluster for good.
    Forgotten = 6,
    /// The peer has no certificate and wanted more than to join.
    NoCertificate = 7,
    /// A stream begins with a version that this node does not speak.
    Version = 8,
    /// A stream, a message or a datagram is of a kind that this node does not know.
    Kind = 9,
    /// A frame announced more than frames may have.
    FrameLength = 10,
    /// Too many long frames were on their way at once.
    FrameMemory = 11,
    /// A stream did not say its kind, or a message did not arrive, in time.
    Late = 12,
    /// A datagram that belongs to no connection.
    StrayDatagram = 13,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Handshake,
        Self::HandshakeLate,
        Self::Handshakes,
        Self::Connections,
        Self::OwnName,
        Self::Forgotten,
        Self::NoCertificate,
        Self::Version,
        Self::Kind,
        Self::FrameLength,
        Self::FrameMemory,
        Self::Late,
        Self::StrayDatagram,
    ];

    /// The refusal's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The refusal's name in metrics and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::HandshakeLate => "handshake-late",
            Self::Handshakes => "too-many-handshakes",
            Self::Connections => "too-many-connections",
            Self::OwnName => "own-name",
            Self::Forgotten => "forgotten",
            Self::NoCertificate => "no-certificate",
            Self::Version => "unknown-version",
            Self::Kind => "unknown-kind",
            Self::FrameLength => "frame-too-long",
            Self::FrameMemory => "too-many-long-frames",
            Self::Late => "late",
            Self::StrayDatagram => "stray-datagram",
        }
    }

    pub(super) fn code(self) -> VarInt {
        VarInt::from_u32(u32::from(self.number()))
    }
}

/// Codes that are no refusals.
pub(super) mod code {
    use quinn::VarInt;

    /// The node closes.
    pub(in crate::transport::quic) const CLOSING: VarInt = VarInt::from_u32(0);
    /// A half was dropped before it was finished.
    pub(in crate::transport::quic) const DROPPED: VarInt = VarInt::from_u32(64);
    /// Another connection with the same peer is kept.
    pub(in crate::transport::quic) const DOUBLE: VarInt = VarInt::from_u32(65);
}

/// Counts since the start.
#[derive(Debug, Default)]
pub(super) struct Counters {
    refused: [AtomicU64; Refusal::ALL.len()],
    pub(super) dials: AtomicU64,
    pub(super) dials_failed: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) datagrams_dropped: AtomicU64,
}

impl Counters {
    pub(super) fn refuse(&self, refusal: Refusal) {
        self.refuse_many(refusal, 1);
    }

    pub(super) fn refuse_many(&self, refusal: Refusal, count: u64) {
        // Numbers begin at 1 and leave none out.
        self.refused[usize::from(refusal.number()) - 1].fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn metrics(&self, connections: usize) -> QuicMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        QuicMetrics {
            connections,
            dials: read(&self.dials),
            dials_failed: read(&self.dials_failed),
            accepted: read(&self.accepted),
            lost: read(&self.lost),
            datagrams_dropped: read(&self.datagrams_dropped),
            refused: Refusal::ALL.into_iter().zip(self.refused.iter().map(read)).collect(),
        }
    }
}

/// What a QUIC transport did since its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuicMetrics {
    /// Connections that stand, newcomers' included.
    pub connections: usize,
    /// Connections tried.
    pub dials: u64,
    /// Connections tried in vain.
    pub dials_failed: u64,
    /// Connections of members that were answered.
    pub accepted: u64,
    /// Connections that ended, for whatever reason.
    pub lost: u64,
    /// Datagrams that were not sent: too long, or no connection.
    pub datagrams_dropped: u64,
    /// What was refused, by reason.
    pub refused: BTreeMap<Refusal, u64>,
}

impl QuicMetrics {
    /// How often something was refused for this reason.
    #[must_use]
    pub fn refused(&self, refusal: Refusal) -> u64 {
        self.refused.get(&refusal).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_places() {
        for (place, refusal) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(refusal.number()), place + 1, "{}", refusal.name());
        }
    }
}
