//! The command line of `marquee`.
//!
//! `main` hands its arguments to [`run`]; each command is a module. What a person reads goes to standard output, what a
//! script reads does so as JSON with `--json`, and everything else (logs, progress) to standard error.
//!
//! Exit status: 0 when it was done, 1 when it could not be done or a cluster is degraded (`cluster status`), 2 when the
//! command line or the settings are wrong, 3 when a check found something (`ledger verify`).

mod account;
mod cluster;
mod demo;
mod export;
mod gateway;
mod import;
mod ledger;
mod logging;
mod output;
mod search;
mod serve;
mod signals;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use marquee_config::Settings;

use crate::formats::reading::Format;

/// A ticketing platform in one binary.
///
/// A node keeps its storage, its search and its web pages inside: nothing else has to be installed. Try it with
/// `marquee demo`.
#[derive(Debug, Parser)]
#[command(name = "marquee", version, max_term_width = 100, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs three nodes with a demo catalog and a payment gateway that moves no money.
    ///
    /// The nodes are processes of their own in us-east, eu-west and ap-south: kill one, and its venues sell on at the
    /// others. With `--single` there is one node, in this process.
    ///
    /// Everything is kept in the data folder, so that a demo goes on where it was stopped. Addresses and logins are
    /// printed when it is ready.
    #[command(
        after_help = "Examples:\n  marquee demo\n  marquee demo --listen 127.0.0.1:9000 --data /tmp/demo --json"
    )]
    Demo(DemoArguments),
    /// Runs a node as its settings say.
    #[command(after_help = "Example:\n  marquee serve --config config/node.toml")]
    Serve {
        /// The settings; config/node.toml of the sources names every one of them.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// Reads and checks the settings, and does nothing else.
        #[arg(long)]
        check: bool,
        /// Stops when standard input ends: whoever started the node is gone then.
        #[arg(long, hide = true)]
        stop_with_input: bool,
    },
    /// Loads venues, events and performances from a file into a node that is stopped.
    ///
    /// A file is a catalog document of ours, a seating plan of pretix (`--venue`, and `--hall` for its name), JSON-LD events of
    /// schema.org, a CSV table of performances, or an iCalendar of an event's performances (`--event`, `--hall`). What a
    /// calendar or an event does not say of prices is said by `--currency` and `--prices`.
    ///
    /// What has a key and is there already is left as it is, so a file can be imported again after it grew.
    #[command(
        after_help = "Examples:\n  marquee import config/demo --data data/demo --owner organizer@marquee.example --dry-run\n  marquee import catalog.json --config node.toml --owner me@example.com\n  marquee import plan.json --data data/demo --owner me@example.com --venue fox --hall 'Main hall'\n  marquee import dates.ics --data data/demo --owner me@example.com --event hamlet --hall fox-hall --currency USD --prices 'stalls=45.00; stalls/child=20.00'"
    )]
    Import {
        /// A file; of catalog documents also a folder.
        file: PathBuf,
        /// What the file is: catalog, pretix, jsonld, csv or ics; by its name and content unless it is said.
        #[arg(long, value_name = "FORMAT")]
        format: Option<Format>,
        #[command(flatten)]
        given: import::GivenArguments,
        #[command(flatten)]
        folder: Folder,
        /// Whose the catalog will be: the e-mail address of an organizer's account.
        #[arg(long, value_name = "EMAIL")]
        owner: String,
        /// Writes anew what is there and differs, instead of leaving it as it is.
        #[arg(long)]
        update: bool,
        /// Checks everything and says what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Prints what was done as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes what a node that is stopped has, in the formats of others.
    #[command(subcommand)]
    Export(export::Command),
    /// Looks into the ledger of a node that is stopped.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Makes accounts on a node that is stopped.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Begins, joins, looks at and changes a cluster.
    #[command(subcommand)]
    Cluster(cluster::Command),
    /// Looks at a node's search index, and makes it anew.
    #[command(subcommand)]
    Search(search::Command),
    /// Runs the sandbox payment gateway alone.
    ///
    /// It has test cards, keeps everything in memory and moves no money.
    Gateway {
        /// Where it listens.
        #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
        listen: SocketAddr,
        /// The node that its webhooks go to.
        #[arg(long, value_name = "URL")]
        node: Option<String>,
    },
    /// Prints a script that completes this command's words in a shell.
    #[command(after_help = "Example:\n  marquee completions bash > /etc/bash_completion.d/marquee")]
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

#[derive(Debug, Args)]
struct DemoArguments {
    /// The data folder; made if it is missing.
    #[arg(long, default_value = "data/demo", value_name = "DIR")]
    data: PathBuf,
    /// Where the first node serves pages and the API. The gateway takes the next port, the other nodes those after it;
    /// port 0 lets the system choose all.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Prints one line of JSON when ready: {"nodes": [...], "gateway": ..., "accounts": [...]}.
    #[arg(long)]
    json: bool,
    /// Leaves the catalog empty.
    #[arg(long)]
    empty: bool,
    /// Runs one node instead of three.
    #[arg(long)]
    single: bool,
    /// Lets messages between the nodes take as long as between their regions.
    #[arg(long, conflicts_with = "single")]
    wan: bool,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Proves a data folder whole: every seat has one owner, all money adds up, the hash chain is unbroken.
    ///
    /// Exits with 3 if something is wrong, and says what.
    Verify {
        #[command(flatten)]
        folder: Folder,
        /// Prints the report as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Makes an account with roles, such as the first operator's.
    ///
    /// The password is read from the terminal, or from standard input with --password-stdin.
    #[command(
        after_help = "Example:\n  marquee account create --config node.toml --email ops@example.com --name Ops --role operator"
    )]
    Create {
        #[command(flatten)]
        folder: Folder,
        /// The e-mail address to sign in with.
        #[arg(long)]
        email: String,
        /// The name.
        #[arg(long)]
        name: String,
        /// What it may do beside buying: organizer, `box_office`, support, operator. May be repeated.
        #[arg(long = "role", value_name = "ROLE")]
        roles: Vec<crate::accounts::Role>,
        /// Reads the password from standard input, its first line.
        #[arg(long)]
        password_stdin: bool,
        /// Prints the account as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A node's data folder, by itself or by the settings that name it.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Folder {
    /// The settings of the node.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder, if everything else is as usual.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Folder {
    fn settings(&self) -> Result<Settings, Failed> {
        if let Some(file) = &self.config {
            return load(file);
        }
        let mut settings = Settings::default();
        settings.storage.data_dir = self.data.clone().unwrap_or_default();
        // A folder that is mistyped must not be made.
        if !settings.storage.data_dir.join("state.redb").is_file() {
            let folder = settings.storage.data_dir.display();
            return Err(Failed::usage(format!(
                "{folder} is not a node's data folder: there is no state.redb in it. A demo of several nodes has a \
                 folder for each; for a node of a cluster, name its settings with --config"
            )));
        }
        Ok(settings)
    }
}

fn load(file: &std::path::Path) -> Result<Settings, Failed> {
    Settings::load(file).map_err(|error| Failed::usage(words(&error)))
}

/// Why a command failed, and its exit status.
#[derive(Debug)]
struct Failed {
    words: String,
    status: u8,
}

impl Failed {
    /// The command line or the settings are wrong.
    const fn usage(words: String) -> Self {
        Self { words, status: 2 }
    }

    /// It could not be done.
    fn because(error: &dyn std::error::Error) -> Self {
        Self { words: words(error), status: 1 }
    }

    fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), status: 1 }
    }
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::because(&error)
    }
}

/// An error with its causes, in one line.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    for cause in causes {
        let cause = cause.to_string();
        // Transparent errors say what their cause says.
        if !words.ends_with(&cause) {
            words.push_str(": ");
            words.push_str(&cause);
        }
    }
    words
}

/// Runs the command that the arguments name; the first is the program's name.
#[must_use]
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no mistakes: clap knows where and how they end.
            _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match execute(arguments.command) {
        Ok(status) => status,
        Err(failed) => {
            output::error(&failed.words);
            ExitCode::from(failed.status)
        }
    }
}

fn execute(command: Command) -> Result<ExitCode, Failed> {
    match command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Serve { config, check, stop_with_input } => serve::run(&config, check, stop_with_input),
        Command::Import { file, format, given, folder, owner, update, dry_run, json } => {
            let given = given.read()?;
            let wanted = import::Wanted { file, format, given, owner, update, dry_run, json };
            import::run(folder.settings()?, &wanted)
        }
        Command::Export(command) => export::run(&command),
        Command::Ledger(LedgerCommand::Verify { folder, json }) => ledger::verify(&folder.settings()?, json),
        Command::Account(AccountCommand::Create { folder, email, name, roles, password_stdin, json }) => {
            account::create(folder.settings()?, &account::Wanted { email, name, roles }, password_stdin, json)
        }
        Command::Cluster(command) => cluster::run(command),
        Command::Search(command) => search::run(command),
        Command::Gateway { listen, node } => gateway::run(listen, node),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "marquee", &mut script);
            output::text(&String::from_utf8_lossy(&script));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The runtime of commands that serve or open a node.
fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_error_tells_its_causes_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] Inner);
        #[derive(Debug, thiserror::Error)]
        #[error("inner")]
        struct Inner;
        #[derive(Debug, thiserror::Error)]
        #[error(transparent)]
        struct Wrapped(Outer);
        assert_eq!(words(&Wrapped(Outer(Inner))), "outer: inner");
    }
}
