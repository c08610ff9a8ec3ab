//! What formats of others say, put together with what the catalog has.
//!
//! A table or a calendar has performances of events and halls that are in the catalog: they are named by their owner's key
//! or by their id. What comes out is [`Checked`], as from our own documents, so that the same [`Plan`](super::Plan)
//! compares it and carries it out.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use marquee_config::Selling;
use marquee_ledger::{AccountId, EventId, HallId, PerformanceId, VenueId};

use super::check::{Checked, CheckedEvent, CheckedHall, CheckedPerformance, CheckedVenue};
use super::mistake::{MISTAKES_MAX, Mistake};
use super::starts::Start;
use crate::catalog::checks::{self, Fault, Faults};
use crate::catalog::entity::{EventFacts, Schedule};
use crate::catalog::{EntityKind, SeatMap};
use crate::forms::TermsForm;
use crate::home::Home;

/// The most performances of one file.
const PERFORMANCES_MAX: usize = 100_000;

/// For whom something is read, and when.
#[derive(Clone, Copy)]
pub struct Reader<'k> {
    /// The catalog.
    pub home: &'k Home,
    /// Whose the things will be.
    pub owner: AccountId,
    /// What is before is over.
    pub now_ms: u64,
    /// What the house does when nothing else is said.
    pub house: &'k Selling,
}

/// A place in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spot {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The field: a column's name, a property's, a JSON pointer.
    pub field: String,
}

/// A performance as a file has it.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its id, if the file knows it.
    pub id: Option<PerformanceId>,
    /// Its owner's key; made of event, hall and start unless it is said.
    pub key: Option<String>,
    /// What [`Intake::event`] or [`Intake::make_event`] gave.
    pub event: usize,
    /// What [`Intake::hall`] gave.
    pub hall: usize,
    /// An instant, or a time by the clock of the venue.
    pub starts_at: String,
    /// The doors open so many minutes before.
    pub doors_minutes: Option<u32>,
    /// The sale begins so many days before; at once if it is not said.
    pub on_sale_days: Option<u32>,
    /// On which terms it is sold.
    pub terms: TermsForm,
}

/// Takes in what a file says.
pub struct Intake<'k> {
    reader: Reader<'k>,
    file: String,
    checked: Checked,
    venues: BTreeMap<VenueId, usize>,
    halls: BTreeMap<HallId, usize>,
    events: BTreeMap<String, usize>,
    keys: BTreeMap<String, usize>,
    mistakes: Vec<Mistake>,
}

impl<'k> Intake<'k> {
    /// Takes in a file of this name.
    #[must_use]
    pub fn new(reader: Reader<'k>, file: &str) -> Self {
        Self {
            reader,
            file: file.to_owned(),
            checked: Checked::default(),
            venues: BTreeMap::new(),
            halls: BTreeMap::new(),
            events: BTreeMap::new(),
            keys: BTreeMap::new(),
            mistakes: Vec::new(),
        }
    }

    /// Notes a mistake.
    pub fn mistake(&mut self, spot: &Spot, detail: impl Into<String>) {
        if !self.is_full() {
            self.mistakes.push(Mistake {
                file: self.file.clone(),
                line: spot.line,
                column: spot.column,
                pointer: spot.field.clone(),
                detail: detail.into(),
            });
        }
    }

    /// Whether more would not be told.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.mistakes.len() >= MISTAKES_MAX
    }

    /// A venue of the catalog.
    ///
    /// # Errors
    /// In words, when there is none.
    pub fn venue(&mut self, word: &str) -> Result<usize, String> {
        let catalog = self.reader.home.catalog_copy().read();
        let keyed = catalog.keyed(self.reader.owner, EntityKind::Venue, word).map(VenueId);
        let venue = keyed.or_else(|| word.parse().ok()).and_then(|id| catalog.venue(id)).cloned();
        drop(catalog);
        let venue = venue
            .ok_or_else(|| format!("there is no venue {word:?}: write the key of one of yours, or an id"))?;
        Ok(match self.venues.entry(venue.id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                let key = venue.stamp.key.clone().unwrap_or_else(|| venue.id.to_string());
                // The catalog has no zone that is none.
                let zone = TimeZone::get(&venue.facts.time_zone).unwrap_or(TimeZone::UTC);
                self.checked.venues.push(CheckedVenue {
                    key,
                    facts: venue.facts.clone(),
                    zone,
                    known: Some(venue.id),
                });
                *unknown.insert(self.checked.venues.len() - 1)
            }
        })
    }

    /// A hall of the catalog, with its latest seat map.
    ///
    /// # Errors
    /// In words, when there is none, or it cannot be read.
    pub fn hall(&mut self, word: &str) -> Result<usize, String> {
        let catalog = self.reader.home.catalog_copy().read();
        let keyed = catalog.keyed(self.reader.owner, EntityKind::Hall, word).map(HallId);
        let hall = keyed.or_else(|| word.parse().ok()).and_then(|id| catalog.hall(id)).cloned();
        drop(catalog);
        let hall = hall
            .ok_or_else(|| format!("there is no hall {word:?}: write the key of one of yours, or an id"))?;
        if let Some(known) = self.halls.get(&hall.id) {
            return Ok(*known);
        }
        let map =
            self.reader.home.seat_map(hall.id, hall.latest_map()).map_err(|failure| failure.to_string())?;
        let map = map
            .ok_or_else(|| format!("the seat map of {word:?} is not here: import where its venue is sold"))?;
        let venue = self.venue(&hall.venue.to_string())?;
        let key = hall.stamp.key.clone().unwrap_or_else(|| hall.id.to_string());
        let known = Some(hall.id);
        self.checked.halls.push(CheckedHall {
            venue,
            key,
            name: hall.name.clone(),
            map: Arc::new(map),
            known,
        });
        self.halls.insert(hall.id, self.checked.halls.len() - 1);
        Ok(self.checked.halls.len() - 1)
    }

    /// The only hall of the owner's only venue with this name.
    ///
    /// # Errors
    /// In words, when there are none or several.
    pub fn hall_at(&mut self, venue: &str) -> Result<usize, String> {
        let catalog = self.reader.home.catalog_copy().read();
        let is_it = |name: &str| name.trim().to_lowercase() == venue.trim().to_lowercase();
        let venues = catalog.venues_all().filter(|known| known.stamp.owner == self.reader.owner);
        let venues: Vec<VenueId> =
            venues.filter(|known| is_it(&known.facts.name)).map(|known| known.id).collect();
        let halls: Vec<HallId> =
            venues.iter().flat_map(|venue| catalog.halls_of(*venue).map(|hall| hall.id)).collect();
        drop(catalog);
        match halls.as_slice() {
            [hall] => self.hall(&hall.to_string()),
            [] => Err(format!("you have no venue {venue:?} with a hall: make it first, or name a hall")),
            _several => Err(format!("{venue:?} has several halls: name the one that is meant")),
        }
    }

    /// An event of the catalog.
    ///
    /// # Errors
    /// In words, when there is none.
    pub fn event(&mut self, word: &str) -> Result<usize, String> {
        if let Some(known) = self.events.get(word) {
            return Ok(*known);
        }
        let catalog = self.reader.home.catalog_copy().read();
        let keyed = catalog.keyed(self.reader.owner, EntityKind::Event, word).map(EventId);
        let event = keyed.or_else(|| word.parse().ok()).and_then(|id| catalog.event(id)).cloned();
        drop(catalog);
        let event = event
            .ok_or_else(|| format!("there is no event {word:?}: write the key of one of yours, or an id"))?;
        let key = event.stamp.key.clone().unwrap_or_else(|| event.id.to_string());
        let names = [word.to_owned(), key.clone(), event.id.to_string()];
        let index = self.events.get(&key).copied().unwrap_or(self.checked.events.len());
        if index == self.checked.events.len() {
            let known = Some(event.id);
            self.checked.events.push(CheckedEvent { key, facts: event.facts.clone(), known });
        }
        names.into_iter().for_each(|name| _ = self.events.insert(name, index));
        Ok(index)
    }

    /// An event that the file describes. Told again with other facts, the first ones count.
    pub fn make_event(&mut self, key: &str, facts: EventFacts) -> usize {
        match self.events.entry(key.to_owned()) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => {
                self.checked.events.push(CheckedEvent { key: key.to_owned(), facts, known: None });
                *unknown.insert(self.checked.events.len() - 1)
            }
        }
    }

    /// A hall that the file describes.
    pub fn make_hall(&mut self, venue: usize, key: String, name: String, map: SeatMap) {
        self.checked.halls.push(CheckedHall { venue, key, name, map: Arc::new(map), known: None });
    }

    /// By which clock a hall's performances are.
    #[must_use]
    pub fn zone(&self, hall: usize) -> &TimeZone {
        &self.checked.venues[self.checked.halls[hall].venue].zone
    }

    /// The seat map by which a hall's performances are sold.
    #[must_use]
    pub fn map(&self, hall: usize) -> &SeatMap {
        &self.checked.halls[hall].map
    }

    /// On which terms an event was last sold in a hall.
    #[must_use]
    pub fn usual_terms(&self, event: usize, hall: usize) -> Option<TermsForm> {
        let (event, hall) = (self.checked.events.get(event)?.known?, self.checked.halls.get(hall)?.known?);
        let catalog = self.reader.home.catalog_copy().read();
        let performances = catalog.performances_of(event).filter(|known| known.hall == hall);
        let last = performances.max_by_key(|known| known.schedule.starts_at_ms)?;
        let summary = catalog.hall(hall)?.map(last.seat_map_version)?;
        Some(TermsForm::of(&last.sale, summary))
    }

    /// Takes in a performance.
    ///
    /// # Errors
    /// Everything that is wrong with it, by the names of the fields: `/starts_at`, `/prices/0/amount`.
    pub fn performance(&mut self, wanted: Wanted) -> Result<(), Vec<Fault>> {
        let mut faults = Faults::default();
        let hall = &self.checked.halls[wanted.hall];
        let zone = &self.checked.venues[hall.venue].zone;
        let at_ms = faults.take("/starts_at", checks::instant(&wanted.starts_at, zone));
        if at_ms.is_some_and(|at_ms| at_ms <= self.reader.now_ms) {
            faults
                .add("/starts_at", format!("{} is over: only what is to come can be sold", wanted.starts_at));
        }
        // The terms are checked without their times, as those of documents are.
        let time = Schedule { starts_at_ms: 1, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: 1 };
        _ = wanted.terms.offer(time, None, self.reader.house, &mut faults);
        for (nth, price) in wanted.terms.prices.iter().enumerate() {
            let known = &hall.map.categories;
            if !known.iter().any(|category| category.key == price.category) {
                let keys: Vec<_> = known.iter().map(|category| category.key.as_str()).collect();
                let words = format!(
                    "{:?} is no price category of the hall {:?}; there are: {}",
                    price.category,
                    hall.key,
                    keys.join(", ")
                );
                faults.add(format!("/prices/{nth}/category"), words);
            }
        }
        if self.checked.performances.len() >= PERFORMANCES_MAX {
            faults.add("", format!("at most {PERFORMANCES_MAX} performances are imported at once"));
        }
        if let Some(id) = wanted.id
            && let Some(known) = self.reader.home.catalog_copy().read().performance(id)
            && (self.checked.events[wanted.event].known != Some(known.event)
                || hall.known != Some(known.hall))
        {
            faults.add("/id", format!("{id} is a performance of another event, or in another hall"));
        }
        let key = at_ms.map(|at_ms| {
            let own = || {
                let start = local(at_ms, zone);
                format!("{}/{}/{start}", self.checked.events[wanted.event].key, hall.key)
            };
            wanted.key.clone().unwrap_or_else(own)
        });
        faults.key(key.as_deref());
        if let Some(key) = &key
            && self.keys.contains_key(key)
        {
            faults.add("/key", format!("there is another performance {key:?} in this file"));
        }
        faults.finish()?;
        let key = key.unwrap_or_default();
        self.keys.insert(key.clone(), self.checked.performances.len());
        self.checked.performances.push(CheckedPerformance {
            key,
            event: wanted.event,
            hall: wanted.hall,
            terms: Arc::new(wanted.terms),
            start: Start::Fixed(wanted.starts_at),
            doors_minutes: wanted.doors_minutes,
            on_sale_days: wanted.on_sale_days,
            known: wanted.id,
        });
        Ok(())
    }

    /// What the file says.
    ///
    /// # Errors
    /// All mistakes, in the order of the file.
    pub fn finish(mut self) -> Result<Checked, Vec<Mistake>> {
        if self.mistakes.is_empty() {
            return Ok(self.checked);
        }
        self.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        Err(self.mistakes)
    }
}

/// A time by the clock of a place, as [`checks::instant`] reads it: with the offset where the clock shows it twice.
pub(crate) fn local(at_ms: u64, zone: &TimeZone) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let at = ZonedDateTime::new(at.unwrap_or(Timestamp::MAX), zone.clone());
    let seconds = if at.second() == 0 { "" } else { ":%S" };
    let text = at.strftime(&format!("%Y-%m-%dT%H:%M{seconds}")).to_string();
    if checks::instant(&text, zone) == Ok(at_ms) {
        text
    } else {
        at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_come_back_even_when_the_clock_shows_them_twice() {
        let york = TimeZone::get("America/New_York").unwrap();
        for (text, written) in [
            ("2026-12-05T19:30", "2026-12-05T19:30"),
            ("2026-12-05T19:30:07", "2026-12-05T19:30:07"),
            ("2026-11-01T01:30-04:00", "2026-11-01T01:30:00-04:00"),
            ("2026-11-01T01:30-05:00", "2026-11-01T01:30:00-05:00"),
        ] {
            let at_ms = checks::instant(text, &york).unwrap();
            assert_eq!(local(at_ms, &york), written);
            assert_eq!(checks::instant(&local(at_ms, &york), &york), Ok(at_ms));
        }
    }
}
