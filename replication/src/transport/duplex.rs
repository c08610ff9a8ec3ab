//! The two ends of a stream.

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use super::error::TransportError;

/// A two-way stream of frames. Dropping a half without finishing it resets it: the peer sees the stream break.
pub struct Duplex {
    /// To the peer.
    pub sender: Box<dyn FrameSender>,
    /// From the peer.
    pub receiver: Box<dyn FrameReceiver>,
}

/// Sends frames in order.
pub trait FrameSender: Send {
    /// Sends a frame; waits while the peer is behind.
    fn send(&mut self, frame: Bytes) -> BoxFuture<'_, Result<(), TransportError>>;

    /// Says that no more frames follow. The receiver sees the end after the last frame.
    fn finish(&mut self) -> Result<(), TransportError>;
}

/// Receives frames in order.
pub trait FrameReceiver: Send {
    /// The next frame; none after the peer has finished. An error is an end too, but not an orderly one.
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>>;
}

impl fmt::Debug for Duplex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Duplex")
    }
}
