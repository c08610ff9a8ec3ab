//! What is kept in memory changes nothing but the speed.

use marquee_ledger::{Command, Options, Outcome, PerformanceId, Refusal};

use crate::stage::{self, HALL, Stage};

/// Sells a few seats of ten performances in turn.
fn sell(seats_cached_max: usize) -> Stage {
    let mut stage = Stage::with(Options { seats_cached_max, ..Options::default() });
    let layout = stage::hall(".................................... ....................................");
    stage.command(Command::DefineLayout { hall: HALL, version: 1, layout }).unwrap();
    let performances: Vec<_> = (0..10).map(|nth| PerformanceId::from_parts(2, stage::VENUE, nth)).collect();
    for performance in &performances {
        let (performance, terms) = (*performance, stage::terms());
        stage.command(Command::OpenPerformance { performance, terms }).unwrap();
    }
    for seat in [0, 31, 32, 71] {
        for performance in &performances {
            let mut hold = stage::hold_seats("ann", &[seat]);
            hold.performance = *performance;
            stage.command(Command::Hold(hold.clone())).unwrap();
            stage.command(Command::Hold(hold)).expect_err("the seat is taken, also when it was read again");
        }
    }
    stage.audit();
    stage
}

#[test]
fn a_small_cache_gives_the_same_ledger() {
    assert_eq!(sell(1).ledger.chain_head(), sell(1_000_000).ledger.chain_head());
}

#[test]
fn a_holder_has_so_many_open_holds_at_a_time() {
    let mut stage = Stage::with(Options { holds_per_holder_max: 2, ..Options::default() });
    let layout = stage::hall(".....");
    stage.command(Command::DefineLayout { hall: HALL, version: 1, layout }).unwrap();
    let (performance, terms) = (stage::PERFORMANCE, stage::terms());
    stage.command(Command::OpenPerformance { performance, terms }).unwrap();
    let hold = |stage: &mut Stage, who: &str, seat| {
        let outcome = stage.command(Command::Hold(stage::hold_seats(who, &[seat])))?;
        let Outcome::Held(held) = outcome else { panic!("{outcome:?}") };
        Ok::<_, Refusal>(held.hold)
    };
    let first = hold(&mut stage, "ann", 0).unwrap();
    hold(&mut stage, "ann", 1).unwrap();
    assert_eq!(hold(&mut stage, "ann", 2), Err(Refusal::TooManyHolds { max: 2 }));
    stage.reopen();
    assert_eq!(hold(&mut stage, "ann", 2), Err(Refusal::TooManyHolds { max: 2 }), "also after a restart");
    hold(&mut stage, "bob", 2).expect("another holder");
    stage.command(Command::ReleaseHold { hold: first, secret: stage::secret("ann") }).unwrap();
    hold(&mut stage, "ann", 0).expect("one was released");
    stage.now_ms += 600_000;
    stage.command(Command::ExpireHolds { limit: 100 }).unwrap();
    hold(&mut stage, "ann", 3).expect("all have lapsed");
    stage.audit();
}
