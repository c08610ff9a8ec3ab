//! `marquee cluster init` and `join`: on the data folder of a node that does not run.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use marquee_config::{NodeGroup, NodeNetwork, Settings};
use marquee_replication::trust::JoinToken;
use serde::Serialize;

use crate::cli::{Failed, load, output, runtime};
use crate::cluster::identity::Belonging;
use crate::cluster::joining::{self, JoinError};
use crate::cluster::net;
use crate::node::{facts, public_url};

/// What was made, for scripts.
#[derive(Serialize)]
struct Told<'t> {
    cluster: &'t str,
    node: String,
    data_dir: String,
}

impl<'t> Told<'t> {
    fn new(belonging: &'t Belonging, settings: &Settings) -> Self {
        Self {
            cluster: belonging.cluster(),
            node: belonging.node().to_string(),
            data_dir: settings.storage.data_dir.display().to_string(),
        }
    }
}

pub(super) fn init(config: &Path, name: &str, json: bool) -> Result<ExitCode, Failed> {
    let settings = load(config)?;
    network(&settings, config)?;
    if settings.node.group == NodeGroup::Solo {
        let words = "the first node of a cluster keeps its directory, which others must be able to take over: let a box \
                     office join later, and leave group = \"solo\" out here";
        return Err(Failed::usage(words.to_owned()));
    }
    let folder = &settings.storage.data_dir;
    let belonging = Belonging::found(folder, name, settings.cluster.trust.certificate_lifetime)?;
    let told = Told::new(&belonging, &settings);
    if json {
        output::json(&told);
        return Ok(ExitCode::SUCCESS);
    }
    let url = public_url(&settings, settings.http.listen.socket_addr());
    let config = config.display();
    output::text(&format!(
        "The cluster {name:?} has its first node, {node}.\n\nWhat comes next:\n  \
         marquee account create --config {config} --email YOU --name NAME --role operator   (unless there is one)\n  \
         marquee serve --config {config}\n  \
         marquee cluster token --node {url} --email YOU   (for each node that is to join)\n\n\
         {folder}/cluster has the key of the cluster's certificates: keep the folder, and a copy, safe.\n",
        node = told.node,
        folder = folder.display(),
    ));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn join(
    config: &Path,
    (address, token): (&str, &str),
    solo: bool,
    json: bool,
) -> Result<ExitCode, Failed> {
    let token: JoinToken = token.parse().map_err(|error| Failed::usage(format!("--token: {error}")))?;
    let mut settings = load(config)?;
    if solo {
        settings.node.group = NodeGroup::Solo;
    }
    let network = network(&settings, config)?;
    let member = resolve(address)?;
    let (http, quic) = (
        settings.http.listen.socket_addr(),
        net::reached_at(network.advertise, network.listen.socket_addr(), member)?,
    );
    let facts = facts(&settings, http, quic);
    let joined = runtime()?.block_on(joining::join(&settings, facts, member, &token));
    let belonging = joined.map_err(|error| explained(&error))?;
    let told = Told::new(&belonging, &settings);
    if json {
        output::json(&told);
    } else {
        output::text(&format!(
            "This is {} of the cluster {:?}.\n\nWhat comes next:\n  marquee serve --config {}\n",
            told.node,
            told.cluster,
            config.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn network<'s>(settings: &'s Settings, config: &Path) -> Result<&'s NodeNetwork, Failed> {
    settings.network.as_ref().ok_or_else(|| {
        Failed::usage(format!(
            "{} has no [network]; say where peers reach this node, such as\n  [network]\n  listen = \"0.0.0.0:7400\"",
            config.display()
        ))
    })
}

fn resolve(address: &str) -> Result<SocketAddr, Failed> {
    net::resolve(address).map_err(|source| {
        Failed::usage(format!(
            "{address:?} is no address of a node: {source}; write host and port, such as london-1.example.com:7400"
        ))
    })
}

/// Why a node did not join, with what can be done.
fn explained(error: &JoinError) -> Failed {
    match error {
        JoinError::Transport { address, source } => Failed::new(format!(
            "no node of the token's cluster answers at {address}: {source}; check the address (the port of [network], \
             by UDP), that the node runs, and that the token is of this cluster"
        )),
        JoinError::Refused(_) | JoinError::Unreadable | JoinError::Belonging(_) | JoinError::Keys(_) => {
            Failed::because(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_says_where_it_is_reached() {
        let member = "127.0.0.1:7400".parse().unwrap();
        for (listen, advertise, expected) in [
            ("0.0.0.0:7400", None, "127.0.0.1:7400"),
            ("10.1.2.3:7401", None, "10.1.2.3:7401"),
            ("0.0.0.0:7400", Some("203.0.113.7:7402"), "203.0.113.7:7402"),
        ] {
            let advertise = advertise.map(|said: &str| said.parse::<SocketAddr>().unwrap().into());
            let reached = net::reached_at(advertise, listen.parse().unwrap(), member).unwrap();
            assert_eq!(reached.to_string(), expected);
        }
    }

    #[test]
    fn an_address_needs_a_host_and_a_port() {
        assert_eq!(resolve("127.0.0.1:7400").unwrap(), "127.0.0.1:7400".parse().unwrap());
        for wrong in ["127.0.0.1", "", "nowhere.invalid:7400"] {
            let failed = resolve(wrong).unwrap_err();
            assert_eq!(failed.status, 2);
            assert!(failed.words.contains("write host and port"), "{}", failed.words);
        }
    }
}
