//! The whole file: its tables, and how it is read.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::mistake::{Document, LoadError, Mistake, Rule, rule};
use crate::{
    Accounts, Dns, Http, Limits, Logging, Node, NodeNetwork, Payments, PublicUrl, Region, RegionName,
    Replication, Selling, Storage, Trust, regions,
};

/// Everything that a node is told before it starts.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Who this node is.
    pub node: Node,
    /// Where it listens and who stands in front of it.
    pub http: Http,
    /// How it reaches the other nodes of its cluster; a lone node does without.
    pub network: Option<NodeNetwork>,
    /// How it answers the cluster's name.
    pub dns: Dns,
    /// Where it keeps its data, and how.
    pub storage: Storage,
    /// What it refuses to do too much of.
    pub limits: Limits,
    /// What it tells its operator.
    pub logging: Logging,
    /// What must read the same on every node of a cluster.
    pub cluster: Cluster,
}

/// What must read the same on every node of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// How seats are sold.
    pub selling: Selling,
    /// How customers and organizers sign in.
    pub accounts: Accounts,
    /// Who takes the money.
    pub payments: Payments,
    /// How often what is sold is kept.
    pub replication: Replication,
    /// Where customers are, by name.
    pub regions: BTreeMap<RegionName, Region>,
    /// How nodes trust each other.
    pub trust: Trust,
}

impl Settings {
    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// [`LoadError`] if it cannot be read, or for the first mistake in it.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::parse(&text, &file)?),
            Err(source) => Err(LoadError::Unreadable { file, source }),
        }
    }

    /// Reads and checks `text`. `file` is the name that a mistake is reported under.
    ///
    /// # Errors
    /// The first [`Mistake`].
    pub fn parse(text: &str, file: &str) -> Result<Self, Mistake> {
        let document = Document::new(text, file)?;
        let settings: Self = document.read()?;
        settings.rules().find(|rule| !rule.holds).map_or(Ok(()), |broken| Err(document.mistake(&broken)))?;
        Ok(settings)
    }

    /// What a type alone cannot say: ranges, and settings that must fit each other.
    fn rules(&self) -> impl Iterator<Item = Rule> {
        let cluster = &self.cluster;
        self.http
            .rules()
            .into_iter()
            .chain(self.network.iter().flat_map(NodeNetwork::rules))
            .chain(self.dns.rules())
            .chain(self.storage.rules())
            .chain(self.limits.rules())
            .chain(self.logging.rules())
            .chain(cluster.selling.rules())
            .chain(cluster.accounts.rules())
            .chain(cluster.payments.rules())
            .chain(cluster.replication.rules())
            .chain(regions::rules(&cluster.regions, &self.node.region))
            .chain(cluster.trust.rules())
            .chain([cookie_rule(self)])
    }
}

/// A browser takes no cookie for a domain that the node is not in.
fn cookie_rule(settings: &Settings) -> Rule {
    let domain = settings.cluster.accounts.cookie_domain.as_ref();
    let host = settings.http.public_url.as_ref().map(PublicUrl::host);
    rule(
        "cluster.accounts.cookie_domain",
        domain.is_none_or(|domain| host.is_some_and(|host| domain.has(host))),
        "must be the domain of every node's http.public_url",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of the mistake that `text` makes.
    fn mistake(text: &str) -> String {
        Settings::parse(text, "x.toml").expect_err("a mistake").to_string()
    }

    #[test]
    fn an_empty_file_is_all_defaults_and_the_defaults_keep_their_own_rules() {
        assert_eq!(Settings::parse("", "x.toml").unwrap(), Settings::default());
    }

    #[test]
    fn a_mistake_names_file_line_column_and_key() {
        let text = "[node]\nname = \"a\"\n\n[http]\nlisten = \"localhost\"\n";
        let found = Settings::parse(text, "config/x.toml").unwrap_err();
        assert_eq!(
            (found.file.as_str(), found.line, found.column, found.key.as_str()),
            ("config/x.toml", 5, 10, "http.listen")
        );
        assert_eq!(
            found.to_string(),
            "config/x.toml:5:10: http.listen: \"localhost\" is not an address; \
             write an IP address and a port, such as 0.0.0.0:8080"
        );
    }

    #[test]
    fn mistakes_of_every_sort_say_what_is_allowed() {
        let cases = [
            ("[http", "x.toml:1:6: this is not TOML (unclosed table, expected `]`); text stands in quotes"),
            (
                "[http]\nlisten = 0.0.0.0:80",
                "x.toml:2:13: http.listen: this is not TOML (invalid float, expected nothing); text stands in quotes",
            ),
            (
                "[http]\n[node]\nname = 'a",
                "x.toml:3:10: node.name: this is not TOML (invalid literal string, expected `'`); text stands in quotes",
            ),
            (
                "[htp]",
                "x.toml:1:2: htp: there is no such setting; known are: node, http, network, dns, storage, limits, \
                 logging, cluster",
            ),
            (
                "[cluster.accounts]\naccess_tokens = \"15m\"",
                "x.toml:2:1: cluster.accounts.access_tokens: there is no such setting; known are: \
                 access_token_lifetime, refresh_token_lifetime, cookie_domain, password",
            ),
            (
                "logging.format = \"xml\"",
                "x.toml:1:18: logging.format: unknown variant `xml`, expected `text` or `json`",
            ),
            (
                "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"10.0.0.0/40\"]",
                "x.toml:2:34: http.trusted_proxies[1]: \"10.0.0.0/40\" is not a network; \
                 write an address and a prefix length, such as 10.0.0.0/8",
            ),
            ("[http]\ntls = { cert = \"a\" }", "x.toml:2:7: http.tls: missing field `key`"),
            (
                "[limits]\nbody = \"1 parsec\"",
                "x.toml:2:8: limits.body: \"1 parsec\" is not a size; write a whole number and a unit \
                 (B, KiB, MiB, GiB), such as 1MiB",
            ),
            (
                "[limits]\nrequest_timeout = 30",
                "x.toml:2:19: limits.request_timeout: invalid type: integer `30`, expected a duration: a whole \
                 number and a unit (ms, s, m, h, d), such as \"10m\"",
            ),
            (
                "[cluster]\n[cluster.selling]\nhold = \"5s\"",
                "x.toml:3:8: cluster.selling.hold: must be from 30s to 24h",
            ),
            (
                "[cluster.replication]\nreplicas = 4",
                "x.toml:2:12: cluster.replication.replicas: must be 1, 3, 5 or 7: an even number lives through no \
                 more losses than the odd one below it",
            ),
            (
                "[cluster.trust]\ntoken_lifetime = \"31d\"",
                "x.toml:2:18: cluster.trust.token_lifetime: must be from 1m to 30d",
            ),
            (
                "[cluster.payments]\ngateway = \"stripe\"",
                "x.toml:2:11: cluster.payments.gateway: the stripe gateway needs api_key and webhook_secret",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(mistake(text), expected, "for {text:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let found = Settings::load(Path::new("/nowhere/x.toml")).unwrap_err().to_string();
        assert_eq!(found, "cannot read /nowhere/x.toml");
    }
}
