//! The load generator against a small server that plays a node, well and badly.

mod crowds;
mod playhouse;
mod wire;
