//! Many nodes, one box office: how a node lives with the others.
//!
//! Every group runs the same machine, and a node holds replicas of several. Group 1 has the directory and is the first
//! node's own; node `n` founds group `n`. A venue is placed in a group, an account shard as well, and whatever is decided
//! about them is decided at that group's home. A lone node is all of this with one group and nobody to speak to.
//!
//! | module | what it does |
//! |---|---|
//! | [`owner`] | whose something is |
//! | [`errand`], [`courier`] | bring questions to a group's home, wherever it is, and answers back |
//! | [`serving`], [`homes`] | runs the errands that other nodes send; commands and queries at this node's homes |
//! | [`spread`] | what every node knows: catalog, directory, what is free |
//! | [`commons`] | what the homes of a node share |
//! | [`identity`], [`joining`] | who a node is, and how it becomes one of the cluster |
//! | [`peers`] | the nodes that a customer can be sent to |
//! | [`net`] | transport, membership, gossip and feed of a node |
//! | [`steward`] | sees that groups have their replicas where they should be, and their homes |
//! | [`moving`] | moves venues between groups while they sell |
//! | [`planning`] | works out beforehand what comes of an operator's decision |
//! | [`pace`] | measures round trips, and gives groups timeouts that fit them |
//! | [`wan`] | lets messages take as long as across the world |
//!
//! **Architecture invariants**: only the log decides who is home; what membership and gossip say are hints. Nothing here
//! knows HTTP: a request that is forwarded is bytes.

pub mod commons;
pub mod courier;
pub mod errand;
pub mod homes;
pub mod identity;
pub mod joining;
pub mod moving;
pub mod net;
pub mod owner;
pub mod pace;
pub mod peers;
pub mod planning;
pub mod serving;
pub mod spread;
pub mod steward;
pub mod wan;
