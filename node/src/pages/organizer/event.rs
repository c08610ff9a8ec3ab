//! `/organizer/events/{id}`: an event with its dates. However many there are, a page costs what it shows; all of them on one
//! page begin to arrive at once.

use std::time::Duration;

use askama::Template;
use axum::response::Response;
use marquee_ledger::{EventId, PerformanceId};
use serde::Deserialize;

use super::super::visit::{Frame, Here, Visit};
use super::dates::{self, DATES, Row, Shown, Wanted};
use super::rights::Desk;
use super::shown::{Crumb, amounts};
use crate::http::Problem;
use crate::http::extract::{Id, Page, Query, cursor_of};
use crate::selling::books::counted::Of;

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
    /// Whether all rows stand in this page, which come after it was made.
    is_whole: bool,
    next: Option<String>,
    /// Where all of them stand in one page.
    whole_href: String,
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
    /// Whether all are to stand in one page.
    whole: bool,
    made: Option<u64>,
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
    let most = if filter.whole { usize::MAX } else { DATES };
    let ((performances, more), fault, dates_count, has_hall) = {
        let catalog = desk.visit.app.home.catalog_copy().read();
        let (from_ms, fault) = match dates::from_of(&catalog, id, &filter.from) {
            Ok(from_ms) => (from_ms.unwrap_or_else(|| shown.begins_ms(say.now_ms())), None),
            Err(()) => (shown.begins_ms(say.now_ms()), Some(say.t("org-filter-from-fault"))),
        };
        let own = |owner| desk.is_shown(owner);
        let has_hall = catalog.halls().any(|hall| own(hall.stamp.owner));
        (
            dates::walk(&catalog, &Wanted { event: id, shown, from_ms, after, now_ms: say.now_ms() }, most),
            fault,
            catalog.performances_of(id).count(),
            has_hall,
        )
    };
    let rows = if filter.whole { Vec::new() } else { dates::rows(&desk.visit.app, &say, &performances)? };
    let takings = desk.visit.app.selling.takings(Of::Event(id), COUNT_WAIT).await;
    let currency = performances.first().map(|performance| performance.sale.currency);
    let here = format!("/organizer/events/{id}");
    let last = performances.last().filter(|_last| more);
    let next = last.and_then(|last| cursor_of((last.schedule.starts_at_ms, last.id)));
    let frame = desk.visit.frame(Here::Organize);
    let address = |name: &str, value: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("show", shown.word()).append_pair("from", &filter.from);
        format!("{here}?{}", query.append_pair(name, value).finish())
    };
    let page = EventPage {
        frame: frame.clone(),
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
            shown: Shown::ALL.map(|each| (each.word(), each.name(&say), each == shown)).into(),
            fault,
            from: filter.from.clone(),
        },
        rows,
        is_whole: filter.whole && !performances.is_empty(),
        next: next.map(|cursor| address("cursor", &cursor)),
        whole_href: address("whole", "true"),
        made: filter.made.map(|made| say.count("org-performances-made", made)),
        has_hall,
        here: here.clone(),
    };
    match page.is_whole {
        true => dates::show_all(&desk.visit, &page, frame, performances),
        false => desk.visit.show(&page),
    }
}
