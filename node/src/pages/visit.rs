//! A visit: who looks at a page, and what every page needs to know of that.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

use askama::Template;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use data_encoding::BASE64URL_NOPAD;
use futures_util::Stream;
use marquee_ledger::command::{Holder, Secret};
use marquee_ledger::{Key, OrderId, TicketId};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{assets, sheets};
use crate::accounts::{Account, Role};
use crate::http::cookies::{self, Visitor};
use crate::http::csrf;
use crate::http::extract::{Caller, ETag, IfNoneMatch, PageCaller, RawBody, Storefront};
use crate::http::long::{self, Ends};
use crate::http::{App, Problem};
use crate::http::{kinds, paths, staleness, tokens};
use crate::selling::rights::Asker;
use crate::texts::{Countable, Cut, Language, Texts};

/// Who looks at a page.
pub(super) struct Visit {
    pub(super) app: App,
    pub(super) caller: PageCaller,
    /// The browser, which stays the same when somebody signs in: what it held before is still theirs.
    visitor: Option<Visitor>,
    /// What proves a guest's right to the booking at this address.
    order_token: Option<Secret>,
    /// The same of the ticket at this address, or of its offer.
    ticket_token: Option<Secret>,
    texts: Texts,
    /// Where to come back to, for who goes on elsewhere.
    back: String,
    /// The token of this page's forms.
    csrf: String,
    path: String,
    front: String,
    has: IfNoneMatch,
}

/// What is around every page.
#[derive(Clone)]
pub(super) struct Frame {
    /// What the addresses of assets begin with.
    pub(super) assets: &'static str,
    /// The page's address without its query, as search engines should know it.
    pub(super) address: String,
    /// Whether search engines are to leave it alone.
    pub(super) unlisted: bool,
    /// The token of the page's forms.
    pub(super) csrf: String,
    pub(super) signed_in: bool,
    /// Whether there are other nodes, where the page can go on if this one dies.
    pub(super) other_nodes: bool,
    /// Whether the page links to what is for operators.
    pub(super) operator: bool,
    /// Whether it links to the organizer's pages.
    pub(super) organizer: bool,
    /// For how long this node has known nothing newer, if that is worth saying.
    pub(super) stale: Option<String>,
    /// Which link of the main navigation is the current one.
    pub(super) here: &'static str,
    /// Where to come back to, for who goes on elsewhere: path and query of this page.
    pub(super) back: String,
    texts: Texts,
}

/// What templates say, in the visitor's language.
impl Frame {
    pub(super) fn texts(&self) -> Texts {
        self.texts
    }

    pub(super) fn language(&self) -> Language {
        self.texts.language()
    }

    pub(super) fn languages(&self) -> [Language; 3] {
        Language::ALL
    }

    pub(super) fn t(&self, key: &str) -> Cow<'static, str> {
        self.texts.t(key)
    }

    pub(super) fn count(&self, key: &str, count: impl Countable) -> String {
        self.texts.count(key, count)
    }

    pub(super) fn with(&self, key: &str, name: &str, value: impl Display) -> String {
        self.texts.with(key, name, value)
    }

    pub(super) fn with2(
        &self,
        key: &str,
        first: &str,
        value: impl Display,
        second: &str,
        other: impl Display,
    ) -> String {
        self.texts.with2(key, first, value, second, other)
    }

    /// Tenths of a star, 0 to 50, in words.
    pub(super) fn stars(&self, tenths: impl Countable) -> String {
        let mean = tenths.number() as f64 / 10.0;
        self.with("stars-of-five", "stars", self.texts.decimal(mean, 1))
    }

    /// A text with a link in it.
    pub(super) fn cut(&self, key: &str) -> Cut {
        self.texts.cut(key)
    }

    /// The same with an argument.
    pub(super) fn cut_with(&self, key: &str, name: &str, value: impl Display) -> Cut {
        self.texts.cut_with(key, name, value)
    }

    /// The style of all pages.
    pub(super) fn shared_sheet(&self) -> &'static str {
        sheets::shared()
    }

    /// The style of an area.
    pub(super) fn sheet(&self, name: &str) -> &'static str {
        sheets::sheet(name)
    }

    /// The addresses of a module and of all that it imports.
    pub(super) fn modules(&self, entry: &str) -> Vec<String> {
        assets::modules(entry).into_iter().map(|name| format!("{}/{name}", self.assets)).collect()
    }
}

/// Where in the main navigation a page is.
#[derive(Clone, Copy)]
pub(super) enum Here {
    Events,
    Bookings,
    Account,
    SignIn,
    Cluster,
    Organize,
    Elsewhere,
}

impl Visit {
    /// The texts of the visitor's language.
    pub(super) fn texts(&self) -> Texts {
        self.texts
    }

    /// What is around a page.
    pub(super) fn frame(&self, here: Here) -> Frame {
        Frame {
            assets: assets::base(),
            address: format!("{}{}", self.front, self.path),
            unlisted: is_below(&self.path, &paths::PAGES_PERSONAL)
                || is_below(&self.path, &paths::PAGES_UNLISTED),
            csrf: self.csrf.clone(),
            signed_in: self.caller.signed().is_some(),
            other_nodes: self.app.siblings.exist(&self.app.geo),
            operator: self.caller.signed().is_some_and(|signed| signed.roles.contains(Role::Operator)),
            organizer: self.caller.signed().is_some_and(|signed| signed.roles.may_act_as(Role::Organizer)),
            stale: staleness::behind(&self.app).map(|age| age_words(self.texts, age)),
            here: match here {
                Here::Events => "events",
                Here::Bookings => "bookings",
                Here::Account => "account",
                Here::SignIn => "sign-in",
                Here::Cluster => "cluster",
                Here::Organize => "organize",
                Here::Elsewhere => "",
            },
            back: self.back.clone(),
            texts: self.texts,
        }
    }

    /// Shows a page; or says that the browser has it, if it is not somebody's own.
    ///
    /// # Errors
    /// `internal` when the template fails, which none does.
    pub(super) fn show(&self, page: &impl Template) -> Result<Response, Problem> {
        let html = rendered(page)?;
        if is_below(&self.path, &paths::PAGES_PERSONAL) {
            return Ok(self.in_language(Html(html)));
        }
        // The form token is masked anew in every page. One that was written before does the same, as long as what it proves
        // is the same.
        let proof = csrf::proof(&self.app, &self.caller);
        let tag = ETag::of(&[&proof, html.replace(&self.csrf, "").as_bytes()]);
        let mut response = self.in_language(self.has.answer(&tag, || Html(html)));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        Ok(response)
    }

    /// Shows a page that is somebody's own with a long list in place of [`ROWS`], which is written while it is sent.
    ///
    /// # Errors
    /// As [`show`](Self::show).
    pub(super) fn show_long<R: Send + 'static>(
        &self,
        page: &impl Template,
        batches: impl Stream<Item = Result<Vec<R>, Problem>> + Send + 'static,
        write: impl Fn(Vec<R>) -> Result<String, Problem> + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let ends = Ends::around(ROWS, &rendered(page)?);
        Ok(self.in_language(Html(long::body(ends, batches, write))))
    }

    /// Shows a page again whose form was refused.
    ///
    /// # Errors
    /// As [`show`](Self::show).
    pub(super) fn show_refused(&self, status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
        // Browsers ask for a password themselves when they see 401 without a challenge that they know.
        let status = if status == StatusCode::UNAUTHORIZED { StatusCode::FORBIDDEN } else { status };
        Ok(self.in_language((status, Html(rendered(page)?))))
    }

    /// Says in which language a page is, and on what that depends.
    fn in_language(&self, page: impl IntoResponse) -> Response {
        let language = [
            (header::CONTENT_LANGUAGE, HeaderValue::from_static(self.texts.language().tag())),
            (header::VARY, HeaderValue::from_static("accept-language, cookie")),
        ];
        (language, page).into_response()
    }

    /// The account of who is signed in.
    ///
    /// # Errors
    /// When the storage failed, or the account was deleted a moment ago.
    pub(super) fn account(&self) -> Result<Option<Account>, Problem> {
        let Some(signed) = self.caller.signed() else { return Ok(None) };
        Ok(Some(self.app.accounts().read(signed, signed.account)?))
    }

    /// For whom seats are held.
    pub(super) fn holder(&self, secret: Secret) -> Holder {
        self.caller.caller().holder(secret)
    }

    /// Whether a hold was made with this account, or in this browser.
    pub(super) fn is_holder(&self, holder: Holder) -> bool {
        match holder {
            Holder::Account(account) => self.caller.caller().account_id() == Some(account),
            Holder::Guest(guest) => self.visitor.is_some_and(|visitor| visitor.0 == guest),
        }
    }

    /// Who asks for an order or a ticket.
    pub(super) fn asker(&self) -> Asker {
        let account = self.caller.signed().map(|signed| (signed.account, signed.roles));
        Asker { account, token: self.order_token, ticket_token: self.ticket_token }
    }

    /// The address of a page of ours, for who is elsewhere.
    pub(super) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.front)
    }

    /// The cookie with which this browser may see a guest's booking; sent back at the booking's address only.
    pub(super) fn order_cookie(&self, order: OrderId, secret: Secret) -> Option<HeaderValue> {
        self.cookie(ORDER_COOKIE, secret, &format!("/bookings/{order}"))
    }

    /// The same for a ticket that a guest has or is offered.
    pub(super) fn ticket_cookie(&self, ticket: TicketId, secret: Secret) -> Option<HeaderValue> {
        self.cookie(TICKET_COOKIE, secret, &format!("/tickets/{ticket}"))
    }

    fn cookie(&self, name: &str, secret: Secret, path: &str) -> Option<HeaderValue> {
        let secure = if self.app.settings.http.is_https() { "; Secure" } else { "" };
        HeaderValue::try_from(format!(
            "{name}={}; Path={path}; HttpOnly; SameSite=Lax; Max-Age={ORDER_SECONDS}{secure}",
            tokens::text(secret),
        ))
        .ok()
    }
}

/// `12 seconds`, `3 minutes`, `2 hours`, `5 days`.
pub(super) fn age_words(texts: Texts, age: Duration) -> String {
    match age.as_secs() {
        seconds @ 0..120 => texts.count("seconds", seconds),
        seconds @ 120..7_200 => texts.count("minutes", seconds / 60),
        seconds @ 7_200..172_800 => texts.count("hours", seconds / 3_600),
        seconds => texts.count("days", seconds / 86_400),
    }
}

/// Path and query of the page that a request shows. The answer to a form has none; there it is the page with the form.
fn back_to(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    if method == Method::GET {
        return uri.path_and_query().map_or_else(String::new, ToString::to_string);
    }
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let referer = referer.and_then(|referer| referer.parse::<Uri>().ok());
    referer.and_then(|page| page.path_and_query().map(ToString::to_string)).unwrap_or_default()
}

/// Where a template has the rows of a long list. No text of anybody's has it: templates escape what begins a comment.
pub(super) const ROWS: &str = "<!--rows-->";

/// A template as text.
pub(super) fn rendered(page: &impl Template) -> Result<String, Problem> {
    page.render().map_err(|error| Problem::internal(&error))
}

/// Whether a path is one of these, or below one.
fn is_below(path: &str, roots: &[&str]) -> bool {
    roots
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// The cookies of a guest's booking and ticket, and how long they are remembered.
const ORDER_COOKIE: &str = "marquee_order";
const TICKET_COOKIE: &str = "marquee_ticket";
const ORDER_SECONDS: u64 = 365 * 24 * 60 * 60;

/// Text that nobody guesses and no two pages share.
pub(super) fn random_text() -> String {
    BASE64URL_NOPAD.encode(&crate::keys::random::<16>())
}

/// Goes on to another page after a form.
pub(super) fn go_to(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// An address of ours to go on to; anything else is not gone to.
pub(super) fn local(address: &str) -> &str {
    let is_ours = address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_ours { address } else { "/" }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = PageCaller::from_request_parts(parts, app).await?;
        // A browser that comes for the first time has no cookie in this request, only in the answer.
        let visitor = cookies::visitor(&parts.headers).or(match caller.caller() {
            Caller::Guest(visitor) => *visitor,
            Caller::Account(_) => None,
        });
        let [order_token, ticket_token] = [ORDER_COOKIE, TICKET_COOKIE]
            .map(|name| cookies::get(&parts.headers, name).and_then(tokens::secret));
        let language = Language::of_visit(&parts.headers, cookies::get(&parts.headers, cookies::LANGUAGE));
        let back = back_to(&parts.method, &parts.uri, &parts.headers);
        let texts = Texts::of(language);
        let csrf = csrf::token(app, &caller);
        let Ok(Storefront(front)) = Storefront::from_request_parts(parts, app).await;
        let Ok(has) = IfNoneMatch::from_request_parts(parts, app).await;
        let path = parts.uri.path().to_owned();
        Ok(Self {
            app: app.clone(),
            caller,
            visitor,
            order_token,
            ticket_token,
            texts,
            back,
            csrf,
            path,
            front,
            has,
        })
    }
}

/// A form of ours that was sent: checked to be ours, and read.
pub(super) struct Posted<T> {
    pub(super) form: T,
    sent: Option<Sent>,
}

/// A form with nothing but its token.
#[derive(Deserialize)]
pub(super) struct NoFields {}

/// The form's `request`, hashed with who sent it, and what was asked.
struct Sent {
    id: [u8; 32],
    body: [u8; 32],
}

impl<T> Posted<T> {
    /// The key of the command that this form becomes, so that it is carried out once however often it is sent.
    pub(super) fn key(&self) -> Option<Key> {
        self.sent.as_ref().map(|sent| Key { id: half(&sent.id), body: half(&sent.body) })
    }

    /// A secret for what the form makes; the same when it is sent again.
    pub(super) fn secret(&self) -> [u8; 32] {
        match &self.sent {
            Some(sent) => *blake3::keyed_hash(&sent.id, &sent.body).as_bytes(),
            None => crate::keys::random(),
        }
    }

    /// The same as a token.
    pub(super) fn token(&self) -> Secret {
        Secret(half(&self.secret()))
    }
}

/// Fields that forms of all kinds have.
#[derive(Default)]
struct Common {
    csrf: String,
    request: String,
}

impl<T: DeserializeOwned> FromRequest<App> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = PageCaller::from_request_parts(&mut parts, app).await?;
        let path = parts.uri.path().to_owned();
        let RawBody(bytes) = RawBody::from_request(Request::from_parts(parts, body), app).await?;
        let mut common = Common::default();
        for (name, value) in form_urlencoded::parse(&bytes) {
            match &*name {
                "csrf" => common.csrf = value.into_owned(),
                "request" => common.request = value.into_owned(),
                _other => {}
            }
        }
        csrf::check(app, &caller, &common.csrf)?;
        let form = serde_urlencoded::from_bytes(&bytes)
            .map_err(|error| Problem::new(kinds::INVALID_BODY).detail(error.to_string()))?;
        let principal = caller.caller().principal().to_be_bytes();
        let sent = (!common.request.is_empty()).then(|| Sent {
            id: hash(app, &[b"form", &principal, common.request.as_bytes()]),
            body: hash(app, &[b"form's content", path.as_bytes(), &bytes]),
        });
        Ok(Self { form, sent })
    }
}

/// A hash that only this node can make, of parts with their lengths.
fn hash(app: &App, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&app.request_secret);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    *hasher.finalize().as_bytes()
}

fn half(hash: &[u8; 32]) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    u128::from_be_bytes(half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_largest_unit_that_says_enough() {
        for (seconds, words) in [
            (6, "6 seconds"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
        ] {
            assert_eq!(age_words(Texts::of(Language::English), Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn what_is_below_a_path_is_not_what_begins_like_it() {
        for path in ["/account", "/account/password", "/bookings/ord_1"] {
            assert!(is_below(path, &paths::PAGES_PERSONAL), "{path}");
        }
        for path in ["/", "/accounting", "/events/evt_1", "/performances/prf_1"] {
            assert!(!is_below(path, &paths::PAGES_PERSONAL), "{path}");
        }
    }

    #[test]
    fn only_addresses_of_ours_are_gone_to() {
        for ours in ["/", "/bookings", "/checkout/hld_1?x=1"] {
            assert_eq!(local(ours), ours);
        }
        for other in
            ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:1", "/a\r\nb"]
        {
            assert_eq!(local(other), "/", "{other:?}");
        }
    }
}
