//! Who may see and do what on the organizer's pages: the same as by the API.

use std::sync::Arc;

use marquee_ledger::{AccountId, EventId, OrderId, PerformanceId, VenueId};

use super::super::visit::Visit;
use super::say::Say;
use crate::accounts::Role;
use crate::catalog::entity::{Event, Venue};
use crate::catalog::service::Writer;
use crate::http::Problem;
use crate::http::organizing;
use crate::selling::Showing;
use crate::selling::orders::Proved;
use crate::selling::rights::Standing;

/// A visit of somebody who may be here.
pub(super) struct Desk {
    pub(super) visit: Visit,
    pub(super) say: Say,
    pub(super) writer: Writer,
}

impl Desk {
    /// Lets organizers and operators in.
    ///
    /// # Errors
    /// `unauthenticated` for guests, who are brought to sign in; `forbidden` for others.
    pub(super) fn open(visit: Visit) -> Result<Self, Problem> {
        let writer = organizing::writer(&visit.app, visit.caller.caller())?;
        let say = Say::new(&visit);
        Ok(Self { visit, say, writer })
    }

    /// Whose things are shown: nobody's in particular to operators, who see all.
    pub(super) fn is_shown(&self, owner: AccountId) -> bool {
        let by = self.writer.by();
        by.operator || by.account == owner
    }

    fn check(&self, owner: AccountId) -> Result<(), Problem> {
        if self.is_shown(owner) {
            return Ok(());
        }
        tracing::info!(account = %self.writer.by().account, %owner, "refused: a page of another organizer");
        Err(Problem::forbidden("this belongs to another organizer"))
    }

    /// A venue of one's own.
    pub(super) fn venue(&self, id: VenueId) -> Result<Arc<Venue>, Problem> {
        let venue = self.visit.app.home.catalog_copy().read().venue(id).cloned();
        let venue = venue.ok_or_else(|| Problem::not_found("venue"))?;
        self.check(venue.stamp.owner)?;
        Ok(venue)
    }

    /// An event of one's own.
    pub(super) fn event(&self, id: EventId) -> Result<Arc<Event>, Problem> {
        let event = self.visit.app.home.catalog_copy().read().event(id).cloned();
        let event = event.ok_or_else(|| Problem::not_found("event"))?;
        self.check(event.stamp.owner)?;
        Ok(event)
    }

    /// A performance of one's own event.
    pub(super) fn showing(&self, id: PerformanceId) -> Result<Showing, Problem> {
        let showing = self.visit.app.selling.showing(id).ok_or_else(|| Problem::not_found("performance"))?;
        self.check(showing.event.stamp.owner)?;
        Ok(showing)
    }

    /// An order of one's own event.
    pub(super) fn order(&self, id: OrderId) -> Result<(Proved, Showing), Problem> {
        let unknown = || Problem::not_found("order");
        let proved = self.visit.app.selling.proved(id)?.ok_or_else(unknown)?;
        let showing = self.visit.app.selling.showing(proved.order.performance).ok_or_else(unknown)?;
        self.check(showing.event.stamp.owner)?;
        // Who sells may have bought here as well: here they sell.
        let standing = self.visit.app.selling.standing(&proved.order, &self.visit.asker());
        match standing {
            Some(Standing::Seller | Standing::Buyer) => Ok((proved, showing)),
            Some(Standing::Support) | None => Err(unknown()),
        }
    }

    /// Whether they see what all organizers have.
    pub(super) fn sees_all(&self) -> bool {
        self.visit.caller.signed().is_some_and(|signed| signed.roles.contains(Role::Operator))
    }
}
