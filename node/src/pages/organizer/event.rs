//! `/organizer/events/{id}`: an event with its dates. However many there are, a page costs what it shows.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::response::Response;
use jiff::civil::Date;
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{EventId, PerformanceId};
use serde::Deserialize;

use super::super::visit::{Frame, Here, Visit};
use super::rights::Desk;
use super::shown::{Bar, Crumb, Mark, amounts, status_of};
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::Performance;
use crate::http::Problem;
use crate::http::extract::{Id, List, Page, Query};
use crate::selling::books::asking::PlaceCounts;
use crate::selling::books::counted::Of;
use crate::texts::When;

/// How many dates a page shows.
const DATES: usize = 50;
/// How long a page waits for what the event brought.
const COUNT_WAIT: Duration = Duration::from_millis(150);

#[derive(Template)]
#[template(path = "organizer/event.html")]
struct EventPage {
    frame: Frame,
    trail: Vec<Crumb>,
    here: String,
    public_href: String,
    title: String,
    kind: String,
    /// None while it is counted.
    takings: Option<TakingsView>,
    dates_count: String,
    filter: FilterView,
    rows: Vec<Row>,
    next: Option<String>,
    /// How many performances were just made.
    made: Option<String>,
    /// Whether there is a hall to sell.
    has_hall: bool,
}

struct TakingsView {
    revenue: String,
    refunded: String,
    tickets: String,
    orders: String,
}

struct FilterView {
    from: String,
    shown: Vec<(&'static str, String, bool)>,
    fault: Option<String>,
}

/// Which dates.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    from: String,
    show: String,
    made: Option<u64>,
}

/// Which dates, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Coming,
    OnSale,
    Cancelled,
    Over,
    All,
}

struct Row {
    id: String,
    href: String,
    when: When,
    place: String,
    status: Mark,
    bar: Bar,
    prices: String,
    orders_href: String,
    edit_href: String,
}

impl Shown {
    const ALL: [Self; 5] = [Self::Coming, Self::OnSale, Self::Cancelled, Self::Over, Self::All];

    const fn word(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::OnSale => "on-sale",
            Self::Cancelled => "cancelled",
            Self::Over => "over",
            Self::All => "all",
        }
    }

    fn of(word: &str) -> Self {
        Self::ALL.into_iter().find(|shown| shown.word() == word).unwrap_or(Self::Coming)
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
    const fn begins_ms(self, now_ms: u64) -> u64 {
        match self {
            Self::Coming | Self::OnSale => now_ms,
            Self::Cancelled | Self::Over | Self::All => 0,
        }
    }
}

/// Shows an event with its dates.
pub(super) async fn event(
    visit: Visit,
    Id(id): Id<EventId>,
    Query(filter): Query<Filter>,
    page: Page,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    let say = desk.say;
    let shown = Shown::of(&filter.show);
    let after = page.position::<(u64, PerformanceId)>()?;
    let (list, fault, dates_count, has_hall) = {
        let catalog = desk.visit.app.home.catalog_copy().read();
        let (from_ms, fault) = match from_of(&catalog, id, &filter.from) {
            Ok(from_ms) => (from_ms.unwrap_or_else(|| shown.begins_ms(say.now_ms())), None),
            Err(()) => (shown.begins_ms(say.now_ms()), Some(say.t("org-filter-from-fault"))),
        };
        let own = |owner| desk.is_shown(owner);
        let has_hall = catalog.halls().any(|hall| own(hall.stamp.owner));
        (
            walk(&catalog, id, shown, from_ms, after, say.now_ms()),
            fault,
            catalog.performances_of(id).count(),
            has_hall,
        )
    };
    let (performances, more) = list;
    let ids: Vec<_> = performances.iter().map(|performance| performance.id).collect();
    let counts = desk.visit.app.selling.place_counts(&ids)?;
    let takings = desk.visit.app.selling.takings(Of::Event(id), COUNT_WAIT).await;
    let currency = performances.first().map(|performance| performance.sale.currency);
    let here = format!("/organizer/events/{id}");
    let last = performances.last().filter(|_last| more);
    let next = List::new(Vec::<()>::new(), last.map(|last| (last.schedule.starts_at_ms, last.id))).next;
    let rows = performances.iter().zip(counts);
    desk.visit.show(&EventPage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(&say)],
        public_href: format!("/events/{id}"),
        title: event.facts.title.clone(),
        kind: say.kind(event.facts.kind),
        takings: takings.map(|takings| TakingsView {
            revenue: amounts(&say, &takings, currency, |sums| sums.net),
            refunded: amounts(&say, &takings, currency, |sums| sums.refunded),
            tickets: say.number(takings.tickets),
            orders: say.number(takings.booked),
        }),
        dates_count: say.count("org-dates-all", dates_count as u64),
        filter: FilterView {
            shown: Shown::ALL.map(|each| (each.word(), shown_words(&desk, each), each == shown)).into(),
            fault,
            from: filter.from.clone(),
        },
        rows: rows.map(|(performance, counts)| Row::new(&desk, performance, counts)).collect(),
        next: next.map(|cursor| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("show", shown.word()).append_pair("from", &filter.from);
            format!("{here}?{}", query.append_pair("cursor", &cursor).finish())
        }),
        made: filter.made.map(|made| say.count("org-performances-made", made)),
        has_hall,
        here,
    })
}

fn shown_words(desk: &Desk, shown: Shown) -> String {
    match shown {
        Shown::Coming => desk.say.t("org-show-coming"),
        Shown::OnSale => desk.say.t("org-show-on-sale"),
        Shown::Cancelled => desk.say.t("org-show-cancelled"),
        Shown::Over => desk.say.t("org-show-over"),
        Shown::All => desk.say.t("org-show-all"),
    }
}

/// The beginning of a day, by the clock of the event's first venue.
fn from_of(catalog: &CatalogIndex, event: EventId, text: &str) -> Result<Option<u64>, ()> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let day = text.trim().parse::<Date>().map_err(|_no_day| ())?;
    let first = catalog.performances_of(event).next();
    let zone = first.map_or(jiff::tz::TimeZone::UTC, |first| catalog.zone(first.venue));
    let at = zone.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_too_far| ())?;
    Ok(Some(u64::try_from(at.as_millisecond()).unwrap_or(0)))
}

/// A page of dates by their start, and whether there are more.
fn walk(
    catalog: &CatalogIndex,
    event: EventId,
    shown: Shown,
    from_ms: u64,
    after: Option<(u64, PerformanceId)>,
    now_ms: u64,
) -> (Vec<Arc<Performance>>, bool) {
    let begin = after.map_or(from_ms, |(start, _)| start.max(from_ms));
    let dates = catalog.ahead_of(event, begin);
    let dates = dates.skip_while(|performance| {
        after.is_some_and(|after| (performance.schedule.starts_at_ms, performance.id) <= after)
    });
    let mut found = Vec::with_capacity(DATES);
    let walked = dates.take_while(|performance| shown != Shown::Over || shown.has(performance, now_ms));
    let walked = walked.filter(|performance| shown.has(performance, now_ms)).try_for_each(|performance| {
        if found.len() == DATES {
            return ControlFlow::Break(());
        }
        found.push(Arc::clone(performance));
        ControlFlow::Continue(())
    });
    (found, walked.is_break())
}

impl Row {
    fn new(desk: &Desk, performance: &Performance, counts: Option<PlaceCounts>) -> Self {
        let say = &desk.say;
        let catalog = desk.visit.app.home.catalog_copy().read();
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
