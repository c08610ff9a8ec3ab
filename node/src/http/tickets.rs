//! Tickets: looked at, shown as a picture, printed, offered to somebody else, accepted, called back; and the keys that doors
//! check them with.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use marquee_ledger::command::Secret;
use marquee_ledger::order::{Buyer, Order};
use marquee_ledger::{EventId, Key, OrderId, PerformanceId, TicketId};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bookings::{Frame, TicketBody, buyer, person};
use super::extract::{Caller, ETag, Id, Idempotency, IfNoneMatch, Json, List, Page, Query, Signed};
use super::instant::instant;
use super::problem::Problem;
use super::references::local_time;
use super::{App, paths, tokens};
use crate::pages::printed::{self, PaperQuery};
use crate::selling::rights::{Asker, Hand, invitation};
use crate::selling::tickets::given;
use crate::texts::{Language, Texts};

/// What a code is drawn with: a quarter of it may be damaged.
const CORRECTION: EcLevel = EcLevel::Q;
const PICTURE_PIXELS_MIN: u32 = 256;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(keys))
        .routes(routes!(read))
        .routes(routes!(picture))
        .routes(routes!(ticket_pdf))
        .routes(routes!(transfer, call_back))
        .routes(routes!(accept))
        .routes(routes!(list_given))
}

/// A ticket by itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoneTicket)]
pub(crate) struct LoneTicketBody {
    /// Proves a guest's right to a ticket that they accepted; only in the answer to that.
    token: Option<String>,
    /// The order that it belongs to.
    #[schema(value_type = String)]
    order_id: OrderId,
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
    /// In which hall.
    hall_name: String,
    /// When it starts.
    starts_at: String,
    /// When it starts by the venue's clocks.
    local_starts_at: String,
    #[serde(flatten)]
    ticket: TicketBody,
}

/// Who gets a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// Their e-mail address.
    #[schema(example = "grace@example.com")]
    email: String,
    /// The name on the ticket.
    name: String,
}

/// Who accepts a ticket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    /// The offer's token.
    #[schema(example = "3q2-7wAAAAAAAAAAAAAAAA")]
    token: String,
    /// Their e-mail address. Guests need it; accounts have their own.
    email: Option<String>,
    /// The name on the ticket.
    name: Option<String>,
}

/// The keys of ticket codes.
#[derive(Debug, Serialize, ToSchema)]
struct TicketKeys {
    /// All that verify.
    keys: Vec<TicketKey>,
}

/// A public key.
#[derive(Debug, Serialize, ToSchema)]
struct TicketKey {
    /// Its number, which stands in the code.
    number: u32,
    /// `Ed25519`.
    algorithm: &'static str,
    /// 32 bytes in base64url.
    public_key: String,
}

/// The keys of ticket codes
///
/// A ticket's code is `MQ1.` and, in base64url without padding: version (1 byte, 1), number of the key (4), ticket (16),
/// performance (16), serial (4), start in milliseconds since 1970 (6), all big-endian, and an Ed25519 signature (64) over
/// `marquee ticket v1`, a zero byte and these bytes. With the keys a door checks codes without the network.
#[utoipa::path(
    get, path = paths::TICKET_KEYS, tag = "selling",
    responses((status = 200, description = "The public keys", body = TicketKeys)),
)]
async fn keys(State(app): State<App>, has: IfNoneMatch) -> impl IntoResponse {
    let keys = app.selling.keys().public().map(|(number, key)| TicketKey {
        number,
        algorithm: "Ed25519",
        public_key: BASE64URL_NOPAD.encode(&key),
    });
    let keys: Vec<_> = keys.collect();
    let parts: Vec<&[u8]> = keys.iter().map(|key| key.public_key.as_bytes()).collect();
    let tag = ETag::of(&parts);
    let mut response = has.answer(&tag, || axum::Json(TicketKeys { keys }));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

/// Look at a ticket
///
/// For who has it or offers it (signed in, or with a guest's token), whom it is offered to (with the offer's token), the
/// order's buyer, the event's organizer and support. Its code is shown to who has it only.
#[utoipa::path(
    get, path = paths::TICKET, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token of the order"),
        ("x-ticket-token" = Option<String>, Header, description = "A guest's token of the ticket, or an offer's"),
    ),
    responses((status = 200, description = "The ticket", body = LoneTicketBody)),
)]
async fn read(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<axum::Json<LoneTicketBody>, Problem> {
    let asker = tokens::asker(&caller, &headers);
    let (order, index, _hand) = find(&app, id, &asker)?;
    Ok(axum::Json(body(&app, &order, index, &asker)?))
}

/// A ticket's code as a picture
///
/// A QR code of a valid ticket's code, as SVG; for who may come with it.
#[utoipa::path(
    get, path = paths::TICKET_QR, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token of the order"),
        ("x-ticket-token" = Option<String>, Header, description = "A guest's token of the ticket"),
    ),
    responses((status = 200, description = "The picture", content_type = "image/svg+xml", body = String)),
)]
async fn picture(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let asker = tokens::asker(&caller, &headers);
    let (order, index, _hand) = find(&app, id, &asker)?;
    let unknown = || Problem::not_found("ticket");
    let performance = app.selling.performance(order.performance).ok_or_else(unknown)?;
    let code = app.selling.code(&order, index, &performance, &asker).ok_or_else(unknown)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], qr_svg(&code)?))
}

/// Print a ticket
///
/// As PDF, for who may come with it. In the first language of `Accept-Language` that we have.
#[utoipa::path(
    get, path = paths::TICKET_PDF, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token of the order"),
        ("x-ticket-token" = Option<String>, Header, description = "A guest's token of the ticket"),
        PaperQuery,
    ),
    responses((status = 200, description = "The ticket", content_type = "application/pdf", body = Vec<u8>)),
)]
async fn ticket_pdf(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<PaperQuery>,
) -> Result<Response, Problem> {
    let asker = tokens::asker(&caller, &headers);
    let (order, index, _hand) = find(&app, id, &asker)?;
    let texts = Texts::of(Language::of_visit(&headers, None));
    printed::pdf(&app, &order, Some(index), &asker, &query, texts).await
}

/// Give a ticket to somebody else
///
/// It is offered to them: send them `offer.link`, or the token for `POST /v1/tickets/{id}/acceptance`. Its code until then
/// admits nobody any more; until they accept it, or it is called back, nobody has another. Offered once more, it is offered
/// to the last only. For who has it (signed in, or with a guest's token), and support.
#[utoipa::path(
    post, path = paths::TICKET_TRANSFER, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token of the order"),
        ("x-ticket-token" = Option<String>, Header, description = "A guest's token of the ticket"),
    ),
    request_body = Transfer,
    responses((status = 200, description = "The ticket after it", body = LoneTicketBody)),
)]
async fn transfer(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    headers: HeaderMap,
    idempotency: Idempotency,
    Json(to): Json<Transfer>,
) -> Result<axum::Json<LoneTicketBody>, Problem> {
    let asker = tokens::asker(&caller, &headers);
    may_pass_on(&app, id, &asker)?;
    let to = person(&to.email, Some(to.name))?;
    app.selling.transfer(idempotency.key(), id, to).await?;
    answer(&app, id, &asker)
}

/// Take an offer back
///
/// Who offered the ticket has it again, with another code than before; the offer's token is spent. For who offers it, and
/// support.
#[utoipa::path(
    delete, path = paths::TICKET_TRANSFER, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token of the order"),
        ("x-ticket-token" = Option<String>, Header, description = "A guest's token of the ticket"),
    ),
    responses((status = 200, description = "The ticket after it", body = LoneTicketBody)),
)]
async fn call_back(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    headers: HeaderMap,
    idempotency: Idempotency,
) -> Result<axum::Json<LoneTicketBody>, Problem> {
    let asker = tokens::asker(&caller, &headers);
    may_pass_on(&app, id, &asker)?;
    app.selling.call_back(idempotency.key(), id).await?;
    answer(&app, id, &asker)
}

/// Accept a ticket
///
/// Who has the offer's token has the ticket from then on, with a code that nobody has seen; the token is spent. Signed in,
/// the account has it; a guest says who they are, and gets a token of their own in the answer.
#[utoipa::path(
    post, path = paths::TICKET_ACCEPTANCE, tag = "selling",
    params(("id" = String, Path, description = "The ticket")),
    request_body = Acceptance,
    responses((status = 200, description = "The ticket after it", body = LoneTicketBody)),
)]
async fn accept(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    idempotency: Idempotency,
    Json(wish): Json<Acceptance>,
) -> Result<axum::Json<LoneTicketBody>, Problem> {
    let holder = buyer(&app, &caller, wish.email.as_deref(), wish.name).await?;
    let secret = tokens::fresh(&idempotency);
    let is_guest = holder.account.is_none();
    accepted(&app, id, tokens::secret(&wish.token), idempotency.key(), holder, secret).await?;
    let account = caller.account().ok().map(|signed| (signed.account, signed.roles));
    let asker = Asker { account, token: None, ticket_token: Some(secret) };
    let axum::Json(mut body) = answer(&app, id, &asker)?;
    body.token = is_guest.then(|| tokens::text(secret));
    Ok(axum::Json(body))
}

/// List the tickets that I was given
///
/// Those that the account that asks accepted from others, the latest orders first.
#[utoipa::path(
    get, path = paths::MY_TICKETS, tag = "selling",
    params(
        ("limit" = Option<usize>, Query, description = "Of how many orders: 1 to 200, usually 50"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, description = "A page of tickets", body = List<LoneTicketBody>)),
)]
async fn list_given(
    State(app): State<App>,
    caller: Caller,
    page: Page,
) -> Result<axum::Json<List<LoneTicketBody>>, Problem> {
    let signed = caller.account()?;
    let before = page.position::<OrderId>()?;
    // One more tells whether there are more.
    let mut orders = app.selling.given_to(signed.account, before, page.limit + 1).await?;
    let has_more = orders.len() > page.limit;
    orders.truncate(page.limit);
    let last = orders.last().map(|proved| proved.order.id).filter(|_last| has_more);
    let mut items = Vec::new();
    for proved in &orders {
        items.extend(given_bodies(&app, &proved.order, signed)?);
    }
    Ok(axum::Json(List::new(items, last)))
}

/// The tickets of an order that somebody was given.
pub(crate) fn given_bodies(app: &App, order: &Order, by: &Signed) -> Result<Vec<LoneTicketBody>, Problem> {
    let asker = Asker::signed(by);
    given(order, by.account).map(|index| body(app, order, index, &asker)).collect()
}

/// Makes somebody the holder of a ticket that was offered with this token. Sent again with its key, it is so already.
///
/// # Errors
/// `unknown-ticket` when the token is not the one of an offer that stands.
pub(crate) async fn accepted(
    app: &App,
    id: TicketId,
    token: Option<Secret>,
    key: Option<Key>,
    holder: Buyer,
    secret: Secret,
) -> Result<(), Problem> {
    let unknown = || Problem::not_found("ticket");
    let order = app.selling.proved(id.order())?.ok_or_else(unknown)?.order;
    let index = id.index().ok_or_else(unknown)?;
    let ticket = order.tickets.get(usize::from(index)).ok_or_else(unknown)?;
    if ticket.gift.as_ref().is_some_and(|gift| gift.secret == secret) {
        return Ok(());
    }
    if token.is_none() || token != invitation(&order, index) {
        tracing::info!(ticket = %id, account = ?holder.account, "refused: the offer does not stand");
        return Err(unknown().detail("the offer was accepted, taken back or made to somebody else"));
    }
    Ok(app.selling.accept(key, (id, ticket.serial), holder, secret).await?)
}

/// A code as a picture.
pub(crate) fn qr_svg(code: &str) -> Result<String, Problem> {
    // Codes are far shorter than what a QR code holds.
    let code =
        QrCode::with_error_correction_level(code, CORRECTION).map_err(|error| Problem::internal(&error))?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(PICTURE_PIXELS_MIN, PICTURE_PIXELS_MIN).build())
}

/// A ticket's order, its index there, and what who asks is to it.
pub(crate) fn find(app: &App, id: TicketId, asker: &Asker) -> Result<(Order, u8, Hand), Problem> {
    let unknown = || Problem::not_found("ticket");
    let index = id.index().ok_or_else(unknown)?;
    let order = app.selling.proved(id.order())?.ok_or_else(unknown)?.order;
    if usize::from(index) >= order.tickets.len() {
        return Err(unknown());
    }
    let Some(hand) = app.selling.hand(&order, index, asker) else {
        tracing::info!(ticket = %id, account = ?asker.account.map(|known| known.0), "refused: the ticket is another's");
        return Err(unknown());
    };
    Ok((order, index, hand))
}

/// Refuses who may not offer a ticket to others.
///
/// # Errors
/// `unknown-ticket` or `forbidden`.
pub(crate) fn may_pass_on(app: &App, id: TicketId, asker: &Asker) -> Result<(), Problem> {
    let (_order, _index, hand) = find(app, id, asker)?;
    if hand.may_pass_on() {
        return Ok(());
    }
    tracing::info!(ticket = %id, account = ?asker.account.map(|known| known.0), "refused: passing on another's ticket");
    Err(Problem::forbidden("only who has the ticket and support give it to somebody else"))
}

fn answer(app: &App, id: TicketId, asker: &Asker) -> Result<axum::Json<LoneTicketBody>, Problem> {
    let (order, index, _hand) = find(app, id, asker)?;
    Ok(axum::Json(body(app, &order, index, asker)?))
}

fn body(app: &App, order: &Order, index: u8, asker: &Asker) -> Result<LoneTicketBody, Problem> {
    let frame = Frame::of(app, order.performance)?;
    let ticket = order.tickets.get(usize::from(index)).ok_or_else(|| Problem::not_found("ticket"))?;
    let ticket = frame.ticket(order, index, ticket, asker);
    let showing = frame.showing();
    let starts_at_ms = showing.performance.schedule.starts_at_ms;
    Ok(LoneTicketBody {
        token: None,
        order_id: order.id,
        performance_id: order.performance,
        event_id: order.event,
        event_title: showing.event.facts.title.clone(),
        venue_name: showing.venue.facts.name.clone(),
        hall_name: showing.hall.name.clone(),
        starts_at: instant(starts_at_ms),
        local_starts_at: local_time(starts_at_ms, &showing.zone),
        ticket,
    })
}
