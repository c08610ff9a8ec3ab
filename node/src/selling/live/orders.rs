//! Orders that somebody waits for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marquee_ledger::{Change, OrderId};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::door::Door;

/// How many changed orders may wait to be told; beyond that, everyone who waits looks again.
const CHANGES_WAITING_MAX: usize = 65_536;

/// Orders that somebody waits for.
pub(super) struct Orders {
    door: Door<Left>,
    watches: Mutex<Watches>,
    // How many watches there are: the thread that commits looks at nothing else while it is 0.
    count: AtomicUsize,
}

enum Left {
    Changed(OrderId),
    /// A venue is sold elsewhere.
    Departed(u32),
}

#[derive(Default)]
struct Watches {
    by_order: BTreeMap<(OrderId, u64), oneshot::Sender<()>>,
    last: u64,
}

/// Waits for the next change of an order.
pub struct OrderWatch {
    orders: Arc<Orders>,
    key: (OrderId, u64),
    told: oneshot::Receiver<()>,
}

impl Orders {
    pub(super) fn new() -> Self {
        Self { door: Door::new(CHANGES_WAITING_MAX), watches: Mutex::default(), count: AtomicUsize::new(0) }
    }

    pub(super) fn publish(&self, changes: &[Change]) {
        // A watch is counted before its owner reads the order. So either it is seen here, or the commit that is being
        // published was seen by that read.
        if self.count.load(Ordering::SeqCst) == 0 {
            return;
        }
        self.door.leave(changes.iter().filter_map(|change| match change {
            Change::Order { order, .. } => Some((Left::Changed(*order), 1)),
            Change::Venue { venue, standing } if !standing.sells() => Some((Left::Departed(*venue), 1)),
            Change::Seats(_)
            | Change::Performance(_)
            | Change::Task { .. }
            | Change::NextExpiry(_)
            | Change::Venue { .. } => None,
        }));
    }

    /// Tells those who wait, for ever.
    pub(super) async fn dispatch(&self) {
        loop {
            let taken = self.door.take().await;
            let mut watches = self.watches.lock();
            if taken.lost {
                let all = std::mem::take(&mut watches.by_order);
                self.count.fetch_sub(all.len(), Ordering::SeqCst);
                all.into_values().for_each(|watch| _ = watch.send(()));
                continue;
            }
            for left in taken.news {
                let told: Vec<_> = match left {
                    Left::Changed(order) => {
                        let watching = watches.by_order.range((order, 0)..=(order, u64::MAX));
                        watching.map(|(key, _watch)| *key).collect()
                    }
                    Left::Departed(venue) => {
                        let watching = watches.by_order.keys();
                        watching.filter(|(order, _watch)| order.owner() == venue).copied().collect()
                    }
                };
                for key in told {
                    if let Some(watch) = watches.by_order.remove(&key) {
                        self.count.fetch_sub(1, Ordering::SeqCst);
                        // Who does not wait any more need not be told.
                        _ = watch.send(());
                    }
                }
            }
        }
    }

    pub(super) fn watch(self: &Arc<Self>, order: OrderId) -> OrderWatch {
        let (tell, told) = oneshot::channel();
        let mut watches = self.watches.lock();
        watches.last += 1;
        let key = (order, watches.last);
        watches.by_order.insert(key, tell);
        self.count.fetch_add(1, Ordering::SeqCst);
        drop(watches);
        OrderWatch { orders: Arc::clone(self), key, told }
    }

    #[cfg(test)]
    pub(super) fn watched(&self) -> usize {
        assert_eq!(self.watches.lock().by_order.len(), self.count.load(Ordering::SeqCst));
        self.count.load(Ordering::SeqCst)
    }
}

impl OrderWatch {
    /// Resolves when a change was committed after the watch began; at once if that was earlier. It may also resolve
    /// without one, when more happens than can be told or the order's venue is sold elsewhere: look at the order.
    pub async fn changed(mut self) {
        // The other half is only dropped with the whole, and then there is nothing to wait for.
        _ = (&mut self.told).await;
    }
}

impl Drop for OrderWatch {
    fn drop(&mut self) {
        let mut watches = self.orders.watches.lock();
        if watches.by_order.remove(&self.key).is_some() {
            self.orders.count.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
