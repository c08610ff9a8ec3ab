//! The sandbox's server: starts, keeps its tasks, stops.

use std::{io, net::SocketAddr, sync::Arc};

use axum::serve::ListenerExt;
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::{net::TcpListener, sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    Delays, Faults, Limits,
    book::Book,
    deliveries::{self, Sender},
    handlers,
    settings::Setup,
};
use crate::payments::{InvalidWebhookSecret, Secret};

/// How a sandbox is set up.
#[derive(Debug)]
pub struct SandboxOptions {
    /// Callers must present this key.
    pub api_key: Secret,
    /// Where events go; `None`: nowhere, and only polling finds out what happened.
    pub webhooks: Option<Webhooks>,
    /// The address that browsers reach the server by; `None`: the one it listens on.
    pub public_url: Option<String>,
    /// How long the test cards take.
    pub delays: Delays,
    /// What it keeps and sends at most.
    pub limits: Limits,
    /// What goes wrong from the start.
    pub faults: Faults,
}

/// Where and how events are delivered.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Receives `POST`s.
    pub url: String,
    /// `whsec_` and base64.
    pub secret: Secret,
}

impl SandboxOptions {
    /// The usual test cards, no faults, no webhooks.
    pub fn new(api_key: Secret) -> Self {
        Self {
            api_key,
            webhooks: None,
            public_url: None,
            delays: Delays::default(),
            limits: Limits::default(),
            faults: Faults::default(),
        }
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The listener has no address.
    #[error("the sandbox's listener has no address")]
    Listener(#[source] io::Error),
    /// The system has no randomness to give.
    #[error("no randomness for the sandbox's ids")]
    Randomness(#[source] getrandom::Error),
    /// The webhooks' address is none.
    #[error("{0:?} is no address for webhooks")]
    WebhookUrl(String),
    /// The webhooks' secret is none.
    #[error(transparent)]
    WebhookSecret(#[from] InvalidWebhookSecret),
}

/// A running sandbox. Dropping it stops it; [`stop`](Self::stop) also waits for the calls in flight.
pub struct Server {
    address: SocketAddr,
    stopping: DropGuard,
    tasks: JoinSet<()>,
}

impl Server {
    /// Serves on `listener` until stopped. Must be called within a Tokio runtime.
    pub fn start(listener: TcpListener, options: SandboxOptions) -> Result<Self, StartError> {
        let address = listener.local_addr().map_err(StartError::Listener)?;
        let stopping = CancellationToken::new();
        let sender = options.webhooks.as_ref().map(|to| Sender::new(to, options.limits)).transpose()?;
        let public_url = options.public_url.unwrap_or_else(|| format!("http://{address}"));
        let setup = Setup {
            run: format!("{:08x}", getrandom::u32().map_err(StartError::Randomness)?),
            pages: format!("{}/pay", public_url.trim_end_matches('/')),
            page_key: random_key()?,
            delays: options.delays,
            limits: options.limits,
            webhooks: sender.is_some(),
        };
        let shared = Arc::new(Shared {
            book: Mutex::new(Book::new(setup)),
            faults: Mutex::new(options.faults),
            authorization: Secret::new(format!("Bearer {}", options.api_key.expose())),
            clock: Clock::start(),
            due_changed: Notify::new(),
            deliverable: Notify::new(),
            stopping: stopping.clone(),
        });

        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, Arc::clone(&shared)));
        tasks.spawn(keep_time(Arc::clone(&shared)));
        if let Some(sender) = sender {
            tasks.spawn(deliveries::run(shared, sender));
        }
        Ok(Self { address, stopping: stopping.drop_guard(), tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL for a [`Client`](super::Client) on this machine.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more connections, answers the calls in flight, gives up on deliveries, and returns.
    pub async fn stop(mut self) {
        drop(self.stopping);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// What the handlers and tasks share.
pub(super) struct Shared {
    book: Mutex<Book>,
    pub(super) faults: Mutex<Faults>,
    /// The `Authorization` header that is accepted.
    pub(super) authorization: Secret,
    clock: Clock,
    /// Something is due at another time than before.
    due_changed: Notify,
    /// Events wait for delivery.
    pub(super) deliverable: Notify,
    pub(super) stopping: CancellationToken,
}

impl Shared {
    /// Works on the book, at the present time, and wakes the tasks that have something to do thereafter.
    pub(super) fn with_book<R>(&self, work: impl FnOnce(&mut Book, i64) -> R) -> R {
        let now_ms = self.clock.now_ms();
        let mut book = self.book.lock();
        let due_before = book.next_due_ms();
        let result = work(&mut book, now_ms);
        let due_changed = book.next_due_ms() != due_before;
        let deliverable = book.has_undelivered();
        drop(book);
        if due_changed {
            self.due_changed.notify_one();
        }
        if deliverable {
            self.deliverable.notify_one();
        }
        result
    }
}

/// Wall-clock time that never runs backwards: read once, counted on by Tokio's clock, which tests can pause.
struct Clock {
    started_ms: i64,
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { started_ms: Timestamp::now().as_millisecond(), started: Instant::now() }
    }

    fn now_ms(&self) -> i64 {
        let elapsed_ms = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.started_ms.saturating_add(elapsed_ms)
    }

    /// The instant at which [`now_ms`](Self::now_ms) has reached `at_ms`.
    fn instant(&self, at_ms: i64) -> Instant {
        self.started + std::time::Duration::from_millis(at_ms.abs_diff(self.started_ms))
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let stopping = shared.stopping.clone();
    let listener = listener.tap_io(|connection| {
        // Worse latency is no reason to refuse a connection.
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, handlers::router(shared));
    if let Err(error) = server.with_graceful_shutdown(stopping.cancelled_owned()).await {
        tracing::error!(%error, "the sandbox gateway's server ended");
    }
}

/// The one task for everything that happens later: sleeps until the next thing is due.
async fn keep_time(shared: Arc<Shared>) {
    loop {
        let due = shared.book.lock().next_due_ms().map(|due_ms| shared.clock.instant(due_ms));
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            () = shared.due_changed.notified() => {}
            () = wait => shared.with_book(|book, now_ms| book.advance(now_ms)),
        }
    }
}

fn random_key() -> Result<[u8; 32], StartError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(StartError::Randomness)?;
    Ok(key)
}
