//! `marquee cluster …`: begin a cluster, let nodes join, look at it and change it.
//!
//! `init` and `join` work on a node's data folder before the node runs. Everything else asks a running node, any of them,
//! over its API as an operator.

mod changes;
pub(super) mod client;
mod founding;
mod moving;
mod show;
mod table;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Failed, runtime};
use client::Client;

const ASKING: &str = "Examples:\n  marquee cluster status --email ops@example.com\n  \
    MARQUEE_EMAIL=ops@example.com MARQUEE_PASSWORD=… marquee cluster nodes --node https://london-1.example.com --json";
const CHANGING: &str = "Examples:\n  marquee cluster drain london-1 --plan --email ops@example.com\n  \
    marquee cluster drain n2 --email ops@example.com";

/// What to do with a cluster.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Begins a cluster, with the node of these settings as its first.
    ///
    /// Makes the cluster's own certificate authority in the data folder. A node that ran alone before keeps what it has.
    #[command(after_help = "Example:\n  marquee cluster init --config node.toml --name stage")]
    Init {
        /// The settings of the node; they need a [network].
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The cluster's name.
        #[arg(long)]
        name: String,
        /// Prints what was made as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lets the node of these settings join a cluster, through any of its nodes.
    #[command(
        after_help = "Example:\n  marquee cluster join london-1.example.com:7400 --token mqt1… --config node.toml"
    )]
    Join {
        /// Where a node of the cluster is reached by its peers: host and port.
        #[arg(value_name = "ADDRESS")]
        address: String,
        /// The token, from `marquee cluster token`.
        #[arg(long, env = "MARQUEE_JOIN_TOKEN", hide_env_values = true)]
        token: String,
        /// The settings of the node; they need a [network].
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Prints what was made as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Makes a token that lets one node join, once and for a while.
    #[command(after_help = "Example:\n  marquee cluster token --email ops@example.com")]
    Token {
        /// For how many seconds it can be used; as long as the settings say, unless it is said.
        #[arg(long, value_name = "SECONDS")]
        lifetime: Option<u64>,
        /// Says what would be made, and makes nothing.
        #[arg(long)]
        plan: bool,
        #[command(flatten)]
        asking: Asking,
    },
    /// Tells whether all is well. Exits with 1 if it is not.
    #[command(after_help = ASKING)]
    Status {
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists the nodes.
    #[command(after_help = ASKING)]
    Nodes {
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists the groups: homes, replicas, logs and news.
    #[command(after_help = ASKING)]
    Groups {
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists the venues and where each is decided.
    #[command(after_help = ASKING)]
    Venues {
        /// Only those of a group.
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
        #[command(flatten)]
        asking: Asking,
    },
    /// Lists what each group owns: venues and account shards, and what is moving.
    #[command(after_help = ASKING)]
    Placements {
        #[command(flatten)]
        asking: Asking,
    },
    /// Takes a node out of work: what it is home of goes elsewhere, so that it can be stopped.
    #[command(after_help = CHANGING)]
    Drain {
        /// The node's number or name.
        of: String,
        #[command(flatten)]
        change: Change,
    },
    /// Takes a drained node back into work.
    #[command(after_help = CHANGING)]
    Rejoin {
        /// The node's number or name.
        of: String,
        #[command(flatten)]
        change: Change,
    },
    /// Removes a node for good, when it is lost or was drained and stopped. Its replicas are made anew elsewhere.
    #[command(after_help = "Examples:\n  marquee cluster remove n3 --plan\n  marquee cluster remove n3")]
    Remove {
        /// The node's number or name.
        of: String,
        /// Removes a node that is alive, too.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        change: Change,
    },
    /// Names the nodes that hold a group's replicas; the first is home when all is well.
    #[command(after_help = "Example:\n  marquee cluster replicas g2 london-1 paris-1 new-york-1 --plan")]
    Replicas {
        /// The group's number.
        of: String,
        /// Numbers or names of nodes.
        #[arg(required = true, value_name = "NODE")]
        nodes: Vec<String>,
        #[command(flatten)]
        change: Change,
    },
    /// Moves a venue to the group of another node, while it sells.
    ///
    /// Buyers wait for less than a second while the last of it changes hands. Whatever is lost on the way, the cluster
    /// goes on by itself: this command only watches.
    #[command(
        after_help = "Examples:\n  marquee cluster move \"Globe Theatre\" --to london-1 --plan\n  marquee cluster move 7 --to n2"
    )]
    Move {
        /// The venue's number, id, or name if no other has it.
        venue: String,
        /// The number or name of the node whose own group is to own it.
        #[arg(long, value_name = "NODE")]
        to: String,
        #[command(flatten)]
        change: Change,
    },
    /// Shows nodes and groups as they are, again every second, until Ctrl-C.
    #[command(after_help = "Example:\n  marquee cluster watch --email ops@example.com")]
    Watch {
        #[command(flatten)]
        asking: Asking,
    },
}

/// Whom to ask, and as whom.
#[derive(Debug, Args)]
pub(super) struct Asking {
    /// Any node of the cluster.
    #[arg(long, env = "MARQUEE_NODE", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    node: String,
    /// The e-mail address of an operator's account.
    #[arg(long, env = "MARQUEE_EMAIL")]
    email: Option<String>,
    /// Its password. Without it, it is asked for at the terminal.
    #[arg(long, env = "MARQUEE_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// Reads the password from standard input, its first line, whatever else is said of it.
    #[arg(long)]
    password_stdin: bool,
    /// An operator's access token, instead of signing in.
    #[arg(long, env = "MARQUEE_ACCESS_TOKEN", hide_env_values = true)]
    access_token: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// How to change something.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// Says what would happen, and does nothing.
    #[arg(long)]
    plan: bool,
    #[command(flatten)]
    asking: Asking,
}

pub(super) fn run(command: Command) -> Result<ExitCode, Failed> {
    match command {
        Command::Init { config, name, json } => founding::init(&config, &name, json),
        Command::Join { address, token, config, json } => founding::join(&config, &address, &token, json),
        Command::Token { lifetime, plan, asking } => {
            ask(&asking, async |client| changes::token(client, lifetime, plan, asking.json).await)
        }
        Command::Status { asking } => shown(&asking, 0, show::status),
        Command::Nodes { asking } => shown(&asking, 0, show::nodes),
        Command::Groups { asking } => shown(&asking, 0, show::groups),
        Command::Venues { group, asking } => {
            shown(&asking, show::VENUES_ALL, |cluster| show::venues(cluster, group.as_deref()))
        }
        Command::Placements { asking } => shown(&asking, show::VENUES_ALL, show::placements),
        Command::Drain { of, change } => changed(&change, "POST", &format!("nodes/{}/drain", word(&of)), &[]),
        Command::Rejoin { of, change } => {
            changed(&change, "POST", &format!("nodes/{}/rejoin", word(&of)), &[])
        }
        Command::Remove { of, force, change } => {
            let force = if force { "force=true" } else { "" };
            changed(&change, "POST", &format!("nodes/{}/removal?{force}", word(&of)), &[])
        }
        Command::Replicas { of, nodes, change } => {
            changed(&change, "PUT", &format!("groups/{}/replicas", word(&of)), &nodes)
        }
        Command::Move { venue, to, change: Change { plan, asking } } => ask(&asking, async |client| {
            moving::move_venue(client, &word(&venue), &to, plan, asking.json).await
        }),
        Command::Watch { asking } => ask(&asking, async |client| watch::watch(client, asking.json).await),
    }
}

/// Asks a node as an operator, and ends the session afterwards.
fn ask(
    asking: &Asking,
    work: impl AsyncFnOnce(&mut Client) -> Result<ExitCode, Failed>,
) -> Result<ExitCode, Failed> {
    let mut client = Client::new(asking)?;
    runtime()?.block_on(async {
        let done = work(&mut client).await;
        client.sign_out().await;
        done
    })
}

fn shown(
    asking: &Asking,
    venues: usize,
    show: impl Fn(&show::Cluster) -> show::Shown,
) -> Result<ExitCode, Failed> {
    ask(asking, async |client| {
        let cluster = client.cluster(venues).await?;
        Ok(show(&cluster).print(asking.json))
    })
}

fn changed(change: &Change, method: &str, path: &str, nodes: &[String]) -> Result<ExitCode, Failed> {
    let Change { plan, asking } = change;
    ask(asking, async |client| changes::change(client, (method, path), nodes, *plan, asking.json).await)
}

/// A word as it stands in a path.
fn word(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
