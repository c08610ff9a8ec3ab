//! How many commands a second one thread applies, in entries of a thousand, to tables in memory.
//!
//! `cargo bench -p marquee-ledger`. Each benchmark sells a stadium of 50,000 seats from empty, so that its figures are
//! averages over a hall that fills.

use divan::Bencher;
use divan::counter::ItemsCount;
use marquee_ledger::audit::audit;
use marquee_ledger::command::{
    BestAvailable, HoldRequest, Holder, OrderRequest, PaymentChoice, PaymentResult, Secret, Selection,
};
use marquee_ledger::layout::{Layout, Row, Seat, SeatKind};
use marquee_ledger::order::Buyer;
use marquee_ledger::terms::{Price, RefundPolicy, Terms};
use marquee_ledger::{
    Command, EventId, HallId, Key, Ledger, Options, OrderId, Outcome, PerformanceId, Position, Request,
};
use redb::backends::InMemoryBackend;
use redb::{Database, Durability, ReadableDatabase};

const ROWS: u32 = 1_000;
const ROW_SEATS: u32 = 50;
const SEATS: u32 = ROWS * ROW_SEATS;
const COMMANDS_PER_ENTRY: u32 = 1_000;
const HALL: HallId = HallId::from_parts(1, 1, 1);
const PERFORMANCE: PerformanceId = PerformanceId::from_parts(2, 1, 2);

fn main() {
    divan::main();
}

/// A ledger with an empty stadium on sale.
struct Stadium {
    commands_per_entry: u32,
    state: Database,
    ledger: Ledger,
    index: u64,
    keys: u128,
}

impl Stadium {
    fn new() -> Self {
        Self::with_entries_of(COMMANDS_PER_ENTRY)
    }

    fn with_entries_of(commands_per_entry: u32) -> Self {
        let state =
            Database::builder().create_with_backend(InMemoryBackend::new()).expect("memory is a database");
        let mut ledger = Ledger::new("g1", Options::default());
        let transaction = state.begin_write().expect("nobody else writes");
        ledger.open(&transaction).expect("an empty database opens");
        transaction.commit().expect("memory takes it");
        let mut stadium = Self { commands_per_entry, state, ledger, index: 0, keys: 0 };
        let setting = vec![
            Command::DefineLayout { hall: HALL, version: 1, layout: layout() },
            Command::OpenPerformance { performance: PERFORMANCE, terms: terms() },
        ];
        stadium.apply(setting);
        stadium
    }

    /// Sells all seats, two by two.
    fn sell_out(&mut self) {
        for _round in 0..SEATS / 2 / COMMANDS_PER_ENTRY {
            let holds = (0..COMMANDS_PER_ENTRY).map(|_nth| hold_best_pair()).collect();
            let orders = self.apply(holds).into_iter().map(order).collect();
            let payments = self.apply(orders).iter().map(payment).collect();
            self.apply(payments);
        }
    }

    /// Applies commands, so many an entry; each must be granted.
    fn apply(&mut self, commands: Vec<Command>) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(commands.len());
        let mut commands = commands.into_iter().peekable();
        let mut changes = Vec::new();
        while commands.peek().is_some() {
            self.index += 1;
            let mut transaction = self.state.begin_write().expect("nobody else writes");
            transaction.set_durability(Durability::None).expect("no savepoint is kept");
            let at = Position { index: self.index, now_ms: 1_000 + self.index };
            let mut entry = self.ledger.begin(&transaction, at).expect("the ledger is sound");
            for command in commands.by_ref().take(self.commands_per_entry as usize) {
                self.keys += 1;
                // As random as the hashes that they stand for.
                let id = self.keys.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
                let request = Request { key: Some(Key { id, body: id }), command };
                let answer = entry.apply(&request).expect("the ledger is sound");
                outcomes.push(answer.result.expect("it is granted"));
            }
            changes.clear();
            entry.finish(&mut changes).expect("the ledger is sound");
            transaction.commit().expect("memory takes it");
        }
        outcomes
    }
}

/// One seat that the customer chose, all over the hall.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn hold_one_chosen_seat(bencher: Bencher<'_, '_>) {
    // 24,001 has no factor in common with the number of seats: every seat comes up once.
    let holds = || (0..SEATS).map(|nth| hold(Selection::Seats(vec![(nth * 24_001 % SEATS, 0)]))).collect();
    bencher.counter(ItemsCount::new(SEATS)).with_inputs(|| (Stadium::new(), holds())).bench_local_values(
        |(mut stadium, holds)| {
            stadium.apply(holds);
            stadium
        },
    );
}

/// The same, when every command comes alone: what an entry costs by itself.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn hold_one_chosen_seat_per_entry(bencher: Bencher<'_, '_>) {
    const COUNT: u32 = 10_000;
    let holds = || (0..COUNT).map(|nth| hold(Selection::Seats(vec![(nth * 24_001 % SEATS, 0)]))).collect();
    bencher
        .counter(ItemsCount::new(COUNT))
        .with_inputs(|| (Stadium::with_entries_of(1), holds()))
        .bench_local_values(|(mut stadium, holds)| {
            stadium.apply(holds);
            stadium
        });
}

/// The best two seats, until the hall is full.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn hold_best_two(bencher: Bencher<'_, '_>) {
    let count = SEATS / 2;
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| (Stadium::new(), (0..count).map(|_nth| hold_best_pair()).collect()))
        .bench_local_values(|(mut stadium, holds)| {
            stadium.apply(holds);
            stadium
        });
}

/// Two seats held, ordered, paid: three commands each, counted as one purchase.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn purchase_best_two(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(SEATS / 2)).with_inputs(Stadium::new).bench_local_values(
        |mut stadium| {
            stadium.sell_out();
            stadium
        },
    );
}

/// An audit of the stadium when it is sold out, per order. That it finds nothing vouches for the figures above.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn audit_sold_out(bencher: Bencher<'_, '_>) {
    let mut stadium = Stadium::new();
    stadium.sell_out();
    bencher.counter(ItemsCount::new(SEATS / 2)).bench_local(|| {
        let snapshot = stadium.state.begin_read().expect("memory can be read");
        let report = audit(&snapshot, "g1", &mut |_progress| {}).expect("memory can be read");
        assert!(report.is_whole() && report.tickets_valid == u64::from(SEATS), "{report:?}");
        report
    });
}

/// A restart with the keys of 200,000 answers.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn open_with_200_000_keys(bencher: Bencher<'_, '_>) {
    let mut stadium = Stadium::new();
    let commands = (0..200_000).map(|_nth| Command::FinishTasks { tasks: Vec::new() }).collect();
    stadium.apply(commands);
    bencher.counter(ItemsCount::new(200_000u32)).bench_local(|| {
        let transaction = stadium.state.begin_write().expect("nobody else writes");
        let mut ledger = Ledger::new("g1", Options::default());
        ledger.open(&transaction).expect("the ledger is sound");
        ledger
    });
}

fn hold(selection: Selection) -> Command {
    Command::Hold(HoldRequest {
        performance: PERFORMANCE,
        holder: Holder::Guest(7),
        selection,
        secret: Secret(42),
    })
}

fn hold_best_pair() -> Command {
    let (concessions, section, category, accessible) = (vec![0, 0], None, None, false);
    hold(Selection::BestAvailable(BestAvailable { concessions, section, category, accessible }))
}

fn order(outcome: Outcome) -> Command {
    let Outcome::Held(held) = outcome else { unreachable!("a hold was asked for") };
    Command::PlaceOrder(OrderRequest {
        hold: held.hold,
        secret: Secret(42),
        buyer: Buyer {
            account: None,
            email: "ann.example@example.org".to_owned(),
            name: "Ann Example".to_owned(),
        },
        payment: PaymentChoice {
            gateway: "sandbox".to_owned(),
            method: "card_ok".to_owned(),
            return_url: String::new(),
        },
    })
}

fn payment(outcome: &Outcome) -> Command {
    let Outcome::Ordered { order, total, .. } = *outcome else { unreachable!("an order was placed") };
    let intent = intent_of(order);
    Command::SettlePayment { order, result: PaymentResult::Captured { intent, amount: total.amount } }
}

fn intent_of(order: OrderId) -> String {
    format!("pi_{order}")
}

fn layout() -> Layout {
    let seat = |number: u32| Seat {
        label: number.to_string(),
        category: 0,
        kind: SeatKind::Standard,
        // Even numbers on both sides of the aisle, so that pairs fill the hall.
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

fn terms() -> Terms {
    Terms {
        event: EventId::from_parts(3, 1, 3),
        hall: HALL,
        layout_version: 1,
        starts_at_ms: 1_000_000_000,
        on_sale_from_ms: 0,
        on_sale_until_ms: 1_000_000_000,
        currency: "USD".parse().expect("a currency"),
        concessions: vec!["adult".to_owned()],
        prices: vec![Price { category: 0, concession: 0, amount: 4_500 }],
        refund: RefundPolicy { until_ms_before: 86_400_000, share_basis_points: 10_000 },
        ticket_limit: 0,
        hold_ms: 600_000,
        extension_ms: 300_000,
        payment_ms: 600_000,
    }
}
