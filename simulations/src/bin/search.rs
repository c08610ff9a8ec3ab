//! How fast the search index is built and how fast it answers, beside Postgres over the same documents.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use marquee_simulations::search::catalog::{Catalog, Size};
use marquee_simulations::search::measure::{Asked, ask, build};
use marquee_simulations::search::over_http::{Answered, Stage, Way};
use marquee_simulations::search::postgres;
use marquee_simulations::search::questions::questions;
use marquee_simulations::search::report::Report;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Makes a catalog up, builds an index of it, asks it in one thread what visitors would ask, and prints what that took.
#[derive(Debug, Parser)]
#[command(name = "search")]
struct Options {
    /// How many events.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    events: u32,
    /// How many performances of them, at least one of each.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    performances: u32,
    /// How many questions are asked in each way.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    questions: u32,
    /// All chance comes from it.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Asks a whole node over HTTP instead, so many times a second.
    #[arg(long, value_name = "PER_SECOND", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    http: Option<u32>,
    /// Also asks Postgres 15, which it starts for that.
    #[arg(long)]
    postgres: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be reading any more.
            let _written = writeln!(std::io::stderr(), "search: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    let tell = |what: &str| {
        let _written = writeln!(std::io::stderr(), "{what}");
    };
    let from = jiff::civil::date(2027, 1, 1).to_zoned_datetime(jiff::tz::TimeZone::UTC)?.timestamp();
    let catalog = Catalog::new(Size {
        seed: options.seed,
        events: options.events,
        performances: options.performances,
        from,
    });
    if let Some(rate) = options.http {
        return tokio::runtime::Runtime::new()?.block_on(over_http(options, &catalog, rate));
    }
    let folder = tempfile::tempdir()?;
    let (index, built) = build(&catalog, folder.path())?;
    tell("built");
    let questions = questions(&catalog, options.events, options.seed, options.questions as usize);
    let mut asked = Vec::new();
    for way in Asked::ALL {
        asked.push((way, ask(&index, from, &questions, way)?));
        tell(way.name());
    }
    let postgres = options.postgres.then(|| postgres::measure(&catalog, &questions, tell)).transpose()?;
    write!(std::io::stdout(), "{}", Report { built, asked, postgres }.markdown())?;
    Ok(())
}

/// Asks a node, each way for twenty seconds.
async fn over_http(options: &Options, catalog: &Catalog, rate: u32) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let stage = Stage::open(folder.path(), catalog).await?;
    let questions = questions(catalog, options.events, options.seed, options.questions as usize);
    let mut out = std::io::stdout();
    writeln!(out, "the node has it all after {:.1} s", stage.filled_in.as_secs_f64())?;
    writeln!(out, "\n| asked {rate} times a second | p50 | p99 | longest | wrong |\n|---|---|---|---|---|")?;
    for way in Way::ALL {
        let Answered { took_us, wrong } = stage.ask(way, &questions, rate, rate as usize * 20).await?;
        let ms = |microseconds: u64| microseconds as f64 / 1_000.0;
        let (p50, p99) = (ms(took_us.value_at_quantile(0.5)), ms(took_us.value_at_quantile(0.99)));
        let name = way.name();
        writeln!(out, "| {name} | {p50:.2} ms | {p99:.2} ms | {:.2} ms | {wrong} |", ms(took_us.max()))?;
    }
    stage.close().await
}
