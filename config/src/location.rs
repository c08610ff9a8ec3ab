//! Where on earth something stands.

use serde::Deserialize;

/// A point on the earth. In TOML: `{ lat = 40.7, lon = -74.0 }`, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "Degrees")]
pub struct Location {
    lat_deg: f64,
    lon_deg: f64,
}

/// Two numbers that are no point on the earth.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("there is no such place; lat goes from -90 to 90 and lon from -180 to 180, in degrees")]
pub struct NotALocation;

/// A location as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Degrees {
    lat: f64,
    lon: f64,
}

impl Location {
    /// The point at a latitude and a longitude, in degrees.
    ///
    /// # Errors
    /// [`NotALocation`] if they are out of range.
    pub fn new(lat_deg: f64, lon_deg: f64) -> Result<Self, NotALocation> {
        let valid = (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg);
        if valid { Ok(Self { lat_deg, lon_deg }) } else { Err(NotALocation) }
    }

    /// The latitude in degrees, north positive.
    #[must_use]
    pub const fn lat_deg(self) -> f64 {
        self.lat_deg
    }

    /// The longitude in degrees, east positive.
    #[must_use]
    pub const fn lon_deg(self) -> f64 {
        self.lon_deg
    }
}

impl TryFrom<Degrees> for Location {
    type Error = NotALocation;

    fn try_from(degrees: Degrees) -> Result<Self, NotALocation> {
        Self::new(degrees.lat, degrees.lon)
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_location_is_a_point_on_the_earth() {
        let parse = |location: &str| Settings::parse(&format!("[node]\nlocation = {location}"), "x.toml");
        let new_york = parse("{ lat = 40.7, lon = -74 }").unwrap().node.location.unwrap();
        assert_eq!((new_york.lat_deg(), new_york.lon_deg()), (40.7, -74.0));
        for (location, expected) in [
            (
                "{ lat = 90.1, lon = 0 }",
                "x.toml:2:12: node.location: there is no such place; lat goes from -90 to 90 and lon from -180 \
                 to 180, in degrees",
            ),
            (
                "{ lat = nan, lon = 0 }",
                "x.toml:2:12: node.location: there is no such place; lat goes from -90 to 90 and lon from -180 to 180, in degrees",
            ),
            ("{ lat = 1.0 }", "x.toml:2:12: node.location: missing field `lon`"),
            (
                "{ lat = 1.0, lon = 2.0, alt = 3 }",
                "x.toml:2:36: node.location.alt: there is no such setting; known are: lat, lon",
            ),
        ] {
            assert_eq!(parse(location).unwrap_err().to_string(), expected, "for {location}");
        }
    }
}
