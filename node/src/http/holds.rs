//! Holds: seats kept for somebody who decides.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use marquee_ledger::command::{Held, HoldRequest, Place, PricedPlace, Secret};
use marquee_ledger::{Currency, Hold, HoldId, OrderId, PerformanceId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, Idempotency, Json};
use super::instant::instant;
use super::problem::Problem;
use super::references::MoneyBody;
use super::selection::{SelectionBody, Shop};
use super::{App, kinds, paths, tokens};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(hold)).routes(routes!(read, release)).routes(routes!(extend))
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
struct HoldBody<'a> {
    /// Its id.
    #[schema(value_type = String, example = "hld_01kc0000000000000000000000")]
    id: HoldId,
    /// Proves the right to it; keep it.
    token: String,
    /// The performance.
    #[schema(value_type = String)]
    performance_id: PerformanceId,
    /// Its numbered seats.
    seats: Vec<SeatBody<'a>>,
    /// Its places in areas, one by one.
    areas: Vec<AreaBody<'a>>,
    /// When it lapses.
    expires_at: String,
    /// What it costs.
    total: MoneyBody,
    /// The order that was made of it, while its payment is under way.
    #[schema(value_type = Option<String>)]
    order_id: Option<OrderId>,
}

/// A held seat.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldSeat)]
struct SeatBody<'a> {
    /// The seat.
    id: String,
    /// The section's name.
    section: &'a str,
    /// The row.
    row: &'a str,
    /// The seat's number.
    number: &'a str,
    /// The price category's key.
    price_category: &'a str,
    /// The concession's key.
    concession: &'a str,
    /// What it costs.
    price: MoneyBody,
}

/// A held place in an area.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HeldArea)]
struct AreaBody<'a> {
    /// The area.
    area: String,
    /// The area's name.
    name: &'a str,
    /// The concession's key.
    concession: &'a str,
    /// What it costs.
    price: MoneyBody,
}

/// How long a hold lasts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HoldExtension)]
struct ExtensionBody {
    /// When it lapses.
    expires_at: String,
}

/// Hold seats
///
/// Keeps seats, or places in areas, for some minutes: all or none. Whoever has the token, or is signed in as the account
/// that made the hold, can order, prolong or release it.
#[utoipa::path(
    post, path = paths::PERFORMANCE_HOLDS, tag = "selling",
    params(("id" = String, Path, description = "The performance")),
    request_body = SelectionBody,
    responses((status = 201, description = "The seats are held", body = HoldBody<'_>)),
)]
async fn hold(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<SelectionBody>,
) -> Result<impl IntoResponse, Problem> {
    let shop = Shop::open(&app, id)?;
    let secret = tokens::fresh(&idempotency);
    let request = HoldRequest {
        performance: id,
        holder: caller.holder(secret),
        selection: shop.selection(&body)?,
        secret,
    };
    let held = app.selling.hold(idempotency.key(), request).await;
    let held = held.map_err(|not_done| shop.problem(not_done))?;
    let location = format!("/v1/holds/{}", held.hold);
    let body = shop.held(&held, secret);
    // Encoded here: the answer borrows what is written on the seats.
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(body).into_response()))
}

/// Look at a hold
///
/// Takes the hold's token in the `X-Hold-Token` header, or the account that made it.
#[utoipa::path(
    get, path = paths::HOLD, tag = "selling",
    params(
        ("id" = String, Path, description = "The hold"),
        ("x-hold-token" = Option<String>, Header, description = "The hold's token"),
    ),
    responses((status = 200, description = "The hold", body = HoldBody<'_>)),
)]
async fn read(
    State(app): State<App>,
    Id(id): Id<HoldId>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let hold = find(&app, id, &caller, tokens::in_header(&headers, tokens::X_HOLD_TOKEN))?;
    let shop = Shop::open(&app, hold.performance)?;
    Ok(axum::Json(shop.hold(id, &hold)).into_response())
}

/// Release a hold
///
/// Its seats are free at once. Takes the hold's token in the `X-Hold-Token` header, or the account that made it.
#[utoipa::path(
    delete, path = paths::HOLD, tag = "selling",
    params(
        ("id" = String, Path, description = "The hold"),
        ("x-hold-token" = Option<String>, Header, description = "The hold's token"),
    ),
    responses((status = 204, description = "The seats are free")),
)]
async fn release(
    State(app): State<App>,
    Id(id): Id<HoldId>,
    caller: Caller,
    idempotency: Idempotency,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let secret = prove(&app, id, &caller, tokens::in_header(&headers, tokens::X_HOLD_TOKEN))?;
    app.selling.release(idempotency.key(), id, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Prolong a hold
///
/// Once, and not after it was ordered. Takes the hold's token in the `X-Hold-Token` header, or the account that made it.
#[utoipa::path(
    post, path = paths::HOLD_EXTENSION, tag = "selling",
    params(
        ("id" = String, Path, description = "The hold"),
        ("x-hold-token" = Option<String>, Header, description = "The hold's token"),
    ),
    responses((status = 200, description = "The hold lasts longer", body = ExtensionBody)),
)]
async fn extend(
    State(app): State<App>,
    Id(id): Id<HoldId>,
    caller: Caller,
    idempotency: Idempotency,
    headers: HeaderMap,
) -> Result<axum::Json<ExtensionBody>, Problem> {
    let secret = prove(&app, id, &caller, tokens::in_header(&headers, tokens::X_HOLD_TOKEN))?;
    let expires_at_ms = app.selling.extend(idempotency.key(), id, secret).await?;
    Ok(axum::Json(ExtensionBody { expires_at: instant(expires_at_ms) }))
}

/// The hold, for who may have it.
fn find(app: &App, id: HoldId, caller: &Caller, token: Option<Secret>) -> Result<Hold, Problem> {
    let account = caller.account_id();
    if token.is_none() && account.is_none() {
        return Err(Problem::new(kinds::HOLD_TOKEN_NEEDED));
    }
    Ok(app.selling.hold_for(id, token, account, app.now_ms())?)
}

/// The secret of a hold, for who may have it: their token, which the ledger checks, or what their account's hold has.
pub(crate) fn prove(
    app: &App,
    id: HoldId,
    caller: &Caller,
    token: Option<Secret>,
) -> Result<Secret, Problem> {
    if let Some(secret) = token {
        return Ok(secret);
    }
    match find(app, id, caller, None) {
        Ok(hold) => Ok(hold.secret),
        // The hold may be gone because this is a repetition. The ledger knows by the request's key, and refuses otherwise:
        // nobody guesses a secret.
        Err(problem) if problem.code() == kinds::HOLD_LAPSED.code => Ok(Secret(app.random())),
        Err(problem) => Err(problem),
    }
}

impl Shop {
    fn held(&self, held: &Held, secret: Secret) -> HoldBody<'_> {
        let (seats, areas) = self.places(&held.places, held.total.currency);
        HoldBody {
            id: held.hold,
            token: tokens::text(secret),
            performance_id: self.performance.id,
            seats,
            areas,
            expires_at: instant(held.expires_at_ms),
            total: MoneyBody::new(held.total.amount, held.total.currency),
            order_id: None,
        }
    }

    fn hold(&self, id: HoldId, hold: &Hold) -> HoldBody<'_> {
        let currency = self.performance.sale.currency;
        let (seats, areas) = self.places(&hold.places, currency);
        HoldBody {
            id,
            token: tokens::text(hold.secret),
            performance_id: hold.performance,
            seats,
            areas,
            expires_at: instant(hold.expires_at_ms),
            total: MoneyBody::new(hold.total(), currency),
            order_id: hold.order,
        }
    }

    fn places(&self, places: &[PricedPlace], currency: Currency) -> (Vec<SeatBody<'_>>, Vec<AreaBody<'_>>) {
        let (mut seats, mut areas) = (Vec::with_capacity(places.len()), Vec::new());
        let tag = self.map.tag();
        for priced in places {
            let price = MoneyBody::new(priced.price, currency);
            let concession = self.concession_key(priced.concession);
            match priced.place {
                Place::Seat(index) => {
                    let label = self.map.seat(index);
                    seats.push(SeatBody {
                        id: tag.seat(index).to_string(),
                        section: label.map_or("", |label| label.section),
                        row: label.map_or("", |label| label.row),
                        number: label.map_or("", |label| label.number),
                        price_category: self.map.category(priced.category),
                        concession,
                        price,
                    });
                }
                Place::Area(index) => areas.push(AreaBody {
                    area: tag.area(index).to_string(),
                    name: self.map.area(index).map_or("", |(area, _section)| &area.name),
                    concession,
                    price,
                }),
            }
        }
        (seats, areas)
    }

    fn concession_key(&self, index: u8) -> &str {
        self.performance.sale.concessions.get(usize::from(index)).map_or("", String::as_str)
    }
}
