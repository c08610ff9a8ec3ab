//! What a fact may be: lengths, ranges and names that exist. Checked where facts enter, whatever way they come; the
//! part trusts what it is given.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::command::Offer;
use super::entity::{EventFacts, Schedule, VenueFacts};

/// The longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 10_000;
/// The longest of the other texts, in characters.
pub const TEXT_CHARS_MAX: usize = 300;
/// The longest key, in characters.
pub const KEY_CHARS_MAX: usize = 200;
/// The most performers or genres.
pub const NAMES_MAX: usize = 50;
/// The most prices of a performance.
pub const PRICES_MAX: usize = 500;
/// The most concessions of a performance.
pub const CONCESSIONS_MAX: usize = 20;
/// The highest price, in minor units.
pub const PRICE_MAX: i64 = 100_000_000_000;
/// The last year in which something can take place.
const YEAR_MAX: i16 = 2200;

/// Something that a field may not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer to the field.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

/// Gathers all faults of a document, so that they are told at once.
#[derive(Debug, Default)]
pub struct Faults {
    list: Vec<Fault>,
}

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.list.push(Fault { pointer: pointer.into(), detail: detail.into() });
    }

    /// The value, or a fault in its place.
    pub fn take<T, E: std::fmt::Display>(&mut self, pointer: &str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.add(pointer, error.to_string())).ok()
    }

    /// A line of text that must not be empty.
    pub fn line(&mut self, pointer: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(pointer, "must not be empty");
        }
        self.optional_line(pointer, text);
    }

    /// A line of text, or none.
    pub fn optional_line(&mut self, pointer: &str, text: &str) {
        self.text(pointer, text, TEXT_CHARS_MAX);
        if text.contains('\n') {
            self.add(pointer, "must be one line");
        }
    }

    /// A text of some length.
    pub fn text(&mut self, pointer: &str, text: &str, chars_max: usize) {
        if text.chars().count() > chars_max {
            self.add(pointer, format!("must have at most {chars_max} characters"));
        }
        if text.chars().any(|letter| letter.is_control() && letter != '\n') {
            self.add(pointer, "must not contain control characters");
        }
    }

    /// The name that an owner knows something by.
    pub fn key(&mut self, key: Option<&str>) {
        if let Some(key) = key {
            self.line("/key", key);
            self.text("/key", key, KEY_CHARS_MAX);
        }
    }

    /// Notes what `check` finds, as being under `pointer`.
    pub fn within<T>(&mut self, pointer: &str, check: impl FnOnce(&mut Self) -> T) -> T {
        let mut inner = Self::default();
        let checked = check(&mut inner);
        self.list.extend(
            inner
                .list
                .into_iter()
                .map(|fault| Fault { pointer: format!("{pointer}{}", fault.pointer), ..fault }),
        );
        checked
    }

    /// Whether nothing was noted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All faults, or none.
    ///
    /// # Errors
    /// When something was noted.
    pub fn finish(self) -> Result<(), Vec<Fault>> {
        if self.list.is_empty() { Ok(()) } else { Err(self.list) }
    }
}

/// Checks what is told of a venue.
pub fn venue(facts: &VenueFacts, faults: &mut Faults) {
    faults.line("/name", &facts.name);
    faults.optional_line("/address", &facts.address);
    faults.line("/city", &facts.city);
    faults.optional_line("/region", &facts.region);
    faults.optional_line("/zip", &facts.zip);
    if facts.country.len() != 2 || !facts.country.bytes().all(|letter| letter.is_ascii_uppercase()) {
        faults.add("/country", "must be an ISO 3166 code of two capital letters, such as US");
    }
    if TimeZone::get(&facts.time_zone).is_err() {
        faults.add("/time_zone", "must be a zone of the IANA database, such as America/New_York");
    }
}

/// Checks what is told of an event.
pub fn event(facts: &EventFacts, faults: &mut Faults) {
    faults.line("/title", &facts.title);
    faults.text("/description", &facts.description, DESCRIPTION_CHARS_MAX);
    faults.optional_line("/host", &facts.host);
    faults.optional_line("/language", &facts.language);
    faults.optional_line("/age_rating", &facts.age_rating);
    for (pointer, names) in [("/performers", &facts.performers), ("/genres", &facts.genres)] {
        if names.len() > NAMES_MAX {
            faults.add(pointer, format!("must be at most {NAMES_MAX}"));
        }
        for (nth, name) in names.iter().take(NAMES_MAX).enumerate() {
            faults.line(&format!("{pointer}/{nth}"), name);
        }
    }
    if facts.duration_min.is_some_and(|minutes| !(1..=100_000).contains(&minutes)) {
        faults.add("/duration_min", "must be between 1 and 100,000 minutes");
    }
}

/// Checks when a performance takes place and is sold.
pub fn schedule(schedule: &Schedule, faults: &mut Faults) {
    if schedule.doors_at_ms.is_some_and(|doors| doors > schedule.starts_at_ms) {
        faults.add("/doors_at", "must not be after the start");
    }
    if schedule.on_sale_from_ms >= schedule.on_sale_until_ms {
        faults.add("/on_sale_until", "must be after the sale begins");
    }
}

/// Checks when and on which terms a performance is sold.
pub fn offer(offer: &Offer, faults: &mut Faults) {
    schedule(&offer.schedule, faults);
    terms(offer, faults);
}

/// Checks on which terms a performance is sold.
pub fn terms(offer: &Offer, faults: &mut Faults) {
    if offer.concessions.is_empty() || offer.concessions.len() > CONCESSIONS_MAX {
        faults.add("/concessions", format!("must be between 1 and {CONCESSIONS_MAX}"));
    }
    let mut seen = BTreeSet::new();
    for (nth, concession) in offer.concessions.iter().take(CONCESSIONS_MAX).enumerate() {
        let pointer = format!("/concessions/{nth}");
        faults.line(&pointer, concession);
        if !seen.insert(concession) {
            faults.add(pointer, "must not be named twice");
        }
    }
    if offer.prices.is_empty() {
        faults.add("/prices", "there must be at least one price");
    }
    if offer.prices.len() > PRICES_MAX {
        faults.add("/prices", format!("must be at most {PRICES_MAX}"));
    }
    let mut seen = BTreeSet::new();
    for (nth, price) in offer.prices.iter().take(PRICES_MAX).enumerate() {
        if !(0..=PRICE_MAX).contains(&price.amount) {
            faults.add(
                format!("/prices/{nth}/amount"),
                format!("must be between 0 and {PRICE_MAX} minor units"),
            );
        }
        if !seen.insert((&price.category, &price.concession)) {
            faults.add(format!("/prices/{nth}"), "this category and concession has a price already");
        }
    }
    if offer.refund.share_basis_points > 10_000 {
        faults.add("/refund_policy/share_percent", "must be between 0 and 100");
    }
}

/// An instant as people write it: with its offset from UTC, or by the clock of `zone`.
///
/// # Errors
/// In words, when it is no time, when the clock of the zone skips it or shows it twice, or when it is too far away.
pub fn instant(text: &str, zone: &TimeZone) -> Result<u64, String> {
    let at = match (text.parse::<Timestamp>(), text.parse::<DateTime>()) {
        (Ok(at), _) => at,
        (Err(_), Ok(local)) => on_the_clock(local, zone)?,
        (Err(_), Err(_)) => {
            return Err("must be a time such as 2026-12-01T19:30:00-05:00, \
                        or 2026-12-01T19:30 by the clock of the venue"
                .to_owned());
        }
    };
    let year = zone.to_datetime(at).year();
    if !(1970..=YEAR_MAX).contains(&year) {
        return Err(format!("must be in a year between 1970 and {YEAR_MAX}"));
    }
    // Years from 1970 on, but the first hours of 1970 in the east are before the epoch.
    u64::try_from(at.as_millisecond()).map_err(|_negative| "must not be before 1970 in UTC".to_owned())
}

fn on_the_clock(local: DateTime, zone: &TimeZone) -> Result<Timestamp, String> {
    let name = zone.iana_name().unwrap_or("this zone");
    let at = zone.to_ambiguous_timestamp(local);
    match at.offset() {
        AmbiguousOffset::Unambiguous { .. } => at.compatible().map_err(|error| error.to_string()),
        AmbiguousOffset::Gap { before, after } => {
            let skipped = SignedDuration::from_secs(i64::from(after.seconds() - before.seconds()));
            Err(format!(
                "there is no {local} in {name}: the clocks go forward by {} minutes then; choose another time",
                skipped.as_mins()
            ))
        }
        AmbiguousOffset::Fold { before, after } => Err(format!(
            "{local} comes twice in {name}, since the clocks go back then: \
             add the offset that is meant, {before} or {after}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_an_offset_or_by_the_clock_of_the_place() {
        let york = TimeZone::get("America/New_York").unwrap();
        let at = instant("2026-12-01T19:30:00-05:00", &york);
        assert_eq!(at, Ok(1_796_171_400_000));
        assert_eq!(instant("2026-12-01T19:30", &york), at);
        assert_eq!(instant("2026-12-02T00:30:00Z", &TimeZone::UTC), at);
        let error = |text| instant(text, &york).unwrap_err();
        assert_eq!(
            error("2027-03-14T02:30"),
            "there is no 2027-03-14T02:30:00 in America/New_York: the clocks go forward by 60 minutes then; \
             choose another time"
        );
        assert_eq!(
            error("2026-11-01T01:30"),
            "2026-11-01T01:30:00 comes twice in America/New_York, since the clocks go back then: \
             add the offset that is meant, -04 or -05"
        );
        assert!(instant("2026-11-01T01:30-05:00", &york).is_ok());
        assert!(error("tomorrow").starts_with("must be a time such as"));
        assert!(error("9999-01-01T00:00").contains("1970 and 2200"));
        assert!(error("1912-04-14T23:40").contains("1970 and 2200"));
        assert!(instant("1970-01-01T00:00", &TimeZone::get("Asia/Tokyo").unwrap()).is_err());
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let mut faults = Faults::default();
        let facts = VenueFacts {
            name: " ".to_owned(),
            kind: super::super::VenueKind::Club,
            address: "1 Main Street\nback door".to_owned(),
            city: "x".repeat(TEXT_CHARS_MAX + 1),
            region: "a\u{7}".to_owned(),
            country: "usa".to_owned(),
            zip: String::new(),
            point: None,
            time_zone: "America/Gotham".to_owned(),
        };
        venue(&facts, &mut faults);
        let pointers: Vec<_> = faults.finish().unwrap_err().into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/name", "/address", "/city", "/region", "/country", "/time_zone"]);
    }
}
