//! Rows of a venue that is not sold here go, some at a time.

use redb::ReadableTable;

use crate::apply::LedgerEntry;
use crate::broken::Broken;
use crate::change::Task;
use crate::command::Outcome;
use crate::hold::CustomerKey;
use crate::ids::{OrderId, PerformanceId};
use crate::record;
use crate::tables::{PairKey, SeatsKey, block_key, customer_key, id_key, order_key, split_pair};
use crate::transfer::{NotedRows, Stage, Standing, performances_of, venue_in};

impl LedgerEntry<'_> {
    /// Removes rows of a venue that is not sold here, at most so many; fewer means that none is left.
    pub(super) fn clear(&mut self, venue: u32, epoch: u64, limit: u32) -> Result<Outcome, Broken> {
        self.stand(venue, Standing { epoch, stage: Stage::Leaving })?;
        let mut left = limit as usize;
        let performances = performances_of(&*self.tables.offers, venue)?;
        for performance in &performances {
            self.clear_performance(*performance, &mut left)?;
        }
        left -= clear_rows(&mut self.tables.kills, venue, left)?;
        left -= clear_rows(&mut self.tables.holds, venue, left)?;
        left -= self.clear_tasks(venue, left)?;
        // The performances go when all that is found by them has gone.
        if left > 0 {
            performances.iter().for_each(|performance| self.memory.forget(*performance));
            left -= clear_rows(&mut self.tables.headers, venue, left)?;
        }
        if left > 0 {
            left -= clear_rows(&mut self.tables.offers, venue, left)?;
        }
        if left > 0 {
            left -= clear_rows(&mut self.tables.layouts, venue, left)?;
        }
        if left > 0 {
            self.drop_notes(venue)?;
            self.drop_conflicts(venue)?;
            self.stand(venue, Standing { epoch, stage: Stage::Gone })?;
        }
        Ok(Outcome::Treated { count: limit - left as u32 })
    }

    fn clear_performance(&mut self, performance: PerformanceId, left: &mut usize) -> Result<(), Broken> {
        let (first, last) = (order_key(performance, OrderId(0)), order_key(performance, OrderId(u128::MAX)));
        let mut orders: Vec<PairKey> = Vec::new();
        for row in self.tables.performance_orders.range::<&PairKey>(&first..=&last)?.take(*left) {
            orders.push(*row?.0.value());
        }
        for key in &orders {
            self.tables.performance_orders.remove(key)?;
            self.tables.orders.remove(&id_key(split_pair(key).1))?;
        }
        *left -= orders.len();
        let first = customer_key(performance, CustomerKey(0));
        let last = customer_key(performance, CustomerKey(u128::MAX));
        let mut customers: Vec<PairKey> = Vec::new();
        for row in self.tables.customers.range::<&PairKey>(&first..=&last)?.take(*left) {
            customers.push(*row?.0.value());
        }
        for key in &customers {
            self.tables.customers.remove(key)?;
        }
        *left -= customers.len();
        let (first, last) = (block_key(performance, 0), block_key(performance, u32::MAX));
        let mut blocks: Vec<SeatsKey> = Vec::new();
        for row in self.tables.seats.range::<&SeatsKey>(&first..=&last)?.take(*left) {
            blocks.push(*row?.0.value());
        }
        for key in &blocks {
            self.tables.seats.remove(key)?;
        }
        *left -= blocks.len();
        Ok(())
    }

    /// Tasks of the outbox, and those that were put aside.
    fn clear_tasks(&mut self, venue: u32, limit: usize) -> Result<usize, Broken> {
        let mut numbers = Vec::new();
        for row in self.tables.outbox.range::<u64>(..)? {
            let (number, bytes) = row?;
            if numbers.len() < limit && record::decode::<Task>(bytes.value())?.owner() == venue {
                numbers.push(number.value());
            }
        }
        for number in &numbers {
            self.tables.outbox.remove(*number)?;
        }
        let mut arrived = Vec::new();
        let arriving = self.tables.arriving.range((venue, 0)..=(venue, u64::MAX))?;
        for row in arriving.take(limit - numbers.len()) {
            arrived.push(row?.0.value());
        }
        for key in &arrived {
            self.tables.arriving.remove(*key)?;
        }
        Ok(numbers.len() + arrived.len())
    }
}

/// Removes at most so many of a venue's rows from a table that has few beside them; tells how many.
fn clear_rows<const N: usize>(
    table: &mut NotedRows<'_, N>,
    venue: u32,
    limit: usize,
) -> Result<usize, Broken> {
    let mut keys: Vec<[u8; N]> = Vec::new();
    for row in table.range::<&[u8; N]>(..)? {
        if keys.len() == limit {
            break;
        }
        let key = *row?.0.value();
        if venue_in(&key) == venue {
            keys.push(key);
        }
    }
    for key in &keys {
        table.remove(key)?;
    }
    Ok(keys.len())
}
