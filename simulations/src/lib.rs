//! The cluster simulator, load generators and capacity models.
//!
//! The binary `cluster` runs whole clusters on one thread and on virtual time, by seed, through whatever can go wrong, and
//! audits every step: [`cluster`].
//!
//! The binary `onsale` is a crowd of buyers over real HTTP: it starts a node (or is given one), puts a house on sale, lets
//! the crowd in, and afterwards reads every order and every seat back, since a figure of a sale that sold a seat twice is
//! worth nothing. The binary `capacity` fills a ledger through the commit pipeline, without HTTP, and tells how its speed
//! and its opening change from ten thousand to ten million booked tickets. The binary `scale` runs clusters of up to a
//! thousand nodes on virtual time, to see how their spreading grows: [`scale`]. The binary `search` makes up a large catalog,
//! and measures the search index over it, beside Postgres: [`search`].
//!
//! [`load`] is the crowd. It shares the machine with the node that it measures, so its [`connection`](load::connection)
//! is a plain socket and as little parsing as HTTP/1.1 allows. A [`Crowd`](load::crowd::Crowd) of
//! [`Customer`](load::customer::Customer)s acts, either as fast as it is answered or by a schedule; the
//! [`Meter`](load::meter::Meter) counts, also over time; the [`audit`](load::audit) reads back; the
//! [`report`](load::report) tells. [`node`] is the node under load, [`stage`] the house that it sells.

pub mod cluster;
pub mod consensus;
pub mod fleet;
pub mod load;
pub mod node;
pub mod pipeline;
pub mod processor;
pub mod scale;
pub mod search;
pub mod stage;
