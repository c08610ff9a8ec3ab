//! Halls as buyers see them: seats and areas by the ids that clients send back, and by what is written on them.
//!
//! A seat's id is `TAG-INDEX`, an area's `TAG-aINDEX`. The tag is four letters of a hash of the hall and the version of
//! its seat map: an id of another hall, or of a map that was changed since, names nothing instead of another seat.

use std::fmt;
use std::sync::Arc;

use marquee_ledger::layout::SeatIndex;
use marquee_ledger::{Broken, HallId};
use moka::sync::Cache;

use crate::catalog::seat_map::{MapArea, SeatFlags, SeatMap};
use crate::home::Failure;

/// How many seats the maps that are kept have together; about 70 bytes each.
const SEATS_KEPT_MAX: u64 = 500_000;
/// What a map takes beside its seats, counted in seats.
const MAP_BASE_SEATS: u32 = 64;
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A version of a hall's seat map.
pub struct HallMap {
    /// The hall.
    pub hall: HallId,
    /// Which version.
    pub version: u32,
    /// The map.
    pub map: SeatMap,
    tag: Tag,
    // By row, the index of its first seat.
    first_seats: Vec<SeatIndex>,
}

/// What the ids of a map's seats begin with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tag([u8; 4]);

/// A seat, by what is written on it.
#[derive(Debug, Clone, Copy)]
pub struct SeatLabel<'m> {
    /// The section's name.
    pub section: &'m str,
    /// The row.
    pub row: &'m str,
    /// The seat.
    pub number: &'m str,
    /// The price category's key.
    pub category: &'m str,
    /// What is particular about it.
    pub flags: SeatFlags,
}

/// An id that names a seat or an area of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaceId {
    tag: Tag,
    is_area: bool,
    index: u32,
}

impl Tag {
    /// The tag of a version of a hall's seat map.
    #[must_use]
    pub fn new(hall: HallId, version: u32) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("marquee 2026 seat map tag");
        hasher.update(&hall.0.to_be_bytes()).update(&version.to_be_bytes());
        let hash = hasher.finalize();
        let mut tag = [0; 4];
        tag.iter_mut().zip(hash.as_bytes()).for_each(|(letter, byte)| {
            *letter = LETTERS[usize::from(byte & 31)];
        });
        Self(tag)
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // They come from the list of letters.
        std::str::from_utf8(&self.0).unwrap_or("")
    }

    /// The id of a seat.
    #[must_use]
    pub const fn seat(self, index: SeatIndex) -> PlaceId {
        PlaceId { tag: self, is_area: false, index }
    }

    /// The id of an area.
    #[must_use]
    pub fn area(self, index: u16) -> PlaceId {
        PlaceId { tag: self, is_area: true, index: u32::from(index) }
    }

    /// The number in an id with this tag, after `mark`.
    fn number(self, id: &str, mark: &str) -> Option<u32> {
        let digits = id.strip_prefix(self.as_str())?.strip_prefix('-')?.strip_prefix(mark)?;
        let is_plain =
            digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        digits.parse().ok().filter(|_number| is_plain)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}{}", self.tag.as_str(), if self.is_area { "a" } else { "" }, self.index)
    }
}

impl HallMap {
    /// The map of a hall; none if the map contradicts itself.
    #[must_use]
    pub fn new(hall: HallId, version: u32, map: SeatMap) -> Option<Self> {
        if !map.is_consistent() {
            return None;
        }
        let mut next = 0;
        let first_seats = map.rows.iter().map(|row| {
            let first = next;
            next += row.seats;
            first
        });
        Some(Self { hall, version, tag: Tag::new(hall, version), first_seats: first_seats.collect(), map })
    }

    /// What the ids of its seats begin with.
    #[must_use]
    pub const fn tag(&self) -> Tag {
        self.tag
    }

    /// The seat with this id.
    #[must_use]
    pub fn seat_index(&self, id: &str) -> Option<SeatIndex> {
        self.tag.number(id, "").filter(|index| (*index as usize) < self.map.seats.len())
    }

    /// The area with this id.
    #[must_use]
    pub fn area_index(&self, id: &str) -> Option<u16> {
        let index = u16::try_from(self.tag.number(id, "a")?).ok()?;
        (usize::from(index) < self.map.areas.len()).then_some(index)
    }

    /// The section with this name or key.
    #[must_use]
    pub fn section_index(&self, name: &str) -> Option<u16> {
        let sections = &self.map.sections;
        let by_name = sections.iter().position(|section| section.name == name);
        let found = by_name.or_else(|| sections.iter().position(|section| section.key == name));
        found.and_then(|index| u16::try_from(index).ok())
    }

    /// The price category with this key.
    #[must_use]
    pub fn category_index(&self, key: &str) -> Option<u8> {
        let found = self.map.categories.iter().position(|category| category.key == key);
        found.and_then(|index| u8::try_from(index).ok())
    }

    /// The key of a price category; empty if there is none.
    #[must_use]
    pub fn category(&self, index: u8) -> &str {
        self.map.categories.get(usize::from(index)).map_or("", |category| &category.key)
    }

    /// What is written on a seat.
    #[must_use]
    pub fn seat(&self, index: SeatIndex) -> Option<SeatLabel<'_>> {
        let at = index as usize;
        let number = self.map.seats.labels.get(at)?;
        // Rows without seats begin where the next one does: the last that begins here has the seat.
        let row = self.first_seats.partition_point(|first| *first <= index).checked_sub(1)?;
        let row = &self.map.rows[row];
        Some(SeatLabel {
            section: &self.map.sections[usize::from(row.section)].name,
            row: &row.label,
            number,
            category: self.category(self.map.seats.categories[at]),
            flags: self.map.seats.flags[at],
        })
    }

    /// An area and the name of its section.
    #[must_use]
    pub fn area(&self, index: u16) -> Option<(&MapArea, &str)> {
        let area = self.map.areas.get(usize::from(index))?;
        Some((area, &self.map.sections[usize::from(area.section)].name))
    }
}

/// The seat maps that are asked for. They never change: a changed hall has another version.
pub(super) struct Halls(Cache<(HallId, u32), Arc<HallMap>>);

impl Halls {
    pub(super) fn new() -> Self {
        let weigh = |_key: &(HallId, u32), map: &Arc<HallMap>| {
            // A map has at most 120,000 seats.
            MAP_BASE_SEATS + map.map.seats.len() as u32
        };
        Self(Cache::builder().weigher(weigh).max_capacity(SEATS_KEPT_MAX).build())
    }

    /// A version of a hall's seat map.
    pub(super) fn get(
        &self,
        hall: HallId,
        version: u32,
        read: impl FnOnce() -> Result<Option<SeatMap>, Failure>,
    ) -> Result<Arc<HallMap>, Failure> {
        if let Some(known) = self.0.get(&(hall, version)) {
            return Ok(known);
        }
        let map = read()?.and_then(|map| HallMap::new(hall, version, map)).ok_or_else(|| {
            Broken::Contradiction { what: format!("{hall} has no usable seat map {version}") }
        })?;
        let map = Arc::new(map);
        self.0.insert((hall, version), Arc::clone(&map));
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::seat_map::MapRow;
    use crate::catalog::seat_map::tests::small_map;

    #[test]
    fn ids_name_seats_and_areas_of_their_own_hall_only() {
        let here = HallMap::new(HallId::from_parts(1, 1, 1), 1, small_map()).unwrap();
        let other_hall = HallMap::new(HallId::from_parts(1, 1, 2), 1, small_map()).unwrap();
        let other_version = HallMap::new(HallId::from_parts(1, 1, 1), 2, small_map()).unwrap();
        for index in 0..5 {
            let id = here.tag().seat(index).to_string();
            assert_eq!(here.seat_index(&id), Some(index));
            assert_eq!((other_hall.seat_index(&id), other_version.seat_index(&id)), (None, None));
            assert_eq!(here.area_index(&id), None);
        }
        assert_eq!(here.area_index(&here.tag().area(0).to_string()), Some(0));
    }

    #[test]
    fn what_is_not_exactly_an_id_names_nothing() {
        let here = HallMap::new(HallId::from_parts(1, 1, 1), 1, small_map()).unwrap();
        let tag = here.tag().as_str().to_owned();
        for wrong in ["-5", "-05", "-+1", "-", "", "-a1", "-a", "1", "- 1", "-1 ", "-4294967296", "-99999"] {
            let id = format!("{tag}{wrong}");
            assert_eq!((here.seat_index(&id), here.area_index(&id)), (None, None), "{id}");
        }
        let upper = format!("{}-1", tag.to_uppercase());
        assert!(here.seat_index(&upper).is_none() || upper.starts_with(&tag));
        assert_eq!(here.seat_index("1"), None);
    }

    #[test]
    fn a_seat_is_found_in_its_row() {
        let mut map = small_map();
        map.rows.insert(1, MapRow { section: 0, label: "empty".to_owned(), rank: 9, seats: 0 });
        let hall = HallMap::new(HallId(1), 1, map).unwrap();
        let row = |index| hall.seat(index).map(|seat| (seat.row.to_owned(), seat.number.to_owned()));
        let expected = [("A", "1"), ("A", "2"), ("A", "3"), ("B", "1"), ("B", "2")];
        for (index, (label, number)) in (0..).zip(expected) {
            assert_eq!(row(index), Some((label.to_owned(), number.to_owned())));
        }
        assert_eq!(row(5), None);
        assert_eq!((hall.section_index("Stalls"), hall.section_index("stalls")), (Some(0), Some(0)));
        assert_eq!((hall.section_index("Pit"), hall.category_index("floor")), (None, Some(1)));
    }
}
