//! What is put into the index: an event where it is shown, a venue, a person, a help article.
//!
//! An event stands in the index once for each venue where it is shown, as an *engagement*, so that its text, its place and
//! its dates are in one document, and "jazz near 60601 this weekend" is answered exactly. An event that is shown nowhere
//! yet has one document without a place. Documents with the same class and id are one result.

use std::fmt;

use jiff::Timestamp;

use crate::places::Point;

/// The most starts of one document that are kept; the soonest are.
pub const STARTS_MAX: usize = 4_096;

/// The most letters of a title or a name.
pub(crate) const NAME_CHARS_MAX: usize = 300;

/// The most letters of a description.
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 10_000;

/// The most people, and the most genres, of one document.
pub(crate) const LIST_MAX: usize = 64;

macro_rules! kinds {
    ($($(#[$variant_doc:meta])* $variant:ident = $word:literal $class:ident),+ $(,)?) => {
        /// What a document is, as visitors would say.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$variant_doc])* $variant),+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word in addresses and in the index.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The class that it belongs to.
            #[must_use]
            pub const fn class(self) -> Class {
                match self {
                    $(Self::$variant => Class::$class),+
                }
            }

            /// The kind with that word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.word() == word)
            }
        }
    };
}

kinds! {
    /// A film.
    Movie = "movie" Event,
    /// Music.
    Concert = "concert" Event,
    /// A play.
    Theatre = "theatre" Event,
    /// A musical.
    Musical = "musical" Event,
    /// An opera.
    Opera = "opera" Event,
    /// Ballet and dance.
    Dance = "dance" Event,
    /// A match or a race.
    Sport = "sport" Event,
    /// Stand-up and the like.
    Comedy = "comedy" Event,
    /// For children and those who bring them.
    Family = "family" Event,
    /// Several days or stages.
    Festival = "festival" Event,
    /// A lecture or a reading.
    Talk = "talk" Event,
    /// Any other event.
    Other = "other" Event,
    /// A place where events are shown.
    Venue = "venue" Venue,
    /// A performer.
    Person = "person" Person,
    /// A help article.
    Help = "help" Help,
}

impl Kind {
    /// The kinds of a class.
    pub fn of(class: Class) -> impl Iterator<Item = Self> + Clone {
        Self::ALL.iter().copied().filter(move |kind| kind.class() == class)
    }

    /// Its number in the index.
    pub(crate) fn code(self) -> u64 {
        // There are a handful of kinds.
        Self::ALL.iter().position(|kind| *kind == self).unwrap_or_default() as u64
    }

    pub(crate) fn from_code(code: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(code).ok()?).copied()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Class {
    /// An event of any kind.
    Event = 1,
    /// A venue.
    Venue = 2,
    /// A performer.
    Person = 3,
    /// A help article.
    Help = 4,
}

/// Names one document. What is put replaces what had its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What `id` names.
    pub class: Class,
    /// Of the event, venue, person or article. Documents with the same class and id are one result.
    pub id: u128,
    /// Of the venue, if the document is an engagement; else 0.
    pub at: u128,
}

impl Key {
    /// An event where it is shown.
    #[must_use]
    pub fn engagement(event: u128, venue: u128) -> Self {
        Self { class: Class::Event, id: event, at: venue }
    }

    /// Something that is in the index once.
    #[must_use]
    pub fn single(class: Class, id: u128) -> Self {
        Self { class, id, at: 0 }
    }

    pub(crate) fn to_bytes(self) -> [u8; 33] {
        let mut bytes = [self.class as u8; 33];
        bytes[1..17].copy_from_slice(&self.id.to_be_bytes());
        bytes[17..].copy_from_slice(&self.at.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (class, ids) = bytes.split_first()?;
        let (id, at) = ids.split_at_checked(16)?;
        let class = match class {
            1 => Class::Event,
            2 => Class::Venue,
            3 => Class::Person,
            4 => Class::Help,
            0 | 5.. => return None,
        };
        let number = |bytes: &[u8]| bytes.try_into().map(u128::from_be_bytes).ok();
        Some(Self { class, id: number(id)?, at: number(at)? })
    }
}

/// Where an event is shown, or where a venue is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Place {
    /// The venue's name.
    pub venue: String,
    /// As it is written.
    pub city: String,
    /// The state or region, as in addresses: two letters in the United States.
    pub region: String,
    /// Two letters, ISO 3166.
    pub country: String,
    /// The postal code.
    pub zip: String,
    /// Where it is on the earth.
    pub point: Option<Point>,
}

/// Three letters, ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The US dollar.
    pub const USD: Self = Self(*b"USD");
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
    /// The pound sterling.
    pub const GBP: Self = Self(*b"GBP");

    /// A code of three letters, whatever their case.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_alphabetic).then(|| Self(letters.map(|b| b.to_ascii_uppercase())))
    }

    /// Its three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        // Only letters of ASCII are let in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many digits its minor unit has: 2 for cents, 0 for yen.
    #[must_use]
    pub fn minor_digits(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"PYG" | b"UGX" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"KWD" | b"BHD" | b"OMR" | b"JOD" | b"TND" | b"IQD" | b"LYD" => 3,
            [..] => 2,
        }
    }

    pub(crate) fn to_number(self) -> u64 {
        let [a, b, c] = self.0;
        u64::from(u32::from_be_bytes([0, a, b, c]))
    }

    pub(crate) fn from_number(number: u64) -> Option<Self> {
        let [.., a, b, c] = number.to_be_bytes();
        Self::new(std::str::from_utf8(&[a, b, c]).ok()?)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// From the cheapest to the dearest ticket, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prices {
    /// Of both.
    pub currency: Currency,
    /// The cheapest.
    pub min_minor: u64,
    /// The dearest.
    pub max_minor: u64,
}

/// What is there for those who need it, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accessibility(u64);

impl Accessibility {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Places for wheelchairs.
    pub const WHEELCHAIR: Self = Self(1);
    /// A hearing loop or headsets.
    pub const HEARING: Self = Self(1 << 1);
    /// Captions or surtitles.
    pub const CAPTIONS: Self = Self(1 << 2);
    /// Sign language.
    pub const SIGN_LANGUAGE: Self = Self(1 << 3);
    /// Audio description.
    pub const AUDIO_DESCRIPTION: Self = Self(1 << 4);
    /// A relaxed performance.
    pub const RELAXED: Self = Self(1 << 5);

    /// What is in either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is there.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

/// What visitors thought of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rating {
    /// The plain mean of all ratings, 1 to 5; what it is does not count while there are none.
    pub mean: f64,
    /// How many rated it.
    pub count: u64,
}

impl Rating {
    /// What is believed of something that nobody rated.
    pub const PRIOR_MEAN: f64 = 3.5;
    /// How many ratings that belief weighs.
    pub const PRIOR_COUNT: f64 = 10.0;

    /// The mean that few ratings do not throw far: the Bayesian one, with [`PRIOR_COUNT`](Self::PRIOR_COUNT) ratings of
    /// [`PRIOR_MEAN`](Self::PRIOR_MEAN) added.
    #[must_use]
    pub fn bayesian_mean(self) -> f64 {
        if self.count == 0 || !self.mean.is_finite() {
            return Self::PRIOR_MEAN;
        }
        let count = self.count as f64;
        let sum = Self::PRIOR_MEAN * Self::PRIOR_COUNT + self.mean.clamp(1.0, 5.0) * count;
        sum / (Self::PRIOR_COUNT + count)
    }
}

/// Something that can be found.
///
/// Longer texts than a few hundred letters for names, or ten thousand for a description, are cut; a caller should refuse
/// them before.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Names it.
    pub key: Key,
    /// What it is. Its class is the key's.
    pub kind: Kind,
    /// The event's title, the venue's or the person's name, the article's heading.
    pub title: String,
    /// Who performs.
    pub people: Vec<String>,
    /// As visitors would say: `jazz`, `science fiction`.
    pub genres: Vec<String>,
    /// Plain text.
    pub description: String,
    /// Where.
    pub place: Option<Place>,
    /// When; in any order.
    pub starts: Vec<Timestamp>,
    /// What it costs.
    pub prices: Option<Prices>,
    /// A BCP 47 tag such as `en` or `pt-BR`; empty if none is meant.
    pub language: String,
    /// What is there for those who need it.
    pub accessibility: Accessibility,
    /// How much it is asked for, in any unit that is the same for all documents: tickets sold lately, say.
    pub popularity: u64,
    /// What visitors thought of it.
    pub rating: Rating,
}

impl Document {
    /// A document with a title and nothing else.
    #[must_use]
    pub fn new(key: Key, kind: Kind, title: impl Into<String>) -> Self {
        Self {
            key,
            kind,
            title: title.into(),
            people: Vec::new(),
            genres: Vec::new(),
            description: String::new(),
            place: None,
            starts: Vec::new(),
            prices: None,
            language: String::new(),
            accessibility: Accessibility::NONE,
            popularity: 0,
            rating: Rating::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_kinds_and_currencies_read_back() {
        let key = Key::engagement(u128::MAX - 1, 7);
        assert_eq!(Key::from_bytes(&key.to_bytes()), Some(key));
        assert_eq!(Key::from_bytes(&key.to_bytes()[1..]), None);
        assert_eq!(Key::from_bytes(&[]), None);
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
            assert_eq!(Kind::from_word(kind.word()), Some(*kind));
        }
        assert_eq!(Currency::from_number(Currency::GBP.to_number()), Some(Currency::GBP));
        assert_eq!(Currency::new("usd"), Some(Currency::USD));
        assert_eq!(Currency::new("US1"), None);
    }

    #[test]
    fn few_ratings_move_the_mean_little() {
        let rated = |mean, count| Rating { mean, count }.bayesian_mean();
        assert_eq!(rated(5.0, 0), Rating::PRIOR_MEAN);
        assert!(rated(5.0, 2) < rated(4.6, 200));
        assert!((rated(4.0, 10) - 3.75).abs() < 1e-9);
        assert_eq!(rated(f64::NAN, 3), Rating::PRIOR_MEAN);
    }
}
