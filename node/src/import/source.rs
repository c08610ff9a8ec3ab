//! Where documents come from: a file, a folder of files, the binary itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rust_embed::RustEmbed;

/// The largest file, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 << 20;

/// The text of a document and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What mistakes call it: the file's path.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file system refuses.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder has no documents.
    #[error("{} has no files that end in .json", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// The file is too large.
    #[error("{} has {bytes} bytes; a document may have {FILE_BYTES_MAX}: split it", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How large it is.
        bytes: u64,
    },
}

/// The demo catalog, `config/demo/` of the sources.
#[derive(RustEmbed)]
#[folder = "../config/demo"]
struct Demo;

impl Source {
    /// Reads a document, or all documents of a folder in the order of their names.
    ///
    /// # Errors
    /// When something cannot be read, or there is nothing.
    pub fn read(path: &Path) -> Result<Vec<Self>, SourceError> {
        let io = |source| SourceError::Io { path: path.to_owned(), source };
        if !fs::metadata(path).map_err(io)?.is_dir() {
            return Ok(vec![Self::read_file(path)?]);
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(io)? {
            let file = entry.map_err(io)?.path();
            if file.extension().is_some_and(|extension| extension == "json") {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() {
            return Err(SourceError::Empty { path: path.to_owned() });
        }
        files.iter().map(|file| Self::read_file(file)).collect()
    }

    /// The demo catalog that is part of the binary.
    #[must_use]
    pub fn demo() -> Vec<Self> {
        let mut names: Vec<_> = Demo::iter().filter(|name| name.ends_with(".json")).collect();
        names.sort();
        let read = |name: &str| {
            let data = Demo::get(name)?.data;
            Some(Self {
                name: format!("config/demo/{name}"),
                text: String::from_utf8_lossy(&data).into_owned(),
            })
        };
        names.iter().filter_map(|name| read(name)).collect()
    }

    fn read_file(path: &Path) -> Result<Self, SourceError> {
        let io = |source| SourceError::Io { path: path.to_owned(), source };
        let bytes = fs::metadata(path).map_err(io)?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(SourceError::TooLarge { path: path.to_owned(), bytes });
        }
        let text = fs::read_to_string(path).map_err(io)?;
        Ok(Self { name: path.display().to_string(), text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_in_the_order_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Source::read(folder.path()), Err(SourceError::Empty { .. })));
        for name in ["b.json", "a.json", "README.md"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let texts: Vec<_> =
            Source::read(folder.path()).unwrap().into_iter().map(|source| source.text).collect();
        assert_eq!(texts, ["a.json", "b.json"]);
        assert_eq!(Source::read(&folder.path().join("a.json")).unwrap().len(), 1);
        let missing = Source::read(&folder.path().join("c.json")).unwrap_err().to_string();
        assert!(missing.contains("c.json"), "{missing}");
    }
}
