//! The accounts' part of the state machine: every write to its tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use marquee_ledger::{AccountId, Broken, EventId, OrderId, Position, TableVisitor};
use redb::WriteTransaction;

use super::command::{
    Change, Command, Continued, Create, ORDERS_MAX, OpenSession, Outcome, REFRESH_GRACE_MS, RefreshSession,
    Refusal, SESSIONS_MAX, Update, ZipChange,
};
use super::email::EmailAddress;
use super::entity::{Account, Credential, Session};
use super::follows::{Follow, Followed};
use super::passwords::PasswordHash;
use super::revocations::Revocations;
use super::roles::Roles;
use super::tables::{Names, Tables};
use super::tokens::SessionId;

/// How many sessions whose time is over a command clears away: more than a command makes, so that they do not pile up.
const SWEPT_MAX: usize = 8;

/// The accounts of one group.
pub struct Accounts {
    names: Names,
    revocations: Arc<Revocations>,
}

impl Accounts {
    /// Accounts whose tables have names under `namespace`; `revocations` are filled when they are opened.
    #[must_use]
    pub fn new(namespace: &str, revocations: Arc<Revocations>) -> Self {
        Self { names: Names::new(namespace), revocations }
    }

    /// Creates missing tables and fills the revocations.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn open(&mut self, state: &WriteTransaction) -> Result<(), Broken> {
        for (session, until_ms) in Tables::open(state, &self.names)?.ended()? {
            self.revocations.add(session, until_ms, 0);
        }
        Ok(())
    }

    /// The shards that an account lives in. Reads all accounts.
    ///
    /// # Errors
    /// When the storage broke.
    pub fn shards(&self, state: &WriteTransaction) -> Result<BTreeSet<u32>, Broken> {
        Tables::open(state, &self.names)?.shards()
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
        let tables = Tables::open(state, &self.names)?;
        let mut step = Step { tables, now_ms: at.now_ms, changes };
        step.sweep()?;
        match step.apply(command) {
            Ok(outcome) => Ok(Ok(outcome)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Broken(broken)) => Err(broken),
        }
    }
}

/// Why a command ends early.
enum Stop {
    Refused(Refusal),
    Broken(Broken),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// One command being applied. Every method checks first and writes last: from the first write on nothing is refused.
struct Step<'t, 's> {
    tables: Tables<'t>,
    now_ms: u64,
    changes: &'s mut Vec<Change>,
}

impl Step<'_, '_> {
    fn apply(&mut self, command: &Command) -> Result<Outcome, Stop> {
        match command {
            Command::Create(create) => self.create(create),
            Command::Update(update) => self.update(update),
            Command::Delete { account, version, credential } => self.delete(*account, *version, *credential),
            Command::SetRoles { account, version, roles } => self.set_roles(*account, *version, *roles),
            Command::OpenSession(open) => self.open_session(open),
            Command::RefreshSession(refresh) => self.refresh_session(refresh),
            Command::EndSession { account, session } => self.end_session(*account, *session),
            Command::EndSessions { account, except } => {
                self.account(*account)?;
                Ok(Outcome::Ended { count: self.end_all(*account, *except)? })
            }
            Command::IndexOrder { account, order } => self.index_order(*account, *order),
            Command::FinishDeletion { account, orders, reviews } => {
                self.finish_deletion(*account, orders, reviews)
            }
            Command::NoteReview { account, event } => self.note_review(*account, *event),
            Command::Follow { account, what } => self.follow(*account, what),
            Command::Unfollow { account, what } => {
                self.account(*account)?;
                self.tables.likes()?.remove(*account, what)?;
                Ok(Outcome::Noted)
            }
        }
    }

    // Accounts.

    fn create(&mut self, create: &Create) -> Result<Outcome, Stop> {
        let folded = self.free_email(&create.email, None)?;
        let id = AccountId::from_parts(self.now_ms, create.shard, self.tables.next_counter()?);
        let account = Account {
            id,
            version: 1,
            created_ms: self.now_ms,
            updated_ms: self.now_ms,
            email: create.email.clone(),
            name: create.name.clone(),
            zip: create.zip.clone(),
            roles: create.roles,
        };
        let credential = Credential { number: 1, password: create.password.clone() };
        self.tables.put_email(&folded, id)?;
        self.tables.put_account(&account)?;
        self.tables.put_credential(id, &credential)?;
        self.changes.push(Change::Account(id));
        Ok(Outcome::Created(id))
    }

    fn update(&mut self, update: &Update) -> Result<Outcome, Stop> {
        let mut account = self.account_of_version(update.account, update.version)?;
        let credential = self.checked_credential(update.account, update.credential)?;
        let folded = match &update.email {
            Some(email) => Some(self.free_email(email, Some(account.id))?),
            None => None,
        };
        // Nothing is refused from here on.
        if let (Some(email), Some(folded)) = (&update.email, &folded) {
            self.tables.remove_email(&account.email.folded())?;
            self.tables.put_email(folded, account.id)?;
            account.email = email.clone();
        }
        if let Some(name) = &update.name {
            account.name = name.clone();
        }
        if let Some(zip) = &update.zip {
            account.zip = match zip {
                ZipChange::To(zip) => Some(zip.clone()),
                ZipChange::Removed => None,
            };
        }
        if let Some(password) = &update.password {
            let credential = Credential { number: credential.number + 1, password: password.clone() };
            self.tables.put_credential(account.id, &credential)?;
            self.end_all(account.id, update.keep)?;
        }
        self.save(account)
    }

    fn delete(
        &mut self,
        id: AccountId,
        version: Option<u64>,
        credential: Option<u64>,
    ) -> Result<Outcome, Stop> {
        let account = self.account_of_version(id, version)?;
        self.checked_credential(id, credential)?;
        self.end_all(id, None)?;
        self.tables.remove_account(&account)?;
        self.tables.likes()?.remove_all(id)?;
        if self.tables.has_traces(id)? {
            self.tables.put_deletion(id, self.now_ms)?;
            self.changes.push(Change::DeletionUnfinished(id));
        }
        self.changes.push(Change::Account(id));
        Ok(Outcome::Deleted)
    }

    fn set_roles(&mut self, id: AccountId, version: Option<u64>, roles: Roles) -> Result<Outcome, Stop> {
        let mut account = self.account_of_version(id, version)?;
        // Access tokens say what their holder may do, so those that say too much must not be used any more.
        if account.roles.iter().any(|role| !roles.contains(role)) {
            self.end_all(id, None)?;
        }
        account.roles = roles;
        self.save(account)
    }

    fn save(&mut self, mut account: Account) -> Result<Outcome, Stop> {
        account.version += 1;
        account.updated_ms = self.now_ms;
        self.tables.put_account(&account)?;
        self.changes.push(Change::Account(account.id));
        Ok(Outcome::Updated { version: account.version })
    }

    // Sessions.

    fn open_session(&mut self, open: &OpenSession) -> Result<Outcome, Stop> {
        let account = self.account(open.account)?;
        let credential = self.checked_credential(account.id, Some(open.credential))?;
        if let Some(rehash) = &open.rehash {
            self.rehash(account.id, credential.number, rehash)?;
        }
        let mut others = self.tables.sessions(account.id)?;
        others.sort_by_key(|session| (session.refreshed_ms, session.id));
        let too_many = (others.len() + 1).saturating_sub(SESSIONS_MAX);
        for session in &others[..too_many] {
            self.end(session)?;
        }
        let session = Session {
            id: open.session,
            account: account.id,
            refresh: open.refresh,
            exchanged: None,
            opened_ms: self.now_ms,
            refreshed_ms: self.now_ms,
            expires_ms: self.now_ms.saturating_add(open.lifetimes.refresh_ms),
            access_until_ms: self.now_ms.saturating_add(open.lifetimes.access_ms),
            agent: open.agent.clone(),
        };
        // An id made at random is there only if the command comes a second time without a key.
        let before = others.into_iter().find(|session| session.id == open.session);
        self.tables.put_session(&session, before.as_ref())?;
        Ok(continued(&session, account.roles))
    }

    fn rehash(&mut self, id: AccountId, number: u64, password: &PasswordHash) -> Result<(), Broken> {
        self.tables.put_credential(id, &Credential { number, password: password.clone() })
    }

    fn refresh_session(&mut self, refresh: &RefreshSession) -> Result<Outcome, Stop> {
        let before = self.tables.session(refresh.account, refresh.session)?;
        let before = before.filter(|session| session.expires_ms > self.now_ms);
        let before = before.ok_or(Refusal::UnknownSession)?;
        let account = self.account(refresh.account)?;
        let mut session = before.clone();
        if refresh.presented == session.refresh {
            session.exchanged = Some(refresh.presented);
            session.refreshed_ms = self.now_ms;
            session.expires_ms = self.now_ms.saturating_add(refresh.lifetimes.refresh_ms);
        } else {
            let again = session.exchanged == Some(refresh.presented);
            if !again || self.now_ms > session.refreshed_ms.saturating_add(REFRESH_GRACE_MS) {
                self.end(&session)?;
                return Ok(Outcome::Reused);
            }
        }
        // The same token is exchanged against the same one, unless by nodes with different keys: then the later counts.
        session.refresh = refresh.next;
        session.access_until_ms =
            session.access_until_ms.max(self.now_ms.saturating_add(refresh.lifetimes.access_ms));
        self.tables.put_session(&session, Some(&before))?;
        Ok(continued(&session, account.roles))
    }

    fn end_session(&mut self, account: AccountId, id: SessionId) -> Result<Outcome, Stop> {
        let Some(session) = self.tables.session(account, id)? else { return Ok(Outcome::Ended { count: 0 }) };
        self.end(&session)?;
        Ok(Outcome::Ended { count: 1 })
    }

    fn end_all(&mut self, account: AccountId, except: Option<SessionId>) -> Result<u32, Broken> {
        let mut count = 0;
        for session in self.tables.sessions(account)? {
            if Some(session.id) != except {
                self.end(&session)?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn end(&mut self, session: &Session) -> Result<(), Broken> {
        self.tables.remove_session(session)?;
        let until_ms = session.access_until_ms;
        if until_ms > self.now_ms {
            self.tables.put_ended(session.id, until_ms)?;
            self.changes.push(Change::SessionEnded { session: session.id, until_ms });
        }
        Ok(())
    }

    /// Clears away what time has ended. Nobody sees a difference: what is over is passed over everywhere.
    fn sweep(&mut self) -> Result<(), Broken> {
        for session in self.tables.expired(self.now_ms, SWEPT_MAX)? {
            // Access tokens do not outlive their session by the settings; should they, they end with it.
            self.end(&session)?;
        }
        self.tables.sweep_ended(self.now_ms, SWEPT_MAX + SESSIONS_MAX)
    }

    // Orders.

    fn index_order(&mut self, account: AccountId, order: OrderId) -> Result<Outcome, Stop> {
        self.tables.put_order(account, order)?;
        if self.tables.account(account)?.is_none() {
            // It was deleted while the order was under way.
            self.tables.put_deletion(account, self.now_ms)?;
            self.changes.push(Change::DeletionUnfinished(account));
        }
        Ok(Outcome::Noted)
    }

    fn finish_deletion(
        &mut self,
        account: AccountId,
        orders: &[OrderId],
        reviews: &[EventId],
    ) -> Result<Outcome, Stop> {
        if orders.len().max(reviews.len()) > ORDERS_MAX {
            return Err(Refusal::TooManyOrders.into());
        }
        // Of an account that is there nothing was anonymised.
        if self.tables.account(account)?.is_some() {
            return Ok(Outcome::Noted);
        }
        for order in orders {
            self.tables.remove_order(account, *order)?;
        }
        for event in reviews {
            self.tables.likes()?.strike_review(account, *event)?;
        }
        if !self.tables.has_traces(account)? {
            self.tables.remove_deletion(account)?;
        }
        Ok(Outcome::Noted)
    }

    // What people like.

    fn note_review(&mut self, account: AccountId, event: EventId) -> Result<Outcome, Stop> {
        self.tables.likes()?.note_review(account, event)?;
        if self.tables.account(account)?.is_none() {
            // It was deleted while the review was under way.
            self.tables.put_deletion(account, self.now_ms)?;
            self.changes.push(Change::DeletionUnfinished(account));
        }
        Ok(Outcome::Noted)
    }

    fn follow(&mut self, account: AccountId, what: &Followed) -> Result<Outcome, Stop> {
        self.account(account)?;
        let mut likes = self.tables.likes()?;
        if !likes.has_room(account, what)? {
            return Err(Refusal::TooManyFollows.into());
        }
        likes.put(account, &Follow { what: what.clone(), since_ms: self.now_ms })?;
        Ok(Outcome::Noted)
    }

    // What several have in common.

    fn account(&self, id: AccountId) -> Result<Account, Stop> {
        self.tables.account(id)?.ok_or_else(|| Refusal::UnknownAccount.into())
    }

    fn account_of_version(&self, id: AccountId, version: Option<u64>) -> Result<Account, Stop> {
        let account = self.account(id)?;
        match version {
            Some(version) if version != account.version => {
                Err(Refusal::Stale { version: account.version }.into())
            }
            Some(_) | None => Ok(account),
        }
    }

    fn checked_credential(&self, id: AccountId, number: Option<u64>) -> Result<Credential, Stop> {
        let credential = self
            .tables
            .credential(id)?
            .ok_or_else(|| Broken::Contradiction { what: "an account without a password".to_owned() })?;
        match number {
            Some(number) if number != credential.number => Err(Refusal::CredentialChanged.into()),
            Some(_) | None => Ok(credential),
        }
    }

    /// The address folded, if nobody else has it.
    fn free_email(&self, email: &EmailAddress, of: Option<AccountId>) -> Result<String, Stop> {
        let folded = email.folded();
        match self.tables.holder_of(&folded)? {
            Some(holder) if Some(holder) != of => Err(Refusal::EmailTaken.into()),
            Some(_) | None => Ok(folded),
        }
    }
}

fn continued(session: &Session, roles: Roles) -> Outcome {
    Outcome::Session(Continued {
        account: session.account,
        session: session.id,
        roles,
        access_until_ms: session.access_until_ms,
        expires_ms: session.expires_ms,
    })
}
