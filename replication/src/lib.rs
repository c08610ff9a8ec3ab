//! Marquee replication.
