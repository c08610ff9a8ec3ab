//! A question's bytes to its answer's.

use std::net::SocketAddr;

use hickory_server::net::xfer::Protocol;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, MessageType, Metadata, OpCode, ResponseCode};
use hickory_server::proto::serialize::binary::{BinDecodable, BinDecoder, BinEncodable, BinEncoder};
use hickory_server::server::Request;
use hickory_server::zone_handler::MessageResponseBuilder;

use super::subnet::Subnet;
use super::zone::{Answer, Zone};
use crate::geo::{Geo, Sight};

/// The largest datagram that we send, which no path tears apart (DNS flag day 2020). Whoever can take less says so.
const DATAGRAM_BYTES_MAX: u16 = 1_232;
/// What fits without EDNS (RFC 1035).
const DATAGRAM_BYTES_USUAL: u16 = 512;

/// What carries a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A datagram: the answer must fit, or else it is cut and says so.
    Udp,
    /// A connection.
    Tcp,
}

/// The answer to what `peer` sent; `None` if that deserves none.
///
/// Bytes that are no question get no answer, or, if they look as if they were meant as one, an answer that is not longer
/// than they are: nobody can have others flooded.
#[must_use]
pub fn reply(zone: &Zone, geo: &Geo, packet: &[u8], peer: SocketAddr, carrier: Carrier) -> Option<Vec<u8>> {
    let header = Header::read(&mut BinDecoder::new(packet)).ok()?;
    if header.metadata.message_type == MessageType::Response {
        return None;
    }
    if header.metadata.op_code != OpCode::Query {
        return refusal(&header.metadata, ResponseCode::NotImp);
    }
    // Whoever announces thousands of questions is not read further.
    if header.counts.queries != 1 {
        return refusal(&header.metadata, ResponseCode::FormErr);
    }
    let protocol = match carrier {
        Carrier::Udp => Protocol::Udp,
        Carrier::Tcp => Protocol::Tcp,
    };
    let Ok(request) = Request::from_bytes(packet.to_vec(), peer, protocol) else {
        return refusal(&header.metadata, ResponseCode::FormErr);
    };
    let (answer, edns) = answer(zone, geo, &request, peer);
    written(&request, &answer, edns.as_ref(), carrier)
}

/// What to answer, and the EDNS part of it if the question has one (RFC 6891 wants one for one).
fn answer(zone: &Zone, geo: &Geo, request: &Request, peer: SocketAddr) -> (Answer, Option<Edns>) {
    let failed = |code| Answer { code, ..Answer::default() };
    let mut edns = None;
    let mut subnet = None;
    if let Some(asked) = &request.edns {
        let ours = edns.insert(Edns::new());
        ours.set_max_payload(DATAGRAM_BYTES_MAX);
        if asked.version() != 0 {
            return (failed(ResponseCode::BADVERS), edns);
        }
        match Subnet::read(asked) {
            Ok(read) => subnet = read,
            Err(_forbidden) => return (failed(ResponseCode::FormErr), edns),
        }
    }
    let Ok(asked) = request.request_info() else { return (failed(ResponseCode::FormErr), edns) };
    let client = subnet.and_then(Subnet::sight).unwrap_or_else(|| Sight::whole(peer.ip()));
    let query = asked.query;
    let answer = zone.answer(geo, query.name(), query.query_type(), query.query_class(), client);
    if let (Some(ours), Some(subnet)) = (&mut edns, subnet) {
        ours.options_mut().insert(subnet.echo(geo.geography(), answer.depends_on_client));
    }
    (answer, edns)
}

fn written(request: &Request, answer: &Answer, edns: Option<&Edns>, carrier: Carrier) -> Option<Vec<u8>> {
    let mut metadata = Metadata::response_from_request(&request.metadata);
    metadata.response_code = answer.code;
    metadata.authoritative = matches!(answer.code, ResponseCode::NoError | ResponseCode::NXDomain);
    metadata.recursion_available = false;
    let response = MessageResponseBuilder::new(&request.queries, edns).build(
        metadata,
        &answer.answers,
        &answer.authorities,
        [],
        &answer.additionals,
    );
    let bytes_max = match (carrier, &request.edns) {
        (Carrier::Tcp, _) => u16::MAX,
        (Carrier::Udp, None) => DATAGRAM_BYTES_USUAL,
        (Carrier::Udp, Some(edns)) => edns.max_payload().clamp(DATAGRAM_BYTES_USUAL, DATAGRAM_BYTES_MAX),
    };
    let mut bytes = Vec::with_capacity(usize::from(DATAGRAM_BYTES_USUAL));
    let mut encoder = BinEncoder::new(&mut bytes);
    encoder.set_max_size(bytes_max);
    match response.destructive_emit(&mut encoder) {
        Ok(_info) => Some(bytes),
        Err(error) => {
            tracing::debug!(%error, "an answer cannot be written");
            refusal(&request.metadata, ResponseCode::ServFail)
        }
    }
}

/// An answer of nothing but a header.
fn refusal(asked: &Metadata, code: ResponseCode) -> Option<Vec<u8>> {
    let mut metadata = Metadata::new(asked.id, MessageType::Response, asked.op_code);
    metadata.recursion_desired = asked.recursion_desired;
    metadata.response_code = code;
    Header { metadata, counts: HeaderCounts::default() }.to_bytes().ok()
}
