//! The name servers of the cluster: whoever asks for its name is told the nodes nearest to them.
//!
//! The parent zone hands the cluster's name over to the nodes that have a `dns` section. They are authoritative for that
//! one zone and for nothing else:
//!
//! | asked for | answered with |
//! |---|---|
//! | `A`, `AAAA` of the zone | the healthy nodes nearest to who asks |
//! | `A`, `AAAA` of `NODE.zone` | that node, healthy or not |
//! | `NS`, `SOA` of the zone | the zone's own records |
//! | anything else that is there | no data (`SOA` in the authority section) |
//! | another name in the zone | `NXDOMAIN` |
//! | another zone, a transfer, another class | `REFUSED`: this is no resolver |
//!
//! Who asks is the client whose subnet the resolver tells (EDNS client subnet, RFC 7871), or else the resolver. The answer
//! says for which addresses it is the same (the scope), so that resolvers keep it apart from others'. Answers name nodes of
//! one region, since resolvers shuffle what they hand on; the settings can say otherwise.
//!
//! [`reply`] is the whole of it, from bytes to bytes, on hickory's reading and writing of messages. The sockets are our own:
//! here every packet is counted before it is read, connections are bounded, and what cannot be read costs nobody else
//! anything.

mod message;
mod server;
mod subnet;
mod zone;

pub use message::{Carrier, reply};
pub use server::{BindError, Responder};
pub use zone::{Zone, ZoneError};
