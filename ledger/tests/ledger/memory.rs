//! What is kept in memory changes nothing but the speed.

use marquee_ledger::{Command, Options, PerformanceId};

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
