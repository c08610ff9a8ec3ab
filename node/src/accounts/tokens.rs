//! Access tokens: signed, short-lived, and checked by any node without asking another.
//!
//! A token is `v1.` and, in base64url, these bytes: number of the key (4), account (16), session (16), end of its time
//! in milliseconds since 1970 (8), roles (1), and the Ed25519 signature over a fixed prefix and all of these (64). A token
//! that was verified is remembered by its hash, so that the next request with it costs a look-up and no curve
//! arithmetic. Its time and [`Revocations`] are looked at every time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use marquee_ledger::AccountId;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

use super::revocations::Revocations;
use super::roles::Roles;
use crate::keys::{KeyError, KeyFolder};

/// What is signed begins with this, so that no other signature of ours can pass for a token.
const DOMAIN: &[u8] = b"marquee access token v1\0";
const VERSION: &str = "v1.";
const CLAIMS_BYTES: usize = 4 + 16 + 16 + 8 + 1;
const SIGNATURE_BYTES: usize = 64;
/// How many verified tokens are remembered; about 100 bytes each.
const VERIFIED_MAX: u64 = 200_000;

/// Names a session: 48 bits of milliseconds and 80 random bits, so that nobody guesses one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionId(pub u128);

impl SessionId {
    /// A session that begins now.
    #[must_use]
    pub fn random(now_ms: u64) -> Self {
        let random = u128::from_be_bytes(crate::keys::random()) >> 48;
        Self((u128::from(now_ms & 0xffff_ffff_ffff) << 80) | random)
    }
}

impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ses_{:032x}", self.0)
    }
}

/// A text is not the id of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a session: `ses_` and 32 hexadecimal digits")]
pub struct NotASession;

impl std::str::FromStr for SessionId {
    type Err = NotASession;

    fn from_str(text: &str) -> Result<Self, NotASession> {
        let digits = text.strip_prefix("ses_").filter(|digits| digits.len() == 32).ok_or(NotASession)?;
        if digits.starts_with('+') {
            return Err(NotASession);
        }
        u128::from_str_radix(digits, 16).map(Self).map_err(|_error| NotASession)
    }
}

impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The whole id is as good as "sign out": logs get its time only.
        write!(f, "SessionId({}..)", self.0 >> 80)
    }
}

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is.
    pub account: AccountId,
    /// The session that it was issued in.
    pub session: SessionId,
    /// What the account may do.
    pub roles: Roles,
    /// When its time ends, in milliseconds since 1970.
    pub expires_ms: u64,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not a token of ours, or was tampered with.
    #[error("the access token is not one of ours")]
    Invalid,
    /// Its time is over. Exchange the refresh token for another.
    #[error("the access token has expired")]
    Expired,
    /// Its session was ended.
    #[error("the session has ended")]
    Ended,
}

/// Issues and checks access tokens.
pub struct Tokens {
    keys: BTreeMap<u32, VerifyingKey>,
    signer: SigningKey,
    signer_number: u32,
    lifetime: Duration,
    verified: Cache<[u8; 16], Claims>,
    revocations: Arc<Revocations>,
}

impl Tokens {
    /// Loads the keys of a data folder, or makes the first.
    ///
    /// # Errors
    /// When they cannot be read or made.
    pub fn open(
        folder: &KeyFolder,
        lifetime: Duration,
        revocations: Arc<Revocations>,
    ) -> Result<Self, KeyError> {
        let secrets = folder.numbered("access")?;
        let signers: Vec<_> =
            secrets.iter().map(|(number, secret)| (*number, SigningKey::from_bytes(secret))).collect();
        let keys = signers.iter().map(|(number, signer)| (*number, signer.verifying_key())).collect();
        // The folder gives at least one key.
        let (signer_number, signer) = signers.into_iter().next_back().expect("a key folder has a key");
        Ok(Self { keys, signer, signer_number, lifetime, verified: Cache::new(VERIFIED_MAX), revocations })
    }

    /// How long a token is good for.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Issues a token and tells what it says.
    #[must_use]
    pub fn issue(
        &self,
        account: AccountId,
        session: SessionId,
        roles: Roles,
        now_ms: u64,
    ) -> (String, Claims) {
        let lifetime_ms = u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX);
        let claims = Claims { account, session, roles, expires_ms: now_ms.saturating_add(lifetime_ms) };
        (self.sign(&claims), claims)
    }

    /// A token that says this.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> String {
        let mut bytes = encode(self.signer_number, claims).to_vec();
        let signature = self.signer.sign(&signed(&bytes));
        bytes.extend_from_slice(&signature.to_bytes());
        format!("{VERSION}{}", BASE64URL_NOPAD.encode(&bytes))
    }

    /// What a token says, if it is to be believed.
    ///
    /// # Errors
    /// [`TokenError`] says why it is not.
    pub fn check(&self, token: &str, now_ms: u64) -> Result<Claims, TokenError> {
        let hash = short_hash(token);
        let claims = match self.verified.get(&hash) {
            Some(claims) => claims,
            None => {
                let claims = self.verify(token).ok_or(TokenError::Invalid)?;
                self.verified.insert(hash, claims);
                claims
            }
        };
        if claims.expires_ms <= now_ms {
            return Err(TokenError::Expired);
        }
        if self.revocations.contains(claims.session) {
            return Err(TokenError::Ended);
        }
        Ok(claims)
    }

    /// The account that a token names, whether it is to be believed or not: enough to know where to ask.
    #[must_use]
    pub fn account_in(&self, token: &str) -> Option<AccountId> {
        let bytes = BASE64URL_NOPAD.decode(token.strip_prefix(VERSION)?.as_bytes()).ok()?;
        let (_key, claims) = decode(bytes.get(..CLAIMS_BYTES)?.try_into().ok()?);
        Some(claims.account)
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        let bytes = BASE64URL_NOPAD.decode(token.strip_prefix(VERSION)?.as_bytes()).ok()?;
        let (said, signature) = bytes.split_at_checked(CLAIMS_BYTES)?;
        let signature: [u8; SIGNATURE_BYTES] = signature.try_into().ok()?;
        let (key, claims) = decode(said.try_into().ok()?);
        self.keys.get(&key)?.verify_strict(&signed(said), &Signature::from_bytes(&signature)).ok()?;
        Some(claims)
    }
}

fn signed(said: &[u8]) -> Vec<u8> {
    [DOMAIN, said].concat()
}

fn short_hash(token: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&blake3::hash(token.as_bytes()).as_bytes()[..16]);
    short
}

fn encode(key: u32, claims: &Claims) -> [u8; CLAIMS_BYTES] {
    let mut bytes = [0; CLAIMS_BYTES];
    bytes[..4].copy_from_slice(&key.to_be_bytes());
    bytes[4..20].copy_from_slice(&claims.account.0.to_be_bytes());
    bytes[20..36].copy_from_slice(&claims.session.0.to_be_bytes());
    bytes[36..44].copy_from_slice(&claims.expires_ms.to_be_bytes());
    bytes[44] = claims.roles.bits();
    bytes
}

fn decode(bytes: &[u8; CLAIMS_BYTES]) -> (u32, Claims) {
    fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
        let mut part = [0; N];
        part.copy_from_slice(&bytes[at..at + N]);
        part
    }
    let claims = Claims {
        account: AccountId(u128::from_be_bytes(take(bytes, 4))),
        session: SessionId(u128::from_be_bytes(take(bytes, 20))),
        expires_ms: u64::from_be_bytes(take(bytes, 36)),
        roles: Roles::from_bits(bytes[44]),
    };
    (u32::from_be_bytes(take(bytes, 0)), claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Role;

    const ACCOUNT: AccountId = AccountId(42);
    const NOW_MS: u64 = 1_764_000_000_000;

    fn tokens(dir: &std::path::Path) -> Tokens {
        let folder = KeyFolder::open(dir).unwrap();
        Tokens::open(&folder, Duration::from_secs(900), Arc::default()).unwrap()
    }

    #[test]
    fn a_token_says_who_and_what_until_its_time_is_over() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens(dir.path());
        let roles = Roles::default().with(Role::Support);
        let (token, claims) = tokens.issue(ACCOUNT, SessionId(7), roles, NOW_MS);
        assert_eq!(
            claims,
            Claims { account: ACCOUNT, session: SessionId(7), roles, expires_ms: NOW_MS + 900_000 }
        );
        for _first_and_remembered in 0..2 {
            assert_eq!(tokens.check(&token, NOW_MS + 899_999), Ok(claims));
            assert_eq!(tokens.check(&token, NOW_MS + 900_000), Err(TokenError::Expired));
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens(dir.path());
        let (token, _claims) = tokens.issue(ACCOUNT, SessionId(7), Roles::default(), NOW_MS);
        let bytes = BASE64URL_NOPAD.decode(&token.as_bytes()[3..]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let forged = format!("v1.{}", BASE64URL_NOPAD.encode(&forged));
            assert_eq!(tokens.check(&forged, NOW_MS), Err(TokenError::Invalid), "bit {bit}");
        }
        for garbage in ["", "v1.", "v1.AAAA", "v2.AAAA", &token[3..], &token[..token.len() - 1]] {
            assert_eq!(tokens.check(garbage, NOW_MS), Err(TokenError::Invalid), "{garbage}");
        }
    }

    #[test]
    fn another_nodes_token_is_refused_and_an_older_keys_is_not() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (stranger, _claims) = tokens(other.path()).issue(ACCOUNT, SessionId(1), Roles::default(), NOW_MS);
        assert_eq!(tokens(dir.path()).check(&stranger, NOW_MS), Err(TokenError::Invalid));

        let (old, _claims) = tokens(dir.path()).issue(ACCOUNT, SessionId(1), Roles::default(), NOW_MS);
        std::fs::write(dir.path().join("keys/access-2.key"), "07".repeat(32)).unwrap();
        let renewed = tokens(dir.path());
        assert!(renewed.check(&old, NOW_MS).is_ok());
        let (fresh, _claims) = renewed.issue(ACCOUNT, SessionId(1), Roles::default(), NOW_MS);
        assert_ne!(fresh, old);
        assert!(renewed.check(&fresh, NOW_MS).is_ok());
    }

    #[test]
    fn a_token_of_an_ended_session_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let tokens = tokens(dir.path());
        let (token, claims) = tokens.issue(ACCOUNT, SessionId(7), Roles::default(), NOW_MS);
        assert!(tokens.check(&token, NOW_MS).is_ok());
        tokens.revocations.add(claims.session, claims.expires_ms, NOW_MS);
        assert_eq!(tokens.check(&token, NOW_MS), Err(TokenError::Ended));
    }
}
