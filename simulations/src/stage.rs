//! The house that is put on sale: a venue, a hall and performances, made through the API as an organizer would.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::load::session::Session;

/// Seats in a row, of which an aisle parts the halves.
const ROW_SEATS: u32 = 50;
/// Rows in a section.
const SECTION_ROWS: u32 = 40;
/// The most seats that a hall can have.
pub const SEATS_MAX: u32 = 120_000;

/// A venue and an event, to which halls and performances are added.
#[derive(Debug)]
pub struct Stage {
    venue: String,
    event: String,
    run: String,
    halls: u32,
}

/// A hall of the stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hall {
    id: String,
}

impl Stage {
    /// Makes the venue and the event.
    ///
    /// # Errors
    /// If the node refuses: the account must be an organizer's.
    pub async fn build(session: &mut Session, run: &str) -> anyhow::Result<Self> {
        let venue = json!({
            "name": format!("Load Hall {run}"), "kind": "arena", "address": "1 Queue Street", "city": "Chicago",
            "region": "IL", "country": "US", "zip": "60601", "point": {"lat": 41.8864, "lon": -87.6186},
            "time_zone": "America/Chicago"
        });
        let venue = id(&session.call("POST", "/v1/venues", Some(&venue)).await?)?;
        let event = json!({
            "kind": "concert", "title": format!("The On-sale {run}"), "description": "A rush, on purpose.",
            "host": "Simulations", "performers": ["The Load"], "genres": ["rock"], "language": "en",
            "duration_min": 120
        });
        let event = id(&session.call("POST", "/v1/events", Some(&event)).await?)?;
        Ok(Self { venue, event, run: run.to_owned(), halls: 0 })
    }

    /// The venue's id.
    #[must_use]
    pub fn venue(&self) -> &str {
        &self.venue
    }

    /// Adds a hall with so many numbered seats.
    ///
    /// # Errors
    /// If the node refuses.
    pub async fn hall(&mut self, session: &mut Session, seats: u32) -> anyhow::Result<Hall> {
        anyhow::ensure!(
            (1..=SEATS_MAX).contains(&seats),
            "a hall has 1 to {SEATS_MAX} seats; for more use --performances"
        );
        self.halls += 1;
        let hall =
            json!({"name": format!("Hall {} of run {}", self.halls, self.run), "seat_map": seat_map(seats)});
        let path = format!("/v1/venues/{}/halls", self.venue);
        Ok(Hall { id: id(&session.call("POST", &path, Some(&hall)).await?)? })
    }

    /// Puts so many performances in the hall on sale; returns their ids.
    ///
    /// # Errors
    /// If the node refuses.
    pub async fn performances(
        &self,
        session: &mut Session,
        hall: &Hall,
        count: u32,
    ) -> anyhow::Result<Vec<String>> {
        let mut performances = Vec::new();
        for nth in 0..count {
            let performance = json!({
                "event_id": self.event, "hall_id": hall.id,
                // Local time of the venue; far enough that the sale is on whenever this runs.
                "starts_at": format!("2099-{:02}-{:02}T19:30:00", 1 + nth / 28 % 12, 1 + nth % 28),
                "currency": "USD", "ticket_limit": 0,
                "prices": [{"category": "standard", "amount": 4_500}]
            });
            performances.push(id(&session.call("POST", "/v1/performances", Some(&performance)).await?)?);
        }
        Ok(performances)
    }
}

fn id(entity: &Value) -> anyhow::Result<String> {
    Ok(entity["id"].as_str().with_context(|| format!("the node gave no id: {entity}"))?.to_owned())
}

/// Blocks of up to forty rows of fifty seats, a section each; the last row takes what is left.
fn seat_map(seats: u32) -> Value {
    let rows = seats.div_ceil(ROW_SEATS);
    let section = |nth: u32| {
        let first = nth * SECTION_ROWS;
        let last = rows.min(first + SECTION_ROWS);
        let by_row: Vec<u32> = (first..last).map(|row| (seats - row * ROW_SEATS).min(ROW_SEATS)).collect();
        // Some metres of passage between the sections; the rows stand 1.2 seats apart.
        let front = f64::from(first) * 1.2 + f64::from(nth) * 3.0 + 4.0;
        json!({
            "key": format!("block-{}", nth + 1), "name": format!("Block {}", nth + 1), "rank": first,
            "price_category": "standard",
            "blocks": [{
                "rows": format!("1-{}", by_row.len()), "seats_by_row": by_row, "at": [0.0, front],
                "aisle_after": [ROW_SEATS / 2]
            }]
        })
    };
    json!({
        "stage": {"shape": "stage", "label": "Stage", "outline": [[-15, 0], [15, 0], [15, 2], [-15, 2]]},
        "price_categories": [{"key": "standard", "name": "Standard", "color": "#2f6fed"}],
        "sections": (0..rows.div_ceil(SECTION_ROWS)).map(section).collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_map_has_exactly_the_seats_asked_for() {
        for seats in [1, 49, 50, 51, 2_000, 2_001, 20_000] {
            let map = seat_map(seats);
            let sections = map["sections"].as_array().unwrap().iter();
            let rows = sections.flat_map(|section| section["blocks"][0]["seats_by_row"].as_array().unwrap());
            let counted: u64 = rows.map(|row| row.as_u64().unwrap()).sum();
            assert_eq!(counted, u64::from(seats));
        }
    }
}
