//! Who looks at a page: the session in the browser's cookies, kept going.
//!
//! Pages stand behind [`keep`]. It reads the cookies, exchanges the refresh token when the access token has expired, makes
//! a browser that comes for the first time a visitor, and sets the cookies that changed on the answer, whatever that is.
//! Handlers take a [`PageCaller`](super::extract::PageCaller).

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::cookies::{self, Visitor};
use super::extract::{Caller, PageCaller};
use super::front::Peer;
use super::problem::Problem;
use crate::accounts::service::Error;
use crate::accounts::{Claims, RefreshToken};

/// The layer before pages: `axum::middleware::from_fn_with_state(app, page_session::keep)`.
pub(crate) async fn keep(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let address = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0);
    let visit = match visit(&app, request.headers(), address).await {
        Ok(visit) => visit,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(PageCaller::new(visit.caller));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for cookie in visit.cookies {
        // Who signs in or out just then knows better.
        let is_set = headers
            .get_all(header::SET_COOKIE)
            .iter()
            .any(|set| cookies::name_of(set) == cookies::name_of(&cookie));
        if !is_set {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

struct Visit {
    caller: Caller,
    cookies: Vec<HeaderValue>,
}

async fn visit(app: &App, headers: &HeaderMap, address: IpAddr) -> Result<Visit, Problem> {
    let mut changed: Vec<HeaderValue> = Vec::new();
    if let Some(signed) = signed(app, headers, &mut changed).await? {
        app.limits.account(signed.account.0, address)?;
        return Ok(Visit { caller: Caller::Account(signed), cookies: changed });
    }
    let visitor = cookies::visitor(headers).unwrap_or_else(|| {
        let (visitor, cookie) = Visitor::newcomer(app);
        changed.extend(cookie);
        visitor
    });
    Ok(Visit { caller: Caller::Guest(Some(visitor)), cookies: changed })
}

/// What the session's cookies say, after an exchange of tokens if it is time for one.
async fn signed(
    app: &App,
    headers: &HeaderMap,
    changed: &mut Vec<HeaderValue>,
) -> Result<Option<Claims>, Problem> {
    let (access, refresh) = (cookies::get(headers, cookies::ACCESS), cookies::get(headers, cookies::REFRESH));
    if access.is_none() && refresh.is_none() {
        return Ok(None);
    }
    if let Some(Ok(claims)) = access.map(|token| app.tokens.check(token, app.now_ms())) {
        return Ok(Some(claims));
    }
    if let Some(Ok(token)) = refresh.map(str::parse::<RefreshToken>) {
        match app.accounts().refresh(None, &token).await {
            Ok(signed_in) => {
                changed.extend(cookies::sign_in_cookies(app, &signed_in).into_iter().flatten());
                return Ok(Some(signed_in.claims));
            }
            Err(Error::RefreshInvalid) => {}
            Err(error) => return Err(error.into()),
        }
    }
    changed.extend(cookies::sign_out_cookies(app).into_iter().flatten());
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use axum::Router;
    use axum::body::Body;
    use axum::routing::{get, post};
    use http_body_util::BodyExt;
    use marquee_config::Settings;
    use tempfile::TempDir;
    use tower::ServiceExt;

    use super::*;
    use crate::accounts::service::NewAccount;
    use crate::accounts::{Password, UserAgent};
    use crate::http::csrf;
    use crate::node::Node;

    /// A node with two pages: one shows a form's token and who looks, the other takes the form.
    struct Pages {
        node: Node,
        pages: Router,
        _folder: TempDir,
    }

    async fn show(State(app): State<App>, caller: PageCaller) -> String {
        let who = caller.signed().map_or("guest".to_owned(), |signed| signed.account.to_string());
        format!("{who} {}", csrf::token(&app, &caller))
    }

    async fn take(State(app): State<App>, caller: PageCaller, headers: HeaderMap) -> Result<(), Problem> {
        csrf::check_header(&app, &caller, &headers)
    }

    async fn leave(State(app): State<App>, caller: PageCaller) -> Result<Response, Problem> {
        let by = caller.caller().account()?;
        app.accounts().end_session(by, by.session).await?;
        let mut response = ().into_response();
        for cookie in cookies::sign_out_cookies(&app).into_iter().flatten() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    impl Pages {
        async fn open(access_token_lifetime: Duration) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut settings = Settings::default();
            settings.storage.data_dir = folder.path().to_owned();
            settings.cluster.accounts.access_token_lifetime = access_token_lifetime;
            let node = Node::open(settings, SocketAddr::from(([127, 0, 0, 1], 1))).await.unwrap();
            let app = node.app().clone();
            let layer = axum::middleware::from_fn_with_state(app.clone(), keep);
            let pages = Router::new()
                .route("/show", get(show))
                .route("/take", post(take))
                .route("/leave", post(leave))
                .layer(layer)
                .with_state(app);
            Self { node, pages, _folder: folder }
        }

        /// Signs somebody up and in; the cookies of their browser.
        async fn sign_in(&self, email: &str) -> Vec<String> {
            let app = self.node.app();
            let (email, password) = (email.parse().unwrap(), Password::new("correct horse"));
            let account = NewAccount { email, name: "Ann".parse().unwrap(), zip: None, password };
            let (email, password) = (account.email.clone(), account.password.clone());
            app.accounts().sign_up(None, account).await.unwrap();
            let signed_in =
                app.accounts().sign_in(None, [7; 32], &email, password, UserAgent::default()).await.unwrap();
            pairs(cookies::sign_in_cookies(app, &signed_in).into_iter().flatten())
        }

        /// Status, text and the cookies that are set.
        async fn ask(
            &self,
            method: &str,
            path: &str,
            sent: &[String],
            token: &str,
        ) -> (u16, String, Vec<String>) {
            let request = Request::builder().method(method).uri(path);
            let request = request.header(header::COOKIE, sent.join("; ")).header(csrf::HEADER, token);
            let response = self.pages.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let set = pairs(response.headers().get_all(header::SET_COOKIE).iter().cloned());
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8(body.to_vec()).unwrap(), set)
        }
    }

    /// `name=value` of `Set-Cookie` headers, which must be out of reach of scripts and of other sites' forms.
    fn pairs(headers: impl Iterator<Item = HeaderValue>) -> Vec<String> {
        let pair = |header: HeaderValue| {
            let text = header.to_str().unwrap().to_owned();
            assert!(text.contains("; HttpOnly; SameSite=Lax; Max-Age="), "{text}");
            text.split(';').next().unwrap().to_owned()
        };
        headers.map(pair).collect()
    }

    fn halves(text: &str) -> (&str, &str) {
        text.split_once(' ').unwrap()
    }

    #[tokio::test]
    async fn a_guest_stays_the_same_and_only_our_forms_are_taken() {
        let pages = Pages::open(Duration::from_secs(900)).await;
        let (status, text, guest) = pages.ask("GET", "/show", &[], "").await;
        let (who, token) = halves(&text);
        assert_eq!((status, who, guest.len()), (200, "guest", 1));
        let (_, again, set) = pages.ask("GET", "/show", &guest, "").await;
        assert!(set.is_empty());
        assert_ne!(halves(&again).1, token, "masked anew");
        for token in [token, halves(&again).1] {
            assert_eq!(pages.ask("POST", "/take", &guest, token).await.0, 200);
        }
        let (_, _, other) = pages.ask("GET", "/show", &[], "").await;
        for (sent, token) in [(&other, token), (&Vec::new(), token), (&guest, ""), (&guest, "AAAA")] {
            assert_eq!(pages.ask("POST", "/take", sent, token).await.0, 403);
        }
        let ann = pages.sign_in("ann@example.com").await;
        assert_eq!(pages.ask("POST", "/take", &ann, token).await.0, 403, "a guest's form, after signing in");
        pages.node.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_session_goes_on_when_its_access_token_has_expired() {
        // Every access token has expired as soon as it is issued.
        let pages = Pages::open(Duration::ZERO).await;
        let ann = pages.sign_in("ann@example.com").await;
        let (_, text, next) = pages.ask("GET", "/show", &ann, "").await;
        let (who, token) = halves(&text);
        assert!(who.starts_with("acc_"));
        assert_eq!(next.len(), 2, "both tokens: {next:?}");
        assert_ne!(next[1], ann[1]);
        let (_, text, same) = pages.ask("GET", "/show", &ann, "").await;
        assert_eq!((halves(&text).0, &same[1]), (who, &next[1]), "another tab, at the same time");
        let (status, _, last) = pages.ask("POST", "/take", &next, token).await;
        assert_eq!(status, 200, "forms outlive the exchange");

        let (status, text, gone) = pages.ask("POST", "/leave", &last, "").await;
        assert_eq!(
            (status, gone),
            (200, vec!["marquee_access=".to_owned(), "marquee_refresh=".to_owned()]),
            "{text}"
        );
        let (_, text, set) = pages.ask("GET", "/show", &last, "").await;
        assert_eq!(halves(&text).0, "guest");
        assert!(set.contains(&"marquee_refresh=".to_owned()), "cookies of no use are removed: {set:?}");
        pages.node.close().await.unwrap();
    }
}
