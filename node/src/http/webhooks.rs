//! What payment gateways tell by themselves.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::RawBody;
use super::problem::Problem;
use super::{App, kinds, paths};
use crate::outbox::WebhookRefused;

pub(crate) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(deliver))
}

/// Deliver a gateway's webhook
///
/// For payment gateways only: the delivery must carry the gateway's signature. It is answered when the ledger knows all
/// of it, so a delivery that is not answered by 204 must be repeated.
#[utoipa::path(
    post, path = paths::WEBHOOK, tag = "node",
    params(("gateway" = String, Path, description = "The gateway's name, such as `stripe`")),
    request_body(content = String, description = "As the gateway documents it"),
    responses((status = 204, description = "All of it is known")),
)]
async fn deliver(
    State(app): State<App>,
    Path(gateway): Path<String>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<StatusCode, Problem> {
    app.outbox.webhook(&gateway, &headers, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<WebhookRefused> for Problem {
    fn from(refused: WebhookRefused) -> Self {
        match refused {
            WebhookRefused::UnknownGateway => Self::new(kinds::NOT_FOUND),
            WebhookRefused::NotBelieved(error) => {
                tracing::warn!(%error, "a webhook is not believed");
                Self::new(kinds::WEBHOOK_NOT_BELIEVED).detail(error.to_string())
            }
        }
    }
}
