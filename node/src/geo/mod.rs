//! Which nodes are nearest to a customer.
//!
//! A customer is somewhere: at a point, under a zip code, or in a range of addresses that the settings give to a region
//! (the narrowest of several counts). Of whom nothing is known stands where the node that is asked stands, since whoever
//! brought them here thought that it was near. That place is an [`Origin`], found by a [`Geography`].
//!
//! [`rank`] puts the healthy [`Candidate`]s in order from there: those of the customer's own region, if it is known, and
//! then by the great circle; nodes of one town are as near as each other, and the one with less to do comes first.
//!
//! All of this is pure. Who the candidates are, and who is healthy, a [`Candidates`] knows: the cluster, or a lone node.
//!
//! **Architecture invariant**: this is a hint for customers. Nothing that must be right depends on it: any node takes any
//! request.

mod candidates;
mod geography;
mod ranking;

pub use candidates::{Alone, Candidate, Candidates, Geo, Nodes, own_candidate};
pub use geography::{Geography, Origin, OriginKind, Sight};
pub use ranking::{Ranked, rank};
