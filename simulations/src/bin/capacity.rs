//! How the commit pipeline changes with the number of booked tickets: its speed, its opening, its size on disk.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use marquee_ledger::Command;
use marquee_simulations::pipeline::{KeySource, Pipeline, STADIUM_SEATS, Stadium, ask};
use serde::Serialize;
use tokio::task::JoinSet;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many purchases are under way at a time while the ledger is filled.
const FILLERS: u32 = 2_048;

/// Books tickets through the commit pipeline, without HTTP, and measures at each number of them: hold commands a second
/// with 1, 64 and 1,024 callers, how long the folder takes to open, and how large it is.
#[derive(Debug, Parser)]
#[command(name = "capacity")]
struct Options {
    /// At how many booked tickets to measure, in ascending order; multiples of the tickets of an order.
    #[arg(long, value_delimiter = ',', default_value = "10000,1000000")]
    tickets: Vec<u64>,
    /// How many tickets an order has.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=50))]
    tickets_per_order: u32,
    /// Print one line of JSON for each number.
    #[arg(long)]
    json: bool,
    /// The folder; a fresh one in /var/tmp, removed at the end, if not said.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What was measured at a number of booked tickets.
#[derive(Debug, Serialize)]
struct Measured {
    tickets: u64,
    /// Tickets a second, while they were booked.
    booked_per_s: f64,
    /// Hold commands of one seat a second, by callers at a time.
    holds_per_s_1: f64,
    holds_per_s_64: f64,
    holds_per_s_1024: f64,
    /// From opening the folder to the first answer, after it was closed well.
    open_ms: f64,
    bytes: u64,
    bytes_per_ticket: f64,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody can be told that standard error is closed.
            let _written = writeln!(std::io::stderr().lock(), "capacity: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    anyhow::ensure!(options.tickets.is_sorted(), "--tickets must ascend");
    let fresh = match options.data {
        Some(_) => None,
        // By convention on disk, unlike /tmp: what is measured includes the disk.
        None => Some(tempfile::Builder::new().prefix("marquee-capacity-").tempdir_in("/var/tmp")?),
    };
    let given = options.data.as_deref().or(fresh.as_ref().map(tempfile::TempDir::path));
    let folder = given.context("there is no folder")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut filler = Filler::open(folder, options.tickets_per_order).await?;
        for tickets in &options.tickets {
            let measured;
            (filler, measured) = filler.measure(*tickets).await?;
            tell(&measured, options.json)?;
        }
        filler.pipeline.close().await
    })
}

/// Fills the ledger, stadium by stadium.
struct Filler {
    folder: PathBuf,
    pipeline: Pipeline,
    keys: Arc<KeySource>,
    stadiums: u64,
    tickets_per_order: u32,
    booked: u64,
    /// The stadium that is being filled, and its first free seat.
    current: Option<(Stadium, u32)>,
}

impl Filler {
    async fn open(folder: &Path, tickets_per_order: u32) -> anyhow::Result<Self> {
        let pipeline = Pipeline::open(folder).await?;
        let keys = Arc::new(KeySource::new()?);
        let folder = folder.to_owned();
        Ok(Self { folder, pipeline, keys, stadiums: 0, tickets_per_order, booked: 0, current: None })
    }

    /// Books until there are `tickets`, and measures.
    async fn measure(mut self, tickets: u64) -> anyhow::Result<(Self, Measured)> {
        let (before, began) = (self.booked, Instant::now());
        self.fill(tickets).await?;
        let booked_per_s = (self.booked - before) as f64 / began.elapsed().as_secs_f64();
        // Each with as many holds as take about a second.
        let holds_per_s_1 = self.holds_per_second(1, 3_000).await?;
        let holds_per_s_64 = self.holds_per_second(64, STADIUM_SEATS).await?;
        let holds_per_s_1024 = self.holds_per_second(1_024, STADIUM_SEATS).await?;
        let Self { folder, pipeline, stadiums, .. } = self;
        pipeline.close().await?;
        let began = Instant::now();
        let pipeline = Pipeline::open(&folder).await?;
        let nothing = Command::FinishTasks { tasks: Vec::new() };
        ask(&pipeline.home(), None, nothing).await?;
        let open_ms = began.elapsed().as_secs_f64() * 1_000.0;
        let bytes = size(&folder)?;
        let measured = Measured {
            tickets: self.booked,
            booked_per_s: booked_per_s.round(),
            holds_per_s_1: holds_per_s_1.round(),
            holds_per_s_64: holds_per_s_64.round(),
            holds_per_s_1024: holds_per_s_1024.round(),
            open_ms: (open_ms * 10.0).round() / 10.0,
            bytes,
            bytes_per_ticket: (bytes as f64 / self.booked.max(1) as f64).round(),
        };
        Ok((Self { folder, pipeline, stadiums, ..self }, measured))
    }

    async fn fill(&mut self, tickets: u64) -> anyhow::Result<()> {
        let bar = ProgressBar::new(tickets)
            .with_style(ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {eta}")?)
            .with_message("booking");
        bar.set_position(self.booked);
        bar.reset_eta();
        while self.booked < tickets {
            let (stadium, first) = match self.current {
                Some(current) => current,
                None => (self.another_stadium().await?, 0),
            };
            let left = u32::try_from(tickets - self.booked).unwrap_or(u32::MAX);
            let orders = (left.min(STADIUM_SEATS - first)).div_ceil(self.tickets_per_order);
            let orders = orders.min((STADIUM_SEATS - first) / self.tickets_per_order);
            self.book(stadium, first, orders, &bar).await?;
            let sold = orders * self.tickets_per_order;
            self.booked += u64::from(sold);
            let next = first + sold;
            let is_full = next + self.tickets_per_order > STADIUM_SEATS;
            self.current = if is_full { None } else { Some((stadium, next)) };
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Sells `orders` orders from the seat `first` on.
    async fn book(&self, stadium: Stadium, first: u32, orders: u32, bar: &ProgressBar) -> anyhow::Result<()> {
        let next = Arc::new(AtomicU32::new(0));
        let mut lanes = JoinSet::new();
        for _filler in 0..FILLERS.min(orders) {
            let (home, keys, next, bar) =
                (self.pipeline.home(), self.keys.clone(), next.clone(), bar.clone());
            let tickets = self.tickets_per_order;
            lanes.spawn(async move {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= orders {
                        return anyhow::Ok(());
                    }
                    stadium.purchase(&home, &keys, first + nth * tickets, tickets).await?;
                    bar.inc(u64::from(tickets));
                }
            });
        }
        all_well(lanes).await
    }

    /// Holds seats of an empty stadium.
    async fn holds_per_second(&mut self, callers: u32, count: u32) -> anyhow::Result<f64> {
        let stadium = self.another_stadium().await?;
        let next = Arc::new(AtomicU32::new(0));
        let mut lanes = JoinSet::new();
        let began = Instant::now();
        for _caller in 0..callers {
            let (home, keys, next) = (self.pipeline.home(), self.keys.clone(), next.clone());
            lanes.spawn(async move {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= count {
                        return anyhow::Ok(());
                    }
                    ask(&home, Some(keys.next()), stadium.hold_chosen(nth)).await?;
                }
            });
        }
        all_well(lanes).await?;
        Ok(f64::from(count) / began.elapsed().max(Duration::from_nanos(1)).as_secs_f64())
    }

    async fn another_stadium(&mut self) -> anyhow::Result<Stadium> {
        let stadium = Stadium::open(&self.pipeline.home(), self.stadiums).await?;
        self.stadiums += 1;
        Ok(stadium)
    }
}

async fn all_well(mut lanes: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(lane) = lanes.join_next().await {
        lane??;
    }
    Ok(())
}

/// The bytes of all files in a folder.
fn size(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

fn tell(measured: &Measured, json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string(measured)?)?;
    } else {
        let Measured { tickets, booked_per_s, bytes, bytes_per_ticket, .. } = measured;
        writeln!(
            out,
            "{tickets} tickets, booked at {booked_per_s}/s; {bytes} bytes, {bytes_per_ticket} a ticket"
        )?;
        let Measured { holds_per_s_1, holds_per_s_64, holds_per_s_1024, open_ms, .. } = measured;
        writeln!(
            out,
            "  holds/s with 1, 64, 1,024 callers: {holds_per_s_1}, {holds_per_s_64}, {holds_per_s_1024}"
        )?;
        writeln!(out, "  opens in {open_ms} ms")?;
    }
    Ok(())
}
