//! Search, suggestions and the feed: the node's own index over its copy of the catalog.
//!
//! An index ([`marquee_search`]) lives in the data folder, and follows the copy in memory: whatever changes there is marked,
//! and the [`indexer`] puts what was marked into the index a moment later, many changes in one commit. The index is never
//! asked for what changes by the second: what is free comes from the ledger's summaries, when results are shown.
//!
//! **Healing.** When the node starts, and after every failure, what the index holds is compared with what it should hold,
//! document by document by their fingerprints, and only the difference is put. An index that is missing or damaged holds
//! nothing, so all of it is the difference. `marquee search rebuild` makes a whole one beside the one that serves.
//!
//! | module | what it does |
//! |---|---|
//! | [`documents`] | what of an event, a venue or a performer is searched |
//! | [`indexer`] | follows the catalog |
//! | [`nearby`] | remembers what is near a place |
//! | [`taste`] | what somebody likes, and a varied feed of it |
//! | [`help`] | the help articles |
//!
//! **Architecture invariant**: nothing is lost with the index. It holds public data only.

pub mod documents;
pub mod help;
pub mod indexer;
pub mod nearby;
pub mod taste;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use marquee_search::TantivyError;
use marquee_search::feed::{Candidate, Interests};
use marquee_search::index::{Index, IndexError, Options};
use marquee_search::places::Point;
use moka::sync::Cache;
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore, watch};

use self::documents::point_of;
use self::nearby::{Nearby, Spot};
use crate::catalog::CatalogCopy;
use crate::cluster::spread::Spread;

/// How much memory the index's writer fills before it writes.
const WRITER_HEAP_BYTES: usize = 24 << 20;
/// For how long it is known which time zone a place has: venues come and go.
const ZONE_FOR: Duration = Duration::from_secs(600);

/// The node's index, and where it stands.
pub struct Finder {
    index: Index,
    copy: Arc<CatalogCopy>,
    spread: Arc<Spread>,
    commits: watch::Sender<u64>,
    progress: Mutex<Option<Progress>>,
    /// Asks the indexer for a whole index.
    rebuild: Notify,
    /// How many searches run at a time: they take a processor each.
    searches: Semaphore,
    /// By half degrees.
    zones: Cache<(i32, i32), TimeZone>,
    nearby: Nearby,
}

/// Why there are no candidates.
#[derive(Debug, thiserror::Error)]
pub enum Unfound {
    /// The node stops. Another one knows.
    #[error("the node stops")]
    Stopping,
    /// The index failed, and is compared.
    #[error(transparent)]
    Index(TantivyError),
}

/// How far a comparison or a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Whether a whole index is made; else the one that serves is compared.
    pub is_rebuild: bool,
    /// How many events and venues were looked at.
    pub done: u64,
    /// Of how many.
    pub total: u64,
}

/// Where the index stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many documents it holds.
    pub documents: u64,
    /// How many bytes its files take; none while they cannot be read.
    pub bytes: Option<u64>,
    /// How often it was committed since the node started.
    pub commits: u64,
    /// What is under way.
    pub progress: Option<Progress>,
}

impl Finder {
    /// Opens the index in a folder, or an empty one.
    ///
    /// # Errors
    /// When the folder cannot be used at all.
    pub fn open(folder: &Path, copy: Arc<CatalogCopy>, spread: Arc<Spread>) -> Result<Arc<Self>, IndexError> {
        let options = Options { writer_heap_bytes: WRITER_HEAP_BYTES };
        let (index, opened) = Index::open(folder, options)?;
        if let marquee_search::index::Opened::Empty { why } = opened {
            tracing::info!(%why, "the search index is filled from the catalog");
        }
        let searches = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) * 2;
        Ok(Arc::new(Self {
            index,
            copy,
            spread,
            commits: watch::Sender::new(0),
            progress: Mutex::default(),
            rebuild: Notify::new(),
            searches: Semaphore::new(searches),
            zones: Cache::builder().max_capacity(10_000).time_to_live(ZONE_FOR).build(),
            nearby: Nearby::default(),
        }))
    }

    /// The index.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// Grows with every commit: the same query has the same answer as long as it does not.
    #[must_use]
    pub fn generation(&self) -> u64 {
        *self.commits.borrow()
    }

    /// Hears of every commit.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Where the index stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            documents: self.index.documents(),
            bytes: self.index.bytes().ok(),
            commits: self.generation(),
            progress: *self.progress.lock(),
        }
    }

    /// Has a whole index made beside the one that serves.
    pub fn rebuild(&self) {
        let mut progress = self.progress.lock();
        if !progress.is_some_and(|progress| progress.is_rebuild) {
            *progress = Some(Progress { is_rebuild: true, done: 0, total: 0 });
            self.rebuild.notify_one();
        }
    }

    /// The time zone of the venues around a point: "tonight" is meant by it. UTC where nothing is known.
    #[must_use]
    pub fn zone_near(&self, point: Option<Point>) -> TimeZone {
        let Some(point) = point else { return TimeZone::UTC };
        let cell = ((point.lat_deg() * 2.0) as i32, (point.lon_deg() * 2.0) as i32);
        let nearest = || {
            let catalog = self.copy.read();
            let placed = catalog.venues_all().filter_map(|venue| Some((venue.id, point_of(venue)?)));
            let nearest =
                placed.min_by(|(_, a), (_, b)| point.distance_km(*a).total_cmp(&point.distance_km(*b)));
            nearest.map_or(TimeZone::UTC, |(venue, _at)| catalog.zone(venue))
        };
        self.zones.get_with(cell, nearest)
    }

    /// What somebody may like. Of whom nothing is known but the place, what others there were told is remembered: then the
    /// distances are not from their very place.
    ///
    /// # Errors
    /// [`Unfound`].
    pub async fn candidates(
        self: &Arc<Self>,
        mut interests: Interests,
    ) -> Result<Arc<Vec<Candidate>>, Arc<Unfound>> {
        let is_plain = interests.has_no_likes();
        let spot = interests.near.and_then(|near| Spot::around(near, interests.radius_km));
        if is_plain && let Some(spot) = spot {
            interests.near = Some(spot.middle);
            interests.radius_km = spot.radius_km;
        }
        let (limit, commits) = (interests.limit, self.generation());
        let find = async {
            let found = self.run(move |index| index.candidates(&interests, None)).await;
            found.ok_or(Unfound::Stopping)?.map_err(Unfound::Index)
        };
        match is_plain {
            true => self.nearby.get_or_find(spot, limit, commits, find).await,
            false => find.await.map(Arc::new).map_err(Arc::new),
        }
    }

    /// Runs a search on a thread that may take its time. None if the node stops.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        search: impl FnOnce(&Index) -> T + Send + 'static,
    ) -> Option<T> {
        let finder = Arc::clone(self);
        let _permit = self.searches.acquire().await.ok()?;
        tokio::task::spawn_blocking(move || search(&finder.index)).await.ok()
    }
}
