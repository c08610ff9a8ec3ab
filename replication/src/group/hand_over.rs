//! Handing the home over to another voter.

use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver;
use openraft::{Instant, Raft};
use tokio::sync::watch;

use super::consensus::Consensus;
use super::home::HomeView;
use super::members::{HandOverError, Members, lags};
use super::options::GroupOptions;
use super::state::GroupState;
use crate::identity::NodeId;
use crate::machine::Machine;

/// How many entries the next home may lack when it is told: it gets them before it stands for election. While
/// commands come in, it always lacks a few.
const NEAR: u64 = 64;

/// See [`Group::hand_over`](crate::Group::hand_over).
pub(super) async fn hand_over<M: Machine>(
    raft: &Raft<Consensus, GroupState<M>>,
    options: &GroupOptions,
    mut home: watch::Receiver<HomeView>,
    to: NodeId,
) -> Result<(), HandOverError> {
    let before = *home.borrow_and_update();
    if before.home != Some(options.node) {
        return Err(HandOverError::NotHome { home: before.home });
    }
    if to == options.node {
        return Ok(());
    }
    {
        let metrics = raft.metrics();
        let metrics = metrics.borrow_watched();
        if !Members::new(&metrics.membership_config).voters.contains(&to) {
            return Err(HandOverError::NotVoter { to });
        }
        let lags = lags(&metrics).ok_or(HandOverError::NotHome { home: metrics.current_leader })?;
        let entries = lags.get(&to).copied().unwrap_or(u64::MAX);
        let heard = metrics.heartbeat.as_ref().and_then(|heard| heard.get(&to).copied().flatten());
        // A home that hands over to a silent node stops the group until the next election.
        let is_silent = heard.is_none_or(|heard| heard.elapsed() > options.timeouts.election_max);
        if entries > NEAR || is_silent {
            return Err(HandOverError::Behind { to, entries });
        }
    }
    raft.trigger().transfer_leader(to).await.map_err(|_stopped| HandOverError::Stopped)?;
    let patience: Duration = options.patience();
    let taken = home.wait_for(|view| view.term > before.term && view.home.is_some());
    match tokio::time::timeout(patience, taken).await {
        Ok(Ok(view)) if view.home == Some(to) => Ok(()),
        Ok(Ok(_)) | Err(_) => Err(HandOverError::NotTaken { to }),
        Ok(Err(_closed)) => Err(HandOverError::Stopped),
    }
}
