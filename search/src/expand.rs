//! The words that the index has for a word that may be misspelled or unfinished.

use std::collections::BTreeMap;

use tantivy::query::FuzzyTermQuery;
use tantivy::{TantivyError, Term};

use crate::analysis::stem;
use crate::index::Snapshot;

/// The most words that stand for one.
const EXPANSIONS_MAX: usize = 16;

/// The most words of a segment that are looked at for one beginning.
const BEGINNING_TERMS_MAX: usize = 4_000;

/// A shorter beginning would be that of too many words.
const BEGINNING_CHARS_MIN: usize = 2;

/// A word of the index that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expansion {
    pub(crate) word: String,
    /// How many letters were wrong.
    pub(crate) typos: u8,
    /// Whether it only begins with what was typed.
    pub(crate) is_longer: bool,
    /// How many documents have it.
    pub(crate) documents: u64,
}

/// How many typos a word may have: none below four letters, since every short word is near another one.
pub(crate) fn typos_max(word: &str) -> u8 {
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        8.. => 2,
    }
}

/// In how many documents a folded word is, in a name or in running text.
pub(crate) fn documents_with(snapshot: &Snapshot, word: &str) -> Result<u64, TantivyError> {
    let fields = &snapshot.fields;
    let plain = snapshot.searcher.doc_freq(&Term::from_field_text(fields.words, word))?;
    let prose = snapshot.searcher.doc_freq(&Term::from_field_text(fields.description, &stem(word)))?;
    Ok(plain.max(prose))
}

/// The words of names that are at most some typos from `word`, or begin with it; the likeliest first.
pub(crate) fn expand(
    snapshot: &Snapshot,
    word: &str,
    is_unfinished: bool,
) -> Result<Vec<Expansion>, TantivyError> {
    let mut found: BTreeMap<String, Expansion> = BTreeMap::new();
    if is_unfinished && word.chars().count() >= BEGINNING_CHARS_MIN {
        for (longer, documents) in longer_words(snapshot, word)? {
            let expansion = Expansion { word: longer.clone(), typos: 0, is_longer: true, documents };
            found.insert(longer, expansion);
        }
    }
    for typos in 1..=typos_max(word) {
        for (near, documents) in near_words(snapshot, word, typos)? {
            let expansion = Expansion { word: near.clone(), typos, is_longer: false, documents };
            found.entry(near).or_insert(expansion);
        }
    }
    let mut all: Vec<Expansion> = found.into_values().collect();
    // Typing errors are rare in a word's first letter.
    let begins_alike = |expansion: &Expansion| expansion.word.chars().next() == word.chars().next();
    all.sort_by_key(|e| (e.typos, !begins_alike(e), std::cmp::Reverse(e.documents)));
    all.truncate(EXPANSIONS_MAX);
    Ok(all)
}

/// The words that begin with `beginning`, with how many documents have each; the most frequent ones.
fn longer_words(snapshot: &Snapshot, beginning: &str) -> Result<Vec<(String, u64)>, TantivyError> {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for segment in snapshot.searcher.segment_readers() {
        let index = segment.inverted_index(snapshot.fields.words)?;
        let mut stream = index.terms().range().ge(beginning).into_stream()?;
        let mut looked_at = 0;
        while stream.advance()
            && stream.key().starts_with(beginning.as_bytes())
            && looked_at < BEGINNING_TERMS_MAX
        {
            looked_at += 1;
            if let Ok(word) = std::str::from_utf8(stream.key()) {
                *found.entry(word.to_owned()).or_default() += u64::from(stream.value().doc_freq);
            }
        }
    }
    let mut found: Vec<(String, u64)> = found.into_iter().collect();
    found.sort_by_key(|(_, documents)| std::cmp::Reverse(*documents));
    found.truncate(EXPANSIONS_MAX);
    Ok(found)
}

/// The words within some typos of `word`; a swap of neighbours is one typo.
fn near_words(snapshot: &Snapshot, word: &str, typos: u8) -> Result<BTreeMap<String, u64>, TantivyError> {
    let field = snapshot.fields.words;
    let query = FuzzyTermQuery::new(Term::from_field_text(field, word), typos, true);
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for segment in snapshot.searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut stream = index.terms().search(query.automaton()?).into_stream()?;
        while stream.advance() {
            if let Ok(near) = std::str::from_utf8(stream.key()) {
                *found.entry(near.to_owned()).or_default() += u64::from(stream.value().doc_freq);
            }
        }
    }
    Ok(found)
}
