//! Socket addresses that name nodes.
//!
//! chitchat's peers have socket addresses; ours have numbers, and the transport knows where they are. So a node's address
//! here *is* its number: as an IPv4 address when it has at most 32 bits (which keeps digests short), as the low half of
//! `fd6d:7100::/64` else. The port says who chose the peer: chitchat's own loop sends to the advertised port, which is
//! not passed on for a first message; we send to the other one.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::identity::NodeId;

/// The port that nodes advertise.
const ADVERTISED: u16 = 1;
/// The port for exchanges that this module begins.
const CHOSEN: u16 = 2;

const PREFIX: u64 = 0xfd6d_7100_0000_0000;

pub(super) fn advertised(node: NodeId) -> SocketAddr {
    address(node, ADVERTISED)
}

pub(super) fn chosen(node: NodeId) -> SocketAddr {
    address(node, CHOSEN)
}

/// The node, and whether this module chose it.
pub(super) fn node(address: SocketAddr) -> (NodeId, bool) {
    let number = match address {
        SocketAddr::V4(v4) => u64::from(u32::from(*v4.ip())),
        // The low half.
        SocketAddr::V6(v6) => u128::from(*v6.ip()) as u64,
    };
    (NodeId(number), address.port() == CHOSEN)
}

fn address(node: NodeId, port: u16) -> SocketAddr {
    match u32::try_from(node.0) {
        Ok(number) => SocketAddr::from((Ipv4Addr::from(number), port)),
        Err(_wide) => {
            let bits = (u128::from(PREFIX) << 64) | u128::from(node.0);
            SocketAddr::from((Ipv6Addr::from(bits), port))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_node() {
        for number in [0, 1, u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX] {
            assert_eq!(node(advertised(NodeId(number))), (NodeId(number), false));
            assert_eq!(node(chosen(NodeId(number))), (NodeId(number), true));
        }
    }
}
