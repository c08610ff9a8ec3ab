//! The home of a group, as the services see it: they ask it for changes and read its state.
//!
//! A change is a command, proposed to the group's log, applied, committed and only then answered; so whoever was answered
//! reads what they wrote. A [`Failure`] says what is known of a command without an answer. Reads come from a
//! [`Snapshot`]: everything in it was so at one moment.

use std::sync::Arc;

use marquee_ledger::read::Reader;
use marquee_ledger::{Broken, Key, Request};
use marquee_replication::{
    Group, GroupId, GroupNetwork, GroupOptions, NodeId, ProposeError, Store, StoreError,
};
use redb::ReadTransaction;

use crate::accounts::{self, Revocations};
use crate::catalog::{self, CatalogCopy};
use crate::machine::{Answer, Command, Listener, Machine, encode_command};

/// Tells the time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The group whose home this node is. Cheap to clone.
#[derive(Clone)]
pub struct Home {
    group: Group<Machine>,
    namespace: Arc<str>,
    copy: Arc<CatalogCopy>,
    clock: Clock,
}

/// How a home is opened.
#[derive(Clone)]
pub struct HomeOptions {
    /// How many commands may wait for the log; more are refused as [`Failure::Overloaded`].
    pub commands_waiting_max: usize,
    /// What the ledger keeps in memory and allows.
    pub ledger: marquee_ledger::Options,
    /// Tells the time that commands are stamped with.
    pub clock: Clock,
    /// Where the sessions that end are noted, for who checks access tokens.
    pub revocations: Arc<Revocations>,
}

/// Why a command has no answer, or a read no result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Too many commands wait. Nothing was done.
    #[error("too many commands wait for the log")]
    Overloaded,
    /// The node stops, or is not home any more. Nothing was done.
    #[error("the node is stopping")]
    Stopping,
    /// The command may have been carried out: repeat it with its key, or look.
    #[error("it is not known whether the command was carried out")]
    OutcomeUnknown,
    /// The key was used for another request. Nothing was done.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The command is larger than an entry of the log may be. Nothing was done.
    #[error("the command is too large for the log")]
    TooLarge,
    /// The storage failed, or contradicts itself.
    #[error("the storage broke")]
    Broken(#[from] Broken),
    /// The storage gives no snapshot.
    #[error("the storage gives no snapshot")]
    Store(#[from] StoreError),
}

/// The state at one moment.
pub struct Snapshot {
    state: ReadTransaction,
    namespace: Arc<str>,
}

impl Home {
    /// Opens the node's own group. What it commits is told to `listeners`.
    ///
    /// # Errors
    /// When the storage failed or holds something else.
    pub async fn open(
        store: &Store,
        options: HomeOptions,
        listeners: Vec<Arc<dyn Listener>>,
    ) -> Result<Self, marquee_replication::GroupError> {
        let id = GroupId(1);
        let namespace: Arc<str> = id.namespace().into();
        let copy = Arc::new(CatalogCopy::default());
        let machine =
            Machine::new(&namespace, options.ledger, Arc::clone(&copy), options.revocations, listeners);
        let clock = Arc::clone(&options.clock);
        let mut group = GroupOptions::new(id, NodeId(1), options.clock);
        group.commands_waiting_max = options.commands_waiting_max;
        let group = Group::found(store, &GroupNetwork::alone(), group, machine).await?;
        Ok(Self { group, namespace, copy, clock })
    }

    /// Asks the ledger.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn ledger(&self, request: Request) -> Result<marquee_ledger::Answer, Failure> {
        let answered = self.propose(&Command::Ledger(request)).await?;
        if let Answer::Ledger(answer) = answered { Ok(answer) } else { Err(answered.misplaced()) }
    }

    /// Asks the catalog.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn catalog(
        &self,
        key: Option<Key>,
        command: catalog::Command,
    ) -> Result<Result<catalog::Outcome, catalog::Refusal>, Failure> {
        let answer = self.propose(&Command::Catalog { key, command }).await?;
        if let Answer::Catalog(result) = answer { Ok(result) } else { Err(answer.misplaced()) }
    }

    /// Asks the accounts.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn accounts(
        &self,
        key: Option<Key>,
        command: accounts::Command,
    ) -> Result<Result<accounts::Outcome, accounts::Refusal>, Failure> {
        let answer = self.propose(&Command::Accounts { key, command }).await?;
        if let Answer::Accounts(result) = answer { Ok(result) } else { Err(answer.misplaced()) }
    }

    async fn propose(&self, command: &Command) -> Result<Answer, Failure> {
        Ok(self.group.propose(encode_command(command)).await?)
    }

    /// The state just now: whatever was answered before this call is in it.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn snapshot(&self) -> Result<Snapshot, Failure> {
        let state = self.group.snapshot()?;
        Ok(Snapshot { state, namespace: Arc::clone(&self.namespace) })
    }

    /// The time that commands proposed just now are stamped with, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// The catalog in memory.
    #[must_use]
    pub const fn catalog_copy(&self) -> &Arc<CatalogCopy> {
        &self.copy
    }

    /// Takes no more commands; resolves when those under way are answered.
    pub async fn close(self) {
        self.group.close().await;
    }
}

impl Snapshot {
    /// The ledger.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn ledger(&self) -> Result<Reader<'_>, Failure> {
        Ok(Reader::open(&self.state, &self.namespace)?)
    }

    /// The catalog's tables, for what its copy in memory does not have.
    #[must_use]
    pub fn catalog(&self) -> catalog::Snapshot<'_> {
        catalog::Snapshot::new(&self.state, &self.namespace)
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> accounts::Snapshot<'_> {
        accounts::Snapshot::new(&self.state, &self.namespace)
    }
}

impl Answer {
    /// What an answer means that does not come from the part that was asked.
    fn misplaced(self) -> Failure {
        match self {
            Self::KeyReused => Failure::KeyReused,
            Self::Ledger(_) | Self::Catalog(_) | Self::Accounts(_) | Self::Unreadable => {
                Failure::Broken(Broken::Contradiction {
                    what: format!("an answer of another kind: {self:?}"),
                })
            }
        }
    }
}

impl From<ProposeError> for Failure {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::Overloaded => Self::Overloaded,
            ProposeError::Stopped | ProposeError::NotHome { home: _ } => Self::Stopping,
            ProposeError::OutcomeUnknown => Self::OutcomeUnknown,
            ProposeError::TooLarge { .. } => Self::TooLarge,
        }
    }
}
