//! What the ledger keeps in memory. All of it follows from the tables; none of it is decided by when a process started.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

use redb::ReadableTable;

use crate::broken::Broken;
use crate::command::Holder;
use crate::hold::Hold;
use crate::ids::{HallId, HoldId, PerformanceId};
use crate::inventory::Inventory;
use crate::plan::Plan;
use crate::record;
use crate::tables::{self, Offer, Tables};
use crate::transfer::Standing;

/// What an inventory takes beside its seats, counted in seats.
const INVENTORY_BASE_SEATS: usize = 256;

#[derive(Default)]
pub(crate) struct Memory {
    inventories: BTreeMap<PerformanceId, Inventory>,
    /// Performances that the entry under way has changed.
    touched: BTreeSet<PerformanceId>,
    plans: BTreeMap<(HallId, u32), Weak<Plan>>,
    /// When each open hold lapses.
    pub(crate) expiries: BTreeSet<(u64, HoldId)>,
    /// How many open holds each holder has; none has 0.
    holders: BTreeMap<Holder, u32>,
    /// Where the venues stand that ever moved; all others are sold here.
    standings: BTreeMap<u32, Standing>,
}

impl Memory {
    /// Reads when the open holds lapse, and forgets everything else.
    pub(crate) fn open(&mut self, tables: &Tables<'_>) -> Result<(), Broken> {
        *self = Self { standings: tables::standings(&tables.standings)?, ..Self::default() };
        for row in tables.holds.iter()? {
            let (id, bytes) = row?;
            let id = HoldId(u128::from_be_bytes(*id.value()));
            let hold: Hold = record::decode(bytes.value())?;
            if self.standing(id.owner()).unwrap_or(Standing::FIRST).has_lapse(hold.order) {
                self.know_hold(id, &hold);
            }
        }
        Ok(())
    }

    /// Where a venue stands.
    pub(crate) fn standing(&self, venue: u32) -> Option<Standing> {
        self.standings.get(&venue).copied()
    }

    /// Whether the venue is sold here.
    pub(crate) fn sells(&self, venue: u32) -> bool {
        self.standings.get(&venue).is_none_or(|standing| standing.sells())
    }

    pub(crate) fn set_standing(&mut self, venue: u32, standing: Standing) {
        self.standings.insert(venue, standing);
    }

    /// The venues whose changes are noted.
    pub(crate) fn noted(&self) -> BTreeSet<u32> {
        let noted = self.standings.iter().filter(|(_venue, standing)| standing.is_noted());
        noted.map(|(venue, _standing)| *venue).collect()
    }

    /// Counts a hold that is open from then on.
    pub(crate) fn know_hold(&mut self, id: HoldId, hold: &Hold) {
        self.expiries.insert((hold.expires_at_ms, id));
        *self.holders.entry(hold.holder).or_default() += 1;
    }

    /// Counts a hold no more.
    pub(crate) fn forget_hold(&mut self, id: HoldId, hold: &Hold) {
        self.expiries.remove(&(hold.expires_at_ms, id));
        if let Entry::Occupied(mut count) = self.holders.entry(hold.holder) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// How many open holds somebody has, over all performances.
    pub(crate) fn holds_of(&self, holder: Holder) -> u32 {
        self.holders.get(&holder).copied().unwrap_or(0)
    }

    /// When the first hold lapses; `u64::MAX` if there is none.
    pub(crate) fn next_expiry_ms(&self) -> u64 {
        self.expiries.first().map_or(u64::MAX, |(at_ms, _hold)| *at_ms)
    }

    /// A performance's places, if there is such a performance.
    pub(crate) fn inventory(
        &mut self,
        tables: &Tables<'_>,
        performance: PerformanceId,
        used_at: u64,
    ) -> Result<Option<&mut Inventory>, Broken> {
        if !self.inventories.contains_key(&performance) {
            let Some(offer) = tables::record_of::<Offer>(&*tables.offers, performance.0)? else {
                return Ok(None);
            };
            let (hall, version) = (offer.terms.hall, offer.terms.layout_version);
            let plan = self.plan(tables, hall, version)?.ok_or_else(|| {
                Broken::contradiction(format!(
                    "the layout of {performance} is missing: {hall}, version {version}"
                ))
            })?;
            let inventory = Inventory::load(tables, performance, offer, plan)?;
            self.inventories.insert(performance, inventory);
        }
        let inventory = self.inventories.get_mut(&performance);
        let Some(inventory) = inventory else { return Ok(None) };
        inventory.used_at = used_at;
        Ok(Some(inventory))
    }

    /// A compiled layout, if there is such a layout.
    pub(crate) fn plan(
        &mut self,
        tables: &Tables<'_>,
        hall: HallId,
        version: u32,
    ) -> Result<Option<Arc<Plan>>, Broken> {
        if let Some(known) = self.plans.get(&(hall, version)).and_then(Weak::upgrade) {
            return Ok(Some(known));
        }
        let Some(layout) = tables::layout_of(&*tables.layouts, hall, version)? else { return Ok(None) };
        let plan = Arc::new(Plan::new(&layout));
        self.plans.insert((hall, version), Arc::downgrade(&plan));
        Ok(Some(plan))
    }

    /// Has the performance written at the end of the entry.
    pub(crate) fn touch(&mut self, performance: PerformanceId) {
        self.touched.insert(performance);
    }

    /// The performances to be written, in order; there are none after it.
    pub(crate) fn take_touched(&mut self) -> BTreeSet<PerformanceId> {
        std::mem::take(&mut self.touched)
    }

    pub(crate) fn loaded(&mut self, performance: PerformanceId) -> Option<&mut Inventory> {
        self.inventories.get_mut(&performance)
    }

    /// Drops a performance that is withdrawn.
    pub(crate) fn forget(&mut self, performance: PerformanceId) {
        self.inventories.remove(&performance);
        self.touched.remove(&performance);
    }

    /// Drops the inventories that were not used for longest, until the others have at most so many seats. Only
    /// between entries, when all of them stand in the tables.
    pub(crate) fn shrink(&mut self, seats_max: usize) {
        let cost = |inventory: &Inventory| inventory.plan.seats.len() + INVENTORY_BASE_SEATS;
        let mut seats: usize = self.inventories.values().map(cost).sum();
        if seats <= seats_max {
            return;
        }
        let by_age: BTreeSet<_> = self.inventories.iter().map(|(id, it)| (it.used_at, *id)).collect();
        for (_used_at, id) in by_age {
            // Down to seven eighths, so that not every entry has to do it; and never the last.
            if seats <= seats_max / 8 * 7 || self.inventories.len() == 1 {
                break;
            }
            if let Some(dropped) = self.inventories.remove(&id) {
                seats -= cost(&dropped);
            }
        }
        self.plans.retain(|_version, plan| plan.strong_count() > 0);
    }
}
