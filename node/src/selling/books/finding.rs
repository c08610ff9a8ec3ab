//! Orders of performances, a page at a time; only those that have all of some words, if there are any.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use marquee_ledger::command::Place;
use marquee_ledger::layout::Layout;
use marquee_ledger::read::Reader;
use marquee_ledger::{HallId, Order, OrderId, PerformanceId};
use marquee_search::fold::fold;
use serde::{Deserialize, Serialize};

use super::{CHUNK, LOOKED_MAX};
use crate::home::Failure;

/// Where a list of orders goes on: in this performance, after this order.
pub type OrderCursor = (PerformanceId, OrderId);

/// Before the first order of a performance.
pub const FROM_FIRST: OrderId = OrderId(0);

/// Which orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderWish {
    /// Of these performances, in this order.
    pub performances: Vec<PerformanceId>,
    /// In the first of them, after this order.
    pub after: OrderId,
    /// That have all of these words somewhere: in their number, a name, an e-mail address, or the places of their tickets.
    pub words: Words,
    /// How many at the most.
    pub limit: usize,
}

/// Words that an order must have, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(Vec<String>);

/// Orders that were found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrdersFound {
    /// In the order of the performances, and of their placing.
    pub orders: Vec<Order>,
    /// Where to go on, if not everything was looked at.
    pub next: Option<OrderCursor>,
}

impl Words {
    /// Takes what somebody wrote apart.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(fold(text).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }

    /// Whether all of them are in a text. One or two letters are a row or a seat, which are in every number: they are words
    /// of their own there.
    fn are_in(&self, text: &str) -> bool {
        self.0.iter().all(|word| match word.chars().count() {
            0..=2 => text.split(' ').any(|whole| whole == word),
            _longer => text.contains(word.as_str()),
        })
    }
}

/// Finds orders.
///
/// # Errors
/// When the storage failed.
pub fn find(ledger: &Reader<'_>, wish: &OrderWish) -> Result<OrdersFound, Failure> {
    let mut found = OrdersFound::default();
    let mut halls = PlaceNames::default();
    let mut looked = 0;
    let mut after = wish.after;
    for performance in &wish.performances {
        loop {
            // One more than is wanted tells whether there are more.
            let chunk = if wish.words.0.is_empty() { (wish.limit + 1).min(CHUNK) } else { CHUNK };
            let orders = ledger.orders_of(*performance, Some(after), chunk)?;
            let is_end = orders.len() < chunk;
            for order in orders {
                if found.orders.len() == wish.limit || looked == LOOKED_MAX {
                    found.next = Some((*performance, after));
                    return Ok(found);
                }
                looked += 1;
                after = order.id;
                if wish.words.0.is_empty() || wish.words.are_in(&halls.text_of(ledger, &order)?) {
                    found.orders.push(order);
                }
            }
            if is_end {
                break;
            }
        }
        after = FROM_FIRST;
    }
    Ok(found)
}

/// What is written on the places of halls, folded; read when the first order of a hall is looked at.
#[derive(Default)]
struct PlaceNames {
    terms: BTreeMap<PerformanceId, Option<(HallId, u32)>>,
    halls: BTreeMap<(HallId, u32), Names>,
}

#[derive(Default)]
struct Names {
    seats: Vec<String>,
    areas: Vec<String>,
}

impl PlaceNames {
    /// Everything of an order that one may look for.
    fn text_of(&mut self, ledger: &Reader<'_>, order: &Order) -> Result<String, Failure> {
        let given = order.tickets.iter().flat_map(|ticket| {
            let holder = ticket.gift.as_ref().map(|gift| &gift.holder);
            holder.into_iter().chain(&ticket.offered)
        });
        let people = std::iter::once(&order.buyer).chain(given);
        let mut text = order.id.to_string().replace('_', " ");
        for person in people {
            text.push(' ');
            text.push_str(&fold(&format!("{} {}", person.email, person.name)));
        }
        if let Some(names) = self.names(ledger, order.performance)? {
            for ticket in &order.tickets {
                let name = match ticket.place.place {
                    Place::Seat(seat) => names.seats.get(seat as usize),
                    Place::Area(area) => names.areas.get(usize::from(area)),
                };
                text.push(' ');
                text.push_str(name.map_or("", String::as_str));
            }
        }
        Ok(text)
    }

    fn names(&mut self, ledger: &Reader<'_>, performance: PerformanceId) -> Result<Option<&Names>, Failure> {
        let hall = match self.terms.get(&performance) {
            Some(known) => *known,
            None => {
                let sold = ledger.performance(performance)?;
                let hall = sold.map(|sold| (sold.terms.hall, sold.terms.layout_version));
                self.terms.insert(performance, hall);
                hall
            }
        };
        let Some(hall) = hall else { return Ok(None) };
        Ok(Some(match self.halls.entry(hall) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let layout = ledger.layout(hall.0, hall.1)?;
                unknown.insert(layout.as_ref().map(Names::new).unwrap_or_default())
            }
        }))
    }
}

impl Names {
    fn new(layout: &Layout) -> Self {
        let section = |index: u16| layout.sections.get(usize::from(index)).map_or("", String::as_str);
        let seats = layout.rows.iter().flat_map(|row| {
            let before = fold(&format!("{} row {}", section(row.section), row.label));
            let row_label = fold(&row.label);
            row.seats.iter().map(move |seat| {
                let seat = fold(&seat.label);
                // `C12` and `C 12` are looked for as well as the seat 12.
                format!("{before} seat {seat} {row_label}{seat}")
            })
        });
        Self { seats: seats.collect(), areas: layout.areas.iter().map(|area| fold(&area.name)).collect() }
    }
}
