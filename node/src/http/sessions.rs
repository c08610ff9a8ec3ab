//! Sessions: sign in, go on, sign out.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
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
use crate::accounts::{EmailAddress, Password, RefreshToken};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, sign_out_everywhere))
        .routes(routes!(refresh))
        .routes(routes!(sign_out))
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
    Json(body): Json<SignIn>,
) -> Result<Response, Problem> {
    let email: EmailAddress = body.email.parse().map_err(|_none| Problem::new(kinds::CREDENTIALS_WRONG))?;
    app.limits.sign_in(&email.folded(), address)?;
    let (key, secret) = (idempotency.key(), idempotency.secret("refresh token"));
    let signed_in = app.accounts().sign_in(key, secret, &email, body.password).await?;
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
    app.accounts().sign_out(caller.account()?).await?;
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
    app.accounts().sign_out_everywhere(caller.account()?).await?;
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
