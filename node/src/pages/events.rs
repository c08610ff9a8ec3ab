//! `/` and `/events/{id}`: what is on, and when.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{EventId, PerformanceId};
use marquee_search::places::{self, Zip};
use serde::{Deserialize, Serialize};

use super::liking::{Followable, followables};
use super::outlets::structured;
use super::problems::{ProblemView, UNKNOWN_ZIP, WRONG_DATE, WRONG_KIND, WRONG_ZIP};
use super::reviewing::{self, Reviewing};
use super::visit::{Frame, Here, Visit};
use crate::accounts::Followed;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, EventKind, Performance};
use crate::catalog::query::{
    After, CityName, EventCursor, EventFilter, ListedEvent, Moment, NearZip, PlaceFilter,
};
use crate::cluster::owner::Owner;
use crate::finding::taste::{Because, Picked};
use crate::geo::Sight;
use crate::home::Failure;
use crate::http::Problem;
use crate::http::extract::{Client, Id, Page, Query, Storefront, cursor_of};
use crate::http::search::{FeedRequest, feed_of};
use crate::reviews::Review;
use crate::texts::{Texts, When, sentence};

/// How many events and dates a page shows.
const EVENTS: usize = 24;
const DATES: usize = 60;
/// How many events the home page picks for its visitor.
const PICKS: &str = "6";
/// How many reviews an event's page shows.
const REVIEWS: usize = 10;
/// How far away a venue may be from a postal code.
const NEAR_KM: f64 = 80.0;

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage {
    frame: Frame,
    filter: Filter,
    kinds: Vec<Kind>,
    problem: Option<ProblemView>,
    /// What the visitor may like; empty when they look for something.
    picks: Vec<Card>,
    picks_heading: Cow<'static, str>,
    cards: Vec<Card>,
    next: Option<String>,
    feed: String,
    calendar: String,
}

/// What the visitor looks for, as it was written.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    date: String,
}

struct Kind {
    key: &'static str,
    name: String,
}

/// An event in a list.
pub(super) struct Card {
    pub(super) href: String,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) when: Option<When>,
    pub(super) place: String,
    pub(super) from: Option<String>,
    pub(super) note: String,
}

/// Lists what is on.
pub(super) async fn list(
    visit: Visit,
    Client(address): Client,
    Query(filter): Query<Filter>,
    page: Page,
) -> Result<Response, Problem> {
    let now_ms = visit.app.now_ms();
    let texts = visit.texts();
    let cursor = page
        .position::<(u64, Position)>()?
        .map(|(from_ms, after)| EventCursor { from_ms, after: after.into() });
    let (wanted, problem) = match filter.read() {
        Ok(wanted) => (wanted, None),
        Err(problem) => (EventFilter::default(), Some(ProblemView::new(&problem))),
    };
    let kind = filter.kind.clone();
    let (picks, picks_heading) = match filter.is_empty() && cursor.is_none() {
        true => picks(&visit, address, now_ms).await,
        false => (Vec::new(), Cow::Borrowed("")),
    };
    let (cards, next) = {
        let catalog = visit.app.home.catalog_copy().read();
        let found = catalog.events(&wanted, cursor, now_ms, EVENTS);
        let cards: Vec<_> =
            found.items.iter().map(|listed| Card::new(&catalog, texts, listed, now_ms)).collect();
        (cards, found.next)
    };
    let next = next.and_then(|next| cursor_of((next.from_ms, Position::from(next.after))));
    let page = EventsPage {
        frame: visit.frame(Here::Events),
        kinds: EventKind::ALL
            .iter()
            .map(|kind| Kind { key: kind.word(), name: texts.word("kind", kind.word()) })
            .collect(),
        problem,
        picks,
        picks_heading,
        cards,
        next: next.map(|cursor| filter.address("/", Some(&cursor))),
        feed: filter.address("/feed.atom", None),
        calendar: filter.address("/calendar.ics", None),
        filter: Filter { kind, ..filter },
    };
    visit.show(&page)
}

/// The visitor's feed, and what it goes by. The page goes without it when the index fails.
async fn picks(visit: &Visit, address: IpAddr, now_ms: u64) -> (Vec<Card>, Cow<'static, str>) {
    let texts = visit.texts();
    let request = FeedRequest { limit: Some(PICKS.to_owned()), ..FeedRequest::default() };
    let account = visit.caller.signed().map(|signed| signed.account);
    let Ok(made) = feed_of(&visit.app, account, Sight::whole(address), &request).await else {
        return (Vec::new(), Cow::Borrowed(""));
    };
    let catalog = visit.app.home.catalog_copy().read();
    let card = |picked: Picked| {
        let why = match picked.because {
            Because::Followed(name) => texts.with("because-followed", "name", name),
            Because::LikeBooked(title) => texts.with("because-like", "name", title),
            Because::Near => picked.distance_km.map_or_else(String::new, |km| {
                let country = country_of(&catalog, &picked.performance);
                texts.with("because-near", "distance", texts.distance(km, country))
            }),
            Because::Popular => texts.t("picks-popular").into_owned(),
        };
        let listed = ListedEvent { event: picked.event, next: Some(picked.performance) };
        Card { note: why, ..Card::new(&catalog, texts, &listed, now_ms) }
    };
    let is_near = made.picked.iter().any(|picked| picked.because == Because::Near);
    let heading = match (made.personal, is_near) {
        (true, _) => "picks-personal",
        (false, true) => "picks-near",
        (false, false) => "picks-popular",
    };
    (made.picked.into_iter().map(card).collect(), texts.t(heading))
}

/// The country of a performance's venue, as its ISO 3166 code.
fn country_of<'c>(catalog: &'c CatalogIndex, performance: &Performance) -> &'c str {
    catalog.venue(performance.venue).map_or("", |venue| venue.facts.country.as_str())
}

/// Where a list goes on, as it stands in addresses.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Position {
    Performance(u64, PerformanceId),
    Event(EventId),
}

impl From<After> for Position {
    fn from(after: After) -> Self {
        match after {
            After::Performance(start, id) => Self::Performance(start, id),
            After::Event(id) => Self::Event(id),
        }
    }
}

impl From<Position> for After {
    fn from(position: Position) -> Self {
        match position {
            Position::Performance(start, id) => Self::Performance(start, id),
            Position::Event(id) => Self::Event(id),
        }
    }
}

impl Filter {
    pub(super) fn read(&self) -> Result<EventFilter, Problem> {
        let invalid = |pointer: &str, words: &str| Problem::invalid(pointer, words);
        let kind = match self.kind.as_str() {
            "" => None,
            word => Some(word.parse().map_err(|_unknown| invalid("/kind", WRONG_KIND))?),
        };
        let from = match self.date.as_str() {
            "" => None,
            text => {
                let date: Date = text.parse().map_err(|_no_date| invalid("/date", WRONG_DATE))?;
                Some(Moment::Day(date))
            }
        };
        let place = self.place.trim();
        let mut wanted = PlaceFilter::default();
        if place.starts_with(|letter: char| letter.is_ascii_digit()) {
            let zip: Zip = place.parse().map_err(|_no_zip| invalid("/place", WRONG_ZIP))?;
            let centre = places::by_zip(zip).map_err(|_unknown| invalid("/place", UNKNOWN_ZIP))?.point;
            wanted.zip = Some(NearZip { zip: zip.to_string(), centre, radius_km: NEAR_KM });
        } else if !place.is_empty() {
            wanted.city = Some(CityName::new(place));
        }
        Ok(EventFilter { kind, place: wanted, from, ..EventFilter::default() })
    }

    fn is_empty(&self) -> bool {
        self.kind.is_empty() && self.place.trim().is_empty() && self.date.is_empty()
    }

    /// The address of a list with these filters, from a cursor on.
    pub(super) fn address(&self, path: &str, cursor: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("kind", &self.kind), ("place", &self.place), ("date", &self.date)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(cursor) = cursor {
            query.append_pair("cursor", cursor);
        }
        match query.finish() {
            none if none.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}

impl Card {
    pub(super) fn new(catalog: &CatalogIndex, texts: Texts, listed: &ListedEvent, now_ms: u64) -> Self {
        let facts = &listed.event.facts;
        let next = listed.next.as_deref();
        let venue = next.and_then(|next| catalog.venue(next.venue));
        let dates = catalog
            .performances_of(listed.event.id)
            .filter(|performance| performance.schedule.starts_at_ms >= now_ms)
            .take(DATES + 1)
            .count();
        let note = match dates {
            0 => texts.t("no-dates-yet").into_owned(),
            dates if dates > DATES => texts.count("over-dates", DATES),
            dates => texts.count("dates", dates),
        };
        Self {
            href: format!("/events/{}", listed.event.id),
            kind: texts.word("kind", facts.kind.word()),
            title: facts.title.clone(),
            when: next.map(|next| texts.when(next.schedule.starts_at_ms, &catalog.zone(next.venue), now_ms)),
            place: venue
                .map_or_else(String::new, |venue| format!("{}, {}", venue.facts.name, venue.facts.city)),
            from: next.and_then(|next| from_price(texts, next)),
            note,
        }
    }
}

/// The lowest price of a performance.
fn from_price(texts: Texts, performance: &Performance) -> Option<String> {
    let least = performance.sale.prices.iter().map(|price| price.amount).min()?;
    Some(texts.money(least, performance.sale.currency))
}

#[derive(Template)]
#[template(path = "event.html")]
pub(super) struct EventPage {
    frame: Frame,
    kind: String,
    title: String,
    people: String,
    description: String,
    /// A sentence or two for who finds the page elsewhere.
    summary: String,
    facts: Vec<Fact>,
    days: Vec<Day>,
    next: Option<String>,
    address: String,
    structured: String,
    rating: Option<Rating>,
    reviews: Vec<ReviewView>,
    reviewing: Reviewing,
    id: EventId,
    /// None for guests, or when it is not known what somebody follows.
    followables: Vec<Followable>,
}

/// What reviews say of an event.
struct Rating {
    /// `4.3`
    mean: String,
    /// `from 1 review`, `from 1,204 reviews`
    count: String,
    /// The stars in tenths of their width: 0 to 50.
    tenths: u64,
}

struct ReviewView {
    author: String,
    stars: u8,
    date: String,
    text: String,
    answer: Option<String>,
}

/// A name and a value.
pub(super) struct Fact {
    pub(super) name: Cow<'static, str>,
    pub(super) value: String,
}

struct Day {
    heading: String,
    showings: Vec<Showing>,
}

struct Showing {
    href: Option<String>,
    iso: String,
    time: String,
    zone: String,
    place: String,
    from: Option<String>,
    note: String,
    /// What it has for those who need it.
    aids: Vec<String>,
}

/// Shows an event and its dates.
pub(super) async fn event(
    visit: Visit,
    front: Storefront,
    Id(id): Id<EventId>,
    page: Page,
) -> Result<Response, Problem> {
    let own = reviewing::own(&visit, id).await;
    let page = event_page(&visit, &front, id, page.position()?, Reviewing::of(own)).await?;
    visit.show(&page)
}

/// The page, with a form that says how it was.
pub(super) async fn event_page(
    visit: &Visit,
    front: &Storefront,
    id: EventId,
    after: Option<(u64, PerformanceId)>,
    reviewing: Reviewing,
) -> Result<EventPage, Problem> {
    let now_ms = visit.app.now_ms();
    let texts = visit.texts();
    let reviews = reviews(visit, id, now_ms)?;
    let followed = followed(visit).await;
    let catalog = visit.app.home.catalog_copy().read();
    let event = catalog.event(id).ok_or_else(|| Problem::not_found("event"))?;
    let dates = catalog.performances(id, Some(Moment::Instant(now_ms)), None, after, DATES);
    let next = dates.next.and_then(cursor_of);
    Ok(EventPage {
        frame: visit.frame(Here::Events),
        kind: texts.word("kind", event.facts.kind.word()),
        title: event.facts.title.clone(),
        people: texts.list(&event.facts.performers),
        description: event.facts.description.clone(),
        summary: summary(texts, event),
        facts: facts(texts, event),
        days: days(&catalog, texts, &dates.items, now_ms),
        next: next.map(|cursor| format!("/events/{id}?cursor={cursor}")),
        address: format!("{}/events/{id}", front.0),
        structured: structured::event(&catalog, event, &dates.items, now_ms, &front.0),
        rating: rating(&catalog, texts, id),
        reviews,
        reviewing,
        id,
        followables: followed.map(|followed| followables(&catalog, texts, id, &followed)).unwrap_or_default(),
    })
}

/// What the event is, in as many words as search engines show.
fn summary(texts: Texts, event: &Event) -> String {
    /// Of what is longer, search engines show a part.
    const LETTERS: usize = 155;
    let facts = &event.facts;
    let description = facts.description.split_whitespace().collect::<Vec<_>>().join(" ");
    if description.is_empty() {
        let kind = texts.word("kind", facts.kind.word());
        return texts.with2("event-summary", "kind", kind, "title", &facts.title);
    }
    let Some((end, _letter)) = description.char_indices().nth(LETTERS) else { return description };
    let words = description[..end].rsplit_once(' ').map_or(&description[..end], |(words, _broken)| words);
    format!("{}…", words.trim_end_matches([',', ';', '.', ' ']))
}

fn rating(catalog: &CatalogIndex, texts: Texts, event: EventId) -> Option<Rating> {
    let rating = catalog.rating(event);
    let mean = rating.mean()?;
    Some(Rating {
        mean: texts.decimal(mean, 1),
        count: texts.count("from-reviews", rating.count()),
        tenths: (mean * 10.0).round() as u64,
    })
}

/// What somebody who is signed in follows. The page goes without it when the account's home does not answer.
async fn followed(visit: &Visit) -> Option<Vec<Followed>> {
    let home = &visit.app.home;
    let account = visit.caller.signed()?.account;
    let follows = home.commons().follows(home.id(), account).await.ok()?;
    Some(follows.into_iter().map(|follow| follow.what).collect())
}

/// The latest reviews, where this node has them: the words of a review are where the events are.
fn reviews(visit: &Visit, event: EventId, now_ms: u64) -> Result<Vec<ReviewView>, Problem> {
    let Some(replica) = visit.app.home.replica_for(Owner::Venue(0)) else { return Ok(Vec::new()) };
    let texts = visit.texts();
    let found = replica.snapshot()?.reviews().list(event, None, REVIEWS, false).map_err(Failure::from)?;
    let shown = |review: Review| ReviewView {
        author: review.author,
        stars: review.stars.into(),
        date: texts.when(review.updated_ms, &TimeZone::UTC, now_ms).date,
        text: review.text,
        answer: review.answer.map(|answer| answer.text),
    };
    Ok(found.into_iter().map(shown).collect())
}

fn facts(texts: Texts, event: &Event) -> Vec<Fact> {
    let facts = &event.facts;
    let mut shown = Vec::new();
    let mut add = |name, value: String| {
        if !value.is_empty() {
            shown.push(Fact { name: texts.t(name), value });
        }
    };
    add("presented-by", facts.host.clone());
    add("genre", facts.genres.iter().map(|genre| sentence(genre)).collect::<Vec<_>>().join(", "));
    add("spoken-language", language(texts, &facts.language));
    add(
        "length",
        facts.duration_min.map_or_else(String::new, |minutes| match (minutes / 60, minutes % 60) {
            (0, minutes) => texts.with("only-minutes", "minutes", minutes),
            (hours, 0) => texts.with("only-hours", "hours", hours),
            (hours, minutes) => texts.with2("hours-and-minutes", "hours", hours, "minutes", minutes),
        }),
    );
    add("rated", facts.age_rating.clone());
    shown
}

/// The name of a language; what is not known is shown by its tag.
fn language(texts: Texts, tag: &str) -> String {
    let key = format!("language-{}", tag.split('-').next().unwrap_or_default());
    texts.known(&key).unwrap_or_else(|| tag.to_owned())
}

fn days(catalog: &CatalogIndex, texts: Texts, performances: &[Arc<Performance>], now_ms: u64) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for performance in performances {
        let when = texts.when(performance.schedule.starts_at_ms, &catalog.zone(performance.venue), now_ms);
        let showing = showing(catalog, texts, performance, &when, now_ms);
        match days.last_mut() {
            Some(day) if day.heading == when.date => day.showings.push(showing),
            _another => days.push(Day { heading: when.date, showings: vec![showing] }),
        }
    }
    days
}

fn showing(
    catalog: &CatalogIndex,
    texts: Texts,
    performance: &Performance,
    when: &When,
    now_ms: u64,
) -> Showing {
    let venue = catalog.venue(performance.venue);
    let hall = catalog.hall(performance.hall);
    let place = venue.map_or_else(String::new, |venue| {
        let hall = hall.map_or("", |hall| hall.name.as_str());
        match hall.is_empty() || hall == venue.facts.name {
            true => format!("{}, {}", venue.facts.name, venue.facts.city),
            false => format!("{}, {}, {}", venue.facts.name, hall, venue.facts.city),
        }
    });
    let schedule = &performance.schedule;
    let (is_sold, note) = match performance.status {
        PerformanceStatus::Cancelled => (false, texts.t("cancelled").into_owned()),
        PerformanceStatus::Scheduled if now_ms >= schedule.on_sale_until_ms => {
            (false, texts.t("sale-is-over").into_owned())
        }
        PerformanceStatus::Scheduled if now_ms < schedule.on_sale_from_ms => {
            let from = texts.when(schedule.on_sale_from_ms, &catalog.zone(performance.venue), now_ms);
            (true, texts.with("on-sale-from", "when", from.text))
        }
        PerformanceStatus::Scheduled => (true, texts.t("choose-seats").into_owned()),
    };
    Showing {
        href: is_sold.then(|| format!("/performances/{}", performance.id)),
        iso: when.iso.clone(),
        time: when.time.clone(),
        zone: when.zone.clone(),
        place,
        from: from_price(texts, performance),
        note,
        aids: performance.accessibility.iter().map(|aid| texts.word("aid", aid.word())).collect(),
    }
}
