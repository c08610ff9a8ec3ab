//! Who is told: a queue and a worker for each sink.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::object::{FeedObject, FeedSink, FleetingObject};
use super::store::{FeedStore, Reader};
use super::wire::PIECE_BYTES;

/// How many pieces of news wait for a sink.
const NEWS_MAX: usize = 256;
/// How many bytes of objects wait for a sink.
const BYTES_MAX: usize = 32 << 20;

enum News {
    /// Everything, as of one moment.
    All {
        reader: Box<Reader>,
        fleeting: Vec<FleetingObject>,
    },
    Changes {
        objects: Arc<Vec<FeedObject>>,
        bytes: usize,
    },
    Fleeting(Arc<Vec<FleetingObject>>),
}

struct Worker {
    sink: Arc<dyn FeedSink>,
    waiting_bytes: Arc<AtomicUsize>,
}

impl Worker {
    fn take(&self, news: News) {
        match news {
            News::All { reader, fleeting } => {
                if let Err(error) = reader.all(PIECE_BYTES, |objects| self.sink.take(objects)) {
                    tracing::error!(%error, "the feed's copy cannot be read");
                }
                if !fleeting.is_empty() {
                    self.sink.take_fleeting(&fleeting);
                }
            }
            News::Changes { objects, bytes } => {
                self.sink.take(&objects);
                self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            }
            News::Fleeting(objects) => self.sink.take_fleeting(&objects),
        }
    }
}

struct Subscription {
    queue: mpsc::Sender<News>,
    waiting_bytes: Arc<AtomicUsize>,
    /// It missed something, so that it has to get everything again, when it has read what waits.
    is_behind: bool,
    _task: Option<AbortOnDropHandle<()>>,
}

/// The sinks of a feed.
#[derive(Default)]
pub(super) struct Sinks(Vec<Subscription>);

impl Sinks {
    /// Adds a sink, which is to get everything first.
    pub(super) fn add(&mut self, sink: Arc<dyn FeedSink>, store: &FeedStore) {
        let (queue, mut news) = mpsc::channel(NEWS_MAX);
        let waiting_bytes = Arc::<AtomicUsize>::default();
        let worker = Worker { sink, waiting_bytes: Arc::clone(&waiting_bytes) };
        let mut task = None;
        if store.has_thread() {
            let started = thread::Builder::new().name("marquee-sink".to_owned()).spawn(move || {
                while let Some(news) = news.blocking_recv() {
                    worker.take(news);
                }
            });
            if let Err(error) = started {
                tracing::error!(%error, "a sink of the feed cannot be started");
                return;
            }
        } else {
            task = Some(AbortOnDropHandle::new(tokio::spawn(async move {
                while let Some(news) = news.recv().await {
                    worker.take(news);
                }
            })));
        }
        self.0.push(Subscription { queue, waiting_bytes, is_behind: true, _task: task });
    }

    /// Gives everything to the sinks that have to get it, and have read what waited.
    pub(super) fn catch_up(&mut self, store: &FeedStore, fleeting: impl Fn() -> Vec<FleetingObject>) {
        for subscription in &mut self.0 {
            if !subscription.is_behind || subscription.queue.capacity() < NEWS_MAX {
                continue;
            }
            match store.reader() {
                Ok(reader) => {
                    let all = News::All { reader: Box::new(reader), fleeting: fleeting() };
                    subscription.is_behind = subscription.queue.try_send(all).is_err();
                }
                Err(error) => tracing::error!(%error, "the feed's copy cannot be read"),
            }
        }
    }

    pub(super) fn tell(&mut self, changes: Vec<FeedObject>) {
        if changes.is_empty() {
            return;
        }
        let bytes = changes.iter().map(FeedObject::bytes).sum();
        let objects = Arc::new(changes);
        self.each(|subscription| {
            let waiting = subscription.waiting_bytes.load(Ordering::Relaxed);
            if waiting > 0 && waiting + bytes > BYTES_MAX {
                subscription.is_behind = true;
                return true;
            }
            subscription.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
            let is_there = subscription.send(News::Changes { objects: Arc::clone(&objects), bytes });
            if subscription.is_behind {
                subscription.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            }
            is_there
        });
    }

    pub(super) fn tell_fleeting(&mut self, objects: Vec<FleetingObject>) {
        if !objects.is_empty() {
            let objects = Arc::new(objects);
            self.each(|subscription| subscription.send(News::Fleeting(Arc::clone(&objects))));
        }
    }

    /// Calls for all sinks that are not behind, and drops those that are gone.
    fn each(&mut self, mut tell: impl FnMut(&mut Subscription) -> bool) {
        self.0.retain_mut(|subscription| subscription.is_behind || tell(subscription));
    }
}

impl Subscription {
    /// Whether the sink is still there.
    fn send(&mut self, news: News) -> bool {
        match self.queue.try_send(news) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Full(_news)) => {
                tracing::warn!("a sink of the feed is slow; it will get everything again");
                self.is_behind = true;
                true
            }
            Err(mpsc::error::TrySendError::Closed(_news)) => {
                tracing::error!("a sink of the feed is gone");
                false
            }
        }
    }
}
