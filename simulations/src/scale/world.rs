//! Where nodes are, and how long the way between them takes.

use std::time::Duration;

/// A city with a data centre: name, latitude and longitude in degrees.
type City = (&'static str, f64, f64);

/// Nodes are spread over these in turn, so that a small cluster is as wide as a large one.
const CITIES: [City; 40] = [
    ("Ashburn", 39.0, -77.5),
    ("Dublin", 53.3, -6.3),
    ("Mumbai", 19.1, 72.9),
    ("São Paulo", -23.6, -46.6),
    ("Tokyo", 35.7, 139.7),
    ("Sydney", -33.9, 151.2),
    ("Frankfurt", 50.1, 8.7),
    ("Portland", 45.5, -122.7),
    ("Singapore", 1.4, 103.8),
    ("Johannesburg", -26.2, 28.0),
    ("London", 51.5, -0.1),
    ("Columbus", 40.0, -83.0),
    ("Seoul", 37.6, 127.0),
    ("Stockholm", 59.3, 18.1),
    ("Montréal", 45.5, -73.6),
    ("Paris", 48.9, 2.4),
    ("Hong Kong", 22.3, 114.2),
    ("Milan", 45.5, 9.2),
    ("Bahrain", 26.1, 50.6),
    ("Osaka", 34.7, 135.5),
    ("San Francisco", 37.8, -122.4),
    ("Madrid", 40.4, -3.7),
    ("Jakarta", -6.2, 106.8),
    ("Zürich", 47.4, 8.5),
    ("Melbourne", -37.8, 145.0),
    ("Dallas", 32.8, -96.8),
    ("Warsaw", 52.2, 21.0),
    ("Hyderabad", 17.4, 78.5),
    ("Tel Aviv", 32.1, 34.8),
    ("Santiago", -33.4, -70.7),
    ("Toronto", 43.7, -79.4),
    ("Dubai", 25.2, 55.3),
    ("Chicago", 41.9, -87.6),
    ("Cape Town", -33.9, 18.4),
    ("Amsterdam", 52.4, 4.9),
    ("Mexico City", 19.4, -99.1),
    ("Taipei", 25.0, 121.5),
    ("Helsinki", 60.2, 24.9),
    ("Auckland", -36.8, 174.8),
    ("Lagos", 6.5, 3.4),
];

const EARTH_RADIUS_KM: f64 = 6_371.0;
/// Light in glass: two thirds of its speed in vacuum.
const KM_PER_S: f64 = 200_000.0;
/// How much longer cables are than great circles.
const DETOUR: f64 = 1.4;
/// What takes time at both ends, also next door.
const AT_LEAST: Duration = Duration::from_micros(250);

/// The city of a node.
#[must_use]
pub fn city(node: u64) -> &'static str {
    place(node).0
}

/// How long a packet takes one way, without jitter.
#[must_use]
pub fn delay(from: u64, to: u64) -> Duration {
    let km = great_circle_km(place(from), place(to));
    AT_LEAST + Duration::from_secs_f64(km * DETOUR / KM_PER_S)
}

fn place(node: u64) -> &'static City {
    // The remainder is below the number of cities.
    &CITIES[(node % CITIES.len() as u64) as usize]
}

/// By the haversine formula.
fn great_circle_km(from: &City, to: &City) -> f64 {
    let (from_lat, to_lat) = (from.1.to_radians(), to.1.to_radians());
    let lat = (to_lat - from_lat) / 2.0;
    let lon = (to.2 - from.2).to_radians() / 2.0;
    let chord = lat.sin().powi(2) + from_lat.cos() * to_lat.cos() * lon.sin().powi(2);
    2.0 * EARTH_RADIUS_KM * chord.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_world() {
        let km = great_circle_km(&CITIES[0], &CITIES[1]);
        assert!((5_300.0..5_500.0).contains(&km), "Ashburn to Dublin: {km} km");
        let round_trip = delay(0, 5) + delay(5, 0);
        assert!((200..250).contains(&round_trip.as_millis()), "Ashburn to Sydney: {round_trip:?}");
        assert_eq!(delay(3, 3 + CITIES.len() as u64), AT_LEAST);
        assert_eq!(city(0), "Ashburn");
    }
}
