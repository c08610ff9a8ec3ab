//! Marquee ledger.
