//! An auditor who trusts nobody: keeps books of what was answered to whom, and holds every replica against them.
//!
//! What it checks, and when:
//!
//! * at each commit of each replica: what changed on a performance at a sequence number is the same on all replicas;
//! * after each step in which a replica moved: replicas with the same entry have the same hash chains;
//! * every few steps, and at the end, at each group's latest home: whatever was answered is there; a seat has one owner, who
//!   knows of it; nobody has anything that was not asked for, or twice; the counts add up to what the hall has;
//! * at each answer: the same key gives the same answer;
//! * at the end: each seat's history is linearizable; the gateway's book agrees with the orders'.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use marquee_ledger::layout::SeatIndex;
use marquee_ledger::order::{OrderStatus, TicketStatus};
use marquee_ledger::read::Reader;
use marquee_ledger::{Change, HoldId, Order, OrderId, PerformanceId, command, journal};
use marquee_node::home::{Failure, Home};
use marquee_node::machine::Listener;
use marquee_replication::{GroupId, NodeId};
use parking_lot::Mutex;

use super::front::Got;
use super::gateway::Moved;
use super::history::{Operation, Reply, Wish, is_linearizable};
use super::trace::{Trace, note};

/// How many violations are kept; one is enough to fail.
const VIOLATIONS_MAX: usize = 20;

/// A performance as its seller made it.
#[derive(Clone, Debug)]
pub struct Show {
    /// Which.
    pub performance: PerformanceId,
    /// How many numbered seats it has.
    pub seats: u32,
    /// How many places its area has.
    pub area: u32,
    /// The price of any place, in minor units.
    pub price: i64,
}

/// The auditor. Clones are the same one.
#[derive(Clone)]
pub struct Auditor {
    books: Arc<Mutex<Books>>,
    trace: Trace,
}

/// What is known of a sale.
#[derive(Clone, Debug)]
struct Sale {
    hold: HoldId,
    performance: PerformanceId,
    seats: Vec<SeatIndex>,
    standing: Standing,
}

/// How far an order was answered to have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It was placed.
    Placed,
    /// It was seen to be booked.
    Booked,
    /// Its tickets were asked back, and nobody knows yet.
    Cancelling,
    /// Its tickets were given back.
    Cancelled,
}

#[derive(Default)]
struct Books {
    violations: Vec<String>,
    shows: BTreeMap<PerformanceId, Show>,
    /// What each key was answered first.
    answers: BTreeMap<u128, Got>,
    /// Who asked for places, by the secret of the request; and for how many.
    claims: BTreeMap<u128, u32>,
    /// How many places of an area were ever asked for.
    area_asked: BTreeMap<PerformanceId, u32>,
    sales: BTreeMap<OrderId, Sale>,
    holds: BTreeMap<HoldId, (PerformanceId, Vec<SeatIndex>)>,
    histories: BTreeMap<(PerformanceId, SeatIndex), Vec<Operation>>,
    moments: u64,
    /// What changed on a performance at a sequence number.
    changes: BTreeMap<(PerformanceId, u64), [u8; 32]>,
    /// The hash chains of a group at an entry.
    chains: BTreeMap<(GroupId, u64), [u8; 64]>,
    /// The highest term in which somebody was home.
    terms: BTreeMap<GroupId, u64>,
    /// How far each replica was seen.
    seen: BTreeMap<(NodeId, GroupId), u64>,
    counts: Counts,
}

/// How much was audited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answers.
    pub answers: u64,
    /// Sales that were seen to be booked.
    pub booked: u64,
    /// Orders whose tickets were given back.
    pub cancelled: u64,
    /// Operations on single seats.
    pub operations: u64,
    /// Commits of replicas.
    pub commits: u64,
    /// Examinations of a home.
    pub examined: u64,
}

impl Auditor {
    /// Empty books.
    #[must_use]
    pub fn new(trace: Trace) -> Self {
        Self { books: Arc::default(), trace }
    }

    /// Something is wrong.
    pub fn violated(&self, what: String) {
        let mut books = self.books.lock();
        if books.violations.len() < VIOLATIONS_MAX {
            note!(self.trace, "VIOLATION {what}");
            books.violations.push(what);
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.books.lock().violations.clone()
    }

    /// How much was audited.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.books.lock().counts
    }

    /// A performance is on sale.
    pub fn opened(&self, show: Show) {
        self.books.lock().shows.insert(show.performance, show);
    }

    /// The performances on sale.
    #[must_use]
    pub fn shows(&self) -> Vec<Show> {
        self.books.lock().shows.values().cloned().collect()
    }

    /// Somebody asks for places, under this secret.
    pub fn claims(&self, secret: u128, performance: PerformanceId, places: u32, of_area: bool) {
        let mut books = self.books.lock();
        *books.claims.entry(secret).or_default() += places;
        if of_area {
            *books.area_asked.entry(performance).or_default() += places;
        }
    }

    /// A key was answered.
    pub fn answered(&self, key: u128, got: &Got) {
        let first = {
            let mut books = self.books.lock();
            books.counts.answers += 1;
            books.answers.entry(key).or_insert_with(|| got.clone()).clone()
        };
        if !is_same(&first, got) {
            self.violated(format!("key {key:x} was answered {first:?} first and {got:?} later"));
        }
    }

    /// A hold was granted. Who asks again for long may hear of one that has lapsed since, and whose seats were sold from a
    /// later hold by right; ids are in the order in which they were given.
    pub fn held(&self, hold: HoldId, performance: PerformanceId, places: &[command::PricedPlace]) {
        let seats = seats_of(places);
        let taken: Vec<_> = {
            let mut books = self.books.lock();
            let sales = books
                .sales
                .values()
                .filter(|sale| sale.performance == performance && sale.standing == Standing::Booked)
                .filter(|sale| sale.hold < hold);
            let sold: BTreeSet<SeatIndex> = sales.flat_map(|sale| sale.seats.iter().copied()).collect();
            let taken = seats.iter().copied().filter(|seat| sold.contains(seat)).collect();
            books.holds.insert(hold, (performance, seats));
            taken
        };
        if !taken.is_empty() {
            self.violated(format!("{hold} was granted seats {taken:?} of {performance}, which are sold"));
        }
    }

    /// An order was placed from a hold.
    pub fn placed(&self, order: OrderId, hold: HoldId) {
        let mut books = self.books.lock();
        if let Some((performance, seats)) = books.holds.get(&hold).cloned() {
            books.sales.entry(order).or_insert(Sale { hold, performance, seats, standing: Standing::Placed });
        }
    }

    /// An order was seen to be booked.
    pub fn booked(&self, order: OrderId) {
        let doubled = {
            let mut books = self.books.lock();
            let Some(sale) = books.sales.get(&order).cloned() else { return };
            if sale.standing == Standing::Placed {
                books.counts.booked += 1;
                if let Some(sale) = books.sales.get_mut(&order) {
                    sale.standing = Standing::Booked;
                }
            }
            let others = books.sales.iter().filter(|(id, other)| {
                **id != order && other.performance == sale.performance && other.standing == Standing::Booked
            });
            let mut doubled =
                others.filter(|(_, other)| other.seats.iter().any(|seat| sale.seats.contains(seat)));
            doubled.next().map(|(id, other)| (*id, other.seats.clone(), sale.seats.clone()))
        };
        if let Some((other, theirs, ours)) = doubled {
            self.violated(format!("{other} has seats {theirs:?}, and {order} has seats {ours:?}"));
        }
    }

    /// Tickets of an order are asked back: until that is answered, nobody knows.
    pub fn cancelling(&self, order: OrderId) {
        if let Some(sale) = self.books.lock().sales.get_mut(&order) {
            sale.standing = Standing::Cancelling;
        }
    }

    /// The tickets of an order were given back, or kept.
    pub fn cancelled(&self, order: OrderId, is_done: bool) {
        let mut books = self.books.lock();
        if let Some(sale) = books.sales.get_mut(&order) {
            sale.standing = if is_done { Standing::Cancelled } else { Standing::Booked };
            books.counts.cancelled += u64::from(is_done);
        }
    }

    /// An operation on a seat begins.
    pub fn begins(&self, place: (PerformanceId, SeatIndex), wish: Wish) -> usize {
        let mut books = self.books.lock();
        books.moments += 1;
        let begun = books.moments;
        books.counts.operations += 1;
        let history = books.histories.entry(place).or_default();
        history.push(Operation { begun, answered: None, wish });
        history.len() - 1
    }

    /// An operation on a seat was answered.
    pub fn ends(&self, place: (PerformanceId, SeatIndex), operation: usize, reply: Reply) {
        let mut books = self.books.lock();
        books.moments += 1;
        let moment = books.moments;
        if let Some(operation) =
            books.histories.get_mut(&place).and_then(|history| history.get_mut(operation))
        {
            operation.answered = Some((moment, reply));
        }
    }

    /// Who hears of what a replica commits.
    #[must_use]
    pub fn witness(&self, node: NodeId, group: GroupId) -> Witness {
        Witness { auditor: self.clone(), node, group }
    }

    /// Compares a replica's hash chains with those that others had at the same entry.
    pub fn see(&self, node: NodeId, replica: &Home) {
        let (group, applied) = (replica.id(), *replica.group().applied().borrow());
        if self.books.lock().seen.insert((node, group), applied) == Some(applied) {
            return;
        }
        match chains(replica) {
            Ok(Some((index, hashes))) => {
                let first = *self.books.lock().chains.entry((group, index)).or_insert(hashes);
                if first != hashes {
                    self.violated(format!(
                        "at entry {index} of group {group}, node {node} has other hashes than another replica"
                    ));
                }
            }
            Ok(None) => {}
            Err(failure) => self.violated(format!("group {group} cannot be read on node {node}: {failure}")),
        }
    }

    /// Forgets how far a node's replicas were seen, since it starts again.
    pub fn forget(&self, node: NodeId) {
        self.books.lock().seen.retain(|(seen, _group), _| *seen != node);
    }

    /// Examines the state of a group's latest home. One that a later home has replaced is not held to anything, even if
    /// the later one is gone already.
    pub fn examine(&self, node: NodeId, home: &Home, term: u64) {
        {
            let mut books = self.books.lock();
            let latest = books.terms.entry(home.id()).or_default();
            *latest = term.max(*latest);
            if *latest > term || !books.violations.is_empty() {
                return;
            }
            books.counts.examined += 1;
        }
        let found = home.snapshot().and_then(|snapshot| {
            let ledger = snapshot.ledger()?;
            self.examine_ledger(home, &ledger)
        });
        match found {
            Ok(wrong) => {
                for what in wrong {
                    let group = home.id();
                    self.violated(format!("at node {node}, home of group {group} in term {term}: {what}"));
                }
            }
            Err(failure) => {
                self.violated(format!("group {} cannot be examined on node {node}: {failure}", home.id()));
            }
        }
    }

    /// A performance is sold by one group, over all groups.
    pub fn examine_owners(&self, homes: &BTreeMap<GroupId, (Home, u64)>) {
        let mut wrong = Vec::new();
        {
            let books = self.books.lock();
            let is_latest =
                |group: &GroupId, term: u64| books.terms.get(group).is_none_or(|latest| *latest <= term);
            for performance in books.shows.keys() {
                let owners = homes
                    .iter()
                    .filter(|(group, (home, term))| is_latest(group, *term) && sells(home, *performance));
                let owners: Vec<GroupId> = owners.map(|(group, _)| *group).collect();
                if owners.len() > 1 {
                    wrong.push(format!("{performance} is sold by the groups {owners:?}"));
                }
            }
        }
        wrong.into_iter().for_each(|what| self.violated(what));
    }

    fn examine_ledger(&self, home: &Home, ledger: &Reader<'_>) -> Result<Vec<String>, Failure> {
        let books = self.books.lock();
        let view = home.commons().views.now();
        let mut wrong = Vec::new();
        // While a venue moves, it is nobody's for a moment.
        let ours = |performance: PerformanceId| {
            view.group_of_venue(performance.owner()) == home.id() && sells(home, performance)
        };
        for show in books.shows.values().filter(|show| ours(show.performance)) {
            let orders = ledger.orders_of(show.performance, None, usize::MAX)?;
            books.check_claims(&orders, &mut wrong);
            books.check_seats(ledger, show, &orders, &mut wrong)?;
        }
        for (id, sale) in books.sales.iter().filter(|(_, sale)| ours(sale.performance)) {
            check_sale(*id, sale, ledger.order(*id)?.as_ref(), &mut wrong);
        }
        Ok(wrong)
    }

    /// Searches every seat's history for an order in which it can have happened.
    pub fn check_histories(&self) {
        let histories = self.books.lock().histories.clone();
        for ((performance, seat), history) in histories {
            if !is_linearizable(&history) {
                let told: Vec<_> = history.iter().map(|operation| format!("{operation:?}")).collect();
                let told = told.join("\n    ");
                self.violated(format!("seat {seat} of {performance} is not linearizable:\n    {told}"));
            }
        }
    }

    /// Holds the gateway's book against the orders.
    pub fn check_money(&self, moved: &BTreeMap<String, Moved>, orders: &[Order]) {
        for order in orders {
            let moved = moved.get(&order.id.to_string()).copied().unwrap_or_default();
            let valid: i64 = order.valid_tickets().map(|(_, ticket)| ticket.place.price).sum();
            if moved.captured != 0 && moved.captured != order.total {
                let (id, total) = (order.id, order.total);
                self.violated(format!("{id} costs {total}, and the gateway took {}", moved.captured));
            }
            if moved.captured - moved.refunded != valid {
                let id = order.id;
                self.violated(format!("{id} has tickets for {valid}, and the gateway moved {moved:?}"));
            }
        }
    }
}

impl Books {
    /// Nobody has what was not asked for, or has it twice.
    fn check_claims(&self, orders: &[Order], wrong: &mut Vec<String>) {
        let mut live: BTreeMap<u128, u32> = BTreeMap::new();
        for order in orders.iter().filter(|order| order.is_live()) {
            *live.entry(order.secret.0).or_default() += order.tickets.len() as u32;
        }
        for (secret, places) in live {
            let asked = self.claims.get(&secret).copied().unwrap_or_default();
            if places > asked {
                wrong.push(format!("{places} places were sold to who asked for {asked}"));
            }
        }
    }

    /// A seat has one owner, who knows of it; the counts add up.
    fn check_seats(
        &self,
        ledger: &Reader<'_>,
        show: &Show,
        orders: &[Order],
        wrong: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let name = show.performance;
        let Some(performance) = ledger.performance(name)? else {
            wrong.push(format!("{name} is on sale, and is not there"));
            return Ok(());
        };
        let seats = performance.seats;
        if seats.free + seats.held + seats.booked + seats.killed != show.seats {
            wrong.push(format!("{name} has {seats:?}, and the hall has {} seats", show.seats));
        }
        let mut owned: BTreeMap<SeatIndex, Vec<OrderId>> = BTreeMap::new();
        for order in orders.iter().filter(|order| order.is_live()) {
            let tickets = order.tickets.iter().filter(|ticket| ticket.status != TicketStatus::Cancelled);
            for ticket in tickets {
                if let command::Place::Seat(seat) = ticket.place.place {
                    owned.entry(seat).or_default().push(order.id);
                }
            }
        }
        let (mut held, mut booked) = (0, 0);
        for seat in 0..show.seats {
            let owners = owned.get(&seat).map(Vec::as_slice).unwrap_or_default();
            if owners.len() > 1 {
                wrong.push(format!("seat {seat} of {name} has the owners {owners:?}"));
            }
            use marquee_ledger::change::SeatStatus as Of;
            match ledger.seat_owner(name, seat)? {
                None | Some((Of::Free | Of::Killed, _)) => {
                    if let [owner, ..] = owners {
                        wrong.push(format!("seat {seat} of {name} is free, and {owner} has it"));
                    }
                }
                Some((Of::Held, hold)) => {
                    held += 1;
                    let places = ledger.hold(HoldId(hold))?.map(|hold| seats_of(&hold.places));
                    if places.is_none_or(|places| !places.contains(&seat)) {
                        wrong.push(format!("seat {seat} of {name} is held by who does not know"));
                    }
                }
                Some((Of::Booked, order)) => {
                    booked += 1;
                    if owners != [OrderId(order)] {
                        wrong.push(format!(
                            "seat {seat} of {name} is sold to {order:x}, and {owners:?} have it"
                        ));
                    }
                }
            }
        }
        if (held, booked) != (seats.held, seats.booked) {
            wrong.push(format!("{name} has {seats:?}; counted are {held} held and {booked} booked"));
        }
        self.check_area(show, performance.areas.first(), wrong);
        Ok(())
    }

    fn check_area(
        &self,
        show: &Show,
        area: Option<&marquee_ledger::read::AreaCounts>,
        wrong: &mut Vec<String>,
    ) {
        let (name, area) = (show.performance, area.copied().unwrap_or_default());
        if area.free + area.held + area.booked != show.area {
            wrong.push(format!("the area of {name} has {area:?}, and room for {}", show.area));
        }
        let asked = self.area_asked.get(&name).copied().unwrap_or_default();
        if area.held + area.booked > asked {
            wrong.push(format!("the area of {name} has {area:?}, and {asked} places were asked for"));
        }
    }
}

/// Whatever was answered is there.
fn check_sale(id: OrderId, sale: &Sale, order: Option<&Order>, wrong: &mut Vec<String>) {
    let Some(order) = order else {
        wrong.push(format!("{id} was placed, and is not there"));
        return;
    };
    let is_whole = match sale.standing {
        Standing::Placed | Standing::Cancelling => true,
        Standing::Booked => {
            order.status == OrderStatus::Booked
                && order.tickets.iter().all(|ticket| ticket.status == TicketStatus::Valid)
        }
        Standing::Cancelled => order.status == OrderStatus::Cancelled,
    };
    if !is_whole {
        wrong.push(format!("{id} was answered to be {:?}, and is {:?}", sale.standing, order.status));
    }
}

/// Whether two answers are the same. Where in its log a group says so is another place after a venue has moved.
fn is_same(first: &Got, later: &Got) -> bool {
    match (first, later) {
        (Got::Ledger(first), Got::Ledger(later)) => first.result == later.result,
        (first, later) => first == later,
    }
}

/// Whether a group has a performance, and sells it.
fn sells(home: &Home, performance: PerformanceId) -> bool {
    let found = home.snapshot().and_then(|state| {
        let ledger = state.ledger()?;
        Ok(ledger.standing(performance.owner())?.sells() && ledger.performance(performance)?.is_some())
    });
    found.unwrap_or(false)
}

fn seats_of(places: &[command::PricedPlace]) -> Vec<SeatIndex> {
    let seat = |place: &command::PricedPlace| match place.place {
        command::Place::Seat(seat) => Some(seat),
        command::Place::Area(_) => None,
    };
    places.iter().filter_map(seat).collect()
}

/// The later of the two chains' last entries, and both hashes.
fn chains(replica: &Home) -> Result<Option<(u64, [u8; 64])>, Failure> {
    let state = replica.group().snapshot()?;
    let namespace = replica.id().namespace();
    let ledger = Reader::open(&state, &namespace)?.chain_head()?;
    let parts = journal::head(&state, &format!("{namespace}/parts_journal"))?;
    let Some(index) = ledger.iter().chain(&parts).map(|link| link.index).max() else { return Ok(None) };
    let mut hashes = [0; 64];
    hashes[..32].copy_from_slice(&ledger.map_or(journal::GENESIS, |link| link.hash));
    hashes[32..].copy_from_slice(&parts.map_or(journal::GENESIS, |link| link.hash));
    Ok(Some((index, hashes)))
}

/// Hears of every commit of one replica.
pub struct Witness {
    auditor: Auditor,
    node: NodeId,
    group: GroupId,
}

impl Listener for Witness {
    fn ledger_changed(&self, changes: &[Change]) {
        let mut differs = Vec::new();
        {
            let mut books = self.auditor.books.lock();
            books.counts.commits += 1;
            for change in changes {
                match change {
                    Change::Seats(seats) => {
                        let hash = *blake3::hash(format!("{seats:?}").as_bytes()).as_bytes();
                        let place = (seats.performance, seats.seq);
                        if *books.changes.entry(place).or_insert(hash) != hash {
                            differs.push(place);
                        }
                    }
                    Change::Performance(_)
                    | Change::Order { .. }
                    | Change::Task { .. }
                    | Change::Venue { .. }
                    | Change::NextExpiry(_) => {}
                }
            }
        }
        for (performance, seq) in differs {
            let Self { node, group, .. } = self;
            self.auditor.violated(format!(
                "change {seq} of {performance} is another on node {node}, group {group}, than it was elsewhere"
            ));
        }
    }
}
