//! What a customer wants to hold, as they write it; and what was refused of it, in the ids that they used.

use std::fmt;

use marquee_ledger::command::{AreaWish, BestAvailable, Selection};
use marquee_ledger::{PerformanceId, Refusal};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::App;
use super::kinds;
use super::problem::Problem;
use crate::catalog::entity::Performance;
use crate::selling::NotDone;
use crate::selling::hall::HallMap;

/// What to hold: exactly one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Selection)]
pub(crate) struct SelectionBody {
    /// These seats, all or none.
    #[schema(value_type = Option<Vec<SeatWishSchema>>)]
    pub(crate) seats: Option<Vec<SeatWish>>,
    /// The best seats side by side.
    pub(crate) best_available: Option<BestWish>,
    /// Places in general-admission areas.
    pub(crate) areas: Option<Vec<AreaPlaces>>,
}

/// A seat: its id alone, or with a concession.
#[derive(Debug)]
pub(crate) struct SeatWish {
    id: String,
    concession: Option<String>,
}

/// A seat: its id alone, or with a concession.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = SeatWish)]
#[allow(dead_code, reason = "describes what is read by hand, which tells mistakes better")]
pub(crate) enum SeatWishSchema {
    /// The seat's id, at the price of the performance's first concession.
    #[schema(example = "k7m2-118")]
    Id(String),
    /// A seat for a concession.
    WithConcession {
        /// The seat's id.
        id: String,
        /// The concession's key.
        concession: Option<String>,
    },
}

/// The best seats side by side.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BestWish {
    /// How many.
    #[schema(minimum = 1, example = 2)]
    quantity: u64,
    /// Only in this section, by name or key.
    section: Option<String>,
    /// Only of this price category, by key.
    price_category: Option<String>,
    /// Whether one of the seats must be a wheelchair place.
    #[serde(default)]
    accessible: bool,
    /// A concession's key for each seat; the first of the performance's concessions if it is left out.
    concessions: Option<Vec<String>>,
}

/// Places in a general-admission area.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AreaPlaces {
    /// The area's id.
    #[schema(example = "k7m2-a0")]
    area: String,
    /// How many.
    #[schema(minimum = 1, example = 2)]
    quantity: u64,
    /// The concession's key; the first of the performance's concessions if it is left out.
    concession: Option<String>,
}

/// A performance, and the map by which its seats are named.
pub(crate) struct Shop {
    pub(crate) performance: std::sync::Arc<Performance>,
    pub(crate) map: std::sync::Arc<HallMap>,
    places_max: u32,
}

impl<'de> Deserialize<'de> for SeatWish {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeatWishVisitor)
    }
}

struct SeatWishVisitor;

impl<'de> Visitor<'de> for SeatWishVisitor {
    type Value = SeatWish;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a seat's id, or an object with \"id\" and \"concession\"")
    }

    fn visit_str<E>(self, id: &str) -> Result<SeatWish, E> {
        Ok(SeatWish { id: id.to_owned(), concession: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SeatWish, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Long {
            id: String,
            concession: Option<String>,
        }
        let Long { id, concession } = Long::deserialize(MapAccessDeserializer::new(map))?;
        Ok(SeatWish { id, concession })
    }
}

impl Shop {
    /// Where the seats of a performance are sold.
    pub(crate) fn open(app: &App, performance: PerformanceId) -> Result<Self, Problem> {
        let performance =
            app.selling.performance(performance).ok_or_else(|| Problem::not_found("performance"))?;
        let map = app.selling.map_of(&performance)?;
        Ok(Self { performance, map, places_max: app.selling.places_max() })
    }

    /// What the ledger is asked for. Sizes are checked before anything is made of them.
    pub(crate) fn selection(&self, body: &SelectionBody) -> Result<Selection, Problem> {
        match (&body.seats, &body.best_available, &body.areas) {
            (Some(seats), None, None) => self.seats(seats),
            (None, Some(wish), None) => self.best(wish),
            (None, None, Some(areas)) => self.areas(areas),
            _none_or_several => {
                Err(Problem::invalid("", "write exactly one of \"seats\", \"best_available\" and \"areas\""))
            }
        }
    }

    fn seats(&self, seats: &[SeatWish]) -> Result<Selection, Problem> {
        self.check_quantity(seats.len() as u64, "/seats")?;
        let seats = seats.iter().enumerate().map(|(at, wish)| {
            let index = self.map.seat_index(&wish.id).ok_or_else(|| {
                Problem::new(kinds::UNKNOWN_SEAT)
                    .error(format!("/seats/{at}"), "there is no such seat in this hall")
                    .with("seat", wish.id.as_str())
            })?;
            let concession = wish.concession.as_deref();
            Ok((index, self.concession(concession, || format!("/seats/{at}/concession"))?))
        });
        Ok(Selection::Seats(seats.collect::<Result<_, Problem>>()?))
    }

    fn best(&self, wish: &BestWish) -> Result<Selection, Problem> {
        self.check_quantity(wish.quantity, "/best_available/quantity")?;
        let pointer = |member: &str| format!("/best_available/{member}");
        let concessions = match &wish.concessions {
            // The quantity is at most that of one hold.
            None => vec![0; wish.quantity as usize],
            Some(keys) if keys.len() as u64 != wish.quantity => {
                let words = "name one concession for each seat, or none at all";
                return Err(Problem::invalid(&pointer("concessions"), words));
            }
            Some(keys) => {
                let indices = keys.iter().enumerate().map(|(at, key)| {
                    self.concession(Some(key), || format!("/best_available/concessions/{at}"))
                });
                indices.collect::<Result<_, _>>()?
            }
        };
        let section = wish.section.as_deref().map(|name| {
            self.map.section_index(name).ok_or_else(|| {
                Problem::new(kinds::UNKNOWN_SECTION)
                    .error(pointer("section"), "there is no such section in this hall")
            })
        });
        let category = wish.price_category.as_deref().map(|key| {
            self.map.category_index(key).ok_or_else(|| {
                Problem::new(kinds::UNKNOWN_PRICE)
                    .error(pointer("price_category"), "there is no such price category in this hall")
            })
        });
        Ok(Selection::BestAvailable(BestAvailable {
            concessions,
            section: section.transpose()?,
            category: category.transpose()?,
            accessible: wish.accessible,
        }))
    }

    fn areas(&self, areas: &[AreaPlaces]) -> Result<Selection, Problem> {
        let quantity = areas.iter().fold(0u64, |sum, wish| sum.saturating_add(wish.quantity));
        self.check_quantity(quantity, "/areas")?;
        let wishes = areas.iter().enumerate().map(|(at, wish)| {
            if wish.quantity == 0 {
                return Err(Problem::new(kinds::EMPTY_SELECTION)
                    .error(format!("/areas/{at}/quantity"), "at least one"));
            }
            let area = self.map.area_index(&wish.area).ok_or_else(|| {
                Problem::new(kinds::UNKNOWN_AREA)
                    .error(format!("/areas/{at}/area"), "there is no such area in this hall")
                    .with("area", wish.area.as_str())
            })?;
            let concession = wish.concession.as_deref();
            Ok(AreaWish {
                area,
                concession: self.concession(concession, || format!("/areas/{at}/concession"))?,
                // At most that of one hold.
                quantity: wish.quantity as u16,
            })
        });
        Ok(Selection::Areas(wishes.collect::<Result<_, Problem>>()?))
    }

    fn check_quantity(&self, quantity: u64, pointer: &str) -> Result<(), Problem> {
        if quantity == 0 {
            return Err(Problem::new(kinds::EMPTY_SELECTION).error(pointer, "at least one"));
        }
        if quantity > u64::from(self.places_max) {
            let max = self.places_max;
            return Err(Problem::new(kinds::TOO_MANY_PLACES)
                .error(pointer, format!("at most {max} places at once"))
                .with("max", max));
        }
        Ok(())
    }

    fn concession(&self, key: Option<&str>, pointer: impl FnOnce() -> String) -> Result<u8, Problem> {
        let Some(key) = key else { return Ok(0) };
        let concessions = &self.performance.sale.concessions;
        let found = concessions.iter().position(|known| known == key);
        found.and_then(|index| u8::try_from(index).ok()).ok_or_else(|| {
            Problem::new(kinds::UNKNOWN_PRICE)
                .error(pointer(), format!("choose one of: {}", concessions.join(", ")))
        })
    }

    /// The problem that a refusal is, with seats and areas by their ids.
    pub(crate) fn problem(&self, not_done: NotDone) -> Problem {
        let tag = self.map.tag();
        let refusal = match not_done {
            NotDone::Refused(refusal) => refusal,
            NotDone::Failed(failure) => return failure.into(),
        };
        let by_id = if let Refusal::SeatsTaken { seats } = &refusal {
            let ids: Vec<_> = seats.iter().map(|seat| tag.seat(*seat).to_string()).collect();
            Some(("seats", serde_json::Value::from(ids)))
        } else if let Refusal::UnknownSeat(seat) = &refusal {
            Some(("seat", tag.seat(*seat).to_string().into()))
        } else if let Refusal::AreaFull { area, .. } | Refusal::UnknownArea(area) = &refusal {
            Some(("area", tag.area(*area).to_string().into()))
        } else {
            None
        };
        let problem = Problem::from(refusal);
        match by_id {
            Some((member, value)) => problem.with(member, value),
            None => problem,
        }
    }
}

impl From<NotDone> for Problem {
    fn from(not_done: NotDone) -> Self {
        match not_done {
            NotDone::Refused(refusal) => refusal.into(),
            NotDone::Failed(failure) => failure.into(),
        }
    }
}
