//! Counting results by what they are.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasherDefault;

use tantivy::columnar::StrColumn;
use tantivy::{DocId, TantivyError};

use crate::collect::{Groups, IdHasher};
use crate::columns::Group;
use crate::document::Prices;
use crate::index::Snapshot;
use crate::query::{Facets, PriceBand};
use crate::schema::language_of_number;

/// Which cities each result was seen in, while documents are gone through.
#[derive(Default)]
pub(crate) struct Cities {
    /// By segment and the city's number there.
    seen: HashMap<(usize, u64), HashSet<Group, BuildHasherDefault<IdHasher>>>,
}

impl Cities {
    pub(crate) fn see(&mut self, snapshot: &Snapshot, segment: usize, doc: DocId, group: Group) {
        let Some(cities) = snapshot.columns.get(segment).and_then(|columns| columns.cities.as_ref()) else {
            return;
        };
        if let Some(city) = cities.ords().first(doc) {
            self.seen.entry((segment, city)).or_default().insert(group);
        }
    }
}

/// Counts `groups` by their best documents, and by the cities where they were seen.
pub(crate) fn count(snapshot: &Snapshot, groups: &Groups, cities: Cities) -> Result<Facets, TantivyError> {
    let mut facets = Facets { cities: count_cities(snapshot, cities)?, ..Facets::default() };
    let mut languages: BTreeMap<u64, usize> = BTreeMap::new();
    let mut genres: BTreeMap<(u32, u64), usize> = BTreeMap::new();
    for best in groups.values() {
        let Some(columns) = snapshot.columns.get(best.segment as usize) else { continue };
        *facets.kinds.entry(best.kind).or_default() += 1;
        if let Some(language) = columns.language(best.doc) {
            *languages.entry(language).or_default() += 1;
        }
        if let Some(prices) = columns.prices(best.doc) {
            *facets.prices.entry((prices.currency, band(prices))).or_default() += 1;
        }
        for genre in columns.genres.iter().flat_map(|column| column.ords().values_for_doc(best.doc)) {
            *genres.entry((best.segment, genre)).or_default() += 1;
        }
    }
    for (number, count) in languages {
        facets.languages.insert(language_of_number(number), count);
    }
    for ((segment, number), count) in genres {
        let column = snapshot.columns.get(segment as usize).and_then(|columns| columns.genres.as_ref());
        if let Some(genre) = text_of(column, number)? {
            *facets.genres.entry(genre).or_default() += count;
        }
    }
    Ok(facets)
}

fn count_cities(snapshot: &Snapshot, cities: Cities) -> Result<BTreeMap<String, usize>, TantivyError> {
    let mut by_name: BTreeMap<String, HashSet<Group, BuildHasherDefault<IdHasher>>> = BTreeMap::new();
    for ((segment, number), groups) in cities.seen {
        let column = snapshot.columns.get(segment).and_then(|columns| columns.cities.as_ref());
        if let Some(city) = text_of(column, number)? {
            by_name.entry(city).or_default().extend(groups);
        }
    }
    Ok(by_name.into_iter().map(|(city, groups)| (city, groups.len())).collect())
}

fn text_of(column: Option<&StrColumn>, number: u64) -> Result<Option<String>, TantivyError> {
    let Some(column) = column else { return Ok(None) };
    let mut text = String::new();
    Ok(column.ord_to_str(number, &mut text)?.then_some(text))
}

fn band(prices: Prices) -> PriceBand {
    let major = prices.min_minor / 10_u64.pow(prices.currency.minor_digits());
    match major {
        0 if prices.min_minor == 0 => PriceBand::Free,
        0..25 => PriceBand::Under25,
        25..50 => PriceBand::Under50,
        50..100 => PriceBand::Under100,
        100.. => PriceBand::From100,
    }
}
