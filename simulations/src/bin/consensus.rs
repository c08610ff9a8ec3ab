//! Committed, replicated commands per second: three of our replicas beside three members of etcd, in one run.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use marquee_simulations::consensus::Work;
use marquee_simulations::consensus::etcd::{self, Etcd};
use marquee_simulations::consensus::measure::Measured;
use marquee_simulations::consensus::member::{self, Three};
use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures three replicas, each a process, beside etcd if that is installed (Debian package `etcd-server`).
#[derive(Debug, Parser)]
#[command(name = "consensus")]
struct Options {
    /// How many callers.
    #[arg(long, value_delimiter = ',', default_value = "1,64,1024")]
    callers: Vec<usize>,
    /// How long each is measured, in seconds.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// What our commands do.
    #[arg(long, value_delimiter = ',', default_value = "record,hold")]
    work: Vec<Work>,
    /// Prints the rows as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    what: String,
    #[serde(flatten)]
    measured: Measured,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    let done = match arguments.as_slice() {
        [_program, first, orders] if first == member::SUBCOMMAND => member::run(orders),
        _otherwise => run(&Options::parse()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("consensus: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("marquee-consensus-").tempdir_in("/var/tmp")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let rows = runtime.block_on(measure_all(options, folder.path()))?;
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&rows)?)?;
        return Ok(());
    }
    writeln!(
        out,
        "{:40} {:>8} {:>12} {:>10} {:>10}",
        "three members", "callers", "per second", "p50 ms", "p99 ms"
    )?;
    for Row { what, measured } in rows {
        let Measured { callers, per_second, p50_us, p99_us } = measured;
        let (p50, p99) = (p50_us as f64 / 1000.0, p99_us as f64 / 1000.0);
        writeln!(out, "{what:40} {callers:>8} {per_second:>12.0} {p50:>10.2} {p99:>10.2}")?;
    }
    Ok(())
}

async fn measure_all(options: &Options, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let lasts = Duration::from_secs(options.seconds);
    let mut rows = Vec::new();
    let mut add = |what: &str, measured: Measured| {
        tell(&format!("{what}, {} callers: {:.0}/s", measured.callers, measured.per_second));
        rows.push(Row { what: what.to_owned(), measured });
    };
    match etcd::version() {
        Some(version) => {
            let folder = folder.join("etcd");
            std::fs::create_dir_all(&folder)?;
            let etcd = Etcd::start(&folder).await?;
            for callers in &options.callers {
                add(&format!("etcd {version}: puts by gRPC"), etcd.measure(*callers, lasts).await?);
            }
        }
        None => tell("etcd is not installed (Debian package etcd-server): only ours is measured"),
    }
    for work in &options.work {
        let name = format!("{work:?}").to_lowercase();
        let folder = folder.join(&name);
        let mut three = Three::start(&folder, *work)?;
        for callers in &options.callers {
            add(&format!("marquee: {name}s, by QUIC"), three.measure_outside(*callers, lasts).await?);
            let inside = tokio::task::block_in_place(|| three.measure_inside(*callers, lasts))?;
            add(&format!("marquee: {name}s, callers at the home"), inside);
        }
        three.stop()?;
    }
    Ok(rows)
}

fn tell(words: &str) {
    // Nobody can be told that standard error is closed.
    let _written = writeln!(std::io::stderr().lock(), "{words}");
}
