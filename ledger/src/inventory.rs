//! The seats and areas of one performance, in memory.
//!
//! Loaded from the tables when the performance is first touched, changed by every command, and written back once per
//! entry. It knows enough to choose seats without reading a table: which are free, how long the free runs of each row
//! are, and who owns what is not free.

use std::collections::BTreeSet;
use std::sync::Arc;

use redb::ReadableTable;

use crate::broken::Broken;
use crate::change::{SeatChange, SeatStatus};
use crate::command::{Place, PricedPlace};
use crate::ids::PerformanceId;
use crate::layout::{SeatIndex, SeatKind};
use crate::plan::Plan;
use crate::record;
use crate::tables::{self, AreaCount, BLOCK_SEATS, Header, Offer, SeatBlock, Tables};

/// Whose a seat is: the id of a hold, an order or a kill, or [`NOBODY`].
pub(crate) type Owner = u128;

/// The owner of a free seat.
pub(crate) const NOBODY: Owner = 0;

/// The seats and areas of one performance.
#[derive(Debug)]
pub(crate) struct Inventory {
    pub(crate) offer: Offer,
    pub(crate) plan: Arc<Plan>,
    /// Price by category and concession.
    prices: Vec<Option<i64>>,
    header: Header,
    statuses: Vec<SeatStatus>,
    owners: Vec<Owner>,
    /// Per row of the plan: which lengths its runs of vacant seats have; bit 63 stands for 63 and more.
    runs: Vec<u64>,
    /// Per row of the plan: how many seats are vacant.
    vacant: Vec<u16>,
    /// No row of the plan before this one has a vacant seat.
    first_vacant_row: usize,
    touched: Touched,
    /// When it was last used, for the cache.
    pub(crate) used_at: u64,
}

/// What changed in the entry under way.
#[derive(Debug, Default)]
struct Touched {
    any: bool,
    seats: BTreeSet<SeatIndex>,
    areas: BTreeSet<u16>,
}

impl Inventory {
    /// Reads a performance's places.
    pub(crate) fn load(
        tables: &Tables<'_>,
        performance: PerformanceId,
        offer: Offer,
        plan: Arc<Plan>,
    ) -> Result<Self, Broken> {
        let seat_count = plan.seats.len();
        let mut statuses = vec![SeatStatus::Free; seat_count];
        let mut owners = vec![NOBODY; seat_count];
        tables::for_each_block(&*tables.seats, performance, |block, content| {
            let first = block as usize * BLOCK_SEATS;
            for (seat, (status, owner)) in (first..).zip(content.seats) {
                if let (Some(known), Some(holder)) = (statuses.get_mut(seat), owners.get_mut(seat)) {
                    (*known, *holder) = (status, owner);
                } else if status != SeatStatus::Free {
                    return Err(Broken::contradiction(format!(
                        "{performance} has no seat {seat}, but it is sold"
                    )));
                }
            }
            Ok(())
        })?;
        let header = tables.headers.get(&tables::id_key(performance.0))?;
        let stored: Option<Header> = header.map(|bytes| record::decode(bytes.value())).transpose()?;
        let mut header = stored.unwrap_or_default();
        header.fit(&plan, &statuses);
        let rows = plan.rows.len();
        let mut inventory = Self {
            prices: price_list(&offer, &plan),
            offer,
            header,
            statuses,
            owners,
            runs: vec![0; rows],
            vacant: vec![0; rows],
            first_vacant_row: 0,
            plan,
            touched: Touched::default(),
            used_at: 0,
        };
        (0..rows).for_each(|row| inventory.measure(row));
        Ok(inventory)
    }

    /// What the ticket costs, if it is sold.
    pub(crate) fn price(&self, category: u8, concession: u8) -> Option<i64> {
        let concessions = self.offer.terms.concessions.len();
        if usize::from(concession) >= concessions {
            return None;
        }
        self.prices.get(usize::from(category) * concessions + usize::from(concession)).copied().flatten()
    }

    pub(crate) fn status(&self, seat: SeatIndex) -> Option<SeatStatus> {
        self.statuses.get(seat as usize).copied()
    }

    pub(crate) fn owner(&self, seat: SeatIndex) -> Option<Owner> {
        self.owners.get(seat as usize).copied()
    }

    /// Free, and for everybody: offered to those who do not ask for an accessible place.
    pub(crate) fn is_vacant(&self, seat: SeatIndex) -> bool {
        let seat = seat as usize;
        self.statuses[seat] == SeatStatus::Free && self.plan.seats[seat].kind == SeatKind::Standard
    }

    pub(crate) fn is_free(&self, seat: SeatIndex) -> bool {
        self.statuses[seat as usize] == SeatStatus::Free
    }

    /// Free places of an area.
    pub(crate) fn area_free(&self, area: u16) -> u32 {
        self.header.areas[usize::from(area)].free()
    }

    pub(crate) fn area_counts(&self) -> &[AreaCount] {
        &self.header.areas
    }

    /// Run lengths by row; see the field.
    pub(crate) fn runs(&self) -> &[u64] {
        &self.runs
    }

    pub(crate) fn vacant_in_row(&self, row: usize) -> u32 {
        u32::from(self.vacant[row])
    }

    pub(crate) const fn first_vacant_row(&self) -> usize {
        self.first_vacant_row
    }

    /// Seats that are not free, in order, with their owners.
    pub(crate) fn taken(&self) -> impl Iterator<Item = (SeatIndex, SeatStatus, Owner)> + '_ {
        let seats = (0..).zip(&self.statuses).zip(&self.owners);
        seats.filter(|((_seat, status), _owner)| **status != SeatStatus::Free).map(|((s, t), o)| (s, *t, *o))
    }

    /// Notes that the terms, the status or the plan changed, so that views are numbered on.
    pub(crate) const fn touch(&mut self) {
        self.touched.any = true;
    }

    /// Replaces the terms; prices follow.
    pub(crate) fn set_offer(&mut self, offer: Offer) {
        self.prices = price_list(&offer, &self.plan);
        self.offer = offer;
        self.touch();
    }

    /// Whether any place is held, booked or killed.
    pub(crate) fn is_in_use(&self) -> bool {
        self.taken().next().is_some() || self.header.areas.iter().any(|count| count.taken() > 0)
    }

    /// Replaces the layout. Every place that is taken must be in it, at the same index. [`set_offer`](Self::set_offer)
    /// follows.
    pub(crate) fn set_plan(&mut self, plan: Arc<Plan>) {
        self.statuses.resize(plan.seats.len(), SeatStatus::Free);
        self.owners.resize(plan.seats.len(), NOBODY);
        self.header.fit(&plan, &self.statuses);
        self.runs = vec![0; plan.rows.len()];
        self.vacant = vec![0; plan.rows.len()];
        self.first_vacant_row = 0;
        self.plan = plan;
        (0..self.plan.rows.len()).for_each(|row| self.measure(row));
    }

    /// Moves places from one owner to another. They must all be `from` the owner before.
    pub(crate) fn pass(
        &mut self,
        places: impl IntoIterator<Item = Place>,
        from: (SeatStatus, Owner),
        to: (SeatStatus, Owner),
    ) -> Result<(), Broken> {
        self.touch();
        let mut row = None;
        for place in places {
            match place {
                Place::Seat(seat) => {
                    let index = seat as usize;
                    if (self.statuses[index], self.owners[index]) != from {
                        let is = (self.statuses[index], self.owners[index]);
                        return Err(Broken::contradiction(format!("seat {seat} is {is:?}, not {from:?}")));
                    }
                    (self.statuses[index], self.owners[index]) = to;
                    self.header.seats[from.0 as usize] -= 1;
                    self.header.seats[to.0 as usize] += 1;
                    self.touched.seats.insert(seat);
                    // Places come in order of seats, so a row's turn comes once.
                    let of = self.plan.row_of[index] as usize;
                    if let Some(done) = row.replace(of).filter(|done| *done != of) {
                        self.measure(done);
                    }
                }
                Place::Area(area) => {
                    let count = &mut self.header.areas[usize::from(area)];
                    shift_count(count, from.0, to.0)?;
                    self.touched.areas.insert(area);
                }
            }
        }
        if let Some(last) = row {
            self.measure(last);
        }
        Ok(())
    }

    /// Whether all these places are free. Counts places of an area together.
    pub(crate) fn are_free(&self, places: &[PricedPlace]) -> bool {
        let seats_free = places.iter().all(|place| match place.place {
            Place::Seat(seat) => self.status(seat) == Some(SeatStatus::Free),
            Place::Area(area) => usize::from(area) < self.plan.areas.len(),
        });
        let in_area = |area| places.iter().filter(|place| place.place == Place::Area(area)).count();
        seats_free
            && places.iter().all(|place| match place.place {
                Place::Seat(_) => true,
                Place::Area(area) => in_area(area) <= self.area_free(area) as usize,
            })
    }

    /// Writes what the entry changed, and tells it.
    pub(crate) fn store(
        &mut self,
        tables: &mut Tables<'_>,
        performance: PerformanceId,
    ) -> Result<Option<SeatChange>, Broken> {
        if !self.touched.any {
            return Ok(None);
        }
        let touched = std::mem::take(&mut self.touched);
        self.header.seq += 1;
        let mut written = None;
        for seat in &touched.seats {
            let block = *seat as usize / BLOCK_SEATS;
            if written.replace(block) != Some(block) {
                let bytes = self.block(block).encode();
                tables.seats.insert(&tables::block_key(performance, block as u32), bytes.as_slice())?;
            }
        }
        let header = record::encode(&self.header);
        tables.headers.insert(&tables::id_key(performance.0), header.as_slice())?;
        Ok(Some(SeatChange {
            performance,
            seq: self.header.seq,
            // A seat that was freed and taken out of the layout in one entry is written, but is no news.
            seats: touched.seats.iter().filter_map(|seat| Some((*seat, self.status(*seat)?))).collect(),
            areas: touched
                .areas
                .iter()
                .filter(|area| usize::from(**area) < self.plan.areas.len())
                .map(|area| (*area, self.area_free(*area)))
                .collect(),
        }))
    }

    fn block(&self, block: usize) -> SeatBlock {
        let first = (block * BLOCK_SEATS).min(self.statuses.len());
        let end = (first + BLOCK_SEATS).min(self.statuses.len());
        let mut content = SeatBlock::FREE;
        let seats = self.statuses[first..end].iter().zip(&self.owners[first..end]);
        for (slot, (status, owner)) in content.seats.iter_mut().zip(seats) {
            *slot = (*status, *owner);
        }
        content
    }

    /// Counts a row's vacant seats and the lengths of its runs anew.
    fn measure(&mut self, position: usize) {
        let row = self.plan.rows[position];
        let (mut lengths, mut run, mut vacant) = (0u64, 0u32, 0u16);
        let close = |lengths: &mut u64, run: u32| {
            if run > 0 {
                *lengths |= 1 << run.min(63);
            }
        };
        for seat in row.seats() {
            if self.is_vacant(seat) {
                if self.plan.seats[seat as usize].apart {
                    close(&mut lengths, std::mem::take(&mut run));
                }
                run += 1;
                vacant += 1;
            } else {
                close(&mut lengths, std::mem::take(&mut run));
            }
        }
        close(&mut lengths, run);
        self.runs[position] = lengths;
        self.vacant[position] = vacant;
        if vacant > 0 {
            self.first_vacant_row = self.first_vacant_row.min(position);
        } else if self.first_vacant_row == position {
            let next = self.runs[position..].iter().position(|lengths| *lengths != 0);
            self.first_vacant_row = next.map_or(self.runs.len(), |ahead| position + ahead);
        }
    }
}

impl Header {
    /// Takes capacities from a plan and counts the seats anew.
    fn fit(&mut self, plan: &Plan, statuses: &[SeatStatus]) {
        self.areas.resize(plan.areas.len(), AreaCount::default());
        for (count, area) in self.areas.iter_mut().zip(&plan.areas) {
            count.capacity = area.capacity;
        }
        self.seats = [0; 4];
        statuses.iter().for_each(|status| self.seats[*status as usize] += 1);
    }
}

fn price_list(offer: &Offer, plan: &Plan) -> Vec<Option<i64>> {
    let concessions = offer.terms.concessions.len();
    let mut prices = vec![None; usize::from(plan.categories) * concessions];
    for price in &offer.terms.prices {
        if let Some(slot) =
            prices.get_mut(usize::from(price.category) * concessions + usize::from(price.concession))
        {
            *slot = Some(price.amount);
        }
    }
    prices
}

fn shift_count(count: &mut AreaCount, from: SeatStatus, to: SeatStatus) -> Result<(), Broken> {
    let taken = |number: &mut u32| {
        *number = number.checked_sub(1).ok_or_else(|| Broken::contradiction("an area counts below zero"))?;
        Ok::<_, Broken>(())
    };
    match from {
        SeatStatus::Held => taken(&mut count.held)?,
        SeatStatus::Booked => taken(&mut count.booked)?,
        SeatStatus::Free | SeatStatus::Killed => {}
    }
    match to {
        SeatStatus::Held => count.held += 1,
        SeatStatus::Booked => count.booked += 1,
        SeatStatus::Free | SeatStatus::Killed => {}
    }
    Ok(())
}
