//! A booking to take along: its tickets as PDF, and its performance for the buyer's calendar.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use icalendar::{Component, EventStatus};
use marquee_ledger::command::Place;
use marquee_ledger::order::{Ticket, TicketStatus};
use marquee_ledger::{Order, OrderId};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::booking::order_of;
use super::checkout::{line, place_words, refund_words};
use super::performance::{hall_words, venue_words};
use super::visit::Visit;
use crate::formats::calendar;
use crate::http::extract::{Id, Query, Storefront};
use crate::http::{App, Problem};
use crate::print::PrintError;
use crate::print::ticket::{self, Paper, Sheet};
use crate::selling::Showing;
use crate::selling::hall::HallMap;
use crate::selling::rights::Standing;
use crate::texts::{Language, Texts};

/// Calendars are for programs.
const ENGLISH: Texts = Texts::of(Language::English);

/// How many booklets are set at a time.
const AT_ONCE: usize = 4;
static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// On which paper.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PaperQuery {
    /// `a4`: two tickets on a page; `home`: one on a page, to be folded twice; `receipt`: for a roll of 80 mm.
    #[serde(default)]
    #[param(example = "a4")]
    size: String,
}

impl PaperQuery {
    fn paper(&self) -> Result<Paper, Problem> {
        match self.size.as_str() {
            "" => Ok(Paper::default()),
            word => word.parse().map_err(|error: ticket::UnknownPaper| {
                Problem::new(crate::http::kinds::INVALID_QUERY).error("size", error.to_string())
            }),
        }
    }
}

/// The tickets of a booking as PDF.
pub(super) async fn tickets(
    visit: Visit,
    Id(id): Id<OrderId>,
    Query(query): Query<PaperQuery>,
) -> Result<Response, Problem> {
    let (proved, standing) = order_of(&visit, id)?;
    pdf(&visit.app, &proved.order, standing, &query, visit.texts()).await
}

/// The tickets of an order that admit, as PDF; without those that a buyer gave to somebody else.
///
/// # Errors
/// `unknown-ticket` when there are none, `invalid-query` for another paper than there are.
pub(crate) async fn pdf(
    app: &App,
    order: &Order,
    standing: Standing,
    query: &PaperQuery,
    texts: Texts,
) -> Result<Response, Problem> {
    let paper = query.paper()?;
    let sheet = sheet(app, order, standing, texts)?;
    if sheet.tickets.is_empty() {
        let words = "the order has no ticket that is valid and still with its buyer";
        return Err(Problem::not_found("ticket").detail(words));
    }
    // Setting type takes a while: not on the threads that answer everyone, and for few at a time.
    let _permit = PERMITS.acquire().await.map_err(|closed| Problem::internal(&closed))?;
    let printed = tokio::task::spawn_blocking(move || ticket::pdf(&sheet, paper)).await;
    let bytes = printed.map_err(|panicked| Problem::internal(&panicked))?;
    let bytes = bytes.map_err(|error: PrintError| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"marquee-tickets.pdf\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, bytes).into_response())
}

fn sheet(app: &App, order: &Order, standing: Standing, texts: Texts) -> Result<Sheet, Problem> {
    let showing = app.selling.showing(order.performance).ok_or_else(|| Problem::not_found("order"))?;
    let hall = app.selling.map_of(&showing.performance)?;
    let schedule = &showing.performance.schedule;
    // Paper is read in another year too: all dates have theirs.
    let when = |at_ms| texts.when(at_ms, &showing.zone, 0);
    let start = when(schedule.starts_at_ms);
    let doors = schedule.doors_at_ms.map(|at_ms| texts.with("doors-open-at", "time", when(at_ms).time));
    let zone = showing.zone.iana_name().map(|name| texts.with("local-time", "zone", name));
    let (hall_name, venue) = (hall_words(&showing), venue_words(&showing));
    let title = &showing.event.facts.title;
    let (share, is_open) = (order.refund_policy.share_basis_points, order.cancel_until_ms > app.now_ms());
    let refund = refund_words(texts, share, &when(order.cancel_until_ms), is_open);
    let printed = (0..).zip(&order.tickets).filter(|(_index, ticket)| {
        // Who gave a ticket away must not be able to come with it.
        ticket.status == TicketStatus::Valid && (ticket.holder.is_none() || standing != Standing::Buyer)
    });
    let printed: Vec<(u8, &Ticket)> = printed.collect();
    let count = printed.len();
    let tickets = printed.into_iter().zip(1..).filter_map(|((index, ticket), nth)| {
        let counted = texts.with2("ticket-counted", "nth", nth, "count", count);
        Bearer { app, order, showing: &showing, hall: &hall, texts }.ticket(index, ticket, counted)
    });
    Ok(Sheet {
        title: texts.with("printed-title", "title", title),
        language: texts.language().tag().to_owned(),
        event: title.clone(),
        when: format!("{}, {} {}", start.date, start.time, start.zone),
        when_more: [doors, zone].into_iter().flatten().collect::<Vec<_>>().join(" "),
        place: if hall_name.is_empty() { venue } else { format!("{hall_name}, {venue}") },
        address: calendar::address(&showing.venue.facts),
        terms_heading: texts.t("printed-terms").into_owned(),
        terms: vec![
            texts.t("printed-admits").into_owned(),
            refund,
            texts.t("printed-changes").into_owned(),
            texts.t("printed-fold-hint").into_owned(),
        ],
        fold: texts.t("printed-fold").into_owned(),
        tickets: tickets.collect(),
    })
}

/// What the tickets of an order have in common.
struct Bearer<'b> {
    app: &'b App,
    order: &'b Order,
    showing: &'b Showing,
    hall: &'b HallMap,
    texts: Texts,
}

impl Bearer<'_> {
    /// A ticket with its code, if it admits.
    fn ticket(&self, index: u8, ticket: &Ticket, counted: String) -> Option<ticket::Ticket> {
        let Self { order, texts, .. } = self;
        let code = self.app.selling.code(order, index, &self.showing.performance)?;
        let words = line(*texts, self.hall, &self.showing.performance.sale, &ticket.place);
        let holder = ticket.holder.as_ref().unwrap_or(&order.buyer);
        let facts = [
            self.fact("printed-kind", &words.kind),
            self.fact("printed-price", &texts.money(ticket.place.price, order.currency)),
            self.fact("printed-name", &holder.name),
            self.fact("printed-booking", &order.id.to_string()),
        ];
        Some(ticket::Ticket {
            counted,
            place: self.place(ticket.place.place),
            facts: facts.into_iter().filter(|(_word, value)| !value.is_empty()).collect(),
            code_alt: texts.with("printed-code", "place", &words.place),
            code,
            id: order.id.ticket(index).to_string(),
        })
    }

    fn place(&self, place: Place) -> Vec<(String, String)> {
        match place {
            Place::Seat(seat) => self.hall.seat(seat).map_or_else(Vec::new, |seat| {
                vec![
                    self.fact("printed-section", seat.section),
                    self.fact("printed-row", seat.row),
                    self.fact("printed-seat", seat.number),
                ]
            }),
            Place::Area(area) => self.hall.area(area).map_or_else(Vec::new, |(area, _section)| {
                let choice = self.texts.t("printed-free-choice");
                vec![self.fact("printed-area", &area.name), self.fact("printed-seat", &choice)]
            }),
        }
    }

    fn fact(&self, key: &str, value: &str) -> (String, String) {
        (self.texts.t(key).into_owned(), value.to_owned())
    }
}

/// The performance of a booking, for the buyer's calendar.
pub(super) async fn entry(
    State(app): State<App>,
    visit: Visit,
    front: Storefront,
    Id(id): Id<OrderId>,
) -> Result<Response, Problem> {
    let (proved, _standing) = order_of(&visit, id)?;
    let order = &proved.order;
    let showing = app.selling.showing(order.performance).ok_or_else(|| Problem::not_found("order"))?;
    let hall = app.selling.map_of(&showing.performance)?;
    let places: Vec<_> = order
        .valid_tickets()
        .map(|(_index, ticket)| place_words(ENGLISH, &hall, ticket.place.place))
        .collect();
    let catalog = app.home.catalog_copy().read();
    let mut entry = calendar::entry(&catalog, &showing.event, &showing.performance, &front.0);
    entry.uid(&id.to_string()).url(&format!("{}/bookings/{id}", front.0));
    if places.is_empty() {
        entry.status(EventStatus::Cancelled);
    }
    entry.description(&format!("{}\nBooking {id}", places.join("\n")));
    let mut document = calendar::begin(&showing.event.facts.title);
    document.push(entry.done());
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"marquee-booking.ics\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, document.to_string()).into_response())
}
