//! `/organizer/orders/{id}`: an order as its seller sees it: tickets, payment, refunds, and everything that happened.

use askama::Template;
use axum::response::Response;
use marquee_ledger::money::Account;
use marquee_ledger::order::{PaymentStatus, Posting, RefundStatus, TicketStatus};
use marquee_ledger::{Order, OrderId};

use super::super::passing::whose;
use super::super::performance::{hall_words, venue_words};
use super::super::visit::{Frame, Here, Visit};
use super::orders::order_mark;
use super::rights::Desk;
use super::say::Say;
use super::shown::{Crumb, Mark};
use crate::http::extract::{Id, Storefront};
use crate::http::{Problem, tokens};
use crate::selling::Showing;
use crate::selling::rights::{Hand, Standing};
use crate::texts::When;

#[derive(Template)]
#[template(path = "organizer/order.html")]
struct OrderPage {
    frame: Frame,
    trail: Vec<Crumb>,
    number: String,
    title: String,
    when: When,
    place: String,
    status: Mark,
    placed: When,
    buyer: String,
    email: String,
    has_account: bool,
    tickets: Vec<TicketLine>,
    total: String,
    payment: String,
    gateway: String,
    refundable: String,
    cancel_until: When,
    refunds: Vec<RefundLine>,
    history: Vec<(When, String)>,
    receipt: Option<String>,
    /// Where money is paid back; none if there is none to pay back.
    refund_href: Option<String>,
    /// What the buyer opens to see their booking.
    link: String,
}

struct TicketLine {
    place: String,
    kind: String,
    price: String,
    status: Mark,
    /// Who has it or is offered it, if not the buyer.
    whose: Option<String>,
}

struct RefundLine {
    amount: String,
    reason: String,
    at: When,
    status: Mark,
    failure: String,
}

/// Shows an order.
pub(super) async fn order(
    visit: Visit,
    Id(id): Id<OrderId>,
    storefront: Storefront,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let (proved, showing) = desk.order(id)?;
    let order = &proved.order;
    let say = &desk.say;
    let hall = desk.visit.app.selling.map_of(&showing.performance)?;
    let (hall_name, venue) = (hall_words(&showing), venue_words(&showing));
    let when = say.when(showing.performance.schedule.starts_at_ms, &showing.zone);
    let at = |at_ms: u64| say.when(at_ms, &showing.zone);
    let tickets = order.tickets.iter().map(|ticket| {
        let words = say.line(&hall, &showing.performance.sale, &ticket.place);
        TicketLine {
            place: words.place,
            kind: words.kind,
            price: say.money(ticket.place.price, order.currency),
            status: ticket_mark(say, ticket.status),
            whose: whose(desk.visit.texts(), ticket, Some(Hand::Of(Standing::Seller))),
        }
    });
    let refunds = order.refunds.iter().map(|refund| {
        let (status, failure) = refund_mark(say, &refund.status);
        RefundLine {
            amount: say.money(refund.amount, order.currency),
            reason: refund.reason.clone(),
            at: at(refund.requested_at_ms),
            status,
            failure,
        }
    });
    let refundable = order.refundable().max(0);
    let page = OrderPage {
        frame: desk.visit.frame(Here::Organize),
        trail: trail(say, &showing, &when),
        number: id.to_string(),
        title: showing.event.facts.title.clone(),
        place: if hall_name.is_empty() { venue } else { format!("{hall_name}, {venue}") },
        status: order_mark(say, order.status),
        placed: at(order.placed_at_ms),
        buyer: order.buyer.name.clone(),
        email: order.buyer.email.clone(),
        has_account: order.buyer.account.is_some(),
        tickets: tickets.collect(),
        total: say.money(order.total, order.currency),
        payment: payment_words(say, &order.payment),
        gateway: order.intent.clone().unwrap_or_default(),
        refundable: say.money(refundable, order.currency),
        cancel_until: at(order.cancel_until_ms),
        refunds: refunds.collect(),
        history: history(say, order).into_iter().map(|(at_ms, words)| (at(at_ms), words)).collect(),
        receipt: proved.receipt.as_ref().map(|receipt| receipt.index.to_string()),
        refund_href: (refundable > 0 || order.valid_tickets().next().is_some())
            .then(|| format!("/organizer/orders/{id}/refund")),
        link: link(order, &storefront),
        when,
    };
    desk.visit.show(&page)
}

/// The way to a page about an order.
pub(super) fn trail(say: &Say, showing: &Showing, when: &When) -> Vec<Crumb> {
    let mut trail = Crumb::to_performance(say, showing, when);
    let here = format!("/organizer/performances/{}", showing.performance.id);
    trail.push(Crumb::new(format!("{here}/orders"), say.t("org-orders")));
    trail
}

/// The booking's link: a guest needs its token, an account signs in.
fn link(order: &Order, storefront: &Storefront) -> String {
    let here = format!("{}/bookings/{}", storefront.0, order.id);
    match order.buyer.account {
        Some(_account) => here,
        None => format!("{here}?key={}", tokens::text(order.secret)),
    }
}

fn ticket_mark(say: &Say, status: TicketStatus) -> Mark {
    match status {
        TicketStatus::Pending => Mark { key: "pending", name: say.t("org-ticket-pending"), kind: "warn" },
        TicketStatus::Valid => Mark { key: "valid", name: say.t("org-ticket-valid"), kind: "good" },
        TicketStatus::Cancelled => {
            Mark { key: "cancelled", name: say.t("org-ticket-cancelled"), kind: "bad" }
        }
    }
}

fn refund_mark(say: &Say, status: &RefundStatus) -> (Mark, String) {
    match status {
        RefundStatus::Requested => {
            (Mark { key: "requested", name: say.t("org-refund-requested"), kind: "warn" }, String::new())
        }
        RefundStatus::Settled => {
            (Mark { key: "settled", name: say.t("org-refund-settled"), kind: "good" }, String::new())
        }
        RefundStatus::Failed { message } => {
            (Mark { key: "failed", name: say.t("org-refund-failed"), kind: "bad" }, message.clone())
        }
    }
}

fn payment_words(say: &Say, payment: &PaymentStatus) -> String {
    match payment {
        PaymentStatus::Free => say.t("org-payment-free"),
        PaymentStatus::Pending => say.t("org-payment-pending"),
        PaymentStatus::ActionRequired { .. } => say.t("org-payment-action"),
        PaymentStatus::Captured { .. } => say.t("org-payment-captured"),
        PaymentStatus::Declined { message, .. } => say.with("org-payment-declined", "message", message),
    }
}

/// What happened to an order, by its postings. (The table of postings stands in the ledger's `apply::refunds`.)
fn history(say: &Say, order: &Order) -> Vec<(u64, String)> {
    let mut history = vec![(order.placed_at_ms, say.t("org-history-placed"))];
    for posting in &order.postings {
        let words = posting_words(say, order, posting);
        history.push((posting.at_ms, words));
    }
    history.sort_by_key(|(at_ms, _)| *at_ms);
    history
}

fn posting_words(say: &Say, order: &Order, posting: &Posting) -> String {
    let sum = |account: Account| -> i64 {
        posting.lines.iter().filter(|line| line.0 == account).map(|line| line.1).sum()
    };
    let (gateway, sales, goodwill) = (sum(Account::Gateway), sum(Account::Sales), sum(Account::Goodwill));
    let (fees, owed) = (sum(Account::Fees), sum(Account::Owed));
    let money = |amount: i64| say.money(amount, order.currency);
    if sales > 0 {
        let (price, back) = (money(sales), money(-owed));
        return match fees {
            0 => say.with2("org-history-cancelled", "price", &price, "back", &back),
            fees => {
                let back = say.with2("org-history-kept", "back", &back, "fee", &money(-fees));
                say.with2("org-history-cancelled", "price", &price, "back", &back)
            }
        };
    }
    let (key, amount) = match (gateway, goodwill) {
        (captured @ 1.., 0) if owed == 0 => ("paid", captured),
        (captured @ 1.., 0) => ("paid-late", captured),
        (back @ ..=-1, _) => ("refunded", -back),
        (came_back @ 1.., _) => ("came-back", came_back),
        (0, granted @ 1..) => ("granted", granted),
        (0, failed) => ("failed", -failed),
    };
    let amount = money(amount);
    match key {
        "paid" => say.with("org-history-paid", "amount", &amount),
        "paid-late" => say.with("org-history-paid-late", "amount", &amount),
        "refunded" => say.with("org-history-refunded", "amount", &amount),
        "came-back" => say.with("org-history-came-back", "amount", &amount),
        "granted" => say.with("org-history-granted", "amount", &amount),
        _failed => say.with("org-history-failed", "amount", &amount),
    }
}
