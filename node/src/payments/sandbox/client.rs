//! The sandbox as a [`PaymentGateway`].

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::Full;
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::wire::{
    Capture, Delivery, ErrorBody, EventView, Failure, IntentBody, IntentView, List, RefundBody, RefundState,
    RefundView, Status, Subject,
};
use crate::payments::{
    Answer, ChargeRequest, EventId, EventKind, GatewayError, GatewayEvent, Intent, IntentId, IntentStatus,
    InvalidOptions, Money, PaymentGateway, Refund, RefundId, RefundRequest, RefundStatus, Secret,
    StandardWebhook, WebhookError,
    gateway::path_segment,
    http::{HttpClient, base_url, bearer},
};

/// How a [`Client`] finds its server.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// `http://127.0.0.1:8081`.
    pub base_url: String,
    /// The server's API key.
    pub api_key: Secret,
    /// The secret that the server signs webhooks with: `whsec_` and base64.
    pub webhook_secret: Secret,
    /// Every call ends by then.
    pub deadline: Duration,
}

/// Talks to a sandbox [`Server`](super::Server).
pub struct Client {
    http: HttpClient,
    base_url: String,
    authorization: HeaderValue,
    webhooks: StandardWebhook,
}

impl Client {
    /// Makes a client. Connections are opened by the first calls.
    pub fn new(options: &ClientOptions) -> Result<Self, InvalidOptions> {
        Ok(Self {
            http: HttpClient::new(options.deadline),
            base_url: base_url(&options.base_url)?,
            authorization: bearer(&options.api_key)?,
            webhooks: StandardWebhook::new(&options.webhook_secret)?,
        })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, GatewayError> {
        self.call(Method::GET, path, None, Bytes::new()).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        body: &impl Serialize,
    ) -> Result<T, GatewayError> {
        // The bodies are plain structs of text and numbers.
        let body = serde_json::to_vec(body).expect("a struct of text and numbers is JSON");
        self.call(Method::POST, path, key, body.into()).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Bytes,
    ) -> Result<T, GatewayError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header(header::AUTHORIZATION, self.authorization.clone());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = request
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(Full::new(body))
            .map_err(|error| GatewayError::refused("invalid_request", error.to_string()))?;
        let answer = self.http.ask(request).await?;
        if answer.status.is_success() {
            return answer.json();
        }
        let ErrorBody { error: Failure { code, message } } = answer.json()?;
        match answer.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(GatewayError::Unauthorized { message }),
            _ => Err(GatewayError::Refused { code, message }),
        }
    }
}

impl PaymentGateway for Client {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn charge(&self, request: ChargeRequest) -> Answer<'_, Intent> {
        Box::pin(async move {
            let body = IntentBody {
                order: request.order,
                amount_minor: request.amount.minor,
                currency: request.amount.currency,
                method: request.method,
                email: request.email,
                return_url: request.return_url,
                capture: Capture::Automatic,
            };
            let view: IntentView = self.post("/v1/intents", Some(&request.key), &body).await?;
            Ok(view.into())
        })
    }

    fn intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        Box::pin(async move {
            let path = format!("/v1/intents/{}", path_segment(intent.as_str())?);
            Ok(self.get::<IntentView>(&path).await?.into())
        })
    }

    fn find(&self, order: String) -> Answer<'_, Option<Intent>> {
        Box::pin(async move {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("order", &order).finish();
            let mut found: List<IntentView> = self.get(&format!("/v1/intents?{query}")).await?;
            let paid = found.data.iter().position(|intent| intent.status == Status::Succeeded);
            let place = paid.unwrap_or(0);
            Ok((place < found.data.len()).then(|| found.data.swap_remove(place).into()))
        })
    }

    fn refund(&self, request: RefundRequest) -> Answer<'_, Refund> {
        Box::pin(async move {
            let body = RefundBody {
                intent: request.intent.as_str().to_owned(),
                order: request.order,
                amount_minor: request.amount.minor,
                currency: request.amount.currency,
                reason: request.reason,
            };
            let view: RefundView = self.post("/v1/refunds", Some(&request.key), &body).await?;
            Ok(view.into())
        })
    }

    fn refund_status(&self, refund: RefundId) -> Answer<'_, Refund> {
        Box::pin(async move {
            let path = format!("/v1/refunds/{}", path_segment(refund.as_str())?);
            Ok(self.get::<RefundView>(&path).await?.into())
        })
    }

    fn cancel_intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        Box::pin(async move {
            let path = format!("/v1/intents/{}/cancel", path_segment(intent.as_str())?);
            Ok(self.post::<IntentView>(&path, None, &serde_json::Map::new()).await?.into())
        })
    }

    fn webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, WebhookError> {
        self.webhooks.verify(headers, body, now)?;
        let delivery: Delivery<EventView> = serde_json::from_slice(body).map_err(WebhookError::Malformed)?;
        Ok(delivery.data.into_iter().map(Into::into).collect())
    }
}

impl From<IntentView> for Intent {
    fn from(view: IntentView) -> Self {
        Self {
            status: status_of(&view),
            id: IntentId::new(view.id),
            order: view.order,
            amount: Money { minor: view.amount_minor, currency: view.currency },
        }
    }
}

impl From<RefundView> for Refund {
    fn from(view: RefundView) -> Self {
        Self {
            status: match view.status {
                RefundState::Pending => RefundStatus::Pending,
                RefundState::Succeeded => RefundStatus::Succeeded,
                RefundState::Failed => RefundStatus::Failed {
                    code: view.failure.map_or_else(|| "failed".to_owned(), |failure| failure.code),
                },
            },
            id: RefundId::new(view.id),
            intent: IntentId::new(view.intent),
            key: Some(view.key),
            amount: Money { minor: view.amount_minor, currency: view.currency },
        }
    }
}

impl From<EventView> for GatewayEvent {
    fn from(event: EventView) -> Self {
        let id = EventId::new(event.id);
        match event.subject {
            Subject::Intent(view) => Self {
                id,
                kind: EventKind::Intent(status_of(&view)),
                intent: IntentId::new(view.id),
                order: Some(view.order),
            },
            Subject::Refund(view) => Self {
                id,
                intent: IntentId::new(view.intent.clone()),
                order: Some(view.order.clone()),
                kind: EventKind::Refund(view.into()),
            },
        }
    }
}

fn status_of(view: &IntentView) -> IntentStatus {
    match (view.status, &view.action_url) {
        (Status::RequiresAction, Some(url)) => IntentStatus::RequiresAction { url: url.clone() },
        (Status::Processing | Status::RequiresCapture | Status::RequiresAction, _) => {
            IntentStatus::Processing
        }
        (Status::Succeeded, _) => IntentStatus::Succeeded,
        (Status::Failed, _) => {
            let failure = view.failure.clone();
            let unexplained =
                || Failure { code: "failed".to_owned(), message: "The payment failed.".to_owned() };
            let Failure { code, message } = failure.unwrap_or_else(unexplained);
            IntentStatus::Failed { code, message }
        }
        (Status::Canceled, _) => IntentStatus::Canceled,
    }
}
