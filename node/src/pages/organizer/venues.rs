//! `/organizer/venues`: places with their halls.

use askama::Template;
use axum::response::Response;
use marquee_ledger::VenueId;

use super::super::problems::ProblemView;
use super::super::visit::{Frame, Here, NoFields, Posted, Visit, go_to};
use super::countries;
use super::filled::Filled;
use super::form::{Choice, Faulty, Field, Fields, FormView, Group, first_part};
use super::rights::Desk;
use super::say::Say;
use super::shown::Crumb;
use crate::catalog::VenueKind;
use crate::catalog::checks::Faults;
use crate::catalog::command::{Action, Created};
use crate::catalog::entity::{Venue, VenueFacts};
use crate::forms::VenueForm;
use crate::forms::venue::PointForm;
use crate::http::Problem;
use crate::http::extract::{Id, Page, cursor_of};

/// How many venues a page shows.
const VENUES: usize = 50;

#[derive(Template)]
#[template(path = "organizer/venues.html")]
struct VenuesPage {
    frame: Frame,
    trail: Vec<Crumb>,
    venues: Vec<VenueCard>,
    next: Option<String>,
}

struct VenueCard {
    href: String,
    name: String,
    kind: String,
    place: String,
    halls: String,
    capacity: String,
}

#[derive(Template)]
#[template(path = "organizer/venue.html")]
struct VenuePage {
    frame: Frame,
    trail: Vec<Crumb>,
    heading: String,
    problem: Option<ProblemView>,
    form: FormView,
    /// None for a venue that is being made.
    known: Option<Known>,
}

/// What belongs to a venue that there is.
struct Known {
    public_href: String,
    hall_new_href: String,
    deletion: String,
    has_performances: bool,
    halls: Vec<HallLine>,
}

struct HallLine {
    href: String,
    name: String,
    seats: String,
    standing: String,
    capacity: String,
    categories: Vec<(String, String)>,
}

/// Lists one's venues.
pub(super) async fn list(visit: Visit, page: Page) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let skip = page.position::<usize>()?.unwrap_or(0);
    let say = desk.say;
    let (venues, more) = {
        let catalog = desk.visit.app.home.catalog_copy().read();
        let own = catalog.venues_all().filter(|venue| desk.is_shown(venue.stamp.owner)).skip(skip);
        let own: Vec<_> = own.take(VENUES + 1).collect();
        let cards = own.iter().take(VENUES).map(|venue| {
            let maps = catalog.halls_of(venue.id).map(|hall| hall.map(hall.latest_map()));
            let capacities: Vec<u64> = maps.map(|map| map.map_or(0, |map| map.capacity())).collect();
            VenueCard {
                href: format!("/organizer/venues/{}", venue.id),
                name: venue.facts.name.clone(),
                kind: say.venue_kind(venue.facts.kind),
                place: place_words(&venue.facts),
                halls: say.count("org-halls", capacities.len() as u64),
                capacity: say.count("org-places", capacities.iter().sum()),
            }
        });
        (cards.collect(), own.len() > VENUES)
    };
    let next = more.then_some(skip + VENUES).and_then(cursor_of);
    desk.visit.show(&VenuesPage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(&say)],
        venues,
        next: next.map(|cursor| format!("/organizer/venues?cursor={cursor}")),
    })
}

pub(super) fn place_words(facts: &VenueFacts) -> String {
    let parts = [&facts.address, &facts.city, &facts.region, &facts.country];
    let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// Asks for what is told of a venue.
pub(super) async fn blank(visit: Visit) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let filled = Filled::with(Fields::of([("kind", "theater")]));
    desk.visit.show(&new_page(&desk, &filled))
}

/// Makes a venue.
pub(super) async fn create(visit: Visit, posted: Posted<Fields>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let mut filled = Filled::sent(&posted);
    let key = filled.fields.some("key");
    let action = read(&mut filled).map(|facts| Action::CreateVenue { number: None, key, facts });
    match desk.create(&posted, &mut filled, action, field_of, Created::venue).await? {
        Some(id) => Ok(go_to(&format!("/organizer/venues/{id}"))),
        None => desk.refuse(&filled, &new_page(&desk, &filled)),
    }
}

fn new_page(desk: &Desk, filled: &Filled) -> VenuePage {
    let say = &desk.say;
    let form = FormView::new(say, "/organizer/venues/new".to_owned(), groups(say, true), filled);
    VenuePage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(say), Crumb::new("/organizer/venues", say.t("org-venues"))],
        heading: say.t("org-venue-new"),
        problem: filled.told(),
        form: form.submit(say.t("org-venue-make")).back("/organizer/venues"),
        known: None,
    }
}

/// Shows a venue.
pub(super) async fn venue(visit: Visit, Id(id): Id<VenueId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let venue = desk.venue(id)?;
    desk.visit.show(&page(&desk, &venue, &Filled::with(written(&venue))))
}

/// Writes a venue anew.
pub(super) async fn save(
    visit: Visit,
    Id(id): Id<VenueId>,
    posted: Posted<Fields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let venue = desk.venue(id)?;
    let mut filled = Filled::sent(&posted);
    let version = filled.version();
    let action = read(&mut filled).map(|facts| Action::UpdateVenue { venue: id, version, facts });
    match desk.write(&posted, &mut filled, action, field_of).await? {
        Some(_written) => Ok(go_to(&format!("/organizer/venues/{id}"))),
        None => desk.refuse(&filled, &page(&desk, &venue, &filled)),
    }
}

/// Removes a venue and its halls.
pub(super) async fn delete(
    visit: Visit,
    Id(id): Id<VenueId>,
    posted: Posted<NoFields>,
) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let venue = desk.venue(id)?;
    let mut filled = Filled::with(written(&venue));
    let action = Action::DeleteVenue { venue: id, version: None };
    match desk.write(&posted, &mut filled, Some(action), field_of).await? {
        Some(_gone) => Ok(go_to("/organizer/venues")),
        None => desk.refuse(&filled, &page(&desk, &venue, &filled)),
    }
}

fn page(desk: &Desk, venue: &Venue, filled: &Filled) -> VenuePage {
    let say = &desk.say;
    let here = format!("/organizer/venues/{}", venue.id);
    let catalog = desk.visit.app.home.catalog_copy().read();
    let halls = catalog.halls_of(venue.id).map(|hall| {
        let map = hall.map(hall.latest_map());
        let number = |number: u32| say.number(number.into());
        HallLine {
            href: format!("/organizer/halls/{}", hall.id),
            name: hall.name.clone(),
            seats: number(map.map_or(0, |map| map.seats)),
            standing: number(map.map_or(0, |map| map.standing)),
            capacity: say.number(map.map_or(0, |map| map.capacity())),
            categories: map
                .into_iter()
                .flat_map(|map| &map.categories)
                .map(|category| (category.name.clone(), category.color.clone()))
                .collect(),
        }
    });
    let known = Known {
        public_href: format!("/venues/{}", venue.id),
        hall_new_href: format!("{here}/halls/new"),
        deletion: format!("{here}/deletion"),
        has_performances: catalog.count_ahead(venue.id, 0) > 0,
        halls: halls.collect(),
    };
    let form = FormView::new(say, here, groups(say, false), filled);
    VenuePage {
        frame: desk.visit.frame(Here::Organize),
        trail: vec![Crumb::desk(say), Crumb::new("/organizer/venues", say.t("org-venues"))],
        heading: venue.facts.name.clone(),
        problem: filled.told(),
        form: form.hide("version", filled.fields.get("version")),
        known: Some(known),
    }
}

fn written(venue: &Venue) -> Fields {
    let facts = &venue.facts;
    let degrees = |degrees: Option<f64>| degrees.map_or_else(String::new, |degrees| degrees.to_string());
    Fields::of([
        ("version", venue.stamp.version.to_string()),
        ("name", facts.name.clone()),
        ("kind", facts.kind.word().to_owned()),
        ("address", facts.address.clone()),
        ("city", facts.city.clone()),
        ("region", facts.region.clone()),
        ("zip", facts.zip.clone()),
        ("country", facts.country.clone()),
        ("time_zone", facts.time_zone.clone()),
        ("lat", degrees(facts.point.map(|point| point.lat()))),
        ("lon", degrees(facts.point.map(|point| point.lon()))),
    ])
}

fn groups(say: &Say, is_new: bool) -> Vec<Group> {
    let kinds = VenueKind::ALL.iter().map(|kind| Choice::new(kind.word(), say.venue_kind(*kind)));
    let countries = countries::all().map(|(code, name)| Choice::new(code, name));
    let zones = jiff::tz::db().available().filter(|name| name.as_str().contains('/'));
    let zones = zones.map(|name| Choice::new(name.as_str(), ""));
    let mut about = vec![
        Field::text("name", say.t("org-venue-name")).required(),
        Field::select("kind", say.t("org-kind"), kinds.collect()).required(),
    ];
    if is_new {
        let key = Field::text("key", say.t("org-key")).chars(200);
        about.push(key.hint(say.t("org-key-hint")).wide());
    }
    let place = vec![
        Field::text("address", say.t("org-address")).autocomplete("street-address").wide(),
        Field::text("city", say.t("org-city")).autocomplete("address-level2").required(),
        Field::text("zip", say.t("org-zip")).autocomplete("postal-code"),
        Field::text("region", say.t("org-region")).autocomplete("address-level1"),
        Field::text("country", say.t("org-country"))
            .hint(say.t("org-country-hint"))
            .suggest(countries.collect())
            .chars(2)
            .required(),
        Field::text("time_zone", say.t("org-time-zone"))
            .hint(say.t("org-time-zone-hint"))
            .suggest(zones.collect())
            .wide()
            .required(),
    ];
    let point = vec![
        Field { inputmode: "text", ..Field::text("lat", say.t("org-latitude")).chars(20) },
        Field { inputmode: "text", ..Field::text("lon", say.t("org-longitude")).chars(20) },
    ];
    vec![
        Group::new(say.t("org-venue-about"), about),
        Group::new(say.t("org-venue-place"), place),
        Group::new(say.t("org-venue-point"), point).hint(say.t("org-venue-point-hint")),
    ]
}

fn field_of(pointer: &str) -> String {
    if pointer == "point" { "lat".to_owned() } else { first_part(pointer) }
}

fn read(filled: &mut Filled) -> Option<VenueFacts> {
    let Filled { fields, faulty, .. } = filled;
    let form = VenueForm {
        key: fields.some("key"),
        kind: fields.get("kind"),
        name: fields.get("name"),
        address: fields.get("address"),
        city: fields.get("city"),
        region: fields.get("region"),
        country: fields.get("country").to_uppercase(),
        zip: fields.get("zip"),
        point: point(fields, faulty),
        time_zone: fields.get("time_zone"),
    };
    let mut faults = Faults::default();
    let facts = form.facts(&mut faults);
    faulty.take(faults, field_of);
    facts
}

fn point(fields: &Fields, faulty: &mut Faulty) -> Option<PointForm> {
    let mut degrees = |name: &str| {
        let text = fields.some(name)?;
        let degrees = text.replace(',', ".").parse::<f64>().ok().filter(|degrees| degrees.is_finite());
        if degrees.is_none() {
            faulty.add(name, "must be a number of degrees such as 37.8083");
        }
        Some(degrees)
    };
    match (degrees("lat"), degrees("lon")) {
        (None, None) => None,
        (Some(lat), Some(lon)) => Some(PointForm { lat: lat?, lon: lon? }),
        (Some(_), None) => {
            faulty.add("lon", "must be there if the latitude is");
            None
        }
        (None, Some(_)) => {
            faulty.add("lat", "must be there if the longitude is");
            None
        }
    }
}
