//! Where an organizer draws a hall, and takes seats of a performance out of sale.
//!
//! The page brings tools and an empty sheet. Its scripts (`assets/editor/`) read the hall by the API, draw it, and write
//! it back by the API with the version that they read, so that nobody's changes are lost unseen.

use askama::Template;
use axum::response::Response;
use marquee_ledger::{AccountId, HallId, PerformanceId, VenueId};

use super::super::visit::{Frame, Here, Visit};
use crate::catalog::service::Writer;
use crate::http::extract::Id;
use crate::http::organizing::writer;
use crate::http::{Problem, kinds};
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
    let writer = writer(&visit.app, visit.caller.caller())?;
    let venue = {
        let catalog = visit.app.home.catalog_copy().read();
        let venue = catalog.venue(id).ok_or_else(|| Problem::new(kinds::UNKNOWN_VENUE))?;
        own(&writer, venue.stamp.owner)?;
        venue.facts.name.clone()
    };
    visit.show(&HallPage {
        frame: visit.frame(Here::Elsewhere),
        hall_id: String::new(),
        venue_id: id.to_string(),
        venue,
        name: String::new(),
    })
}

/// Shows the sheet for a hall.
pub(super) async fn hall(visit: Visit, Id(id): Id<HallId>) -> Result<Response, Problem> {
    let writer = writer(&visit.app, visit.caller.caller())?;
    let page = {
        let catalog = visit.app.home.catalog_copy().read();
        let hall = catalog.hall(id).ok_or_else(|| Problem::new(kinds::UNKNOWN_HALL))?;
        own(&writer, hall.stamp.owner)?;
        HallPage {
            frame: visit.frame(Here::Elsewhere),
            hall_id: id.to_string(),
            venue_id: hall.venue.to_string(),
            venue: catalog.venue(hall.venue).map(|venue| venue.facts.name.clone()).unwrap_or_default(),
            name: hall.name.clone(),
        }
    };
    visit.show(&page)
}

/// Shows a performance's seats, to be taken out of sale and put back.
pub(super) async fn kills(visit: Visit, Id(id): Id<PerformanceId>) -> Result<Response, Problem> {
    let writer = writer(&visit.app, visit.caller.caller())?;
    let showing = visit.app.selling.showing(id).ok_or_else(|| Problem::not_found("performance"))?;
    own(&writer, showing.performance.stamp.owner)?;
    visit.show(&KillsPage {
        frame: visit.frame(Here::Elsewhere),
        performance_id: id.to_string(),
        title: showing.event.facts.title.clone(),
        when: visit.texts().when(
            showing.performance.schedule.starts_at_ms,
            &showing.zone,
            visit.app.now_ms(),
        ),
        hall: showing.hall.name.clone(),
    })
}

fn own(writer: &Writer, owner: AccountId) -> Result<(), Problem> {
    let by = writer.by();
    if by.operator || by.account == owner {
        return Ok(());
    }
    Err(Problem::forbidden("this belongs to another organizer"))
}
