//! Performances: what is sold, when, where and on which terms.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use marquee_ledger::terms::PerformanceStatus;
use marquee_ledger::{EventId, HallId, PerformanceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{Caller, Id, Idempotency, IfMatch, IfNoneMatch, Json};
use super::instant::instant;
use super::organizing::{changed, key_stays, made, sound, version, writer};
use super::problem::Problem;
use super::references::{HallReference, VenueReference, local_time};
use super::shared_cache::entity;
use super::{App, kinds, paths};
use crate::catalog::checks::Faults;
use crate::catalog::command::{Action, Offer};
use crate::catalog::copy::CatalogIndex;
use crate::catalog::entity::{Performance, Schedule};
use crate::cluster::spread::Free;
use crate::drawing::form::CategoryForm;
use crate::forms::terms::{PriceForm, RefundPolicyForm};
use crate::forms::{TermsForm, TimesForm};

const HOUR_MS: u64 = 60 * 60 * 1_000;
const MINUTE_MS: u64 = 60 * 1_000;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(read, put, delete))
        .routes(routes!(cancel))
        .routes(routes!(reschedule))
}

/// A performance: one dated showing of an event in one hall.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Performance)]
pub(crate) struct PerformanceBody {
    /// Its id.
    id: String,
    /// What is shown.
    event: EventReference,
    /// Where.
    venue: VenueReference,
    /// In which hall.
    hall: HallReference,
    /// When it starts.
    starts_at: String,
    /// The same by the clock of the venue.
    #[schema(example = "2026-12-05T19:30:00")]
    local_starts_at: String,
    /// When the doors open.
    doors_at: Option<String>,
    /// When the sale begins.
    on_sale_from: String,
    /// When it ends.
    on_sale_until: String,
    /// `scheduled` or `cancelled`.
    status: &'static str,
    /// What the buyers were told when it was called off.
    cancelled_because: Option<String>,
    /// ISO 4217 code of all prices.
    currency: String,
    /// Keys of the concessions; the first is the default.
    concessions: Vec<String>,
    /// The price categories of its seat map.
    price_categories: Vec<CategoryForm>,
    /// What a ticket costs.
    prices: Vec<PriceForm>,
    /// When a buyer gets how much back.
    refund_policy: RefundPolicyForm,
    /// The most tickets one customer may have; 0 for no limit.
    ticket_limit: u16,
    /// How long seats are kept for who has chosen them.
    hold_minutes: u64,
    /// By how much that can be prolonged, once.
    extension_minutes: u64,
    /// The least time that is left for paying once an order is placed.
    payment_minutes: u64,
    /// What there is for those who need it: `captions`, `audio_description`, `sign_language`, `hearing`, `relaxed`.
    accessibility: Vec<&'static str>,
    /// Which version of the hall's seat map is sold.
    seat_map_version: u32,
    /// Its owner's name for it.
    key: Option<String>,
    /// Counts its changes; sales do not change it.
    version: u64,
    /// How many places there are, and how many are free.
    availability: Availability,
}

/// What is shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventReference {
    /// The event's id.
    id: String,
    /// Its title.
    title: String,
    /// What it is.
    kind: &'static str,
}

/// How many places there are, and how many are free.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct Availability {
    /// Numbered seats and places in areas.
    capacity: u64,
    /// Those that can be bought just now.
    free: u64,
}

/// A performance, as it is written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PerformanceForm {
    /// Your own name for it, unique among your performances.
    #[serde(default)]
    key: Option<String>,
    /// What is shown; it cannot be changed.
    #[serde(default)]
    event_id: Option<String>,
    /// Where; it cannot be changed.
    #[serde(default)]
    hall_id: Option<String>,
    /// An instant, or a time by the clock of the venue: `2026-12-05T19:30`.
    #[schema(example = "2026-12-05T19:30")]
    starts_at: String,
    /// When the doors open.
    #[serde(default)]
    doors_at: Option<String>,
    /// When the sale begins; at once unless it is said.
    #[serde(default)]
    on_sale_from: Option<String>,
    /// When it ends; at the start unless it is said.
    #[serde(default)]
    on_sale_until: Option<String>,
    /// ISO 4217 code of all prices.
    #[schema(example = "USD")]
    currency: String,
    /// Keys of the concessions, the default one first; `["adult"]` unless it is said.
    #[serde(default)]
    #[schema(example = json!(["adult", "child"]))]
    concessions: Vec<String>,
    /// What a ticket costs. A price category without a price is not sold.
    prices: Vec<PriceForm>,
    /// When a buyer gets how much back; everything until 24 hours before the start unless it is said.
    #[serde(default)]
    refund_policy: Option<RefundPolicyForm>,
    /// The most tickets one customer may have; 0 for no limit.
    #[serde(default)]
    ticket_limit: Option<u16>,
    /// How long seats are kept for who has chosen them.
    #[serde(default)]
    hold_minutes: Option<u32>,
    /// By how much that can be prolonged, once.
    #[serde(default)]
    extension_minutes: Option<u32>,
    /// The least time that is left for paying once an order is placed.
    #[serde(default)]
    payment_minutes: Option<u32>,
    /// What there is for those who need it: `captions`, `audio_description`, `sign_language`, `hearing` (a loop or headsets),
    /// `relaxed`. Places for wheelchairs are the hall's.
    #[serde(default)]
    #[schema(example = json!(["captions"]))]
    accessibility: Vec<String>,
    /// Which version of the hall's seat map; the latest, or the one that the performance has.
    #[serde(default)]
    seat_map_version: Option<u32>,
}

/// Why a performance is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancellationForm {
    /// Told to the buyers.
    #[schema(example = "The soprano has lost her voice.")]
    reason: String,
}

impl PerformanceBody {
    /// Performances with their availability, read at one moment.
    pub(crate) fn all(app: &App, performances: &[Arc<Performance>]) -> Result<Vec<Self>, Problem> {
        let ids: Vec<_> = performances.iter().map(|performance| performance.id).collect();
        let free = Availability::of(app, &ids)?;
        let index = app.home.catalog_copy().read();
        let listed = performances.iter().zip(free);
        Ok(listed.filter_map(|(performance, free)| Self::new(&index, performance, free)).collect())
    }

    fn of(app: &App, id: PerformanceId) -> Result<Self, Problem> {
        let performance = known(app, id)?;
        let mut bodies = Self::all(app, &[performance])?;
        bodies.pop().ok_or_else(|| Problem::new(kinds::UNKNOWN_PERFORMANCE))
    }

    /// None when something that it refers to is gone: then it is going, too.
    fn new(index: &CatalogIndex, performance: &Performance, availability: Availability) -> Option<Self> {
        let event = index.event(performance.event)?;
        let (venue, hall) = (index.venue(performance.venue)?, index.hall(performance.hall)?);
        let categories = &hall.map(performance.seat_map_version)?.categories;
        let (schedule, sale) = (performance.schedule, &performance.sale);
        let is_cancelled = performance.status == PerformanceStatus::Cancelled;
        Some(Self {
            id: performance.id.to_string(),
            event: EventReference {
                id: event.id.to_string(),
                title: event.facts.title.clone(),
                kind: event.facts.kind.word(),
            },
            venue: VenueReference::new(venue),
            hall: HallReference::new(hall),
            starts_at: instant(schedule.starts_at_ms),
            local_starts_at: local_time(schedule.starts_at_ms, &index.zone(performance.venue)),
            doors_at: schedule.doors_at_ms.map(instant),
            on_sale_from: instant(schedule.on_sale_from_ms),
            on_sale_until: instant(schedule.on_sale_until_ms),
            status: if is_cancelled { "cancelled" } else { "scheduled" },
            cancelled_because: is_cancelled.then(|| performance.cancelled_because.clone()),
            currency: sale.currency.to_string(),
            concessions: sale.concessions.clone(),
            prices: sale
                .prices
                .iter()
                .filter_map(|price| {
                    Some(PriceForm {
                        category: categories.get(usize::from(price.category))?.key.clone(),
                        concession: sale.concessions.get(usize::from(price.concession)).cloned(),
                        amount: price.amount,
                    })
                })
                .collect(),
            price_categories: categories
                .iter()
                .map(|category| CategoryForm {
                    key: category.key.clone(),
                    name: category.name.clone(),
                    color: category.color.clone(),
                })
                .collect(),
            refund_policy: RefundPolicyForm {
                until_hours_before: u32::try_from(sale.refund.until_ms_before / HOUR_MS).unwrap_or(u32::MAX),
                share_percent: sale.refund.share_basis_points / 100,
            },
            ticket_limit: sale.ticket_limit,
            hold_minutes: sale.pace.hold_ms / MINUTE_MS,
            extension_minutes: sale.pace.extension_ms / MINUTE_MS,
            payment_minutes: sale.pace.payment_ms / MINUTE_MS,
            accessibility: performance.accessibility.iter().map(|aid| aid.word()).collect(),
            seat_map_version: performance.seat_map_version,
            key: performance.stamp.key.clone(),
            version: performance.stamp.version,
            availability,
        })
    }
}

impl Availability {
    /// Of several performances. What nobody has told yet is nothing.
    fn of(app: &App, ids: &[PerformanceId]) -> Result<Vec<Self>, Problem> {
        let told = |free: Option<Free>| {
            free.map_or_else(Self::default, |free| Self {
                capacity: u64::from(free.capacity),
                free: u64::from(free.free),
            })
        };
        Ok(app.selling.free(ids)?.into_iter().map(told).collect())
    }
}

impl PerformanceForm {
    fn times(&self) -> TimesForm {
        TimesForm {
            starts_at: self.starts_at.clone(),
            doors_at: self.doors_at.clone(),
            on_sale_from: self.on_sale_from.clone(),
            on_sale_until: self.on_sale_until.clone(),
        }
    }

    fn terms(&self) -> TermsForm {
        TermsForm {
            currency: self.currency.clone(),
            concessions: self.concessions.clone(),
            prices: self.prices.clone(),
            refund_policy: self.refund_policy,
            ticket_limit: self.ticket_limit,
            hold_minutes: self.hold_minutes,
            extension_minutes: self.extension_minutes,
            payment_minutes: self.payment_minutes,
            accessibility: self.accessibility.clone(),
        }
    }

    /// The offer in the hall; the sale begins at `from_ms` unless it says otherwise.
    fn offer(&self, app: &App, hall: HallId, from_ms: u64, faults: &mut Faults) -> Option<Offer> {
        let zone = {
            let index = app.home.catalog_copy().read();
            index.zone(index.hall(hall)?.venue)
        };
        let house = &app.settings.cluster.selling;
        let schedule = self.times().schedule(&zone, from_ms, house.sale_ends_before, faults);
        // Terms are checked whatever is wrong with the times, so that everything is told at once.
        let nominal =
            Schedule { starts_at_ms: 1, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: 1 };
        let offer = self.terms().offer(schedule.unwrap_or(nominal), self.seat_map_version, house, faults)?;
        schedule.map(|_known| offer)
    }
}

/// A performance of the catalog.
fn known(app: &App, id: PerformanceId) -> Result<Arc<Performance>, Problem> {
    let copy = app.home.catalog_copy();
    if !copy.may_have(id.0) {
        return Err(Problem::new(kinds::UNKNOWN_PERFORMANCE));
    }
    let index = copy.read();
    index.performance(id).cloned().ok_or_else(|| Problem::new(kinds::UNKNOWN_PERFORMANCE))
}

/// Read a performance
#[utoipa::path(
    get, path = paths::PERFORMANCE, tag = "catalog", params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The performance", body = PerformanceBody)),
)]
async fn read(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    has: IfNoneMatch,
) -> Result<Response, Problem> {
    let body = PerformanceBody::of(&app, id)?;
    entity(&has, body.version, &body)
}

/// Make a performance and put it on sale
///
/// For organizers, with an event and a hall of their own. Times without an offset are by the clock of the venue; a time
/// that its clock skips or shows twice is refused.
#[utoipa::path(
    post, path = paths::PERFORMANCES, tag = "organizing", request_body = PerformanceForm,
    responses((status = 201, description = "It is made", body = PerformanceBody)),
)]
async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Idempotency,
    Json(form): Json<PerformanceForm>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let event = named::<EventId>("/event_id", form.event_id.as_deref())?;
    let hall = named::<HallId>("/hall_id", form.hall_id.as_deref())?;
    if app.home.catalog_copy().read().hall(hall).is_none() {
        return Err(Problem::new(kinds::UNKNOWN_HALL));
    }
    let offer = sound(|faults| {
        faults.key(form.key.as_deref());
        form.offer(&app, hall, app.now_ms(), faults)
    })?;
    let created = writer
        .create(key.key(), Action::CreatePerformance { key: form.key, event, event_owner: None, hall, offer })
        .await?;
    let id = created.performance().ok_or_else(|| Problem::unexpected(&created))?;
    let body = PerformanceBody::of(&app, id)?;
    Ok(made(&format!("{}/{id}", paths::PERFORMANCES), body.version, body))
}

fn named<T: std::str::FromStr<Err: std::fmt::Display>>(
    pointer: &str,
    text: Option<&str>,
) -> Result<T, Problem> {
    let text = text.ok_or_else(|| Problem::invalid(pointer, "must be said"))?;
    text.parse().map_err(|error: T::Err| Problem::invalid(pointer, &error.to_string()))
}

/// Write a performance's times and terms anew
///
/// Orders keep what they were bought under. Refused when seats that are in use would be lost.
#[utoipa::path(
    put, path = paths::PERFORMANCE, tag = "organizing", request_body = PerformanceForm,
    params(("id" = String, Path, description = "Its id"), ("If-Match" = String, Header, description = "Its ETag")),
    responses((status = 200, description = "It is written", body = PerformanceBody)),
)]
async fn put(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    caller: Caller,
    if_match: IfMatch,
    key: Idempotency,
    Json(form): Json<PerformanceForm>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let known = known(&app, id)?;
    let offer = sound(|faults| {
        key_stays(form.key.as_deref(), known.stamp.key.as_deref(), faults);
        let (event, hall) = (known.event.to_string(), known.hall.to_string());
        for (pointer, written, is) in
            [("/event_id", &form.event_id, event), ("/hall_id", &form.hall_id, hall)]
        {
            if written.as_ref().is_some_and(|written| *written != is) {
                faults.add(pointer, "cannot be changed: make another performance");
            }
        }
        form.offer(&app, known.hall, known.schedule.on_sale_from_ms, faults)
    })?;
    let action = Action::UpdatePerformance { performance: id, version: if_match.version(), offer };
    writer.write(key.key(), action).await?;
    let body = PerformanceBody::of(&app, id)?;
    Ok(changed(body.version, body))
}

/// Remove a performance that never had an order
///
/// One that had is cancelled instead.
#[utoipa::path(
    delete, path = paths::PERFORMANCE, tag = "organizing", params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone")),
)]
async fn delete(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    caller: Caller,
    if_match: Option<IfMatch>,
    key: Idempotency,
) -> Result<StatusCode, Problem> {
    let delete = Action::DeletePerformance { performance: id, version: version(if_match) };
    writer(&app, &caller)?.write(key.key(), delete).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Call a performance off
///
/// Nothing more is sold, and everyone gets their money back without asking.
#[utoipa::path(
    post, path = paths::PERFORMANCE_CANCELLATION, tag = "organizing", request_body = CancellationForm,
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "It is called off", body = PerformanceBody)),
)]
async fn cancel(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    caller: Caller,
    if_match: Option<IfMatch>,
    key: Idempotency,
    Json(form): Json<CancellationForm>,
) -> Result<Response, Problem> {
    let action =
        Action::CancelPerformance { performance: id, version: version(if_match), reason: form.reason };
    writer(&app, &caller)?.write(key.key(), action).await?;
    let body = PerformanceBody::of(&app, id)?;
    Ok(changed(body.version, body))
}

/// Give a performance another time
///
/// Tickets stay valid, and can be given back for longer if the start is later. What is not said moves along: the doors
/// and the end of the sale keep their distance from the start.
#[utoipa::path(
    post, path = paths::PERFORMANCE_RESCHEDULE, tag = "organizing", request_body = TimesForm,
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "It has the time", body = PerformanceBody)),
)]
async fn reschedule(
    State(app): State<App>,
    Id(id): Id<PerformanceId>,
    caller: Caller,
    if_match: Option<IfMatch>,
    key: Idempotency,
    Json(form): Json<TimesForm>,
) -> Result<Response, Problem> {
    let writer = writer(&app, &caller)?;
    let known = known(&app, id)?;
    let zone = app.home.catalog_copy().read().zone(known.venue);
    let schedule = sound(|faults| form.moved(known.schedule, &zone, faults))?;
    let action = Action::Reschedule { performance: id, version: version(if_match), schedule };
    writer.write(key.key(), action).await?;
    let body = PerformanceBody::of(&app, id)?;
    Ok(changed(body.version, body))
}
