//! Cookies of the pages: who is signed in, and which guest it is.

use axum::http::{HeaderMap, HeaderValue, header};
use data_encoding::BASE64URL_NOPAD;

use super::App;
use crate::accounts::service::SignedIn;

/// The cookie of a browser, signed in or not: seats that a guest holds are the visitor's.
pub(crate) const VISITOR: &str = "marquee_guest";
/// The cookie with the access token.
pub(crate) const ACCESS: &str = "marquee_access";
/// The cookie with the refresh token.
pub(crate) const REFRESH: &str = "marquee_refresh";

/// The cookie with the language that a browser chose.
pub(crate) const LANGUAGE: &str = "marquee_lang";

/// A guest stays the same for a year.
const VISITOR_SECONDS: u64 = 365 * 24 * 60 * 60;

/// A browser that has not signed in; a hash of its cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visitor(pub(crate) u128);

impl Visitor {
    fn of(cookie: &str) -> Self {
        let hash = blake3::derive_key("marquee 2026 visitor", cookie.as_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        Self(u128::from_be_bytes(half))
    }

    /// A browser that comes for the first time, and the cookie that makes it known.
    pub(crate) fn newcomer(app: &App) -> (Self, Option<HeaderValue>) {
        let cookie = BASE64URL_NOPAD.encode(&crate::keys::random::<16>());
        (Self::of(&cookie), set(app, VISITOR, &cookie, VISITOR_SECONDS))
    }
}

/// The value of a cookie of the request.
pub(crate) fn get<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lists = headers.get_all(header::COOKIE).iter().filter_map(|list| list.to_str().ok());
    let mut cookies =
        lists.flat_map(|list| list.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|cookie| cookie.0 == name).map(|cookie| cookie.1)
}

/// Which guest it is, if its browser has our cookie.
pub(crate) fn visitor(headers: &HeaderMap) -> Option<Visitor> {
    get(headers, VISITOR).filter(|cookie| !cookie.is_empty()).map(Visitor::of)
}

/// The `Set-Cookie` headers of an answer to who signs in, or whose session went on.
pub(crate) fn sign_in_cookies(app: &App, signed_in: &SignedIn) -> [Option<HeaderValue>; 2] {
    // Both live as long as the refresh token: an access token that has expired asks for an exchange.
    let seconds = signed_in.refresh_until_ms.saturating_sub(app.now_ms()) / 1_000;
    [set(app, ACCESS, &signed_in.access_token, seconds), set(app, REFRESH, &signed_in.refresh_token, seconds)]
}

/// The `Set-Cookie` headers of an answer to who signs out.
pub(crate) fn sign_out_cookies(app: &App) -> [Option<HeaderValue>; 2] {
    [set(app, ACCESS, "", 0), set(app, REFRESH, "", 0)]
}

/// The `Set-Cookie` header of an answer to who chose a language.
pub(crate) fn language(app: &App, tag: &str) -> Option<HeaderValue> {
    set(app, LANGUAGE, tag, VISITOR_SECONDS)
}

/// The name of the cookie that a `Set-Cookie` header sets.
pub(crate) fn name_of(header: &HeaderValue) -> Option<&str> {
    header.to_str().ok()?.split_once('=').map(|(name, _value)| name)
}

/// For our pages only, out of reach of scripts, and not sent along from other sites' forms.
fn set(app: &App, name: &str, value: &str, max_age_s: u64) -> Option<HeaderValue> {
    // Sent to the nodes that share the domain, so that a session goes on at another node when this one dies.
    let domain = app.settings.cluster.accounts.cookie_domain.as_ref();
    let domain = domain.map(|domain| format!("; Domain={domain}")).unwrap_or_default();
    let secure = if app.settings.http.is_https() { "; Secure" } else { "" };
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{domain}{secure}"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; marquee_guest=x=y;marquee_access=z"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=2"));
        assert_eq!(get(&headers, VISITOR), Some("x=y"));
        assert_eq!(get(&headers, ACCESS), Some("z"));
        assert_eq!(get(&headers, "b"), Some("2"));
        assert_eq!(get(&headers, "guest"), None);
        assert_eq!(visitor(&headers), Some(Visitor::of("x=y")));
    }

    #[test]
    fn a_removed_cookie_is_no_visitor() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("marquee_guest="));
        assert_eq!(visitor(&headers), None);
    }
}
