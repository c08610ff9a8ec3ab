//! Where tasks and expiries leave the thread that commits. It never waits here: when the door is full, a flag says that
//! more stands in the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use marquee_ledger::Change;
use marquee_ledger::change::Task;
use parking_lot::RwLock;
use tokio::sync::{Notify, mpsc, watch};

use crate::machine::Listener;

/// How many tasks wait behind the door.
const WAITING_MAX: usize = 32_768;
/// The next expiry before any was told.
pub(super) const UNTOLD: u64 = 0;

/// The side of the thread that commits. What comes while nobody is attached stays in the table.
#[derive(Default)]
pub struct Door {
    attached: RwLock<Option<Attached>>,
}

struct Attached {
    tasks: mpsc::Sender<(u64, Task)>,
    overflow: Arc<Overflow>,
    next_expiry_ms: watch::Sender<u64>,
}

/// The side of the outbox.
pub(super) struct Incoming {
    tasks: Tasks,
    expiries: watch::Receiver<u64>,
}

#[derive(Default)]
struct Overflow {
    happened: AtomicBool,
    notify: Notify,
}

/// Tasks as they come.
pub(super) struct Tasks {
    waiting: mpsc::Receiver<(u64, Task)>,
    overflow: Arc<Overflow>,
}

/// What comes next.
pub(super) enum Next {
    /// A task with its number.
    Task(u64, Task),
    /// Tasks are in the table that did not come through the door.
    InTable,
    /// Nothing will come any more.
    Closed,
}

impl Door {
    /// Opens the door for a new outbox. What is in the table before anything comes is announced first.
    pub(super) fn attach(&self) -> Incoming {
        let (tasks, waiting) = mpsc::channel(WAITING_MAX);
        let overflow = Arc::new(Overflow::default());
        overflow.happened.store(true, Ordering::Release);
        let (next_expiry_ms, expiries) = watch::channel(UNTOLD);
        *self.attached.write() = Some(Attached { tasks, overflow: Arc::clone(&overflow), next_expiry_ms });
        Incoming { tasks: Tasks { waiting, overflow }, expiries }
    }

    /// Closes the door: nothing comes any more.
    pub(super) fn detach(&self) {
        *self.attached.write() = None;
    }
}

impl Listener for Door {
    fn ledger_changed(&self, changes: &[Change]) {
        let attached = self.attached.read();
        let Some(attached) = attached.as_ref() else { return };
        for change in changes {
            match change {
                Change::Task { number, task } => {
                    if attached.tasks.try_send((*number, task.clone())).is_err() {
                        attached.overflow.happened.store(true, Ordering::Release);
                        attached.overflow.notify.notify_one();
                    }
                }
                Change::NextExpiry(at_ms) => _ = attached.next_expiry_ms.send_replace(*at_ms),
                Change::Seats(_) | Change::Performance(_) | Change::Order { .. } | Change::Venue { .. } => {}
            }
        }
    }
}

impl Incoming {
    pub(super) fn split(self) -> (Tasks, watch::Receiver<u64>) {
        (self.tasks, self.expiries)
    }
}

impl Tasks {
    /// The next task; first those of the table, since they are older than what comes through the door after them.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            if self.overflow.happened.swap(false, Ordering::AcqRel) {
                return Next::InTable;
            }
            tokio::select! {
                biased;
                task = self.waiting.recv() => {
                    return task.map_or(Next::Closed, |(number, task)| Next::Task(number, task));
                }
                () = self.overflow.notify.notified() => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use marquee_ledger::PerformanceId;

    use super::*;

    fn task(number: u64) -> Change {
        Change::Task { number, task: Task::CancelOrders { performance: PerformanceId(1) } }
    }

    #[tokio::test]
    async fn what_the_door_has_no_room_for_is_announced_to_be_in_the_table() {
        let door = Door::default();
        let (mut tasks, expiries) = door.attach().split();
        assert!(matches!(tasks.next().await, Next::InTable), "what was there before");
        let many: Vec<_> = (1..=WAITING_MAX as u64 + 5).map(task).collect();
        door.ledger_changed(&many);
        assert!(matches!(tasks.next().await, Next::InTable));
        assert!(matches!(tasks.next().await, Next::Task(1, _)));
        door.ledger_changed(&[Change::NextExpiry(7)]);
        assert_eq!(*expiries.borrow(), 7);
        door.detach();
        for _waiting in 1..WAITING_MAX {
            assert!(matches!(tasks.next().await, Next::Task(..)));
        }
        assert!(matches!(tasks.next().await, Next::Closed));
    }
}
