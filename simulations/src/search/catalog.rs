//! A made-up catalog that looks like a real one: venues over the US zip codes, more of them where more people live;
//! events with names from word lists, a few of which everybody wants and most of which hardly anybody; tours, runs
//! and repertory cinemas.
//!
//! It is a pure function of its seed and size. Venues are kept; events are made one after the other, each from its own
//! number, so that any number of them takes no memory.

use jiff::{Timestamp, ToSpan as _};
use marquee_search::document::{
    Accessibility, Class, Currency, Document, Key, Kind, Place as DocumentPlace, Prices, Rating,
};
use marquee_search::places::{self, Place};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

use super::words::{
    ADJECTIVES, FIRST_NAMES, LAST_NAMES, NOUNS, SENTENCE_BEGINNINGS, SENTENCE_ENDS, VENUE_NAMES,
};

/// Events of a venue, on average.
const EVENTS_PER_VENUE: u32 = 10;
/// Events of a person, on average.
const EVENTS_PER_PERSON: u32 = 4;
/// The popularity of the most popular event.
const POPULARITY_MAX: f64 = 1_000_000.0;

/// How large a catalog is and which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// All chance comes from it.
    pub seed: u64,
    /// How many events.
    pub events: u32,
    /// How many performances in all; at least one for each event.
    pub performances: u32,
    /// The first day of performances; the last is a year later.
    pub from: Timestamp,
}

/// A place where events are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Venue {
    /// From 0 on.
    pub number: u32,
    /// Its id in documents.
    pub id: u128,
    /// Its name.
    pub name: String,
    /// Its zip code, city and point.
    pub place: Place,
    /// What it is for.
    pub is_cinema: bool,
}

/// An event with all its performances.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// From 0 on.
    pub number: u32,
    /// Its id in documents.
    pub id: u128,
    /// What it is.
    pub kind: Kind,
    /// Its title.
    pub title: String,
    /// Who performs.
    pub people: Vec<String>,
    /// Its genres.
    pub genres: Vec<&'static str>,
    /// Some sentences.
    pub description: String,
    /// The language's tag.
    pub language: &'static str,
    /// By Zipf's law.
    pub popularity: u64,
    /// What visitors thought of it.
    pub rating: Rating,
    /// In cents.
    pub price_min: u64,
    /// In cents.
    pub price_max: u64,
    /// By venue, in order.
    pub performances: Vec<Performance>,
}

/// One showing of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Performance {
    /// The venue's number.
    pub venue: u32,
    /// When.
    pub starts: Timestamp,
}

/// A made-up catalog.
#[derive(Debug, Clone)]
pub struct Catalog {
    size: Size,
    venues: Vec<Venue>,
    /// What the performances of the most popular event are scaled by.
    scale: f64,
    /// So many of the most popular events get one more, so that the number of all is as asked.
    more: u32,
}

impl Catalog {
    /// The catalog of that size and seed.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let count = (size.events / EVENTS_PER_VENUE).max(1);
        let venues = venues(size.seed, count);
        let (scale, more) = scaled(size.events, size.performances);
        Self { size, venues, scale, more }
    }

    /// All venues.
    #[must_use]
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// All events, one after the other.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        (0..self.size.events).map(|number| self.event(number))
    }

    /// The names of all performers.
    pub fn people(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.people_count()).map(|number| self.person(number))
    }

    /// All documents: an engagement for each event and venue, and one for each venue and performer.
    pub fn documents(&self) -> impl Iterator<Item = Document> + '_ {
        let venues = self.venues.iter().map(|venue| {
            let mut document = Document::new(Key::single(Class::Venue, venue.id), Kind::Venue, &venue.name);
            document.place = Some(venue.document_place());
            document.popularity = 1_000;
            document
        });
        let people = self.people().zip(0..).map(|(name, number)| {
            let mut document = Document::new(Key::single(Class::Person, id(3, number)), Kind::Person, name);
            document.popularity = (POPULARITY_MAX / 10.0 / f64::from(number + 1)) as u64;
            document
        });
        venues.chain(people).chain(self.events().flat_map(|event| event.documents(&self.venues)))
    }

    /// One event.
    #[must_use]
    pub fn event(&self, number: u32) -> Event {
        let mut dice = dice(self.size.seed, 2, number);
        let rank = rank(number, self.size.events);
        let kind = kind(&mut dice);
        let style = Style::of(kind);
        let genres = style.genres(&mut dice);
        let people: Vec<String> = (0..dice.random_range(style.people.clone()))
            .map(|_| {
                // The first ones are in most.
                let share = dice.random::<f64>().powi(2);
                self.person((share * f64::from(self.people_count())) as u32)
            })
            .collect();
        let title = title(&mut dice, kind, &people);
        let price_min = u64::from(dice.random_range(style.price.clone())) * 100;
        let shows = (self.scale / f64::from(rank + 1).sqrt()) as u32;
        let shows = shows.max(1) + u32::from(rank < self.more);
        Event {
            number,
            id: id(2, number),
            kind,
            description: description(&mut dice, &genres),
            language: if dice.random_ratio(9, 10) {
                "en"
            } else {
                pick(&mut dice, &["es", "fr", "de", "ja", "hi"])
            },
            popularity: (POPULARITY_MAX / f64::from(rank + 1).powf(0.9)) as u64,
            rating: Rating {
                mean: dice.random_range(2.5..5.0),
                count: u64::from(dice.random_range(0..200_u32)),
            },
            price_min: if dice.random_ratio(1, 40) { 0 } else { price_min },
            price_max: price_min * dice.random_range(1..6),
            performances: self.performances(&mut dice, kind, style.run, shows),
            title,
            people,
            genres,
        }
    }

    /// The performances of an event that stays at a venue for a run of some.
    fn performances(&self, dice: &mut StdRng, kind: Kind, run: u32, shows: u32) -> Vec<Performance> {
        let mut performances = Vec::with_capacity(shows as usize);
        while performances.len() < shows as usize {
            let wanted = kind == Kind::Movie;
            let mut venue = dice.random_range(0..self.venues.len());
            for _ in 0..8 {
                if self.venues[venue].is_cinema == wanted {
                    break;
                }
                venue = dice.random_range(0..self.venues.len());
            }
            let first_day = dice.random_range(0..365_i64);
            let hour =
                if kind == Kind::Movie { dice.random_range(12..23) } else { dice.random_range(17..22) };
            for day in 0..i64::from(run) {
                if performances.len() < shows as usize {
                    // Six hours behind UTC is the middle of the country.
                    let starts = self.size.from + ((first_day + day) * 24 + hour + 6).hours();
                    let venue = venue as u32;
                    performances.push(Performance { venue, starts });
                }
            }
        }
        performances.sort_unstable();
        performances
    }

    fn people_count(&self) -> u32 {
        (self.size.events / EVENTS_PER_PERSON).clamp(1, (FIRST_NAMES.len() * LAST_NAMES.len()) as u32)
    }

    /// The name of a performer: each number has another one.
    fn person(&self, number: u32) -> String {
        let mixed = rank(number, (FIRST_NAMES.len() * LAST_NAMES.len()) as u32) as usize;
        format!("{} {}", FIRST_NAMES[mixed % FIRST_NAMES.len()], LAST_NAMES[mixed / FIRST_NAMES.len()])
    }
}

impl Venue {
    /// Its place as documents have it.
    #[must_use]
    pub fn document_place(&self) -> DocumentPlace {
        DocumentPlace {
            venue: self.name.clone(),
            city: self.place.city.name.to_owned(),
            region: self.place.city.state.to_owned(),
            country: "US".to_owned(),
            zip: self.place.zip.to_string(),
            point: self.place.point,
        }
    }
}

impl Event {
    /// One document for each venue where it is shown.
    pub fn documents(self, venues: &[Venue]) -> impl Iterator<Item = Document> + '_ {
        let mut document = Document::new(Key::single(Class::Event, self.id), self.kind, self.title);
        document.people = self.people;
        document.genres = self.genres.iter().map(|genre| (*genre).to_owned()).collect();
        document.description = self.description;
        document.language = self.language.to_owned();
        document.popularity = self.popularity;
        document.rating = self.rating;
        document.accessibility = Accessibility::WHEELCHAIR;
        document.prices =
            Some(Prices { currency: Currency::USD, min_minor: self.price_min, max_minor: self.price_max });
        let mut performances = self.performances;
        std::iter::from_fn(move || {
            let number = performances.first()?.venue;
            let length = performances.partition_point(|performance| performance.venue == number);
            let venue = &venues[number as usize];
            let mut engagement = document.clone();
            engagement.key.at = venue.id;
            engagement.place = Some(venue.document_place());
            engagement.starts = performances.drain(..length).map(|performance| performance.starts).collect();
            Some(engagement)
        })
    }
}

/// What is usual for a kind of event.
struct Style {
    genres: &'static [&'static str],
    people: std::ops::Range<usize>,
    /// In major units.
    price: std::ops::Range<u32>,
    /// How many performances in a row at one venue.
    run: u32,
}

impl Style {
    fn of(kind: Kind) -> Self {
        let style = |genres, people, price, run| Self { genres, people, price, run };
        match kind {
            Kind::Movie => style(
                &[
                    "action",
                    "adventure",
                    "animation",
                    "comedy",
                    "crime",
                    "documentary",
                    "drama",
                    "fantasy",
                    "horror",
                    "romance",
                    "science fiction",
                    "thriller",
                    "western",
                ],
                1..4,
                8..18,
                7,
            ),
            Kind::Concert => style(
                &[
                    "jazz",
                    "rock",
                    "pop",
                    "hip hop",
                    "classical",
                    "country",
                    "electronic",
                    "folk",
                    "metal",
                    "blues",
                    "soul",
                    "latin",
                    "punk",
                    "reggae",
                    "bluegrass",
                    "gospel",
                ],
                1..3,
                15..120,
                1,
            ),
            Kind::Theatre => {
                style(&["drama", "tragedy", "comedy", "farce", "classic", "mystery"], 2..5, 20..90, 4)
            }
            Kind::Musical => style(&["musical", "jukebox", "classic"], 2..5, 35..150, 6),
            Kind::Opera => style(&["opera", "bel canto", "baroque"], 2..4, 35..180, 2),
            Kind::Dance => style(&["ballet", "modern dance", "flamenco", "tango"], 1..3, 25..120, 2),
            Kind::Sport => {
                style(&["basketball", "hockey", "football", "baseball", "soccer", "boxing"], 0..1, 20..150, 1)
            }
            Kind::Comedy => style(&["stand-up", "improv", "sketch"], 1..3, 15..60, 2),
            Kind::Family => style(&["puppets", "circus", "magic", "ice show"], 0..2, 12..45, 3),
            Kind::Festival => style(&["jazz", "film", "food", "folk", "electronic"], 2..5, 30..200, 2),
            Kind::Talk => style(&["science", "history", "poetry", "politics"], 1..3, 0..40, 1),
            Kind::Other | Kind::Venue | Kind::Person | Kind::Help => style(&["special"], 0..2, 10..60, 1),
        }
    }

    fn genres(&self, dice: &mut StdRng) -> Vec<&'static str> {
        let mut genres = vec![pick(dice, self.genres)];
        if dice.random_ratio(1, 3) {
            let other = pick(dice, self.genres);
            if !genres.contains(&other) {
                genres.push(other);
            }
        }
        genres
    }
}

fn kind(dice: &mut StdRng) -> Kind {
    match dice.random_range(0..100) {
        0..25 => Kind::Movie,
        25..60 => Kind::Concert,
        60..70 => Kind::Theatre,
        70..74 => Kind::Musical,
        74..76 => Kind::Opera,
        76..79 => Kind::Dance,
        79..86 => Kind::Sport,
        86..92 => Kind::Comedy,
        92..95 => Kind::Family,
        95..97 => Kind::Festival,
        97..99 => Kind::Talk,
        _ => Kind::Other,
    }
}

fn title(dice: &mut StdRng, kind: Kind, people: &[String]) -> String {
    let adjective = pick(dice, &ADJECTIVES);
    let (noun, other) = (pick(dice, &NOUNS), pick(dice, &NOUNS));
    let city = |dice: &mut StdRng| pick(dice, &LAST_NAMES);
    match (kind, people.first(), dice.random_range(0..4)) {
        (Kind::Concert | Kind::Comedy, Some(person), 0) => person.clone(),
        (Kind::Concert, Some(person), 1) => format!("{person}: The {adjective} {noun} Tour"),
        (Kind::Concert, _, 2) => format!("The {adjective} {noun}s"),
        (Kind::Talk, Some(person), 0 | 1) => format!("An Evening with {person}"),
        (Kind::Sport, _, _) => format!("{} {noun}s vs {} {other}s", city(dice), city(dice)),
        (Kind::Festival, _, _) => format!("{adjective} {noun} Festival"),
        (_, _, 0) => format!("The {adjective} {noun}"),
        (_, _, 1) => format!("{noun} of the {other}"),
        (_, _, 2) => format!("The {noun} and the {other}"),
        (_, _, _) => format!("{adjective} {noun} {other}"),
    }
}

fn description(dice: &mut StdRng, genres: &[&str]) -> String {
    let mut text = String::new();
    for nth in 0..dice.random_range(2..5) {
        let (beginning, end) = (pick(dice, &SENTENCE_BEGINNINGS), pick(dice, &SENTENCE_ENDS));
        let (adjective, noun) = (pick(dice, &ADJECTIVES).to_lowercase(), pick(dice, &NOUNS).to_lowercase());
        let genre = if nth == 0 { format!("{} and ", genres[0]) } else { String::new() };
        text.push_str(&format!("{beginning} {genre}the {adjective} {noun}, {end}. "));
    }
    text
}

/// Venues where people live: a zip code of a large city is drawn more often than one of a village.
fn venues(seed: u64, count: u32) -> Vec<Venue> {
    let zips: Vec<Place> = places::all().filter(|place| place.point.is_some()).collect();
    (0..count)
        .map(|number| {
            let mut dice = dice(seed, 1, number);
            let place = loop {
                let place = zips[dice.random_range(0..zips.len())];
                if dice.random_range(0.0..1.0) < (f64::from(place.city.zips) / 20.0).min(1.0) {
                    break place;
                }
            };
            let is_cinema = dice.random_ratio(2, 5);
            let word = pick(&mut dice, &VENUE_NAMES);
            let name = if is_cinema {
                format!(
                    "{word} {}",
                    pick(&mut dice, &["Cinema", "Cinemas", "Theatre", "Multiplex", "Drive-In"])
                )
            } else {
                let sort =
                    ["Theatre", "Theater", "Hall", "Arena", "Club", "Auditorium", "Opera House", "Center"];
                format!("{word} {}", pick(&mut dice, &sort))
            };
            Venue { number, id: id(1, number), name, place, is_cinema }
        })
        .collect()
}

/// The scale at which all events have at most that many performances, and how many are missing then.
fn scaled(events: u32, performances: u32) -> (f64, u32) {
    let sum = |scale: f64| -> u64 {
        (0..events).map(|rank| ((scale / f64::from(rank + 1).sqrt()) as u64).max(1)).sum()
    };
    let (mut low, mut high) = (0.0, f64::from(performances));
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if sum(middle) <= u64::from(performances) { low = middle } else { high = middle }
    }
    let missing = u64::from(performances).saturating_sub(sum(low));
    (low, u32::try_from(missing).unwrap_or(u32::MAX))
}

/// Another number below `count`: a permutation that looks like chance.
fn rank(number: u32, count: u32) -> u32 {
    // A prime that is larger than any count shares no factor with it.
    ((u64::from(number) * 2_654_435_761 + 12_345) % u64::from(count)) as u32
}

/// An id whose halves are spread.
fn id(sort: u128, number: u32) -> u128 {
    let mut bits = StdRng::seed_from_u64(u64::from(number));
    sort << 120 | (u128::from(bits.next_u64()) << 32) | u128::from(number)
}

fn dice(seed: u64, sort: u64, number: u32) -> StdRng {
    StdRng::seed_from_u64(seed ^ sort << 56 ^ u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn pick<T: Copy>(dice: &mut StdRng, all: &[T]) -> T {
    all[dice.random_range(0..all.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { seed: 7, events: 2_000, performances: 10_000, from: Timestamp::UNIX_EPOCH };

    #[test]
    fn a_catalog_has_the_size_that_was_asked_for_and_is_always_the_same() {
        let catalog = Catalog::new(SIZE);
        let events: Vec<Event> = catalog.events().collect();
        assert_eq!(events.len(), 2_000);
        assert_eq!(events.iter().map(|event| event.performances.len()).sum::<usize>(), 10_000);
        assert!(events.iter().all(|event| event.performances.is_sorted()));
        assert_eq!(Catalog::new(SIZE).event(1_234), events[1_234]);
        assert_ne!(Catalog::new(Size { seed: 8, ..SIZE }).event(1_234), events[1_234]);
        let people: std::collections::BTreeSet<String> = catalog.people().collect();
        assert_eq!(people.len(), 500);
    }

    #[test]
    fn a_few_events_are_wanted_by_most() {
        let mut popularity: Vec<u64> = Catalog::new(SIZE).events().map(|event| event.popularity).collect();
        popularity.sort_unstable_by(|a, b| b.cmp(a));
        let all: u64 = popularity.iter().sum();
        assert!(popularity[..100].iter().sum::<u64>() * 2 > all);
        assert_eq!(popularity[0], 1_000_000);
    }

    #[test]
    fn documents_have_each_performance_once() {
        let catalog = Catalog::new(SIZE);
        let documents: Vec<Document> = catalog.documents().collect();
        assert_eq!(documents.iter().map(|document| document.starts.len()).sum::<usize>(), 10_000);
        let keys: std::collections::BTreeSet<Key> = documents.iter().map(|document| document.key).collect();
        assert_eq!(keys.len(), documents.len());
    }
}
