//! Every path that the node serves, in one place.

/// The OpenAPI document.
pub(crate) const OPENAPI: &str = "/openapi.json";
/// The readable documentation.
pub(crate) const DOCS: &str = "/docs";
/// Its style sheet.
pub(crate) const DOCS_STYLE: &str = "/docs/style.css";
/// Whether the node answers, for load balancers.
pub(crate) const HEALTH: &str = "/health";

/// Sign-up.
pub(crate) const ACCOUNTS: &str = "/v1/accounts";
/// An account: `me` or an id.
pub(crate) const ACCOUNT: &str = "/v1/accounts/{id}";
/// An account's roles.
pub(crate) const ACCOUNT_ROLES: &str = "/v1/accounts/{id}/roles";
/// Sign-in, and the end of all of one's sessions.
pub(crate) const SESSIONS: &str = "/v1/sessions";
/// Exchange of a refresh token.
pub(crate) const SESSION_REFRESH: &str = "/v1/sessions/refresh";
/// The session of the access token.
pub(crate) const SESSION_CURRENT: &str = "/v1/sessions/current";

/// Where gateways deliver webhooks.
pub(crate) const WEBHOOK: &str = "/v1/webhooks/{gateway}";
