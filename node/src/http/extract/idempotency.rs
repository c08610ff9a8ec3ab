//! The `Idempotency-Key` header: a request with it can be sent again and gets the first answer.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use marquee_ledger::Key;

use super::caller::Caller;
use crate::http::App;
use crate::http::kinds;
use crate::http::problem::Problem;

const HEADER: &str = "idempotency-key";
const KEY_BYTES_MAX: usize = 255;

/// The request's key, if it has one.
///
/// The key's id is a hash of who asks and of what they call the request; the hash of what they ask covers method,
/// address and body. Both are keyed with a secret of the node, since they are kept and a body may hold a password. The
/// body's hash is added by the extractor that reads the body ([`Json`](super::Json) and its like), which axum always
/// runs after this one.
#[derive(Debug, Clone)]
pub(crate) struct Idempotency(Option<Arc<Keyed>>);

pub(super) struct Keyed {
    id: u128,
    /// Hash of method and address.
    address: [u8; 32],
    /// Hash of method, address and body, once the body has been read.
    request: OnceLock<[u8; 32]>,
    secret: [u8; 32],
}

impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Keyed {
    pub(super) fn cover(&self, body: &[u8]) {
        // A request has one body: it is set once.
        self.request.get_or_init(|| hash(&self.secret, &[&self.address, body]));
    }

    fn request(&self) -> &[u8; 32] {
        self.request.get().unwrap_or(&self.address)
    }
}

impl Idempotency {
    /// The key for the command that this request becomes.
    pub(crate) fn key(&self) -> Option<Key> {
        self.0.as_ref().map(|keyed| Key { id: keyed.id, body: half(keyed.request()) })
    }

    /// A secret for `purpose`: random, but the same when the request is repeated with its key, so that the repetition
    /// is answered with the secret that the first request made.
    pub(crate) fn secret(&self, purpose: &str) -> [u8; 32] {
        match &self.0 {
            None => crate::keys::random(),
            Some(keyed) => hash(
                &keyed.secret,
                &[b"secret", purpose.as_bytes(), &keyed.id.to_be_bytes(), keyed.request()],
            ),
        }
    }
}

impl FromRequestParts<App> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let name = header.as_bytes();
        if !(1..=KEY_BYTES_MAX).contains(&name.len()) || !name.iter().all(u8::is_ascii_graphic) {
            return Err(Problem::new(kinds::INVALID_HEADER)
                .detail("Idempotency-Key takes 1 to 255 visible ASCII characters, such as a UUID"));
        }
        let name = name.to_vec();
        let principal = Caller::from_request_parts(parts, app).await?.principal();
        let secret = *app.request_secret;
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let keyed = Arc::new(Keyed {
            id: half(&hash(&secret, &[b"key", &principal.to_be_bytes(), &name])),
            address: hash(&secret, &[b"request", parts.method.as_str().as_bytes(), target.as_bytes()]),
            request: OnceLock::new(),
            secret,
        });
        parts.extensions.insert(Arc::clone(&keyed));
        Ok(Self(Some(keyed)))
    }
}

/// A keyed hash of parts, each with its length.
fn hash(secret: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    *hasher.finalize().as_bytes()
}

fn half(hash: &[u8; 32]) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    u128::from_be_bytes(half)
}
