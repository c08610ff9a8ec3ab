//! Instants as people read them: in the time zone of the place, whose name stands beside them.

use std::sync::LazyLock;

use icu_calendar::{Date, Gregorian};
use icu_datetime::fieldsets::{self, zone};
use icu_datetime::{FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_time::zone::{IanaParser, UtcOffset};
use icu_time::{DateTime, Time, TimeZone as KnownZone};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::Texts;
use super::language::Language;

/// An instant, as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    /// For machines.
    pub(crate) iso: String,
    /// `Sat, Dec 5, 7:30 PM EST`; with the year unless it is this one.
    pub(crate) text: String,
    /// `7:30 PM`
    pub(crate) time: String,
    /// `EST`
    pub(crate) zone: String,
    /// `Saturday, December 5`; with the year unless it is this one.
    pub(crate) date: String,
    /// `Dec`
    pub(crate) month: String,
    /// `5`
    pub(crate) day: String,
    /// `Sat`
    pub(crate) weekday: String,
}

impl When {
    /// In English, for programs and for pages that speak nothing else.
    pub(crate) fn new(at_ms: u64, zone: &TimeZone, now_ms: u64) -> Self {
        Texts::of(Language::English).when(at_ms, zone, now_ms)
    }
}

type Formatter<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

/// How a language writes instants.
struct Formats {
    text: Formatter<fieldsets::MDET>,
    text_with_year: Formatter<fieldsets::YMDET>,
    date: Formatter<fieldsets::MDE>,
    date_with_year: Formatter<fieldsets::YMDE>,
    time: NoCalendarFormatter<fieldsets::T>,
    month: Formatter<fieldsets::M>,
    weekday: Formatter<fieldsets::E>,
    zone: NoCalendarFormatter<zone::SpecificShort>,
    city: NoCalendarFormatter<zone::ExemplarCity>,
}

static FORMATS: LazyLock<[Formats; 3]> = LazyLock::new(|| Language::ALL.map(Formats::new));

impl Formats {
    fn new(language: Language) -> Self {
        let locale = || language.locale().into();
        // The data is compiled in, and falls back to the root locale.
        let there = "formats of dates are compiled in";
        Self {
            text: Formatter::try_new(locale(), fieldsets::MDE::medium().with_time_hm()).expect(there),
            text_with_year: Formatter::try_new(locale(), fieldsets::YMDE::medium().with_time_hm())
                .expect(there),
            date: Formatter::try_new(locale(), fieldsets::MDE::long()).expect(there),
            date_with_year: Formatter::try_new(locale(), fieldsets::YMDE::long()).expect(there),
            time: NoCalendarFormatter::try_new(locale(), fieldsets::T::hm()).expect(there),
            month: Formatter::try_new(locale(), fieldsets::M::medium()).expect(there),
            weekday: Formatter::try_new(locale(), fieldsets::E::short()).expect(there),
            zone: NoCalendarFormatter::try_new(locale(), zone::SpecificShort).expect(there),
            city: NoCalendarFormatter::try_new(locale(), zone::ExemplarCity).expect(there),
        }
    }
}

impl Texts {
    /// An instant in a zone, seen at another.
    pub(crate) fn when(self, at_ms: u64, zone: &TimeZone, now_ms: u64) -> When {
        let (at, now) = (zoned(at_ms, zone), zoned(now_ms, zone));
        let is_this_year = at.year() == now.year();
        let formats = &FORMATS[self.language().index()];
        let shown = shown(&at);
        let zone = self.zone(&at);
        let text = match is_this_year {
            true => formats.text.format(&shown).to_string(),
            false => formats.text_with_year.format(&shown).to_string(),
        };
        let date = match is_this_year {
            true => formats.date.format(&shown.date).to_string(),
            false => formats.date_with_year.format(&shown.date).to_string(),
        };
        When {
            iso: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            text: readable(&format!("{text} {zone}")),
            time: readable(&formats.time.format(&shown.time).to_string()),
            date: readable(&date),
            zone,
            month: formats.month.format(&shown.date).to_string(),
            day: at.day().to_string(),
            weekday: formats.weekday.format(&shown.date).to_string(),
        }
    }

    /// A zone by the short name that people of this language know, such as `EST` or `MEZ`; others by their city.
    fn zone(self, at: &ZonedDateTime) -> String {
        let formats = &FORMATS[self.language().index()];
        let known = at.time_zone().iana_name().map(|name| IanaParser::new().parse(name));
        let Some(known) = known.filter(|known| *known != KnownZone::UNKNOWN) else {
            return at.strftime("%Z").to_string();
        };
        let zone = known.with_offset(offset(at));
        let shown = shown(at);
        let name = formats.zone.format(&zone.at_date_time(shown)).to_string();
        let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_name(&name) {
            return name;
        }
        // Those who read English know the abbreviations of the time zone database.
        let abbreviation = at.strftime("%Z").to_string();
        if self.language() == Language::English && is_name(&abbreviation) {
            return abbreviation;
        }
        let city = formats.city.format(&zone.at_date_time(shown)).to_string();
        self.with("time-of-city", "city", city)
    }
}

fn zoned(at_ms: u64, zone: &TimeZone) -> ZonedDateTime {
    let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    ZonedDateTime::new(at.unwrap_or(Timestamp::MAX), zone.clone())
}

/// The same instant in the types of the formats.
fn shown(at: &ZonedDateTime) -> DateTime<Gregorian> {
    let (month, day) = (at.month().unsigned_abs(), at.day().unsigned_abs());
    let date = Date::try_new_gregorian(at.year().into(), month, day);
    let time =
        Time::try_new(at.hour().unsigned_abs(), at.minute().unsigned_abs(), at.second().unsigned_abs(), 0);
    // Both calendars are the same, and hours have no more minutes here than there.
    DateTime { date: date.expect("a date is a date"), time: time.expect("a time is a time") }
}

fn offset(at: &ZonedDateTime) -> Option<UtcOffset> {
    UtcOffset::try_from_seconds(at.offset().seconds()).ok()
}

/// The locale data has narrow no-break spaces, which not every font has and no search finds.
fn readable(text: &str) -> String {
    text.replace(['\u{202f}', '\u{a0}'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// December 5, 2025, half past seven in the evening in New York.
    const AT: u64 = 1_764_981_000_000;
    const NOW: u64 = 1_764_000_000_000;

    fn when(language: Language, zone: &str, now_ms: u64) -> When {
        Texts::of(language).when(AT, &TimeZone::get(zone).unwrap(), now_ms)
    }

    #[test]
    fn times_are_those_of_the_place_with_its_zone() {
        let english = when(Language::English, "America/New_York", NOW);
        assert_eq!(english.text, "Fri, Dec 5, 7:30 PM EST");
        assert_eq!(english.iso, "2025-12-05T19:30:00-05:00");
        assert_eq!(english.date, "Friday, December 5");
        assert_eq!(
            (english.month.as_str(), english.day.as_str(), english.weekday.as_str()),
            ("Dec", "5", "Fri")
        );
        let german = when(Language::German, "America/New_York", NOW);
        assert_eq!(german.text, "Fr., 5. Dez., 19:30 Ortszeit New York");
        assert_eq!(german.date, "Freitag, 5. Dezember");
        let spanish = when(Language::Spanish, "America/New_York", NOW);
        assert_eq!(spanish.text, "vie, 5 dic, 19:30 hora de Nueva York");
    }

    #[test]
    fn zones_have_the_name_that_readers_know() {
        let zone = |language, zone| when(language, zone, NOW).zone;
        assert_eq!(zone(Language::German, "Europe/Berlin"), "MEZ");
        assert_eq!(zone(Language::English, "Europe/Berlin"), "CET");
        assert_eq!(zone(Language::English, "Asia/Tokyo"), "JST");
        assert_eq!(zone(Language::English, "Asia/Dubai"), "Dubai time");
        assert_eq!(zone(Language::German, "UTC"), "UTC");
        assert_eq!(zone(Language::English, "America/Los_Angeles"), "PST");
        assert_eq!(zone(Language::Spanish, "Asia/Tokyo"), "hora de Tokio");
    }

    #[test]
    fn the_year_is_told_unless_it_is_this_one() {
        let later = when(Language::English, "America/New_York", NOW + 90 * 86_400_000);
        assert_eq!(later.text, "Fri, Dec 5, 2025, 7:30 PM EST");
        assert_eq!(later.date, "Friday, December 5, 2025");
        assert_eq!(Texts::of(Language::English).when(u64::MAX, &TimeZone::UTC, NOW).iso.len(), 25);
    }
}
