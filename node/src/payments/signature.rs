//! Who sent this webhook, and when: HMAC-SHA256 over the body and its time of signing.
//!
//! [`StandardWebhook`] is the scheme of <https://www.standardwebhooks.com>: the headers `webhook-id`,
//! `webhook-timestamp` (Unix seconds) and `webhook-signature` (`v1,<base64>`, several separated by spaces while a secret
//! is being changed), over `id.timestamp.body`. Stripe's own scheme shares the parts below it.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Secret, WebhookError};

/// How far a signature's time may be from ours, in either direction. Five minutes is what both schemes advise.
pub(super) const TOLERANCE: Duration = Duration::from_secs(300);

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// The key of a Standard Webhooks sender and its receivers.
pub struct StandardWebhook {
    key: Zeroizing<Vec<u8>>,
}

/// The secret is not `whsec_` and then base64 of at least 24 bytes.
#[derive(Debug, thiserror::Error)]
#[error("a webhook secret is whsec_ followed by base64 of at least 24 bytes")]
pub struct InvalidWebhookSecret;

impl StandardWebhook {
    /// Reads a secret of the form `whsec_<base64>`.
    pub fn new(secret: &Secret) -> Result<Self, InvalidWebhookSecret> {
        let encoded = secret.expose().strip_prefix("whsec_").ok_or(InvalidWebhookSecret)?;
        let key = BASE64.decode(encoded.as_bytes()).ok().filter(|key| key.len() >= 24);
        key.map(|key| Self { key: Zeroizing::new(key) }).ok_or(InvalidWebhookSecret)
    }

    /// The headers that make `body` believable at `now`.
    pub fn sign(&self, id: &str, body: &[u8], now: Timestamp) -> HeaderMap {
        let timestamp = now.as_second().to_string();
        let tag = mac(&self.key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]).finalize();
        let signature = format!("v1,{}", BASE64.encode(&tag.into_bytes()));
        let mut headers = HeaderMap::with_capacity(4);
        for (name, value) in [(ID, id), (TIMESTAMP, &timestamp), (SIGNATURE, &signature)] {
            // Ids are ours, numbers and base64 are ASCII: no byte of them is forbidden in a header.
            headers.insert(name, HeaderValue::from_str(value).expect("visible ASCII"));
        }
        headers
    }

    /// Checks the signature first and its age second, so that nobody without the key learns which was wrong.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), WebhookError> {
        let id = text(headers, ID)?;
        let timestamp = text(headers, TIMESTAMP)?;
        let signed_at_s: i64 = timestamp.parse().ok().ok_or(WebhookError::Unsigned(TIMESTAMP))?;
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
        let genuine = text(headers, SIGNATURE)?
            .split(' ')
            .filter_map(|signature| BASE64.decode(signature.strip_prefix("v1,")?.as_bytes()).ok())
            .any(|tag| mac(&self.key, &parts).verify_slice(&tag).is_ok());
        if !genuine {
            return Err(WebhookError::Forged);
        }
        check_fresh(signed_at_s, now)
    }
}

impl std::fmt::Debug for StandardWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StandardWebhook").finish_non_exhaustive()
    }
}

/// HMAC-SHA256 over the parts, one after the other. Compare with `verify_slice`, which takes the same time for any tag.
pub(super) fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC hashes keys that are too long and pads those that are too short.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Refuses what was signed too far from `now`.
pub(super) fn check_fresh(signed_at_s: i64, now: Timestamp) -> Result<(), WebhookError> {
    let fresh = now.as_second().abs_diff(signed_at_s) <= TOLERANCE.as_secs();
    if fresh { Ok(()) } else { Err(WebhookError::Stale) }
}

/// A header as text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, WebhookError> {
    headers.get(name).and_then(|value| value.to_str().ok()).ok_or(WebhookError::Unsigned(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> StandardWebhook {
        StandardWebhook::new(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap()
    }

    /// The published example of the Standard Webhooks libraries.
    #[test]
    fn the_published_test_vector_verifies() {
        let body = br#"{"test": 2432232314}"#;
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        let headers = key().sign("msg_p5jXN8AQM9LWM0D4loKWxJek", body, now);
        assert_eq!(headers[SIGNATURE], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        key().verify(&headers, body, now).unwrap();
    }

    #[test]
    fn one_good_signature_among_several_is_enough() {
        let now = Timestamp::UNIX_EPOCH;
        let mut headers = key().sign("msg_1", b"{}", now);
        let both = format!("v1a,other v1,AAAA {}", headers[SIGNATURE].to_str().unwrap());
        headers.insert(SIGNATURE, both.parse().unwrap());
        key().verify(&headers, b"{}", now).unwrap();
    }

    #[test]
    fn what_was_altered_or_is_old_is_not_believed() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let headers = key().sign("msg_1", b"{}", now);
        assert!(matches!(key().verify(&headers, b"{ }", now), Err(WebhookError::Forged)));
        for (offset_s, fresh) in [(-301, false), (-300, true), (300, true), (301, false)] {
            let then = Timestamp::from_second(1_000_000 + offset_s).unwrap();
            let verdict = key().verify(&headers, b"{}", then);
            assert_eq!(verdict.is_ok(), fresh, "{offset_s}");
            assert!(fresh || matches!(verdict, Err(WebhookError::Stale)));
        }
        let mut other_id = headers.clone();
        other_id.insert(ID, "msg_2".parse().unwrap());
        assert!(matches!(key().verify(&other_id, b"{}", now), Err(WebhookError::Forged)));
        let mut unsigned = headers;
        unsigned.remove(SIGNATURE);
        assert!(matches!(key().verify(&unsigned, b"{}", now), Err(WebhookError::Unsigned(SIGNATURE))));
    }

    #[test]
    fn a_weak_or_foreign_secret_is_refused() {
        for secret in ["", "whsec_", "whsec_AAAA", "whsec_not base64!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(StandardWebhook::new(&Secret::new(secret)).is_err(), "{secret}");
        }
    }
}
