//! A ledger in memory, and the tables of a test at hand.

use marquee_ledger::audit::{Report, audit};
use marquee_ledger::change::Change;
use marquee_ledger::command::{HoldRequest, Holder, PaymentChoice, PaymentResult, Secret, Selection};
use marquee_ledger::layout::{Area, Layout, Row, Seat, SeatIndex, SeatKind};
use marquee_ledger::order::Buyer;
use marquee_ledger::read::Reader;
use marquee_ledger::terms::{Price, RefundPolicy, Terms};
use marquee_ledger::{
    Answer, Command, EventId, HallId, Key, Ledger, Options, OrderId, Outcome, PerformanceId, Position,
    Refusal, Request,
};
use redb::backends::InMemoryBackend;
use redb::{Database, ReadTransaction, ReadableDatabase};

pub(crate) const NAMESPACE: &str = "g1";
pub(crate) const VENUE: u32 = 7;
pub(crate) const HALL: HallId = HallId::from_parts(1, VENUE, 1);
pub(crate) const PERFORMANCE: PerformanceId = PerformanceId::from_parts(2, VENUE, 2);
/// When tests begin, in milliseconds since 1970.
pub(crate) const START_MS: u64 = 1_800_000_000_000;
/// When performances start, unless a test says otherwise: after a hundred hours.
pub(crate) const SHOW_MS: u64 = START_MS + 100 * 3_600_000;

/// A ledger, its storage and its clock.
pub(crate) struct Stage {
    pub(crate) state: Database,
    pub(crate) ledger: Ledger,
    pub(crate) options: Options,
    pub(crate) index: u64,
    pub(crate) now_ms: u64,
    pub(crate) changes: Vec<Change>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let state = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let ledger = Ledger::new(NAMESPACE, options);
        let mut stage = Self { state, ledger, options, index: 0, now_ms: START_MS, changes: Vec::new() };
        stage.reopen();
        stage
    }

    /// Forgets what is in memory, as a restart does.
    pub(crate) fn reopen(&mut self) {
        self.ledger = Ledger::new(NAMESPACE, self.options);
        let transaction = self.state.begin_write().unwrap();
        self.ledger.open(&transaction).unwrap();
        transaction.commit().unwrap();
    }

    /// Applies one entry of the log.
    pub(crate) fn entry(&mut self, requests: &[Request]) -> Vec<Answer> {
        self.index += 1;
        let transaction = self.state.begin_write().unwrap();
        let at = Position { index: self.index, now_ms: self.now_ms };
        let mut entry = self.ledger.begin(&transaction, at).unwrap();
        let answers = requests.iter().map(|request| entry.apply(request).unwrap()).collect();
        self.changes.clear();
        entry.finish(&mut self.changes).unwrap();
        transaction.commit().unwrap();
        answers
    }

    /// Applies one command without a key, in an entry of its own.
    pub(crate) fn command(&mut self, command: Command) -> Result<Outcome, Refusal> {
        self.entry(&[Request { key: None, command }]).remove(0).result
    }

    /// Applies one command with a key, in an entry of its own.
    pub(crate) fn keyed(&mut self, id: u128, body: u128, command: Command) -> Answer {
        self.entry(&[Request { key: Some(Key { id, body }), command }]).remove(0)
    }

    /// Audits the tables.
    #[track_caller]
    pub(crate) fn audit(&self) -> Report {
        let report = audit(&self.snapshot(), NAMESPACE, &mut |_progress| {}).unwrap();
        assert!(report.is_whole(), "{:#?}", report.violations);
        report
    }

    pub(crate) fn snapshot(&self) -> ReadTransaction {
        self.state.begin_read().unwrap()
    }

    /// Reads the ledger as of the last entry.
    pub(crate) fn read<T>(&self, question: impl FnOnce(&Reader<'_>) -> T) -> T {
        let snapshot = self.snapshot();
        let reader = Reader::open(&snapshot, NAMESPACE).unwrap();
        question(&reader)
    }
}

/// A hall in letters: rows parted by blanks, from the best to the worst. `.` and `,` are seats of the first and second
/// category, `@` is an accessible place and `c` a companion's seat (both of the first category), `|` an aisle, and
/// `area:N` an area of the first category that admits N. Rows after a `/` are in the next section.
pub(crate) fn hall(text: &str) -> Layout {
    let mut layout = Layout {
        sections: vec!["S0".to_owned()],
        categories: vec!["A".to_owned(), "B".to_owned()],
        rows: Vec::new(),
        areas: Vec::new(),
    };
    for word in text.split_whitespace() {
        let section = layout.sections.len() as u16 - 1;
        if word == "/" {
            layout.sections.push(format!("S{}", section + 1));
        } else if let Some(capacity) = word.strip_prefix("area:") {
            let (name, capacity) = (format!("G{}", layout.areas.len()), capacity.parse().unwrap());
            layout.areas.push(Area { section, name, category: 0, capacity });
        } else {
            let rank = layout.rows.len() as u32;
            layout.rows.push(Row { section, label: format!("R{rank}"), rank, seats: seats(word) });
        }
    }
    layout
}

fn seats(word: &str) -> Vec<Seat> {
    let (mut seats, mut apart) = (Vec::new(), false);
    for letter in word.chars() {
        let (category, kind) = match letter {
            '|' => {
                apart = true;
                continue;
            }
            '.' => (0, SeatKind::Standard),
            ',' => (1, SeatKind::Standard),
            '@' => (0, SeatKind::Accessible),
            'c' => (0, SeatKind::Companion),
            other => panic!("{other:?} is no seat"),
        };
        let label = (seats.len() + 1).to_string();
        seats.push(Seat { label, category, kind, apart: std::mem::take(&mut apart) });
    }
    seats
}

/// Terms as most tests want them: 10.00 and 20.00 by category for adults, 5.00 in the first category for children, all
/// of it back until a day before the start.
pub(crate) fn terms() -> Terms {
    let price = |category, concession, amount| Price { category, concession, amount };
    Terms {
        event: EventId::from_parts(3, VENUE, 3),
        hall: HALL,
        layout_version: 1,
        starts_at_ms: SHOW_MS,
        on_sale_from_ms: START_MS,
        on_sale_until_ms: SHOW_MS,
        currency: "USD".parse().unwrap(),
        concessions: vec!["adult".to_owned(), "child".to_owned()],
        prices: vec![price(0, 0, 1_000), price(0, 1, 500), price(1, 0, 2_000)],
        refund: RefundPolicy { until_ms_before: 24 * 3_600_000, share_basis_points: 10_000 },
        ticket_limit: 0,
        hold_ms: 600_000,
        extension_ms: 300_000,
        payment_ms: 300_000,
    }
}

/// A person's secret.
pub(crate) fn secret(name: &str) -> Secret {
    Secret(number(name))
}

/// A number that stands for a name.
pub(crate) fn number(name: &str) -> u128 {
    name.bytes().fold(0, |number, byte| number * 256 + u128::from(byte))
}

/// A request of a guest for these seats.
pub(crate) fn hold_seats(who: &str, seats: &[SeatIndex]) -> HoldRequest {
    hold(who, Selection::Seats(seats.iter().map(|seat| (*seat, 0)).collect()))
}

/// A request of a guest.
pub(crate) fn hold(who: &str, selection: Selection) -> HoldRequest {
    let holder = Holder::Guest(number(who));
    HoldRequest { performance: PERFORMANCE, holder, selection, secret: secret(who) }
}

/// A buyer without an account.
pub(crate) fn buyer(who: &str) -> Buyer {
    Buyer { account: None, email: format!("{who}@example.org"), name: who.to_owned() }
}

/// How buyers pay.
pub(crate) fn choice() -> PaymentChoice {
    PaymentChoice { gateway: "sandbox".to_owned(), method: "card_ok".to_owned(), return_url: String::new() }
}

/// The news that an order was paid.
pub(crate) fn captured(order: OrderId, amount: i64) -> Command {
    Command::SettlePayment {
        order,
        result: PaymentResult::Captured { intent: format!("pi-{order}"), amount },
    }
}
