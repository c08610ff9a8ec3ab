//! Whole clusters in one thread on virtual time, by a seed: everything that can go wrong does, while customers buy.
//!
//! # What is simulated, and what is not
//!
//! Every node is production code, from the storage backend and the transport upwards: the commit pipeline over both of its
//! files, consensus, snapshots, changes of members and hand-overs, membership, gossip, the feed; on top of them the machine
//! with ledger, catalog, accounts and directory, a group's home, the courier that finds it, the errands between nodes, the
//! steward that places replicas and homes, the mover of venues, the outbox with its workers.
//!
//! In place of the world stand: [disks](disk) that lose, tear and rot; a network in memory with weather and cuts; a
//! [gateway] that loses answers; clocks that are set; and [those who ask](customers). Each node has a runtime of
//! its own, whose tasks a crash drops.
//!
//! Not simulated are HTTP, pages and sessions, QUIC and certificates, the threads of a store (its loops are tasks, which can
//! be held up, and stopped for ever, at each of their steps), and processes. How a node opens its groups is written
//! once more in [life], since in the field HTTP is built on top of each.
//!
//! # How a run goes
//!
//! The [director] builds a cluster up by the commands that operators use. Customers come. The [plan] of the seed
//! strikes. Then everything heals, and `closing` waits until it rests: progress in every group, equal rows on all replicas,
//! one catalog on all nodes. All the time the [auditor] watches; the [history] of each seat is searched at the end.
//! A violation is told with the seed, which replays it: the [trace] of two runs is the same to the byte.
//!
//! All randomness comes from the seed. What asks the system for some (hash tables, election timeouts, jitter) gets it from
//! the seed too if the process links the right `getrandom`: the binary `cluster` does, and runs each seed in a process of
//! its own, so that nothing that a process counts differs between two runs.

pub mod auditor;
mod closing;
pub mod customers;
pub mod dice;
pub mod director;
pub mod disk;
mod faults;
pub mod front;
pub mod gateway;
pub mod history;
pub mod life;
pub mod pace;
pub mod plan;
pub mod trace;
pub mod world;
