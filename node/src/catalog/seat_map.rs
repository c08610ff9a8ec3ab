//! Seat maps: what a hall looks like, seat by seat.
//!
//! A seat map is stored column by column, since a stadium has fifty thousand seats: its record takes some eleven bytes
//! a seat. The seat at index `i` of the columns is seat `i` of the [layout](layout_of) that the ledger sells from.

use marquee_ledger::layout::{Area, Layout, Row, SEATS_MAX, Seat, SeatKind};
use serde::{Deserialize, Serialize};

use super::entity::{Category, MapSummary};

/// One version of a hall's seat map. Lengths are hundredths of the distance between two seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatMap {
    /// How wide the map is.
    pub width: u32,
    /// How high the map is.
    pub height: u32,
    /// What everyone looks at.
    pub stage: Option<Stage>,
    /// The price categories.
    pub categories: Vec<Category>,
    /// The sections.
    pub sections: Vec<Section>,
    /// The rows; they number the seats.
    pub rows: Vec<MapRow>,
    /// The seats.
    pub seats: SeatColumns,
    /// The general-admission areas.
    pub areas: Vec<MapArea>,
    /// What its author drew, as JSON, if it is short: blocks and tables, where this has single seats. Records without
    /// it are shorter by this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<String>,
}

/// What everyone looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// `stage`, `screen`, `pitch`, ....
    pub shape: String,
    /// What is written on it. May be empty.
    pub label: String,
    /// Its outline.
    pub outline: Vec<(u32, u32)>,
}

/// A part of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What documents refer to it by.
    pub key: String,
    /// What people read.
    pub name: String,
    /// Lower is better.
    pub rank: u32,
    /// `#rrggbb`, which tints it where its seats cannot be told apart. Records of sections without it are shorter by this
    /// field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// A row of seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapRow {
    /// Index into [`SeatMap::sections`].
    pub section: u16,
    /// What is written on it.
    pub label: String,
    /// Lower is better.
    pub rank: u32,
    /// How many seats it has.
    pub seats: u32,
}

/// The seats, column by column; all columns are equally long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatColumns {
    /// From the left.
    pub x: Vec<u32>,
    /// From the top.
    pub y: Vec<u32>,
    /// What is written on each.
    pub labels: Vec<String>,
    /// Index into [`SeatMap::categories`].
    pub categories: Vec<u8>,
    /// What is particular about each.
    pub flags: Vec<SeatFlags>,
}

/// What is particular about a seat, in bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeatFlags(pub u8);

/// A general-admission area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapArea {
    /// What documents refer to it by.
    pub key: String,
    /// What people read.
    pub name: String,
    /// Index into [`SeatMap::sections`].
    pub section: u16,
    /// Index into [`SeatMap::categories`].
    pub category: u8,
    /// How many people it admits.
    pub capacity: u32,
    /// Its outline.
    pub outline: Vec<(u32, u32)>,
}

impl SeatFlags {
    /// A place for a wheelchair.
    pub const ACCESSIBLE: u8 = 1;
    /// Kept for the companion of who takes the accessible place beside it.
    pub const COMPANION: u8 = 2;
    /// An aisle or a gap parts it from the seat before it.
    pub const APART: u8 = 4;
    /// From here not all is seen: a pillar, a rail, the edge of a balcony.
    pub const RESTRICTED: u8 = 8;

    /// From what the ledger says of a seat.
    #[must_use]
    pub const fn new(kind: SeatKind, apart: bool) -> Self {
        let kind = match kind {
            SeatKind::Standard => 0,
            SeatKind::Accessible => Self::ACCESSIBLE,
            SeatKind::Companion => Self::COMPANION,
        };
        Self(kind | if apart { Self::APART } else { 0 })
    }

    /// The same with a restricted view, if it is.
    #[must_use]
    pub const fn with_view(self, is_restricted: bool) -> Self {
        Self(if is_restricted { self.0 | Self::RESTRICTED } else { self.0 })
    }

    /// What the ledger says of a seat.
    #[must_use]
    pub const fn kind(self) -> SeatKind {
        if self.0 & Self::ACCESSIBLE != 0 {
            SeatKind::Accessible
        } else if self.0 & Self::COMPANION != 0 {
            SeatKind::Companion
        } else {
            SeatKind::Standard
        }
    }

    /// Whether an aisle or a gap parts it from the seat before it.
    #[must_use]
    pub const fn apart(self) -> bool {
        self.0 & Self::APART != 0
    }

    /// Whether not all is seen from there.
    #[must_use]
    pub const fn is_restricted(self) -> bool {
        self.0 & Self::RESTRICTED != 0
    }
}

impl SeatColumns {
    /// How many seats there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.x.is_empty()
    }
}

impl SeatMap {
    /// Whether the columns are equally long, the rows cover them, and every index has its target.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let seats = self.seats.len();
        let columns = [
            self.seats.y.len(),
            self.seats.labels.len(),
            self.seats.categories.len(),
            self.seats.flags.len(),
            self.rows.iter().map(|row| row.seats as usize).sum(),
        ];
        let sections =
            self.rows.iter().map(|row| row.section).chain(self.areas.iter().map(|area| area.section));
        let categories =
            self.seats.categories.iter().copied().chain(self.areas.iter().map(|area| area.category));
        seats <= SEATS_MAX
            && columns.iter().all(|length| *length == seats)
            && sections.into_iter().all(|section| usize::from(section) < self.sections.len())
            && categories.into_iter().all(|category| usize::from(category) < self.categories.len())
    }

    /// What is kept of it in memory.
    #[must_use]
    pub fn summary(&self) -> MapSummary {
        MapSummary {
            categories: self.categories.clone(),
            // A consistent map has at most `SEATS_MAX` seats.
            seats: self.seats.len() as u32,
            standing: self.areas.iter().fold(0, |sum, area| sum.saturating_add(area.capacity)),
            accessible: self.seats.flags.iter().filter(|flags| flags.kind() == SeatKind::Accessible).count()
                as u32,
        }
    }
}

/// What the ledger sells from: the same seats in the same order, without where they stand.
#[must_use]
pub fn layout_of(map: &SeatMap) -> Layout {
    let mut next = 0;
    let rows = map.rows.iter().map(|row| {
        let first = next;
        next += row.seats as usize;
        let seats = (first..next).map(|seat| Seat {
            label: map.seats.labels[seat].clone(),
            category: map.seats.categories[seat],
            kind: map.seats.flags[seat].kind(),
            apart: map.seats.flags[seat].apart(),
        });
        Row { section: row.section, label: row.label.clone(), rank: row.rank, seats: seats.collect() }
    });
    Layout {
        rows: rows.collect(),
        sections: map.sections.iter().map(|section| section.name.clone()).collect(),
        categories: map.categories.iter().map(|category| category.key.clone()).collect(),
        areas: map
            .areas
            .iter()
            .map(|area| Area {
                section: area.section,
                name: area.name.clone(),
                category: area.category,
                capacity: area.capacity,
            })
            .collect(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Two rows of three and two seats, an aisle in the first, and a floor for 100.
    pub(crate) fn small_map() -> SeatMap {
        let category = |key: &str, name: &str| Category {
            key: key.to_owned(),
            name: name.to_owned(),
            color: "#336699".to_owned(),
        };
        let row = |label: &str, rank, seats| MapRow { section: 0, label: label.to_owned(), rank, seats };
        SeatMap {
            width: 1_000,
            height: 800,
            stage: Some(Stage {
                shape: "stage".to_owned(),
                label: "Stage".to_owned(),
                outline: vec![(200, 0), (800, 0), (800, 100), (200, 100)],
            }),
            categories: vec![category("best", "Best"), category("floor", "Floor")],
            sections: vec![Section {
                key: "stalls".to_owned(),
                name: "Stalls".to_owned(),
                rank: 0,
                color: None,
            }],
            rows: vec![row("A", 0, 3), row("B", 1, 2)],
            seats: SeatColumns {
                x: vec![100, 200, 400, 100, 200],
                y: vec![300, 300, 300, 400, 400],
                labels: ["1", "2", "3", "1", "2"].map(str::to_owned).to_vec(),
                categories: vec![0; 5],
                flags: vec![
                    SeatFlags::new(SeatKind::Accessible, false),
                    SeatFlags::new(SeatKind::Companion, false),
                    SeatFlags::new(SeatKind::Standard, true),
                    SeatFlags::default(),
                    SeatFlags::default(),
                ],
            },
            areas: vec![MapArea {
                key: "floor".to_owned(),
                name: "Floor".to_owned(),
                section: 0,
                category: 1,
                capacity: 100,
                outline: vec![(100, 500), (900, 500), (900, 700)],
            }],
            drawing: None,
        }
    }

    #[test]
    fn the_ledger_counts_the_same_seats() {
        let map = small_map();
        assert!(map.is_consistent());
        let layout = layout_of(&map);
        let seats: Vec<_> =
            layout.rows.iter().flat_map(|row| row.seats.iter().map(move |s| (row, s))).collect();
        assert_eq!(layout.seat_count(), map.seats.len());
        for (index, (row, seat)) in seats.iter().enumerate() {
            assert_eq!(seat.label, map.seats.labels[index]);
            assert_eq!(SeatFlags::new(seat.kind, seat.apart), map.seats.flags[index]);
            assert_eq!(row.label, if map.seats.y[index] == 300 { "A" } else { "B" });
        }
        assert_eq!(map.summary().capacity(), 105);
    }

    #[test]
    fn a_record_without_a_drawing_reads_and_one_with_it_too() {
        for drawing in [None, Some("{}".to_owned())] {
            let map = SeatMap { drawing, ..small_map() };
            let record = marquee_ledger::record::encode(&map);
            assert_eq!(marquee_ledger::record::decode::<SeatMap>(&record).unwrap(), map);
        }
    }

    #[test]
    fn a_section_with_a_color_reads_and_records_from_before_there_were_any_do_too() {
        #[derive(Serialize)]
        struct Before<'a>(&'a str, &'a str, u32);
        let old = marquee_ledger::record::encode(&Before("stalls", "Stalls", 3));
        let plain = Section { key: "stalls".to_owned(), name: "Stalls".to_owned(), rank: 3, color: None };
        assert_eq!(marquee_ledger::record::decode::<Section>(&old).unwrap(), plain);
        assert_eq!(marquee_ledger::record::encode(&plain), old);
        let tinted = Section { color: Some("#3b6fd4".to_owned()), ..plain };
        let record = marquee_ledger::record::encode(&tinted);
        assert_eq!(marquee_ledger::record::decode::<Section>(&record).unwrap(), tinted);
    }

    #[test]
    fn an_index_without_its_target_is_seen() {
        let broken = |change: fn(&mut SeatMap)| {
            let mut map = small_map();
            change(&mut map);
            !map.is_consistent()
        };
        assert!(broken(|map| map.seats.categories[4] = 2));
        assert!(broken(|map| map.rows[1].section = 1));
        assert!(broken(|map| map.rows[1].seats = 3));
        assert!(broken(|map| map.areas[0].category = 9));
        assert!(broken(|map| _ = map.seats.labels.pop()));
    }
}
