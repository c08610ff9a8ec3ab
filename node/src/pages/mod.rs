//! The web pages: server-rendered HTML, with small ES modules where something moves.
//!
//! A page is a handler that asks the services, a plain struct of what is shown (a *view model*: texts, no domain types),
//! and a template in `templates/` that is compiled into the binary. Assets (`assets/`) are embedded and served under an
//! address with their hash. What anybody may see has a tag and is asked for again (`304`); what is somebody's own is not kept.
//! There is no build step: what is in the folder is what the browser runs, without its comments.
//!
//! The main path works without JavaScript: every step is a form. With it, the seat map replaces the best-available form,
//! the checkout counts down, and a booking whose payment is under way changes by itself.
//!
//! **Trust.** Everything comes from this node and nothing is inline (the policy stands in `http::front`). Forms carry a
//! token in the field `csrf`, scripts in the header `X-CSRF-Token`, read from `<meta name="csrf-token">`. A form that
//! changes something also carries a random `request`: sent twice, it is carried out once. A guest's browser is known by
//! the visitor's cookie, for which holds are made; the right to a guest's booking is a cookie of the booking's own
//! address, set when it is placed, or by its link with `?key=`.
//!
//! **Languages.** A page is in the language that its browser chose below it, or accepts first of those that there are (see
//! `crate::texts`). Templates have no text of their own: they say `frame.t("key")`. What operators see is English.
//!
//! **When the node dies.** Pages know the cluster's other nodes (`assets/nodes.js`): scripts ask the next one, and a service
//! worker (`assets/switch-worker.js`) sends the browser there when it goes to another page. What that means for sessions
//! stands in `nodes.js`. A node without siblings serves neither.
//!
//! **Hooks for browser tests.** Elements that a test wants carry `data-testid`. The seat page says `data-ready="true"` on
//! `seat-page` once the map is shown, and `data-seq` grows with every change that arrived; `live` has `data-state`
//! (`waiting`, `live`, `reset`). Seats are picked by the checkboxes `[data-seat-id]` in `seat-list` (open the `<details>`
//! of section and row first) or on `seat-map-canvas`. What was chosen is `basket-seat[data-seat-id]`, `basket-total` and
//! `basket-continue`; what went wrong is in `notices`, where `proposal-take`, `proposal-other` and `find-nearest` stand too;
//! `hint-apart` and `hint-single` say what may be wrong with a choice, `line` that the map is not live. The checkout has `checkout`, `countdown`, `extend`, `release`,
//! `pay` and radio buttons `method`; a booking has `order-status[data-status]`, `payment-pending`, `next-step`,
//! `ticket[data-ticket-id][data-status]`, `qr`, `cancel-link`, `cancel-review`, `refund-total`, `cancel-confirm` and
//! `refund[data-status]`. A ticket that can be given away has `give`; on offer it has `offer` with `offer-link`, `copy-link`
//! and `call-back`; `whose` says who has it. Who follows the link sees `offered-ticket` and `accept`; whose it is then,
//! `ticket-status[data-status]` and `given-by`. The seat map editor has `editor[data-ready][data-hall][data-version]`; things of the hall are
//! `tree-thing[data-kind]`, what is wrong is `problem[data-key]`, and `saved[data-state]` says whether all is saved. Who
//! was sent on from a node that died sees `moved`. A refusal is `problem[data-code]` within a page, `error-page[data-code]`
//! as a page.
//!
//! **Architecture invariant**: pages decide nothing; they ask the same services as the API.

mod account;
mod assets;
mod booking;
mod bookings;
mod cancelling;
mod checkout;
mod cluster;
mod events;
mod help;
mod languages;
mod liking;
mod organizer;
mod outlets;
mod passing;
mod performance;
pub(crate) mod printed;
mod problems;
mod reviewing;
mod searching;
pub(crate) mod sheets;
mod signing_in;
mod style_guide;
mod ticket;
mod venue;
mod visit;
mod words;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower::ServiceExt;

use crate::http::{App, Problem, kinds, page_session, paths};

/// All pages, and their assets.
pub(crate) fn router(app: &App) -> Router<App> {
    let pages = Router::new()
        .route(paths::PAGE_EVENTS, get(events::list))
        .route(paths::PAGE_EVENT, get(events::event))
        .route(paths::PAGE_SEARCH, get(searching::search))
        .route(paths::PAGE_VENUE, get(venue::venue))
        .route(paths::PAGE_FOLLOW, post(liking::follow))
        .route(paths::PAGE_REVIEW, post(reviewing::review))
        .route(paths::PAGE_PERFORMANCE, get(performance::seats))
        .route(paths::PAGE_HOLD, post(performance::hold))
        .route(paths::PAGE_CHECKOUT, get(checkout::checkout).post(checkout::pay))
        .route(paths::PAGE_EXTENSION, post(checkout::extend))
        .route(paths::PAGE_RELEASE, post(checkout::release))
        .route(paths::PAGE_BOOKINGS, get(bookings::list))
        .route(paths::PAGE_BOOKING, get(booking::booking))
        .route(paths::PAGE_TICKETS, get(printed::tickets))
        .route(paths::PAGE_BOOKING_CALENDAR, get(printed::entry))
        .route(paths::PAGE_CANCEL, get(cancelling::choose).post(cancelling::cancel))
        .route(paths::PAGE_TRANSFER, post(booking::transfer))
        .route(paths::PAGE_CALL_BACK, post(booking::call_back))
        .route(paths::PAGE_TICKET, get(ticket::ticket))
        .route(paths::PAGE_TICKET_PDF, get(ticket::pdf))
        .route(paths::PAGE_TICKET_CALENDAR, get(ticket::entry))
        .route(paths::PAGE_TICKET_ACCEPTANCE, post(ticket::accept))
        .route(paths::PAGE_TICKET_TRANSFER, post(ticket::transfer))
        .route(paths::PAGE_TICKET_CALL_BACK, post(ticket::call_back))
        .route(paths::PAGE_SIGN_IN, get(signing_in::sign_in_page).post(signing_in::sign_in))
        .route(paths::PAGE_SIGN_UP, get(signing_in::sign_up_page).post(signing_in::sign_up))
        .route(paths::PAGE_LANGUAGE, post(languages::choose))
        .route(paths::PAGE_SIGN_OUT, post(signing_in::sign_out))
        .route(paths::PAGE_ACCOUNT, get(account::account).post(account::save))
        .route(paths::PAGE_ACCOUNT_SESSIONS, post(account::end_sessions))
        .route(paths::PAGE_EXPORT, get(account::export))
        .route(paths::PAGE_PASSWORD, post(account::change_password))
        .route(paths::PAGE_DELETION, post(account::delete))
        .route(paths::PAGE_HELP, get(help::help))
        .route(paths::PAGE_CLUSTER, get(cluster::cluster))
        .route(paths::PAGE_STYLE_GUIDE, get(style_guide::style_guide))
        .route(paths::PAGE_SESSION, get(keep_going))
        .merge(organizer::router());
    layered(pages, app)
        .route(paths::ASSET, get(assets::asset))
        .route(paths::SWITCH_WORKER, get(assets::switch_worker))
        .route(paths::CALENDAR, get(outlets::calendar))
        .route(paths::EVENT_CALENDAR, get(outlets::event_calendar))
        .route(paths::EVENT_PICTURE, get(outlets::event_picture))
        .route(paths::SITE_PICTURE, get(outlets::site_picture))
        .route(paths::FEED, get(outlets::feed))
        .route(paths::SITEMAP, get(outlets::sitemap))
        .route(paths::SITEMAP_PART, get(outlets::sitemap_part))
        .route(paths::ROBOTS, get(outlets::robots))
}

/// Behind these layers a browser has a session or is a known guest, and problems are answered as pages.
fn layered(pages: Router<App>, app: &App) -> Router<App> {
    pages
        .layer(middleware::from_fn_with_state(app.clone(), problems::as_pages))
        .layer(middleware::from_fn_with_state(app.clone(), page_session::keep))
}

/// What answers where there is nothing: a page for browsers, a problem document for programs.
pub(crate) async fn not_found(State(app): State<App>, request: Request) -> Response {
    let nothing = || async { Problem::new(kinds::NOT_FOUND) };
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_browser = accept.is_some_and(|accept| accept.contains("text/html"));
    if !is_browser || request.uri().path().starts_with("/v1/") {
        return nothing().await.into_response();
    }
    let page = layered(Router::new().fallback(nothing), &app).with_state(app);
    page.oneshot(request).await.into_response()
}

/// Answers nothing: a script that was told that its access token has expired asks for this, and the layer before the
/// pages exchanges it.
async fn keep_going() -> StatusCode {
    StatusCode::NO_CONTENT
}
