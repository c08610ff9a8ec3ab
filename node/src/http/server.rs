//! The listener: accepts connections, speaks HTTP/1.1 and HTTP/2 on them, and stops without dropping what is in flight.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::front::{self, Answers, Peer};
use super::houses::{House, Houses};

/// How long the TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// The most requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 200;

/// Serves until the app's `stopping` is cancelled; resolves when every request in flight has been answered, or
/// `limits.shutdown_timeout` later. At most `limits.connections` are open; more wait in the system's backlog.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    front: House,
    houses: Arc<Houses>,
) {
    let stopping = front.app.stopping.clone();
    let limits = front.app.settings.limits.clone();
    let service = front::service(front, houses);
    let acceptor = tls.map(TlsAcceptor::from);
    let permits = Arc::new(Semaphore::new(limits.connections as usize));
    let mut connections = JoinSet::new();
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&permits).acquire_owned() => permit,
            () = stopping.cancelled() => break,
        };
        let Some((stream, peer)) = accept(&listener, &stopping, &mut connections).await else { break };
        let (service, acceptor) = (service.clone(), acceptor.clone());
        let (head_timeout, stopping) = (limits.header_timeout, stopping.clone());
        connections.spawn(async move {
            connection(stream, peer, acceptor, service, head_timeout, &stopping).await;
            drop(permit);
        });
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.shutdown_timeout, finished).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests in flight did not finish in time");
    }
}

/// The next connection; none when the node stops.
async fn accept(
    listener: &TcpListener,
    stopping: &CancellationToken,
    connections: &mut JoinSet<()>,
) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_ended) = connections.join_next() => continue,
            () = stopping.cancelled() => return None,
        };
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) => {
                // A client that is gone already is no news. Without file descriptors there is nothing to do but to
                // wait until connections end.
                if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
                {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

async fn connection<S>(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    service: S,
    head_timeout: Duration,
    stopping: &CancellationToken,
) where
    S: Answers,
{
    // Without it small answers wait for the client's acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let Some(acceptor) = acceptor else {
        return exchange(stream, peer.ip(), service, head_timeout, stopping).await;
    };
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => exchange(stream, peer.ip(), service, head_timeout, stopping).await,
        Ok(Err(error)) => tracing::debug!(%error, %peer, "the TLS handshake failed"),
        Err(_elapsed) => tracing::debug!(%peer, "the TLS handshake took too long"),
    }
}

/// Answers the requests of one connection until it ends.
async fn exchange<I, S>(
    stream: I,
    peer: IpAddr,
    service: S,
    head_timeout: Duration,
    stopping: &CancellationToken,
) where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
    S: Answers,
{
    let asked = Arc::new(AtomicBool::new(false));
    let handler = {
        let asked = Arc::clone(&asked);
        hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            service.clone().call(request)
        })
    };
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_timeout);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .keep_alive_interval(head_timeout)
        .keep_alive_timeout(head_timeout);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), handler));
    // Until it has read enough to tell HTTP/1.1 from HTTP/2, hyper has no deadline of its own.
    let mut silence = std::pin::pin!(tokio::time::sleep(head_timeout));
    let (mut is_silent, mut is_stopping) = (true, false);
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break ended,
            () = silence.as_mut(), if is_silent => {
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                is_silent = false;
            }
            () = stopping.cancelled(), if !is_stopping => {
                connection.as_mut().graceful_shutdown();
                is_stopping = true;
            }
        }
    };
    if let Err(error) = ended {
        // Clients vanish in many ways; none of them is ours to repair.
        tracing::debug!(%error, "a connection broke");
    }
}
