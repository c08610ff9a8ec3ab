//! The other nodes of the cluster, as browsers know them.
//!
//! A page goes on working when its node dies: its scripts then ask the next node, from the origin of the dead one. So the
//! pages of a node may connect to its siblings (their content security policy says so), and a node answers what the pages
//! of its siblings ask (cross-origin resource sharing), with the browser's cookies if it has any for this host. Nobody
//! else's pages may.
//!
//! Which these are changes with the cluster, seldom: it is worked out anew when the cluster's list is another one.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use parking_lot::RwLock;

use crate::geo::{Candidate, Geo, Nodes};
use crate::pages::sheets;

/// How many siblings a page may connect to: the nearest, since the policy is sent with every page.
const CONNECT_MAX: usize = 16;

/// What scripts of a sibling's page may send, and read of the answer.
const SENT_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-type, idempotency-key, if-match, prefer, x-csrf-token, x-hold-token, x-order-token, x-ticket-token",
);
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const READ_HEADERS: HeaderValue = HeaderValue::from_static("etag, location, retry-after, x-request-id");
/// For how long a browser need not ask again.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// The other nodes of the cluster, as browsers know them.
#[derive(Default)]
pub struct Siblings(RwLock<Known>);

#[derive(Default, Clone)]
struct Known {
    /// The list that the rest was made of.
    all: Option<Nodes>,
    origins: Arc<BTreeSet<String>>,
    policy: Option<HeaderValue>,
}

impl Siblings {
    /// The policy of pages: everything comes from this node, nothing is inline but our sheets, nobody frames us, and
    /// scripts may ask this node and its siblings.
    pub(crate) fn page_policy(&self, geo: &Geo) -> Option<HeaderValue> {
        self.known(geo).policy
    }

    /// The origin of the page that asks, if it is a sibling's.
    pub(crate) fn origin(&self, geo: &Geo, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        self.known(geo).origins.contains(origin.to_str().ok()?).then(|| origin.clone())
    }

    /// Whether there are any.
    pub(crate) fn exist(&self, geo: &Geo) -> bool {
        !self.known(geo).origins.is_empty()
    }

    fn known(&self, geo: &Geo) -> Known {
        let all = geo.all();
        let known = self.0.read().clone();
        if known.all.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, &all)) {
            return known;
        }
        let known = Known::new(geo, all);
        *self.0.write() = known.clone();
        known
    }
}

impl Known {
    fn new(geo: &Geo, all: Nodes) -> Self {
        let own = geo.own();
        // A node that is down just now may be up when a page needs it, so health does not matter here.
        let is_own = |url: &str| all.iter().any(|node| node.node == own && node.url == url);
        let others = all.iter().filter(|node| node.node != own && !is_own(&node.url));
        let others: Vec<Arc<Candidate>> =
            others.map(|node| Arc::new(Candidate { healthy: true, ..(**node).clone() })).collect();
        let origins = others.iter().map(|node| origin(&node.url)).collect();
        let nearest = crate::geo::rank(geo.geography(), &others, &geo.geography().here());
        let connect: BTreeSet<String> =
            nearest.iter().take(CONNECT_MAX).map(|near| origin(&near.candidate.url)).collect();
        let connect: String = connect.iter().map(|origin| format!(" {origin}")).collect();
        let policy = format!(
            "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; \
             style-src 'self' {}; img-src 'self' data:; object-src 'none'; connect-src 'self'{connect}",
            sheets::sources(),
        );
        Self { all: Some(all), origins: Arc::new(origins), policy: HeaderValue::try_from(policy).ok() }
    }
}

/// An address as browsers write it in `Origin`: in lower case, without the port that its scheme implies.
fn origin(url: &str) -> String {
    let url = url.to_ascii_lowercase();
    let usual_port = if url.starts_with("https://") { ":443" } else { ":80" };
    url.strip_suffix(usual_port).unwrap_or(&url).to_owned()
}

/// The answer to a browser that asks whether a sibling's page may ask; none if that is not the question.
pub(crate) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response> {
    let asks = method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    asks.then(|| {
        let allowed = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT_HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
        ];
        (StatusCode::NO_CONTENT, allowed).into_response()
    })
}

/// Lets the sibling's page read the answer.
pub(crate) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, READ_HEADERS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (url, expected) in [
            ("https://Tickets.example.com", "https://tickets.example.com"),
            ("https://a.example.com:443", "https://a.example.com"),
            ("http://a.example.com:443", "http://a.example.com:443"),
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081"),
            ("http://a:80", "http://a"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }
}
