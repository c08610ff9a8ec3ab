//! Marquee search.
