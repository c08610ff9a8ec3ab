//! Any text at all is a query: it is answered, or refused for its length, and nothing else happens.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use marquee_search::document::{Document, Key, Kind, Place, Rating};
use marquee_search::fold::fold;
use marquee_search::index::{Index, Options};
use marquee_search::places::Point;
use marquee_search::query::{Query, Refusal, SearchError, Sort};
use marquee_search::text::{TEXT_CHARS_MAX, TEXT_WORDS_MAX};
use proptest::prelude::*;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let index = Index::in_memory(Options::default()).unwrap();
    let mut writer = index.writer().unwrap();
    for (id, title) in
        (1..).zip(["Jazz at Noon", "Midnight in Paris", "AC/DC", "It", "東京 Nights", "Ünïcödé"])
    {
        let mut document = Document::new(Key::engagement(id, id), Kind::Concert, title);
        document.place = Some(Place {
            venue: "Hall".to_owned(),
            city: "Chicago".to_owned(),
            region: "IL".to_owned(),
            country: "US".to_owned(),
            zip: "60601".to_owned(),
            point: Point::new(41.88, -87.62),
        });
        document.starts = vec![Timestamp::from_second(1_800_000_000).unwrap()];
        writer.put(&document).unwrap();
    }
    writer.commit(b"").unwrap();
    index
});

/// Pieces that mean something, so that chance finds the ways through.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "jazz", "near", "in", "on", "60601", "00000", "paris", "chicago,", "il", "me", "this", "next", "weekend", "friday",
            "night", "tonight", "dec", "24th", "of", "2026-12-24", "2026-02-30", "12/24", "under", "$50", "€", "free", "\"", "“",
            "AC/DC", "movie", "the", "it", "1", "0", "-", "<5", "up", "to", "9999999999999999999",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_is_answered_or_too_long(
        text in text(),
        now_s in -60_000_000_000_i64..250_000_000_000,
        zone in prop::sample::select(vec!["UTC", "America/Chicago", "Pacific/Kiritimati", "Asia/Kathmandu"]),
        near in proptest::option::of((-90.0..=90.0_f64, -180.0..=180.0_f64)),
        facets: bool,
        by_date: bool,
    ) {
        let mut query = Query::new(text.clone(), Timestamp::from_second(now_s).unwrap());
        query.zone = TimeZone::get(zone).unwrap();
        query.near = near.and_then(|(lat, lon)| Point::new(lat, lon));
        query.facets = facets;
        query.sort = if by_date { Sort::Date } else { Sort::Relevance };
        query.limit = 2;
        match INDEX.search(&query, None) {
            Ok(results) => {
                prop_assert!(results.hits.len() <= 2);
                for hit in &results.hits {
                    for mark in &hit.title.marks {
                        prop_assert!(hit.title.text.get(mark.clone()).is_some());
                    }
                }
                if let Some(next) = results.next {
                    query.cursor = Some(next);
                    prop_assert!(INDEX.search(&query, None).is_ok());
                }
            }
            Err(SearchError::Refused(Refusal::Text(_))) => {
                let words = fold(&text).split(' ').count();
                prop_assert!(text.chars().count() > TEXT_CHARS_MAX || words > TEXT_WORDS_MAX);
            }
            Err(error) => prop_assert!(false, "{error:?}"),
        }
        let _suggestions = INDEX.suggest(&text, query.near, query.now);
    }
}

proptest! {
    // Each makes an index of its own.
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn any_document_can_be_put_and_found(
        title in any::<String>(),
        texts in prop::collection::vec(any::<String>(), 0..4),
        language in any::<String>(),
        second in prop::collection::vec(-60_000_000_000_i64..250_000_000_000, 0..5),
        id: u128,
        at: u128,
        popularity: u64,
        rating in any::<f64>(),
        count: u64,
    ) {
        let mut document = Document::new(Key::engagement(id, at), Kind::Other, title);
        document.people = texts.clone();
        document.genres = texts.clone();
        document.description = texts.concat();
        document.language = language;
        document.starts = second.iter().map(|second| Timestamp::from_second(*second).unwrap()).collect();
        document.popularity = popularity;
        document.rating = Rating { mean: rating, count };
        document.place = texts.first().map(|text| Place {
            venue: text.clone(),
            city: text.clone(),
            region: text.clone(),
            country: text.clone(),
            zip: text.clone(),
            point: None,
        });
        let index = Index::in_memory(Options { writer_heap_bytes: 15 << 20 }).unwrap();
        let mut writer = index.writer().unwrap();
        writer.put(&document).unwrap();
        writer.commit(b"").unwrap();
        let mut query = Query::new("", Timestamp::MIN);
        query.facets = true;
        let results = index.search(&query, None).unwrap();
        prop_assert_eq!(results.hits.len(), 1);
        prop_assert_eq!(results.hits[0].key, document.key);
        prop_assert!(results.hits[0].score.is_finite());
    }
}
