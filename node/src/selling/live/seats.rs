//! Seats that somebody looks at.
//!
//! A performance has a *channel* while somebody watches it and for a minute after. The channel keeps the last events,
//! so that a browser that was cut off for a moment goes on where it was, and hands every event to all watches as one
//! shared object, encoded once. A lone change goes out at once; in a rush the changes of [`PACE`] become one event, since
//! what counts is how a seat is, not what became of it in between.
//!
//! Whoever cannot be told everything is told to begin anew ([`News::Reset`]), and their stream ends: a watch that is
//! too slow; everyone, when more happens than can be told or when a performance is sold on other terms.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use marquee_ledger::change::{SeatChange, SeatStatus};
use marquee_ledger::layout::SeatIndex;
use marquee_ledger::read::Availability;
use marquee_ledger::{Change, PerformanceId};
use parking_lot::Mutex;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::door::Door;

/// At most one event of a performance goes out in so long.
pub(super) const PACE: Duration = Duration::from_millis(50);
/// How long a channel stays when nobody watches.
const LINGER: Duration = Duration::from_secs(60);
/// How many seats' changes may wait for the task that tells them; beyond that everyone begins anew.
const CHANGES_WAITING_MAX: usize = 1_000_000;
/// How many events a channel keeps, and how many seats they may name together.
const KEPT_EVENTS_MAX: usize = 256;
const KEPT_SEATS_MAX: usize = 100_000;
/// How many events a watch may be behind.
pub(super) const BEHIND_EVENTS_MAX: usize = 64;
/// Performances share counters of who watches them: a collision costs a copy of a change that nobody takes.
const COUNTERS: usize = 1_024;

/// Seats that somebody looks at.
pub(super) struct Seats {
    door: Door<Left>,
    // By hash of the performance, how many channels there are: all that the thread that commits looks at.
    channels_by_hash: Box<[AtomicU32]>,
    channels: Mutex<HashMap<PerformanceId, Arc<Channel>>>,
    watches: AtomicUsize,
}

enum Left {
    /// Everything from this sequence number on.
    Changed(u64, SeatChange),
    OtherTerms(PerformanceId),
}

struct Channel {
    performance: PerformanceId,
    state: Mutex<State>,
    sender: broadcast::Sender<Arc<SeatEvent>>,
    /// One snapshot is built at a time.
    building: tokio::sync::Mutex<()>,
}

struct State {
    /// Every change after this sequence number is among the kept events or is yet to come. None until the first
    /// snapshot tells where the channel began.
    complete_after: Option<u64>,
    kept: VecDeque<Arc<SeatEvent>>,
    kept_seats: usize,
    base: Option<Arc<Base>>,
    watches: usize,
    unwatched_since: Instant,
    /// Of the last event, for pacing.
    sent_at: Option<Instant>,
}

/// All seats at one moment, for those who begin.
pub struct Base {
    /// The seats.
    pub availability: Availability,
    encoded: OnceLock<Bytes>,
}

/// Seats and areas that changed.
#[derive(Debug, Default)]
pub struct SeatEvent {
    /// The sequence number of the first change in it.
    pub first_seq: u64,
    /// The sequence number after it.
    pub seq: u64,
    /// How these seats are.
    pub seats: Vec<(SeatIndex, SeatStatus)>,
    /// How many places are free in these areas.
    pub areas: Vec<(u16, u32)>,
    is_reset: bool,
    encoded: OnceLock<Bytes>,
}

/// What a watch tells.
#[derive(Debug, Clone)]
pub enum News {
    /// Seats changed.
    Seats(Arc<SeatEvent>),
    /// Not everything can be told: begin anew. The last news.
    Reset,
}

/// Watches the seats of a performance.
pub struct SeatWatch {
    seats: Arc<Seats>,
    channel: Arc<Channel>,
    receiver: broadcast::Receiver<Arc<SeatEvent>>,
    backlog: VecDeque<Arc<SeatEvent>>,
    seen: u64,
    is_over: bool,
}

impl Base {
    /// All seats of a performance.
    #[must_use]
    pub const fn new(availability: Availability) -> Self {
        Self { availability, encoded: OnceLock::new() }
    }

    /// The seats as bytes: encoded by whoever asks first.
    pub fn encoded(&self, encode: impl FnOnce(&Availability) -> Bytes) -> Bytes {
        self.encoded.get_or_init(|| encode(&self.availability)).clone()
    }
}

impl SeatEvent {
    /// What changed from the first to the last of these sequence numbers.
    #[must_use]
    pub fn new(
        seqs: std::ops::RangeInclusive<u64>,
        seats: Vec<(SeatIndex, SeatStatus)>,
        areas: Vec<(u16, u32)>,
    ) -> Self {
        let (first_seq, seq) = seqs.into_inner();
        Self { first_seq, seq, seats, areas, is_reset: false, encoded: OnceLock::new() }
    }

    /// The event as bytes: encoded by whoever asks first.
    pub fn encoded(&self, encode: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.encoded.get_or_init(|| encode(self)).clone()
    }

    fn weight(&self) -> usize {
        self.seats.len() + self.areas.len() + 1
    }
}

impl Seats {
    pub(super) fn new() -> Self {
        Self {
            door: Door::new(CHANGES_WAITING_MAX),
            channels_by_hash: (0..COUNTERS).map(|_counter| AtomicU32::new(0)).collect(),
            channels: Mutex::default(),
            watches: AtomicUsize::new(0),
        }
    }

    pub(super) fn publish(&self, changes: &[Change]) {
        self.door.leave(changes.iter().filter_map(|change| match change {
            // A channel is counted before anyone reads a snapshot for it. So either it is seen here, or the commit that
            // is being published is in that snapshot.
            Change::Seats(change) if self.is_watched(change.performance) => {
                Some((Left::Changed(change.seq, change.clone()), weight(change)))
            }
            Change::Performance(performance) if self.is_watched(*performance) => {
                Some((Left::OtherTerms(*performance), 1))
            }
            Change::Seats(_)
            | Change::Performance(_)
            | Change::Order { .. }
            | Change::Task { .. }
            | Change::NextExpiry(_) => None,
        }));
    }

    pub(super) fn publish_from(&self, first_seq: u64, change: SeatChange) {
        if self.is_watched(change.performance) {
            let weight = weight(&change);
            self.door.leave(std::iter::once((Left::Changed(first_seq, change), weight)));
        }
    }

    pub(super) fn begin_anew(&self, performance: PerformanceId) {
        self.door.leave(std::iter::once((Left::OtherTerms(performance), 1)));
    }

    pub(super) fn has_channel(&self, performance: PerformanceId) -> bool {
        self.channels.lock().contains_key(&performance)
    }

    fn is_watched(&self, performance: PerformanceId) -> bool {
        self.counter(performance).load(Ordering::SeqCst) > 0
    }

    fn counter(&self, performance: PerformanceId) -> &AtomicU32 {
        // The bits that differ between performances: time and counter.
        let mixed = (performance.0 >> 8) as u64 ^ (performance.0 >> 80) as u64;
        &self.channels_by_hash[(mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54) as usize]
    }

    pub(super) fn watch(self: &Arc<Self>, performance: PerformanceId, max: usize) -> Option<SeatWatch> {
        if self.watches.fetch_add(1, Ordering::Relaxed) >= max {
            self.watches.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let mut channels = self.channels.lock();
        let channel = channels.entry(performance).or_insert_with(|| {
            self.counter(performance).fetch_add(1, Ordering::SeqCst);
            Arc::new(Channel::new(performance))
        });
        channel.state.lock().watches += 1;
        Some(SeatWatch {
            receiver: channel.sender.subscribe(),
            channel: Arc::clone(channel),
            seats: Arc::clone(self),
            backlog: VecDeque::new(),
            seen: 0,
            is_over: false,
        })
    }

    /// Tells the watches, for ever.
    pub(super) async fn dispatch(&self) {
        let mut pending: BTreeMap<PerformanceId, Pending> = BTreeMap::new();
        let mut sweep = tokio::time::interval(LINGER / 4);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let due = pending.values().map(|pending| pending.due).min();
            let pause = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                taken = self.door.take() => {
                    if taken.lost {
                        pending.clear();
                        self.reset_all();
                    } else {
                        taken.news.into_iter().for_each(|left| self.absorb(&mut pending, left));
                    }
                }
                () = pause => {}
                _tick = sweep.tick() => self.forget_unwatched(&pending),
            }
            let now = Instant::now();
            pending.retain(|_performance, pending| {
                let is_due = pending.due <= now;
                if is_due {
                    pending.send(now);
                }
                !is_due
            });
        }
    }

    fn absorb(&self, pending: &mut BTreeMap<PerformanceId, Pending>, left: Left) {
        match left {
            Left::Changed(first_seq, change) => {
                if let Some(pending) = pending.get_mut(&change.performance) {
                    pending.merge(&change);
                    return;
                }
                let channel = self.channels.lock().get(&change.performance).cloned();
                if let Some(channel) = channel {
                    pending.insert(change.performance, Pending::new(channel, first_seq, &change));
                }
            }
            Left::OtherTerms(performance) => {
                pending.remove(&performance);
                let channel = self.channels.lock().remove(&performance);
                channel.into_iter().for_each(|channel| self.end(&channel));
            }
        }
    }

    fn reset_all(&self) {
        let channels = std::mem::take(&mut *self.channels.lock());
        channels.into_values().for_each(|channel| self.end(&channel));
    }

    /// Ends a channel that was taken out: who comes next begins another.
    fn end(&self, channel: &Channel) {
        self.counter(channel.performance).fetch_sub(1, Ordering::SeqCst);
        // Without watches nobody is told.
        _ = channel.sender.send(Arc::new(SeatEvent { is_reset: true, ..SeatEvent::default() }));
    }

    /// A channel with changes that are not told yet stays: those that follow are merged with them.
    fn forget_unwatched(&self, pending: &BTreeMap<PerformanceId, Pending>) {
        let now = Instant::now();
        self.channels.lock().retain(|performance, channel| {
            let state = channel.state.lock();
            let stays = state.watches > 0
                || now.duration_since(state.unwatched_since) < LINGER
                || pending.contains_key(performance);
            if !stays {
                self.counter(*performance).fetch_sub(1, Ordering::SeqCst);
            }
            stays
        });
    }

    #[cfg(test)]
    pub(super) fn counted(&self) -> (usize, usize, u32) {
        let counters = self.channels_by_hash.iter().map(|counter| counter.load(Ordering::SeqCst)).sum();
        (self.watches.load(Ordering::SeqCst), self.channels.lock().len(), counters)
    }
}

fn weight(change: &SeatChange) -> usize {
    change.seats.len() + change.areas.len() + 1
}

/// Changes of one performance that are not told yet.
struct Pending {
    channel: Arc<Channel>,
    due: Instant,
    first_seq: u64,
    seq: u64,
    seats: BTreeMap<SeatIndex, SeatStatus>,
    areas: BTreeMap<u16, u32>,
}

impl Pending {
    fn new(channel: Arc<Channel>, first_seq: u64, change: &SeatChange) -> Self {
        let due = channel.state.lock().sent_at.map_or_else(Instant::now, |sent_at| sent_at + PACE);
        Self {
            channel,
            due,
            first_seq,
            seq: change.seq,
            seats: change.seats.iter().copied().collect(),
            areas: change.areas.iter().copied().collect(),
        }
    }

    fn merge(&mut self, change: &SeatChange) {
        self.seq = change.seq;
        self.seats.extend(change.seats.iter().copied());
        self.areas.extend(change.areas.iter().copied());
    }

    fn send(&mut self, now: Instant) {
        let seats = std::mem::take(&mut self.seats).into_iter().collect();
        let areas = std::mem::take(&mut self.areas).into_iter().collect();
        let event = Arc::new(SeatEvent::new(self.first_seq..=self.seq, seats, areas));
        let mut state = self.channel.state.lock();
        state.sent_at = Some(now);
        state.keep(Arc::clone(&event));
        // Under the lock, so that a watch that begins finds every event either kept or in its receiver. Without
        // watches nobody is told.
        _ = self.channel.sender.send(event);
    }
}

impl Channel {
    fn new(performance: PerformanceId) -> Self {
        Self {
            performance,
            state: Mutex::new(State {
                complete_after: None,
                kept: VecDeque::new(),
                kept_seats: 0,
                base: None,
                watches: 0,
                unwatched_since: Instant::now(),
                sent_at: None,
            }),
            sender: broadcast::Sender::new(BEHIND_EVENTS_MAX),
            building: tokio::sync::Mutex::new(()),
        }
    }
}

impl State {
    fn keep(&mut self, event: Arc<SeatEvent>) {
        self.kept_seats += event.weight();
        self.kept.push_back(event);
        while self.kept.len() > KEPT_EVENTS_MAX || self.kept_seats > KEPT_SEATS_MAX {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.kept_seats -= oldest.weight();
            self.complete_after = self.complete_after.map(|after| after.max(oldest.seq));
        }
    }

    fn is_complete_after(&self, seq: u64) -> bool {
        self.complete_after.is_some_and(|after| after <= seq)
    }

    fn kept_after(&self, seq: u64) -> VecDeque<Arc<SeatEvent>> {
        self.kept.iter().filter(|event| event.seq > seq).cloned().collect()
    }
}

impl SeatWatch {
    /// Goes on after a sequence number, if everything since is known. `current` is the performance's number, read after
    /// the watch began.
    pub fn resume(&mut self, after: u64, current: u64) -> bool {
        let state = self.channel.state.lock();
        if after > current || !state.is_complete_after(after) {
            return false;
        }
        self.backlog = state.kept_after(after);
        self.seen = after;
        true
    }

    /// A snapshot to begin with: one that another watch built, if what happened since is known, else the one that
    /// `build` reads. The watch tells what happened after it.
    ///
    /// # Errors
    /// When `build` fails.
    pub async fn begin<E>(
        &mut self,
        build: impl AsyncFnOnce() -> Result<Option<Availability>, E>,
    ) -> Result<Option<Arc<Base>>, E> {
        let channel = Arc::clone(&self.channel);
        let _building = channel.building.lock().await;
        let known = channel.state.lock().base.clone();
        if let Some(base) = known
            && self.resume(base.availability.seq, u64::MAX)
        {
            return Ok(Some(base));
        }
        let Some(availability) = build().await? else { return Ok(None) };
        let base = Arc::new(Base::new(availability));
        let mut state = channel.state.lock();
        // The channel was there before the snapshot was read.
        state.complete_after.get_or_insert(base.availability.seq);
        state.base = Some(Arc::clone(&base));
        self.seen = base.availability.seq;
        self.backlog = state.kept_after(self.seen);
        Ok(Some(base))
    }

    /// The sequence number up to which everything was told.
    #[must_use]
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// The next news; none after a [`News::Reset`].
    pub async fn next(&mut self) -> Option<News> {
        if self.is_over {
            return None;
        }
        loop {
            let event = match self.backlog.pop_front() {
                Some(event) => Ok(event),
                None => self.receiver.recv().await,
            };
            match event {
                Ok(event) if !event.is_reset && event.seq <= self.seen => {}
                Ok(event) if !event.is_reset && event.first_seq <= self.seen + 1 => {
                    self.seen = event.seq;
                    return Some(News::Seats(event));
                }
                // A gap, or more than the channel holds, or its end.
                Ok(_) | Err(RecvError::Lagged(_) | RecvError::Closed) => {
                    self.is_over = true;
                    return Some(News::Reset);
                }
            }
        }
    }
}

impl Drop for SeatWatch {
    fn drop(&mut self) {
        self.seats.watches.fetch_sub(1, Ordering::Relaxed);
        let mut state = self.channel.state.lock();
        state.watches -= 1;
        state.unwatched_since = Instant::now();
    }
}
