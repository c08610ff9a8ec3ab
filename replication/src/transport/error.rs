//! What can go wrong between nodes.

use crate::identity::NodeId;

/// Why something did not reach a peer, or its answer did not come back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// There is no way to the peer. Nothing was sent.
    #[error("{peer} cannot be reached: {reason}")]
    Unreachable {
        /// Who.
        peer: NodeId,
        /// Why.
        reason: String,
    },
    /// The stream ended before it was finished. What was sent may have arrived.
    #[error("the stream with {peer} broke: {reason}")]
    Broken {
        /// With whom.
        peer: NodeId,
        /// Why.
        reason: String,
    },
    /// It took too long. What was sent may have arrived.
    #[error("{peer} did not answer in time")]
    Late {
        /// Who.
        peer: NodeId,
    },
    /// The frame is longer than frames may be. Nothing was sent.
    #[error("a frame of {bytes} bytes is longer than {bytes_max}")]
    TooLarge {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        bytes_max: usize,
    },
    /// The transport was closed. Nothing was sent.
    #[error("the transport is closed")]
    Closed,
}

impl TransportError {
    /// Whether the peer may have got, and acted on, what was sent.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        match self {
            Self::Broken { .. } | Self::Late { .. } => true,
            Self::Unreachable { .. } | Self::TooLarge { .. } | Self::Closed => false,
        }
    }
}
