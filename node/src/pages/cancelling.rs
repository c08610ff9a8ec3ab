//! `/bookings/{order}/cancel`: which tickets, what comes back, and only then the button.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use marquee_ledger::command::CancelGround;
use marquee_ledger::order::Ticket;
use marquee_ledger::{Order, OrderId, TicketId};
use serde::Deserialize;

use super::booking::{CANCELLED_BY_BUYER, CANCELLED_BY_ORGANIZER, order_of};
use super::checkout::{line, refund_words};
use super::problems::ProblemView;
use super::visit::{Frame, Here, Posted, Visit, go_to, random_text};
use crate::http::Problem;
use crate::http::extract::Id;
use crate::http::kinds;
use crate::selling::rights::Standing;
use crate::texts::Texts;

#[derive(Template)]
#[template(path = "cancel.html")]
struct CancelPage {
    frame: Frame,
    title: String,
    back: String,
    action: String,
    problem: Option<ProblemView>,
    lines: Vec<CancelLine>,
    review: Option<Review>,
    policy: String,
    request: String,
}

/// A ticket that can be cancelled.
struct CancelLine {
    id: String,
    place: String,
    price: String,
    refund: String,
    /// What was paid for what, and what comes back of it.
    words: String,
    /// Who loses it, if it was given or offered to somebody else.
    whose: Option<String>,
}

/// What is about to be cancelled.
struct Review {
    lines: Vec<CancelLine>,
    total: String,
    /// The ids, with spaces between them.
    tickets: String,
}

/// Asks which tickets; with `review` in the query, shows what comes back of those named.
pub(super) async fn choose(visit: Visit, Id(id): Id<OrderId>, uri: Uri) -> Result<Response, Problem> {
    let mut is_review = false;
    let mut named: Vec<TicketId> = Vec::new();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "review" => is_review = true,
            "ticket" => named.push(value.parse().map_err(|_no_id| Problem::not_found("ticket"))?),
            _other => {}
        }
    }
    let problem = (is_review && named.is_empty()).then(|| Problem::new(kinds::EMPTY_SELECTION));
    let wanted = (is_review && !named.is_empty()).then_some(named.as_slice());
    let page = page(&visit, id, wanted, problem.as_ref())?;
    visit.show(&page)
}

fn page(
    visit: &Visit,
    id: OrderId,
    wanted: Option<&[TicketId]>,
    problem: Option<&Problem>,
) -> Result<CancelPage, Problem> {
    let (proved, standing) = order_of(visit, id)?;
    let order = &proved.order;
    let selling = &visit.app.selling;
    let showing = selling.showing(order.performance).ok_or_else(|| Problem::not_found("order"))?;
    let hall = selling.map_of(&showing.performance)?;
    let (now_ms, texts) = (visit.app.now_ms(), visit.texts());
    let for_buyer = standing == Standing::Buyer;
    if for_buyer && now_ms >= order.cancel_until_ms {
        return Err(Problem::new(kinds::TOO_LATE_TO_CANCEL));
    }
    let back_of = |order: &Order, price| if for_buyer { order.refund_policy.share_of(price) } else { price };
    let (mut lines, mut total, mut ids) = (Vec::new(), 0, Vec::new());
    for (index, ticket) in order.valid_tickets() {
        // An order has at most 200 tickets.
        let ticket_id = id.ticket(index as u8);
        if wanted.is_some_and(|wanted| !wanted.contains(&ticket_id)) {
            continue;
        }
        let words = line(texts, &hall, &showing.performance.sale, &ticket.place);
        let refund = back_of(order, ticket.place.price);
        total += refund;
        ids.push(ticket_id.to_string());
        let refund = texts.money(refund, order.currency);
        lines.push(CancelLine {
            id: ticket_id.to_string(),
            place: words.place,
            words: texts.with3(
                "cancel-line",
                ("kind", &words.kind),
                ("price", &words.price),
                ("refund", &refund),
            ),
            whose: loser(texts, ticket),
            price: words.price,
            refund,
        });
    }
    if lines.is_empty() {
        return Err(Problem::not_found("ticket"));
    }
    let until = texts.when(order.cancel_until_ms, &showing.zone, now_ms);
    let (review, lines) = match wanted {
        None => (None, lines),
        Some(_named) => {
            let total = texts.money(total.min(order.refundable()).max(0), order.currency);
            (Some(Review { lines, total, tickets: ids.join(" ") }), Vec::new())
        }
    };
    Ok(CancelPage {
        frame: visit.frame(Here::Bookings),
        title: showing.event.facts.title.clone(),
        back: format!("/bookings/{id}"),
        action: format!("/bookings/{id}/cancel"),
        problem: problem.map(ProblemView::new),
        lines,
        review,
        policy: refund_words(texts, order.refund_policy.share_basis_points, &until, true),
        request: random_text(),
    })
}

/// What is said of a ticket that its buyer cancels though it is, or may soon be, somebody else's.
fn loser(texts: Texts, ticket: &Ticket) -> Option<String> {
    match (&ticket.gift, &ticket.offered) {
        (Some(gift), _) => Some(texts.with("cancel-given", "name", &gift.holder.name)),
        (None, Some(to)) => Some(texts.with("cancel-offered", "name", &to.name)),
        (None, None) => None,
    }
}

/// The form that cancels.
#[derive(Debug, Deserialize)]
pub(super) struct CancelForm {
    tickets: String,
}

/// Cancels tickets, and shows the booking with its refund.
pub(super) async fn cancel(
    visit: Visit,
    Id(id): Id<OrderId>,
    posted: Posted<CancelForm>,
) -> Result<Response, Problem> {
    let (_proved, standing) = order_of(&visit, id)?;
    let tickets: Result<Vec<TicketId>, _> = posted.form.tickets.split_whitespace().map(str::parse).collect();
    let tickets = tickets.map_err(|_no_id| Problem::not_found("ticket"))?;
    // None named would mean all: that is never what a form without tickets wants.
    if tickets.is_empty() {
        return Err(Problem::new(kinds::EMPTY_SELECTION));
    }
    let (ground, reason) = match standing {
        Standing::Buyer => (CancelGround::Buyer, CANCELLED_BY_BUYER),
        Standing::Seller | Standing::Support => (CancelGround::Seller, CANCELLED_BY_ORGANIZER),
    };
    visit.app.selling.cancel(posted.key(), id, tickets, ground, reason.to_owned()).await?;
    Ok(go_to(&format!("/bookings/{id}")))
}
