//! What the catalog knows: venues, halls, events and performances.
//!
//! An entity is its identity (id, owner, version) and its facts, which its owner writes as a whole. Instants are
//! milliseconds since 1970, UTC. The ids of halls and performances carry their venue's number, so that they route
//! themselves.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use marquee_ledger::terms::{PerformanceStatus, Price, RefundPolicy, Terms};
use marquee_ledger::{AccountId, Currency, EventId, HallId, PerformanceId, VenueId};
use serde::{Deserialize, Serialize};

/// What every entity has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Counts the writes, from 1. An update names the version that it changes.
    pub version: u64,
    /// When it was made.
    pub created_ms: u64,
    /// When it was last written.
    pub updated_ms: u64,
    /// Who may write it.
    pub owner: AccountId,
    /// The name that its owner knows it by, for imports: unique for an owner and a kind of entity.
    pub key: Option<String>,
}

/// A place where events take place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// Its id; the id's owner field is the venue's number.
    pub id: VenueId,
    /// Version and owner.
    pub stamp: Stamp,
    /// What is told of it.
    pub facts: VenueFacts,
}

/// What is told of a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueFacts {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: VenueKind,
    /// Street and number.
    pub address: String,
    /// Its city.
    pub city: String,
    /// State or region, abbreviated where that is the custom. May be empty.
    pub region: String,
    /// ISO 3166 code of two letters.
    pub country: String,
    /// Postal code.
    pub zip: String,
    /// Where on earth.
    pub point: Option<Point>,
    /// Name of its time zone in the IANA database.
    pub time_zone: String,
}

/// A point on earth, in millionths of a degree: exact to eleven centimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// North of the equator.
    pub lat_micro: i32,
    /// East of Greenwich.
    pub lon_micro: i32,
}

/// A room with seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hall {
    /// Its id.
    pub id: HallId,
    /// Version and owner.
    pub stamp: Stamp,
    /// The venue that it is in.
    pub venue: VenueId,
    /// Its name.
    pub name: String,
    /// What is known of its seat maps without reading them: version `n` stands at `n - 1`. Never empty.
    pub maps: Vec<MapSummary>,
}

/// What is known of a seat map without reading it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapSummary {
    /// The price categories; prices refer to them by index.
    pub categories: Vec<Category>,
    /// How many numbered seats it has.
    pub seats: u32,
    /// How many people its general-admission areas admit.
    pub standing: u32,
    /// How many of the seats are places for wheelchairs.
    #[serde(default)]
    pub accessible: u32,
}

/// A price category of a seat map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// What prices refer to it by.
    pub key: String,
    /// What people read.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Version and owner: the organizer.
    pub stamp: Stamp,
    /// What is told of it.
    pub facts: EventFacts,
}

/// What is told of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFacts {
    /// What it is.
    pub kind: EventKind,
    /// Its title.
    pub title: String,
    /// Some sentences. May be empty.
    pub description: String,
    /// Who presents it. May be empty.
    pub host: String,
    /// Who performs.
    pub performers: Vec<String>,
    /// Its genres.
    pub genres: Vec<String>,
    /// The language that is spoken, as a BCP 47 tag. May be empty.
    pub language: String,
    /// How long it lasts, in minutes.
    pub duration_min: Option<u32>,
    /// For whom it is fit, in the words of its country. May be empty.
    pub age_rating: String,
}

/// One dated showing of an event in one hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performance {
    /// Its id.
    pub id: PerformanceId,
    /// Version and owner.
    pub stamp: Stamp,
    /// What is shown.
    pub event: EventId,
    /// The hall's venue.
    pub venue: VenueId,
    /// Where.
    pub hall: HallId,
    /// Which version of the hall's seat map is sold.
    pub seat_map_version: u32,
    /// When.
    pub schedule: Schedule,
    /// On which terms. Performances of one event mostly share them.
    pub sale: Arc<Sale>,
    /// Whether it takes place.
    pub status: PerformanceStatus,
    /// What the buyers were told when it was called off. Empty while it takes place.
    pub cancelled_because: String,
    /// When it was to start before its start was moved for the last time.
    #[serde(default)]
    pub moved_from_ms: Option<u64>,
    /// What it has for those who need it; places for wheelchairs are the hall's.
    #[serde(default)]
    pub accessibility: BTreeSet<Aid>,
}

/// When a performance takes place and is sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// When it starts.
    pub starts_at_ms: u64,
    /// When the doors open.
    pub doors_at_ms: Option<u64>,
    /// When the sale begins.
    pub on_sale_from_ms: u64,
    /// When it ends.
    pub on_sale_until_ms: u64,
}

/// The terms on which a performance is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    /// Of all prices.
    pub currency: Currency,
    /// Keys of the concessions; the first is the default.
    pub concessions: Vec<String>,
    /// By index of the seat map's categories and of the concessions.
    pub prices: Vec<Price>,
    /// When a buyer gets how much back.
    pub refund: RefundPolicy,
    /// The most live tickets of one customer; 0 for no limit.
    pub ticket_limit: u16,
    /// How long seats are kept.
    pub pace: Pace,
}

/// How long seats are kept while somebody decides and pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// How long a hold lasts.
    pub hold_ms: u64,
    /// By how much it can be extended, once.
    pub extension_ms: u64,
    /// The least time to pay from placing the order.
    pub payment_ms: u64,
}

impl Point {
    /// From degrees; none if they are not on earth.
    #[must_use]
    pub fn from_degrees(lat: f64, lon: f64) -> Option<Self> {
        let on_earth = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        // 180 million fits.
        on_earth
            .then(|| Self { lat_micro: (lat * 1e6).round() as i32, lon_micro: (lon * 1e6).round() as i32 })
    }

    /// Degrees north.
    #[must_use]
    pub fn lat(self) -> f64 {
        f64::from(self.lat_micro) / 1e6
    }

    /// Degrees east.
    #[must_use]
    pub fn lon(self) -> f64 {
        f64::from(self.lon_micro) / 1e6
    }
}

impl Hall {
    /// The version of the seat map that performances get unless they say otherwise.
    #[must_use]
    pub fn latest_map(&self) -> u32 {
        // The part keeps at most `MAPS_MAX` versions.
        self.maps.len() as u32
    }

    /// What is known of a version of the seat map.
    #[must_use]
    pub fn map(&self, version: u32) -> Option<&MapSummary> {
        self.maps.get((version as usize).checked_sub(1)?)
    }
}

impl MapSummary {
    /// How many tickets it can sell.
    #[must_use]
    pub const fn capacity(&self) -> u64 {
        self.seats as u64 + self.standing as u64
    }
}

impl Performance {
    /// What the ledger has to know of it.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            event: self.event,
            hall: self.hall,
            layout_version: self.seat_map_version,
            starts_at_ms: self.schedule.starts_at_ms,
            on_sale_from_ms: self.schedule.on_sale_from_ms,
            on_sale_until_ms: self.schedule.on_sale_until_ms,
            currency: self.sale.currency,
            concessions: self.sale.concessions.clone(),
            prices: self.sale.prices.clone(),
            refund: self.sale.refund,
            ticket_limit: self.sale.ticket_limit,
            hold_ms: self.sale.pace.hold_ms,
            extension_ms: self.sale.pace.extension_ms,
            payment_ms: self.sale.pace.payment_ms,
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its word in documents and addresses.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { allowed: concat!($($word, " "),+).trim_ascii_end() }),
                }
            }
        }
    };
}

/// A word that is not one of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write one of: {allowed}")]
pub struct UnknownWord {
    /// The words of the list, with spaces between them.
    pub allowed: &'static str,
}

words! {
    /// What a venue is.
    VenueKind {
        /// For plays and shows.
        Theater = "theater",
        /// For movies.
        Cinema = "cinema",
        /// For sport and large concerts, under a roof.
        Arena = "arena",
        /// For sport, open to the sky.
        Stadium = "stadium",
        /// For music.
        ConcertHall = "concert_hall",
        /// For opera and ballet.
        OperaHouse = "opera_house",
        /// For standing and dancing.
        Club = "club",
        /// For comedians.
        ComedyClub = "comedy_club",
        /// Open air.
        OpenAir = "open_air",
        /// Any other.
        Other = "other",
    }
}

words! {
    /// What an event is.
    EventKind {
        /// A film.
        Movie = "movie",
        /// Music.
        Concert = "concert",
        /// A play.
        Theatre = "theatre",
        /// A musical.
        Musical = "musical",
        /// An opera.
        Opera = "opera",
        /// Ballet and dance.
        Dance = "dance",
        /// A match or a race.
        Sport = "sport",
        /// Stand-up and the like.
        Comedy = "comedy",
        /// For children and those who bring them.
        Family = "family",
        /// Several days or stages.
        Festival = "festival",
        /// A lecture or a reading.
        Talk = "talk",
        /// Any other.
        Other = "other",
    }
}

words! {
    /// What a performance has for those who need it.
    Aid {
        /// Captions or surtitles.
        Captions = "captions",
        /// An audio description.
        AudioDescription = "audio_description",
        /// Sign language.
        SignLanguage = "sign_language",
        /// A hearing loop or headsets.
        Hearing = "hearing",
        /// With softer sound and light, and doors that stay open.
        Relaxed = "relaxed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_others_are_told_what_is_allowed() {
        for kind in EventKind::ALL {
            assert_eq!(kind.word().parse(), Ok(*kind));
        }
        for kind in VenueKind::ALL {
            assert_eq!(kind.word().parse(), Ok(*kind));
        }
        for aid in Aid::ALL {
            assert_eq!(aid.word().parse(), Ok(*aid));
        }
        let error = "circus".parse::<EventKind>().unwrap_err().to_string();
        assert!(error.starts_with("write one of: movie concert ") && error.ends_with(" other"), "{error}");
    }
}
