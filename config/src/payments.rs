//! Who takes the money. Card data never touches a node: the gateway has it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;

use crate::http::PublicUrl;
use crate::mistake::{Rule, rule};
use crate::secret::SecretSource;

/// Who takes the money. All nodes must name the same account of the same gateway: an order that one node charged may be
/// refunded by another.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payments {
    /// Which gateway: the sandbox by default.
    pub gateway: GatewayKind,
    /// Its address. Without it, that of the sandbox on this machine (`http://127.0.0.1:8081`), or Stripe's own.
    pub url: Option<PublicUrl>,
    /// The key that the gateway knows us by.
    pub api_key: Option<SecretSource>,
    /// The secret that the gateway signs its webhooks with.
    pub webhook_secret: Option<SecretSource>,
    /// How long to wait for an answer of the gateway before it is asked again: 10 s by default.
    #[serde(with = "crate::duration")]
    pub timeout: Duration,
    /// How many calls may be in flight to it: 256 by default.
    pub calls_in_flight: u32,
}

/// The gateways that there are adapters for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatewayKind {
    /// The gateway in this binary, with test cards. It moves no money.
    Sandbox,
    /// Stripe.
    Stripe,
}

impl Default for Payments {
    fn default() -> Self {
        Self {
            gateway: GatewayKind::Sandbox,
            url: None,
            api_key: None,
            webhook_secret: None,
            timeout: Duration::from_secs(10),
            calls_in_flight: 256,
        }
    }
}

impl Payments {
    pub(crate) fn rules(&self) -> [Rule; 4] {
        let timeout = Duration::from_millis(100)..=Duration::from_secs(120);
        let has_secrets = self.api_key.is_some() && self.webhook_secret.is_some();
        let is_stripe = self.gateway == GatewayKind::Stripe;
        let in_the_clear = self.url.as_ref().is_some_and(|url| !url.is_https() && !is_local(url));
        [
            rule(
                "cluster.payments.gateway",
                !is_stripe || has_secrets,
                "the stripe gateway needs api_key and webhook_secret",
            ),
            rule(
                "cluster.payments.url",
                !in_the_clear,
                "must begin with https:// unless it is on this machine",
            ),
            rule("cluster.payments.timeout", timeout.contains(&self.timeout), "must be from 100ms to 2m"),
            rule("cluster.payments.calls_in_flight", self.calls_in_flight > 0, "must be at least 1"),
        ]
    }
}

fn is_local(url: &PublicUrl) -> bool {
    let authority = url.as_str().trim_start_matches("http://");
    let address =
        authority.parse::<SocketAddr>().map(|address| address.ip()).or_else(|_no_port| authority.parse());
    address.is_ok_and(|address: IpAddr| address.is_loopback())
        || ["localhost", "[::1]"].iter().any(|name| {
            authority.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_gateway_elsewhere_is_reached_by_https() {
        let parse = |url: &str| Settings::parse(&format!("cluster.payments.url = {url:?}"), "x");
        for url in ["http://127.0.0.1:8081", "http://localhost", "http://[::1]:1", "https://api.stripe.com"] {
            assert!(parse(url).is_ok(), "{url} is fine");
        }
        for url in ["http://api.stripe.com", "http://127.0.0.1.example.com"] {
            assert_eq!(parse(url).unwrap_err().key, "cluster.payments.url");
        }
    }
}
