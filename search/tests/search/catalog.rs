//! The fixed catalog that tests search in: `relevance/catalog.txt` as documents.

use std::collections::BTreeMap;

use jiff::civil::date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use marquee_search::document::{Class, Currency, Document, Key, Kind, Place, Prices, Rating};
use marquee_search::fold::fold;
use marquee_search::places::{self, Point};

/// Wednesday, 2 December 2026, ten in the morning in Chicago.
pub(crate) const NOW: &str = "2026-12-02T16:00:00Z";

/// The documents and the names that tests call their ids by.
pub(crate) struct Catalog {
    pub(crate) documents: Vec<Document>,
    names: BTreeMap<(Class, u128), String>,
}

impl Catalog {
    pub(crate) fn read() -> Self {
        let mut catalog = Self { documents: Vec::new(), names: BTreeMap::new() };
        let mut venues: BTreeMap<&str, (u128, Place)> = BTreeMap::new();
        let mut people: BTreeMap<&str, u64> = BTreeMap::new();
        for line in include_str!("relevance/catalog.txt").lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (sort, rest) = line.split_once(' ').unwrap();
            let fields: Vec<&str> = rest.split('|').map(str::trim).collect();
            match sort {
                "venue" => {
                    let place = place(&fields);
                    let id = catalog.add_name(Class::Venue, format!("v:{}", fields[0]));
                    let mut document = Document::new(Key::single(Class::Venue, id), Kind::Venue, fields[1]);
                    document.place = Some(place.clone());
                    document.popularity = 500;
                    catalog.documents.push(document);
                    venues.insert(fields[0], (id, place));
                }
                "event" => {
                    for person in fields[3].split(';').map(str::trim).filter(|person| !person.is_empty()) {
                        let known = people.entry(person).or_default();
                        *known = (*known).max(fields[6].parse().unwrap());
                    }
                    let id = catalog.add_name(Class::Event, fields[0].to_owned());
                    catalog.documents.extend(event(id, &fields, &venues));
                }
                "help" => {
                    let id = catalog.add_name(Class::Help, format!("help:{}", fields[0]));
                    let mut document = Document::new(Key::single(Class::Help, id), Kind::Help, fields[1]);
                    document.description = fields[2].to_owned();
                    catalog.documents.push(document);
                }
                other => panic!("what is a {other:?}?"),
            }
        }
        for (person, popularity) in people {
            let id = catalog.add_name(Class::Person, format!("p:{}", fold(person).replace(' ', "-")));
            let mut document = Document::new(Key::single(Class::Person, id), Kind::Person, person);
            document.popularity = popularity;
            catalog.documents.push(document);
        }
        catalog
    }

    pub(crate) fn name(&self, key: Key) -> &str {
        &self.names[&(key.class, key.id)]
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.values().any(|known| known == name)
    }

    fn add_name(&mut self, class: Class, name: String) -> u128 {
        assert!(!self.has(&name), "{name:?} is twice in the catalog");
        // Ids are spread as real ones are.
        let id = (self.names.len() as u128 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        self.names.insert((class, id), name);
        id
    }
}

fn place(fields: &[&str]) -> Place {
    let point = match fields.get(6) {
        Some(point) => {
            let (lat, lon) = point.split_once(',').unwrap();
            Point::new(lat.trim().parse().unwrap(), lon.trim().parse().unwrap())
        }
        None => places::by_zip(fields[5].parse().unwrap()).unwrap().point,
    };
    Place {
        venue: fields[1].to_owned(),
        city: fields[2].to_owned(),
        region: fields[3].to_owned(),
        country: fields[4].to_owned(),
        zip: fields[5].to_owned(),
        point,
    }
}

/// The engagements of an event, or the one document of an event that is not shown yet.
fn event(id: u128, fields: &[&str], venues: &BTreeMap<&str, (u128, Place)>) -> Vec<Document> {
    let list = |text: &str, parted_by| {
        text.split(parted_by)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut document =
        Document::new(Key::single(Class::Event, id), Kind::from_word(fields[1]).unwrap(), fields[2]);
    document.people = list(fields[3], ';');
    document.genres = list(fields[4], ',');
    document.language = fields[5].to_owned();
    document.popularity = fields[6].parse().unwrap();
    let (mean, count) = fields[7].split_once('x').unwrap();
    document.rating = Rating { mean: mean.parse().unwrap(), count: count.parse().unwrap() };
    document.prices = prices(fields[8]);
    document.description = fields[10].to_owned();
    let shows = list(fields[9], ';');
    if shows.is_empty() {
        return vec![document];
    }
    let at_venue = |show: &String| {
        let (venue, when) = show.split_once(' ').unwrap();
        let (venue_id, place) = venues.get(venue).unwrap_or_else(|| panic!("no venue {venue:?}"));
        let mut engagement = document.clone();
        engagement.key = Key::engagement(id, *venue_id);
        engagement.place = Some(place.clone());
        engagement.starts = starts(when);
        engagement
    };
    shows.iter().map(at_venue).collect()
}

fn prices(text: &str) -> Option<Prices> {
    let (range, currency) = text.split_once(' ')?;
    let (min, max) = range.split_once('-').unwrap();
    let minor = |major: &str| major.parse::<u64>().unwrap() * 100;
    Some(Prices { currency: Currency::new(currency).unwrap(), min_minor: minor(min), max_minor: minor(max) })
}

fn starts(when: &str) -> Vec<Timestamp> {
    let (days, hour) = when.split_once('@').unwrap();
    let zone = TimeZone::get("America/Chicago").unwrap();
    let mut starts = Vec::new();
    for part in days.split(',') {
        // A leading minus is that of a day before December.
        let (first, last) = match part.char_indices().skip(1).find(|(_, c)| *c == '-') {
            Some((at, _)) => (&part[..at], &part[at + 1..]),
            None => (part, part),
        };
        for day in first.parse::<i64>().unwrap()..=last.parse::<i64>().unwrap() {
            let date = date(2026, 12, 1).checked_add((day - 1).days()).unwrap();
            let datetime = date.at(hour.parse().unwrap(), 0, 0, 0);
            starts.push(zone.to_timestamp(datetime).unwrap());
        }
    }
    starts
}
