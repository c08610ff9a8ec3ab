//! A group's replica on this node, as its peers see it.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use openraft::async_runtime::watch::WatchReceiver;
use openraft::raft::{AppendEntriesRequest, TransferLeaderRequest, VoteRequest, VoteResponse};
use openraft::{Instant, Raft, ServerState};

use super::super::consensus::Consensus;
use super::super::snapshot::{Head, Receiver, SnapshotAnswer};
use super::super::state::GroupState;
use super::wire::{AppendAnswer, Refusal};
use crate::identity::NodeId;
use crate::machine::Machine;
use crate::store::Sabotage;
use crate::transport::Duplex;

/// What peers may ask of a replica, whatever machine it runs.
pub(in crate::group) trait Replica: Send + Sync {
    /// Takes appends in their order; ends after the first that is not done.
    fn appends(
        &self,
        requests: BoxStream<'static, AppendEntriesRequest<Consensus>>,
    ) -> BoxStream<'static, AppendAnswer>;

    fn append(&self, request: AppendEntriesRequest<Consensus>) -> BoxFuture<'static, AppendAnswer>;

    fn vote(
        &self,
        request: VoteRequest<Consensus>,
    ) -> BoxFuture<'static, Result<VoteResponse<Consensus>, Refusal>>;

    fn pre_vote(
        &self,
        request: VoteRequest<Consensus>,
    ) -> BoxFuture<'static, Result<VoteResponse<Consensus>, Refusal>>;

    /// Whether the home is taken over, or its leaving was noted.
    fn hand_over(
        &self,
        request: TransferLeaderRequest<Consensus>,
    ) -> BoxFuture<'static, Result<bool, Refusal>>;

    /// Takes the home's state, of which the head came.
    fn receive<'s>(
        &'s self,
        from: NodeId,
        head: Head,
        stream: &'s mut Duplex,
    ) -> BoxFuture<'s, SnapshotAnswer>;

    /// Tells the others, if this replica is home, that it is there.
    fn beat(&self) -> BoxFuture<'static, ()>;
}

/// An open replica.
pub(in crate::group) struct OpenReplica<M: Machine> {
    pub(in crate::group) raft: Raft<Consensus, GroupState<M>>,
    pub(in crate::group) receiver: Arc<Receiver<M>>,
    pub(in crate::group) sabotage: Sabotage,
    /// How long a home that answers is followed.
    pub(in crate::group) lease: Duration,
}

/// Whether a home tells that it is there, after more than half of the voters have not answered for so long. One that is
/// heard and hears nobody would keep the others from electing a home that works: so after two leases it falls silent for
/// three, in which they can, and then speaks for one, in case that they only stood still.
fn is_heard(silence: Duration, lease: Duration) -> bool {
    let lease_ns = lease.as_nanos().max(1);
    let leases = silence.as_nanos() / lease_ns;
    leases < 2 || leases % 4 == 1
}

impl<M: Machine> Replica for OpenReplica<M> {
    fn appends(
        &self,
        requests: BoxStream<'static, AppendEntriesRequest<Consensus>>,
    ) -> BoxStream<'static, AppendAnswer> {
        let answers = self.raft.stream_append(requests);
        answers
            .map(|answer| match answer {
                Ok(result) => AppendAnswer::new(&result),
                Err(_stopped) => AppendAnswer::Refused(Refusal::Stopped),
            })
            .boxed()
    }

    fn append(&self, request: AppendEntriesRequest<Consensus>) -> BoxFuture<'static, AppendAnswer> {
        let mut answers = self.appends(futures_util::stream::once(async { request }).boxed());
        async move { answers.next().await.unwrap_or(AppendAnswer::Refused(Refusal::Stopped)) }.boxed()
    }

    fn vote(
        &self,
        request: VoteRequest<Consensus>,
    ) -> BoxFuture<'static, Result<VoteResponse<Consensus>, Refusal>> {
        if self.sabotage.term_ignored {
            return granted(&request);
        }
        let raft = self.raft.clone();
        async move { raft.vote(request).await.map_err(|_stopped| Refusal::Stopped) }.boxed()
    }

    fn pre_vote(
        &self,
        request: VoteRequest<Consensus>,
    ) -> BoxFuture<'static, Result<VoteResponse<Consensus>, Refusal>> {
        if self.sabotage.term_ignored {
            return granted(&request);
        }
        let raft = self.raft.clone();
        async move { raft.pre_vote(request).await.map_err(|_stopped| Refusal::Stopped) }.boxed()
    }

    fn hand_over(
        &self,
        request: TransferLeaderRequest<Consensus>,
    ) -> BoxFuture<'static, Result<bool, Refusal>> {
        let raft = self.raft.clone();
        async move {
            let taken = raft.handle_transfer_leader(request).await.map_err(|_stopped| Refusal::Stopped)?;
            Ok(taken.is_ok())
        }
        .boxed()
    }

    fn receive<'s>(
        &'s self,
        from: NodeId,
        head: Head,
        stream: &'s mut Duplex,
    ) -> BoxFuture<'s, SnapshotAnswer> {
        self.receiver.receive(&self.raft, from, head, stream).boxed()
    }

    fn beat(&self) -> BoxFuture<'static, ()> {
        let (raft, lease) = (self.raft.clone(), self.lease);
        async move {
            let is_home = raft.server_metrics().borrow_watched().state == ServerState::Leader;
            let acked = raft.data_metrics().borrow_watched().last_quorum_acked;
            let silence = acked.map_or(Duration::ZERO, |acked| acked.elapsed());
            if is_home && is_heard(silence, lease) {
                // When it has stopped, there is nobody to speak for.
                let _ = raft.trigger().heartbeat().await;
            }
        }
        .boxed()
    }
}

/// The mistake of a replica that votes for whoever asks.
fn granted(request: &VoteRequest<Consensus>) -> BoxFuture<'static, Result<VoteResponse<Consensus>, Refusal>> {
    let response = VoteResponse::new(request.vote, request.last_log_id, true);
    async move { Ok(response) }.boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_that_nobody_answers_is_silent_for_longer_than_it_speaks() {
        let lease = Duration::from_millis(250);
        let heard = |ms| is_heard(Duration::from_millis(ms), lease);
        let at: Vec<_> = (0..=2_400).step_by(125).filter(|ms| heard(*ms)).collect();
        assert_eq!(at, [0, 125, 250, 375, 1_250, 1_375, 2_250, 2_375]);
    }
}
