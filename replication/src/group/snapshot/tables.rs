//! The tables of a machine, without their types.

use std::marker::PhantomData;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use redb::{Key, ReadTransaction, TableDefinition, TableError, Value, WriteTransaction};

use super::TableHead;
use crate::machine::{Machine, MachineError, TableVisitor};

/// What is put behind a table's name while its next content arrives.
const INCOMING: &str = ".incoming";

/// All tables of a machine, in the order in which it names them.
pub(in crate::group) type Tables = Arc<[Arc<dyn SnapshotTable>]>;

/// A table whose rows are bytes.
pub(in crate::group) trait SnapshotTable: Send + Sync {
    fn head(&self) -> TableHead;

    /// Appends rows after this key, until they are about `bytes_max` bytes. Gives the last key while there may be more.
    fn read(
        &self,
        state: &ReadTransaction,
        after: Option<&[u8]>,
        rows: &mut Rows,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, MachineError>;

    /// Whether these bytes can be a row.
    fn takes(&self, key: &[u8], value: &[u8]) -> bool;

    /// Throws away what arrived.
    fn clear_incoming(&self, state: &WriteTransaction) -> Result<(), MachineError>;

    /// Takes rows that arrived, each of which [`takes`](Self::takes) approved.
    fn insert_incoming(&self, state: &WriteTransaction, rows: Bytes) -> Result<(), MachineError>;

    /// Puts what arrived in place of what is there.
    fn replace(&self, state: &WriteTransaction) -> Result<(), MachineError>;
}

/// Rows, one after the other.
#[derive(Default)]
pub(in crate::group) struct Rows {
    pub(super) bytes: BytesMut,
    pub(super) count: u64,
}

impl Rows {
    fn push(&mut self, key: &[u8], value: &[u8]) {
        // redb's keys and values are shorter than 4 GiB.
        self.bytes.put_u32_le(u32::try_from(key.len()).expect("a key is shorter than 4 GiB"));
        self.bytes.put_u32_le(u32::try_from(value.len()).expect("a value is shorter than 4 GiB"));
        self.bytes.put_slice(key);
        self.bytes.put_slice(value);
        self.count += 1;
    }
}

/// The next row of what [`Rows`] wrote; none when they are cut short.
pub(super) fn next_row(rows: &mut Bytes) -> Option<(Bytes, Bytes)> {
    if rows.len() < 8 {
        return None;
    }
    let key_length = rows.get_u32_le() as usize;
    let value_length = rows.get_u32_le() as usize;
    if rows.len() < key_length.checked_add(value_length)? {
        return None;
    }
    let key = rows.split_to(key_length);
    Some((key, rows.split_to(value_length)))
}

/// Asks a machine for its tables.
pub(in crate::group) fn tables_of<M: Machine>(machine: &M) -> Result<Tables, MachineError> {
    let mut collector = Collector(Vec::new());
    machine.visit_tables(&mut collector)?;
    Ok(collector.0.into())
}

struct Collector(Vec<Arc<dyn SnapshotTable>>);

impl TableVisitor for Collector {
    fn table<K: Key + 'static, V: Value + 'static>(
        &mut self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<(), MachineError> {
        let name = redb::TableHandle::name(&definition).to_owned();
        let incoming = format!("{name}{INCOMING}");
        self.0.push(Arc::new(Typed::<K, V> { name, incoming, types: PhantomData }));
        Ok(())
    }
}

struct Typed<K, V> {
    name: String,
    incoming: String,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K: Key + 'static, V: Value + 'static> Typed<K, V> {
    fn own(&self) -> TableDefinition<'_, K, V> {
        TableDefinition::new(&self.name)
    }

    fn incoming(&self) -> TableDefinition<'_, K, V> {
        TableDefinition::new(&self.incoming)
    }
}

impl<K: Key + 'static, V: Value + 'static> SnapshotTable for Typed<K, V> {
    fn head(&self) -> TableHead {
        TableHead {
            name: self.name.clone(),
            key: K::type_name().name().to_owned(),
            value: V::type_name().name().to_owned(),
        }
    }

    fn read(
        &self,
        state: &ReadTransaction,
        after: Option<&[u8]>,
        rows: &mut Rows,
        bytes_max: usize,
    ) -> Result<Option<Vec<u8>>, MachineError> {
        let table = match state.open_table(self.own()) {
            Err(TableError::TableDoesNotExist(_)) => return Ok(None),
            table => table?,
        };
        let after = after.map_or(Bound::Unbounded, |key| Bound::Excluded(K::from_bytes(key)));
        for row in table.range::<K::SelfType<'_>>((after, Bound::Unbounded))? {
            let (key, value) = row?;
            let (key, value) = (key.value(), value.value());
            let key = K::as_bytes(&key);
            rows.push(key.as_ref(), V::as_bytes(&value).as_ref());
            if rows.bytes.len() >= bytes_max {
                return Ok(Some(key.as_ref().to_vec()));
            }
        }
        Ok(None)
    }

    fn takes(&self, key: &[u8], value: &[u8]) -> bool {
        let fits = |width: Option<usize>, bytes: &[u8]| width.is_none_or(|width| width == bytes.len());
        // The types read what they wrote themselves, and may panic at anything else.
        let reads = || {
            drop(K::from_bytes(key));
            drop(V::from_bytes(value));
        };
        fits(K::fixed_width(), key)
            && fits(V::fixed_width(), value)
            && catch_unwind(AssertUnwindSafe(reads)).is_ok()
    }

    fn clear_incoming(&self, state: &WriteTransaction) -> Result<(), MachineError> {
        state.delete_table(self.incoming())?;
        Ok(())
    }

    fn insert_incoming(&self, state: &WriteTransaction, mut rows: Bytes) -> Result<(), MachineError> {
        let mut table = state.open_table(self.incoming())?;
        while let Some((key, value)) = next_row(&mut rows) {
            table.insert(K::from_bytes(&key), V::from_bytes(&value))?;
        }
        Ok(())
    }

    fn replace(&self, state: &WriteTransaction) -> Result<(), MachineError> {
        // A table of which no row arrived is empty.
        drop(state.open_table(self.incoming())?);
        state.delete_table(self.own())?;
        state.rename_table(self.incoming(), self.own())?;
        Ok(())
    }
}
