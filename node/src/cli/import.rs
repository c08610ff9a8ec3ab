//! `marquee import`.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use marquee_config::Settings;
use marquee_ledger::AccountId;
use serde::Serialize;

use super::{Failed, output, runtime};
use crate::accounts::{EmailAddress, Role};
use crate::catalog::service::Writer;
use crate::formats::jsonld::given_terms;
use crate::formats::reading::{self, Format, Given};
use crate::import::intake::Reader;
use crate::import::{Checked, Counts, Mistake, Plan, Report, Source, Step, check};
use crate::node::Node;

/// How many steps a dry run lists.
const STEPS_TOLD_MAX: usize = 50;

/// What is wanted.
pub(super) struct Wanted {
    pub(super) file: PathBuf,
    pub(super) format: Option<Format>,
    pub(super) given: Given,
    pub(super) owner: String,
    pub(super) update: bool,
    pub(super) dry_run: bool,
    pub(super) json: bool,
}

/// What some formats leave to who imports them.
#[derive(Debug, Args)]
pub(super) struct GivenArguments {
    /// Key or id of the venue that a seating plan's hall is in.
    #[arg(long, value_name = "VENUE")]
    venue: Option<String>,
    /// The name of a seating plan's hall; key or id of the hall of performances.
    #[arg(long, value_name = "HALL")]
    hall: Option<String>,
    /// Key or id of the event of a calendar.
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// ISO 4217 code of the prices.
    #[arg(long, value_name = "CODE", requires = "prices")]
    currency: Option<String>,
    /// What tickets cost: `stalls=45.00; stalls/child=20.00`.
    #[arg(long, value_name = "PRICES", requires = "currency")]
    prices: Option<String>,
}

impl GivenArguments {
    pub(super) fn read(self) -> Result<Given, Failed> {
        let terms = self.currency.zip(self.prices);
        let terms = terms.map(|(currency, prices)| given_terms(&currency, &prices)).transpose();
        let terms = terms.map_err(|words| Failed::usage(format!("--prices: {words}")))?;
        Ok(Given { venue: self.venue, hall: self.hall, event: self.event, terms })
    }
}

#[derive(Serialize)]
struct Told {
    dry_run: bool,
    created: ToldCounts,
    updated: ToldCounts,
    left: ToldCounts,
    unchanged: ToldCounts,
}

#[derive(Serialize)]
struct ToldCounts {
    venues: usize,
    halls: usize,
    events: usize,
    performances: usize,
}

pub(super) fn run(settings: Settings, wanted: &Wanted) -> Result<ExitCode, Failed> {
    let sources = Source::read(&wanted.file)?;
    let format = wanted.format.or_else(|| sources.first().map(Format::of)).unwrap_or(Format::Catalog);
    // A catalog says everything itself: what is wrong with it is told before a node is opened.
    let own = (format == Format::Catalog).then(|| checked(&sources, &settings)).transpose()?;
    runtime()?.block_on(async {
        let node = Node::open(settings, SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let done = match &own {
            Some(checked) => carry_out(&node, checked, wanted).await,
            None => carry_out_of_others(&node, &sources, format, wanted).await,
        };
        node.close().await?;
        done
    })
}

/// Loads the demo catalog for an organizer, unless it is there.
pub(super) async fn demo_catalog(node: &Node, owner: &str) -> Result<(), Failed> {
    let settings = &node.app().settings;
    let checked = checked(&Source::demo(), settings)?;
    let by = owner_of(node, owner).await?;
    let home = &node.app().home;
    let plan = Plan::new(&checked, home, by, home.now_ms(), &settings.cluster.selling, false)?;
    let bar = output::progress(0, "demo catalog");
    let result = plan
        .carry_out(&writer(node, by), &|progress| {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
        })
        .await;
    bar.finish_and_clear();
    result?;
    Ok(())
}

/// What is written in other formats speaks of what the catalog has.
async fn carry_out_of_others(
    node: &Node,
    sources: &[Source],
    format: Format,
    wanted: &Wanted,
) -> Result<ExitCode, Failed> {
    let owner = owner_of(node, &wanted.owner).await?;
    let (home, house) = (&node.app().home, &node.app().settings.cluster.selling);
    let reader = Reader { home, owner, now_ms: home.now_ms(), house };
    let checked = told(reading::read(sources, format, &wanted.given, reader, house))?;
    carry_out(node, &checked, wanted).await
}

fn checked(sources: &[Source], settings: &Settings) -> Result<Checked, Failed> {
    told(check(sources, &settings.cluster.selling))
}

fn told(checked: Result<Checked, Vec<Mistake>>) -> Result<Checked, Failed> {
    checked.map_err(|mistakes| {
        let mut words = match mistakes.len() {
            1 => "there is a mistake; nothing was imported".to_owned(),
            count => format!("there are {count} mistakes; nothing was imported"),
        };
        for mistake in mistakes {
            // Writing to a string does not fail.
            _ = write!(words, "\n{}", Mistake::to_string(&mistake));
        }
        Failed::usage(words)
    })
}

async fn carry_out(node: &Node, checked: &Checked, wanted: &Wanted) -> Result<ExitCode, Failed> {
    let by = owner_of(node, &wanted.owner).await?;
    let home = &node.app().home;
    let house = &node.app().settings.cluster.selling;
    let plan = Plan::new(checked, home, by, home.now_ms(), house, wanted.update)?;
    if wanted.dry_run {
        let report = plan.preview();
        if !wanted.json {
            list_steps(&plan);
        }
        tell(&report, wanted);
        return Ok(ExitCode::SUCCESS);
    }
    let bar = output::progress(0, "importing");
    let result = plan
        .carry_out(&writer(node, by), &|progress| {
            bar.set_length(progress.total as u64);
            bar.set_position(progress.done as u64);
        })
        .await;
    bar.finish_and_clear();
    tell(&result?, wanted);
    Ok(ExitCode::SUCCESS)
}

fn writer(node: &Node, by: AccountId) -> Writer {
    Writer::new(node.app().home.clone(), by, false)
}

pub(super) async fn owner_of(node: &Node, email: &str) -> Result<AccountId, Failed> {
    let address: EmailAddress =
        email.parse().map_err(|error| Failed::usage(format!("the owner {email:?}: {error}")))?;
    let home = &node.app().home;
    let found = home.commons().account_by_email(home.id(), &address).await?;
    match found {
        Some(account) if account.roles.may_act_as(Role::Organizer) => Ok(account.id),
        Some(_customer) => Err(Failed::usage(format!("{email} is not an organizer's account"))),
        None => Err(Failed::usage(format!(
            "there is no account {email}; make it with: marquee account create --role organizer"
        ))),
    }
}

fn list_steps(plan: &Plan<'_>) {
    let steps = || plan.steps().filter(|(_kind, _key, step)| *step != Step::Nothing);
    for (kind, key, step) in steps().take(STEPS_TOLD_MAX) {
        let word = match step {
            Step::Create => "create",
            Step::Update => "update",
            Step::Leave => "leave",
            Step::Nothing => "keep",
        };
        output::line(&format!("  {word:<6} {kind:<11} {key}"));
    }
    let more = steps().count().saturating_sub(STEPS_TOLD_MAX);
    if more > 0 {
        output::line(&format!("  … and {more} more"));
    }
}

fn tell(report: &Report, wanted: &Wanted) {
    if wanted.json {
        return output::json(&Told {
            dry_run: wanted.dry_run,
            created: report.created.into(),
            updated: report.updated.into(),
            left: report.left.into(),
            unchanged: report.unchanged.into(),
        });
    }
    let lines = [
        (if wanted.dry_run { "would create" } else { "created" }, report.created),
        (if wanted.dry_run { "would update" } else { "updated" }, report.updated),
        ("left as they are, though they differ (--update writes them anew)", report.left),
        ("there already", report.unchanged),
    ];
    for (word, counts) in lines {
        let Counts { venues, halls, events, performances } = counts;
        if venues + halls + events + performances > 0 {
            output::line(&format!(
                "{word}: {venues} venues, {halls} halls, {events} events, {performances} performances"
            ));
        }
    }
}

impl From<Counts> for ToldCounts {
    fn from(counts: Counts) -> Self {
        let Counts { venues, halls, events, performances } = counts;
        Self { venues, halls, events, performances }
    }
}
