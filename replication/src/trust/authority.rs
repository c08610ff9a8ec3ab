//! The cluster's own certificate authority.

use std::fmt;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ED25519, SanType,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use zeroize::{Zeroize, Zeroizing};

use super::Fingerprint;
use super::credentials::{NodeIdentity, private_key_pem};
use super::error::TrustError;
use super::name::{ClusterName, cluster_of};
use crate::identity::NodeId;

/// How long an authority lasts. It is not renewed: all nodes, and all tokens, trust exactly this certificate.
const LIFETIME: Duration = Duration::from_secs(50 * 365 * 24 * 3600);
/// How far clocks may be apart when something is issued on one node and checked on another.
const CLOCKS_APART: Duration = Duration::from_secs(3600);

/// Signs the certificates of a cluster's nodes.
///
/// Every member holds it, so that any of them can admit a newcomer and each renews its own certificate.
pub struct ClusterAuthority {
    cluster: ClusterName,
    certificate: CertificateDer<'static>,
    /// PKCS #8.
    key: Zeroizing<Vec<u8>>,
}

/// From when until when a certificate is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first instant.
    pub from: SystemTime,
    /// The last instant.
    pub until: SystemTime,
}

impl Validity {
    /// What a node's certificate lives unless something else is asked for.
    pub const NODE_LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

    /// For a lifetime from this instant on, and an hour before it, since clocks differ.
    #[must_use]
    pub fn starting(now: SystemTime, lifetime: Duration) -> Self {
        Self { from: now - CLOCKS_APART, until: now + lifetime }
    }
}

impl ClusterAuthority {
    /// Makes the authority of a cluster that begins.
    ///
    /// # Errors
    /// When the name cannot stand in a certificate.
    pub fn create(cluster: &str, now: SystemTime) -> Result<Self, TrustError> {
        let cluster = ClusterName::parse(cluster)?;
        let mut key = KeyPair::generate_for(&PKCS_ED25519).map_err(TrustError::Issue)?;
        let mut params = params(Validity::starting(now, LIFETIME), cluster.as_str());
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).map_err(TrustError::Issue);
        let kept = Zeroizing::new(key.serialize_der());
        key.zeroize();
        Ok(Self { cluster, certificate: certificate?.into(), key: kept })
    }

    /// Reads what [`to_pem`](Self::to_pem) wrote.
    ///
    /// # Errors
    /// When the certificate or the key is missing, damaged, or they do not belong together.
    pub fn from_pem(pem: &str) -> Result<Self, TrustError> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|_not_there| TrustError::Missing("authority's certificate"))?;
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
            .map_err(|_not_there| TrustError::Missing("authority's private key"))?;
        let key = Zeroizing::new(key.secret_pkcs8_der().to_vec());
        let authority = Self { cluster: cluster_of(&certificate)?, certificate, key };
        // A key of another authority would sign what nobody trusts.
        let probe = Validity { from: SystemTime::UNIX_EPOCH, until: SystemTime::UNIX_EPOCH + LIFETIME };
        authority.issue(NodeId(1), probe)?.check_signature()?;
        Ok(authority)
    }

    /// Certificate and private key. **Whoever has this text can become any node.**
    #[must_use]
    pub fn to_pem(&self) -> Zeroizing<String> {
        let key = private_key_pem(&self.key);
        Zeroizing::new(format!("{}{}", self.certificate_pem(), *key))
    }

    /// The certificate alone, which is no secret.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        super::credentials::certificate_pem(&self.certificate)
    }

    /// What names this authority: tokens pin it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.certificate)
    }

    /// The cluster's name.
    #[must_use]
    pub fn cluster(&self) -> &str {
        self.cluster.as_str()
    }

    /// Makes a key for a node, and the certificate that names it.
    ///
    /// # Errors
    /// When the operating system gives no randomness, or for node 0, which is nobody.
    pub fn issue(&self, node: NodeId, validity: Validity) -> Result<NodeIdentity, TrustError> {
        let name = self.cluster.of_node(node);
        let mut params = params(validity, &name);
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().map_err(TrustError::Issue)?)];
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];

        let signing =
            KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(&self.key[..]), &PKCS_ED25519)
                .map_err(|error| TrustError::Damaged {
                    what: "authority's private key",
                    reason: error.to_string(),
                })?;
        let issuer = Issuer::from_ca_cert_der(&self.certificate, signing).map_err(TrustError::Issue)?;
        let mut key = KeyPair::generate_for(&PKCS_ED25519).map_err(TrustError::Issue)?;
        let certificate = params.signed_by(&key, &issuer).map_err(TrustError::Issue);
        let kept = Zeroizing::new(key.serialize_der());
        key.zeroize();
        NodeIdentity::new(certificate?.into(), self.certificate.clone(), kept)
    }
}

fn params(validity: Validity, common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    let since_1970 = |at: SystemTime| at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let start = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = start + since_1970(validity.from);
    params.not_after = start + since_1970(validity.until);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Marquee");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

impl fmt::Debug for ClusterAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClusterAuthority({}, {})", self.cluster.as_str(), self.fingerprint())
    }
}
