//! `/bookings`: what somebody bought.

use askama::Template;
use axum::response::Response;
use marquee_ledger::{Order, OrderId};

use super::booking::{Status, status_of};
use super::performance::venue_words;
use super::visit::{Frame, Here, Visit};
use crate::http::Problem;
use crate::http::extract::{Page, cursor_of};
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

struct Card {
    href: String,
    title: String,
    when: When,
    venue: String,
    tickets: String,
    status: Status,
    total: String,
}

/// Lists the bookings of who is signed in, the youngest first.
pub(super) async fn list(visit: Visit, page: Page) -> Result<Response, Problem> {
    let frame = visit.frame(Here::Bookings);
    let Some(account) = visit.caller.caller().account_id() else {
        return visit.show(&BookingsPage { frame, cards: None, next: None });
    };
    let before = page.position::<OrderId>()?;
    let mut orders = visit.app.selling.orders_of(account, before, BOOKINGS + 1).await?;
    let more = orders.len() > BOOKINGS;
    orders.truncate(BOOKINGS);
    let cards = orders.iter().filter_map(|proved| Card::new(&visit, &proved.order)).collect();
    let last = orders.last().filter(|_last| more).map(|proved| proved.order.id);
    let next = last.and_then(cursor_of).map(|cursor| format!("/bookings?cursor={cursor}"));
    visit.show(&BookingsPage { frame, cards: Some(cards), next })
}

impl Card {
    fn new(visit: &Visit, order: &Order) -> Option<Self> {
        let showing = visit.app.selling.showing(order.performance)?;
        let texts = visit.texts();
        let at_ms = showing.performance.schedule.starts_at_ms;
        Some(Self {
            href: format!("/bookings/{}", order.id),
            title: showing.event.facts.title.clone(),
            when: texts.when(at_ms, &showing.zone, visit.app.now_ms()),
            venue: venue_words(&showing),
            tickets: texts.count("tickets", order.tickets.len()),
            status: status_of(texts, order.status),
            total: texts.money(order.total, order.currency),
        })
    }
}
