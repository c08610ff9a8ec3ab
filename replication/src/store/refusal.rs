//! Why a file is refused before the database looks at it.

use std::io;

/// A file that does not go with the key, or with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// The file was encrypted under another key, or is another one's file under this name.
    #[error("the storage key does not fit this file; give the key that it was created with")]
    WrongKey,
    /// A key was given, but the file is a plain database.
    #[error(
        "the file is not encrypted, but a storage key was given; remove the key, or restore a backup into an encrypted file"
    )]
    NotEncrypted,
    /// No key was given, but the file is encrypted.
    #[error("the file is encrypted; give its storage key")]
    KeyNeeded,
    /// The file was encrypted by a later version.
    #[error(
        "the file's encryption has version {0}, which this program does not know; run the version that wrote it"
    )]
    LaterVersion(u8),
}

impl From<FileRefusal> for io::Error {
    fn from(refusal: FileRefusal) -> Self {
        Self::new(io::ErrorKind::InvalidData, refusal)
    }
}
