//! How far each group's state has come: one row a group in `state.redb`, written in the same
//! transaction as the state it speaks of.
//!
//! ```text
//! table   replication.progress      group (u64) → sealed record
//! record  format (1) | now_ms (8) | points (1) | applied point (17, if any) | arrived point (17, if any) | membership
//! ```
//!
//! The first bit of `points` says that there is an applied point, the second that there is an arrived one.

use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

use super::record::{Damage, LogPoint, read_u64, seal, unseal};
use crate::machine::MachineError;

const PROGRESS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("replication.progress");
const FORMAT: u8 = 1;
const POINT_LENGTH: usize = 17;

/// How far the state of a group has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The last entry in the state.
    pub(crate) applied: Option<LogPoint>,
    /// The last stamped time; later stamps are never lower.
    pub(crate) now_ms: u64,
    /// The last membership in the state, encoded by the group.
    pub(crate) membership: Bytes,
    /// Up to where the state came whole from another replica: the log has nothing to say up to there.
    pub(crate) arrived: Option<LogPoint>,
}

/// The group's row is damaged.
#[derive(Debug, thiserror::Error)]
#[error("the progress of group g{group} is damaged: {damage}; restore this node's data from another copy")]
pub(crate) struct ProgressDamaged {
    group: u64,
    damage: Damage,
}

impl Progress {
    /// Reads the group's row; a group that has none is at its beginning.
    pub(crate) fn read(state: &WriteTransaction, group: u64) -> Result<Self, MachineError> {
        Self::read_in(&state.open_table(PROGRESS)?, group)
    }

    /// As [`read`](Self::read), as of a moment.
    pub(crate) fn read_at(state: &ReadTransaction, group: u64) -> Result<Self, MachineError> {
        match state.open_table(PROGRESS) {
            Err(TableError::TableDoesNotExist(_)) => Ok(Self::default()),
            table => Self::read_in(&table?, group),
        }
    }

    fn read_in(table: &impl ReadableTable<u64, &'static [u8]>, group: u64) -> Result<Self, MachineError> {
        let Some(row) = table.get(group)? else {
            return Ok(Self::default());
        };
        let progress = unseal(group, 0, row.value()).and_then(Self::decode);
        Ok(progress.map_err(|damage| ProgressDamaged { group, damage })?)
    }

    pub(crate) fn write(&self, state: &WriteTransaction, group: u64) -> Result<(), MachineError> {
        let mut table = state.open_table(PROGRESS)?;
        table.insert(group, seal(group, 0, &self.encode()).as_slice())?;
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&self.now_ms.to_le_bytes());
        bytes.push(u8::from(self.applied.is_some()) | u8::from(self.arrived.is_some()) << 1);
        for point in self.applied.iter().chain(&self.arrived) {
            bytes.extend_from_slice(&point.encode());
        }
        bytes.extend_from_slice(&self.membership);
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let (format, bytes) = bytes.split_first().ok_or(Damage::Length)?;
        if *format != FORMAT {
            return Err(Damage::Format(*format));
        }
        let now_ms = read_u64(bytes)?;
        let (points, mut rest) = bytes[8..].split_first().ok_or(Damage::Length)?;
        if *points > 3 {
            return Err(Damage::Content);
        }
        let mut take_point = |has: bool| -> Result<Option<LogPoint>, Damage> {
            if !has {
                return Ok(None);
            }
            let (point, after) = rest.split_at_checked(POINT_LENGTH).ok_or(Damage::Length)?;
            rest = after;
            LogPoint::decode(point).map(Some)
        };
        let applied = take_point(points & 1 != 0)?;
        let arrived = take_point(points & 2 != 0)?;
        Ok(Self { applied, now_ms, membership: Bytes::copy_from_slice(rest), arrived })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_back() {
        let point = Some(LogPoint { term: 2, index: 40 });
        for (applied, arrived) in [(None, None), (point, None), (point, point)] {
            let progress = Progress { applied, now_ms: 17, membership: Bytes::from_static(b"who"), arrived };
            assert_eq!(Progress::decode(&progress.encode()), Ok(progress));
        }
    }
}
