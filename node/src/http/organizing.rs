//! What the requests of organizers have in common.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::App;
use super::extract::{Caller, ETag, IfMatch};
use super::problem::Problem;
use crate::accounts::Role;
use crate::catalog::checks::Faults;
use crate::catalog::service::Writer;

/// Who writes to the catalog: organizers what is theirs, operators everything.
///
/// # Errors
/// `unauthenticated` for guests, `forbidden` for others.
pub(crate) fn writer(app: &App, caller: &Caller) -> Result<Writer, Problem> {
    let signed = caller.require(Role::Organizer)?;
    Ok(Writer::new(app.home.clone(), signed.account, signed.roles.contains(Role::Operator)))
}

/// The version that may be named and need not.
pub(crate) fn version(if_match: Option<IfMatch>) -> Option<u64> {
    if_match.and_then(IfMatch::version)
}

/// What a form becomes, or all that is wrong with it.
///
/// # Errors
/// `invalid` with the place of every fault.
pub(crate) fn sound<T>(read: impl FnOnce(&mut Faults) -> Option<T>) -> Result<T, Problem> {
    let mut faults = Faults::default();
    let made = read(&mut faults);
    faults.finish().map_err(Problem::faulty)?;
    made.ok_or_else(|| Problem::new(super::kinds::INVALID))
}

/// A key names a thing for good.
pub(crate) fn key_stays(written: Option<&str>, known: Option<&str>, faults: &mut Faults) {
    if written.is_some() && written != known {
        faults.add("/key", "cannot be changed");
    }
}

/// The answer to making a thing: where it is, its version, and what it is.
pub(crate) fn made<T: Serialize>(location: &str, version: u64, body: T) -> Response {
    let mut response = (StatusCode::CREATED, axum::Json(body)).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response.headers_mut().insert(header::ETAG, ETag::version(version).header());
    response
}

/// The answer to changing a thing: its version, and what it is.
pub(crate) fn changed<T: Serialize>(version: u64, body: T) -> Response {
    let mut response = axum::Json(body).into_response();
    response.headers_mut().insert(header::ETAG, ETag::version(version).header());
    response
}
