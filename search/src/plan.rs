//! From words to what tantivy is asked.
//!
//! Each word is looked for in every field at once, and the field where it weighs most counts. What is typed weighs more
//! than synonyms, and they more than corrections. Filters by tags stand beside, without a weight.

use std::collections::BTreeMap;

use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Occur, PhraseQuery,
    Query as TantivyQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{TantivyError, Term};

use crate::analysis::{is_optional, is_stop_word, stem};
use crate::document::Kind;
use crate::expand::{Expansion, documents_with, expand};
use crate::index::Snapshot;
use crate::query::Effort;
use crate::schema::{Fields, tag};
use crate::snippet::Wanted;
use crate::synonyms;
use crate::text::Chunk;

/// What a word weighs by where it is.
const TITLE_WEIGHT: f32 = 4.0;
const PEOPLE_WEIGHT: f32 = 3.2;
const VENUE_WEIGHT: f32 = 2.2;
const CITY_WEIGHT: f32 = 1.6;
const GENRES_WEIGHT: f32 = 1.8;
const DESCRIPTION_WEIGHT: f32 = 0.8;
/// For the word as it was typed, beside its stem.
const EXACT_WEIGHT: f32 = 1.0;

/// What fields with less than the best add.
const TIE_BREAKER: f32 = 0.15;

/// For the whole query as a name.
const NAME_WEIGHT: f32 = 4.0;
/// For the whole query as a phrase, beside its words.
const PHRASE_WEIGHT: f32 = 0.6;
/// Of what is not typed.
const SYNONYM_WEIGHT: f32 = 0.5;
const LONGER_WEIGHT: f32 = 0.6;
const TYPO_WEIGHT: f32 = 0.4;
/// What a word that stands for another one scores in a title, however rare it is: else the rarest would win.
const EXPANSION_SCORE: f32 = 5.0 * TITLE_WEIGHT;
/// Of words that may be missing.
const OPTIONAL_WEIGHT: f32 = 0.3;
/// For being of the kind that was named.
const KIND_SCORE: f32 = 10.0;

type Clause = (Occur, Box<dyn TantivyQuery>);

/// The words that are looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    /// Each must be there, one way or another.
    pub(crate) required: Vec<Unit>,
    /// Better if they are there.
    optional: Vec<String>,
    /// Better if it is one of them.
    pub(crate) kinds: Vec<Kind>,
    /// Everything that was typed, in order.
    pub(crate) all: Vec<String>,
    /// Whether the last required unit may be unfinished.
    is_last_open: bool,
}

/// What must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unit {
    Word(String),
    /// Parted by punctuation only: `ac dc` or `acdc`.
    Compound(Vec<String>),
    /// As quoted.
    Phrase(Vec<String>),
}

impl Words {
    /// The words of chunks, some of which name kinds.
    pub(crate) fn new(chunks: &[(Chunk, Option<Kind>)]) -> Self {
        let mut words = Self::default();
        let mut phrase: Option<usize> = None;
        for (chunk, kind) in chunks {
            words.all.extend(chunk.words.iter().cloned());
            words.kinds.extend(kind);
            match (chunk.phrase, words.required.last_mut()) {
                (Some(number), Some(Unit::Phrase(quoted))) if phrase == Some(number) => {
                    quoted.extend(chunk.words.iter().cloned());
                }
                (Some(_), _) => words.required.push(Unit::Phrase(chunk.words.clone())),
                (None, _) => match &chunk.words[..] {
                    [word] if kind.is_some() || is_optional(word) => words.optional.push(word.clone()),
                    [word] => words.required.push(Unit::Word(word.clone())),
                    [..] => words.required.push(Unit::Compound(chunk.words.clone())),
                },
            }
            phrase = chunk.phrase;
        }
        words.is_last_open = matches!(
            (chunks.last(), words.required.last()),
            (Some((chunk, None)), Some(Unit::Word(word))) if chunk.words.last() == Some(word)
        );
        if words.required.is_empty() && words.kinds.is_empty() {
            // "The Who" has nothing else.
            words.required.extend(words.optional.drain(..).map(Unit::Word));
        }
        words
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// What the words become for one effort.
pub(crate) struct Plan {
    pub(crate) query: Box<dyn TantivyQuery>,
    /// For marking what was found.
    pub(crate) wanted: Wanted,
}

/// Plans queries over one snapshot.
pub(crate) struct Planner<'a> {
    snapshot: &'a Snapshot,
    fields: Fields,
    words: &'a Words,
    /// Of each required word, whether the index has it.
    known: BTreeMap<String, bool>,
    /// Of words that were asked for, what they may mean.
    expansions: BTreeMap<String, Vec<Expansion>>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, words: &'a Words) -> Result<Self, TantivyError> {
        let mut known = BTreeMap::new();
        for unit in &words.required {
            if let Unit::Word(word) = unit {
                known.insert(word.clone(), documents_with(snapshot, word)? > 0);
            }
        }
        Ok(Self { snapshot, fields: snapshot.fields, words, known, expansions: BTreeMap::new() })
    }

    /// Whether a required word is nowhere in the index.
    pub(crate) fn has_unknown(&self) -> bool {
        self.known.values().any(|known| !known)
    }

    /// The query with that effort; none if it finds no more than with less.
    pub(crate) fn plan(&mut self, effort: Effort) -> Result<Option<Plan>, TantivyError> {
        let mut wanted = Wanted::default();
        self.words.all.iter().filter(|word| !is_stop_word(word)).for_each(|word| wanted.add(word));
        if self.words.all.iter().all(|word| is_stop_word(word)) {
            self.words.all.iter().for_each(|word| wanted.add(word));
        }
        let mut units = Vec::new();
        let last = self.words.required.len().saturating_sub(1);
        for (nth, unit) in self.words.required.iter().enumerate() {
            let is_open = self.words.is_last_open && nth == last;
            if let Some(query) = self.unit(unit, effort, is_open, &mut wanted)? {
                units.push(query);
            }
        }
        let required = self.words.required.len();
        let can_grow = match effort {
            Effort::Strict => true,
            Effort::Tolerant => self.has_unknown() || self.words.is_last_open,
            Effort::Fuzzy => required > 0,
            Effort::Partial => required > 1,
        };
        if !can_grow {
            return Ok(None);
        }
        let mut clauses: Vec<Clause> = Vec::new();
        match effort {
            Effort::Strict | Effort::Tolerant | Effort::Fuzzy => {
                clauses.extend(units.into_iter().map(|unit| (Occur::Must, unit)));
            }
            Effort::Partial => {
                let least = (2 * required).div_ceil(3).min(required - 1);
                if units.len() < least {
                    return Ok(None);
                }
                let shoulds = units.into_iter().map(|unit| (Occur::Should, unit)).collect();
                let most = BooleanQuery::with_minimum_required_clauses(shoulds, least);
                clauses.push((Occur::Must, Box::new(most)));
            }
        }
        if required == 0 {
            clauses.push((Occur::Must, self.optional_alone()));
        }
        clauses.extend(self.shoulds());
        Ok(Some(Plan { query: Box::new(BooleanQuery::new(clauses)), wanted }))
    }

    /// The text with corrections in place of words that nothing has; none if there are none.
    pub(crate) fn did_you_mean(&self) -> Option<String> {
        let mut corrections: BTreeMap<&str, &str> = BTreeMap::new();
        for (word, known) in &self.known {
            let best = self.expansions.get(word).and_then(|expansions| expansions.first());
            if let Some(best) = best.filter(|best| !known && best.typos > 0) {
                corrections.insert(word, &best.word);
            }
        }
        if corrections.is_empty() {
            return None;
        }
        let corrected =
            |word: &'_ String| (*corrections.get(word.as_str()).unwrap_or(&word.as_str())).to_owned();
        Some(self.words.all.iter().map(corrected).collect::<Vec<_>>().join(" "))
    }

    /// What one unit is looked for by; none if it can be left out, as nothing is like it.
    fn unit(
        &mut self,
        unit: &Unit,
        effort: Effort,
        is_open: bool,
        wanted: &mut Wanted,
    ) -> Result<Option<Box<dyn TantivyQuery>>, TantivyError> {
        let word = match unit {
            Unit::Word(word) => word,
            Unit::Compound(words) => {
                let all = words.iter().map(|word| self.word(word)).collect();
                let joined = self.term(self.fields.words, &words.concat(), TITLE_WEIGHT);
                let mut queries: Vec<Box<dyn TantivyQuery>> =
                    vec![Box::new(BooleanQuery::intersection(all)), joined];
                queries.extend(self.synonyms(&words.join(" ")));
                return Ok(Some(any(queries)));
            }
            Unit::Phrase(words) => return Ok(Some(self.quoted(words))),
        };
        let is_known = self.known.get(word).copied().unwrap_or(true);
        let is_stretched = match effort {
            Effort::Strict => false,
            Effort::Tolerant => !is_known || is_open,
            Effort::Fuzzy | Effort::Partial => true,
        };
        let mut queries = vec![self.word(word)];
        if is_stretched {
            if !self.expansions.contains_key(word) {
                self.expansions.insert(word.clone(), expand(self.snapshot, word, is_open)?);
            }
            for expansion in self.expansions.get(word).into_iter().flatten() {
                // A word that the index has is only continued, as long as that finds something. One of a few words that
                // must be there is not.
                let is_left_out = match effort {
                    Effort::Tolerant => is_known && !expansion.is_longer,
                    Effort::Partial => expansion.is_longer,
                    Effort::Strict | Effort::Fuzzy => false,
                };
                if is_left_out {
                    continue;
                }
                let weight = if expansion.is_longer {
                    LONGER_WEIGHT
                } else {
                    TYPO_WEIGHT / f32::from(expansion.typos.max(1))
                };
                let term = self.term(self.fields.words, &expansion.word, 1.0);
                queries.push(Box::new(ConstScoreQuery::new(term, EXPANSION_SCORE * weight)));
                wanted.add(&expansion.word);
            }
        }
        if effort == Effort::Partial && !is_known && queries.len() == 1 {
            return Ok(None);
        }
        Ok(Some(any(queries)))
    }

    /// One word and its synonyms in all fields.
    fn word(&self, word: &str) -> Box<dyn TantivyQuery> {
        let mut queries = self.in_all_fields(word, 1.0);
        queries.push(self.term(self.fields.words, word, EXACT_WEIGHT));
        queries.extend(self.synonyms(word));
        any(queries)
    }

    fn synonyms(&self, word: &str) -> Vec<Box<dyn TantivyQuery>> {
        let mut queries = Vec::new();
        for synonym in synonyms::of(word) {
            let parts: Vec<String> = synonym.split(' ').map(str::to_owned).collect();
            match &parts[..] {
                [one] => queries.extend(self.in_all_fields(one, SYNONYM_WEIGHT)),
                [..] => queries.extend(self.phrases(&parts, SYNONYM_WEIGHT)),
            }
        }
        queries
    }

    fn in_all_fields(&self, word: &str, weight: f32) -> Vec<Box<dyn TantivyQuery>> {
        let stem = stem(word);
        self.weights()
            .into_iter()
            .map(|(field, by_field)| self.term(field, &stem, by_field * weight))
            .collect()
    }

    /// A phrase as it was quoted, in any field.
    fn quoted(&self, words: &[String]) -> Box<dyn TantivyQuery> {
        match words {
            [word] => any(vec![
                self.term(self.fields.words, word, TITLE_WEIGHT),
                self.term(self.fields.description, &stem(word), DESCRIPTION_WEIGHT),
            ]),
            [..] => any(self.phrases(words, 1.0)),
        }
    }

    /// Words that follow each other, in each field.
    fn phrases(&self, words: &[String], weight: f32) -> Vec<Box<dyn TantivyQuery>> {
        let mut queries: Vec<Box<dyn TantivyQuery>> = Vec::new();
        for (field, by_field) in self.weights() {
            let is_prose = field == self.fields.description;
            let terms: Vec<(usize, Term)> = (0..)
                .zip(words)
                .filter(|(_, word)| !is_prose || !is_stop_word(word))
                .map(|(at, word)| (at, Term::from_field_text(field, &stem(word))))
                .collect();
            match &terms[..] {
                // What is only stop words is not in running text.
                [] => {}
                [(_, term)] => queries.push(boosted(
                    Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs)),
                    by_field * weight,
                )),
                [..] => queries.push(boosted(
                    Box::new(PhraseQuery::new_with_offset_and_slop(terms, 0)),
                    by_field * weight,
                )),
            }
        }
        queries
    }

    /// What makes a result better without being required.
    fn shoulds(&self) -> Vec<Clause> {
        let mut clauses: Vec<Clause> = Vec::new();
        let name = self.words.all.join(" ");
        clauses.push((Occur::Should, self.term(self.fields.name, &name, NAME_WEIGHT)));
        if self.words.all.len() > 1 {
            clauses.push((Occur::Should, any(self.phrases(&self.words.all, PHRASE_WEIGHT))));
        }
        for word in &self.words.optional {
            clauses.push((Occur::Should, any(self.in_all_fields(word, OPTIONAL_WEIGHT))));
        }
        for kind in &self.words.kinds {
            clauses.push((Occur::Should, self.of_kind(*kind)));
        }
        clauses
    }

    /// For a text that has only kinds, and words that may be missing: those kinds, or what has all the words.
    fn optional_alone(&self) -> Box<dyn TantivyQuery> {
        let mut queries: Vec<Box<dyn TantivyQuery>> =
            self.words.kinds.iter().map(|kind| self.of_kind(*kind)).collect();
        let words = self.words.optional.iter().map(|word| self.word(word)).collect();
        queries.push(Box::new(BooleanQuery::intersection(words)));
        any(queries)
    }

    fn of_kind(&self, kind: Kind) -> Box<dyn TantivyQuery> {
        Box::new(ConstScoreQuery::new(self.term(self.fields.tags, &tag::kind(kind), 1.0), KIND_SCORE))
    }

    fn weights(&self) -> [(Field, f32); 6] {
        [
            (self.fields.title, TITLE_WEIGHT),
            (self.fields.people, PEOPLE_WEIGHT),
            (self.fields.venue, VENUE_WEIGHT),
            (self.fields.city, CITY_WEIGHT),
            (self.fields.genres, GENRES_WEIGHT),
            (self.fields.description, DESCRIPTION_WEIGHT),
        ]
    }

    fn term(&self, field: Field, text: &str, weight: f32) -> Box<dyn TantivyQuery> {
        let term = Term::from_field_text(field, text);
        boosted(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)), weight)
    }
}

/// Documents that have one of these tags, without a weight.
pub(crate) fn any_tag(fields: &Fields, tags: impl IntoIterator<Item = String>) -> Box<dyn TantivyQuery> {
    let terms = tags.into_iter().map(|tag| Term::from_field_text(fields.tags, &tag));
    let queries: Vec<Box<dyn TantivyQuery>> = terms
        .map(|term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn TantivyQuery>)
        .collect();
    if queries.is_empty() {
        return Box::new(EmptyQuery);
    }
    Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::union(queries)), 0.0))
}

/// What `text` finds, if there is one, among what has all of `tags`.
pub(crate) fn filtered(
    text: Option<Box<dyn TantivyQuery>>,
    tags: Vec<Box<dyn TantivyQuery>>,
) -> Box<dyn TantivyQuery> {
    let mut clauses: Vec<Box<dyn TantivyQuery>> = tags;
    clauses.extend(text);
    match clauses.len() {
        0 => Box::new(AllQuery),
        _ => Box::new(BooleanQuery::intersection(clauses)),
    }
}

/// The best of some ways to find a word.
fn any(mut queries: Vec<Box<dyn TantivyQuery>>) -> Box<dyn TantivyQuery> {
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.swap_remove(0),
        _ => Box::new(DisjunctionMaxQuery::with_tie_breaker(queries, TIE_BREAKER)),
    }
}

fn boosted(query: Box<dyn TantivyQuery>, weight: f32) -> Box<dyn TantivyQuery> {
    Box::new(BoostQuery::new(query, weight))
}
