//! The accounts' tables.
//!
//! | table | key | value |
//! |---|---|---|
//! | `accounts_accounts` | account id | [`Account`] |
//! | `accounts_credentials` | account id | [`Credential`] |
//! | `accounts_emails` | folded e-mail address | account id |
//! | `accounts_sessions` | account id, session id | [`Session`] |
//! | `accounts_expiries` | instant, account id, session id | – : when which session ends by itself |
//! | `accounts_ended` | instant, session id | – : until when tokens of a session that ended early must be refused |
//! | `accounts_orders` | account id, order id | – : an account's orders |
//! | `accounts_deletions` | account id | instant of its deletion, while it has orders that name the person |
//! | `accounts_meta` | `last_counter` | the last one given |
//!
//! What accounts like is in the tables of [`follows`](super::follows). All names stand under the group's namespace. Values are records with a checksum.

use std::collections::BTreeSet;

use marquee_ledger::record::{decode, encode};
use marquee_ledger::{AccountId, Broken, EventId, OrderId, TableVisitor};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::de::DeserializeOwned;

use super::command::ORDERS_MAX;
use super::entity::{Account, Credential, Session};
use super::follows::{self, Follow, Likes};
use super::tokens::SessionId;
use crate::tables::read_table;

type Records = &'static [u8];
type Pair = (u128, u128);

const LAST_COUNTER: &str = "last_counter";

/// The names of the tables of one group.
#[derive(Debug, Clone)]
pub(super) struct Names {
    accounts: String,
    credentials: String,
    emails: String,
    sessions: String,
    expiries: String,
    ended: String,
    orders: String,
    deletions: String,
    meta: String,
    likes: follows::Names,
}

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        let name = |table: &str| format!("{namespace}/accounts_{table}");
        Self {
            accounts: name("accounts"),
            credentials: name("credentials"),
            emails: name("emails"),
            sessions: name("sessions"),
            expiries: name("expiries"),
            ended: name("ended"),
            orders: name("orders"),
            deletions: name("deletions"),
            meta: name("meta"),
            likes: follows::Names::new(namespace),
        }
    }
}

impl Names {
    /// Shows all tables.
    pub(super) fn visit<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        visitor.table::<u128, Records>(TableDefinition::new(&self.accounts))?;
        visitor.table::<u128, Records>(TableDefinition::new(&self.credentials))?;
        visitor.table::<&'static str, u128>(TableDefinition::new(&self.emails))?;
        visitor.table::<Pair, Records>(TableDefinition::new(&self.sessions))?;
        visitor.table::<(u64, u128, u128), ()>(TableDefinition::new(&self.expiries))?;
        visitor.table::<(u64, u128), ()>(TableDefinition::new(&self.ended))?;
        visitor.table::<Pair, ()>(TableDefinition::new(&self.orders))?;
        visitor.table::<u128, u64>(TableDefinition::new(&self.deletions))?;
        visitor.table::<&'static str, u64>(TableDefinition::new(&self.meta))?;
        self.likes.visit(visitor)
    }
}

/// The tables, open for writing.
pub(super) struct Tables<'t> {
    accounts: Table<'t, u128, Records>,
    credentials: Table<'t, u128, Records>,
    emails: Table<'t, &'static str, u128>,
    sessions: Table<'t, Pair, Records>,
    expiries: Table<'t, (u64, u128, u128), ()>,
    ended: Table<'t, (u64, u128), ()>,
    orders: Table<'t, Pair, ()>,
    deletions: Table<'t, u128, u64>,
    meta: Table<'t, &'static str, u64>,
    state: &'t WriteTransaction,
    names: follows::Names,
}

impl<'t> Tables<'t> {
    /// Opens the tables and creates those that are missing.
    pub(super) fn open(state: &'t WriteTransaction, names: &Names) -> Result<Self, Broken> {
        Ok(Self {
            accounts: state.open_table(TableDefinition::new(&names.accounts))?,
            credentials: state.open_table(TableDefinition::new(&names.credentials))?,
            emails: state.open_table(TableDefinition::new(&names.emails))?,
            sessions: state.open_table(TableDefinition::new(&names.sessions))?,
            expiries: state.open_table(TableDefinition::new(&names.expiries))?,
            ended: state.open_table(TableDefinition::new(&names.ended))?,
            orders: state.open_table(TableDefinition::new(&names.orders))?,
            deletions: state.open_table(TableDefinition::new(&names.deletions))?,
            meta: state.open_table(TableDefinition::new(&names.meta))?,
            state,
            names: names.likes.clone(),
        })
    }

    /// What accounts like. One at a time.
    pub(super) fn likes(&self) -> Result<Likes<'t>, Broken> {
        Likes::open(self.state, &self.names)
    }

    /// The next number of an id.
    pub(super) fn next_counter(&mut self) -> Result<u64, Broken> {
        let last = self.meta.get(LAST_COUNTER)?.map_or(0, |last| last.value());
        self.meta.insert(LAST_COUNTER, last + 1)?;
        Ok(last + 1)
    }

    // Accounts.

    pub(super) fn account(&self, id: AccountId) -> Result<Option<Account>, Broken> {
        self.accounts.get(id.0)?.map(|record| decode(record.value())).transpose()
    }

    pub(super) fn put_account(&mut self, account: &Account) -> Result<(), Broken> {
        self.accounts.insert(account.id.0, encode(account).as_slice())?;
        Ok(())
    }

    /// The shards that the accounts' ids name.
    pub(super) fn shards(&self) -> Result<BTreeSet<u32>, Broken> {
        let mut shards = BTreeSet::new();
        for row in self.accounts.range::<u128>(..)? {
            shards.insert(AccountId(row?.0.value()).owner());
        }
        Ok(shards)
    }

    pub(super) fn credential(&self, id: AccountId) -> Result<Option<Credential>, Broken> {
        self.credentials.get(id.0)?.map(|record| decode(record.value())).transpose()
    }

    pub(super) fn put_credential(&mut self, id: AccountId, credential: &Credential) -> Result<(), Broken> {
        self.credentials.insert(id.0, encode(credential).as_slice())?;
        Ok(())
    }

    /// Who has an e-mail address.
    pub(super) fn holder_of(&self, folded: &str) -> Result<Option<AccountId>, Broken> {
        Ok(self.emails.get(folded)?.map(|id| AccountId(id.value())))
    }

    pub(super) fn put_email(&mut self, folded: &str, id: AccountId) -> Result<(), Broken> {
        self.emails.insert(folded, id.0)?;
        Ok(())
    }

    pub(super) fn remove_email(&mut self, folded: &str) -> Result<(), Broken> {
        self.emails.remove(folded)?;
        Ok(())
    }

    pub(super) fn remove_account(&mut self, account: &Account) -> Result<(), Broken> {
        self.remove_email(&account.email.folded())?;
        self.credentials.remove(account.id.0)?;
        self.accounts.remove(account.id.0)?;
        Ok(())
    }

    // Sessions.

    pub(super) fn session(&self, account: AccountId, id: SessionId) -> Result<Option<Session>, Broken> {
        self.sessions.get((account.0, id.0))?.map(|record| decode(record.value())).transpose()
    }

    pub(super) fn sessions(&self, account: AccountId) -> Result<Vec<Session>, Broken> {
        let rows = self.sessions.range((account.0, 0)..=(account.0, u128::MAX))?;
        rows.map(|row| decode(row?.1.value())).collect()
    }

    /// Writes a session; `before` is how it stands there.
    pub(super) fn put_session(&mut self, session: &Session, before: Option<&Session>) -> Result<(), Broken> {
        if let Some(before) = before {
            self.expiries.remove((before.expires_ms, before.account.0, before.id.0))?;
        }
        self.expiries.insert((session.expires_ms, session.account.0, session.id.0), ())?;
        self.sessions.insert((session.account.0, session.id.0), encode(session).as_slice())?;
        Ok(())
    }

    pub(super) fn remove_session(&mut self, session: &Session) -> Result<(), Broken> {
        self.expiries.remove((session.expires_ms, session.account.0, session.id.0))?;
        self.sessions.remove((session.account.0, session.id.0))?;
        Ok(())
    }

    /// Sessions whose time is over, the longest gone first.
    pub(super) fn expired(&self, now_ms: u64, max: usize) -> Result<Vec<Session>, Broken> {
        let mut expired = Vec::new();
        for row in self.expiries.range(..=(now_ms, u128::MAX, u128::MAX))?.take(max) {
            let (_, account, session) = row?.0.value();
            expired.extend(self.session(AccountId(account), SessionId(session))?);
        }
        Ok(expired)
    }

    pub(super) fn put_ended(&mut self, session: SessionId, until_ms: u64) -> Result<(), Broken> {
        self.ended.insert((until_ms, session.0), ())?;
        Ok(())
    }

    /// Forgets ended sessions whose tokens have expired.
    pub(super) fn sweep_ended(&mut self, now_ms: u64, max: usize) -> Result<(), Broken> {
        let mut over = Vec::new();
        for row in self.ended.range(..=(now_ms, u128::MAX))?.take(max) {
            over.push(row?.0.value());
        }
        for key in over {
            self.ended.remove(key)?;
        }
        Ok(())
    }

    /// All sessions that ended early, with the instant until which they must be remembered.
    pub(super) fn ended(&self) -> Result<Vec<(SessionId, u64)>, Broken> {
        let mut ended = Vec::new();
        for row in self.ended.range::<(u64, u128)>(..)? {
            let (until_ms, session) = row?.0.value();
            ended.push((SessionId(session), until_ms));
        }
        Ok(ended)
    }

    // Orders.

    pub(super) fn put_order(&mut self, account: AccountId, order: OrderId) -> Result<(), Broken> {
        self.orders.insert((account.0, order.0), ())?;
        Ok(())
    }

    pub(super) fn remove_order(&mut self, account: AccountId, order: OrderId) -> Result<(), Broken> {
        self.orders.remove((account.0, order.0))?;
        Ok(())
    }

    /// Whether orders or reviews of an account are known.
    pub(super) fn has_traces(&self, account: AccountId) -> Result<bool, Broken> {
        let first = self.orders.range((account.0, 0)..=(account.0, u128::MAX))?.next().transpose()?;
        Ok(first.is_some() || self.likes()?.has_reviews(account)?)
    }

    pub(super) fn put_deletion(&mut self, account: AccountId, now_ms: u64) -> Result<(), Broken> {
        if self.deletions.get(account.0)?.is_none() {
            self.deletions.insert(account.0, now_ms)?;
        }
        Ok(())
    }

    pub(super) fn remove_deletion(&mut self, account: AccountId) -> Result<(), Broken> {
        self.deletions.remove(account.0)?;
        Ok(())
    }
}

/// An account that is gone while some of its orders and reviews still name the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The account.
    pub account: AccountId,
    /// When it was deleted, in milliseconds since 1970.
    pub deleted_ms: u64,
    /// The first of the orders that are to be anonymised: at most [`ORDERS_MAX`].
    pub orders: Vec<OrderId>,
    /// The first of the events whose reviews are to be removed: at most [`ORDERS_MAX`].
    pub reviews: Vec<EventId>,
}

/// The tables as of one commit.
pub struct Snapshot<'t> {
    state: &'t ReadTransaction,
    names: Names,
}

impl<'t> Snapshot<'t> {
    /// The accounts of the group that has this namespace.
    #[must_use]
    pub fn new(state: &'t ReadTransaction, namespace: &str) -> Self {
        Self { state, names: Names::new(namespace) }
    }

    /// An account.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn account(&self, id: AccountId) -> Result<Option<Account>, Broken> {
        self.record(&self.names.accounts, id.0)
    }

    /// The account that has an e-mail address, given as it is [folded](super::EmailAddress::folded).
    ///
    /// # Errors
    /// When the storage broke.
    pub fn account_by_email(&self, folded: &str) -> Result<Option<Account>, Broken> {
        let Some(emails) = self.table::<&'static str, u128>(&self.names.emails)? else { return Ok(None) };
        let Some(id) = emails.get(folded)?.map(|id| AccountId(id.value())) else { return Ok(None) };
        self.account(id)
    }

    /// What proves that somebody is who has the account.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn credential(&self, id: AccountId) -> Result<Option<Credential>, Broken> {
        self.record(&self.names.credentials, id.0)
    }

    /// The sessions of an account, the oldest first, those among them whose time is over.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn sessions(&self, account: AccountId) -> Result<Vec<Session>, Broken> {
        let Some(sessions) = self.table::<Pair, Records>(&self.names.sessions)? else {
            return Ok(Vec::new());
        };
        let rows = sessions.range((account.0, 0)..=(account.0, u128::MAX))?;
        rows.map(|row| decode(row?.1.value())).collect()
    }

    /// At most `limit` orders of an account, the latest first; those before `before`, if that is given.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn orders(
        &self,
        account: AccountId,
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<OrderId>, Broken> {
        let Some(orders) = self.table::<Pair, ()>(&self.names.orders)? else { return Ok(Vec::new()) };
        let (first, last) = ((account.0, 0), (account.0, u128::MAX));
        let rows = match before {
            Some(before) => orders.range(first..(account.0, before.0))?,
            None => orders.range(first..=last)?,
        };
        rows.rev().take(limit).map(|row| Ok(OrderId(row?.0.value().1))).collect()
    }

    /// At most `limit` accounts that are gone while some of their orders still name the person. Each is finished by
    /// asking the ledger to anonymise its orders, then the accounts with
    /// [`Command::FinishDeletion`](super::Command::FinishDeletion).
    ///
    /// # Errors
    /// When the storage broke.
    pub fn unfinished_deletions(&self, limit: usize) -> Result<Vec<Deletion>, Broken> {
        let Some(deletions) = self.table::<u128, u64>(&self.names.deletions)? else { return Ok(Vec::new()) };
        let Some(orders) = self.table::<Pair, ()>(&self.names.orders)? else { return Ok(Vec::new()) };
        let mut unfinished = Vec::new();
        for row in deletions.range::<u128>(..)?.take(limit) {
            let (account, deleted_ms) = row?;
            let account = account.value();
            let rows = orders.range((account, 0)..=(account, u128::MAX))?.take(ORDERS_MAX);
            let orders = rows.map(|row| Ok(OrderId(row?.0.value().1))).collect::<Result<_, Broken>>()?;
            let account = AccountId(account);
            let reviews = self.reviewed(account, ORDERS_MAX)?;
            unfinished.push(Deletion { account, deleted_ms: deleted_ms.value(), orders, reviews });
        }
        Ok(unfinished)
    }

    /// What an account follows: events, then venues, then performers.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn follows(&self, account: AccountId) -> Result<Vec<Follow>, Broken> {
        let table = self.table(&self.names.likes.follows)?;
        table.map_or_else(|| Ok(Vec::new()), |table| follows::follows_of(&table, account))
    }

    /// At most `limit` of the events that an account has reviewed, or had.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn reviewed(&self, account: AccountId, limit: usize) -> Result<Vec<EventId>, Broken> {
        let table = self.table(&self.names.likes.reviews)?;
        table.map_or_else(|| Ok(Vec::new()), |table| follows::reviewed(&table, account, limit))
    }

    fn record<T: DeserializeOwned>(&self, table: &str, id: u128) -> Result<Option<T>, Broken> {
        let Some(table) = self.table::<u128, Records>(table)? else { return Ok(None) };
        table.get(id)?.map(|record| decode(record.value())).transpose()
    }

    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        name: &str,
    ) -> Result<Option<ReadOnlyTable<K, V>>, Broken> {
        read_table(self.state, name)
    }
}
