//! A venue moves, and everything that may go wrong on the way.

use marquee_ledger::audit::contested;
use marquee_ledger::change::Change;
use marquee_ledger::transfer::{Act, Piece, Row, Stage as At};
use marquee_ledger::{Command, HallId, Key, Outcome, PerformanceId, Refusal, Request};

use crate::mover::{self, Mover, step};
use crate::stage::{self, HALL, PERFORMANCE, Stage, VENUE};

/// A ledger that sells a hall of so many rows of ten.
fn selling(rows: usize) -> Stage {
    let mut stage = Stage::new();
    let layout = stage::hall(&vec![".........."; rows].join(" "));
    stage.command(Command::DefineLayout { hall: HALL, version: 1, layout }).unwrap();
    stage.command(Command::OpenPerformance { performance: PERFORMANCE, terms: stage::terms() }).unwrap();
    stage
}

fn buy(stage: &mut Stage, who: &str, seats: &[u32]) -> Result<Outcome, Refusal> {
    let (hold, buyer) = (stage::hold_seats(who, seats), stage::buyer(who));
    stage.command(Command::Buy { hold, buyer, payment: stage::choice() })
}

#[test]
fn only_what_changed_is_sent_while_the_venue_is_frozen() {
    let (mut from, mut to) = (selling(200), Stage::new());
    for seat in 0..1_000 {
        buy(&mut from, "ann", &[seat]).unwrap();
    }
    let mut mover = Mover::prepare(&mut from, 1, 100);
    assert!(mover.round(&from, &mut to).unwrap() > 2_000, "seats, holds, orders and tasks");
    buy(&mut from, "bob", &[1_000, 1_001]).unwrap();
    from.command(step(1, Act::Depart { attempt: 1 })).unwrap();
    // A block of seats, the counts, a hold, an order, and its charge and its place in the buyer's list.
    let rows = mover.round(&from, &mut to).unwrap();
    assert!(rows <= 6, "{rows} rows");
    to.command(mover::settle(&from, &to, 1, 1)).unwrap();
    to.audit();
    assert_eq!(buy(&mut to, "cid", &[1_001]), Err(Refusal::SeatsTaken { seats: vec![1_001] }));
}

#[test]
fn a_frozen_venue_refuses_for_a_while_and_keeps_no_refusal() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let mut mover = Mover::prepare(&mut from, 1, 9);
    mover.round(&from, &mut to).unwrap();
    from.command(step(1, Act::Depart { attempt: 1 })).unwrap();
    let wish = Command::Hold(stage::hold_seats("ann", &[3]));
    assert_eq!(from.keyed(5, 5, wish.clone()).result, Err(Refusal::Moved));
    assert!(Refusal::Moved.is_transient());
    mover.finish(&mut from, &mut to);
    assert_eq!(from.keyed(5, 5, wish.clone()).result, Err(Refusal::Moved));
    let held = to.keyed(5, 5, wish.clone());
    assert!(matches!(held.result, Ok(Outcome::Held(_))), "{held:?}");
    assert_eq!(to.keyed(5, 5, wish), held);
}

#[test]
fn a_key_that_was_answered_before_is_answered_so_afterwards() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let wish = Command::Hold(stage::hold_seats("ann", &[3]));
    let first = from.keyed(5, 5, wish.clone());
    let mut mover = Mover::prepare(&mut from, 1, 9);
    mover.round(&from, &mut to).unwrap();
    let late = Command::Hold(stage::hold_seats("bob", &[4]));
    let second = from.keyed(6, 6, late.clone());
    mover.finish(&mut from, &mut to);
    to.reopen();
    assert_eq!(to.keyed(5, 5, wish.clone()).result, first.result);
    assert_eq!(to.keyed(6, 6, late).result, second.result);
    assert_eq!(to.keyed(5, 9, wish.clone()).result, Err(Refusal::KeyReused));
    // The source knows it too, and says the same.
    assert_eq!(from.keyed(5, 5, wish), first);
}

#[test]
fn ids_are_never_given_twice() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let hold = |stage: &mut Stage, seat| match stage.command(Command::Hold(stage::hold_seats("ann", &[seat])))
    {
        Ok(Outcome::Held(held)) => held.hold,
        other => panic!("{other:?}"),
    };
    let first = hold(&mut from, 1);
    Mover::prepare(&mut from, 1, 9).finish(&mut from, &mut to);
    // The same millisecond, on another clock.
    to.now_ms = from.now_ms;
    assert_ne!(hold(&mut to, 2), first);
}

#[test]
fn a_piece_that_is_late_damaged_or_missing_does_no_harm() {
    let (mut from, mut to) = (selling(2), Stage::new());
    buy(&mut from, "ann", &[0]).unwrap();
    let mut mover = Mover::prepare(&mut from, 1, 2);
    mover.round(&from, &mut to).unwrap();
    let pieces = mover.pieces;
    let piece = |number| Piece::new(1, number, Vec::new(), Vec::new(), None);
    assert!(
        matches!(to.command(step(1, Act::Arrive(piece(0)))), Ok(Outcome::Stands(_))),
        "it was here before"
    );
    assert_eq!(to.command(step(1, Act::Arrive(piece(pieces + 1)))), Err(Refusal::Incomplete));
    let damaged = Piece { through: Some(99), ..piece(pieces) };
    assert_eq!(to.command(step(1, Act::Arrive(damaged))), Err(Refusal::Incomplete));
    let other_attempt = Piece::new(2, pieces, Vec::new(), Vec::new(), None);
    assert_eq!(to.command(step(1, Act::Arrive(other_attempt))), Err(Refusal::StaleStep));
    assert_eq!(to.command(step(2, Act::Arrive(piece(pieces)))), Err(Refusal::StaleStep), "another move");

    // What was sold after the last piece is missing: the digest says so.
    buy(&mut from, "bob", &[1]).unwrap();
    from.command(step(1, Act::Depart { attempt: 1 })).unwrap();
    assert_eq!(to.command(mover::settle(&from, &to, 1, 1)), Err(Refusal::Incomplete));
    mover.round(&from, &mut to).unwrap();
    to.command(mover::settle(&from, &to, 1, 1)).unwrap();
    mover::assert_one_owner(&from, &to);
}

#[test]
fn a_later_attempt_shuts_an_earlier_one_out() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let mut first = Mover::prepare(&mut from, 1, 2);
    first.round(&from, &mut to).unwrap();
    let settle = mover::settle(&from, &to, 1, 1);
    let mut second = Mover::prepare(&mut from, 1, 2);
    assert_eq!(second.attempt, 2);
    assert_eq!(from.command(step(1, Act::Depart { attempt: 1 })), Err(Refusal::StaleStep));
    second.round(&from, &mut to).unwrap();
    assert_eq!(first.round(&from, &mut to), Err(Refusal::StaleStep));
    assert_eq!(to.command(settle), Err(Refusal::StaleStep));
    second.finish(&mut from, &mut to);
    mover::assert_one_owner(&from, &to);
}

#[test]
fn a_move_that_was_called_off_never_settles() {
    let (mut from, mut to) = (selling(2), Stage::new());
    buy(&mut from, "ann", &[0]).unwrap();
    let mut mover = Mover::prepare(&mut from, 1, 2);
    mover.round(&from, &mut to).unwrap();
    from.command(step(1, Act::Depart { attempt: 1 })).unwrap();
    mover.round(&from, &mut to).unwrap();
    let settle = mover::settle(&from, &to, 1, 1);
    while to.command(step(1, Act::Discard { limit: 2 })) == Ok(Outcome::Treated { count: 2 }) {
        to.audit();
    }
    assert_eq!(to.ledger.standing(VENUE).stage, At::Gone);
    from.command(step(1, Act::Stay)).unwrap();
    assert_eq!(to.command(settle), Err(Refusal::StaleStep));
    assert_eq!(to.command(step(1, Act::Await { attempt: 7 })), Err(Refusal::StaleStep));
    mover::assert_one_owner(&from, &to);
    buy(&mut from, "bob", &[1]).unwrap();
    // The next move has the next epoch.
    assert_eq!(from.command(step(1, Act::Prepare)), Err(Refusal::StaleStep));
    let mut mover = Mover::prepare(&mut from, 2, 3);
    mover.round(&from, &mut to).unwrap();
    mover.finish(&mut from, &mut to);
    mover.forget(&mut from);
    mover::assert_one_owner(&from, &to);
    assert_eq!(buy(&mut to, "cid", &[1]), Err(Refusal::SeatsTaken { seats: vec![1] }));
}

#[test]
fn a_venue_does_not_come_to_where_it_is_left_over() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let mut there = Mover::prepare(&mut from, 1, 3);
    there.finish(&mut from, &mut to);
    let mut back = Mover::prepare(&mut to, 2, 3);
    assert_eq!(back.round(&to, &mut from), Err(Refusal::LeftOver), "it has departed and is not forgotten");
    there.forget(&mut from);
    back.round(&to, &mut from).unwrap();
    back.finish(&mut to, &mut from);
    back.forget(&mut to);
    buy(&mut from, "ann", &[0]).unwrap();
    let mut made_here = selling(1);
    assert_eq!(made_here.command(step(1, Act::Await { attempt: 1 })), Err(Refusal::LeftOver));
    assert_eq!(made_here.command(step(1, Act::Discard { limit: 9 })), Err(Refusal::LeftOver));
}

#[test]
fn the_other_venues_of_a_ledger_are_left_alone() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let other_hall = HallId::from_parts(1, VENUE + 1, 1);
    let other = PerformanceId::from_parts(2, VENUE + 1, 2);
    let layout = stage::hall("....");
    to.command(Command::DefineLayout { hall: other_hall, version: 1, layout }).unwrap();
    let terms = marquee_ledger::terms::Terms { hall: other_hall, ..stage::terms() };
    to.command(Command::OpenPerformance { performance: other, terms }).unwrap();
    let wish = |seat| {
        let hold = stage::hold_seats("zoe", &[seat]);
        Command::Hold(marquee_ledger::command::HoldRequest { performance: other, ..hold })
    };
    to.command(wish(0)).unwrap();
    let mut mover = Mover::prepare(&mut from, 1, 2);
    mover.round(&from, &mut to).unwrap();
    to.command(wish(1)).unwrap();
    mover.finish(&mut from, &mut to);
    mover.forget(&mut from);
    to.command(wish(2)).unwrap();
    let mut back = Mover::prepare(&mut to, 2, 2);
    back.round(&to, &mut from).unwrap();
    back.finish(&mut to, &mut from);
    to.command(wish(3)).unwrap();
    back.forget(&mut to);
    let taken = to.read(|reader| reader.availability(other)).unwrap().unwrap();
    assert!(taken.statuses.iter().all(|status| *status != marquee_ledger::change::SeatStatus::Free));
    mover::assert_one_owner(&from, &to);
}

#[test]
fn an_order_that_moved_is_proved_by_the_entry_that_took_it_in() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let Ok(Outcome::Ordered { order, total, .. }) = buy(&mut from, "ann", &[0]) else { panic!() };
    from.command(stage::captured(order, total.amount)).unwrap();
    let before = from.read(|reader| reader.order(order)).unwrap().unwrap();
    let receipt = from.read(|reader| reader.receipt(before.changed_at_index)).unwrap().unwrap();
    Mover::prepare(&mut from, 1, 2).finish(&mut from, &mut to);
    let after = to.read(|reader| reader.order(order)).unwrap().unwrap();
    let proof = to.read(|reader| reader.receipt(after.changed_at_index)).unwrap();
    assert!(proof.is_some());
    // The old receipt stands in the source's journal still, which goes on as a chain.
    assert_eq!(from.read(|reader| reader.receipt(receipt.index)).unwrap(), Some(receipt));
    assert!(from.audit().head.unwrap().index > receipt.index);
}

#[test]
fn what_changes_hands_is_told() {
    let (mut from, mut to) = (selling(2), Stage::new());
    buy(&mut from, "ann", &[0]).unwrap();
    let mut mover = Mover::prepare(&mut from, 1, 9);
    mover.round(&from, &mut to).unwrap();
    mover.finish(&mut from, &mut to);
    let told = &to.changes;
    assert!(told.iter().any(|change| matches!(change, Change::Performance(id) if *id == PERFORMANCE)));
    assert!(told.iter().any(|change| matches!(change, Change::Task { .. })), "{told:?}");
    assert!(told.iter().any(|change| matches!(change, Change::NextExpiry(at_ms) if *at_ms != u64::MAX)));
    assert!(told.iter().any(|change| matches!(change, Change::Venue { standing, .. } if standing.sells())));
    assert_eq!(
        from.ledger.standing(VENUE).owned_at(),
        Some(0),
        "until it is forgotten it is the last who had it"
    );
    assert!(!from.ledger.standing(VENUE).sells());
}

#[test]
fn two_sellers_are_found_out() {
    let (one, other) = (selling(1), selling(1));
    let reports = [("g1".to_owned(), &one.audit()), ("g2".to_owned(), &other.audit())];
    assert_eq!(contested(&reports), ["venue 7 is sold by g1 at epoch 0 and by g2 at epoch 0"]);
}

#[test]
fn what_an_entry_does_before_and_after_a_departure_is_told_apart() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let mut mover = Mover::prepare(&mut from, 1, 9);
    mover.round(&from, &mut to).unwrap();
    let keyed = |id: u128, command| Request { key: Some(Key { id, body: id }), command };
    let wish = |seat| Command::Hold(stage::hold_seats("ann", &[seat]));
    let depart = Request { key: None, command: step(1, Act::Depart { attempt: 1 }) };
    let answers = from.entry(&[keyed(1, wish(1)), depart, keyed(2, wish(2))]);
    assert!(answers[0].result.is_ok());
    assert_eq!(answers[2].result, Err(Refusal::Moved));
    mover.finish(&mut from, &mut to);
    let taken = Err(Refusal::SeatsTaken { seats: vec![1] });
    assert_eq!(to.command(wish(1)), taken);
    assert!(to.entry(&[keyed(2, wish(2))]).remove(0).result.is_ok());
}

#[test]
fn a_row_that_is_left_of_a_venue_that_has_gone_is_found() {
    let (mut from, mut to) = (selling(2), Stage::new());
    buy(&mut from, "ann", &[0]).unwrap();
    let seats = redb::TableDefinition::<&[u8; 20], &[u8]>::new("g1/ledger_seats");
    let (key, block) = {
        use redb::ReadableTable;
        let rows = from.snapshot().open_table(seats).unwrap();
        let (key, block) = rows.iter().unwrap().next().unwrap().unwrap();
        (*key.value(), block.value().to_vec())
    };
    let mut mover = Mover::prepare(&mut from, 1, 9);
    mover.finish(&mut from, &mut to);
    mover.forget(&mut from);
    let state = from.state.begin_write().unwrap();
    state.open_table(seats).unwrap().insert(&key, block.as_slice()).unwrap();
    state.commit().unwrap();
    let report =
        marquee_ledger::audit::audit(&from.snapshot(), stage::NAMESPACE, &mut |_progress| {}).unwrap();
    assert_eq!(report.violations.len(), 1, "{:?}", report.violations);
}

#[test]
fn the_last_rows_come_with_the_settlement_or_not_at_all() {
    let (mut from, mut to) = (selling(2), Stage::new());
    let mut mover = Mover::prepare(&mut from, 1, 9);
    mover.round(&from, &mut to).unwrap();
    let At::Arriving(before) = to.ledger.standing(VENUE).stage else { panic!() };
    buy(&mut from, "bob", &[4]).unwrap();
    from.command(step(1, Act::Depart { attempt: 1 })).unwrap();
    let rows: Vec<Row> = from.read(|reader| {
        let noted = reader.noted(VENUE, before.through).unwrap();
        noted.into_iter().map(|name| reader.row(name).unwrap()).collect()
    });
    assert!(rows.len() > 2);
    let settle = |rows: &[Row]| {
        let Command::Transfer(mut step) = mover::settle(&from, &to, 1, 1) else { panic!() };
        let Act::Settle(settlement) = &mut step.act else { panic!() };
        settlement.last = Piece::new(1, before.pieces, rows.to_vec(), Vec::new(), None);
        Command::Transfer(step)
    };
    let (lacks, whole) = (settle(&rows[1..]), settle(&rows));
    let twice = settle(&[&rows[..], &rows[..1]].concat());
    assert_eq!(to.command(lacks), Err(Refusal::Incomplete));
    assert!(matches!(to.command(twice), Err(Refusal::Invalid(_))));
    assert_eq!(to.ledger.standing(VENUE).stage, At::Arriving(before), "nothing of it was written");
    to.command(whole).unwrap();
    to.audit();
    assert_eq!(buy(&mut to, "cid", &[4]), Err(Refusal::SeatsTaken { seats: vec![4] }));
}
