//! The outbox: what the ledger decided must happen outside of it, carried out.
//!
//! The ledger writes a [`Task`] in the same commit as the decision (ask for this order's money, pay that refund back).
//! The home carries tasks out, at least once and each under the order's own key at the gateway, and reports the result
//! to the ledger as a command, which takes the task off. Nothing waits for the outside under a lock, in a transaction or
//! in the log.
//!
//! Only the home of a group works: an outbox [begins](Outbox::begin) when its node becomes home, and [rests](Outbox::rest)
//! when it is not home any more.
//!
//! A task comes through the [`Door`] right after its commit. Behind it stands the table: at the start, and whenever the
//! door was too narrow, tasks are read from there, so none is lost and none must fit into memory. Numbers ascend, so a
//! task is begun once each time that the outbox begins.
//!
//! | module | task |
//! |---|---|
//! | `charges` | an order's payment: asked for, polled, called off when its time is over |
//! | `refunds` | money that goes back |
//! | `webhooks` | what a gateway tells by itself |
//! | `expiry` | holds whose time is over |
//! | `people` | an account's orders; the names on a deleted account's |

mod asking;
mod charges;
mod door;
mod expiry;
mod people;
mod refunds;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use marquee_ledger::change::Task;
use marquee_ledger::transfer::{Act, News, Step};
use marquee_ledger::{Command, OrderId, Outcome, PerformanceId, Refusal, Request};
use moka::sync::Cache;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cluster::moving::reconciling::{Books, books_of};
use crate::home::{Failure, Home};
use crate::payments::PaymentGateway;

use asking::Asking;

pub use door::Door;
pub use webhooks::WebhookRefused;

/// How many tasks are under way at the same time; the others wait in the table. Most of them are payments that wait for
/// their customer, some hundred bytes each.
const UNDER_WAY_MAX: usize = 100_000;
/// How many tasks are read from the table at a time.
const TASKS_READ: usize = 1_000;
/// How many orders of a performance that was called off are cancelled by one command.
const CANCELLED_AT_ONCE: u32 = 200;
/// How many settled payments are remembered, so that a webhook that tells nothing new costs no command.
const SETTLED_REMEMBERED: u64 = 200_000;

/// The gateways by name.
pub type Gateways = BTreeMap<String, Arc<dyn PaymentGateway>>;

/// Carries out what the ledger decided. Cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    home: Home,
    gateways: Gateways,
    /// Orders whose payment was captured or declined, as far as this process remembers.
    settled: Cache<OrderId, ()>,
    under_way: AtomicUsize,
    /// Orders whose payment a gateway is being asked for just now.
    asking: Asking,
    deletions: Notify,
    door: Arc<Door>,
    /// Of the work that was begun last.
    work: ArcSwap<Work>,
}

/// What an outbox does from its beginning to its rest.
#[derive(Default)]
struct Work {
    tracker: TaskTracker,
    stopping: CancellationToken,
}

/// Whether somebody may have begun a task before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// It was committed while this outbox worked.
    NotYet,
    /// It was in the table: an earlier home may have been in the middle of it.
    Perhaps,
}

impl Outbox {
    /// An outbox that rests.
    #[must_use]
    pub fn new(home: Home, gateways: Gateways, door: Arc<Door>) -> Self {
        Self(Arc::new(Inner {
            home,
            gateways,
            settled: Cache::new(SETTLED_REMEMBERED),
            under_way: AtomicUsize::new(0),
            asking: Asking::default(),
            deletions: Notify::new(),
            door,
            work: ArcSwap::default(),
        }))
    }

    /// Begins to carry tasks out, those that are in the table first. It must be resting.
    pub fn begin(&self) {
        let work = Arc::new(Work::default());
        self.0.work.store(Arc::clone(&work));
        let (tasks, expiries) = self.0.door.attach().split();
        // Each may be in the middle of telling the ledger something, which nobody hears any more: none waits for that.
        let (dispatching, expiring, anonymising) = (self.clone(), self.clone(), self.clone());
        let until_rest = || work.stopping.clone();
        work.tracker
            .spawn(until_rest().run_until_cancelled_owned(async move { dispatching.dispatch(tasks).await }));
        work.tracker
            .spawn(until_rest().run_until_cancelled_owned(async move { expiring.expire(expiries).await }));
        work.tracker
            .spawn(until_rest().run_until_cancelled_owned(async move { anonymising.anonymise().await }));
    }

    /// How many tasks are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.0.under_way.load(Ordering::Relaxed)
    }

    /// Ends without waiting for what is under way outside: it is done again, with the same keys, by whoever begins next.
    pub async fn rest(&self) {
        let work = self.0.work.load_full();
        work.stopping.cancel();
        self.0.door.detach();
        work.tracker.close();
        work.tracker.wait().await;
    }

    fn stopping(&self) -> CancellationToken {
        self.0.work.load().stopping.clone()
    }

    /// Begins every task once, in order.
    async fn dispatch(&self, mut tasks: door::Tasks) {
        let stopping = self.stopping();
        let places = Arc::new(Semaphore::new(UNDER_WAY_MAX));
        let mut last = 0;
        loop {
            let next = tokio::select! {
                next = tasks.next() => next,
                () = stopping.cancelled() => return,
            };
            match next {
                door::Next::Task(number, task) => {
                    if number > last {
                        last = number;
                        if self.start(&places, number, (task, Asked::NotYet)).await.is_none() {
                            return;
                        }
                    }
                }
                door::Next::InTable => match self.begin_from_table(&places, last).await {
                    Some(reached) => last = reached,
                    None => return,
                },
                door::Next::Closed => return,
            }
        }
    }

    /// Begins the tasks of the table after a number; tells the last one, or none when the node stops.
    async fn begin_from_table(&self, places: &Arc<Semaphore>, mut last: u64) -> Option<u64> {
        let mut pause = Pause::new();
        loop {
            let read =
                self.0.home.snapshot().and_then(|state| Ok(state.ledger()?.tasks(last, TASKS_READ)?));
            let tasks = match read {
                Ok(tasks) => tasks,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    self.pause(&mut pause).await?;
                    continue;
                }
            };
            let is_end = tasks.len() < TASKS_READ;
            for (number, task) in tasks {
                last = number;
                self.start(places, number, (task, Asked::Perhaps)).await?;
            }
            if is_end {
                return Some(last);
            }
        }
    }

    async fn start(&self, places: &Arc<Semaphore>, number: u64, task: (Task, Asked)) -> Option<()> {
        let stopping = self.stopping();
        let place = tokio::select! {
            place = Arc::clone(places).acquire_owned() => place.ok()?,
            () = stopping.cancelled() => return None,
        };
        let outbox = self.clone();
        self.0.work.load().tracker.spawn(async move {
            outbox.0.under_way.fetch_add(1, Ordering::Relaxed);
            tokio::select! {
                () = outbox.carry_out(number, task) => {}
                () = stopping.cancelled() => {}
            }
            outbox.0.under_way.fetch_sub(1, Ordering::Relaxed);
            drop(place);
        });
        Some(())
    }

    async fn carry_out(&self, number: u64, (task, asked): (Task, Asked)) {
        match task {
            Task::Charge { order, total, choice, email } => {
                self.charge(charges::Charge { order, total, choice, email }, asked).await;
            }
            Task::Refund { order, refund, amount, gateway, intent } => {
                self.refund(refunds::Payback { order, refund, amount, gateway, intent }).await;
            }
            Task::IndexOrder { account, order } => self.index_order(number, account, order).await,
            Task::CancelOrders { performance } => self.cancel_orders(performance).await,
        }
    }

    async fn cancel_orders(&self, performance: PerformanceId) {
        let command = Command::CancelOrders { performance, limit: CANCELLED_AT_ONCE };
        loop {
            match self.tell(command.clone()).await {
                Ok(Outcome::Treated { count }) if count < CANCELLED_AT_ONCE => return,
                Ok(_more) => {}
                Err(refusal) => {
                    tracing::error!(%performance, %refusal, "orders of a cancelled performance remain");
                    return;
                }
            }
        }
    }

    /// Proposes a command without a key until it is answered. Only for commands that are idempotent by nature.
    async fn tell(&self, command: Command) -> Result<Outcome, Refusal> {
        let mut pause = Pause::new();
        loop {
            match self.0.home.ledger(Request { key: None, command: command.clone() }).await {
                Ok(answer) => return answer.result,
                Err(failure @ (Failure::Broken(_) | Failure::Store(_))) => {
                    tracing::error!(%failure, "the outbox cannot report");
                }
                Err(failure) => tracing::debug!(%failure, "the outbox reports again"),
            }
            self.pause_in_task(&mut pause).await;
        }
    }

    /// Tells what became of an order's money: the ledger of the venue's owner; or this one, if the venue was taken over and the order
    /// is one that only this group knows of.
    async fn tell_of(&self, order: OrderId, news: News) -> Result<Outcome, Refusal> {
        let mut pause = Pause::new();
        loop {
            let command = match (books_of(&self.0.home, order), &news) {
                (Ok(Books::Here(epoch)), _) => {
                    let act = Act::Late { order, news: news.clone() };
                    Command::Transfer(Box::new(Step { venue: order.owner(), epoch, act }))
                }
                (Ok(Books::Owner), News::Payment(result)) => {
                    Command::SettlePayment { order, result: result.clone() }
                }
                (Ok(Books::Owner), News::Refund { refund, result }) => {
                    Command::SettleRefund { order, refund: *refund, result: result.clone() }
                }
                (Ok(Books::NotYet), _) => {
                    self.pause_in_task(&mut pause).await;
                    continue;
                }
                (Err(failure), _) => {
                    tracing::error!(%order, %failure, "it is not known whose an order is");
                    self.pause_in_task(&mut pause).await;
                    continue;
                }
            };
            return self.tell(command).await;
        }
    }

    /// Waits within a task, which is dropped with the next poll when the node stops.
    async fn pause_in_task(&self, pause: &mut Pause) {
        if self.pause(pause).await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits; none when the node stops.
    async fn pause(&self, pause: &mut Pause) -> Option<()> {
        let stopping = self.stopping();
        tokio::select! {
            () = tokio::time::sleep(pause.next()) => Some(()),
            () = stopping.cancelled() => None,
        }
    }
}

/// Pauses that double from a tenth of a second to half a minute, each shortened at random so that what failed together
/// is not repeated together.
struct Pause(Duration);

impl Pause {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(30);

    const fn new() -> Self {
        Self(Self::FIRST)
    }

    fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (self.0 * 2).min(Self::LONGEST);
        let [random] = crate::keys::random::<1>();
        pause.mul_f64(0.75 + f64::from(random) / 1_024.0)
    }
}

#[cfg(test)]
mod tests {
    use marquee_replication::{GroupId, GroupNetwork, GroupOptions, NodeId, Store, StoreOptions};
    use redb::backends::InMemoryBackend;

    use super::*;
    use crate::cluster::commons::Commons;
    use crate::home::{Clock, HomeOptions};

    #[tokio::test(start_paused = true)]
    async fn an_outbox_that_cannot_report_comes_to_rest() {
        let clock: Clock = Arc::new(|| 1);
        let memory = InMemoryBackend::new;
        let store = Store::open_with(memory(), memory(), StoreOptions::new("memory")).unwrap();
        let options = HomeOptions {
            group: GroupOptions::new(GroupId(1), NodeId(1), Arc::clone(&clock)),
            network: GroupNetwork::alone(),
            founds: true,
            ledger: marquee_ledger::Options::default(),
            clock: Arc::clone(&clock),
            commons: Commons::alone(clock),
        };
        let home = Home::open(&store, options, Vec::new()).await.unwrap();
        let outbox = Outbox::new(home.clone(), Gateways::new(), Arc::default());
        home.close().await;
        store.close().await.unwrap();

        // Nothing can be read, so it has lapsed holds freed, which nobody answers.
        outbox.begin();
        tokio::time::sleep(Pause::FIRST * 10).await;
        tokio::time::timeout(Pause::LONGEST * 10, outbox.rest()).await.unwrap();
    }
}
