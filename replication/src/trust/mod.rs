//! Who belongs to the cluster.
//!
//! A cluster has one [`ClusterAuthority`]: a certificate of its own making and the key that signs with it. Every node has
//! a [`NodeIdentity`] that the authority issued: a certificate that says which node it is, and its key. Nodes prove both
//! to each other whenever they connect: who dials checks that the certificate names the node that was dialled, who is
//! dialled learns from the certificate who calls. Nobody can call themselves otherwise than their certificate does.
//!
//! A node that does not belong yet has no certificate. What it has is a [`JoinToken`], which an operator made on a
//! member: it pins the authority, so that the newcomer knows that it speaks to the right cluster, and it holds a secret
//! that is good once. The cluster keeps the secret's hash in a [`TokenRecord`].
//!
//! Certificates live for weeks and are replaced long before they end, in the running node: see [`IdentityStore`] and
//! [`renew_when_due`].
//!
//! **Architecture invariant**: certificates are made by `rcgen`, checked by `webpki` and spoken by `rustls` (TLS 1.3
//! only, on `ring`); this module only decides which name is right.

mod authority;
mod credentials;
mod error;
mod name;
mod renewal;
mod store;
mod token;

pub use self::authority::{ClusterAuthority, Validity};
pub use self::credentials::NodeIdentity;
pub use self::error::TrustError;
pub use self::renewal::{RenewalOptions, renew_when_due};
pub use self::store::IdentityStore;
pub use self::token::{JoinSecret, JoinToken, TokenError, TokenRecord, TokenRefusal};

pub(crate) mod tls;

/// SHA-256 of an authority's certificate, as `openssl x509 -fingerprint -sha256` shows it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    pub(crate) fn of(certificate: &[u8]) -> Self {
        use sha2::Digest;
        Self(sha2::Sha256::digest(certificate).into())
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(":")?;
            }
            write!(f, "{byte:02X}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}
