//! `/organizer/events/{id}/performances/new` and `/organizer/performances/{id}/edit`: when, where and on which terms.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use marquee_ledger::{EventId, PerformanceId};

use super::super::problems::ProblemView;
use super::super::visit::{Frame, Here, NoFields, Posted, Visit, go_to};
use super::filled::Filled;
use super::form::{Choice, Field, Fields, FormView, Group};
use super::rights::Desk;
use super::say::Say;
use super::shown::Crumb;
use super::stage::{Stage, Wanted, beginning};
use super::terms::{self, Typed};
use crate::catalog::checks::Faults;
use crate::catalog::command::{Action, Created, Offer};
use crate::catalog::entity::{Event, Performance, Schedule};
use crate::forms::TimesForm;
use crate::forms::series::{local_minute, not_past};
use crate::http::extract::{Id, Query};
use crate::http::{Problem, kinds};
use crate::selling::Showing;

#[derive(Template)]
#[template(path = "organizer/offer.html")]
struct OfferPage {
    frame: Frame,
    trail: Vec<Crumb>,
    heading: String,
    lead: String,
    problem: Option<ProblemView>,
    /// None while there is no hall to sell.
    form: Option<FormView>,
    /// What changes for tickets that are sold; empty for a performance that is being made.
    notes: Vec<String>,
    /// Where it gets another start, once tickets were ordered.
    reschedule: Option<String>,
    /// Where the form goes that removes it; none if it has orders or is being made.
    deletion: Option<String>,
}

/// Asks when, where and on which terms.
pub(super) async fn blank(
    visit: Visit,
    Id(id): Id<EventId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    let (stage, filled) = beginning(&desk, id, &wanted);
    desk.visit.show(&new_page(&desk, &event, stage.as_ref(), &filled))
}

/// Makes a performance and puts it on sale.
pub(super) async fn create(
    visit: Visit,
    Id(id): Id<EventId>,
    posted: Posted<Fields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    let stage = Stage::chosen(&desk, &posted.form)?;
    let mut filled = Filled::sent(&posted);
    let Some(typed) = terms::sent(&mut filled, &stage) else {
        return desk.visit.show(&new_page(&desk, &event, Some(&stage), &filled));
    };
    let now_ms = desk.say.now_ms();
    let (key, hall) = (filled.fields.some("key"), stage.hall.id);
    let offer = offer(&desk, &mut filled, &stage, &typed, now_ms, |at_ms| at_ms <= now_ms);
    let action =
        offer.map(|offer| Action::CreatePerformance { key, event: id, event_owner: None, hall, offer });
    let field_of = |pointer: &str| typed.field_of(pointer);
    match desk.create(&posted, &mut filled, action, field_of, Created::performance).await? {
        Some(made) => Ok(go_to(&format!("/organizer/performances/{made}"))),
        None => desk.refuse(&filled, &new_page(&desk, &event, Some(&stage), &filled)),
    }
}

/// The offer that was typed, with everything that is wrong told at its field. `is_past` says which starts are refused.
fn offer(
    desk: &Desk,
    filled: &mut Filled,
    stage: &Stage,
    typed: &Typed,
    from_ms: u64,
    is_past: impl Fn(u64) -> bool,
) -> Option<Offer> {
    let Filled { fields, faulty, .. } = filled;
    let house = &desk.visit.app.settings.cluster.selling;
    let times = TimesForm {
        starts_at: fields.get("starts_at"),
        doors_at: fields.some("doors_at"),
        on_sale_from: fields.some("on_sale_from"),
        on_sale_until: fields.some("on_sale_until"),
    };
    let mut faults = Faults::default();
    let schedule = times.schedule(&stage.zone, from_ms, house.sale_ends_before, &mut faults);
    if let Some(schedule) = schedule.filter(|schedule| is_past(schedule.starts_at_ms)) {
        not_past("/starts_at", schedule.starts_at_ms, schedule.starts_at_ms, &mut faults);
    }
    if let Some(schedule) = schedule.filter(|schedule| schedule.on_sale_until_ms > schedule.starts_at_ms) {
        let late = schedule.on_sale_until_ms - schedule.starts_at_ms;
        // A sale may go on for a while after the start, not after the end.
        if late > SALE_AFTER_START_MAX_MS {
            faults.add("/on_sale_until", "must be within a day of the start");
        }
    }
    // Terms are checked whatever is wrong with the times, so that everything is told at once.
    let nominal = Schedule { starts_at_ms: 1, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: 1 };
    let offer = typed.form.offer(schedule.unwrap_or(nominal), Some(stage.version), house, &mut faults);
    faulty.take(faults, |pointer| typed.field_of(pointer));
    schedule.and(offer)
}

const SALE_AFTER_START_MAX_MS: u64 = 24 * 3_600_000;

fn new_page(desk: &Desk, event: &Event, stage: Option<&Stage>, filled: &Filled) -> OfferPage {
    let say = &desk.say;
    let here = format!("/organizer/events/{}", event.id);
    let form = stage.map(|stage| {
        let mut groups = vec![Group::new(say.t("org-where"), vec![Stage::field(desk)])];
        groups.push(times_group(say, stage, false));
        groups.extend(terms::groups(say, stage, &filled.fields));
        let form = FormView::new(say, format!("{here}/performances/new"), groups, filled);
        form.hide("grid", filled.fields.get("grid")).submit(say.t("org-performance-make")).back(here.clone())
    });
    OfferPage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(say), Crumb::new(here, event.facts.title.clone())],
        heading: say.t("org-performance-new"),
        lead: event.facts.title.clone(),
        problem: filled.told(),
        form,
        notes: Vec::new(),
        reschedule: None,
        deletion: None,
    }
}

/// The times; without the start and the doors once tickets were ordered, since who has one must be thought of first.
fn times_group(say: &Say, stage: &Stage, is_ordered: bool) -> Group {
    let at = |name: &str, label: String| Field::of("datetime-local", name, label).chars(40);
    let mut fields = vec![
        at("starts_at", say.t("org-starts-at")).required(),
        at("doors_at", say.t("org-doors-at")),
        at("on_sale_from", say.t("org-on-sale-from")).hint(say.t("org-on-sale-from-hint")),
        at("on_sale_until", say.t("org-on-sale-until")).hint(say.t("org-on-sale-until-hint")),
    ];
    if is_ordered {
        fields.drain(..2);
    }
    let zone = &stage.venue.facts.time_zone;
    Group::new(say.t("org-when"), fields).hint(say.with("org-when-hint", "zone", zone))
}

/// Shows a performance's times and terms, to be changed.
pub(super) async fn edit(visit: Visit, Id(id): Id<PerformanceId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = desk.showing(id)?;
    let stage = own_stage(&desk, &showing.performance, None)?;
    let filled = Filled::with(written(&showing, &stage));
    desk.visit.show(&edit_page(&desk, &showing, &stage, &filled)?)
}

fn own_stage(desk: &Desk, performance: &Performance, version: Option<u32>) -> Result<Stage, Problem> {
    let version = version.unwrap_or(performance.seat_map_version);
    Stage::of(desk, performance.hall, Some(version)).ok_or_else(|| Problem::new(kinds::UNKNOWN_HALL))
}

fn written(showing: &Showing, stage: &Stage) -> Fields {
    let performance = &showing.performance;
    let schedule = performance.schedule;
    let mut fields = terms::written(performance, stage);
    let mut at = |name: &str, at_ms: u64| fields.push(name, local_minute(at_ms, &showing.zone));
    at("starts_at", schedule.starts_at_ms);
    at("on_sale_from", schedule.on_sale_from_ms);
    at("on_sale_until", schedule.on_sale_until_ms);
    if let Some(doors) = schedule.doors_at_ms {
        at("doors_at", doors);
    }
    fields.push("version", performance.stamp.version.to_string());
    fields.push("seat_map_version", performance.seat_map_version.to_string());
    fields
}

/// Writes a performance's times and terms anew.
pub(super) async fn save(
    visit: Visit,
    Id(id): Id<PerformanceId>,
    posted: Posted<Fields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = desk.showing(id)?;
    let mut filled = Filled::sent(&posted);
    let map = filled.fields.number("seat_map_version", &mut filled.faulty);
    let stage = own_stage(&desk, &showing.performance, map)?;
    if has_orders(&desk, &showing)? {
        let before = written(&showing, &stage);
        filled.fields.remove(|name| name == "starts_at" || name == "doors_at");
        for name in ["starts_at", "doors_at"] {
            filled.fields.push(name, before.get(name));
        }
    }
    let Some(typed) = terms::sent(&mut filled, &stage) else {
        return desk.visit.show(&edit_page(&desk, &showing, &stage, &filled)?);
    };
    let now_ms = desk.say.now_ms();
    // What has begun may stay where it is.
    let is_past =
        |at_ms: u64| at_ms <= now_ms && local_minute(at_ms, &showing.zone) != fields_start(&showing);
    let from_ms = showing.performance.schedule.on_sale_from_ms;
    let version = filled.version();
    let offer = offer(&desk, &mut filled, &stage, &typed, from_ms, is_past);
    let action = offer.map(|offer| Action::UpdatePerformance { performance: id, version, offer });
    match desk.write(&posted, &mut filled, action, |pointer| typed.field_of(pointer)).await? {
        Some(_written) => Ok(go_to(&format!("/organizer/performances/{id}"))),
        None => desk.refuse(&filled, &edit_page(&desk, &showing, &stage, &filled)?),
    }
}

fn has_orders(desk: &Desk, showing: &Showing) -> Result<bool, Problem> {
    let sold = desk.visit.app.selling.sold(showing.performance.id)?;
    Ok(sold.is_some_and(|sold| sold.has_orders))
}

fn fields_start(showing: &Showing) -> String {
    local_minute(showing.performance.schedule.starts_at_ms, &showing.zone)
}

fn edit_page(desk: &Desk, showing: &Showing, stage: &Stage, filled: &Filled) -> Result<OfferPage, Problem> {
    let say = &desk.say;
    let performance = &showing.performance;
    let here = format!("/organizer/performances/{}", performance.id);
    let is_ordered = has_orders(desk, showing)?;
    let mut groups = vec![times_group(say, stage, is_ordered)];
    let (current, latest) = (performance.seat_map_version, stage.hall.latest_map());
    if latest > current {
        let version = |version: u32, key: &str| {
            Choice::new(version.to_string(), say.with(key, "version", &version.to_string()))
        };
        let choices = vec![version(current, "org-seat-map-current"), version(latest, "org-seat-map-latest")];
        let field = Field::select("seat_map_version", say.t("org-seat-map"), choices);
        groups.push(Group::new(say.t("org-seat-map"), vec![field.hint(say.t("org-seat-map-hint")).wide()]));
    }
    groups.extend(terms::groups(say, stage, &filled.fields));
    let mut form = FormView::new(say, format!("{here}/edit"), groups, filled);
    for name in ["version", "grid"] {
        form = form.hide(name, filled.fields.get(name));
    }
    form = form.back(here.clone());
    if latest <= current {
        form = form.hide("seat_map_version", current.to_string());
    }
    let event = &showing.event;
    let when = say.when(performance.schedule.starts_at_ms, &showing.zone);
    let is_removable = desk.visit.app.selling.is_removable(performance.id)?;
    let reschedule = is_ordered.then(|| format!("{here}/reschedule"));
    Ok(OfferPage {
        frame: desk.visit.frame(Here::Organize),
        trail: Crumb::to_performance(say, showing, &when),
        heading: say.t("org-performance-edit"),
        lead: format!("{}, {}", event.facts.title, when.text),
        problem: filled.told(),
        form: Some(form),
        notes: vec![say.t("org-note-prices"), say.t("org-note-refunds")],
        reschedule,
        deletion: is_removable.then(|| format!("{here}/deletion")),
    })
}

/// Removes a performance that nobody ever ordered something of.
pub(super) async fn delete(
    visit: Visit,
    Id(id): Id<PerformanceId>,
    posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = desk.showing(id)?;
    let event = Arc::clone(&showing.event);
    let action = Action::DeletePerformance { performance: id, version: None };
    desk.writer.write(posted.key(), action).await?;
    Ok(go_to(&format!("/organizer/events/{}", event.id)))
}
