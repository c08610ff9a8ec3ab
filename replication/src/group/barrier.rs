//! Read barriers: is this node still home?
//!
//! One question to a quorum answers all who ask before it is sent. Those who ask while it is on its way wait for the next
//! one, since an answer to an earlier question proves nothing about a later moment.

use std::sync::Arc;

use openraft::errors::{LinearizableReadError, RaftError};
use openraft::{Raft, ReadPolicy};
use tokio::sync::{Notify, mpsc, oneshot};

use super::consensus::Consensus;
use super::error::ProposeError;
use super::state::GroupState;
use crate::identity::NodeId;
use crate::machine::Machine;

/// How many may wait for one answer.
pub(super) const READERS_MAX: usize = 65_536;

/// Who waits for a barrier.
pub(super) type Reader = oneshot::Sender<Result<(), ProposeError>>;

/// Answers readers until there can be no more, or the group closes.
pub(super) async fn run<M: Machine>(
    raft: Raft<Consensus, GroupState<M>>,
    node: NodeId,
    mut readers: mpsc::Receiver<Reader>,
    closing: Arc<Notify>,
) {
    let mut waiting = Vec::new();
    loop {
        let count = tokio::select! {
            biased;
            () = closing.notified() => return,
            count = readers.recv_many(&mut waiting, READERS_MAX) => count,
        };
        if count == 0 {
            return;
        }
        let answer = ask(&raft, node).await;
        for reader in waiting.drain(..) {
            // A reader may have gone.
            let _ = reader.send(answer);
        }
    }
}

/// Asks a quorum, and waits until the state has what was committed by then.
async fn ask<M: Machine>(raft: &Raft<Consensus, GroupState<M>>, node: NodeId) -> Result<(), ProposeError> {
    let linearizer = raft.get_read_linearizer(ReadPolicy::ReadIndex).await.map_err(|error| match error {
        RaftError::APIError(LinearizableReadError::ForwardToLeader(to)) => {
            ProposeError::NotHome { home: to.leader_id.filter(|home| *home != node) }
        }
        RaftError::APIError(LinearizableReadError::QuorumNotEnough(_)) => {
            ProposeError::NotHome { home: None }
        }
        RaftError::Fatal(_) => ProposeError::Stopped,
    })?;
    linearizer.await_ready(raft).await.map_err(|_stopped| ProposeError::Stopped)?;
    Ok(())
}
