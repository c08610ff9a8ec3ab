//! Where an organizer draws a hall, and takes seats of a performance out of sale.
//!
//! The page brings tools and an empty sheet. Its scripts (`assets/editor/`) read the hall by the API, draw it, and write
//! it back by the API with the version that they read, so that nobody's changes are lost unseen.

use askama::Template;
use axum::response::Response;
use marquee_ledger::{HallId, PerformanceId, VenueId};

use super::super::visit::{Frame, Here, Visit};
use super::rights::Desk;
use crate::http::Problem;
use crate::http::extract::Id;
use crate::texts::When;

#[derive(Template)]
#[template(path = "organizer/hall.html")]
struct HallPage {
    frame: Frame,
    /// Empty for a hall that is not there yet.
    hall_id: String,
    venue_id: String,
    venue: String,
    name: String,
}

#[derive(Template)]
#[template(path = "organizer/kills.html")]
struct KillsPage {
    frame: Frame,
    performance_id: String,
    title: String,
    when: When,
    hall: String,
}

/// Shows an empty sheet for a hall of a venue.
pub(super) async fn blank(visit: Visit, Id(id): Id<VenueId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let venue = desk.venue(id)?;
    desk.visit.show(&HallPage {
        frame: desk.visit.frame(Here::Organize),
        hall_id: String::new(),
        venue_id: id.to_string(),
        venue: venue.facts.name.clone(),
        name: String::new(),
    })
}

/// Shows the sheet for a hall.
pub(super) async fn hall(visit: Visit, Id(id): Id<HallId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let hall = desk.visit.app.home.catalog_copy().read().hall(id).cloned();
    let hall = hall.ok_or_else(|| Problem::not_found("hall"))?;
    // Halls belong to who has the venue.
    let venue = desk.venue(hall.venue)?;
    desk.visit.show(&HallPage {
        frame: desk.visit.frame(Here::Organize),
        hall_id: id.to_string(),
        venue_id: hall.venue.to_string(),
        venue: venue.facts.name.clone(),
        name: hall.name.clone(),
    })
}

/// Shows a performance's seats, to be taken out of sale and put back.
pub(super) async fn kills(visit: Visit, Id(id): Id<PerformanceId>) -> Result<Response, Problem> {
    let desk = Desk::open(visit)?;
    let showing = desk.showing(id)?;
    let frame = desk.visit.frame(Here::Organize);
    let now_ms = desk.visit.app.now_ms();
    desk.visit.show(&KillsPage {
        performance_id: id.to_string(),
        title: showing.event.facts.title.clone(),
        when: frame.texts().when(showing.performance.schedule.starts_at_ms, &showing.zone, now_ms),
        hall: showing.hall.name.clone(),
        frame,
    })
}
