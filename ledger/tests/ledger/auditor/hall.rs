//! The auditor's idea of a hall: rows of cells, with walls where seats are parted.

use marquee_ledger::change::SeatStatus;

use super::Spot;

pub(crate) const ADULT: i64 = 1_000;
const CHILD: i64 = 500;
const BETTER: i64 = 2_000;

/// A seat, as the letter that stands for it in `stage::hall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell(char);

pub(crate) struct Hall {
    pub(crate) seats: Vec<Cell>,
    /// Each row from end to end: a seat's number, or none for an aisle.
    rows: Vec<Vec<Option<u32>>>,
    pub(crate) area_capacity: u32,
}

impl Cell {
    /// What a seat costs; children sit only in the first category.
    pub(crate) fn price(self, child: bool) -> Option<i64> {
        match (self.0, child) {
            (',', true) => None,
            (',', false) => Some(BETTER),
            (_, true) => Some(CHILD),
            (_, false) => Some(ADULT),
        }
    }
}

impl Hall {
    pub(crate) fn new(text: &str) -> Self {
        let mut hall = Self { seats: Vec::new(), rows: Vec::new(), area_capacity: 0 };
        for word in text.split_whitespace() {
            if let Some(capacity) = word.strip_prefix("area:") {
                hall.area_capacity = capacity.parse().unwrap();
                continue;
            }
            let mut row = Vec::new();
            for letter in word.chars() {
                row.push((letter != '|').then_some(hall.seats.len() as u32));
                if letter != '|' {
                    hall.seats.push(Cell(letter));
                }
            }
            hall.rows.push(row);
        }
        hall
    }

    /// The best seats, by trying all there are: without an orphan before with one, then by row, then (for an accessible
    /// wish) by the accessible places and ordinary seats that it costs, then by nearness to the row's centre, then from
    /// the row's start.
    pub(crate) fn best(
        &self,
        now: &[SeatStatus],
        quantity: usize,
        accessible: bool,
        category: Option<u8>,
        children: bool,
    ) -> Option<Vec<(Spot, i64)>> {
        let mut tried = Vec::new();
        for (row_number, row) in self.rows.iter().enumerate() {
            let numbers: Vec<u32> = row.iter().flatten().copied().collect();
            for start in 0..row.len().saturating_sub(quantity - 1) {
                let window: Option<Vec<u32>> = row[start..start + quantity].iter().copied().collect();
                let Some(window) = window else { continue };
                let fits = |seat: &u32| {
                    let letter = self.seats[*seat as usize].0;
                    now[*seat as usize] == SeatStatus::Free
                        && (accessible || matches!(letter, '.' | ','))
                        && category.is_none_or(|wanted| (letter == ',') == (wanted == 1))
                        && self.seats[*seat as usize].price(children).is_some()
                };
                let count = |wanted: &[char]| {
                    window.iter().filter(|seat| wanted.contains(&self.seats[**seat as usize].0)).count()
                };
                if !window.iter().all(fits) || (accessible && count(&['@']) == 0) {
                    continue;
                }
                let waste = if accessible { (count(&['@']), count(&['.', ','])) } else { (0, 0) };
                let centre = numbers[0] + numbers[numbers.len() - 1];
                let off_centre = (window[0] + window[quantity - 1]).abs_diff(centre);
                let before = self.orphans(now, row, &[]);
                let orphan = self.orphans(now, row, &window).iter().any(|seat| !before.contains(seat));
                tried.push(((orphan, row_number, waste, off_centre), window));
            }
        }
        let (_cost, window) = tried.into_iter().min()?;
        let priced = |seat: u32| (Spot::Seat(seat), self.seats[seat as usize].price(children).unwrap());
        Some(window.into_iter().map(priced).collect())
    }

    /// Which vacant seats of a row are alone, if these were taken too.
    fn orphans(&self, now: &[SeatStatus], row: &[Option<u32>], taken: &[u32]) -> Vec<u32> {
        let vacant = |cell: &Option<u32>| {
            cell.is_some_and(|seat| {
                now[seat as usize] == SeatStatus::Free
                    && matches!(self.seats[seat as usize].0, '.' | ',')
                    && !taken.contains(&seat)
            })
        };
        let runs = row.split(|cell| !vacant(cell));
        runs.filter(|run| run.len() == 1).filter_map(|run| run[0]).collect()
    }
}
