//! Refresh tokens: long-lived secrets that are good for one exchange.
//!
//! A token is `r1.` and, in base64url, account (16 bytes), session (16) and a secret (32). The account is in it so that
//! any node finds the session's home. Only a hash of the token is kept.
//!
//! The next token of a session is a keyed hash of the one that was handed in: whoever repeats an exchange because its
//! answer was lost gets the same answer, and nothing but the node's key has to be remembered for it.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use marquee_ledger::AccountId;
use serde::{Deserialize, Serialize};

use super::tokens::SessionId;
use crate::keys::SecretKey;

const VERSION: &str = "r1.";
const BYTES: usize = 16 + 16 + 32;

/// A refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose it is.
    pub account: AccountId,
    /// Which session it continues.
    pub session: SessionId,
    secret: [u8; 32],
}

/// What is kept of a refresh token.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshHash([u8; 32]);

/// Text that is no refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the refresh token is not one of ours")]
pub struct NotARefreshToken;

impl RefreshToken {
    /// The first token of a session.
    #[must_use]
    pub const fn new(account: AccountId, session: SessionId, secret: [u8; 32]) -> Self {
        Self { account, session, secret }
    }

    /// The token that this one is exchanged against.
    #[must_use]
    pub fn next(&self, key: &SecretKey) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(b"next refresh token\0").update(&self.bytes());
        Self { secret: *hasher.finalize().as_bytes(), ..self.clone() }
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> RefreshHash {
        RefreshHash(blake3::derive_key("marquee 2026 refresh token", &self.bytes()))
    }

    /// The token as its holder gets it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{VERSION}{}", BASE64URL_NOPAD.encode(&self.bytes()))
    }

    fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..16].copy_from_slice(&self.account.0.to_be_bytes());
        bytes[16..32].copy_from_slice(&self.session.0.to_be_bytes());
        bytes[32..].copy_from_slice(&self.secret);
        bytes
    }
}

impl FromStr for RefreshToken {
    type Err = NotARefreshToken;

    fn from_str(text: &str) -> Result<Self, NotARefreshToken> {
        let text = text.strip_prefix(VERSION).ok_or(NotARefreshToken)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_garbage| NotARefreshToken)?;
        let (ids, secret) = bytes.split_at_checked(32).ok_or(NotARefreshToken)?;
        let secret = secret.try_into().map_err(|_other_length| NotARefreshToken)?;
        let (mut account, mut session) = ([0; 16], [0; 16]);
        account.copy_from_slice(&ids[..16]);
        session.copy_from_slice(&ids[16..]);
        let (account, session) = (u128::from_be_bytes(account), u128::from_be_bytes(session));
        Ok(Self { account: AccountId(account), session: SessionId(session), secret })
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken({:?}, …)", self.session)
    }
}

impl fmt::Debug for RefreshHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshHash(…)")
    }
}

#[cfg(test)]
impl RefreshHash {
    pub(super) const fn of(byte: u8) -> Self {
        Self([byte; 32])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_and_garbage_is_refused() {
        let token = RefreshToken::new(AccountId(7), SessionId(9), [3; 32]);
        let text = token.text();
        assert_eq!(text.parse::<RefreshToken>(), Ok(token));
        for garbage in ["", "r1.", "r1.AAAA", &text[3..], &text[..text.len() - 2], &format!("{text}AAAA")] {
            assert_eq!(garbage.parse::<RefreshToken>(), Err(NotARefreshToken), "{garbage}");
        }
    }

    #[test]
    fn an_exchange_that_is_repeated_gives_the_same_token() {
        let (ours, theirs) = (SecretKey::new([1; 32]), SecretKey::new([2; 32]));
        let first = RefreshToken::new(AccountId(7), SessionId(9), [3; 32]);
        let second = first.next(&ours);
        assert_eq!(second, first.next(&ours));
        assert_eq!((second.account, second.session), (first.account, first.session));
        let all = [&first, &second, &second.next(&ours), &first.next(&theirs)].map(|token| token.hash());
        for (nth, hash) in all.iter().enumerate() {
            assert!(all[..nth].iter().all(|other| other != hash));
        }
    }
}
