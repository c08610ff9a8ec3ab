//! Marquee node.
