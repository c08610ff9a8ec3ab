//! A booking to take along: its tickets as PDF, and its performance for the buyer's calendar.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use icalendar::{Component, EventStatus};
use marquee_ledger::command::Place;
use marquee_ledger::order::Ticket;
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
use crate::selling::rights::Asker;
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
    let (proved, _standing) = order_of(&visit, id)?;
    pdf(&visit.app, &proved.order, None, &visit.asker(), &query, visit.texts()).await
}

/// The tickets of an order that admit and that who asks may come with, as PDF; or only that one of them.
///
/// # Errors
/// `unknown-ticket` when there are none, `invalid-query` for another paper than there are.
pub(crate) async fn pdf(
    app: &App,
    order: &Order,
    only: Option<u8>,
    asker: &Asker,
    query: &PaperQuery,
    texts: Texts,
) -> Result<Response, Problem> {
    let paper = query.paper()?;
    let sheet = sheet(app, order, only, asker, texts)?;
    if sheet.tickets.is_empty() {
        let words = "there is no ticket that is valid and not somebody else's";
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

fn sheet(app: &App, order: &Order, only: Option<u8>, asker: &Asker, texts: Texts) -> Result<Sheet, Problem> {
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
    let printed = (0..).zip(&order.tickets).filter_map(|(index, ticket)| {
        let code = app.selling.code(order, index, &showing.performance, asker)?;
        Some((index, ticket, code)).filter(|_printed| only.is_none_or(|only| only == index))
    });
    let printed: Vec<(u8, &Ticket, String)> = printed.collect();
    let giver = printed.iter().find_map(|(_index, ticket, _code)| ticket.gift.as_ref());
    let refund = match giver.filter(|_gift| only.is_some()) {
        // Cancelling stays with the buyer.
        Some(gift) if gift.from.name.is_empty() => texts.t("printed-given").into_owned(),
        Some(gift) => texts.with("printed-given-by", "name", &gift.from.name),
        None => refund,
    };
    let count = printed.len();
    let tickets = printed.into_iter().zip(1..).map(|((index, ticket, code), nth)| {
        let counted = texts.with2("ticket-counted", "nth", nth, "count", count);
        Bearer { order, showing: &showing, hall: &hall, texts }.ticket((index, code), ticket, counted)
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
    order: &'b Order,
    showing: &'b Showing,
    hall: &'b HallMap,
    texts: Texts,
}

impl Bearer<'_> {
    /// A ticket with its code.
    fn ticket(&self, (index, code): (u8, String), ticket: &Ticket, counted: String) -> ticket::Ticket {
        let Self { order, texts, .. } = self;
        let words = line(*texts, self.hall, &self.showing.performance.sale, &ticket.place);
        let holder = order.holder(ticket);
        let facts = [
            self.fact("printed-kind", &words.kind),
            self.fact("printed-price", &texts.money(ticket.place.price, order.currency)),
            self.fact("printed-name", &holder.name),
            self.fact("printed-booking", &order.id.to_string()),
        ];
        ticket::Ticket {
            counted,
            place: self.place(ticket.place.place),
            facts: facts.into_iter().filter(|(_word, value)| !value.is_empty()).collect(),
            code_alt: texts.with("printed-code", "place", &words.place),
            code,
            id: order.id.ticket(index).to_string(),
        }
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
pub(super) async fn entry(visit: Visit, front: Storefront, Id(id): Id<OrderId>) -> Result<Response, Problem> {
    let (proved, _standing) = order_of(&visit, id)?;
    let named = ("Booking", id.to_string(), format!("{}/bookings/{id}", front.0));
    let valid = proved.order.valid_tickets();
    calendar_of(&visit.app, &proved.order, valid, named, &front)
}

/// An order's performance for calendars, with the places of some of its tickets; `named` is what the entry is of, its id
/// and its page.
pub(super) fn calendar_of<'t>(
    app: &App,
    order: &Order,
    valid: impl IntoIterator<Item = (usize, &'t Ticket)>,
    (what, id, page): (&str, String, String),
    front: &Storefront,
) -> Result<Response, Problem> {
    let showing = app.selling.showing(order.performance).ok_or_else(|| Problem::not_found("order"))?;
    let hall = app.selling.map_of(&showing.performance)?;
    let places: Vec<_> =
        valid.into_iter().map(|(_index, ticket)| place_words(ENGLISH, &hall, ticket.place.place)).collect();
    let catalog = app.home.catalog_copy().read();
    let mut entry = calendar::entry(&catalog, &showing.event, &showing.performance, &front.0);
    entry.uid(&id).url(&page);
    if places.is_empty() {
        entry.status(EventStatus::Cancelled);
    }
    entry.description(&format!("{}\n{what} {id}", places.join("\n")));
    let mut document = calendar::begin(&showing.event.facts.title);
    document.push(entry.done());
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"marquee-booking.ics\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, document.to_string()).into_response())
}
