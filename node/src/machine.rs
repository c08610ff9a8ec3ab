//! What a node's group runs: one state machine, composed of parts.
//!
//! A log entry holds commands of any part, in the order in which they came. The ledger's commands go to the ledger, which
//! keeps their idempotency keys itself. The commands of all other parts share a journal of their own: a command that is
//! repeated with its key gets its first answer, and every act of an organizer or operator is a link of a hash chain.
//!
//! What an entry changed is told to [`Listener`]s once it is committed, never before; what every node may know of it goes
//! to the [`Publisher`].
//!
//! **Architecture invariant**: parts do not see each other. The catalog reaches the ledger through [`Sales`], within the
//! same entry; nothing else crosses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use marquee_ledger::journal::Found;
use marquee_ledger::transfer::KeptAnswer;
use marquee_ledger::{Broken, Journal, Key, Ledger, LedgerEntry, Options, Request};
use marquee_replication::{GroupId, MachineError, TableVisitor};
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};

use crate::accounts::{self, Accounts, Revocations};
use crate::catalog::{self, Catalog, Sales};
use crate::cluster::owner::Owner;
use crate::directory::{self, Directory, Residents};
use crate::reviews::{self, Reviews};

/// How many idempotency keys of the parts beside the ledger are remembered.
const KEYS_MAX: usize = 1 << 17;

/// A command of any part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Of the ledger.
    Ledger(Request),
    /// Of the catalog.
    Catalog {
        /// Makes a repetition harmless.
        key: Option<Key>,
        /// What is asked.
        command: catalog::Command,
    },
    /// Of the accounts.
    Accounts {
        /// Makes a repetition harmless.
        key: Option<Key>,
        /// What is asked.
        command: accounts::Command,
    },
    /// Of the directory.
    Directory {
        /// Makes a repetition harmless.
        key: Option<Key>,
        /// What is asked.
        command: directory::Command,
    },
    /// Of the reviews. All of them may be repeated.
    Reviews(reviews::Command),
}

/// What a command is answered with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// By the ledger.
    Ledger(marquee_ledger::Answer),
    /// By the catalog.
    Catalog(Result<catalog::Outcome, catalog::Refusal>),
    /// By the accounts.
    Accounts(Result<accounts::Outcome, accounts::Refusal>),
    /// By the directory.
    Directory(Result<directory::Outcome, directory::Refusal>),
    /// By the reviews.
    Reviews(Result<reviews::Outcome, reviews::Refusal>),
    /// By the directory's group: another group owns the accounts of that shard, or that venue. Nothing was done.
    Elsewhere,
    /// By the journal of the parts: the key was used for another request.
    KeyReused,
    /// The command is none of this version's: nothing was done.
    Unreadable,
}

/// Wants to know what was committed. Called on the thread that commits, so it must not wait for anything.
pub trait Listener: Send + Sync {
    /// These changes of the ledger were committed, in this order.
    fn ledger_changed(&self, changes: &[marquee_ledger::Change]);
}

/// Wants to know what every node may know. Called on the thread that commits, so it must not wait for anything.
pub trait Publisher: Send + Sync {
    /// A group was opened, or its state replaced by another replica's: this is all that it has.
    fn opened(&self, group: GroupId, opened: Opened);

    /// These changes were committed, each with the stamp of the entry that made it, in this order.
    fn committed(&self, group: GroupId, changes: Vec<(u64, Public)>);
}

/// All that a group's state has of what every node may know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Opened {
    /// The last entry of the state.
    pub index: u64,
    /// That entry's [stamp](catalog::Catalog::news_lead).
    pub stamp: u64,
    /// What it has.
    pub all: Vec<Public>,
    /// The venues that left, or have not come whole: what is not there of them is not gone, but another group's to tell.
    pub away: BTreeSet<u32>,
}

/// Something that every node may know.
#[derive(Debug, Clone, PartialEq)]
pub enum Public {
    /// Of the catalog.
    Catalog(catalog::Change),
    /// Of the directory.
    Directory(directory::Change),
    /// A session ended while access tokens of it may be within their time.
    SessionEnded {
        /// Which.
        session: accounts::SessionId,
        /// Until when access tokens of it must be refused, in milliseconds since 1970.
        until_ms: u64,
    },
}

/// The state machine of one group.
pub struct Machine {
    group: GroupId,
    ledger: Ledger,
    catalog: Catalog,
    accounts: Accounts,
    directory: Directory,
    reviews: Reviews,
    /// Where the directory says that accounts are; kept by the directory's group only.
    shards: Option<Arc<directory::ShardMap>>,
    /// Where the directory says that venues are; kept by the directory's group only.
    placements: BTreeMap<u32, GroupId>,
    journal: Journal,
    revocations: Arc<Revocations>,
    listeners: Vec<Arc<dyn Listener>>,
    publisher: Arc<dyn Publisher>,
    ledger_changes: Vec<marquee_ledger::Change>,
    public: Vec<(u64, Public)>,
    catalog_changes: Vec<catalog::Change>,
    accounts_changes: Vec<accounts::Change>,
    directory_changes: Vec<directory::Change>,
    reviews_changes: Vec<reviews::command::Change>,
    /// The time of the last entry, in milliseconds since 1970.
    now_ms: u64,
}

/// What is kept of the answer to a command of a part beside the ledger.
#[derive(Serialize, Deserialize)]
enum Kept {
    Catalog(Result<catalog::Outcome, catalog::Refusal>),
    Accounts(Result<accounts::Outcome, accounts::Refusal>),
    Directory(Result<directory::Outcome, directory::Refusal>),
    Reviews(Result<reviews::Outcome, reviews::Refusal>),
}

/// Who hears of what a machine commits.
pub struct Audience {
    /// Of sessions that end.
    pub revocations: Arc<Revocations>,
    /// Of the ledger's changes.
    pub listeners: Vec<Arc<dyn Listener>>,
    /// Of what every node may know.
    pub publisher: Arc<dyn Publisher>,
}

impl Machine {
    /// The machine of a group.
    #[must_use]
    pub fn new(group: GroupId, options: Options, audience: Audience) -> Self {
        let namespace = group.namespace();
        let Audience { revocations, listeners, publisher } = audience;
        Self {
            group,
            ledger: Ledger::new(&namespace, options),
            catalog: Catalog::new(&namespace),
            journal: Journal::new(&parts_journal(&namespace), KEYS_MAX),
            accounts: Accounts::new(&namespace, Arc::clone(&revocations)),
            directory: Directory::new(&namespace),
            reviews: Reviews::new(&namespace),
            shards: None,
            placements: BTreeMap::new(),
            revocations,
            listeners,
            publisher,
            ledger_changes: Vec::new(),
            public: Vec::new(),
            catalog_changes: Vec::new(),
            accounts_changes: Vec::new(),
            directory_changes: Vec::new(),
            reviews_changes: Vec::new(),
            now_ms: 0,
        }
    }

    fn open_parts(&mut self, state: &WriteTransaction) -> Result<(), Broken> {
        self.ledger_changes.clear();
        self.public.clear();
        self.accounts_changes.clear();
        self.ledger.open(state)?;
        self.journal.open(state)?;
        self.accounts.open(state)?;
        self.catalog_changes.clear();
        self.catalog.open(state, &mut self.catalog_changes)?;
        self.directory_changes.clear();
        self.directory.open(state, &mut self.directory_changes)?;
        self.placements.clear();
        self.follow_directory();
        self.reviews_changes.clear();
        self.reviews.open(state, &mut self.reviews_changes)?;
        let catalog = self.catalog_changes.drain(..).map(Public::Catalog);
        let directory = self.directory_changes.drain(..).map(Public::Directory);
        let all = catalog.chain(directory).chain(self.reviews_changes.drain(..).map(rating)).collect();
        // Every change of these parts is in their journal.
        let index = self.journal.head().index;
        let (stamp, away) = (index + self.catalog.news_lead(), self.catalog.away());
        self.publisher.opened(self.group, Opened { index, stamp, all, away });
        Ok(())
    }

    fn follow_directory(&mut self) {
        if self.group == directory::DIRECTORY {
            follow(&self.directory_changes, &mut self.shards, &mut self.placements);
        }
    }

    fn apply_entry(
        &mut self,
        state: &WriteTransaction,
        at: marquee_ledger::Position,
        commands: &[Bytes],
        answers: &mut Vec<Answer>,
    ) -> Result<(), Broken> {
        let mut entry = self.ledger.begin(state, at)?;
        let mut parts = Parts {
            state,
            at: self.journal.begin(at)?,
            journal: &mut self.journal,
            catalog: &mut self.catalog,
            catalog_changes: &mut self.catalog_changes,
            accounts: &mut self.accounts,
            accounts_changes: &mut self.accounts_changes,
            directory: &mut self.directory,
            directory_changes: &mut self.directory_changes,
            reviews: &mut self.reviews,
            reviews_changes: &mut self.reviews_changes,
            shards: &mut self.shards,
            placements: &mut self.placements,
            is_directory: self.group == directory::DIRECTORY,
        };
        self.now_ms = parts.at.now_ms;
        for command in commands {
            let answer = match decode(command) {
                Some(command) if parts.is_placed_elsewhere(&command) => Answer::Elsewhere,
                Some(Command::Ledger(request)) => Answer::Ledger(entry.apply(&request)?),
                Some(Command::Catalog { key, command }) => parts.catalog(&mut entry, key, &command)?,
                Some(Command::Accounts { key, command }) => parts.accounts(key, &command)?,
                Some(Command::Directory { key, command }) => parts.directory(key, &command)?,
                Some(Command::Reviews(command)) => parts.reviews(&command)?,
                None => {
                    tracing::error!(index = at.index, "a command of the log cannot be read");
                    Answer::Unreadable
                }
            };
            answers.push(answer);
        }
        parts.journal.finish(state, &[])?;
        entry.finish(&mut self.ledger_changes)?;
        self.note_public(at.index);
        Ok(())
    }

    fn note_public(&mut self, index: u64) {
        let stamp = index + self.catalog.news_lead();
        let noted = |change| (stamp, change);
        self.public.extend(self.catalog_changes.drain(..).map(Public::Catalog).map(noted));
        self.public.extend(self.directory_changes.drain(..).map(Public::Directory).map(noted));
        self.public.extend(self.reviews_changes.drain(..).map(rating).map(noted));
        for change in &self.accounts_changes {
            match change {
                accounts::Change::SessionEnded { session, until_ms } => {
                    let ended = Public::SessionEnded { session: *session, until_ms: *until_ms };
                    self.public.push(noted(ended));
                }
                accounts::Change::Account(_) | accounts::Change::DeletionUnfinished(_) => {}
            }
        }
        // Here at once, elsewhere by the feed.
        self.revocations.follow(&self.accounts_changes, self.now_ms);
        self.accounts_changes.clear();
    }
}

impl marquee_replication::Machine for Machine {
    type Answer = Answer;

    fn open(&mut self, state: &WriteTransaction) -> Result<(), MachineError> {
        self.open_parts(state).map_err(MachineError::from)
    }

    fn visit_tables<V: TableVisitor>(&self, visitor: &mut V) -> Result<(), MachineError> {
        let mut shown = Shown(visitor);
        self.ledger.visit_tables(&mut shown)?;
        self.journal.visit_tables(&mut shown)?;
        self.catalog.visit_tables(&mut shown)?;
        self.accounts.visit_tables(&mut shown)?;
        self.directory.visit_tables(&mut shown)?;
        self.reviews.visit_tables(&mut shown)
    }

    fn apply(
        &mut self,
        state: &WriteTransaction,
        at: marquee_replication::Position,
        commands: &[Bytes],
        answers: &mut Vec<Answer>,
    ) -> Result<(), MachineError> {
        let at = marquee_ledger::Position { index: at.index, now_ms: at.now_ms };
        self.apply_entry(state, at, commands, answers).map_err(MachineError::from)
    }

    fn committed(&mut self) {
        if !self.public.is_empty() {
            self.publisher.committed(self.group, std::mem::take(&mut self.public));
        }
        if !self.ledger_changes.is_empty() {
            for listener in &self.listeners {
                listener.ledger_changed(&self.ledger_changes);
            }
            self.ledger_changes.clear();
        }
    }
}

/// The name of the journal of the parts beside the ledger.
pub(crate) fn parts_journal(namespace: &str) -> String {
    format!("{namespace}/parts_journal")
}

/// Shows the parts' tables to who wants to see the machine's.
struct Shown<'v, V>(&'v mut V);

impl<V: TableVisitor> marquee_ledger::TableVisitor for Shown<'_, V> {
    type Error = MachineError;

    fn table<K: redb::Key + 'static, W: redb::Value + 'static>(
        &mut self,
        definition: redb::TableDefinition<'_, K, W>,
    ) -> Result<(), MachineError> {
        self.0.table(definition)
    }
}

/// The parts beside the ledger, within one entry.
struct Parts<'m> {
    state: &'m WriteTransaction,
    at: marquee_ledger::Position,
    journal: &'m mut Journal,
    catalog: &'m mut Catalog,
    catalog_changes: &'m mut Vec<catalog::Change>,
    accounts: &'m mut Accounts,
    accounts_changes: &'m mut Vec<accounts::Change>,
    directory: &'m mut Directory,
    directory_changes: &'m mut Vec<directory::Change>,
    reviews: &'m mut Reviews,
    reviews_changes: &'m mut Vec<reviews::command::Change>,
    shards: &'m mut Option<Arc<directory::ShardMap>>,
    placements: &'m mut BTreeMap<u32, GroupId>,
    is_directory: bool,
}

impl Parts<'_> {
    fn catalog(
        &mut self,
        entry: &mut LedgerEntry<'_>,
        key: Option<Key>,
        command: &catalog::Command,
    ) -> Result<Answer, Broken> {
        if let Some(answered) = self.repeated(key)? {
            return Ok(answered);
        }
        let result =
            self.catalog.apply(self.state, self.at, command, &mut Shop(entry), self.catalog_changes)?;
        if let Err(refusal) = &result
            && refusal.is_transient()
        {
            return Ok(Answer::Catalog(result));
        }
        if let (Ok(_), catalog::Action::Transfer(step)) = (&result, &command.action) {
            self.take_answers(step.ledger.venue, &step.answers)?;
        }
        let owner = command.action.owner().unwrap_or(0);
        let refused = result.is_err();
        let kept = Kept::Catalog(result);
        self.keep(key, owner, command, refused, &kept);
        Ok(kept.into())
    }

    /// Keeps the answers that keys were given where a venue was.
    fn take_answers(&mut self, venue: u32, answers: &[KeptAnswer]) -> Result<(), Broken> {
        for KeptAnswer { key, answer } in answers {
            match self.journal.find(self.state, *key)? {
                Found::Nothing => self.journal.record(*key, venue, &answer.0),
                Found::Answered { .. } | Found::Reused => {}
            }
        }
        Ok(())
    }

    fn accounts(&mut self, key: Option<Key>, command: &accounts::Command) -> Result<Answer, Broken> {
        if let Some(answered) = self.repeated(key)? {
            return Ok(answered);
        }
        if self.is_given_away(command) {
            return Ok(Answer::Elsewhere);
        }
        let result = self.accounts.apply(self.state, self.at, command, self.accounts_changes)?;
        let refused = result.is_err();
        let kept = Kept::Accounts(result);
        self.keep(key, 0, command, refused, &kept);
        Ok(kept.into())
    }

    fn directory(&mut self, key: Option<Key>, command: &directory::Command) -> Result<Answer, Broken> {
        if let Some(answered) = self.repeated(key)? {
            return Ok(answered);
        }
        if !self.is_directory {
            return Ok(Answer::Elsewhere);
        }
        let from = self.directory_changes.len();
        let residents = Shelter { accounts: self.accounts, state: self.state };
        let result =
            self.directory.apply(self.state, self.at, command, &residents, self.directory_changes)?;
        follow(&self.directory_changes[from..], self.shards, self.placements);
        let refused = result.is_err();
        let kept = Kept::Directory(result);
        self.keep(key, 0, command, refused, &kept);
        Ok(kept.into())
    }

    fn reviews(&mut self, command: &reviews::Command) -> Result<Answer, Broken> {
        let result = self.reviews.apply(self.state, self.at, command, self.reviews_changes)?;
        let refused = result.is_err();
        let kept = Kept::Reviews(result);
        self.keep(None, 0, command, refused, &kept);
        Ok(kept.into())
    }

    /// Whether the directory has placed the command's venue in another group. A node that has not heard of the placement
    /// sends it here, where nothing is known of the venue: that must not be told as if there were none.
    fn is_placed_elsewhere(&self, command: &Command) -> bool {
        match Owner::of(command) {
            Owner::Venue(venue) => {
                self.placements.get(&venue).is_some_and(|group| *group != directory::DIRECTORY)
            }
            Owner::Here | Owner::Shard(_) | Owner::Directory => false,
        }
    }

    /// Whether the directory's group has given the accounts of the command's shard away. Other groups have what they were
    /// given.
    fn is_given_away(&self, command: &accounts::Command) -> bool {
        self.shards.as_ref().is_some_and(|shards| shards.group(command.shard()) != directory::DIRECTORY)
    }

    /// The answer that the key was given before.
    fn repeated(&self, key: Option<Key>) -> Result<Option<Answer>, Broken> {
        let Some(key) = key else { return Ok(None) };
        Ok(match self.journal.find(self.state, key)? {
            Found::Nothing => None,
            Found::Reused => Some(Answer::KeyReused),
            Found::Answered { answer, .. } => {
                let kept: Kept = rmp_serde::from_slice(&answer)
                    .map_err(|error| Broken::Damaged { what: error.to_string() })?;
                Some(kept.into())
            }
        })
    }

    /// `owner` is the venue that was asked about, whose answers go where it goes; 0 for none.
    fn keep(&mut self, key: Option<Key>, owner: u32, command: &impl Serialize, refused: bool, kept: &Kept) {
        match key {
            Some(key) => self.journal.record(key, owner, &encode(kept)),
            // What has no key and was refused left no trace and will not be asked for.
            None if refused => {}
            None => {
                let mut hash = [0; 16];
                blake3::Hasher::new().update(&encode(command)).finalize_xof().fill(&mut hash);
                self.journal.note(u128::from_le_bytes(hash), &encode(kept));
            }
        }
    }
}

/// What reviews say of an event goes to all nodes with the catalog.
pub(crate) const fn rating(change: reviews::command::Change) -> Public {
    Public::Catalog(catalog::Change::Rating(change.event, change.summary))
}

/// Takes in where the directory says that accounts and venues are.
fn follow(
    changes: &[directory::Change],
    shards: &mut Option<Arc<directory::ShardMap>>,
    placements: &mut BTreeMap<u32, GroupId>,
) {
    for change in changes {
        match change {
            directory::Change::Shards(map) => *shards = Some(Arc::clone(map)),
            directory::Change::Placement(placement) => {
                placements.insert(placement.venue, placement.group);
            }
            directory::Change::Node(_) | directory::Change::Group(_) => {}
        }
    }
}

impl From<Kept> for Answer {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Catalog(result) => Self::Catalog(result),
            Kept::Accounts(result) => Self::Accounts(result),
            Kept::Directory(result) => Self::Directory(result),
            Kept::Reviews(result) => Self::Reviews(result),
        }
    }
}

/// The accounts, as the directory sees them.
struct Shelter<'a> {
    accounts: &'a Accounts,
    state: &'a WriteTransaction,
}

impl Residents for Shelter<'_> {
    fn occupied(&self) -> Result<BTreeSet<u32>, Broken> {
        self.accounts.shards(self.state)
    }
}

/// The ledger, as the catalog sees it.
struct Shop<'e, 'l>(&'e mut LedgerEntry<'l>);

impl Sales for Shop<'_, '_> {
    fn ask(
        &mut self,
        command: marquee_ledger::Command,
    ) -> Result<Result<marquee_ledger::Outcome, marquee_ledger::Refusal>, Broken> {
        Ok(self.0.apply(&Request { key: None, command })?.result)
    }
}

/// Encodes a command for the log: `MessagePack` by position.
#[must_use]
pub fn encode_command(command: &Command) -> Bytes {
    encode(command).into()
}

fn decode(command: &Bytes) -> Option<Command> {
    rmp_serde::from_slice(command).ok()
}

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    // Memory takes every byte, and commands have no maps of unknown length: there is nothing that could fail.
    #[expect(clippy::expect_used, reason = "see above")]
    rmp_serde::encode::write(&mut bytes, value).expect("a command encodes");
    bytes
}

#[cfg(test)]
mod tests {
    use marquee_ledger::PerformanceId;
    use marquee_replication::{Machine as _, Position};
    use redb::Database;
    use redb::backends::InMemoryBackend;

    use super::*;
    use crate::directory::NodeFacts;

    struct Nobody;

    impl Publisher for Nobody {
        fn opened(&self, _group: GroupId, _opened: Opened) {}
        fn committed(&self, _group: GroupId, _changes: Vec<(u64, Public)>) {}
    }

    fn opened(state: &WriteTransaction) -> Machine {
        let revocations = Arc::default();
        let audience = Audience { revocations, listeners: Vec::new(), publisher: Arc::new(Nobody) };
        let mut machine = Machine::new(directory::DIRECTORY, Options::default(), audience);
        machine.open(state).unwrap();
        machine
    }

    fn apply(machine: &mut Machine, state: &WriteTransaction, index: u64, command: &Command) -> Answer {
        let (at, mut answers) = (Position { index, now_ms: index }, Vec::new());
        machine.apply(state, at, &[encode_command(command)], &mut answers).unwrap();
        answers.remove(0)
    }

    fn facts(name: &str) -> NodeFacts {
        NodeFacts {
            name: name.to_owned(),
            region: "eu".to_owned(),
            zone: "a".to_owned(),
            location: None,
            http: String::new(),
            quic: ([127, 0, 0, 1], 1).into(),
        }
    }

    #[test]
    fn the_directorys_group_does_not_call_a_venue_unknown_that_it_placed_elsewhere() {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let state = database.begin_write().unwrap();
        let mut machine = opened(&state);
        let token = [7; 32];
        let steps = [
            directory::Command::Found(facts("one")),
            directory::Command::IssueToken { hash: token, expires_ms: 1_000 },
            directory::Command::Join { token, facts: facts("two"), group: directory::GroupKind::Shared },
            directory::Command::PlaceVenue { group: GroupId(2) },
        ];
        let mut placed = Answer::Unreadable;
        for (index, command) in (1..).zip(steps) {
            placed = apply(&mut machine, &state, index, &Command::Directory { key: None, command });
        }
        let Answer::Directory(Ok(directory::Outcome::Placed(venue))) = placed else { panic!("{placed:?}") };

        let of = |owner| {
            let performance = PerformanceId::from_parts(1, owner, 1);
            let command = marquee_ledger::Command::CancelOrders { performance, limit: 1 };
            Command::Ledger(Request { key: Some(Key { id: u128::from(owner), body: 1 }), command })
        };
        assert_eq!(apply(&mut machine, &state, 5, &of(venue)), Answer::Elsewhere);
        let unknown = apply(&mut machine, &state, 6, &of(venue + 1));
        assert!(matches!(unknown, Answer::Ledger(answer) if answer.result.is_err()), "nobody has it");

        let mut again = opened(&state);
        assert_eq!(apply(&mut again, &state, 7, &of(venue)), Answer::Elsewhere, "it is known after a start");
    }
}
