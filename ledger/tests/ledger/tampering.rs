//! The audit finds what rotted, and what was changed by hand with a right checksum.

use marquee_ledger::audit::{Report, audit};
use marquee_ledger::command::{CancelGround, Place};
use marquee_ledger::order::{OrderStatus, TicketStatus};
use marquee_ledger::record::{decode, encode};
use marquee_ledger::{Command, Hold, Order, Outcome};
use redb::{ReadableTable, TableDefinition};

use crate::stage::{self, HALL, NAMESPACE, PERFORMANCE, Stage};

type Records = TableDefinition<'static, &'static [u8; 16], &'static [u8]>;

const HOLDS: Records = TableDefinition::new("g1/ledger_holds");
const ORDERS: Records = TableDefinition::new("g1/ledger_orders");

/// A performance with a kill, a hold, an order that awaits its payment, one that is booked and one that was given back
/// in part: every table has a record.
fn sold_a_little() -> Stage {
    let mut stage = Stage::new();
    let layout = stage::hall("........ area:5");
    stage.command(Command::DefineLayout { hall: HALL, version: 1, layout }).unwrap();
    let terms = marquee_ledger::terms::Terms { ticket_limit: 9, ..stage::terms() };
    stage.command(Command::OpenPerformance { performance: PERFORMANCE, terms }).unwrap();
    let (seats, reason) = (vec![7], "broken".to_owned());
    stage.command(Command::Kill { performance: PERFORMANCE, seats, reason }).unwrap();
    stage.command(Command::Hold(stage::hold_seats("ann", &[0, 1]))).unwrap();
    for (who, seats, paid) in [("bob", [2, 3], false), ("cid", [4, 5], true)] {
        let (hold, buyer) = (stage::hold_seats(who, &seats), stage::buyer(who));
        let bought = stage.command(Command::Buy { hold, buyer, payment: stage::choice() });
        let Ok(Outcome::Ordered { order, total, .. }) = bought else { panic!("{bought:?}") };
        if paid {
            stage.command(stage::captured(order, total.amount)).unwrap();
            let (tickets, ground, reason) = (vec![order.ticket(0)], CancelGround::Seller, "wish".to_owned());
            stage.command(Command::CancelTickets { order, tickets, ground, reason }).unwrap();
        }
    }
    stage
}

fn report(stage: &Stage) -> Report {
    audit(&stage.snapshot(), NAMESPACE, &mut |_progress| {}).unwrap()
}

/// Flips a bit in each record of a table in turn, and asserts that each time something is found.
macro_rules! rot_every_record {
    ($name:literal, $key:ty, $lend:expr, $own:expr) => {
        let table: TableDefinition<'static, $key, &'static [u8]> =
            TableDefinition::new(concat!("g1/ledger_", $name));
        let mut nth = 0;
        loop {
            let stage = sold_a_little();
            assert!(report(&stage).is_whole());
            let state = stage.state.begin_write().unwrap();
            {
                let mut rows = state.open_table(table).unwrap();
                let record = rows.iter().unwrap().nth(nth).map(|row| {
                    let (key, bytes) = row.unwrap();
                    ($own(key.value()), bytes.value().to_vec())
                });
                let Some((key, mut bytes)) = record else { break };
                let middle = bytes.len() / 2;
                bytes[middle] ^= 4;
                rows.insert($lend(&key), bytes.as_slice()).unwrap();
            }
            state.commit().unwrap();
            assert!(!report(&stage).is_whole(), "record {nth} of {}", $name);
            nth += 1;
        }
        assert!(nth > 0, "{} has records", $name);
    };
}

macro_rules! rot_every_record_by_bytes {
    ($len:literal: $($name:literal),*) => {$(
        rot_every_record!($name, &'static [u8; $len], std::convert::identity, |key: &[u8; $len]| *key);
    )*};
}

#[test]
fn a_flipped_bit_in_any_record_is_found() {
    rot_every_record_by_bytes!(12: "journal");
    rot_every_record_by_bytes!(16: "performances", "inventories", "kills", "holds", "orders");
    rot_every_record_by_bytes!(20: "layouts", "seats");
    rot_every_record_by_bytes!(32: "customers");
    rot_every_record!("outbox", u64, |key: &u64| *key, |key: u64| key);
}

/// Rewrites the first record of a table that `pick` takes, with a right checksum.
fn rewrite<T: serde::Serialize + serde::de::DeserializeOwned>(
    table: Records,
    change: impl Fn(&mut T) -> bool,
) {
    let stage = sold_a_little();
    let state = stage.state.begin_write().unwrap();
    {
        let mut rows = state.open_table(table).unwrap();
        let mut picked = None;
        for row in rows.iter().unwrap() {
            let (key, bytes) = row.unwrap();
            let mut record: T = decode(bytes.value()).unwrap();
            if change(&mut record) {
                picked = Some((*key.value(), encode(&record)));
                break;
            }
        }
        let (key, bytes) = picked.expect("there is such a record");
        rows.insert(&key, bytes.as_slice()).unwrap();
    }
    state.commit().unwrap();
    assert!(!report(&stage).is_whole());
}

fn booked(order: &Order) -> bool {
    order.status == OrderStatus::Booked
}

#[test]
fn a_seat_that_was_given_to_another_is_found() {
    rewrite(ORDERS, |order: &mut Order| {
        let is_booked = booked(order);
        order.tickets[1].place.place = Place::Seat(2);
        is_booked
    });
    rewrite(HOLDS, |hold: &mut Hold| {
        hold.places[0].place = Place::Seat(6);
        true
    });
    rewrite(HOLDS, |hold: &mut Hold| {
        hold.places.pop();
        true
    });
}

#[test]
fn a_ticket_that_was_revived_is_found() {
    rewrite(ORDERS, |order: &mut Order| {
        let is_booked = booked(order);
        order.tickets[0].status = TicketStatus::Valid;
        is_booked
    });
}

#[test]
fn money_that_was_changed_is_found() {
    rewrite(ORDERS, |order: &mut Order| {
        order.postings.first_mut().is_some_and(|posting| {
            posting.lines[0].1 += 1;
            true
        })
    });
    rewrite(ORDERS, |order: &mut Order| order.postings.pop().is_some());
    rewrite(ORDERS, |order: &mut Order| {
        order.refunds.first_mut().is_some_and(|refund| {
            refund.amount += 1;
            true
        })
    });
}

#[test]
fn records_that_vanish_are_found() {
    for table in [HOLDS, ORDERS] {
        let stage = sold_a_little();
        let state = stage.state.begin_write().unwrap();
        state.open_table(table).unwrap().pop_last().unwrap().expect("there is a record");
        state.commit().unwrap();
        assert!(!report(&stage).is_whole());
    }
    let stage = sold_a_little();
    let state = stage.state.begin_write().unwrap();
    let journal: TableDefinition<'_, &[u8; 12], &[u8]> = TableDefinition::new("g1/ledger_journal");
    state.open_table(journal).unwrap().pop_first().unwrap().expect("there is an entry");
    state.commit().unwrap();
    let report = report(&stage);
    assert!(report.violations[0].contains("the hash chain is broken"), "{:?}", report.violations);
}
