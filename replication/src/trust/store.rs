//! The identity that a running node uses.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::Fingerprint;
use super::credentials::NodeIdentity;
use super::error::TrustError;
use crate::identity::NodeId;

/// Holds a node's identity so that a renewed one can be put in its place while the node runs: handshakes from then on
/// use it, connections that stand are left alone.
pub struct IdentityStore {
    node: NodeId,
    authority: Fingerprint,
    current: ArcSwap<Installed>,
}

struct Installed {
    identity: NodeIdentity,
    certified: Arc<CertifiedKey>,
}

impl Installed {
    fn new(identity: NodeIdentity) -> Result<Arc<Self>, TrustError> {
        let certified = identity.certified_key()?;
        Ok(Arc::new(Self { identity, certified }))
    }
}

impl IdentityStore {
    /// Begins with this identity.
    ///
    /// # Errors
    /// When the key is not the certificate's.
    pub fn new(identity: NodeIdentity) -> Result<Arc<Self>, TrustError> {
        let (node, authority) = (identity.node(), identity.fingerprint());
        let current = ArcSwap::new(Installed::new(identity)?);
        Ok(Arc::new(Self { node, authority, current }))
    }

    /// The node.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// What names the cluster's authority.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.authority
    }

    /// The identity in use.
    #[must_use]
    pub fn identity(&self) -> NodeIdentity {
        self.current.load().identity.clone()
    }

    /// When the certificate in use ends.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.current.load().identity.validity().until
    }

    /// Puts another identity of the same node in place.
    ///
    /// # Errors
    /// When it is another node's or another authority's. Nothing changes then.
    pub fn replace(&self, identity: NodeIdentity) -> Result<(), TrustError> {
        if identity.node() != self.node || identity.fingerprint() != self.authority {
            return Err(TrustError::Foreign { expected: self.node, found: identity.node() });
        }
        self.current.store(Installed::new(identity)?);
        Ok(())
    }

    /// When the certificate in use should be replaced: after two thirds of its life.
    #[must_use]
    pub fn renewal_due_at(&self) -> SystemTime {
        let validity = self.current.load().identity.validity();
        let life = validity.until.duration_since(validity.from).unwrap_or_default();
        validity.until - life / 3
    }

    /// The name that another node's certificate must have.
    pub(crate) fn name_of(&self, node: NodeId) -> String {
        self.current.load().identity.cluster_name().of_node(node)
    }

    fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.load().certified)
    }
}

impl ResolvesServerCert for IdentityStore {
    fn resolve(&self, _client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.certified())
    }
}

impl ResolvesClientCert for IdentityStore {
    fn resolve(&self, _root_hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.certified())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for IdentityStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityStore({})", self.node)
    }
}
