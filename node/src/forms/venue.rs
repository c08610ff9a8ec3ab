//! A venue as it is written down.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalog::checks::{self, Faults};
use crate::catalog::entity::{Point, VenueFacts};

/// A venue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueForm {
    /// Your own name for it, unique among your venues: importing twice makes it once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "fox-oakland")]
    pub key: Option<String>,
    /// `theater`, `cinema`, `arena`, `stadium`, `concert_hall`, `opera_house`, `club`, `comedy_club`, `open_air` or
    /// `other`.
    #[schema(example = "theater")]
    pub kind: String,
    /// Its name.
    #[schema(example = "Fox Theater")]
    pub name: String,
    /// Street and number.
    #[serde(default)]
    pub address: String,
    /// Its city.
    #[schema(example = "Oakland")]
    pub city: String,
    /// State or region, abbreviated where that is the custom.
    #[serde(default)]
    #[schema(example = "CA")]
    pub region: String,
    /// ISO 3166 code of two letters.
    #[schema(example = "US")]
    pub country: String,
    /// Postal code.
    #[serde(default)]
    #[schema(example = "94612")]
    pub zip: String,
    /// Where on earth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<PointForm>,
    /// Name of its time zone in the IANA database.
    #[schema(example = "America/Los_Angeles")]
    pub time_zone: String,
}

/// A point on earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointForm {
    /// North of the equator.
    pub lat: f64,
    /// East of Greenwich.
    pub lon: f64,
}

impl VenueForm {
    /// The facts, if nothing is wrong with them.
    pub fn facts(&self, faults: &mut Faults) -> Option<VenueFacts> {
        faults.key(self.key.as_deref());
        let kind = faults.take("/kind", self.kind.parse());
        let point = self.point.map(|point| {
            let found = Point::from_degrees(point.lat, point.lon);
            faults.take("/point", found.ok_or("must be between -90 and 90, and between -180 and 180 degrees"))
        });
        let facts = VenueFacts {
            name: self.name.clone(),
            kind: kind.unwrap_or(crate::catalog::VenueKind::Other),
            address: self.address.clone(),
            city: self.city.clone(),
            region: self.region.clone(),
            country: self.country.clone(),
            zip: self.zip.clone(),
            point: point.flatten(),
            time_zone: self.time_zone.clone(),
        };
        checks::venue(&facts, faults);
        kind.map(|_known| facts)
    }
}
