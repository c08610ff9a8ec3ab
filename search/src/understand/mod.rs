//! What a text says besides the words to look for: a place, days, a price, a kind.
//!
//! "jazz near 60601 this weekend under $50" is the word `jazz`, a place, three days and a price. A text is only read here;
//! whether it is rather a name ("Midnight in Paris", "Friday Night Lights") is for the [search](crate::search) to decide,
//! which knows the names.

mod days;
mod place;
mod price;

use std::ops::Range;

use jiff::{Timestamp, ZonedDateTime};

use crate::document::{Currency, Kind};
use crate::places::Zip;
use crate::synonyms;
use crate::text::Chunk;

/// An amount in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Its currency.
    pub currency: Currency,
    /// How much.
    pub minor: u64,
}

/// From an instant to another one, which is not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// What some chunks mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    Zip(Zip),
    /// A known city, folded, and its state or country if that was said.
    City {
        name: String,
        region: Option<String>,
    },
    /// Where the visitor is.
    NearMe,
    Days(Span),
    /// At most so much; 0 for what is free.
    PriceMax(Money),
    /// The kind is also a word to look for.
    Kind(Kind),
}

/// Some chunks and what they mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) chunks: Range<usize>,
    pub(crate) meaning: Meaning,
}

/// Whether a city is known by that folded name, in that state or country if one is said.
pub(crate) type KnowsCity<'a> = &'a dyn Fn(&str, Option<&str>) -> bool;

/// Reads a text from left to right. Of each of place, days and price the first counts; `currency` is that of an amount
/// without a sign.
pub(crate) fn read(
    chunks: &[Chunk],
    now: &ZonedDateTime,
    currency: Currency,
    knows_city: KnowsCity<'_>,
) -> Vec<Reading> {
    let words: Vec<String> = chunks.iter().map(Chunk::plain).collect();
    let typed = Typed { chunks, words: &words };
    let mut readings: Vec<Reading> = Vec::new();
    let (mut has_place, mut has_days, mut has_price) = (false, false, false);
    let mut at = 0;
    while at < chunks.len() {
        let found = None
            .or_else(|| (!has_days).then(|| days::read(&typed, at, now)).flatten())
            .or_else(|| (!has_place).then(|| place::read(&typed, at, knows_city)).flatten())
            .or_else(|| (!has_price).then(|| price::read(&typed, at, currency)).flatten())
            .or_else(|| synonyms::kind(typed.word(at)).map(|kind| (1, Meaning::Kind(kind))));
        let Some((length, meaning)) = found else {
            at += 1;
            continue;
        };
        match &meaning {
            Meaning::Zip(_) | Meaning::City { .. } | Meaning::NearMe => has_place = true,
            Meaning::Days(_) => has_days = true,
            Meaning::PriceMax(_) => has_price = true,
            Meaning::Kind(_) => {}
        }
        readings.push(Reading { chunks: at..at + length, meaning });
        at += length;
    }
    readings
}

/// The chunks that are read, with their plain words.
struct Typed<'a> {
    chunks: &'a [Chunk],
    words: &'a [String],
}

impl Typed<'_> {
    /// A chunk's words; nothing beyond the end.
    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// A chunk as it was typed; nothing beyond the end, or if it is quoted.
    fn raw(&self, at: usize) -> &str {
        match self.chunks.get(at) {
            Some(chunk) if chunk.phrase.is_none() => &chunk.raw,
            Some(_) | None => "",
        }
    }

    /// Whether the chunks from `at` on are these words.
    fn is(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(nth, word)| self.word(at + nth) == *word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::parse;

    /// A Wednesday.
    const NOW: &str = "2026-12-02T10:00:00[America/Chicago]";

    fn told(text: &str) -> String {
        let now: ZonedDateTime = NOW.parse().unwrap();
        let knows = |name: &str, region: Option<&str>| match name {
            "chicago" => region.is_none_or(|region| region == "il"),
            "portland" => region.is_none_or(|region| matches!(region, "or" | "me")),
            "new york" | "paris" | "san francisco" | "montreal" => region.is_none(),
            _ => false,
        };
        let chunks = parse(text).unwrap();
        let zone = now.time_zone().clone();
        let time = |t: Timestamp| t.to_zoned_datetime(zone.clone()).strftime("%m-%d %H:%M").to_string();
        let mut told = Vec::new();
        let mut rest: Vec<Option<String>> = chunks.iter().map(|chunk| Some(chunk.words.join(" "))).collect();
        for reading in read(&chunks, &now, Currency::USD, &knows) {
            told.push(match reading.meaning {
                Meaning::Zip(zip) => format!("zip {zip}"),
                Meaning::City { name, region: None } => format!("city {name}"),
                Meaning::City { name, region: Some(region) } => format!("city {name}, {region}"),
                Meaning::NearMe => "near me".to_owned(),
                Meaning::Days(span) => format!("{} to {}", time(span.from), time(span.to)),
                Meaning::PriceMax(money) => format!("max {} {:?}", money.minor, money.currency),
                Meaning::Kind(kind) => format!("kind {kind}"),
            });
            rest[reading.chunks].fill(None);
        }
        let rest: Vec<String> = rest.into_iter().flatten().collect();
        format!("{} | {}", rest.join(" "), told.join("; "))
    }

    #[test]
    fn texts_are_understood() {
        let cases = [
            ("jazz", "jazz | "),
            ("60601", " | zip 60601"),
            ("jazz near 60601 this weekend", "jazz | zip 60601; 12-04 17:00 to 12-07 00:00"),
            ("jazz 60601-1234", "jazz | zip 60601"),
            ("1984", "1984 | "),
            ("jazz in Chicago", "jazz | city chicago"),
            ("jazz in Chicago, IL", "jazz | city chicago, il"),
            ("jazz Chicago, Illinois", "jazz | city chicago, il"),
            ("jazz in portland or", "jazz | city portland, or"),
            ("jazz in portland maine", "jazz | city portland, me"),
            ("jazz Portland, ME tonight", "jazz | city portland, me; 12-02 17:00 to 12-03 04:00"),
            ("rock close to new york", "rock | city new york"),
            ("rock around San Francisco", "rock | city san francisco"),
            ("jazz in Montréal", "jazz | city montreal"),
            ("in the heights", "in the heights | "),
            ("alive in concert", "alive in | kind concert"),
            ("comedy near me", " | kind comedy; near me"),
            ("movies nearby", " | kind movie; near me"),
            ("jazz chicago", "jazz chicago | "),
            ("jazz today", "jazz | 12-02 10:00 to 12-03 00:00"),
            ("tonight", " | 12-02 17:00 to 12-03 04:00"),
            ("jazz tomorrow", "jazz | 12-03 00:00 to 12-04 00:00"),
            ("jazz tomorrow night", "jazz | 12-03 17:00 to 12-04 04:00"),
            ("this week", " | 12-02 10:00 to 12-07 00:00"),
            ("next week", " | 12-07 00:00 to 12-14 00:00"),
            ("next weekend", " | 12-11 17:00 to 12-14 00:00"),
            ("this month", " | 12-02 10:00 to 01-01 00:00"),
            ("next month", " | 01-01 00:00 to 02-01 00:00"),
            ("friday", " | 12-04 00:00 to 12-05 00:00"),
            ("jazz on Friday night", "jazz | 12-04 17:00 to 12-05 04:00"),
            ("wednesday", " | 12-02 10:00 to 12-03 00:00"),
            ("next friday", " | 12-11 00:00 to 12-12 00:00"),
            ("saturday afternoon", " | 12-05 12:00 to 12-05 18:00"),
            ("sun records", "sun records | "),
            ("jazz on sun", "jazz | 12-06 00:00 to 12-07 00:00"),
            ("jazz in december", "jazz | 12-02 10:00 to 01-01 00:00"),
            ("jazz november", "jazz | 11-01 00:00 to 12-01 00:00"),
            ("jazz in may", "jazz | 05-01 00:00 to 06-01 00:00"),
            ("may flowers", "may flowers | "),
            ("jazz dec 24", "jazz | 12-24 00:00 to 12-25 00:00"),
            ("december 24th, 2026", " | 12-24 00:00 to 12-25 00:00"),
            ("24th of december", " | 12-24 00:00 to 12-25 00:00"),
            ("may 5", " | 05-05 00:00 to 05-06 00:00"),
            ("2026-12-24", " | 12-24 00:00 to 12-25 00:00"),
            ("on 12/24/2026", " | 12-24 00:00 to 12-25 00:00"),
            ("12/24", " | 12-24 00:00 to 12-25 00:00"),
            ("2026-13-45 2026-02-30", "2026 13 45 2026 02 30 | "),
            ("12/99", "12 99 | "),
            ("feb 30", "30 | 02-01 00:00 to 03-01 00:00"),
            ("under $50", " | max 5000 USD"),
            ("jazz under 50", "jazz | max 5000 USD"),
            ("less than 19.99", " | max 1999 USD"),
            ("up to €30", " | max 3000 EUR"),
            ("below 30 dollars", " | max 3000 USD"),
            ("free concert", " | max 0 USD; kind concert"),
            ("under pressure", "under pressure | "),
            ("under $99999999999999999999", "under 99999999999999999999 | "),
            (r#""free" "in chicago" "tonight""#, "free in chicago tonight | "),
            ("near", "near | "),
            ("near nowhere", "near nowhere | "),
            ("in", "in | "),
            ("tonight tomorrow", "tomorrow | 12-02 17:00 to 12-03 04:00"),
        ];
        let wrong: Vec<String> = cases
            .into_iter()
            .map(|(text, expected)| (text, told(text), expected))
            .filter(|(_, told, expected)| told != expected)
            .map(|(text, told, expected)| format!("{text:?} is {told:?}, not {expected:?}"))
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
