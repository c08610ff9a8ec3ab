//! From what a customer wants to the places they get, with prices. Nothing here changes anything.

use std::collections::BTreeMap;

use crate::best::{self, Wish};
use crate::command::{AreaWish, BestAvailable, Place, PricedPlace, Selection};
use crate::inventory::Inventory;
use crate::layout::SeatIndex;
use crate::refusal::Refusal;
use crate::tables::Offer;
use crate::terms::PerformanceStatus;

/// Refuses a performance that is not for sale at this instant.
pub(super) const fn check_on_sale(offer: &Offer, now_ms: u64) -> Result<(), Refusal> {
    match offer.status {
        PerformanceStatus::Cancelled => return Err(Refusal::PerformanceCancelled),
        PerformanceStatus::Scheduled => {}
    }
    if now_ms < offer.terms.on_sale_from_ms {
        return Err(Refusal::NotOnSaleYet { from_ms: offer.terms.on_sale_from_ms });
    }
    if now_ms >= offer.terms.on_sale_until_ms {
        return Err(Refusal::SaleOver);
    }
    Ok(())
}

/// The places of a selection, in order of seat and area.
pub(super) fn choose(
    inventory: &Inventory,
    selection: &Selection,
    places_max: u32,
) -> Result<Vec<PricedPlace>, Refusal> {
    let quantity: usize = match selection {
        Selection::Seats(seats) => seats.len(),
        Selection::BestAvailable(wish) => wish.concessions.len(),
        Selection::Areas(wishes) if wishes.iter().any(|wish| wish.quantity == 0) => 0,
        Selection::Areas(wishes) => wishes.iter().map(|wish| usize::from(wish.quantity)).sum(),
    };
    if quantity == 0 {
        return Err(Refusal::EmptySelection);
    }
    if quantity > places_max as usize {
        return Err(Refusal::TooManyPlaces { max: places_max });
    }
    match selection {
        Selection::Seats(seats) => these_seats(inventory, seats),
        Selection::BestAvailable(wish) => best_seats(inventory, wish),
        Selection::Areas(wishes) => in_areas(inventory, wishes),
    }
}

fn these_seats(inventory: &Inventory, seats: &[(SeatIndex, u8)]) -> Result<Vec<PricedPlace>, Refusal> {
    let mut seats = seats.to_vec();
    seats.sort_unstable();
    if seats.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(Refusal::EmptySelection);
    }
    let mut places = Vec::with_capacity(seats.len());
    for &(seat, concession) in &seats {
        let known = inventory.plan.seats.get(seat as usize).ok_or(Refusal::UnknownSeat(seat))?;
        places.push(priced(inventory, Place::Seat(seat), known.category, concession)?);
    }
    let is_taken = |seat: &SeatIndex| !inventory.is_free(*seat);
    let taken: Vec<SeatIndex> = seats.iter().map(|(seat, _concession)| *seat).filter(is_taken).collect();
    if taken.is_empty() { Ok(places) } else { Err(Refusal::SeatsTaken { seats: taken }) }
}

fn best_seats(inventory: &Inventory, wish: &BestAvailable) -> Result<Vec<PricedPlace>, Refusal> {
    let plan = &inventory.plan;
    if let Some(section) = wish.section.filter(|section| *section >= plan.sections) {
        return Err(Refusal::UnknownSection(section));
    }
    let fits = |category: u16| {
        // There are at most 256 categories.
        let category = category as u8;
        wish.category.is_none_or(|wanted| wanted == category)
            && wish.concessions.iter().all(|concession| inventory.price(category, *concession).is_some())
    };
    let categories: Vec<bool> = (0..plan.categories).map(fits).collect();
    if !categories.contains(&true) {
        return Err(Refusal::UnknownPrice);
    }
    let quantity = wish.concessions.len() as u32;
    let section = wish.section;
    let wanted = Wish { quantity, section, categories: &categories, accessible: wish.accessible };
    let Some(first) = best::best(inventory, &wanted) else {
        return Err(Refusal::NoneSideBySide { quantity, free: best::fitting(inventory, &wanted) });
    };
    let seats = (first..).zip(&wish.concessions);
    seats
        .map(|(seat, concession)| {
            priced(inventory, Place::Seat(seat), plan.seats[seat as usize].category, *concession)
        })
        .collect()
}

fn in_areas(inventory: &Inventory, wishes: &[AreaWish]) -> Result<Vec<PricedPlace>, Refusal> {
    let mut quantities: BTreeMap<(u16, u8), u32> = BTreeMap::new();
    for wish in wishes {
        *quantities.entry((wish.area, wish.concession)).or_default() += u32::from(wish.quantity);
    }
    let mut places = Vec::new();
    let mut per_area: BTreeMap<u16, u32> = BTreeMap::new();
    for (&(area, concession), &quantity) in &quantities {
        let known = inventory.plan.areas.get(usize::from(area)).ok_or(Refusal::UnknownArea(area))?;
        let place = priced(inventory, Place::Area(area), known.category, concession)?;
        places.extend(std::iter::repeat_n(place, quantity as usize));
        *per_area.entry(area).or_default() += quantity;
    }
    for (area, quantity) in per_area {
        let free = inventory.area_free(area);
        if quantity > free {
            return Err(Refusal::AreaFull { area, free });
        }
    }
    Ok(places)
}

fn priced(inventory: &Inventory, place: Place, category: u8, concession: u8) -> Result<PricedPlace, Refusal> {
    let price = inventory.price(category, concession).ok_or(Refusal::UnknownPrice)?;
    Ok(PricedPlace { place, category, concession, price })
}
