//! A small house on sale, made through the API.

use serde_json::{Value, json};

use crate::client::Client;

/// A performance on sale.
pub(crate) struct Stage {
    pub(crate) performance: String,
}

/// Seats of the performance.
pub(crate) const SEATS: usize = 400;

impl Stage {
    /// Puts a performance in a hall with twenty rows of twenty seats on sale.
    pub(crate) async fn open(organizer: &Client) -> Self {
        let venue = json!({
            "name": "Small House", "kind": "theater", "address": "1 Side Street", "city": "Chicago",
            "region": "IL", "country": "US", "zip": "60601", "time_zone": "America/Chicago"
        });
        let venue = id(&organizer.post("/v1/venues", &venue).await.expect(201));
        let hall = json!({"name": "Main", "seat_map": {
            "price_categories": [{"key": "standard", "name": "Standard", "color": "#2f6fed"}],
            "sections": [{"key": "stalls", "name": "Stalls", "price_category": "standard", "blocks": [
                {"rows": "1-20", "seats": 20, "at": [0, 4]}
            ]}]
        }});
        let hall = id(&organizer.post(&format!("/v1/venues/{venue}/halls"), &hall).await.expect(201));
        let event = json!({"kind": "theatre", "title": "The Rehearsal"});
        let event = id(&organizer.post("/v1/events", &event).await.expect(201));
        let performance = json!({
            "event_id": event, "hall_id": hall, "starts_at": "2099-05-01T19:30", "currency": "USD",
            "prices": [{"category": "standard", "amount": 4500}]
        });
        let performance = id(&organizer.post("/v1/performances", &performance).await.expect(201));
        Self { performance }
    }

    /// How many seats have this status.
    pub(crate) async fn count(&self, client: &Client, status: &str) -> usize {
        let map = client.get(&format!("/v1/performances/{}/seats", self.performance)).await.expect(200);
        let seats = map["seats"].as_array().unwrap();
        assert_eq!(seats.len(), SEATS);
        seats.iter().filter(|seat| seat["status"] == status).count()
    }

    /// Ids of the first free seats.
    pub(crate) async fn free(&self, client: &Client, count: usize) -> Vec<String> {
        let map = client.get(&format!("/v1/performances/{}/seats", self.performance)).await.expect(200);
        let seats = map["seats"].as_array().unwrap();
        let free = seats.iter().filter(|seat| seat["status"] == "free");
        let ids: Vec<_> = free.take(count).map(|seat| seat["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), count, "there are enough free seats");
        ids
    }

    /// Holds the best seats; returns the hold.
    pub(crate) async fn hold(&self, client: &Client, quantity: u32) -> Value {
        let body = json!({"best_available": {"quantity": quantity}});
        client.post(&format!("/v1/performances/{}/holds", self.performance), &body).await.expect(201)
    }
}

/// The order for a hold, paid with a card.
pub(crate) fn order(hold: &Value, card: &str) -> Value {
    json!({
        "hold_id": hold["id"], "hold_token": hold["token"], "payment": {"method": card},
        "email": "guest@example.org", "name": "Gail Guest"
    })
}

/// The id of what was made.
pub(crate) fn id(made: &Value) -> String {
    made["id"].as_str().unwrap_or_else(|| panic!("it has no id: {made}")).to_owned()
}
