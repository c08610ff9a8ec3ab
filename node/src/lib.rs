//! Marquee node.

pub mod catalog;
pub mod payments;
