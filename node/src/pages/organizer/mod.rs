//! The organizer's pages, under `/organizer`: venues, events and their dates, what they sell, and who bought.
//!
//! They are for accounts with the organizer's role, who see what is theirs, and for operators, who see everything. Each
//! step is a form that works without scripts; scripts only keep numbers live. A [`form`] is described in Rust and shown
//! by one template; what is wrong with it stands at its fields, and what was typed stays ([`filled`]). Before something is called off
//! or paid back, a page says who is affected and with how much money; the button stands there.
//!
//! | module | pages |
//! |---|---|
//! | [`dashboard`] | `/organizer` |
//! | [`venues`] | venues, with their halls |
//! | [`halls`] | the editor of seat maps, and of kills |
//! | [`events`], [`event`], [`dates`] | events, and one event with its dates |
//! | [`offers`], [`series`] | a performance, or many at once: when, where, on which terms |
//! | [`live`] | what a performance sells just now |
//! | [`orders`], [`order`], [`refunding`] | who bought, and money that goes back |
//! | [`tables`] | dates, and who bought, as files |
//! | [`calling_off`], [`rescheduling`] | a performance that does not take place, or at another time |
//!
//! **Architecture invariant**: as everywhere in the pages, nothing is decided here: the catalog's writer, the ledger and
//! the books are asked, which the API asks too.

mod calling_off;
mod countries;
mod dashboard;
mod dates;
mod event;
mod events;
mod faults;
mod filled;
mod form;
mod halls;
mod live;
mod many;
mod offers;
mod order;
mod orders;
mod refunding;
mod rescheduling;
mod rights;
mod say;
mod series;
mod shown;
mod stage;
mod tables;
mod terms;
mod venues;

use axum::Router;
use axum::routing::{get, post};

use crate::http::{App, paths};

/// The organizer's pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route(paths::ORGANIZER, get(dashboard::dashboard))
        .route(paths::ORGANIZER_VENUES, get(venues::list))
        .route(paths::ORGANIZER_VENUE_NEW, get(venues::blank).post(venues::create))
        .route(paths::ORGANIZER_VENUE, get(venues::venue).post(venues::save))
        .route(paths::ORGANIZER_VENUE_DELETION, post(venues::delete))
        .route(paths::ORGANIZER_EVENT_NEW, get(events::blank).post(events::create))
        .route(paths::ORGANIZER_EVENT, get(event::event))
        .route(paths::ORGANIZER_EVENT_EDIT, get(events::edit).post(events::save))
        .route(paths::ORGANIZER_EVENT_DELETION, post(events::delete))
        .route(paths::ORGANIZER_EVENT_ORDERS, get(orders::of_event))
        .route(paths::ORGANIZER_PERFORMANCE_NEW, get(offers::blank).post(offers::create))
        .route(paths::ORGANIZER_SERIES, get(series::blank).post(series::create))
        .route(paths::ORGANIZER_PERFORMANCE, get(live::live))
        .route(paths::ORGANIZER_PERFORMANCE_EDIT, get(offers::edit).post(offers::save))
        .route(paths::ORGANIZER_PERFORMANCE_DELETION, post(offers::delete))
        .route(paths::ORGANIZER_PERFORMANCE_ORDERS, get(orders::of_performance))
        .route(
            paths::ORGANIZER_PERFORMANCE_CANCELLATION,
            get(calling_off::preview).post(calling_off::call_off),
        )
        .route(paths::ORGANIZER_PERFORMANCE_RESCHEDULE, get(rescheduling::ask).post(rescheduling::reschedule))
        .route(paths::ORGANIZER_EVENT_DATES_TABLE, get(tables::dates))
        .route(paths::ORGANIZER_EVENT_ORDERS_TABLE, get(tables::orders_of_event))
        .route(paths::ORGANIZER_PERFORMANCE_ORDERS_TABLE, get(tables::orders_of_performance))
        .route(paths::ORGANIZER_ORDER_SEARCH, get(orders::search))
        .route(paths::ORGANIZER_ORDER, get(order::order))
        .route(paths::ORGANIZER_ORDER_REFUND, get(refunding::ask).post(refunding::refund))
        .route(paths::ORGANIZER_HALL_NEW, get(halls::blank))
        .route(paths::ORGANIZER_HALL, get(halls::hall))
        .route(paths::ORGANIZER_KILLS, get(halls::kills))
}
