//! What nobody should send to a node's UDP port, and is sent all the same: refused, counted, and no harm to others.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use marquee_replication::NodeId;
use marquee_replication::transport::{
    Kind, QuicOptions, QuicTransport, Refusal, Switch, Transport, TransportError, answer_call, call,
    join_call,
};
use marquee_replication::trust::{IdentityStore, NodeIdentity, Validity};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, Endpoint, VarInt};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};

use crate::transport_networks::{PATIENCE, Quic, echo, loopback, next, options, switch};

const KIND: Kind = Kind::Forward;

/// A node under attack, and an honest peer of it.
struct Scene {
    network: Quic,
    node: Arc<QuicTransport>,
    honest: Arc<QuicTransport>,
}

impl Scene {
    fn new(options: QuicOptions) -> Self {
        let network = Quic::default();
        let node = network.start_with(options, 1, echo(KIND));
        let honest = network.start(2, Switch::new());
        Self { network, node, honest }
    }

    /// The honest peer works as ever.
    async fn assert_no_harm(&self) {
        let answer = call(&*self.honest, NodeId(1), KIND, Bytes::from_static(b"?"), PATIENCE).await;
        assert_eq!(answer, Ok(Bytes::from_static(b"?")));
    }

    async fn counted(&self, refusal: Refusal, least: u64) {
        counted(&self.node, refusal, least).await;
    }

    /// A connection of a member that does as it likes.
    async fn rogue(&self, node: u64) -> (Endpoint, Connection) {
        let validity = Validity::starting(SystemTime::now(), Validity::NODE_LIFETIME);
        let identity = self.network.authority.issue(NodeId(node), validity).unwrap();
        connect(self.node.local_addr(), Some(&identity)).await
    }
}

async fn counted(transport: &QuicTransport, refusal: Refusal, least: u64) {
    let counted = async {
        while transport.metrics().refused(refusal) < least {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, counted).await;
    assert!(waited.is_ok(), "{} is not counted: {:?}", refusal.name(), transport.metrics());
}

/// Believes every server.
#[derive(Debug)]
struct Credulous;

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn client(identity: Option<&NodeIdentity>, protocol: &[u8]) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Credulous));
    let mut config = match identity {
        Some(identity) => config.with_client_cert_resolver(IdentityStore::new(identity.clone()).unwrap()),
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    ClientConfig::new(Arc::new(QuicClientConfig::try_from(config).unwrap()))
}

async fn connect(to: SocketAddr, identity: Option<&NodeIdentity>) -> (Endpoint, Connection) {
    let endpoint = Endpoint::client(loopback()).unwrap();
    let connecting = endpoint.connect_with(client(identity, b"marquee/1"), to, "anybody.marquee").unwrap();
    let connection = tokio::time::timeout(PATIENCE, connecting).await.unwrap().unwrap();
    (endpoint, connection)
}

/// Sends these bytes on a stream and waits for the peer to refuse it with this code.
async fn refused_stream(connection: &Connection, bytes: &[u8], refusal: Refusal) {
    let (mut send, _receive) = connection.open_bi().await.unwrap();
    // It may be refused before all is written.
    let _ = send.write_all(bytes).await;
    let stopped = tokio::time::timeout(PATIENCE, send.stopped()).await.expect("it is not refused");
    assert_eq!(stopped, Ok(Some(VarInt::from_u32(refusal.number().into()))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_of_another_cluster_gets_nowhere() {
    let scene = Scene::new(options());
    // Of the same name, with an authority of its own.
    let others = Quic::default();
    let intruder = others.start(3, echo(KIND));
    intruder.set_address(NodeId(1), scene.node.local_addr());
    let refused = intruder.open(NodeId(1), KIND, PATIENCE).await;
    assert!(matches!(refused, Err(TransportError::Unreachable { .. })), "not {refused:?}");

    // One who does not mind whom it speaks to.
    let validity = Validity::starting(SystemTime::now(), Validity::NODE_LIFETIME);
    let identity = others.authority.issue(NodeId(2), validity).unwrap();
    let (_endpoint, connection) = connect(scene.node.local_addr(), Some(&identity)).await;
    tokio::time::timeout(PATIENCE, connection.closed()).await.expect("it is let in");

    // And the other way: the node dials the intruder.
    scene.node.set_address(NodeId(3), intruder.local_addr());
    let refused = scene.node.open(NodeId(3), KIND, PATIENCE).await;
    assert!(matches!(refused, Err(TransportError::Unreachable { .. })), "not {refused:?}");
    scene.counted(Refusal::Handshake, 3).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_has_ended_gets_nowhere() {
    let scene = Scene::new(options());
    let now = SystemTime::now();
    let day = Duration::from_secs(24 * 3600);
    let past = Validity { from: now - 90 * day, until: now - day };
    let identity = scene.network.authority.issue(NodeId(3), past).unwrap();
    let (_endpoint, connection) = connect(scene.node.local_addr(), Some(&identity)).await;
    tokio::time::timeout(PATIENCE, connection.closed()).await.expect("it is let in");
    scene.counted(Refusal::Handshake, 1).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_protocol_is_refused_in_the_handshake() {
    let scene = Scene::new(options());
    let endpoint = Endpoint::client(loopback()).unwrap();
    let connecting =
        endpoint.connect_with(client(None, b"h3"), scene.node.local_addr(), "anybody.marquee").unwrap();
    assert!(tokio::time::timeout(PATIENCE, connecting).await.unwrap().is_err());
    scene.counted(Refusal::Handshake, 1).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_certificate_one_may_only_join() {
    let scene = Scene::new(options());
    let (_endpoint, connection) = connect(scene.node.local_addr(), None).await;
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Join) {
        refused_stream(&connection, &[1, kind.number(), 0, 0, 0, 0], Refusal::NoCertificate).await;
    }
    scene.counted(Refusal::NoCertificate, Kind::ALL.len() as u64 - 1).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_asks_to_join_and_is_sure_whom_it_asks() {
    let (there, .., mut streams) = switch(Kind::Join);
    let network = Quic::default();
    let node = network.start(1, there);
    let ask = |authority| join_call(node.local_addr(), authority, Bytes::from_static(b"may I?"), PATIENCE);
    let asking = tokio::spawn(ask(network.authority.fingerprint()));
    let (from, stream) = next(&mut streams).await;
    assert_eq!(from, NodeId(0), "who has no certificate is nobody");
    let answer = |question: Bytes| async move {
        assert_eq!(question, "may I?");
        Bytes::from_static(b"welcome")
    };
    answer_call(stream, from, answer).await.unwrap();
    assert_eq!(asking.await.unwrap(), Ok(Bytes::from_static(b"welcome")));

    let others = Quic::default();
    let refused = ask(others.authority.fingerprint()).await;
    assert!(matches!(refused, Err(TransportError::Unreachable { .. })), "not {refused:?}");
    counted(&node, Refusal::Handshake, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_7_is_never_taken_for_node_8() {
    let (there, .., mut streams) = switch(KIND);
    let network = Quic::default();
    let one = network.start(1, there);
    let seven = network.start(7, echo(KIND));
    // It listens where node 8 is said to be.
    one.set_address(NodeId(8), seven.local_addr());
    let refused = one.open(NodeId(8), KIND, PATIENCE).await;
    assert!(matches!(refused, Err(TransportError::Unreachable { .. })), "not {refused:?}");
    counted(&one, Refusal::Handshake, 1).await;
    // Who it is, is what its certificate says: there is nothing else that could say it.
    let mut stream = seven.open(NodeId(1), KIND, PATIENCE).await.unwrap();
    stream.sender.send(Bytes::from_static(b"I am node 8")).await.unwrap();
    assert_eq!(next(&mut streams).await.0, NodeId(7));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_the_node_s_own_name_is_refused() {
    let scene = Scene::new(options());
    let (_endpoint, connection) = scene.rogue(1).await;
    tokio::time::timeout(PATIENCE, connection.closed()).await.expect("it is let in");
    scene.counted(Refusal::OwnName, 1).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_left_is_not_let_in_again() {
    let scene = Scene::new(options());
    scene.assert_no_harm().await;
    scene.node.forget(NodeId(2));
    let refused = async {
        // The first may still go out on the connection that is being closed.
        while call(&*scene.honest, NodeId(1), KIND, Bytes::new(), PATIENCE).await.is_ok()
            || scene.node.metrics().refused(Refusal::Forgotten) == 0
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.expect("it is let in");
    assert!(scene.node.open(NodeId(2), KIND, PATIENCE).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_counted() {
    let scene = Scene::new(options());
    scene.assert_no_harm().await;
    let socket = UdpSocket::bind(loopback()).unwrap();
    socket.connect(scene.node.local_addr()).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..500 {
        let garbage: Vec<u8> = (0..random.usize(0..1_400)).map(|_| random.u8(..)).collect();
        socket.send(&garbage).unwrap();
    }
    // Some may be lost, none may be mistaken.
    scene.counted(Refusal::StrayDatagram, 100).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_announces_a_gigabyte_is_refused_at_once() {
    let scene = Scene::new(options());
    let (_endpoint, connection) = scene.rogue(3).await;
    let mut frame = vec![1, KIND.number()];
    frame.extend((1_u32 << 30).to_be_bytes());
    refused_stream(&connection, &frame, Refusal::FrameLength).await;
    // The same as a message.
    let mut message = connection.open_uni().await.unwrap();
    message.write_all(&frame).await.unwrap();
    tokio::time::timeout(PATIENCE, message.stopped()).await.unwrap().unwrap();
    scene.counted(Refusal::FrameLength, 2).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_are_never_ended_do_not_fill_the_memory() {
    let scene = Scene::new(QuicOptions { assembly_bytes_max: 4 << 20, ..options() });
    let (_endpoint, connection) = scene.rogue(3).await;
    // Each announces as much as is allowed, and sends most of a mebibyte.
    let mut frame = vec![1, KIND.number()];
    frame.extend((32_u32 << 20).to_be_bytes());
    frame.resize(900 << 10, 7);
    let mut held = Vec::new();
    for _ in 0..10 {
        let mut message = connection.open_uni().await.unwrap();
        // It may be refused before all is written.
        let _ = message.write_all(&frame).await;
        held.push(message);
    }
    scene.counted(Refusal::FrameMemory, 1).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_versions_and_kinds_are_refused() {
    let scene = Scene::new(options());
    let (_endpoint, connection) = scene.rogue(3).await;
    refused_stream(&connection, &[2, KIND.number(), 0, 0, 0, 0], Refusal::Version).await;
    refused_stream(&connection, &[1, 200, 0, 0, 0, 0], Refusal::Kind).await;
    connection.send_datagram(Bytes::from_static(&[200, 1, 2])).unwrap();
    connection.send_datagram(Bytes::new()).unwrap();
    scene.counted(Refusal::Version, 1).await;
    scene.counted(Refusal::Kind, 2).await;
    scene.assert_no_harm().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_streams_get_no_further_than_the_limit() {
    let limited = QuicOptions { streams_per_peer_max: 100, ..options() };
    let network = Quic::default();
    let (there, .., mut streams) = switch(KIND);
    let node = network.start_with(limited, 1, there);
    let honest = network.start(2, Switch::new());
    let flood = network.start(3, Switch::new());
    let opens = (0..1_000).map(|_| {
        let flood = Arc::clone(&flood);
        tokio::spawn(async move { flood.open(NodeId(1), KIND, Duration::from_secs(2)).await })
    });
    let mut held = Vec::new();
    for open in opens.collect::<Vec<_>>() {
        match open.await.unwrap() {
            Ok(stream) => held.push(stream),
            Err(error) => assert!(!error.may_have_arrived(), "it never went out: {error}"),
        }
    }
    assert_eq!(held.len(), 100);
    let mut answers = Vec::new();
    for _ in 0..100 {
        answers.push(next(&mut streams).await);
    }
    // Another peer has streams of its own.
    let mut stream = honest.open(NodeId(1), KIND, PATIENCE).await.unwrap();
    stream.sender.send(Bytes::from_static(b"?")).await.unwrap();
    assert_eq!(next(&mut streams).await.0, NodeId(2));
    // Once some are done, others are let through.
    drop((held, answers));
    flood.open(NodeId(1), KIND, PATIENCE).await.unwrap();
    assert!(node.metrics().connections >= 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_never_says_its_kind_is_given_up() {
    let scene = Scene::new(QuicOptions { arrival_timeout: Duration::from_millis(100), ..options() });
    let (_endpoint, connection) = scene.rogue(3).await;
    refused_stream(&connection, &[1], Refusal::Late).await;
    let mut message = connection.open_uni().await.unwrap();
    message.write_all(&[1, KIND.number(), 0, 0, 1, 0, 42]).await.unwrap();
    scene.counted(Refusal::Late, 2).await;
    scene.assert_no_harm().await;
}
