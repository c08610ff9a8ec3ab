//! Seat maps as JSON, written byte by byte: a stadium has fifty thousand seats, and thousands of people ask for it in the
//! minute in which its sale begins.
//!
//! What does not change with the seats' status is written once per seat map ([`Template`]); a map is then put together
//! by copying, with a word for each seat in between.

use bytes::Bytes;
use marquee_ledger::PerformanceId;
use marquee_ledger::change::SeatStatus;
use marquee_ledger::read::Availability;
use marquee_ledger::terms::Terms;
use serde::Serialize;

use crate::catalog::seat_map::SeatFlags;
use crate::selling::hall::HallMap;
use crate::selling::live::SeatEvent;

/// What of a seat map's JSON is always the same.
pub(crate) struct Template {
    /// `"seat_map":{…},"sections":[…],"categories":[…],"seats":[`
    head: Vec<u8>,
    /// All seats, without their status.
    seats: Vec<u8>,
    /// Where each seat's status belongs.
    gaps: Vec<usize>,
    /// Each area up to its number of free places, and after it.
    areas: Vec<(Vec<u8>, Vec<u8>)>,
    /// Keys of the price categories.
    categories: Vec<String>,
}

impl Template {
    pub(crate) fn new(hall: &HallMap) -> Self {
        let map = &hall.map;
        let mut head = Vec::with_capacity(4_096);
        head.extend_from_slice(b"\"seat_map\":{\"width\":");
        value(&mut head, &map.width);
        member(&mut head, "height", &map.height);
        head.extend_from_slice(b",\"stage\":");
        match &map.stage {
            None => head.extend_from_slice(b"null"),
            Some(stage) => {
                head.extend_from_slice(b"{\"shape\":");
                value(&mut head, &stage.shape);
                member(&mut head, "label", &stage.label);
                member(&mut head, "outline", &stage.outline);
                head.push(b'}');
            }
        }
        member(&mut head, "version", &hall.version);
        head.extend_from_slice(b"},\"sections\":");
        list(&mut head, map.sections.iter(), |out, section| {
            out.extend_from_slice(b"{\"name\":");
            value(out, &section.name);
            member(out, "key", &section.key);
            if let Some(color) = &section.color {
                member(out, "color", color);
            }
            out.push(b'}');
        });
        head.extend_from_slice(b",\"categories\":");
        list(&mut head, map.categories.iter(), |out, category| {
            out.extend_from_slice(b"{\"key\":");
            value(out, &category.key);
            member(out, "name", &category.name);
            member(out, "color", &category.color);
            out.push(b'}');
        });
        let (seats, gaps) = seats(hall);
        let areas = (0..).zip(&map.areas).map(|(index, _area)| area(hall, index)).collect();
        let categories = map.categories.iter().map(|category| category.key.clone()).collect();
        Self { head, seats, gaps, areas, categories }
    }

    /// What it takes in memory.
    pub(crate) fn len(&self) -> usize {
        self.head.len() + self.seats.len() + self.gaps.len() * size_of::<usize>()
    }

    /// The whole document.
    pub(crate) fn fill(&self, performance: PerformanceId, terms: &Terms, now: &Availability) -> Bytes {
        let mut out = Vec::with_capacity(self.head.len() + self.seats.len() + self.gaps.len() * 6 + 4_096);
        out.extend_from_slice(b"{\"performance_id\":");
        value(&mut out, &performance);
        member(&mut out, "seq", &now.seq);
        out.push(b',');
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b",\"seats\":[");
        let mut written = 0;
        for (gap, status) in self.gaps.iter().zip(&now.statuses) {
            out.extend_from_slice(&self.seats[written..*gap]);
            out.extend_from_slice(word(*status).as_bytes());
            written = *gap;
        }
        out.extend_from_slice(&self.seats[written..]);
        out.extend_from_slice(b"],\"areas\":");
        list(&mut out, self.areas.iter().zip(&now.areas), |out, ((before, after), free)| {
            out.extend_from_slice(before);
            value(out, free);
            out.extend_from_slice(after);
        });
        out.extend_from_slice(b",\"prices\":");
        list(&mut out, terms.prices.iter(), |out, price| {
            let none = String::new();
            out.extend_from_slice(b"{\"category\":");
            value(out, self.categories.get(usize::from(price.category)).unwrap_or(&none));
            member(out, "concession", terms.concessions.get(usize::from(price.concession)).unwrap_or(&none));
            member(out, "amount", &price.amount);
            out.push(b'}');
        });
        member(&mut out, "concessions", &terms.concessions);
        member(&mut out, "currency", &terms.currency);
        out.push(b'}');
        out.into()
    }
}

/// All seats, and where the status of each belongs.
fn seats(hall: &HallMap) -> (Vec<u8>, Vec<usize>) {
    let columns = &hall.map.seats;
    let mut out = Vec::with_capacity(columns.len() * 160);
    let mut gaps = Vec::with_capacity(columns.len());
    let mut seat = 0;
    for row in &hall.map.rows {
        // The row's words are the same for all its seats.
        let mut of_row = Vec::new();
        member(&mut of_row, "section", &hall.map.sections[usize::from(row.section)].name);
        member(&mut of_row, "row", &row.label);
        for index in seat..seat + row.seats {
            let at = index as usize;
            if index > 0 {
                out.push(b',');
            }
            out.extend_from_slice(b"{\"id\":\"");
            out.extend_from_slice(hall.tag().as_str().as_bytes());
            out.push(b'-');
            value(&mut out, &index);
            out.push(b'"');
            out.extend_from_slice(&of_row);
            member(&mut out, "number", &columns.labels[at]);
            member(&mut out, "x", &columns.x[at]);
            member(&mut out, "y", &columns.y[at]);
            member(&mut out, "price_category", hall.category(columns.categories[at]));
            let flags = columns.flags[at].0;
            member(&mut out, "accessible", &(flags & SeatFlags::ACCESSIBLE != 0));
            member(&mut out, "companion", &(flags & SeatFlags::COMPANION != 0));
            // Few seats have it, and there are fifty thousand in a stadium.
            if columns.flags[at].is_restricted() {
                member(&mut out, "restricted_view", &true);
            }
            out.extend_from_slice(b",\"status\":\"");
            gaps.push(out.len());
            out.extend_from_slice(b"\"}");
        }
        seat += row.seats;
    }
    (out, gaps)
}

fn area(hall: &HallMap, index: u16) -> (Vec<u8>, Vec<u8>) {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    if let Some((area, section)) = hall.area(index) {
        before.extend_from_slice(b"{\"id\":");
        value(&mut before, &hall.tag().area(index).to_string());
        member(&mut before, "name", &area.name);
        member(&mut before, "section", section);
        member(&mut before, "price_category", hall.category(area.category));
        member(&mut before, "capacity", &area.capacity);
        before.extend_from_slice(b",\"free\":");
        member(&mut after, "outline", &area.outline);
        after.push(b'}');
    }
    (before, after)
}

/// A live event's changes, as server-sent event.
pub(crate) fn changes(event: &SeatEvent) -> Bytes {
    let mut out = Vec::with_capacity(96 + event.seats.len() * 12);
    begin(&mut out, event.seq, "seats");
    out.extend_from_slice(b",\"seats\":");
    list(&mut out, event.seats.iter(), |out, (index, status)| {
        out.push(b'[');
        value(out, index);
        out.extend_from_slice(&[b',', b'"', letter(*status), b'"', b']']);
    });
    out.extend_from_slice(b",\"areas\":");
    value(&mut out, &event.areas);
    end(out)
}

/// All seats, as server-sent event.
pub(crate) fn snapshot(now: &Availability) -> Bytes {
    let mut out = Vec::with_capacity(96 + now.statuses.len());
    begin(&mut out, now.seq, "snapshot");
    out.extend_from_slice(b",\"seats\":\"");
    out.extend(now.statuses.iter().map(|status| letter(*status)));
    out.extend_from_slice(b"\",\"areas\":");
    value(&mut out, &now.areas);
    end(out)
}

/// That the map must be loaded again, as server-sent event.
pub(crate) fn reset(seq: u64) -> Bytes {
    let mut out = Vec::with_capacity(64);
    begin(&mut out, seq, "reset");
    end(out)
}

fn begin(out: &mut Vec<u8>, seq: u64, event: &str) {
    out.extend_from_slice(b"id: ");
    value(out, &seq);
    out.extend_from_slice(b"\nevent: ");
    out.extend_from_slice(event.as_bytes());
    out.extend_from_slice(b"\ndata: {\"seq\":");
    value(out, &seq);
}

fn end(mut out: Vec<u8>) -> Bytes {
    out.extend_from_slice(b"}\n\n");
    out.into()
}

const fn word(status: SeatStatus) -> &'static str {
    match status {
        SeatStatus::Free => "free",
        SeatStatus::Held => "held",
        SeatStatus::Booked => "booked",
        SeatStatus::Killed => "killed",
    }
}

const fn letter(status: SeatStatus) -> u8 {
    word(status).as_bytes()[0]
}

fn member<T: Serialize + ?Sized>(out: &mut Vec<u8>, name: &str, content: &T) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    value(out, content);
}

fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, content: &T) {
    // Memory takes every byte, and nothing that is written here lacks a form in JSON.
    _ = serde_json::to_writer(out, content);
}

fn list<T>(out: &mut Vec<u8>, items: impl Iterator<Item = T>, mut write: impl FnMut(&mut Vec<u8>, T)) {
    out.push(b'[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use marquee_ledger::terms::{Price, RefundPolicy};
    use marquee_ledger::{EventId, HallId};
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::seat_map::tests::small_map;

    fn terms() -> Terms {
        Terms {
            event: EventId(1),
            hall: HallId(1),
            layout_version: 1,
            starts_at_ms: 0,
            on_sale_from_ms: 0,
            on_sale_until_ms: 0,
            currency: "USD".parse().unwrap(),
            concessions: vec!["adult".to_owned(), "child \"u12\"".to_owned()],
            prices: vec![Price { category: 1, concession: 1, amount: 4_500 }],
            refund: RefundPolicy { until_ms_before: 0, share_basis_points: 0 },
            ticket_limit: 0,
            hold_ms: 1,
            extension_ms: 0,
            payment_ms: 0,
        }
    }

    fn availability() -> Availability {
        use SeatStatus::{Booked, Free, Held, Killed};
        Availability { seq: 9, statuses: vec![Free, Held, Booked, Killed, Free], areas: vec![42] }
    }

    #[test]
    fn the_document_is_json_with_every_seat_in_its_place() {
        let mut map = small_map();
        map.rows[1].label = "B\"\n".to_owned();
        map.seats.flags[4] = map.seats.flags[4].with_view(true);
        map.sections[0].color = Some("#3b6fd4".to_owned());
        let hall = HallMap::new(HallId(1), 1, map).unwrap();
        let bytes = Template::new(&hall).fill(PerformanceId(7), &terms(), &availability());
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(document["performance_id"], PerformanceId(7).to_string());
        assert_eq!((&document["seq"], &document["currency"]), (&json!(9), &json!("USD")));
        assert_eq!(document["seat_map"]["stage"]["outline"][1], json!([800, 0]));
        assert_eq!(document["seat_map"]["version"], 1);
        assert_eq!(document["sections"], json!([{"name": "Stalls", "key": "stalls", "color": "#3b6fd4"}]));
        assert_eq!(document["categories"][1], json!({"key": "floor", "name": "Floor", "color": "#336699"}));
        assert_eq!(document["seats"][4]["restricted_view"], true);
        let words: Vec<_> = (0..5).map(|seat| document["seats"][seat]["status"].clone()).collect();
        assert_eq!(words, ["free", "held", "booked", "killed", "free"]);
        assert_eq!(
            document["seats"][3],
            json!({
                "id": hall.tag().seat(3).to_string(), "section": "Stalls", "row": "B\"\n", "number": "1",
                "x": 100, "y": 400, "price_category": "best", "accessible": false, "companion": false,
                "status": "killed",
            })
        );
        assert_eq!(
            (&document["seats"][0]["accessible"], &document["seats"][1]["companion"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(
            document["areas"],
            json!([{
                "id": hall.tag().area(0).to_string(), "name": "Floor", "section": "Stalls",
                "price_category": "floor", "capacity": 100, "free": 42,
                "outline": [[100, 500], [900, 500], [900, 700]],
            }])
        );
        assert_eq!(
            document["prices"],
            json!([{"category": "floor", "concession": "child \"u12\"", "amount": 4500}])
        );
        assert_eq!(document["concessions"], json!(["adult", "child \"u12\""]));
    }

    #[test]
    fn events_are_what_event_source_reads() {
        let seats = vec![(3, SeatStatus::Booked), (11, SeatStatus::Free)];
        let event = SeatEvent::new(8..=9, seats, vec![(0, 41)]);
        assert_eq!(
            changes(&event),
            "id: 9\nevent: seats\ndata: {\"seq\":9,\"seats\":[[3,\"b\"],[11,\"f\"]],\"areas\":[[0,41]]}\n\n"
        );
        assert_eq!(
            snapshot(&availability()),
            "id: 9\nevent: snapshot\ndata: {\"seq\":9,\"seats\":\"fhbkf\",\"areas\":[42]}\n\n"
        );
        assert_eq!(reset(9), "id: 9\nevent: reset\ndata: {\"seq\":9}\n\n");
    }
}
