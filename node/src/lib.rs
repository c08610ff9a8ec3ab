//! Marquee node.

pub mod payments;
