//! What people may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Buys tickets. Everyone is a customer.
    Customer = 1,
    /// Lists events of their own and sells them.
    Organizer = 2,
    /// Sells and scans at a venue's counter.
    BoxOffice = 4,
    /// Helps customers: sees accounts and orders, refunds.
    Support = 8,
    /// Runs the cluster; may do everything.
    Operator = 16,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] =
        [Self::Customer, Self::Organizer, Self::BoxOffice, Self::Support, Self::Operator];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Organizer => "organizer",
            Self::BoxOffice => "box_office",
            Self::Support => "support",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a role: choose one of customer, organizer, box_office, support, operator")]
pub struct NotARole;

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(NotARole)
    }
}

/// The roles of an account; at least that of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Roles(u8);

impl Default for Roles {
    fn default() -> Self {
        Self(Role::Customer as u8)
    }
}

impl Roles {
    /// These roles too.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role as u8)
    }

    /// Whether the account has this role itself. To ask what it may do, use [`may_act_as`](Self::may_act_as).
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & role as u8 != 0
    }

    /// Whether the account may do what this role may: it has the role, or is an operator.
    #[must_use]
    pub const fn may_act_as(self, role: Role) -> bool {
        self.contains(role) || self.contains(Role::Operator)
    }

    /// The roles, in order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }

    /// As one byte, for tokens.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// From one byte; bits that are no role are dropped.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Role::ALL.into_iter().filter(|role| bits & *role as u8 != 0).collect()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::default(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_is_a_customer_and_operators_may_do_everything() {
        let organizer: Roles = [Role::Organizer].into_iter().collect();
        assert!(organizer.contains(Role::Customer) && organizer.may_act_as(Role::Organizer));
        assert!(!organizer.may_act_as(Role::Support));
        let operator = Roles::default().with(Role::Operator);
        assert!(Role::ALL.into_iter().all(|role| operator.may_act_as(role)));
        assert!(!operator.contains(Role::Organizer));
    }

    #[test]
    fn names_and_bits_round_trip() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            let roles = Roles::default().with(role);
            assert_eq!(Roles::from_bits(roles.bits()), roles);
        }
        assert_eq!("admin".parse::<Role>(), Err(NotARole));
        assert_eq!(Roles::from_bits(0xe0), Roles::default());
    }
}
