//! Settles what a home sold after its venue had been taken over.
//!
//! What needs no person is done at once: an order of which nothing came is shown to its buyer by the venue's owner, and one
//! that both have alike is no conflict. All others wait for an operator's verdict. Every step is one entry of one log and
//! may be repeated. The owner's answer to an adoption is kept under the verdict's key there, so a message that comes late
//! cannot take over an order that was given up since.
//!
//! Halls and performances that were written here meanwhile, and seats that were taken out of sale, are not merged: the owner's count. But they are listed, and the rows
//! stay until an operator has seen that.

use std::collections::BTreeMap;

use marquee_ledger::order::{Order, PaymentStatus};
use marquee_ledger::read::Reader;
use marquee_ledger::transfer::{
    Act, Adoption, Conflict, Departure, End, Origin, Stage, Standing, Step, Verdict,
};
use marquee_ledger::{Key, OrderId, Outcome, Refusal, Request};
use marquee_replication::GroupId;

use super::{Halt, Passage};
use crate::catalog::transfer::{ChangedItem, ItemKind, ItemName};
use crate::cluster::errand::{Found, Query};
use crate::cluster::owner::Owner;
use crate::directory::{Command, Placement, Seizure};
use crate::home::{Failure, Home, Snapshot};
use crate::machine::{Answer, encode_command};

/// How many orders the owner is asked for at once.
const ORDERS_AT_ONCE: usize = 200;
/// What an adoption's key is made of, beside the order and the verdict.
const KEY: u128 = 0x6164_6f70_7469_6f6e_0000_0000_0000_0000;

/// Settles what can be; when all is, removes the venue's rows and tells the directory.
pub(super) async fn reconcile(home: &Home, placement: Placement, epoch: u64) -> Result<(), Halt> {
    let venue = placement.venue;
    let standing = home.snapshot()?.ledger()?.standing(venue)?;
    if standing.epoch == epoch && matches!(standing.stage, Stage::Yielded(_) | Stage::Leaving) {
        let account = Account { home, venue, epoch };
        if let Stage::Yielded(base) = standing.stage
            && (!account.settle().await? || account.has_differences(base).await?)
        {
            return Ok(());
        }
        Passage::new(home, venue, epoch, placement.group).forget().await?;
    }
    home.directory(None, Command::Reconcile { venue, epoch }).await??;
    tracing::info!(group = %home.id(), venue, epoch, "nothing of a venue that was taken over is in conflict any more");
    Ok(())
}

/// The orders in conflict of a venue.
struct Account<'b> {
    home: &'b Home,
    venue: u32,
    epoch: u64,
}

/// An order in conflict.
struct Entry {
    conflict: Conflict,
    order: Order,
    layout_version: u32,
}

impl Account<'_> {
    /// Settles what can be; tells whether nothing is left.
    async fn settle(&self) -> Result<bool, Halt> {
        let open = self.open()?;
        let known = self.owners(&open).await?;
        let mut is_all = true;
        for entry in &open {
            is_all &= self.settle_one(entry, known.get(&entry.order.id)).await?;
        }
        Ok(is_all)
    }

    fn open(&self) -> Result<Vec<Entry>, Failure> {
        let snapshot = self.home.snapshot()?;
        let ledger = snapshot.ledger()?;
        let mut open = Vec::new();
        for conflict in ledger.conflicts(self.venue, None, usize::MAX)?.into_iter().filter(Conflict::is_open)
        {
            let (order, layout_version) = order_with_layout(&ledger, conflict.order)?;
            open.push(Entry { conflict, order, layout_version });
        }
        Ok(open)
    }

    /// Whether the owner lacks what was written here of the venue's halls and performances. It stays until an operator has seen it,
    /// who has the rows go then.
    async fn has_differences(&self, base: Departure) -> Result<bool, Halt> {
        let changed = changed_since(&self.home.snapshot()?, self.venue, base.link.now_ms)?;
        if changed.is_empty() {
            return Ok(false);
        }
        let commons = self.home.commons();
        let owner = commons.group(Owner::Venue(self.venue), self.home.id());
        let found = commons.query(owner, Query::VenueItems(self.venue)).await?;
        let Found::VenueItems(items) = found else { return Err(super::passage::misplaced(&found)) };
        Ok(differing(changed, &items).next().is_some())
    }

    /// What the venue's owner has of the orders that it knows and nobody has judged.
    async fn owners(&self, open: &[Entry]) -> Result<BTreeMap<OrderId, Order>, Halt> {
        let unknown =
            |entry: &&Entry| entry.conflict.origin == Origin::Changed && entry.conflict.verdict.is_none();
        let ids: Vec<_> = open.iter().filter(unknown).map(|entry| entry.order.id).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let commons = self.home.commons();
        let owner = commons.group(Owner::Venue(self.venue), self.home.id());
        let mut known = BTreeMap::new();
        for ids in ids.chunks(ORDERS_AT_ONCE) {
            let found = commons.query(owner, Query::Orders(ids.to_vec())).await?;
            let Found::Orders(orders) = found else { return Err(super::passage::misplaced(&found)) };
            known.extend(orders.into_iter().map(|(order, _receipt)| (order.id, order)));
        }
        Ok(known)
    }

    /// Settles an order if nothing is to be waited for; tells whether it did.
    async fn settle_one(&self, entry: &Entry, owners: Option<&Order>) -> Result<bool, Halt> {
        let Entry { conflict, order, .. } = entry;
        let end = match (conflict.verdict, conflict.origin) {
            (None, Origin::Late) if order.is_over() => End::Void,
            (Some(Verdict::Refund), _) if order.is_over() => End::Refunded,
            (Some(Verdict::Keep), _) => End::Kept,
            (Some(Verdict::Leave), _) => End::Left,
            (None, Origin::Changed) if owners.is_some_and(|owners| are_alike(order, owners)) => End::Same,
            (None, _) | (Some(Verdict::Refund), _) => return Ok(false),
        };
        match end {
            End::Left | End::Same => {}
            End::Void | End::Refunded => {
                // Only the page of its buyer is missing then.
                if let Err(refusal) = self.adopt(entry).await? {
                    tracing::warn!(order = %order.id, %refusal, "an order is not shown by its venue's owner");
                }
            }
            End::Kept => {
                if let Err(refusal) = self.adopt(entry).await? {
                    tracing::warn!(order = %order.id, %refusal, "an order cannot be kept");
                    self.here(Act::Withdraw { order: order.id, why: refusal.to_string() }).await?;
                    return Ok(false);
                }
            }
        }
        self.here(Act::Close { order: order.id, end }).await?;
        tracing::info!(order = %order.id, ?end, "an order is in conflict no more");
        Ok(true)
    }

    /// Has the venue's owner take an order over.
    async fn adopt(&self, entry: &Entry) -> Result<Result<Outcome, Refusal>, Halt> {
        let Entry { conflict, order, layout_version } = entry;
        let adoption = Adoption { order: order.clone(), layout_version: *layout_version };
        let step = Step { venue: self.venue, epoch: self.epoch, act: Act::Adopt(Box::new(adoption)) };
        let command = marquee_ledger::Command::Transfer(Box::new(step));
        // Each verdict is another question.
        let id = order.id.0 ^ KEY ^ u128::from(conflict.verdicts);
        let key = Some(Key { id, body: u128::from(conflict.verdicts) });
        let command = crate::machine::Command::Ledger(Request { key, command });
        let commons = self.home.commons();
        let owner = commons.group(Owner::Venue(self.venue), self.home.id());
        let answer = commons.command(owner, encode_command(&command), true).await?;
        if answer.is_transient() {
            return Err(Failure::Moved { group: owner }.into());
        }
        let Answer::Ledger(answer) = answer else { return Err(super::passage::misplaced(&answer)) };
        Ok(answer.result)
    }

    async fn here(&self, act: Act) -> Result<(), Halt> {
        let step = Step { venue: self.venue, epoch: self.epoch, act };
        let command = marquee_ledger::Command::Transfer(Box::new(step));
        let answer = self.home.ledger(Request { key: None, command }).await?;
        answer.result.map_err(crate::catalog::Refusal::Sale)?;
        Ok(())
    }
}

/// An order, and the version of the layout that its places are of.
fn order_with_layout(ledger: &Reader<'_>, id: OrderId) -> Result<(Order, u32), Failure> {
    let missing =
        || marquee_ledger::Broken::Contradiction { what: format!("{id} is in conflict and not there") };
    let order = ledger.order(id)?.ok_or_else(missing)?;
    let performance = ledger.performance(order.performance)?.ok_or_else(missing)?;
    Ok((order, performance.terms.layout_version))
}

/// What was written of a venue's halls and performances after an instant, and what was taken out of sale.
///
/// # Errors
/// When the storage failed.
pub fn changed_since(snapshot: &Snapshot, venue: u32, after_ms: u64) -> Result<Vec<ChangedItem>, Failure> {
    let mut changed = snapshot.catalog().changed_since(venue, after_ms)?;
    for (performance, killed) in snapshot.ledger()?.killed_since(venue, after_ms)? {
        let name = ItemName { kind: ItemKind::Performance, id: performance.0, version: 0 };
        let label = format!("({} seats out of sale: {})", killed.seats.len(), killed.reason);
        // No record has this hash: the owner does not have it so.
        changed.push(ChangedItem { name, hash: 0, label, updated_ms: killed.at_ms });
    }
    Ok(changed)
}

/// What of the entities that were written here the owner does not have so.
pub fn differing(
    changed: Vec<ChangedItem>,
    owners: &[(ItemName, u128)],
) -> impl Iterator<Item = ChangedItem> {
    changed.into_iter().filter(|item| !owners.contains(&(item.name, item.hash)))
}

/// Whether two groups have the same of an order, as far as anybody can tell outside.
fn are_alike(one: &Order, other: &Order) -> bool {
    let refunds = |of: &Order| -> Vec<_> {
        of.refunds.iter().map(|refund| (refund.amount, refund.status.clone())).collect()
    };
    let is_paid = |of: &Order| matches!(of.payment, PaymentStatus::Captured { .. });
    !one.is_money_under_way()
        && one.status == other.status
        && one.tickets == other.tickets
        && one.buyer == other.buyer
        && is_paid(one) == is_paid(other)
        && refunds(one) == refunds(other)
}

/// Whose books tell what became of an order's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Books {
    /// Those of the venue's owner.
    Owner,
    /// This group's: it yielded the venue at that epoch, and the owner knows nothing of the order, or something older.
    Here(u64),
    /// That is not known yet: the venue was taken over, and this group is about to yield it.
    NotYet,
}

/// Whose books tell what became of an order's money.
///
/// # Errors
/// When the storage failed.
pub fn books_of(home: &Home, order: OrderId) -> Result<Books, Failure> {
    let venue = order.owner();
    let snapshot = home.snapshot()?;
    let ledger = snapshot.ledger()?;
    let standing = ledger.standing(venue)?;
    let is_listed = matches!(standing.stage, Stage::Yielded(_)) && ledger.conflict(order)?.is_some();
    let view = home.commons().views.now();
    let seizure = view.placements().get(&venue).and_then(|placement| placement.seized());
    Ok(books(home.id(), standing, is_listed, seizure))
}

fn books(group: GroupId, standing: Standing, is_listed: bool, seizure: Option<Seizure>) -> Books {
    let is_lost = seizure.is_some_and(|seizure| seizure.from == group && standing.epoch < seizure.epoch);
    if is_listed {
        Books::Here(standing.epoch)
    } else if is_lost {
        Books::NotYet
    } else {
        Books::Owner
    }
}

#[cfg(test)]
mod tests {
    use marquee_ledger::journal::ChainLink;
    use marquee_replication::NodeId;

    use super::*;

    #[test]
    fn money_is_told_to_who_knows_the_order() {
        let (here, there) = (GroupId(3), GroupId(2));
        let base = Departure { counter: 4, link: ChainLink { index: 9, now_ms: 9, hash: [9; 32] } };
        let seizure =
            |from| Some(Seizure { from, by: NodeId(2), epoch: 1, base: Some(base), is_overtaking: false });
        let yielded = Standing { epoch: 1, stage: Stage::Yielded(base) };
        for (standing, is_listed, seizure, expected) in [
            (Standing::FIRST, false, None, Books::Owner),
            (Standing::FIRST, false, seizure(here), Books::NotYet),
            (Standing::FIRST, false, seizure(there), Books::Owner),
            (yielded, true, seizure(here), Books::Here(1)),
            // The owner has the same order, and the same task.
            (yielded, false, seizure(here), Books::Owner),
        ] {
            assert_eq!(books(here, standing, is_listed, seizure), expected, "{standing:?}");
        }
    }
}
