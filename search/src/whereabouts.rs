//! From names of places to areas of the earth, by the US table and by the cities of the index's own venues.

use tantivy::TantivyError;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet as _, TERMINATED};

use crate::collect::Area;
use crate::fold::fold;
use crate::index::Snapshot;
use crate::places::{self, Point};
use crate::schema::tag;

/// A city of that name so near to the visitor is meant rather than a larger one elsewhere.
const OWN_CITY_KM: f64 = 200.0;

/// The most cells that are asked for one by one; a larger area is only checked document by document.
const CELLS_MAX: i64 = 150;

/// The most cities of one name.
const CITIES_MAX: usize = 64;

/// A city with a place on the map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CityFound {
    /// As in `Chicago, IL`.
    pub(crate) label: String,
    pub(crate) middle: Point,
}

/// A city of the index.
struct OwnCity {
    tag: String,
    documents: u64,
    label: String,
    middle: Option<Point>,
}

/// Whether the table or the index has a city of that folded name, in that state or country if one is said.
pub(crate) fn knows_city(snapshot: &Snapshot, name: &str, region: Option<&str>) -> bool {
    !table_cities(name, region).is_empty()
        || own_cities(snapshot, name, region).is_ok_and(|own| !own.is_empty())
}

/// The city that is most likely meant: one near the visitor, else the one with most to see, else the largest.
pub(crate) fn find_city(
    snapshot: &Snapshot,
    name: &str,
    region: Option<&str>,
    near: Option<Point>,
) -> Result<Option<CityFound>, TantivyError> {
    let is_near = |point: Point| near.is_some_and(|near| near.distance_km(point) <= OWN_CITY_KM);
    let own = own_cities(snapshot, name, region)?;
    let own: Vec<(u64, CityFound)> = own
        .into_iter()
        .filter_map(|city| Some((city.documents, CityFound { label: city.label, middle: city.middle? })))
        .collect();
    let table: Vec<CityFound> = table_cities(name, region)
        .into_iter()
        .filter_map(|city| {
            Some(CityFound { label: format!("{}, {}", city.name, city.state), middle: city.point? })
        })
        .collect();
    if let Some(city) = own.iter().map(|(_, city)| city).chain(&table).find(|city| is_near(city.middle)) {
        return Ok(Some(city.clone()));
    }
    let busiest = own.into_iter().max_by_key(|(documents, _)| *documents).map(|(_, city)| city);
    Ok(busiest.map_or_else(
        || table.first().cloned(),
        |busiest| {
            // The middle of the city serves better than the point of one of its venues.
            let known = table.iter().find(|city| city.middle.distance_km(busiest.middle) <= 50.0);
            Some(known.cloned().unwrap_or(busiest))
        },
    ))
}

/// The tags of a city's documents, by a name as in an address: `Chicago`, `Portland, ME`.
pub(crate) fn city_tags(snapshot: &Snapshot, name: &str) -> Result<Vec<String>, TantivyError> {
    let (name, region) = parted(name);
    Ok(own_cities(snapshot, &name, region.as_deref())?.into_iter().map(|city| city.tag).collect())
}

/// A city's folded name and its state's or country's.
pub(crate) fn parted(name: &str) -> (String, Option<String>) {
    match name.rsplit_once(',') {
        Some((name, region)) => {
            let region = fold(region);
            let code = places::state_code(&region).map(str::to_ascii_lowercase);
            (fold(name), Some(code.unwrap_or(region)))
        }
        None => (fold(name), None),
    }
}

/// The cells that an area touches; none if they are too many to ask for.
pub(crate) fn cells(area: Area) -> Option<Vec<String>> {
    let lat_deg = area.radius_km / 110.5;
    let widest_lat = (area.middle.lat_deg().abs() + lat_deg).min(90.0);
    // Where meridians meet an area has no width in degrees.
    let lon_deg = Some(lat_deg / widest_lat.to_radians().cos()).filter(|deg| (0.0..180.0).contains(deg))?;
    let row = |deg: f64| (deg / tag::CELL_DEG).floor() as i64;
    let rows = row(area.middle.lat_deg() - lat_deg)..=row(area.middle.lat_deg() + lat_deg);
    let columns = row(area.middle.lon_deg() - lon_deg)..=row(area.middle.lon_deg() + lon_deg);
    let count = (rows.end() - rows.start() + 1) * (columns.end() - columns.start() + 1);
    (count <= CELLS_MAX)
        .then(|| rows.flat_map(|row| columns.clone().map(move |column| tag::cell(row, column))).collect())
}

fn table_cities(name: &str, region: Option<&str>) -> Vec<places::City> {
    match region {
        Some(region) => places::by_city(&format!("{name}, {region}")),
        None => places::by_city(name),
    }
}

/// The cities of the index with that folded name.
fn own_cities(snapshot: &Snapshot, name: &str, region: Option<&str>) -> Result<Vec<OwnCity>, TantivyError> {
    let named = tag::cities_named(name);
    let mut found: Vec<OwnCity> = Vec::new();
    if name.is_empty() {
        return Ok(found);
    }
    for (segment, columns) in snapshot.searcher.segment_readers().iter().zip(&snapshot.columns) {
        let index = segment.inverted_index(snapshot.fields.tags)?;
        let mut stream = index.terms().range().ge(&named).into_stream()?;
        while stream.advance() && stream.key().starts_with(named.as_bytes()) && found.len() < CITIES_MAX {
            let Ok(tag) = std::str::from_utf8(stream.key()) else { continue };
            let (of_region, of_country) = tag[named.len()..].split_once('|').unwrap_or_default();
            if region.is_some_and(|region| region != of_region && region != of_country) {
                continue;
            }
            let documents = u64::from(stream.value().doc_freq);
            if let Some(city) = found.iter_mut().find(|city| city.tag == tag) {
                city.documents += documents;
                continue;
            }
            let postings = index.read_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)?;
            let doc = postings.doc();
            if doc == TERMINATED {
                continue;
            }
            let mut label = String::new();
            if let Some(cities) = &columns.cities
                && let Some(city) = cities.ords().first(doc)
            {
                cities.ord_to_str(city, &mut label)?;
            }
            found.push(OwnCity { tag: tag.to_owned(), documents, label, middle: columns.point(doc) });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_touches_the_cells_around_it() {
        let area = |lat, lon, radius_km| Area { middle: Point::new(lat, lon).unwrap(), radius_km };
        let chicago = cells(area(41.88, -87.63, 40.0)).unwrap();
        assert!(chicago.contains(&"c:83:-176".to_owned()), "{chicago:?}");
        assert!((4..=9).contains(&chicago.len()), "{chicago:?}");
        // Around the date line both sides are meant.
        let (row, column) = tag::cell_of(Point::new(-17.7, 179.9).unwrap());
        let fiji = cells(area(-17.7, -179.9, 60.0)).unwrap();
        assert!(fiji.contains(&tag::cell(row, column)), "{fiji:?}");
        assert_eq!(cells(area(0.0, 0.0, 5_000.0)), None);
        assert_eq!(cells(area(89.9, 0.0, 40.0)), None);
    }

    #[test]
    fn cities_are_parted_from_their_states() {
        assert_eq!(parted("Portland, Maine"), ("portland".to_owned(), Some("me".to_owned())));
        assert_eq!(parted("Montréal, Québec"), ("montreal".to_owned(), Some("quebec".to_owned())));
        assert_eq!(parted(" Chicago "), ("chicago".to_owned(), None));
        assert_eq!(parted(","), (String::new(), Some(String::new())));
    }
}
