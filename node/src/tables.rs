//! How parts of the state machine read their tables.

use marquee_ledger::Broken;
use redb::{Key, ReadOnlyTable, ReadTransaction, TableDefinition, TableError, Value};

/// A table as of one commit. One that does not exist yet is an empty one, and none: the group has not been opened for the
/// first time.
///
/// # Errors
/// When the storage broke.
pub(crate) fn read_table<K: Key + 'static, V: Value + 'static>(
    state: &ReadTransaction,
    name: &str,
) -> Result<Option<ReadOnlyTable<K, V>>, Broken> {
    match state.open_table(TableDefinition::<K, V>::new(name)) {
        Ok(table) => Ok(Some(table)),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
