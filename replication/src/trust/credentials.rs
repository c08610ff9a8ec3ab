//! What a node proves itself with.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use data_encoding::BASE64;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::Fingerprint;
use super::authority::Validity;
use super::error::TrustError;
use super::name::{ClusterName, NodeCertificate, cluster_of};
use super::tls;
use crate::identity::NodeId;

/// A node's certificate, its authority's, and the node's private key.
#[derive(Clone)]
pub struct NodeIdentity {
    node: NodeId,
    cluster: ClusterName,
    validity: Validity,
    certificate: CertificateDer<'static>,
    authority: CertificateDer<'static>,
    /// PKCS #8.
    key: Zeroizing<Vec<u8>>,
}

impl NodeIdentity {
    pub(super) fn new(
        certificate: CertificateDer<'static>,
        authority: CertificateDer<'static>,
        key: Zeroizing<Vec<u8>>,
    ) -> Result<Self, TrustError> {
        let said = NodeCertificate::read(&certificate)?;
        if said.cluster != cluster_of(&authority)? {
            return Err(TrustError::Nameless);
        }
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let validity = Validity { from: at(said.from_s), until: at(said.until_s) };
        Ok(Self { node: said.node, cluster: said.cluster, validity, certificate, authority, key })
    }

    /// Reads what [`to_pem`](Self::to_pem) wrote.
    ///
    /// # Errors
    /// When something is missing, damaged, or does not belong together. A certificate that ended is read: the
    /// node still knows who it is, and renews it.
    pub fn from_pem(pem: &str) -> Result<Self, TrustError> {
        let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
        let mut next = |what| match certificates.next() {
            Some(Ok(certificate)) => Ok(certificate),
            Some(Err(error)) => Err(TrustError::Damaged { what, reason: error.to_string() }),
            None => Err(TrustError::Missing(what)),
        };
        let (certificate, authority) = (next("node's certificate")?, next("authority's certificate")?);
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_not_there| TrustError::Missing("node's private key"))?;
        let key = Zeroizing::new(key.secret_pkcs8_der().to_vec());
        let identity = Self::new(certificate, authority, key)?;
        identity.check_signature()?;
        Ok(identity)
    }

    /// The node's certificate, its authority's, and the node's private key. **Whoever has this text is the node.**
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        let (certificate, authority) = (certificate_pem(&self.certificate), certificate_pem(&self.authority));
        Zeroizing::new(format!("{certificate}{authority}{}", *private_key_pem(&self.key)))
    }

    /// The node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The cluster's name.
    #[must_use]
    pub fn cluster(&self) -> &str {
        self.cluster.as_str()
    }

    /// From when until when it is good.
    #[must_use]
    pub const fn validity(&self) -> Validity {
        self.validity
    }

    /// What names the authority that issued it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.authority)
    }

    /// The chain and the key as rustls wants them.
    ///
    /// # Errors
    /// When the key is damaged, or is not the certificate's.
    pub fn certified_key(&self) -> Result<Arc<CertifiedKey>, TrustError> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(&self.key[..]));
        let key = rustls::crypto::ring::sign::any_supported_type(&key)?;
        let certified = CertifiedKey::new(vec![self.certificate.clone(), self.authority.clone()], key);
        certified.keys_match()?;
        Ok(Arc::new(certified))
    }

    pub(crate) const fn authority(&self) -> &CertificateDer<'static> {
        &self.authority
    }

    pub(super) const fn cluster_name(&self) -> &ClusterName {
        &self.cluster
    }

    /// A key of this purpose that only this node's key gives.
    pub(crate) fn derived_key(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(blake3::derive_key(purpose, &self.key))
    }

    /// Whether the authority signed this certificate and the key is its own.
    pub(super) fn check_signature(&self) -> Result<(), TrustError> {
        self.certified_key()?;
        let instant = self.validity.from + Duration::from_secs(1);
        Ok(tls::check_chain(&self.certificate, &self.authority, instant)?)
    }
}

impl fmt::Debug for NodeIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeIdentity({} of {})", self.node, self.cluster.as_str())
    }
}

pub(super) fn certificate_pem(certificate: &CertificateDer<'_>) -> String {
    let mut pem = String::new();
    write_pem(&mut pem, "CERTIFICATE", certificate);
    pem
}

pub(super) fn private_key_pem(key: &[u8]) -> Zeroizing<String> {
    // Long enough that it never moves and leaves nothing behind.
    let mut pem = Zeroizing::new(String::with_capacity(1_024));
    write_pem(&mut pem, "PRIVATE KEY", key);
    pem
}

/// RFC 7468.
fn write_pem(pem: &mut String, label: &str, der: &[u8]) {
    let armour = |pem: &mut String, edge: &str| {
        for part in ["-----", edge, " ", label, "-----\n"] {
            pem.push_str(part);
        }
    };
    armour(pem, "BEGIN");
    for line in der.chunks(48) {
        BASE64.encode_append(line, pem);
        pem.push('\n');
    }
    armour(pem, "END");
}
