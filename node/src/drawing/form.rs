//! The format of drawings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A seat map as it is written down.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Drawing {
    /// Width and height. Without it the drawing is moved and cut so that everything has a margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[f64; 2]>,
    /// What everyone looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageForm>,
    /// The price categories, the dearest first.
    pub price_categories: Vec<CategoryForm>,
    /// The sections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<SectionForm>,
    /// Tiers around a field, each of many sections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bowls: Vec<BowlForm>,
}

/// What everyone looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StageForm {
    /// `stage`, `screen`, `pitch`, ....
    #[schema(example = "stage")]
    pub shape: String,
    /// What is written on it.
    #[serde(default)]
    pub label: String,
    /// Its outline.
    pub outline: Vec<[f64; 2]>,
}

/// A price category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryForm {
    /// What prices refer to it by.
    #[schema(example = "premium")]
    pub key: String,
    /// What people read.
    pub name: String,
    /// `#rrggbb`.
    #[schema(example = "#b8860b")]
    pub color: String,
}

/// A part of the hall.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionForm {
    /// What documents refer to it by.
    #[schema(example = "stalls")]
    pub key: String,
    /// What people read.
    #[schema(example = "Stalls")]
    pub name: String,
    /// The best seats are sought in sections of a lower rank first.
    #[serde(default)]
    pub rank: u32,
    /// Key of the price category of everything in it that does not say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_category: Option<String>,
    /// `#rrggbb`: tints the section where its seats cannot be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "#3b6fd4")]
    pub color: Option<String>,
    /// Blocks of rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<BlockForm>,
    /// Tables with chairs around them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TablesForm>,
    /// Rows written down seat by seat.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowForm>,
    /// General-admission areas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<AreaForm>,
}

/// A block of rows, one behind the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockForm {
    /// What is written on the rows, from the front: `A-M`, `1-20`, `A-H,J-N`, `AA-DD` (AA, BB, CC, DD).
    #[schema(example = "A-H,J-N")]
    pub rows: String,
    /// How many seats the front row has. One of `seats`, `seats_by_row` and `wedge` is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    /// How many seats more each row has than the row before it; a fraction grows now and then.
    #[serde(default, skip_serializing_if = "is_default")]
    pub growth: f64,
    /// How many seats each row has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seats_by_row: Option<Vec<u32>>,
    /// The rows fill this angle around the curve's focus, in degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wedge: Option<f64>,
    /// The middle of the front row.
    pub at: [f64; 2],
    /// Where the audience looks, in degrees: 0 is up, 90 to the right.
    #[serde(default, skip_serializing_if = "is_default")]
    pub facing: f64,
    /// How far the curve's focus is before the front row; 0 for straight rows.
    #[serde(default, skip_serializing_if = "is_default")]
    pub curve: f64,
    /// Turns the block around the focus, to the audience's right, in degrees.
    #[serde(default, skip_serializing_if = "is_default")]
    pub turn: f64,
    /// From row to row.
    #[serde(default = "row_gap", skip_serializing_if = "is_row_gap")]
    pub row_gap: f64,
    /// From seat to seat.
    #[serde(default = "seat_gap", skip_serializing_if = "is_seat_gap")]
    pub seat_gap: f64,
    /// After how many seats from the left there is an aisle; negative numbers count from the right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aisle_after: Vec<i32>,
    /// How wide the aisles are.
    #[serde(default = "aisle", skip_serializing_if = "is_aisle")]
    pub aisle: f64,
    /// How the seats are numbered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub numbering: Numbering,
    /// The first number; 1, or 2 for even numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_number: Option<u32>,
    /// Key of the price category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_category: Option<String>,
    /// Rows of another price category.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_rows: Vec<PriceRowsForm>,
    /// Seats of another price category than their row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_seats: Vec<PriceSeatsForm>,
    /// Places for wheelchairs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accessible: Vec<SeatsForm>,
    /// Seats kept for the companions of who takes an accessible place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companion: Vec<SeatsForm>,
    /// Seats from which not all is seen: behind a pillar, a rail, under the edge of a balcony.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restricted_view: Vec<SeatsForm>,
    /// Where there is no seat: a pillar, a sound desk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<SeatsForm>,
    /// Rank of the front row; without it, it follows from the section's rank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
}

/// How the seats of a row are numbered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// 1, 2, 3, … from the left.
    #[default]
    Left,
    /// 1, 2, 3, … from the right.
    Right,
    /// 1, 3, 5, … from the right: the left side of a theatre, counted from its middle.
    Odd,
    /// 2, 4, 6, … from the left: the right side of a theatre, counted from its middle.
    Even,
    /// 1, 3, 5, … from the middle to the left and 2, 4, 6, … to the right.
    Center,
}

/// Rows of a price category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceRowsForm {
    /// Which rows, as in the block.
    #[schema(example = "A-C")]
    pub rows: String,
    /// Key of the price category.
    pub price_category: String,
}

/// Some seats of a price category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceSeatsForm {
    /// Which rows, as in the block.
    #[schema(example = "A-C")]
    pub rows: String,
    /// Which of their seats, by their numbers.
    #[schema(example = "1,2,23-24")]
    pub seats: String,
    /// Key of the price category.
    pub price_category: String,
}

/// Some seats of some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatsForm {
    /// Which rows, as in the block.
    #[schema(example = "M")]
    pub rows: String,
    /// Which of their seats, by their numbers.
    #[schema(example = "1,2,23-24")]
    pub seats: String,
}

/// Tables in a grid, each with chairs around it. A table is sold like a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TablesForm {
    /// What is written on the tables, line by line: `1-12`.
    #[schema(example = "1-12")]
    pub labels: String,
    /// What stands before the label; `Table ` unless it is said.
    #[serde(default = "table_prefix")]
    pub prefix: String,
    /// How many chairs each has.
    pub chairs: u32,
    /// The middle of the first.
    pub at: [f64; 2],
    /// How many stand side by side.
    pub columns: u32,
    /// From table to table, and from line to line.
    #[serde(default = "table_gap")]
    pub gap: [f64; 2],
    /// From a table's middle to its chairs.
    #[serde(default = "table_radius")]
    pub radius: f64,
    /// Key of the price category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_category: Option<String>,
    /// Tables whose first chair is left out for a wheelchair, with a companion's beside it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accessible: String,
    /// Rank of the first line of tables; without it, it follows from the section's rank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
}

/// A row written down seat by seat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowForm {
    /// What is written on it.
    pub label: String,
    /// The best seats are sought in rows of a lower rank first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Its seats, from one end to the other.
    pub seats: Vec<SeatForm>,
}

/// A seat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatForm {
    /// What is written on it.
    pub number: String,
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Key of the price category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_category: Option<String>,
    /// Whether it is a place for a wheelchair.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accessible: bool,
    /// Whether it is kept for a companion.
    #[serde(default, skip_serializing_if = "is_default")]
    pub companion: bool,
    /// Whether not all is seen from it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restricted_view: bool,
    /// Whether an aisle or a gap parts it from the seat before it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub apart: bool,
}

/// A general-admission area.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaForm {
    /// What documents refer to it by.
    pub key: String,
    /// What people read.
    pub name: String,
    /// How many people it admits.
    pub capacity: u32,
    /// Key of the price category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_category: Option<String>,
    /// Its outline.
    pub outline: Vec<[f64; 2]>,
}

/// One tier around a field: straight sections along its sides, wedges around its corners, numbered clockwise from the
/// upper left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BowlForm {
    /// What stands before the number in a section's name: `Section 101`.
    #[serde(default = "bowl_name")]
    pub name: String,
    /// Number of the first section. Keys of the sections are `s` and the number.
    pub first_number: u32,
    /// The field's middle.
    #[serde(default, skip_serializing_if = "is_default")]
    pub at: [f64; 2],
    /// The field's width and height.
    pub field: [f64; 2],
    /// From the field's edge to the front row.
    pub distance: f64,
    /// Radius of the front row's corners; as large as the distance unless it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corner: Option<f64>,
    /// What is written on the rows, from the front.
    #[schema(example = "1-28")]
    pub rows: String,
    /// From row to row.
    #[serde(default = "row_gap", skip_serializing_if = "is_row_gap")]
    pub row_gap: f64,
    /// How many sections stand along the upper and the lower side, and along the left and the right side.
    pub sides: [u32; 2],
    /// How many sections each corner has.
    pub corners: u32,
    /// Numbers of sections that are not there, as behind a stage: `113-117`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub without: String,
    /// How wide the aisles between sections are.
    #[serde(default = "aisle", skip_serializing_if = "is_aisle")]
    pub aisle: f64,
    /// Key of the price category of the sections along the upper and the lower side.
    pub price_long: String,
    /// Key of the price category of the sections along the left and the right side.
    pub price_short: String,
    /// Key of the price category of the corners.
    pub price_corner: String,
    /// Rows in which each section has two accessible places at its ends, each with a companion's seat.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accessible_rows: String,
    /// Rank of its best sections, those at the middle of the sides.
    #[serde(default)]
    pub rank: u32,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn row_gap() -> f64 {
    1.2
}

fn is_row_gap(gap: &f64) -> bool {
    *gap == row_gap()
}

fn seat_gap() -> f64 {
    1.0
}

fn is_seat_gap(gap: &f64) -> bool {
    *gap == seat_gap()
}

fn aisle() -> f64 {
    1.5
}

fn is_aisle(width: &f64) -> bool {
    *width == aisle()
}

fn table_prefix() -> String {
    "Table ".to_owned()
}

fn table_gap() -> [f64; 2] {
    [5.0, 5.0]
}

fn table_radius() -> f64 {
    1.3
}

fn bowl_name() -> String {
    "Section ".to_owned()
}

impl BlockForm {
    /// A block of straight rows of which nothing particular is said.
    #[must_use]
    pub fn new(rows: &str, at: [f64; 2]) -> Self {
        Self {
            rows: rows.to_owned(),
            seats: None,
            growth: 0.0,
            seats_by_row: None,
            wedge: None,
            at,
            facing: 0.0,
            curve: 0.0,
            turn: 0.0,
            row_gap: row_gap(),
            seat_gap: seat_gap(),
            aisle_after: Vec::new(),
            aisle: aisle(),
            numbering: Numbering::Left,
            first_number: None,
            price_category: None,
            price_rows: Vec::new(),
            price_seats: Vec::new(),
            accessible: Vec::new(),
            companion: Vec::new(),
            restricted_view: Vec::new(),
            without: Vec::new(),
            rank: None,
        }
    }
}
