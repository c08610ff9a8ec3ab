//! From a kept seat map back to a drawing, seat by seat.

use marquee_ledger::layout::SeatKind;

use super::form::{AreaForm, CategoryForm, Drawing, RowForm, SeatForm, SectionForm, StageForm};
use crate::catalog::SeatMap;

/// Writes a seat map down. Drawing it again gives the same map.
#[must_use]
pub fn trace(map: &SeatMap) -> Drawing {
    let category = |index: u8| map.categories.get(usize::from(index)).map(|category| category.key.clone());
    let mut sections: Vec<SectionForm> = map
        .sections
        .iter()
        .map(|section| SectionForm {
            key: section.key.clone(),
            name: section.name.clone(),
            rank: section.rank,
            color: section.color.clone(),
            ..SectionForm::default()
        })
        .collect();
    let mut next = 0;
    for row in &map.rows {
        let seats = next..next + row.seats as usize;
        next = seats.end;
        let Some(section) = sections.get_mut(usize::from(row.section)) else { continue };
        // The category of a section's first seat goes without saying.
        if section.price_category.is_none() {
            section.price_category = map.seats.categories.get(seats.start).and_then(|index| category(*index));
        }
        let usual = section.price_category.clone();
        let seats = seats.map(|seat| {
            let flags = map.seats.flags[seat];
            SeatForm {
                number: map.seats.labels[seat].clone(),
                x: length(map.seats.x[seat]),
                y: length(map.seats.y[seat]),
                price_category: category(map.seats.categories[seat])
                    .filter(|key| Some(key) != usual.as_ref()),
                accessible: flags.kind() == SeatKind::Accessible,
                companion: flags.kind() == SeatKind::Companion,
                restricted_view: flags.is_restricted(),
                apart: flags.apart(),
            }
        });
        section.rows.push(RowForm { label: row.label.clone(), rank: Some(row.rank), seats: seats.collect() });
    }
    for area in &map.areas {
        let Some(section) = sections.get_mut(usize::from(area.section)) else { continue };
        section.areas.push(AreaForm {
            key: area.key.clone(),
            name: area.name.clone(),
            capacity: area.capacity,
            price_category: category(area.category),
            outline: outline(&area.outline),
        });
    }
    Drawing {
        size: Some([length(map.width), length(map.height)]),
        stage: map.stage.as_ref().map(|stage| StageForm {
            shape: stage.shape.clone(),
            label: stage.label.clone(),
            outline: outline(&stage.outline),
        }),
        price_categories: map
            .categories
            .iter()
            .map(|category| CategoryForm {
                key: category.key.clone(),
                name: category.name.clone(),
                color: category.color.clone(),
            })
            .collect(),
        sections,
        bowls: Vec::new(),
    }
}

fn length(hundredths: u32) -> f64 {
    f64::from(hundredths) / 100.0
}

fn outline(points: &[(u32, u32)]) -> Vec<[f64; 2]> {
    points.iter().map(|(x, y)| [length(*x), length(*y)]).collect()
}
