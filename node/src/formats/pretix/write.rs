//! From a seat map to a plan.

use serde_json::{Value, json};

use super::SEAT_PIXELS;
use crate::catalog::SeatMap;

/// Areas are drawn pale, with a border.
const AREA_COLOR: &str = "#eeeeee";
const AREA_BORDER: &str = "#888888";
const TEXT_COLOR: &str = "#333333";

/// Writes a seat map as a plan of this name. Positions are those of the plan: zones and rows stand at its corner.
#[must_use]
pub fn write(name: &str, map: &SeatMap) -> Value {
    let mut zones: Vec<Zone> = map.sections.iter().map(|_section| Zone::default()).collect();
    let mut next = 0;
    for row in &map.rows {
        let seats = next..next + row.seats as usize;
        next = seats.end;
        let Some(zone) = zones.get_mut(usize::from(row.section)) else { continue };
        let section = &map.sections[usize::from(row.section)].name;
        let seats = seats.map(|seat| {
            let number = &map.seats.labels[seat];
            json!({
                "seat_guid": format!("{section}-{}-{number}", row.label),
                "seat_number": number,
                "position": position((map.seats.x[seat], map.seats.y[seat])),
                "category": category(map, map.seats.categories[seat]),
            })
        });
        zone.rows.push(json!({
            "row_number": row.label,
            "row_number_position": "both",
            "position": {"x": 0, "y": 0},
            "seats": seats.collect::<Vec<_>>(),
        }));
    }
    for area in &map.areas {
        let Some(zone) = zones.get_mut(usize::from(area.section)) else { continue };
        let color = map.categories.get(usize::from(area.category)).map_or(AREA_COLOR, |known| &known.color);
        zone.areas.push(polygon(&area.name, &area.outline, color));
    }
    let mut written: Vec<Value> = map
        .sections
        .iter()
        .zip(zones)
        .map(|(section, zone)| {
            json!({
                "name": section.name,
                "zone_id": section.key,
                "position": {"x": 0, "y": 0},
                "rows": zone.rows,
                "areas": zone.areas,
            })
        })
        .collect();
    if let Some(stage) = &map.stage {
        let label = if stage.label.is_empty() { &stage.shape } else { &stage.label };
        // What everyone looks at is of no section.
        written.push(json!({
            "name": label,
            "zone_id": format!("{}-zone", stage.shape),
            "position": {"x": 0, "y": 0},
            "rows": [],
            "areas": [polygon(label, &stage.outline, AREA_COLOR)],
        }));
    }
    let categories = map.categories.iter();
    json!({
        "name": name,
        "categories": categories.map(|known| json!({"name": known.name, "color": known.color})).collect::<Vec<_>>(),
        "zones": written,
        // The schema has whole pixels here.
        "size": {"width": pixels(map.width).ceil() as u64, "height": pixels(map.height).ceil() as u64},
    })
}

#[derive(Default)]
struct Zone {
    rows: Vec<Value>,
    areas: Vec<Value>,
}

fn category(map: &SeatMap, index: u8) -> &str {
    map.categories.get(usize::from(index)).map_or("", |category| &category.name)
}

fn pixels(hundredths: u32) -> f64 {
    f64::from(hundredths) * SEAT_PIXELS / 100.0
}

fn position((x, y): (u32, u32)) -> Value {
    json!({"x": pixels(x), "y": pixels(y)})
}

/// An area with its name in its middle; points are relative to the area's position, which is the plan's corner.
fn polygon(text: &str, outline: &[(u32, u32)], color: &str) -> Value {
    let count = outline.len().max(1) as f64;
    let sum =
        outline.iter().fold((0.0, 0.0), |sum, point| (sum.0 + pixels(point.0), sum.1 + pixels(point.1)));
    json!({
        "shape": "polygon",
        "color": color,
        "border_color": AREA_BORDER,
        "rotation": 0,
        "position": {"x": 0, "y": 0},
        "polygon": {"points": outline.iter().copied().map(position).collect::<Vec<_>>()},
        "text": {
            "text": text,
            "color": TEXT_COLOR,
            "position": {"x": (sum.0 / count).round(), "y": (sum.1 / count).round()},
        },
    })
}
