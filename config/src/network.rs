//! How a node reaches the other nodes of its cluster.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;

use crate::mistake::{Rule, rule};
use crate::{ListenAddress, RegionName};

/// How a node reaches the other nodes of its cluster. Without this section the node is alone: it opens no port for others
/// and loses nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeNetwork {
    /// The address of the cluster's port (UDP, for QUIC): `0.0.0.0:7400` by default. Port 0 lets the system choose.
    pub listen: ListenAddress,
    /// The address that other nodes reach it at, if that is another one: behind a NAT, or when the node listens on every
    /// address of a machine that has several. Without it, the address it listens on, or, if that is no particular one, the
    /// address that it reaches its peers from.
    pub advertise: Option<ListenAddress>,
    /// How long what is sent to the nodes of a region is kept back, to try a wide network out on one machine. Not for
    /// production: nothing is faster for it. Empty by default.
    #[serde(deserialize_with = "crate::duration::by_name")]
    pub delay: BTreeMap<RegionName, Duration>,
}

impl Default for NodeNetwork {
    fn default() -> Self {
        Self {
            listen: ListenAddress::from(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 7400))),
            advertise: None,
            delay: BTreeMap::new(),
        }
    }
}

impl NodeNetwork {
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let reachable = |address: ListenAddress| {
            let address = address.socket_addr();
            !address.ip().is_unspecified() && address.port() != 0
        };
        let mut rules = vec![rule(
            "network.advertise",
            self.advertise.is_none_or(reachable),
            "must be an address and a port that other nodes can reach, such as 203.0.113.7:7400",
        )];
        rules.extend(self.delay.iter().map(|(region, delay)| {
            rule(
                format!("network.delay.{region}"),
                *delay <= Duration::from_secs(2),
                "must be from 0ms to 2s",
            )
        }));
        rules
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_node_without_the_section_is_alone_and_an_empty_one_listens() {
        assert_eq!(Settings::parse("", "x").unwrap().network, None);
        let network = Settings::parse("[network]", "x").unwrap().network.unwrap();
        assert_eq!(network.listen.to_string(), "0.0.0.0:7400");
    }

    #[test]
    fn mistakes_are_found_where_they_stand() {
        let cases = [
            (
                "[network]\nadvertise = \"0.0.0.0:7400\"",
                "x.toml:2:13: network.advertise: must be an address and a port that other nodes can reach, such as \
                 203.0.113.7:7400",
            ),
            (
                "[network.delay]\neu-west = \"40ms\"\nap-south = \"3s\"",
                "x.toml:3:12: network.delay.ap-south: must be from 0ms to 2s",
            ),
            (
                "[network]\ndelay = { eu-west = 40 }",
                "x.toml:2:21: network.delay.eu-west: invalid type: integer `40`, expected a duration: a whole number \
                 and a unit (ms, s, m, h, d), such as \"10m\"",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Settings::parse(text, "x.toml").unwrap_err().to_string(), expected, "for {text:?}");
        }
    }
}
