//! Where places are: US zip codes and cities, points and distances.
//!
//! The table is part of the binary (see `build.rs`), some 43,000 zip codes and 40,000 names of cities; it is read once,
//! within milliseconds, when first asked. Places outside the United States have no zip code here: venues abroad are found by
//! the city that they name and by their own point.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use crate::fold::fold;

/// The mean radius of the earth, in kilometres (IUGG).
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// How many neighbours an unknown zip code is answered with.
const NEAR_ZIPS: usize = 4;

/// A point on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    lat_deg: f64,
    lon_deg: f64,
}

impl Point {
    /// The point at a latitude (−90 to 90) and longitude (−180 to 180), in degrees; `None` if they are no such.
    #[must_use]
    pub fn new(lat_deg: f64, lon_deg: f64) -> Option<Self> {
        let valid = (-90.0..=90.0).contains(&lat_deg) && (-180.0..=180.0).contains(&lon_deg);
        valid.then_some(Self { lat_deg, lon_deg })
    }

    /// The latitude in degrees, north positive.
    #[must_use]
    pub fn lat_deg(self) -> f64 {
        self.lat_deg
    }

    /// The longitude in degrees, east positive.
    #[must_use]
    pub fn lon_deg(self) -> f64 {
        self.lon_deg
    }

    /// The length of the great circle to `other`, by the haversine formula: exact to half a percent, as the earth is no
    /// sphere.
    #[must_use]
    pub fn distance_km(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.lat_deg.to_radians(), other.lat_deg.to_radians());
        let half_lat = (lat_b - lat_a) / 2.0;
        let half_lon = (other.lon_deg - self.lon_deg).to_radians() / 2.0;
        let h = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
        // Rounding can lift antipodes a hair above 1, where the arcsine ends.
        2.0 * EARTH_RADIUS_KM * h.min(1.0).sqrt().asin()
    }
}

/// A US zip code: five digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zip(u32);

/// Text that is no zip code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a zip code: write five digits, such as 94612")]
pub struct NotAZip;

impl FromStr for Zip {
    type Err = NotAZip;

    /// Reads `94612` and, without keeping the last four, `94612-1234`.
    fn from_str(text: &str) -> Result<Self, NotAZip> {
        let text = text.trim();
        let (zip, plus_four) = text.split_once('-').unwrap_or((text, "0000"));
        let is_digits = |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
        if is_digits(zip, 5) && is_digits(plus_four, 4) {
            zip.parse().map(Self).map_err(|_digits| NotAZip)
        } else {
            Err(NotAZip)
        }
    }
}

impl fmt::Display for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

impl fmt::Debug for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A zip code that nobody has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no zip code {zip}; near it are {}", .near.iter().map(Zip::to_string).collect::<Vec<_>>().join(", "))]
pub struct UnknownZip {
    /// The zip code.
    pub zip: Zip,
    /// Those that are nearest to it as numbers, and thus usually as places, in order.
    pub near: Vec<Zip>,
}

/// A city of a state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct City {
    /// Its name, as it is written.
    pub name: &'static str,
    /// The two letters of its state or territory.
    pub state: &'static str,
    /// The middle of its zip codes; `None` for military post offices.
    pub point: Option<Point>,
    /// How many zip codes it has: a measure of its size.
    pub zips: u32,
}

/// A zip code's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The zip code.
    pub zip: Zip,
    /// The city that it belongs to.
    pub city: City,
    /// Where it is; `None` for military post offices.
    pub point: Option<Point>,
}

/// Where a zip code is.
///
/// # Errors
/// [`UnknownZip`] with near ones, if nobody has it.
pub fn by_zip(zip: Zip) -> Result<Place, UnknownZip> {
    let table = &*TABLE;
    let at = table.zips.partition_point(|row| row.zip < zip);
    match table.zips.get(at) {
        Some(row) if row.zip == zip => Ok(Place { zip, city: table.cities[row.city].city, point: row.point }),
        Some(_) | None => Err(UnknownZip { zip, near: table.near(at, zip) }),
    }
}

/// The cities of that name, whatever its case and accents, the largest first; of one state if `name` says so, as in
/// `Portland, ME`.
#[must_use]
pub fn by_city(name: &str) -> Vec<City> {
    let (name, state) = match name.rsplit_once(',') {
        Some((name, state)) => (name, Some(state.trim())),
        None => (name, None),
    };
    let folded = fold(name);
    let table = &*TABLE;
    let from = table.cities.partition_point(|row| row.folded < folded.as_str());
    let mut found: Vec<City> = table.cities[from..]
        .iter()
        .take_while(|row| row.folded == folded)
        .map(|row| row.city)
        .filter(|city| state.is_none_or(|state| city.state.eq_ignore_ascii_case(state)))
        .collect();
    found.sort_by(|a, b| b.zips.cmp(&a.zips).then(a.state.cmp(b.state)));
    found
}

/// The two letters of a state, by them or by its name, whatever their case.
#[must_use]
pub fn state_code(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let is_it =
        |(code, name): &&(&str, &str)| text.eq_ignore_ascii_case(code) || text.eq_ignore_ascii_case(name);
    STATES.iter().find(is_it).map(|(code, _)| *code)
}

/// The name of the state with these two letters.
#[must_use]
pub fn state_name(code: &str) -> Option<&'static str> {
    STATES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|(_, name)| *name)
}

const STATES: &[(&str, &str)] = &[
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DC", "District of Columbia"),
    ("DE", "Delaware"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("HI", "Hawaii"),
    ("IA", "Iowa"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("MA", "Massachusetts"),
    ("MD", "Maryland"),
    ("ME", "Maine"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MO", "Missouri"),
    ("MS", "Mississippi"),
    ("MT", "Montana"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("NE", "Nebraska"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NV", "Nevada"),
    ("NY", "New York"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("PR", "Puerto Rico"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VA", "Virginia"),
    ("VT", "Vermont"),
    ("WA", "Washington"),
    ("WI", "Wisconsin"),
    ("WV", "West Virginia"),
    ("WY", "Wyoming"),
];

/// The zip code nearest to a point, with its place, if there is one within some distance.
#[must_use]
pub fn nearest(point: Point, within_km: f64) -> Option<Place> {
    let table = &*TABLE;
    let near = table.zips.iter().filter_map(|row| Some((row, row.point?.distance_km(point))));
    let (row, _) = near.filter(|(_, km)| *km <= within_km).min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    Some(Place { zip: row.zip, city: table.cities[row.city].city, point: row.point })
}

/// All zip codes with their places, in order.
pub fn all() -> impl Iterator<Item = Place> {
    let table = &*TABLE;
    table.zips.iter().map(|row| Place { zip: row.zip, city: table.cities[row.city].city, point: row.point })
}

struct Table {
    /// By zip code.
    zips: Vec<ZipRow>,
    /// By folded name and state.
    cities: Vec<CityRow>,
}

struct ZipRow {
    zip: Zip,
    /// Index into [`Table::cities`].
    city: usize,
    point: Option<Point>,
}

struct CityRow {
    folded: &'static str,
    city: City,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let table = Table::read(
        include_str!(concat!(env!("OUT_DIR"), "/zips.tsv")),
        include_str!(concat!(env!("OUT_DIR"), "/cities.tsv")),
    );
    // The text was written by build.rs, and a test reads it: it cannot be malformed.
    table.expect("the table of places is well formed")
});

impl Table {
    /// Reads the two texts that `build.rs` describes; `None` if they are malformed.
    fn read(zips: &'static str, cities: &'static str) -> Option<Self> {
        let point = |lat: &str, lon: &str| Point::new(lat.parse().ok()?, lon.parse().ok()?);
        let cities: Option<Vec<CityRow>> = cities
            .lines()
            .map(|line| {
                let mut fields = line.split('\t');
                let mut next = || fields.next();
                let (folded, name, state, lat, lon) = (next()?, next()?, next()?, next()?, next()?);
                let zips = next()?.parse().ok()?;
                Some(CityRow { folded, city: City { name, state, point: point(lat, lon), zips } })
            })
            .collect();
        let cities = cities?;
        let zips: Option<Vec<ZipRow>> = zips
            .lines()
            .map(|line| {
                let mut fields = line.split('\t');
                let mut next = || fields.next();
                let (zip, city, lat, lon) = (next()?.parse().ok()?, next()?.parse().ok()?, next()?, next()?);
                (city < cities.len()).then_some(ZipRow { zip, city, point: point(lat, lon) })
            })
            .collect();
        Some(Self { zips: zips?, cities })
    }

    /// The zip codes nearest to `zip`, which would stand at `at`.
    fn near(&self, at: usize, zip: Zip) -> Vec<Zip> {
        let around = at.saturating_sub(NEAR_ZIPS)..(at + NEAR_ZIPS).min(self.zips.len());
        let mut near: Vec<Zip> = self.zips[around].iter().map(|row| row.zip).collect();
        near.sort_by_key(|other| other.0.abs_diff(zip.0));
        near.truncate(NEAR_ZIPS);
        near.sort_unstable();
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip(text: &str) -> Zip {
        text.parse().unwrap()
    }

    #[test]
    fn zip_codes_are_five_digits() {
        assert_eq!(zip("00501").to_string(), "00501");
        assert_eq!(zip(" 94612-1234 "), zip("94612"));
        for text in ["", "9461", "946122", "9461a", "94612-", "94612-12", "+9461", "９４６１２"] {
            assert_eq!(text.parse::<Zip>(), Err(NotAZip), "for {text:?}");
        }
    }

    #[test]
    fn a_zip_code_has_a_city_and_a_point() {
        let oakland = by_zip(zip("94612")).unwrap();
        assert_eq!((oakland.city.name, oakland.city.state), ("Oakland", "CA"));
        let fox_theatre = Point::new(37.8080, -122.2700).unwrap();
        assert!(oakland.point.unwrap().distance_km(fox_theatre) < 2.0);
        // A military post office is somewhere, but not at 0°, 0°.
        assert_eq!(by_zip(zip("09002")).unwrap().point, None);
    }

    #[test]
    fn an_unknown_zip_code_is_answered_with_near_ones() {
        let unknown = by_zip(zip("94600")).unwrap_err();
        assert_eq!(unknown.near.len(), NEAR_ZIPS);
        assert!(unknown.near.is_sorted());
        assert!(unknown.near.contains(&zip("94601")), "{unknown}");
        assert!(unknown.to_string().starts_with("there is no zip code 94600; near it are 94"));
        assert_eq!(by_zip(zip("00000")).unwrap_err().near.len(), NEAR_ZIPS);
        assert_eq!(by_zip(zip("99999")).unwrap_err().near.len(), NEAR_ZIPS);
    }

    #[test]
    fn cities_are_found_by_any_spelling_of_their_name_the_largest_first() {
        let portlands = by_city("PORTLAND");
        assert_eq!(portlands[0].state, "OR");
        assert!(portlands.is_sorted_by_key(|city| std::cmp::Reverse(city.zips)));
        let maine = by_city("portland, me");
        assert_eq!(maine.len(), 1);
        assert!(maine[0].point.unwrap().distance_km(portlands[0].point.unwrap()) > 4_000.0);
        assert_eq!(by_city("E. Rutherford")[0].state, "NJ");
        assert!(by_city("Nowhere at all").is_empty());
        assert!(by_city("").is_empty());
    }

    #[test]
    fn states_go_by_their_letters_and_names() {
        assert_eq!(state_code("new york"), Some("NY"));
        assert_eq!(state_code(" me "), Some("ME"));
        assert_eq!(state_code("ontario"), None);
        assert_eq!(state_name("il"), Some("Illinois"));
    }

    #[test]
    fn the_nearest_zip_code_is_told_unless_all_are_far() {
        let fox_theatre = Point::new(37.8080, -122.2700).unwrap();
        assert_eq!(nearest(fox_theatre, 10.0).unwrap().city.name, "Oakland");
        assert_eq!(nearest(Point::new(0.0, 0.0).unwrap(), 500.0), None);
        assert_eq!(all().count(), TABLE.zips.len());
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        let point = |lat, lon| Point::new(lat, lon).unwrap();
        let (new_york, los_angeles) = (point(40.7128, -74.0060), point(34.0522, -118.2437));
        assert!((new_york.distance_km(los_angeles) - 3_935.7).abs() < 1.0);
        assert!((point(0.0, 179.5).distance_km(point(0.0, -179.5)) - 111.19).abs() < 0.1);
        assert!((point(90.0, 0.0).distance_km(point(-90.0, 0.0)) - 20_015.1).abs() < 0.1);
        assert_eq!(new_york.distance_km(new_york), 0.0);
        assert_eq!(Point::new(90.1, 0.0), None);
        assert_eq!(Point::new(0.0, f64::NAN), None);
    }

    #[test]
    fn the_table_is_sorted_as_lookups_need_it() {
        assert!(TABLE.zips.len() > 40_000);
        assert!(TABLE.zips.is_sorted_by(|a, b| a.zip < b.zip));
        assert!(TABLE.cities.is_sorted_by_key(|row| row.folded));
    }
}
