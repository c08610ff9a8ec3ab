//! Who asks.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use marquee_ledger::AccountId;
use marquee_ledger::command::{Holder, Secret};

use super::page_caller::PageCaller;
use crate::accounts::tokens::TokenError;
use crate::accounts::{Claims, Role};
use crate::http::App;
use crate::http::cookies::{self, Visitor};
use crate::http::csrf;
use crate::http::front::Peer;
use crate::http::kinds;
use crate::http::problem::Problem;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Caller {
    /// Nobody that we know. A browser of one of our pages has a visitor's cookie.
    Guest(Option<Visitor>),
    /// An account, by its access token.
    Account(Signed),
}

/// What the access token says.
pub(crate) type Signed = Claims;

impl Caller {
    /// The account.
    ///
    /// # Errors
    /// `unauthenticated` for guests.
    pub(crate) fn account(&self) -> Result<&Signed, Problem> {
        match self {
            Self::Account(signed) => Ok(signed),
            Self::Guest(_) => Err(Problem::new(kinds::UNAUTHENTICATED)),
        }
    }

    /// The account's id; none for guests.
    pub(crate) fn account_id(&self) -> Option<AccountId> {
        self.account().ok().map(|signed| signed.account)
    }

    /// The account, if it may do what `role` may.
    ///
    /// # Errors
    /// `unauthenticated` for guests, `forbidden` for others.
    pub(crate) fn require(&self, role: Role) -> Result<&Signed, Problem> {
        let signed = self.account()?;
        if signed.roles.may_act_as(role) {
            return Ok(signed);
        }
        // Every refusal is logged.
        tracing::info!(account = %signed.account, %role, "refused: the account does not have the role");
        Err(Problem::new(kinds::FORBIDDEN).detail(format!("this takes the role {role}")))
    }

    /// For whom seats are held: limits are counted per holder. A guest of whom nothing is known is told apart by the
    /// hold's own secret.
    pub(crate) fn holder(&self, secret: Secret) -> Holder {
        match self {
            Self::Account(signed) => Holder::Account(signed.account),
            Self::Guest(Some(visitor)) => Holder::Guest(visitor.0),
            Self::Guest(None) => {
                let hash = blake3::derive_key("marquee 2026 guest holder", &secret.0.to_be_bytes());
                let mut half = [0; 16];
                half.copy_from_slice(&hash[..16]);
                Holder::Guest(u128::from_be_bytes(half))
            }
        }
    }

    /// Whose idempotency keys these are: keys of different people never meet. Guests of whom nothing is known share
    /// one space, so their keys must be random, as keys should be.
    pub(crate) fn principal(&self) -> u128 {
        match self {
            Self::Account(signed) => signed.account.0,
            Self::Guest(Some(visitor)) => visitor.0,
            Self::Guest(None) => 0,
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(header::AUTHORIZATION) else {
            return Self::by_cookies(parts, app);
        };
        let token = header.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let signed = app.tokens.check(token.unwrap_or_default(), app.now_ms())?;
        app.limits.account(signed.account.0, address(parts))?;
        Ok(Self::Account(signed))
    }
}

impl Caller {
    /// Who asks from one of our pages. Cookies come along whatever made the browser ask, so they prove nothing for a
    /// request that changes something unless the page's form token comes with them.
    fn by_cookies(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let headers = &parts.headers;
        let changes = !(parts.method.is_safe());
        if let Some(token) = cookies::get(headers, cookies::ACCESS).filter(|token| !token.is_empty()) {
            let signed = app.tokens.check(token, app.now_ms())?;
            let caller = Self::Account(signed);
            if changes {
                csrf::check_header(app, &PageCaller::new(caller), headers)?;
            }
            app.limits.account(signed.account.0, address(parts))?;
            return Ok(caller);
        }
        let visitor = Self::Guest(cookies::visitor(headers));
        if changes {
            // Guests need no cookie: one that comes without its token is passed over.
            if !headers.contains_key(csrf::HEADER) {
                return Ok(Self::Guest(None));
            }
            csrf::check_header(app, &PageCaller::new(visitor), headers)?;
        }
        Ok(visitor)
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        Self::new(match error {
            TokenError::Invalid => kinds::TOKEN_INVALID,
            TokenError::Expired => kinds::TOKEN_EXPIRED,
            TokenError::Ended => kinds::SESSION_ENDED,
        })
    }
}

/// The address that the request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client(pub(crate) IpAddr);

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Infallible> {
        Ok(Self(address(parts)))
    }
}

fn address(parts: &Parts) -> IpAddr {
    // Only a test that goes around the front has no peer.
    parts.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0)
}
