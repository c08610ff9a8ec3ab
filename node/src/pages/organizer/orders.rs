//! `/organizer/performances/{id}/orders` and `/organizer/events/{id}/orders`: who bought, and how to find an order.

use askama::Template;
use axum::response::Response;
use marquee_ledger::order::OrderStatus;
use marquee_ledger::{EventId, Order, OrderId, PerformanceId, TicketId};
use serde::Deserialize;

use super::super::visit::{Frame, Here, Visit, go_to};
use super::rights::Desk;
use super::say::Say;
use super::shown::{Crumb, Mark};
use crate::http::Problem;
use crate::http::extract::{Id, Page, Query, cursor_of};
use crate::selling::books::finding::{OrderCursor, OrdersFound, Words};
use crate::texts::When;

/// How many orders a page shows.
const ORDERS: usize = 50;

#[derive(Template)]
#[template(path = "organizer/orders.html")]
struct OrdersPage {
    frame: Frame,
    trail: Vec<Crumb>,
    heading: String,
    lead: String,
    here: String,
    words: String,
    rows: Vec<Row>,
    next: Option<String>,
    /// Whether the performance stands in each row.
    with_dates: bool,
}

struct Row {
    href: String,
    number: String,
    placed: When,
    buyer: String,
    email: String,
    tickets: String,
    total: String,
    status: Mark,
    date: Option<When>,
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Sought {
    #[serde(default)]
    q: String,
}

/// Finds an order by its number, wherever it is.
pub(super) async fn search(visit: Visit, Query(Sought { q }): Query<Sought>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    match by_number(&q) {
        Some(order) => Ok(go_to(&format!("/organizer/orders/{order}"))),
        None => {
            let page = OrdersPage {
                frame: desk.visit.frame(Here::Organize),
                trail: vec![Crumb::desk(&desk.say)],
                heading: desk.say.t("org-order-search"),
                lead: desk.say.t("org-order-search-words"),
                here: "/organizer/orders".to_owned(),
                words: q,
                rows: Vec::new(),
                next: None,
                with_dates: false,
            };
            desk.visit.show(&page)
        }
    }
}

/// The order whose number somebody wrote, or that of one of its tickets.
fn by_number(text: &str) -> Option<OrderId> {
    let text = text.trim().to_ascii_lowercase();
    let ticket = || text.parse::<TicketId>().ok().map(TicketId::order);
    text.parse().ok().or_else(ticket)
}

/// Lists the orders of a performance.
pub(super) async fn of_performance(
    visit: Visit,
    Id(id): Id<PerformanceId>,
    Query(Sought { q }): Query<Sought>,
    page: Page,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = desk.showing(id)?;
    if let Some(order) = by_number(&q) {
        return Ok(go_to(&format!("/organizer/orders/{order}")));
    }
    let cursor = page.position::<OrderCursor>()?;
    let selling = &desk.visit.app.selling;
    let found = selling.orders_of_performance(id, cursor, Words::new(&q), ORDERS).await?;
    let say = &desk.say;
    let event = &showing.event;
    let here = format!("/organizer/performances/{id}");
    let when = say.when(showing.performance.schedule.starts_at_ms, &showing.zone);
    let trail = Crumb::to_performance(say, &showing, &when);
    let lead = format!("{}, {}", event.facts.title, when.text);
    let page = list(&desk, &found, trail, lead, format!("{here}/orders"), q, false);
    desk.visit.show(&page)
}

/// Lists the orders of an event, date by date.
pub(super) async fn of_event(
    visit: Visit,
    Id(id): Id<EventId>,
    Query(Sought { q }): Query<Sought>,
    page: Page,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    if let Some(order) = by_number(&q) {
        return Ok(go_to(&format!("/organizer/orders/{order}")));
    }
    let cursor = page.position::<OrderCursor>()?;
    let found = desk.visit.app.selling.orders_of_event(id, cursor, Words::new(&q), ORDERS).await?;
    let here = format!("/organizer/events/{id}");
    let title = event.facts.title.clone();
    let trail = vec![Crumb::desk(&desk.say), Crumb::new(here.clone(), title.clone())];
    let page = list(&desk, &found, trail, title, format!("{here}/orders"), q, true);
    desk.visit.show(&page)
}

fn list(
    desk: &Desk,
    found: &OrdersFound,
    trail: Vec<Crumb>,
    lead: String,
    here: String,
    words: String,
    with_dates: bool,
) -> OrdersPage {
    let next = found.next.and_then(cursor_of);
    OrdersPage {
        frame: desk.visit.frame(Here::Organize),
        trail,
        heading: desk.say.t("org-orders"),
        lead,
        next: next.map(|cursor| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            format!("{here}?{}", query.append_pair("q", &words).append_pair("cursor", &cursor).finish())
        }),
        here,
        words,
        rows: found.orders.iter().map(|order| Row::new(desk, order, with_dates)).collect(),
        with_dates,
    }
}

impl Row {
    fn new(desk: &Desk, order: &Order, with_date: bool) -> Self {
        let say = &desk.say;
        let (zone, starts_at_ms) = {
            let catalog = desk.visit.app.home.catalog_copy().read();
            let performance = catalog.performance(order.performance);
            let zone = performance.map_or(jiff::tz::TimeZone::UTC, |known| catalog.zone(known.venue));
            (zone, performance.map(|known| known.schedule.starts_at_ms))
        };
        Self {
            href: format!("/organizer/orders/{}", order.id),
            number: order.id.to_string(),
            placed: say.when(order.placed_at_ms, &zone),
            buyer: order.buyer.name.clone(),
            email: order.buyer.email.clone(),
            tickets: say.number(order.tickets.len() as u64),
            total: say.money(order.total, order.currency),
            status: order_mark(say, order.status),
            date: starts_at_ms.filter(|_at| with_date).map(|at_ms| say.when(at_ms, &zone)),
        }
    }
}

/// Where an order stands, for its seller.
pub(super) fn order_mark(say: &Say, status: OrderStatus) -> Mark {
    let (key, name, kind) = match status {
        OrderStatus::AwaitingPayment => ("awaiting_payment", say.t("org-order-awaiting"), "warn"),
        OrderStatus::Lapsed => ("lapsed", say.t("org-order-lapsed"), "warn"),
        OrderStatus::Booked => ("booked", say.t("org-order-booked"), "good"),
        OrderStatus::Declined => ("declined", say.t("org-order-declined"), "bad"),
        OrderStatus::Unfulfilled => ("unfulfilled", say.t("org-order-unfulfilled"), "bad"),
        OrderStatus::Cancelled => ("cancelled", say.t("org-order-cancelled"), "bad"),
    };
    Mark { key, name, kind }
}
