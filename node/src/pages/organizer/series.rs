//! `/organizer/events/{id}/series`: many performances at once. Every date is shown before anything is made.

use askama::Template;
use axum::response::Response;
use marquee_ledger::EventId;

use super::super::problems::ProblemView;
use super::super::visit::{Frame, Here, Posted, Visit, go_to};
use super::filled::Filled;
use super::form::{Choice, Field, Fields, FormView, Group};
use super::many::carry_out;
use super::rights::Desk;
use super::say::Say;
use super::shown::Crumb;
use super::stage::{Stage, Wanted, beginning};
use super::terms::{self, Typed};
use crate::catalog::checks::{self, Faults};
use crate::catalog::command::{Action, Offer};
use crate::catalog::entity::{Event, Schedule};
use crate::forms::SeriesForm;
use crate::forms::series::{Start, WEEKDAYS};
use crate::http::Problem;
use crate::http::extract::{Id, Query};

const MINUTE_MS: u64 = 60_000;
/// How long before the start doors open, and how long before or after it a sale ends, at the most.
const AROUND_MAX_MIN: u64 = 24 * 60;

#[derive(Template)]
#[template(path = "organizer/series.html")]
struct SeriesPage {
    frame: Frame,
    trail: Vec<Crumb>,
    heading: String,
    lead: String,
    problem: Option<ProblemView>,
    form: Option<FormView>,
    preview: Option<Preview>,
}

/// The dates that would be made.
struct Preview {
    count: String,
    create: String,
    months: Vec<Month>,
    /// Those at which the hall has something else.
    taken: Vec<String>,
}

struct Month {
    name: String,
    count: String,
    dates: Vec<String>,
}

/// Asks for the series.
pub(super) async fn blank(
    visit: Visit,
    Id(id): Id<EventId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    let (stage, mut filled) = beginning(&desk, id, &wanted);
    for (name, value) in [("doors_before", "60"), ("sale_ends_before", "0")] {
        filled.fields.push(name, value);
    }
    desk.visit.show(&page(&desk, &event, stage.as_ref(), &filled))
}

/// What was typed, if nothing is wrong with it.
struct Series {
    starts: Vec<Start>,
    offers: Vec<Offer>,
}

/// Shows every date; or, once they were seen, makes them.
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
        return desk.visit.show(&page(&desk, &event, Some(&stage), &filled));
    };
    let series = read(&desk, &mut filled, &stage, &typed);
    let Some(series) = series.filter(|_series| filled.faulty.is_empty()) else {
        return desk.refuse(&filled, &page(&desk, &event, Some(&stage), &filled));
    };
    // Only what was seen is made: the button carries what the preview showed.
    if filled.fields.get("create") != seen(&filled.fields) {
        let mut page = page(&desk, &event, Some(&stage), &filled);
        page.preview = Some(preview(&desk, &event, &stage, &filled.fields, &series.starts));
        return desk.visit.show(&page);
    }
    let actions = series.offers.into_iter().map(|offer| Action::CreatePerformance {
        key: None,
        event: id,
        event_owner: None,
        hall: stage.hall.id,
        offer,
    });
    let (made, problem) = carry_out(&desk.writer, posted.key(), actions.collect()).await;
    // A form that is sent again as it is goes on where it stopped.
    match filled.settle(problem.map_or(Ok(made), Err), |pointer| typed.field_of(pointer))? {
        Some(made) => Ok(go_to(&format!("/organizer/events/{id}?made={made}"))),
        None => desk.refuse(&filled, &page(&desk, &event, Some(&stage), &filled)),
    }
}

/// A hash of everything that a series is made of.
fn seen(fields: &Fields) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, value) in fields.iter() {
        if !["csrf", "request", "create", "preview"].contains(&name) {
            hasher.update(&(name.len() as u64).to_le_bytes()).update(name.as_bytes());
            hasher.update(&(value.len() as u64).to_le_bytes()).update(value.as_bytes());
        }
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

fn read(desk: &Desk, filled: &mut Filled, stage: &Stage, typed: &Typed) -> Option<Series> {
    let Filled { fields, faulty, .. } = filled;
    let now_ms = desk.say.now_ms();
    let form = SeriesForm {
        from: fields.get("from"),
        until: fields.get("until"),
        weekdays: fields.all("weekdays"),
        times: fields.get("times"),
        except: fields.get("except"),
    };
    let mut around = |name: &str| {
        let minutes = fields.number::<u64>(name, faulty).unwrap_or(0);
        if minutes > AROUND_MAX_MIN {
            faulty.add(name, format!("must be between 0 and {AROUND_MAX_MIN} minutes"));
        }
        minutes.min(AROUND_MAX_MIN) * MINUTE_MS
    };
    let (doors_ms, ends_ms) = (around("doors_before"), around("sale_ends_before"));
    let mut faults = Faults::default();
    let starts = form.starts(&stage.zone, now_ms, &mut faults);
    let from = fields.some("on_sale_from");
    let from = from.map(|text| checks::instant(&text, &stage.zone)).transpose();
    let from_ms = faults.take("/on_sale_from", from).flatten().unwrap_or(now_ms);
    let schedule = |start: &Start| Schedule {
        starts_at_ms: start.at_ms,
        doors_at_ms: (doors_ms > 0).then(|| start.at_ms.saturating_sub(doors_ms)),
        on_sale_from_ms: from_ms,
        on_sale_until_ms: start.at_ms.saturating_sub(ends_ms),
    };
    let house = &desk.visit.app.settings.cluster.selling;
    // The terms are the same for all: checked once, whatever is wrong with the dates.
    let nominal = Schedule { starts_at_ms: 1, doors_at_ms: None, on_sale_from_ms: 0, on_sale_until_ms: 1 };
    let offer = typed.form.offer(nominal, Some(stage.version), house, &mut faults);
    let first = starts.as_ref().and_then(|starts| starts.first()).map(schedule);
    let is_late = |first: Schedule| first.starts_at_ms > now_ms && first.on_sale_until_ms <= from_ms;
    if first.is_some_and(is_late) {
        faults.add("/on_sale_from", "must be before the sale of the first performance ends");
    }
    faulty.take(faults, |pointer| typed.field_of(pointer));
    let (starts, offer) = (starts?, offer?);
    let offers = starts.iter().map(|start| Offer { schedule: schedule(start), ..offer.clone() });
    Some(Series { offers: offers.collect(), starts })
}

fn preview(desk: &Desk, event: &Event, stage: &Stage, fields: &Fields, starts: &[Start]) -> Preview {
    let say = &desk.say;
    let mut months: Vec<Month> = Vec::new();
    let mut counts: Vec<u64> = Vec::new();
    for start in starts {
        let when = say.when(start.at_ms, &stage.zone);
        let name = say.month(start.at_ms, &stage.zone);
        if months.last().is_none_or(|month| month.name != name) {
            months.push(Month { name, count: String::new(), dates: Vec::new() });
            counts.push(0);
        }
        if let (Some(month), Some(count)) = (months.last_mut(), counts.last_mut()) {
            month.dates.push(when.text);
            *count += 1;
        }
    }
    for (month, count) in months.iter_mut().zip(counts) {
        month.count = say.count("org-dates-all", count);
    }
    let lasts_ms = u64::from(event.facts.duration_min.unwrap_or(0)) * MINUTE_MS;
    let taken = {
        let catalog = desk.visit.app.home.catalog_copy().read();
        let is_taken = |start: &&Start| {
            catalog.is_hall_taken(&stage.hall, start.at_ms.saturating_sub(lasts_ms), start.at_ms + lasts_ms)
        };
        let taken = starts.iter().filter(is_taken);
        taken.map(|start| say.when(start.at_ms, &stage.zone).text).collect()
    };
    Preview { count: say.count("org-series-count", starts.len() as u64), create: seen(fields), months, taken }
}

fn page(desk: &Desk, event: &Event, stage: Option<&Stage>, filled: &Filled) -> SeriesPage {
    let say = &desk.say;
    let here = format!("/organizer/events/{}", event.id);
    let form = stage.map(|stage| {
        let mut groups =
            vec![Group::new(say.t("org-where"), vec![Stage::field(desk)]), dates_group(say, stage)];
        groups.push(sale_group(say));
        groups.extend(terms::groups(say, stage, &filled.fields));
        let form = FormView::new(say, format!("{here}/series"), groups, filled);
        form.hide("grid", filled.fields.get("grid")).submit(say.t("org-series-preview")).back(here.clone())
    });
    SeriesPage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(say), Crumb::new(here, event.facts.title.clone())],
        heading: say.t("org-series-new"),
        lead: event.facts.title.clone(),
        problem: filled.told(),
        form,
        preview: None,
    }
}

fn dates_group(say: &Say, stage: &Stage) -> Group {
    let weekdays = WEEKDAYS.iter().map(|(word, day)| Choice::new(*word, say.weekday(*day)));
    let mut days = Field::of("checks", "weekdays", say.t("org-weekdays"));
    days.options = weekdays.collect();
    let fields = vec![
        Field::of("date", "from", say.t("org-series-from")).required(),
        Field::of("date", "until", say.t("org-series-until")).required(),
        days,
        Field::text("times", say.t("org-series-times")).hint(say.t("org-series-times-hint")).required(),
        Field::text("except", say.t("org-series-except")).hint(say.t("org-series-except-hint")).chars(4_000),
    ];
    let zone = &stage.venue.facts.time_zone;
    Group::new(say.t("org-dates-title"), fields).hint(say.with("org-when-hint", "zone", zone))
}

fn sale_group(say: &Say) -> Group {
    let fields = vec![
        Field::number("doors_before", say.t("org-doors-before")).hint(say.t("org-minutes-before-hint")),
        Field::number("sale_ends_before", say.t("org-sale-ends-before"))
            .hint(say.t("org-minutes-before-hint")),
        Field::of("datetime-local", "on_sale_from", say.t("org-on-sale-from"))
            .hint(say.t("org-on-sale-from-hint"))
            .chars(40),
    ];
    Group::new(say.t("org-sale"), fields)
}
