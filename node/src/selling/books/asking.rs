//! Asking the homes of performances for their books.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{Broken, EventId, PerformanceId, read};
use marquee_replication::GroupId;

use super::counted::Of;
use super::finding::{FROM_FIRST, OrderCursor, OrderWish, OrdersFound, Words};
use super::takings::Takings;
use crate::cluster::errand::{Found, Query};
use crate::cluster::owner::Owner;
use crate::home::{Failure, Home};
use crate::selling::Selling;

/// How many performances a home is asked for at once.
const ASKED_MAX: usize = 500;

/// How many places of a performance are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaceCounts {
    /// All places.
    pub capacity: u32,
    /// For sale.
    pub free: u32,
    /// Kept for somebody.
    pub held: u32,
    /// Sold. Where only what is free is known, everything that is not.
    pub booked: u32,
    /// Taken out of sale.
    pub killed: u32,
}

impl PlaceCounts {
    /// By the ledger's header.
    #[must_use]
    pub fn of(sold: &read::Performance) -> Self {
        let seats = sold.seats;
        let mut counts = Self {
            capacity: seats.capacity(),
            free: seats.free,
            held: seats.held,
            booked: seats.booked,
            killed: seats.killed,
        };
        for area in &sold.areas {
            counts.free = counts.free.saturating_add(area.free);
            counts.held = counts.held.saturating_add(area.held);
            counts.booked = counts.booked.saturating_add(area.booked);
            counts.capacity = counts.capacity.saturating_add(area.free + area.held + area.booked);
        }
        counts
    }

    /// How many of a thousand places are sold.
    #[must_use]
    pub fn sold_permille(&self) -> u32 {
        if self.capacity == 0 {
            return 0;
        }
        // At most 1,000.
        (u64::from(self.booked) * 1_000 / u64::from(self.capacity)) as u32
    }
}

impl Selling {
    /// How many places of performances are in which state, in the order asked for; nothing for what nobody has told yet.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn place_counts(&self, ids: &[PerformanceId]) -> Result<Vec<Option<PlaceCounts>>, Failure> {
        let home = &self.0.home;
        let commons = home.commons();
        let mut snapshots = BTreeMap::new();
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            let owner = Owner::Venue(id.owner());
            let group = commons.group(owner, home.id());
            if let std::collections::btree_map::Entry::Vacant(unknown) = snapshots.entry(group) {
                let replica = home.replica_for(owner);
                unknown.insert(replica.map(|replica| replica.snapshot()).transpose()?);
            }
            all.push(match snapshots.get(&group).and_then(Option::as_ref) {
                Some(snapshot) => snapshot.ledger()?.performance(*id)?.map(|sold| PlaceCounts::of(&sold)),
                None => commons.spread.free(*id).map(|free| PlaceCounts {
                    capacity: free.capacity,
                    free: free.free,
                    booked: if free.is_scheduled { free.capacity.saturating_sub(free.free) } else { 0 },
                    ..PlaceCounts::default()
                }),
            });
        }
        Ok(all)
    }

    /// Orders of a performance.
    ///
    /// # Errors
    /// When its home does not answer.
    pub async fn orders_of_performance(
        &self,
        performance: PerformanceId,
        cursor: Option<OrderCursor>,
        words: Words,
        limit: usize,
    ) -> Result<OrdersFound, Failure> {
        let after = cursor.filter(|(of, _)| *of == performance).map_or(FROM_FIRST, |(_, after)| after);
        let wish = OrderWish { performances: vec![performance], after, words, limit };
        ask_orders(&self.0.home, wish).await
    }

    /// Orders of an event's performances by their start. Some performances at a time: a page may be short and there may
    /// be more all the same.
    ///
    /// # Errors
    /// When a home does not answer.
    pub async fn orders_of_event(
        &self,
        event: EventId,
        cursor: Option<OrderCursor>,
        words: Words,
        limit: usize,
    ) -> Result<OrdersFound, Failure> {
        let home = &self.0.home;
        let shown: Vec<PerformanceId> = {
            let catalog = home.catalog_copy().read();
            let from = cursor.and_then(|(performance, _)| catalog.performance(performance));
            let from_ms = from.map_or(0, |performance| performance.schedule.starts_at_ms);
            let shown = catalog.ahead_of(event, from_ms).map(|performance| performance.id);
            match cursor {
                Some((first, _)) => shown.skip_while(|id| *id != first).take(4 * ASKED_MAX + 1).collect(),
                None => shown.take(4 * ASKED_MAX + 1).collect(),
            }
        };
        let mut after = cursor.map_or(FROM_FIRST, |(_, after)| after);
        let mut found = OrdersFound::default();
        let mut rest = shown.as_slice();
        while let Some(first) = rest.first() {
            if found.orders.len() == limit || rest.len() == 1 && shown.len() > 4 * ASKED_MAX {
                found.next = Some((*first, after));
                break;
            }
            let group = |id: &PerformanceId| home.commons().group(Owner::Venue(id.owner()), home.id());
            let first_group = group(first);
            let together = rest.iter().take(ASKED_MAX).take_while(|id| group(id) == first_group).count();
            let (performances, others) = rest.split_at(together);
            let wish = OrderWish {
                performances: performances.to_vec(),
                after,
                words: words.clone(),
                limit: limit - found.orders.len(),
            };
            let more = ask_orders(home, wish).await?;
            found.orders.extend(more.orders);
            if more.next.is_some() {
                found.next = more.next;
                break;
            }
            after = FROM_FIRST;
            rest = others;
        }
        Ok(found)
    }

    /// What a performance or an event brought, if that is counted within `wait` or was counted before.
    pub async fn takings(&self, of: Of, wait: Duration) -> Option<Arc<Takings>> {
        let home = self.0.home.clone();
        let count = async move {
            let ids = match of {
                Of::Performance(id) => vec![id],
                Of::Event(event) => {
                    let catalog = home.catalog_copy().read();
                    catalog.performances_of(event).map(|performance| performance.id).collect()
                }
            };
            count(home, ids).await
        };
        self.0.counts.get(of, wait, count).await
    }

    /// Counts what a performance brought, now.
    ///
    /// # Errors
    /// When its home does not answer.
    pub async fn takings_now(&self, performance: PerformanceId) -> Result<Takings, Failure> {
        count(self.0.home.clone(), vec![performance]).await
    }

    /// Whether nobody ever ordered something of a performance, so that it can be removed.
    ///
    /// # Errors
    /// When the storage failed.
    pub fn is_removable(&self, performance: PerformanceId) -> Result<bool, Failure> {
        let sold = self.sold(performance)?;
        Ok(sold.is_some_and(|sold| !sold.has_orders && sold.status == PerformanceStatus::Scheduled))
    }
}

async fn ask_orders(home: &Home, wish: OrderWish) -> Result<OrdersFound, Failure> {
    let Some(first) = wish.performances.first().copied() else { return Ok(OrdersFound::default()) };
    let query = Query::PerformanceOrders(wish);
    let found = home.commons().query_performances(home.id(), first, &query).await?;
    let Found::PerformanceOrders(orders) = found else { return Err(misplaced(&found)) };
    Ok(orders)
}

async fn count(home: Home, ids: Vec<PerformanceId>) -> Result<Takings, Failure> {
    let mut by_group = BTreeMap::<GroupId, Vec<PerformanceId>>::new();
    for id in ids {
        let group = home.commons().group(Owner::Venue(id.owner()), home.id());
        by_group.entry(group).or_default().push(id);
    }
    let mut all = Takings::default();
    for ids in by_group.into_values() {
        for some in ids.chunks(ASKED_MAX) {
            let query = Query::Takings(some.to_vec());
            let found = home.commons().query_performances(home.id(), some[0], &query).await?;
            let Found::Takings(takings) = found else { return Err(misplaced(&found)) };
            all.merge(&takings);
        }
    }
    Ok(all)
}

fn misplaced(found: &Found) -> Failure {
    Failure::Broken(Broken::Contradiction { what: format!("something else was found: {found:?}") })
}
