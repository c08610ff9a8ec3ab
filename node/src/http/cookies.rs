//! Cookies of the pages: who is signed in, and which guest it is.

use axum::http::{HeaderMap, HeaderValue, header};
use data_encoding::BASE64URL_NOPAD;

/// The cookie of a browser that has not signed in.
pub(crate) const VISITOR: &str = "marquee_guest";
/// The cookie of a browser that has signed in.
pub(crate) const SESSION: &str = "marquee_session";

/// A browser that has not signed in; a hash of its cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visitor(pub(crate) u128);

/// The value of a cookie of the request.
pub(crate) fn get<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lists = headers.get_all(header::COOKIE).iter().filter_map(|list| list.to_str().ok());
    let mut cookies =
        lists.flat_map(|list| list.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|cookie| cookie.0 == name).map(|cookie| cookie.1)
}

/// Which guest it is, if its browser has our cookie.
pub(crate) fn visitor(headers: &HeaderMap) -> Option<Visitor> {
    let hash = blake3::derive_key("marquee 2026 visitor", get(headers, VISITOR)?.as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    Some(Visitor(u128::from_be_bytes(half)))
}

/// A value for a cookie that nobody guesses.
pub(crate) fn fresh() -> String {
    BASE64URL_NOPAD.encode(&crate::keys::random::<16>())
}

/// The `Set-Cookie` header: for our pages only, out of reach of scripts, and not sent along from other sites' forms.
pub(crate) fn set(name: &str, value: &str, max_age_s: u64, https: bool) -> Option<HeaderValue> {
    let secure = if https { "; Secure" } else { "" };
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}"
    ))
    .ok()
}

/// The `Set-Cookie` header that removes a cookie.
pub(crate) fn remove(name: &str, https: bool) -> Option<HeaderValue> {
    set(name, "", 0, https)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; marquee_guest=x=y;marquee_session=z"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=2"));
        assert_eq!(get(&headers, VISITOR), Some("x=y"));
        assert_eq!(get(&headers, SESSION), Some("z"));
        assert_eq!(get(&headers, "b"), Some("2"));
        assert_eq!(get(&headers, "guest"), None);
        assert!(visitor(&headers).is_some());
    }
}
