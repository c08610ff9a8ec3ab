//! Answers to what peers ask.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, stream};
use openraft::raft::{TransferLeaderRequest, VoteRequest};

use super::super::consensus::Consensus;
use super::super::snapshot::{Head, SnapshotAnswer};
use super::GroupNetwork;
use super::wire::{
    APPENDS, Answer, AppendAnswer, Ask, BEATS, BEATS_MAX, BeatAnswer, CALL, Garbage, Question, Refusal,
    VERSION, message, read_append, read_beats, read_group, read_message, read_opening,
};
use crate::identity::{GroupId, NodeId};
use crate::transport::{Duplex, TransportError};

/// How long a peer that opened a stream may take to say what it wants, and to take an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves one stream to its end.
pub(super) async fn serve(network: Arc<GroupNetwork>, from: NodeId, mut stream: Duplex) {
    let Ok(Ok(Some(frame))) = tokio::time::timeout(PATIENCE, stream.receiver.receive()).await else {
        return;
    };
    let served = match read_opening(frame) {
        Ok((CALL, question)) => {
            let answer = answer(&network, from, &question).await;
            send_last(stream, from, message(&answer)).await
        }
        Ok((BEATS, beats)) => match read_beats(beats) {
            Ok(beats) => serve_beats(&network, from, beats, stream).await,
            Err(garbage) => return network.count_garbage(from, garbage),
        },
        Ok((APPENDS, group)) => match read_group(&group) {
            Ok(group) => appends(&network, from, group, stream).await,
            Err(garbage) => return network.count_garbage(from, garbage),
        },
        Ok((_purpose, _rest)) => return network.count_garbage(from, Garbage::Unreadable),
        Err(garbage) => return network.count_garbage(from, garbage),
    };
    if let Err(error) = served {
        tracing::debug!(%from, %error, "a peer did not take an answer");
    }
}

/// Serves one snapshot.
pub(super) async fn serve_snapshot(network: Arc<GroupNetwork>, from: NodeId, mut stream: Duplex) {
    let Ok(Ok(Some(mut frame))) = tokio::time::timeout(PATIENCE, stream.receiver.receive()).await else {
        return;
    };
    let head: Result<Head, Garbage> = match frame.first() {
        Some(&VERSION) => {
            frame.advance(1);
            read_message(&frame)
        }
        Some(version) => Err(Garbage::Version(*version)),
        None => Err(Garbage::Short),
    };
    let answer = match head {
        Ok(head) => match network.replica(GroupId(head.group), from) {
            Ok(replica) => replica.receive(from, head, &mut stream).await,
            Err(refusal) => SnapshotAnswer::Refused(refusal),
        },
        Err(garbage) => {
            network.count_garbage(from, garbage);
            SnapshotAnswer::Refused(Refusal::Unreadable)
        }
    };
    if let Err(error) = send_last(stream, from, message(&answer)).await {
        tracing::debug!(%from, %error, "a peer did not take an answer");
    }
}

async fn send(stream: &mut Duplex, from: NodeId, frame: Bytes) -> Result<(), TransportError> {
    let sent = tokio::time::timeout(PATIENCE, stream.sender.send(frame)).await;
    sent.unwrap_or(Err(TransportError::Late { peer: from }))
}

async fn send_last(mut stream: Duplex, from: NodeId, frame: Bytes) -> Result<(), TransportError> {
    send(&mut stream, from, frame).await?;
    stream.sender.finish()
}

async fn answer(network: &GroupNetwork, from: NodeId, question: &[u8]) -> Answer {
    let question: Question = match read_message(question) {
        Ok(question) => question,
        Err(garbage) => {
            network.count_garbage(from, garbage);
            return Answer::Refused(Refusal::Unreadable);
        }
    };
    let replica = match network.replica(GroupId(question.group), from) {
        Ok(replica) => replica,
        Err(refusal) => return Answer::Refused(refusal),
    };
    let asked = match question.ask.read(from) {
        Ok(asked) => asked,
        Err(garbage) => {
            network.count_garbage(from, garbage);
            return Answer::Refused(Refusal::Unreadable);
        }
    };
    let answered = match asked {
        Asked::Vote(request) => replica.vote(request).await.map(|response| Answer::vote(&response)),
        Asked::PreVote(request) => replica.pre_vote(request).await.map(|response| Answer::vote(&response)),
        Asked::HandOver(request) => replica.hand_over(request).await.map(|taken| Answer::HandOver { taken }),
    };
    answered.unwrap_or_else(Answer::Refused)
}

enum Asked {
    Vote(VoteRequest<Consensus>),
    PreVote(VoteRequest<Consensus>),
    HandOver(TransferLeaderRequest<Consensus>),
}

impl Ask {
    fn read(self, from: NodeId) -> Result<Asked, Garbage> {
        match self {
            Self::Vote { vote, last, hand_over } => {
                let mut request = VoteRequest::new(vote.read_of(from)?, last.map(|last| last.read()));
                request.leadership_transfer = hand_over;
                Ok(Asked::Vote(request))
            }
            Self::PreVote { vote, last } => {
                Ok(Asked::PreVote(VoteRequest::new(vote.read_of(from)?, last.map(|last| last.read()))))
            }
            Self::HandOver { from_leader, to, last } => {
                let leader = from_leader.read_of(from)?;
                let last = last.map(|last| last.read());
                Ok(Asked::HandOver(TransferLeaderRequest::new(leader, NodeId(to), last)))
            }
        }
    }
}

/// Answers as soon as a group has an answer; what is ready at the same time goes out together.
async fn serve_beats(
    network: &GroupNetwork,
    from: NodeId,
    beats: Vec<(GroupId, Bytes)>,
    mut stream: Duplex,
) -> Result<(), TransportError> {
    let answers = (0..).zip(beats).map(async |(number, (group, append))| BeatAnswer {
        number,
        answer: beat(network, from, group, append).await,
    });
    let answers: FuturesUnordered<_> = answers.collect();
    let mut ready = answers.ready_chunks(BEATS_MAX);
    while let Some(answers) = ready.next().await {
        send(&mut stream, from, message(&answers)).await?;
    }
    stream.sender.finish()
}

async fn beat(network: &GroupNetwork, from: NodeId, group: GroupId, append: Bytes) -> AppendAnswer {
    let replica = match network.replica(group, from) {
        Ok(replica) => replica,
        Err(refusal) => return AppendAnswer::Refused(refusal),
    };
    match read_append(append, from) {
        Ok(request) => replica.append(request).await,
        Err(garbage) => {
            network.count_garbage(from, garbage);
            AppendAnswer::Refused(Refusal::Unreadable)
        }
    }
}

async fn appends(
    network: &Arc<GroupNetwork>,
    from: NodeId,
    group: GroupId,
    stream: Duplex,
) -> Result<(), TransportError> {
    let replica = match network.replica(group, from) {
        Ok(replica) => replica,
        Err(refusal) => return send_last(stream, from, message(&AppendAnswer::Refused(refusal))).await,
    };
    let Duplex { mut sender, receiver } = stream;
    let requests =
        stream::unfold((receiver, Arc::clone(network)), move |(mut receiver, network)| async move {
            let frame = receiver.receive().await.ok()??;
            match read_append(frame, from) {
                Ok(request) => Some((request, (receiver, network))),
                Err(garbage) => {
                    network.count_garbage(from, garbage);
                    None
                }
            }
        });
    let mut answers = replica.appends(requests.boxed());
    while let Some(answer) = answers.next().await {
        let sent = tokio::time::timeout(PATIENCE, sender.send(message(&answer))).await;
        sent.unwrap_or(Err(TransportError::Late { peer: from }))?;
    }
    sender.finish()
}
