//! Orders that a group sold, or changed, after another one had taken the venue over from it.

use serde::{Deserialize, Serialize};

use crate::ids::OrderId;
use crate::order::{Order, RefundStatus};

/// An order of which the venue's owner knows nothing, or something older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Which.
    pub order: OrderId,
    /// What the owner knows of it.
    pub origin: Origin,
    /// What is to become of it, if somebody said so.
    pub verdict: Option<Verdict>,
    /// How often something was said: a request to the owner names it, so that its answer belongs to one verdict.
    pub verdicts: u32,
    /// Why the owner would not keep it, when it was to.
    pub objection: Option<String>,
    /// How it ended.
    pub end: Option<End>,
}

/// What the owner knows of an order in conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Nothing: it was placed afterwards.
    Late,
    /// How it was before.
    Changed,
}

/// What is to become of an order in conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Its tickets are cancelled, and its money goes back. Only for one that the owner does not know.
    Refund,
    /// The owner takes it over, with its seats. Only for one that is booked and that the owner does not know.
    Keep,
    /// It stays as its owner has it. Only for one that the owner knows.
    Leave,
}

/// How a conflict ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// Its tickets are cancelled, and no money is under way any more.
    Refunded,
    /// Its owner has it.
    Kept,
    /// It stays as its owner has it.
    Left,
    /// Its owner has the same.
    Same,
    /// Nothing came of it: it was not paid, or was given back by itself.
    Void,
}

impl Conflict {
    pub(crate) const fn new(order: OrderId, origin: Origin) -> Self {
        Self { order, origin, verdict: None, verdicts: 0, objection: None, end: None }
    }

    /// Whether it is not settled.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.end.is_none()
    }
}

impl Order {
    /// Whether money of it is under way: asked for, or going back.
    #[must_use]
    pub fn is_money_under_way(&self) -> bool {
        let is_open = |refund: &crate::order::Refund| refund.status == RefundStatus::Requested;
        self.charge_task.is_some() || self.refunds.iter().any(is_open)
    }

    /// Whether no ticket of it admits and no money of it is under way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !self.is_live() && self.valid_tickets().next().is_none() && !self.is_money_under_way()
    }
}
