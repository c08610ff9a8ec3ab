//! Who may see and change an order, and who a ticket.

use marquee_ledger::command::Secret;
use marquee_ledger::order::{Ticket, TicketStatus};
use marquee_ledger::{AccountId, Order};

use super::Selling;
use crate::accounts::{Claims, Role, Roles};

/// Who asks, and with which proof.
#[derive(Debug, Clone, Copy)]
pub struct Asker {
    /// Their account and what it may do.
    pub account: Option<(AccountId, Roles)>,
    /// A guest's token of an order.
    pub token: Option<Secret>,
    /// A token of one ticket: of a guest who has it, or the one by which it is offered.
    pub ticket_token: Option<Secret>,
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
}

/// What somebody is to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// Who has it, or offers it to somebody else: who accepted it last, or else who bought it.
    Holder,
    /// Who has the link by which it is offered.
    Invited,
    /// Who has nothing to do with it but by its order. Such a buyer gave it away.
    Of(Standing),
}

impl Hand {
    /// Whether they may offer it to somebody else, and take that back.
    #[must_use]
    pub const fn may_pass_on(self) -> bool {
        match self {
            Self::Holder | Self::Of(Standing::Support) => true,
            Self::Invited | Self::Of(Standing::Buyer | Standing::Seller) => false,
        }
    }

    /// Whether they see the addresses of others who have to do with it.
    #[must_use]
    pub const fn sees_addresses(self) -> bool {
        match self {
            Self::Holder | Self::Of(Standing::Seller | Standing::Support) => true,
            Self::Invited | Self::Of(Standing::Buyer) => false,
        }
    }
}

impl Asker {
    /// Somebody with an account.
    #[must_use]
    pub const fn signed(claims: &Claims) -> Self {
        Self { account: Some((claims.account, claims.roles)), token: None, ticket_token: None }
    }

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

    /// What who asks is to a ticket of an order; none if they may not even know of it.
    #[must_use]
    pub fn hand(&self, order: &Order, index: u8, asker: &Asker) -> Option<Hand> {
        let ticket = order.tickets.get(usize::from(index))?;
        if is_holder(order, ticket, asker) {
            return Some(Hand::Holder);
        }
        let is_invited = asker.ticket_token.is_some() && asker.ticket_token == invitation(order, index);
        if is_invited {
            return Some(Hand::Invited);
        }
        self.standing(order, asker).map(Hand::Of)
    }

    /// Whether who asks may see a ticket's code and come with it. What was not given away, seller and support print too;
    /// what was is its holder's alone; and while a ticket is on offer, its code is nobody's.
    pub(super) fn may_bear(&self, order: &Order, ticket: &Ticket, asker: &Asker) -> bool {
        if ticket.status != TicketStatus::Valid || ticket.offered.is_some() {
            return false;
        }
        let is_held = is_holder(order, ticket, asker);
        is_held || (ticket.gift.is_none() && self.standing(order, asker).is_some())
    }
}

fn is_holder(order: &Order, ticket: &Ticket, asker: &Asker) -> bool {
    let (account, secret, token) = match &ticket.gift {
        Some(gift) => (gift.holder.account, gift.secret, asker.ticket_token),
        None => (order.buyer.account, order.secret, asker.token),
    };
    asker.is_account(account) || (account.is_none() && token == Some(secret))
}

/// What proves that a ticket was offered to somebody; none if it is not on offer. It is made of what only who offers it
/// knows, and of the ticket's serial, so that it is spent with the offer.
#[must_use]
pub fn invitation(order: &Order, index: u8) -> Option<Secret> {
    let ticket = order.tickets.get(usize::from(index))?;
    if ticket.status != TicketStatus::Valid || ticket.offered.is_none() {
        return None;
    }
    let giver = ticket.gift.as_ref().map_or(order.secret, |gift| gift.secret);
    let key = blake3::derive_key("marquee 2026 offer of a ticket", &giver.0.to_be_bytes());
    let mut hasher = blake3::Hasher::new_keyed(&key);
    hasher.update(&order.id.ticket(index).0.to_be_bytes()).update(&ticket.serial.to_be_bytes());
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    Some(Secret(u128::from_be_bytes(bytes)))
}
