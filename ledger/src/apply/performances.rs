//! What is sold: halls' layouts, performances and their terms, and seats that are out of sale.

use std::collections::BTreeMap;

use redb::ReadableTable;

use super::effects::FREE;
use super::{Decided, LedgerEntry, Stop};
use crate::broken::Broken;
use crate::change::{Change, SeatStatus, Task};
use crate::command::{Outcome, Place};
use crate::hold::Hold;
use crate::ids::{HallId, HoldId, OrderId, PerformanceId};
use crate::inventory::{Inventory, Owner};
use crate::layout::{Layout, SeatIndex};
use crate::plan;
use crate::record;
use crate::refusal::Refusal;
use crate::tables::{
    self, CalledOff, Kill, Offer, PairKey, block_key, customer_key, id_key, layout_key, order_key,
};
use crate::terms::{PerformanceStatus, Terms};

impl LedgerEntry<'_> {
    pub(super) fn define_layout(&mut self, hall: HallId, version: u32, layout: &Layout) -> Decided {
        if let Some(known) = tables::layout_of(&*self.tables.layouts, hall, version)? {
            return if known == *layout { Ok(Outcome::Done) } else { Err(Refusal::AlreadyExists.into()) };
        }
        plan::check(layout)?;
        // Nothing is refused from here on.
        self.tables.layouts.insert(&layout_key(hall, version), record::encode(layout).as_slice())?;
        Ok(Outcome::Done)
    }

    pub(super) fn open_performance(&mut self, performance: PerformanceId, terms: &Terms) -> Decided {
        if let Some(known) = tables::record_of::<Offer>(&*self.tables.offers, performance.0)? {
            return if known.terms == *terms {
                Ok(Outcome::Done)
            } else {
                Err(Refusal::AlreadyExists.into())
            };
        }
        self.check_terms(terms)?;
        // Nothing is refused from here on.
        let offer = Offer { terms: terms.clone(), status: PerformanceStatus::Scheduled, called_off: None };
        self.save_offer(performance, &offer)?;
        // Its first views are numbered like those of any change.
        self.inventory_mut(performance)?.touch();
        Ok(Outcome::Done)
    }

    pub(super) fn amend_performance(&mut self, performance: PerformanceId, terms: &Terms) -> Decided {
        let offer = self.scheduled(performance)?.offer.clone();
        if offer.terms == *terms {
            return Ok(Outcome::Done);
        }
        self.check_terms(terms)?;
        let (hall, version) = (terms.hall, terms.layout_version);
        let replan = (hall, version) != (offer.terms.hall, offer.terms.layout_version);
        let mut plan = None;
        if replan {
            let before = self.layout(offer.terms.hall, offer.terms.layout_version)?;
            let after = self.layout(hall, version)?;
            check_in_use(self.inventory(performance)?, &before, &after)?;
            plan = self.memory.plan(&self.tables, hall, version)?;
        }
        if terms.currency != offer.terms.currency && self.inventory(performance)?.is_in_use() {
            return Err(Refusal::Invalid("the currency stays while places are taken".to_owned()).into());
        }
        // Nothing is refused from here on.
        let offer = Offer { terms: terms.clone(), ..offer };
        self.save_offer(performance, &offer)?;
        let inventory = self.inventory_mut(performance)?;
        if let Some(plan) = plan {
            inventory.set_plan(plan);
        }
        inventory.set_offer(offer);
        Ok(Outcome::Done)
    }

    pub(super) fn withdraw_performance(&mut self, performance: PerformanceId) -> Decided {
        self.inventory(performance)?;
        if self.has_orders(performance)? {
            return Err(Refusal::HasOrders.into());
        }
        // Nothing is refused from here on.
        for (id, hold) in self.holds_of(performance)? {
            self.remove_hold(id, &hold)?;
        }
        self.memory.forget(performance);
        self.tables.offers.remove(&id_key(performance.0))?;
        self.tables.headers.remove(&id_key(performance.0))?;
        let (first, last) = (block_key(performance, 0), block_key(performance, u32::MAX));
        self.tables.seats.remove_range(&first, &last)?;
        let first = customer_key(performance, crate::hold::CustomerKey(0));
        let last = customer_key(performance, crate::hold::CustomerKey(u128::MAX));
        self.tables.customers.remove_range(&first, &last)?;
        for (id, _kill) in self.kills_of(performance)? {
            self.tables.kills.remove(&id_key(id))?;
        }
        self.changes.push(Change::Performance(performance));
        Ok(Outcome::Done)
    }

    pub(super) fn cancel_performance(&mut self, performance: PerformanceId, reason: &str) -> Decided {
        let mut offer = self.inventory(performance)?.offer.clone();
        match offer.status {
            PerformanceStatus::Cancelled => return Ok(Outcome::Done),
            PerformanceStatus::Scheduled => {}
        }
        // Nothing is refused from here on.
        for (id, hold) in self.holds_of(performance)? {
            self.let_go(id, &hold)?;
        }
        let task = self.has_orders(performance)?.then(|| self.add_task(Task::CancelOrders { performance }));
        offer.status = PerformanceStatus::Cancelled;
        offer.called_off =
            Some(CalledOff { reason: reason.to_owned(), through: OrderId(0), task: task.transpose()? });
        self.save_offer(performance, &offer)?;
        self.inventory_mut(performance)?.set_offer(offer);
        Ok(Outcome::Done)
    }

    pub(super) fn kill(&mut self, performance: PerformanceId, seats: &[SeatIndex], reason: &str) -> Decided {
        let inventory = self.scheduled(performance)?;
        let seats = distinct_seats(inventory, seats)?;
        let taken: Vec<_> = seats.iter().copied().filter(|seat| !inventory.is_free(*seat)).collect();
        if !taken.is_empty() {
            return Err(Refusal::SeatsTaken { seats: taken }.into());
        }
        // Nothing is refused from here on.
        let id = self.next_id(performance);
        let places = seats.iter().map(|seat| Place::Seat(*seat));
        self.inventory_mut(performance)?.pass(places, FREE, killed(id))?;
        let kill = Kill { performance, reason: reason.to_owned(), at_ms: self.at.now_ms, seats };
        self.tables.kills.insert(&id_key(id), record::encode(&kill).as_slice())?;
        Ok(Outcome::Done)
    }

    /// Seats that are free already are passed over.
    pub(super) fn revive(&mut self, performance: PerformanceId, seats: &[SeatIndex]) -> Decided {
        let inventory = self.scheduled(performance)?;
        let (mut taken, mut by_kill) = (Vec::new(), BTreeMap::<Owner, Vec<SeatIndex>>::new());
        for seat in distinct_seats(inventory, seats)? {
            match (inventory.status(seat), inventory.owner(seat)) {
                (Some(SeatStatus::Killed), Some(kill)) => by_kill.entry(kill).or_default().push(seat),
                (Some(SeatStatus::Held | SeatStatus::Booked), _) => taken.push(seat),
                (Some(SeatStatus::Free | SeatStatus::Killed) | None, _) => {}
            }
        }
        if !taken.is_empty() {
            return Err(Refusal::SeatsTaken { seats: taken }.into());
        }
        // Nothing is refused from here on.
        for (id, revived) in by_kill {
            let mut kill: Kill = tables::record_of(&*self.tables.kills, id)?.ok_or_else(|| {
                Broken::contradiction(format!("seats of {performance} are killed by nobody"))
            })?;
            // Sorted, so that a hall that is revived whole does not cost the square of its seats.
            kill.seats.retain(|seat| revived.binary_search(seat).is_err());
            if kill.seats.is_empty() {
                self.tables.kills.remove(&id_key(id))?;
            } else {
                self.tables.kills.insert(&id_key(id), record::encode(&kill).as_slice())?;
            }
            let places = revived.iter().map(|seat| Place::Seat(*seat));
            self.inventory_mut(performance)?.pass(places, killed(id), FREE)?;
        }
        Ok(Outcome::Done)
    }

    fn scheduled(&mut self, performance: PerformanceId) -> Result<&Inventory, Stop> {
        let inventory = self.inventory(performance)?;
        match inventory.offer.status {
            PerformanceStatus::Scheduled => Ok(inventory),
            PerformanceStatus::Cancelled => Err(Refusal::PerformanceCancelled.into()),
        }
    }

    fn layout(&self, hall: HallId, version: u32) -> Result<Layout, Stop> {
        let layout = tables::layout_of(&*self.tables.layouts, hall, version)?;
        layout.ok_or_else(|| Refusal::UnknownLayout.into())
    }

    fn check_terms(&mut self, terms: &Terms) -> Result<(), Stop> {
        let plan = self.memory.plan(&self.tables, terms.hall, terms.layout_version)?;
        let categories = plan.ok_or(Refusal::UnknownLayout)?.categories;
        Ok(terms.check(categories)?)
    }

    fn has_orders(&self, performance: PerformanceId) -> Result<bool, Broken> {
        let (first, last) = (order_key(performance, OrderId(0)), order_key(performance, OrderId(u128::MAX)));
        let first_order = self.tables.performance_orders.range::<&PairKey>(&first..=&last)?.next();
        Ok(first_order.transpose()?.is_some())
    }

    /// All open holds of a performance. Reads every open hold there is: for what happens rarely.
    fn holds_of(&self, performance: PerformanceId) -> Result<Vec<(HoldId, Hold)>, Broken> {
        let rows = all_records::<Hold>(&*self.tables.holds)?.into_iter();
        Ok(rows
            .filter(|(_id, hold)| hold.performance == performance)
            .map(|(id, h)| (HoldId(id), h))
            .collect())
    }

    fn kills_of(&self, performance: PerformanceId) -> Result<Vec<(Owner, Kill)>, Broken> {
        let rows = all_records::<Kill>(&*self.tables.kills)?.into_iter();
        Ok(rows.filter(|(_id, kill)| kill.performance == performance).collect())
    }
}

fn all_records<T: serde::de::DeserializeOwned>(
    table: &impl ReadableTable<&'static tables::IdKey, &'static [u8]>,
) -> Result<Vec<(u128, T)>, Broken> {
    let rows = table.iter()?.map(|row| {
        let (id, bytes) = row?;
        Ok((u128::from_be_bytes(*id.value()), record::decode(bytes.value())?))
    });
    rows.collect()
}

const fn killed(kill: u128) -> (SeatStatus, Owner) {
    (SeatStatus::Killed, kill)
}

/// The seats in order; refused if there are none, one is named twice or one does not exist.
fn distinct_seats(inventory: &Inventory, seats: &[SeatIndex]) -> Result<Vec<SeatIndex>, Refusal> {
    let mut seats = seats.to_vec();
    seats.sort_unstable();
    if seats.is_empty() || seats.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::EmptySelection);
    }
    match seats.iter().find(|seat| inventory.status(**seat).is_none()) {
        Some(seat) => Err(Refusal::UnknownSeat(*seat)),
        None => Ok(seats),
    }
}

/// Refuses a layout in which a place that is taken would vanish or be another. A seat is the same if its index, its
/// section's name, its row's label and its own label are.
fn check_in_use(inventory: &Inventory, before: &Layout, after: &Layout) -> Result<(), Refusal> {
    let (names_before, names_after) = (seat_names(before), seat_names(after));
    let name_of = |names: &[_], seat: SeatIndex| names.get(seat as usize).copied();
    let lost: Vec<SeatIndex> = inventory
        .taken()
        .map(|(seat, _status, _owner)| seat)
        .filter(|seat| name_of(&names_before, *seat) != name_of(&names_after, *seat))
        .collect();
    if let Some(first) = lost.first() {
        // At most `SEATS_MAX`.
        return Err(Refusal::SeatsInUse { first: *first, count: lost.len() as u32 });
    }
    for (index, count) in
        inventory.area_counts().iter().enumerate().filter(|(_index, count)| count.taken() > 0)
    {
        let same = after.areas.get(index).filter(|area| area.name == before.areas[index].name);
        if same.is_none_or(|area| area.capacity < count.taken()) {
            let (name, taken) = (&before.areas[index].name, count.taken());
            return Err(Refusal::Invalid(format!("{taken} places of the area {name:?} are in use")));
        }
    }
    Ok(())
}

fn seat_names(layout: &Layout) -> Vec<(&str, &str, &str)> {
    let section = |row: &crate::layout::Row| layout.sections[usize::from(row.section)].as_str();
    let rows = layout.rows.iter();
    rows.flat_map(|row| {
        row.seats.iter().map(move |seat| (section(row), row.label.as_str(), seat.label.as_str()))
    })
    .collect()
}
