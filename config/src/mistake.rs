//! What is wrong with a file of settings, and where.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use toml::de::{DeTable, DeValue};

/// Why settings could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file could not be read.
    #[error("cannot read {file}")]
    Unreadable {
        /// Its name.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something wrong.
    #[error(transparent)]
    Mistaken(#[from] Mistake),
}

/// A mistake in a file of settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistake {
    /// The file, as it was named to [`Settings::load`](crate::Settings::load).
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The key with its tables, such as `http.listen`. Empty where the text is no setting at all.
    pub key: String,
    /// What is wrong, and what is allowed.
    pub detail: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, key, detail } = self;
        write!(f, "{file}:{line}:{column}: ")?;
        if !key.is_empty() {
            write!(f, "{key}: ")?;
        }
        f.write_str(detail)
    }
}

/// A condition on settings that have been read, and the words for its breach.
pub(crate) struct Rule {
    /// Whether the settings keep it.
    pub(crate) holds: bool,
    /// The key that is to blame if not, such as `http.listen` or `http.trusted_proxies[1]`.
    pub(crate) key: Cow<'static, str>,
    /// What is allowed.
    pub(crate) detail: &'static str,
}

/// A rule that `key` must be in a range, which `detail` words.
pub(crate) fn rule(key: impl Into<Cow<'static, str>>, holds: bool, detail: &'static str) -> Rule {
    Rule { holds, key: key.into(), detail }
}

/// A file that is TOML, and where its values stand.
pub(crate) struct Document<'a> {
    text: &'a str,
    file: &'a str,
    root: DeTable<'a>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(text: &'a str, file: &'a str) -> Result<Self, Mistake> {
        match DeTable::parse(text) {
            Ok(root) => Ok(Self { text, file, root: root.into_inner() }),
            Err(error) => {
                let offset = error.span().map_or(0, |span| span.start);
                let (line, column) = position(text, offset);
                // What can be read in spite of the error tells which setting it is in.
                let (readable, _errors) = DeTable::parse_recoverable(text);
                let key = key_at(readable.get_ref(), offset).unwrap_or_default();
                let detail = format!("this is not TOML ({}); text stands in quotes", error.message());
                Err(Mistake { file: file.to_owned(), line, column, key, detail })
            }
        }
    }

    /// The settings in the file.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Mistake> {
        // The text has been parsed once already, so that this can only fail for its meaning.
        let reader = toml::Deserializer::parse(self.text)
            .map_err(|error| self.at(error.span(), "", error.message()))?;
        serde_path_to_error::deserialize(reader).map_err(|error| {
            let inner = error.inner();
            // TOML's span of a wrong element is that of its whole array; the path leads closer.
            let closer = self.span_of(error.path()).filter(|span| {
                inner.span().is_none_or(|wide| wide.start <= span.start && span.end <= wide.end)
            });
            self.at(closer.or(inner.span()), &dotted(error.path()), inner.message())
        })
    }

    /// The mistake of breaking `rule`.
    pub(crate) fn mistake(&self, rule: &Rule) -> Mistake {
        self.at(self.span(&rule.key), &rule.key, rule.detail)
    }

    fn at(&self, span: Option<Range<usize>>, key: &str, message: &str) -> Mistake {
        let (line, column) = position(self.text, span.map_or(0, |span| span.start));
        Mistake { file: self.file.to_owned(), line, column, key: key.to_owned(), detail: reworded(message) }
    }

    /// Where the value that `path` leads to stands, if all of it is in the file.
    fn span_of(&self, path: &Path) -> Option<Range<usize>> {
        let mut segments = path.iter();
        let Segment::Map { key } = segments.next()? else { return None };
        let mut value = self.root.get(key.as_str())?;
        for segment in segments {
            value = match (segment, value.get_ref()) {
                (Segment::Map { key }, DeValue::Table(table)) => table.get(key.as_str())?,
                (Segment::Seq { index }, DeValue::Array(elements)) => elements.get(*index)?,
                (Segment::Map { .. } | Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown, _) => {
                    return None;
                }
            };
        }
        Some(value.span())
    }

    /// Where the value of `key` stands, or else the table that it is missing from.
    fn span(&self, key: &str) -> Option<Range<usize>> {
        let mut table = &self.root;
        let mut found = None;
        for part in key.split('.') {
            let (part, index) = match part.strip_suffix(']').and_then(|part| part.split_once('[')) {
                Some((part, index)) => (part, index.parse::<usize>().ok()),
                None => (part, None),
            };
            let Some((_, value)) = table.iter().find(|(name, _)| name.get_ref().as_ref() == part) else {
                break;
            };
            let element = match (value.get_ref(), index) {
                (DeValue::Array(elements), Some(index)) => elements.get(index),
                _ => None,
            };
            found = Some(element.unwrap_or(value).span());
            let DeValue::Table(inner) = value.get_ref() else { break };
            table = inner;
        }
        found
    }
}

/// The key whose value stands at the byte `offset`.
fn key_at(table: &DeTable<'_>, offset: usize) -> Option<String> {
    table.iter().find_map(|(name, value)| {
        let within = match value.get_ref() {
            DeValue::Table(inner) => {
                key_at(inner, offset).map(|key| format!("{name}.{key}", name = name.get_ref()))
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => None,
        };
        let here =
            || (name.span().start..=value.span().end).contains(&offset).then(|| name.get_ref().to_string());
        within.or_else(here)
    })
}

/// Line and column, from 1, of the byte at `offset`.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// A path as it is written in TOML: `http.trusted_proxies[1]`.
fn dotted(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key } => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            // The variants of an enum (`{ file = … }`) are keys in the file, and the error's place shows them.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

/// Serde's words for an unknown key, in the words of someone who edits a file.
fn reworded(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else { return message.to_owned() };
    let Some((_, known)) = rest.split_once("`, expected ") else { return message.to_owned() };
    let known = known.trim_start_matches("one of ").replace('`', "").replace(" or ", ", ");
    format!("there is no such setting; known are: {known}")
}
