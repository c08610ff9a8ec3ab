//! Follows the catalog: puts what changed into the index, and compares the whole when there is reason to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use marquee_ledger::{EventId, PerformanceId, VenueId};
use marquee_search::document::{Class, Document, Key};
use marquee_search::fold::fold;
use marquee_search::index::IndexError;
use marquee_search::writer::{Rebuild, Writer};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::documents::{of_event, of_person, of_venue, person_key};
use super::nearby::{Degree, degree_of};
use super::{Finder, Progress, help};
use crate::catalog::copy::{CatalogIndex, Dirty};

/// How long changes are gathered before they are put: what is new is found within a second.
const GATHER: Duration = Duration::from_millis(150);
/// How often what is asked for is looked at anew, and what is over is taken out.
const SWEEP: Duration = Duration::from_secs(600);
/// How long to wait after a failure before the index is compared again.
const HEAL_AFTER: Duration = Duration::from_secs(5);
/// How many events are read at a time, so that the catalog is not held for long.
const CHUNK: usize = 256;

/// Tells the time, in milliseconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Follows the catalog until it is stopped.
pub async fn follow(finder: Arc<Finder>, clock: Clock, stopping: CancellationToken) {
    let mut changes = finder.spread.changes();
    let mut worker = Worker::new(Arc::clone(&finder), clock);
    let mut wanted = Wanted::Compare;
    let mut swept = Instant::now();
    loop {
        let done = tokio::task::spawn_blocking(move || {
            let outcome = worker.work(wanted);
            (worker, outcome)
        });
        // A worker that panicked has told why; what it held is compared anew.
        let Ok((back, outcome)) = done.await else { return };
        worker = back;
        if let Err(error) = outcome {
            tracing::error!(%error, "the search index failed, and is compared again");
            wanted = Wanted::Heal;
            tokio::select! {
                () = tokio::time::sleep(HEAL_AFTER) => continue,
                () = stopping.cancelled() => return,
            }
        }
        if swept.elapsed() >= SWEEP {
            swept = Instant::now();
            wanted = Wanted::Compare;
            continue;
        }
        tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                wanted = Wanted::Changes;
                tokio::time::sleep(GATHER).await;
                changes.mark_unchanged();
            }
            () = finder.rebuild.notified() => wanted = Wanted::Whole,
            () = tokio::time::sleep(SWEEP) => {}
            () = stopping.cancelled() => return,
        }
    }
}

/// What the worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// To put what changed.
    Changes,
    /// To compare the index with the catalog.
    Compare,
    /// To open the writer anew, and compare.
    Heal,
    /// To make a whole index.
    Whole,
}

/// Who writes.
struct Worker {
    finder: Arc<Finder>,
    clock: Clock,
    writer: Option<Writer>,
    people: People,
    /// Where what was put since the last commit is.
    put: BTreeSet<Degree>,
}

impl Worker {
    fn new(finder: Arc<Finder>, clock: Clock) -> Self {
        Self { finder, clock, writer: None, people: People::default(), put: BTreeSet::new() }
    }

    fn work(&mut self, wanted: Wanted) -> Result<(), IndexError> {
        let done = match wanted {
            Wanted::Changes => self.put_changes(),
            Wanted::Compare => self.compare(),
            Wanted::Heal => {
                self.writer = None;
                self.compare()
            }
            Wanted::Whole => self.make_whole(),
        };
        *self.finder.progress.lock() = None;
        done
    }

    fn writer(&mut self) -> Result<&mut Writer, IndexError> {
        if self.writer.is_none() {
            self.writer = Some(self.finder.index.writer()?);
        }
        self.writer.as_mut().ok_or(IndexError::Busy)
    }

    fn put(&mut self, document: &Document) -> Result<(), IndexError> {
        self.put.extend(degree_of_document(document));
        self.writer()?.put(document)
    }

    fn commit(&mut self) -> Result<(), IndexError> {
        self.writer()?.commit(&[])?;
        self.tell_of_commit();
        Ok(())
    }

    /// What was remembered of where something was put is not asked for any more, and then those who wait hear of it.
    fn tell_of_commit(&mut self) {
        let commit = self.finder.generation() + 1;
        self.finder.nearby.note(std::mem::take(&mut self.put), commit);
        self.finder.commits.send_replace(commit);
    }

    fn put_changes(&mut self) -> Result<(), IndexError> {
        let Dirty { events, venues } = self.finder.copy.drain();
        if events.is_empty() && venues.is_empty() {
            return Ok(());
        }
        let mut people = BTreeSet::new();
        let events: Vec<EventId> = events.into_iter().collect();
        for chunk in events.chunks(CHUNK) {
            let read = self.read(chunk, &[]);
            for event in chunk {
                self.writer()?.remove_all_of(Class::Event, event.0)?;
            }
            for Found { event, documents } in read.events {
                people.extend(self.people.set(event, &documents));
                for document in &documents {
                    self.put(document)?;
                }
            }
        }
        let venues: Vec<VenueId> = venues.into_iter().collect();
        for chunk in venues.chunks(CHUNK) {
            for (venue, document) in self.read(&[], chunk).venues {
                match document {
                    Some(document) => self.writer()?.put(&document)?,
                    None => self.writer()?.remove(Key::single(Class::Venue, venue.0))?,
                }
            }
        }
        for name in people {
            match self.people.document(&name) {
                Some(document) => self.writer()?.put(&document)?,
                None => self.writer()?.remove(person_key(&name))?,
            }
        }
        self.commit()
    }

    /// Puts what the index lacks and removes what it should not have.
    fn compare(&mut self) -> Result<(), IndexError> {
        let mut held = self.finder.index.fingerprints()?;
        let mut changed = 0_u64;
        // What changes from here on is marked again.
        _ = self.finder.copy.drain();
        self.people = People::default();
        self.writer()?;
        self.each(false, |worker, document| {
            if held.remove(&document.key) != Some(document.fingerprint()) {
                changed += 1;
                worker.put(document)?;
            }
            Ok(())
        })?;
        let gone = held.len() as u64;
        for key in held.into_keys() {
            self.writer()?.remove(key)?;
        }
        if changed + gone > 0 {
            self.commit()?;
            tracing::info!(changed, gone, "the search index was brought to the catalog");
        }
        Ok(())
    }

    fn make_whole(&mut self) -> Result<(), IndexError> {
        let began = std::time::Instant::now();
        self.writer = None;
        _ = self.finder.copy.drain();
        self.people = People::default();
        let mut rebuild: Rebuild = self.finder.index.rebuild(|_documents| {})?;
        self.each(true, |worker, document| {
            worker.put.extend(degree_of_document(document));
            rebuild.put(document)
        })?;
        self.writer = Some(rebuild.finish(&[])?);
        self.tell_of_commit();
        let documents = self.finder.index.documents();
        tracing::info!(documents, took = ?began.elapsed(), "the search index was made anew");
        Ok(())
    }

    /// Makes every document there should be, one after the other.
    fn each(
        &mut self,
        is_rebuild: bool,
        mut take: impl FnMut(&mut Self, &Document) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        let (events, venues): (Vec<EventId>, Vec<VenueId>) = {
            let catalog = self.finder.copy.read();
            let venues = catalog.venues_all().map(|venue| venue.id).collect();
            (catalog.events_all().map(|event| event.id).collect(), venues)
        };
        let total = (events.len() + venues.len()) as u64;
        let mut done = 0;
        let finder = Arc::clone(&self.finder);
        let mut tell = |count: usize| {
            done += count as u64;
            *finder.progress.lock() = Some(Progress { is_rebuild, done, total });
        };
        for chunk in events.chunks(CHUNK) {
            for Found { event, documents } in self.read(chunk, &[]).events {
                _ = self.people.set(event, &documents);
                for document in &documents {
                    take(self, document)?;
                }
            }
            tell(chunk.len());
        }
        for chunk in venues.chunks(CHUNK) {
            for document in self.read(&[], chunk).venues.into_iter().filter_map(|(_venue, document)| document)
            {
                take(self, &document)?;
            }
            tell(chunk.len());
        }
        for document in self.people.documents().chain(help::documents()).collect::<Vec<_>>() {
            take(self, &document)?;
        }
        Ok(())
    }

    /// Reads some events and venues at one moment.
    fn read(&self, events: &[EventId], venues: &[VenueId]) -> Read {
        let now_ms = (self.clock)();
        let spread = &self.finder.spread;
        let sold = |performance: PerformanceId| {
            spread.free(performance).map_or(0, |told| u64::from(told.capacity.saturating_sub(told.free)))
        };
        let catalog: &CatalogIndex = &self.finder.copy.read();
        let of =
            |event: &EventId| Found { event: *event, documents: of_event(catalog, *event, &sold, now_ms) };
        Read {
            events: events.iter().map(of).collect(),
            venues: venues.iter().map(|venue| (*venue, of_venue(catalog, *venue, now_ms))).collect(),
        }
    }
}

/// In which degree an event is shown. Other documents are in no feed.
fn degree_of_document(document: &Document) -> Option<Degree> {
    let is_event = document.key.class == Class::Event;
    let point = document.place.as_ref().filter(|_place| is_event)?.point?;
    Some(degree_of(point))
}

struct Read {
    events: Vec<Found>,
    venues: Vec<(VenueId, Option<Document>)>,
}

struct Found {
    event: EventId,
    documents: Vec<Document>,
}

/// Who performs in which events: the more they are asked for, the more the person is.
#[derive(Default)]
struct People {
    /// By folded name.
    known: HashMap<String, Person>,
    names: HashMap<EventId, Vec<String>>,
}

struct Person {
    name: String,
    events: BTreeMap<EventId, u64>,
}

impl People {
    /// Notes who performs in an event; tells the names, as written, of those of whom something changed.
    fn set(&mut self, event: EventId, documents: &[Document]) -> BTreeSet<String> {
        let popularity = 1 + documents.iter().map(|document| document.popularity).sum::<u64>();
        let names = documents.first().map(|document| document.people.clone()).unwrap_or_default();
        let mut changed = BTreeSet::new();
        for folded in self.names.remove(&event).unwrap_or_default() {
            if let Some(person) = self.known.get_mut(&folded) {
                person.events.remove(&event);
                changed.insert(person.name.clone());
            }
        }
        let mut folded_names = Vec::new();
        for name in names {
            let folded = fold(&name);
            if folded.is_empty() {
                continue;
            }
            let person =
                self.known.entry(folded.clone()).or_insert_with(|| Person { name, events: BTreeMap::new() });
            person.events.insert(event, popularity);
            changed.insert(person.name.clone());
            folded_names.push(folded);
        }
        if !folded_names.is_empty() {
            self.names.insert(event, folded_names);
        }
        changed
    }

    /// A person's document; none, and the person is forgotten, if they perform nowhere.
    fn document(&mut self, name: &str) -> Option<Document> {
        let folded = fold(name);
        let person = self.known.get(&folded)?;
        if person.events.is_empty() {
            self.known.remove(&folded);
            return None;
        }
        Some(of_person(&person.name, person.events.values().sum()))
    }

    fn documents(&self) -> impl Iterator<Item = Document> {
        let people = self.known.values().filter(|person| !person.events.is_empty());
        people.map(|person| of_person(&person.name, person.events.values().sum()))
    }
}
