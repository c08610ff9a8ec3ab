//! Drawing a seat map: how people and programs write a hall down.
//!
//! A [`Drawing`] is a page, whatever the size of the hall: sections hold *blocks* of rows, straight or curved around a
//! focus; *tables* with chairs around them; rows written down seat by seat; and general-admission areas. A *bowl* goes
//! around a field and makes the sections of one tier of a stadium. [`draw`] turns it into the [`SeatMap`] that is kept,
//! or says everything that is wrong with it; [`trace`] writes a kept map down again, seat by seat, so that what is read
//! can be changed and sent back.
//!
//! Lengths are in seats: 1 is the distance between two neighbours. `x` grows to the right and `y` downwards; the origin
//! is wherever it is handy, unless the drawing has a `size`. *Facing* is the direction in which the audience looks, in
//! degrees: 0 is up, 90 to the right. Left and right are the audience's own.
//!
//! Reading order: [`form`], which is the format; `labels`; `block` and `tables`, which place seats; `bowl`, which
//! makes sections; `draw`, with `overlap`; `trace`.
//!
//! [`SeatMap`]: crate::catalog::SeatMap

mod block;
mod bowl;
mod draw;
pub mod form;
mod labels;
mod overlap;
mod tables;
mod trace;

pub use draw::draw;
pub use form::Drawing;
pub use trace::trace;
