//! Rows that arrive, before and when their venue settles.

use std::collections::BTreeSet;

use redb::ReadableTable;

use crate::apply::{LedgerEntry, Stop};
use crate::broken::Broken;
use crate::change::Task;
use crate::ids::OrderId;
use crate::journal::Found;
use crate::order::Order;
use crate::record;
use crate::refusal::Refusal;
use crate::tables::{self, Offer, id_key, order_key};
use crate::transfer::{
    Arrival, Digest, KeptAnswer, NotedRows, Piece, Row, RowName, Shelf, order_to_travel, venue_in,
};

impl LedgerEntry<'_> {
    /// The digest of what is here, as it will be with these rows.
    pub(super) fn digest_with(&self, venue: u32, rows: &[Row], mut digest: Digest) -> Result<Digest, Broken> {
        for Row { name, value } in rows {
            if let Some(before) = self.value_here(venue, name)? {
                digest.take(name, &before);
            }
            if let Some(value) = value {
                digest.add(name, &value.0);
            }
        }
        Ok(digest)
    }

    /// Puts a piece aside.
    pub(super) fn put_piece(&mut self, venue: u32, piece: &Piece) -> Result<(), Broken> {
        for row in &piece.rows {
            self.put_row(venue, row)?;
        }
        self.take_answers(venue, &piece.answers)
    }

    fn put_row(&mut self, venue: u32, row: &Row) -> Result<(), Broken> {
        let Row { name, value } = row;
        let value = value.as_ref().map(|value| value.0.as_slice());
        let tables = &mut self.tables;
        match name.shelf {
            Shelf::Layout => put(&mut tables.layouts, name, value),
            Shelf::Offer => put(&mut tables.offers, name, value),
            Shelf::Header => put(&mut tables.headers, name, value),
            Shelf::Seats => put(&mut tables.seats, name, value),
            Shelf::Kill => put(&mut tables.kills, name, value),
            Shelf::Hold => put(&mut tables.holds, name, value),
            Shelf::Customer => put(&mut tables.customers, name, value),
            Shelf::Order => self.put_order(name, value),
            Shelf::Task => {
                let key = (venue, u64::from_be_bytes(*name.key()?));
                match value {
                    Some(value) => drop(tables.arriving.insert(key, value)?),
                    None => drop(tables.arriving.remove(key)?),
                }
                Ok(())
            }
        }
    }

    /// An order that arrives was changed by the entry that takes it in: that is where its proof is.
    fn put_order(&mut self, name: &RowName, value: Option<&[u8]>) -> Result<(), Broken> {
        let key = name.key::<16>()?;
        let Some(value) = value else { return Err(Broken::damaged("an order is never removed")) };
        let order: Order = record::decode(value)?;
        let order = Order { changed_at_index: self.at.index, ..order };
        self.tables.performance_orders.insert(&order_key(order.performance, order.id), ())?;
        self.tables.orders.insert(key, record::encode(&order).as_slice())
    }

    /// A row that is here, in the form in which it travels.
    fn value_here(&self, venue: u32, name: &RowName) -> Result<Option<Vec<u8>>, Broken> {
        let tables = &self.tables;
        match name.shelf {
            Shelf::Layout => value_in(&*tables.layouts, name),
            Shelf::Offer => value_in(&*tables.offers, name),
            Shelf::Header => value_in(&*tables.headers, name),
            Shelf::Seats => value_in(&*tables.seats, name),
            Shelf::Kill => value_in(&*tables.kills, name),
            Shelf::Hold => value_in(&*tables.holds, name),
            Shelf::Customer => value_in(&*tables.customers, name),
            Shelf::Order => {
                let order = value_in(&*tables.orders, name)?;
                order.map(|bytes| order_to_travel(&bytes)).transpose()
            }
            Shelf::Task => {
                let task = tables.arriving.get((venue, u64::from_be_bytes(*name.key()?)))?;
                Ok(task.map(|bytes| bytes.value().to_vec()))
            }
        }
    }

    /// Keeps the answers that keys were given where the venue was: a repetition gets the first answer here as well.
    fn take_answers(&mut self, venue: u32, answers: &[KeptAnswer]) -> Result<(), Broken> {
        for KeptAnswer { key, answer } in answers {
            match self.journal.find(self.state, *key)? {
                Found::Nothing => self.journal.record(*key, venue, &answer.0),
                Found::Answered { .. } | Found::Reused => {}
            }
        }
        Ok(())
    }

    /// Puts the tasks that arrived into the outbox, under numbers of this ledger.
    pub(super) fn number_tasks(&mut self, venue: u32) -> Result<(), Broken> {
        let mut tasks: Vec<Task> = Vec::new();
        for row in self.tables.arriving.range((venue, 0)..=(venue, u64::MAX))? {
            tasks.push(record::decode(row?.1.value())?);
        }
        self.tables.arriving.retain_in((venue, 0)..=(venue, u64::MAX), |_number, _task| false)?;
        for task in tasks {
            let number = Some(self.add_task(task.clone())?);
            match task {
                Task::Charge { order, .. } => {
                    let mut order = self.arrived_order(order)?;
                    order.charge_task = number;
                    self.save_order(&mut order)?;
                }
                Task::Refund { order, refund, .. } => {
                    let mut order = self.arrived_order(order)?;
                    if let Some(refund) = order.refunds.get_mut(usize::from(refund.0)) {
                        refund.task = number;
                    }
                    self.save_order(&mut order)?;
                }
                Task::CancelOrders { performance } => {
                    let offer: Option<Offer> = tables::record_of(&*self.tables.offers, performance.0)?;
                    if let Some(mut offer) = offer
                        && let Some(called_off) = &mut offer.called_off
                    {
                        called_off.task = number;
                        self.tables
                            .offers
                            .insert(&id_key(performance.0), record::encode(&offer).as_slice())?;
                    }
                }
                Task::IndexOrder { .. } => {}
            }
        }
        Ok(())
    }

    fn arrived_order(&self, id: OrderId) -> Result<Order, Broken> {
        tables::order_of(&*self.tables.orders, id)?
            .ok_or_else(|| Broken::contradiction(format!("a task is about {id}, which did not arrive")))
    }
}

fn put<const N: usize>(
    table: &mut NotedRows<'_, N>,
    name: &RowName,
    value: Option<&[u8]>,
) -> Result<(), Broken> {
    match value {
        Some(value) => table.insert(name.key::<N>()?, value),
        None => table.remove(name.key::<N>()?),
    }
}

fn value_in<const N: usize>(
    table: &impl ReadableTable<&'static [u8; N], &'static [u8]>,
    name: &RowName,
) -> Result<Option<Vec<u8>>, Broken> {
    Ok(table.get(name.key::<N>()?)?.map(|bytes| bytes.value().to_vec()))
}

/// Refuses a piece that is not the next one, that was damaged, or whose rows are another venue's or none: it is checked
/// before any of it is written.
pub(super) fn check_next(venue: u32, arrival: Arrival, piece: &Piece) -> Result<(), Stop> {
    if piece.number != arrival.pieces || !piece.is_sound() {
        return Err(Refusal::Incomplete.into());
    }
    let mut names = BTreeSet::new();
    for Row { name, value } in &piece.rows {
        let key_len = match name.shelf {
            Shelf::Offer | Shelf::Header | Shelf::Kill | Shelf::Hold | Shelf::Order => 16,
            Shelf::Layout | Shelf::Seats => 20,
            Shelf::Customer => 32,
            Shelf::Task => 8,
        };
        let is_its = name.shelf == Shelf::Task || venue_in(&name.key.0) == venue;
        let is_order_sound = match (name.shelf, value) {
            (Shelf::Order, None) => false,
            (Shelf::Order, Some(value)) => record::decode::<Order>(&value.0).is_ok(),
            (
                Shelf::Layout
                | Shelf::Offer
                | Shelf::Header
                | Shelf::Seats
                | Shelf::Kill
                | Shelf::Hold
                | Shelf::Customer
                | Shelf::Task,
                _,
            ) => true,
        };
        // A row that comes twice would be counted twice.
        if name.key.0.len() != key_len || !is_its || !is_order_sound || !names.insert(name) {
            return Err(Refusal::Invalid("a row of a piece is not one of the venue's".to_owned()).into());
        }
    }
    Ok(())
}
