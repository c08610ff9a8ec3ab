//! What an account follows, and which events it has reviewed.
//!
//! | table | key | value |
//! |---|---|---|
//! | `accounts_follows` | account id, [`Followed`] as bytes | instant since when |
//! | `accounts_reviews` | account id, event id | – : the account has a review of the event, or had |
//!
//! They are opened by the commands that need them only: most commands are about sessions and orders.

use std::fmt;
use std::str::FromStr;

use marquee_ledger::{AccountId, Broken, EventId, TableVisitor, VenueId};
use marquee_search::fold::fold;
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};

/// The most that an account follows.
pub const FOLLOWS_MAX: usize = 500;
const PERFORMER_CHARS_MAX: usize = 200;

/// What can be followed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Followed {
    /// An event.
    Event(EventId),
    /// A venue.
    Venue(VenueId),
    /// Somebody who performs, by name.
    Performer(Performer),
}

/// The name of somebody who performs; names that differ in case and accents only are one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Performer(String);

/// Text that is no performer's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one line of 1 to 200 characters")]
pub struct NoPerformer;

impl Performer {
    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What names are compared by.
    #[must_use]
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl FromStr for Performer {
    type Err = NoPerformer;

    fn from_str(text: &str) -> Result<Self, NoPerformer> {
        let text = text.trim();
        let fits =
            (1..=PERFORMER_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits && !fold(text).is_empty() { Ok(Self(text.to_owned())) } else { Err(NoPerformer) }
    }
}

impl PartialEq for Performer {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for Performer {}

impl PartialOrd for Performer {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Performer {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl fmt::Display for Performer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Followed {
    /// A kind byte and the id, or the folded name.
    fn key(&self) -> Vec<u8> {
        match self {
            Self::Event(id) => [&[1], &id.0.to_be_bytes()[..]].concat(),
            Self::Venue(id) => [&[2], &id.0.to_be_bytes()[..]].concat(),
            Self::Performer(name) => [&[3], name.folded().as_bytes()].concat(),
        }
    }
}

/// Something that is followed, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    /// What.
    pub what: Followed,
    /// Since when, in milliseconds since 1970.
    pub since_ms: u64,
}

type FollowKey = (u128, &'static [u8]);

/// The names of the tables of one group.
#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) follows: String,
    pub(super) reviews: String,
}

impl Names {
    pub(super) fn new(namespace: &str) -> Self {
        let name = |table: &str| format!("{namespace}/accounts_{table}");
        Self { follows: name("follows"), reviews: name("reviews") }
    }

    pub(super) fn follows(&self) -> TableDefinition<'_, FollowKey, &'static [u8]> {
        TableDefinition::new(&self.follows)
    }

    pub(super) fn reviews(&self) -> TableDefinition<'_, (u128, u128), ()> {
        TableDefinition::new(&self.reviews)
    }

    pub(super) fn visit<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), V::Error> {
        visitor.table(self.follows())?;
        visitor.table(self.reviews())
    }
}

/// The tables, open for writing.
pub(super) struct Likes<'t> {
    follows: Table<'t, FollowKey, &'static [u8]>,
    reviews: Table<'t, (u128, u128), ()>,
}

impl<'t> Likes<'t> {
    /// Opens the tables and creates those that are missing.
    pub(super) fn open(state: &'t WriteTransaction, names: &Names) -> Result<Self, Broken> {
        Ok(Self { follows: state.open_table(names.follows())?, reviews: state.open_table(names.reviews())? })
    }

    /// Whether there is room for another one that is followed, or it is followed already.
    pub(super) fn has_room(&self, account: AccountId, what: &Followed) -> Result<bool, Broken> {
        if self.follows.get((account.0, what.key().as_slice()))?.is_some() {
            return Ok(true);
        }
        Ok(follows_of(&self.follows, account)?.len() < FOLLOWS_MAX)
    }

    pub(super) fn put(&mut self, account: AccountId, follow: &Follow) -> Result<(), Broken> {
        let key = follow.what.key();
        // Since when stays what it was.
        if self.follows.get((account.0, key.as_slice()))?.is_none() {
            let record = marquee_ledger::record::encode(follow);
            self.follows.insert((account.0, key.as_slice()), record.as_slice())?;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, account: AccountId, what: &Followed) -> Result<(), Broken> {
        self.follows.remove((account.0, what.key().as_slice()))?;
        Ok(())
    }

    pub(super) fn remove_all(&mut self, account: AccountId) -> Result<(), Broken> {
        for follow in follows_of(&self.follows, account)? {
            self.remove(account, &follow.what)?;
        }
        Ok(())
    }

    pub(super) fn note_review(&mut self, account: AccountId, event: EventId) -> Result<(), Broken> {
        self.reviews.insert((account.0, event.0), ())?;
        Ok(())
    }

    pub(super) fn strike_review(&mut self, account: AccountId, event: EventId) -> Result<(), Broken> {
        self.reviews.remove((account.0, event.0))?;
        Ok(())
    }

    pub(super) fn has_reviews(&self, account: AccountId) -> Result<bool, Broken> {
        Ok(!reviewed(&self.reviews, account, 1)?.is_empty())
    }
}

pub(super) fn follows_of(
    table: &impl ReadableTable<FollowKey, &'static [u8]>,
    account: AccountId,
) -> Result<Vec<Follow>, Broken> {
    let mut follows = Vec::new();
    for row in table.range((account.0, [0].as_slice())..(account.0, [255].as_slice()))? {
        follows.push(marquee_ledger::record::decode(row?.1.value())?);
    }
    Ok(follows)
}

pub(super) fn reviewed(
    table: &impl ReadableTable<(u128, u128), ()>,
    account: AccountId,
    limit: usize,
) -> Result<Vec<EventId>, Broken> {
    let rows = table.range((account.0, 0)..=(account.0, u128::MAX))?.take(limit);
    rows.map(|row| Ok(EventId(row?.0.value().1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn performers_are_one_whatever_their_case_and_accents() {
        let name = |text: &str| text.parse::<Performer>();
        assert_eq!(name("Beyoncé"), name("BEYONCE"));
        assert_ne!(name("Beyoncé"), name("Beyond"));
        for text in ["", "  ", "two\nlines", &"x".repeat(201)] {
            assert_eq!(name(text), Err(NoPerformer), "{text:?}");
        }
    }
}
