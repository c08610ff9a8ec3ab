//! Where customers are, as far as the settings and what they say of themselves can tell.

use std::collections::BTreeMap;
use std::net::IpAddr;

use marquee_config::{Location, Network, Settings};
use marquee_search::places::Point;

/// The regions of the settings with their places and addresses, and the node's own place.
#[derive(Debug, Clone)]
pub struct Geography {
    /// Where regions are.
    points: BTreeMap<String, Point>,
    /// The ranges of addresses with their regions, the narrowest first.
    ranges: Vec<(Network, String)>,
    own_region: String,
    own_point: Option<Point>,
}

/// Where a customer is.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// How that is known.
    pub kind: OriginKind,
    /// The region that they belong to, if that is known.
    pub region: Option<String>,
    /// The point that they are at or near.
    pub point: Option<Point>,
}

/// How a customer's place is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginKind {
    /// They said so.
    Point,
    /// By the zip code that they named.
    Zip,
    /// By a range that their address is in.
    AddressRange,
    /// Not at all: the node's own region stands in for it.
    OwnRegion,
}

impl OriginKind {
    /// The word for it in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Zip => "zip",
            Self::AddressRange => "address",
            Self::OwnRegion => "region",
        }
    }
}

/// What was seen of somebody's address: a resolver may tell only its first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    address: IpAddr,
    known_bits: u8,
}

impl Sight {
    /// A whole address. An IPv4 address that came mapped into IPv6 counts as the IPv4 address it is.
    #[must_use]
    pub fn whole(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { address, known_bits: width(address) }
    }

    /// The first bits of an address.
    #[must_use]
    pub fn prefix(address: IpAddr, known_bits: u8) -> Self {
        Self { address, known_bits: known_bits.min(width(address)) }
    }

    /// Whether it is known to be in `range`.
    fn is_in(self, range: Network) -> bool {
        range.prefix_bits() <= self.known_bits && range.contains(self.address)
    }
}

impl Geography {
    /// What the settings say.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let regions = &settings.cluster.regions;
        let points: BTreeMap<_, _> = regions
            .iter()
            .filter_map(|(name, region)| Some((name.to_string(), point(region.location)?)))
            .collect();
        let mut ranges: Vec<(Network, String)> = regions
            .iter()
            .flat_map(|(name, region)| region.addresses.iter().map(|range| (*range, name.to_string())))
            .collect();
        ranges.sort_by_key(|(range, _region)| std::cmp::Reverse(range.prefix_bits()));
        let own_region = settings.node.region.to_string();
        let own_point = settings.node.location.and_then(point).or_else(|| points.get(&own_region).copied());
        Self { points, ranges, own_region, own_point }
    }

    /// Where a region is.
    #[must_use]
    pub fn region_point(&self, region: &str) -> Option<Point> {
        self.points.get(region).copied()
    }

    /// Somebody who said where they are.
    #[must_use]
    pub const fn at_point(point: Point) -> Origin {
        Origin { kind: OriginKind::Point, region: None, point: Some(point) }
    }

    /// Somebody under a zip code, whose middle is `point`.
    #[must_use]
    pub const fn at_zip(point: Point) -> Origin {
        Origin { kind: OriginKind::Zip, region: None, point: Some(point) }
    }

    /// Somebody with this address: by the narrowest range that it is known to be in, or else where this node is.
    #[must_use]
    pub fn at_address(&self, sight: Sight) -> Origin {
        let found = self.ranges.iter().find(|(range, _region)| sight.is_in(*range));
        found.map_or_else(
            || self.here(),
            |(_range, region)| Origin {
                kind: OriginKind::AddressRange,
                region: Some(region.clone()),
                point: self.region_point(region),
            },
        )
    }

    /// Somebody of whom nothing is known.
    #[must_use]
    pub fn here(&self) -> Origin {
        Origin { kind: OriginKind::OwnRegion, region: Some(self.own_region.clone()), point: self.own_point }
    }

    /// How many of the first bits of an address [`at_address`](Self::at_address) depends on: everybody who shares them is
    /// in the same place. This is the scope of RFC 7871, and may be more than is known of the address.
    #[must_use]
    pub fn scope_bits(&self, sight: Sight) -> u8 {
        let needed = self.ranges.iter().map(|(range, _region)| {
            let shared = shared_bits(range.address(), sight.address);
            // To be told apart from a range, an address must be known up to the first bit that differs.
            shared.map_or(0, |shared| shared.saturating_add(1).min(range.prefix_bits()))
        });
        needed.max().unwrap_or(0)
    }
}

/// The point that settings name; there always is one, since both types hold the same ranges.
pub(super) fn point(location: Location) -> Option<Point> {
    Point::new(location.lat_deg(), location.lon_deg())
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// How many bits two addresses begin with alike; `None` if they are of different families.
fn shared_bits(a: IpAddr, b: IpAddr) -> Option<u8> {
    let bits = match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u32::from(a) ^ u32::from(b)).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a) ^ u128::from(b)).leading_zeros(),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return None,
    };
    u8::try_from(bits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geography() -> Geography {
        let text = r#"
            [node]
            region = "us"
            location = { lat = 40, lon = -74 }
            [cluster.regions.us]
            location = { lat = 39, lon = -77 }
            addresses = ["10.0.0.0/8", "2001:db8::/32"]
            [cluster.regions.eu]
            location = { lat = 53, lon = -6 }
            addresses = ["10.64.0.0/10", "2001:db8:8000::/33"]
            [cluster.regions.ap]
            location = { lat = 19, lon = 73 }
            addresses = ["10.64.7.0/24"]
        "#;
        Geography::new(&Settings::parse(text, "x.toml").unwrap())
    }

    #[test]
    fn the_narrowest_range_that_an_address_is_known_to_be_in_counts() {
        let geography = geography();
        for (address, known_bits, expected, scope) in [
            ("10.1.2.3", 32, "us address", 10),
            ("10.64.0.1", 32, "eu address", 22),
            ("10.64.7.1", 32, "ap address", 24),
            ("10.64.7.0", 24, "ap address", 24),
            // Known to be in Europe's range, perhaps in Asia's: the longer scope says what is lacking.
            ("10.64.0.0", 16, "eu address", 22),
            ("10.0.0.0", 8, "us address", 10),
            ("10.0.0.0", 7, "us region", 10),
            ("0.0.0.0", 0, "us region", 5),
            ("203.0.113.9", 32, "us region", 1),
            ("2001:db8:9000::1", 128, "eu address", 33),
            ("2001:db8:1::1", 128, "us address", 33),
            ("2001:db9::", 32, "us region", 32),
            ("::", 0, "us region", 3),
        ] {
            let sight = Sight::prefix(address.parse().unwrap(), known_bits);
            let origin = geography.at_address(sight);
            let found = format!("{} {}", origin.region.unwrap(), origin.kind.word());
            assert_eq!(found, expected, "{address}/{known_bits}");
            assert_eq!(geography.scope_bits(sight), scope, "{address}/{known_bits}");
        }
    }

    #[test]
    fn an_address_that_came_mapped_into_ipv6_is_an_ipv4_address() {
        let origin = geography().at_address(Sight::whole("::ffff:10.64.7.1".parse().unwrap()));
        assert_eq!(origin.region.as_deref(), Some("ap"));
    }

    #[test]
    fn whoever_shares_the_scope_is_in_the_same_place() {
        let geography = geography();
        let place = |bits: u32| geography.at_address(Sight::whole(IpAddr::from(bits.to_be_bytes())));
        let mut random = 0x2545_f491_u32;
        for _ in 0..20_000 {
            // Xorshift, with the first octet that the ranges are about.
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            let one = (random >> 8) | 0x0a00_0000;
            let scope = u32::from(geography.scope_bits(Sight::whole(IpAddr::from(one.to_be_bytes()))));
            let host = u32::MAX.checked_shr(scope).unwrap_or(0);
            for other in [one & !host, one | host, one ^ (random & host)] {
                assert_eq!(place(one), place(other), "{one:08x} {other:08x}/{scope}");
            }
        }
    }

    #[test]
    fn without_regions_everybody_is_here() {
        let geography = Geography::new(&Settings::default());
        let sight = Sight::whole("10.1.2.3".parse().unwrap());
        assert_eq!(geography.at_address(sight), geography.here());
        assert_eq!((geography.here().point, geography.scope_bits(sight)), (None, 0));
    }
}
