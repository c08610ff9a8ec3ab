//! Beats: the home tells the others that it is there.
//!
//! One clock beats for all groups of a node. Groups with the same interval beat at the same moment; what they say to a
//! peer goes out as one frame. A question whether this node is still home, before a read, is a beat too.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::Instant;

use super::wire::{AppendAnswer, BEATS, BEATS_MAX, BeatAnswer, Garbage, opening_raw, put_beat, read_message};
use super::{GroupNetwork, Unanswered};
use crate::identity::{GroupId, NodeId};
use crate::transport::{Kind, TransportError};

/// How many frames of beats may be unanswered by a peer. Each lives for no longer than its beats.
const FRAMES_IN_FLIGHT_MAX: usize = 8;
/// How often to look whether more beats wait before a frame goes out.
const GATHERING_TURNS: usize = 8;

/// What a group says to a peer, and who waits for the answer.
pub(super) struct Beat {
    pub(super) group: GroupId,
    pub(super) append: Bytes,
    pub(super) deadline: Duration,
    pub(super) answer: oneshot::Sender<Result<AppendAnswer, Unanswered>>,
}

/// Beats for all open groups, until the network is gone.
pub(super) async fn beat(network: Weak<GroupNetwork>, changed: Arc<Notify>) {
    let begin = Instant::now();
    let mut last = Duration::ZERO;
    loop {
        let Some(open) = network.upgrade().map(|network| network.open.read().clone()) else {
            return;
        };
        let next = open.values().map(|open| next_beat(last, open.heartbeat_interval)).min();
        let Some(next) = next else {
            changed.notified().await;
            continue;
        };
        tokio::select! {
            biased;
            () = changed.notified() => continue,
            () = tokio::time::sleep_until(begin + next) => {}
        }
        // What was missed while the node was busy is not made up for.
        let now = begin.elapsed();
        let due = open.values().filter(|open| next_beat(last, open.heartbeat_interval) <= now);
        join_all(due.map(|open| open.replica.beat())).await;
        last = now;
    }
}

/// The first multiple of the interval after this moment.
fn next_beat(last: Duration, interval: Duration) -> Duration {
    let interval_ns = interval.as_nanos().max(1);
    let next_ns = (last.as_nanos() / interval_ns + 1).saturating_mul(interval_ns);
    Duration::from_nanos(u64::try_from(next_ns).unwrap_or(u64::MAX))
}

impl GroupNetwork {
    /// Says something to a peer, together with what other groups have to say to it.
    pub(super) async fn say(
        self: &Arc<Self>,
        peer: NodeId,
        group: GroupId,
        append: Bytes,
        deadline: Duration,
    ) -> Result<AppendAnswer, Unanswered> {
        self.transport()?;
        let (answer, answered) = oneshot::channel();
        let beat = Beat { group, append, deadline, answer };
        self.beats_to(peer).try_send(beat).map_err(|_full| Unanswered::Alone)?;
        answered.await.unwrap_or(Err(Unanswered::Alone))
    }

    fn beats_to(self: &Arc<Self>, peer: NodeId) -> mpsc::Sender<Beat> {
        let mut beats = self.beats.lock();
        let sender = beats.entry(peer).or_insert_with(|| {
            // A group has one beat to a peer at a time.
            let (sender, waiting) = mpsc::channel(BEATS_MAX);
            tokio::spawn(carry(Arc::downgrade(self), peer, waiting));
            sender
        });
        sender.clone()
    }
}

/// Carries beats to a peer, as many in a frame as wait.
async fn carry(network: Weak<GroupNetwork>, peer: NodeId, mut waiting: mpsc::Receiver<Beat>) {
    let permits = Arc::new(Semaphore::new(FRAMES_IN_FLIGHT_MAX));
    let mut beats = Vec::new();
    // The semaphore is never closed, so the permit always comes.
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        if waiting.recv_many(&mut beats, BEATS_MAX).await == 0 {
            return;
        }
        for _turn in 0..GATHERING_TURNS {
            tokio::task::yield_now().await;
            let room = BEATS_MAX - beats.len();
            while beats.len() < BEATS_MAX
                && let Ok(beat) = waiting.try_recv()
            {
                beats.push(beat);
            }
            if room == 0 {
                break;
            }
        }
        let Some(network) = network.upgrade() else {
            return;
        };
        let beats = std::mem::take(&mut beats);
        tokio::spawn(async move {
            deliver(&network, peer, beats).await;
            drop(permit);
        });
    }
}

async fn deliver(network: &GroupNetwork, peer: NodeId, beats: Vec<Beat>) {
    let mut frame = opening_raw(BEATS);
    for beat in &beats {
        put_beat(&mut frame, beat.group, &beat.append);
    }
    network.beat_frames.fetch_add(1, Ordering::Relaxed);
    network.beat_count.fetch_add(beats.len() as u64, Ordering::Relaxed);
    let deadline = beats.iter().map(|beat| beat.deadline).max().unwrap_or_default();
    let mut beats: Vec<Option<Beat>> = beats.into_iter().map(Some).collect();
    let answered =
        tokio::time::timeout(deadline, exchange(network, peer, frame.freeze(), deadline, &mut beats));
    let why = match answered.await {
        Ok(Ok(())) => return,
        Ok(Err(why)) => why,
        Err(_elapsed) => TransportError::Late { peer }.into(),
    };
    for beat in beats.into_iter().flatten() {
        // Who asked may have gone.
        let _ = beat.answer.send(Err(why.clone()));
    }
}

/// Sends a frame and hands out the answers as they come: a group whose disk is slow does not hold up the others.
async fn exchange(
    network: &GroupNetwork,
    peer: NodeId,
    frame: Bytes,
    deadline: Duration,
    beats: &mut [Option<Beat>],
) -> Result<(), Unanswered> {
    let mut stream = network.transport()?.open(peer, Kind::Consensus, deadline).await?;
    stream.sender.send(frame).await?;
    stream.sender.finish()?;
    let mut unanswered = beats.len();
    while unanswered > 0 {
        let answers = stream.receiver.receive().await?.ok_or(Garbage::Short)?;
        let answers: Vec<BeatAnswer> = read_message(&answers)?;
        for BeatAnswer { number, answer } in answers {
            let beat = beats.get_mut(number as usize).and_then(Option::take);
            let beat = beat.ok_or(Garbage::Contradiction)?;
            unanswered -= 1;
            // Who asked may have gone.
            let _ = beat.answer.send(Ok(answer));
        }
    }
    Ok(())
}
