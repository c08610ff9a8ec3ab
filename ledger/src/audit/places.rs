//! Does every place have at most one owner, and do the counts agree?
//!
//! Holds, orders and kills each *claim* places. A claim on a seat is right if the seat's block names the claimer; since a
//! seat names one owner, no two can both be right. Then the claims are counted: if a performance's blocks and header have
//! as many held, booked and killed places as are claimed, no place is taken without an owner either.
//!
//! A venue that is not here whole (it arrives, or its rows are being removed) claims nothing: its rows are only read.

use std::collections::BTreeMap;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::{Findings, money, transit};
use crate::broken::Broken;
use crate::change::{SeatStatus, Task};
use crate::command::Place;
use crate::hold::{CustomerKey, Hold};
use crate::ids::{HallId, OrderId, PerformanceId};
use crate::layout::{Layout, SeatIndex};
use crate::order::{Order, OrderStatus, RefundStatus};
use crate::record;
use crate::tables::{
    self, BLOCK_SEATS, Header, IdKey, Kill, Names, Offer, PairKey, SeatBlock, SeatsKey, block_key,
};
use crate::terms::PerformanceStatus;
use crate::transfer::Standing;

type Records = ReadOnlyTable<&'static IdKey, &'static [u8]>;

/// The tables, and what was derived of them so far.
struct Books {
    seats: ReadOnlyTable<&'static SeatsKey, &'static [u8]>,
    holds: Records,
    orders: Records,
    outbox: ReadOnlyTable<u64, &'static [u8]>,
    standings: BTreeMap<u32, Standing>,
    tallies: BTreeMap<PerformanceId, Tally>,
    /// Live tickets by customer, as claimed.
    customers: BTreeMap<(PerformanceId, CustomerKey), u32>,
    /// The block that was looked at last: neighbours share it.
    last_block: Option<(SeatsKey, SeatBlock)>,
}

/// The counts of a performance, three times over.
struct Tally {
    status: PerformanceStatus,
    seat_count: usize,
    area_capacities: Vec<u32>,
    header: Header,
    /// Seats by status, as the blocks say.
    stored: [u32; 4],
    /// Seats by status, as holds, orders and kills say.
    claimed: [u32; 4],
    /// Held and booked places by area, as holds and orders say.
    areas: Vec<(u32, u32)>,
}

pub(super) fn check(
    state: &ReadTransaction,
    names: &Names,
    findings: &mut Findings<'_>,
) -> Result<(), Broken> {
    let standings = transit::standings(state, names, findings)?;
    let mut books = Books {
        seats: state.open_table(names.seats())?,
        holds: state.open_table(names.holds())?,
        orders: state.open_table(names.orders())?,
        outbox: state.open_table(names.outbox())?,
        tallies: tallies(state, names, &standings, findings)?,
        standings,
        customers: BTreeMap::new(),
        last_block: None,
    };
    books.count_blocks(findings)?;
    books.check_kills(&state.open_table(names.kills())?, findings)?;
    books.check_holds(findings)?;
    books.check_orders(&state.open_table(names.performance_orders())?, findings)?;
    books.check_tasks(findings)?;
    books.check_customers(&state.open_table(names.customers())?, findings)?;
    books.check_arriving(&state.open_table(names.arriving())?, findings)?;
    transit::check_notes(&state.open_table(names.notes())?, &books.standings, findings)?;
    transit::check_conflicts(&state.open_table(names.conflicts())?, &books.standings, findings)?;
    books.check_counts(findings);
    Ok(())
}

fn tallies(
    state: &ReadTransaction,
    names: &Names,
    standings: &BTreeMap<u32, Standing>,
    findings: &mut Findings<'_>,
) -> Result<BTreeMap<PerformanceId, Tally>, Broken> {
    let mut halls: BTreeMap<(HallId, u32), (usize, Vec<u32>)> = BTreeMap::new();
    for row in state.open_table(names.layouts())?.iter()? {
        let (key, bytes) = row?;
        let (hall, version) = tables::split_layout_key(key.value());
        let name = || format!("layout {hall} version {version}");
        transit::may_be_here(standings, hall.owner(), findings, name);
        let Some(layout) = findings.decoded::<Layout>(bytes.value(), name) else { continue };
        let capacities = layout.areas.iter().map(|area| area.capacity).collect();
        halls.insert((hall, version), (layout.seat_count(), capacities));
    }
    let headers = state.open_table(names.headers())?;
    let offers = state.open_table(names.offers())?;
    let (mut tallies, total) = (BTreeMap::new(), offers.len()?);
    for (done, row) in (1..).zip(offers.iter()?) {
        findings.step("performances", done, total);
        let (key, bytes) = row?;
        let id = PerformanceId(u128::from_be_bytes(*key.value()));
        findings.report.performances += 1;
        let Some(offer) = findings.decoded::<Offer>(bytes.value(), || id.to_string()) else { continue };
        transit::may_be_here(standings, id.owner(), findings, || id.to_string());
        if !transit::is_whole(standings, id.owner()) {
            continue;
        }
        if !standings.contains_key(&id.owner()) {
            findings.report.sold_here.insert(id.owner(), 0);
        }
        let Some(hall) = halls.get(&(offer.terms.hall, offer.terms.layout_version)) else {
            findings.violated(|| format!("the layout of {id} is missing"));
            continue;
        };
        let header = match headers.get(key.value())? {
            Some(bytes) => findings.decoded(bytes.value(), || format!("inventory of {id}")),
            None => None,
        };
        let Some(header) = header else {
            findings.violated(|| format!("{id} has no inventory"));
            continue;
        };
        let (seat_count, area_capacities) = hall.clone();
        let areas = vec![(0, 0); area_capacities.len()];
        let (status, stored, claimed) = (offer.status, [0; 4], [0; 4]);
        tallies.insert(id, Tally { status, seat_count, area_capacities, header, stored, claimed, areas });
    }
    Ok(tallies)
}

impl Books {
    fn count_blocks(&mut self, findings: &mut Findings<'_>) -> Result<(), Broken> {
        let total = self.seats.len()?;
        for (done, row) in (1..).zip(self.seats.iter()?) {
            findings.step("seats", done, total);
            let (key, bytes) = row?;
            let (id, number) = tables::split_block_key(key.value());
            let name = || format!("seats of {id}, block {number}");
            let Some(block) = findings.sound(SeatBlock::decode(bytes.value()), name) else { continue };
            if !self.is_whole(id.owner(), findings, name) {
                continue;
            }
            let Some(tally) = self.tallies.get_mut(&id) else {
                findings.violated(|| format!("{}: there is no such performance", name()));
                continue;
            };
            for (seat, (status, owner)) in (number as usize * BLOCK_SEATS..).zip(block.seats) {
                findings.check((status == SeatStatus::Free) == (owner == 0), || {
                    format!("seat {seat} of {id} is {status:?} but its owner is {owner}")
                });
                if seat < tally.seat_count {
                    tally.stored[status as usize] += 1;
                } else {
                    findings.check(status == SeatStatus::Free, || format!("{id} has no seat {seat}"));
                }
            }
        }
        Ok(())
    }

    fn check_kills(&mut self, kills: &Records, findings: &mut Findings<'_>) -> Result<(), Broken> {
        for row in kills.iter()? {
            let (key, bytes) = row?;
            let id = u128::from_be_bytes(*key.value());
            let Some(kill) = findings.decoded::<Kill>(bytes.value(), || format!("kill {id}")) else {
                continue;
            };
            if !self.is_whole(kill.performance.owner(), findings, || format!("kill {id}")) {
                continue;
            }
            for seat in &kill.seats {
                let place = Place::Seat(*seat);
                self.claim(kill.performance, place, (SeatStatus::Killed, id), findings, || {
                    format!("kill {id}")
                })?;
            }
        }
        Ok(())
    }

    fn check_holds(&mut self, findings: &mut Findings<'_>) -> Result<(), Broken> {
        let total = self.holds.len()?;
        for (done, row) in (1..).zip(self.holds.range::<&IdKey>(..)?) {
            findings.step("holds", done, total);
            let (key, bytes) = row?;
            let id = crate::ids::HoldId(u128::from_be_bytes(*key.value()));
            findings.report.holds += 1;
            let Some(hold) = findings.decoded::<Hold>(bytes.value(), || id.to_string()) else { continue };
            if !self.is_whole(id.owner(), findings, || id.to_string()) {
                continue;
            }
            for place in &hold.places {
                let by = (SeatStatus::Held, id.0);
                self.claim(hold.performance, place.place, by, findings, || id.to_string())?;
            }
            let tally = self.tallies.get(&hold.performance);
            findings.check(tally.is_some_and(|tally| tally.status == PerformanceStatus::Scheduled), || {
                format!("{id} is a hold of {}, which is not for sale", hold.performance)
            });
            match hold.order {
                None => self.count_customers(hold.performance, &hold.customers, hold.places.len()),
                Some(order_id) => {
                    // Its order counts the places. Damaged orders are told where orders are checked.
                    let order = tables::order_of(&self.orders, order_id).unwrap_or_default();
                    let fits =
                        |order: Order| order.hold == id && order.status == OrderStatus::AwaitingPayment;
                    findings.check(order.is_some_and(fits), || {
                        format!("{id} and {order_id} contradict each other")
                    });
                }
            }
        }
        Ok(())
    }

    fn check_orders(
        &mut self,
        index: &ReadOnlyTable<&'static PairKey, ()>,
        findings: &mut Findings<'_>,
    ) -> Result<(), Broken> {
        let total = self.orders.len()?;
        for (done, row) in (1..).zip(self.orders.range::<&IdKey>(..)?) {
            findings.step("orders", done, total);
            let (key, bytes) = row?;
            let id = OrderId(u128::from_be_bytes(*key.value()));
            findings.report.orders += 1;
            let Some(order) = findings.decoded::<Order>(bytes.value(), || id.to_string()) else { continue };
            findings.check(order.id == id, || format!("{id} is kept as another order, {}", order.id));
            if !self.is_whole(id.owner(), findings, || id.to_string()) {
                continue;
            }
            money::faults(&order).into_iter().for_each(|fault| findings.violated(|| fault));
            for (_index, ticket) in order.valid_tickets() {
                let by = (SeatStatus::Booked, id.0);
                self.claim(order.performance, ticket.place.place, by, findings, || id.to_string())?;
                findings.report.tickets_valid += 1;
            }
            self.check_order_links(&order, findings)?;
            let listed = index.get(&tables::order_key(order.performance, id))?.is_some();
            findings.check(listed, || format!("{id} is missing in the list of {}", order.performance));
        }
        let listed = index.len()?;
        findings.check(listed == total, || format!("there are {total} orders, but {listed} are listed"));
        Ok(())
    }

    fn check_order_links(&mut self, order: &Order, findings: &mut Findings<'_>) -> Result<(), Broken> {
        let id = order.id;
        let taken = match order.status {
            OrderStatus::AwaitingPayment => {
                let hold = tables::hold_of(&self.holds, order.hold.0).unwrap_or_default();
                findings.check(hold.is_some_and(|hold| hold.order == Some(id)), || {
                    format!("{id} awaits payment, but its hold is gone or another order's")
                });
                order.tickets.len()
            }
            OrderStatus::Booked => order.valid_tickets().count(),
            OrderStatus::Lapsed
            | OrderStatus::Declined
            | OrderStatus::Unfulfilled
            | OrderStatus::Cancelled => 0,
        };
        self.count_customers(order.performance, &order.customers, taken);
        if let Some(number) = order.charge_task {
            let task = self.task(number)?;
            let fits = matches!(&task, Some(Task::Charge { order, .. }) if *order == id);
            findings
                .check(fits, || format!("{id} is to be charged by task {number}, which is another or gone"));
        }
        findings.check(order.status != OrderStatus::AwaitingPayment || order.charge_task.is_some(), || {
            format!("{id} awaits payment, but nobody asks for it")
        });
        for (nth, refund) in (0u16..).zip(&order.refunds) {
            let open = refund.status == RefundStatus::Requested;
            findings.check(open == refund.task.is_some(), || {
                format!("{id}: refund {nth} is open without a task")
            });
            let Some(number) = refund.task else { continue };
            let task = self.task(number)?;
            let fits =
                matches!(&task, Some(Task::Refund { order, refund, .. }) if *order == id && refund.0 == nth);
            findings.check(fits, || {
                format!("{id}: refund {nth} is carried out by task {number}, which is another")
            });
        }
        Ok(())
    }

    fn check_tasks(&mut self, findings: &mut Findings<'_>) -> Result<(), Broken> {
        for row in self.outbox.range::<u64>(..)? {
            let (number, bytes) = row?;
            let number = number.value();
            findings.report.tasks += 1;
            let Some(task) = findings.decoded::<Task>(bytes.value(), || format!("task {number}")) else {
                continue;
            };
            if !self.is_whole(task.owner(), findings, || format!("task {number}")) {
                continue;
            }
            let wanted = match task {
                Task::Charge { order, .. } => {
                    self.order(order).is_some_and(|order| order.charge_task == Some(number))
                }
                Task::Refund { order, refund, amount, .. } => self.order(order).is_some_and(|order| {
                    let known = order.refunds.get(usize::from(refund.0));
                    known.is_some_and(|known| known.task == Some(number) && known.amount == amount.amount)
                }),
                Task::IndexOrder { order, .. } => self.order(order).is_some(),
                Task::CancelOrders { performance } => {
                    let tally = self.tallies.get(&performance);
                    tally.is_some_and(|tally| tally.status == PerformanceStatus::Cancelled)
                }
            };
            findings.check(wanted, || format!("task {number} of the outbox is nobody's"));
        }
        Ok(())
    }

    fn check_customers(
        &mut self,
        table: &ReadOnlyTable<&'static PairKey, &'static [u8]>,
        findings: &mut Findings<'_>,
    ) -> Result<(), Broken> {
        for row in table.range::<&PairKey>(..)? {
            let (key, bytes) = row?;
            let (performance, customer) = tables::split_pair(key.value());
            let (performance, customer) = (PerformanceId(performance), CustomerKey(customer));
            let claimed = self.customers.remove(&(performance, customer)).unwrap_or(0);
            let name = || format!("a customer of {performance}");
            let Some(counted) = findings.decoded::<u32>(bytes.value(), name) else { continue };
            if !self.is_whole(performance.owner(), findings, name) {
                continue;
            }
            findings.check(counted == claimed, || {
                format!("a customer of {performance} has {claimed} live tickets, but {counted} are counted")
            });
        }
        for ((performance, _customer), claimed) in std::mem::take(&mut self.customers) {
            findings
                .check(claimed == 0, || format!("{claimed} live tickets of {performance} are not counted"));
        }
        Ok(())
    }

    /// Tasks that were put aside: only while their venue arrives, or is being discarded.
    fn check_arriving(
        &self,
        table: &ReadOnlyTable<(u32, u64), &'static [u8]>,
        findings: &mut Findings<'_>,
    ) -> Result<(), Broken> {
        for row in table.range::<(u32, u64)>(..)? {
            let (key, bytes) = row?;
            let (venue, number) = key.value();
            let name = || format!("task {number} of arriving venue {venue}");
            let Some(task) = findings.decoded::<Task>(bytes.value(), name) else { continue };
            let is_wanted = task.owner() == venue && !transit::is_whole(&self.standings, venue);
            findings.check(is_wanted, || format!("{} is nobody's", name()));
        }
        Ok(())
    }

    /// Whether a venue's rows must agree with each other here; tells of rows that may not be here at all.
    fn is_whole(&self, venue: u32, findings: &mut Findings<'_>, name: impl FnOnce() -> String) -> bool {
        transit::may_be_here(&self.standings, venue, findings, name);
        transit::is_whole(&self.standings, venue)
    }

    fn check_counts(&self, findings: &mut Findings<'_>) {
        for (id, tally) in &self.tallies {
            // Seats without a block are free.
            let free = tally.seat_count as u32 - tally.stored[1..].iter().sum::<u32>();
            let mut stored = tally.stored;
            stored[SeatStatus::Free as usize] = free;
            let header = tally.header.seats;
            findings.check(header == stored, || {
                format!("{id} counts {header:?} seats free, held, booked, killed; its seats say {stored:?}")
            });
            let mut claimed = tally.claimed;
            claimed[SeatStatus::Free as usize] = free;
            findings.check(claimed == stored, || {
                format!(
                    "{id} has {stored:?} seats free, held, booked, killed; their owners claim {claimed:?}"
                )
            });
            let counted: Vec<_> =
                tally.header.areas.iter().map(|area| (area.capacity, area.held, area.booked)).collect();
            let owned = tally.area_capacities.iter().zip(&tally.areas);
            let owned: Vec<_> = owned.map(|(capacity, (held, booked))| (*capacity, *held, *booked)).collect();
            findings.check(counted == owned, || {
                format!(
                    "{id} counts areas as {counted:?} (capacity, held, booked); their owners say {owned:?}"
                )
            });
            let fits = owned.iter().all(|(capacity, held, booked)| held + booked <= *capacity);
            findings
                .check(fits, || format!("an area of {id} is oversold: {owned:?} (capacity, held, booked)"));
        }
    }

    /// Notes that somebody claims a place, and checks that a seat says so too.
    fn claim(
        &mut self,
        performance: PerformanceId,
        place: Place,
        by: (SeatStatus, u128),
        findings: &mut Findings<'_>,
        name: impl Fn() -> String,
    ) -> Result<(), Broken> {
        let Some(tally) = self.tallies.get_mut(&performance) else {
            findings.violated(|| format!("{} has places of {performance}, which does not exist", name()));
            return Ok(());
        };
        match place {
            Place::Seat(seat) => {
                tally.claimed[by.0 as usize] += 1;
                let stored = self.stored(performance, seat)?;
                findings.check(stored == Some(by), || {
                    format!("{} has seat {seat} of {performance}, but the seat says {stored:?}", name())
                });
            }
            Place::Area(area) => match (tally.areas.get_mut(usize::from(area)), by.0) {
                (Some((held, _booked)), SeatStatus::Held) => *held += 1,
                (Some((_held, booked)), SeatStatus::Booked) => *booked += 1,
                (Some(_) | None, _) => {
                    findings.violated(|| format!("{} has a place in area {area} of {performance}", name()));
                }
            },
        }
        Ok(())
    }

    fn stored(
        &mut self,
        performance: PerformanceId,
        seat: SeatIndex,
    ) -> Result<Option<(SeatStatus, u128)>, Broken> {
        let key = block_key(performance, seat / BLOCK_SEATS as u32);
        let slot = seat as usize % BLOCK_SEATS;
        if let Some((last, block)) = &self.last_block
            && *last == key
        {
            return Ok(Some(block.seats[slot]));
        }
        let Some(bytes) = self.seats.get(&key)? else { return Ok(None) };
        // Damaged blocks are told where blocks are counted.
        let Ok(block) = SeatBlock::decode(bytes.value()) else { return Ok(None) };
        let seat = block.seats[slot];
        self.last_block = Some((key, block));
        Ok(Some(seat))
    }

    fn order(&self, id: OrderId) -> Option<Order> {
        tables::order_of(&self.orders, id).unwrap_or_default()
    }

    fn task(&self, number: u64) -> Result<Option<Task>, Broken> {
        let bytes = self.outbox.get(number)?;
        Ok(bytes.and_then(|bytes| record::decode(bytes.value()).ok()))
    }

    fn count_customers(&mut self, performance: PerformanceId, customers: &[CustomerKey], tickets: usize) {
        for customer in customers {
            *self.customers.entry((performance, *customer)).or_default() += tickets as u32;
        }
    }
}
