//! The world: nodes, those who ask them, the network between them, and one virtual clock, moved on a millisecond at a
//! time on one thread.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use marquee_ledger::VenueId;
use marquee_node::directory::View;
use marquee_node::home::Home;
use marquee_node::outbox::Gateways;
use marquee_replication::transport::{MemoryNetwork, Weather};
use marquee_replication::{GroupId, NodeId, Sabotage};
use parking_lot::Mutex;

use super::auditor::{Auditor, Counts};
use super::closing;
use super::customers::{Customer, Public, Stage, Visitor};
use super::dice::Dice;
use super::director::{Board, Director, Duty, START_MS};
use super::disk::{Disk, Power, rot};
use super::faults::Ending;
use super::front::Doors;
use super::gateway::SimulatedGateway;
use super::life::{Disks, Life, Outside, Settings, Surroundings, name};
use super::pace::NodePace;
use super::plan::{Plan, Wishes};
use super::trace::{Trace, note};

/// How often the cluster is looked at as a whole, in milliseconds.
const LOOK_MS: u64 = 20;
/// How long a cluster may take to be built up, in milliseconds.
const BUILD_MS_MAX: u64 = 60_000;
/// How long it may take from the last fault until everything is as it should be, in milliseconds.
pub(super) const CALM_MS_MAX: u64 = 90_000;
/// How many replicas a group has that a node may be taken from.
pub(super) const REPLICAS_MIN: usize = 3;

/// What panicked and was not looked at yet.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// How a seed is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Bounds of the plan.
    pub wishes: Wishes,
    /// What nodes do wrong, to prove the checks.
    pub sabotage: Sabotage,
    /// Whether the story is told as it happens.
    pub is_told: bool,
}

/// What came of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is wrong.
    pub violations: Vec<String>,
    /// The hash of the story, the same in every run of the seed.
    pub hash: String,
    /// How many lines the story has.
    pub lines: u64,
    /// How much virtual time passed, in milliseconds.
    pub virtual_ms: u64,
    /// How many nodes there were, those that were lost or removed counted as well.
    pub nodes: u64,
    /// How often one of them went off.
    pub crashes: u64,
    /// How much was audited.
    pub counts: Counts,
}

/// Runs a seed.
///
/// # Errors
/// When there is no runtime to be had.
pub fn run(seed: u64, options: Options) -> std::io::Result<Outcome> {
    // Whoever panics is found, not told to whoever looks on: rot makes databases panic.
    std::panic::set_hook(Box::new(|panic| PANICS.lock().push(panic.to_string())));
    let trace = Trace::new(options.is_told);
    let plan = Plan::new(seed, options.wishes);
    note!(trace, "{plan:?}");
    let mut world = World::new(seed, plan, options.sabotage, trace)?;
    world.play();
    let (hash, lines) = world.trace.hash();
    let (virtual_ms, counts) = (world.now_ms, world.auditor.counts());
    let (nodes, crashes) = (world.sites.len() as u64, world.crashes);
    Ok(Outcome { violations: world.auditor.violations(), hash, lines, virtual_ms, nodes, crashes, counts })
}

/// A node, whether it runs or not.
pub(super) struct Site {
    pub(super) life: Option<Life>,
    content: Content,
    starts: u64,
    pub(super) skew_ms: Arc<AtomicI64>,
    /// When it is started again.
    pub(super) back_at_ms: Option<u64>,
    pub(super) paused_until_ms: u64,
    /// Its files rotted: it may fail at any time, and is replaced then.
    pub(super) is_rotten: bool,
    /// Pages that are to rot while it is down.
    pub(super) rots: u64,
    /// It is not started any more.
    pub(super) is_given_up: bool,
}

/// What stands on a node's disks while it is down.
#[derive(Default)]
struct Content {
    log: Vec<u8>,
    state: Vec<u8>,
    feed: Vec<u8>,
}

/// The home of a group with the highest term, as the world sees it.
pub(super) struct Homestead {
    pub(super) node: NodeId,
    pub(super) home: Home,
    pub(super) term: u64,
}

/// See the module.
pub struct World {
    pub(super) plan: Plan,
    sabotage: Sabotage,
    pub(super) trace: Trace,
    dice: Dice,
    pub(super) now_ms: u64,
    clock_ms: Arc<AtomicU64>,
    pub(super) network: MemoryNetwork,
    doors: Doors,
    pub(super) gateway: SimulatedGateway,
    pub(super) auditor: Auditor,
    pub(super) outside: Outside,
    pub(super) public: Public,
    pub(super) board: Board,
    pub(super) sites: BTreeMap<NodeId, Site>,
    /// What ends, and when: the faults that last for a while.
    pub(super) endings: BTreeMap<(u64, u64), Ending>,
    pub(super) ended: u64,
    visitors: u64,
    crashes: u64,
    /// Since when every group has had its home and its replicas.
    pub(super) settled_at_ms: Option<u64>,
}

impl World {
    fn new(seed: u64, plan: Plan, sabotage: Sabotage, trace: Trace) -> std::io::Result<Self> {
        let mut dice = Dice::new(seed ^ 0x5eed);
        let network = MemoryNetwork::with_weather(Weather::new(seed, plan.link));
        let gateway = SimulatedGateway::new(dice.fork(1), plan.gateway_lost_per_mille);
        let auditor = Auditor::new(trace.clone());
        let doors = Doors::default();
        let stage = Arc::<Stage>::default();
        let public = Public { doors: doors.clone(), auditor: auditor.clone(), trace: trace.clone(), stage };
        Ok(Self {
            plan,
            sabotage,
            trace,
            dice,
            now_ms: 0,
            clock_ms: Arc::default(),
            network,
            doors,
            gateway,
            auditor,
            outside: Outside::new()?,
            public,
            board: Board::default(),
            sites: BTreeMap::new(),
            endings: BTreeMap::new(),
            ended: 0,
            visitors: 0,
            crashes: 0,
            settled_at_ms: None,
        })
    }

    fn play(&mut self) {
        self.found(NodeId(1));
        let director = self.director();
        self.outside.spawn(director.build(self.plan.nodes));
        if !self.run_while(BUILD_MS_MAX, |world| !world.board.is_on_sale()) {
            self.auditor.violated("the cluster does not get ready".to_owned());
            return;
        }
        note!(self.trace, "customers come");
        self.admit_customers();
        self.storm();
        closing::close(self);
    }

    fn admit_customers(&mut self) {
        let shows = self.auditor.shows();
        for number in 0..self.plan.customers {
            let customer = Customer::new(
                format!("c{number}"),
                self.public.clone(),
                self.dice.fork(100 + number),
                shows.clone(),
            );
            self.outside.spawn(customer.run());
        }
        let nodes: Vec<NodeId> = self.sites.keys().copied().collect();
        for node in nodes {
            let watcher = Customer::new(
                format!("w{node}"),
                self.public.clone(),
                self.dice.fork(500 + node.0),
                shows.clone(),
            );
            self.outside.spawn(watcher.watch(node));
        }
        let copy = self.homesteads().into_values().next().map(|at| Arc::clone(at.home.catalog_copy()));
        let venues: Vec<VenueId> =
            copy.map(|copy| copy.read().venues_all().map(|venue| venue.id).collect()).unwrap_or_default();
        let organizer = self.director();
        self.outside.spawn(organizer.organize(venues));
    }

    fn storm(&mut self) {
        let begin_ms = self.now_ms;
        let faults = self.plan.faults.clone();
        for (at_ms, fault) in faults {
            self.run_until(begin_ms + at_ms);
            if !self.auditor.violations().is_empty() {
                return;
            }
            self.strike(fault);
        }
        self.run_until(begin_ms + self.plan.storm_ms);
    }

    /// Somebody who asks nodes on behalf of the operator.
    pub(super) fn director(&mut self) -> Director {
        self.visitors += 1;
        let dice = self.dice.fork(10_000 + self.visitors);
        let visitor = Visitor::new(format!("operator {}", self.visitors), self.public.clone(), dice);
        Director { visitor, board: self.board.clone() }
    }

    /// Has an operator do something.
    pub(super) fn have_done(&mut self, duty: Duty) {
        let director = self.director();
        self.outside.spawn(director.carry_out(duty));
    }

    // Time.

    fn run_until(&mut self, until_ms: u64) {
        while self.now_ms < until_ms {
            self.step();
        }
    }

    /// Lets time pass while something is so; `false` when that takes too long.
    pub(super) fn run_while(&mut self, patience_ms: u64, is_so: impl Fn(&Self) -> bool) -> bool {
        let until_ms = self.now_ms + patience_ms;
        while is_so(self) {
            if self.now_ms >= until_ms {
                return false;
            }
            self.step();
        }
        true
    }

    /// A millisecond.
    fn step(&mut self) {
        self.now_ms += 1;
        self.clock_ms.store(self.now_ms, Ordering::Relaxed);
        self.trace.set_now(self.now_ms);
        self.end_faults();
        self.obey_board();
        self.start_again();
        let running: Vec<NodeId> =
            self.sites.iter().filter(|(_, site)| site.life.is_some()).map(|(node, _)| *node).collect();
        let first = self.dice.roll(running.len().max(1) as u64) as usize;
        for node in running.iter().cycle().skip(first).take(running.len()) {
            self.work(*node);
        }
        self.outside.run_until(self.now_ms);
        if self.now_ms.is_multiple_of(LOOK_MS) {
            self.look();
        }
    }

    /// Lets one node work for a millisecond, and sees what became of it.
    fn work(&mut self, node: NodeId) {
        let Some(site) = self.sites.get_mut(&node) else { return };
        let Some(life) = &site.life else { return };
        if site.paused_until_ms > self.now_ms {
            return;
        }
        life.run_until(self.now_ms);
        let panics = std::mem::take(&mut *PANICS.lock());
        let failure = life.seen.failure().or_else(|| panics.into_iter().next());
        if life.pace.has_crashed() || life.power.is_off() {
            self.crash(node, "it crashes");
        } else if let Some(failure) = failure {
            self.fail(node, &failure);
        } else {
            let (auditor, replicas) = (self.auditor.clone(), life.seen.replicas());
            self.read(node, || replicas.iter().for_each(|replica| auditor.see(node, replica)));
        }
    }

    /// Reads a node's state. A database that meets rot may panic; in the field that stops the node.
    fn read(&mut self, node: NodeId, read: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(read)).is_err() {
            let panics = std::mem::take(&mut *PANICS.lock());
            self.fail(node, &panics.concat());
        }
    }

    /// A node stopped by itself: only rot makes it do so.
    fn fail(&mut self, node: NodeId, failure: &str) {
        note!(self.trace, "{} stops: {failure}", name(node));
        let is_rotten = self.sites.get(&node).is_some_and(|site| site.is_rotten);
        self.crash(node, "it stopped");
        if let Some(site) = self.sites.get_mut(&node) {
            site.is_given_up = true;
            site.back_at_ms = None;
        }
        if is_rotten {
            self.have_done(Duty::Replace { node });
        } else {
            self.auditor.violated(format!("{} stops on sound disks: {failure}", name(node)));
        }
    }

    // Nodes.

    /// Starts a node for the first time.
    fn found(&mut self, node: NodeId) {
        let site = Site {
            life: None,
            content: Content::default(),
            starts: 0,
            skew_ms: Arc::default(),
            back_at_ms: Some(self.now_ms),
            paused_until_ms: 0,
            is_rotten: false,
            rots: 0,
            is_given_up: false,
        };
        self.sites.insert(node, site);
    }

    fn start_again(&mut self) {
        let due = |site: &Site| site.life.is_none() && site.back_at_ms.is_some_and(|at| at <= self.now_ms);
        let due: Vec<NodeId> =
            self.sites.iter().filter(|(_, site)| due(site)).map(|(node, _)| *node).collect();
        for node in due {
            self.start(node);
        }
    }

    fn start(&mut self, node: NodeId) {
        let peers: Vec<NodeId> = self.sites.keys().copied().filter(|peer| *peer != node).collect();
        let (seed, dice) = (self.dice.roll(1 << 40), self.dice.fork(node.0));
        let Some(site) = self.sites.get_mut(&node) else { return };
        site.starts += 1;
        site.back_at_ms = None;
        site.paused_until_ms = 0;
        if site.rots > 0 {
            let mut dice = dice.clone();
            let (log, state) = (&mut site.content.log, &mut site.content.state);
            let spoiled = if dice.chance(500) {
                rot(log, site.rots, &mut dice)
            } else {
                rot(state, site.rots, &mut dice)
            };
            site.rots = 0;
            note!(self.trace, "{spoiled} pages of {} rot", name(node));
        }
        let settings = Settings {
            node,
            starts: site.starts,
            seed,
            peers,
            replicas: self.plan.replicas,
            wan: self.plan.wan,
            sync_interval: self.plan.sync_interval,
            log_entries_kept: self.plan.log_entries_kept,
            sabotage: self.sabotage,
        };
        let gateways = Gateways::from([("sandbox".to_owned(), Arc::new(self.gateway.clone()) as _)]);
        let surroundings = Surroundings {
            network: self.network.clone(),
            doors: self.doors.clone(),
            gateways,
            auditor: self.auditor.clone(),
        };
        let power = Power::default();
        let content = std::mem::take(&mut site.content);
        let disks = Disks {
            log: Disk::new(content.log, &power),
            state: Disk::new(content.state, &power),
            feed: Disk::new(content.feed, &power),
        };
        let pace = NodePace::new(dice, self.plan.step_ms_max);
        let (world_ms, skew_ms) = (Arc::clone(&self.clock_ms), Arc::clone(&site.skew_ms));
        let clock = Arc::new(move || {
            let time_ms = START_MS + world_ms.load(Ordering::Relaxed);
            time_ms.saturating_add_signed(skew_ms.load(Ordering::Relaxed))
        });
        note!(self.trace, "{} starts", name(node));
        match Life::start(settings, surroundings, disks, (power, pace), (self.now_ms, clock)) {
            Ok(life) => site.life = Some(life),
            Err(error) => self.auditor.violated(format!("{} cannot be started: {error}", name(node))),
        }
    }

    /// Takes the power from a node, and keeps what its disks have then.
    pub(super) fn crash(&mut self, node: NodeId, why: &str) {
        let mut dice = self.dice.fork(node.0);
        let Some(site) = self.sites.get_mut(&node) else { return };
        let Some(life) = site.life.take() else { return };
        note!(self.trace, "{} is off: {why}", name(node));
        self.crashes += 1;
        self.network.leave(node);
        self.doors.close(node);
        self.auditor.forget(node);
        let disks = life.crash();
        // Whatever its tasks did when they were dropped is no news.
        PANICS.lock().clear();
        site.content = Content {
            log: disks.log.survivors(&mut dice),
            state: disks.state.survivors(&mut dice),
            feed: disks.feed.survivors(&mut dice),
        };
        if !site.is_given_up && site.back_at_ms.is_none() {
            site.back_at_ms = Some(self.now_ms + 1_000);
        }
    }

    fn obey_board(&mut self) {
        for node in self.board.take_starts() {
            self.found(node);
        }
        for node in self.board.take_removals() {
            if let Some(site) = self.sites.get_mut(&node) {
                site.is_given_up = true;
                site.back_at_ms = None;
            }
            self.crash(node, "it was removed");
        }
    }

    // Looking at the cluster as a whole.

    /// Each group's home with the highest term.
    pub(super) fn homesteads(&self) -> BTreeMap<GroupId, Homestead> {
        let mut homes: BTreeMap<GroupId, Homestead> = BTreeMap::new();
        for (node, home) in self.replicas() {
            let view = *home.watch().borrow();
            let is_later = homes.get(&home.id()).is_none_or(|other| other.term < view.term);
            if view.is_home && is_later {
                homes.insert(home.id(), Homestead { node, home, term: view.term });
            }
        }
        homes
    }

    /// All replicas on nodes that run.
    pub(super) fn replicas(&self) -> Vec<(NodeId, Home)> {
        let lives = self.sites.iter().filter_map(|(node, site)| Some((*node, site.life.as_ref()?)));
        lives
            .flat_map(|(node, life)| life.seen.replicas().into_iter().map(move |home| (node, home)))
            .collect()
    }

    /// The directory as its home knows it.
    pub(super) fn view(&self) -> Option<Arc<View>> {
        let homes = self.homesteads();
        homes.get(&GroupId(1)).map(|at| at.home.commons().views.now())
    }

    fn look(&mut self) {
        let homes = self.homesteads();
        let view = homes.get(&GroupId(1)).map(|at| at.home.commons().views.now());
        let is_founded = view.as_ref().is_some_and(|view| !view.nodes().is_empty());
        let is_settled = view.is_some_and(|view| self.unsettled(&view, &homes).is_none());
        self.settled_at_ms = if is_settled { self.settled_at_ms.or(Some(self.now_ms)) } else { None };
        self.board.tell(is_founded, is_settled);
        let auditor = self.auditor.clone();
        for at in homes.values() {
            self.read(at.node, || auditor.examine(at.node, &at.home, at.term));
        }
        let homes = homes.into_iter().map(|(group, at)| (group, (at.home, at.term))).collect();
        auditor.examine_owners(&homes);
    }

    /// What is missing until every node is there, and every group has its home and its replicas.
    pub(super) fn unsettled(&self, view: &View, homes: &BTreeMap<GroupId, Homestead>) -> Option<String> {
        for node in view.members() {
            let life = self.sites.get(&node.id).and_then(|site| site.life.as_ref());
            if !life.is_some_and(|life| life.seen.is_open()) {
                return Some(format!("{} is not there", name(node.id)));
            }
        }
        if let Some(placement) = view.placements().values().find(|placement| placement.moving_to.is_some()) {
            return Some(format!("{placement:?} moves"));
        }
        for group in view.groups().values() {
            let wanted: BTreeSet<NodeId> = group.replicas.iter().copied().collect();
            let Some(at) = homes.get(&group.id) else {
                return Some(format!("group {} has no home", group.id));
            };
            let members = at.home.group().members();
            if wanted.len() < REPLICAS_MIN || members.voters != wanted || !members.learners.is_empty() {
                return Some(format!(
                    "group {}, home {} in term {}: {wanted:?} are wanted, {members:?} are there, behind are {:?}",
                    group.id,
                    name(at.node),
                    at.term,
                    at.home.group().lags(),
                ));
            }
        }
        None
    }

    /// What is missing, as of now.
    pub(super) fn why_unsettled(&self) -> Option<String> {
        match self.view() {
            Some(view) => self.unsettled(&view, &self.homesteads()),
            None => Some("the directory has no home".to_owned()),
        }
    }
}
