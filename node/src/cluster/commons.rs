//! What the homes of a node share: what every node knows, the way to other homes, and each other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use marquee_ledger::journal::ChainLink;
use marquee_ledger::{AccountId, Broken, EventId, Order, OrderId, PerformanceId};
use marquee_replication::{GroupId, NodeId};
use parking_lot::RwLock;
use tokio::time::Instant;

use super::courier::{Courier, Lost};
use super::errand::{Errand, Found, GroupStatus, Query, Reply};
use super::moving::progress::Moves;
use super::owner::Owner;
use super::spread::Spread;
use crate::accounts::{Account, EmailAddress, Follow, Revocations, shard_of};
use crate::catalog::{CatalogCopy, Created, Outcome};
use crate::directory::{DIRECTORY, Views};
use crate::home::{Clock, Failure, Home, MOVE_LOOK, MOVE_MAX};
use crate::machine::Answer;
use crate::reviews::Review;

/// How long a command or a query may be on its way to another group's home.
const ERRAND_MAX: Duration = Duration::from_secs(8);
/// How long this node waits for its own copy of what it had written elsewhere.
const COPY_MAX: Duration = Duration::from_secs(3);

/// See the module.
pub struct Commons {
    /// The catalog in memory.
    pub copy: Arc<CatalogCopy>,
    /// The directory in memory.
    pub views: Arc<Views>,
    /// Sessions that ended.
    pub revocations: Arc<Revocations>,
    /// Fills them.
    pub spread: Arc<Spread>,
    /// The way to other homes.
    pub courier: Arc<Courier>,
    /// How far the moves are that this node's homes carry out.
    pub moves: Moves,
    homes: RwLock<BTreeMap<GroupId, Home>>,
}

impl Commons {
    /// Puts them together.
    #[must_use]
    pub fn new(
        copy: Arc<CatalogCopy>,
        views: Arc<Views>,
        revocations: Arc<Revocations>,
        spread: Arc<Spread>,
        courier: Arc<Courier>,
    ) -> Arc<Self> {
        Arc::new(Self {
            copy,
            views,
            revocations,
            spread,
            courier,
            moves: Moves::default(),
            homes: RwLock::default(),
        })
    }

    /// What a lone node's home has, without anybody to speak to.
    #[must_use]
    pub fn alone(clock: Clock) -> Arc<Self> {
        let (copy, views, revocations) = (Arc::default(), Arc::default(), Arc::default());
        let spread = Spread::new(Arc::clone(&copy), Arc::clone(&views), Arc::clone(&revocations), clock);
        let courier = Courier::new(NodeId(1), None, Arc::clone(&views));
        Self::new(copy, views, revocations, spread, courier)
    }

    /// The replica of a group that this node holds.
    #[must_use]
    pub fn replica(&self, group: GroupId) -> Option<Home> {
        self.homes.read().get(&group).cloned()
    }

    /// The replicas that this node holds.
    #[must_use]
    pub fn replicas(&self) -> Vec<Home> {
        self.homes.read().values().cloned().collect()
    }

    pub(crate) fn add(&self, home: Home) {
        self.homes.write().insert(home.id(), home);
    }

    /// Forgets a replica, which holds on to what is here as long as it is known.
    pub fn remove(&self, group: GroupId) {
        self.homes.write().remove(&group);
    }

    /// The group of an owner.
    #[must_use]
    pub fn group(&self, owner: Owner, here: GroupId) -> GroupId {
        owner.group(&self.views.now(), here)
    }

    /// Asks another group's home to carry a command out. `again` says that it may be repeated.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn command(&self, group: GroupId, command: Bytes, again: bool) -> Result<Answer, Failure> {
        let deadline = Instant::now() + ERRAND_MAX;
        let carried = self.courier.send(group, &Errand::Command(command), deadline, again).await?;
        match carried.reply {
            Reply::Answer(answer) => rmp_serde::from_slice(&answer).map_err(|error| {
                Failure::Broken(Broken::Damaged { what: format!("an answer of group {group}: {error}") })
            }),
            other @ (Reply::Found(_)
            | Reply::Http(_)
            | Reply::NotHome { .. }
            | Reply::Moved
            | Reply::Unknown
            | Reply::Overloaded
            | Reply::TooLarge
            | Reply::Failed(_)
            | Reply::Seats
            | Reply::Nothing) => Err(failed(group, other)),
        }
    }

    /// Reads something at its owner's home.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn query(&self, group: GroupId, query: Query) -> Result<Found, Failure> {
        let deadline = Instant::now() + ERRAND_MAX;
        match self.courier.send(group, &Errand::Query(query), deadline, true).await?.reply {
            Reply::Found(found) => Ok(found),
            other @ (Reply::Answer(_)
            | Reply::Http(_)
            | Reply::NotHome { .. }
            | Reply::Moved
            | Reply::Unknown
            | Reply::Overloaded
            | Reply::TooLarge
            | Reply::Failed(_)
            | Reply::Seats
            | Reply::Nothing) => Err(failed(group, other)),
        }
    }

    /// How a group does: as its home says within so long, and whether that answered; else as this node's replica sees it,
    /// if there is one.
    pub async fn group_status(&self, group: GroupId, wait: Duration) -> Option<(GroupStatus, bool)> {
        let errand = Errand::Query(Query::GroupStatus);
        let asked = self.courier.send(group, &errand, Instant::now() + wait, true);
        if let Ok(Ok(carried)) = tokio::time::timeout(wait, asked).await
            && let Reply::Found(Found::GroupStatus(status)) = carried.reply
        {
            return Some((status, true));
        }
        self.replica(group).map(|replica| (replica.status(), false))
    }

    /// An account, from its home.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn account(&self, here: GroupId, id: AccountId) -> Result<Option<Account>, Failure> {
        let group = self.group(Owner::Shard(id.owner()), here);
        let found = self.query(group, Query::Account(id)).await?;
        let Found::Account(account) = found else { return Err(misplaced(&found)) };
        Ok(account.map(|account| *account))
    }

    /// The account that has an e-mail address, from its home.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn account_by_email(
        &self,
        here: GroupId,
        email: &EmailAddress,
    ) -> Result<Option<Account>, Failure> {
        let group = self.group(Owner::Shard(shard_of(email)), here);
        let found = self.query(group, Query::AccountByEmail(email.folded())).await?;
        let Found::Account(account) = found else { return Err(misplaced(&found)) };
        Ok(account.map(|account| *account))
    }

    /// What an account follows, from its home.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn follows(&self, here: GroupId, account: AccountId) -> Result<Vec<Follow>, Failure> {
        let group = self.group(Owner::Shard(account.owner()), here);
        let found = self.query(group, Query::Follows(account)).await?;
        let Found::Follows(follows) = found else { return Err(misplaced(&found)) };
        Ok(follows)
    }

    /// An account's reviews of some events, from the home of all reviews.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn reviews_by(
        &self,
        here: GroupId,
        account: AccountId,
        events: Vec<EventId>,
    ) -> Result<Vec<Review>, Failure> {
        let group = self.group(Owner::Venue(0), here);
        let found = self.query(group, Query::ReviewsBy { account, events }).await?;
        let Found::Reviews(reviews) = found else { return Err(misplaced(&found)) };
        Ok(reviews)
    }

    /// At most `limit` orders of an account, the latest first, each from its own home.
    ///
    /// # Errors
    /// When one of the homes does not answer.
    pub async fn orders_of(
        &self,
        here: GroupId,
        account: AccountId,
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<(Order, Option<ChainLink>)>, Failure> {
        let group = self.group(Owner::Shard(account.owner()), here);
        let found = self.query(group, Query::OrdersOf { account, before, limit }).await?;
        let Found::OrderIds(ids) = found else { return Err(misplaced(&found)) };
        let deadline = Instant::now() + MOVE_MAX;
        let mut orders = loop {
            let mut changes = self.views.changes();
            match self.orders_at_their_homes(here, &ids).await {
                // The next look finds the venue where it is then.
                Err(Failure::Moved { .. }) if Instant::now() < deadline => {
                    _ = tokio::time::timeout(MOVE_LOOK, changes.changed()).await;
                }
                answered => break answered?,
            }
        };
        orders.sort_by_key(|(order, _)| std::cmp::Reverse(order.id));
        Ok(orders)
    }

    /// Reads something of performances at their home, also when their venue moves meanwhile. All must be of one group.
    ///
    /// # Errors
    /// When the home does not answer.
    pub async fn query_performances(
        &self,
        here: GroupId,
        first: PerformanceId,
        query: &Query,
    ) -> Result<Found, Failure> {
        let deadline = Instant::now() + MOVE_MAX;
        loop {
            let mut changes = self.views.changes();
            let group = self.group(Owner::Venue(first.owner()), here);
            match self.query(group, query.clone()).await {
                Err(Failure::Moved { .. }) if Instant::now() < deadline => {
                    _ = tokio::time::timeout(MOVE_LOOK, changes.changed()).await;
                }
                answered => return answered,
            }
        }
    }

    async fn orders_at_their_homes(
        &self,
        here: GroupId,
        ids: &[OrderId],
    ) -> Result<Vec<(Order, Option<ChainLink>)>, Failure> {
        let mut by_group: BTreeMap<GroupId, Vec<OrderId>> = BTreeMap::new();
        for id in ids {
            by_group.entry(self.group(Owner::Venue(id.owner()), here)).or_default().push(*id);
        }
        let asked = by_group.into_iter().map(|(group, ids)| self.query(group, Query::Orders(ids)));
        let mut orders = Vec::new();
        for found in futures_util::future::try_join_all(asked).await? {
            let Found::Orders(found) = found else { return Err(misplaced(&found)) };
            orders.extend(found);
        }
        Ok(orders)
    }

    /// Waits until this node knows where a venue is.
    ///
    /// # Errors
    /// When the directory's news do not come; nothing was done with the venue then.
    pub async fn await_placement(&self, venue: u32) -> Result<(), Failure> {
        let mut changes = self.views.changes();
        let known = async {
            while !self.views.now().placements().contains_key(&venue) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        let home = None;
        tokio::time::timeout(COPY_MAX, known)
            .await
            .map_err(|_elapsed| Failure::NotHome { group: DIRECTORY, home })
    }

    /// Waits until this node's copy of the catalog has what was written elsewhere; for a moment only, since the feed may
    /// be cut off.
    pub async fn await_copy(&self, outcome: &Outcome) {
        let Outcome::Created(made) = outcome else { return };
        let mut changes = self.spread.changes();
        let has = || {
            let index = self.copy.read();
            made.iter().all(|created| match created {
                Created::Venue(id) => index.venue(*id).is_some(),
                Created::Hall(id) => index.hall(*id).is_some(),
                Created::Event(id) => index.event(*id).is_some(),
                Created::Performance(id) => index.performance(*id).is_some(),
            })
        };
        let waited = tokio::time::timeout(COPY_MAX, async {
            while !has() {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        });
        if waited.await.is_err() {
            tracing::debug!("what was written elsewhere has not come back yet");
        }
    }
}

fn failed(group: GroupId, reply: Reply) -> Failure {
    match reply {
        Reply::Unknown => Failure::OutcomeUnknown,
        Reply::Overloaded => Failure::Overloaded,
        Reply::TooLarge => Failure::TooLarge,
        Reply::NotHome { home, .. } => Failure::NotHome { group, home },
        Reply::Moved => Failure::Moved { group },
        Reply::Failed(why) => {
            Failure::Broken(Broken::Contradiction { what: format!("group {group} answers: {why}") })
        }
        other @ (Reply::Answer(_) | Reply::Found(_) | Reply::Http(_) | Reply::Seats | Reply::Nothing) => {
            Failure::Broken(Broken::Contradiction {
                what: format!("group {group} answers something else: {other:?}"),
            })
        }
    }
}

fn misplaced(found: &Found) -> Failure {
    Failure::Broken(Broken::Contradiction { what: format!("something else was found: {found:?}") })
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::NobodyHome(group) => Self::NotHome { group, home: None },
            Lost::Unknown => Self::OutcomeUnknown,
        }
    }
}
