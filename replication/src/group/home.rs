//! Who is home.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use openraft::async_runtime::watch::WatchReceiver;
use openraft::{Raft, ServerState};
use tokio::sync::watch;

use super::consensus::Consensus;
use super::state::GroupState;
use crate::identity::NodeId;
use crate::machine::Machine;

/// Who leads a group, as far as this node knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HomeView {
    /// The home. A hint: it may be gone, and nobody knows yet.
    pub home: Option<NodeId>,
    /// How many elections there were; a view with a higher term is a later one.
    pub term: u64,
    /// Whether this node is home, and its state has everything that earlier homes have answered. It stays so on a node
    /// that is cut off, until it hears of another home; [`read_barrier`](crate::Group::read_barrier) says whether it
    /// still is.
    pub is_home: bool,
}

/// Where the group's parts read who is home, without waiting.
#[derive(Debug, Default)]
pub(super) struct Elsewhere(AtomicU64);

impl Elsewhere {
    /// Another node that is home.
    pub(super) fn home(&self) -> Option<NodeId> {
        let home = self.0.load(Ordering::Acquire);
        (home != 0).then_some(NodeId(home))
    }
}

/// Follows who is home until consensus has stopped.
pub(super) async fn follow<M: Machine>(
    raft: Raft<Consensus, GroupState<M>>,
    node: NodeId,
    view: watch::Sender<HomeView>,
    elsewhere: Arc<Elsewhere>,
) {
    let mut server = raft.server_metrics();
    let mut data = raft.data_metrics();
    loop {
        let (home, term, leads) = {
            let server = server.borrow_and_update();
            (server.current_leader, server.vote.leader_id.term, server.state == ServerState::Leader)
        };
        // The first entry of a home is empty; when it is applied, so is everything before it.
        let applied = data.borrow_and_update().last_applied;
        let is_home = leads && home == Some(node) && applied.is_some_and(|at| at.leader_id.term == term);
        let other = home.filter(|home| *home != node);
        elsewhere.0.store(other.map_or(0, |home| home.0), Ordering::Release);
        view.send_if_modified(|view| {
            let now = HomeView { home, term, is_home };
            let is_other = *view != now;
            *view = now;
            is_other
        });
        let changed = tokio::select! {
            biased;
            changed = server.changed() => changed,
            changed = data.changed(), if leads && !is_home => changed,
        };
        if changed.is_err() {
            view.send_if_modified(|view| {
                let was_home = view.is_home;
                view.is_home = false;
                was_home
            });
            return;
        }
    }
}
