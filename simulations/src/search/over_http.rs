//! The made-up catalog in a node, asked over HTTP at a steady rate.
//!
//! The catalog goes where a cluster's feed would bring it: into the node's copy, past the ledger, since nothing is sold. From
//! there on everything is the node's own: the index follows the copy, and requests go through HTTP. Client and node share the
//! machine. A request's time counts from when it was due, whether a connection was free then or not.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use hdrhistogram::Histogram;
use jiff::Timestamp;
use marquee_config::Settings;
use marquee_ledger::terms::{PerformanceStatus, Price, RefundPolicy};
use marquee_ledger::{AccountId, EventId, HallId, PerformanceId, VenueId};
use marquee_node::catalog::Change;
use marquee_node::catalog::entity::{
    Event, EventFacts, EventKind, Pace, Performance, Point, Sale, Schedule, Stamp, Venue, VenueFacts,
    VenueKind,
};
use marquee_node::machine::{Public, Publisher as _};
use marquee_node::node::Node;
use marquee_replication::GroupId;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::catalog::{self, Catalog};
use super::questions::{Question, RADIUS_KM};
use crate::load::connection::Connection;
use crate::load::request::Request;

/// Whose the catalog is told to be: a group that the node has no replica of.
const ELSEWHERE: GroupId = GroupId(1_000);
/// How many connections there are.
const CONNECTIONS: usize = 64;
/// How many changes are told at a time.
const CHUNK: usize = 4_096;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Text, place and dates.
    Search,
    /// A beginning of a name.
    Suggest,
    /// A feed near a place.
    Feed,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Search, Self::Suggest, Self::Feed];

    /// In a table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "text + place + date, over HTTP",
            Self::Suggest => "suggest, over HTTP",
            Self::Feed => "feed, over HTTP",
        }
    }

    fn path(self, question: &Question) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let near = format!("{:.4},{:.4}", question.point.lat_deg(), question.point.lon_deg());
        match self {
            Self::Search => {
                query.append_pair("q", &question.words).append_pair("near", &near);
                query.append_pair("radius_km", &RADIUS_KM.to_string());
                query
                    .append_pair("from", &question.from.to_string())
                    .append_pair("to", &question.to.to_string());
                format!("/v1/search?{}", query.finish())
            }
            Self::Suggest => {
                query.append_pair("q", &question.beginning);
                format!("/v1/suggest?{}", query.finish())
            }
            Self::Feed => {
                query.append_pair("near", &near);
                format!("/v1/feed?{}", query.finish())
            }
        }
    }
}

/// How long requests took, from when each was due.
#[derive(Debug)]
pub struct Answered {
    /// In microseconds.
    pub took_us: Histogram<u64>,
    /// How many were not answered with 200.
    pub wrong: usize,
}

/// A node with the catalog.
pub struct Stage {
    node: Arc<Node>,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
    /// How long it took until the index had all of it.
    pub filled_in: Duration,
}

impl Stage {
    /// Opens a node over a folder and waits until its index has the catalog.
    ///
    /// # Errors
    /// When the node does not open.
    pub async fn open(folder: &Path, catalog: &Catalog) -> anyhow::Result<Self> {
        let mut settings = Settings::default();
        settings.storage.data_dir = folder.to_owned();
        settings.limits.loopback_exempt = true;
        let listener = TcpListener::bind("127.0.0.1:0").await.context("cannot listen")?;
        let address = listener.local_addr()?;
        let node = Arc::new(Node::open(settings, address).await.context("the node does not open")?);
        let serving = {
            let node = Arc::clone(&node);
            tokio::spawn(async move { _ = node.serve(listener).await })
        };
        let begun = Instant::now();
        let mut commits = node.app().finder.commits();
        tell(&node, catalog)?;
        let wanted = catalog.events().count() as u64;
        while node.app().finder.standing().documents < wanted {
            commits.changed().await.context("the index stopped")?;
        }
        Ok(Self { node, address, serving, filled_in: begun.elapsed() })
    }

    /// Asks at a steady rate.
    ///
    /// # Errors
    /// When the node cannot be reached.
    pub async fn ask(
        &self,
        way: Way,
        questions: &[Question],
        rate: u32,
        count: usize,
    ) -> anyhow::Result<Answered> {
        let paths: Arc<Vec<String>> = Arc::new(questions.iter().map(|question| way.path(question)).collect());
        let (next, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now() + Duration::from_millis(100));
        let mut callers = JoinSet::new();
        for _caller in 0..CONNECTIONS {
            let mut connection = Connection::open(self.address).await?;
            let (paths, next) = (Arc::clone(&paths), Arc::clone(&next));
            callers.spawn(async move {
                let (mut took_us, mut wrong) = (Histogram::<u64>::new(3)?, 0);
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= count {
                        return anyhow::Ok(Answered { took_us, wrong });
                    }
                    let due = begun + Duration::from_secs(1) * u32::try_from(nth)? / rate;
                    tokio::time::sleep_until(due).await;
                    let path = &paths[nth % paths.len()];
                    let request =
                        Request { method: "GET", path, bearer: None, key: None, header: None, body: &[] };
                    let status = connection.exchange(&request).await?.status;
                    wrong += usize::from(status != 200);
                    took_us.record(u64::try_from(due.elapsed().as_micros())?)?;
                }
            });
        }
        let mut all = Answered { took_us: Histogram::new(3)?, wrong: 0 };
        while let Some(caller) = callers.join_next().await {
            let Answered { took_us, wrong } = caller??;
            all.took_us.add(took_us)?;
            all.wrong += wrong;
        }
        Ok(all)
    }

    /// Stops the node.
    ///
    /// # Errors
    /// When its storage broke.
    pub async fn close(self) -> anyhow::Result<()> {
        self.node.app().stopping.cancel();
        self.serving.await?;
        if let Ok(node) = Arc::try_unwrap(self.node).map_err(|_shared| ()) {
            node.close().await?;
        }
        Ok(())
    }
}

/// Tells the node of the whole catalog.
fn tell(node: &Node, catalog: &Catalog) -> anyhow::Result<()> {
    let spread = Arc::clone(&node.app().home.commons().spread);
    let (mut stamp, mut changes) = (0, Vec::new());
    let mut say = |change: Change, is_last: bool| {
        stamp += 1;
        changes.push((stamp, Public::Catalog(change)));
        if changes.len() == CHUNK || is_last {
            spread.committed(ELSEWHERE, std::mem::take(&mut changes));
        }
    };
    for shown in catalog.venues() {
        say(Change::Venue(Arc::new(venue(shown))), false);
    }
    let mut number = 0;
    for shown in catalog.events() {
        let sale = Arc::new(sale(&shown)?);
        for performance in &shown.performances {
            let Some(at) = catalog.venues().get(performance.venue as usize) else { continue };
            number += 1;
            let performance = Performance {
                id: PerformanceId(5 << 96 | number),
                stamp: stamp_of(),
                event: EventId(shown.id),
                venue: VenueId(at.id),
                hall: HallId(at.id),
                seat_map_version: 1,
                schedule: schedule(performance.starts)?,
                sale: Arc::clone(&sale),
                status: PerformanceStatus::Scheduled,
                cancelled_because: String::new(),
                moved_from_ms: None,
                accessibility: BTreeSet::new(),
            };
            say(Change::Performance(Arc::new(performance)), false);
        }
        say(Change::Event(Arc::new(event(shown))), false);
    }
    // The last ones, with something that is there already.
    if let Some(first) = catalog.venues().first() {
        say(Change::Venue(Arc::new(venue(first))), true);
    }
    Ok(())
}

const fn stamp_of() -> Stamp {
    Stamp { version: 1, created_ms: 0, updated_ms: 0, owner: AccountId(1), key: None }
}

fn venue(venue: &catalog::Venue) -> Venue {
    let place = venue.document_place();
    let facts = VenueFacts {
        name: place.venue,
        kind: if venue.is_cinema { VenueKind::Cinema } else { VenueKind::ConcertHall },
        address: "1 Main Street".to_owned(),
        city: place.city,
        region: place.region,
        country: place.country,
        zip: place.zip,
        point: place.point.and_then(|point| Point::from_degrees(point.lat_deg(), point.lon_deg())),
        time_zone: "America/Chicago".to_owned(),
    };
    Venue { id: VenueId(venue.id), stamp: stamp_of(), facts }
}

fn event(event: catalog::Event) -> Event {
    let facts = EventFacts {
        kind: event.kind.word().parse().unwrap_or(EventKind::Other),
        title: event.title,
        description: event.description,
        host: String::new(),
        performers: event.people,
        genres: event.genres.iter().map(|genre| (*genre).to_owned()).collect(),
        language: event.language.to_owned(),
        duration_min: Some(120),
        age_rating: String::new(),
    };
    Event { id: EventId(event.id), stamp: stamp_of(), facts }
}

fn sale(event: &catalog::Event) -> anyhow::Result<Sale> {
    let price = |category: u8, amount: u64| {
        anyhow::Ok(Price { category, concession: 0, amount: i64::try_from(amount)? })
    };
    Ok(Sale {
        currency: "USD".parse().map_err(|_never| anyhow::anyhow!("dollars are a currency"))?,
        concessions: vec!["adult".to_owned()],
        prices: vec![price(0, event.price_min)?, price(1, event.price_max)?],
        refund: RefundPolicy { until_ms_before: 0, share_basis_points: 10_000 },
        ticket_limit: 0,
        pace: Pace { hold_ms: 600_000, extension_ms: 0, payment_ms: 600_000 },
    })
}

fn schedule(starts: Timestamp) -> anyhow::Result<Schedule> {
    let starts_at_ms = u64::try_from(starts.as_millisecond())?;
    Ok(Schedule { starts_at_ms, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: starts_at_ms })
}
