//! A venue that was taken over from this group, and what it sold meanwhile.

use redb::ReadableTable;

use crate::apply::{Decided, LedgerEntry, Stop};
use crate::broken::Broken;
use crate::command::{CancelGround, Outcome};
use crate::ids::OrderId;
use crate::order::{Order, OrderStatus};
use crate::record;
use crate::refusal::Refusal;
use crate::tables::{self, PairKey, order_key, split_pair};
use crate::transfer::{Conflict, Departure, End, News, Origin, Stage, Standing, Verdict, performances_of};

/// What a buyer reads of an order that was not kept.
const REASON: &str = "The box office that sold it was cut off, and the venue had been taken over.";

impl LedgerEntry<'_> {
    /// Reads every order of the venue, once: whoever waits for this group waits for that.
    pub(super) fn yield_venue(&mut self, venue: u32, epoch: u64, base: Departure) -> Decided {
        let before = self.standing(venue);
        match before.stage {
            Stage::Yielded(_) if before.epoch == epoch => return Ok(Outcome::Stands(before)),
            Stage::Owned | Stage::Copied(_) | Stage::Departed(_) if before.epoch < epoch => {}
            Stage::Owned
            | Stage::Copied(_)
            | Stage::Departed(_)
            | Stage::Arriving(_)
            | Stage::Leaving
            | Stage::Gone
            | Stage::Yielded(_) => return Err(Refusal::StaleStep.into()),
        }
        // Nothing is refused from here on.
        let after = Standing { epoch, stage: Stage::Yielded(base) };
        for (id, hold) in self.holds_in(venue)? {
            match (before.has_lapse(hold.order), after.has_lapse(hold.order)) {
                (true, false) => self.memory.forget_hold(id, &hold),
                (false, true) => self.memory.know_hold(id, &hold),
                (true, true) | (false, false) => {}
            }
        }
        for order in self.orders_in(venue)? {
            if order.changed_at_index > base.link.index {
                let origin = if base.is_before(order.id) { Origin::Late } else { Origin::Changed };
                self.save_conflict(venue, &Conflict::new(order.id, origin))?;
            }
        }
        self.drop_notes(venue)?;
        Ok(self.stand(venue, after)?)
    }

    pub(super) fn judge(&mut self, venue: u32, epoch: u64, id: OrderId, verdict: Verdict) -> Decided {
        let mut conflict = self.open_conflict(venue, epoch, id)?;
        match conflict.verdict {
            Some(known) if known == verdict => return Ok(Outcome::Done),
            Some(_) => return Err(Refusal::Judged.into()),
            None => {}
        }
        let mut order = self.order(id)?;
        check_verdict(&order, conflict.origin, verdict)?;
        // Nothing is refused from here on.
        if verdict == Verdict::Refund {
            self.give_back(&mut order)?;
        }
        conflict.verdict = Some(verdict);
        conflict.verdicts += 1;
        conflict.objection = None;
        self.save_conflict(venue, &conflict)?;
        Ok(Outcome::Done)
    }

    pub(super) fn late(&mut self, venue: u32, epoch: u64, id: OrderId, news: &News) -> Decided {
        let conflict = self.conflict(venue, epoch, id)?;
        if !conflict.is_open() {
            return Ok(Outcome::Done);
        }
        let outcome = match news {
            News::Payment(result) => self.settle_payment(id, result)?,
            News::Refund { refund, result } => self.settle_refund(id, *refund, result)?,
        };
        // Nothing is refused from here on. Money that comes after the order was given up goes back at once.
        if conflict.verdict == Some(Verdict::Refund) {
            let mut order = self.order(id)?;
            self.give_back(&mut order)?;
        }
        Ok(outcome)
    }

    pub(super) fn withdraw(&mut self, venue: u32, epoch: u64, id: OrderId, why: &str) -> Decided {
        let mut conflict = self.open_conflict(venue, epoch, id)?;
        if conflict.verdict != Some(Verdict::Keep) {
            return Err(Refusal::StaleStep.into());
        }
        // Nothing is refused from here on.
        conflict.verdict = None;
        conflict.objection = Some(why.to_owned());
        self.save_conflict(venue, &conflict)?;
        Ok(Outcome::Done)
    }

    pub(super) fn close(&mut self, venue: u32, epoch: u64, id: OrderId, end: End) -> Decided {
        let mut conflict = self.conflict(venue, epoch, id)?;
        match conflict.end {
            Some(known) if known == end => return Ok(Outcome::Done),
            Some(_) => return Err(Refusal::NoConflict.into()),
            None => {}
        }
        let is_over = self.order(id)?.is_over();
        let fits = match (end, conflict.origin, conflict.verdict) {
            (End::Refunded, _, verdict) => verdict == Some(Verdict::Refund) && is_over,
            (End::Void, origin, verdict) => verdict.is_none() && origin == Origin::Late && is_over,
            (End::Kept, _, verdict) => verdict == Some(Verdict::Keep),
            (End::Left, _, verdict) => verdict == Some(Verdict::Leave),
            (End::Same, origin, _) => origin == Origin::Changed,
        };
        if !fits {
            return Err(Refusal::StaleStep.into());
        }
        // Nothing is refused from here on.
        conflict.end = Some(end);
        self.save_conflict(venue, &conflict)?;
        Ok(Outcome::Done)
    }

    /// Prepares a yielded venue to be forgotten: no order of it may be in conflict.
    pub(super) fn lay_down(&mut self, venue: u32) -> Result<(), Stop> {
        for row in self.tables.conflicts.range((venue, 0)..=(venue, u128::MAX))? {
            if record::decode::<Conflict>(row?.1.value())?.is_open() {
                return Err(Refusal::InConflict.into());
            }
        }
        let standing = self.standing(venue);
        for (id, hold) in self.holds_in(venue)? {
            if standing.has_lapse(hold.order) {
                self.memory.forget_hold(id, &hold);
            }
        }
        Ok(())
    }

    pub(super) fn drop_conflicts(&mut self, venue: u32) -> Result<(), Broken> {
        self.tables.conflicts.retain_in((venue, 0)..=(venue, u128::MAX), |_order, _conflict| false)?;
        Ok(())
    }

    /// Gives up what an order has. What is being paid lapses: money that still comes is given back as well.
    fn give_back(&mut self, order: &mut Order) -> Result<(), Broken> {
        match order.status {
            OrderStatus::AwaitingPayment => {
                let hold = tables::hold_of(&*self.tables.holds, order.hold.0)?;
                let hold = hold.ok_or_else(|| {
                    Broken::contradiction(format!("{} awaits payment without a hold", order.id))
                })?;
                self.let_go(order.hold, &hold)
            }
            OrderStatus::Booked => {
                let valid: Vec<usize> = order.valid_tickets().map(|(index, _ticket)| index).collect();
                self.cancel(order, &valid, CancelGround::Seller, REASON)?;
                self.save_order(order)
            }
            OrderStatus::Lapsed
            | OrderStatus::Declined
            | OrderStatus::Unfulfilled
            | OrderStatus::Cancelled => Ok(()),
        }
    }

    fn open_conflict(&self, venue: u32, epoch: u64, id: OrderId) -> Result<Conflict, Stop> {
        let conflict = self.conflict(venue, epoch, id)?;
        if conflict.is_open() { Ok(conflict) } else { Err(Refusal::NoConflict.into()) }
    }

    fn conflict(&self, venue: u32, epoch: u64, id: OrderId) -> Result<Conflict, Stop> {
        let standing = self.standing(venue);
        if standing.epoch != epoch || !matches!(standing.stage, Stage::Yielded(_)) {
            return Err(Refusal::StaleStep.into());
        }
        let known = self.tables.conflicts.get((venue, id.0))?;
        let known = known.map(|bytes| record::decode(bytes.value())).transpose()?;
        known.ok_or_else(|| Refusal::NoConflict.into())
    }

    fn save_conflict(&mut self, venue: u32, conflict: &Conflict) -> Result<(), Broken> {
        self.tables.conflicts.insert((venue, conflict.order.0), record::encode(conflict).as_slice())?;
        Ok(())
    }

    fn orders_in(&self, venue: u32) -> Result<Vec<Order>, Broken> {
        let mut orders = Vec::new();
        for performance in performances_of(&*self.tables.offers, venue)? {
            let (first, last) =
                (order_key(performance, OrderId(0)), order_key(performance, OrderId(u128::MAX)));
            for row in self.tables.performance_orders.range::<&PairKey>(&first..=&last)? {
                let id = OrderId(split_pair(row?.0.value()).1);
                let order = tables::order_of(&*self.tables.orders, id)?;
                orders.push(
                    order.ok_or_else(|| Broken::contradiction(format!("{performance} has no order {id}")))?,
                );
            }
        }
        Ok(orders)
    }
}

/// Refuses what cannot become of an order.
fn check_verdict(order: &Order, origin: Origin, verdict: Verdict) -> Result<(), Refusal> {
    let why = match (verdict, origin) {
        (Verdict::Refund, Origin::Late) => return Ok(()),
        (Verdict::Keep, Origin::Late) => {
            if order.status == OrderStatus::Booked && !order.is_money_under_way() {
                return Ok(());
            }
            "only an order that is booked, and of which no money is under way, can be kept"
        }
        (Verdict::Leave, Origin::Changed) => {
            let is_refund_open = order.refunds.iter().any(|refund| refund.task.is_some());
            if !is_refund_open {
                return Ok(());
            }
            "money of it is on its way back: wait until it has arrived"
        }
        (Verdict::Refund | Verdict::Keep, Origin::Changed) => {
            "the venue's owner has this order as it was: cancel it there if need be, and leave it"
        }
        (Verdict::Leave, Origin::Late) => "the venue's owner does not know this order: keep it or refund it",
    };
    Err(Refusal::Invalid(why.to_owned()))
}
