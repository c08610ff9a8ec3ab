//! The reviews' tables.
//!
//! | table | key | value |
//! |---|---|---|
//! | `reviews_reviews` | event id, number | [`Review`] |
//! | `reviews_authors` | event id, account id | the number of the account's review |
//! | `reviews_summaries` | event id | [`Kept`]: the summary, and the last number given |
//!
//! All names stand under the group's namespace. Values are records with a checksum.

use marquee_ledger::record::{decode, encode};
use marquee_ledger::{AccountId, Broken, EventId, TableVisitor};
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::command::Change;
use super::entity::{Review, Summary};
use crate::tables::read_table;

type Records = &'static [u8];

/// What is kept of all reviews of an event.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) summary: Summary,
    pub(super) last_number: u64,
}

/// The names of the tables of one group.
#[derive(Debug, Clone)]
pub(super) struct Names {
    reviews: String,
    authors: String,
    summaries: String,
}

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        let name = |table: &str| format!("{namespace}/reviews_{table}");
        Self { reviews: name("reviews"), authors: name("authors"), summaries: name("summaries") }
    }

    pub(super) fn visit<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        visitor.table::<(u128, u64), Records>(TableDefinition::new(&self.reviews))?;
        visitor.table::<(u128, u128), u64>(TableDefinition::new(&self.authors))?;
        visitor.table::<u128, Records>(TableDefinition::new(&self.summaries))
    }
}

/// The tables, open for writing.
pub(super) struct Tables<'t> {
    reviews: Table<'t, (u128, u64), Records>,
    authors: Table<'t, (u128, u128), u64>,
    summaries: Table<'t, u128, Records>,
}

impl<'t> Tables<'t> {
    /// Opens the tables and creates those that are missing.
    pub(super) fn open(state: &'t WriteTransaction, names: &Names) -> Result<Self, Broken> {
        Ok(Self {
            reviews: state.open_table(TableDefinition::new(&names.reviews))?,
            authors: state.open_table(TableDefinition::new(&names.authors))?,
            summaries: state.open_table(TableDefinition::new(&names.summaries))?,
        })
    }

    pub(super) fn review(&self, event: EventId, number: u64) -> Result<Option<Review>, Broken> {
        self.reviews.get((event.0, number))?.map(|record| decode(record.value())).transpose()
    }

    pub(super) fn review_by(&self, event: EventId, account: AccountId) -> Result<Option<Review>, Broken> {
        let number = self.authors.get((event.0, account.0))?.map(|number| number.value());
        number.map_or(Ok(None), |number| self.review(event, number))
    }

    pub(super) fn put(&mut self, review: &Review) -> Result<(), Broken> {
        self.reviews.insert((review.event.0, review.number), encode(review).as_slice())?;
        self.authors.insert((review.event.0, review.account.0), review.number)?;
        Ok(())
    }

    pub(super) fn remove(&mut self, review: &Review) -> Result<(), Broken> {
        self.reviews.remove((review.event.0, review.number))?;
        self.authors.remove((review.event.0, review.account.0))?;
        Ok(())
    }

    pub(super) fn kept(&self, event: EventId) -> Result<Kept, Broken> {
        let kept = self.summaries.get(event.0)?;
        kept.map_or_else(|| Ok(Kept::default()), |record| decode(record.value()))
    }

    pub(super) fn keep(&mut self, event: EventId, kept: Kept) -> Result<(), Broken> {
        self.summaries.insert(event.0, encode(&kept).as_slice())?;
        Ok(())
    }

    pub(super) fn all(&self) -> Result<Vec<Change>, Broken> {
        summaries(&self.summaries)
    }
}

fn summaries(table: &impl ReadableTable<u128, Records>) -> Result<Vec<Change>, Broken> {
    let mut all = Vec::new();
    for row in table.range::<u128>(..)? {
        let (event, record) = row?;
        let Kept { summary, .. } = decode(record.value())?;
        all.push(Change { event: EventId(event.value()), summary });
    }
    Ok(all)
}

/// The tables as of one commit.
pub struct Snapshot<'t> {
    state: &'t ReadTransaction,
    names: Names,
}

impl<'t> Snapshot<'t> {
    /// The reviews of the group that has this namespace.
    #[must_use]
    pub fn new(state: &'t ReadTransaction, namespace: &str) -> Self {
        Self { state, names: Names::new(namespace) }
    }

    /// An event's reviews, the latest first, at most `limit`, those before a number if that is given; hidden ones only
    /// where they are wanted.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn list(
        &self,
        event: EventId,
        before: Option<u64>,
        limit: usize,
        with_hidden: bool,
    ) -> Result<Vec<Review>, Broken> {
        let Some(table) = self.table::<(u128, u64), Records>(&self.names.reviews)? else {
            return Ok(Vec::new());
        };
        let mut reviews = Vec::new();
        for row in table.range((event.0, 0)..(event.0, before.unwrap_or(u64::MAX)))?.rev() {
            let review: Review = decode(row?.1.value())?;
            if with_hidden || review.hidden.is_none() {
                reviews.push(review);
            }
            if reviews.len() == limit {
                break;
            }
        }
        Ok(reviews)
    }

    /// A review of an event.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn review(&self, event: EventId, number: u64) -> Result<Option<Review>, Broken> {
        let Some(table) = self.table::<(u128, u64), Records>(&self.names.reviews)? else { return Ok(None) };
        table.get((event.0, number))?.map(|record| decode(record.value())).transpose()
    }

    /// A person's review of an event.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn review_by(&self, event: EventId, account: AccountId) -> Result<Option<Review>, Broken> {
        let Some(table) = self.table::<(u128, u128), u64>(&self.names.authors)? else { return Ok(None) };
        let number = table.get((event.0, account.0))?.map(|number| number.value());
        number.map_or(Ok(None), |number| self.review(event, number))
    }

    /// The summaries of all events that have one.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn all(&self) -> Result<Vec<Change>, Broken> {
        let table = self.table::<u128, Records>(&self.names.summaries)?;
        table.map_or_else(|| Ok(Vec::new()), |table| summaries(&table))
    }

    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        name: &str,
    ) -> Result<Option<ReadOnlyTable<K, V>>, Broken> {
        read_table(self.state, name)
    }
}
