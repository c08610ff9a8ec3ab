//! Everything that is kept about a person, for that person. Who bought a lot gets it while it is read.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use marquee_ledger::AccountId;
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
use super::long::{self, Ends};
use super::problem::Problem;
use super::reviews::ReviewBody;
use super::sessions::StayBody;
use super::tickets::{LoneTicketBody, given_bodies};
use super::{App, paths};
use crate::home::Failure;
use crate::selling::orders::Proved;
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
    /// Tickets that the person was given.
    tickets: Vec<LoneTicketBody>,
    /// What the person wrote about events.
    reviews: Vec<OwnReview>,
    /// What the person follows.
    follows: Vec<FollowBody>,
    /// What the person bought, with the tickets and what was paid. They stand last, so that they can be written while they
    /// are sent.
    bookings: Vec<OrderBody>,
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
/// When a home does not answer at first.
pub(crate) async fn answer(app: &App, by: &Signed) -> Result<Response, Problem> {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"marquee-account.json\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    let first = app.selling.bought_by(by.account, None, ORDERS).await?;
    let everything = serde_json::to_string(&everything(app, by, &first).await?);
    let mut head = everything.map_err(|error| Problem::internal(&error))?;
    let foot = head.split_off(head.len() - END.len());
    let by = *by;
    let (writer, rest) = (app.clone(), later_orders(app.clone(), by.account, &first));
    let write = move |orders: Vec<Proved>| {
        let mut piece = String::new();
        for proved in orders {
            let booking = serde_json::to_string(&booking(&writer, &by, &proved)?);
            piece.push(',');
            piece.push_str(&booking.map_err(|error| Problem::internal(&error))?);
        }
        Ok(piece)
    };
    Ok((headers, long::body(Ends { head, foot }, rest, write)).into_response())
}

/// The end of the list of bookings, and of everything.
const END: &str = "]}";

async fn everything(app: &App, by: &Signed, orders: &[Proved]) -> Result<Everything, Problem> {
    let (account, id) = (app.accounts().read(by, by.account)?, by.account);
    let snapshot = app.home.snapshot()?;
    let sessions = snapshot.accounts().sessions(id).map_err(Failure::from)?;
    let follows = snapshot.accounts().follows(id).map_err(Failure::from)?;
    let reviewed = snapshot.accounts().reviewed(id, REVIEWS_MAX).map_err(Failure::from)?;
    drop(snapshot);
    let bookings = orders.iter().map(|proved| booking(app, by, proved)).collect::<Result<_, _>>()?;
    let tickets = tickets(app, by).await?;
    let reviews = app.home.commons().reviews_by(app.home.id(), id, reviewed).await?;
    let catalog = app.home.catalog_copy().read();
    let title = |event| catalog.event(event).map(|event| event.facts.title.clone());
    Ok(Everything {
        exported_at: instant(app.now_ms()),
        account: wire(&account),
        sessions: sessions.iter().map(|session| StayBody::new(session, by)).collect(),
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
        bookings,
    })
}

fn booking(app: &App, by: &Signed, proved: &Proved) -> Result<OrderBody, Problem> {
    Ok(Frame::of(app, proved.order.performance)?.order(proved, &Asker::signed(by), false))
}

/// The orders after those that were read first.
fn later_orders(
    app: App,
    account: AccountId,
    first: &[Proved],
) -> impl Stream<Item = Result<Vec<Proved>, Problem>> + Send + 'static {
    let goes_on =
        |orders: &[Proved]| orders.last().filter(|_last| orders.len() == ORDERS).map(|last| last.order.id);
    stream::try_unfold((app, goes_on(first)), move |(app, before)| async move {
        let Some(before) = before else { return Ok(None) };
        let orders = app.selling.bought_by(account, Some(before), ORDERS).await?;
        let next = goes_on(&orders);
        Ok((!orders.is_empty()).then_some((orders, (app, next))))
    })
}

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
