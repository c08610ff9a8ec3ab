//! `marquee cluster …`: begin a cluster, let nodes join, look at it and change it.
//!
//! `init` and `join` work on a node's data folder before the node runs. Everything else asks a running node, any of them,
//! over its API as an operator.

mod changes;
pub(super) mod client;
mod founding;
mod moving;
mod promoting;
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
        after_help = "Examples:\n  marquee cluster join london-1.example.com:7400 --token mqt1… --config node.toml\n  \
    marquee cluster join london-1.example.com:7400 --token mqt1… --config box-office.toml --solo"
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
        /// As a box office: it sells with the line cut, and nobody takes over from it by itself. The same as group = "solo"
        /// in the settings.
        #[arg(long)]
        solo: bool,
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
    /// Takes a venue, or all venues of a box office, over from a box office that is lost or cut off.
    ///
    /// Another node sells them from its copy. What the box office sold since that copy was made is in conflict: it is listed once
    /// the box office is back, or lost if it never comes back. While the box office is there, move the venue instead.
    #[command(
        after_help = "Examples:\n  marquee cluster promote box-office-1 --plan\n  marquee cluster promote \"Globe Theatre\" --to london-1 --accept-loss"
    )]
    Promote {
        /// The venue's number, id, or name; or the box office's node, by name or as n3.
        #[arg(value_name = "VENUE|NODE")]
        of: String,
        /// The node whose copy is taken: the one whose copy is the furthest, unless it is said.
        #[arg(long, value_name = "NODE")]
        to: Option<String>,
        /// That what the box office sold since the copy was made may be in conflict, or lost.
        #[arg(long)]
        accept_loss: bool,
        #[command(flatten)]
        change: Change,
    },
    /// Lists what a box office sold after a venue was taken over from it, and says what becomes of it. Exits with 1 while
    /// something is not settled.
    #[command(
        after_help = "Examples:\n  marquee cluster conflicts\n  marquee cluster conflicts \"Globe Theatre\"\n  marquee cluster conflicts 7 --keep ord_01… --refund ord_02…"
    )]
    Conflicts {
        /// The venue's number, id, or name; without it, all venues that were taken over are listed.
        venue: Option<String>,
        /// The venue's new owner takes the order over: its tickets stay valid. Only if its seats are free there.
        #[arg(long, value_name = "ORDER")]
        keep: Vec<String>,
        /// The order is cancelled, and its money goes back.
        #[arg(long, value_name = "ORDER")]
        refund: Vec<String>,
        /// The order stays as the venue's new owner has it, who knew it before.
        #[arg(long, value_name = "ORDER")]
        leave: Vec<String>,
        /// All that is left was seen: once no order is in conflict, what else the box office changed goes.
        #[arg(long, requires = "venue")]
        settle: bool,
        #[command(flatten)]
        asking: Asking,
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
        Command::Join { address, token, config, solo, json } => {
            founding::join(&config, (&address, &token), solo, json)
        }
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
        Command::Promote { of, to, accept_loss, change: Change { plan, asking } } => {
            ask(&asking, async |client| {
                let asked = promoting::Promotion { of: of.clone(), to: to.clone(), accept_loss, plan };
                promoting::promote(client, &asked, asking.json).await
            })
        }
        Command::Conflicts { venue, keep, refund, leave, settle, asking } => {
            let verdicts = promoting::Verdicts { keep, refund, leave, settle };
            ask(&asking, async |client| {
                promoting::conflicts(client, venue.as_deref(), &verdicts, asking.json).await
            })
        }
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    fn parsed(line: &str) -> Result<Command, clap::Error> {
        Line::try_parse_from(std::iter::once("cluster").chain(line.split(' '))).map(|line| line.command)
    }

    #[test]
    fn a_promotion_says_what_and_may_say_to_whom() {
        let Ok(Command::Promote { of, to, accept_loss, change }) = parsed("promote n3 --accept-loss") else {
            panic!()
        };
        assert_eq!((of.as_str(), to, accept_loss, change.plan), ("n3", None, true, false));
        let Ok(Command::Promote { to, accept_loss, change, .. }) = parsed("promote 7 --to n2 --plan --json")
        else {
            panic!()
        };
        assert_eq!(
            (to.as_deref(), accept_loss, change.plan, change.asking.json),
            (Some("n2"), false, true, true)
        );
        assert!(parsed("promote").is_err(), "nothing is taken over by default");
    }

    #[test]
    fn conflicts_are_listed_and_decided_order_by_order() {
        let Ok(Command::Conflicts { venue: None, keep, refund, leave, .. }) = parsed("conflicts") else {
            panic!()
        };
        assert!(keep.is_empty() && refund.is_empty() && leave.is_empty());
        let line = "conflicts 7 --keep ord_1 --refund ord_2 --refund ord_3 --leave ord_4";
        let Ok(Command::Conflicts { venue, keep, refund, leave, .. }) = parsed(line) else { panic!() };
        assert_eq!((venue.as_deref(), keep.len(), refund.len(), leave.len()), (Some("7"), 1, 2, 1));
        assert!(matches!(parsed("conflicts 7 --settle"), Ok(Command::Conflicts { settle: true, .. })));
        assert!(parsed("conflicts --settle").is_err(), "it says of which venue");
    }

    #[test]
    fn a_box_office_joins_as_one() {
        let line = "join london:7400 --token t --config node.toml";
        assert!(matches!(parsed(line), Ok(Command::Join { solo: false, .. })));
        assert!(matches!(parsed(&format!("{line} --solo")), Ok(Command::Join { solo: true, .. })));
    }
}
