//! The hall that dates are offered in, and what a form about them begins with.

use std::sync::Arc;

use jiff::tz::TimeZone;
use marquee_ledger::{EventId, HallId};
use serde::Deserialize;

use super::filled::Filled;
use super::form::{Choice, Field, Fields};
use super::rights::Desk;
use super::terms;
use crate::catalog::entity::{Category, Hall, Venue};
use crate::http::{Problem, kinds};

/// In which hall.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    hall: String,
}

/// A hall that can be sold, with what the form needs of it.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) hall: Arc<Hall>,
    pub(super) venue: Arc<Venue>,
    pub(super) zone: TimeZone,
    /// Which version of its seat map.
    pub(super) version: u32,
}

impl Stage {
    /// A hall with a version of its seat map, or with its latest.
    pub(super) fn of(desk: &Desk, id: HallId, version: Option<u32>) -> Option<Self> {
        let catalog = desk.visit.app.home.catalog_copy().read();
        let hall = Arc::clone(catalog.hall(id)?);
        let version = version.filter(|version| hall.map(*version).is_some());
        Some(Self {
            venue: Arc::clone(catalog.venue(hall.venue)?),
            zone: catalog.zone(hall.venue),
            version: version.unwrap_or(hall.latest_map()),
            hall,
        })
    }

    /// The hall that was chosen.
    ///
    /// # Errors
    /// `unknown-hall`, or `forbidden` if it belongs to another organizer.
    pub(super) fn chosen(desk: &Desk, fields: &Fields) -> Result<Self, Problem> {
        let id = fields.get("hall").parse::<HallId>().map_err(|_no_id| Problem::new(kinds::UNKNOWN_HALL))?;
        let stage = Self::of(desk, id, None).ok_or_else(|| Problem::new(kinds::UNKNOWN_HALL))?;
        if !desk.is_shown(stage.hall.stamp.owner) {
            return Err(Problem::forbidden("the hall belongs to another organizer"));
        }
        Ok(stage)
    }

    /// The field in which a hall is chosen.
    pub(super) fn field(desk: &Desk) -> Field {
        Field::select("hall", desk.say.t("org-hall"), Self::choices(desk))
            .hint(desk.say.t("org-hall-hint"))
            .wide()
            .required()
    }

    /// All halls of who asks, as choices.
    fn choices(desk: &Desk) -> Vec<Choice> {
        let catalog = desk.visit.app.home.catalog_copy().read();
        let own = catalog.halls().filter(|hall| desk.is_shown(hall.stamp.owner));
        let mut choices: Vec<Choice> = own
            .map(|hall| {
                let facts = catalog.venue(hall.venue).map(|venue| &venue.facts);
                let place = facts.map_or_else(String::new, |facts| format!("{}, {}", facts.name, facts.city));
                let capacity = hall.map(hall.latest_map()).map_or(0, |map| map.capacity());
                let places = desk.say.count("org-places", capacity);
                Choice::new(hall.id.to_string(), format!("{place} · {} · {places}", hall.name))
            })
            .collect();
        choices.sort_by(|a, b| a.label.cmp(&b.label));
        choices
    }

    pub(super) fn categories(&self) -> &[Category] {
        self.hall.map(self.version).map_or(&[], |map| &map.categories)
    }
}

/// What a form of an event begins with: its last performance's hall and terms, or the usual ones. No hall if there is none.
pub(super) fn beginning(desk: &Desk, event: EventId, wanted: &Wanted) -> (Option<Stage>, Filled) {
    match begun(desk, event, wanted.hall.parse().ok()) {
        Some((stage, fields)) => (Some(stage), Filled::with(fields)),
        None => (None, Filled::default()),
    }
}

fn begun(desk: &Desk, event: EventId, wanted: Option<HallId>) -> Option<(Stage, Fields)> {
    let last = {
        let catalog = desk.visit.app.home.catalog_copy().read();
        catalog.performances_of(event).last().cloned()
    };
    let stage_of =
        |id: HallId| Stage::of(desk, id, None).filter(|stage| desk.is_shown(stage.hall.stamp.owner));
    let like = last.as_ref().filter(|last| wanted.is_none_or(|wanted| wanted == last.hall));
    let (stage, mut fields) = match like.and_then(|last| Some((last, stage_of(last.hall)?))) {
        Some((last, stage)) => {
            let as_sold = Stage::of(desk, last.hall, Some(last.seat_map_version))?;
            let mut fields = terms::written(last, &as_sold);
            // Captions and the like are of a date, not of all that follow.
            fields.remove(|name| name == "accessibility");
            (stage, fields)
        }
        None => {
            let first = || Stage::choices(desk).first().and_then(|choice| choice.value.parse().ok());
            let stage = wanted.and_then(stage_of).or_else(|| stage_of(first()?))?;
            let usual = terms::usual(&desk.visit.app.settings.cluster.selling, &stage);
            (stage, usual)
        }
    };
    fields.push("hall", stage.hall.id.to_string());
    terms::fit_table(&mut fields, &stage);
    Some((stage, fields))
}
