//! What is wrong with documents, each with its place.

use std::fmt;

use super::locate::{Place, locate};
use super::source::Source;

/// The most mistakes that are told at once.
pub const MISTAKES_MAX: usize = 100;

/// Something that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// JSON pointer to the field; empty for the whole document.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        f.write_str(&self.detail)
    }
}

/// Gathers the mistakes of some documents.
pub(super) struct Mistakes<'s> {
    sources: &'s [Source],
    list: Vec<Mistake>,
}

impl<'s> Mistakes<'s> {
    pub(super) const fn new(sources: &'s [Source]) -> Self {
        Self { sources, list: Vec::new() }
    }

    /// Notes what is wrong at a pointer of the document with this index.
    pub(super) fn at(&mut self, source: usize, pointer: &str, detail: impl Into<String>) {
        if !self.is_full() {
            let place = locate(&self.sources[source].text, pointer);
            self.push(source, place, pointer, detail.into());
        }
    }

    /// Notes that a document is no JSON.
    pub(super) fn syntax(&mut self, source: usize, error: &serde_json::Error) {
        let (line, column) = (error.line(), error.column());
        let words = error.to_string();
        let words = words.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&words);
        self.push(source, Place { line, column }, "", format!("this is no JSON: {words}"));
    }

    fn push(&mut self, source: usize, place: Place, pointer: &str, detail: String) {
        if self.is_full() {
            return;
        }
        self.list.push(Mistake {
            file: self.sources[source].name.clone(),
            line: place.line,
            column: place.column,
            pointer: pointer.to_owned(),
            detail,
        });
    }

    /// Whether more would not be told.
    pub(super) const fn is_full(&self) -> bool {
        self.list.len() >= MISTAKES_MAX
    }

    /// Nothing, or what is wrong in the order of the documents.
    pub(super) fn finish(mut self) -> Result<(), Vec<Mistake>> {
        if self.list.is_empty() {
            return Ok(());
        }
        let position = |file: &str| self.sources.iter().position(|source| source.name == file);
        self.list.sort_by_key(|mistake| (position(&mistake.file), mistake.line, mistake.column));
        Err(self.list)
    }
}
