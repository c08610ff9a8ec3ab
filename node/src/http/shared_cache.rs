//! Answers that are the same for everyone, so that caches in between may keep them for a moment.
//!
//! An answer has a tag and is written once: lists of the catalog are kept encoded while the catalog does not change,
//! for a few seconds, since what is next depends on the time.

use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use moka::sync::Cache;
use serde::Serialize;

use super::App;
use super::extract::{ETag, IfNoneMatch};
use super::problem::Problem;

/// How many bytes of lists are kept.
const KEPT_BYTES_MAX: u64 = 32 << 20;
/// For so long a list is the same as long as the catalog is.
const LIST_SAME_MS: u64 = 5_000;

/// A moment during which nobody notices, and half a minute during which a cache may answer while it asks.
const FOR_A_MOMENT: HeaderValue = HeaderValue::from_static("public, max-age=5, stale-while-revalidate=30");

/// An answer about a thing that has versions.
pub(crate) fn entity<T: Serialize>(has: &IfNoneMatch, version: u64, body: &T) -> Result<Response, Problem> {
    let bytes = encoded(body)?;
    let tag = ETag::of_version(version, &bytes);
    Ok(shared(has, &tag, bytes))
}

/// An answer without a version.
pub(crate) fn plain<T: Serialize>(has: &IfNoneMatch, body: &T) -> Result<Response, Problem> {
    let bytes = encoded(body)?;
    let tag = ETag::of(&[&bytes]);
    Ok(shared(has, &tag, bytes))
}

/// The lists that were asked for, by address, generation of the catalog and time.
#[derive(Clone)]
pub(crate) struct Lists(Cache<(String, u64, u64), (ETag, Bytes)>);

impl Lists {
    pub(crate) fn new() -> Self {
        let weigh = |key: &(String, u64, u64), kept: &(ETag, Bytes)| {
            u32::try_from(key.0.len() + kept.1.len() + 128).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().weigher(weigh).max_capacity(KEPT_BYTES_MAX).build())
    }

    /// The list at this address; made if it is not known.
    pub(crate) fn answer<T: Serialize>(
        &self,
        app: &App,
        uri: &Uri,
        has: &IfNoneMatch,
        make: impl FnOnce() -> Result<T, Problem>,
    ) -> Result<Response, Problem> {
        let generation = app.home.catalog_copy().read().generation();
        let address = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let key = (address, generation, app.now_ms() / LIST_SAME_MS);
        if let Some((tag, bytes)) = self.0.get(&key) {
            return Ok(shared(has, &tag, bytes));
        }
        let bytes = encoded(&make()?)?;
        let tag = ETag::of(&[&bytes]);
        self.0.insert(key, (tag.clone(), bytes.clone()));
        Ok(shared(has, &tag, bytes))
    }
}

impl Lists {
    /// The same of what is made beside: `generation` grows when the answer may be another one.
    pub(crate) async fn answer_by<T: Serialize>(
        &self,
        app: &App,
        generation: u64,
        uri: &Uri,
        has: &IfNoneMatch,
        make: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Response, Problem> {
        let address = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let key = (address, generation, app.now_ms() / LIST_SAME_MS);
        if let Some((tag, bytes)) = self.0.get(&key) {
            return Ok(shared(has, &tag, bytes));
        }
        let bytes = encoded(&make.await?)?;
        let tag = ETag::of(&[&bytes]);
        self.0.insert(key, (tag.clone(), bytes.clone()));
        Ok(shared(has, &tag, bytes))
    }
}

/// An answer for nobody but who asks.
pub(crate) fn encoded_private<T: Serialize>(body: &T) -> Result<Response, Problem> {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, encoded(body)?).into_response())
}

fn encoded<T: Serialize>(body: &T) -> Result<Bytes, Problem> {
    serde_json::to_vec(body).map(Bytes::from).map_err(|error| Problem::internal(&error))
}

fn shared(has: &IfNoneMatch, tag: &ETag, bytes: Bytes) -> Response {
    let mut response =
        has.answer(tag, || ([(header::CONTENT_TYPE, "application/json")], bytes).into_response());
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_A_MOMENT);
    response
}
