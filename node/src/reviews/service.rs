//! Who may write which review.

use marquee_ledger::order::{OrderStatus, TicketStatus};
use marquee_ledger::{AccountId, EventId, OrderId};

use super::command::{Command, Outcome, Refusal};
use super::entity::{Review, Stars};
use crate::accounts::{self, Claims, PersonName, Role};
use crate::home::{Failure, Home};

/// How many orders of an account are read at a time.
const ORDERS: usize = 50;
/// How long an event lasts that does not say so, in minutes.
const DURATION_MIN: u32 = 120;
const GONE: &str = "the account is gone";

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such event.
    #[error("there is no such event")]
    UnknownEvent,
    /// The account had no ticket to a performance of it that is over.
    #[error("only who had a ticket can review an event, once the performance is over")]
    NotThere,
    /// The account may not do this.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The reviews refuse.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no answer.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Writes somebody's review of an event, or writes it anew.
///
/// # Errors
/// See [`Error`].
pub async fn write(
    home: &Home,
    by: &Claims,
    event: EventId,
    stars: Stars,
    text: String,
) -> Result<Review, Error> {
    is_known(home, event)?;
    if !was_there(home, by.account, event).await? {
        return Err(Error::NotThere);
    }
    let account = home.commons().account(home.id(), by.account).await?;
    let author = account.map(|account| shown_name(&account.name)).unwrap_or_default();
    // Noted first: a review that nobody could find again would outlive its author's account.
    let note = accounts::Command::NoteReview { account: by.account, event };
    if home.accounts(None, note).await?.is_err() {
        return Err(Error::Forbidden(GONE));
    }
    let command = Command::Write { event, account: by.account, author, stars, text };
    let Outcome::Written { number } = home.reviews(command).await?? else {
        return Err(Refusal::UnknownReview.into());
    };
    // A deletion that was through before the review was written has not found it.
    if home.commons().account(home.id(), by.account).await?.is_none() {
        home.reviews(Command::Remove { event, account: by.account }).await??;
        return Err(Error::Forbidden(GONE));
    }
    read(home, event, number)
}

/// Takes somebody's own review of an event back.
///
/// # Errors
/// See [`Error`].
pub async fn remove(home: &Home, by: &Claims, event: EventId) -> Result<(), Error> {
    home.reviews(Command::Remove { event, account: by.account }).await??;
    Ok(())
}

/// Answers a review of an own event, or takes the answer back.
///
/// # Errors
/// See [`Error`].
pub async fn answer(
    home: &Home,
    by: &Claims,
    event: EventId,
    number: u64,
    text: Option<String>,
) -> Result<Review, Error> {
    let owner = is_known(home, event)?;
    if owner != by.account && !by.roles.may_act_as(Role::Operator) {
        tracing::info!(account = %by.account, %event, "refused: a review of somebody else's event");
        return Err(Error::Forbidden("only the event's organizer answers its reviews"));
    }
    home.reviews(Command::Answer { event, number, text }).await??;
    read(home, event, number)
}

/// Hides a review, or shows it again.
///
/// # Errors
/// See [`Error`].
pub async fn hide(
    home: &Home,
    by: &Claims,
    event: EventId,
    number: u64,
    because: Option<String>,
) -> Result<Review, Error> {
    if !by.roles.may_act_as(Role::Support) {
        tracing::info!(account = %by.account, %event, "refused: hiding a review takes support");
        return Err(Error::Forbidden("only support hides reviews"));
    }
    tracing::info!(account = %by.account, %event, number, hidden = because.is_some(), "a review is hidden or shown");
    home.reviews(Command::Hide { event, number, by: by.account, because }).await??;
    read(home, event, number)
}

/// The event's owner.
fn is_known(home: &Home, event: EventId) -> Result<AccountId, Error> {
    let index = home.catalog_copy().read();
    index.event(event).map(|event| event.stamp.owner).ok_or(Error::UnknownEvent)
}

fn read(home: &Home, event: EventId, number: u64) -> Result<Review, Error> {
    let snapshot = home.snapshot()?;
    let review = snapshot.reviews().review(event, number).map_err(Failure::from)?;
    review.ok_or_else(|| Refusal::UnknownReview.into())
}

/// Whether an account has a valid ticket to a performance of the event that is over.
async fn was_there(home: &Home, account: AccountId, event: EventId) -> Result<bool, Failure> {
    let mut before: Option<OrderId> = None;
    loop {
        let orders = home.commons().orders_of(home.id(), account, before, ORDERS).await?;
        let index = home.catalog_copy().read();
        let lasts = index.event(event).and_then(|event| event.facts.duration_min).unwrap_or(DURATION_MIN);
        let is_over = |order: &marquee_ledger::Order| {
            let starts_ms = index.performance(order.performance).map(|shown| shown.schedule.starts_at_ms);
            starts_ms.is_some_and(|starts_ms| starts_ms + u64::from(lasts) * 60_000 <= home.now_ms())
        };
        let was_there = orders.iter().any(|(order, _receipt)| {
            order.event == event
                && order.status == OrderStatus::Booked
                && order.tickets_of(account).any(|(_index, ticket)| ticket.status == TicketStatus::Valid)
                && is_over(order)
        });
        drop(index);
        before = orders.iter().map(|(order, _receipt)| order.id).min();
        if was_there || orders.len() < ORDERS {
            return Ok(was_there);
        }
    }
}

/// What readers see of a name: the first word, and the initial of the last.
fn shown_name(name: &PersonName) -> String {
    let words: Vec<&str> = name.as_str().split_whitespace().collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, .., last] => match last.chars().next() {
            Some(initial) => format!("{first} {initial}."),
            None => (*first).to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_a_first_name_and_an_initial() {
        for (name, shown) in [
            ("Ada Lovelace", "Ada L."),
            ("Ada", "Ada"),
            ("Gabriel José García Márquez", "Gabriel M."),
            ("Émile Zola", "Émile Z."),
        ] {
            assert_eq!(shown_name(&name.parse().unwrap()), shown);
        }
    }
}
