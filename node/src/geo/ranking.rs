//! The order of nodes from a customer's place.

use std::sync::Arc;

use marquee_search::places::Point;

use super::{Candidate, Geography, Origin};

/// Nodes within so many kilometres of each other are as near as each other: a millisecond's way, and less than what is
/// known of a customer's place.
const AS_NEAR_KM: f64 = 50.0;

/// A healthy node, and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The node.
    pub candidate: Arc<Candidate>,
    /// The length of the great circle to it, if both places are known.
    pub distance_km: Option<f64>,
}

/// The healthy nodes, the nearest to `origin` first.
///
/// Nodes of the origin's own region come first; then those whose place is known, by distance in steps of 50 km; of those
/// that are as near, the one with less to do; and then by their numbers, so that the order is always the same.
#[must_use]
pub fn rank(geography: &Geography, candidates: &[Arc<Candidate>], origin: &Origin) -> Vec<Ranked> {
    let place = |candidate: &Candidate| -> Option<Point> {
        candidate.location.or_else(|| geography.region_point(&candidate.region))
    };
    let mut ranked: Vec<Ranked> = candidates
        .iter()
        .filter(|candidate| candidate.healthy)
        .map(|candidate| Ranked {
            candidate: Arc::clone(candidate),
            distance_km: origin.point.zip(place(candidate)).map(|(from, to)| from.distance_km(to)),
        })
        .collect();
    ranked.sort_by(|a, b| {
        let elsewhere = |it: &Ranked| origin.region.as_ref().is_some_and(|own| *own != it.candidate.region);
        let steps =
            |it: &Ranked| it.distance_km.map_or(f64::INFINITY, |distance| (distance / AS_NEAR_KM).floor());
        elsewhere(a)
            .cmp(&elsewhere(b))
            .then(steps(a).total_cmp(&steps(b)))
            .then(a.candidate.load_permille.cmp(&b.candidate.load_permille))
            .then(a.candidate.node.cmp(&b.candidate.node))
    });
    ranked
}

#[cfg(test)]
mod tests {
    use marquee_config::Settings;
    use marquee_replication::NodeId;

    use super::*;
    use crate::geo::{OriginKind, Sight};

    const REGIONS: &str = r#"
        [node]
        region = "us-east"
        [cluster.regions.us-east]
        location = { lat = 39.0, lon = -77.5 }
        addresses = ["10.1.0.0/16"]
        [cluster.regions.eu-west]
        location = { lat = 53.3, lon = -6.3 }
        addresses = ["10.2.0.0/16"]
        [cluster.regions.ap-south]
        location = { lat = 19.1, lon = 72.9 }
        addresses = ["10.3.0.0/16"]
    "#;

    fn geography(settings: &str) -> Geography {
        Geography::new(&Settings::parse(settings, "x.toml").unwrap())
    }

    /// Nodes as `number region [lat,lon] [load=…] [down]`, separated by semicolons.
    fn nodes(text: &str) -> Vec<Arc<Candidate>> {
        let node = |line: &str| {
            let mut words = line.split_whitespace();
            let number: u64 = words.next().unwrap().parse().unwrap();
            let mut candidate = Candidate {
                node: NodeId(number),
                name: format!("n{number}"),
                region: words.next().unwrap().to_owned(),
                zone: "a".to_owned(),
                location: None,
                url: format!("https://n{number}.example.com"),
                addresses: Vec::new(),
                healthy: true,
                load_permille: 0,
            };
            for word in words {
                if word == "down" {
                    candidate.healthy = false;
                } else if let Some(load) = word.strip_prefix("load=") {
                    candidate.load_permille = load.parse().unwrap();
                } else {
                    let (lat, lon) = word.split_once(',').unwrap();
                    candidate.location = Point::new(lat.parse().unwrap(), lon.parse().unwrap());
                }
            }
            Arc::new(candidate)
        };
        text.split(';').map(node).collect()
    }

    /// `1 2 3`: the numbers in order, for somebody at an address or at `lat,lon`.
    fn order(geography: &Geography, candidates: &str, from: &str) -> String {
        let origin = match from.split_once(',') {
            Some((lat, lon)) => {
                Geography::at_point(Point::new(lat.parse().unwrap(), lon.parse().unwrap()).unwrap())
            }
            None if from.is_empty() => geography.here(),
            None => geography.at_address(Sight::whole(from.parse().unwrap())),
        };
        let ranked = rank(geography, &nodes(candidates), &origin);
        ranked.iter().map(|it| it.candidate.node.0.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_nearest_healthy_node_comes_first() {
        let geography = geography(REGIONS);
        let world = "1 us-east;2 eu-west;3 ap-south";
        let table = [
            // Berlin, Chicago, Singapore, Sydney.
            (world, "52.5,13.4", "2 3 1"),
            (world, "41.9,-87.6", "1 2 3"),
            (world, "1.35,103.8", "3 2 1"),
            (world, "-33.9,151.2", "3 1 2"),
            // By address, and by the node's own region when the address says nothing.
            (world, "10.2.9.9", "2 1 3"),
            (world, "10.3.9.9", "3 2 1"),
            (world, "203.0.113.1", "1 2 3"),
            (world, "", "1 2 3"),
            // Who is down is not there at all.
            ("1 us-east;2 eu-west down;3 ap-south", "10.2.9.9", "1 3"),
            ("1 us-east down;2 eu-west down", "10.2.9.9", ""),
            // A node's own place counts more than its region's.
            ("1 us-east 37.4,-122.1;2 us-east", "37.8,-122.3", "1 2"),
            // As near as each other: the one with less to do, then the lower number.
            ("1 eu-west load=800;2 eu-west load=100;3 eu-west load=100", "10.2.9.9", "2 3 1"),
            ("1 eu-west 53.34,-6.26 load=9;2 eu-west 53.30,-6.20", "53.35,-6.26", "2 1"),
            // The customer's own region, though another one's node is nearer to its middle.
            ("1 us-east 53.3,-6.3;2 eu-west 37.9,23.7", "10.2.9.9", "2 1"),
            // Who does not say where they are comes last.
            ("1 mars;2 ap-south", "52.5,13.4", "2 1"),
        ];
        for (candidates, from, expected) in table {
            assert_eq!(order(&geography, candidates, from), expected, "{candidates} from {from:?}");
        }
    }

    #[test]
    fn without_a_map_the_own_region_comes_first_and_then_who_has_less_to_do() {
        let geography = geography("[node]\nregion = \"b\"");
        assert_eq!(order(&geography, "1 a;2 b load=7;3 b;4 c load=1", "10.2.9.9"), "3 2 1 4");
    }

    #[test]
    fn distances_are_told_where_both_places_are_known() {
        let geography = geography(REGIONS);
        let origin = geography.at_address(Sight::whole("10.2.0.1".parse().unwrap()));
        assert_eq!(origin.kind, OriginKind::AddressRange);
        let ranked = rank(&geography, &nodes("1 us-east;2 eu-west;3 mars"), &origin);
        let distances: Vec<_> = ranked.iter().map(|it| it.distance_km.map(f64::round)).collect();
        assert_eq!(distances, [Some(0.0), Some(5_464.0), None]);
    }
}
