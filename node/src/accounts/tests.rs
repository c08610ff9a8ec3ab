//! The accounts' rules, told as stories.

use std::sync::Arc;

use marquee_config::{ByteSize, PasswordCost};
use marquee_ledger::{AccountId, EventId, OrderId, Position, VenueId};
use redb::ReadableDatabase as _;

use super::agent::UserAgent;
use super::command::{
    Change, Command, Continued, Create, Lifetimes, OpenSession, Outcome, REFRESH_GRACE_MS, RefreshSession,
    Refusal, SESSIONS_MAX, Update, ZipChange,
};
use super::entity::{Account, Session};
use super::follows::Followed;
use super::part::Accounts;
use super::passwords::{Password, PasswordHash};
use super::refresh::RefreshHash;
use super::revocations::Revocations;
use super::roles::{Role, Roles};
use super::tables::{Deletion, Snapshot};
use super::tokens::SessionId;

const NOW_MS: u64 = 1_796_083_200_000;
const LIFETIMES: Lifetimes = Lifetimes { access_ms: 900_000, refresh_ms: 86_400_000 };

struct Bench {
    state: redb::Database,
    part: Accounts,
    revocations: Arc<Revocations>,
    now_ms: u64,
    changes: Vec<Change>,
}

impl Bench {
    fn new() -> Self {
        let state =
            redb::Database::builder().create_with_backend(redb::backends::InMemoryBackend::new()).unwrap();
        let revocations = Arc::new(Revocations::default());
        let mut bench = Self {
            state,
            part: Accounts::new("g1", Arc::clone(&revocations)),
            revocations,
            now_ms: NOW_MS,
            changes: Vec::new(),
        };
        bench.reopen();
        bench
    }

    /// As after a start of the node.
    fn reopen(&mut self) {
        self.revocations = Arc::new(Revocations::default());
        self.part = Accounts::new("g1", Arc::clone(&self.revocations));
        let write = self.state.begin_write().unwrap();
        self.part.open(&write).unwrap();
        write.commit().unwrap();
    }

    #[allow(clippy::needless_pass_by_value, reason = "stories read better without ampersands")]
    fn ask(&mut self, command: Command) -> Result<Outcome, Refusal> {
        // What is asked must survive the log.
        let bytes = rmp_serde::to_vec(&command).unwrap();
        let command: Command = rmp_serde::from_slice(&bytes).unwrap();
        let write = self.state.begin_write().unwrap();
        let at = Position { index: 1, now_ms: self.now_ms };
        self.changes.clear();
        let answer = self.part.apply(&write, at, &command, &mut self.changes).unwrap();
        write.commit().unwrap();
        self.revocations.follow(&self.changes, self.now_ms);
        let bytes = rmp_serde::to_vec(&answer).unwrap();
        assert_eq!(rmp_serde::from_slice::<Result<Outcome, Refusal>>(&bytes).unwrap(), answer);
        answer
    }

    fn read<T>(&self, read: impl FnOnce(Snapshot<'_>) -> T) -> T {
        let state = self.state.begin_read().unwrap();
        read(Snapshot::new(&state, "g1"))
    }

    fn account(&self, id: AccountId) -> Option<Account> {
        self.read(|accounts| accounts.account(id).unwrap())
    }

    fn by_email(&self, folded: &str) -> Option<AccountId> {
        self.read(|accounts| accounts.account_by_email(folded).unwrap()).map(|account| account.id)
    }

    fn sessions(&self, account: AccountId) -> Vec<Session> {
        self.read(|accounts| accounts.sessions(account).unwrap())
    }

    fn orders(&self, account: AccountId, before: Option<OrderId>, limit: usize) -> Vec<OrderId> {
        self.read(|accounts| accounts.orders(account, before, limit).unwrap())
    }

    fn deletions(&self) -> Vec<Deletion> {
        self.read(|accounts| accounts.unfinished_deletions(10).unwrap())
    }

    fn create(&mut self, email: &str) -> AccountId {
        match self.ask(create(email)) {
            Ok(Outcome::Created(id)) => id,
            other => panic!("not created: {other:?}"),
        }
    }

    fn open(&mut self, account: AccountId, session: u128, refresh: u8) -> Result<Continued, Refusal> {
        continued(self.ask(Command::OpenSession(open(account, session, refresh)))?)
    }

    fn refresh(&mut self, account: AccountId, session: u128, from: u8, to: u8) -> Result<Outcome, Refusal> {
        self.ask(Command::RefreshSession(RefreshSession {
            account,
            session: SessionId(session),
            presented: RefreshHash::of(from),
            next: RefreshHash::of(to),
            lifetimes: LIFETIMES,
        }))
    }

    fn is_revoked(&self, session: u128) -> bool {
        self.revocations.contains(SessionId(session))
    }
}

fn create(email: &str) -> Command {
    Command::Create(Create {
        shard: 0,
        email: email.parse().unwrap(),
        name: "Ann Archer".parse().unwrap(),
        zip: Some("94612".parse().unwrap()),
        roles: Roles::default(),
        password: password(),
    })
}

fn password() -> PasswordHash {
    let cost = PasswordCost { memory: ByteSize::kib(64), iterations: 1, parallelism: 1 };
    PasswordHash::make(&Password::new("correct horse"), &cost).unwrap()
}

fn open(account: AccountId, session: u128, refresh: u8) -> OpenSession {
    OpenSession {
        account,
        credential: 1,
        session: SessionId(session),
        refresh: RefreshHash::of(refresh),
        lifetimes: LIFETIMES,
        rehash: None,
        agent: UserAgent::new(b"curl/8.5.0"),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "stories read better without ampersands")]
fn continued(outcome: Outcome) -> Result<Continued, Refusal> {
    if let Outcome::Session(continued) = outcome { Ok(continued) } else { panic!("no session: {outcome:?}") }
}

fn nothing(account: AccountId) -> Update {
    Update {
        account,
        version: None,
        credential: None,
        email: None,
        name: None,
        zip: None,
        password: None,
        keep: None,
    }
}

const ABSENT: AccountId = AccountId(99);

#[test]
fn an_address_has_one_account_whatever_its_case() {
    let mut bench = Bench::new();
    let ann = bench.create("Ann@Example.com");
    assert_eq!((ann.millis(), ann.owner()), (NOW_MS, 0));
    assert_eq!(bench.changes, [Change::Account(ann)]);
    let account = bench.account(ann).unwrap();
    assert_eq!((account.version, account.email.as_str()), (1, "Ann@Example.com"));
    assert_eq!(bench.ask(create("ANN@example.COM")), Err(Refusal::EmailTaken));
    assert!(bench.changes.is_empty());
    let bob = bench.create("bob@example.com");
    assert_ne!(ann, bob);
    assert_eq!(bench.by_email("ann@example.com"), Some(ann));

    let email = Some("BOB@EXAMPLE.COM".parse().unwrap());
    let taken = Update { email: email.clone(), name: Some("Eve".parse().unwrap()), ..nothing(ann) };
    assert_eq!(bench.ask(Command::Update(taken)), Err(Refusal::EmailTaken));
    assert_eq!(bench.account(ann), Some(account), "all or nothing");
    let own = Update { email, ..nothing(bob) };
    assert_eq!(
        bench.ask(Command::Update(own)),
        Ok(Outcome::Updated { version: 2 }),
        "another case of one's own"
    );

    let moved = Update { email: Some("ann@other.example".parse().unwrap()), ..nothing(ann) };
    assert_eq!(bench.ask(Command::Update(moved)), Ok(Outcome::Updated { version: 2 }));
    assert_eq!(bench.by_email("ann@example.com"), None);
    assert_ne!(bench.create("ann@example.com"), ann, "the address is free again");
}

#[test]
fn a_change_names_the_version_and_touches_what_it_says() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    bench.now_ms += 5;
    let name = Update { version: Some(1), name: Some("Anne".parse().unwrap()), ..nothing(ann) };
    assert_eq!(bench.ask(Command::Update(name.clone())), Ok(Outcome::Updated { version: 2 }));
    assert_eq!(bench.ask(Command::Update(name)), Err(Refusal::Stale { version: 2 }));
    let account = bench.account(ann).unwrap();
    assert_eq!((account.name.as_str(), account.created_ms, account.updated_ms), ("Anne", NOW_MS, NOW_MS + 5));
    assert!(account.zip.is_some());
    let no_zip = Update { zip: Some(ZipChange::Removed), ..nothing(ann) };
    assert_eq!(bench.ask(Command::Update(no_zip)), Ok(Outcome::Updated { version: 3 }));
    assert_eq!(bench.account(ann).unwrap().zip, None);
    assert_eq!(bench.ask(Command::Update(nothing(ABSENT))), Err(Refusal::UnknownAccount));
}

#[test]
fn a_session_says_what_it_was_begun_with() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    bench.open(ann, 1, 1).unwrap();
    assert_eq!(bench.sessions(ann)[0].agent.program(), Some("curl"));
    // Records and commands that were written before sessions said so are read.
    let session = bench.sessions(ann).remove(0);
    let before = (
        session.id,
        session.account,
        session.refresh,
        session.exchanged,
        session.opened_ms,
        session.refreshed_ms,
        session.expires_ms,
        session.access_until_ms,
    );
    let read: Session = rmp_serde::from_slice(&rmp_serde::to_vec(&before).unwrap()).unwrap();
    assert_eq!(read, Session { agent: UserAgent::default(), ..session });
}

#[test]
fn a_changed_password_ends_the_other_sessions() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    for session in 1..=3 {
        bench.open(ann, session, 1).unwrap();
    }
    let change =
        Update { credential: Some(1), password: Some(password()), keep: Some(SessionId(2)), ..nothing(ann) };
    assert_eq!(bench.ask(Command::Update(change.clone())), Ok(Outcome::Updated { version: 2 }));
    assert_eq!(bench.sessions(ann).iter().map(|session| session.id.0).collect::<Vec<_>>(), [2]);
    assert!(bench.is_revoked(1) && !bench.is_revoked(2) && bench.is_revoked(3));
    assert_eq!(bench.ask(Command::Update(change)), Err(Refusal::CredentialChanged));
    assert_eq!(bench.open(ann, 4, 1), Err(Refusal::CredentialChanged), "checked before the change");
    let delete = Command::Delete { account: ann, version: None, credential: Some(1) };
    assert_eq!(bench.ask(delete), Err(Refusal::CredentialChanged));
}

#[test]
fn a_rehash_leaves_the_password_what_it_is() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    let before = bench.read(|accounts| accounts.credential(ann).unwrap()).unwrap();
    let rehash = Some(password());
    bench.ask(Command::OpenSession(OpenSession { rehash: rehash.clone(), ..open(ann, 1, 1) })).unwrap();
    let after = bench.read(|accounts| accounts.credential(ann).unwrap()).unwrap();
    assert_eq!(after.number, before.number);
    assert_eq!(Some(after.password), rehash);
    assert!(bench.open(ann, 2, 1).is_ok());
}

#[test]
fn a_refresh_token_is_good_for_one_exchange() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    let opened = bench.open(ann, 7, 1).unwrap();
    assert_eq!((opened.access_until_ms, opened.expires_ms), (NOW_MS + 900_000, NOW_MS + 86_400_000));
    bench.now_ms += 1_000_000;
    let second = continued(bench.refresh(ann, 7, 1, 2).unwrap()).unwrap();
    assert_eq!(second.expires_ms, bench.now_ms + 86_400_000, "each visit makes the session last");

    // The answer was lost, and is asked for again.
    bench.now_ms += REFRESH_GRACE_MS;
    let again = continued(bench.refresh(ann, 7, 1, 2).unwrap()).unwrap();
    assert_eq!((again.session, again.expires_ms), (second.session, second.expires_ms));
    assert_eq!(bench.sessions(ann)[0].access_until_ms, again.access_until_ms);

    // Somebody else has a copy.
    bench.now_ms += 1;
    assert_eq!(bench.refresh(ann, 7, 1, 2), Ok(Outcome::Reused));
    let ended = Change::SessionEnded { session: SessionId(7), until_ms: again.access_until_ms };
    assert_eq!(bench.changes, [ended]);
    assert!(bench.sessions(ann).is_empty() && bench.is_revoked(7));
    assert_eq!(bench.refresh(ann, 7, 2, 3), Err(Refusal::UnknownSession), "the copy's owner is out too");
}

#[test]
fn a_token_before_the_last_ends_the_session_even_at_once() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    bench.open(ann, 7, 1).unwrap();
    bench.refresh(ann, 7, 1, 2).unwrap();
    bench.refresh(ann, 7, 2, 3).unwrap();
    assert_eq!(bench.refresh(ann, 7, 1, 2), Ok(Outcome::Reused));
    bench.open(ann, 8, 1).unwrap();
    assert_eq!(bench.refresh(ann, 8, 77, 78), Ok(Outcome::Reused), "a forged one too");
    assert!(bench.is_revoked(7) && bench.is_revoked(8));
}

#[test]
fn sessions_belong_to_their_account() {
    let mut bench = Bench::new();
    let (ann, bob) = (bench.create("ann@example.com"), bench.create("bob@example.com"));
    bench.open(ann, 7, 1).unwrap();
    assert_eq!(bench.refresh(bob, 7, 1, 2), Err(Refusal::UnknownSession));
    let end = |account| Command::EndSession { account, session: SessionId(7) };
    assert_eq!(bench.ask(end(bob)), Ok(Outcome::Ended { count: 0 }));
    assert_eq!(bench.sessions(ann).len(), 1);
    assert_eq!(bench.ask(end(ann)), Ok(Outcome::Ended { count: 1 }));
    assert_eq!(bench.ask(end(ann)), Ok(Outcome::Ended { count: 0 }), "repeated");
    assert_eq!(bench.open(ABSENT, 1, 1), Err(Refusal::UnknownAccount));
}

#[test]
fn one_session_too_many_ends_the_one_least_recently_used() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    for session in 0..SESSIONS_MAX as u128 {
        bench.now_ms += 1;
        bench.open(ann, session, 1).unwrap();
    }
    bench.now_ms += 1;
    bench.refresh(ann, 0, 1, 2).unwrap();
    bench.open(ann, 100, 1).unwrap();
    let ids: Vec<_> = bench.sessions(ann).iter().map(|session| session.id.0).collect();
    assert_eq!(ids.len(), SESSIONS_MAX);
    assert!(ids.contains(&0) && !ids.contains(&1) && ids.contains(&100));
    assert!(bench.is_revoked(1));

    let all_but = Command::EndSessions { account: ann, except: Some(SessionId(100)) };
    assert_eq!(bench.ask(all_but), Ok(Outcome::Ended { count: SESSIONS_MAX as u32 - 1 }));
    assert_eq!(bench.sessions(ann).len(), 1);
    let unknown = Command::EndSessions { account: ABSENT, except: None };
    assert_eq!(bench.ask(unknown), Err(Refusal::UnknownAccount));
}

#[test]
fn sessions_end_with_their_time_and_are_cleared_away() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    for session in 0..10 {
        bench.open(ann, session, 1).unwrap();
    }
    bench.now_ms += LIFETIMES.refresh_ms;
    assert_eq!(bench.refresh(ann, 9, 1, 2), Err(Refusal::UnknownSession));
    assert_eq!(bench.sessions(ann).len(), 2, "a command clears eight away");
    bench.create("bob@example.com");
    assert!(bench.sessions(ann).is_empty());
    assert!(!bench.is_revoked(0), "their access tokens have expired long ago");
}

#[test]
fn revocations_outlive_a_start_of_the_node() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    bench.open(ann, 7, 1).unwrap();
    bench.ask(Command::EndSession { account: ann, session: SessionId(7) }).unwrap();
    bench.reopen();
    assert!(bench.is_revoked(7));
    bench.now_ms += LIFETIMES.access_ms;
    bench.create("bob@example.com");
    bench.reopen();
    assert!(!bench.is_revoked(7), "its access tokens have expired by themselves");
}

#[test]
fn who_loses_a_role_is_signed_out() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    bench.open(ann, 7, 1).unwrap();
    let set = |roles, version| Command::SetRoles { account: ann, version, roles };
    let organizer = Roles::default().with(Role::Organizer);
    assert_eq!(bench.ask(set(organizer, Some(1))), Ok(Outcome::Updated { version: 2 }));
    let next = continued(bench.refresh(ann, 7, 1, 2).unwrap()).unwrap();
    assert!(next.roles.contains(Role::Organizer), "gained with the next exchange");
    assert_eq!(bench.ask(set(Roles::default(), Some(1))), Err(Refusal::Stale { version: 2 }));
    assert!(!bench.is_revoked(7));
    assert_eq!(bench.ask(set(Roles::default(), None)), Ok(Outcome::Updated { version: 3 }));
    assert!(bench.is_revoked(7) && bench.sessions(ann).is_empty());
    let unknown = Command::SetRoles { account: ABSENT, version: None, roles: organizer };
    assert_eq!(bench.ask(unknown), Err(Refusal::UnknownAccount));
}

#[test]
fn orders_are_listed_latest_first_page_by_page() {
    let mut bench = Bench::new();
    let (ann, bob) = (bench.create("ann@example.com"), bench.create("bob@example.com"));
    let index = |account, order| Command::IndexOrder { account, order: OrderId(order) };
    for order in [5, 3, 9, 5] {
        assert_eq!(bench.ask(index(ann, order)), Ok(Outcome::Noted));
    }
    bench.ask(index(bob, 7)).unwrap();
    assert_eq!(bench.orders(ann, None, 10), [OrderId(9), OrderId(5), OrderId(3)]);
    assert_eq!(bench.orders(ann, None, 2), [OrderId(9), OrderId(5)]);
    assert_eq!(bench.orders(ann, Some(OrderId(5)), 2), [OrderId(3)]);
    assert!(bench.deletions().is_empty());
}

#[test]
fn a_deletion_leaves_nothing_of_the_person_but_orders_to_finish() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    bench.open(ann, 7, 1).unwrap();
    for order in 1..=3 {
        bench.ask(Command::IndexOrder { account: ann, order: OrderId(order) }).unwrap();
    }
    let delete = |version| Command::Delete { account: ann, version, credential: None };
    assert_eq!(bench.ask(delete(Some(9))), Err(Refusal::Stale { version: 1 }));
    assert_eq!(bench.ask(delete(Some(1))), Ok(Outcome::Deleted));
    assert!(bench.changes.contains(&Change::DeletionUnfinished(ann)));
    assert_eq!((bench.account(ann), bench.by_email("ann@example.com")), (None, None));
    assert_eq!(bench.read(|accounts| accounts.credential(ann).unwrap()), None);
    assert!(bench.sessions(ann).is_empty() && bench.is_revoked(7));
    assert_eq!(bench.ask(delete(None)), Err(Refusal::UnknownAccount));
    assert_eq!(bench.refresh(ann, 7, 1, 2), Err(Refusal::UnknownSession));

    let orders: Vec<_> = (1..=3).map(OrderId).collect();
    let unfinished = Deletion { account: ann, deleted_ms: NOW_MS, orders: orders.clone(), reviews: vec![] };
    assert_eq!(bench.deletions(), [unfinished]);
    let finish = |orders: &[OrderId]| Command::FinishDeletion {
        account: ann,
        orders: orders.to_vec(),
        reviews: Vec::new(),
    };
    assert_eq!(bench.ask(finish(&orders[..2])), Ok(Outcome::Noted));
    assert_eq!(bench.deletions()[0].orders, orders[2..]);
    assert_eq!(bench.ask(finish(&orders)), Ok(Outcome::Noted));
    assert!(bench.deletions().is_empty() && bench.orders(ann, None, 9).is_empty());

    // An order that was under way meanwhile.
    bench.ask(Command::IndexOrder { account: ann, order: OrderId(4) }).unwrap();
    assert_eq!(bench.changes, [Change::DeletionUnfinished(ann)]);
    assert_eq!(bench.deletions()[0].orders, [OrderId(4)]);
    bench.ask(finish(&[OrderId(4)])).unwrap();
    assert!(bench.deletions().is_empty());
    assert_eq!(bench.ask(finish(&vec![OrderId(1); 201])), Err(Refusal::TooManyOrders));
}

#[test]
fn orders_of_an_account_that_is_there_are_not_struck_off() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    bench.ask(Command::IndexOrder { account: ann, order: OrderId(1) }).unwrap();
    let finish =
        Command::FinishDeletion { account: ann, orders: vec![OrderId(1)], reviews: vec![EventId(1)] };
    assert_eq!(bench.ask(finish), Ok(Outcome::Noted));
    assert_eq!(bench.orders(ann, None, 9), [OrderId(1)]);
}

#[test]
fn what_is_followed_is_listed_once_and_goes_with_the_account() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    let performer = |name: &str| Followed::Performer(name.parse().unwrap());
    let follow = |what: &Followed| Command::Follow { account: ann, what: what.clone() };
    let listed = |bench: &Bench| {
        let follows = bench.read(|accounts| accounts.follows(ann).unwrap());
        follows.into_iter().map(|follow| follow.what).collect::<Vec<_>>()
    };
    let all = [Followed::Event(EventId(7)), Followed::Venue(VenueId(3)), performer("Beyoncé")];
    for what in all.iter().rev().chain([&performer("beyonce")]) {
        assert_eq!(bench.ask(follow(what)), Ok(Outcome::Noted));
    }
    assert_eq!(listed(&bench), all);
    bench.ask(Command::Unfollow { account: ann, what: performer("BEYONCE") }).unwrap();
    assert_eq!(listed(&bench), all[..2]);

    for event in 100..598 {
        bench.ask(follow(&Followed::Event(EventId(event)))).unwrap();
    }
    assert_eq!(bench.ask(follow(&performer("One more"))), Err(Refusal::TooManyFollows));
    assert_eq!(bench.ask(follow(&all[0])), Ok(Outcome::Noted), "it is followed already");

    bench.ask(Command::Delete { account: ann, version: None, credential: None }).unwrap();
    assert!(listed(&bench).is_empty() && bench.deletions().is_empty());
    assert_eq!(bench.ask(follow(&all[0])), Err(Refusal::UnknownAccount));
}

#[test]
fn a_deletion_waits_for_reviews_as_well() {
    let mut bench = Bench::new();
    let ann = bench.create("ann@example.com");
    let note = |event| Command::NoteReview { account: ann, event: EventId(event) };
    bench.ask(note(7)).unwrap();
    bench.ask(Command::Delete { account: ann, version: None, credential: None }).unwrap();
    assert_eq!(bench.deletions()[0].reviews, [EventId(7)]);
    let finish =
        |event| Command::FinishDeletion { account: ann, orders: vec![], reviews: vec![EventId(event)] };
    bench.ask(finish(7)).unwrap();
    assert!(bench.deletions().is_empty());

    // A review that was under way meanwhile.
    bench.ask(note(8)).unwrap();
    assert_eq!(bench.changes, [Change::DeletionUnfinished(ann)]);
    bench.ask(finish(8)).unwrap();
    assert!(bench.deletions().is_empty());
}

#[test]
fn refusals_have_numbers_of_their_own() {
    let all = [
        Refusal::UnknownAccount,
        Refusal::UnknownSession,
        Refusal::EmailTaken,
        Refusal::Stale { version: 1 },
        Refusal::CredentialChanged,
        Refusal::TooManyOrders,
        Refusal::TooManyFollows,
    ];
    let mut codes: Vec<_> = all.iter().map(Refusal::code).collect();
    codes.dedup();
    assert_eq!(codes, [1, 2, 10, 11, 12, 20, 21]);
}
