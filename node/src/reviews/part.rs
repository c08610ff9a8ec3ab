//! The reviews' part of the state machine: every write to its tables.

use marquee_ledger::{AccountId, Broken, EventId, Position, TableVisitor};
use redb::WriteTransaction;

use super::command::{Change, Command, Outcome, Refusal};
use super::entity::{Answered, Hidden, Review, Stars, TEXT_MAX};
use super::tables::{Names, Tables};

/// The reviews of one group.
pub struct Reviews {
    names: Names,
}

impl Reviews {
    /// Reviews whose tables have names under `namespace`.
    #[must_use]
    pub fn new(namespace: &str) -> Self {
        Self { names: Names::new(namespace) }
    }

    /// Creates missing tables and tells the summaries that are in them.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn open(&mut self, state: &WriteTransaction, all: &mut Vec<Change>) -> Result<(), Broken> {
        all.extend(Tables::open(state, &self.names)?.all()?);
        Ok(())
    }

    /// Shows all tables, in an order that does not change.
    ///
    /// # Errors
    /// What the visitor says.
    pub fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        self.names.visit(visitor)
    }

    /// Applies a command.
    ///
    /// # Errors
    /// When the storage broke. A refusal is an `Ok(Err(_))`.
    pub fn apply(
        &mut self,
        state: &WriteTransaction,
        at: Position,
        command: &Command,
        changes: &mut Vec<Change>,
    ) -> Result<Result<Outcome, Refusal>, Broken> {
        let mut step = Step { tables: Tables::open(state, &self.names)?, now_ms: at.now_ms, changes };
        match command {
            Command::Write { event, account, author, stars, text } => {
                step.write(*event, *account, author, *stars, text)
            }
            Command::Remove { event, account } => step.remove(*event, *account),
            Command::Answer { event, number, text } => step.answer(*event, *number, text.as_deref()),
            Command::Hide { event, number, by, because } => {
                step.hide(*event, *number, *by, because.as_deref())
            }
        }
    }
}

type Decided = Result<Result<Outcome, Refusal>, Broken>;

/// One command being applied.
struct Step<'t, 's> {
    tables: Tables<'t>,
    now_ms: u64,
    changes: &'s mut Vec<Change>,
}

impl Step<'_, '_> {
    fn write(
        &mut self,
        event: EventId,
        account: AccountId,
        author: &str,
        stars: Stars,
        text: &str,
    ) -> Decided {
        if is_long(text) {
            return Ok(Err(Refusal::TooLong));
        }
        let before = self.tables.review_by(event, account)?;
        let mut kept = self.tables.kept(event)?;
        let review = match &before {
            Some(before) => Review {
                author: author.to_owned(),
                stars,
                text: text.to_owned(),
                updated_ms: self.now_ms,
                ..before.clone()
            },
            None => {
                kept.last_number += 1;
                Review {
                    event,
                    number: kept.last_number,
                    account,
                    author: author.to_owned(),
                    stars,
                    text: text.to_owned(),
                    created_ms: self.now_ms,
                    updated_ms: self.now_ms,
                    answer: None,
                    hidden: None,
                }
            }
        };
        self.tables.keep(event, kept)?;
        self.replace(event, before.as_ref(), Some(&review))?;
        Ok(Ok(Outcome::Written { number: review.number }))
    }

    fn remove(&mut self, event: EventId, account: AccountId) -> Decided {
        if let Some(review) = self.tables.review_by(event, account)? {
            self.replace(event, Some(&review), None)?;
        }
        Ok(Ok(Outcome::Removed))
    }

    fn answer(&mut self, event: EventId, number: u64, text: Option<&str>) -> Decided {
        if text.is_some_and(is_long) {
            return Ok(Err(Refusal::TooLong));
        }
        let Some(mut review) = self.tables.review(event, number)? else {
            return Ok(Err(Refusal::UnknownReview));
        };
        review.answer = text.map(|text| Answered { text: text.to_owned(), at_ms: self.now_ms });
        self.tables.put(&review)?;
        Ok(Ok(Outcome::Written { number }))
    }

    fn hide(&mut self, event: EventId, number: u64, by: AccountId, because: Option<&str>) -> Decided {
        if because.is_some_and(is_long) {
            return Ok(Err(Refusal::TooLong));
        }
        let Some(before) = self.tables.review(event, number)? else {
            return Ok(Err(Refusal::UnknownReview));
        };
        let hidden = because.map(|because| Hidden { by, because: because.to_owned(), at_ms: self.now_ms });
        let review = Review { hidden, ..before.clone() };
        self.replace(event, Some(&before), Some(&review))?;
        Ok(Ok(Outcome::Written { number }))
    }

    /// Puts a review in the place of another, and counts them.
    fn replace(
        &mut self,
        event: EventId,
        before: Option<&Review>,
        after: Option<&Review>,
    ) -> Result<(), Broken> {
        let mut kept = self.tables.kept(event)?;
        let was = kept.summary;
        if let Some(before) = before.filter(|review| review.hidden.is_none()) {
            kept.summary.take(before.stars);
        }
        if let Some(after) = after.filter(|review| review.hidden.is_none()) {
            kept.summary.add(after.stars);
        }
        match (before, after) {
            (_, Some(review)) => self.tables.put(review)?,
            (Some(review), None) => self.tables.remove(review)?,
            (None, None) => {}
        }
        if kept.summary != was {
            self.tables.keep(event, kept)?;
            self.changes.push(Change { event, summary: kept.summary });
        }
        Ok(())
    }
}

fn is_long(text: &str) -> bool {
    text.chars().count() > TEXT_MAX
}
