//! Which orders' payments a gateway is being asked for just now. A webhook about one of them tells nothing that the answer
//! to the call will not tell, and is passed over. Should that answer be lost, or older than the webhook, the call is repeated
//! at once.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use marquee_ledger::OrderId;
use parking_lot::Mutex;

/// So many locks, that calls about different orders seldom meet at one.
const SHARDS: usize = 16;

/// The orders. There are at most as many as calls under way.
pub(super) struct Asking {
    hasher: RandomState,
    /// Whether a webhook was passed over during the call, by order.
    shards: [Mutex<HashMap<OrderId, bool>>; SHARDS],
}

impl Default for Asking {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: Default::default() }
    }
}

/// A call about an order, until it is dropped.
pub(super) struct Call<'a> {
    asking: &'a Asking,
    order: OrderId,
}

impl Asking {
    /// A call about an order begins.
    pub(super) fn begin(&self, order: OrderId) -> Call<'_> {
        self.shard(order).lock().insert(order, false);
        Call { asking: self, order }
    }

    /// Passes a webhook over if a call about its order is under way; whoever makes the call is told of it.
    pub(super) fn passes_over(&self, order: OrderId) -> bool {
        let mut shard = self.shard(order).lock();
        shard.get_mut(&order).is_some_and(|passed| {
            *passed = true;
            true
        })
    }

    fn shard(&self, order: OrderId) -> &Mutex<HashMap<OrderId, bool>> {
        &self.shards[self.hasher.hash_one(order) as usize % SHARDS]
    }
}

impl Call<'_> {
    /// Whether a webhook was passed over since the call began.
    pub(super) fn passed_over(&self) -> bool {
        self.asking.shard(self.order).lock().get(&self.order).is_some_and(|passed| *passed)
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.asking.shard(self.order).lock().remove(&self.order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_while_it_lasts() {
        let asking = Asking::default();
        let (one, two) = (OrderId(1 << 8), OrderId(2 << 8));
        let call = asking.begin(one);
        assert!(!asking.passes_over(two) && !call.passed_over());
        assert!(asking.passes_over(one) && call.passed_over());
        drop(call);
        assert!(!asking.passes_over(one));
        assert!(!asking.begin(one).passed_over(), "another call");
    }
}
