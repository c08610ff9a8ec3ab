//! A hold: places kept for one customer until an instant.

use serde::{Deserialize, Serialize};

use crate::command::{Holder, PricedPlace, Secret};
use crate::ids::{OrderId, PerformanceId};

/// An open hold. One that lapsed, was released or was booked has no record any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Of which performance.
    pub performance: PerformanceId,
    /// For whom.
    pub holder: Holder,
    /// Proves the right to it.
    pub secret: Secret,
    /// What it keeps, in order of seat and area.
    pub places: Vec<PricedPlace>,
    /// When it lapses, in milliseconds since 1970. Its seats are free once the home has had it expired.
    pub expires_at_ms: u64,
    /// Whether it was extended; it can be once.
    pub extended: bool,
    /// The order whose payment is under way.
    pub order: Option<OrderId>,
    /// Under which customers its places count towards the ticket limit.
    pub customers: Vec<CustomerKey>,
}

impl Hold {
    /// What it costs, in minor units.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.places.iter().map(|place| place.price).sum()
    }
}

/// A customer for the purpose of the ticket limit: 128 bits of a hash of an account, a guest's session or an e-mail
/// address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CustomerKey(pub u128);

impl CustomerKey {
    /// The key of who holds.
    #[must_use]
    pub fn of_holder(holder: Holder) -> Self {
        match holder {
            Holder::Account(account) => Self::hash(b"account", &account.0.to_be_bytes()),
            Holder::Guest(session) => Self::hash(b"guest", &session.to_be_bytes()),
        }
    }

    /// The key of an e-mail address, whatever its letters' case.
    #[must_use]
    pub fn of_email(email: &str) -> Self {
        Self::hash(b"email", email.trim().to_lowercase().as_bytes())
    }

    fn hash(kind: &[u8], who: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(kind).update(b":").update(who);
        let mut key = [0; 16];
        hasher.finalize_xof().fill(&mut key);
        Self(u128::from_be_bytes(key))
    }
}
