//! Everything that is wrong with some documents; or what they say, ready to be compared and made.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use marquee_config::Selling;
use marquee_ledger::{EventId, HallId, PerformanceId, VenueId};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::document::{HallEntry, LISTS, PerformanceEntry, VERSION};
use super::mistake::{Mistake, Mistakes};
use super::source::Source;
use super::starts::Start;
use crate::catalog::SeatMap;
use crate::catalog::checks::{Fault, Faults};
use crate::catalog::entity::{EventFacts, Schedule, VenueFacts};
use crate::drawing::draw;
use crate::forms::{EventForm, TermsForm, VenueForm, shape};

/// The most performances of a catalog that is imported at once.
const PERFORMANCES_MAX: usize = 100_000;

/// What documents say, checked.
#[derive(Debug, Default)]
pub struct Checked {
    pub(super) venues: Vec<CheckedVenue>,
    pub(super) halls: Vec<CheckedHall>,
    pub(super) events: Vec<CheckedEvent>,
    pub(super) performances: Vec<CheckedPerformance>,
}

#[derive(Debug)]
pub(super) struct CheckedVenue {
    pub(super) key: String,
    pub(super) facts: VenueFacts,
    pub(super) zone: TimeZone,
    /// The one of the catalog that it is, whatever its key.
    pub(super) known: Option<VenueId>,
}

#[derive(Debug)]
pub(super) struct CheckedHall {
    /// Index into the venues.
    pub(super) venue: usize,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) map: Arc<SeatMap>,
    pub(super) known: Option<HallId>,
}

#[derive(Debug)]
pub(super) struct CheckedEvent {
    pub(super) key: String,
    pub(super) facts: EventFacts,
    pub(super) known: Option<EventId>,
}

#[derive(Debug)]
pub(super) struct CheckedPerformance {
    pub(super) key: String,
    /// Index into the events.
    pub(super) event: usize,
    /// Index into the halls.
    pub(super) hall: usize,
    pub(super) terms: Arc<TermsForm>,
    pub(super) start: Start,
    pub(super) doors_minutes: Option<u32>,
    pub(super) on_sale_days: Option<u32>,
    pub(super) known: Option<PerformanceId>,
}

impl Checked {
    /// The halls: their names and seat maps.
    pub fn halls(&self) -> impl Iterator<Item = (&str, &SeatMap)> {
        self.halls.iter().map(|hall| (hall.name.as_str(), &*hall.map))
    }
}

/// Checks some documents as one catalog; terms that they leave out are as the house has them.
///
/// # Errors
/// All mistakes, up to [`MISTAKES_MAX`](super::mistake::MISTAKES_MAX), in the order of the documents.
pub fn check(sources: &[Source], house: &Selling) -> Result<Checked, Vec<Mistake>> {
    let mut desk = Desk {
        mistakes: Mistakes::new(sources),
        house,
        names: BTreeMap::new(),
        offers: Vec::new(),
        checked: Checked::default(),
    };
    let mut documents: Vec<Map<String, Value>> = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        documents.push(desk.open(index, source));
    }
    // What is referred to comes first, whichever document it is in.
    for list in LISTS {
        for (index, document) in documents.iter_mut().enumerate() {
            desk.read_list(index, list, document.remove(list));
        }
    }
    desk.mistakes.finish()?;
    Ok(desk.checked)
}

/// Where documents are read.
struct Desk<'s> {
    mistakes: Mistakes<'s>,
    house: &'s Selling,
    /// By kind and key: the index, none if the thing is there and wrong.
    names: BTreeMap<(&'static str, String), Option<usize>>,
    offers: Vec<Arc<TermsForm>>,
    checked: Checked,
}

impl Desk<'_> {
    /// The document's members, if it is a catalog.
    fn open(&mut self, index: usize, source: &Source) -> Map<String, Value> {
        let value: Value = match serde_json::from_str(&source.text) {
            Ok(value) => value,
            Err(error) => {
                self.mistakes.syntax(index, &error);
                return Map::new();
            }
        };
        let Value::Object(mut document) = value else {
            self.mistakes.at(index, "", "a catalog document is an object");
            return Map::new();
        };
        match document.remove("marquee_catalog") {
            Some(version) if version == VERSION => {}
            Some(version) => {
                let words = format!("this reads version {VERSION} of catalog documents, and not {version}");
                self.mistakes.at(index, "/marquee_catalog", words);
                return Map::new();
            }
            None => {
                let words =
                    format!("this is no catalog document: it must have \"marquee_catalog\": {VERSION}");
                self.mistakes.at(index, "", words);
                return Map::new();
            }
        }
        for name in document.keys().filter(|name| !LISTS.contains(&name.as_str())) {
            let words = format!("unknown field; there are: {}", LISTS.join(", "));
            self.mistakes.at(index, &format!("/{}", escaped(name)), words);
        }
        document
    }

    fn read_list(&mut self, source: usize, list: &'static str, value: Option<Value>) {
        let items = match value {
            None => return,
            Some(Value::Array(items)) => items,
            Some(_other) => return self.mistakes.at(source, &format!("/{list}"), "must be a list"),
        };
        for (nth, item) in items.into_iter().enumerate() {
            if self.mistakes.is_full() {
                return;
            }
            let at = At { source, pointer: format!("/{list}/{nth}") };
            match list {
                "venues" => self.read_venue(&at, item),
                "offers" => self.read_offer(&at, item),
                "events" => self.read_event(&at, item),
                _performances => self.read_performance(&at, item),
            }
        }
    }

    fn read_venue(&mut self, at: &At, mut item: Value) {
        let halls = item.as_object_mut().and_then(|item| item.remove("halls"));
        let form = self.form::<VenueForm>(at, item);
        let key = form.as_ref().and_then(|form| self.key(at, form.key.clone()));
        let facts = form.and_then(|form| self.faultless(at, |faults| form.facts(faults)));
        // A zone that is none was told with the facts.
        let zone = facts.as_ref().and_then(|facts| TimeZone::get(&facts.time_zone).ok());
        let index = self.checked.venues.len();
        let whole = key.clone().zip(facts).zip(zone);
        let is_whole = whole.is_some();
        if let Some(key) = key {
            self.name(at, "venue", &key, is_whole.then_some(index));
        }
        if let Some(((key, facts), zone)) = whole {
            self.checked.venues.push(CheckedVenue { key, facts, zone, known: None });
        }
        match halls {
            None => {}
            Some(Value::Array(halls)) => {
                for (nth, hall) in halls.into_iter().enumerate() {
                    self.read_hall(&at.under(&format!("/halls/{nth}")), hall, is_whole.then_some(index));
                }
            }
            Some(_other) => self.mistakes.at(at.source, &format!("{}/halls", at.pointer), "must be a list"),
        }
    }

    fn read_hall(&mut self, at: &At, item: Value, venue: Option<usize>) {
        let Some(entry) = self.form::<HallEntry>(at, item) else { return };
        let map = self.faultless(at, |faults| {
            faults.key(Some(&entry.key));
            faults.line("/name", &entry.name);
            draw(&entry.seat_map, "/seat_map", faults)
        });
        let index = self.checked.halls.len();
        let whole = venue.zip(map);
        self.name(at, "hall", &entry.key, whole.is_some().then_some(index));
        if let Some((venue, map)) = whole {
            let map = Arc::new(map);
            let hall = CheckedHall { venue, key: entry.key, name: entry.name, map, known: None };
            self.checked.halls.push(hall);
        }
    }

    fn read_offer(&mut self, at: &At, mut item: Value) {
        let key = item.as_object_mut().and_then(|item| item.remove("key"));
        let key = key.and_then(|key| key.as_str().map(str::to_owned));
        let key = self.key(at, key);
        let form = self.form::<TermsForm>(at, item);
        // The terms are checked without their times, which come with each performance.
        let time = Schedule { starts_at_ms: 1, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: 1 };
        let house = self.house;
        let form = form.and_then(|form| {
            self.faultless(at, |faults| form.offer(time, None, house, faults).map(|_offer| form))
        });
        let index = self.offers.len();
        if let Some(key) = key {
            self.name(at, "offer", &key, form.is_some().then_some(index));
            self.offers.extend(form.map(Arc::new));
        }
    }

    fn read_event(&mut self, at: &At, item: Value) {
        let Some(form) = self.form::<EventForm>(at, item) else { return };
        let key = self.key(at, form.key.clone());
        let facts = self.faultless(at, |faults| form.facts(None, faults));
        let Some(key) = key else { return };
        let index = self.checked.events.len();
        self.name(at, "event", &key, facts.is_some().then_some(index));
        self.checked.events.extend(facts.map(|facts| CheckedEvent { key, facts, known: None }));
    }

    fn read_performance(&mut self, at: &At, item: Value) {
        let Some(entry) = self.form::<PerformanceEntry>(at, item) else { return };
        let event = self.find(at, "event", &entry.event);
        let hall = self.find(at, "hall", &entry.hall);
        let offer = self.find(at, "offer", &entry.offer);
        let starts = match entry.starts() {
            Ok(starts) => starts,
            Err((pointer, words)) => {
                return self.mistakes.at(at.source, &format!("{}{pointer}", at.pointer), words);
            }
        };
        let (Some(event), Some(hall), Some(offer)) = (event, hall, offer) else { return };
        let terms = Arc::clone(&self.offers[offer]);
        self.check_prices(at, &entry, hall, &terms);
        if self.checked.performances.len() + starts.len() > PERFORMANCES_MAX {
            let words = format!("at most {PERFORMANCES_MAX} performances are imported at once");
            return self.mistakes.at(at.source, &at.pointer, words);
        }
        for (written, start) in starts {
            // A fixed time is the same whenever it is imported; a relative one always exists.
            let zone = &self.checked.venues[self.checked.halls[hall].venue].zone;
            if let Err(words) = start.instant(Date::constant(2000, 1, 1), zone) {
                self.mistakes.at(at.source, &format!("{}/starts", at.pointer), format!("{written}: {words}"));
                continue;
            }
            let key = format!("{}/{}/{written}", entry.event, entry.hall);
            self.name(at, "performance", &key, Some(self.checked.performances.len()));
            self.checked.performances.push(CheckedPerformance {
                key,
                event,
                hall,
                terms: Arc::clone(&terms),
                start,
                doors_minutes: entry.doors_minutes,
                on_sale_days: entry.on_sale_days,
                known: None,
            });
        }
    }

    fn check_prices(&mut self, at: &At, entry: &PerformanceEntry, hall: usize, terms: &TermsForm) {
        let has =
            |key: &str| self.checked.halls[hall].map.categories.iter().any(|category| category.key == key);
        if let Some(price) = terms.prices.iter().find(|price| !has(&price.category)) {
            let words = format!(
                "the offer {:?} has a price for {:?}, which is no price category of the hall {:?}",
                entry.offer, price.category, entry.hall
            );
            self.mistakes.at(at.source, &format!("{}/offer", at.pointer), words);
        }
    }

    // What all have in common.

    fn form<T: DeserializeOwned>(&mut self, at: &At, item: Value) -> Option<T> {
        shape::read(item).map_err(|fault| self.tell(at, &fault)).ok()
    }

    fn faultless<T>(&mut self, at: &At, check: impl FnOnce(&mut Faults) -> Option<T>) -> Option<T> {
        let mut faults = Faults::default();
        let checked = check(&mut faults);
        match faults.finish() {
            Ok(()) => checked,
            Err(list) => {
                list.iter().for_each(|fault| self.tell(at, fault));
                None
            }
        }
    }

    fn tell(&mut self, at: &At, fault: &Fault) {
        self.mistakes.at(at.source, &format!("{}{}", at.pointer, fault.pointer), &*fault.detail);
    }

    fn key(&mut self, at: &At, key: Option<String>) -> Option<String> {
        if key.is_none() {
            self.mistakes.at(at.source, &format!("{}/key", at.pointer), "must have a key");
        }
        key
    }

    /// Takes note of a key, which must not be taken.
    fn name(&mut self, at: &At, kind: &'static str, key: &str, index: Option<usize>) {
        let before = self.names.insert((kind, key.to_owned()), index);
        if before.is_some() {
            let words = format!("there is another {kind} with the key {key:?}");
            self.mistakes.at(at.source, &format!("{}/key", at.pointer), words);
        }
    }

    fn find(&mut self, at: &At, kind: &'static str, key: &str) -> Option<usize> {
        match self.names.get(&(kind, key.to_owned())) {
            Some(found) => *found,
            None => {
                let words = format!("there is no {kind} with the key {key:?} in these documents");
                self.mistakes.at(at.source, &format!("{}/{kind}", at.pointer), words);
                None
            }
        }
    }
}

/// Which item of which document.
struct At {
    source: usize,
    pointer: String,
}

impl At {
    fn under(&self, pointer: &str) -> Self {
        Self { source: self.source, pointer: format!("{}{pointer}", self.pointer) }
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests;
