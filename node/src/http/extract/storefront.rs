//! Which node's pages a customer looks at.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::http::App;

/// The address of the node that the customer came to, without a slash at its end: the one that the request names, if it
/// is one of the cluster's, else this one's. A request that was forwarded to its home names the node that it came to.
pub(crate) struct Storefront(pub(crate) String);

impl FromRequestParts<App> for Storefront {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let named = named.or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
        // Only what the directory knows is believed: anybody can write anything into a header.
        let view = app.home.commons().views.now();
        let mut known = view.members().map(|node| node.facts.http.as_str());
        let known = known.find(|url| {
            let authority = url.split_once("://").map_or(*url, |(_scheme, authority)| authority);
            named.is_some_and(|named| named.eq_ignore_ascii_case(authority))
        });
        Ok(Self(known.unwrap_or(&app.public_url).to_owned()))
    }
}

impl Storefront {
    /// Where customers see their bookings; an order's id is appended.
    pub(crate) fn bookings(&self) -> String {
        format!("{}/bookings/", self.0)
    }
}
