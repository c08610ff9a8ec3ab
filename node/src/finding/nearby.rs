//! What is near a place, remembered: what feeds are picked from for whom nothing more is known.
//!
//! To weigh everything within an hour's drive of a big city takes milliseconds, and most visitors of a city ask for the
//! same. So places are taken together by the cells of a grid that is fine beside the radius, and what the index found for
//! a cell is remembered until something in reach of it was put into the index. Order is by the cell's middle; what is
//! shown has its distance from the very place, and what is too far from that is left out.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use marquee_search::feed::Candidate;
use marquee_search::places::Point;
use moka::future::Cache;
use parking_lot::RwLock;

/// How many times a cell's side goes into the radius.
const CELLS_IN_RADIUS: f64 = 10.0;
/// The radius that is meant where none is, in kilometres.
const RADIUS_USUAL_KM: f64 = 100.0;
/// Kilometres in a degree of latitude.
const DEGREE_KM: f64 = 111.2;
/// From this radius on, and this near to a pole, everything is in reach.
const REACH_MAX_KM: f64 = 500.0;
const POLAR_DEG: f64 = 80.0;
/// How many candidates are remembered in all: some ten megabytes.
const CANDIDATES_MAX: u64 = 200_000;
/// Dates go by, though nothing changes.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// What is remembered of places.
pub struct Nearby {
    known: Cache<Question, Arc<Vec<Candidate>>>,
    /// At which commit something was put last, by degrees.
    put: RwLock<HashMap<Degree, u64>>,
}

/// A square degree, by its south-western corner.
pub type Degree = (i16, i16);

/// In which degree a point is.
#[must_use]
pub fn degree_of(point: Point) -> Degree {
    // Within ±180.
    (point.lat_deg().floor() as i16, point.lon_deg().floor() as i16)
}

/// The middle of a cell, and how far from it is looked so that the whole radius is seen from everywhere in the cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// From where.
    pub middle: Point,
    /// How far; 0 for everywhere.
    pub radius_km: f64,
    cell: (i32, i32, u32),
}

impl Spot {
    /// The spot for a place and a radius; 0 is everywhere.
    #[must_use]
    pub fn around(point: Point, radius_km: f64) -> Option<Self> {
        let whole_km = if radius_km > 0.0 { radius_km } else { RADIUS_USUAL_KM };
        let side_km = whole_km / CELLS_IN_RADIUS;
        let lat_step = (side_km / DEGREE_KM).min(90.0);
        let row = (point.lat_deg() / lat_step).floor();
        let lat = ((row + 0.5) * lat_step).clamp(-89.9, 89.9);
        let lon_step = (lat_step / lat.to_radians().cos()).min(180.0);
        let column = (point.lon_deg() / lon_step).floor();
        let lon = ((column + 0.5) * lon_step).clamp(-180.0, 180.0);
        Some(Self {
            middle: Point::new(lat, lon)?,
            radius_km: if radius_km > 0.0 { radius_km + side_km } else { 0.0 },
            cell: (row as i32, column as i32, (radius_km * 10.0) as u32),
        })
    }
}

/// Which candidates: for a cell, how many, and as of which commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Question {
    cell: Option<(i32, i32, u32)>,
    limit: usize,
    as_of: u64,
}

impl Default for Nearby {
    fn default() -> Self {
        let known = Cache::builder()
            .weigher(|_question, found: &Arc<Vec<Candidate>>| {
                u32::try_from(found.len() + 8).unwrap_or(u32::MAX)
            })
            .max_capacity(CANDIDATES_MAX)
            .time_to_live(REMEMBERED_FOR)
            .build();
        Self { known, put: RwLock::default() }
    }
}

impl Nearby {
    /// Notes that something was put into the index in these degrees, and can be found from this commit on.
    pub fn note(&self, degrees: impl IntoIterator<Item = Degree>, commit: u64) {
        self.put.write().extend(degrees.into_iter().map(|degree| (degree, commit)));
    }

    /// What is remembered for a spot, or what `find` finds; who asks the same meanwhile waits for it. `commits` is how often
    /// the index was committed before.
    ///
    /// # Errors
    /// What `find` says, to everybody who waited for it.
    pub async fn get_or_find<E: Send + Sync + 'static>(
        &self,
        spot: Option<Spot>,
        limit: usize,
        commits: u64,
        find: impl Future<Output = Result<Vec<Candidate>, E>>,
    ) -> Result<Arc<Vec<Candidate>>, Arc<E>> {
        let as_of = spot.map_or(commits, |spot| self.last_put(spot).unwrap_or(commits));
        let question = Question { cell: spot.map(|spot| spot.cell), limit, as_of };
        self.known.try_get_with(question, async { find.await.map(Arc::new) }).await
    }

    /// At which commit something in reach was put last; none when that is the whole world.
    fn last_put(&self, spot: Spot) -> Option<u64> {
        let lat_reach = spot.radius_km / DEGREE_KM;
        let (lat, lon) = (spot.middle.lat_deg(), spot.middle.lon_deg());
        if spot.radius_km == 0.0 || spot.radius_km > REACH_MAX_KM || lat.abs() + lat_reach > POLAR_DEG {
            return None;
        }
        let lon_reach = lat_reach / (lat.abs() + lat_reach).to_radians().cos();
        let put = self.put.read();
        let mut last = 0;
        for south in (lat - lat_reach).floor() as i16..=(lat + lat_reach).floor() as i16 {
            for west in (lon - lon_reach).floor() as i16..=(lon + lon_reach).floor() as i16 {
                // The world is round.
                let west = (west + 180).rem_euclid(360) - 180;
                last = last.max(put.get(&(south, west)).copied().unwrap_or(0));
            }
        }
        Some(last)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn spot(lat: f64, lon: f64, radius_km: f64) -> Spot {
        Spot::around(Point::new(lat, lon).unwrap(), radius_km).unwrap()
    }

    #[test]
    fn a_cell_sees_the_whole_radius_of_everyone_in_it() {
        for lat in [-89.9, -61.3, 0.0, 40.7, 89.9] {
            for lon in [-180.0, -74.0, 0.0, 179.9] {
                for radius_km in [1.0, 20.0, 100.0, 20_000.0] {
                    let point = Point::new(lat, lon).unwrap();
                    let spot = Spot::around(point, radius_km).unwrap();
                    let off_km = point.distance_km(spot.middle);
                    assert!(off_km <= spot.radius_km - radius_km, "{lat} {lon} {radius_km}: {off_km} km off");
                }
            }
        }
        let middle = spot(40.71, -74.0, 100.0).middle;
        let cell =
            |lat_off: f64, radius_km| spot(middle.lat_deg() + lat_off, middle.lon_deg(), radius_km).cell;
        assert_eq!(cell(0.0, 100.0), cell(0.03, 100.0));
        assert_ne!(cell(0.0, 5.0), cell(0.03, 5.0));
    }

    #[tokio::test]
    async fn what_was_found_is_remembered_until_something_near_is_put() {
        let nearby = Nearby::default();
        let found = AtomicU32::new(0);
        let ask = async |spot: Spot, commits: u64| {
            let find = async {
                found.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(Vec::new())
            };
            let before = found.load(Ordering::Relaxed);
            assert!(nearby.get_or_find(Some(spot), 20, commits, find).await.is_ok());
            found.load(Ordering::Relaxed) > before
        };
        let (new_york, fiji) = (spot(40.71, -74.0, 100.0), spot(-17.7, 179.9, 100.0));
        assert!(ask(new_york, 1).await && ask(fiji, 1).await);
        assert!(!ask(new_york, 1).await);
        // Far away, in New Jersey, and on the other side of the date line.
        nearby.note([degree_of(Point::new(34.05, -118.24).unwrap())], 2);
        assert!(!ask(new_york, 2).await && !ask(fiji, 2).await);
        nearby.note([degree_of(Point::new(40.2, -74.8).unwrap())], 3);
        assert!(ask(new_york, 3).await && !ask(fiji, 3).await);
        nearby.note([degree_of(Point::new(-17.7, -179.9).unwrap())], 4);
        assert!(!ask(new_york, 4).await && ask(fiji, 4).await);
        // What is asked for the whole world knows of every commit.
        let world = spot(40.71, -74.0, 0.0);
        assert!(ask(world, 4).await && !ask(world, 4).await && ask(world, 5).await);
    }
}
