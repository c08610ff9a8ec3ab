//! What a newcomer shows.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::Fingerprint;
use crate::identity::NodeId;

/// What every token begins with: Marquee token, version 1.
const PREFIX: &str = "mqt1";
const FINGERPRINT_BYTES: usize = 32;
const SECRET_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 4;
const BYTES: usize = FINGERPRINT_BYTES + SECRET_BYTES + CHECKSUM_BYTES;

/// A ticket into the cluster: which authority to trust, and a secret that is good once.
///
/// Its text is `mqt1` and 84 letters and digits: base32 of the fingerprint, the secret and a checksum. [`fmt::Display`]
/// writes the text, secret and all; [`fmt::Debug`] does not.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinToken {
    authority: Fingerprint,
    secret: JoinSecret,
}

impl JoinToken {
    /// A token for the cluster of this authority, with a secret of the operating system's randomness.
    ///
    /// # Errors
    /// When the operating system gives none.
    pub fn generate(authority: Fingerprint) -> Result<Self, TokenError> {
        let mut secret = JoinSecret([0; SECRET_BYTES]);
        getrandom::fill(&mut secret.0).map_err(TokenError::Randomness)?;
        Ok(Self { authority, secret })
    }

    /// The authority that the newcomer is to trust.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.authority
    }

    /// What the newcomer shows to the cluster, and to nobody else.
    #[must_use]
    pub const fn secret(&self) -> &JoinSecret {
        &self.secret
    }

    /// What the cluster keeps of it.
    #[must_use]
    pub fn secret_hash(&self) -> [u8; 32] {
        self.secret.hash()
    }
}

impl fmt::Display for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Zeroizing::new([0; BYTES]);
        bytes[..FINGERPRINT_BYTES].copy_from_slice(&self.authority.0);
        bytes[FINGERPRINT_BYTES..BYTES - CHECKSUM_BYTES].copy_from_slice(&self.secret.0);
        let checksum = crc32c::crc32c(&bytes[..BYTES - CHECKSUM_BYTES]);
        bytes[BYTES - CHECKSUM_BYTES..].copy_from_slice(&checksum.to_be_bytes());
        let mut text = Zeroizing::new(BASE32_NOPAD.encode(&*bytes));
        text.make_ascii_lowercase();
        write!(f, "{PREFIX}{}", *text)
    }
}

impl FromStr for JoinToken {
    type Err = TokenError;

    /// Takes the text however it was copied: in capitals, or with spaces and line breaks in it.
    fn from_str(text: &str) -> Result<Self, TokenError> {
        let mut letters = Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).collect::<String>());
        if let Some(letter) = letters.chars().find(|c| !c.is_ascii_alphanumeric()) {
            return Err(TokenError::Letter { letter });
        }
        letters.make_ascii_uppercase();
        let body = letters.strip_prefix(&PREFIX.to_ascii_uppercase()).ok_or(TokenError::Prefix)?;
        let expected = BASE32_NOPAD.encode_len(BYTES);
        if body.len() != expected {
            return Err(TokenError::Length {
                found: body.len() + PREFIX.len(),
                expected: expected + PREFIX.len(),
            });
        }
        if let Some(letter) = body.chars().find(|c| matches!(c, '0' | '1' | '8' | '9')) {
            return Err(TokenError::Letter { letter });
        }
        let bytes = BASE32_NOPAD.decode(body.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_odd_bits| TokenError::Checksum)?;
        let (body, checksum) = bytes.split_at(BYTES - CHECKSUM_BYTES);
        if crc32c::crc32c(body).to_be_bytes() != checksum {
            return Err(TokenError::Checksum);
        }
        let (authority, secret) = body.split_at(FINGERPRINT_BYTES);
        let mut token = Self { authority: Fingerprint([0; 32]), secret: JoinSecret([0; SECRET_BYTES]) };
        token.authority.0.copy_from_slice(authority);
        token.secret.0.copy_from_slice(secret);
        Ok(token)
    }
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinToken({}, ..)", self.authority)
    }
}

/// The part of a token that is secret. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinSecret([u8; SECRET_BYTES]);

impl JoinSecret {
    /// What the cluster keeps of it: 128 random bits cannot be guessed from their hash.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl Drop for JoinSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for JoinSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JoinSecret(..)")
    }
}

/// Why a text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is something else.
    #[error("a join token begins with {PREFIX}; `marquee cluster token` makes one")]
    Prefix,
    /// A part is missing, or something was added.
    #[error("a join token has {expected} letters and digits, this one {found}; copy it whole")]
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// It was mistyped.
    #[error("{letter:?} stands in no join token; it was mistyped")]
    Letter {
        /// The first that does not belong.
        letter: char,
    },
    /// It was mistyped.
    #[error("the join token was mistyped: its checksum is wrong; copy it again")]
    Checksum,
    /// None could be made.
    #[error("the operating system gives no randomness")]
    Randomness(#[source] getrandom::Error),
}

/// What the cluster keeps of a token that was given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRecord {
    /// [`JoinToken::secret_hash`].
    pub secret_hash: [u8; 32],
    /// From this instant on it is good no more; milliseconds since 1970.
    pub expires_at_ms: u64,
    /// The node that it let in.
    #[serde(default)]
    pub used_by: Option<NodeId>,
}

impl TokenRecord {
    /// Whether a secret lets its bearer in at this instant. That it does so once is for the caller to record in
    /// [`used_by`](Self::used_by), where no two can do so at once.
    ///
    /// # Errors
    /// Why it does not.
    pub fn admits(&self, secret_hash: &[u8; 32], now_ms: u64) -> Result<(), TokenRefusal> {
        if self.secret_hash != *secret_hash {
            return Err(TokenRefusal::Unknown);
        }
        if let Some(node) = self.used_by {
            return Err(TokenRefusal::Used { node });
        }
        if now_ms >= self.expires_at_ms {
            return Err(TokenRefusal::Expired);
        }
        Ok(())
    }
}

/// Why a token does not let its bearer in. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum TokenRefusal {
    /// Nobody gave this token out.
    #[error("the cluster does not know this join token; make one with `marquee cluster token`")]
    Unknown,
    /// It is too late.
    #[error("the join token has expired; make another with `marquee cluster token`")]
    Expired,
    /// It let somebody in before.
    #[error("the join token was used by {node}; make another with `marquee cluster token`")]
    Used {
        /// Whom.
        node: NodeId,
    },
}

impl TokenRefusal {
    /// The refusal's number. Numbers stay for ever.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unknown => 1,
            Self::Expired => 2,
            Self::Used { .. } => 3,
        }
    }
}
