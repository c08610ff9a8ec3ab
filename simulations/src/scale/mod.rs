//! How the cluster's spreading grows: the real membership, gossip and feed of up to a thousand nodes, on one thread and on
//! virtual time, over the distances of the world.
//!
//! [`world`] says how far nodes are from each other, [`network`] carries what they send and counts it, [`cluster`] starts
//! them and measures, [`plot`] draws.

pub mod cluster;
pub mod network;
pub mod plot;
pub mod world;
