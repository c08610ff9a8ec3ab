//! `/search`: what was found, and how to narrow it.

use askama::Template;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::problems::ProblemView;
use super::visit::{Frame, Here, Visit};
use crate::catalog::entity::Aid;
use crate::http::Problem;
use crate::http::extract::{Client, Query};
use crate::http::search::answer;
use crate::http::search::asked::{Asked, Asker, Sought};
use crate::http::search::body::{FoundBody, MarkedBody, SearchBody, UnderstoodBody, search_path};
use crate::texts::{Texts, When};

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    asked: Form,
    heading: String,
    kinds: Vec<Choice>,
    sorts: Vec<Choice>,
    aids: Vec<Choice>,
    problem: Option<ProblemView>,
    understood: Vec<String>,
    meant: Option<Link>,
    near_zips: Option<NearZips>,
    cards: Vec<Card>,
    next: Option<String>,
}

/// What was asked, as it was written.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    q: String,
    kind: String,
    place: String,
    from: String,
    to: String,
    price_max: String,
    sort: String,
    available: String,
    accessibility: String,
    cursor: String,
}

struct Choice {
    key: &'static str,
    name: String,
    count: Option<usize>,
}

struct Link {
    text: String,
    href: String,
}

struct NearZips {
    zip: String,
    others: Vec<Link>,
}

struct Card {
    class: &'static str,
    href: String,
    kind: String,
    title: Vec<Part>,
    people: String,
    when: Option<When>,
    place: String,
    distance: Option<String>,
    snippet: Vec<Part>,
    from: Option<String>,
    note: String,
    is_sold_out: bool,
    stars: Option<u64>,
}

/// Some of a text.
struct Part {
    text: String,
    is_marked: bool,
}

/// What results can be narrowed to.
const KINDS: [&str; 14] = [
    "concert", "movie", "theatre", "musical", "opera", "dance", "sport", "comedy", "family", "festival",
    "talk", "other", "venue", "person",
];

const SORTS: [&str; 5] = ["relevance", "date", "distance", "price", "rating"];

/// Shows what was found.
pub(super) async fn search(
    visit: Visit,
    Client(address): Client,
    Query(form): Query<Form>,
) -> Result<Response, Problem> {
    let account = visit.caller.signed().map(|signed| signed.account);
    let asker = Asker::find(&visit.app, account, address).await;
    let found = match Sought::read(&visit.app, &form.asked(), &asker) {
        Ok(sought) => answer(&visit.app, sought).await,
        Err(problem) => Err(problem),
    };
    let now_ms = visit.app.now_ms();
    let frame = visit.frame(Here::Elsewhere);
    let page = match found {
        Ok(found) => form.page(frame, found, now_ms),
        Err(problem) => form.refused(frame, &problem),
    };
    visit.show(&page)
}

impl Form {
    fn asked(&self) -> Asked {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let place = said(&self.place);
        let is_zip =
            place.as_ref().is_some_and(|place| place.starts_with(|letter: char| letter.is_ascii_digit()));
        Asked {
            q: said(&self.q),
            zip: place.clone().filter(|_place| is_zip),
            city: place.filter(|_place| !is_zip),
            kind: said(&self.kind),
            from: said(&self.from),
            to: said(&self.to),
            price_max: said(&self.price_max),
            sort: said(&self.sort),
            available: said(&self.available),
            accessibility: said(&self.accessibility),
            facets: Some("true".to_owned()),
            cursor: said(&self.cursor),
            ..Asked::default()
        }
    }

    /// The address of the same with something else.
    fn address(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { cursor: String::new(), ..self.clone() };
        change(&mut other);
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &other.q),
            ("kind", &other.kind),
            ("place", &other.place),
            ("from", &other.from),
            ("to", &other.to),
            ("price_max", &other.price_max),
            ("sort", &other.sort),
            ("available", &other.available),
            ("accessibility", &other.accessibility),
            ("cursor", &other.cursor),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("/search?{}", query.finish())
    }

    fn page(self, frame: Frame, found: SearchBody, now_ms: u64) -> SearchPage {
        let count = |key: &str| Some(found.facets.as_ref()?.kinds.get(key).copied().unwrap_or(0));
        let near_zips = found.understood.unknown_zip.as_ref().map(|unknown| NearZips {
            zip: unknown.zip.clone(),
            others: unknown
                .near
                .iter()
                .map(|zip| Link { text: zip.clone(), href: search_path(&self.q.replace(&unknown.zip, zip)) })
                .collect(),
        });
        let texts = frame.texts();
        let heading = match found.total {
            0 => texts.with("search-found-nothing", "words", &self.q),
            total => texts.count_with("search-found", total, "words", &self.q),
        };
        SearchPage {
            frame,
            heading,
            kinds: kinds(texts, count),
            sorts: sorts(texts),
            aids: aids(texts),
            problem: None,
            understood: understood(texts, &found.understood, now_ms),
            meant: found
                .did_you_mean
                .clone()
                .map(|text| Link { href: self.address(|form| form.q.clone_from(&text)), text }),
            near_zips,
            next: found.next.clone().map(|cursor| self.address(|form| form.cursor = cursor)),
            cards: found.items.into_iter().map(|item| Card::new(texts, item, now_ms)).collect(),
            asked: self,
        }
    }

    fn refused(self, frame: Frame, problem: &Problem) -> SearchPage {
        let texts = frame.texts();
        SearchPage {
            frame,
            heading: texts.t("search").into_owned(),
            kinds: kinds(texts, |_kind| None),
            sorts: sorts(texts),
            aids: aids(texts),
            problem: Some(ProblemView::of_search(problem)),
            understood: Vec::new(),
            meant: None,
            near_zips: None,
            cards: Vec::new(),
            next: None,
            asked: self,
        }
    }
}

fn kinds(texts: Texts, count: impl Fn(&str) -> Option<usize>) -> Vec<Choice> {
    KINDS.iter().map(|key| Choice { key, name: texts.word("kinds", key), count: count(key) }).collect()
}

fn sorts(texts: Texts) -> Vec<Choice> {
    SORTS.iter().map(|key| Choice { key, name: texts.word("sort", key), count: None }).collect()
}

/// What there can be for those who need it.
fn aids(texts: Texts) -> Vec<Choice> {
    let of_performances = Aid::ALL.iter().map(|aid| aid.word());
    let all = std::iter::once("wheelchair").chain(of_performances);
    all.map(|key| Choice { key, name: texts.word("aid", key), count: None }).collect()
}

/// What the text was taken to say, in a few words each.
fn understood(texts: Texts, told: &UnderstoodBody, now_ms: u64) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(place) = &told.place {
        let near_you = texts.t("near-you");
        let label = if place.label.is_empty() { &*near_you } else { &place.label };
        // Places are known in one country.
        let distance = texts.distance(place.radius_km.round(), "US");
        words.push(texts.with2("within", "place", label, "distance", distance));
    }
    let zone = told.zone.as_ref().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC);
    let day = |text: &String, before_ms: u64| {
        let at = text.parse::<Timestamp>().ok()?;
        let ms = u64::try_from(at.as_millisecond()).ok()?.checked_sub(before_ms)?;
        Some(texts.when(ms, &zone, now_ms).date)
    };
    let (from, to) = (told.from.as_ref(), told.to.as_ref());
    // The end is not included.
    let (from, to) = (from.and_then(|from| day(from, 0)), to.and_then(|to| day(to, 1)));
    if let (Some(from), Some(to)) = (from, to) {
        words.push(if from == to { from } else { texts.with2("day-to-day", "from", from, "to", to) });
    }
    if let Some(most) = &told.price_max
        && let Ok(currency) = most.currency.parse()
    {
        let amount = i64::try_from(most.amount).unwrap_or(i64::MAX);
        words.push(if amount == 0 {
            texts.t("free-of-charge").into_owned()
        } else {
            texts.with("up-to-price", "price", texts.money(amount, currency))
        });
    }
    words
}

impl Card {
    fn new(texts: Texts, item: FoundBody, now_ms: u64) -> Self {
        let zone = item.venue.as_ref().map(|venue| venue.zone());
        let when = item.performance.as_ref().zip(zone);
        let when = when.map(|(shown, zone)| texts.when(shown.starts_at_ms, &zone, now_ms));
        let free = item.performance.as_ref().and_then(|shown| shown.free);
        let note = match (item.class, free) {
            ("event", _) if when.is_none() => texts.t("no-dates-yet").into_owned(),
            (_, Some(0)) => texts.t("sold-out").into_owned(),
            (_, Some(free)) if free <= 20 => texts.count("places-left", free),
            _other => String::new(),
        };
        let from = item.prices.as_ref().and_then(|prices| {
            Some(texts.money(i64::try_from(prices.min).ok()?, prices.currency.parse().ok()?))
        });
        let country = item.venue.as_ref().map_or("", |venue| venue.country());
        let rating = item.rating.as_ref().and_then(|rating| rating.mean);
        Self {
            class: item.class,
            kind: texts.word("kind", item.kind),
            title: parts(item.title),
            people: texts.list(&item.performers),
            place: item.venue.as_ref().map_or_else(String::new, |venue| venue.words()),
            distance: item.distance_km.map(|km| texts.distance(km, country)),
            snippet: item.snippet.map(parts).unwrap_or_default(),
            is_sold_out: free == Some(0),
            stars: rating.map(|mean| (mean * 10.0).round() as u64),
            href: item.path,
            when,
            from,
            note,
        }
    }
}

/// A text cut at its marks.
fn parts(marked: MarkedBody) -> Vec<Part> {
    let MarkedBody { text, marks } = marked;
    let mut parts = Vec::new();
    let mut add = |text: Option<&str>, is_marked| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            parts.push(Part { text: text.to_owned(), is_marked });
        }
    };
    let mut at = 0;
    for [from, to] in marks {
        add(text.get(at..from), false);
        add(text.get(from..to), true);
        at = to;
    }
    add(text.get(at..), false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_marks() {
        let cut = |text: &str, marks: &[[usize; 2]]| {
            let parts = parts(MarkedBody { text: text.to_owned(), marks: marks.to_vec() });
            let shown = parts.iter().map(|part| match part.is_marked {
                true => format!("[{}]", part.text),
                false => part.text.clone(),
            });
            shown.collect::<String>()
        };
        assert_eq!(cut("Midnight Jazz", &[[9, 13]]), "Midnight [Jazz]");
        assert_eq!(cut("Jazz, jazz", &[[0, 4], [6, 10]]), "[Jazz], [jazz]");
        assert_eq!(cut("Motörhead", &[[0, 10]]), "[Motörhead]");
        assert_eq!(cut("", &[]), "");
    }
}
