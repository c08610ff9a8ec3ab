//! From the catalog to JSON-LD.

use std::sync::Arc;

use jiff::{Timestamp, ZonedDateTime};
use marquee_ledger::terms::PerformanceStatus;
use serde_json::{Value, json};

use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Aid, Event, EventKind, Performance, Venue};
use crate::formats::amount::decimal;

/// For whom it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// For search engines: what people look for.
    Briefly,
    /// For other systems, and for reading it back: identifiers, and every price by itself.
    Fully,
}

/// An event for each performance.
#[must_use]
pub fn graph<'p>(
    catalog: &CatalogIndex,
    performances: impl IntoIterator<Item = (&'p Event, &'p Arc<Performance>)>,
    now_ms: u64,
    front: &str,
    told: Told,
) -> Value {
    let told = performances.into_iter().filter_map(|(event, performance)| {
        let venue = catalog.venue(performance.venue)?;
        Some(Shown { catalog, event, performance, venue, now_ms, front, told }.write())
    });
    json!({"@context": "https://schema.org", "@graph": told.collect::<Vec<_>>()})
}

/// A performance with what is around it.
struct Shown<'s> {
    catalog: &'s CatalogIndex,
    event: &'s Event,
    performance: &'s Performance,
    venue: &'s Venue,
    now_ms: u64,
    front: &'s str,
    told: Told,
}

impl Shown<'_> {
    fn write(&self) -> Value {
        let facts = &self.event.facts;
        let starts_ms = self.performance.schedule.starts_at_ms;
        let mut written = json!({
            "@type": kind(facts.kind),
            "name": facts.title,
            "url": format!("{}/events/{}", self.front, self.event.id),
            "startDate": self.at(starts_ms),
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "eventStatus": self.status(),
            "location": self.place(),
        });
        let mut tell = |name: &str, value: Value| written[name] = value;
        if let Some(minutes) = facts.duration_min {
            tell("endDate", json!(self.at(starts_ms + u64::from(minutes) * 60_000)));
            tell("duration", json!(format!("PT{minutes}M")));
        }
        if let Some(moved_from_ms) = self.performance.moved_from_ms {
            tell("previousStartDate", json!(self.at(moved_from_ms)));
        }
        if let Some(doors_ms) = self.performance.schedule.doors_at_ms {
            tell("doorTime", json!(self.at(doors_ms)));
        }
        if !facts.description.is_empty() {
            tell("description", json!(facts.description));
        }
        if !facts.host.is_empty() {
            tell("organizer", json!({"@type": "Organization", "name": facts.host}));
        }
        if !facts.performers.is_empty() {
            let people =
                facts.performers.iter().map(|name| json!({"@type": "PerformingGroup", "name": name}));
            tell("performer", people.collect());
        }
        if !facts.language.is_empty() {
            tell("inLanguage", json!(facts.language));
        }
        if !facts.genres.is_empty() {
            tell("keywords", json!(facts.genres));
        }
        let features: Vec<_> = self.performance.accessibility.iter().map(|aid| feature(*aid)).collect();
        if facts.kind == EventKind::Movie {
            let mut movie = json!({"@type": "Movie", "name": facts.title});
            if !facts.age_rating.is_empty() {
                movie["contentRating"] = json!(facts.age_rating);
            }
            if !features.is_empty() {
                movie["accessibilityFeature"] = json!(features);
            }
            tell("workPresented", movie);
        } else if !features.is_empty() {
            let work =
                json!({"@type": "CreativeWork", "name": facts.title, "accessibilityFeature": features});
            tell("workPerformed", work);
        }
        let rating = self.catalog.rating(self.event.id);
        if let Some(mean) = rating.mean() {
            tell(
                "aggregateRating",
                json!({"@type": "AggregateRating", "ratingValue": mean, "ratingCount": rating.count()}),
            );
        }
        if self.told == Told::Fully {
            let key = self.event.stamp.key.clone();
            tell("identifier", json!(key.unwrap_or_else(|| self.event.id.to_string())));
            tell("@id", json!(format!("{}/performances/{}", self.front, self.performance.id)));
        }
        if let Some(offers) = self.offers() {
            tell("offers", offers);
        }
        written
    }

    /// An instant by the clock of the venue.
    fn at(&self, ms: u64) -> String {
        let at = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let at = ZonedDateTime::new(at.unwrap_or(Timestamp::MAX), self.catalog.zone(self.venue.id));
        at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    const fn status(&self) -> &'static str {
        match (self.performance.status, self.performance.moved_from_ms) {
            (PerformanceStatus::Cancelled, _) => "https://schema.org/EventCancelled",
            (PerformanceStatus::Scheduled, Some(_)) => "https://schema.org/EventRescheduled",
            (PerformanceStatus::Scheduled, None) => "https://schema.org/EventScheduled",
        }
    }

    fn place(&self) -> Value {
        let facts = &self.venue.facts;
        let mut place = json!({
            "@type": "Place",
            "name": facts.name,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": facts.address,
                "addressLocality": facts.city,
                "addressRegion": facts.region,
                "postalCode": facts.zip,
                "addressCountry": facts.country,
            },
        });
        if let Some(point) = facts.point {
            place["geo"] =
                json!({"@type": "GeoCoordinates", "latitude": point.lat(), "longitude": point.lon()});
        }
        if self.told == Told::Fully {
            let hall = self.catalog.hall(self.performance.hall).and_then(|hall| hall.stamp.key.clone());
            place["identifier"] = json!(hall.unwrap_or_else(|| self.performance.hall.to_string()));
        }
        place
    }

    fn offers(&self) -> Option<Value> {
        let Performance { sale, schedule, .. } = self.performance;
        let amounts = sale.prices.iter().map(|price| price.amount);
        let (low, high) = (amounts.clone().min()?, amounts.max()?);
        let mut offers = json!({
            "@type": "AggregateOffer",
            "url": format!("{}/performances/{}", self.front, self.performance.id),
            "lowPrice": decimal(low, sale.currency),
            "highPrice": decimal(high, sale.currency),
            "priceCurrency": sale.currency.code(),
            "validFrom": self.at(schedule.on_sale_from_ms),
            "availability": self.availability(),
        });
        if self.told == Told::Fully {
            let hall = self.catalog.hall(self.performance.hall);
            let summary = hall.and_then(|hall| hall.map(self.performance.seat_map_version));
            let each = sale.prices.iter().filter_map(|price| {
                let category = summary?.categories.get(usize::from(price.category))?;
                let concession = sale.concessions.get(usize::from(price.concession))?;
                Some(json!({
                    "@type": "Offer",
                    "name": format!("{}, {concession}", category.name),
                    "category": format!("{}/{concession}", category.key),
                    "price": decimal(price.amount, sale.currency),
                    "priceCurrency": sale.currency.code(),
                    "availability": self.availability(),
                }))
            });
            offers["offers"] = each.collect();
            offers["offerCount"] = json!(sale.prices.len());
        }
        Some(offers)
    }

    const fn availability(&self) -> &'static str {
        let schedule = &self.performance.schedule;
        match self.performance.status {
            PerformanceStatus::Cancelled => "https://schema.org/Discontinued",
            PerformanceStatus::Scheduled if self.now_ms < schedule.on_sale_from_ms => {
                "https://schema.org/PreSale"
            }
            PerformanceStatus::Scheduled if self.now_ms >= schedule.on_sale_until_ms => {
                "https://schema.org/SoldOut"
            }
            PerformanceStatus::Scheduled => "https://schema.org/InStock",
        }
    }
}

const fn kind(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Movie => "ScreeningEvent",
        EventKind::Concert => "MusicEvent",
        EventKind::Theatre | EventKind::Musical | EventKind::Opera => "TheaterEvent",
        EventKind::Dance => "DanceEvent",
        EventKind::Sport => "SportsEvent",
        EventKind::Comedy => "ComedyEvent",
        EventKind::Family => "ChildrensEvent",
        EventKind::Festival => "Festival",
        EventKind::Talk => "EducationEvent",
        EventKind::Other => "Event",
    }
}

/// What a performance has for those who need it. The first three are words of the vocabulary that schema.org points to.
pub(super) const fn feature(aid: Aid) -> &'static str {
    match aid {
        Aid::Captions => "captions",
        Aid::AudioDescription => "audioDescription",
        Aid::SignLanguage => "signLanguage",
        Aid::Hearing => "assistiveListening",
        Aid::Relaxed => "relaxed",
    }
}
