//! Frames on a QUIC stream: a length of four bytes, big-endian, and the bytes.
//!
//! What a length announces is neither trusted nor allocated: a frame grows as its bytes arrive, and what all half
//! received frames hold together is bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use quinn::{ReadError, RecvStream, SendStream, WriteError};

use super::link::Half;
use super::refusal::{Counters, Refusal, code};
use crate::identity::NodeId;
use crate::transport::FRAME_BYTES_MAX;
use crate::transport::duplex::{FrameReceiver, FrameSender};
use crate::transport::error::TransportError;
use crate::transport::kind::Kind;

/// What every stream begins with, before its kind.
pub(super) const VERSION: u8 = 1;
const LENGTH_BYTES: usize = 4;
/// Up to here a frame is copied behind its length, so that the stream keeps one piece and not two.
const COPIED_BYTES_MAX: usize = 2 << 10;
/// How much a frame grows by, and up to where it counts for nothing.
const STEP_BYTES: usize = 64 << 10;
/// How many packets are taken off a stream at once.
const PIECES: usize = 16;

/// How many bytes half received frames may hold together.
#[derive(Debug)]
pub(super) struct Assembly(AtomicUsize);

impl Assembly {
    pub(super) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(bytes_max)))
    }
}

/// What one frame has of an [`Assembly`].
struct Share {
    assembly: Arc<Assembly>,
    bytes: usize,
}

impl Share {
    #[must_use]
    fn grow(&mut self, bytes: usize) -> bool {
        let left = |left: usize| left.checked_sub(bytes);
        let is_there = self.assembly.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, left).is_ok();
        if is_there {
            self.bytes += bytes;
        }
        is_there
    }

    fn give_back(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if bytes > 0 {
            self.assembly.0.fetch_add(bytes, Ordering::AcqRel);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Sends frames.
pub(super) struct Sender {
    stream: SendStream,
    half: Half,
    state: Sending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    Whole,
    /// A frame was begun; if its sender gave up, nothing may follow.
    Amid,
    Finished,
}

impl Sender {
    pub(super) fn new(stream: SendStream, half: Half, kind: Kind) -> Self {
        // Fails only for a stream that has ended, which the first frame tells.
        let _ = stream.set_priority(kind.priority());
        Self { stream, half, state: Sending::Whole }
    }

    /// Says version and kind.
    pub(super) async fn begin(&mut self, kind: Kind) -> Result<(), TransportError> {
        self.state = Sending::Amid;
        let written = self.stream.write_all(&[VERSION, kind.number()]).await;
        written.map_err(|error| self.broken(&error))?;
        self.state = Sending::Whole;
        Ok(())
    }

    async fn write(&mut self, frame: Bytes) -> Result<(), TransportError> {
        check_length(&frame)?;
        if self.state != Sending::Whole {
            return Err(self.refused("it was finished, or a frame was given up amid"));
        }
        self.state = Sending::Amid;
        // Checked above to be less than four bytes hold.
        let length = frame.len() as u32;
        let written = if frame.len() <= COPIED_BYTES_MAX {
            let mut whole = BytesMut::with_capacity(LENGTH_BYTES + frame.len());
            whole.put_u32(length);
            whole.put_slice(&frame);
            self.stream.write_chunk(whole.freeze()).await
        } else {
            let length = Bytes::copy_from_slice(&length.to_be_bytes());
            self.stream.write_all_chunks(&mut [length, frame]).await
        };
        written.map_err(|error| self.broken(&error))?;
        self.state = Sending::Whole;
        Ok(())
    }

    fn broken(&self, error: &WriteError) -> TransportError {
        let reason = match error {
            WriteError::Stopped(code) => stopped(*code),
            WriteError::ConnectionLost(error) => error.to_string(),
            WriteError::ClosedStream | WriteError::ZeroRttRejected => error.to_string(),
        };
        TransportError::Broken { peer: self.half.link().peer, reason }
    }

    fn refused(&self, reason: &str) -> TransportError {
        TransportError::Broken { peer: self.half.link().peer, reason: reason.to_owned() }
    }
}

impl FrameSender for Sender {
    fn send(&mut self, frame: Bytes) -> BoxFuture<'_, Result<(), TransportError>> {
        self.write(frame).boxed()
    }

    fn finish(&mut self) -> Result<(), TransportError> {
        match self.state {
            Sending::Finished => return Ok(()),
            Sending::Amid => return Err(self.refused("a frame was given up amid")),
            Sending::Whole => {}
        }
        self.stream.finish().map_err(|_closed| self.refused("the peer does not take it any more"))?;
        self.state = Sending::Finished;
        Ok(())
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if self.state != Sending::Finished {
            // quinn would finish it. Fails when it has ended otherwise.
            let _ = self.stream.reset(code::DROPPED);
        }
    }
}

pub(super) fn check_length(frame: &Bytes) -> Result<(), TransportError> {
    let bytes = frame.len();
    if bytes <= FRAME_BYTES_MAX {
        Ok(())
    } else {
        Err(TransportError::TooLarge { bytes, bytes_max: FRAME_BYTES_MAX })
    }
}

/// Receives frames. Giving up amid a frame loses nothing: the next call goes on.
pub(super) struct Receiver {
    stream: RecvStream,
    half: Half,
    counters: Arc<Counters>,
    frame_bytes_max: usize,
    /// Packets' worth of the stream that are not looked at yet, from `next` to `end`.
    pieces: [Bytes; PIECES],
    next: usize,
    end: usize,
    share: Share,
    state: Receiving,
}

enum Receiving {
    Length { bytes: [u8; LENGTH_BYTES], count: usize },
    Body { frame: BytesMut, missing: usize },
    Ended,
}

impl Receiving {
    const NEXT: Self = Self::Length { bytes: [0; LENGTH_BYTES], count: 0 };
}

impl Receiver {
    pub(super) fn new(
        stream: RecvStream,
        half: Half,
        counters: &Arc<Counters>,
        assembly: &Arc<Assembly>,
        frame_bytes_max: usize,
    ) -> Self {
        Self {
            stream,
            half,
            counters: Arc::clone(counters),
            frame_bytes_max,
            pieces: [const { Bytes::new() }; PIECES],
            next: 0,
            end: 0,
            share: Share { assembly: Arc::clone(assembly), bytes: 0 },
            state: Receiving::NEXT,
        }
    }

    fn peer(&self) -> NodeId {
        self.half.link().peer
    }

    /// Version and kind; none when the stream ended before it had said them.
    pub(super) async fn begin(&mut self) -> Result<Option<(u8, u8)>, TransportError> {
        let mut said = [0; 2];
        for byte in &mut said {
            if !self.fill().await? {
                return Ok(None);
            }
            *byte = self.pieces[self.next].get_u8();
        }
        Ok(Some(said.into()))
    }

    /// Refuses the rest of the stream.
    pub(super) fn refuse(&mut self, refusal: Refusal) -> TransportError {
        let peer = self.peer();
        self.counters.refuse(refusal);
        tracing::debug!(%peer, refusal = refusal.name(), "a stream was refused");
        self.state = Receiving::Ended;
        // Fails when it has ended otherwise.
        let _ = self.stream.stop(refusal.code());
        TransportError::Broken { peer, reason: refusal.name().to_owned() }
    }

    async fn read(&mut self) -> Result<Option<Bytes>, TransportError> {
        loop {
            match &mut self.state {
                Receiving::Length { bytes, count } if *count == LENGTH_BYTES => {
                    let length = u32::from_be_bytes(*bytes) as usize;
                    if length > self.frame_bytes_max {
                        return Err(self.refuse(Refusal::FrameLength));
                    }
                    if let Some(frame) = self.whole(length) {
                        self.state = Receiving::NEXT;
                        return Ok(Some(frame));
                    }
                    let frame = BytesMut::with_capacity(length.min(STEP_BYTES));
                    self.state = Receiving::Body { frame, missing: length };
                }
                Receiving::Body { frame, missing: 0 } => {
                    let frame = std::mem::take(frame).freeze();
                    self.share.give_back();
                    self.state = Receiving::NEXT;
                    return Ok(Some(frame));
                }
                Receiving::Ended => return Ok(None),
                Receiving::Length { .. } | Receiving::Body { .. } => {
                    if !self.fill().await? {
                        return self.end();
                    }
                    self.take_piece()?;
                }
            }
        }
    }

    /// The frame, if it lies in one piece.
    fn whole(&mut self, length: usize) -> Option<Bytes> {
        if length == 0 {
            return Some(Bytes::new());
        }
        let piece = self.pieces[self.next..self.end].first_mut().filter(|piece| piece.len() >= length)?;
        // A small part would hold the whole packet in memory.
        let is_most = length > piece.len() / 2;
        Some(if is_most { piece.split_to(length) } else { piece.copy_to_bytes_anew(length) })
    }

    fn take_piece(&mut self) -> Result<(), TransportError> {
        let piece = &mut self.pieces[self.next];
        match &mut self.state {
            Receiving::Length { bytes, count } => {
                let taken = piece.len().min(LENGTH_BYTES - *count);
                piece.copy_to_slice(&mut bytes[*count..*count + taken]);
                *count += taken;
            }
            Receiving::Body { frame, missing } => {
                let taken = piece.len().min(*missing);
                if frame.capacity() - frame.len() < taken {
                    let step = frame.len().max(STEP_BYTES).min(*missing);
                    if !self.share.grow(step) {
                        return Err(self.refuse(Refusal::FrameMemory));
                    }
                    frame.reserve(step);
                }
                frame.put_slice(&piece.split_to(taken));
                *missing -= taken;
            }
            Receiving::Ended => {}
        }
        Ok(())
    }

    /// Sees to it that a piece is there to be looked at; false at the end of the stream.
    async fn fill(&mut self) -> Result<bool, TransportError> {
        loop {
            while self.next < self.end {
                if !self.pieces[self.next].is_empty() {
                    return Ok(true);
                }
                self.next += 1;
            }
            let read = self.stream.read_chunks(&mut self.pieces).await;
            match read.map_err(|error| self.broken(&error))? {
                Some(count) => {
                    self.half.link().prove();
                    (self.next, self.end) = (0, count);
                }
                None => return Ok(false),
            }
        }
    }

    fn end(&mut self) -> Result<Option<Bytes>, TransportError> {
        match std::mem::replace(&mut self.state, Receiving::Ended) {
            Receiving::Length { count: 0, .. } | Receiving::Ended => Ok(None),
            Receiving::Length { .. } | Receiving::Body { .. } => {
                let reason = "it ended amid a frame".to_owned();
                Err(TransportError::Broken { peer: self.peer(), reason })
            }
        }
    }

    fn broken(&self, error: &ReadError) -> TransportError {
        let reason = match error {
            ReadError::Reset(code) => stopped(*code),
            ReadError::ConnectionLost(error) => error.to_string(),
            ReadError::ClosedStream | ReadError::IllegalOrderedRead | ReadError::ZeroRttRejected => {
                error.to_string()
            }
        };
        TransportError::Broken { peer: self.peer(), reason }
    }
}

impl FrameReceiver for Receiver {
    fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
        self.read().boxed()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Whoever has all frames seldom waits for the end. It came with the last frame as a rule; once it is seen, the
        // peer need not be told to stop.
        let is_done = self.next >= self.end && matches!(self.state, Receiving::Length { count: 0, .. });
        if is_done {
            let _ = self.stream.read_chunk(1, true).now_or_never();
        }
    }
}

fn stopped(code: quinn::VarInt) -> String {
    let refusal = Refusal::ALL.into_iter().find(|refusal| refusal.code() == code);
    match refusal {
        Some(refusal) => format!("the peer refused it: {}", refusal.name()),
        None => "the peer gave it up".to_owned(),
    }
}

trait CopyAnew {
    fn copy_to_bytes_anew(&mut self, length: usize) -> Bytes;
}

impl CopyAnew for Bytes {
    fn copy_to_bytes_anew(&mut self, length: usize) -> Bytes {
        let copied = Self::copy_from_slice(&self[..length]);
        self.advance(length);
        copied
    }
}
