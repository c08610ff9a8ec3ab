//! How a group opens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwap;
use openraft::errors::{ClientWriteError, RaftError};
use openraft::{BasicNode, Raft};
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::consensus::{Consensus, decode_membership};
use super::home::HomeView;
use super::log::GroupLog;
use super::members::Members;
use super::network::{GroupNetwork, OpenReplica, Peers};
use super::proposer::{Answerer, Proposer};
use super::snapshot::Receiver;
use super::state::{Gate, GroupState, Marks, open_machine};
use super::{Engine, Group, GroupError, GroupOptions, Inner, Lasting, Timeouts, barrier, home};
use crate::identity::{GroupId, NodeId};
use crate::machine::Machine;
use crate::store::log::{LogChange, LogFound, LogJob};
use crate::store::progress::Progress;
use crate::store::{Store, StoreError};

/// How long to wait before consensus is asked again, while a group opens.
const OPENING_PAUSE: Duration = Duration::from_millis(1);

/// What to do with a group that has no members yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Wait for a home that adds this node.
    Empty,
    /// Make this node its one voter.
    Found,
}

/// See [`Group::open`] and [`Group::found`].
pub(super) async fn open<M: Machine>(
    store: &Store,
    network: &Arc<GroupNetwork>,
    options: GroupOptions,
    machine: M,
    when: When,
) -> Result<Group<M>, GroupError> {
    let group = options.id;
    let store_error = |source| GroupError::Store { group, source };
    options.consensus()?;
    let (running, progress, tables) = open_machine(store, group, machine).await.map_err(store_error)?;
    let found = find_log(store, &options, &progress).await?;
    check_files(&options, &progress, &found, when)?;

    let marks = Arc::new(Marks::default());
    marks.now_ms.store(progress.now_ms, Ordering::Release);
    marks.applied.send_replace(progress.applied.map_or(0, |at| at.index));
    let members = decode_membership(&progress);
    let members = members.map_err(|damage| stopped(group, format!("its membership is damaged: {damage}")))?;
    marks.note_members(Members::new(&members), options.node);
    let durable = store.watch_durable(group.0, progress);
    let receiver =
        Receiver { store: store.clone(), group, tables, running, busy: tokio::sync::Mutex::default() };
    let (home_sender, home) = watch::channel(HomeView::default());
    let lasting = Lasting {
        store: store.clone(),
        network: Arc::clone(network),
        receiver: Arc::new(receiver),
        marks,
        counts: Arc::default(),
        durable,
        home,
        home_sender: Mutex::new(Some(home_sender)),
        elsewhere: Arc::default(),
    };
    match start(&lasting, options, &found, Some(when)).await {
        Ok(engine) => Ok(Group {
            inner: Arc::new(Inner {
                lasting,
                engine: ArcSwap::from_pointee(engine),
                changing: tokio::sync::Mutex::default(),
            }),
        }),
        Err(error) => {
            store.forget_durable(group.0);
            Err(error)
        }
    }
}

/// Starts consensus over what lasts, and what works around it.
async fn start<M: Machine>(
    lasting: &Lasting<M>,
    options: GroupOptions,
    found: &LogFound,
    when: Option<When>,
) -> Result<Engine<M>, GroupError> {
    let group = options.id;
    let Lasting { store, network, receiver, marks, .. } = lasting;
    let config = options.consensus()?;
    let log =
        GroupLog::new(store.clone(), group, found).map_err(|damage| stopped(group, damage.to_string()))?;
    let gate = Arc::<Gate>::default();
    let state = GroupState {
        store: store.clone(),
        group,
        node: options.node,
        log: log.clone(),
        running: Arc::clone(&receiver.running),
        tables: Arc::clone(&receiver.tables),
        durable: lasting.durable.clone(),
        marks: Arc::clone(marks),
        gate: Arc::clone(&gate),
    };
    let peers = Peers {
        network: Arc::clone(network),
        group,
        node: options.node,
        patience: options.patience(),
        pause: options.timeouts.heartbeat,
    };
    let raft = Raft::new(options.node, Arc::new(config), peers, log.clone(), state)
        .await
        .map_err(|error| stopped(group, error.to_string()))?;
    if let Some(when) = when
        && let Err(reason) = come_home(&raft, options.node, when).await
    {
        // It stops anyway; the first reason is the one to tell.
        let _ = raft.shutdown().await;
        return Err(store.failure().map_or_else(
            || stopped(group, reason),
            |source| GroupError::Store { group, source: source.into() },
        ));
    }
    let replica = OpenReplica {
        raft: raft.clone(),
        receiver: Arc::clone(receiver),
        lease: options.timeouts.election_max,
        sabotage: store.sabotage(),
    };
    network.enter(group, Arc::new(replica), options.timeouts.heartbeat);
    Ok(surround(lasting, options, raft, log, gate))
}

/// Starts what works around consensus.
fn surround<M: Machine>(
    lasting: &Lasting<M>,
    options: GroupOptions,
    raft: Raft<Consensus, GroupState<M>>,
    log: GroupLog,
    gate: Arc<Gate>,
) -> Engine<M> {
    let Lasting { network, marks, counts, durable, elsewhere, .. } = lasting;
    let (queue, waiting) = mpsc::channel(options.commands_waiting_max.max(1));
    let (in_flight, answering) = mpsc::unbounded_channel();
    let (readers, reading) = mpsc::channel(barrier::READERS_MAX);
    let (finished_sender, finished) = watch::channel(false);
    let closing = Arc::new(Notify::new());
    let readers_closing = Arc::new(Notify::new());
    let proposer = Proposer {
        raft: raft.clone(),
        options: options.clone(),
        marks: Arc::clone(marks),
        counts: Arc::clone(counts),
        queue: waiting,
        closing: Arc::clone(&closing),
        in_flight,
    };
    let answerer = Answerer {
        raft: raft.clone(),
        gate,
        marks: Arc::clone(marks),
        network: Arc::clone(network),
        options: options.clone(),
        in_flight: answering,
        readers_closing: Arc::clone(&readers_closing),
        finished: finished_sender,
    };
    tokio::spawn(proposer.run());
    tokio::spawn(answerer.run());
    tokio::spawn(barrier::run(raft.clone(), options.node, reading, readers_closing));
    // A group that is being closed has nobody to tell.
    let home_sender = lasting.home_sender.lock().clone();
    if let Some(sender) = home_sender {
        tokio::spawn(home::follow(raft.clone(), options.node, sender, Arc::clone(elsewhere)));
    }
    tokio::spawn(purge_behind(raft.clone(), durable.clone()));
    Engine { options, raft, queue, readers, closing, finished, log }
}

/// Stops consensus and starts it again with other timeouts, over the same machine.
pub(super) async fn restart<M: Machine>(inner: &Inner<M>, timeouts: Timeouts) -> Result<(), GroupError> {
    let engine = inner.engine.load_full();
    let options = GroupOptions { timeouts, ..engine.options.clone() };
    let group = options.id;
    options.consensus()?;
    engine.close().await;
    let lasting = &inner.lasting;
    let store_error = |source| GroupError::Store { group, source };
    // What was appended last may be on its way to the disk; what is found there counts as being there.
    let last = engine.log.last_index();
    if last > 0 {
        engine.log.flushed_upto(last).await.map_err(store_error)?;
    }
    let progress = lasting.receiver.running.lock().progress.clone();
    let found = find_log(&lasting.store, &options, &progress).await?;
    let engine = start(lasting, options, &found, None).await?;
    inner.engine.store(Arc::new(engine));
    Ok(())
}

fn stopped(group: GroupId, reason: String) -> GroupError {
    GroupError::Stopped { group, reason }
}

/// Makes a lone voter the home, or founds the group, and waits until an entry of its own went through log and state. By
/// then all earlier entries are applied. Does nothing where others have a say.
async fn come_home<M: Machine>(
    raft: &Raft<Consensus, GroupState<M>>,
    node: NodeId,
    when: When,
) -> Result<(), String> {
    let is_founded = raft.is_initialized().await.map_err(|error| error.to_string())?;
    if is_founded {
        let members = raft.with_raft_state(|state| Members::new(state.membership_state.effective()));
        let members = members.await.map_err(|error| error.to_string())?;
        if !members.voters.iter().eq([&node]) {
            return Ok(());
        }
        // Nobody else can be home, so there is no timeout to wait for.
        raft.trigger().elect(false).await.map_err(|error| error.to_string())?;
    } else if when == When::Found {
        let founder = BTreeMap::from([(node, BasicNode::new(""))]);
        raft.initialize(founder).await.map_err(|error| error.to_string())?;
    } else {
        return Ok(());
    }
    loop {
        match raft.write_blank().await {
            Ok(_) => return Ok(()),
            Err(RaftError::APIError(ClientWriteError::ForwardToLeader(_))) => {
                tokio::time::sleep(OPENING_PAUSE).await;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Tells consensus each time more of the state is on the disk, so that it purges the log behind.
async fn purge_behind<M: Machine>(
    raft: Raft<Consensus, GroupState<M>>,
    mut durable: watch::Receiver<Progress>,
) {
    while durable.changed().await.is_ok() {
        if raft.trigger().snapshot().await.is_err() {
            return;
        }
    }
}

/// What there is of the log. When the state came whole from another replica and the power went off before the log was
/// purged, that is done first: what stands there is of no use, and may have a gap before what follows.
async fn find_log(
    store: &Store,
    options: &GroupOptions,
    progress: &Progress,
) -> Result<LogFound, GroupError> {
    let group = options.id;
    let store_error = |source| GroupError::Store { group, source };
    let found = store.find_log(group.0).map_err(store_error)?;
    let Some(upto) = progress.arrived.filter(|arrived| found.purged < Some(*arrived)) else {
        return Ok(found);
    };
    let (done, purged) = oneshot::channel();
    let done = Box::new(move |result| {
        // Who opens may have given up.
        let _ = done.send(result);
    });
    let job = LogJob { group: group.0, change: LogChange::Purge { upto }, done };
    store.send_log(job).map_err(store_error)?;
    let purged = purged.await.map_err(|_dropped| store_error(StoreError::Closed))?;
    purged.map_err(|error| GroupError::Stopped { group, reason: error.to_string() })?;
    store.find_log(group.0).map_err(store_error)
}

/// The two files have to be from the same moment. Where this node would found the group, they have to be this node's.
/// Elsewhere it may have been removed, and be added again.
fn check_files(
    options: &GroupOptions,
    progress: &Progress,
    found: &LogFound,
    when: When,
) -> Result<(), GroupError> {
    let group = options.id;
    let applied = progress.applied.map_or(0, |at| at.index);
    let disagree = |log: String| Err(GroupError::FilesDisagree { group, applied, log });
    if progress.applied > found.last {
        return disagree(
            found.last.map_or("is empty".to_owned(), |last| format!("ends at entry {}", last.index)),
        );
    }
    if let Some(purged) = found.purged.filter(|purged| Some(*purged) > progress.applied) {
        return disagree(format!("begins after entry {}", purged.index));
    }
    if when == When::Empty {
        return Ok(());
    }
    let membership = decode_membership(progress).map_err(|damage| GroupError::Stopped {
        group,
        reason: format!("its membership is damaged: {damage}"),
    })?;
    let members: Vec<_> = membership.nodes().map(|(id, _)| *id).collect();
    if !members.is_empty() && !members.contains(&options.node) {
        let members = members.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Err(GroupError::NotMember { group, node: options.node, members });
    }
    Ok(())
}
