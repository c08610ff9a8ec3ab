//! Reading a venue out of a snapshot: all of it, or what changed since.

use std::collections::{BTreeMap, BTreeSet};

use redb::{ReadOnlyTable, ReadableTable};

use super::digest::Digest;
use super::notes::venue_in;
use super::rows::{Blob, KeptAnswer, Row, RowName, Shelf, order_to_travel};
use super::{Conflict, Departure, Standing};
use crate::broken::Broken;
use crate::change::Task;
use crate::hold::CustomerKey;
use crate::ids::{OrderId, PerformanceId};
use crate::journal;
use crate::read::{KilledSeats, Reader};
use crate::record;
use crate::tables::{self, Kill, PairKey, SeatsKey, block_key, customer_key, order_key, split_pair};

type Rows<const N: usize> = ReadOnlyTable<&'static [u8; N], &'static [u8]>;

impl Reader<'_> {
    /// Where a venue stands with this group.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn standing(&self, venue: u32) -> Result<Standing, Broken> {
        let standings = self.state.open_table(self.names.standings())?;
        let known = standings.get(venue)?.map(|bytes| record::decode(bytes.value())).transpose()?;
        Ok(known.unwrap_or(Standing::FIRST))
    }

    /// Where the venues stand that ever moved from or to this group, or are about to.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn standings(&self) -> Result<BTreeMap<u32, Standing>, Broken> {
        tables::standings(&self.state.open_table(self.names.standings())?)
    }

    /// The orders of a venue that are or were in conflict, after one of them, in the order in which they were placed.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn conflicts(
        &self,
        venue: u32,
        after: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Conflict>, Broken> {
        let first = after.map_or(0, |order| order.0.saturating_add(1));
        let conflicts = self.state.open_table(self.names.conflicts())?;
        let rows = conflicts.range((venue, first)..=(venue, u128::MAX))?;
        rows.take(limit).map(|row| record::decode(row?.1.value())).collect()
    }

    /// The seats of a venue that were taken out of sale after an instant, and still are, by performance. Reads the kills of all
    /// performances.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn killed_since(
        &self,
        venue: u32,
        after_ms: u64,
    ) -> Result<Vec<(PerformanceId, KilledSeats)>, Broken> {
        let mut killed = Vec::new();
        for row in self.state.open_table(self.names.kills())?.iter()? {
            let Kill { performance, reason, at_ms, seats } = record::decode(row?.1.value())?;
            if performance.owner() == venue && at_ms > after_ms {
                killed.push((performance, KilledSeats { seats, reason, at_ms }));
            }
        }
        Ok(killed)
    }

    /// How many orders of a venue are in conflict still.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn conflicts_open(&self, venue: u32) -> Result<u64, Broken> {
        let conflicts = self.conflicts(venue, None, usize::MAX)?;
        Ok(conflicts.iter().filter(|conflict| conflict.is_open()).count() as u64)
    }

    /// An order's conflict.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn conflict(&self, order: OrderId) -> Result<Option<Conflict>, Broken> {
        let conflicts = self.state.open_table(self.names.conflicts())?;
        let known = conflicts.get((order.owner(), order.0))?;
        known.map(|bytes| record::decode(bytes.value())).transpose()
    }

    /// The last entry that changed anything.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn last_index(&self) -> Result<u64, Broken> {
        Ok(self.chain_head()?.map_or(0, |link| link.index))
    }

    /// What whoever takes over from this group must know, as of this snapshot.
    ///
    /// # Errors
    /// When the storage failed, a record is damaged, or nothing was ever applied.
    pub fn departure(&self) -> Result<Departure, Broken> {
        let link = self.chain_head()?.ok_or_else(|| Broken::contradiction("nobody departs from nothing"))?;
        let memo = journal::last_memo(self.state, &self.names.journal)?;
        Ok(Departure { counter: crate::apply::id_counter(&memo)?, link })
    }

    /// Shows all rows of a venue, in the form in which they travel. Tasks are those of the outbox.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged, and what `visit` says.
    pub fn each_row<E: From<Broken>>(
        &self,
        venue: u32,
        mut visit: impl FnMut(RowName, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        each_of(&self.rows(self.names.layouts())?, Shelf::Layout, venue, &mut visit)?;
        let offers = self.rows(self.names.offers())?;
        each_of(&offers, Shelf::Offer, venue, &mut visit)?;
        each_of(&self.rows(self.names.headers())?, Shelf::Header, venue, &mut visit)?;
        each_of(&self.rows(self.names.kills())?, Shelf::Kill, venue, &mut visit)?;
        each_of(&self.rows(self.names.holds())?, Shelf::Hold, venue, &mut visit)?;
        for performance in performances_of(&offers, venue)? {
            self.each_row_of(performance, &mut visit)?;
        }
        let outbox = self.state.open_table(self.names.outbox()).map_err(Broken::from)?;
        for row in outbox.range::<u64>(..).map_err(Broken::from)? {
            let (number, bytes) = row.map_err(Broken::from)?;
            let task: Task = record::decode(bytes.value())?;
            if task.owner() == venue {
                let name = RowName::new(Shelf::Task, &number.value().to_be_bytes());
                visit(name, bytes.value().to_vec())?;
            }
        }
        Ok(())
    }

    /// Shows the rows of a performance that stand together: its seats, its orders and its customers.
    fn each_row_of<E: From<Broken>>(
        &self,
        performance: PerformanceId,
        visit: &mut impl FnMut(RowName, Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let seats: Rows<20> = self.rows(self.names.seats())?;
        let (first, last) = (block_key(performance, 0), block_key(performance, u32::MAX));
        for row in seats.range::<&SeatsKey>(&first..=&last).map_err(Broken::from)? {
            let (key, bytes) = row.map_err(Broken::from)?;
            visit(RowName::new(Shelf::Seats, key.value()), bytes.value().to_vec())?;
        }
        let customers: Rows<32> = self.rows(self.names.customers())?;
        let first = customer_key(performance, CustomerKey(0));
        let last = customer_key(performance, CustomerKey(u128::MAX));
        for row in customers.range::<&PairKey>(&first..=&last).map_err(Broken::from)? {
            let (key, bytes) = row.map_err(Broken::from)?;
            visit(RowName::new(Shelf::Customer, key.value()), bytes.value().to_vec())?;
        }
        let orders: Rows<16> = self.rows(self.names.orders())?;
        let listed = self.state.open_table(self.names.performance_orders()).map_err(Broken::from)?;
        let (first, last) = (order_key(performance, OrderId(0)), order_key(performance, OrderId(u128::MAX)));
        for row in listed.range::<&PairKey>(&first..=&last).map_err(Broken::from)? {
            let (key, ()) = row.map(|(key, _nothing)| (key, ())).map_err(Broken::from)?;
            let id = tables::id_key(split_pair(key.value()).1);
            let bytes = orders.get(&id).map_err(Broken::from)?;
            let bytes = bytes.ok_or_else(|| Broken::contradiction("an order is listed but not there"))?;
            visit(RowName::new(Shelf::Order, &id), order_to_travel(bytes.value())?)?;
        }
        Ok(())
    }

    /// A row as it is, in the form in which it travels.
    ///
    /// # Errors
    /// When the storage failed, a record is damaged or the name is none.
    pub fn row(&self, name: RowName) -> Result<Row, Broken> {
        let value = match name.shelf {
            Shelf::Layout => self.value::<20>(self.names.layouts(), &name)?,
            Shelf::Offer => self.value::<16>(self.names.offers(), &name)?,
            Shelf::Header => self.value::<16>(self.names.headers(), &name)?,
            Shelf::Seats => self.value::<20>(self.names.seats(), &name)?,
            Shelf::Kill => self.value::<16>(self.names.kills(), &name)?,
            Shelf::Hold => self.value::<16>(self.names.holds(), &name)?,
            Shelf::Customer => self.value::<32>(self.names.customers(), &name)?,
            Shelf::Order => {
                let order = self.value::<16>(self.names.orders(), &name)?;
                order.map(|bytes| order_to_travel(&bytes)).transpose()?
            }
            Shelf::Task => {
                let outbox = self.state.open_table(self.names.outbox())?;
                outbox.get(u64::from_be_bytes(*name.key()?))?.map(|bytes| bytes.value().to_vec())
            }
        };
        Ok(Row { name, value: value.map(Blob) })
    }

    /// The names of the venue's rows that were written after an entry, as far as they were noted.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn noted(&self, venue: u32, after: u64) -> Result<BTreeSet<RowName>, Broken> {
        let notes = self.state.open_table(self.names.notes())?;
        let mut names = BTreeSet::new();
        for row in notes.range((venue, after.saturating_add(1))..=(venue, u64::MAX))? {
            names.append(&mut record::decode(row?.1.value())?);
        }
        Ok(names)
    }

    /// The digest of all rows of a venue.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn digest_of(&self, venue: u32) -> Result<Digest, Broken> {
        let mut digest = Digest::default();
        self.each_row::<Broken>(venue, |name, value| {
            digest.add(&name, &value);
            Ok(())
        })?;
        Ok(digest)
    }

    /// What the venue's keys were answered after an entry and since an instant: the latest, at most so many, in order.
    ///
    /// # Errors
    /// When the storage failed or a record is damaged.
    pub fn answers_of(
        &self,
        venue: u32,
        after: u64,
        since_ms: u64,
        max: usize,
    ) -> Result<Vec<KeptAnswer>, Broken> {
        journal::answers_of(self.state, &self.names.journal, venue, after, since_ms, max)
    }

    fn rows<const N: usize>(
        &self,
        table: redb::TableDefinition<'_, &'static [u8; N], &'static [u8]>,
    ) -> Result<Rows<N>, Broken> {
        Ok(self.state.open_table(table)?)
    }

    fn value<const N: usize>(
        &self,
        table: redb::TableDefinition<'_, &'static [u8; N], &'static [u8]>,
        name: &RowName,
    ) -> Result<Option<Vec<u8>>, Broken> {
        Ok(self.rows(table)?.get(name.key::<N>()?)?.map(|bytes| bytes.value().to_vec()))
    }
}

/// Shows a venue's rows of a table that has few beside them: its keys are all looked at.
fn each_of<const N: usize, E: From<Broken>>(
    table: &Rows<N>,
    shelf: Shelf,
    venue: u32,
    visit: &mut impl FnMut(RowName, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    for row in table.range::<&[u8; N]>(..).map_err(Broken::from)? {
        let (key, bytes) = row.map_err(Broken::from)?;
        if venue_in(key.value()) == venue {
            visit(RowName::new(shelf, key.value()), bytes.value().to_vec())?;
        }
    }
    Ok(())
}

/// The venue's performances, in order.
pub(crate) fn performances_of(
    offers: &impl ReadableTable<&'static [u8; 16], &'static [u8]>,
    venue: u32,
) -> Result<Vec<PerformanceId>, Broken> {
    let mut found = Vec::new();
    for row in offers.range::<&[u8; 16]>(..)? {
        let (key, _offer) = row?;
        if venue_in(key.value()) == venue {
            found.push(PerformanceId(u128::from_be_bytes(*key.value())));
        }
    }
    Ok(found)
}
