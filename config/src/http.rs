//! Where a node listens, and who stands in front of it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use crate::mistake::{Rule, rule};

/// Where a node listens, and who stands in front of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// The address that pages and the API are served on: `127.0.0.1:8080` by default. Port 0 lets the system choose.
    pub listen: ListenAddress,
    /// The certificate, if the node speaks TLS (and with it HTTP/2) itself.
    pub tls: Option<Tls>,
    /// The address that customers know the node by; used in links and tickets. Without it, the address it listens on.
    pub public_url: Option<PublicUrl>,
    /// The IP addresses that customers reach the node at, which the cluster's name is answered with (see `dns`). Without them,
    /// the address it listens on, if that is a particular one.
    pub public_addresses: Vec<IpAddr>,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Others' are ignored.
    pub trusted_proxies: Vec<Network>,
    /// Whether `/styleguide` shows what pages are made of, for who works on them: not by default.
    pub style_guide: bool,
}

/// A certificate chain and its private key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The file with the certificate and its intermediates.
    pub cert: PathBuf,
    /// The file with the private key.
    pub key: PathBuf,
}

impl Http {
    pub(crate) fn rules(&self) -> [Rule; 2] {
        let insecure = self.tls.is_some() && self.public_url.as_ref().is_some_and(|url| !url.is_https());
        let pointless = |address: &IpAddr| address.is_unspecified() || address.is_multicast();
        [
            rule("http.public_url", !insecure, "must begin with https:// when http.tls is set"),
            rule(
                "http.public_addresses",
                !self.public_addresses.iter().any(pointless),
                "must be addresses that customers can reach",
            ),
        ]
    }

    /// Whether customers reach the node by https, so that cookies can be marked secure.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }
}

/// An IP address and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenAddress(SocketAddr);

/// Text that is no address to listen on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an address; write an IP address and a port, such as 0.0.0.0:8080")]
pub struct NotAListenAddress(String);

impl ListenAddress {
    /// The address for the system's calls.
    #[must_use]
    pub fn socket_addr(self) -> SocketAddr {
        self.0
    }
}

impl Default for ListenAddress {
    fn default() -> Self {
        Self(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

impl FromStr for ListenAddress {
    type Err = NotAListenAddress;

    fn from_str(text: &str) -> Result<Self, NotAListenAddress> {
        text.parse().map(Self).map_err(|_parse| NotAListenAddress(text.to_owned()))
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = NotAListenAddress;

    fn try_from(text: String) -> Result<Self, NotAListenAddress> {
        text.parse()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The address that customers know a node by: a scheme and a host, perhaps a port; no path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

/// Text that is no public address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a public address; write http:// or https:// and a host, such as https://tickets.example.com"
)]
pub struct NotAPublicUrl(String);

impl PublicUrl {
    /// The address without a slash at its end, so that a path can be appended.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, without scheme and port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or(self.0.as_str(), |(_scheme, rest)| rest);
        match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            Some(_) | None => authority,
        }
    }

    /// Whether its scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = NotAPublicUrl;

    fn try_from(text: String) -> Result<Self, NotAPublicUrl> {
        let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match authority.map(|rest| rest.strip_suffix('/').unwrap_or(rest)) {
            Some(host) if is_authority(host) => {
                Ok(Self(text.strip_suffix('/').map_or_else(|| text.clone(), str::to_owned)))
            }
            Some(_) | None => Err(NotAPublicUrl(text)),
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` is a host with an optional port, without user, path, query or fragment.
pub(crate) fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        // The colons of an IPv6 address stand within brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (text, None),
    };
    let host_is_fine = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
                && !host.starts_with(['.', '-'])
        }
    };
    host_is_fine && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0))
}

/// A range of addresses: `10.0.0.0/8`, `::1/128`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// Text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a network; write an address and a prefix length, such as 10.0.0.0/8")]
pub struct NotANetwork(String);

impl Network {
    /// An address of the range; the bits behind its prefix do not count.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// How many of the address's bits are fixed: the more, the narrower the range.
    #[must_use]
    pub const fn prefix_bits(self) -> u8 {
        self.prefix_bits
    }

    /// Whether `other` is the same range, though it may be written otherwise.
    pub(crate) fn is_same_range(self, other: Self) -> bool {
        self.prefix_bits == other.prefix_bits && self.contains(other.address)
    }

    /// Whether `address` is in the range. An IPv4 address that came mapped into IPv6 counts as the IPv4 address it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (u32::from(ours) ^ u32::from(theirs)).leading_zeros() >= u32::from(self.prefix_bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (u128::from(ours) ^ u128::from(theirs)).leading_zeros() >= u32::from(self.prefix_bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let refused = || NotANetwork(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_address| refused())?;
        let bits_max: u8 = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_prefix| refused())?,
            None => bits_max,
        };
        if prefix_bits > bits_max { Err(refused()) } else { Ok(Self { address, prefix_bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_scheme_and_host_only() {
        for (text, expected) in [
            ("https://tickets.example.com", "https://tickets.example.com"),
            ("https://tickets.example.com/", "https://tickets.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(PublicUrl::try_from(text.to_owned()).unwrap().as_str(), expected);
        }
        for text in [
            "",
            "tickets.example.com",
            "ftp://a",
            "https://",
            "https://a/b",
            "https://a?b",
            "https://u@a",
            "https://a:0",
            "http://a//",
        ] {
            assert!(PublicUrl::try_from(text.to_owned()).is_err(), "{text:?} is refused");
        }
    }

    #[test]
    fn a_network_contains_its_addresses() {
        let contains = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(contains("10.0.0.0/8", "10.255.1.2"));
        assert!(contains("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("127.0.0.1", "127.0.0.1"));
        assert!(!contains("127.0.0.1", "127.0.0.2"));
        assert!(contains("2001:db8::/32", "2001:db8:5::1"));
        assert!(!contains("2001:db8::/32", "2001:db9::1"));
    }

    #[test]
    fn a_secure_node_has_a_secure_address() {
        let text = "[http]\ntls = { cert = \"c\", key = \"k\" }\npublic_url = \"http://a\"";
        let found = crate::Settings::parse(text, "x").unwrap_err();
        assert_eq!((found.line, found.key.as_str()), (3, "http.public_url"));
    }
}
