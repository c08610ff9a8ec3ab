//! `/bookings/{order}`: a booking with its tickets, and how it stands with the money.

use std::borrow::Cow;

use askama::Template;
use axum::http::header;
use axum::response::Response;
use marquee_ledger::command::Place;
use marquee_ledger::ids::TICKETS_PER_ORDER_MAX;
use marquee_ledger::order::{OrderStatus, PaymentStatus, Refund, RefundStatus, TicketStatus};
use marquee_ledger::{Order, OrderId, TicketId};
use serde::Deserialize;

use super::checkout::{line, refund_words};
use super::events::Fact;
use super::passing::{self, Passing, TransferForm, whose};
use super::performance::{hall_words, venue_words};
use super::problems::ProblemView;
use super::visit::{Frame, Here, NoFields, Posted, Visit, go_to};
use crate::home::Failure;
use crate::http::Problem;
use crate::http::extract::{Id, Query};
use crate::http::tokens;
use crate::selling::Showing;
use crate::selling::hall::HallMap;
use crate::selling::orders::Proved;
use crate::selling::rights::Standing;
use crate::texts::{Texts, When};

#[derive(Template)]
#[template(path = "booking.html")]
struct BookingPage {
    frame: Frame,
    id: String,
    here: String,
    headline: Cow<'static, str>,
    status: Status,
    title: String,
    when: When,
    venue: String,
    problem: Option<ProblemView>,
    explained: Option<Explained>,
    is_pending: bool,
    payment: &'static str,
    /// The link that brings a guest back here from elsewhere.
    guest_link: Option<String>,
    tickets: Vec<TicketView>,
    /// Whether there is a ticket to take along.
    has_valid: bool,
    /// Whether there is a link to be sent on.
    has_offer: bool,
    cancel_href: Option<String>,
    placed: When,
    payment_words: String,
    refunds: Vec<RefundView>,
    total: String,
    policy: String,
    receipt: String,
}

/// Where something stands.
pub(super) struct Status {
    /// A stable word.
    pub(super) key: &'static str,
    /// What people read.
    pub(super) name: Cow<'static, str>,
    /// How it looks.
    pub(super) kind: &'static str,
}

/// What has to be said of a booking beside its status.
struct Explained {
    kind: &'static str,
    title: Cow<'static, str>,
    words: String,
    link: Option<NextStep>,
}

struct NextStep {
    href: String,
    name: Cow<'static, str>,
}

struct TicketView {
    id: String,
    status: &'static str,
    place: Vec<Fact>,
    kind: String,
    price: String,
    qr: Option<String>,
    /// Who has it or is offered it, if not the buyer.
    whose: Option<String>,
    /// What who looks can do with it, if they have it.
    passing: Option<Passing>,
}

impl TicketView {
    fn is_offered(&self) -> bool {
        self.passing.as_ref().is_some_and(|passing| passing.offered.is_some())
    }
}

struct RefundView {
    amount: String,
    reason: String,
    status: Status,
}

/// A link to a booking or a ticket has a guest's token.
#[derive(Debug, Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    pub(super) key: String,
}

/// Shows a booking. A link with a token leaves it in a cookie, so that it does not stay in the address.
pub(super) async fn booking(
    visit: Visit,
    Id(id): Id<OrderId>,
    Query(Key { key }): Query<Key>,
) -> Result<Response, Problem> {
    if let Some(secret) = tokens::secret(&key) {
        let mut response = go_to(&format!("/bookings/{id}"));
        let cookie = visit.order_cookie(id, secret);
        response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        return Ok(response);
    }
    let (proved, standing) = order_of(&visit, id)?;
    let page = page(&visit, &proved, standing, None)?;
    visit.show(&page)
}

/// An order for who may see it.
pub(super) fn order_of(visit: &Visit, id: OrderId) -> Result<(Proved, Standing), Problem> {
    let unknown = || Problem::not_found("order");
    let proved = visit.app.selling.proved(id)?.ok_or_else(unknown)?;
    let standing = visit.app.selling.standing(&proved.order, &visit.asker()).ok_or_else(unknown)?;
    Ok((proved, standing))
}

fn page(
    visit: &Visit,
    proved: &Proved,
    standing: Standing,
    problem: Option<&Problem>,
) -> Result<BookingPage, Problem> {
    let order = &proved.order;
    let (now_ms, texts) = (visit.app.now_ms(), visit.texts());
    let selling = &visit.app.selling;
    let showing = selling.showing(order.performance).ok_or_else(|| Problem::not_found("order"))?;
    let hall = selling.map_of(&showing.performance)?;
    let is_guest = order.buyer.account.is_none() && standing == Standing::Buyer;
    let hall_name = hall_words(&showing);
    let venue = venue_words(&showing);
    let until = texts.when(order.cancel_until_ms, &showing.zone, now_ms);
    let can_cancel = order.valid_tickets().next().is_some()
        && (order.cancel_until_ms > now_ms || standing.may_act_for_seller());
    let here = format!("/bookings/{}", order.id);
    let tickets = tickets(visit, order, &showing, &hall);
    Ok(BookingPage {
        frame: visit.frame(Here::Bookings),
        id: order.id.to_string(),
        headline: texts.t(headline(order)),
        status: status_of(texts, order.status),
        title: showing.event.facts.title.clone(),
        when: texts.when(showing.performance.schedule.starts_at_ms, &showing.zone, now_ms),
        venue: if hall_name.is_empty() { venue } else { format!("{hall_name}, {venue}") },
        problem: problem.map(ProblemView::new),
        explained: explained(texts, order, hold_is_open(visit, order)?),
        is_pending: is_pending(order),
        payment: payment_word(&order.payment),
        guest_link: is_guest.then(|| format!("{here}?key={}", tokens::text(order.secret))),
        has_valid: tickets.iter().any(|ticket| ticket.qr.is_some()),
        has_offer: tickets.iter().any(TicketView::is_offered),
        tickets,
        cancel_href: can_cancel.then(|| format!("{here}/cancel")),
        placed: texts.when(order.placed_at_ms, &showing.zone, now_ms),
        payment_words: payment_words(texts, order),
        refunds: order.refunds.iter().map(|refund| refund_view(texts, order, refund)).collect(),
        total: texts.money(order.total, order.currency),
        policy: refund_words(
            texts,
            order.refund_policy.share_basis_points,
            &until,
            order.cancel_until_ms > now_ms,
        ),
        receipt: proved.receipt.as_ref().map_or_else(
            || texts.t("ledger-not-yet").into_owned(),
            |receipt| texts.with("ledger-entry", "number", receipt.index),
        ),
        here,
    })
}

fn hold_is_open(visit: &Visit, order: &Order) -> Result<bool, Problem> {
    if order.status != OrderStatus::Declined {
        return Ok(false);
    }
    let hold = visit.app.home.snapshot()?.ledger()?.hold(order.hold).map_err(Failure::from)?;
    Ok(hold.is_some_and(|hold| {
        hold.expires_at_ms > visit.app.now_ms() && visit.is_holder(hold.holder) && hold.order.is_none()
    }))
}

/// The key of what stands above all.
fn headline(order: &Order) -> &'static str {
    match order.status {
        OrderStatus::Booked => "your-tickets",
        OrderStatus::AwaitingPayment => match order.payment {
            PaymentStatus::ActionRequired { .. } => "one-more-step",
            PaymentStatus::Pending
            | PaymentStatus::Free
            | PaymentStatus::Captured { .. }
            | PaymentStatus::Declined { .. } => "paying",
        },
        OrderStatus::Lapsed => "still-waiting",
        OrderStatus::Declined => "not-paid",
        OrderStatus::Unfulfilled => "seats-were-gone",
        OrderStatus::Cancelled => "cancelled-booking",
    }
}

/// An order's status, for people.
pub(super) fn status_of(texts: Texts, status: OrderStatus) -> Status {
    let (key, name, kind) = match status {
        OrderStatus::AwaitingPayment => ("awaiting_payment", "order-awaiting-payment", "warn"),
        OrderStatus::Lapsed => ("lapsed", "order-lapsed", "warn"),
        OrderStatus::Booked => ("booked", "order-booked", "good"),
        OrderStatus::Declined => ("declined", "order-declined", "bad"),
        OrderStatus::Unfulfilled => ("unfulfilled", "order-unfulfilled", "bad"),
        OrderStatus::Cancelled => ("cancelled", "order-cancelled", "bad"),
    };
    Status { key, name: texts.t(name), kind }
}

/// Whether the page changes by itself.
fn is_pending(order: &Order) -> bool {
    let payment = match order.payment {
        // Who comes back from their bank is often faster than the bank's word.
        PaymentStatus::Pending | PaymentStatus::ActionRequired { .. } => true,
        PaymentStatus::Free | PaymentStatus::Captured { .. } | PaymentStatus::Declined { .. } => false,
    };
    let refunding = order.refunds.iter().any(|refund| refund.status == RefundStatus::Requested);
    let waits = matches!(order.status, OrderStatus::AwaitingPayment | OrderStatus::Lapsed);
    (waits && payment) || refunding
}

fn payment_word(payment: &PaymentStatus) -> &'static str {
    match payment {
        PaymentStatus::Free => "free",
        PaymentStatus::Pending => "pending",
        PaymentStatus::ActionRequired { .. } => "action_required",
        PaymentStatus::Captured { .. } => "captured",
        PaymentStatus::Declined { .. } => "declined",
    }
}

fn payment_words(texts: Texts, order: &Order) -> String {
    let key = match &order.payment {
        PaymentStatus::Free => "payment-free",
        PaymentStatus::Pending => "payment-pending",
        PaymentStatus::ActionRequired { .. } => "payment-action-required",
        PaymentStatus::Captured { .. } => "payment-captured",
        PaymentStatus::Declined { message, .. } => return said(texts, message),
    };
    texts.t(key).into_owned()
}

/// What a gateway said, or a person when they cancelled: it is kept as it was said, and a few of it are known in all languages.
fn said(texts: Texts, words: &str) -> String {
    let key = match words {
        "" => "gateway-refused",
        "The card was declined." => "card-was-declined",
        CANCELLED_BY_BUYER => "cancelled-by-buyer",
        CANCELLED_BY_ORGANIZER => "cancelled-by-organizer",
        _others => return words.to_owned(),
    };
    texts.t(key).into_owned()
}

/// Why tickets were cancelled, as it is kept.
pub(super) const CANCELLED_BY_BUYER: &str = "Cancelled by the buyer";
pub(super) const CANCELLED_BY_ORGANIZER: &str = "Cancelled by the organizer";

fn explained(texts: Texts, order: &Order, hold_is_open: bool) -> Option<Explained> {
    let step = |href, name| NextStep { href, name: texts.t(name) };
    let again = step(format!("/performances/{}", order.performance), "choose-seats-again");
    let say = |kind, title, words: &str, link| {
        Some(Explained { kind, title: texts.t(title), words: texts.t(words).into_owned(), link })
    };
    match (&order.status, &order.payment) {
        (OrderStatus::AwaitingPayment, PaymentStatus::ActionRequired { url }) => {
            let link = step(url.clone(), "go-to-your-bank");
            say("warn", "bank-asks", "bank-asks-words", Some(link))
        }
        (OrderStatus::AwaitingPayment, _) => {
            say("warn", "payment-under-way", "payment-under-way-words", None)
        }
        (OrderStatus::Lapsed, _) => say("warn", "payment-takes-long", "payment-takes-long-words", None),
        (OrderStatus::Declined, payment) => {
            let words = if let PaymentStatus::Declined { message, .. } = payment { message } else { "" };
            let link = if hold_is_open {
                step(format!("/checkout/{}", order.hold), "try-another-card")
            } else {
                again
            };
            Some(Explained {
                kind: "bad",
                title: texts.t("payment-declined"),
                words: texts.with("payment-declined-words", "said", said(texts, words)),
                link: Some(link),
            })
        }
        (OrderStatus::Unfulfilled, _) => say("bad", "paid-too-late", "paid-too-late-words", Some(again)),
        (OrderStatus::Booked | OrderStatus::Cancelled, _) => None,
    }
}

fn tickets(visit: &Visit, order: &Order, showing: &Showing, hall: &HallMap) -> Vec<TicketView> {
    let (texts, selling, asker) = (visit.texts(), &visit.app.selling, visit.asker());
    let views = order.tickets.iter().zip(0u8..).map(|(ticket, index)| {
        let id = order.id.ticket(index);
        let code = selling.code(order, index, &showing.performance, &asker);
        let words = line(texts, hall, &showing.performance.sale, &ticket.place);
        let hand = selling.hand(order, index, &asker);
        let base = format!("/bookings/{}/tickets/{index}", order.id);
        let passing = Passing::new(visit, order, (index, ticket), &base);
        let is_told = passing.as_ref().is_some_and(|passing| passing.offered.is_some());
        TicketView {
            id: id.to_string(),
            status: match ticket.status {
                TicketStatus::Pending => "pending",
                TicketStatus::Valid => "valid",
                TicketStatus::Cancelled => "cancelled",
            },
            place: place_facts(texts, hall, ticket.place.place),
            kind: words.kind,
            price: texts.money(ticket.place.price, order.currency),
            qr: code.map(|code| qr(&code)),
            whose: whose(texts, ticket, hand).filter(|_whose| !is_told),
            passing,
        }
    });
    views.filter(|ticket| ticket.status != "pending").collect()
}

/// Section, row and seat, each with its word.
pub(super) fn place_facts(texts: Texts, hall: &HallMap, place: Place) -> Vec<Fact> {
    let fact = |name, value: &str| Fact { name: texts.t(name), value: value.to_owned() };
    match place {
        Place::Seat(seat) => hall.seat(seat).map_or_else(Vec::new, |seat| {
            vec![fact("section", seat.section), fact("row", seat.row), fact("seat", seat.number)]
        }),
        Place::Area(area) => {
            hall.area(area).map_or_else(Vec::new, |(area, _section)| vec![fact("area", &area.name)])
        }
    }
}

/// A ticket's code as a picture: dark on light, whatever the colours of the page.
pub(super) fn qr(code: &str) -> String {
    use qrcode::render::svg;
    let Ok(made) = qrcode::QrCode::with_error_correction_level(code, qrcode::EcLevel::M) else {
        return String::new();
    };
    let picture =
        made.render::<svg::Color<'_>>().min_dimensions(208, 208).dark_color(svg::Color("#000")).build();
    // Within a page there is no XML declaration.
    picture.find("<svg").map_or_else(String::new, |start| picture[start..].to_owned())
}

fn refund_view(texts: Texts, order: &Order, refund: &Refund) -> RefundView {
    let (key, name, kind) = match refund.status {
        RefundStatus::Requested => ("requested", "refund-requested", "warn"),
        RefundStatus::Settled => ("settled", "refund-settled", "good"),
        RefundStatus::Failed { .. } => ("failed", "refund-failed", "bad"),
    };
    RefundView {
        amount: texts.money(refund.amount, order.currency),
        reason: said(texts, &refund.reason),
        status: Status { key, name: texts.t(name), kind },
    }
}

/// Offers a ticket of a booking to somebody else.
pub(super) async fn transfer(
    visit: Visit,
    axum::extract::Path((order, index)): axum::extract::Path<(String, u8)>,
    posted: Posted<TransferForm>,
) -> Result<Response, Problem> {
    let id = ticket_at(&order, index)?;
    let offered = passing::offer(&visit, id, posted).await;
    after(&visit, id, offered)
}

/// Takes that back.
pub(super) async fn call_back(
    visit: Visit,
    axum::extract::Path((order, index)): axum::extract::Path<(String, u8)>,
    posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    let id = ticket_at(&order, index)?;
    let called_back = passing::call_back(&visit, id, posted).await;
    after(&visit, id, called_back)
}

fn ticket_at(order: &str, index: u8) -> Result<TicketId, Problem> {
    let order: OrderId = order.parse().map_err(|_no_id| Problem::not_found("order"))?;
    let is_ticket = usize::from(index) < TICKETS_PER_ORDER_MAX;
    is_ticket.then(|| order.ticket(index)).ok_or_else(|| Problem::not_found("ticket"))
}

/// The booking after a form, at the form's ticket; or with what was wrong.
fn after(visit: &Visit, id: TicketId, done: Result<(), Problem>) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(go_to(&format!("/bookings/{}#{id}", id.order()))),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => {
            let (proved, standing) = order_of(visit, id.order())?;
            let page = page(visit, &proved, standing, Some(&problem))?;
            visit.show_refused(problem.status(), &page)
        }
    }
}
