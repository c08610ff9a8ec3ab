//! Tables with chairs around them, in a grid.

use std::f64::consts::TAU;

use marquee_ledger::layout::SeatKind;

use super::block::Inherited;
use super::draw::{Budget, Palette, PlacedRow, PlacedSeat, in_range};
use super::form::TablesForm;
use super::labels::{LABEL_CHARS_MAX, labels};
use crate::catalog::checks::Faults;

/// The most chairs around one table.
const CHAIRS_MAX: u32 = 30;

/// Places the tables, each as a row.
pub(super) fn place(
    form: &TablesForm,
    pointer: &str,
    inherited: Inherited,
    palette: &Palette,
    budget: &mut Budget,
    faults: &mut Faults,
) -> Vec<PlacedRow> {
    let at = |field: &str| format!("{pointer}/{field}");
    let sound = [
        in_range(&at("at"), &form.at, -1e5..=1e5, faults),
        in_range(&at("gap"), &form.gap, 0.1..=100.0, faults),
        in_range(&at("radius"), &[form.radius], 0.1..=100.0, faults),
        in_range(&at("chairs"), &[f64::from(form.chairs)], 1.0..=f64::from(CHAIRS_MAX), faults),
        in_range(&at("columns"), &[f64::from(form.columns)], 1.0..=1_000.0, faults),
        in_range(&at("rank"), &[f64::from(form.rank.unwrap_or(0))], 0.0..=1e9, faults),
        form.prefix.chars().count() <= LABEL_CHARS_MAX,
    ];
    let names = faults.take(&at("labels"), labels(&form.labels));
    let category =
        palette.find(&at("price_category"), form.price_category.as_deref(), inherited.category, faults);
    let (Some(names), Some(category), false) = (names, category, sound.contains(&false)) else {
        return Vec::new();
    };
    let accessible = if form.accessible.is_empty() { Ok(Vec::new()) } else { labels(&form.accessible) };
    let accessible = faults.take(&at("accessible"), accessible).unwrap_or_default();
    if let Some(missing) = accessible.iter().find(|label| !names.contains(label)) {
        faults.add(at("accessible"), format!("there is no table {missing}"));
    }
    let mut rows = Vec::with_capacity(names.len());
    for (nth, name) in names.iter().enumerate() {
        if !budget.take(form.chairs as usize, pointer, faults) {
            return rows;
        }
        // There are at most `LABELS_MAX` tables.
        let (column, line) = (nth as u32 % form.columns, nth as u32 / form.columns);
        let x = form.at[0] + form.gap[0] * f64::from(column);
        let y = form.at[1] + form.gap[1] * f64::from(line);
        let chair = |chair: u32| {
            let (sin, cos) = (TAU * f64::from(chair) / f64::from(form.chairs)).sin_cos();
            let kind = match chair {
                0 if accessible.contains(name) => SeatKind::Accessible,
                1 if accessible.contains(name) => SeatKind::Companion,
                _ => SeatKind::Standard,
            };
            let (x, y) = (x + form.radius * sin, y - form.radius * cos);
            PlacedSeat {
                number: (chair + 1).to_string(),
                x,
                y,
                category,
                kind,
                is_restricted: false,
                apart: false,
            }
        };
        let rank = form.rank.unwrap_or(inherited.rank) + line;
        let label = format!("{}{name}", form.prefix);
        rows.push(PlacedRow { label, rank, seats: (0..form.chairs).map(chair).collect() });
    }
    rows
}
