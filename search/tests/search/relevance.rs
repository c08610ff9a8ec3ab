//! Whether people find what they mean: `relevance/queries.txt` over `relevance/catalog.txt`, judged by nDCG@10.
//!
//! The discounted cumulative gain of a list is the sum of (2^grade − 1) / log2(position + 1); normalised, it is divided by
//! that of the best list there could be. A query that should find nothing counts 1 if it does, else 0.

use std::collections::BTreeMap;

use marquee_search::index::{Index, Options};
use marquee_search::places;
use marquee_search::query::Query;

use crate::catalog::{Catalog, NOW};

const POSITIONS: usize = 10;
const MEAN_MIN: f64 = 0.9;
/// No query may be worse.
const WORST_MIN: f64 = 0.4;

#[test]
fn people_find_what_they_mean() {
    let catalog = Catalog::read();
    let index = Index::in_memory(Options::default()).unwrap();
    let mut writer = index.writer().unwrap();
    for document in &catalog.documents {
        writer.put(document).unwrap();
    }
    writer.commit(b"").unwrap();

    let judged: Vec<(f64, String)> = include_str!("relevance/queries.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| judge(&index, &catalog, line))
        .collect();
    assert!(judged.len() >= 60, "only {} queries", judged.len());
    let mean = judged.iter().map(|(gain, _)| gain).sum::<f64>() / judged.len() as f64;
    let worst: Vec<&str> =
        judged.iter().filter(|(gain, _)| *gain < 0.9).map(|(_, told)| told.as_str()).collect();
    let told = format!("mean {mean:.4} of {} queries; below 0.9:\n{}", judged.len(), worst.join("\n"));
    if let Ok(path) = std::env::var("RELEVANCE_REPORT") {
        std::fs::write(path, &told).unwrap();
    }
    assert!(mean >= MEAN_MIN, "{told}");
    assert!(judged.iter().all(|(gain, _)| *gain >= WORST_MIN), "{told}");
}

/// The normalised gain of one line, and how it came about.
fn judge(index: &Index, catalog: &Catalog, line: &str) -> (f64, String) {
    let (asked, expected) = line.split_once(" | ").unwrap_or_else(|| panic!("no `|` in {line:?}"));
    let (text, zip) = asked.split_once(" @ ").map_or((asked, None), |(text, zip)| (text, Some(zip)));
    let mut query = Query::new(text.trim(), NOW.parse().unwrap());
    query.zone = jiff::tz::TimeZone::get("America/Chicago").unwrap();
    query.near = zip.and_then(|zip| places::by_zip(zip.trim().parse().unwrap()).unwrap().point);
    query.limit = POSITIONS;
    let results = index.search(&query, None).unwrap();
    let found: Vec<&str> = results.hits.iter().map(|hit| catalog.name(hit.key)).collect();
    let told = |gain: f64| format!("{gain:.3} {asked:?} ({:?}) finds {}", results.effort, found.join(", "));
    if expected.trim() == "nothing" {
        let gain = if found.is_empty() { 1.0 } else { 0.0 };
        return (gain, told(gain));
    }
    let grades: BTreeMap<&str, i32> = expected
        .split(',')
        .map(|part| part.trim().rsplit_once(' ').unwrap_or_else(|| panic!("no grade in {line:?}")))
        .map(|(id, grade)| (id, grade.parse().unwrap()))
        .collect();
    for id in grades.keys() {
        assert!(catalog.has(id), "{id:?} of {line:?} is not in the catalog");
    }
    let mut best: Vec<i32> = grades.values().copied().collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let gain = gain(found.iter().map(|id| grades.get(id).copied().unwrap_or(0))) / gain(best);
    (gain, told(gain))
}

fn gain(grades: impl IntoIterator<Item = i32>) -> f64 {
    (2..)
        .zip(grades.into_iter().take(POSITIONS))
        .map(|(position, grade)| (2_f64.powi(grade) - 1.0) / f64::from(position).log2())
        .sum()
}
