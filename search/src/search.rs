//! Searching: one page of the results of a query.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::Timestamp;
use tantivy::query::Query as TantivyQuery;
use tantivy::{DocAddress, TantivyDocument, TantivyError};

use crate::ask::{Asked, ask};
use crate::collect::{Best, Groups, IsAvailable, Kept, collect};
use crate::columns::Group;
use crate::cursor::{Cursor, Rank, fingerprint};
use crate::document::Key;
use crate::facets::{self, Cities};
use crate::index::{Index, Snapshot};
use crate::plan::{Planner, filtered};
use crate::query::{Effort, Hit, LIMIT_MAX, Query, Refusal, Results, SearchError};
use crate::snippet::Wanted;

/// With fewer results than this, words that nothing has are taken for misspelled ones.
const FEW: usize = 3;

impl Index {
    /// Finds what `query` asks for, as of the last commit. `is_available` is asked of each start of each event that fits
    /// otherwise, so it must be quick; without it everything is available.
    ///
    /// # Errors
    /// [`SearchError::Refused`] if the query is at fault; [`SearchError::Index`] if the index is.
    pub fn search(
        &self,
        query: &Query,
        is_available: Option<IsAvailable<'_>>,
    ) -> Result<Results, SearchError> {
        let snapshot = self.snapshot();
        let print = fingerprint(&recognised_by(query));
        let cursor = match &query.cursor {
            None => None,
            Some(text) => {
                let cursor = Cursor::decode(text).filter(|cursor| cursor.query == print);
                Some(cursor.ok_or(Refusal::Cursor)?)
            }
        };
        let now = match cursor {
            Some(cursor) => Timestamp::from_second(cursor.now).map_err(|_range| Refusal::Cursor)?,
            None => query.now,
        };
        let mut asked = ask(&snapshot, query, now, query.understand)?;
        let mut found = find(&snapshot, query, &asked, is_available)?;
        if found.groups.is_empty() && asked.has_understood && query.text.contains(char::is_whitespace) {
            // What was taken for a place or a day may be a word after all.
            let literally = ask(&snapshot, query, now, false)?;
            let other = find(&snapshot, query, &literally, is_available)?;
            if !other.groups.is_empty() && other.effort == Effort::Strict {
                (asked, found) = (literally, other);
            }
        }
        let facets = match found.cities {
            Some(cities) => Some(facets::count(&snapshot, &found.groups, cities)?),
            None => None,
        };
        let page = Page::of(&found.groups, cursor, query.limit.clamp(1, LIMIT_MAX));
        let hits: Result<Vec<Hit>, TantivyError> =
            page.best.iter().map(|(group, best)| hit(&snapshot, *group, best, &found.wanted)).collect();
        let next = page.best.last().filter(|_| page.has_more).map(|(group, best)| {
            Cursor { query: print, now: now.as_second(), rank: best.rank, group: *group }.encode()
        });
        Ok(Results {
            hits: hits?,
            total: found.groups.len(),
            facets,
            understood: asked.understood,
            effort: found.effort,
            did_you_mean: found.did_you_mean,
            next,
        })
    }
}

/// Everything that the results of a query depend on, except its time and where its page begins.
fn recognised_by(query: &Query) -> String {
    let Query {
        text,
        understand,
        now: _,
        zone,
        near,
        currency,
        filters,
        sort,
        facets: _,
        limit: _,
        cursor: _,
    } = query;
    let zone = zone.iana_name();
    format!("{text:?} {understand} {zone:?} {near:?} {currency:?} {filters:?} {sort:?}")
}

/// All results.
struct Found {
    groups: Groups,
    effort: Effort,
    did_you_mean: Option<String>,
    wanted: Wanted,
    /// If facets were asked for.
    cities: Option<Cities>,
}

/// Stretches the words no further than it takes to find something.
fn find(
    snapshot: &Snapshot,
    query: &Query,
    asked: &Asked,
    is_available: Option<IsAvailable<'_>>,
) -> Result<Found, TantivyError> {
    let run = |text: Option<Box<dyn TantivyQuery>>| {
        let mut cities = query.facets.then(Cities::default);
        let tags = asked.tags.iter().map(|tag| tag.box_clone()).collect();
        let groups = collect(
            snapshot,
            &*filtered(text, tags),
            &asked.exact,
            asked.order,
            is_available,
            Kept::all(),
            |segment, doc, group| {
                if let Some(cities) = &mut cities {
                    cities.see(snapshot, segment, doc, group);
                }
            },
        )?;
        Ok::<_, TantivyError>((groups, cities))
    };
    if asked.words.is_empty() {
        let (groups, cities) = run(None)?;
        let (effort, did_you_mean, wanted) = (Effort::Strict, None, Wanted::default());
        return Ok(Found { groups, effort, did_you_mean, wanted, cities });
    }
    let mut planner = Planner::new(snapshot, &asked.words)?;
    let mut found: Option<Found> = None;
    for effort in [Effort::Strict, Effort::Tolerant, Effort::Fuzzy, Effort::Partial] {
        let enough = match &found {
            None => false,
            Some(found) if found.effort == Effort::Strict && planner.has_unknown() => {
                found.groups.len() >= FEW
            }
            Some(found) => !found.groups.is_empty(),
        };
        if enough {
            break;
        }
        if let Some(plan) = planner.plan(effort)? {
            let (groups, cities) = run(Some(plan.query))?;
            found = Some(Found { groups, effort, did_you_mean: None, wanted: plan.wanted, cities });
        }
    }
    let mut found = found.unwrap_or_else(|| Found {
        groups: Groups::default(),
        effort: Effort::Strict,
        did_you_mean: None,
        wanted: Wanted::default(),
        cities: query.facets.then(Cities::default),
    });
    if found.effort != Effort::Strict {
        found.did_you_mean = planner.did_you_mean();
    }
    Ok(found)
}

/// The results of one page, in order.
struct Page {
    best: Vec<(Group, Best)>,
    has_more: bool,
}

impl Page {
    fn of(groups: &Groups, after: Option<Cursor>, limit: usize) -> Self {
        // The smallest position is the first result.
        let position = |group: &Group, rank: Rank| (Reverse(rank), *group);
        let after = after.map(|cursor| position(&cursor.group, cursor.rank));
        let mut first: BinaryHeap<(Reverse<Rank>, Group)> = BinaryHeap::with_capacity(limit + 2);
        for (group, best) in groups {
            let at = position(group, best.rank);
            let is_wanted = after.is_none_or(|after| at > after)
                && (first.len() <= limit || first.peek().is_none_or(|last| at < *last));
            if is_wanted {
                first.push(at);
                if first.len() > limit + 1 {
                    first.pop();
                }
            }
        }
        let has_more = first.len() > limit;
        let in_order = first.into_sorted_vec().into_iter().take(limit);
        let best = in_order.filter_map(|(_, group)| Some((group, *groups.get(&group)?))).collect();
        Self { best, has_more }
    }
}

/// A result with what is stored of it.
fn hit(snapshot: &Snapshot, group: Group, best: &Best, wanted: &Wanted) -> Result<Hit, TantivyError> {
    let stored: TantivyDocument = snapshot.searcher.doc(DocAddress::new(best.segment, best.doc))?;
    let stored = snapshot.fields.read(&stored);
    let columns = &snapshot.columns[best.segment as usize];
    let mut place = stored.place;
    if let Some(place) = &mut place {
        place.point = columns.point(best.doc);
    }
    Ok(Hit {
        key: stored.key.unwrap_or(Key { class: group.class, id: group.id, at: 0 }),
        kind: best.kind,
        title: wanted.mark(&stored.title),
        people: stored.people,
        genres: stored.genres,
        place,
        next_start: best.start.and_then(|start| Timestamp::from_second(start).ok()),
        distance_km: best.distance_km.map(f64::from),
        prices: columns.prices(best.doc),
        rating: columns.rating(best.doc),
        score: best.score(),
        snippet: wanted.snippet(&stored.description),
    })
}
