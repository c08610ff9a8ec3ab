//! What several of the organizer's pages show alike.

use marquee_ledger::Currency;
use marquee_ledger::terms::PerformanceStatus;

use super::say::Say;
use crate::catalog::entity::Performance;
use crate::selling::Showing;
use crate::selling::books::asking::PlaceCounts;
use crate::selling::books::takings::{Sums, Takings};
use crate::texts::When;

/// A step on the way to a page.
pub(super) struct Crumb {
    pub(super) href: String,
    pub(super) name: String,
}

impl Crumb {
    pub(super) fn new(href: impl Into<String>, name: impl Into<String>) -> Self {
        Self { href: href.into(), name: name.into() }
    }

    /// The dashboard.
    pub(super) fn desk(say: &Say) -> Self {
        Self::new("/organizer", say.t("org-organize"))
    }

    /// The way to a performance, and to what is below it.
    pub(super) fn to_performance(say: &Say, showing: &Showing, when: &When) -> Vec<Self> {
        let (event, performance) = (&showing.event, &showing.performance);
        vec![
            Self::desk(say),
            Self::new(format!("/organizer/events/{}", event.id), event.facts.title.clone()),
            Self::new(format!("/organizer/performances/{}", performance.id), when.text.clone()),
        ]
    }
}

/// How much of a house is sold, as a bar: ends of its parts in thousandths.
pub(super) struct Bar {
    pub(super) sold_end: u32,
    pub(super) held_end: u32,
    pub(super) words: String,
}

impl Bar {
    pub(super) fn new(say: &Say, counts: Option<PlaceCounts>) -> Self {
        let Some(counts) = counts else {
            return Self { sold_end: 0, held_end: 0, words: say.t("org-not-known") };
        };
        let capacity = u64::from(counts.capacity.max(1));
        let end = |places: u32| (u64::from(places) * 1_000 / capacity) as u32;
        let (sold, of) = (say.number(counts.booked.into()), say.number(counts.capacity.into()));
        Self {
            sold_end: end(counts.booked),
            held_end: end(counts.booked.saturating_add(counts.held)),
            words: say.with2("org-sold-of", "sold", &sold, "capacity", &of),
        }
    }
}

/// Where something stands.
pub(super) struct Mark {
    /// A stable word.
    pub(super) key: &'static str,
    /// What people read.
    pub(super) name: String,
    /// How it looks.
    pub(super) kind: &'static str,
}

/// Where a performance stands, for its seller.
pub(super) fn status_of(say: &Say, performance: &Performance, counts: Option<PlaceCounts>) -> Mark {
    let now_ms = say.now_ms();
    let schedule = performance.schedule;
    let is_full = counts.is_some_and(|counts| counts.free == 0 && counts.held == 0 && counts.capacity > 0);
    let (key, kind) = match performance.status {
        PerformanceStatus::Cancelled => ("cancelled", "bad"),
        PerformanceStatus::Scheduled if schedule.starts_at_ms <= now_ms => ("over", ""),
        PerformanceStatus::Scheduled if schedule.on_sale_from_ms > now_ms => ("not-yet", "warn"),
        PerformanceStatus::Scheduled if schedule.on_sale_until_ms <= now_ms => ("sale-over", ""),
        PerformanceStatus::Scheduled if is_full => ("sold-out", "good"),
        PerformanceStatus::Scheduled => ("on-sale", "good"),
    };
    let name = match key {
        "cancelled" => say.t("org-status-cancelled"),
        "over" => say.t("org-status-over"),
        "not-yet" => say.t("org-status-not-yet"),
        "sale-over" => say.t("org-status-sale-over"),
        "sold-out" => say.t("org-status-sold-out"),
        _on_sale => say.t("org-status-on-sale"),
    };
    Mark { key, name, kind }
}

/// An amount of each currency, with blanks between them; `none` if there is none.
pub(super) fn amounts(
    say: &Say,
    takings: &Takings,
    usual: Option<Currency>,
    of: impl Fn(&Sums) -> i64,
) -> String {
    let told = takings.money.iter().filter(|(_, sums)| of(sums) != 0);
    let told: Vec<String> = told.map(|(currency, sums)| say.money(of(sums), *currency)).collect();
    match (told.is_empty(), usual) {
        (true, Some(currency)) => say.money(0, currency),
        (true, None) => "0".to_owned(),
        (false, _) => told.join(" + "),
    }
}
