//! Bookings: orders, their payment, cancelling and refunds.

pub(crate) mod body;

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use marquee_ledger::command::{CancelGround, HoldRequest, OrderRequest, PaymentChoice};
use marquee_ledger::order::Buyer;
use marquee_ledger::{EventId, HoldId, OrderId, PerformanceId, TicketId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, Idempotency, Json, List, Page, Prefer, Query, Storefront};
use super::problem::Problem;
use super::selection::{AreaPlaces, BestWish, SeatWish, SeatWishSchema, SelectionBody, Shop};
use super::{App, kinds, paths, tokens};
use crate::accounts::EmailAddress;
use crate::accounts::email::NotAnEmailAddress;
use crate::pages::printed::{self, PaperQuery};
use crate::selling::orders::Proved;
use crate::selling::rights::{Asker, Standing};
use crate::texts::{Language, Texts};
use body::OrderBody;

pub(crate) use body::{Frame, TicketBody, ticket_link};

/// How long an answer waits for the payment unless the client prefers otherwise.
const WAIT_USUAL: Duration = Duration::from_secs(5);
const WAIT_LONGEST: Duration = Duration::from_secs(30);
const METHOD_BYTES_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 200;
const REASON_CHARS_MAX: usize = 500;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(order))
        .routes(routes!(buy))
        .routes(routes!(list_mine))
        .routes(routes!(read))
        .routes(routes!(tickets_pdf))
        .routes(routes!(cancel))
        .routes(routes!(refund))
}

/// What is ordered, and how it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Booking {
    /// The hold.
    #[schema(value_type = String, example = "hld_01kc0000000000000000000000")]
    hold_id: HoldId,
    /// The hold's token, unless it is in the `X-Hold-Token` header or the account made the hold.
    hold_token: Option<String>,
    /// How it is paid.
    payment: PaymentWish,
    /// Where the tickets go. Guests need it; accounts have their own.
    #[schema(example = "ada@example.com")]
    email: Option<String>,
    /// The name on the tickets.
    name: Option<String>,
}

/// What is bought, and how it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Purchase {
    /// The performance, one of the event's.
    #[schema(value_type = String)]
    performance_id: PerformanceId,
    /// These seats, all or none.
    #[schema(value_type = Option<Vec<SeatWishSchema>>)]
    seats: Option<Vec<SeatWish>>,
    /// Or the best seats side by side.
    best_available: Option<BestWish>,
    /// Or places in general-admission areas.
    areas: Option<Vec<AreaPlaces>>,
    /// How it is paid.
    payment: PaymentWish,
    /// Where the tickets go. Guests need it; accounts have their own.
    email: Option<String>,
    /// The name on the tickets.
    name: Option<String>,
}

/// How an order is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PaymentWish {
    /// The gateway's token for the means of payment; never card data. With the sandbox: `card_ok` and its like.
    #[schema(example = "card_ok")]
    method: String,
    /// The gateway; the node has one.
    gateway: Option<String>,
}

/// Which tickets are given back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Cancellation {
    /// All valid ones if it is left out.
    #[schema(value_type = Option<Vec<String>>)]
    tickets: Option<Vec<TicketId>>,
    /// Why.
    reason: Option<String>,
}

/// What is paid back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefundWish {
    /// Minor units; all that can be paid back if it is left out.
    amount: Option<i64>,
    /// Why.
    reason: String,
}

/// Book what a hold keeps
///
/// Orders the held places and waits for the payment: five seconds, or as long as `Prefer: wait=SECONDS` says, at the most
/// thirty. The order is answered as it is then; while its payment is under way, read it again. If the payment is
/// `action_required`, send the buyer to its `url`. A declined payment leaves the hold as it was: it can be booked again.
#[utoipa::path(
    post, path = paths::BOOKINGS, tag = "selling",
    params(
        ("x-hold-token" = Option<String>, Header, description = "The hold's token"),
        ("prefer" = Option<String>, Header, description = "`wait=SECONDS`: how long to wait for the payment"),
    ),
    request_body = Booking,
    responses((status = 201, description = "The order", body = OrderBody)),
)]
async fn order(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    headers: HeaderMap,
    storefront: Storefront,
    idempotency: Idempotency,
    Json(body): Json<Booking>,
) -> Result<Response, Problem> {
    let token = match &body.hold_token {
        // Text that is no token is a token that fits no hold.
        Some(text) => Some(tokens::secret(text).ok_or_else(Problem::hold_lapsed)?),
        None => tokens::in_header(&headers, tokens::X_HOLD_TOKEN),
    };
    let payment = choice(&app, body.payment, &storefront)?;
    let buyer = buyer(&app, &caller, body.email.as_deref(), body.name).await?;
    let secret = super::holds::prove(&app, body.hold_id, &caller, token)?;
    let request = OrderRequest { hold: body.hold_id, secret, buyer, payment };
    let id = app.selling.order(idempotency.key(), request).await?;
    placed(&app, id, &caller, prefer).await
}

/// Hold and book in one step
///
/// As holding and booking one after the other; if either is refused, nothing happens.
#[utoipa::path(
    post, path = paths::EVENT_BOOKINGS, tag = "selling",
    params(
        ("id" = String, Path, description = "The event"),
        ("prefer" = Option<String>, Header, description = "`wait=SECONDS`: how long to wait for the payment"),
    ),
    request_body = Purchase,
    responses((status = 201, description = "The order", body = OrderBody)),
)]
async fn buy(
    State(app): State<App>,
    Id(event): Id<EventId>,
    caller: Caller,
    prefer: Prefer,
    storefront: Storefront,
    idempotency: Idempotency,
    Json(body): Json<Purchase>,
) -> Result<Response, Problem> {
    let shop = Shop::open(&app, body.performance_id)?;
    if shop.performance.event != event {
        return Err(Problem::not_found("performance"));
    }
    let Purchase { seats, best_available, areas, payment, email, name, .. } = body;
    let payment = choice(&app, payment, &storefront)?;
    let buyer = buyer(&app, &caller, email.as_deref(), name).await?;
    let secret = tokens::fresh(&idempotency);
    let hold = HoldRequest {
        performance: shop.performance.id,
        holder: caller.holder(secret),
        selection: shop.selection(&SelectionBody { seats, best_available, areas })?,
        secret,
    };
    let bought = app.selling.buy(idempotency.key(), hold, buyer, payment).await;
    let id = bought.map_err(|not_done| shop.problem(not_done))?;
    placed(&app, id, &caller, prefer).await
}

/// Look at a booking
///
/// For its buyer (signed in, or with a guest's `X-Order-Token`), the event's organizer and support.
#[utoipa::path(
    get, path = paths::BOOKING, tag = "selling",
    params(
        ("id" = String, Path, description = "The order"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token"),
    ),
    responses((status = 200, description = "The order", body = OrderBody)),
)]
async fn read(
    State(app): State<App>,
    Id(id): Id<OrderId>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<axum::Json<OrderBody>, Problem> {
    let asker = tokens::asker(&caller, &headers);
    let (proved, _standing) = find(&app, id, &asker)?;
    Ok(axum::Json(Frame::of(&app, proved.order.performance)?.order(&proved, &asker, false)))
}

/// List my bookings
///
/// Those that the account that asks placed, the latest first. Tickets that it was given: `GET /v1/accounts/me/tickets`.
#[utoipa::path(
    get, path = paths::MY_BOOKINGS, tag = "selling",
    params(
        ("limit" = Option<usize>, Query, description = "1 to 200, usually 50"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "A page of orders", body = List<OrderBody>)),
)]
async fn list_mine(
    State(app): State<App>,
    caller: Caller,
    page: Page,
) -> Result<axum::Json<List<OrderBody>>, Problem> {
    let signed = caller.account()?;
    let asker = Asker::signed(signed);
    let before = page.position::<OrderId>()?;
    // One more tells whether there are more.
    let mut orders = app.selling.bought_by(signed.account, before, page.limit + 1).await?;
    let has_more = orders.len() > page.limit;
    orders.truncate(page.limit);
    let last = orders.last().map(|proved| proved.order.id).filter(|_last| has_more);
    let show = |proved: &Proved| Ok(Frame::of(&app, proved.order.performance)?.order(proved, &asker, false));
    let items = orders.iter().map(show).collect::<Result<_, Problem>>()?;
    Ok(axum::Json(List::new(items, last)))
}

/// Cancel tickets
///
/// All that are valid, or those named. A buyer gets back what was agreed when they bought, until `cancel_until`; the
/// event's organizer and support give everything back at any time.
#[utoipa::path(
    post, path = paths::BOOKING_CANCELLATION, tag = "selling",
    params(
        ("id" = String, Path, description = "The order"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token"),
    ),
    request_body = Cancellation,
    responses((status = 200, description = "The order after it", body = OrderBody)),
)]
async fn cancel(
    State(app): State<App>,
    Id(id): Id<OrderId>,
    caller: Caller,
    headers: HeaderMap,
    idempotency: Idempotency,
    Json(body): Json<Cancellation>,
) -> Result<axum::Json<OrderBody>, Problem> {
    let asker = tokens::asker(&caller, &headers);
    let (_order, standing) = find(&app, id, &asker)?;
    let tickets = match body.tickets {
        // For the ledger, no tickets are all tickets.
        Some(none) if none.is_empty() => {
            return Err(Problem::new(kinds::EMPTY_SELECTION).error("/tickets", "at least one"));
        }
        named => named.unwrap_or_default(),
    };
    let ground = if standing.may_act_for_seller() { CancelGround::Seller } else { CancelGround::Buyer };
    let reason = short(body.reason.unwrap_or_default(), "/reason", REASON_CHARS_MAX)?;
    app.selling.cancel(idempotency.key(), id, tickets, ground, reason).await?;
    answer(&app, id, &asker)
}

/// Pay money back
///
/// While the tickets stay valid: for the event's organizer and support.
#[utoipa::path(
    post, path = paths::BOOKING_REFUNDS, tag = "organizing",
    params(("id" = String, Path, description = "The order")),
    request_body = RefundWish,
    responses((status = 200, description = "The order after it", body = OrderBody)),
)]
async fn refund(
    State(app): State<App>,
    Id(id): Id<OrderId>,
    caller: Caller,
    headers: HeaderMap,
    idempotency: Idempotency,
    Json(body): Json<RefundWish>,
) -> Result<axum::Json<OrderBody>, Problem> {
    let asker = tokens::asker(&caller, &headers);
    let (_order, standing) = find(&app, id, &asker)?;
    if !standing.may_act_for_seller() {
        tracing::info!(order = %id, account = ?caller.account_id(), "refused: a buyer asked for a refund");
        return Err(Problem::forbidden("only the event's organizer and support pay money back"));
    }
    let reason = short(body.reason, "/reason", REASON_CHARS_MAX)?;
    app.selling.refund(idempotency.key(), id, body.amount, reason).await?;
    answer(&app, id, &asker)
}

/// Print an order's tickets
///
/// As PDF, for the same people as the order. Only tickets that admit and that who asks may come with are printed: none
/// that was given away or is on offer. In the first language of `Accept-Language` that we have.
#[utoipa::path(
    get, path = paths::BOOKING_TICKETS, tag = "selling",
    params(
        ("id" = String, Path, description = "The order"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token"),
        PaperQuery,
    ),
    responses((status = 200, description = "The tickets", content_type = "application/pdf", body = Vec<u8>)),
)]
async fn tickets_pdf(
    State(app): State<App>,
    Id(id): Id<OrderId>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<PaperQuery>,
) -> Result<Response, Problem> {
    let asker = tokens::asker(&caller, &headers);
    let (proved, _standing) = find(&app, id, &asker)?;
    let texts = Texts::of(Language::of_visit(&headers, None));
    printed::pdf(&app, &proved.order, None, &asker, &query, texts).await
}

/// An order, for who may know of it.
pub(crate) fn find(app: &App, id: OrderId, asker: &Asker) -> Result<(Proved, Standing), Problem> {
    let unknown = || Problem::not_found("order");
    let proved = app.selling.proved(id)?.ok_or_else(unknown)?;
    let Some(standing) = app.selling.standing(&proved.order, asker) else {
        tracing::info!(order = %id, account = ?asker.account.map(|known| known.0), "refused: the order is another's");
        return Err(unknown());
    };
    Ok((proved, standing))
}

/// A name or a reason.
pub(crate) fn short(text: String, pointer: &str, chars_max: usize) -> Result<String, Problem> {
    let is_fit = text.chars().take(chars_max + 1).count() <= chars_max && !text.chars().any(char::is_control);
    let words = || format!("at most {chars_max} characters, in one line");
    if is_fit { Ok(text) } else { Err(Problem::invalid(pointer, &words())) }
}

/// Who will have a ticket.
pub(crate) fn person(email: &str, name: Option<String>) -> Result<Buyer, Problem> {
    let email: EmailAddress =
        email.parse().map_err(|wrong: NotAnEmailAddress| Problem::invalid("/email", &wrong.to_string()))?;
    let name = short(name.unwrap_or_default(), "/name", NAME_CHARS_MAX)?;
    Ok(Buyer { account: None, email: email.as_str().to_owned(), name: name.trim().to_owned() })
}

/// The answer to an order that was placed, once nothing more is to be waited for.
async fn placed(app: &App, id: OrderId, caller: &Caller, prefer: Prefer) -> Result<Response, Problem> {
    let longest = WAIT_LONGEST.min(app.settings.limits.request_timeout / 2);
    let settled = app.selling.settled(id, prefer.wait(WAIT_USUAL, longest)).await?;
    let proved = settled.ok_or_else(|| Problem::not_found("order"))?;
    let is_guest = caller.account_id().is_none();
    let asker = match caller {
        Caller::Account(signed) => Asker::signed(signed),
        Caller::Guest(_) => Asker { account: None, token: Some(proved.order.secret), ticket_token: None },
    };
    let body = Frame::of(app, proved.order.performance)?.order(&proved, &asker, is_guest);
    let location = format!("/v1/bookings/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(body)).into_response())
}

fn answer(app: &App, id: OrderId, asker: &Asker) -> Result<axum::Json<OrderBody>, Problem> {
    let proved = app.selling.proved(id)?.ok_or_else(|| Problem::not_found("order"))?;
    Ok(axum::Json(Frame::of(app, proved.order.performance)?.order(&proved, asker, false)))
}

fn choice(app: &App, wish: PaymentWish, at: &Storefront) -> Result<PaymentChoice, Problem> {
    let gateway = app.selling.gateway();
    if wish.gateway.is_some_and(|wanted| wanted != gateway) {
        return Err(Problem::new(kinds::PAYMENT_METHOD_UNKNOWN)
            .error("/payment/gateway", format!("this node takes payments by {gateway}"))
            .with("gateways", vec![gateway]));
    }
    let is_plain = wish.method.bytes().all(|byte| byte.is_ascii_graphic());
    if wish.method.is_empty() || wish.method.len() > METHOD_BYTES_MAX || !is_plain {
        return Err(Problem::invalid(
            "/payment/method",
            "write the gateway's token for the means of payment: up to 200 letters, digits and signs",
        ));
    }
    Ok(PaymentChoice { gateway: gateway.to_owned(), method: wish.method, return_url: at.bookings() })
}

/// Who buys, or accepts a ticket.
pub(crate) async fn buyer(
    app: &App,
    caller: &Caller,
    email: Option<&str>,
    name: Option<String>,
) -> Result<Buyer, Problem> {
    let name = name.map(|name| short(name, "/name", NAME_CHARS_MAX)).transpose()?;
    match (email, caller.account_id()) {
        (Some(email), account) => Ok(Buyer { account, ..person(email, name)? }),
        (None, Some(account)) => Ok(app.selling.buyer_of(account, name).await?),
        (None, None) => Err(Problem::invalid("/email", "guests need an e-mail address for their tickets")),
    }
}
