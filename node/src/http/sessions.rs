//! Sessions: sign in, go on, sign out.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accounts::typed;
use super::extract::{Caller, Client, Idempotency, Json};
use super::instant::instant;
use super::problem::Problem;
use super::{App, kinds, paths};
use crate::accounts::service::SignedIn;
use crate::accounts::{Claims, EmailAddress, Password, RefreshToken, Session, SessionId, UserAgent};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, sign_in, sign_out_everywhere))
        .routes(routes!(refresh))
        .routes(routes!(sign_out))
        .routes(routes!(end))
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    #[schema(example = "ann@example.com")]
    email: String,
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    password: Password,
}

/// What continues a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// Of the last answer.
    refresh_token: String,
}

/// The tokens of a session.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    /// Proves who asks: send it as `Authorization: Bearer ...`.
    access_token: String,
    /// Good for one exchange against new tokens. Keep it as safe as a password.
    refresh_token: String,
    /// When the access token expires.
    #[schema(example = "2026-12-05T19:30:00Z")]
    expires_at: String,
    #[schema(example = "acc_01hqj8p6q80000040000000080")]
    account_id: String,
}

/// A stay: begins with a sign-in, ends with a sign-out or some time after the last visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenSession)]
pub(crate) struct StayBody {
    /// Its id.
    #[schema(example = "ses_0197f3a0b2c44d5e8f90a1b2c3d4e5f6")]
    id: String,
    /// Whether it is the one that asks.
    is_current: bool,
    /// What it was begun with, as that named itself; empty if it did not.
    #[schema(example = "curl/8.5.0")]
    user_agent: String,
    /// When it began.
    begun_at: String,
    /// When it was continued last.
    continued_at: String,
    /// When it ends unless it is continued.
    ends_at: String,
}

impl StayBody {
    pub(crate) fn new(session: &Session, by: &Claims) -> Self {
        Self {
            id: session.id.to_string(),
            is_current: session.id == by.session,
            user_agent: session.agent.as_str().to_owned(),
            begun_at: instant(session.opened_ms),
            continued_at: instant(session.refreshed_ms),
            ends_at: instant(session.expires_ms),
        }
    }
}

/// Your sessions
#[derive(Debug, Serialize, ToSchema)]
struct Stays {
    /// Those that go on, at most 20, the one that was used last first.
    items: Vec<StayBody>,
}

/// What a program says that it is.
pub(crate) fn agent(headers: &HeaderMap) -> UserAgent {
    headers.get(header::USER_AGENT).map(|said| UserAgent::new(said.as_bytes())).unwrap_or_default()
}

/// List your sessions
///
/// Where you are signed in.
#[utoipa::path(
    get, path = paths::SESSIONS, tag = "accounts",
    responses((status = 200, description = "Those that go on", body = Stays)),
)]
async fn list(State(app): State<App>, caller: Caller) -> Result<axum::Json<Stays>, Problem> {
    let by = caller.account()?;
    let sessions = app.accounts().sessions(by)?;
    Ok(axum::Json(Stays { items: sessions.iter().map(|session| StayBody::new(session, by)).collect() }))
}

/// End one of your sessions
///
/// Signs out there. It is no mistake if it has ended already.
#[utoipa::path(
    delete, path = paths::SESSION, tag = "accounts",
    params(("id" = String, Path, description = "The session")),
    responses((status = 204, description = "It has ended")),
)]
async fn end(State(app): State<App>, Path(id): Path<String>, caller: Caller) -> Result<StatusCode, Problem> {
    let by = caller.account()?;
    let id: SessionId = id.parse().map_err(|_error| Problem::not_found("session"))?;
    app.accounts().end_session(by, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign in
///
/// Begins a session. An account has at most 20; another one ends the one that was used least recently.
#[utoipa::path(
    post, path = paths::SESSIONS, tag = "accounts",
    request_body = SignIn,
    responses((status = 201, description = "The session's tokens", body = SessionBody,
        headers(("Location" = String, description = "Where it is ended")))),
)]
async fn sign_in(
    State(app): State<App>,
    Client(address): Client,
    idempotency: Idempotency,
    headers: HeaderMap,
    Json(body): Json<SignIn>,
) -> Result<Response, Problem> {
    let email: EmailAddress = body.email.parse().map_err(|_none| Problem::new(kinds::CREDENTIALS_WRONG))?;
    app.limits.sign_in(&email.folded(), address)?;
    let (key, secret) = (idempotency.key(), idempotency.secret("refresh token"));
    let signed_in = app.accounts().sign_in(key, secret, &email, body.password, agent(&headers)).await?;
    let location = (header::LOCATION, HeaderValue::from_static(paths::SESSION_CURRENT));
    Ok((StatusCode::CREATED, [location], axum::Json(wire(signed_in))).into_response())
}

/// Continue a session
///
/// Exchanges the refresh token against new tokens. If the answer is lost, the exchange can be repeated for half a minute;
/// after that a token that was exchanged already ends its session, since somebody else must have a copy of it.
#[utoipa::path(
    post, path = paths::SESSION_REFRESH, tag = "accounts",
    request_body = Refresh,
    responses((status = 200, description = "The session's new tokens", body = SessionBody)),
)]
async fn refresh(
    State(app): State<App>,
    idempotency: Idempotency,
    Json(body): Json<Refresh>,
) -> Result<axum::Json<SessionBody>, Problem> {
    let token: RefreshToken =
        body.refresh_token.parse().map_err(|_garbage| Problem::new(kinds::REFRESH_INVALID))?;
    Ok(axum::Json(wire(app.accounts().refresh(idempotency.key(), &token).await?)))
}

/// Sign out
///
/// Ends the session of the access token; its tokens are not accepted any more.
#[utoipa::path(
    delete, path = paths::SESSION_CURRENT, tag = "accounts",
    responses((status = 204, description = "It has ended")),
)]
async fn sign_out(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    let by = caller.account()?;
    app.accounts().end_session(by, by.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out everywhere
///
/// Ends all of your sessions, this one too.
#[utoipa::path(
    delete, path = paths::SESSIONS, tag = "accounts",
    responses((status = 204, description = "All have ended")),
)]
async fn sign_out_everywhere(State(app): State<App>, caller: Caller) -> Result<StatusCode, Problem> {
    app.accounts().end_sessions(caller.account()?, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn wire(signed_in: SignedIn) -> SessionBody {
    SessionBody {
        access_token: signed_in.access_token,
        refresh_token: signed_in.refresh_token,
        expires_at: instant(signed_in.claims.expires_ms),
        account_id: signed_in.claims.account.to_string(),
    }
}
