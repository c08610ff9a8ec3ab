//! Answering: connections, and what arrives on them.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use quinn::{Connection, Incoming, RecvStream, SendStream, VarInt};
use rustls::pki_types::CertificateDer;
use tokio::sync::OwnedSemaphorePermit;

use super::frames::VERSION;
use super::inner::Inner;
use super::link::Link;
use super::options::MEMBER_WINDOW_BYTES;
use super::refusal::{Counters, Refusal, code};
use crate::identity::NodeId;
use crate::transport::FRAME_BYTES_MAX;
use crate::transport::duplex::{Duplex, FrameReceiver};
use crate::transport::kind::Kind;
use crate::trust::tls::node_named_by;

/// The longest frame that a newcomer may send: a secret, a name, an address.
const NEWCOMER_FRAME_BYTES_MAX: usize = 64 << 10;
/// Who has no certificate is nobody.
const NOBODY: NodeId = NodeId(0);

/// Answers connections until the endpoint is closed.
pub(super) async fn accept(inner: Arc<Inner>) {
    while let Some(incoming) = inner.endpoint.accept().await {
        let from = incoming.remote_address();
        if inner.endpoint.open_connections() >= inner.options.connections_max {
            inner.refuse(Refusal::Connections, &from);
            incoming.refuse();
            continue;
        }
        let Ok(permit) = Arc::clone(&inner.handshakes).try_acquire_owned() else {
            inner.refuse(Refusal::Handshakes, &from);
            incoming.refuse();
            continue;
        };
        let is_busy = inner.handshakes.available_permits() < inner.options.handshakes_max / 2;
        if is_busy && !incoming.remote_address_validated() && incoming.may_retry() {
            // Fails only for what may not be told to retry.
            let _ = incoming.retry();
            continue;
        }
        inner.spawn(handshake(Arc::clone(&inner), incoming, permit));
    }
}

async fn handshake(inner: Arc<Inner>, incoming: Incoming, permit: OwnedSemaphorePermit) {
    let from = incoming.remote_address();
    let shaken = async { incoming.accept()?.await };
    let connection = match tokio::time::timeout(inner.options.handshake_timeout, shaken).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(error)) => return inner.handshake_failed(&error, &from),
        Err(_late) => return inner.refuse(Refusal::HandshakeLate, &from),
    };
    drop(permit);
    match caller(&connection) {
        None => newcomer(&inner, connection),
        Some(node) if node == inner.node => {
            inner.refuse(Refusal::OwnName, &from);
            connection.close(Refusal::OwnName.code(), b"this is my own name");
        }
        Some(node) if inner.peers.is_forgotten(node) => {
            inner.refuse(Refusal::Forgotten, &node);
            connection.close(Refusal::Forgotten.code(), b"left the cluster");
        }
        Some(node) => {
            connection.set_receive_window(VarInt::from_u32(MEMBER_WINDOW_BYTES));
            connection.set_max_concurrent_bi_streams(VarInt::from_u32(inner.options.streams_per_peer_max));
            connection.set_max_concurrent_uni_streams(VarInt::from_u32(inner.options.messages_per_peer_max));
            Counters::add(&inner.counters.accepted);
            tracing::debug!(peer = %node, %from, "a peer connected");
            inner.install(&Link::new(node, connection, false));
        }
    }
}

/// Whom the peer's certificate names, which the handshake has checked; none without a certificate.
fn caller(connection: &Connection) -> Option<NodeId> {
    let chain = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    node_named_by(chain.first()?).ok()
}

/// Takes what arrives on a peer's connection, until it ends.
pub(super) fn serve(inner: &Arc<Inner>, link: &Arc<Link>) {
    let (streams, messages, datagrams) = (take_streams, take_messages, take_datagrams);
    inner.spawn(streams(Arc::clone(inner), Arc::clone(link)));
    inner.spawn(messages(Arc::clone(inner), Arc::clone(link)));
    inner.spawn(datagrams(Arc::clone(inner), Arc::clone(link)));
}

async fn take_streams(inner: Arc<Inner>, link: Arc<Link>) {
    while let Ok((send, receive)) = link.connection.accept_bi().await {
        link.prove();
        run(&inner, Box::pin(take_stream(Arc::clone(&inner), Arc::clone(&link), send, receive)));
    }
}

async fn take_messages(inner: Arc<Inner>, link: Arc<Link>) {
    while let Ok(receive) = link.connection.accept_uni().await {
        link.prove();
        run(&inner, Box::pin(take_message(Arc::clone(&inner), Arc::clone(&link), receive)));
    }
}

async fn take_datagrams(inner: Arc<Inner>, link: Arc<Link>) {
    while let Ok(datagram) = link.connection.read_datagram().await {
        link.prove();
        match datagram.first().copied().and_then(Kind::from_number) {
            Some(kind) if !inner.is_closed() => inner.switch.datagram(link.peer, kind, datagram.slice(1..)),
            Some(_) => return,
            None => inner.refuse(Refusal::Kind, &link.peer),
        }
    }
}

/// Runs a task; without making one if it need not wait, which is the rule: a stream's kind came with its first packet.
fn run(inner: &Arc<Inner>, mut task: Pin<Box<impl Future<Output = ()> + Send + 'static>>) {
    if task.as_mut().now_or_never().is_none() {
        inner.spawn(task);
    }
}

async fn take_stream(inner: Arc<Inner>, link: Arc<Link>, send: SendStream, receive: RecvStream) {
    let mut receiver = inner.receiver(receive, &link, FRAME_BYTES_MAX);
    let Some(kind) = kind(&inner, &mut receiver).await else {
        return refuse_answer(send);
    };
    let sender = inner.sender(send, &link, kind);
    if !inner.is_closed() {
        let stream = Duplex { sender: Box::new(sender), receiver: Box::new(receiver) };
        inner.switch.stream(link.peer, kind, stream);
    }
}

async fn take_message(inner: Arc<Inner>, link: Arc<Link>, receive: RecvStream) {
    let mut receiver = inner.receiver(receive, &link, FRAME_BYTES_MAX);
    let Some(kind) = kind(&inner, &mut receiver).await else { return };
    let frame: Option<Bytes> =
        match tokio::time::timeout(inner.options.arrival_timeout, receiver.receive()).await {
            Ok(received) => received.ok().flatten(),
            Err(_late) => {
                receiver.refuse(Refusal::Late);
                None
            }
        };
    if let Some(frame) = frame
        && !inner.is_closed()
    {
        inner.switch.message(link.peer, kind, frame);
    }
}

/// Reads what a stream begins with; none if that is not to be spoken with.
async fn kind(inner: &Inner, receiver: &mut super::frames::Receiver) -> Option<Kind> {
    match tokio::time::timeout(inner.options.arrival_timeout, receiver.begin()).await {
        Ok(Ok(Some((VERSION, number)))) => {
            let kind = Kind::from_number(number);
            if kind.is_none() {
                receiver.refuse(Refusal::Kind);
            }
            kind
        }
        Ok(Ok(Some((_unknown, _)))) => {
            receiver.refuse(Refusal::Version);
            None
        }
        Ok(Ok(None) | Err(_)) => None,
        Err(_late) => {
            receiver.refuse(Refusal::Late);
            None
        }
    }
}

fn refuse_answer(mut send: SendStream) {
    // quinn would finish it. Fails when it has ended otherwise.
    let _ = send.reset(code::DROPPED);
}

/// Lets a newcomer ask to join, and nothing else, for a short while.
fn newcomer(inner: &Arc<Inner>, connection: Connection) {
    let Ok(permit) = Arc::clone(&inner.newcomers).try_acquire_owned() else {
        inner.refuse(Refusal::Connections, &connection.remote_address());
        return connection.close(Refusal::Connections.code(), b"too many newcomers");
    };
    let link = Link::new(NOBODY, connection, false);
    let inner = Arc::clone(inner);
    inner.clone().spawn(async move {
        let _permit = permit;
        let patience = inner.options.arrival_timeout * 3;
        let asking = async {
            while let Ok((send, receive)) = link.connection.accept_bi().await {
                run(&inner, Box::pin(take_newcomer(Arc::clone(&inner), Arc::clone(&link), send, receive)));
            }
        };
        if tokio::time::timeout(patience, asking).await.is_err() {
            inner.refuse(Refusal::Late, &link.connection.remote_address());
            link.connection.close(Refusal::Late.code(), b"took too long to join");
        }
    });
}

async fn take_newcomer(inner: Arc<Inner>, link: Arc<Link>, send: SendStream, receive: RecvStream) {
    let mut receiver = inner.receiver(receive, &link, NEWCOMER_FRAME_BYTES_MAX);
    let Some(kind) = kind(&inner, &mut receiver).await else {
        return refuse_answer(send);
    };
    if kind != Kind::Join {
        receiver.refuse(Refusal::NoCertificate);
        return refuse_answer(send);
    }
    let sender = inner.sender(send, &link, kind);
    if !inner.is_closed() {
        let stream = Duplex { sender: Box::new(sender), receiver: Box::new(receiver) };
        inner.switch.stream(NOBODY, kind, stream);
    }
}
