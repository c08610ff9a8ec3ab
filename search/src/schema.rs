//! The fields of the index, and how a [`Document`] is laid into them.
//!
//! - Searched: `title`, `people`, `venue`, `city`, `genres`, `description`, stemmed and with positions; `words`, the same
//!   names unstemmed, which exactness, typing errors and "did you mean" are judged by; `name`, whole names as one term;
//!   `beginnings`, the beginnings of a name's words, for what is suggested as one types.
//! - Filtered by posting lists: `tags`, terms with a prefix (see [`tag`]).
//! - Read by number (fast fields): the rest. What a filter has chosen by tags is checked exactly by them.
//! - Given back: the stored texts.

use jiff::Timestamp;
use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions, Value as _,
};
use tantivy::tokenizer::RAW_TOKENIZER_NAME;

use crate::analysis::{BEGINNINGS, PLAIN, PROSE, STEMMED, words};
use crate::document::{
    Accessibility, Currency, DESCRIPTION_CHARS_MAX, Document, Key, Kind, LIST_MAX, NAME_CHARS_MAX, Place,
    STARTS_MAX,
};
use crate::fold::fold;
use crate::places::{Point, state_name};

/// Counts up with every change of the fields or the analysis; an index of another version is made anew.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// A point's coordinates are kept in units of this many degrees, about a metre.
pub(crate) const COORDINATE_UNIT_DEG: f64 = 1e-5;

/// The fields by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    pub(crate) key: Field,
    pub(crate) group: Field,
    pub(crate) title: Field,
    pub(crate) people: Field,
    pub(crate) venue: Field,
    pub(crate) city: Field,
    pub(crate) genres: Field,
    pub(crate) description: Field,
    pub(crate) words: Field,
    pub(crate) name: Field,
    pub(crate) beginnings: Field,
    pub(crate) tags: Field,
    region: Field,
    country: Field,
    zip: Field,
    group_high: Field,
    group_low: Field,
    at_high: Field,
    at_low: Field,
    kind: Field,
    starts: Field,
    lat: Field,
    lon: Field,
    price_min: Field,
    price_max: Field,
    currency: Field,
    language: Field,
    accessibility: Field,
    popularity: Field,
    rating: Field,
    fingerprint: Field,
    genre_facet: Field,
    city_facet: Field,
}

/// The names of fast fields, as the readers of columns ask for them.
pub(crate) mod fast {
    pub(crate) const GROUP_HIGH: &str = "group_high";
    pub(crate) const GROUP_LOW: &str = "group_low";
    pub(crate) const AT_HIGH: &str = "at_high";
    pub(crate) const AT_LOW: &str = "at_low";
    pub(crate) const KIND: &str = "kind";
    pub(crate) const STARTS: &str = "starts";
    pub(crate) const LAT: &str = "lat";
    pub(crate) const LON: &str = "lon";
    pub(crate) const PRICE_MIN: &str = "price_min";
    pub(crate) const PRICE_MAX: &str = "price_max";
    pub(crate) const CURRENCY: &str = "currency";
    pub(crate) const LANGUAGE: &str = "language";
    pub(crate) const ACCESSIBILITY: &str = "accessibility";
    pub(crate) const POPULARITY: &str = "popularity";
    pub(crate) const RATING: &str = "rating";
    pub(crate) const FINGERPRINT: &str = "fingerprint";
    pub(crate) const GENRE_FACET: &str = "genre_facet";
    pub(crate) const CITY_FACET: &str = "city_facet";
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut s = SchemaBuilder::new();
    let fields = Fields {
        key: s.add_bytes_field("key", INDEXED | STORED),
        group: s.add_bytes_field("group", INDEXED),
        title: s.add_text_field("title", text(STEMMED).set_stored()),
        people: s.add_text_field("people", text(STEMMED).set_stored()),
        venue: s.add_text_field("venue", text(STEMMED).set_stored()),
        city: s.add_text_field("city", text(STEMMED)),
        genres: s.add_text_field("genres", text(STEMMED).set_stored()),
        description: s.add_text_field("description", text(PROSE).set_stored()),
        words: s.add_text_field("words", terms(PLAIN, IndexRecordOption::WithFreqs)),
        name: s.add_text_field("name", STRING),
        beginnings: s.add_text_field("beginnings", terms(BEGINNINGS, IndexRecordOption::Basic)),
        tags: s.add_text_field("tags", STRING),
        region: s.add_text_field("region", STORED),
        country: s.add_text_field("country", STORED),
        zip: s.add_text_field("zip", STORED),
        group_high: s.add_u64_field(fast::GROUP_HIGH, FAST),
        group_low: s.add_u64_field(fast::GROUP_LOW, FAST),
        at_high: s.add_u64_field(fast::AT_HIGH, FAST),
        at_low: s.add_u64_field(fast::AT_LOW, FAST),
        kind: s.add_u64_field(fast::KIND, FAST),
        starts: s.add_i64_field(fast::STARTS, FAST),
        lat: s.add_i64_field(fast::LAT, FAST),
        lon: s.add_i64_field(fast::LON, FAST),
        price_min: s.add_u64_field(fast::PRICE_MIN, FAST),
        price_max: s.add_u64_field(fast::PRICE_MAX, FAST),
        currency: s.add_u64_field(fast::CURRENCY, FAST),
        language: s.add_u64_field(fast::LANGUAGE, FAST),
        accessibility: s.add_u64_field(fast::ACCESSIBILITY, FAST),
        popularity: s.add_u64_field(fast::POPULARITY, FAST),
        rating: s.add_u64_field(fast::RATING, FAST),
        fingerprint: s.add_u64_field(fast::FINGERPRINT, FAST),
        genre_facet: s.add_text_field(fast::GENRE_FACET, facet()),
        city_facet: s.add_text_field(fast::CITY_FACET, facet().set_stored()),
    };
    (s.build(), fields)
}

fn text(analyzer: &str) -> TextOptions {
    terms(analyzer, IndexRecordOption::WithFreqsAndPositions)
}

fn terms(analyzer: &str, option: IndexRecordOption) -> TextOptions {
    let indexing = TextFieldIndexing::default().set_tokenizer(analyzer).set_index_option(option);
    let with_lengths = !matches!(option, IndexRecordOption::Basic);
    TextOptions::default().set_indexing_options(indexing.set_fieldnorms(with_lengths))
}

fn facet() -> TextOptions {
    TextOptions::default().set_fast(RAW_TOKENIZER_NAME)
}

/// The terms of `tags`.
pub(crate) mod tag {
    use super::{Accessibility, Kind, Place, Point, fold};

    /// Degrees of latitude and longitude that a cell spans.
    pub(crate) const CELL_DEG: f64 = 0.5;
    const DAY_S: i64 = 86_400;

    pub(crate) fn kind(kind: Kind) -> String {
        format!("k:{kind}")
    }

    pub(crate) fn genre(genre: &str) -> String {
        format!("g:{}", fold(genre))
    }

    pub(crate) fn person(name: &str) -> String {
        format!("p:{}", fold(name))
    }

    pub(crate) fn venue(id: u128) -> String {
        format!("v:{id:032x}")
    }

    /// A language without what follows its first part: `pt` for `pt-BR`.
    pub(crate) fn language(tag: &str) -> String {
        format!("l:{}", primary_language(tag))
    }

    pub(crate) fn primary_language(tag: &str) -> String {
        tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
    }

    /// A bit of the set.
    pub(crate) fn accessibility(bit: u32) -> String {
        format!("a:{bit}")
    }

    /// The bits that are set.
    pub(crate) fn accessibility_bits(set: Accessibility) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |bit| set.bits() >> bit & 1 == 1)
    }

    /// The day of UTC with that number since 1970.
    pub(crate) fn day(number: i64) -> String {
        format!("d:{number}")
    }

    pub(crate) fn day_number(second: i64) -> i64 {
        second.div_euclid(DAY_S)
    }

    /// Columns go around the earth: the one beyond the last is the first.
    pub(crate) fn cell(row: i64, column: i64) -> String {
        let around = (360.0 / CELL_DEG) as i64;
        let column = (column + around / 2).rem_euclid(around) - around / 2;
        format!("c:{row}:{column}")
    }

    /// The row and the column of the cell around a point.
    pub(crate) fn cell_of(point: Point) -> (i64, i64) {
        // Both are within ±360.
        ((point.lat_deg() / CELL_DEG).floor() as i64, (point.lon_deg() / CELL_DEG).floor() as i64)
    }

    /// A city: begins with [`cities_named`] of its name.
    pub(crate) fn city(place: &Place) -> String {
        format!("{}{}|{}", cities_named(&fold(&place.city)), fold(&place.region), fold(&place.country))
    }

    pub(crate) fn cities_named(folded: &str) -> String {
        format!("w:{folded}|")
    }
}

/// A language tag of up to eight letters as a number, so that it needs no dictionary.
pub(crate) fn language_number(tag: &str) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(tag::primary_language(tag).bytes()) {
        *to = from;
    }
    u64::from_be_bytes(bytes)
}

/// The language of a number.
pub(crate) fn language_of_number(number: u64) -> String {
    let bytes = number.to_be_bytes();
    String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned()
}

/// A city as facets tell it: `Chicago, IL`.
pub(crate) fn city_label(place: &Place) -> String {
    let region = if place.region.is_empty() { &place.country } else { &place.region };
    if region.is_empty() { place.city.clone() } else { format!("{}, {region}", place.city) }
}

impl Fields {
    /// `document` as tantivy takes it. Whatever is too long or too many is cut.
    pub(crate) fn lay_out(&self, document: &Document) -> TantivyDocument {
        let mut d = TantivyDocument::new();
        d.add_bytes(self.key, &document.key.to_bytes());
        d.add_bytes(self.group, &document.key.to_bytes()[..17]);
        d.add_u64(self.fingerprint, document.fingerprint());
        d.add_u64(self.group_high, (document.key.id >> 64) as u64);
        d.add_u64(self.group_low, document.key.id as u64);
        if document.key.at != 0 {
            d.add_u64(self.at_high, (document.key.at >> 64) as u64);
            d.add_u64(self.at_low, document.key.at as u64);
        }
        self.lay_out_texts(document, &mut d);
        self.lay_out_tags(document, &mut d);
        self.lay_out_numbers(document, &mut d);
        d
    }

    fn lay_out_texts(&self, document: &Document, d: &mut TantivyDocument) {
        let title = cut(&document.title, NAME_CHARS_MAX);
        d.add_text(self.title, title);
        d.add_text(self.words, title);
        d.add_text(self.beginnings, title);
        d.add_text(self.name, words(title).join(" "));
        for person in document.people.iter().take(LIST_MAX) {
            let person = cut(person, NAME_CHARS_MAX);
            d.add_text(self.people, person);
            d.add_text(self.words, person);
            d.add_text(self.name, words(person).join(" "));
        }
        for genre in document.genres.iter().take(LIST_MAX) {
            let genre = cut(genre, NAME_CHARS_MAX);
            d.add_text(self.genres, genre);
            d.add_text(self.words, genre);
            d.add_text(self.genre_facet, genre);
        }
        d.add_text(self.description, cut(&document.description, DESCRIPTION_CHARS_MAX));
        if let Some(place) = &document.place {
            let venue = cut(&place.venue, NAME_CHARS_MAX);
            d.add_text(self.venue, venue);
            d.add_text(self.words, venue);
            let (city, region) = (cut(&place.city, NAME_CHARS_MAX), cut(&place.region, NAME_CHARS_MAX));
            d.add_text(self.city, city);
            d.add_text(self.words, city);
            d.add_text(self.city, region);
            let country = cut(&place.country, NAME_CHARS_MAX);
            if let Some(name) = state_name(region).filter(|_| country.is_empty() || country == "US") {
                d.add_text(self.city, name);
            }
            d.add_text(self.region, region);
            d.add_text(self.country, country);
            let zip = cut(&place.zip, NAME_CHARS_MAX);
            d.add_text(self.zip, zip);
            // Postal codes abroad are words like others.
            d.add_text(self.city, zip);
            if !city.is_empty() {
                d.add_text(self.city_facet, city_label(place));
            }
        }
    }

    fn lay_out_tags(&self, document: &Document, d: &mut TantivyDocument) {
        d.add_text(self.tags, tag::kind(document.kind));
        for genre in document.genres.iter().take(LIST_MAX) {
            d.add_text(self.tags, tag::genre(cut(genre, NAME_CHARS_MAX)));
        }
        for person in document.people.iter().take(LIST_MAX) {
            d.add_text(self.tags, tag::person(cut(person, NAME_CHARS_MAX)));
        }
        if document.key.at != 0 {
            d.add_text(self.tags, tag::venue(document.key.at));
        }
        if !document.language.is_empty() {
            d.add_text(self.tags, tag::language(cut(&document.language, NAME_CHARS_MAX)));
        }
        for bit in tag::accessibility_bits(document.accessibility) {
            d.add_text(self.tags, tag::accessibility(bit));
        }
        if let Some(place) = &document.place {
            d.add_text(self.tags, cut(&tag::city(place), NAME_CHARS_MAX));
            if let Some(point) = place.point {
                let (row, column) = tag::cell_of(point);
                d.add_text(self.tags, tag::cell(row, column));
            }
        }
        let mut days: Vec<i64> = starts(document).into_iter().map(tag::day_number).collect();
        days.dedup();
        for day in days {
            d.add_text(self.tags, tag::day(day));
        }
    }

    fn lay_out_numbers(&self, document: &Document, d: &mut TantivyDocument) {
        d.add_u64(self.kind, document.kind.code());
        for start in starts(document) {
            d.add_i64(self.starts, start);
        }
        if let Some(point) = document.place.as_ref().and_then(|place| place.point) {
            d.add_i64(self.lat, to_units(point.lat_deg()));
            d.add_i64(self.lon, to_units(point.lon_deg()));
        }
        if let Some(prices) = document.prices {
            d.add_u64(self.price_min, prices.min_minor);
            d.add_u64(self.price_max, prices.max_minor);
            d.add_u64(self.currency, prices.currency.to_number());
        }
        if !document.language.is_empty() {
            d.add_u64(self.language, language_number(&document.language));
        }
        d.add_u64(self.accessibility, document.accessibility.bits());
        d.add_u64(self.popularity, document.popularity);
        // Between 1 and 5.
        d.add_u64(self.rating, (document.rating.bayesian_mean() * 1_000.0).round() as u64);
    }

    /// What a document was stored with.
    pub(crate) fn read(&self, d: &TantivyDocument) -> Stored {
        let text = |field| d.get_first(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let texts = |field| d.get_all(field).filter_map(|value| value.as_str()).map(str::to_owned).collect();
        Stored {
            key: d.get_first(self.key).and_then(|value| value.as_bytes()).and_then(Key::from_bytes),
            title: text(self.title),
            people: texts(self.people),
            genres: texts(self.genres),
            description: text(self.description),
            place: d.get_first(self.venue).is_some().then(|| self.read_place(d)),
        }
    }

    fn read_place(&self, d: &TantivyDocument) -> Place {
        let text = |field| d.get_first(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let (label, region, country) = (text(self.city_facet), text(self.region), text(self.country));
        let ends = [&region, &country].map(|part| format!(", {part}"));
        let city = ends.iter().find_map(|end| label.strip_suffix(end.as_str())).unwrap_or(&label).to_owned();
        Place { venue: text(self.venue), city, region, country, zip: text(self.zip), point: None }
    }
}

/// What is stored of a document.
pub(crate) struct Stored {
    pub(crate) key: Option<Key>,
    pub(crate) title: String,
    pub(crate) people: Vec<String>,
    pub(crate) genres: Vec<String>,
    pub(crate) description: String,
    /// Without its point, which the fast fields have.
    pub(crate) place: Option<Place>,
}

/// The seconds of the soonest starts, in order.
fn starts(document: &Document) -> Vec<i64> {
    let mut starts: Vec<i64> = document.starts.iter().copied().map(Timestamp::as_second).collect();
    starts.sort_unstable();
    starts.dedup();
    starts.truncate(STARTS_MAX);
    starts
}

/// Degrees in the units that the index keeps.
pub(crate) fn to_units(deg: f64) -> i64 {
    (deg / COORDINATE_UNIT_DEG).round() as i64
}

/// The currency of a fast field's value.
pub(crate) fn currency(number: u64) -> Option<Currency> {
    Currency::from_number(number)
}

/// The first `chars_max` letters of `text`.
pub(crate) fn cut(text: &str, chars_max: usize) -> &str {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
