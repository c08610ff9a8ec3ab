//! What consensus asks peers by.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, Stream, StreamExt};
use openraft::errors::{RPCError, ReplicationClosed, StreamingError, Timeout, Unreachable};
use openraft::network::{Backoff, RPCOption, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, StreamAppendError, StreamAppendResult,
    TransferLeaderError, TransferLeaderRequest, TransferLeaderResponse, VoteRequest, VoteResponse,
};
use openraft::storage::Snapshot;
use openraft::{BasicNode, OptionalSend, RPCTypes};
use parking_lot::Mutex;

use super::super::consensus::{CommittedLeader, Consensus, ConsensusLogId, ConsensusVote};
use super::super::snapshot::{GroupSnapshot, SendError, send};
use super::wire::{Answer, Ask, Asked, CALL, Garbage, Question, WirePoint, WireVote, opening, read_message};
use super::{GroupNetwork, Unanswered, appends};
use crate::identity::{GroupId, NodeId};
use crate::transport::TransportError;

/// Makes a group's clients of its peers.
pub(in crate::group) struct Peers {
    pub(in crate::group) network: Arc<GroupNetwork>,
    pub(in crate::group) group: GroupId,
    pub(in crate::group) node: NodeId,
    /// How long an append may stay unanswered before its stream is made again.
    pub(in crate::group) patience: Duration,
    /// How long to wait before a peer that could not be reached is tried again.
    pub(in crate::group) pause: Duration,
}

/// A group's way to one peer.
pub(in crate::group) struct Peer {
    network: Arc<GroupNetwork>,
    group: GroupId,
    node: NodeId,
    peer: NodeId,
    patience: Duration,
    pause: Duration,
    way: Way,
    /// What the peer said it has.
    acked: Mutex<Option<ConsensusLogId>>,
    /// Whether it was told that the peer lost some of that.
    is_told: AtomicBool,
}

/// How appends go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// On a stream of their own.
    Stream,
    /// With the beats of other groups.
    Beats,
}

impl Peers {
    fn peer(&self, peer: NodeId, way: Way) -> Peer {
        Peer {
            network: Arc::clone(&self.network),
            group: self.group,
            node: self.node,
            peer,
            patience: self.patience,
            pause: self.pause,
            way,
            acked: Mutex::default(),
            is_told: AtomicBool::new(false),
        }
    }
}

impl RaftNetworkFactory<Consensus> for Peers {
    type Network = Peer;

    async fn new_client(&mut self, target: NodeId, _node: &BasicNode) -> Peer {
        self.peer(target, Way::Stream)
    }

    async fn new_heartbeat_client(&mut self, target: NodeId, _node: &BasicNode) -> Peer {
        self.peer(target, Way::Beats)
    }
}

impl Peer {
    fn error(&self, why: &Unanswered, action: RPCTypes, timeout: Duration) -> RPCError<Consensus> {
        if let Unanswered::Transport(TransportError::Late { .. }) = why {
            return Timeout { action, id: self.node, target: self.peer, timeout }.into();
        }
        Unreachable::new(why).into()
    }

    async fn ask(&self, ask: Ask, deadline: Duration) -> Result<Answer, Unanswered> {
        let question = Question { group: self.group.0, ask };
        let answer = self.network.call(self.peer, opening(CALL, &question), deadline).await?;
        match read_message(&answer)? {
            Answer::Refused(refusal) => Err(refusal.into()),
            answer @ (Answer::Vote { .. } | Answer::HandOver { .. }) => Ok(answer),
        }
    }

    async fn ask_vote(
        &self,
        ask: Ask,
        deadline: Duration,
    ) -> Result<VoteResponse<Consensus>, RPCError<Consensus>> {
        let answer = self.ask(ask, deadline).await.and_then(|answer| match answer {
            Answer::Vote { vote, last, granted } => {
                Ok(VoteResponse::new(vote.read()?, last.map(WirePoint::read), granted))
            }
            Answer::HandOver { .. } | Answer::Refused(_) => Err(Garbage::Contradiction.into()),
        });
        answer.map_err(|why| self.error(&why, RPCTypes::Vote, deadline))
    }

    /// Lets an answer through, unless the peer says that it has not what it had. Consensus relies on replicas that keep
    /// what they have; one that does not is as good as gone.
    fn check(
        &self,
        answer: StreamAppendResult<Consensus>,
    ) -> Result<StreamAppendResult<Consensus>, Unanswered> {
        let mut acked = self.acked.lock();
        match &answer {
            Ok(upto) => *acked = (*acked).max(*upto),
            // What a beat begins at is known to be there.
            Err(StreamAppendError::Conflict(at)) if self.way == Way::Beats || Some(*at) <= *acked => {
                if !self.is_told.swap(true, Ordering::Relaxed) {
                    let (group, peer) = (self.group, self.peer);
                    tracing::error!(%group, %peer, "{}", Unanswered::Reverted);
                }
                return Err(Unanswered::Reverted);
            }
            Err(StreamAppendError::Conflict(_) | StreamAppendError::HigherVote(_)) => {}
        }
        Ok(answer)
    }

    /// One append, with the beats of other groups.
    async fn beat(
        &self,
        request: &AppendEntriesRequest<Consensus>,
        deadline: Duration,
    ) -> Result<StreamAppendResult<Consensus>, RPCError<Consensus>> {
        let said =
            self.network.say(self.peer, self.group, super::wire::append_frame(request), deadline).await;
        let answer = said.and_then(|answer| self.check(answer.read(&Asked::new(request))??));
        answer.map_err(|why| self.error(&why, RPCTypes::AppendEntries, deadline))
    }
}

impl RaftNetworkV2<Consensus> for Peer {
    type SnapshotData = GroupSnapshot;

    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<Consensus>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<Consensus>, RPCError<Consensus>> {
        Ok(match self.beat(&rpc, option.soft_ttl()).await? {
            Ok(_upto) => AppendEntriesResponse::Success,
            Err(StreamAppendError::Conflict(_)) => AppendEntriesResponse::Conflict,
            Err(StreamAppendError::HigherVote(vote)) => AppendEntriesResponse::HigherVote(vote),
        })
    }

    fn stream_append<'s, S>(
        &'s mut self,
        mut input: S,
        option: RPCOption,
    ) -> BoxFuture<
        's,
        Result<
            BoxStream<'s, Result<StreamAppendResult<Consensus>, RPCError<Consensus>>>,
            RPCError<Consensus>,
        >,
    >
    where
        S: Stream<Item = AppendEntriesRequest<Consensus>> + OptionalSend + Unpin + 'static,
    {
        let peer = &*self;
        if peer.way == Way::Beats {
            // Consensus itself does not wait for longer than this.
            let deadline = option.hard_ttl();
            let answers = stream::once(async move {
                let request = input.next().await?;
                Some(peer.beat(&request, deadline).await)
            });
            let answers: BoxStream<'s, _> = answers.filter_map(async |answer| answer).boxed();
            return async move { Ok(answers) }.boxed();
        }
        async move {
            let error = |why: &Unanswered| peer.error(why, RPCTypes::AppendEntries, peer.patience);
            // The first request comes after the pause that consensus makes when a peer could not be reached: without
            // it, a peer that is down would be tried again at once, for ever.
            let Some(first) = input.next().await else { return Ok(stream::empty().boxed()) };
            let input = stream::iter([first]).chain(input);
            peer.network.count_append_stream();
            let opened = appends::open(&peer.network, peer.peer, peer.group, peer.patience).await;
            let stream = opened.map_err(|why| error(&why))?;
            let answers = appends::run(stream, peer.peer, input, peer.patience);
            let answers: BoxStream<'s, _> = answers
                .map(move |answer| answer.and_then(|answer| peer.check(answer)).map_err(|why| error(&why)))
                .boxed();
            Ok(answers)
        }
        .boxed()
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<Consensus>,
        option: RPCOption,
    ) -> Result<VoteResponse<Consensus>, RPCError<Consensus>> {
        self.ask_vote(Ask::vote(&rpc), option.soft_ttl()).await
    }

    async fn pre_vote(
        &mut self,
        rpc: VoteRequest<Consensus>,
        option: RPCOption,
    ) -> Result<VoteResponse<Consensus>, RPCError<Consensus>> {
        self.ask_vote(Ask::pre_vote(&rpc), option.soft_ttl()).await
    }

    async fn full_snapshot(
        &mut self,
        vote: ConsensusVote,
        snapshot: Snapshot<CommittedLeader, NodeId, BasicNode, GroupSnapshot>,
        cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<Consensus>, StreamingError<Consensus>> {
        let unreachable = |why: &Unanswered| StreamingError::Unreachable(Unreachable::new(why));
        let GroupSnapshot::Export(export) = snapshot.snapshot else {
            return Err(Unreachable::from_string("there is nothing to send").into());
        };
        let transport = Arc::clone(self.network.transport().map_err(|why| unreachable(&why))?);
        let sent = tokio::select! {
            biased;
            closed = cancel => return Err(closed.into()),
            sent = send(transport.as_ref(), self.peer, self.group, &vote, export, self.patience) => sent,
        };
        sent.map(SnapshotResponse::new).map_err(|error: SendError| {
            tracing::warn!(group = %self.group, peer = %self.peer, %error, "a snapshot did not get through");
            Unreachable::new(&error).into()
        })
    }

    async fn transfer_leader(
        &mut self,
        req: TransferLeaderRequest<Consensus>,
        option: RPCOption,
    ) -> Result<TransferLeaderResponse<Consensus>, RPCError<Consensus>> {
        let ask = Ask::HandOver {
            from_leader: WireVote::new(req.from_leader()),
            to: req.to_node_id().0,
            last: req.last_log_id().map(WirePoint::new),
        };
        let deadline = option.soft_ttl();
        let answer = self.ask(ask, deadline).await.and_then(|answer| match answer {
            Answer::HandOver { taken } => Ok(taken),
            Answer::Vote { .. } | Answer::Refused(_) => Err(Garbage::Contradiction.into()),
        });
        let taken = answer.map_err(|why| self.error(&why, RPCTypes::TransferLeader, deadline))?;
        let refused =
            || TransferLeaderError::LogNotFlushed { expected: req.last_log_id().copied(), actual: None };
        Ok(if taken { Ok(()) } else { Err(refused()) })
    }

    fn backoff(&self) -> Option<Backoff> {
        Some(Backoff::new(std::iter::repeat(self.pause)))
    }
}
