//! What somebody likes, and a varied feed of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use marquee_ledger::{EventId, PerformanceId, VenueId};
use marquee_search::document::Kind;
use marquee_search::feed::{Candidate, Interests};
use marquee_search::fold::fold;
use marquee_search::places::Point;

use super::documents::point_of;
use crate::accounts::Followed;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, Performance};

/// How many candidates are weighed for each place in the feed.
const CANDIDATES_EACH: usize = 8;
/// How much less something is worth for each one before it that is of the same kind, by the same people, or in the same
/// venue.
const SAME_KIND: f32 = 0.92;
const SAME_PEOPLE: f32 = 0.5;
const SAME_VENUE: f32 = 0.75;
/// What a follow adds to the worth of what is followed.
const FOLLOWED: f32 = 3.0;
/// How much a rating moves the worth: one star more or less than the middle.
const STAR: f32 = 0.15;

/// What somebody likes: what they follow, and what they have booked.
#[derive(Debug, Clone, Default)]
pub struct Taste {
    events: BTreeSet<EventId>,
    venues: BTreeSet<VenueId>,
    /// Folded, with the name as it is written.
    people: BTreeMap<String, String>,
    kinds: BTreeSet<Kind>,
    genres: BTreeSet<String>,
    /// What was booked: it is not advertised again.
    booked: BTreeSet<PerformanceId>,
    booked_titles: Vec<(EventId, String)>,
}

/// From where a feed looks, and how far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Whereabouts {
    /// Where somebody is.
    pub point: Option<Point>,
    /// In kilometres; 0 is everywhere.
    pub radius_km: f64,
}

/// Why something is in a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// The event itself, a performer or a venue is followed: this name.
    Followed(String),
    /// It is like what was booked: this title.
    LikeBooked(String),
    /// It is near.
    Near,
    /// It is asked for.
    Popular,
}

/// Something in a feed.
#[derive(Debug, Clone)]
pub struct Picked {
    /// The event.
    pub event: Arc<Event>,
    /// Its next performance where it fits best.
    pub performance: Arc<Performance>,
    /// How far it is.
    pub distance_km: Option<f64>,
    /// Why it is there.
    pub because: Because,
}

impl Taste {
    /// By what somebody follows and has booked.
    #[must_use]
    pub fn new(catalog: &CatalogIndex, follows: &[Followed], booked: &[(EventId, PerformanceId)]) -> Self {
        let mut taste = Self::default();
        for followed in follows {
            match followed {
                Followed::Event(id) => _ = taste.events.insert(*id),
                Followed::Venue(id) => _ = taste.venues.insert(*id),
                Followed::Performer(name) => {
                    taste.people.insert(name.folded(), name.to_string());
                }
            }
        }
        for (event, performance) in booked {
            taste.booked.insert(*performance);
            let Some(event) = catalog.event(*event) else { continue };
            taste.kinds.extend(Kind::from_word(event.facts.kind.word()));
            taste.genres.extend(event.facts.genres.iter().cloned());
            if !taste.booked_titles.iter().any(|(id, _title)| *id == event.id) {
                taste.booked_titles.push((event.id, event.facts.title.clone()));
            }
        }
        taste
    }

    /// What the index is asked for.
    #[must_use]
    pub fn interests(&self, from: Whereabouts, since: Timestamp, limit: usize) -> Interests {
        Interests {
            near: from.point,
            radius_km: from.radius_km,
            from: since,
            kinds: self.kinds.clone(),
            genres: self.genres.iter().cloned().collect(),
            people: self.people.values().cloned().collect(),
            venues: self.venues.iter().map(|venue| venue.0).collect(),
            limit: limit * CANDIDATES_EACH,
        }
    }

    /// Picks a varied feed: the best of what is left, each time, where what is like what was picked is worth less.
    #[must_use]
    pub fn pick(
        &self,
        catalog: &CatalogIndex,
        candidates: &[Candidate],
        from: Whereabouts,
        is_free: impl Fn(PerformanceId) -> bool,
        limit: usize,
    ) -> Vec<Picked> {
        let weighed =
            candidates.iter().filter_map(|candidate| self.weigh(catalog, candidate, from, &is_free));
        let mut left: Vec<(f32, Picked)> = weighed.collect();
        let mut picked: Vec<Picked> = Vec::new();
        while picked.len() < limit {
            let best = (0..left.len()).max_by(|a, b| left[*a].0.total_cmp(&left[*b].0));
            let Some(best) = best else { break };
            let (_worth, best) = left.swap_remove(best);
            for (worth, one) in &mut left {
                *worth *= sameness(&best, one);
            }
            picked.push(best);
        }
        picked
    }

    fn weigh(
        &self,
        catalog: &CatalogIndex,
        candidate: &Candidate,
        from: Whereabouts,
        is_free: &impl Fn(PerformanceId) -> bool,
    ) -> Option<(f32, Picked)> {
        let event = Arc::clone(catalog.event(EventId(candidate.key.id))?);
        let start_ms = u64::try_from(candidate.next_start?.as_millisecond()).ok()?;
        let performance = catalog.ahead_of(event.id, start_ms).find(|shown| {
            let is_there = shown.venue.0 == candidate.key.at && !self.booked.contains(&shown.id);
            is_there && is_free(shown.id)
        })?;
        let at = catalog.venue(performance.venue).and_then(|venue| point_of(venue));
        let distance_km = from.point.zip(at).map(|(from, at)| from.distance_km(at));
        if from.radius_km > 0.0 && distance_km.is_some_and(|km| km > from.radius_km) {
            return None;
        }
        let because = self.because(catalog, &event, performance.venue, distance_km.is_some());
        let stars = catalog.score(event.id) as f32 - 3.0;
        let mut worth = candidate.score.max(f32::MIN_POSITIVE) * (1.0 + STAR * stars).max(0.1);
        if matches!(because, Because::Followed(_)) {
            worth *= FOLLOWED;
        }
        let performance = Arc::clone(performance);
        Some((worth, Picked { event, performance, distance_km, because }))
    }

    fn because(&self, catalog: &CatalogIndex, event: &Event, venue: VenueId, is_placed: bool) -> Because {
        if self.events.contains(&event.id) {
            return Because::Followed(event.facts.title.clone());
        }
        let mut people = event.facts.performers.iter().filter(|_name| !self.people.is_empty());
        if let Some(name) = people.find(|name| self.people.contains_key(&fold(name))) {
            return Because::Followed(name.clone());
        }
        if self.venues.contains(&venue)
            && let Some(venue) = catalog.venue(venue)
        {
            return Because::Followed(venue.facts.name.clone());
        }
        let shares_genre = event.facts.genres.iter().any(|genre| self.genres.contains(genre));
        let like = self.booked_titles.iter().find(|(id, _title)| {
            let booked = catalog.event(*id);
            *id != event.id
                && shares_genre
                && booked.is_some_and(|booked| {
                    booked.facts.genres.iter().any(|genre| event.facts.genres.contains(genre))
                })
        });
        match like {
            Some((_id, title)) => Because::LikeBooked(title.clone()),
            None if is_placed => Because::Near,
            None => Because::Popular,
        }
    }
}

fn sameness(before: &Picked, one: &Picked) -> f32 {
    let mut factor = 1.0;
    if before.event.facts.kind == one.event.facts.kind {
        factor *= SAME_KIND;
    }
    if before.performance.venue == one.performance.venue {
        factor *= SAME_VENUE;
    }
    let people = &one.event.facts.performers;
    if before.event.facts.performers.iter().any(|name| people.contains(name)) {
        factor *= SAME_PEOPLE;
    }
    factor
}
