//! The groups of a node: opened when this node is to hold a replica, closed when it is not any more.
//!
//! A replica with everything that sells on top of it is a [`House`]. Its outbox works while this node is the group's
//! home, and rests while it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use marquee_ledger::transfer::Standing;
use marquee_ledger::{Change, PerformanceId};
use marquee_replication::feed::Feed;
use marquee_replication::{GroupError, GroupId, GroupNetwork, GroupOptions, NodeId, Store};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cluster::commons::Commons;
use crate::cluster::net::Net;
use crate::cluster::{moving, pace, steward};
use crate::directory::View;
use crate::home::{Clock, Failure, Home, HomeOptions};
use crate::http::houses::{House, Houses};
use crate::http::seats::SeatMaps;
use crate::http::{App, Parts, Shared, router};
use crate::machine::Listener;
use crate::outbox::{Door, Gateways, Outbox};
use crate::selling::Selling;
use crate::selling::codes::TicketKeys;
use crate::selling::live::Live;

/// How often a home tells what is free.
const TELL_FREE: Duration = Duration::from_secs(1);
/// Epochs count above terms: a group has fewer elections than this leaves room for.
const EPOCH_SHIFT: u32 = 40;
/// How long to wait before a group that did not open is tried again.
const OPEN_AGAIN: Duration = Duration::from_secs(2);

/// What houses are built of.
pub struct Ground {
    /// This node.
    pub node: NodeId,
    /// Its storage.
    pub store: Store,
    /// The way to other replicas.
    pub network: Arc<GroupNetwork>,
    /// What homes share.
    pub commons: Arc<Commons>,
    /// What apps share.
    pub shared: Arc<Shared>,
    /// Tells the time.
    pub clock: Clock,
    /// Who takes money.
    pub gateways: Gateways,
    /// Signs tickets.
    pub ticket_keys: Arc<TicketKeys>,
}

/// See the module.
pub struct Estate {
    ground: Ground,
    houses: Arc<Houses>,
    lives: Mutex<BTreeMap<GroupId, TaskTracker>>,
    stopping: CancellationToken,
}

/// Why a house is not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The group does not open.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// The documentation cannot be written.
    #[error("the documentation cannot be written")]
    Documentation(#[from] serde_json::Error),
}

impl Estate {
    /// Nothing is built yet.
    #[must_use]
    pub fn new(ground: Ground) -> Arc<Self> {
        Arc::new(Self {
            ground,
            houses: Arc::default(),
            lives: Mutex::default(),
            stopping: CancellationToken::new(),
        })
    }

    /// The houses.
    #[must_use]
    pub const fn houses(&self) -> &Arc<Houses> {
        &self.houses
    }

    /// Opens a group's replica and builds on it. With `founds`, this node founds the group if it has no members.
    ///
    /// # Errors
    /// When the group does not open.
    pub async fn build(
        &self,
        group: GroupId,
        founds: bool,
        net: Option<&Arc<Net>>,
    ) -> Result<House, BuildError> {
        let ground = &self.ground;
        let shared = &ground.shared;
        let settings = &shared.settings;
        let door = Arc::<Door>::default();
        let live = Arc::<Live>::default();
        let dirty = Arc::<Dirty>::default();
        let mut options = GroupOptions::new(group, ground.node, Arc::clone(&ground.clock));
        options.commands_waiting_max = settings.limits.commands_waiting as usize;
        if let Some(net) = net {
            let view = ground.commons.views.now();
            let replicas = view.replicas(group).iter().copied();
            let others: Vec<_> = replicas.filter(|replica| *replica != ground.node).collect();
            options.timeouts = net.pace.at_first(&others);
        }
        let options = HomeOptions {
            group: options,
            network: Arc::clone(&ground.network),
            founds,
            ledger: marquee_ledger::Options {
                places_per_hold_max: settings.cluster.selling.places_per_hold.into(),
                holds_per_holder_max: settings.cluster.selling.holds_per_buyer.into(),
                ..marquee_ledger::Options::default()
            },
            clock: Arc::clone(&ground.clock),
            commons: Arc::clone(&ground.commons),
        };
        let listeners: Vec<Arc<dyn Listener>> =
            vec![Arc::clone(&door) as _, Arc::clone(&live) as _, Arc::clone(&dirty) as _];
        let home = Home::open(&ground.store, options, listeners).await?;
        let outbox = Outbox::new(home.clone(), ground.gateways.clone(), door);
        let ticket_keys = Arc::clone(&ground.ticket_keys);
        let app = App::new(Parts {
            shared: Arc::clone(shared),
            outbox: outbox.clone(),
            selling: Selling::new(home.clone(), live, ticket_keys, &settings.cluster),
            seat_maps: SeatMaps::default(),
            home: home.clone(),
        });
        let house = House { router: router::router(app.clone())?, app };
        self.houses.add(house.clone());

        let life = TaskTracker::new();
        let stopping = self.stopping.child_token();
        let gossip = net.map(|net| net.gossip.clone());
        life.spawn(live_on(home.clone(), outbox, gossip, stopping.clone()));
        life.spawn(stopping.clone().run_until_cancelled_owned(tell_free(home.clone(), dirty)));
        if let Some(net) = net {
            let wanted = settings.cluster.replication.replicas.into();
            let looking = steward::look_after(Arc::clone(net) as _, home.clone(), wanted);
            life.spawn(stopping.clone().run_until_cancelled_owned(looking));
            life.spawn(stopping.clone().run_until_cancelled_owned(moving::look_after(home.clone())));
            let seizing = moving::seizing::look_after(home.clone(), ground.node);
            life.spawn(stopping.clone().run_until_cancelled_owned(seizing));
            let publishing = keep_published(home, net.feed.clone(), publish_aside);
            life.spawn(stopping.run_until_cancelled_owned(publishing));
        }
        self.lives.lock().insert(group, life);
        Ok(house)
    }

    /// Builds houses for the groups that the directory names this node for, and for those that peers speak of.
    pub fn follow(self: &Arc<Self>, net: &Arc<Net>) {
        let (called, mut calls) = mpsc::channel::<GroupId>(64);
        self.ground.network.on_unknown_group(move |group, _from| {
            // When many call, the next call comes soon.
            let _ = called.try_send(group);
        });
        let houses = Arc::clone(&self.houses);
        let homes = move || houses.all().into_iter().map(|house| house.app.home.clone()).collect();
        net.spawn(pace::keep(Arc::clone(net), homes));
        let (estate, building) = (Arc::clone(self), Arc::clone(net));
        net.spawn(async move {
            let commons = Arc::clone(&estate.ground.commons);
            let mut changes = commons.views.changes();
            loop {
                let mut wanted = named(&commons.views.now(), estate.ground.node);
                while let Ok(group) = calls.try_recv() {
                    if is_ours(&commons.views.now(), group, estate.ground.node) {
                        wanted.insert(group);
                    }
                }
                let mut failed = false;
                for group in wanted {
                    if estate.houses.house(group).is_none() {
                        if let Err(error) = estate.build(group, false, Some(&building)).await {
                            tracing::error!(%group, %error, "a group does not open");
                            failed = true;
                        } else {
                            tracing::info!(%group, "this node holds a replica");
                        }
                    }
                }
                let again = if failed { OPEN_AGAIN } else { Duration::from_secs(60) };
                tokio::select! {
                    changed = changes.changed() => if changed.is_err() { return },
                    call = calls.recv() => match call {
                        Some(group) if is_ours(&commons.views.now(), group, estate.ground.node) => {
                            if estate.houses.house(group).is_none()
                                && let Err(error) = estate.build(group, false, Some(&building)).await
                            {
                                tracing::error!(%group, %error, "a group does not open");
                            }
                        }
                        Some(_) => {}
                        None => return,
                    },
                    () = tokio::time::sleep(again) => {}
                }
            }
        });
    }

    /// Stops what works on the groups, then the groups.
    pub async fn close(&self) {
        self.stopping.cancel();
        let lives = std::mem::take(&mut *self.lives.lock());
        for life in lives.into_values() {
            life.close();
            life.wait().await;
        }
        for house in self.houses.all() {
            let home = house.app.home.clone();
            self.houses.remove(home.id());
            home.close().await;
        }
    }

    /// The storage.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.ground.store
    }
}

/// The groups that the directory names a node for.
#[must_use]
pub fn named(view: &View, node: NodeId) -> BTreeSet<GroupId> {
    let groups = view.groups().values().filter(|group| group.replicas.contains(&node));
    groups.map(|group| group.id).collect()
}

/// Whether a group that somebody speaks of is this node's to hold: unless the directory knows better.
#[must_use]
pub fn is_ours(view: &View, group: GroupId, node: NodeId) -> bool {
    view.groups().get(&group).is_none_or(|known| known.replicas.contains(&node))
}

/// Follows who is home: works while this node is.
pub async fn live_on(
    home: Home,
    outbox: Outbox,
    gossip: Option<marquee_replication::gossip::Gossip>,
    stopping: CancellationToken,
) {
    let (id, commons) = (home.id(), Arc::clone(home.commons()));
    let key = marquee_replication::gossip::home_key(id);
    let mut views = home.watch();
    let mut works = false;
    loop {
        let view = *views.borrow_and_update();
        if let Some(known) = view.home {
            commons.courier.hint(id, known, view.term);
        }
        commons.spread.set_home(id, view.is_home);
        if let Some(gossip) = &gossip {
            match view.is_home {
                true => gossip.set(&key, marquee_replication::gossip::home_value(view.term, 0)),
                false => gossip.remove(&key),
            }
        }
        if view.is_home != works {
            works = view.is_home;
            commons.courier.look_again();
            if works {
                tracing::info!(group = %id, term = view.term, "this node is home");
                outbox.begin();
            } else {
                tracing::info!(group = %id, "this node is not home any more");
                outbox.rest().await;
            }
        }
        tokio::select! {
            changed = views.changed() => if changed.is_err() { break },
            () = stopping.cancelled() => break,
        }
    }
    if works {
        outbox.rest().await;
    }
}

/// Performances whose free places changed.
#[derive(Default)]
pub struct Dirty(Mutex<BTreeSet<PerformanceId>>);

impl Listener for Dirty {
    fn ledger_changed(&self, changes: &[Change]) {
        let mut dirty = self.0.lock();
        for change in changes {
            match change {
                Change::Seats(seats) => _ = dirty.insert(seats.performance),
                Change::Performance(performance) => _ = dirty.insert(*performance),
                Change::Task { .. } | Change::NextExpiry(_) | Change::Order { .. } | Change::Venue { .. } => {
                }
            }
        }
    }
}

/// Tells all nodes once a second what is free of what changed, while this node is home.
pub async fn tell_free(home: Home, dirty: Arc<Dirty>) {
    let spread = Arc::clone(&home.commons().spread);
    loop {
        tokio::time::sleep(TELL_FREE).await;
        let changed = std::mem::take(&mut *dirty.0.lock());
        let view = *home.watch().borrow();
        if changed.is_empty() || !view.is_home {
            continue;
        }
        let Ok(snapshot) = home.snapshot() else { return };
        let Ok(ledger) = snapshot.ledger() else { continue };
        for performance in changed {
            if let Ok(Some(sold)) = ledger.performance(performance) {
                let free = crate::selling::free_of(&sold);
                // What a venue's former group told last is older, whatever its term.
                let standing = ledger.standing(performance.owner()).ok();
                let epoch = standing.and_then(Standing::owned_at).unwrap_or(0);
                let term = (epoch << EPOCH_SHIFT) | view.term;
                spread.tell_free(home.id(), performance, term, sold.seq, free);
            }
        }
    }
}

/// Tells the feed all that a replica's state has, without holding up the runtime.
async fn publish_aside(home: Home) -> Result<(), Failure> {
    tokio::task::spawn_blocking(move || home.publish_all()).await.unwrap_or(Err(Failure::Stopping))
}

/// Tells the feed all that the replica's state has, whenever that was opened or replaced, and when the feed lost it;
/// `publish` does so.
pub async fn keep_published<P>(home: Home, feed: Feed, publish: impl Fn(Home) -> P)
where
    P: Future<Output = Result<(), Failure>>,
{
    let (mut openings, mut lost) = (home.commons().spread.openings(), feed.rebuild());
    let mut published = None;
    loop {
        let opening = openings.borrow_and_update().get(&home.id()).copied();
        let wanted = (opening, *lost.borrow_and_update());
        if let (Some(opening), _) = wanted
            && published != Some(wanted)
        {
            // A state that was replaced is told of before it can be read.
            let mut applied = home.group().applied();
            if applied.wait_for(|applied| *applied >= opening.index).await.is_err() {
                return;
            }
            match publish(home.clone()).await {
                Ok(()) => published = Some(wanted),
                Err(failure) => {
                    tracing::error!(%failure, "a state cannot be read; it is not published");
                    return;
                }
            }
        }
        tokio::select! {
            changed = openings.changed() => if changed.is_err() { return },
            changed = lost.changed() => if changed.is_err() { return },
        }
    }
}
