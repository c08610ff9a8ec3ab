//! The task that owns foca.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use foca::{Codec, Foca, Identity as _, NoCustomBroadcast, Notification, PostcardCodec, State, Timer};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::compare;
use super::identity::Identity;
use super::neighbours::{Neighbours, PING_INTERVAL};
use super::settings::{HEAD_BYTES, patience, settings};
use super::timers::Timers;
use super::{Counts, Liveness, Members, MembershipOptions};
use crate::identity::NodeId;
use crate::transport::{Kind, Transport};

/// The version of what travels.
const VERSION: u8 = 1;
/// A packet of foca's follows.
const PACKET: u8 = 0;
/// Are you there?
const PING: u8 = 1;
/// I am.
const PONG: u8 = 2;

/// My list, in short.
const SUMMARY: u8 = 3;
/// What is otherwise in mine.
const MEMBERS: u8 = 4;

/// How long changes of the list are gathered before they are told.
const TELL_AFTER: Duration = Duration::from_millis(50);
/// How often the list is compared with what was told, since foca's notifications can be missed; and the settings are
/// fitted to the size of the cluster.
const COMPARE_INTERVAL: Duration = Duration::from_secs(2);
/// How often the list is compared with a peer's.
const ASK_INTERVAL: Duration = Duration::from_secs(5);
/// How often a node without peers announces itself.
const ANNOUNCE_INTERVAL: Duration = Duration::from_millis(500);
/// After how many pings the neighbours are chosen again.
const CHOOSE_EVERY: u64 = 5;
/// How many times a goodbye is told to some peers.
const GOODBYES: usize = 3;

/// What the task is asked.
pub(super) enum Input {
    Datagram { from: NodeId, payload: Bytes },
    Announce { seeds: Vec<(NodeId, SocketAddr)> },
    Leave { said: oneshot::Sender<()> },
}

type Swim = Foca<Identity, PostcardCodec, Xoshiro256PlusPlus, NoCustomBroadcast>;

/// What foca acts on.
struct Outside {
    transport: Arc<dyn Transport>,
    timers: Timers,
    /// Where the peers are, by the highest incarnation that this node has met.
    addresses: BTreeMap<NodeId, (u64, SocketAddr)>,
    counts: Arc<Counts>,
    has_news: bool,
}

impl Outside {
    fn locate(&mut self, peer: &Identity) {
        let known = self.addresses.get(&peer.node);
        let is_news = known.is_none_or(|(incarnation, address)| {
            peer.incarnation >= *incarnation && peer.address != *address
        });
        if is_news {
            self.transport.set_address(peer.node, peer.address);
        }
        if known.is_none_or(|(incarnation, _address)| peer.incarnation >= *incarnation) {
            self.addresses.insert(peer.node, (peer.incarnation, peer.address));
        }
    }

    fn send(&self, to: NodeId, what: u8, data: &[u8]) {
        let mut payload = BytesMut::with_capacity(HEAD_BYTES + data.len());
        payload.put_u8(VERSION);
        payload.put_u8(what);
        payload.put_slice(data);
        self.transport.send_datagram(to, Kind::Membership, payload.freeze());
    }
}

impl foca::Runtime<Identity> for Outside {
    fn notify(&mut self, notification: Notification<'_, Identity>) {
        self.has_news = true;
        if let Notification::Rejoin(identity) = notification {
            self.counts.rejoined.fetch_add(1, Ordering::Relaxed);
            tracing::info!(
                incarnation = identity.incarnation,
                "this node had been declared down; it is back"
            );
        }
    }

    fn send_to(&mut self, to: Identity, data: &[u8]) {
        self.locate(&to);
        self.send(to.node, PACKET, data);
    }

    fn submit_after(&mut self, timer: Timer<Identity>, after: Duration) {
        self.timers.add(Instant::now() + after, timer);
    }
}

pub(super) struct Task {
    foca: Swim,
    outside: Outside,
    wan: bool,
    /// For whom the list is asked.
    random: Xoshiro256PlusPlus,
    seeds: Vec<(NodeId, SocketAddr)>,
    neighbours: Neighbours,
    members: watch::Sender<Arc<Members>>,
    /// When changes are told.
    tell_at: Option<Instant>,
    /// For how many members foca was set.
    set_for: usize,
    /// Neighbours that this node suspects, and when they are down unless they refute it. foca has timers only for the
    /// suspicions that come of its own probes.
    suspicions: Vec<(Instant, foca::Member<Identity>)>,
    /// How many times neighbours were pinged.
    pings: u64,
    /// A sum over those who are suspected.
    suspects: u64,
}

impl Task {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        identity: Identity,
        options: &MembershipOptions,
        members: watch::Sender<Arc<Members>>,
        counts: Arc<Counts>,
    ) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(options.seed ^ identity.node.0.rotate_left(32));
        let foca_random = Xoshiro256PlusPlus::seed_from_u64(random.random());
        let outside = Outside {
            transport,
            timers: Timers::default(),
            addresses: BTreeMap::new(),
            counts,
            has_news: false,
        };
        Self {
            foca: Foca::new(identity, settings(options.wan, 1), foca_random, PostcardCodec),
            outside,
            wan: options.wan,
            random,
            seeds: Vec::new(),
            neighbours: Neighbours::default(),
            members,
            tell_at: None,
            set_for: 1,
            suspicions: Vec::new(),
            pings: 0,
            suspects: 0,
        }
    }

    pub(super) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        let start = Instant::now();
        let mut announce_at = start;
        let mut compare_at = start + COMPARE_INTERVAL;
        let mut ping_at = start + PING_INTERVAL;
        let mut ask_at = start;
        loop {
            let mut due = announce_at.min(compare_at).min(ping_at).min(ask_at);
            for other in [self.outside.timers.next(), self.tell_at].into_iter().flatten() {
                due = due.min(other);
            }
            tokio::select! {
                biased;
                input = inputs.recv() => match input {
                    Some(Input::Datagram { from, payload }) => self.receive(from, &payload),
                    Some(Input::Announce { seeds }) => {
                        self.seeds = seeds;
                        announce_at = Instant::now();
                    }
                    Some(Input::Leave { said }) => {
                        self.leave();
                        // Who asked may have gone.
                        let _ = said.send(());
                        return;
                    }
                    None => return,
                },
                () = sleep_until(due) => {}
            }
            let now = Instant::now();
            while let Some(timer) = self.outside.timers.take(now) {
                self.deliver(timer);
            }
            if announce_at <= now {
                announce_at = now + ANNOUNCE_INTERVAL;
                self.announce();
            }
            if ask_at <= now {
                // Soon again while there is nobody to ask.
                ask_at = now + if self.ask() { ASK_INTERVAL } else { ANNOUNCE_INTERVAL };
            }
            if ping_at <= now {
                ping_at = now + PING_INTERVAL;
                self.watch_neighbours(now);
            }
            if compare_at <= now {
                compare_at = now + COMPARE_INTERVAL;
                self.fit_settings();
                self.tell();
            }
            if std::mem::take(&mut self.outside.has_news) | self.suspects_changed() {
                self.tell_at.get_or_insert(now + TELL_AFTER);
            }
            if self.tell_at.is_some_and(|at| at <= now) {
                self.tell();
            }
        }
    }

    fn deliver(&mut self, timer: Timer<Identity>) {
        if let Timer::ChangeSuspectToDown { member_id, incarnation, .. } = &timer {
            // foca 2.0 tells the member that it is down even when it has refuted the suspicion in time, and the member
            // then comes back under another identity for nothing. So this one timer is for open suspicions only.
            let is_open = self.foca.iter_members().any(|member| {
                member.id() == member_id
                    && member.state() == State::Suspect
                    && member.incarnation() == *incarnation
            });
            if !is_open {
                return;
            }
        }
        let result = self.foca.handle_timer(timer, &mut self.outside);
        self.note(result);
    }

    /// Whether others are suspected than when this was last asked; foca does not notify of that.
    fn suspects_changed(&mut self) -> bool {
        let suspects = self.foca.iter_members().filter(|member| member.state() == State::Suspect);
        let sum =
            suspects.fold(0_u64, |sum, member| sum.wrapping_add(member.id().node.0.wrapping_add(1 << 32)));
        std::mem::replace(&mut self.suspects, sum) != sum
    }

    fn receive(&mut self, from: NodeId, payload: &Bytes) {
        match payload.split_first_chunk::<HEAD_BYTES>() {
            Some(([VERSION, PACKET], packet)) => self.receive_packet(from, packet),
            Some(([VERSION, PING], [])) => {
                self.neighbours.heard(Instant::now(), from);
                self.outside.send(from, PONG, &[]);
            }
            Some(([VERSION, SUMMARY], summary)) => self.answer(from, summary),
            Some(([VERSION, MEMBERS], members)) => self.learn(from, members),
            Some(([VERSION, PONG], [])) => self.neighbours.heard(Instant::now(), from),
            Some(_) | None => self.refuse(from, "of an unknown version or sort"),
        }
    }

    fn receive_packet(&mut self, from: NodeId, packet: &[u8]) {
        let header: Result<foca::Header<Identity>, _> = PostcardCodec.decode_header(packet);
        match header {
            Err(_damaged) => self.refuse(from, "damaged"),
            Ok(header) if header.src.node != from => self.refuse(from, "in another node's name"),
            Ok(header) => {
                self.outside.locate(&header.src);
                self.neighbours.heard(Instant::now(), from);
                let result = self.foca.handle_data(packet, &mut self.outside);
                if result.is_err() {
                    self.refuse(from, "not what the protocol says");
                }
            }
        }
    }

    /// Sends the list in short to a peer, if there is one.
    fn ask(&mut self) -> bool {
        let peers: Vec<NodeId> = self.foca.iter_members().map(|member| member.id().node).collect();
        if peers.is_empty() {
            return false;
        }
        let peer = peers[self.random.random_range(0..peers.len())];
        let summary = compare::summary(self.list().iter()).encode();
        self.outside.send(peer, SUMMARY, &summary);
        true
    }

    /// All members, this node included, whom foca's list leaves out.
    fn list(&self) -> Vec<foca::Member<Identity>> {
        let own = foca::Member::alive(self.foca.identity().clone());
        self.foca.iter_membership_state().cloned().chain([own]).collect()
    }

    fn answer(&mut self, from: NodeId, summary: &[u8]) {
        let list = self.list();
        match compare::summary(list.iter()).differing(summary) {
            Some(differing) => {
                for datagram in compare::answer(list.iter(), differing) {
                    self.outside.send(from, MEMBERS, &datagram);
                }
            }
            None => self.refuse(from, "not a summary"),
        }
    }

    fn learn(&mut self, from: NodeId, members: &[u8]) {
        let Some(members) = compare::members(members) else {
            return self.refuse(from, "not a list of members");
        };
        // Not passed on: the others compare for themselves.
        let result = self.foca.apply_many(members.into_iter(), false, &mut self.outside);
        self.note(result);
    }

    fn refuse(&self, from: NodeId, what: &str) {
        self.outside.counts.refused.fetch_add(1, Ordering::Relaxed);
        tracing::debug!(%from, what, "a membership datagram was refused");
    }

    fn note(&self, result: Result<(), foca::Error>) {
        if let Err(error) = result {
            tracing::debug!(node = %self.foca.identity().node, %error, "membership");
        }
    }

    /// Knocks at the seeds while there is nobody else.
    fn announce(&mut self) {
        if self.foca.num_members() > 0 {
            return;
        }
        for (node, address) in self.seeds.clone() {
            let result = self.foca.announce(Identity::unknown(node, address), &mut self.outside);
            self.note(result);
        }
    }

    fn watch_neighbours(&mut self, now: Instant) {
        for silent in self.neighbours.silent(now) {
            self.suspect(now, silent);
        }
        self.close_suspicions(now);
        self.pings += 1;
        if self.pings.is_multiple_of(CHOOSE_EVERY) {
            self.choose_neighbours(now);
        }
        for peer in self.neighbours.all() {
            self.outside.send(peer, PING, &[]);
        }
    }

    fn choose_neighbours(&mut self, now: Instant) {
        let transport = &self.outside.transport;
        let alive = self.foca.iter_members().filter(|member| member.state() == State::Alive);
        let mut peers: Vec<_> = alive.map(|member| member.id().node).collect();
        peers.sort_unstable();
        self.neighbours.choose(
            now,
            self.foca.identity().node,
            peers.into_iter().map(|peer| (peer, transport.round_trip(peer))),
        );
    }

    fn suspect(&mut self, now: Instant, peer: NodeId) {
        let member = self.foca.iter_members().find(|member| member.id().node == peer);
        if let Some(member) = member.filter(|member| member.state() == State::Alive) {
            let suspect = foca::Member::new(member.id().clone(), member.incarnation(), State::Suspect);
            let down_at = now + patience(self.wan, self.set_for);
            self.suspicions.push((down_at, suspect.clone()));
            self.spread(suspect);
        }
    }

    fn close_suspicions(&mut self, now: Instant) {
        let (due, open) = std::mem::take(&mut self.suspicions).into_iter().partition(|(at, _)| *at <= now);
        self.suspicions = open;
        let due: Vec<(Instant, foca::Member<Identity>)> = due;
        for (_at, suspect) in due {
            if self.foca.iter_members().any(|member| *member == suspect) {
                let down = foca::Member::new(suspect.id().clone(), suspect.incarnation(), State::Down);
                self.spread(down);
            }
        }
    }

    fn spread(&mut self, news: foca::Member<Identity>) {
        let result = self.foca.apply_many(std::iter::once(news), true, &mut self.outside);
        self.note(result);
        let result = self.foca.gossip(&mut self.outside);
        self.note(result);
        self.outside.has_news = true;
    }

    fn fit_settings(&mut self) {
        let members = self.foca.num_members() + 1;
        if members.abs_diff(self.set_for) * 5 > self.set_for {
            self.set_for = members;
            // The periods stay, so that foca does not refuse it.
            let result = self.foca.set_config(settings(self.wan, members));
            self.note(result);
        }
    }

    fn tell(&mut self) {
        self.tell_at = None;
        let mut members = Members::new();
        for member in self.foca.iter_membership_state() {
            let identity = member.id();
            let state = match member.state() {
                State::Alive => Liveness::Alive,
                State::Suspect => Liveness::Suspect,
                State::Down if identity.is_leaving => Liveness::Left,
                State::Down => Liveness::Down,
            };
            if state.is_active() {
                self.outside.locate(identity);
            }
            members.insert(identity.node, identity.member(state));
        }
        let own = self.foca.identity();
        members.insert(own.addr(), own.member(Liveness::Alive));
        let is_news = self.members.send_if_modified(|told| {
            let is_changed = **told != members;
            if is_changed {
                *told = Arc::new(members);
            }
            is_changed
        });
        if is_news {
            self.choose_neighbours(Instant::now());
        }
    }

    fn leave(&mut self) {
        let leaving = self.foca.identity().leaving();
        let result = self.foca.change_identity(leaving, &mut self.outside);
        self.note(result);
        let result = self.foca.leave_cluster(&mut self.outside);
        self.note(result);
        for _ in 0..GOODBYES {
            let result = self.foca.gossip(&mut self.outside);
            self.note(result);
        }
    }
}
