//! How long a venue cannot be bought from when its home dies, hangs or is cut off, and whether everything that was
//! acknowledged is there afterwards.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use marquee_simulations::fleet::Program;
use marquee_simulations::fleet::sale::{Fault, Sold, sell};
use marquee_simulations::load::audit::Findings;
use marquee_simulations::node;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Kills, pauses and cuts off homes during a sale, and reads everything back.
///
/// Three nodes run as processes of their own, each in its own network namespace where the system allows it (as root, with
/// iproute2 and nftables). Buyers buy single seats through the two that are not home. What is told is the time from the
/// fault until seats were held, and until a whole purchase (hold, order, payment, ticket) was done, for the first buyer who
/// came after it. At the end every acknowledged order is read back, and the ledgers of all three nodes are proved whole.
/// The exit status is 1 if a seat was sold twice, an acknowledged sale is lost, or a buyer was refused.
#[derive(Debug, Parser)]
#[command(name = "failover")]
struct Options {
    /// The faults.
    #[arg(long, value_delimiter = ',', default_value = "kill,pause,cut,deaf")]
    faults: Vec<Fault>,
    /// How many homes are killed.
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// How many of the other faults there are, each.
    #[arg(long, default_value_t = 3)]
    others: u32,
    /// Buyers at each of the two nodes that are not home.
    #[arg(long, default_value_t = 8)]
    buyers: usize,
    /// Where the nodes keep their data; a folder on disk that is removed afterwards, unless it is said.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == node::SUBCOMMAND) {
        let as_marquee = std::iter::once("marquee".into()).chain(arguments.into_iter().skip(2));
        return marquee_node::cli::run(as_marquee);
    }
    match run(&Options::parse()) {
        Ok(sold) if sold.is_right() => ExitCode::SUCCESS,
        Ok(_wrong) => ExitCode::FAILURE,
        Err(error) => {
            tell(&format!("failover: {error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> anyhow::Result<Sold> {
    // By convention on disk, unlike /tmp: what is measured includes the disk.
    let folder = tempfile::Builder::new().prefix("marquee-failover-").tempdir_in("/var/tmp")?;
    let data = options.data.as_deref().unwrap_or(folder.path());
    std::fs::create_dir_all(data)?;
    let times = |fault: &Fault| if *fault == Fault::Kill { options.rounds } else { options.others };
    let faults: Vec<_> = options.faults.iter().map(|fault| (*fault, times(fault))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let selling = sell(Program::this()?, data, &faults, options.buyers, |words| tell(&words));
    let sold = runtime.block_on(selling)?;
    let mut out = std::io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&sold)?)?;
    } else {
        write(&sold, &mut out)?;
    }
    Ok(sold)
}

fn write(sold: &Sold, out: &mut impl std::io::Write) -> std::io::Result<()> {
    let ground = if sold.has_links { "network namespaces" } else { "loopback addresses" };
    writeln!(out, "three nodes on {ground}, buyers on the same machine; from the fault, in ms\n")?;
    writeln!(out, "{:8} {:>6} {:>20} {:>20}", "", "", "first hold", "first booking")?;
    writeln!(
        out,
        "{:8} {:>6} {:>10}{:>10} {:>10}{:>10}",
        "fault", "times", "median", "worst", "median", "worst"
    )?;
    for outage in &sold.outages {
        let name = format!("{:?}", outage.fault).to_lowercase();
        let [held, held_worst] = median_and_worst(&outage.held_ms);
        let [booked, booked_worst] = median_and_worst(&outage.booked_ms);
        let times = outage.held_ms.len();
        writeln!(out, "{name:8} {times:>6} {held:>10}{held_worst:>10} {booked:>10}{booked_worst:>10}")?;
    }
    let Findings { double_booked, lost, unclaimed, examples } = &sold.findings;
    let (bought, again, refused) = (sold.bought, sold.asked_again, sold.refused.len());
    writeln!(out, "\n{bought} bought, {again} questions asked again, {refused} refused")?;
    writeln!(
        out,
        "sold twice {double_booked}, lost {lost}, booked for nobody {unclaimed}; all ledgers are whole"
    )?;
    for words in examples.iter().chain(&sold.refused) {
        writeln!(out, "  {words}")?;
    }
    Ok(())
}

/// The middle one and the last one of what is in order.
fn median_and_worst(ms: &[u64]) -> [u64; 2] {
    let at = |index: usize| ms.get(index).copied().unwrap_or_default();
    [at(ms.len() / 2), at(ms.len().saturating_sub(1))]
}

fn tell(words: &str) {
    // Nobody can be told that standard error is closed.
    let _written = writeln!(std::io::stderr().lock(), "{words}");
}
