//! `/organizer/performances/{id}/reschedule`: another start. Who is affected is shown before the button.

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use marquee_ledger::order::OrderStatus;
use marquee_ledger::{Order, PerformanceId};

use super::super::problems::ProblemView;
use super::super::visit::{Frame, Here, Posted, Visit, go_to};
use super::calling_off::scheduled;
use super::filled::Filled;
use super::form::{Field, Fields, FormView, Group, first_part};
use super::rights::Desk;
use super::shown::Crumb;
use crate::catalog::checks::Faults;
use crate::catalog::command::Action;
use crate::catalog::entity::Schedule;
use crate::forms::TimesForm;
use crate::forms::series::{local_minute, not_past};
use crate::home::Failure;
use crate::http::Problem;
use crate::http::extract::Id;
use crate::selling::Showing;
use crate::selling::books::takings::for_each_order;
use crate::texts::When;

const MINUTE_MS: u64 = 60_000;

#[derive(Template)]
#[template(path = "organizer/rescheduling.html")]
struct ReschedulingPage {
    frame: Frame,
    trail: Vec<Crumb>,
    lead: String,
    problem: Option<ProblemView>,
    form: FormView,
    preview: Option<Preview>,
}

/// Who is affected, and what else one should know.
struct Preview {
    before: When,
    after: When,
    doors: Option<When>,
    sale_until: When,
    orders: String,
    tickets: String,
    may_cancel: String,
    at_most: String,
    hall_is_taken: bool,
    /// What the button sends.
    schedule: Vec<(&'static str, String)>,
}

/// What another start means to who has tickets.
#[derive(Default)]
struct Affected {
    orders: u64,
    tickets: u64,
    /// Orders that their buyers can cancel then.
    may_cancel: u64,
    /// What would go back if all of them did, in minor units of the orders' currency.
    at_most: i64,
}

/// Asks for the start; with `review` in the query, shows who is affected.
pub(super) async fn ask(visit: Visit, Id(id): Id<PerformanceId>, uri: Uri) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = scheduled(&desk, id)?;
    let mut filled = Filled::with(Fields::asked(&uri));
    let mut shown = None;
    if filled.fields.has("review") {
        if let Some(schedule) = read(&desk, &showing, &mut filled) {
            shown = Some(preview(&desk, &showing, &filled.fields, schedule).await?);
        }
    } else {
        let start = local_minute(showing.performance.schedule.starts_at_ms, &showing.zone);
        filled.fields.push("starts_at", start);
    }
    let mut page = page(&desk, &showing, &filled);
    page.preview = shown;
    if filled.faulty.is_empty() { desk.visit.show(&page) } else { desk.refuse(&filled, &page) }
}

/// Gives the performance the start that was shown.
pub(super) async fn reschedule(
    visit: Visit,
    Id(id): Id<PerformanceId>,
    posted: Posted<Fields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = desk.showing(id)?;
    let mut filled = Filled::sent(&posted);
    let version = filled.version();
    let schedule = read(&desk, &showing, &mut filled);
    let action = schedule.map(|schedule| Action::Reschedule { performance: id, version, schedule });
    match desk.write(&posted, &mut filled, action, first_part).await? {
        Some(_written) => Ok(go_to(&format!("/organizer/performances/{id}?done=rescheduled"))),
        None => desk.refuse(&filled, &page(&desk, &showing, &filled)),
    }
}

fn read(desk: &Desk, showing: &Showing, filled: &mut Filled) -> Option<Schedule> {
    let Filled { fields, faulty, .. } = filled;
    let before = showing.performance.schedule;
    let form = TimesForm {
        starts_at: fields.get("starts_at"),
        doors_at: fields.some("doors_at"),
        on_sale_from: None,
        on_sale_until: fields.some("on_sale_until"),
    };
    let mut faults = Faults::default();
    let schedule = form.moved(before, &showing.zone, &mut faults);
    if let Some(schedule) = schedule {
        not_past("/starts_at", schedule.starts_at_ms, desk.say.now_ms(), &mut faults);
    }
    faulty.take(faults, first_part);
    schedule.filter(|_schedule| faulty.is_empty())
}

async fn preview(
    desk: &Desk,
    showing: &Showing,
    fields: &Fields,
    schedule: Schedule,
) -> Result<Preview, Problem> {
    let say = &desk.say;
    let performance = &showing.performance;
    let (app, id, now_ms) = (desk.visit.app.clone(), performance.id, say.now_ms());
    let read = move || -> Result<Affected, Failure> {
        let mut affected = Affected::default();
        let snapshot = app.home.snapshot()?;
        for_each_order(&snapshot.ledger()?, id, |order| affected.add(order, schedule.starts_at_ms, now_ms))?;
        Ok(affected)
    };
    let affected = tokio::task::spawn_blocking(read).await.map_err(|_stopped| Failure::Stopping)??;
    let at = |at_ms: u64| say.when(at_ms, &showing.zone);
    let lasts_ms = u64::from(showing.event.facts.duration_min.unwrap_or(0)) * MINUTE_MS;
    let around = (schedule.starts_at_ms.saturating_sub(lasts_ms), schedule.starts_at_ms + lasts_ms);
    let hall_is_taken = {
        let catalog = desk.visit.app.home.catalog_copy().read();
        // The performance itself is there as well, unless it moves far enough.
        let own = (around.0..=around.1).contains(&performance.schedule.starts_at_ms);
        !own && catalog.is_hall_taken(&showing.hall, around.0, around.1)
    };
    Ok(Preview {
        before: at(performance.schedule.starts_at_ms),
        after: at(schedule.starts_at_ms),
        doors: schedule.doors_at_ms.map(at),
        sale_until: at(schedule.on_sale_until_ms),
        orders: say.number(affected.orders),
        tickets: say.number(affected.tickets),
        may_cancel: say.number(affected.may_cancel),
        at_most: say.money(affected.at_most, performance.sale.currency),
        hall_is_taken,
        schedule: vec![
            ("starts_at", fields.get("starts_at")),
            ("doors_at", fields.get("doors_at")),
            ("on_sale_until", fields.get("on_sale_until")),
            ("version", performance.stamp.version.to_string()),
        ],
    })
}

impl Affected {
    fn add(&mut self, order: &Order, starts_at_ms: u64, now_ms: u64) {
        if order.status != OrderStatus::Booked {
            return;
        }
        let policy = order.refund_policy;
        let tickets = order.valid_tickets();
        let shares: Vec<i64> = tickets.map(|(_, ticket)| policy.share_of(ticket.place.price)).collect();
        self.orders += 1;
        self.tickets += shares.len() as u64;
        // An earlier start takes nothing from who has bought: see `Reader::order`.
        let until_ms = order.cancel_until_ms.max(starts_at_ms.saturating_sub(policy.until_ms_before));
        let back = shares.iter().sum::<i64>().min(order.refundable()).max(0);
        if until_ms > now_ms && back > 0 {
            self.may_cancel += 1;
            self.at_most += back;
        }
    }
}

fn page(desk: &Desk, showing: &Showing, filled: &Filled) -> ReschedulingPage {
    let say = &desk.say;
    let performance = &showing.performance;
    let event = &showing.event;
    let here = format!("/organizer/performances/{}", performance.id);
    let when = say.when(performance.schedule.starts_at_ms, &showing.zone);
    let at = |name: &str, label: String| Field::of("datetime-local", name, label).chars(40);
    let times = vec![
        at("starts_at", say.t("org-starts-at")).required(),
        at("doors_at", say.t("org-doors-at")).hint(say.t("org-moves-along")),
        at("on_sale_until", say.t("org-on-sale-until")).hint(say.t("org-moves-along")),
    ];
    let zone = &showing.venue.facts.time_zone;
    let group = Group::new(say.t("org-when"), times).hint(say.with("org-when-hint", "zone", zone));
    let form = FormView::new(say, format!("{here}/reschedule"), vec![group], filled);
    ReschedulingPage {
        frame: desk.visit.frame(Here::Organize),
        trail: Crumb::to_performance(say, showing, &when),
        lead: format!("{}, {}", event.facts.title, when.text),
        problem: filled.told(),
        form: form.submit(say.t("org-reschedule-see")).back(here),
        preview: None,
    }
}
