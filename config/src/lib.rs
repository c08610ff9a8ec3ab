//! Marquee config.
