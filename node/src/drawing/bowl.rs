//! Bowls: the sections of one tier around a field.
//!
//! The front row follows a rectangle with round corners. Along its sides stand straight blocks; around its corners
//! wedges, which have more seats the further back the row is.

use super::draw::{PlacedRow, in_range};
use super::form::{BlockForm, BowlForm, SectionForm};
use super::labels::labels;
use crate::catalog::checks::Faults;

/// The most sections along one side or around one corner.
const PARTS_MAX: u32 = 100;
/// By how much the rank grows from a side's middle to the next section, and to a corner.
const RANK_STEP: u32 = 1;
const CORNER_RANK: u32 = 20;

/// The sections of a bowl, clockwise from the upper left. What is wrong is told with its place under `pointer`.
pub(super) fn sections(form: &BowlForm, pointer: &str, faults: &mut Faults) -> Vec<SectionForm> {
    let Some(without) = check(form, pointer, faults) else { return Vec::new() };
    let corner = form.corner.unwrap_or(form.distance);
    let straight = form.field.map(|length| length + 2.0 * form.distance - 2.0 * corner);
    let shortest = straight[0].min(straight[1]);
    if shortest <= 0.0 {
        faults.add(
            format!("{pointer}/corner"),
            "must be smaller: nothing is left of a side between its corners",
        );
        return Vec::new();
    }
    let mut blocks = Vec::new();
    for (quarter, outward) in [0.0, 90.0, 180.0, 270.0].into_iter().enumerate() {
        let side = usize::from(quarter % 2 == 1);
        let price = if side == 0 { &form.price_long } else { &form.price_short };
        for part in 0..form.sides[side] {
            let far = middle_distance(part, form.sides[side]);
            blocks.push((side_block(form, outward, straight, corner, part), price, far * RANK_STEP));
        }
        for part in 0..form.corners {
            let block = corner_block(form, outward, straight, corner, part);
            blocks.push((block, &form.price_corner, CORNER_RANK));
        }
    }
    let mut sections = Vec::new();
    for (number, (block, price, rank)) in (form.first_number..).zip(blocks) {
        if without.contains(&number.to_string()) {
            continue;
        }
        sections.push(SectionForm {
            key: format!("s{number}"),
            name: format!("{}{number}", form.name),
            rank: form.rank + rank,
            price_category: Some(price.clone()),
            blocks: vec![block],
            ..SectionForm::default()
        });
    }
    sections
}

/// What the rows of a section are marked with: the two ends of its accessible rows.
pub(super) fn mark_accessible(form: &BowlForm, pointer: &str, rows: &mut [PlacedRow], faults: &mut Faults) {
    use marquee_ledger::layout::SeatKind::{Accessible, Companion};
    if form.accessible_rows.is_empty() {
        return;
    }
    let Some(names) = faults.take(&format!("{pointer}/accessible_rows"), labels(&form.accessible_rows))
    else {
        return;
    };
    for row in rows.iter_mut().filter(|row| names.contains(&row.label)) {
        if let [first, second, .., before_last, last] = row.seats.as_mut_slice() {
            (first.kind, second.kind, before_last.kind, last.kind) =
                (Accessible, Companion, Companion, Accessible);
        }
    }
}

fn check(form: &BowlForm, pointer: &str, faults: &mut Faults) -> Option<Vec<String>> {
    let at = |field: &str| format!("{pointer}/{field}");
    let sound = [
        in_range(&at("at"), &form.at, -1e5..=1e5, faults),
        in_range(&at("field"), &form.field, 1.0..=1e5, faults),
        in_range(&at("distance"), &[form.distance], 0.0..=1e4, faults),
        in_range(&at("corner"), &[form.corner.unwrap_or(1.0)], 1.0..=1e4, faults),
        in_range(&at("row_gap"), &[form.row_gap], 0.1..=100.0, faults),
        in_range(&at("aisle"), &[form.aisle], 0.0..=100.0, faults),
        in_range(&at("sides"), &form.sides.map(f64::from), 1.0..=f64::from(PARTS_MAX), faults),
        in_range(&at("corners"), &[f64::from(form.corners)], 0.0..=f64::from(PARTS_MAX), faults),
        in_range(&at("first_number"), &[f64::from(form.first_number)], 0.0..=1e6, faults),
        in_range(&at("rank"), &[f64::from(form.rank)], 0.0..=1e5, faults),
    ];
    faults.optional_line(&at("name"), &form.name);
    faults.take(&at("rows"), labels(&form.rows))?;
    let without = if form.without.is_empty() { Ok(Vec::new()) } else { labels(&form.without) };
    let without = faults.take(&at("without"), without)?;
    (!sound.contains(&false)).then_some(without)
}

/// How many sections are between this one and its side's middle.
fn middle_distance(part: u32, parts: u32) -> u32 {
    (2 * part + 1).abs_diff(parts) / 2
}

fn outward(degrees: f64) -> [f64; 2] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    [sin, -cos]
}

/// A block along the side that lies in this direction; seen from the field, its parts go to the right.
fn side_block(form: &BowlForm, direction: f64, straight: [f64; 2], corner: f64, part: u32) -> BlockForm {
    let (out, along) = (outward(direction), outward(direction + 90.0));
    let is_upper_or_lower = direction % 180.0 == 0.0;
    let (length, depth, parts) = if is_upper_or_lower {
        (straight[0], straight[1], form.sides[0])
    } else {
        (straight[1], straight[0], form.sides[1])
    };
    let width = length / f64::from(parts);
    let from_middle = (f64::from(part) + 0.5) * width - length / 2.0;
    let away = depth / 2.0 + corner;
    let at = [0, 1].map(|axis: usize| form.at[axis] + out[axis] * away + along[axis] * from_middle);
    BlockForm {
        // A row of n seats is n - 1 wide; half a seat stands out at each end.
        seats: Some((width - form.aisle).max(0.0).floor() as u32),
        facing: facing(direction),
        row_gap: form.row_gap,
        ..BlockForm::new(&form.rows, at)
    }
}

/// A wedge around the corner that follows the side in this direction, clockwise.
fn corner_block(form: &BowlForm, direction: f64, straight: [f64; 2], corner: f64, part: u32) -> BlockForm {
    let (side, next) = (outward(direction), outward(direction + 90.0));
    let focus = [0, 1].map(|axis: usize| form.at[axis] + (side[axis] + next[axis]) * straight[axis] / 2.0);
    let angle = 90.0 / f64::from(form.corners);
    let middle = direction + (f64::from(part) + 0.5) * angle;
    let out = outward(middle);
    let rows = labels(&form.rows).map_or(0, |rows| rows.len());
    let radius = |row: usize| corner + form.row_gap * row as f64;
    // Every row leaves the same aisle at its ends.
    let seats = (0..rows).map(|row| (angle.to_radians() * radius(row) - form.aisle).max(0.0).floor() as u32);
    BlockForm {
        seats_by_row: Some(seats.collect()),
        facing: facing(middle),
        curve: corner,
        row_gap: form.row_gap,
        ..BlockForm::new(&form.rows, [0, 1].map(|axis: usize| focus[axis] + out[axis] * corner))
    }
}

/// Who sits there looks at the field.
fn facing(outward: f64) -> f64 {
    (outward + 180.0) % 360.0
}
