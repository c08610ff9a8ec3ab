//! `/organizer`: own events with their next dates, and what they brought; for who has none yet, the first steps.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::response::Response;
use marquee_ledger::PerformanceId;

use super::super::visit::{Frame, Here, Visit};
use super::rights::Desk;
use super::shown::{Bar, amounts};
use crate::catalog::entity::{Event, Performance};
use crate::http::Problem;
use crate::http::extract::{Page, cursor_of};
use crate::selling::books::counted::Of;
use crate::texts::When;

/// How many events a page shows, and how many dates of each.
const EVENTS: usize = 12;
const DATES: usize = 3;
/// How long a page waits for what an event brought.
const COUNT_WAIT: Duration = Duration::from_millis(200);

#[derive(Template)]
#[template(path = "organizer/dashboard.html")]
struct DashboardPage {
    frame: Frame,
    sees_all: bool,
    steps: Option<Steps>,
    cards: Vec<Card>,
    next: Option<String>,
}

/// What is there already of what one needs before the first ticket is sold.
struct Steps {
    has_venue: bool,
    has_hall: bool,
    has_event: bool,
    /// Where a hall is made, once there is a venue.
    hall_href: Option<String>,
    /// Where a performance is made, once there is an event.
    date_href: Option<String>,
}

struct Card {
    href: String,
    title: String,
    kind: String,
    dates: Vec<DateLine>,
    dates_count: String,
    /// None while it is counted.
    revenue: Option<String>,
    tickets: Option<String>,
}

struct DateLine {
    href: String,
    when: When,
    place: String,
    bar: Bar,
}

/// An event with what is needed to order and show it.
struct Own {
    event: Arc<Event>,
    next: Vec<Arc<Performance>>,
    count: usize,
}

/// Shows the dashboard.
pub(super) async fn dashboard(visit: Visit, page: Page) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let skip = page.position::<usize>()?.unwrap_or(0);
    let (own, more) = own_events(&desk, skip);
    let say = desk.say;
    let selling = &desk.visit.app.selling;
    let ids: Vec<PerformanceId> = own.iter().flat_map(|own| &own.next).map(|next| next.id).collect();
    let mut counts = selling.place_counts(&ids)?.into_iter();
    let takings = own.iter().map(|own| selling.takings(Of::Event(own.event.id), COUNT_WAIT));
    let takings = futures_util::future::join_all(takings).await;
    let mut cards = Vec::with_capacity(own.len());
    for (own, takings) in own.iter().zip(takings) {
        let currency = own.next.first().map(|next| next.sale.currency);
        let dates = own.next.iter().zip(counts.by_ref().take(own.next.len()));
        let dates = dates.map(|(performance, counts)| date_line(&desk, performance, Bar::new(&say, counts)));
        cards.push(Card {
            href: format!("/organizer/events/{}", own.event.id),
            title: own.event.facts.title.clone(),
            kind: say.kind(own.event.facts.kind),
            dates: dates.collect(),
            dates_count: say.count("org-dates", own.count as u64),
            revenue: takings.as_ref().map(|takings| amounts(&say, takings, currency, |sums| sums.net)),
            tickets: takings.as_ref().map(|takings| say.count("org-tickets", takings.tickets)),
        });
    }
    let next = more.then_some(skip + EVENTS).and_then(cursor_of);
    desk.visit.show(&DashboardPage {
        frame: desk.visit.frame(Here::Organize),
        sees_all: desk.sees_all(),
        steps: steps(&desk, cards.iter().any(|card| !card.dates.is_empty())),
        cards,
        next: next.map(|cursor| format!("/organizer?cursor={cursor}")),
    })
}

/// The events of who looks, by their next date; those that are over come last, the youngest first.
fn own_events(desk: &Desk, skip: usize) -> (Vec<Own>, bool) {
    let now_ms = desk.say.now_ms();
    let catalog = desk.visit.app.home.catalog_copy().read();
    let own = catalog.events_all().filter(|event| desk.is_shown(event.stamp.owner));
    let mut own: Vec<_> = own
        .map(|event| {
            let next = catalog.next_of(event.id, now_ms);
            (next.map_or(u64::MAX, |next| next.schedule.starts_at_ms), std::cmp::Reverse(event.id))
        })
        .collect();
    own.sort_unstable();
    let more = own.len() > skip + EVENTS;
    let shown = own.into_iter().skip(skip).take(EVENTS).filter_map(|(_, std::cmp::Reverse(id))| {
        let scheduled = marquee_ledger::terms::PerformanceStatus::Scheduled;
        let next = catalog.ahead_of(id, now_ms).filter(|next| next.status == scheduled);
        Some(Own {
            event: Arc::clone(catalog.event(id)?),
            next: next.take(DATES).cloned().collect(),
            count: catalog.ahead_of(id, now_ms).count(),
        })
    });
    (shown.collect(), more)
}

fn date_line(desk: &Desk, performance: &Performance, bar: Bar) -> DateLine {
    let catalog = desk.visit.app.home.catalog_copy().read();
    let zone = catalog.zone(performance.venue);
    let venue = catalog.venue(performance.venue).map_or("", |venue| venue.facts.name.as_str());
    let hall = catalog.hall(performance.hall).map_or("", |hall| hall.name.as_str());
    let place = if hall == venue { venue.to_owned() } else { format!("{venue}, {hall}") };
    DateLine {
        href: format!("/organizer/performances/{}", performance.id),
        when: desk.say.when(performance.schedule.starts_at_ms, &zone),
        place,
        bar,
    }
}

/// The steps, until something is on sale.
fn steps(desk: &Desk, is_on_sale: bool) -> Option<Steps> {
    if is_on_sale || desk.sees_all() {
        return None;
    }
    let catalog = desk.visit.app.home.catalog_copy().read();
    let venue = catalog.venues_all().find(|venue| desk.is_shown(venue.stamp.owner));
    let hall = venue.and_then(|venue| catalog.halls_of(venue.id).next());
    let event = catalog.events_all().find(|event| desk.is_shown(event.stamp.owner));
    Some(Steps {
        has_venue: venue.is_some(),
        has_hall: hall.is_some(),
        has_event: event.is_some(),
        hall_href: venue.map(|venue| format!("/organizer/venues/{}/halls/new", venue.id)),
        date_href: event
            .filter(|_event| hall.is_some())
            .map(|event| format!("/organizer/events/{}/performances/new", event.id)),
    })
}
