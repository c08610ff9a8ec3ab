//! A group as the services see it: they ask it for changes and read its state.
//!
//! A change is a command, proposed to the group's log, applied, committed and only then answered; so whoever was answered
//! reads what they wrote. A command whose owner is another group goes to that group's home. A [`Failure`] says what is
//! known of a command without an answer. Reads come from a [`Snapshot`]: everything in it was so at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_ledger::change::SeatStatus;
use marquee_ledger::read::Reader;
use marquee_ledger::transfer::Stage;
use marquee_ledger::{Broken, Key, Order, OrderId, PerformanceId, Request};
use marquee_replication::{
    Group, GroupError, GroupId, GroupNetwork, GroupOptions, HomeView, NodeId, ProposeError, Store, StoreError,
};
use redb::ReadTransaction;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::accounts;
use crate::catalog::{self, CatalogCopy, SeatMap};
use crate::cluster::commons::Commons;
use crate::cluster::errand::{ConflictList, Found, GroupStatus, Query};
use crate::cluster::moving::reconciling::changed_since;
use crate::cluster::owner::Owner;
use crate::cluster::spread::Told;
use crate::directory;
use crate::machine::{
    Answer, Audience, Command, Listener, Machine, Public, encode_command, parts_journal, rating,
};
use crate::reviews;
use crate::selling::books;

/// How long a command waits for a venue that moves.
pub(crate) const MOVE_MAX: Duration = Duration::from_secs(6);
/// How long to wait for news of a venue that moves before its group is asked again.
pub(crate) const MOVE_LOOK: Duration = Duration::from_millis(50);

/// Tells the time in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// A replica of a group; where it is the group's home, changes are made here. Cheap to clone.
#[derive(Clone)]
pub struct Home(Arc<Parts>);

struct Parts {
    group: Group<Machine>,
    id: GroupId,
    namespace: Arc<str>,
    commons: Arc<Commons>,
    clock: Clock,
}

/// How a replica is opened.
#[derive(Clone)]
pub struct HomeOptions {
    /// How the group runs.
    pub group: GroupOptions,
    /// The way to its other replicas.
    pub network: Arc<GroupNetwork>,
    /// Whether this node founds the group, if it has no members yet.
    pub founds: bool,
    /// What the ledger keeps in memory and allows.
    pub ledger: marquee_ledger::Options,
    /// Tells the time that commands are stamped with.
    pub clock: Clock,
    /// What the node's homes share.
    pub commons: Arc<Commons>,
}

/// Why a command has no answer, or a read no result.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Too many commands wait. Nothing was done.
    #[error("too many commands wait for the log")]
    Overloaded,
    /// The node stops. Nothing was done.
    #[error("the node is stopping")]
    Stopping,
    /// This node is not home, or nobody is that could be reached. Nothing was done.
    #[error("group {group} has its home elsewhere, or none for a moment")]
    NotHome {
        /// Which group.
        group: GroupId,
        /// Who is home, if that is known.
        home: Option<NodeId>,
    },
    /// The venue is on its way to another group, or belongs to one. Nothing was done; ask again.
    #[error("the venue moves from group {group}, or has moved")]
    Moved {
        /// Which group was asked.
        group: GroupId,
    },
    /// The command may have been carried out: repeat it with its key, or look.
    #[error("it is not known whether the command was carried out")]
    OutcomeUnknown,
    /// The key was used for another request. Nothing was done.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The command is larger than an entry of the log may be. Nothing was done.
    #[error("the command is too large for the log")]
    TooLarge,
    /// The storage failed, or contradicts itself.
    #[error("the storage broke")]
    Broken(#[from] Broken),
    /// The storage gives no snapshot.
    #[error("the storage gives no snapshot")]
    Store(#[from] StoreError),
}

/// The state at one moment.
pub struct Snapshot {
    state: ReadTransaction,
    namespace: Arc<str>,
}

impl Home {
    /// Opens this node's replica of a group. What it commits is told to `listeners`.
    ///
    /// # Errors
    /// When the storage failed or holds something else.
    pub async fn open(
        store: &Store,
        options: HomeOptions,
        listeners: Vec<Arc<dyn Listener>>,
    ) -> Result<Self, GroupError> {
        let HomeOptions { group, network, founds, ledger, clock, commons } = options;
        let id = group.id;
        let audience = Audience {
            revocations: Arc::clone(&commons.revocations),
            listeners,
            publisher: Arc::clone(&commons.spread) as _,
        };
        let machine = Machine::new(id, ledger, audience);
        let group = match founds {
            true => Group::found(store, &network, group, machine).await?,
            false => Group::open(store, &network, group, machine).await?,
        };
        let home = Self(Arc::new(Parts { group, id, namespace: id.namespace().into(), commons, clock }));
        home.0.commons.add(home.clone());
        Ok(home)
    }

    /// Which group.
    #[must_use]
    pub fn id(&self) -> GroupId {
        self.0.id
    }

    /// The group, for who looks after its replicas.
    #[must_use]
    pub fn group(&self) -> &Group<Machine> {
        &self.0.group
    }

    /// What the node's homes share.
    #[must_use]
    pub fn commons(&self) -> &Arc<Commons> {
        &self.0.commons
    }

    /// Who is home, as it changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<HomeView> {
        self.0.group.home()
    }

    /// Whether this node is home.
    #[must_use]
    pub fn is_home(&self) -> bool {
        self.0.group.home().borrow().is_home
    }

    /// Asks the ledger.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn ledger(&self, request: Request) -> Result<marquee_ledger::Answer, Failure> {
        let again = request.key.is_some();
        let answered = self.propose(&Command::Ledger(request), again).await?;
        if answered.is_transient() {
            return Err(Failure::Moved { group: self.0.id });
        }
        if let Answer::Ledger(answer) = answered { Ok(answer) } else { Err(answered.misplaced(self.0.id)) }
    }

    /// Asks the catalog.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn catalog(
        &self,
        key: Option<Key>,
        command: catalog::Command,
    ) -> Result<Result<catalog::Outcome, catalog::Refusal>, Failure> {
        let command = Command::Catalog { key, command };
        let is_elsewhere = self.0.commons.group(Owner::of(&command), self.0.id) != self.0.id;
        let answer = self.propose(&command, key.is_some()).await?;
        if answer.is_transient() {
            return Err(Failure::Moved { group: self.0.id });
        }
        let Answer::Catalog(result) = answer else { return Err(answer.misplaced(self.0.id)) };
        if is_elsewhere && let Ok(outcome) = &result {
            self.0.commons.await_copy(outcome).await;
        }
        Ok(result)
    }

    /// Asks the accounts.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn accounts(
        &self,
        key: Option<Key>,
        command: accounts::Command,
    ) -> Result<Result<accounts::Outcome, accounts::Refusal>, Failure> {
        let answer = self.propose(&Command::Accounts { key, command }, key.is_some()).await?;
        if let Answer::Accounts(result) = answer { Ok(result) } else { Err(answer.misplaced(self.0.id)) }
    }

    /// Asks the directory. Its commands may all be repeated.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn directory(
        &self,
        key: Option<Key>,
        command: directory::Command,
    ) -> Result<Result<directory::Outcome, directory::Refusal>, Failure> {
        let again = !matches!(command, directory::Command::PlaceVenue { .. }) || key.is_some();
        let answer = self.propose(&Command::Directory { key, command }, again).await?;
        if let Answer::Directory(result) = answer { Ok(result) } else { Err(answer.misplaced(self.0.id)) }
    }

    /// Asks the reviews.
    ///
    /// # Errors
    /// When there is no answer; a refusal is an answer.
    pub async fn reviews(
        &self,
        command: reviews::Command,
    ) -> Result<Result<reviews::Outcome, reviews::Refusal>, Failure> {
        let answer = self.propose(&Command::Reviews(command), true).await?;
        if let Answer::Reviews(result) = answer { Ok(result) } else { Err(answer.misplaced(self.0.id)) }
    }

    /// Proposes a command here, or sends it to its owner's home. `again` says that it may be sent more than once.
    ///
    /// One for a venue on the move is sent to its next home as soon as that is known; but what is refused here goes back
    /// to who asks, who may have read here what is not so any more.
    async fn propose(&self, command: &Command, again: bool) -> Result<Answer, Failure> {
        let commons = &self.0.commons;
        let encoded = encode_command(command);
        let deadline = Instant::now() + MOVE_MAX;
        loop {
            let mut changes = commons.views.changes();
            let group = commons.group(Owner::of(command), self.0.id);
            if group == self.0.id && (self.is_home() || commons.courier.is_lone()) {
                return self.propose_here(encoded).await;
            }
            let answer = commons.command(group, encoded.clone(), again).await?;
            if !answer.is_transient() || Instant::now() >= deadline {
                return Ok(answer);
            }
            // A move that is called off is news as well; the pause is for news that is late.
            _ = tokio::time::timeout(MOVE_LOOK, changes.changed()).await;
        }
    }

    /// Whether this group sells a venue's seats, as far as this replica has come.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn sells(&self, venue: u32) -> Result<bool, Failure> {
        Ok(self.snapshot()?.ledger()?.standing(venue)?.sells())
    }

    /// Proposes an encoded command to this group.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn propose_here(&self, command: Bytes) -> Result<Answer, Failure> {
        self.0.group.propose(command).await.map_err(|error| failure(self.0.id, error))
    }

    /// Resolves when reads from this node see everything that was answered before the call, by whatever node.
    ///
    /// # Errors
    /// When this node is not home.
    pub async fn read_barrier(&self) -> Result<(), Failure> {
        self.0.group.read_barrier().await.map_err(|error| failure(self.0.id, error))
    }

    /// Answers a query from this replica's state.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn find(&self, query: Query) -> Result<Found, Failure> {
        let snapshot = self.snapshot()?;
        Ok(match query {
            Query::GroupStatus => Found::GroupStatus(self.status()),
            Query::CopyStatus => {
                let head = snapshot.ledger()?.chain_head()?;
                let (index, at_ms) = head.map_or((0, 0), |head| (head.index, head.now_ms));
                Found::CopyStatus { index, at_ms }
            }
            Query::Conflicts { venue, after, limit } => {
                Found::Conflicts(conflicts(&snapshot, venue, after, limit)?)
            }
            Query::SeatOwners(asked) => {
                let ledger = snapshot.ledger()?;
                let owners =
                    asked.iter().map(|(performance, seats)| seat_owners(&ledger, *performance, seats));
                Found::SeatOwners(owners.collect::<Result<_, _>>()?)
            }
            Query::VenueItems(venue) => Found::VenueItems(snapshot.catalog().manifest(venue)?),
            Query::VenueStanding(venue) => Found::VenueStanding(snapshot.ledger()?.standing(venue)?),
            Query::VenueMove(venue) => Found::VenueMove(self.0.commons.moves.of(venue)),
            Query::Account(id) => Found::Account(snapshot.accounts().account(id)?.map(Box::new)),
            Query::AccountByEmail(folded) => {
                Found::Account(snapshot.accounts().account_by_email(&folded)?.map(Box::new))
            }
            Query::OrdersOf { account, before, limit } => {
                Found::OrderIds(snapshot.accounts().orders(account, before, limit)?)
            }
            Query::Follows(account) => Found::Follows(snapshot.accounts().follows(account)?),
            Query::PerformanceOrders(wish) => {
                let ledger = snapshot.ledger()?;
                self.check_sold(&ledger, wish.performances.iter().map(|performance| performance.owner()))?;
                Found::PerformanceOrders(books::finding::find(&ledger, &wish)?)
            }
            Query::Takings(performances) => {
                let ledger = snapshot.ledger()?;
                self.check_sold(&ledger, performances.iter().map(|performance| performance.owner()))?;
                Found::Takings(Box::new(books::takings::count(&ledger, &performances)?))
            }
            Query::ReviewsBy { account, events } => {
                let reviews = snapshot.reviews();
                let own = events.into_iter().map(|event| reviews.review_by(event, account));
                Found::Reviews(own.filter_map(Result::transpose).collect::<Result<_, _>>()?)
            }
            Query::Orders(ids) => {
                let ledger = snapshot.ledger()?;
                self.check_sold(&ledger, ids.iter().map(|order| order.owner()))?;
                let prove = |order: Order| {
                    let receipt = ledger.receipt(order.changed_at_index)?;
                    Ok::<_, Failure>((order, receipt))
                };
                Found::Orders(ledger.orders(&ids)?.into_iter().map(prove).collect::<Result<_, _>>()?)
            }
        })
    }

    /// Refuses to tell of venues that are sold elsewhere: what is here of them may be old.
    fn check_sold(&self, ledger: &Reader<'_>, venues: impl Iterator<Item = u32>) -> Result<(), Failure> {
        let venues: BTreeSet<u32> = venues.collect();
        for venue in venues {
            if !ledger.standing(venue)?.sells() {
                return Err(Failure::Moved { group: self.0.id });
            }
        }
        Ok(())
    }

    /// How the group does, as this replica sees it.
    #[must_use]
    pub fn status(&self) -> GroupStatus {
        let (metrics, members) = (self.0.group.metrics(), self.0.group.members());
        GroupStatus {
            home: metrics.home,
            term: metrics.term,
            voters: members.voters,
            learners: members.learners,
            lags: self.0.group.lags(),
            log_index: metrics.last_index,
            applied_index: metrics.applied_index,
            durable_index: metrics.durable_index,
            commands_waiting: metrics.commands_waiting as u64,
            commands: metrics.commands,
            quorum_silent_ms: metrics.quorum_silent_ms,
            conflicts: self.open_conflicts().unwrap_or_default(),
        }
    }

    /// How many orders are in conflict, of each venue that was taken over from this group.
    fn open_conflicts(&self) -> Result<BTreeMap<u32, u64>, Failure> {
        let snapshot = self.snapshot()?;
        let ledger = snapshot.ledger()?;
        let mut open = BTreeMap::new();
        for (venue, standing) in ledger.standings()? {
            if let Stage::Yielded(_) = standing.stage {
                open.insert(venue, ledger.conflicts_open(venue)?);
            }
        }
        Ok(open)
    }

    /// The state just now: whatever this node answered before this call is in it.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn snapshot(&self) -> Result<Snapshot, Failure> {
        let state = self.0.group.snapshot()?;
        Ok(Snapshot { state, namespace: Arc::clone(&self.0.namespace) })
    }

    /// The replica on this node that has a venue's things: this one, or that of the venue's group; none if this node has
    /// no replica of it.
    #[must_use]
    pub fn replica_for(&self, owner: Owner) -> Option<Self> {
        let group = self.0.commons.group(owner, self.0.id);
        if group == self.0.id { Some(self.clone()) } else { self.0.commons.replica(group) }
    }

    /// A version of a hall's seat map, from a replica or from the feed.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn seat_map(&self, hall: marquee_ledger::HallId, version: u32) -> Result<Option<SeatMap>, Failure> {
        if let Some(replica) = self.replica_for(Owner::Venue(hall.owner()))
            && let Some(map) = replica.snapshot()?.catalog().seat_map(hall, version)?
        {
            return Ok(Some(map));
        }
        Ok(self.0.commons.spread.seat_map(hall, version))
    }

    /// Tells the feed everything of this replica's state that every node may know.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn publish_all(&self) -> Result<(), Failure> {
        let snapshot = self.snapshot()?;
        let (catalog, directory) = (snapshot.catalog(), snapshot.directory());
        let directory = directory.all()?.into_iter().map(Public::Directory);
        let ratings = snapshot.reviews().all()?.into_iter().map(rating);
        let all = catalog.all()?.into_iter().map(Public::Catalog).chain(directory).chain(ratings);
        let all: Vec<_> = all.collect();
        let read_map = |hall, version| catalog.seat_map(hall, version);
        let spread = &self.0.commons.spread;
        let stamp = snapshot.index()? + catalog.news_lead()?;
        let told = Told { stamp, all: &all, seat_maps: catalog.seat_maps()?, away: catalog.away()? };
        Ok(spread.publish_all(self.0.id, told, read_map)?)
    }

    /// The time that commands proposed just now are stamped with, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        (self.0.clock)()
    }

    /// The catalog in memory.
    #[must_use]
    pub fn catalog_copy(&self) -> &Arc<CatalogCopy> {
        &self.0.commons.copy
    }

    /// Takes no more commands; resolves when those under way are answered.
    pub async fn close(self) {
        self.0.commons.remove(self.0.id);
        self.0.group.clone().close().await;
    }
}

impl Snapshot {
    /// The ledger.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn ledger(&self) -> Result<Reader<'_>, Failure> {
        Ok(Reader::open(&self.state, &self.namespace)?)
    }

    /// The last entry that changed a part beside the ledger.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn index(&self) -> Result<u64, Failure> {
        let head = marquee_ledger::journal::head(&self.state, &parts_journal(&self.namespace))?;
        Ok(head.map_or(0, |head| head.index))
    }

    /// The catalog's tables, for what its copy in memory does not have.
    #[must_use]
    pub fn catalog(&self) -> catalog::Snapshot<'_> {
        catalog::Snapshot::new(&self.state, &self.namespace)
    }

    /// The journal of the parts beside the ledger: where it is, and its table.
    #[must_use]
    pub fn parts_journal(&self) -> (&ReadTransaction, String) {
        (&self.state, parts_journal(&self.namespace))
    }

    /// The accounts.
    #[must_use]
    pub fn accounts(&self) -> accounts::Snapshot<'_> {
        accounts::Snapshot::new(&self.state, &self.namespace)
    }

    /// The reviews.
    #[must_use]
    pub fn reviews(&self) -> reviews::Snapshot<'_> {
        reviews::Snapshot::new(&self.state, &self.namespace)
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> directory::Snapshot<'_> {
        directory::Snapshot::new(&self.state, &self.namespace)
    }
}

impl Answer {
    /// Whether the same command may be answered otherwise a moment later, by another group.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Ledger(answer) => answer.result.as_ref().is_err_and(marquee_ledger::Refusal::is_transient),
            Self::Catalog(result) => result.as_ref().is_err_and(catalog::Refusal::is_transient),
            Self::Accounts(_)
            | Self::Directory(_)
            | Self::Reviews(_)
            | Self::Elsewhere
            | Self::KeyReused
            | Self::Unreadable => false,
        }
    }

    /// What an answer means that does not come from the part that was asked.
    fn misplaced(self, group: GroupId) -> Failure {
        match self {
            Self::KeyReused => Failure::KeyReused,
            Self::Elsewhere => Failure::NotHome { group, home: None },
            Self::Ledger(_)
            | Self::Catalog(_)
            | Self::Accounts(_)
            | Self::Directory(_)
            | Self::Reviews(_)
            | Self::Unreadable => Failure::Broken(Broken::Contradiction {
                what: format!("an answer of another kind: {self:?}"),
            }),
        }
    }
}

fn conflicts(
    snapshot: &Snapshot,
    venue: u32,
    after: Option<OrderId>,
    limit: usize,
) -> Result<Option<ConflictList>, Failure> {
    let ledger = snapshot.ledger()?;
    let Stage::Yielded(base) = ledger.standing(venue)?.stage else { return Ok(None) };
    let found = ledger.conflicts(venue, after, limit)?;
    let mut list = ConflictList {
        is_end: found.len() < limit,
        open: ledger.conflicts_open(venue)?,
        changed: changed_since(snapshot, venue, base.link.now_ms)?,
        ..ConflictList::default()
    };
    for conflict in found {
        if let Some(order) = ledger.order(conflict.order)? {
            list.conflicts.push((conflict, order));
        }
    }
    Ok(Some(list))
}

fn seat_owners(
    ledger: &Reader<'_>,
    performance: PerformanceId,
    seats: &[u32],
) -> Result<Option<Vec<(u8, u128)>>, Failure> {
    if ledger.performance(performance)?.is_none() {
        return Ok(None);
    }
    let mut owners = Vec::with_capacity(seats.len());
    for seat in seats {
        let owned = ledger.seat_owner(performance, *seat)?;
        let (status, owner) = owned.unwrap_or((SeatStatus::Free, 0));
        owners.push((status as u8, owner));
    }
    Ok(Some(owners))
}

fn failure(group: GroupId, error: ProposeError) -> Failure {
    match error {
        ProposeError::Overloaded => Failure::Overloaded,
        ProposeError::Stopped => Failure::Stopping,
        ProposeError::NotHome { home } => Failure::NotHome { group, home },
        ProposeError::OutcomeUnknown => Failure::OutcomeUnknown,
        ProposeError::TooLarge { .. } => Failure::TooLarge,
    }
}
