//! What stops a node: storage that failed, or records that are not what was written.

/// The storage broke. Nothing more can be trusted, so the node stops; a refusal is never told this way.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A table could not be read or written.
    #[error("the storage failed")]
    Storage(#[from] redb::StorageError),
    /// A table could not be opened.
    #[error("a table could not be opened")]
    Table(#[from] redb::TableError),
    /// A transaction could not be begun.
    #[error("a transaction could not be begun")]
    Transaction(#[from] redb::TransactionError),
    /// A record is not what was written.
    #[error("a record is damaged: {what}")]
    Damaged {
        /// What is wrong with it.
        what: String,
    },
    /// Records that are whole contradict each other, or an entry was applied out of order.
    #[error("the records contradict each other: {what}")]
    Contradiction {
        /// How.
        what: String,
    },
}

impl Broken {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    pub(crate) fn contradiction(what: impl Into<String>) -> Self {
        Self::Contradiction { what: what.into() }
    }
}
