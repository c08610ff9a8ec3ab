//! Blocks: rows of seats one behind the other, straight or around a focus.

use std::collections::{BTreeMap, BTreeSet};

use marquee_ledger::layout::{ROW_SEATS_MAX, SeatKind};

use super::draw::{Budget, Palette, PlacedRow, PlacedSeat, in_range};
use super::form::{BlockForm, Numbering, SeatsForm};
use super::labels::labels;
use crate::catalog::checks::Faults;

/// What a section lends to what stands in it.
#[derive(Clone, Copy)]
pub(super) struct Inherited {
    /// The price category.
    pub(super) category: Option<u8>,
    /// The rank of its first row.
    pub(super) rank: u32,
}

/// Places the rows of a block. What is wrong is told with its place under `pointer`.
pub(super) fn place(
    form: &BlockForm,
    pointer: &str,
    inherited: Inherited,
    palette: &Palette,
    budget: &mut Budget,
    faults: &mut Faults,
) -> Vec<PlacedRow> {
    let at = |field: &str| format!("{pointer}/{field}");
    let Some(names) = faults.take(&at("rows"), labels(&form.rows)) else { return Vec::new() };
    let counts = counts(form, names.len(), pointer, faults);
    let category =
        palette.find(&at("price_category"), form.price_category.as_deref(), inherited.category, faults);
    let (Some(counts), Some(category)) = (counts, category) else { return Vec::new() };
    let prices = Prices::read(form, pointer, &names, category, palette, faults);
    let mut marks = Marks::of_kinds(form, pointer, faults);
    let mut views = Marks::of_views(form, pointer, faults);
    let rank = form.rank.unwrap_or(inherited.rank);
    let mut rows = Vec::with_capacity(names.len());
    for (nth, (label, count)) in names.into_iter().zip(counts).enumerate() {
        if !budget.take(count as usize, pointer, faults) {
            return rows;
        }
        let seats = place_row(form, nth, count, &label, &prices, (&mut marks, &mut views));
        // There are at most `LABELS_MAX` rows, and ranks are far from the end of their range.
        rows.push(PlacedRow { label, rank: rank + nth as u32, seats });
    }
    marks.tell_missing(pointer, faults);
    views.tell_missing(pointer, faults);
    rows
}

/// How many seats each row has.
fn counts(form: &BlockForm, rows: usize, pointer: &str, faults: &mut Faults) -> Option<Vec<u32>> {
    let at = |field: &str| format!("{pointer}/{field}");
    let sound = [
        in_range(&at("at"), &form.at, -1e5..=1e5, faults),
        in_range(&at("facing"), &[form.facing], -360.0..=360.0, faults),
        in_range(&at("curve"), &[form.curve], 0.0..=1e5, faults),
        in_range(&at("turn"), &[form.turn], -360.0..=360.0, faults),
        in_range(&at("row_gap"), &[form.row_gap], 0.1..=100.0, faults),
        in_range(&at("seat_gap"), &[form.seat_gap], 0.1..=100.0, faults),
        in_range(&at("aisle"), &[form.aisle], 0.0..=100.0, faults),
        in_range(&at("growth"), &[form.growth], -100.0..=100.0, faults),
        in_range(&at("rank"), &[f64::from(form.rank.unwrap_or(0))], 0.0..=1e9, faults),
    ];
    if sound.contains(&false) {
        return None;
    }
    let counts: Vec<f64> = match (form.seats, &form.seats_by_row, form.wedge) {
        (Some(seats), None, None) => {
            (0..rows).map(|row| (f64::from(seats) + form.growth * row as f64).floor()).collect()
        }
        (None, Some(counts), None) if counts.len() == rows => counts.iter().copied().map(f64::from).collect(),
        (None, Some(counts), None) => {
            let words = format!("must have a number for each of the {rows} rows, and has {}", counts.len());
            faults.add(at("seats_by_row"), words);
            return None;
        }
        (None, None, Some(_)) if form.curve == 0.0 => {
            faults.add(at("wedge"), "needs a \"curve\": straight rows have no angle to fill");
            return None;
        }
        (None, None, Some(angle)) => {
            if !in_range(&at("wedge"), &[angle], 0.1..=360.0, faults) {
                return None;
            }
            let aisles = form.aisle_after.len() as f64 * form.aisle;
            let room = |row: usize| angle.to_radians() * (form.curve + form.row_gap * row as f64) - aisles;
            (0..rows).map(|row| (room(row) / form.seat_gap).floor()).collect()
        }
        _ => {
            faults.add(pointer, "must have one of \"seats\", \"seats_by_row\" and \"wedge\"");
            return None;
        }
    };
    let most = ROW_SEATS_MAX as f64;
    match counts.iter().position(|count| !(1.0..=most).contains(count)) {
        Some(row) => {
            let words = format!("row {} must have 1 to {most} seats, and has {}", row + 1, counts[row]);
            faults.add(pointer, words);
            None
        }
        None => Some(counts.into_iter().map(|count| count as u32).collect()),
    }
}

/// What the seats of a block cost.
struct Prices {
    usual: u8,
    by_row: BTreeMap<String, u8>,
    by_seat: BTreeMap<(String, String), u8>,
}

impl Prices {
    fn read(
        form: &BlockForm,
        pointer: &str,
        names: &[String],
        usual: u8,
        palette: &Palette,
        faults: &mut Faults,
    ) -> Self {
        let (mut by_row, mut by_seat) = (BTreeMap::new(), BTreeMap::new());
        for (nth, priced) in form.price_rows.iter().enumerate() {
            let at = format!("{pointer}/price_rows/{nth}");
            let category = find_price(&at, &priced.price_category, usual, palette, faults);
            for row in rows_of(&at, &priced.rows, names, faults) {
                by_row.insert(row, category);
            }
        }
        for (nth, priced) in form.price_seats.iter().enumerate() {
            let at = format!("{pointer}/price_seats/{nth}");
            let category = find_price(&at, &priced.price_category, usual, palette, faults);
            let rows = rows_of(&at, &priced.rows, names, faults);
            let seats = faults.take(&format!("{at}/seats"), labels(&priced.seats)).unwrap_or_default();
            if rows.len() * seats.len() > ROW_SEATS_MAX {
                faults.add(at, format!("must be at most {ROW_SEATS_MAX} seats"));
                continue;
            }
            for row in rows {
                by_seat.extend(seats.iter().map(|seat| ((row.clone(), seat.clone()), category)));
            }
        }
        Self { usual, by_row, by_seat }
    }

    fn of_row(&self, row: &str) -> u8 {
        self.by_row.get(row).copied().unwrap_or(self.usual)
    }

    fn of_seat(&self, row: &str, number: &str) -> Option<u8> {
        if self.by_seat.is_empty() {
            return None;
        }
        self.by_seat.get(&(row.to_owned(), number.to_owned())).copied()
    }
}

fn find_price(pointer: &str, key: &str, usual: u8, palette: &Palette, faults: &mut Faults) -> u8 {
    let found = palette.find(&format!("{pointer}/price_category"), Some(key), Some(usual), faults);
    found.unwrap_or(usual)
}

/// The rows of the block that a list names.
fn rows_of(pointer: &str, list: &str, names: &[String], faults: &mut Faults) -> Vec<String> {
    let at = format!("{pointer}/rows");
    let rows = faults.take(&at, labels(list)).unwrap_or_default();
    for row in rows.iter().filter(|row| !names.contains(row)) {
        faults.add(&*at, format!("the block has no row {row}"));
    }
    rows
}

fn place_row(
    form: &BlockForm,
    nth: usize,
    count: u32,
    label: &str,
    prices: &Prices,
    (marks, views): (&mut Marks, &mut Marks),
) -> Vec<PlacedSeat> {
    let aisles: BTreeSet<i64> = form
        .aisle_after
        .iter()
        .map(|after| if *after < 0 { i64::from(count) + i64::from(*after) } else { i64::from(*after) })
        .filter(|after| (1..i64::from(count)).contains(after))
        .collect();
    let width = f64::from(count - 1) * form.seat_gap + aisles.len() as f64 * form.aisle;
    let mut seats = Vec::with_capacity(count as usize);
    let usual = prices.of_row(label);
    let mut along = -width / 2.0;
    let mut gap_before = false;
    for place in 0..count {
        if aisles.contains(&i64::from(place)) {
            along += form.aisle;
            gap_before = true;
        }
        let number = number(form, place, count).to_string();
        let mark = marks.of(label, &number);
        let is_restricted = views.of(label, &number).is_some();
        if mark == Some(Mark::Without) {
            gap_before = true;
        } else {
            let (x, y) = point(form, nth, along);
            let kind = match mark {
                Some(Mark::Accessible) => SeatKind::Accessible,
                Some(Mark::Companion) => SeatKind::Companion,
                Some(Mark::Without | Mark::Restricted) | None => SeatKind::Standard,
            };
            // What is before the first seat parts it from nothing.
            let apart = gap_before && !seats.is_empty();
            let category = prices.of_seat(label, &number).unwrap_or(usual);
            seats.push(PlacedSeat { number, x, y, category, kind, is_restricted, apart });
            gap_before = false;
        }
        along += form.seat_gap;
    }
    seats
}

fn number(form: &BlockForm, place: u32, count: u32) -> u32 {
    let (usual, step, nth) = match form.numbering {
        Numbering::Left => (1, 1, place),
        Numbering::Right => (1, 1, count - 1 - place),
        Numbering::Odd => (1, 2, count - 1 - place),
        Numbering::Even => (2, 2, place),
        Numbering::Center => {
            let middle = count.div_ceil(2);
            // The first number stands left of the middle, the second right of it.
            if place < middle { (1, 2, middle - 1 - place) } else { (1, 2, place - middle) }
        }
    };
    let right_half = form.numbering == Numbering::Center && place >= count.div_ceil(2);
    form.first_number.unwrap_or(usual).saturating_add(step * nth + u32::from(right_half))
}

/// Where a seat stands that is so far right of its row's middle.
fn point(form: &BlockForm, row: usize, along: f64) -> (f64, f64) {
    let facing = form.facing.to_radians();
    let (ahead, right) = ((facing.sin(), -facing.cos()), (facing.cos(), facing.sin()));
    let back = form.row_gap * row as f64;
    let [x, y] = form.at;
    if form.curve == 0.0 {
        return (x - ahead.0 * back + right.0 * along, y - ahead.1 * back + right.1 * along);
    }
    let focus = (x + ahead.0 * form.curve, y + ahead.1 * form.curve);
    let radius = form.curve + back;
    let angle = form.turn.to_radians() + along / radius;
    let (sin, cos) = angle.sin_cos();
    (focus.0 + radius * (right.0 * sin - ahead.0 * cos), focus.1 + radius * (right.1 * sin - ahead.1 * cos))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Accessible,
    Companion,
    Without,
    Restricted,
}

/// A list of the form: its field, what its seats are, and which these are.
type MarkList<'f> = (&'static str, Mark, &'f [SeatsForm]);

/// What is particular about seats, by row and number, and whether the seat was found.
struct Marks(BTreeMap<(String, String), (Mark, &'static str, bool)>);

impl Marks {
    /// What a seat is. It is one thing.
    fn of_kinds(form: &BlockForm, pointer: &str, faults: &mut Faults) -> Self {
        let lists: [MarkList<'_>; 3] = [
            ("accessible", Mark::Accessible, &form.accessible),
            ("companion", Mark::Companion, &form.companion),
            ("without", Mark::Without, &form.without),
        ];
        Self::read(&lists, pointer, faults)
    }

    /// What is seen from it, whatever it is.
    fn of_views(form: &BlockForm, pointer: &str, faults: &mut Faults) -> Self {
        Self::read(&[("restricted_view", Mark::Restricted, &form.restricted_view)], pointer, faults)
    }

    fn read(lists: &[MarkList<'_>], pointer: &str, faults: &mut Faults) -> Self {
        let mut marks = BTreeMap::new();
        for &(field, mark, list) in lists {
            for (nth, some) in list.iter().enumerate() {
                let at = format!("{pointer}/{field}/{nth}");
                let rows = faults.take(&format!("{at}/rows"), labels(&some.rows));
                let seats = faults.take(&format!("{at}/seats"), labels(&some.seats));
                let (Some(rows), Some(seats)) = (rows, seats) else { continue };
                if rows.len() * seats.len() > ROW_SEATS_MAX {
                    faults.add(at, format!("must be at most {ROW_SEATS_MAX} seats"));
                    continue;
                }
                for row in rows {
                    for seat in &seats {
                        let before = marks.insert((row.clone(), seat.clone()), (mark, field, false));
                        if before.is_some() {
                            faults.add(at.clone(), format!("seat {row} {seat} is named twice"));
                        }
                    }
                }
            }
        }
        Self(marks)
    }

    fn of(&mut self, row: &str, number: &str) -> Option<Mark> {
        if self.0.is_empty() {
            return None;
        }
        let (mark, _field, found) = self.0.get_mut(&(row.to_owned(), number.to_owned()))?;
        *found = true;
        Some(*mark)
    }

    fn tell_missing(&self, pointer: &str, faults: &mut Faults) {
        for ((row, seat), (_mark, field, found)) in &self.0 {
            if !found {
                faults.add(format!("{pointer}/{field}"), format!("the block has no seat {row} {seat}"));
            }
        }
    }
}
