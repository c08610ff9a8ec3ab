//! Halls from drawings, and what is told of drawings that are none.

use super::*;
use crate::catalog::seat_map::layout_of;
use crate::drawing::trace;

fn read(json: &str) -> Drawing {
    serde_json::from_str(json).unwrap()
}

fn drawn(json: &str) -> SeatMap {
    let mut faults = Faults::default();
    let map = draw(&read(json), "", &mut faults);
    assert_eq!(faults.finish(), Ok(()));
    let map = map.unwrap();
    assert!(map.is_consistent());
    map
}

fn faults_of(json: &str) -> Vec<(String, String)> {
    let mut faults = Faults::default();
    assert_eq!(draw(&read(json), "/m", &mut faults), None);
    faults.finish().unwrap_err().into_iter().map(|fault| (fault.pointer, fault.detail)).collect()
}

/// One block of a hall with the categories `gold` and `blue`.
fn block(fields: &str) -> String {
    format!(
        r##"{{"price_categories": [{{"key": "gold", "name": "Gold", "color": "#b8860b"}},
                                  {{"key": "blue", "name": "Blue", "color": "#3366cc"}}],
            "sections": [{{"key": "s", "name": "Stalls", "price_category": "gold",
                          "blocks": [{{"at": [0, 0], {fields}}}]}}]}}"##
    )
}

/// Row by row: the row's label, and each seat's number with what is particular about it.
fn picture(map: &SeatMap) -> Vec<String> {
    let layout = layout_of(map);
    let rows = layout.rows.iter().map(|row| {
        let seats = row.seats.iter().map(|seat| {
            let gap = if seat.apart { "| " } else { "" };
            let kind = match seat.kind {
                SeatKind::Standard => "",
                SeatKind::Accessible => "a",
                SeatKind::Companion => "c",
            };
            format!("{gap}{}{kind}", seat.label)
        });
        format!("{}: {}", row.label, seats.collect::<Vec<_>>().join(" "))
    });
    rows.collect()
}

#[test]
fn a_block_has_rows_aisles_and_particular_seats() {
    let map = drawn(&block(
        r#""rows": "A-C", "seats": 4, "growth": 1, "aisle_after": [2, -1], "row_gap": 2,
           "accessible": [{"rows": "C", "seats": "1,6"}], "companion": [{"rows": "C", "seats": "2"}],
           "without": [{"rows": "B", "seats": "4"}], "price_rows": [{"rows": "B-C", "price_category": "blue"}]"#,
    ));
    assert_eq!(picture(&map), ["A: 1 2 | 3 | 4", "B: 1 2 | 3 | 5", "C: 1a 2c | 3 4 5 | 6a"]);
    assert_eq!(map.seats.categories, [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    // The front row's middle is the block's; an aisle takes 1.5.
    assert_eq!(map.seats.x[..4], [100, 200, 450, 700].map(|x| x + map.seats.x[0] - 100));
    assert_eq!(map.seats.y[4] - map.seats.y[0], 200);
    assert_eq!(map.rows.iter().map(|row| row.rank).collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn a_restricted_view_is_beside_what_a_seat_is_and_sections_have_a_tint() {
    let json = block(
        r#""rows": "A-B", "seats": 3, "accessible": [{"rows": "B", "seats": "1"}],
           "restricted_view": [{"rows": "A-B", "seats": "1"}]"#,
    );
    let json = json.replace(r#""name": "Stalls","#, r##""name": "Stalls", "color": "#3b6fd4","##);
    let map = drawn(&json);
    let restricted: Vec<_> = map.seats.flags.iter().map(|flags| flags.is_restricted()).collect();
    assert_eq!(restricted, [true, false, false, true, false, false]);
    assert_eq!(map.seats.flags[3].kind(), SeatKind::Accessible);
    assert_eq!(map.sections[0].color.as_deref(), Some("#3b6fd4"));
    let traced = serde_json::to_string(&trace(&map)).unwrap();
    assert_eq!(drawn(&traced), SeatMap { drawing: None, ..map });
    let told = faults_of(&json.replace("#3b6fd4", "blue"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "/m/sections/0/color");
    let missing =
        faults_of(&block(r#""rows": "A", "seats": 3, "restricted_view": [{"rows": "A", "seats": "4"}]"#));
    assert_eq!(missing[0].0, "/m/sections/0/blocks/0/restricted_view");
}

#[test]
fn seats_that_stand_on_one_another_are_told() {
    let two = |at: &str| {
        let one = block(r#""rows": "A-B", "seats": 4"#);
        let second = format!(
            r#"{{"key": "t", "name": "Circle", "price_category": "gold",
            "blocks": [{{"rows": "A", "seats": 2, "at": {at}}}]}}]}}"#
        );
        format!("{},{second}", one.strip_suffix("]}").unwrap())
    };
    let told = faults_of(&two("[0.1, 0]"));
    assert_eq!(told.len(), 2, "{told:?}");
    let words = "seat 1 of row A in \"Circle\" stands on seat 2 of row A in \"Stalls\": move one of them";
    assert_eq!(told[0], ("/m/sections/1".to_owned(), words.to_owned()));
    assert_eq!(drawn(&two("[0.5, 0]")).seats.len(), 10);
}

#[test]
fn a_theatre_is_numbered_from_its_middle() {
    let of =
        |fields: &str| picture(&drawn(&block(&format!(r#""rows": "A", "seats": 3, {fields}"#)))).join("");
    assert_eq!(of(r#""numbering": "left""#), "A: 1 2 3");
    assert_eq!(of(r#""numbering": "right""#), "A: 3 2 1");
    assert_eq!(of(r#""numbering": "odd""#), "A: 5 3 1");
    assert_eq!(of(r#""numbering": "even""#), "A: 2 4 6");
    assert_eq!(of(r#""numbering": "center""#), "A: 3 1 2");
    assert_eq!(of(r#""numbering": "center", "first_number": 11"#), "A: 13 11 12");
    assert_eq!(of(r#""first_number": 101"#), "A: 101 102 103");
}

#[test]
fn a_curved_block_has_all_seats_of_a_row_equally_far_from_its_focus() {
    let map = drawn(&block(r#""rows": "1-2", "wedge": 90, "curve": 20, "facing": 180, "aisle": 0"#));
    // A quarter of a circle with a radius of 20 is 31.4 long, and of 21.2 33.3.
    assert_eq!(map.rows.iter().map(|row| row.seats).collect::<Vec<_>>(), [31, 33]);
    let (first, last) = (0, 30);
    let middle = 15;
    // The audience looks down: its left is to the right of the drawing, and the row bends towards the focus below.
    assert!(map.seats.x[first] > map.seats.x[last]);
    assert!(map.seats.y[first] > map.seats.y[middle] && map.seats.y[last] > map.seats.y[middle]);
    let focus = (f64::from(map.seats.x[middle]), f64::from(map.seats.y[middle]) + 2_000.0);
    for seat in first..=last {
        let (x, y) = (f64::from(map.seats.x[seat]) - focus.0, f64::from(map.seats.y[seat]) - focus.1);
        assert!((x.hypot(y) - 2_000.0).abs() < 1.5, "seat {seat}");
    }
}

#[test]
fn a_bowl_goes_around_the_field_without_two_seats_in_one_place() {
    let map = drawn(
        r##"{"price_categories": [{"key": "a", "name": "A", "color": "#000000"}],
            "stage": {"shape": "pitch", "outline": [[-100, -60], [100, -60], [100, 60], [-100, 60]]},
            "bowls": [{"first_number": 101, "field": [200, 120], "distance": 12, "rows": "1-20", "sides": [6, 4],
                       "corners": 2, "price_long": "a", "price_short": "a", "price_corner": "a",
                       "accessible_rows": "20", "without": "102"}]}"##,
    );
    assert_eq!(map.sections.len(), 2 * (6 + 4) + 4 * 2 - 1);
    assert_eq!(
        (map.sections[0].name.as_str(), map.sections[1].name.as_str()),
        ("Section 101", "Section 103")
    );
    assert!(map.seats.len() > 13_000, "{}", map.seats.len());
    let accessible = map.seats.flags.iter().filter(|flags| flags.kind() == SeatKind::Accessible).count();
    assert_eq!(accessible, 2 * map.sections.len());
    // Cells of 80 by 80 hundredths: neighbours are 100 apart, so two in a cell are nearly one.
    let mut cells = std::collections::HashMap::new();
    for seat in 0..map.seats.len() {
        let at = (map.seats.x[seat], map.seats.y[seat]);
        let before = cells.insert((at.0 / 60, at.1 / 60), at);
        if let Some(before) = before {
            let apart = f64::from(before.0.abs_diff(at.0)).hypot(f64::from(before.1.abs_diff(at.1)));
            assert!(apart > 50.0, "{before:?} and {at:?}");
        }
    }
    // The best sections are those at the middle of the long sides.
    let best = map.sections.iter().min_by_key(|section| section.rank).unwrap();
    assert_eq!(best.name, "Section 103");
}

#[test]
fn tables_are_rows_and_areas_have_their_place() {
    let map = drawn(
        r##"{"price_categories": [{"key": "a", "name": "A", "color": "#000000"}],
            "sections": [{"key": "s", "name": "Floor", "price_category": "a",
                "tables": [{"labels": "1-3", "chairs": 4, "at": [0, 0], "columns": 2, "accessible": "3"}],
                "areas": [{"key": "bar", "name": "Bar", "capacity": 40,
                           "outline": [[-9, -9], [-5, -9], [-5, -5]]}]}]}"##,
    );
    assert_eq!(picture(&map), ["Table 1: 1 2 3 4", "Table 2: 1 2 3 4", "Table 3: 1a 2c 3 4"]);
    assert_eq!(map.rows.iter().map(|row| row.rank).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(map.areas[0].outline[0], (200, 200));
    assert_eq!(map.summary().capacity(), 52);
}

#[test]
fn single_seats_have_prices_of_their_own() {
    let map = drawn(&block(
        r#""rows": "A-B", "seats": 3, "price_rows": [{"rows": "B", "price_category": "blue"}],
           "price_seats": [{"rows": "A-B", "seats": "2", "price_category": "gold"},
                           {"rows": "A", "seats": "1", "price_category": "blue"}]"#,
    ));
    assert_eq!(map.seats.categories, [1, 0, 0, 1, 0, 1]);
}

#[test]
fn the_drawing_of_blocks_is_kept_and_gives_the_same_seats() {
    let json = block(r#""rows": "A-F", "seats": 9, "curve": 14"#);
    let map = drawn(&json);
    let kept = map.drawing.clone().unwrap();
    assert_eq!(read(&kept), read(&json));
    assert_eq!(drawn(&kept), map);
}

#[test]
fn what_was_traced_is_drawn_again_as_it_was() {
    let small = crate::catalog::seat_map::tests::small_map();
    let curved = drawn(&block(
        r#""rows": "A-F", "seats": 9, "growth": 0.5, "curve": 14, "turn": -20, "aisle_after": [3],
           "price_rows": [{"rows": "F", "price_category": "blue"}], "accessible": [{"rows": "F", "seats": "1"}]"#,
    ));
    for map in [small, curved] {
        let json = serde_json::to_string(&trace(&map)).unwrap();
        assert_eq!(drawn(&json), SeatMap { drawing: None, ..map });
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let one = |fields: &str| {
        let mut all = faults_of(&block(fields));
        assert_eq!(all.len(), 1, "{all:?}");
        let (pointer, detail) = all.remove(0);
        (pointer.replace("/m/sections/0/blocks/0", "…"), detail)
    };
    let at = |fields: &str| one(fields).0;
    assert_eq!(at(r#""rows": "A-9", "seats": 4"#), "…/rows");
    assert_eq!(at(r#""rows": "A""#), "…");
    assert_eq!(at(r#""rows": "A", "seats": 4, "wedge": 3"#), "…");
    assert_eq!(at(r#""rows": "A", "wedge": 3"#), "…/wedge");
    assert_eq!(at(r#""rows": "A-C", "seats_by_row": [3, 4]"#), "…/seats_by_row");
    assert_eq!(at(r#""rows": "A", "seats": 4, "price_category": "pink""#), "…/price_category");
    assert_eq!(at(r#""rows": "A", "seats": 4, "row_gap": 1e9"#), "…/row_gap");
    assert_eq!(at(r#""rows": "A", "seats": 4, "accessible": [{"rows": "A", "seats": "5"}]"#), "…/accessible");
    assert_eq!(
        at(r#""rows": "A", "seats": 4, "price_rows": [{"rows": "B", "price_category": "blue"}]"#),
        "…/price_rows/0/rows"
    );
    assert_eq!(
        at(
            r#""rows": "A", "seats": 4, "price_seats": [{"rows": "B", "seats": "1", "price_category": "blue"}]"#
        ),
        "…/price_seats/0/rows"
    );
    assert!(one(r#""rows": "A-B", "seats": 2, "growth": -2"#).1.contains("row 2 must have 1 to 2000 seats"));
    assert!(one(r#""rows": "1-2000", "seats": 2000"#).1.contains("at most 120000 seats"));
    assert!(one(r#""rows": "A", "seats": 4000000000"#).1.contains("row 1 must have"));
}

#[test]
fn names_are_unique_and_a_hall_has_something_to_sell() {
    let empty = r##"{"price_categories": [{"key": "a", "name": "A", "color": "red"}], "sections": []}"##;
    let pointers: Vec<_> = faults_of(empty).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/m/price_categories/0/color", "/m"]);
    let twice = block(r#""rows": "A", "seats": 2"#).replace(
        r#""sections": ["#,
        r#""sections": [{"key": "s", "name": "Stalls", "price_category": "gold", "rows": [{"label": "Z",
           "seats": [{"number": "1", "x": 1, "y": 1}, {"number": "1", "x": 2, "y": 1}]}]}, "#,
    );
    let details: Vec<_> = faults_of(&twice).into_iter().map(|(_, detail)| detail).collect();
    assert_eq!(
        details,
        [
            "there are two seats Z 1",
            "two sections have the key \"s\"",
            "two sections have the name \"Stalls\""
        ]
    );
}
