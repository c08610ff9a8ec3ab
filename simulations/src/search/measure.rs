//! Building and asking the index.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;
use marquee_search::feed::Interests;
use marquee_search::index::{Index, Options};
use marquee_search::query::{Query, Where};

use super::catalog::{Catalog, Event};
use super::questions::{Question, RADIUS_KM};

/// So many events are changed, one after the other.
const CHANGES: usize = 200;

/// How long some things took, from the shortest to the longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    sorted: Vec<Duration>,
    /// How many results they gave, all together.
    pub results: usize,
}

impl Times {
    /// Asks all questions, a tenth of them twice: the first time only to get warm.
    ///
    /// # Errors
    /// The first error of `ask`, which returns how many results there were.
    pub fn of<Q>(questions: &[Q], mut ask: impl FnMut(&Q) -> anyhow::Result<usize>) -> anyhow::Result<Self> {
        for question in &questions[..questions.len() / 10] {
            ask(question)?;
        }
        let mut times = Self { sorted: Vec::with_capacity(questions.len()), results: 0 };
        for question in questions {
            let began = Instant::now();
            times.results += ask(question)?;
            times.sorted.push(began.elapsed());
        }
        times.sorted.sort_unstable();
        Ok(times)
    }

    /// Milliseconds that this share of them took at the most.
    #[must_use]
    pub fn ms(&self, share: f64) -> f64 {
        let at = (self.sorted.len() as f64 * share) as usize;
        self.sorted
            .get(at.min(self.sorted.len().saturating_sub(1)))
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    }

    /// How many were asked.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sorted.len()
    }
}

/// What building an index took.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// How many documents.
    pub documents: u64,
    /// How long it took, with making the catalog up.
    pub time: Duration,
    /// How long making the catalog up takes by itself.
    pub generating: Duration,
    /// The size of its files.
    pub bytes: u64,
    /// The most memory that the process had.
    pub memory_bytes: u64,
    /// How long it takes until one changed event, wherever it is shown, is found.
    pub following: Times,
    /// How long opening the index takes, which checks all files.
    pub opening: Duration,
}

/// Builds an index of all documents in `folder`, changes some, and opens it again.
///
/// # Errors
/// If the index cannot be made or written.
pub fn build(catalog: &Catalog, folder: &Path) -> anyhow::Result<(Index, Built)> {
    let began = Instant::now();
    let documents = catalog.documents().count() as u64;
    let generating = began.elapsed();
    let (index, _opened) = Index::open(folder, Options::default())?;
    let began = Instant::now();
    let mut rebuild = index.rebuild(|_documents| {})?;
    for document in catalog.documents() {
        rebuild.put(&document)?;
    }
    let mut writer = rebuild.finish(b"")?;
    let time = began.elapsed();
    let (bytes, memory_bytes) = (index.bytes()?, memory_most()?);
    let changed: Vec<Event> = catalog.events().take(CHANGES).collect();
    let following = Times::of(&changed, |event| {
        for document in event.clone().documents(catalog.venues()) {
            writer.put(&document)?;
        }
        writer.commit(b"")?;
        Ok(event.performances.len())
    })?;
    drop((writer, index));
    let began = Instant::now();
    let (index, _opened) = Index::open(folder, Options::default())?;
    let opening = began.elapsed();
    Ok((index, Built { documents, time, generating, bytes, memory_bytes, following, opening }))
}

/// A way to ask the index a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Words, a place and dates as filters.
    TextPlaceDate,
    /// The same, and counted by kind, genre, city, language and price.
    WithFacets,
    /// All in one text: "jazz near 60601", with the dates as filters.
    FreeText,
    /// Words alone, everywhere and at any time.
    TextOnly,
    /// A place and dates without words.
    PlaceDate,
    /// A misspelled word.
    Misspelled,
    /// As one types, from the third letter on.
    Suggest,
    /// The first or the second letter.
    SuggestFirst,
    /// What a visitor may like.
    Feed,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::TextPlaceDate,
        Self::WithFacets,
        Self::FreeText,
        Self::TextOnly,
        Self::PlaceDate,
        Self::Misspelled,
        Self::Suggest,
        Self::SuggestFirst,
        Self::Feed,
    ];

    /// Its name in a table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TextPlaceDate => "text + place + date",
            Self::WithFacets => "text + place + date, facets",
            Self::FreeText => "free text with a zip code, dates",
            Self::TextOnly => "text only",
            Self::PlaceDate => "place + date",
            Self::Misspelled => "misspelled word",
            Self::Suggest => "suggest",
            Self::SuggestFirst => "suggest, first letters",
            Self::Feed => "feed candidates",
        }
    }
}

/// Asks the index all questions in one way. `now` is before all performances.
///
/// # Errors
/// If the index fails, or refuses a question.
pub fn ask(index: &Index, now: Timestamp, questions: &[Question], way: Asked) -> anyhow::Result<Times> {
    Times::of(questions, |question| {
        let mut query = Query::new("", now);
        let around = Where::Point { point: question.point, radius_km: Some(RADIUS_KM) };
        match way {
            Asked::TextPlaceDate | Asked::WithFacets | Asked::PlaceDate => {
                query.filters.place = Some(around);
                query.filters.from = Some(question.from);
                query.filters.to = Some(question.to);
                query.facets = way == Asked::WithFacets;
                if way != Asked::PlaceDate {
                    query.text.clone_from(&question.words);
                }
            }
            Asked::FreeText => {
                query.text = format!("{} near {}", question.words, question.place.zip);
                query.filters.from = Some(question.from);
                query.filters.to = Some(question.to);
            }
            Asked::TextOnly => query.text.clone_from(&question.words),
            Asked::Misspelled => query.text.clone_from(&question.misspelled),
            Asked::Suggest => {
                return Ok(index.suggest(&question.beginning, Some(question.point), now)?.len());
            }
            Asked::SuggestFirst => {
                let letters = 1 + question.beginning.len() % 2;
                let first: String = question.beginning.chars().take(letters).collect();
                return Ok(index.suggest(&first, Some(question.point), now)?.len());
            }
            Asked::Feed => {
                let interests = Interests {
                    near: Some(question.point),
                    radius_km: 2.0 * RADIUS_KM,
                    from: question.from,
                    kinds: std::collections::BTreeSet::new(),
                    genres: vec![question.words.clone()],
                    people: vec![question.words.clone()],
                    venues: Vec::new(),
                    limit: 200,
                };
                return Ok(index.candidates(&interests, None)?.len());
            }
        }
        Ok(index.search(&query, None)?.hits.len())
    })
}

/// The most memory that this process ever had in use.
fn memory_most() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::catalog::Size;
    use crate::search::questions::questions;

    #[test]
    fn every_question_is_about_something_that_is_found() {
        let from: Timestamp = "2027-01-01T00:00:00Z".parse().unwrap();
        let catalog = Catalog::new(Size { seed: 3, events: 400, performances: 2_000, from });
        let folder = tempfile::tempdir().unwrap();
        let (index, built) = build(&catalog, folder.path()).unwrap();
        assert_eq!(built.documents, index.documents());
        assert!(built.bytes > 0 && built.memory_bytes > built.bytes);
        let questions = questions(&catalog, 400, 5, 60);
        for question in &questions {
            let times = ask(&index, from, std::slice::from_ref(question), Asked::TextPlaceDate).unwrap();
            assert!(times.results > 0, "{question:?} finds nothing");
        }
        for way in Asked::ALL {
            let times = ask(&index, from, &questions, way).unwrap();
            assert_eq!(times.count(), 60);
            assert!(times.results >= 30, "{} results by {}", times.results, way.name());
            assert!(times.ms(0.5) <= times.ms(0.99));
        }
    }
}
