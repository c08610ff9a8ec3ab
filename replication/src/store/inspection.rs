//! Reading the state of a node that is stopped.

use std::fmt;

use redb::{Database, ReadTransaction, ReadableDatabase};

use super::error::StoreError;
use super::{StoreOptions, Volume, open_database, open_file};

/// The open `state.redb` of a stopped node. The node cannot start while it is held.
pub struct Inspection {
    state: Database,
    options: StoreOptions,
}

impl fmt::Debug for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inspection({})", self.options.data_dir.display())
    }
}

impl Inspection {
    /// The state of all groups, for reading.
    ///
    /// # Errors
    /// What the database says.
    pub fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        self.state.begin_read().map_err(|error| StoreError::database(self.options.file(Volume::State), error))
    }
}

/// Opens the state of a stopped node for reading.
///
/// After a crash the state is as of the last time it was brought to the disk, whole up to there:
/// what came later is in the log, and in the state as soon as the node has started once.
///
/// # Errors
/// [`StoreError::InUse`] when the node runs, [`StoreError::Missing`] when there is no such file,
/// [`StoreError::Refused`] when the key does not fit.
pub fn inspect(options: &StoreOptions) -> Result<Inspection, StoreError> {
    let file = options.file(Volume::State);
    if !file.exists() {
        return Err(StoreError::Missing { file });
    }
    let state = open_database(open_file(options, Volume::State)?, options, Volume::State)?;
    Ok(Inspection { state, options: options.clone() })
}
