//! Everything that is kept about a person, for that person. Who bought a lot gets it while it is read.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use marquee_ledger::{AccountId, OrderId};
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
    /// What the person wrote about events.
    reviews: Vec<OwnReview>,
    /// What the person follows.
    follows: Vec<FollowBody>,
    /// What the person bought, with the tickets and what was paid. They and what was given stand last, so that they can be
    /// written while they are sent.
    bookings: Vec<OrderBody>,
    /// Tickets that the person was given.
    tickets: Vec<LoneTicketBody>,
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
/// The account, its sessions, reviews, what you follow, bookings with tickets and payments, and tickets that you were given. A password is kept only as a hash
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
    let mut head = text(&everything(app, by, &first).await?)?;
    head.truncate(head.len() - NO_TICKETS.len() - END.len());
    let begins_tickets = stream::iter([Ok(vec![Row::BeginsTickets])]);
    let bought = later_orders(app.clone(), by.account, &first);
    let rows = bought.chain(begins_tickets).chain(given_orders(app.clone(), by.account));
    let (writer, by) = (app.clone(), *by);
    let write = move |rows: Vec<Row>| {
        let mut piece = String::new();
        for row in rows {
            row.write(&writer, &by, &mut piece)?;
        }
        Ok(piece)
    };
    let ends = Ends { head, foot: END.to_owned() };
    Ok((headers, long::body(ends, rows, write)).into_response())
}

/// The end of the bookings, and a list of no tickets but for its end.
const NO_TICKETS: &str = "],\"tickets\":[";
/// The end of the list of tickets, and of everything.
const END: &str = "]}";

fn text(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| Problem::internal(&error))
}

/// What is written while it is sent.
enum Row {
    /// An order that is not the first one.
    Bought(Proved),
    BeginsTickets,
    /// An order with tickets that the person was given, and whether it is the first one.
    Given(Proved, bool),
}

impl Row {
    fn write(&self, app: &App, by: &Signed, piece: &mut String) -> Result<(), Problem> {
        match self {
            Self::Bought(proved) => {
                piece.push(',');
                piece.push_str(&text(&booking(app, by, proved)?)?);
            }
            Self::BeginsTickets => piece.push_str(NO_TICKETS),
            Self::Given(proved, is_first) => {
                for (nth, ticket) in given_bodies(app, &proved.order, by)?.iter().enumerate() {
                    if nth > 0 || !is_first {
                        piece.push(',');
                    }
                    piece.push_str(&text(ticket)?);
                }
            }
        }
        Ok(())
    }
}

async fn everything(app: &App, by: &Signed, orders: &[Proved]) -> Result<Everything, Problem> {
    let (account, id) = (app.accounts().read(by, by.account)?, by.account);
    let snapshot = app.home.snapshot()?;
    let sessions = snapshot.accounts().sessions(id).map_err(Failure::from)?;
    let follows = snapshot.accounts().follows(id).map_err(Failure::from)?;
    let reviewed = snapshot.accounts().reviewed(id, REVIEWS_MAX).map_err(Failure::from)?;
    drop(snapshot);
    let bookings = orders.iter().map(|proved| booking(app, by, proved)).collect::<Result<_, _>>()?;
    let reviews = app.home.commons().reviews_by(app.home.id(), id, reviewed).await?;
    let catalog = app.home.catalog_copy().read();
    let title = |event| catalog.event(event).map(|event| event.facts.title.clone());
    Ok(Everything {
        exported_at: instant(app.now_ms()),
        account: wire(&account),
        sessions: sessions.iter().map(|session| StayBody::new(session, by)).collect(),
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
        tickets: Vec::new(),
    })
}

fn booking(app: &App, by: &Signed, proved: &Proved) -> Result<OrderBody, Problem> {
    Ok(Frame::of(app, proved.order.performance)?.order(proved, &Asker::signed(by), false))
}

/// The orders that the person placed, after those that were read first.
fn later_orders(
    app: App,
    account: AccountId,
    first: &[Proved],
) -> impl Stream<Item = Result<Vec<Row>, Problem>> + Send + 'static {
    stream::try_unfold((app, goes_on(first)), move |(app, before)| async move {
        let Some(before) = before else { return Ok(None) };
        let orders = app.selling.bought_by(account, Some(before), ORDERS).await?;
        let next = goes_on(&orders);
        let rows: Vec<Row> = orders.into_iter().map(Row::Bought).collect();
        Ok((!rows.is_empty()).then_some((rows, (app, next))))
    })
}

/// The orders of which the person was given tickets.
fn given_orders(
    app: App,
    account: AccountId,
) -> impl Stream<Item = Result<Vec<Row>, Problem>> + Send + 'static {
    stream::try_unfold(Some((app, None)), move |state| async move {
        let Some((app, before)) = state else { return Ok(None) };
        let orders = app.selling.given_to(account, before, ORDERS).await?;
        let next = goes_on(&orders).map(|last| (app, Some(last)));
        let begins = |nth| before.is_none() && nth == 0;
        let rows = orders.into_iter().enumerate().map(|(nth, proved)| Row::Given(proved, begins(nth)));
        let rows: Vec<Row> = rows.collect();
        Ok((!rows.is_empty()).then_some((rows, next)))
    })
}

/// After which order there may be more.
fn goes_on(orders: &[Proved]) -> Option<OrderId> {
    orders.last().filter(|_last| orders.len() == ORDERS).map(|last| last.order.id)
}
