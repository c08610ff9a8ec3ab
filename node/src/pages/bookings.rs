//! `/bookings`: what somebody bought or was given.

use askama::Template;
use axum::response::Response;
use marquee_ledger::{AccountId, Order, OrderId};

use super::booking::{Status, status_of};
use super::performance::venue_words;
use super::ticket::ticket_status;
use super::visit::{Frame, Here, Visit};
use crate::http::Problem;
use crate::http::extract::{Page, cursor_of};
use crate::selling::Showing;
use crate::selling::tickets::given;
use crate::texts::When;

/// How many bookings a page shows.
const BOOKINGS: usize = 30;

#[derive(Template)]
#[template(path = "bookings.html")]
struct BookingsPage {
    frame: Frame,
    /// None for guests.
    cards: Option<Vec<Card>>,
    next: Option<String>,
}

/// A booking, or a ticket that somebody else gave.
struct Card {
    href: String,
    title: String,
    when: When,
    venue: String,
    /// How many tickets, or who gave this one.
    tickets: String,
    status: Status,
    /// Empty for what was given.
    total: String,
}

/// Lists the bookings of who is signed in, the youngest first.
pub(super) async fn list(visit: Visit, page: Page) -> Result<Response, Problem> {
    let frame = visit.frame(Here::Bookings);
    let Some(account) = visit.caller.caller().account_id() else {
        return visit.show(&BookingsPage { frame, cards: None, next: None });
    };
    let before = page.position::<OrderId>()?;
    let mut orders = visit.app.selling.concerning(account, before, BOOKINGS + 1).await?;
    let more = orders.len() > BOOKINGS;
    orders.truncate(BOOKINGS);
    let cards = orders.iter().flat_map(|proved| cards_of(&visit, &proved.order, account)).collect();
    let last = orders.last().filter(|_last| more).map(|proved| proved.order.id);
    let next = last.and_then(cursor_of).map(|cursor| format!("/bookings?cursor={cursor}"));
    visit.show(&BookingsPage { frame, cards: Some(cards), next })
}

/// The order, if the account placed it; and the tickets of it that the account was given.
fn cards_of(visit: &Visit, order: &Order, account: AccountId) -> Vec<Card> {
    let Some(showing) = visit.app.selling.showing(order.performance) else { return Vec::new() };
    let bought = (order.buyer.account == Some(account)).then(|| Card::bought(visit, order, &showing));
    let given = given(order, account).filter_map(|index| Card::given(visit, order, index, &showing));
    bought.into_iter().chain(given).collect()
}

impl Card {
    fn bought(visit: &Visit, order: &Order, showing: &Showing) -> Self {
        let texts = visit.texts();
        Self {
            href: format!("/bookings/{}", order.id),
            title: showing.event.facts.title.clone(),
            when: when(visit, showing),
            venue: venue_words(showing),
            tickets: texts.count("tickets", order.tickets.len()),
            status: status_of(texts, order.status),
            total: texts.money(order.total, order.currency),
        }
    }

    fn given(visit: &Visit, order: &Order, index: u8, showing: &Showing) -> Option<Self> {
        let texts = visit.texts();
        let ticket = order.tickets.get(usize::from(index))?;
        let from = &ticket.gift.as_ref()?.from.name;
        Some(Self {
            href: format!("/tickets/{}", order.id.ticket(index)),
            title: showing.event.facts.title.clone(),
            when: when(visit, showing),
            venue: venue_words(showing),
            tickets: if from.is_empty() {
                texts.t("given-to-you").into_owned()
            } else {
                texts.with("given-to-you-by", "name", from)
            },
            status: ticket_status(texts, ticket),
            total: String::new(),
        })
    }
}

fn when(visit: &Visit, showing: &Showing) -> When {
    visit.texts().when(showing.performance.schedule.starts_at_ms, &showing.zone, visit.app.now_ms())
}
