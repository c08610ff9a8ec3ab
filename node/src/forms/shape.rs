//! From JSON to a form, with the place of what does not fit.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::catalog::checks::Fault;

/// Reads a form.
///
/// # Errors
/// When the value has another shape; the pointer is relative to it.
pub fn read<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| Fault { pointer: pointer(error.path()), detail: error.inner().to_string() })
}

/// The path as a JSON pointer (RFC 6901).
#[must_use]
pub fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        let name = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&name);
    }
    pointer
}
