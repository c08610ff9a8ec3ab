//! What can be wrong with certificates and keys.

use crate::identity::NodeId;

/// Why an authority or an identity could not be made, read or put in place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The cluster's name cannot stand in a certificate.
    #[error(
        "{0:?} cannot be a cluster's name: use 1 to 40 small letters, digits and hyphens, beginning with a letter"
    )]
    ClusterName(String),
    /// The text does not hold what it should.
    #[error("the text holds no {0}; it may be cut off, or another file")]
    Missing(&'static str),
    /// The text holds something that is damaged.
    #[error("the {what} cannot be read: {reason}")]
    Damaged {
        /// What.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The certificate is not one that a cluster's authority makes.
    #[error("the certificate names no node of a cluster")]
    Nameless,
    /// The identity is another node's or another cluster's.
    #[error("this is the identity of {found} of another node or cluster; {expected} keeps its own")]
    Foreign {
        /// Whose identity is in place.
        expected: NodeId,
        /// Whose was offered.
        found: NodeId,
    },
    /// A certificate could not be made.
    #[error("the certificate could not be made")]
    Issue(#[source] rcgen::Error),
    /// The key or the certificate cannot be used for TLS.
    #[error("the certificate cannot be used")]
    Tls(#[from] rustls::Error),
    /// The authority's certificate cannot be trusted as one.
    #[error("the authority's certificate cannot be used: {0}")]
    Verifier(#[from] rustls::client::VerifierBuilderError),
    /// The renewed identity could not be kept.
    #[error("the renewed identity could not be written")]
    Keep(#[source] std::io::Error),
    /// What was issued cannot be kept.
    #[error("{0}")]
    Unwritten(String),
}
