//! A layout, compiled for selling: flat arrays by seat, and rows in the order in which they are offered.

use crate::layout::{Layout, ROW_SEATS_MAX, SEATS_MAX, SeatIndex, SeatKind};
use crate::refusal::Refusal;

/// The most areas of a layout.
const AREAS_MAX: usize = 1_000;
/// The most people an area admits.
const AREA_CAPACITY_MAX: u32 = 1_000_000;

/// A compiled layout. Shared by all performances that use it.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) seats: Vec<PlanSeat>,
    /// By rank, the best first; rows of equal rank in the order of the layout.
    pub(crate) rows: Vec<PlanRow>,
    /// Position in `rows` by seat.
    pub(crate) row_of: Vec<u32>,
    /// Positions of the rows that have accessible places.
    pub(crate) accessible_rows: Vec<u32>,
    pub(crate) areas: Vec<PlanArea>,
    pub(crate) sections: u16,
    pub(crate) categories: u16,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanSeat {
    pub(crate) category: u8,
    pub(crate) kind: SeatKind,
    /// Whether it has no neighbour before it. True of a row's first seat, so that runs of seats never cross rows.
    pub(crate) apart: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanRow {
    pub(crate) first: SeatIndex,
    pub(crate) len: u32,
    pub(crate) section: u16,
    /// The category of all its seats, unless they differ.
    pub(crate) category: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanArea {
    pub(crate) category: u8,
    pub(crate) capacity: u32,
}

impl PlanRow {
    /// The indices of its seats.
    pub(crate) const fn seats(&self) -> std::ops::Range<SeatIndex> {
        self.first..self.first + self.len
    }
}

impl Plan {
    /// Compiles a layout, which [`check`] has found to be sound.
    pub(crate) fn new(layout: &Layout) -> Self {
        let mut seats = Vec::with_capacity(layout.seat_count());
        let mut ranked = Vec::with_capacity(layout.rows.len());
        for row in &layout.rows {
            // At most `SEATS_MAX`.
            let first = seats.len() as SeatIndex;
            for (nth, seat) in row.seats.iter().enumerate() {
                let apart = seat.apart || nth == 0;
                seats.push(PlanSeat { category: seat.category, kind: seat.kind, apart });
            }
            let category = row.seats.first().map(|seat| seat.category);
            let category = category.filter(|first| row.seats.iter().all(|seat| seat.category == *first));
            ranked.push((
                row.rank,
                PlanRow { first, len: row.seats.len() as u32, section: row.section, category },
            ));
        }
        // The sort is stable: rows of equal rank stay in order.
        ranked.sort_by_key(|(rank, _row)| *rank);
        let rows: Vec<PlanRow> = ranked.into_iter().map(|(_rank, row)| row).collect();
        let mut row_of = vec![0; seats.len()];
        let mut accessible_rows = Vec::new();
        for (position, row) in (0u32..).zip(&rows) {
            let range = row.first as usize..(row.first + row.len) as usize;
            row_of[range.clone()].fill(position);
            if seats[range].iter().any(|seat| seat.kind == SeatKind::Accessible) {
                accessible_rows.push(position);
            }
        }
        let areas = layout.areas.iter();
        Self {
            seats,
            rows,
            row_of,
            accessible_rows,
            areas: areas.map(|area| PlanArea { category: area.category, capacity: area.capacity }).collect(),
            sections: layout.sections.len() as u16,
            categories: layout.categories.len() as u16,
        }
    }
}

/// Refuses a layout that cannot be sold.
pub(crate) fn check(layout: &Layout) -> Result<(), Refusal> {
    let wrong = |what: String| Err(Refusal::Invalid(what));
    if layout.sections.len() > usize::from(u16::MAX) || layout.categories.len() > 1 + usize::from(u8::MAX) {
        return wrong("a layout has at most 65,535 sections and 256 categories".to_owned());
    }
    if layout.areas.len() > AREAS_MAX || layout.seat_count() > SEATS_MAX {
        return wrong(format!("a layout has at most {SEATS_MAX} seats and {AREAS_MAX} areas"));
    }
    for row in &layout.rows {
        if usize::from(row.section) >= layout.sections.len() {
            return wrong(format!("row {:?} is in section {}, which does not exist", row.label, row.section));
        }
        if row.seats.len() > ROW_SEATS_MAX {
            return wrong(format!("row {:?} has more than {ROW_SEATS_MAX} seats", row.label));
        }
        if let Some(seat) =
            row.seats.iter().find(|seat| usize::from(seat.category) >= layout.categories.len())
        {
            let (row, seat, category) = (&row.label, &seat.label, seat.category);
            return wrong(format!(
                "seat {seat:?} of row {row:?} has category {category}, which does not exist"
            ));
        }
    }
    for area in &layout.areas {
        if usize::from(area.section) >= layout.sections.len()
            || usize::from(area.category) >= layout.categories.len()
        {
            return wrong(format!("area {:?} has a section or category that does not exist", area.name));
        }
        if area.capacity > AREA_CAPACITY_MAX {
            return wrong(format!("area {:?} admits more than {AREA_CAPACITY_MAX}", area.name));
        }
    }
    Ok(())
}
