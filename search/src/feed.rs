//! Candidates for a feed: events that are asked for, soon, near, and like what somebody likes.
//!
//! Which of them are shown, and how varied that is, is the caller's to decide.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::Timestamp;
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query as TantivyQuery, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{TantivyError, Term};

use crate::collect::{Area, Exact, IsAvailable, Kept, Order, collect};
use crate::document::{Accessibility, Class, Key, Kind};
use crate::index::Index;
use crate::places::Point;
use crate::plan::{any_tag, filtered};
use crate::query::{RADIUS_KM_MAX, Sort};
use crate::schema::tag;
use crate::whereabouts::cells;

/// What a like adds to the score of what nobody likes, which is 1.
const KIND_LIKE: f32 = 0.3;
const GENRE_LIKE: f32 = 0.6;
const VENUE_LIKE: f32 = 0.6;
const PERSON_LIKE: f32 = 1.5;

/// The most likes of each sort that count.
const LIKES_MAX: usize = 100;

/// What somebody likes, and where and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Interests {
    /// Where they are.
    pub near: Option<Point>,
    /// How far they would go; without a place it does not matter.
    pub radius_km: f64,
    /// From when on.
    pub from: Timestamp,
    /// Kinds that they like.
    pub kinds: BTreeSet<Kind>,
    /// Genres that they like.
    pub genres: Vec<String>,
    /// Performers that they follow, by name.
    pub people: Vec<String>,
    /// Venues that they follow.
    pub venues: Vec<u128>,
    /// The most candidates.
    pub limit: usize,
}

impl Interests {
    /// Whether nothing is known of somebody but where they are.
    #[must_use]
    pub fn has_no_likes(&self) -> bool {
        self.kinds.is_empty() && self.genres.is_empty() && self.people.is_empty() && self.venues.is_empty()
    }
}

/// An event that could be shown to somebody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Of the engagement that fits best.
    pub key: Key,
    /// What it is.
    pub kind: Kind,
    /// Its first start that fits.
    pub next_start: Option<Timestamp>,
    /// How far it is.
    pub distance_km: Option<f64>,
    /// The better, the higher; comparable within one answer only.
    pub score: f32,
}

impl Index {
    /// The events that somebody may like best, in order.
    ///
    /// # Errors
    /// If the index failed: it should be rebuilt.
    pub fn candidates(
        &self,
        interests: &Interests,
        is_available: Option<IsAvailable<'_>>,
    ) -> Result<Vec<Candidate>, TantivyError> {
        let snapshot = self.snapshot();
        let fields = &snapshot.fields;
        let like = |tag: String, score: f32| -> (Occur, Box<dyn TantivyQuery>) {
            let term = TermQuery::new(Term::from_field_text(fields.tags, &tag), IndexRecordOption::Basic);
            (Occur::Should, Box::new(ConstScoreQuery::new(Box::new(term), score)))
        };
        let events = Kind::of(Class::Event);
        let area = interests.near.map(|middle| Area {
            middle,
            radius_km: if interests.radius_km > 0.0 {
                interests.radius_km.min(RADIUS_KM_MAX)
            } else {
                RADIUS_KM_MAX
            },
        });
        // Numbers tell kinds as well, and quicker where the place leaves few documents.
        let places = area.and_then(cells).map(|cells| any_tag(fields, cells));
        let tags = vec![places.unwrap_or_else(|| any_tag(fields, events.clone().map(tag::kind)))];
        let mut clauses = vec![(Occur::Must, filtered(None, tags))];
        clauses.extend(interests.kinds.iter().map(|kind| like(tag::kind(*kind), KIND_LIKE)));
        let genres = interests.genres.iter().take(LIKES_MAX);
        clauses.extend(genres.map(|genre| like(tag::genre(genre), GENRE_LIKE)));
        let venues = interests.venues.iter().take(LIKES_MAX);
        clauses.extend(venues.map(|venue| like(tag::venue(*venue), VENUE_LIKE)));
        let people = interests.people.iter().take(LIKES_MAX);
        clauses.extend(people.map(|person| like(tag::person(person), PERSON_LIKE)));

        let exact = Exact {
            kinds: events.fold(0, |bits, kind| bits | 1 << kind.code()),
            from: interests.from.as_second(),
            to: i64::MAX,
            needs_start: true,
            area,
            price_max: None,
            language: None,
            accessibility: Accessibility::NONE,
            origin: interests.near,
        };
        let order = Order {
            sort: Sort::Relevance,
            has_text: clauses.len() > 1,
            base: 1.0,
            by_popularity: Order::WITHOUT_WORDS,
            now: interests.from.as_second(),
            has_origin: interests.near.is_some(),
        };
        let query = BooleanQuery::new(clauses);
        let kept = Kept::best(interests.limit);
        let groups = collect(&snapshot, &query, &exact, order, is_available, kept, |_, _, _| {})?;
        let mut best: Vec<_> =
            groups.into_iter().map(|(group, best)| (Reverse(best.rank), group, best)).collect();
        let limit = interests.limit.min(best.len());
        if limit < best.len() {
            best.select_nth_unstable_by_key(limit, |(rank, group, _)| (*rank, *group));
            best.truncate(limit);
        }
        best.sort_unstable_by_key(|(rank, group, _)| (*rank, *group));
        let candidates = best.into_iter().map(|(_, group, best)| Candidate {
            key: snapshot.columns[best.segment as usize].key(best.doc, group),
            kind: best.kind,
            next_start: best.start.and_then(|start| Timestamp::from_second(start).ok()),
            distance_km: best.distance_km.map(f64::from),
            score: best.score(),
        });
        Ok(candidates.collect())
    }
}
