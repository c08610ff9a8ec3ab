//! What the lists show, as tables (RFC 4180) for other programs: `/organizer/events/{id}/performances.csv`, which can be
//! imported again, and `orders.csv` of an event or a performance, a ticket a line.
//!
//! They are as long as there are dates or orders, and written while they are sent.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use marquee_ledger::command::Place;
use marquee_ledger::order::Ticket;
use marquee_ledger::{EventId, Order, PerformanceId};

use super::super::visit::Visit;
use super::rights::Desk;
use crate::catalog::entity::Performance;
use crate::formats::amount::decimal;
use crate::formats::table;
use crate::http::bookings::body::{order_status, ticket_status};
use crate::http::extract::Id;
use crate::http::instant::instant;
use crate::http::long::{self, Ends};
use crate::http::{App, Problem};
use crate::import::intake::local;
use crate::selling::Showing;
use crate::selling::books::counted::Of;
use crate::selling::books::finding::{OrderCursor, OrdersFound, Words};
use crate::selling::hall::HallMap;

/// How many dates, and how many orders, are read and written at a time.
const DATES: usize = 100;
const ORDERS: usize = 50;

/// The columns of tickets, in the order in which they are written.
const TICKET_COLUMNS: [&str; 19] = [
    "order",
    "placed_at",
    "order_status",
    "performance",
    "starts_at",
    "buyer",
    "buyer_email",
    "ticket",
    "ticket_status",
    "holder",
    "holder_email",
    "section",
    "row",
    "seat",
    "area",
    "category",
    "concession",
    "price",
    "currency",
];

/// The dates of an event.
pub(super) async fn dates(visit: Visit, Id(id): Id<EventId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    desk.event(id)?;
    let app = desk.visit.app;
    let dates: Vec<_> = app.home.catalog_copy().read().performances_of(id).cloned().collect();
    let write = move |dates: Vec<Arc<Performance>>| Ok(table::lines(&app.home.catalog_copy().read(), &dates));
    let ends = Ends { head: table::head(), ..Ends::default() };
    Ok(file("performances", long::body(ends, long::known(dates, DATES), write)))
}

/// The tickets of an event, date by date.
pub(super) async fn orders_of_event(visit: Visit, Id(id): Id<EventId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    desk.event(id)?;
    orders(&desk.visit.app, Of::Event(id)).await
}

/// The tickets of a performance.
pub(super) async fn orders_of_performance(
    visit: Visit,
    Id(id): Id<PerformanceId>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    desk.showing(id)?;
    orders(&desk.visit.app, Of::Performance(id)).await
}

async fn orders(app: &App, of: Of) -> Result<Response, Problem> {
    // A home that does not answer is told as a problem, while there is no table yet.
    let OrdersFound { orders, next } = page(app, of, None).await?;
    let batches = stream::iter([Ok(orders)]).chain(later(app.clone(), of, next));
    let writer = app.clone();
    let write = move |orders: Vec<Order>| {
        let mut records = Vec::new();
        for order in &orders {
            tell(&writer, order, &mut records)?;
        }
        Ok(table::written(records))
    };
    let head = table::written([TICKET_COLUMNS.map(str::to_owned)]);
    Ok(file("tickets", long::body(Ends { head, ..Ends::default() }, batches, write)))
}

async fn page(app: &App, of: Of, cursor: Option<OrderCursor>) -> Result<OrdersFound, Problem> {
    let all = Words::default();
    Ok(match of {
        Of::Performance(id) => app.selling.orders_of_performance(id, cursor, all, ORDERS).await?,
        Of::Event(id) => app.selling.orders_of_event(id, cursor, all, ORDERS).await?,
    })
}

fn later(
    app: App,
    of: Of,
    next: Option<OrderCursor>,
) -> impl Stream<Item = Result<Vec<Order>, Problem>> + Send + 'static {
    stream::try_unfold((app, next), move |(app, next)| async move {
        let Some(cursor) = next else { return Ok(None) };
        let found = page(&app, of, Some(cursor)).await?;
        Ok(Some((found.orders, (app, found.next))))
    })
}

fn tell(app: &App, order: &Order, records: &mut Vec<[String; TICKET_COLUMNS.len()]>) -> Result<(), Problem> {
    // What has orders is never removed from the catalog.
    let showing = app.selling.showing(order.performance).ok_or_else(|| Problem::not_found("performance"))?;
    let hall = app.selling.map_of(&showing.performance)?;
    // An order has at most 200 tickets.
    let tickets = (0..).zip(&order.tickets);
    records.extend(tickets.map(|(nth, ticket)| record(order, &showing, &hall, nth, ticket)));
    Ok(())
}

fn record(
    order: &Order,
    showing: &Showing,
    hall: &HallMap,
    nth: u8,
    ticket: &Ticket,
) -> [String; TICKET_COLUMNS.len()] {
    let (mut section, mut row, mut seat, mut area) = ("", "", "", "");
    match ticket.place.place {
        Place::Seat(index) => {
            if let Some(label) = hall.seat(index) {
                (section, row, seat) = (label.section, label.row, label.number);
            }
        }
        Place::Area(index) => {
            if let Some((known, of_section)) = hall.area(index) {
                (section, area) = (of_section, known.name.as_str());
            }
        }
    }
    let sale = &showing.performance.sale;
    let concession = sale.concessions.get(usize::from(ticket.place.concession));
    let holder = order.holder(ticket);
    [
        order.id.to_string(),
        instant(order.placed_at_ms),
        order_status(order.status).to_owned(),
        order.performance.to_string(),
        local(showing.performance.schedule.starts_at_ms, &showing.zone),
        harmless(&order.buyer.name),
        harmless(&order.buyer.email),
        order.id.ticket(nth).to_string(),
        ticket_status(ticket.status).to_owned(),
        harmless(&holder.name),
        harmless(&holder.email),
        harmless(section),
        harmless(row),
        harmless(seat),
        harmless(area),
        hall.category(ticket.place.category).to_owned(),
        concession.cloned().unwrap_or_default(),
        decimal(ticket.place.price, order.currency),
        order.currency.code().to_owned(),
    ]
}

/// A text of somebody's that a spreadsheet would take for a formula gets an apostrophe, which makes it a text there.
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn file(name: &str, body: axum::body::Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_name_is_a_formula() {
        for (text, written) in [
            ("=HYPERLINK(\"http://evil.example\")", "'=HYPERLINK(\"http://evil.example\")"),
            ("+1", "'+1"),
            ("Ann-Marie", "Ann-Marie"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), written);
        }
    }
}
