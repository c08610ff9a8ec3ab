//! Accounts: sign up, and what is known of a person.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use marquee_ledger::AccountId;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zeroize::Zeroizing;

use super::extract::{Caller, Client, ETag, Idempotency, IfMatch, IfNoneMatch, Json, RawBody, Signed, parse};
use super::instant::instant;
use super::problem::Problem;
use super::{App, kinds, paths};
use crate::accounts::service::{NewAccount, Patch};
use crate::accounts::{Account, Password, Role};

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(read, update, delete))
        .routes(routes!(set_roles))
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountBody {
    #[schema(example = "acc_01hqj8p6q80000040000000080")]
    id: String,
    #[schema(example = "ann@example.com")]
    email: String,
    #[schema(example = "Ann Archer")]
    name: String,
    /// Where the person looks for events.
    #[schema(example = "94612")]
    zip: Option<String>,
    /// What the account may do.
    roles: Vec<RoleName>,
    #[schema(example = "2026-12-05T19:30:00Z")]
    created_at: String,
}

/// What an account may do.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
enum RoleName {
    /// Buys tickets. Everyone does.
    Customer,
    /// Lists events of their own and sells them.
    Organizer,
    /// Sells and scans at a venue's counter.
    BoxOffice,
    /// Helps customers.
    Support,
    /// May do everything.
    Operator,
}

/// Who signs up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUp {
    #[schema(example = "ann@example.com")]
    email: String,
    /// 8 to 256 characters, and not the e-mail address.
    #[serde(deserialize_with = "typed")]
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    password: Password,
    /// As it stands on tickets.
    #[schema(example = "Ann Archer")]
    name: String,
    /// Where the person looks for events.
    #[schema(example = "94612")]
    zip: Option<String>,
}

/// What changes. What is left out stays as it is; a `zip` of null is removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountPatch {
    /// Takes `current_password`.
    email: Option<String>,
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    zip: Option<Option<String>>,
    /// Takes `current_password`, and ends the account's other sessions.
    #[serde(default, deserialize_with = "typed_if_given")]
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Password>,
    #[serde(default, deserialize_with = "typed_if_given")]
    #[schema(value_type = Option<String>, format = Password)]
    current_password: Option<Password>,
}

/// What deletes an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Deletion {
    /// For one's own account.
    #[serde(default, deserialize_with = "typed_if_given")]
    #[schema(value_type = Option<String>, format = Password)]
    current_password: Option<Password>,
}

/// What an account may do from then on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesBody {
    roles: Vec<RoleName>,
}

/// Which account the path names: `me` is who asks.
struct Subject {
    by: Signed,
    account: AccountId,
}

impl FromRequestParts<App> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let by = *Caller::from_request_parts(parts, app).await?.account()?;
        let unknown = || Problem::new(kinds::UNKNOWN_ACCOUNT);
        let Path(text) = Path::<String>::from_request_parts(parts, app).await.map_err(|_none| unknown())?;
        let account = match text.as_str() {
            "me" => by.account,
            id => id.parse().map_err(|_no_id| unknown())?,
        };
        Ok(Self { by, account })
    }
}

/// Sign up
///
/// Makes a customer's account. Sign in afterwards with `POST /v1/sessions`.
#[utoipa::path(
    post, path = paths::ACCOUNTS, tag = "accounts",
    request_body = SignUp,
    responses((
        status = 201, description = "The account was made", body = AccountBody,
        headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")),
    )),
)]
async fn sign_up(
    State(app): State<App>,
    Client(address): Client,
    idempotency: Idempotency,
    Json(body): Json<SignUp>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let email = fields.take("/email", &body.email);
    let name = fields.take("/name", &body.name);
    let zip = body.zip.map(|zip| fields.take("/zip", &zip));
    let (Some(email), Some(name), Some(zip)) = (email, name, zip.map_or(Some(None), |zip| zip.map(Some)))
    else {
        return Err(fields.refused());
    };
    let account = NewAccount { email, name, zip, password: body.password };
    app.limits.sign_in(&account.email.folded(), address)?;
    let account = app.accounts().sign_up(idempotency.key(), account).await?;
    let location = HeaderValue::try_from(format!("{}/{}", paths::ACCOUNTS, account.id));
    // Ids are letters and digits.
    let location = (header::LOCATION, location.unwrap_or(HeaderValue::from_static(paths::ACCOUNTS)));
    Ok((StatusCode::CREATED, [location, tag(&account)], axum::Json(wire(&account))).into_response())
}

/// Read an account
///
/// Your own, as `me` or by its id; support reads every one.
#[utoipa::path(
    get, path = paths::ACCOUNT, tag = "accounts",
    params(("id" = String, Path, description = "`me` or an account's id")),
    responses(
        (status = 200, description = "The account", body = AccountBody,
            headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "It is what you have"),
    ),
)]
async fn read(State(app): State<App>, subject: Subject, has: IfNoneMatch) -> Result<Response, Problem> {
    let account = app.accounts().read(&subject.by, subject.account)?;
    Ok(has.answer(&ETag::version(account.version), || axum::Json(wire(&account))))
}

/// Change an account
///
/// All that is asked, or nothing. Changing the e-mail address or the password of your own account takes
/// `current_password`; a changed password ends your other sessions. Support changes names and postal codes of customers,
/// operators everything.
#[utoipa::path(
    patch, path = paths::ACCOUNT, tag = "accounts",
    params(
        ("id" = String, Path, description = "`me` or an account's id"),
        ("If-Match" = String, Header, description = "The ETag of the version that is changed, or `*`"),
    ),
    request_body = AccountPatch,
    responses((status = 200, description = "The account as it is", body = AccountBody,
        headers(("ETag" = String, description = "Its version")))),
)]
async fn update(
    State(app): State<App>,
    Client(address): Client,
    subject: Subject,
    version: IfMatch,
    Json(body): Json<AccountPatch>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let patch = Patch {
        email: body.email.and_then(|email| fields.take("/email", &email)),
        name: body.name.and_then(|name| fields.take("/name", &name)),
        zip: body.zip.map(|zip| zip.and_then(|zip| fields.take("/zip", &zip))),
        password: body.password,
        current_password: body.current_password,
    };
    fields.finish()?;
    if patch.current_password.is_some() {
        limit_guesses(&app, &subject, address)?;
    }
    let accounts = app.accounts();
    let account = accounts.update(&subject.by, subject.account, version.version(), patch).await?;
    Ok(([tag(&account)], axum::Json(wire(&account))).into_response())
}

/// Delete an account
///
/// Removes everything that is known of the person and ends all sessions. What was bought is kept without a name, as the
/// books need it. Deleting your own account takes `current_password`; support and operators send no body.
#[utoipa::path(
    delete, path = paths::ACCOUNT, tag = "accounts",
    params(("id" = String, Path, description = "`me` or an account's id")),
    request_body(content = Option<Deletion>),
    responses((status = 204, description = "It is gone")),
)]
async fn delete(
    State(app): State<App>,
    Client(address): Client,
    subject: Subject,
    RawBody(body): RawBody,
) -> Result<StatusCode, Problem> {
    let body = match body.is_empty() {
        true => Deletion { current_password: None },
        false => parse(&body)?,
    };
    if body.current_password.is_some() {
        limit_guesses(&app, &subject, address)?;
    }
    app.accounts().delete(&subject.by, subject.account, body.current_password).await?;
    app.outbox.anonymise_soon();
    Ok(StatusCode::NO_CONTENT)
}

/// Give roles
///
/// For operators. The account's sessions end if it loses a role; a role that it gains counts from the next exchange of
/// its refresh token. With `If-Match`, only that version is changed.
#[utoipa::path(
    put, path = paths::ACCOUNT_ROLES, tag = "accounts",
    params(("id" = String, Path, description = "An account's id")),
    request_body = RolesBody,
    responses((status = 200, description = "The account as it is", body = AccountBody,
        headers(("ETag" = String, description = "Its version")))),
)]
async fn set_roles(
    State(app): State<App>,
    subject: Subject,
    version: Option<IfMatch>,
    Json(body): Json<RolesBody>,
) -> Result<Response, Problem> {
    let roles = body.roles.into_iter().map(Role::from).collect();
    let version = version.and_then(IfMatch::version);
    let account = app.accounts().set_roles(&subject.by, subject.account, version, roles).await?;
    Ok(([tag(&account)], axum::Json(wire(&account))).into_response())
}

/// Whoever found an access token must not guess the password with it.
fn limit_guesses(app: &App, subject: &Subject, address: std::net::IpAddr) -> Result<(), Problem> {
    app.limits.sign_in(&subject.by.account.to_string(), address)
}

fn tag(account: &Account) -> (HeaderName, HeaderValue) {
    (header::ETAG, ETag::version(account.version).header())
}

pub(crate) fn wire(account: &Account) -> AccountBody {
    AccountBody {
        id: account.id.to_string(),
        email: account.email.as_str().to_owned(),
        name: account.name.as_str().to_owned(),
        zip: account.zip.as_ref().map(|zip| zip.as_str().to_owned()),
        roles: account.roles.iter().map(RoleName::from).collect(),
        created_at: instant(account.created_ms),
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Customer => Self::Customer,
            Role::Organizer => Self::Organizer,
            Role::BoxOffice => Self::BoxOffice,
            Role::Support => Self::Support,
            Role::Operator => Self::Operator,
        }
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Customer => Self::Customer,
            RoleName::Organizer => Self::Organizer,
            RoleName::BoxOffice => Self::BoxOffice,
            RoleName::Support => Self::Support,
            RoleName::Operator => Self::Operator,
        }
    }
}

/// Gathers what is wrong with the fields of a body, so that all of it is told at once.
#[derive(Default)]
struct Fields(Option<Problem>);

impl Fields {
    fn take<T: FromStr<Err: std::fmt::Display>>(&mut self, pointer: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let problem = self.0.take().unwrap_or_else(|| Problem::new(kinds::INVALID));
                self.0 = Some(problem.error(pointer, error.to_string()));
                None
            }
        }
    }

    fn finish(self) -> Result<(), Problem> {
        self.0.map_or(Ok(()), Err)
    }

    fn refused(self) -> Problem {
        self.0.unwrap_or_else(|| Problem::new(kinds::INVALID))
    }
}

/// A password as it was typed.
pub(crate) fn typed<'de, D: Deserializer<'de>>(source: D) -> Result<Password, D::Error> {
    let text = Zeroizing::new(String::deserialize(source)?);
    Ok(Password::new(&text))
}

fn typed_if_given<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Password>, D::Error> {
    let text = Option::<String>::deserialize(source)?.map(Zeroizing::new);
    Ok(text.map(|text| Password::new(&text)))
}

/// Tells a null from a field that is left out.
fn given<'de, D: Deserializer<'de>>(source: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(source).map(Some)
}
