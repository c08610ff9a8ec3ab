//! Performances as iCalendar (RFC 5545).
//!
//! Each `VEVENT` of a file that is read becomes a performance of one event in one hall. `DTSTART` is an instant (with `Z`), a
//! time in the zone of its `TZID`, or else a time by the clock of the venue. Entries that are cancelled are left out;
//! entries that repeat are refused, since a ticket is for a date.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, EventLike, EventStatus};
use jiff::civil;
use jiff::tz::TimeZone;
use marquee_ledger::terms::PerformanceStatus;

use crate::catalog::checks;
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Event, Performance, VenueFacts};
use crate::forms::TermsForm;
use crate::import::intake::{Intake, Reader, Spot, Wanted};
use crate::import::{Checked, Mistake};

/// How long an event lasts that does not say so, in minutes.
const DURATION_MIN: u32 = 120;

/// What a calendar leaves to who imports it.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Key or id of the event.
    pub event: String,
    /// Key or id of the hall.
    pub hall: String,
    /// On which terms; as the event was last sold in the hall unless it is said.
    pub terms: Option<TermsForm>,
}

/// A line of a calendar, put together again if it was folded.
struct Line {
    /// Where it begins, from 1.
    number: usize,
    name: String,
    parameters: Vec<(String, String)>,
    value: String,
}

/// Reads the performances of an event.
///
/// # Errors
/// Everything that is wrong, each with its line and the name of its property.
pub fn read(text: &str, file: &str, given: &Given, reader: Reader<'_>) -> Result<Checked, Vec<Mistake>> {
    let mut intake = Intake::new(reader, file);
    let spot = |line: usize, field: &str| Spot { line, column: 1, field: field.to_owned() };
    let event = intake.event(&given.event);
    let hall = intake.hall(&given.hall);
    let (event, hall) = match (event, hall) {
        (Ok(event), Ok(hall)) => (event, hall),
        (event, hall) => {
            let words = [event.err(), hall.err()];
            words.into_iter().flatten().for_each(|words| intake.mistake(&spot(1, ""), words));
            return intake.finish();
        }
    };
    let Some(terms) = given.terms.clone().or_else(|| intake.usual_terms(event, hall)) else {
        intake.mistake(&spot(1, ""), "a calendar has no prices: give a currency and prices");
        return intake.finish();
    };
    let lines = lines(text);
    if !lines.first().is_some_and(|line| line.name == "BEGIN" && line.value.eq_ignore_ascii_case("VCALENDAR"))
    {
        intake.mistake(&spot(1, ""), "this is no calendar: it must begin with BEGIN:VCALENDAR");
        return intake.finish();
    }
    let mut entries = 0;
    let mut open: Vec<&Line> = Vec::new();
    let mut start = 0;
    for line in &lines {
        match (line.name.as_str(), line.value.to_ascii_uppercase().as_str()) {
            ("BEGIN", "VEVENT") => (start, open) = (line.number, Vec::new()),
            ("END", "VEVENT") if start > 0 => {
                entries += 1;
                let entry = Entry { start, lines: std::mem::take(&mut open) };
                entry.read(event, hall, &terms, &mut intake);
                start = 0;
            }
            // What is within an entry's alarm is not the entry's.
            ("BEGIN" | "END", _inner) => {}
            (_property, _value) if start > 0 => open.push(line),
            (_property, _value) => {}
        }
    }
    if entries == 0 {
        intake.mistake(&spot(1, ""), "the calendar has no entry (VEVENT)");
    }
    intake.finish()
}

fn lines(text: &str) -> Vec<Line> {
    let mut whole: Vec<(usize, String)> = Vec::new();
    for (nth, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), whole.last_mut()) {
            (Some(rest), Some((_number, before))) => before.push_str(rest),
            _begins => whole.push((nth + 1, line.to_owned())),
        }
    }
    whole.into_iter().filter_map(|(number, line)| parse(number, &line)).collect()
}

/// `NAME;PARAMETER="value":value`; none for an empty line.
fn parse(number: usize, line: &str) -> Option<Line> {
    let mut is_quoted = false;
    let colon = line.char_indices().find(|(_at, letter)| {
        is_quoted ^= *letter == '"';
        *letter == ':' && !is_quoted
    });
    let (head, value) = line.split_at(colon?.0);
    let mut parts = head.split(';');
    let name = parts.next().unwrap_or_default().trim().to_ascii_uppercase();
    let parameters = parts.filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        Some((name.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
    });
    Some(Line { number, name, parameters: parameters.collect(), value: value[1..].trim().to_owned() })
}

/// A `VEVENT` with its lines.
struct Entry<'l> {
    start: usize,
    lines: Vec<&'l Line>,
}

impl Entry<'_> {
    fn read(&self, event: usize, hall: usize, terms: &TermsForm, intake: &mut Intake<'_>) {
        let spot = |line: usize, field: &str| Spot { line, column: 1, field: field.to_owned() };
        if self.line("STATUS").is_some_and(|line| line.value.eq_ignore_ascii_case("CANCELLED")) {
            return;
        }
        if let Some(line) = self.line("RRULE").or_else(|| self.line("RDATE")) {
            let words = "repeats: write an entry for each date";
            return intake.mistake(&spot(line.number, &line.name), words);
        }
        let Some(line) = self.line("DTSTART") else {
            return intake.mistake(&spot(self.start, "DTSTART"), "the entry has no beginning");
        };
        let starts_at = match start_of(line, intake.zone(hall)) {
            Ok(starts_at) => starts_at,
            Err(words) => return intake.mistake(&spot(line.number, "DTSTART"), words),
        };
        let id = self.line("UID").and_then(|line| line.value.parse().ok());
        let wanted = Wanted { id, event, hall, starts_at, terms: terms.clone(), ..Wanted::default() };
        if let Err(faults) = intake.performance(wanted) {
            for fault in faults {
                let field = match fault.pointer.as_str() {
                    "/starts_at" | "/key" => "DTSTART".to_owned(),
                    "/id" => "UID".to_owned(),
                    _terms => fault.pointer,
                };
                intake.mistake(&spot(line.number, &field), fault.detail);
            }
        }
    }

    fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name).copied()
    }
}

/// When an entry begins, as [`checks::instant`] reads it.
fn start_of(line: &Line, venue: &TimeZone) -> Result<String, String> {
    let parameter =
        |name: &str| line.parameters.iter().find(|(known, _value)| known == name).map(|(_name, value)| value);
    let text = line.value.as_str();
    let (local, is_utc) = text.strip_suffix(['Z', 'z']).map_or((text, false), |local| (local, true));
    let time = civil::DateTime::strptime("%Y%m%dT%H%M%S", local);
    let time = time.map_err(|_none| match civil::Date::strptime("%Y%m%d", local) {
        Ok(_date) => format!("{text} is a date: a performance needs a time of day"),
        Err(_) => format!("{text:?} is no time such as 20261205T193000"),
    })?;
    if is_utc {
        return Ok(format!("{time}Z"));
    }
    match parameter("TZID") {
        None => Ok(time.to_string()),
        Some(name) => {
            let zone = TimeZone::get(name).map_err(|_unknown| {
                format!("TZID {name:?} is no zone of the IANA database, such as America/New_York")
            })?;
            // Told by the clock of its own zone, where it may be skipped or come twice.
            let at_ms = checks::instant(&time.to_string(), &zone)?;
            Ok(crate::import::intake::local(at_ms, venue))
        }
    }
}

/// A calendar without entries.
pub(crate) fn begin(name: &str) -> Calendar {
    let mut calendar = Calendar::new();
    calendar.name(name);
    calendar
}

/// A performance as an entry.
pub(crate) fn entry(
    catalog: &CatalogIndex,
    event: &Event,
    performance: &Performance,
    front: &str,
) -> icalendar::Event {
    let starts_ms = performance.schedule.starts_at_ms;
    let lasts_ms = u64::from(event.facts.duration_min.unwrap_or(DURATION_MIN)) * 60_000;
    let url = format!("{front}/performances/{}", performance.id);
    let mut entry = icalendar::Event::new();
    entry
        .uid(&performance.id.to_string())
        .timestamp(instant(performance.stamp.updated_ms))
        .summary(&event.facts.title)
        .starts(instant(starts_ms))
        .ends(instant(starts_ms + lasts_ms))
        .sequence(u32::try_from(performance.stamp.version).unwrap_or(u32::MAX))
        .url(&url)
        .status(match performance.status {
            PerformanceStatus::Scheduled => EventStatus::Confirmed,
            PerformanceStatus::Cancelled => EventStatus::Cancelled,
        });
    if !event.facts.description.is_empty() {
        entry.description(&event.facts.description);
    }
    if let Some(venue) = catalog.venue(performance.venue) {
        entry.location(&format!("{}, {}", venue.facts.name, address(&venue.facts)));
    }
    entry.done()
}

/// A venue's address in a line.
pub(crate) fn address(facts: &VenueFacts) -> String {
    let parts = [&facts.address, &facts.city, &facts.region, &facts.zip];
    let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn instant(ms: u64) -> DateTime<Utc> {
    let at = i64::try_from(ms).ok().and_then(DateTime::from_timestamp_millis);
    at.unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_and_quoted_parameters_are_put_together() {
        let lines = lines(
            "BEGIN:VCALENDAR\r\nDTSTART;TZID=\"America/New:York\";X=1:2026\r\n 1205\r\n\r\nend:vcalendar",
        );
        let told: Vec<_> =
            lines.iter().map(|line| (line.number, line.name.as_str(), line.value.as_str())).collect();
        assert_eq!(told, [(1, "BEGIN", "VCALENDAR"), (2, "DTSTART", "20261205"), (5, "END", "vcalendar")]);
        assert_eq!(lines[1].parameters[0], ("TZID".to_owned(), "America/New:York".to_owned()));
    }

    #[test]
    fn a_beginning_is_an_instant_or_a_time_of_some_clock() {
        let angeles = TimeZone::get("America/Los_Angeles").unwrap();
        let start = |text: &str| start_of(&parse(1, text).unwrap(), &angeles);
        assert_eq!(start("DTSTART:20261205T193000"), Ok("2026-12-05T19:30:00".to_owned()));
        assert_eq!(start("DTSTART:20261206T033000Z"), Ok("2026-12-06T03:30:00Z".to_owned()));
        assert_eq!(start("DTSTART;TZID=America/New_York:20261205T223000"), Ok("2026-12-05T19:30".to_owned()));
        let wrong = |text: &str| start(text).unwrap_err();
        assert!(wrong("DTSTART;VALUE=DATE:20261205").contains("needs a time of day"));
        assert!(wrong("DTSTART;TZID=Eastern Time:20261205T223000").contains("no zone"));
        assert!(wrong("DTSTART;TZID=America/New_York:20270314T023000").contains("clocks go forward"));
        assert!(wrong("DTSTART:tomorrow").contains("is no time"));
    }
}
