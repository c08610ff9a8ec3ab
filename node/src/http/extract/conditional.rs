//! Conditional requests (RFC 9110, section 13): read only what changed, change only what was read.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::http::App;
use crate::http::kinds;
use crate::http::problem::Problem;

/// An entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    /// The tag of a version of a thing that can be changed.
    pub(crate) fn version(version: u64) -> Self {
        Self(format!("\"{version}\""))
    }

    /// The tag of an answer made of these parts, for caches only.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        Self(format!("W/\"{}\"", &hasher.finalize().to_hex()[..24]))
    }

    /// The tag as a header's value.
    pub(crate) fn header(&self) -> HeaderValue {
        // Quoted digits and hexadecimal letters.
        HeaderValue::try_from(&self.0).unwrap_or(HeaderValue::from_static("W/\"\""))
    }
}

/// The tags of what the client has.
#[derive(Debug)]
pub(crate) struct IfNoneMatch(Option<HeaderValue>);

impl FromRequestParts<App> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(header::IF_NONE_MATCH).cloned()))
    }
}

impl IfNoneMatch {
    /// Whether the client has what this tag stands for. The comparison is weak: compressing does not change a thing.
    pub(crate) fn has(&self, tag: &ETag) -> bool {
        let listed = self.0.as_ref().and_then(|tags| tags.to_str().ok()).unwrap_or_default();
        listed.split(',').map(str::trim).any(|listed| listed == "*" || opaque(listed) == opaque(&tag.0))
    }

    /// The answer with its tag; or, if the client has it, that nothing changed.
    pub(crate) fn answer<R: IntoResponse>(&self, tag: &ETag, answer: impl FnOnce() -> R) -> Response {
        let mut response =
            if self.has(tag) { StatusCode::NOT_MODIFIED.into_response() } else { answer().into_response() };
        response.headers_mut().insert(header::ETAG, tag.header());
        response
    }
}

/// The version that a change is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// `*`: whichever there is.
    Any,
    /// This one.
    Version(u64),
}

impl IfMatch {
    /// The version that must be there, if one was named.
    pub(crate) const fn version(self) -> Option<u64> {
        match self {
            Self::Any => None,
            Self::Version(version) => Some(version),
        }
    }
}

impl FromRequestParts<App> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(header::IF_MATCH) else {
            return Err(Problem::new(kinds::PRECONDITION_REQUIRED));
        };
        let tag = header.to_str().unwrap_or_default().trim();
        if tag == "*" {
            return Ok(Self::Any);
        }
        // A tag that none of our versions has matches nothing.
        let version = opaque(tag).strip_prefix('"').and_then(|tag| tag.strip_suffix('"')?.parse().ok());
        version.map(Self::Version).ok_or_else(|| Problem::new(kinds::PRECONDITION_FAILED))
    }
}

impl OptionalFromRequestParts<App> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Problem> {
        if !parts.headers.contains_key(header::IF_MATCH) {
            return Ok(None);
        }
        <Self as FromRequestParts<App>>::from_request_parts(parts, app).await.map(Some)
    }
}

/// The tag without its mark of weakness. A cache in between may have added it, and our versions are exact anyway.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_in_lists_and_compared_weakly() {
        let has = |tags: &'static str, tag: &ETag| IfNoneMatch(Some(HeaderValue::from_static(tags))).has(tag);
        let tag = ETag::version(7);
        assert!(has("\"6\", \"7\"", &tag) && has("W/\"7\"", &tag) && has("*", &tag));
        assert!(!has("\"77\"", &tag) && !has("7", &tag) && !IfNoneMatch(None).has(&tag));
        assert_ne!(ETag::of(&[b"ab", b"c"]), ETag::of(&[b"a", b"bc"]));
    }
}
