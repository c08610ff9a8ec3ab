//! Random commands against the [`auditor`](crate::auditor), checked after every step.

use std::collections::{BTreeMap, BTreeSet};

use marquee_ledger::change::{Change, SeatStatus};
use marquee_ledger::command::{
    AreaWish, BestAvailable, CancelGround, OrderRequest, PaymentResult, Place, Selection,
};
use marquee_ledger::order::{OrderStatus, RefundId, RefundStatus, TicketStatus};
use marquee_ledger::terms::{RefundPolicy, Terms};
use marquee_ledger::{Command, HoldId, Key, Order, OrderId, Outcome, Refusal, Request};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::auditor::{
    Act, Auditor, EXTENSION_MS, HOLD_MS, Hall, Hands, LIMIT, PAYMENT_MS, RefundFate, SHARE_PERCENT, Spot,
    Verdict,
};
use crate::mover::{self, Mover};
use crate::stage::{self, HALL, PERFORMANCE, START_MS, Stage, VENUE};

const HALL_TEXT: &str = "....|... .@c...@ ...,,,, ..... area:7";
const SEATS: u32 = 26;
const NAMES: [&str; 4] = ["ann", "bob", "cid", "dan"];
/// The buyers' time to cancel ends in the middle of a long run.
const CANCEL_UNTIL_MS: u64 = START_MS + 4_000_000;

/// The ledger and the auditor side by side, with what a live view would show.
struct Pair {
    stage: Stage,
    auditor: Auditor,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
    view: Vec<SeatStatus>,
    view_area: u32,
    view_seq: u64,
    next_expiry_ms: u64,
    /// Every request with its time, to tell the same story again.
    story: Vec<(u64, Request)>,
    /// And what was answered.
    answers: Vec<Result<Outcome, Refusal>>,
}

impl Pair {
    fn new() -> Self {
        let mut pair = Self {
            stage: Stage::new(),
            auditor: Auditor::new(Hall::new(HALL_TEXT), START_MS, CANCEL_UNTIL_MS),
            holds: Vec::new(),
            orders: Vec::new(),
            view: vec![SeatStatus::Free; SEATS as usize],
            view_area: 7,
            view_seq: 0,
            next_expiry_ms: u64::MAX,
            story: Vec::new(),
            answers: Vec::new(),
        };
        let layout = stage::hall(HALL_TEXT);
        let terms = Terms {
            starts_at_ms: CANCEL_UNTIL_MS + 1_000,
            refund: RefundPolicy { until_ms_before: 1_000, share_basis_points: SHARE_PERCENT as u16 * 100 },
            ticket_limit: LIMIT as u16,
            hold_ms: HOLD_MS,
            extension_ms: EXTENSION_MS,
            payment_ms: PAYMENT_MS,
            ..stage::terms()
        };
        pair.ask(Command::DefineLayout { hall: HALL, version: 1, layout }).unwrap();
        pair.ask(Command::OpenPerformance { performance: PERFORMANCE, terms }).unwrap();
        pair
    }

    fn ask(&mut self, command: Command) -> Result<Outcome, Refusal> {
        self.stage.now_ms = self.auditor.now_ms;
        let id = self.story.len() as u128;
        let request = Request { key: Some(Key { id, body: id }), command };
        self.story.push((self.stage.now_ms, request.clone()));
        let answer = self.stage.entry(std::slice::from_ref(&request)).remove(0);
        self.answers.push(answer.result.clone());
        self.see();
        answer.result
    }

    /// Takes in what the entry says it changed.
    fn see(&mut self) {
        for change in &self.stage.changes {
            match change {
                Change::Seats(seats) => {
                    self.view_seq += 1;
                    assert_eq!(seats.seq, self.view_seq, "the sequence has no gap");
                    seats.seats.iter().for_each(|(seat, status)| self.view[*seat as usize] = *status);
                    seats.areas.iter().for_each(|(_area, free)| self.view_area = *free);
                }
                Change::NextExpiry(at_ms) => self.next_expiry_ms = *at_ms,
                Change::Performance(_)
                | Change::Order { .. }
                | Change::Task { .. }
                | Change::Venue { .. } => {}
            }
        }
    }

    fn play(&mut self, act: &Act) -> Result<(), TestCaseError> {
        let verdict = match self.command(act) {
            None => {
                if matches!(act, Act::Restart) {
                    self.stage.reopen();
                }
                Verdict::Done
            }
            Some(command) => {
                let again = command.clone();
                let result = self.ask(command);
                // The same key gives the same answer, and changes nothing.
                let (_at, request) = self.story.last().unwrap().clone();
                assert_eq!(request.command, again);
                let repeated = self.stage.entry(&[request]).remove(0);
                assert_eq!(repeated.result, result);
                assert!(self.stage.changes.is_empty());
                self.verdict(result)
            }
        };
        prop_assert_eq!(verdict, self.auditor.judge(act), "{:?}", act);
        self.check()
    }

    /// Every request about the venue that was ever answered gets the same answer again, wherever the venue is by then.
    fn repeat_everything(&mut self) -> Result<(), TestCaseError> {
        let told = self.story.iter().zip(&self.answers);
        let told = told.filter(|((_at, request), _answer)| request.command.owner() == Some(VENUE));
        let (story, first): (Vec<Request>, Vec<_>) =
            told.map(|((_at, request), answer)| (request.clone(), answer)).unzip();
        let answers = self.stage.entry(&story);
        prop_assert!(self.stage.changes.is_empty());
        for (answer, first) in answers.iter().zip(first) {
            prop_assert_eq!(&answer.result, first);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let seats = self.auditor.seats();
        let now = self.stage.read(|reader| reader.availability(PERFORMANCE)).unwrap().unwrap();
        prop_assert_eq!(&now.statuses, &seats);
        prop_assert_eq!(now.areas[0], self.auditor.area_free());
        prop_assert_eq!((&self.view, self.view_area, self.view_seq), (&seats, now.areas[0], now.seq));
        prop_assert_eq!(self.next_expiry_ms, self.auditor.next_expiry_ms());
        for (id, claim) in self.orders.iter().zip(&self.auditor.orders) {
            let order = self.stage.read(|reader| reader.order(*id)).unwrap().unwrap();
            prop_assert_eq!(order.status, claim.status);
            prop_assert_eq!(order.refundable(), claim.refundable());
            let valid: Vec<bool> =
                order.tickets.iter().map(|ticket| ticket.status == TicketStatus::Valid).collect();
            let claimed: Vec<bool> = claim.tickets.iter().map(|ticket| ticket.2).collect();
            prop_assert_eq!(valid, claimed);
            prop_assert_eq!(&hands_of(&order), &claim.hands);
            let refunds: Vec<_> =
                order.refunds.iter().map(|refund| (refund.amount, fate(&refund.status))).collect();
            prop_assert_eq!(&refunds, &claim.refunds);
        }
        self.stage.audit();
        Ok(())
    }

    fn command(&self, act: &Act) -> Option<Command> {
        let name = |who: u8| NAMES[usize::from(who)];
        let hold = |number: usize| self.holds.get(number).copied().unwrap_or(HoldId(7));
        let order = |number: usize| self.orders.get(number).copied().unwrap_or(OrderId(7 << 8));
        let concession = |children: bool| u8::from(children);
        let seats = |seats: &BTreeSet<u32>, children| {
            // In another order than theirs: the ledger sorts.
            Selection::Seats(seats.iter().rev().map(|seat| (*seat, concession(children))).collect())
        };
        let list = |seats: &BTreeSet<u32>| seats.iter().copied().collect();
        let reason = String::new();
        Some(match act {
            Act::Hold { who, seats: wanted, children } => {
                Command::Hold(stage::hold(name(*who), seats(wanted, *children)))
            }
            Act::Areas { who, quantity } => {
                let wish = AreaWish { area: 0, concession: 0, quantity: *quantity };
                Command::Hold(stage::hold(name(*who), Selection::Areas(vec![wish])))
            }
            Act::Best { who, quantity, accessible, category, children } => {
                let concessions = vec![concession(*children); *quantity];
                let (section, category, accessible) = (None, *category, *accessible);
                let wish = BestAvailable { concessions, section, category, accessible };
                Command::Hold(stage::hold(name(*who), Selection::BestAvailable(wish)))
            }
            Act::Buy { who, buyer, seats: wanted } => Command::Buy {
                hold: stage::hold(name(*who), seats(wanted, false)),
                buyer: stage::buyer(name(*buyer)),
                payment: stage::choice(),
            },
            Act::Order { hold: number, who, buyer } => Command::PlaceOrder(OrderRequest {
                hold: hold(*number),
                secret: stage::secret(name(*who)),
                buyer: stage::buyer(name(*buyer)),
                payment: stage::choice(),
            }),
            Act::Release { hold: number, who } => {
                Command::ReleaseHold { hold: hold(*number), secret: stage::secret(name(*who)) }
            }
            Act::Extend { hold: number, who } => {
                Command::ExtendHold { hold: hold(*number), secret: stage::secret(name(*who)) }
            }
            Act::Expire { limit } => Command::ExpireHolds { limit: *limit },
            Act::Captured { order: number, short_by } => {
                let total = self
                    .orders
                    .get(*number)
                    .map_or(0, |id| self.stage.read(|reader| reader.order(*id)).unwrap().unwrap().total);
                stage::captured(order(*number), total - short_by)
            }
            Act::Declined { order: number } => {
                let (code, message) = ("no-funds".to_owned(), String::new());
                Command::SettlePayment {
                    order: order(*number),
                    result: PaymentResult::Declined { code, message },
                }
            }
            Act::Processing { order: number } => {
                let result = PaymentResult::Processing { intent: "pi".to_owned() };
                Command::SettlePayment { order: order(*number), result }
            }
            Act::Cancel { order: number, tickets, by_buyer } => {
                let order = order(*number);
                let tickets = tickets.iter().map(|nth| order.ticket(*nth as u8)).collect();
                let ground = if *by_buyer { CancelGround::Buyer } else { CancelGround::Seller };
                Command::CancelTickets { order, tickets, ground, reason }
            }
            Act::Refund { order: number, amount } => {
                Command::RefundOrder { order: order(*number), amount: *amount, reason }
            }
            Act::RefundSettled { order: number, refund, paid } => {
                let result = if *paid { Ok(()) } else { Err("closed".to_owned()) };
                Command::SettleRefund { order: order(*number), refund: RefundId(*refund as u16), result }
            }
            Act::Offer { order: number, ticket, to } => {
                let ticket = order(*number).ticket(*ticket as u8);
                Command::TransferTicket { ticket, to: stage::buyer(name(*to)) }
            }
            Act::Accept { order: number, ticket: nth, who, late } => {
                let known = self.orders.get(*number).map(|id| self.stage.read(|reader| reader.order(*id)));
                let known = known.map(|order| order.unwrap().unwrap());
                let serial = known.and_then(|order| Some(order.tickets.get(*nth)?.serial)).unwrap_or(0);
                Command::AcceptTicket {
                    ticket: order(*number).ticket(*nth as u8),
                    serial: serial.wrapping_sub(*late),
                    holder: stage::buyer(name(*who)),
                    secret: stage::secret(name(*who)),
                }
            }
            Act::CallBack { order: number, ticket } => {
                Command::CallBackTicket { ticket: order(*number).ticket(*ticket as u8) }
            }
            Act::Anonymise { order: number } => {
                Command::Anonymise { orders: vec![order(*number)], account: None }
            }
            Act::Kill { seats } => Command::Kill { performance: PERFORMANCE, seats: list(seats), reason },
            Act::Revive { seats } => Command::Revive { performance: PERFORMANCE, seats: list(seats) },
            Act::CallOff => Command::CancelPerformance { performance: PERFORMANCE, reason },
            Act::CancelOrders { limit } => Command::CancelOrders { performance: PERFORMANCE, limit: *limit },
            Act::Wait { .. } | Act::Restart => return None,
        })
    }

    fn verdict(&mut self, result: Result<Outcome, Refusal>) -> Verdict {
        match result {
            Err(refusal) => Verdict::Refused(refusal.code()),
            Ok(Outcome::Done) => Verdict::Done,
            Ok(Outcome::Held(held)) => {
                self.holds.push(held.hold);
                let places = held.places.iter().map(|priced| match priced.place {
                    Place::Seat(seat) => Spot::Seat(seat),
                    Place::Area(_) => Spot::Area,
                });
                let (total, until_ms) = (held.total.amount, held.expires_at_ms);
                Verdict::Held { places: places.collect(), total, until_ms }
            }
            Ok(Outcome::Extended { expires_at_ms }) => Verdict::Until(expires_at_ms),
            Ok(Outcome::Treated { count }) => Verdict::Treated(count),
            Ok(Outcome::Ordered { order, status, total }) => {
                let made = self.stage.read(|reader| reader.order(order)).unwrap().unwrap();
                if !self.holds.contains(&made.hold) {
                    self.holds.push(made.hold);
                }
                self.orders.push(order);
                Verdict::Ordered { status, total: total.amount }
            }
            Ok(Outcome::Settled { status }) => Verdict::Settled(status),
            Ok(Outcome::Refunding { amount, .. }) => Verdict::Refunding(amount.amount),
            Ok(Outcome::Transferred { serial }) => Verdict::Serial(serial),
            Ok(other @ Outcome::Stands(_)) => panic!("nobody asked for {other:?}"),
        }
    }
}

fn hands_of(order: &Order) -> Vec<Hands> {
    let hands = order.tickets.iter().map(|ticket| {
        let holder = ticket.gift.as_ref().map(|gift| gift.holder.name.as_str());
        let holder = holder.map(|known| NAMES.iter().position(|name| *name == known).map(|who| who as u8));
        Hands { serial: ticket.serial, is_offered: ticket.offered.is_some(), holder }
    });
    hands.collect()
}

fn fate(status: &RefundStatus) -> RefundFate {
    match status {
        RefundStatus::Requested => RefundFate::Asked,
        RefundStatus::Settled => RefundFate::Paid,
        RefundStatus::Failed { .. } => RefundFate::Failed,
    }
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 1..70)
}

fn act() -> impl Strategy<Value = Act> {
    let who = || 0u8..4;
    // Few numbers, so that acts meet.
    let (hold, order) = (|| 0usize..12, || 0usize..10);
    let seats = || {
        (0..SEATS, prop::collection::btree_set(0u32..5, 0..4)).prop_map(|(first, more)| {
            more.into_iter().map(|seat| (first + seat) % SEATS).collect::<BTreeSet<_>>()
        })
    };
    let some_seats = seats;
    prop_oneof![
        6 => (who(), seats(), any::<bool>()).prop_map(|(who, seats, children)| Act::Hold { who, seats, children }),
        3 => (who(), 0u16..5).prop_map(|(who, quantity)| Act::Areas { who, quantity }),
        8 => (who(), 0usize..5, prop::bool::weighted(0.25), prop::option::weighted(0.3, 0u8..2), prop::bool::weighted(0.2))
            .prop_map(|(who, quantity, accessible, category, children)| {
                Act::Best { who, quantity, accessible, category, children }
            }),
        5 => (who(), who(), some_seats()).prop_map(|(who, buyer, seats)| Act::Buy { who, buyer, seats }),
        12 => (hold(), who(), who()).prop_map(|(hold, who, buyer)| Act::Order { hold, who, buyer }),
        2 => (hold(), who()).prop_map(|(hold, who)| Act::Release { hold, who }),
        2 => (hold(), who()).prop_map(|(hold, who)| Act::Extend { hold, who }),
        4 => (1u32..6).prop_map(|limit| Act::Expire { limit }),
        12 => (order(), prop_oneof![9 => Just(0i64), 1 => Just(1), 1 => Just(-500), 1 => Just(100_000)])
            .prop_map(|(order, short_by)| Act::Captured { order, short_by }),
        4 => order().prop_map(|order| Act::Declined { order }),
        2 => order().prop_map(|order| Act::Processing { order }),
        5 => (order(), prop::collection::btree_set(0usize..3, 0..3), any::<bool>())
            .prop_map(|(order, tickets, by_buyer)| Act::Cancel { order, tickets, by_buyer }),
        3 => (order(), prop::option::of(-10i64..2_500)).prop_map(|(order, amount)| Act::Refund { order, amount }),
        5 => (order(), 0usize..3, any::<bool>())
            .prop_map(|(order, refund, paid)| Act::RefundSettled { order, refund, paid }),
        4 => (order(), 0usize..3, who()).prop_map(|(order, ticket, to)| Act::Offer { order, ticket, to }),
        4 => (order(), 0usize..3, who(), prop_oneof![4 => Just(0u32), 1 => 1u32..3])
            .prop_map(|(order, ticket, who, late)| Act::Accept { order, ticket, who, late }),
        1 => (order(), 0usize..3).prop_map(|(order, ticket)| Act::CallBack { order, ticket }),
        1 => order().prop_map(|order| Act::Anonymise { order }),
        1 => seats().prop_map(|seats| Act::Kill { seats }),
        1 => seats().prop_map(|seats| Act::Revive { seats }),
        4 => (0u64..500_000).prop_map(|ms| Act::Wait { ms }),
        1 => Just(Act::Restart),
    ]
}

/// A story that ends with a cancelled performance, so that most of it is about one that takes place.
fn called_off_acts() -> impl Strategy<Value = Vec<Act>> {
    let end = prop_oneof![6 => act(), 2 => (1u32..4).prop_map(|limit| Act::CancelOrders { limit })];
    (acts(), prop::collection::vec(end, 1..20)).prop_map(|(mut acts, end)| {
        acts.push(Act::CallOff);
        acts.extend(end);
        acts
    })
}

fn play(acts: &[Act]) -> Result<Pair, TestCaseError> {
    let mut pair = Pair::new();
    acts.iter().try_for_each(|act| pair.play(act))?;
    Ok(pair)
}

/// Tells the story to another ledger, in entries of so many requests; it restarts between some entries.
fn retell(story: &[(u64, Request)], per_entry: usize, restarts: bool) -> Stage {
    let mut stage = Stage::new();
    for (nth, requests) in story.chunks(per_entry).enumerate() {
        stage.now_ms = requests[0].0;
        stage.entry(&requests.iter().map(|(_at, request)| request.clone()).collect::<Vec<_>>());
        if restarts && nth % 3 == 0 {
            stage.reopen();
        }
    }
    stage
}

/// What a ledger says of seats and orders, without the log indices.
fn sold(stage: &Stage) -> (Vec<SeatStatus>, Vec<u32>, BTreeMap<OrderId, Order>) {
    stage.read(|reader| {
        let now = reader.availability(PERFORMANCE).unwrap().unwrap();
        let orders = reader.orders_of(PERFORMANCE, None, 1_000).unwrap();
        let orders = orders.into_iter().map(|order| (order.id, Order { changed_at_index: 0, ..order }));
        (now.statuses, now.areas, orders.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_and_the_auditor_agree(acts in acts()) {
        play(&acts)?;
    }

    #[test]
    fn they_agree_when_a_performance_is_called_off(acts in called_off_acts()) {
        play(&acts)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_entries_give_the_same_ledger(acts in acts(), per_entry in 1usize..9) {
        let story = play(&acts)?.story;
        let (one, other) = (retell(&story, per_entry, false), retell(&story, per_entry, true));
        prop_assert_eq!(one.ledger.chain_head(), other.ledger.chain_head());
        prop_assert_eq!(sold(&one), sold(&other));
        one.audit();
        other.audit();
    }

    #[test]
    fn how_commands_are_grouped_does_not_matter(acts in acts(), per_entry in 2usize..9) {
        let mut story = play(&acts)?.story;
        // Commands of one entry have one time: give each group that of its first, in both tellings.
        for group in story.chunks_mut(per_entry) {
            let at_ms = group[0].0;
            group.iter_mut().for_each(|(at, _request)| *at = at_ms);
        }
        prop_assert_eq!(sold(&retell(&story, 1, false)), sold(&retell(&story, per_entry, false)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// The venue moves there and back, in the middle of its story, and nobody notices: the auditor knows one ledger only.
    #[test]
    fn a_venue_that_moves_goes_on_as_if_it_stayed(
        acts in acts(),
        cuts in prop::collection::vec(0usize..70, 4),
        rows_max in 1usize..20,
        crash in any::<bool>(),
    ) {
        let mut pair = Pair::new();
        let mut other = Stage::new();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % acts.len()).collect();
        cuts.sort_unstable();
        let (mut moves, mut epoch) = (cuts.chunks(2), 0);
        let (mut begun, mut window) = (None, moves.next());
        for (nth, act) in acts.iter().enumerate() {
            if window.is_some_and(|window| window[0] == nth) {
                epoch += 1;
                let mut mover = Mover::prepare(&mut pair.stage, epoch, rows_max);
                mover.round(&pair.stage, &mut other).unwrap();
                if crash {
                    // Another coordinator begins again, from what is there.
                    mover = Mover::prepare(&mut pair.stage, epoch, rows_max);
                    mover.round(&pair.stage, &mut other).unwrap();
                }
                begun = Some(mover);
            }
            if let Some(mover) = begun.as_mut().filter(|_mover| window.is_some_and(|window| window[1] == nth)) {
                mover.finish(&mut pair.stage, &mut other);
                let was = mover.forget(&mut pair.stage);
                prop_assert!(was > 0);
                std::mem::swap(&mut pair.stage, &mut other);
                pair.stage.now_ms = other.now_ms;
                (begun, window) = (None, moves.next());
                pair.repeat_everything()?;
                pair.next_expiry_ms = pair.stage.read(|reader| reader.next_expiry()).unwrap().unwrap_or(u64::MAX);
            }
            pair.play(act)?;
            other.audit();
            mover::assert_one_owner(&pair.stage, &other);
        }
    }
}

/// The random stories are worth something only if they reach the rare ends.
#[test]
fn the_stories_reach_every_status() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for _story in 0..200 {
        let acts = acts().new_tree(&mut runner).unwrap().current();
        let pair = play(&acts).unwrap();
        reached.extend(pair.auditor.orders.iter().map(|order| format!("{:?}", order.status)));
    }
    let every: Vec<String> = [
        OrderStatus::AwaitingPayment,
        OrderStatus::Booked,
        OrderStatus::Cancelled,
        OrderStatus::Declined,
        OrderStatus::Lapsed,
        OrderStatus::Unfulfilled,
    ]
    .map(|status| format!("{status:?}"))
    .to_vec();
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), every);
}
