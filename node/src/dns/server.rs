//! The sockets: every packet is counted before it is read, and connections are few, short and patient with nobody.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use marquee_config::{Dns, RateLimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::message::{Carrier, reply};
use super::zone::Zone;
use crate::geo::Geo;
use crate::http::limits::{Buckets, network};

/// A question is seldom above 100 bytes; what is longer than this is none.
const QUESTION_BYTES_MAX: usize = 4_096;
/// Connections at a time; more are closed at once. A resolver only connects when an answer was cut.
const CONNECTIONS_MAX: usize = 256;
/// Questions of one connection.
const QUESTIONS_PER_CONNECTION: usize = 64;
/// How long a connection may take for a question, from its start or the answer before.
const QUESTION_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to rest after an accept that failed, for the lack of file descriptors most likely.
const ACCEPT_REST: Duration = Duration::from_millis(50);

/// Answers the cluster's name, by UDP and by TCP.
pub struct Responder {
    udp: UdpSocket,
    tcp: TcpListener,
    address: SocketAddr,
    answering: Arc<Answering>,
}

/// Why the sockets are not there.
#[derive(Debug, thiserror::Error)]
#[error("dns.listen: cannot listen at {address} by {by}")]
pub struct BindError {
    /// Where.
    pub address: SocketAddr,
    /// `UDP` or `TCP`.
    pub by: &'static str,
    /// Why not.
    #[source]
    pub source: io::Error,
}

struct Answering {
    zone: Zone,
    geo: Arc<Geo>,
    addresses: Buckets,
    everybody: Buckets,
}

impl Responder {
    /// Takes the sockets that the settings name. Of port 0 the system chooses one, the same for both.
    ///
    /// # Errors
    /// [`BindError`] if the port is taken, or is not for this process to have.
    pub async fn bind(settings: &Dns, zone: Zone, geo: Arc<Geo>) -> Result<Self, BindError> {
        let wanted = settings.listen.socket_addr();
        let failed = |by| move |source| BindError { address: wanted, by, source };
        let tcp = TcpListener::bind(wanted).await.map_err(failed("TCP"))?;
        let address = tcp.local_addr().map_err(failed("TCP"))?;
        let udp = UdpSocket::bind(address).await.map_err(failed("UDP"))?;
        let per_second = settings.per_second;
        let everybody = RateLimit { per_minute: per_second.saturating_mul(60), burst: per_second };
        let answering = Arc::new(Answering {
            zone,
            geo,
            addresses: Buckets::new("dns-address", settings.per_address),
            everybody: Buckets::new("dns", everybody),
        });
        Ok(Self { udp, tcp, address, answering })
    }

    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stopping` is cancelled.
    pub async fn serve(self, stopping: CancellationToken) {
        let Self { udp, tcp, address, answering } = self;
        tracing::info!(%address, "answering DNS");
        let datagrams = answer_datagrams(&udp, &answering);
        let connections = answer_connections(&tcp, &answering, &stopping);
        tokio::select! {
            () = stopping.cancelled() => {}
            () = async { tokio::join!(datagrams, connections); } => {}
        }
    }
}

impl Answering {
    /// The answer, if there is to be one. The address is counted first, so that one that asks too much takes nothing from
    /// the others.
    fn reply(&self, packet: &[u8], peer: SocketAddr, carrier: Carrier) -> Option<Vec<u8>> {
        if peer.port() == 0 || !is_answerable(peer.ip()) {
            return None;
        }
        if !self.addresses.grants(network(peer.ip())) || !self.everybody.grants(()) {
            tracing::trace!(%peer, "too many questions");
            return None;
        }
        // Reading has no state that a panic could leave half done, and one packet must not end all answers.
        let read = AssertUnwindSafe(|| reply(&self.zone, &self.geo, packet, peer, carrier));
        std::panic::catch_unwind(read).unwrap_or_else(|_panic| {
            tracing::error!(%peer, packet = data_encoding::HEXLOWER.encode(packet), "a packet broke the DNS responder");
            None
        })
    }
}

/// Whether an answer can go to one host there: the sender of a datagram is what its sender says.
fn is_answerable(address: IpAddr) -> bool {
    let broadcast = match address {
        IpAddr::V4(address) => address.is_broadcast(),
        IpAddr::V6(_) => false,
    };
    !address.is_unspecified() && !address.is_multicast() && !broadcast
}

async fn answer_datagrams(socket: &UdpSocket, answering: &Answering) {
    // What is longer is cut, and then cannot be read.
    let mut buffer = vec![0; QUESTION_BYTES_MAX];
    loop {
        let (length, peer) = match socket.recv_from(&mut buffer).await {
            Ok(received) => received,
            Err(error) => {
                // On some systems this is an earlier answer that could not be delivered.
                tracing::debug!(%error, "a datagram was not received");
                tokio::task::yield_now().await;
                continue;
            }
        };
        if let Some(answer) = answering.reply(&buffer[..length], peer, Carrier::Udp) {
            // A full buffer drops the answer, as the network could; resolvers ask again.
            if let Err(error) = socket.try_send_to(&answer, peer) {
                tracing::debug!(%peer, %error, "an answer was not sent");
            }
        }
    }
}

async fn answer_connections(
    listener: &TcpListener,
    answering: &Arc<Answering>,
    stopping: &CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a DNS connection was not accepted");
                tokio::time::sleep(ACCEPT_REST).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::debug!(%peer, "too many DNS connections");
            continue;
        };
        let (answering, stopping) = (Arc::clone(answering), stopping.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                ended = converse(stream, peer, &answering) => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, %error, "a DNS connection ended");
                    }
                }
            }
            drop(place);
        });
    }
}

/// Answers the questions of one connection, each behind its length (RFC 1035, 4.2.2).
async fn converse(mut stream: TcpStream, peer: SocketAddr, answering: &Answering) -> io::Result<()> {
    for _question in 0..QUESTIONS_PER_CONNECTION {
        let Some(question) = tokio::time::timeout(QUESTION_TIMEOUT, question(&mut stream)).await?? else {
            return Ok(());
        };
        let Some(answer) = answering.reply(&question, peer, Carrier::Tcp) else { return Ok(()) };
        // Answers are bounded by what a message can be.
        let length = u16::try_from(answer.len()).unwrap_or(0);
        let mut message = length.to_be_bytes().to_vec();
        message.extend_from_slice(&answer[..usize::from(length)]);
        tokio::time::timeout(QUESTION_TIMEOUT, stream.write_all(&message)).await??;
    }
    Ok(())
}

/// The next question; `None` at the end, or if it is too long to be one.
async fn question(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    match stream.read_exact(&mut length).await {
        Ok(_read) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = usize::from(u16::from_be_bytes(length));
    if length > QUESTION_BYTES_MAX {
        return Ok(None);
    }
    let mut question = vec![0; length];
    stream.read_exact(&mut question).await?;
    Ok(Some(question))
}
