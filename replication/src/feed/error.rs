//! What can go wrong with the feed's file.

use super::record::Damaged;
use crate::store::StoreError;

/// Why the feed's file cannot be used. Nothing is lost by it that the cluster does not have.
#[derive(Debug, thiserror::Error)]
pub enum FeedStoreError {
    /// The file cannot be opened or made.
    #[error(transparent)]
    Open(#[from] StoreError),
    /// The database failed.
    #[error("the feed's file failed: {0}")]
    Database(Box<redb::Error>),
    /// A record is not what was written.
    #[error("the feed's file is damaged")]
    Damaged,
    /// The store was closed.
    #[error("the feed's store is closed")]
    Closed,
}

impl From<Damaged> for FeedStoreError {
    fn from(_damaged: Damaged) -> Self {
        Self::Damaged
    }
}

impl FeedStoreError {
    pub(super) fn database(error: impl Into<redb::Error>) -> Self {
        Self::Database(Box::new(error.into()))
    }
}

macro_rules! from_database {
    ($($error:ty),*) => {
        $(impl From<$error> for FeedStoreError {
            fn from(error: $error) -> Self {
                Self::database(error)
            }
        })*
    };
}

from_database!(
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError,
    redb::DatabaseError,
    redb::SetDurabilityError
);
