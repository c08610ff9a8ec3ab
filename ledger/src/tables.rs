//! The tables, their keys and their records.
//!
//! | table | key | record |
//! |---|---|---|
//! | `ledger_journal` | log index u64, chunk u32 | what was answered; see [`journal`](crate::journal) |
//! | `ledger_layouts` | hall u128, version u32 | [`Layout`] |
//! | `ledger_performances` | performance u128 | [`Offer`]: terms and status |
//! | `ledger_inventories` | performance u128 | [`Header`]: sequence number and counts |
//! | `ledger_seats` | performance u128, block u32 | [`SeatBlock`]: statuses and owners of 32 seats |
//! | `ledger_kills` | kill u128 | [`Kill`]: which seats were taken out of sale, and why |
//! | `ledger_holds` | hold u128 | [`Hold`], while it is open |
//! | `ledger_orders` | order u128 | [`Order`] |
//! | `ledger_performance_orders` | performance u128, order u128 | nothing: the index of a performance's orders |
//! | `ledger_customers` | performance u128, customer u128 | live tickets u32, where there is a ticket limit |
//! | `ledger_outbox` | task number u64 | [`Task`] |
//! | `ledger_standings` | venue u32 | [`Standing`]: where a venue stands that moves or has moved |
//! | `ledger_notes` | venue u32, log index u64 | names of rows that an entry wrote while the venue is copied |
//! | `ledger_conflicts` | venue u32, order u128 | [`Conflict`](crate::transfer::Conflict) of a venue that was yielded |
//! | `ledger_arriving` | venue u32, task number u64 | [`Task`] of a venue that has not settled; the number is the source's |
//!
//! Keys are big-endian, so that their bytes sort like their numbers. Ids are ordered by time: holds, orders, tasks and the
//! journal grow at the end of their tables, which keeps the pages that one commit touches few. Records end in their
//! checksum. A seat that was never touched has no block; seats lie in blocks because a commit of a rush touches
//! neighbouring seats, and because a block is replaced in place.

use std::collections::BTreeMap;
use std::rc::Rc;

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::broken::Broken;
use crate::change::{SeatStatus, Task};
use crate::hold::{CustomerKey, Hold};
use crate::ids::{HallId, OrderId, PerformanceId};
use crate::journal;
use crate::layout::{Layout, SeatIndex};
use crate::order::Order;
use crate::record;
use crate::terms::{PerformanceStatus, Terms};
use crate::transfer::{Notebook, NotedRows, NotedTasks, Shelf, Standing};
use crate::visitor::TableVisitor;

pub(crate) type IdKey = [u8; 16];
pub(crate) type SeatsKey = [u8; 20];
pub(crate) type PairKey = [u8; 32];
type Bytes = &'static [u8];

/// The names of a ledger's tables, under its namespace.
pub(crate) struct Names {
    pub(crate) journal: String,
    layouts: String,
    offers: String,
    headers: String,
    seats: String,
    kills: String,
    holds: String,
    orders: String,
    performance_orders: String,
    customers: String,
    outbox: String,
    standings: String,
    notes: String,
    arriving: String,
    conflicts: String,
}

impl Names {
    pub(crate) fn new(namespace: &str) -> Self {
        let name = |table: &str| format!("{namespace}/ledger_{table}");
        Self {
            journal: name("journal"),
            layouts: name("layouts"),
            offers: name("performances"),
            headers: name("inventories"),
            seats: name("seats"),
            kills: name("kills"),
            holds: name("holds"),
            orders: name("orders"),
            performance_orders: name("performance_orders"),
            customers: name("customers"),
            outbox: name("outbox"),
            standings: name("standings"),
            notes: name("notes"),
            arriving: name("arriving"),
            conflicts: name("conflicts"),
        }
    }

    /// Shows all tables.
    pub(crate) fn visit<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        visitor.table(journal::definition(&self.journal))?;
        visitor.table(self.layouts())?;
        visitor.table(self.offers())?;
        visitor.table(self.headers())?;
        visitor.table(self.seats())?;
        visitor.table(self.kills())?;
        visitor.table(self.holds())?;
        visitor.table(self.orders())?;
        visitor.table(self.performance_orders())?;
        visitor.table(self.customers())?;
        visitor.table(self.outbox())?;
        visitor.table(self.standings())?;
        visitor.table(self.notes())?;
        visitor.table(self.arriving())?;
        visitor.table(self.conflicts())
    }

    pub(crate) fn layouts(&self) -> TableDefinition<'_, &'static SeatsKey, Bytes> {
        TableDefinition::new(&self.layouts)
    }

    pub(crate) fn offers(&self) -> TableDefinition<'_, &'static IdKey, Bytes> {
        TableDefinition::new(&self.offers)
    }

    pub(crate) fn headers(&self) -> TableDefinition<'_, &'static IdKey, Bytes> {
        TableDefinition::new(&self.headers)
    }

    pub(crate) fn seats(&self) -> TableDefinition<'_, &'static SeatsKey, Bytes> {
        TableDefinition::new(&self.seats)
    }

    pub(crate) fn kills(&self) -> TableDefinition<'_, &'static IdKey, Bytes> {
        TableDefinition::new(&self.kills)
    }

    pub(crate) fn holds(&self) -> TableDefinition<'_, &'static IdKey, Bytes> {
        TableDefinition::new(&self.holds)
    }

    pub(crate) fn orders(&self) -> TableDefinition<'_, &'static IdKey, Bytes> {
        TableDefinition::new(&self.orders)
    }

    pub(crate) fn performance_orders(&self) -> TableDefinition<'_, &'static PairKey, ()> {
        TableDefinition::new(&self.performance_orders)
    }

    pub(crate) fn customers(&self) -> TableDefinition<'_, &'static PairKey, Bytes> {
        TableDefinition::new(&self.customers)
    }

    pub(crate) fn outbox(&self) -> TableDefinition<'_, u64, Bytes> {
        TableDefinition::new(&self.outbox)
    }

    pub(crate) fn standings(&self) -> TableDefinition<'_, u32, Bytes> {
        TableDefinition::new(&self.standings)
    }

    pub(crate) fn notes(&self) -> TableDefinition<'_, (u32, u64), Bytes> {
        TableDefinition::new(&self.notes)
    }

    pub(crate) fn arriving(&self) -> TableDefinition<'_, (u32, u64), Bytes> {
        TableDefinition::new(&self.arriving)
    }

    pub(crate) fn conflicts(&self) -> TableDefinition<'_, (u32, u128), Bytes> {
        TableDefinition::new(&self.conflicts)
    }
}

/// The tables that an entry may write, opened once per entry. What is written to most of them is noted for venues that
/// are being copied; the list of orders follows from the orders.
pub(crate) struct Tables<'t> {
    pub(crate) layouts: NotedRows<'t, 20>,
    pub(crate) offers: NotedRows<'t, 16>,
    pub(crate) headers: NotedRows<'t, 16>,
    pub(crate) seats: NotedRows<'t, 20>,
    pub(crate) kills: NotedRows<'t, 16>,
    pub(crate) holds: NotedRows<'t, 16>,
    pub(crate) orders: NotedRows<'t, 16>,
    pub(crate) performance_orders: Table<'t, &'static PairKey, ()>,
    pub(crate) customers: NotedRows<'t, 32>,
    pub(crate) outbox: NotedTasks<'t>,
    pub(crate) standings: Table<'t, u32, Bytes>,
    pub(crate) notes: Table<'t, (u32, u64), Bytes>,
    pub(crate) arriving: Table<'t, (u32, u64), Bytes>,
    pub(crate) conflicts: Table<'t, (u32, u128), Bytes>,
}

impl<'t> Tables<'t> {
    pub(crate) fn open(
        state: &'t WriteTransaction,
        names: &Names,
        notebook: &Rc<Notebook>,
    ) -> Result<Self, Broken> {
        Ok(Self {
            layouts: noted(state.open_table(names.layouts())?, Shelf::Layout, notebook),
            offers: noted(state.open_table(names.offers())?, Shelf::Offer, notebook),
            headers: noted(state.open_table(names.headers())?, Shelf::Header, notebook),
            seats: noted(state.open_table(names.seats())?, Shelf::Seats, notebook),
            kills: noted(state.open_table(names.kills())?, Shelf::Kill, notebook),
            holds: noted(state.open_table(names.holds())?, Shelf::Hold, notebook),
            orders: noted(state.open_table(names.orders())?, Shelf::Order, notebook),
            performance_orders: state.open_table(names.performance_orders())?,
            customers: noted(state.open_table(names.customers())?, Shelf::Customer, notebook),
            outbox: NotedTasks::new(state.open_table(names.outbox())?, Rc::clone(notebook)),
            standings: state.open_table(names.standings())?,
            notes: state.open_table(names.notes())?,
            arriving: state.open_table(names.arriving())?,
            conflicts: state.open_table(names.conflicts())?,
        })
    }

    /// Writes down which rows of copied venues the entry has written.
    pub(crate) fn write_notes(&mut self, notebook: &Notebook, index: u64) -> Result<(), Broken> {
        for (venue, names) in notebook.take() {
            self.notes.insert((venue, index), record::encode(&names).as_slice())?;
        }
        Ok(())
    }
}

fn noted<'t, const N: usize>(
    rows: Table<'t, &'static [u8; N], Bytes>,
    shelf: Shelf,
    notebook: &Rc<Notebook>,
) -> NotedRows<'t, N> {
    NotedRows::new(rows, shelf, Rc::clone(notebook))
}

/// A performance as it is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) terms: Terms,
    pub(crate) status: PerformanceStatus,
    pub(crate) called_off: Option<CalledOff>,
}

/// How far the orders of a cancelled performance have been cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CalledOff {
    pub(crate) reason: String,
    /// The last order that was treated.
    pub(crate) through: OrderId,
    /// The task in the outbox, until all are treated.
    pub(crate) task: Option<u64>,
}

/// What is counted per performance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// Grows by one with every entry that touches the performance.
    pub(crate) seq: u64,
    /// Seats by [`SeatStatus`].
    pub(crate) seats: [u32; 4],
    pub(crate) areas: Vec<AreaCount>,
}

/// The places of an area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AreaCount {
    pub(crate) capacity: u32,
    pub(crate) held: u32,
    pub(crate) booked: u32,
}

impl AreaCount {
    pub(crate) const fn taken(self) -> u32 {
        self.held + self.booked
    }

    pub(crate) const fn free(self) -> u32 {
        self.capacity.saturating_sub(self.taken())
    }
}

/// Seats that were taken out of sale together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kill {
    pub(crate) performance: PerformanceId,
    pub(crate) reason: String,
    pub(crate) at_ms: u64,
    /// Those that are still out of sale, in order.
    pub(crate) seats: Vec<SeatIndex>,
}

/// How many seats a block has.
pub(crate) const BLOCK_SEATS: usize = 32;

/// The statuses and owners of neighbouring seats. A seat's owner is the id of its hold, order or kill; 0 if it is free.
pub(crate) struct SeatBlock {
    pub(crate) seats: [(SeatStatus, u128); BLOCK_SEATS],
}

impl SeatBlock {
    pub(crate) const FREE: Self = Self { seats: [(SeatStatus::Free, 0); BLOCK_SEATS] };

    /// A byte of status per seat, then sixteen of owner per seat, then the checksum: always the same length.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BLOCK_SEATS * 17 + record::CHECKSUM_BYTES);
        bytes.extend(self.seats.iter().map(|(status, _owner)| *status as u8));
        self.seats.iter().for_each(|(_status, owner)| bytes.extend_from_slice(&owner.to_be_bytes()));
        record::seal(&mut bytes);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Broken> {
        let wrong = || Broken::damaged("a block of seats is not one");
        let content = record::unseal(bytes)?;
        let (statuses, owners) = content.split_at_checked(BLOCK_SEATS).ok_or_else(wrong)?;
        let (owners, rest) = owners.as_chunks::<16>();
        if owners.len() != BLOCK_SEATS || !rest.is_empty() {
            return Err(wrong());
        }
        let mut block = Self::FREE;
        for ((seat, status), owner) in block.seats.iter_mut().zip(statuses).zip(owners) {
            *seat = (SeatStatus::from_byte(*status).ok_or_else(wrong)?, u128::from_be_bytes(*owner));
        }
        Ok(block)
    }
}

pub(crate) const fn id_key(id: u128) -> IdKey {
    id.to_be_bytes()
}

pub(crate) fn layout_key(hall: HallId, version: u32) -> SeatsKey {
    wide_key(hall.0, version)
}

pub(crate) fn block_key(performance: PerformanceId, block: u32) -> SeatsKey {
    wide_key(performance.0, block)
}

pub(crate) fn split_block_key(key: &SeatsKey) -> (PerformanceId, u32) {
    let (id, number) = split_wide(key);
    (PerformanceId(id), number)
}

pub(crate) fn split_layout_key(key: &SeatsKey) -> (HallId, u32) {
    let (id, number) = split_wide(key);
    (HallId(id), number)
}

pub(crate) fn order_key(performance: PerformanceId, order: OrderId) -> PairKey {
    pair_key(performance.0, order.0)
}

pub(crate) fn customer_key(performance: PerformanceId, customer: CustomerKey) -> PairKey {
    pair_key(performance.0, customer.0)
}

/// The first and the second half of a key.
pub(crate) fn split_pair(key: &PairKey) -> (u128, u128) {
    let (mut first, mut second) = ([0; 16], [0; 16]);
    first.copy_from_slice(&key[..16]);
    second.copy_from_slice(&key[16..]);
    (u128::from_be_bytes(first), u128::from_be_bytes(second))
}

fn wide_key(id: u128, number: u32) -> SeatsKey {
    let mut key = [0; 20];
    key[..16].copy_from_slice(&id.to_be_bytes());
    key[16..].copy_from_slice(&number.to_be_bytes());
    key
}

fn split_wide(key: &SeatsKey) -> (u128, u32) {
    let (mut id, mut number) = ([0; 16], [0; 4]);
    id.copy_from_slice(&key[..16]);
    number.copy_from_slice(&key[16..]);
    (u128::from_be_bytes(id), u32::from_be_bytes(number))
}

fn pair_key(first: u128, second: u128) -> PairKey {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&first.to_be_bytes());
    key[16..].copy_from_slice(&second.to_be_bytes());
    key
}

/// Reads a record by its id.
pub(crate) fn record_of<T: DeserializeOwned>(
    table: &impl ReadableTable<&'static IdKey, Bytes>,
    id: u128,
) -> Result<Option<T>, Broken> {
    table.get(&id_key(id))?.map(|bytes| record::decode(bytes.value())).transpose()
}

pub(crate) fn hold_of(
    table: &impl ReadableTable<&'static IdKey, Bytes>,
    id: u128,
) -> Result<Option<Hold>, Broken> {
    record_of(table, id)
}

pub(crate) fn order_of(
    table: &impl ReadableTable<&'static IdKey, Bytes>,
    id: OrderId,
) -> Result<Option<Order>, Broken> {
    record_of(table, id.0)
}

pub(crate) fn layout_of(
    table: &impl ReadableTable<&'static SeatsKey, Bytes>,
    hall: HallId,
    version: u32,
) -> Result<Option<Layout>, Broken> {
    table.get(&layout_key(hall, version))?.map(|bytes| record::decode(bytes.value())).transpose()
}

/// The tasks after a number, in order.
pub(crate) fn tasks_after(
    table: &impl ReadableTable<u64, Bytes>,
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, Task)>, Broken> {
    let rows = table.range(after.saturating_add(1)..)?.take(limit);
    rows.map(|row| {
        let (number, task) = row?;
        Ok((number.value(), record::decode(task.value())?))
    })
    .collect()
}

/// Where the venues stand that have a standing.
pub(crate) fn standings(table: &impl ReadableTable<u32, Bytes>) -> Result<BTreeMap<u32, Standing>, Broken> {
    let rows = table.range::<u32>(..)?.map(|row| {
        let (venue, bytes) = row?;
        Ok((venue.value(), record::decode(bytes.value())?))
    });
    rows.collect()
}

/// Hands every block of a performance that has one to `take`, in order.
pub(crate) fn for_each_block(
    table: &impl ReadableTable<&'static SeatsKey, Bytes>,
    performance: PerformanceId,
    mut take: impl FnMut(u32, SeatBlock) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let (first, last) = (block_key(performance, 0), block_key(performance, u32::MAX));
    for row in table.range::<&SeatsKey>(&first..=&last)? {
        let (key, bytes) = row?;
        take(split_block_key(key.value()).1, SeatBlock::decode(bytes.value())?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_round_trips_and_keys_sort_like_their_numbers() {
        let mut block = SeatBlock::FREE;
        block.seats[3] = (SeatStatus::Booked, u128::MAX - 7);
        block.seats[31] = (SeatStatus::Killed, 1);
        let bytes = block.encode();
        assert_eq!(SeatBlock::decode(&bytes).unwrap().seats, block.seats);
        assert!(SeatBlock::decode(&bytes[1..]).is_err());
        assert!(block_key(PerformanceId(1), 300) < block_key(PerformanceId(2), 0));
        assert_eq!(split_block_key(&block_key(PerformanceId(1), 300)), (PerformanceId(1), 300));
        assert_eq!(split_pair(&order_key(PerformanceId(9), OrderId(4))), (9, 4));
    }
}
