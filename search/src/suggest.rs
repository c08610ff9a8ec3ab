//! What may be meant while somebody types: names, cities and genres that begin so.
//!
//! Every typed word is the beginning of a word of the name, in any order. Names are chosen by how much they are asked for
//! and how near they are; a name that begins with what was typed comes first. With too few, words of four letters and more
//! may have one typo.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tantivy::query::{BooleanQuery, EnableScoring, FuzzyTermQuery, Query as TantivyQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet as _, TERMINATED, TantivyDocument, TantivyError, Term};

use crate::analysis::{BEGINNING_CHARS, words};
use crate::columns::{Columns, Group};
use crate::document::{Class, Key, Kind};
use crate::expand::typos_max;
use crate::fold::fold;
use crate::index::{Index, Snapshot};
use crate::places::Point;
use crate::query::{Refusal, SearchError};
use crate::text;

/// The most suggestions.
pub const SUGGESTIONS_MAX: usize = 10;

/// So many names are looked at closely.
const NAMES_MAX: usize = 24;

/// The most cities, and the most genres, among the suggestions.
const TAGS_MAX: usize = 3;

/// The most tags that begin alike and are looked at.
const TAGS_SEEN_MAX: usize = 2_000;

/// With fewer names than this, words may be misspelled.
const FEW: usize = 3;

/// The most beginnings that a misspelled one may stand for.
const NEAR_BEGINNINGS_MAX: usize = 24;

/// Something that may be meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// As it is written.
    pub text: String,
    /// What it is.
    pub what: Suggested,
}

/// What a suggestion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suggested {
    /// An event, a venue, a person or an article.
    Named(Kind, Key),
    /// A city with venues.
    City,
    /// A genre, folded.
    Genre,
}

impl Index {
    /// What may be meant by the beginning `typed`: at most [`SUGGESTIONS_MAX`], no name twice.
    ///
    /// # Errors
    /// [`SearchError::Refused`] if the text is too long; [`SearchError::Index`] if the index is at fault.
    pub fn suggest(
        &self,
        typed: &str,
        near: Option<Point>,
        now: Timestamp,
    ) -> Result<Vec<Suggestion>, SearchError> {
        // Its length is checked as that of a query.
        text::parse(typed).map_err(Refusal::from)?;
        let beginnings = words(typed);
        if beginnings.is_empty() {
            return Ok(Vec::new());
        }
        let snapshot = self.snapshot();
        let suggesting = Suggesting { snapshot: &snapshot, near, now: now.as_second() };
        let exactly: Vec<Vec<String>> = beginnings.iter().map(|word| vec![beginning(word)]).collect();
        let mut found = suggesting.names(&exactly, &beginnings)?;
        if found.len() < FEW && beginnings.iter().any(|word| typos_max(word) > 0) {
            let near: Result<Vec<Vec<String>>, TantivyError> =
                beginnings.iter().map(|word| suggesting.near_beginnings(word)).collect();
            found.extend(suggesting.names(&near?, &beginnings)?);
        }
        found.extend(suggesting.tagged(&beginnings.join(" "))?);
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.text.cmp(&b.1.text)));
        let mut seen: Vec<String> = Vec::new();
        let mut suggestions = Vec::new();
        for (_, suggestion) in found {
            let folded = fold(&suggestion.text);
            if suggestions.len() < SUGGESTIONS_MAX && !folded.is_empty() && !seen.contains(&folded) {
                seen.push(folded);
                suggestions.push(suggestion);
            }
        }
        Ok(suggestions)
    }
}

/// As much of a word as the index keeps beginnings of.
fn beginning(word: &str) -> String {
    word.chars().take(*BEGINNING_CHARS.end()).collect()
}

/// What a name scores where the visitor is.
fn score(popularity: u64) -> f32 {
    1.0 + (1.0 + popularity as f32).ln()
}

/// The names with the best scores, each once.
struct BestNames {
    /// The best first.
    names: Vec<Candidate>,
    /// What is less asked for is not among them.
    popularity_min: u64,
}

impl BestNames {
    /// The score that must be exceeded.
    fn least(&self) -> f32 {
        if self.names.len() < NAMES_MAX { 0.0 } else { self.names.last().map_or(0.0, |last| last.score) }
    }

    fn put(&mut self, candidate: Candidate) {
        match self.names.iter().position(|known| known.group == candidate.group) {
            Some(known) if self.names[known].score >= candidate.score => return,
            Some(known) => {
                self.names.remove(known);
            }
            None if self.names.len() >= NAMES_MAX => {
                self.names.pop();
            }
            None => {}
        }
        let at = self.names.partition_point(|known| known.score >= candidate.score);
        self.names.insert(at, candidate);
        // The inverse of the score, a little less for what rounding lost.
        self.popularity_min = (((self.least() - 1.0).exp() - 1.0) * 0.999) as u64;
    }
}

struct Suggesting<'a> {
    snapshot: &'a Snapshot,
    near: Option<Point>,
    /// Seconds.
    now: i64,
}

/// A document that may be suggested.
#[derive(Clone, Copy)]
struct Candidate {
    score: f32,
    group: Group,
    kind: Kind,
    address: DocAddress,
}

impl Suggesting<'_> {
    /// Names that have, for each word, a word that begins with one of its beginnings.
    fn names(
        &self,
        beginnings: &[Vec<String>],
        typed: &[String],
    ) -> Result<Vec<(f32, Suggestion)>, TantivyError> {
        let field = self.snapshot.fields.beginnings;
        let of_word = |any: &Vec<String>| -> Box<dyn TantivyQuery> {
            let mut terms: Vec<Box<dyn TantivyQuery>> = any.iter().map(|text| term(field, text)).collect();
            if terms.len() == 1 { terms.swap_remove(0) } else { Box::new(BooleanQuery::union(terms)) }
        };
        let query = BooleanQuery::intersection(beginnings.iter().map(of_word).collect());
        let mut names = Vec::new();
        for candidate in self.best(&query)? {
            let stored: TantivyDocument = self.snapshot.searcher.doc(candidate.address)?;
            let stored = self.snapshot.fields.read(&stored);
            let name = words(&stored.title).join(" ");
            let score = candidate.score * fit(&name, &typed.join(" "));
            let key = Key { at: 0, class: candidate.group.class, id: candidate.group.id };
            let what = Suggested::Named(candidate.kind, key);
            names.push((score, Suggestion { text: stored.title, what }));
        }
        Ok(names)
    }

    /// The documents that are most asked for, each result once.
    fn best(&self, query: &dyn TantivyQuery) -> Result<Vec<Candidate>, TantivyError> {
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.snapshot.searcher))?;
        let mut best = BestNames { names: Vec::with_capacity(NAMES_MAX), popularity_min: 0 };
        let segments = self.snapshot.searcher.segment_readers().iter().zip(&self.snapshot.columns);
        for (nth, (segment, columns)) in (0..).zip(segments) {
            let alive = segment.alive_bitset();
            let mut scorer = weight.scorer(segment, 1.0)?;
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                if alive.is_none_or(|alive| alive.is_alive(doc)) {
                    self.consider(columns, DocAddress::new(nth, doc), &mut best);
                }
                doc = scorer.advance();
            }
        }
        Ok(best.names)
    }

    /// Keeps a document if it is among the best.
    fn consider(&self, columns: &Columns, address: DocAddress, best: &mut BestNames) {
        let doc = address.doc_id;
        let popularity = columns.popularity(doc);
        // Distance can only lower a score, so most documents cost no more than this.
        if popularity < best.popularity_min {
            return;
        }
        let score = score(popularity) * self.nearness(columns, doc);
        if score <= best.least() || self.is_over(columns, doc) {
            return;
        }
        let kind = columns.kind(doc);
        let group = columns.group(doc, kind);
        best.put(Candidate { score, group, kind, address });
    }

    fn nearness(&self, columns: &Columns, doc: DocId) -> f32 {
        match (self.near, columns.point(doc)) {
            (Some(near), Some(point)) => 0.5 + 0.5 * (-near.distance_km(point) as f32 / 100.0).exp(),
            (Some(_), None) => 0.75,
            (None, _) => 1.0,
        }
    }

    fn is_over(&self, columns: &Columns, doc: DocId) -> bool {
        columns.has_starts(doc) && columns.next_start(doc, self.now, i64::MAX).is_none()
    }

    /// The beginnings in the index that are at most one typo from `word`, and its own.
    fn near_beginnings(&self, word: &str) -> Result<Vec<String>, TantivyError> {
        let word = beginning(word);
        let mut found: BTreeMap<String, u32> = BTreeMap::new();
        if typos_max(&word) > 0 {
            let field = self.snapshot.fields.beginnings;
            let query = FuzzyTermQuery::new(Term::from_field_text(field, &word), 1, true);
            for segment in self.snapshot.searcher.segment_readers() {
                let index = segment.inverted_index(field)?;
                let mut stream = index.terms().search(query.automaton()?).into_stream()?;
                while stream.advance() {
                    if let Ok(near) = std::str::from_utf8(stream.key()) {
                        *found.entry(near.to_owned()).or_default() += stream.value().doc_freq;
                    }
                }
            }
        }
        let mut near: Vec<(String, u32)> = found.into_iter().filter(|(near, _)| *near != word).collect();
        near.sort_by_key(|(_, documents)| std::cmp::Reverse(*documents));
        near.truncate(NEAR_BEGINNINGS_MAX);
        Ok(std::iter::once(word).chain(near.into_iter().map(|(near, _)| near)).collect())
    }

    /// Cities and genres that begin with `typed`, with a score that lets them stand among well known names.
    fn tagged(&self, typed: &str) -> Result<Vec<(f32, Suggestion)>, TantivyError> {
        let mut tagged = Vec::new();
        for (prefix, what) in [("w:", Suggested::City), ("g:", Suggested::Genre)] {
            for (tag, documents) in self.busiest_tags(&format!("{prefix}{typed}"))? {
                let text = match what {
                    Suggested::City => self.city_of(&tag)?,
                    Suggested::Genre | Suggested::Named(..) => tag[prefix.len()..].to_owned(),
                };
                let score = (1.0 + (1.0 + documents as f32).ln()) * fit(&fold(&text), typed);
                tagged.push((score, Suggestion { text, what }));
            }
        }
        Ok(tagged)
    }

    /// The tags that begin so and that most documents have, with how many have them.
    fn busiest_tags(&self, beginning: &str) -> Result<Vec<(String, u64)>, TantivyError> {
        let mut found: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
        for segment in self.snapshot.searcher.segment_readers() {
            let index = segment.inverted_index(self.snapshot.fields.tags)?;
            let mut stream = index.terms().range().ge(beginning).into_stream()?;
            let mut seen = 0;
            while stream.advance() && stream.key().starts_with(beginning.as_bytes()) && seen < TAGS_SEEN_MAX {
                seen += 1;
                *found.entry(stream.key().to_owned()).or_default() += u64::from(stream.value().doc_freq);
            }
        }
        let mut found: Vec<(Vec<u8>, u64)> = found.into_iter().collect();
        found.sort_by_key(|(_, documents)| std::cmp::Reverse(*documents));
        found.truncate(TAGS_MAX);
        Ok(found.into_iter().filter_map(|(tag, count)| Some((String::from_utf8(tag).ok()?, count))).collect())
    }

    /// The city as a document with its tag writes it.
    fn city_of(&self, tag: &str) -> Result<String, TantivyError> {
        let term = Term::from_field_text(self.snapshot.fields.tags, tag);
        let mut label = String::new();
        for (segment, columns) in self.snapshot.searcher.segment_readers().iter().zip(&self.snapshot.columns)
        {
            let index = segment.inverted_index(self.snapshot.fields.tags)?;
            if let Some(postings) = index.read_postings(&term, IndexRecordOption::Basic)?
                && let Some(cities) = &columns.cities
                && postings.doc() != TERMINATED
                && let Some(city) = cities.ords().first(postings.doc())
            {
                cities.ord_to_str(city, &mut label)?;
                break;
            }
        }
        Ok(label)
    }
}

/// How well a folded name fits what was typed: whole, from its beginning, or somewhere inside.
fn fit(name: &str, typed: &str) -> f32 {
    if name == typed {
        3.0
    } else if name.starts_with(typed) {
        2.0
    } else if name.contains(typed) {
        1.2
    } else {
        1.0
    }
}

fn term(field: Field, text: &str) -> Box<dyn TantivyQuery> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}

impl Suggested {
    /// The class of what is named; none for cities and genres.
    #[must_use]
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Named(kind, _) => Some(kind.class()),
            Self::City | Self::Genre => None,
        }
    }
}
