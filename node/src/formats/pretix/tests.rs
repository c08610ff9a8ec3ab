//! Plans there and back, and what is told of plans that are none.

use serde_json::{Value, json};

use super::{read, write};
use crate::catalog::SeatMap;
use crate::import::{Source, check};

/// A plan as pretix's editor writes it: two zones, rows at places of their own, a stage, a bar.
fn plan() -> Value {
    let seat = |guid: &str, number: &str, x: f64, y: f64, category: &str| {
        json!({"seat_guid": guid, "seat_number": number, "uuid": "b1", "radius": 10, "start_direction": null,
               "position": {"x": x, "y": y}, "category": category})
    };
    json!({
        "name": "Theatre <b>“Ü”</b> 🎭",
        "size": {"width": 800, "height": 610},
        "categories": [{"name": "Stalls", "color": "#7F4A91"}, {"name": "Reduced <view>", "color": "#3c9"}],
        "zones": [
            {"name": "Ground floor", "zone_id": "ground", "uuid": "a1", "position": {"x": 100, "y": 150},
             "rows": [
                {"row_number": "A", "row_label": null, "row_number_position": "both", "position": {"x": 0, "y": 0.5},
                 "seats": [seat("g-1", "1", 0.0, 0.0, "Stalls"), seat("g-2", "2", 25.0, 0.0, "Stalls"),
                           seat("g-3", "3", 90.0, 0.25, "Reduced <view>")]},
                {"row_number": "B", "position": {"x": 12.5, "y": 27.0},
                 "seats": [seat("g-4", "1", 0.0, 0.0, "Stalls"), seat("g-5", "2", 25.0, 1.75, "Stalls")]}],
             "areas": [{"shape": "rectangle", "color": "#cccccc", "border_color": "#000000", "rotation": 0,
                        "position": {"x": 0, "y": -120}, "rectangle": {"width": 300, "height": 60},
                        "text": {"text": "Stage", "position": {"x": 150, "y": 30}, "size": 16}},
                       {"shape": "circle", "position": {"x": 500, "y": 0}, "circle": {"radius": 30},
                        "text": {"text": "Bar", "position": {"x": 0, "y": 0}}}]},
            {"name": "Balcony", "position": {"x": 100, "y": 450}, "areas": [],
             "rows": [{"row_number": "1", "seats": [seat("b-1", "12a", 0.0, 0.0, "Stalls")]}]},
        ],
    })
}

/// What a plan means: see the module's documentation.
fn meaning(plan: &Value) -> Value {
    let list = |value: &Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let at = |value: &Value, axis: &str| value["position"][axis].as_f64().unwrap_or_default();
    let zones = list(plan, "zones").into_iter().filter(|zone| !list(zone, "rows").is_empty());
    let zones = zones.map(|zone| {
        let rows = list(&zone, "rows").into_iter().map(|row| {
            let seats = list(&row, "seats").into_iter().map(|seat| {
                let place = |axis| ((at(&zone, axis) + at(&row, axis) + at(&seat, axis)) * 4.0).round();
                json!([seat["seat_number"], seat["category"], place("x"), place("y")])
            });
            json!([row["row_number"], seats.collect::<Vec<_>>()])
        });
        json!([zone["name"], rows.collect::<Vec<_>>()])
    });
    let wide = |color: &Value| {
        let digits = color.as_str().unwrap().trim_start_matches('#').to_lowercase();
        if digits.len() == 3 { digits.chars().flat_map(|digit| [digit, digit]).collect() } else { digits }
    };
    let categories = list(plan, "categories").into_iter();
    let categories = categories.map(|category| json!([category["name"], wide(&category["color"])]));
    json!([plan["name"], plan["size"], categories.collect::<Vec<_>>(), zones.collect::<Vec<_>>()])
}

fn faults(change: impl FnOnce(&mut Value)) -> Vec<(String, String)> {
    let mut plan = plan();
    change(&mut plan);
    read(&plan).unwrap_err().into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
}

#[track_caller]
fn check_fault(pointer: &str, words: &str, change: impl FnOnce(&mut Value)) {
    let found = faults(change);
    assert!(
        found.len() == 1 && found[0].0 == pointer && found[0].1.contains(words),
        "{pointer} {words}: {found:?}"
    );
}

#[test]
fn a_plan_comes_back_with_the_same_meaning() {
    let plan = plan();
    let read_once = read(&plan).unwrap();
    let written = write(&read_once.name, &read_once.map);
    assert_eq!(meaning(&written), meaning(&plan));
    let stage = read_once.map.stage.as_ref().unwrap();
    assert_eq!((stage.shape.as_str(), stage.label.as_str()), ("stage", "Stage"));
    assert_eq!(stage.outline, [(400, 120), (1_600, 120), (1_600, 360), (400, 360)]);
    // The third seat of row A is behind an aisle.
    let apart: Vec<bool> = read_once.map.seats.flags.iter().map(|flags| flags.apart()).collect();
    assert_eq!(apart, [false, false, true, false, false, false]);
    let left_out: Vec<_> = read_once.left_out.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(left_out, ["/zones/0/areas/1"]);
    // From then on nothing changes at all.
    let read_again = read(&written).unwrap();
    assert_eq!((&read_again.map, read_again.left_out.len()), (&SeatMap { ..read_once.map }, 0));
    assert_eq!(write(&read_again.name, &read_again.map), written);
}

#[test]
fn a_plan_of_another_scale_comes_back_larger_by_one_factor() {
    let mut plan = plan();
    let scale = |value: &mut Value| *value = json!(value.as_f64().unwrap() * 3.0);
    fn each(value: &mut Value, scale: &dyn Fn(&mut Value)) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(name, value)| {
                if ["x", "y", "width", "height", "radius"].contains(&name.as_str()) && value.is_number() {
                    scale(value);
                } else {
                    each(value, scale);
                }
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| each(item, scale)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let usual = read(&plan).unwrap();
    each(&mut plan, &scale);
    let large = read(&plan).unwrap();
    // The usual distance of the large plan is 75 pixels and a bit, which is one seat.
    assert_eq!(large.map.seats.labels, usual.map.seats.labels);
    for (large, usual) in large.map.seats.x.iter().zip(&usual.map.seats.x) {
        assert!(large.abs_diff(*usual) <= 5, "{large} {usual}");
    }
}

#[test]
fn every_hall_of_the_demo_comes_back() {
    let checked = check(&Source::demo(), &marquee_config::Selling::default()).unwrap();
    let mut count = 0;
    for (name, map) in checked.halls() {
        let written = write(name, map);
        match read(&written) {
            Ok(plan) => {
                assert_eq!(meaning(&write(name, &plan.map)), meaning(&written), "{name}");
                assert_eq!(
                    (plan.map.width, plan.map.height),
                    (map.width.next_multiple_of(4), map.height.next_multiple_of(4)),
                    "{name}"
                );
                count += 1;
            }
            // A floor without a seat is nothing that a plan can sell.
            Err(faults) => assert!(map.seats.is_empty(), "{name}: {faults:?}"),
        }
    }
    assert!(count > 8, "{count}");
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let seat = "/zones/0/rows/0/seats/1";
    check_fault(&format!("{seat}/seat_guid"), "/zones/0/rows/0/seats/0 has the guid \"g-1\"", |plan| {
        plan["zones"][0]["rows"][0]["seats"][1]["seat_guid"] = json!("g-1");
    });
    check_fault(&format!("{seat}/position"), "stands on the seat at /zones/0/rows/0/seats/0", |plan| {
        plan["zones"][0]["rows"][0]["seats"][1]["position"]["x"] = json!(3);
    });
    check_fault(
        &format!("{seat}/category"),
        "there is no category \"VIP\"; there are: Reduced <view>, Stalls",
        |plan| {
            plan["zones"][0]["rows"][0]["seats"][1]["category"] = json!("VIP");
        },
    );
    check_fault(&format!("{seat}/seat_number"), "there is another seat 1 in row A", |plan| {
        plan["zones"][0]["rows"][0]["seats"][1]["seat_number"] = json!("1");
    });
    check_fault(&format!("{seat}/seat_number"), "at most 20 characters", |plan| {
        plan["zones"][0]["rows"][0]["seats"][1]["seat_number"] = json!("🎭".repeat(21));
    });
    check_fault(&format!("{seat}/position/x"), "must be a number", |plan| {
        plan["zones"][0]["rows"][0]["seats"][1]["position"]["x"] = json!("3");
    });
    check_fault(&format!("{seat}/radius"), "more than 0", |plan| {
        plan["zones"][0]["rows"][0]["seats"][1]["radius"] = json!(-10);
    });
    check_fault("/size/width", "between 1 and", |plan| plan["size"]["width"] = json!(-800));
    check_fault("/zones/0/areas/0/rectangle/height", "more than 0", |plan| {
        plan["zones"][0]["areas"][0]["rectangle"]["height"] = json!(-1);
    });
    check_fault("/categories/0/color", "must be a color", |plan| {
        plan["categories"][0]["color"] = json!("red")
    });
    check_fault("/categories/1/name", "another category \"Stalls\"", |plan| {
        plan["categories"][1]["name"] = json!("Stalls");
        plan["zones"][0]["rows"][0]["seats"][2]["category"] = json!("Stalls");
    });
    check_fault("/zones", "at least one seat", |plan| plan["zones"] = json!([]));
    check_fault("/zones/1", "must have \"rows\"", |plan| {
        _ = plan["zones"][1].as_object_mut().unwrap().remove("rows")
    });
    check_fault("", "a seating plan is an object", |plan| *plan = json!([]));
    check_fault("/name", "at most 300 characters", |plan| plan["name"] = json!("x".repeat(301)));
    let many = faults(|plan| plan["categories"] = json!([]));
    assert!(many.len() == 7 && many[0].0 == "/categories", "{many:?}");
}

#[test]
fn what_stands_beyond_the_edge_or_has_the_same_name_is_still_read() {
    let mut plan = plan();
    plan["size"] = json!({"width": 50, "height": 50});
    plan["zones"][1]["name"] = json!("Ground floor");
    let read = read(&plan).unwrap();
    let names: Vec<_> = read.map.sections.iter().map(|section| section.name.as_str()).collect();
    assert_eq!(names, ["Ground floor", "Ground floor 2"]);
    assert!(read.map.width > 200);
}
