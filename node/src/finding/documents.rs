//! What of an event, a venue or a performer is searched.

use std::collections::BTreeMap;

use jiff::Timestamp;
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{EventId, PerformanceId, VenueId};
use marquee_search::document::{Accessibility, Class, Currency, Document, Key, Kind, Place, Prices, Rating};
use marquee_search::fold::fold;
use marquee_search::places::Point;

use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Aid, Event, Performance, Venue};

/// How many places of a performance are sold.
pub type Sold<'a> = &'a dyn Fn(PerformanceId) -> u64;

/// An event wherever it will be shown; once without a place if it is nowhere.
pub fn of_event(catalog: &CatalogIndex, id: EventId, sold: Sold<'_>, now_ms: u64) -> Vec<Document> {
    let Some(event) = catalog.event(id) else { return Vec::new() };
    let mut by_venue: BTreeMap<VenueId, Vec<&Performance>> = BTreeMap::new();
    // Old seasons cost nothing: what is over is not looked for by its dates.
    for performance in catalog.ahead_of(id, now_ms) {
        if performance.status == PerformanceStatus::Scheduled {
            by_venue.entry(performance.venue).or_default().push(performance);
        }
    }
    let rating = catalog.rating(id);
    let rating = Rating { mean: rating.mean().unwrap_or_default(), count: rating.count() };
    let mut documents: Vec<Document> = by_venue
        .into_iter()
        .map(|(venue, shown)| Document {
            accessibility: accessibility(catalog, &shown),
            ..engagement(event, catalog.venue(venue).map(|venue| &**venue), venue, &shown, sold)
        })
        .collect();
    if documents.is_empty() {
        documents.push(base(event, Key::engagement(id.0, 0)));
    }
    for document in &mut documents {
        document.rating = rating;
    }
    documents
}

fn base(event: &Event, key: Key) -> Document {
    let facts = &event.facts;
    let kind = Kind::from_word(facts.kind.word()).unwrap_or(Kind::Other);
    Document {
        people: facts.performers.clone(),
        genres: facts.genres.clone(),
        description: facts.description.clone(),
        language: facts.language.clone(),
        ..Document::new(key, kind, facts.title.clone())
    }
}

fn engagement(
    event: &Event,
    venue: Option<&Venue>,
    at: VenueId,
    shown: &[&Performance],
    sold: Sold<'_>,
) -> Document {
    Document {
        place: venue.map(place_of),
        starts: shown.iter().filter_map(|shown| instant(shown.schedule.starts_at_ms)).collect(),
        prices: prices(shown),
        popularity: shown.iter().map(|shown| sold(shown.id)).sum(),
        ..base(event, Key::engagement(event.id.0, at.0))
    }
}

/// What the halls and the performances have for who needs it. All that is asked for at once may be of several dates.
fn accessibility(catalog: &CatalogIndex, shown: &[&Performance]) -> Accessibility {
    let has_wheelchairs = shown.iter().any(|shown| {
        let map = catalog.hall(shown.hall).and_then(|hall| hall.map(shown.seat_map_version));
        map.is_some_and(|map| map.accessible > 0)
    });
    let places = if has_wheelchairs { Accessibility::WHEELCHAIR } else { Accessibility::NONE };
    let aids = shown.iter().flat_map(|shown| &shown.accessibility);
    aids.fold(places, |all, aid| all.with(searched(*aid)))
}

/// What is searched of what a performance has.
pub(crate) const fn searched(aid: Aid) -> Accessibility {
    match aid {
        Aid::Captions => Accessibility::CAPTIONS,
        Aid::AudioDescription => Accessibility::AUDIO_DESCRIPTION,
        Aid::SignLanguage => Accessibility::SIGN_LANGUAGE,
        Aid::Hearing => Accessibility::HEARING,
        Aid::Relaxed => Accessibility::RELAXED,
    }
}

/// A venue; the more is shown there, the more it is asked for.
pub fn of_venue(catalog: &CatalogIndex, id: VenueId, now_ms: u64) -> Option<Document> {
    let venue = catalog.venue(id)?;
    let key = Key::single(Class::Venue, id.0);
    Some(Document {
        place: Some(place_of(venue)),
        popularity: catalog.count_ahead(id, now_ms) as u64,
        ..Document::new(key, Kind::Venue, venue.facts.name.clone())
    })
}

/// Somebody who performs, known by name.
#[must_use]
pub fn of_person(name: &str, popularity: u64) -> Document {
    Document { popularity, ..Document::new(person_key(name), Kind::Person, name) }
}

/// The key of somebody who performs: the same whatever the name's case and accents.
#[must_use]
pub fn person_key(name: &str) -> Key {
    let mut id = [0; 16];
    blake3::Hasher::new_derive_key("marquee 2026 performer")
        .update(fold(name).as_bytes())
        .finalize_xof()
        .fill(&mut id);
    Key::single(Class::Person, u128::from_be_bytes(id))
}

fn place_of(venue: &Venue) -> Place {
    let facts = &venue.facts;
    Place {
        venue: facts.name.clone(),
        city: facts.city.clone(),
        region: facts.region.clone(),
        country: facts.country.clone(),
        zip: facts.zip.clone(),
        point: point_of(venue),
    }
}

/// Where a venue is: as it says, else the middle of its zip code.
#[must_use]
pub fn point_of(venue: &Venue) -> Option<Point> {
    let degrees = |micro: i32| f64::from(micro) / 1e6;
    let said =
        venue.facts.point.and_then(|point| Point::new(degrees(point.lat_micro), degrees(point.lon_micro)));
    said.or_else(|| {
        let is_here = venue.facts.country.eq_ignore_ascii_case("US");
        let zip = is_here.then(|| venue.facts.zip.parse().ok())??;
        marquee_search::places::by_zip(zip).ok()?.point
    })
}

/// From the cheapest to the dearest ticket, of those in the currency that most have.
fn prices(shown: &[&Performance]) -> Option<Prices> {
    let code = shown.first()?.sale.currency;
    let same = shown.iter().filter(|shown| shown.sale.currency == code);
    let amounts = same.flat_map(|shown| shown.sale.prices.iter().map(|price| price.amount));
    let (min, max) = (amounts.clone().min()?, amounts.max()?);
    Some(Prices {
        currency: Currency::new(code.code())?,
        min_minor: u64::try_from(min).unwrap_or(0),
        max_minor: u64::try_from(max).unwrap_or(0),
    })
}

/// An instant of the catalog, if it is one that calendars have.
#[must_use]
pub fn instant(ms: u64) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()
}
