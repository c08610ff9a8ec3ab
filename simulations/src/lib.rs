//! Marquee simulations.
