//! How the cluster's name is answered.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;

use crate::mistake::{Rule, rule};
use crate::{ListenAddress, RateLimit};

/// How the cluster's name is answered: with the healthy nodes nearest to who asks. The parent zone hands the name over
/// with NS records that lead to nodes which have this section.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dns {
    /// The zone that the node answers for, which is the name that customers type. Without it, which is the default, the
    /// node answers no DNS.
    pub zone: Option<DomainName>,
    /// Where, by UDP and by TCP: `0.0.0.0:53` by default.
    pub listen: ListenAddress,
    /// How long resolvers may keep an answer, and so how long customers may be sent to a node that died: 30 s by default.
    #[serde(with = "crate::duration")]
    pub ttl: Duration,
    /// How many nodes an answer names at the most, so that a browser can try another: 3 by default.
    pub answers_max: u8,
    /// Whether answers that the nearest region cannot fill are filled up with nodes of the next ones: off by default.
    /// A browser then has another node to try if a region has but one, but resolvers shuffle what they hand on, so that
    /// customers land far away as often as nearby.
    pub fill_from_other_regions: bool,
    /// The zone's name servers, as the parent zone names them. Without them, which is the default, this node under its own
    /// name in the zone (`new-york-1.tickets.example.com`).
    pub name_servers: Vec<DomainName>,
    /// Whom to write to about the zone, the `@` written as a dot. `hostmaster.` and the zone unless it is said.
    pub contact: Option<DomainName>,
    /// Questions by one IP address (of IPv6: by one /64); more are not answered, so that nobody is flooded with answers to
    /// questions that were asked in their name: 3,000 a minute and 500 at once by default.
    pub per_address: RateLimit,
    /// Questions by everybody together, per second; more are not answered: 20,000 by default.
    pub per_second: u32,
}

impl Default for Dns {
    fn default() -> Self {
        Self {
            zone: None,
            listen: ListenAddress::from(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 53))),
            ttl: Duration::from_secs(30),
            answers_max: 3,
            fill_from_other_regions: false,
            name_servers: Vec::new(),
            contact: None,
            per_address: RateLimit { per_minute: 3_000, burst: 500 },
            per_second: 20_000,
        }
    }
}

impl Dns {
    pub(crate) fn rules(&self) -> [Rule; 4] {
        let ttl = Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60);
        let whole_seconds = self.ttl.subsec_nanos() == 0;
        [
            rule("dns.ttl", ttl.contains(&self.ttl) && whole_seconds, "must be whole seconds from 1s to 24h"),
            rule("dns.answers_max", (1..=16).contains(&self.answers_max), "must be from 1 to 16"),
            rule(
                "dns.per_address",
                self.per_address.is_positive(),
                "per_minute and burst must be at least 1",
            ),
            rule("dns.per_second", self.per_second > 0, "must be at least 1"),
        ]
    }
}

/// A name of the DNS in lower case, without the dot at its end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct DomainName(String);

/// Text that is no name of the DNS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a domain name; write letters, digits, hyphens and dots, such as tickets.example.com")]
pub struct NotADomainName(String);

impl DomainName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `host` is this name or one below it.
    #[must_use]
    pub fn has(&self, host: &str) -> bool {
        let above = host.len().checked_sub(self.0.len()).and_then(|at| host.split_at_checked(at));
        above.is_some_and(|(below, name)| {
            name.eq_ignore_ascii_case(&self.0) && (below.is_empty() || below.ends_with('.'))
        })
    }
}

impl TryFrom<String> for DomainName {
    type Error = NotADomainName;

    fn try_from(text: String) -> Result<Self, NotADomainName> {
        let name = text.strip_suffix('.').unwrap_or(&text).to_ascii_lowercase();
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // 253 is what RFC 1035's 255 octets leave for the text.
        if name.len() <= 253 && name.split('.').all(is_label) {
            Ok(Self(name))
        } else {
            Err(NotADomainName(text))
        }
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn domain_names_are_those_of_rfc_1035() {
        for (text, name) in
            [("tickets.example.com", "tickets.example.com"), ("Tickets.Example.", "tickets.example")]
        {
            assert_eq!(DomainName::try_from(text.to_owned()).unwrap().as_str(), name);
        }
        let long = ["a"; 128].join(".");
        for text in ["", ".", "a..b", "-a.b", "a-.b", "a_b.c", "é.com", "a b", &"x".repeat(64), &long] {
            assert!(DomainName::try_from(text.to_owned()).is_err(), "{text:?} is refused");
        }
    }

    #[test]
    fn a_domain_has_the_hosts_below_it() {
        let domain = DomainName::try_from("example.com".to_owned()).unwrap();
        for (host, expected) in [
            ("example.com", true),
            ("a.b.EXAMPLE.com", true),
            ("anexample.com", false),
            ("com", false),
            ("", false),
        ] {
            assert_eq!(domain.has(host), expected, "{host}");
        }
        let parse = |url: &str| {
            let text = format!("http.public_url = {url:?}\ncluster.accounts.cookie_domain = \"example.com\"");
            Settings::parse(&text, "x.toml")
        };
        assert!(parse("https://ny.example.com:8443").is_ok());
        assert_eq!(parse("https://ny.example.org").unwrap_err().key, "cluster.accounts.cookie_domain");
    }

    #[test]
    fn mistakes_are_found_where_they_stand() {
        let cases = [
            (
                "[dns]\nzone = \"tickets\"\nttl = \"1500ms\"",
                "x.toml:3:7: dns.ttl: must be whole seconds from 1s to 24h",
            ),
            ("[dns]\nanswers_max = 0", "x.toml:2:15: dns.answers_max: must be from 1 to 16"),
            (
                "[dns]\nzone = \"http://a\"",
                "x.toml:2:8: dns.zone: \"http://a\" is not a domain name; write letters, digits, hyphens and dots, \
                 such as tickets.example.com",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Settings::parse(text, "x.toml").unwrap_err().to_string(), expected, "for {text:?}");
        }
    }
}
