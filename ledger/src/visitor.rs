//! Who wants to see the tables.

use redb::{Key, TableDefinition, Value};

/// Is shown the tables of a ledger, or of a journal.
pub trait TableVisitor {
    /// Why it does not go on.
    type Error;

    /// A table.
    ///
    /// # Errors
    /// Whatever the visitor is there for.
    fn table<K: Key + 'static, V: Value + 'static>(
        &mut self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<(), Self::Error>;
}
