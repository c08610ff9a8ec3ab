//! The secrets of a data folder: made at the first start, readable by the node's user only.
//!
//! Each secret is 32 random bytes in a file of its own under `keys/`, written as hexadecimal text. A signing key of
//! which there may be several, so that it can be replaced while what it signed is still about, has its number in the
//! file's name: `access-1.key`. The highest number signs, all of them verify; remove a file when nothing that it signed
//! is of use any more.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

const SECRET_BYTES: usize = 32;

/// A secret key. Its bytes are wiped when it is dropped.
pub type SecretKey = Zeroizing<[u8; SECRET_BYTES]>;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refuses.
    #[error("cannot use the key file {}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is there and holds something else.
    #[error("{} is not a key: it must hold 64 hexadecimal digits; restore it from a backup", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
    },
    /// The system has no randomness to give.
    #[error("the operating system gives no randomness: {0}")]
    Randomness(getrandom::Error),
}

/// The folder of a node's secrets.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    path: PathBuf,
}

impl KeyFolder {
    /// The folder `keys/` in a data folder; made if it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(data_dir: &Path) -> Result<Self, KeyError> {
        let path = data_dir.join("keys");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(|source| KeyError::Io { path: path.clone(), source })?;
        Ok(Self { path })
    }

    /// The secret of this name; made if it is missing.
    ///
    /// # Errors
    /// When the file cannot be read, made or understood.
    pub fn secret(&self, name: &str) -> Result<SecretKey, KeyError> {
        self.read_or_make(&format!("{name}.key"))
    }

    /// The numbered secrets of this name, in ascending order; number 1 is made if there is none.
    ///
    /// # Errors
    /// When a file cannot be read, made or understood.
    pub fn numbered(&self, name: &str) -> Result<Vec<(u32, SecretKey)>, KeyError> {
        let io_error = |source| KeyError::Io { path: self.path.clone(), source };
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(io_error)? {
            let file_name = entry.map_err(io_error)?.file_name();
            let number: Option<u32> = file_name.to_str().and_then(|text| {
                text.strip_prefix(name)?.strip_prefix('-')?.strip_suffix(".key")?.parse().ok()
            });
            numbers.extend(number);
        }
        if numbers.is_empty() {
            numbers.push(1);
        }
        numbers.sort_unstable();
        numbers
            .into_iter()
            .map(|number| Ok((number, self.read_or_make(&format!("{name}-{number}.key"))?)))
            .collect()
    }

    /// The files of all secrets, for a node that joins the cluster.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn shared(&self) -> Result<Vec<(String, Bytes)>, KeyError> {
        let io_error = |source| KeyError::Io { path: self.path.clone(), source };
        let mut shared = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(io_error)? {
            let file_name = entry.map_err(io_error)?.file_name();
            let Some(name) = file_name.to_str().filter(|name| name.ends_with(".key")) else { continue };
            let secret = self.read_or_make(name)?;
            shared.push((name.to_owned(), Bytes::copy_from_slice(&*secret)));
        }
        Ok(shared)
    }

    /// Takes over the secrets of a cluster. What is there under the same name is replaced: a node that joins has signed
    /// nothing yet.
    ///
    /// # Errors
    /// When a name or a secret is none, or cannot be written.
    pub fn adopt(&self, shared: &[(String, Bytes)]) -> Result<(), KeyError> {
        for (name, bytes) in shared {
            let is_name = name.strip_suffix(".key").is_some_and(|stem| {
                !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            });
            let path = self.path.join(name);
            let mut secret = SecretKey::default();
            if !is_name || bytes.len() != SECRET_BYTES {
                return Err(KeyError::Malformed { path });
            }
            secret.copy_from_slice(bytes);
            self.write(&path, &secret).map_err(|source| KeyError::Io { path, source })?;
        }
        Ok(())
    }

    fn read_or_make(&self, file_name: &str) -> Result<SecretKey, KeyError> {
        let path = self.path.join(file_name);
        match fs::read_to_string(&path).map(Zeroizing::new) {
            Ok(text) => parse(&text).ok_or(KeyError::Malformed { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut secret = SecretKey::default();
                getrandom::fill(&mut *secret).map_err(KeyError::Randomness)?;
                self.write(&path, &secret).map_err(|source| KeyError::Io { path, source })?;
                Ok(secret)
            }
            Err(source) => Err(KeyError::Io { path, source }),
        }
    }

    /// Writes beside and renames, so that a power cut leaves no half a key.
    fn write(&self, path: &Path, secret: &SecretKey) -> io::Result<()> {
        let draft = path.with_extension("draft");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        let text = Zeroizing::new(HEXLOWER.encode(&**secret));
        writeln!(file, "{}", *text)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(&self.path)?.sync_all()
    }
}

fn parse(text: &str) -> Option<SecretKey> {
    let bytes = Zeroizing::new(HEXLOWER.decode(text.trim().as_bytes()).ok()?);
    let mut secret = SecretKey::default();
    (bytes.len() == SECRET_BYTES).then(|| secret.copy_from_slice(&bytes))?;
    Some(secret)
}

/// Random bytes from the operating system.
///
/// # Panics
/// When the operating system has none to give: a node cannot make secrets then, and must not guess them.
#[must_use]
pub fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    // On the systems we run on, getrandom(2) cannot fail once it has answered at the start, for the keys.
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let made = KeyFolder::open(dir.path()).unwrap().secret("requests").unwrap();
        let read = KeyFolder::open(dir.path()).unwrap().secret("requests").unwrap();
        assert_eq!(made, read);
        let mode = fs::metadata(dir.path().join("keys/requests.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn numbered_keys_come_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::open(dir.path()).unwrap();
        let first = folder.numbered("access").unwrap();
        fs::write(dir.path().join("keys/access-10.key"), "00".repeat(32)).unwrap();
        fs::write(dir.path().join("keys/access-9.key"), "11".repeat(32)).unwrap();
        let all = folder.numbered("access").unwrap();
        assert_eq!(all.iter().map(|key| key.0).collect::<Vec<_>>(), [1, 9, 10]);
        assert_eq!(all[0], first[0]);
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let folder = KeyFolder::open(dir.path()).unwrap();
        fs::write(dir.path().join("keys/requests.key"), "short").unwrap();
        assert!(matches!(folder.secret("requests"), Err(KeyError::Malformed { .. })));
    }
}
