//! Holds: seats kept for somebody who decides.

use marquee_ledger::command::{Held, HoldRequest, Holder, Secret};
use marquee_ledger::{AccountId, Command, Hold, HoldId, Key, Outcome, Refusal};

use super::{NotDone, Selling, misplaced};
use crate::home::Failure;

impl Selling {
    /// Keeps seats.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn hold(&self, key: Option<Key>, request: HoldRequest) -> Result<Held, NotDone> {
        let outcome = self.ask(key, Command::Hold(request)).await?;
        let Outcome::Held(held) = outcome else { return Err(misplaced(&outcome)) };
        Ok(held)
    }

    /// A hold for who knows its secret or made it with their account; [`Refusal::UnknownHold`] for all others, and when
    /// it has lapsed by `now_ms`.
    ///
    /// # Errors
    /// As said, or when the storage failed.
    pub fn hold_for(
        &self,
        id: HoldId,
        secret: Option<Secret>,
        account: Option<AccountId>,
        now_ms: u64,
    ) -> Result<Hold, NotDone> {
        let hold = self.0.home.snapshot()?.ledger()?.hold(id).map_err(Failure::from)?;
        let may = |hold: &Hold| {
            secret == Some(hold.secret)
                || account.is_some_and(|account| hold.holder == Holder::Account(account))
        };
        let hold = hold.filter(|hold| may(hold) && hold.expires_at_ms > now_ms);
        Ok(hold.ok_or(Refusal::UnknownHold)?)
    }

    /// Gives a hold's seats back.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn release(&self, key: Option<Key>, hold: HoldId, secret: Secret) -> Result<(), NotDone> {
        let outcome = self.ask(key, Command::ReleaseHold { hold, secret }).await?;
        let Outcome::Done = outcome else { return Err(misplaced(&outcome)) };
        Ok(())
    }

    /// Lets a hold last longer, once; tells until when, in milliseconds since 1970.
    ///
    /// # Errors
    /// When the ledger refuses or does not answer.
    pub async fn extend(&self, key: Option<Key>, hold: HoldId, secret: Secret) -> Result<u64, NotDone> {
        let outcome = self.ask(key, Command::ExtendHold { hold, secret }).await?;
        let Outcome::Extended { expires_at_ms } = outcome else { return Err(misplaced(&outcome)) };
        Ok(expires_at_ms)
    }
}
