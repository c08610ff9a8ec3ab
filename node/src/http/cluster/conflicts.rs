//! What a box office sold after a venue was taken over from it, and what becomes of that.

use axum::extract::State;
use marquee_ledger::change::SeatStatus;
use marquee_ledger::command::Place;
use marquee_ledger::money::Account;
use marquee_ledger::order::{Order, RefundStatus};
use marquee_ledger::transfer::{Act, Conflict, End, Origin, Step, Verdict};
use marquee_ledger::{HallId, OrderId, PerformanceId, Request, VenueId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::document::{CatalogChange, ConflictBody, ConflictPlace, ConflictsBody};
use super::gather::{self, HOME_MAX};
use super::moves::number_of;
use super::{Named, Office};
use crate::catalog::transfer::{self, ChangedItem, ItemKind, ItemName};
use crate::catalog::{self, Action, By};
use crate::cluster::errand::{ConflictList, Found, Query as Question};
use crate::cluster::moving::reconciling::differing;
use crate::directory::{self, NodeStatus, Placement, Seizure};
use crate::http::bookings::body::order_status;
use crate::http::extract::{Caller, Id, Json, Query};
use crate::http::instant::instant;
use crate::http::problem::Problem;
use crate::http::{App, kinds, paths};
use crate::machine::{Answer, Command, encode_command};

/// How many orders are listed unless it is said.
const LIMIT_USUAL: usize = 200;
const LIMIT_MAX: usize = 1_000;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ConflictsQuery {
    /// Those that were placed after this order.
    after: Option<String>,
    /// How many: 1 to 1,000, 200 unless it is said.
    limit: Option<usize>,
}

/// What is to become of an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerdictForm {
    /// `refund`: its tickets are cancelled and its money goes back. `keep`: the venue's owner takes it over, if its seats are free
    /// there. `leave`: it stays as the owner has it; for an order that the owner knew before.
    verdict: VerdictWord,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum VerdictWord {
    Refund,
    Keep,
    Leave,
}

/// Read what a box office sold meanwhile
///
/// Every order that it placed or changed after the copy from which the venue was taken over. None is lost without a word: each
/// stays here until it is settled, what needs no person by itself.
#[utoipa::path(
    get, path = paths::VENUE_CONFLICTS, tag = "cluster",
    params(("id" = String, Path, description = "The venue's number, id, or name if no other has it"), ConflictsQuery),
    responses((status = 200, description = "The orders", body = ConflictsBody)),
)]
pub(super) async fn read_conflicts(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
    Query(query): Query<ConflictsQuery>,
) -> Result<axum::Json<ConflictsBody>, Problem> {
    let office = Office::open(&app, &caller)?;
    let venue = number_of(&app, &name)?;
    let placement = office.view.placements().get(&venue);
    let placement = *placement.ok_or_else(|| Problem::new(kinds::UNKNOWN_VENUE))?;
    let Some(seizure) = placement.seizure else { return Ok(axum::Json(ConflictsBody::default())) };
    if placement.under_seizure().is_some() {
        return Ok(axum::Json(body(&app, placement, None, &[], &[])));
    }
    let commons = app.home.commons();
    let after = query.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|_no_id| Problem::new(kinds::INVALID_QUERY).detail("after: name an order"))?;
    let limit = query.limit.unwrap_or(LIMIT_USUAL).clamp(1, LIMIT_MAX);
    let listed = commons.query(seizure.from, Question::Conflicts { venue, after, limit });
    let listed = match tokio::time::timeout(HOME_MAX, listed).await {
        Ok(Ok(Found::Conflicts(listed))) => listed,
        Ok(Ok(_) | Err(_)) | Err(_) => None,
    };
    let conflicts = listed.iter().flat_map(|list| &list.conflicts);
    let asked = conflicts.map(|(_conflict, order)| (order.performance, seats(order))).collect();
    let owners = commons.query(placement.group, Question::SeatOwners(asked));
    let items = commons.query(placement.group, Question::VenueItems(venue));
    let (owners, items) =
        tokio::join!(tokio::time::timeout(HOME_MAX, owners), tokio::time::timeout(HOME_MAX, items));
    let owners = match owners {
        Ok(Ok(Found::SeatOwners(owners))) => owners,
        Ok(Ok(_) | Err(_)) | Err(_) => Vec::new(),
    };
    let items = match items {
        Ok(Ok(Found::VenueItems(items))) => items,
        Ok(Ok(_) | Err(_)) | Err(_) => Vec::new(),
    };
    Ok(axum::Json(body(&app, placement, listed, &owners, &items)))
}

/// Say that everything was seen
///
/// Once no order is in conflict, what the box office changed of halls and performances besides keeps its rows there: with this
/// they go. What the venue's owner has is what counts. If the box office was removed for good, what it sold is given up.
#[utoipa::path(
    post, path = paths::VENUE_SETTLEMENT, tag = "cluster",
    params(("id" = String, Path, description = "The venue's number, id, or name if no other has it")),
    responses((status = 204, description = "It is written down; the cluster does it by itself")),
)]
pub(super) async fn settle(
    State(app): State<App>,
    Named(name): Named,
    caller: Caller,
) -> Result<axum::http::StatusCode, Problem> {
    let office = Office::open(&app, &caller)?;
    let venue = number_of(&app, &name)?;
    let unknown = || Problem::new(kinds::UNKNOWN_CONFLICT);
    let placement = office.view.placements().get(&venue).ok_or_else(unknown)?;
    let Seizure { from, epoch, .. } = placement.seized().ok_or_else(unknown)?;
    let home = office.view.groups().get(&from).and_then(|group| office.view.nodes().get(&group.preferred));
    if home.is_some_and(|home| home.status == NodeStatus::Removed) {
        // It never comes back, and what only it knew is lost.
        app.home.directory(None, directory::Command::Reconcile { venue, epoch }).await??;
        tracing::warn!(account = %office.by.account, venue, "an operator gives up what a lost box office sold");
        return Ok(axum::http::StatusCode::NO_CONTENT);
    }
    // The home removes the rows itself, once their removal has begun.
    let ledger = Step { venue, epoch, act: Act::Forget { limit: 0 } };
    let step = transfer::Step { ledger, items: Vec::new(), manifest: None, answers: Vec::new() };
    let by = By { account: office.by.account, operator: true };
    let command = catalog::Command { by, action: Action::Transfer(Box::new(step)) };
    let command = encode_command(&Command::Catalog { key: None, command });
    let answer = app.home.commons().command(from, command, true).await?;
    let Answer::Catalog(result) = answer else { return Err(Problem::unexpected(&answer)) };
    result?;
    tracing::warn!(account = %office.by.account, venue, "an operator has seen all that a box office did");
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Say what becomes of an order in conflict
///
/// Said once: an order that is to be refunded cannot be kept any more. One that could not be kept, since somebody else has its
/// seats by now, can be decided again.
#[utoipa::path(
    post, path = paths::ORDER_VERDICT, tag = "cluster", request_body = VerdictForm,
    params(("id" = String, Path, description = "The order")),
    responses((status = 204, description = "It is written down; the cluster does it by itself")),
)]
pub(super) async fn judge(
    State(app): State<App>,
    Id(order): Id<OrderId>,
    caller: Caller,
    Json(form): Json<VerdictForm>,
) -> Result<axum::http::StatusCode, Problem> {
    let office = Office::open(&app, &caller)?;
    let unknown = || Problem::new(kinds::UNKNOWN_CONFLICT);
    let placement = office.view.placements().get(&order.owner()).ok_or_else(unknown)?;
    let Seizure { from, epoch, .. } = placement.seized().ok_or_else(unknown)?;
    let verdict = match form.verdict {
        VerdictWord::Refund => Verdict::Refund,
        VerdictWord::Keep => Verdict::Keep,
        VerdictWord::Leave => Verdict::Leave,
    };
    let step = Step { venue: order.owner(), epoch, act: Act::Judge { order, verdict } };
    let command = marquee_ledger::Command::Transfer(Box::new(step));
    let command = Command::Ledger(Request { key: None, command });
    let answer = app.home.commons().command(from, encode_command(&command), true).await?;
    let Answer::Ledger(answer) = answer else { return Err(Problem::unexpected(&answer)) };
    answer.result?;
    tracing::warn!(account = %office.by.account, %order, ?verdict, "an operator decides about an order in conflict");
    Ok(axum::http::StatusCode::NO_CONTENT)
}

fn body(
    app: &App,
    placement: Placement,
    listed: Option<ConflictList>,
    owners: &[Option<Vec<(u8, u128)>>],
    items: &[(ItemName, u128)],
) -> ConflictsBody {
    let index = app.home.catalog_copy().read();
    let venue = index.venues_all().find(|venue| venue.id.owner() == placement.venue);
    let name = venue.map(|venue| venue.facts.name.as_str()).unwrap_or_default();
    let takeover = gather::takeover(placement, name, listed.as_ref().map(|list| list.open));
    let Some(ConflictList { conflicts, is_end, changed, .. }) = listed else {
        return ConflictsBody { takeover, ..ConflictsBody::default() };
    };
    let last = conflicts.last().map(|(_conflict, order)| order.id.to_string());
    let bodies = conflicts.iter().enumerate().map(|(nth, (conflict, order))| {
        let owners = owners.get(nth).and_then(Option::as_deref).unwrap_or_default();
        conflict_body(app, conflict, order, owners)
    });
    ConflictsBody {
        takeover,
        conflicts: bodies.collect(),
        next: last.filter(|_last| !is_end),
        changes: differing(changed, items).map(|item| change_body(&item)).collect(),
    }
}

fn change_body(item: &ChangedItem) -> CatalogChange {
    let (kind, id) = match item.name.kind {
        ItemKind::Venue => ("venue", VenueId(item.name.id).to_string()),
        ItemKind::Hall | ItemKind::Map => ("hall", HallId(item.name.id).to_string()),
        ItemKind::Performance => ("performance", PerformanceId(item.name.id).to_string()),
    };
    CatalogChange {
        kind: kind.to_owned(),
        id,
        name: item.label.clone(),
        updated_at: instant(item.updated_ms),
    }
}

fn conflict_body(app: &App, conflict: &Conflict, order: &Order, owners: &[(u8, u128)]) -> ConflictBody {
    let refunding = order.refunds.iter().filter(|refund| refund.status == RefundStatus::Requested);
    ConflictBody {
        order: order.id.to_string(),
        origin: match conflict.origin {
            Origin::Late => "late",
            Origin::Changed => "changed",
        }
        .to_owned(),
        status: order_status(order.status).to_owned(),
        performance: order.performance.to_string(),
        placed_at: instant(order.placed_at_ms),
        email: order.buyer.email.clone(),
        name: order.buyer.name.clone(),
        currency: order.currency.to_string(),
        total: order.total,
        captured: order.balance(Account::Gateway),
        refunding: refunding.map(|refund| refund.amount).sum(),
        places: places(app, order, owners),
        verdict: conflict.verdict.map(|verdict| verdict_word(verdict).to_owned()),
        objection: conflict.objection.clone(),
        end: conflict.end.map(|end| end_word(end).to_owned()),
    }
}

/// The seats of an order's valid tickets, in their order.
fn seats(order: &Order) -> Vec<u32> {
    let places = order.valid_tickets().map(|(_index, ticket)| ticket.place.place);
    let seats = places.filter_map(|place| match place {
        Place::Seat(seat) => Some(seat),
        Place::Area(_) => None,
    });
    seats.collect()
}

fn places(app: &App, order: &Order, owners: &[(u8, u128)]) -> Vec<ConflictPlace> {
    let map =
        app.selling.showing(order.performance).and_then(|shown| app.selling.map_of(&shown.performance).ok());
    let mut owners = owners.iter();
    let place = |place: Place| match place {
        Place::Seat(seat) => {
            let label = map.as_ref().and_then(|map| {
                let label = map.seat(seat)?;
                Some(format!("{}, row {}, seat {}", label.section, label.row, label.number))
            });
            let (there, order) = there(order.id, owners.next().copied());
            ConflictPlace { place: label.unwrap_or_else(|| format!("seat {seat}")), there, order }
        }
        Place::Area(area) => {
            let label = map.as_ref().and_then(|map| map.area(area).map(|(area, _section)| area.name.clone()));
            let place = label.unwrap_or_else(|| format!("area {area}"));
            ConflictPlace { place, there: "unknown".to_owned(), order: None }
        }
    };
    order.valid_tickets().map(|(_index, ticket)| ticket.place.place).map(place).collect()
}

/// Who has a seat at the venue's owner.
fn there(order: OrderId, owned: Option<(u8, u128)>) -> (String, Option<String>) {
    let Some((status, owner)) = owned else { return ("unknown".to_owned(), None) };
    match SeatStatus::from_byte(status) {
        Some(SeatStatus::Free) => ("free".to_owned(), None),
        Some(SeatStatus::Held) => ("held".to_owned(), None),
        Some(SeatStatus::Booked) if owner == order.0 => ("own".to_owned(), None),
        Some(SeatStatus::Booked) => ("booked".to_owned(), Some(OrderId(owner).to_string())),
        Some(SeatStatus::Killed) => ("killed".to_owned(), None),
        None => ("unknown".to_owned(), None),
    }
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Refund => "refund",
        Verdict::Keep => "keep",
        Verdict::Leave => "leave",
    }
}

const fn end_word(end: End) -> &'static str {
    match end {
        End::Refunded => "refunded",
        End::Kept => "kept",
        End::Left => "left",
        End::Same => "same",
        End::Void => "void",
    }
}
