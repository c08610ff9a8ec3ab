//! Reading the ledger in a snapshot.
//!
//! A [`Reader`] costs nothing to make: each question opens the table that it needs. What it answers is what was true after
//! the snapshot's last entry.

use redb::{ReadTransaction, ReadableTable};

use crate::broken::Broken;
use crate::change::{SeatStatus, Task};
use crate::hold::Hold;
use crate::ids::{HallId, HoldId, OrderId, PerformanceId};
use crate::journal::{self, ChainLink};
use crate::layout::{Layout, SeatIndex};
use crate::order::Order;
use crate::record;
use crate::tables::{self, BLOCK_SEATS, Header, Kill, Names, Offer, PairKey, order_key, split_pair};
use crate::terms::{PerformanceStatus, Terms};

/// The tables of a ledger in a snapshot.
pub struct Reader<'t> {
    pub(crate) state: &'t ReadTransaction,
    pub(crate) names: Names,
}

/// A performance as it is sold just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performance {
    /// Its terms.
    pub terms: Terms,
    /// Whether it takes place.
    pub status: PerformanceStatus,
    /// Why it was cancelled, if it was.
    pub cancelled_because: Option<String>,
    /// Its sequence number: it grows with every change.
    pub seq: u64,
    /// Its numbered seats.
    pub seats: SeatCounts,
    /// Its areas, by index.
    pub areas: Vec<AreaCounts>,
    /// Whether it ever had an order, so that it can be cancelled but not withdrawn.
    pub has_orders: bool,
}

/// How many numbered seats are free, held, booked and killed; together they are the capacity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SeatCounts {
    /// For sale.
    pub free: u32,
    /// Kept for somebody.
    pub held: u32,
    /// Sold.
    pub booked: u32,
    /// Taken out of sale.
    pub killed: u32,
}

/// How many places of an area are free, held and booked; together they are the capacity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AreaCounts {
    /// For sale.
    pub free: u32,
    /// Kept for somebody.
    pub held: u32,
    /// Sold.
    pub booked: u32,
}

/// Every seat of a performance at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// The performance's sequence number.
    pub seq: u64,
    /// The status by seat index.
    pub statuses: Vec<SeatStatus>,
    /// Free places by area index.
    pub areas: Vec<u32>,
}

/// Seats that were taken out of sale together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KilledSeats {
    /// Which are still out of sale, in order.
    pub seats: Vec<SeatIndex>,
    /// Why.
    pub reason: String,
    /// Since when, in milliseconds since 1970.
    pub at_ms: u64,
}

impl SeatCounts {
    /// All seats.
    #[must_use]
    pub const fn capacity(self) -> u32 {
        self.free + self.held + self.booked + self.killed
    }
}

impl<'t> Reader<'t> {
    /// Reads the ledger whose tables have names under `namespace`.
    ///
    /// # Errors
    /// When the storage failed, or no ledger was ever opened there.
    pub fn open(state: &'t ReadTransaction, namespace: &str) -> Result<Self, Broken> {
        let names = Names::new(namespace);
        state.open_table(names.offers())?;
        Ok(Self { state, names })
    }

    /// An order. Its `cancel_until_ms` says until when the buyer can cancel by the performance's present start.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn order(&self, id: OrderId) -> Result<Option<Order>, Broken> {
        let order = tables::order_of(&self.state.open_table(self.names.orders())?, id)?;
        order.map(|order| self.rescheduled(order)).transpose()
    }

    /// Those of the orders that exist, in the order asked for.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn orders(&self, ids: &[OrderId]) -> Result<Vec<Order>, Broken> {
        ids.iter().filter_map(|id| self.order(*id).transpose()).collect()
    }

    /// The orders of a performance after one of them, in the order in which they were placed.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn orders_of(
        &self,
        performance: PerformanceId,
        after: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Order>, Broken> {
        let first = after.map_or(0, |order| order.0.saturating_add(1));
        let (first, last) =
            (order_key(performance, OrderId(first)), order_key(performance, OrderId(u128::MAX)));
        let index = self.state.open_table(self.names.performance_orders())?;
        let mut orders = Vec::new();
        for row in index.range::<&PairKey>(&first..=&last)?.take(limit) {
            let id = OrderId(split_pair(row?.0.value()).1);
            let order = self.order(id)?;
            orders.push(
                order.ok_or_else(|| Broken::contradiction(format!("{performance} has no order {id}")))?,
            );
        }
        Ok(orders)
    }

    /// A hold that is open. It may have lapsed by the clock: compare its `expires_at_ms`.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn hold(&self, id: HoldId) -> Result<Option<Hold>, Broken> {
        tables::hold_of(&self.state.open_table(self.names.holds())?, id.0)
    }

    /// A performance with its counts.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn performance(&self, id: PerformanceId) -> Result<Option<Performance>, Broken> {
        let Some((offer, header)) = self.offer(id)? else { return Ok(None) };
        let [free, held, booked, killed] = header.seats;
        let areas = header.areas.into_iter();
        let areas =
            areas.map(|count| AreaCounts { free: count.free(), held: count.held, booked: count.booked });
        Ok(Some(Performance {
            seq: header.seq,
            seats: SeatCounts { free, held, booked, killed },
            areas: areas.collect(),
            has_orders: !self.orders_of(id, None, 1)?.is_empty(),
            terms: offer.terms,
            status: offer.status,
            cancelled_because: offer.called_off.map(|called_off| called_off.reason),
        }))
    }

    /// A version of a hall's layout.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn layout(&self, hall: HallId, version: u32) -> Result<Option<Layout>, Broken> {
        tables::layout_of(&self.state.open_table(self.names.layouts())?, hall, version)
    }

    /// Every seat of a performance.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn availability(&self, performance: PerformanceId) -> Result<Option<Availability>, Broken> {
        let Some((_offer, header)) = self.offer(performance)? else { return Ok(None) };
        let mut statuses = vec![SeatStatus::Free; header.seats.iter().sum::<u32>() as usize];
        let blocks = self.state.open_table(self.names.seats())?;
        tables::for_each_block(&blocks, performance, |block, content| {
            let seats = statuses.iter_mut().skip(block as usize * BLOCK_SEATS);
            seats.zip(content.seats).for_each(|(known, (status, _owner))| *known = status);
            Ok(())
        })?;
        let areas = header.areas.into_iter().map(tables::AreaCount::free).collect();
        Ok(Some(Availability { seq: header.seq, statuses, areas }))
    }

    /// Who has a seat that is not free: its status, and the id of its hold, order or kill.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn seat_owner(
        &self,
        performance: PerformanceId,
        seat: SeatIndex,
    ) -> Result<Option<(SeatStatus, u128)>, Broken> {
        let key = tables::block_key(performance, seat / BLOCK_SEATS as u32);
        let blocks = self.state.open_table(self.names.seats())?;
        let Some(bytes) = blocks.get(&key)? else { return Ok(None) };
        let block = tables::SeatBlock::decode(bytes.value())?;
        let owned = block.seats[seat as usize % BLOCK_SEATS];
        Ok(Some(owned).filter(|(status, _owner)| *status != SeatStatus::Free))
    }

    /// The seats of a performance that are out of sale, and why. Reads the kills of all performances.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn killed(&self, performance: PerformanceId) -> Result<Vec<KilledSeats>, Broken> {
        let mut killed = Vec::new();
        for row in self.state.open_table(self.names.kills())?.iter()? {
            let kill: Kill = record::decode(row?.1.value())?;
            if kill.performance == performance {
                killed.push(KilledSeats { seats: kill.seats, reason: kill.reason, at_ms: kill.at_ms });
            }
        }
        Ok(killed)
    }

    /// The outbox's tasks after a number, in order.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn tasks(&self, after: u64, limit: usize) -> Result<Vec<(u64, Task)>, Broken> {
        tables::tasks_after(&self.state.open_table(self.names.outbox())?, after, limit)
    }

    /// When the first hold lapses, in milliseconds since 1970. Reads every open hold: ask once, at the start, and follow
    /// [`Change::NextExpiry`](crate::Change::NextExpiry) from then on.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn next_expiry(&self) -> Result<Option<u64>, Broken> {
        let mut next = None;
        for row in self.state.open_table(self.names.holds())?.iter()? {
            let hold: Hold = record::decode(row?.1.value())?;
            next = Some(next.map_or(hold.expires_at_ms, |at_ms: u64| at_ms.min(hold.expires_at_ms)));
        }
        Ok(next)
    }

    /// The last link of the hash chain; none before the first entry.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn chain_head(&self) -> Result<Option<ChainLink>, Broken> {
        journal::head(self.state, &self.names.journal)
    }

    /// The receipt of an entry: the chain's link at its log index. Whoever has it can later prove what was so.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn receipt(&self, index: u64) -> Result<Option<ChainLink>, Broken> {
        journal::link_at(self.state, &self.names.journal, index)
    }

    fn offer(&self, id: PerformanceId) -> Result<Option<(Offer, Header)>, Broken> {
        let offers = self.state.open_table(self.names.offers())?;
        let Some(offer) = tables::record_of::<Offer>(&offers, id.0)? else { return Ok(None) };
        let headers = self.state.open_table(self.names.headers())?;
        Ok(Some((offer, tables::record_of::<Header>(&headers, id.0)?.unwrap_or_default())))
    }

    /// The performance may start later than when the order was placed; then the buyer can cancel for longer.
    fn rescheduled(&self, mut order: Order) -> Result<Order, Broken> {
        let offers = self.state.open_table(self.names.offers())?;
        if let Some(offer) = tables::record_of::<Offer>(&offers, order.performance.0)? {
            order.cancel_until_ms =
                order.cancel_until_ms.max(offer.terms.cancel_until_ms(order.refund_policy));
        }
        Ok(order)
    }
}
