//! The organizer's pages in the language of who looks.

use jiff::tz::TimeZone;
use marquee_ledger::Currency;

use super::super::visit::{Frame, Visit};
use super::super::words::{self, When};
use crate::catalog::{EventKind, VenueKind};

/// Says things in the visitor's language, by one clock.
#[derive(Clone, Copy)]
pub(super) struct Say {
    now_ms: u64,
}

impl Say {
    pub(super) fn new(visit: &Visit) -> Self {
        Self { now_ms: visit.app.now_ms() }
    }

    pub(super) const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    pub(super) fn t(&self, key: &str) -> String {
        shim::say(key, &[])
    }

    pub(super) fn count(&self, key: &str, number: u64) -> String {
        shim::say(key, &[("count", &number.to_string())])
    }

    pub(super) fn with(&self, key: &str, name: &str, value: &str) -> String {
        shim::say(key, &[(name, value)])
    }

    pub(super) fn with2(&self, key: &str, name: &str, value: &str, other: &str, other_value: &str) -> String {
        shim::say(key, &[(name, value), (other, other_value)])
    }

    pub(super) fn money(&self, amount: i64, currency: Currency) -> String {
        words::money(amount, currency)
    }

    pub(super) fn range(&self, amounts: impl Iterator<Item = i64> + Clone, currency: Currency) -> String {
        words::range(amounts, currency)
    }

    pub(super) fn when(&self, at_ms: u64, zone: &TimeZone) -> When {
        When::new(at_ms, zone, self.now_ms)
    }

    pub(super) fn number(&self, number: u64) -> String {
        let text = number.to_string();
        let mut grouped = String::new();
        for (index, digit) in text.chars().enumerate() {
            if index > 0 && (text.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped
    }

    /// `December 2026`
    pub(super) fn month(&self, at_ms: u64, zone: &TimeZone) -> String {
        let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
        zone.to_datetime(at.unwrap_or(jiff::Timestamp::MAX)).strftime("%B %Y").to_string()
    }

    pub(super) fn weekday(&self, day: jiff::civil::Weekday) -> String {
        let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        names[usize::from(day.to_monday_zero_offset().unsigned_abs())].to_owned()
    }

    /// A concession's key as people read it.
    pub(super) fn title(&self, key: &str) -> String {
        words::title(key)
    }

    /// A kind of event.
    pub(super) fn kind(&self, kind: EventKind) -> String {
        self.t(&format!("kind-{}", kind.word().replace('_', "-")))
    }

    /// A kind of venue.
    pub(super) fn venue_kind(&self, kind: VenueKind) -> String {
        self.t(&format!("venue-kind-{}", kind.word().replace('_', "-")))
    }

    /// What a check found, as a sentence.
    pub(super) fn fault(&self, detail: &str) -> String {
        let mut letters = detail.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        let end = if detail.ends_with(['.', '!', '?']) { "" } else { "." };
        format!("{first}{}{end}", letters.as_str())
    }
}

impl Frame {
    pub(in crate::pages) fn t(&self, key: &str) -> String {
        shim::say(key, &[])
    }
    pub(in crate::pages) fn count(&self, key: &str, number: impl std::fmt::Display) -> String {
        shim::say(key, &[("count", &number.to_string())])
    }
    pub(in crate::pages) fn with(&self, key: &str, name: &str, value: impl std::fmt::Display) -> String {
        shim::say(key, &[(name, &value.to_string())])
    }
    pub(in crate::pages) fn with2(&self, key: &str, a: &str, x: impl std::fmt::Display, b: &str, y: impl std::fmt::Display) -> String {
        shim::say(key, &[(a, &x.to_string()), (b, &y.to_string())])
    }
}

mod shim {
    pub(super) fn say(key: &str, args: &[(&str, &str)]) -> String {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/texts/en/organizer.ftl");
        let all = std::fs::read_to_string(path).unwrap_or_default();
        let mut lines = all.lines();
        let Some(first) = lines.find(|line| line.split_once(" =").is_some_and(|(k, _)| k == key)) else {
            return key.to_owned();
        };
        let mut text = first.split_once('=').map_or("", |(_, v)| v).trim().to_owned();
        if text.ends_with("->") {
            let number = args.iter().find(|(name, _)| *name == "count").map_or("", |(_, v)| v);
            let wanted = if number == "1" { "[one]" } else { "*[other]" };
            let line = lines.take(3).find(|line| line.trim().starts_with(wanted)).unwrap_or("");
            text = line.trim().trim_start_matches(wanted).trim().to_owned();
        }
        for (name, value) in args {
            text = text.replace(&format!("{{ ${name} }}"), value);
        }
        text
    }
}
