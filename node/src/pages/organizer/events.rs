//! `/organizer/events/new` and `/organizer/events/{id}/edit`: what is shown.

use askama::Template;
use axum::response::Response;
use marquee_ledger::{EventId, PerformanceId};

use super::super::problems::ProblemView;
use super::super::visit::{Frame, Here, NoFields, Posted, Visit, go_to};
use super::filled::Filled;
use super::form::{Choice, Field, Fields, FormView, Group, first_part};
use super::many::carry_out;
use super::rights::Desk;
use super::say::Say;
use super::shown::Crumb;
use crate::catalog::EventKind;
use crate::catalog::checks::{DESCRIPTION_CHARS_MAX, Faults};
use crate::catalog::command::{Action, Created};
use crate::catalog::entity::{Event, EventFacts};
use crate::forms::EventForm;
use crate::http::extract::Id;
use crate::http::{Problem, kinds};

/// The most dates that are removed with their event.
const REMOVED_MAX: usize = 5_000;

#[derive(Template)]
#[template(path = "organizer/event_form.html")]
struct EventFormPage {
    frame: Frame,
    trail: Vec<Crumb>,
    heading: String,
    problem: Option<ProblemView>,
    form: FormView,
    /// Where the form goes that removes it, and what that removes; none for an event that is being made.
    deletion: Option<(String, String)>,
}

/// Asks for what is told of an event.
pub(super) async fn blank(visit: Visit) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let filled = Filled::with(Fields::of([("kind", "concert")]));
    desk.visit.show(&new_page(&desk, &filled))
}

/// Makes an event.
pub(super) async fn create(visit: Visit, posted: Posted<Fields>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let mut filled = Filled::sent(&posted);
    let key = filled.fields.some("key");
    let action = read(&mut filled).map(|facts| Action::CreateEvents { events: vec![(key, facts)] });
    match desk.create(&posted, &mut filled, action, field_of, Created::event).await? {
        Some(id) => Ok(go_to(&format!("/organizer/events/{id}"))),
        None => desk.refuse(&filled, &new_page(&desk, &filled)),
    }
}

fn new_page(desk: &Desk, filled: &Filled) -> EventFormPage {
    let say = &desk.say;
    let form = FormView::new(say, "/organizer/events/new".to_owned(), groups(say, true), filled);
    EventFormPage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(say)],
        heading: say.t("org-event-new"),
        problem: filled.told(),
        form: form.submit(say.t("org-event-make")).back("/organizer"),
        deletion: None,
    }
}

/// Shows what is told of an event, to be changed.
pub(super) async fn edit(visit: Visit, Id(id): Id<EventId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    desk.visit.show(&edit_page(&desk, &event, &Filled::with(written(&event))))
}

/// Writes an event anew.
pub(super) async fn save(
    visit: Visit,
    Id(id): Id<EventId>,
    posted: Posted<Fields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    let mut filled = Filled::sent(&posted);
    let version = filled.version();
    let action = read(&mut filled).map(|facts| Action::UpdateEvent { event: id, version, facts });
    match desk.write(&posted, &mut filled, action, field_of).await? {
        Some(_written) => Ok(go_to(&format!("/organizer/events/{id}"))),
        None => desk.refuse(&filled, &edit_page(&desk, &event, &filled)),
    }
}

/// Removes an event with all its dates, if nobody ever ordered something.
pub(super) async fn delete(
    visit: Visit,
    Id(id): Id<EventId>,
    posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let event = desk.event(id)?;
    let removed = async {
        for performance in removable(&desk, id)?.chunks(500) {
            let actions = performance
                .iter()
                .map(|performance| Action::DeletePerformance { performance: *performance, version: None });
            if let (_done, Some(problem)) = carry_out(&desk.writer, None, actions.collect()).await {
                return Err(problem);
            }
        }
        desk.writer.write(posted.key(), Action::DeleteEvent { event: id, version: None }).await?;
        Ok::<(), Problem>(())
    };
    let mut filled = Filled::with(written(&event));
    match filled.settle(removed.await, field_of)? {
        Some(()) => Ok(go_to("/organizer")),
        None => desk.refuse(&filled, &edit_page(&desk, &event, &filled)),
    }
}

/// All dates of an event, if each can be removed: known before the first is.
fn removable(desk: &Desk, event: EventId) -> Result<Vec<PerformanceId>, Problem> {
    let all: Vec<PerformanceId> = {
        let catalog = desk.visit.app.home.catalog_copy().read();
        catalog.performances_of(event).map(|performance| performance.id).collect()
    };
    if all.len() > REMOVED_MAX {
        return Err(Problem::new(kinds::HAS_PERFORMANCES));
    }
    for performance in &all {
        // Where this node has no replica, the performance's home refuses what it must not remove.
        let sold = desk.visit.app.selling.sold(*performance)?;
        if sold.is_some_and(|sold| sold.has_orders) {
            return Err(Problem::new(kinds::HAS_ORDERS));
        }
    }
    Ok(all)
}

fn edit_page(desk: &Desk, event: &Event, filled: &Filled) -> EventFormPage {
    let say = &desk.say;
    let here = format!("/organizer/events/{}", event.id);
    let dates = desk.visit.app.home.catalog_copy().read().performances_of(event.id).count();
    let form = FormView::new(say, format!("{here}/edit"), groups(say, false), filled);
    EventFormPage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(say), Crumb::new(here.clone(), event.facts.title.clone())],
        heading: say.t("org-event-edit"),
        problem: filled.told(),
        form: form.hide("version", filled.fields.get("version")).back(here.clone()),
        deletion: Some((format!("{here}/deletion"), say.count("org-event-delete-words", dates as u64))),
    }
}

fn written(event: &Event) -> Fields {
    let facts = &event.facts;
    Fields::of([
        ("version", event.stamp.version.to_string()),
        ("title", facts.title.clone()),
        ("kind", facts.kind.word().to_owned()),
        ("description", facts.description.clone()),
        ("host", facts.host.clone()),
        ("performers", facts.performers.join("\n")),
        ("genres", facts.genres.join(", ")),
        ("language", facts.language.clone()),
        ("duration_min", facts.duration_min.map_or_else(String::new, |minutes| minutes.to_string())),
        ("age_rating", facts.age_rating.clone()),
    ])
}

fn groups(say: &Say, is_new: bool) -> Vec<Group> {
    let kinds = EventKind::ALL.iter().map(|kind| Choice::new(kind.word(), say.kind(*kind)));
    let about = vec![
        Field::text("title", say.t("org-event-title")).required().wide(),
        Field::select("kind", say.t("org-kind"), kinds.collect()).required(),
        Field::text("genres", say.t("org-genres")).hint(say.t("org-genres-hint")),
        Field::of("textarea", "description", say.t("org-description")).chars(DESCRIPTION_CHARS_MAX).wide(),
    ];
    let people = vec![
        Field::of("textarea", "performers", say.t("org-performers"))
            .hint(say.t("org-performers-hint"))
            .chars(20_000)
            .wide(),
        Field::text("host", say.t("org-host")).hint(say.t("org-host-hint")),
    ];
    let mut facts = vec![
        Field::number("duration_min", say.t("org-duration")).hint(say.t("org-duration-hint")),
        Field::text("language", say.t("org-language")).hint(say.t("org-language-hint")).chars(35),
        Field::text("age_rating", say.t("org-age-rating")).hint(say.t("org-age-rating-hint")),
    ];
    if is_new {
        facts.push(Field::text("key", say.t("org-key")).hint(say.t("org-key-hint")).chars(200));
    }
    vec![
        Group::new(say.t("org-event-about"), about),
        Group::new(say.t("org-event-people"), people),
        Group::new(say.t("org-event-facts"), facts),
    ]
}

fn field_of(pointer: &str) -> String {
    // An event that is made is the first of a list.
    first_part(pointer.trim_start_matches("events/0/"))
}

fn read(filled: &mut Filled) -> Option<EventFacts> {
    let Filled { fields, faulty, .. } = filled;
    let list = |name: &str, parted: &[char]| -> Vec<String> {
        let text = fields.get(name);
        text.split(parted).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let form = EventForm {
        key: fields.some("key"),
        kind: Some(fields.get("kind")),
        title: fields.get("title"),
        description: fields.get("description"),
        host: fields.get("host"),
        performers: list("performers", &['\n']),
        genres: list("genres", &[',', '\n']),
        language: fields.get("language"),
        duration_min: fields.number("duration_min", faulty),
        age_rating: fields.get("age_rating"),
    };
    let mut faults = Faults::default();
    let facts = form.facts(None, &mut faults);
    faulty.take(faults, field_of);
    facts
}
