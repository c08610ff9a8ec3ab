//! Which seats are the best.
//!
//! Asked for `n` seats, the answer is `n` neighbours of one row that no aisle or gap parts, chosen so:
//!
//! 1. Only seats that fit the wish: free, in the section and category wished for, and of a category that is sold with all
//!    of the wished concessions.
//! 2. *Accessible places and their companion seats* are left to those who ask for them. Who asks gets a window with at
//!    least one accessible place, and the others of the party sit beside it.
//! 3. *The orphan rule*: no window that would leave a single vacant seat between what is taken (or a row's end, an aisle,
//!    an accessible place) on both sides. Seats of another category count as vacant: they are sold too. The rule is
//!    relaxed only when no row of the hall has a window that keeps it: who can be seated without an orphan is, if need be
//!    in a worse row.
//! 4. The best row: the lowest rank, then the order of the layout.
//! 5. In the row: for an accessible wish, the fewest accessible places, then the fewest ordinary seats (so that companions
//!    sit on companion seats); then the window nearest to the row's centre; then the one nearer to the row's start.
//!
//! **Speed**: each row keeps a bit set of the lengths of its vacant runs, so a row that cannot seat the party costs one
//! `AND`; only a row that can is looked at seat by seat.

use crate::inventory::Inventory;
use crate::layout::{SeatIndex, SeatKind};
use crate::plan::PlanRow;

/// What is wished for.
pub(crate) struct Wish<'a> {
    pub(crate) quantity: u32,
    pub(crate) section: Option<u16>,
    /// By category, whether its seats fit.
    pub(crate) categories: &'a [bool],
    pub(crate) accessible: bool,
}

/// The first of the best seats side by side; the others follow it. None if there are none.
pub(crate) fn best(inventory: &Inventory, wish: &Wish<'_>) -> Option<SeatIndex> {
    let search = Search { inventory, wish };
    if wish.accessible {
        let rows = || inventory.plan.accessible_rows.iter().map(|position| *position as usize);
        search.first_of(rows(), Orphans::Avoid).or_else(|| search.first_of(rows(), Orphans::Accept))
    } else {
        let lengths = lengths_that_seat(wish.quantity);
        let no_orphan = lengths & !bit_of(wish.quantity + 1);
        let start = inventory.first_vacant_row();
        let rows = |lengths: u64| {
            let fits = move |run: &&u64| **run & lengths != 0;
            let runs = inventory.runs()[start..].iter();
            runs.zip(start..).filter(move |(run, _row)| fits(run)).map(|(_run, row)| row)
        };
        search
            .first_of(rows(no_orphan), Orphans::Avoid)
            .or_else(|| search.first_of(rows(lengths), Orphans::Accept))
    }
}

/// How many seats fit the wish, wherever they are; for an accessible wish, accessible places.
pub(crate) fn fitting(inventory: &Inventory, wish: &Wish<'_>) -> u32 {
    let search = Search { inventory, wish };
    let plan = &inventory.plan;
    let rows = plan.rows.iter().enumerate().filter(|(_position, row)| search.row_fits(row));
    rows.map(|(position, row)| match row.category {
        Some(_) if !wish.accessible => inventory.vacant_in_row(position),
        Some(_) | None => {
            let fits = |seat: &SeatIndex| {
                search.seat_fits(*seat)
                    && (!wish.accessible || plan.seats[*seat as usize].kind == SeatKind::Accessible)
            };
            row.seats().filter(fits).count() as u32
        }
    })
    .sum()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Orphans {
    Avoid,
    Accept,
}

/// The bits of the run lengths that seat a party.
const fn lengths_that_seat(quantity: u32) -> u64 {
    u64::MAX << if quantity < 63 { quantity } else { 63 }
}

/// The bit that stands for exactly this length; none if it stands for others too.
const fn bit_of(length: u32) -> u64 {
    if length < 63 { 1 << length } else { 0 }
}

struct Search<'a> {
    inventory: &'a Inventory,
    wish: &'a Wish<'a>,
}

impl Search<'_> {
    fn first_of(&self, mut rows: impl Iterator<Item = usize>, orphans: Orphans) -> Option<SeatIndex> {
        rows.find_map(|position| {
            let row = &self.inventory.plan.rows[position];
            self.row_fits(row).then(|| self.in_row(row, orphans)).flatten()
        })
    }

    fn row_fits(&self, row: &PlanRow) -> bool {
        self.wish.section.is_none_or(|section| section == row.section)
            && row.category.is_none_or(|category| self.wish.categories[usize::from(category)])
    }

    fn seat_fits(&self, seat: SeatIndex) -> bool {
        let open =
            if self.wish.accessible { self.inventory.is_free(seat) } else { self.inventory.is_vacant(seat) };
        open && self.wish.categories[usize::from(self.inventory.plan.seats[seat as usize].category)]
    }

    /// The best window of a row.
    fn in_row(&self, row: &PlanRow, orphans: Orphans) -> Option<SeatIndex> {
        let quantity = self.wish.quantity;
        // Twice the row's centre and twice a window's centre, so that both are whole.
        let row_centre = 2 * row.first + row.len - 1;
        let mut best = None;
        let mut run = 0;
        for seat in row.seats() {
            if !self.seat_fits(seat) {
                run = 0;
                continue;
            }
            run = if self.inventory.plan.seats[seat as usize].apart { 1 } else { run + 1 };
            if run < quantity {
                continue;
            }
            let first = seat + 1 - quantity;
            if orphans == Orphans::Avoid && self.leaves_orphan(first, seat) {
                continue;
            }
            let Some(waste) = self.waste(first, seat) else { continue };
            let cost = (waste, (first + seat).abs_diff(row_centre));
            if best.is_none_or(|(least, _first)| cost < least) {
                best = Some((cost, first));
            }
        }
        best.map(|(_cost, first)| first)
    }

    /// For an accessible wish, how many accessible places and ordinary seats a window takes; none if it has no
    /// accessible place.
    fn waste(&self, first: SeatIndex, last: SeatIndex) -> Option<(usize, usize)> {
        if !self.wish.accessible {
            return Some((0, 0));
        }
        let seats = &self.inventory.plan.seats[first as usize..=last as usize];
        let of_kind = |kind| seats.iter().filter(|seat| seat.kind == kind).count();
        let accessible = of_kind(SeatKind::Accessible);
        (accessible > 0).then(|| (accessible, of_kind(SeatKind::Standard)))
    }

    /// Whether taking the window leaves a vacant seat beside it that loses its last vacant neighbour by it. (It loses
    /// none if the window ends in an accessible place or a companion's seat: these were no neighbours.)
    fn leaves_orphan(&self, first: SeatIndex, last: SeatIndex) -> bool {
        let before = self.vacant_before(first).filter(|_seat| self.inventory.is_vacant(first));
        let after = self.vacant_after(last).filter(|_seat| self.inventory.is_vacant(last));
        before.is_some_and(|seat| self.vacant_before(seat).is_none())
            || after.is_some_and(|seat| self.vacant_after(seat).is_none())
    }

    fn vacant_before(&self, seat: SeatIndex) -> Option<SeatIndex> {
        let parted = self.inventory.plan.seats[seat as usize].apart;
        (!parted).then(|| seat - 1).filter(|seat| self.inventory.is_vacant(*seat))
    }

    fn vacant_after(&self, seat: SeatIndex) -> Option<SeatIndex> {
        let next = self.inventory.plan.seats.get(seat as usize + 1);
        next.filter(|next| !next.apart).map(|_next| seat + 1).filter(|seat| self.inventory.is_vacant(*seat))
    }
}
