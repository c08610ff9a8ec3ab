//! Runs simulated clusters by seed and tells which seeds find something wrong.
//!
//! Each seed has a process of its own: whatever the process counts or draws at random then depends on the seed alone, and
//! as many seeds run at once as there are cores.

use std::io::Write as _;
use std::process::{Command, ExitCode, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use mad_turmoil::time::SimClocksGuard;
use marquee_replication::Sabotage;
use marquee_simulations::cluster::plan::Wishes;
use marquee_simulations::cluster::trace::now_ms;
use marquee_simulations::cluster::world::{self, Outcome};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rustix::time::{ClockId, clock_gettime};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many seeds may pass until a mistake is caught.
const PROOF_SEEDS: u64 = 200;
/// A run that takes longer, in seconds, is stuck.
const STUCK_AFTER_S: u32 = 300;

/// Runs whole clusters on virtual time: crashes, cuts, lost writes, rot and operators, while customers buy. Exits with
/// status 1 if a seed finds something wrong, and says how to replay it.
#[derive(Debug, Parser)]
#[command(name = "cluster")]
struct Options {
    /// How many seeds to run.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Begins no more seeds after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    time_limit: Option<u64>,
    /// How many nodes clusters have at first, in place of what the seed says.
    #[arg(long, value_parser = clap::value_parser!(u64).range(3..=9))]
    nodes: Option<u64>,
    /// No faults.
    #[arg(long)]
    calm: bool,
    /// How many seeds run at once; as many as there are cores if not said.
    #[arg(long)]
    jobs: Option<usize>,
    /// Tells the story of each seed, a line for each thing that happens.
    #[arg(long)]
    trace: bool,
    /// Prints what the nodes log as well, filtered by this: `info`, `marquee_replication=debug`.
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Lets nodes make a mistake, to see that the checks find it.
    #[arg(long, value_enum)]
    sabotage: Option<Mistake>,
    /// Makes each mistake in turn, until a seed catches it: at most 200 seeds.
    #[arg(long)]
    prove: bool,
    /// Runs this one seed in this process.
    #[arg(long, hide = true)]
    alone: Option<u64>,
}

/// A mistake that nodes can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mistake {
    /// The log is not brought to the disk.
    LogUnsynced,
    /// How far the state has come is not always written with it.
    ProgressUnwritten,
    /// Entries are applied twice.
    AppliedTwice,
    /// Votes are granted whatever the term.
    TermIgnored,
    /// A node answers as home without asking whether it still is.
    EpochUnchecked,
}

impl Mistake {
    fn sabotage(self) -> Sabotage {
        let none = Sabotage::default();
        match self {
            Self::LogUnsynced => Sabotage { log_unsynced: true, ..none },
            Self::ProgressUnwritten => Sabotage { progress_unwritten: true, ..none },
            Self::AppliedTwice => Sabotage { applied_twice: true, ..none },
            Self::TermIgnored => Sabotage { term_ignored: true, ..none },
            Self::EpochUnchecked => Sabotage { epoch_unchecked: true, ..none },
        }
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match options.alone {
        Some(seed) => alone(seed, &options),
        None if options.prove => prove(&options),
        None => run_all(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody may be reading any more.
            let _written = writeln!(std::io::stderr(), "cluster: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// One seed, in this process. `false` if something is wrong.
fn alone(seed: u64, options: &Options) -> anyhow::Result<bool> {
    // Before the first number is drawn, so that a run with logs is the one without.
    if let Some(filter) = &options.log {
        let filter = EnvFilter::try_new(filter).context("--log")?;
        tracing_subscriber::fmt().with_env_filter(filter).with_timer(VirtualTime).with_ansi(false).init();
    }
    mad_turmoil::rand::set_rng(StdRng::seed_from_u64(seed));
    let _clocks = SimClocksGuard::init();
    std::thread::spawn(move || {
        for _second in 0..STUCK_AFTER_S {
            std::thread::sleep(Duration::from_secs(1));
        }
        let _written = writeln!(std::io::stderr(), "seed {seed} is stuck");
        std::process::exit(2);
    });
    let wishes = Wishes { nodes: options.nodes, calm: options.calm };
    let sabotage = options.sabotage.map(Mistake::sabotage).unwrap_or_default();
    let is_told = options.trace;
    // A thread of its own, whose hash tables have seen nothing yet.
    let run = std::thread::Builder::new()
        .name("cluster".to_owned())
        .stack_size(16 << 20)
        .spawn(move || world::run(seed, world::Options { wishes, sabotage, is_told }))?;
    let outcome = run.join().map_err(|_panicked| anyhow::anyhow!("the simulation panicked"))??;
    tell(seed, &outcome)?;
    Ok(outcome.violations.is_empty())
}

/// Stamps logs with the time of the simulated world.
struct VirtualTime;

impl FormatTime for VirtualTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{:>8}", now_ms())
    }
}

fn tell(seed: u64, outcome: &Outcome) -> anyhow::Result<()> {
    let Outcome { violations, hash, lines, virtual_ms, nodes, crashes, counts } = outcome;
    let mut out = std::io::stdout();
    for violation in violations {
        writeln!(out, "seed {seed}: {violation}")?;
    }
    let seconds = *virtual_ms as f64 / 1_000.0;
    writeln!(
        out,
        "seed {seed}: {} trace {hash} of {lines} lines, {seconds:.1} s, {nodes} nodes, {crashes} crashes, {} answers, {} booked, {} cancelled, \
         {} commits, {} examined",
        if violations.is_empty() { "ok" } else { "WRONG" },
        counts.answers,
        counts.booked,
        counts.cancelled,
        counts.commits,
        counts.examined,
    )?;
    Ok(())
}

/// How a seed is run in a process of its own.
fn child(seed: u64, options: &Options, mistake: Option<Mistake>) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("this program's own file")?);
    command.args(["--alone", &seed.to_string()]);
    command.args(flags(options, mistake));
    if options.trace {
        command.arg("--trace");
    }
    if let Some(filter) = &options.log {
        command.args(["--log", filter]);
    }
    Ok(command)
}

/// The flags that change what a seed does.
fn flags(options: &Options, mistake: Option<Mistake>) -> Vec<String> {
    let mut flags = Vec::new();
    if let Some(nodes) = options.nodes {
        flags.extend(["--nodes".to_owned(), nodes.to_string()]);
    }
    if options.calm {
        flags.push("--calm".to_owned());
    }
    if let Some(mistake) = mistake {
        flags.extend(["--sabotage".to_owned(), mistake.name()]);
    }
    flags
}

/// The command that replays a seed.
fn replay(seed: u64, options: &Options) -> String {
    // The checks of the other profile could stop it elsewhere.
    let profile = if cfg!(debug_assertions) { "" } else { "--release " };
    let mut words = format!(
        "cargo run {profile}-p marquee-simulations --bin cluster -- --seeds 1 --first-seed {seed} --trace"
    );
    for flag in flags(options, options.sabotage) {
        words.push(' ');
        words.push_str(&flag);
    }
    words
}

/// Seconds of the real clock; the standard library's is the simulated one in this program.
fn seconds() -> u64 {
    u64::try_from(clock_gettime(ClockId::Monotonic).tv_sec).unwrap_or_default()
}

fn jobs(options: &Options) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    options.jobs.unwrap_or_else(cores).max(1)
}

/// Runs seeds, some at once, until there are no more or `is_enough` says so; gives each to `take`.
fn run_seeds(
    options: &Options,
    mistake: Option<Mistake>,
    seeds: std::ops::Range<u64>,
    is_enough: &(dyn Fn() -> bool + Sync),
    take: &(dyn Fn(u64, &Output) + Sync),
) -> anyhow::Result<()> {
    let next = AtomicU64::new(seeds.start);
    let failed: Mutex<Option<anyhow::Error>> = Mutex::default();
    let work = || -> anyhow::Result<()> {
        while !is_enough() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return Ok(());
            }
            let output = child(seed, options, mistake)?.output().context("a process for a seed")?;
            take(seed, &output);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        for _job in 0..jobs(options) {
            scope.spawn(|| {
                if let Err(error) = work()
                    && let Ok(mut failed) = failed.lock()
                {
                    failed.get_or_insert(error);
                }
            });
        }
    });
    failed.into_inner().ok().flatten().map_or(Ok(()), Err)
}

/// Runs the seeds that were asked for. `false` if something is wrong.
fn run_all(options: &Options) -> anyhow::Result<bool> {
    let (begin, limit) = (seconds(), options.time_limit);
    let (ran, wrong) = (AtomicU64::new(0), Mutex::new(Vec::new()));
    let take = |seed: u64, output: &Output| {
        ran.fetch_add(1, Ordering::Relaxed);
        // Nobody may be reading any more.
        let _written = std::io::stdout().write_all(&output.stdout);
        let _written = std::io::stderr().write_all(&output.stderr);
        if !output.status.success() {
            let _written = writeln!(std::io::stdout(), "replay: {}", replay(seed, options));
            if let Ok(mut wrong) = wrong.lock() {
                wrong.push(seed);
            }
        }
    };
    let is_enough = || limit.is_some_and(|limit| seconds() - begin >= limit);
    let seeds = options.first_seed..options.first_seed.saturating_add(options.seeds);
    run_seeds(options, options.sabotage, seeds, &is_enough, &take)?;
    let mut wrong = wrong.into_inner().unwrap_or_default();
    wrong.sort_unstable();
    let (ran, took) = (ran.into_inner(), seconds() - begin);
    writeln!(std::io::stdout(), "{ran} seeds in {took} s, {} wrong {wrong:?}", wrong.len())?;
    Ok(wrong.is_empty())
}

/// Makes every mistake until it is caught. `false` if one is not.
fn prove(options: &Options) -> anyhow::Result<bool> {
    let mut is_proven = true;
    for mistake in Mistake::value_variants() {
        let caught: Mutex<Option<(u64, String)>> = Mutex::default();
        let take = |seed: u64, output: &Output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            if !output.status.success()
                && let Ok(mut caught) = caught.lock()
                && caught.as_ref().is_none_or(|(known, _)| *known > seed)
            {
                *caught = Some((seed, text.lines().next().unwrap_or_default().to_owned()));
            }
        };
        let is_enough = || caught.lock().is_ok_and(|caught| caught.is_some());
        let seeds = options.first_seed..options.first_seed + PROOF_SEEDS;
        run_seeds(options, Some(*mistake), seeds, &is_enough, &take)?;
        let name = mistake.name();
        match caught.into_inner().ok().flatten() {
            Some((seed, how)) => {
                let tried = seed - options.first_seed + 1;
                writeln!(std::io::stdout(), "{name}: caught by seed {tried} of {PROOF_SEEDS}: {how}")?;
            }
            None => {
                writeln!(std::io::stdout(), "{name}: NOT CAUGHT by {PROOF_SEEDS} seeds")?;
                is_proven = false;
            }
        }
    }
    Ok(is_proven)
}
