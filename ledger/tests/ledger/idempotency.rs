//! The same key gives the same answer, before and after a restart.

use marquee_ledger::{Command, Outcome, Refusal};

use crate::stage::{self, HALL, PERFORMANCE, Stage, secret};

fn hold(seat: u32) -> Command {
    Command::Hold(stage::hold_seats("ann", &[seat]))
}

fn on_sale() -> Stage {
    let mut stage = Stage::new();
    let layout = stage::hall(".....");
    stage.command(Command::DefineLayout { hall: HALL, version: 1, layout }).unwrap();
    stage.command(Command::OpenPerformance { performance: PERFORMANCE, terms: stage::terms() }).unwrap();
    stage
}

#[test]
fn a_retry_gets_the_first_answer() {
    let mut stage = on_sale();
    let first = stage.keyed(1, 10, hold(2));
    assert!(matches!(first.result, Ok(Outcome::Held(_))));
    assert_eq!(stage.keyed(1, 10, hold(2)), first);
    stage.reopen();
    stage.now_ms += 1;
    assert_eq!(stage.keyed(1, 10, hold(2)), first);
}

#[test]
fn a_refusal_is_an_answer_too() {
    let mut stage = on_sale();
    let held = stage.keyed(1, 10, hold(2));
    let refused = stage.keyed(2, 20, hold(2));
    assert_eq!(refused.result, Err(Refusal::SeatsTaken { seats: vec![2] }));
    let Ok(Outcome::Held(held)) = held.result else { panic!() };
    stage.command(Command::ReleaseHold { hold: held.hold, secret: secret("ann") }).unwrap();
    assert_eq!(stage.keyed(2, 20, hold(2)), refused, "although the seat is free by then");
}

#[test]
fn a_key_serves_one_request() {
    let mut stage = on_sale();
    stage.keyed(1, 10, hold(2));
    assert_eq!(stage.keyed(1, 11, hold(3)).result, Err(Refusal::KeyReused));
    assert!(stage.keyed(3, 11, hold(3)).result.is_ok(), "nothing was held by the refused request");
}

#[test]
fn repetitions_within_one_entry_are_seen() {
    use marquee_ledger::{Key, Request};
    let mut stage = on_sale();
    let request = Request { key: Some(Key { id: 5, body: 5 }), command: hold(0) };
    let answers = stage.entry(&[request.clone(), request]);
    assert!(answers[0].result.is_ok());
    assert_eq!(answers[0], answers[1]);
}
