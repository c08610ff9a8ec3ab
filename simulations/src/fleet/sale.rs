//! A sale during which homes die, hang and are cut off, at nodes that are real processes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::ValueEnum;
use serde::Serialize;

use super::buyer::{Book, Buyers};
use super::{Fleet, Program, until};
use crate::load::audit::{Findings, read_back};
use crate::load::customer::{Errand, Possession, Wish};
use crate::stage::Stage;

const NODES: u8 = 3;
/// How long buyers go on when the fault is over, or another home was found.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// What goes wrong with a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
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
    /// How long it lasts; without an end if it says nothing.
    #[must_use]
    pub const fn lasts(self) -> Option<Duration> {
        match self {
            Self::Kill => None,
            Self::Pause => Some(Duration::from_secs(10)),
            Self::Cut | Self::Deaf => Some(Duration::from_secs(5)),
        }
    }

    /// Whether it takes links that can be cut.
    #[must_use]
    pub const fn needs_links(self) -> bool {
        matches!(self, Self::Cut | Self::Deaf)
    }
}

/// What came of one kind of fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// Which.
    pub fault: Fault,
    /// From the fault until seats were held for the first buyer who asked after it, in milliseconds, in ascending order.
    pub held_ms: Vec<u64>,
    /// From the fault until the first of their purchases was booked, paid and had its ticket.
    pub booked_ms: Vec<u64>,
}

/// What came of the sale.
#[derive(Debug, Serialize)]
pub struct Sold {
    /// Whether links could be cut; else the faults that need it were left out.
    pub has_links: bool,
    /// What came of the faults.
    pub outages: Vec<Outage>,
    /// How many purchases were acknowledged.
    pub bought: usize,
    /// How many answers were lost, late, or said that the outcome is unknown; each was asked again.
    pub asked_again: u64,
    /// Definite refusals. None should come.
    pub refused: Vec<String>,
    /// What reading everything back found.
    pub findings: Findings,
}

impl Sold {
    /// Whether everything is as it was acknowledged.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.findings.is_clean() && self.refused.is_empty()
    }
}

/// Sells single seats through the nodes that are not home, so many buyers at each, while the home meets each fault so many
/// times; then reads every purchase back and proves the ledgers of all nodes whole. `tell` hears how it goes.
///
/// # Errors
/// If the nodes do not work together, nobody can buy any more, or a ledger is not whole.
pub async fn sell(
    program: Program,
    data: &Path,
    faults: &[(Fault, u32)],
    buyers: usize,
    mut tell: impl FnMut(String),
) -> anyhow::Result<Sold> {
    let fleet = Fleet::start(program, NODES, data).await?;
    let mut organizer = fleet.organizer(1).await?;
    let mut stage = Stage::build(&mut organizer, "failover").await?;
    let hall = stage.hall(&mut organizer, 100_000).await?;
    let performances = stage.performances(&mut organizer, &hall, 1).await?;
    let group = fleet.group_of(1, stage.venue()).await?;
    let home = fleet.groups(1).await?.get(&group).and_then(|view| view.home);
    let preferred = home.context("the venue's group has no home")?;
    let performance = performances.first().context("there is no performance")?.clone();
    let mut sale = Sale { fleet, group, preferred, performance, buyers, rounds: 0, book: Book::default() };
    let mut outages = Vec::new();
    for (fault, times) in faults {
        if fault.needs_links() && !sale.fleet.ground().has_links() {
            tell(format!("{fault:?}: left out, since cutting links takes network namespaces, and nft"));
            continue;
        }
        let mut outage = Outage { fault: *fault, held_ms: Vec::new(), booked_ms: Vec::new() };
        for round in 1..=*times {
            let after = sale.outage(*fault).await.with_context(|| format!("{fault:?} {round}"))?;
            let [held, booked] = after.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
            tell(format!("{fault:?} {round}/{times}: held again after {held} ms, booked after {booked} ms"));
            outage.held_ms.push(held);
            outage.booked_ms.push(booked);
        }
        outage.held_ms.sort_unstable();
        outage.booked_ms.sort_unstable();
        outages.push(outage);
    }
    sale.end(outages, performances).await
}

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
    /// One fault, from a whole cluster to a whole cluster.
    async fn outage(&mut self, fault: Fault) -> anyhow::Result<[Duration; 2]> {
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
        let afterwards = || book.bought.iter().filter(|bought| bought.asked_at > applied);
        let held = afterwards().map(|bought| bought.held_at).min().context("nothing was held")?;
        let booked = afterwards().map(|bought| bought.booked_at).min().context("nothing was bought")?;
        self.book.bought.append(&mut book.bought);
        self.book.refused.append(&mut book.refused);
        self.book.asked_again += book.asked_again;
        self.fleet.until_ready(home).await?;
        self.fleet.until_whole(NODES.into()).await?;
        Ok([held - began, booked - began])
    }

    async fn end(mut self, outages: Vec<Outage>, performances: Vec<String>) -> anyhow::Result<Sold> {
        let Book { bought, refused, asked_again } = self.book;
        let possessions: Vec<Possession> = bought.into_iter().map(|bought| bought.possession).collect();
        let bought = possessions.len();
        let wish = Wish { performances, tickets: 1, card: "card_ok".to_owned(), run: String::new() };
        let mut organizer = self.fleet.organizer(self.preferred).await?;
        let findings = read_back(&mut organizer, &wish, Errand::Purchase, possessions, |_read| {}).await?;
        let has_links = self.fleet.ground().has_links();
        self.fleet.stop_all().await?;
        for member in 1..=NODES {
            let report = self.fleet.verify(member)?;
            ensure!(report["whole"] == true, "a ledger of member {member} is not whole: {report}");
        }
        Ok(Sold { has_links, outages, bought, asked_again, refused, findings })
    }
}
