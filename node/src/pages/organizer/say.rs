//! The organizer's pages in the language of who looks, by one clock.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use marquee_ledger::Currency;
use marquee_ledger::command::PricedPlace;

use super::super::checkout::{Line, line};
use super::super::visit::Visit;
use crate::catalog::entity::{Aid, Sale};
use crate::catalog::{EventKind, VenueKind};
use crate::selling::hall::HallMap;
use crate::texts::{Texts, When};

/// A Monday, in milliseconds since 1970.
const SOME_MONDAY_MS: u64 = 1_704_067_200_000;
const DAY_MS: u64 = 86_400_000;

/// Says things in the visitor's language.
#[derive(Clone, Copy)]
pub(super) struct Say {
    texts: Texts,
    now_ms: u64,
}

impl Say {
    pub(super) fn new(visit: &Visit) -> Self {
        Self { texts: visit.texts(), now_ms: visit.app.now_ms() }
    }

    pub(super) const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    pub(super) fn t(&self, key: &str) -> String {
        self.texts.t(key).into_owned()
    }

    pub(super) fn count(&self, key: &str, count: u64) -> String {
        self.texts.count(key, count)
    }

    pub(super) fn with(&self, key: &str, name: &str, value: &str) -> String {
        self.texts.with(key, name, value)
    }

    pub(super) fn with2(&self, key: &str, first: &str, value: &str, second: &str, other: &str) -> String {
        self.texts.with2(key, first, value, second, other)
    }

    pub(super) fn money(&self, amount: i64, currency: Currency) -> String {
        self.texts.money(amount, currency)
    }

    pub(super) fn range(&self, amounts: impl Iterator<Item = i64> + Clone, currency: Currency) -> String {
        self.texts.range(amounts, currency)
    }

    pub(super) fn number(&self, number: u64) -> String {
        self.texts.number(number)
    }

    pub(super) fn when(&self, at_ms: u64, zone: &TimeZone) -> When {
        self.texts.when(at_ms, zone, self.now_ms)
    }

    /// `Dec 2026`
    pub(super) fn month(&self, at_ms: u64, zone: &TimeZone) -> String {
        let at = i64::try_from(at_ms).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        let year = zone.to_datetime(at.unwrap_or(Timestamp::MAX)).year();
        format!("{} {year}", self.when(at_ms, zone).month)
    }

    /// `Mon`
    pub(super) fn weekday(&self, day: Weekday) -> String {
        let after_monday = u64::from(day.to_monday_zero_offset().unsigned_abs());
        self.when(SOME_MONDAY_MS + after_monday * DAY_MS, &TimeZone::UTC).weekday
    }

    /// A place in words, with what it costs.
    pub(super) fn line(&self, hall: &HallMap, sale: &Sale, place: &PricedPlace) -> Line {
        line(self.texts, hall, sale, place)
    }

    /// A concession's key as people read it.
    pub(super) fn concession(&self, key: &str) -> String {
        self.texts.word("concession", key)
    }

    /// A kind of event.
    pub(super) fn kind(&self, kind: EventKind) -> String {
        self.texts.word("kind", kind.word())
    }

    /// What a performance has for those who need it.
    pub(super) fn aid(&self, aid: Aid) -> String {
        self.texts.word("aid", aid.word())
    }

    /// A kind of venue.
    pub(super) fn venue_kind(&self, kind: VenueKind) -> String {
        self.texts.word("venue", kind.word())
    }

    /// What a check found, as a sentence.
    pub(super) fn fault(&self, detail: &str) -> String {
        super::faults::told(self.texts, detail)
    }
}
