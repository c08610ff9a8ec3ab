//! Seats of performances that are sold at homes elsewhere, of groups that this node has no replica of.
//!
//! However many people look at a performance here, its home tells this node once: the first of them makes a *relay*, which
//! subscribes, keeps all seats as they are, and passes every change on. When the home goes, the relay follows the next
//! one and asks for what happened since; if that is not known there, it takes all seats and tells what is different. So
//! nobody who looks notices. While nobody can be reached, the seats stay as they were told last.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_ledger::PerformanceId;
use marquee_ledger::change::{SeatChange, SeatStatus};
use marquee_ledger::read::Availability;
use marquee_replication::transport::FrameReceiver;
use marquee_replication::{GroupId, NodeId};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::live::{Base, Live, SeatWatch};
use crate::cluster::commons::Commons;
use crate::cluster::courier::Carried;
use crate::cluster::errand::{self, Errand, Reply, SeatNews};
use crate::cluster::owner::Owner;
use crate::home::Failure;

/// How long a subscription may take to begin.
const BEGIN_MAX: Duration = Duration::from_secs(5);
/// How long to wait before the home is asked again; doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often it is looked whether anybody watches.
const LOOK: Duration = Duration::from_secs(15);

/// See the module.
pub struct Mirror {
    commons: Arc<Commons>,
    /// The node's own group.
    here: GroupId,
    live: Live,
    relays: Mutex<HashMap<PerformanceId, Arc<Relay>>>,
    stopping: CancellationToken,
}

/// One performance's seats as its home told them.
struct Relay {
    performance: PerformanceId,
    known: watch::Sender<Known>,
}

#[derive(Default)]
enum Known {
    /// Nobody has told yet.
    #[default]
    NotYet,
    /// They are so.
    Seats(Availability),
    /// The home knows no such performance.
    Nothing,
}

impl Mirror {
    /// Mirrors nothing yet.
    #[must_use]
    pub fn new(commons: Arc<Commons>, here: GroupId, stopping: CancellationToken) -> Arc<Self> {
        Arc::new(Self { commons, here, live: Live::default(), relays: Mutex::default(), stopping })
    }

    /// How many homes tell this node of a performance's seats.
    #[must_use]
    pub fn subscriptions(&self) -> usize {
        self.relays.lock().len()
    }

    /// Watches a performance's seats; none if `max` watch seats already.
    pub fn watch_seats(self: &Arc<Self>, performance: PerformanceId, max: usize) -> Option<SeatWatch> {
        let watch = self.live.watch_seats(performance, max)?;
        let mut relays = self.relays.lock();
        relays.entry(performance).or_insert_with(|| {
            let relay = Arc::new(Relay { performance, known: watch::Sender::default() });
            let following = Arc::clone(self).follow(Arc::clone(&relay));
            tokio::spawn(self.stopping.clone().run_until_cancelled_owned(following));
            relay
        });
        Some(watch)
    }

    /// The performance's sequence number, as its home told it last; none if there is no such performance.
    ///
    /// # Errors
    /// [`Failure::NotHome`] when its home cannot be reached.
    pub async fn current(&self, performance: PerformanceId) -> Result<Option<u64>, Failure> {
        self.with(performance, |seats| seats.seq).await
    }

    /// All seats for a watch to begin with; none if there is no such performance.
    ///
    /// # Errors
    /// As [`current`](Self::current).
    pub async fn begin_watch(
        &self,
        performance: PerformanceId,
        watch: &mut SeatWatch,
    ) -> Result<Option<Arc<Base>>, Failure> {
        watch.begin(async || self.with(performance, Availability::clone).await).await
    }

    async fn with<T>(
        &self,
        performance: PerformanceId,
        read: impl FnOnce(&Availability) -> T,
    ) -> Result<Option<T>, Failure> {
        let group = self.commons.group(Owner::Venue(performance.owner()), self.here);
        let silent = || Failure::NotHome { group, home: None };
        let relay = self.relays.lock().get(&performance).cloned().ok_or_else(silent)?;
        let mut known = relay.known.subscribe();
        let told = known.wait_for(|known| !matches!(known, Known::NotYet));
        let told = tokio::time::timeout(BEGIN_MAX, told).await.map_err(|_elapsed| silent())?;
        match &*told.map_err(|_ended| silent())? {
            Known::Seats(seats) => Ok(Some(read(seats))),
            Known::Nothing | Known::NotYet => Ok(None),
        }
    }

    /// Subscribes again and again, for as long as somebody watches.
    async fn follow(self: Arc<Self>, relay: Arc<Relay>) {
        let performance = relay.performance;
        let mut pause = FIRST_PAUSE;
        loop {
            if !self.is_wanted(&relay) {
                return;
            }
            let group = self.commons.group(Owner::Venue(performance.owner()), self.here);
            let errand = Errand::WatchSeats { performance, after: relay.seq() };
            let deadline = Instant::now() + BEGIN_MAX;
            match self.commons.courier.send(group, &errand, deadline, true).await {
                Ok(Carried { reply: Reply::Seats, rest: Some(news) }) => {
                    if self.read(&relay, group, news).await {
                        pause = FIRST_PAUSE;
                    }
                }
                Ok(Carried { reply: Reply::Nothing, .. }) => {
                    relay.known.send_replace(Known::Nothing);
                    self.live.begin_anew(performance);
                    self.relays.lock().remove(&performance);
                    return;
                }
                Ok(Carried { reply, .. }) => {
                    tracing::debug!(%performance, ?reply, "a home does not tell of its seats");
                }
                Err(lost) => tracing::debug!(%performance, %lost, "a home is asked for its seats later"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether somebody watches; else the relay is forgotten.
    fn is_wanted(&self, relay: &Relay) -> bool {
        let mut relays = self.relays.lock();
        let is_wanted = self.live.is_watched(relay.performance);
        if !is_wanted {
            relays.remove(&relay.performance);
        }
        is_wanted
    }

    /// Takes what a home tells, until it ends or another is home; returns whether there was something.
    async fn read(&self, relay: &Relay, group: GroupId, mut news: Box<dyn FrameReceiver>) -> bool {
        let mut hints = self.commons.courier.changes();
        let mut places = self.commons.views.changes();
        let told_by: Option<(NodeId, u64)> = self.commons.courier.home_of(group);
        let mut look = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
        let mut has_told = false;
        loop {
            tokio::select! {
                biased;
                frame = news.receive() => {
                    let Ok(Some(frame)) = frame else { return has_told };
                    let Some(told) = errand::read::<SeatNews>(&frame) else { return has_told };
                    if !self.take(relay, told) {
                        return has_told;
                    }
                    has_told = true;
                }
                changed = hints.changed() => {
                    let is_another = self.commons.courier.home_of(group) != told_by;
                    if changed.is_err() || (is_another && told_by.is_some()) {
                        return has_told;
                    }
                }
                changed = places.changed() => {
                    let owner = Owner::Venue(relay.performance.owner());
                    if changed.is_err() || self.commons.group(owner, self.here) != group {
                        return has_told;
                    }
                }
                _tick = look.tick() => if !self.live.is_watched(relay.performance) {
                    return has_told;
                },
            }
        }
    }

    /// Takes news in and tells who watches; false if they do not fit what is known.
    fn take(&self, relay: &Relay, news: SeatNews) -> bool {
        let change = match news {
            SeatNews::All { seq, statuses, areas } => {
                let Some(statuses) = read_statuses(&statuses) else { return false };
                relay.take_all(Availability { seq, statuses, areas })
            }
            SeatNews::Changed { first_seq, seq, seats, areas } => {
                let Some(seats) = read_seats(&seats) else { return false };
                let change = SeatChange { performance: relay.performance, seq, seats, areas };
                relay.take_change(first_seq, change)
            }
        };
        match change {
            Taken::NoNews => {}
            Taken::Changed(first_seq, change) => self.live.publish_seats(first_seq, change),
            Taken::Other => self.live.begin_anew(relay.performance),
            Taken::Gap => return false,
        }
        true
    }
}

/// What came of news.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    /// Nobody who watches has to hear of it.
    NoNews,
    /// This changed, from this sequence number on.
    Changed(u64, SeatChange),
    /// It is another map, or an earlier one.
    Other,
    /// Something is missing before it, or it names what is not there. It was not taken.
    Gap,
}

impl Relay {
    fn seq(&self) -> Option<u64> {
        match &*self.known.borrow() {
            Known::Seats(seats) => Some(seats.seq),
            Known::NotYet | Known::Nothing => None,
        }
    }

    /// All seats: what is different from before is the change.
    fn take_all(&self, now: Availability) -> Taken {
        let mut taken = Taken::NoNews;
        self.known.send_modify(|known| {
            if let Known::Seats(before) = known {
                taken = difference(self.performance, before, &now);
            }
            *known = Known::Seats(now);
        });
        taken
    }

    /// A change that comes after all that is known.
    fn take_change(&self, first_seq: u64, change: SeatChange) -> Taken {
        let mut taken = Taken::Gap;
        self.known.send_modify(|known| {
            let Known::Seats(seats) = known else { return };
            let fits = first_seq <= seats.seq + 1
                && change.seats.iter().all(|(seat, _)| (*seat as usize) < seats.statuses.len())
                && change.areas.iter().all(|(area, _)| usize::from(*area) < seats.areas.len());
            if !fits {
                return;
            }
            if change.seq <= seats.seq {
                taken = Taken::NoNews;
                return;
            }
            seats.seq = change.seq;
            for (seat, status) in &change.seats {
                seats.statuses[*seat as usize] = *status;
            }
            for (area, free) in &change.areas {
                seats.areas[usize::from(*area)] = *free;
            }
            taken = Taken::Changed(first_seq, change);
        });
        taken
    }
}

/// What is different between two moments of a performance's seats.
fn difference(performance: PerformanceId, before: &Availability, now: &Availability) -> Taken {
    let is_same_map = before.statuses.len() == now.statuses.len() && before.areas.len() == now.areas.len();
    if !is_same_map || now.seq < before.seq {
        return Taken::Other;
    }
    // Both are bounded by the places of a hall.
    let seats = (0..).zip(&now.statuses).zip(&before.statuses);
    let seats = seats.filter(|((_, now), before)| now != before).map(|((seat, now), _)| (seat, *now));
    let areas = (0..).zip(&now.areas).zip(&before.areas);
    let areas = areas.filter(|((_, now), before)| now != before).map(|((area, now), _)| (area, *now));
    let change = SeatChange { performance, seq: now.seq, seats: seats.collect(), areas: areas.collect() };
    Taken::Changed(before.seq + 1, change)
}

fn read_statuses(bytes: &Bytes) -> Option<Vec<SeatStatus>> {
    bytes.iter().map(|byte| SeatStatus::from_byte(*byte)).collect()
}

fn read_seats(seats: &[(u32, u8)]) -> Option<Vec<(u32, SeatStatus)>> {
    seats.iter().map(|(seat, status)| Some((*seat, SeatStatus::from_byte(*status)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(seq: u64, statuses: &[SeatStatus], areas: &[u32]) -> Availability {
        Availability { seq, statuses: statuses.to_vec(), areas: areas.to_vec() }
    }

    fn change(seq: u64, seats: &[(u32, SeatStatus)], areas: &[(u16, u32)]) -> SeatChange {
        SeatChange { performance: PerformanceId(1), seq, seats: seats.to_vec(), areas: areas.to_vec() }
    }

    #[test]
    fn all_seats_after_others_are_told_as_what_is_different() {
        use SeatStatus::{Booked, Free, Held};
        let relay = Relay { performance: PerformanceId(1), known: watch::Sender::default() };
        assert_eq!(relay.take_all(seats(7, &[Free, Free, Held], &[9])), Taken::NoNews);
        let changed = change(9, &[(0, Held)], &[]);
        assert_eq!(relay.take_change(8, changed.clone()), Taken::Changed(8, changed));
        let different = change(14, &[(2, Booked)], &[(0, 8)]);
        assert_eq!(relay.take_all(seats(14, &[Held, Free, Booked], &[8])), Taken::Changed(10, different));
        assert_eq!(relay.seq(), Some(14));
        assert_eq!(relay.take_all(seats(13, &[Free, Free, Free], &[9])), Taken::Other, "it is older");
        assert_eq!(relay.take_all(seats(20, &[Free], &[9])), Taken::Other, "it is another map");
    }

    #[test]
    fn a_change_with_a_gap_before_it_or_of_seats_that_are_not_there_is_not_taken() {
        use SeatStatus::{Free, Held};
        let relay = Relay { performance: PerformanceId(1), known: watch::Sender::default() };
        assert_eq!(relay.take_change(1, change(1, &[], &[])), Taken::Gap, "nothing is known yet");
        relay.take_all(seats(7, &[Free, Free], &[]));
        assert_eq!(relay.take_change(9, change(9, &[(0, Held)], &[])), Taken::Gap);
        assert_eq!(relay.take_change(8, change(8, &[(2, Held)], &[])), Taken::Gap);
        assert_eq!(relay.take_change(8, change(8, &[], &[(0, 1)])), Taken::Gap);
        assert_eq!(relay.take_change(5, change(6, &[(0, Held)], &[])), Taken::NoNews, "it is known");
        assert_eq!(relay.seq(), Some(7));
    }
}
