//! Seating plans of pretix, both ways.
//!
//! The format is pretix's `seating-plan.schema.json`, version 0.0.1: a plan has categories and zones; zones have rows of seats, and
//! areas that are only drawn. Lengths are pixels; what stands in something is placed relative to it.
//!
//! [`read`] makes a [`Drawing`](crate::drawing::Drawing) of a plan and tells everything that is wrong with it, each with
//! its JSON pointer. [`write()`] makes a plan of a seat map. What a plan means, and what therefore is the same after plan →
//! seat map → plan:
//!
//! * the categories in their order, each with its name and its colour as `#rrggbb` (`#ccc` is written out);
//! * the zones that have seats, in their order, by name; a second zone of the same name gets a number;
//! * each zone's rows in their order by `row_number`, and each row's seats in their order by `seat_number` and category;
//! * where each seat stands on the plan, to a quarter of a pixel. If its seats are not the usual 12 to 60 pixels apart the
//!   plan comes back larger or smaller by one factor, and if something stands beyond its edge, shifted as a whole;
//! * the size, unless something stands beyond it;
//! * one area that a text names as the stage, the screen or the pitch, by that text and its outline.
//!
//! Not the same, since a seat map does not have it: uuids, radii, texts that stand beside rows, other areas ([`Plan::left_out`]
//! names them), and the `seat_guid`s: a plan that is written has `zone-row-seat` there. The other way, a plan has no words
//! for accessible and companions' seats, for restricted views and for the colours of sections, nor for general-admission areas,
//! which become areas that are only drawn. Its schema leaves no fields free in which they could stand.

mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Plan, read};
pub use write::write;

/// How far two neighbours stand from each other in a plan that is written, in pixels.
const SEAT_PIXELS: f64 = 25.0;
