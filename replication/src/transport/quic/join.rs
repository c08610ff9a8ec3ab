//! How a newcomer speaks to a member.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Endpoint};

use super::frames::{Assembly, Receiver, Sender};
use super::link::{Half, Link};
use super::options::QuicOptions;
use super::refusal::{Counters, code};
use crate::identity::NodeId;
use crate::transport::FRAME_BYTES_MAX;
use crate::transport::duplex::{FrameReceiver, FrameSender};
use crate::transport::error::TransportError;
use crate::transport::kind::Kind;
use crate::trust::{Fingerprint, tls};

/// Whom the newcomer asks; it does not know the number.
const MEMBER: NodeId = NodeId(0);

/// Asks a member of the cluster, without belonging to it yet, and waits for the answer, for no longer than the deadline
/// in all. The member must have a certificate of the authority with this fingerprint; it sees the question on
/// [`Kind::Join`] from node 0.
///
/// # Errors
/// [`TransportError::may_have_arrived`] says whether the member may have acted. The peer in errors is node 0.
pub async fn join_call(
    address: SocketAddr,
    authority: Fingerprint,
    question: Bytes,
    deadline: Duration,
) -> Result<Bytes, TransportError> {
    let unreachable = |reason: &dyn std::fmt::Display| TransportError::Unreachable {
        peer: MEMBER,
        reason: reason.to_string(),
    };
    let local: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let tls = tls::joiner_config(authority).map_err(|error| unreachable(&error))?;
    let tls = QuicClientConfig::try_from(tls).map_err(|error| unreachable(&error))?;
    let mut config = ClientConfig::new(Arc::new(tls));
    config.transport_config(QuicOptions::new(local).dialled());
    let endpoint = Endpoint::client(local).map_err(|error| unreachable(&error))?;

    let exchange = async {
        let connecting = endpoint.connect_with(config, address, tls::JOIN_NAME);
        let connection =
            connecting.map_err(|error| unreachable(&error))?.await.map_err(|error| unreachable(&error))?;
        ask(connection, question).await
    };
    let answer = tokio::time::timeout(deadline, exchange).await;
    endpoint.close(code::CLOSING, b"done");
    // So that the member hears of it; it may be gone.
    let _ = tokio::time::timeout(Duration::from_millis(200), endpoint.wait_idle()).await;
    answer.unwrap_or(Err(TransportError::Late { peer: MEMBER }))
}

async fn ask(connection: quinn::Connection, question: Bytes) -> Result<Bytes, TransportError> {
    let (send, receive) = connection
        .open_bi()
        .await
        .map_err(|error| TransportError::Unreachable { peer: MEMBER, reason: error.to_string() })?;
    let link = Link::new(MEMBER, connection, true);
    let (counters, assembly) = (Arc::new(Counters::default()), Assembly::new(FRAME_BYTES_MAX));
    let mut sender = Sender::new(send, Half::of(&link), Kind::Join);
    let mut receiver = Receiver::new(receive, Half::of(&link), &counters, &assembly, FRAME_BYTES_MAX);
    sender.begin(Kind::Join).await?;
    sender.send(question).await?;
    sender.finish()?;
    receiver.receive().await?.ok_or_else(|| TransportError::Broken {
        peer: MEMBER,
        reason: "it ended without an answer".to_owned(),
    })
}
