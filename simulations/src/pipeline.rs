//! The commit pipeline without HTTP: commands of the ledger, proposed to a node's own group, on disk.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use marquee_ledger::command::{
    BestAvailable, HoldRequest, Holder, PaymentChoice, PaymentResult, Secret, Selection,
};
use marquee_ledger::layout::{Layout, Row, Seat, SeatIndex, SeatKind};
use marquee_ledger::order::{Buyer, OrderStatus};
use marquee_ledger::terms::{Price, RefundPolicy, Terms};
use marquee_ledger::{Command, EventId, HallId, Key, Options, Outcome, PerformanceId, Request};
use marquee_node::cluster::commons::Commons;
use marquee_node::home::{Clock, Home, HomeOptions};
use marquee_replication::{GroupId, GroupNetwork, GroupOptions, NodeId, Store, StoreOptions};

/// Seats in a row.
const ROW_SEATS: u32 = 50;
/// Rows in a stadium.
const ROWS: u32 = 1_000;
/// Seats in a stadium.
pub const STADIUM_SEATS: u32 = ROW_SEATS * ROWS;

const HALL: HallId = HallId::from_parts(1, 1, 1);
const PRICE: i64 = 4_500;

/// A node's group over a folder, with one hall in which performances are put on sale.
pub struct Pipeline {
    store: Store,
    home: Home,
}

impl Pipeline {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// If the storage cannot be opened.
    pub async fn open(folder: &Path) -> anyhow::Result<Self> {
        let store = Store::open(StoreOptions {
            data_dir: folder.to_owned(),
            cache_bytes: 1 << 30,
            key: None,
            sync_interval: Duration::from_secs(1),
        })?;
        Self::over(store, NodeId(1), GroupNetwork::alone(), true).await
    }

    /// A replica of the group on a node, which founds the group or waits for its home.
    ///
    /// # Errors
    /// If the storage cannot be opened.
    pub async fn over(
        store: Store,
        node: NodeId,
        network: Arc<GroupNetwork>,
        founds: bool,
    ) -> anyhow::Result<Self> {
        let clock = system_clock();
        let mut group = GroupOptions::new(GroupId(1), node, Arc::clone(&clock));
        group.commands_waiting_max = 65_536;
        let options = HomeOptions {
            group,
            network,
            founds,
            ledger: Options::default(),
            commons: Commons::alone(Arc::clone(&clock)),
            clock,
        };
        let home = Home::open(&store, options, Vec::new()).await?;
        Ok(Self { store, home })
    }

    /// What commands are proposed to; cheap to clone.
    #[must_use]
    pub fn home(&self) -> Home {
        self.home.clone()
    }

    /// Closes the folder, so that it can be opened again.
    ///
    /// # Errors
    /// If what is in memory cannot be written.
    pub async fn close(self) -> anyhow::Result<()> {
        self.home.close().await;
        Ok(self.store.close().await?)
    }
}

fn system_clock() -> Clock {
    Arc::new(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // Half a million years fit.
        since.as_millis() as u64
    })
}

/// Proposes a command that must be granted.
///
/// # Errors
/// If it has no answer, or a refusal for one.
pub async fn ask(home: &Home, key: Option<Key>, command: Command) -> anyhow::Result<Outcome> {
    match home.ledger(Request { key, command }).await?.result {
        Ok(outcome) => Ok(outcome),
        Err(refusal) => bail!("the ledger refused: {refusal}"),
    }
}

/// A stadium that is on sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stadium {
    performance: PerformanceId,
}

impl Stadium {
    /// Puts the `nth` performance on sale.
    ///
    /// # Errors
    /// If the ledger refuses.
    pub async fn open(home: &Home, nth: u64) -> anyhow::Result<Self> {
        ask(home, None, Command::DefineLayout { hall: HALL, version: 1, layout: layout() }).await?;
        let stadium = Self::nth(nth);
        let open = Command::OpenPerformance { performance: stadium.performance, terms: terms()? };
        ask(home, None, open).await?;
        Ok(stadium)
    }

    /// The `nth` performance, on sale or not.
    #[must_use]
    pub const fn nth(nth: u64) -> Self {
        Self { performance: PerformanceId::from_parts(2 + nth, 1, nth) }
    }

    /// A hold of the best seat.
    #[must_use]
    pub fn hold_best(self) -> Command {
        let wish = BestAvailable { concessions: vec![0], section: None, category: None, accessible: false };
        Command::Hold(self.hold(Selection::BestAvailable(wish)))
    }

    /// A hold of the `nth` seat of an order that visits every seat once, all over the stadium.
    #[must_use]
    pub fn hold_chosen(self, nth: u32) -> Command {
        // 24,001 has no factor in common with the number of seats.
        let seat = u64::from(nth) * 24_001 % u64::from(STADIUM_SEATS);
        // Less than the number of seats.
        Command::Hold(self.hold(Selection::Seats(vec![(seat as SeatIndex, 0)])))
    }

    /// Buys `tickets` seats from the `first` on, and pays them.
    ///
    /// # Errors
    /// If the ledger refuses.
    pub async fn purchase(
        self,
        home: &Home,
        keys: &KeySource,
        first: SeatIndex,
        tickets: u32,
    ) -> anyhow::Result<()> {
        let seats = (first..first + tickets).map(|seat| (seat, 0)).collect();
        let buy = Command::Buy {
            hold: self.hold(Selection::Seats(seats)),
            buyer: Buyer {
                account: None,
                email: format!("buyer-{first}@example.org"),
                name: format!("Buyer {first}"),
            },
            payment: PaymentChoice {
                gateway: "sandbox".to_owned(),
                method: "card_ok".to_owned(),
                return_url: String::new(),
            },
        };
        let Outcome::Ordered { order, total, .. } = ask(home, Some(keys.next()), buy).await? else {
            bail!("the ledger answered a purchase with something else");
        };
        let result = PaymentResult::Captured { intent: format!("pi_{order}"), amount: total.amount };
        let settled = ask(home, None, Command::SettlePayment { order, result }).await?;
        let is_booked = settled == Outcome::Settled { status: OrderStatus::Booked };
        anyhow::ensure!(is_booked, "a captured payment did not book its order: {settled:?}");
        Ok(())
    }

    fn hold(self, selection: Selection) -> HoldRequest {
        HoldRequest { performance: self.performance, holder: Holder::Guest(7), selection, secret: Secret(42) }
    }
}

/// Idempotency keys, each once, as random as the hashes that they stand for.
#[derive(Debug)]
pub struct KeySource {
    base: u128,
    next: std::sync::atomic::AtomicU64,
}

impl KeySource {
    /// Keys that no other source gives.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn new() -> anyhow::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok().context("the system has no randomness")?;
        Ok(Self { base: u128::from_le_bytes(bytes), next: std::sync::atomic::AtomicU64::new(1) })
    }

    /// The next one.
    pub fn next(&self) -> Key {
        let nth = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let id = self.base ^ u128::from(nth).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        Key { id, body: id }
    }
}

fn layout() -> Layout {
    let seat = |number: u32| Seat {
        label: number.to_string(),
        category: 0,
        kind: SeatKind::Standard,
        apart: number == ROW_SEATS / 2,
    };
    let row = |rank: u32| Row {
        section: 0,
        label: rank.to_string(),
        rank,
        seats: (1..=ROW_SEATS).map(seat).collect(),
    };
    Layout {
        sections: vec!["Stands".to_owned()],
        categories: vec!["A".to_owned()],
        rows: (0..ROWS).map(row).collect(),
        areas: Vec::new(),
    }
}

fn terms() -> anyhow::Result<Terms> {
    const YEAR_2100_MS: u64 = 4_102_444_800_000;
    Ok(Terms {
        event: EventId::from_parts(3, 1, 3),
        hall: HALL,
        layout_version: 1,
        starts_at_ms: YEAR_2100_MS,
        on_sale_from_ms: 0,
        on_sale_until_ms: YEAR_2100_MS,
        currency: "USD".parse().context("USD is no currency")?,
        concessions: vec!["adult".to_owned()],
        prices: vec![Price { category: 0, concession: 0, amount: PRICE }],
        refund: RefundPolicy { until_ms_before: 86_400_000, share_basis_points: 10_000 },
        ticket_limit: 0,
        hold_ms: 3_600_000,
        extension_ms: 300_000,
        payment_ms: 600_000,
    })
}
