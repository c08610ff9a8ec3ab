//! The regions of a cluster, and which customers belong to them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::mistake::{Rule, rule};
use crate::{Location, Network, RegionName};

/// A region, under `[cluster.regions.NAME]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Where it is: its middle, for nodes and customers of it whose own place is not known.
    pub location: Location,
    /// Clients with addresses in these ranges belong to it; of several ranges that an address is in, the narrowest counts.
    /// None by default.
    #[serde(default)]
    pub addresses: Vec<Network>,
}

/// The rules for all regions, and for the one that the node is in.
pub(crate) fn rules(regions: &BTreeMap<RegionName, Region>, own: &RegionName) -> Vec<Rule> {
    let mut rules = vec![rule(
        "node.region",
        regions.is_empty() || regions.contains_key(own),
        "must be one of the regions under cluster.regions, if there are any",
    )];
    let mut seen: Vec<Network> = Vec::new();
    for (name, region) in regions {
        for (index, range) in region.addresses.iter().enumerate() {
            rules.push(rule(
                format!("cluster.regions.{name}.addresses[{index}]"),
                !seen.iter().any(|other| other.is_same_range(*range)),
                "must stand in one region only, once",
            ));
            seen.push(*range);
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_range_of_addresses_belongs_to_one_region() {
        let text = "[node]\nregion = \"b\"\n\n[cluster.regions.a]\nlocation = { lat = 1, lon = 1 }\n\
                    addresses = [\"10.0.0.0/8\", \"2001:db8::/32\"]\n\n\
                    [cluster.regions.b]\nlocation = { lat = 1, lon = 1 }\naddresses = [\"10.1.0.0/16\", ";
        assert!(Settings::parse(&format!("{text}\"10.0.0.0/9\"]"), "x").is_ok());
        // 10.9.9.9/8 is 10.0.0.0/8, sloppily written.
        for again in ["10.9.9.9/8", "2001:db8:7::/32", "10.1.0.0/16"] {
            let found = Settings::parse(&format!("{text}\"{again}\"]"), "x.toml").unwrap_err();
            assert_eq!(
                found.to_string(),
                "x.toml:10:29: cluster.regions.b.addresses[1]: must stand in one region only, once"
            );
        }
    }

    #[test]
    fn a_region_has_a_place_and_the_nodes_own_is_among_them() {
        let cases = [
            (
                "[cluster.regions.a]\naddresses = []",
                "x.toml:1:1: cluster.regions.a: missing field `location`",
            ),
            (
                "[cluster.regions.a]\nlocation = { lat = 1, lon = 1 }\n[node]\nregion = \"c\"",
                "x.toml:4:10: node.region: must be one of the regions under cluster.regions, if there are any",
            ),
            (
                "[cluster.regions.A]\nlocation = { lat = 1, lon = 1 }",
                "x.toml:1:18: cluster.regions.A: \"A\" is not a name; write 1 to 63 lower-case letters, digits and \
                 hyphens, beginning with a letter",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Settings::parse(text, "x.toml").unwrap_err().to_string(), expected, "for {text:?}");
        }
    }
}
