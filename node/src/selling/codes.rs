//! Ticket codes: signed, so that a door checks them without the network.
//!
//! A code is `MQ1.` and, in base64url, these bytes: version (1), number of the key (4), ticket (16), performance (16),
//! serial (4), start of the performance in milliseconds since 1970 (6), and the Ed25519 signature over `DOMAIN` and
//! all of these (64). All numbers are big-endian.
//!
//! A door needs the public keys and its performance's id. It admits a code once, and of one ticket the code with the
//! highest serial: a ticket that changed hands has another code. What was cancelled it learns from its node.

use std::collections::BTreeMap;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use marquee_ledger::{PerformanceId, TicketId};

use crate::keys::{KeyError, KeyFolder};

/// What is signed begins with this, so that no other signature of ours can pass for a ticket.
const DOMAIN: &[u8] = b"marquee ticket v1\0";
const PREFIX: &str = "MQ1.";
const VERSION: u8 = 1;
const CLAIMS_BYTES: usize = 1 + 4 + 16 + 16 + 4 + 6;
const SIGNATURE_BYTES: usize = 64;
/// How long after its performance began a code still admits.
const ADMITS_AFTER_START: Duration = Duration::from_secs(24 * 60 * 60);

/// What a ticket's code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketClaims {
    /// The ticket.
    pub ticket: TicketId,
    /// The performance that it admits to.
    pub performance: PerformanceId,
    /// Counts the ticket's transfers.
    pub serial: u32,
    /// When the performance starts, in milliseconds since 1970.
    pub starts_at_ms: u64,
}

/// Why a code does not admit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It is not a ticket of ours, or was tampered with.
    #[error("this is not one of our tickets")]
    Invalid,
    /// It was signed with a key that is not known here: fetch the keys again.
    #[error("this ticket was signed with a key that is not known here")]
    UnknownKey,
    /// Its performance was long ago.
    #[error("the performance of this ticket is over")]
    Over,
}

/// Signs and checks ticket codes.
pub struct TicketKeys {
    keys: BTreeMap<u32, VerifyingKey>,
    signer: SigningKey,
    signer_number: u32,
}

impl TicketKeys {
    /// Loads the keys of a data folder, or makes the first.
    ///
    /// # Errors
    /// When they cannot be read or made.
    pub fn open(folder: &KeyFolder) -> Result<Self, KeyError> {
        let secrets = folder.numbered("ticket")?;
        let signers: Vec<_> =
            secrets.iter().map(|(number, secret)| (*number, SigningKey::from_bytes(secret))).collect();
        let keys = signers.iter().map(|(number, signer)| (*number, signer.verifying_key())).collect();
        // The folder gives at least one key.
        #[expect(clippy::expect_used, reason = "see above")]
        let (signer_number, signer) = signers.into_iter().next_back().expect("a key folder has a key");
        Ok(Self { keys, signer, signer_number })
    }

    /// The code of a ticket.
    #[must_use]
    pub fn code(&self, claims: &TicketClaims) -> String {
        let payload = claims.to_bytes(self.signer_number);
        let mut bytes = [0; CLAIMS_BYTES + SIGNATURE_BYTES];
        bytes[..CLAIMS_BYTES].copy_from_slice(&payload);
        bytes[CLAIMS_BYTES..].copy_from_slice(&self.signer.sign(&message(&payload)).to_bytes());
        let mut code = String::with_capacity(PREFIX.len() + BASE64URL_NOPAD.encode_len(bytes.len()));
        code.push_str(PREFIX);
        BASE64URL_NOPAD.encode_append(&bytes, &mut code);
        code
    }

    /// What a code says, if it is one of ours and its performance is not long over at `now_ms`.
    ///
    /// # Errors
    /// [`CodeError`] says why it does not admit.
    pub fn verify(&self, code: &str, now_ms: u64) -> Result<TicketClaims, CodeError> {
        let text = code.strip_prefix(PREFIX).ok_or(CodeError::Invalid)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_garbage| CodeError::Invalid)?;
        let (payload, signature) = bytes.split_first_chunk::<CLAIMS_BYTES>().ok_or(CodeError::Invalid)?;
        let signature: [u8; SIGNATURE_BYTES] = signature.try_into().map_err(|_length| CodeError::Invalid)?;
        let (claims, number) = TicketClaims::from_bytes(payload).ok_or(CodeError::Invalid)?;
        let key = self.keys.get(&number).ok_or(CodeError::UnknownKey)?;
        let signature = Signature::from_bytes(&signature);
        key.verify_strict(&message(payload), &signature).map_err(|_forged| CodeError::Invalid)?;
        let until_ms = u128::from(claims.starts_at_ms) + ADMITS_AFTER_START.as_millis();
        if u128::from(now_ms) > until_ms { Err(CodeError::Over) } else { Ok(claims) }
    }

    /// The public keys by their number, for doors.
    pub fn public(&self) -> impl Iterator<Item = (u32, [u8; 32])> {
        self.keys.iter().map(|(number, key)| (*number, key.to_bytes()))
    }
}

impl TicketClaims {
    fn to_bytes(self, key: u32) -> [u8; CLAIMS_BYTES] {
        let mut bytes = [0; CLAIMS_BYTES];
        bytes[0] = VERSION;
        bytes[1..5].copy_from_slice(&key.to_be_bytes());
        bytes[5..21].copy_from_slice(&self.ticket.0.to_be_bytes());
        bytes[21..37].copy_from_slice(&self.performance.0.to_be_bytes());
        bytes[37..41].copy_from_slice(&self.serial.to_be_bytes());
        // 48 bits of milliseconds last for 8,900 years.
        bytes[41..].copy_from_slice(&self.starts_at_ms.to_be_bytes()[2..]);
        bytes
    }

    fn from_bytes(bytes: &[u8; CLAIMS_BYTES]) -> Option<(Self, u32)> {
        let (version, rest) = bytes.split_first()?;
        let (key, rest) = rest.split_first_chunk::<4>()?;
        let (ticket, rest) = rest.split_first_chunk::<16>()?;
        let (performance, rest) = rest.split_first_chunk::<16>()?;
        let (serial, start) = rest.split_first_chunk::<4>()?;
        let mut starts_at_ms = [0; 8];
        starts_at_ms[2..].copy_from_slice(start);
        let claims = Self {
            ticket: TicketId(u128::from_be_bytes(*ticket)),
            performance: PerformanceId(u128::from_be_bytes(*performance)),
            serial: u32::from_be_bytes(*serial),
            starts_at_ms: u64::from_be_bytes(starts_at_ms),
        };
        (*version == VERSION).then_some((claims, u32::from_be_bytes(*key)))
    }
}

fn message(payload: &[u8; CLAIMS_BYTES]) -> [u8; DOMAIN.len() + CLAIMS_BYTES] {
    let mut message = [0; DOMAIN.len() + CLAIMS_BYTES];
    message[..DOMAIN.len()].copy_from_slice(DOMAIN);
    message[DOMAIN.len()..].copy_from_slice(payload);
    message
}

#[cfg(test)]
mod tests {
    use marquee_ledger::OrderId;

    use super::*;

    const START_MS: u64 = 1_764_000_000_000;

    fn claims() -> TicketClaims {
        TicketClaims {
            ticket: OrderId::from_parts(START_MS - 5, 7, 41).ticket(2),
            performance: PerformanceId::from_parts(START_MS - 9, 7, 3),
            serial: 1,
            starts_at_ms: START_MS,
        }
    }

    #[test]
    fn a_code_is_good_until_a_day_after_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let keys = TicketKeys::open(&KeyFolder::open(folder.path()).unwrap()).unwrap();
        let code = keys.code(&claims());
        assert_eq!(code.len(), 152);
        assert_eq!(keys.verify(&code, 0), Ok(claims()));
        assert_eq!(keys.verify(&code, START_MS + 86_400_000), Ok(claims()));
        assert_eq!(keys.verify(&code, START_MS + 86_400_001), Err(CodeError::Over));
    }

    #[test]
    fn every_flipped_bit_and_every_other_text_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let keys = TicketKeys::open(&KeyFolder::open(folder.path()).unwrap()).unwrap();
        let code = keys.code(&claims());
        let bytes = BASE64URL_NOPAD.decode(&code.as_bytes()[PREFIX.len()..]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            let forged = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&forged));
            // The bits of the key's number name a key that nobody has.
            let expected = if (8..40).contains(&bit) { CodeError::UnknownKey } else { CodeError::Invalid };
            assert_eq!(keys.verify(&forged, 0), Err(expected), "bit {bit}");
        }
        for letter in 0..code.len() {
            let mut forged = code.clone().into_bytes();
            forged[letter] ^= 1;
            let forged = String::from_utf8(forged).unwrap();
            assert!(keys.verify(&forged, 0).is_err(), "letter {letter}");
        }
        for end in 0..code.len() {
            assert_eq!(keys.verify(&code[..end], 0), Err(CodeError::Invalid));
        }
        assert_eq!(keys.verify(&format!("{code}A"), 0), Err(CodeError::Invalid));
        assert_eq!(keys.verify(&format!("{code}="), 0), Err(CodeError::Invalid));
    }

    #[test]
    fn a_replaced_key_signs_and_the_earlier_one_still_verifies() {
        let folder = tempfile::tempdir().unwrap();
        let folder = KeyFolder::open(folder.path()).unwrap();
        let first = TicketKeys::open(&folder).unwrap();
        let old = first.code(&claims());
        let other = tempfile::tempdir().unwrap();
        let stranger = TicketKeys::open(&KeyFolder::open(other.path()).unwrap()).unwrap();
        assert_eq!(stranger.verify(&old, 0), Err(CodeError::Invalid));
        let path = other.path().join("keys/ticket-2.key");
        std::fs::write(path, "2a".repeat(32)).unwrap();
        std::fs::write(other.path().join("keys/ticket-1.key"), {
            let secret = folder.numbered("ticket").unwrap().remove(0).1;
            data_encoding::HEXLOWER.encode(&*secret)
        })
        .unwrap();
        let both = TicketKeys::open(&KeyFolder::open(other.path()).unwrap()).unwrap();
        assert_eq!(both.verify(&old, 0), Ok(claims()));
        let fresh = both.code(&claims());
        assert_eq!(first.verify(&fresh, 0), Err(CodeError::UnknownKey));
        assert_eq!(both.public().map(|key| key.0).collect::<Vec<_>>(), [1, 2]);
    }
}
