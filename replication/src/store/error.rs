//! What can go wrong with the files.

use std::path::PathBuf;

use super::Volume;
use super::refusal::FileRefusal;

/// Why a store, or one of its files, cannot be opened, read or closed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another store of this one, has the file open.
    #[error("{file} is in use by a running node; stop that node first")]
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// There is no such file.
    #[error("{file} does not exist; is this the data folder of a node?")]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The file is not one of this store's, or the key is wrong.
    #[error("{file}: {refusal}")]
    Refused {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        refusal: FileRefusal,
    },
    /// A record is damaged.
    #[error("{file}: {damage}")]
    Damaged {
        /// The file.
        file: PathBuf,
        /// Which record, and how.
        damage: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The store broke earlier.
    #[error(transparent)]
    Broken(#[from] StoreFailure),
    /// The system failed.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("{file}: {source}")]
    Database {
        /// The file.
        file: PathBuf,
        /// What the database says.
        source: Box<redb::Error>,
    },
}

impl StoreError {
    pub(crate) fn database(file: PathBuf, error: impl Into<redb::Error>) -> Self {
        let error = error.into();
        if matches!(error, redb::Error::DatabaseAlreadyOpen) {
            return Self::InUse { file };
        }
        if let redb::Error::Io(io) = error {
            let refusal = io.get_ref().and_then(|inner| inner.downcast_ref::<FileRefusal>());
            return match refusal {
                Some(refusal) => Self::Refused { file, refusal: *refusal },
                None => Self::Io { file, source: io },
            };
        }
        Self::Database { file, source: Box::new(error) }
    }
}

/// Why a store broke while it ran. The node has to stop; what was acknowledged is in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreFailure {
    /// A file cannot be written or read any more.
    #[error("storage failed at {volume}: {reason}")]
    Storage {
        /// Which file.
        volume: Volume,
        /// What the database or the system says.
        reason: String,
    },
    /// The machine of a group cannot go on.
    #[error("the state of a group cannot go on: {reason}")]
    Machine {
        /// What the machine says, with causes.
        reason: String,
    },
    /// A thread of the store panicked.
    #[error("the thread of {volume} panicked")]
    Panicked {
        /// Which file's thread.
        volume: Volume,
    },
}
