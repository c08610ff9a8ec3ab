//! From a plan to a drawing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use marquee_ledger::layout::{ROW_SEATS_MAX, SEATS_MAX};
use serde_json::Value;

use super::super::node::Node;
use super::SEAT_PIXELS;
use crate::catalog::checks::{Fault, Faults};
use crate::catalog::seat_map::SeatMap;
use crate::drawing::form::{CategoryForm, RowForm, SeatForm, SectionForm, StageForm};
use crate::drawing::{Drawing, draw};

/// The most mistakes that are told at once.
const FAULTS_MAX: usize = 100;
/// The longest texts, in characters: what is written on a seat, a row, a zone.
const SEAT_CHARS_MAX: usize = 20;
const ROW_CHARS_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 300;
/// The longest `seat_guid`.
const GUID_CHARS_MAX: usize = 200;
const CATEGORIES_MAX: usize = 50;
/// The largest plan, in pixels.
const PIXELS_MAX: f64 = 1e6;
/// How large a seat is drawn, in pixels, unless it says so.
const RADIUS: f64 = 10.0;
/// Neighbours stand so far apart in most plans; what is beyond is another scale.
const USUAL_PIXELS: std::ops::RangeInclusive<f64> = 12.0..=60.0;
/// An aisle begins where neighbours are so many times farther apart than is usual in the plan.
const AISLE_FACTOR: f64 = 1.6;
/// How many corners a circle gets.
const CIRCLE_POINTS: u32 = 24;
/// What an area is called that everyone looks at, and what that is.
const STAGES: [(&str, &str); 14] = [
    ("stage", "stage"),
    ("bühne", "stage"),
    ("escenario", "stage"),
    ("scène", "stage"),
    ("palco", "stage"),
    ("screen", "screen"),
    ("leinwand", "screen"),
    ("pantalla", "screen"),
    ("écran", "screen"),
    ("pitch", "pitch"),
    ("field", "pitch"),
    ("court", "pitch"),
    ("spielfeld", "pitch"),
    ("cancha", "pitch"),
];

/// What a plan says.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Its name. May be empty.
    pub name: String,
    /// The hall as it is written down.
    pub drawing: Drawing,
    /// The same as it is kept.
    pub map: SeatMap,
    /// What a seat map does not have, each with its place.
    pub left_out: Vec<Fault>,
}

/// Reads a plan.
///
/// # Errors
/// Everything that is wrong, each with its JSON pointer, up to a hundred.
pub fn read(plan: &Value) -> Result<Plan, Vec<Fault>> {
    let mut faults = Faults::default();
    let read = read_all(&Node::root(plan), &mut faults);
    faults.finish().map_err(|mut list| {
        list.truncate(FAULTS_MAX);
        list
    })?;
    read.ok_or_else(|| vec![Fault { pointer: String::new(), detail: "is no seating plan".to_owned() }])
}

fn read_all(root: &Node<'_>, faults: &mut Faults) -> Option<Plan> {
    if !root.value.is_object() {
        faults.add("", "a seating plan is an object with \"name\", \"categories\" and \"zones\"");
        return None;
    }
    let name = root.need("name", faults).and_then(|node| line(&node, NAME_CHARS_MAX, faults));
    let categories = Categories::read(root, faults);
    let mut reader = Reader { categories, ..Reader::default() };
    if let Some(zones) = root.need("zones", faults) {
        for (nth, zone) in zones.items(faults).iter().enumerate() {
            reader.zone(nth, zone, faults);
        }
    }
    let size = root.get("size").and_then(|size| read_size(&size, faults));
    if reader.seats.is_empty() && faults.is_empty() {
        faults.add("/zones", "must have at least one seat: areas of a plan are only drawn");
    }
    reader.check_overlaps(faults);
    if !faults.is_empty() {
        return None;
    }
    let origins = std::mem::take(&mut reader.origins);
    let left_out = std::mem::take(&mut reader.left_out);
    let drawing = reader.finish(size);
    let mut own = Faults::default();
    let map = draw(&drawing, "", &mut own);
    if let Err(list) = own.finish() {
        // What the drawing still minds is told where the plan has it.
        list.into_iter().for_each(|fault| faults.add(origins.of(&fault.pointer), fault.detail));
    }
    Some(Plan { name: name.unwrap_or_default(), drawing, map: map?, left_out })
}

/// Width and height, in pixels.
fn read_size(size: &Node<'_>, faults: &mut Faults) -> Option<[f64; 2]> {
    let mut side = |name: &str| {
        let node = size.need(name, faults)?;
        let side = node.number(faults)?;
        if !(1.0..=PIXELS_MAX).contains(&side) {
            faults.add(node.pointer, format!("must be between 1 and {PIXELS_MAX} pixels"));
            return None;
        }
        Some(side)
    };
    let (width, height) = (side("width"), side("height"));
    Some([width?, height?])
}

fn position(node: &Node<'_>, faults: &mut Faults) -> Option<[f64; 2]> {
    let mut axis = |name: &str| {
        let node = node.need(name, faults)?;
        let length = node.number(faults)?;
        if length.abs() > PIXELS_MAX {
            faults.add(node.pointer, format!("must be within {PIXELS_MAX} pixels"));
            return None;
        }
        Some(length)
    };
    let (x, y) = (axis("x"), axis("y"));
    Some([x?, y?])
}

/// A position that may be left out.
fn offset(node: &Node<'_>, faults: &mut Faults) -> [f64; 2] {
    node.get("position").and_then(|node| position(&node, faults)).unwrap_or_default()
}

fn line(node: &Node<'_>, chars_max: usize, faults: &mut Faults) -> Option<String> {
    let text = node.text(faults)?;
    faults.text(&node.pointer, &text, chars_max);
    if text.contains('\n') {
        faults.add(&*node.pointer, "must be one line");
    }
    Some(text.trim().to_owned())
}

fn add([x, y]: [f64; 2], [dx, dy]: [f64; 2]) -> [f64; 2] {
    [x + dx, y + dy]
}

/// The plan's categories, and their keys by name.
#[derive(Default)]
struct Categories {
    forms: Vec<CategoryForm>,
    keys: BTreeMap<String, String>,
}

impl Categories {
    fn read(root: &Node<'_>, faults: &mut Faults) -> Self {
        let mut read = Self::default();
        let Some(list) = root.need("categories", faults) else { return read };
        let items = list.items(faults);
        if !(1..=CATEGORIES_MAX).contains(&items.len()) {
            faults.add(list.pointer, format!("must be between 1 and {CATEGORIES_MAX}"));
        }
        let mut taken = BTreeSet::new();
        for item in items.iter().take(CATEGORIES_MAX) {
            let name = item.need("name", faults).and_then(|node| {
                let name = line(&node, NAME_CHARS_MAX, faults)?;
                if name.is_empty() {
                    faults.add(&*node.pointer, "must not be empty");
                }
                Some(name)
            });
            let color = item.get("color").map_or(Some("#cccccc".to_owned()), |node| {
                let written = color(&node.text(faults)?);
                if written.is_none() {
                    faults.add(node.pointer, "must be a color such as #b8860b");
                }
                written
            });
            let Some(name) = name else { continue };
            // Seats of a category whose colour is wrong are not wrong themselves.
            let color = color.unwrap_or_default();
            let key = unique(slug(&name, "category"), &mut taken);
            if read.keys.insert(name.clone(), key.clone()).is_some() {
                faults.add(format!("{}/name", item.pointer), format!("there is another category {name:?}"));
            }
            read.forms.push(CategoryForm { key, name, color });
        }
        read
    }
}

/// `#ccc` and `#CCCCCC` as `#cccccc`.
fn color(text: &str) -> Option<String> {
    let digits = text.trim().strip_prefix('#')?.to_ascii_lowercase();
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    match digits.len() {
        3 => Some(digits.chars().fold("#".to_owned(), |written, digit| format!("{written}{digit}{digit}"))),
        6 => Some(format!("#{digits}")),
        _ => None,
    }
}

/// A key of letters and digits that says what a name says.
fn slug(name: &str, otherwise: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_matches('-').chars().take(40).collect();
    if slug.is_empty() { otherwise.to_owned() } else { slug }
}

/// The word, or with a number if it is taken.
fn unique(word: String, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{word} {number}"));
    let free = std::iter::once(word.clone()).chain(numbered).find(|word| !taken.contains(word));
    let free = free.unwrap_or(word);
    taken.insert(free.clone());
    free
}

/// A seat where it stands on the plan, in pixels.
struct PlacedSeat {
    at: [f64; 2],
    radius: f64,
    pointer: String,
}

/// Which zones and rows of the plan the drawing's sections and rows are.
#[derive(Default)]
struct Origins(Vec<(usize, Vec<usize>)>);

impl Origins {
    /// The plan's pointer for a drawing's pointer.
    fn of(&self, pointer: &str) -> String {
        let mut segments = pointer.split('/').skip(1);
        let mut index = |name: &str| {
            if segments.next()? != name {
                return None;
            }
            segments.next()?.parse::<usize>().ok()
        };
        let Some((zone, rows)) = index("sections").and_then(|section| self.0.get(section)) else {
            return if pointer.starts_with("/price_categories") { "/categories" } else { "/zones" }
                .to_owned();
        };
        let Some(row) = index("rows").and_then(|row| rows.get(row)) else { return format!("/zones/{zone}") };
        match index("seats") {
            Some(seat) => format!("/zones/{zone}/rows/{row}/seats/{seat}"),
            None => format!("/zones/{zone}/rows/{row}"),
        }
    }
}

#[derive(Default)]
struct Reader {
    categories: Categories,
    sections: Vec<SectionForm>,
    origins: Origins,
    keys: BTreeSet<String>,
    names: BTreeSet<String>,
    seats: Vec<PlacedSeat>,
    /// Where each `seat_guid` was seen first.
    guids: HashMap<String, String>,
    stage: Option<(&'static str, String, Vec<[f64; 2]>)>,
    left_out: Vec<Fault>,
    is_full: bool,
}

impl Reader {
    fn zone(&mut self, nth: usize, zone: &Node<'_>, faults: &mut Faults) {
        let name = zone.get("name").and_then(|node| line(&node, NAME_CHARS_MAX, faults));
        let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("Zone {}", nth + 1));
        let origin = offset(zone, faults);
        let mut section = SectionForm { rank: nth.try_into().unwrap_or(u32::MAX), ..SectionForm::default() };
        let mut rows = Vec::new();
        let mut named = HashMap::new();
        let list = zone.need("rows", faults).map_or_else(Vec::new, |list| list.items(faults));
        for (nth, row) in list.iter().enumerate() {
            if let Some(form) = self.row(nth, row, origin, &mut named, faults) {
                section.rows.push(form);
                rows.push(nth);
            }
        }
        for area in zone.get("areas").map_or_else(Vec::new, |areas| areas.items(faults)) {
            self.area(&area, origin, faults);
        }
        // A zone that has only areas is no section: nothing of it is sold.
        if section.rows.is_empty() {
            return;
        }
        section.key = unique(slug(&name, "zone"), &mut self.keys);
        section.name = unique(name, &mut self.names);
        self.sections.push(section);
        self.origins.0.push((nth, rows));
    }

    fn row(
        &mut self,
        nth: usize,
        row: &Node<'_>,
        origin: [f64; 2],
        named: &mut HashMap<(String, String), ()>,
        faults: &mut Faults,
    ) -> Option<RowForm> {
        let label = row.need("row_number", faults).and_then(|node| line(&node, ROW_CHARS_MAX, faults));
        let label = label.filter(|label| !label.is_empty()).unwrap_or_else(|| (nth + 1).to_string());
        let origin = add(origin, offset(row, faults));
        let list = row.need("seats", faults)?;
        let items = list.items(faults);
        if items.len() > ROW_SEATS_MAX {
            faults.add(list.pointer, format!("must be at most {ROW_SEATS_MAX} seats"));
            return None;
        }
        let mut seats = Vec::with_capacity(items.len());
        for item in &items {
            if self.seats.len() >= SEATS_MAX {
                if !self.is_full {
                    faults.add(&*item.pointer, format!("a hall has at most {SEATS_MAX} seats"));
                }
                self.is_full = true;
                return None;
            }
            let Some(seat) = self.seat(item, origin, faults) else { continue };
            if named.insert((label.clone(), seat.number.clone()), ()).is_some() {
                let words = format!("there is another seat {} in row {label} of this zone", seat.number);
                faults.add(format!("{}/seat_number", item.pointer), words);
            }
            seats.push(seat);
        }
        (!seats.is_empty()).then_some(RowForm { label, rank: None, seats })
    }

    fn seat(&mut self, seat: &Node<'_>, origin: [f64; 2], faults: &mut Faults) -> Option<SeatForm> {
        let number = seat.need("seat_number", faults).and_then(|node| {
            let number = line(&node, SEAT_CHARS_MAX, faults)?;
            if number.is_empty() {
                faults.add(&*node.pointer, "must not be empty");
            }
            Some(number)
        });
        if let Some(node) = seat.need("seat_guid", faults)
            && let Some(guid) = line(&node, GUID_CHARS_MAX, faults)
            && let Some(before) = self.guids.insert(guid.clone(), node.pointer.clone())
        {
            let before = before.trim_end_matches("/seat_guid");
            faults.add(node.pointer, format!("the seat at {before} has the guid {guid:?} too"));
        }
        let category = seat.need("category", faults).and_then(|node| {
            let name = node.text(faults)?;
            let key = self.categories.keys.get(name.trim()).cloned();
            if key.is_none() {
                let known: Vec<_> = self.categories.keys.keys().map(String::as_str).collect();
                faults.add(
                    node.pointer,
                    format!("there is no category {name:?}; there are: {}", known.join(", ")),
                );
            }
            key
        });
        let radius = seat.get("radius").and_then(|node| {
            let radius = node.number(faults)?;
            if radius <= 0.0 {
                faults.add(node.pointer, "must be more than 0 pixels");
            }
            Some(radius)
        });
        let at =
            seat.need("position", faults).and_then(|node| position(&node, faults)).map(|at| add(origin, at));
        let (number, category, at) = (number?, category?, at?);
        let radius = radius.unwrap_or(RADIUS);
        self.seats.push(PlacedSeat { at, radius, pointer: seat.pointer.clone() });
        Some(SeatForm {
            number,
            x: at[0],
            y: at[1],
            price_category: Some(category),
            accessible: false,
            companion: false,
            restricted_view: false,
            apart: false,
        })
    }

    fn area(&mut self, area: &Node<'_>, origin: [f64; 2], faults: &mut Faults) {
        let text = area.get("text").map(|text| match text.value {
            Value::Object(_) => text.get("text").and_then(|text| line(&text, NAME_CHARS_MAX, faults)),
            // Older plans have the words themselves here.
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                line(&text, NAME_CHARS_MAX, faults)
            }
        });
        let text = text.flatten().unwrap_or_default();
        let outline = outline(area, add(origin, offset(area, faults)), faults);
        let lower = text.to_lowercase();
        let shape = STAGES.iter().find(|(word, _shape)| lower.contains(word)).map(|(_word, shape)| *shape);
        match (shape, outline) {
            (Some(shape), Some(outline)) if self.stage.is_none() => self.stage = Some((shape, text, outline)),
            _ => {
                let what = if text.is_empty() { "an area".to_owned() } else { format!("the area {text:?}") };
                let detail = format!("{what} is only drawn, and is left out");
                self.left_out.push(Fault { pointer: area.pointer.clone(), detail });
            }
        }
    }

    /// Tells of seats whose middle lies within another seat. A grid keeps it fast for a stadium.
    fn check_overlaps(&self, faults: &mut Faults) {
        let cell = self.seats.iter().map(|seat| seat.radius).fold(1.0, f64::max);
        let cell_of = |[x, y]: [f64; 2]| ((x / cell).floor() as i64, (y / cell).floor() as i64);
        let mut grid: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
        let mut told = 0;
        for (index, seat) in self.seats.iter().enumerate() {
            let (column, row) = cell_of(seat.at);
            let near = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (column + dx, row + dy)));
            let mut others =
                near.filter_map(|cell| grid.get(&cell)).flatten().map(|other| &self.seats[*other]);
            let over = others.find(|other| distance(other.at, seat.at) < other.radius.min(seat.radius));
            if let Some(other) = over
                && told < FAULTS_MAX
            {
                told += 1;
                faults.add(
                    format!("{}/position", seat.pointer),
                    format!("stands on the seat at {}", other.pointer),
                );
            }
            grid.entry((column, row)).or_default().push(index);
        }
    }

    /// The drawing, with lengths in seats.
    fn finish(mut self, size: Option<[f64; 2]>) -> Drawing {
        let gap = self.usual_gap();
        let scale = if USUAL_PIXELS.contains(&gap) { SEAT_PIXELS } else { gap };
        let stage_points = self.stage.iter().flat_map(|(_shape, _label, outline)| outline.iter().copied());
        let mut points = self.seats.iter().map(|seat| seat.at).chain(stage_points);
        let size = size
            .filter(|size| points.all(|[x, y]| (0.0..=size[0]).contains(&x) && (0.0..=size[1]).contains(&y)));
        let scaled = |[x, y]: [f64; 2]| [x / scale, y / scale];
        for section in &mut self.sections {
            for row in &mut section.rows {
                let mut before: Option<[f64; 2]> = None;
                for seat in &mut row.seats {
                    let at = [seat.x, seat.y];
                    seat.apart = before.is_some_and(|before| distance(before, at) > AISLE_FACTOR * gap);
                    before = Some(at);
                    [seat.x, seat.y] = scaled(at);
                }
            }
        }
        let stage = self.stage.map(|(shape, label, outline)| StageForm {
            shape: shape.to_owned(),
            label,
            outline: outline.into_iter().map(scaled).collect(),
        });
        Drawing {
            size: size.map(scaled),
            stage,
            price_categories: self.categories.forms,
            sections: self.sections,
            bowls: Vec::new(),
        }
    }

    /// How far neighbours of a row mostly stand from each other, in pixels.
    fn usual_gap(&self) -> f64 {
        let rows = self.sections.iter().flat_map(|section| &section.rows);
        let pairs = rows.flat_map(|row| row.seats.windows(2));
        let mut gaps: Vec<f64> =
            pairs.map(|pair| distance([pair[0].x, pair[0].y], [pair[1].x, pair[1].y])).collect();
        let middle = gaps.len() / 2;
        if gaps.is_empty() {
            return SEAT_PIXELS;
        }
        let (_below, gap, _above) = gaps.select_nth_unstable_by(middle, f64::total_cmp);
        gap.max(1.0)
    }
}

fn distance([x, y]: [f64; 2], [to_x, to_y]: [f64; 2]) -> f64 {
    (x - to_x).hypot(y - to_y)
}

/// The outline of an area, in pixels of the plan; none if it is only a text.
fn outline(area: &Node<'_>, origin: [f64; 2], faults: &mut Faults) -> Option<Vec<[f64; 2]>> {
    let mut length = |node: &Node<'_>, name: &str| {
        let node = node.need(name, faults)?;
        let length = node.number(faults)?;
        if !(0.0..=PIXELS_MAX).contains(&length) || length == 0.0 {
            faults.add(node.pointer, "must be more than 0 pixels");
            return None;
        }
        Some(length)
    };
    let points = if let Some(polygon) = area.get("polygon") {
        let points = polygon.need("points", faults)?.items(faults);
        points.iter().map(|point| position(point, faults)).collect::<Option<Vec<_>>>()?
    } else if let Some(circle) = area.get("circle") {
        let radius = length(&circle, "radius")?;
        ellipse([radius, radius])
    } else if let Some(of) = area.get("ellipse") {
        let radius = of.need("radius", faults)?;
        ellipse(position(&radius, faults)?.map(f64::abs))
    } else {
        // Older plans have the sides in the area itself.
        let of = area.get("rectangle").or_else(|| area.get("width").map(|_sides| area.clone()))?;
        let (width, height) = (length(&of, "width"), length(&of, "height"));
        let (width, height) = (width?, height?);
        vec![[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]]
    };
    let turn = area.get("rotation").and_then(|node| node.number(faults)).unwrap_or_default().to_radians();
    let (sin, cos) = turn.sin_cos();
    let turned = points.into_iter().map(|[x, y]| add(origin, [x * cos - y * sin, x * sin + y * cos]));
    Some(turned.collect())
}

fn ellipse([across, down]: [f64; 2]) -> Vec<[f64; 2]> {
    let angle = |nth: u32| std::f64::consts::TAU * f64::from(nth) / f64::from(CIRCLE_POINTS);
    (0..CIRCLE_POINTS).map(|nth| [across * angle(nth).cos(), down * angle(nth).sin()]).collect()
}
