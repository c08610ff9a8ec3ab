//! Stripe: its Payment Intents and Refunds, over HTTPS with form bodies.
//!
//! **This adapter has not been run against the live service.** It is tested against request and response bodies written
//! after Stripe's public reference, replayed by a local server. Before money depends on it, run it with a test key.
//!
//! How the trait's words map onto Stripe's:
//!
//! | ours | Stripe's |
//! |---|---|
//! | charge | `POST /v1/payment_intents` with `confirm=true`, automatic payment methods and the order in `metadata[order]` |
//! | `Processing` | `processing`, `requires_confirmation`, `requires_capture`, and `requires_payment_method` before any attempt |
//! | `RequiresAction` | `requires_action` with `redirect_to_url` |
//! | `Failed` | `requires_payment_method` after an attempt (`last_payment_error`), a 402 with its intent, and a `requires_action` that only Stripe's own scripts could carry out |
//! | `Succeeded`, `Canceled` | `succeeded`, `canceled` |
//! | find | `GET /v1/payment_intents/search`, which lags by up to a minute, in an outage by more |
//! | refund | `POST /v1/refunds` with `metadata[order]`, `[key]` and `[reason]`; `requires_action` is `Pending`, `canceled` is `Failed` |
//!
//! A failed intent could be paid once more at Stripe, but only by whoever holds its client secret, which this adapter never
//! hands out: so for us `Failed` is final, and another attempt is another charge under another key.
//!
//! **Keys.** Stripe keeps an idempotency key for at least 24 hours, and with it the first answer *whatever it was*, a 500
//! included. So a repeat shows the intent as it first was (ask [`intent`](PaymentGateway::intent) for the present), a repeat
//! after a 500 stays [`Fate::Unknown`](super::Fate::Unknown) until the webhook or `find` tells, and a worker must not
//! repeat a charge after a day.
//!
//! **Amounts.** See `amount`: Stripe's minor units are ISO 4217's with exceptions.
//!
//! **Webhooks.** Subscribe the endpoint to `payment_intent.succeeded`, `.processing`, `.payment_failed`, `.canceled`,
//! `.requires_action`, `refund.created`, `refund.updated` and `refund.failed`. Others are verified and ignored, and so are
//! intents of the same account that carry no order of ours.

mod amount;
mod webhook;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use form_urlencoded::Serializer;
use http_body_util::Full;
use jiff::Timestamp;

use self::wire::{ErrorBody, IntentObject, RefundObject, SearchResult};
use super::{
    Answer, ChargeRequest, GatewayError, GatewayEvent, Intent, IntentId, IntentStatus, InvalidOptions,
    PaymentGateway, Refund, RefundId, RefundRequest, Secret, WebhookError,
    gateway::path_segment,
    http::{HttpAnswer, HttpClient, base_url, bearer},
};

/// The API version that the adapter is written for.
const API_VERSION: HeaderValue = HeaderValue::from_static("2025-03-31.basil");
/// What Stripe allows in one value of its metadata.
const METADATA_CHARS_MAX: usize = 500;

/// How the adapter reaches Stripe.
#[derive(Clone, Debug)]
pub struct StripeOptions {
    /// `sk_…` or, better, a restricted `rk_…` that may only write payment intents and refunds.
    pub api_key: Secret,
    /// The endpoint's signing secret, `whsec_…`.
    pub webhook_secret: Secret,
    /// `https://api.stripe.com`, or a stand-in.
    pub base_url: String,
    /// Every call ends by then. Banks are slow: charges of ten seconds are not rare.
    pub deadline: Duration,
}

impl StripeOptions {
    /// The live service, with 30 seconds for a call.
    pub fn new(api_key: Secret, webhook_secret: Secret) -> Self {
        let base_url = "https://api.stripe.com".to_owned();
        Self { api_key, webhook_secret, base_url, deadline: Duration::from_secs(30) }
    }
}

/// The gateway.
pub struct Stripe {
    http: HttpClient,
    base_url: String,
    authorization: HeaderValue,
    webhook_secret: Secret,
}

impl Stripe {
    /// Makes the adapter. Connections are opened by the first calls.
    pub fn new(options: &StripeOptions) -> Result<Self, InvalidOptions> {
        Ok(Self {
            http: HttpClient::new(options.deadline),
            base_url: base_url(&options.base_url)?,
            authorization: bearer(&options.api_key)?,
            webhook_secret: options.webhook_secret.clone(),
        })
    }

    async fn get(&self, path: &str) -> Result<HttpAnswer, GatewayError> {
        self.call(Method::GET, path, None, String::new()).await
    }

    /// Posts a form; `key` makes the call idempotent.
    async fn post(
        &self,
        path: &str,
        key: Option<&str>,
        form: &[(&str, &str)],
    ) -> Result<HttpAnswer, GatewayError> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.call(Method::POST, path, key, body).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: String,
    ) -> Result<HttpAnswer, GatewayError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header("stripe-version", API_VERSION);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if !body.is_empty() {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request = request.header(header::CONTENT_TYPE, form);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| GatewayError::refused("invalid_request", error.to_string()))?;
        self.http.ask(request).await
    }
}

impl PaymentGateway for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn charge(&self, request: ChargeRequest) -> Answer<'_, Intent> {
        Box::pin(async move {
            let amount = amount::to_stripe(&request.amount)?.to_string();
            let currency = request.amount.currency.to_ascii_lowercase();
            let form = [
                ("amount", amount.as_str()),
                ("currency", &currency),
                ("payment_method", &request.method),
                ("confirm", "true"),
                ("automatic_payment_methods[enabled]", "true"),
                ("return_url", &request.return_url),
                ("receipt_email", &request.email),
                ("metadata[order]", &request.order),
            ];
            let answer = self.post("/v1/payment_intents", Some(&request.key), &form).await?;
            if answer.status != StatusCode::PAYMENT_REQUIRED {
                return fine(&answer)?.json::<IntentObject>()?.try_into();
            }
            // A decline comes as an error that carries the intent it left behind.
            let error = answer.json::<ErrorBody>()?.error;
            let Some(object) = &error.payment_intent else {
                return Err(error.into_gateway_error(answer.status));
            };
            let mut intent = Intent::try_from((**object).clone())?;
            intent.status = IntentStatus::Failed { code: error.code(), message: error.message() };
            Ok(intent)
        })
    }

    fn intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        Box::pin(async move {
            let answer = self.get(&format!("/v1/payment_intents/{}", path_segment(intent.as_str())?)).await?;
            fine(&answer)?.json::<IntentObject>()?.try_into()
        })
    }

    fn find(&self, order: String) -> Answer<'_, Option<Intent>> {
        Box::pin(async move {
            let order = order.replace('\\', "\\\\").replace('\'', "\\'");
            let query = Serializer::new(String::new())
                .append_pair("query", &format!("metadata['order']:'{order}'"))
                .append_pair("limit", "100")
                .finish();
            let answer = self.get(&format!("/v1/payment_intents/search?{query}")).await?;
            let mut found = fine(&answer)?.json::<SearchResult>()?.data;
            // The latest, but one that took money before all.
            found.sort_by_key(|object| (object.status == "succeeded", object.created));
            found.pop().map(Intent::try_from).transpose()
        })
    }

    fn refund(&self, request: RefundRequest) -> Answer<'_, Refund> {
        Box::pin(async move {
            let amount = amount::to_stripe(&request.amount)?.to_string();
            let reason: String = request.reason.chars().take(METADATA_CHARS_MAX).collect();
            let form = [
                ("payment_intent", request.intent.as_str()),
                ("amount", &amount),
                ("metadata[order]", &request.order),
                ("metadata[key]", &request.key),
                ("metadata[reason]", &reason),
            ];
            let answer = self.post("/v1/refunds", Some(&request.key), &form).await?;
            fine(&answer)?.json::<RefundObject>()?.try_into()
        })
    }

    fn refund_status(&self, refund: RefundId) -> Answer<'_, Refund> {
        Box::pin(async move {
            let answer = self.get(&format!("/v1/refunds/{}", path_segment(refund.as_str())?)).await?;
            fine(&answer)?.json::<RefundObject>()?.try_into()
        })
    }

    fn cancel_intent(&self, intent: IntentId) -> Answer<'_, Intent> {
        Box::pin(async move {
            let path = format!("/v1/payment_intents/{}/cancel", path_segment(intent.as_str())?);
            let answer = self.post(&path, None, &[]).await?;
            if answer.status.is_success() {
                return answer.json::<IntentObject>()?.try_into();
            }
            // What has settled, or cannot be stopped any more, comes with the error.
            let error = answer.json::<ErrorBody>()?.error;
            match &error.payment_intent {
                Some(object) if error.code() == "payment_intent_unexpected_state" => {
                    (**object).clone().try_into()
                }
                _ => Err(error.into_gateway_error(answer.status)),
            }
        })
    }

    fn webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<GatewayEvent>, WebhookError> {
        webhook::verify(&self.webhook_secret, headers, body, now)?;
        Ok(webhook::read(body).map_err(WebhookError::Malformed)?.into_iter().collect())
    }
}

/// A success, or the error that the body tells.
fn fine(answer: &HttpAnswer) -> Result<&HttpAnswer, GatewayError> {
    if answer.status.is_success() {
        return Ok(answer);
    }
    Err(answer.json::<ErrorBody>()?.error.into_gateway_error(answer.status))
}
