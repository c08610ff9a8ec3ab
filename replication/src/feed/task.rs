//! The feed's task: everything that changes the copy goes through it, one thing after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Publication};
use super::fleeting::FleetingObjects;
use super::object::{FeedObject, FeedVersion, FleetingObject};
use super::pull::{Pull, Pulled};
use super::sinks::Sinks;
use super::store::{Claim, FeedStore, Job, Outcome};
use super::summary::{self, HEADS_PLAIN_MAX, group_bucket};
use super::wire::{Broadcast, Fleeting, HeadList, Message, Summary, decode, encode, pieces};
use super::{Counts, FeedOptions, Heard};
use crate::buckets::is_within;
use crate::gossip::{Gossip, Told};
use crate::identity::{GroupId, NodeId};
use crate::transport::{Kind, Transport};

/// Longer changes are not broadcast: their bodies are left out, and pulled.
const BROADCAST_BYTES_MAX: usize = 256 << 10;
/// About how long a message with fleeting objects is.
const FLEETING_MESSAGE_BYTES: usize = 128 << 10;
/// How long a message may be on its way.
const DEADLINE: Duration = Duration::from_secs(5);
/// How many messages are on their way.
const OUTGOING_MAX: usize = 64;
/// How many groups are pulled at once.
const PULLS_MAX: usize = 4;
/// How many pieces of pulls wait.
const PULLED_MAX: usize = 4;
/// How long a broadcast that came late may still fill a gap before it is pulled.
const PULL_AFTER: Duration = Duration::from_millis(200);
/// Every how many summaries fleeting objects are compared too.
const FLEETING_EVERY: u64 = 5;
/// How often the copy is brought to the disk.
const SYNC_INTERVAL: Duration = Duration::from_secs(10);
/// How many times within a tombstone's age the heads are noted.
const AGE_NOTES: u32 = 8;

/// Who is ahead of this node in a group.
struct Ahead {
    /// When the pull may begin.
    due: Instant,
    peers: BTreeMap<NodeId, FeedVersion>,
}

pub(super) struct Task {
    node: NodeId,
    transport: Arc<dyn Transport>,
    store: FeedStore,
    gossip: Gossip,
    options: FeedOptions,
    desk: Arc<Desk>,
    heard: Heard,
    counts: Arc<Counts>,
    rebuild: watch::Sender<u64>,
    random: Xoshiro256PlusPlus,
    sinks: Sinks,
    fleeting: FleetingObjects,
    outgoing: Arc<Semaphore>,
    /// Whether this node is the home of the groups it replicates.
    homes: BTreeMap<GroupId, bool>,
    /// The groups whose replica here has said all that it has.
    whole: BTreeSet<GroupId>,
    /// The highest head that a broadcast told of.
    announced: BTreeMap<GroupId, FeedVersion>,
    ahead: BTreeMap<GroupId, Ahead>,
    pulls: BTreeMap<GroupId, NodeId>,
    to_feed: mpsc::Sender<Pulled>,
    pulled: Option<mpsc::Receiver<Pulled>>,
    /// What gossip was told of heads.
    told: BTreeMap<GroupId, FeedVersion>,
    rounds: u64,
    /// The heads as they were, to know which tombstones are old.
    past_heads: Vec<(Instant, BTreeMap<GroupId, u64>)>,
}

impl Task {
    #[expect(clippy::too_many_arguments, reason = "the parts of a feed, handed over once")]
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        store: FeedStore,
        gossip: Gossip,
        options: FeedOptions,
        desk: Arc<Desk>,
        heard: Heard,
        counts: Arc<Counts>,
        rebuild: watch::Sender<u64>,
    ) -> Self {
        let node = transport.node();
        let (to_feed, pulled) = mpsc::channel(PULLED_MAX);
        Self {
            node,
            transport,
            store,
            gossip,
            random: Xoshiro256PlusPlus::seed_from_u64(options.seed ^ node.0.rotate_left(48)),
            options,
            desk,
            heard,
            counts,
            rebuild,
            sinks: Sinks::default(),
            fleeting: FleetingObjects::default(),
            outgoing: Arc::new(Semaphore::new(OUTGOING_MAX)),
            homes: BTreeMap::new(),
            whole: BTreeSet::new(),
            announced: BTreeMap::new(),
            ahead: BTreeMap::new(),
            pulls: BTreeMap::new(),
            to_feed,
            pulled: Some(pulled),
            told: BTreeMap::new(),
            rounds: 0,
            past_heads: Vec::new(),
        }
    }

    pub(super) async fn run(
        mut self,
        mut messages: mpsc::Receiver<(NodeId, Bytes)>,
        stop: CancellationToken,
    ) {
        let Some(mut pulled) = self.pulled.take() else { return };
        let mut told = self.gossip.nodes();
        let start = Instant::now();
        let mut compare_at = start + self.pause();
        let mut sync_at = start + SYNC_INTERVAL;
        let desk = Arc::clone(&self.desk);
        loop {
            let due = self.next_due().map_or(compare_at, |due| due.min(compare_at)).min(sync_at);
            tokio::select! {
                biased;
                () = stop.cancelled() => {
                    // What was published is in the file when that is closed.
                    self.clear_desk().await;
                    return;
                }
                () = desk.woken.notified() => self.clear_desk().await,
                Some(pulled) = pulled.recv() => self.take_pulled(pulled).await,
                Some((from, payload)) = messages.recv() => self.take_message(from, &payload).await,
                Ok(()) = told.changed() => {
                    let told = Arc::clone(&told.borrow_and_update());
                    self.read_gossip(&told);
                }
                () = sleep_until(due) => {}
            }
            let now = Instant::now();
            self.tell_fleeting(now);
            self.sinks.catch_up(&self.store, || self.fleeting.all());
            if compare_at <= now {
                compare_at = now + self.pause();
                let told = Arc::clone(&told.borrow());
                self.round(&told).await;
            }
            if sync_at <= now {
                sync_at = now + SYNC_INTERVAL;
                self.tidy(now).await;
            }
            self.start_pulls(now);
        }
    }

    /// Nodes that started together must not stay in step.
    fn pause(&mut self) -> Duration {
        self.options.interval.mul_f64(self.random.random_range(0.8..1.2))
    }

    fn next_due(&mut self) -> Option<Instant> {
        let fleeting = self.fleeting.due_at();
        let can_pull = self.pulls.len() < PULLS_MAX;
        let ahead = self.ahead.iter().filter(|(group, _ahead)| can_pull && !self.pulls.contains_key(group));
        ahead.map(|(_group, ahead)| ahead.due).chain(fleeting).min()
    }

    async fn do_job(&mut self, job: Job) -> Option<Outcome> {
        match self.store.run(job).await {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                tracing::error!(%error, "the feed cannot take something in");
                None
            }
        }
    }

    // What this node publishes.

    async fn clear_desk(&mut self) {
        let papers = self.desk.take();
        for (group, is_home) in papers.homes {
            self.homes.insert(group, is_home);
        }
        for group in papers.reopened {
            self.whole.remove(&group);
        }
        for (group, publication) in papers.publications {
            self.publish(group, publication).await;
        }
        let fleeting = self.fleeting.publish(papers.fleeting.into_values().collect());
        self.sinks.tell_fleeting(fleeting);
        for sink in papers.sinks {
            self.sinks.add(sink, &self.store);
        }
    }

    async fn publish(&mut self, group: GroupId, mut publication: Publication) {
        if let Some(state) = publication.replace.take() {
            match self.store.run(Job::Replace { group, state: state.clone() }).await {
                Ok(outcome) => {
                    self.sinks.tell(outcome.changes);
                    if outcome.is_gap {
                        self.rebuild.send_modify(|number| *number += 1);
                    } else {
                        self.whole.insert(group);
                    }
                }
                Err(_told_by_the_store) => {
                    publication.replace = Some(state);
                    self.desk.put_back(group, publication);
                    return;
                }
            }
        }
        if publication.objects.is_empty() {
            return;
        }
        let objects: Vec<FeedObject> = publication.objects.values().cloned().collect();
        let (from, to) = (self.store.head(group).head, publication.head);
        let is_whole =
            self.whole.contains(&group) && (from.epoch == to.epoch || from == FeedVersion::default());
        let claim = is_whole.then_some(Claim { group, from, to });
        match self.store.run(Job::Accept { objects: objects.clone(), claim }).await {
            Ok(outcome) => self.sinks.tell(outcome.changes),
            Err(_told_by_the_store) => {
                self.desk.put_back(group, publication);
                return;
            }
        }
        if self.homes.get(&group) == Some(&true) {
            let announced = self.announced.entry(group).or_default();
            *announced = to.max(*announced);
            self.broadcast(group, from, to, objects, is_whole);
        }
    }

    fn broadcast(
        &mut self,
        group: GroupId,
        from: FeedVersion,
        to: FeedVersion,
        objects: Vec<FeedObject>,
        is_whole: bool,
    ) {
        let bytes: usize = objects.iter().map(FeedObject::bytes).sum();
        let is_long = bytes > BROADCAST_BYTES_MAX;
        let objects = if is_long { Vec::new() } else { objects };
        // Who has not said all that it has does not know what came before.
        let is_partial = is_long || !is_whole;
        let hops = self.hops();
        let head = self.store.head(group).head;
        let broadcast = Broadcast { origin: self.node, group, from, to, objects, is_partial, head, hops };
        self.spread(&Message::Broadcast(broadcast), &[]);
    }

    /// More than enough to reach everybody, the last ones along the ring. A change stops by itself where it is no news.
    fn hops(&self) -> u8 {
        let members = self.gossip.members().len().max(2) as f64;
        let fanout = self.options.fanout.max(2) as f64;
        (2.0 * members.log(fanout)).ceil() as u8 + 8
    }

    fn tell_fleeting(&mut self, now: Instant) {
        let due = self.fleeting.due(now);
        let hops = self.hops();
        for objects in pieces(due, FleetingObject::bytes, FLEETING_MESSAGE_BYTES) {
            self.spread(&Message::Fleeting(Fleeting { objects, hops }), &[]);
        }
    }

    /// Sends to a few peers: the next one in the ring of numbers, and others by chance. Chance alone leaves out about one
    /// in fifty; with the ring, who is left out is one whom chance missed and whose predecessor was missed too.
    fn spread(&mut self, message: &Message, except: &[NodeId]) {
        let members = self.gossip.members();
        let mut peers: Vec<NodeId> = members
            .values()
            .filter(|member| {
                member.state.is_active() && member.id != self.node && !except.contains(&member.id)
            })
            .map(|member| member.id)
            .collect();
        let payload = encode(message);
        for nth in 0..self.options.fanout.min(peers.len()) {
            let chosen = if nth == 0 {
                peers.iter().position(|peer| *peer > self.node).unwrap_or_default()
            } else {
                self.random.random_range(0..peers.len())
            };
            let peer = peers.swap_remove(chosen);
            self.send(peer, payload.clone());
        }
    }

    fn send(&self, to: NodeId, payload: Bytes) {
        let Ok(permit) = Arc::clone(&self.outgoing).try_acquire_owned() else {
            Counts::add(&self.counts.dropped);
            return;
        };
        let sent = self.transport.send_message(to, Kind::FeedBroadcast, payload, DEADLINE);
        tokio::spawn(async move {
            if let Err(error) = sent.await {
                tracing::debug!(%to, %error, "a message of the feed was not sent");
            }
            drop(permit);
        });
    }

    // What peers tell.

    async fn take_message(&mut self, from: NodeId, payload: &[u8]) {
        match decode::<Message>(payload) {
            None => {
                Counts::add(&self.counts.refused);
                tracing::debug!(%from, "a message of the feed was refused");
            }
            Some(Message::Broadcast(broadcast)) => self.take_broadcast(from, broadcast).await,
            Some(Message::Fleeting(fleeting)) => self.take_fleeting(from, fleeting),
            Some(Message::Summary(summary)) => self.take_summary(from, &summary),
            Some(Message::Heads(heads)) => self.take_heads(from, &heads),
        }
    }

    async fn take_broadcast(&mut self, sender: NodeId, mut broadcast: Broadcast) {
        let Broadcast { origin, group, from, to, .. } = broadcast;
        if !broadcast.objects.iter().all(FeedObject::is_within_limits) {
            Counts::add(&self.counts.refused);
            return;
        }
        let announced = self.announced.entry(group).or_default();
        let is_announced_first = to > *announced;
        *announced = to.max(*announced);
        let is_complete = !broadcast.is_partial && from.epoch == to.epoch;
        let claim = is_complete.then_some(Claim { group, from, to });
        let job = Job::Accept { objects: broadcast.objects.clone(), claim };
        let Some(outcome) = self.do_job(job).await else { return };
        let is_news = is_announced_first || !outcome.changes.is_empty();
        self.sinks.tell(outcome.changes);
        let head = self.store.head(group).head;
        if to > head {
            self.note_ahead(group, origin, to);
            self.note_ahead(group, sender, broadcast.head);
        } else if origin == sender {
            self.heard.lock().insert(group, Instant::now());
        }
        if is_news {
            Counts::add(&self.counts.broadcasts);
        }
        if is_news && broadcast.hops > 0 {
            broadcast.hops -= 1;
            broadcast.head = head;
            self.spread(&Message::Broadcast(broadcast), &[sender, origin]);
        }
    }

    fn take_fleeting(&mut self, sender: NodeId, fleeting: Fleeting) {
        let objects = self.fleeting.accept(fleeting.objects);
        self.sinks.tell_fleeting(objects.clone());
        if let Some(hops) = fleeting.hops.checked_sub(1).filter(|_hops| !objects.is_empty()) {
            self.spread(&Message::Fleeting(Fleeting { objects, hops }), &[sender]);
        }
    }

    fn take_summary(&mut self, from: NodeId, summary: &Summary) {
        let heads = self.store.heads();
        let Some(buckets) = summary::of_heads(&heads).differing(&summary.heads) else {
            Counts::add(&self.counts.refused);
            return;
        };
        if buckets != 0 {
            self.send(from, encode(&Message::Heads(self.head_list(buckets, true))));
        }
        let fleeting = summary.fleeting.as_ref().and_then(|other| self.fleeting.buckets().differing(other));
        if let Some(buckets) = fleeting.filter(|buckets| *buckets != 0) {
            let objects = self.fleeting.within(buckets);
            for objects in pieces(objects, FleetingObject::bytes, FLEETING_MESSAGE_BYTES) {
                self.send(from, encode(&Message::Fleeting(Fleeting { objects, hops: 0 })));
            }
        }
    }

    fn head_list(&self, buckets: u64, asks: bool) -> HeadList {
        let heads = self.store.heads().into_iter();
        let heads = heads.filter(|(group, record)| {
            is_within(buckets, group_bucket(*group)) && record.head != FeedVersion::default()
        });
        let heads = heads.map(|(group, record)| (group.0, record.head.epoch, record.head.index)).collect();
        HeadList { buckets, heads, asks }
    }

    fn take_heads(&mut self, from: NodeId, list: &HeadList) {
        let own = self.store.heads();
        let mut others: BTreeMap<GroupId, FeedVersion> = BTreeMap::new();
        for (group, epoch, index) in &list.heads {
            others.insert(GroupId(*group), FeedVersion { epoch: *epoch, index: *index });
        }
        for (group, head) in &others {
            self.note_ahead(*group, from, *head);
        }
        let is_other_behind = own.iter().any(|(group, record)| {
            is_within(list.buckets, group_bucket(*group))
                && record.head > others.get(group).copied().unwrap_or_default()
        });
        if list.asks && is_other_behind {
            self.send(from, encode(&Message::Heads(self.head_list(list.buckets, false))));
        }
    }

    fn read_gossip(&mut self, told: &Told) {
        for (node, values) in told {
            for (key, value) in
                values.range("feed/".to_owned()..).take_while(|(key, _)| key.starts_with("feed/"))
            {
                if let Some((group, head)) = parse_head(key, value).filter(|_told| *node != self.node) {
                    self.note_ahead(group, *node, head);
                }
            }
        }
    }

    // Pulls.

    fn note_ahead(&mut self, group: GroupId, peer: NodeId, head: FeedVersion) {
        if peer != self.node && head > self.store.head(group).head {
            let due = Instant::now() + PULL_AFTER;
            let ahead = self.ahead.entry(group).or_insert_with(|| Ahead { due, peers: BTreeMap::new() });
            ahead.peers.insert(peer, head);
        }
    }

    fn start_pulls(&mut self, now: Instant) {
        let groups: Vec<GroupId> = self.ahead.keys().copied().collect();
        for group in groups {
            if self.pulls.len() >= PULLS_MAX {
                return;
            }
            let after = self.store.head(group).head;
            let Some(ahead) = self.ahead.get_mut(&group) else { continue };
            ahead.peers.retain(|_peer, head| *head > after);
            if ahead.peers.is_empty() {
                self.ahead.remove(&group);
                continue;
            }
            if ahead.due > now || self.pulls.contains_key(&group) {
                continue;
            }
            let members = self.gossip.members();
            let mut nearest = None;
            for peer in ahead.peers.keys() {
                let is_there = members.get(peer).is_none_or(|member| member.state.is_active());
                let round_trip = self.transport.round_trip(*peer).unwrap_or(Duration::MAX);
                // Those that are as near are taken by chance.
                let distance = (!is_there, round_trip, self.random.random::<u32>(), *peer);
                nearest = nearest.min(Some(distance)).or(Some(distance));
            }
            let Some((_gone, _round_trip, _chance, peer)) = nearest else { continue };
            // If it fails, another one is next.
            ahead.peers.remove(&peer);
            self.pulls.insert(group, peer);
            let pull = Pull {
                transport: Arc::clone(&self.transport),
                store: self.store.clone(),
                peer,
                group,
                after,
                to_feed: self.to_feed.clone(),
            };
            tokio::spawn(pull.run());
        }
    }

    async fn take_pulled(&mut self, pulled: Pulled) {
        match pulled {
            Pulled::Piece { mut objects, claim } => {
                let count = objects.len();
                objects.retain(FeedObject::is_within_limits);
                // Who sends what nobody may send is not believed to be complete.
                let claim = claim.filter(|_claim| objects.len() == count);
                if let Some(outcome) = self.do_job(Job::Accept { objects, claim }).await {
                    self.sinks.tell(outcome.changes);
                }
            }
            Pulled::Settled { group, forget, complete_to, watermark } => {
                Counts::add(&self.counts.snapshots);
                let job = Job::Settle { group, forget, complete_to, watermark };
                if let Some(outcome) = self.do_job(job).await {
                    self.sinks.tell(outcome.changes);
                }
            }
            Pulled::Ended { group, peer, failure } => {
                self.pulls.remove(&group);
                let count = if failure.is_some() { &self.counts.pulls_failed } else { &self.counts.pulls };
                Counts::add(count);
                if let Some(reason) = failure {
                    tracing::debug!(%group, %peer, reason, "a pull of the feed failed");
                }
            }
        }
    }

    // What comes round.

    /// Compares with a peer, and tells gossip of the heads of the groups that are at home here.
    async fn round(&mut self, told: &Told) {
        if self.store.take_rot() {
            Counts::add(&self.counts.rebuilds);
            self.whole.clear();
            self.do_job(Job::Distrust).await;
            self.rebuild.send_modify(|number| *number += 1);
        }
        self.tell_gossip();
        self.listen(told);
        self.read_gossip(told);
        // What could not be taken in before is tried again.
        self.clear_desk().await;
        let members = self.gossip.members();
        let peers: Vec<NodeId> = members
            .values()
            .filter(|member| member.state.is_active() && member.id != self.node)
            .map(|member| member.id)
            .collect();
        if peers.is_empty() {
            return;
        }
        let peer = peers[self.random.random_range(0..peers.len())];
        let heads = self.store.heads();
        let is_with_fleeting = self.rounds.is_multiple_of(FLEETING_EVERY);
        self.rounds += 1;
        if heads.len() <= HEADS_PLAIN_MAX && !is_with_fleeting {
            self.send(peer, encode(&Message::Heads(self.head_list(u64::MAX, true))));
            return;
        }
        let fleeting = is_with_fleeting.then(|| self.fleeting.buckets().encode());
        let summary = Summary { heads: summary::of_heads(&heads).encode(), fleeting };
        self.send(peer, encode(&Message::Summary(summary)));
    }

    fn tell_gossip(&mut self) {
        for (group, is_home) in &self.homes {
            let head = self.store.head(*group).head;
            if !is_home {
                if self.told.remove(group).is_some() {
                    self.gossip.remove(&head_key(*group));
                }
            } else if self.told.get(group) != Some(&head) {
                self.told.insert(*group, head);
                self.gossip.set(&head_key(*group), head.to_string());
            }
        }
    }

    /// Notes which homes are heard and have nothing that is lacking here.
    fn listen(&self, told: &Told) {
        let now = Instant::now();
        let mut heard = self.heard.lock();
        for (group, is_home) in &self.homes {
            if *is_home {
                heard.insert(*group, now);
            }
        }
        for values in told.values() {
            for (key, value) in
                values.range("feed/".to_owned()..).take_while(|(key, _)| key.starts_with("feed/"))
            {
                if let Some((group, head)) = parse_head(key, value)
                    && head <= self.store.head(group).head
                {
                    heard.insert(group, now);
                }
            }
        }
    }

    /// Drops old tombstones, and brings the copy to the disk.
    async fn tidy(&mut self, now: Instant) {
        let heads: BTreeMap<GroupId, u64> =
            self.store.heads().into_iter().map(|(group, record)| (group, record.head.index)).collect();
        let age = self.options.tombstone_age;
        let is_old = |at: Instant| now.saturating_duration_since(at) >= age;
        let old = self.past_heads.iter().rposition(|(at, _heads)| is_old(*at));
        if let Some(old) = old {
            self.past_heads.drain(..old);
            let below = self.past_heads[0].1.iter().filter_map(|(group, old_head)| {
                let kept = heads.get(group)?.saturating_sub(self.options.tombstone_steps);
                (kept > 0).then_some((*group, kept.min(*old_head)))
            });
            let below: Vec<_> = below.collect();
            self.do_job(Job::Prune { below }).await;
        }
        let is_time = self.past_heads.last().is_none_or(|(at, _)| now >= *at + age / AGE_NOTES);
        if is_time {
            self.past_heads.push((now, heads));
        }
        self.do_job(Job::Sync).await;
    }
}

fn head_key(group: GroupId) -> String {
    format!("feed/{group}")
}

fn parse_head(key: &str, value: &str) -> Option<(GroupId, FeedVersion)> {
    let group = key.strip_prefix("feed/g")?.parse().ok()?;
    let (epoch, index) = value.split_once('.')?;
    Some((GroupId(group), FeedVersion { epoch: epoch.parse().ok()?, index: index.parse().ok()? }))
}
