//! A venue is taken over from a copy of its ledger, which goes on selling until it hears of that.

use marquee_ledger::command::{CancelGround, PaymentResult};
use marquee_ledger::order::{Order, OrderStatus, RefundId, RefundStatus};
use marquee_ledger::transfer::{
    Act, Adoption, Blob, Departure, End, News, Origin, Piece, Row, Settlement, Stage as At, Verdict,
};
use marquee_ledger::{Broken, Command, OrderId, Outcome, Refusal};

use crate::mover::{self, step};
use crate::stage::{self, HALL, PERFORMANCE, Stage, VENUE};

const EPOCH: u64 = 1;
/// As a coordinator leaves it, for what the source gives out unseen.
const COUNTER_GAP: u64 = 1 << 28;

/// A ledger that sells a hall of two rows of ten.
fn selling() -> Stage {
    let mut stage = Stage::new();
    let layout = stage::hall(".......... ..........");
    stage.command(Command::DefineLayout { hall: HALL, version: 1, layout }).unwrap();
    stage.command(Command::OpenPerformance { performance: PERFORMANCE, terms: stage::terms() }).unwrap();
    stage
}

fn order(stage: &mut Stage, who: &str, seats: &[u32]) -> OrderId {
    let (hold, buyer) = (stage::hold_seats(who, seats), stage::buyer(who));
    match stage.command(Command::Buy { hold, buyer, payment: stage::choice() }) {
        Ok(Outcome::Ordered { order, .. }) => order,
        other => panic!("{other:?}"),
    }
}

fn buy(stage: &mut Stage, who: &str, seats: &[u32]) -> OrderId {
    let order = order(stage, who, seats);
    stage.command(stage::captured(order, 1_000 * seats.len() as i64)).unwrap();
    order
}

fn read(stage: &Stage, order: OrderId) -> Order {
    stage.read(|reader| reader.order(order)).unwrap().unwrap()
}

/// Has `to` own all that `from` has just now, without a word to `from`; tells what `from` was.
fn take_over(from: &Stage, to: &mut Stage) -> Departure {
    to.now_ms = from.now_ms;
    let (rows, digest, base) = from.read(|reader| {
        let mut rows = Vec::new();
        let all = reader.each_row::<Broken>(VENUE, |name, value| {
            rows.push(Row { name, value: Some(Blob(value)) });
            Ok(())
        });
        all.unwrap();
        (rows, reader.digest_of(VENUE).unwrap(), reader.departure().unwrap())
    });
    to.command(step(EPOCH, Act::Await { attempt: 1 })).unwrap();
    let last = Piece::new(1, 0, rows, Vec::new(), None);
    let departure = Departure { counter: base.counter + COUNTER_GAP, ..base };
    to.command(step(EPOCH, Act::Settle(Settlement { last, digest, departure }))).unwrap();
    to.audit();
    base
}

fn conflicts(stage: &Stage) -> Vec<(OrderId, Origin, Option<Verdict>, Option<End>)> {
    let conflicts = stage.read(|reader| reader.conflicts(VENUE, None, usize::MAX)).unwrap().into_iter();
    conflicts.map(|of| (of.order, of.origin, of.verdict, of.end)).collect()
}

fn adoption(stage: &Stage, order: OrderId) -> Command {
    step(EPOCH, Act::Adopt(Box::new(Adoption { order: read(stage, order), layout_version: 1 })))
}

fn act(stage: &mut Stage, act: Act) -> Result<Outcome, Refusal> {
    let done = stage.command(step(EPOCH, act));
    stage.audit();
    done
}

fn judge(stage: &mut Stage, order: OrderId, verdict: Verdict) -> Result<Outcome, Refusal> {
    act(stage, Act::Judge { order, verdict })
}

fn close(stage: &mut Stage, order: OrderId, end: End) -> Result<Outcome, Refusal> {
    act(stage, Act::Close { order, end })
}

#[test]
fn what_was_sold_after_the_copy_is_listed_and_nothing_else() {
    let (mut from, mut to) = (selling(), Stage::new());
    let before = buy(&mut from, "ann", &[0]);
    let cancelled = buy(&mut from, "bob", &[1]);
    let base = take_over(&from, &mut to);
    // The same millisecond, in both: no id is given twice.
    let late = buy(&mut from, "cid", &[2]);
    let other = buy(&mut to, "dee", &[2]);
    assert_ne!(late, other);
    let (order, tickets, ground) = (cancelled, Vec::new(), CancelGround::Buyer);
    from.command(Command::CancelTickets { order, tickets, ground, reason: String::new() }).unwrap();
    from.command(Command::Hold(stage::hold_seats("eve", &[5]))).unwrap();
    from.now_ms += 1;
    let reason = "broken".to_owned();
    from.command(Command::Kill { performance: PERFORMANCE, seats: vec![8, 9], reason }).unwrap();

    assert!(matches!(act(&mut from, Act::Yield { base }), Ok(Outcome::Stands(_))));
    assert!(matches!(act(&mut from, Act::Yield { base }), Ok(Outcome::Stands(_))), "a repetition");
    assert_eq!(
        conflicts(&from),
        [(cancelled, Origin::Changed, None, None), (late, Origin::Late, None, None)]
    );
    let killed = from.read(|reader| reader.killed_since(VENUE, base.link.now_ms)).unwrap();
    assert_eq!(killed.iter().map(|(_of, killed)| killed.seats.clone()).collect::<Vec<_>>(), [[8, 9]]);
    assert_eq!(from.read(|reader| reader.killed_since(VENUE, from.now_ms)).unwrap(), []);
    assert_eq!(from.command(Command::Hold(stage::hold_seats("fay", &[7]))), Err(Refusal::Moved));
    let (order, tickets, ground) = (before, Vec::new(), CancelGround::Buyer);
    let cancel = Command::CancelTickets { order, tickets, ground, reason: String::new() };
    assert_eq!(from.command(cancel), Err(Refusal::Moved));
    mover::assert_one_owner(&from, &to);
    from.reopen();
    assert_eq!(from.ledger.standing(VENUE).stage, At::Yielded(base));
    assert_eq!(act(&mut from, Act::Forget { limit: 9 }), Err(Refusal::InConflict));
    assert_eq!(act(&mut from, Act::Prepare), Err(Refusal::StaleStep));
    assert_eq!(from.command(step(2, Act::Await { attempt: 1 })), Err(Refusal::LeftOver), "its rows are here");
}

#[test]
fn an_order_is_refunded_where_it_was_sold_and_its_end_is_shown_at_the_owner() {
    let (mut from, mut to) = (selling(), Stage::new());
    let base = take_over(&from, &mut to);
    let late = buy(&mut from, "ann", &[3, 4]);
    let there = buy(&mut to, "bob", &[4]);
    act(&mut from, Act::Yield { base }).unwrap();
    assert_eq!(close(&mut from, late, End::Refunded), Err(Refusal::StaleStep), "nobody said so");
    judge(&mut from, late, Verdict::Refund).unwrap();
    judge(&mut from, late, Verdict::Refund).unwrap();
    assert_eq!(judge(&mut from, late, Verdict::Keep), Err(Refusal::Judged));
    let order = read(&from, late);
    assert_eq!((order.status, order.refunds.len()), (OrderStatus::Cancelled, 1), "once");
    assert_eq!(close(&mut from, late, End::Refunded), Err(Refusal::StaleStep), "the money is on its way");
    assert!(matches!(to.command(adoption(&from, late)), Err(Refusal::Invalid(_))), "it is not over");
    let news = News::Refund { refund: RefundId(0), result: Ok(()) };
    act(&mut from, Act::Late { order: late, news }).unwrap();
    to.command(adoption(&from, late)).unwrap();
    to.command(adoption(&from, late)).unwrap();
    to.audit();
    let shown = read(&to, late);
    assert_eq!((shown.status, &shown.refunds[0].status), (OrderStatus::Cancelled, &RefundStatus::Settled));
    assert_eq!(read(&to, there).status, OrderStatus::Booked);
    close(&mut from, late, End::Refunded).unwrap();
    close(&mut from, late, End::Refunded).unwrap();
    assert_eq!(judge(&mut from, late, Verdict::Keep), Err(Refusal::NoConflict));
    while act(&mut from, Act::Forget { limit: 2 }) == Ok(Outcome::Treated { count: 2 }) {}
    assert_eq!(from.ledger.standing(VENUE).stage, At::Gone);
    assert_eq!(conflicts(&from), []);
    // It can come back, as any venue.
    let mut back = mover::Mover::prepare(&mut to, 2, 9);
    back.round(&to, &mut from).unwrap();
    back.finish(&mut to, &mut from);
    back.forget(&mut to);
    assert_eq!(read(&from, late).status, OrderStatus::Cancelled);
}

#[test]
fn an_order_is_kept_if_its_seats_are_free() {
    let (mut from, mut to) = (selling(), Stage::new());
    let base = take_over(&from, &mut to);
    let (free, taken) = (buy(&mut from, "ann", &[3, 4]), buy(&mut from, "bob", &[7]));
    let there = buy(&mut to, "cid", &[7]);
    act(&mut from, Act::Yield { base }).unwrap();
    for order in [free, taken] {
        judge(&mut from, order, Verdict::Keep).unwrap();
    }
    to.command(adoption(&from, free)).unwrap();
    to.command(adoption(&from, free)).unwrap();
    to.audit();
    let kept = read(&to, free);
    assert_eq!(kept.tickets, read(&from, free).tickets);
    close(&mut from, free, End::Kept).unwrap();

    // A refusal is kept under its key: what comes late is refused as well, even if the seat is free then.
    let adopt = adoption(&from, taken);
    let refused = Err(Refusal::SeatsTaken { seats: vec![7] });
    assert_eq!(to.keyed(9, 9, adopt.clone()).result, refused);
    act(&mut from, Act::Withdraw { order: taken, why: "sold".to_owned() }).unwrap();
    assert_eq!(
        act(&mut from, Act::Withdraw { order: taken, why: "sold".to_owned() }),
        Err(Refusal::StaleStep)
    );
    judge(&mut from, taken, Verdict::Refund).unwrap();
    let (order, tickets, ground) = (there, Vec::new(), CancelGround::Seller);
    to.command(Command::CancelTickets { order, tickets, ground, reason: String::new() }).unwrap();
    assert_eq!(to.keyed(9, 9, adopt).result, refused);
    assert_eq!(to.read(|reader| reader.order(taken)).unwrap(), None);
    let seats = to.read(|reader| reader.seat_owner(PERFORMANCE, 3)).unwrap().unwrap();
    assert_eq!(seats.1, free.0);
}

#[test]
fn a_payment_that_was_under_way_comes_to_an_end_where_the_order_was_placed() {
    let (mut from, mut to) = (selling(), Stage::new());
    let base = take_over(&from, &mut to);
    let paid = order(&mut from, "ann", &[0]);
    let given_up = order(&mut from, "bob", &[1]);
    let lapsing = order(&mut from, "cid", &[2]);
    act(&mut from, Act::Yield { base }).unwrap();
    assert!(matches!(judge(&mut from, paid, Verdict::Keep), Err(Refusal::Invalid(_))), "it is not paid");
    let captured = |order: OrderId| {
        News::Payment(PaymentResult::Captured { intent: format!("pi-{order}"), amount: 1_000 })
    };
    act(&mut from, Act::Late { order: paid, news: captured(paid) }).unwrap();
    judge(&mut from, paid, Verdict::Keep).unwrap();
    to.command(adoption(&from, paid)).unwrap();
    assert_eq!(read(&to, paid).status, OrderStatus::Booked);

    judge(&mut from, given_up, Verdict::Refund).unwrap();
    assert_eq!(read(&from, given_up).status, OrderStatus::Lapsed);
    assert_eq!(close(&mut from, given_up, End::Refunded), Err(Refusal::StaleStep), "it is asked for still");
    act(&mut from, Act::Late { order: given_up, news: captured(given_up) }).unwrap();
    let order = read(&from, given_up);
    assert_eq!((order.status, order.refunds[0].amount), (OrderStatus::Cancelled, 1_000));

    // Time goes on for what nobody else knows of, also after a start.
    from.reopen();
    from.now_ms += 3_600_000;
    assert_eq!(from.command(Command::ExpireHolds { limit: 9 }), Ok(Outcome::Treated { count: 1 }));
    assert_eq!(read(&from, lapsing).status, OrderStatus::Lapsed);
    let declined = PaymentResult::Declined { code: "late".to_owned(), message: String::new() };
    act(&mut from, Act::Late { order: lapsing, news: News::Payment(declined) }).unwrap();
    close(&mut from, lapsing, End::Void).unwrap();
    to.command(adoption(&from, lapsing)).unwrap();
    to.audit();
}

#[test]
fn what_the_owner_knows_is_left_or_the_same() {
    let (mut from, mut to) = (selling(), Stage::new());
    let (paid, cancelled) = (order(&mut from, "ann", &[0]), buy(&mut from, "bob", &[1]));
    let untouched = order(&mut from, "cid", &[2]);
    let base = take_over(&from, &mut to);
    for stage in [&mut from, &mut to] {
        stage.command(stage::captured(paid, 1_000)).unwrap();
    }
    let (tickets, ground) = (Vec::new(), CancelGround::Buyer);
    let cancel = Command::CancelTickets { order: cancelled, tickets, ground, reason: String::new() };
    from.command(cancel).unwrap();
    act(&mut from, Act::Yield { base }).unwrap();
    assert_eq!(judge(&mut from, untouched, Verdict::Leave), Err(Refusal::NoConflict));
    for verdict in [Verdict::Refund, Verdict::Keep] {
        assert!(matches!(judge(&mut from, paid, verdict), Err(Refusal::Invalid(_))));
    }
    close(&mut from, paid, End::Same).unwrap();
    assert!(
        matches!(judge(&mut from, cancelled, Verdict::Leave), Err(Refusal::Invalid(_))),
        "money is on its way"
    );
    let news = News::Refund { refund: RefundId(0), result: Ok(()) };
    act(&mut from, Act::Late { order: cancelled, news }).unwrap();
    judge(&mut from, cancelled, Verdict::Leave).unwrap();
    close(&mut from, cancelled, End::Left).unwrap();
    assert!(matches!(act(&mut from, Act::Forget { limit: 999 }), Ok(Outcome::Treated { .. })));
    assert_eq!(from.ledger.standing(VENUE).stage, At::Gone);
}

#[test]
fn a_venue_on_the_move_can_be_taken_over_at_a_later_epoch() {
    let (mut from, mut to, mut third) = (selling(), Stage::new(), Stage::new());
    let mut mover = mover::Mover::prepare(&mut from, EPOCH, 9);
    mover.round(&from, &mut third).unwrap();
    from.command(step(EPOCH, Act::Depart { attempt: 1 })).unwrap();
    let base = take_over(&from, &mut to);
    assert_eq!(act(&mut from, Act::Yield { base }), Err(Refusal::StaleStep), "an epoch is one move's");
    from.command(step(EPOCH + 1, Act::Yield { base })).unwrap();
    from.audit();
    assert_eq!(conflicts(&from), []);
    let forget = from.command(step(EPOCH + 1, Act::Forget { limit: 999 }));
    assert!(matches!(forget, Ok(Outcome::Treated { .. })), "{forget:?}");
    mover::assert_one_owner(&from, &to);
}
