//! What people do with accounts, below HTTP: who may do what, passwords, tokens, and the commands that follow.

use std::collections::BTreeMap;
use std::time::Duration;

use marquee_ledger::{AccountId, Broken, Key, OrderId, Request};
use zeroize::Zeroizing;

use super::agent::UserAgent;
use super::command::{Command, Continued, Create, Lifetimes, OpenSession, RefreshSession, Update, ZipChange};
use super::command::{Outcome, Refusal};
use super::email::EmailAddress;
use super::entity::{Account, Session};
use super::passwords::{Checked, Password, PasswordError, Passwords, UnfitPassword};
use super::person::{PersonName, ZipCode};
use super::refresh::RefreshToken;
use super::roles::{Role, Roles};
use super::tokens::{Claims, SessionId, Tokens};
use crate::cluster::owner::Owner;
use crate::directory::SHARDS;
use crate::home::{Failure, Home};
use crate::keys::SecretKey;
use crate::reviews;

/// How many unfinished deletions are read at a time.
const DELETIONS_READ: usize = 20;

/// The accounts of the group that this node is home of.
pub struct Service<'a> {
    home: &'a Home,
    tokens: &'a Tokens,
    passwords: &'a Passwords,
    /// From which the next refresh token of a session is made.
    key: SecretKey,
    lifetimes: Lifetimes,
}

/// Why something was not done. Unless the words say otherwise, nothing was.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The accounts refuse.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The account may not have this password.
    #[error(transparent)]
    UnfitPassword(#[from] UnfitPassword),
    /// No account has this e-mail address with this password.
    #[error("the e-mail address or the password is wrong")]
    CredentialsWrong,
    /// The current password was not told, or another.
    #[error("the current password is wrong")]
    PasswordWrong,
    /// The refresh token continues no session, or came a second time, which ended its session.
    #[error("the refresh token is not valid any more")]
    RefreshInvalid,
    /// Who asks may not do this; the words say why.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Passwords could not be hashed or checked.
    #[error(transparent)]
    Passwords(#[from] PasswordError),
    /// The home has no answer.
    #[error(transparent)]
    Home(#[from] Failure),
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Self::Home(broken.into())
    }
}

/// What makes an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The e-mail address.
    pub email: EmailAddress,
    /// The person's name.
    pub name: PersonName,
    /// Where the person looks for events.
    pub zip: Option<ZipCode>,
    /// The password.
    pub password: Password,
}

/// What changes of an account. What is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// Another e-mail address; takes the current password.
    pub email: Option<EmailAddress>,
    /// Another name.
    pub name: Option<PersonName>,
    /// Another postal code, or none.
    pub zip: Option<Option<ZipCode>>,
    /// Another password; takes the current one.
    pub password: Option<Password>,
    /// The current password.
    pub current_password: Option<Password>,
}

/// What who signs in gets.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The access token.
    pub access_token: String,
    /// What it says.
    pub claims: Claims,
    /// The refresh token.
    pub refresh_token: String,
    /// When the refresh token expires, in milliseconds since 1970.
    pub refresh_until_ms: u64,
}

/// Makes an account with these roles. With a key, a repetition gets the account that was made first.
///
/// # Errors
/// [`Refusal::EmailTaken`] if somebody has the address; [`Error::UnfitPassword`].
pub async fn create_account(
    home: &Home,
    passwords: &Passwords,
    key: Option<Key>,
    account: NewAccount,
    roles: Roles,
) -> Result<Account, Error> {
    let NewAccount { email, name, zip, password } = account;
    password.fits(&email)?;
    let password = passwords.hash(password).await?;
    let create = Create { shard: shard_of(&email), email, name, zip, roles, password };
    let outcome = home.accounts(key, Command::Create(create)).await??;
    let Outcome::Created(id) = outcome else { return Err(unexpected(&outcome)) };
    let group = home.commons().group(Owner::Shard(id.owner()), home.id());
    if group == home.id() {
        return known(home, id);
    }
    Ok(home.commons().account(home.id(), id).await?.ok_or(Refusal::UnknownAccount)?)
}

/// Makes the orders of deleted accounts anonymous, as far as they are there at the call. Harmless to repeat: what a crash
/// left undone is done by the next call.
///
/// # Errors
/// When the home has no answer.
pub async fn finish_deletions(home: &Home) -> Result<(), Failure> {
    loop {
        let deletions = home.snapshot()?.accounts().unfinished_deletions(DELETIONS_READ)?;
        if deletions.is_empty() {
            return Ok(());
        }
        for deletion in deletions {
            let orders = deletion.orders;
            for orders in by_venue(&orders) {
                let command = marquee_ledger::Command::Anonymise { orders, account: Some(deletion.account) };
                if let Err(refusal) = home.ledger(Request { key: None, command }).await?.result {
                    return Err(contradiction(format!("orders are not anonymised: {refusal}")));
                }
            }
            for event in &deletion.reviews {
                let command = reviews::Command::Remove { event: *event, account: deletion.account };
                if let Err(refusal) = home.reviews(command).await? {
                    return Err(contradiction(format!("a review is not removed: {refusal}")));
                }
            }
            let command =
                Command::FinishDeletion { account: deletion.account, orders, reviews: deletion.reviews };
            if let Err(refusal) = home.accounts(None, command).await? {
                return Err(contradiction(format!("a deletion is not finished: {refusal}")));
            }
        }
    }
}

/// Orders by their venue, each of which has a home of its own.
fn by_venue(orders: &[OrderId]) -> Vec<Vec<OrderId>> {
    let mut by_venue: BTreeMap<u32, Vec<OrderId>> = BTreeMap::new();
    for order in orders {
        by_venue.entry(order.owner()).or_default().push(*order);
    }
    by_venue.into_values().collect()
}

impl<'a> Service<'a> {
    /// The service. `secret` is the node's, or its cluster's: it must be the same for as long as refresh tokens are
    /// exchanged twice.
    #[must_use]
    pub fn new(
        home: &'a Home,
        tokens: &'a Tokens,
        passwords: &'a Passwords,
        secret: &SecretKey,
        settings: &marquee_config::Accounts,
    ) -> Self {
        let key = Zeroizing::new(blake3::derive_key("marquee 2026 exchange of refresh tokens", &**secret));
        let lifetimes = Lifetimes {
            access_ms: millis(tokens.lifetime()),
            refresh_ms: millis(settings.refresh_token_lifetime),
        };
        Self { home, tokens, passwords, key, lifetimes }
    }

    /// Makes a customer's account.
    ///
    /// # Errors
    /// As [`create_account`].
    pub async fn sign_up(&self, key: Option<Key>, account: NewAccount) -> Result<Account, Error> {
        create_account(self.home, self.passwords, key, account, Roles::default()).await
    }

    /// Begins a session. `secret` is random; with a key it is the same for every repetition, which then gets the tokens
    /// of the first.
    ///
    /// # Errors
    /// [`Error::CredentialsWrong`], whether the address or the password is wrong.
    pub async fn sign_in(
        &self,
        key: Option<Key>,
        secret: [u8; 32],
        email: &EmailAddress,
        password: Password,
        agent: UserAgent,
    ) -> Result<SignedIn, Error> {
        let known = {
            let state = self.home.snapshot()?;
            let accounts = state.accounts();
            let account = accounts.account_by_email(&email.folded())?.map(|account| account.id);
            match account {
                Some(id) => accounts.credential(id)?.map(|credential| (id, credential)),
                None => None,
            }
        };
        let hash = known.as_ref().map(|(_, credential)| credential.password.clone());
        let checked = self.passwords.check(password, hash).await?;
        let (Some((account, credential)), Checked::Right { rehash }) = (known, checked) else {
            tracing::info!("refused: a sign-in with a wrong e-mail address or password");
            return Err(Error::CredentialsWrong);
        };
        let session = SessionId::random(self.home.now_ms());
        let open = OpenSession {
            account,
            credential: credential.number,
            session,
            refresh: RefreshToken::new(account, session, secret).hash(),
            lifetimes: self.lifetimes,
            rehash,
            agent,
        };
        match self.home.accounts(key, Command::OpenSession(open)).await? {
            Ok(Outcome::Session(continued)) => {
                let refresh = RefreshToken::new(continued.account, continued.session, secret);
                Ok(self.signed_in(&continued, &refresh))
            }
            Ok(other) => Err(unexpected(&other)),
            // The account was deleted, or its password changed, while the password was checked.
            Err(Refusal::UnknownAccount | Refusal::CredentialChanged) => Err(Error::CredentialsWrong),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Exchanges a refresh token against new tokens.
    ///
    /// # Errors
    /// [`Error::RefreshInvalid`] when it continues no session. If it came a second time, its session has ended.
    pub async fn refresh(&self, key: Option<Key>, token: &RefreshToken) -> Result<SignedIn, Error> {
        let next = token.next(&self.key);
        let refresh = RefreshSession {
            account: token.account,
            session: token.session,
            presented: token.hash(),
            next: next.hash(),
            lifetimes: self.lifetimes,
        };
        match self.home.accounts(key, Command::RefreshSession(refresh)).await? {
            Ok(Outcome::Session(continued)) => Ok(self.signed_in(&continued, &next)),
            Ok(Outcome::Reused) => {
                tracing::warn!(account = %token.account, "a refresh token came a second time: its session was ended");
                Err(Error::RefreshInvalid)
            }
            Ok(other) => Err(unexpected(&other)),
            Err(Refusal::UnknownSession | Refusal::UnknownAccount) => Err(Error::RefreshInvalid),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The sessions of who asks that go on, those first that were used last.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn sessions(&self, by: &Claims) -> Result<Vec<Session>, Error> {
        let now_ms = self.home.now_ms();
        let mut sessions = self.home.snapshot()?.accounts().sessions(by.account)?;
        sessions.retain(|session| session.expires_ms > now_ms);
        sessions.sort_by_key(|session| std::cmp::Reverse((session.refreshed_ms, session.id)));
        Ok(sessions)
    }

    /// Ends one session of who asks; it may have ended already.
    ///
    /// # Errors
    /// When the home has no answer.
    pub async fn end_session(&self, by: &Claims, session: SessionId) -> Result<(), Error> {
        self.home.accounts(None, Command::EndSession { account: by.account, session }).await??;
        Ok(())
    }

    /// Ends all sessions of who asks, or all but the one that they ask in.
    ///
    /// # Errors
    /// When the home has no answer.
    pub async fn end_sessions(&self, by: &Claims, keeps_own: bool) -> Result<(), Error> {
        let except = keeps_own.then_some(by.session);
        self.home.accounts(None, Command::EndSessions { account: by.account, except }).await??;
        Ok(())
    }

    /// An account: one's own, or for support any.
    ///
    /// # Errors
    /// [`Error::Forbidden`], whether there is such an account or not.
    pub fn read(&self, by: &Claims, account: AccountId) -> Result<Account, Error> {
        if by.account != account && !by.roles.may_act_as(Role::Support) {
            return Err(forbidden(by, "this is somebody else's account"));
        }
        known(self.home, account)
    }

    /// Changes an account, all that is asked or nothing. People change their own; support changes names and postal codes
    /// of customers; operators change everything.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::PasswordWrong`], [`Error::UnfitPassword`]; [`Refusal::Stale`] and
    /// [`Refusal::EmailTaken`].
    pub async fn update(
        &self,
        by: &Claims,
        id: AccountId,
        version: Option<u64>,
        patch: Patch,
    ) -> Result<Account, Error> {
        let account = self.read(by, id)?;
        let is_own = by.account == id;
        let is_critical = patch.email.is_some() || patch.password.is_some();
        if !is_own {
            may_manage(by, &account)?;
            if is_critical && !by.roles.may_act_as(Role::Operator) {
                return Err(forbidden(
                    by,
                    "only operators change other people's e-mail addresses and passwords",
                ));
            }
        }
        let credential = match is_own && is_critical {
            true => Some(self.prove(id, patch.current_password).await?),
            false => None,
        };
        let password = match patch.password {
            Some(password) => {
                password.fits(patch.email.as_ref().unwrap_or(&account.email))?;
                Some(self.passwords.hash(password).await?)
            }
            None => None,
        };
        let update = Update {
            account: id,
            version,
            credential,
            email: patch.email,
            name: patch.name,
            zip: patch.zip.map(|zip| zip.map_or(ZipChange::Removed, ZipChange::To)),
            password,
            keep: is_own.then_some(by.session),
        };
        match self.home.accounts(None, Command::Update(update)).await? {
            Ok(Outcome::Updated { .. }) => known(self.home, id),
            Ok(other) => Err(unexpected(&other)),
            Err(Refusal::CredentialChanged) => Err(Error::PasswordWrong),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Removes an account and everything that is known of the person. People remove their own with their password;
    /// support removes customers, operators everyone.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::PasswordWrong`].
    pub async fn delete(
        &self,
        by: &Claims,
        id: AccountId,
        current_password: Option<Password>,
    ) -> Result<(), Error> {
        let account = self.read(by, id)?;
        let credential = match by.account == id {
            true => Some(self.prove(id, current_password).await?),
            false => {
                may_manage(by, &account)?;
                None
            }
        };
        match self.home.accounts(None, Command::Delete { account: id, version: None, credential }).await? {
            Ok(Outcome::Deleted) => {
                tracing::info!(account = %id, by = %by.account, "an account was deleted");
                Ok(())
            }
            Ok(other) => Err(unexpected(&other)),
            Err(Refusal::CredentialChanged) => Err(Error::PasswordWrong),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Gives an account these roles; for operators. They cannot take their own from themselves, so that one remains.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn set_roles(
        &self,
        by: &Claims,
        id: AccountId,
        version: Option<u64>,
        roles: Roles,
    ) -> Result<Account, Error> {
        if !by.roles.may_act_as(Role::Operator) {
            return Err(forbidden(by, "only operators give roles"));
        }
        if by.account == id && !roles.contains(Role::Operator) {
            return Err(forbidden(by, "another operator must take this role from you"));
        }
        self.home.accounts(None, Command::SetRoles { account: id, version, roles }).await??;
        tracing::info!(account = %id, by = %by.account, bits = roles.bits(), "roles were given");
        known(self.home, id)
    }

    /// Checks somebody's own current password; tells its number.
    async fn prove(&self, id: AccountId, password: Option<Password>) -> Result<u64, Error> {
        let password = password.ok_or(Error::PasswordWrong)?;
        let credential = self.home.snapshot()?.accounts().credential(id)?.ok_or(Refusal::UnknownAccount)?;
        match self.passwords.check(password, Some(credential.password)).await? {
            Checked::Right { .. } => Ok(credential.number),
            Checked::Wrong => {
                tracing::info!(account = %id, "refused: the current password is wrong");
                Err(Error::PasswordWrong)
            }
        }
    }

    fn signed_in(&self, continued: &Continued, refresh: &RefreshToken) -> SignedIn {
        // The instant comes from the command's outcome: a repetition gets the same token, and none outlives what is
        // remembered of its session.
        let claims = Claims {
            account: continued.account,
            session: continued.session,
            roles: continued.roles,
            expires_ms: continued.access_until_ms,
        };
        SignedIn {
            access_token: self.tokens.sign(&claims),
            claims,
            refresh_token: refresh.text(),
            refresh_until_ms: continued.expires_ms,
        }
    }
}

/// Support manages customers, organizers and box offices; those who could manage others are managed by operators only,
/// so that no role leads to a higher one.
fn may_manage(by: &Claims, account: &Account) -> Result<(), Error> {
    let is_staff = account.roles.contains(Role::Support) || account.roles.contains(Role::Operator);
    let needed = if is_staff { Role::Operator } else { Role::Support };
    match by.roles.may_act_as(needed) {
        true => Ok(()),
        false => Err(forbidden(by, "only operators change accounts of support and operators")),
    }
}

/// The number of the shard that an e-mail address belongs to, whatever its case.
#[must_use]
pub fn shard_of(email: &EmailAddress) -> u32 {
    let hash = blake3::hash(email.folded().as_bytes());
    let [first, second, ..] = *hash.as_bytes();
    u32::from(u16::from_be_bytes([first, second])) % SHARDS
}

fn known(home: &Home, id: AccountId) -> Result<Account, Error> {
    Ok(home.snapshot()?.accounts().account(id)?.ok_or(Refusal::UnknownAccount)?)
}

fn forbidden(by: &Claims, why: &'static str) -> Error {
    // Every refusal is logged.
    tracing::info!(account = %by.account, why, "refused");
    Error::Forbidden(why)
}

fn unexpected(outcome: &Outcome) -> Error {
    Error::Home(contradiction(format!("an outcome of another kind: {outcome:?}")))
}

fn contradiction(what: String) -> Failure {
    Failure::Broken(Broken::Contradiction { what })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
