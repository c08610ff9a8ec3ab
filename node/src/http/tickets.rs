//! Tickets: looked at, shown as a picture, passed on; and the keys that doors check them with.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use data_encoding::BASE64URL_NOPAD;
use marquee_ledger::order::Order;
use marquee_ledger::{EventId, OrderId, PerformanceId, TicketId};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bookings::{Frame, TicketBody, person};
use super::extract::{Caller, ETag, Id, Idempotency, IfNoneMatch, Json};
use super::instant::instant;
use super::problem::Problem;
use super::references::local_time;
use super::{App, paths, tokens};
use crate::selling::Selling;
use crate::selling::rights::Asker;

/// What a code is drawn with: a quarter of it may be damaged.
const CORRECTION: EcLevel = EcLevel::Q;
const PICTURE_PIXELS_MIN: u32 = 256;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(keys))
        .routes(routes!(read))
        .routes(routes!(picture))
        .routes(routes!(transfer))
}

/// A ticket by itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoneTicket)]
struct LoneTicketBody {
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
/// For the order's buyer (signed in, or with a guest's `X-Order-Token`), whom it was given to, the event's organizer and
/// support.
#[utoipa::path(
    get, path = paths::TICKET, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token"),
    ),
    responses((status = 200, description = "The ticket", body = LoneTicketBody)),
)]
async fn read(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<axum::Json<LoneTicketBody>, Problem> {
    let order = find(&app, id, &tokens::asker(&caller, &headers), May::See)?;
    Ok(axum::Json(body(&app, id, &order)?))
}

/// A ticket's code as a picture
///
/// A QR code of a valid ticket's code, as SVG. For the same people as the ticket.
#[utoipa::path(
    get, path = paths::TICKET_QR, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token"),
    ),
    responses((status = 200, description = "The picture", content_type = "image/svg+xml", body = String)),
)]
async fn picture(
    State(app): State<App>,
    Id(id): Id<TicketId>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let order = find(&app, id, &tokens::asker(&caller, &headers), May::See)?;
    let unknown = || Problem::not_found("ticket");
    let performance = app.selling.performance(order.performance).ok_or_else(unknown)?;
    let index = id.index().ok_or_else(unknown)?;
    let code = app.selling.code(&order, index, &performance).ok_or_else(unknown)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], qr_svg(&code)?))
}

/// Give a ticket to somebody else
///
/// Its code until then admits nobody any more. For the order's buyer, whom it was given to, and support.
#[utoipa::path(
    post, path = paths::TICKET_TRANSFER, tag = "selling",
    params(
        ("id" = String, Path, description = "The ticket"),
        ("x-order-token" = Option<String>, Header, description = "A guest's token"),
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
    find(&app, id, &tokens::asker(&caller, &headers), May::PassOn)?;
    let to = person(&to.email, Some(to.name))?;
    app.selling.transfer(idempotency.key(), id, to).await?;
    let proved = app.selling.proved(id.order())?.ok_or_else(|| Problem::not_found("ticket"))?;
    Ok(axum::Json(body(&app, id, &proved.order)?))
}

/// A code as a picture.
pub(crate) fn qr_svg(code: &str) -> Result<String, Problem> {
    // Codes are far shorter than what a QR code holds.
    let code =
        QrCode::with_error_correction_level(code, CORRECTION).map_err(|error| Problem::internal(&error))?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(PICTURE_PIXELS_MIN, PICTURE_PIXELS_MIN).build())
}

/// What somebody wants with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    See,
    PassOn,
}

/// The order of a ticket, for who may do this with the ticket.
fn find(app: &App, id: TicketId, asker: &Asker, may: May) -> Result<Order, Problem> {
    let unknown = || Problem::not_found("ticket");
    let index = id.index().ok_or_else(unknown)?;
    let order = app.selling.proved(id.order())?.ok_or_else(unknown)?.order;
    if usize::from(index) >= order.tickets.len() {
        return Err(unknown());
    }
    if Selling::has_ticket(&order, index, asker) {
        return Ok(order);
    }
    match (app.selling.standing(&order, asker), may) {
        (Some(standing), May::PassOn) if !standing.may_pass_on() => {
            Err(Problem::forbidden("only who has the ticket and support give it to somebody else"))
        }
        (Some(_), May::See | May::PassOn) => Ok(order),
        (None, May::See | May::PassOn) => {
            tracing::info!(ticket = %id, account = ?asker.account.map(|known| known.0), "refused: the ticket is another's");
            Err(unknown())
        }
    }
}

fn body(app: &App, id: TicketId, order: &Order) -> Result<LoneTicketBody, Problem> {
    let frame = Frame::of(app, order.performance)?;
    let unknown = || Problem::not_found("ticket");
    let index = id.index().ok_or_else(unknown)?;
    let ticket = order.tickets.get(usize::from(index)).ok_or_else(unknown)?;
    let ticket = frame.ticket(order, index, ticket);
    let showing = frame.showing();
    let starts_at_ms = showing.performance.schedule.starts_at_ms;
    Ok(LoneTicketBody {
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
