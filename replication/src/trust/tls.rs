//! The two sides of a handshake, as rustls is to play them.

use std::sync::Arc;
use std::time::SystemTime;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, RootCertStore, ServerConfig,
    SignatureScheme,
};

use super::Fingerprint;
use super::error::TrustError;
use super::name::{ClusterName, NodeCertificate};
use super::store::IdentityStore;
use crate::identity::NodeId;

/// The protocol of all streams and datagrams. A node that speaks only another one is refused in the handshake.
const PROTOCOL: &[u8] = b"marquee/1";
/// What a newcomer asks for: it knows no node's name yet.
pub(crate) const JOIN_NAME: &str = "join.marquee";

/// How a node answers: it proves itself, and checks who calls if they have a certificate.
pub(crate) fn server_config(identity: &Arc<IdentityStore>) -> Result<ServerConfig, TrustError> {
    let current = identity.identity();
    let chain = WebPkiClientVerifier::builder_with_provider(roots(current.authority())?, provider())
        .allow_unauthenticated()
        .build()?;
    let verifier = MemberVerifier { chain, cluster: current.cluster_name().clone() };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_cert_resolver(Arc::clone(identity) as _);
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    // A resumed session would outlive the certificate that it was made with.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// How a node dials another: it proves itself, and checks that the other is who it dialled.
pub(crate) fn client_config(identity: &Arc<IdentityStore>) -> Result<ClientConfig, TrustError> {
    let verifier =
        WebPkiServerVerifier::builder_with_provider(roots(identity.identity().authority())?, provider())
            .build()?;
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_webpki_verifier(verifier)
        .with_client_cert_resolver(Arc::clone(identity) as _);
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// How a newcomer dials a member: without a certificate, and sure of the authority alone.
pub(crate) fn joiner_config(authority: Fingerprint) -> Result<ClientConfig, TrustError> {
    let verifier = PinnedVerifier { authority, provider: provider() };
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Whom a checked certificate names.
pub(crate) fn node_named_by(certificate: &CertificateDer<'_>) -> Result<NodeId, TrustError> {
    NodeCertificate::read(certificate).map(|said| said.node)
}

/// Whether the authority issued the certificate, seen at an instant.
pub(super) fn check_chain(
    certificate: &CertificateDer<'_>,
    authority: &CertificateDer<'_>,
    instant: SystemTime,
) -> Result<(), rustls::Error> {
    let since_1970 = instant.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    rustls::client::verify_server_cert_signed_by_trust_anchor(
        &ParsedCertificate::try_from(certificate)?,
        &*roots(authority)?,
        &[],
        UnixTime::since_unix_epoch(since_1970),
        provider().signature_verification_algorithms.all,
    )
}

fn roots(authority: &CertificateDer<'_>) -> Result<Arc<RootCertStore>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone().into_owned())?;
    Ok(Arc::new(roots))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Checks who calls: the chain as webpki does, and that the certificate names a node of this cluster.
#[derive(Debug)]
struct MemberVerifier {
    chain: Arc<dyn ClientCertVerifier>,
    cluster: ClusterName,
}

impl ClientCertVerifier for MemberVerifier {
    fn offer_client_auth(&self) -> bool {
        self.chain.offer_client_auth()
    }

    fn client_auth_mandatory(&self) -> bool {
        self.chain.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let verified = self.chain.verify_client_cert(end_entity, intermediates, now)?;
        match NodeCertificate::read(end_entity) {
            Ok(said) if said.cluster == self.cluster => Ok(verified),
            Ok(_) | Err(_) => Err(CertificateError::NotValidForName.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// Checks that a member answers: a node's certificate, signed by the authority that the token pins.
#[derive(Debug)]
struct PinnedVerifier {
    authority: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for PinnedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let authority = intermediates
            .iter()
            .find(|certificate| Fingerprint::of(certificate) == self.authority)
            .ok_or(CertificateError::UnknownIssuer)?;
        rustls::client::verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(end_entity)?,
            &*roots(authority)?,
            &[],
            now,
            self.provider.signature_verification_algorithms.all,
        )?;
        NodeCertificate::read(end_entity)
            .map(|_node| ServerCertVerified::assertion())
            .map_err(|_nobody| CertificateError::NotValidForName.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
