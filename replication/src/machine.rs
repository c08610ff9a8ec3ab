//! What a group runs.

use std::error::Error;
use std::fmt;

use bytes::Bytes;
use redb::{Key, TableDefinition, Value, WriteTransaction};

/// Where an entry stands in its group's log, and the time its home stamped on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The log index. It grows by at least one from entry to entry; entries that consensus writes
    /// for itself leave gaps.
    pub index: u64,
    /// Milliseconds since 1970. It never runs backwards, whoever is home.
    pub now_ms: u64,
}

/// A deterministic machine over the group's tables in `state.redb`.
///
/// It is called on the state thread only, in log order. It sees no clock but [`Position::now_ms`]
/// and must touch no tables but those of its own group. After an error the transaction is
/// aborted, the store fails, and the node has to stop: what the machine holds in memory may be
/// ahead of its tables then.
pub trait Machine: Send + 'static {
    /// What a command is answered with.
    type Answer: Send + 'static;

    /// Creates missing tables and loads what is kept in memory. Called before the first
    /// [`apply`](Self::apply), and again, between two entries, whenever the content of the tables was
    /// replaced by another replica's: whatever is kept in memory then is void. A call of
    /// [`committed`](Self::committed) follows when the replacement is committed.
    ///
    /// # Errors
    /// Whatever stops the machine from opening; the group does not open then.
    fn open(&mut self, state: &WriteTransaction) -> Result<(), MachineError>;

    /// Names all tables of the machine, in an order that does not change. They are what a replica
    /// that is too far behind gets. Called after [`open`](Self::open), once.
    ///
    /// # Errors
    /// What the visitor says.
    fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), MachineError>;

    /// Applies one entry and pushes exactly one answer per command, in their order. A refusal is
    /// an answer.
    ///
    /// # Errors
    /// Only what makes the state unusable, such as failing storage.
    fn apply(
        &mut self,
        state: &WriteTransaction,
        at: Position,
        commands: &[Bytes],
        answers: &mut Vec<Self::Answer>,
    ) -> Result<(), MachineError>;

    /// Everything applied since the last call is committed and visible to readers. Called before
    /// the answers are sent.
    fn committed(&mut self);
}

/// Is shown the tables of a machine.
pub trait TableVisitor {
    /// A table. The types of its keys and values must read whatever they wrote.
    ///
    /// # Errors
    /// Whatever the visitor is there for.
    fn table<K: Key + 'static, V: Value + 'static>(
        &mut self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<(), MachineError>;
}

/// Why a machine cannot go on.
#[derive(Debug)]
pub struct MachineError(Box<dyn Error + Send + Sync>);

impl<E> From<E> for MachineError
where
    E: Error + Send + Sync + 'static,
{
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl MachineError {
    /// The error with all its causes, as one line.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }
}

// `MachineError` is not an `Error` itself, so that `?` converts every error into it.
impl fmt::Display for MachineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
