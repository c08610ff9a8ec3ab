//! Filters, sorting, pages, facets, availability, and what cannot be asked, over the fixed catalog.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::{Timestamp, ToSpan};
use marquee_search::document::{Accessibility, Class, Currency, Document, Key, Kind};
use marquee_search::feed::Interests;
use marquee_search::index::{Index, Options};
use marquee_search::places::{self, Point};
use marquee_search::query::{Money, PriceBand, Query, Refusal, Results, SearchError, Sort, Where};
use marquee_search::suggest::Suggested;

use crate::catalog::{Catalog, NOW};

static CATALOG: LazyLock<(Catalog, Index)> = LazyLock::new(|| {
    let catalog = Catalog::read();
    let index = Index::in_memory(Options::default()).unwrap();
    let mut writer = index.writer().unwrap();
    for document in &catalog.documents {
        writer.put(document).unwrap();
    }
    writer.commit(b"").unwrap();
    (catalog, index)
});

fn query(text: &str) -> Query {
    let mut query = Query::new(text, NOW.parse().unwrap());
    query.zone = jiff::tz::TimeZone::get("America/Chicago").unwrap();
    query.limit = 100;
    query
}

fn ask(query: &Query) -> Results {
    CATALOG.1.search(query, None).unwrap()
}

fn names(results: &Results) -> Vec<&'static str> {
    results.hits.iter().map(|hit| CATALOG.0.name(hit.key)).collect()
}

fn set(names: &[&'static str]) -> BTreeSet<&'static str> {
    names.iter().copied().collect()
}

fn point_of(zip: &str) -> Point {
    places::by_zip(zip.parse().unwrap()).unwrap().point.unwrap()
}

fn refusal(query: &Query) -> Refusal {
    match CATALOG.1.search(query, None) {
        Err(SearchError::Refused(refusal)) => refusal,
        other => panic!("{other:?} is no refusal"),
    }
}

#[test]
fn filters_hold_for_every_result() {
    let mut by_kind = query("");
    by_kind.filters.kinds = BTreeSet::from([Kind::Opera]);
    assert_eq!(set(&names(&ask(&by_kind))), set(&["magic-flute", "carmen", "boheme", "traviata"]));

    let mut by_genre = query("");
    by_genre.filters.genres = vec!["BLUEGRASS".to_owned()];
    assert_eq!(set(&names(&ask(&by_genre))), set(&["opry", "bluegrass-ryman"]));

    let mut by_language = query("");
    by_language.filters.language = Some("fr-CA".to_owned());
    assert_eq!(set(&names(&ask(&by_language))), set(&["bourgeois", "carmen", "paris-jazz", "amelie"]));

    let mut by_price = query("movie");
    by_price.filters.price_max = Some(Money { currency: Currency::USD, minor: 900 });
    assert_eq!(set(&names(&ask(&by_price))), set(&["up", "elf", "totoro", "planet-earth", "jazz-loft"]));

    let mut in_city = query("");
    in_city.filters.place = Some(Where::City("Nashville".to_owned()));
    assert_eq!(
        set(&names(&ask(&in_city))),
        set(&["v:ryman", "v:grand-ole", "willie", "opry", "bluegrass-ryman", "dolly"])
    );
    in_city.filters.place = Some(Where::City("montreal".to_owned()));
    assert!(names(&ask(&in_city)).contains(&"canadiens"));
    in_city.filters.place = Some(Where::City("Portland, OR".to_owned()));
    assert_eq!(names(&ask(&in_city)), ["v:crystal-or"]);
    in_city.filters.place = Some(Where::City("Atlantis".to_owned()));
    assert_eq!(ask(&in_city).total, 0);

    let mut around = query("");
    around.filters.kinds = BTreeSet::from([Kind::Concert]);
    around.filters.place = Some(Where::Zip { zip: "60035".parse().unwrap(), radius_km: Some(5.0) });
    assert_eq!(set(&names(&ask(&around))), set(&["guess-who", "blues-chi"]));
    around.filters.place = Some(Where::Point { point: point_of("60035"), radius_km: Some(20_000.0) });
    assert!(ask(&around).total > 40);
}

#[test]
fn dates_are_those_of_the_place_that_fits() {
    let day = |day: i64| "2026-12-01T06:00:00Z".parse::<Timestamp>().unwrap() + ((day - 1) * 24).hours();
    let mut by_dates = query("hamilton");
    by_dates.filters.from = Some(day(5));
    by_dates.filters.to = Some(day(6));
    by_dates.near = Some(point_of("94103"));
    let hit = &ask(&by_dates).hits[0];
    assert_eq!(hit.place.as_ref().unwrap().venue, "Orpheum Theatre");
    assert_eq!(hit.next_start.unwrap().to_string(), "2026-12-06T01:00:00Z");
    assert!(hit.distance_km.unwrap() < 5.0);
    // In San Francisco it is over by then.
    by_dates.filters.from = Some(day(20));
    by_dates.filters.to = Some(day(21));
    assert_eq!(ask(&by_dates).hits[0].place.as_ref().unwrap().venue, "Richard Rodgers Theatre");
    by_dates.filters.from = Some(day(200));
    by_dates.filters.to = None;
    assert_eq!(ask(&by_dates).total, 0);
    // What was is only found if it is asked for.
    assert!(!names(&ask(&query("radiohead"))).contains(&"past"));
    let mut earlier = query("radiohead");
    earlier.filters.from = Some(day(-30));
    assert_eq!(names(&ask(&earlier)), ["past"]);
    // What has no date yet is found until a date is asked for.
    assert!(names(&ask(&query("adele"))).contains(&"coming-soon"));
    assert!(!names(&ask(&query("adele in december"))).contains(&"coming-soon"));
}

#[test]
fn what_is_filtered_wins_over_what_is_typed() {
    let mut typed = query("jazz in new orleans");
    typed.filters.place = Some(Where::City("Toronto".to_owned()));
    let results = ask(&typed);
    assert_eq!(names(&results), ["gregory-porter"]);
    assert_eq!((results.understood.text.as_str(), &results.understood.place), ("jazz", &None));

    let results = ask(&query("jazz near 60601 this weekend under $40"));
    let understood = results.understood;
    assert_eq!(understood.text, "jazz");
    assert_eq!(understood.place.unwrap().label, "60601 Chicago, IL");
    assert_eq!(understood.dates.unwrap().0.to_string(), "2026-12-04T23:00:00Z");
    assert_eq!(understood.price_max, Some(Money { currency: Currency::USD, minor: 4_000 }));

    let unknown = ask(&query("jazz 60600"));
    assert!(unknown.understood.unknown_zip.unwrap().near.contains(&"60601".parse().unwrap()));

    let mut literal = query("jazz tonight");
    literal.understand = false;
    assert_eq!(ask(&literal).understood.dates, None);
}

#[test]
fn results_are_sorted_as_asked() {
    let sorted = |sort, text: &str| {
        let mut query = query(text);
        query.sort = sort;
        query.near = Some(point_of("60601"));
        ask(&query).hits
    };
    let by_date = sorted(Sort::Date, "jazz");
    assert!(by_date[0].next_start.is_some());
    // What has no date is last.
    assert!(by_date.is_sorted_by_key(|hit| hit.next_start.unwrap_or(Timestamp::MAX)));
    let by_distance = sorted(Sort::Distance, "jazz");
    assert!(by_distance.is_sorted_by(|a, b| a.distance_km.unwrap_or(1e9) <= b.distance_km.unwrap_or(1e9)));
    let by_price = sorted(Sort::Price, "jazz");
    let price = |hit: &marquee_search::query::Hit| hit.prices.map_or(u64::MAX, |prices| prices.min_minor);
    assert!(by_price.is_sorted_by_key(price) && price(&by_price[0]) <= 1_500);
    let by_rating = sorted(Sort::Rating, "jazz");
    assert!(by_rating.is_sorted_by(|a, b| a.rating >= b.rating));
    assert!(sorted(Sort::Relevance, "jazz").is_sorted_by(|a, b| a.score >= b.score));
}

#[test]
fn pages_follow_each_other_without_a_gap() {
    for sort in [Sort::Relevance, Sort::Date, Sort::Price, Sort::Rating] {
        let mut query = query("");
        query.sort = sort;
        query.limit = 7;
        let total = ask(&query).total;
        let mut all = Vec::new();
        loop {
            let page = ask(&query);
            all.extend(names(&page));
            // The clock goes on between pages.
            query.now += 90.seconds();
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(all.len(), total, "by {sort:?}");
        assert_eq!(set(&all).len(), total, "by {sort:?}");
    }
}

#[test]
fn facets_count_results() {
    let mut counted = query("jazz");
    counted.facets = true;
    let results = ask(&counted);
    let facets = results.facets.unwrap();
    assert_eq!(facets.kinds.values().sum::<usize>(), results.total);
    let concerts = results.hits.iter().filter(|hit| hit.kind == Kind::Concert).count();
    assert_eq!(facets.kinds[&Kind::Concert], concerts);
    // One event that is in both counts in both.
    assert!(facets.cities["Chicago, IL"] >= 3 && facets.cities["New York, NY"] >= 2, "{:?}", facets.cities);
    assert!(facets.genres["jazz"] >= 10);
    assert_eq!(facets.languages["fr"], 1);
    let cheap = |band| facets.prices.get(&(Currency::USD, band)).copied().unwrap_or_default();
    assert!(cheap(PriceBand::Under25) >= 1 && cheap(PriceBand::Free) == 0);
    assert_eq!(ask(&query("jazz")).facets, None);
}

#[test]
fn what_is_sold_out_is_left_out_where_it_is() {
    let (catalog, index) = &*CATALOG;
    let venue_of =
        |name: &str| catalog.documents.iter().find(|d| catalog.name(d.key) == name).unwrap().key.id;
    let (rodgers, evening) = (venue_of("v:rodgers"), "2026-12-04T01:00:00Z".parse::<Timestamp>().unwrap());
    // New York is sold out, and San Francisco is on its first evening.
    let is_available = |key: Key, start: Timestamp| key.at != rodgers && start != evening + 24.hours();
    let results = index.search(&query("hamilton"), Some(&is_available)).unwrap();
    assert_eq!(results.hits[0].place.as_ref().unwrap().venue, "Orpheum Theatre");
    assert_eq!(results.hits[0].next_start, Some(evening));
    let nothing = index.search(&query("hamilton"), Some(&|_, _| false)).unwrap();
    assert!(nothing.hits.iter().all(|hit| hit.key.class != Class::Event));
}

#[test]
fn corrections_are_offered_and_words_marked() {
    let results = ask(&query("tayler swift tour"));
    assert_eq!(results.did_you_mean.as_deref(), Some("taylor swift tour"));
    assert_eq!(ask(&query("taylor swift")).did_you_mean, None);
    let hit = &ask(&query("chekhov estate")).hits[0];
    let snippet = hit.snippet.as_ref().unwrap();
    let marked: Vec<&str> = snippet.marks.iter().map(|mark| &snippet.text[mark.clone()]).collect();
    assert_eq!(marked, ["Chekhov's", "estate"]);
    let title = &ask(&query("boheme")).hits[0].title;
    assert_eq!(&title.text[title.marks[0].clone()], "Bohème");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut far = query("jazz");
    for radius_km in [-1.0, 0.0, f64::NAN, f64::INFINITY, 1e9] {
        far.filters.place = Some(Where::Point { point: point_of("60601"), radius_km: Some(radius_km) });
        assert_eq!(refusal(&far), Refusal::Radius, "for {radius_km}");
    }
    far.filters.place = Some(Where::Zip { zip: "60600".parse().unwrap(), radius_km: None });
    assert!(refusal(&far).to_string().starts_with("there is no zip code 60600; near it are 60"));
    far.filters.place = Some(Where::Zip { zip: "09002".parse().unwrap(), radius_km: None });
    assert!(matches!(refusal(&far), Refusal::NowhereZip(_)));

    let mut reversed = query("jazz");
    reversed.filters.from = Some(reversed.now);
    reversed.filters.to = Some(reversed.now - 1.hours());
    assert_eq!(refusal(&reversed), Refusal::Dates);

    let mut by_distance = query("jazz");
    by_distance.sort = Sort::Distance;
    assert_eq!(refusal(&by_distance), Refusal::SortWithoutPlace);

    for text in ["x".repeat(10_000), "a ".repeat(100)] {
        assert!(matches!(refusal(&query(&text)), Refusal::Text(_)));
    }

    let mut paged = query("jazz");
    paged.limit = 2;
    let next = ask(&paged).next.unwrap();
    for cursor in ["", "x", "🎭", &next[1..], &format!("{next}{next}")] {
        paged.cursor = Some(cursor.to_owned());
        assert_eq!(refusal(&paged), Refusal::Cursor, "for {cursor:?}");
    }
    let mut other = query("opera");
    other.cursor = Some(next);
    assert_eq!(refusal(&other), Refusal::Cursor);
}

#[test]
fn odd_texts_are_only_words() {
    let texts = [
        r#"""#,
        r#""unbalanced quote jazz"#,
        "jazz)",
        "title:jazz AND (",
        "^.*$",
        "jazz^9999999999",
        "[* TO *]",
        "-jazz",
        "+jazz",
        "*",
        "\\",
        "jazz\0jazz",
        "'; DROP TABLE events; --",
        "<b>jazz</b>",
        "\u{202e}jazz",
        "near near near",
        "in in in",
        "under under",
        "0/0 1/1/1 -1-1-1",
        "99999",
        "$",
        "$$$",
        "tonight tonight",
        "a",
        "é",
        "ﷺ",
        "🎭",
        "\t\n",
    ];
    for text in texts {
        let _results = ask(&query(text));
        let _suggestions = CATALOG.1.suggest(text, None, NOW.parse().unwrap()).unwrap();
    }
    assert!(names(&ask(&query(r#""unbalanced jazz"#))).contains(&"herbie"), "an odd quote is a blank");
    assert_eq!(ask(&query("jazz)")).total, ask(&query("jazz")).total);
}

#[test]
fn names_cities_and_genres_are_suggested() {
    let suggested = |typed: &str, near: Option<&str>| -> Vec<(String, &'static str)> {
        let suggestions = CATALOG.1.suggest(typed, near.map(point_of), NOW.parse().unwrap()).unwrap();
        assert!(suggestions.len() <= 10);
        let what = |what| match what {
            Suggested::Named(kind, _) => kind.word(),
            Suggested::City => "city",
            Suggested::Genre => "genre",
        };
        suggestions.into_iter().map(|s| (s.text, what(s.what))).collect()
    };
    let first =
        |typed: &str| suggested(typed, None).first().map(|(text, _)| text.clone()).unwrap_or_default();
    let cases = [
        ("ham", "Hamilton"),
        ("hamilton", "Hamilton"),
        ("HAML", "Hamlet"),
        ("beyo", "Beyoncé"),
        ("tay", "Taylor Swift"),
        ("swift tay", "Taylor Swift"),
        ("the wh", "The Who"),
        ("hamlte", "Hamlet"),
        ("metalica", "Metallica"),
        ("chicago", "Chicago"),
        ("theatre st", "Théâtre St-Denis"),
        ("internationallyy", ""),
        ("", ""),
        ("zzzz", ""),
    ];
    for (typed, expected) in cases {
        assert_eq!(first(typed), expected, "for {typed:?}");
    }
    assert!(suggested("chic", None).contains(&("Chicago, IL".to_owned(), "city")));
    assert!(suggested("blueg", None).contains(&("bluegrass".to_owned(), "genre")));
    // Two Paramounts have one name, and one nutcracker is as good as the other.
    let paramount = suggested("paramount", Some("94612"));
    assert_eq!(paramount.iter().filter(|(text, _)| text == "Paramount Theatre").count(), 1);
    // What is over is not suggested, but who played is.
    assert_eq!(suggested("radioh", None), [("Radiohead".to_owned(), "person")]);
    assert!(CATALOG.1.suggest(&"x".repeat(300), None, NOW.parse().unwrap()).is_err());
}

#[test]
fn a_feed_gets_what_is_near_and_liked_first() {
    let mut interests = Interests {
        near: Some(point_of("60601")),
        radius_km: 60.0,
        from: NOW.parse().unwrap(),
        kinds: BTreeSet::new(),
        genres: Vec::new(),
        people: Vec::new(),
        venues: Vec::new(),
        limit: 20,
    };
    let candidates = |interests: &Interests| CATALOG.1.candidates(interests, None).unwrap();
    let anonymous = candidates(&interests);
    assert_eq!(anonymous.len(), 20);
    assert!(anonymous.iter().all(|c| c.distance_km.unwrap() <= 60.0 && c.next_start.is_some()));
    assert!(anonymous.is_sorted_by(|a, b| a.score >= b.score));
    assert!(anonymous[..3].iter().any(|c| CATALOG.0.name(c.key) == "taylor"));
    interests.people = vec!["Bill Frisell".to_owned()];
    interests.genres = vec!["jazz".to_owned()];
    let personal = candidates(&interests);
    let place_of = |name: &str, list: &[marquee_search::feed::Candidate]| {
        list.iter().position(|c| CATALOG.0.name(c.key) == name).unwrap_or(usize::MAX)
    };
    assert!(place_of("bill-frisell", &personal) < place_of("bill-frisell", &anonymous));
    assert!(place_of("bill-frisell", &personal) < 5);
    interests.near = None;
    assert!(candidates(&interests).iter().any(|c| CATALOG.0.name(c.key) == "preservation-band"));
}

#[test]
fn what_is_there_for_those_who_need_it_is_filtered() {
    let index = Index::in_memory(Options::default()).unwrap();
    let mut writer = index.writer().unwrap();
    for (id, set) in [
        (1, Accessibility::NONE),
        (2, Accessibility::WHEELCHAIR),
        (3, Accessibility::WHEELCHAIR.with(Accessibility::CAPTIONS)),
    ] {
        let mut document = Document::new(Key::single(Class::Event, id), Kind::Theatre, "Everyman");
        document.accessibility = set;
        writer.put(&document).unwrap();
    }
    writer.commit(b"").unwrap();
    let count = |accessibility| {
        let mut query = query("everyman");
        query.filters.accessibility = accessibility;
        index.search(&query, None).unwrap().total
    };
    assert_eq!(count(Accessibility::NONE), 3);
    assert_eq!(count(Accessibility::WHEELCHAIR), 2);
    assert_eq!(count(Accessibility::WHEELCHAIR.with(Accessibility::CAPTIONS)), 1);
    assert_eq!(count(Accessibility::RELAXED), 0);
}
