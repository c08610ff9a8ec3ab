//! A machine that does as little as a machine can: each command becomes a row.

use bytes::Bytes;
use marquee_replication::{Machine, MachineError, Position, TableVisitor};
use redb::{ReadableTable, TableDefinition, WriteTransaction};

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("g1.records");

/// Writes each command under the next number, which is the answer.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    next: u64,
}

impl Machine for Recorder {
    type Answer = u64;

    fn open(&mut self, state: &WriteTransaction) -> Result<(), MachineError> {
        let records = state.open_table(RECORDS)?;
        self.next = records.last()?.map_or(0, |(number, _)| number.value() + 1);
        Ok(())
    }

    fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), MachineError> {
        visitor.table(RECORDS)
    }

    fn apply(
        &mut self,
        state: &WriteTransaction,
        _at: Position,
        commands: &[Bytes],
        answers: &mut Vec<u64>,
    ) -> Result<(), MachineError> {
        let mut records = state.open_table(RECORDS)?;
        for command in commands {
            records.insert(self.next, &command[..])?;
            answers.push(self.next);
            self.next += 1;
        }
        Ok(())
    }

    fn committed(&mut self) {}
}
