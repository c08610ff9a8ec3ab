//! Going through what a query finds: what fits exactly, what it is worth, and the best document of each result.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use jiff::Timestamp;
use tantivy::query::{EnableScoring, Query as TantivyQuery};
use tantivy::{DocId, TERMINATED, TantivyError};

use crate::columns::{Columns, Group};
use crate::cursor::Rank;
use crate::document::{Accessibility, Class, Key, Kind};
use crate::index::Snapshot;
use crate::places::Point;
use crate::query::Sort;

/// Whether an event can still be had where and when it is shown.
pub type IsAvailable<'a> = &'a dyn Fn(Key, Timestamp) -> bool;

/// Kilometres of a degree of latitude, at the least.
const KM_PER_DEG_MIN: f64 = 110.5;

const DAY_S: f32 = 86_400.0;

/// Around a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) middle: Point,
    pub(crate) radius_km: f64,
}

/// What is checked of every document, by its numbers.
#[derive(Debug, Clone)]
pub(crate) struct Exact {
    /// A bit for each kind's code; 0 for any.
    pub(crate) kinds: u64,
    /// Seconds.
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Whether what has no starts at all is left out.
    pub(crate) needs_start: bool,
    pub(crate) area: Option<Area>,
    /// The currency's number and the most minor units.
    pub(crate) price_max: Option<(u64, u64)>,
    pub(crate) language: Option<u64>,
    pub(crate) accessibility: Accessibility,
    /// Where distances are measured from.
    pub(crate) origin: Option<Point>,
}

/// What of a document fits.
struct Fit {
    kind: Kind,
    group: Group,
    start: Option<i64>,
    distance_km: Option<f64>,
}

impl Exact {
    fn fit(&self, columns: &Columns, doc: DocId, is_available: Option<IsAvailable<'_>>) -> Option<Fit> {
        let kind = columns.kind(doc);
        if self.kinds != 0 && self.kinds >> kind.code() & 1 == 0 {
            return None;
        }
        let distance_km = self.distance(columns, doc)?;
        let fits = self.price_max.is_none_or(|(currency, most)| {
            columns.cheapest(doc).is_some_and(|(minor, of)| minor <= most && (of == currency || minor == 0))
        }) && self.language.is_none_or(|language| columns.language(doc) == Some(language))
            && (self.accessibility == Accessibility::NONE
                || columns.accessibility(doc).has(self.accessibility));
        if !fits {
            return None;
        }
        let group = columns.group(doc, kind);
        let start = self.start(columns, doc, group, is_available)?;
        Some(Fit { kind, group, start, distance_km })
    }

    /// The outer option is whether it fits.
    fn distance(&self, columns: &Columns, doc: DocId) -> Option<Option<f64>> {
        let Some(area) = self.area else {
            return Some(self.origin.and_then(|origin| Some(origin.distance_km(columns.point(doc)?))));
        };
        let point = columns.point(doc)?;
        let lat_apart_km = (point.lat_deg() - area.middle.lat_deg()).abs() * KM_PER_DEG_MIN;
        if lat_apart_km > area.radius_km {
            return None;
        }
        let from_middle = area.middle.distance_km(point);
        let elsewhere = self.origin.filter(|origin| *origin != area.middle);
        (from_middle <= area.radius_km)
            .then(|| Some(elsewhere.map_or(from_middle, |origin| origin.distance_km(point))))
    }

    /// The outer option is whether it fits.
    fn start(
        &self,
        columns: &Columns,
        doc: DocId,
        group: Group,
        is_available: Option<IsAvailable<'_>>,
    ) -> Option<Option<i64>> {
        if !columns.has_starts(doc) {
            return (!self.needs_start).then_some(None);
        }
        let Some(is_available) = is_available.filter(|_| group.class == Class::Event) else {
            return columns.next_start(doc, self.from, self.to).map(Some);
        };
        let key = columns.key(doc, group);
        let mut starts: Vec<i64> =
            columns.starts(doc).filter(|start| (self.from..self.to).contains(start)).collect();
        starts.sort_unstable();
        starts
            .into_iter()
            .find(|start| Timestamp::from_second(*start).is_ok_and(|start| is_available(key, start)))
            .map(Some)
    }
}

/// The best document of one result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Best {
    pub(crate) rank: Rank,
    pub(crate) kind: Kind,
    /// The segment's place in the searcher's list.
    pub(crate) segment: u32,
    pub(crate) doc: DocId,
    pub(crate) start: Option<i64>,
    pub(crate) distance_km: Option<f32>,
}

impl Best {
    pub(crate) fn score(&self) -> f32 {
        f32::from_bits(self.rank.relevance)
    }
}

/// All results by their group.
pub(crate) type Groups = HashMap<Group, Best, BuildHasherDefault<IdHasher>>;

/// The results that are kept while documents are gone through.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    groups: Groups,
    /// How many results are wanted, if not all.
    wanted: Option<usize>,
    /// What ranks below this is not among them.
    least: Option<Rank>,
}

/// How many times as many results as are wanted are gathered before the others are let go.
const SURPLUS: usize = 4;

impl Kept {
    /// All results.
    pub(crate) fn all() -> Self {
        Self::default()
    }

    /// The best ones, and some more.
    pub(crate) fn best(wanted: usize) -> Self {
        Self { wanted: Some(wanted.max(1)), ..Self::default() }
    }

    pub(crate) fn into_groups(self) -> Groups {
        self.groups
    }

    fn offer(&mut self, group: Group, best: Best) {
        if self.least.is_some_and(|least| best.rank < least) {
            return;
        }
        self.groups
            .entry(group)
            .and_modify(|known| {
                if best.rank > known.rank {
                    *known = best;
                }
            })
            .or_insert(best);
        if let Some(wanted) = self.wanted
            && self.groups.len() > wanted.saturating_mul(SURPLUS)
        {
            self.let_go(wanted);
        }
    }

    fn let_go(&mut self, wanted: usize) {
        let mut ranks: Vec<Rank> = self.groups.values().map(|best| best.rank).collect();
        let (_, least, _) = ranks.select_nth_unstable_by(wanted - 1, |one, other| other.cmp(one));
        let least = *least;
        self.groups.retain(|_group, best| best.rank >= least);
        self.least = Some(least);
    }
}

/// Goes through all that `query` finds, and tells `seen` every document that fits.
pub(crate) fn collect(
    snapshot: &Snapshot,
    query: &dyn TantivyQuery,
    exact: &Exact,
    order: Order,
    is_available: Option<IsAvailable<'_>>,
    mut kept: Kept,
    mut seen: impl FnMut(usize, DocId, Group),
) -> Result<Groups, TantivyError> {
    let searcher = &snapshot.searcher;
    let scoring = if order.has_text {
        EnableScoring::enabled_from_searcher(searcher)
    } else {
        EnableScoring::disabled_from_searcher(searcher)
    };
    let weight = query.weight(scoring)?;
    for (nth, (segment, columns)) in searcher.segment_readers().iter().zip(&snapshot.columns).enumerate() {
        let alive = segment.alive_bitset();
        let mut scorer = weight.scorer(segment, 1.0)?;
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            let is_alive = alive.is_none_or(|alive| alive.is_alive(doc));
            if let Some(fit) = is_alive.then(|| exact.fit(columns, doc, is_available)).flatten() {
                // Scores cost most, so they come last.
                let text = if order.has_text { scorer.score() } else { 0.0 };
                let rank = order.rank(columns, doc, &fit, text);
                seen(nth, doc, fit.group);
                let best = Best {
                    rank,
                    kind: fit.kind,
                    // There are never so many segments.
                    segment: u32::try_from(nth).unwrap_or(u32::MAX),
                    doc,
                    start: fit.start,
                    distance_km: fit.distance_km.map(|km| km as f32),
                };
                kept.offer(fit.group, best);
            }
            doc = scorer.advance();
        }
    }
    Ok(kept.into_groups())
}

/// How results are ordered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) sort: Sort,
    /// Whether what is found has a score of its own.
    pub(crate) has_text: bool,
    /// What is added to that score.
    pub(crate) base: f32,
    /// How much the logarithm of popularity counts.
    pub(crate) by_popularity: f32,
    /// Seconds.
    pub(crate) now: i64,
    /// Whether nearness counts.
    pub(crate) has_origin: bool,
}

impl Order {
    /// How much popularity counts beside words, and without them.
    pub(crate) const BESIDE_WORDS: f32 = 0.05;
    pub(crate) const WITHOUT_WORDS: f32 = 0.5;

    fn rank(&self, columns: &Columns, doc: DocId, fit: &Fit, text: f32) -> Rank {
        let relevance = self.relevance(columns, doc, fit, text).max(0.0).to_bits();
        let sort = match self.sort {
            Sort::Relevance => u64::from(relevance),
            // Flipping the sign bit orders signed numbers; the soonest ranks highest.
            Sort::Date => fit.start.map_or(0, |start| !((start as u64) ^ (1 << 63))),
            Sort::Distance => fit.distance_km.map_or(0, |km| !((km * 1_000.0) as u64)),
            Sort::Price => columns.cheapest(doc).map_or(0, |(minor, _)| !minor),
            Sort::Rating => (columns.rating(doc) * 1_000.0).round() as u64,
        };
        Rank { sort, relevance }
    }

    /// The score of the text, times how much it is asked for and liked, how soon and how near it is.
    fn relevance(&self, columns: &Columns, doc: DocId, fit: &Fit, text: f32) -> f32 {
        let popularity = (1.0 + columns.popularity(doc) as f32).ln();
        let rating = (columns.rating(doc) as f32 - 3.5) * 0.05;
        let soon = fit.start.map_or(0.9, |start| {
            let days = (start - self.now).max(0) as f32 / DAY_S;
            0.8 + 0.2 * (-days / 45.0).exp()
        });
        // Who looks for a venue or a person names it, which scores enough by itself.
        let soon = if fit.group.class == Class::Event { soon } else { 0.75 };
        let near = match fit.distance_km {
            Some(km) => 0.55 + 0.45 * (-km as f32 / 60.0).exp(),
            None if self.has_origin => 0.7,
            None => 1.0,
        };
        (self.base + text) * (1.0 + self.by_popularity * popularity + rating) * soon * near
    }
}

/// Ids are spread well enough that mixing them once is enough; they come from the catalog, which nobody can flood.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 ^= self.0 >> 32;
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u128(&mut self, number: u128) {
        self.write_u64(number as u64);
        self.write_u64((number >> 64) as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(sort: u64) -> Best {
        let rank = Rank { sort, relevance: 0 };
        Best { rank, kind: Kind::Concert, segment: 0, doc: 0, start: None, distance_km: None }
    }

    #[test]
    fn the_best_are_kept_whatever_their_order() {
        let group = |id: u64| Group { class: Class::Event, id: u128::from(id) };
        for factor in [1, 7, 999] {
            let (mut kept, mut all) = (Kept::best(10), Kept::all());
            for nth in 0..1_000_u64 {
                // Each group comes twice, once worse.
                let number = nth * factor % 1_000;
                for rank in [number / 2, number] {
                    kept.offer(group(number), best(rank));
                    all.offer(group(number), best(rank));
                }
            }
            let kept = kept.into_groups();
            assert!(kept.len() <= 10 * SURPLUS, "{}", kept.len());
            assert!((990..1_000).all(|number| kept[&group(number)].rank == best(number).rank));
            assert_eq!(all.into_groups().len(), 1_000);
        }
    }
}
