//! A crowd of buyers at a running node, over real HTTP, and whether the node kept every promise.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use marquee_simulations::load::audit::{self, Findings};
use marquee_simulations::load::chart;
use marquee_simulations::load::crowd::{Crowd, Outcome, Pace};
use marquee_simulations::load::customer::{Errand, Wish};
use marquee_simulations::load::meter::Counts;
use marquee_simulations::load::report::{Report, Scenario};
use marquee_simulations::load::session::Session;
use marquee_simulations::node::{self, Login, OwnNode};
use marquee_simulations::processor;
use marquee_simulations::stage::{Hall, Stage};

/// The node runs in this program too, so it gets the allocator that it is delivered with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sends a crowd of buyers to a node and reports how fast they were served, and whether every seat that was sold is sold
/// once, to whom it was promised.
///
/// Without --url it starts a node of its own, with the sandbox gateway and its data on disk. Everything that was
/// acknowledged is read back at the end. The exit status is 1 if a seat was sold twice, an acknowledged sale is lost, a
/// seat was booked for nobody, a buyer was left without an answer, or the node failed (5xx).
#[derive(Debug, Parser)]
#[command(name = "onsale")]
struct Options {
    /// The node to buy from, such as `http://127.0.0.1:8080`. It must let one address send many requests
    /// (`limits.loopback_exempt`), and take the sandbox gateway's cards.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Who makes the event at the node.
    #[arg(long, value_name = "EMAIL:PASSWORD", default_value = "organizer@marquee.example:marquee-demo")]
    organizer: Login,
    /// What to run.
    #[arg(long, value_delimiter = ',', default_value = "purchases,holds,half,rush")]
    scenario: Vec<Kind>,
    /// How many buyers come in purchases, half and rush.
    #[arg(long, default_value_t = 10_000)]
    buyers: u64,
    /// Seats of each performance in purchases and half.
    #[arg(long, default_value_t = 20_000)]
    seats: u32,
    /// How many performances the buyers of purchases and half spread over.
    #[arg(long, default_value_t = 1)]
    performances: u32,
    /// How many seats side by side each buyer wants.
    #[arg(long, default_value_t = 1)]
    tickets: u32,
    /// How many connections the buyers of purchases share.
    #[arg(long, default_value_t = 512)]
    connections: usize,
    /// Seats of the one performance in holds, each held by one buyer.
    #[arg(long, default_value_t = 60_000)]
    holds: u32,
    /// How many connections the buyers of holds share.
    #[arg(long, default_value_t = 512)]
    hold_connections: usize,
    /// Seats in rush, where every buyer has a connection of their own.
    #[arg(long, default_value_t = 500)]
    rush_seats: u32,
    /// Purchases a second in half, instead of half of what purchases reached.
    #[arg(long, value_name = "PER_SECOND")]
    rate: Option<f64>,
    /// The sandbox gateway's test card that everyone pays with.
    #[arg(long, default_value = "card_ok")]
    card: String,
    /// Draw latency over time into this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
    /// Where the node that is started keeps its data; a fresh folder in /var/tmp, removed at the end, if not said.
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    data: Option<PathBuf>,
    /// Process id of the node at --url, to tell its processor time.
    #[arg(long, requires = "url")]
    pid: Option<u32>,
}

/// A scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Complete purchases (hold, order, payment, ticket), the next as soon as one is done.
    Purchases,
    /// Best-available holds of one seat each on one performance.
    Holds,
    /// Purchases by a schedule, at half the rate that was reached: what buyers feel on a busy day.
    Half,
    /// All buyers at once, each on their own connection, for a few hundred seats.
    Rush,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Purchases => "purchases",
            Self::Holds => "holds",
            Self::Half => "half",
            Self::Rush => "rush",
        }
    }

    const fn errand(self) -> Errand {
        match self {
            Self::Holds => Errand::Hold,
            Self::Purchases | Self::Half | Self::Rush => Errand::Purchase,
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == node::SUBCOMMAND) {
        let as_marquee = std::iter::once("marquee".into()).chain(arguments.into_iter().skip(2));
        return marquee_node::cli::run(as_marquee);
    }
    match serve(Options::parse()) {
        Ok(report) if report.is_right() => ExitCode::SUCCESS,
        Ok(_wrong) => ExitCode::FAILURE,
        Err(error) => {
            tell(&format!("onsale: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn serve(options: Options) -> anyhow::Result<Report> {
    let sockets = node::raise_socket_limit();
    let needed = options.buyers + 1_000;
    anyhow::ensure!(
        !options.scenario.contains(&Kind::Rush) || sockets >= needed,
        "a rush of {} buyers takes {needed} open files and this machine allows {sockets}; raise `ulimit -n` or \
         come with fewer --buyers",
        options.buyers
    );
    let folder = match (&options.url, &options.data) {
        // By convention on disk, unlike /tmp: what is measured includes the disk.
        (None, None) => Some(tempfile::Builder::new().prefix("marquee-onsale-").tempdir_in("/var/tmp")?),
        _given => None,
    };
    let own = match (&options.url, &folder, &options.data) {
        (Some(_url), _, _) => None,
        (None, Some(folder), _) => Some(OwnNode::start(&folder.path().join("data"))?),
        (None, None, Some(data)) => Some(OwnNode::start(data)?),
        (None, None, None) => None,
    };
    let target = Target::of(&options, own.as_ref())?;
    let json = options.json;
    let svg = options.svg.clone();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (report, counts) = runtime.block_on(Run::all(options, target))?;
    if let Some(own) = own {
        own.stop().context("the node, after the run")?;
    }
    if let Some(file) = svg {
        let scenarios: Vec<_> = counts.iter().map(|(name, counts)| (*name, counts)).collect();
        std::fs::write(&file, chart::draw(&scenarios)).with_context(|| file.display().to_string())?;
    }
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        report.write(&mut out)?;
    }
    Ok(report)
}

/// The node that is bought from.
struct Target {
    address: SocketAddr,
    organizer: Login,
    pid: Option<u32>,
}

impl Target {
    fn of(options: &Options, own: Option<&OwnNode>) -> anyhow::Result<Self> {
        match (own, &options.url) {
            (Some(own), _) => {
                let node = own.ready.nodes.first().context("the node did not say where it listens")?;
                let organizer = own.ready.accounts.iter().find(|login| login.role == "organizer");
                let organizer = organizer.unwrap_or(&options.organizer).clone();
                Ok(Self { address: node::address(&node.http)?, organizer, pid: Some(node.pid) })
            }
            (None, Some(url)) => {
                let address = node::address(url)?;
                Ok(Self { address, organizer: options.organizer.clone(), pid: options.pid })
            }
            (None, None) => anyhow::bail!("there is no node to buy from"),
        }
    }
}

/// The run of all scenarios.
struct Run {
    options: Options,
    target: Target,
    session: Session,
    stage: Stage,
    run: String,
    /// The hall of purchases and half.
    hall: Option<Hall>,
    reached_per_second: Option<f64>,
}

impl Run {
    async fn all(options: Options, target: Target) -> anyhow::Result<(Report, Vec<(&'static str, Counts)>)> {
        let run = fresh_name()?;
        let mut session = Session::open(target.address, &target.organizer).await?;
        let stage = Stage::build(&mut session, &run).await?;
        let mut all = Self { options, target, session, stage, run, hall: None, reached_per_second: None };
        let (mut scenarios, mut counts) = (Vec::new(), Vec::new());
        for kind in all.options.scenario.clone() {
            let (scenario, counted) = all.scenario(kind).await.with_context(|| kind.name())?;
            scenarios.push(scenario);
            counts.push((kind.name(), counted));
        }
        Ok((Report::new(scenarios), counts))
    }

    async fn scenario(&mut self, kind: Kind) -> anyhow::Result<(Scenario, Counts)> {
        let crowd = self.crowd(kind).await?;
        let (wish, customers) = (crowd.wish.clone(), crowd.customers);
        let before = self.processor_time();
        let bar = bar(kind.name(), customers);
        let Outcome { counts, possessions } = crowd.run(|done| bar.set_position(done)).await?;
        bar.finish_and_clear();
        let after = self.processor_time();
        if kind == Kind::Purchases {
            self.reached_per_second = Some(counts.per_second());
        }
        let reading = ["reading back ", kind.name()].concat();
        let bar = self::bar(&reading, possessions.len() as u64);
        let read = audit::read_back(&mut self.session, &wish, kind.errand(), possessions, |done| {
            bar.set_position(done);
        });
        let findings: Findings = read.await?;
        bar.finish_and_clear();
        let used = |after: Option<std::time::Duration>, before| Some(after?.saturating_sub(before?));
        let scenario = Scenario::new(kind.name(), customers, &counts, findings)
            .with_processor_time(used(after.0, before.0), used(after.1, before.1));
        Ok((scenario, counts))
    }

    /// Puts seats on sale for a scenario and gathers its crowd.
    async fn crowd(&mut self, kind: Kind) -> anyhow::Result<Crowd> {
        let options = &self.options;
        let (buyers, performances) = (options.buyers, options.performances);
        let (customers, connections, seats) = match kind {
            Kind::Purchases => (buyers, options.connections, options.seats),
            // As many as a second may bring while the node stalls for one.
            Kind::Half => (buyers, options.connections.max(2_048), options.seats),
            Kind::Holds => (u64::from(options.holds), options.hold_connections, options.holds),
            Kind::Rush => (buyers, usize::try_from(buyers)?, options.rush_seats),
        };
        let (hall, performances) = match (kind, &self.hall) {
            (Kind::Purchases | Kind::Half, Some(hall)) => (hall.clone(), performances),
            (Kind::Purchases | Kind::Half, None) => {
                let hall = self.stage.hall(&mut self.session, seats).await?;
                self.hall = Some(hall.clone());
                (hall, performances)
            }
            (Kind::Holds | Kind::Rush, _) => (self.stage.hall(&mut self.session, seats).await?, 1),
        };
        let tickets = if kind == Kind::Holds { 1 } else { self.options.tickets };
        let wish = Wish {
            performances: self.stage.performances(&mut self.session, &hall, performances).await?,
            tickets,
            card: self.options.card.clone(),
            run: format!("{}-{}", self.run, kind.name()),
        };
        let pace = match kind {
            Kind::Half => Pace::Scheduled { per_second: self.half_rate()? },
            Kind::Purchases | Kind::Holds | Kind::Rush => Pace::AsAnswered,
        };
        let address = self.target.address;
        Ok(Crowd { address, errand: kind.errand(), wish, customers, connections, pace })
    }

    fn half_rate(&self) -> anyhow::Result<f64> {
        let reached = self.reached_per_second.map(|reached| reached / 2.0);
        let rate = self.options.rate.or(reached).filter(|rate| *rate > 0.0);
        rate.context("half needs purchases before it, or --rate")
    }

    /// Of the node and of this process.
    fn processor_time(&self) -> (Option<std::time::Duration>, Option<std::time::Duration>) {
        (self.target.pid.and_then(processor::time_used), processor::time_used(std::process::id()))
    }
}

/// Tells this run's data from those of any other at the same node.
fn fresh_name() -> anyhow::Result<String> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(format!("{:08x}", u32::from_le_bytes(bytes)))
}

fn bar(name: &str, length: u64) -> ProgressBar {
    // The template is a constant that parses.
    let style = ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len} {per_sec} {eta}")
        .unwrap_or_else(|_error| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style).with_message(name.to_owned())
}

fn tell(words: &str) {
    // Nobody can be told that standard error is closed.
    let _written = writeln!(std::io::stderr().lock(), "{words}");
}
