//! Certificates never end while their node runs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::authority::Validity;
use super::credentials::NodeIdentity;
use super::error::TrustError;
use super::store::IdentityStore;

/// How renewal goes about its work.
#[derive(Clone, Copy, Debug)]
pub struct RenewalOptions {
    /// How long the next certificate lives. It is replaced after two thirds of that.
    pub lifetime: Duration,
    /// How often the clock is looked at, at least; and how long after a failure it is tried again.
    pub interval: Duration,
}

impl Default for RenewalOptions {
    fn default() -> Self {
        Self { lifetime: Validity::NODE_LIFETIME, interval: Duration::from_secs(15 * 60) }
    }
}

/// Watches the certificate in use and replaces it when two thirds of its life are over; runs until it is dropped.
///
/// `issue` makes an identity for the node and the validity it is given, and keeps it: only what it returned is put in
/// place. A failure is logged and tried again, and there is a third of a life for that. The clock is the wall's; it may
/// jump, since it is asked anew at every interval.
pub async fn renew_when_due(
    store: Arc<IdentityStore>,
    options: RenewalOptions,
    clock: impl Fn() -> SystemTime + Send,
    mut issue: impl FnMut(Validity) -> Result<NodeIdentity, TrustError> + Send,
) -> Infallible {
    loop {
        let now = clock();
        let wait = match store.renewal_due_at().duration_since(now) {
            Ok(left) if !left.is_zero() => left.min(options.interval),
            Ok(_) | Err(_) => {
                renew(&store, Validity::starting(now, options.lifetime), &mut issue);
                options.interval
            }
        };
        tokio::time::sleep(wait).await;
    }
}

fn renew(
    store: &IdentityStore,
    validity: Validity,
    issue: &mut impl FnMut(Validity) -> Result<NodeIdentity, TrustError>,
) {
    match issue(validity).and_then(|identity| store.replace(identity)) {
        Ok(()) => tracing::info!(node = %store.node(), "the node's certificate was renewed"),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            let ends_at = store.expires_at();
            tracing::error!(
                error,
                ?ends_at,
                "the node's certificate could not be renewed; it is tried again"
            );
        }
    }
}
