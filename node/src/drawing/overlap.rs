//! Seats that stand on one another.

use std::collections::HashMap;

use super::draw::PlacedRow;
use crate::catalog::checks::Faults;
use crate::catalog::seat_map::Section;

/// Nearer than this are no two seats, in seats.
const APART_MIN: f64 = 0.4;
/// How many pairs are told.
const TOLD_MAX: usize = 20;

/// Tells of seats that stand on one another. A grid keeps it fast for a stadium.
///
/// The first `drawn` sections are told with their place; those after them are of bowls.
pub(super) fn check(
    sections: &[Section],
    drawn: usize,
    rows: &[(u16, PlacedRow)],
    pointer: &str,
    faults: &mut Faults,
) {
    let mut grid: HashMap<(i64, i64), Vec<(usize, usize)>> = HashMap::new();
    let mut told = 0;
    for (row, (section, placed)) in rows.iter().enumerate() {
        for (seat, own) in placed.seats.iter().enumerate() {
            let (column, line) = ((own.x / APART_MIN).floor() as i64, (own.y / APART_MIN).floor() as i64);
            let near = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (column + dx, line + dy)));
            let other = near.filter_map(|cell| grid.get(&cell)).flatten().find(|(row, seat)| {
                let other = &rows[*row].1.seats[*seat];
                (other.x - own.x).hypot(other.y - own.y) < APART_MIN
            });
            if let Some((other_row, other_seat)) = other
                && told < TOLD_MAX
            {
                told += 1;
                let detail = format!(
                    "{} stands on {}: move one of them",
                    name(sections, rows, row, seat),
                    name(sections, rows, *other_row, *other_seat)
                );
                let place = match usize::from(*section) {
                    section if section < drawn => format!("{pointer}/sections/{section}"),
                    _of_a_bowl => format!("{pointer}/bowls"),
                };
                faults.add(place, detail);
            }
            grid.entry((column, line)).or_default().push((row, seat));
        }
    }
}

fn name(sections: &[Section], rows: &[(u16, PlacedRow)], row: usize, seat: usize) -> String {
    let (section, row) = &rows[row];
    let section = sections.get(usize::from(*section)).map_or("", |section| &section.name);
    format!("seat {} of row {} in {section:?}", row.seats[seat].number, row.label)
}
