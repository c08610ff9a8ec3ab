//! Who a member is, to foca.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Liveness, Member, MembershipOptions};
use crate::identity::NodeId;

/// The low bits of an incarnation count the returns since the start.
const RETURNS_BITS: u32 = 20;

/// A node at one of its incarnations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) node: NodeId,
    pub(super) address: SocketAddr,
    pub(super) incarnation: u64,
    /// Whether it is on its way out: when this identity is down, the node has left.
    pub(super) is_leaving: bool,
}

impl Identity {
    pub(super) fn first(node: NodeId, options: &MembershipOptions) -> Self {
        Self {
            node,
            address: options.address,
            incarnation: options.incarnation << RETURNS_BITS,
            is_leaving: false,
        }
    }

    /// A node that is known by its number and address only.
    pub(super) const fn unknown(node: NodeId, address: SocketAddr) -> Self {
        Self { node, address, incarnation: 0, is_leaving: false }
    }

    pub(super) fn leaving(&self) -> Self {
        Self { incarnation: self.incarnation + 1, is_leaving: true, ..self.clone() }
    }

    pub(super) fn member(&self, state: Liveness) -> Member {
        Member { id: self.node, address: self.address, state, incarnation: self.incarnation }
    }
}

impl foca::Identity for Identity {
    type Addr = NodeId;

    fn renew(&self) -> Option<Self> {
        (!self.is_leaving).then(|| Self { incarnation: self.incarnation + 1, ..self.clone() })
    }

    fn addr(&self) -> NodeId {
        self.node
    }

    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        // All nodes have to come to one answer, also for two identities that should not both be.
        (self.incarnation, self.is_leaving, self.address)
            > (adversary.incarnation, adversary.is_leaving, adversary.address)
    }
}
