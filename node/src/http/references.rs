//! What answers tell of things that they refer to, and of money.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use marquee_ledger::Currency;
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::entity::{Hall, Performance, Venue};

/// An amount of money.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = Money)]
pub(crate) struct MoneyBody {
    /// Minor units, such as cents.
    #[schema(example = 4500)]
    pub(crate) amount: i64,
    /// ISO 4217 code.
    #[schema(value_type = String, example = "USD")]
    pub(crate) currency: Currency,
}

/// Where something takes place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VenueReference)]
pub(crate) struct VenueReference {
    /// The venue's id.
    id: String,
    /// Its name.
    name: String,
    /// Its city.
    city: String,
    /// Its state or region.
    region: String,
    /// Its postal code.
    zip: String,
    /// Its time zone.
    time_zone: String,
    #[serde(skip)]
    country: String,
}

/// In which hall.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HallReference)]
pub(crate) struct HallReference {
    /// The hall's id.
    id: String,
    /// Its name.
    name: String,
}

impl MoneyBody {
    pub(crate) const fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The lowest price of a performance.
    pub(crate) fn lowest(performance: &Performance) -> Option<Self> {
        let lowest = performance.sale.prices.iter().map(|price| price.amount).min()?;
        Some(Self::new(lowest, performance.sale.currency))
    }
}

impl VenueReference {
    pub(crate) fn new(venue: &Venue) -> Self {
        let facts = &venue.facts;
        Self {
            id: venue.id.to_string(),
            name: facts.name.clone(),
            city: facts.city.clone(),
            region: facts.region.clone(),
            zip: facts.zip.clone(),
            time_zone: facts.time_zone.clone(),
            country: facts.country.clone(),
        }
    }

    /// Its time zone; UTC if the node does not know it.
    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// The ISO 3166 code of its country.
    pub(crate) fn country(&self) -> &str {
        &self.country
    }

    /// `Fox Theater, Oakland, CA`
    pub(crate) fn words(&self) -> String {
        let parts = [&self.name, &self.city, &self.region];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    }
}

impl HallReference {
    pub(crate) fn new(hall: &Hall) -> Self {
        Self { id: hall.id.to_string(), name: hall.name.clone() }
    }
}

/// An instant by the clock of a zone, without its offset: what a ticket says.
pub(crate) fn local_time(millis: u64, zone: &TimeZone) -> String {
    // Instants of the catalog are in years that jiff knows.
    let at = i64::try_from(millis).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    zone.to_datetime(at.unwrap_or(Timestamp::MAX)).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
