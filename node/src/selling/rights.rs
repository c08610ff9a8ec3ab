//! Who may see and change an order.

use marquee_ledger::command::Secret;
use marquee_ledger::{AccountId, Order};

use super::Selling;
use crate::accounts::{Role, Roles};

/// Who asks, and with which proof.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    /// Their account and what it may do.
    pub account: Option<(AccountId, Roles)>,
    /// A guest's token.
    pub token: Option<Secret>,
}

/// What somebody is to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Who bought it.
    Buyer,
    /// Who sells it: the event's organizer, or an operator.
    Seller,
    /// Who helps both.
    Support,
}

impl Standing {
    /// Whether they decide for the seller: give money back whatever was agreed.
    #[must_use]
    pub const fn may_act_for_seller(self) -> bool {
        match self {
            Self::Seller | Self::Support => true,
            Self::Buyer => false,
        }
    }

    /// Whether they may give a ticket to somebody else.
    #[must_use]
    pub const fn may_pass_on(self) -> bool {
        match self {
            Self::Buyer | Self::Support => true,
            Self::Seller => false,
        }
    }
}

impl Asker {
    fn is_account(&self, account: Option<AccountId>) -> bool {
        account.is_some() && self.account.map(|(account, _roles)| account) == account
    }
}

impl Selling {
    /// What who asks is to an order; none if they may not even know of it.
    #[must_use]
    pub fn standing(&self, order: &Order, asker: &Asker) -> Option<Standing> {
        let by_token = order.buyer.account.is_none() && asker.token == Some(order.secret);
        if by_token || asker.is_account(order.buyer.account) {
            return Some(Standing::Buyer);
        }
        let (account, roles) = asker.account?;
        if roles.contains(Role::Operator) {
            return Some(Standing::Seller);
        }
        let owns_event = || {
            let catalog = self.0.home.catalog_copy().read();
            catalog.event(order.event).is_some_and(|event| event.stamp.owner == account)
        };
        if roles.contains(Role::Organizer) && owns_event() {
            return Some(Standing::Seller);
        }
        roles.contains(Role::Support).then_some(Standing::Support)
    }

    /// Whether who asks has this ticket, though they did not buy it.
    #[must_use]
    pub fn has_ticket(order: &Order, index: u8, asker: &Asker) -> bool {
        let holder = order.tickets.get(usize::from(index)).and_then(|ticket| ticket.holder.as_ref());
        holder.is_some_and(|holder| asker.is_account(holder.account))
    }
}
