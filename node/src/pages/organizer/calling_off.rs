//! `/organizer/performances/{id}/cancellation`: who is affected when a performance is called off, and only then the button.

use askama::Template;
use axum::response::Response;
use marquee_ledger::PerformanceId;
use marquee_ledger::terms::PerformanceStatus;

use super::super::visit::{Frame, Here, Posted, Visit, go_to};
use super::filled::Filled;
use super::form::{Field, Fields, FormView, Group, first_part};
use super::rights::Desk;
use super::shown::{Crumb, amounts};
use crate::catalog::command::Action;
use crate::catalog::service::REASON_CHARS_MAX;
use crate::http::extract::Id;
use crate::http::{Problem, kinds};
use crate::pages::problems::ProblemView;
use crate::selling::Showing;
use crate::selling::books::asking::PlaceCounts;

#[derive(Template)]
#[template(path = "organizer/calling_off.html")]
struct CallingOffPage {
    frame: Frame,
    trail: Vec<Crumb>,
    lead: String,
    orders_href: String,
    problem: Option<ProblemView>,
    orders: String,
    tickets: String,
    money: String,
    waiting: String,
    held: String,
    is_anybody_affected: bool,
    form: FormView,
}

/// Shows who is affected.
pub(super) async fn preview(visit: Visit, Id(id): Id<PerformanceId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = scheduled(&desk, id)?;
    let version = showing.performance.stamp.version.to_string();
    let filled = Filled::with(Fields::of([("version", version)]));
    desk.visit.show(&page(&desk, &showing, &filled).await?)
}

/// A performance that takes place.
pub(super) fn scheduled(desk: &Desk, id: PerformanceId) -> Result<Showing, Problem> {
    let showing = desk.showing(id)?;
    match showing.performance.status {
        PerformanceStatus::Scheduled => Ok(showing),
        PerformanceStatus::Cancelled => Err(Problem::new(kinds::PERFORMANCE_CANCELLED)),
    }
}

/// Calls the performance off.
pub(super) async fn call_off(
    visit: Visit,
    Id(id): Id<PerformanceId>,
    posted: Posted<Fields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let mut filled = Filled::sent(&posted);
    let (version, reason) = (filled.version(), filled.fields.get("reason"));
    let action = Action::CancelPerformance { performance: id, version, reason };
    // Sent twice, the first is answered again: it is not asked whether it takes place still.
    let showing = desk.showing(id)?;
    match desk.write(&posted, &mut filled, Some(action), first_part).await? {
        Some(_written) => Ok(go_to(&format!("/organizer/performances/{id}?done=cancelled"))),
        None => desk.refuse(&filled, &page(&desk, &showing, &filled).await?),
    }
}

async fn page(desk: &Desk, showing: &Showing, filled: &Filled) -> Result<CallingOffPage, Problem> {
    let say = &desk.say;
    let performance = &showing.performance;
    let event = &showing.event;
    let takings = desk.visit.app.selling.takings_now(performance.id).await?;
    let counts = desk.visit.app.selling.sold(performance.id)?.map(|sold| PlaceCounts::of(&sold));
    let held = counts.map_or(0, |counts| counts.held);
    let here = format!("/organizer/performances/{}", performance.id);
    let when = say.when(performance.schedule.starts_at_ms, &showing.zone);
    let reason = Field::of("textarea", "reason", say.t("org-reason"))
        .hint(say.t("org-call-off-reason-hint"))
        .chars(REASON_CHARS_MAX)
        .wide()
        .required();
    let groups = vec![Group::new(String::new(), vec![reason])];
    let form = FormView::new(say, format!("{here}/cancellation"), groups, filled);
    Ok(CallingOffPage {
        frame: desk.visit.frame(Here::Organize),
        trail: Crumb::to_performance(say, showing, &when),
        lead: format!("{}, {}", event.facts.title, when.text),
        orders_href: format!("{here}/orders"),
        problem: filled.told(),
        orders: say.number(takings.booked),
        tickets: say.number(takings.tickets),
        money: amounts(say, &takings, Some(performance.sale.currency), |sums| sums.at_stake),
        waiting: say.number(takings.waiting),
        held: say.number(held.into()),
        is_anybody_affected: takings.booked > 0 || takings.waiting > 0 || held > 0,
        form: form.hide("version", filled.fields.get("version")).submit(say.t("org-call-off")).back(here),
    })
}
