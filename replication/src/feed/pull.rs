//! Pulls: what a node lacks, from a peer that has it.
//!
//! An answer says up to which head it is complete. Only that is believed, and only after everything before it was taken
//! in. A peer that is no further says so instead of sending nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

use super::object::{FeedKey, FeedObject, FeedVersion};
use super::store::{Claim, FeedStore};
use super::wire::{Answer, PIECE_BYTES, Question, decode, encode};
use crate::identity::{GroupId, NodeId};
use crate::transport::{Duplex, Kind, Transport};

/// How long a peer may take for the next frame.
const DEADLINE: Duration = Duration::from_secs(10);
/// How many pulls a node answers at once.
pub(super) const ANSWERS_MAX: usize = 8;
/// How many keys are looked up at once.
const LOOKUP_MAX: usize = 500;

/// What a pull brings to the feed.
pub(super) enum Pulled {
    Piece { objects: Vec<FeedObject>, claim: Option<Claim> },
    Settled { group: GroupId, forget: Vec<FeedKey>, complete_to: FeedVersion, watermark: u64 },
    Ended { group: GroupId, peer: NodeId, failure: Option<&'static str> },
}

/// A pull of a group from a peer.
pub(super) struct Pull {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) store: FeedStore,
    pub(super) peer: NodeId,
    pub(super) group: GroupId,
    /// What this node has.
    pub(super) after: FeedVersion,
    /// Bounded, so that a peer cannot bring more than is taken in.
    pub(super) to_feed: mpsc::Sender<Pulled>,
}

/// Why a pull ends early, for the log.
type Failure = &'static str;

impl Pull {
    pub(super) async fn run(self) {
        let result = match self.range().await {
            Ok(true) => Ok(()),
            Ok(false) => self.snapshot().await,
            Err(failure) => Err(failure),
        };
        let ended = Pulled::Ended { group: self.group, peer: self.peer, failure: result.err() };
        // The feed has gone otherwise.
        let _ = self.to_feed.send(ended).await;
    }

    async fn ask(&self, question: &Question) -> Result<Duplex, Failure> {
        let stream = self.transport.open(self.peer, Kind::FeedPull, DEADLINE).await;
        let mut stream = stream.map_err(|_error| "it cannot be reached")?;
        let sent = timeout(DEADLINE, stream.sender.send(encode(question))).await;
        sent.map_err(|_late| "it takes no question")?.map_err(|_error| "the stream broke")?;
        stream.sender.finish().map_err(|_error| "the stream broke")?;
        Ok(stream)
    }

    async fn send(&self, pulled: Pulled) -> Result<(), Failure> {
        self.to_feed.send(pulled).await.map_err(|_gone| "the feed is closed")
    }

    /// Whether a range was enough.
    async fn range(&self) -> Result<bool, Failure> {
        let group = self.group;
        let mut stream = self.ask(&Question::Range { group, after: self.after }).await?;
        let mut from = self.after;
        loop {
            let (objects, to, is_end) = match answer(&mut stream).await? {
                Answer::Piece { objects, complete_to } => (objects, complete_to, false),
                Answer::End { complete_to, .. } => (Vec::new(), complete_to, true),
                Answer::TakeSnapshot => return Ok(false),
                Answer::NotAhead => return Err("it is no further"),
                Answer::Busy => return Err("it is busy"),
            };
            self.send(Pulled::Piece { objects, claim: Some(Claim { group, from, to }) }).await?;
            from = from.max(to);
            if is_end {
                return Ok(true);
            }
        }
    }

    async fn snapshot(&self) -> Result<(), Failure> {
        let group = self.group;
        let mut stream = self.ask(&Question::Snapshot { group }).await?;
        let mut seen = BTreeSet::new();
        let (complete_to, watermark) = loop {
            match answer(&mut stream).await? {
                Answer::Piece { objects, .. } => {
                    seen.extend(objects.iter().map(|object| object.key.clone()));
                    self.send(Pulled::Piece { objects, claim: None }).await?;
                }
                Answer::End { complete_to, watermark } => break (complete_to, watermark),
                Answer::NotAhead => return Err("it is no further"),
                Answer::TakeSnapshot | Answer::Busy => return Err("it is busy"),
            }
        };
        let index_max = if complete_to.epoch > self.after.epoch { u64::MAX } else { complete_to.index };
        let others = self.store.read(move |reader| reader.others(group, index_max, &seen)).await;
        let others = others.map_err(|_error| "the copy cannot be read")?;
        // What is not in the snapshot may have moved to another group, and must not vanish until that one is pulled.
        let mut forget = Vec::new();
        for keys in others.chunks(LOOKUP_MAX) {
            let found = self.look_up(keys).await?;
            let found_keys: BTreeSet<&FeedKey> = found.iter().map(|object| &object.key).collect();
            forget.extend(keys.iter().filter(|key| !found_keys.contains(key)).cloned());
            self.send(Pulled::Piece { objects: found, claim: None }).await?;
        }
        self.send(Pulled::Settled { group, forget, complete_to, watermark }).await
    }

    async fn look_up(&self, keys: &[FeedKey]) -> Result<Vec<FeedObject>, Failure> {
        let mut stream = self.ask(&Question::Lookup { keys: keys.to_vec() }).await?;
        let mut found = Vec::new();
        loop {
            match answer(&mut stream).await? {
                Answer::Piece { objects, .. } => found.extend(objects),
                Answer::End { .. } => return Ok(found),
                Answer::TakeSnapshot | Answer::NotAhead | Answer::Busy => return Err("it is busy"),
            }
        }
    }
}

async fn answer(stream: &mut Duplex) -> Result<Answer, Failure> {
    let frame = timeout(DEADLINE, stream.receiver.receive()).await.map_err(|_late| "it is too slow")?;
    let frame = frame.map_err(|_error| "the stream broke")?.ok_or("it stopped before the end")?;
    decode(&frame).ok_or("its answer makes no sense")
}

/// Answers a pull. Whether the question made sense.
pub(super) async fn serve(mut stream: Duplex, store: FeedStore, answers: Arc<Semaphore>) -> bool {
    let question = match timeout(DEADLINE, stream.receiver.receive()).await {
        Ok(Ok(Some(frame))) => decode::<Question>(&frame),
        Ok(Ok(None) | Err(_)) | Err(_) => return true,
    };
    let Some(question) = question else { return false };
    let Ok(_permit) = answers.try_acquire() else {
        // Who asked may have gone.
        let _ = finish(&mut stream, &Answer::Busy).await;
        return true;
    };
    if let Err(reason) = serve_question(&mut stream, &store, question).await {
        tracing::debug!(reason, "a pull was not answered to its end");
    }
    true
}

async fn serve_question(stream: &mut Duplex, store: &FeedStore, question: Question) -> Result<(), Failure> {
    match question {
        Question::Range { group, after } => {
            let record = store.head(group);
            if record.head <= after {
                return finish(stream, &Answer::NotAhead).await;
            }
            let is_other_log = after != FeedVersion::default() && after.epoch != record.head.epoch;
            if is_other_log || after.index < record.watermark {
                return finish(stream, &Answer::TakeSnapshot).await;
            }
            serve_group(stream, store, group, after.index + 1).await
        }
        Question::Snapshot { group } => {
            if store.head(group).head == FeedVersion::default() {
                return finish(stream, &Answer::NotAhead).await;
            }
            serve_group(stream, store, group, 0).await
        }
        Question::Lookup { keys } => {
            for keys in keys.chunks(LOOKUP_MAX.min(64)) {
                let keys = keys.to_vec();
                let found = store.read(move |reader| {
                    let found = keys.iter().map(|key| reader.object(key).map(Option::into_iter));
                    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect::<Vec<_>>())
                });
                let found = found.await.map_err(|_error| "the copy cannot be read")?;
                for objects in super::wire::pieces(found, FeedObject::bytes, PIECE_BYTES) {
                    send(stream, &Answer::Piece { objects, complete_to: FeedVersion::default() }).await?;
                }
            }
            finish(stream, &Answer::End { complete_to: FeedVersion::default(), watermark: 0 }).await
        }
    }
}

/// Sends a group's objects from an index on. Complete is what was so at the first piece: what changes meanwhile gets a
/// higher index, and is another pull's.
async fn serve_group(
    stream: &mut Duplex,
    store: &FeedStore,
    group: GroupId,
    first: u64,
) -> Result<(), Failure> {
    let mut from = (first, Vec::new());
    let mut record = None;
    loop {
        let place = from;
        let piece = store.read(move |reader| reader.piece(group, &place, PIECE_BYTES)).await;
        let piece = piece.map_err(|_error| "the copy cannot be read")?;
        let record = *record.get_or_insert(piece.head);
        if piece.head.watermark != record.watermark || piece.head.head < record.head {
            return Err("tombstones went while it was sent");
        }
        if first > 0 && record.watermark >= first {
            return finish(stream, &Answer::TakeSnapshot).await;
        }
        if !piece.objects.is_empty() {
            let index =
                piece.next.as_ref().map_or(record.head.index, |(index, _key)| index.saturating_sub(1));
            let complete_to = FeedVersion { index: index.min(record.head.index), ..record.head };
            send(stream, &Answer::Piece { objects: piece.objects, complete_to }).await?;
        }
        match piece.next {
            Some(next) => from = next,
            None => {
                let end = Answer::End { complete_to: record.head, watermark: record.watermark };
                return finish(stream, &end).await;
            }
        }
    }
}

async fn send(stream: &mut Duplex, answer: &Answer) -> Result<(), Failure> {
    let frame: Bytes = encode(answer);
    let sent = timeout(DEADLINE, stream.sender.send(frame)).await;
    sent.map_err(|_late| "it reads too slowly")?.map_err(|_error| "the stream broke")
}

async fn finish(stream: &mut Duplex, answer: &Answer) -> Result<(), Failure> {
    send(stream, answer).await?;
    stream.sender.finish().map_err(|_error| "the stream broke")
}
