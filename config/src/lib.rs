//! What a node is told before it starts: one TOML file, read once, typed and checked as a whole.
//!
//! Every setting has a default that is right for a small production node, so a file says only what differs. The
//! commented samples beside this crate (`config/node.toml`, `config/demo.toml`) name every setting and its default, and a
//! test holds them to it.
//!
//! Settings come in two kinds, and the file keeps them apart:
//!
//! - A node's **own**: [`Node`] (its name and place), [`Http`], [`NodeNetwork`], [`Dns`], [`Storage`], [`Limits`],
//!   [`Logging`]. They may differ from
//!   node to node.
//! - The **cluster's**, under `[cluster.…]`: [`Selling`], [`Accounts`], [`Payments`], [`Replication`],
//!   [`Region`]s, [`Trust`]. A venue's home moves between nodes, so
//!   these must read the same on all of them, or a customer's rights would change with a failover.
//!
//! # What is refused
//!
//! A key that nobody reads is a mistake, not a comment: it is refused, as is a value out of its range. A [`Mistake`]
//! names the file, the line, the column and the key, and says what would be accepted:
//!
//! ```text
//! config/node.toml:12:10: http.listen: "localhost" is not an address; write an IP address and a port, such as 0.0.0.0:8080
//! ```
//!
//! Values are parsed into types that cannot hold a wrong one ([`ListenAddress`], [`PublicUrl`], [`Network`],
//! [`NodeName`]), durations are [`std::time::Duration`] written as `"10m"` or `"250ms"`, sizes are [`ByteSize`] written as
//! `"1MiB"`. Secrets ([`Secret`]) never show in a log: a file names where one is found ([`SecretSource`]) and the node
//! reads it when it starts.
//!
//! Nothing here reads the clock, the network or the command line, and nothing is read again later: a changed file takes
//! effect with a restart.

mod settings;

mod accounts;
mod dns;
mod http;
mod limits;
mod logging;
mod network;
mod node;
mod payments;
mod regions;
mod replication;
mod selling;
mod storage;

mod byte_size;
mod duration;
mod location;
mod mistake;
mod secret;

pub use accounts::{Accounts, PasswordCost};
pub use byte_size::{ByteSize, NotAByteSize};
pub use dns::{Dns, DomainName, NotADomainName};
pub use http::{Http, ListenAddress, Network, NotAListenAddress, NotANetwork, NotAPublicUrl, PublicUrl, Tls};
pub use limits::{Limits, RateLimit};
pub use location::{Location, NotALocation};
pub use logging::{LogFormat, Logging};
pub use mistake::{LoadError, Mistake};
pub use network::NodeNetwork;
pub use node::{NameRefused, Node, NodeGroup, NodeName, RegionName, ZoneName};
pub use payments::{GatewayKind, Payments};
pub use regions::Region;
pub use replication::{Replication, Trust};
pub use secret::{Secret, SecretError, SecretSource};
pub use selling::Selling;
pub use settings::{Cluster, Settings};
pub use storage::{Encryption, KeyError, Storage, StorageKey};
