//! What can be asked, and what is answered.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::document::{Accessibility, Currency, Key, Kind, Place, Prices};
use crate::places::{Point, UnknownZip, Zip};
use crate::text::TextRefused;
pub use crate::understand::Money;

/// The most results of a page.
pub const LIMIT_MAX: usize = 100;

/// How far away counts as near, unless said otherwise: some 25 miles.
pub const RADIUS_KM_DEFAULT: f64 = 40.0;

/// The largest radius: half around the earth.
pub const RADIUS_KM_MAX: f64 = 20_040.0;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Query {
    /// What the visitor typed; empty for everything.
    pub text: String,
    /// Whether places, days and prices in the text are understood; else they are words.
    pub understand: bool,
    /// The time that "tonight" is meant at. What starts before is not found unless `filters.from` is earlier.
    pub now: Timestamp,
    /// The time zone of "tonight".
    pub zone: TimeZone,
    /// Where the visitor is: what is nearer ranks higher, and distances are told from there.
    pub near: Option<Point>,
    /// The currency of an amount without a sign.
    pub currency: Currency,
    /// What must be so. What is said here wins over what the text says.
    pub filters: Filters,
    /// The order of the results.
    pub sort: Sort,
    /// Whether to count results by what they are.
    pub facets: bool,
    /// The most results, up to [`LIMIT_MAX`].
    pub limit: usize,
    /// Where to go on: [`Results::next`] of the same query.
    pub cursor: Option<String>,
}

impl Query {
    /// A text, asked at a time, with no filters.
    #[must_use]
    pub fn new(text: impl Into<String>, now: Timestamp) -> Self {
        Self {
            text: text.into(),
            understand: true,
            now,
            zone: TimeZone::UTC,
            near: None,
            currency: Currency::USD,
            filters: Filters::default(),
            sort: Sort::Relevance,
            facets: false,
            limit: 20,
            cursor: None,
        }
    }
}

/// What must be so of every result. What is empty or none does not matter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filters {
    /// One of these kinds.
    pub kinds: BTreeSet<Kind>,
    /// One of these genres, whatever their case and accents.
    pub genres: Vec<String>,
    /// Starts then or later.
    pub from: Option<Timestamp>,
    /// Starts before.
    pub to: Option<Timestamp>,
    /// The cheapest ticket costs at most so much. What costs another currency does not fit; 0 of any is free.
    pub price_max: Option<Money>,
    /// In this language: `pt` and `pt-BR` are the same.
    pub language: Option<String>,
    /// All of this is there.
    pub accessibility: Accessibility,
    /// Shown there.
    pub place: Option<Where>,
    /// Shown in this venue.
    pub venue: Option<u128>,
}

/// A place to look in.
#[derive(Debug, Clone, PartialEq)]
pub enum Where {
    /// Around a zip code.
    Zip {
        /// The code.
        zip: Zip,
        /// How far; [`RADIUS_KM_DEFAULT`] if not said.
        radius_km: Option<f64>,
    },
    /// In a city, as venues name it: `Chicago`, or `Portland, ME`.
    City(String),
    /// Around a point.
    Point {
        /// The middle.
        point: Point,
        /// How far; [`RADIUS_KM_DEFAULT`] if not said.
        radius_km: Option<f64>,
    },
}

/// The order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Sort {
    /// What fits best, is most asked for, soonest and nearest.
    #[default]
    Relevance = 1,
    /// The soonest first; what has no date last.
    Date = 2,
    /// The nearest first; what has no place last.
    Distance = 3,
    /// The cheapest first, by the number of minor units whatever their currency; what has no price last.
    Price = 4,
    /// The best rated first.
    Rating = 5,
}

/// A query that cannot be answered as it is asked. Asking it again is no use.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The text is too long.
    #[error(transparent)]
    Text(#[from] TextRefused),
    /// The filter's zip code does not exist.
    #[error(transparent)]
    UnknownZip(#[from] UnknownZip),
    /// The zip code is that of a military or other post office that is nowhere on the map.
    #[error("the zip code {0} has no place on the map")]
    NowhereZip(Zip),
    /// A radius that is no length.
    #[error("the radius must be more than 0 and at most {RADIUS_KM_MAX} km")]
    Radius,
    /// The dates are the wrong way round.
    #[error("the end of the dates must be after their beginning")]
    Dates,
    /// The cursor is none, or of another query.
    #[error("the cursor is not one of this query; begin without one")]
    Cursor,
    /// Sorting by distance needs a place.
    #[error("sorting by distance needs a place")]
    SortWithoutPlace,
}

/// Why a search has no results.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The query is at fault.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The index is: it should be rebuilt.
    #[error("the search index failed")]
    Index(#[from] tantivy::TantivyError),
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// One page.
    pub hits: Vec<Hit>,
    /// How many results there are on all pages.
    pub total: usize,
    /// How results divide, if that was asked.
    pub facets: Option<Facets>,
    /// What the text was taken to say.
    pub understood: Understood,
    /// How far the query had to be stretched.
    pub effort: Effort,
    /// The text with words in place of those that nothing has.
    pub did_you_mean: Option<String>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
}

/// One result: an event with the venue where it fits best, or something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its document's.
    pub key: Key,
    /// What it is.
    pub kind: Kind,
    /// The title or name, with what was looked for.
    pub title: Marked,
    /// Who performs.
    pub people: Vec<String>,
    /// Its genres.
    pub genres: Vec<String>,
    /// Where.
    pub place: Option<Place>,
    /// Its first start that fits.
    pub next_start: Option<Timestamp>,
    /// How far it is from the place that was looked in, or else from the visitor.
    pub distance_km: Option<f64>,
    /// What it costs.
    pub prices: Option<Prices>,
    /// The Bayesian mean of its ratings.
    pub rating: f64,
    /// How well it fits; comparable within one answer only.
    pub score: f32,
    /// The part of the description that has most of what was looked for.
    pub snippet: Option<Marked>,
}

/// Text, and the parts of it that were looked for. It is plain text: a page must escape it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// Ranges of its bytes, in order, apart from each other.
    pub marks: Vec<Range<usize>>,
}

/// How many results there are of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// By kind.
    pub kinds: BTreeMap<Kind, usize>,
    /// By genre, as it is written.
    pub genres: BTreeMap<String, usize>,
    /// By city, as in `Chicago, IL`; an event counts in each city where it fits.
    pub cities: BTreeMap<String, usize>,
    /// By the first part of the language's tag.
    pub languages: BTreeMap<String, usize>,
    /// By the cheapest ticket.
    pub prices: BTreeMap<(Currency, PriceBand), usize>,
}

/// A range of prices, in major units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceBand {
    /// Nothing.
    Free,
    /// Less than 25.
    Under25,
    /// From 25 and less than 50.
    Under50,
    /// From 50 and less than 100.
    Under100,
    /// 100 and more.
    From100,
}

/// How far a query had to be stretched to find something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effort {
    /// All words are there.
    Strict,
    /// Words that nothing has were taken for misspelled ones, and the last one for the beginning of one.
    Tolerant,
    /// All words were.
    Fuzzy,
    /// Only most words are there.
    Partial,
}

/// What a text was taken to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Understood {
    /// The words that were looked for.
    pub text: String,
    /// Where.
    pub place: Option<UnderstoodPlace>,
    /// When: from, and until before.
    pub dates: Option<(Timestamp, Timestamp)>,
    /// At most so much.
    pub price_max: Option<Money>,
    /// Kinds that rank higher; only they are found if the text says nothing else.
    pub kinds: BTreeSet<Kind>,
    /// Five digits that are no zip code, and near ones; they were looked for as a word.
    pub unknown_zip: Option<UnknownZip>,
}

/// A place that a text named.
#[derive(Debug, Clone, PartialEq)]
pub struct UnderstoodPlace {
    /// As in `Chicago, IL`; empty for the visitor's own place.
    pub label: String,
    /// Its middle.
    pub point: Point,
    /// How far around it.
    pub radius_km: f64,
}
