//! Everything that is kept about a person, for that person.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accounts::{AccountBody, wire};
use super::bookings::Frame;
use super::bookings::body::OrderBody;
use super::extract::{Caller, Signed};
use super::follows::FollowBody;
use super::instant::instant;
use super::problem::Problem;
use super::reviews::ReviewBody;
<<<<<<< HEAD
use super::tickets::{LoneTicketBody, given_bodies};
=======
use super::sessions::StayBody;
>>>>>>> main
use super::{App, paths};
use crate::home::Failure;
use crate::selling::rights::Asker;

/// How many orders are read at a time.
const ORDERS: usize = 100;
/// The most reviews that are told; an account that has more has written one a day for years.
const REVIEWS_MAX: usize = 2_000;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// Everything that is kept about a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Everything {
    /// When it was written.
    exported_at: String,
    /// The account.
    account: AccountBody,
    /// Where the person is signed in, or was until lately.
    sessions: Vec<StayBody>,
    /// What the person bought, with the tickets and what was paid.
    bookings: Vec<OrderBody>,
    /// Tickets that the person was given.
    tickets: Vec<LoneTicketBody>,
    /// What the person wrote about events.
    reviews: Vec<OwnReview>,
    /// What the person follows.
    follows: Vec<FollowBody>,
}

/// A review with its event.
#[derive(Serialize, ToSchema)]
struct OwnReview {
    /// The event.
    event_id: String,
    /// Its title, if it is still in the catalog.
    event_title: Option<String>,
    #[serde(flatten)]
    review: ReviewBody,
}

/// Download everything that is kept about you
///
/// The account, its sessions, bookings with tickets and payments, tickets that you were given, reviews, and what you follow. A password is kept only as a hash
/// that says nothing.
#[utoipa::path(
    get, path = paths::ACCOUNT_EXPORT, tag = "accounts",
    responses((status = 200, description = "All of it", body = Everything)),
)]
async fn export(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    answer(&app, caller.account()?).await
}

/// All of it, to be kept as a file.
///
/// # Errors
/// When a home does not answer.
pub(crate) async fn answer(app: &App, by: &Signed) -> Result<Response, Problem> {
    let headers = [
        (header::CONTENT_DISPOSITION, "attachment; filename=\"marquee-account.json\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, axum::Json(everything(app, by).await?)).into_response())
}

async fn everything(app: &App, by: &Signed) -> Result<Everything, Problem> {
    let (account, id) = (app.accounts().read(by, by.account)?, by.account);
    let snapshot = app.home.snapshot()?;
    let sessions = snapshot.accounts().sessions(id).map_err(Failure::from)?;
    let follows = snapshot.accounts().follows(id).map_err(Failure::from)?;
    let reviewed = snapshot.accounts().reviewed(id, REVIEWS_MAX).map_err(Failure::from)?;
    drop(snapshot);
    let (bookings, tickets) = (bookings(app, by).await?, tickets(app, by).await?);
    let reviews = app.home.commons().reviews_by(app.home.id(), id, reviewed).await?;
    let catalog = app.home.catalog_copy().read();
    let title = |event| catalog.event(event).map(|event| event.facts.title.clone());
    Ok(Everything {
        exported_at: instant(app.now_ms()),
        account: wire(&account),
        sessions: sessions.iter().map(|session| StayBody::new(session, by)).collect(),
        bookings,
        tickets,
        reviews: reviews
            .into_iter()
            .map(|review| OwnReview {
                event_id: review.event.to_string(),
                event_title: title(review.event),
                review: review.into(),
            })
            .collect(),
        follows: follows.into_iter().map(|follow| FollowBody::new(&catalog, follow)).collect(),
    })
}

async fn bookings(app: &App, by: &Signed) -> Result<Vec<OrderBody>, Problem> {
    let asker = Asker::signed(by);
    let mut bookings = Vec::new();
    let mut before = None;
    loop {
        let orders = app.selling.bought_by(by.account, before, ORDERS).await?;
        for proved in &orders {
            bookings.push(Frame::of(app, proved.order.performance)?.order(proved, &asker, false));
        }
        match orders.last() {
            Some(last) if orders.len() == ORDERS => before = Some(last.order.id),
            _end => return Ok(bookings),
        }
    }
}
<<<<<<< HEAD

async fn tickets(app: &App, by: &Signed) -> Result<Vec<LoneTicketBody>, Problem> {
    let mut tickets = Vec::new();
    let mut before = None;
    loop {
        let orders = app.selling.given_to(by.account, before, ORDERS).await?;
        for proved in &orders {
            tickets.extend(given_bodies(app, &proved.order, by)?);
        }
        match orders.last() {
            Some(last) if orders.len() == ORDERS => before = Some(last.order.id),
            _end => return Ok(tickets),
        }
    }
}

impl From<&Session> for SessionBody {
    fn from(session: &Session) -> Self {
        Self {
            begun_at: instant(session.opened_ms),
            continued_at: instant(session.refreshed_ms),
            ends_at: instant(session.expires_ms),
        }
    }
}
=======
>>>>>>> main
