//! How long a change takes to be on all nodes, and what nodes send, from three nodes to a thousand.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use marquee_replication::transport::Kind;
use marquee_simulations::scale::cluster::{Measured, measure};
use marquee_simulations::scale::plot;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the real membership, gossip and feed of whole clusters on one thread and on virtual time, over the distances
/// between forty cities, and prints a table; draws it if asked.
#[derive(Debug, Parser)]
#[command(name = "scale")]
struct Options {
    /// How many nodes the clusters have.
    #[arg(long, value_delimiter = ',', default_value = "3,30,300,1000", value_parser = clap::value_parser!(u64).range(2..=1_000))]
    nodes: Vec<u64>,
    /// All chance comes from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder for `scale-times.svg` and `scale-bytes.svg`; nothing is drawn if not said.
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be reading any more.
            let _written = writeln!(std::io::stderr(), "scale: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let mut measured: Vec<Measured> = Vec::new();
    for nodes in &options.nodes {
        let tell = |what: &str| {
            let _written = writeln!(std::io::stderr(), "{nodes}: {what}");
        };
        measured.push(measure(*nodes, options.seed, tell)?);
    }
    writeln!(out, "{}", table(&measured))?;
    if let Some(folder) = &options.plots {
        std::fs::create_dir_all(folder)?;
        for (name, svg) in [("times", plot::times(&measured)), ("bytes", plot::bytes(&measured))] {
            let file = folder.join(format!("scale-{name}.svg"));
            std::fs::write(&file, svg).with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

/// As Markdown.
fn table(measured: &[Measured]) -> String {
    let mut table = String::from(
        "| nodes | change on 50 % | 99 % | all | slowest of 10 | death suspected | down at 99 % | \
         value told to all | formed | membership B/s | gossip B/s | feed B/s | bytes per change |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for at in measured {
        let rest = |kind: Kind| at.rest.get(&kind).copied().unwrap_or_default();
        table.push_str(&format!(
            "| {} | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {:.1} s | {:.1} s | {:.1} s | {:.1} s | {:.0} | {:.0} | {:.0} | {:.0} |\n",
            at.nodes,
            at.half_s,
            at.most_s,
            at.all_s,
            at.slowest_s,
            at.suspected_s,
            at.down_s,
            at.told_s,
            at.formed_s,
            rest(Kind::Membership),
            rest(Kind::Gossip),
            rest(Kind::FeedBroadcast) + rest(Kind::FeedPull),
            at.bytes_per_change,
        ));
    }
    table
}
