//! The dates of an event, as rows: a page of them, or all of them, which are written while they are sent.

use std::ops::ControlFlow;
use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{EventId, PerformanceId};

use super::super::visit::{Frame, Visit, rendered};
use super::say::Say;
use super::shown::{Bar, Mark, status_of};
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::Performance;
use crate::http::{App, Problem, long};
use crate::selling::books::asking::PlaceCounts;
use crate::texts::When;

/// How many dates a page shows, and how many are written at a time where all are shown.
pub(super) const DATES: usize = 50;

/// Which dates, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Coming,
    OnSale,
    Cancelled,
    Over,
    All,
}

/// Rows by themselves, as they stand in a page.
#[derive(Template)]
#[template(path = "organizer/dates.html")]
struct Rows<'v> {
    frame: &'v Frame,
    rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) id: String,
    pub(super) href: String,
    pub(super) when: When,
    pub(super) place: String,
    pub(super) status: Mark,
    pub(super) bar: Bar,
    pub(super) prices: String,
    pub(super) orders_href: String,
    pub(super) edit_href: String,
}

impl Shown {
    pub(super) const ALL: [Self; 5] = [Self::Coming, Self::OnSale, Self::Cancelled, Self::Over, Self::All];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::OnSale => "on-sale",
            Self::Cancelled => "cancelled",
            Self::Over => "over",
            Self::All => "all",
        }
    }

    pub(super) fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|shown| shown.word() == word).unwrap_or(Self::Coming)
    }

    /// What people read.
    pub(super) fn name(self, say: &Say) -> String {
        match self {
            Self::Coming => say.t("org-show-coming"),
            Self::OnSale => say.t("org-show-on-sale"),
            Self::Cancelled => say.t("org-show-cancelled"),
            Self::Over => say.t("org-show-over"),
            Self::All => say.t("org-show-all"),
        }
    }

    fn has(self, performance: &Performance, now_ms: u64) -> bool {
        let schedule = performance.schedule;
        let takes_place = performance.status == PerformanceStatus::Scheduled;
        match self {
            Self::Coming | Self::All => true,
            Self::OnSale => {
                takes_place && (schedule.on_sale_from_ms..schedule.on_sale_until_ms).contains(&now_ms)
            }
            Self::Cancelled => !takes_place,
            Self::Over => schedule.starts_at_ms < now_ms,
        }
    }

    /// From when on there can be such dates, unless one is said.
    pub(super) const fn begins_ms(self, now_ms: u64) -> u64 {
        match self {
            Self::Coming | Self::OnSale => now_ms,
            Self::Cancelled | Self::Over | Self::All => 0,
        }
    }
}

/// Which dates of an event are wanted.
pub(super) struct Wanted {
    pub(super) event: EventId,
    pub(super) shown: Shown,
    pub(super) from_ms: u64,
    pub(super) after: Option<(u64, PerformanceId)>,
    pub(super) now_ms: u64,
}

/// The beginning of a day, by the clock of the event's first venue.
pub(super) fn from_of(catalog: &CatalogIndex, event: EventId, text: &str) -> Result<Option<u64>, ()> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let day = text.trim().parse::<Date>().map_err(|_no_day| ())?;
    let first = catalog.performances_of(event).next();
    let zone = first.map_or(TimeZone::UTC, |first| catalog.zone(first.venue));
    let at = zone.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_too_far| ())?;
    Ok(Some(u64::try_from(at.as_millisecond()).unwrap_or(0)))
}

/// So many dates by their start, and whether there are more.
pub(super) fn walk(catalog: &CatalogIndex, wanted: &Wanted, most: usize) -> (Vec<Arc<Performance>>, bool) {
    let Wanted { event, shown, from_ms, after, now_ms } = *wanted;
    let begin = after.map_or(from_ms, |(start, _)| start.max(from_ms));
    let dates = catalog.ahead_of(event, begin);
    let dates = dates.skip_while(|performance| {
        after.is_some_and(|after| (performance.schedule.starts_at_ms, performance.id) <= after)
    });
    let mut found = Vec::new();
    let walked = dates.take_while(|performance| shown != Shown::Over || shown.has(performance, now_ms));
    let walked = walked.filter(|performance| shown.has(performance, now_ms)).try_for_each(|performance| {
        if found.len() == most {
            return ControlFlow::Break(());
        }
        found.push(Arc::clone(performance));
        ControlFlow::Continue(())
    });
    (found, walked.is_break())
}

/// Rows with what is sold of each.
pub(super) fn rows(app: &App, say: &Say, performances: &[Arc<Performance>]) -> Result<Vec<Row>, Problem> {
    let ids: Vec<_> = performances.iter().map(|performance| performance.id).collect();
    let counts = app.selling.place_counts(&ids)?;
    let catalog = app.home.catalog_copy().read();
    let rows = performances.iter().zip(counts);
    Ok(rows.map(|(performance, counts)| Row::new(&catalog, say, performance, counts)).collect())
}

/// A page with all of these dates.
pub(super) fn show_all(
    visit: &Visit,
    page: &impl Template,
    frame: Frame,
    performances: Vec<Arc<Performance>>,
) -> Result<Response, Problem> {
    let (app, say) = (visit.app.clone(), Say::new(visit));
    let write = move |batch: Vec<Arc<Performance>>| {
        rendered(&Rows { frame: &frame, rows: rows(&app, &say, &batch)? })
    };
    visit.show_long(page, long::known(performances, DATES), write)
}

impl Row {
    fn new(
        catalog: &CatalogIndex,
        say: &Say,
        performance: &Performance,
        counts: Option<PlaceCounts>,
    ) -> Self {
        let venue = catalog.venue(performance.venue).map_or("", |venue| venue.facts.name.as_str());
        let hall = catalog.hall(performance.hall).map_or("", |hall| hall.name.as_str());
        let here = format!("/organizer/performances/{}", performance.id);
        let amounts = performance.sale.prices.iter().map(|price| price.amount);
        Self {
            id: performance.id.to_string(),
            when: say.when(performance.schedule.starts_at_ms, &catalog.zone(performance.venue)),
            place: if hall == venue { venue.to_owned() } else { format!("{venue}, {hall}") },
            status: status_of(say, performance, counts),
            bar: Bar::new(say, counts),
            prices: say.range(amounts, performance.sale.currency),
            orders_href: format!("{here}/orders"),
            edit_href: format!("{here}/edit"),
            href: here,
        }
    }
}
