//! A venue moves from node to node while it sells, and the homes that move it are killed in the middle.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::{Value, json};

use super::buyer::{Book, Buyers};
use super::{Fleet, Program, until};
use crate::load::audit::{Findings, read_back};
use crate::load::customer::{Errand, Possession, Wish};
use crate::stage::Stage;

const NODES: u8 = 3;
const SEATS: u32 = 50_000;
/// The home that moves the venue is killed so long after it was told to, by turns: before it begins, while it copies,
/// while the venue changes hands, and while it clears up, more or less.
const KILLED_AFTER_MS: [u64; 4] = [0, 40, 120, 400];

/// What came of the moves.
#[derive(Debug, Serialize)]
pub struct Moved {
    /// For how long nobody could buy when nothing went wrong, in milliseconds.
    pub frozen_ms: Vec<u64>,
    /// From the death of a home to the first purchase after it, in milliseconds.
    pub outages_ms: Vec<u64>,
    /// How many purchases were acknowledged.
    pub bought: usize,
    /// How many answers were lost, late, or said that the outcome is unknown; each was asked again.
    pub asked_again: u64,
    /// Definite refusals. None should come.
    pub refused: Vec<String>,
    /// What reading everything back found.
    pub findings: Findings,
}

impl Moved {
    /// Whether everything is as it was acknowledged.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.findings.is_clean() && self.refused.is_empty()
    }
}

/// Moves a venue of 50,000 seats so many times while nothing goes wrong, then as often as there are moments to kill the
/// home in, with so many buyers at each node that stays; then reads every purchase back and proves all ledgers whole.
///
/// # Errors
/// If a move does not come to its end, nobody can buy any more, or a ledger is not whole.
pub async fn move_about(
    program: Program,
    data: &Path,
    calm: u32,
    buyers: usize,
    mut tell: impl FnMut(String),
) -> anyhow::Result<Moved> {
    let fleet = Fleet::start(program, NODES, data).await?;
    let mut organizer = fleet.organizer(1).await?;
    let mut stage = Stage::build(&mut organizer, "moving").await?;
    let hall = stage.hall(&mut organizer, SEATS).await?;
    let performances = stage.performances(&mut organizer, &hall, 1).await?;
    let group = fleet.group_of(1, stage.venue()).await?;
    let owner = group.trim_start_matches('g').parse().context("a group has another name")?;
    let venue = stage.venue().to_owned();
    let performance = performances.first().context("there is no performance")?.clone();
    let book = Book::default();
    let mut tour = Tour { fleet, venue, owner, performance, buyers, rounds: 0, book };
    let (mut frozen_ms, mut outages_ms) = (Vec::new(), Vec::new());
    for _move in 0..calm {
        let frozen = tour.move_on().await?;
        tell(format!("moved: nobody could buy for {frozen} ms"));
        frozen_ms.push(frozen);
    }
    for after in KILLED_AFTER_MS.map(Duration::from_millis) {
        let outage = tour.move_and_kill(after).await.with_context(|| format!("killed after {after:?}"))?;
        let outage = u64::try_from(outage.as_millis()).unwrap_or(u64::MAX);
        tell(format!("its home was killed after {after:?}: bought again after {outage} ms"));
        outages_ms.push(outage);
    }
    tour.end(frozen_ms, outages_ms, performances).await
}

struct Tour {
    fleet: Fleet,
    venue: String,
    /// The member whose group owns the venue.
    owner: u8,
    performance: String,
    buyers: usize,
    rounds: u32,
    book: Book,
}

impl Tour {
    const fn next(&self) -> u8 {
        self.owner % NODES + 1
    }

    /// Buyers at these members, once they have bought.
    async fn rush(&mut self, members: &[u8]) -> anyhow::Result<Buyers> {
        self.rounds += 1;
        let nodes: Vec<_> = members.iter().map(|member| self.fleet.address(*member)).collect();
        let buyers = Buyers::start(&nodes, self.buyers, &self.performance, &format!("move{}", self.rounds));
        let warm = 10 * self.buyers;
        until("the first purchases", async || (buyers.bought() >= warm).then_some(())).await?;
        Ok(buyers)
    }

    async fn ask_to_move(&self, through: u8) -> anyhow::Result<()> {
        let mut operator = self.fleet.operator(through).await?;
        let path = format!("/v1/cluster/venues/{}/move", self.venue);
        let form = json!({ "to": format!("n{}", self.next()) });
        let told: Value = operator.call("POST", &path, Some(&form)).await?;
        ensure!(told["decided"] == true, "the move was not decided: {told}");
        Ok(())
    }

    /// Waits until the venue has moved, as a member sees it, and, if nothing went wrong, until its home has told how it was.
    async fn has_moved(&self, through: u8, is_calm: bool) -> anyhow::Result<Value> {
        let mut operator = self.fleet.operator(through).await?;
        let path = format!("/v1/cluster/venues/{}/move", self.venue);
        let to = format!("g{}", self.next());
        let looked = until("a move", async || {
            let look: Value = operator.call("GET", &path, None).await.ok()?;
            let is_told = !is_calm || look["frozen_ms"].is_u64();
            (look["group"] == to.as_str() && look["moving_to"].is_null() && is_told).then_some(look)
        });
        looked.await
    }

    /// One move that nothing disturbs; tells for how many milliseconds nobody could buy.
    async fn move_on(&mut self) -> anyhow::Result<u64> {
        let all: Vec<_> = self.fleet.running().collect();
        let buyers = self.rush(&all).await?;
        self.ask_to_move(self.owner).await?;
        let look = self.has_moved(self.owner, true).await?;
        let moved = Instant::now();
        until("a purchase afterwards", async || buyers.has_bought_since(moved).then_some(())).await?;
        self.owner = self.next();
        self.keep(buyers.stop().await);
        look["frozen_ms"].as_u64().context("nobody knows for how long nobody could buy")
    }

    /// One move whose home is killed so long after it was told to; tells how long it took until somebody bought again.
    async fn move_and_kill(&mut self, after: Duration) -> anyhow::Result<Duration> {
        let home = self.owner;
        self.fleet.until_home(&format!("g{home}"), home).await?;
        let others: Vec<_> = self.fleet.running().filter(|member| *member != home).collect();
        let through = *others.first().context("nobody else runs")?;
        let buyers = self.rush(&others).await?;
        self.ask_to_move(through).await?;
        tokio::time::sleep(after).await;
        self.fleet.kill(home)?;
        let killed = Instant::now();
        until("a purchase elsewhere", async || buyers.has_bought_since(killed).then_some(())).await?;
        self.has_moved(through, false).await?;
        let moved = Instant::now();
        until("a purchase afterwards", async || buyers.has_bought_since(moved).then_some(())).await?;
        let book = buyers.stop().await;
        let later = book.bought.iter().filter(|bought| bought.asked_at > killed);
        let first = later.map(|bought| bought.booked_at).min().context("nothing was bought")?;
        self.keep(book);
        self.owner = self.next();
        self.fleet.restart(home).await?;
        self.fleet.until_whole(NODES.into()).await?;
        Ok(first - killed)
    }

    fn keep(&mut self, mut book: Book) {
        self.book.bought.append(&mut book.bought);
        self.book.refused.append(&mut book.refused);
        self.book.asked_again += book.asked_again;
    }

    async fn end(
        mut self,
        frozen_ms: Vec<u64>,
        outages_ms: Vec<u64>,
        performances: Vec<String>,
    ) -> anyhow::Result<Moved> {
        let Book { bought, refused, asked_again } = self.book;
        let possessions: Vec<Possession> = bought.into_iter().map(|bought| bought.possession).collect();
        let bought = possessions.len();
        let wish = Wish { performances, tickets: 1, card: "card_ok".to_owned(), run: String::new() };
        let mut organizer = self.fleet.organizer(1).await?;
        let findings = read_back(&mut organizer, &wish, Errand::Purchase, possessions, |_read| {}).await?;
        self.fleet.stop_all().await?;
        for member in 1..=NODES {
            let report = self.fleet.verify(member)?;
            ensure!(report["whole"] == true, "a ledger of member {member} is not whole: {report}");
        }
        Ok(Moved { frozen_ms, outages_ms, bought, asked_again, refused, findings })
    }
}
