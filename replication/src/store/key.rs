//! The key that the files are encrypted with.

use std::fmt;

use zeroize::Zeroizing;

/// 64 bytes: the two AES-256 keys of XTS. Wiped from memory when dropped, never printed.
#[derive(Clone)]
pub struct StorageKey(Zeroizing<[u8; Self::LENGTH]>);

impl StorageKey {
    /// The length of a key, in bytes.
    pub const LENGTH: usize = 64;

    /// A key of these bytes. Its halves must differ, as XTS asks for.
    ///
    /// # Errors
    /// [`WeakKey`] when the halves are equal.
    pub fn new(bytes: [u8; Self::LENGTH]) -> Result<Self, WeakKey> {
        let bytes = Zeroizing::new(bytes);
        if bytes[..32] == bytes[32..] {
            return Err(WeakKey);
        }
        Ok(Self(bytes))
    }

    pub(crate) fn halves(&self) -> (&[u8], &[u8]) {
        self.0.split_at(Self::LENGTH / 2)
    }
}

impl fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StorageKey(..)")
    }
}

/// A key whose halves are equal, which takes XTS its strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the two halves of the storage key are equal; make a key of 64 random bytes")]
pub struct WeakKey;
