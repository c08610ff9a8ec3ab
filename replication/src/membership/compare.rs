//! Comparing lists: what spreads with probes reaches everybody only while it is news, so now and then a node sends another
//! one its list in short, and gets what that one knows otherwise.

use bytes::{BufMut, Bytes, BytesMut};
use foca::{Codec, Member, PostcardCodec, State};

use super::identity::Identity;
use super::settings::HEAD_BYTES;
use crate::buckets::{Buckets, Fnv, bucket, is_within};
use crate::identity::NodeId;
use crate::transport::DATAGRAM_BYTES_MAX;

/// How many datagrams an answer has at most.
const ANSWER_MAX: usize = 128;

fn place(node: NodeId) -> usize {
    bucket(Fnv::new().number(node.0).short())
}

/// The list, in short. Suspicions come and go and are not part of it.
pub(super) fn summary<'a>(members: impl Iterator<Item = &'a Member<Identity>>) -> Buckets {
    let mut buckets = Buckets::default();
    for member in members {
        let identity = member.id();
        let is_down = u64::from(member.state() == State::Down);
        let hash = Fnv::new().number(identity.node.0).number(identity.incarnation).number(is_down);
        buckets.turn(place(identity.node), hash.short());
    }
    buckets
}

/// The members in some buckets, in datagrams.
pub(super) fn answer<'a>(members: impl Iterator<Item = &'a Member<Identity>>, buckets: u64) -> Vec<Bytes> {
    let mut datagrams = Vec::new();
    let mut datagram = BytesMut::new();
    for member in members.filter(|member| is_within(buckets, place(member.id().node))) {
        let mut encoded = BytesMut::new();
        // Growing buffers take everything.
        if PostcardCodec.encode_member(member, &mut encoded).is_err() {
            continue;
        }
        if datagram.len() + encoded.len() > DATAGRAM_BYTES_MAX - HEAD_BYTES {
            datagrams.push(datagram.split().freeze());
        }
        datagram.put(encoded);
    }
    if !datagram.is_empty() {
        datagrams.push(datagram.freeze());
    }
    datagrams.truncate(ANSWER_MAX);
    datagrams
}

/// The members of a datagram; none when it makes no sense.
pub(super) fn members(mut datagram: &[u8]) -> Option<Vec<Member<Identity>>> {
    let mut members = Vec::new();
    while !datagram.is_empty() {
        members.push(PostcardCodec.decode_member(&mut datagram).ok()?);
    }
    Some(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(count: u64) -> Vec<Member<Identity>> {
        let member = |node: u64| {
            let address = std::net::SocketAddr::from(([10, 0, 0, 1], 4_433));
            Member::alive(Identity::unknown(NodeId(node), address))
        };
        (1..=count).map(member).collect()
    }

    #[test]
    fn who_is_missing_is_answered() {
        let (here, there) = (list(500), list(499));
        let differing = summary(here.iter()).differing(&summary(there.iter()).encode()).unwrap();
        assert_eq!(differing.count_ones(), 1);
        let answer = answer(here.iter(), differing);
        let answered: Vec<_> = answer.iter().flat_map(|datagram| members(datagram).unwrap()).collect();
        assert!(answered.contains(&here[499]) && answered.len() < 50);
    }

    #[test]
    fn a_long_list_takes_several_datagrams() {
        let here = list(500);
        let answer = answer(here.iter(), u64::MAX);
        assert!(answer.len() > 1 && answer.iter().all(|datagram| datagram.len() <= DATAGRAM_BYTES_MAX));
        let answered: Vec<_> = answer.iter().flat_map(|datagram| members(datagram).unwrap()).collect();
        assert_eq!(answered, here);
        assert!(members(&answer[0][..answer[0].len() - 1]).is_none());
    }
}
