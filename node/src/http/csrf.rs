//! Forms that only our own pages can send.
//!
//! A page's forms carry a token: a hash, keyed with the node's secret, of the session, or of the guest's cookie. Another
//! site can make a browser send its cookies, but cannot read the token. It is masked anew for every page, so that a
//! compressed page does not give it away piece by piece (BREACH).

use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;

use super::extract::{Caller, PageCaller};
use super::problem::Problem;
use super::{App, kinds};

/// The header in which scripts of our pages send the token.
pub(crate) const HEADER: &str = "x-csrf-token";

const HALF: usize = 16;

/// A token for the forms of a page that is shown to this caller.
pub(crate) fn token(app: &App, caller: &PageCaller) -> String {
    let mask: [u8; HALF] = crate::keys::random();
    let mut bytes = mask.to_vec();
    bytes.extend(mask.iter().zip(proof(app, caller)).map(|(mask, byte)| mask ^ byte));
    BASE64URL_NOPAD.encode(&bytes)
}

/// Checks the token that came with a form.
///
/// # Errors
/// `csrf-token-wrong` when it was not made for this caller.
pub(crate) fn check(app: &App, caller: &PageCaller, token: &str) -> Result<(), Problem> {
    let wrong = || Problem::new(kinds::CSRF_TOKEN_WRONG);
    let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_garbage| wrong())?;
    let (mask, masked) = bytes.split_at_checked(HALF).ok_or_else(wrong)?;
    let unmasked: Vec<u8> = mask.iter().zip(masked).map(|(mask, byte)| mask ^ byte).collect();
    let is_right = masked.len() == HALF && bool::from(unmasked.ct_eq(&proof(app, caller)));
    if is_right { Ok(()) } else { Err(wrong()) }
}

/// Checks the token in the request's [`HEADER`].
///
/// # Errors
/// `csrf-token-wrong` when there is none, or another's.
pub(crate) fn check_header(app: &App, caller: &PageCaller, headers: &HeaderMap) -> Result<(), Problem> {
    let token = headers.get(HEADER).and_then(|token| token.to_str().ok());
    check(app, caller, token.unwrap_or_default())
}

/// What a token proves once its mask is off. It is a secret of the caller's and this node's.
pub(crate) fn proof(app: &App, caller: &PageCaller) -> [u8; HALF] {
    let mut hasher = blake3::Hasher::new_keyed(&app.request_secret);
    match caller.caller() {
        // The session stays the same while its tokens are exchanged.
        Caller::Account(signed) => hasher.update(b"session's form\0").update(&signed.session.0.to_be_bytes()),
        Caller::Guest(Some(visitor)) => hasher.update(b"guest's form\0").update(&visitor.0.to_be_bytes()),
        // A page's guest always has a cookie; what nothing is known of must not pass for anything.
        Caller::Guest(None) => hasher.update(&crate::keys::random::<32>()),
    };
    let mut half = [0; HALF];
    half.copy_from_slice(&hasher.finalize().as_bytes()[..HALF]);
    half
}
