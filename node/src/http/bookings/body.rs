//! Orders and tickets as the API writes them.

use marquee_ledger::command::Place;
use marquee_ledger::order::{Order, OrderStatus, PaymentStatus, RefundStatus, Ticket, TicketStatus};
use marquee_ledger::terms::RefundPolicy;
use marquee_ledger::{EventId, OrderId, PerformanceId, TicketId};
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::instant::instant;
use crate::http::problem::Problem;
use crate::http::references::{MoneyBody, local_time};
use crate::http::tokens;
use crate::selling::Showing;
use crate::selling::hall::HallMap;
use crate::selling::orders::{Proved, refund_if_cancelled};
use crate::selling::rights::{Asker, Hand, Standing, invitation};

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderBody {
    /// Its id.
    #[schema(value_type = String, example = "ord_01kc0000000000000000000000")]
    id: OrderId,
    /// Proves a guest's right to the order; only in the answer that made it.
    token: Option<String>,
    /// `awaiting_payment`, `lapsed`, `booked`, `declined`, `unfulfilled` or `cancelled`.
    #[schema(example = "booked")]
    status: &'static str,
    /// The performance.
    #[schema(value_type = String)]
    performance_id: PerformanceId,
    /// The event.
    #[schema(value_type = String)]
    event_id: EventId,
    /// Its title.
    event_title: String,
    /// Where.
    venue_name: String,
    /// When the performance starts.
    starts_at: String,
    /// When it starts by the venue's clocks.
    local_starts_at: String,
    /// When the order was placed.
    placed_at: String,
    /// What it costs.
    total: MoneyBody,
    /// Where its payment stands.
    payment: PaymentBody,
    /// Its tickets.
    tickets: Vec<TicketBody>,
    /// Money that goes back.
    refunds: Vec<RefundBody>,
    /// What was agreed about cancelling.
    refund_policy: RefundPolicyBody,
    /// Until when the buyer can cancel.
    cancel_until: String,
    /// What comes back if the buyer cancels everything now.
    refund_if_cancelled_now: MoneyBody,
    /// Proves how the order stands.
    receipt: Option<ReceiptBody>,
}

/// Where a payment stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
struct PaymentBody {
    /// `free`, `pending`, `action_required`, `captured` or `declined`.
    #[schema(example = "captured")]
    status: &'static str,
    /// Where the buyer must do something.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Why it was declined: a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Why it was declined: for the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// A ticket of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Ticket)]
pub(crate) struct TicketBody {
    /// Its id.
    #[schema(value_type = String, example = "tkt_01kc0000000000000000000001")]
    id: TicketId,
    /// `pending`, `valid` or `cancelled`.
    #[schema(example = "valid")]
    status: &'static str,
    /// The section's name.
    section: String,
    /// The row; null in an area.
    row: Option<String>,
    /// The seat's number; null in an area.
    number: Option<String>,
    /// The area's name; null for a seat.
    area: Option<String>,
    /// The price category's key.
    price_category: String,
    /// The concession's key.
    concession: String,
    /// What it costs.
    price: MoneyBody,
    /// What a door checks; null unless it is valid, not on offer, and whoever asks may come with it: a ticket that was
    /// given away shows its code to its holder only.
    code: Option<String>,
    /// Who has it, if not the buyer.
    holder: Option<HolderBody>,
    /// Who gave it to who has it.
    given_by: Option<String>,
    /// To whom it is offered; for who offers it, whom it is offered to, the seller and support.
    offer: Option<OfferBody>,
}

/// Who has a ticket.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketHolder)]
struct HolderBody {
    /// Their name.
    name: String,
    /// Their e-mail address; null for who gave them the ticket.
    email: Option<String>,
}

/// A ticket that waits to be accepted. Nobody can come with it meanwhile.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TicketOffer)]
struct OfferBody {
    /// The name of whom it is offered to.
    name: String,
    /// Their e-mail address; null for whoever comes by the link.
    email: Option<String>,
    /// What accepts it: send it to them. Only for who offers it.
    token: Option<String>,
    /// The page where it is accepted. Only for who offers it.
    #[schema(example = "/tickets/tkt_01kc0000000000000000000001?key=3q2-7wAAAAAAAAAAAAAAAA")]
    link: Option<String>,
}

/// Money that goes back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refund)]
struct RefundBody {
    /// Counted within the order.
    id: u16,
    /// How much.
    amount: MoneyBody,
    /// Why.
    reason: String,
    /// `requested`, `settled` or `failed`.
    #[schema(example = "settled")]
    status: &'static str,
    /// When it was asked for.
    requested_at: String,
}

/// Until when a buyer can cancel, and what comes back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderRefundPolicy)]
struct RefundPolicyBody {
    /// How long before the start.
    #[schema(value_type = f64, example = 48)]
    until_hours_before: Number,
    /// How much of the price.
    #[schema(value_type = f64, example = 100)]
    share_percent: Number,
}

/// Where the journal says how the order stands, and its hash chain there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
struct ReceiptBody {
    /// The journal's entry.
    index: u64,
    /// The chain's hash, in hexadecimal.
    chain: String,
}

/// What an order is shown with.
pub(crate) struct Frame<'a> {
    app: &'a App,
    showing: Showing,
    map: std::sync::Arc<HallMap>,
}

impl<'a> Frame<'a> {
    pub(crate) fn of(app: &'a App, performance: PerformanceId) -> Result<Self, Problem> {
        // What has orders is never removed from the catalog.
        let showing = app.selling.showing(performance).ok_or_else(|| Problem::not_found("performance"))?;
        let map = app.selling.map_of(&showing.performance)?;
        Ok(Self { app, showing, map })
    }

    /// The order, for who asks. Its token is for the guest who has just made it.
    pub(crate) fn order(&self, proved: &Proved, asker: &Asker, with_token: bool) -> OrderBody {
        let Proved { order, receipt } = proved;
        let money = |amount| MoneyBody::new(amount, order.currency);
        let Showing { performance, event, venue, zone, .. } = &self.showing;
        let starts_at_ms = performance.schedule.starts_at_ms;
        // An order has at most 200 tickets.
        let tickets =
            (0..).zip(&order.tickets).map(|(index, ticket)| self.ticket(order, index, ticket, asker));
        OrderBody {
            id: order.id,
            token: with_token.then(|| tokens::text(order.secret)),
            status: order_status(order.status),
            performance_id: order.performance,
            event_id: order.event,
            event_title: event.facts.title.clone(),
            venue_name: venue.facts.name.clone(),
            starts_at: instant(starts_at_ms),
            local_starts_at: local_time(starts_at_ms, zone),
            placed_at: instant(order.placed_at_ms),
            total: money(order.total),
            payment: payment(&order.payment),
            tickets: tickets.collect(),
            refunds: refunds(order),
            refund_policy: refund_policy(order.refund_policy),
            cancel_until: instant(order.cancel_until_ms),
            refund_if_cancelled_now: money(refund_if_cancelled(order, self.app.now_ms())),
            receipt: receipt.as_ref().map(|link| ReceiptBody {
                index: link.index,
                chain: data_encoding::HEXLOWER.encode(&link.hash),
            }),
        }
    }

    /// One of its tickets, for who asks.
    pub(crate) fn ticket(&self, order: &Order, index: u8, ticket: &Ticket, asker: &Asker) -> TicketBody {
        let place = &ticket.place;
        let performance = &self.showing.performance;
        let (mut section, mut row, mut number, mut area) = (String::new(), None, None, None);
        match place.place {
            Place::Seat(seat) => {
                if let Some(label) = self.map.seat(seat) {
                    label.section.clone_into(&mut section);
                    row = Some(label.row.to_owned());
                    number = Some(label.number.to_owned());
                }
            }
            Place::Area(index) => {
                if let Some((known, of_section)) = self.map.area(index) {
                    of_section.clone_into(&mut section);
                    area = Some(known.name.clone());
                }
            }
        }
        let concession = performance.sale.concessions.get(usize::from(place.concession));
        let hand = self.app.selling.hand(order, index, asker);
        TicketBody {
            id: order.id.ticket(index),
            status: ticket_status(ticket.status),
            section,
            row,
            number,
            area,
            price_category: self.map.category(place.category).to_owned(),
            concession: concession.cloned().unwrap_or_default(),
            price: MoneyBody::new(place.price, order.currency),
            code: self.app.selling.code(order, index, performance, asker),
            given_by: ticket.gift.as_ref().map(|gift| gift.from.name.clone()),
            holder: ticket.gift.as_ref().map(|gift| HolderBody {
                name: gift.holder.name.clone(),
                email: hand.is_some_and(Hand::sees_addresses).then(|| gift.holder.email.clone()),
            }),
            offer: hand.and_then(|hand| offer(order, index, ticket, hand)),
        }
    }

    pub(crate) const fn showing(&self) -> &Showing {
        &self.showing
    }
}

/// An offer, as far as it is anything to who asks. Who gave a ticket away has nothing to do with what becomes of it.
fn offer(order: &Order, index: u8, ticket: &Ticket, hand: Hand) -> Option<OfferBody> {
    let to = ticket.offered.as_ref().filter(|_to| hand != Hand::Of(Standing::Buyer))?;
    let token = invitation(order, index).filter(|_token| hand == Hand::Holder).map(tokens::text);
    Some(OfferBody {
        name: to.name.clone(),
        email: hand.sees_addresses().then(|| to.email.clone()),
        link: token.as_ref().map(|token| ticket_link(order.id.ticket(index), token)),
        token,
    })
}

/// The page of a ticket, for who has this token of it.
pub(crate) fn ticket_link(id: TicketId, token: &str) -> String {
    format!("/tickets/{id}?key={token}")
}

pub(crate) const fn order_status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::AwaitingPayment => "awaiting_payment",
        OrderStatus::Lapsed => "lapsed",
        OrderStatus::Booked => "booked",
        OrderStatus::Declined => "declined",
        OrderStatus::Unfulfilled => "unfulfilled",
        OrderStatus::Cancelled => "cancelled",
    }
}

pub(crate) const fn ticket_status(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::Pending => "pending",
        TicketStatus::Valid => "valid",
        TicketStatus::Cancelled => "cancelled",
    }
}

fn payment(status: &PaymentStatus) -> PaymentBody {
    let simple = |status| PaymentBody { status, url: None, code: None, message: None };
    match status {
        PaymentStatus::Free => simple("free"),
        PaymentStatus::Pending => simple("pending"),
        PaymentStatus::ActionRequired { url } => {
            PaymentBody { url: Some(url.clone()), ..simple("action_required") }
        }
        PaymentStatus::Captured { .. } => simple("captured"),
        PaymentStatus::Declined { code, message } => {
            PaymentBody { code: Some(code.clone()), message: Some(message.clone()), ..simple("declined") }
        }
    }
}

fn refunds(order: &Order) -> Vec<RefundBody> {
    let refunds = (0..).zip(&order.refunds).map(|(id, refund)| RefundBody {
        id,
        amount: MoneyBody::new(refund.amount, order.currency),
        reason: refund.reason.clone(),
        status: match refund.status {
            RefundStatus::Requested => "requested",
            RefundStatus::Settled => "settled",
            RefundStatus::Failed { .. } => "failed",
        },
        requested_at: instant(refund.requested_at_ms),
    });
    refunds.collect()
}

fn refund_policy(policy: RefundPolicy) -> RefundPolicyBody {
    RefundPolicyBody {
        until_hours_before: quotient(policy.until_ms_before, 3_600_000),
        share_percent: quotient(u64::from(policy.share_basis_points), 100),
    }
}

/// A whole number where it is one.
fn quotient(number: u64, by: u64) -> Number {
    let exact = || number.is_multiple_of(by).then(|| Number::from(number / by));
    exact().or_else(|| Number::from_f64(number as f64 / by as f64)).unwrap_or_else(|| Number::from(0))
}
