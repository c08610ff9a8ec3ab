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
