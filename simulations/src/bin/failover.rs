//! How long a venue cannot be bought from when its home dies, hangs or is cut off, and whether everything that was
//! acknowledged is there afterwards.
//!
//! Three nodes run as processes of their own, each in its own network namespace where the system allows it. Buyers buy
//! single seats through the two that are not home. What is reported is the time from the fault until a whole purchase
//! (hold, order, payment, ticket) that began after it was acknowledged through another node. At the end every
//! acknowledged order is read back, and the ledgers of all three nodes are proved whole.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::{Parser, ValueEnum};
use marquee_simulations::fleet::buyer::{Book, Buyers};
use marquee_simulations::fleet::{Fleet, Program, until};
use marquee_simulations::load::audit::{Findings, read_back};
use marquee_simulations::load::customer::{Errand, Possession, Wish};
use marquee_simulations::node;
use marquee_simulations::stage::Stage;
use serde::Serialize;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NODES: u8 = 3;
/// How long buyers go on when the fault is over, or another home was found.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// Kills, pauses and cuts off homes during a sale, and reads everything back.
#[derive(Debug, Parser)]
struct Options {
    /// The faults.
    #[arg(long, value_delimiter = ',', default_value = "kill,pause,cut,deaf")]
    faults: Vec<Fault>,
    /// How many homes are killed.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How many of the other faults there are, each.
    #[arg(long, default_value_t = 2)]
    others: u32,
    /// Buyers at each of the two nodes that are not home.
    #[arg(long, default_value_t = 8)]
    buyers: usize,
    /// Where the nodes keep their data; on disk, unless it is said.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Fault {
    /// SIGKILL.
    Kill,
    /// SIGSTOP, for ten seconds.
    Pause,
    /// Nothing passes between the home and the others, for five seconds.
    Cut,
    /// Nothing reaches the home from the others, for five seconds; they hear it.
    Deaf,
}

impl Fault {
    /// How long it lasts; for ever if it says nothing.
    const fn lasts(self) -> Option<Duration> {
        match self {
            Self::Kill => None,
            Self::Pause => Some(Duration::from_secs(10)),
            Self::Cut | Self::Deaf => Some(Duration::from_secs(5)),
        }
    }
}

/// What came of one kind of fault.
#[derive(Debug, Serialize)]
struct Outage {
    fault: Fault,
    /// From the fault to the end of the first purchase that began after it, in milliseconds, in ascending order.
    recovered_ms: Vec<u64>,
    median_ms: u64,
    worst_ms: u64,
}

#[derive(Debug, Serialize)]
struct Report {
    has_links: bool,
    outages: Vec<Outage>,
    bought: usize,
    asked_again: u64,
    refused: Vec<String>,
    findings: Findings,
    verified: Vec<serde_json::Value>,
}

impl Report {
    fn is_right(&self) -> bool {
        self.findings.is_clean() && self.refused.is_empty()
    }

    fn write(&self, out: &mut impl std::io::Write) -> std::io::Result<()> {
        let ground = if self.has_links { "network namespaces" } else { "loopback addresses" };
        writeln!(out, "{NODES} nodes on {ground}, release build, buyers on the same machine\n")?;
        writeln!(out, "{:8} {:>6} {:>10} {:>10}", "fault", "times", "median", "worst")?;
        for outage in &self.outages {
            let name = format!("{:?}", outage.fault).to_lowercase();
            let (times, median, worst) = (outage.recovered_ms.len(), outage.median_ms, outage.worst_ms);
            writeln!(out, "{name:8} {times:>6} {median:>7} ms {worst:>7} ms")?;
        }
        let Findings { double_booked, lost, unclaimed, examples } = &self.findings;
        writeln!(
            out,
            "\n{} bought; asked again {} times; refused {}; sold twice {double_booked}, lost {lost}, unclaimed \
             {unclaimed}",
            self.bought,
            self.asked_again,
            self.refused.len()
        )?;
        for words in examples.iter().chain(&self.refused) {
            writeln!(out, "  {words}")?;
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == node::SUBCOMMAND) {
        let as_marquee = std::iter::once("marquee".into()).chain(arguments.into_iter().skip(2));
        return marquee_node::cli::run(as_marquee);
    }
    match run(&Options::parse()) {
        Ok(report) if report.is_right() => ExitCode::SUCCESS,
        Ok(_wrong) => ExitCode::FAILURE,
        Err(error) => {
            tell(&format!("failover: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> anyhow::Result<Report> {
    let folder;
    let data: &Path = match &options.data {
        Some(data) => {
            std::fs::create_dir_all(data)?;
            data
        }
        None => {
            folder = tempfile::Builder::new().prefix("marquee-failover-").tempdir_in("/var/tmp")?;
            folder.path()
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(Sale::run(options, data))?;
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        report.write(&mut out)?;
    }
    Ok(report)
}

/// A sale during which things go wrong.
struct Sale {
    fleet: Fleet,
    group: String,
    /// Who is home when all is well.
    preferred: u8,
    performance: String,
    buyers: usize,
    rounds: u32,
    book: Book,
}

impl Sale {
    async fn run(options: &Options, data: &Path) -> anyhow::Result<Report> {
        let fleet = Fleet::start(Program::this()?, NODES, data).await?;
        let mut organizer = fleet.organizer(1).await?;
        let mut stage = Stage::build(&mut organizer, "failover").await?;
        let hall = stage.hall(&mut organizer, 100_000).await?;
        let performances = stage.performances(&mut organizer, &hall, 1).await?;
        let group = fleet.group_of(1, stage.venue()).await?;
        let home = fleet.groups(1).await?.get(&group).and_then(|view| view.home);
        let preferred = home.context("the venue's group has no home")?;
        let performance = performances.first().context("there is no performance")?.clone();
        let book = Book::default();
        let mut sale = Self { fleet, group, preferred, performance, buyers: options.buyers, rounds: 0, book };
        let mut outages = Vec::new();
        for fault in &options.faults {
            let rounds = if *fault == Fault::Kill { options.rounds } else { options.others };
            if matches!(fault, Fault::Cut | Fault::Deaf) && !sale.fleet.ground().has_links() {
                tell("links are not cut: that takes network namespaces, and nft");
                continue;
            }
            outages.push(sale.outages(*fault, rounds).await?);
        }
        sale.report(outages, performances).await
    }

    async fn outages(&mut self, fault: Fault, rounds: u32) -> anyhow::Result<Outage> {
        let mut recovered_ms = Vec::new();
        for round in 1..=rounds {
            let after = self.outage(fault).await.with_context(|| format!("{fault:?} {round}"))?;
            let after = u64::try_from(after.as_millis())?;
            tell(&format!("{fault:?} {round}/{rounds}: bought again after {after} ms"));
            recovered_ms.push(after);
        }
        recovered_ms.sort_unstable();
        let median_ms = recovered_ms.get(recovered_ms.len() / 2).copied().unwrap_or_default();
        let worst_ms = recovered_ms.last().copied().unwrap_or_default();
        Ok(Outage { fault, recovered_ms, median_ms, worst_ms })
    }

    /// One fault, from a whole cluster to a whole cluster.
    async fn outage(&mut self, fault: Fault) -> anyhow::Result<Duration> {
        self.rounds += 1;
        let home = self.preferred;
        self.fleet.until_home(&self.group, home).await?;
        let others: Vec<_> = self.fleet.running().filter(|member| *member != home).collect();
        let nodes: Vec<_> = others.iter().map(|member| self.fleet.address(*member)).collect();
        let run = format!("{:?}{}", fault, self.rounds).to_lowercase();
        let buyers = Buyers::start(&nodes, self.buyers, &self.performance, &run);
        let warm = 20 * self.buyers;
        until("the first purchases", async || (buyers.bought() >= warm).then_some(())).await?;

        let began = Instant::now();
        match fault {
            Fault::Kill => self.fleet.kill(home)?,
            Fault::Pause => self.fleet.pause(home)?,
            Fault::Cut => self.fleet.cut_off(home)?,
            Fault::Deaf => others.iter().try_for_each(|other| self.fleet.cut(*other, home))?,
        }
        let applied = Instant::now();
        until("a purchase elsewhere", async || buyers.has_bought_since(applied).then_some(())).await?;
        if let Some(lasts) = fault.lasts() {
            tokio::time::sleep_until((began + lasts).into()).await;
        }
        match fault {
            Fault::Kill => self.fleet.start_member(home)?,
            Fault::Pause => self.fleet.go_on(home)?,
            Fault::Cut | Fault::Deaf => self.fleet.heal()?,
        }
        tokio::time::sleep(AFTERWARDS).await;
        let mut book = buyers.stop().await;
        let first =
            book.bought.iter().filter(|bought| bought.asked_at > applied).map(|bought| bought.booked_at);
        let first = first.min().context("nothing was bought")?;
        self.book.bought.append(&mut book.bought);
        self.book.refused.append(&mut book.refused);
        self.book.asked_again += book.asked_again;
        self.fleet.until_ready(home).await?;
        self.fleet.until_whole(NODES.into()).await?;
        Ok(first - began)
    }

    async fn report(mut self, outages: Vec<Outage>, performances: Vec<String>) -> anyhow::Result<Report> {
        let Book { bought, refused, asked_again } = self.book;
        let possessions: Vec<Possession> = bought.into_iter().map(|bought| bought.possession).collect();
        let bought = possessions.len();
        let wish = Wish { performances, tickets: 1, card: "card_ok".to_owned(), run: String::new() };
        let mut organizer = self.fleet.organizer(self.preferred).await?;
        let findings = read_back(&mut organizer, &wish, Errand::Purchase, possessions, |_read| {}).await?;
        let has_links = self.fleet.ground().has_links();
        self.fleet.stop_all().await?;
        let verified = (1..=NODES).map(|member| self.fleet.verify(member)).collect::<Result<Vec<_>, _>>()?;
        ensure!(verified.iter().all(|report| report["whole"] == true), "a ledger is not whole: {verified:?}");
        Ok(Report { has_links, outages, bought, asked_again, refused, findings, verified })
    }
}

fn tell(words: &str) {
    // Nobody can be told that standard error is closed.
    let _written = writeln!(std::io::stderr().lock(), "{words}");
}
