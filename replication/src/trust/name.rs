//! The names in certificates: `n7.box-office.marquee` is node 7 of the cluster `box-office`.

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::error::TrustError;
use crate::identity::NodeId;

const SUFFIX: &str = ".marquee";
const CLUSTER_LENGTH_MAX: usize = 40;

/// A cluster's name, fit for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClusterName(String);

impl ClusterName {
    pub(super) fn parse(text: &str) -> Result<Self, TrustError> {
        let is_fit = text.len() <= CLUSTER_LENGTH_MAX
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-')
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if is_fit { Ok(Self(text.to_owned())) } else { Err(TrustError::ClusterName(text.to_owned())) }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// What a node of this cluster is called.
    pub(super) fn of_node(&self, node: NodeId) -> String {
        format!("n{}.{}{SUFFIX}", node.0, self.0)
    }

    fn parse_node(name: &str) -> Option<(NodeId, Self)> {
        let (node, cluster) = name.strip_suffix(SUFFIX)?.split_once('.')?;
        let node = NodeId(node.strip_prefix('n')?.parse().ok()?);
        let cluster = Self::parse(cluster).ok()?;
        // One spelling for each node: "n07" and "n+7" are nobody.
        (cluster.of_node(node) == name && node.0 > 0).then_some((node, cluster))
    }
}

/// What a node's certificate says.
pub(super) struct NodeCertificate {
    pub(super) node: NodeId,
    pub(super) cluster: ClusterName,
    /// Seconds since 1970.
    pub(super) from_s: u64,
    pub(super) until_s: u64,
}

impl NodeCertificate {
    /// Reads the one name that a node's certificate has. Says nothing about who signed it.
    pub(super) fn read(certificate: &CertificateDer<'_>) -> Result<Self, TrustError> {
        let certificate = parse("node's certificate", certificate)?;
        let names = certificate.subject_alternative_name().ok().flatten().ok_or(TrustError::Nameless)?;
        let [GeneralName::DNSName(name)] = names.value.general_names[..] else {
            return Err(TrustError::Nameless);
        };
        let (node, cluster) = ClusterName::parse_node(name).ok_or(TrustError::Nameless)?;
        let validity = certificate.validity();
        let seconds = |at: i64| u64::try_from(at).unwrap_or(0);
        Ok(Self {
            node,
            cluster,
            from_s: seconds(validity.not_before.timestamp()),
            until_s: seconds(validity.not_after.timestamp()),
        })
    }
}

/// Reads the cluster's name from its authority's certificate.
pub(super) fn cluster_of(authority: &CertificateDer<'_>) -> Result<ClusterName, TrustError> {
    let certificate = parse("authority's certificate", authority)?;
    let name = certificate.subject().iter_common_name().next().and_then(|name| name.as_str().ok());
    ClusterName::parse(name.ok_or(TrustError::Nameless)?)
}

fn parse<'a>(
    what: &'static str,
    certificate: &'a CertificateDer<'_>,
) -> Result<X509Certificate<'a>, TrustError> {
    match X509Certificate::from_der(certificate) {
        Ok(([], certificate)) => Ok(certificate),
        Ok(_) => Err(TrustError::Damaged { what, reason: "something follows it".to_owned() }),
        Err(error) => Err(TrustError::Damaged { what, reason: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_has_one_spelling() {
        let (node, cluster) = ClusterName::parse_node("n7.box-office.marquee").unwrap();
        assert_eq!((node, cluster.as_str()), (NodeId(7), "box-office"));
        for name in [
            "n07.box-office.marquee",
            "n+7.box-office.marquee",
            "n0.box-office.marquee",
            "n7.box-office.marquee.org",
            "n7.box.office.marquee",
            "n7..marquee",
            "7.box-office.marquee",
            "*.box-office.marquee",
            "n99999999999999999999.box-office.marquee",
        ] {
            assert!(ClusterName::parse_node(name).is_none(), "{name} is nobody");
        }
    }

    #[test]
    fn a_cluster_is_named_in_small_letters() {
        for name in ["a", "box-office", "m2"] {
            assert!(ClusterName::parse(name).is_ok(), "{name} is fit");
        }
        for name in ["", "Box", "2m", "-m", "m-", "a.b", "bücher", "a b", &"m".repeat(41)] {
            assert!(ClusterName::parse(name).is_err(), "{name:?} is not fit");
        }
    }
}
