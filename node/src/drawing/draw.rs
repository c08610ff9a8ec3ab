//! From a drawing to the seat map that is kept.

use std::collections::{BTreeSet, HashSet};
use std::ops::RangeInclusive;

use marquee_ledger::layout::{ROW_SEATS_MAX, SEATS_MAX, SeatKind};

use super::block::{self, Inherited};
use super::form::{AreaForm, Drawing, RowForm, SectionForm};
use super::labels::LABEL_CHARS_MAX;
use super::{bowl, overlap, tables};
use crate::catalog::checks::Faults;
use crate::catalog::entity::Category;
use crate::catalog::seat_map::{MapArea, MapRow, SeatColumns, SeatFlags, SeatMap, Section, Stage};

/// The most sections of a hall.
const SECTIONS_MAX: usize = 1_000;
/// The most price categories of a hall.
const CATEGORIES_MAX: usize = 50;
/// The most general-admission areas of a hall.
const AREAS_MAX: usize = 200;
/// The most people that an area admits.
const AREA_CAPACITY_MAX: u32 = 500_000;
/// The most points of an outline.
const OUTLINE_POINTS_MAX: usize = 500;
/// The most rows and tables of a hall.
const ROWS_MAX: usize = 20_000;
/// The longest key, in characters.
const KEY_CHARS_MAX: usize = 50;
/// Free space around a drawing that has no size.
const MARGIN: f64 = 2.0;
/// The ranks of a section's rows begin at so many times the section's rank.
const RANKS_PER_SECTION: u32 = 1_000;
const SECTION_RANK_MAX: u32 = 1_000_000;
/// The longest drawing that is kept beside its seats.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// A row that knows where its seats stand.
pub(super) struct PlacedRow {
    pub(super) label: String,
    pub(super) rank: u32,
    pub(super) seats: Vec<PlacedSeat>,
}

/// A seat that knows where it stands.
pub(super) struct PlacedSeat {
    pub(super) number: String,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) category: u8,
    pub(super) kind: SeatKind,
    pub(super) is_restricted: bool,
    pub(super) apart: bool,
}

/// How many seats and rows may still be placed.
pub(super) struct Budget {
    seats: usize,
    rows: usize,
    is_spent: bool,
}

/// The price categories by their keys.
pub(super) struct Palette(Vec<String>);

/// Draws a seat map. What is wrong is told in `faults`, with its place under `pointer`; then there is none.
pub fn draw(form: &Drawing, pointer: &str, faults: &mut Faults) -> Option<SeatMap> {
    let mut own = Faults::default();
    let map = draw_all(form, pointer, &mut own);
    match own.finish() {
        Ok(()) => map,
        Err(list) => {
            list.into_iter().for_each(|fault| faults.add(fault.pointer, fault.detail));
            None
        }
    }
}

fn draw_all(form: &Drawing, pointer: &str, faults: &mut Faults) -> Option<SeatMap> {
    let palette = Palette::read(form, pointer, faults);
    let mut sheet = Sheet { sections: Vec::new(), rows: Vec::new(), areas: Vec::new() };
    let mut budget = Budget { seats: SEATS_MAX, rows: ROWS_MAX, is_spent: false };
    for (nth, section) in form.sections.iter().take(SECTIONS_MAX).enumerate() {
        sheet.add_section(section, &format!("{pointer}/sections/{nth}"), &palette, &mut budget, faults);
    }
    for (nth, bowl) in form.bowls.iter().take(SECTIONS_MAX).enumerate() {
        sheet.add_bowl(bowl, &format!("{pointer}/bowls/{nth}"), &palette, &mut budget, faults);
    }
    if sheet.sections.len().max(form.sections.len()) > SECTIONS_MAX {
        faults.add(format!("{pointer}/sections"), format!("must be at most {SECTIONS_MAX} sections"));
        return None;
    }
    if form.bowls.is_empty() && form.sections.iter().all(SectionForm::is_empty) {
        faults.add(pointer, "must have at least one seat or area");
    }
    sheet.check_names(pointer, faults);
    overlap::check(&sheet.sections, form.sections.len(), &sheet.rows, pointer, faults);
    if let Some(stage) = &form.stage {
        faults.text(&format!("{pointer}/stage/shape"), &stage.shape, KEY_CHARS_MAX);
        faults.optional_line(&format!("{pointer}/stage/label"), &stage.label);
        check_outline(&format!("{pointer}/stage/outline"), &stage.outline, faults);
    }
    let frame = Frame::around(form, &sheet, pointer, faults)?;
    Some(sheet.into_map(form, &frame))
}

impl Budget {
    /// Takes a row of so many seats. Says once that there is no more.
    pub(super) fn take(&mut self, seats: usize, pointer: &str, faults: &mut Faults) -> bool {
        if self.is_spent {
            return false;
        }
        match (self.seats.checked_sub(seats), self.rows.checked_sub(1)) {
            (Some(seats_left), Some(rows_left)) => (self.seats, self.rows) = (seats_left, rows_left),
            _ => {
                self.is_spent = true;
                let words =
                    format!("a hall has at most {SEATS_MAX} seats in {ROWS_MAX} rows, and this goes beyond");
                faults.add(pointer, words);
            }
        }
        !self.is_spent
    }
}

impl Palette {
    fn read(form: &Drawing, pointer: &str, faults: &mut Faults) -> Self {
        let at = format!("{pointer}/price_categories");
        if form.price_categories.is_empty() || form.price_categories.len() > CATEGORIES_MAX {
            faults.add(&*at, format!("must be between 1 and {CATEGORIES_MAX}"));
        }
        let mut keys = Vec::new();
        for (nth, category) in form.price_categories.iter().take(CATEGORIES_MAX).enumerate() {
            let at = format!("{at}/{nth}");
            check_key(&format!("{at}/key"), &category.key, faults);
            faults.line(&format!("{at}/name"), &category.name);
            check_color(&format!("{at}/color"), &category.color, faults);
            if keys.contains(&category.key) {
                faults.add(format!("{at}/key"), format!("the key {:?} is taken", category.key));
            }
            keys.push(category.key.clone());
        }
        Self(keys)
    }

    /// The category with this key; without a key the inherited one.
    pub(super) fn find(
        &self,
        pointer: &str,
        key: Option<&str>,
        inherited: Option<u8>,
        faults: &mut Faults,
    ) -> Option<u8> {
        let found = match key {
            None => inherited.ok_or_else(|| "must be said here or for the whole section".to_owned()),
            Some(key) => {
                let index = self.0.iter().position(|known| known == key);
                // There are at most `CATEGORIES_MAX`.
                index.map(|index| index as u8).ok_or_else(|| {
                    format!("there is no price category {key:?}; there are: {}", self.0.join(", "))
                })
            }
        };
        faults.take(pointer, found)
    }
}

/// Everything that is placed, with coordinates of the drawing.
struct Sheet<'f> {
    sections: Vec<Section>,
    rows: Vec<(u16, PlacedRow)>,
    areas: Vec<(u16, u8, &'f AreaForm)>,
}

impl<'f> Sheet<'f> {
    fn add_section(
        &mut self,
        form: &'f SectionForm,
        pointer: &str,
        palette: &Palette,
        budget: &mut Budget,
        faults: &mut Faults,
    ) {
        let Some((index, inherited)) = self.begin_section(form, pointer, palette, faults) else { return };
        let mut rows = Vec::new();
        for (nth, block) in form.blocks.iter().enumerate() {
            rows.extend(block::place(
                block,
                &format!("{pointer}/blocks/{nth}"),
                inherited,
                palette,
                budget,
                faults,
            ));
        }
        for (nth, group) in form.tables.iter().enumerate() {
            rows.extend(tables::place(
                group,
                &format!("{pointer}/tables/{nth}"),
                inherited,
                palette,
                budget,
                faults,
            ));
        }
        for (nth, row) in form.rows.iter().enumerate() {
            let nth_rank = Inherited { rank: inherited.rank.saturating_add(nth as u32), ..inherited };
            rows.extend(place_row(row, &format!("{pointer}/rows/{nth}"), nth_rank, palette, budget, faults));
        }
        for (nth, area) in form.areas.iter().enumerate() {
            self.add_area(area, &format!("{pointer}/areas/{nth}"), (index, inherited), palette, faults);
        }
        self.add_rows(index, rows, pointer, faults);
    }

    fn begin_section(
        &mut self,
        form: &SectionForm,
        pointer: &str,
        palette: &Palette,
        faults: &mut Faults,
    ) -> Option<(u16, Inherited)> {
        check_key(&format!("{pointer}/key"), &form.key, faults);
        faults.line(&format!("{pointer}/name"), &form.name);
        if form.rank > SECTION_RANK_MAX {
            faults.add(format!("{pointer}/rank"), format!("must be at most {SECTION_RANK_MAX}"));
            return None;
        }
        let category = match &form.price_category {
            None => None,
            key => Some(palette.find(&format!("{pointer}/price_category"), key.as_deref(), None, faults)?),
        };
        if let Some(color) = &form.color {
            check_color(&format!("{pointer}/color"), color, faults);
        }
        let index = u16::try_from(self.sections.len()).ok()?;
        self.sections.push(Section {
            key: form.key.clone(),
            name: form.name.clone(),
            rank: form.rank,
            color: form.color.clone(),
        });
        Some((index, Inherited { category, rank: form.rank * RANKS_PER_SECTION }))
    }

    /// Adds the rows of a section, in which every seat has a name of its own.
    fn add_rows(&mut self, section: u16, rows: Vec<PlacedRow>, pointer: &str, faults: &mut Faults) {
        let mut names = HashSet::new();
        for row in &rows {
            for seat in &row.seats {
                if !names.insert((row.label.as_str(), seat.number.as_str())) {
                    faults.add(pointer, format!("there are two seats {} {}", row.label, seat.number));
                    return;
                }
            }
        }
        self.rows.extend(rows.into_iter().map(|row| (section, row)));
    }

    fn add_area(
        &mut self,
        form: &'f AreaForm,
        pointer: &str,
        (section, inherited): (u16, Inherited),
        palette: &Palette,
        faults: &mut Faults,
    ) {
        check_key(&format!("{pointer}/key"), &form.key, faults);
        faults.line(&format!("{pointer}/name"), &form.name);
        if !(1..=AREA_CAPACITY_MAX).contains(&form.capacity) {
            faults.add(format!("{pointer}/capacity"), format!("must be between 1 and {AREA_CAPACITY_MAX}"));
        }
        check_outline(&format!("{pointer}/outline"), &form.outline, faults);
        let at = format!("{pointer}/price_category");
        let category = palette.find(&at, form.price_category.as_deref(), inherited.category, faults);
        if self.areas.len() >= AREAS_MAX {
            faults.add(pointer, format!("a hall has at most {AREAS_MAX} areas"));
        } else if let Some(category) = category {
            self.areas.push((section, category, form));
        }
    }

    fn add_bowl(
        &mut self,
        form: &super::form::BowlForm,
        pointer: &str,
        palette: &Palette,
        budget: &mut Budget,
        faults: &mut Faults,
    ) {
        let prices = [
            ("price_long", &form.price_long),
            ("price_short", &form.price_short),
            ("price_corner", &form.price_corner),
        ];
        let found =
            prices.map(|(field, key)| palette.find(&format!("{pointer}/{field}"), Some(key), None, faults));
        if found.contains(&None) {
            return;
        }
        for section in bowl::sections(form, pointer, faults) {
            let Some((index, inherited)) = self.begin_section(&section, pointer, palette, faults) else {
                return;
            };
            let mut wrong = Faults::default();
            let mut rows = Vec::new();
            for block in &section.blocks {
                rows.extend(block::place(block, pointer, inherited, palette, budget, &mut wrong));
            }
            bowl::mark_accessible(form, pointer, &mut rows, &mut wrong);
            self.add_rows(index, rows, pointer, &mut wrong);
            // What is wrong with one section is mostly wrong with all: it is told once.
            if let Err(list) = wrong.finish() {
                list.into_iter().for_each(|fault| {
                    faults.add(fault.pointer, format!("{}: {}", section.name, fault.detail));
                });
                return;
            }
        }
    }

    fn check_names(&self, pointer: &str, faults: &mut Faults) {
        let mut seen = BTreeSet::new();
        for section in &self.sections {
            for (what, word) in [("key", &section.key), ("name", &section.name)] {
                if !seen.insert((what, word)) {
                    faults
                        .add(format!("{pointer}/sections"), format!("two sections have the {what} {word:?}"));
                }
            }
        }
        let mut seen = BTreeSet::new();
        for (_section, _category, area) in &self.areas {
            if !seen.insert(&area.key) {
                faults.add(format!("{pointer}/sections"), format!("two areas have the key {:?}", area.key));
            }
        }
    }

    fn points<'a>(&'a self, form: &'a Drawing) -> impl Iterator<Item = [f64; 2]> + 'a {
        let seats =
            self.rows.iter().flat_map(|(_section, row)| row.seats.iter().map(|seat| [seat.x, seat.y]));
        let areas = self.areas.iter().flat_map(|(_section, _category, area)| area.outline.iter().copied());
        let stage = form.stage.iter().flat_map(|stage| stage.outline.iter().copied());
        seats.chain(areas).chain(stage)
    }

    fn into_map(self, form: &Drawing, frame: &Frame) -> SeatMap {
        let outline = |points: &[[f64; 2]]| points.iter().map(|point| frame.place(*point)).collect();
        let mut seats = SeatColumns::default();
        let mut rows = Vec::with_capacity(self.rows.len());
        for (section, row) in self.rows {
            // A row has at most `ROW_SEATS_MAX` seats.
            let count = row.seats.len() as u32;
            rows.push(MapRow { section, label: row.label, rank: row.rank, seats: count });
            for seat in row.seats {
                let (x, y) = frame.place([seat.x, seat.y]);
                seats.x.push(x);
                seats.y.push(y);
                seats.labels.push(seat.number);
                seats.categories.push(seat.category);
                seats.flags.push(SeatFlags::new(seat.kind, seat.apart).with_view(seat.is_restricted));
            }
        }
        let areas = self.areas.into_iter().map(|(section, category, area)| MapArea {
            key: area.key.clone(),
            name: area.name.clone(),
            section,
            category,
            capacity: area.capacity,
            outline: outline(&area.outline),
        });
        let (width, height) = frame.size;
        SeatMap {
            width,
            height,
            stage: form.stage.as_ref().map(|stage| Stage {
                shape: stage.shape.clone(),
                label: stage.label.clone(),
                outline: outline(&stage.outline),
            }),
            categories: form
                .price_categories
                .iter()
                .map(|category| Category {
                    key: category.key.clone(),
                    name: category.name.clone(),
                    color: category.color.clone(),
                })
                .collect(),
            sections: self.sections,
            rows,
            seats,
            areas: areas.collect(),
            drawing: kept(form),
        }
    }
}

/// The drawing itself, if it says more than the seats that became of it, and briefly.
fn kept(form: &Drawing) -> Option<String> {
    let has_groups =
        form.sections.iter().any(|section| !(section.blocks.is_empty() && section.tables.is_empty()));
    if !has_groups || !form.bowls.is_empty() {
        return None;
    }
    serde_json::to_string(form).ok().filter(|text| text.len() <= KEPT_BYTES_MAX)
}

impl SectionForm {
    const fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.tables.is_empty() && self.rows.is_empty() && self.areas.is_empty()
    }
}

fn place_row(
    form: &RowForm,
    pointer: &str,
    inherited: Inherited,
    palette: &Palette,
    budget: &mut Budget,
    faults: &mut Faults,
) -> Option<PlacedRow> {
    faults.text(&format!("{pointer}/label"), &form.label, 2 * LABEL_CHARS_MAX);
    if form.label.is_empty() {
        faults.add(format!("{pointer}/label"), "must not be empty");
    }
    if !(1..=ROW_SEATS_MAX).contains(&form.seats.len()) {
        faults.add(format!("{pointer}/seats"), format!("must be between 1 and {ROW_SEATS_MAX}"));
        return None;
    }
    if !budget.take(form.seats.len(), pointer, faults) {
        return None;
    }
    let mut seats = Vec::with_capacity(form.seats.len());
    for (nth, seat) in form.seats.iter().enumerate() {
        let at = format!("{pointer}/seats/{nth}");
        if seat.number.is_empty() || seat.number.chars().count() > LABEL_CHARS_MAX {
            faults.add(format!("{at}/number"), format!("must have 1 to {LABEL_CHARS_MAX} characters"));
        }
        if seat.accessible && seat.companion {
            faults.add(format!("{at}/companion"), "a seat is accessible or a companion's, not both");
        }
        in_range(&at, &[seat.x, seat.y], -1e6..=1e6, faults);
        let at = format!("{at}/price_category");
        let category = palette.find(&at, seat.price_category.as_deref(), inherited.category, faults);
        let kind = match (seat.accessible, seat.companion) {
            (true, _) => SeatKind::Accessible,
            (false, true) => SeatKind::Companion,
            (false, false) => SeatKind::Standard,
        };
        let (number, category) = (seat.number.clone(), category.unwrap_or(0));
        seats.push(PlacedSeat {
            number,
            x: seat.x,
            y: seat.y,
            category,
            kind,
            is_restricted: seat.restricted_view,
            apart: seat.apart && nth > 0,
        });
    }
    Some(PlacedRow { label: form.label.clone(), rank: form.rank.unwrap_or(inherited.rank), seats })
}

/// The page that everything is on.
struct Frame {
    origin: [f64; 2],
    size: (u32, u32),
}

impl Frame {
    fn around(form: &Drawing, sheet: &Sheet<'_>, pointer: &str, faults: &mut Faults) -> Option<Self> {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for point in sheet.points(form) {
            for axis in [0, 1] {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        if let Some(size) = form.size {
            let is_sound = in_range(&format!("{pointer}/size"), &size, 1.0..=1e6, faults);
            let fits = |axis: usize| low[axis] >= 0.0 && high[axis] <= size[axis];
            if is_sound && !(fits(0) && fits(1)) {
                faults.add(format!("{pointer}/size"), "something stands beyond the edge; leave out the size");
            }
            return Some(Self { origin: [0.0; 2], size: (hundredths(size[0]), hundredths(size[1])) });
        }
        if !(low[0].is_finite() && high[1].is_finite()) {
            return None;
        }
        let length = |axis: usize| hundredths(high[axis] - low[axis] + 2.0 * MARGIN);
        Some(Self { origin: [low[0] - MARGIN, low[1] - MARGIN], size: (length(0), length(1)) })
    }

    fn place(&self, point: [f64; 2]) -> (u32, u32) {
        (hundredths(point[0] - self.origin[0]), hundredths(point[1] - self.origin[1]))
    }
}

/// Lengths are checked to be far below the range's end; below zero they are cut by the conversion.
fn hundredths(length: f64) -> u32 {
    (length * 100.0).round() as u32
}

/// Notes a fault unless all numbers are in the range.
pub(super) fn in_range(
    pointer: &str,
    numbers: &[f64],
    range: RangeInclusive<f64>,
    faults: &mut Faults,
) -> bool {
    let is_sound = numbers.iter().all(|number| range.contains(number));
    if !is_sound {
        faults.add(pointer, format!("must be between {} and {}", range.start(), range.end()));
    }
    is_sound
}

fn check_key(pointer: &str, key: &str, faults: &mut Faults) {
    faults.line(pointer, key);
    if key.chars().count() > KEY_CHARS_MAX {
        faults.add(pointer, format!("must have at most {KEY_CHARS_MAX} characters"));
    }
}

fn check_color(pointer: &str, color: &str, faults: &mut Faults) {
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        faults.add(pointer, "must be a color such as #b8860b");
    }
}

fn check_outline(pointer: &str, outline: &[[f64; 2]], faults: &mut Faults) {
    if !(3..=OUTLINE_POINTS_MAX).contains(&outline.len()) {
        faults.add(pointer, format!("must have 3 to {OUTLINE_POINTS_MAX} points"));
    }
    for point in outline.iter().take(OUTLINE_POINTS_MAX) {
        if !in_range(pointer, point, -1e6..=1e6, faults) {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
