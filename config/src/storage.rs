//! Where a node keeps its data, and how.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::ByteSize;
use crate::mistake::{Rule, rule};
use crate::secret::{SecretError, SecretSource};

/// Where a node keeps its data, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// The folder of this node alone: its log, state and keys. `data` by default.
    pub data_dir: PathBuf,
    /// Whether the files are encrypted, and where the key is: off by default, for disks that are encrypted as a whole.
    pub encryption: Encryption,
    /// How often the state is made durable: 1 s by default. The log always is, before a customer is answered, so this
    /// loses nothing; it bounds how much of the log a restart replays.
    #[serde(with = "crate::duration")]
    pub sync_interval: Duration,
    /// How much memory the two databases may use as a cache, together: 512 MiB by default.
    pub cache: ByteSize,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            encryption: Encryption::Off,
            sync_interval: Duration::from_secs(1),
            cache: ByteSize::mib(512),
        }
    }
}

impl Storage {
    pub(crate) fn rules(&self) -> [Rule; 3] {
        let interval = Duration::from_millis(10)..=Duration::from_secs(60);
        [
            rule("storage.data_dir", !self.data_dir.as_os_str().is_empty(), "must name a folder"),
            rule("storage.sync_interval", interval.contains(&self.sync_interval), "must be from 10ms to 60s"),
            rule("storage.cache", self.cache >= ByteSize::mib(16), "must be at least 16MiB"),
        ]
    }
}

/// Whether files are encrypted, and where the key is. In TOML: `"off"`, `{ key_file = "…" }` or `{ key_env = "…" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// Files are written in the clear.
    Off,
    /// The key is in a file: 128 hexadecimal digits (`openssl rand -hex 64`).
    KeyFile(PathBuf),
    /// The key is in an environment variable, written alike.
    KeyEnv(String),
}

impl Encryption {
    /// Reads the key; `None` if encryption is off.
    ///
    /// # Errors
    /// [`KeyError`] if it is not where it should be, or is no key.
    pub fn read_key(&self) -> Result<Option<StorageKey>, KeyError> {
        let source = match self {
            Self::Off => return Ok(None),
            Self::KeyFile(file) => SecretSource::File(file.clone()),
            Self::KeyEnv(name) => SecretSource::Env(name.clone()),
        };
        StorageKey::from_hex(source.read()?.expose()).map(Some)
    }
}

/// The key that a node's files are encrypted under: the two keys of AES-256-XTS, 64 bytes. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct StorageKey(Zeroizing<[u8; 64]>);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It could not be read.
    #[error("cannot read the storage key")]
    Unreadable(#[from] SecretError),
    /// It is not 64 bytes in hexadecimal digits.
    #[error("the storage key must be 128 hexadecimal digits; make one with: openssl rand -hex 64")]
    NotAKey,
}

impl StorageKey {
    /// The 64 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 64] {
        &self.0
    }

    fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_digits| KeyError::NotAKey)?;
        let bytes = bytes.as_slice().try_into().map_err(|_length| KeyError::NotAKey)?;
        Ok(Self(Zeroizing::new(bytes)))
    }
}

impl fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StorageKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn the_key_is_read_from_where_the_settings_say() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("storage.key");
        std::fs::write(&file, format!("{}\n", "0aF1".repeat(32))).unwrap();
        let text = format!("[storage]\nencryption = {{ key_file = {:?} }}", file.display().to_string());
        let settings = Settings::parse(&text, "x").unwrap();
        let key = settings.storage.encryption.read_key().unwrap().unwrap();
        assert_eq!(key.bytes()[..2], [0x0a, 0xf1]);
        assert!(!format!("{key:?}").contains("10"));

        std::fs::write(&file, "00".repeat(63)).unwrap();
        assert!(matches!(settings.storage.encryption.read_key(), Err(KeyError::NotAKey)));
        assert!(Encryption::Off.read_key().unwrap().is_none());
    }
}
