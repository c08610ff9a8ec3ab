//! Marquee tests.
