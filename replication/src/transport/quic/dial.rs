//! Making a connection.

use std::net::SocketAddr;
use std::sync::Arc;

use super::inner::Inner;
use super::link::Link;
use super::refusal::Counters;
use crate::identity::NodeId;

/// Dials a peer and takes the connection into use. Runs by itself: who asked for it may have given up, the next one
/// profits.
pub(super) async fn dial(inner: Arc<Inner>, peer: NodeId, address: SocketAddr) {
    Counters::add(&inner.counters.dials);
    match handshake(&inner, peer, address).await {
        Ok(connection) => {
            tracing::debug!(%peer, %address, "connected");
            inner.install(&Link::new(peer, connection, true));
        }
        Err(reason) => {
            tracing::debug!(%peer, %address, reason, "could not connect");
            Counters::add(&inner.counters.dials_failed);
            inner.peers.dial_failed(peer, address, reason);
        }
    }
}

async fn handshake(inner: &Inner, peer: NodeId, address: SocketAddr) -> Result<quinn::Connection, String> {
    // The handshake succeeds only with a certificate of this name.
    let name = inner.identity.name_of(peer);
    let connecting = inner.endpoint.connect_with(inner.client.clone(), address, &name);
    let connecting = connecting.map_err(|error| error.to_string())?;
    match tokio::time::timeout(inner.options.handshake_timeout, connecting).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => {
            inner.handshake_failed(&error, &peer);
            Err(error.to_string())
        }
        Err(_late) => Err("no answer".to_owned()),
    }
}
