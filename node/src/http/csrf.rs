//! Forms that only our own pages can send.
//!
//! A page's forms carry a token: a hash, keyed with the node's secret, of the cookie that the browser sends along
//! (session's or guest's). Another site can make a browser send the cookie, but cannot read the token. It is masked
//! anew for every page, so that a compressed page does not give it away piece by piece (BREACH).

use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use super::cookies;
use super::problem::Problem;
use super::{App, kinds};

/// The header in which scripts of our pages send the token.
pub(crate) const HEADER: &str = "x-csrf-token";

const HALF: usize = 16;

/// The cookie that form tokens of this request belong to: the session's, else the guest's.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookies::get(headers, cookies::SESSION).or_else(|| cookies::get(headers, cookies::VISITOR))
}

/// A token for the forms of a page that is shown to the browser with this cookie.
pub(crate) fn token(app: &App, cookie: &str) -> String {
    let mask: [u8; HALF] = crate::keys::random();
    let mut bytes = mask.to_vec();
    bytes.extend(mask.iter().zip(proof(app, cookie)).map(|(mask, byte)| mask ^ byte));
    BASE64URL_NOPAD.encode(&bytes)
}

/// Checks the token that came with a form, or in the [`HEADER`].
///
/// # Errors
/// `csrf-token-wrong` when it does not belong to the request's cookie.
pub(crate) fn check(app: &App, headers: &HeaderMap, token: &str) -> Result<(), Problem> {
    let wrong = || Problem::new(kinds::CSRF_TOKEN_WRONG);
    let cookie = cookie(headers).ok_or_else(wrong)?;
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_garbage| wrong())?;
    let (mask, masked) = bytes.split_at_checked(HALF).ok_or_else(wrong)?;
    let unmasked: Vec<u8> = mask.iter().zip(masked).map(|(mask, byte)| mask ^ byte).collect();
    if unmasked.ct_eq(&proof(app, cookie)).into() { Ok(()) } else { Err(wrong()) }
}

/// Checks the token in the request's header.
///
/// # Errors
/// `csrf-token-wrong` when there is none, or another's.
pub(crate) fn check_header(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let token = headers.get(HEADER).and_then(|token| token.to_str().ok());
    check(app, headers, token.unwrap_or_default())
}

fn proof(app: &App, cookie: &str) -> [u8; HALF] {
    let mut hasher = blake3::Hasher::new_keyed(&app.request_secret);
    hasher.update(b"form token\0").update(cookie.as_bytes());
    let mut half = [0; HALF];
    half.copy_from_slice(&hasher.finalize().as_bytes()[..HALF]);
    half
}
