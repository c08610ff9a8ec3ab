//! Appends on a kept stream: many in flight, answered in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{BufMut, Bytes};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use openraft::raft::{AppendEntriesRequest, StreamAppendResult};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::super::consensus::Consensus;
use super::wire::{APPENDS, AppendAnswer, Asked, append_frame, opening_raw, read_message};
use super::{GroupNetwork, Unanswered};
use crate::identity::{GroupId, NodeId};
use crate::transport::{Duplex, FrameReceiver, FrameSender, Kind, TransportError};

/// What was asked and is not answered.
#[derive(Default)]
struct Open {
    asked: Mutex<VecDeque<Asked>>,
    /// Told when something is asked.
    grown: Notify,
    /// Nothing more will be asked.
    is_finished: AtomicBool,
}

impl Open {
    /// All is answered, and nothing more will be asked.
    fn is_done(&self) -> bool {
        // In this order: what is asked is noted before the end is.
        self.is_finished.load(Ordering::Acquire) && self.asked.lock().is_empty()
    }
}

/// Opens the stream of a group's appends to a peer.
pub(super) async fn open(
    network: &GroupNetwork,
    peer: NodeId,
    group: GroupId,
    deadline: Duration,
) -> Result<Duplex, Unanswered> {
    let mut opening = opening_raw(APPENDS);
    opening.put_u64_le(group.0);
    let mut stream = network.transport()?.open(peer, Kind::Consensus, deadline).await?;
    let sent = tokio::time::timeout(deadline, stream.sender.send(opening.freeze())).await;
    sent.map_err(|_elapsed| TransportError::Late { peer })??;
    Ok(stream)
}

/// Sends the requests and reads their answers, in order. It breaks when something stays unanswered for longer than
/// `patience`, counted from the last answer; a stream with nothing unanswered may stay silent for ever.
pub(super) fn run<'s>(
    stream: Duplex,
    peer: NodeId,
    requests: impl Stream<Item = AppendEntriesRequest<Consensus>> + Send + Unpin + 'static,
    patience: Duration,
) -> BoxStream<'s, Result<StreamAppendResult<Consensus>, Unanswered>> {
    let Duplex { sender, receiver } = stream;
    let open = Arc::new(Open::default());
    let writes = stream::once(write(sender, requests, Arc::clone(&open)));
    let writes = writes.filter_map(async |written| written.err().map(|error| Err(error.into())));
    let reads = stream::unfold(Some((receiver, open)), move |reading| async move {
        let (mut receiver, open) = reading?;
        let answer = read(receiver.as_mut(), peer, &open, patience).await;
        match answer {
            Ok(None) => None,
            Ok(Some(answer)) => Some((Ok(answer), Some((receiver, open)))),
            Err(error) => Some((Err(error), None)),
        }
    });
    stream::select(writes, reads).boxed()
}

async fn write(
    mut sender: Box<dyn FrameSender>,
    mut requests: impl Stream<Item = AppendEntriesRequest<Consensus>> + Unpin,
    open: Arc<Open>,
) -> Result<(), TransportError> {
    while let Some(request) = requests.next().await {
        open.asked.lock().push_back(Asked::new(&request));
        open.grown.notify_one();
        sender.send(append_frame(&request)).await?;
    }
    open.is_finished.store(true, Ordering::Release);
    open.grown.notify_one();
    sender.finish()
}

/// The next answer; none when all is answered and nothing more will be asked.
async fn read(
    receiver: &mut dyn FrameReceiver,
    peer: NodeId,
    open: &Open,
    patience: Duration,
) -> Result<Option<StreamAppendResult<Consensus>>, Unanswered> {
    let frame = tokio::select! {
        biased;
        frame = receiver.receive() => frame?,
        end = no_answer(open, patience) => match end {
            End::Done => return Ok(None),
            End::Late => return Err(TransportError::Late { peer }.into()),
        },
    };
    let broken = |reason: &str| TransportError::Broken { peer, reason: reason.to_owned() };
    let Some(frame): Option<Bytes> = frame else {
        // The peer ends when it has answered the last that was asked, which may be seen before `no_answer` is.
        return if open.is_done() {
            Ok(None)
        } else {
            Err(broken("it ended before all was answered").into())
        };
    };
    let answer: AppendAnswer = read_message(&frame)?;
    let asked = open.asked.lock().pop_front();
    let asked = asked.ok_or_else(|| broken("it answered what nobody asked"))?;
    Ok(Some(answer.read(&asked)??))
}

/// Why no answer is waited for any more.
enum End {
    /// All is answered, and nothing more will be asked.
    Done,
    Late,
}

async fn no_answer(open: &Open, patience: Duration) -> End {
    loop {
        if open.is_done() {
            return End::Done;
        }
        if !open.asked.lock().is_empty() {
            tokio::time::sleep(patience).await;
            return End::Late;
        }
        open.grown.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use tokio::sync::mpsc;

    use super::super::super::consensus::{ConsensusVote, Leader};
    use super::super::wire::message;
    use super::*;

    /// A peer that answers each request with success, and ends at the very moment at which its caller does.
    struct Prompt(mpsc::UnboundedReceiver<Bytes>);
    struct Caller(Option<mpsc::UnboundedSender<Bytes>>);

    impl FrameReceiver for Prompt {
        fn receive(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, TransportError>> {
            async { Ok(self.0.recv().await.map(|_request| message(&AppendAnswer::Done))) }.boxed()
        }
    }

    impl FrameSender for Caller {
        fn send(&mut self, frame: Bytes) -> BoxFuture<'_, Result<(), TransportError>> {
            self.0.as_ref().unwrap().send(frame).unwrap();
            async { Ok(()) }.boxed()
        }

        fn finish(&mut self) -> Result<(), TransportError> {
            self.0 = None;
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_ends_when_all_is_answered_is_no_failure() {
        let (sender, receiver) = mpsc::unbounded_channel();
        let stream = Duplex { sender: Box::new(Caller(Some(sender))), receiver: Box::new(Prompt(receiver)) };
        let request = || AppendEntriesRequest::<Consensus> {
            vote: ConsensusVote { leader_id: Leader { term: 1, voted_for: NodeId(1) }, committed: true },
            prev_log_id: None,
            entries: Vec::new(),
            leader_commit: None,
        };
        let requests = stream::iter([request(), request()]);
        let answers: Vec<_> = run(stream, NodeId(2), requests, Duration::from_secs(1)).collect().await;
        assert!(matches!(answers[..], [Ok(Ok(None)), Ok(Ok(None))]), "{answers:?}");
    }
}
