//! The transport of groups whose node has no network: every peer is unreachable.
//!
//! Each call says so, the ones with a default of their own too: a pre-vote must not count as
//! granted, and a hand-over must not count as done, by a peer that was never asked.

use std::future::Future;
use std::io;

use openraft::errors::{RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{RPCOption, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, TransferLeaderRequest,
    TransferLeaderResponse, VoteRequest, VoteResponse,
};
use openraft::storage::Snapshot;
use openraft::{BasicNode, OptionalSend};

use super::consensus::{CommittedLeader, Consensus, ConsensusVote};
use super::state::DurableState;
use crate::identity::NodeId;

/// Makes [`NoPeer`]s.
pub(super) struct NoNetwork;

/// A peer that cannot be reached.
pub(super) struct NoPeer {
    peer: NodeId,
}

impl RaftNetworkFactory<Consensus> for NoNetwork {
    type Network = NoPeer;

    async fn new_client(&mut self, target: NodeId, _node: &BasicNode) -> NoPeer {
        NoPeer { peer: target }
    }
}

impl NoPeer {
    fn unreachable(&self) -> Unreachable<Consensus> {
        Unreachable::new(&io::Error::new(
            io::ErrorKind::NetworkUnreachable,
            format!("this node has no network to reach {} by", self.peer),
        ))
    }
}

impl RaftNetworkV2<Consensus> for NoPeer {
    type SnapshotData = DurableState;

    async fn append_entries(
        &mut self,
        _rpc: AppendEntriesRequest<Consensus>,
        _option: RPCOption,
    ) -> Result<AppendEntriesResponse<Consensus>, RPCError<Consensus>> {
        Err(self.unreachable().into())
    }

    async fn vote(
        &mut self,
        _rpc: VoteRequest<Consensus>,
        _option: RPCOption,
    ) -> Result<VoteResponse<Consensus>, RPCError<Consensus>> {
        Err(self.unreachable().into())
    }

    async fn pre_vote(
        &mut self,
        _rpc: VoteRequest<Consensus>,
        _option: RPCOption,
    ) -> Result<VoteResponse<Consensus>, RPCError<Consensus>> {
        Err(self.unreachable().into())
    }

    async fn full_snapshot(
        &mut self,
        _vote: ConsensusVote,
        _snapshot: Snapshot<CommittedLeader, NodeId, BasicNode, DurableState>,
        _cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<Consensus>, StreamingError<Consensus>> {
        Err(self.unreachable().into())
    }

    async fn transfer_leader(
        &mut self,
        _req: TransferLeaderRequest<Consensus>,
        _option: RPCOption,
    ) -> Result<TransferLeaderResponse<Consensus>, RPCError<Consensus>> {
        Err(self.unreachable().into())
    }
}
