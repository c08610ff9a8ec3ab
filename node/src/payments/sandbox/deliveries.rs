//! Brings events to the webhook's receiver: all that wait in one delivery, a few deliveries at a time, again until taken.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderValue, Request, Uri, header};
use bytes::Bytes;
use http_body_util::Full;
use jiff::Timestamp;
use tokio::task::JoinSet;

use super::{
    Limits, Webhooks,
    server::{Shared, StartError},
    wire::{Delivery, DeliveryKind, EventView},
};
use crate::payments::{StandardWebhook, http::HttpClient};

/// A receiver that takes longer is asked again.
const DEADLINE: Duration = Duration::from_secs(10);
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// Knows the receiver and signs for it.
pub(super) struct Sender {
    client: HttpClient,
    url: Uri,
    signer: StandardWebhook,
    limits: Limits,
}

impl Sender {
    pub(super) fn new(to: &Webhooks, limits: Limits) -> Result<Self, StartError> {
        let url: Option<Uri> = to.url.parse().ok().filter(|url: &Uri| url.host().is_some());
        Ok(Self {
            client: HttpClient::new(DEADLINE),
            url: url.ok_or_else(|| StartError::WebhookUrl(to.url.clone()))?,
            signer: StandardWebhook::new(&to.secret)?,
            limits,
        })
    }

    /// Sends until the receiver answers 2xx; says whether it did.
    async fn deliver(&self, id: &str, body: &Bytes) -> bool {
        let mut pause = self.limits.backoff;
        for attempt in 1..=self.limits.attempts {
            if attempt > 1 {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(BACKOFF_MAX);
            }
            match self.client.send(self.request(id, body)).await {
                Ok(answer) if answer.status.is_success() => return true,
                Ok(answer) => tracing::debug!(id, attempt, status = %answer.status, "webhook not taken"),
                Err(error) => tracing::debug!(id, attempt, %error, "webhook not delivered"),
            }
        }
        tracing::warn!(id, url = %self.url, "webhook given up");
        false
    }

    /// Signed anew for each attempt, so that a late one is not stale.
    fn request(&self, id: &str, body: &Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = axum::http::Method::POST;
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = self.signer.sign(id, body, Timestamp::now());
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }
}

/// Delivers until the server stops; what is under way or waits then is given up.
pub(super) async fn run(shared: Arc<Shared>, sender: Sender) {
    let sender = Arc::new(sender);
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => return,
            Some(_) = under_way.join_next(), if !under_way.is_empty() => {}
            () = shared.deliverable.notified(), if under_way.len() < sender.limits.deliveries_in_flight.max(1) => {
                // Events beyond this batch wake us again: `with_book` looks at what is left.
                let batch = shared.with_book(|book, _| book.take_batch());
                if !batch.is_empty() {
                    under_way.spawn(carry(Arc::clone(&shared), Arc::clone(&sender), batch));
                }
            }
        }
    }
}

async fn carry(shared: Arc<Shared>, sender: Arc<Sender>, batch: Vec<Arc<EventView>>) {
    let data: Vec<&EventView> = batch.iter().map(AsRef::as_ref).collect();
    let Some(first) = data.first() else { return };
    let id = format!("msg_{}", first.id);
    let delivery = Delivery { kind: DeliveryKind::Events, timestamp: Timestamp::now(), data };
    // The views are plain structs of text and numbers.
    let body = serde_json::to_vec(&delivery).expect("a struct of text and numbers is JSON");
    drop(batch);
    let taken = sender.deliver(&id, &body.into()).await;
    shared.with_book(|book, _| {
        book.stats.deliveries += 1;
        book.stats.deliveries_given_up += u64::from(!taken);
    });
}
