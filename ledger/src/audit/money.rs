//! Is every order's money accounted for?

use crate::money::Account;
use crate::order::{Order, OrderStatus, PaymentStatus, RefundStatus, TicketStatus};

/// What is wrong with an order's money and statuses, in words.
pub(super) fn faults(order: &Order) -> Vec<String> {
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{}: {what}", order.id));
        }
    };
    for posting in &order.postings {
        let sum: i64 = posting.lines.iter().map(|line| line.1).sum();
        check(sum == 0, "a posting does not sum to zero");
    }
    let tickets_total: i64 = order.tickets.iter().map(|ticket| ticket.place.price).sum();
    check(tickets_total == order.total, "its tickets do not sum to its total");

    // What came in: the first posting is the capture, if there is one.
    let captured = match order.payment {
        PaymentStatus::Captured { .. } => order.postings.first().map_or(0, |posting| {
            posting.lines.iter().filter(|line| line.0 == Account::Gateway).map(|line| line.1).sum()
        }),
        PaymentStatus::Free
        | PaymentStatus::Pending
        | PaymentStatus::ActionRequired { .. }
        | PaymentStatus::Declined { .. } => 0,
    };
    let refunds = |status: fn(&RefundStatus) -> bool| -> i64 {
        order.refunds.iter().filter(|refund| status(&refund.status)).map(|refund| refund.amount).sum()
    };
    let settled = refunds(|status| *status == RefundStatus::Settled);
    let requested = refunds(|status| *status == RefundStatus::Requested);
    let valid: i64 = order.valid_tickets().map(|(_index, ticket)| ticket.place.price).sum();
    check(
        order.balance(Account::Gateway) == captured - settled,
        "the gateway's balance is not captured less settled",
    );
    check(
        order.balance(Account::Owed) == -requested,
        "what is owed is not what was requested and not settled",
    );
    check(order.balance(Account::Sales) == -valid, "the sales are not the price of its live tickets");
    check(order.balance(Account::Fees) <= 0, "its fees are negative");
    check(settled + requested <= captured, "more goes back than came");

    let all = |wanted: TicketStatus| order.tickets.iter().all(|ticket| ticket.status == wanted);
    let is_captured = matches!(order.payment, PaymentStatus::Captured { .. });
    let is_paid =
        is_captured && captured == order.total || order.payment == PaymentStatus::Free && order.total == 0;
    match order.status {
        OrderStatus::AwaitingPayment | OrderStatus::Lapsed | OrderStatus::Declined => {
            check(all(TicketStatus::Pending), "it is not paid, but a ticket is not pending");
            check(order.postings.is_empty(), "it is not paid, but money moved");
        }
        OrderStatus::Booked => {
            check(is_paid, "it is booked but not paid");
            check(order.valid_tickets().next().is_some(), "it is booked but has no live ticket");
            check(
                order.tickets.iter().all(|ticket| ticket.status != TicketStatus::Pending),
                "a ticket is pending",
            );
        }
        OrderStatus::Unfulfilled => {
            check(is_captured, "it is unfulfilled but nothing came");
            check(all(TicketStatus::Cancelled), "it is unfulfilled but has a ticket");
        }
        OrderStatus::Cancelled => {
            check(is_paid, "it was cancelled but never paid");
            check(all(TicketStatus::Cancelled), "it was cancelled but has a ticket");
        }
    }
    faults
}
