//! Secrets, and where they are found.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use zeroize::Zeroizing;

/// A secret text: an API key, a webhook's signing secret. Never shown, and wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Makes a secret of a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. The name is long so that it stands out where a secret leaves its wrapping.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret is found. In TOML: `{ file = "/run/secrets/x" }`, `{ env = "X" }` or `{ text = "…" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// In a file of its own, best readable by the node's user only. Blanks around it do not count.
    File(PathBuf),
    /// In an environment variable.
    Env(String),
    /// In the settings themselves: for tests and demos.
    Text(Secret),
}

/// Why a secret could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file could not be read.
    #[error("cannot read the secret in {}", .file.display())]
    File {
        /// Its path.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The environment variable is missing, or is not UTF-8.
    #[error("cannot read the secret in the environment variable {name}")]
    Env {
        /// Its name.
        name: String,
        /// Why.
        source: std::env::VarError,
    },
    /// There is nothing in it.
    #[error("the secret is empty")]
    Empty,
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    /// [`SecretError`] if it is not where it should be, or is empty.
    pub fn read(&self) -> Result<Secret, SecretError> {
        let text = match self {
            Self::File(file) => Zeroizing::new(
                std::fs::read_to_string(file)
                    .map_err(|source| SecretError::File { file: file.clone(), source })?,
            ),
            Self::Env(name) => Zeroizing::new(
                std::env::var(name).map_err(|source| SecretError::Env { name: name.clone(), source })?,
            ),
            Self::Text(secret) => secret.0.clone(),
        };
        match text.trim() {
            "" => Err(SecretError::Empty),
            text => Ok(Secret::new(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let source = SecretSource::Text(Secret::new("hunter2".to_owned()));
        assert!(!format!("{source:?}").contains("hunter2"));
    }

    #[test]
    fn secrets_are_read_from_where_the_settings_say() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "  s3cret\n").unwrap();
        assert_eq!(SecretSource::File(file.clone()).read().unwrap().expose(), "s3cret");
        std::fs::write(&file, "\n").unwrap();
        assert!(matches!(SecretSource::File(file).read(), Err(SecretError::Empty)));
        assert!(matches!(
            SecretSource::Env("MARQUEE_NOT_SET".to_owned()).read(),
            Err(SecretError::Env { .. })
        ));
    }
}
